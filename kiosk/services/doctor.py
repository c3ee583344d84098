"""How the shop's own things are: database, keys, backups, ballast. Each check tells what it saw, good or bad."""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from kiosk import db
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.errors import BadFile, ShopError
from kiosk.services import backup, ballast
from kiosk.services.files import read_record
from kiosk.services.keys import Keys
from kiosk.services.machine import Check, State
from kiosk.services.over_ssh import place_of

_HOUR: Final = 3_600_000
_DAY: Final = 24 * _HOUR
_BACKUP_LATE: Final = 26 * _HOUR
_BACKUP_TOO_LATE: Final = 7 * _DAY
_PROOF_LATE: Final = 2 * _DAY
_WAL_RESET_FIXED: Final = (3, 51, 3)
_FLUSHED: Final = frozenset({"on", "local", "remote_apply", "remote_write"})
"""Values of PostgreSQL's settings with which a commit is on the disk."""
_SYNCHRONOUS: Final = {"0": "OFF", "1": "NORMAL", "2": "FULL", "3": "EXTRA"}


def proof_file(config: Config) -> Path:
    """Where the last ``kiosk verify`` is written down."""
    return config.state / "verify.json"


def durability(facts: Mapping[str, Any]) -> Check:
    """Whether the connection that sells loses nothing at a power cut; the facts are of that connection itself."""
    name = "durability"
    if "synchronous_commit" in facts:
        wrong = [
            f"{key} = {value}" for key, value in facts.items() if value not in {"on", "remote_apply", "remote_write"}
        ]
        words = ", ".join(wrong) or "synchronous_commit, fsync and full_page_writes are on"
        return Check(name, State.FAIL if wrong else State.OK, words)
    level = _SYNCHRONOUS.get(str(facts.get("synchronous")), str(facts.get("synchronous")))
    words = f"journal_mode {facts.get('journal_mode')}, synchronous {level}"
    if level not in {"FULL", "EXTRA"} or facts.get("journal_mode") != "wal":
        return Check(name, State.FAIL, f"{words}: a power cut can lose paid sales")
    if facts.get("foreign_keys") != "1" or facts.get("recursive_triggers") != "1":
        return Check(name, State.FAIL, f"{words}, but the ledger's guards are off")
    return Check(name, State.OK, words)


def database() -> tuple[Check, ...]:
    """The database that is bound: engine, file, schema, the till's rights, paper that waits."""
    try:
        health = db.health()
    except ShopError as error:
        return (Check("database", State.FAIL, str(error)),)
    words = f"{health.engine} {health.version}, {health.bytes // 1024} kB"
    if health.engine == "sqlite" and _parsed(health.version) < _WAL_RESET_FIXED:
        # Harmless as long as one process writes, which the till's lock sees to (PLATFORM.md 5).
        words += " (one writer only, which the till's lock sees to)"
    found = [Check("database", State.OK if health.ok else State.FAIL, f"{words} {health.detail}".strip()), _schema()]
    if db.on_postgres():
        found.append(_rights())
    return (*found, _paper())


def keys(config: Config) -> Check:
    """Whether the key file is there, and the till's alone."""
    name, path = "key file", config.key_file
    try:
        found = path.stat()
        owner = path.parent.stat().st_uid
    except FileNotFoundError:
        return Check(name, State.FAIL, f"{path} is not there")
    except OSError as error:
        return Check(name, State.FAIL, str(error))
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        return Check(name, State.FAIL, f"{path} is open to others ({mode:04o})")
    if found.st_uid != owner:
        return Check(name, State.FAIL, f"{path} belongs to user {found.st_uid}, its directory to {owner}")
    try:
        Keys.load_or_make(path)
    except BadFile as error:
        return Check(name, State.FAIL, error.reason)
    return Check(name, State.OK, f"{mode:04o}")


def reserve(config: Config) -> Check:
    """Whether the ballast is there."""
    held = ballast.size(config.state)
    if held >= ballast.SIZE:
        return Check("ballast", State.OK, f"{held // (1024 * 1024)} MB to free when the disk is full")
    return Check("ballast", State.WARN, "not there: a full disk would leave no room to close the day")


def backups(config: Config, clock: Clock) -> tuple[Check, ...]:
    """Whether there is a recent backup, and an owner who could open it."""
    if db.is_postgres(config.database_url):
        return (Check("backup", State.SKIP, "PostgreSQL is backed up by its own tools"),)
    try:
        backup.owner_public(config)
    except BadFile as error:
        return (Check("backup", State.WARN, f"{error.path}: {error.reason}"),)
    record = backup.last_made(config)
    at = None if record is None else record.get("at")
    if record is None or type(at) is not int:
        return (Check("backup", State.WARN, "none was ever made"),)
    where, age = str(record.get("file")), clock.millis() - at
    words = f"{_age(age)} ago: {where}"
    if record.get("problems"):
        return (Check("backup", State.FAIL, f"{words}, and the books in it have a fault"),)
    if age > _BACKUP_TOO_LATE:
        return (Check("backup", State.FAIL, words),)
    made = Check("backup", State.WARN if age > _BACKUP_LATE or age < 0 else State.OK, words)
    return (made, _backup_disk(config, where))


def _backup_disk(config: Config, where: str) -> Check:
    name = "backup disk"
    if place_of(where):
        return Check(name, State.OK, "another machine's")
    try:
        same = Path(where).stat().st_dev == config.state.stat().st_dev
    except OSError:
        return Check(name, State.SKIP, "not plugged in")
    if same:
        return Check(name, State.WARN, "the same as the shop's: use a stick or another machine")
    return Check(name, State.OK, "not the shop's own")


def proof(config: Config, clock: Clock) -> Check:
    """Whether the books were verified lately, and were true."""
    record = read_record(proof_file(config))
    at = None if record is None else record.get("at")
    if record is None or type(at) is not int:
        return Check("verify", State.WARN, "the books were never verified")
    words = f"{_age(clock.millis() - at)} ago, {record.get('entries')} entries"
    if record.get("ok") is not True:
        return Check("verify", State.FAIL, f"{words}: first bad entry {record.get('first_bad') or '?'}")
    return Check("verify", State.WARN if clock.millis() - at > _PROOF_LATE else State.OK, words)


def _schema() -> Check:
    known = sorted(path.stem for path in (Path(db.__file__).parent / "migrations").glob("[0-9]*.py"))
    try:
        applied = [str(name) for (name,) in db.rows("SELECT name FROM schema_migration ORDER BY name")]
    except ShopError:
        applied = []
    newer, missing = sorted(set(applied) - set(known)), [name for name in known if name not in applied]
    if newer:
        return Check("schema", State.FAIL, f"{newer[-1]} comes from a newer kiosk")
    if missing:
        return Check("schema", State.WARN, f"{missing[0]} will be applied at the next start")
    return Check("schema", State.OK, known[-1])


def _rights() -> Check:
    """On PostgreSQL the ledger belongs to another role (DESIGN.md 3)."""
    found = db.row(
        "SELECT has_table_privilege(current_user, 'entry', 'UPDATE') OR "
        "has_table_privilege(current_user, 'entry', 'DELETE') OR has_table_privilege(current_user, 'posting', 'UPDATE')"
    )
    if found is None or found[0]:
        return Check("ledger rights", State.FAIL, "the till's role may change the ledger")
    return Check("ledger rights", State.OK, "the till's role may only add and read")


def _paper() -> Check:
    try:
        found = db.row("SELECT COUNT(*) FROM print_job WHERE state IN ('waiting', 'printing')")
    except ShopError as error:
        return Check("paper", State.FAIL, str(error))
    count = 0 if found is None else int(found[0])
    if not count:
        return Check("paper", State.OK, "nothing waits for the printer")
    return Check("paper", State.WARN, f"{count} waiting for the printer; kiosk print waiting lists them")


def _parsed(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _age(millis: int) -> str:
    if millis < 0:
        return "in the future"
    if millis < 2 * _HOUR:
        return f"{millis // 60_000} min"
    return f"{millis // _HOUR} h" if millis < 2 * _DAY else f"{millis // _DAY} days"
