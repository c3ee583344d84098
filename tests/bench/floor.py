"""The bare floors that the bench holds kiosk against, on the same machine and in the same run (DESIGN.md 7).

Each function does the least that the job needs with the same tools: a Textual
app of one label, the rows of a sale through ``sqlite3``. Those that take a
``Subject`` measure kiosk the same way.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.bench.terminal import Terminal

_LABEL_APP: Final = """
from textual.app import App
from textual.widgets import Label
class Bare(App):
    code = ""
    def compose(self):
        yield Label("nothing yet")
    def on_key(self, event):
        if event.key == "enter":
            self.query_one(Label).update("scanned " + self.code)
            self.code = ""
        elif event.character:
            self.code += event.character
Bare().run()
"""

_QUIET_SECONDS: Final = 0.2
"""Nothing for so long: all is drawn."""

ROWS_OF_A_SALE: Final = ("posting", "sale_line", "sale_tax", "sale_tender", "sale", "print_job", "entry")
"""The tables that a checkout writes, in the order in which it does."""


@dataclass(frozen=True, slots=True)
class Timings:
    """Several measurements of one thing, in seconds."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The one in the middle."""
        return statistics.median(self.seconds)

    @property
    def best(self) -> float:
        """The least disturbed one."""
        return min(self.seconds)

    def percentile(self, percent: int) -> float:
        """The one that this many percent don't exceed."""
        return sorted(self.seconds)[min(len(self.seconds) - 1, len(self.seconds) * percent // 100)]


@dataclass(frozen=True, slots=True)
class Subject:
    """A program to be measured in a terminal."""

    command: tuple[str, ...]
    ready: str
    """A text that is drawn when it can be used."""
    environment: Mapping[str, str] = field(default_factory=dict)
    before: str = ""
    """Keys that bring it from ready to where it can be scanned into, such as a PIN."""
    at_scan: str = ""
    """A text that is drawn when these keys have done so; empty: nothing to wait for."""


BARE: Final = Subject((sys.executable, "-c", _LABEL_APP), "nothing yet")
"""The floor: a Textual app of one label."""


@dataclass(frozen=True, slots=True)
class Start:
    """What starting a program takes."""

    to_ready: Timings
    memory_bytes: int
    """Resident memory when idle, the median."""
    idle_bytes: int
    """What it sent to the terminal while nothing happened for a second, the most."""


@dataclass(frozen=True, slots=True)
class Scans:
    """What scans take, from the code's last key to the line drawn."""

    to_paint: Timings
    bytes_each: float
    """To the terminal, per scan, all that it caused."""


def start(
    subject: Subject = BARE, *, times: int = 5, size: tuple[int, int] = (80, 25), term: str = "xterm-256color"
) -> Start:
    """Start a program several times: how long until it is ready, how much memory it then has."""
    seconds, memory, idle = [], [], []
    for _ in range(times):
        with _terminal(subject, size, term) as terminal:
            seconds.append(terminal.wait_for(subject.ready) - terminal.started)
            terminal.settle()
            idle.append(terminal.watch(1.0))
            memory.append(terminal.memory_bytes())
    return Start(Timings(tuple(seconds)), int(statistics.median(memory)), max(idle))


def scan_to_paint(
    codes_and_texts: Sequence[tuple[str, str]],
    subject: Subject = BARE,
    *,
    size: tuple[int, int] = (80, 25),
    term: str = "xterm-256color",
    warm_up: int = 2,
) -> Scans:
    """Scan codes as a keyboard wedge does, one after the other, each until the last byte of its line is drawn.

    ``codes_and_texts``: a code and what its line shows (the bare app shows
    the code itself). The first few, which warm the program up, don't count.
    Refuses: LookupError (the last line is not on the screen).
    """
    seconds, sizes = [], []
    with _terminal(subject, size, term) as terminal:
        terminal.wait_for(subject.ready)
        terminal.settle()
        if subject.before:
            terminal.type(subject.before)
            terminal.settle(1.0)
            _expect(terminal, subject.at_scan)
        for code, _text in codes_and_texts:
            before, began = len(terminal.drawn), time.perf_counter()
            terminal.type(f"{code}\r")
            terminal.settle(_QUIET_SECONDS)
            seconds.append(terminal.last - began)
            sizes.append(len(terminal.drawn) - before)
        _expect(terminal, codes_and_texts[-1][1])
    return Scans(Timings(tuple(seconds[warm_up:])), statistics.mean(sizes[warm_up:]))


def _expect(terminal: Terminal, text: str) -> None:
    if text not in terminal.screen():
        raise LookupError(f"{text!r} is not on the screen:\n{terminal.screen()}")


def bare_scans(count: int = 20, *, size: tuple[int, int] = (80, 25), term: str = "xterm-256color") -> Scans:
    """The floor of ``scan_to_paint``."""
    codes = [f"87100000{number:05}" for number in range(count + 2)]
    return scan_to_paint([(code, code) for code in codes], size=size, term=term)


def raw_checkout(database: Path, *, times: int = 100, folder: Path | None = None) -> Timings:
    """Write the rows of a shop's last sale again and again with nothing but ``sqlite3``, WAL and FULL.

    The same tables and indexes without their triggers, in a copy beside the
    database, so that it is the same disk; the balances, the lane and the draft are
    moved by hand. Refuses: LookupError (no sale there).
    """
    with tempfile.TemporaryDirectory(dir=folder or database.parent) as place:
        connection = _bare_copy(database, Path(place) / "bare.db")
        try:
            rows = _last_sale(connection)
            return Timings(tuple(_write_once(connection, rows, number) for number in range(times)))
        finally:
            connection.close()


def _terminal(subject: Subject, size: tuple[int, int], term: str) -> Terminal:
    return Terminal(subject.command, size=size, term=term, truecolor=term != "linux", environment=subject.environment)


def _bare_copy(database: Path, copy: Path) -> sqlite3.Connection:
    source = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    connection = sqlite3.connect(copy, isolation_level=None)
    source.backup(connection)
    source.close()
    for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f'DROP TRIGGER "{trigger}"')
    connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")
    return connection


def _last_sale(connection: sqlite3.Connection) -> dict[str, list[dict[str, object]]]:
    connection.row_factory = sqlite3.Row
    last = connection.execute("SELECT id, entry FROM sale ORDER BY at DESC, id DESC LIMIT 1").fetchone()
    if last is None:
        raise LookupError("no sale in this shop")
    sale, entry = last["id"], last["entry"]
    keys = {"entry": ("id", entry), "posting": ("entry", entry), "sale": ("id", sale)}
    found = {}
    for table in ROWS_OF_A_SALE:
        column, value = keys.get(table, ("sale", sale))
        rows = connection.execute(f'SELECT * FROM {table} WHERE "{column}" = ?', (value,))
        found[table] = [dict(row) for row in rows]
    connection.row_factory = None
    return found


def _write_once(connection: sqlite3.Connection, rows: Mapping[str, list[dict[str, object]]], number: int) -> float:
    """One checkout with ids of its own; the statements are made before the time runs."""
    sale, entry, lane = f"{number:032}", f"e{number:031}", rows["sale"][0]["lane"]
    own: dict[str, dict[str, object]] = {
        "entry": {"id": entry, "key": f"key {number}", "seq": 10**9 + number, "sale": sale},
        "posting": {"entry": entry},
        "sale": {"id": sale, "entry": entry, "number": 10**9 + number},
        "print_job": {"id": f"p{number:031}", "sale": sale},
    }
    statements = []
    for table in ROWS_OF_A_SALE:
        changed = [{**row, **own.get(table, {"sale": sale})} for row in rows[table]]
        if table == "sale_tender":
            changed = [{**row, "pending": None} for row in changed]
        if changed:
            names = ", ".join(f'"{name}"' for name in changed[0])
            marks = ", ".join("?" * len(changed[0]))
            statements.append(
                (f"INSERT INTO {table} ({names}) VALUES ({marks})", [tuple(row.values()) for row in changed])
            )
    amounts = [(row["amount"], row["account"]) for row in rows["posting"]]
    began = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    for statement, values in statements:
        connection.executemany(statement, values)
    connection.executemany("UPDATE account SET balance = balance + ? WHERE id = ? AND highest IS NOT NULL", amounts)
    connection.execute("UPDATE lane SET seq = seq + 1, head = ?, receipt = receipt + 1 WHERE id = ?", (entry, lane))
    connection.execute("DELETE FROM draft WHERE lane = ?", (lane,))
    connection.execute("COMMIT")
    return time.perf_counter() - began
