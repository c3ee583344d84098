"""A shop on a real database, SQLite and PostgreSQL alike, with the clock standing still."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from kiosk import db
from kiosk.clock import Clock
from kiosk.services.keys import Keys
from kiosk.services.shop import Shop, load_shop
from tests.services.journey import Till
from tests.support.postgres import TILL, Database, Server

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class FixedTime:
    """A clock that stands still until it is told to move on."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now
        self.believable = True

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Move on, or back, by a timedelta's arguments."""
        self.now += timedelta(**by)


@pytest.fixture
def time() -> FixedTime:
    return FixedTime()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database with the schema of today, on each engine in turn."""
    if request.param == "sqlite":
        url = str(tmp_path / "kiosk.db")
        db.connect(url)
        db.migrate()
        db.disconnect()
        yield url
        return
    server: Server = request.getfixturevalue("postgres_server")
    made = server.create(template=server.template("services", _prepare))
    yield made.till
    db.disconnect()
    server.drop(made)


def _prepare(made: Database) -> None:
    db.connect(made.owner)
    db.migrate()
    db.grant_to(TILL)
    db.disconnect()


@pytest.fixture
def keys() -> Keys:
    return Keys.in_memory()


@pytest.fixture
def shop(database_url: str, time: FixedTime, keys: Keys) -> Iterator[Shop]:
    """An empty shop at lane R1; ``time`` moves its clock."""
    db.connect(database_url)
    clock = Clock(read=time, trusted=lambda: time.believable)
    made = load_shop("R1", 1, keys, clock=clock)
    yield made
    db.disconnect()


@pytest.fixture
def till(shop: Shop) -> Till:
    """A shop that can sell."""
    return Till(shop)


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[], str]:
    """Gives fresh SQLite databases with the schema of today."""
    empty, numbers = tmp_path / "empty.db", count()
    db.connect(str(empty))
    db.migrate()
    db.disconnect()

    def make() -> str:
        return str(shutil.copy(empty, tmp_path / f"{next(numbers)}.db"))

    return make


@pytest.fixture
def fresh_on_postgres(postgres_server: Server) -> Iterator[Callable[[], str]]:
    """As ``fresh``, on PostgreSQL."""
    made = []

    def make() -> str:
        made.append(postgres_server.create(template=postgres_server.template("services", _prepare)))
        return made[-1].till

    yield make
    for database in made:
        postgres_server.drop(database)
