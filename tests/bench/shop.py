"""The shop that is measured: many articles, one person, no hardware."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

ARTICLES: Final = 200_000
PRICE: Final = 125
NUMBERED: Final = 100_000
"""The number of the first article; the next ones count up."""


def make(folder: Path, articles: int = ARTICLES) -> None:
    """A shop of so many articles in a new folder, each with a barcode and three words."""
    from kiosk import db
    from kiosk.rules.permissions import Role
    from kiosk.services import shifts, staff
    from kiosk.services.catalogue_edit import write_words
    from kiosk.services.keys import Keys
    from kiosk.services.shop import load_shop, new_key

    folder.mkdir(parents=True)
    db.connect(str(folder / "kiosk.db"))
    db.migrate()
    shop = load_shop("R1", 1, Keys.load_or_make(folder / "kiosk.key"))
    ann = staff.create(shop, staff.PersonForm(name="Ann", role=Role.CASHIER), by=staff.ROOT)
    shifts.open_shift(shop, None, key=new_key(), by=ann.id)
    with db.transaction():
        db.run_many(
            "INSERT INTO tender (code, name, kind, position, opens_drawer, gives_change) VALUES (?, ?, ?, ?, ?, ?)",
            [("cash", "Cash", "cash", 1, 1, 1), ("ticket", "Meal ticket", "ticket", 2, 0, 0)],
        )
        db.run("INSERT INTO tax (code, name, position) VALUES ('A', 'Full', 1)")
        db.run("INSERT INTO tax_rate (tax, valid_from, rate) VALUES ('A', '2020-01-01', 2000)")
        names = [(f"a{number:031}", f"Article no {number}") for number in range(articles)]
        db.run_many(
            "INSERT INTO article (id, number, name, tax, price, changed_at) VALUES (?, ?, ?, 'A', ?, 0)",
            [(id_, str(NUMBERED + place), name, PRICE) for place, (id_, name) in enumerate(names)],
        )
        db.run_many(
            "INSERT INTO barcode (code, article) VALUES (?, ?)",
            [(barcode(place), id_) for place, (id_, _name) in enumerate(names)],
        )
        write_words(names, new=True)
    db.disconnect()


def barcode(place: int) -> str:
    """The barcode of an article: an EAN-13 with its check digit."""
    body = f"400638{place:06}"
    odd, even = sum(map(int, body[::2])), sum(map(int, body[1::2]))
    return body + str(-(odd + 3 * even) % 10)


def run(folder: Path) -> None:
    """The till on that shop, with somebody signed in already."""
    from kiosk import terminal

    terminal.prepare()
    terminal.leave_drivers_out()
    from kiosk import db
    from kiosk.app import Kiosk
    from kiosk.config import Config
    from kiosk.desk import Desk
    from kiosk.screens.till import HINT_DELAY, Till
    from kiosk.services import drafts, staff
    from kiosk.services.shop import open_shop

    config = Config(state=folder, run=folder)
    desk = Desk(opening=lambda: open_shop(config), closing=db.disconnect, idle=db.checkpoint)
    shop = desk.start()
    person = desk.do(staff.people, shop).result()[0]
    desk.do(drafts.clear, shop, person.id).result()
    with suppress(KeyboardInterrupt):
        Kiosk(Till(shop=shop, desk=desk, person=person, hint_delay=HINT_DELAY), config=config).run(mouse=False)
    desk.stop()


if __name__ == "__main__":
    run(Path(sys.argv[1]))
