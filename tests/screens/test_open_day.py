"""Opening the day at the till: as the books have it, another amount, counted, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.money import Money
from kiosk.rules.drawer import Count
from kiosk.rules.permissions import Action, Role, State
from kiosk.screens.open_day import FloatScreen, OpenDayScreen
from kiosk.screens.sale import SaleScreen
from kiosk.screens.sign_in import SignInScreen
from kiosk.screens.widgets.status import Say
from kiosk.services import shifts
from kiosk.services.shop import new_key
from tests.screens.counter import BREAD, MILK, basket_of, open_counter, sales_of, selling
from tests.screens.day_books import (
    counts,
    day_is_open,
    drawer,
    entries,
    for_cashiers,
    moves,
    paper,
    reports,
    setting,
    start_day,
)
from tests.screens.floor import Floor, Journey, journey


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path, day=False) as made:
        yield made


def yesterday(floor: Floor, minor: int = 15000) -> None:
    """A day with this float, closed with a count, and the next morning."""
    start_day(floor, minor)
    floor.do(shifts.close_shift, Count(Money(minor)), key=new_key(), by=floor.people["Mona"].id)
    floor.time.move(days=1)


def asks(at: Journey) -> bool:
    """Whether the day is offered."""
    return isinstance(at.screen, OpenDayScreen)


def sells(at: Journey) -> bool:
    """Whether the sale is in front."""
    return isinstance(at.screen, SaleScreen)


@pytest.mark.requirement("D6-01")
async def test_enter_takes_the_float_as_the_books_have_it(floor: Floor) -> None:
    yesterday(floor)
    async with selling(floor) as at:
        assert asks(at)
        assert at.shows("By the books, 150.00 is in the drawer.", "Enter open the day", "F2 count", "Esc sell without")
        await at.keys("enter")
        assert sells(at)
        assert (at.screen.status.kind, at.said) == (Say.OK, "The day is open with 150.00.")
    assert counts(floor)[2:] == [("open", 15000, 15000, 0)]
    assert drawer(floor) == 15000
    assert floor.rows('SELECT number, counted, "by" FROM shift ORDER BY number')[1] == (
        2,
        15000,
        floor.people["Ann"].id,
    )


@pytest.mark.requirement("D6-01", "D6-05")
async def test_another_amount_is_booked_as_a_difference(floor: Floor) -> None:
    yesterday(floor)
    async with selling(floor) as at:
        await at.keys(*"149.00", "enter")
        assert at.said == "The day is open with 149.00: 1.00 is missing."
    assert counts(floor)[2:] == [("open", 15000, 14900, -100)]
    assert drawer(floor) == 14900


@pytest.mark.requirement("D6-01", "D6-05")
async def test_a_great_difference_is_asked_about_before_it_is_booked(floor: Floor) -> None:
    """Who types 1500 for 150.00, or 15 for it, finds out in time."""
    yesterday(floor)
    async with selling(floor) as at:
        await at.keys(*"1500", "enter")
        assert at.shows("Counted 1,500.00: 1,350.00 is over.", "3 Nobody knows: book the difference")
        await at.keys("escape", *"15", "enter")
        assert at.shows("Counted 15.00: 135.00 is missing.")
        await at.keys("escape")
        assert asks(at)
        assert (day_is_open(floor), len(counts(floor))) == (False, 2)
        await at.keys(*"1500", "enter", "3")
        assert at.said == "The day is open with 1,500.00: 1,350.00 is over."
    assert counts(floor)[2:] == [("open", 15000, 150000, 135000)]
    assert (drawer(floor), moves(floor)) == (150000, [])


@pytest.mark.requirement("D6-01", "D6-04", "K-22")
@pytest.mark.parametrize(("key", "source"), [("1", "safe"), ("2", "bank")])
async def test_a_float_that_was_fetched_is_paid_in_and_no_difference(floor: Floor, key: str, source: str) -> None:
    async with selling(floor) as at:
        await at.keys(*"150", "enter", key)
        assert at.said == "The day is open with 150.00."
    assert counts(floor) == [("open", 0, 0, 0)]
    assert moves(floor) == [("in", source, "", 15000, "")]
    assert drawer(floor) == 15000


@pytest.mark.requirement("D7-02")
async def test_a_float_is_not_paid_in_where_nobody_agrees_and_then_no_day_opens(floor: Floor) -> None:
    for_cashiers(floor, Action.PAID_IN, State.APPROVAL)
    async with selling(floor) as at:
        await at.keys(*"150", "enter", "1", "escape")
        assert at.said == "Nobody agreed: no day is open. Sales go on without a count."
    assert (entries(floor), day_is_open(floor)) == ([], False)


@pytest.mark.requirement("D6-01")
async def test_the_float_is_counted_by_notes_and_coins(floor: Floor) -> None:
    yesterday(floor)
    async with selling(floor) as at:
        await at.keys("f2")
        assert isinstance(at.screen, FloatScreen)
        await at.keys("f12")
        assert at.said == "Nothing is counted yet. An empty drawer: type 0."
        await at.keys("down", "1", "enter", "enter", "2", "enter", "1")
        assert at.shows("Counted 150.00", "Difference", "0.00")
        await at.keys("f12")
        assert sells(at)
        assert at.said == "The day is open with 150.00."
    pieces = floor.rows("SELECT pieces FROM cash_count JOIN entry ON entry.id = cash_count.entry ORDER BY entry.seq")
    assert json.loads(pieces[2][0]) == {"10000": 1, "2000": 2, "1000": 1}


@pytest.mark.requirement("D6-01")
async def test_escape_in_the_count_goes_back_to_the_question_and_opens_nothing(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f2", "5", "escape")
        assert asks(at)
        await at.keys("escape")
        assert sells(at)
    assert (day_is_open(floor), entries(floor)) == (False, [])


@pytest.mark.requirement("D6-01")
async def test_escape_sells_without_a_count_and_is_not_asked_again(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("escape")
        assert sells(at)
        assert at.said == "Sales go on without a count. F10 and C count at any time."
        await at.scan(BREAD)
        await at.keys("f12")
        assert sells(at)
        await at.keys("f10", "escape")
        assert sells(at)
    assert sales_of(floor) == [(1, 450, 0)]
    assert floor.rows("SELECT counted FROM shift") == [(None,)]
    assert counts(floor) == []


@pytest.mark.requirement("D6-01")
async def test_the_next_sign_in_asks_again_until_something_is_sold(floor: Floor) -> None:
    async with journey(floor) as at:
        await at.keys("1", *"1111", "enter")
        assert asks(at)
        await at.keys("escape", "f11", *"1111", "enter")
        assert asks(at)
        await at.keys("escape")
        await at.scan(BREAD)
        await at.keys("f12", "f11", *"1111", "enter")
        assert sells(at)
    assert sales_of(floor) == [(1, 450, 0)]


@pytest.mark.requirement("D6-01")
async def test_the_same_person_is_asked_the_next_morning_at_a_till_that_was_only_locked(floor: Floor) -> None:
    start_day(floor, 0)
    async with journey(floor) as at:
        await at.keys("1", *"1111", "enter")
        assert sells(at)
        await at.keys("f10", "c", "0", "f12", "enter", "f11")
        assert isinstance(at.screen, SignInScreen)
        floor.time.move(days=1)
        await at.keys(*"1111", "enter")
        assert asks(at)
        await at.keys("enter")
        assert at.said == "The day is open with 0.00."
    assert floor.rows("SELECT number, business_date FROM shift ORDER BY number") == [
        (1, "2026-11-20"),
        (2, "2026-11-21"),
    ]


async def test_nobody_is_asked_while_a_day_is_open(floor: Floor) -> None:
    start_day(floor)
    async with selling(floor) as at:
        assert sells(at)
        assert at.said == ""


async def test_a_key_that_was_typed_before_the_question_was_seen_opens_nothing(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("escape", "f10")
        await at.ahead("c", "enter", "enter")
        assert asks(at)
        assert not day_is_open(floor)
        await at.keys("enter")
    assert day_is_open(floor)


@pytest.mark.requirement("D6-01")
async def test_a_sale_that_is_faster_than_the_question_begins_the_day_uncounted(floor: Floor) -> None:
    """After a Z, a code and F12 so quickly that the question comes when the sale is in the books."""
    start_day(floor)
    async with selling(floor) as at:
        await at.keys("f10", "c", "f5", *"150", "f12", "enter")
        at.app.code_scanned(BREAD)
        await at.ahead("f12")
        assert asks(at)
        await at.keys("enter")
        assert at.said == "A sale has begun the day uncounted. F10 and C count the drawer."
    assert sales_of(floor) == [(1, 450, 0)]
    assert len(floor.rows("SELECT 1 FROM shift")) == 2
    assert drawer(floor) == 15450


@pytest.mark.requirement("D6-01")
async def test_a_blind_count_does_not_tell_what_should_be_there(floor: Floor) -> None:
    yesterday(floor)
    setting(floor, blind_count=True)
    async with selling(floor) as at:
        assert at.shows("How much is in the drawer? Type it, or count it with F2.")
        assert not at.shows("150.00")
        await at.keys("enter")
        assert asks(at)
        assert at.shows("A number is missing.")
        await at.keys("f2")
        assert at.shows("Here the drawer is counted without")
        assert not at.shows("150.00")
        await at.keys("escape", *"140", "enter")
        assert at.said == "The day is open with 140.00."
    assert counts(floor)[2:] == [("open", 15000, 14000, -1000)]
    assert floor.rows("SELECT kind, blind FROM cash_count WHERE difference = -1000") == [("open", 1)]


async def test_what_is_no_amount_is_said_in_the_box_and_opens_nothing(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys(",", "enter")
        assert asks(at)
        assert at.shows("is not a number that fits here.")
        await at.keys("x", "f7", "up")
        assert asks(at)
        await at.keys("backspace", *"99999999999", "9", "enter")
        assert asks(at)
    assert entries(floor) == []


async def test_a_scan_while_the_day_is_offered_waits_and_is_sold(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        assert at.shows("1 scanned code waits. Answer first.")
        await at.wedge(MILK)
        assert at.shows("2 scanned codes wait. Answer first.")
        await at.keys("enter")
        assert basket_of(at) == [("Bread", 1000, 450), ("Milk 1 l", 1000, 129)]
    assert counts(floor) == [("open", 0, 0, 0)]


@pytest.mark.requirement("D6-01")
async def test_with_a_clock_that_can_not_be_believed_the_day_opens_only_after_a_question(floor: Floor) -> None:
    floor.time.believable = False
    async with selling(floor) as at:
        await at.keys("enter")
        assert at.shows("The clock says 20/11/2026 13:00. Is that right?")
        await at.keys("escape")
        assert at.said == "No day is open. Have the clock set; sales go on without a count."
        assert not day_is_open(floor)
    async with selling(floor) as at:
        await at.keys("enter", "enter")
        assert at.said == "The day is open with 0.00."
    assert floor.journal("clock.confirmed") == [("clock.confirmed", floor.people["Ann"].id, None)]


@pytest.mark.requirement("D6-01")
async def test_a_day_that_somebody_left_open_is_said_and_not_closed_by_itself(floor: Floor) -> None:
    start_day(floor)
    floor.time.move(days=1)
    async with selling(floor) as at:
        assert sells(at)
        assert at.said == "Day of 20/11/2026 is still open: F10 then C closes it."
        await at.keys("f10", "c")
        assert at.shows("Day of 20/11/2026, Z 1")
        await at.keys("f5", *"150", "f12", "enter")
        assert at.said == "Z 1 is closed: nothing is missing; proof OK."
    assert reports(floor) == [("z", 1)]
    assert floor.rows("SELECT business_date FROM shift") == [("2026-11-20",)]


async def test_a_day_that_was_carried_over_and_is_past_is_closed_as_the_next_one_opens(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("escape")
        await at.scan(BREAD)
        await at.keys("f12")
    floor.time.move(days=1)
    async with selling(floor) as at:
        assert asks(at)
        assert at.shows("By the books, 4.50 is in the drawer.")
        await at.keys("enter")
    assert reports(floor) == [("z", 1)]
    assert counts(floor) == [("open", 450, 450, 0)]
    assert paper(floor) == []


async def test_a_sale_that_was_left_open_comes_before_the_day(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("escape")
        await at.scan(BREAD)
    async with selling(floor) as at:
        assert sells(at)
        assert at.said == "This sale was left open. Look at it before it is paid."
        await at.keys("delete")
    start_day(floor)
    async with selling(floor) as at:
        await at.scan(BREAD)
    floor.time.move(days=1)
    async with selling(floor) as at:
        assert at.said == "This sale was left open. Look at it before it is paid."


@pytest.mark.requirement("D7-02")
async def test_who_may_not_open_a_day_is_not_asked(floor: Floor) -> None:
    for_cashiers(floor, Action.OPEN_SHIFT, State.DENIED)
    floor.person("Tom", Role.TECHNICIAN, pin="7777")
    async with selling(floor) as at:
        assert sells(at)
    async with journey(floor, person="Tom") as at:
        assert sells(at)
    assert not day_is_open(floor)


@pytest.mark.requirement("D7-02")
async def test_where_somebody_must_agree_the_day_opens_by_that_persons_pin(floor: Floor) -> None:
    for_cashiers(floor, Action.OPEN_SHIFT, State.APPROVAL)
    async with selling(floor) as at:
        await at.keys("enter", "escape")
        assert at.said == "Nobody agreed: no day is open. Sales go on without a count."
        assert not day_is_open(floor)
    async with selling(floor) as at:
        await at.keys("enter", "1", *"9999", "enter")
        assert at.said == "The day is open with 0.00."
    found = floor.rows("SELECT approved_by FROM entry WHERE kind = 'shift.opened'")
    assert found == [(floor.people["Mona"].id,)]
