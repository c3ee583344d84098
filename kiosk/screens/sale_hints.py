"""Which keys the status line of the sale screen names, and when: those that do something to what is typed now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.timer import Timer

from kiosk.screens import sale_keys
from kiosk.screens.entry import SEARCHES, Entry, Typed
from kiosk.screens.widgets.status import Hint, Say

if TYPE_CHECKING:
    from kiosk.screens.sale import SaleScreen


class SaleHints:
    """The hints; they follow what is typed once the typing pauses, so that a scan does not make them flicker."""

    def __init__(self, screen: SaleScreen) -> None:
        self._screen = screen
        self._to_come: Timer | None = None

    def now(self) -> Sequence[Hint]:
        """The keys that do something to what is typed or sold now."""
        screen = self._screen
        if screen.asking():
            return sale_keys.TAKE_OR_LEAVE
        if screen.line.typed in SEARCHES:
            return sale_keys.SEARCHING
        if screen.line.typed is Typed.NUMBER:
            return sale_keys.LOOK_UP
        if not screen.open.basket:
            return sale_keys.EMPTY
        return sale_keys.GIVE_BACK if screen.open.totals.total.minor < 0 else screen.HINTS

    def follow(self, before: Entry, line: Entry) -> None:
        """What is typed has changed; a scan that types is over before the hints do."""
        if (before.typed, bool(before)) == (line.typed, bool(line)):
            return
        self.keep()
        fresh, delay = SEARCHES & {before.typed, line.typed} != set(), self._screen.till.hint_delay
        if fresh or not delay:
            self.show(fresh=fresh)
        else:
            self._to_come = self._screen.set_timer(delay, lambda: self.show(fresh=False))

    def keep(self) -> None:
        """Leave the hints as they are."""
        if self._to_come is not None:
            self._to_come.stop()
            self._to_come = None

    def show(self, *, fresh: bool) -> None:
        """Draw them; ``fresh``: what was said is not about what is typed any more."""
        status = self._screen.status
        kind, text = (Say.QUIET, "") if fresh else (status.kind, status.text)
        status.show(kind, text, self.now())
