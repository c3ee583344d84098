"""What a checkout costs the disk, from a recording: bytes written and syncs (DESIGN.md 7, PLATFORM.md 5)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.torture import recording
from tests.torture.recording import Call, Operation
from tests.torture.series import prepare_shop, record_sales

TEN_LINES: Final = 8
"""The number of a basket of ten lines; every ninth from there has as many."""

_BEGINS: Final = {"start": "checkout", "draft-start": "draft", "print-start": "print", "idle-start": "idle"}
_ENDS: Final = frozenset({"ack", "draft", "printed", "idle"})


@dataclass(slots=True)
class Cost:
    """What was asked of the disk."""

    syncs: int = 0
    written_bytes: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.syncs + other.syncs, self.written_bytes + other.written_bytes)


@dataclass(slots=True)
class Costs:
    """A recording by what the till was doing."""

    checkouts: dict[str, Cost] = field(default_factory=dict)
    """By key; pressing Enter again adds to the same."""
    drafts: Cost = field(default_factory=Cost)
    prints: Cost = field(default_factory=Cost)
    idle: Cost = field(default_factory=Cost)
    """Checkpoints."""
    other: Cost = field(default_factory=Cost)
    """Opening and closing the shop."""

    @property
    def per_checkout(self) -> tuple[float, float]:
        """Syncs and bytes of a checkout, its share of the checkpoints included; drafts and prints are apart."""
        whole = sum(self.checkouts.values(), Cost()) + self.idle
        return whole.syncs / len(self.checkouts), whole.written_bytes / len(self.checkouts)


def costs(operations: Iterable[Operation]) -> Costs:
    """Sort what was written by the marks around it."""
    found = Costs()
    current = found.other
    for operation in operations:
        match operation.call:
            case Call.SYNC:
                current.syncs += 1
            case Call.WRITE:
                current.written_bytes += len(operation.data)
            case Call.MARK:
                current = _after(operation.data.decode().split(), found, current)
            case _:
                pass
    return found


def _after(mark: list[str], found: Costs, current: Cost) -> Cost:
    doing = _BEGINS.get(mark[0])
    if doing == "checkout":
        return found.checkouts.setdefault(mark[1], Cost())
    if doing is not None:
        return {"draft": found.drafts, "print": found.prints, "idle": found.idle}[doing]
    return found.other if mark[0] in _ENDS else current


def record_checkouts(sales: int) -> Costs:
    """Record so many checkouts of ten lines and two tenders in a new shop.

    Refuses: CalledProcessError, FileNotFoundError (no compiler).
    """
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        shop = work / "prepared"
        prepare_shop(shop)
        _, operations = record_sales(
            recording.build(work), shop, work, sales=sales, sessions=1, first=TEN_LINES, step=9
        )
        return costs(operations)
