"""A file that is only there to be removed: room for closing the day when the disk is full (PLATFORM.md 9)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from kiosk.services.files import disk_faults, give_to_owner

SIZE: Final = 32 * 1024 * 1024
"""Bytes."""


def ballast_file(state: Path) -> Path:
    """Where it lies: on the disk of the till's own directory."""
    return state / "ballast"


def make(state: Path) -> None:
    """Put it there, if it is not or is too small. Refuses: DiskFull, BadFile, StorageFailed."""
    path = ballast_file(state)
    if size(state) >= SIZE:
        return
    with disk_faults(path):
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            give_to_owner(fd, state)
            # Real blocks: a file with holes would free nothing.
            os.posix_fallocate(fd, 0, SIZE)
            os.fsync(fd)
        finally:
            os.close(fd)


def free(state: Path) -> bool:
    """Remove it, so that the day can be closed; whether that made room."""
    if not size(state):
        return False
    with disk_faults(state):
        ballast_file(state).unlink(missing_ok=True)
    return True


def size(state: Path) -> int:
    """How much room it holds, in bytes on the disk; 0 when it is not there."""
    try:
        return ballast_file(state).stat().st_blocks * 512
    except OSError:
        return 0
