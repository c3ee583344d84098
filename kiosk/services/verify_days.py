"""Shifts, counts, reports and daily totals, held against the entries that they stand behind (D6-02, N3, N4).

Like all of ``verify`` this reads a file that somebody may have edited: a value
of any type may stand in any column. Where the chain of a lane is bad, its days
are not judged from there on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from kiosk import db
from kiosk.errors import ShopError
from kiosk.receipts.shift_report import ShiftReport
from kiosk.services import figures, ledger, report_text
from kiosk.services.cash_rows import CLOSED, COUNTED, MOVED, OPENED, CountRow, MoveRow
from kiosk.services.figures import Span, Total
from kiosk.services.sale_rows import Row
from kiosk.services.verify_chain import is_same
from kiosk.services.verify_report import Report
from kiosk.services.verify_rows import as_it_lies, rows

_DAMAGED: Final = (ShopError, TypeError, ValueError, ArithmeticError, LookupError, OSError, RecursionError)
"""What reading values of the wrong type may end in."""


@dataclass(frozen=True, slots=True)
class _Shift:
    """A row of ``shift``, as it lies."""

    id: Any
    lane: Any
    number: Any
    business_date: Any
    at: Any
    by: Any
    first_seq: Any
    expected: Any
    counted: Any


@dataclass(frozen=True, slots=True)
class _Z:
    """A row of ``cash_report``, as it lies."""

    entry: Any
    lane: Any
    shift: Any
    number: Any
    at: Any
    by: Any
    facts: Any


@dataclass(frozen=True, slots=True)
class _Entries:
    """The entries that name a shift."""

    shift: Any
    lane: Any
    first: Any
    last: Any
    count: Any
    first_day: Any
    last_day: Any


@dataclass(frozen=True, slots=True)
class _Booked:
    """An entry of a kind that has a row of its own."""

    id: Any
    lane: Any
    seq: Any
    kind: Any
    shift: Any
    digest: Any
    trace: Any


def examine(report: Report) -> None:
    """Report each shift, count, move, Z and daily total that can't be, at the entry that it stands behind."""
    bad_from: dict[str, int] = {}
    for problem in report.problems:
        if problem.seq is not None:
            bad_from[problem.lane] = min(problem.seq, bad_from.get(problem.lane, problem.seq))
    booked = [
        _Booked(*row)
        for row in rows(
            f"SELECT id, lane, seq, kind, shift, digest, trace FROM entry WHERE kind IN ('{OPENED}', '{COUNTED}', "
            f"'{MOVED}', '{CLOSED}') ORDER BY lane, seq"
        )
    ]
    sound = [entry for entry in booked if _is_before(entry.seq, bad_from.get(entry.lane))]
    counts = {row[0]: CountRow(*row) for row in rows(f"SELECT {_names(CountRow)} FROM cash_count")}
    moves = {row[0]: MoveRow(*row) for row in rows(f"SELECT {_names(MoveRow)} FROM cash_move")}
    _booked(report, sound, counts, moves)
    closings = {entry.shift: entry for entry in sound if entry.kind == CLOSED}
    opened = {entry.shift: counts.get(entry.id) for entry in sound if entry.kind == OPENED}
    _Days(report, bad_from, closings, opened).walk()


def _is_before(seq: object, bad: int | None) -> bool:
    return isinstance(seq, int) and (bad is None or seq < bad)


def _booked(
    report: Report, booked: list[_Booked], counts: Mapping[Any, CountRow], moves: Mapping[Any, MoveRow]
) -> None:
    """Counts and moves are what their entries have a digest of, and none is missing."""
    for entry in booked:
        found = {"count": counts.get(entry.id), "move": moves.get(entry.id)}
        for what, wanted in _digests(entry).items():
            row = found[what]
            same_shift = row is None or is_same(row.shift, entry.shift)
            if _digest(row) != wanted or not same_shift:
                report.add(entry.lane, entry.seq, what if row is not None else f"{what} missing")


def _names(row: type[CountRow | MoveRow]) -> str:
    return ", ".join(row.__slots__)


def _digests(entry: _Booked) -> dict[str, object]:
    """What an entry claims of its count and its move; None where it claims that there is none."""
    if entry.kind != CLOSED:
        is_move = entry.kind == MOVED
        return {"count": None if is_move else entry.digest, "move": entry.digest if is_move else None}
    try:
        trace = json.loads(entry.trace)
        return {"count": trace.get("count"), "move": trace.get("move")}
    except _DAMAGED:
        return {"count": "", "move": ""}


def _digest(row: CountRow | MoveRow | None) -> object:
    if row is None:
        return None
    try:
        return ledger.digest(row.document())
    except _DAMAGED:
        return "none"


class _Days:
    """Walks the shifts of each lane as its entries, which are hashed, name them."""

    def __init__(
        self,
        report: Report,
        bad_from: dict[str, int],
        closings: Mapping[Any, _Booked],
        opened: Mapping[Any, CountRow | None],
    ) -> None:
        self._report, self._bad_from, self._closings, self._opened = report, bad_from, closings, opened
        self._entries: dict[Any, list[_Entries]] = {}
        for row in rows(
            "SELECT shift, lane, MIN(seq), MAX(seq), COUNT(*), MIN(business_date), MAX(business_date) FROM entry "
            "WHERE shift IS NOT NULL GROUP BY shift, lane ORDER BY lane, 3"
        ):
            self._entries.setdefault(row[1], []).append(_Entries(*row))
        self._shifts = {
            row[0]: _Shift(*row)
            for row in rows('SELECT id, lane, number, business_date, at, "by", first_seq, expected, counted FROM shift')
        }
        self._zs = {
            row[0]: _Z(*row)
            for row in rows("SELECT entry, lane, shift, number, at, \"by\", facts FROM cash_report WHERE kind = 'z'")
        }
        self._total_rows: dict[Any, Any] = dict(rows("SELECT shift, COUNT(*) FROM day_total GROUP BY shift"))

    def walk(self) -> None:
        """All lanes, and then what no lane has led to."""
        for lane, last_seq, open_shift, numbers in rows("SELECT id, seq, shift, shifts FROM lane ORDER BY id"):
            self._lane(lane, last_seq, open_shift, numbers)
        if not self._report.problems:
            for table, left in (("shift", self._shifts), ("cash_report", self._zs), ("day_total", self._total_rows)):
                if left:
                    self._report.add("", None, f"stray {table}")

    def _bad(self, lane: object, seq: object, what: str) -> None:
        if isinstance(seq, int) and _is_before(seq, self._bad_from.get(str(lane))):
            self._report.add(lane, seq, what)

    def _lane(self, lane: Any, last_seq: Any, open_shift: Any, numbers: Any) -> None:
        """Shifts and Zs that are told of are taken out of those that are left to explain."""
        known = self._entries.get(lane, [])
        before: ShiftReport | None = None
        still_open = None
        for number, entries in enumerate(known, start=1):
            if not isinstance(entries.last, int) or not _is_before(entries.last + 1, self._bad_from.get(lane)):
                return  # What closes it may be what is bad.
            shift, closing = self._shifts.pop(entries.shift, None), self._closings.get(entries.shift)
            if shift is None:
                self._bad(lane, entries.first, "shift missing")
            elif not _is_whole(entries, shift, number) or not self._starts_well(shift, before):
                self._bad(lane, entries.first, f"shift {number}")
            before = None
            if closing is not None:
                before = self._closed(shift, closing, entries)
            else:
                still_open = entries.shift
                if entries is not known[-1]:
                    self._bad(lane, entries.last, f"report missing {number}")
        after = last_seq + 1 if isinstance(last_seq, int) else 1
        if still_open is None and open_shift is not None:
            # One that was opened uncounted, and in which nothing has happened yet.
            bare = self._shifts.pop(open_shift, None)
            still_open = open_shift if bare is not None else None
            numbered = len(known) + 1
            if bare is None or not _is_bare(bare, lane, numbered, after) or not self._starts_well(bare, before):
                self._bad(lane, after, "shift")
            known = [*known, _Entries(open_shift, lane, after, after, 0, None, None)]
        if not is_same(numbers, len(known)) or not is_same(open_shift, still_open):
            self._bad(lane, after, "shift")

    def _starts_well(self, shift: _Shift, before: ShiftReport | None) -> bool:
        """Whether it begins with what was counted, or else with what the drawer then held by the Z before."""
        count = self._opened.get(shift.id)
        return (
            is_same(None if count is None else count.counted, shift.counted)
            and (count is None or is_same(count.expected, shift.expected))
            and (before is None or is_same(shift.expected, before.drawer.minor))
        )

    def _closed(self, shift: _Shift | None, closing: _Booked, entries: _Entries) -> ShiftReport | None:
        """The Z of a shift: its facts are what its entry has the digest of, and its rows are what they say."""
        z = self._zs.pop(closing.id, None)
        if z is None:
            self._bad(closing.lane, closing.seq, "report missing")
            return None
        found = _read(z, closing)
        kept = self._total_rows.pop(closing.shift, 0)
        if found is None or shift is None or closing.seq != entries.last or not _fits(found, z, shift, closing):
            self._bad(closing.lane, closing.seq, f"report {z.number}")
            return None
        if not _drawer_adds_up(found, shift):
            self._bad(closing.lane, closing.seq, f"drawer {found.number}")
        if not _totals_are_true(found, shift, kept):
            self._bad(closing.lane, closing.seq, f"totals {found.number} {found.business_date}")
        return found


def _is_bare(shift: _Shift, lane: str, number: int, after: int) -> bool:
    """Whether a shift without entries is the next one of its lane."""
    return is_same(shift.lane, lane) and is_same(shift.number, number) and is_same(shift.first_seq, after)


def _is_whole(entries: _Entries, shift: _Shift, number: int) -> bool:
    """Whether the entries follow each other, on one business day, and are those that the shift claims."""
    count = entries.last - entries.first + 1 if isinstance(entries.last, int) else None
    return all(
        is_same(claimed, true)
        for claimed, true in (
            (entries.count, count),
            (entries.first_day, shift.business_date),
            (entries.last_day, shift.business_date),
            (shift.lane, entries.lane),
            (shift.number, number),
            (shift.first_seq, entries.first),
        )
    )


def _read(z: _Z, closing: _Booked) -> ShiftReport | None:
    """The figures of a Z, if they are what its entry has the digest of."""
    try:
        return figures.from_text(z.facts) if figures.digest(z.facts) == closing.digest else None
    except (*_DAMAGED, AttributeError):
        return None


def _fits(found: ShiftReport, z: _Z, shift: _Shift, closing: _Booked) -> bool:
    """Whether rows and figures say the same of a shift."""
    return all(
        is_same(claimed, said)
        for claimed, said in (
            (z.lane, found.lane),
            (shift.lane, found.lane),
            (z.number, found.number),
            (shift.number, found.shift_number),
            (z.at, report_text.millis(found.at)),
            (z.by, found.by_id),
            (shift.business_date, found.business_date),
            (shift.at, report_text.millis(found.opened_at)),
            (shift.by, found.opened_by),
            (shift.first_seq, found.first_seq),
            (z.shift, shift.id),
            (closing.seq, found.last_seq + 1),
            (closing.seq, found.heads.get(found.lane)),
            ("z", found.kind),
        )
    )


def _drawer_adds_up(found: ShiftReport, shift: _Shift) -> bool:
    """From the opening to what is in the drawer at the end, differences and all (K-21)."""
    since = [count for count in found.counts if count.kind != "open"]
    moved = found.cash_sales - found.cash_refunds + found.cash_in - found.cash_out
    difference = sum(count.difference.minor for count in since)
    return (
        found.opening.minor == (shift.expected if shift.counted is None else shift.counted)
        and (found.opening + moved).minor + difference == found.drawer.minor
        and (None if found.difference is None else found.difference.minor) == (difference if since else None)
        and found.counted == (since[-1].counted if since else None)
    )


def _totals_are_true(found: ShiftReport, shift: _Shift, kept: object) -> bool:
    """Whether the rows of a shift are what its entries come to, and no more."""
    span = Span(shift.id, shift.lane, found.first_seq, found.last_seq, found.zone, found.currency)
    try:
        expected = as_it_lies(partial(figures.totals_of, span))
        return is_same(kept, len(expected)) and all(_is_kept(*part, shift) for part in _by_figure(expected).items())
    except _DAMAGED:
        return False


def _by_figure(totals: tuple[Total, ...]) -> dict[tuple[str, str], list[Row]]:
    """Code, count and amount of each figure and person."""
    found: dict[tuple[str, str], list[Row]] = {}
    for one in totals:
        found.setdefault((one.figure, one.person), []).append((one.code, one.count, one.amount))
    return found


def _is_kept(which: tuple[str, str], wanted: list[Row], shift: _Shift) -> bool:
    query = (
        "SELECT code, count, amount FROM day_total "
        "WHERE figure = ? AND person = ? AND business_date = ? AND lane = ? AND shift = ?"
    )
    kept = as_it_lies(partial(db.rows, query, (*which, shift.business_date, shift.lane, shift.id)))
    # Of the same types too: 130.0 was never written.
    return sorted(map(repr, map(tuple, kept))) == sorted(map(repr, wanted))
