"""What the till stands on: the disk, its file system, the clock, systemd. Asks no database."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

MOUNTS: Final = Path("/proc/self/mountinfo")
SYNCHRONISED: Final = Path("/run/systemd/timesync/synchronized")
CLOCK_CHIPS: Final = Path("/sys/class/rtc")
BOOTED_BY_SYSTEMD: Final = Path("/run/systemd/system")
UNITS: Final = ("kiosk.service", "kiosk-backup.timer", "kiosk-verify.timer")

_NO_JOURNAL: Final = frozenset({"vfat", "msdos", "exfat", "fat", "ext2", "minix", "ufs", "hfs", "iso9660"})
_NETWORK: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "afs", "davfs", "fuse.sshfs", "fuse.rclone"}
)
_MEMORY: Final = frozenset({"tmpfs", "ramfs", "devtmpfs"})
_SAFE: Final = frozenset({"ext3", "ext4", "xfs", "btrfs", "f2fs", "jfs", "zfs", "bcachefs", "reiserfs"})
_NO_BARRIER: Final = frozenset({"nobarrier", "barrier=0", "barrier=none", "fsync_mode=nobarrier"})
_LITTLE: Final = 512 * 1024 * 1024
_TOO_LITTLE: Final = 128 * 1024 * 1024
_FEW_FILES: Final = 1000
_OLDEST_YEAR: Final = 2024


class State(StrEnum):
    """How one thing is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"
    """It can't be told here."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of ``kiosk doctor``."""

    name: str
    state: State
    words: str


@dataclass(frozen=True, slots=True)
class Mount:
    """Where a file lies."""

    place: str
    kind: str
    options: tuple[str, ...]
    source: str


def mount_of(path: Path, mounts: str) -> Mount | None:
    """The file system that holds a path, from the text of /proc/self/mountinfo; the last mounted counts."""
    best: Mount | None = None
    wanted = Path(os.path.realpath(path))
    for line in mounts.splitlines():
        left, _dash, right = line.partition(" - ")
        first, last = left.split(" "), right.split(" ")
        if len(first) < 6 or len(last) < 3:
            continue
        place = _unescaped(first[4])
        if wanted.is_relative_to(place) and (best is None or len(place) >= len(best.place)):
            best = Mount(place, last[0], tuple(first[5].split(",") + last[2].split(",")), _unescaped(last[1]))
    return best


def file_system(path: Path, mounts: Path = MOUNTS) -> Check:
    """Whether what was written to a path survives a power cut (PLATFORM.md 5)."""
    name = "file system"
    try:
        mount = mount_of(path, mounts.read_text(encoding="utf-8", errors="surrogateescape"))
    except OSError as error:
        return Check(name, State.SKIP, str(error))
    if mount is None:
        return Check(name, State.SKIP, f"no mount holds {path}")
    where = f"{mount.kind} at {mount.place}"
    barrier = sorted(_NO_BARRIER.intersection(mount.options))
    if "ro" in mount.options:
        return Check(name, State.FAIL, f"{where} can only be read")
    if mount.kind in _NETWORK:
        return Check(name, State.FAIL, f"{where} is on the network: a sale could be lost or the database broken")
    if mount.kind in _NO_JOURNAL:
        return Check(name, State.FAIL, f"{where} does not survive a power cut")
    if mount.kind in _MEMORY:
        return Check(name, State.FAIL, f"{where} is memory: all is gone at the next start")
    if barrier:
        return Check(name, State.FAIL, f"{where} is mounted with {barrier[0]}: a power cut can lose paid sales")
    if mount.kind not in _SAFE:
        return Check(name, State.WARN, f"{where}: nobody has tried that with a power cut")
    return Check(name, State.OK, where)


def space(path: Path) -> Check:
    """Whether the disk has room."""
    name = "disk space"
    try:
        found = os.statvfs(path)
    except OSError as error:
        return Check(name, State.FAIL, str(error))
    free = found.f_bavail * found.f_frsize
    words = f"{free // (1024 * 1024)} MB free"
    if free < _TOO_LITTLE:
        return Check(name, State.FAIL, words)
    if found.f_files and found.f_favail < _FEW_FILES:
        return Check(name, State.FAIL, f"{words}, but only {found.f_favail} more files")
    return Check(name, State.WARN if free < _LITTLE else State.OK, words)


def clock(synchronised: Path = SYNCHRONISED, chips: Path = CLOCK_CHIPS, now: float | None = None) -> Check:
    """Whether the machine knows what time it is (PLATFORM.md 9)."""
    name = "clock"
    at = time.gmtime(time.time() if now is None else now)
    words = time.strftime("%Y-%m-%d %H:%M UTC", at)
    if at.tm_year < _OLDEST_YEAR:
        return Check(name, State.FAIL, f"{words} can't be right")
    if synchronised.exists() or _chrony_is_synchronised():
        return Check(name, State.OK, f"{words}, set by the network")
    chip = chips.is_dir() and any(chips.iterdir())
    return Check(
        name, State.WARN, f"{words}, not set by the network" + ("" if chip else ", and there is no clock chip")
    )


def units(names: Sequence[str] = UNITS, booted: Path = BOOTED_BY_SYSTEMD) -> tuple[Check, ...]:
    """How systemd's units of the till are."""
    if not booted.is_dir():
        return (Check("systemd", State.SKIP, "this machine was not started by systemd"),)
    return tuple(_unit(name) for name in names)


def _unit(name: str) -> Check:
    said = _said("systemctl", "show", "--property=LoadState,ActiveState,SubState,UnitFileState", name)
    if said is None:
        return Check(name, State.SKIP, "systemctl does not answer")
    facts = dict(line.partition("=")[::2] for line in said.splitlines())
    if facts.get("LoadState") != "loaded":
        return Check(name, State.WARN, "not installed; kiosk install does it")
    words = f"{facts.get('ActiveState')} ({facts.get('SubState')}), {facts.get('UnitFileState')}"
    if facts.get("ActiveState") == "failed":
        return Check(name, State.FAIL, words)
    fine = facts.get("ActiveState") == "active" and facts.get("UnitFileState") == "enabled"
    return Check(name, State.OK if fine else State.WARN, words)


def _chrony_is_synchronised() -> bool:
    said = _said("timedatectl", "show", "--property=NTPSynchronized", "--value")
    return said is not None and said.strip() == "yes"


def _said(*command: str) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=10, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 else None


def _unescaped(text: str) -> str:
    r"""The kernel writes a space as ``\040``."""
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text
