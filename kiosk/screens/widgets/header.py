"""The top row: where, which lane, who; the lamps of the devices; the time."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len

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
        """One row; in training a band across the screen, which says so in a word too (N22)."""
        del height
        clock = self._till.shop.clock
        right: list[tuple[str, str]] = []
        for lamp in self._till.lamps.values():
            style = "bar" if lamp.fine else "bar-alarm"
            right += [("bar-muted", f"{_(lamp.name)} "), (style, f"{_(lamp.text)}  ")]
        right.append(("bar", stamp_text(clock.local(clock.now())) + " "))
        left: list[tuple[str, str]] = []
        style = "bar"
        if self._till.shop.training:
            left, style = [("main", f" {_('TRAINING')} ")], "bar-alarm"
        room = max(1, width - width_of((*left, *right)))
        left.append((style, fit(" " + self._fitting(room - 2), room - 1) + " "))
        return [split_row(tuple(left), tuple(right), width, style)]

    def _fitting(self, room: int) -> str:
        """The title; where it is too long, the shop's name gives way, and who is signed in stays."""
        title, shop = self._title(), self._till.shop.settings.name
        over = cell_len(title) - room
        if over <= 0 or not shop or shop not in title:
            return title
        return title.replace(shop, fit(shop, max(1, cell_len(shop) - over)).rstrip(), 1)
