"""Customers on a map of characters: one glyph to a cell, the heavier the more, and brackets around the chosen one.

Only glyphs that every console font has (UX.md 1); nothing is said by colour alone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Final

from kiosk.i18n import money_text
from kiosk.money import Money
from kiosk.rules.map_grid import bounds
from kiosk.screens.widgets.cells import Cells, Row, fit
from kiosk.screens.widgets.frame import framed
from kiosk.services.customer_map import Measure, Picture

GLYPHS: Final = ".oO#"
"""From the least to the most."""
NOTHING: Final = "·"
"""Customers live here, and there is nothing of what is shown: no points, no turnover."""

_METRES: Final = 1000


class MapView(Cells):
    """Draws a picture; choosing a cell is the screen's work, for it has the keys."""

    def __init__(self) -> None:
        super().__init__()
        self._picture: Picture | None = None
        self._chosen: tuple[int, int] | None = None
        self._title = ""
        self._empty = ""

    @property
    def room(self) -> tuple[int, int]:
        """How many rows and columns of cells there is room for."""
        return max(0, self.size.height - 2), max(0, self.size.width - 2)

    def show(self, title: str, picture: Picture | None, chosen: tuple[int, int] | None, *, empty: str = "") -> None:
        """Replace everything; the title is translated already, and so is what is said while there is no picture."""
        self._title, self._picture, self._chosen, self._empty = title, picture, chosen, empty
        self.redraw()

    def rows(self, width: int, height: int) -> list[Row]:
        """The frame with the scale and what the glyphs mean, and the cells."""
        picture = self._picture
        if picture is None:
            return framed(self._title, [(("muted", " " + fit(self._empty, width - 4)),)], width, height)
        drawn = _drawn(picture)
        rows = [self._row(drawn.get(row, {}), row, width - 2) for row in range(min(height - 2, picture.grid.rows))]
        return framed(self._title, rows, width, height, foot="  ".join((_scale(picture), *_meaning(picture))))

    def _row(self, glyphs: Mapping[int, str], row: int, width: int) -> Row:
        cells = [glyphs.get(column, " ") for column in range(width)]
        if self._chosen is None or self._chosen[0] != row or not 0 <= self._chosen[1] < width:
            return (("figure", "".join(cells)),)
        column = self._chosen[1]
        for place, bracket in ((column - 1, "["), (column + 1, "]")):
            if 0 <= place < width:
                cells[place] = bracket
        before, after = "".join(cells[:column]), "".join(cells[column + 1 :])
        return (
            ("figure", before[:-1]),
            ("key", before[-1:]),
            ("chosen", cells[column]),
            ("key", after[:1]),
            ("figure", after[1:]),
        )


def _drawn(picture: Picture) -> dict[int, dict[int, str]]:
    """The glyphs by row and column."""
    limits = _limits(picture)
    found: dict[int, dict[int, str]] = {}
    for (row, column), spot in picture.spots.items():
        place = bisect_right(limits, spot.amount)
        found.setdefault(row, {})[column] = GLYPHS[place - 1] if place else NOTHING
    return found


def _limits(picture: Picture) -> tuple[int, ...]:
    return bounds(max((spot.amount for spot in picture.spots.values()), default=0))


def _meaning(picture: Picture) -> list[str]:
    """Which glyph stands for how much."""
    found = [
        f"{glyph} {_amount(limit, picture.measure)}+" for glyph, limit in zip(GLYPHS, _limits(picture), strict=False)
    ]
    nothing = any(spot.amount < 1 for spot in picture.spots.values())
    return [f"{NOTHING} {_amount(0, picture.measure)}"] * nothing + found


def _amount(amount: int, measure: Measure) -> str:
    return money_text(Money(amount)) if measure is Measure.TURNOVER else str(amount)


def _scale(picture: Picture) -> str:
    """A line that is as long on the map as it says."""
    metres, columns = picture.grid.scale
    length = f"{metres // _METRES} km" if metres >= _METRES else f"{metres} m"
    return f"|{'-' * max(0, columns - 2)}| {length}"
