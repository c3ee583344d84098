"""What goes where: the till on the first console at power-on, its timers, its scanner.

Source: PLATFORM.md 3 and 4, measured on a Debian console.
"""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from argcomplete.shell_integration import shellcode

from kiosk.errors import BadSetting
from kiosk.install.steps import Directory, Erase, Link, Run, Step, Write

_HOME: Final = Path("/opt/kiosk")
_ROOT: Final = Path("/")
_SERVICES: Final = ("kiosk.service", "kiosk-console.service", "kiosk-backup.service", "kiosk-verify.service")
_TIMERS: Final = ("kiosk-backup.timer", "kiosk-verify.timer")
_ENABLED: Final = ("kiosk.service", *_TIMERS, "getty@tty2.service")
"""The second console has a login, for the technician."""

_FILES: Final[Mapping[str, str]] = {
    **{name: f"etc/systemd/system/{name}" for name in (*_SERVICES, *_TIMERS)},
    "70-kiosk-scanner.rules": "etc/udev/rules.d/70-kiosk-scanner.rules",
    "modules-load.conf": "etc/modules-load.d/kiosk.conf",
    "sysusers.conf": "etc/sysusers.d/kiosk.conf",
    "tmpfiles.conf": "etc/tmpfiles.d/kiosk.conf",
    "sysctl.conf": "etc/sysctl.d/90-kiosk.conf",
    "system.conf": "etc/systemd/system.conf.d/90-kiosk.conf",
}
_MASK: Final = "etc/systemd/system/ctrl-alt-del.target"
_COMMAND: Final = "usr/local/bin/kiosk"
_COMPLETION: Final = "etc/bash_completion.d/kiosk"

_OUT_OF_REACH: Final = tuple(Path(place) for place in ("/home", "/root", "/run/user", "/tmp", "/var/tmp"))  # noqa: S108
"""Where a service with ProtectHome and PrivateTmp finds nothing."""

_USER: Final = re.compile(r"[a-z_][a-z0-9_-]{0,30}")
_SCANNER: Final = re.compile(r"([0-9a-f]{4}):([0-9a-f]{4})")
_SCANNER_LINE: Final = "#SCANNER#\n"


@dataclass(frozen=True)
class Places:
    """What this installation takes from where."""

    python: Path = field(default_factory=lambda: Path(sys.executable))
    """The Python that has kiosk."""
    source: Path | None = None
    """What to install into /opt/kiosk when that Python is out of a service's reach; None: what is running now."""
    units: Path | None = None
    """Where the files of systemd/ lie; None: beside this module, or in the clone."""


def plan(
    root: Path = _ROOT, user: str = "kiosk", scanner: str | None = None, places: Places | None = None
) -> list[Step]:
    """Return the steps that put the till on the machine below ``root``.

    ``scanner`` is the vendor and product of the shop's own, ``0c2e:0b61``; makers of scanners are known without it.
    Only a ``root`` of / has commands run: users made, units enabled. Refuses: BadSetting.
    """
    chosen = places or Places()
    _check(user, scanner)
    python, make = _interpreter(chosen) if root == _ROOT else (chosen.python, [])
    texts = {name: _fill(text, python, user, scanner) for name, text in _texts(chosen.units).items()}
    files: list[Step] = [Write(root / place, texts[name]) for name, place in _FILES.items()]
    files += [
        Link(root / _MASK, "/dev/null"),
        Link(root / _COMMAND, str(python.with_name("kiosk"))),
        Write(root / _COMPLETION, _completion()),
    ]
    return [*make, *files, *_commands_after()] if root == _ROOT else files


def removal(root: Path = _ROOT) -> list[Step]:
    """Return the steps that take the till off the machine; the shop's data, keys and configuration stay."""
    places = [*_FILES.values(), _MASK, _COMMAND, _COMPLETION]
    files: list[Step] = [Erase(root / place, root) for place in places]
    if root != _ROOT:
        return files
    return [
        Run(("systemctl", "disable", "--now", "kiosk.service", *_TIMERS), optional=True),
        *files,
        Directory(_HOME),
        Run(("systemctl", "daemon-reload"), optional=True),
        Run(("udevadm", "control", "--reload"), optional=True),
        Run(("systemctl", "disable", "getty@tty2.service"), optional=True),
        Run(("systemctl", "enable", "getty@tty1.service")),
    ]


def _check(user: str, scanner: str | None) -> None:
    if not _USER.fullmatch(user) or user == "root":
        raise BadSetting(name="user", value=user)
    if scanner is not None and not _SCANNER.fullmatch(scanner.lower()):
        raise BadSetting(name="scanner", value=scanner)


def _interpreter(places: Places) -> tuple[Path, list[Step]]:
    """Return the Python for the units, and the steps that make one when the present is out of their reach."""
    behind = (places.python.absolute(), places.python.resolve())
    if not any(path.is_relative_to(place) for path in behind for place in _OUT_OF_REACH):
        return places.python.absolute(), []
    source = places.source or Path(__file__).resolve().parents[2]
    if not (source / "pyproject.toml").is_file():
        raise BadSetting(name="python", value=str(places.python))
    python = _HOME / "bin" / "python"
    return python, [
        # Debian's python3-evdev serves where nothing can be compiled.
        Run(("/usr/bin/python3", "-m", "venv", "--system-site-packages", str(_HOME))),
        Run((str(python), "-m", "pip", "install", "--quiet", "--upgrade", f"{source}[hardware,postgres]")),
    ]


def _commands_after() -> list[Step]:
    # What speaks to a running system is optional, so that an image can be prepared in a chroot.
    return [
        Run(("systemd-sysusers", "/etc/sysusers.d/kiosk.conf")),
        Run(("systemd-tmpfiles", "--create", "/etc/tmpfiles.d/kiosk.conf")),
        *(Run(("modprobe", module), optional=True) for module in ("usbserial", "ftdi_sio", "cdc_acm", "usblp")),
        Run(("udevadm", "control", "--reload"), optional=True),
        Run(("udevadm", "trigger", "--subsystem-match=input"), optional=True),
        Run(("systemctl", "daemon-reload"), optional=True),
        Run(("systemctl", "disable", "getty@tty1.service")),
        Run(("systemctl", "enable", *_ENABLED)),
        Run(("sysctl", "--quiet", "--load=/etc/sysctl.d/90-kiosk.conf"), optional=True),
    ]


def _texts(units: Path | None) -> dict[str, str]:
    here = Path(__file__).resolve().parent
    # A wheel has them beside this module, a clone at its top.
    folder = units or next(place for place in (here / "systemd", here.parents[1] / "systemd") if place.is_dir())
    return {name: (folder / name).read_text(encoding="utf-8") for name in _FILES}


def _fill(text: str, python: Path, user: str, scanner: str | None) -> str:
    line = ""
    if scanner is not None:
        vendor, product = scanner.lower().split(":")
        line = f'ATTRS{{idVendor}}=="{vendor}", ATTRS{{idProduct}}=="{product}", ENV{{KIOSK_SCANNER}}="1"\n'
    text = text.replace("/opt/kiosk/bin/python", str(python)).replace(_SCANNER_LINE, line)
    text = re.sub(r"^(User|Group)=kiosk$", rf"\1={user}", text, flags=re.MULTILINE)
    text = re.sub(r"^u kiosk ", f"u {user} ", text, flags=re.MULTILINE)
    text = re.sub(r"^([dz] \S+ \d+) root kiosk ", rf"\1 root {user} ", text, flags=re.MULTILINE)
    return re.sub(r"^([dz] \S+ \d+) kiosk kiosk ", rf"\1 {user} {user} ", text, flags=re.MULTILINE)


def _completion() -> str:
    return str(shellcode(["kiosk"])) + "\n"
