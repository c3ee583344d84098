"""Where customers live: counted into the cells of a map of characters, and as GeoJSON for any map program (U-16).

Everything is asked in sets, a row of the map at a time along the key of the
coordinates. Who was merged adds points and turnover to whom he was merged into.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TextIO

from kiosk import db
from kiosk.clock import to_millis
from kiosk.i18n import clean_text
from kiosk.rules import map_grid
from kiosk.rules.map_grid import HIGHEST, Box, Grid
from kiosk.rules.permissions import Action, State
from kiosk.services import csv_files, staff
from kiosk.services.cards import BONUS
from kiosk.services.csv_files import amount_text
from kiosk.services.customer_lists import family_of, names_of
from kiosk.services.customer_rows import marks
from kiosk.services.journal import add_note
from kiosk.services.ledger import POINTS, POINTS_UNIT
from kiosk.services.report_totals import Progress
from kiosk.services.shop import Shop

MOST_NAMED: Final = 99
"""Customers of one cell that are named."""
YEAR: Final = timedelta(days=365)
"""Turnover on the map is that of so many days, up to now."""

_PAGE: Final = 500
_COARSE: Final = 1000
"""Millionths of a degree to which a place is rounded for those who may not take customers along: 100 metres."""

_PLACED: Final = "customer.latitude IS NOT NULL AND customer.state = 'active'"
_CELLS: Final = (
    f"FROM customer WHERE customer.latitude BETWEEN ? AND ? AND customer.longitude BETWEEN ? AND ? AND {_PLACED}"
)
_MEMBERS: Final = (
    "WITH RECURSIVE one (id, cell) AS (SELECT customer.id, (customer.longitude - ?) / ? "
    f"{_CELLS} UNION ALL "
    "SELECT customer.id, one.cell FROM one CROSS JOIN customer WHERE customer.merged_into = one.id) "
)


class Measure(StrEnum):
    """What a cell of the map stands for."""

    CUSTOMERS = "customers"
    POINTS = "points"
    TURNOVER = "turnover"
    """In minor units, of a year."""


_AMOUNTS: Final = {
    Measure.POINTS: (
        "SELECT one.cell, SUM(account.balance) FROM one CROSS JOIN card CROSS JOIN account "
        "WHERE card.customer = one.id AND card.kind = ? "
        "AND account.kind = ? AND account.unit = ? AND account.owner = card.id GROUP BY one.cell"
    ),
    Measure.TURNOVER: (
        "SELECT one.cell, SUM(sale.total - sale.rounding) FROM one CROSS JOIN sale "
        "WHERE sale.customer = one.id AND sale.at >= ? GROUP BY one.cell"
    ),
}


@dataclass(frozen=True, slots=True)
class Spot:
    """What is in one cell."""

    customers: int
    amount: int = 0
    """Of the measure: customers, points, or minor units."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Customers in the cells of a grid."""

    grid: Grid
    measure: Measure
    spots: Mapping[tuple[int, int], Spot]
    """By row and column; empty cells are absent."""
    placed: int
    """How many customers have coordinates, also outside this grid."""

    @property
    def shown(self) -> int:
        """How many of them are in this grid."""
        return sum(spot.customers for spot in self.spots.values())


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A customer of one cell."""

    id: str
    number: int
    called: str
    points: int
    banned: bool


def _nothing(done: int, of: int) -> None:
    del done, of


def look(
    shop: Shop,
    rows: int,
    columns: int,
    *,
    grid: Grid | None = None,
    measure: Measure = Measure.CUSTOMERS,
    by: str,
    progress: Progress = _nothing,
) -> Picture | None:
    """Count customers into cells; without a grid into the nearest one that shows all. None: nobody has coordinates.

    What ``progress`` raises ends the reading. Refuses: Denied. Source: U-16.
    """
    with db.snapshot():
        _may_look(shop, by)
        progress(0, rows + 1)
        box = _extent()
        if box is None:
            return None
        seen = map_grid.fitted(box, rows, columns) if grid is None else grid.sized(rows, columns)
        (placed,) = db.row(f"SELECT COUNT(*) FROM customer WHERE {_PLACED}") or (0,)
        spots: dict[tuple[int, int], Spot] = {}
        for row in range(rows):
            progress(row + 1, rows + 1)
            spots |= {(row, column): spot for column, spot in _row(shop, seen, row, measure).items()}
        progress(rows + 1, rows + 1)
        return Picture(seen, measure, spots, int(placed))


def who(shop: Shop, grid: Grid, row: int, column: int, *, by: str) -> tuple[Neighbour, ...]:
    """Who lives in a cell, the most points first; at most ``MOST_NAMED``, the eldest of them. Refuses: Denied."""
    with db.snapshot():
        _may_look(shop, by)
        found: list[str] = []
        for reach in grid.reaches(column, 1):
            found += [
                str(one)
                for (one,) in db.rows(
                    f"SELECT customer.id {_CELLS} ORDER BY customer.number LIMIT ?",
                    (*grid.band(row), reach.west, reach.east, MOST_NAMED - len(found)),
                )
            ]
        names, points = names_of(found), _points(found)
        made = [
            Neighbour(one, names[one].number, names[one].called, points.get(one, 0), names[one].banned) for one in found
        ]
        return tuple(sorted(made, key=lambda one: (-one.points, one.called.casefold(), one.number)))


def write_geojson(shop: Shop, target: Path | TextIO, *, by: str, progress: Progress = _nothing) -> int:
    """Write everybody who has coordinates as a point with points and turnover of a year; how many (RFC 7946).

    Numbers, names and exact places are for those who may export customers; for
    others a place is rounded to 100 metres. Refuses: Denied, BadFile, DiskFull, StorageFailed. Source: U-16.
    """
    with db.snapshot():
        staff.require(shop, by, Action.SEE_REPORTS)
        whole = staff.permission(shop, by, Action.EXPORT_CUSTOMERS) is State.ALLOWED
        if not whole:
            staff.require(shop, by, Action.SEE_CUSTOMERS)
        (placed,) = db.row(f"SELECT COUNT(*) FROM customer WHERE {_PLACED}") or (0,)
        count = 0
        with csv_files.open_target(target) as file:
            file.write('{"type": "FeatureCollection", "features": [')
            for page in _pages():
                progress(count, int(placed))
                for feature in _features(shop, page, whole):
                    file.write(f"{',' if count else ''}\n{feature}")
                    count += 1
            file.write("\n]}\n")
        progress(count, count)
        return count


def note_saved(shop: Shop, file: str, *, by: str) -> None:
    """Write down that a map of customers left the till. Refuses: Denied."""
    with db.transaction():
        _may_look(shop, by)
        add_note(shop, by, "report.saved", report="map", file=clean_text(file))


def _may_look(shop: Shop, by: str) -> None:
    staff.require(shop, by, Action.SEE_REPORTS)
    staff.require(shop, by, Action.SEE_CUSTOMERS)


def _extent() -> Box | None:
    found = db.row(f"SELECT MIN(latitude), MIN(longitude), MAX(latitude), MAX(longitude) FROM customer WHERE {_PLACED}")
    return None if found is None or found[0] is None else Box(*map(int, found))


def _row(shop: Shop, grid: Grid, row: int, measure: Measure) -> dict[int, Spot]:
    """The cells of one row that are not empty, by column."""
    found: dict[int, Spot] = {}
    for reach in grid.reaches():
        here = (reach.left, grid.across, *grid.band(row), reach.west, reach.east)
        counts = db.rows(f"SELECT (customer.longitude - ?) / ?, COUNT(*) {_CELLS} GROUP BY 1", here)
        amounts = dict(counts)
        if measure in _AMOUNTS and counts:
            more = (BONUS, POINTS, POINTS_UNIT) if measure is Measure.POINTS else (_a_year_ago(shop),)
            amounts = dict(db.rows(_MEMBERS + _AMOUNTS[measure], (*here, *more)))
        for column, count in counts:
            before = found.get(int(column), Spot(0))
            amount = before.amount + int(amounts.get(column, 0))
            found[int(column)] = Spot(before.customers + int(count), amount)
    return found


def _a_year_ago(shop: Shop) -> int:
    return to_millis(shop.clock.now() - YEAR)


def _pages() -> Iterator[Sequence[tuple[Any, ...]]]:
    """Id and place of everybody who has one, along the key of the coordinates."""
    after: tuple[Any, ...] = (-HIGHEST - 1, 0, "")
    while page := db.rows(
        f"SELECT latitude, longitude, id FROM customer WHERE {_PLACED} AND latitude >= ? "
        "AND (latitude, longitude, id) > (?, ?, ?) ORDER BY latitude, longitude, id LIMIT ?",
        (after[0], *after, _PAGE),
    ):
        yield page
        after = page[-1]


def _features(shop: Shop, page: Sequence[tuple[Any, ...]], whole: bool) -> Iterator[str]:
    ids = [str(one) for _latitude, _longitude, one in page]
    names = names_of(ids) if whole else {}
    points, turnover = _points(ids), _turnover(ids, _a_year_ago(shop))
    for latitude, longitude, one in page:
        said: dict[str, Any] = {}
        if whole:
            said = {"number": names[one].number, "name": names[one].called}
        said["points"] = points.get(one, 0)
        # Money is no float: it is written as the decimal number that it is.
        money = amount_text(turnover.get(one, 0), shop.settings.decimals)
        place = f"{_degrees(longitude, whole)}, {_degrees(latitude, whole)}"
        yield (
            f'{{"type": "Feature", "geometry": {{"type": "Point", "coordinates": [{place}]}}, '
            f'"properties": {json.dumps(said)[:-1]}, "turnover": {money}}}}}'
        )


def _degrees(millionths: int, whole: bool) -> str:
    """Degrees with six decimals: ten centimetres."""
    exact = millionths if whole else (millionths + _COARSE // 2) // _COARSE * _COARSE
    return amount_text(exact, 6)


def _points(customers: Sequence[str]) -> dict[str, int]:
    """How many points customers hold, on all cards of theirs and of those who were merged into them."""
    return _by_root(
        customers,
        "SELECT card.customer, SUM(account.balance) FROM card CROSS JOIN account WHERE card.customer IN ({marks}) "
        "AND card.kind = ? AND account.kind = ? AND account.unit = ? AND account.owner = card.id "
        "GROUP BY card.customer",
        (BONUS, POINTS, POINTS_UNIT),
    )


def _turnover(customers: Sequence[str], since: int) -> dict[str, int]:
    """What they bought since a moment, in minor units; voids and returns are taken off."""
    return _by_root(
        customers,
        "SELECT sale.customer, SUM(sale.total - sale.rounding) FROM sale "
        "WHERE sale.customer IN ({marks}) AND sale.at >= ? GROUP BY sale.customer",
        (since,),
    )


def _by_root(customers: Sequence[str], sql: str, params: Sequence[object]) -> dict[str, int]:
    family = family_of(customers)
    members = list(family)
    found: dict[str, int] = {}
    for start in range(0, len(members), _PAGE):
        some = members[start : start + _PAGE]
        for member, amount in db.rows(sql.format(marks=marks(some)), (*some, *params)):
            found[family[member]] = found.get(family[member], 0) + int(amount)
    return found
