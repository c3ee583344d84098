"""Cash-up at the till: counting, what differs, the X, and the end of the day; done wrongly too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.rules.permissions import Action, Role, State
from kiosk.screens.cash_up import CashUpScreen
from kiosk.screens.dialogs import AskMoney, Keys
from kiosk.screens.menu import MenuScreen
from kiosk.screens.open_day import OpenDayScreen
from kiosk.screens.past_reports import PastReportsScreen, ReportScreen
from kiosk.screens.sale import SaleScreen
from kiosk.screens.sign_in import SignInScreen
from kiosk.screens.till import Lamp
from kiosk.screens.widgets.status import Say
from tests.screens.counter import BREAD, MILK, basket_of, open_counter, sales_of, selling
from tests.screens.day_books import (
    counts,
    day_is_open,
    drawer,
    entries,
    for_cashiers,
    moves,
    open_day,
    paper,
    reports,
    setting,
    tamper,
)
from tests.screens.floor import NARROW, WIDE, Floor, Journey, journey

COUNT_159_29 = (
    *("down", "1", "enter", "1", "enter", "enter", "enter", "1", "enter", "2"),
    *("enter", "enter", "enter", "1", "enter", "enter", "1", "enter", "2"),
)
"""One of a hundred, of fifty and of five, two of two; one of twenty and of five cents, two of two."""


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_day(tmp_path) as made:
        yield made


async def sell(at: Journey, code: str = BREAD) -> None:
    await at.scan(code)
    await at.keys("f12")


def cash_up(at: Journey) -> CashUpScreen:
    """The cash-up, which must be in front."""
    assert isinstance(at.screen, CashUpScreen)
    return at.screen


def shown_difference(at: Journey) -> tuple[str, str, tuple[str, ...]]:
    return cash_up(at).difference.shown


@pytest.mark.requirement("D6-01", "D6-02", "D6-05", "K-21")
async def test_a_day_is_counted_one_euro_short_and_closed(floor: Floor) -> None:
    """Float 150.00, bread 4.50 twice and milk 1.29 for cash: 160.29 should be there, 159.29 is."""
    async with selling(floor) as at:
        for code in (BREAD, BREAD, MILK):
            await sell(at, code)
        await at.keys("f10", "c")
        assert at.shows("Should be                     160.29", "Float                         150.00")
        await at.keys(*COUNT_159_29[:-1])
        assert at.shows("Counted 159.25")
        await at.keys(COUNT_159_29[-1])
        assert at.shows("Counted 159.29")
        assert shown_difference(at) == ("Difference", "-1.00", ("missing (2.00 is allowed)",))
        await at.keys("f12")
        assert at.shows("Counted 159.29: 1.00 is missing.", "Enter close the day")
        await at.keys(*"9.29", "enter", *"9999", "enter")
        assert isinstance(at.screen, SaleScreen)
        assert (at.screen.status.kind, at.said) == (Say.OK, "Z 1 is closed: 1.00 is missing; proof OK.")
        assert basket_of(at) == []
    assert counts(floor)[1:] == [("close", 16029, 15929, -100)]
    assert moves(floor) == [("out", "safe", "", 929, "")]
    assert drawer(floor) == 15000
    assert entries(floor) == ["shift.opened", "sale", "sale", "sale", "shift.closed"]
    assert (reports(floor), paper(floor), day_is_open(floor)) == ([("z", 1)], [("z", 0)], False)
    (facts,) = floor.rows("SELECT facts FROM cash_report")[0]
    assert json.loads(facts)["difference"] == -100


@pytest.mark.requirement("D6-05")
async def test_a_large_difference_closes_the_day_only_when_it_is_meant(floor: Floor) -> None:
    async with selling(floor) as at:
        await sell(at)
        await at.keys("f10", "c", "f5", *"1.00", "f12", "enter")
        assert at.shows("That is more than the", "C close all the same", "Esc count again")
        await at.keys("escape")
        assert at.said == "The day stays open."
        assert (reports(floor), day_is_open(floor)) == ([], True)
        await at.keys("f12", "c", "enter")
        assert isinstance(at.screen, SaleScreen)
    assert (reports(floor), day_is_open(floor)) == ([("z", 1)], False)
    assert counts(floor)[-1][2] == 100


@pytest.mark.requirement("D6-05", "K-21")
async def test_a_count_alone_is_booked_and_selling_goes_on_from_there(floor: Floor) -> None:
    async with selling(floor) as at:
        await sell(at)
        await at.keys("f10", "c", "f6")
        assert at.said == "The drawer must be counted before the day closes."
        await at.keys("f5", *"153.50", "f6")
        assert at.shows("Counted 153.50: 1.00 is missing. Book it, and go on", "selling?")
        await at.keys("escape")
        assert (at.said, len(counts(floor))) == ("Nothing is booked.", 1)
        await at.keys("f6", "enter")
        assert at.said == "Counted 153.50: 1.00 is missing; it is booked."
        assert at.shows("Counted before                 -1.00", "Should be                     153.50")
        assert shown_difference(at)[1:] == ("", ("nothing is counted yet",))
        await at.keys("escape", "escape")
        await sell(at)
        await at.keys("f10", "c")
        assert at.shows("Should be                     158.00")
    assert counts(floor)[1:] == [("count", 15450, 15350, -100)]
    assert (drawer(floor), day_is_open(floor), reports(floor)) == (15800, True, [])


@pytest.mark.requirement("K-21")
async def test_the_same_key_twice_books_one_count_and_closes_one_day(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f10", "c", "f5", *"150")
        await at.ahead("f6", "f6", "f6", "enter", "enter")
        assert len(counts(floor)) == 1
        await at.keys("enter")
        assert len(counts(floor)) == 2
        await at.keys("f5", "f5", *"150")
        await at.ahead("f12", "f12", "f12", "enter")
        assert isinstance(at.screen, Keys)
        await at.keys("c")
        assert isinstance(at.screen, AskMoney)
        assert day_is_open(floor)
        await at.keys("f12")
        assert at.shows("That key does nothing here.")
        await at.ahead("enter", "enter", "f12", "f12")
        assert isinstance(at.screen, SaleScreen)
    assert reports(floor) == [("z", 1)]
    assert [kind for kind, *_rest in counts(floor)] == ["open", "count", "close"]
    assert sales_of(floor) == []


@pytest.mark.requirement("D6-01")
async def test_fields_are_moved_through_changed_emptied_and_taken_back(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f10", "c", "1", "2", "enter", "3", "up")
        assert cash_up(at).sheet.lines[0].typed == "12"
        await at.keys("4")
        assert cash_up(at).sheet.lines[0].typed == "4"
        await at.keys("f9")
        assert cash_up(at).sheet.lines[0].typed == "12"
        await at.keys("backspace")
        assert cash_up(at).sheet.lines[0].typed == "1"
        await at.keys("delete")
        assert cash_up(at).sheet.lines[0].typed == ""
        await at.keys("f9", "f9")
        assert [line.typed for line in cash_up(at).sheet.lines[:2]] == ["12", ""]
        await at.keys("f9", "f9")
        assert at.said == "There is nothing to undo."
        await at.keys("end", *"1234567", "enter")
        assert cash_up(at).sheet.lines[-1].typed == "12345"
        assert at.said == "That was the last. F12 closes the day, F6 only counts."
        await at.keys("x", "f1", "escape", "tab", "shift+tab", "plus", "minus", "home", "minus")
        assert cash_up(at).counting.place == 0
    assert len(counts(floor)) == 1


@pytest.mark.requirement("D6-01")
async def test_a_total_is_the_other_way_to_count_and_both_are_kept(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f10", "c", "1", "f5", *"149,", ",", *"50")
        assert at.shows("Count in total", "Counted 149.50")
        assert shown_difference(at)[1:] == ("-0.50", ("missing (2.00 is allowed)",))
        await at.keys("f5")
        assert at.shows("Counted 200.00")
        await at.keys("escape")
        assert at.shows("The day is not closed, and nothing is booked.")
        await at.keys("escape", "f5", "delete", "escape")
        assert at.shows("The day is not closed, and nothing is booked.")
        await at.keys("enter", "c")
        assert at.said == "The count that was begun is still here."
        await at.keys(*",", "f12")
        assert at.said == "“,” is not a number that fits here."
        await at.keys("delete", "f12")
        assert at.said == "The drawer must be counted before the day closes."
    assert day_is_open(floor)


@pytest.mark.requirement("D6-01")
async def test_a_currency_without_known_coins_is_counted_in_total(tmp_path: Path) -> None:
    with open_counter(tmp_path, day=False) as floor:
        setting(floor, currency="SEK")
        async with selling(floor) as at:
            await at.keys("enter", "f10", "c", "f5")
            assert at.said == "This currency is counted in total."
            await at.keys("down", "up", "home", "end", *"0", "f12", "enter")
            assert at.said == "Z 1 is closed: nothing is missing; proof OK."


@pytest.mark.requirement("D6-01")
async def test_a_count_outlives_escape_the_lock_and_another_person(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f10", "c", "down", "1", "escape")
        assert at.shows("The day is not closed, and nothing is booked.")
        await at.keys("escape")
        assert cash_up(at).sheet.lines[1].typed == "1"
        await at.keys("escape", "enter")
        assert isinstance(at.screen, MenuScreen)
        await at.keys("c")
        assert at.said == "The count that was begun is still here."
        assert cash_up(at).sheet.lines[1].typed == "1"
        await at.keys("f11")
        assert isinstance(at.screen, SignInScreen)
        await at.keys("escape", "3", *"9999", "enter")
        assert isinstance(at.screen, SaleScreen)
        await at.keys("f10", "c")
        assert at.shows("Counted 100.00")
        await at.keys("escape", "d", "c")
        assert shown_difference(at)[1] == ""
    assert len(counts(floor)) == 1


@pytest.mark.requirement("D6-01")
async def test_the_count_of_a_day_does_not_come_back_in_the_next_one(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f10", "c", "f5", *"150", "f12", "enter")
        await sell(at)
        assert isinstance(at.screen, OpenDayScreen)
        await at.keys("enter", "f12", "f10", "c")
        assert shown_difference(at)[1] == ""


async def test_a_count_that_was_left_is_gone_when_its_day_has_closed_by_itself(tmp_path: Path) -> None:
    with open_counter(tmp_path) as floor:
        async with selling(floor) as at:
            await at.keys("f10", "c", "1", "escape", "enter", "escape")
            floor.time.move(days=1)
            await sell(at)
            assert reports(floor) == [("z", 1)]
            await at.keys("f10", "c")
            assert at.shows("Z 2", "nothing is counted yet")


@pytest.mark.requirement("D1-01")
async def test_a_scan_while_counting_goes_into_the_sale_and_the_count_is_kept(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f10", "c", "down", "1")
        await at.scan(BREAD)
        assert isinstance(at.screen, SaleScreen)
        assert basket_of(at) == [("Bread", 1000, 450)]
        await at.keys("f10", "c")
        assert at.shows("Counted 100.00")
        await at.wedge(MILK)
        assert basket_of(at) == [("Bread", 1000, 450), ("Milk 1 l", 1000, 129)]
        await at.keys("f10", "c")
        assert [line.typed for line in cash_up(at).sheet.lines if line.typed] == ["1"]


async def test_a_scan_in_the_last_question_waits_and_is_sold_after_the_day(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f10", "c", "f5", *"150", "f12")
        await at.scan(BREAD)
        assert at.shows("1 scanned code waits. Answer first.")
        await at.keys("enter")
        assert isinstance(at.screen, OpenDayScreen)
        await at.keys("enter")
        assert basket_of(at) == [("Bread", 1000, 450)]
    assert reports(floor) == [("z", 1)]
    assert [kind for kind, *_rest in counts(floor)] == ["open", "close", "open"]


@pytest.mark.requirement("D6-02")
async def test_an_x_is_printed_and_shown_and_the_day_stays_open(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await sell(at)
        await at.keys("f10", "c", "f2")
        assert isinstance(at.screen, ReportScreen)
        assert at.shows("X 1")
        await at.keys("escape")
        assert at.said == "X 1 is read; the day stays open."
        await at.keys("f2", "escape", "f8")
        assert isinstance(at.screen, PastReportsScreen)
        await at.keys("escape")
        assert cash_up(at)
    assert (reports(floor), paper(floor), day_is_open(floor)) == ([("x", 1), ("x", 2)], [("x", 0), ("x", 0)], True)


@pytest.mark.requirement("D6-02", "D7-02")
async def test_a_cashier_reads_an_x_by_another_persons_pin(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f10", "c")
        assert at.shows("F2 shows the figures of the day.")
        await at.keys("f2", "escape")
        assert (at.said, reports(floor)) == ("Nobody agreed: nothing is booked.", [])
        await at.keys("f2", *"9999", "enter")
        assert isinstance(at.screen, ReportScreen)
    assert floor.rows("SELECT allowed_by FROM (SELECT approved_by AS allowed_by FROM approval)") == [
        (floor.people["Mona"].id,)
    ]


@pytest.mark.requirement("D6-01")
async def test_a_blind_count_tells_neither_before_nor_after_what_should_be_there(floor: Floor) -> None:
    setting(floor, blind_count=True)
    async with selling(floor) as at:
        await sell(at)
        await at.keys("f10", "c", "f5", *"100")
        assert at.shows("Here the drawer is counted without", "F2 shows the figures of the day.")
        assert not at.shows("154.50")
        assert shown_difference(at) == ("Counted", "100.00", ())
        await at.keys("f6")
        assert at.shows("Counted 100.00. Book it, and go on selling?")
        await at.keys("enter")
        assert at.said == "Counted 100.00; it is booked."
        assert not at.shows("54.50")
        await at.keys("f4")
        await at.keys("1", *"5000", "enter")
        assert not at.shows("100.00 available")
    assert counts(floor)[1:] == [("count", 15450, 10000, -5450)]


@pytest.mark.requirement("D6-01")
async def test_who_may_read_an_x_sees_what_should_be_there_where_cashiers_count_blind(floor: Floor) -> None:
    setting(floor, blind_count=True)
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "c")
        assert at.shows("Should be                     150.00")


@pytest.mark.requirement("D6-02")
async def test_a_shop_that_need_not_count_closes_without(floor: Floor) -> None:
    setting(floor, count_at_close=False)
    async with selling(floor) as at:
        await at.keys("f10", "c", "f12")
        assert at.shows("The drawer is not counted.")
        await at.keys("enter")
        assert at.said == "Z 1 is closed, uncounted; proof OK."
    assert (len(counts(floor)), reports(floor), drawer(floor)) == (1, [("z", 1)], 15000)


@pytest.mark.requirement("D6-04", "D7-02")
async def test_more_than_was_counted_can_not_go_to_the_safe_and_the_safe_has_a_door_of_its_own(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f10", "c", "f5", *"150", "f12", *"150.01", "enter")
        assert at.shows("€150.01 wanted", "€150.00 available")
        await at.keys(*("backspace",) * 6, *"100", "enter", "escape")
        assert at.said == "The day stays open."
        assert day_is_open(floor)
        await at.keys("f12", *"100", "enter", *"9999", "enter")
        assert at.said == "Z 1 is closed: nothing is missing; proof OK."
    assert moves(floor) == [("out", "safe", "", 10000, "")]
    assert drawer(floor) == 5000


@pytest.mark.requirement("D7-02")
async def test_a_cashier_who_may_not_close_is_told_so_and_nothing_happens(floor: Floor) -> None:
    for_cashiers(floor, Action.CLOSE_SHIFT, State.DENIED)
    async with selling(floor) as at:
        await at.keys("f10", "c", "f5", *"150", "f12")
        assert at.said == "Not allowed for you: close the day"
        assert cash_up(at).counting.total == "150"
    assert (day_is_open(floor), reports(floor)) == (True, [])


@pytest.mark.requirement("D7-02")
async def test_who_may_not_count_does_not_see_the_cash_up(floor: Floor) -> None:
    for_cashiers(floor, Action.COUNT_CASH, State.DENIED)
    async with selling(floor) as at:
        await at.keys("f10", "c")
        assert at.said == "Nothing in the menu has this key."
        assert isinstance(at.screen, MenuScreen)


@pytest.mark.requirement("D7-02")
async def test_where_somebody_must_agree_the_day_closes_by_that_persons_pin(floor: Floor) -> None:
    for_cashiers(floor, Action.CLOSE_SHIFT, State.APPROVAL)
    async with selling(floor) as at:
        await at.keys("f10", "c", "f5", *"150", "f12", "escape")
        assert at.said == "Nobody agreed: nothing is booked."
        await at.keys("f12", "1", *"9999", "enter", "enter")
        assert isinstance(at.screen, SaleScreen)
    found = floor.rows("SELECT approved_by FROM entry WHERE kind = 'shift.closed'")
    assert found == [(floor.people["Mona"].id,)]


async def test_without_a_day_the_cash_up_offers_to_open_one(tmp_path: Path) -> None:
    with open_counter(tmp_path, day=False) as floor:
        async with selling(floor) as at:
            await at.keys("escape", "f10", "c")
            assert isinstance(at.screen, OpenDayScreen)
            await at.keys("escape")
            assert isinstance(at.screen, MenuScreen)
            await at.keys("c", *"20", "enter", "1")
            assert cash_up(at)
            assert at.shows("Should be                      20.00")


@pytest.mark.requirement("D6-02")
async def test_a_printer_that_is_not_there_loses_no_z(floor: Floor) -> None:
    async with selling(floor) as at:
        at.app.till.lamps["print"] = Lamp("Print", "missing", fine=False)
        await at.keys("f10", "c", "f5", *"150", "f12", "enter")
        assert at.said == "Z 1 is closed: nothing is missing; proof OK."
    assert floor.rows("SELECT kind, state FROM print_job") == [("z", "waiting")]
    assert reports(floor) == [("z", 1)]


async def test_a_proof_that_fails_is_an_alarm_that_must_be_seen(floor: Floor) -> None:
    """Somebody has edited a balance; the day closes all the same, and says so loudly."""
    tamper(floor, "UPDATE account SET balance = balance + 1 WHERE kind = 'drawer'")
    async with selling(floor) as at:
        await at.keys("f10", "c", "f5", *"150.01", "f12", "enter")
        assert at.shows("PROOF FAILS", "The sums of the books do not agree.")
        await at.keys("enter")
        assert (at.screen.status.kind, at.said) == (
            Say.ERROR,
            "Z 1 is closed, but the proof FAILS: call the owner.",
        )
    assert reports(floor) == [("z", 1)]


@pytest.mark.requirement("D6-02")
async def test_after_a_z_the_next_sale_asks_for_the_next_day_once(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f10", "c", "f5", *"150", "f12", "enter")
        assert isinstance(at.screen, SaleScreen)
        await at.scan(BREAD)
        assert isinstance(at.screen, OpenDayScreen)
        await at.keys("escape")
        assert basket_of(at) == [("Bread", 1000, 450)]
        await at.scan(MILK)
        assert isinstance(at.screen, SaleScreen)
        await at.keys("f12")
    assert sales_of(floor) == [(1, 579, 0)]
    assert floor.rows("SELECT number, counted FROM shift ORDER BY number") == [(1, 15000), (2, None)]


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_names_that_were_made_to_do_harm_stay_words(tmp_path: Path, size: tuple[int, int]) -> None:
    with open_day(tmp_path) as floor:
        hostile = "[/x] [a=b [bold red]x[/] " + "y" * 300
        tamper(floor, "UPDATE tender SET name = ?", hostile)
        tamper(floor, "UPDATE staff SET name = ? WHERE name = 'Mona'", hostile)
        async with journey(floor, person="Mona", size=size) as at:
            await sell(at)
            await at.keys("f10", "c")
            assert at.shows("[/x] [a=b")
            await at.keys("f2", "escape", "f5", *"154.50", "f12", "enter")
            assert at.said == "Z 1 is closed: nothing is missing; proof OK."
            await at.keys("f10", "z")
            assert at.shows("Z 1", "X 1")


@pytest.mark.requirement("D7-02")
async def test_a_technician_has_no_door_to_the_cash(floor: Floor) -> None:
    floor.person("Tom", Role.TECHNICIAN, pin="7777")
    async with journey(floor, person="Tom") as at:
        await at.keys("f10")
        for key in "ciosz":
            await at.keys(key)
            assert at.said == "Nothing in the menu has this key."
    assert moves(floor) == []
