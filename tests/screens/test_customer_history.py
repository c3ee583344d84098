"""The history of a customer at the till: two lists, the pill, and points by hand (T-13 to T-17, E43, K-14)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY
from kiosk.screens.customer_form import CustomerFormScreen
from kiosk.screens.customer_history import PAGE, CustomerHistoryScreen
from kiosk.screens.dialogs import AskPin, AskText
from kiosk.screens.preview import PreviewScreen
from kiosk.screens.sale import SaleScreen
from kiosk.screens.till import Till
from kiosk.services import catalogue, customers, points, sales
from kiosk.services.customer_rows import CustomerForm
from kiosk.services.shop import Shop, new_key
from tests.screens.counter import open_counter
from tests.screens.floor import NARROW, WIDE, Floor, Journey, journey


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        yield made


def customer(floor: Floor, name: str = "Ida Example", points_held: int = 0) -> str:
    """Somebody, with so many points."""
    made: str = floor.do(customers.save, CustomerForm(name=name), by=floor.people["Ann"].id).id
    if points_held:
        adjust(floor, made, points_held)
    return made


def adjust(floor: Floor, who: str, amount: int, *, reason: str = "Goodwill") -> None:
    mona = floor.people["Mona"].id
    floor.do(points.adjust, who, amount, add=True, reason=reason, key=new_key(), by=mona)


def sell(floor: Floor, who: str | None) -> str:
    """One bread for a customer."""

    def close(shop: Shop) -> str:
        bread = catalogue.find(shop, "101")
        assert bread is not None
        given = (floor.services.cash(450),)
        ann = floor.people["Ann"].id
        return sales.close_sale(shop, rules.add(EMPTY, bread), given, key=new_key(), by=ann, customer=who).sale

    return floor.do(close)


def history_of(who: str) -> Any:
    """The screen, to stand in front."""

    def made(till: Till) -> CustomerHistoryScreen:
        return CustomerHistoryScreen(till, who)

    return made


def front(at: Journey) -> type:
    """What kind of screen is in front."""
    return type(at.screen)


def lines(at: Journey) -> list[tuple[str, ...]]:
    """The lines of the list that is seen."""
    assert isinstance(at.screen, CustomerHistoryScreen)
    return list(at.screen.seen.table.lines)


@pytest.mark.requirement("T-16", "T-17", "K-14")
@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_sales_and_points_are_two_lists_and_enter_opens_the_receipt(floor: Floor, size: tuple[int, int]) -> None:
    ida = customer(floor, points_held=40)
    for who in (ida, None, ida):
        sell(floor, who)
    async with journey(floor, person="Ann", size=size, screens=[history_of(ida)]) as at:
        assert [line[0] for line in lines(at)] == ["3", "1"]
        assert lines(at)[0][1:] == ("R1", "20/11/2026", "13:00", "Ann", "4.50", "Cash", "")
        assert at.shows("Ida Example #1", " Sales  Loyalty ", "40 points", "20/11/2026")
        await at.keys("down", "enter")
        assert front(at) is PreviewScreen
        assert at.shows("Receipt 1", "Bread")
        await at.keys("escape", "tab")
        assert lines(at) == [("20/11/2026", "13:00", "Goodwill", "", "+40", "40", "Mona")]
        await at.keys("enter")
        assert at.said == "No receipt: Goodwill"
        await at.keys("left")
        assert [line[0] for line in lines(at)] == ["3", "1"]
        await at.keys("f3")
        assert front(at) is CustomerFormScreen
        await at.keys("escape", "escape")
        assert front(at) is SaleScreen
    assert floor.rows("SELECT COUNT(*) FROM entry WHERE kind = 'points.adjusted'") == [(1,)]


@pytest.mark.requirement("T-13", "T-14", "T-15", "E43")
async def test_a_cashier_needs_a_managers_pin_before_the_number_and_removes_no_more_than_there_is(
    floor: Floor,
) -> None:
    ida = customer(floor, points_held=40)
    ann, mona = floor.people["Ann"].id, floor.people["Mona"].id
    async with journey(floor, person="Ann", screens=[history_of(ida)]) as at:
        await at.keys("f6")
        assert at.shows("Ida Example has 40 points.", "1 Add points", "2 Remove points")
        # The PIN comes before the number, and a wrong one opens nothing.
        await at.keys("2")
        assert isinstance(at.screen, AskPin)
        assert at.shows("Mona types a PIN")
        await at.keys(*"0000", "enter")
        assert isinstance(at.screen, AskPin)
        assert floor.journal("staff.wrong_pin") == [("staff.wrong_pin", ann, None)]
        assert floor.rows("SELECT COUNT(*) FROM entry") == [(1,)]
        floor.waited.now += 60
        await at.keys(*"9999", "enter")
        assert at.shows("How many of 40 points are removed?")
        # 50 of 40, none at all, and a sign that would turn it round.
        for typed, said in (
            ("50", "Not enough points: 50 wanted, 40 there."),
            ("-20", "Points"),
            ("0", "Points"),
            ("1.5", "“1.5” is not a number that fits here."),
            ("", "A number is missing."),
        ):
            await at.keys("delete", *typed, "enter")
            assert isinstance(at.screen, AskText), typed
            assert at.shows(said)
        await at.keys("delete", "4", "0", "enter")
        assert at.shows("1 Goodwill", "3 Complaint", "Another reason")
        await at.keys("2")
        assert at.shows("Remove 40 points from Ida Example? 40 - 40 = 0.", "R removes them")
        # Neither Enter nor the other direction confirms it.
        await at.keys("enter", "a", "+", "y")
        assert floor.rows("SELECT COUNT(*) FROM entry") == [(1,)]
        await at.keys("r")
        assert at.said == "40 points removed. Ida Example has 0 now."
        assert at.lines()[1].endswith(" Sales  Loyalty    0 points")
    assert floor.rows("SELECT amount, reason FROM points_move ORDER BY entry DESC LIMIT 1") == [(-40, "Correction")]
    assert floor.rows("SELECT balance FROM account WHERE kind = 'pts' AND highest IS NOT NULL") == [(0,)]
    assert floor.rows('SELECT "by", approved_by FROM entry ORDER BY seq DESC LIMIT 1') == [(ann, mona)]


@pytest.mark.requirement("T-13", "T-14", "T-15")
async def test_a_manager_types_his_own_pin_and_adds(floor: Floor) -> None:
    ida = customer(floor)
    mona = floor.people["Mona"].id
    async with journey(floor, person="Mona", screens=[history_of(ida)]) as at:
        await at.keys("f6", "1")
        assert isinstance(at.screen, AskPin)
        assert at.shows("type your own PIN")
        await at.keys(*"1111", "enter")
        assert floor.journal("staff.wrong_pin") == [("staff.wrong_pin", mona, None)]
        floor.waited.now += 60
        await at.keys(*"9999", "enter", "2", "0", "enter", "4", "enter")
        assert at.shows("Please fill in: Reason. Why?")
        await at.text("Lost her card")
        await at.keys("enter")
        assert at.shows("Add 20 points to Ida Example? 0 + 20 = 20.", "A adds them")
        await at.keys("r", "enter")
        assert floor.rows("SELECT COUNT(*) FROM entry") == [(0,)]
        await at.keys("a")
        assert at.said == "20 points added. Ida Example has 20 now."
        await at.keys("tab")
        assert lines(at) == [("20/11/2026", "13:00", "Lost her card", "", "+20", "20", "Mona")]
    assert floor.rows("SELECT amount, reason FROM points_move") == [(20, "Lost her card")]
    assert floor.rows('SELECT "by", approved_by FROM entry') == [(mona, None)]
    assert floor.journal("staff.proven") == [("staff.proven", mona, None)]


@pytest.mark.requirement("T-13", "D7-02")
async def test_each_question_can_be_left_and_nothing_has_moved(floor: Floor) -> None:
    ida = customer(floor, points_held=40)
    steps = [("1",), (*"9999", "enter"), ("5", "enter"), ("1",)]
    async with journey(floor, person="Mona", screens=[history_of(ida)]) as at:
        for left_at in range(len(steps) + 1):
            await at.keys("f6")
            for step in steps[:left_at]:
                await at.keys(*step)
            await at.keys("escape")
            assert isinstance(at.screen, CustomerHistoryScreen), left_at
    assert floor.rows("SELECT COUNT(*) FROM entry") == [(1,)]


async def test_earlier_lines_are_read_when_they_are_wanted_and_hostile_names_break_nothing(floor: Floor) -> None:
    ida = customer(floor, name="[/b]\x1b[31m" + "Ï" * 70)
    for place in range(PAGE + 5):
        adjust(floor, ida, place + 1, reason="[red]" + "w" * 70)
    async with journey(floor, person="Ann", screens=[history_of(ida)]) as at:
        assert at.shows("[/b]", "No receipt is this customer's yet.")
        await at.keys("enter")
        assert at.said == "There is no receipt to open."
        await at.keys("tab")
        assert (len(lines(at)), lines(at)[0][4:6]) == (PAGE, ("+65", "2145"))
        assert at.shows("[red]www", "PgDn: earlier")
        await at.keys(*["pagedown"] * 5)
        assert (len(lines(at)), lines(at)[-1][4:6]) == (PAGE + 5, ("+1", "1"))
        assert not at.shows("PgDn: earlier")
        await at.keys("home", "up")
        assert lines(at)[at.screen.seen.table.chosen][4] == "+65"  # type: ignore[attr-defined]
