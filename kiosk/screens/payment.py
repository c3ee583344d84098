"""The payment screen: what is due, what has been received, and every way to pay (UX.md 4.3, 4.7)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from kiosk.errors import NoChangeFrom, NotEnough, NothingToUndo, OutOfRange
from kiosk.i18n import _, later, money_text
from kiosk.i18n.sentences import sentence
from kiosk.money import Money, Percent
from kiosk.rules import tender as rules
from kiosk.rules.permissions import Action
from kiosk.rules.tender import Given, Settlement, Tender, TenderKind
from kiosk.screens import closing, credit_note, discounts
from kiosk.screens.around import holder_of, may
from kiosk.screens.base import Press, TillScreen, key
from kiosk.screens.dialogs import Question
from kiosk.screens.open_sale import OpenSale
from kiosk.screens.sale_view import count_text, sign
from kiosk.screens.till import Till
from kiosk.screens.widgets.cells import Row, fit
from kiosk.screens.widgets.choice_list import Choice, ChoiceList
from kiosk.screens.widgets.entry_line import EntryLine
from kiosk.screens.widgets.sheet import Sheet
from kiosk.screens.widgets.status import Hint, Say
from kiosk.screens.widgets.total_panel import TotalPanel
from kiosk.services.sales import Sold

Work = Coroutine[Any, Any, None]

LETTERS: Final = "ABCDEFGHIJKLOQRTUVWXYZ"
"""For notes and means of payment; P, S, M and N are kept for what becomes of the receipt (UX.md 4.3)."""
MOST_PARTS: Final = 99
_KEY_WIDTH: Final = 10
_LONGEST_AMOUNT: Final = 14


@dataclass(frozen=True, slots=True)
class Way:
    """A way to pay that has a letter: a bank note, or another means of payment."""

    letter: str
    tender: Tender
    note: Money | None = None


class PaymentScreen(TillScreen[Sold]):
    """Dismissed with the sale once it is in the books; with nothing by Esc, the tenders kept."""

    MAIN_KEY: ClassVar[str] = "payment.exact"
    HINTS: ClassVar[Sequence[Hint]] = (("0-9", later("amount given")), (later("Esc"), later("back to the sale")))
    TYPING: ClassVar[Sequence[Hint]] = (
        ("0-9", later("The amount that is given")),
        ("A-Z", later("A bank note, or another means of payment, as listed")),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "payment.enter", later("Cash"), later("Cash: exactly, or the amount that is typed")),
        key(
            "plus,f2",
            "payment.bank_card",
            later("Card"),
            later("Bank card: what is due, or the amount that is typed"),
        ),
        key(
            "asterisk,f4",
            "payment.credit_note",
            later("Voucher"),
            later("Credit note: scan it at any time, or type its number"),
        ),
        key("f3", "payment.customer", later("Customer"), later("Whom the sale is for: find, create, attach")),
        key("f5", "payment.split", later("Split"), later("Number F5: split what is due in so many parts")),
        key("slash", "payment.percent", later("Percent"), later("Number /: percent off the whole sale")),
        key("f9", "payment.undo", later("Undo"), later("Take back what was received last")),
        key("f12", "payment.exact", later("EXACT"), later("Paid in cash, exactly")),
        key("delete", "payment.remove", later("Remove"), later("Take back the chosen payment")),
        key("up", "payment.up", later("Up"), later("Choose the payment above")),
        key("down", "payment.down", later("Down"), later("Choose the payment below")),
        key("backspace", "payment.erase", later("Erase a digit")),
        key("escape", "payment.back", later("Back"), later("Clear the amount, or back to the sale")),
    ]

    def __init__(self, till: Till, sale: OpenSale, tenders: Sequence[Tender], keep: Callable[[], None]) -> None:
        """``keep`` writes the open sale to the disk."""
        super().__init__(till)
        self._keep = keep
        self.open = sale
        self._tenders = tuple(tenders)
        self._ways = _ways(till, self._tenders)
        self.amount = ""
        """What has been typed."""
        self._parts: tuple[Money, ...] = ()
        """What is left of a split: the first part is what the next payment takes."""
        self.total = TotalPanel()
        self.methods = Sheet()
        self.received = ChoiceList(id="received")
        self.due = TotalPanel(id="due")
        self.entry = EntryLine(_("Amount"))

    # What is seen

    def title_text(self) -> str:
        """What is being paid."""
        return f"{_('PAYMENT')} · {count_text(self.open)} · {self.till.person.name if self.till.person else ''}"

    def body(self) -> ComposeResult:
        """The total and the ways to pay at the left, what was received and what is due at the right."""
        with Horizontal(id="body"):
            with Vertical(id="main"):
                yield self.total
                yield self.methods
            with Vertical(id="side"):
                yield self.received
                yield self.due
        yield self.entry

    def shop_changed(self) -> None:
        """Bank notes and steps of cash may be others now."""
        super().shop_changed()
        self._ways = _ways(self.till, self._tenders)
        self.show()

    def on_mount(self) -> None:
        """Show how far the sale is paid."""
        self.show()

    def show(self) -> None:
        """Draw everything as it is."""
        try:
            settlement = self.open.settlement
        except NoChangeFrom as error:
            self.say(Say.ERROR, sentence(error))
            settlement = rules.settle(self.open.totals.total, (), cash_step=self.till.shop.settings.step)
        totals = self.open.totals
        discount = _("Disc {amount}").format(amount=money_text(-totals.off)) if totals.off else ""
        customer = self.open.customer
        served = "" if customer is None else _("Customer: {name}").format(name=customer.called)
        self.total.show(f"{_('TO PAY')} {sign()}", totals.total, discount, served)
        self.received.show(_("Received"), [_received(given) for given in self.open.tenders], len(self.open.tenders) - 1)
        self.due.show(f"{_('STILL DUE')} {sign()}", settlement.due, self._part_text())
        self._show_methods(settlement)
        self.entry.show(self.amount)

    def _part_text(self) -> str:
        if not self._parts:
            return ""
        return _("This part: {amount}, {left} left").format(amount=money_text(self._parts[0]), left=len(self._parts))

    def _show_methods(self, settlement: Settlement) -> None:
        cash = closing.of_kind(self._tenders, TenderKind.CASH)
        if settlement.paid:
            self.methods.show(
                _("How does the customer pay?"), [(("strong", f" {_('Nothing to pay: Enter closes the sale.')}"),)]
            )
            return
        exact = money_text(self._next_cash(settlement, cash))
        rows = [_way_row(_("Enter"), _("Cash, exactly {amount}").format(amount=exact))]
        if self.amount:
            rows.append(_way_row(f"{self.amount} {_('Enter')}", self._change_text(settlement, cash)))
        rows += [_way_row("+", _(tender.name)) for tender in self._tenders[:] if tender.kind is TenderKind.CARD][:1]
        rows += [
            _way_row("*", _("{tender}, or just scan it").format(tender=_(tender.name)))
            for tender in self._tenders
            if tender.kind is TenderKind.VOUCHER
        ][:1]
        notes = [way for way in self._ways if way.note is not None]
        if notes:
            line: list[tuple[str, str]] = []
            for way in notes:
                line += [("key", f" {way.letter}"), ("text", f" {money_text(way.note or Money(0))} ")]
            rows.append(tuple(line))
        rows += [_way_row(way.letter, _(way.tender.name)) for way in self._ways if way.note is None]
        rows.append(_way_row("n /", _("n percent off the whole sale")))
        rows.append(_way_row("n F5", _("Split in n equal parts")))
        self.methods.show(_("How does the customer pay?"), rows)

    def _change_text(self, settlement: Settlement, cash: Tender) -> str:
        try:
            given = Money.parse(self.amount, self.till.shop.settings.decimals)
        except Exception:
            return ""
        over = given - rules.exact(settlement, cash, cash_step=self.till.shop.settings.step)
        if over.minor < 0:
            return _("Cash {amount}, still due {due}").format(amount=money_text(given), due=money_text(-over))
        return _("Cash {amount}, change {change}").format(amount=money_text(given), change=money_text(over))

    # Typing

    def takes(self, press: Press) -> bool:
        """Digits, a decimal sign, and the letters of the list."""
        character = press.character
        return character.isdigit() or character in ",." or character.isalpha()

    def typed(self, character: str) -> Work | None:
        """A digit more of the amount, or a letter's way to pay."""
        if character.isdigit() or character in ",.":
            self.amount = (self.amount + character)[:_LONGEST_AMOUNT]
            self.show()
            return None
        for way in self._ways:
            if way.letter == character.upper():
                return self._take_way(way)
        self.unknown_key(Press(character, character))
        return None

    def untype(self, characters: int) -> None:
        """Take a scan out of the amount."""
        self.amount = self.amount[: max(0, len(self.amount) - characters)]
        self.show()

    def scanned(self, code: str) -> Work | None:
        """A card attaches its holder, a credit note pays; any other code goes to the sale with what was received."""
        return self._scan(code)

    async def _scan(self, code: str) -> None:
        holder = await self.till.ask(holder_of, code)
        if holder is not None:
            await self._serve(holder.customer)
        elif credit_note.is_note(code):
            await self._pay_by_note(code)
        else:
            below = self.below
            self.dismiss()
            if below is not None:
                below.scan(code)

    # Ways to pay

    def action_enter(self) -> Work:
        """Cash: the amount that is typed, the part of a split, or exactly what is due."""
        return self._pay_cash()

    def action_exact(self) -> Work:
        """Cash, exactly what is due, whatever is typed."""
        self.amount, self._parts = "", ()
        return self._pay_cash()

    def action_bank_card(self) -> Work:
        """Bank card: the amount that is typed, the part of a split, or what is due."""
        return self._pay(closing.of_kind(self._tenders, TenderKind.CARD))

    def action_credit_note(self) -> Work:
        """A credit note: its number is asked for."""
        return self._pay_by_note()

    async def _pay_by_note(self, code: str = "") -> None:
        """Take what a credit note holds, or less, and close the sale when nothing is due any more."""
        tender = next((one for one in self._tenders if one.kind is TenderKind.VOUCHER), None)
        if tender is None:
            self.say(Say.ERROR, _("This shop takes no credit notes."))
            return
        given = await credit_note.ask(self, self.open, tender, self._amount(tender), code=code)
        if given is None:
            return
        self._receive(given)
        if self.open.settlement.paid:
            await self._close()

    async def _pay_cash(self) -> None:
        """Take cash, or close a sale of which nothing is due."""
        if self.open.settlement.paid:
            await self._close()
        else:
            await self._pay(closing.of_kind(self._tenders, TenderKind.CASH))

    async def _take_way(self, way: Way) -> None:
        """A note at once, for its change is seen; anything else asks: the letter may have been meant for a search."""
        await self._pay(way.tender, way.note, ask=way.note is None)

    async def _pay(self, tender: Tender, note: Money | None = None, *, ask: bool = False) -> None:
        """Take a tender, and close the sale when nothing is due any more; ``ask`` before the one that closes it."""
        settlement = self.open.settlement
        if settlement.paid:
            self.say(Say.ASK, _("Nothing to pay: Enter closes the sale."))
            return
        amount = note or self._amount(tender)
        if not amount and settlement.due:
            self.amount = ""
            self.show()
            self.say(Say.ERROR, _("Type more than 0."))
            return
        await self._take(Given(tender, amount), ask=ask and amount == settlement.due)

    async def _take(self, given: Given, *, ask: bool) -> None:
        tender, amount = given.tender, given.given
        closing.give(self, self.open, given)
        if tender.asks_terminal:
            approved = await closing.ask_terminal(self, self.open.key, tender, amount)
            if approved is None:
                self.say(Say.ERROR, _("Not paid: {tender}. Choose another way.").format(tender=_(tender.name)))
                return
            given = approved
        elif ask and not await self.question(self._sure(tender, amount)):
            self.say(Say.ASK, _("Not paid: {tender}. Choose another way.").format(tender=_(tender.name)))
            return
        self._receive(given)
        if self.open.settlement.paid:
            await self._close()

    async def _close(self) -> None:
        try:
            sold = await closing.close(self, self.open)
        except NotEnough:
            self.show()
            self._keep()
            raise
        self.dismiss(sold)

    def _sure(self, tender: Tender, amount: Money) -> Question:
        asked = _("{tender}: {amount}. Close the sale with it?").format(
            tender=_(tender.name), amount=money_text(amount, symbol=True)
        )
        return Question(
            self.till, _(tender.name), asked, yes=later("yes, paid"), no=later("no, not paid"), must_be_seen=True
        )

    def _receive(self, given: Given) -> None:
        self.open.tenders = closing.give(self, self.open, given)
        self.amount = ""
        self._parts = self._parts[1:]
        received = money_text(given.given)
        due = money_text(self.open.due)
        self.say(Say.OK, _("Received {amount}. Still due {due}.").format(amount=received, due=due))
        self.show()
        self._keep()

    def _amount(self, tender: Tender) -> Money:
        if self.amount:
            return Money.parse(self.amount, self.till.shop.settings.decimals)
        settlement = self.open.settlement
        if self._parts:
            return min(self._parts[0], settlement.due)
        return rules.exact(settlement, tender, cash_step=self.till.shop.settings.step)

    def _next_cash(self, settlement: Settlement, cash: Tender) -> Money:
        if self._parts:
            return min(self._parts[0], settlement.due)
        return rules.exact(settlement, cash, cash_step=self.till.shop.settings.step)

    # The rest

    def action_customer(self) -> Work:
        """Whom the sale is for; what was received stays."""
        return self._find_customer()

    async def _find_customer(self) -> None:
        from kiosk.screens.customers import CustomersScreen

        await self.till.ask(may, self.till.by, Action.SEE_CUSTOMERS)
        chosen = await self.in_front(CustomersScreen(self.till))
        if chosen is not None:
            await self._serve(chosen)

    async def _serve(self, customer: str) -> None:
        from kiosk.screens.serving import attach

        kind, news = await attach(self, self.open, customer)
        self.show()
        self.say(kind, news)
        self._keep()

    def action_split(self) -> None:
        """Split what is due in as many parts as are typed; the first ones take the odd cents (D3-02)."""
        count = int(self.amount) if self.amount.isdigit() else 0
        if not 2 <= count <= MOST_PARTS:
            raise OutOfRange(field="number", value=self.amount, lowest="2", highest=str(MOST_PARTS))
        self._parts = self.open.due.in_parts(count)
        self.amount = ""
        self.say(Say.OK, _("Split in {count} parts.").format(count=count))
        self.show()

    def action_percent(self) -> Work:
        """So many percent off the whole sale."""
        return self._percent(Percent.parse(self.amount))

    async def _percent(self, percent: Percent) -> None:
        if await discounts.percent_off_sale(self, self.open, percent):
            self.amount, self._parts = "", ()
            self.say(Say.OK, _("To pay now {amount}.").format(amount=money_text(self.open.totals.total)))
            self.show()
            self._keep()

    def action_undo(self) -> Work:
        """Take back what was received last."""
        if not self.open.tenders:
            raise NothingToUndo
        return self._remove(len(self.open.tenders) - 1)

    def action_remove(self) -> Work:
        """Take back the chosen payment."""
        if self.received.chosen is None:
            raise NothingToUndo
        return self._remove(self.received.chosen)

    async def _remove(self, place: int) -> None:
        if await closing.remove(self, self.open, place):
            self._parts = ()
            self.say(Say.OK, _("Taken back."))
            self.show()
            self._keep()

    def action_up(self) -> None:
        """The payment above."""
        self.received.move(-1)

    def action_down(self) -> None:
        """The payment below."""
        self.received.move(1)

    def action_erase(self) -> None:
        """The last digit goes."""
        self.amount = self.amount[:-1]
        self.show()

    def action_back(self) -> None:
        """What is typed goes; with nothing typed, back to the sale, where what was received stays."""
        if self.amount:
            self.amount = ""
            self.show()
        else:
            self.dismiss()


def _ways(till: Till, tenders: Sequence[Tender]) -> tuple[Way, ...]:
    """Letters for the shop's bank notes, then for every means of payment that has no key of its own."""
    cash = closing.of_kind(tenders, TenderKind.CASH)
    card = next((one for one in tenders if one.kind is TenderKind.CARD), None)
    notes: list[tuple[Tender, Money | None]] = [(cash, Money(minor)) for minor in till.shop.settings.notes]
    keyed = (cash, card, *(one for one in tenders if one.kind is TenderKind.VOUCHER))
    others: list[tuple[Tender, Money | None]] = [(one, None) for one in tenders if one not in keyed]
    return tuple(Way(letter, one, note) for letter, (one, note) in zip(LETTERS, notes + others, strict=False))


def _received(given: Given) -> Choice:
    return Choice(_(given.tender.name), money_text(given.given))


def _way_row(key: str, text: str) -> Row:
    return (("key", " " + fit(key, _KEY_WIDTH)), ("text", text))
