"""The receipt of a sale, as the customer takes it home."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kiosk.i18n import _, currency, money_text, percent_text, pgettext, quantity_text, speaking, stamp_text
from kiosk.money import ONE, ZERO, Money, Percent, Quantity, total
from kiosk.receipts.measure import cells
from kiosk.receipts.paper import Blank, Centre, Code, Cut, Document, Element, Left, Rule, Split
from kiosk.rules.basket import Unit

_LONGEST_BIG_NAME: Final = 16


@dataclass(frozen=True, slots=True)
class Reduction:
    """What was taken off a line or a sale: a positive amount on a sale, a negative one on a return."""

    amount: Money
    percent: Percent | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One line that was sold or taken back."""

    text: str
    quantity: Quantity
    price: Money
    """Of one piece or one kilogram."""
    gross: Money
    """Quantity times price, before the line's own discount."""
    tax_code: str = ""
    unit: Unit = Unit.PIECE
    discount: Reduction | None = None

    @property
    def amount(self) -> Money:
        """What the line comes to after its own discount."""
        return self.gross - self.discount.amount if self.discount else self.gross


@dataclass(frozen=True, slots=True)
class ReceiptTax:
    """Turnover and tax of one rate."""

    code: str
    percent: Percent
    net: Money
    tax: Money
    gross: Money


@dataclass(frozen=True, slots=True)
class ReceiptTender:
    """A means of payment, and what was handed over by it."""

    name: str
    given: Money
    reference: str = ""


@dataclass(frozen=True, slots=True)
class ShopHead:
    """What stands at the head and foot of each receipt of the shop."""

    name: str
    address: tuple[str, ...] = ()
    tax_id: str = ""
    header: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SaleReceipt:
    """All that a receipt shows, as plain values (D2-03)."""

    shop: ShopHead
    number: str
    lane: str
    staff: str
    """The first name only."""
    at: datetime
    """On the shop's wall clock."""
    lines: tuple[ReceiptLine, ...]
    total: Money
    """Tax included, before any cash rounding."""
    taxes: tuple[ReceiptTax, ...] = ()
    tenders: tuple[ReceiptTender, ...] = ()
    discount: Reduction | None = None
    """What was taken off the whole sale."""
    tax_included: bool = True
    """Whether the prices of the lines include the tax."""
    change: Money = ZERO
    rounding: Money = ZERO
    """What cash rounding added, or took off (E41)."""
    copy: int = 0
    """0 for the original, then 1, 2, 3 (D5-05)."""
    training: bool = False
    reverses: str = ""
    """The number of the receipt that this one voids."""
    seq: int | None = None
    """Of the ledger's entry."""
    hash_piece: str = ""
    """The first 8 characters of the entry's hash: paper is the witness (PLATFORM.md 6)."""
    barcode: str = ""
    """EAN-13, by which the receipt is found again."""


def lay_out(receipt: SaleReceipt, language: str | None = None) -> Document:
    """Lay a receipt out, in the language that is spoken or in the customer's own (N15).

    Amounts are in the shop's currency. Refuses: Invalid (barcode, language).
    Source: D2-03, D5-05, E41.
    """
    with nullcontext() if language is None else speaking(language):
        return (*_head(receipt), *_body(receipt), *_payment(receipt), *_taxes(receipt), *_foot(receipt), Cut())


def _head(receipt: SaleReceipt) -> Iterator[Element]:
    shop = receipt.shop
    yield Centre(shop.name, bold=True, big=cells(shop.name) <= _LONGEST_BIG_NAME)
    for line in shop.address:
        yield Centre(line)
    if shop.tax_id:
        yield Centre(_("VAT no. {number}").format(number=shop.tax_id))
    for line in shop.header:
        yield Centre(line)
    yield from _marks(receipt)
    yield Rule()
    yield Split(_("Receipt {number}").format(number=receipt.number), stamp_text(receipt.at))
    served = _("Served by {name}").format(name=receipt.staff) if receipt.staff else ""
    yield Split(_("Till {lane}").format(lane=receipt.lane), served)
    yield Rule()


def _marks(receipt: SaleReceipt) -> Iterator[Element]:
    """What says that this paper is not the receipt of a sale; at its top and again at its bottom."""
    if receipt.training:
        yield Centre(_("TRAINING"), big=True, bold=True)
        yield Centre(_("Not a receipt. Nothing was sold."), bold=True)
    if receipt.copy:
        yield Centre(_("COPY {count}").format(count=receipt.copy), big=True, bold=True)
    if receipt.reverses:
        yield Centre(_("Void of receipt {number}").format(number=receipt.reverses), bold=True)


def _body(receipt: SaleReceipt) -> Iterator[Element]:
    letters = _tax_letters(receipt)
    margin = " " * max((1 + cells(letter) for letter in letters.values()), default=0)
    for line in receipt.lines:
        letter = letters.get(line.tax_code, "")
        mark = f" {letter}" if letter else ""
        yield Split(line.text, money_text(line.gross) + mark + margin[len(mark) :])
        if line.quantity != ONE or line.unit is Unit.KILOGRAM:
            yield Left("  " + _times(line))
        if line.discount:
            yield Split("  " + _reduction(line.discount), money_text(-line.discount.amount) + margin)
    yield Rule()
    if receipt.discount or not receipt.tax_included:
        yield Split(_("Subtotal"), money_text(total(line.amount for line in receipt.lines)) + margin)
    if receipt.discount:
        yield Split(_reduction(receipt.discount), money_text(-receipt.discount.amount) + margin)
    if not receipt.tax_included:
        for tax in receipt.taxes:
            yield Split(_("plus tax {rate}").format(rate=_rate(tax, letters)), money_text(tax.tax) + margin)


def _times(line: ReceiptLine) -> str:
    price = money_text(line.price)
    if line.unit is Unit.KILOGRAM:
        return _("{weight} kg x {price}/kg").format(weight=quantity_text(line.quantity, weighed=True), price=price)
    return _("{count} x {price}").format(count=quantity_text(line.quantity), price=price)


def _reduction(reduction: Reduction) -> str:
    words = _("Discount")
    if reduction.percent is not None:
        words = _("Discount {percent}%").format(percent=percent_text(reduction.percent))
    return f"{words}, {reduction.reason}" if reduction.reason else words


def _payment(receipt: SaleReceipt) -> Iterator[Element]:
    yield Split(_("TOTAL {currency}").format(currency=currency()), money_text(receipt.total), big=True, bold=True)
    if receipt.rounding:
        yield Split(_("Rounding"), money_text(receipt.rounding))
        yield Split(_("To pay"), money_text(receipt.total + receipt.rounding), bold=True)
    for tender in receipt.tenders:
        yield Split(tender.name, money_text(tender.given))
        if tender.reference:
            yield Left("  " + _("Slip {number}").format(number=tender.reference))
    if receipt.change:
        yield Split(pgettext("money given back", "Change"), money_text(receipt.change), bold=True)


def _taxes(receipt: SaleReceipt) -> Iterator[Element]:
    if not receipt.taxes:
        return
    letters = _tax_letters(receipt)
    titles = (pgettext("tax table", "Net"), pgettext("tax table", "Tax"), pgettext("tax table", "Gross"))
    table = [titles, *([money_text(amount) for amount in (tax.net, tax.tax, tax.gross)] for tax in receipt.taxes)]
    widths = [max(cells(row[column]) for row in table) for column in range(len(titles))]
    names = [pgettext("tax table", "Rate"), *(_rate(tax, letters) for tax in receipt.taxes)]
    yield Rule()
    for name, row in zip(names, table, strict=True):
        yield Split(
            name, "  ".join(" " * (width - cells(text)) + text for text, width in zip(row, widths, strict=True))
        )


def _tax_letters(receipt: SaleReceipt) -> dict[str, str]:
    """Which letter marks which tax code; with a single rate there is nothing to tell apart."""
    codes = [tax.code for tax in receipt.taxes]
    if len(codes) < 2:
        return {}
    if all(cells(code) <= 1 for code in codes):
        return {code: code for code in codes}
    return {code: chr(ord("A") + place % 26) for place, code in enumerate(codes)}


def _rate(tax: ReceiptTax, letters: dict[str, str]) -> str:
    rate = _("{percent}%").format(percent=percent_text(tax.percent))
    letter = letters.get(tax.code, "")
    return f"{letter} {rate}" if letter else rate


def _foot(receipt: SaleReceipt) -> Iterator[Element]:
    if receipt.shop.footer:
        yield Blank()
    for line in receipt.shop.footer:
        yield Centre(line)
    if receipt.barcode:
        yield Blank()
        yield Code("ean13", receipt.barcode)
    if receipt.seq is not None:
        yield Centre(_("Entry {seq}  {piece}").format(seq=receipt.seq, piece=receipt.hash_piece))
    marks = tuple(_marks(receipt))
    if marks:
        yield Blank()
    yield from marks
