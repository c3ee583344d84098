"""How goods come back into the open sale: from a past receipt, or without one (D5-01, D5-02, D5-03)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kiosk.i18n import _, later, money_text
from kiosk.money import ONE, Quantity
from kiosk.rules import basket as rules
from kiosk.rules.basket import Item, Unit
from kiosk.rules.permissions import Action
from kiosk.screens.approval import allowed
from kiosk.screens.around import may
from kiosk.screens.entry import Mode
from kiosk.screens.history import HistoryScreen
from kiosk.screens.reasons import ask_reason
from kiosk.screens.sale_view import count_text, line_news
from kiosk.screens.widgets.status import Say

if TYPE_CHECKING:
    from kiosk.screens.sale import SaleScreen

CAME_BACK: Final = "came_back"
"""What the menu is dismissed with when goods came into the sale from a receipt."""
TAKE_BACK: Final = "take_back"
"""The same when the next article is to come back without one."""


class ComingBack:
    """The way back. What it puts into the sale is one step, which F9 takes out again."""

    def __init__(self, screen: SaleScreen) -> None:
        self._screen = screen

    async def receipts(self, sale: str = "") -> None:
        """Show past receipts, or one of them; goods of it may come back into the sale."""
        screen = self._screen
        if await screen.in_front(HistoryScreen(screen.till, sale=sale, to=screen.open)):
            self._came()

    async def wished(self, wish: str | None) -> None:
        """What was chosen in the menu."""
        if wish == CAME_BACK:
            self._came()
        elif wish == TAKE_BACK:
            await self.next_one()

    async def next_one(self) -> None:
        """The next article comes back without its receipt. Refuses: Denied."""
        screen = self._screen
        await screen.till.ask(may, screen.till.by, Action.RETURN_WITHOUT_RECEIPT)
        screen.mode = Mode.TAKE_BACK
        screen.type(screen.line)
        screen.say(
            Say.ASK,
            _("Take back without a receipt: scan or type."),
            (("3 *", later("quantity")), ("F8", later("with a receipt")), ("Esc", later("back"))),
        )

    async def without_receipt(self, item: Item, quantity: Quantity | None) -> None:
        """Put an article into the sale that comes back, once it was said why, and somebody may."""
        screen = self._screen
        screen.mode = Mode.SELL
        if not await self._take(item, quantity):
            screen.say(Say.ASK, _("Not taken back: {article}.").format(article=item.text))
        screen.show()

    async def _take(self, item: Item, quantity: Quantity | None) -> bool:
        from kiosk.services import returns

        screen, till = self._screen, self._screen.till
        priced = await screen.intake.priced(item)
        if priced is None or priced.price is None:
            return False
        count = quantity or item.quantity
        if item.unit is Unit.KILOGRAM and count is None:
            count = await screen.intake.weighed(priced)
            if count is None:
                return False
        count = count or ONE
        asked = _("{article} comes back without a receipt, {amount}. Why?").format(
            article=item.text, amount=money_text(priced.price.times(count), symbol=True)
        )
        reason = await ask_reason(screen, _("Take back"), asked, till.shop.settings.return_reasons)
        if reason is None:
            return False
        line = await till.ask(returns.without_receipt, priced, count, reason=reason)
        basket = rules.take_back(screen.open.basket, line)
        await till.ask(returns.check_limit, basket)
        if not await allowed(screen, Action.RETURN_WITHOUT_RECEIPT, key=screen.open.key):
            return False
        screen.open.change(basket, basket.lines[-1].id)
        screen.changed(Say.OK, line_news(basket.lines[-1]))
        return True

    def _came(self) -> None:
        screen = self._screen
        screen.mode = Mode.SELL
        total = screen.open.totals.total
        if total.minor < 0:
            news = _("{count}. To give back: {amount}").format(count=count_text(screen.open), amount=money_text(-total))
        else:
            news = _("{count}. To pay: {amount}").format(count=count_text(screen.open), amount=money_text(total))
        screen.changed(Say.OK, news)
