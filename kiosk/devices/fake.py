"""Devices that are not there: for the demo, for practice and for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from kiosk.devices import Command, OnCode, OnState, PrinterTrouble
from kiosk.devices.escpos_bytes import document_bytes
from kiosk.devices.layout import (
    ALT_GR,
    KEY_ALT_GR,
    KEY_ENTER,
    KEY_LEFT_SHIFT,
    KEY_SPACE,
    SHIFT,
    Layout,
)
from kiosk.devices.options import PrinterOptions


@dataclass
class FakePrinter:
    """Keeps what was printed: each document as commands and, when asked for, as bytes."""

    options: PrinterOptions = field(default_factory=PrinterOptions)
    documents: list[tuple[Command, ...]] = field(default_factory=list)
    drawer_kicks: int = 0
    trouble: str = ""
    """The reason that the next documents are refused with, until it is emptied."""

    def send(self, commands: Sequence[Command], *, open_drawer: bool = False) -> None:
        """Keep a document. Raises: PrinterTrouble, if there should be one."""
        if self.trouble:
            raise PrinterTrouble(self.trouble, "fake")
        if commands:
            self.documents.append(tuple(commands))
        self.drawer_kicks += open_drawer

    def close(self) -> None:
        """Does nothing."""

    def bytes_of(self, document: int = -1) -> bytes:
        """What a real printer would have been sent for one of the documents."""
        return document_bytes(self.documents[document], self.options, open_drawer=False)


@dataclass
class FakeScanner:
    """Scans when told to, on the caller's thread."""

    _on_code: OnCode | None = None
    _on_state: OnState | None = None

    def start(self, on_code: OnCode, on_state: OnState) -> None:
        """Says ``ok`` at once."""
        self._on_code, self._on_state = on_code, on_state
        on_state("ok", "fake")

    def stop(self) -> None:
        """Scans after this go nowhere."""
        self._on_code = self._on_state = None

    def scan(self, code: str) -> None:
        """A code is held under the beam."""
        if self._on_code:
            self._on_code(code)

    def say(self, state: str, detail: str = "") -> None:
        """Something else happens to it: ``unplugged``, ``ok``, ``rejected`` …"""
        if self._on_state:
            self._on_state(state, detail)


def keystrokes(text: str, keyboard: Layout, *, terminator: int | None = KEY_ENTER) -> tuple[tuple[int, int], ...]:
    """The (key, value) pairs with which a scanner of this country types a text.

    Raises: ValueError for a character that the keyboard doesn't have.
    """
    strokes: list[tuple[int, int]] = []
    for character in text:
        level, key = _place(character, keyboard)
        held = [modifier for bit, modifier in ((SHIFT, KEY_LEFT_SHIFT), (ALT_GR, KEY_ALT_GR)) if level & bit]
        strokes += [(modifier, 1) for modifier in held]
        strokes += [(key, 1), (key, 0)]
        strokes += [(modifier, 0) for modifier in reversed(held)]
        if (level, key) in keyboard.dead:
            strokes += [(KEY_SPACE, 1), (KEY_SPACE, 0)]
    if terminator is not None:
        strokes += [(terminator, 1), (terminator, 0)]
    return tuple(strokes)


def _place(character: str, keyboard: Layout) -> tuple[int, int]:
    if character == " ":
        return 0, KEY_SPACE
    places = [
        (level, key) for level, keys in enumerate(keyboard.levels) for key, typed in keys.items() if typed == character
    ]
    if not places:
        raise ValueError(f"the keyboard {keyboard.name} has no {character!r}")
    return min(places, key=lambda place: (place in keyboard.dead, place))
