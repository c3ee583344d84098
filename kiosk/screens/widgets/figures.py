"""Figures in a frame: named amounts one below the other, words that flow, and the one amount that matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from kiosk.screens.widgets.cells import Cells, Row, fit, split_row
from kiosk.screens.widgets.digits import big
from kiosk.screens.widgets.frame import DOUBLE, framed


@dataclass(frozen=True, slots=True)
class Figure:
    """A name and its amount, translated already."""

    name: str
    amount: str
    strong: bool = False


class Figures(Cells):
    """Named amounts, one to a line."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title = ""
        self._figures: tuple[Figure, ...] = ()
        self._empty = ""

    def show(self, title: str, figures: Sequence[Figure], *, empty: str = "") -> None:
        """Replace all; ``empty`` is said while there are none."""
        self._title, self._figures, self._empty = title, tuple(figures), empty
        self.redraw()

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What is shown."""
        return self._figures

    def rows(self, width: int, height: int) -> list[Row]:
        """The frame and the amounts."""
        inner = max(0, width - 2)
        rows: list[Row] = [
            split_row(
                (("text", f" {fit(one.name, max(0, inner - cell_len(one.amount) - 3))}"),),
                (("strong" if one.strong else "text", f"{one.amount} "),),
                inner,
            )
            for one in self._figures
        ]
        if not rows:
            rows = [(("muted", f" {fit(line, inner - 2)}"),) for line in flow(self._empty.split(" "), inner - 2, " ")]
        return framed(self._title, rows, width, height)


class Words(Cells):
    """Short pieces in a row, in as many rows as there are; what has no room is left out, whole."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title = ""
        self._groups: tuple[tuple[str, ...], ...] = ()

    def show(self, title: str, groups: Sequence[Sequence[str]]) -> None:
        """Replace all; each group begins a row."""
        self._title, self._groups = title, tuple(tuple(filter(None, group)) for group in groups)
        self.redraw()

    def rows(self, width: int, height: int) -> list[Row]:
        """The frame and the pieces; while there are more rows than room, each group has one."""
        inner, room = max(1, width - 4), height - 2
        lines = [line for group in self._groups for line in flow(group, inner, "   ")]
        if len(lines) > room:
            lines = [line for group in self._groups for line in flow(group, inner, "   ")[:1]]
        return framed(self._title, [(("text", f" {line}"),) for line in lines], width, height)


def flow(pieces: Sequence[str], width: int, gap: str) -> list[str]:
    """Pieces in lines of at most so many cells; one that is longer than a line is cut."""
    lines: list[str] = []
    for piece in pieces:
        shown = fit(piece, min(width, cell_len(piece)))
        if lines and cell_len(lines[-1] + gap + shown) <= width:
            lines[-1] += gap + shown
        else:
            lines.append(shown)
    return lines


class Difference(Cells):
    """What is missing or over, three rows high."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title = ""
        self._amount = ""
        self._notes: tuple[str, ...] = ()
        self._colour = "figure"

    def show(self, title: str, amount: str, *notes: str, style: str = "figure") -> None:
        """Replace the title, the figure and the lines below it, which are translated already."""
        self._title, self._amount, self._notes, self._colour = title, amount, notes, style
        self.redraw()

    @property
    def shown(self) -> tuple[str, str, tuple[str, ...]]:
        """The title, the amount and the lines below it."""
        return self._title, self._amount, self._notes

    def rows(self, width: int, height: int) -> list[Row]:
        """The frame, three rows of figure, and as many notes as there is room."""
        inner = max(0, width - 4)
        figure: list[Row] = [((self._colour, f" {row} "),) for row in big(self._amount, inner)]
        notes: list[Row] = [
            ((self._colour if not place else "muted", f" {fit(note, inner, 'right')} "),)
            for place, note in enumerate(self._notes)
        ]
        return framed(self._title, figure + notes, width, height, box=DOUBLE, style="figure-frame")
