"""Languages: the words of the till, and how money, quantities and dates are written."""

from kiosk.i18n.clean import clean_text
from kiosk.i18n.formats import (
    currency,
    date_text,
    money_text,
    percent_text,
    quantity_text,
    set_currency,
    stamp_text,
    time_text,
)
from kiosk.i18n.language import LANGUAGES, _, language, later, ngettext, pgettext, speaking, use_language

__all__ = [
    "LANGUAGES",
    "_",
    "clean_text",
    "currency",
    "date_text",
    "language",
    "later",
    "money_text",
    "ngettext",
    "percent_text",
    "pgettext",
    "quantity_text",
    "set_currency",
    "speaking",
    "stamp_text",
    "time_text",
    "use_language",
]
