"""Search as you type: asks the desk for one text at a time, and only for the latest."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from kiosk.i18n import _
from kiosk.screens.sale_view import price_text
from kiosk.screens.widgets.choice_list import Choice

if TYPE_CHECKING:
    from kiosk.screens.base import TillScreen
    from kiosk.services.catalogue_search import Found

MOST_HITS: Final = 40


class Finder:
    """The hits for what stands in the entry line."""

    def __init__(self, screen: TillScreen[None], arrived: Callable[[], None]) -> None:
        self._screen = screen
        self._arrived = arrived
        self._wanted = ""
        self._asking = False
        self.text = ""
        """What the hits are for."""
        self.found: tuple[Found, ...] = ()

    def want(self, text: str) -> None:
        """Search for a text, soon; one that is overtaken by the next is never asked for. Nothing forgets the hits."""
        self._wanted = text
        if not text:
            self.text, self.found = "", ()
        if text and text != self.text and not self._asking:
            self._asking = True
            self._screen.alongside(self._look())

    @property
    def known(self) -> bool:
        """Whether there are hits to show, for this text or the one before."""
        return bool(self.text)

    async def now(self, text: str) -> tuple[Found, ...]:
        """The hits for a text, awaited if they are not here yet."""
        if text != self.text:
            self.text, self.found = text, await self._ask(text)
        return self.found

    async def _ask(self, text: str) -> tuple[Found, ...]:
        from kiosk.services import catalogue

        return await self._screen.till.ask(catalogue.search, text, MOST_HITS)

    async def _look(self) -> None:
        try:
            while self._wanted and self._wanted != self.text:
                text = self._wanted
                found = await self._ask(text)
                if self._wanted == text:
                    self.text, self.found = text, found
                    self._arrived()
        finally:
            self._asking = False

    def choices(self) -> list[Choice]:
        """The hits as they are listed."""
        return [Choice(hit.item.text, _price(hit)) for hit in self.found]


def _price(hit: Found) -> str:
    price = price_text(hit.item) or _("open price")
    return f"{hit.item.number}  {price.rjust(9)}"
