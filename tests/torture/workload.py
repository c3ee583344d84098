"""A till that sells without end, saying aloud what it has promised; the crash tests cut it off.

``python -m tests.torture.workload FOLDER MARKS …`` sells in the shop of a
prepared folder and writes its marks to a file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sqlite3
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Final

DATABASE: Final = "shop.db"


class Behaviour(StrEnum):
    """How the till does its work; all but the first are wrong, and the harness must see it."""

    RIGHT = "right"
    NORMAL = "normal"
    """synchronous=NORMAL: commits before the disk has it."""
    OFF = "off"
    """synchronous=OFF: never asks the disk."""
    EARLY = "early"
    """Confirms the sale just before COMMIT."""
    NEW_KEY = "new-key"
    """Makes a new key when a checkout whose outcome is unknown is tried again."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """One basket that is sold under one key; ``number`` is its own, whatever the key."""

    key: str
    number: int

    @property
    def lines(self) -> int:
        """How many lines its basket has."""
        return random.Random(self.number).randint(2, 8)


@dataclass(frozen=True, slots=True)
class Saved:
    """A draft: so many lines of a checkout's basket."""

    checkout: Checkout
    lines: int


class Marks:
    """What the till said, one line each, to a file or a pipe that outlives it."""

    def __init__(self, file: int) -> None:
        self._file = file

    def say(self, verb: str, checkout: Checkout | None = None, lines: int = 0) -> None:
        """Say one thing in one write."""
        about = "" if checkout is None else f" {checkout.key} {checkout.number} {lines}"
        os.write(self._file, f"{verb}{about}\n".encode())


class Till:
    """The shop's services as the crash tests use them."""

    def __init__(self, folder: Path, behaviour: Behaviour = Behaviour.RIGHT) -> None:
        synchronous = {Behaviour.NORMAL: "NORMAL", Behaviour.OFF: "OFF"}.get(behaviour, "FULL")
        self._connection = sqlite3.connect(folder / DATABASE, isolation_level=None)
        self._connection.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}")

    @classmethod
    def prepare(cls, folder: Path) -> None:
        """Make a shop that is ready to sell, and close it."""
        till = cls(folder)
        till._connection.executescript(
            """
            CREATE TABLE sale(seq INTEGER PRIMARY KEY, key TEXT UNIQUE, number INTEGER, hash TEXT);
            CREATE TABLE line(sale INTEGER, position INTEGER, text TEXT, PRIMARY KEY (sale, position)) WITHOUT ROWID;
            CREATE TABLE draft(person INTEGER PRIMARY KEY, key TEXT, number INTEGER, lines INTEGER);
            CREATE TABLE job(sale INTEGER PRIMARY KEY, done INTEGER);
            """
        )
        till.close()

    def close(self) -> None:
        """Close the shop's books."""
        self._connection.close()

    def new_key(self) -> str:
        """A key for one checkout."""
        return uuid.uuid4().hex

    def sell(self, checkout: Checkout) -> bool:
        """Close the sale; False when it was closed before."""
        with self._transaction() as run:
            if run("SELECT 1 FROM sale WHERE key = ?", (checkout.key,)).fetchone():
                return False
            seq, before = run("SELECT coalesce(max(seq), 0) + 1, coalesce(max(hash), '') FROM sale").fetchone()
            before = (run("SELECT hash FROM sale WHERE seq = ?", (seq - 1,)).fetchone() or ("",))[0]
            run("INSERT INTO job VALUES (?, 0)", (seq,))
            for position in range(checkout.lines):
                run("INSERT INTO line VALUES (?, ?, ?)", (seq, position, f"Article {position}"))
            run("INSERT INTO sale VALUES (?, ?, ?, ?)", (seq, checkout.key, checkout.number, _hash(before, checkout)))
            run("DELETE FROM draft WHERE key = ?", (checkout.key,))
        return True

    def save_draft(self, saved: Saved) -> None:
        """Keep the open basket."""
        with self._transaction() as run:
            values = (saved.checkout.key, saved.checkout.number, saved.lines)
            run("INSERT OR REPLACE INTO draft VALUES (1, ?, ?, ?)", values)

    def draft(self) -> Saved | None:
        """The basket that was open."""
        row = self._connection.execute("SELECT key, number, lines FROM draft").fetchone()
        return Saved(Checkout(row[0], row[1]), row[2]) if row else None

    def print_one(self) -> None:
        """Print the oldest waiting receipt."""
        with self._transaction() as run:
            run("UPDATE job SET done = 1 WHERE sale = (SELECT min(sale) FROM job WHERE NOT done)")

    def idle(self) -> None:
        """What the till does when nobody is there: a checkpoint."""
        self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def sold(self) -> tuple[Counter[str], Counter[int]]:
        """How often each key, and each basket whatever its key, was sold."""
        rows = self._connection.execute("SELECT key, number FROM sale").fetchall()
        return Counter(row[0] for row in rows), Counter(row[1] for row in rows)

    def problems(self) -> list[str]:
        """What the shop's own examination of its books finds."""
        found = [row[0] for row in self._connection.execute("PRAGMA quick_check") if row[0] != "ok"]
        before = ""
        rows = self._connection.execute("SELECT seq, key, number, hash FROM sale ORDER BY seq")
        for wanted, (seq, key, number, written) in enumerate(rows, 1):
            before = _hash(before, Checkout(key, number))
            if seq != wanted or written != before:
                found.append(f"chain at {seq}")
        return found

    def before_commit(self, call: Callable[[], None]) -> None:
        """Have something called each time just before COMMIT runs."""
        self._connection.set_trace_callback(lambda statement: call() if statement.startswith("COMMIT") else None)

    def _transaction(self) -> _Transaction:
        return _Transaction(self._connection)


class _Transaction:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> Callable[..., sqlite3.Cursor]:
        self._connection.execute("BEGIN IMMEDIATE")
        return self._connection.execute

    def __exit__(self, kind: object, *_rest: object) -> None:
        self._connection.execute("ROLLBACK" if kind else "COMMIT")


def _hash(before: str, checkout: Checkout) -> str:
    return hashlib.sha256(json.dumps([before, checkout.key, checkout.number]).encode()).hexdigest()


def _acknowledge_early(till: Till, marks: Marks, current: list[Checkout]) -> None:
    till.before_commit(lambda: marks.say("ack", current[-1]) if current else None)


def sell_on(
    till: Till,
    marks: Marks,
    *,
    first: int,
    most: int | None = None,
    unknown: Iterable[Checkout] = (),
    behaviour: Behaviour = Behaviour.RIGHT,
) -> None:
    """Sell basket after basket, the given number or until killed.

    First what a crash left behind: ``unknown`` are checkouts whose outcome
    nobody knows, tried again with their keys, and the saved basket is sold.
    """
    chance = random.Random(first)
    current: list[Checkout] = []
    if behaviour is Behaviour.EARLY:
        _acknowledge_early(till, marks, current)

    def sell(checkout: Checkout) -> None:
        marks.say("start", checkout)
        current.append(checkout)
        till.sell(checkout)
        current.clear()
        if behaviour is not Behaviour.EARLY:
            marks.say("ack", checkout)

    marks.say("open")
    for checkout in unknown:
        sell(Checkout(till.new_key(), checkout.number) if behaviour is Behaviour.NEW_KEY else checkout)
    restored = till.draft()
    if restored is not None:
        sell(restored.checkout)
    for number in count(first) if most is None else range(first, first + most):
        checkout = Checkout(till.new_key(), number)
        for lines in (1, checkout.lines):
            marks.say("draft-start", checkout, lines)
            till.save_draft(Saved(checkout, lines))
            marks.say("draft", checkout, lines)
        for _ in range(5 if chance.random() < 0.1 else 1):
            sell(checkout)
        if chance.random() < 0.5:
            marks.say("print-start")
            till.print_one()
            marks.say("printed")
        if chance.random() < 0.03:
            marks.say("idle-start")
            till.idle()
            marks.say("idle")


def main() -> None:
    """Prepare a shop, or sell a number of baskets in it, opening it anew for each session."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("marks", type=Path, nargs="?", help="sell, and write the marks here; without it, prepare")
    parser.add_argument("--sales", type=int, default=40)
    parser.add_argument("--sessions", type=int, default=2)
    parser.add_argument("--behaviour", type=Behaviour, default=Behaviour.RIGHT)
    options = parser.parse_args()
    if options.marks is None:
        Till.prepare(options.folder)
        return
    marks = Marks(os.open(options.marks, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    each = options.sales // options.sessions
    for session in range(options.sessions):
        till = Till(options.folder, options.behaviour)
        sell_on(till, marks, first=1 + session * each, most=each, behaviour=options.behaviour)
        till.close()
        marks.say("closed")


if __name__ == "__main__":
    main()
