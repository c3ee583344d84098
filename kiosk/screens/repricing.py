"""Another price for the chosen line: not the catalogue's, and so behind a door of its own (D7-02)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.errors import EmptySale
from kiosk.i18n import _, money_text
from kiosk.money import Money
from kiosk.rules import basket as rules
from kiosk.rules.permissions import Action
from kiosk.screens.approval import allowed
from kiosk.screens.dialogs import AskNumber
from kiosk.screens.sale_view import line_news
from kiosk.screens.widgets.status import Say

if TYPE_CHECKING:
    from kiosk.screens.sale import SaleScreen


async def ask(screen: SaleScreen) -> None:
    """Ask for the price, once it is allowed. Refuses: EmptySale, Denied, NeedsApproval, NotANumber, OutOfRange."""
    till, sale = screen.till, screen.open
    line = sale.line
    if line is None:
        raise EmptySale
    if not await allowed(screen, Action.PRICE_CHANGE, key=sale.key):
        return
    asked = _("{article} costs {price}. What does it cost now?").format(
        article=line.text, price=money_text(line.price, symbol=True)
    )
    typed = await screen.in_front(AskNumber(till, _("New price"), asked))
    if not typed:
        return
    price = Money.parse(typed, till.shop.settings.decimals)
    sale.change(rules.set_price(sale.basket, line.id, price), line.id)
    screen.note("sale.price_changed", text=f"{line.text}  {money_text(line.price)}", minor=price.minor)
    screen.changed(Say.OK, line_news(sale.basket.line(line.id)))
