"""What was done last, as it stands on the sale screen until the next sale begins: the change, or money given back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.i18n import _, money_text
from kiosk.money import ZERO, Money, total

if TYPE_CHECKING:
    from kiosk.screens.open_sale import OpenSale
    from kiosk.services.sales import Sold


@dataclass(frozen=True, slots=True)
class Done:
    """A sale, a return or a void that is in the books."""

    sold: Sold
    before: Money = ZERO
    """What earlier tenders had paid of it."""
    cash_back: Money = ZERO
    """What comes out of the drawer for it; below zero, what goes in."""
    back: bool = False
    """Whether it gave money back, even if that was rounded to nothing."""
    voids: int = 0
    """The number of the receipt that it voids; 0 for what is no void."""
    customer: str = ""
    """What the one is called whom it was for."""

    @property
    def title(self) -> str:
        """What was done."""
        number = self.sold.number
        if self.voids:
            return _("Receipt {number} is voided").format(number=self.voids)
        if self.back:
            return _("Return {number} is done").format(number=number)
        return _("Sale {number} is paid").format(number=number)

    @property
    def news(self) -> str:
        """The same with its amount, as the status line says it."""
        number, amount = self.sold.number, money_text(self.sold.total)
        if self.voids:
            said = _("Receipt {number} is voided by receipt {void}: {amount}")
            return said.format(number=self.voids, void=number, amount=amount)
        if self.back:
            return _("Return {number} is done: {amount}").format(number=number, amount=amount)
        return _("Sale {number} is paid: {amount}").format(number=number, amount=amount)

    @property
    def figure(self) -> tuple[str, Money]:
        """What the clerk must look at now: the cash that goes over the counter, or else the amount."""
        sold = self.sold
        if sold.change:
            return _("CHANGE"), sold.change
        if self.cash_back.minor > 0:
            return _("CASH BACK"), self.cash_back
        if self.cash_back.minor < 0:
            return _("CASH IN"), -self.cash_back
        if self.back or sold.total.minor < 0:
            return _("GIVEN BACK"), -sold.total
        return (_("PAID NOW"), sold.total - self.before) if self.before else (_("PAID"), sold.total)

    @property
    def notes(self) -> tuple[str, str]:
        """What the figure is made of."""
        number, amount = self.sold.number, money_text(self.sold.total)
        if self.voids:
            return _("Void {number}: {amount}").format(number=number, amount=amount), ""
        if self.back:
            return _("Return {number}: {amount}").format(number=number, amount=amount), self.customer
        earlier = _("Paid before {amount}").format(amount=money_text(self.before)) if self.before else ""
        more = " · ".join(filter(None, (earlier, self.customer)))
        return _("Sale {number}: {amount}").format(number=number, amount=amount), more


def done_with(sold: Sold, sale: OpenSale) -> Done:
    """What is shown of a sale that was just closed."""
    customer = sale.customer.called if sale.customer else ""
    if sale.totals.total.minor >= 0:
        return Done(sold, before=sale.paid_before, customer=customer)
    from kiosk.rules.tender import TenderKind

    cash = total(-given.given for given in sale.tenders if given.tender.kind is TenderKind.CASH)
    return Done(sold, cash_back=cash, back=True, customer=customer)
