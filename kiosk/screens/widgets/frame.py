"""Frames of characters that every console font has (PLATFORM.md 1)."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len

from kiosk.screens.widgets.cells import Row, fit, padded

SINGLE: Final = "┌─┐│└┘"
DOUBLE: Final = "╔═╗║╚╝"
HEAVY: Final = "┏━┓┃┗┛"


def framed(
    title: str, rows: list[Row], width: int, height: int, *, box: str = SINGLE, style: str = "frame", foot: str = ""
) -> list[Row]:
    """Rows in a frame of a width and a height, the frame included; titles stand in its upper and lower edge."""
    left_top, flat, right_top, upright, left_low, right_low = tuple(box)
    inner = max(0, width - 2)
    inside = rows[: max(0, height - 2)]
    inside += [()] * (height - 2 - len(inside))
    return [
        _edge(left_top, flat, right_top, title, inner, style),
        *(((style, upright), *padded(row, inner), (style, upright)) for row in inside),
        _edge(left_low, flat, right_low, foot, inner, style),
    ]


def _edge(left: str, flat: str, right: str, title: str, inner: int, style: str) -> Row:
    if not title or inner < 6:
        return ((style, left + flat * inner + right),)
    shown = fit(title, inner - 4).rstrip() if cell_len(title) > inner - 4 else fit(title, cell_len(title))
    rest = flat * (inner - 3 - cell_len(shown))
    return ((style, left + flat), ("heading", f" {shown} "), (style, rest + right))
