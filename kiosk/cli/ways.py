"""Ways into the shop: to look, to write alone, or to ask the till that runs (PLATFORM.md 5)."""

from __future__ import annotations

import os
import pwd
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from kiosk.clock import Clock
from kiosk.config import SYSTEM_STATE, Config
from kiosk.devices import gate
from kiosk.errors import BadFile, StorageFailed, TillIsNotRunning, TillIsRunning
from kiosk.services import errands
from kiosk.services.backup import copy_before_upgrade, database_file
from kiosk.services.files import disk_faults, give_to_owner
from kiosk.services.keys import Keys
from kiosk.services.restore import unfinished
from kiosk.services.shop import Shop, open_shop, read_settings

ERRAND_SECONDS: Final = 60.0
"""How long the till may take for one errand; it sells first."""

_NO_SHOP: Final = "there is no shop yet; kiosk setup makes one"

_USER: Final = "kiosk"
"""Whom ``kiosk install`` gives the till to."""


@contextmanager
def looking(config: Config) -> Iterator[Shop]:
    """The shop over a connection that can't write; the till may sell meanwhile.

    Refuses: BadFile (there is no shop), StorageFailed.
    """
    from kiosk import db

    check_there(config)
    keys = Keys.load_or_make(config.key_file) if config.key_file.exists() else Keys.in_memory()
    db.connect(config.database_url, read_only=True)
    try:
        yield _as_it_is(config, keys)
    finally:
        db.disconnect()


@contextmanager
def alone(config: Config, *, fresh: bool = False) -> Iterator[Shop]:
    """The shop for a command that writes itself. Refuses: TillIsRunning, BadFile (no shop), StorageFailed."""
    from kiosk import db

    if not fresh:
        check_there(config)
    become_the_till(config)
    with only_writer(config):
        copy_before_upgrade(config)
        try:
            yield open_shop(config)
        finally:
            db.disconnect()


@contextmanager
def opened_as_till(config: Config) -> Iterator[None]:
    """A connection just like the till's, while there is none. Refuses: TillIsRunning, StorageFailed."""
    from kiosk import db

    with only_writer(config):
        try:
            db.connect(config.database_url)
            yield
        finally:
            db.disconnect()


@contextmanager
def only_writer(config: Config) -> Iterator[None]:
    """Nobody else writes to this database for as long as this lasts. Refuses: TillIsRunning."""
    path = lock_file(config)
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    if os.geteuid() == 0 and not path.exists():
        path.touch(mode=0o600)
        give_to_owner(path, path.parent)
    try:
        with gate.lock(path):
            yield
    except gate.Occupied:
        raise TillIsRunning from None


def make_state(config: Config) -> None:
    """The till's directory, and its user's where there is one already. Refuses: DiskFull, BadFile."""
    with disk_faults(config.state):
        config.state.mkdir(mode=0o750, parents=True, exist_ok=True)
        if os.geteuid() == 0 and config.state == SYSTEM_STATE and config.state.stat().st_uid == 0:
            try:
                till = pwd.getpwnam(_USER)
            except KeyError:
                return
            os.chown(config.state, till.pw_uid, till.pw_gid)


def lock_file(config: Config) -> Path:
    """What a writer locks: beside a SQLite database, whoever's configuration names it; else one per lane."""
    from kiosk.db import is_postgres

    if is_postgres(config.database_url):
        return config.state / f"{config.lane}.lock"
    path = database_file(config)
    return path.with_name(path.name + ".lock")


def send(config: Config, errand: dict[str, Any]) -> dict[str, Any]:
    """Have an errand done: by the till if one runs, else here.

    Refuses: what the errand refuses; TillIsRunning (something else writes, and is no till).
    """
    try:
        return ask_till(config, errand)
    except TillIsNotRunning:
        with alone(config) as shop:
            return errands.do(shop, errand)


def ask_till(config: Config, errand: dict[str, Any], *, seconds: float = ERRAND_SECONDS) -> dict[str, Any]:
    """Have the running till do an errand. Refuses: what the errand refuses; TillIsNotRunning, StorageFailed."""
    try:
        return errands.read_reply(gate.ask(config.socket, errand, seconds))
    except gate.NobodyThere:
        raise TillIsNotRunning from None
    except gate.GateTrouble as trouble:
        if trouble.reason == "denied":
            raise BadFile(path=str(config.socket), reason="only the till's user and root may") from None
        raise StorageFailed(reason=f"the till does not answer ({trouble.reason})") from None


def become_the_till(config: Config) -> None:
    """Root works as whoever the till's directory belongs to: no file of the till's may end up root's.

    Refuses: BadFile (that user can't read the Python that runs this).
    """
    if os.geteuid() != 0 or not config.state.exists():
        return
    found = config.state.stat()
    if found.st_uid == 0:
        return
    python = Path(sys.base_prefix).resolve()
    if not all(folder.stat().st_mode & stat.S_IXOTH for folder in (python, *python.parents)):
        raise BadFile(path=str(python), reason="the till's user can't read this Python; use the installed kiosk")
    try:
        os.initgroups(pwd.getpwuid(found.st_uid).pw_name, found.st_gid)
    except KeyError:
        os.setgroups([])
    os.setgid(found.st_gid)
    os.setuid(found.st_uid)


def is_there(config: Config) -> bool:
    """Whether there is a shop; an empty PostgreSQL database is none.

    Refuses: BadFile (nobody may look), StorageFailed (no server).
    """
    if config.on_postgres:
        from kiosk import db

        db.connect(config.database_url, read_only=True)
        try:
            return db.row("SELECT 1 FROM pg_class WHERE oid = to_regclass('schema_migration')") is not None
        finally:
            db.disconnect()
    path = database_file(config)
    try:
        return path.exists()
    except PermissionError:
        raise BadFile(path=str(path), reason="only the till's user and root may") from None


def check_there(config: Config) -> None:
    """Whether there is a shop, and a whole one. Refuses: BadFile, StorageFailed."""
    if not is_there(config):
        raise BadFile(path=config.database_shown.removeprefix("sqlite://"), reason=_NO_SHOP)
    if unfinished(config).exists():
        raise BadFile(path=str(unfinished(config)), reason="a restore was cut short; do it again")


def _as_it_is(config: Config, keys: Keys) -> Shop:
    from dataclasses import replace
    from zoneinfo import ZoneInfo

    from kiosk.i18n import set_currency

    settings, version = read_settings()
    set_currency(settings.currency, settings.decimals)
    clock = replace(Clock(), zone=ZoneInfo(settings.zone), day_starts_at_hour=settings.day_starts_at_hour)
    return Shop(config.lane, clock, keys, settings, version)
