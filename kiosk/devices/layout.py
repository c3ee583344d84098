"""Which character a key position types on which country's keyboard.

A grabbed scanner sends key positions of its own country setting, so its
keyboard map must be known here (UX.md 5). Key numbers are the kernel's
(linux/input-event-codes.h); they never change, so nothing is imported.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

KEY_TAB: Final = 15
KEY_ENTER: Final = 28
KEY_LEFT_CTRL: Final = 29
KEY_LEFT_SHIFT: Final = 42
KEY_RIGHT_SHIFT: Final = 54
KEY_LEFT_ALT: Final = 56
KEY_SPACE: Final = 57
KEY_CAPS_LOCK: Final = 58
KEY_NUM_LOCK: Final = 69
KEY_KEYPAD_ENTER: Final = 96
KEY_RIGHT_CTRL: Final = 97
KEY_ALT_GR: Final = 100
KEY_LEFT_META: Final = 125
KEY_RIGHT_META: Final = 126
KEY_RIGHT_BRACE: Final = 27

KEYPAD: Final[Mapping[int, str]] = {
    71: "7", 72: "8", 73: "9", 74: "-",
    75: "4", 76: "5", 77: "6", 78: "+",
    79: "1", 80: "2", 81: "3", 82: "0", 83: ".",
    55: "*", 98: "/", 117: "=", 121: ",",
}  # fmt: skip
"""What the keypad types; the same everywhere, whatever Num Lock says."""

_ROW_KEYS: Final = (
    (41, *range(2, 14)),
    tuple(range(16, 28)),
    (*range(30, 41), 43),
    (86, *range(44, 54)),
)
_POSITIONS: Final = tuple(key for row in _ROW_KEYS for key in row)
_DIGIT_KEYS: Final = frozenset(range(2, 12))

PLAIN, SHIFT, ALT_GR, ALT_GR_SHIFT = range(4)


@dataclass(frozen=True)
class Layout:
    """One country's keyboard: four levels of characters by key number."""

    name: str
    levels: tuple[Mapping[int, str], ...]
    dead: frozenset[tuple[int, int]]
    """(level, key) of the accents that wait for the next key."""
    caps_shifts_digits: bool
    """On AZERTY, Caps Lock types the digits too."""

    def character(self, key: int, *, shift: bool, alt_gr: bool, caps: bool) -> tuple[str, bool] | None:
        """The character of a key and whether it is a dead accent; None if the key types nothing."""
        if key == KEY_SPACE:
            return " ", False
        if key in KEYPAD:
            return KEYPAD[key], False
        if caps and not alt_gr and self._caps_shifts(key):
            shift = not shift
        level = (ALT_GR if alt_gr else PLAIN) + (SHIFT if shift else PLAIN)
        character = self.levels[level].get(key)
        if character is None:
            return None
        return character, (level, key) in self.dead

    def _caps_shifts(self, key: int) -> bool:
        if key in _DIGIT_KEYS:
            return self.caps_shifts_digits
        return self.levels[PLAIN].get(key, "").isalpha()


@dataclass(frozen=True)
class _Drawing:
    """A keyboard as one draws it: four rows, plain and shifted."""

    plain: tuple[str, str, str, str]
    shifted: tuple[str, str, str, str]
    alt_gr: str = ""
    """Pairs of a plain character and what its key types with AltGr."""
    alt_gr_shift: str = ""
    dead: tuple[str, str, str] = ("", "", "")
    """The dead accents of the levels plain, shifted and AltGr."""
    caps_shifts_digits: bool = False


_DRAWINGS: Final[Mapping[str, _Drawing]] = {
    "us": _Drawing(
        ("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'\\", "<zxcvbnm,./"),
        ("~!@#$%^&*()_+", "QWERTYUIOP{}", 'ASDFGHJKL:"|', ">ZXCVBNM<>?"),
    ),
    "uk": _Drawing(
        ("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'#", "\\zxcvbnm,./"),
        ('¬!"£$%^&*()_+', "QWERTYUIOP{}", "ASDFGHJKL:@~", "|ZXCVBNM<>?"),
        alt_gr="`¦4€eéuúiíoóaá",
    ),
    "de": _Drawing(
        ("^1234567890ß´", "qwertzuiopü+", "asdfghjklöä#", "<yxcvbnm,.-"),
        ('°!"§$%&/()=?`', "QWERTZUIOPÜ*", "ASDFGHJKLÖÄ'", ">YXCVBNM;:_"),
        alt_gr="2²3³7{8[9]0}ß\\q@e€+~<|mµ",
        dead=("^´", "`", ""),
    ),
    "fr": _Drawing(
        ("²&é\"'(-è_çà)=", "azertyuiop^$", "qsdfghjklmù*", "<wxcvbn,;:!"),
        ("²1234567890°+", "AZERTYUIOP¨£", "QSDFGHJKLM%µ", ">WXCVBN?./§"),
        alt_gr="é~\"#'{([-|è`_\\ç^à@)]=}e€$¤",
        dead=("^", "¨", "~`"),
        caps_shifts_digits=True,
    ),
    "be": _Drawing(
        ("²&é\"'(§è!çà)-", "azertyuiop^$", "qsdfghjklmùµ", "<wxcvbn,;:="),
        ("³1234567890°_", "AZERTYUIOP¨*", "QSDFGHJKLM%£", ">WXCVBN?./+"),
        alt_gr='&|é@"#§^ç{à}^[$]ù´µ`<\\=~e€',
        dead=("^", "¨", "´`~"),
        caps_shifts_digits=True,
    ),
    "ch": _Drawing(
        ("§1234567890'^", "qwertzuiopü¨", "asdfghjklöä$", "<yxcvbnm,.-"),
        ('°+"*ç%&/()=?`', "QWERTZUIOPè!", "ASDFGHJKLéà£", ">YXCVBNM;:_"),
        alt_gr="1¦2@3#4°5§6¬7|8¢'´^~e€ü[¨]ä{$}<\\",
        dead=("^¨", "`", "´~"),
    ),
    "it": _Drawing(
        ("\\1234567890'ì", "qwertyuiopè+", "asdfghjklòàù", "<zxcvbnm,.-"),
        ('|!"£$%&/()=?^', "QWERTYUIOPé*", "ASDFGHJKLç°§", ">ZXCVBNM;:_"),
        alt_gr="e€5€è[+]ò@à#'`ì~",
        alt_gr_shift="è{+}",
    ),
    "nl": _Drawing(
        ("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'\\", "\\zxcvbnm,./"),
        ("~!@#$%^&*()_+", "QWERTYUIOP{}", 'ASDFGHJKL:"|', "|ZXCVBNM<>?"),
        alt_gr="1¡2²3³4¤5€qäwåeéuúiíoópöaásßnñ",
        dead=("`'", '~^"', ""),
    ),
}

LAYOUTS: Final = tuple(_DRAWINGS)
"""The keyboards a scanner may be set to; ``nl`` is US-International, as sold there."""


@cache
def layout(name: str) -> Layout:
    """The keyboard of a country. Raises: ValueError for one that isn't known."""
    drawing = _DRAWINGS.get(name)
    if drawing is None:
        raise ValueError(f"unknown keyboard layout {name!r}, not one of {' '.join(LAYOUTS)}")
    plain = dict(zip(_POSITIONS, "".join(drawing.plain), strict=True))
    shifted = dict(zip(_POSITIONS, "".join(drawing.shifted), strict=True))
    levels = (plain, shifted, _pairs(drawing.alt_gr, plain), _pairs(drawing.alt_gr_shift, plain))
    dead = {
        (level, key)
        for level, accents in enumerate(drawing.dead)
        for key, character in levels[level].items()
        if character in accents
    }
    return Layout(name, levels, frozenset(dead), drawing.caps_shifts_digits)


def _pairs(pairs: str, plain: dict[int, str]) -> dict[int, str]:
    by_character = {character: key for key, character in reversed(plain.items())}
    return {by_character[base]: character for base, character in zip(pairs[::2], pairs[1::2], strict=True)}


_COMBINING: Final[Mapping[str, str]] = {
    "`": "\u0300", "´": "\u0301", "'": "\u0301", "^": "\u0302", "~": "\u0303", "¨": "\u0308", '"': "\u0308",
}  # fmt: skip


def compose(accent: str, character: str) -> str:
    """What a dead accent and the key after it type together.

    A space gives the accent alone; a letter that can't bear the accent follows it.
    """
    if character == " ":
        return accent
    together = unicodedata.normalize("NFC", character + _COMBINING[accent])
    return together if len(together) == 1 else accent + character
