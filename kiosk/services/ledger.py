"""The ledger: the only writer of entries and postings (DESIGN.md 3).

The schema has the last word: sums, sequence, hashes and limits are checked by
its triggers. What is written here must merely please them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from kiosk import db
from kiosk.errors import NotFound
from kiosk.money import Money
from kiosk.services import signing
from kiosk.services.ids import new_id
from kiosk.services.shop import Shop

KEPT: Final = 10**15
"""The limit of accounts that have none but whose balance is kept, such as a drawer."""

HIGHEST: Final[dict[str, int | None]] = {
    "drawer": KEPT,
    "safe": KEPT,
    "transit": KEPT,
    "debt": KEPT,
    "voucher": 0,
    "credit": 0,
    "pts": KEPT,
}
"""The limit that each kind of account is born with; a kind that is absent keeps no balance."""

POINTS: Final = "pts"
"""The kind of account that holds points; its owner is a card's id, or one of ``POINT_SOURCES`` (DOMAIN.md C.3)."""

POINTS_UNIT: Final = "PTS"

POINT_SOURCES: Final = frozenset({"issued", "bonus", "spent", "expired", "adjust"})
"""Where points come from and go to; kept without a balance, so that lanes do not wait for each other."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account by what it is: its kind, whose it is, and its unit (DOMAIN.md C.3)."""

    kind: str
    owner: str
    unit: str

    @property
    def highest(self) -> int | None:
        """The limit that it is born with; None keeps no balance."""
        return None if self.kind == POINTS and self.owner in POINT_SOURCES else HIGHEST.get(self.kind)


@dataclass(frozen=True, slots=True)
class Line:
    """One posting to be: debit positive."""

    account: Account
    amount: int


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a lane's chain, held until the commit."""

    seq: int
    hash: str
    receipt: int
    at: int | None = None
    """When the last entry was written, as its clock said."""
    shift: str | None = None
    """The open shift."""
    business_date: str | None = None
    """The day that the open shift belongs to (DOMAIN.md C.1, 8)."""


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry that was written."""

    id: str
    seq: int
    hash: str


def lock(shop: Shop) -> Head:
    """Take the end of this lane's chain for this transaction. Refuses: NotFound (unknown lane)."""
    found = db.lock_lane(shop.lane)
    if found is None:
        raise NotFound(what="lane", code=shop.lane)
    return Head(*found)


def entry_of(key: str) -> str | None:
    """The entry that a key already made, if any (DESIGN.md 1: doing it twice does it once)."""
    found = db.row("SELECT id FROM entry WHERE key = ?", (key,))
    return None if found is None else str(found[0])


def money_line(shop: Shop, kind: str, owner: str, amount: Money) -> Line:
    """A posting in the shop's currency."""
    return Line(Account(kind, owner, shop.settings.currency), amount.minor)


def post(
    shop: Shop,
    head: Head,
    kind: str,
    lines: Iterable[Line],
    *,
    key: str,
    by: str,
    entry: str | None = None,
    approved_by: str | None = None,
    sale: str | None = None,
    reverses: str | None = None,
    trace: dict[str, Any] | None = None,
    digest: str = "",
) -> Posted:
    """Write one entry at the end of the lane's chain, inside the transaction of its deed.

    Refuses: Refused (a sum that is not zero, a limit, a broken chain), AlreadyTaken (the key).
    """
    made, now = entry or new_id(), shop.clock.now()
    at = shop.clock.millis()
    postings = [
        (position, account, line.account, line.amount)
        for position, (account, line) in enumerate(_in_order(_merge(lines)), start=1)
    ]
    values: dict[str, Any] = {
        "id": made,
        "key": key,
        "lane": shop.lane,
        "seq": head.seq + 1,
        "at": at,
        "clock_suspect": int(suspect(shop, head, at)),
        "business_date": head.business_date or shop.clock.business_date(now).isoformat(),
        "shift": head.shift,
        "by": by,
        "approved_by": approved_by,
        "kind": kind,
        "sale": sale,
        "reverses": reverses,
        "trace": canonical(trace or {}),
        "digest": digest,
    }
    bare = [(position, id_, who.kind, who.unit, who.owner, amount) for position, id_, who, amount in postings]
    own_hash = entry_hash(head.hash, values, bare)
    db.run_many(
        "INSERT INTO posting (entry, position, account, amount) VALUES (?, ?, ?, ?)",
        [(made, position, id_, amount) for position, id_, _who, amount in postings],
    )
    db.run(_INSERT_ENTRY, (*values.values(), head.hash, own_hash))
    posted = Posted(id=made, seq=head.seq + 1, hash=own_hash)
    if posted.seq % signing.EVERY == 0:
        signing.sign(shop, posted.seq, posted.hash)
    return posted


ENTRY_COLUMNS: Final = (
    "id", "key", "lane", "seq", "at", "clock_suspect", "business_date", "shift", "by", "approved_by", "kind", "sale",
    "reverses", "trace", "digest",
)  # fmt: skip
"""What of an entry is hashed, with its postings and the hash before it."""

_INSERT_ENTRY: Final = (
    f"INSERT INTO entry ({', '.join(f'{chr(34)}{name}{chr(34)}' for name in ENTRY_COLUMNS)}, previous_hash, hash) "
    f"VALUES ({', '.join('?' * (len(ENTRY_COLUMNS) + 2))})"
)


def canonical(value: object) -> str:
    """JSON with sorted keys, UTF-8, no spaces."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(value: object) -> str:
    """SHA-256 of a document's canonical form."""
    return sha256(canonical(value).encode()).hexdigest()


def entry_hash(previous: str, values: dict[str, Any], postings: Sequence[tuple[int, str, str, str, str, int]]) -> str:
    """The hash of an entry: of the one before it, its own fields, and its postings with what their accounts are."""
    body = canonical({**values, "postings": postings})
    return sha256(previous.encode() + body.encode()).hexdigest()


def _merge(lines: Iterable[Line]) -> dict[Account, int]:
    sums: dict[Account, int] = {}
    for line in lines:
        sums[line.account] = sums.get(line.account, 0) + line.amount
    return {account: amount for account, amount in sums.items() if amount}


def _in_order(sums: dict[Account, int]) -> list[tuple[str, Line]]:
    """By account and amount, so that two lanes never wait for each other crosswise."""
    ids = _account_ids(list(sums))
    found = [(ids[account], Line(account, amount)) for account, amount in sums.items()]
    return sorted(found, key=lambda pair: (pair[0], pair[1].amount))


def _account_ids(accounts: list[Account]) -> dict[Account, str]:
    """The accounts' ids; an account is born with its first posting."""
    found = _known_ids(accounts)
    unknown = [account for account in accounts if account not in found]
    if unknown:
        db.run_many(
            "INSERT INTO account (id, kind, unit, owner, highest) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (kind, unit, owner) DO NOTHING",
            [(new_id(), one.kind, one.unit, one.owner, one.highest) for one in unknown],
        )
        found |= _known_ids(unknown)
    return found


def _known_ids(accounts: list[Account]) -> dict[Account, str]:
    if not accounts:
        return {}
    each = " OR ".join(["(kind = ? AND unit = ? AND owner = ?)"] * len(accounts))
    params = [part for account in accounts for part in (account.kind, account.unit, account.owner)]
    return {
        Account(kind, owner, unit): str(id_)
        for id_, kind, owner, unit in db.rows(f"SELECT id, kind, owner, unit FROM account WHERE {each}", params)
    }


def suspect(shop: Shop, head: Head, at: int) -> bool:
    """Whether the clock is behind the entry before, or is not to be trusted (DESIGN.md 4)."""
    if not shop.clock.trusted():
        return True
    return head.at is not None and at < head.at
