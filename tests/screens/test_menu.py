"""The menu: what each may do, by numbers that stay the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from string import ascii_uppercase, digits
from typing import Any

import pytest

from kiosk.i18n import language, use_language
from kiosk.rules import basket as baskets
from kiosk.rules.permissions import Role
from kiosk.screens.about import AboutScreen
from kiosk.screens.articles import ArticlesScreen
from kiosk.screens.history import HistoryScreen
from kiosk.screens.menu import MenuScreen
from kiosk.screens.sale import SaleScreen
from kiosk.screens.sign_in import SignInScreen
from kiosk.screens.widgets.status import Say
from kiosk.services import drafts, printing
from tests.screens.floor import NARROW, WIDE, Floor, Journey, journey, open_floor

RYE = "4006381333931"

CASHIER = "1236789"
"""The numbers that a cashier sees."""


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_floor(tmp_path) as made:
        made.person("Bea Brown", Role.CASHIER, pin="2222")
        made.person("Lea", Role.LEAD, pin="4711")
        made.person("Mona", Role.MANAGER, pin="9999")
        made.person("Theo Tech", Role.TECHNICIAN, pin="7777")
        yield made


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    yield
    use_language("en")


def menu_of(at: Journey) -> MenuScreen:
    """The menu, which must be in front."""
    assert isinstance(at.screen, MenuScreen)
    return at.screen


def sell_rye(floor: Floor) -> None:
    def one() -> None:
        basket = baskets.add(baskets.EMPTY, floor.services.article("Rye bread", 350, barcodes=(RYE,)))
        floor.services.sell(basket, floor.services.cash(350), by=floor.people["Bea Brown"].id)

    floor.of_services(one)


def jobs(floor: Floor) -> list[tuple[Any, ...]]:
    """The print jobs: kind, drawer, state."""
    return floor.rows("SELECT kind, drawer, state FROM print_job ORDER BY id")


@pytest.mark.requirement("D7-02")
@pytest.mark.parametrize(
    ("name", "numbers", "letters"),
    [
        ("Bea Brown", CASHIER, "CIOSTWZ"),
        ("Lea", CASHIER, "CIORSTWZ"),
        ("Mona", "1234567890", "CEIORSTWZ"),
        ("Theo Tech", "4567890", ""),
    ],
)
async def test_each_sees_what_they_may_do_and_nothing_else(floor: Floor, name: str, numbers: str, letters: str) -> None:
    async with journey(floor, person=name, screens=[MenuScreen]) as at:
        seen = "".join(entry.key for entry in menu_of(at).entries)
        assert "".join(filter(str.isdigit, seen)) == numbers
        assert "".join(sorted(filter(str.isalpha, seen))) == letters
        for hidden in {*ascii_uppercase, *digits} - set(numbers + letters):
            await at.keys(hidden)
            assert at.said == "Nothing in the menu has this key."
            assert isinstance(at.screen, MenuScreen)


async def test_numbers_and_arrows_lead_on_and_escape_leads_back(floor: Floor) -> None:
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("f10", "1")
        assert isinstance(at.screen, ArticlesScreen)
        await at.keys("escape", "down", "enter")
        assert isinstance(at.screen, HistoryScreen)
        await at.keys("escape", "escape")
        assert isinstance(at.screen, SaleScreen)


@pytest.mark.requirement("D5-06")
async def test_the_drawer_opens_for_one_who_may_and_the_reason_is_kept(floor: Floor) -> None:
    lea = floor.people["Lea"]
    async with journey(floor, person="Lea", screens=[MenuScreen]) as at:
        woken: list[bool] = []
        at.app.till.paper_queued = lambda: woken.append(True)
        await at.keys("3", "escape")
        assert jobs(floor) == []
        await at.keys("3", "1")
        assert at.said == "The drawer opens. It is written down."
        assert woken == [True]
        await at.keys("3", "4", *"Count it", "enter")
    assert jobs(floor) == [("drawer", "wanted", "waiting")] * 2
    assert floor.journal("drawer.opened") == [("drawer.opened", lea.id, None)] * 2
    facts = floor.rows("SELECT facts FROM journal WHERE action = 'drawer.opened' ORDER BY id")
    assert [json.loads(text)["reason"] for (text,) in facts] == ["Change a note", "Count it"]


@pytest.mark.requirement("D5-06", "D7-02")
async def test_for_a_cashier_the_drawer_opens_by_another_persons_pin(floor: Floor) -> None:
    bea, lea = floor.people["Bea Brown"], floor.people["Lea"]
    async with journey(floor, person="Bea Brown", screens=[MenuScreen]) as at:
        await at.keys("3", "1")
        assert at.shows("Approval", "Lea", "Mona")
        await at.keys("1", *"1111", "enter")
        assert at.shows("The PIN is wrong.")
        await at.keys("escape")
        assert at.said == "The drawer stays shut."
        assert jobs(floor) == []
        floor.waited.now += 60
        await at.keys("3", "1", "1", *"4711", "enter")
        assert at.said == "The drawer opens. It is written down."
    assert jobs(floor) == [("drawer", "wanted", "waiting")]
    assert floor.journal("drawer.opened") == [("drawer.opened", bea.id, lea.id)]
    assert floor.rows("SELECT COUNT(*) FROM entry") == [(0,)]


async def test_the_drawer_without_a_reason_stays_shut(floor: Floor) -> None:
    async with journey(floor, person="Lea", screens=[MenuScreen]) as at:
        await at.keys("3", "4", "space", "enter")
        assert at.screen.status.kind is Say.ERROR
    assert jobs(floor) == []
    assert floor.journal("drawer.opened") == []


async def test_the_test_page_is_queued_and_can_be_laid_out(floor: Floor) -> None:
    async with journey(floor, person="Theo Tech", screens=[MenuScreen]) as at:
        await at.keys("4")
        assert at.said == "The test page is queued."
        assert at.shows("Documents that wait for the printer", "1")
    assert jobs(floor) == [("test", "no", "waiting")]
    job = floor.do(printing.next_job)
    assert job is not None
    assert len(job.document) > 20
    assert floor.journal("print.test") == [("print.test", floor.people["Theo Tech"].id, None)]


async def test_what_waits_for_the_printer_is_left_out_after_a_question(floor: Floor) -> None:
    sell_rye(floor)
    async with journey(floor, person="Mona", screens=[MenuScreen]) as at:
        await at.keys("5", "escape")
        assert jobs(floor) == [("sale", "wanted", "waiting")]
        await at.keys("5", "enter")
        assert at.said == "1 document left out."
        await at.keys("5")
        assert at.said == "Nothing waits for the printer."
    assert jobs(floor) == [("sale", "wanted", "dropped")]
    assert floor.journal("print.dropped_waiting") == [("print.dropped_waiting", floor.people["Mona"].id, None)]
    assert floor.rows("SELECT COUNT(*) FROM sale") == [(1,)]


@pytest.mark.requirement("D7-01")
async def test_one_changes_the_own_pin_by_the_old_one(floor: Floor) -> None:
    bea = floor.people["Bea Brown"]
    async with journey(floor, person="Bea Brown", screens=[MenuScreen]) as at:
        await at.keys("6", *"2222", "enter", *"5555", "enter", *"5556", "enter")
        assert at.said == "The old PIN stays: the two new ones differ."
        await at.keys("6", *"2223", "enter", *"5555", "enter", *"5555", "enter")
        assert at.said == "The old PIN stays. The PIN is wrong. Wait 1 second."
        floor.waited.now += 1
        await at.keys("6", *"2222", "enter", *"555", "enter", *"555", "enter")
        assert at.said == "The old PIN stays. This doesn't fit: PIN"
        assert floor.journal("staff.pin_set") == []
        await at.keys("6", *"2222", "enter", *"5555", "enter", *"5555", "enter")
        assert at.said == "Your PIN is changed."
        assert not at.shows("5555")
        await at.keys("9", *"2222", "enter")
        assert isinstance(at.screen, SignInScreen)
        floor.waited.now += 1
        await at.keys(*"5555", "enter")
        assert not isinstance(at.screen, SignInScreen)
    assert floor.journal("staff.pin_set") == [("staff.pin_set", bea.id, None)]


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_the_screen_speaks_another_language_at_once(floor: Floor, size: tuple[int, int]) -> None:
    async with journey(floor, person="Bea Brown", size=size) as at:
        await at.keys("f10", "7")
        assert at.shows("1 English", "2 Deutsch", "3 Français", "4 Italiano", "5 Nederlands")
        await at.keys("2")
        assert language() == "de"
        assert at.shows("Deutsch")
        await at.keys("7", "1")
        assert at.said == "The screen speaks English."


async def test_the_state_of_the_till(floor: Floor) -> None:
    sell_rye(floor)
    async with journey(floor, person="Bea Brown", screens=[MenuScreen]) as at:
        await at.keys("8")
        await at.until(lambda: at.screen.status.kind is Say.OK)
        assert isinstance(at.screen, AboutScreen)
        assert at.said == "The database is sound."
        facts = dict(at.screen.facts)
        assert (facts["Till"], facts["Documents that wait"], facts["Check"]) == ("R1", "1", "sound")
        assert at.shows("Version", "sqlite", "R1", "20/11/2026 13:00")
        await at.keys("escape")
        assert isinstance(at.screen, MenuScreen)


@pytest.mark.requirement("D1-01")
async def test_a_scan_in_the_menu_goes_into_the_sale(floor: Floor) -> None:
    floor.of_services(floor.services.article, "Rye bread", 350, barcodes=(RYE,))
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("f10", "8")
        await at.scan(RYE)
        await at.until(lambda: isinstance(at.screen, SaleScreen))
        assert at.shows("Rye bread")


async def test_a_scan_while_a_question_is_asked_waits(floor: Floor) -> None:
    floor.of_services(floor.services.article, "Rye bread", 350, barcodes=(RYE,))
    async with journey(floor, person="Lea") as at:
        await at.keys("f10", "3")
        await at.scan(RYE)
        assert at.shows("1 scanned code waits. Answer first.")
        await at.keys("escape")
        assert isinstance(at.screen, SaleScreen)
        assert at.shows("Rye bread")
    assert jobs(floor) == []


@pytest.mark.requirement("D7-01")
async def test_a_long_name_of_the_shop_gives_way_to_who_is_signed_in(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        till = at.app.till
        till.shop = replace(till.shop, settings=replace(till.shop.settings, name="Boulangerie du Parc de la Gare"))
        await at.keys("f10")
        assert at.shows("MENU · Boulangerie", "… · R1 · Mona")


async def test_signing_out_keeps_the_basket(floor: Floor) -> None:
    floor.of_services(floor.services.article, "Rye bread", 350, barcodes=(RYE,))
    bea = floor.people["Bea Brown"]
    async with journey(floor, person="Bea Brown") as at:
        await at.scan(RYE)
        await at.keys("f10", "9")
        assert isinstance(at.screen, SignInScreen)
        await at.keys("escape", "3", *"4711", "enter")
        assert isinstance(at.screen, SaleScreen)
        assert not at.shows("Rye bread")
    draft = floor.do(drafts.load, bea.id)
    assert draft is not None
    assert [line.text for line in draft.basket.lines] == ["Rye bread"]


async def test_the_till_stops_only_after_a_question_and_keeps_the_basket(floor: Floor) -> None:
    floor.of_services(floor.services.article, "Rye bread", 350, barcodes=(RYE,))
    mona = floor.people["Mona"]
    async with journey(floor, person="Mona") as at:
        await at.scan(RYE)
        await at.keys("f10", "0", "escape")
        assert isinstance(at.screen, MenuScreen)
        assert floor.journal("till.stopped") == []
        await at.keys("0", "enter")
        assert at.app._exit
    assert at.app.return_code in (0, None)
    assert floor.journal("till.stopped") == [("till.stopped", mona.id, None)]
    draft = floor.do(drafts.load, mona.id)
    assert draft is not None
    assert [line.text for line in draft.basket.lines] == ["Rye bread"]
