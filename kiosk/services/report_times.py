"""Reports over time: days and months, hours, weekdays, and how turnover went (Q-22)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from kiosk.i18n import later
from kiosk.money import Money
from kiosk.receipts.report import Cell, Column, Kind
from kiosk.rules.spans import Span
from kiosk.services.day_totals import By
from kiosk.services.report_parts import (
    DAY,
    SALES,
    SHARE,
    TURNOVER,
    Made,
    Recipe,
    Wanted,
    average,
    change,
    month_of_day,
    monthly,
    share,
    turnover_by_time,
    unit_of_time,
    whole_of,
)
from kiosk.services.report_totals import Ask, Found, Sum, Sums

_MONTH: Final = Column("month", later("Month"), Kind.MONTH)

_LOOK_BACK: Final = timedelta(days=31)
"""How far back the day before may be: a shop has holidays."""


# How turnover went


def trend_ask(wanted: Wanted) -> Ask:
    """Hour by hour of a single day, else day by day or month by month."""
    span = wanted.span
    return Ask("hour", span, By.CODE) if span.days == 1 else turnover_by_time(wanted, span)


def trend(wanted: Wanted, found: Sums) -> tuple[int, ...]:
    """Turnover in minor units, one after the other, without a gap."""
    span = wanted.span
    if span.days == 1:
        return tuple(one.amount for _hour, one in _by_hour(wanted, found))
    days = (span.first + timedelta(days=place) for place in range(span.days))
    keys = dict.fromkeys(month_of_day(day.isoformat()) if monthly(wanted) else day.isoformat() for day in days)
    return tuple(found.get(key, Sum()).amount for key in keys)


# Days and months


def _with_past(wanted: Wanted) -> Span:
    """The days, and those that stand beside them."""
    first = wanted.span.first
    if monthly(wanted):
        return Span(first.replace(year=first.year - 1, day=1), wanted.span.last)
    return Span(first - _LOOK_BACK, wanted.span.last)


def _ask_days(wanted: Wanted) -> Sequence[Ask]:
    past = turnover_by_time(wanted, _with_past(wanted))
    return (past, turnover_by_time(wanted, wanted.span), Ask("sales", wanted.span, unit_of_time(wanted)))


def _days(wanted: Wanted, found: Found) -> Made:
    """Each day with the last one before it on which something was sold, and the same weekday of the week before."""
    past, turnover, sales = (found[ask] for ask in _ask_days(wanted))
    if monthly(wanted):
        return _months(past, turnover, sales)
    columns = (
        DAY,
        SALES,
        TURNOVER,
        Column("day_before", later("Day before"), Kind.MONEY, 2),
        Column("day_change", "+/-", Kind.CHANGE, 2),
        Column("week_before", later("Week before"), Kind.MONEY, 1),
        Column("week_change", "+/-", Kind.CHANGE, 1),
    )
    traded = sorted(past)
    rows = []
    for place, day in enumerate(traded):
        if day in turnover:
            last = traded[place - 1] if place else None
            week = date.fromisoformat(day) - timedelta(days=7)
            rows.append(_beside(day, past, turnover, sales, last, week.isoformat()))
    return Made(columns, rows, _sum_of_days(rows), bars=2, shades=5)


def _beside(key: str, past: Sums, turnover: Sums, sales: Sums, *others: str | None) -> tuple[Cell, ...]:
    now = Money(turnover[key].amount)
    cells: list[Cell] = [date.fromisoformat(key), sales.get(key, Sum()).count, now]
    for other in others:
        one = None if other is None else past.get(other)
        before = None if one is None else Money(one.amount)
        cells += [before, change(now, before)]
    return tuple(cells)


def _months(past: Sums, turnover: Sums, sales: Sums) -> Made:
    """Each month, as far as it is asked for, beside all of the month before and of the same month a year before."""
    columns = (
        _MONTH,
        SALES,
        TURNOVER,
        Column("month_before", later("Month before"), Kind.MONEY, 2),
        Column("month_change", "+/-", Kind.CHANGE, 2),
        Column("year_before", later("Year before"), Kind.MONEY, 1),
        Column("year_change", "+/-", Kind.CHANGE, 1),
    )
    rows = []
    for month in sorted(turnover):
        first = date.fromisoformat(month)
        before, year = (first - timedelta(days=1)).replace(day=1), first.replace(year=first.year - 1)
        rows.append(_beside(month, past, turnover, sales, before.isoformat(), year.isoformat()))
    return Made(columns, rows, _sum_of_days(rows), bars=2, shades=5)


def _sum_of_days(rows: Sequence[tuple[Cell, ...]]) -> tuple[Cell, ...]:
    count = sum(cell for row in rows if isinstance(cell := row[1], int))
    turnover = Money(sum(cell.minor for row in rows if isinstance(cell := row[2], Money)))
    return (None, count, turnover, None, None, None, None)


# Hours and weekdays


def _ask_hours(wanted: Wanted) -> Sequence[Ask]:
    return (Ask("hour", wanted.span, By.CODE),)


def _by_hour(wanted: Wanted, found: Sums) -> list[tuple[int, Sum]]:
    """From the first hour to the last one in which something was sold, as the business day runs."""
    start = wanted.shop.settings.day_starts_at_hour
    places = {(int(hour) - start) % 24: one for hour, one in found.items()}
    if not places:
        return []
    return [((place + start) % 24, places.get(place, Sum())) for place in range(min(places), max(places) + 1)]


def _hours(wanted: Wanted, found: Found) -> Made:
    columns = (Column("hour", later("Hour"), Kind.HOUR), SALES, TURNOVER, SHARE)
    hours = _by_hour(wanted, found[_ask_hours(wanted)[0]])
    whole = whole_of(one for _hour, one in hours)
    rows = [(hour, one.count, Money(one.amount), share(one.amount, whole.amount)) for hour, one in hours]
    return Made(columns, rows, (None, whole.count, Money(whole.amount), None), bars=2)


def _ask_weekdays(wanted: Wanted) -> Sequence[Ask]:
    by_day = replace(turnover_by_time(wanted, wanted.span), by=By.DAY)
    return (by_day, Ask("sales", wanted.span, By.DAY))


def _weekdays(wanted: Wanted, found: Found) -> Made:
    """The average counts the days on which something was sold: a closed Monday is no bad one."""
    columns = (
        Column("weekday", later("Weekday"), Kind.WEEKDAY),
        Column("days", later("Days"), Kind.COUNT, 2),
        Column("sales", later("Sales"), Kind.COUNT, 2),
        Column("turnover", later("Turnover"), Kind.MONEY, 1),
        Column("average", later("By day"), Kind.MONEY),
    )
    turnover, sales = (found[ask] for ask in _ask_weekdays(wanted))
    days: Counter[int] = Counter()
    counts: Counter[int] = Counter()
    amounts: Counter[int] = Counter()
    for day, one in turnover.items():
        weekday = date.fromisoformat(day).weekday()
        days[weekday] += 1
        amounts[weekday] += one.amount
        counts[weekday] += sales.get(day, Sum()).count
    rows = [
        (weekday, days[weekday], counts[weekday], Money(amounts[weekday]), average(amounts[weekday], days[weekday]))
        for weekday in range(7)
        if days
    ]
    whole, traded = sum(amounts.values()), sum(days.values())
    return Made(columns, rows, (None, traded, sum(counts.values()), Money(whole), average(whole, traded)), bars=4)


TIMES: Final = {
    "days": Recipe(_ask_days, _days),
    "hours": Recipe(_ask_hours, _hours),
    "weekdays": Recipe(_ask_weekdays, _weekdays),
}
