"""How money, quantities, percentages, dates and times are written in each language.

The habits are a small table of our own, tested against babel's: babel takes
longer to import than the rest of the start. Only plain spaces and
apostrophes group digits, since neither the console nor a receipt printer
has the narrow ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from kiosk.errors import Invalid
from kiosk.i18n.language import language
from kiosk.money import Money, Percent, Quantity


@dataclass(frozen=True, slots=True)
class _Habit:
    decimal: str
    thousands: str
    symbol_first: bool
    day: str
    """A date, for strftime."""


_HABITS: Final = {
    "en": _Habit(".", ",", True, "%d/%m/%Y"),
    "de": _Habit(",", ".", False, "%d.%m.%Y"),
    "fr": _Habit(",", " ", False, "%d/%m/%Y"),
    "it": _Habit(",", ".", False, "%d/%m/%Y"),
    "nl": _Habit(",", ".", True, "%d-%m-%Y"),
}
_SWISS: Final = _Habit(".", "'", True, "%d.%m.%Y")

_SYMBOLS: Final = {"EUR": "€", "GBP": "£", "USD": "$"}


@dataclass(slots=True)
class _Shop:
    code: str = "EUR"
    decimals: int = 2


_shop: Final = _Shop()


def set_currency(code: str, decimals: int) -> None:
    """Count in this currency from now on, in all threads: its ISO 4217 code and its decimals.

    In Swiss francs, numbers are written the Swiss way in every language.
    Refuses: Invalid.
    """
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise Invalid(field="currency", value=code)
    if not 0 <= decimals <= 3:
        raise Invalid(field="decimals", value=str(decimals))
    _shop.code, _shop.decimals = code.upper(), decimals


def currency() -> str:
    """The code of the shop's currency."""
    return _shop.code


def money_text(money: Money, *, symbol: bool = False) -> str:
    """An amount such as ``1 234,56``, ``-0,05`` or, with its symbol, ``1 234,56 €``."""
    habit = _habit()
    sign = "-" if money.minor < 0 else ""
    digits = _digits(abs(money.minor), _shop.decimals, habit)
    if not symbol:
        return sign + digits
    mark = _SYMBOLS.get(_shop.code, _shop.code)
    if not habit.symbol_first:
        return f"{sign}{digits} {mark}"
    if language() == "en" and len(mark) == 1:
        return f"{sign}{mark}{digits}"
    return f"{mark} {sign}{digits}"


def quantity_text(quantity: Quantity, *, weighed: bool = False) -> str:
    """A quantity such as ``3`` or ``0,350``; what is weighed always shows its three decimals."""
    sign = "-" if quantity.thousandths < 0 else ""
    if quantity.whole and not weighed:
        return sign + _digits(abs(quantity.thousandths) // 1000, 0, _habit())
    return sign + _digits(abs(quantity.thousandths), 3, _habit())


def percent_text(percent: Percent) -> str:
    """A percentage such as ``10`` or ``2,5``, without its sign."""
    sign = "-" if percent.hundredths < 0 else ""
    whole, hundredths = divmod(abs(percent.hundredths), 100)
    habit = _habit()
    fraction = f"{hundredths:02d}".rstrip("0")
    return sign + _digits(whole, 0, habit) + (habit.decimal + fraction if fraction else "")


def date_text(day: date) -> str:
    """A date such as ``31.12.2026``."""
    return day.strftime(_habit().day)


def time_text(at: datetime) -> str:
    """A time such as ``14:05``; the moment is on the shop's wall clock already."""
    return at.strftime("%H:%M")


def stamp_text(at: datetime) -> str:
    """Date and time; the moment is on the shop's wall clock already."""
    return f"{date_text(at)} {time_text(at)}"


def _habit() -> _Habit:
    return _SWISS if _shop.code == "CHF" else _HABITS[language()]


def _digits(number: int, decimals: int, habit: _Habit) -> str:
    whole, fraction = divmod(number, 10**decimals)
    grouped = f"{whole:,}".replace(",", habit.thousands)
    return f"{grouped}{habit.decimal}{fraction:0{decimals}d}" if decimals else grouped
