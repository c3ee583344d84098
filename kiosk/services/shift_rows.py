"""The shift that a lane's deeds belong to: which one is open, and that there is one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from kiosk import db
from kiosk.money import Money
from kiosk.services.ids import new_id
from kiosk.services.ledger import Head, suspect
from kiosk.services.shop import Shop


@dataclass(frozen=True, slots=True)
class Shift:
    """A lane's takings between an opening and its Z (D6-01)."""

    id: str
    lane: str
    number: int
    """Counts up within the lane; the Z bears it."""
    business_date: str
    at: int
    """When it was opened, UTC milliseconds."""
    by: str
    first_seq: int
    """The first entry of the lane's chain that belongs to it."""
    expected: Money
    """What the drawer held by the books when it was opened."""
    counted: Money | None
    """What was counted then; None if it was carried over."""


_COLUMNS: Final = 'id, lane, number, business_date, at, "by", first_seq, expected, counted'


def current(shop: Shop) -> Shift | None:
    """This lane's open shift."""
    found = db.row(f"SELECT {_COLUMNS} FROM shift WHERE id = (SELECT shift FROM lane WHERE id = ?)", (shop.lane,))
    return None if found is None else shift_of(found)


def shift_of(row: tuple[object, ...]) -> Shift:
    """A row of these columns."""
    id_, lane, number, day, at, by, first, expected, counted = row
    return Shift(
        str(id_),
        str(lane),
        int(str(number)),
        str(day),
        int(str(at)),
        str(by),
        int(str(first)),
        Money(int(str(expected))),
        None if counted is None else Money(int(str(counted))),
    )


def drawer_balance(shop: Shop) -> Money:
    """What should be in this lane's drawer now, by the books (K-21)."""
    found = db.row(
        "SELECT balance FROM account WHERE kind = 'drawer' AND unit = ? AND owner = ?",
        (shop.settings.currency, shop.lane),
    )
    return Money(0 if found is None else int(found[0]))


def by_id(shift: str) -> Shift | None:
    """One shift, open or closed."""
    found = db.row(f"SELECT {_COLUMNS} FROM shift WHERE id = ?", (shift,))
    return None if found is None else shift_of(found)


def in_shift(shop: Shop, head: Head, by: str) -> Head:
    """The end of the chain, with a shift that is open: nobody waits for a count that was forgotten.

    A shift that is opened here carries over what the drawer should hold; one
    of an earlier day that was carried over so is closed first, uncounted.
    """
    head = left_behind(shop, head, by)
    return head if head.shift is not None else start(shop, head, by, counted=None)


def left_behind(shop: Shop, head: Head, by: str) -> Head:
    """The end of the chain, once a shift of another day that nobody counted is closed.

    One that a person opened stays until a person closes it, and no clock that
    can't be believed ends a day. A later day is one that such a clock began.
    """
    if head.shift is None or head.business_date == _today(shop) or suspect(shop, head, shop.clock.millis()):
        return head
    if db.row("SELECT 1 FROM shift WHERE id = ? AND counted IS NULL", (head.shift,)) is None:
        return head
    from kiosk.services import shifts  # What writes a Z is not loaded by a checkout.

    return shifts.close_unseen(shop, head, by)


def is_stale(shop: Shop, business_date: str | None) -> bool:
    """Whether a day is over by the shop's clock."""
    return (business_date or "") < _today(shop)


def _today(shop: Shop) -> str:
    return shop.clock.business_date(shop.clock.now()).isoformat()


def start(shop: Shop, head: Head, by: str, *, counted: Money | None, shift: str | None = None) -> Head:
    """Open a shift inside the transaction of a deed; the end of the chain, with it. Refuses: Refused (one is open).

    ``shift`` is its id, where a key is to find it again.
    """
    made, day = shift or new_id(), _today(shop)
    db.run(
        f"INSERT INTO shift ({_COLUMNS}) "
        "SELECT ?, id, shifts + 1, ?, ?, ?, ?, ?, CAST(? AS BIGINT) FROM lane WHERE id = ?",
        (
            made,
            day,
            shop.clock.millis(),
            by,
            head.seq + 1,
            drawer_balance(shop).minor,
            None if counted is None else counted.minor,
            shop.lane,
        ),
    )
    return replace(head, shift=made, business_date=day)
