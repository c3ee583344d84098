"""Cash in and out at the till that is no sale: by its case, with a slip or without, and refused in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.money import Money
from kiosk.rules.drawer import Purpose
from kiosk.rules.permissions import Action, State
from kiosk.screens.cash_up import CashUpScreen
from kiosk.screens.dialogs import AskMoney, AskText
from kiosk.screens.menu import MenuScreen
from kiosk.screens.widgets.status import Say
from kiosk.services import cash
from kiosk.services.shop import new_key
from tests.screens.counter import BREAD, basket_of, open_counter, selling
from tests.screens.day_books import (
    drawer,
    entries,
    for_cashiers,
    moves,
    on_second_till,
    open_day,
    paper,
    second_till,
    setting,
)
from tests.screens.floor import Floor, journey


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_day(tmp_path) as made:
        yield made


@pytest.mark.requirement("K-22", "D6-04")
async def test_paid_in_from_the_bank_bears_its_case_and_is_no_turnover(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f10", "i")
        assert at.shows("Where does the cash come from?", "1 Bank", "2 Member of staff", "5 Other")
        await at.keys("1", *"50", "enter")
        assert at.shows("€50.00: with a slip to sign?")
        await at.keys("enter")
        assert (at.screen.status.kind, at.said) == (Say.OK, "50.00 went into the drawer: Bank.")
    assert moves(floor) == [("in", "bank", "", 5000, "")]
    assert drawer(floor) == 20000
    assert entries(floor) == ["shift.opened", "cash.moved"]
    assert paper(floor) == [("drawer", 0)]
    assert floor.rows("SELECT COUNT(*) FROM sale") == [(0,)]


@pytest.mark.requirement("K-22", "D6-04", "D7-02")
async def test_paid_out_for_another_reason_needs_words_and_another_persons_pin(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f10", "o", "4", *"15", "enter")
        assert isinstance(at.screen, AskText)
        await at.keys("enter")
        assert at.shows("A reason is needed, or Esc.")
        await at.keys("space", "enter")
        assert isinstance(at.screen, AskText)
        await at.keys(*"Window cleaner", "enter", "p")
        assert at.shows("Mona types a PIN.")
        await at.keys("escape")
        assert (at.said, moves(floor)) == ("No cash was moved.", [])
        await at.keys("o", "4", *"15", "enter", *"Window cleaner", "enter", "p", *"9999", "enter")
        assert at.said == "15.00 came out of the drawer: Window cleaner."
    assert moves(floor) == [("out", "other", "", 1500, "Window cleaner")]
    assert drawer(floor) == 13500
    found = floor.rows("SELECT approved_by FROM entry WHERE kind = 'cash.moved'")
    assert found == [(floor.people["Mona"].id,)]
    assert paper(floor) == [("cash", 0)]


@pytest.mark.requirement("D6-04")
async def test_to_the_safe_from_the_menu_and_from_the_cash_up(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "s", *"100", "enter", "enter")
        assert at.said == "100.00 came out of the drawer: Safe."
        await at.keys("c", "down", "7", "f7", *"20", "enter", "enter")
        assert isinstance(at.screen, CashUpScreen)
        assert at.shows(
            "Paid out                     -120.00", "Should be                      30.00", "Counted 700.00"
        )
    assert moves(floor) == [("out", "safe", "", 10000, ""), ("out", "safe", "", 2000, "")]
    assert drawer(floor) == 3000


@pytest.mark.requirement("D6-04")
async def test_more_than_the_drawer_holds_is_refused_where_it_is_typed(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "o", "1", *"150.01", "enter")
        assert isinstance(at.screen, AskMoney)
        assert at.shows("Not enough: €150.01 wanted, €150.00 available.")
        await at.keys("backspace", "0", "enter", "enter")
        assert at.said == "150.00 came out of the drawer: Bank."
    assert drawer(floor) == 0


@pytest.mark.requirement("D6-01", "D6-04")
async def test_who_counts_blind_is_not_told_what_the_drawer_holds(floor: Floor) -> None:
    setting(floor, blind_count=True)
    for_cashiers(floor, Action.PAID_OUT, State.ALLOWED)
    async with selling(floor) as at:
        await at.keys("f10", "o", "1", *"150.01", "enter", "enter")
        assert at.said == "Amount: too much or too little."
        assert not at.shows("150.00")
    assert moves(floor) == []


@pytest.mark.requirement("D6-04")
async def test_cash_goes_to_another_till_and_is_taken_in_there(floor: Floor) -> None:
    """Out of R1 it stands on the way; R2 takes a part of it in, and not more than is coming."""
    second_till(floor)
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "i", "3")
        assert (at.screen.status.kind, at.said) == (Say.ERROR, "Nothing is on its way from another till.")
        await at.keys("o", "3")
        assert at.shows("Where does the cash go?", "1 R2")
        await at.keys("1", *"40", "enter", "enter")
        assert at.said == "40.00 came out of the drawer: R2."
    assert moves(floor) == [("out", "register", "R2", 4000, "")]
    assert (drawer(floor), drawer(floor, "R2")) == (11000, 0)
    by = floor.people["Mona"].id
    on_second_till(floor, cash.pay_in, Money(4000), Purpose.REGISTER, other="R1", key=new_key(), by=by)
    on_second_till(floor, cash.pay_out, Money(1500), Purpose.REGISTER, other="R1", key=new_key(), by=by)
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "i", "3")
        assert at.shows("1 R2: 15.00")
        await at.keys("1", *"15.01", "enter")
        assert at.shows("Not enough: €15.01 wanted, €15.00 available.")
        await at.keys(*("backspace",) * 5, "enter", "enter")
        assert at.said == "15.00 went into the drawer: R2."
    assert (drawer(floor), drawer(floor, "R2")) == (12500, 2500)


async def test_with_one_till_only_there_is_no_other_to_give_to(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "o", "3")
        assert at.said == "There is no other till."


@pytest.mark.requirement("K-22")
@pytest.mark.parametrize(
    "away", [("escape",), ("1", "escape"), ("1", "5", "enter", "escape"), ("5", "5", "enter", "escape")]
)
async def test_escape_at_every_question_moves_nothing(floor: Floor, away: tuple[str, ...]) -> None:
    async with selling(floor) as at:
        await at.keys("f10", "i", *away)
        assert isinstance(at.screen, MenuScreen)
        assert at.said == "No cash was moved."
    assert (moves(floor), drawer(floor)) == ([], 15000)


@pytest.mark.requirement("K-22")
async def test_what_is_no_amount_is_said_and_asked_again(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f10", "i", "1", "enter")
        assert at.shows("A number is missing.")
        await at.keys("0", "enter")
        assert at.shows("Amount: at least €0.01.")
        await at.keys(",", ",", *"555", "enter")
        assert at.shows("is not a number that fits here.")
        await at.keys("-", "x", "f12")
        assert isinstance(at.screen, AskMoney)
    assert moves(floor) == []


async def test_where_cash_goes_in_steps_an_amount_between_them_is_refused(tmp_path: Path) -> None:
    with open_counter(tmp_path) as floor:
        setting(floor, cash_step=5)
        async with selling(floor) as at:
            await at.keys("f10", "i", "1", *"1.02", "enter")
            assert at.shows("€1.02 can't be paid in cash")
            await at.keys("backspace", "5", "enter", "enter")
            assert at.said == "1.05 went into the drawer: Bank."
    assert floor.services.shop.settings.cash_step == 5


@pytest.mark.requirement("K-22")
async def test_the_same_key_five_times_moves_cash_once(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f10", "i", "1", "5")
        await at.ahead("enter", "enter", "enter", "enter", "enter")
    assert moves(floor) == [("in", "bank", "", 500, "")]


@pytest.mark.requirement("D1-01")
async def test_a_scan_in_the_middle_waits_for_the_sale(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f10", "i", "1", "5")
        await at.wedge(BREAD)
        assert at.shows("1 scanned code waits. Answer first.")
        await at.keys("enter", "enter")
        assert basket_of(at) == [("Bread", 1000, 450)]
    assert moves(floor) == [("in", "bank", "", 500, "")]


@pytest.mark.requirement("D7-02")
async def test_who_may_not_pay_out_finds_no_key_for_it(floor: Floor) -> None:
    for_cashiers(floor, Action.PAID_OUT, State.DENIED)
    for_cashiers(floor, Action.SAFE_DROP, State.DENIED)
    async with selling(floor) as at:
        for key in "os":
            await at.keys("f10", key)
            assert at.said == "Nothing in the menu has this key."
            await at.keys("escape")
        await at.keys("f10", "c", "f4", "1", "5", "enter", "enter")
        assert at.said == "Not allowed for you: pay cash out"
        await at.keys("f7", "5", "enter", "enter")
        assert at.said == "Not allowed for you: take cash to the safe"
    assert moves(floor) == []


async def test_words_that_were_made_to_do_harm_are_kept_as_words(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f10", "i", "5", "5", "enter", *"[/x] [b]", "enter", "p")
        assert at.said == "5.00 went into the drawer: [/x] [b]."
    assert moves(floor) == [("in", "other", "", 500, "[/x] [b]")]
