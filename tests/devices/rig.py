"""A scanner made of a socket: the kernel's own records, read by the real evdev.

``socketpair(AF_UNIX, SOCK_SEQPACKET)`` keeps records whole, as the kernel does; pipes and
pseudo-terminals split them (UX.md 5).
"""

from __future__ import annotations

import errno
import os
import queue
import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import evdev
from evdev import ecodes

from kiosk.devices.decoder import Decoder
from kiosk.devices.layout import KEY_ENTER, layout
from kiosk.devices.scanner import EvdevScanner
from tests.devices.typing import keystrokes

RECORD = struct.Struct("llHHi")
PATIENCE = 10.0
RING = 64
"""Records that the kernel keeps for a reader, and that evdev takes at once."""


class SocketDevice(evdev.InputDevice[str]):
    """An evdev device whose records come through a socket; only opening and grabbing are not real."""

    def __init__(self, fd: int, *, grab_error: int = 0) -> None:
        self.fd = fd
        self.path = "/dev/input/kiosk-scan0"
        self.name = "Test Scanner"
        self.phys = self.uniq = ""
        self.info = evdev.DeviceInfo(3, 0x05E0, 0x1200, 0x0110)
        self.version = 0x010001
        self.grab_error = grab_error

    def grab(self) -> None:
        if self.grab_error:
            raise OSError(self.grab_error, os.strerror(self.grab_error))

    def ungrab(self) -> None:
        if self.grab_error:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))


def record(kind: int, code: int, value: int, at: float = 0.0) -> bytes:
    """One ``struct input_event`` as the kernel writes it."""
    return RECORD.pack(int(at), round(at % 1 * 1_000_000), kind, code, value)


def key_records(strokes: Iterable[tuple[int, int]], at: float = 0.0, every: float = 0.001) -> list[bytes]:
    """The records of keys, each with the report that ends it."""
    records = []
    for index, (key, value) in enumerate(strokes):
        moment = at + index * every
        records.append(record(ecodes.EV_KEY, key, value, moment))
        records.append(record(ecodes.EV_SYN, ecodes.SYN_REPORT, 0, moment))
    return records


@dataclass
class Rig:
    """The scanner under test with its listener, and the far end of its cable."""

    country: str = "us"
    settle: float = 0.0
    plugged: bool = True
    grab_error: int = 0
    open_error: Exception | None = None
    decoder_options: dict[str, Any] = field(default_factory=dict)
    said: queue.Queue[tuple[str, str]] = field(default_factory=queue.Queue)
    """What was called back: (state, detail), a code as ``("", code)``."""
    clock: float = 0.0

    def __post_init__(self) -> None:
        self._near, self._far = _pair()
        self.opened = 0
        self.scanner = EvdevScanner(
            lambda: "/dev/input/kiosk-scan0" if self.plugged else None,
            Decoder(layout(self.country), **self.decoder_options),
            open_device=self._open,
            settle=self.settle,
        )

    def _open(self, path: str) -> SocketDevice:
        if self.open_error:
            raise self.open_error
        self.opened += 1
        return SocketDevice(os.dup(self._near.fileno()), grab_error=self.grab_error)

    def start(self) -> None:
        self.scanner.start(lambda code: self.said.put(("", code)), lambda *state: self.said.put(state))

    def next(self) -> tuple[str, str]:
        """What is called back next; waits for it."""
        return self.said.get(timeout=PATIENCE)

    def quiet(self) -> bool:
        """Whether nothing more was called back so far."""
        return self.said.empty()

    def send(self, records: list[bytes]) -> None:
        """Write records as the kernel hands them out: whole, at most a ring at once."""
        for index in range(0, len(records), RING):
            self._far.send(b"".join(records[index : index + RING]))

    def type(self, text: str, *, terminator: int | None = KEY_ENTER, at: float | None = None) -> None:
        """Scan a text; each scan comes a second after the one before, unless a time is given."""
        moment = self.clock if at is None else at
        self.clock = moment + 1.0
        self.send(key_records(keystrokes(text, layout(self.country), terminator=terminator), moment))

    def unplug(self) -> None:
        """Pull the cable."""
        self.plugged = False
        self._far.close()

    def plug(self) -> None:
        """Plug it in again: a new device at the same link."""
        self._near.close()
        self._near, self._far = _pair()
        self.plugged = True

    def close(self) -> None:
        self.scanner.stop()
        self._near.close()
        self._far.close()


def _pair() -> tuple[socket.socket, socket.socket]:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    near.setblocking(False)
    return near, far


@contextmanager
def running(**options: Any) -> Iterator[Rig]:
    """A rig whose scanner has said ``ok``."""
    rig = Rig(**options)
    rig.start()
    try:
        assert rig.next() == ("ok", "/dev/input/kiosk-scan0")
        yield rig
    finally:
        rig.close()
