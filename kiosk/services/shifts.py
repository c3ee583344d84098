"""Shifts: opened with a float, counted at any time, read as X, closed as Z (D6-01, D6-02, K-21)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from kiosk.money import Money
from kiosk.receipts.paper import Document
from kiosk.receipts.shift_report import ShiftReport
from kiosk.rules.drawer import Count
from kiosk.services.ledger import Head
from kiosk.services.shift_rows import Shift
from kiosk.services.shop import Shop


@dataclass(frozen=True, slots=True)
class Now:
    """How this lane's shift stands; what the cash-up screen begins with."""

    shift: Shift | None
    expected: Money | None
    """What the drawer should hold; None where the shop counts blind and this person may not read an X."""
    stale: bool
    """Whether the open shift belongs to an earlier day."""
    clock_says: str
    """The shop's wall clock when it can't be believed; otherwise empty."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A count that is in the books."""

    expected: Money
    counted: Money
    difference: Money


@dataclass(frozen=True, slots=True)
class Closed:
    """A shift that is closed, and its Z."""

    report: str
    """The id of the Z."""
    number: int
    counted: Counted | None
    proof_ok: bool
    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One X or Z in the list of past ones."""

    id: str
    kind: str
    number: int
    lane: str
    business_date: str
    at: int
    by: str
    gross: Money
    difference: Money | None
    proof_ok: bool


def now(shop: Shop, by: str) -> Now:
    """How the shift of this lane stands, for one person."""
    raise NotImplementedError


def open_shift(shop: Shop, counted: Count | None, *, key: str, by: str, clock_is_right: bool = False) -> Shift:
    """Open a shift with a float; None carries over what should be there, uncounted.

    A float that differs from what the books expect is booked as a difference. The same key does it once. Refuses:
    ShiftIsOpen, ClockSuspect (until somebody says that the clock is right), Denied, NeedsApproval. Source: D6-01.
    """
    raise NotImplementedError


def count(shop: Shop, counted: Count, *, key: str, by: str) -> Counted:
    """Count the drawer at any time: the difference is booked, and the next expected is what was counted.

    The same key does it once. Refuses: Denied, NeedsApproval. Source: K-21, D6-05.
    """
    raise NotImplementedError


def read_x(shop: Shop, *, key: str, by: str) -> str:
    """Read the figures without closing; queue the paper; the id of the X. Refuses: NoShift, Denied, NeedsApproval."""
    raise NotImplementedError


def close_shift(shop: Shop, counted: Count | None, *, key: str, by: str, to_safe: Money | None = None) -> Closed:
    """Close the shift: count, take ``to_safe`` out of the drawer, sign the chain's end, write totals, queue the Z.

    The same key does it once; a printer that fails loses nothing. Refuses: NoShift, CountNeeded, NotEnough
    (``to_safe`` is more than was counted), Denied, NeedsApproval. Source: D6-02, D6-03, N3, N4.
    """
    raise NotImplementedError


def close_unseen(shop: Shop, head: Head, by: str) -> Head:
    """Close, uncounted, a shift that was carried over and is of an earlier day; inside the transaction of a deed.

    A shop that never counts has its Z and its totals for each day all the same.
    """
    raise NotImplementedError


def report(shop: Shop, report_id: str) -> ShiftReport:
    """The figures of a past X or Z, as they were read. Refuses: NotFound."""
    raise NotImplementedError


def document(shop: Shop, report_id: str, *, copy: int = 0) -> Document:
    """A past X or Z as paper. Refuses: NotFound."""
    raise NotImplementedError


def reprint(shop: Shop, report_id: str, *, by: str) -> int:
    """Print an X or Z again, marked as a copy; which copy it is. Refuses: NotFound, Denied. Source: D6-02."""
    raise NotImplementedError


def reports(
    shop: Shop, *, kinds: Iterable[str] = ("z",), lane: str | None = None, on: date | None = None, limit: int = 100
) -> tuple[ReportRow, ...]:
    """Past reports, newest first."""
    raise NotImplementedError
