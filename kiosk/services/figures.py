"""The figures of a shift, read from the rows of that shift alone (D6-03): for X, Z and the reports of today."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.receipts.shift_report import ShiftReport
from kiosk.services.shift_rows import Shift
from kiosk.services.shop import Shop


@dataclass(frozen=True, slots=True)
class Total:
    """One figure: of everybody (``person`` empty) or of one person; amounts in minor units, counts in thousandths
    where the figure counts goods, otherwise whole."""

    figure: str
    person: str
    code: str
    count: int
    amount: int


def collect(shop: Shop, shift: Shift, *, kind: str, number: int, by: str) -> ShiftReport:
    """The figures of a shift up to now, in proportion to the shift (DESIGN.md 7)."""
    raise NotImplementedError


def totals(shop: Shop, shift: Shift) -> tuple[Total, ...]:
    """The same as rows for ``day_total`` (written at the Z), and for the reports of a shift that is still open."""
    raise NotImplementedError


def to_text(report: ShiftReport) -> str:
    """A report as it is kept, canonical: the Z's entry has its digest."""
    raise NotImplementedError


def from_text(text: str) -> ShiftReport:
    """The report that ``to_text`` wrote. Refuses: Invalid."""
    raise NotImplementedError
