"""Paying: cash, change, several tenders, cash rounding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import NoChangeFrom, NotFound, NotInSteps, NotPaid, OutOfRange
from kiosk.money import Money
from kiosk.rules.tender import Given, Tender, TenderKind, check_settled, exact, give, settle, take_back

CASH = Tender("cash", "Cash", TenderKind.CASH, opens_drawer=True, gives_change=True)
CARD = Tender("card", "Bank card", TenderKind.CARD)
NONE, FIVE = Money(1), Money(5)


def handed(*pairs: tuple[Tender, int]) -> tuple[Given, ...]:
    return tuple(Given(tender, Money(minor)) for tender, minor in pairs)


@pytest.mark.requirement("D3-03")
def test_twenty_for_seventeen_thirty_gives_two_seventy_back() -> None:
    settled = settle(Money(1730), handed((CASH, 2000)), cash_step=NONE)
    assert (settled.paid, settled.change, settled.applied[0].amount) == (True, Money(270), Money(1730))


@pytest.mark.requirement("D3-02")
def test_several_tenders_pay_one_sale() -> None:
    settled = settle(Money(1730), handed((CARD, 1000), (CASH, 500), (CASH, 300)), cash_step=NONE)
    assert [applied.amount for applied in settled.applied] == [Money(1000), Money(500), Money(230)]
    assert settled.change == Money(70)


@pytest.mark.requirement("D3-08")
def test_a_card_never_gives_change() -> None:
    with pytest.raises(NoChangeFrom) as refused:
        give((), Given(CARD, Money(1731)), Money(1730), cash_step=NONE)
    assert refused.value == NoChangeFrom(tender="card", due=1730)


def test_too_little_is_not_paid() -> None:
    settled = settle(Money(1730), handed((CASH, 1700)), cash_step=NONE)
    assert (settled.paid, settled.due) == (False, Money(30))
    with pytest.raises(NotPaid) as refused:
        check_settled(settled)
    assert refused.value == NotPaid(due=30)


@pytest.mark.requirement("E41", "D3-07")
@pytest.mark.parametrize(
    ("due", "given_by", "paid", "rounding"),
    [
        (1243, [(CASH, 1245)], 1245, 2),
        (1242, [(CASH, 1240)], 1240, -2),
        (1243, [(CARD, 1243)], 1243, 0),
        (1243, [(CARD, 1000), (CASH, 245)], 1245, 2),
    ],
)
def test_e41_only_the_cash_part_is_rounded(
    due: int, given_by: list[tuple[Tender, int]], paid: int, rounding: int
) -> None:
    settled = settle(Money(due), handed(*given_by), cash_step=FIVE)
    assert settled.paid
    assert settled.rounding == Money(rounding)
    assert sum(applied.amount.minor for applied in settled.applied) == paid
    assert settled.change == Money(0)


def test_exact_cash_is_the_rounded_amount() -> None:
    open_sale = settle(Money(1243), (), cash_step=FIVE)
    assert exact(open_sale, CASH, cash_step=FIVE) == Money(1245)
    assert exact(open_sale, CARD, cash_step=FIVE) == Money(1243)


@pytest.mark.requirement("D3-07")
def test_cash_that_no_coins_make_is_refused() -> None:
    with pytest.raises(NotInSteps) as refused:
        give((), Given(CASH, Money(1244)), Money(1243), cash_step=FIVE)
    assert refused.value == NotInSteps(amount=1244, step=5)
    assert give((), Given(CARD, Money(1243)), Money(1243), cash_step=FIVE)


def test_two_cents_are_nothing_in_cash_where_five_is_the_smallest_coin() -> None:
    paid = give((), Given(CASH, Money(0)), Money(2), cash_step=FIVE)
    settled = settle(Money(2), paid, cash_step=FIVE)
    assert (settled.paid, settled.rounding) == (True, Money(-2))
    with pytest.raises(OutOfRange):
        give((), Given(CASH, Money(0)), Money(3), cash_step=FIVE)


def test_nothing_more_is_taken_once_it_is_paid() -> None:
    paid = handed((CASH, 1730))
    with pytest.raises(OutOfRange):
        give(paid, Given(CASH, Money(5)), Money(1730), cash_step=NONE)


def test_a_sale_of_nothing_is_paid_by_nothing() -> None:
    assert settle(Money(0), (), cash_step=FIVE).paid


def test_money_goes_out_when_the_shop_owes() -> None:
    settled = settle(Money(-315), handed((CASH, -315)), cash_step=NONE)
    assert (settled.paid, settled.change) == (True, Money(0))
    with pytest.raises(OutOfRange):
        give((), Given(CASH, Money(500)), Money(-315), cash_step=NONE)


def test_a_tender_is_taken_back() -> None:
    paid = handed((CARD, 100), (CASH, 50))
    assert take_back(paid, 0) == handed((CASH, 50))
    with pytest.raises(NotFound):
        take_back(paid, 2)


@given(st.integers(1, 1_000_000), st.lists(st.integers(1, 1_000_000), max_size=8), st.sampled_from([1, 5, 10, 100]))
def test_what_is_given_is_paid_or_comes_back(due: int, amounts: list[int], step: int) -> None:
    tenders: tuple[Given, ...] = ()
    for minor in (-(-amount // step) * step for amount in amounts):
        before = settle(Money(due), tenders, cash_step=Money(step))
        if before.paid:
            break
        tenders = give(tenders, Given(CASH, Money(minor)), Money(due), cash_step=Money(step))
    settled = settle(Money(due), tenders, cash_step=Money(step))
    taken = sum(applied.amount.minor for applied in settled.applied)
    assert sum(given.given.minor for given in tenders) == taken + settled.change.minor
    assert taken + settled.due.minor == due + settled.rounding.minor
    assert abs(settled.rounding.minor) * 2 <= step
    assert settled.change.minor >= 0
