"""Turns the key events of a scanner into whole codes, or says that a code can't be trusted.

Pure: told everything, the time of each event included. Half a code is worse
than none, so whatever may have lost a character rejects the whole code
(PLATFORM.md 2 and 7).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Final

from kiosk.devices.codes import GROUP_SEPARATOR, LONGEST_CODE, bare_code
from kiosk.devices.layout import (
    KEY_ALT_GR,
    KEY_CAPS_LOCK,
    KEY_ENTER,
    KEY_KEYPAD_ENTER,
    KEY_LEFT_ALT,
    KEY_LEFT_CTRL,
    KEY_LEFT_META,
    KEY_LEFT_SHIFT,
    KEY_NUM_LOCK,
    KEY_RIGHT_BRACE,
    KEY_RIGHT_CTRL,
    KEY_RIGHT_META,
    KEY_RIGHT_SHIFT,
    KEY_TAB,
    KEYPAD,
    Layout,
    compose,
    layout,
)

EV_SYN: Final = 0
EV_KEY: Final = 1
SYN_DROPPED: Final = 3

LONGEST_GAP: Final = 0.3
"""Seconds between two characters of one code."""
FRESH_AFTER: Final = 1.0
"""Seconds of silence after which what comes next is a new code for certain."""

TERMINATORS: Final = {KEY_ENTER: "enter", KEY_KEYPAD_ENTER: "keypad-enter", KEY_TAB: "tab"}

_SHIFTS: Final = frozenset({KEY_LEFT_SHIFT, KEY_RIGHT_SHIFT})
_CONTROLS: Final = frozenset({KEY_LEFT_CTRL, KEY_RIGHT_CTRL, KEY_LEFT_META, KEY_RIGHT_META})
_MODIFIERS: Final = _SHIFTS | _CONTROLS | {KEY_LEFT_ALT, KEY_ALT_GR}


@dataclass(frozen=True, slots=True)
class Scanned:
    """A whole code."""

    code: str
    terminator: str
    """``enter``, ``keypad-enter``, ``tab`` or ``alt``."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A code that can't be trusted: ``dropped``, ``gap``, ``control``, ``key``, ``too-long`` or ``start``."""

    reason: str


Outcome = Scanned | Rejected | None


@dataclass
class Decoder:
    """The state of one scanner between two events."""

    keyboard: Layout = field(default_factory=lambda: layout("us"))
    prefix: str = ""
    """Taken off the front of each code; magnetic readers send one (U-34)."""
    suffix: str = ""
    keep_symbology: bool = False
    """Keep the AIM identifier, such as ``]E0``, at the front."""

    _text: list[str] = field(default_factory=list, init=False)
    _held: set[int] = field(default_factory=set, init=False)
    _caps: bool = field(default=False, init=False)
    _accent: str = field(default="", init=False)
    _alt_digits: str = field(default="", init=False)
    _discarding: bool = field(default=False, init=False)
    _unsaid: str = field(default="", init=False)
    """Why the code being discarded is rejected, if nobody was told yet."""
    _last_at: float | None = field(default=None, init=False)

    @property
    def pending(self) -> bool:
        """Whether a code has begun and not ended."""
        return bool(self._text or self._accent or self._alt_digits)

    def reset(self, *, midway: bool = False) -> None:
        """Forget everything: the device is new. ``midway``: a code is under way already."""
        self._forget()
        self._held.clear()
        self._caps = False
        self._discarding = midway
        self._unsaid = "start" if midway else ""
        self._last_at = None

    def idle(self) -> Outcome:
        """Nothing came for longer than LONGEST_GAP: a code without its end is rejected."""
        if not self.pending:
            return None
        return self._reject("gap")

    def feed(self, kind: int, code: int, value: int, at: float) -> Outcome:
        """Take one event of the kernel's, with its time in seconds."""
        if kind == EV_SYN and code == SYN_DROPPED:
            return self._dropped(at)
        if kind != EV_KEY:
            return None
        if code in _MODIFIERS:
            return self._modifier(code, value)
        if value != 1:
            return None
        if code == KEY_CAPS_LOCK:
            self._caps = not self._caps
            return None
        if code == KEY_NUM_LOCK:
            return None
        late = self._late(at)
        return self._key(code) or late

    def _late(self, at: float) -> Outcome:
        gap = 0.0 if self._last_at is None else at - self._last_at
        self._last_at = at
        if gap > FRESH_AFTER:
            begun = self.pending and not self._discarding
            self._discarding, self._unsaid = False, ""
            self._forget()
            return Rejected("gap") if begun else None
        if gap > LONGEST_GAP and self.pending:
            return self._reject("gap")
        return None

    def _modifier(self, key: int, value: int) -> Outcome:
        if value == 1:
            self._held.add(key)
            if key in (KEY_LEFT_META, KEY_RIGHT_META) and self.pending:
                return self._reject("control")
        elif value == 0:
            self._held.discard(key)
            if key == KEY_LEFT_ALT and self._alt_digits:
                return self._end_alt()
        return None

    def _key(self, key: int) -> Outcome:
        if self._held & _CONTROLS:
            return self._control(key)
        if KEY_LEFT_ALT in self._held:
            return self._alt(key)
        if key in TERMINATORS:
            return self._end(TERMINATORS[key])
        typed = self.keyboard.character(
            key,
            shift=bool(self._held & _SHIFTS),
            alt_gr=KEY_ALT_GR in self._held,
            caps=self._caps,
        )
        if typed is None:
            return self._reject("key") if self.pending else None
        character, dead = typed
        accent, self._accent = self._accent, ""
        if dead and not accent:
            self._accent = character
            return None
        return self._add(compose(accent, character) if accent else character)

    def _control(self, key: int) -> Outcome:
        """Ctrl and ``]`` is the separator of GS1; nothing else with Ctrl belongs into a code."""
        right_bracket = any(level.get(key) == "]" for level in self.keyboard.levels)
        if self._held & {KEY_LEFT_CTRL, KEY_RIGHT_CTRL} and (right_bracket or key == KEY_RIGHT_BRACE):
            return self._add(GROUP_SEPARATOR)
        return self._reject("control") if self.pending else None

    def _alt(self, key: int) -> Outcome:
        """Alt and keypad digits spell a character's number, as some scanners do."""
        digit = KEYPAD.get(key, "")
        if digit.isdigit() and len(self._alt_digits) < 4:
            self._alt_digits += digit
            return None
        return self._reject("control") if self.pending else None

    def _end_alt(self) -> Outcome:
        digits, self._alt_digits = self._alt_digits, ""
        number = int(digits)
        if number in (9, 10, 13):
            return self._end("alt")
        if number > 255:
            return self._reject("key")
        encoding = "cp1252" if digits.startswith("0") else "cp437"
        character = bytes([number]).decode(encoding, errors="replace")
        if character == "\ufffd" or (number < 32 and character != GROUP_SEPARATOR):
            return self._reject("key")
        return self._add(character)

    def _add(self, characters: str) -> Outcome:
        if self._discarding:
            return None
        self._text.append(characters)
        if len(self._text) > LONGEST_CODE:
            return self._reject("too-long")
        return None

    def _end(self, terminator: str) -> Outcome:
        if self._accent:
            self._add(self._accent)
        text = "".join(self._text)
        self._forget()
        if self._discarding:
            unsaid, self._discarding, self._unsaid = self._unsaid, False, ""
            return Rejected(unsaid) if unsaid else None
        code = bare_code(
            unicodedata.normalize("NFC", text),
            prefix=self.prefix,
            suffix=self.suffix,
            keep_symbology=self.keep_symbology,
        )
        return Scanned(code, terminator) if code else None

    def _dropped(self, at: float) -> Outcome:
        """The kernel's ring ran over: anything may be missing, a key's release included."""
        self._held.clear()
        self._caps = False
        self._last_at = at
        return self._reject("dropped")

    def _reject(self, reason: str) -> Outcome:
        said = self._discarding and not self._unsaid
        self._discarding, self._unsaid = True, ""
        self._forget()
        return None if said else Rejected(reason)

    def _forget(self) -> None:
        self._text.clear()
        self._accent = ""
        self._alt_digits = ""
