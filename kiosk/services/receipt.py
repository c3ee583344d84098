"""A closed sale as a receipt: laid out from the books, with the settings that it was sold under."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kiosk import db
from kiosk.clock import from_millis
from kiosk.errors import NotFound
from kiosk.money import ZERO, Money, Percent, Quantity, total
from kiosk.receipts.paper import Document
from kiosk.receipts.sale import (
    ComeBack,
    ReceiptLine,
    ReceiptTax,
    ReceiptTender,
    Reduction,
    SaleReceipt,
    ShopHead,
    lay_out,
)
from kiosk.rules import codes
from kiosk.rules.basket import Unit
from kiosk.rules.tender import TenderKind
from kiosk.services import customer_rows, return_rows, sale_rows
from kiosk.services.return_rows import VOID
from kiosk.services.sale_rows import SaleRows
from kiosk.services.shop import Shop, ShopSettings, read_settings, under


def document(shop: Shop, sale: str, *, copy: int = 0) -> Document:
    """The receipt of a sale as paper, in the words of the day on which it was sold, or of its customer (N15, N19).

    Refuses: NotFound.
    """
    rows = _rows(sale)
    then = _as_sold(shop, rows)
    language = customer_rows.language_of(rows.head()["customer"], then.settings.language)
    return lay_out(_receipt(then, rows, copy), language)


def of_sale(shop: Shop, sale: str, *, copy: int = 0) -> SaleReceipt:
    """The receipt of a sale, as plain values (D2-03). Refuses: NotFound."""
    rows = _rows(sale)
    return _receipt(_as_sold(shop, rows), rows, copy)


def _rows(sale: str) -> SaleRows:
    rows = sale_rows.read(sale)
    if rows is None:
        raise NotFound(what="sale", code=sale)
    return rows


def _as_sold(shop: Shop, rows: SaleRows) -> Shop:
    """The shop with the settings that a sale was made with."""
    version = rows.head()["settings"]
    return shop if version == shop.settings_version else under(shop, *read_settings(version))


def _receipt(shop: Shop, rows: SaleRows, copy: int) -> SaleReceipt:
    head = rows.head()
    voids = head["kind"] == VOID
    entry = db.row("SELECT seq, hash FROM entry WHERE id = ?", (head["entry"],)) or (None, "")
    person = db.row("SELECT name FROM staff WHERE id = ?", (head["by"],))
    lane = db.row("SELECT number FROM lane WHERE id = ?", (head["lane"],)) or (0,)
    percent = head["discount_percent"]
    made = SaleReceipt(
        shop=shop_head(shop.settings),
        number=str(head["number"]),
        lane=head["lane"],
        staff="" if person is None else str(person[0]).split(" ", 1)[0],
        at=shop.clock.local(from_millis(head["at"])),
        lines=_lines(shop, rows),
        total=Money(head["total"]),
        taxes=_taxes(rows),
        tenders=_tenders(rows),
        discount=_reduction(head["discount"], percent, head["discount_reason"]),
        tax_included=bool(head["tax_included"]),
        change=ZERO if voids else total(Money(row[7]) for row in rows.tenders),
        rounding=Money(head["rounding"]),
        copy=copy,
        kind=head["kind"],
        reverses=_names(shop, [head["original"]])[head["original"]] if voids else "",
        reason=rows.returns[0][6] if voids and rows.returns else "",
        seq=entry[0],
        hash_piece=str(entry[1])[:8],
        training=shop.training,
        barcode="" if shop.training else codes.receipt_code(int(lane[0]), int(head["number"])),
    )
    return _what_became(shop, head["id"], made) if copy else made


def shop_head(settings: ShopSettings) -> ShopHead:
    """What stands at the top and the bottom of the shop's paper."""
    return ShopHead(
        name=settings.name,
        address=settings.address,
        tax_id=settings.tax_id,
        header=settings.receipt_header,
        footer=settings.receipt_footer,
    )


def _lines(shop: Shop, rows: SaleRows) -> tuple[ReceiptLine, ...]:
    back = {} if rows.head()["kind"] == VOID else _came_back(shop, rows)
    made = []
    for row in rows.lines:
        line = dict(zip(sale_rows.LINE, row, strict=True))
        made.append(
            ReceiptLine(
                text=line["text"],
                quantity=Quantity(line["quantity"]),
                price=Money(line["price"]),
                gross=Money(line["gross"]),
                tax_code=line["tax_code"],
                tax_percent=Percent(line["tax_rate"]),
                unit=Unit(line["unit"]),
                discount=_reduction(line["discount"], line["discount_percent"], line["discount_reason"]),
                back=back.get(line["position"]),
            )
        )
    return tuple(made)


def _came_back(shop: Shop, rows: SaleRows) -> dict[int, ComeBack]:
    """Which lines came back, by position."""
    found = [dict(zip(sale_rows.RETURN, row, strict=True)) for row in rows.returns]
    names = _names(shop, [one["original"] for one in found])
    return {one["position"]: ComeBack(names.get(one["original"], ""), one["reason"]) for one in found}


def _names(shop: Shop, sales: Iterable[str | None]) -> dict[str | None, str]:
    """The numbers of receipts as this lane's paper names them."""
    wanted = sorted({sale for sale in sales if sale})
    if not wanted:
        return {}
    marks = ", ".join("?" * len(wanted))
    found = db.rows(f"SELECT id, lane, number FROM sale WHERE id IN ({marks})", wanted)
    return {sale: _name(shop, lane, number) for sale, lane, number in found}


def _name(shop: Shop, lane: str, number: int) -> str:
    return str(number) if lane == shop.lane else f"{lane} {number}"


def _what_became(shop: Shop, sale: str, made: SaleReceipt) -> SaleReceipt:
    """A copy says that its receipt was voided, or that goods of it came back."""
    found = return_rows.reversals(sale)
    names = {one.kind == VOID: _name(shop, one.lane, one.number) for one in found}
    returned = tuple(_name(shop, one.lane, one.number) for one in found if one.kind != VOID)
    return replace(made, voided_by=names.get(True, ""), returned_by=returned)


def _tenders(rows: SaleRows) -> tuple[ReceiptTender, ...]:
    """A void gives back what was paid, and neither takes what was handed over nor gives change."""
    which = "amount" if rows.head()["kind"] == VOID else "given"
    made = []
    for row in rows.tenders:
        tender = dict(zip(sale_rows.TENDER, row, strict=True))
        of_card = tender["kind"] == TenderKind.VOUCHER.value
        made.append(
            ReceiptTender(
                name=tender["name"],
                given=Money(tender[which]),
                reference="" if of_card else tender["reference"],
                card=_last_digits(tender["reference"]) if of_card else "",
            )
        )
    return tuple(made)


def _last_digits(card: str) -> str:
    """What a receipt shows of a credit note: its code is on its own paper alone."""
    found = db.row("SELECT code FROM card WHERE id = ?", (card,))
    return "" if found is None else str(found[0])[-4:]


def _taxes(rows: SaleRows) -> tuple[ReceiptTax, ...]:
    return tuple(
        ReceiptTax(code=code, percent=Percent(rate), net=Money(net), tax=Money(tax), gross=Money(net + tax))
        for _sale, _position, code, rate, net, tax in rows.taxes
    )


def _reduction(amount: int, percent: int | None, reason: str) -> Reduction | None:
    if not amount:
        return None
    return Reduction(Money(amount), None if percent is None else Percent(percent), reason)
