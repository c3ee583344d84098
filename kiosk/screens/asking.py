"""A number asked for in the entry line itself: the price of an open article, the weight of a loose one."""

from __future__ import annotations

import asyncio
from typing import Final

from kiosk.screens.base import Press

_LONGEST: Final = 14
_SIGNS: Final = frozenset(",.")


class Asking:
    """One question at a time; its keys are taken from the screen while it is open."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[str | None] | None = None
        self.title = ""
        self.text = ""
        self._before: list[str] = []
        """What stood there before each character."""

    @property
    def open(self) -> bool:
        """Whether something is being asked."""
        return self._answer is not None

    def begin(self, title: str) -> asyncio.Future[str | None]:
        """Ask; the future holds what was typed, or None on Esc."""
        self._answer = asyncio.get_running_loop().create_future()
        self.title, self.text, self._before = title, "", []
        return self._answer

    def end(self) -> None:
        """Whatever came of it, ask no more."""
        self._answer = None

    def press(self, press: Press) -> bool:
        """Take a key; False for one that answers nothing. What comes too fast for a person is part of a scan."""
        if self._answer is None or self._answer.done():
            return True
        if press.character and press.character.isprintable():
            self._before.append(self.text)
        if press.key == "enter":
            self._answer.set_result(self.text)
        elif press.key == "escape":
            self._answer.set_result(None)
        elif press.key == "backspace":
            self.text = self.text[:-1]
        elif press.character.isdigit() or press.character in _SIGNS:
            self.text = (self.text + press.character)[:_LONGEST]
        else:
            return press.burst
        return True

    def untype(self, characters: int) -> None:
        """Take a scan out of what was typed: its letters have left nothing there."""
        if 0 < characters <= len(self._before):
            self.text = self._before[-characters]
            del self._before[-characters:]
