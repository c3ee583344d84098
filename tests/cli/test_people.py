"""``kiosk staff``: alone, or through the till that runs, with the same outcome."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.cli import ways
from kiosk.services import staff
from kiosk.services.keys import Keys
from tests.cli.conftest import Kiosk, Running, a_till, journal
from tests.cli.warm import Warm

NOBODY = 65534


def people(kiosk: Kiosk) -> dict[str, tuple[str, bool, bool, bool]]:
    return {
        one["name"]: (one["role"], one["pin"], one["badge"], one["active"])
        for one in kiosk("staff", "list", "--json").json
    }


def may_sign_in(kiosk: Kiosk, name: str, pin: str) -> bool:
    with ways.alone(kiosk.config) as shop:
        (person,) = [one for one in staff.people(shop) if one.name == name]
        try:
            return staff.sign_in(shop, person.id, pin).name == name
        except Exception:
            return False


def test_somebody_is_taken_on_and_can_sign_in(kiosk: Kiosk) -> None:
    said = kiosk("staff", "add", "  Bert  Builder ", "--role", "lead", "--language", "nl", given="2580\n")
    assert (said.code, said.out) == (0, "Bert  Builder can sign in.\n")
    assert people(kiosk)["Bert  Builder"] == ("lead", True, False, True)
    assert may_sign_in(kiosk, "Bert  Builder", "2580")
    (note,) = [note for note in journal(kiosk, "staff.created") if note["role"] == "lead"]
    assert note["by"] == "root"


@pytest.mark.parametrize("pin", ["", "12", "abcd", "123456789"])
def test_what_is_no_pin_is_refused_and_not_repeated(kiosk: Kiosk, pin: str) -> None:
    said = kiosk("staff", "add", "Bert", given=f"{pin}\n")
    assert (said.code, said.out) == (3, "")
    assert not pin or pin not in said.err
    assert "Bert" not in people(kiosk)


def test_a_name_that_is_taken_is_refused(kiosk: Kiosk) -> None:
    said = kiosk("staff", "add", "Olga", given="1234\n")
    assert (said.code, said.err) == (3, "kiosk: Name Olga is already in use.\n")


@pytest.mark.requirement("D7-03")
def test_an_owner_who_is_locked_out_gets_a_new_pin(kiosk: Kiosk) -> None:
    assert not may_sign_in(kiosk, "Olga", "0000")
    said = kiosk("staff", "reset", "olga", given="8642\n")
    assert (said.code, said.out) == (0, "Olga has a new PIN.\n")
    assert "8642" not in said.out + said.err
    assert may_sign_in(kiosk, "Olga", "8642")
    assert not may_sign_in(kiosk, "Olga", "4711")
    (note,) = journal(kiosk, "staff.reset_by_root")
    assert note["by"] == "root"
    assert "8642" not in json.dumps(note)


def test_the_running_till_does_it_and_keeps_on(kiosk: Kiosk) -> None:
    with a_till(kiosk) as till:
        assert kiosk("staff", "reset", "Olga", given="8642\n").code == 0
        assert kiosk("staff", "add", "Bert", given="2580\n").code == 0
        assert kiosk("staff", "deactivate", "Ann Archer").out == "Ann Archer can't sign in any more.\n"
        refused = kiosk("staff", "add", "Bert", given="2580\n")
        assert (refused.code, refused.err) == (3, "kiosk: Name Bert is already in use.\n")
        assert people(kiosk)["Bert"] == ("cashier", True, False, True)
        assert kiosk("scan", "1").code == 0
        assert till.scanned == ["1"]
    assert people(kiosk)["Ann Archer"] == ("cashier", False, False, False)
    assert may_sign_in(kiosk, "Olga", "8642")


def test_a_command_does_not_write_beside_another(kiosk: Kiosk) -> None:
    """Something holds the lock and is no till: there is nobody to ask."""
    with ways.only_writer(kiosk.config):
        said = kiosk("staff", "reset", "Olga", given="8642\n")
        assert (said.code, said.err) == (4, "kiosk: The till is running. Stop it first.\n")
        assert people(kiosk)["Olga"] == ("owner", True, False, True), "looking needs no lock"
    assert may_sign_in(kiosk, "Olga", "4711")


def test_the_last_owner_stays(kiosk: Kiosk) -> None:
    said = kiosk("staff", "deactivate", "Olga")
    assert said.code == 3
    assert people(kiosk)["Olga"] == ("owner", True, False, True)


def test_somebody_leaves_and_comes_back(kiosk: Kiosk) -> None:
    assert kiosk("staff", "deactivate", "Theo").code == 0
    assert people(kiosk)["Theo"][3] is False
    assert "former" in kiosk("staff", "list").out
    assert kiosk("staff", "activate", "Theo").code == 0
    assert people(kiosk)["Theo"][3] is True


def test_a_badge_is_made_shown_once_and_taken_away(kiosk: Kiosk) -> None:
    said = kiosk("staff", "badge", "Olga")
    code = said.out.splitlines()[0].removeprefix("Olga: ")
    assert (said.code, len(code)) == (0, 13)
    with ways.alone(kiosk.config) as shop:
        found = staff.by_badge(shop, code)
        assert found is not None
        assert found.name == "Olga"
    assert code not in kiosk("staff", "list", "--json").out
    assert kiosk("staff", "badge", "Olga", "--code", "TOKEN-00815-X").code == 0
    assert people(kiosk)["Olga"][2] is True
    assert kiosk("staff", "badge", "Olga", "--remove").out == "Olga: the badge is gone.\n"
    assert people(kiosk)["Olga"][2] is False


def test_nobody_is_locked_for_ever(kiosk: Kiosk) -> None:
    with ways.alone(kiosk.config):
        from kiosk import db

        db.run("UPDATE staff SET failures = 10 WHERE name = 'Olga'")
    assert "locked" in kiosk("staff", "list").out
    assert kiosk("staff", "unlock", "Olga").code == 0
    assert may_sign_in(kiosk, "Olga", "4711")


def test_looking_changes_no_file(kiosk: Kiosk, running: Running) -> None:
    before = kiosk.config.key_file.read_bytes()
    names = {path.name for path in kiosk.config.state.iterdir()}
    assert kiosk("staff", "list").code == 0
    assert {path.name for path in kiosk.config.state.iterdir()} == names
    assert kiosk.config.key_file.read_bytes() == before
    Keys.load_or_make(kiosk.config.key_file)


@pytest.fixture
def in_the_open(warm: Warm) -> Iterator[Kiosk]:
    """A shop in a directory that everybody can reach; pytest's own are shut."""
    if os.geteuid() != 0:
        pytest.skip("needs root to become somebody else")
    outer = Path(tempfile.mkdtemp(prefix="kiosk-"))
    outer.chmod(0o755)
    folder = outer / "till"
    folder.mkdir(0o755)
    made = Kiosk(folder, warm)
    made.config.state.mkdir()
    made.machine.sell(1)
    yield made
    shutil.rmtree(outer)


def test_a_shop_of_somebody_elses_is_not_looked_at(in_the_open: Kiosk) -> None:
    in_the_open.config.state.chmod(0o750)
    script = (
        "import os, sys, tomllib, kiosk.cli.people, kiosk.i18n.sentences\nfrom kiosk.cli import main\n"
        f"os.setgid({NOBODY}); os.setuid({NOBODY}); sys.exit(main(['staff', 'list']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=in_the_open.environ(),
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.endswith("only the till's user and root may\n")


def test_root_leaves_the_tills_files_to_the_till(in_the_open: Kiosk) -> None:
    """Where that user can't read root's own Python, root is told so before anything is touched."""
    kiosk, state = in_the_open, in_the_open.config.state
    for path in (state, *state.iterdir()):
        os.chown(path, NOBODY, NOBODY)
    python = Path(sys.base_prefix).resolve()
    readable = all(folder.stat().st_mode & stat.S_IXOTH for folder in (python, *python.parents))
    said = kiosk("staff", "reset", "Theo", given="8642\n")
    assert said.code == (0 if readable else 3), said.err
    assert len(journal(kiosk, "staff.reset_by_root")) == (1 if readable else 0)
    assert kiosk("verify").code == 0
    assert kiosk("doctor").code in {0, 1}
    assert kiosk("print", "preview", 1).code == 0
    assert [path.name for path in state.iterdir() if path.stat().st_uid == 0] == []
