"""What the keys do to the chosen line of the open sale: how many, at which price, with what off, once more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kiosk.errors import EmptySale
from kiosk.i18n import _
from kiosk.money import Quantity
from kiosk.rules import basket as rules
from kiosk.rules.basket import Basket, Line
from kiosk.screens.entry import Entry
from kiosk.screens.sale_view import line_news
from kiosk.screens.widgets.status import Say

if TYPE_CHECKING:
    from kiosk.screens.sale import SaleScreen, Work


class SaleLines:
    """The chosen line; what comes back stays as it was sold."""

    def __init__(self, screen: SaleScreen) -> None:
        self._screen = screen

    def more(self) -> None:
        """One more, or as many as are typed. Refuses: EmptySale, NotANumber and what the rules do."""
        by = self._typed()
        self._change(lambda basket, line: rules.change(basket, line, by))

    def fewer(self) -> None:
        """One less, or as many as are typed; at zero it goes. Refuses: as ``more``."""
        by = self._typed()
        self._change(lambda basket, line: rules.change(basket, line, -by))

    def so_many(self, quantity: Quantity) -> None:
        """That many of it. Refuses: as ``more``."""
        self._change(lambda basket, line: rules.set_quantity(basket, line, quantity))

    def times(self) -> None:
        """What is typed becomes a quantity; with nothing typed, the line is sold once more. Refuses: NotANumber."""
        screen = self._screen
        if screen.line.text:
            screen.type(screen.line.times())
        elif screen.line.quantity is None and screen.open.line is not None and not self.stays():
            screen.intake.again(screen.open.line)

    def percent(self) -> Work | None:
        """So many percent off it. Refuses: as ``discounts.percent_off_line``."""
        from kiosk.screens import discounts

        return None if self.stays() else discounts.percent_off_line(self._screen)

    def new_price(self) -> Work | None:
        """Another price for it. Refuses: as ``repricing.ask``."""
        from kiosk.screens import repricing

        return None if self.stays() else repricing.ask(self._screen)

    def stays(self) -> bool:
        """Whether the line is as it is because it comes back; then that is said."""
        line = self._screen.open.line
        if line is None or line.returned is None:
            return False
        said = _("{article} comes back as it is: Del takes it out.")
        self._screen.say(Say.ERROR, said.format(article=line.text))
        return True

    def _typed(self) -> Quantity:
        line = self._screen.line
        return line.quantity or (Quantity.parse(line.text) if line.text else Quantity.of(1))

    def _change(self, change: Callable[[Basket, int], Basket]) -> None:
        screen, line = self._screen, self._screen.open.line
        if line is None:
            raise EmptySale
        if self.stays():
            return
        screen.open.change(change(screen.open.basket, line.id), line.id)
        screen.line = Entry()
        screen.changed(Say.OK, _news(screen.open.basket, line))


def _news(basket: Basket, line: Line) -> str:
    left = next((one for one in basket.lines if one.id == line.id), None)
    return line_news(left) if left else _("The line is gone. F9 brings it back.")
