"""Cash that is no sale: why it goes in or out, what is counted, and what differs (K-21, K-22)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from kiosk.errors import Invalid, OutOfRange
from kiosk.money import LARGEST_MINOR, Money


class Purpose(StrEnum):
    """Why cash is paid in or out: its case (K-22)."""

    BANK = "bank"
    STAFF = "staff"
    REGISTER = "register"
    """From or to another register; what is on its way stands in the books."""
    SAFE = "safe"
    OTHER = "other"


COINS: Final[Mapping[str, tuple[int, ...]]] = {
    "EUR": (20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
    "CHF": (20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5),
    "GBP": (5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
    "USD": (10000, 5000, 2000, 1000, 500, 100, 25, 10, 5, 1),
}
"""Notes and coins in minor units, the largest first; a currency that is absent is counted in total."""


@dataclass(frozen=True, slots=True)
class Count:
    """What was counted: by note and coin, or in total (D6-01)."""

    total: Money
    pieces: Mapping[int, int] = field(default_factory=dict)
    """Minor units of a note or coin to how many of it; empty if only the total was typed."""


def check(counted: Count) -> None:
    """Whether this can have been counted. Refuses: OutOfRange; Invalid (the pieces are another sum)."""
    if not 0 <= counted.total.minor <= LARGEST_MINOR:
        raise OutOfRange(field="amount", value=str(counted.total.minor), lowest="0", highest=str(LARGEST_MINOR))
    if counted.pieces and count(counted.pieces).total != counted.total:
        raise Invalid(field="amount", value=str(counted.total.minor))


def count(pieces: Mapping[int, int]) -> Count:
    """Add notes and coins up. Refuses: OutOfRange (a count below zero, or more money than there can be)."""
    for value, many in pieces.items():
        if many < 0 or value <= 0:
            raise OutOfRange(field="number", value=str(many), lowest="0")
    whole = sum(value * many for value, many in pieces.items())
    if whole > LARGEST_MINOR:
        raise OutOfRange(field="amount", value=str(whole), lowest="0", highest=str(LARGEST_MINOR))
    return Count(Money(whole), {value: many for value, many in pieces.items() if many})
