"""Learning a scanner's country, and finding scanners among the input devices."""

import os
import threading
from pathlib import Path

import pytest

from kiosk.devices.decoder import EV_KEY
from kiosk.devices.discovery import Discovery, FoundDevice, list_scanners
from kiosk.devices.layout import KEY_ENTER, KEY_TAB, LAYOUTS, layout
from kiosk.devices.learn import LEARNING_TEXT, Stroke, learn_layout, record_scan
from tests.devices.typing import keystrokes

KEYBOARD_KEYS = "402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe"
CONSUMER_KEYS = "3f000303ff 0 0 483ffff17aff32d bfd4444600000000 1 130ff38b17c007 ffe77bfad9415fff febeffdfffefffff"
POWER_BUTTON_KEYS = "10000000000000 0"


def strokes(text: str, name: str, terminator: int | None = KEY_ENTER) -> list[Stroke]:
    typed = keystrokes(text, layout(name), terminator=terminator)
    return [(EV_KEY, key, value, index * 0.001) for index, (key, value) in enumerate(typed)]


@pytest.mark.parametrize("name", LAYOUTS)
def test_each_country_is_learned_from_one_scan(name: str) -> None:
    learned = learn_layout(strokes(LEARNING_TEXT, name))
    assert learned is not None
    assert learned.layouts == (name,)
    assert learned.terminator == "enter"


def test_the_terminator_is_learned() -> None:
    learned = learn_layout(strokes(LEARNING_TEXT, "de", KEY_TAB))
    assert learned is not None
    assert learned.terminator == "tab"


@pytest.mark.parametrize(
    "typed", [strokes("12345", "us"), strokes(LEARNING_TEXT, "us", None), [], strokes(LEARNING_TEXT[:-1], "us")]
)
def test_another_text_or_no_end_teaches_nothing(typed: list[Stroke]) -> None:
    assert learn_layout(typed) is None


def test_digits_alone_cant_tell_the_countries_apart() -> None:
    learned = learn_layout(strokes("4006381333931", "us"), "4006381333931")
    assert learned is not None
    assert learned.layouts == ("us", "uk", "de", "ch", "it", "nl")


def test_the_next_scan_of_a_device_is_recorded() -> None:
    pytest.importorskip("evdev", reason="evdev isn't installed: make hardware")
    from tests.devices.rig import Rig, SocketDevice

    rig = Rig(country="be")
    try:
        ready = threading.Event()

        def open_device(path: str) -> SocketDevice:
            ready.set()
            return SocketDevice(os.dup(rig._near.fileno()))

        def scan() -> None:
            assert ready.wait(10)
            rig.type(LEARNING_TEXT)

        thread = threading.Thread(target=scan)
        thread.start()
        recorded = record_scan("/dev/input/kiosk-scan0", 10, open_device=open_device)
        thread.join(10)
    finally:
        rig.close()
    learned = learn_layout(recorded)
    assert learned is not None
    assert learned.layouts == ("be",)


def test_nothing_scanned_in_time_records_nothing() -> None:
    pytest.importorskip("evdev", reason="evdev isn't installed: make hardware")
    from tests.devices.rig import Rig, SocketDevice

    rig = Rig()
    try:
        assert record_scan("", 0.05, open_device=lambda path: SocketDevice(os.dup(rig._near.fileno()))) == ()
    finally:
        rig.close()


class Kernel:
    """Directories that look like /sys/class/input and /dev/input."""

    def __init__(self, root: Path) -> None:
        self.sys, self.dev = root / "sys", root / "dev"
        for directory in (self.sys, self.dev / "by-id"):
            directory.mkdir(parents=True)
        self.discovery = Discovery(self.sys, self.dev)

    def plug(self, number: int, name: str, usb: str, keys: str = KEYBOARD_KEYS, uniq: str = "") -> Path:
        device = self.sys / f"event{number}" / "device"
        vendor, product = usb.split(":")
        for path, text in {
            "name": name,
            "uniq": uniq,
            "id/vendor": vendor,
            "id/product": product,
            "capabilities/key": keys,
        }.items():
            (device / path).parent.mkdir(parents=True, exist_ok=True)
            (device / path).write_text(text + "\n")
        node = self.dev / f"event{number}"
        node.touch()
        return node


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    kernel = Kernel(tmp_path)
    kernel.plug(2, "Power Button", "0000:0001", POWER_BUTTON_KEYS)
    kernel.plug(10, "Cheap Keyboard", "1a2c:0e24")
    scanner = kernel.plug(3, "Symbol Bar Code Scanner", "05e0:1200", uniq="S/N:7 9")
    kernel.plug(4, "Symbol Bar Code Scanner", "05e0:1200", CONSUMER_KEYS.replace("febeffdfffefffff", "0"))
    (kernel.dev / "kiosk-scan0").symlink_to("event3")
    (kernel.dev / "by-id" / "usb-Symbol-event-kbd").symlink_to(scanner)
    return kernel


def test_devices_that_can_type_are_listed_with_their_links(kernel: Kernel) -> None:
    assert kernel.discovery.devices() == (
        FoundDevice(
            path=str(kernel.dev / "event3"),
            links=(str(kernel.dev / "kiosk-scan0"), str(kernel.dev / "by-id" / "usb-Symbol-event-kbd")),
            name="Symbol Bar Code Scanner",
            uniq="S/N:7 9",
            usb="05e0:1200",
            readable=True,
        ),
        FoundDevice(
            path=str(kernel.dev / "event10"),
            links=(),
            name="Cheap Keyboard",
            uniq="",
            usb="1a2c:0e24",
            readable=True,
        ),
    )


def test_a_scanner_is_found_by_link_serial_number_and_product_wherever_it_is_now(kernel: Kernel) -> None:
    find = kernel.discovery.find
    assert find("05e0:1200") == find("05E0:1200") == find("uniq:S/N:7 9") == str(kernel.dev / "event3")
    assert find(str(kernel.dev / "kiosk-scan0")) == str(kernel.dev / "kiosk-scan0")
    assert find("uniq:") is None
    assert find("05e0:9999") is None
    (kernel.dev / "event3").unlink()
    assert find(str(kernel.dev / "kiosk-scan0")) is None


def test_a_machine_without_input_devices_lists_none(tmp_path: Path) -> None:
    assert Discovery(tmp_path / "none", tmp_path / "none").devices() == ()
    assert isinstance(list_scanners(), tuple)
