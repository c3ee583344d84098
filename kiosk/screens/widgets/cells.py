"""A widget that is a small sheet of cells: it compares with what stands there, and repaints only what changed.

Textual writes a dirty region out whole. So that a scanned line costs a few
hundred bytes and not a screenful, each widget here tells it the smallest regions (DESIGN.md 7).
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar, Final

from rich.cells import cell_len, get_character_cell_size, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.events import Resize
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from kiosk.i18n.clean import visible

Run = tuple[str, str]
"""A style's name and a text."""
Row = tuple[Run, ...]

STYLES: Final = (
    "text",
    "muted",
    "strong",
    "key",
    "heading",
    "good",
    "alarm",
    "frame",
    "figure",
    "figure-frame",
    "entry-frame",
    "chosen",
    "ok-chip",
    "error-chip",
    "ask-chip",
    "bar",
    "bar-key",
    "bar-muted",
    "bar-alarm",
    "main",
    "cursor",
)

_MOST: Final = 400
_WIDE_EVERYWHERE: Final = (
    *((0x1100, 0x115F), (0x2329, 0x232A), (0x2E80, 0x303E), (0x3040, 0xA4CF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF)),
    *((0xFE10, 0xFE19), (0xFE30, 0xFE6F), (0xFF00, 0xFF60), (0xFFE0, 0xFFE6), (0x20000, 0x2FFFD), (0x30000, 0x3FFFD)),
)
"""What Linux draws in two cells on a console (drivers/tty/vt/vt.c)."""
_EMOJI: Final = (0x1F000, 0x1FFFF)
ELLIPSIS: Final = "…"


@lru_cache(maxsize=4096)
def steady(text: str) -> str:
    """A text that takes as many cells on every terminal, and steers none (PLATFORM.md 7).

    What takes no cell is left out: a console draws an accent that is a character of its own into a
    cell of its own. What a console takes for narrow and others for wide, all emoji too, is a
    question mark. Else everything behind it, the frames too, would move.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_steady_character, visible(text, len(text))))


@lru_cache(maxsize=1024)
def _steady_character(character: str) -> str:
    cells, code = get_character_cell_size(character), ord(character)
    if not cells:
        return ""
    wide = any(first <= code <= last for first, last in _WIDE_EVERYWHERE)
    return character if (cells == 2) == wide and not _EMOJI[0] <= code <= _EMOJI[1] else "?"


@lru_cache(maxsize=4096)
def fit(text: str, width: int, align: str = "left") -> str:
    """A text in exactly so many cells, cut with an ellipsis; nothing in it can steer the terminal."""
    if width <= 0:
        return ""
    shown = steady(text[:_MOST])
    length = len(shown) if shown.isascii() else cell_len(shown)
    if length > width:
        return set_cell_size(shown, width - 1) + ELLIPSIS
    room = " " * (width - length)
    if align == "right":
        return room + shown
    if align == "centre":
        half = len(room) // 2
        return room[:half] + shown + room[half:]
    return shown + room


def width_of(row: Row) -> int:
    """How many cells a row takes."""
    return sum(cell_len(steady(text)) for _style, text in row)


def padded(row: Row, width: int, style: str = "text") -> Row:
    """A row filled up with spaces, or cut, to a width; nothing in it can steer the terminal."""
    row = tuple((name, steady(text)) for name, text in row)
    missing = width - width_of(row)
    if missing > 0:
        return (*row, (style, " " * missing))
    if missing == 0:
        return row
    kept: list[Run] = []
    for name, text in row:
        room = width - width_of(tuple(kept))
        if room <= 0:
            break
        kept.append((name, text if cell_len(text) <= room else set_cell_size(text, room)))
    return tuple(kept)


def split_row(left: Row, right: Row, width: int, style: str = "text") -> Row:
    """One row at the left and one at the right end of a width; the left one gives way."""
    room = max(0, width - width_of(right))
    return padded((*padded(left, room, style), *right), width, style)


class Cells(Widget):
    """Draws rows of styled text; the styles are the component classes ``cell--…`` of kiosk.tcss.

    The screen bears them for all its widgets: Textual works each one out for every
    widget that has it, several times until the first paint. A widget may bear more of its own.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = set()
    can_focus = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._rows: list[Row] = []
        self._drawn_size = (0, 0)
        self._styles: dict[str, Style] = {}

    def rows(self, width: int, height: int) -> list[Row]:
        """What stands in the widget now: at most ``height`` rows of at most ``width`` cells."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw what has changed since the last time, and nothing else."""
        width, height = self.size
        if not width or not height:
            return
        before, now = self._rows, self._laid_out(width, height)
        self._rows = now
        if self._drawn_size != (width, height):
            self._drawn_size = (width, height)
            self.refresh()
            return
        changed = [
            Region(start, y, end - start, 1)
            for y, (old, new) in enumerate(zip(before, now, strict=True))
            if old != new
            for start, end in (_difference(old, new, width),)
            if end > start
        ]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """One row of cells."""
        width, height = self.size
        if self._drawn_size != (width, height):
            self._rows, self._drawn_size = self._laid_out(width, height), (width, height)
        if y >= len(self._rows):
            return Strip.blank(width, self._style("text"))
        return Strip([Segment(text, self._style(name)) for name, text in self._rows[y]], width)

    def on_resize(self, event: Resize) -> None:
        """Lay everything out anew."""
        del event
        self.redraw()

    def notify_style_update(self) -> None:
        """Forget the colours when the theme changes."""
        self._styles.clear()
        super().notify_style_update()

    def _style(self, name: str) -> Style:
        found = self._styles.get(name)
        if found is None:
            component = f"cell--{name}"
            bearer = self if component in self.COMPONENT_CLASSES else self.screen
            found = self._styles[name] = bearer.get_component_rich_style(component)
        return found

    def _laid_out(self, width: int, height: int) -> list[Row]:
        made = [padded(row, width) for row in self.rows(width, height)[:height]]
        return made + [(("text", " " * width),)] * (height - len(made))


def _difference(old: Row, new: Row, width: int) -> tuple[int, int]:
    """The first and the last cell (exclusive) that differ between two rows of one width."""
    before, after = _cells(old), _cells(new)
    if len(before) != width or len(after) != width:
        return 0, width
    start = next((x for x in range(width) if before[x] != after[x]), width)
    end = next((x + 1 for x in range(width - 1, -1, -1) if before[x] != after[x]), start)
    return start, end


def _cells(row: Row) -> list[tuple[str, str]]:
    cells: list[tuple[str, str]] = []
    for style, text in row:
        for character in text:
            width = get_character_cell_size(character)
            if width == 0 and cells:
                cells[-1] = (style, cells[-1][1] + character)
            cells += [(style, character)] + [(style, "")] * (width - 1) if width else []
    return cells
