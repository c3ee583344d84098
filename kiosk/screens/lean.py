"""Writes a partial update with as few bytes as it takes.

Textual starts each changed span at the left edge of its widget, and writes
every piece of text between a full set of colours and a reset. Over a serial
line, SSH or on a slow console, that triples a scanned line (DESIGN.md 7).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from rich.color import Color, ColorSystem
from rich.console import Console
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate
from textual.strip import Strip

_RESET = "\x1b[0m"


class LeanUpdate(CompositorUpdate):
    """The same cells as a ChopsUpdate: cut at both ends, and colours only where they change."""

    def __init__(self, update: ChopsUpdate) -> None:
        self._update = update

    def render_segments(self, console: Console) -> str:
        """The update as it goes to the terminal."""
        system = ColorSystem(cast(int, console._color_system or ColorSystem.TRUECOLOR))
        parts: list[str] = []
        pen = _Pen(system)
        for x, y, strip in self._cuts():
            parts.append(f"\x1b[{y + 1};{x + 1}H")
            for text, style, _control in strip:
                parts.append(pen.change(style))
                parts.append(text)
        parts.append(_RESET)
        return "".join(parts)

    def _cuts(self) -> Iterator[tuple[int, int, Strip]]:
        """Each piece that changed, and where it stands."""
        update = self._update
        for y, x1, x2 in update.spans:
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is None or x >= x2 or end <= x1:
                    continue
                start, stop = max(x, x1), min(end, x2)
                yield start, y, strip if (start, stop) == (x, end) else strip.crop(start - x, stop - x)


class _Pen:
    """The colours that the terminal writes in now."""

    def __init__(self, system: ColorSystem) -> None:
        self._system = system
        self._now: Style | None = None

    def change(self, style: Style | None) -> str:
        """What makes the terminal write in another style; only the colours that differ, where that is enough."""
        wanted = style or Style.null()
        now, self._now = self._now, wanted
        if now is wanted or now == wanted:
            return ""
        if now is None or now._attributes or wanted._attributes or not (wanted.color and wanted.bgcolor):
            ansi = Strip.render_ansi(wanted, self._system)
            return f"\x1b[0;{ansi}m" if ansi else _RESET
        codes: list[str] = []
        if now.color != wanted.color:
            codes += self._codes(wanted.color, foreground=True)
        if now.bgcolor != wanted.bgcolor:
            codes += self._codes(wanted.bgcolor, foreground=False)
        return f"\x1b[{';'.join(codes)}m" if codes else ""

    def _codes(self, colour: Color | None, *, foreground: bool) -> tuple[str, ...]:
        return () if colour is None else colour.downgrade(self._system).get_ansi_codes(foreground)
