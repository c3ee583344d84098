"""Goods come back: by their receipt, line by line, and without one; what the sale and the books hold of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kiosk.money import Quantity
from kiosk.rules.permissions import Action, Role, State
from kiosk.screens.giving_back import GivingBackScreen
from kiosk.screens.history import HistoryScreen
from kiosk.screens.returning import ReturnScreen
from kiosk.screens.sale import SaleScreen
from kiosk.screens.widgets.status import Say
from kiosk.services import receipt, staff
from tests.screens.counter import APPLES, BREAD, COFFEE, MILK, SUNDRIES, basket_of, open_counter, sale_of, tenders_of
from tests.screens.floor import WIDE, Floor, Journey, journey
from tests.screens.takings import (
    drawer_of,
    held_by_notes,
    kinds_of,
    refunds_of,
    returns_of,
    sell,
    sell_for_cash,
    take_back,
)


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        yield made


@asynccontextmanager
async def at_receipt(floor: Floor, *, person: str = "Mona") -> AsyncIterator[Journey]:
    """Receipt 1, three breads and a coffee for cash, and the screen on which goods of it come back."""
    async with journey(floor, person=person) as at:
        await sell_for_cash(at)
        await at.keys("f8", "f7")
        yield at


def returning(at: Journey) -> ReturnScreen:
    assert isinstance(at.screen, ReturnScreen)
    return at.screen


def wanted(at: Journey) -> dict[int, int]:
    return {place: many.thousandths // 1000 for place, many in returning(at).taking.wanted.items()}


@pytest.mark.requirement("D5-01", "K-19")
async def test_two_of_three_come_back_and_the_cash_with_them(floor: Floor) -> None:
    async with at_receipt(floor) as at:
        assert at.shows("TAKE BACK · Receipt 1", "Bread", "Coffee 500 g", "Sold", "Left", "Taken")
        await at.keys("2", "f12")
        assert at.shows("Why does it come back?", "1 Wrong size", "5 Another reason")
        await at.keys("2")
        assert isinstance(at.screen, SaleScreen)
        assert basket_of(at) == [("Bread", -2000, -900)]
        assert at.shows("R1 Bread", "TO GIVE BACK €", "Sale · 2 back")
        assert at.said == "2 back. To give back: 9.00"
        assert at.shows("Enter give it back")
        await at.keys("enter", "enter")
        assert at.shows("CASH BACK €", "Return 2 is done")
    assert kinds_of(floor) == [(1, "sale", 2045, None), (2, "return", -900, 1)]
    assert returns_of(floor) == [(2, 1, -2000, -900, "Faulty", 1)]
    assert refunds_of(floor) == [(2, 1, "cash", -900)]
    assert tenders_of(floor, 2) == [("cash", -900, 0)]
    assert drawer_of(floor) == 2045 - 900


@pytest.mark.requirement("D5-01")
async def test_everything_comes_back_and_then_nothing_more(floor: Floor) -> None:
    async with at_receipt(floor) as at:
        await at.keys("*")
        assert wanted(at) == {1: 3, 2: 1}
        await at.keys("f12", "1", "enter", "enter", "f8", "down", "f7")
        assert at.said == "Everything of receipt 1 came back already."
        assert at.shows("corrected by 2")
        await at.keys("enter")
        assert at.said == "All of Bread came back already."
        await at.keys("1")
        assert at.said == "All of Bread came back already."
        await at.keys("+", "f6", "f12")
        assert at.said == "Choose first what comes back: Enter takes the chosen line."
    assert kinds_of(floor) == [(1, "sale", 2045, None), (2, "return", -2045, 1)]
    assert drawer_of(floor) == 0


@pytest.mark.requirement("D5-01")
@pytest.mark.parametrize("key", ["enter", "space"])
async def test_enter_and_space_take_all_of_the_chosen_line_however_often(floor: Floor, key: str) -> None:
    async with at_receipt(floor) as at:
        await at.keys(key, key)
        assert wanted(at) == {1: 3}
        await at.keys("down", key)
        assert wanted(at) == {1: 3, 2: 1}


async def test_digits_say_how_many_and_enter_goes_on_to_the_next_line(floor: Floor) -> None:
    async with at_receipt(floor) as at:
        await at.keys("2", "enter")
        assert returning(at).line is not None
        assert at.shows("How many of Coffee 500 g?")
        await at.keys("1")
        assert wanted(at) == {1: 2, 2: 1}
        await at.keys("home", "1")
        assert wanted(at) == {1: 1, 2: 1}
        await at.keys("backspace")
        assert wanted(at) == {2: 1}
        await at.keys("2", "delete")
        assert wanted(at) == {2: 1}
        await at.keys("+", "+", "-")
        assert wanted(at) == {1: 1, 2: 1}
        await at.keys("-", "-")
        assert wanted(at) == {2: 1}


@pytest.mark.requirement("D5-01")
@pytest.mark.parametrize("keys", [("4",), ("3", "0"), ("3", "+"), ("9", "9", "9")])
async def test_more_than_is_left_is_refused_at_the_key(floor: Floor, keys: tuple[str, ...]) -> None:
    async with at_receipt(floor) as at:
        await at.keys(*keys)
        assert at.screen.status.kind is Say.ERROR
        assert at.said == "Bread: only 3 can still come back."
        assert wanted(at) == ({} if keys[0] != "3" else {1: 3})


@pytest.mark.parametrize("key", ["x", "f2", "/", ",", "@"])
async def test_letters_and_signs_do_nothing_here_and_say_so(floor: Floor, key: str) -> None:
    async with at_receipt(floor) as at:
        await at.keys(key)
        assert at.said == "That key does nothing here. F1 shows the keys."
        assert wanted(at) == {}


@pytest.mark.requirement("D5-01")
async def test_what_can_not_be_sold_again_is_written_down(floor: Floor) -> None:
    async with at_receipt(floor) as at:
        await at.keys("down", "enter", "r", "w", "5")
        await at.text("Mouldy")
        await at.keys("enter")
        assert at.shows("Sold again  no", "Mouldy")
        await at.keys("f12", "enter", "enter")
    assert returns_of(floor) == [(2, 1, -1000, -695, "Mouldy", 0)]


@pytest.mark.requirement("D5-01")
async def test_an_empty_reason_is_asked_again_and_escape_leaves_everything_as_it_was(floor: Floor) -> None:
    async with at_receipt(floor) as at:
        await at.keys("1", "f12", "5", "enter")
        assert at.shows("Please fill in: Reason. Why?")
        await at.keys("escape")
        assert wanted(at) == {1: 1}
        await at.keys("f12", "escape")
        assert at.said == "Nothing has come back yet."
        await at.keys("escape")
        assert wanted(at) == {}
        await at.keys("escape")
        assert isinstance(at.screen, HistoryScreen)
        await at.keys("escape")
        assert basket_of(at) == []
        assert at.shows("PAID", "Sale 1 is paid")
    assert kinds_of(floor) == [(1, "sale", 2045, None)]


@pytest.mark.requirement("D5-01")
async def test_goods_that_are_scanned_come_back_one_by_one(floor: Floor) -> None:
    async with at_receipt(floor) as at:
        await at.scan(BREAD)
        await at.wedge(BREAD)
        await at.scan(COFFEE)
        assert wanted(at) == {1: 2, 2: 1}
        await at.scan(COFFEE)
        assert at.said == "Coffee 500 g: only 1 can still come back."
        await at.scan(MILK)
        assert at.said == "Milk 1 l is not on this receipt. Esc goes back."
        await at.scan("9999999999994")
        assert at.said == "Nothing here has the code 9999999999994."
        assert wanted(at) == {1: 2, 2: 1}


@pytest.mark.requirement("D5-01")
async def test_a_scanned_receipt_shows_itself_and_another_one_takes_its_place(floor: Floor) -> None:
    first, second = sell(floor, (BREAD, 1)), sell(floor, (COFFEE, 2))
    codes = [floor.do(receipt.of_sale, sold.sale).barcode for sold in (first, second)]
    async with journey(floor, person="Mona") as at:
        await at.scan(codes[0])
        await at.keys("f7")
        assert returning(at).taking.past.number == 1
        assert wanted(at) == {1: 1}
        await at.scan(codes[1])
        assert isinstance(at.screen, HistoryScreen)
        await at.keys("f7")
        assert returning(at).taking.past.number == 2
        assert wanted(at) == {}


@pytest.mark.requirement("D5-03")
async def test_an_exchange_is_one_sale_and_only_the_difference_is_paid(floor: Floor) -> None:
    async with at_receipt(floor) as at:
        await at.keys("down", "enter", "f12", "1")
        await at.scan(BREAD)
        await at.scan(BREAD)
        assert basket_of(at) == [("Coffee 500 g", -1000, -695), ("Bread", 1000, 450), ("Bread", 1000, 450)]
        assert at.shows("Sale · 2 items · 1 back", "TO PAY €")
        await at.keys("f12")
        assert at.shows("PAID €", "Sale 2 is paid")
    assert kinds_of(floor) == [(1, "sale", 2045, None), (2, "exchange", 205, 1)]
    assert tenders_of(floor, 2) == [("cash", 205, 0)]
    assert refunds_of(floor) == []
    assert drawer_of(floor) == 2045 + 205


@pytest.mark.requirement("D5-03", "D1-13")
@pytest.mark.parametrize("keys", [("enter", "enter"), ("f12",)])
async def test_an_even_exchange_closes_without_money(floor: Floor, keys: tuple[str, ...]) -> None:
    async with at_receipt(floor) as at:
        await at.keys("1", "f12", "1")
        await at.scan(BREAD)
        await at.keys(*keys)
    assert kinds_of(floor) == [(1, "sale", 2045, None), (2, "exchange", 0, 1)]
    assert tenders_of(floor, 2) == []
    assert drawer_of(floor) == 2045


@pytest.mark.requirement("D5-01")
async def test_what_the_open_sale_takes_back_already_is_not_left_any_more(floor: Floor) -> None:
    async with at_receipt(floor) as at:
        await at.keys("2", "f12", "1", "f8", "f7")
        assert returning(at).taking.left(returning(at).taking.lines[0]) == Quantity.of(1)
        await at.keys("2")
        assert at.said == "Bread: only 1 can still come back."
        await at.keys("enter", "f12", "1")
        assert basket_of(at) == [("Bread", -3000, -1350)]


@pytest.mark.requirement("D5-01", "K-19")
async def test_f12_that_bounces_takes_back_once_and_gives_nothing(floor: Floor) -> None:
    async with at_receipt(floor) as at:
        await at.keys("2", "w", "1")
        await at.ahead("f12", "f12", "f12", "f12")
        assert isinstance(at.screen, GivingBackScreen)
        assert basket_of(at) == [("Bread", -2000, -900)]
    assert kinds_of(floor) == [(1, "sale", 2045, None)]


@pytest.mark.requirement("D5-01")
async def test_undo_takes_it_out_again_and_so_does_delete(floor: Floor) -> None:
    async with at_receipt(floor) as at:
        await at.keys("*", "f12", "1")
        assert len(basket_of(at)) == 2
        await at.keys("f9")
        assert basket_of(at) == []
        await at.keys("f8", "f7", "*", "f12", "1", "delete")
        assert basket_of(at) == [("Bread", -3000, -1350)]
    assert kinds_of(floor) == [(1, "sale", 2045, None)]


@pytest.mark.requirement("D5-01")
@pytest.mark.parametrize(
    "keys",
    [("+",), ("-",), ("2", "+"), ("5", "*", "enter"), ("*",), ("1", "0", "/"), (*"/new price", "enter"), ("f6", "1")],
)
async def test_a_line_that_comes_back_is_as_it_was_sold(floor: Floor, keys: tuple[str, ...]) -> None:
    async with at_receipt(floor) as at:
        await at.keys("2", "f12", "1")
        await at.keys(*keys)
        assert at.said == "Bread comes back as it is: Del takes it out."
        assert basket_of(at) == [("Bread", -2000, -900)]


@pytest.mark.requirement("D5-01", "D7-02")
async def test_a_cashier_needs_somebody_elses_pin_and_a_wrong_one_gives_nothing(floor: Floor) -> None:
    async with at_receipt(floor, person="Ann") as at:
        await at.keys("1", "f12", "1")
        assert at.shows("Approval", "Mona types a PIN.")
        await at.text("1234")
        await at.keys("enter")
        assert at.shows("The PIN is wrong.")
        await at.keys("escape")
        assert at.said == "Nothing has come back yet."
        assert basket_of(at) == []
        floor.waited.now += 60
        await at.keys("f12")
        await at.text("9999")
        await at.keys("enter")
        assert basket_of(at) == [("Bread", -1000, -450)]
        await at.keys("enter", "enter")
    ann, mona = floor.people["Ann"].id, floor.people["Mona"].id
    assert kinds_of(floor)[1] == (2, "return", -450, 1)
    assert floor.rows('SELECT "by", approved_by FROM entry WHERE kind = ?', "return") == [(ann, mona)]
    assert floor.journal("staff.approved") == [("staff.approved", ann, mona)]


@pytest.mark.requirement("D7-02")
async def test_who_may_not_take_back_at_all_is_told_at_the_receipt(floor: Floor) -> None:
    floor.do(staff.set_permission, Role.CASHIER, Action.RETURN, State.DENIED, by=_owner(floor))
    async with journey(floor, person="Ann") as at:
        await sell_for_cash(at)
        await at.keys("f8", "f7")
        assert isinstance(at.screen, HistoryScreen)
        assert at.said == "Not allowed for you: take goods back"
    assert kinds_of(floor) == [(1, "sale", 2045, None)]


def _owner(floor: Floor) -> str:
    return floor.person("Olga", Role.OWNER).id


@pytest.mark.requirement("D5-01")
async def test_a_second_till_was_faster_before_the_goods_were_in_the_sale(floor: Floor) -> None:
    async with at_receipt(floor) as at:
        await at.keys("3")
        take_back(floor, returning(at).taking.past.sale, {1: 2})
        await at.keys("f12", "1")
        assert at.said == "Bread: only 1 can still come back."
        assert wanted(at) == {}
        await at.keys("1", "f12")
        assert basket_of(at) == [("Bread", -1000, -450)]


@pytest.mark.requirement("D5-01")
async def test_a_second_till_was_faster_before_the_money_went_out(floor: Floor) -> None:
    async with at_receipt(floor) as at:
        sale = returning(at).taking.past.sale
        await at.keys("3", "f12", "1", "enter")
        take_back(floor, sale, {1: 2})
        await at.keys("enter")
        assert isinstance(at.screen, GivingBackScreen)
        assert at.said == "Bread: only 1 can still come back."
        await at.keys("escape", "delete")
        assert basket_of(at) == []
    assert kinds_of(floor) == [(1, "sale", 2045, None), (2, "return", -900, 1)]
    assert drawer_of(floor) == 2045 - 900


@pytest.mark.requirement("D5-01")
async def test_the_lines_that_come_back_are_there_after_a_restart(floor: Floor) -> None:
    async with at_receipt(floor) as at:
        await at.keys("2", "r", "f12", "2")
        await at.scan(MILK)
    async with journey(floor, person="Mona") as at:
        assert basket_of(at) == [("Bread", -2000, -900), ("Milk 1 l", 1000, 129)]
        await at.keys("f12")
        assert isinstance(at.screen, GivingBackScreen)
        assert kinds_of(floor) == [(1, "sale", 2045, None)]
        await at.keys("f12")
    assert kinds_of(floor)[1] == (2, "exchange", -771, 1)
    assert returns_of(floor) == [(2, 1, -2000, -900, "Faulty", 0)]
    assert drawer_of(floor) == 2045 - 771


async def test_the_lock_in_the_middle_keeps_what_was_chosen(floor: Floor) -> None:
    async with at_receipt(floor) as at:
        await at.keys("2", "f11", *"9999", "enter")
        assert wanted(at) == {1: 2}


@pytest.mark.requirement("D5-01")
async def test_a_receipt_that_is_too_old_is_refused_at_once(floor: Floor) -> None:
    floor.of_services(lambda: floor.services.change(return_days=14))
    sell(floor, (BREAD, 1))
    floor.time.move(days=15)
    sell(floor, (MILK, 1))
    async with journey(floor, person="Mona") as at:
        await at.keys("f8", "down", "f7")
        assert isinstance(at.screen, HistoryScreen)
        assert at.said == "Receipt 1 is older than 14 days."


async def test_a_return_itself_does_not_come_back(floor: Floor) -> None:
    sold = sell(floor, (BREAD, 2))
    take_back(floor, sold.sale, {1: 1})
    async with journey(floor, person="Mona") as at:
        await at.keys("f8", "f7")
        assert at.said == "On receipt 2 nothing was sold."
        await at.keys("enter")
        assert at.said == "Bread was not sold here, it came back."
        assert wanted(at) == {}


async def test_names_that_were_made_to_do_harm_are_only_names(floor: Floor) -> None:
    sell(floor, (BREAD, 2), (COFFEE, 1))
    hostile = "[/x] [bold]\x1b[2J" + "x" * 10_000
    floor.services.tamper(
        f"UPDATE sale_line SET text = '{hostile}' WHERE position = 1",
        "UPDATE sale_line SET text = '{amount} %s [a=b' WHERE position = 2",
        "UPDATE sale_tender SET name = '[/]\x1b[1m'",
    )
    async with journey(floor, person="Mona") as at:
        await at.keys("f8", "f7", "4")
        assert at.shows("[/x] [bold]")
        assert "\x1b" not in at.text_of_screen()
        await at.keys("*", "f12", "1")
        assert len(basket_of(at)) == 2
        await at.keys("+")
        assert at.screen.status.kind is Say.ERROR
        await at.keys("enter")
        assert at.shows("GIVING BACK", "-2 [/x] [bold]", "-1 {amount} %s")


@pytest.mark.requirement("D5-01")
async def test_on_a_wide_screen_the_numbers_of_the_articles_stand_there_too(floor: Floor) -> None:
    async with journey(floor, person="Mona", size=WIDE) as at:
        await sell_for_cash(at)
        await at.keys("f8", "f7", "enter")
        assert at.shows("No.", "101", "Bread", "13.50", "COMES BACK €")
        await at.keys("f12", "1")
        assert at.shows("Returned, receipt 1: Bread")
        await without_receipt(at)
        await at.scan(MILK)
        await at.keys("1")
        assert at.shows("Returned: Milk 1 l")


# Without a receipt


async def without_receipt(at: Journey) -> None:
    await at.text("/take")
    await at.keys("enter")


@pytest.mark.requirement("D5-02")
async def test_without_a_receipt_the_next_article_comes_back_for_a_credit_note(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await without_receipt(at)
        assert at.shows("Take back · code · name · qty *")
        await at.keys("3", "*")
        await at.scan(BREAD)
        assert at.shows("Bread comes back without a receipt, €13.50. Why?")
        await at.keys("3")
        assert basket_of(at) == [("Bread", -3000, -1350)]
        assert at.shows("R Bread", "Scan · code · name · qty *")
        await at.scan(MILK)
        assert basket_of(at)[1] == ("Milk 1 l", 1000, 129)
        await at.keys("f9", "enter")
        assert at.shows("Credit note", "13.50")
        await at.keys("enter")
    assert kinds_of(floor) == [(1, "return", -1350, None)]
    assert returns_of(floor) == [(1, None, -3000, -1350, "Not wanted", 1)]
    assert tenders_of(floor) == [("voucher", -1350, 0)]
    assert held_by_notes(floor) == 1350
    assert drawer_of(floor) == 0


@pytest.mark.requirement("D5-02")
async def test_it_can_be_cash_where_the_shop_wants_that(floor: Floor) -> None:
    floor.of_services(lambda: floor.services.change(return_cash_without_receipt=True))
    async with journey(floor, person="Mona") as at:
        await without_receipt(at)
        await at.text("coff")
        await at.keys("enter", "1", "enter", "enter")
    assert tenders_of(floor) == [("cash", -695, 0)]
    assert drawer_of(floor) == -695
    assert held_by_notes(floor) == 0


@pytest.mark.requirement("D5-02")
async def test_more_than_the_shops_limit_is_refused_and_nothing_goes_out(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await without_receipt(at)
        await at.keys("5", "*")
        await at.scan(BREAD)
        await at.keys("1")
        assert at.said == "€22.50 is more than the €20.00 that may be given back at once."
        assert basket_of(at) == []
        await without_receipt(at)
        await at.keys("4", "*")
        await at.scan(BREAD)
        await at.keys("1")
        assert basket_of(at) == [("Bread", -4000, -1800)]
        await without_receipt(at)
        await at.scan(BREAD)
        await at.keys("1")
        assert at.said == "€22.50 is more than the €20.00 that may be given back at once."
        assert basket_of(at) == [("Bread", -4000, -1800)]
    assert kinds_of(floor) == []


@pytest.mark.requirement("D5-02", "D7-02")
async def test_a_cashier_needs_approval_without_a_receipt(floor: Floor) -> None:
    async with journey(floor, person="Ann") as at:
        await without_receipt(at)
        await at.scan(BREAD)
        await at.keys("1", "escape")
        assert at.said == "Not taken back: Bread."
        assert basket_of(at) == []
        await without_receipt(at)
        await at.scan(BREAD)
        await at.keys("1")
        await at.text("9999")
        await at.keys("enter", "enter", "enter")
    assert kinds_of(floor) == [(1, "return", -450, None)]
    ann, mona = floor.people["Ann"].id, floor.people["Mona"].id
    assert floor.rows('SELECT "by", approved_by FROM entry WHERE kind = ?', "return") == [(ann, mona)]


@pytest.mark.requirement("D5-02", "D7-02")
async def test_who_may_not_is_told_before_anything_is_scanned(floor: Floor) -> None:
    floor.do(staff.set_permission, Role.CASHIER, Action.RETURN_WITHOUT_RECEIPT, State.DENIED, by=_owner(floor))
    async with journey(floor, person="Ann") as at:
        await without_receipt(at)
        assert at.said == "Not allowed for you: take goods back without a receipt"
        await at.scan(BREAD)
        assert basket_of(at) == [("Bread", 1000, 450)]


@pytest.mark.requirement("D5-02")
async def test_escape_ends_it_and_the_next_article_is_sold(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await without_receipt(at)
        await at.keys("escape")
        assert at.shows("Scan · code · name · qty *")
        await at.scan(BREAD)
        assert basket_of(at) == [("Bread", 1000, 450)]
        await without_receipt(at)
        await at.scan(COFFEE)
        await at.keys("escape")
        assert at.said == "Not taken back: Coffee 500 g."
        await at.scan(COFFEE)
        assert basket_of(at)[1:] == [("Coffee 500 g", 1000, 695)]


@pytest.mark.requirement("D5-02")
async def test_prices_and_weights_are_asked_for_as_in_a_sale(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await without_receipt(at)
        await at.scan(APPLES)
        await at.text("0,5")
        await at.keys("enter", "1")
        await without_receipt(at)
        await at.scan(SUNDRIES)
        await at.keys("2", "enter", "1")
        assert basket_of(at) == [("Apples", -500, -110), ("Sundries", -1000, -200)]


@pytest.mark.requirement("D5-02")
async def test_from_the_menu_it_begins_as_well(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "w")
        await at.scan(BREAD)
        await at.keys("1")
        assert basket_of(at) == [("Bread", -1000, -450)]


@pytest.mark.requirement("D5-01")
async def test_from_the_receipts_in_the_menu_goods_come_back_as_well(floor: Floor) -> None:
    sell(floor, (BREAD, 1))
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "2", "f7", "f12", "1")
        assert isinstance(at.screen, SaleScreen)
        assert basket_of(at) == [("Bread", -1000, -450)]
        assert sale_of(at).open.can_undo()
