"""A framed sheet of lines to read."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.screens.widgets.cells import Cells, Row, split_row
from kiosk.screens.widgets.frame import SINGLE, framed


class Sheet(Cells):
    """Rows of styled text in a frame, scrolled by lines."""

    def __init__(self, *, box: str = SINGLE, style: str = "frame", id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._box, self._frame_style = box, style
        self._title = ""
        self._content: tuple[Row, ...] = ()
        self._top = 0

    def show(self, title: str, content: Sequence[Row]) -> None:
        """Replace title and rows, and stand at the top."""
        self._title, self._content, self._top = title, tuple(content), 0
        self.redraw()

    def scroll(self, by: int) -> None:
        """Move by so many rows; stops at the ends."""
        most = max(0, len(self._content) - self.page)
        self._top = max(0, min(self._top + by, most))
        self.redraw()

    @property
    def page(self) -> int:
        """How many rows are seen at once."""
        return max(1, self.size.height - 2)

    def rows(self, width: int, height: int) -> list[Row]:
        """The frame and the rows that are seen."""
        seen = list(self._content[self._top : self._top + height - 2])
        more = len(self._content) > height - 2
        foot = f"{self._top + 1}-{self._top + len(seen)} / {len(self._content)}" if more else ""
        return framed(self._title, seen, width, height, box=self._box, style=self._frame_style, foot=foot)


def two_columns(left: str, right: str, width: int, *, style: str = "text") -> Row:
    """A row with a text at each end."""
    return split_row(((style, f" {left}"),), ((style, f"{right} "),), width, style)
