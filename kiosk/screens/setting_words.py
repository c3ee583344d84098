"""The shop's settings in plain words: what each is called, what it does, and how it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kiosk.i18n import _, later, money_text, percent_text
from kiosk.money import Money, Percent
from kiosk.services.settings import Setting

LANGUAGE_NAMES: Final = {"en": "English", "de": "Deutsch", "fr": "Français", "it": "Italiano", "nl": "Nederlands"}
"""Each in its own words, so that whoever is lost finds the way back."""

COUNTRY_NAMES: Final = {
    "AT": later("Austria"),
    "BE": later("Belgium"),
    "CH": later("Switzerland"),
    "DE": later("Germany"),
    "FR": later("France"),
    "IT": later("Italy"),
    "LU": later("Luxembourg"),
    "NL": later("Netherlands"),
}


class Kind(StrEnum):
    """How a setting is asked for."""

    TEXT = "text"
    YES = "yes"
    COUNTRY = "country"
    LANGUAGE = "language"
    AMOUNT = "amount"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Words:
    """One setting in English."""

    name: str
    label: str
    says: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Section:
    """Settings that belong together."""

    title: str
    words: tuple[Words, ...]


_LINES: Final = later("Up to eight lines, parted by ;")

SECTIONS: Final = (
    Section(
        later("Shop"),
        (
            Words("name", later("Name"), later("As it stands on receipts and at the top of the screen.")),
            Words("address", later("Address"), _LINES),
            Words("tax_id", later("Tax number"), later("As it stands on receipts.")),
            Words("country", later("Country"), later("Tax rates and coins stay as they are."), Kind.COUNTRY),
            Words("language", later("Language"), later("Of the paper, and of the screen at first."), Kind.LANGUAGE),
            Words("zone", later("Time zone"), later("Continent/City, such as Europe/Paris.")),
        ),
    ),
    Section(
        later("Receipt"),
        (
            Words("receipt_header", later("Lines at the top"), _LINES),
            Words("receipt_footer", later("Lines at the bottom"), _LINES),
            Words(
                "print_receipts",
                later("Print each receipt"),
                later("No: only when somebody asks for it, in the past receipts."),
                Kind.YES,
            ),
        ),
    ),
    Section(
        later("Money"),
        (
            Words("currency", later("Currency"), later("Three letters. Fixed once something was sold.")),
            Words("decimals", later("Decimals"), later("Of amounts. Fixed once something was sold.")),
            Words(
                "prices_include_tax",
                later("Tax is in the prices"),
                later("No: it comes on top of them."),
                Kind.YES,
            ),
            Words("cash_step", later("Smallest coin"), later("What is paid in cash is rounded to it."), Kind.AMOUNT),
            Words(
                "notes", later("Bank notes"), later("Each has a letter when a customer pays. Parted by ;"), Kind.AMOUNT
            ),
            Words(
                "count_at_close",
                later("Count to close the day"),
                later("Yes: the day closes only once the drawer is counted."),
                Kind.YES,
            ),
            Words(
                "blind_count",
                later("Count blind"),
                later("Yes: whoever counts does not see what should be there."),
                Kind.YES,
            ),
            Words(
                "difference_allowed",
                later("Small difference"),
                later("A count that is off by no more is not remarked upon."),
                Kind.AMOUNT,
            ),
        ),
    ),
    Section(
        later("Selling and returns"),
        (
            Words(
                "discount_threshold",
                later("High discount from"),
                later("In percent. Above it another right is needed; 100: never."),
                Kind.PERCENT,
            ),
            Words("discount_reasons", later("Reasons for discounts"), _LINES),
            Words("return_days", later("Days to bring back"), later("After a sale. 0: without an end.")),
            Words(
                "return_limit",
                later("Most without a receipt"),
                later("What is given back at once when there is no receipt."),
                Kind.AMOUNT,
            ),
            Words(
                "return_cash_without_receipt",
                later("Cash without a receipt"),
                later("No: without a receipt there is a credit note."),
                Kind.YES,
            ),
            Words("return_reasons", later("Reasons for returns"), _LINES),
            Words(
                "weight_prefixes",
                later("Codes with a weight"),
                later("What codes of your scale begin with, such as 28. Parted by ;"),
            ),
            Words(
                "price_prefixes",
                later("Codes with a price"),
                later("What codes of your scale begin with, such as 21. Parted by ;"),
            ),
            Words(
                "parked_days",
                later("Days to park a sale"),
                later("One that waits for longer is remarked upon."),
            ),
        ),
    ),
    Section(
        later("Till"),
        (
            Words("badge_is_enough", later("Badge without a PIN"), later("Yes: a badge alone signs in."), Kind.YES),
            Words(
                "lock_after_minutes",
                later("Minutes until it locks"),
                later("So long nobody touched a key. 0: never."),
            ),
            Words(
                "day_starts_at_hour",
                later("Hour a day begins at"),
                later("A sale before it belongs to the day before."),
            ),
        ),
    ),
    Section(
        later("Customers"),
        (
            Words("customer_types", later("Customer types"), _LINES),
            Words(
                "medical_shop",
                later("Medical cards"),
                later("Yes: their number and expiry are kept, and an expired one is said at the sale."),
                Kind.YES,
            ),
            Words("points_reasons", later("Reasons for points"), later("Added or removed by hand. Parted by ;")),
            Words("consent_phone", later("Yes to messages"), later("What a customer agrees to, word for word.")),
            Words("consent_email", later("Yes to e-mails"), later("What a customer agrees to, word for word.")),
            Words("dormant_days", later("Days until dormant"), later("So long a customer has bought nothing.")),
        ),
    ),
)


def shown(words: Words, setting: Setting) -> str:
    """The value, as people read it."""
    value = setting.value
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if words.kind is Kind.LANGUAGE:
        return LANGUAGE_NAMES.get(str(value), str(value))
    if words.kind is Kind.COUNTRY:
        name = COUNTRY_NAMES.get(str(value), str(value))
        return _(name)
    return typed(words, setting)


def typed(words: Words, setting: Setting) -> str:
    """The value, as people would type it."""
    if words.kind is Kind.PERCENT:
        return percent_text(Percent.parse(str(setting.value)))
    if words.kind is Kind.AMOUNT:
        return setting.words.replace(".", _decimal_sign())
    return setting.words


def _decimal_sign() -> str:
    return next((sign for sign in money_text(Money(0)) if not sign.isdigit()), ".")
