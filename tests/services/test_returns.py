"""Goods that come back, by their receipt or without one, exchanges and voids: to the cent, and never twice."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace

import pytest

from kiosk import db
from kiosk.errors import (
    AlreadyDone,
    AlreadyReturned,
    AlreadyVoided,
    Denied,
    Invalid,
    Missing,
    NeedsApproval,
    NotEnough,
    NotFound,
    NotThisShift,
    OutOfRange,
    OverLimit,
    PendingPayment,
    RefundChanged,
    Refused,
    ShopError,
    TooLate,
)
from kiosk.money import Money, Percent, Quantity
from kiosk.receipts.sale import ComeBack
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY, Basket, Discount, Item, LineKind, TaxRate, Unit
from kiosk.rules.permissions import Action, Role
from kiosk.rules.refund import Back
from kiosk.rules.tender import Given
from kiosk.services import credit_notes, journal, payments, printing, receipt, returns, sale_rows, sales, staff
from kiosk.services.sales import Sold
from kiosk.services.shop import Shop, load_shop, new_key
from kiosk.services.verify import verify
from tests.services.conftest import FixedTime
from tests.services.journey import Till

A = TaxRate("A", Percent(2000))
B = TaxRate("B", Percent(1000))
ONE, TWO = Quantity.of(1), Quantity.of(2)


def item(price: int, rate: TaxRate = A, text: str = "Bread") -> Item:
    return Item("", "1", text, Unit.PIECE, Money(price), rate)


def basket(*items: Item | tuple[Item, int]) -> Basket:
    made = EMPTY
    for one in items:
        thing, count = one if isinstance(one, tuple) else (one, 1)
        made = rules.add(made, thing, Quantity.of(count))
    return made


def balances() -> dict[str, int]:
    """What was posted to each account that something is left on, by kind and owner."""
    return {
        f"{kind}:{owner}".rstrip(":"): int(amount)
        for kind, owner, amount in db.rows(
            "SELECT kind, owner, SUM(amount) FROM posting JOIN account ON account.id = posting.account "
            "GROUP BY kind, owner"
        )
        if amount
    }


@pytest.fixture
def lead(till: Till) -> str:
    """Somebody who may return and void."""
    return till.person("Lea", Role.MANAGER)


def given(till: Till, backs: Iterable[Back], key: str, by: str) -> tuple[Given, ...]:
    """What the screen hands over for a plan: for a card, the terminal is asked."""
    made = []
    for back in backs:
        one = Given(back.tender, -back.amount, original=back.original)
        if back.tender.asks_terminal:
            asked = payments.begin_pending(till.shop, key, back.tender.code, one.given, by=by)
            payments.answer_pending(till.shop, asked.id, approved=True, reference="R4711", by=by)
            one = replace(one, pending=asked.id, reference="R4711")
        made.append(one)
    return tuple(made)


def give_back(till: Till, filled: Basket, by: str, *, to_voucher: bool = False, key: str = "") -> Sold:
    """Close a basket that is worth less than nothing, as planned."""
    chosen = key or new_key()
    backs = returns.plan(till.shop, filled, to_voucher=to_voucher)
    return sales.close_sale(till.shop, filled, given(till, backs, chosen, by), key=chosen, by=by)


def returned(till: Till, sold: Sold, wanted: dict[int, int], into: Basket = EMPTY) -> Basket:
    quantities = {position: Quantity.of(count) for position, count in wanted.items()}
    return returns.take_back(till.shop, into, sold.sale, quantities, reason="Faulty")


def void(till: Till, sold: Sold, by: str, *, key: str = "", reason: str = "Wrong article") -> Sold:
    chosen = key or new_key()
    terminal = {}
    for position, code, amount in returns.past_sale(till.shop, sold.sale).terminal:
        asked = payments.begin_pending(till.shop, chosen, code, amount, by=by)
        terminal[position] = payments.answer_pending(till.shop, asked.id, approved=True, by=by).id
    return returns.void_sale(till.shop, sold.sale, reason=reason, terminal=terminal, key=chosen, by=by)


@pytest.mark.requirement("D5-01")
def test_one_of_three_comes_back_for_a_third_of_what_was_paid_and_the_rest_for_the_rest(till: Till, lead: str) -> None:
    bought = rules.discount_all(basket((item(400), 3)), Discount(amount=Money(200)))
    sold = till.sell(bought, till.cash(1000))
    past = returns.past_sale(till.shop, sold.sale)
    assert [(line.position, line.left, line.left_worth) for line in past.lines] == [(1, Quantity.of(3), Money(1000))]
    amounts = []
    for _ in range(3):
        amounts.append(give_back(till, returned(till, sold, {1: 1}), lead).total.minor)
    assert amounts == [-333, -334, -333]
    assert balances() == {"sales:A/2000": 1, "tax:A/2000": -1}, "tax is rounded on each receipt anew"
    past = returns.past_sale(till.shop, sold.sale)
    assert (past.lines[0].left, past.lines[0].left_worth) == (Quantity(0), Money(0))
    assert past.reversed_by == (2, 3, 4)
    with pytest.raises(AlreadyReturned) as refused:
        returned(till, sold, {1: 1})
    assert refused.value == AlreadyReturned(article="Bread", left=0)
    assert verify().ok


@pytest.mark.requirement("D5-01")
def test_a_return_is_booked_linked_and_bears_its_reason(till: Till, lead: str) -> None:
    sold = till.sell(basket((item(600), 2), item(110, B)), till.cash(2000))
    back = give_back(till, returned(till, sold, {1: 1}), lead)
    assert (back.number, back.total, back.change, back.open_drawer) == (2, Money(-600), Money(0), True)
    assert db.row("SELECT kind, original, total FROM sale WHERE number = 2") == ("return", sold.sale, -600)
    assert db.row("SELECT kind, reverses = (SELECT id FROM entry WHERE seq = 1) FROM entry WHERE seq = 2") in [
        ("return", 1),
        ("return", True),
    ]
    rows = sale_rows.read(back.sale)
    assert rows is not None
    assert rows.returns == ((back.sale, 1, sold.sale, 1, -1000, -600, "Faulty", 1),)
    assert rows.refunds == ((back.sale, 1, sold.sale, "cash", -600),)
    assert balances() == {
        "drawer:R1": 710, "sales:A/2000": -500, "tax:A/2000": -100, "sales:B/1000": -100, "tax:B/1000": -10,
    }  # fmt: skip
    assert printing.waiting(till.shop) == 2
    assert verify().ok


@pytest.mark.requirement("I12")
def test_money_goes_back_by_card_first_and_each_tender_only_what_it_took(till: Till, lead: str) -> None:
    sold = till.sell(basket((item(500), 4)), till.card(1200), till.cash(800))
    first = returned(till, sold, {1: 3})
    backs = returns.plan(till.shop, first)
    assert [(back.tender.code, back.amount, back.original) for back in backs] == [
        ("card", Money(1200), sold.sale),
        ("cash", Money(300), sold.sale),
    ]
    give_back(till, first, lead)
    give_back(till, returned(till, sold, {1: 1}), lead)
    assert balances() == {}
    assert [row[3:] for row in db.rows("SELECT * FROM refund ORDER BY amount")] == [
        ("card", -1200),
        ("cash", -500),
        ("cash", -300),
    ]


@pytest.mark.requirement("K-19")
def test_what_a_meal_ticket_paid_goes_to_a_credit_note_and_the_cash_stays_for_the_rest(till: Till, lead: str) -> None:
    sold = till.sell(basket((item(1200), 2)), till.ticket(1200), till.cash(1200))
    give_back(till, returned(till, sold, {1: 1}), lead)
    (card,) = db.row("SELECT id FROM card") or ("",)
    assert balances()[f"voucher:{card}"] == -1200
    assert balances()["drawer:R1"] == 1200
    give_back(till, returned(till, sold, {1: 1}), lead)
    assert balances() == {"clearing:ticket": 1200, f"voucher:{card}": -1200}
    assert verify().ok


@pytest.mark.requirement("K-19")
def test_k19_a_return_goes_to_a_credit_note_if_wanted_and_the_drawer_stays(till: Till, lead: str) -> None:
    sold = till.sell(basket(item(1200)), till.cash(1200))
    back = give_back(till, returned(till, sold, {1: 1}), lead, to_voucher=True)
    (card, of) = db.row("SELECT id, sale FROM card") or ("", "")
    assert (of, back.open_drawer) == (back.sale, False)
    assert balances() == {"drawer:R1": 1200, f"voucher:{card}": -1200}
    assert credit_notes.held(till.shop, card) == Money(1200)
    assert db.row("SELECT COUNT(*) FROM refund") == (0,)
    assert verify().ok


@pytest.mark.requirement("K-02", "I3")
def test_a_credit_note_pays_a_sale_up_to_what_is_on_it(till: Till, lead: str) -> None:
    sold = till.sell(basket(item(1200)), till.cash(1200))
    give_back(till, returned(till, sold, {1: 1}), lead, to_voucher=True)
    (card,) = db.row("SELECT id FROM card") or ("",)
    paid = Given(till.tender("voucher"), Money(1200), card=card)
    with pytest.raises(NotEnough) as refused:
        till.sell(basket(item(1300)), replace(paid, given=Money(1300)))
    assert refused.value == NotEnough(wanted=1300, available=1200)
    with pytest.raises(Missing):
        till.sell(basket(item(1200)), replace(paid, card=""))
    till.sell(basket(item(1300)), paid, till.cash(100))
    assert balances()["drawer:R1"] == 1300
    assert f"voucher:{card}" not in balances()
    assert verify().ok


@pytest.mark.requirement("E41", "I12")
def test_e41_cash_that_was_rounded_comes_back_in_steps_and_all_of_it_in_the_end(till: Till, lead: str) -> None:
    till.change(cash_step=5)
    sold = till.sell(basket(*[item(303)] * 4), till.cash(1210))
    assert sold.total == Money(1210)
    backs = [give_back(till, returned(till, sold, {position: 1}), lead).total.minor for position in (1, 2, 3, 4)]
    assert backs == [-305, -300, -305, -300]
    assert not {"drawer:R1", "rounding"} & balances().keys()
    assert verify().ok


@pytest.mark.requirement("D5-03")
def test_an_exchange_is_one_sale_that_pays_or_gives_back_the_difference(till: Till, lead: str) -> None:
    sold = till.sell(basket(item(1800, text="Shoes")), till.cash(1800))
    dearer = returned(till, sold, {1: 1}, basket(item(2400, text="Boots")))
    changed = till.sell(dearer, till.cash(1000), by=lead)
    assert (changed.number, changed.total, changed.change) == (2, Money(600), Money(400))
    assert db.row("SELECT kind, original FROM sale WHERE number = 2") == ("exchange", sold.sale)
    assert balances()["drawer:R1"] == 2400
    cheaper = returned(till, changed, {1: 1}, basket(item(300, text="Socks")))
    assert sum(back.amount.minor for back in returns.plan(till.shop, cheaper)) == 2100
    give_back(till, cheaper, lead)
    assert balances() == {"drawer:R1": 300, "sales:A/2000": -250, "tax:A/2000": -50}
    assert verify().ok


@pytest.mark.requirement("D5-03", "I12")
def test_goods_that_were_exchanged_evenly_still_give_back_what_was_first_paid(till: Till, lead: str) -> None:
    sold = till.sell(basket(item(2000, text="Shoes")), till.card(2000))
    even = till.sell(returned(till, sold, {1: 1}, basket(item(2000, text="Boots"))), by=lead)
    again = returned(till, even, {1: 1})
    assert [(back.tender.code, back.amount, back.original) for back in returns.plan(till.shop, again)] == [
        ("card", Money(2000), sold.sale)
    ]
    give_back(till, again, lead)
    assert balances() == {}
    assert verify().ok


@pytest.mark.requirement("D5-02")
def test_without_a_receipt_it_is_a_credit_note_within_a_limit(till: Till, lead: str) -> None:
    def loose(price: int) -> Basket:
        return rules.take_back(EMPTY, returns.without_receipt(till.shop, item(price), ONE, reason="Faulty"))

    with pytest.raises(OverLimit) as refused:
        returns.plan(till.shop, loose(2001))
    assert refused.value == OverLimit(what="return", wanted=2001, limit=2000)
    with pytest.raises(OverLimit):
        till.sell(loose(2001), Given(till.tender("voucher"), Money(-2001)), by=lead)
    with pytest.raises(RefundChanged):
        till.sell(loose(2000), till.cash(-2000), by=lead)
    assert verify().sales == 0
    give_back(till, loose(2000), lead)
    assert sum(amount for name, amount in balances().items() if name.startswith("voucher")) == -2000
    till.change(return_cash_without_receipt=True, cash_step=5)
    assert give_back(till, loose(523), lead).total == Money(-525)
    assert balances()["drawer:R1"] == -525
    assert verify().ok


@pytest.mark.requirement("D5-04", "N1", "E50", "K-20")
def test_e50_a_void_leaves_every_balance_as_it_was_and_two_receipts(till: Till, lead: str) -> None:
    till.change(cash_step=5)
    bought = rules.discount_all(basket((item(599), 3), item(1243, B)), Discount(percent=Percent(1000)))
    due = sales.price(till.shop, bought).total.minor
    sold = till.sell(bought, till.ticket(500), till.card(1000), till.cash(due))
    assert balances()["rounding"] != 0
    undone = void(till, sold, lead)
    assert (undone.number, undone.total, undone.open_drawer) == (2, -sold.total, True)
    assert balances() == {}
    assert db.row("SELECT kind, original FROM sale WHERE number = 2") == ("void", sold.sale)
    first, second = sale_rows.read(sold.sale), sale_rows.read(undone.sale)
    assert first is not None
    assert second is not None
    amounts = [[row[8:12] for row in rows.lines] for rows in (first, second)]
    assert [(-quantity, price, -gross, -less) for quantity, price, gross, less in amounts[0]] == amounts[1]
    assert [-row[5] for row in first.tenders] == [row[5] for row in second.tenders]
    assert [tuple(-amount for amount in row[4:]) for row in first.taxes] == [row[4:] for row in second.taxes]
    assert printing.waiting(till.shop) == 2
    (note,) = journal.notes(till.shop, action="receipt.voided")
    assert note.facts == {"sale": sold.sale, "number": 1, "reason": "Wrong article"}
    assert verify().ok


@pytest.mark.requirement("D5-04")
def test_a_sale_is_voided_once_and_nothing_of_it_comes_back_then(till: Till, lead: str) -> None:
    key = new_key()
    sold = till.sell(basket((item(500), 2)), till.cash(1000))
    assert returns.past_sale(till.shop, sold.sale).voidable
    first = void(till, sold, lead, key=key)
    assert void(till, sold, lead, key=key) == replace(first, open_drawer=False, already=True)
    for another in (sold, first):
        assert not returns.past_sale(till.shop, another.sale).voidable
        with pytest.raises(AlreadyVoided):
            void(till, another, lead)
        with pytest.raises(AlreadyReturned):
            returned(till, another, {1: 1})
    other = till.sell(basket(item(500)), till.cash(500))
    with pytest.raises(AlreadyDone):
        void(till, other, lead, key=key)
    assert returns.past_sale(till.shop, sold.sale).reversed_by == (2,)
    assert verify().ok


@pytest.mark.requirement("D5-04", "N1")
def test_a_voided_return_lets_the_goods_come_back_again(till: Till, lead: str) -> None:
    sold = till.sell(basket((item(500), 2)), till.cash(1000))
    back = give_back(till, returned(till, sold, {1: 2}), lead)
    with pytest.raises(AlreadyVoided):
        void(till, sold, lead)
    undone = void(till, back, lead)
    assert undone.total == Money(1000)
    assert balances() == {"drawer:R1": 1000, "sales:A/2000": -833, "tax:A/2000": -167}
    assert returns.past_sale(till.shop, sold.sale).lines[0].left == TWO
    assert returns.past_sale(till.shop, sold.sale).reversed_by == ()
    assert give_back(till, returned(till, sold, {1: 2}), lead).total == Money(-1000)
    assert balances() == {}
    with pytest.raises(AlreadyReturned):
        returned(till, undone, {1: 1})
    assert verify().ok


@pytest.mark.requirement("D5-04")
def test_a_void_is_for_this_shift_and_lane_and_for_nothing_that_came_back(
    till: Till, lead: str, time: FixedTime
) -> None:
    sold = till.sell(basket((item(500), 2)), till.cash(1000))
    give_back(till, returned(till, sold, {1: 1}), lead)
    with pytest.raises(AlreadyVoided):
        void(till, sold, lead)
    another = till.sell(basket(item(500)), till.cash(500))
    time.move(days=1)
    till.sell(basket(item(500)), till.cash(500))
    assert not returns.past_sale(till.shop, another.sale).voidable
    with pytest.raises(NotThisShift) as refused:
        void(till, another, lead)
    assert refused.value == NotThisShift(number=3)
    with pytest.raises(NotFound):
        returns.void_sale(till.shop, "nothing", reason="None", key=new_key(), by=lead)
    with pytest.raises(Missing):
        void(till, another, lead, reason=" ")
    assert verify().ok


@pytest.mark.requirement("D5-04", "K-19", "I3")
def test_a_void_takes_back_the_credit_note_that_was_made_unless_it_was_spent(till: Till, lead: str) -> None:
    sold = till.sell(basket(item(1200)), till.cash(1200))
    before = balances()
    back = give_back(till, returned(till, sold, {1: 1}), lead, to_voucher=True)
    void(till, back, lead)
    assert balances() == before
    again = give_back(till, returned(till, sold, {1: 1}), lead, to_voucher=True)
    (card,) = db.row("SELECT id FROM card WHERE sale = ?", (again.sale,)) or ("",)
    spent = till.sell(basket(item(500)), Given(till.tender("voucher"), Money(500), card=card))
    with pytest.raises(NotEnough) as refused:
        void(till, again, lead)
    assert refused.value == NotEnough(wanted=1200, available=700)
    void(till, spent, lead)
    assert credit_notes.held(till.shop, card) == Money(1200)
    void(till, again, lead)
    assert balances() == before
    assert verify().ok


@pytest.mark.requirement("D5-04", "D3-05")
def test_a_void_of_a_card_payment_waits_for_the_terminal(till: Till, lead: str) -> None:
    sold = till.sell(basket(item(1200)), till.card(800), till.cash(400))
    assert returns.past_sale(till.shop, sold.sale).terminal == ((1, "card", Money(-800)),)
    key = new_key()
    with pytest.raises(Invalid):
        returns.void_sale(till.shop, sold.sale, reason="Faulty", key=key, by=lead)
    asked = payments.begin_pending(till.shop, key, "card", Money(-800), by=lead)
    with pytest.raises(PendingPayment):
        returns.void_sale(till.shop, sold.sale, reason="Faulty", terminal={1: asked.id}, key=key, by=lead)
    payments.answer_pending(till.shop, asked.id, approved=True, reference="R17", by=lead)
    with pytest.raises(PendingPayment):
        returns.void_sale(till.shop, sold.sale, reason="Faulty", terminal={}, key=key, by=lead)
    returns.void_sale(till.shop, sold.sale, reason="Faulty", terminal={1: asked.id}, key=key, by=lead)
    assert balances() == {}
    assert verify().ok


@pytest.mark.requirement("D5-04", "N1")
def test_a_void_of_an_exchange_turns_both_ways(till: Till, lead: str) -> None:
    sold = till.sell(basket(item(1800)), till.cash(1800))
    before = balances()
    loose = returns.without_receipt(till.shop, item(300), ONE, reason="Faulty")
    mixed = rules.take_back(returned(till, sold, {1: 1}, basket(item(900), item(600, B))), loose)
    changed = give_back(till, mixed, lead)
    assert db.row("SELECT kind, original FROM sale WHERE number = 2") == ("exchange", None)
    void(till, changed, lead)
    assert balances() == before
    assert returns.past_sale(till.shop, sold.sale).lines[0].left == ONE
    assert verify().ok


@pytest.mark.requirement("D7-02", "D5-01", "D5-02", "D5-04")
def test_a_cashier_can_neither_return_nor_void_by_any_verb_without_an_approval(till: Till, lead: str) -> None:
    owner = staff.create(till.shop, staff.PersonForm(name="Otto", role=Role.OWNER), by=staff.ROOT, pin="4444").id
    sold = till.sell(basket((item(500), 2)), till.cash(1000))
    loose = rules.take_back(EMPTY, returns.without_receipt(till.shop, item(300), ONE, reason="Faulty"))
    before = balances()
    deeds = (
        (Action.RETURN, lambda key, by: give_back(till, returned(till, sold, {1: 1}), by, key=key)),
        (Action.RETURN_WITHOUT_RECEIPT, lambda key, by: give_back(till, loose, by, key=key)),
        (Action.VOID_SALE, lambda key, by: void(till, returns_nothing, by, key=key)),
    )
    returns_nothing = till.sell(basket(item(100)), till.cash(100))
    before = balances()
    for action, deed in deeds:
        key = new_key()
        with pytest.raises(Denied):
            deed(new_key(), till.technician)
        with pytest.raises(NeedsApproval) as refused:
            deed(key, till.ann)
        assert refused.value == NeedsApproval(action=action)
        assert balances() == before, action
        staff.approve(till.shop, owner, "4444", action, till.ann, key=key)
        done = deed(key, till.ann)
        assert db.row('SELECT "by", approved_by FROM entry WHERE seq = ?', (done.seq,)) == (till.ann, owner)
        with pytest.raises(ShopError):
            deed(new_key(), till.ann)
        before = balances()
    assert verify().ok


@pytest.mark.requirement("D5-01")
def test_only_what_the_books_say_comes_back(till: Till, lead: str) -> None:
    sold = till.sell(basket((item(500), 2), (item(300, B), 1)), till.cash(1300))
    good = returned(till, sold, {1: 1})
    (line,) = good.lines
    backs = returns.plan(till.shop, good)
    for changed in (
        replace(line, fixed=Money(-501)),
        replace(line, fixed=None),
        replace(line, price=Money(900)),
        replace(line, tax=B),
        replace(line, quantity=-TWO),
        replace(line, text="Wine"),
        replace(line, discount=Discount(amount=Money(100))),
        replace(line, returned=replace(line.returned, position=2) if line.returned else None),
        replace(line, returned=replace(line.returned, original="") if line.returned else None),
        replace(line, returned=replace(line.returned, reason="") if line.returned else None),
        replace(line, returned=None),
    ):
        with pytest.raises((RefundChanged, Invalid, Missing)):
            sales.close_sale(
                till.shop,
                replace(good, lines=(changed,)),
                given(
                    till,
                    (replace(backs[0], amount=-sales.price(till.shop, replace(good, lines=(changed,))).total),),
                    "",
                    lead,
                ),
                key=new_key(),
                by=lead,
            )
    for wrong in (Money(499), Money(501), Money(1300)):
        with pytest.raises(RefundChanged):
            till.sell(good, Given(till.tender("cash"), -wrong, original=sold.sale), by=lead)
    with pytest.raises(RefundChanged):
        till.sell(good, till.cash(-500), by=lead)
    with pytest.raises(RefundChanged):
        till.sell(good, Given(till.tender("bank"), Money(-500), original=sold.sale), by=lead)
    with pytest.raises(Missing):
        returns.take_back(till.shop, EMPTY, sold.sale, {1: ONE}, reason=" ")
    with pytest.raises(NotFound):
        returned(till, sold, {3: 1})
    with pytest.raises(OutOfRange):
        returned(till, sold, {1: 0})
    assert (verify().sales, verify().ok) == (1, True)


@pytest.mark.requirement("D5-01", "I12")
def test_what_the_basket_takes_back_already_counts_and_stays_one_line(till: Till, lead: str) -> None:
    sold = till.sell(basket((item(333), 3)), till.cash(999))
    filled = returned(till, sold, {1: 2}, returned(till, sold, {1: 1}, basket(item(50))))
    assert [(line.quantity, line.fixed) for line in filled.lines] == [(ONE, None), (Quantity.of(-3), Money(-999))]
    with pytest.raises(AlreadyReturned):
        returned(till, sold, {1: 1}, filled)
    assert give_back(till, filled, lead).total == Money(-949)


@pytest.mark.requirement("I12")
def test_the_second_till_that_takes_the_same_goods_back_is_told_so(till: Till, lead: str) -> None:
    sold = till.sell(basket((item(500), 2)), till.cash(1000))
    first, second = returned(till, sold, {1: 2}), returned(till, sold, {1: 1})
    backs = returns.plan(till.shop, second)
    give_back(till, first, lead)
    key = new_key()
    with pytest.raises(AlreadyReturned) as refused:
        sales.close_sale(till.shop, second, given(till, backs, key, lead), key=key, by=lead)
    assert refused.value == AlreadyReturned(article="Bread", left=0)
    assert balances() == {}


@pytest.mark.requirement("N16")
def test_five_enters_give_back_once(till: Till, lead: str) -> None:
    sold = till.sell(basket((item(500), 2)), till.cash(1000))
    filled, key = returned(till, sold, {1: 1}), new_key()
    tenders = given(till, returns.plan(till.shop, filled), key, lead)
    answers = [sales.close_sale(till.shop, filled, tenders, key=key, by=lead) for _ in range(5)]
    assert [one.already for one in answers] == [False, True, True, True, True]
    assert balances()["drawer:R1"] == 500


@pytest.mark.requirement("D5-01")
def test_a_receipt_that_is_too_old_takes_nothing_back(till: Till, lead: str, time: FixedTime) -> None:
    till.change(return_days=14)
    sold = till.sell(basket((item(500), 2)), till.cash(1000))
    time.move(days=14)
    in_time = returned(till, sold, {1: 1})
    backs = returns.plan(till.shop, in_time)
    time.move(days=1)
    with pytest.raises(TooLate) as refused:
        returned(till, sold, {1: 1})
    assert refused.value == TooLate(number=1, days=14)
    with pytest.raises(TooLate):
        sales.close_sale(till.shop, in_time, given(till, backs, "k", lead), key="k", by=lead)
    assert verify().sales == 1


@pytest.mark.requirement("N19", "D2-01")
def test_n19_a_return_uses_the_rate_of_its_sale_and_the_exchange_todays(till: Till, lead: str) -> None:
    old, new = TaxRate("A", Percent(1900)), TaxRate("A", Percent(1600))
    sold = till.sell(basket(item(1190, old)), till.cash(1190))
    mixed = returned(till, sold, {1: 1}, basket(item(1160, new)))
    give_back(till, mixed, lead)
    assert balances() == {"drawer:R1": 1160, "sales:A/1600": -1000, "tax:A/1600": -160}
    assert verify().ok


@pytest.mark.requirement("D1-06", "T-23")
def test_what_comes_back_is_no_discount_and_hides_none(till: Till, lead: str) -> None:
    till.change(discount_threshold=500)
    leo = till.person("Leo", Role.LEAD)
    cheap = rules.discount_all(basket((item(1000), 3)), Discount(percent=Percent(1000)))
    sold = till.sell(cheap, till.cash(2700), by=lead)
    give_back(till, returned(till, sold, {1: 1}), leo)
    off = rules.discount_line(basket(item(1000)), 1, Discount(percent=Percent(600)))
    with pytest.raises(NeedsApproval) as refused:
        till.sell(returned(till, sold, {1: 1}, off), till.cash(40), by=leo)
    assert refused.value == NeedsApproval(action=Action.DISCOUNT_OVER_THRESHOLD)


@pytest.mark.requirement("D1-11")
def test_nobody_is_asked_for_an_age_to_give_wine_back(till: Till, lead: str) -> None:
    wine = till.article("Wine", 899, minimum_age=18)
    sold = till.sell(replace(basket(wine), age_checked=18), till.cash(899))
    assert give_back(till, returned(till, sold, {1: 1}), lead).total == Money(-899)


@pytest.mark.requirement("I12")
def test_the_database_refuses_what_no_verb_would_do(till: Till, lead: str) -> None:
    sold = till.sell(basket((item(500), 2)), till.cash(1000))
    back = give_back(till, returned(till, sold, {1: 1}), lead)
    for statement in (
        f"INSERT INTO return_line VALUES ('{back.sale}', 2, '{sold.sale}', 1, -1000, -500, '', 1)",
        f"INSERT INTO refund VALUES ('{back.sale}', 2, '{sold.sale}', 'cash', -500)",
        "UPDATE return_line SET quantity = 0",
        "UPDATE refund SET amount = 0",
        "DELETE FROM return_line",
        "DELETE FROM refund",
    ):
        with pytest.raises(Refused), db.transaction():
            db.run(statement)
    assert verify().ok


@pytest.mark.requirement("K-20", "D5-04", "D5-05")
def test_the_papers_of_a_return_and_of_a_void_say_what_they_are_and_copies_of_the_sale_too(
    till: Till, lead: str
) -> None:
    sold = till.sell(basket((item(500), 3)), till.cash(2000))
    original = receipt.document(till.shop, sold.sale)
    back = give_back(till, returned(till, sold, {1: 1}), lead, to_voucher=True)
    (card, code) = db.row("SELECT id, code FROM card") or ("", "")
    paper = receipt.of_sale(till.shop, back.sale)
    assert (paper.kind, paper.reverses, paper.total) == ("return", "", Money(-500))
    assert [line.back for line in paper.lines] == [ComeBack("1", "Faulty")]
    assert [(one.name, one.given, one.card, one.reference) for one in paper.tenders] == [
        ("Credit note", Money(-500), code[-4:], "")
    ]
    for copy in (0, 1):
        written = str(receipt.document(till.shop, back.sale, copy=copy))
        assert code not in written
        assert card not in written
    assert receipt.of_sale(till.shop, sold.sale, copy=1).returned_by == ("2",)
    undone = void(till, back, lead)
    paper = receipt.of_sale(till.shop, undone.sale)
    assert (paper.kind, paper.reverses, paper.reason, paper.change) == ("void", "2", "Wrong article", Money(0))
    assert [line.back for line in paper.lines] == [None]
    assert receipt.of_sale(till.shop, back.sale, copy=1).voided_by == "3"
    assert receipt.of_sale(till.shop, sold.sale, copy=1).returned_by == ()
    last = void(till, sold, lead)
    paper = receipt.of_sale(till.shop, last.sale)
    assert [(one.given, paper.change) for one in paper.tenders] == [(Money(-1500), Money(0))]
    assert receipt.of_sale(till.shop, sold.sale, copy=2).voided_by == "4"
    assert receipt.document(till.shop, sold.sale) == original


@pytest.mark.requirement("I12", "D5-01")
def test_two_tills_that_take_the_same_goods_back_at_once_give_back_once(till: Till, lead: str) -> None:
    """Both have planned it before either does it: the second is told what is left, and nothing is written for it."""
    second = load_shop("R2", 2, till.shop.keys, clock=till.shop.clock)
    together = threading.Barrier(2, timeout=20)
    done: list[Money] = []
    refused: list[ShopError] = []

    def close(shop: Shop, wanted: Basket, tenders: tuple[Given, ...]) -> None:
        db.database.connect()
        try:
            together.wait()
            done.append(sales.close_sale(shop, wanted, tenders, key=new_key(), by=lead).total)
        except ShopError as error:
            refused.append(error)
        finally:
            db.disconnect()

    for _ in range(5):
        sold = till.sell(basket((item(600), 2)), till.cash(1200))
        wanted = returned(till, sold, {1: 2})
        tenders = given(till, returns.plan(till.shop, wanted), "", lead)
        threads = [threading.Thread(target=close, args=(shop, wanted, tenders)) for shop in (till.shop, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert done == [Money(-1200)]
        assert refused == [AlreadyReturned(article="Bread", left=0)]
        done.clear()
        refused.clear()
    assert sum(amount for name, amount in balances().items() if name.startswith("drawer")) == 0
    assert verify().ok


@pytest.mark.requirement("I12", "D2-01")
def test_tax_on_top_that_is_rounded_on_each_receipt_gives_back_no_more_than_was_paid(till: Till, lead: str) -> None:
    till.change(prices_include_tax=False)
    sold = till.sell(basket(*[item(3)] * 3), till.cash(11))
    assert sold.total == Money(11)
    assert [give_back(till, returned(till, sold, {place: 1}), lead).total.minor for place in (1, 2, 3)] == [-4, -4, -3]
    assert balances()["rounding"] == -1
    assert "drawer:R1" not in balances()
    assert db.row("SELECT COUNT(*) FROM card") == (0,)
    till.change(prices_include_tax=True)
    with pytest.raises(Invalid):
        returned(till, sold, {1: 1})
    assert verify().ok


@pytest.mark.requirement("D5-01")
def test_a_weighed_line_comes_back_in_part(till: Till, lead: str) -> None:
    apples = Item("", "7", "Apples", Unit.KILOGRAM, Money(299), B)
    sold = till.sell(rules.add(EMPTY, apples, Quantity(1535)), till.cash(459))
    part = returns.take_back(till.shop, EMPTY, sold.sale, {1: Quantity(500)}, reason="Faulty", restock=False)
    assert give_back(till, part, lead).total == Money(-150)
    assert db.row("SELECT quantity, final, restock FROM return_line") == (-500, -150, 0)
    rest = returns.take_back(till.shop, EMPTY, sold.sale, {1: Quantity(1035)}, reason="Faulty")
    assert give_back(till, rest, lead).total == Money(-309)
    assert verify().ok


@pytest.mark.requirement("D5-01")
def test_vouchers_are_no_goods_that_come_back(till: Till, lead: str) -> None:
    gift = replace(item(1000), kind=LineKind.VOUCHER)
    with pytest.raises(Invalid):
        returns.without_receipt(till.shop, gift, ONE, reason="Faulty")
    sold = till.sell(basket(gift), till.cash(1000))
    with pytest.raises(Invalid):
        returned(till, sold, {1: 1})
