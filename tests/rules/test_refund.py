"""Giving back: what a part of a line is worth, and by which tender its money goes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import AlreadyReturned, OutOfRange
from kiosk.money import Money, Quantity, total
from kiosk.rules.refund import Back, Left, Paid, Source, plan, settled, to_voucher, worth
from kiosk.rules.tender import Tender, TenderKind

CASH = Tender("cash", "Cash", TenderKind.CASH, opens_drawer=True, gives_change=True)
CARD = Tender("card", "Bank card", TenderKind.CARD, asks_terminal=True)
TICKET = Tender("ticket", "Meal ticket", TenderKind.TICKET, refundable=False)
BANK = Tender("bank", "Bank transfer", TenderKind.BANK)
VOUCHER = Tender("voucher", "Credit note", TenderKind.VOUCHER)
CENT, FIVE = Money(1), Money(5)


def line(quantity: int, final: int, returned: int = 0, given_back: int = 0) -> Left:
    return Left(Quantity.of(quantity), Money(final), Quantity.of(returned), Money(given_back), "Bread")


def paid(tender: Tender, amount: int, refunded: int = 0, *, of: str = "r1", rounded: int = 0) -> Paid:
    return Paid(of, tender, Money(amount), Money(refunded), Money(rounded))


def source(value: int, *payments: Paid, unpaid: int = 0, crumbs: int = 1) -> Source:
    return Source(Money(value), payments, Money(unpaid), Money(crumbs))


def backs(amount: int, *sources: Source, step: Money = CENT, voucher: Tender | None = VOUCHER) -> list[tuple[str, int]]:
    return [
        (back.tender.code, back.amount.minor) for back in plan(Money(amount), sources, voucher=voucher, cash_step=step)
    ]


@pytest.mark.requirement("D5-01")
@pytest.mark.parametrize(
    ("sold", "quantity", "expected"),
    [
        (line(3, 1000), 1, 333),
        (line(3, 1000, 1, 333), 1, 334),
        (line(3, 1000, 2, 667), 1, 333),
        (line(3, 1000), 3, 1000),
        (line(3, 1000, 1, 333), 2, 667),
        (line(2, 0), 1, 0),
    ],
)
def test_parts_of_a_line_add_up_to_the_whole(sold: Left, quantity: int, expected: int) -> None:
    assert worth(sold, Quantity.of(quantity)) == Money(expected)


@pytest.mark.requirement("I12")
def test_no_more_comes_back_than_is_left() -> None:
    with pytest.raises(AlreadyReturned) as refused:
        worth(line(3, 1000, 2, 667), Quantity.of(2))
    assert refused.value == AlreadyReturned(article="Bread", left=1000)
    for quantity in (0, -1):
        with pytest.raises(OutOfRange):
            worth(line(3, 1000), Quantity.of(quantity))


@pytest.mark.requirement("I12")
@given(
    final=st.integers(0, 10_000_000),
    parts=st.lists(st.integers(1, 3000), min_size=1, max_size=12),
)
def test_however_a_line_comes_back_it_gives_exactly_what_it_cost(final: int, parts: list[int]) -> None:
    whole = Quantity(sum(parts))
    returned, given_back = Quantity(0), Money(0)
    for part in parts:
        value = worth(Left(whole, Money(final), returned, given_back), Quantity(part))
        assert value.minor >= 0
        returned, given_back = returned + Quantity(part), given_back + value
        assert given_back.minor <= final
    assert given_back == Money(final)


@pytest.mark.requirement("I12")
@pytest.mark.parametrize(
    ("amount", "payments", "expected"),
    [
        (500, [paid(CASH, 1000)], [("cash", 500)]),
        (500, [paid(CASH, 300), paid(CARD, 700)], [("card", 500)]),
        (900, [paid(CASH, 300), paid(CARD, 700)], [("card", 700), ("cash", 200)]),
        (400, [paid(CASH, 300), paid(CARD, 700, 600)], [("card", 100), ("cash", 300)]),
        (900, [paid(CASH, 300), paid(BANK, 300), paid(VOUCHER, 400)], [("voucher", 400), ("bank", 300), ("cash", 200)]),
        (600, [paid(CASH, 300), paid(TICKET, 500)], [("cash", 100), ("voucher", 500)]),
        (100, [paid(CASH, 300), paid(TICKET, 500, 500)], [("cash", 100)]),
    ],
)
def test_money_goes_back_by_what_it_came_by_cash_last(
    amount: int, payments: list[Paid], expected: list[tuple[str, int]]
) -> None:
    assert backs(amount, source(amount, *payments)) == expected


@pytest.mark.requirement("E41", "I12")
@pytest.mark.parametrize(("price", "paid_in_cash"), [(303, 1210), (302, 1210), (301, 1205), (304, 1215)])
def test_e41_lines_returned_one_by_one_give_back_the_rounded_cash_that_was_paid(price: int, paid_in_cash: int) -> None:
    given_back, rounded = 0, 0
    for _ in range(4):
        found = backs(price, source(price, paid(CASH, paid_in_cash, given_back, rounded=rounded), crumbs=5), step=FIVE)
        assert len(found) == 1
        (code, amount) = found[0]
        assert code == "cash"
        assert amount % 5 == 0
        assert abs(amount - price) < 5
        given_back, rounded = given_back + amount, rounded + price - amount
    assert given_back == paid_in_cash


def test_what_rounding_took_at_the_sale_is_not_given_back_and_no_credit_note_is_made_of_it() -> None:
    found = plan(Money(1242), (source(1242, paid(CASH, 1240), crumbs=5),), voucher=VOUCHER, cash_step=FIVE)
    assert found == (Back(CASH, Money(1240), "r1"),)
    done = settled(Money(-1242), found)
    assert (done.rounding, done.due, done.change) == (Money(2), Money(0), Money(0))
    assert total(one.amount for one in done.applied) == Money(-1240)


@pytest.mark.requirement("D5-02", "K-19")
def test_without_a_receipt_it_is_a_credit_note_unless_the_shop_gives_cash() -> None:
    loose = source(523, unpaid=523)
    assert backs(523, loose) == [("voucher", 523)]
    assert plan(Money(523), (loose,), voucher=VOUCHER, cash_step=FIVE, without_receipt=CASH) == (
        Back(CASH, Money(525)),
    )


def test_goods_of_one_receipt_are_not_paid_back_by_the_tender_of_another() -> None:
    first, second = source(500, paid(CASH, 1000)), source(500, paid(CARD, 1000, of="r2"))
    found = plan(Money(1000), (first, second), voucher=VOUCHER, cash_step=CENT)
    assert found == (Back(CARD, Money(500), "r2"), Back(CASH, Money(500), "r1"))


def test_a_payment_that_two_receipts_lead_to_is_given_back_once() -> None:
    one = paid(CARD, 1000)
    assert backs(1200, source(700, one), source(500, one)) == [("card", 1000), ("voucher", 200)]


def test_what_no_tender_may_take_is_refused_where_there_are_no_credit_notes() -> None:
    with pytest.raises(OutOfRange):
        backs(500, source(500, paid(TICKET, 500)), voucher=None)
    with pytest.raises(OutOfRange):
        to_voucher(Money(500), None)
    assert to_voucher(Money(500), VOUCHER) == (Back(VOUCHER, Money(500)),)


@pytest.mark.requirement("I12")
@given(
    amount=st.integers(1, 5000),
    payments=st.lists(
        st.tuples(st.sampled_from([CASH, CARD, TICKET, BANK, VOUCHER]), st.integers(0, 2000), st.integers(0, 2500)),
        max_size=5,
        unique_by=lambda one: one[0].code,
    ),
    step=st.sampled_from([0, 1, 5, 10, 100]),
)
def test_no_tender_gives_back_more_than_it_paid(
    amount: int, payments: list[tuple[Tender, int, int]], step: int
) -> None:
    known = [paid(tender, most, gone) for tender, most, gone in payments]
    found = plan(Money(amount), (source(amount, *known, crumbs=max(step, 1)),), voucher=VOUCHER, cash_step=Money(step))
    for back in found:
        assert back.amount.minor > 0
        assert back.tender.refundable
        if back.original:
            assert back.amount <= next(one.left for one in known if one.tender is back.tender)
        if back.tender.kind is TenderKind.CASH and step:
            assert back.amount.minor % step == 0
    assert abs(amount - total(back.amount for back in found).minor) <= max(step, 1)
