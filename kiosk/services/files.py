"""Files of the till's own: written whole or not at all, and kept by the till's user."""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from kiosk.errors import BadFile, DiskFull, StorageFailed

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file that appears under its name only when all of it is on the disk.

    Root's files belong to whoever the directory belongs to, so that the till
    can read them. Refuses: DiskFull, BadFile, StorageFailed.
    """
    new = path.with_name(path.name + ".part")
    with disk_faults(path):
        try:
            new.unlink(missing_ok=True)
            fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(fd, "wb") as file:
                give_to_owner(file.fileno(), path.parent)
                yield file
                file.flush()
                os.fsync(file.fileno())
            new.rename(path)
            sync_directory(path.parent)
        except BaseException:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
            raise


def give_to_owner(file: int | Path, directory: Path) -> None:
    """When root works here, let a file belong to whoever its directory belongs to."""
    if os.geteuid() == 0:
        found = directory.stat()
        with contextlib.suppress(OSError):  # a stick's file system knows no owners
            os.chown(file, found.st_uid, found.st_gid)


def sync_directory(path: Path) -> None:
    """Put a directory's names on the disk."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextmanager
def disk_faults(path: Path) -> Iterator[None]:
    """Turn the system's errors into the shop's. Refuses: DiskFull, StorageFailed (EIO), BadFile."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull from error
        if error.errno == errno.EIO:
            raise StorageFailed(reason=f"{path}: {error.strerror}") from error
        raise BadFile(path=str(error.filename or path), reason=error.strerror or str(error)) from error


def write_record(path: Path, facts: dict[str, Any]) -> None:
    """Keep what a command did, for ``kiosk doctor`` to look at. Refuses: DiskFull, BadFile, StorageFailed."""
    with whole_file(path) as file:
        file.write(json.dumps(facts, indent=2, sort_keys=True).encode() + b"\n")


def read_record(path: Path) -> dict[str, Any] | None:
    """What a command wrote down; None if it never did, or nobody can read it."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return read if isinstance(read, dict) else None
