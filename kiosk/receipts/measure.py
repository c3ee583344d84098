"""How wide a text is on paper, and where its lines end.

Widths are counted in cells, as the screen counts them: Chinese, Japanese
and Korean letters take two, accents that stand on a letter none.
"""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len, chop_cells, set_cell_size

from kiosk.i18n.clean import visible

LONGEST_ELEMENT: Final = 600
"""Characters of one element that are laid out; a longer text is somebody's prank."""

_MORE: Final = "..."


def clean(text: str) -> str:
    """A text without what steers a printer; the spaces at its ends are kept."""
    return visible(text, LONGEST_ELEMENT)


def cells(text: str) -> int:
    """How many columns a text takes."""
    return cell_len(text)


def wrap(text: str, width: int, most: int | None = None) -> list[str]:
    """Break a text by words into lines of at most so many columns.

    The spaces before the first word are kept on each line. A word that is
    longer than a line is broken where the line ends. Of more than ``most``
    lines the last one ends with three dots. There is always one line.
    """
    if cells(text) <= width:
        return [text.rstrip()]
    indent = " " * min(len(text) - len(text.lstrip(" ")), width // 4)
    lines = [indent + line for line in _broken(text, width - len(indent))]
    if most is not None and len(lines) > most:
        lines = lines[:most]
        lines[-1] = set_cell_size(lines[-1], min(cells(lines[-1]), width - len(_MORE))).rstrip() + _MORE
    return lines


def _broken(text: str, width: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if cells(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *whole, line = chop_cells(word, width)
        lines += whole
    return [*lines, line]
