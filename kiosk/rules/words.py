"""How people search: words without accents, case or punctuation."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MOST_WORDS: Final = 24
LONGEST_WORD: Final = 40

_LETTERS: Final = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
)
_WORD: Final = re.compile(r"[^\W_]+")
_HAS_UMLAUTS: Final = re.compile(r"[äöüÄÖÜ]|[aouAOU]\N{COMBINING DIAERESIS}").search
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def fold(text: str) -> str:
    """Lower case without accents: ``Café`` and ``CAFE`` become ``cafe``, ``Süßes`` becomes ``susses``."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(_LETTERS)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def words(text: str) -> tuple[str, ...]:
    """The folded words that a text is asked for by, each once, in order."""
    return tuple(dict.fromkeys(_split(fold(text))))[:MOST_WORDS]


def words_to_find(text: str) -> tuple[str, ...]:
    """The words that a text is found under: its own, and for those with umlauts also ``Käse`` as ``kaese``."""
    return tuple(dict.fromkeys(word for spelled in spellings(text) for word in spelled))


def spellings(text: str) -> tuple[tuple[str, ...], ...]:
    """The words of a text as they are asked for, and, where it has umlauts, as ``Käse`` is also spelled: ``kaese``."""
    found = words(text)
    if not _HAS_UMLAUTS(text):
        return (found,)
    spelled_out = unicodedata.normalize("NFC", text.casefold()).translate(_UMLAUTS)
    return found, tuple(dict.fromkeys(_split(fold(spelled_out))))


def _split(folded: str) -> list[str]:
    return [word[:LONGEST_WORD] for word in _WORD.findall(folded)]
