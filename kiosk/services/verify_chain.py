"""One lane's chain of entries, recomputed: numbers, hashes, sums, sales, signatures, and what papers show of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kiosk.services import ledger, points_rows, signing
from kiosk.services.cash_rows import CLOSED
from kiosk.services.points_rows import ADJUSTED
from kiosk.services.sale_rows import SALE, TAX, TENDER, Row, SaleRows
from kiosk.services.verify_report import Anchor, Report, shown
from kiosk.services.verify_returns import Back
from kiosk.services.verify_rows import EntryRows, pages

_PAID: Final = TENDER.index("amount")
_NET: Final = TAX.index("net")
_TAX: Final = TAX.index("tax")


@dataclass(slots=True)
class Moved:
    """What the entries did to each account."""

    sums: dict[Any, int] = field(default_factory=dict)
    last: dict[Any, tuple[int, str, int]] = field(default_factory=dict)
    """When it was moved last, by the lane and seq of that entry."""

    def by(self, account: Any, amount: int, at: tuple[int, str, int]) -> None:
        """Take in one posting."""
        self.sums[account] = self.sums.get(account, 0) + amount
        if at > self.last.get(account, (0, "", 0)):
            self.last[account] = at


def is_signed(public: object, signature: object, text: Callable[[], bytes]) -> bool:
    """Whether a signature is good; what isn't text, or can't have been signed, is not."""
    if not isinstance(public, str) or not isinstance(signature, str):
        return False
    try:
        return signing.is_signed_by(public, signature, text())
    except ValueError:
        return False


def is_same(claimed: object, computed: object) -> bool:
    """Whether a value is what it must be, type included: 130.0 was never written."""
    return type(claimed) is type(computed) and claimed == computed


class Chain:
    """Walks one lane's entries in order and reports each that can't be."""

    def __init__(
        self,
        report: Report,
        lane: str,
        *,
        anchors: Sequence[Anchor],
        keys: dict[str, str],
        moved: Moved,
        back: Back,
        progress: Callable[[int], None],
    ) -> None:
        self._report, self._lane, self._progress = report, lane, progress
        self._keys, self._moved, self._back = keys, moved, back
        self._anchors: dict[int, list[str]] = {}
        for anchor in anchors:
            self._anchors.setdefault(anchor.seq, []).append(anchor.hash_piece)
        self._receipt = 0
        self._good = True

    def walk(self, last_seq: object, head: object, receipts: object) -> None:
        """From the first entry to the end that the lane claims, its number of receipts included."""
        expected, previous = 1, ""
        for page in pages(self._lane):
            for entry in page:
                seq = entry.values["seq"]
                self._report.entries += 1
                if not isinstance(seq, int):
                    self._bad(expected, "gap")
                    continue
                if seq != expected:
                    self._bad(min(seq, expected), "gap")
                if entry.previous_hash != previous:
                    self._bad(seq, "previous")
                self._entry(entry, seq)
                expected, previous = seq + 1, entry.hash
            self._progress(self._report.entries)
        self._report.heads[shown(self._lane)] = (expected - 1, shown(previous))
        if not is_same(last_seq, expected - 1) or not is_same(head, previous):
            claimed = last_seq + 1 if isinstance(last_seq, int) else expected
            self._bad(max(1, min(expected, claimed)), "tail")
        for seq in sorted(self._anchors):
            self._bad(max(1, min(seq, expected)), "anchor")
        if self._good and not is_same(receipts, self._receipt):
            self._bad(expected, "receipt")

    def _bad(self, seq: int, what: str) -> None:
        self._good = False
        self._report.add(self._lane, seq, what)

    def _entry(self, entry: EntryRows, seq: int) -> None:
        if not _is_hashed(entry.hash, lambda: ledger.entry_hash(entry.previous_hash, entry.values, entry.postings)):
            self._bad(seq, "hash")
        self._postings(entry, seq)
        self._points(entry, seq)
        for piece in self._anchors.pop(seq, ()):
            if not str(entry.hash).startswith(piece):
                self._bad(seq, "anchor")
        self._signatures(entry, seq)
        if entry.values["sale"] is not None:
            self._report.sales += 1
            if entry.sale is None:
                self._bad(seq, "sale missing")
            else:
                self._sale(entry.values, entry.sale, seq)

    def _postings(self, entry: EntryRows, seq: int) -> None:
        sums: dict[Any, int] = {}
        at = entry.values["at"]
        when = (at if isinstance(at, int) else 0, self._lane, seq)
        for _position, account, _kind, unit, _owner, amount in entry.postings:
            if not isinstance(amount, int):
                self._bad(seq, "sum")
                return
            sums[unit] = sums.get(unit, 0) + amount
            self._moved.by(account, amount, when)
        if any(sums.values()):
            self._bad(seq, "sum")

    def _points(self, entry: EntryRows, seq: int) -> None:
        """What it did to the points of each card stands in a row of its own, and only that (I5, T-16)."""
        posted: dict[Any, Any] = {}
        for _position, _account, kind, unit, owner, amount in entry.postings:
            if kind == ledger.POINTS and unit == ledger.POINTS_UNIT and owner not in ledger.POINT_SOURCES:
                posted[owner] = amount
        moved = {move.card: move.amount for move in entry.points}
        same = moved.keys() == posted.keys() and all(is_same(moved[card], posted[card]) for card in posted)
        by_hand = entry.values["kind"] == ADJUSTED
        if not same or (by_hand and not _is_hashed(entry.values["digest"], lambda: _digest_of(entry))):
            self._bad(seq, "points")

    def _signatures(self, entry: EntryRows, seq: int) -> None:
        for signed, key, signature in entry.signatures:
            self._report.signatures += 1
            public = self._keys.get(key)
            if signed != entry.hash or not is_signed(
                public, signature, lambda: signing.signed_text(self._lane, seq, str(entry.hash))
            ):
                self._bad(seq, "signature")
        if (seq % signing.EVERY == 0 or entry.values["kind"] == CLOSED) and not entry.signatures:
            self._bad(seq, "signature missing")

    def _sale(self, values: dict[str, Any], rows: SaleRows, seq: int) -> None:
        head = dict(zip(SALE, rows.sale, strict=True))
        if not _is_hashed(values["digest"], lambda: ledger.digest(rows.document())):
            self._bad(seq, "digest")
        if head["entry"] != values["id"] or head["lane"] != self._lane:
            self._bad(seq, "sale")
        if not is_same(head["number"], self._receipt + 1):
            self._bad(seq, "receipt")
        self._receipt = head["number"] if isinstance(head["number"], int) else self._receipt + 1
        if not _adds_up(_column(rows.tenders, _PAID), (head["total"], head["rounding"])):
            self._bad(seq, "tenders")
        if not _adds_up((*_column(rows.taxes, _NET), *_column(rows.taxes, _TAX)), (head["total"],)):
            self._bad(seq, "taxes")
        for what in self._back.of(values, rows, (self._lane, seq)) if self._good else ():
            self._bad(seq, what)


def _is_hashed(claimed: object, make: Callable[[], str]) -> bool:
    """Whether a hash fits; of bytes, or of text that is not UTF-8, none was ever made."""
    try:
        return make() == claimed
    except (AttributeError, TypeError, ValueError):
        return False


def _digest_of(entry: EntryRows) -> str:
    return ledger.digest(points_rows.document(entry.points))


def _column(rows: Iterable[Row], index: int) -> tuple[Any, ...]:
    return tuple(row[index] for row in rows)


def _adds_up(parts: Sequence[Any], whole: Sequence[Any]) -> bool:
    return all(isinstance(amount, int) for amount in (*parts, *whole)) and sum(parts) == sum(whole)
