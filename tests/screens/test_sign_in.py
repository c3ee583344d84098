"""Signing in and locking: the person first, then the PIN; nobody gets past."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.i18n import use_language
from kiosk.i18n.language import LANGUAGES
from kiosk.rules import codes
from kiosk.rules.codes import CodeKind
from kiosk.rules.permissions import Role
from kiosk.run_till import demo_notice
from kiosk.screens.history import HistoryScreen
from kiosk.screens.sale import SaleScreen
from kiosk.screens.sign_in import SignInScreen
from kiosk.screens.widgets.status import Say
from kiosk.services import drafts, pins, staff
from tests.screens.floor import NARROW, WIDE, Floor, Journey, journey, open_floor

pytestmark = pytest.mark.requirement("D7-01")

BADGE = codes.make(CodeKind.BADGE, 1)
STRANGE_BADGE = codes.make(CodeKind.BADGE, 2)
HOSTILE = "[/x][b]\u202eEve\x1b[12;1n"


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_floor(tmp_path) as made:
        made.person("Bea Brown", Role.CASHIER, pin="2222", badge=BADGE)
        made.person("Carl", Role.MANAGER, pin="33333333")
        yield made


def locked_on(at: Journey) -> SignInScreen:
    """The sign-in screen, which must be in front."""
    assert isinstance(at.screen, SignInScreen)
    return at.screen


def signed_in(at: Journey) -> str | None:
    """Who is at the till, once the sale screen is in front."""
    return at.app.till.person.name if at.app.till.person and isinstance(at.screen, SaleScreen) else None


def failures(floor: Floor, name: str) -> int:
    return int(floor.rows("SELECT failures FROM staff WHERE id = ?", floor.people[name].id)[0][0])


async def test_a_number_takes_the_person_and_the_pin_proves_them(floor: Floor) -> None:
    async with journey(floor) as at:
        assert at.shows("1 Ann Archer", "2 Bea Brown", "3 Carl", "Who are you?")
        await at.keys("2")
        assert at.shows("PIN of Bea Brown")
        await at.keys(*"2222", "enter")
        assert signed_in(at) == "Bea Brown"
    assert floor.journal("staff.signed_in") == [("staff.signed_in", floor.people["Bea Brown"].id, None)]


async def test_letters_search_and_enter_takes_the_hit(floor: Floor) -> None:
    async with journey(floor) as at:
        await at.text("bro")
        assert at.shows("1 Bea Brown")
        assert not at.shows("Carl")
        await at.keys("enter", *"2222", "enter")
        assert signed_in(at) == "Bea Brown"


async def test_the_number_counts_among_those_who_are_listed(floor: Floor) -> None:
    async with journey(floor) as at:
        await at.keys("c", "1")
        assert at.shows("PIN of Carl")


async def test_a_name_that_nobody_has_is_said(floor: Floor) -> None:
    async with journey(floor) as at:
        await at.keys("x", "y", "enter")
        assert at.said == "Nobody here has such a name."
        await at.keys("escape", "down", "down", "enter")
        assert at.shows("PIN of Carl")


async def test_the_pin_is_never_shown(floor: Floor) -> None:
    async with journey(floor) as at:
        await at.keys("3", *"33333333")
        assert at.shows("********")
        assert not at.shows("3333")


@pytest.mark.requirement("D7-03")
async def test_a_wrong_pin_is_counted_and_makes_wait(floor: Floor) -> None:
    async with journey(floor) as at:
        await at.keys("2", *"1111", "enter")
        assert at.said == "The PIN is wrong. Wait 1 second."
        assert (locked_on(at).status.kind, failures(floor, "Bea Brown")) == (Say.ERROR, 1)

        assert at.shows("0-9 PIN", "Enter sign in")
        assert not at.shows("A-Z search")

        await at.keys(*"2222", "enter")
        assert at.said == "Wait 1 second."
        assert at.shows("0-9 PIN")
        assert failures(floor, "Bea Brown") == 1

        floor.waited.now += 1
        await at.keys(*"2222", "enter")
        assert signed_in(at) == "Bea Brown"
    assert failures(floor, "Bea Brown") == 0


@pytest.mark.requirement("D7-03")
async def test_after_ten_wrong_pins_only_a_manager_opens_again(floor: Floor) -> None:
    bea, carl = floor.people["Bea Brown"].id, floor.people["Carl"].id
    async with journey(floor) as at:
        await at.keys("2")
        for _turn in range(pins.MOST_FAILURES - 1):
            await at.keys(*"1111", "enter")
            floor.waited.now += 60
        await at.keys(*"1111", "enter")
        assert at.said == "Too many wrong PINs. A manager must unlock this person."
        assert at.shows("locked")

        floor.waited.now += 3600
        await at.keys("2", *"2222", "enter")
        assert at.said == "Too many wrong PINs. A manager must unlock this person."
        assert isinstance(at.screen, SignInScreen)

        floor.do(staff.unlock, bea, by=carl)
        await at.keys("2", *"2222", "enter")
        assert signed_in(at) == "Bea Brown"
    assert floor.journal("staff.locked", "staff.unlocked")[-1] == ("staff.unlocked", carl, None)


async def test_whoever_has_no_pin_is_told_so(floor: Floor) -> None:
    async with journey(floor) as at:
        await at.keys("1")
        assert at.said == "Ann Archer has no PIN yet. A manager gives one."
        await at.keys(*"0000", "enter")
        assert isinstance(at.screen, SignInScreen)
        assert at.app.till.person is None


async def test_no_key_leads_past_the_lock(floor: Floor) -> None:
    function_keys = [f"f{number}" for number in range(2, 13)]
    others = ["escape", "tab", "shift+tab", "delete", "home", "end", "insert", "left", "right", "pageup", "pagedown"]
    control = [f"ctrl+{letter}" for letter in "abcdefgklnopqrstuvwxyz"]
    signs = [*"+-*/.,;:'\"[]{}()<>=&%$#@!"]
    async with journey(floor) as at:
        await at.ahead(*function_keys, *others, *control, *signs, "enter", "escape", "enter", "enter")
        assert isinstance(at.screen, SignInScreen)
        assert at.app.till.person is None
        await at.keys("f1")
        await at.keys("escape", "f12", "enter", "escape")
        assert isinstance(at.screen, SignInScreen)
        assert at.app.is_running
    assert floor.journal("staff.signed_in") == []


async def test_keys_that_were_typed_ahead_are_not_lost(floor: Floor) -> None:
    async with journey(floor) as at:
        await at.ahead("2", *"2222", "enter")
        assert signed_in(at) == "Bea Brown"


async def test_a_badge_says_who_and_the_pin_proves_it(floor: Floor) -> None:
    async with journey(floor) as at:
        await at.scan(BADGE)
        assert at.said == "Bea Brown, type your PIN."
        assert at.app.till.person is None
        await at.keys(*"2222", "enter")
        assert signed_in(at) == "Bea Brown"


async def test_a_badge_by_a_scanner_that_types_leaves_nothing_typed(floor: Floor) -> None:
    async with journey(floor) as at:
        await at.keys("3", "3")
        await at.wedge(BADGE)
        assert locked_on(at).entry.title == "PIN of Bea Brown"
        assert locked_on(at).entry.shown == ""
        await at.keys(*"2222", "enter")
        assert signed_in(at) == "Bea Brown"
    assert failures(floor, "Carl") == 0


async def test_where_a_badge_is_enough_it_lets_in_at_once(floor: Floor) -> None:
    floor.of_services(floor.services.change, badge_is_enough=True)
    async with journey(floor) as at:
        await at.scan(BADGE)
        assert signed_in(at) == "Bea Brown"
    facts = floor.rows("SELECT facts FROM journal WHERE action = 'staff.signed_in'")
    assert facts == [('{"means": "badge"}',)]


@pytest.mark.parametrize("enough", [True, False])
async def test_a_strange_badge_lets_nobody_in(floor: Floor, enough: bool) -> None:
    floor.of_services(floor.services.change, badge_is_enough=enough)
    async with journey(floor) as at:
        await at.scan(STRANGE_BADGE)
        await at.scan("4006381333931")
        assert isinstance(at.screen, SignInScreen)
        assert (at.screen.status.kind, at.app.till.person) == (Say.ERROR, None)


async def test_each_finds_the_own_basket_after_the_lock(floor: Floor) -> None:
    floor.of_services(floor.services.article, "Rye bread", 350, barcodes=("4006381333931",))
    floor.of_services(floor.services.article, "Milk", 129, barcodes=("5410000000010",))
    bea, carl = floor.people["Bea Brown"], floor.people["Carl"]
    async with journey(floor, person="Bea Brown") as at:
        await at.scan("4006381333931")
        await at.keys("f11")
        assert locked_on(at).entry.title == "PIN of Bea Brown"
        assert at.shows("The basket of Bea")
        await at.keys("escape", "3", *"33333333", "enter")
        assert signed_in(at) == "Carl"
        assert not at.shows("Rye bread")
        await at.scan("5410000000010")
        await at.keys("f11", "escape", "2", *"2222", "enter")
        assert signed_in(at) == "Bea Brown"
        assert at.shows("Rye bread")
        assert not at.shows("Milk")
    kept = [floor.do(drafts.load, one.id) for one in (bea, carl)]
    assert [[line.text for line in draft.basket.lines] for draft in kept if draft] == [["Rye bread"], ["Milk"]]
    assert floor.journal("staff.signed_out", "staff.signed_in") == [
        ("staff.signed_out", bea.id, None),
        ("staff.signed_in", carl.id, None),
        ("staff.signed_out", carl.id, None),
        ("staff.signed_in", bea.id, None),
    ]
    assert floor.rows("SELECT COUNT(*) FROM sale") == [(0,)]


async def test_the_same_person_goes_on_where_the_lock_came(floor: Floor) -> None:
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("f8", "f11", *"2222", "enter")
        assert isinstance(at.screen, HistoryScreen)
        await at.keys("escape")
        assert signed_in(at) == "Bea Brown"


async def test_the_pin_of_one_who_locked_is_asked_for_again(floor: Floor) -> None:
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("f11", *"9999", "enter")
        assert isinstance(at.screen, SignInScreen)
        await at.keys("escape", "escape", "escape", "f11", "f12")
        assert isinstance(at.screen, SignInScreen)


async def test_a_key_that_does_nothing_leaves_the_keys_of_the_pin_beside_it(floor: Floor) -> None:
    async with journey(floor) as at:
        await at.keys("1", "f2")
        assert at.said == "That key does nothing here. F1 shows the keys."
        assert at.shows("0-9 PIN")
        await at.keys("escape", "f2")
        assert at.shows("1-9 who you are")


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_hostile_names_and_many_people_do_no_harm(floor: Floor, size: tuple[int, int]) -> None:
    floor.person(HOSTILE, Role.CASHIER, pin="4444")
    for number in range(40):
        floor.person(f"Person {number:02d} " + "x" * 200, Role.CASHIER, pin="4444")
    async with journey(floor, size=size) as at:
        assert at.shows("[/x][b]Eve[12;1n")
        assert "\x1b" not in at.text_of_screen()
        await at.keys("pagedown", "pagedown", "pagedown")
        assert at.shows("Person 39")
        assert {len(line) <= size[0] for line in at.lines()} == {True}
        assert len(at.lines()) == size[1]
        await at.keys("E", "v", "e", "enter", *"4444", "enter")
        assert signed_in(at) == "[/x][b]Eve[12;1n"


async def test_the_demo_says_how_to_leave_also_where_it_was_locked(floor: Floor) -> None:
    async with journey(floor, person="Bea Brown") as at:
        for language in LANGUAGES:
            use_language(language)
            try:
                await at.app.push_screen(SignInScreen(at.app.till, notice=demo_notice()))
                await at.settle()
                assert at.shows("Ann 1111   Ben 2222", "Mara 3333   Otto 4444", "F10", "Mara, Otto"), language
            finally:
                use_language("en")


async def test_the_demo_shows_its_pins(floor: Floor) -> None:
    async with journey(floor) as at:
        await at.app.push_screen(SignInScreen(at.app.till, notice=("Bea 2222", "Carl 33333333")))
        await at.settle()
        assert at.shows("Bea 2222", "Carl 33333333")
