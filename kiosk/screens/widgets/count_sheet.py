"""Notes and coins, one to a line: how many of each, and what that comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.screens.widgets.cells import Cells, Row, fit
from kiosk.screens.widgets.frame import framed

_TYPED: Final = 6


@dataclass(frozen=True, slots=True)
class CountLine:
    """A field as it is shown."""

    label: str
    """What is counted: a note, a coin, or all of it."""
    typed: str
    amount: str
    """What that comes to; empty while nothing is typed."""
    sign: str = "x"
    """Between the label and what is typed."""


class CountSheet(Cells):
    """The fields of a count, of which one is chosen; moving and typing are the screen's work."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title = ""
        self._lines: tuple[CountLine, ...] = ()
        self._chosen = 0
        self._foot = ""
        self._top = 0

    def show(self, title: str, lines: Sequence[CountLine], chosen: int, *, foot: str) -> None:
        """Replace all; ``foot`` stands in the lower edge of the frame."""
        self._title, self._lines, self._chosen, self._foot = title, tuple(lines), chosen, foot
        self.redraw()

    @property
    def lines(self) -> tuple[CountLine, ...]:
        """The fields as they are shown."""
        return self._lines

    def rows(self, width: int, height: int) -> list[Row]:
        """The frame and the fields that are seen."""
        inner, room = width - 2, max(1, height - 2)
        if not self._top <= self._chosen < self._top + room:
            self._top = max(0, self._chosen - room // 2)
        rows = [
            self._row(line, inner, chosen=place == self._chosen)
            for place, line in enumerate(self._lines[self._top : self._top + room], start=self._top)
        ]
        return framed(self._title, rows, width, height, foot=self._foot)

    @staticmethod
    def _row(line: CountLine, inner: int, *, chosen: bool) -> Row:
        typed = max(_TYPED, len(line.typed))
        left = f" {fit(line.label, 8)} {fit(line.sign, 1)} {fit(line.typed, typed, 'right')}"
        right = fit(line.amount, max(0, inner - len(left) - 2), "right") + " "
        if chosen:
            return (("chosen", left), ("cursor", " "), ("chosen", right))
        return (("text" if line.typed else "muted", left), ("text", " "), ("strong", right))
