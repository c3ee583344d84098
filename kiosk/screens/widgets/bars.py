"""Pictures of figures: a table whose rows bear bars, and a small chart of columns.

Only full blocks and two shades are drawn: Debian's console fonts have no
half or eighth blocks, and no third shade (Lat15-Terminus, UX.md 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from kiosk.i18n import _
from kiosk.screens.widgets.cells import Cells, Row, fit, steady
from kiosk.screens.widgets.frame import framed

FULL: Final = "█"
SHADE: Final = "░"
LEVELS: Final = (" ", "░", "▒", "█")
"""How full a cell is; what a console can show."""

FEWEST_CELLS: Final = 8
"""A bar that is shorter says nothing."""
LONGEST_BAR: Final = 48
SHORTEST_LABEL: Final = 7
LONGEST_LABEL: Final = 40
LONGEST_CELL: Final = 16
HIGHEST_CHART: Final = 8
"""Rows."""


def bar(value: int, most: int, width: int, *, behind: int = 0) -> str:
    """A bar for a value where ``most`` fills the width; shaded on to what stands behind it.

    Whatever is more than nothing has at least one cell; below nothing there is none.
    """
    own, shade = (_length(one, most, width) for one in (value, behind))
    return (FULL * own + SHADE * max(0, shade - own)).ljust(width)


def _length(value: int, most: int, width: int) -> int:
    return min(width, max(1, (2 * value * width + most) // (2 * most))) if value > 0 and most > 0 else 0


def columns(values: Sequence[int], width: int, height: int) -> list[str]:
    """A chart of columns, the highest as high as there is room; neighbours are added up where there are too many."""
    shown = _squeezed(values, width)
    most = max(shown, default=0)
    steps = height * (len(LEVELS) - 1)
    heights = [min(steps, max(1, (2 * value * steps + most) // (2 * most))) if value > 0 else 0 for value in shown]
    wide = max(1, min(4, width // max(1, len(shown)))) if shown else 1
    gap = " " if wide > 2 else ""
    full = len(LEVELS) - 1
    return [
        "".join(LEVELS[max(0, min(full, one - below * full))] * (wide - len(gap)) + gap for one in heights).ljust(
            width
        )[:width]
        for below in range(height - 1, -1, -1)
    ]


def _squeezed(values: Sequence[int], width: int) -> list[int]:
    if len(values) <= width:
        return list(values)
    each = -(-len(values) // width)
    return [sum(values[start : start + each]) for start in range(0, len(values), each)]


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: its title, translated already, and how it stands."""

    title: str
    right: bool = True
    rank: int = 0
    """How soon it gives way: 0 stays, 1 goes for the bars' sake, 2 goes first."""


@dataclass(frozen=True, slots=True)
class _Layout:
    label: int
    bar: int
    shown: tuple[int, ...]
    """The other columns that there is room for."""
    widths: tuple[int, ...]


class BarTable(Cells):
    """Rows of texts, and of each a bar beside its name; the totals stay below. Scrolling is the screen's work."""

    def __init__(self) -> None:
        super().__init__()
        self._title = ""
        self._foot = ""
        self._empty = ""
        self._heads: tuple[Head, ...] = ()
        self._lines: tuple[tuple[str, ...], ...] = ()
        self._totals: tuple[str, ...] = ()
        self._bars: tuple[int, ...] = ()
        self._behind: tuple[int, ...] = ()
        self._widths: tuple[int, ...] = ()
        self._natural = 0
        self._top = 0

    def show(
        self,
        title: str,
        heads: Sequence[Head],
        lines: Sequence[tuple[str, ...]],
        *,
        totals: tuple[str, ...] = (),
        bars: Sequence[int] = (),
        behind: Sequence[int] = (),
        empty: str = "",
        foot: str = "",
    ) -> None:
        """Replace everything and stand at the top; ``bars`` has a value to each line, and so has ``behind``."""
        self._title, self._heads, self._lines, self._totals = title, tuple(heads), tuple(lines), totals
        self._bars, self._behind, self._empty, self._foot, self._top = tuple(bars), tuple(behind), empty, foot, 0
        texts = [
            [head.title, *(line[place] for line in (*self._lines, self._totals) if line)]
            for place, head in enumerate(self._heads)
        ]
        self._widths = tuple(min(LONGEST_CELL, max(map(_cells, column))) for column in texts)
        self._natural = max(SHORTEST_LABEL, min(LONGEST_LABEL, max(map(_cells, texts[0])))) if texts else 0
        self.redraw()

    def scroll(self, by: int) -> None:
        """Move by so many lines; stops at the ends."""
        self._top = max(0, min(self._top + by, len(self._lines) - self.page))
        self.redraw()

    @property
    def lines(self) -> tuple[tuple[str, ...], ...]:
        """The rows, all of them."""
        return self._lines

    @property
    def page(self) -> int:
        """How many rows are seen at once."""
        return max(1, self.size.height - 3 - (2 if self._totals else 0))

    def rows(self, width: int, height: int) -> list[Row]:
        """The frame, the heads, the rows that are seen, and the totals."""
        inner = width - 2
        room = max(1, height - 3 - (2 if self._totals else 0))
        if not self._lines:
            return framed(self._title, [(("muted", " " + fit(self._empty, inner - 2)),)], width, height)
        layout = self._laid(inner)
        seen = range(self._top, min(self._top + room, len(self._lines)))
        most = max((*self._bars, *self._behind), default=0)
        rows: list[Row] = [self._line(layout, [head.title for head in self._heads], "", "muted")]
        for place in seen:
            drawn = ""
            if layout.bar:
                behind = self._behind[place] if self._behind else 0
                drawn = bar(self._bars[place], most, layout.bar, behind=behind)
            rows.append(self._line(layout, self._lines[place], drawn, "text"))
        if self._totals:
            rows += [()] * (room - len(seen))
            rows += [(("frame", "─" * inner),), self._line(layout, self._totals, "", "strong")]
        more = len(self._lines) > room
        place_text = (
            _("{first}-{last} of {count}").format(first=seen.start + 1, last=seen.stop, count=len(self._lines))
            if more
            else ""
        )
        return framed(self._title, rows, width, height, foot=" · ".join(filter(None, (place_text, self._foot))))

    def _laid(self, inner: int) -> _Layout:
        """Columns give way by their rank until the names, and the bars if there are some, have room."""
        widths, natural = self._widths, self._natural
        bars = FEWEST_CELLS + 1 if self._bars else 0
        shown = list(range(1, len(widths)))
        short = min(natural, 2 * SHORTEST_LABEL)

        def too_wide(label: int) -> bool:
            return sum(widths[place] + 1 for place in shown) + bars + label > inner - 2

        for rank, label in ((2, natural), (1, short)):
            for place in [place for place in reversed(shown) if self._heads[place].rank == rank]:
                if too_wide(label):
                    shown.remove(place)
        if too_wide(short):
            bars = 0
        while len(shown) > 1 and too_wide(SHORTEST_LABEL):
            shown.pop()
        taken = sum(widths[place] + 1 for place in shown)
        left = inner - 2 - taken
        label = min(natural, left - bars) if bars else left
        return _Layout(label, min(LONGEST_BAR, left - label - 1) if bars else 0, tuple(shown), widths)

    def _line(self, layout: _Layout, texts: Sequence[str], drawn: str, style: str) -> Row:
        figures = "".join(
            " " + fit(texts[place], layout.widths[place], "right" if self._heads[place].right else "left")
            for place in layout.shown
        )
        picture = f" {drawn.ljust(layout.bar)}" if layout.bar else ""
        return ((style, f" {fit(texts[0], layout.label)}"), ("figure" if drawn else style, picture), (style, figures))


class Chart(Cells):
    """A small chart of columns under a title, with what the lowest and the highest come to."""

    def __init__(self) -> None:
        super().__init__()
        self._title = ""
        self._notes: tuple[str, ...] = ()
        self._values: tuple[int, ...] = ()

    def show(self, title: str, notes: Sequence[str], values: Sequence[int]) -> None:
        """Replace the lines above the chart, which are translated already, and the values."""
        self._title, self._notes, self._values = title, tuple(notes), tuple(values)
        self.redraw()

    def rows(self, width: int, height: int) -> list[Row]:
        """The frame, the notes, and the chart in what is left."""
        inner = max(0, width - 2)
        rows: list[Row] = [(("text", f" {fit(note, inner - 2)} "),) for note in self._notes]
        room = min(HIGHEST_CHART, height - 2 - len(rows))
        if room > 0 and len(self._values) > 1 and any(self._values):
            rows += [(("figure", f" {line} "),) for line in columns(self._values, inner - 2, room)]
        return framed(self._title, rows, width, height)


def _cells(text: str) -> int:
    shown = steady(text[:LONGEST_LABEL])
    return len(shown) if shown.isascii() else cell_len(shown)
