"""The payment screen of a sale that is worth less than nothing: how the money goes back (C.6 Refund, K-19)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from kiosk.errors import NothingToUndo, RefundChanged
from kiosk.i18n import _, later, money_text, quantity_text
from kiosk.money import total
from kiosk.rules.basket import Basket, Unit
from kiosk.rules.pricing import PricedLine
from kiosk.rules.refund import Back
from kiosk.rules.tender import Given, Tender, TenderKind
from kiosk.screens import closing
from kiosk.screens.base import Press, TillScreen, key
from kiosk.screens.open_sale import OpenSale
from kiosk.screens.sale_view import sign
from kiosk.screens.till import Till
from kiosk.screens.widgets.cells import Row, fit
from kiosk.screens.widgets.choice_list import Choice, ChoiceList
from kiosk.screens.widgets.sheet import Sheet
from kiosk.screens.widgets.status import Hint, Say
from kiosk.screens.widgets.total_panel import TotalPanel
from kiosk.services import give_back, returns
from kiosk.services.sales import Sold
from kiosk.services.shop import Shop

Work = Coroutine[Any, Any, None]

_NAME: Final = 18
_AMOUNT: Final = 12


def planned(shop: Shop, basket: Basket, *, to_voucher: bool) -> tuple[Back, ...]:
    """How the money of a basket goes back, if all of it can still come back.

    Refuses: as ``returns.plan``; AlreadyReturned and what else closing the sale would refuse of the goods.
    """
    give_back.check(shop, basket)
    return returns.plan(shop, basket, to_voucher=to_voucher)


class GivingBackScreen(TillScreen[Sold]):
    """Dismissed with the sale once it is in the books; with nothing by Esc, when nothing went back."""

    MAIN_KEY: ClassVar[str] = "giving_back.give"
    HINTS: ClassVar[Sequence[Hint]] = (
        (later("Enter"), later("give it back")),
        ("V", later("credit note")),
        (later("Esc"), later("back to the sale")),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        key("f12,enter", "giving_back.give", later("GIVE"), later("Give the money back as it is listed")),
        key("v,V", "giving_back.voucher", later("Credit note"), later("All of it as a credit note, or as it was paid")),
        key("f9", "giving_back.undo", later("Undo"), later("Take on the terminal again what went back there")),
        key("escape", "giving_back.back", later("Back"), later("Back to the sale")),
    ]

    def __init__(self, till: Till, sale: OpenSale, tenders: Sequence[Tender], keep: Callable[[], None]) -> None:
        """``keep`` writes the open sale to the disk."""
        self.open = sale
        super().__init__(till)
        self._keep = keep
        self._voucher = next((one for one in tenders if one.kind is TenderKind.VOUCHER), None)
        self._to_voucher = False
        self._seen = False
        self.plan: tuple[Back, ...] = ()
        """How the money goes back; nothing where it rounds to nothing."""
        self._planned = False
        self.total = TotalPanel()
        self.ways = Sheet()
        self.goods = ChoiceList(id="received")
        self.still = TotalPanel(id="due")

    def title_text(self) -> str:
        """Which screen this is, and for whom."""
        return f"{_('GIVING BACK')} · {self.till.person.name if self.till.person else ''}"

    def body(self) -> ComposeResult:
        """The amount and how it goes back at the left, the goods and the cash at the right."""
        with Horizontal(id="body"):
            with Vertical(id="main"):
                yield self.total
                yield self.ways
            with Vertical(id="side"):
                yield self.goods
                yield self.still

    def on_mount(self) -> None:
        """Ask how the money goes back; keys wait until it is known, and those from before give nothing."""
        self.show()
        self.work(self._begin())

    async def _begin(self) -> None:
        try:
            await self._plan()
        finally:
            self.call_after_refresh(self._was_seen)

    def _was_seen(self) -> None:
        self._seen = True

    def press(self, press: Press) -> None:
        """No money goes out by a key that was pressed before the screen could be seen."""
        if self._seen:
            super().press(press)

    # What is seen

    def say(self, kind: Say, text: str, hints: Sequence[Hint] | None = None) -> None:
        """V is named where it makes a credit note; what else it does stands in the list."""
        if hints is None:
            to_note = self._voucher is not None and not self._to_voucher
            hints = [hint for hint in self.HINTS if hint[0] != "V" or to_note]
        super().say(kind, text, hints)

    def show(self) -> None:
        """Draw everything as it is."""
        totals = self.open.totals
        self.total.show(f"{_('TO GIVE BACK')} {sign()}", -totals.total)
        self.goods.show(_("In this sale"), [_goods(line) for line in totals.lines], None)
        cash = total(back.amount for back in self.plan if back.tender.kind is TenderKind.CASH)
        self.still.show(f"{_('CASH BACK')} {sign()}", cash)
        self.ways.show(_("How it goes back"), self._rows())

    def _rows(self) -> list[Row]:
        rows: list[Row] = [()]
        done = list(self.open.tenders)
        for back in self.plan:
            given = _matching(done, back)
            if given is not None:
                done.remove(given)
            rows.append(_way(back, given is not None))
        if self._planned and not self.plan:
            rows.append((("muted", f" {_('It rounds to nothing: Enter closes it.')}"),))
        rows.append(())
        if self._voucher is not None:
            other = _("As it was paid") if self._to_voucher else _("All of it as a credit note")
            rows.append((("key", " V "), ("text", other)))
        return rows

    # Keys and scans

    def scanned(self, code: str) -> Work | None:
        """A code goes to the sale: something is exchanged."""
        below = self.below
        self.dismiss()
        if below is not None:
            below.scan(code)
        return None

    def action_give(self) -> Work:
        """Give the money back as it is listed."""
        return self._give()

    def action_voucher(self) -> Work | None:
        """All of it as a credit note, or again as it was paid."""
        if self._voucher is None:
            self.say(Say.ERROR, _("This shop has no credit notes."))
            return None
        self._to_voucher = not self._to_voucher
        return self._plan()

    def action_undo(self) -> Work:
        """Take on the terminal again what went back there last. Refuses: NothingToUndo."""
        if not self.open.tenders:
            raise NothingToUndo
        return self._undo()

    def action_back(self) -> None:
        """Back to the sale; what went back on a terminal is kept with it."""
        self.dismiss()

    # Work

    async def _plan(self) -> None:
        """Refuses: as ``planned``; then nothing is listed."""
        self.plan, self._planned = (), False
        try:
            self.plan = await self.till.ask(planned, self.open.basket, to_voucher=self._to_voucher)
            self._planned = True
        finally:
            self.show()
        self.say(Say.QUIET, "")

    async def _give(self) -> None:
        shown, known = self.plan, self._planned
        await self._plan()
        if not known:
            return
        if self.plan != shown:
            raise RefundChanged
        if not await self._fit():
            return
        given: list[Given] = []
        for back in self.plan:
            one = await self._given(back, given)
            if one is None:
                said = _("Not given back: {tender}. V gives a credit note.")
                self.say(Say.ERROR, said.format(tender=_(back.tender.name)))
                return
            given.append(one)
        await self._close(tuple(given))

    async def _fit(self) -> bool:
        """What went back on a terminal, and is not listed any more, is taken there again first."""
        spare = list(self.open.tenders)
        for back in self.plan:
            given = _matching(spare, back)
            if given is not None:
                spare.remove(given)
        for given in spare:
            if not await closing.remove(self, self.open, self.open.tenders.index(given)):
                self.say(Say.ERROR, _("More went back on the terminal than is listed."))
                return False
            self._keep()
            self.show()
        return True

    async def _given(self, back: Back, already: Sequence[Given]) -> Given | None:
        """What goes back by one tender; a terminal gives it first, and that is kept (D3-05)."""
        if not back.tender.asks_terminal:
            return Given(back.tender, -back.amount, original=back.original)
        used = {one.pending for one in already}
        known = _matching([one for one in self.open.tenders if one.pending not in used], back)
        if known is None:
            known = await closing.ask_terminal(self, self.open.key, back.tender, -back.amount)
            if known is None:
                return None
            self.open.tenders = (*self.open.tenders, known)
            self._keep()
            self.show()
        return replace(known, original=back.original)

    async def _close(self, given: tuple[Given, ...]) -> None:
        before, self.open.tenders = self.open.tenders, given
        try:
            sold = await closing.close(self, self.open)
        except RefundChanged:
            self.open.tenders = before
            await self._plan()
            raise
        except Exception:
            self.open.tenders = before
            raise
        self.dismiss(sold)

    async def _undo(self) -> None:
        if await closing.remove(self, self.open, len(self.open.tenders) - 1):
            self._keep()
            self.show()
            self.say(Say.OK, _("Taken back."))


def _matching(given: Sequence[Given], back: Back) -> Given | None:
    """What went back on a terminal already, and is what is listed."""
    for one in given:
        if one.pending and one.tender.code == back.tender.code and one.given == -back.amount:
            return one
    return None


def _way(back: Back, done: bool) -> Row:
    name = fit(_(back.tender.name), _NAME)
    amount = fit(money_text(back.amount), _AMOUNT, "right")
    note = ""
    if back.tender.asks_terminal:
        note = _("done") if done else _("on the terminal")
    return (("strong", f" {name}{amount}"), ("muted", f"  {note}"))


def _goods(line: PricedLine) -> Choice:
    weighed = line.line.unit is Unit.KILOGRAM
    many = quantity_text(line.line.quantity, weighed=weighed)
    return Choice(f"{many} {line.line.text}", money_text(line.final))
