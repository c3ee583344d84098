"""What is shown on a terminal too small for a till."""

from __future__ import annotations

from typing import Final

from kiosk.i18n import _
from kiosk.screens.widgets.cells import Cells, Row, fit

FEWEST_COLUMNS: Final = 80
FEWEST_ROWS: Final = 24


class TooSmall(Cells):
    """One sentence in the middle; shown by kiosk.tcss while the screen has the class ``-too-small``."""

    def rows(self, width: int, height: int) -> list[Row]:
        """The sentence, cut where it must be."""
        wanted = _("The till needs a window of {columns} x {rows}; this one has {width} x {height}.").format(
            columns=FEWEST_COLUMNS, rows=FEWEST_ROWS, width=width, height=height
        )
        lines = [wanted[start : start + width] for start in range(0, len(wanted), max(1, width))]
        above = max(0, (height - len(lines)) // 2)
        return [()] * above + [(("strong", fit(line, width, "centre")),) for line in lines]
