"""What may be shown and printed of a text that came from outside (PLATFORM.md 7)."""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST_TEXT: Final = 200
"""Characters of a name or a remark, unless its field says otherwise."""

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BREAKS: Final = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029")
_SELECTORS: Final = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
"""Variants of the character before them: terminals do not agree on its width then."""
_MOST_MARKS: Final = 4
"""Accents in a row on one letter; more only serve to smear over the neighbours."""


def clean_text(text: str, most: int = LONGEST_TEXT) -> str:
    """A text without anything that steers a terminal, a printer or the reading direction.

    Gives NFC without control, format, surrogate, private and unassigned
    characters and variation selectors; each break and each kind of space becomes a plain space, both
    ends are trimmed, and at most ``most`` characters stay. Cleaning twice
    changes nothing. Source: PLATFORM.md 7.
    """
    return visible(text.lstrip(), most).strip(" ")


def visible(text: str, most: int = LONGEST_TEXT) -> str:
    """The same, with the spaces at both ends kept: for text that is laid out already."""
    if text.isascii() and text.isprintable():
        return text[:most]
    # Cut before the work, so that a text of a million characters costs no more than a short one.
    seen = "".join(_seen(character) for character in text[: 8 * most + 64])
    return _without_piled_marks(unicodedata.normalize("NFC", seen))[:most]


def _seen(character: str) -> str:
    if character in _BREAKS:
        return " "
    category = unicodedata.category(character)
    if category in _UNSEEN or character in _SELECTORS:
        return ""
    return " " if category == "Zs" else character


def _without_piled_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)
