"""What came back, held against what was sold and paid, and each void against what it undoes (I12, N1).

Links are judged sale by sale as the chain is walked; sums and mirrors at the
end, and only where no entry is bad: what is edited is named by its own entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from kiosk import db
from kiosk.errors import ShopError
from kiosk.services import sale_rows
from kiosk.services.return_rows import VOID
from kiosk.services.sale_rows import LINE, REFUND, RETURN, SALE, TENDER, Row, SaleRows
from kiosk.services.verify_report import Report
from kiosk.services.verify_rows import as_it_lies
from kiosk.services.void_rows import mirrored

Where = tuple[str, int]

_DAMAGED: Final = (ShopError, TypeError, ValueError, LookupError, ArithmeticError)
"""What reading values of the wrong type may end in."""
_OWN: Final = ("id", "entry", "number", "kind", "at", "business_date", "by", "original", "settings")
"""The columns of a void that are not those of the sale that it mirrors."""


@dataclass(slots=True)
class Back:
    """What the entries took back so far, over all lanes."""

    lines: dict[tuple[Any, Any], tuple[int, int, Where]] = field(default_factory=dict)
    """Sale and position to the quantity and the amount that came back, and the last entry that did it."""
    payments: dict[tuple[Any, Any], tuple[int, Where]] = field(default_factory=dict)
    voids: list[tuple[Any, Any, Where]] = field(default_factory=list)
    """The sale that voids, its entry, and where that is."""

    def of(self, values: dict[str, Any], rows: SaleRows, where: Where) -> Iterator[str]:
        """Take in one sale, and name what of its links can't be."""
        head = dict(zip(SALE, rows.sale, strict=True))
        if head["kind"] != values["kind"]:
            yield "kind"
        if head["kind"] == "sale" and not rows.returns and not rows.refunds:
            # The usual sale: nothing to look at but that nothing comes back unsaid.
            if any(isinstance(row[_QUANTITY], int) and row[_QUANTITY] < 0 for row in rows.lines):
                yield "returns"
            return
        if not _is_linked(head, rows):
            yield "returns"
        if not _refunds_fit(rows):
            yield "refunds"
        if head["kind"] == VOID:
            self.voids.append((head["id"], values["id"], where))
        self._add(rows, where)

    def _add(self, rows: SaleRows, where: Where) -> None:
        for row in rows.returns:
            back = dict(zip(RETURN, row, strict=True))
            if back["original"] is not None and _whole(back["quantity"], back["final"]):
                which = (back["original"], back["original_position"])
                quantity, final, _last = self.lines.get(which, (0, 0, where))
                self.lines[which] = (quantity + back["quantity"], final + back["final"], where)
        for row in rows.refunds:
            refund = dict(zip(REFUND, row, strict=True))
            if _whole(refund["amount"]):
                payment = (refund["original"], refund["tender"])
                amount, _before = self.payments.get(payment, (0, where))
                self.payments[payment] = (amount + refund["amount"], where)

    def examine(self, report: Report) -> None:
        """Sums and mirrors, once all lanes were walked."""
        if report.first_bad is not None:
            return
        for (sale, position), (quantity, final, where) in self.lines.items():
            sold = _row("SELECT quantity, final FROM sale_line WHERE sale = ? AND position = ?", (sale, position))
            if sold is None or not (_within(sold[0], quantity) and _within(sold[1], final)):
                report.add(*where, "returned")
        for (sale, tender), (amount, where) in self.payments.items():
            (paid,) = _row(_PAID, (sale, tender)) or (0,)
            if not _within(paid, amount):
                report.add(*where, "refunded")
        for sale, entry, where in self.voids:
            if not _is_mirror(sale, entry):
                report.add(*where, "void")


_QUANTITY: Final = LINE.index("quantity")
_PAID: Final = (
    "SELECT COALESCE(SUM(amount), 0) FROM sale_tender WHERE sale = ? AND tender = ? AND NOT EXISTS ("
    "SELECT 1 FROM refund WHERE refund.sale = sale_tender.sale AND refund.position = sale_tender.position)"
)
_POSTINGS: Final = "SELECT account, amount FROM posting WHERE entry = ?"


def _is_linked(head: dict[str, Any], rows: SaleRows) -> bool:
    """Whether each line that comes back says so with the same quantity and amount, and the sale is what that makes."""
    lines = {row[1]: dict(zip(LINE, row, strict=True)) for row in rows.lines}
    back = {row[1]: dict(zip(RETURN, row, strict=True)) for row in rows.returns}
    if len(back) < len(rows.returns) or not back.keys() <= lines.keys():
        return False
    for position, one in back.items():
        if (one["quantity"], one["final"]) != (lines[position]["quantity"], lines[position]["final"]):
            return False
    if head["kind"] == VOID:
        return back.keys() == lines.keys() and head["original"] is not None
    if any((position in back) != _is_below_zero(line["quantity"]) for position, line in lines.items()):
        return False
    originals = {one["original"] for one in back.values()}
    only = originals.pop() if len(originals) == 1 else None
    kind = "sale" if not back else "return" if len(back) == len(lines) else "exchange"
    return bool(head["kind"] == kind and head["original"] == only)


def _is_below_zero(quantity: object) -> bool:
    return isinstance(quantity, int) and quantity < 0


def _refunds_fit(rows: SaleRows) -> bool:
    tenders = {row[1]: dict(zip(TENDER, row, strict=True)) for row in rows.tenders}
    refunds = {row[1]: dict(zip(REFUND, row, strict=True)) for row in rows.refunds}
    return len(refunds) == len(rows.refunds) and all(
        position in tenders
        and (one["tender"], one["amount"]) == (tenders[position]["tender"], tenders[position]["amount"])
        for position, one in refunds.items()
    )


def _within(whole: Any, back: int) -> bool:
    """Whether what came back (below zero) leaves between nothing and all of the whole; either may be turned."""
    if not _whole(whole):
        return False
    left = int(whole) + back
    return 0 <= left <= int(whole) or int(whole) <= left <= 0


def _whole(*amounts: Any) -> bool:
    return all(
        isinstance(amount, int) or (not isinstance(amount, float) and amount == int(amount)) for amount in amounts
    )


def _row(query: str, params: tuple[Any, ...]) -> Row | None:
    try:
        return as_it_lies(lambda: db.row(query, params))
    except _DAMAGED:
        return None


def _is_mirror(voiding: Any, entry: Any) -> bool:
    """Whether a void undoes exactly what it names: the sale, and the postings of its entry, in the same shift."""
    try:
        void = sale_rows.read(voiding)
        if void is None:
            return False
        head = void.head()
        sold = sale_rows.read(head["original"])
        if sold is None:
            return False
        reasons = {row[RETURN.index("reason")] for row in void.returns}
        slips = [(row[TENDER.index("reference")], row[TENDER.index("pending")]) for row in void.tenders]
        changes = {name: head[name] for name in _OWN}
        expected = mirrored(sold, slips, reasons.pop() if reasons else "", changes)
        undone = sold.head()["entry"]
        moved, back = (dict(db.rows(_POSTINGS, (which,))) for which in (undone, entry))
        links = db.row(
            "SELECT void.reverses, void.lane = entry.lane AND void.shift = entry.shift "
            "FROM entry AS void, entry WHERE void.id = ? AND entry.id = ?",
            (entry, undone),
        )
        return bool(
            expected == void
            and {account: -amount for account, amount in moved.items()} == back
            and links is not None
            and (links[0], bool(links[1])) == (undone, True)
        )
    except _DAMAGED:
        return False
