"""Reports: what was sold when, by whom, of what; read from daily totals and the open shifts (Q-22, D7-04)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from kiosk import db
from kiosk.errors import NotFound
from kiosk.i18n import later
from kiosk.money import Money, Percent, Quantity, half_up
from kiosk.receipts.report import TITLES, Cell, Column, Kind, Report
from kiosk.rules.permissions import Action
from kiosk.rules.spans import Span
from kiosk.services import staff
from kiosk.services.catalogue_rows import marks
from kiosk.services.day_totals import By
from kiosk.services.report_totals import Ask, Found, Progress, Sum, Sums, gather
from kiosk.services.shop import Shop

NAMES: Final = tuple(TITLES)
"""The names of the reports, in the order in which they are listed."""

MOST_DAYS: Final = 92
"""Longer spans are told by the month."""

_AT_ONCE: Final = 400
_LOOK_BACK: Final = timedelta(days=31)
"""How far back the day before may be: a shop has holidays."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a report can be narrowed to: ids and names."""

    lanes: tuple[str, ...]
    people: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What somebody wants to read."""

    shop: Shop
    span: Span
    compared: Span
    lane: str | None
    person: str | None


@dataclass(frozen=True, slots=True)
class _Made:
    """What came of it."""

    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]
    totals: tuple[Cell, ...] = ()
    bars: int | None = None
    shades: int | None = None
    orders: tuple[int, ...] = ()
    compared: bool = False


@dataclass(frozen=True, slots=True)
class _Recipe:
    """The figures that a report is made of, and how."""

    asks: Callable[[_Wanted], Sequence[Ask]]
    make: Callable[[_Wanted, Found], _Made]


def _nothing(done: int, of: int) -> None:
    del done, of


def read(
    shop: Shop,
    name: str,
    span: Span,
    *,
    lane: str | None = None,
    person: str | None = None,
    by: str,
    progress: Progress = _nothing,
) -> Report:
    """A report over some days, of one lane or person or of all; open shifts count as they stand.

    What ``progress`` raises ends the reading. Refuses: Denied, NotFound (a report, a lane or a person).
    Source: Q-22, D7-04, D6-03.
    """
    with db.snapshot():
        staff.require(shop, by, Action.SEE_REPORTS)
        recipe = _RECIPES.get(name)
        if recipe is None:
            raise NotFound(what="report", code=name)
        if lane is not None and db.row("SELECT 1 FROM lane WHERE id = ?", (lane,)) is None:
            raise NotFound(what="lane", code=lane)
        whose = "" if person is None else staff.person(shop, person).name
        now = shop.clock.now()
        wanted = _Wanted(shop, span, span.to_compare(shop.clock.business_date(now)), lane, person)
        trend = Ask("hour", span, By.CODE) if span.days == 1 else _turnover(wanted, span)
        asks = tuple(dict.fromkeys([*recipe.asks(wanted), trend]))
        found = gather(shop, asks, lane=lane, person=person, progress=progress)
        made = recipe.make(wanted, found)
        return Report(
            name=name,
            span=span,
            columns=made.columns,
            rows=tuple(made.rows),
            totals=made.totals if made.rows else (),
            at=shop.clock.local(now),
            lane=lane or "",
            person=whose,
            compared=wanted.compared if made.compared else None,
            bars=made.bars,
            shades=made.shades,
            orders=made.orders,
            trend=_trend(wanted, found[trend]),
        )


def choices(shop: Shop, by: str) -> Choices:
    """The lanes and the people there are, former ones too. Refuses: Denied."""
    staff.require(shop, by, Action.SEE_REPORTS)
    lanes = db.rows("SELECT id FROM lane ORDER BY number")
    people = staff.people(shop, with_former=True)
    return Choices(tuple(str(lane) for (lane,) in lanes), tuple((one.id, one.name) for one in people))


def _trend(wanted: _Wanted, found: Sums) -> tuple[int, ...]:
    span = wanted.span
    if span.days == 1:
        return tuple(one.amount for _hour, one in _by_hour(wanted, found))
    days = (span.first + timedelta(days=place) for place in range(span.days))
    keys = dict.fromkeys(_month(day.isoformat()) if _monthly(wanted) else day.isoformat() for day in days)
    return tuple(found.get(key, Sum()).amount for key in keys)


def _turnover(wanted: _Wanted, span: Span) -> Ask:
    """Of everybody it is kept by tax rate; of one person by the hour, which comes to the same."""
    return Ask("turnover" if wanted.person is None else "hour", span, _unit(wanted))


def _unit(wanted: _Wanted) -> By:
    return By.MONTH if _monthly(wanted) else By.DAY


# Arithmetic


def _share(part: int, whole: int) -> Percent | None:
    """A tenth of a percent exactly enough."""
    return Percent(half_up(part * 1000, whole) * 10) if whole > 0 else None


def _change(now: Money, before: Money | None) -> Percent | None:
    return Percent(half_up((now.minor - before.minor) * 100, abs(before.minor)) * 100) if before else None


def _average(amount: int, count: int) -> Money | None:
    return Money(half_up(amount, count)) if count else None


def _all(sums: Iterable[Sum]) -> Sum:
    return sum(sums, Sum())


# Days


_DAY: Final = Column("day", later("Day"), Kind.DAY)
_MONTH: Final = Column("month", later("Month"), Kind.MONTH)
_SALES: Final = Column("sales", later("Sales"), Kind.COUNT, 2)
_TURNOVER: Final = Column("turnover", later("Turnover"), Kind.MONEY)
_SHARE: Final = Column("share", later("Share"), Kind.PERCENT, 1)


def _monthly(wanted: _Wanted) -> bool:
    return wanted.span.days > MOST_DAYS


def _with_past(wanted: _Wanted) -> Span:
    """The days, and those that stand beside them."""
    first = wanted.span.first
    if _monthly(wanted):
        return Span(max(date.min, first.replace(year=first.year - 1, day=1)), wanted.span.last)
    return Span(first - _LOOK_BACK, wanted.span.last)


def _ask_days(wanted: _Wanted) -> Sequence[Ask]:
    past = _turnover(wanted, _with_past(wanted))
    return (past, _turnover(wanted, wanted.span), Ask("sales", wanted.span, _unit(wanted)))


def _days(wanted: _Wanted, found: Found) -> _Made:
    """Each day with the last one before it on which something was sold, and the same weekday of the week before."""
    past, turnover, sales = (found[ask] for ask in _ask_days(wanted))
    if _monthly(wanted):
        return _months(past, turnover, sales)
    columns = (
        _DAY,
        _SALES,
        _TURNOVER,
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
    return _Made(columns, rows, _sum_of_days(rows), bars=2, shades=5)


def _beside(key: str, past: Sums, turnover: Sums, sales: Sums, *others: str | None) -> tuple[Cell, ...]:
    now = Money(turnover[key].amount)
    cells: list[Cell] = [date.fromisoformat(key), sales.get(key, Sum()).count, now]
    for other in others:
        one = None if other is None else past.get(other)
        before = None if one is None else Money(one.amount)
        cells += [before, _change(now, before)]
    return tuple(cells)


def _months(past: Sums, turnover: Sums, sales: Sums) -> _Made:
    """Each month, as far as it is asked for, beside all of the month before and of the same month a year before."""
    columns = (
        _MONTH,
        _SALES,
        _TURNOVER,
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
    return _Made(columns, rows, _sum_of_days(rows), bars=2, shades=5)


def _month(day: str) -> str:
    return f"{day[:7]}-01"


def _sum_of_days(rows: Sequence[tuple[Cell, ...]]) -> tuple[Cell, ...]:
    count = sum(cell for row in rows if isinstance(cell := row[1], int))
    turnover = Money(sum(cell.minor for row in rows if isinstance(cell := row[2], Money)))
    return (None, count, turnover, None, None, None, None)


# Hours and weekdays


def _ask_hours(wanted: _Wanted) -> Sequence[Ask]:
    return (Ask("hour", wanted.span, By.CODE),)


def _by_hour(wanted: _Wanted, found: Sums) -> list[tuple[int, Sum]]:
    """From the first hour to the last one in which something was sold, as the business day runs."""
    start = wanted.shop.settings.day_starts_at_hour
    places = {(int(hour) - start) % 24: one for hour, one in found.items()}
    if not places:
        return []
    return [((place + start) % 24, places.get(place, Sum())) for place in range(min(places), max(places) + 1)]


def _hours(wanted: _Wanted, found: Found) -> _Made:
    columns = (Column("hour", later("Hour"), Kind.HOUR), _SALES, _TURNOVER, _SHARE)
    hours = _by_hour(wanted, found[_ask_hours(wanted)[0]])
    whole = _all(one for _hour, one in hours)
    rows = [(hour, one.count, Money(one.amount), _share(one.amount, whole.amount)) for hour, one in hours]
    return _Made(columns, rows, (None, whole.count, Money(whole.amount), None), bars=2)


def _ask_weekdays(wanted: _Wanted) -> Sequence[Ask]:
    by_day = replace(_turnover(wanted, wanted.span), by=By.DAY)
    return (by_day, Ask("sales", wanted.span, By.DAY))


def _weekdays(wanted: _Wanted, found: Found) -> _Made:
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
        (weekday, days[weekday], counts[weekday], Money(amounts[weekday]), _average(amounts[weekday], days[weekday]))
        for weekday in range(7)
        if days
    ]
    whole, traded = sum(amounts.values()), sum(days.values())
    return _Made(columns, rows, (None, traded, sum(counts.values()), Money(whole), _average(whole, traded)), bars=4)


# Goods


def _ask_articles(wanted: _Wanted) -> Sequence[Ask]:
    return (Ask("article", wanted.span, By.CODE),)


def _articles(wanted: _Wanted, found: Found) -> _Made:
    columns = (
        Column("article", later("Article")),
        Column("number", later("No."), Kind.TEXT, 2),
        Column("quantity", later("Quantity"), Kind.QUANTITY),
        Column("turnover", later("Amount"), Kind.MONEY),
        _SHARE,
    )
    sums = found[_ask_articles(wanted)[0]]
    names = _names("article", "name, number", sums)
    whole = _all(sums.values())
    rows = [
        (*names.get(code, (code, "")), Quantity(one.count), Money(one.amount), _share(one.amount, whole.amount))
        for code, one in _largest(sums)
    ]
    return _Made(columns, rows, (None, None, None, Money(whole.amount), None), bars=3, orders=(3, 2))


def _ask_categories(wanted: _Wanted) -> Sequence[Ask]:
    return (Ask("category", wanted.span, By.CODE),)


def _categories(wanted: _Wanted, found: Found) -> _Made:
    columns = (
        Column("category", later("Category")),
        Column("quantity", later("Quantity"), Kind.QUANTITY),
        Column("turnover", later("Amount"), Kind.MONEY),
        _SHARE,
    )
    sums = found[_ask_categories(wanted)[0]]
    names = _names("category", "name", sums)
    whole = _all(sums.values())
    rows = [
        (*names.get(code, (code or None,)), Quantity(one.count), Money(one.amount), _share(one.amount, whole.amount))
        for code, one in _largest(sums)
    ]
    return _Made(columns, rows, (None, None, Money(whole.amount), None), bars=2, orders=(2, 1))


def _largest(sums: Sums) -> list[tuple[str, Sum]]:
    return sorted(sums.items(), key=lambda item: (-item[1].amount, -item[1].count, item[0]))


def _names(table: str, columns: str, ids: Iterable[str], key: str = "id") -> dict[str, tuple[str, ...]]:
    """The names of many things by their ids."""
    wanted = sorted(ids)
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        for id_, *names in db.rows(f"SELECT {key}, {columns} FROM {table} WHERE {key} IN ({marks(some)})", some):
            found[str(id_)] = tuple(str(name) for name in names)
    return found


# People


_PEOPLE: Final = ("sales", "returns", "voids", "line_voids", "discounts", "drawer")


def _ask_staff(wanted: _Wanted) -> Sequence[Ask]:
    return tuple(Ask(figure, wanted.span, By.PERSON) for figure in _PEOPLE)


def _staff(wanted: _Wanted, found: Found) -> _Made:
    """Raw figures, no judgement: who often voids may only have the busiest till (N8)."""
    columns = (
        Column("person", later("Who")),
        Column("sales", later("Sales"), Kind.COUNT),
        Column("turnover", later("Amount"), Kind.MONEY),
        Column("average", later("Average"), Kind.MONEY, 2),
        Column("returns", later("Ret."), Kind.COUNT),
        Column("returned", later("Returned"), Kind.MONEY, 2),
        Column("voids", later("Voids"), Kind.COUNT),
        Column("voided", later("Voided"), Kind.MONEY, 2),
        Column("line_voids", later("Lines"), Kind.COUNT),
        Column("discounts", later("Disc."), Kind.COUNT),
        Column("discounted", later("Discounts"), Kind.MONEY, 2),
        Column("drawer", later("Opens"), Kind.COUNT),
    )
    by_figure = {ask.figure: found[ask] for ask in _ask_staff(wanted)}
    ids = sorted({person for sums in by_figure.values() for person in sums})
    names = _names("staff", "name", ids)

    def row(label: Cell, of: Callable[[str], Sum]) -> tuple[Cell, ...]:
        sales, returns, voids, line_voids, discounts, drawer = map(of, _PEOPLE)
        return (
            label, sales.count, Money(sales.amount), _average(sales.amount, sales.count),
            returns.count, Money(returns.amount), voids.count, Money(voids.amount), line_voids.count,
            discounts.count, Money(discounts.amount), drawer.count,
        )  # fmt: skip

    def of_person(person: str) -> tuple[Cell, ...]:
        return row(names.get(person, (person,))[0], lambda figure: by_figure[figure].get(person, Sum()))

    largest = sorted(ids, key=lambda person: (-by_figure["sales"].get(person, Sum()).amount, person))
    totals = row(None, lambda figure: _all(by_figure[figure].values()))
    return _Made(columns, [of_person(person) for person in largest], totals, bars=2, orders=(2, 1, 4, 6, 8, 9, 11))


# Tax and tenders


def _ask_tax(wanted: _Wanted) -> Sequence[Ask]:
    return (Ask("net", wanted.span, By.CODE), Ask("tax", wanted.span, By.CODE))


def _tax(wanted: _Wanted, found: Found) -> _Made:
    columns = (
        Column("tax", later("Tax")),
        Column("rate", later("Rate"), Kind.PERCENT),
        Column("net", later("Net"), Kind.MONEY),
        Column("amount", later("Tax"), Kind.MONEY),
        Column("gross", later("Gross"), Kind.MONEY),
    )
    net, tax = (found[ask] for ask in _ask_tax(wanted))
    codes = sorted({*net, *tax}, key=lambda code: (code.partition("/")[0], -_rate(code).hundredths))
    names = _names("tax", "name", {code.partition("/")[0] for code in codes}, "code")
    rows = []
    for code in codes:
        name = code.partition("/")[0]
        without, on_it = net.get(code, Sum()).amount, tax.get(code, Sum()).amount
        label = names.get(name, (name,))[0]
        rows.append((label, _rate(code), Money(without), Money(on_it), Money(without + on_it)))
    without, on_it = _all(net.values()).amount, _all(tax.values()).amount
    return _Made(columns, rows, (None, None, Money(without), Money(on_it), Money(without + on_it)), bars=4)


def _rate(code: str) -> Percent:
    rate = code.partition("/")[2]
    return Percent(int(rate)) if rate.isascii() and rate.isdigit() else Percent(0)


def _ask_tenders(wanted: _Wanted) -> Sequence[Ask]:
    return tuple(
        Ask(figure, span, By.CODE) for span in (wanted.span, wanted.compared) for figure in ("tender", "tender.back")
    )


def _tenders(wanted: _Wanted, found: Found) -> _Made:
    """What came in and went back by each, beside the period before."""
    columns = (
        Column("tender", later("Means of payment")),
        Column("count", later("Count"), Kind.COUNT, 2),
        Column("taken", later("Taken"), Kind.MONEY, 2),
        Column("given_back", later("Given back"), Kind.MONEY, 2),
        Column("net", later("Net"), Kind.MONEY),
        Column("before", later("Before"), Kind.MONEY, 1),
        Column("change", "+/-", Kind.CHANGE, 1),
    )
    taken, back, taken_before, back_before = (found[ask] for ask in _ask_tenders(wanted))
    codes = {*taken, *back, *taken_before, *back_before}
    places = _names("tender", "name, position", codes, "code")

    def row(label: Cell, now: Sum, given: Sum, before: Sum, given_before: Sum) -> tuple[Cell, ...]:
        net, past = Money(now.amount - given.amount), Money(before.amount - given_before.amount)
        return (label, now.count, Money(now.amount), Money(given.amount), net, past, _change(net, past))

    rows = [
        row(places.get(code, (code,))[0], *(sums.get(code, Sum()) for sums in (taken, back, taken_before, back_before)))
        for code in sorted(codes, key=lambda code: (int(places.get(code, ("", "9999"))[1]), code))
    ]
    totals = row(None, *(_all(sums.values()) for sums in (taken, back, taken_before, back_before)))
    return _Made(columns, rows, totals, bars=4, shades=5, compared=True)


# Counts


def _differences(wanted: _Wanted, found: Found) -> _Made:
    """Every count of the drawer, of open shifts too, and what differed (K-21)."""
    del found
    columns = (
        _DAY,
        Column("lane", later("Till"), Kind.TEXT, 2),
        Column("person", later("Who")),
        Column("expected", later("Expected"), Kind.MONEY, 1),
        Column("counted", later("Counted"), Kind.MONEY),
        Column("difference", later("Difference"), Kind.MONEY),
    )
    where, params = "shift.business_date BETWEEN ? AND ?", [*map(str, (wanted.span.first, wanted.span.last))]
    for column, value in (("shift.lane", wanted.lane), ('entry."by"', wanted.person)):
        if value is not None:
            where, params = f"{where} AND {column} = ?", [*params, value]
    rows: list[tuple[Cell, ...]] = [
        (date.fromisoformat(day), lane, name, Money(expected), Money(counted), Money(difference))
        for day, lane, name, expected, counted, difference in db.rows(
            'SELECT shift.business_date, shift.lane, COALESCE(staff.name, entry."by"), cash_count.expected, '
            "cash_count.counted, cash_count.difference FROM shift JOIN cash_count ON cash_count.shift = shift.id "
            'JOIN entry ON entry.id = cash_count.entry LEFT JOIN staff ON staff.id = entry."by" '
            f"WHERE {where} ORDER BY shift.business_date, entry.at, entry.id",
            params,
        )
    ]
    whole = sum(cell.minor for row in rows if isinstance(cell := row[5], Money))
    return _Made(columns, rows, (None, None, None, None, None, Money(whole)))


_RECIPES: Final = {
    "days": _Recipe(_ask_days, _days),
    "hours": _Recipe(_ask_hours, _hours),
    "weekdays": _Recipe(_ask_weekdays, _weekdays),
    "articles": _Recipe(_ask_articles, _articles),
    "categories": _Recipe(_ask_categories, _categories),
    "staff": _Recipe(_ask_staff, _staff),
    "tax": _Recipe(_ask_tax, _tax),
    "tenders": _Recipe(_ask_tenders, _tenders),
    "differences": _Recipe(lambda _wanted: (), _differences),
}
