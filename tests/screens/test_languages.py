"""In each language, at the smallest size, the words of the screens are whole: keys, titles, hints, tables, help.

A journey is walked once in words that are each as long as the longest language
has them. Only where something is cut is it walked in each language by itself.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from rich.cells import cell_len
from textual.screen import ModalScreen

from kiosk import app
from kiosk.i18n import LANGUAGES, _, language, use_language
from kiosk.i18n.language import Catalogue
from kiosk.rules import basket as baskets
from kiosk.screens import commands
from kiosk.screens.about import AboutScreen
from kiosk.screens.back_room import BackRoom
from kiosk.screens.base import TillScreen
from kiosk.screens.cash_up import CashUpScreen
from kiosk.screens.consents import ConsentsScreen
from kiosk.screens.customer_map import CustomerMapScreen
from kiosk.screens.customer_menu import CustomerMenu
from kiosk.screens.customers import CustomersScreen
from kiosk.screens.dialogs import AskNumber, AskText, Choose, Keys, Question
from kiosk.screens.giving_back import GivingBackScreen
from kiosk.screens.help import HelpScreen
from kiosk.screens.history import HistoryScreen
from kiosk.screens.menu import MenuScreen
from kiosk.screens.payment import PaymentScreen
from kiosk.screens.preview import PreviewScreen
from kiosk.screens.returning import ReturnScreen
from kiosk.screens.sale import SaleScreen
from kiosk.screens.setting_list import SettingListScreen
from kiosk.screens.setting_words import LANGUAGE_NAMES
from kiosk.screens.till import Lamp
from kiosk.screens.widgets import cells, frame
from kiosk.screens.widgets.cells import ELLIPSIS, Cells, Row, width_of
from kiosk.services import customers
from kiosk.services.customer_rows import CustomerForm
from tests.screens.counter import APPLES, BEER, BREAD, COFFEE, MILK, SUNDRIES, open_counter
from tests.screens.floor import NARROW, Floor, Journey, journey

SALE = (f"scan {BREAD}", "3", "*", f"scan {MILK}", f"scan {COFFEE}", "1", "0", "/", "escape")
FIELDS = ("tab",) * 10
MARA = (f"scan {BREAD}", "f3", "m", "enter", "tab")
"""The sale is for a customer, and the menu of the badge is open."""

CLOSED = ("f10", "c", "f5", "0", "f12", "c", "enter")

JOURNEYS: dict[str, tuple[tuple[str, ...], type[TillScreen[Any]]]] = {
    "sale": ((*SALE, "plus", "minus", "delete", "f9", "2", "0", "f12"), SaleScreen),
    "sale_exact": ((*SALE, "f12", "f9", "escape"), SaleScreen),
    "search": (("b", "escape", "x", "x", "enter", "escape", "f2", "escape", "f12"), SaleScreen),
    "asking": ((f"scan {APPLES}", "0", "escape", f"scan {SUNDRIES}", "1", "enter", "escape"), SaleScreen),
    "age": ((f"scan {BEER}",), Question),
    "unknown": (("scan 9999999999994",), Keys),
    "discount": ((*SALE, "f6", "3", "5", "enter"), Choose),
    "void": ((f"scan {BREAD}", "/", "end", "enter"), Question),
    "payment": ((*SALE, "enter", "2", "0", "backspace", "backspace", "5", "enter", "2", "f5"), PaymentScreen),
    "in_parts": ((*SALE, "5", "f12", "enter", "5", "enter", "escape", "f12"), SaleScreen),
    "letter": ((*SALE, "enter", "e"), Question),
    "new_price": ((f"scan {BREAD}", "/", "end", "up", "up", "enter"), AskNumber),
    "terminal": ((*SALE, "enter", "2", "+", "enter", "f9"), Question),
    "history": (("f8", "down", "1", "x", "escape", "f2", "escape", "enter", "f8", "f10"), PreviewScreen),
    "returning": (
        ("f8", "f7", "5", "x", "delete", "f12", "enter", "r", "f12", "5", "enter", "f12", "escape"),
        ReturnScreen,
    ),
    "put_back": (("f8", "f7", "f12", "1", "+", "3", "f12", "v", "x", "f9", "escape", "f9"), SaleScreen),
    "giving_back": (("f8", "f7", "f12", "1", f"scan {MILK}", "enter", "enter"), SaleScreen),
    "nothing_left": (
        ("f8", "f7", "f12", "1", "f12", "f12", "f8", "f7", "1", "escape", "down", "f7", "1"),
        ReturnScreen,
    ),
    "void_paid": ((*SALE, "f12", "f9", "4", "enter", "escape", "f9", "1", "f9", "f8", "f9"), HistoryScreen),
    "take_back": (
        ("f10", "w", f"scan {MILK}", "escape", "f10", "w", f"scan {MILK}", "1", "*", "f12"),
        GivingBackScreen,
    ),
    "menu": (("f10", "4", "5", "escape", "6", "9", "enter", "escape", "7", "escape", "8"), AboutScreen),
    "drawer": (("f10", "3", "4", "escape", "3", "1"), MenuScreen),
    "stop": (("f10", "0"), Question),
    "settings": (("f10", "e", "1", "down", "enter", "escape", "down", "down", "enter"), Choose),
    "money": (("f10", "e", "3", *("down", "enter", "escape") * 7), SettingListScreen),
    "selling": (("f10", "e", "4", *("down", "enter", "escape") * 7), SettingListScreen),
    "tenders": (("f10", "e", "6", "enter", "2", "down", "enter"), Choose),
    "rates": (("f10", "e", "7", "delete", "enter", "1", "2", "enter"), AskText),
    "people": (("f10", "e", "8", "down", "enter", "7"), Question),
    "rights": (("f10", "e", "9", "enter", "3", "tab", "tab", *("down",) * 32, "enter"), Choose),
    "articles": (("f10", "1", "x", "escape", "b", "delete"), Question),
    "article": (("f10", "1", "f2", "n", *FIELDS, "x", "9", "escape"), Keys),
    "customer_form": (("f3", "m", "f2", "x", *("tab",) * 8, "2", *("tab",) * 9, "1", *("tab",) * 4, "escape"), Keys),
    "cash_up": (("f10", "c", "1", "enter", "2", "f5", "1", "f5", "f6", "escape", "f12", "escape", "escape"), Keys),
    "count": (("f10", "c", "end", "enter", "home", "0", "f6", "enter", "f9", "f12", "1", "enter"), CashUpScreen),
    "open_day": ((*CLOSED, f"scan {BREAD}", "9", "9", "9", "enter", "escape", "1", "enter", "1"), SaleScreen),
    "float": ((*CLOSED, f"scan {BREAD}", "f2", "f12", "9", "enter", "f5", "7", "f12"), Choose),
    "paid": (("f10", "i", "3", "i", "5", "0", "enter", "5", "enter", "enter", "x", "enter", "p"), MenuScreen),
    "paid_out": (("f10", "o", "3", "o", "1", "9", "9", "enter", "escape", "s", "1", "enter", "enter"), MenuScreen),
    "reports": (("f10", "r", *"23456789", "f6", "4", "f6", "left", "f3", "1", "f4", "1", "f8", "f10", "f2"), Choose),
    "customers": (
        (*SALE, "f3", *"xy", "f7", "f7", "f7", "backspace", "backspace", *"47", "enter", "f4", "backspace"),
        CustomersScreen,
    ),
    "badge": (
        (f"scan {BREAD}", "tab", "@", "m", "enter", "f3", "escape", "f12", "f3", "m", "enter", "tab"),
        CustomerMenu,
    ),
    "parked": (
        (f"scan {BREAD}", "f5", "m", "enter", "f5", "r", "escape", "n", "x", "enter", "l", "p", "down", "d"),
        Question,
    ),
    "taken_up": ((f"scan {BREAD}", "f5", "enter", "m", "enter", "f9", "f5", "m", "enter", "f5", "enter"), SaleScreen),
    "customer_history": ((*MARA, "1", "tab", "down", "escape", "tab", "2"), Choose),
    "consents": ((*MARA, "4"), ConsentsScreen),
    "ban": ((*MARA, "5", "4", "x", "enter"), SaleScreen),
    "merge": ((*MARA, "6", "x"), CustomersScreen),
    "erase": ((*MARA, "8", "enter"), AskText),
    "lists": (("f10", "r", "f5", *"1234", "f5", "f5", "5", "+", "-", "f6"), CustomerMapScreen),
    "past": (("f10", "c", "f2", "p", "escape", "escape", "z", "f5", "p", "f2", "escape", "f6"), Choose),
}
"""What is pressed, and which screen is in front in the end."""

HELPED: dict[str, tuple[str, ...]] = {
    "sale": (),
    "payment": (f"scan {BREAD}", "enter"),
    "history": ("f8",),
    "returning": ("f8", "f7"),
    "giving_back": ("f8", "f7", "f12", "1", "f12"),
    "preview": ("f8", "enter"),
    "menu": ("f10",),
    "articles": ("f10", "1"),
    "settings": ("f10", "e"),
    "tax_rates": ("f10", "e", "7"),
    "rights": ("f10", "e", "9"),
    "article": ("f10", "1", "f2"),
    "customers": ("f3",),
    "customer_form": ("f3", "m", "f2"),
    "cash_up": ("f10", "c"),
    "reports": ("f10", "r"),
    "past": ("f10", "z"),
    "choose": (f"scan {BREAD}", "f6"),
}


languages = importlib.import_module("kiosk.i18n.language")
"""The module: the package has a function of this name."""

WORDY: Final = "de"
"""The language that stands in for all, in a test that gives it the longest words of each."""


@contextmanager
def a_shop(folder: Path, code: str) -> Iterator[Floor]:
    """A shop of a language, with a sale in its books."""
    folder.mkdir(parents=True, exist_ok=True)
    with open_counter(folder) as made:
        made.of_services(_sell_one, made)
        made.do(customers.save, CustomerForm(name="Mara"), by=made.people["Mona"].id)
        made.of_services(lambda: made.services.change(language=code))
        yield made
    use_language("en")


@pytest.fixture(params=LANGUAGES)
def floor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Floor]:
    with a_shop(tmp_path, request.param) as made:
        yield made


def _sell_one(floor: Floor) -> None:
    basket = baskets.add(baskets.EMPTY, floor.services.article("Rye bread", 350))
    floor.services.sell(basket, floor.services.cash(350), by=floor.people["Ann"].id)


@cache
def longest_words() -> Catalogue:
    """Each sentence in the language that takes most room for it, English included."""
    found = Catalogue(one={}, many={})
    for code in LANGUAGES:
        spoken = languages.catalogue(code)
        for text, said in spoken.one.items():
            known = found.one.get(text, text.rpartition("\x04")[2])
            found.one[text] = max(known, said, key=cell_len)
        for text, forms in spoken.many.items():
            known_forms = found.many.get(text, forms)
            found.many[text] = (
                max(known_forms[0], forms[0], key=cell_len),
                max(known_forms[1], forms[1], key=cell_len),
            )
    return found


@contextmanager
def as_long_as_any() -> Iterator[None]:
    """Speak the longest words of all languages for one of them."""
    words, spoken = longest_words(), languages.catalogue
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(languages, "catalogue", lambda code: words if code == WORDY else spoken(code))
        yield


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Rows that were cut without a sign of it."""
    found: list[str] = []
    whole = cells.padded

    def padded(row: Row, width: int, style: str = "text") -> Row:
        if width_of(row) > width:
            found.append("".join(text for _style, text in row))
        return whole(row, width, style)

    for module in (cells, frame):
        monkeypatch.setattr(module, "padded", padded)
    return found


def cut_words(at: Journey, cut: list[str]) -> list[str]:
    """The rows of the screen, and of what it stands in front of, on which something is not whole.

    What a command does may be cut in the list of commands: the word at its left is what is typed.
    """
    cut.clear()
    stack = at.app.screen_stack
    lowest = max(place for place, screen in enumerate(stack) if not isinstance(screen, ModalScreen))
    for screen in stack[lowest:]:
        for widget in screen.query(Cells):
            if widget.display and widget.is_on_screen:
                widget._laid_out(*widget.size)
    return cut + [line for line in at.lines() if ELLIPSIS in line and not line.startswith("│ /")]


def hints_left_out(at: Journey) -> list[str]:
    """The next keys for which there was no room in the status line."""
    status = at.screen.status
    shown = "".join(text for _style, text in status.rows(*status.size)[0])
    return [said for key, label in status._hints for said in [f"{_(key)} {_(label)}"] if said not in shown]


async def press(at: Journey, key: str) -> None:
    if key.startswith("scan "):
        await at.scan(key.removeprefix("scan "))
    else:
        await at.keys(key)


@pytest.mark.parametrize("name", JOURNEYS)
async def test_the_words_of_the_screens_are_whole(tmp_path: Path, cut: list[str], name: str) -> None:
    with as_long_as_any(), a_shop(tmp_path / "any", WORDY) as floor:
        found = await walk(floor, cut, name)
    for code in LANGUAGES if found else ():
        with a_shop(tmp_path / code, code) as floor:
            assert await walk(floor, cut, name) == [], code


async def walk(floor: Floor, cut: list[str], name: str) -> list[object]:
    """After which keys of a journey something is cut, and what."""
    keys, front = JOURNEYS[name]
    found: list[object] = []
    async with journey(floor, person="Mona", size=NARROW) as at:
        assert at.app.till.shop.settings.language == language()
        for done in range(len(keys)):
            await press(at, keys[done])
            left_out = [] if at.said else hints_left_out(at)
            found += [(keys[: done + 1], some) for some in (cut_words(at, cut), left_out) if some]
        assert isinstance(at.screen, front)
    return found


async def read_help(at: Journey, cut: list[str], keys: tuple[str, ...]) -> list[str]:
    """What is cut on the pages of the help that is reached by these keys."""
    for key in (*keys, "f1"):
        await press(at, key)
    assert isinstance(at.screen, HelpScreen)
    seen, found = "", hints_left_out(at)
    while at.text_of_screen() != seen:
        seen = at.text_of_screen()
        found += cut_words(at, cut)
        await at.keys("pagedown")
    return found


@pytest.mark.parametrize("name", HELPED)
async def test_the_help_is_whole(tmp_path: Path, cut: list[str], name: str) -> None:
    with as_long_as_any(), a_shop(tmp_path / "any", WORDY) as floor:
        async with journey(floor, person="Mona", size=NARROW) as at:
            found = await read_help(at, cut, HELPED[name])
    for code in LANGUAGES if found else ():
        with a_shop(tmp_path / code, code) as floor:
            async with journey(floor, person="Mona", size=NARROW) as at:
                assert await read_help(at, cut, HELPED[name]) == [], code


async def test_signing_in_is_whole(floor: Floor, cut: list[str]) -> None:
    async with journey(floor, size=NARROW) as at:
        for keys in ((), ("3",), ("5", "f1")):
            for key in keys:
                await press(at, key)
            assert cut_words(at, cut) == []
            assert hints_left_out(at) == []


async def test_every_screen_has_room_for_its_title_beside_the_worst_lamps(floor: Floor, cut: list[str]) -> None:
    titles = [one.TITLE_WORD for one in BackRoom.__subclasses__()]
    assert len(titles) > 5
    async with journey(floor, person="Mona", size=NARROW) as at:
        for name, words in (("scan", app._SCANNER), ("print", app._PRINTER)):
            longest = max((*words.values(), "fault"), key=lambda word: cell_len(_(word)))
            at.app.till.lamps[name] = Lamp(at.app.till.lamps[name].name, longest, fine=False)
        shown = "".join(text for _style, text in at.screen.header.rows(*at.screen.header.size)[0])
        room = NARROW[0] - cell_len(shown.partition(f"{_('Scan')} ")[2]) - cell_len(f" {_('Scan')} ")
    assert [_(title) for title in titles if cell_len(_(title)) > room] == []


async def test_each_command_is_one_word_that_is_whole(floor: Floor) -> None:
    async with journey(floor, person="Mona", size=NARROW) as at:
        found = commands.found(at.screen, "/")
    assert len({one.word for one in found}) == len(found) > 8
    assert [one.word for one in found if cell_len(f"/{one.word}") > commands._WIDTH] == []


@pytest.mark.parametrize("code", LANGUAGES)
async def test_the_menu_changes_the_language_of_the_screens_below(tmp_path: Path, code: str) -> None:
    with open_counter(tmp_path) as floor:
        async with journey(floor, person="Mona", size=NARROW) as at:
            await at.keys("f10", "7", str(1 + list(LANGUAGE_NAMES).index(code)))
            assert (language(), LANGUAGE_NAMES[code] in at.said) == (code, True)
            await at.keys("escape")
            assert at.shows(f"F12 {_('CASH')}")
    use_language("en")
