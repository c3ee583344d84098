"""The top row: where, which lane, who; the lamps of the devices; the time."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.i18n import _, stamp_text
from kiosk.screens.till import Till
from kiosk.screens.widgets.cells import Cells, Row, fit, split_row, width_of


class Header(Cells):
    """Redrawn when a lamp changes and once a minute, never by itself."""

    def __init__(self, till: Till, title: Callable[[], str]) -> None:
        super().__init__()
        self._till = till
        self._title = title

    def rows(self, width: int, height: int) -> list[Row]:
        """One row."""
        del height
        clock = self._till.shop.clock
        right: list[tuple[str, str]] = []
        for lamp in self._till.lamps.values():
            style = "bar" if lamp.fine else "bar-alarm"
            right += [("bar-muted", f"{_(lamp.name)} "), (style, f"{_(lamp.text)}  ")]
        right.append(("bar", stamp_text(clock.local(clock.now())) + " "))
        room = max(0, width - width_of(tuple(right)))
        return [split_row((("bar", fit(" " + self._title(), room)),), tuple(right), width, "bar")]
