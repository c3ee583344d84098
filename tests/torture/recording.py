"""Runs a program with the recorder preloaded and reads what it wrote, call by call (PLATFORM.md 5)."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).with_name("recorder.c")
ROOT: Final = SOURCE.parents[2]

_HEADER: Final = struct.Struct("=QQIc")


class Call(StrEnum):
    """What a program did to a file."""

    OPEN = "O"
    """Opened so that it is created if it isn't there; offset 1: and emptied."""
    WRITE = "W"
    TRUNCATE = "T"
    """Cut or grown to the size in ``offset``."""
    SYNC = "S"
    UNLINK = "U"
    RENAME = "R"
    """To the name in ``data``."""
    MARK = "M"
    """What the program said of itself, in ``data``; not a file of the shop."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One recorded call; ``name`` is relative to the recorded directory, which itself is ``.``."""

    call: Call
    name: str
    offset: int = 0
    data: bytes = b""


def compiler() -> str | None:
    """The C compiler of this machine, if it has one."""
    return shutil.which("gcc") or shutil.which("cc")


def build(folder: Path) -> Path:
    """Compile the recorder into a folder. Refuses: CalledProcessError."""
    library = folder / "recorder.so"
    command = [
        compiler() or "gcc",
        "-O2",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-shared",
        "-fPIC",
        "-o",
        str(library),
        str(SOURCE),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return library


def record(library: Path, directory: Path, marks: Path, log: Path, command: Sequence[str]) -> tuple[Operation, ...]:
    """Run a command to its end and give back what it did below the directory.

    ``marks`` is a file outside of it; what is written there becomes a mark.
    Refuses: CalledProcessError with the command's output.
    """
    surroundings = {
        **os.environ,
        "LD_PRELOAD": str(library),
        "KIOSK_RECORD_DIRECTORY": str(directory.resolve()),
        "KIOSK_RECORD_MARKS": str(marks.resolve()),
        "KIOSK_RECORD_LOG": str(log),
    }
    subprocess.run(
        command, check=True, cwd=ROOT, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=600
    )
    return read(log)


def read(log: Path) -> tuple[Operation, ...]:
    """The operations of a log, in the order in which they happened."""
    raw = log.read_bytes()
    operations = []
    position = 0
    while position < len(raw):
        offset, length, name_length, call = _HEADER.unpack_from(raw, position)
        position += _HEADER.size
        name = raw[position : position + name_length].decode()
        position += name_length
        operations.append(Operation(Call(call.decode()), name, offset, raw[position : position + length]))
        position += length
    return tuple(operations)
