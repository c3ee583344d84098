"""Tells a scanner that types like a keyboard from a person who types.

Pure: fed with each character and its time. The entry line shows characters
as they come; at the terminator the wedge says whether the end of what was
typed was a scan, and how many characters of the line belong to it, so that
``3 *`` before a scan stays ``3 *``.

A scan is five or more characters closer than 35 ms each, then the terminator
(DESIGN.md 11).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from kiosk.devices.codes import GROUP_SEPARATOR, LONGEST_CODE, bare_code

FAST: Final = 0.035
"""Seconds; no person types closer than this."""
FEWEST: Final = 5
"""Characters; card numbers may have five."""
LONGEST_PAUSE: Final = 0.3
"""Seconds that a busy machine may hold up the rest of a scan."""

_SURE: Final = 3
"""Characters after which a run of fast ones is taken for a scan under way."""
_HELD_KEY: Final = 0.02
"""Seconds; a key that is held down repeats more slowly than this, a scanner types faster."""
_SPOILT: Final = "\x00"
_TERMINATORS: Final = frozenset("\r\n\t")


class Kind(StrEnum):
    """What a character meant."""

    TYPED = "typed"
    """Put it into the line, or do what the key does."""
    ENTER = "enter"
    """A person ended the line."""
    SCAN = "scan"
    """Take the scan's characters out of the line and use its code."""
    REJECTED = "rejected"
    """Take the scan's characters out of the line and ask to scan again."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about one character."""

    kind: Kind
    code: str = ""
    """The code of a scan, without an AIM identifier."""
    remove: int = 0
    """How many characters at the end of the line were the scan's."""
    bursting: bool = False
    """A scan is under way: the character is text, whatever its key would do."""
    reason: str = ""


@dataclass
class Wedge:
    """The run of fast characters so far."""

    prefix: str = ""
    suffix: str = ""
    _run: list[str] = field(default_factory=list, init=False)
    _slowest: float = field(default=0.0, init=False)
    """The longest gap between two characters of the run, pauses of the machine left out."""
    _paused: bool = field(default=False, init=False)
    _beside: int = field(default=0, init=False)
    """How many of the run are not in the line."""
    _last_at: float | None = field(default=None, init=False)

    def reset(self) -> None:
        """A key that is no character was pressed, or the line was changed otherwise."""
        self._begin()
        self._last_at = None

    def feed(self, character: str, at: float) -> Decision:
        """Take one character and its monotonic time in seconds; ``\\r``, ``\\n`` and ``\\t`` end a scan."""
        gap = 0.0 if self._last_at is None else at - self._last_at
        if character in _TERMINATORS:
            return self._end(gap)
        if gap < FAST:
            self._slowest = max(self._slowest, gap)
        elif self._was_held_up(gap):
            self._paused = True
        else:
            self._begin()
        self._run.append(character)
        self._last_at = at
        return Decision(Kind.TYPED, bursting=len(self._run) >= _SURE)

    def disturb(self, character: str, at: float) -> bool:
        """Take a key that types nothing, with its character if it has one; whether a scanner sent it.

        Amid a scan it spoils that scan, but for the separator of GS1 (PLATFORM.md 7);
        anywhere else the line begins anew.
        """
        if self._last_at is None or at - self._last_at >= FAST or len(self._run) < _SURE:
            self.reset()
            return False
        self._run.append(character if character == GROUP_SEPARATOR else _SPOILT)
        self._beside += 1
        self._last_at = at
        return True

    def _was_held_up(self, gap: float) -> bool:
        """What is surely a scan survives one pause: the machine was busy, not the scanner."""
        return not self._paused and len(self._run) >= _SURE and gap <= LONGEST_PAUSE and not self._is_held_key()

    def _is_held_key(self) -> bool:
        return len(set(self._run)) == 1 and self._slowest >= _HELD_KEY

    def _begin(self) -> None:
        self._run.clear()
        self._slowest = 0.0
        self._paused = False
        self._beside = 0

    def _end(self, gap: float) -> Decision:
        run, typed = "".join(self._run), self._is_held_key() or gap > LONGEST_PAUSE
        in_line = len(run) - self._beside
        self.reset()
        if len(run) < FEWEST or typed:
            return Decision(Kind.ENTER)
        if len(run) > LONGEST_CODE:
            return Decision(Kind.REJECTED, remove=in_line, reason="too-long")
        if any(not (character.isprintable() or character == GROUP_SEPARATOR) for character in run):
            return Decision(Kind.REJECTED, remove=in_line, reason="key")
        code = bare_code(run, prefix=self.prefix, suffix=self.suffix)
        return Decision(Kind.SCAN, code=code, remove=in_line)
