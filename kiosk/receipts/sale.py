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
class ComeBack:
    """That a line was taken back."""

    receipt: str = ""
    """The number of the receipt that it was sold on; empty without one."""
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
    tax_percent: Percent | None = None
    """Of the code; a receipt may bear two of the same one, after a change of rates."""
    back: ComeBack | None = None

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
    card: str = ""
    """The last digits of the card or credit note whose value it moved."""


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
    kind: str = "sale"
    """sale, return, exchange or void."""
    reverses: str = ""
    """The number of the receipt that this one voids."""
    reason: str = ""
    """Why it was voided."""
    voided_by: str = ""
    """On a copy: the number of the receipt that voided this one."""
    returned_by: tuple[str, ...] = ()
    """On a copy: the numbers of the receipts that took something of this one back."""
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
    if receipt.kind == "return":
        yield Centre(_("RETURN"), big=True, bold=True)
    if receipt.kind == "exchange":
        yield Centre(_("EXCHANGE"), big=True, bold=True)
    if receipt.reverses:
        yield Centre(_("Void of receipt {number}").format(number=receipt.reverses), bold=True)
    if receipt.reason:
        yield Centre(receipt.reason)
    if receipt.voided_by:
        yield Centre(_("Voided by receipt {number}").format(number=receipt.voided_by), bold=True)
    if receipt.returned_by:
        numbers = ", ".join(receipt.returned_by)
        yield Centre(_("Goods returned: receipt {number}").format(number=numbers), bold=True)


def _body(receipt: SaleReceipt) -> Iterator[Element]:
    letters = _tax_letters(receipt)
    margin = " " * max((1 + cells(letter) for letter in letters.values()), default=0)
    for line in receipt.lines:
        letter = _letter(line, letters)
        mark = f" {letter}" if letter else ""
        yield Split(line.text, money_text(line.gross) + mark + margin[len(mark) :])
        if line.quantity != ONE or line.unit is Unit.KILOGRAM:
            yield Left("  " + _times(line))
        if line.discount:
            yield Split("  " + _reduction(line.discount), money_text(-line.discount.amount) + margin)
        if line.back:
            yield Left("  " + _came_back(line.back))
    yield Rule()
    if receipt.discount or not receipt.tax_included:
        yield Split(_("Subtotal"), money_text(total(line.amount for line in receipt.lines)) + margin)
    if receipt.discount:
        yield Split(_reduction(receipt.discount), money_text(-receipt.discount.amount) + margin)
    if not receipt.tax_included:
        for tax in receipt.taxes:
            yield Split(_("plus tax {rate}").format(rate=_rate(tax, letters)), money_text(tax.tax) + margin)


def _letter(line: ReceiptLine, letters: dict[tuple[str, Percent], str]) -> str:
    if line.tax_percent is not None:
        return letters.get((line.tax_code, line.tax_percent), "")
    return next((letter for (code, _percent), letter in letters.items() if code == line.tax_code), "")


def _came_back(back: ComeBack) -> str:
    words = _("Returned without receipt")
    if back.receipt:
        words = _("Returned, receipt {number}").format(number=back.receipt)
    return f"{words}, {back.reason}" if back.reason else words


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
    """What is to pay and how; or what is given back and how, in amounts above zero."""
    back = receipt.total.minor < 0
    asked = _("TO GIVE BACK {currency}") if back else _("TOTAL {currency}")
    yield Split(asked.format(currency=currency()), _amount(receipt.total, back), big=True, bold=True)
    if receipt.rounding:
        yield Split(_("Rounding"), _amount(receipt.rounding, back))
        to_settle = _("To give back") if back else _("To pay")
        yield Split(to_settle, _amount(receipt.total + receipt.rounding, back), bold=True)
    for tender in receipt.tenders:
        yield Split(tender.name, _amount(tender.given, back))
        if tender.reference:
            yield Left("  " + _("Slip {number}").format(number=tender.reference))
        if tender.card:
            yield Left("  " + _("Number ending in {digits}").format(digits=tender.card))
    if receipt.change:
        yield Split(pgettext("money given back", "Change"), _amount(receipt.change, back), bold=True)


def _amount(amount: Money, back: bool) -> str:
    return money_text(-amount if back else amount)


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


def _tax_letters(receipt: SaleReceipt) -> dict[tuple[str, Percent], str]:
    """Which letter marks which tax rate; with a single one there is nothing to tell apart."""
    rates = [(tax.code, tax.percent) for tax in receipt.taxes]
    if len(rates) < 2:
        return {}
    codes = {code for code, _percent in rates}
    if len(codes) == len(rates) and all(cells(code) <= 1 for code in codes):
        return {rate: rate[0] for rate in rates}
    return {rate: chr(ord("A") + place % 26) for place, rate in enumerate(rates)}


def _rate(tax: ReceiptTax, letters: dict[tuple[str, Percent], str]) -> str:
    rate = _("{percent}%").format(percent=percent_text(tax.percent))
    letter = letters.get((tax.code, tax.percent), "")
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
