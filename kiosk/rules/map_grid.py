"""A map of characters: which cell of it a place falls into, and how it is moved (U-16).

Latitude and longitude are kept in millionths of a degree. The projection is
the plain one, equirectangular around the middle latitude: a row is so many
millionths of latitude, a column as wide on the ground as half a row is high,
for a cell of a terminal is twice as high as it is wide. It is right for a town
and good enough for a country; whole numbers only, so that a place is in
exactly one cell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, isqrt, radians
from typing import Final

DEGREE: Final = 1_000_000
HIGHEST: Final = 90 * DEGREE
TURN: Final = 360 * DEGREE
HALF_TURN: Final = 180 * DEGREE

STEPS: Final = tuple(
    digit * 10**power for power in range(1, 8) for digit in (1, 2, 5) if digit * 10**power <= 20 * DEGREE
)
"""Millionths of latitude that a row may be: from one metre to 20 degrees."""

CLOSE: Final = 200
"""A row of 22 metres: nearer than this nobody begins to look."""

_NARROWEST: Final = 0.01
"""Of a degree of longitude near the poles, as a part of one at the equator."""
_MILLIMETRES: Final = 111
"""A millionth of a degree of latitude on the ground."""
_LONGEST_SCALE: Final = 12
"""Columns of the line that says how far is how long."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere on the ground, in millionths of a degree."""

    latitude: int
    longitude: int


@dataclass(frozen=True, slots=True)
class Box:
    """What lies between two latitudes and two longitudes, these included."""

    south: int
    west: int
    north: int
    east: int

    @property
    def middle(self) -> Place:
        """What lies in the middle of it."""
        return Place((self.south + self.north) // 2, (self.west + self.east) // 2)


@dataclass(frozen=True, slots=True)
class Reach:
    """Longitudes, both ends included, that lie side by side in a grid."""

    west: int
    east: int
    left: int
    """Where the first column begins, counted on from these: it may lie beyond the date line."""


@dataclass(frozen=True, slots=True)
class Grid:
    """So many rows and columns of cells around the middle."""

    middle: Place
    step: int
    """Millionths of latitude of a row; one of ``STEPS``."""
    rows: int
    columns: int

    @property
    def across(self) -> int:
        """Millionths of longitude of a column."""
        narrow = max(_NARROWEST, cos(radians(self.middle.latitude / DEGREE)))
        return max(1, round(self.step / (2 * narrow)))

    @property
    def top(self) -> int:
        """The highest latitude of the first row."""
        return self.middle.latitude + self.rows * self.step // 2

    @property
    def left(self) -> int:
        """The first longitude of the first column."""
        return _around(self.middle.longitude - self.columns * self.across // 2)

    def cell_of(self, place: Place) -> tuple[int, int] | None:
        """The row and the column that a place is in; None: in none of this grid."""
        row = (self.top - place.latitude) // self.step
        column = (place.longitude - self.left) % TURN // self.across
        inside = 0 <= row < self.rows and column < self.columns
        return (row, column) if inside else None

    def place_of(self, row: int, column: int) -> Place:
        """The middle of a cell."""
        latitude = self.top - row * self.step - self.step // 2
        longitude = _around(self.left + column * self.across + self.across // 2)
        return Place(max(-HIGHEST, min(HIGHEST, latitude)), longitude)

    def band(self, row: int) -> tuple[int, int]:
        """The lowest and the highest latitude of a row."""
        north = self.top - row * self.step
        return north - self.step + 1, north

    def reaches(self, first: int = 0, columns: int | None = None) -> tuple[Reach, ...]:
        """The longitudes of some columns, of all by default: two reaches where the date line runs between them."""
        left = self.left
        start = left + first * self.across
        width = (self.columns - first if columns is None else columns) * self.across
        last = min(start + width, left + TURN) - 1
        parts = []
        if start <= HALF_TURN:
            parts.append(Reach(start, min(last, HALF_TURN), left))
        if last >= HALF_TURN:
            parts.append(Reach(max(start - TURN, -HALF_TURN), last - TURN, left - TURN))
        return tuple(parts)

    def sized(self, rows: int, columns: int) -> Grid:
        """The same middle and step with another number of cells."""
        return replace(self, rows=rows, columns=columns)

    def panned(self, rows: int, columns: int) -> Grid:
        """Moved by so many cells, down and to the right; stops at the poles, goes on around the world."""
        latitude = max(-HIGHEST, min(HIGHEST, self.middle.latitude - rows * self.step))
        return replace(self, middle=Place(latitude, _around(self.middle.longitude + columns * self.across)))

    def zoomed(self, by: int, around: Place) -> Grid:
        """So many steps nearer, or farther below nothing, with a place in the middle; stops at both ends."""
        place = max(0, min(len(STEPS) - 1, STEPS.index(self.step) - by))
        return replace(self, middle=around, step=STEPS[place])

    @property
    def scale(self) -> tuple[int, int]:
        """A round distance in metres, and how many columns it is long."""
        column = max(1, self.step * _MILLIMETRES // 2)
        found = (1, 1)
        for power in range(8):
            for digit in (1, 2, 5):
                metres = digit * 10**power
                if metres * 1000 <= _LONGEST_SCALE * column:
                    found = (metres, max(1, round(metres * 1000 / column)))
        return found


def fitted(box: Box, rows: int, columns: int) -> Grid:
    """The nearest grid that shows all of a box."""
    corners = [Place(latitude, longitude) for latitude in (box.south, box.north) for longitude in (box.west, box.east)]
    for step in STEPS:
        grid = Grid(box.middle, step, rows, columns)
        width, height = columns * grid.across, rows * step
        fits = box.north - box.south < height and box.east - box.west < width
        if step >= CLOSE and fits and all(grid.cell_of(corner) is not None for corner in corners):
            return grid
    return Grid(box.middle, STEPS[-1], rows, columns)


def bounds(most: int) -> tuple[int, ...]:
    """From how much on a cell has which glyph, up to four; each is about as many times the one before."""
    if most < 1:
        return ()
    half = isqrt(most)
    low = max(2, isqrt(half))
    return tuple(sorted({1, *(bound for bound in (low, half, most // low) if 1 < bound <= most)}))


def _around(longitude: int) -> int:
    """The same longitude between -180 and 180 degrees."""
    return (longitude + HALF_TURN) % TURN - HALF_TURN
