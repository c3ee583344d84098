"""Figures three rows high, of glyphs that every console font has."""

from __future__ import annotations

from typing import Final

_GLYPHS: Final = {
    "0": ("┏━┓", "┃ ┃", "┗━┛"),
    "1": ("╺┓ ", " ┃ ", "╺┻╸"),
    "2": ("╺━┓", "┏━┛", "┗━╸"),
    "3": ("╺━┓", " ━┫", "╺━┛"),
    "4": ("╻ ╻", "┗━┫", "  ╹"),
    "5": ("┏━╸", "┗━┓", "╺━┛"),
    "6": ("┏━╸", "┣━┓", "┗━┛"),
    "7": ("╺━┓", "  ┃", "  ╹"),
    "8": ("┏━┓", "┣━┫", "┗━┛"),
    "9": ("┏━┓", "┗━┫", "╺━┛"),
    "-": ("  ", "╺━", "  "),
    ",": (" ", " ", ","),
    ".": (" ", " ", "."),
    "'": ("'", " ", " "),
    " ": (" ", " ", " "),
}


def big(text: str, width: int) -> tuple[str, str, str]:
    """A number as three rows, at the right end of a width; small, in the middle row, if it is too long."""
    glyphs = [_GLYPHS.get(character, (" ", character, " ")) for character in text]
    if sum(len(glyph[0]) for glyph in glyphs) > width:
        return " " * width, text[:width].rjust(width), " " * width
    upper, middle, lower = ("".join(glyph[row] for glyph in glyphs).rjust(width) for row in range(3))
    return upper, middle, lower
