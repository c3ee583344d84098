"""The status line: what happened last, and the keys that come next."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from rich.cells import cell_len

from kiosk.i18n import _
from kiosk.screens.widgets.cells import Cells, Row, Run, fit, split_row, width_of


class Say(StrEnum):
    """What kind of news it is; each has a sign and a colour."""

    OK = "ok"
    ERROR = "error"
    ASK = "ask"
    QUIET = "quiet"


_CHIPS = {Say.OK: ("ok-chip", " OK "), Say.ERROR: ("error-chip", " !! "), Say.ASK: ("ask-chip", " ?  ")}

Hint = tuple[str, str]
"""A key, and what it does: both English, translated where they are shown."""


class StatusLine(Cells):
    """One sentence at the left, the next keys at the right; the sentence comes first when there is no room for both."""

    def __init__(self) -> None:
        super().__init__()
        self.kind = Say.QUIET
        self.text = ""
        self._hints: tuple[Hint, ...] = ()

    def show(self, kind: Say, text: str, hints: Sequence[Hint]) -> None:
        """Replace what stands there."""
        self.kind, self.text, self._hints = kind, text, tuple(hints)
        self.redraw()

    def rows(self, width: int, height: int) -> list[Row]:
        """One row; an error that is too long for it takes the place of the keys."""
        del height
        runs: list[Run] = [("text", " ")]
        chip = _CHIPS.get(self.kind)
        if chip:
            runs += [chip, ("text", " ")]
        room = width - width_of(tuple(runs))
        said = fit(self.text, min(room, cell_len(self.text)))
        runs.append(("strong" if self.kind is Say.ERROR else "text", said))
        hints: list[Run] = []
        for key, label in self._hints:
            piece = (("text", "  "), ("key", _(key)), ("muted", f" {_(label)} "))
            if width_of((*runs, *hints, *piece)) > width:
                break
            hints += piece
        return [split_row(tuple(runs), tuple(hints), width)]
