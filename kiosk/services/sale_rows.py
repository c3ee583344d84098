"""A closed sale as rows: what is written, what is hashed, and what a receipt is laid out from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from kiosk import db
from kiosk.rules.basket import Returned
from kiosk.rules.pricing import Priced, PricedLine
from kiosk.rules.tender import Settlement
from kiosk.services.shop import Shop

SALE: Final = (
    "id", "entry", "lane", "number", "kind", "at", "business_date", "by", "customer", "original", "currency",
    "tax_included", "sum", "discount", "discount_percent", "discount_reason", "rounding", "total", "settings",
)  # fmt: skip
LINE: Final = (
    "sale", "position", "article", "number", "text", "kind", "category", "unit", "quantity", "price", "gross",
    "discount", "discount_percent", "discount_reason", "share", "final", "tax_code", "tax_rate",
)  # fmt: skip
TAX: Final = ("sale", "position", "code", "rate", "net", "tax")
TENDER: Final = ("sale", "position", "tender", "name", "kind", "amount", "given", "change", "reference", "pending")
RETURN: Final = (
    "sale", "position", "original", "original_position", "quantity", "final", "reason", "restock",
)  # fmt: skip
REFUND: Final = ("sale", "position", "original", "tender", "amount")

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class SaleRows:
    """The rows of one sale, in the order of the columns above."""

    sale: Row
    lines: tuple[Row, ...]
    taxes: tuple[Row, ...]
    tenders: tuple[Row, ...]
    returns: tuple[Row, ...] = ()
    """Which of its lines take back what."""
    refunds: tuple[Row, ...] = ()
    """Which of its tenders give back what was paid before."""

    def document(self) -> dict[str, Any]:
        """What the entry's digest is made of: the whole sale as printed; no names, no personal data."""
        made = {"sale": self.sale, "lines": self.lines, "taxes": self.taxes, "tenders": self.tenders}
        if self.returns:
            made["returns"] = self.returns
        if self.refunds:
            made["refunds"] = self.refunds
        return made

    def head(self) -> dict[str, Any]:
        """The row of the sale by column."""
        return dict(zip(SALE, self.sale, strict=True))


def _insert(table: str, columns: Sequence[str]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"


def _select(table: str, columns: Sequence[str], by: str, order: str = "") -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    return f"SELECT {names} FROM {table} WHERE {by} = ?{order}"


_INSERT: Final = {
    name: _insert(name, columns)
    for name, columns in (
        ("sale", SALE),
        ("sale_line", LINE),
        ("sale_tax", TAX),
        ("sale_tender", TENDER),
        ("return_line", RETURN),
        ("refund", REFUND),
    )
}


def make(
    shop: Shop,
    priced: Priced,
    settlement: Settlement,
    *,
    sale: str,
    entry: str,
    number: int,
    by: str,
    kind: str = "sale",
    original: str | None = None,
    customer: str | None = None,
    business_date: str,
) -> SaleRows:
    """The rows of a sale that is about to be closed; ``original`` is the one receipt that it takes back from."""
    discount = _sale_discount(priced)
    return SaleRows(
        sale=(
            sale,
            entry,
            shop.lane,
            number,
            kind,
            shop.clock.millis(),
            business_date,
            by,
            customer,
            original,
            shop.settings.currency,
            int(shop.settings.prices_include_tax),
            priced.sum.minor,
            priced.sale_discount.minor,
            *discount,
            settlement.rounding.minor,
            priced.total.minor,
            shop.settings_version,
        ),
        lines=tuple(_line(sale, position, line) for position, line in enumerate(priced.lines, start=1)),
        taxes=tuple(
            (sale, position, tax.rate.code, tax.rate.percent.hundredths, tax.net.minor, tax.tax.minor)
            for position, tax in enumerate(priced.taxes, start=1)
        ),
        tenders=tuple(
            (
                sale,
                position,
                applied.given.tender.code,
                applied.given.tender.name,
                applied.given.tender.kind.value,
                applied.amount.minor,
                applied.given.given.minor,
                applied.change.minor,
                applied.given.card or applied.given.reference,
                applied.given.pending or None,
            )
            for position, applied in enumerate(settlement.applied, start=1)
        ),
        returns=tuple(
            _return(sale, position, line)
            for position, line in enumerate(priced.lines, start=1)
            if line.line.returned is not None
        ),
        refunds=tuple(
            (sale, position, applied.given.original, applied.given.tender.code, applied.amount.minor)
            for position, applied in enumerate(settlement.applied, start=1)
            if applied.given.original
        ),
    )


def write(rows: SaleRows) -> None:
    """Insert the parts first and the sale last, as its guard wants it."""
    db.run_many(_INSERT["sale_line"], rows.lines)
    db.run_many(_INSERT["sale_tax"], rows.taxes)
    db.run_many(_INSERT["sale_tender"], rows.tenders)
    db.run_many(_INSERT["return_line"], rows.returns)
    db.run_many(_INSERT["refund"], rows.refunds)
    db.run(_INSERT["sale"], rows.sale)


def read(sale: str) -> SaleRows | None:
    """A closed sale's rows."""
    head = db.row(_select("sale", SALE, "id"), (sale,))
    if head is None:
        return None
    rows = SaleRows(
        sale=tuple(head),
        lines=_parts("sale_line", LINE, sale),
        taxes=_parts("sale_tax", TAX, sale),
        tenders=_parts("sale_tender", TENDER, sale),
    )
    if rows.head()["kind"] == "sale":
        return rows
    return replace(rows, returns=_parts("return_line", RETURN, sale), refunds=_parts("refund", REFUND, sale))


def _parts(table: str, columns: Sequence[str], sale: str) -> tuple[Row, ...]:
    return tuple(map(tuple, db.rows(_select(table, columns, "sale", " ORDER BY position"), (sale,))))


def _sale_discount(priced: Priced) -> tuple[int | None, str]:
    given = priced.discount_given
    if given is None:
        return None, ""
    return None if given.percent is None else given.percent.hundredths, given.reason


def _line(sale: str, position: int, priced: PricedLine) -> Row:
    line, given = priced.line, priced.line.discount
    percent = given.percent.hundredths if given is not None and given.percent is not None else None
    return (
        sale,
        position,
        line.article,
        line.number,
        line.text,
        line.kind.value,
        line.category,
        line.unit.value,
        line.quantity.thousandths,
        line.price.minor,
        priced.gross.minor,
        priced.discount.minor,
        percent,
        given.reason if given is not None else "",
        priced.share.minor,
        priced.final.minor,
        line.tax.code,
        line.tax.percent.hundredths,
    )


def _return(sale: str, position: int, priced: PricedLine) -> Row:
    back = priced.line.returned or Returned()
    return (
        sale,
        position,
        back.original or None,
        back.position if back.original else None,
        priced.line.quantity.thousandths,
        priced.final.minor,
        back.reason,
        int(back.restock),
    )
