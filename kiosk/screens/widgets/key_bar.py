"""The two rows of function keys at the bottom; a key that does nothing here has an empty place."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.i18n import _
from kiosk.screens.widgets.cells import Cells, Row, Run, fit

_IN_A_ROW = 6


class KeyBar(Cells):
    """Twelve places, always at the same spot on every screen."""

    def __init__(self) -> None:
        super().__init__()
        self._labels: dict[str, str] = {}
        self._main = ""

    def show(self, labels: Mapping[str, str], *, main: str) -> None:
        """The labels by key (``f1`` …), in English, and which key is the main one."""
        if (dict(labels), main) != (self._labels, self._main):
            self._labels, self._main = dict(labels), main
            self.redraw()

    def rows(self, width: int, height: int) -> list[Row]:
        """Two rows of six."""
        del height
        return [self._row(first, width) for first in (1, 1 + _IN_A_ROW)]

    def _row(self, first: int, width: int) -> Row:
        runs: list[Run] = []
        for place in range(_IN_A_ROW):
            key = f"f{first + place}"
            start, end = (width * edge // _IN_A_ROW for edge in (place, place + 1))
            label = self._labels.get(key)
            if label is None:
                runs.append(("bar", " " * (end - start)))
                continue
            name = f"{key.upper()} ".rjust(4)
            style = "main" if key == self._main else "bar"
            runs += [("bar-key", name), (style, fit(_(label), end - start - len(name) - 1)), ("bar", " ")]
        return tuple(runs)
