"""Putting the open sale aside, and taking a parked one up: F5, and a scanned ticket (T-11, T-12, D4-01, D4-03)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kiosk.errors import Missing, NotFound, PartlyPaid, ShopError
from kiosk.i18n import _, later, money_text
from kiosk.i18n.sentences import sentence
from kiosk.screens.dialogs import AskText
from kiosk.screens.open_sale import OpenSale
from kiosk.screens.parked import ParkedScreen, agreed
from kiosk.screens.sale_view import count_text
from kiosk.screens.served import still
from kiosk.screens.widgets.status import Hint, Say
from kiosk.services import parked
from kiosk.services.drafts import Draft

if TYPE_CHECKING:
    from kiosk.screens.around import Ticket
    from kiosk.screens.keeper import Keeper
    from kiosk.screens.sale import SaleScreen

_AFTER: Final[tuple[Hint, ...]] = (("F9", later("take it up")), ("F5", later("parked sales")))


class Parking:
    """What is parked is off this screen in the same moment; what is taken up is looked at before it is paid."""

    def __init__(self, screen: SaleScreen, keeper: Keeper) -> None:
        self._screen = screen
        self._till = screen.till
        self._keeper = keeper

    async def park_or_list(self) -> None:
        """Park what is in the sale; with nothing in it, list what is parked. Refuses: as parked.park."""
        sale = self._screen.open
        if sale.tenders:
            raise PartlyPaid(received=sale.received.minor)
        if sale.basket:
            await self._park()
        else:
            await self._list()

    async def scanned(self, ticket: Ticket) -> None:
        """Take up what a ticket stands for. Nothing is lost where something else stands open."""
        screen, sale, number = self._screen, self._screen.open, ticket.number
        open_here = bool(sale.basket or sale.tenders)
        if not ticket.sale:
            said = _("Parked sale {number} waits no more: it was taken up or voided.")
            screen.say(Say.ERROR, said.format(number=number), () if open_here else (("F5", later("parked sales")),))
        elif open_here:
            said = _("Ticket of parked sale {number}: finish or park this sale, then scan it.")
            screen.say(Say.ERROR, said.format(number=number), (("F5", later("park")),))
        else:
            await self._take(ticket.sale)

    async def undo(self) -> None:
        """Take up what was just parked, if nobody was faster."""
        await self._take(self._screen.just_parked)

    async def _park(self) -> None:
        screen, sale = self._screen, self._screen.open
        customer = sale.customer
        name = customer.called if customer is not None and customer.seen else await self._ask_name()
        if name is None:
            screen.say(Say.QUIET, _("Not parked: the sale goes on."))
            return
        count, amount = count_text(sale), money_text(sale.totals.total)
        self._keeper.forget()
        try:
            made = await self._till.ask(parked.park, sale.draft(""), name, by=self._till.by)
        except ShopError:
            self._keeper.save()
            raise
        screen.turn_to(OpenSale(self._till.shop))
        screen.just_parked = made.key
        said = _("Parked: {name}, {count}, {amount}.")
        screen.say(Say.OK, said.format(name=made.name, count=count, amount=amount), _AFTER)

    async def _ask_name(self) -> str | None:
        """Under which name it waits; None on Esc. Enter with nothing typed asks again."""
        asked = news = _("Under which name does this sale wait?")
        while True:
            question = AskText(self._till, _("Park the sale"), news, longest=parked.LONGEST_NAME)
            name = await self._screen.question(question)
            if name or name is None:
                return name
            news = f"{sentence(Missing(field='name'))}. {asked}"

    async def _list(self) -> None:
        await self._keeper.settle()
        screen, customer = self._screen, self._screen.open.customer
        front = ParkedScreen(self._till, customer="" if customer is None else customer.id)
        draft = await screen.in_front(front)
        if draft is not None:
            await self._turn_to(draft)

    async def _take(self, sale: str) -> None:
        await self._keeper.settle()
        try:
            draft = await agreed(self._screen, parked.recall, sale)
        except NotFound:
            self._screen.say(Say.ERROR, _("It waits no more: somebody else was faster."))
            return
        if draft is not None:
            await self._turn_to(draft)

    async def _turn_to(self, draft: Draft) -> None:
        """Have it on the screen; whoever it is for may have been banned or erased meanwhile."""
        screen, till = self._screen, self._till
        served = await till.ask(still, draft.customer, by=till.by) if draft.customer else None
        screen.turn_to(OpenSale(till.shop, draft))
        sale = screen.open
        said = _("Taken up: {count}, {amount}. Look at it before it is paid.")
        screen.say(Say.ASK, said.format(count=count_text(sale), amount=money_text(sale.totals.total)))
        if served is not None:
            screen.serving.put_back(served)
            screen.show()
            self._keeper.save()
        screen.day.sale_begins()
