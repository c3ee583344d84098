"""Search as you type: asks the desk for one text at a time, and only for the latest."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from kiosk.i18n import _
from kiosk.screens.sale_view import price_text
from kiosk.screens.widgets.choice_list import Choice

if TYPE_CHECKING:
    from kiosk.screens.base import TillScreen
    from kiosk.services.catalogue_search import Found

Hit = TypeVar("Hit")

MOST_HITS: Final = 40


class Finder(Generic[Hit]):
    """The hits for what stands in the entry line."""

    def __init__(
        self,
        screen: TillScreen[Any],
        ask: Callable[[str], Coroutine[Any, Any, tuple[Hit, ...]]],
        arrived: Callable[[], None],
        *,
        empty_too: bool = False,
    ) -> None:
        """``ask`` has the desk search, ``arrived`` is called with each answer; ``empty_too``: no text finds as well."""
        self._screen = screen
        self._ask = ask
        self._arrived = arrived
        self._empty_too = empty_too
        self._wanted: str | None = None
        self._asking = False
        self._turn = 0
        self.text: str | None = None
        """What the hits are for."""
        self.found: tuple[Hit, ...] = ()

    def want(self, text: str) -> None:
        """Search for a text, soon; one that is overtaken by the next is never asked for. Nothing forgets the hits."""
        self._wanted = text if text or self._empty_too else None
        if self._wanted is None:
            self.text, self.found = None, ()
        elif text != self.text and not self._asking:
            self._asking = True
            self._screen.alongside(self._look())

    def forget(self) -> None:
        """What was found is not so any more; an answer that is on its way is for what was asked before."""
        self._turn += 1
        self.text, self.found = None, ()

    @property
    def known(self) -> bool:
        """Whether there are hits to show, for this text or the one before."""
        return self.text is not None

    async def now(self, text: str) -> tuple[Hit, ...]:
        """The hits for a text, awaited if they are not here yet."""
        if text != self.text:
            self.text, self.found = text, await self._ask(text)
        return self.found

    async def _look(self) -> None:
        try:
            while self._wanted is not None and self._wanted != self.text:
                text, turn = self._wanted, self._turn
                found = await self._ask(text)
                if (self._wanted, self._turn) == (text, turn):
                    self.text, self.found = text, found
                    self._arrived()
        finally:
            self._asking = False


def articles(screen: TillScreen[Any], arrived: Callable[[], None]) -> Finder[Found]:
    """The search among the articles."""

    async def ask(text: str) -> tuple[Found, ...]:
        from kiosk.services import catalogue

        return await screen.till.ask(catalogue.search, text, MOST_HITS)

    return Finder(screen, ask, arrived)


def article_choices(found: Sequence[Found]) -> list[Choice]:
    """Articles as they are listed."""
    return [Choice(hit.item.text, _price(hit)) for hit in found]


def _price(hit: Found) -> str:
    price = price_text(hit.item) or _("open price")
    return f"{hit.item.number}  {price.rjust(9)}"
