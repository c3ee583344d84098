"""The books for others to read: CSV, and a journal for hledger (N12, DESIGN.md 3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, Final, TextIO

from kiosk import db
from kiosk.clock import from_millis
from kiosk.services import csv_files
from kiosk.services.catalogue_rows import marks
from kiosk.services.csv_files import Amount, amount_text
from kiosk.services.shop import Shop

_AT_ONCE: Final = 400
_COLUMNS: Final = (
    "lane", "seq", "business_date", "at", "kind", "receipt", "account", "amount", "unit", "by", "approved_by",
    "reverses", "entry", "hash",
)  # fmt: skip
_SYMBOL: Final = re.compile(r"[^\W\d]+")
_TYPES: Final = {
    "drawer": "C",
    "safe": "C",
    "bank": "C",
    "clearing": "A",
    "transit": "A",
    "debt": "A",
    "voucher": "L",
    "credit": "L",
    "tax": "L",
    "sales": "R",
    "breakage": "R",
    "paidin": "R",
    "promo": "X",
    "rounding": "X",
    "overshort": "X",
    "paidout": "X",
    "opening": "E",
}
"""What each kind of account is to an accountant: cash, asset, liability, revenue, expense or equity."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One posting with the account that it went to; the amount in the unit's smallest part."""

    kind: str
    owner: str
    unit: str
    amount: int

    @property
    def account(self) -> str:
        """The account's name, ``drawer:R1``."""
        return account_name(self.kind, self.owner)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry with its postings."""

    id: str
    lane: str
    seq: int
    at: int
    business_date: str
    kind: str
    by: str
    approved_by: str | None
    reverses: str | None
    hash: str
    receipt: int | None
    postings: tuple[Posting, ...]


def account_name(kind: str, owner: str) -> str:
    """How an account is called outside: one word, and nothing that a journal could take for something else."""
    return f"{kind}:{re.sub(r'[^0-9A-Za-z_./-]+', '_', owner)}" if owner else kind


def entries() -> Iterator[Entry]:
    """All entries with their postings, lane by lane in their order."""
    last: tuple[object, ...] = ("", 0)
    while some := db.rows(
        "SELECT entry.id, entry.lane, entry.seq, entry.at, entry.business_date, entry.kind, "
        'entry."by", entry.approved_by, entry.reverses, entry.hash, sale.number '
        "FROM entry LEFT JOIN sale ON sale.entry = entry.id "
        "WHERE (entry.lane, entry.seq) > (?, ?) ORDER BY entry.lane, entry.seq LIMIT ?",
        (*last, _AT_ONCE),
    ):
        postings = _postings([row[0] for row in some])
        yield from (Entry(*(*row, tuple(postings.get(row[0], ())))) for row in some)
        last = some[-1][1:3]


def _postings(of: Sequence[str]) -> dict[str, list[Posting]]:
    found: dict[str, list[Posting]] = {}
    for entry, *posting in db.rows(
        "SELECT posting.entry, account.kind, account.owner, account.unit, posting.amount FROM posting "
        f"JOIN account ON account.id = posting.account WHERE posting.entry IN ({marks(of)}) "
        "ORDER BY posting.entry, posting.position",
        of,
    ):
        found.setdefault(entry, []).append(Posting(*posting))
    return found


def _decimals(shop: Shop, unit: str) -> int:
    """Money has the currency's decimals; points have none."""
    return shop.settings.decimals if unit == shop.settings.currency else 0


def write_csv(shop: Shop, target: Path | TextIO) -> int:
    """One row for each posting; how many entries."""
    count = 0
    with csv_files.open_target(target, mark=True) as file:
        writer = csv_files.Writer(file, ",")
        writer.row(_COLUMNS)
        for entry in entries():
            count += 1
            for posting in entry.postings:
                writer.row(
                    (
                        entry.lane,
                        entry.seq,
                        entry.business_date,
                        from_millis(entry.at).astimezone(UTC).isoformat(timespec="milliseconds"),
                        entry.kind,
                        entry.receipt,
                        posting.account,
                        Amount(amount_text(posting.amount, _decimals(shop, posting.unit))),
                        posting.unit,
                        entry.by,
                        entry.approved_by,
                        entry.reverses,
                        entry.id,
                        entry.hash,
                    )
                )
    return count


def write_hledger(shop: Shop, target: Path | TextIO) -> int:
    """A journal that hledger reads: one balanced transaction for each entry, dated by business day; how many."""
    count = 0
    with csv_files.open_target(target) as file:
        for line in _directives(shop):
            file.write(line + "\n")
        for entry in entries():
            count += 1
            file.write("\n" + "\n".join(_transaction(shop, entry)) + "\n")
    return count


def _directives(shop: Shop) -> Iterator[str]:
    found = db.rows("SELECT DISTINCT kind, owner, unit FROM account ORDER BY kind, owner")
    for unit in sorted({row[2] for row in found}):
        yield f"commodity {_with_unit('1000' + ('.' + '0' * _decimals(shop, unit)), unit)}"
    for name, kind in sorted({(account_name(row[0], row[1]), row[0]) for row in found}):
        yield f"account {name}" + (f"  ; type:{_TYPES[kind]}" if kind in _TYPES else "")


def _transaction(shop: Shop, entry: Entry) -> Iterator[str]:
    receipt = "" if entry.receipt is None else f" {entry.receipt}"
    at = from_millis(entry.at).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    yield f"{entry.business_date} * ({entry.lane}/{entry.seq}) {entry.kind}{receipt}  ; at:{at}, hash:{entry.hash[:8]}"
    for posting in entry.postings:
        amount = amount_text(posting.amount, _decimals(shop, posting.unit))
        yield f"    {posting.account}  {_with_unit(amount, posting.unit)}"


def _with_unit(amount: str, unit: str) -> str:
    return f"{amount} {unit}" if _SYMBOL.fullmatch(unit) else f'{amount} "{unit}"'


def balances() -> dict[tuple[str, str], int]:
    """The sum of all postings of each account, by name and unit; what hledger must come to."""
    found: dict[tuple[str, str], int] = {}
    for kind, owner, unit, amount in db.rows(
        "SELECT kind, owner, unit, SUM(amount) FROM posting JOIN account ON account.id = posting.account "
        "GROUP BY kind, owner, unit"
    ):
        name: Any = (account_name(kind, owner), unit)
        found[name] = found.get(name, 0) + int(amount)
    return found
