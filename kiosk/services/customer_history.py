"""What a customer bought, and how his points came and went (T-16, T-17, K-14, T-22).

Both lists are those of a customer and of all who were merged into him, and are
read page by page from an index, however long they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from kiosk import db
from kiosk.clock import from_millis
from kiosk.errors import NotFound
from kiosk.money import Money
from kiosk.rules.permissions import Action
from kiosk.services import cards, history, points_rows, staff
from kiosk.services.customer_rows import marks, members_of, root_of
from kiosk.services.history import Row
from kiosk.services.points_rows import PointsRow
from kiosk.services.shop import Shop

PAGE: Final = 50
MOST_SUMMED: Final = 1_000
"""Receipts of a customer that are added up while he is being attached; older ones are not asked for."""

_YEAR_MILLIS: Final = 365 * 24 * 3_600_000
_LAST: Final = "z"
"""Later than every entry."""


@dataclass(frozen=True, slots=True)
class Movement:
    """Points that came or went, on all cards of the customer together."""

    entry: str
    at: datetime
    """On the shop's wall clock."""
    kind: str
    """Of the entry: points.adjusted, sale and so on."""
    amount: int
    """Above zero: there were more."""
    held: int
    """How many there were then."""
    reason: str
    who: str
    approved_by: str
    """Names; empty: nobody else had to agree."""
    sale: str | None
    """The receipt that they belong to, if there is one, and its number."""
    number: int | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What is worth knowing of a customer beside a sale."""

    sales: int
    """Sales that were not voided; of the newest ``MOST_SUMMED`` receipts, as is what follows."""
    last: datetime | None
    """The newest receipt, on the shop's wall clock."""
    spent: Money
    """In the last twelve months, returns and voids taken off."""
    points: int


def sales(shop: Shop, customer: str, *, by: str, before: str | None = None, limit: int = PAGE) -> tuple[Row, ...]:
    """A customer's receipts, newest first; ``before``: those older than this sale. Refuses: NotFound, Denied.

    Source: K-14, T-17.
    """
    return history.of_customers(shop, members_of(_seen(shop, customer, by)), before=before, limit=limit)


def loyalty(
    shop: Shop, customer: str, *, by: str, before: str | None = None, limit: int = PAGE
) -> tuple[Movement, ...]:
    """How a customer's points came and went, newest first; ``before``: before this entry. Refuses: NotFound, Denied.

    All movements come to what he has (T-16). Source: T-17.
    """
    owned = cards.points_cards(_seen(shop, customer, by))
    found: dict[str, list[PointsRow]] = {}
    held = sum(points_rows.balances(owned).values())
    for card in owned:
        for move in points_rows.newest(card, before or _LAST, limit):
            found.setdefault(move.entry, []).append(move)
        held -= points_rows.since(card, before) if before else 0
    newest = sorted(found, reverse=True)[:limit]
    entries = _entries(newest)
    made = []
    for entry in newest:
        amount = sum(move.amount for move in found[entry])
        at, kind, sale, number, who, approved_by = entries[entry]
        reason = next((move.reason for move in found[entry] if move.reason), "")
        made.append(
            Movement(
                entry=entry,
                at=shop.clock.local(from_millis(int(at))),
                kind=kind,
                amount=amount,
                held=held,
                reason=reason,
                who=who,
                approved_by=approved_by,
                sale=sale,
                number=None if number is None else int(number),
            )
        )
        held -= amount
    return tuple(made)


def summary(shop: Shop, customer: str, *, by: str) -> Summary:
    """What stands beside a sale of a customer's. Refuses: NotFound, Denied."""
    root = _seen(shop, customer, by)
    since = shop.clock.millis() - _YEAR_MILLIS
    count = spent = last = 0
    for member in members_of(root):
        sold, paid, newest = db.row(
            "SELECT COALESCE(SUM(CASE kind WHEN 'void' THEN -1 WHEN 'return' THEN 0 ELSE 1 END), 0), "
            "COALESCE(SUM(CASE WHEN at >= ? THEN total + rounding ELSE 0 END), 0), COALESCE(MAX(at), 0) FROM "
            "(SELECT kind, at, total, rounding FROM sale WHERE customer = ? ORDER BY at DESC LIMIT ?) AS newest",
            (since, member, MOST_SUMMED),
        ) or (0, 0, 0)
        count, spent, last = count + int(sold), spent + int(paid), max(last, int(newest))
    return Summary(
        sales=max(0, count),
        last=shop.clock.local(from_millis(last)) if last else None,
        spent=Money(spent),
        points=sum(points_rows.balances(cards.points_cards(root)).values()),
    )


def _seen(shop: Shop, customer: str, by: str) -> str:
    """Whom a customer was merged into, for somebody who may see customers."""
    staff.require(shop, by, Action.SEE_CUSTOMERS)
    root = root_of(customer)
    if root is None:
        raise NotFound(what="customer", code="")
    return root


def _entries(ids: list[str]) -> dict[str, tuple[Any, ...]]:
    """When and what entries were, whose receipt they made, and who made them and agreed."""
    if not ids:
        return {}
    found = db.rows(
        "SELECT entry.id, entry.at, entry.kind, sale.id, sale.number, COALESCE(staff.name, ''), "
        "COALESCE(approver.name, '') FROM entry LEFT JOIN sale ON sale.id = entry.sale "
        'LEFT JOIN staff ON staff.id = entry."by" LEFT JOIN staff AS approver ON approver.id = entry.approved_by '
        f"WHERE entry.id IN ({marks(ids)})",
        ids,
    )
    return {str(entry): tuple(rest) for entry, *rest in found}
