"""`kiosk install` puts the till on a machine, twice as well as once, and takes away what it brought."""

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.errors import BadSetting
from kiosk.install import Erase, Link, Places, Run, StepFailed, Write, apply, plan, removal

HERE = Places(python=Path("/usr/lib/kiosk/bin/python"))
BROUGHT = {
    "etc/bash_completion.d/kiosk",
    "etc/modules-load.d/kiosk.conf",
    "etc/sysctl.d/90-kiosk.conf",
    "etc/systemd/system.conf.d/90-kiosk.conf",
    "etc/systemd/system/ctrl-alt-del.target",
    "etc/systemd/system/kiosk-backup.service",
    "etc/systemd/system/kiosk-backup.timer",
    "etc/systemd/system/kiosk-console.service",
    "etc/systemd/system/kiosk-verify.service",
    "etc/systemd/system/kiosk-verify.timer",
    "etc/systemd/system/kiosk.service",
    "etc/sysusers.d/kiosk.conf",
    "etc/tmpfiles.d/kiosk.conf",
    "etc/udev/rules.d/70-kiosk-scanner.rules",
    "usr/local/bin/kiosk",
}


def _below(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_symlink() or path.is_file()}


def test_it_brings_exactly_these_files_and_removal_leaves_nothing(tmp_path: Path) -> None:
    """Not even an empty directory."""
    list(apply(plan(tmp_path, places=HERE)))
    assert _below(tmp_path) == BROUGHT
    list(apply(removal(tmp_path)))
    assert list(tmp_path.iterdir()) == []


def test_removal_leaves_what_others_brought(tmp_path: Path) -> None:
    """A directory that is not empty stays."""
    (tmp_path / "etc/sysctl.d").mkdir(parents=True)
    (tmp_path / "etc/sysctl.d/10-other.conf").write_text("vm.swappiness = 1\n")
    list(apply(plan(tmp_path, places=HERE)))
    list(apply(removal(tmp_path)))
    assert _below(tmp_path) == {"etc/sysctl.d/10-other.conf"}


def test_the_second_time_there_is_nothing_to_do(tmp_path: Path) -> None:
    """And a file that somebody changed is put right, alone."""
    steps = plan(tmp_path, places=HERE)
    assert len(list(apply(steps))) == len(BROUGHT)
    assert list(apply(steps)) == []
    sysctl = tmp_path / "etc/sysctl.d/90-kiosk.conf"
    sysctl.write_text("kernel.sysrq = 1\n")
    assert list(apply(steps)) == [f"write {sysctl}"]
    assert sysctl.read_text().endswith("kernel.sysrq = 0\n")


def test_a_dry_run_tells_all_and_does_nothing(tmp_path: Path) -> None:
    """The technician reads first."""
    told = list(apply(plan(tmp_path, places=HERE), dry_run=True))
    assert len(told) == len(BROUGHT)
    assert _below(tmp_path) == set()


def test_units_name_the_python_and_the_user_that_were_given(tmp_path: Path) -> None:
    """No name of ours is left where another was given."""
    list(apply(plan(tmp_path, user="till-2", places=HERE)))
    unit = (tmp_path / "etc/systemd/system/kiosk.service").read_text()
    assert "\nExecStart=/usr/lib/kiosk/bin/python -m kiosk run\n" in unit
    assert "\nUser=till-2\nGroup=till-2\n" in unit
    assert "/opt/kiosk" not in unit
    assert (tmp_path / "etc/sysusers.d/kiosk.conf").read_text() == 'u till-2 - "kiosk till" /var/lib/kiosk\n'
    assert (tmp_path / "etc/tmpfiles.d/kiosk.conf").read_text().splitlines() == [
        "d /etc/kiosk 0750 root till-2 -",
        "z /etc/kiosk/kiosk.toml 0640 root till-2 -",
        "d /var/lib/kiosk 0750 till-2 till-2 -",
    ]
    assert (tmp_path / "usr/local/bin/kiosk").readlink() == Path("/usr/lib/kiosk/bin/kiosk")


def test_the_shop_s_own_scanner_is_added_to_the_rule(tmp_path: Path) -> None:
    """Beside the makers that are known anyway."""
    list(apply(plan(tmp_path, scanner="1A2B:00ff", places=HERE)))
    rule = (tmp_path / "etc/udev/rules.d/70-kiosk-scanner.rules").read_text()
    assert 'ATTRS{idVendor}=="1a2b", ATTRS{idProduct}=="00ff", ENV{KIOSK_SCANNER}="1"\n' in rule
    assert 'SYMLINK+="input/kiosk-scan0"' in rule
    assert "SCANNER#" not in rule


@pytest.mark.parametrize("user", ["", "root", "a b", "x\nUser=root", "../x", "Ann"])
def test_a_user_that_could_not_be_one_is_refused(user: str, tmp_path: Path) -> None:
    """It ends in a unit that root reads."""
    with pytest.raises(BadSetting) as refused:
        plan(tmp_path, user=user, places=HERE)
    assert refused.value == BadSetting(name="user", value=user)


@pytest.mark.parametrize("scanner", ["", "1a2b", "1a2b:00fg", '1a2b:00ff"', "1a2b:00ff\n"])
def test_a_scanner_that_is_no_vendor_and_product_is_refused(scanner: str, tmp_path: Path) -> None:
    """It ends in a rule that udev runs."""
    with pytest.raises(BadSetting):
        plan(tmp_path, scanner=scanner, places=HERE)


def test_commands_are_run_on_the_living_machine_only(tmp_path: Path) -> None:
    """An image that is being prepared is not this machine."""
    assert not [step for step in [*plan(tmp_path, places=HERE), *removal(tmp_path)] if isinstance(step, Run)]
    here = [step.command for step in plan(places=HERE) if isinstance(step, Run)]
    assert (
        "systemctl",
        "enable",
        "kiosk.service",
        "kiosk-backup.timer",
        "kiosk-verify.timer",
        "getty@tty2.service",
    ) in here
    assert here.index(("systemctl", "daemon-reload")) < here.index(("systemctl", "disable", "getty@tty1.service"))
    gone = [step.command for step in removal() if isinstance(step, Run)]
    assert gone[-1] == ("systemctl", "enable", "getty@tty1.service")


def test_a_python_at_home_is_replaced_by_one_that_a_service_can_reach(tmp_path: Path) -> None:
    """The units forbid themselves to look into homes."""
    (tmp_path / "pyproject.toml").touch()
    steps = plan(places=Places(python=Path("/home/ann/kiosk/.venv/bin/python"), source=tmp_path))
    commands = [step.command for step in steps[:2] if isinstance(step, Run)]
    assert [command[:3] for command in commands] == [
        ("/usr/bin/python3", "-m", "venv"),
        ("/opt/kiosk/bin/python", "-m", "pip"),
    ]
    unit = next(step for step in steps if isinstance(step, Write) and step.path.name == "kiosk.service")
    assert "\nExecStart=/opt/kiosk/bin/python -m kiosk run\n" in unit.text
    assert not [step for step in plan(places=HERE) if isinstance(step, Run) and step.command[0].startswith("/usr/bin")]


def test_without_anything_to_install_from_a_python_at_home_is_refused(tmp_path: Path) -> None:
    """Better than units that cannot start."""
    with pytest.raises(BadSetting):
        plan(places=Places(python=Path("/home/ann/kiosk/.venv/bin/python"), source=tmp_path))


def test_a_command_that_fails_says_why_and_stops_the_rest(tmp_path: Path) -> None:
    """Nothing after it is done; what is optional does not stop anything."""
    speaks = Run((sys.executable, "-c", "import sys; sys.exit('no such group')"))
    after = tmp_path / "after"
    with pytest.raises(StepFailed) as refused:
        list(apply([speaks, Write(after, "x")]))
    assert refused.value.reason == "no such group"
    assert not after.exists()
    list(apply([Run(speaks.command, optional=True), Run(("/no/such/program",), optional=True), Write(after, "x")]))
    assert after.read_text() == "x"


def test_a_file_in_the_way_of_a_link_is_not_overwritten(tmp_path: Path) -> None:
    """It is somebody's."""
    place = tmp_path / "kiosk"
    place.write_text("mine")
    with pytest.raises(StepFailed):
        list(apply([Link(place, "/opt/kiosk/bin/kiosk")]))
    assert place.read_text() == "mine"


def test_erasing_stops_at_the_root(tmp_path: Path) -> None:
    """The directory that was given stays, and so does what lies above."""
    root = tmp_path / "image"
    (root / "etc").mkdir(parents=True)
    (root / "etc/x").touch()
    list(apply([Erase(root / "etc/x", root)]))
    assert root.is_dir()
    assert not (root / "etc").exists()


def test_the_completion_is_a_script_that_bash_can_read(tmp_path: Path) -> None:
    """It is read by every shell of the technician."""
    list(apply(plan(tmp_path, places=HERE)))
    script = tmp_path / "etc/bash_completion.d/kiosk"
    assert subprocess.run(["bash", "-n", script], check=False, timeout=20).returncode == 0
    assert " kiosk\n" in script.read_text()
