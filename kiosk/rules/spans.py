"""Spans of days that a report is asked for: by name, as people type them, and the one before or after (Q-22)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from kiosk.errors import Invalid

NAMES: Final = (
    "today",
    "yesterday",
    "this-week",
    "last-week",
    "this-month",
    "last-month",
    "this-year",
    "last-year",
)
"""The spans that have a name."""

LONGEST: Final = 60
"""Characters that a span may be typed with."""

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199

_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_WRITTEN: Final = re.compile(r"(\d{1,2})[./-](\d{1,2})(?:[./-](\d{4}|\d{2})?)?")
_MONTH: Final = re.compile(r"(?:(\d{1,2})[./-](\d{4})|(\d{4})-(\d{1,2}))")
_YEAR: Final = re.compile(r"\d{4}")
_PARTS: Final = re.compile(r"\s*(?:\.\.+|…|–|—|\s-\s|\s+to\s+)\s*")


@dataclass(frozen=True, slots=True)
class Span:
    """Business days, the first and the last included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many there are."""
        return (self.last - self.first).days + 1

    @property
    def is_month(self) -> bool:
        """Whether it is one calendar month, all of it."""
        return self.first.day == 1 and self.last == month_of(self.first).last

    @property
    def is_year(self) -> bool:
        """Whether it is one calendar year, all of it."""
        return (self.first.month, self.first.day, self.last) == (1, 1, date(self.first.year, 12, 31))

    @property
    def is_week(self) -> bool:
        """Whether it is a Monday to its Sunday."""
        return self.first.weekday() == 0 and self.days == 7

    def before(self) -> Span:
        """The one before: a month before a month, a year before a year, else as many days. Refuses: Invalid."""
        if self.is_year:
            return year_of(_in_years(self.first.replace(year=self.first.year - 1)))
        if self.is_month:
            return month_of(_in_years(self.first - _DAY))
        return Span(_in_years(self.first - self.days * _DAY), self.first - _DAY)

    def after(self) -> Span:
        """The one after, in the same way. Refuses: Invalid (beyond the calendar that is kept)."""
        if self.is_year:
            return year_of(_in_years(self.last + _DAY))
        if self.is_month:
            return month_of(_in_years(self.last + _DAY))
        return Span(self.last + _DAY, _in_years(self.last + self.days * _DAY))

    def to_compare(self, today: date) -> Span:
        """What it is compared with: the one before, and of one that still runs as many days as have begun."""
        before = self.before()
        if not self.first <= today < self.last:
            return before
        return Span(before.first, min(before.last, before.first + (today - self.first)))

    def pieces(self, most_days: int) -> Iterator[Span]:
        """The same days in spans of at most so many."""
        first = self.first
        while first <= self.last:
            last = min(self.last, first + (most_days - 1) * _DAY)
            yield Span(first, last)
            first = last + _DAY

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def day_of(day: date) -> Span:
    """One day."""
    return Span(day, day)


def week_of(day: date) -> Span:
    """The week of a day, from its Monday."""
    monday = day - day.weekday() * _DAY
    return Span(monday, monday + 6 * _DAY)


def month_of(day: date) -> Span:
    """The month of a day."""
    first = day.replace(day=1)
    return Span(first, (first + 31 * _DAY).replace(day=1) - _DAY)


def year_of(day: date) -> Span:
    """The year of a day."""
    return Span(date(day.year, 1, 1), date(day.year, 12, 31))


def named(name: str, today: date) -> Span:
    """A span by its name. Refuses: Invalid."""
    whole = {"day": day_of, "week": week_of, "month": month_of, "year": year_of}
    which, _dash, unit = {"today": "this-day", "yesterday": "last-day"}.get(name, name).partition("-")
    if unit not in whole or which not in {"this", "last"}:
        raise Invalid(field="span", value=name)
    span = whole[unit](today)
    return span if which == "this" else span.before()


def parse(text: str, today: date) -> Span:
    """Read ``22.11.``, ``22/11/2026``, ``2026-11-22``, ``11.2026``, ``2026``, a name, or two days with ``-`` or ``..``.

    A day without a year is the last one that is not to come. Refuses: Invalid (no such days, or the last before the
    first). Source: Q-22.
    """
    wanted = text.strip().casefold()[:LONGEST]
    name = re.sub(r"[\s_]+", "-", wanted)
    if name in NAMES:
        return named(name, today)
    one = _one(wanted, today, text)
    if one is not None:
        return one
    for first, last in _halves(wanted):
        begin, end = _one(first, today, text), _one(last, today, text)
        if begin is not None and end is not None:
            return between(*_same_year(first, begin.first, end.last), text=text)
    raise Invalid(field="span", value=text)


def between(first: date, last: date, *, text: str = "") -> Span:
    """From one day to another. Refuses: Invalid (the last is before the first)."""
    if last < first:
        raise Invalid(field="span", value=text or f"{first}..{last}")
    return Span(_in_years(first), _in_years(last))


def _halves(text: str) -> Iterator[tuple[str, str]]:
    parts = _PARTS.split(text)
    if len(parts) == 2:
        yield parts[0], parts[1]
    for place, letter in enumerate(text):
        if letter == "-":
            yield text[:place].strip(), text[place + 1 :].strip()


def _same_year(written: str, first: date, last: date) -> tuple[date, date]:
    """A first day without a year is of the last one's year, or of the year before it."""
    found = _WRITTEN.fullmatch(written)
    if found is None or found[3] is not None:
        return first, last
    for year in (last.year, last.year - 1):
        try:
            moved = first.replace(year=year)
        except ValueError:
            continue
        if moved <= last:
            return moved, last
    return first, last


def _one(text: str, today: date, whole: str) -> Span | None:
    """A day, a month or a year; None for what is none. Refuses: Invalid (a day that is not in the calendar)."""
    try:
        if found := _ISO.fullmatch(text):
            return day_of(_in_years(date(int(found[1]), int(found[2]), int(found[3]))))
        if found := _MONTH.fullmatch(text):
            year, month = (found[2], found[1]) if found[1] else (found[3], found[4])
            return month_of(_in_years(date(int(year), int(month), 1)))
        if _YEAR.fullmatch(text):
            return year_of(_in_years(date(int(text), 1, 1)))
        found = _WRITTEN.fullmatch(text)
        return None if found is None else day_of(_written(found, today))
    except ValueError as error:
        raise Invalid(field="span", value=whole) from error


def _written(found: re.Match[str], today: date) -> date:
    day, month, year = int(found[1]), int(found[2]), found[3]
    if year is not None:
        return _in_years(date(int(year) + (2000 if len(year) == 2 else 0), month, day))
    meant = date(today.year, month, day)
    return meant if meant <= today + _DAY else meant.replace(year=today.year - 1)


def _in_years(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Invalid(field="span", value=day.isoformat())
    return day
