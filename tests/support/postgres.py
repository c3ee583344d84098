"""A PostgreSQL server for the tests: a throw-away one of Debian's, or the one that KIOSK_TEST_POSTGRES names.

KIOSK_TEST_POSTGRES is the URL of a role that may create databases and roles. Without it, and without Debian's
``postgresql``, the tests that ask for a server are skipped, and say so.
"""

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import pytest

if TYPE_CHECKING:
    import psycopg

OWNER = "kiosk_owner"
TILL = "kiosk_till"
_PASSWORD = "only-for-tests"

_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "listen_addresses": "127.0.0.1",
}


class CannotServe(Exception):
    """There is no PostgreSQL here; the reason is a sentence for whoever runs the tests."""


@dataclass(frozen=True)
class Database:
    """One fresh database: its name, and its URL for each role."""

    name: str
    admin: str
    owner: str
    till: str


class Server:
    """A running server that makes databases for tests and takes them away."""

    def __init__(self, admin: str) -> None:
        self._admin = admin
        self._numbers = itertools.count(1)
        self._prefix = f"kiosk_test_{os.getpid()}"
        self._templates: dict[str, Database] = {}
        self._ask(*(_role(name) for name in (OWNER, TILL)))

    def create(self, template: Database | None = None) -> Database:
        """Make a database that the owner owns and the till may enter, as a copy of ``template`` when there is one."""
        name = f"{self._prefix}_{next(self._numbers)}"
        base = "template0" if template is None else template.name
        self._ask(f'CREATE DATABASE "{name}" OWNER {OWNER} TEMPLATE "{base}" ENCODING \'UTF8\'')
        return Database(
            name=name,
            admin=_url(self._admin, name),
            owner=_url(self._admin, name, OWNER),
            till=_url(self._admin, name, TILL),
        )

    def template(self, key: str, prepare: Callable[[Database], None]) -> Database:
        """Return the database that ``prepare`` filled the first time it was asked for; it must leave no connection."""
        if key not in self._templates:
            made = self.create()
            prepare(made)
            self._templates[key] = made
        return self._templates[key]

    def drop(self, database: Database) -> None:
        """Take a database away, with whoever is still connected to it."""
        self._ask(f'DROP DATABASE IF EXISTS "{database.name}" WITH (FORCE)')

    def close(self) -> None:
        """Take the templates away."""
        for database in self._templates.values():
            self.drop(database)

    def _ask(self, *statements: str) -> None:
        with _connect(self._admin) as connection:
            for statement in statements:
                connection.execute(statement.encode())


def _connect(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    import psycopg

    return psycopg.connect(url, autocommit=True)


def _role(name: str) -> str:
    return (
        f"DO $$ BEGIN CREATE ROLE {name} LOGIN PASSWORD '{_PASSWORD}'; "
        "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )


def _url(admin: str, database: str, role: str | None = None) -> str:
    parts = urlsplit(admin)
    host = parts.netloc if role is None else f"{role}:{_PASSWORD}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit((parts.scheme, host, f"/{database}", parts.query, ""))


def _programs() -> Path:
    """Return the directory of the newest server programs that Debian has installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parents[1].name))
    if not found:
        raise CannotServe("PostgreSQL is not installed (Debian: postgresql), and KIOSK_TEST_POSTGRES is not set")
    return found[-1].parent


def _unprivileged() -> tuple[list[str], int | None]:
    """Return what to put before a command, and whose the files must be: the server refuses to run as root."""
    if os.geteuid() != 0:
        return [], None
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        raise CannotServe("PostgreSQL does not run as root, and there is no user postgres") from None
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"], user.pw_uid


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _run(command: list[str], home: Path) -> None:
    log = home / "commands.log"
    with log.open("a") as said:
        done = subprocess.run(command, stdout=said, stderr=subprocess.STDOUT, cwd="/", check=False, timeout=120)
    if done.returncode != 0:
        server_log = home / "server.log"
        tail = server_log.read_text(errors="replace")[-2000:] if server_log.exists() else ""
        raise RuntimeError(f"{command[-1]} failed: {log.read_text(errors='replace')[-2000:]}{tail}")


def _throw_away_server() -> Generator[str]:
    """Start a server with empty data, yield the URL of its superuser, and leave nothing behind."""
    programs = _programs()
    before, owner = _unprivileged()
    home = Path(tempfile.mkdtemp(prefix="kiosk-postgres-"))
    data = home / "data"
    if owner is not None:
        os.chown(home, owner, -1)
    try:
        superuser = "postgres"
        initdb = [
            programs / "initdb",
            "--no-sync",
            "-A",
            "trust",
            "-U",
            superuser,
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            data,
        ]
        _run([*before, *map(str, initdb)], home)
        for attempt in range(3):
            port = _free_port()
            settings = {**_SETTINGS, "port": str(port), "unix_socket_directories": str(home)}
            options = " ".join(f"-c {name}={value}" for name, value in settings.items())
            start = [
                programs / "pg_ctl",
                "-D",
                data,
                "-l",
                home / "server.log",
                "-w",
                "-t",
                "60",
                "-o",
                options,
                "start",
            ]
            try:
                _run([*before, *map(str, start)], home)
                break
            except RuntimeError:
                if attempt == 2:
                    raise
        try:
            yield f"postgresql://{superuser}@127.0.0.1:{port}/postgres"
        finally:
            _run([*before, *map(str, [programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"])], home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A server for the whole run, or a skip that tells what is missing."""
    pytest.importorskip("psycopg", reason="psycopg is not installed (extra: postgres)")
    given = os.environ.get("KIOSK_TEST_POSTGRES")
    if given:
        server = Server(given)
        yield server
        server.close()
        return
    try:
        _programs()
        _unprivileged()
    except CannotServe as reason:
        pytest.skip(str(reason))
    running = _throw_away_server()
    server = Server(next(running))
    yield server
    running.close()


@pytest.fixture
def postgres_database(postgres_server: Server) -> Iterator[Database]:
    """A fresh, empty database for one test."""
    database = postgres_server.create()
    yield database
    postgres_server.drop(database)
