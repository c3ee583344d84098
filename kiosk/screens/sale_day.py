"""The sale screen's side of the day: whoever comes to a till without an open day is asked once to open it (D6-01)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from kiosk.i18n import _, date_text, later, ngettext
from kiosk.rules.permissions import Action, State
from kiosk.screens.day_words import closed_text
from kiosk.screens.widgets.status import Say

if TYPE_CHECKING:
    from kiosk.screens.around import Around
    from kiosk.screens.sale import SaleScreen
    from kiosk.services.shifts import Closed


class SaleDay:
    """Asks, and remembers whether it did: nobody is asked twice, and no queue waits for a count."""

    def __init__(self, screen: SaleScreen) -> None:
        self._screen = screen
        self._at_next_sale = False

    async def greet(self, around: Around) -> None:
        """Somebody came to the till. A sale that was left open comes first."""
        screen, day = self._screen, around.day
        if screen.open.basket:
            return
        if day.is_open:
            self._say_old(around)
        elif day.left_open:
            if screen.allowed.get(Action.CLOSE_SHIFT) is not State.DENIED:
                left = date_text(date.fromisoformat(day.left_open))
                screen.say(Say.ASK, _("Day of {day} is still open: F10 then C closes it.").format(day=left))
        elif self._may_open():
            from kiosk.screens import open_day

            await open_day.greet(screen)
            self._say_old(around, behind=screen.status.text)

    def _say_old(self, around: Around, *, behind: str = "") -> None:
        """Say what is parked for longer than the shop lets pass, behind what was said of the day (D4-01)."""
        count = around.parked.old
        if count:
            said = ngettext("{count} sale is parked for too long.", "{count} sales are parked for too long.", count)
            news = f"{behind} {said.format(count=count)}".strip()
            self._screen.say(Say.ASK, news, (("F5", later("parked sales")),))

    def closed(self, closed: Closed) -> None:
        """The day is closed, and the screen begins anew; the next sale asks for the next day."""
        self._at_next_sale = True
        self._screen.sold = None
        self._screen.show()
        self._screen.say(Say.OK if closed.proof_ok else Say.ERROR, closed_text(closed), ())

    def sale_begins(self) -> None:
        """Something is in the sale; after a Z that is the time to ask."""
        if self._at_next_sale and self._screen.open.basket:
            self._at_next_sale = False
            if self._may_open():
                self._screen.alongside(self._ask())

    async def _ask(self) -> None:
        from kiosk.screens import open_day

        screen = self._screen
        await open_day.greet(screen)
        screen.show()

    def _may_open(self) -> bool:
        """Where nothing is real there is no day to open unasked."""
        screen = self._screen
        return not screen.till.shop.training and screen.allowed.get(Action.OPEN_SHIFT) is not State.DENIED
