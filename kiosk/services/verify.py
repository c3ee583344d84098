"""Proof of the books: chain, sums, balances, sales, signatures and days (DOMAIN.md C.4, PLATFORM.md 6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from kiosk import db
from kiosk.services import ledger, signing, verify_customers, verify_days
from kiosk.services.verify_chain import Chain, Moved, is_same, is_signed
from kiosk.services.verify_report import MOST_PROBLEMS, Anchor, Problem, Report
from kiosk.services.verify_returns import Back
from kiosk.services.verify_rows import as_it_lies, faults, is_sound, rows

__all__ = ["Anchor", "Problem", "Report", "verify"]

_TABLES: Final = (
    "lane", "entry", "posting", "account", "sale", "sale_line", "sale_tax", "sale_tender", "signature", "signing_key",
    "shift", "cash_count", "cash_move", "cash_report", "day_total", "return_line", "refund", "points_move",
)  # fmt: skip
_BELONGS: Final = {
    "posting": "entry",
    "sale": "entry",
    "sale_line": "sale",
    "sale_tax": "sale",
    "sale_tender": "sale",
    "return_line": "sale",
    "refund": "sale",
    "points_move": "entry",
    "cash_count": "entry",
    "cash_move": "entry",
    "cash_report": "shift",
    "day_total": "shift",
}
"""Table to the one that its rows are part of, and name in a column called like it."""


def verify(
    *,
    anchors: Sequence[Anchor] = (),
    root: str | None = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> Report:
    """Recompute everything that the books claim, on the database that is bound.

    ``anchors`` are what papers show; ``root`` is the public key that the
    machine's key file remembers. A value of a type that can't be there makes its
    entry bad. Refuses: StorageFailed (no books, or a file that can't be read).
    Source: N3, DOMAIN.md C.4 I1, I2, I3, I5, I11, I12, I15, I16, I17, E51.
    """
    report, moved, back = Report(), Moved(), Back()
    with faults():
        keys = _trusted_keys(report, root)
        for lane, seq, head, receipts in rows("SELECT id, seq, head, receipt FROM lane ORDER BY id"):
            if not _is_name(lane):
                report.add(lane, None, "lane")
                continue
            papers = [anchor for anchor in anchors if anchor.lane == lane]
            chain = Chain(report, lane, anchors=papers, keys=keys, moved=moved, back=back, progress=progress)
            chain.walk(seq, head, receipts)
        for anchor in anchors:
            if anchor.lane not in report.heads:
                report.add(anchor.lane, anchor.seq, "anchor")
        _strays(report)
        _balances(report, moved)
        back.examine(report)
        verify_days.examine(report)
        verify_customers.examine(report)
        for table in (*_TABLES, *verify_customers.TABLES):
            if not is_sound(table):
                report.add("", None, f"file {table}")
    return report


def _is_name(lane: object) -> bool:
    """Whether a lane's entries can be asked for: text, and UTF-8."""
    return isinstance(lane, str) and lane.encode(errors="replace").decode() == lane


def _trusted_keys(report: Report, root: str | None) -> dict[str, str]:
    """The public keys that the first one vouches for, each through the one before it, by id."""
    good: dict[str, str] = {}
    for key in as_it_lies(signing.public_keys):
        signer = key.public if key.previous is None else good.get(key.previous)
        stranger = key.previous is None and root not in (None, key.public)
        text = partial(signing.key_text, key.id, key.month, key.public)
        if stranger or not is_signed(signer, key.signature, text):
            report.add("", None, f"key {key.id}")
        else:
            good[key.id] = key.public
    return good


def _strays(report: Report) -> None:
    """Rows that belong to nothing: entries of no lane, postings of no entry, sales and their parts without one."""
    for lane, seq in rows(
        "SELECT lane, seq FROM entry WHERE NOT EXISTS (SELECT 1 FROM lane WHERE lane.id = entry.lane) "
        f"ORDER BY seq LIMIT {MOST_PROBLEMS}"
    ):
        report.add(lane, seq if isinstance(seq, int) else None, "lane")
    for lane, seq in rows(
        "SELECT lane, seq FROM signature WHERE NOT EXISTS "
        "(SELECT 1 FROM entry WHERE entry.lane = signature.lane AND entry.seq = signature.seq) "
        f"ORDER BY seq LIMIT {MOST_PROBLEMS}"
    ):
        report.add(lane, seq if isinstance(seq, int) else None, "signature")
    for table, parent in _BELONGS.items():
        if _any(f"{table} WHERE NOT EXISTS (SELECT 1 FROM {parent} WHERE {parent}.id = {table}.{parent})"):
            report.add("", None, f"stray {table}")
    if _any("sale WHERE NOT EXISTS (SELECT 1 FROM entry WHERE entry.id = sale.entry AND entry.sale = sale.id)"):
        report.add("", None, "stray sale")
    (entries,) = db.row("SELECT COUNT(*) FROM entry") or (0,)
    if entries != report.entries:
        report.add("", None, "stray entry")


def _any(table_where: str) -> bool:
    return db.row(f"SELECT 1 FROM {table_where} LIMIT 1") is not None


def _balances(report: Report, moved: Moved) -> None:
    """Each kept balance is the sum of its postings, and within the limit that its kind was born with (I3, I15).

    The points of all cards are those that their sources gave and took: nothing else holds any (I5).
    A wrong balance is named by the last entry that moved it, unless the chain has named a bad entry already.
    """
    chain_is_bad = report.first_bad is not None
    points = 0
    accounts = "SELECT id, kind, unit, owner, highest, balance FROM account ORDER BY id"
    for id_, kind, unit, owner, highest, balance in rows(accounts):
        limit = ledger.Account(kind, owner, unit).highest
        posted = 0 if limit is None else moved.sums.get(id_, 0)
        points += moved.sums.get(id_, 0) if (kind, unit) == (ledger.POINTS, ledger.POINTS_UNIT) else 0
        _, lane, seq = (0, "", None) if chain_is_bad else moved.last.get(id_, (0, "", None))
        if not is_same(highest, limit) or not is_same(balance, posted):
            report.add(lane, seq, f"balance of {kind} {id_}")
        if limit is not None and posted > limit:
            report.add(lane, seq, f"limit of {kind} {id_}")
    if points and not chain_is_bad:
        report.add("", None, "points")
