"""What a disk may hold after a power cut, made from a recording (PLATFORM.md 5).

The disk keeps what was synced. Of what was written to a file since its last
sync it may keep any part: nothing, everything, some writes without others, or
some 512-byte sectors of one write. Names (created, removed, renamed files)
are kept in order, up to any point after the directory's last sync.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from tests.torture.recording import Call, Operation

SECTOR: Final = 512


class Cut(StrEnum):
    """How the power went."""

    PREFIX = "prefix"
    """Everything up to a call arrived: the process died, the machine did not."""
    DROPPED = "dropped"
    """Some writes that were not yet synced are missing."""
    TORN = "torn"
    """And of some that are there, some sectors are missing."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a recording is cut, how, and the seed of what arrived."""

    at: int
    """How many operations had been called."""
    cut: Cut
    seed: int


@dataclass(slots=True)
class _Inode:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Operation] = field(default_factory=list)


@dataclass(slots=True)
class Disk:
    """A disk with a volatile cache, holding one directory of files."""

    names: dict[str, _Inode] = field(default_factory=dict)
    """What is where, as the running system sees it."""
    durable_names: dict[str, _Inode] = field(default_factory=dict)
    pending_names: list[tuple[str, _Inode | None]] = field(default_factory=list)

    @classmethod
    def holding(cls, folder: Path) -> Disk:
        """A disk on which the files of a folder are safe."""
        inodes = {path.name: _Inode(bytearray(path.read_bytes())) for path in sorted(folder.iterdir())}
        return cls(dict(inodes), dict(inodes))

    def do(self, operation: Operation) -> None:
        """Let one recorded call happen."""
        name = operation.name
        match operation.call:
            case Call.OPEN:
                if name not in self.names:
                    self._rename(name, _Inode())
                elif operation.offset:
                    self.names[name].pending.append(Operation(Call.TRUNCATE, name, 0))
            case Call.WRITE | Call.TRUNCATE:
                self.names[name].pending.append(operation)
            case Call.SYNC if name == ".":
                for changed, inode in self.pending_names:
                    _set(self.durable_names, changed, inode)
                self.pending_names.clear()
            case Call.SYNC:
                inode = self.names[name]
                for write in inode.pending:
                    _apply(inode.durable, write)
                inode.pending.clear()
            case Call.UNLINK:
                self._rename(name, None)
            case Call.RENAME:
                inode = self.names[name]
                self._rename(operation.data.decode(), inode)
                self._rename(name, None)
            case Call.MARK:
                pass

    def after(self, cut: Cut, seed: int) -> dict[str, bytes]:
        """The files that one possible power cut leaves now."""
        chance = random.Random(seed)
        kept = len(self.pending_names) if cut is Cut.PREFIX else chance.randint(0, len(self.pending_names))
        names = dict(self.durable_names)
        for name, inode in self.pending_names[:kept]:
            _set(names, name, inode)
        share = chance.choice((0.0, 0.3, 0.7, 0.95))
        files = {}
        for name, inode in sorted(names.items()):
            content = bytearray(inode.durable)
            for write in inode.pending:
                if cut is Cut.PREFIX or chance.random() < share:
                    _apply(content, write)
                elif cut is Cut.TORN and write.call is Call.WRITE:
                    _apply_torn(content, write, chance)
            files[name] = bytes(content)
        return files

    def _rename(self, name: str, inode: _Inode | None) -> None:
        _set(self.names, name, inode)
        self.pending_names.append((name, inode))


def _set(names: dict[str, _Inode], name: str, inode: _Inode | None) -> None:
    if inode is None:
        names.pop(name, None)
    else:
        names[name] = inode


def _apply(content: bytearray, operation: Operation) -> None:
    size = operation.offset
    if operation.call is Call.TRUNCATE:
        del content[size:]
    if len(content) < size:
        content.extend(bytes(size - len(content)))
    if operation.call is Call.WRITE:
        content[size : size + len(operation.data)] = operation.data


def _apply_torn(content: bytearray, write: Operation, chance: random.Random) -> None:
    start, end = write.offset, write.offset + len(write.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        if chance.random() < 0.5:
            piece = write.data[start - write.offset : stop - write.offset]
            _apply(content, Operation(Call.WRITE, write.name, start, piece))
        start = stop


def moments(operations: Sequence[Operation], count: int, seed: int) -> tuple[Moment, ...]:
    """Where to cut: right after something was said, right before, right before a confirmation, and anywhere, alike.

    After is where losing a sale is easiest, before its confirmation is where doubling it is.
    """
    chance = random.Random(seed)
    said = [at for at, operation in enumerate(operations) if operation.call is Call.MARK]
    confirmed = [at for at in said if operations[at].data.startswith(b"ack ")]
    places = (
        lambda: chance.choice(said) + 1,
        lambda: chance.choice(said),
        lambda: chance.choice(confirmed),
        lambda: chance.randint(0, len(operations)),
    )
    picked = [
        Moment(places[index % len(places)](), chance.choices(list(Cut), (2, 4, 4))[0], chance.randrange(2**32))
        for index in range(count)
    ]
    return tuple(sorted(picked, key=lambda moment: moment.at))


def states(
    before: Path, operations: Sequence[Operation], cuts: Sequence[Moment]
) -> Iterator[tuple[Moment, dict[str, bytes], tuple[str, ...]]]:
    """For each moment, in order, the files on the disk and what the program had said until then.

    ``before`` is a folder as it was when the recording began.
    """
    disk = Disk.holding(before)
    said: list[str] = []
    done = 0
    for moment in cuts:
        for operation in operations[done : moment.at]:
            disk.do(operation)
            if operation.call is Call.MARK:
                said += operation.data.decode().splitlines()
        done = max(done, moment.at)
        yield moment, disk.after(moment.cut, moment.seed), tuple(said)


def lay_out(files: dict[str, bytes], folder: Path) -> None:
    """Put the files of a state into a folder and nothing else."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        if old.name not in files:
            old.unlink()
    for name, content in files.items():
        with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
