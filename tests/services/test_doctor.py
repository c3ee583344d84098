"""How the shop's own things are; on SQLite and PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk import db
from kiosk.services import backup, doctor, errands
from kiosk.services.files import write_record
from kiosk.services.keys import Keys
from kiosk.services.machine import Check, State
from kiosk.services.shop import Shop
from tests.services.conftest import FixedTime
from tests.services.till_machine import Machine

HOUR = 3_600_000


@pytest.fixture
def machine(tmp_path: Path, time: FixedTime) -> Machine:
    made = Machine.at(tmp_path / "till", time)
    Keys.load_or_make(made.config.key_file)
    return made


@pytest.fixture(autouse=True)
def nothing_bound() -> Iterator[None]:
    yield
    db.disconnect()


def by_name(checks: tuple[Check, ...]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def test_both_engines_are_told_the_truth(shop: Shop) -> None:
    """The tests' own PostgreSQL flushes nothing, which is fast, and no way to keep a shop."""
    found = by_name(doctor.database())
    careless = {"database"} if db.on_postgres() else set()
    assert {check.name for check in found.values() if check.state is not State.OK} == careless
    assert doctor.durability(errands.durability()).state is (State.FAIL if careless else State.OK)
    assert found["schema"].words.startswith("0")
    assert found["paper"].words == "nothing waits for the printer"
    assert ("ledger rights" in found) is db.on_postgres()


def test_a_schema_of_a_newer_kiosk_fails(machine: Machine) -> None:
    with machine.open():
        db.run("UPDATE schema_migration SET name = '9999_future' WHERE name = '0001_start'")
        assert by_name(doctor.database())["schema"] == Check(
            "schema", State.FAIL, "9999_future comes from a newer kiosk"
        )
        db.run("DELETE FROM schema_migration")
        assert by_name(doctor.database())["schema"].state is State.WARN


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("synchronous", "1"),
        ("synchronous", "0"),
        ("journal_mode", "delete"),
        ("journal_mode", "memory"),
        ("foreign_keys", "0"),
        ("recursive_triggers", "0"),
    ],
)
def test_what_loses_sales_or_guards_fails(setting: str, value: str) -> None:
    good: dict[str, Any] = {
        "journal_mode": "wal",
        "synchronous": "2",
        "foreign_keys": "1",
        "recursive_triggers": "1",
    }
    assert doctor.durability(good).state is State.OK
    assert doctor.durability({**good, setting: value}).state is State.FAIL
    assert doctor.durability({}).state is State.FAIL


@pytest.mark.parametrize("level", ["NORMAL", "OFF"])
def test_a_connection_that_is_opened_carelessly_is_found_out(machine: Machine, level: str) -> None:
    with machine.open():
        pass
    db.connect(machine.config.database_url, synchronous=level)
    check = doctor.durability(errands.durability())
    assert (check.state, level in check.words) == (State.FAIL, True)


@pytest.mark.parametrize("setting", ["synchronous_commit", "fsync", "full_page_writes"])
def test_postgres_without_a_flush_fails(setting: str) -> None:
    good: dict[str, Any] = {"synchronous_commit": "on", "fsync": "on", "full_page_writes": "on"}
    assert doctor.durability(good).state is State.OK
    check = doctor.durability({**good, setting: "off"})
    assert check == Check("durability", State.FAIL, f"{setting} = off")


def test_the_key_file_must_be_the_tills_alone(machine: Machine) -> None:
    path = machine.config.key_file
    assert doctor.keys(machine.config) == Check("key file", State.OK, "0600")
    path.chmod(0o640)
    assert doctor.keys(machine.config).state is State.FAIL
    path.chmod(0o600)
    path.write_text("{}")
    assert doctor.keys(machine.config).state is State.FAIL
    path.unlink()
    assert doctor.keys(machine.config).state is State.FAIL
    assert not path.exists(), "looking makes none"


def test_a_key_file_that_root_has_taken_fails(machine: Machine) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root to give files away")
    os.chown(machine.config.state, 65534, 65534)
    assert doctor.keys(machine.config).state is State.FAIL


@pytest.mark.parametrize(
    ("hours", "problems", "state"),
    [
        (1, [], State.OK),
        (27, [], State.WARN),
        (24 * 8, [], State.FAIL),
        (1, ["hash (R1:2)"], State.FAIL),
        (-5, [], State.WARN),
    ],
)
def test_backups_grow_old(machine: Machine, hours: int, problems: list[str], state: State) -> None:
    backup.owner_file(machine.config).write_text("0" * 64)
    at = machine.clock.millis() - hours * HOUR
    write_record(backup.record_file(machine.config), {"at": at, "file": "/gone/x.backup", "problems": problems})
    assert doctor.backups(machine.config, machine.clock)[0].state is state


def test_no_backup_and_no_owner_are_worth_a_look(machine: Machine) -> None:
    (check,) = doctor.backups(machine.config, machine.clock)
    assert check.state is State.WARN
    backup.owner_file(machine.config).write_text("0" * 64)
    assert doctor.backups(machine.config, machine.clock) == (Check("backup", State.WARN, "none was ever made"),)
    backup.record_file(machine.config).write_text("{torn")
    assert doctor.backups(machine.config, machine.clock) == (Check("backup", State.WARN, "none was ever made"),)


def test_a_backup_on_the_shops_own_disk_is_worth_a_look(machine: Machine) -> None:
    backup.owner_file(machine.config).write_text("0" * 64)
    file = machine.config.state / "x.backup"
    file.touch()
    write_record(backup.record_file(machine.config), {"at": machine.clock.millis(), "file": str(file), "problems": []})
    assert by_name(doctor.backups(machine.config, machine.clock))["backup disk"].state is State.WARN


@pytest.mark.parametrize(
    ("hours", "good", "state"), [(1, True, State.OK), (72, True, State.WARN), (1, False, State.FAIL)]
)
def test_the_last_proof_counts(machine: Machine, hours: int, good: bool, state: State) -> None:
    facts = {
        "at": machine.clock.millis() - hours * HOUR,
        "ok": good,
        "entries": 3,
        "first_bad": None if good else "R1:2",
    }
    write_record(doctor.proof_file(machine.config), facts)
    assert doctor.proof(machine.config, machine.clock).state is state


def test_the_ballast_is_missed(machine: Machine) -> None:
    assert doctor.reserve(machine.config).state is State.WARN
