"""The fields of a form, one to a line; the text of the chosen one stands in the entry line as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.screens.widgets.cells import Cells, Row, fit
from kiosk.screens.widgets.frame import framed

_LABEL = 16


@dataclass(frozen=True, slots=True)
class FormLine:
    """A field as it is shown."""

    label: str
    value: str
    muted: bool = False
    """The value is said for an empty field."""
    alarm: bool = False
    """Something is wrong with the value, though it may be."""


class FormView(Cells):
    """Labels and values, of which one is chosen; moving and typing are the screen's work."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title = ""
        self._lines: tuple[FormLine, ...] = ()
        self._chosen = 0
        self._top = 0

    def show(self, title: str, lines: Sequence[FormLine], chosen: int) -> None:
        """Replace all."""
        self._title, self._lines, self._chosen = title, tuple(lines), chosen
        self.redraw()

    def rows(self, width: int, height: int) -> list[Row]:
        """The frame and the fields that are seen; where there are more, which of how many is chosen."""
        inner, room = width - 2, max(1, height - 2)
        if not self._top <= self._chosen < self._top + room:
            self._top = max(0, self._chosen - room // 2)
        rows = [
            self._row(line, inner, chosen=place == self._chosen)
            for place, line in enumerate(self._lines[self._top : self._top + room], start=self._top)
        ]
        title = self._title if len(self._lines) <= room else f"{self._title} · {self._chosen + 1}/{len(self._lines)}"
        return framed(title, rows, width, height)

    @staticmethod
    def _row(line: FormLine, inner: int, *, chosen: bool) -> Row:
        label, value = " " + fit(line.label, _LABEL), fit(line.value, max(0, inner - _LABEL - 2)) + " "
        if chosen:
            return (("chosen", label + value),)
        style = "alarm" if line.alarm else "muted" if line.muted else "strong"
        return (("muted", label), (style, value))
