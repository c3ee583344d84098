"""Backups onto another machine, by OpenSSH's sftp (D8-06).

That machine needs nothing of kiosk, and can read nothing of the backup.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.errors import BadFile

_PLACE: Final = re.compile(
    r"(?P<host>(?:[A-Za-z0-9_][A-Za-z0-9._-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*):(?P<folder>[^\0\r\n]*)"
)
_PATIENCE: Final = 3600
"""Seconds for a whole transfer; a stalled one is given up by the options below."""

_OPTIONS: Final = (
    *("-q", "-b", "-"),
    *("-o", "BatchMode=yes"),
    *("-o", "ConnectTimeout=20"),
    *("-o", "ServerAliveInterval=15"),
    *("-o", "ServerAliveCountMax=4"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A directory on another machine."""

    host: str
    """``user@machine``, or a name of ssh's own configuration."""
    folder: str

    def __str__(self) -> str:
        return f"{self.host}:{self.folder}"


def place_of(text: str) -> Place | None:
    """Read ``user@machine:folder``; None for what is a directory of this machine."""
    found = _PLACE.fullmatch(text)
    return Place(found["host"], found["folder"] or ".") if found else None


def put(place: Place, file: Path) -> tuple[str, ...]:
    """Bring a file there, complete and on the disk before it has its name; the names that are there then.

    Refuses: BadFile (why, in ssh's words).
    """
    said = _sftp(
        place,
        (
            f"put -f {_quoted(str(file))} {_quoted(file.name + '.part')}",
            f"rename {_quoted(file.name + '.part')} {_quoted(file.name)}",
            "ls -1",
        ),
    )
    return tuple(line.strip() for line in said.splitlines())


def remove(place: Place, names: Sequence[str]) -> None:
    """Remove files there. Refuses: BadFile."""
    if names:
        _sftp(place, [f"rm {_quoted(name)}" for name in names])


def _sftp(place: Place, commands: Sequence[str]) -> str:
    batch = "\n".join((f"cd {_quoted(place.folder)}", *commands)) + "\n"
    try:
        done = subprocess.run(
            ["sftp", *_OPTIONS, place.host],
            input=batch,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        )
    except FileNotFoundError:
        raise BadFile(path=str(place), reason="sftp is not installed; apt install openssh-client") from None
    except subprocess.TimeoutExpired:
        raise BadFile(path=str(place), reason="the other machine does not answer") from None
    if done.returncode != 0:
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise BadFile(path=str(place), reason=said[-1] if said else "sftp failed")
    return done.stdout


def _quoted(name: str) -> str:
    """For sftp's own command line, where a quoted word still has its stars."""
    return '"' + re.sub(r'(["\\*?\[\]])', r"\\\1", name) + '"'
