"""What moves a wire, a motor or a beam of light: four small protocols of plain values.

This room knows no other room. Its threads call back with plain values; who
started them decides what the values mean. Importing it loads no library.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

Command = tuple[str, ...]
"""One step of a document on paper, already laid out.

``("text", line, style)`` with a style of ``""``, ``bold``, ``big`` or ``big-bold``;
``("barcode", kind, data)`` with a kind of ``code128`` or ``ean13``; ``("qr", data)``; ``("cut",)``.
"""

OnCode = Callable[[str], None]
"""Called with each whole code, on a thread of the scanner's."""

OnState = Callable[[str, str], None]
"""Called with a state and a detail, on a thread of the scanner's.

States: ``ok``, ``unplugged``, ``denied`` (no permission, or somebody else holds it) and ``off``.
``rejected`` is an event, not a state: a scan was refused, and the detail says why.
"""


class PrinterTrouble(Exception):
    """The printer couldn't be given the whole document.

    ``reason`` is one of ``not-found``, ``unplugged``, ``denied``, ``busy``, ``timeout``,
    ``no-paper``, ``cover-open``, ``disk-full``, ``not-installed``, ``bad-settings``,
    ``bad-document`` and ``failed``; ``where`` is the printer's address. ``partial`` says that some bytes had already
    left, so that trying again may print a beginning twice or kick the drawer twice.
    """

    def __init__(self, reason: str, where: str = "", *, partial: bool = False) -> None:
        super().__init__(reason, where)
        self.reason = reason
        self.where = where
        self.partial = partial


class Scanner(Protocol):
    """Something that reads codes by itself, on its own threads."""

    def start(self, on_code: OnCode, on_state: OnState) -> None:
        """Begin to read; says the first state before the first code."""
        ...

    def stop(self) -> None:
        """Stop reading and let the device go; nothing is called back afterwards."""
        ...


class Printer(Protocol):
    """Something that puts documents on paper. One thread owns it."""

    def send(self, commands: Sequence[Command], *, open_drawer: bool = False) -> None:
        """Print one whole document, and kick the drawer first if asked to. Raises: PrinterTrouble."""
        ...

    def close(self) -> None:
        """Let the printer go."""
        ...


class Drawer(Protocol):
    """A cash drawer."""

    def open(self) -> None:
        """Kick it open, once. Raises: PrinterTrouble."""
        ...


class Display(Protocol):
    """Two short lines that face the customer."""

    def show(self, first: str, second: str) -> None:
        """Replace both lines. Raises: PrinterTrouble."""
        ...

    def close(self) -> None:
        """Let the display go."""
        ...
