"""Devices that are not there: for the demo, for practice and for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from kiosk.devices import Command, OnCode, OnState, PrinterTrouble
from kiosk.devices.escpos_bytes import document_bytes
from kiosk.devices.options import PrinterOptions

_MOST_KEPT: Final = 1000


@dataclass
class FakePrinter:
    """Keeps what was printed last: each document as commands and, when asked for, as bytes."""

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
            del self.documents[:-_MOST_KEPT]
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
