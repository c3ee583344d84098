"""Taking goods back by their receipt: which lines, how many of each, why, and whether they are sold again (D5-01)."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from kiosk.errors import AlreadyReturned, Denied, Invalid, ShopError
from kiosk.i18n import _, later, money_text, quantity_text
from kiosk.money import ONE, ZERO, Money, Quantity, total
from kiosk.rules import refund
from kiosk.rules.basket import Basket, Item, Unit
from kiosk.rules.permissions import Action, State
from kiosk.rules.refund import Left
from kiosk.screens.approval import allowed
from kiosk.screens.around import Receipt, identify
from kiosk.screens.back_room import BackRoom
from kiosk.screens.base import Press, key
from kiosk.screens.open_sale import OpenSale
from kiosk.screens.reasons import ask_reason
from kiosk.screens.sale_view import sign
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
_COLUMNS: Final = (
    Column(later("No."), HIDDEN, wide=10),
    Column(later("Article"), 0),
    Column(later("Sold"), 6, wide=8, align="right"),
    Column(later("Left"), 6, wide=8, align="right"),
    Column(later("Back"), 6, wide=8, align="right"),
    Column(later("Amount"), 10, wide=12, align="right"),
)
_NONE: Final = Quantity(0)


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
        self.past = past
        super().__init__(till)
        self.to = to
        self.wanted: dict[int, Quantity] = {}
        """Position to how many come back."""
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
        receipt = _("Receipt {number}").format(number=self.past.number)
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
        """If only one thing can come back, it does."""
        left = [place for place, one in enumerate(self._lefts()) if one.left.thousandths > 0]
        if len(left) == 1:
            line = self.past.lines[left[0]]
            self.table.chosen = left[0]
            if line.unit is Unit.PIECE and self._left(line).left == ONE:
                self.wanted = {line.position: ONE}
        self.show()
        if not left:
            self.say(Say.ERROR, self._why_not(None))

    # What is left, and what it is worth

    @property
    def line(self) -> Returnable | None:
        """The chosen line."""
        lines = self.past.lines
        return lines[self.table.chosen] if self.table.chosen < len(lines) else None

    def _lefts(self) -> tuple[Left, ...]:
        return tuple(self._left(line) for line in self.past.lines)

    def _left(self, line: Returnable) -> Left:
        """What is left of a line; what the open sale takes back of it already counts."""
        return left_of(line, self.past.sale, self.to.basket)

    def _amount(self, line: Returnable) -> Money:
        wanted = self.wanted.get(line.position)
        return refund.worth(self._left(line), wanted) if wanted else ZERO

    def _why_not(self, line: Returnable | None) -> str:
        """Why nothing of a line, or of the receipt, can come back."""
        past = self.past
        if past.kind == "void":
            return _("Receipt {number} is a void: nothing of it comes back.").format(number=past.number)
        if line is None:
            if any(one.quantity.thousandths > 0 for one in past.lines):
                return _("Everything of receipt {number} came back already.").format(number=past.number)
            return _("On receipt {number} nothing was sold.").format(number=past.number)
        if line.quantity.thousandths <= 0:
            return _("{article} was not sold here, it came back.").format(article=line.text)
        return _("All of {article} came back already.").format(article=line.text)

    # What is seen

    def show(self) -> None:
        """Draw everything as it is."""
        past = self.past
        self.table.show(self._title(), [self._cells(line) for line in past.lines], self.table.chosen)
        amounts = [self._amount(line) for line in past.lines]
        self.total.show(f"{_('COMES BACK')} {sign()}", total(amounts))
        self.sheet.show(_("How"), self._how())
        line = self.line
        asked = _("How many come back?") if line is None else _("How many of {article}?").format(article=line.text)
        self.entry.show(self._typed, title=asked)

    def _title(self) -> str:
        past = self.past
        title = _("Receipt {number}").format(number=past.number)
        if past.reversed_by:
            by = ", ".join(map(str, past.reversed_by[:3]))
            title += " · " + _("came back by {numbers}").format(numbers=by)
        return title

    def _cells(self, line: Returnable) -> tuple[str, ...]:
        weighed = line.unit is Unit.KILOGRAM
        wanted = self.wanted.get(line.position)
        return (
            line.number,
            line.text,
            quantity_text(line.quantity, weighed=weighed),
            quantity_text(self._left(line).left, weighed=weighed),
            quantity_text(wanted, weighed=weighed) if wanted else "",
            money_text(self._amount(line)) if wanted else "",
        )

    def _how(self) -> list[Row]:
        rows = [
            _row("W", _("Why"), _(self._reason) if self._reason else _("at the end")),
            _row("R", _("Sold again"), _("yes") if self._restock else _("no")),
            (),
            (("muted", f" {_('Paid by')}"),),
        ]
        for name, amount in self.past.tenders:
            paid = money_text(amount)
            rows.append((("text", f"  {fit(_(name), 24 - len(paid) - 1) if name else ''} {paid}"),))
        return rows

    # Typing and scanning

    def takes(self, press: Press) -> bool:
        """Digits; of what is weighed, a decimal sign as well."""
        weighed = self.line is not None and self.line.unit is Unit.KILOGRAM
        return press.character.isdecimal() or (weighed and press.character in ",.")

    def typed(self, character: str) -> Work | None:
        """A digit more of how many come back. Refuses: AlreadyReturned, NotANumber, OutOfRange."""
        if not self.takes(Press("", character)):
            return None
        typed = (self._typed + character)[:_LONGEST]
        if typed.strip(",."):
            self._want(Quantity.parse(typed.rstrip(",.")))
        self._typed = typed
        self._done()
        return None

    def pressed(self, press: Press) -> Work | None:
        """Whatever a key does, a scan that it was a part of takes it back."""
        if press.character and not press.burst:
            self._keep()
        return super().pressed(press)

    def _keep(self) -> None:
        self._recent = (*self._recent[-1:], _Before(self._typed, dict(self.wanted)))

    def untype(self, characters: int) -> None:
        """What was typed was a scanner's."""
        if self._recent:
            before = self._recent[0 if characters > 1 else -1]
            self._typed, self.wanted = before.typed, dict(before.wanted)
        self.show()

    def scanned(self, code: str) -> Work | None:
        """An article of this receipt comes back, one more of it."""
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
        places = [place for place, line in enumerate(self.past.lines) if line.number == item.number]
        if not places:
            said = _("{article} is not on this receipt. Esc goes back.")
            self.say(Say.ERROR, said.format(article=item.text))
            return
        more = item.quantity or ONE
        room = [place for place in places if not self._left(self.past.lines[place]).left < self._with(place, more)]
        self._choose(room[0] if room else places[0])
        self._want(self._with(self.table.chosen, more))
        self._done()

    def _with(self, place: int, more: Quantity) -> Quantity:
        return self.wanted.get(self.past.lines[place].position, _NONE) + more

    # Keys

    def action_whole(self) -> None:
        """All that is left of the chosen line; behind typed digits, on to the next line."""
        if self._typed:
            self._move(1)
        elif self.line is not None:
            left = self._left(self.line).left
            if left.thousandths <= 0:
                self.say(Say.ERROR, self._why_not(self.line))
                return
            self._want(left)
            self._done()

    def action_everything(self) -> None:
        """Everything that is left comes back."""
        lefts = zip(self.past.lines, self._lefts(), strict=True)
        self.wanted = {line.position: one.left for line, one in lefts if one.left.thousandths > 0}
        self._typed = ""
        if self.wanted:
            self._done()
        else:
            self.say(Say.ERROR, self._why_not(None))

    def action_none(self) -> None:
        """Nothing of the chosen line."""
        self._typed = ""
        self._want(_NONE)
        self._done()

    def action_more(self) -> None:
        """One more of the chosen line. Refuses: AlreadyReturned."""
        self._typed = ""
        if self.line is not None:
            self._want(self._with(self.table.chosen, ONE))
            self._done()

    def action_fewer(self) -> None:
        """One less of the chosen line."""
        self._typed = ""
        if self.line is not None:
            left = self.wanted.get(self.line.position, _NONE) - ONE
            self._want(left if left.thousandths > 0 else _NONE)
            self._done()

    def action_erase(self) -> None:
        """The last digit goes."""
        self._typed = self._typed[:-1]
        self._want(Quantity.parse(self._typed.rstrip(",.")) if self._typed.strip(",.") else _NONE)
        self._done()

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
            self.action_none()
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
        self._move(-len(self.past.lines))

    def action_last(self) -> None:
        """The last line."""
        self._move(len(self.past.lines))

    # Work

    def _choose(self, place: int) -> None:
        self._move(place - self.table.chosen)

    def _move(self, by: int) -> None:
        self._typed = ""
        self.table.move(by)
        self.show()

    def _want(self, quantity: Quantity) -> None:
        """So many of the chosen line. Refuses: AlreadyReturned, Invalid (a fraction of a piece), OutOfRange."""
        line = self.line
        if line is None:
            return
        left = self._left(line)
        if quantity and left.left.thousandths <= 0:
            raise AlreadyReturned(article=line.text, left=0)
        if left.left < quantity:
            raise AlreadyReturned(article=line.text, left=left.left.thousandths)
        if line.unit is Unit.PIECE and not quantity.whole:
            raise Invalid(field="quantity", value=quantity_text(quantity))
        if quantity:
            refund.worth(left, quantity)
        self.wanted = {place: many for place, many in self.wanted.items() if place != line.position}
        if quantity:
            self.wanted[line.position] = quantity

    def _done(self) -> None:
        """After each change: draw it, and what was said before is not about it any more."""
        self.say(Say.QUIET, "")
        self.show()

    async def _why(self) -> None:
        await self._ask_why()

    async def _ask_why(self) -> bool:
        reasons = self.till.shop.settings.return_reasons
        reason = await ask_reason(self, _("Take back"), _("Why does it come back?"), reasons)
        if reason is not None:
            self._reason = reason
            self.show()
        return reason is not None

    async def _take(self) -> None:
        if not self.wanted:
            self.say(Say.ASK, _("Choose first what comes back: Enter takes the chosen line."))
            return
        if not self._reason and not await self._ask_why():
            self.say(Say.ASK, _("Nothing has come back yet."))
            return
        if not await allowed(self, Action.RETURN, key=self.to.key):
            self.say(Say.ASK, _("Nothing has come back yet."))
            return
        try:
            basket = await self.till.ask(
                returns.take_back,
                self.to.basket,
                self.past.sale,
                dict(self.wanted),
                reason=self._reason,
                restock=self._restock,
            )
        except ShopError:
            await self._look_again()
            raise
        self.to.change(basket, basket.lines[-1].id)
        self.dismiss(True)

    async def _look_again(self) -> None:
        """Somebody was faster: show what is left now."""
        self.past = await self.till.ask(returns.past_sale, self.past.sale)
        fits = {line.position: self._left(line).left for line in self.past.lines}
        self.wanted = {place: many for place, many in self.wanted.items() if place in fits and not fits[place] < many}
        self._typed = ""
        self.show()


def left_of(line: Returnable, sale: str, basket: Basket) -> Left:
    """What is left of a line of a past sale; what the basket takes back of it counts as returned."""
    taken = [
        one
        for one in basket.lines
        if one.returned is not None and (one.returned.original, one.returned.position) == (sale, line.position)
    ]
    return Left(
        text=line.text,
        quantity=line.quantity,
        final=line.final,
        returned=Quantity((line.quantity - line.left).thousandths - sum(one.quantity.thousandths for one in taken)),
        given_back=line.final - line.left_worth - total(one.fixed or ZERO for one in taken),
    )


def _row(letter: str, label: str, value: str) -> Row:
    return (("key", f" {letter} "), ("muted", fit(label, _LABEL)), ("strong", f" {value}"))
