"""What the reports are made with: what is wanted, what comes of it, arithmetic, names (Q-22)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from kiosk import db
from kiosk.i18n import later
from kiosk.money import Money, Percent, half_up
from kiosk.receipts.report import Cell, Column, Kind
from kiosk.rules.spans import Span
from kiosk.services.catalogue_rows import marks
from kiosk.services.day_totals import By
from kiosk.services.report_totals import Ask, Found, Sum
from kiosk.services.shop import Shop

MOST_DAYS: Final = 92
"""Longer spans are told by the month."""

_AT_ONCE: Final = 400

DAY: Final = Column("day", later("Day"), Kind.DAY)
SALES: Final = Column("sales", later("Sales"), Kind.COUNT, 2)
TURNOVER: Final = Column("turnover", later("Turnover"), Kind.MONEY)
SHARE: Final = Column("share", later("Share"), Kind.PERCENT, 1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to read."""

    shop: Shop
    span: Span
    compared: Span
    lane: str | None
    person: str | None


@dataclass(frozen=True, slots=True)
class Made:
    """What came of it."""

    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]
    totals: tuple[Cell, ...] = ()
    bars: int | None = None
    shades: int | None = None
    orders: tuple[int, ...] = ()
    compared: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """The figures that a report is made of, and how."""

    asks: Callable[[Wanted], Sequence[Ask]]
    make: Callable[[Wanted, Found], Made]


# Time


def monthly(wanted: Wanted) -> bool:
    """Whether it is told by the month rather than by the day."""
    return wanted.span.days > MOST_DAYS


def turnover_by_time(wanted: Wanted, span: Span) -> Ask:
    """Of everybody it is kept by tax rate; of one person by the hour, which comes to the same."""
    return Ask("turnover" if wanted.person is None else "hour", span, unit_of_time(wanted))


def unit_of_time(wanted: Wanted) -> By:
    """Days or months."""
    return By.MONTH if monthly(wanted) else By.DAY


def month_of_day(day: str) -> str:
    """The first day of a day's month, both as ISO 8601."""
    return f"{day[:7]}-01"


# Arithmetic


def share(part: int, whole: int) -> Percent | None:
    """What part it is of the whole, to a tenth of a percent; None of nothing."""
    return Percent(half_up(part * 1000, whole) * 10) if whole > 0 else None


def change(now: Money, before: Money | None) -> Percent | None:
    """How much more or less it is, in whole percents; None beside nothing."""
    return Percent(half_up((now.minor - before.minor) * 100, abs(before.minor)) * 100) if before else None


def average(amount: int, count: int) -> Money | None:
    """An amount in minor units by how many; None of none."""
    return Money(half_up(amount, count)) if count else None


def whole_of(sums: Iterable[Sum]) -> Sum:
    """All of them together."""
    return sum(sums, Sum())


# Names


def names_of(table: str, columns: str, ids: Iterable[str], key: str = "id") -> dict[str, tuple[str, ...]]:
    """The names of many things by their ids."""
    wanted = sorted(ids)
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        for id_, *names in db.rows(f"SELECT {key}, {columns} FROM {table} WHERE {key} IN ({marks(some)})", some):
            found[str(id_)] = tuple(str(name) for name in names)
    return found
