"""From the sale to the books: in cash at once, by the payment screen, or back out by the screen for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.errors import EmptySale, NotEnough, NotInSteps, OutOfRange
from kiosk.i18n import _, money_text
from kiosk.money import Money
from kiosk.screens import closing, sale_keys
from kiosk.screens.entry import Entry
from kiosk.screens.giving_back import GivingBackScreen
from kiosk.screens.payment import PaymentScreen
from kiosk.screens.widgets.status import Say

if TYPE_CHECKING:
    from kiosk.screens.sale import SaleScreen


class Finishing:
    """What Enter and F12 do with a sale."""

    def __init__(self, screen: SaleScreen) -> None:
        self._screen = screen

    def is_there(self) -> bool:
        """Whether there is something to pay; keys that repeat after a payment leave its change on the screen.

        Refuses: EmptySale.
        """
        screen = self._screen
        there = bool(screen.open.basket or screen.open.tenders)
        if not there and screen.sold is None:
            raise EmptySale
        return there

    async def pay(self) -> None:
        """Go on to the payment, or to the screen that gives money back."""
        screen, sale = self._screen, self._screen.open
        if not sale.basket:
            await self._money_back()
            return
        tenders = await screen.tenders()
        if not await closing.straighten(screen, sale):
            screen.say(Say.ERROR, _("First undo what was received or given back."))
            return
        front = GivingBackScreen if sale.totals.total.minor < 0 else PaymentScreen
        sold = await screen.in_front(front(screen.till, sale, tenders, screen.keep_now))
        if sold is not None:
            screen.finished(sold)
        else:
            screen.looked_at()

    async def _money_back(self) -> None:
        """Nothing is in the sale any more, and something was received for it."""
        screen, received = self._screen, self._screen.open.received
        if await closing.give_back(screen, screen.open):
            screen.changed(Say.OK, _("Given back {amount}").format(amount=money_text(received)))

    def _gives_back(self) -> bool:
        """Whether money goes out, or has gone out, or goods are not there: that is looked at first."""
        sale = self._screen.open
        if not sale.basket:
            return True
        return sale.totals.total.minor < 0 or any(given.given.minor < 0 for given in sale.tenders)

    async def cash(self, given: Money | None) -> None:
        """Paid in cash: exactly, or the amount that is typed; money goes out only by its own screen.

        Refuses: NotInSteps, OutOfRange and what closing does."""
        screen = self._screen
        if self._gives_back():
            screen.type(Entry())
            await self.pay()
            return
        try:
            sold = await closing.pay_cash(screen, screen.open, await screen.tenders(), given)
        except NotEnough as error:
            screen.type(Entry())
            amount, missing = money_text(Money(error.available)), money_text(Money(error.wanted - error.available))
            screen.say(
                Say.ERROR,
                _("{amount} is not enough: {missing} missing.").format(amount=amount, missing=missing),
                sale_keys.PARTS,
            )
            return
        except (NotInSteps, OutOfRange):
            screen.type(Entry())
            raise
        screen.finished(sold)
