"""``kiosk backup`` and ``kiosk restore`` from the outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import PASSPHRASE, Kiosk, Running, journal


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    made = tmp_path / "stick"
    made.mkdir()
    return made


@pytest.mark.requirement("D8-06")
def test_sell_back_up_sell_and_bring_back_elsewhere(kiosk: Kiosk, owner_key: Path, stick: Path, tmp_path: Path) -> None:
    made = kiosk("backup", stick, "--json")
    assert (made.code, made.json["ok"], made.json["entries"]) == (0, True, 3)
    kiosk.machine.sell(2)
    other = Kiosk(tmp_path / "other", kiosk.warm)
    other.folder.mkdir()
    file = made.json["file"]
    said = other("restore", file, "--owner-key", owner_key, "--yes", "--json", given=PASSPHRASE + "\n")
    assert (said.code, said.json["entries"], said.json["aside"]) == (0, 3, [])
    assert other("verify", "--json").json["heads"] == made.json["heads"]
    assert other("staff", "list", "--json").json == kiosk("staff", "list", "--json").json
    assert kiosk("verify", "--json").json["entries"] == 5
    assert other("print", "waiting").out == "0 waiting\n"
    assert [note["by"] for note in journal(other, "backup.restored")] == ["root"]


def test_a_backup_is_made_while_the_till_runs_and_not_brought_back(
    kiosk: Kiosk, owner_key: Path, stick: Path, running: Running
) -> None:
    made = kiosk("backup", stick, "--json")
    assert made.code == 0
    said = kiosk("restore", made.json["file"], "--owner-key", owner_key, "--yes", given=PASSPHRASE + "\n")
    assert (said.code, said.err) == (4, "kiosk: The till is running. Stop it first.\n")
    assert kiosk("scan", "1").code == 0
    assert running.scanned == ["1"]
    checked = kiosk("restore", made.json["file"], "--owner-key", owner_key, "--check", given=PASSPHRASE + "\n")
    assert checked.code == 0
    assert checked.out.endswith("It could be brought back.\n")


def test_nothing_is_replaced_without_a_yes(kiosk: Kiosk, owner_key: Path, stick: Path) -> None:
    file = kiosk("backup", stick, "--json").json["file"]
    kiosk.machine.sell(2)
    said = kiosk("restore", file, "--owner-key", owner_key, given=PASSPHRASE + "\n")
    assert said.code == 3
    assert "kiosk: Lane R1 has 2 entries here that are not in the backup.\n" in said.err
    assert said.err.endswith("kiosk: Nothing was changed. --yes brings it back without asking.\n")
    assert kiosk("verify", "--json").json["entries"] == 5


@pytest.mark.parametrize("fault", ["passphrase", "changed", "no backup", "not there"])
def test_what_can_not_be_proved_replaces_nothing(
    kiosk: Kiosk, owner_key: Path, stick: Path, tmp_path: Path, fault: str
) -> None:
    file = Path(kiosk("backup", stick, "--json").json["file"])
    if fault == "changed":
        content = bytearray(file.read_bytes())
        content[-200] ^= 1
        file.write_bytes(content)
    elif fault == "no backup":
        file.write_text("hello")
    elif fault == "not there":
        file.unlink()
    kiosk.machine.sell(1)
    given = "another passphrase\n" if fault == "passphrase" else PASSPHRASE + "\n"
    said = kiosk("restore", file, "--owner-key", owner_key, "--yes", given=given)
    assert (said.code, said.out, said.err.count("\n")) == (3, "", 1)
    assert kiosk("verify", "--json").json["entries"] == 4
    assert sorted(path.name for path in kiosk.config.state.iterdir() if "restore" in path.name) == []


def test_without_a_target_it_lies_beside_the_shop_and_the_doctor_says_so(kiosk: Kiosk, owner_key: Path) -> None:
    said = kiosk("backup")
    assert said.code == 0
    (made,) = (kiosk.config.state / "backups").iterdir()
    assert said.out.startswith(f"{made}  ")
    doctor = {check["name"]: check["state"] for check in kiosk("doctor", "--json").json["checks"]}
    assert (doctor["backup"], doctor["backup disk"]) == ("ok", "warn")


def test_no_backup_without_an_owner_and_none_onto_a_stick_that_is_not_there(kiosk: Kiosk, stick: Path) -> None:
    said = kiosk("backup", stick)
    assert said.code == 3
    assert "--new-owner-key" in said.err
    assert list(stick.iterdir()) == []


def test_an_owner_key_is_not_replaced_by_accident(kiosk: Kiosk, owner_key: Path, tmp_path: Path) -> None:
    before = (kiosk.config.state / "owner.pub").read_bytes()
    said = kiosk("backup", "--new-owner-key", tmp_path / "second.key", given=PASSPHRASE + "\n")
    assert (said.code, (tmp_path / "second.key").exists()) == (3, False)
    assert (kiosk.config.state / "owner.pub").read_bytes() == before
    forced = kiosk("backup", "--new-owner-key", tmp_path / "second.key", "--force", given=PASSPHRASE + "\n")
    assert (forced.code, (tmp_path / "second.key").exists()) == (0, True)
    assert (kiosk.config.state / "owner.pub").read_bytes() != before
    short = kiosk("backup", "--new-owner-key", tmp_path / "third.key", "--force", given="short\n")
    assert (short.code, (tmp_path / "third.key").exists()) == (3, False)


def test_old_ones_make_room(kiosk: Kiosk, owner_key: Path, stick: Path) -> None:
    (stick / "kiosk-R1-20200101T000000Z.backup").write_text("old")
    (stick / "notes.txt").write_text("keep")
    said = kiosk("backup", stick, "--keep", 1, "--json")
    assert said.json["removed"] == [str(stick / "kiosk-R1-20200101T000000Z.backup")]
    assert sorted(path.name for path in stick.iterdir()) == [Path(said.json["file"]).name, "notes.txt"]
    assert kiosk("backup", stick, "--keep", 0).code == 3


def test_a_target_is_remembered_for_the_night(kiosk: Kiosk, owner_key: Path, stick: Path) -> None:
    assert kiosk("backup", stick, "--remember").code == 0
    assert len(list(stick.iterdir())) == 1
    for path in stick.iterdir():
        path.unlink()
    assert kiosk("backup").code == 0
    assert len(list(stick.iterdir())) == 1
    assert not (kiosk.config.state / "backups").exists()
    for path in stick.iterdir():
        path.unlink()
    stick.rmdir()
    said = kiosk("backup")
    assert (said.code, stick.exists()) == (3, False), "a stick that is gone is told, and nothing put elsewhere"


def test_a_new_machine_becomes_the_till_that_the_backup_is_of(bare: Kiosk, tmp_path: Path, stick: Path) -> None:
    key = tmp_path / "owner.key"
    words = ("--yes", "--country", "DE", "--lane", "R7", "--lane-number", 7, "--printer", "network:10.0.0.9")
    assert bare("setup", *words, given="2580\n").code == 0
    assert bare("backup", "--new-owner-key", key, given=PASSPHRASE + "\n").code == 0
    file = bare("backup", stick, "--json").json["file"]
    other = Kiosk(tmp_path / "other", bare.warm)
    other.folder.mkdir()
    assert other("restore", file, "--owner-key", key, "--yes", given=PASSPHRASE + "\n").code == 0
    assert (other.folder / "kiosk.toml").read_bytes() == (bare.folder / "kiosk.toml").read_bytes()
    assert list(other("verify", "--json").json["heads"]) == ["R7"]
    assert other("staff", "list", "--json").json == bare("staff", "list", "--json").json


def test_another_till_is_not_brought_back_over_this_one(
    kiosk: Kiosk, bare: Kiosk, owner_key: Path, stick: Path, tmp_path: Path
) -> None:
    file = kiosk("backup", stick, "--json").json["file"]
    (kiosk.folder / "kiosk.toml").write_text('lane = "R2"\nlane_number = 2\n')
    said = kiosk("restore", file, "--owner-key", owner_key, "--yes", given=PASSPHRASE + "\n")
    assert (said.code, said.err.splitlines()[-1]) == (2, "kiosk: Setting lane: “R2” can't be used.")
    assert list(kiosk.config.state.glob("*before-restore*")) == []


def test_after_a_restore_that_was_cut_short_no_till_starts(kiosk: Kiosk) -> None:
    (kiosk.config.state / "restore.json").write_text("{}")
    for words in (["verify"], ["staff", "list"], ["print", "test"]):
        said = kiosk(*words)
        assert (said.code, said.err.endswith("a restore was cut short; do it again\n")) == (3, True)
    assert {check["name"]: check["state"] for check in kiosk("doctor", "--json").json["checks"]}["database"] == "fail"


def test_a_short_passphrase_is_told_how_long_it_must_be(kiosk: Kiosk, tmp_path: Path) -> None:
    path = tmp_path / "short.key"
    said = kiosk("backup", "--new-owner-key", path, given="nine9nine\n")
    assert (said.code, said.out) == (3, "")
    assert said.err == "kiosk: The passphrase is too short: it needs 10 characters or more.\n"
    assert not path.exists()
