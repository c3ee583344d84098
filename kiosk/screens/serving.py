"""Whom the open sale is for: found, attached, shown, cleared (T-09, T-10, T-21, U-03)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kiosk.errors import Denied, Erased, ShopError
from kiosk.i18n import _, date_text, later
from kiosk.i18n.sentences import sentence
from kiosk.rules.permissions import Action, State
from kiosk.screens.around import may
from kiosk.screens.customer_points import points_text
from kiosk.screens.customers import CustomersScreen, customer_choices, customers_as_typed
from kiosk.screens.entry import CUSTOMERS, Entry, Typed
from kiosk.screens.served import Served, serve, still
from kiosk.screens.widgets.status import Hint, Say

if TYPE_CHECKING:
    from kiosk.screens.base import TillScreen
    from kiosk.screens.open_sale import OpenSale
    from kiosk.screens.sale import SaleScreen

FIND: Final[tuple[Hint, ...]] = (("F3", later("find a customer")),)


async def attach(screen: TillScreen[Any], sale: OpenSale, customer: str) -> tuple[Say, str]:
    """Have a sale be for a customer; what is to be said of him. Refuses: NotFound, Erased, Banned, Denied."""
    found = await screen.till.ask(serve, customer, by=screen.till.by)
    if sale.customer is not None and sale.customer.id == found.id:
        sale.know(found)
    else:
        sale.serve(found)
    return _news(found)


def _news(customer: Served) -> tuple[Say, str]:
    if customer.expired is not None:
        said = _("{name}: the medical card was valid until {date}.")
        return Say.ERROR, said.format(name=customer.called, date=date_text(customer.expired))
    said = _("Customer: {name}, {points}.")
    return Say.OK, said.format(name=customer.called, points=points_text(customer.points))


class Serving:
    """What F3, the badge and a scanned card do in the sale."""

    def __init__(self, screen: SaleScreen) -> None:
        self._screen = screen
        self.finder = customers_as_typed(screen, self._arrived)

    async def attach(self, customer: str) -> None:
        """Have the sale be for a customer: one step, which F9 takes back. Refuses: as ``attach``."""
        screen = self._screen
        screen.changed(*await attach(screen, screen.open, customer))

    async def find(self, text: str = "") -> None:
        """Look for somebody, make or change him, and attach whoever was chosen. Refuses: Denied."""
        screen = self._screen
        await screen.till.ask(may, screen.till.by, Action.SEE_CUSTOMERS)
        chosen = await screen.in_front(CustomersScreen(screen.till, text=text))
        if chosen is None:
            await self._now(here=True)
        else:
            await self.attach(chosen)

    # Typed behind an at sign

    def list_hits(self, line: Entry) -> None:
        """Show who fits what stands in the entry line; whoever may see nobody is told so, once."""
        if self._screen.allowed.get(Action.SEE_CUSTOMERS) is State.DENIED:
            self._screen.type(Entry())
            self._screen.refuse(Denied(action=Action.SEE_CUSTOMERS))
            return
        self.finder.want(_words(line))
        self._show_hits()

    def _arrived(self) -> None:
        if self._screen.line.typed is Typed.CUSTOMER:
            self._show_hits()

    def _show_hits(self) -> None:
        view, known = self._screen.view, self.finder.known
        if known:
            empty = _("Nobody fits. Enter looks further.")
            view.hits.show(_("Customers"), customer_choices(self.finder.found), None, empty=empty)
        view.list_hits(known)

    async def hit(self, line: Entry) -> None:
        """Attach the chosen one or the only one; of several, let somebody be chosen."""
        screen, text = self._screen, _words(line)
        chosen = screen.view.hits.chosen if self.finder.text == text else None
        found = await self.finder.now(text)
        screen.type(Entry())
        if chosen is not None or (text and len(found) == 1):
            await self.attach(found[chosen or 0].id)
        else:
            await self.find(text)

    # The badge

    async def menu(self) -> None:
        """All that can be done with whoever is attached."""
        from kiosk.screens import customer_menu

        screen = self._screen
        if screen.open.customer is None:
            screen.say(Say.ASK, _("The sale is for nobody yet."), FIND)
            return
        customer = await self._now()
        if customer is None:
            return
        ask = customer_menu.ask(screen, customer.id, clear=True) if customer.seen else customer_menu.ask_unseen(screen)
        if await ask:
            self.clear()
        else:
            await self._now(here=True)

    def clear(self) -> None:
        """The sale is for nobody any more; all that came with the customer goes (T-21)."""
        screen, customer = self._screen, self._screen.open.customer
        if customer is not None:
            screen.open.serve(None)
            screen.changed(Say.OK, _("Without a customer now. F9 brings {name} back.").format(name=customer.called))

    async def look_again(self) -> None:
        """Whoever is attached may have been changed, merged, banned or erased meanwhile."""
        await self._now()

    async def _now(self, *, here: bool = False) -> Served | None:
        """The same, perhaps by who stands here; whoever is attached by now."""
        screen, before = self._screen, self._screen.open.customer
        if before is not None:
            found = await screen.till.ask(still, before.id, by=screen.till.by)
            if screen.open.customer is before:
                self.put_back(found, here=here)
                screen.show()
        return screen.open.customer

    def put_back(self, found: Served | ShopError, *, here: bool = False) -> None:
        """Go on with whoever was attached, or without him and say why; no alarm at what was just done ``here``."""
        screen = self._screen
        if isinstance(found, Served):
            screen.open.know(found if found.seen else replace(found, called=_("A customer")))
        else:
            screen.open.know(None)
            if isinstance(found, Erased):
                screen.say(Say.OK if here else Say.ERROR, _("Without a customer now: he was erased."), FIND)
                return
            screen.say(Say.ERROR, _("Without a customer now. {why}").format(why=sentence(found)), FIND)


def _words(line: Entry) -> str:
    return line.text.removeprefix(CUSTOMERS).strip()
