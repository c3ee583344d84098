"""The sum proof of a Z: what the books held at the Z before, what moved since, and what they hold (N4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from kiosk import db
from kiosk.errors import Invalid
from kiosk.receipts.shift_report import DayBefore, ProofLine, ShiftReport
from kiosk.services import report_text
from kiosk.services.ledger import Line

_Sums = dict[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proven, and up to which entry of each lane."""

    lines: tuple[ProofLine, ...]
    heads: dict[str, int]
    before: DayBefore | None
    """The same lane's Z before, if there is one."""


def prove(lane: str, shift_number: int, closing: Iterable[Line], *, closes: bool) -> Proof:
    """Add up, for each kind of account whose balance is kept, what moved at all lanes since a Z that is known.

    That is the lane's Z before or, at its first, the shop's newest; without
    one it is everything that ever moved. ``closing`` are the postings of the
    entry that is about to close the shift, which counts if it ``closes``.
    """
    own = _z(
        "FROM shift JOIN cash_report ON cash_report.shift = shift.id AND cash_report.kind = 'z' "
        "WHERE shift.lane = ? AND shift.number = ?",
        lane,
        shift_number - 1,
    )
    base = own or _z("FROM cash_report WHERE kind = 'z' ORDER BY id DESC LIMIT 1")
    before: _Sums = {} if base is None else {(line.kind, line.unit): line.now for line in base.held}
    heads, moved, now = _read({} if base is None else base.heads)
    for line in closing:
        if line.account.highest is not None:
            which = (line.account.kind, line.account.unit)
            moved[which] = moved.get(which, 0) + line.amount
            now[which] = now.get(which, 0) + line.amount
    if closes:
        heads[lane] = heads.get(lane, 0) + 1
    lines = tuple(
        ProofLine(kind, unit, before.get((kind, unit), 0), moved.get((kind, unit), 0), now.get((kind, unit), 0))
        for kind, unit in sorted(before.keys() | moved.keys() | now.keys())
    )
    return Proof(lines, heads, None if own is None else _day(own))


def balances(lines: Iterable[Line]) -> bool:
    """Whether postings sum to zero in each unit (I1)."""
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.account.unit] = sums.get(line.account.unit, 0) + line.amount
    return not any(sums.values())


def _z(source: str, *params: object) -> ShiftReport | None:
    """A past Z. One that somebody has damaged proves nothing: then more is added up."""
    found = db.row(f"SELECT cash_report.facts {source}", params)
    if found is None:
        return None
    try:
        return report_text.from_text(found[0])
    except Invalid:
        return None


def _day(report: ShiftReport) -> DayBefore:
    return DayBefore(
        number=report.number,
        business_date=report.business_date,
        gross=report.gross,
        sales=report.sales.count,
        tenders={tender.tender: tender.net.minor for tender in report.tenders},
    )


_NOW: Final = (
    "SELECT 'now', kind, unit, SUM(balance) FROM account WHERE highest IS NOT NULL GROUP BY kind, unit "
    "UNION ALL SELECT 'head', id, '', seq FROM lane "
)
_MOVED: Final = (
    "UNION ALL SELECT 'moved', account.kind, account.unit, SUM(posting.amount) "
    "FROM entry CROSS JOIN posting CROSS JOIN account WHERE posting.entry = entry.id "
    "AND account.id = posting.account AND account.highest IS NOT NULL AND entry.lane = ? AND entry.seq > ? "
    "GROUP BY account.kind, account.unit "
)


def _read(heads: dict[str, int]) -> tuple[dict[str, int], _Sums, _Sums]:
    """Where each lane is, what moved since, and what is held: in one statement, for other lanes go on selling."""
    lanes = [str(lane) for (lane,) in db.rows("SELECT id FROM lane ORDER BY id")]
    params = [part for lane in lanes for part in (lane, heads.get(lane, 0))]
    found: dict[str, dict[Any, int]] = {"now": {}, "head": {}, "moved": {}}
    for what, kind, unit, amount in db.rows(_NOW + _MOVED * len(lanes), params):
        which = kind if what == "head" else (kind, unit)
        found[what][which] = found[what].get(which, 0) + int(amount)
    return found["head"], found["moved"], found["now"]
