"""Selling by keys and scans, as the ledger has it in the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.money import Money
from kiosk.rules.basket import Unit
from kiosk.screens.sale import SaleScreen
from kiosk.screens.widgets.status import Say
from tests.screens.counter import (
    APPLES,
    BEER,
    BREAD,
    COFFEE,
    MILK,
    SUNDRIES,
    basket_of,
    lines_of,
    open_counter,
    sale_of,
    sales_of,
    selling,
    tenders_of,
)
from tests.screens.floor import WIDE, Floor, journey


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        yield made


@pytest.mark.requirement("D1-01", "D1-04", "D3-03")
async def test_a_sale_of_scans_and_a_quantity_before_is_paid_in_cash_with_change(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.text("3*")
        await at.scan(MILK)
        await at.keys("enter", "2", "0", "enter")
        assert at.shows("CHANGE", "Sale 1: 8.37")
    assert sales_of(floor) == [(1, 837, 0)]
    assert lines_of(floor) == [("Bread", 1000, 450), ("Milk 1 l", 3000, 387)]
    assert tenders_of(floor) == [("cash", 837, 1163)]


@pytest.mark.requirement("D1-04")
@pytest.mark.parametrize(
    ("keys", "thousandths"),
    [
        (("+",), 2000),
        (("3", "+"), 4000),
        (("4", "+", "-"), 4000),
        (("4", "+", "2", "-"), 3000),
        (("5", "*", "enter"), 5000),
    ],
)
async def test_a_quantity_can_be_given_after_the_scan(floor: Floor, keys: tuple[str, ...], thousandths: int) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.keys(*keys)
        assert basket_of(at) == [("Bread", thousandths, 450 * thousandths // 1000)]
        assert at.screen.status.kind is Say.OK


@pytest.mark.requirement("D1-05")
async def test_a_line_that_is_taken_down_to_nothing_goes_and_comes_back(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.keys("-")
        assert basket_of(at) == []
        await at.keys("f9")
        assert basket_of(at) == [("Bread", 1000, 450)]


@pytest.mark.requirement("D1-05")
async def test_the_chosen_line_is_changed_repeated_and_voided(floor: Floor) -> None:
    async with selling(floor) as at:
        for code in (BREAD, MILK, COFFEE):
            await at.scan(code)
        await at.keys("up", "+", "*")
        assert [line[:2] for line in basket_of(at)] == [
            ("Bread", 1000),
            ("Milk 1 l", 2000),
            ("Coffee 500 g", 1000),
            ("Milk 1 l", 1000),
        ]
        await at.keys("home", "delete")
        assert [line[0] for line in basket_of(at)] == ["Milk 1 l", "Coffee 500 g", "Milk 1 l"]
    assert floor.rows("SELECT action FROM journal WHERE action LIKE 'sale.%'") == [("sale.line_voided",)]


@pytest.mark.requirement("D1-03")
async def test_an_open_price_is_asked_for_within_its_bounds_and_codes_wait(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(SUNDRIES)
        await at.scan(BREAD)
        assert basket_of(at) == []
        assert at.shows("Price of Sundries")
        await at.text("0,10")
        await at.keys("enter")
        assert at.screen.status.kind is Say.ERROR
        await at.text("4,20")
        await at.keys("enter")
        assert basket_of(at) == [("Sundries", 1000, 420), ("Bread", 1000, 450)]


async def test_escape_at_the_price_leaves_the_article_out_and_nothing_else(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.text("12")
        await at.scan(SUNDRIES)
        await at.keys("9", "escape")
        assert basket_of(at) == [("Bread", 1000, 450)]
        assert at.said == "Left out: Sundries."
        assert sale_of(at).line.text == "12"


@pytest.mark.requirement("D1-04")
async def test_loose_goods_ask_for_their_weight_unless_it_was_typed(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(APPLES)
        assert at.shows("Weight of Apples in kg")
        await at.text("0,35")
        await at.keys("enter")
        await at.text("1,5*")
        await at.scan(APPLES)
        assert basket_of(at) == [("Apples", 350, 77), ("Apples", 1500, 330)]
        assert at.shows("0.350", "1.500")


@pytest.mark.requirement("D1-11")
async def test_an_age_is_checked_once_in_a_sale_and_both_answers_are_written_down(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BEER)
        assert at.shows("Age check: 16 years", "20/11/2010")
        await at.keys("escape")
        assert basket_of(at) == []
        assert at.said == "Not sold: Beer 33 cl."
        await at.scan(BEER)
        await at.keys("enter")
        await at.scan(BEER)
        assert [line[0] for line in basket_of(at)] == ["Beer 33 cl", "Beer 33 cl"]
        await at.keys("f12")
    assert sales_of(floor) == [(1, 390, 0)]
    assert [row[0] for row in floor.journal("age.refused", "age.passed")] == ["age.refused", "age.passed"]


@pytest.mark.requirement("D1-06")
async def test_percent_off_a_line_and_off_the_sale_with_a_reason(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.scan(COFFEE)
        await at.text("10/")
        assert basket_of(at) == [("Bread", 1000, 450), ("Coffee 500 g", 1000, 625)]
        assert at.shows("-10%")
        await at.keys("f6", "3", "5", "enter", "2")
        assert sale_of(at).open.basket.discount is not None
        assert sale_of(at).open.totals.total.minor == 1021
        await at.keys("f12")
    assert sales_of(floor) == [(1, 1021, 0)]


@pytest.mark.requirement("D1-06")
async def test_an_amount_off_a_line_and_no_discount_again(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.text("1,50")
        await at.keys("f6", "2", "1")
        assert basket_of(at) == [("Bread", 1000, 300)]
        await at.keys("f6", "5")
        assert basket_of(at) == [("Bread", 1000, 450)]


@pytest.mark.requirement("D7-02", "T-23")
async def test_a_discount_above_the_threshold_needs_somebody_elses_pin(floor: Floor) -> None:
    floor.of_services(lambda: floor.services.change(discount_threshold=2000))
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.text("50/")
        assert at.shows("Approval", "Mona")
        await at.text("0000")
        await at.keys("enter")
        assert basket_of(at) == [("Bread", 1000, 450)]
        floor.waited.now += 60
        await at.text("9999")
        await at.keys("enter")
        assert basket_of(at) == [("Bread", 1000, 225)]
        await at.keys("f12")
    assert sales_of(floor) == [(1, 225, 0)]
    assert len(floor.journal("staff.approved")) == 1


@pytest.mark.requirement("D1-01")
async def test_searching_shows_hits_and_enter_takes_the_chosen_one(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.text("b")
        assert at.shows("Articles", "Baguette", "Beer 33 cl", "Bread")
        assert at.screen.query_one("#hits").display
        await at.text("re")
        await at.keys("enter")
        assert basket_of(at) == [("Bread", 1000, 450)]
        assert not at.screen.query_one("#hits").display
        await at.text("2*mil")
        await at.keys("enter")
        assert basket_of(at)[1:] == [("Milk 1 l", 2000, 258)]


async def test_the_next_keys_are_those_of_what_is_typed_and_sold(floor: Floor) -> None:
    async with selling(floor) as at:
        assert at.shows("a-z search")
        assert not at.shows("Enter pay")
        await at.scan(BREAD)
        assert at.shows("OK", "Bread  4.50", "Enter pay")
        await at.text("1")
        assert at.shows("Bread  4.50", "Enter look up")
        assert not at.shows("Enter pay")
        await at.keys("backspace")
        assert at.shows("Bread  4.50", "Enter pay")
        await at.text("b")
        assert at.said == ""
        assert at.shows("Up/Down choose", "Enter take it", "Esc clear")
        assert not at.shows("Enter pay")
        await at.scan(MILK)
        assert at.shows("Milk 1 l  1.29", "Enter take it")
        await at.keys("escape")
        assert at.said == ""
        assert at.shows("Enter pay")


async def test_loose_goods_have_their_price_per_kilogram_wherever_they_are_listed(floor: Floor) -> None:
    floor.of_services(lambda: floor.services.article("Pears", 310, number="108", quick=2, unit=Unit.KILOGRAM))
    async with selling(floor) as at:
        assert at.shows(".1 Baguette         1.20", ".2 Pears         3.10/kg")
        await at.text("app")
        assert at.shows("2.20/kg")


async def test_a_question_for_a_number_answers_other_keys_and_says_which_codes_wait(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(SUNDRIES)
        for key in ("f1", "x", "f12", "+"):
            await at.keys(key)
            assert at.said == "Type a number. Enter takes it, Esc leaves the article out."
        await at.text("4")
        await at.scan(BREAD)
        assert at.said == "1 scanned code waits. Answer first."
        assert at.screen.status.kind is Say.ERROR
        await at.scan(MILK)
        assert at.said == "2 scanned codes wait. Answer first."
        await at.keys("enter")
        assert basket_of(at) == [("Sundries", 1000, 400), ("Bread", 1000, 450), ("Milk 1 l", 1000, 129)]


async def test_a_typing_scanner_leaves_the_price_that_is_being_typed(floor: Floor) -> None:
    floor.of_services(lambda: floor.services.article("Plaster", 350, barcodes=("+A1234-5/6*7",)))
    async with selling(floor) as at:
        await at.scan(SUNDRIES)
        await at.text("12")
        await at.wedge("+A1234-5/6*7")
        assert at.said == "1 scanned code waits. Answer first."
        await at.keys("enter")
        assert basket_of(at) == [("Sundries", 1000, 1200), ("Plaster", 1000, 350)]


@pytest.mark.requirement("D7-02")
async def test_another_price_for_the_chosen_line_needs_somebody_elses_pin(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.scan(MILK)
        await at.keys("up")
        await at.text("/new")
        await at.keys("enter")
        assert at.shows("Approval", "Mona")
        await at.keys("escape")
        assert basket_of(at) == [("Bread", 1000, 450), ("Milk 1 l", 1000, 129)]
        await at.text("/new")
        await at.keys("enter")
        await at.text("9999")
        await at.keys("enter")
        assert at.shows("Bread costs €4.50. What does it cost now?")
        await at.text("3,99")
        await at.keys("enter")
        assert basket_of(at) == [("Bread", 1000, 399), ("Milk 1 l", 1000, 129)]
        await at.keys("f9")
        assert basket_of(at)[0] == ("Bread", 1000, 450)
    assert len(floor.journal("staff.approved")) == 1
    assert floor.journal("sale.price_changed") == [("sale.price_changed", floor.people["Ann"].id, None)]


async def test_another_price_needs_a_line_and_a_number(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.text("/new")
        await at.keys("enter")
        assert at.screen.status.kind is Say.ERROR
        await at.scan(BREAD)
        await at.text("/new")
        await at.keys("enter", "enter")
        assert basket_of(at) == [("Bread", 1000, 450)]


async def test_words_that_nothing_is_called_stay_in_the_line(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.text("xylo")
        await at.keys("enter")
        assert at.said == "Nothing is called xylo. Esc clears the line."
        assert sale_of(at).line.text == "xylo"
        await at.keys("escape")
        assert not sale_of(at).line


@pytest.mark.requirement("D1-01")
async def test_a_quick_article_needs_two_keys(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.text(".1")
        assert basket_of(at) == [("Baguette", 1000, 120)]
        await at.text(".8")
        assert at.said == "No quick article has the key 8."


@pytest.mark.requirement("D1-10")
async def test_a_price_is_looked_at_without_selling(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f2")
        await at.scan(COFFEE)
        assert at.said == "Coffee 500 g: €6.95   103"
        await at.text("app")
        await at.keys("f2")
        assert at.said == "Apples: €2.20 per kg   104"
        assert basket_of(at) == []
        await at.scan(COFFEE)
        assert [line[0] for line in basket_of(at)] == ["Coffee 500 g"]


@pytest.mark.requirement("D1-01", "D8-01")
async def test_an_unknown_code_offers_to_make_the_article_and_later_codes_wait(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan("9999999999994")
        await at.scan(BREAD)
        assert at.shows("Nothing here has the code 9999999999994", "N make an article")
        assert basket_of(at) == []
        await at.keys("escape")
        assert basket_of(at) == [("Bread", 1000, 450)]


async def test_undo_goes_back_step_by_step_and_then_offers_to_void_the_sale(floor: Floor) -> None:
    async with selling(floor) as at:
        for _turn in range(40):
            await at.scan(BREAD)
        await at.keys(*["f9"] * 40)
        assert basket_of(at) == []
        await at.keys("f9")
        assert at.screen.status.kind is Say.ERROR
        await at.scan(MILK)
        await at.text("/void")
        await at.keys("enter")
        assert at.shows("Void the whole sale, 1 item, 1.29?")
        await at.keys("escape")
        assert len(basket_of(at)) == 1
        await at.text("/void")
        await at.keys("enter", "enter")
        assert basket_of(at) == []
    assert [row[0] for row in floor.journal("sale.voided")] == ["sale.voided"]
    assert sales_of(floor) == []


async def test_money_of_a_voided_sale_goes_back_and_never_comes_to_the_next_one(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.keys("enter", "1", "enter", "escape")
        await at.text("/void")
        await at.keys("enter", "enter")
        assert at.shows("Cash €1.00 was received for this sale.")
        await at.keys("escape")
        assert (basket_of(at), sale_of(at).open.received) == ([("Bread", 1000, 450)], Money(100))
        await at.text("/void")
        await at.keys("enter", "enter", "enter")
        assert at.said == "The sale is voided. F9 brings it back."
        await at.keys("f9")
        assert (basket_of(at), sale_of(at).open.tenders) == ([("Bread", 1000, 450)], ())
        await at.text("/void")
        await at.keys("enter", "enter")
        await at.scan(MILK)
        await at.keys("enter", "1", "enter", "escape", "f9")
        assert (basket_of(at), sale_of(at).open.received) == ([], Money(100)), (
            "the line is taken back, the money is there"
        )
        await at.keys("f9")
        assert at.shows("Cash €1.00 was received for this sale.")
        await at.keys("enter")
        assert (at.said, basket_of(at), sale_of(at).open.tenders) == ("Given back 1.00", [], ())
        await at.keys("f9")
        assert (at.screen.status.kind, basket_of(at)) == (Say.ERROR, []), "who bought the bread is gone"
    assert sales_of(floor) == []


@pytest.mark.requirement("D1-01")
async def test_twenty_scans_of_a_scanner_that_types_are_twenty_lines(floor: Floor) -> None:
    async with selling(floor) as at:
        for turn in range(20):
            for key in (*(BREAD if turn % 2 else MILK), "enter"):
                at._at += 0.004
                at._send(key)
            at._at += 0.1
        await at.settle()
        assert [line[0] for line in basket_of(at)] == ["Milk 1 l", "Bread"] * 10
        assert not sale_of(at).line


async def test_a_typing_scanner_leaves_what_was_typed_before_and_works_no_keys(floor: Floor) -> None:
    floor.of_services(lambda: floor.services.article("Plaster", 350, barcodes=("+A1234-5/6*7",)))
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.text("3*")
        await at.wedge("+A1234-5/6*7")
        assert basket_of(at) == [("Bread", 1000, 450), ("Plaster", 3000, 1050)]


async def test_keys_pressed_while_a_code_is_looked_up_are_answered_after_it(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.ahead("1", "0", "1", "enter", "+", "+", "1", "0", "2", "enter", "f12")
        assert at.shows("PAID")
    assert lines_of(floor) == [("Bread", 3000, 1350), ("Milk 1 l", 1000, 129)]


async def test_five_enters_are_one_sale(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.ahead(*["enter"] * 5)
        assert at.shows("PAID", "Sale 1: 4.50")
        await at.ahead(*["f12"] * 5)
    assert sales_of(floor) == [(1, 450, 0)]


async def test_what_is_typed_ahead_goes_into_the_next_sale(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.ahead("f12", "1", "0", "2", "enter", "+")
        assert basket_of(at) == [("Milk 1 l", 2000, 258)]
    assert sales_of(floor) == [(1, 450, 0)]


async def test_the_change_stays_until_the_next_line(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.text("10")
        await at.keys("f12")
        assert at.shows("CHANGE")
        await at.keys("enter", "f12", "enter")
        assert at.shows("CHANGE")
        await at.scan(MILK)
        assert at.shows("TO PAY")
        assert not at.shows("CHANGE")
        assert basket_of(at) == [("Milk 1 l", 1000, 129)]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (("f12",), "There is nothing in this sale yet."),
        (("+",), "There is nothing in this sale yet."),
        (("delete",), "There is nothing in this sale yet."),
        (("enter",), "There is nothing in this sale yet."),
    ],
)
async def test_a_key_that_needs_a_sale_says_so(floor: Floor, keys: tuple[str, ...], said: str) -> None:
    async with selling(floor) as at:
        await at.keys(*keys)
        assert at.screen.status.kind is Say.ERROR
        assert at.said
    assert sales_of(floor) == []


async def test_mistakes_of_a_tired_clerk_lose_nothing(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.text("2,5*")
        await at.keys("enter")
        assert at.screen.status.kind is Say.ERROR
        await at.keys("escape")
        await at.text("200/")
        assert at.screen.status.kind is Say.ERROR
        await at.keys("escape")
        await at.text("4")
        await at.keys("f12")
        assert at.screen.status.kind is Say.ERROR
        assert sales_of(floor) == []
        await at.keys("escape", "f4", "f7", "insert")
        assert at.said == "That key does nothing here. F1 shows the keys."
        assert basket_of(at) == [("Bread", 1000, 450)]


async def test_a_key_without_a_deed_has_no_place_on_the_key_bar(floor: Floor) -> None:
    async with selling(floor) as at:
        bar = "\n".join(at.lines()[-2:])
        for key in ("F4 ", "F7 "):
            assert key not in bar
        assert "F12 CASH" in bar


@pytest.mark.requirement("D1-10")
async def test_the_help_lists_every_binding_and_is_searched_by_typing(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f1")
        assert at.shows("Keys", "Search articles as you type", "One more of the chosen line")
        await at.keys("pagedown")
        assert at.shows("Percent or an amount off", "Paid in cash")
        await at.text("cash")
        assert at.shows("F12", "Paid in cash")
        assert not at.shows("Percent or an amount off")
        await at.keys("escape", "escape")
        assert isinstance(at.screen, SaleScreen)


async def test_a_scan_closes_the_help_and_sells(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f1")
        await at.scan(BREAD)
        assert isinstance(at.screen, SaleScreen)
        assert basket_of(at) == [("Bread", 1000, 450)]


async def test_the_wide_screen_sells_too(floor: Floor) -> None:
    async with selling(floor, size=WIDE) as at:
        await at.scan(BREAD)
        assert at.shows("Bread", "TO PAY", "Quick articles", ".1 Baguette")
        await at.keys("f12")
    assert sales_of(floor) == [(1, 450, 0)]
