"""Finding an article by what is typed: a quick key, a hit of the search, or a look at its price only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.i18n import _, money_text
from kiosk.money import Quantity
from kiosk.rules.basket import Item, Unit
from kiosk.screens.around import Holder, identify
from kiosk.screens.entry import Entry, Mode
from kiosk.screens.widgets.status import Say

if TYPE_CHECKING:
    from kiosk.screens.sale import SaleScreen


class Lookup:
    """What Enter does with words, and what the price check does with anything."""

    def __init__(self, screen: SaleScreen) -> None:
        self._screen = screen

    async def quick(self, key: str, quantity: Quantity | None) -> None:
        """Sell the article that has this key."""
        around = self._screen.around
        for one in around.quick if around else ():
            if one.key == key:
                await self._screen.intake.item(one.item, quantity)
                return
        self._screen.say(Say.ERROR, _("No quick article has the key {key}.").format(key=key))

    async def hit(self, text: str, quantity: Quantity | None) -> None:
        """Take the chosen hit, or the first one if the hits were not on the screen yet."""
        screen = self._screen
        shown, chosen = screen.finder.text == text, screen.view.hits.chosen or 0
        found = await screen.finder.now(text)
        if found:
            screen.type(Entry())
            await self._take(found[min(chosen, len(found) - 1) if shown else 0].item, quantity)
        elif await screen.till.ask(identify, text) is not None:
            screen.type(Entry())
            await screen.intake.code(text, quantity)
        else:
            screen.say(Say.ERROR, _("Nothing is called {words}. Esc clears the line.").format(words=text))

    async def price(self, code: str) -> None:
        """Show what a code costs."""
        found = await self._screen.till.ask(identify, code)
        if isinstance(found, Item):
            await self._take(found, None)
        elif isinstance(found, Holder):
            await self._screen.serving.attach(found.customer)
        else:
            self._screen.say(Say.ERROR, _("Nothing here has the code {code}.").format(code=code))

    async def _take(self, item: Item, quantity: Quantity | None) -> None:
        if self._screen.mode is not Mode.PRICE:
            await self._screen.intake.item(item, quantity)
            return
        self._screen.mode = Mode.SELL
        price = _("open price") if item.price is None else money_text(item.price, symbol=True)
        if item.unit is Unit.KILOGRAM:
            price = _("{price} per kg").format(price=price)
        self._screen.say(Say.OK, f"{item.text}: {price}   {item.number}", ())
        self._screen.type(self._screen.line)
