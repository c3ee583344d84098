"""The app around the screens: routes, lamps, hostile data, sizes, keymaps, faults."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.app import Kiosk
from kiosk.config import Config
from kiosk.errors import StorageFailed
from kiosk.screens import theme
from kiosk.screens.base import TillScreen
from kiosk.screens.dialogs import Notice
from kiosk.screens.driver import MOST_WAITING, QUIET, TillDriver
from kiosk.screens.messages import KeysFlooded
from kiosk.screens.sale import SaleScreen
from kiosk.screens.till import Till
from kiosk.screens.widgets.status import Say
from tests.screens.counter import BREAD, MILK, basket_of, open_counter, sale_of, sales_of, selling
from tests.screens.floor import Floor, Journey, journey

HOSTILE = (
    "[/x] [a=b [bold",
    "Ann\x1bp\x00\x19\x1b[12;n]",
    "\u202eevil\u2066\u200b",
    "Ａ広い😀" * 3,
    "Z" + "\u0301" * 200,
    "x" * 10_000,
    "{amount} %s %(x)d",
)


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        yield made


async def working(floor: Floor, work: Coroutine[Any, Any, None]) -> None:
    """Have the sale screen do something."""
    async with selling(floor) as at:
        at.screen.work(work)
        await at.settle()


async def test_hostile_names_harm_no_screen(floor: Floor) -> None:
    def stock() -> None:
        for place, name in enumerate(HOSTILE):
            floor.services.article(name, 100 + place, number=str(900 + place), minimum_age=0)

    floor.of_services(stock)
    async with selling(floor) as at:
        for place in range(len(HOSTILE)):
            await at.text(str(900 + place))
            await at.keys("enter")
        for line in at.lines():
            assert all(character.isprintable() for character in line)
        await at.text("[")
        await at.keys("enter", "escape", "f1", "escape", "enter", "escape", "f6", "escape", "f2", "escape")
        await at.scan("[/x]\x1b[2J")
        await at.keys("escape", "delete", "f9", "f12")
    assert len(sales_of(floor)) == 1


@pytest.mark.parametrize("code", ["", " ", "\x00\x1b", "\u202e"])
async def test_a_code_of_nothing_is_nothing(floor: Floor, code: str) -> None:
    async with selling(floor) as at:
        await at.scan(code)
        assert isinstance(at.screen, SaleScreen)
        assert basket_of(at) == []


async def test_a_code_that_is_too_long_is_an_unknown_code(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan("9" * 5000)
        assert at.shows("Unknown code")
        await at.keys("escape")
        assert basket_of(at) == []


@pytest.mark.parametrize("size", [(79, 25), (80, 23), (20, 5), (1, 1)])
async def test_a_window_that_is_too_small_says_so_and_loses_nothing(floor: Floor, size: tuple[int, int]) -> None:
    async with selling(floor, size=size) as at:
        assert at.screen.has_class("-too-small")
        assert not at.shows("TO PAY")
        await at.scan(BREAD)
        await at.pilot.resize_terminal(80, 25)
        await at.settle()
        assert at.shows("TO PAY", "Bread")


async def test_the_smallest_window_has_everything(floor: Floor) -> None:
    async with selling(floor, size=(80, 24)) as at:
        await at.scan(BREAD)
        assert at.shows("TO PAY", "Bread", "F12 CASH")


async def test_the_lamps_show_what_the_devices_say(floor: Floor) -> None:
    async with selling(floor) as at:
        at.app.scanner_changed("unplugged", "")
        at.app.printer_changed("no-paper", 2)
        await at.settle()
        assert at.lines()[0].count("unplugged") == 1
        at.app.scanner_changed("ok", "")
        at.app.scanner_changed("rejected", "gap")
        await at.settle()
        assert "Scan ok" in at.lines()[0]
        assert at.said == "That scan came in pieces. Scan again."


async def test_keys_that_a_scanner_leaks_while_it_is_plugged_in_again_do_nothing(floor: Floor) -> None:
    seconds = [500.0]
    till = Till(floor.services.shop, floor.desk, floor.people["Ann"])
    app = Kiosk(till, environ={}, now=lambda: seconds[0])
    async with app.run_test(size=(80, 25)) as pilot:
        at = Journey(floor, app, pilot)
        await at.settle()
        app.scanner_changed("ok", "event3")
        await at.text("106")
        await at.keys("enter")
        assert basket_of(at) == [("Baguette", 1000, 120)]

        app.scanner_changed("unplugged", "")
        await at.keys("plus")
        assert basket_of(at) == [("Baguette", 2000, 240)]
        app.scanner_changed("ok", "event4")
        seconds[0] += 0.9
        await at.keys(*"4006", "enter", "f12", "enter")
        assert basket_of(at) == [("Baguette", 2000, 240)]
        assert not at.shows("4006")
        await at.scan(MILK)
        assert [text for text, _quantity, _final in basket_of(at)] == ["Baguette", "Milk 1 l"]
        seconds[0] += 0.2
        await at.keys("f12", "enter")
    assert sales_of(floor) == [(1, 369, 0)]


async def test_why_a_scan_was_rejected_is_kept_for_the_technician(
    floor: Floor, caplog: pytest.LogCaptureFixture
) -> None:
    async with selling(floor) as at:
        at.app.scanner_changed("rejected", "dropped")
        await at.settle()
        assert at.said == "That scan came in pieces. Scan again."
    assert "a scan was rejected: dropped" in caplog.text


async def test_a_keymap_of_the_shop_moves_keys_and_their_places(floor: Floor) -> None:
    till = Till(floor.services.shop, floor.desk, floor.people["Ann"])
    app = Kiosk(till, config=Config(keys={"sale.cash": "f5,ctrl+b"}), environ={})
    async with app.run_test(size=(80, 25)) as pilot:
        at = Journey(floor, app, pilot)
        await at.settle()
        assert at.shows("F5 CASH")
        await at.scan(BREAD)
        await at.keys("f12")
        assert sales_of(floor) == []
        await at.keys("ctrl+b")
    assert sales_of(floor) == [(1, 450, 0)]


async def test_what_comes_too_fast_and_ends_nowhere_is_typed_after_a_moment(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.wedge("101234", end="")
        assert sale_of(at).line.text == "10"
        await at.until(lambda: sale_of(at).line.text == "101234")
        assert basket_of(at) == []


async def test_what_came_too_fast_is_there_before_the_next_key_works(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.wedge("101", end="")
        await at.keys("enter")
        assert basket_of(at) == [("Bread", 1000, 450)]
        assert sale_of(at).line.text == ""


async def test_a_fault_in_a_task_is_a_fault_of_the_till(floor: Floor, caplog: pytest.LogCaptureFixture) -> None:
    async def broken() -> None:
        await asyncio.sleep(0)
        raise RuntimeError("PIN 1111")

    with pytest.raises(RuntimeError, match="PIN"):
        await working(floor, broken())
    assert "the till stops because of a fault" in caplog.text


async def test_a_disk_that_fails_stops_the_till(floor: Floor) -> None:
    async def broken() -> None:
        raise StorageFailed(reason="disk I/O error")

    with pytest.raises(StorageFailed):
        await working(floor, broken())


async def test_a_till_that_nobody_touches_locks_itself_and_keeps_the_basket(floor: Floor) -> None:
    floor.of_services(lambda: floor.services.change(lock_after_minutes=5))
    seconds = [0.0]
    till = Till(floor.services.shop, floor.desk, floor.people["Ann"])
    app = Kiosk(till, environ={}, now=lambda: seconds[0])
    async with app.run_test(size=(80, 25)) as pilot:
        at = Journey(floor, app, pilot)
        await at.settle()
        await at.scan(BREAD)
        app._tick()
        await at.settle()
        assert isinstance(at.screen, SaleScreen)
        seconds[0] += 301
        app._tick()
        await at.settle()
        assert not isinstance(at.screen, SaleScreen)
        assert at.shows("Ann")
        await at.text("1111")
        await at.keys("enter")
        assert isinstance(at.screen, SaleScreen)
        assert basket_of(at) == [("Bread", 1000, 450)]


@pytest.mark.requirement("D7-01")
async def test_somebody_else_signs_in_to_a_sale_of_their_own(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.keys("f11", "escape")
        await at.text("Mona")
        await at.keys("enter")
        await at.text("9999")
        await at.keys("enter")
        assert isinstance(at.screen, SaleScreen)
        assert basket_of(at) == []
        assert at.shows("Mona")
        await at.scan(MILK)
        await at.keys("f12")
    assert sales_of(floor) == [(1, 129, 0)]
    async with journey(floor, person="Ann") as at:
        assert basket_of(at) == [("Bread", 1000, 450)]


async def test_a_notice_goes_with_one_key(floor: Floor) -> None:
    async with selling(floor) as at:
        at.app.push_screen(Notice(at.app.till, "News", "The printer has no paper."))
        await at.settle()
        assert at.shows("News", "The printer has no paper.", "Enter go on")
        await at.keys("enter")
        assert isinstance(at.screen, SaleScreen)


async def test_every_binding_of_the_sale_has_an_id_and_a_deed(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("enter")
        for screen in (at.screen, sale_of(at)):
            assert isinstance(screen, TillScreen)
            for bound in screen.bound.values():
                assert bound.id
                assert bound.description
                assert callable(getattr(screen, f"action_{bound.action}"))


async def test_pasted_text_is_text_and_works_no_keys(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        at.screen.paste("+\x1b[2J-5/6\nf12")
        await at.settle()
        assert basket_of(at) == [("Bread", 1000, 450)]
        assert sale_of(at).line.text == "+[2J-5/6"


def test_a_flood_of_keys_is_dropped_until_it_is_over() -> None:
    class Waiting:
        message_queue_size = 0

    class Key:
        def __init__(self, time: float) -> None:
            self.time = time

    sent: list[object] = []
    driver = TillDriver.__new__(TillDriver)
    driver._flooded, driver._last_key, driver._app = False, 0.0, Waiting()
    driver.send_message = sent.append
    assert driver._passes(Key(1.0))
    Waiting.message_queue_size = MOST_WAITING + 1
    assert not driver._passes(Key(1.001))
    Waiting.message_queue_size = 0
    assert not driver._passes(Key(1.002))
    assert sent == []
    assert driver._passes(Key(1.002 + QUIET))
    assert [type(message) for message in sent] == [KeysFlooded]


@pytest.mark.parametrize(
    ("wanted", "environ", "name"),
    [
        ("auto", {"TERM": "linux"}, "kiosk-16"),
        ("auto", {"TERM": "linux", "COLORTERM": "truecolor"}, "kiosk-16"),
        ("auto", {"TERM": "vt220"}, "kiosk-16"),
        ("auto", {"TERM": "xterm-256color"}, "kiosk-16"),
        ("auto", {"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "kiosk-dark"),
        ("auto", {"TERM": "foot", "COLORTERM": "truecolor"}, "kiosk-dark"),
        ("kiosk-16", {"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "kiosk-16"),
    ],
)
def test_the_theme_fits_the_terminal(wanted: str, environ: dict[str, str], name: str) -> None:
    assert theme.choose(wanted, environ).name == name


def test_the_console_theme_has_eight_backgrounds_and_no_others() -> None:
    backgrounds = {"ink", "error-bar", "ok-bar", "pay-bar", "bar", "choice", "light"}
    for name, colour in theme.KIOSK_16.variables.items():
        if name.removeprefix("till-") in backgrounds:
            assert not colour.startswith("ansi_bright")


async def test_the_sign_of_an_error_stays_until_the_next_news(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("delete")
        assert at.screen.status.kind is Say.ERROR
        await at.scan(BREAD)
        assert at.screen.status.kind is Say.OK
