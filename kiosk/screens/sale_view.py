"""How the sale screen looks: the basket or the hits, the total or the change, the quick articles, the entry line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from kiosk.i18n import _, later, money_text, ngettext, quantity_text
from kiosk.money import ONE, ZERO
from kiosk.rules.basket import Item, Line, Unit
from kiosk.screens.done import Done
from kiosk.screens.entry import Entry, Mode
from kiosk.screens.open_sale import OpenSale
from kiosk.screens.tally import Totals
from kiosk.screens.till import Till
from kiosk.screens.widgets.basket_table import BasketTable
from kiosk.screens.widgets.choice_list import Choice, ChoiceList
from kiosk.screens.widgets.entry_line import EntryLine
from kiosk.screens.widgets.total_panel import TotalPanel

if TYPE_CHECKING:
    from kiosk.screens.served import Served
    from kiosk.screens.widgets.badge import Badge
    from kiosk.services.catalogue import QuickArticle

_TITLES: Final = {
    Mode.SELL: later("Scan · code · name · qty *"),
    Mode.PRICE: later("Price check · code · name"),
    Mode.TAKE_BACK: later("Take back · code · name · qty *"),
}


class SaleView:
    """The widgets, and what they show; decides nothing."""

    def __init__(self, till: Till) -> None:
        self._till = till
        self.table = BasketTable()
        self.hits = ChoiceList(id="hits")
        self.total = TotalPanel()
        self.quick = ChoiceList(id="quick")
        self.entry = EntryLine()
        self.badge: Badge | None = None
        """There from the first customer on: the till is seen sooner without it."""

    def compose(self) -> ComposeResult:
        """Basket or hits at the left, the total and the quick articles at the right, the entry line below."""
        self.hits.display = False
        with Horizontal(id="body"):
            with Vertical(id="main"):
                yield self.table
                yield self.hits
            with Vertical(id="side"):
                yield self.total
                yield self.quick
        yield self.entry

    @property
    def listing(self) -> bool:
        """Whether hits stand where the basket was."""
        return bool(self.hits.display)

    @property
    def page(self) -> int:
        """How many lines or hits are seen at once."""
        return self.hits.page if self.listing else self.table.page

    def show(self, sale: OpenSale, sold: Done | None) -> None:
        """Draw a sale; before its first line, the one before with the money that goes over the counter for it."""
        self._show_customer(sale.customer)
        if sold is not None and not sale.basket:
            self.table.show(sold.title, (), None, empty=_advice())
            title, amount = sold.figure
            self.total.show(f"{title} {sign()}", amount, *sold.notes)
            return
        title = f"{_('Sale')} · {count_text(sale)}" if sale.basket else _("New sale")
        self.table.show(title, sale.totals.lines, sale.place, empty=_advice())
        if sale.totals.total.minor < 0:
            given = _("Given back {amount}").format(amount=money_text(-sale.received))
            notes = (given, "") if sale.tenders else self._notes(sale.totals)
            self.total.show(f"{_('TO GIVE BACK')} {sign()}", -sale.owed, *notes)
        elif sale.tenders:
            received = _("Received {amount}").format(amount=money_text(sale.received))
            to_pay = _("To pay {amount}").format(amount=money_text(sale.totals.total))
            self.total.show(f"{_('STILL DUE')} {sign()}", sale.owed, received, to_pay)
        else:
            self.total.show(f"{_('TO PAY')} {sign()}", sale.totals.total, *self._notes(sale.totals))

    def _show_customer(self, customer: Served | None) -> None:
        """Above the quick articles, which keep what room is left."""
        if self.badge is None:
            side = self.quick.parent
            if customer is None or not isinstance(side, Vertical):
                return
            from kiosk.screens.widgets.badge import Badge

            self.badge = Badge()
            side.mount(self.badge, before=self.quick)
        self.badge.show(customer)

    def _notes(self, totals: Totals) -> tuple[str, str]:
        gross = _("Sum {amount}").format(amount=money_text(totals.gross))
        off = _("Disc {amount}").format(amount=money_text(-totals.off)) if totals.off else ""
        included = self._till.shop.settings.prices_include_tax
        tax = (_("Tax incl. {amount}") if included else _("Tax {amount}")).format(amount=money_text(totals.tax))
        return f"{gross}  {off}".strip(), tax

    def show_entry(self, line: Entry, mode: Mode) -> None:
        """Draw what is typed, and what becomes of it."""
        self.entry.show(line.shown, title=_(_TITLES[mode]))

    def show_quick(self, quick: Sequence[QuickArticle]) -> None:
        """List the quick articles."""
        choices = [Choice(one.item.text, price_text(one.item), key=f".{one.key}") for one in quick]
        self.quick.show(_("Quick articles"), choices, None, empty="")

    def list_hits(self, wanted: bool) -> None:
        """Put the hits where the basket is, or take them away."""
        if self.listing != wanted:
            self.hits.display, self.table.display = wanted, not wanted


def price_text(item: Item) -> str:
    """What an article costs, as a list shows it; nothing for an open price."""
    if item.price is None:
        return ""
    price = money_text(item.price)
    return _("{price}/kg").format(price=price) if item.unit is Unit.KILOGRAM else price


def count_text(sale: OpenSale) -> str:
    """How many things are in a basket, and how many come back."""
    back = sum(_things(line) for line in sale.basket.lines if line.returned is not None)
    count = sale.totals.items
    if not back:
        return ngettext("{count} item", "{count} items", count).format(count=count)
    sold = sum(_things(line) for line in sale.basket.lines if line.returned is None)
    coming = _("{count} back").format(count=back)
    if not sold:
        return coming
    return ngettext("{count} item", "{count} items", sold).format(count=sold) + f" · {coming}"


def _things(line: Line) -> int:
    """How many things a line is, whichever way it goes; what is weighed counts one."""
    pieces = line.unit is Unit.PIECE and line.quantity.whole
    return abs(line.quantity.thousandths) // 1000 if pieces else 1


def line_news(line: Line) -> str:
    """What the status line says of a line that was just sold."""
    if line.quantity == ONE:
        return f"{line.text}  {money_text(line.price)}"
    many = quantity_text(line.quantity, weighed=line.unit is Unit.KILOGRAM)
    return f"{many} * {line.text}  {money_text(line.gross if line.fixed is None else line.fixed)}"


def _advice() -> tuple[str, ...]:
    return ("", _("Scan an article, or type its code"), _("or some letters of its name."))


def sign() -> str:
    """The sign of the shop's currency."""
    return money_text(ZERO, symbol=True).strip("0.,' ")
