"""What can be typed about an article: the fields, their texts, and the way from texts to the catalogue's form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from kiosk.errors import NotANumber, ShopError
from kiosk.i18n import _, later, money_text, percent_text, pgettext
from kiosk.money import Money
from kiosk.rules import codes
from kiosk.rules.basket import Unit
from kiosk.rules.codes import LONGEST_CODE, CodeKind
from kiosk.rules.permissions import Action, State
from kiosk.screens.form_fields import CHOOSE_HELP, Field, Filled, Kind, Option
from kiosk.services import catalogue, catalogue_edit, catalogue_tax, staff
from kiosk.services.catalogue_edit import LONGEST_NAME, LONGEST_NUMBER
from kiosk.services.catalogue_rows import Article, ArticleForm
from kiosk.services.catalogue_tax import Category, TaxCode
from kiosk.services.shop import Shop

LONGEST_TYPED_NUMBER: Final = 6
"""Digits up to which an unknown code is the number that somebody typed, and no barcode."""

_LONGEST_AMOUNT: Final = 12
_UNITS: Final = {Unit.PIECE: later("piece"), Unit.KILOGRAM: later("kilogram")}


FIELDS: Final = (
    Field("name", later("Name"), Kind.TEXT, later("as it stands on the receipt"), LONGEST_NAME),
    Field("price", later("Price"), Kind.MONEY, later("empty: typed at the till"), _LONGEST_AMOUNT),
    Field("tax", later("Tax"), Kind.CHOICE, CHOOSE_HELP),
    Field("category", later("Category"), Kind.CHOICE, CHOOSE_HELP),
    Field("unit", later("Unit"), Kind.CHOICE, CHOOSE_HELP),
    Field("barcode", later("Barcodes"), Kind.CODES, later("scan, or type and Enter; Del: the last away"), LONGEST_CODE),
    Field("number", later("Number"), Kind.TEXT, later("what it is called by at the till"), LONGEST_NUMBER),
    Field("age", later("Minimum age"), Kind.NUMBER, later("empty: none"), 2),
    Field("quick", later("Quick key"), Kind.NUMBER, later("1 to 9; empty: none"), 1),
    Field("lowest_price", later("Lowest price"), Kind.MONEY, later("of a typed price; empty: none"), _LONGEST_AMOUNT),
    Field("highest_price", later("Highest price"), Kind.MONEY, later("of a typed price; empty: none"), _LONGEST_AMOUNT),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the form needs to know."""

    allowed: State
    """Whether whoever is signed in may change articles."""
    taxes: tuple[TaxCode, ...]
    categories: tuple[Category, ...]
    number: str
    """A proposal for a new article."""
    article: Article | None

    def options(self) -> dict[str, tuple[Option, ...]]:
        """What can be chosen, by field, in the language that is spoken."""
        return {
            "tax": tuple(Option(tax.code, f"{tax.name} {percent_text(tax.percent)} %") for tax in self.taxes),
            "category": (
                Option("", pgettext("category", "none")),
                *(Option(one.id, one.name) for one in self.categories),
            ),
            "unit": tuple(Option(unit.value, _(word)) for unit, word in _UNITS.items()),
        }


def look(shop: Shop, by: str, article_id: str) -> Shelf:
    """What the form of an article needs, in one visit to the desk; an empty id is a new one. Refuses: NotFound."""
    return Shelf(
        allowed=staff.permission(shop, by, Action.EDIT_CATALOGUE),
        taxes=catalogue_tax.tax_codes(shop),
        categories=catalogue_tax.categories(shop),
        number=catalogue_edit.next_number(shop),
        article=catalogue.article(shop, article_id) if article_id else None,
    )


def filled_from(form: ArticleForm, decimals: int) -> Filled:
    """The texts of an article that is there."""
    return Filled(
        texts={
            "name": form.name,
            "price": _amount(form.price, decimals),
            "tax": form.tax,
            "category": form.category or "",
            "unit": form.unit.value,
            "number": form.number,
            "age": str(form.minimum_age or ""),
            "quick": str(form.quick or ""),
            "lowest_price": _amount(form.lowest_price, decimals),
            "highest_price": _amount(form.highest_price, decimals),
        },
        barcodes=form.barcodes,
    )


def filled_for(code: str, number: str, taxes: tuple[TaxCode, ...], weight_prefixes: tuple[str, ...]) -> Filled:
    """The texts of a new article: for an unknown code, with the proposed number, if the code is not one itself."""
    weighed = codes.what_is(code, weight_prefixes).kind is CodeKind.WEIGHT
    typed = len(code) <= LONGEST_TYPED_NUMBER and code.isascii() and code.isdigit()
    return Filled(
        texts={
            "tax": taxes[0].code if taxes else "",
            "unit": (Unit.KILOGRAM if weighed else Unit.PIECE).value,
            "number": code if code and typed else number,
        },
        barcodes=() if typed or not code else (code,),
    )


def form_from(filled: Filled, before: ArticleForm | None, proposed: str, decimals: int) -> ArticleForm:
    """The catalogue's form; what the screen does not show stays as it was.

    A proposed number that nobody changed is left to the catalogue, which knows what is free by then.
    Refuses: NotANumber (``problem`` says where).
    """
    number = filled.text("number")
    start = before or ArticleForm(name="", tax="")
    return replace(
        start,
        name=filled.text("name"),
        price=_money(filled.text("price"), decimals),
        tax=filled.text("tax"),
        category=filled.text("category") or None,
        unit=Unit(filled.text("unit")),
        barcodes=filled.barcodes,
        number="" if before is None and number == proposed else number,
        minimum_age=int(filled.text("age") or 0),
        quick=int(filled.text("quick") or 0) or None,
        lowest_price=_money(filled.text("lowest_price"), decimals),
        highest_price=_money(filled.text("highest_price"), decimals),
    )


def problem(one: Field, filled: Filled, decimals: int) -> ShopError | None:
    """Why the text of a field can't be, as far as it can be told without the catalogue."""
    if one.kind is Kind.MONEY:
        try:
            _money(filled.text(one.name), decimals)
        except NotANumber as error:
            return error
    return None


def _money(text: str, decimals: int) -> Money | None:
    return Money.parse(text, decimals) if text.strip() else None


def _amount(money: Money | None, decimals: int) -> str:
    """An amount as it is typed: with the decimal sign of the language, and nothing between thousands."""
    if money is None:
        return ""
    whole, fraction = divmod(abs(money.minor), 10**decimals)
    sign = money_text(Money(0))[-decimals - 1] if decimals else ""
    return f"{whole}{sign}{fraction:0{decimals}d}" if decimals else str(whole)
