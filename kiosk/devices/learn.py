"""Learns which country a scanner is set to, and what it sends at the end of a code.

The technician scans a code of known text; each keyboard is tried, and the one
that yields the text is it (UX.md 5).
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.devices.decoder import Decoder, Scanned
from kiosk.devices.layout import LAYOUTS, layout
from kiosk.devices.scanner import InputDevice, open_evdev

LEARNING_TEXT: Final = "AQWZMY aqwzmy 0123456789 'a -+/*.:;,_=?()$%&#@"
"""What the code to scan says: each country has some of it elsewhere. Fits a Code 128 or a QR code."""

Stroke = tuple[int, int, int, float]
"""Type, code and value of an event of the kernel's, and its time in seconds."""

_QUIET: Final = 0.5


@dataclass(frozen=True, slots=True)
class Learned:
    """What a scanner is set to."""

    layouts: tuple[str, ...]
    """Every keyboard that yields the text, the most usual first."""
    terminator: str
    """``enter``, ``keypad-enter``, ``tab`` or ``alt``."""


def learn_layout(strokes: Sequence[Stroke], text: str = LEARNING_TEXT) -> Learned | None:
    """The keyboards on which these strokes type a text; None if there is none, or no terminator."""
    right: list[str] = []
    terminator = ""
    for name in LAYOUTS:
        decoder = Decoder(layout(name))
        outcomes = [decoder.feed(*stroke) for stroke in strokes]
        scanned = [outcome for outcome in outcomes if isinstance(outcome, Scanned)]
        if [scan.code for scan in scanned] == [text]:
            right.append(name)
            terminator = scanned[0].terminator
    return Learned(tuple(right), terminator) if right else None


def record_scan(
    path: str, seconds: float, *, open_device: Callable[[str], InputDevice] = open_evdev
) -> tuple[Stroke, ...]:
    """The strokes of the next scan of a device; none if nothing was scanned in time.

    Raises: OSError (also when the till holds the device), ImportError without evdev.
    """
    device = open_device(path)
    try:
        device.grab()
        return _strokes(device, time.monotonic() + seconds)
    finally:
        device.close()


def _strokes(device: InputDevice, until: float) -> tuple[Stroke, ...]:
    strokes: list[Stroke] = []
    os.set_blocking(device.fd, False)
    while True:
        left = _QUIET if strokes else max(0.0, until - time.monotonic())
        ready, _, _ = select.select([device.fd], [], [], left)
        if not ready:
            return tuple(strokes)
        events = list(device.read())
        if not events:
            return tuple(strokes)
        strokes.extend((event.type, event.code, event.value, event.sec + event.usec / 1e6) for event in events)
