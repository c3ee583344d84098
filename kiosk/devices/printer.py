"""Receipt printers: a document becomes bytes in memory and goes out in one piece.

One thread owns a printer. It is opened for each document, so that one which
was switched off, moved or replaced in the meantime just works again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from kiosk.devices import Command, Printer, PrinterTrouble
from kiosk.devices.escpos_bytes import document_bytes
from kiosk.devices.fake import FakePrinter
from kiosk.devices.link import Link, open_device, open_file, open_network, open_serial
from kiosk.devices.options import PrinterOptions
from kiosk.devices.usb_link import open_usb

Opener = Callable[[str, PrinterOptions], Link]

_OPENERS: Final[Mapping[str, Opener]] = {
    "file": open_file,
    "device": open_device,
    "serial": open_serial,
    "usb": open_usb,
    "network": open_network,
}
_TWO_WAY: Final = frozenset({"serial", "usb", "network"})

KINDS: Final = ("none", *_OPENERS, "fake")
"""What ``make_printer`` can make."""

_ASK_OFFLINE: Final = b"\x10\x04\x02"
_ASK_PAPER: Final = b"\x10\x04\x04"
_COVER_OPEN: Final = 0x04
_PAPER_END: Final = 0x60
_ANSWER_WITHIN: Final = 0.5


class EscposPrinter:
    """A printer that speaks ESC/POS, by whichever way it is reached."""

    def __init__(self, kind: str, address: str, options: PrinterOptions) -> None:
        self._open = _OPENERS[kind]
        self._address = address
        self._options = options
        self._asks = options.ask_status and kind in _TWO_WAY
        self._has_answered = False

    def send(self, commands: Sequence[Command], *, open_drawer: bool = False) -> None:
        """Print one whole document, the drawer's pulse before it. Raises: PrinterTrouble."""
        data = document_bytes(commands, self._options, open_drawer=open_drawer)
        if not data:
            return
        link = self._open(self._address, self._options)
        try:
            if commands:
                self._check(link)
            link.write(data)
        finally:
            link.close()

    def close(self) -> None:
        """Nothing is held between two documents."""

    def _check(self, link: Link) -> None:
        """Raises: PrinterTrouble ``no-paper``, ``cover-open``, or ``timeout`` if it used to answer."""
        if link.no_paper():
            raise PrinterTrouble("no-paper", self._address)
        if not self._asks:
            return
        offline = self._ask(link, _ASK_OFFLINE)
        if offline is None:
            if self._has_answered:
                raise PrinterTrouble("timeout", self._address)
            self._asks = False
            return
        self._has_answered = True
        if offline & _COVER_OPEN:
            raise PrinterTrouble("cover-open", self._address)
        if (self._ask(link, _ASK_PAPER) or 0) & _PAPER_END:
            raise PrinterTrouble("no-paper", self._address)

    def _ask(self, link: Link, question: bytes) -> int | None:
        """A status byte; None if none came. Four of its bits never change, so that noise is no answer."""
        answer = link.ask(question, _ANSWER_WITHIN)
        return answer[0] if answer and answer[0] & 0x93 == 0x12 else None


class NoPrinter:
    """Where no printer is set up."""

    def send(self, commands: Sequence[Command], *, open_drawer: bool = False) -> None:
        """Does nothing."""

    def close(self) -> None:
        """Does nothing."""


def make_printer(kind: str, address: str = "", **options: Any) -> Printer:
    """The printer of a kind at an address; the options are those of PrinterOptions.

    ``file``: a path that grows; ``device``: /dev/usb/lp0; ``serial``: /dev/ttyUSB0; ``usb``:
    ``VENDOR:PRODUCT``; ``network``: ``host`` or ``host:port``. Raises: ValueError for another kind,
    TypeError for an unknown option.
    """
    chosen = PrinterOptions(**options)
    if kind == "none":
        return NoPrinter()
    if kind == "fake":
        return FakePrinter(chosen)
    if kind not in _OPENERS:
        raise ValueError(f"unknown kind of printer {kind!r}, not one of {' '.join(KINDS)}")
    return EscposPrinter(kind, address, chosen)
