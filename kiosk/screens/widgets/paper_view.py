"""A piece of paper on the screen, line by line as it comes out of the printer."""

from __future__ import annotations

from typing import ClassVar, Final

from kiosk.i18n import _
from kiosk.receipts.paper import Document, as_text
from kiosk.screens.widgets.cells import Cells, Row, fit
from kiosk.screens.widgets.frame import framed

MARGIN: Final = 1
"""White cells at each side of the paper."""


class PaperView(Cells):
    """Dark letters on a light roll, in a frame; scrolled by lines."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"cell--paper"}

    def __init__(self, columns: int, *, further: str = "") -> None:
        """``columns``: of the printer that the paper is laid out for.

        ``further``: the key, in English, that shows all of a paper that is too long for here.
        """
        super().__init__()
        self.columns = columns
        self._further = further
        self.styles.width = self.frame_width
        self._title = ""
        self._document: Document = ()
        self._lines: tuple[str, ...] = ()
        self._empty = ""
        self._top = 0

    @property
    def frame_width(self) -> int:
        """How many cells the paper takes, margins and frame included."""
        return self.columns + 2 * MARGIN + 2

    def show(self, title: str, document: Document, *, empty: str = "") -> None:
        """Replace the paper, and stand at its top; ``empty`` is said while there is none."""
        self._title, self._empty, self._top = title, empty, 0
        self._document, self._lines = document, tuple(as_text(document, self.columns))
        self.redraw()

    def lay_out(self, columns: int) -> None:
        """Show the same paper on a roll of another width."""
        if columns != self.columns:
            self.columns = columns
            self.styles.width = self.frame_width
            self.show(self._title, self._document, empty=self._empty)

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the paper."""
        return self._lines

    def scroll(self, by: int) -> None:
        """Move by so many lines; stops at the ends."""
        self._top = max(0, min(self._top + by, len(self._lines) - self.page))
        self.redraw()

    @property
    def page(self) -> int:
        """How many lines are seen at once."""
        return max(1, self.size.height - 2)

    def rows(self, width: int, height: int) -> list[Row]:
        """The frame and the lines that are seen; a roll ends where its last line does."""
        seen = self._lines[self._top : self._top + height - 2]
        paper = min(self.columns + 2 * MARGIN, width - 2)
        rows: list[Row] = [(("paper", fit(" " * MARGIN + line, paper)),) for line in seen]
        if not self._lines:
            rows = [(("muted", " " + fit(self._empty, width - 4)),)]
        more = len(self._lines) > height - 2
        foot = (
            _("{first}-{last} of {count}").format(
                first=self._top + 1, last=self._top + len(seen), count=len(self._lines)
            )
            if more
            else ""
        )
        if more and self._further:
            foot += f" · {_(self._further)}"
        return framed(self._title, rows, width, height, foot=foot)
