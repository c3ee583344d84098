"""Dates of people's papers as they are typed: of births, which are past, and of expiries, which mostly are not."""

from __future__ import annotations

import re
from datetime import date
from enum import Enum
from itertools import takewhile
from typing import Final

from kiosk.errors import Invalid
from kiosk.rules.words import fold

EARLIEST_YEAR: Final = 1880
LATEST_YEAR: Final = 2199
MONTH_FIRST: Final = frozenset({"US"})
"""Countries that write the month before the day."""

_LONGEST: Final = 40
_YEARS_EXPIRED: Final = 20
"""A paper that is older than this is not shown any more; its year is one to come."""

_TOKEN: Final = re.compile(r"[0-9]+|[^\W\d_]+|[./-]|[^\w]|_|\d")
_MONTHS: Final = (
    "january januar janvier gennaio januari",
    "february februar fevrier febbraio februari",
    "march marz maerz mars marzo maart mrt",
    "april avril aprile",
    "may mai maggio mei",
    "june juni juin giugno",
    "july juli juillet luglio",
    "august aout agosto augustus",
    "september septembre settembre",
    "october oktober octobre ottobre",
    "november novembre",
    "december dezember decembre dicembre",
)
_NAMES: Final = {name: month for month, names in enumerate(_MONTHS, start=1) for name in names.split()}
_SHORTEST_NAME: Final = 3
_FILLERS: Final = frozenset({"st", "nd", "rd", "th", "er", "of", "de", "den", "di", "le", "the"})


class Expected(Enum):
    """Which century two digits of a year mean."""

    PAST = "past"
    """A birth: never after today."""
    COMING = "coming"
    """An expiry: from twenty years ago on."""


def parse(text: str, today: date, expected: Expected, *, month_first: bool = False, field: str = "date") -> date:
    """The day of ``12.11.1984``, ``12/11/84``, ``1984-11-12``, ``12111984``, ``121184`` or ``12 nov 1984``.

    The day stands before the month; ``month_first`` turns that round except between points, as in ``12.11.``.
    Months have the names of all five languages. Refuses: Invalid (of ``field``). Source: T-05, T-06.
    """
    found = _read(text, month_first=month_first) if len(text) <= _LONGEST else None
    day = None if found is None else _day(*found, today, expected)
    if day is None:
        raise Invalid(field=field, value=text)
    return day


def _read(text: str, *, month_first: bool) -> tuple[str, int, int] | None:
    """Year as it was typed, month and day; whether there is such a day is not looked at."""
    typed = _TOKEN.findall(fold(text))
    parts = [mark for mark in typed if mark.isalnum() and mark not in _FILLERS]
    if any(not mark.isalnum() and mark not in "./- ," for mark in typed):
        return None
    if not all(part.isascii() for part in parts):
        return None
    named = [part for part in parts if part.isalpha()]
    if len(named) == 1 and len(parts) == 3:
        return _with_name(parts, named[0])
    if named:
        return None
    if len(parts) == 1:
        parts = _split(parts[0], month_first=month_first)
    elif len(parts) != 3:
        return None
    if not parts:
        return None
    first, second, third = parts
    if len(first) == 4:
        return first, _small(second), _small(third)
    if month_first and "." not in typed:
        first, second = second, first
    return third, _small(second), _small(first)


def _with_name(parts: list[str], name: str) -> tuple[str, int, int] | None:
    month = _month(name)
    if month is None:
        return None
    first, last = (part for part in parts if part != name)
    return (first, month, _small(last)) if len(first) == 4 else (last, month, _small(first))


def _month(name: str) -> int | None:
    """A month by its name or the first letters of it, if they are of no other month."""
    if len(name) < _SHORTEST_NAME:
        return None
    found = {month for known, month in _NAMES.items() if known.startswith(name)}
    return _NAMES.get(name) or (found.pop() if len(found) == 1 else None)


def _split(digits: str, *, month_first: bool) -> list[str]:
    """Digits in a row: day, month and year, or, where those can't be, year, month and day."""
    if len(digits) == 8 and not EARLIEST_YEAR <= int(digits[4:]) <= LATEST_YEAR:
        return [digits[:4], digits[4:6], digits[6:]]
    if len(digits) == 8:
        day, month = (digits[2:4], digits[:2]) if month_first else (digits[:2], digits[2:4])
        if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
            return [digits[:4], digits[4:6], digits[6:]]
    return [digits[:2], digits[2:4], digits[4:]] if len(digits) in {6, 8} else []


def _small(digits: str) -> int:
    return int(digits) if len(digits) <= 2 else 0


def _day(year: str, month: int, day: int, today: date, expected: Expected) -> date | None:
    if len(year) == 4:
        return _real(int(year), month, day)
    if len(year) != 2:
        return None
    newest = today.year if expected is Expected.PAST else today.year - _YEARS_EXPIRED + 99
    years = (whole for whole in range(newest, newest - 200, -1) if whole % 100 == int(year))
    if expected is Expected.COMING:
        return _real(next(years), month, day)
    days = (_real(whole, month, day) for whole in takewhile(lambda one: one >= EARLIEST_YEAR, years))
    return next((found for found in days if found is not None and found <= today), None)


def _real(year: int, month: int, day: int) -> date | None:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
