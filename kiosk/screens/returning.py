"""Taking goods back by their receipt: which lines, how many of each, why, and whether they are sold again (D5-01)."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from kiosk.errors import Denied, ShopError
from kiosk.i18n import _, later, money_text, quantity_text
from kiosk.money import ONE, Quantity
from kiosk.rules.basket import Item, Unit
from kiosk.rules.permissions import Action, State
from kiosk.screens.approval import allowed
from kiosk.screens.around import Receipt, identify
from kiosk.screens.back_room import BackRoom
from kiosk.screens.base import Press, key
from kiosk.screens.open_sale import OpenSale
from kiosk.screens.reasons import ask_reason
from kiosk.screens.sale_view import sign
from kiosk.screens.taking import NONE, Taking
from kiosk.screens.till import Till
from kiosk.screens.widgets.cells import Row, fit
from kiosk.screens.widgets.entry_line import EntryLine
from kiosk.screens.widgets.sheet import Sheet
from kiosk.screens.widgets.status import Hint, Say
from kiosk.screens.widgets.table import HIDDEN, Column, Table
from kiosk.screens.widgets.total_panel import TotalPanel
from kiosk.services import give_back, return_rows, returns, staff
from kiosk.services.returns import PastSale, Returnable
from kiosk.services.shop import Shop

Work = Coroutine[Any, Any, None]

_LONGEST: Final = 8
_LABEL: Final = 11
_PAID: Final = 23
_COLUMNS: Final = (
    Column(later("No."), HIDDEN, wide=10),
    Column(later("Article"), 0),
    Column(later("Sold"), 6, wide=8, align="right"),
    Column(later("Left"), 6, wide=8, align="right"),
    Column(later("Taken"), 8, wide=8, align="right"),
    Column(later("Amount"), 10, wide=12, align="right"),
)


def look_back(shop: Shop, by: str, sale: str) -> PastSale:
    """A receipt of which goods are to come back, for those who may take them. Refuses: Denied, NotFound, TooLate."""
    if staff.permission(shop, by, Action.RETURN) is State.DENIED:
        raise Denied(action=Action.RETURN)
    give_back.check_original(shop, return_rows.original(sale))
    return returns.past_sale(shop, sale)


@dataclass(frozen=True, slots=True)
class _Before:
    """How things stood before a key that may turn out to be the beginning of a scan."""

    typed: str
    wanted: dict[int, Quantity]
    restock: bool


class ReturnScreen(BackRoom[bool]):
    """The lines of a receipt; dismissed with True once the open sale has what comes back of them."""

    TITLE_WORD: ClassVar[str] = later("TAKE BACK")
    MAIN_KEY: ClassVar[str] = "return.take"
    HINTS: ClassVar[Sequence[Hint]] = (
        (later("Enter"), later("all of it")),
        ("0-9", later("so many")),
        ("*", later("everything")),
        ("F12", later("take back")),
    )
    TYPING: ClassVar[Sequence[Hint]] = (
        ("0-9", later("How many of the chosen line come back; 0 for none")),
        (later("Scan"), later("An article of this receipt: one more of it comes back")),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        key("f6,asterisk", "return.everything", later("All"), later("Everything that is left comes back")),
        key("f11", "return.lock", later("Lock")),
        key("f12", "return.take", later("Take back"), later("Put what comes back into the sale")),
        key("enter,space", "return.whole", later("All of it"), later("All that is left of the chosen line comes back")),
        key("plus", "return.more", later("More"), later("One more of the chosen line")),
        key("minus", "return.fewer", later("Fewer"), later("One less of the chosen line")),
        key("delete", "return.none", later("None"), later("Nothing of the chosen line comes back")),
        key("w,W", "return.why", later("Why"), later("The reason why it comes back")),
        key("r,R", "return.restock", later("Sold again"), later("Whether it can be sold again")),
        key("up", "return.up", later("Up"), later("The line above")),
        key("down", "return.down", later("Down"), later("The line below")),
        key("pageup", "return.page_up", later("A page up")),
        key("pagedown", "return.page_down", later("A page down")),
        key("home", "return.first", later("First line")),
        key("end", "return.last", later("Last line")),
        key("backspace", "return.erase", later("Erase a digit")),
        key("escape", "return.back", later("Back"), later("Clear the digits, or back to the receipts")),
    ]

    def __init__(self, till: Till, past: PastSale, to: OpenSale) -> None:
        """``to`` is the sale into which the goods come back."""
        self.taking = Taking(past, to.basket)
        super().__init__(till)
        self.to = to
        self._typed = ""
        self._reason = ""
        self._restock = True
        self._recent: tuple[_Before, ...] = ()
        self.table = Table(_COLUMNS)
        self.total = TotalPanel()
        self.sheet = Sheet()
        self.entry = EntryLine()

    def title_text(self) -> str:
        """Of which receipt."""
        receipt = _("Receipt {number}").format(number=self.taking.past.number)
        return f"{_(self.TITLE_WORD)} · {receipt} · {self.till.person.name if self.till.person else ''}"

    def body(self) -> ComposeResult:
        """The lines at the left; what they come to, and how they come back, at the right."""
        with Horizontal(id="body"):
            with Vertical(id="main"):
                yield self.table
            with Vertical(id="side"):
                yield self.total
                yield self.sheet
        yield self.entry

    def on_mount(self) -> None:
        """If one single thing can come back, it does."""
        only = self.taking.only_one()
        if only is not None:
            self.table.chosen = self.taking.lines.index(only)
            self.taking.want(only, ONE)
        self.show()
        if not any(self.taking.left(line) for line in self.taking.lines):
            self.say(Say.ERROR, self.taking.why_not())

    @property
    def line(self) -> Returnable | None:
        """The chosen line."""
        lines = self.taking.lines
        return lines[self.table.chosen] if self.table.chosen < len(lines) else None

    # What is seen

    def show(self) -> None:
        """Draw everything as it is."""
        taking, line = self.taking, self.line
        self.table.show(self._heading(), [self._cells(one) for one in taking.lines], self.table.chosen)
        self.total.show(f"{_('COMES BACK')} {sign()}", taking.total)
        self.sheet.show(_("How"), self._how())
        asked = _("How many come back?") if line is None else _("How many of {article}?").format(article=line.text)
        self.entry.show(self._typed, title=asked)

    def _heading(self) -> str:
        past = self.taking.past
        heading = _("Receipt {number}").format(number=past.number)
        if past.reversed_by:
            by = ", ".join(map(str, past.reversed_by[:3]))
            heading += " · " + _("corrected by {numbers}").format(numbers=by)
        return heading

    def _cells(self, line: Returnable) -> tuple[str, ...]:
        weighed, wanted = line.unit is Unit.KILOGRAM, self.taking.of(line)
        return (
            line.number,
            line.text,
            quantity_text(line.quantity, weighed=weighed),
            quantity_text(self.taking.left(line), weighed=weighed),
            quantity_text(wanted, weighed=weighed) if wanted else "",
            money_text(self.taking.worth(line)) if wanted else "",
        )

    def _how(self) -> list[Row]:
        rows: list[Row] = [
            _row("W", _("Why"), _(self._reason) if self._reason else _("at the end")),
            _row("R", _("Sold again"), _("yes") if self._restock else _("no")),
            (),
            (("muted", f" {_('Paid by')}"),),
        ]
        for name, amount in self.taking.past.tenders:
            paid = money_text(amount)
            rows.append((("text", f"  {fit(_(name) if name else '', _PAID - len(paid) - 1)} {paid}"),))
        return rows

    # Typing and scanning

    def takes(self, press: Press) -> bool:
        """Digits; of what is weighed, a decimal sign as well."""
        weighed = self.line is not None and self.line.unit is Unit.KILOGRAM
        return press.character.isdecimal() or (weighed and bool(press.character) and press.character in ",.")

    def typed(self, character: str) -> Work | None:
        """A digit more of how many come back. Refuses: AlreadyReturned, NotANumber."""
        if self.line is not None and self.takes(Press("", character)) and self._is_left(self.line):
            typed = (self._typed + character)[:_LONGEST]
            self._want(_quantity(typed), typed)
        return None

    def pressed(self, press: Press) -> Work | None:
        """Whatever a key does, a scan that it was a part of takes it back."""
        if press.character and not press.burst:
            now = _Before(self._typed, dict(self.taking.wanted), self._restock)
            self._recent = (*self._recent[-1:], now)
        return super().pressed(press)

    def untype(self, characters: int) -> None:
        """What was typed was a scanner's."""
        if self._recent:
            before = self._recent[0 if characters > 1 else -1]
            self._typed, self.taking.wanted, self._restock = before.typed, dict(before.wanted), before.restock
        self.show()

    def scanned(self, code: str) -> Work | None:
        """An article of this receipt: one more of it comes back. Another receipt: its lines, instead of these."""
        return self._scanned(code)

    async def _scanned(self, code: str) -> None:
        found = await self.till.ask(identify, code)
        if isinstance(found, Receipt):
            super().scanned(code)
        elif isinstance(found, Item):
            self._one_more(found)
        else:
            self.say(Say.ERROR, _("Nothing here has the code {code}.").format(code=code))

    def _one_more(self, item: Item) -> None:
        more = item.quantity or ONE
        place = self.taking.place_for(item.number, more)
        if place is None:
            said = _("{article} is not on this receipt. Esc goes back.")
            self.say(Say.ERROR, said.format(article=item.text))
            return
        self._move(place - self.table.chosen)
        self._more(more)

    # Keys

    def action_whole(self) -> None:
        """All that is left of the chosen line; behind typed digits, on to the next line."""
        if self._typed:
            self._move(1)
        elif self.line is not None and self._is_left(self.line):
            self._want(self.taking.left(self.line))

    def action_everything(self) -> None:
        """Everything that is left comes back."""
        self.taking.want_all()
        self._typed = ""
        self._changed()
        if not self.taking.wanted:
            self.say(Say.ERROR, self.taking.why_not())

    def action_none(self) -> None:
        """Nothing of the chosen line."""
        self._want(NONE)

    def action_more(self) -> None:
        """One more of the chosen line. Refuses: AlreadyReturned."""
        self._more(ONE)

    def action_fewer(self) -> None:
        """One less of the chosen line."""
        if self.line is not None:
            left = self.taking.of(self.line) - ONE
            self._want(left if left.thousandths > 0 else NONE)

    def action_erase(self) -> None:
        """The last digit goes."""
        if self._typed:
            typed = self._typed[:-1]
            self._want(_quantity(typed), typed)

    def action_why(self) -> Work:
        """Choose the reason."""
        return self._why()

    def action_restock(self) -> None:
        """Whether it can be sold again."""
        self._restock = not self._restock
        self.show()

    def action_take(self) -> Work:
        """Put what comes back into the sale."""
        return self._take()

    def action_back(self) -> None:
        """The digits go; with none typed, back to the receipts, and nothing comes back."""
        if self._typed:
            self._want(NONE)
        else:
            self.dismiss(False)

    def action_up(self) -> None:
        """The line above."""
        self._move(-1)

    def action_down(self) -> None:
        """The line below."""
        self._move(1)

    def action_page_up(self) -> None:
        """A page up."""
        self._move(-self.table.page)

    def action_page_down(self) -> None:
        """A page down."""
        self._move(self.table.page)

    def action_first(self) -> None:
        """The first line."""
        self._move(-len(self.taking.lines))

    def action_last(self) -> None:
        """The last line."""
        self._move(len(self.taking.lines))

    # Work

    def _move(self, by: int) -> None:
        self._typed = ""
        self.table.move(by)
        self.show()

    def _is_left(self, line: Returnable) -> bool:
        """Whether anything of a line can come back; else it is said why not."""
        if not self.taking.left(line):
            self.say(Say.ERROR, self.taking.why_not(line))
        return bool(self.taking.left(line))

    def _more(self, more: Quantity) -> None:
        if self.line is not None and self._is_left(self.line):
            self._want(self.taking.of(self.line) + more)

    def _want(self, quantity: Quantity, typed: str = "") -> None:
        """So many of the chosen line, by digits or by another key. Refuses: as ``Taking.want``."""
        if self.line is not None:
            self.taking.want(self.line, quantity)
            self._typed = typed
            self._changed()

    def _changed(self) -> None:
        """What was said before is not about it any more."""
        self.say(Say.QUIET, "")
        self.show()

    async def _why(self) -> None:
        await self._ask_why()

    async def _ask_why(self) -> bool:
        reasons = self.till.shop.settings.return_reasons
        reason = await ask_reason(self, _("Take back"), _("Why does it come back?"), reasons)
        if reason is not None:
            self._reason = reason
            self._changed()
        return reason is not None

    async def _take(self) -> None:
        if not self.taking.wanted:
            self.say(Say.ASK, _("Choose first what comes back: Enter takes the chosen line."))
            return
        if not self._reason and not await self._ask_why():
            self.say(Say.ASK, _("Nothing has come back yet."))
            return
        if not await allowed(self, Action.RETURN, key=self.to.key):
            self.say(Say.ASK, _("Nothing has come back yet."))
            return
        past, wanted = self.taking.past, dict(self.taking.wanted)
        try:
            basket = await self.till.ask(
                returns.take_back, self.to.basket, past.sale, wanted, reason=self._reason, restock=self._restock
            )
        except ShopError:
            self.taking.look_again(await self.till.ask(returns.past_sale, past.sale))
            self._typed = ""
            self.show()
            raise
        self.to.change(basket, basket.lines[-1].id)
        self.dismiss(True)


def _quantity(typed: str) -> Quantity:
    """What digits say so far; a decimal sign at the end waits for what follows."""
    bare = typed.rstrip(",.")
    return Quantity.parse(bare) if bare else NONE


def _row(letter: str, label: str, value: str) -> Row:
    return (("key", f" {letter} "), ("muted", fit(label, _LABEL)), ("strong", f" {value}"))
