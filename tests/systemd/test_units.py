"""The units are what systemd understands, and leave little to whoever breaks into the till."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.install import Places, apply, plan

UNITS = Path(__file__).resolve().parents[2] / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The directory of the units, as `kiosk install` writes them for this Python."""
    list(apply(plan(tmp_path, places=Places(python=Path(sys.executable)))))
    return tmp_path / "etc/systemd/system"


def _analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", "--no-pager", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@needs_systemd
def test_systemd_has_nothing_to_say_about_the_units(installed: Path) -> None:
    """Unknown options and missing programs are warnings of `verify`, so it must be silent."""
    units = [path for path in installed.iterdir() if path.suffix in {".service", ".timer"} and path.is_file()]
    assert sorted(path.name for path in units) == sorted(
        [*SERVICES, *(path.name for path in UNITS.glob("*.timer"))],
    )
    said = _analyze("verify", "--man=no", *units)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


@needs_systemd
@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_exposed_by_two_at_most(installed: Path, name: str) -> None:
    """Without hardening it is above nine (PLATFORM.md 4)."""
    said = _analyze("security", "--offline=true", "--threshold=20", installed / name)
    exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said.stdout)
    assert exposure is not None, said.stderr
    assert float(exposure[1]) <= 2.0
    assert said.returncode == 0


def _settings(name: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (UNITS / name).read_text(encoding="utf-8").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def test_the_till_starts_without_waiting_for_the_network_and_is_drawn_on_the_first_console() -> None:
    """As measured: PLATFORM.md 4."""
    till = _settings("kiosk.service")
    after = till["After"][0].split()
    assert "systemd-user-sessions.service" not in after
    assert not [unit for unit in after if "network" in unit]
    assert till["StandardInput"] == till["StandardOutput"] == till["StandardError"] == ["tty"]
    assert till["TTYPath"] == ["/dev/tty1"]
    assert till["Conflicts"] == ["getty@tty1.service"]
    assert (till["Type"], till["NotifyAccess"]) == (["notify"], ["main"])
    assert (till["Restart"], till["WatchdogSec"], till["WatchdogSignal"]) == (["always"], ["60"], ["SIGKILL"])
    assert till["UnsetEnvironment"] == ["COLORTERM"]


def test_a_till_that_cannot_start_leaves_a_login() -> None:
    """A technician must always get in: the lock goes with the till, and the login comes."""
    till, console = _settings("kiosk.service"), _settings("kiosk-console.service")
    assert till["OnFailure"] == ["getty@tty1.service"]
    assert till["Wants"] == ["kiosk-console.service"]
    assert console["StopWhenUnneeded"] == ["yes"]
    assert console["ExecStop"][0].endswith("kiosk.install.console unlock")


@pytest.mark.parametrize("name", ["kiosk-backup.service", "kiosk-verify.service"])
def test_a_nightly_job_does_not_take_the_till_s_directory_of_sockets_with_it(name: str) -> None:
    """A RuntimeDirectory goes when the unit ends, and /run/kiosk belongs to the running till."""
    assert "RuntimeDirectory" not in _settings(name)


def test_no_service_runs_as_root_but_the_one_that_sets_the_console_up() -> None:
    """And that one has two capabilities."""
    users = {name: _settings(name).get("User", ["root"]) for name in SERVICES}
    assert users.pop("kiosk-console.service") == ["root"]
    assert set(map(tuple, users.values())) == {("kiosk",)}
    assert _settings("kiosk-console.service")["CapabilityBoundingSet"] == ["CAP_SYS_TTY_CONFIG CAP_DAC_OVERRIDE"]
