"""The settings at the till: what is typed is what the shop holds, and the till that runs follows at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kiosk import db
from kiosk.i18n import _, language, use_language
from kiosk.money import Percent
from kiosk.rules.permissions import Action, Role, State
from kiosk.screens.dialogs import Choose
from kiosk.screens.menu import MenuScreen
from kiosk.screens.people import PeopleScreen
from kiosk.screens.rights import RightsScreen
from kiosk.screens.sale import SaleScreen
from kiosk.screens.setting_list import SettingListScreen
from kiosk.screens.setting_words import SECTIONS
from kiosk.screens.settings import SettingsScreen
from kiosk.screens.sign_in import SignInScreen
from kiosk.screens.tax_rates import TaxRatesScreen
from kiosk.screens.tender_list import TenderListScreen
from kiosk.screens.widgets.status import Say
from kiosk.services import catalogue_tax, settings, staff
from kiosk.services.shop import read_settings
from tests.screens.counter import BREAD, basket_of, open_counter, sale_of
from tests.screens.floor import Floor, Journey, journey

pytestmark = pytest.mark.requirement("D8-07")

HOSTILE = "[/x]\u202e\x1b[12;1n" + "A" * 10_000


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        made.person("Otto", Role.OWNER, pin="4444")
        made.person("Lea", Role.LEAD, pin="2222")
        yield made


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    yield
    use_language("en")


def in_front(at: Journey, screen: type[Any]) -> bool:
    """Whether such a screen is in front."""
    return isinstance(at.screen, screen)


def settings_of(at: Journey) -> SettingsScreen:
    """The sections, which must be in front."""
    assert isinstance(at.screen, SettingsScreen)
    return at.screen


def kept(floor: Floor) -> Any:
    """The settings as the database holds them."""
    return floor.of_services(read_settings)[0]


def taken(at: Journey) -> list[str]:
    """The means of payment that the sale screen knows."""
    around = sale_of(at).around
    assert around is not None
    return [tender.code for tender in around.tenders]


async def erase(at: Journey, characters: int) -> None:
    await at.keys(*("backspace",) * characters)


def test_every_setting_has_a_name_and_a_sentence(floor: Floor) -> None:
    named = [words.name for section in SECTIONS for words in section.words]
    assert sorted(named) == [one.name for one in floor.do(settings.settings, by=staff.ROOT)]
    assert all(words.label and words.says for section in SECTIONS for words in section.words)


async def test_the_name_of_the_shop_is_changed_and_stands_on_the_screen_at_once(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.scan(BREAD)
        await at.keys("f10", "e", "1")
        assert in_front(at, SettingListScreen)
        assert at.shows("Name", "My shop", "Time zone", "Europe/Berlin", "As it stands on receipts")
        await at.keys("enter")
        await at.keys("delete")
        await at.text("Chez Nous")
        await at.keys("enter")
        assert at.said == "Changed: Name."
        assert at.app.till.shop.settings.name == "Chez Nous"
        await at.keys("escape", "escape", "escape")
        assert in_front(at, SaleScreen)
        assert at.shows("Chez Nous · R1 · Mona")
        assert basket_of(at) == [("Bread", 1000, 450)]
    assert kept(floor).name == "Chez Nous"
    assert floor.journal("settings.changed") == [("settings.changed", floor.people["Mona"].id, None)]


async def test_the_language_of_the_shop_is_spoken_at_once_also_below(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "e", "1", "down", "down", "down", "down", "enter", "2")
        assert language() == "de"
        await at.keys("escape", "escape")
        assert in_front(at, MenuScreen)
        await at.keys("escape")
        assert not at.shows("New sale")
    assert kept(floor).language == "de"


async def test_what_cannot_be_is_asked_for_again_and_nothing_changes(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "e", "3", "down", "down", "down", "enter")
        assert at.shows("Smallest coin")
        await erase(at, 4)
        await at.text("0,005")
        await at.keys("enter")
        assert at.shows("“0,005” can't be used here.")
        await erase(at, 1)
        await at.keys("enter")
        assert at.shows("“0,00” can't be used here.")
        assert kept(floor).cash_step == 1
        await erase(at, 1)
        await at.text("5")
        await at.keys("enter")
        assert at.said == "Changed: Smallest coin."
    assert kept(floor).cash_step == 5
    assert len(floor.journal("settings.changed")) == 1


async def test_escape_changes_nothing(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "e", "1", "enter", "x", "escape")
        assert at.said == "Nothing was changed."
    assert floor.rows("SELECT * FROM setting") == []


async def test_yes_and_no_are_chosen(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "e", "5", "enter", "1")
        assert at.said == "Changed: Badge without a PIN."
        assert kept(floor).badge_is_enough
        await at.keys("enter", "enter")
        assert at.said == "It stays as it was."
    assert len(floor.journal("settings.changed")) == 1


async def test_what_would_break_a_screen_is_a_name_like_any_other(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "e", "1", "enter")
        at.screen.paste(HOSTILE)
        await at.settle()
        await at.keys("enter")
        assert at.screen.status.kind is Say.OK
    assert "[/x]" in kept(floor).name
    assert "\x1b" not in kept(floor).name


@pytest.mark.requirement("D3-01")
async def test_a_means_of_payment_is_not_taken_any_more(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "e", "6")
        assert in_front(at, TenderListScreen)
        await at.keys("enter", "2")
        assert at.said == "Cash can't be without that, or with it."
        await at.keys("down", "down", "enter", "2")
        assert at.said == "Changed: Meal ticket."
        await at.keys("enter", "1", *("backspace",) * len("Meal ticket"), *"Lunch", "enter")
        assert at.said == "Changed: Lunch."
        await at.keys("escape", "escape", "escape")
        assert taken(at) == ["cash", "card", "bank", "voucher"]
    assert floor.rows("SELECT name, active FROM tender WHERE code = 'ticket'") == [("Lunch", 0)]
    assert len(floor.journal("tender.changed")) == 2


@pytest.mark.requirement("D2-01")
async def test_a_rate_comes_from_a_day_on_and_can_be_dropped_again(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "e", "7")
        assert in_front(at, TaxRatesScreen)
        await at.keys("enter", "1", *"21", "enter")
        assert at.shows("21/11/2026")
        await erase(at, 10)
        await at.text("19.11.2026")
        await at.keys("enter")
        assert at.shows("That day is over.")
        await erase(at, 10)
        await at.text("1.1.2027")
        await at.keys("enter")
        assert at.said == "Saved: A Full."
        assert at.shows("20 %", "21 %", "01/01/2027")
        rates = floor.do(catalogue_tax.tax_codes)[0].rates
        assert [(rate.valid_from, rate.percent) for rate in rates] == [
            (date(2020, 1, 1), Percent(2000)),
            (date(2027, 1, 1), Percent(2100)),
        ]
        await at.keys("delete", "enter")
        assert at.said == "Saved: A Full."
        await at.keys("delete")
        assert at.said == "No rate comes that could be dropped."
    assert floor.rows("SELECT COUNT(*) FROM tax_rate WHERE tax = 'A'") == [(1,)]
    assert len(floor.journal("tax.changed")) == 2


@pytest.mark.requirement("D7-01", "D7-03")
async def test_somebody_new_gets_a_role_and_a_pin_and_signs_in(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "e", "8", "f2", *"Zoe", "enter", "1", *"12", "enter")
        assert at.shows("This doesn't fit: PIN")
        await at.keys(*"1234", "enter", *"1235", "enter")
        assert at.shows("The two PINs differ.")
        await at.keys(*"1234", "enter", *"1234", "enter")
        assert in_front(at, PeopleScreen)
        assert at.said == "Zoe works here now."
        await at.keys("f11", "escape", *"zoe", "enter", *"1234", "enter")
        assert in_front(at, SaleScreen)
        assert at.shows("Zoe")
    assert floor.rows("SELECT role FROM staff WHERE name = 'Zoe'") == [("cashier",)]


@pytest.mark.requirement("D7-02")
async def test_a_manager_makes_nobody_an_owner_and_touches_none(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "e", "8", "f2", *"Zoe", "enter")
        assert at.shows("Manager")
        assert "Owner" not in "".join(line for line in at.lines() if "4 " in line)
        await at.keys("escape", "down", "down", "down", "enter", "4", *"1234", "enter", *"1234", "enter")
        assert at.screen.status.kind is Say.ERROR
    assert floor.journal("staff.pin_reset") == []


@pytest.mark.requirement("D7-02")
async def test_an_owner_changes_what_a_role_may_do(floor: Floor) -> None:
    async with journey(floor, person="Otto") as at:
        await at.keys("f10", "e", "9")
        assert in_front(at, RightsScreen)
        assert at.shows("Cashier", "open the drawer", "with approval")
        await at.keys("enter", "3")
        assert at.said == "Nobody can approve this on the spot: allow or deny it."
        await at.keys("down", "enter", "2")
        assert at.said == "Cashier: give a discount: denied"
        await at.keys("shift+tab", "enter", "1")
        assert at.said == "A technician gets at neither money nor customers."
        await at.keys("shift+tab", "enter", "2")
        assert at.said == "An owner may do everything, so that nobody is locked out."
    table = floor.do(staff.permission_table, by=staff.ROOT)
    assert table[Role.CASHIER, Action.DISCOUNT] is State.DENIED
    assert floor.rows("SELECT role, action, state FROM role_permission") == [("cashier", "sale.discount", "denied")]


@pytest.mark.requirement("D7-02")
async def test_a_manager_sees_the_rights_and_changes_none(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "e", "9", "enter", "2")
        assert at.screen.status.kind is Say.ERROR
    assert floor.rows("SELECT * FROM role_permission") == []


@pytest.mark.requirement("D7-02")
async def test_a_lead_who_looks_after_the_staff_finds_them_and_nothing_else(floor: Floor) -> None:
    floor.do(staff.set_permission, Role.LEAD, Action.EDIT_STAFF, State.ALLOWED, by=floor.people["Otto"].id)
    async with journey(floor, person="Lea") as at:
        await at.keys("f10", "e")
        assert in_front(at, SettingsScreen)
        assert [number for number, _door in settings_of(at).doors] == ["8"]
        for hidden in "12345679":
            await at.keys(hidden)
            assert at.said == "Nothing here has this number."
        await at.keys("8")
        assert in_front(at, PeopleScreen)


async def test_what_another_till_changed_is_noticed_after_a_sale(floor: Floor) -> None:
    async with journey(floor, person="Ann") as at:
        floor.do(settings.set_one, "name", "Elsewhere", by=staff.ROOT)
        floor.do(settings.set_tender, "bank", by=staff.ROOT, active=False)
        await at.scan(BREAD)
        assert not at.shows("Elsewhere")
        await at.keys("f12")
        assert at.shows("Elsewhere")
        assert "bank" not in taken(at)
        assert at.app.till.shop.settings_version == 2


async def test_what_another_till_changed_is_noticed_at_sign_in_and_the_basket_stays(floor: Floor) -> None:
    async with journey(floor, person="Ann") as at:
        await at.scan(BREAD)
        floor.do(settings.set_one, "prices_include_tax", "no", by=staff.ROOT)
        floor.do(settings.set_one, "zone", "Asia/Tokyo", by=staff.ROOT)
        await at.keys("f11")
        assert in_front(at, SignInScreen)
        await at.keys(*"1111", "enter")
        assert in_front(at, SaleScreen)
        assert basket_of(at) == [("Bread", 1000, 450)]
        assert at.shows("Tax 0.90", "20/11/2026 21:00")
        await at.keys("f12")
        assert at.said == "Sale 1 is paid: 5.40"
    assert floor.rows("SELECT total, tax_included, settings FROM sale") == [(540, 0, 2)]


async def test_the_till_locks_itself_by_the_minutes_of_now(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        at.app._last_touch -= 3600
        at.app._tick()
        await at.settle()
        assert in_front(at, SaleScreen)
        await at.keys("f10", "e", "5", "down", "enter", "delete", "5", "enter")
        assert at.said == "Changed: Minutes until it locks."
        at.app._last_touch -= 299
        at.app._tick()
        await at.settle()
        assert in_front(at, SettingListScreen)
        at.app._last_touch -= 2
        at.app._tick()
        await at.settle()
        assert in_front(at, SignInScreen)


async def test_behind_the_menu_quick_articles_and_titles_are_those_of_now(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        assert at.shows("New sale", ".1 Baguette")
        await at.keys("f10")
        floor.of_services(lambda: floor.services.article("Rolls", 60, number="108", quick=2))
        await at.keys("7", "2", "escape")
        assert in_front(at, SaleScreen)
        assert at.shows(".2 Rolls", _("New sale"))
        assert _("New sale") != "New sale"


async def test_a_language_that_somebody_chose_stays_until_the_shop_speaks_another(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "7", "3")
        assert language() == "fr"
        floor.do(settings.set_one, "name", "Chez Nous", by=staff.ROOT)
        await at.keys("escape")
        await at.scan(BREAD)
        await at.keys("f12")
        assert at.shows("Chez Nous")
        assert language() == "fr"
        floor.do(settings.set_one, "language", "it", by=staff.ROOT)
        await at.scan(BREAD)
        await at.keys("f12")
        assert language() == "it"


async def test_names_that_were_made_to_do_harm_stand_in_the_lists_like_any_other(floor: Floor) -> None:
    floor.person(HOSTILE[:60], Role.CASHIER)
    floor.do(settings.set_tender, "bank", name=HOSTILE, by=staff.ROOT)
    floor.do(catalogue_tax.save_tax_code, catalogue_tax.TaxForm("B", HOSTILE, _rates(floor)), by=staff.ROOT)
    async with journey(floor, person="Otto") as at:
        for section, place in (("6", 3), ("7", 1), ("8", 5)):
            await at.keys("f10", "e", section)
            assert at.shows("[/x]")
            await at.keys(*("down",) * place, "enter")
            assert isinstance(at.screen, Choose)
            assert "\x1b" not in at.text_of_screen()
            assert "\u202e" not in at.text_of_screen()
            await at.keys("escape", "escape", "escape", "escape")


def _rates(floor: Floor) -> tuple[catalogue_tax.Rate, ...]:
    return floor.do(catalogue_tax.tax_codes)[1].rates


@pytest.mark.requirement("D7-01", "D7-03")
async def test_whoever_is_locked_is_let_in_again_and_whoever_goes_is_not(floor: Floor) -> None:
    ann = floor.people["Ann"].id
    floor.of_services(lambda: _lock(ann))
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "e", "8")
        assert at.shows("locked")
        await at.keys("enter", "6")
        assert at.said == "Ann may try again."
        assert not at.shows("locked")
        await at.keys("enter", "5", "1")
        assert at.shows("The code of the badge is 2980")
        await at.keys("enter")
        assert at.shows("has a PIN · has a badge")
        await at.keys("enter", "7", "escape")
        assert floor.rows("SELECT active FROM staff WHERE id = ?", ann) == [(1,)]
        await at.keys("enter", "7", "enter")
        assert at.said == "Ann works here no more."
    assert floor.rows("SELECT active, badge, failures FROM staff WHERE id = ?", ann) == [(0, None, 0)]
    assert [action for action, _by, _ok in floor.journal("staff.unlocked", "staff.badge_set", "staff.deactivated")] == [
        "staff.unlocked",
        "staff.badge_set",
        "staff.deactivated",
    ]


def _lock(person: str) -> None:
    with db.transaction():
        db.run("UPDATE staff SET failures = 10 WHERE id = ?", (person,))


@pytest.mark.requirement("D7-01")
async def test_a_token_is_a_badge_once_it_is_scanned(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.keys("f10", "e", "8", "enter", "5", "2")
        await at.scan("TOKEN-0815")
        assert at.said == "Changed: Ann."
        assert in_front(at, PeopleScreen)
        assert basket_of(at) == []
        await at.keys("enter", "5", "2")
        await at.scan(BREAD)
        assert at.said == "This doesn't fit: Badge"
    found = floor.do(staff.by_badge, "TOKEN-0815")
    assert found is not None
    assert found.name == "Ann"
