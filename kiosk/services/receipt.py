"""A closed sale as a receipt: laid out from the books, with the settings that it was sold under."""

from __future__ import annotations

from kiosk import db
from kiosk.clock import from_millis
from kiosk.errors import NotFound
from kiosk.money import Money, Percent, Quantity, total
from kiosk.receipts.paper import Document
from kiosk.receipts.sale import ReceiptLine, ReceiptTax, ReceiptTender, Reduction, SaleReceipt, ShopHead, lay_out
from kiosk.rules import codes
from kiosk.rules.basket import Unit
from kiosk.services import sale_rows
from kiosk.services.sale_rows import SaleRows
from kiosk.services.shop import Shop, ShopSettings, read_settings, under


def document(shop: Shop, sale: str, *, copy: int = 0) -> Document:
    """The receipt of a sale as paper, in the words of the day on which it was sold (N19). Refuses: NotFound."""
    rows = _rows(sale)
    then = _as_sold(shop, rows)
    return lay_out(_receipt(then, rows, copy), then.settings.language)


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
    entry = db.row("SELECT seq, hash FROM entry WHERE id = ?", (head["entry"],)) or (None, "")
    person = db.row("SELECT name FROM staff WHERE id = ?", (head["by"],))
    lane = db.row("SELECT number FROM lane WHERE id = ?", (head["lane"],)) or (0,)
    percent = head["discount_percent"]
    return SaleReceipt(
        shop=shop_head(shop.settings),
        number=str(head["number"]),
        lane=head["lane"],
        staff="" if person is None else str(person[0]).split(" ", 1)[0],
        at=shop.clock.local(from_millis(head["at"])),
        lines=_lines(rows),
        total=Money(head["total"]),
        taxes=_taxes(rows),
        tenders=tuple(ReceiptTender(name=row[3], given=Money(row[6]), reference=row[8]) for row in rows.tenders),
        discount=_reduction(head["discount"], percent, head["discount_reason"]),
        tax_included=bool(head["tax_included"]),
        change=total(Money(row[7]) for row in rows.tenders),
        rounding=Money(head["rounding"]),
        copy=copy,
        seq=entry[0],
        hash_piece=str(entry[1])[:8],
        barcode=codes.receipt_code(int(lane[0]), int(head["number"])),
    )


def shop_head(settings: ShopSettings) -> ShopHead:
    """What stands at the top and the bottom of the shop's paper."""
    return ShopHead(
        name=settings.name,
        address=settings.address,
        tax_id=settings.tax_id,
        header=settings.receipt_header,
        footer=settings.receipt_footer,
    )


def _lines(rows: SaleRows) -> tuple[ReceiptLine, ...]:
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
                unit=Unit(line["unit"]),
                discount=_reduction(line["discount"], line["discount_percent"], line["discount_reason"]),
            )
        )
    return tuple(made)


def _taxes(rows: SaleRows) -> tuple[ReceiptTax, ...]:
    return tuple(
        ReceiptTax(code=code, percent=Percent(rate), net=Money(net), tax=Money(tax), gross=Money(net + tax))
        for _sale, _position, code, rate, net, tax in rows.taxes
    )


def _reduction(amount: int, percent: int | None, reason: str) -> Reduction | None:
    if not amount:
        return None
    return Reduction(Money(amount), None if percent is None else Percent(percent), reason)
