"""Any day at a till: sales, returns, exchanges, voids, counts and Zs in any order, held against a model of its own.

The model knows what the customers handed over and were handed, and what lies
in the drawer; it asks the till's arithmetic nothing. After each deed the rules
of I12 are asked of the rows themselves, and at the end all of ``verify``.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kiosk import db
from kiosk.clock import Clock
from kiosk.errors import AlreadyReturned, AlreadyVoided, NotEnough, NotThisShift, OverLimit
from kiosk.money import ZERO, Money, Percent, Quantity
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY, Basket, Discount, Item, TaxRate, Unit
from kiosk.rules.drawer import Count
from kiosk.rules.permissions import Role
from kiosk.rules.tender import Given
from kiosk.services import credit_notes, payments, returns, sales, shift_rows, shifts
from kiosk.services.keys import Keys
from kiosk.services.sales import Sold
from kiosk.services.shop import load_shop, new_key
from kiosk.services.verify import verify
from tests.services.conftest import FixedTime
from tests.services.journey import Till

ITEMS = (
    Item("", "1", "Bread", Unit.PIECE, Money(303), TaxRate("A", Percent(2000))),
    Item("", "2", "Cake", Unit.PIECE, Money(1999), TaxRate("B", Percent(1000))),
    Item("", "3", "Apples", Unit.KILOGRAM, Money(249), TaxRate("B", Percent(1000))),
    Item("", "4", "Match", Unit.PIECE, Money(1), TaxRate("A", Percent(2000))),
)

goods = st.lists(st.tuples(st.sampled_from(ITEMS), st.integers(1, 4)), min_size=1, max_size=4)
discounts = st.none() | st.builds(
    Discount, percent=st.sampled_from([Percent(1000), Percent(3333)]), reason=st.just("Staff")
)
shares = st.lists(st.tuples(st.sampled_from(["ticket", "card", "bank", "voucher"]), st.integers(1, 100)), max_size=3)


@dataclass(eq=False)
class Receipt:
    """What the model remembers of a receipt."""

    sale: str
    shift: int
    sold: dict[int, int]
    """Position to what was sold, in thousandths."""
    cash: int
    """What it moved in the drawer."""
    moved: Counter[str]
    """Card to what it took off it; below zero, what it loaded."""
    took: list[tuple[Receipt, int, int]] = field(default_factory=list)
    """What it took back: of which receipt, position, and how much."""
    came_back: Counter[int] = field(default_factory=Counter)
    voided: bool = False


class AnyDay(RuleBasedStateMachine):
    """One till, one person who may do everything."""

    make: ClassVar[Callable[[], str]]
    """Gives the URL of a fresh database with the schema of today."""

    def __init__(self) -> None:
        super().__init__()
        self.receipts: list[Receipt] = []
        self.notes: Counter[str] = Counter()
        self.drawer = 0
        self.shift = 0

    @initialize(step=st.sampled_from([1, 5, 10]), cash=st.booleans())
    def open(self, step: int, cash: bool) -> None:
        """A shop that has sold nothing."""
        self.folder = Path(tempfile.mkdtemp())
        db.connect(type(self).make(), synchronous="OFF")
        self.time = FixedTime()
        keys = Keys.in_memory()
        self.till = Till(load_shop("R1", 1, keys, clock=Clock(read=self.time, trusted=lambda: True)))
        self.by = self.till.person("Lea", Role.OWNER)
        self.till.change(cash_step=step, return_limit=3000, return_cash_without_receipt=cash)
        self.opened()

    def opened(self) -> None:
        """What a till that is to be found out does here."""

    def teardown(self) -> None:
        """All that the books claim is true, and so is the Z of the day."""
        if not hasattr(self, "till"):
            return
        try:
            if self.receipts:
                self.z(None)
            report = verify()
            assert not report.problems, report.problems
        finally:
            db.disconnect()
            shutil.rmtree(self.folder)

    @rule(things=goods, discount=discounts, parts=shares, over=st.integers(0, 3))
    def sell(
        self, things: list[tuple[Item, int]], discount: Discount | None, parts: list[tuple[str, int]], over: int
    ) -> None:
        """A sale by several tenders; cash settles it, with more handed over than is due."""
        basket = self._filled(EMPTY, things, discount)
        self._close(basket, parts, over)

    @precondition(lambda self: any(one.sold for one in self.receipts))
    @rule(data=st.data(), to_voucher=st.booleans(), things=st.just([]) | goods, parts=shares)
    def take_back(
        self, data: st.DataObject, to_voucher: bool, things: list[tuple[Item, int]], parts: list[tuple[str, int]]
    ) -> None:
        """A return, or with goods an exchange, of one or two receipts; now and then of more than is left."""
        basket = self._filled(EMPTY, things, None)
        took = []
        for _ in range(data.draw(st.integers(1, 2), label="lines")):
            receipt = data.draw(st.sampled_from([one for one in self.receipts if one.sold]), label="receipt")
            position = data.draw(st.sampled_from(sorted(receipt.sold)), label="position")
            already = sum(count for of, place, count in took if (of, place) == (receipt, position))
            left = receipt.sold[position] - receipt.came_back[position] - already
            weighed = returns.past_sale(self.till.shop, receipt.sale).lines[position - 1].unit is Unit.KILOGRAM
            most = left + 1000
            count = data.draw(st.integers(1, most) if weighed else st.integers(1, most // 1000).map(lambda n: n * 1000))
            wanted = {position: Quantity(count)}
            try:
                basket = returns.take_back(self.till.shop, basket, receipt.sale, wanted, reason="Faulty")
            except AlreadyReturned:
                assert count > left
                continue
            assert count <= left, "more came back than was sold"
            took.append((receipt, position, count))
        if not basket.lines:
            return
        self._close(basket, parts, 0, to_voucher=to_voucher, took=took)

    @rule(thing=st.sampled_from(ITEMS), count=st.integers(1, 3))
    def take_back_without_receipt(self, thing: Item, count: int) -> None:
        """Up to the shop's limit."""
        line = returns.without_receipt(self.till.shop, thing, Quantity.of(count), reason="Faulty")
        basket = rules.take_back(EMPTY, line)
        if line.gross.minor < -3000:
            try:
                returns.plan(self.till.shop, basket)
            except OverLimit:
                return
            raise AssertionError("over the limit")
        self._close(basket, [], 0)

    @precondition(lambda self: self.receipts)
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        """Of any receipt; only one of this shift that nothing came back from can be."""
        receipt = data.draw(st.sampled_from(self.receipts), label="receipt of")
        untouched = not receipt.voided and not any(receipt.came_back.values())
        loaded = {card: -amount for card, amount in receipt.moved.items() if amount < 0}
        spent = any(self.notes[card] < amount for card, amount in loaded.items())
        key = new_key()
        past = returns.past_sale(self.till.shop, receipt.sale)
        assert past.voidable == (untouched and receipt.shift == self.shift), "what came back is forgotten"
        terminal = {}
        for position, code, amount in past.terminal:
            asked = payments.begin_pending(self.till.shop, key, code, amount, by=self.by)
            payments.answer_pending(self.till.shop, asked.id, approved=True, by=self.by)
            terminal[position] = asked.id
        try:
            returns.void_sale(self.till.shop, receipt.sale, reason="Wrong", terminal=terminal, key=key, by=self.by)
        except AlreadyVoided:
            assert not untouched
        except NotThisShift:
            assert receipt.shift != self.shift
        except NotEnough:
            assert spent
        else:
            assert untouched, "more came back than was sold"
            assert receipt.shift == self.shift
            assert not spent
            receipt.voided = True
            receipt.came_back = Counter(receipt.sold)
            self.drawer -= receipt.cash
            for card, amount in receipt.moved.items():
                self.notes[card] += amount
            for of, position, count in receipt.took:
                of.came_back[position] -= count

    @rule(off=st.sampled_from([-100, 0, 35]))
    def count(self, off: int) -> None:
        """The drawer, right or wrong: what was counted is what is there."""
        counted = max(self.drawer + off, 0)
        found = shifts.count(self.till.shop, Count(Money(counted)), key=new_key(), by=self.by)
        assert found.expected == Money(self.drawer)
        self.drawer = counted
        self._in_shift()

    @precondition(lambda self: self.receipts)
    @rule(off=st.sampled_from([None, -100, 0, 35]))
    def z(self, off: int | None) -> None:
        """Close the day, counted or not; its sums are proven."""
        if shift_rows.current(self.till.shop) is None:
            return
        counted = None if off is None else Count(Money(max(self.drawer + off, 0)))
        self.till.change(count_at_close=False)
        closed = shifts.close_shift(self.till.shop, counted, key=new_key(), by=self.by)
        assert closed.proof_ok
        self.shift = 0
        if counted is not None:
            self.drawer = counted.total.minor

    @rule()
    def next_day(self) -> None:
        """The day that nobody closed is closed by the next deed."""
        self.time.move(days=1)
        self.shift = 0

    @invariant()
    def the_drawer_holds_what_was_put_in(self) -> None:
        """By the model's own sums, and each credit note too."""
        if not hasattr(self, "till"):
            return
        assert shift_rows.drawer_balance(self.till.shop) == Money(self.drawer)
        for card, amount in self.notes.items():
            assert credit_notes.held(self.till.shop, card) == Money(amount)

    @invariant()
    def nothing_comes_back_twice(self) -> None:
        """I12, line by line and tender by tender, as the rows have it."""
        if not hasattr(self, "till"):
            return
        lines = db.rows(
            "SELECT sale_line.quantity + back.quantity, sale_line.final + back.final, sale_line.final FROM sale_line "
            "JOIN (SELECT original, original_position, SUM(quantity) AS quantity, SUM(final) AS final FROM return_line "
            "GROUP BY original, original_position) AS back "
            "ON back.original = sale_line.sale AND back.original_position = sale_line.position "
            "WHERE sale_line.quantity > 0"
        )
        for quantity, final, whole in lines:
            assert quantity >= 0
            assert 0 <= final <= whole
            assert quantity or not final, "all of a line is back, and not all of its money"
        for paid, gone in db.rows(
            "SELECT (SELECT SUM(amount) FROM sale_tender WHERE sale = original AND sale_tender.tender = refund.tender "
            "AND amount > 0), -SUM(amount) FROM refund WHERE EXISTS (SELECT 1 FROM sale_tender "
            "WHERE sale = original AND sale_tender.tender = refund.tender AND amount > 0) GROUP BY original, tender"
        ):
            assert 0 <= gone <= paid, "a tender gave back more than it took"

    def _filled(self, basket: Basket, things: list[tuple[Item, int]], discount: Discount | None) -> Basket:
        for item, count in things:
            quantity = Quantity(count * 357) if item.unit is Unit.KILOGRAM else Quantity.of(count)
            basket = rules.add(basket, item, quantity)
        return rules.discount_all(basket, discount) if discount and basket.lines else basket

    def _close(
        self,
        basket: Basket,
        parts: list[tuple[str, int]],
        over: int,
        *,
        to_voucher: bool = False,
        took: list[tuple[Receipt, int, int]] | None = None,
    ) -> None:
        key, shop = new_key(), self.till.shop
        due = sales.price(shop, basket).total
        given = self._paid(key, due, parts, over) if due.minor >= 0 else self._given_back(key, basket, to_voucher)
        sold = sales.close_sale(shop, basket, given, key=key, by=self.by)
        self._in_shift()
        self._remember(sold, given, basket, took or [])

    def _given_back(self, key: str, basket: Basket, to_voucher: bool) -> tuple[Given, ...]:
        made = []
        for back in returns.plan(self.till.shop, basket, to_voucher=to_voucher):
            assert back.tender.refundable
            made.append(self._asked(key, Given(back.tender, -back.amount, original=back.original)))
        return tuple(made)

    def _paid(self, key: str, due: Money, parts: list[tuple[str, int]], over: int) -> tuple[Given, ...]:
        made, left = [], due
        for code, percent in parts:
            amount = left.part(Percent(percent * 100))
            card = next((card for card, held in self.notes.items() if held > 0), "")
            if code == "voucher":
                amount = min(amount, Money(self.notes[card])) if card else ZERO
                if any(one.card for one in made):
                    continue
            if not amount:
                continue
            one = Given(self.till.tender(code), amount, card=card if code == "voucher" else "")
            made.append(self._asked(key, one))
            left -= amount
        cash = left.to_step(self.till.shop.settings.step) + Money(over * 100)
        if left:
            made.append(Given(self.till.tender("cash"), cash))
        return tuple(made)

    def _asked(self, key: str, given: Given) -> Given:
        if not given.tender.asks_terminal:
            return given
        asked = payments.begin_pending(self.till.shop, key, given.tender.code, given.given, by=self.by)
        payments.answer_pending(self.till.shop, asked.id, approved=True, by=self.by)
        return replace(given, pending=asked.id)

    def _in_shift(self) -> None:
        now = shift_rows.current(self.till.shop)
        self.shift = 0 if now is None else now.number

    def _remember(
        self, sold: Sold, given: tuple[Given, ...], basket: Basket, took: list[tuple[Receipt, int, int]]
    ) -> None:
        cash = sum(one.given.minor for one in given if one.tender.code == "cash") - sold.change.minor
        self.drawer += cash
        moved: Counter[str] = Counter()
        for one in given:
            if one.tender.code == "voucher":
                (card,) = db.row("SELECT id FROM card WHERE sale = ?", (sold.sale,)) or (one.card,)
                moved[one.card or str(card)] += one.given.minor
        for card, amount in moved.items():
            self.notes[card] -= amount
        for of, position, count in took:
            of.came_back[position] += count
        lines = {
            place: line.quantity.thousandths
            for place, line in enumerate(basket.lines, start=1)
            if line.quantity.thousandths > 0
        }
        whole = Receipt(sold.sale, self.shift, lines or {}, cash, moved, took)
        self.receipts.append(whole)
