"""The one line into which everything is typed; it cannot lose the focus, for it never has one."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from kiosk.i18n.clean import visible
from kiosk.screens.widgets.cells import Cells, Row, steady
from kiosk.screens.widgets.frame import HEAVY, framed

_LONGEST = 400


class EntryLine(Cells):
    """Shows what has been typed, with a cursor that does not blink."""

    def __init__(self, title: str = "") -> None:
        super().__init__()
        self._title = title
        self._text = ""
        self._hidden = False

    @property
    def shown(self) -> str:
        """What stands in the line."""
        return self._text

    @property
    def title(self) -> str:
        """What the line asks for now."""
        return self._title

    def show(self, text: str, *, title: str | None = None, hidden: bool = False) -> None:
        """Replace what stands in the line; ``hidden`` shows asterisks."""
        self._text, self._hidden = visible(text, _LONGEST), hidden
        if title is not None:
            self._title = title
        self.redraw()

    def rows(self, width: int, height: int) -> list[Row]:
        """Three rows; of a text that is too long, the end."""
        text = "*" * len(self._text) if self._hidden else steady(self._text)
        room = max(1, width - 5)
        if cell_len(text) > room:
            text = set_cell_size(text[::-1], room)[::-1]
        line: Row = (("strong", f" {text}"), ("cursor", " "))
        return framed(self._title, [line], width, height, box=HEAVY, style="entry-frame")
