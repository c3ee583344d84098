"""Past X and Z reports: the figures as they were read, their paper, their copies, and the list of them (D6-02)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from kiosk import db
from kiosk.errors import NoShift, NotFound
from kiosk.money import Money
from kiosk.receipts.paper import Document
from kiosk.receipts.shift_report import Closing, ShiftReport, lay_out
from kiosk.rules.permissions import Action
from kiosk.services import figures, printing, receipt, shift_rows, staff
from kiosk.services.journal import add_note
from kiosk.services.shop import Shop

COPIED: Final = "report.copy"


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
    """First name."""
    gross: Money
    difference: Money | None
    proof_ok: bool


def report(shop: Shop, report_id: str) -> ShiftReport:
    """The figures of a past X or Z, as they were read. Refuses: NotFound."""
    found = db.row("SELECT facts FROM cash_report WHERE id = ?", (report_id,))
    if found is None:
        raise NotFound(what="report", code=report_id)
    return figures.from_text(found[0])


def so_far(shop: Shop, by: str, *, key: str = "") -> ShiftReport:
    """The figures of the open shift up to now: of an X without a number, kept nowhere and printed nowhere.

    For consistent figures beside a till that sells, inside ``db.snapshot``. Refuses: Denied, NeedsApproval, NoShift.
    """
    staff.require(shop, by, Action.READ_X, key=key)
    shift = shift_rows.current(shop)
    if shift is None:
        raise NoShift
    return figures.collect(shop, shift, kind="x", number=0, by=by)


def preview(shop: Shop, found: ShiftReport) -> Document:
    """Figures that are not kept, as the paper of an X would show them, in the shop's language."""
    return _paper(shop, found, None, 0)


def document(shop: Shop, report_id: str, *, copy: int = 0) -> Document:
    """A past X or Z as paper, in the shop's language. Refuses: NotFound."""
    found = report(shop, report_id)
    entry = db.row(
        "SELECT entry.seq, entry.hash FROM entry JOIN cash_report ON cash_report.entry = entry.id "
        "WHERE cash_report.id = ?",
        (report_id,),
    )
    return _paper(shop, found, None if entry is None else Closing(int(entry[0]), str(entry[1])), copy)


def _paper(shop: Shop, found: ShiftReport, closing: Closing | None, copy: int) -> Document:
    return lay_out(
        found,
        receipt.shop_head(shop.settings),
        closing=closing,
        copy=copy,
        training=shop.training,
        language=shop.settings.language,
    )


def reprint(shop: Shop, report_id: str, *, by: str, key: str = "") -> int:
    """Print an X or Z again, marked as a copy; which copy it is.

    0, and no mark, for a Z that came about unseen and never was on paper. Refuses: NotFound, Denied, NeedsApproval
    (whoever may not read the figures gets no paper of them either). Source: D6-02.
    """
    with db.transaction():
        approved_by = staff.require(shop, by, Action.READ_X, key=key)
        found = db.row(
            "SELECT cash_report.kind, entry.trace FROM cash_report LEFT JOIN entry ON entry.id = cash_report.entry "
            "WHERE cash_report.id = ?",
            (report_id,),
        )
        if found is None:
            raise NotFound(what="report", code=report_id)
        done = db.row("SELECT COUNT(*) FROM journal WHERE action = ? AND facts LIKE ?", (COPIED, f'%"{report_id}"%'))
        unseen = found[1] is not None and '"unseen":true' in found[1]
        copy = (0 if done is None else int(done[0])) + (0 if unseen else 1)
        add_note(shop, by, COPIED, approved_by=approved_by, copy=copy, report=report_id)
        printing.queue_report(shop, found[0], report_id, copy=copy)
        return copy


def reports(
    shop: Shop,
    *,
    by: str,
    key: str = "",
    kinds: Iterable[str] = ("z",),
    lane: str | None = None,
    on: date | None = None,
    limit: int = 100,
) -> tuple[ReportRow, ...]:
    """Past reports, newest first. Refuses: Denied, NeedsApproval."""
    staff.require(shop, by, Action.READ_X, key=key)
    wanted = tuple(kinds)
    if not wanted:
        return ()
    where, params = [f"cash_report.kind IN ({', '.join('?' * len(wanted))})"], list[object](wanted)
    for condition, value in (("cash_report.lane = ?", lane), ("shift.business_date = ?", on and on.isoformat())):
        if value is not None:
            where.append(condition)
            params.append(value)
    found = db.rows(
        "SELECT cash_report.id, cash_report.kind, cash_report.number, cash_report.lane, shift.business_date, "
        "cash_report.at, staff.name, cash_report.facts FROM cash_report JOIN shift ON shift.id = cash_report.shift "
        f'LEFT JOIN staff ON staff.id = cash_report."by" WHERE {" AND ".join(where)} '
        "ORDER BY shift.business_date DESC, cash_report.lane, shift.number DESC, cash_report.kind DESC, "
        "cash_report.number DESC LIMIT ?",
        (*params, limit),
    )
    return tuple(_row(*one) for one in found)


def _row(id_: str, kind: str, number: int, lane: str, day: str, at: int, name: str | None, text: str) -> ReportRow:
    found = figures.from_text(text)
    first = (name or "").split(" ", 1)[0]
    return ReportRow(id_, kind, int(number), lane, day, int(at), first, found.gross, found.difference, found.proof_ok)
