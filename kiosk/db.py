"""SQLite or PostgreSQL from a URL; the only place that tells them apart."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import peewee

from kiosk.errors import AlreadyTaken, DiskFull, Refused, ShopError, StorageFailed

database: Final = peewee.DatabaseProxy()
"""Bound once by ``connect``; the models speak through it."""

_LEDGER: Final = frozenset(
    {
        "entry", "posting", "account", "lane", "sale", "sale_line", "sale_tax", "sale_tender", "signature",
        "signing_key", "shift", "cash_count", "cash_move", "cash_report", "day_total", "return_line", "refund",
        "consent", "points_move",
    }
)  # fmt: skip
_MOVED_BY_TRIGGER: Final = {
    ("account", "balance"): ("posting_moves_balance",),
    ("lane", "seq"): ("entry_moves_lane",),
    ("lane", "head"): ("entry_moves_lane",),
    ("lane", "receipt"): ("sale_moves_lane",),
    ("lane", "shift"): ("shift_opens", "shift_closes"),
    ("lane", "shifts"): ("shift_opens",),
}
_FREELY_CHANGED: Final = frozenset({("account", "overridable"), ("lane", "name"), ("points_move", "reason")})
_SCHEMA_ACTIONS: Final = frozenset(
    {
        sqlite3.SQLITE_DROP_TABLE,
        sqlite3.SQLITE_DROP_TRIGGER,
        sqlite3.SQLITE_DROP_INDEX,
        sqlite3.SQLITE_DROP_VIEW,
        sqlite3.SQLITE_ALTER_TABLE,
        sqlite3.SQLITE_ATTACH,
    }
)
_SYNCHRONOUS: Final = {"FULL": 2, "NORMAL": 1, "OFF": 0}
_NOT_ALLOWED: Final = ("not authorized", "prohibited", "permission denied", "must be owner")
_PAGE_BYTES: Final = 512
"""Small pages: a checkout touches many tables a little, and writes whole pages (docs/decisions/0004)."""
_CHECKPOINT_PAGES: Final = 8000


class CommitUnknown(Exception):
    """COMMIT failed, which does not say whether it happened: look the key up (PLATFORM.md 5).

    ``refusal`` is what to raise if it did not.
    """

    def __init__(self, refusal: ShopError) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


@dataclass(frozen=True)
class Health:
    """What ``kiosk doctor`` wants to know of the database."""

    engine: str
    version: str
    journal_mode: str
    synchronous: str
    bytes: int
    ok: bool
    detail: str


class _Sqlite(peewee.SqliteDatabase):  # type: ignore[misc]
    """SQLite with the ledger shut to UPDATE, DELETE, DROP and ALTER, but for the triggers' own."""

    migrating = False

    def _add_conn_hooks(self, conn: sqlite3.Connection) -> None:
        super()._add_conn_hooks(conn)
        conn.set_authorizer(self._authorize)

    def _authorize(
        self, action: int, first: str | None, second: str | None, _db: str | None, trigger: str | None
    ) -> int:
        if self.migrating:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_UPDATE and first in _LEDGER:
            column = (first, second or "")
            if column in _FREELY_CHANGED or trigger in _MOVED_BY_TRIGGER.get(column, ()):
                return sqlite3.SQLITE_OK
            return sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_DELETE and first in _LEDGER:
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_DENY if action in _SCHEMA_ACTIONS else sqlite3.SQLITE_OK


def connect(url: str, *, read_only: bool = False, synchronous: str = "FULL") -> None:
    """Bind the models to a database and open this thread's connection to it.

    ``synchronous`` is only ever lowered by the tests that show what that loses.
    Refuses: StorageFailed.
    """
    if is_postgres(url):
        made: peewee.Database = peewee.PostgresqlDatabase(url, prefer_psycopg3=True, autoconnect=False)
    else:
        made = _sqlite(url, read_only=read_only, synchronous=synchronous)
    database.initialize(made)
    with faults():
        made.connect()
        if read_only and is_postgres(url):
            made.execute_sql("SET default_transaction_read_only = on")


def _sqlite(url: str, *, read_only: bool, synchronous: str) -> _Sqlite:
    path = Path(url.removeprefix("sqlite://"))
    pragmas: list[tuple[str, str | int]] = [
        ("foreign_keys", 1),
        ("recursive_triggers", 1),
        ("synchronous", _SYNCHRONOUS[synchronous]),
        ("mmap_size", 0),
        ("temp_store", 2),
        # From the first row on: what once moved within the file would be left behind by an erasure (decisions/0009).
        ("secure_delete", 1),
    ]
    if read_only:
        return _Sqlite(f"file:{path}?mode=ro", pragmas=[("query_only", 1)], autoconnect=False, uri=True)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    pragmas = [("page_size", _PAGE_BYTES), *pragmas, ("journal_mode", "WAL"), ("wal_autocheckpoint", _CHECKPOINT_PAGES)]
    return _Sqlite(str(path), pragmas=pragmas, autoconnect=False, lock_type="IMMEDIATE", timeout=10)


def disconnect() -> None:
    """Close this thread's connection."""
    if database.obj is not None and not database.is_closed():
        database.close()


def set_aside() -> peewee.Database:
    """Close this thread's connection, and give what was bound, for ``take_up_again``."""
    bound: peewee.Database = database.obj
    disconnect()
    return bound


def take_up_again(bound: peewee.Database) -> None:
    """Bind what was set aside, in place of whatever is bound now, and connect this thread. Refuses: StorageFailed."""
    disconnect()
    database.initialize(bound)
    with faults():
        bound.connect()


@contextmanager
def beside(path: Path) -> Iterator[Callable[[str, Sequence[Sequence[object]]], None]]:
    """A fresh SQLite database with the schema of today, beside the one that is bound.

    Gives what runs a statement for many rows in it. All of it is there afterwards, or, after an error, nothing that
    can be used. Refuses: DiskFull, StorageFailed.
    """
    made = _sqlite(str(path), read_only=False, synchronous="FULL")
    made.migrating = True
    with faults():
        made.connect()
        try:
            _migrate(made)
            made.execute_sql("BEGIN IMMEDIATE")
            yield made.connection().executemany
            made.execute_sql("COMMIT")
        finally:
            made.close()


def reconnect() -> None:
    """A fresh connection, after a fault that leaves the old one in doubt."""
    with faults():
        try:
            database.close()
        except peewee.PeeweeException:
            database.dispose()
        database.connect()


@contextmanager
def reading_thread() -> Iterator[Callable[[], None]]:
    """This thread's own read-only connection, for reports that must not hold up a checkout.

    Gives what another thread may call to end a query that takes too long, which then refuses with StorageFailed.
    """
    bound = database.obj
    with faults():
        bound.connect()
    try:
        rows("PRAGMA query_only = 1" if not on_postgres() else "SET default_transaction_read_only = on")
        connection = database.connection()
        yield connection.cancel if on_postgres() else connection.interrupt
    finally:
        bound.close()


def is_postgres(url: str) -> bool:
    """Whether a URL names PostgreSQL."""
    return url.startswith(("postgresql://", "postgres://"))


def on_postgres() -> bool:
    """Whether the bound database is PostgreSQL."""
    return isinstance(database.obj, peewee.PostgresqlDatabase)


@contextmanager
def transaction(*, keyed: bool = False) -> Iterator[None]:
    """One deed: all of it with one durable commit, or nothing (DESIGN.md 9.3).

    Peewee's ``atomic`` hides the first error behind the rollback's; this
    raises the first. ``keyed``: the deed can be looked up by its key. Refuses:
    DiskFull, StorageFailed, Refused; with ``keyed`` also CommitUnknown.
    """
    with faults():
        database.execute_sql("BEGIN" if on_postgres() else "BEGIN IMMEDIATE")
    try:
        with faults():
            yield
    except BaseException:
        _roll_back()
        raise
    try:
        database.execute_sql("COMMIT")
    except peewee.PeeweeException as error:
        _roll_back()
        refusal = _refusal(error)
        if keyed and not isinstance(error, peewee.IntegrityError):
            raise CommitUnknown(refusal) from error
        raise refusal from error


@contextmanager
def snapshot() -> Iterator[None]:
    """Read everything as it is at one moment, however long it takes; writers do not wait for it.

    Refuses: StorageFailed.
    """
    with faults():
        database.execute_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if on_postgres() else "BEGIN")
    try:
        with faults():
            yield
    finally:
        _roll_back()


def _roll_back() -> None:
    try:
        if on_postgres() or database.connection().in_transaction:
            database.execute_sql("ROLLBACK")
    except (peewee.PeeweeException, sqlite3.Error):
        database.dispose()


@contextmanager
def faults() -> Iterator[None]:
    """Turn the engines' errors into the shop's."""
    try:
        yield
    except (peewee.PeeweeException, sqlite3.Error, UnicodeDecodeError) as error:
        raise _refusal(error) from error


def _refusal(error: Exception) -> ShopError:
    reason = str(error)
    if "database or disk is full" in reason or "No space left" in reason:
        return DiskFull()
    if isinstance(error, peewee.IntegrityError | sqlite3.IntegrityError):
        if "UNIQUE" in reason or "duplicate key" in reason:
            return AlreadyTaken(what=_unique_name(reason), code="")
        # PostgreSQL adds the whole row, which may be a person's.
        return Refused(reason=reason.partition("\n")[0])
    if any(words in reason for words in _NOT_ALLOWED):
        return Refused(reason=reason)
    return StorageFailed(reason=reason)


def _unique_name(reason: str) -> str:
    if ":" in reason and "UNIQUE" in reason:
        return reason.rsplit(":", 1)[1].strip()
    quoted = reason.split('"')
    return quoted[1] if len(quoted) > 1 else reason


@cache
def _adapt(sql: str, postgres: bool) -> str:
    return sql.replace("%", "%%").replace("?", "%s") if postgres else sql


def run(sql: str, params: Sequence[object] = ()) -> int:
    """Execute one statement; how many rows it touched. Placeholders are ``?`` on both engines.

    Refuses, as all that follow: DiskFull, StorageFailed, Refused, AlreadyTaken.
    """
    return int(_execute(sql, params).rowcount)


def run_many(sql: str, params: Sequence[Sequence[object]]) -> None:
    """Execute one statement for many rows."""
    if not params:
        return
    with faults(), peewee.__exception_wrapper__:
        database.cursor().executemany(_adapt(sql, on_postgres()), params)


def rows(sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with faults():
        cursor = _execute(sql, params)
        return [] if cursor.description is None else list(cursor.fetchall())


def row(sql: str, params: Sequence[object] = ()) -> tuple[Any, ...] | None:
    """The first row of a query."""
    with faults():
        found: tuple[Any, ...] | None = _execute(sql, params).fetchone()
        return found


def _execute(sql: str, params: Sequence[object]) -> Any:
    """The hot path: on SQLite straight to the connection, which is a quarter of a checkout's time less."""
    bound = database.obj
    try:
        if isinstance(bound, _Sqlite):
            return bound.connection().execute(sql, params)
        return bound.execute_sql(_adapt(sql, True), tuple(params))
    except (peewee.PeeweeException, sqlite3.Error, UnicodeDecodeError) as error:
        raise _refusal(error) from error


def lock_lane(lane: str) -> tuple[Any, ...] | None:
    """A lane's (seq, head, receipt, time of the last entry, open shift, its business date), held until the commit."""
    return row(
        "SELECT seq, head, receipt, (SELECT at FROM entry WHERE entry.lane = lane.id AND entry.seq = lane.seq), "
        "shift, (SELECT business_date FROM shift WHERE shift.id = lane.shift) "
        "FROM lane WHERE id = ?" + (" FOR UPDATE" if on_postgres() else ""),
        (lane,),
    )


def lock_balances(kind: str, unit: str, owners: Sequence[str]) -> dict[str, int]:
    """The balances of accounts of one kind by owner, held until the commit, in the order in which postings are."""
    marks = ", ".join("?" * len(owners))
    found = rows(
        f"SELECT owner, balance FROM account WHERE kind = ? AND unit = ? AND owner IN ({marks}) ORDER BY id"
        + (" FOR UPDATE" if on_postgres() else ""),
        (kind, unit, *owners),
    )
    return {str(owner): int(balance) for owner, balance in found}


def hold(names: Sequence[str]) -> None:
    """Hold names in their order until the commit, as the triggers of what comes back do; SQLite holds everything."""
    if on_postgres():
        for name in names:
            row("SELECT pg_advisory_xact_lock(hashtext(?))", (name,))


def migrate() -> list[str]:
    """Bring the schema up to date; the names of what was applied. Refuses: StorageFailed."""
    bound = database.obj
    if isinstance(bound, _Sqlite):
        bound.migrating = True
        bound.connection().set_authorizer(bound._authorize)
    try:
        with faults():
            return _migrate(bound)
    finally:
        if isinstance(bound, _Sqlite):
            bound.migrating = False
            bound.connection().set_authorizer(bound._authorize)


def _migrate(bound: peewee.Database) -> list[str]:
    from playhouse.migrations import Runner

    applied: list[str] = Runner(bound, directory=str(Path(__file__).parent / "migrations")).up()
    return applied


def schema_is_current() -> bool:
    """Whether every migration was applied; cheap, for the start of the till."""
    newest = max(path.stem for path in (Path(__file__).parent / "migrations").glob("[0-9]*.py"))
    try:
        return row("SELECT 1 FROM schema_migration WHERE name = ?", (newest,)) is not None
    except ShopError:
        return False


def grant_to(till_role: str) -> None:
    """PostgreSQL: what the till's own role may do; the ledger only INSERT and SELECT (DESIGN.md 3)."""
    if not on_postgres():
        return
    if not till_role.replace("_", "").isalnum():
        raise Refused(reason="a role's name has letters, digits and underscores")
    role = f'"{till_role}"'
    with transaction():
        tables = {table for (table,) in rows("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")}
        for table in sorted(tables):
            rights = "SELECT, INSERT" if table in _LEDGER else "SELECT, INSERT, UPDATE, DELETE"
            run(f'REVOKE ALL ON "{table}" FROM {role}')
            run(f'GRANT {rights} ON "{table}" TO {role}')
        for table, column in sorted(found for found in _FREELY_CHANGED if found[0] in tables):
            run(f'GRANT UPDATE ("{column}") ON "{table}" TO {role}')


def checkpoint() -> None:
    """Move the write-ahead log into the database; done when the till is idle."""
    if not on_postgres():
        rows("PRAGMA wal_checkpoint(PASSIVE)")


def forget_freed() -> None:
    """After an erasure: nothing that was deleted is left in the files of SQLite, the write-ahead log included (N11).

    Freed room is overwritten with each deed (``secure_delete``), and here the
    log is emptied into the file and cut off. A reader that still holds the log
    keeps it until the next checkpoint; PostgreSQL frees what is dead when it
    vacuums. Refuses: StorageFailed.
    """
    if not on_postgres():
        rows("PRAGMA wal_checkpoint(TRUNCATE)")


def backup(target: Path) -> None:
    """A consistent copy of a SQLite database, also while the till sells. Refuses: StorageFailed."""
    with faults():
        copy = sqlite3.connect(target)
        try:
            database.connection().backup(copy, pages=256)
            copy.execute("PRAGMA journal_mode = DELETE")
        finally:
            copy.close()


def health() -> Health:
    """The engine, its settings, and whether the file is sound."""
    if on_postgres():
        (version,) = row("SHOW server_version") or ("?",)
        (durable,) = row("SHOW synchronous_commit") or ("?",)
        (size,) = row("SELECT pg_database_size(current_database())") or (0,)
        return Health("postgresql", str(version), "wal", str(durable), int(size), durable != "off", "")
    (version,) = row("SELECT sqlite_version()") or ("?",)
    (mode,) = row("PRAGMA journal_mode") or ("?",)
    (level,) = row("PRAGMA synchronous") or (-1,)
    (pages,) = row("PRAGMA page_count") or (0,)
    (page,) = row("PRAGMA page_size") or (0,)
    (check,) = row("PRAGMA quick_check(1)") or ("?",)
    name = {2: "FULL", 3: "EXTRA", 1: "NORMAL", 0: "OFF"}.get(level, str(level))
    return Health(
        "sqlite", str(version), str(mode), name, pages * page, check == "ok", "" if check == "ok" else str(check)
    )
