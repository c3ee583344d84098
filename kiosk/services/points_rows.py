"""How points moved, card by card, as rows: what is written, and what the digest of a move by hand is made of.

Every entry that moves points of a card writes so here: the history of a
customer is read from these rows, and ``verify`` holds them to the postings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kiosk import db
from kiosk.services import ledger
from kiosk.services.customer_rows import marks

ADJUSTED: Final = "points.adjusted"
"""The kind of entry; its digest is that of its rows' document."""

BY_HAND: Final = ledger.Account(ledger.POINTS, "adjust", ledger.POINTS_UNIT)
"""Where points by hand come from and go to (DOMAIN.md C.3)."""


@dataclass(frozen=True, slots=True)
class PointsRow:
    """One row of ``points_move``."""

    entry: str
    card: str
    amount: int
    """Above zero: the card has more."""
    reason: str = ""


def account(card: str) -> ledger.Account:
    """Where a card's points are."""
    return ledger.Account(ledger.POINTS, card, ledger.POINTS_UNIT)


def document(moves: Iterable[PointsRow]) -> dict[str, Any]:
    """What the entry's digest is made of: never the reason, which can name a person and be taken away."""
    return {"points": sorted([one.entry, one.card, one.amount] for one in moves)}


def postings(moves: Sequence[PointsRow]) -> list[ledger.Line]:
    """The cards' points against what comes and goes by hand (C.3)."""
    lines = [ledger.Line(account(one.card), one.amount) for one in moves]
    return [*lines, ledger.Line(BY_HAND, -sum(one.amount for one in moves))]


def write(moves: Sequence[PointsRow]) -> None:
    """Insert the moves of an entry, before it."""
    db.run_many(
        "INSERT INTO points_move (entry, card, amount, reason) VALUES (?, ?, ?, ?)",
        [(one.entry, one.card, one.amount, one.reason) for one in moves],
    )


def of_entry(entry: str) -> tuple[PointsRow, ...]:
    """The moves of one entry, by card."""
    found = db.rows("SELECT entry, card, amount, reason FROM points_move WHERE entry = ? ORDER BY card", (entry,))
    return tuple(PointsRow(*row) for row in found)


def newest(card: str, before: str, limit: int) -> tuple[PointsRow, ...]:
    """The last moves of a card before an entry, newest first."""
    found = db.rows(
        "SELECT entry, card, amount, reason FROM points_move WHERE card = ? AND entry < ? ORDER BY entry DESC LIMIT ?",
        (card, before, limit),
    )
    return tuple(PointsRow(*row) for row in found)


def since(card: str, entry: str) -> int:
    """How many points came to a card in an entry and after it."""
    (moved,) = db.row(
        "SELECT COALESCE(SUM(amount), 0) FROM points_move WHERE card = ? AND entry >= ?", (card, entry)
    ) or (0,)
    return int(moved)


def balances(cards: Sequence[str]) -> dict[str, int]:
    """How many points are on cards; one that never had any is not named."""
    if not cards:
        return {}
    found = db.rows(
        f"SELECT owner, balance FROM account WHERE kind = ? AND unit = ? AND owner IN ({marks(cards)})",
        (ledger.POINTS, ledger.POINTS_UNIT, *cards),
    )
    return {str(card): int(balance) for card, balance in found}
