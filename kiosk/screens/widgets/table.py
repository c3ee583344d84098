"""A list of rows in columns, of which one is chosen: receipts, articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.i18n import _
from kiosk.screens.widgets.cells import Cells, Row, fit
from kiosk.screens.widgets.frame import framed

WIDE_FROM: Final = 60
"""Cells inside the frame from which the columns for wide tables are shown."""

HIDDEN: Final = -1
"""The width of a column that is left out."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in English, and how wide it is."""

    title: str
    width: int
    """Cells; 0 takes what the others leave, and HIDDEN leaves the column out."""
    wide: int | None = None
    """Cells in a wide table; None: the same."""
    align: str = "left"


class Table(Cells):
    """Rows under the names of their columns; draws only what is seen. Moving is the screen's work."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self._columns = tuple(columns)
        self._lines: tuple[tuple[str, ...], ...] = ()
        self._title = ""
        self._empty = ""
        self._foot = ""
        self._top = 0
        self.chosen = 0
        """The place of the chosen row; 0 also while there is none."""

    def show(
        self, title: str, lines: Sequence[tuple[str, ...]], chosen: int = 0, *, empty: str = "", foot: str = ""
    ) -> None:
        """Replace the rows, each with a text per column; ``empty`` is said while there are none.

        ``foot``: what leads to more rows than these.
        """
        self._title, self._lines, self._empty, self._foot = title, tuple(lines), empty, foot
        self.chosen = max(0, min(chosen, len(lines) - 1))
        self.redraw()

    def move(self, by: int) -> None:
        """Choose another row, so many further down or up; stops at the ends."""
        self.chosen = max(0, min(self.chosen + by, len(self._lines) - 1))
        self.redraw()

    @property
    def lines(self) -> tuple[tuple[str, ...], ...]:
        """The rows that are shown."""
        return self._lines

    @property
    def page(self) -> int:
        """How many rows are seen at once."""
        return max(1, self.size.height - 3)

    def rows(self, width: int, height: int) -> list[Row]:
        """The frame, the names of the columns, and the rows that are seen."""
        inner, room = width - 2, max(1, height - 3)
        self._scroll(room)
        rows: list[Row] = [(("muted", self._line([_(column.title) for column in self._columns], inner)),)]
        for place, line in enumerate(self._lines[self._top : self._top + room], start=self._top):
            rows.append((("chosen" if place == self.chosen else "text", self._line(line, inner)),))
        if not self._lines:
            rows.append((("muted", " " + fit(self._empty, inner - 2)),))
        return framed(self._title, rows, width, height, foot=self._place(room))

    def _place(self, room: int) -> str:
        """Which of the rows are seen, unless that is all there are."""
        count = len(self._lines)
        if count <= room and not self._foot:
            return ""
        place = _("{first}-{last} of {count}").format(
            first=self._top + 1, last=min(self._top + room, count), count=count
        )
        return f"{place} · {self._foot}" if self._foot else place

    def _scroll(self, room: int) -> None:
        """Half a page at a time, so that most moves repaint two rows."""
        if not self._top <= self.chosen < self._top + room:
            self._top = self.chosen - room // 2
        self._top = max(0, min(self._top, len(self._lines) - room))

    def _line(self, texts: Sequence[str], inner: int) -> str:
        widths = [column.width if inner < WIDE_FROM or column.wide is None else column.wide for column in self._columns]
        shown = [place for place, width in enumerate(widths) if width != HIDDEN]
        taken = sum(widths[place] for place in shown) + len(shown) - 1
        rest = max(0, inner - 2 - taken)
        cells = [fit(texts[place], widths[place] or rest, self._columns[place].align) for place in shown]
        return f" {' '.join(cells)} "
