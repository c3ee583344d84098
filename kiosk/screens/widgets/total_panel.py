"""The amount that matters now, three rows high, and what it is made of."""

from __future__ import annotations

from kiosk.i18n import money_text
from kiosk.money import ZERO, Money
from kiosk.screens.widgets.cells import Cells, Row, fit
from kiosk.screens.widgets.digits import big
from kiosk.screens.widgets.frame import DOUBLE, framed


class TotalPanel(Cells):
    """To pay, still due, or change."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title = ""
        self._amount = ZERO
        self._notes: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[str, Money]:
        """The title and the amount that are shown."""
        return self._title, self._amount

    def show(self, title: str, amount: Money, *notes: str) -> None:
        """Replace the title, the figure and the lines below it, which are translated already."""
        self._title, self._amount, self._notes = title, amount, notes
        self.redraw()

    def rows(self, width: int, height: int) -> list[Row]:
        """The frame, three rows of figure, and as many notes as there is room."""
        inner = max(0, width - 4)
        figure: list[Row] = [(("figure", f" {row} "),) for row in big(money_text(self._amount), inner)]
        notes: list[Row] = [
            (("text" if not place else "muted", f" {fit(note, inner, 'right')} "),)
            for place, note in enumerate(self._notes)
        ]
        return framed(self._title, figure + notes, width, height, box=DOUBLE, style="figure-frame")
