"""What the books hold of a day, as the journeys at the till assert it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from kiosk.money import Money
from kiosk.rules.drawer import Count
from kiosk.rules.permissions import Action, Role, State
from kiosk.services import shifts, staff
from kiosk.services.shop import Shop, load_shop, new_key
from tests.screens.counter import open_counter
from tests.screens.floor import Floor


@contextmanager
def open_day(folder: Path, minor: int = 15000) -> Iterator[Floor]:
    """The counter, with a day that Mona has opened with a counted float."""
    with open_counter(folder, day=False) as floor:
        start_day(floor, minor)
        yield floor


def start_day(floor: Floor, minor: int = 15000) -> None:
    """Mona counts the float and opens the day."""
    floor.do(shifts.open_shift, Count(Money(minor)), key=new_key(), by=floor.people["Mona"].id)


def drawer(floor: Floor, lane: str = "R1") -> int:
    """What should be in the drawer."""
    found = floor.rows("SELECT balance FROM account WHERE kind = 'drawer' AND owner = ?", lane)
    return int(found[0][0]) if found else 0


def entries(floor: Floor) -> list[str]:
    """The kinds of all entries, in their order."""
    return [kind for (kind,) in floor.rows("SELECT kind FROM entry ORDER BY seq")]


def counts(floor: Floor) -> list[tuple[Any, ...]]:
    """Every count: kind, expected, counted, difference."""
    return floor.rows(
        "SELECT cash_count.kind, expected, counted, difference FROM cash_count "
        "JOIN entry ON entry.id = cash_count.entry ORDER BY entry.seq"
    )


def moves(floor: Floor) -> list[tuple[Any, ...]]:
    """Cash in and out: direction, purpose, the other lane, amount, reason."""
    return floor.rows(
        "SELECT direction, purpose, other, amount, reason FROM cash_move "
        "JOIN entry ON entry.id = cash_move.entry ORDER BY entry.seq"
    )


def reports(floor: Floor) -> list[tuple[Any, ...]]:
    """Every X and Z: kind, number."""
    return floor.rows("SELECT kind, number FROM cash_report ORDER BY at, id")


def day_is_open(floor: Floor) -> bool:
    """Whether the lane has a shift."""
    return floor.rows("SELECT shift FROM lane WHERE id = 'R1'") != [(None,)]


def paper(floor: Floor) -> list[tuple[Any, ...]]:
    """The print jobs of the day: kind, copy."""
    return floor.rows("SELECT kind, copy FROM print_job WHERE kind <> 'sale' ORDER BY id")


def setting(floor: Floor, **changes: Any) -> None:
    """Change settings of the shop before anybody comes."""
    floor.of_services(lambda: floor.services.change(**changes))


def for_cashiers(floor: Floor, action: Action, state: State) -> None:
    """The shop lets its cashiers do this, or not."""
    owner = floor.people.get("Olga") or floor.person("Olga", Role.OWNER, pin="8888")
    floor.do(staff.set_permission, Role.CASHIER, action, state, by=owner.id)


def second_till(floor: Floor) -> Shop:
    """Another lane of the same shop."""
    shop = floor.services.shop
    return floor.of_services(lambda: load_shop("R2", 2, shop.keys, clock=shop.clock))


def on_second_till(floor: Floor, verb: Any, *args: Any, **kwargs: Any) -> Any:
    """Do something at the other lane."""
    return floor.of_services(verb, second_till(floor), *args, **kwargs)


def tamper(floor: Floor, statement: str, *params: object) -> None:
    """Edit the database past its guards, and leave them as they were."""
    with closing(sqlite3.connect(floor.folder / "kiosk.db", isolation_level=None)) as attacker:
        guards = attacker.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        attacker.execute("BEGIN IMMEDIATE")
        for name, _sql in guards:
            attacker.execute(f'DROP TRIGGER "{name}"')
        attacker.execute(statement, params)
        for _name, sql in guards:
            attacker.execute(sql)
        attacker.execute("COMMIT")
