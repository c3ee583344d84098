"""Backups: sealed for the owner, proved before they count, and never at the price of an older one."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import kiosk
from kiosk import db
from kiosk.errors import BadFile, BadSetting, DiskFull, Invalid, NotFound
from kiosk.services import backup, journal, restore, sealing
from kiosk.services.keys import Keys
from kiosk.services.restore import Examined
from kiosk.services.sealing import OwnerKey
from kiosk.services.verify import Anchor
from tests.services.conftest import FixedTime
from tests.services.till_machine import Machine

PASSPHRASE = "correct horse battery"


@pytest.fixture
def machine(tmp_path: Path, time: FixedTime) -> Machine:
    made = Machine.at(tmp_path / "till", time)
    made.sell(3)
    return made


@pytest.fixture(autouse=True)
def nothing_bound() -> Iterator[None]:
    yield
    db.disconnect()


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    made = tmp_path / "stick"
    made.mkdir()
    return made


@pytest.fixture
def owner(machine: Machine, tmp_path: Path) -> OwnerKey:
    keys = Keys.load_or_make(machine.config.key_file)
    return backup.new_owner_key(machine.config, keys, tmp_path / "owner.key", PASSPHRASE)


def make(machine: Machine, target: Path, keep: int = 7) -> backup.Made:
    return backup.make(machine.config, target, keep=keep, clock=machine.clock)


def examine(machine: Machine, path: Path, owner: OwnerKey, room: Path, **more: object) -> Examined:
    room.mkdir()
    trusted = restore.trusted_signers(machine.config, owner)
    return restore.examine(path, owner, room, trusted=trusted, **more)  # type: ignore[arg-type]


def contents(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.requirement("D8-06")
def test_a_backup_brought_back_elsewhere_is_the_shop_as_it_was(
    machine: Machine, owner: OwnerKey, stick: Path, tmp_path: Path, time: FixedTime
) -> None:
    made = make(machine, stick)
    machine.sell(2)
    other = Machine.at(tmp_path / "other", time)
    examined = examine(other, Path(made.where), owner, tmp_path / "room")
    done = restore.put_in_place(other.config, examined, clock=other.clock)
    assert (done.entries, done.aside) == (3, ())
    report = other.verify()
    assert (report.ok, report.entries, report.heads) == (True, 3, made.proof.heads)
    assert machine.verify().entries == 5
    assert other.config.key_file.read_bytes() == machine.config.key_file.read_bytes()
    assert stat.S_IMODE(other.config.key_file.stat().st_mode) == 0o600
    assert other.sell(1)[0].number == 4


def test_a_restore_keeps_what_it_replaces_and_says_so_in_the_journal(
    machine: Machine, owner: OwnerKey, stick: Path, tmp_path: Path
) -> None:
    made = make(machine, stick)
    machine.sell(2)
    done = restore.put_in_place(
        machine.config, examine(machine, Path(made.where), owner, tmp_path / "room"), clock=machine.clock
    )
    assert sorted(path.name for path in done.aside) == [
        "kiosk.db.before-restore-20261120T120000Z",
        "kiosk.key.before-restore-20261120T120000Z",
    ]
    assert machine.verify().entries == 3
    db.connect(str(machine.config.state / "kiosk.db.before-restore-20261120T120000Z"), read_only=True)
    assert db.row("SELECT COUNT(*) FROM entry") == (5,)
    db.disconnect()
    with machine.open() as till:
        (note,) = journal.notes(till.shop, action="backup.restored")
    assert (note.by, note.facts["heads"], note.facts["dropped_jobs"]) == (
        "root",
        {"R1": list(made.proof.heads["R1"])},
        3,
    )


def test_receipts_that_waited_then_do_not_come_out_again(
    machine: Machine, owner: OwnerKey, stick: Path, tmp_path: Path
) -> None:
    made = make(machine, stick)
    done = restore.put_in_place(
        machine.config, examine(machine, Path(made.where), owner, tmp_path / "room"), clock=machine.clock
    )
    assert done.dropped_jobs == 3
    with machine.open():
        assert db.row("SELECT COUNT(*) FROM print_job WHERE state IN ('waiting', 'printing')") == (0,)


def test_a_log_left_by_a_crash_is_not_written_into_the_restored_database(
    machine: Machine, owner: OwnerKey, stick: Path, tmp_path: Path
) -> None:
    made = make(machine, stick)
    database = Path(machine.config.database_url)
    held = sqlite3.connect(database)
    held.execute("SELECT 1 FROM sqlite_master").fetchone()
    machine.sell(2)
    assert database.with_name("kiosk.db-wal").stat().st_size > 0
    log, index = (database.with_name(f"kiosk.db-{part}").read_bytes() for part in ("wal", "shm"))
    held.close()
    database.write_bytes(b"torn" * 1000)
    database.with_name("kiosk.db-wal").write_bytes(log)
    database.with_name("kiosk.db-shm").write_bytes(index)
    examined = examine(machine, Path(made.where), owner, tmp_path / "room")
    restore.put_in_place(machine.config, examined, clock=machine.clock)
    assert machine.verify().entries == 3
    kept = database.with_name("kiosk.db.before-restore-20261120T120000Z")
    assert kept.exists()


@pytest.mark.requirement("D8-06")
def test_a_backup_is_consistent_while_the_till_sells(
    machine: Machine, owner: OwnerKey, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race is real: a sale is committed between the start of the copy and its end."""
    copied = db.backup
    database = sqlite3.connect(machine.config.database_url, isolation_level=None, timeout=10)
    sold = []

    def sell_first(target: Path) -> None:
        seller = threading.Thread(target=lambda: sold.append(_note(machine)))
        seller.start()
        seller.join()
        copied(target)

    monkeypatch.setattr(db, "backup", sell_first)
    made = make(machine, stick)
    assert sold == ["written"]
    assert database.execute("SELECT COUNT(*) FROM journal WHERE action = 'meanwhile'").fetchone() == (1,)
    database.close()
    assert made.proof.problems == ()
    assert made.proof.entries == 3


def _note(machine: Machine) -> str:
    other = sqlite3.connect(machine.config.database_url, isolation_level=None, timeout=10)
    other.execute("INSERT INTO journal (id, at, lane, action) VALUES ('x', 0, 'R1', 'meanwhile')")
    other.close()
    return "written"


def test_nothing_of_the_shop_can_be_read_in_a_backup(machine: Machine, owner: OwnerKey, stick: Path) -> None:
    with machine.open() as till:
        till.article("Canary Wharf cheddar", 199)
        device = json.loads(machine.config.key_file.read_text())["device"]
    path = Path(make(machine, stick).where)
    content = path.read_bytes()
    assert b"Canary" not in content
    assert b"SQLite format" not in content
    assert device.encode() not in content
    assert bytes.fromhex(device) not in content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_bare_copy_stays_behind(machine: Machine, owner: OwnerKey, stick: Path) -> None:
    crashed = machine.config.state / "backup.work"
    crashed.mkdir()
    (crashed / "kiosk.db").write_text("left by a power cut")
    make(machine, stick)
    assert not crashed.exists()
    assert contents(stick) == {"kiosk-R1-20261120T120000Z.backup"}


def test_the_newest_are_kept_and_other_files_left_alone(
    machine: Machine, owner: OwnerKey, stick: Path, time: FixedTime
) -> None:
    others = {"kiosk-R2-20200101T000000Z.backup", "holiday.jpg", "kiosk-R1-20200101T000000Z.backup.part"}
    for name in others:
        (stick / name).write_text("keep")
    for _ in range(4):
        made = make(machine, stick, keep=2)
        time.move(days=1)
    assert made.removed == (str(stick / "kiosk-R1-20261121T120000Z.backup"),)
    assert contents(stick) == others | {"kiosk-R1-20261122T120000Z.backup", "kiosk-R1-20261123T120000Z.backup"}


def test_the_one_just_made_is_never_removed_even_if_the_clock_went_back(
    machine: Machine, owner: OwnerKey, stick: Path, time: FixedTime
) -> None:
    make(machine, stick, keep=1)
    time.now -= timedelta(days=400)
    made = make(machine, stick, keep=1)
    assert contents(stick) == {Path(made.where).name}


def test_the_last_backup_is_written_down(machine: Machine, owner: OwnerKey, stick: Path) -> None:
    assert backup.last_made(machine.config) is None
    made = make(machine, stick)
    assert backup.last_made(machine.config) == {
        "at": machine.clock.millis(),
        "file": made.where,
        "bytes": Path(made.where).stat().st_size,
        "entries": 3,
        "problems": [],
    }


def test_without_an_owner_key_there_is_no_backup(machine: Machine, stick: Path) -> None:
    with pytest.raises(BadFile, match="new-owner-key"):
        make(machine, stick)
    assert contents(stick) == set()


def test_a_stick_that_is_not_there_is_not_made_up(machine: Machine, owner: OwnerKey, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        make(machine, tmp_path / "not mounted")
    assert not (tmp_path / "not mounted").exists()


def test_a_full_stick_keeps_its_older_backup(
    machine: Machine, owner: OwnerKey, stick: Path, time: FixedTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = make(machine, stick, keep=1)
    time.move(days=1)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sealing.Sealer, "finish", full)
    with pytest.raises(DiskFull):
        make(machine, stick, keep=1)
    assert contents(stick) == {Path(before.where).name}
    assert backup.last_made(machine.config) is not None
    assert (backup.last_made(machine.config) or {})["file"] == before.where


def test_a_till_with_too_little_room_does_not_begin(
    machine: Machine, owner: OwnerKey, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage)
    with pytest.raises(DiskFull):
        make(machine, stick)
    assert contents(stick) == set()


def test_books_with_a_fault_are_saved_all_the_same_and_nothing_is_removed_for_them(
    machine: Machine, owner: OwnerKey, stick: Path, time: FixedTime, tmp_path: Path
) -> None:
    good = make(machine, stick, keep=1)
    time.move(days=1)
    with machine.open() as till:
        till.tamper("UPDATE posting SET amount = amount * 2 WHERE entry = (SELECT id FROM entry WHERE seq = 2)")
    made = make(machine, stick, keep=1)
    assert made.proof.problems[0] == "hash (R1:2)"
    assert made.removed == ()
    assert contents(stick) == {Path(good.where).name, Path(made.where).name}
    with pytest.raises(BadFile, match="hash"):
        examine(machine, Path(made.where), owner, tmp_path / "room")
    examined = examine(machine, Path(made.where), owner, tmp_path / "again", with_problems=True)
    assert examined.proof.problems == made.proof.problems


def test_a_changed_cut_or_mixed_backup_is_refused(
    machine: Machine, owner: OwnerKey, stick: Path, tmp_path: Path, time: FixedTime
) -> None:
    path = Path(make(machine, stick).where)
    good = path.read_bytes()
    time.move(days=1)
    other = Path(make(machine, stick).where).read_bytes()
    header = good.index(b"\n", good.index(b"\n") + 1) + 1
    hostile = {
        "empty": b"",
        "text": b"hello\n",
        "magic": good[:15],
        "flipped": good[:2000] + bytes([good[2000] ^ 1]) + good[2001:],
        "header": good.replace(b'"lane":"R1"', b'"lane":"R2"'),
        "cut": good[:-1],
        "cut piece": good[: header + 500],
        "longer": good + b"x",
        "mixed": good[:header] + other[header:],
        "no json": b"kiosk-backup 1\n{\n" + good[header:],
        "wrong types": b'kiosk-backup 1\n{"lane":1}\n' + good[header:],
    }
    for number, (name, content) in enumerate(hostile.items()):
        path.write_bytes(content)
        with pytest.raises(BadFile):
            examine(machine, path, owner, tmp_path / f"room {number}")
        assert contents(tmp_path / f"room {number}") == set(), name
    path.write_bytes(good)
    assert examine(machine, path, owner, tmp_path / "room").proof.entries == 3


def test_a_backup_of_an_unknown_till_needs_somebody_who_vouches(
    machine: Machine, owner: OwnerKey, stick: Path, tmp_path: Path, time: FixedTime
) -> None:
    """Anybody who has seen the public key can seal something for the owner; nobody can sign as the till."""
    forger = Machine.at(tmp_path / "forger", time)
    forger.sell(9)
    backup.owner_file(forger.config).write_text(owner.public)
    forged = Path(make(forger, stick).where)
    with pytest.raises(BadFile, match="nobody vouches") as refused:
        examine(machine, forged, owner, tmp_path / "room")
    assert contents(tmp_path / "room") == set()
    fingerprint = sealing.fingerprint(sealing.signer_of(Keys.load_or_make(forger.config.key_file)))
    assert fingerprint in refused.value.reason  # type: ignore[attr-defined]
    with pytest.raises(BadFile, match="nobody vouches"):
        examine(machine, forged, owner, tmp_path / "room 2", accepted="0000 0000 0000 0000")
    assert examine(machine, forged, owner, tmp_path / "room 3", accepted=fingerprint).proof.entries == 9


def test_a_forger_can_not_put_the_tills_name_on_his_own_signature(
    machine: Machine, owner: OwnerKey, stick: Path, tmp_path: Path, time: FixedTime
) -> None:
    forger = Machine.at(tmp_path / "forger", time)
    forger.sell(9)
    backup.owner_file(forger.config).write_text(owner.public)
    forged = Path(make(forger, stick).where)
    mine, his = (sealing.signer_of(Keys.load_or_make(each.config.key_file)) for each in (machine, forger))
    forged.write_bytes(forged.read_bytes().replace(his.encode(), mine.encode()))
    with pytest.raises(BadFile, match="damaged or changed"):
        examine(machine, forged, owner, tmp_path / "room")


def test_what_paper_shows_must_be_in_the_backup(machine: Machine, owner: OwnerKey, stick: Path, tmp_path: Path) -> None:
    made = make(machine, stick)
    last = machine.sell(1)[0]
    first = machine.verify().heads["R1"]
    assert first[0] == last.seq
    good = Anchor("R1", 3, made.proof.heads["R1"][1][:8])
    assert examine(machine, Path(made.where), owner, tmp_path / "room", anchors=[good]).proof.problems == ()
    with pytest.raises(BadFile, match="anchor"):
        examine(machine, Path(made.where), owner, tmp_path / "later", anchors=[Anchor("R1", last.seq, last.hash_piece)])


def test_another_owners_key_opens_nothing(machine: Machine, owner: OwnerKey, stick: Path, tmp_path: Path) -> None:
    path = Path(make(machine, stick).where)
    with pytest.raises(BadFile, match="another owner key"):
        examine(machine, path, OwnerKey.make(owner.signers), tmp_path / "room")
    thief = OwnerKey(owner.public, owner.signers, OwnerKey.make(())._private)
    with pytest.raises(BadFile, match="damaged or changed"):
        examine(machine, path, thief, tmp_path / "room 2")


def test_a_backup_of_another_lane_is_not_put_in_place(
    machine: Machine, owner: OwnerKey, stick: Path, tmp_path: Path, time: FixedTime
) -> None:
    path = Path(make(machine, stick).where)
    other = Machine.at(tmp_path / "other", time, lane="R2")
    examined = examine(other, path, owner, tmp_path / "room")
    with pytest.raises(BadSetting):
        restore.put_in_place(other.config, examined, clock=other.clock)
    assert contents(other.config.state) == set()


def test_a_newer_kiosks_backup_is_refused(machine: Machine, owner: OwnerKey, stick: Path, tmp_path: Path) -> None:
    newer = sqlite3.connect(machine.config.database_url)
    newer.execute("UPDATE schema_migration SET name = '9999_future' WHERE name = '0001_start'")
    newer.commit()
    newer.close()
    with pytest.raises(BadFile, match="newer kiosk"):
        examine(machine, Path(make(machine, stick).where), owner, tmp_path / "room")


def test_the_owners_file_opens_with_its_passphrase_only(owner: OwnerKey, tmp_path: Path, machine: Machine) -> None:
    path = tmp_path / "owner.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert owner._private.hex() not in path.read_text()
    assert OwnerKey.unlock(path, PASSPHRASE) == owner
    with pytest.raises(BadFile, match="passphrase"):
        OwnerKey.unlock(path, PASSPHRASE + " ")
    changed = json.loads(path.read_text())
    changed["signers"].append("00" * 32)
    path.write_text(json.dumps(changed))
    with pytest.raises(BadFile, match="passphrase"):
        OwnerKey.unlock(path, PASSPHRASE)
    assert backup.owner_public(machine.config) == owner.public


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"kind": "kiosk owner key 1"}', "\xff"])
def test_what_is_no_owners_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "owner.key"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(BadFile, match="no owner key"):
        OwnerKey.unlock(path, PASSPHRASE)


def test_an_owners_file_is_never_overwritten(machine: Machine, owner: OwnerKey, tmp_path: Path) -> None:
    before = (tmp_path / "owner.key").read_bytes()
    keys = Keys.load_or_make(machine.config.key_file)
    with pytest.raises(BadFile, match="exists"):
        backup.new_owner_key(machine.config, keys, tmp_path / "owner.key", PASSPHRASE)
    with pytest.raises(Invalid):
        backup.new_owner_key(machine.config, keys, tmp_path / "other.key", "short")
    assert (tmp_path / "owner.key").read_bytes() == before
    assert not (tmp_path / "other.key").exists()
    assert backup.owner_public(machine.config) == owner.public


def test_no_secret_is_in_what_a_key_shows_of_itself(owner: OwnerKey) -> None:
    assert owner._private.hex() not in repr(owner)
    assert str(owner._private) not in repr(owner)


@pytest.mark.parametrize("size", [0, 1, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 3 * 1024 * 1024])
def test_every_size_comes_back_as_it_was(tmp_path: Path, size: int) -> None:
    plain, path, keys = os.urandom(size), tmp_path / "x.backup", Keys.in_memory()
    owner = OwnerKey.make(())
    with path.open("wb") as file:
        sealer = sealing.Sealer(file, lane="R1", at=0, version="1", owner=owner.public, keys=keys)
        for start in range(0, size, 300_000):
            sealer.write(plain[start : start + 300_000])
        sealer.finish()
    assert sealing.check_signature(path).signer == sealing.signer_of(keys)
    with sealing.Unsealer(path, owner) as opened:
        assert opened.read() == plain


def test_before_an_upgrade_the_database_is_kept_as_it_is(machine: Machine) -> None:
    assert backup.copy_before_upgrade(machine.config) is None, "nothing will change"
    older = sqlite3.connect(machine.config.database_url)
    older.execute("DELETE FROM schema_migration WHERE name <> '0001_start'")
    older.commit()
    older.close()
    kept = backup.copy_before_upgrade(machine.config)
    assert kept == machine.config.state / f"kiosk.db.before-{kiosk.__version__}"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert backup.copy_before_upgrade(machine.config) == kept, "a second try keeps it anew"
    db.connect(str(kept), read_only=True)
    assert db.row("SELECT COUNT(*) FROM entry") == (3,)
    db.disconnect()
    assert [path.name for path in machine.config.state.glob("*.part")] == []


def test_a_fresh_shop_has_nothing_to_keep(tmp_path: Path, time: FixedTime) -> None:
    fresh = Machine.at(tmp_path / "fresh", time)
    assert backup.copy_before_upgrade(fresh.config) is None
    Path(fresh.config.database_url).touch()
    assert backup.copy_before_upgrade(fresh.config) is None
    assert [path.name for path in fresh.config.state.iterdir()] == ["kiosk.db"]


@pytest.mark.parametrize("replaced", range(1, 5))
def test_a_restore_that_is_cut_short_is_known_and_can_be_done_again(
    machine: Machine, owner: OwnerKey, stick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replaced: int
) -> None:
    """The power goes before the first, second … of the renames; at each moment there is a database and a key file."""
    made = make(machine, stick)
    machine.sell(2)
    held = sqlite3.connect(machine.config.database_url)
    held.execute("SELECT COUNT(*) FROM entry").fetchone()
    real, count = os.replace, 0

    def cut(source: Path, target: Path) -> None:
        nonlocal count
        count += 1
        if count >= replaced:
            raise KeyboardInterrupt
        real(source, target)

    examined = examine(machine, Path(made.where), owner, tmp_path / "room")
    monkeypatch.setattr(os, "replace", cut)
    with contextlib.suppress(KeyboardInterrupt):
        restore.put_in_place(machine.config, examined, clock=machine.clock)
    held.close()
    monkeypatch.setattr(os, "replace", real)
    assert Path(machine.config.database_url).exists()
    assert machine.config.key_file.exists()
    assert restore.unfinished(machine.config).exists() is (count == replaced)
    again = examine(machine, Path(made.where), owner, tmp_path / "again")
    restore.put_in_place(machine.config, again, clock=machine.clock)
    assert not restore.unfinished(machine.config).exists()
    assert (machine.verify().ok, machine.verify().entries) == (True, 3)
    assert machine.sell(1)[0].number == 4
