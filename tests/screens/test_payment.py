"""Paying: every way that there is, and what the ledger holds of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.money import Money
from kiosk.screens.payment import PaymentScreen
from kiosk.screens.sale import SaleScreen
from kiosk.screens.widgets.status import Say
from tests.screens.counter import BREAD, COFFEE, MILK, basket_of, open_counter, sale_of, sales_of, selling, tenders_of
from tests.screens.floor import WIDE, Floor


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        yield made


def pending_of(floor: Floor) -> list[tuple[object, ...]]:
    return floor.rows("SELECT tender, amount, state FROM pending ORDER BY id")


@pytest.mark.requirement("D3-05")
async def test_a_bank_card_is_confirmed_by_hand_and_written_down_before(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter", "+")
        assert at.shows("Card terminal", "Bank card: €6.95 on the terminal. Paid?")
        assert pending_of(floor) == [("card", 695, "asked")]
        assert sales_of(floor) == []
        await at.keys("enter")
        assert at.shows("PAID")
    assert pending_of(floor) == [("card", 695, "approved")]
    assert tenders_of(floor) == [("card", 695, 0)]


@pytest.mark.requirement("D3-05")
async def test_a_card_that_the_terminal_refused_pays_nothing(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter", "+", "escape")
        assert isinstance(at.screen, PaymentScreen)
        assert at.screen.status.kind is Say.ERROR
        await at.keys("enter")
    assert pending_of(floor) == [("card", 695, "declined")]
    assert tenders_of(floor) == [("cash", 695, 0)]


async def test_enters_that_bounce_do_not_answer_for_the_terminal(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.ahead("enter", "+", "enter", "enter")
        assert at.shows("Card terminal")
        assert sales_of(floor) == []
        await at.keys("enter")
    assert sales_of(floor) == [(1, 695, 0)]


@pytest.mark.requirement("D3-02", "D3-01")
async def test_a_sale_is_split_over_tenders(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter")
        await at.text("5e")
        assert at.shows("Meal ticket", "STILL DUE")
        assert at.said == "Received 5.00. Still due 1.95."
        await at.text("1,50")
        await at.keys("+", "enter")
        assert at.said == "Received 1.50. Still due 0.45."
        await at.text("2")
        await at.keys("enter")
    assert tenders_of(floor) == [("ticket", 500, 0), ("card", 150, 0), ("cash", 45, 155)]


@pytest.mark.requirement("D3-02")
async def test_a_split_in_three_gives_the_first_one_the_odd_cent(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.scan(MILK)
        await at.keys("enter", "3", "f5")
        assert at.shows("This part: 1.93, 3 left")
        await at.keys("enter")
        assert at.said == "Received 1.93. Still due 3.86."
        await at.keys("+", "enter", "enter")
    assert tenders_of(floor) == [("cash", 193, 0), ("card", 193, 0), ("cash", 193, 0)]


@pytest.mark.requirement("D3-03")
async def test_a_bank_note_is_one_key(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter", "c")
        assert at.shows("CHANGE")
    assert tenders_of(floor) == [("cash", 695, 1305)]


@pytest.mark.requirement("D3-01")
async def test_a_tender_without_change_refuses_too_much(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter")
        await at.text("10e")
        assert at.screen.status.kind is Say.ERROR
        await at.keys("+")
        assert at.screen.status.kind is Say.ERROR
        assert pending_of(floor) == []
        await at.keys("enter")
    assert tenders_of(floor) == [("cash", 695, 305)]


@pytest.mark.requirement("D3-07")
async def test_cash_is_rounded_and_a_card_is_not(floor: Floor) -> None:
    floor.of_services(lambda: floor.services.change(cash_step=5))
    floor.of_services(lambda: floor.services.article("Screw", 1243, number="120"))
    async with selling(floor) as at:
        await at.text("120")
        await at.keys("enter", "enter")
        assert at.shows("Cash, exactly 12.45")
        await at.keys("enter")
        await at.text("120")
        await at.keys("enter", "enter", "+", "enter")
        await at.text("120")
        await at.keys("enter", "f12")
    assert sales_of(floor) == [(1, 1243, 2), (2, 1243, 0), (3, 1243, 2)]


async def test_escape_keeps_what_was_received_and_a_line_can_be_added(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter", "5", "enter", "escape")
        assert isinstance(at.screen, SaleScreen)
        await at.scan(MILK)
        await at.keys("enter")
        assert at.shows("Cash, exactly 3.24")
        await at.keys("enter")
    assert tenders_of(floor) == [("cash", 500, 0), ("cash", 324, 0)]


@pytest.mark.requirement("D3-02")
async def test_what_was_received_stands_on_the_sale_screen_and_so_does_what_is_paid_now(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        assert sale_of(at).view.total.shown == ("TO PAY €", Money(695))
        await at.keys("enter", "2", "enter", "escape")
        assert sale_of(at).view.total.shown == ("STILL DUE €", Money(495))
        assert at.shows("Received 2.00", "To pay 6.95")
        assert not at.shows("TO PAY")
        await at.keys("f12")
        assert sale_of(at).view.total.shown == ("PAID NOW €", Money(495))
        assert at.shows("Sale 1: 6.95", "Paid before 2.00")
        await at.scan(MILK)
        await at.keys("f12")
        assert sale_of(at).view.total.shown == ("PAID €", Money(129))
        assert not at.shows("Paid before")
    assert tenders_of(floor) == [("cash", 200, 0), ("cash", 495, 0)]


async def test_the_change_of_a_part_payment_says_what_was_paid_before(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter", "2", "enter", "escape", "5", "f12")
        assert sale_of(at).view.total.shown == ("CHANGE €", Money(5))
        assert at.shows("Sale 1: 6.95", "Paid before 2.00")


async def test_the_sale_screen_says_when_the_basket_shrank_below_what_was_received(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.scan(MILK)
        await at.keys("enter", "7", "+", "enter", "escape", "home", "delete")
        assert sale_of(at).view.total.shown == ("STILL DUE €", Money(-571))


@pytest.mark.requirement("D3-01")
async def test_a_letter_that_would_close_the_sale_without_cash_asks_first(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter", "f")
        assert at.shows("Bank transfer: €6.95. Close the sale with it?", "yes, paid", "no, not paid")
        assert sales_of(floor) == []
        await at.keys("escape")
        assert isinstance(at.screen, PaymentScreen)
        assert at.said == "Not paid: Bank transfer. Choose another way."
        assert sale_of(at).open.tenders == ()
        await at.keys("e", "enter")
        assert at.shows("PAID")
    assert tenders_of(floor) == [("ticket", 695, 0)]


async def test_letters_typed_ahead_do_not_answer_their_own_question(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter")
        await at.ahead("e", "enter")
        assert at.shows("Meal ticket: €6.95. Close the sale with it?")
    assert sales_of(floor) == []


@pytest.mark.parametrize("keys", [("0", "enter"), ("0", "+"), ("0", ",", "0", "e")])
async def test_nothing_is_no_payment_and_the_digits_go(floor: Floor, keys: tuple[str, ...]) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter", *keys)
        assert at.said == "Type more than 0."
        assert at.screen.status.kind is Say.ERROR
        await at.keys("5", "enter")
        assert at.said == "Received 5.00. Still due 1.95."
    assert sales_of(floor) == []


async def test_when_nothing_is_due_only_enter_and_f12_close_the_sale(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.text("100/")
        await at.keys("enter")
        assert at.shows("Nothing to pay: Enter closes the sale.")
        assert not at.shows("Cash, exactly")
        await at.keys("+", "e", "a")
        assert at.said == "Nothing to pay: Enter closes the sale."
        assert sales_of(floor) == []
        await at.keys("enter")
    assert sales_of(floor) == [(1, 0, 0)]


async def test_too_little_cash_on_the_sale_screen_says_what_is_missing_and_leaves_no_code(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("5", "f12")
        assert at.said == "5.00 is not enough: 1.95 missing."
        assert at.shows("Enter pay in parts")
        assert not sale_of(at).line
        await at.keys("enter")
        assert isinstance(at.screen, PaymentScreen)
    assert sales_of(floor) == []


async def test_a_scan_at_the_payment_goes_back_and_sells(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter")
        await at.scan(BREAD)
        assert isinstance(at.screen, SaleScreen)
        assert [line[0] for line in basket_of(at)] == ["Coffee 500 g", "Bread"]


async def test_a_scan_while_the_terminal_is_asked_waits(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter", "+")
        await at.scan(BREAD)
        assert at.shows("1 scanned code waits. Answer first.")
        await at.keys("enter")
        assert basket_of(at) == [("Bread", 1000, 450)]
    assert sales_of(floor) == [(1, 695, 0)]


async def test_a_payment_is_taken_back_by_delete_and_by_undo(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter", "1", "enter", "2", "enter", "up", "delete")
        assert [given.given.minor for given in sale_of(at).open.tenders] == [200]
        await at.keys("f9", "f9")
        assert at.screen.status.kind is Say.ERROR
        assert sale_of(at).open.tenders == ()


@pytest.mark.requirement("D3-05")
async def test_what_a_terminal_took_is_given_back_there_first(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter", "2", "+", "enter", "f9")
        assert at.shows("Give €2.00 back on the terminal. Done?")
        await at.keys("escape")
        assert len(sale_of(at).open.tenders) == 1
        await at.keys("f9", "enter")
        assert sale_of(at).open.tenders == ()
        assert pending_of(floor) == [("card", 200, "returned")]
        await at.keys("f12")
    assert tenders_of(floor) == [("cash", 695, 0)]


@pytest.mark.requirement("D1-06")
async def test_percent_off_the_whole_sale(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter", "1", "0", "/")
        assert at.shows("Disc -0.70", "Cash, exactly 6.25")
        await at.keys("enter")
    assert sales_of(floor) == [(1, 625, 0)]


async def test_a_basket_that_shrank_below_the_card_says_what_to_do(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.scan(MILK)
        await at.keys("enter", "7", "+", "enter", "escape", "home", "delete", "enter")
        assert at.screen.status.kind is Say.ERROR
        await at.keys("enter")
        assert sales_of(floor) == []
        await at.keys("delete", "enter", "enter")
    assert sales_of(floor) == [(1, 129, 0)]
    assert tenders_of(floor) == [("cash", 129, 0)]


async def test_a_sale_for_nothing_needs_no_tender(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.text("100/")
        await at.keys("f12")
        assert at.shows("PAID")
    assert sales_of(floor) == [(1, 0, 0)]


@pytest.mark.parametrize("keys", [("1", "f5"), ("f5",), ("x",), ("f6",), ("-",), ("9", "9", "9", "9", "9", "9", "f5")])
async def test_wrong_keys_are_answered_and_pay_nothing(floor: Floor, keys: tuple[str, ...]) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter", *keys)
        assert isinstance(at.screen, PaymentScreen)
        assert at.screen.status.kind in {Say.ERROR, Say.ASK}
    assert sales_of(floor) == []


async def test_the_wide_payment_screen_pays(floor: Floor) -> None:
    async with selling(floor, size=WIDE) as at:
        await at.scan(COFFEE)
        await at.keys("enter")
        assert at.shows("How does the customer pay?", "STILL DUE", "Received")
        await at.keys("f12")
    assert sales_of(floor) == [(1, 695, 0)]
