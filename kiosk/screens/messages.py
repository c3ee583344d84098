"""What screens and devices tell the app."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from kiosk.errors import ShopError
    from kiosk.services.staff import Person


class SignedIn(Message):
    """Somebody has proven who they are; the sign-in screen posts it and stays until the app takes it away."""

    def __init__(self, person: Person) -> None:
        super().__init__()
        self.person = person


class LockWanted(Message):
    """The till is to be locked; with a badge's code if one was scanned."""

    def __init__(self, badge: str = "") -> None:
        super().__init__()
        self.badge = badge


class TrainingWanted(Message):
    """Training is to begin, or to end."""

    def __init__(self, *, begin: bool) -> None:
        super().__init__()
        self.begin = begin


class TrainingChanged(Message):
    """The till is on the other books now, or, with a refusal, still on the same ones."""

    def __init__(self, refusal: ShopError | None, then: Callable[[], None]) -> None:
        super().__init__()
        self.refusal = refusal
        self.then = then


class CodeScanned(Message):
    """A scanner, or ``kiosk scan``, has read a code."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code


class ScanRejected(Message):
    """A scan came in pieces; its code must not be guessed."""


class LampChanged(Message):
    """A device is in another state; ``text`` is English."""

    def __init__(self, lamp: str, text: str, *, fine: bool) -> None:
        super().__init__()
        self.lamp = lamp
        self.text = text
        self.fine = fine


class Faulted(Message):
    """Something failed that is no refusal; the till says so on a plain page and stops."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class KeysFlooded(Message):
    """Keys came faster than they could be answered, and some were dropped."""


class TerminalLost(Message):
    """The terminal is gone, or can't be read any more."""
