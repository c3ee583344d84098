"""The scanner, with the kernel's own records through the real evdev."""

import errno
import os
import queue
import threading
import time

import pytest

pytest.importorskip("evdev", reason="evdev isn't installed: make hardware")

from kiosk.devices.decoder import EV_KEY, EV_SYN, SYN_DROPPED
from kiosk.devices.layout import KEY_ENTER, LAYOUTS, layout
from kiosk.devices.scanner import MOST_WAITING, EvdevScanner, make_scanner, open_evdev
from tests.devices.rig import Rig, key_records, record, running
from tests.devices.typing import keystrokes

BREAD = "4006381333931"
MILK = "8710000000062"


def us(text: str) -> list[bytes]:
    return key_records(keystrokes(text, layout("us")))


@pytest.mark.requirement("D1-01")
def test_a_scan_is_one_code() -> None:
    with running() as rig:
        rig.type(BREAD)
        assert rig.next() == ("", BREAD)
    assert rig.quiet()


def test_twenty_scans_back_to_back_are_twenty_codes_in_order() -> None:
    codes = [f"40063813{number:05}" for number in range(20)]
    with running() as rig:
        rig.send([each for code in codes for each in us(code)])
        assert [rig.next() for _ in codes] == [("", code) for code in codes]
    assert rig.quiet()


def test_a_burst_of_2000_events_loses_none() -> None:
    codes = [f"{number:04}" for number in range(50)]
    records = [each for code in codes for each in us(code * 2)]
    assert len(records) > 1700
    rig = Rig()
    try:
        rig.send(records + us("last one"))
        rig.start()
        assert rig.next()[0] == "ok"
        assert [rig.next() for _ in codes] == [("", code * 2) for code in codes]
        assert rig.next() == ("", "last one")
    finally:
        rig.close()


def test_a_ring_that_ran_over_rejects_the_rest_of_the_code_and_nothing_after_it() -> None:
    """What really happened: 8710000000062 arrived as 62."""
    dropped = [record(EV_SYN, SYN_DROPPED, 0), record(EV_SYN, 0, 0)]
    with running() as rig:
        rig.send([*us("8710000")[:-4], *dropped, *us("62")])
        rig.type(BREAD)
        assert rig.next() == ("rejected", "dropped")
        assert rig.next() == ("", BREAD)
    assert rig.quiet()


def test_the_control_without_the_kernels_warning_the_short_code_would_be_believed() -> None:
    with running() as rig:
        rig.send(us("62"))
        assert rig.next() == ("", "62")


def test_unplugged_is_said_and_plugged_in_again_it_scans_without_a_restart() -> None:
    with running() as rig:
        rig.type("40063", terminator=None)
        rig.unplug()
        assert rig.next() == ("unplugged", "")
        plugged = time.monotonic()
        rig.plug()
        assert rig.next() == ("ok", "/dev/input/kiosk-scan0")
        assert time.monotonic() - plugged < 2
        rig.type(MILK)
        assert rig.next() == ("", MILK)
        assert rig.opened == 2
    assert rig.quiet()


def test_a_scanner_that_isnt_there_yet_is_taken_when_it_comes() -> None:
    rig = Rig(plugged=False)
    try:
        rig.start()
        assert rig.next() == ("unplugged", "")
        rig.plug()
        assert rig.next() == ("ok", "/dev/input/kiosk-scan0")
    finally:
        rig.close()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"open_error": PermissionError(errno.EACCES, "")}, ("denied", "/dev/input/kiosk-scan0")),
        ({"open_error": FileNotFoundError(errno.ENOENT, "")}, ("unplugged", "")),
        ({"open_error": ImportError()}, ("off", "no-evdev")),
        ({"grab_error": errno.EBUSY}, ("denied", "busy")),
    ],
)
def test_why_a_scanner_cant_be_read_is_said_once(options: dict[str, object], said: tuple[str, str]) -> None:
    rig = Rig(**options)  # type: ignore[arg-type]
    try:
        rig.start()
        assert rig.next() == said
    finally:
        rig.close()
    assert rig.quiet()


def test_permission_that_comes_a_moment_after_the_device_is_enough() -> None:
    """udev sets the group after the device node has appeared."""
    rig = Rig(open_error=PermissionError(errno.EACCES, ""))
    try:
        rig.start()
        assert rig.next()[0] == "denied"
        rig.open_error = None
        assert rig.next()[0] == "ok"
    finally:
        rig.close()


def test_the_tail_of_a_scan_that_began_before_the_till_is_rejected() -> None:
    rig = Rig(settle=5.0)
    try:
        rig.send(us("62"))
        rig.send(us(BREAD))
        rig.start()
        assert [rig.next() for _ in range(3)] == [
            ("ok", "/dev/input/kiosk-scan0"),
            ("rejected", "start"),
            ("", BREAD),
        ]
    finally:
        rig.close()


def test_a_code_without_an_end_is_rejected_without_waiting_for_the_next_scan() -> None:
    with running() as rig:
        rig.type("40063", terminator=None)
        assert rig.next() == ("rejected", "gap")
        rig.type(BREAD, at=30)
        assert rig.next() == ("", BREAD)


def test_a_slow_listener_loses_no_scan() -> None:
    """The reader goes on while somebody draws, so that the kernel's ring can't run over."""
    rig = Rig()
    heard: list[str] = []
    first, go_on, done = threading.Event(), threading.Event(), threading.Event()

    def on_code(code: str) -> None:
        first.set()
        assert go_on.wait(10)
        heard.append(code)
        if len(heard) == 40:
            done.set()

    codes = [f"{number:08}" for number in range(40)]
    rig.scanner.start(on_code, lambda *_: None)
    try:
        for code in codes:
            rig.type(code)
        assert first.wait(10)
        go_on.set()
        assert done.wait(10)
    finally:
        rig.close()
    assert heard == codes


def test_a_flood_is_rejected_and_does_not_grow_the_till() -> None:
    rig = Rig()
    go_on = threading.Event()
    said: list[tuple[str, str]] = []
    flooded, ready, held = threading.Event(), threading.Event(), threading.Event()

    def on_code(code: str) -> None:
        held.set()
        assert go_on.wait(10)
        said.append(("", code))

    def on_state(state: str, detail: str) -> None:
        said.append((state, detail))
        ready.set()
        if detail == "flood":
            flooded.set()

    rig.scanner.start(on_code, on_state)
    try:
        assert ready.wait(10)
        rig.type("00000")
        assert held.wait(10)
        for number in range(1, 500):
            rig.type(f"{number:05}")
        # The reader has seen everything when it has seen what was sent last.
        rig.unplug()
        while rig.scanner._said[0] != "unplugged":
            go_on.wait(0.01)
        go_on.set()
        assert flooded.wait(10)
    finally:
        rig.close()
    codes = [code for state, code in said if not state]
    assert len(codes) <= MOST_WAITING + 1
    assert codes == [f"{number:05}" for number in range(len(codes))]
    assert said.count(("rejected", "flood")) == 1


def test_a_listener_that_fails_does_not_end_the_scanning(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig()
    heard = threading.Event()

    def on_code(code: str) -> None:
        if code == MILK:
            heard.set()
            return
        raise RuntimeError("a listener's fault")

    rig.scanner.start(on_code, lambda *_: None)
    try:
        rig.type(BREAD)
        rig.type(MILK)
        assert heard.wait(10)
    finally:
        rig.close()
    assert "a listener of the scanner failed" in caplog.text


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_country_types_the_same_code(name: str) -> None:
    with running(country=name) as rig:
        rig.type("Az09-+/:;(%#)@ wWmMqQ")
        assert rig.next() == ("", "Az09-+/:;(%#)@ wWmMqQ")


def test_stopping_ends_both_threads_at_once_and_leaves_no_descriptor() -> None:
    threads = {thread.name for thread in threading.enumerate()}
    rig = Rig()
    descriptors = len(os.listdir("/proc/self/fd"))
    rig.start()
    assert rig.next()[0] == "ok"
    rig.type(BREAD)
    assert rig.next() == ("", BREAD)
    began = time.monotonic()
    rig.scanner.stop()
    assert time.monotonic() - began < 1
    assert {thread.name for thread in threading.enumerate()} == threads
    assert len(os.listdir("/proc/self/fd")) == descriptors
    rig.scanner.stop()
    rig.close()


def test_a_device_that_ends_while_its_link_stays_is_tried_again_without_haste() -> None:
    with running() as rig:
        rig._far.close()
        assert rig.next() == ("unplugged", "")
        assert rig.next() == ("ok", "/dev/input/kiosk-scan0")
        assert rig.opened == 2


def test_a_device_whose_reading_fails_oddly_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    with running() as rig:
        feed, rig.scanner._decoder.feed = rig.scanner._decoder.feed, None  # type: ignore[assignment, method-assign]
        rig.type("1")
        assert rig.next() == ("unplugged", "")
        rig.scanner._decoder.feed = feed  # type: ignore[method-assign]
        assert rig.next() == ("ok", "/dev/input/kiosk-scan0")
        rig.type(BREAD)
        assert rig.next() == ("", BREAD)
    assert "reading the scanner failed" in caplog.text


def test_events_are_timed_by_a_clock_that_never_jumps(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, bytes]] = []
    monkeypatch.setattr("kiosk.devices.scanner.fcntl.ioctl", lambda fd, code, data: asked.append((code, data)))
    with running():
        assert asked == [(0x400445A0, b"\x01\x00\x00\x00")]


def test_a_scanner_at_a_link_that_isnt_there_is_unplugged() -> None:
    said: queue.Queue[tuple[str, str]] = queue.Queue()
    scanner = make_scanner("/dev/input/kiosk-scan-none")
    scanner.start(lambda code: None, lambda *state: said.put(state))
    try:
        assert said.get(timeout=10) == ("unplugged", "")
    finally:
        scanner.stop()


def test_no_address_is_a_scanner_that_is_off() -> None:
    said: list[tuple[str, str]] = []
    scanner = make_scanner("")
    scanner.start(lambda code: None, lambda *state: said.append(state))
    scanner.stop()
    assert said == [("off", "")]


@pytest.mark.parametrize("address", ["/dev/input/event3", "Honeywell Scanner", "uniq:", "05e0", "kiosk-scan0"])
def test_a_device_is_never_chosen_by_name_or_number(address: str) -> None:
    with pytest.raises(ValueError, match="a scanner is a udev link"):
        make_scanner(address)


@pytest.mark.parametrize("address", ["/dev/input/kiosk-scan0", "uniq:S1234", "05e0:1200", "05E0:1200"])
def test_a_device_is_chosen_by_link_serial_number_or_product(address: str) -> None:
    assert isinstance(make_scanner(address, layout="fr"), EvdevScanner)


def test_only_presses_count() -> None:
    """A held key repeats (2) and is let go (0)."""
    with running() as rig:
        rig.send([record(EV_KEY, 2, value) for value in (1, 2, 2, 0)])
        rig.send([record(EV_KEY, KEY_ENTER, 1)])
        assert rig.next() == ("", "1")


@pytest.mark.parametrize("knows_readonly", [True, False])
def test_a_device_is_opened_for_reading_where_evdev_can(monkeypatch: pytest.MonkeyPatch, knows_readonly: bool) -> None:
    """evdev 1.6 to 1.9 can't; opening for writing may wake the device's lights."""
    opened: list[tuple[str, bool]] = []

    class Device:
        def __init__(self, path: str, *, readonly: bool = False) -> None:
            opened.append((path, readonly))

    class OldDevice:
        def __init__(self, path: str) -> None:
            opened.append((path, False))

    monkeypatch.setattr("evdev.InputDevice", Device if knows_readonly else OldDevice)
    open_evdev("/dev/input/kiosk-scan0")
    assert opened == [("/dev/input/kiosk-scan0", knows_readonly)]
