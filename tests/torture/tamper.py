"""Attacks on the books by somebody who has the whole database file, triggers dropped (Must show 6, PLATFORM.md 6).

Each attack says which entries ``verify`` may name first. The attacker knows
the program, but has neither the machine's key file nor the printed paper.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.services import ledger, sale_rows, signing
from kiosk.services.verify import Anchor

OF_ENTRIES: Final = ("posting", "points_move", "cash_count", "cash_move", "cash_report")
PARTS: Final = ("sale_line", "sale_tax", "sale_tender", "return_line", "refund")
OF_DAYS: Final = ("shift", "cash_count", "cash_move", "cash_report", "day_total")
TABLES: Final = (
    "entry", "posting", "account", "lane", "sale", *PARTS, *OF_DAYS, "points_move", "signature", "signing_key",
)  # fmt: skip
UNPROVEN: Final = frozenset(
    {
        ("lane", "name"),
        ("lane", "number"),
        ("account", "overridable"),
        ("cash_report", "id"),
        ("points_move", "reason"),
    }
)
"""Columns that say nothing about what happened."""

Where = tuple[str, int]


class Attack(StrEnum):
    """What is done to the file."""

    CHANGE = "change"
    """One value of one row."""
    MANGLE = "mangle"
    """One value becomes another type, or none, or text that isn't UTF-8; now and then in a schema that allows it."""
    DELETE = "delete"
    SWAP = "swap"
    """Two rows of a table exchange one value."""
    CUT = "cut"
    """The last entries go, with all that belongs to them, and the books are made to fit."""
    FORGE = "forge"
    """Money is moved in one entry, and digest, chain and balances are computed anew."""
    RESIGN = "resign"
    """As forge, and all signatures are made anew with the attacker's own key."""


@dataclass(frozen=True, slots=True)
class Done:
    """What an attack did."""

    attack: Attack
    what: str
    first: frozenset[Where]
    """The entries of which verify must name one as the first bad."""


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes to be stored as text, whether they are UTF-8 or not."""

    content: bytes


class Attacker:
    """A raw connection to a copy of the books, with the guards taken off."""

    def __init__(self, path: Path, chance: random.Random, printed: tuple[Anchor, ...]) -> None:
        self._chance = chance
        self._printed = printed
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.executescript(
            "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; PRAGMA synchronous = OFF"
        )
        self._connection.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
        for (trigger,) in self._rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            self._connection.execute(f'DROP TRIGGER "{trigger}"')
        self._keys = {
            table: [str(row["name"]) for row in self._rows(f'PRAGMA table_info("{table}")') if row["pk"]]
            for table in TABLES
        }

    def close(self) -> None:
        """Leave."""
        self._connection.close()

    def attack(self, kind: Attack) -> Done:
        """Do one attack of a kind at a random place."""
        ways: dict[Attack, Callable[[], Done]] = {
            Attack.CHANGE: lambda: self._change(self._other),
            Attack.MANGLE: lambda: self._change(self._mangled, Attack.MANGLE),
            Attack.DELETE: self._delete,
            Attack.SWAP: self._swap,
            Attack.CUT: self._cut,
            Attack.FORGE: lambda: self._forge(Attack.FORGE),
            Attack.RESIGN: lambda: self._forge(Attack.RESIGN),
        }
        if kind is Attack.MANGLE and self._chance.random() < 0.5:
            self._allow_anything()
        while True:
            self._connection.execute("BEGIN")
            try:
                done = ways[kind]()
            except sqlite3.IntegrityError:
                self._connection.execute("ROLLBACK")
                continue
            self._connection.execute("COMMIT")
            return done

    def _allow_anything(self) -> None:
        """Rewrite the schema: columns without a type, which may be empty."""
        self._connection.executescript(
            "PRAGMA writable_schema = ON; "
            "UPDATE sqlite_master SET sql = "
            "replace(replace(replace(sql, 'IS NOT NULL', 'NOTNULL'), 'NOT NULL', ''), 'BIGINT', 'BLOB') "
            "WHERE type = 'table' AND name NOT LIKE 'sqlite%'; "
            "PRAGMA writable_schema = RESET"
        )

    def _change(self, value_for: Callable[[object], object], attack: Attack = Attack.CHANGE) -> Done:
        while True:
            table, row = self._some_row()
            column = self._some_column(table)
            new = value_for(row[column])
            before = self._entries_of(table, row)
            stored = self._set(table, row, column, new)
            if repr(stored[column]) != repr(row[column]):
                break
        what = f"{table}.{column} of {sorted(before, key=str)[:1]}: {row[column]!r} to {new!r}"
        return Done(attack, what, frozenset(before | self._entries_of(table, stored)))

    def _set(self, table: str, row: dict[str, Any], column: str, value: object) -> dict[str, Any]:
        """Change one value; the row as it is then stored."""
        marks = "CAST(? AS TEXT)" if isinstance(value, Raw) else "?"
        stored = self._rows(
            f'UPDATE "{table}" SET "{column}" = {marks} WHERE {self._this(table)} RETURNING *',
            (value.content if isinstance(value, Raw) else value, *(row[name] for name in self._keys[table])),
        )
        return dict(stored[0])

    def _this(self, table: str) -> str:
        return " AND ".join(f'"{name}" = ?' for name in self._keys[table])

    def _delete(self) -> Done:
        table, row = self._some_row()
        first = frozenset(self._entries_of(table, row))
        self._connection.execute(
            f'DELETE FROM "{table}" WHERE {self._this(table)}', [row[name] for name in self._keys[table]]
        )
        return Done(Attack.DELETE, f"{table} {list(row.values())[:3]}", first)

    def _swap(self) -> Done:
        others: list[sqlite3.Row] = []
        while not others:
            table, one = self._some_row()
            column = self._some_column(table)
            found = self._rows(f'SELECT * FROM "{table}" WHERE "{column}" IS NOT ?', (one[column],))
            apart = [name for name in one if name != column]
            others = [other for other in found if any(other[name] != one[name] for name in apart)]
        two = dict(self._chance.choice(others))
        touched = self._entries_of(table, one) | self._entries_of(table, two)
        away = self._set(table, one, column, -(10**9) if isinstance(one[column], int) else "away")
        for stored in (self._set(table, two, column, one[column]), self._set(table, away, column, two[column])):
            touched |= self._entries_of(table, stored)
        return Done(Attack.SWAP, f"{table}.{column} of {min(touched)} and another", frozenset(touched))

    def _cut(self) -> Done:
        """Past the last entry that a paper bears, so that only the paper can tell."""
        anchor = self._chance.choice(self._printed)
        last = self._chance.randint(max(1, anchor.seq - 40), anchor.seq - 1)
        lane, gone = anchor.lane, "SELECT id FROM entry WHERE lane = ? AND seq > ?"
        sales = f"SELECT id FROM sale WHERE entry IN ({gone})"
        gone_shifts = f"SELECT shift FROM cash_report WHERE entry IN ({gone})"
        for table in PARTS:
            self._connection.execute(f"DELETE FROM {table} WHERE sale IN ({sales})", (lane, last))
        self._connection.execute(f"DELETE FROM day_total WHERE shift IN ({gone_shifts})", (lane, last))
        for table in ("sale", *OF_ENTRIES):
            self._connection.execute(f"DELETE FROM {table} WHERE entry IN ({gone})", (lane, last))
        self._connection.execute("DELETE FROM shift WHERE lane = ? AND first_seq > ?", (lane, last))
        for table in ("signature", "entry"):
            self._connection.execute(f"DELETE FROM {table} WHERE lane = ? AND seq > ?", (lane, last))
        self._fit_books(lane)
        return Done(Attack.CUT, f"{lane} after {last}, printed {anchor.seq}", frozenset({(lane, last + 1)}))

    def _forge(self, attack: Attack) -> Done:
        anchor = self._chance.choice(self._printed)
        lane = anchor.lane
        sold = self._rows(
            "SELECT id, sale, seq FROM entry WHERE lane = ? AND seq <= ? AND sale > ''", (lane, anchor.seq)
        )
        entry = self._chance.choice(sold)
        seq = entry["seq"]
        stolen = self._chance.randint(1, 500)
        postings = self._rows("SELECT * FROM posting WHERE entry = ? ORDER BY amount", (entry["id"],))
        for row, by in ((postings[0], stolen), (postings[-1], -stolen)):
            self._set("posting", dict(row), "amount", row["amount"] + by)
        self._connection.execute("UPDATE sale_line SET price = price - ? WHERE sale = ?", (stolen, entry["sale"]))
        self._chain_anew(lane, seq)
        self._fit_books(lane)
        papers = [other.seq for other in self._printed if other.lane == lane and other.seq >= seq]
        signed = "SELECT MIN(seq) AS seq FROM signature WHERE lane = ? AND seq >= ?"
        firsts = {(lane, min([*papers, *(row["seq"] for row in self._rows(signed, (lane, seq)))]))}
        if attack is Attack.RESIGN:
            firsts |= {(found["lane"], found["seq"]) for found in self._rows("SELECT lane, seq FROM signature")}
            self._sign_anew()
        return Done(attack, f"{lane} {seq} by {stolen}", frozenset(firsts))

    def _chain_anew(self, lane: str, start: int) -> None:
        names = ", ".join(f'"{name}"' for name in ledger.ENTRY_COLUMNS)
        found = self._rows("SELECT hash FROM entry WHERE lane = ? AND seq = ?", (lane, start - 1))
        previous = str(found[0]["hash"]) if found else ""
        query = f"SELECT {names} FROM entry WHERE lane = ? AND seq >= ? ORDER BY seq"
        for row in self._rows(query, (lane, start)):
            values = dict(row)
            if values["sale"] is not None:
                values["digest"] = ledger.digest(self._document(values["sale"]))
            postings = [
                tuple(posting)
                for posting in self._rows(
                    "SELECT position, account.id, kind, unit, owner, amount FROM posting "
                    "JOIN account ON account.id = account WHERE entry = ? ORDER BY position",
                    (values["id"],),
                )
            ]
            own = ledger.entry_hash(previous, values, postings)
            self._connection.execute(
                "UPDATE entry SET digest = ?, previous_hash = ?, hash = ? WHERE id = ?",
                (values["digest"], previous, own, values["id"]),
            )
            self._connection.execute(
                "UPDATE signature SET hash = ? WHERE lane = ? AND seq = ?", (own, lane, values["seq"])
            )
            previous = own

    def _document(self, sale: str) -> dict[str, Any]:
        def read(table: str, columns: tuple[str, ...], key: str) -> tuple[tuple[Any, ...], ...]:
            names = ", ".join(f'"{name}"' for name in columns)
            order = "" if table == "sale" else " ORDER BY position"
            return tuple(map(tuple, self._rows(f"SELECT {names} FROM {table} WHERE {key} = ?{order}", (sale,))))

        return sale_rows.SaleRows(
            read("sale", sale_rows.SALE, "id")[0],
            read("sale_line", sale_rows.LINE, "sale"),
            read("sale_tax", sale_rows.TAX, "sale"),
            read("sale_tender", sale_rows.TENDER, "sale"),
            read("return_line", sale_rows.RETURN, "sale"),
            read("refund", sale_rows.REFUND, "sale"),
        ).document()

    def _fit_books(self, lane: str) -> None:
        """Make the lane's end and all balances agree with what is left."""
        self._connection.execute(
            "UPDATE lane SET (seq, head) = (SELECT seq, hash FROM entry WHERE lane = ?1 ORDER BY seq DESC LIMIT 1), "
            "receipt = (SELECT max(number) FROM sale WHERE lane = ?1), "
            "shifts = (SELECT count(*) FROM shift WHERE lane = ?1), "
            "shift = (SELECT id FROM shift WHERE lane = ?1 AND id NOT IN (SELECT shift FROM cash_report)) "
            "WHERE id = ?1",
            (lane,),
        )
        self._connection.execute(
            "UPDATE account SET balance = coalesce((SELECT sum(amount) FROM posting WHERE account = account.id), 0) "
            "WHERE highest IS NOT NULL"
        )
        self._connection.execute("DELETE FROM account WHERE id NOT IN (SELECT account FROM posting)")

    def _sign_anew(self) -> None:
        """The attacker is his own root of trust."""
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw().hex()
        for key in self._rows("SELECT id, month FROM signing_key ORDER BY id")[:1]:
            own = private.sign(signing.key_text(key["id"], key["month"], public)).hex()
            self._connection.execute(
                "UPDATE signing_key SET public = ?, previous = NULL, signature = ? WHERE id = ?",
                (public, own, key["id"]),
            )
            self._connection.execute("DELETE FROM signing_key WHERE id <> ?", (key["id"],))
            for row in self._rows("SELECT lane, seq, hash FROM signature"):
                text = signing.signed_text(row["lane"], row["seq"], row["hash"])
                self._connection.execute(
                    "UPDATE signature SET signing_key = ?, signature = ? WHERE lane = ? AND seq = ?",
                    (key["id"], private.sign(text).hex(), row["lane"], row["seq"]),
                )

    def _some_row(self) -> tuple[str, dict[str, Any]]:
        table = self._chance.choice(TABLES)
        count = self._rows(f'SELECT count(*) AS n FROM "{table}"')[0]["n"]
        found = self._rows(f'SELECT * FROM "{table}" LIMIT 1 OFFSET ?', (self._chance.randrange(count),))
        return table, dict(found[0])

    def _some_column(self, table: str) -> str:
        names = [str(row["name"]) for row in self._rows(f'PRAGMA table_info("{table}")')]
        return self._chance.choice([name for name in names if (table, name) not in UNPROVEN])

    def _other(self, old: object) -> object:
        if isinstance(old, int):
            return old + self._chance.choice((-100, -1, 1, 1000))
        if old is None:
            return "something"
        text = str(old)
        at = self._chance.randrange(len(text) + 1)
        return text[:at] + self._chance.choice([sign for sign in "0a9 x" if sign != text[at : at + 1]]) + text[at + 1 :]

    def _mangled(self, old: object) -> object:
        others: tuple[object, ...] = (
            None,
            b"\xff\x00",
            float("inf"),
            Raw(b"\xff\xfe"),
            Raw(b"\xed\xa0\x80"),
            2**63 - 1,
        )
        if isinstance(old, int):
            return self._chance.choice((*others, "many", 0.5, old + 0.5, float(old), str(old), -(2**63)))
        text = str(old).encode()
        return self._chance.choice((*others, text + b"\xfe", Raw(text + b"\xfe"), "\x00", "🛒" * 50, 7.25))

    def _entries_of(self, table: str, row: dict[str, Any]) -> set[Where]:
        """Which entries a row stands behind; behind a lane's end the one that would be next."""
        where = {
            "entry": "id = :id",
            "posting": "id = :entry",
            "points_move": "id = :entry",
            "account": "id IN (SELECT entry FROM posting WHERE account = :id)",
            "lane": "lane = :id AND seq = 1",
            "sale": "id = :entry OR sale = :id",
            "signature": "lane = :lane AND seq = :seq",
            "shift": "shift = :id",
            "cash_count": "id = :entry",
            "cash_move": "id = :entry",
            "cash_report": "id = :entry",
            "day_total": "shift = :shift AND kind = 'shift.closed'",
            "signing_key": "EXISTS (SELECT 1 FROM signature s WHERE s.lane = entry.lane AND s.seq = entry.seq)",
        }.get(table, "sale = :sale")
        # Text that is not UTF-8 can't be asked for: no row has it.
        known = {name: value if _can_be_asked_for(value) else None for name, value in row.items()}
        found = {(at["lane"], at["seq"]) for at in self._rows(f"SELECT lane, seq FROM entry WHERE {where}", known)}
        if table in ("entry", "signature"):
            found.add((row["lane"], row["seq"]))
        if table == "lane":
            ends = [other["seq"] for other in self._rows("SELECT seq FROM lane")] + [row["seq"]]
            found |= {(row["id"], 1), *((row["id"], end + 1) for end in ends if isinstance(end, int))}
        return found

    def _rows(self, query: str, values: Any = ()) -> list[sqlite3.Row]:
        cursor = self._connection.cursor()
        cursor.row_factory = sqlite3.Row
        return cursor.execute(query, values).fetchall()


def _can_be_asked_for(value: object) -> bool:
    return not isinstance(value, str) or value.isascii() or value.encode(errors="replace").decode() == value
