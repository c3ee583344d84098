"""The badge of the customer whom the open sale is for: his initial in front, and what the till must know of him."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from kiosk.i18n import _, ngettext, quantity_text
from kiosk.money import Quantity
from kiosk.screens.widgets.cells import Cells, Row, fit, split_row
from kiosk.screens.widgets.frame import framed

if TYPE_CHECKING:
    from kiosk.screens.served import Served

_FRAME = 2


class Badge(Cells):
    """Initial and name, number and type, points, warnings, and the key to all that can be done (T-10)."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"cell--initial", "cell--customer", "cell--customer-frame"}

    def __init__(self) -> None:
        super().__init__()
        self._shown: Served | None = None

    @property
    def shown(self) -> Served | None:
        """Who is shown."""
        return self._shown

    def show(self, customer: Served | None) -> None:
        """Show somebody, in as many rows as that takes; nobody takes none."""
        if customer is self._shown:
            return
        self._shown = customer
        self.display = customer is not None
        self.styles.height = len(self._content(0)) + _FRAME
        self.redraw()

    def rows(self, width: int, height: int) -> list[Row]:
        """The frame, and in it who it is."""
        more = "" if self._shown is None else _("Tab: more")
        content = self._content(width - _FRAME)
        return framed(_("Customer"), content, width, height, style="customer-frame", foot=more)

    def _content(self, inner: int) -> list[Row]:
        who = self._shown
        if who is None:
            return []
        chip = f" {fit(who.initial, 1)} "
        rows: list[Row] = [(("initial", chip), ("customer", f" {fit(who.called, inner - len(chip) - 1)}"))]
        if not who.seen:
            return rows
        rows += [
            _pair(f"#{who.number}", who.type, inner),
            _pair(_("Points"), quantity_text(Quantity.of(who.points)), inner),
        ]
        if who.cards:
            rows.append(_pair("", ngettext("{count} card", "{count} cards", who.cards).format(count=who.cards), inner))
        if who.expired is not None:
            rows.append((("alarm", f" {fit(_('Medical card expired'), inner - 2)}"),))
        return rows


def _pair(left: str, right: str, inner: int) -> Row:
    shown = fit(right, min(len(right), max(0, inner - len(left) - 3)))
    return split_row((("muted", f" {left}"),), (("strong", f"{shown} "),), inner)
