"""A number asked for in the entry line itself: the price of an open article, the weight of a loose one."""

from __future__ import annotations

import asyncio
from typing import Final

from kiosk.screens.base import Press

_LONGEST: Final = 14


class Asking:
    """One question at a time; its keys are taken from the screen while it is open."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[str | None] | None = None
        self.title = ""
        self.text = ""

    @property
    def open(self) -> bool:
        """Whether something is being asked."""
        return self._answer is not None

    def begin(self, title: str) -> asyncio.Future[str | None]:
        """Ask; the future holds what was typed, or None on Esc."""
        self._answer = asyncio.get_running_loop().create_future()
        self.title, self.text = title, ""
        return self._answer

    def end(self) -> None:
        """Whatever came of it, ask no more."""
        self._answer = None

    def press(self, press: Press) -> None:
        """Take a key."""
        if self._answer is None or self._answer.done():
            return
        if press.key == "enter":
            self._answer.set_result(self.text)
        elif press.key == "escape":
            self._answer.set_result(None)
        elif press.key == "backspace":
            self.text = self.text[:-1]
        elif press.character.isdigit() or press.character in {",", "."}:
            self.text = (self.text + press.character)[:_LONGEST]

    def untype(self, characters: int) -> None:
        """Take a scan out of what was typed."""
        self.text = self.text[: max(0, len(self.text) - characters)]
