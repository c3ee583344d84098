"""Lists of customers: birthdays, who stays away, the best, how many are new (D9-05).

A list is read along the keys and ends after its first ``MOST`` rows; how many
more there are is said. Who was merged counts as whom he was merged into. Who
is erased is a number in what was turned over, and stands in no other list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from heapq import heappush, heapreplace, nsmallest
from typing import Any, Final

from kiosk import db
from kiosk.clock import from_millis
from kiosk.errors import NotFound
from kiosk.i18n import later
from kiosk.money import Money
from kiosk.receipts.report import LISTS, Cell, Column, Kind, Report
from kiosk.rules.permissions import Action
from kiosk.rules.spans import Span, month_of
from kiosk.services import staff
from kiosk.services.customer_rows import CustomerForm, marks
from kiosk.services.customer_rows import Kind as Sort
from kiosk.services.report_parts import Made, Wanted, average, change, share
from kiosk.services.report_totals import Progress
from kiosk.services.shop import Shop

NAMES: Final = tuple(LISTS)
"""The names of the lists, in the order in which they are listed."""

WITHOUT_NAMES: Final = frozenset({"new"})
"""The lists that say nothing of any one customer."""

MOST: Final = 2000
"""Rows of a list."""
BANNED: Final = "x"
"""The mark of whom the shop does not serve."""

_AT_ONCE: Final = 500
_PAGE: Final = 2000
"""Customers that are looked at in one step: a moment, so that reading can be stopped."""
_STRIDE: Final = 20_000
"""Customers that are counted in one step."""
_QUARTER_MILLIS: Final = 900_000
"""Every time zone begins its day at a quarter of an hour."""
_PIECE: Final = 31
"""Days that are read in one step."""
_MONTHS: Final = 12

_CUSTOMER: Final = Column("customer", later("Customer"))
_NUMBER: Final = Column("number", later("No."), Kind.TEXT, 2)
_BANNED: Final = Column("banned", later("Banned"), Kind.TEXT, 2)

_SOLD: Final = (
    "sale.kind NOT IN ('return', 'void') AND NOT EXISTS (SELECT 1 FROM sale gone WHERE gone.original = sale.id "
    "AND gone.kind = 'void')"
)
"""Sales that stand: what was voided was none."""


@dataclass(frozen=True, slots=True)
class Named:
    """A customer as a list names him."""

    number: int
    called: str
    banned: bool

    @property
    def cells(self) -> tuple[str, str]:
        """His name and his number."""
        return self.called, str(self.number)

    @property
    def mark(self) -> str | None:
        """What says that he is banned."""
        return BANNED if self.banned else None


def _nothing(done: int, of: int) -> None:
    del done, of


def read(
    shop: Shop,
    name: str,
    span: Span,
    *,
    lane: str | None = None,
    person: str | None = None,
    export: bool = False,
    by: str,
    progress: Progress = _nothing,
) -> Report:
    """A list over some days; only the best can be those of one lane or person.

    ``export``: names leave the till, which is another right than to see them.
    What ``progress`` raises ends the reading. Refuses: Denied, NotFound (a list, a lane or a person). Source: D9-05.
    """
    with db.snapshot():
        staff.require(shop, by, Action.SEE_REPORTS)
        if name not in WITHOUT_NAMES:
            staff.require(shop, by, Action.EXPORT_CUSTOMERS if export else Action.SEE_CUSTOMERS)
        if name not in LISTS:
            raise NotFound(what="report", code=name)
        if lane is not None and db.row("SELECT 1 FROM lane WHERE id = ?", (lane,)) is None:
            raise NotFound(what="lane", code=lane)
        whose = "" if person is None else staff.person(shop, person).name
        now = shop.clock.now()
        narrowed = name == "best"
        wanted = Wanted(shop, span, span, lane, person)
        listed = _LISTS[name](wanted, progress)
        return Report(
            name=name,
            span=listed.span,
            columns=listed.made.columns,
            rows=tuple(listed.made.rows),
            totals=listed.made.totals if listed.made.rows else (),
            at=shop.clock.local(now),
            lane=(lane or "") if narrowed else "",
            person=whose if narrowed else "",
            bars=listed.made.bars,
            orders=listed.made.orders,
            more=listed.more,
        )


@dataclass(frozen=True, slots=True)
class _Listed:
    """What came of it, of which days, and how many rows were left out."""

    made: Made
    span: Span
    more: int = 0


# Birthdays


def _birthdays(wanted: Wanted, progress: Progress) -> _Listed:
    """Who has a birthday in these days, at most a year; of 29 February in a plain year on the 28th."""
    columns = (
        _CUSTOMER,
        _NUMBER,
        Column("day", later("Birthday"), Kind.DAY),
        Column("turns", later("Turns"), Kind.COUNT),
        Column("last_visit", later("Last visit"), Kind.DAY, 1),
        _BANNED,
    )
    first = wanted.span.first
    again = first.replace(year=first.year + 1, day=28 if (first.month, first.day) == (2, 29) else first.day)
    span = Span(first, min(wanted.span.last, again - timedelta(days=1)))
    found: list[tuple[str, date, int]] = []
    more = 0
    for step in range(span.days):
        progress(step, span.days + 1)
        day = span.first + timedelta(days=step)
        for key in _birthday_keys(day):
            more += _born_on(key, day, found)
    names = names_of(customer for customer, _day, _turns in found)
    visits = _last_visits(family_of(names), wanted.shop.clock.business_date(wanted.shop.clock.now()))
    found.sort(key=lambda one: (one[1], names[one[0]].called.casefold(), names[one[0]].number))
    rows = [(*names[one].cells, day, turns, visits.get(one), names[one].mark) for one, day, turns in found]
    progress(span.days + 1, span.days + 1)
    return _Listed(Made(columns, rows), span, more)


def _birthday_keys(day: date) -> tuple[str, ...]:
    """The month and day of birth of those who have their birthday then."""
    leap_day_is_missing = (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3
    return (f"{day:%m-%d}", "02-29") if leap_day_is_missing else (f"{day:%m-%d}",)


def _born_on(key: str, day: date, found: list[tuple[str, date, int]]) -> int:
    """Add who was born on a day of an earlier year, as far as there is room; how many more there are."""
    where = "substr(birth_date, 6) = ? AND birth_date IS NOT NULL AND state = 'active' AND birth_date < ?"
    params = (key, f"{day.year:04d}")
    room = MOST - len(found)
    some = db.rows(f"SELECT id, birth_date FROM customer WHERE {where} LIMIT ?", (*params, room + 1))
    found += [(str(one), day, day.year - int(born[:4])) for one, born in some[:room]]
    if len(some) <= room:
        return 0
    (all_of_them,) = db.row(f"SELECT COUNT(*) FROM customer WHERE {where}", params) or (0,)
    return int(all_of_them) - room


# Who stays away


def _dormant(wanted: Wanted, progress: Progress) -> _Listed:
    """Who bought something once, and nothing in the shop's number of days up to the last one; the latest first."""
    columns = (
        _CUSTOMER,
        _NUMBER,
        Column("last_visit", later("Last visit"), Kind.DAY),
        Column("sales", later("Sales"), Kind.COUNT, 2),
        Column("turnover", later("Spent"), Kind.MONEY),
        _BANNED,
    )
    shop = wanted.shop
    last = min(wanted.span.last, shop.clock.business_date(shop.clock.now()))
    span = Span(last - timedelta(days=shop.settings.dormant_days - 1), last)
    kept: list[tuple[str, int, str]] = []
    count = 0
    for number, customer, visit in _visits(last, progress):
        if visit < span.first.isoformat():
            count += 1
            one = (visit, -number, customer)
            if len(kept) < MOST:
                heappush(kept, one)
            elif one > kept[0]:
                heapreplace(kept, one)
    kept.sort(reverse=True)
    family = family_of(customer for _visit, _number, customer in kept)
    names, spent = names_of(family.values()), _spent(family, last)
    rows: list[tuple[Cell, ...]] = []
    for visit, _number, customer in kept:
        sales, amount = spent.get(customer, (0, 0))
        one_name = names[customer]
        rows.append((*one_name.cells, date.fromisoformat(visit), sales, Money(amount), one_name.mark))
    return _Listed(Made(columns, rows, bars=4, orders=(2, 4, 3)), span, count - len(rows))


def _visits(last: date, progress: Progress) -> Iterator[tuple[int, str, str]]:
    """Number, id and the last day on which he bought something, of every customer who ever did."""
    visit = (
        f"(SELECT business_date FROM sale WHERE sale.customer = customer.id AND sale.business_date <= ? AND {_SOLD} "
        "ORDER BY sale.customer DESC, sale.at DESC LIMIT 1)"
    )
    day = last.isoformat()
    links = merged()
    of_merged: dict[str, str] = {}
    for some in _chunks(sorted(links)):
        for one, seen in db.rows(f"SELECT id, {visit} FROM customer WHERE id IN ({marks(some)})", (day, *some)):
            of_merged[links[one]] = max(of_merged.get(links[one], ""), seen or "")
    (highest,) = db.row("SELECT MAX(number) FROM customer") or (None,)
    done, of = 0, int(highest or 0)
    while done < of:
        progress(done, of)
        page = db.rows(
            f"SELECT number, id, state, {visit} FROM customer WHERE number > ? ORDER BY number LIMIT ?",
            (day, done, _PAGE),
        )
        for number, customer, state, seen in page:
            found = max(seen or "", of_merged.get(customer, ""))
            if state == "active" and found:
                yield int(number), str(customer), found
        done = int(page[-1][0])
    progress(of, of)


def _spent(family: Mapping[str, str], last: date) -> dict[str, tuple[int, int]]:
    """How often, and how much: of each root by its members, up to a day."""
    found: dict[str, tuple[int, int]] = {}
    for some in _chunks(list(family)):
        for member, sales, amount in db.rows(
            f"SELECT sale.customer, SUM(CASE WHEN {_SOLD} THEN 1 ELSE 0 END), SUM(sale.total - sale.rounding) "
            f"FROM sale WHERE sale.customer IN ({marks(some)}) AND sale.business_date <= ? GROUP BY sale.customer",
            (*some, last.isoformat()),
        ):
            root = family[member]
            before = found.get(root, (0, 0))
            found[root] = (before[0] + int(sales), before[1] + int(amount))
    return found


def _last_visits(family: Mapping[str, str], last: date) -> dict[str, date]:
    """The last day on which each root bought something, by its members."""
    found: dict[str, date] = {}
    for some in _chunks(list(family)):
        for member, day in db.rows(
            "SELECT id, (SELECT business_date FROM sale WHERE sale.customer = customer.id AND sale.business_date <= ? "
            f"AND {_SOLD} ORDER BY sale.customer DESC, sale.at DESC LIMIT 1) "
            f"FROM customer WHERE id IN ({marks(some)})",
            (last.isoformat(), *some),
        ):
            if day:
                root, seen = family[member], date.fromisoformat(day)
                found[root] = max(found.get(root, seen), seen)
    return found


# The best


def _best(wanted: Wanted, progress: Progress) -> _Listed:
    """By turnover; the totals are those of all customers, also of those who are not listed."""
    columns = (
        _CUSTOMER,
        _NUMBER,
        Column("sales", later("Sales"), Kind.COUNT),
        Column("turnover", later("Turnover"), Kind.MONEY),
        Column("average", later("Average"), Kind.MONEY, 2),
        Column("share", later("Share"), Kind.PERCENT, 1),
        _BANNED,
    )
    counts, amounts = _turnovers(wanted, progress)
    whole = sum(amounts.values())
    best = nsmallest(MOST, amounts, key=lambda one: (-amounts[one], -counts[one], one))
    names = names_of(best)
    rows = [
        (
            *names[one].cells,
            counts[one],
            Money(amounts[one]),
            average(amounts[one], counts[one]),
            share(amounts[one], whole),
            names[one].mark,
        )
        for one in best
    ]
    sales = sum(counts.values())
    totals = (None, None, sales, Money(whole), average(whole, sales), None, None)
    return _Listed(Made(columns, rows, totals, bars=3, orders=(3, 2, 4)), wanted.span, len(amounts) - len(rows))


def _turnovers(wanted: Wanted, progress: Progress) -> tuple[dict[str, int], dict[str, int]]:
    """How often, and how much, by root. Voids and returns are taken off; the day of what is written counts."""
    where, params = "sale.business_date BETWEEN ? AND ?", list[object]()
    for column, value in (("sale.lane", wanted.lane), ('sale."by"', wanted.person)):
        if value is not None:
            where, params = f"{where} AND {column} = ?", [*params, value]
    # No index has both the day and the customer; that of the day is meant, never that of all who ever bought.
    where += " AND COALESCE(sale.customer, '') <> ''"
    links, pieces = merged(), list(wanted.span.pieces(_PIECE))
    counts: dict[str, int] = {}
    amounts: dict[str, int] = {}
    for done, piece in enumerate(pieces):
        progress(done, len(pieces))
        for customer, sales, amount in db.rows(
            f"SELECT sale.customer, SUM(CASE WHEN {_SOLD} THEN 1 ELSE 0 END), SUM(sale.total - sale.rounding) "
            f"FROM sale WHERE {where} GROUP BY sale.customer",
            (piece.first.isoformat(), piece.last.isoformat(), *params),
        ):
            root = links.get(customer, str(customer))
            counts[root] = counts.get(root, 0) + int(sales)
            amounts[root] = amounts.get(root, 0) + int(amount)
    progress(len(pieces), len(pieces))
    return counts, amounts


# New ones


def _new(wanted: Wanted, progress: Progress) -> _Listed:
    """Each month of these days whole, at least the year up to the last one; who was merged is no new one."""
    columns = (
        Column("month", later("Month"), Kind.MONTH),
        Column("customers", later("New"), Kind.COUNT),
        Column("persons", later("Persons"), Kind.COUNT, 1),
        Column("companies", later("Companies"), Kind.COUNT, 1),
        Column("month_before", later("Month before"), Kind.COUNT, 2),
        Column("change", "+/-", Kind.CHANGE, 1),
    )
    last = min(wanted.span.last, wanted.shop.clock.today()).replace(day=1)
    first = min(wanted.span.first.replace(day=1), _months_back(last, _MONTHS - 1))
    found = _created(wanted.shop, progress)
    rows: list[tuple[Cell, ...]] = []
    months = [first]
    while months[-1] < last:
        months.append(_months_back(months[-1], -1))
    for month in months:
        persons, companies = (found[sort, month] for sort in Sort)
        before = sum(found[sort, _months_back(month, 1)] for sort in Sort)
        now = persons + companies
        rows.append((month, now, persons, companies, before, change(Money(now), Money(before))))
    all_of = [sum(found[sort, month] for month in months) for sort in Sort]
    totals = (None, sum(all_of), *all_of, None, None)
    return _Listed(Made(columns, rows, totals, bars=1), Span(first, month_of(last).last))


def _created(shop: Shop, progress: Progress) -> Counter[tuple[Sort, date]]:
    """How many persons and companies were written down in each month of the shop's wall clock."""
    (highest,) = db.row("SELECT MAX(number) FROM customer") or (None,)
    of = int(highest or 0)
    found: Counter[tuple[Sort, date]] = Counter()
    for done in range(0, of, _STRIDE):
        progress(done, of)
        for sort, quarter, count in db.rows(
            f"SELECT kind, created_at / {_QUARTER_MILLIS}, COUNT(*) FROM customer "
            "WHERE number > ? AND number <= ? AND state IN ('active', 'erased') GROUP BY 1, 2",
            (done, done + _STRIDE),
        ):
            day = shop.clock.local(from_millis(int(quarter) * _QUARTER_MILLIS)).date()
            found[Sort(sort), day.replace(day=1)] += int(count)
    progress(of, of)
    return found


def _months_back(month: date, months: int) -> date:
    """The first day of the month that is so many before; below nothing: after."""
    place = month.year * 12 + month.month - 1 - months
    return date(place // 12, place % 12 + 1, 1)


# Whom


def merged() -> dict[str, str]:
    """Whom each merged customer was merged into in the end: few, of however many there are (N24)."""
    links = dict(db.rows("SELECT id, merged_into FROM customer WHERE merged_into IS NOT NULL"))

    def root(one: str) -> str:
        while one in links:
            one = links[one]
        return one

    return {one: root(one) for one in links}


def family_of(roots: Iterable[str]) -> dict[str, str]:
    """All who are one with these, by id, and with whom; these too."""
    found = {root: root for root in roots}
    ahead = list(found)
    while ahead:
        some, ahead = ahead[:_AT_ONCE], ahead[_AT_ONCE:]
        for member, into in db.rows(f"SELECT id, merged_into FROM customer WHERE merged_into IN ({marks(some)})", some):
            found[member] = found[into]
            ahead.append(member)
    return found


def names_of(customers: Iterable[str]) -> dict[str, Named]:
    """What customers are called, by id; whoever has no name is called by his number."""
    found: dict[str, Named] = {}
    for some in _chunks(list(dict.fromkeys(customers))):
        for one, number, kind, name, nickname, company, banned in db.rows(
            f"SELECT id, number, kind, name, nickname, company, banned FROM customer WHERE id IN ({marks(some)})", some
        ):
            form = CustomerForm(kind=Sort(kind), name=name, nickname=nickname, company=company)
            found[one] = Named(int(number), form.called or f"#{number}", banned is not None)
    return found


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


_LISTS: Final = {"birthdays": _birthdays, "dormant": _dormant, "best": _best, "new": _new}
