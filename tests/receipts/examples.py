"""Receipts of a small shop, worked out by the rules, as the golden files show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.money import ONE, ZERO, Money, Percent, Quantity
from kiosk.receipts.sale import ComeBack, ReceiptLine, ReceiptTax, ReceiptTender, Reduction, SaleReceipt, ShopHead
from kiosk.rules import basket as baskets
from kiosk.rules.basket import EMPTY, Basket, Discount, Item, TaxRate, Unit
from kiosk.rules.pricing import PricedLine, price
from kiosk.rules.tender import Given, Tender, TenderKind, settle

FULL, LOW = TaxRate("A", Percent(1900)), TaxRate("B", Percent(700))
CASH = Tender("cash", "Bar", TenderKind.CASH, opens_drawer=True, gives_change=True)
CARD = Tender("card", "Girocard", TenderKind.CARD, asks_terminal=True)
TICKET = Tender("ticket", "Titre-restaurant", TenderKind.TICKET)

BAKERY = ShopHead(
    name="Bäckerei Müller",
    address=("Hauptstraße 1", "10115 Berlin"),
    tax_id="DE123456789",
    header=("Seit 1921 im Holzofen gebacken",),
    footer=("Vielen Dank für Ihren Einkauf!", "Umtausch innerhalb von 14 Tagen gegen Vorlage dieses Belegs."),
)
GROCER = ShopHead(
    name="Boulangerie-Épicerie du Parc et de la Gare",
    address=("Rue du Parc 5", "1000 Bruxelles"),
    tax_id="BE0123456789",
)
KIOSK = ShopHead(name="Kiosk")

AT = datetime(2026, 11, 22, 14, 32, 7)  # noqa: DTZ001 - on the wall clock already
BARCODE = "2920010010425"


def article(text: str, minor: int, tax: TaxRate = LOW, unit: Unit = Unit.PIECE) -> Item:
    return Item(article=text, number="1", text=text, unit=unit, price=Money(minor), tax=tax)


def sold(
    *things: tuple[Item, Quantity], discounts: dict[int, Discount] | None = None, whole: Discount | None = None
) -> Basket:
    """A basket of things; ``discounts`` by the number of the line, from 1."""
    basket = EMPTY
    for item, quantity in things:
        basket = baskets.add(basket, item, quantity)
    for line, discount in (discounts or {}).items():
        basket = baskets.discount_line(basket, line, discount)
    return baskets.discount_all(basket, whole) if whole else basket


def receipt(
    shop: ShopHead, basket: Basket, *given: tuple[Tender, int | None, str], step: int = 0, tax_included: bool = True
) -> SaleReceipt:
    """The receipt of a basket; a tender of None pays what is due."""
    priced = price(basket, tax_included=tax_included)
    tenders: tuple[Given, ...] = ()
    for tender, minor, reference in given:
        due = settle(priced.total, tenders, cash_step=Money(step)).due
        tenders = (*tenders, Given(tender, due if minor is None else Money(minor), reference))
    settled = settle(priced.total, tenders, cash_step=Money(step))
    assert settled.paid
    return SaleReceipt(
        shop=shop,
        number="1042",
        lane="1",
        staff="Ann",
        at=AT,
        lines=tuple(_line(line) for line in priced.lines),
        total=priced.total,
        taxes=tuple(ReceiptTax(tax.rate.code, tax.rate.percent, tax.net, tax.tax, tax.gross) for tax in priced.taxes),
        tenders=tuple(ReceiptTender(one.tender.name, one.given, one.reference) for one in tenders),
        discount=_reduction(basket.discount, priced.sale_discount),
        tax_included=tax_included,
        change=settled.change,
        rounding=settled.rounding,
        seq=1234,
        hash_piece="1a2b3c4d",
        barcode=BARCODE,
    )


def _line(priced: PricedLine) -> ReceiptLine:
    line = priced.line
    return ReceiptLine(
        text=line.text,
        quantity=line.quantity,
        price=line.price,
        gross=priced.gross,
        tax_code=line.tax.code,
        tax_percent=line.tax.percent,
        unit=line.unit,
        discount=_reduction(line.discount, priced.discount),
    )


def _reduction(discount: Discount | None, amount: Money) -> Reduction | None:
    return None if discount is None else Reduction(amount, discount.percent, discount.reason)


def cash_with_change() -> SaleReceipt:
    return receipt(
        BAKERY,
        sold(
            (article("Roggenmischbrot 1 kg", 420), ONE),
            (article("Brezel", 95), Quantity.of(6)),
            (article("Filterkaffee", 320, FULL), ONE),
        ),
        (CASH, 2000, ""),
    )


def split_tenders() -> SaleReceipt:
    things = sold(
        (article("Pain de campagne bio au levain naturel, cuit au feu de bois", 350), Quantity.of(2)),
        (article("Lait entier 1 L", 129), ONE),
        (article("Vin rouge Côtes du Rhône 75 cl", 890, FULL), Quantity.of(2)),
    )
    return receipt(
        GROCER,
        things,
        (TICKET, 800, ""),
        (replace(CARD, name="Carte bancaire"), 1000, "004711"),
        (replace(CASH, name="Espèces"), 1000, ""),
    )


def discounts() -> SaleReceipt:
    things = sold(
        (article("Panettone classico", 1290), ONE),
        (article("Olio extravergine d'oliva 1 L", 1195), Quantity.of(3)),
        (article("Sapone", 250, FULL), ONE),
        discounts={1: Discount(percent=Percent(1250), reason="confezione rovinata"), 2: Discount(amount=Money(500))},
        whole=Discount(percent=Percent(500), reason="cliente abituale"),
    )
    return receipt(KIOSK, things, (replace(CARD, name="Carta di debito"), None, ""))


def weighed() -> SaleReceipt:
    things = sold(
        (article("Jonagold appelen", 299, unit=Unit.KILOGRAM), Quantity(350)),
        (article("Oude kaas", 1890, unit=Unit.KILOGRAM), Quantity(1000)),
        (article("Draagtas", 25, FULL), ONE),
    )
    return receipt(KIOSK, things, (replace(CASH, name="Contant"), None, ""))


def tax_on_top() -> SaleReceipt:
    things = sold(
        (article("Coffee beans 1 lb", 1499, TaxRate("FOOD", Percent(200))), Quantity.of(2)),
        (article("Mug", 1250, TaxRate("GENERAL", Percent(887))), ONE),
    )
    return receipt(
        replace(KIOSK, name="Corner Shop"), things, (replace(CASH, name="Cash"), 5000, ""), tax_included=False
    )


def copy() -> SaleReceipt:
    return replace(cash_with_change(), copy=2)


def training() -> SaleReceipt:
    return replace(weighed(), training=True, seq=None, hash_piece="", barcode="")


def hostile_names() -> SaleReceipt:
    things = sold(
        (article("Ann\x1bp\x00\x19 opens\x1d\x56\x00 the drawer", 100), ONE),
        (article("[/] [b]markup[/b] \x1b[12;3] \u202egnp.exe", 100), ONE),
        (article("x" * 200, 99_999_999_999), ONE),
        (article("Grüner Veltliner Smaragd Ried " * 7, 100), ONE),
        (article("宇治抹茶入り玄米茶ティーバッグ五十個入り", 100), ONE),
        (
            article(
                "Z\u0322\u0353\u0345\u0302a\u0322\u0353\u0345\u0302l\u0322\u0353\u0345\u0302g\u0322\u0353\u0345\u0302o",
                100,
            ),
            ONE,
        ),
        (article("\u200b\x00", 100), ONE),
    )
    shop = ShopHead(name="\x1b@ " + "Ω" * 120, header=("one\ntwo\ttabs", "\x1bp\x00"), footer=("{name} %s %(x)s",))
    return replace(receipt(shop, things, (CASH, None, "")), staff="Bobby\x1b'); DROP TABLE staff;--", number="7\x07")


def returned() -> SaleReceipt:
    """By receipt and without one; what a meal ticket paid goes to a credit note."""
    things = sold(
        (article("Roggenmischbrot 1 kg", 420), Quantity.of(-1)),
        (article("Brezel", 95), Quantity.of(-2)),
        (article("Filterkaffee", 320, FULL), Quantity.of(-1)),
    )
    made = receipt(BAKERY, things, (TICKET, -310, ""), (CARD, -200, "R4711"), (CASH, None, ""))
    note, *others = made.tenders
    return _back(
        replace(made, tenders=(replace(note, name="Gutschein", card="4821"), *others), kind="return"),
        {0: ComeBack("1041", "Faulty"), 1: ComeBack("1041"), 2: ComeBack(reason="Not wanted")},
    )


def exchange() -> SaleReceipt:
    """Under two rates of one tax code: what comes back has the rate of its day."""
    things = sold(
        (article("Holzofenbrot 2 kg aus Roggen, Weizen und Dinkel", 840, TaxRate("B", Percent(500))), Quantity.of(-1)),
        (article("Brezel", 95), Quantity.of(2)),
        (article("Filterkaffee", 322, FULL), ONE),
    )
    made = receipt(BAKERY, things, (CASH, None, ""), step=5)
    return _back(replace(made, kind="exchange"), {0: ComeBack("R2 1041", "Wrong size")})


def _back(made: SaleReceipt, which: dict[int, ComeBack]) -> SaleReceipt:
    lines = [replace(line, back=which.get(place)) for place, line in enumerate(made.lines)]
    return replace(made, lines=tuple(lines))


def void() -> SaleReceipt:
    things = sold((article("Filterkaffee", 320, FULL), Quantity.of(-2)), discounts={1: Discount(percent=Percent(1000))})
    made = receipt(BAKERY, things, (CASH, None, ""))
    return replace(made, kind="void", reverses="1041", number="1043", reason="Falscher Artikel")


def voided() -> SaleReceipt:
    return replace(cash_with_change(), copy=1, voided_by="1043")


def partly_returned() -> SaleReceipt:
    return replace(cash_with_change(), copy=3, returned_by=("1050", "R2 17", "1102"))


def rounding() -> SaleReceipt:
    things = sold((article("Gipfeli", 130), Quantity.of(3)), (article("Zopf", 853), ONE))
    return receipt(replace(KIOSK, name="Dorfladen"), things, (CASH, 2000, ""), step=5)


def bare() -> SaleReceipt:
    line = ReceiptLine(text="Article", quantity=ONE, price=ZERO, gross=ZERO)
    return SaleReceipt(shop=KIOSK, number="1", lane="1", staff="", at=AT, lines=(line,), total=ZERO)


@dataclass(frozen=True)
class Example:
    """A receipt, the language it is in and the currency it counts in."""

    make: Callable[[], SaleReceipt]
    language: str
    currency: str = "EUR"

    @property
    def name(self) -> str:
        return self.make.__name__


EXAMPLES = (
    Example(cash_with_change, "de"),
    Example(split_tenders, "fr"),
    Example(discounts, "it"),
    Example(weighed, "nl"),
    Example(tax_on_top, "en", "USD"),
    Example(copy, "fr"),
    Example(training, "de"),
    Example(hostile_names, "en"),
    Example(returned, "en"),
    Example(exchange, "en"),
    Example(void, "en"),
    Example(voided, "en"),
    Example(partly_returned, "en"),
    Example(rounding, "de", "CHF"),
    Example(bare, "en"),
)
