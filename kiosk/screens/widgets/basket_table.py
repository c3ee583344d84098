"""The basket's lines. Draws only what is seen, so that the five hundredth line costs what the fifth did."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.i18n import _, money_text, percent_text, quantity_text
from kiosk.rules.basket import Discount, Line, Unit
from kiosk.rules.pricing import PricedLine
from kiosk.screens.widgets.cells import Cells, Row, fit
from kiosk.screens.widgets.frame import framed

_WIDE_FROM = 70


class BasketTable(Cells):
    """Lines, of which one is chosen; scrolls by half a page, so that most scans repaint two rows."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[PricedLine] = ()
        self._chosen: int | None = None
        self._title = ""
        self._empty: tuple[str, ...] = ()
        self._top = 0

    def show(self, title: str, lines: Sequence[PricedLine], chosen: int | None, *, empty: Sequence[str] = ()) -> None:
        """Replace the lines; ``chosen`` is a place among them; ``empty`` is said while there are none."""
        self._title, self._lines, self._chosen, self._empty = title, lines, chosen, tuple(empty)
        self.redraw()

    @property
    def page(self) -> int:
        """How many lines are seen at once."""
        return max(1, self.size.height - 3)

    def rows(self, width: int, height: int) -> list[Row]:
        """The frame, the names of the columns, and the lines that are seen."""
        inner, room = width - 2, max(1, height - 3)
        self._scroll(room)
        shown = self._lines[self._top : self._top + room]
        names = _columns(inner, _("Qty"), _("Article"), _("Price"), _("Disc"), _("Amount"))
        rows: list[Row] = [(("muted", names),)]
        for place, line in enumerate(shown, start=self._top):
            text = _line_text(line, inner)
            rows.append((("chosen" if place == self._chosen else "text", text),))
        if not self._lines:
            rows += [(("muted", " " + fit(line, inner - 2)),) for line in self._empty]
        more = len(self._lines) - room
        foot = f"{self._top + 1}-{self._top + len(shown)} / {len(self._lines)}" if more > 0 else ""
        return framed(self._title, rows, width, height, foot=foot)

    def _scroll(self, room: int) -> None:
        last = max(0, len(self._lines) - 1)
        chosen = last if self._chosen is None else min(self._chosen, last)
        if not self._top <= chosen < self._top + room:
            self._top = chosen - room // 2
        self._top = max(0, min(self._top, last))
        if len(self._lines) <= room:
            self._top = 0


def _line_text(priced: PricedLine, inner: int) -> str:
    line = priced.line
    return _columns(
        inner,
        quantity_text(line.quantity, weighed=line.unit is Unit.KILOGRAM),
        _text(line, wide=inner >= _WIDE_FROM),
        money_text(line.price),
        _discount_text(line),
        money_text(priced.amount),
    )


def _text(line: Line, *, wide: bool) -> str:
    """The article; of one that comes back, first the receipt that it was sold by, if it is known."""
    if line.returned is None:
        return line.text
    if not line.returned.number:
        return (_("Returned: {article}") if wide else _("R {article}")).format(article=line.text)
    said = _("Returned, receipt {number}: {article}") if wide else _("R{number} {article}")
    return said.format(number=line.returned.number, article=line.text)


def _discount_text(line: Line) -> str:
    return "" if line.discount is None else discount_text(line.discount)


def discount_text(discount: Discount) -> str:
    """A discount as a column shows it: ``-10%`` or ``-1,00``."""
    if discount.percent is not None:
        return f"-{percent_text(discount.percent)}%"
    return "" if discount.amount is None else f"-{money_text(discount.amount)}"


def _columns(inner: int, quantity: str, text: str, price: str, discount: str, amount: str) -> str:
    wide = inner >= _WIDE_FROM
    widths = (7, 11, 9, 12) if wide else (6, 8, 6, 9)
    room = inner - sum(widths) - 3
    return (
        fit(quantity, widths[0], "right")
        + "  "
        + fit(text, room)
        + fit(price, widths[1], "right")
        + fit(discount, widths[2], "right")
        + fit(amount, widths[3], "right")
        + " "
    )
