"""A list of which one entry is chosen: hits of a search, reasons, people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from kiosk.screens.widgets.cells import Cells, Row, fit
from kiosk.screens.widgets.frame import framed


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry: the key that takes it at once, its text, and what stands at the right."""

    text: str
    right: str = ""
    key: str = ""
    also: str = ""
    """Stands at the right too, where there is room for it beside the whole text."""


class ChoiceList(Cells):
    """Shows choices; moving is the screen's work, for it has the keys."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.choices: tuple[Choice, ...] = ()
        self.chosen: int | None = None
        self._title = ""
        self._empty = ""
        self._top = 0

    def show(self, title: str, choices: Sequence[Choice], chosen: int | None = 0, *, empty: str = "") -> None:
        """Replace the entries; ``chosen`` None shows a list that is only read."""
        self._title, self.choices, self._empty = title, tuple(choices), empty
        self.chosen = None if chosen is None or not choices else max(0, min(chosen, len(choices) - 1))
        self._top = 0
        self.redraw()

    def move(self, by: int) -> None:
        """Choose another entry, that many further down or up; stops at the ends. From none, the first is next."""
        if self.choices:
            before = self.chosen if self.chosen is not None else (-1 if by > 0 else 0)
            self.chosen = max(0, min(before + by, len(self.choices) - 1))
            self.redraw()

    @property
    def page(self) -> int:
        """How many entries are seen at once."""
        return max(1, self.size.height - 2)

    def rows(self, width: int, height: int) -> list[Row]:
        """The frame and the entries that are seen."""
        inner, room = width - 2, max(1, height - 2)
        chosen = self.chosen or 0
        if not self._top <= chosen < self._top + room:
            self._top = max(0, chosen - room // 2)
        rows: list[Row] = [
            self._row(choice, inner, chosen=place == self.chosen)
            for place, choice in enumerate(self.choices[self._top : self._top + room], start=self._top)
        ]
        if not self.choices:
            rows = [(("muted", " " + fit(self._empty, inner - 2)),)]
        return framed(self._title, rows, width, height)

    @staticmethod
    def _row(choice: Choice, inner: int, *, chosen: bool) -> Row:
        key = f" {choice.key} " if choice.key else " "
        right = f" {fit(choice.right, min(len(choice.right), inner * 2 // 3))} " if choice.right else ""
        with_more = f" {'  '.join(filter(None, (choice.right, choice.also)))} "
        if choice.also and cell_len(key + choice.text + with_more) <= inner:
            right = with_more
        room = max(0, inner - len(key) - len(right))
        if chosen:
            return (("chosen", key + fit(choice.text, room) + right),)
        return (("key", key), ("text", fit(choice.text, room)), ("text", right))
