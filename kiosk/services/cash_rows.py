"""Counts, cash in and out and reports as rows: what is written, and what an entry's digest is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any, Final

from kiosk import db
from kiosk.errors import AlreadyDone
from kiosk.rules.drawer import Count, Purpose
from kiosk.services import ledger
from kiosk.services.shop import Shop

OPENED: Final = "shift.opened"
COUNTED: Final = "cash.counted"
MOVED: Final = "cash.moved"
CLOSED: Final = "shift.closed"
"""Kinds of entries. The digest of the first three is that of their row's document; the last one's is that of the
Z's facts, and its trace holds the digests of the count and the move that belong to it."""

CARRIED: Final = "shift.carried"
READ: Final = "shift.read"
"""What a key can also have made, without an entry: a shift that nobody counted, an X."""


@dataclass(frozen=True, slots=True)
class CountRow:
    """One row of ``cash_count``."""

    entry: str
    shift: str
    kind: str
    expected: int
    counted: int
    difference: int
    pieces: str
    blind: int

    def document(self) -> dict[str, Any]:
        """What the entry's digest is made of."""
        return {"count": astuple(self)}

    def postings(self, shop: Shop) -> list[ledger.Line]:
        """The difference: the drawer against overshort (C.3)."""
        return [
            ledger.Line(ledger.Account("drawer", shop.lane, shop.settings.currency), self.difference),
            ledger.Line(ledger.Account("overshort", "", shop.settings.currency), -self.difference),
        ]


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One row of ``cash_move``."""

    entry: str
    shift: str
    direction: str
    purpose: str
    other: str
    amount: int
    reason: str

    def document(self) -> dict[str, Any]:
        """What the entry's digest is made of."""
        return {"move": astuple(self)}

    def postings(self, shop: Shop) -> list[ledger.Line]:
        """The drawer against where the cash comes from or goes to (C.3)."""
        came = self.amount if self.direction == "in" else -self.amount
        return [
            ledger.Line(ledger.Account("drawer", shop.lane, shop.settings.currency), came),
            ledger.Line(self._against(shop), -came),
        ]

    def _against(self, shop: Shop) -> ledger.Account:
        unit = shop.settings.currency
        match Purpose(self.purpose):
            case Purpose.BANK | Purpose.SAFE:
                return ledger.Account(self.purpose, "", unit)
            case Purpose.REGISTER:
                source, target = (self.other, shop.lane) if self.direction == "in" else (shop.lane, self.other)
                return ledger.Account("transit", transit(source, target), unit)
            case Purpose.STAFF | Purpose.OTHER:
                return ledger.Account(f"paid{self.direction}", self.purpose, unit)


def transit(source: str, target: str) -> str:
    """Whose account holds what is on its way from one lane to another."""
    return f"{source}/{target}"


def count_row(shop: Shop, *, entry: str, shift: str, kind: str, counted: Count, expected: int, blind: bool) -> CountRow:
    """The row of a count."""
    total = counted.total.minor
    return CountRow(entry, shift, kind, expected, total, total - expected, _pieces(counted), int(blind))


def _pieces(counted: Count) -> str:
    return ledger.canonical({str(value): many for value, many in counted.pieces.items() if many})


def write_count(row: CountRow) -> None:
    """Insert a count, before the entry that books it."""
    db.run(
        "INSERT INTO cash_count (entry, shift, kind, expected, counted, difference, pieces, blind) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        astuple(row),
    )


def write_move(row: MoveRow) -> None:
    """Insert cash that goes in or out, before the entry that books it."""
    db.run(
        "INSERT INTO cash_move (entry, shift, direction, purpose, other, amount, reason) VALUES (?, ?, ?, ?, ?, ?, ?)",
        astuple(row),
    )


def count_of(entry: str) -> CountRow | None:
    """The count that an entry booked."""
    found = db.row(
        "SELECT entry, shift, kind, expected, counted, difference, pieces, blind FROM cash_count WHERE entry = ?",
        (entry,),
    )
    return None if found is None else CountRow(*found)


def move_of(entry: str) -> MoveRow | None:
    """The cash that an entry moved."""
    found = db.row(
        "SELECT entry, shift, direction, purpose, other, amount, reason FROM cash_move WHERE entry = ?", (entry,)
    )
    return None if found is None else MoveRow(*found)


def is_same_count(row: CountRow | None, counted: Count | None) -> bool:
    """Whether this was counted: the same money in the same pieces."""
    if row is None or counted is None:
        return row is None and counted is None
    return (row.counted, row.pieces) == (counted.total.minor, _pieces(counted))


def made_by(key: str, kinds: Sequence[str]) -> tuple[str, str] | None:
    """The kind of deed that a key did, and its entry, shift or report. Refuses: AlreadyDone (of another kind)."""
    found = db.row(
        "SELECT kind, id FROM entry WHERE key = ? "
        "UNION ALL SELECT ?, id FROM cash_report WHERE id = ? AND kind = 'x' "
        "UNION ALL SELECT ?, id FROM shift WHERE id = ? AND counted IS NULL LIMIT 1",
        (key, READ, key, CARRIED, key),
    )
    if found is None:
        return None
    if found[0] not in kinds:
        raise AlreadyDone(key=key)
    return str(found[0]), str(found[1])
