"""Backups over ssh: a file has its name only when it is complete, and no name becomes a command."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import db
from kiosk.errors import BadFile
from kiosk.services import backup, doctor, over_ssh
from kiosk.services.keys import Keys
from kiosk.services.machine import State
from kiosk.services.over_ssh import Place, place_of
from tests.services.conftest import FixedTime
from tests.services.till_machine import Machine

SFTP = f"""#!{sys.executable}
import os, shlex, shutil, sys
log = open(os.environ["SFTP_LOG"], "a")
log.write(" ".join(sys.argv[1:]) + "\\n")
here = os.environ["SFTP_ROOT"]
for line in sys.stdin:
    log.write(line)
    words = shlex.split(line)
    if words[0] == "cd":
        here = os.path.join(here, words[1])
        if not os.path.isdir(here):
            sys.exit("stat remote: No such file or directory")
    elif words[0] == "put":
        if os.environ.get("SFTP_FULL"):
            sys.exit("write remote: Failure")
        shutil.copy(words[2], os.path.join(here, words[3]))
    elif words[0] == "rename":
        os.rename(*(os.path.join(here, name) for name in words[1:]))
    elif words[0] == "rm":
        os.unlink(os.path.join(here, words[1]))
    elif words[0] == "ls":
        print("sftp> " + line, end="")
        print("\\n".join(sorted(os.listdir(here))))
"""


@pytest.fixture
def far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another machine's directory, behind an sftp that does what OpenSSH's does."""
    programs, made = tmp_path / "bin", tmp_path / "far" / "shop's backups"
    programs.mkdir()
    made.mkdir(parents=True)
    program = programs / "sftp"
    program.write_text(SFTP)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("SFTP_ROOT", str(tmp_path / "far"))
    monkeypatch.setenv("SFTP_LOG", str(tmp_path / "sftp.log"))
    return made


@pytest.fixture
def machine(tmp_path: Path, time: FixedTime) -> Iterator[Machine]:
    made = Machine.at(tmp_path / "till", time)
    made.sell(2)
    backup.new_owner_key(made.config, Keys.load_or_make(made.config.key_file), tmp_path / "owner.key", "a passphrase")
    yield made
    db.disconnect()


PLACE = Place("anna@nas.example", "shop's backups")


def make(machine: Machine, keep: int = 2) -> backup.Made:
    return backup.make(machine.config, PLACE, keep=keep, clock=machine.clock)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("anna@nas.example:backups", Place("anna@nas.example", "backups")),
        ("nas:", Place("nas", ".")),
        ("nas:/srv/a b/ü", Place("nas", "/srv/a b/ü")),
        ("/media/stick", None),
        ("stick", None),
        ("./nas:backups", None),
        ("-oProxyCommand=reboot:x", None),
        ("anna@-oProxyCommand=reboot:x", None),
        ("nas;reboot:x", None),
        ("nas:a\nrm x", None),
    ],
)
def test_what_is_another_machine(text: str, place: Place | None) -> None:
    assert place_of(text) == place


@pytest.mark.requirement("D8-06")
def test_a_backup_goes_to_another_machine_and_old_ones_make_room(machine: Machine, far: Path, time: FixedTime) -> None:
    (far / "kiosk-R2-20200101T000000Z.backup").write_text("another till's")
    (far / "notes.txt").write_text("keep")
    for _ in range(3):
        made = make(machine)
        time.move(days=1)
    assert made.where == "anna@nas.example:shop's backups/kiosk-R1-20261122T120000Z.backup"
    assert made.removed == ("anna@nas.example:shop's backups/kiosk-R1-20261120T120000Z.backup",)
    assert names(far) == [
        "kiosk-R1-20261121T120000Z.backup",
        "kiosk-R1-20261122T120000Z.backup",
        "kiosk-R2-20200101T000000Z.backup",
        "notes.txt",
    ]
    assert list(machine.config.state.glob("**/*.backup")) == []
    checks = {check.name: check for check in doctor.backups(machine.config, machine.clock)}
    assert (checks["backup"].state, checks["backup disk"].state) == (State.OK, State.OK)


def test_a_transfer_that_fails_is_no_backup(
    machine: Machine, far: Path, time: FixedTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make(machine)
    time.move(days=1)
    monkeypatch.setenv("SFTP_FULL", "1")
    with pytest.raises(BadFile, match="Failure"):
        make(machine, keep=1)
    assert names(far) == ["kiosk-R1-20261120T120000Z.backup"]
    assert (backup.last_made(machine.config) or {})["file"] == first.where


def test_a_directory_that_is_not_there_is_refused(machine: Machine, far: Path) -> None:
    with pytest.raises(BadFile, match="No such file"):
        backup.make(machine.config, Place("nas", "nowhere"), keep=1, clock=machine.clock)


def test_without_sftp_it_is_said(machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadFile, match="apt install openssh-client"):
        make(machine)


def test_nobody_is_asked_for_a_password_and_nothing_waits_for_ever(machine: Machine, far: Path, tmp_path: Path) -> None:
    make(machine)
    said = (tmp_path / "sftp.log").read_text()
    assert "BatchMode=yes" in said
    assert "ConnectTimeout=20" in said
    assert said.splitlines()[0].endswith(" anna@nas.example")
    assert 'put -f "' in said


@pytest.mark.parametrize("name", ['a"b', "a*b", "a?b", "[ab]", "a\\b", "plain"])
def test_names_are_only_names(name: str) -> None:
    quoted = over_ssh._quoted(name)
    assert quoted[0] == quoted[-1] == '"'
    inside = quoted[1:-1]
    for special in '"*?[]':
        assert special not in inside.replace(f"\\{special}", "")
