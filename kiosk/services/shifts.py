"""Shifts: opened with a float, counted at any time, read as X, closed as Z (D6-01, D6-02, K-21).

The figures of an X or a Z come from ``figures.collect``: from the rows of that
shift alone, and as they are before the entry that closes it. They are kept as
text, and whatever shows them again, paper or screen, reads that text.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk import db
from kiosk.errors import (
    AlreadyDone,
    ClockSuspect,
    CountNeeded,
    NoShift,
    NotEnough,
    NotFound,
    OutOfRange,
    ShiftIsOpen,
)
from kiosk.money import ZERO, Money
from kiosk.receipts.shift_report import ShiftReport
from kiosk.rules import drawer
from kiosk.rules.drawer import Count, Purpose
from kiosk.rules.permissions import Action, State
from kiosk.services import (
    cash_rows,
    day_totals,
    figures,
    ledger,
    printing,
    report_text,
    shift_rows,
    signing,
    staff,
)
from kiosk.services.cash_rows import CARRIED, CLOSED, COUNTED, OPENED, READ, CountRow, MoveRow
from kiosk.services.ids import new_id
from kiosk.services.journal import add_note
from kiosk.services.ledger import Head
from kiosk.services.once import once
from kiosk.services.past_reports import COPIED, ReportRow, document, preview, report, reports, reprint, so_far
from kiosk.services.shift_rows import Shift
from kiosk.services.shop import Shop

__all__ = [
    "COPIED",
    "Closed",
    "Counted",
    "Now",
    "ReportRow",
    "close_shift",
    "close_unseen",
    "count",
    "counts_blind",
    "document",
    "now",
    "open_shift",
    "preview",
    "read_x",
    "report",
    "reports",
    "reprint",
    "so_far",
]


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


def now(shop: Shop, by: str) -> Now:
    """How the shift of this lane stands, for one person."""
    shift = shift_rows.current(shop)
    last = db.row(
        "SELECT entry.at FROM entry JOIN lane ON entry.lane = lane.id AND entry.seq = lane.seq WHERE lane.id = ?",
        (shop.lane,),
    )
    head = Head(seq=0, hash="", receipt=0, at=None if last is None else last[0])
    return Now(
        shift=shift,
        expected=None if counts_blind(shop, by) else shift_rows.drawer_balance(shop),
        stale=shift is not None and shift_rows.is_stale(shop, shift.business_date),
        clock_says=_wall_clock(shop) if ledger.suspect(shop, head, shop.clock.millis()) else "",
    )


def counts_blind(shop: Shop, by: str) -> bool:
    """Whether somebody counts without seeing what should be there (D6-01)."""
    return shop.settings.blind_count and staff.permission(shop, by, Action.READ_X) is not State.ALLOWED


def open_shift(shop: Shop, counted: Count | None, *, key: str, by: str, clock_is_right: bool = False) -> Shift:
    """Open a shift with a float; None carries over what should be there, uncounted.

    A float that differs from what the books expect is booked as a difference. The same key does it once. Refuses:
    ShiftIsOpen, ClockSuspect (until somebody says that the clock is right), OutOfRange, AlreadyDone (the key was
    used for something else), Denied, NeedsApproval. Source: D6-01.
    """
    if counted is not None:
        drawer.check(counted)
    return once(
        lambda: _opened_before(key, counted),
        lambda: _open(shop, counted, key=key, by=by, clock_is_right=clock_is_right),
    )


def _open(shop: Shop, counted: Count | None, *, key: str, by: str, clock_is_right: bool) -> Shift:
    approved_by = staff.require(shop, by, Action.OPEN_SHIFT, key=key)
    head = shift_rows.left_behind(shop, ledger.lock(shop), by)
    if head.shift is not None:
        raise ShiftIsOpen(number=_shift(head.shift).number)
    says = _wall_clock(shop) if ledger.suspect(shop, head, shop.clock.millis()) else ""
    if says and not clock_is_right:
        raise ClockSuspect(says=says)
    head = shift_rows.start(shop, head, by, counted=None if counted is None else counted.total, shift=key)
    if says:
        add_note(shop, by, "clock.confirmed", approved_by=approved_by, says=says)
    if counted is not None:
        _book(shop, head, OPENED, "open", counted, key=key, by=by, approved_by=approved_by)
    return _shift(key)


def _opened_before(key: str, counted: Count | None) -> Shift | None:
    made = cash_rows.made_by(key, (OPENED, CARRIED))
    if made is None:
        return None
    kind, found = made
    if not cash_rows.is_same_count(cash_rows.count_of(found) if kind == OPENED else None, counted):
        raise AlreadyDone(key=key)
    return _shift(key)


def count(shop: Shop, counted: Count, *, key: str, by: str) -> Counted:
    """Count the drawer at any time: the difference is booked, and the next expected is what was counted.

    The same key does it once. Refuses: OutOfRange, AlreadyDone, Denied, NeedsApproval. Source: K-21, D6-05.
    """
    drawer.check(counted)
    return once(lambda: _counted_before(key, counted), lambda: _count(shop, counted, key=key, by=by))


def _count(shop: Shop, counted: Count, *, key: str, by: str) -> Counted:
    approved_by = staff.require(shop, by, Action.COUNT_CASH, key=key)
    head = shift_rows.in_shift(shop, ledger.lock(shop), by)
    return _told(_book(shop, head, COUNTED, "count", counted, key=key, by=by, approved_by=approved_by))


def _counted_before(key: str, counted: Count) -> Counted | None:
    made = cash_rows.made_by(key, (COUNTED,))
    if made is None:
        return None
    row = cash_rows.count_of(made[1])
    if row is None or not cash_rows.is_same_count(row, counted):
        raise AlreadyDone(key=key)
    return _told(row)


def _book(
    shop: Shop,
    head: Head,
    entry_kind: str,
    kind: str,
    counted: Count,
    *,
    key: str,
    by: str,
    approved_by: str | None,
) -> CountRow:
    """Write a count with an entry of its own."""
    entry = new_id()
    row = _write_count(shop, head.shift or "", entry, kind, counted, by)
    ledger.post(
        shop,
        head,
        entry_kind,
        row.postings(shop),
        key=key,
        by=by,
        approved_by=approved_by,
        entry=entry,
        digest=ledger.digest(row.document()),
    )
    return row


def _write_count(shop: Shop, shift: str, entry: str, kind: str, counted: Count, by: str) -> CountRow:
    """What is expected is the balance, which the lock of the lane holds still."""
    row = cash_rows.count_row(
        shop,
        entry=entry,
        shift=shift,
        kind=kind,
        counted=counted,
        expected=shift_rows.drawer_balance(shop).minor,
        blind=counts_blind(shop, by),
    )
    cash_rows.write_count(row)
    return row


def _told(row: CountRow) -> Counted:
    return Counted(Money(row.expected), Money(row.counted), Money(row.difference))


def read_x(shop: Shop, *, key: str, by: str) -> str:
    """Read the figures without closing; queue the paper; the id of the X, which is its key.

    The same key does it once. Refuses: NoShift, AlreadyDone, Denied, NeedsApproval. Source: D6-02.
    """
    return once(lambda: _read_before(key), lambda: _read(shop, key=key, by=by))


def _read(shop: Shop, *, key: str, by: str) -> str:
    staff.require(shop, by, Action.READ_X, key=key)
    shift = _open_shift(ledger.lock(shop))
    (last,) = db.row(
        "SELECT COALESCE(MAX(number), 0) FROM cash_report WHERE shift = ? AND kind = 'x'", (shift.id,)
    ) or (0,)
    found = figures.collect(shop, shift, kind="x", number=int(last) + 1, by=by)
    _keep(shop, key, found, figures.to_text(found), shift=shift, by=by, entry=None)
    printing.queue_report(shop, "x", key)
    return key


def _read_before(key: str) -> str | None:
    made = cash_rows.made_by(key, (READ,))
    return None if made is None else made[1]


def close_shift(shop: Shop, counted: Count | None, *, key: str, by: str, to_safe: Money | None = None) -> Closed:
    """Close the shift: count, take ``to_safe`` out of the drawer, sign the chain's end, write totals, queue the Z.

    The same key does it once; a printer that fails loses nothing. What goes to the safe passes that door too
    (Action.SAFE_DROP, with the same key). Refuses: NoShift, CountNeeded, NotEnough (``to_safe`` is more than was
    counted), OutOfRange, AlreadyDone, Denied, NeedsApproval. Source: D6-02, D6-03, N3, N4.
    """
    if counted is not None:
        drawer.check(counted)
    safe = to_safe or ZERO
    if safe < ZERO:
        raise OutOfRange(field="amount", value=str(safe.minor), lowest="0")
    return once(
        lambda: _closed_before(key, counted, safe),
        lambda: _close(shop, counted, safe, key=key, by=by),
    )


def _close(shop: Shop, counted: Count | None, safe: Money, *, key: str, by: str) -> Closed:
    approved_by = staff.require(shop, by, Action.CLOSE_SHIFT, key=key)
    if safe:
        approved_by = staff.require(shop, by, Action.SAFE_DROP, key=key) or approved_by
    head = ledger.lock(shop)
    shift = _open_shift(head)
    if counted is None and shop.settings.count_at_close:
        raise CountNeeded
    held = shift_rows.drawer_balance(shop) if counted is None else counted.total
    if safe and held < safe:
        raise NotEnough(wanted=safe.minor, available=held.minor)
    closed, _head = _write_z(shop, head, shift, counted, safe, key=key, by=by, approved_by=approved_by)
    printing.queue_report(shop, "z", closed.report)
    return closed


def close_unseen(shop: Shop, head: Head, by: str) -> Head:
    """Close, uncounted, a shift that was carried over and is of an earlier day; inside the transaction of a deed.

    A shop that never counts has its Z and its totals for each day all the same. Nothing is printed: nobody asked.
    Source: D6-02.
    """
    _closed, after = _write_z(shop, head, _open_shift(head), None, ZERO, key=new_id(), by=by, unseen=True)
    return after


def _write_z(
    shop: Shop,
    head: Head,
    shift: Shift,
    counted: Count | None,
    safe: Money,
    *,
    key: str,
    by: str,
    approved_by: str | None = None,
    unseen: bool = False,
) -> tuple[Closed, Head]:
    """The count and the move first, for the Z shows them; then the figures, their entry, its signature, the Z."""
    entry, lines = new_id(), list[ledger.Line]()
    trace: dict[str, object] = {"unseen": True} if unseen else {}
    count = None if counted is None else _write_count(shop, shift.id, entry, "close", counted, by)
    if count is not None:
        lines += count.postings(shop)
        trace["count"] = ledger.digest(count.document())
    if safe:
        move = MoveRow(entry, shift.id, "out", Purpose.SAFE.value, "", safe.minor, "")
        cash_rows.write_move(move)
        lines += move.postings(shop)
        trace["move"] = ledger.digest(move.document())
    found = figures.collect(shop, shift, kind="z", number=shift.number, by=by, closing=lines)
    text, totals = figures.to_text(found), figures.totals(shop, shift)
    posted = ledger.post(
        shop,
        head,
        CLOSED,
        lines,
        key=key,
        by=by,
        approved_by=approved_by,
        entry=entry,
        trace=trace,
        digest=figures.digest(text),
    )
    if posted.seq % signing.EVERY:
        signing.sign(shop, posted.seq, posted.hash)
    z = new_id()
    _keep(shop, z, found, text, shift=shift, by=by, entry=entry)
    day_totals.write_in(shift, totals)
    closed = Closed(z, shift.number, None if count is None else _told(count), found.proof_ok, posted.seq, posted.hash)
    after = replace(head, seq=posted.seq, hash=posted.hash, at=shop.clock.millis(), shift=None, business_date=None)
    return closed, after


def _keep(shop: Shop, id_: str, found: ShiftReport, text: str, *, shift: Shift, by: str, entry: str | None) -> None:
    """Write a report; a Z closes its shift by that."""
    db.run(
        'INSERT INTO cash_report (id, lane, shift, kind, number, at, "by", entry, facts) '
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (id_, shop.lane, shift.id, found.kind, found.number, report_text.millis(found.at), by, entry, text),
    )


def _closed_before(key: str, counted: Count | None, safe: Money) -> Closed | None:
    made = cash_rows.made_by(key, (CLOSED,))
    if made is None:
        return None
    row, move = cash_rows.count_of(made[1]), cash_rows.move_of(made[1])
    if not cash_rows.is_same_count(row, counted) or (0 if move is None else move.amount) != safe.minor:
        raise AlreadyDone(key=key)
    z, number, text, seq, own_hash = db.row(
        "SELECT cash_report.id, cash_report.number, facts, entry.seq, entry.hash FROM cash_report "
        "JOIN entry ON entry.id = cash_report.entry WHERE entry.id = ?",
        (made[1],),
    ) or ("", 0, "", 0, "")
    told = None if row is None else _told(row)
    return Closed(z, int(number), told, figures.from_text(text).proof_ok, int(seq), own_hash)


def _open_shift(head: Head) -> Shift:
    if head.shift is None:
        raise NoShift
    return _shift(head.shift)


def _shift(shift: str) -> Shift:
    found = shift_rows.by_id(shift)
    if found is None:
        raise NotFound(what="shift", code=shift)
    return found


def _wall_clock(shop: Shop) -> str:
    return shop.clock.local(shop.clock.now()).isoformat(timespec="minutes")
