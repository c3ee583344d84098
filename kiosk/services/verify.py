"""Proof of the books: chain, sums, balances, sales and signatures (DOMAIN.md C.4, PLATFORM.md 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kiosk import db
from kiosk.services import ledger, sale_rows, signing
from kiosk.services.ledger import ENTRY_COLUMNS

_PAGE: Final = 500
MOST_PROBLEMS: Final = 50


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a receipt or a Z report has printed: paper is the witness."""

    lane: str
    seq: int
    hash_piece: str

    @classmethod
    def parse(cls, text: str) -> Anchor | None:
        """Read ``R1:120:1a2b3c4d``."""
        parts = text.strip().split(":")
        if len(parts) != 3 or not parts[1].isdigit() or not parts[2]:
            return None
        return cls(parts[0], int(parts[1]), parts[2].lower())


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the books that can't be."""

    lane: str
    seq: int | None
    what: str
    """A short name: hash, gap, sum, digest, balance, tail, signature, anchor, receipt …"""


@dataclass
class Report:
    """What ``kiosk verify`` found."""

    entries: int = 0
    sales: int = 0
    signatures: int = 0
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Lane to its last seq and hash, to compare with paper."""
    problems: list[Problem] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    @property
    def first_bad(self) -> tuple[str, int] | None:
        """The first bad entry, by lane and seq."""
        bad = [(problem.lane, problem.seq) for problem in self.problems if problem.seq is not None]
        return min(bad, key=lambda pair: (pair[1], pair[0])) if bad else None

    def add(self, lane: str, seq: int | None, what: str) -> None:
        """Note a problem; beyond a number that nobody reads, only the first stay."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(lane, seq, what))


def verify(
    *,
    anchors: Sequence[Anchor] = (),
    root: str | None = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> Report:
    """Recompute everything that the books claim, on the database that is bound.

    ``anchors`` are what papers show; ``root`` is the public key that the
    machine's key file remembers. Source: N3, DOMAIN.md C.4 I1, I2, I11, I15,
    I16, I17, E51.
    """
    report = Report()
    for lane, seq, head, receipts in db.rows("SELECT id, seq, head, receipt FROM lane ORDER BY id"):
        _Chain(report, lane, {anchor.seq: anchor for anchor in anchors if anchor.lane == lane}, progress).walk(
            int(seq), str(head), int(receipts)
        )
    lanes = set(report.heads)
    for anchor in anchors:
        if anchor.lane not in lanes:
            report.add(anchor.lane, anchor.seq, "anchor")
    _strays(report)
    _balances(report)
    _signatures(report, root)
    return report


class _Chain:
    """One lane's entries, in order."""

    def __init__(self, report: Report, lane: str, anchors: dict[int, Anchor], progress: Callable[[int], None]) -> None:
        self._report, self._lane, self._anchors, self._progress = report, lane, anchors, progress
        self._receipt = 0

    def walk(self, last_seq: int, head: str, receipts: int) -> None:
        expected, previous, bad_before = 1, "", len(self._report.problems)
        for page in self._pages():
            for values, claimed_previous, claimed_hash, postings in page:
                seq = int(values["seq"])
                if seq != expected:
                    self._report.add(self._lane, min(seq, expected), "gap")
                if claimed_previous != previous:
                    self._report.add(self._lane, seq, "previous")
                self._entry(values, claimed_previous, claimed_hash, postings)
                expected, previous = seq + 1, claimed_hash
            self._progress(self._report.entries)
        self._report.heads[self._lane] = (expected - 1, previous)
        if (expected - 1, previous) != (last_seq, head):
            self._report.add(self._lane, min(expected, last_seq + 1), "tail")
        for seq in sorted(self._anchors):
            if seq >= expected:
                self._report.add(self._lane, expected, "anchor")
        if len(self._report.problems) == bad_before and self._receipt != receipts:
            self._report.add(self._lane, expected, "receipt")

    def _pages(self) -> Iterator[list[tuple[dict[str, Any], str, str, list[tuple[int, str, str, str, str, int]]]]]:
        names = ", ".join(f'"{name}"' for name in ENTRY_COLUMNS)
        after = None
        while True:
            where, params = ("", ()) if after is None else (" AND seq > ?", (after,))
            found = db.rows(
                f"SELECT {names}, previous_hash, hash FROM entry WHERE lane = ?{where} ORDER BY seq LIMIT {_PAGE}",
                (self._lane, *params),
            )
            if not found:
                return
            postings: dict[str, list[tuple[int, str, str, str, str, int]]] = {}
            marks = ", ".join("?" * len(found))
            for entry, *rest in db.rows(
                "SELECT posting.entry, posting.position, account.id, account.kind, account.unit, account.owner, "
                "posting.amount FROM posting LEFT JOIN account ON account.id = posting.account "
                f"WHERE posting.entry IN ({marks}) ORDER BY posting.entry, posting.position",
                [row[0] for row in found],
            ):
                postings.setdefault(entry, []).append(tuple(rest))
            yield [
                (dict(zip(ENTRY_COLUMNS, row, strict=False)), row[-2], row[-1], postings.get(row[0], []))
                for row in found
            ]
            after = found[-1][ENTRY_COLUMNS.index("seq")]

    def _entry(
        self,
        values: dict[str, Any],
        previous: str,
        claimed: str,
        postings: list[tuple[int, str, str, str, str, int]],
    ) -> None:
        report, seq = self._report, int(values["seq"])
        report.entries += 1
        if ledger.entry_hash(previous, values, postings) != claimed:
            report.add(self._lane, seq, "hash")
        sums: dict[str, int] = {}
        for _position, _account, _kind, unit, _owner, amount in postings:
            sums[unit] = sums.get(unit, 0) + amount
        if any(sums.values()):
            report.add(self._lane, seq, "sum")
        anchor = self._anchors.get(seq)
        if anchor is not None and not str(claimed).startswith(anchor.hash_piece):
            report.add(self._lane, seq, "anchor")
        if values["sale"] is not None:
            self._sale(values, seq)

    def _sale(self, values: dict[str, Any], seq: int) -> None:
        report = self._report
        report.sales += 1
        rows = sale_rows.read(values["sale"])
        if rows is None:
            report.add(self._lane, seq, "sale missing")
            return
        head = rows.head()
        if ledger.digest(rows.document()) != values["digest"]:
            report.add(self._lane, seq, "digest")
        if head["entry"] != values["id"] or head["lane"] != self._lane:
            report.add(self._lane, seq, "sale")
        if head["number"] != self._receipt + 1:
            report.add(self._lane, seq, "receipt")
        self._receipt = int(head["number"])
        if sum(row[5] for row in rows.tenders) != head["total"] + head["rounding"]:
            report.add(self._lane, seq, "tenders")
        if sum(row[4] + row[5] for row in rows.taxes) != head["total"]:
            report.add(self._lane, seq, "taxes")


def _strays(report: Report) -> None:
    """Rows that belong to nothing: postings without an entry, sales and their parts without one."""
    for table, column, parent in (
        ("posting", "entry", "entry"),
        ("sale", "entry", "entry"),
        ("sale_line", "sale", "sale"),
        ("sale_tax", "sale", "sale"),
        ("sale_tender", "sale", "sale"),
    ):
        found = db.row(
            f"SELECT COUNT(*) FROM {table} "
            f"WHERE NOT EXISTS (SELECT 1 FROM {parent} WHERE {parent}.id = {table}.{column})"
        )
        if found and found[0]:
            report.add("", None, f"stray {table}")
    orphans = db.rows("SELECT id, seq, lane FROM entry WHERE lane NOT IN (SELECT id FROM lane)")
    for _id, seq, lane in orphans:
        report.add(str(lane), int(seq), "lane")
    unnamed = db.row(
        "SELECT COUNT(*) FROM sale "
        "WHERE NOT EXISTS (SELECT 1 FROM entry WHERE entry.id = sale.entry AND entry.sale = sale.id)"
    )
    if unnamed and unnamed[0]:
        report.add("", None, "stray sale")


def _balances(report: Report) -> None:
    """Each kept balance is the sum of its postings, and each limit is the one of its kind (I3, I15).

    A wrong balance is named by the last entry that moved it, unless the chain has named a bad entry already.
    """
    chain_is_bad = report.first_bad is not None
    for id_, kind, highest, balance, posted, lane, seq in db.rows(
        "SELECT account.id, account.kind, account.highest, account.balance, "
        "COALESCE(SUM(posting.amount), 0), MAX(entry.lane), MAX(entry.seq) FROM account "
        "LEFT JOIN posting ON posting.account = account.id LEFT JOIN entry ON entry.id = posting.entry "
        "GROUP BY account.id, account.kind, account.highest, account.balance"
    ):
        kept = highest is not None
        if highest != ledger.HIGHEST.get(kind) or balance != (int(posted) if kept else 0):
            report.add(str(lane or ""), None if seq is None or chain_is_bad else int(seq), f"balance of {kind} {id_}")


def _signatures(report: Report, root: str | None) -> None:
    keys = {key.id: key for key in signing.public_keys()}
    good: set[str] = set()
    for key in keys.values():
        text = signing.key_text(key.id, key.month, key.public)
        signer = key if key.previous is None else keys.get(key.previous)
        trusted_start = key.previous is None and (root is None or key.public == root)
        if signer is None or not signing.is_signed_by(signer.public, key.signature, text):
            report.add("", None, f"key {key.id}")
        elif trusted_start or (key.previous is not None and key.previous in good):
            good.add(key.id)
        else:
            report.add("", None, f"key {key.id}")
    signed: set[tuple[str, int]] = set()
    for lane, seq, own_hash, key_id, text in db.rows(
        "SELECT lane, seq, hash, signing_key, signature FROM signature ORDER BY lane, seq"
    ):
        report.signatures += 1
        signed.add((lane, seq))
        entry = db.row("SELECT hash FROM entry WHERE lane = ? AND seq = ?", (lane, seq))
        known = keys.get(key_id)
        fits = known is not None and key_id in good and entry is not None and entry[0] == own_hash
        if (
            not fits
            or known is None
            or not signing.is_signed_by(known.public, text, signing.signed_text(lane, seq, own_hash))
        ):
            report.add(lane, seq, "signature")
    for lane, (last, _hash) in report.heads.items():
        for seq in range(signing.EVERY, last + 1, signing.EVERY):
            if (lane, seq) not in signed:
                report.add(lane, seq, "signature missing")
