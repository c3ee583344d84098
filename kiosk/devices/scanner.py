"""A barcode scanner as the kernel shows it: grabbed, read by file descriptor, on threads of its own.

One thread reads, so that the kernel's ring of 64 events never runs over while
somebody draws; a second one calls back, through a short queue (PLATFORM.md 2).
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import select
import struct
import threading
import time
from collections.abc import Callable, Iterable
from queue import Full, Queue
from typing import Final, Protocol

from kiosk.devices import OnCode, OnState, Scanner
from kiosk.devices.decoder import LONGEST_GAP, Decoder, Outcome, Scanned
from kiosk.devices.discovery import DEFAULT_ADDRESS, Discovery, check_address
from kiosk.devices.layout import layout as keyboard_layout

LOOK_EVERY: Final = 0.25
"""Seconds between two looks for a scanner that isn't there; keys leak into the screen until it is grabbed."""
SETTLE: Final = 0.3
"""Seconds after opening in which the first key may be the middle of a code."""
MOST_WAITING: Final = 64
"""Codes that wait for a slow listener; more are rejected."""

_log = logging.getLogger(__name__)

_EVIOCSCLOCKID: Final = 0x400445A0
_STOP_WITHIN: Final = 2.0


class InputEvent(Protocol):
    """One record of the kernel's, as evdev hands it over."""

    @property
    def sec(self) -> int: ...
    @property
    def usec(self) -> int: ...
    @property
    def type(self) -> int: ...
    @property
    def code(self) -> int: ...
    @property
    def value(self) -> int: ...


class InputDevice(Protocol):
    """What is used of evdev.InputDevice, the same in 1.6 and in 2."""

    @property
    def fd(self) -> int: ...
    def grab(self) -> None: ...
    def ungrab(self) -> None: ...
    def read(self) -> Iterable[InputEvent]: ...
    def close(self) -> None: ...


def open_evdev(path: str) -> InputDevice:
    """Open a device for reading only, where evdev can. Raises: OSError, ImportError."""
    import evdev

    try:
        return evdev.InputDevice(path, readonly=True)
    except TypeError:
        return evdev.InputDevice(path)


class EvdevScanner:
    """Reads one device for as long as it is plugged in, and finds it again when it comes back."""

    def __init__(
        self,
        find: Callable[[], str | None],
        decoder: Decoder,
        *,
        open_device: Callable[[str], InputDevice] = open_evdev,
        settle: float = SETTLE,
    ) -> None:
        self._find = find
        self._decoder = decoder
        self._open_device = open_device
        self._settle = settle
        self._waiting: Queue[tuple[str, str]] = Queue(MOST_WAITING)
        self._overflowed = False
        self._said = ("", "")
        self._stopping = threading.Event()
        self._wake_read, self._wake_write = -1, -1
        self._threads: tuple[threading.Thread, ...] = ()

    def start(self, on_code: OnCode, on_state: OnState) -> None:
        """Begin to read, and to look for the device while it isn't there.

        Both functions are called on one thread of the scanner's. They may take their time: up to
        MOST_WAITING codes wait; further ones are ``rejected`` with ``flood``.
        """
        self._wake_read, self._wake_write = os.pipe()
        self._threads = (
            threading.Thread(target=self._deliver, args=(on_code, on_state), name="scanner-codes", daemon=True),
            threading.Thread(target=self._read, name="scanner", daemon=True),
        )
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let the device go; nothing is called back afterwards, except by a callback that hangs."""
        if not self._threads or self._stopping.is_set():
            return
        self._stopping.set()
        os.write(self._wake_write, b"!")
        self._put("", "")
        for thread in reversed(self._threads):
            if thread is not threading.current_thread():
                thread.join(_STOP_WITHIN)
        if not self._threads[1].is_alive():
            os.close(self._wake_read)
            os.close(self._wake_write)

    def _deliver(self, on_code: OnCode, on_state: OnState) -> None:
        while not self._stopping.is_set():
            state, value = self._waiting.get()
            if self._stopping.is_set():
                return
            try:
                if state:
                    on_state(state, value)
                else:
                    on_code(value)
                if self._overflowed:
                    self._overflowed = False
                    on_state("rejected", "flood")
            except Exception:
                _log.exception("a listener of the scanner failed")

    def _put(self, state: str, value: str) -> None:
        try:
            self._waiting.put_nowait((state, value))
        except Full:
            self._overflowed = True

    def _say(self, state: str, detail: str) -> None:
        """States are told once and are never lost, however slow the listener is."""
        if (state, detail) == self._said:
            return
        self._said = (state, detail)
        while not self._stopping.is_set():
            try:
                self._waiting.put((state, detail), timeout=LOOK_EVERY)
            except Full:
                continue
            return

    def _read(self) -> None:
        while not self._stopping.is_set():
            device = self._open()
            if device is None:
                if self._said[0] == "off":
                    return
                self._wait(None, LOOK_EVERY)
                continue
            try:
                self._read_until_gone(device)
            except Exception:
                _log.exception("reading the scanner failed")
            finally:
                _let_go(device)
            if not self._stopping.is_set():
                self._say("unplugged", "")
                self._wait(None, LOOK_EVERY)

    def _open(self) -> InputDevice | None:
        """The device, grabbed; or None, and the state says why."""
        path = self._find()
        if path is None:
            self._say("unplugged", "")
            return None
        try:
            device = self._open_device(path)
        except ImportError:
            self._say("off", "no-evdev")
            return None
        except OSError as error:
            self._say(*_trouble(error, path))
            return None
        try:
            device.grab()
        except OSError as error:
            device.close()
            self._say(*_trouble(error, path))
            return None
        _use_steady_clock(device.fd)
        self._decoder.reset()
        self._say("ok", path)
        return device

    def _read_until_gone(self, device: InputDevice) -> None:
        opened = time.monotonic()
        untouched = True
        while not self._stopping.is_set():
            if not self._wait(device.fd, LONGEST_GAP if self._decoder.pending else None):
                self._outcome(self._decoder.idle())
                continue
            if self._stopping.is_set():
                return
            try:
                events = list(device.read())
            except BlockingIOError:
                continue
            except OSError:
                events = []
            if not events:
                return
            if untouched and time.monotonic() - opened < self._settle:
                self._decoder.reset(midway=True)
            untouched = False
            for event in events:
                at = event.sec + event.usec / 1_000_000
                self._outcome(self._decoder.feed(event.type, event.code, event.value, at))

    def _outcome(self, outcome: Outcome) -> None:
        if isinstance(outcome, Scanned):
            self._put("", outcome.code)
        elif outcome is not None:
            self._put("rejected", outcome.reason)

    def _wait(self, fd: int | None, seconds: float | None) -> bool:
        """Wait for a descriptor or for ``stop``; False if neither came in time."""
        poll = select.poll()
        poll.register(self._wake_read, select.POLLIN)
        if fd is not None:
            poll.register(fd, select.POLLIN)
        return bool(poll.poll(None if seconds is None else seconds * 1000))


class NoScanner:
    """Where no scanner is set up."""

    def start(self, on_code: OnCode, on_state: OnState) -> None:
        """Says ``off`` at once, and never anything again."""
        del on_code
        on_state("off", "")

    def stop(self) -> None:
        """Does nothing."""


def make_scanner(
    address: str = DEFAULT_ADDRESS,
    *,
    layout: str = "us",
    prefix: str = "",
    suffix: str = "",
    keep_symbology: bool = False,
) -> Scanner:
    """The scanner at an address: a udev link, ``uniq:SERIAL``, ``VENDOR:PRODUCT``, or none if empty.

    ``layout`` is the country that the scanner itself is set to. Raises: ValueError for an address or
    a layout that can't be.
    """
    if not address:
        return NoScanner()
    check_address(address)
    decoder = Decoder(keyboard_layout(layout), prefix=prefix, suffix=suffix, keep_symbology=keep_symbology)
    discovery = Discovery()
    return EvdevScanner(lambda: discovery.find(address), decoder)


def _trouble(error: OSError, path: str) -> tuple[str, str]:
    if error.errno in (errno.EACCES, errno.EPERM):
        return "denied", path
    if error.errno == errno.EBUSY:
        return "denied", "busy"
    return "unplugged", ""


def _use_steady_clock(fd: int) -> None:
    """Have events timed by the monotonic clock: the wall clock jumps when the network comes up."""
    try:
        fcntl.ioctl(fd, _EVIOCSCLOCKID, struct.pack("i", time.CLOCK_MONOTONIC))
    except OSError:
        return


def _let_go(device: InputDevice) -> None:
    for step in (device.ungrab, device.close):
        try:
            step()
        except OSError:
            continue
