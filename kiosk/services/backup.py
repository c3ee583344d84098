"""Backups: a copy of the whole shop that only the owner can read, proved before it counts (D8-06).

For the commands, in a process of their own: the models are bound to the copy
while it is being checked. The copy is taken over a connection that can only
read, while the till sells (PLATFORM.md 5).
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import shutil
import sqlite3
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final

import kiosk
from kiosk import db
from kiosk.clock import Clock, from_millis
from kiosk.config import Config
from kiosk.errors import BadFile, DiskFull, NotFound, StorageFailed
from kiosk.services import over_ssh, sealing
from kiosk.services.files import disk_faults, read_record, sync_directory, whole_file, write_record
from kiosk.services.keys import Keys
from kiosk.services.over_ssh import Place
from kiosk.services.sealing import OwnerKey, Sealer
from kiosk.services.verify import Anchor, verify

SUFFIX: Final = ".backup"
DATABASE: Final = "kiosk.db"
KEY_FILE: Final = "kiosk.key"
CONFIGURATION: Final = "kiosk.toml"
MANIFEST: Final = "manifest.json"
MEMBERS: Final = (MANIFEST, KEY_FILE, CONFIGURATION, DATABASE)
"""What is in a backup, in this order."""

_SPARE_BYTES: Final = 32 * 1024 * 1024
_COMPRESSION: Final = 4

Progress = Callable[[str, int], None]
"""Called with a step (``copy``, ``check``, ``seal``, ``send``) and how much of it is done."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a copy of the database turned out to be."""

    entries: int
    heads: dict[str, tuple[int, str]]
    """Lane to its last seq and hash."""
    problems: tuple[str, ...]
    """What is wrong with it; a backup of it is still better than none."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made."""

    where: str
    """A path, or ``user@machine:folder/name``."""
    bytes: int
    at: int
    """UTC milliseconds."""
    proof: Proof
    removed: tuple[str, ...]
    """Older ones that made room; none while something is wrong with the newest."""


def owner_file(config: Config) -> Path:
    """Where the owner's public key is kept."""
    return config.state / "owner.pub"


def database_file(config: Config) -> Path:
    """The file of a SQLite database."""
    return Path(config.database_url.removeprefix("sqlite://"))


def record_file(config: Config) -> Path:
    """Where the last backup is written down."""
    return config.state / "backup.json"


def owner_public(config: Config) -> str:
    """The public key that backups are sealed for. Refuses: BadFile."""
    path = owner_file(config)
    try:
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise BadFile(path=str(path), reason="not there; kiosk backup --new-owner-key FILE makes it") from None
    except (OSError, ValueError) as error:
        raise BadFile(path=str(path), reason=str(error)) from error
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise BadFile(path=str(path), reason="this is no public key")
    return text


def new_owner_key(config: Config, keys: Keys, target: Path, passphrase: str) -> OwnerKey:
    """Make the owner's pair of keys: the private half into a file to take away, the public half here.

    The file also remembers this till's signature. Refuses: BadFile (the file
    exists), Invalid (the passphrase is too short), DiskFull.
    """
    if target.exists():
        raise BadFile(path=str(target), reason="it exists already")
    made = OwnerKey.make((sealing.signer_of(keys),))
    text = made.locked(passphrase)
    with whole_file(target) as file:
        file.write(text.encode())
    with whole_file(owner_file(config)) as file:
        file.write(made.public.encode() + b"\n")
    return made


def make(
    config: Config,
    target: Path | Place,
    *,
    keep: int,
    clock: Clock,
    configuration: bytes = b"",
    progress: Progress = lambda _step, _done: None,
) -> Made:
    """Copy, prove, seal and put away; then remove the oldest beyond ``keep``.

    A copy with problems is put away too, but then no older backup is removed.
    ``configuration`` is the text of the machine's file, taken along. Refuses:
    NotFound (no such directory: a stick that is not mounted must not fill the
    till's own disk), BadFile (no owner key, PostgreSQL, another machine that can't
    be reached), DiskFull, StorageFailed. Source: D8-06.
    """
    if db.is_postgres(config.database_url):
        raise BadFile(path="PostgreSQL", reason="it is backed up by its own tools, such as pg_dump")
    owner, keys = owner_public(config), _keys(config)
    if isinstance(target, Path) and not target.is_dir():
        raise NotFound(what="directory", code=str(target))
    at = clock.millis()
    name = f"{_prefix(config.lane)}{from_millis(at).astimezone(UTC):%Y%m%dT%H%M%SZ}{SUFFIX}"
    with workroom(config) as room:
        copy = room / DATABASE
        progress("copy", 0)
        _check_room(room, database_file(config))
        _copy(config, copy)
        proof = prove(copy, keys, lambda done: progress("check", done))
        small = {
            MANIFEST: json.dumps(_manifest(config, copy, proof, at), sort_keys=True).encode(),
            KEY_FILE: config.key_file.read_bytes(),
            CONFIGURATION: configuration,
        }
        path = (target if isinstance(target, Path) else room) / name
        with whole_file(path) as file:
            sealer = Sealer(file, lane=config.lane, at=at, version=kiosk.__version__, owner=owner, keys=keys)
            _pack(sealer, small, copy, at, lambda done: progress("seal", done))
            sealer.finish()
        sealing.check_signature(path)
        size, most = path.stat().st_size, 0 if proof.problems else keep
        if isinstance(target, Path):
            where, removed = str(path), _rotate(target, config.lane, most, path)
        else:
            progress("send", size)
            where, removed = f"{target}/{name}", _send(target, config.lane, most, path)
    facts = {"at": at, "file": where, "bytes": size, "entries": proof.entries, "problems": list(proof.problems)}
    write_record(record_file(config), facts)
    return Made(where, size, at, proof, removed)


def last_made(config: Config) -> dict[str, Any] | None:
    """What was written down of the last backup: at, file, bytes, entries, problems."""
    return read_record(record_file(config))


def prove(
    copy: Path,
    keys: Keys,
    progress: Callable[[int], None] = lambda _done: None,
    *,
    anchors: Sequence[Anchor] = (),
) -> Proof:
    """What a database file is worth: whether it is sound and its books are true. Binds the models to it meanwhile."""
    try:
        with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as probe:
            (sound,) = probe.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        sound = str(error)
    if sound != "ok":
        return Proof(0, {}, (str(sound),))
    db.disconnect()
    try:
        db.connect(str(copy), read_only=True)
        with db.faults():
            report = verify(anchors=anchors, root=keys.signing().get("root"), progress=progress)
    except StorageFailed as error:
        return Proof(0, {}, (error.reason,))
    finally:
        db.disconnect()
    return Proof(
        report.entries,
        report.heads,
        tuple(f"{problem.what} ({problem.lane}:{problem.seq})" for problem in report.problems),
    )


def copy_before_upgrade(config: Config) -> Path | None:
    """Before a newer kiosk changes the schema, the database as it is, beside it; None where nothing will change.

    An upgrade that fails can go back to it with the old program (PLATFORM.md 9).
    The till's lock must be held. Refuses: DiskFull, BadFile, StorageFailed.
    """
    database = database_file(config)
    if db.is_postgres(config.database_url) or not database.exists():
        return None
    db.connect(config.database_url, read_only=True)
    try:
        applied = db.row("SELECT MAX(name) FROM schema_migration") if not db.schema_is_current() else None
    except StorageFailed:
        applied = None
    finally:
        db.disconnect()
    if applied is None or applied[0] is None:
        return None
    kept = database.with_name(f"{database.name}.before-{kiosk.__version__}")
    part = kept.with_name(kept.name + ".part")
    with disk_faults(kept):
        part.unlink(missing_ok=True)
        _check_room(kept.parent, database)
        _copy(config, part)
        part.replace(kept)
        sync_directory(kept.parent)
    return kept


def _copy(config: Config, copy: Path) -> None:
    """One snapshot, however much is sold meanwhile."""
    db.connect(config.database_url, read_only=True)
    try:
        with db.snapshot():
            db.row("SELECT COUNT(*) FROM sqlite_master")
            db.backup(copy)
    finally:
        db.disconnect()
    os.chmod(copy, 0o600)


def _manifest(config: Config, copy: Path, proof: Proof, at: int) -> dict[str, Any]:
    digest = sha256()
    with copy.open("rb") as file:
        for part in iter(lambda: file.read(1 << 20), b""):
            digest.update(part)
    return {
        "at": at,
        "lane": config.lane,
        "version": kiosk.__version__,
        "bytes": copy.stat().st_size,
        "sha256": digest.hexdigest(),
        "entries": proof.entries,
        "heads": {lane: list(head) for lane, head in proof.heads.items()},
        "problems": list(proof.problems),
    }


def _pack(sealer: Sealer, small: dict[str, bytes], copy: Path, at: int, progress: Callable[[int], None]) -> None:
    packed = gzip.GzipFile(filename="", fileobj=sealer, mode="wb", compresslevel=_COMPRESSION, mtime=0)
    with packed, tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for name, content in small.items():
            archive.addfile(_member(name, len(content), at), io.BytesIO(content))
        with copy.open("rb") as source:
            archive.addfile(_member(DATABASE, copy.stat().st_size, at), _Counting(source, progress))


class _Counting(io.RawIOBase):
    """A file that says how much of it was read."""

    def __init__(self, source: BinaryIO, progress: Callable[[int], None]) -> None:
        super().__init__()
        self._source, self._progress, self._done = source, progress, 0

    def readable(self) -> bool:
        """It gives bytes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Give the next bytes."""
        part = self._source.read(len(buffer))
        buffer[: len(part)] = part
        self._done += len(part)
        self._progress(self._done)
        return len(part)


def _member(name: str, size: int, at: int) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size, made.mtime, made.mode = size, at // 1000, 0o600
    return made


def _rotate(target: Path, lane: str, keep: int, made: Path) -> tuple[str, ...]:
    surplus = _surplus([path.name for path in target.iterdir() if path.is_file()], lane, keep, made.name)
    with disk_faults(target):
        for name in surplus:
            (target / name).unlink()
        if surplus:
            sync_directory(target)
    return tuple(str(target / name) for name in surplus)


def _send(target: Place, lane: str, keep: int, made: Path) -> tuple[str, ...]:
    surplus = _surplus(over_ssh.put(target, made), lane, keep, made.name)
    over_ssh.remove(target, surplus)
    return tuple(f"{target}/{name}" for name in surplus)


def _surplus(names: Iterable[str], lane: str, keep: int, made: str) -> list[str]:
    """A lane's oldest beyond ``keep``, and never the one that was just made; none with a ``keep`` of 0."""
    form = re.compile(re.escape(_prefix(lane)) + r"\d{8}T\d{6}Z" + re.escape(SUFFIX))
    others = sorted(name for name in set(names) - {made} if form.fullmatch(name))
    return others[: max(0, len(others) - keep + 1)] if keep else []


def _prefix(lane: str) -> str:
    return f"kiosk-{re.sub('[^A-Za-z0-9]', '', lane) or 'x'}-"


def _keys(config: Config) -> Keys:
    if not config.key_file.exists():
        raise NotFound(what="key", code=str(config.key_file))
    return Keys.load_or_make(config.key_file)


def _check_room(room: Path, database: Path) -> None:
    """Whether a copy fits, with something to spare for the till. Refuses: NotFound, DiskFull."""
    if not database.exists():
        raise NotFound(what="database", code=str(database))
    if shutil.disk_usage(room).free < database.stat().st_size * 2 + _SPARE_BYTES:
        raise DiskFull


@contextmanager
def workroom(config: Config) -> Iterator[Path]:
    """A directory for the bare copy, on the till's own disk; one that a crash has left is emptied."""
    room = config.state / "backup.work"
    with disk_faults(room):
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir(mode=0o700)
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)
