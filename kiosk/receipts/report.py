"""A report: columns and rows as plain values, and the same on paper. Screen, CSV and PDF are made of it too (Q-22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from kiosk.i18n import _, clean_text, date_text, later, money_text, percent_text, quantity_text, stamp_text
from kiosk.money import Money, Percent, Quantity
from kiosk.receipts.paper import Blank, Centre, Cut, Document, Left, Rule, Split
from kiosk.rules.spans import Span


class Kind(StrEnum):
    """What stands in a column, and as what type."""

    TEXT = "text"
    """A name, ``str``."""
    DAY = "day"
    """``date``."""
    MONTH = "month"
    """The first day of it, ``date``."""
    HOUR = "hour"
    """0 to 23, ``int``."""
    WEEKDAY = "weekday"
    """0 is Monday, ``int``."""
    MONEY = "money"
    COUNT = "count"
    """``int``."""
    QUANTITY = "quantity"
    PERCENT = "percent"
    CHANGE = "change"
    """``Percent`` that something is more or less than before, with its sign."""


FIGURES: Final = frozenset({Kind.MONEY, Kind.COUNT, Kind.QUANTITY, Kind.PERCENT, Kind.CHANGE})
"""What stands at the right of its column."""

Cell = str | int | date | Money | Quantity | Percent | None
"""None: there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a report."""

    name: str
    """What it is called in files, in every language."""
    title: str
    """What stands above it, in English."""
    kind: Kind = Kind.TEXT
    rank: int = 0
    """How soon it gives way where there is no room: 0 never, 1 for the bars' sake too, 2 first."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was sold, by whom, when: as it is shown, printed, drawn and written to a file."""

    name: str
    span: Span
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[Cell, ...]
    """Of all rows, a cell to each column; empty where nothing adds up."""
    at: datetime
    """When it was read, on the shop's wall clock."""
    lane: str = ""
    """Only this one; empty: all."""
    person: str = ""
    """Only this one, by name; empty: everybody."""
    compared: Span | None = None
    """What it is compared with, where there is a period before beside it."""
    bars: int | None = None
    """The column that is drawn as bars."""
    shades: int | None = None
    """The column that is drawn behind them: what was before."""
    orders: tuple[int, ...] = ()
    """The columns by which it may be put in order, the largest first; the first of them is how it came."""
    trend: tuple[int, ...] = ()
    """Turnover in minor units, day by day; of a single day hour by hour, of a long time month by month."""
    more: int = 0
    """How many rows there are beyond these, where so many were never read."""

    @property
    def title(self) -> str:
        """What it is called, in English."""
        return title_of(self.name)

    @property
    def personal(self) -> bool:
        """Whether it names customers: then its first two columns are name and number."""
        return bool(self.columns) and self.columns[0].name == "customer"

    def ordered(self, place: int) -> Report:
        """The same with the largest of one column first, which is what the bars then show."""
        rows = sorted(self.rows, key=lambda row: (-size(row[place]), *map(str, row)))
        return replace(self, rows=tuple(rows), bars=place, shades=None if place != self.bars else self.shades)


TITLES: Final = {
    "days": later("Turnover by day"),
    "hours": later("Hours"),
    "weekdays": later("Weekdays"),
    "articles": later("Articles"),
    "categories": later("Categories"),
    "staff": later("Staff"),
    "tax": later("Tax"),
    "tenders": later("Means of payment"),
    "differences": later("Drawer counts"),
}
"""Every report by its name, in the order in which they are listed."""

LISTS: Final = {
    "birthdays": later("Birthdays"),
    "dormant": later("Dormant customers"),
    "best": later("Best customers"),
    "new": later("New customers"),
}
"""Every list of customers by its name, in the order in which they are listed."""

MOST_ON_PAPER: Final = 60
"""Rows that are printed on a roll; a file has them all."""

_WEEKDAYS: Final = (
    later("Monday"),
    later("Tuesday"),
    later("Wednesday"),
    later("Thursday"),
    later("Friday"),
    later("Saturday"),
    later("Sunday"),
)
_MONTHS: Final = (
    later("January"),
    later("February"),
    later("March"),
    later("April"),
    later("May"),
    later("June"),
    later("July"),
    later("August"),
    later("September"),
    later("October"),
    later("November"),
    later("December"),
)


def title_of(name: str) -> str:
    """What a report or a list is called, in English."""
    return TITLES.get(name) or LISTS[name]


def cell_text(cell: Cell, kind: Kind) -> str:
    """A cell as people read it, in the language that is spoken; empty for nothing."""
    match cell:
        case None:
            return ""
        case Money():
            return money_text(cell)
        case Quantity():
            return quantity_text(cell)
        case Percent():
            sign = "+" if kind is Kind.CHANGE and cell.hundredths > 0 else ""
            return f"{sign}{percent_text(cell)} %"
        case date():
            return month_text(cell) if kind is Kind.MONTH else date_text(cell)
        case int():
            return _number_text(cell, kind)
        case _:
            return clean_text(cell)


def _number_text(number: int, kind: Kind) -> str:
    if kind is Kind.WEEKDAY:
        return _(_WEEKDAYS[number])
    if kind is Kind.HOUR:
        return f"{number:02d}-{(number + 1) % 24:02d}"
    return quantity_text(Quantity.of(number))


def month_text(day: date) -> str:
    """A month such as ``November 2026``."""
    return f"{_(_MONTHS[day.month - 1])} {day.year}"


def span_text(span: Span) -> str:
    """A span such as ``22.11.2026``, ``November 2026`` or ``01.11.2026 - 22.11.2026``."""
    if span.is_year:
        return str(span.first.year)
    if span.is_month:
        return month_text(span.first)
    return date_text(span.first) if span.days == 1 else f"{date_text(span.first)} - {date_text(span.last)}"


def of_whom(report: Report) -> str:
    """Which tills and people it counts, where not all."""
    parts = [_("Till {lane}").format(lane=clean_text(report.lane))] if report.lane else []
    return " · ".join([*parts, clean_text(report.person)] if report.person else parts)


def lay_out(report: Report, shop: str, *, most: int | None = MOST_ON_PAPER, training: bool = False) -> Document:
    """Lay a report out: a row to a line, what has no room there below it. ``most``: rows at most; None: all."""
    rows = report.rows if most is None else report.rows[:most]
    document = [
        *([Centre(_("TRAINING"), big=True, bold=True)] if training else []),
        Centre(clean_text(shop)),
        Centre(_(report.title), bold=True),
        Centre(span_text(report.span)),
        *([Centre(of_whom(report))] if report.lane or report.person else []),
        *(
            [Centre(_("beside {span}").format(span=span_text(report.compared)))]
            if report.compared is not None and report.compared.days
            else []
        ),
        Rule(),
        *(element for row in rows for element in _row(report, row)),
    ]
    if not rows:
        document.append(Left(_("There is nothing in these days.")))
    left_out = len(report.rows) - len(rows) + report.more
    if left_out:
        document.append(Left(_("... and {count} more rows.").format(count=left_out)))
    if report.totals:
        document += [Rule(), *_row(report, report.totals, bold=True)]
    return (*document, Rule(), Left(stamp_text(report.at)), Blank(), Cut())


def _row(report: Report, row: Sequence[Cell], *, bold: bool = False) -> list[Split | Left]:
    columns = report.columns
    main = report.bars if report.bars is not None else len(columns) - 1
    label = cell_text(row[0], columns[0].kind) or (_("Total") if bold else "-")
    lines: list[Split | Left] = [Split(label, cell_text(row[main], columns[main].kind), bold=bold)]
    rest = [
        f"{_(column.title)} {text}"
        for place, column in enumerate(columns)
        if place not in {0, main} and (text := cell_text(row[place], column.kind)) and _says(row[place])
    ]
    return [*lines, *([Left("  " + ", ".join(rest))] if rest else [])]


def _says(cell: Cell) -> bool:
    """Whether paper is spent on it: zeros say nothing there."""
    return bool(cell)


def size(cell: Cell) -> int:
    """How much a cell is, to be compared with others of its column."""
    match cell:
        case Money():
            return cell.minor
        case Quantity():
            return cell.thousandths
        case Percent():
            return cell.hundredths
        case int():
            return cell
    return 0
