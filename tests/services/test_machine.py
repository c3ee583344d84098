"""What the till stands on: file systems that lose sales are refused, whatever they are called."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kiosk.services import ballast, machine
from kiosk.services.machine import State

MOUNTS = """\
23 28 0:21 / /sys rw,nosuid shared:7 - sysfs sysfs rw
28 1 179:2 / / rw,noatime shared:1 - ext4 /dev/mmcblk0p2 rw
30 28 179:1 / /boot rw shared:2 - vfat /dev/mmcblk0p1 rw,fmask=0022
31 28 8:1 / {place} {options} shared:3 - {kind} {source} {more}
"""


def mounted(
    tmp_path: Path, kind: str, options: str = "rw", more: str = "rw", place: str = "/srv/shop"
) -> machine.Check:
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTS.format(kind=kind, options=options, more=more, place=place, source="/dev/sda1"))
    return machine.file_system(Path("/srv/shop/state"), table)


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "f2fs"])
def test_file_systems_that_survive_a_power_cut_are_fine(tmp_path: Path, kind: str) -> None:
    assert mounted(tmp_path, kind) == machine.Check("file system", State.OK, f"{kind} at /srv/shop")


@pytest.mark.parametrize(
    ("kind", "options", "more"),
    [
        ("vfat", "rw", "rw"),
        ("exfat", "rw", "rw"),
        ("ext2", "rw", "rw"),
        ("nfs4", "rw", "rw"),
        ("cifs", "rw", "rw"),
        ("fuse.sshfs", "rw", "rw"),
        ("tmpfs", "rw", "rw"),
        ("ext4", "rw", "rw,nobarrier"),
        ("ext4", "rw", "rw,barrier=0"),
        ("xfs", "rw,noatime", "rw,nobarrier"),
        ("ext4", "ro", "rw"),
        ("ext4", "rw", "ro"),
    ],
)
def test_what_can_lose_a_sale_fails(tmp_path: Path, kind: str, options: str, more: str) -> None:
    assert mounted(tmp_path, kind, options, more).state is State.FAIL


@pytest.mark.parametrize("kind", ["overlay", "fuse.mergerfs", "ntfs3", "unheardof"])
def test_what_nobody_has_tried_is_not_called_fine(tmp_path: Path, kind: str) -> None:
    assert mounted(tmp_path, kind).state is State.WARN


def test_the_nearest_mount_counts_and_a_name_that_only_begins_alike_does_not(tmp_path: Path) -> None:
    assert mounted(tmp_path, "vfat", place="/srv/sh").words == "ext4 at /"
    assert mounted(tmp_path, "vfat", place="/srv").state is State.FAIL
    assert mounted(tmp_path, "vfat", place="/srv/shop/state/deeper").words == "ext4 at /"


def test_a_place_with_a_space_is_read_as_the_kernel_writes_it() -> None:
    mounts = MOUNTS.format(kind="vfat", options="rw", more="rw", place="/media/my\\040stick", source="/dev/sda1")
    found = machine.mount_of(Path("/media/my stick/x"), mounts)
    assert found is not None
    assert (found.kind, found.place) == ("vfat", "/media/my stick")


def test_the_last_mount_over_a_place_counts() -> None:
    line = "31 28 8:1 / /srv rw shared:3 - {} /dev/sda1 rw\n"
    found = machine.mount_of(Path("/srv/x"), line.format("ext4") + line.format("tmpfs"))
    assert found is not None
    assert found.kind == "tmpfs"


@pytest.mark.parametrize("text", ["", "nonsense\n", "1 2 3 - \n", " - - -\n"])
def test_a_table_that_says_nothing_is_no_fault(tmp_path: Path, text: str) -> None:
    (tmp_path / "mountinfo").write_text(text)
    assert machine.file_system(Path("/srv"), tmp_path / "mountinfo").state is State.SKIP
    assert machine.file_system(Path("/srv"), tmp_path / "none").state is State.SKIP


@pytest.mark.parametrize(
    ("free_mb", "files", "state"),
    [
        (100, 10_000, State.FAIL),
        (300, 10_000, State.WARN),
        (5000, 10_000, State.OK),
        (5000, 10, State.FAIL),
        (5000, 0, State.OK),
    ],
)
def test_room_on_the_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free_mb: int, files: int, state: State
) -> None:
    found = type("Found", (), {"f_bavail": free_mb * 1024, "f_frsize": 1024, "f_files": files * 2, "f_favail": files})
    monkeypatch.setattr(os, "statvfs", lambda _path: found)
    assert machine.space(tmp_path).state is state


def test_a_disk_that_is_not_there_fails(tmp_path: Path) -> None:
    assert machine.space(tmp_path / "none").state is State.FAIL


def test_a_clock_is_believed_when_the_network_has_set_it(tmp_path: Path) -> None:
    mark, chips = tmp_path / "synchronized", tmp_path / "rtc"
    now = 1_795_000_000.0
    assert "no clock chip" in machine.clock(mark, chips, now).words
    chips.mkdir()
    (chips / "rtc0").mkdir()
    check = machine.clock(mark, chips, now)
    assert "no clock chip" not in check.words
    mark.touch()
    assert machine.clock(mark, chips, now).state is State.OK
    assert machine.clock(mark, chips, 0).state is State.FAIL, "1970 can't be right, whoever says so"


def test_units_are_read_from_systemd(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def said(state: str, sub: str, file: str, load: str = "loaded") -> State:
        words = f"LoadState={load}\nActiveState={state}\nSubState={sub}\nUnitFileState={file}\n"
        answer: Any = subprocess.CompletedProcess([], 0, words, "")
        monkeypatch.setattr(subprocess, "run", lambda *_args, **_more: answer)
        (check,) = machine.units(("kiosk.service",), tmp_path)
        return check.state

    assert said("active", "running", "enabled") is State.OK
    assert said("active", "running", "disabled") is State.WARN
    assert said("inactive", "dead", "enabled") is State.WARN
    assert said("failed", "failed", "enabled") is State.FAIL
    assert said("inactive", "dead", "", "not-found") is State.WARN
    (check,) = machine.units(("kiosk.service",), tmp_path / "none")
    assert check.state is State.SKIP


@pytest.mark.requirement("D8-06")
def test_the_ballast_is_real_room_and_is_given_back_once(tmp_path: Path) -> None:
    assert ballast.size(tmp_path) == 0
    ballast.make(tmp_path)
    assert ballast.size(tmp_path) >= ballast.SIZE
    ballast.make(tmp_path)
    assert ballast.free(tmp_path) is True
    assert ballast.free(tmp_path) is False
    assert list(tmp_path.iterdir()) == []
