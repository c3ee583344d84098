"""What an examination of the books is told by paper, and what it finds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

MOST_PROBLEMS: Final = 50
"""So many of a lane are kept; nobody reads more, and the first is what counts."""
_LONGEST_NAME: Final = 64
"""Of what is shown of a file; a hash has as many characters."""
_LONGEST_NUMBER: Final = 18


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a receipt or a Z report has printed: paper is the witness."""

    lane: str
    seq: int
    hash_piece: str

    @classmethod
    def parse(cls, text: str) -> Anchor | None:
        """Read ``R1:120:1a2b3c4d``, or what the QR of a Z says: ``kiosk-z|R1|12|120|1a2b…``."""
        parts = text.strip().split(":")
        code = text.strip().split("|")
        if len(code) == 5 and code[0] == "kiosk-z":
            parts = [code[1], code[3], code[4]]
        if len(parts) != 3 or not parts[2]:
            return None
        lane, seq, piece = parts
        if not seq.isascii() or not seq.isdigit() or len(seq) > _LONGEST_NUMBER:
            return None
        return cls(lane, int(seq), piece.lower())


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the books that can't be."""

    lane: str
    seq: int | None
    what: str
    """A short name: hash, gap, previous, sum, digest, tail, sale, receipt, tenders, taxes, signature, anchor …"""


@dataclass
class Report:
    """What ``kiosk verify`` found."""

    entries: int = 0
    sales: int = 0
    signatures: int = 0
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Lane to its last seq and hash, to compare with paper."""
    problems: list[Problem] = field(default_factory=list)
    """The first of each lane."""
    first_bad: tuple[str, int] | None = None
    """The bad entry with the lowest number, by lane and seq."""
    _per_lane: Counter[str] = field(default_factory=Counter, repr=False)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def add(self, lane: object, seq: int | None, what: str) -> None:
        """Note a problem of a lane, whatever stands there for its name."""
        name = shown(lane)
        if seq is not None and (self.first_bad is None or seq < self.first_bad[1]):
            self.first_bad = (name, seq)
        problem = Problem(name, seq, shown(what))
        if self._per_lane[name] < MOST_PROBLEMS and problem not in self.problems:
            self._per_lane[name] += 1
            self.problems.append(problem)


def shown(value: object) -> str:
    """What a tampered file holds, fit for a screen: neither control characters nor half of a character."""
    signs = [sign if sign.isprintable() else ascii(sign)[1:-1] for sign in str(value)[:_LONGEST_NAME]]
    return "".join(signs)
