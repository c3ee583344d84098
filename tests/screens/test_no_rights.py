"""A cashier who may do nothing reaches nothing: by no key, no word, no screen that is put in front."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kiosk.i18n import use_language
from kiosk.rules.permissions import Action, Role, State
from kiosk.screens import commands
from kiosk.screens.articles import ArticlesScreen
from kiosk.screens.dialogs import Dialog, Notice
from kiosk.screens.history import HistoryScreen
from kiosk.screens.menu import ENTRIES, MenuScreen
from kiosk.screens.people import PeopleScreen
from kiosk.screens.rights import RightsScreen
from kiosk.screens.sale import SaleScreen
from kiosk.screens.setting_list import SettingListScreen
from kiosk.screens.setting_words import SECTIONS
from kiosk.screens.settings import SettingsScreen
from kiosk.screens.sign_in import SignInScreen
from kiosk.screens.tax_rates import TaxRatesScreen
from kiosk.screens.tender_list import TenderListScreen
from kiosk.services import staff
from tests.screens.counter import BREAD, basket_of, open_counter, sale_of
from tests.screens.floor import Floor, Journey, journey

pytestmark = pytest.mark.requirement("D7-02")

KEYS = (
    *"03bs+-*/.,?",
    *(f"f{number}" for number in range(2, 13)),
    "enter", "delete", "backspace", "tab", "shift+tab", "up", "down", "pageup", "pagedown", "home", "end", "escape",
)  # fmt: skip
KEPT = (
    "entry",
    "sale",
    "setting",
    "tender",
    "tax_rate",
    "role_permission",
    "article",
    "print_job",
    "cash_report",
)
"""What must be as it was."""

SETTINGS = (
    SettingsScreen,
    *(partial(SettingListScreen, section=section) for section in SECTIONS),
    TenderListScreen,
    TaxRatesScreen,
    PeopleScreen,
    RightsScreen,
)


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    """A shop in which cashiers may do nothing at all, and nobody approves."""
    with open_counter(tmp_path) as made:
        owner = made.person("Otto", Role.OWNER, pin="4444").id
        for action in Action:
            if action is not Action.EDIT_PERMISSIONS:
                made.do(staff.set_permission, Role.CASHIER, action, State.DENIED, by=owner)
        yield made
    use_language("en")


def kept(floor: Floor) -> list[Any]:
    people = floor.rows("SELECT id, name, role, badge, active FROM staff ORDER BY id")
    return [people, *(floor.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in KEPT)]


async def back_to(at: Journey, screen: type[Any]) -> None:
    """Escape from whatever was opened."""
    for _step in range(8):
        if isinstance(at.screen, SignInScreen):
            await at.keys(*"1111", "enter")
        if type(at.screen) is screen:
            return
        await at.keys("escape")
    raise AssertionError(at.text_of_screen())


async def test_no_key_of_the_menu_opens_anything(floor: Floor) -> None:
    before = kept(floor)
    async with journey(floor, person="Ann", screens=[MenuScreen]) as at:
        assert isinstance(at.screen, MenuScreen)
        open_to_all = {entry.key for entry in ENTRIES if entry.needs is None}
        assert {entry.key for entry in at.screen.entries} == open_to_all
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789":
            if letter in open_to_all:
                continue
            await at.keys(letter)
            assert at.said == "Nothing in the menu has this key."
            await at.keys(letter.lower())
            assert at.said == "Nothing in the menu has this key."
    assert kept(floor) == before


async def test_no_key_of_the_sale_does_what_needs_a_right(floor: Floor) -> None:
    """Nor two of them: each key is pressed with a line in the basket, then a digit, Enter and the key once more."""
    before = kept(floor)
    async with journey(floor, person="Ann") as at:
        for key in KEYS:
            if not basket_of(at):
                await at.scan(BREAD)
            await at.keys(key)
            await back_to(at, SaleScreen)
            await at.keys("5", key, "enter", "enter")
            await back_to(at, SaleScreen)
            await at.keys("escape")
            assert sale_of(at).sold is None, key
            assert all(line.line.discount is None for line in sale_of(at).open.totals.lines), key
            assert all(price == 450 for _text, _count, price in basket_of(at) if _count == 1000), key
    assert kept(floor) == before
    assert floor.journal("drawer.opened", "sale.voided", "settings.changed", "staff.approved") == []


async def test_no_word_does_what_needs_a_right(floor: Floor) -> None:
    before = kept(floor)
    async with journey(floor, person="Ann") as at:
        words = [one.word for one in commands.found(at.screen, "/") if one.action not in {"undo", "lock"}]
        assert len(words) > 8
        for word in words:
            if not basket_of(at):
                await at.scan(BREAD)
            await at.keys("/", *word, "enter")
            if isinstance(at.screen, Dialog):
                await at.keys("3", *"50", "enter", "1", "enter")
            await back_to(at, SaleScreen)
            assert basket_of(at) == [("Bread", 1000, 450)], word
    assert kept(floor) == before


@pytest.mark.parametrize("screen", SETTINGS, ids=lambda one: getattr(one, "__name__", "SettingListScreen"))
async def test_a_screen_of_the_settings_tells_nothing(floor: Floor, screen: Any) -> None:
    async with journey(floor, person="Ann", screens=[MenuScreen, screen]) as at:
        assert isinstance(at.screen, Notice)
        assert not any(at.shows(told) for told in ("Europe/Berlin", "EUR", "Otto"))
        await at.keys("enter")
        assert isinstance(at.screen, MenuScreen)


async def test_nothing_that_is_seen_behind_a_door_is_seen(floor: Floor) -> None:
    floor.of_services(lambda: floor.services.article("Secret cake", 12345))
    async with journey(floor, person="Ann", screens=[HistoryScreen]) as at:
        assert not at.shows("Receipt 1")
    async with journey(floor, person="Ann", screens=[ArticlesScreen]) as at:
        await at.keys(*"secret", "enter")
        assert isinstance(at.screen, Notice)
