"""A deed of the day is done once, also where COMMIT fails and nobody knows whether it happened (PLATFORM.md 5)."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import peewee
import pytest

from kiosk import db
from kiosk.clock import Clock
from kiosk.errors import DiskFull, ShopError, StorageFailed
from kiosk.money import Money
from kiosk.rules.drawer import Count, Purpose
from kiosk.rules.permissions import Role
from kiosk.services import cash, shifts, signing
from kiosk.services.keys import Keys
from kiosk.services.shop import load_shop
from kiosk.services.verify import verify
from tests.services.conftest import FixedTime
from tests.services.journey import Till
from tests.services.test_shifts import a_person, sell

pytestmark = pytest.mark.requirement("D6-02")

Deed = Callable[[Till, str], object]
Arm = Callable[..., None]

DEEDS: dict[str, Deed] = {
    "carry over": lambda till, by: shifts.open_shift(till.shop, None, key="deed", by=by),
    "open": lambda till, by: shifts.open_shift(till.shop, Count(Money(900)), key="deed", by=by),
    "count": lambda till, by: shifts.count(till.shop, Count(Money(900)), key="deed", by=by),
    "x": lambda till, by: shifts.read_x(till.shop, key="deed", by=by),
    "z": lambda till, by: shifts.close_shift(till.shop, Count(Money(900)), key="deed", by=by, to_safe=Money(400)),
    "pay in": lambda till, by: cash.pay_in(till.shop, Money(500), Purpose.SAFE, slip=True, key="deed", by=by),
    "pay out": lambda till, by: cash.pay_out(till.shop, Money(500), Purpose.BANK, slip=True, key="deed", by=by),
}


@pytest.fixture
def commit_fails(till: Till, monkeypatch: pytest.MonkeyPatch) -> Arm:
    """Have the next COMMIT fail, after it happened or before."""

    def arm(*, happened: bool, reason: str = "disk I/O error") -> None:
        bound = db.database.obj
        really = bound.execute_sql

        def failing(sql: str, *more: Any, **named: Any) -> Any:
            if sql != "COMMIT":
                return really(sql, *more, **named)
            monkeypatch.undo()
            if happened:
                really(sql)
            raise peewee.OperationalError(reason)

        monkeypatch.setattr(bound, "execute_sql", failing)

    return arm


def rows() -> list[list[tuple[object, ...]]]:
    """Everything that a deed of the day writes."""
    tables = ("entry", "posting", "shift", "cash_count", "cash_move", "cash_report", "day_total", "signature")
    return [db.rows(f"SELECT * FROM {table}") for table in (*tables, "print_job")]


def begun(till: Till, name: str) -> str:
    """A shift in which something was sold, but where it is to be opened; who does the deed."""
    if name not in {"open", "carry over"}:
        sell(till, 1000)
    return a_person(till, "Lea", Role.LEAD)


@pytest.mark.parametrize("name", DEEDS)
def test_what_was_committed_after_all_is_found_by_its_key(till: Till, commit_fails: Arm, name: str) -> None:
    by = begun(till, name)
    commit_fails(happened=True)

    first = DEEDS[name](till, by)

    written = rows()
    assert DEEDS[name](till, by) == first
    assert rows() == written
    assert verify().ok


@pytest.mark.parametrize("name", DEEDS)
@pytest.mark.parametrize(
    ("reason", "refusal"),
    [("disk I/O error", StorageFailed(reason="disk I/O error")), ("database or disk is full", DiskFull())],
)
def test_what_was_not_committed_is_refused_and_can_be_done_again(
    till: Till, commit_fails: Arm, name: str, reason: str, refusal: ShopError
) -> None:
    by = begun(till, name)
    before = rows()
    commit_fails(happened=False, reason=reason)

    with pytest.raises(type(refusal)) as refused:
        DEEDS[name](till, by)

    assert refused.value == refusal
    assert rows() == before
    DEEDS[name](till, by)
    assert rows() != before
    assert verify().ok


@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_that_fails_in_the_middle_leaves_nothing(till: Till, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The last thing that it writes fails, and all that came before is gone with it."""
    by = begun(till, name)
    before = rows()
    last = {"carry over": "INSERT INTO shift", "open": "INSERT INTO entry", "count": "INSERT INTO entry"}
    words = last.get(name, "INSERT INTO print_job")
    really = db.run

    def failing(sql: str, params: Any = ()) -> int:
        touched = really(sql, params)
        if sql.startswith(words):
            raise StorageFailed(reason="unplugged")
        return touched

    monkeypatch.setattr(db, "run", failing)
    with pytest.raises(StorageFailed):
        DEEDS[name](till, by)
    monkeypatch.undo()

    assert rows() == before
    assert verify().ok


_KILLED = """
import os, signal, sys
from pathlib import Path
from kiosk import db
from kiosk.clock import Clock
from kiosk.services.keys import Keys
from kiosk.services.shop import load_shop
from tests.services.conftest import FixedTime
from tests.services.test_once import DEEDS
from tests.services.till_machine import reopened
from tests.services.journey import Till

file, name, by, after = sys.argv[1:]
db.connect(file)
shop = load_shop("R1", 1, Keys.load_or_make(Path(file + ".key")), clock=Clock(read=FixedTime()))
bound = db.database.obj
really = bound.execute_sql

def killed(sql, *more, **named):
    if sql != "COMMIT":
        return really(sql, *more, **named)
    if after == "after":
        really(sql)
    os.kill(os.getpid(), signal.SIGKILL)

bound.execute_sql = killed
DEEDS[name](reopened(Till, shop), by)
"""


@pytest.mark.parametrize("name", ["open", "z", "pay out"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_till_that_is_killed_has_done_it_whole_or_not_at_all(tmp_path: Path, name: str, moment: str) -> None:
    """A process of its own is killed at COMMIT; the next one is asked the same, with the same key."""
    file = tmp_path / "kiosk.db"
    keys, clock = Keys.load_or_make(Path(f"{file}.key")), Clock(read=FixedTime())
    db.connect(str(file))
    db.migrate()
    till = Till(load_shop("R1", 1, keys, clock=clock))
    by = begun(till, name)
    before = rows()
    db.disconnect()

    ended = subprocess.run(
        [sys.executable, "-c", _KILLED, str(file), name, by, moment], cwd=Path(__file__).parents[2], check=False
    )
    assert ended.returncode == -signal.SIGKILL

    db.connect(str(file))
    try:
        after = rows()
        assert (after == before) == (moment == "before")
        DEEDS[name](till, by)
        assert (rows() == after) == (moment == "after")
        assert verify(root=signing.first_public(till.shop)).ok
        assert db.row("SELECT COUNT(*) FROM entry WHERE key = 'deed'") == (1,)
    finally:
        db.disconnect()
