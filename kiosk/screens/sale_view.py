"""How the sale screen looks: the basket or the hits, the total or the change, the quick articles, the entry line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from kiosk.i18n import _, money_text, ngettext, quantity_text
from kiosk.money import ONE, ZERO, Money
from kiosk.rules.basket import Item, Line, Unit
from kiosk.screens.entry import Entry
from kiosk.screens.open_sale import OpenSale
from kiosk.screens.tally import Totals
from kiosk.screens.till import Till
from kiosk.screens.widgets.basket_table import BasketTable
from kiosk.screens.widgets.choice_list import Choice, ChoiceList
from kiosk.screens.widgets.entry_line import EntryLine
from kiosk.screens.widgets.total_panel import TotalPanel

if TYPE_CHECKING:
    from kiosk.services.catalogue import QuickArticle
    from kiosk.services.sales import Sold


class SaleView:
    """The widgets, and what they show; decides nothing."""

    def __init__(self, till: Till) -> None:
        self._till = till
        self.table = BasketTable()
        self.hits = ChoiceList(id="hits")
        self.total = TotalPanel()
        self.quick = ChoiceList(id="quick")
        self.entry = EntryLine()

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

    def show(self, sale: OpenSale, sold: Sold | None, paid_before: Money = ZERO) -> None:
        """Draw a sale; before its first line, the one before with its change, and what was paid of it earlier."""
        if sold is not None and not sale.basket:
            self._show_sold(sold, paid_before)
            return
        title = f"{_('Sale')} · {count_text(sale)}" if sale.basket else _("New sale")
        self.table.show(title, sale.totals.lines, sale.place, empty=_advice())
        if sale.tenders:
            received = _("Received {amount}").format(amount=money_text(sale.received))
            to_pay = _("To pay {amount}").format(amount=money_text(sale.totals.total))
            self.total.show(f"{_('STILL DUE')} {sign()}", sale.owed, received, to_pay)
        else:
            self.total.show(f"{_('TO PAY')} {sign()}", sale.totals.total, *self._notes(sale.totals))

    def _notes(self, totals: Totals) -> tuple[str, str]:
        gross = _("Sum {amount}").format(amount=money_text(totals.gross))
        off = _("Disc {amount}").format(amount=money_text(-totals.off)) if totals.off else ""
        included = self._till.shop.settings.prices_include_tax
        tax = (_("Tax incl. {amount}") if included else _("Tax {amount}")).format(amount=money_text(totals.tax))
        return f"{gross}  {off}".strip(), tax

    def _show_sold(self, sold: Sold, before: Money) -> None:
        self.table.show(_("Sale {number} is paid").format(number=sold.number), (), None, empty=_advice())
        paid = _("Sale {number}: {amount}").format(number=sold.number, amount=money_text(sold.total))
        earlier = _("Paid before {amount}").format(amount=money_text(before)) if before else ""
        title, amount = (_("PAID NOW"), sold.total - before) if before else (_("PAID"), sold.total)
        if sold.change:
            title, amount = _("CHANGE"), sold.change
        self.total.show(f"{title} {sign()}", amount, paid, earlier)

    def show_entry(self, line: Entry, *, only_price: bool) -> None:
        """Draw what is typed."""
        title = _("Price check · code · name") if only_price else _("Scan · code · name · qty *")
        self.entry.show(line.shown, title=title)

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
    """How many things are in a basket."""
    count = sale.totals.items
    return ngettext("{count} item", "{count} items", count).format(count=count)


def line_news(line: Line) -> str:
    """What the status line says of a line that was just sold."""
    if line.quantity == ONE:
        return f"{line.text}  {money_text(line.price)}"
    many = quantity_text(line.quantity, weighed=line.unit is Unit.KILOGRAM)
    return f"{many} * {line.text}  {money_text(line.gross)}"


def _advice() -> tuple[str, ...]:
    return ("", _("Scan an article, or type its code"), _("or some letters of its name."))


def sign() -> str:
    """The sign of the shop's currency."""
    return money_text(ZERO, symbol=True).strip("0.,' ")
