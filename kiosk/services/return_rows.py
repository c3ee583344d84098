"""What can still come back of a past sale, and which payments it was paid with (I12)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from kiosk import db
from kiosk.errors import NotFound
from kiosk.money import ZERO, Money, Percent, Quantity, total
from kiosk.rules import pricing
from kiosk.rules.basket import Basket, Line, LineKind, Returned, TaxRate, Unit
from kiosk.rules.refund import Left, Paid, Source, worth
from kiosk.rules.tender import Tender, TenderKind
from kiosk.services.shop import Shop

VOID: Final = "void"
"""The kind of a receipt that voids another."""


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line of a past sale, and what of it is left."""

    position: int
    line: Line
    """As it was sold; its id is 0."""
    left: Left


@dataclass(frozen=True, slots=True)
class Original:
    """A past sale from which something may come back."""

    sale: str
    number: int
    lane: str
    at: int
    kind: str
    business_date: str
    total: Money
    rounding: Money
    tax_included: bool
    currency: str
    entry: str
    lines: dict[int, SoldLine]

    @property
    def untouched(self) -> bool:
        """Whether nothing of it has come back."""
        return not any(one.left.returned or one.left.given_back for one in self.lines.values())


_SALE: Final = (
    "SELECT id, number, lane, at, kind, business_date, total, rounding, tax_included, currency, entry "
    "FROM sale WHERE id = ?"
)
_LINES: Final = (
    "SELECT position, article, number, text, kind, category, unit, quantity, price, final, tax_code, tax_rate, "
    "(SELECT COALESCE(SUM(back.quantity), 0) FROM return_line AS back "
    "WHERE back.original = sale_line.sale AND back.original_position = sale_line.position), "
    "(SELECT COALESCE(SUM(back.final), 0) FROM return_line AS back "
    "WHERE back.original = sale_line.sale AND back.original_position = sale_line.position), "
    "EXISTS (SELECT 1 FROM return_line AS own "
    "WHERE own.sale = sale_line.sale AND own.position = sale_line.position) "
    "FROM sale_line WHERE sale = ? ORDER BY position"
)


def original(sale: str) -> Original:
    """A past sale as it stands in the books now. Refuses: NotFound."""
    head = db.row(_SALE, (sale,))
    if head is None:
        raise NotFound(what="sale", code=sale)
    id_, number, lane, at, kind, day, owed, rounding, included, currency, entry = head
    return Original(
        sale=id_,
        number=number,
        lane=lane,
        at=at,
        kind=kind,
        business_date=day,
        total=Money(owed),
        rounding=Money(rounding),
        tax_included=bool(included),
        currency=currency,
        entry=entry,
        lines={row[0]: _sold_line(row) for row in db.rows(_LINES, (sale,))},
    )


def entry_of(sale: str) -> str | None:
    """The entry that a sale was booked by."""
    found = db.row("SELECT entry FROM sale WHERE id = ?", (sale,))
    return None if found is None else str(found[0])


def _sold_line(row: tuple[Any, ...]) -> SoldLine:
    position, article, number, text, kind, category, unit, quantity, price, final, code, rate, back, money, own = row
    line = Line(
        id=0,
        article=article,
        number=number,
        text=text,
        unit=Unit(unit),
        quantity=Quantity(quantity),
        price=Money(price),
        tax=TaxRate(code, Percent(rate)),
        category=category,
        kind=LineKind(kind),
        discountable=False,
    )
    # Of what came back itself, or is a void's, nothing can come back: that is done from its own original.
    left = Left(Quantity(quantity), Money(final), Quantity(-int(back)), Money(-int(money)), text)
    return SoldLine(position, line, Left(Quantity(0), Money(final), Quantity(0), ZERO, text) if own else left)


def line_back(
    sold: Original, position: int, quantity: Quantity, before: Iterable[Line], *, reason: str, restock: bool
) -> Line:
    """The line of a basket that takes so many of a past line back, after those of the basket ``before`` it.

    Refuses: NotFound, AlreadyReturned, OutOfRange.
    """
    if position not in sold.lines:
        raise NotFound(what="line", code=str(position))
    one = sold.lines[position]
    returned, given_back = one.left.returned, one.left.given_back
    for line in before:
        if line.returned is not None and (line.returned.original, line.returned.position) == (sold.sale, position):
            returned -= line.quantity
            given_back -= line.fixed or ZERO
    return replace(
        one.line,
        quantity=-quantity,
        returned=Returned(sold.sale, position, sold.number, reason, restock),
        fixed=-worth(replace(one.left, returned=returned, given_back=given_back), quantity),
    )


def hold(basket: Basket) -> None:
    """Hold what a basket takes back from, and what that was paid with, until the commit."""
    originals: set[str] = set()
    for line in basket.lines:
        if line.returned is not None and line.returned.original:
            _collect(line.returned.original, originals)
    db.hold(sorted(originals))


def _collect(sale: str, found: set[str]) -> None:
    if sale not in found:
        found.add(sale)
        for further in _taken_back_in(sale):
            _collect(further, found)


def sources(shop: Shop, basket: Basket) -> tuple[Source, ...]:
    """What a basket takes back, receipt by receipt, with the payments; what comes without a receipt last."""
    apart: dict[str, list[Line]] = {}
    for line in basket.lines:
        if line.returned is not None:
            apart.setdefault(line.returned.original, []).append(line)
    loose = apart.pop("", [])
    found = [_source(shop, sale, worth_of(shop, lines)) for sale, lines in apart.items()]
    if loose:
        value = worth_of(shop, loose)
        found.append(Source(value, unpaid=value, crumbs=_step(shop)))
    return tuple(found)


def worth_of(shop: Shop, lines: Iterable[Line]) -> Money:
    """What goods that come back are worth together, tax included; positive."""
    return -pricing.price(Basket(lines=tuple(lines)), tax_included=shop.settings.prices_include_tax).total


def _source(shop: Shop, sale: str, value: Money) -> Source:
    seen: set[str] = set()
    _collect(sale, seen)
    paid = [one for which in (sale, *sorted(seen - {sale})) for one in _payments(which)]
    marks = ", ".join("?" * len(seen))
    (unpaid,) = db.row(
        f"SELECT COALESCE(SUM(-final), 0) FROM return_line WHERE original IS NULL AND sale IN ({marks})", sorted(seen)
    ) or (0,)
    (lines,) = db.row(f"SELECT COUNT(*) FROM sale_line WHERE sale IN ({marks})", sorted(seen)) or (0,)
    # Tax on top is rounded for each return anew: up to a cent for each line.
    on_top = Money(0 if shop.settings.prices_include_tax else int(lines))
    return Source(value, tuple(paid), Money(int(unpaid)), _step(shop) + on_top)


def _step(shop: Shop) -> Money:
    return Money(max(shop.settings.cash_step, 1))


def _taken_back_in(sale: str) -> list[str]:
    """The receipts whose goods paid for a sale."""
    return [
        str(found)
        for (found,) in db.rows(
            "SELECT DISTINCT original FROM return_line WHERE sale = ? AND original IS NOT NULL", (sale,)
        )
    ]


_PAYMENTS: Final = (
    "SELECT paid.tender, MIN(paid.name), MIN(paid.kind), SUM(paid.amount), "
    "(SELECT COALESCE(SUM(refund.amount), 0) FROM refund "
    "WHERE refund.original = paid.sale AND refund.tender = paid.tender), "
    "(SELECT COALESCE(SUM(sale.rounding), 0) FROM sale WHERE sale.id IN (SELECT refund.sale FROM refund "
    "WHERE refund.original = paid.sale AND refund.tender = paid.tender)) "
    "FROM sale_tender AS paid WHERE paid.sale = ? AND paid.amount > 0 AND NOT EXISTS ("
    "SELECT 1 FROM refund WHERE refund.sale = paid.sale AND refund.position = paid.position) "
    "GROUP BY paid.sale, paid.tender ORDER BY MIN(paid.position)"
)


def _payments(sale: str) -> list[Paid]:
    """What each tender paid of a sale, less what went back by it."""
    found, flags = [], _flags()
    for code, name, kind, paid, refunded, rounded in db.rows(_PAYMENTS, (sale,)):
        tender = Tender(code, name, TenderKind(kind), *flags.get(code, (False, False, False, False)))
        back = Money(-int(refunded)) if tender.refundable else min(_credited(sale), Money(int(paid)))
        found.append(Paid(sale, tender, Money(int(paid)), back, Money(int(rounded))))
    return found


def _credited(sale: str) -> Money:
    """What went to credit notes for a sale's goods: it counts for the tenders that take nothing back."""
    return -total(
        Money(int(amount))
        for (amount,) in db.rows(
            "SELECT sale_tender.amount FROM sale JOIN sale_tender ON sale_tender.sale = sale.id "
            "WHERE sale.original = ? AND sale.kind IN ('return', 'exchange') "
            "AND sale_tender.kind = 'voucher' AND sale_tender.amount < 0 "
            "AND NOT EXISTS (SELECT 1 FROM refund WHERE refund.sale = sale.id "
            "AND refund.position = sale_tender.position) "
            "AND NOT EXISTS (SELECT 1 FROM sale AS undone WHERE undone.original = sale.id AND undone.kind = 'void')",
            (sale,),
        )
    )


def _flags() -> dict[str, tuple[bool, bool, bool, bool]]:
    """What each tender does here today; money of one that is unknown here is not given back by it."""
    return {
        str(code): (bool(drawer), bool(change), bool(refundable), bool(asks))
        for code, drawer, change, refundable, asks in db.rows(
            "SELECT code, opens_drawer, gives_change, refundable, asks_terminal FROM tender"
        )
    }


@dataclass(frozen=True, slots=True)
class Reversal:
    """A receipt that took something of another one back, or voided it."""

    number: int
    lane: str
    kind: str


def reversals(sale: str) -> tuple[Reversal, ...]:
    """What became of a sale: the void of it, and the returns that still stand."""
    found = db.rows(
        "SELECT number, lane, kind FROM sale WHERE id IN (SELECT id FROM sale WHERE original = ? AND kind = 'void' "
        "UNION SELECT sale FROM return_line WHERE original = ?) AND (kind <> 'void' OR original = ?) "
        "AND NOT EXISTS (SELECT 1 FROM sale AS undone WHERE undone.original = sale.id AND undone.kind = 'void') "
        "ORDER BY id",
        (sale, sale, sale),
    )
    return tuple(Reversal(number, lane, kind) for number, lane, kind in found)
