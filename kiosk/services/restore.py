"""Bringing a backup back: everything about it is proved before anything is replaced (D8-06).

For the commands, in a process of their own that holds the till's lock.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sqlite3
import tarfile
import zlib
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from kiosk import db
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.errors import BadFile, BadSetting
from kiosk.services import backup, printing, sealing
from kiosk.services.backup import Proof
from kiosk.services.files import disk_faults, give_to_owner, sync_directory, write_record
from kiosk.services.journal import note
from kiosk.services.keys import Keys
from kiosk.services.sealing import Header, OwnerKey, Unsealer
from kiosk.services.shop import load_shop
from kiosk.services.staff import ROOT
from kiosk.services.verify import Anchor

_LARGEST_SMALL: Final = 1024 * 1024
_LOGS: Final = ("-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Examined:
    """A backup that was opened and proved; its parts lie in a workroom."""

    header: Header
    proof: Proof
    room: Path
    configuration: bytes

    @property
    def database(self) -> Path:
        """The database in it."""
        return self.room / backup.DATABASE

    @property
    def key_file(self) -> Path:
        """The key file in it."""
        return self.room / backup.KEY_FILE


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place, and where that is which it replaced."""

    entries: int
    heads: dict[str, tuple[int, str]]
    aside: tuple[Path, ...]
    dropped_jobs: int
    """Receipts that waited for the printer when the backup was made."""


def unfinished(config: Config) -> Path:
    """What stands there while a restore is going on: keys and database may not belong together."""
    return config.state / "restore.json"


def trusted_signers(config: Config, owner: OwnerKey) -> frozenset[str]:
    """The tills whose backups are believed: those that the owner key knows, and this one."""
    found = set(owner.signers)
    if config.key_file.exists():
        with suppress(BadFile):
            found.add(sealing.signer_of(Keys.load_or_make(config.key_file)))
    return frozenset(found)


def examine(
    path: Path,
    owner: OwnerKey,
    room: Path,
    *,
    trusted: frozenset[str],
    accepted: str = "",
    anchors: Sequence[Anchor] = (),
    with_problems: bool = False,
) -> Examined:
    """Check the signature, decrypt, and check file, chain, sums and what papers show, all in ``room``.

    ``accepted`` is the fingerprint of a till that the owner vouches for here and
    now; ``with_problems`` takes a backup whose books are not true, where there is no
    better one. Refuses: BadFile, DiskFull.
    """
    header = sealing.check_signature(path)
    fingerprint = sealing.fingerprint(header.signer)
    if header.signer not in trusted and accepted.replace(" ", "") != fingerprint.replace(" ", ""):
        reason = f"it was signed by a till that nobody vouches for; if {fingerprint} is yours: --signer"
        raise BadFile(path=str(path), reason=reason)
    configuration = _unpack(path, owner, room)
    keys = Keys.load_or_make(room / backup.KEY_FILE)
    if sealing.signer_of(keys) != header.signer:
        raise BadFile(path=str(path), reason="its key file belongs to another till")
    proof = backup.prove(room / backup.DATABASE, keys, anchors=anchors)
    if proof.problems and not with_problems:
        raise BadFile(path=str(path), reason=f"its books are not true: {proof.problems[0]}")
    _check_schema(path, room / backup.DATABASE)
    return Examined(header, proof, room, configuration)


def put_in_place(config: Config, examined: Examined, *, clock: Clock) -> Restored:
    """Replace database and keys by those of the backup; what was there stays beside them.

    The till's lock must be held. What waited for the printer is given up, or it
    would all come out again. Refuses: BadSetting (another lane's), DiskFull,
    BadFile, StorageFailed.
    """
    if config.lane != examined.header.lane:
        raise BadSetting(name="lane", value=config.lane)
    target = backup.database_file(config)
    suffix = f".before-restore-{clock.now():%Y%m%dT%H%M%SZ}"
    aside: list[Path] = []
    with disk_faults(target):
        for path in (examined.database, examined.key_file):
            _settle(path, config.state)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _finish_log(target)
        write_record(unfinished(config), {"from": examined.header.at})
        # The write-ahead log goes first: beside another database it would be written into it.
        for part in _LOGS:
            log = target.with_name(target.name + part)
            if log.exists():
                aside.append(target.with_name(target.name + suffix + part))
                os.replace(log, aside[-1])
        for new, old in ((examined.key_file, config.key_file), (examined.database, target)):
            if old.exists():
                aside.append(_keep(old, suffix))
            os.replace(new, old)
        for directory in {target.parent, config.state}:
            sync_directory(directory)
    dropped = _write_down(config, examined, clock)
    with disk_faults(target):
        unfinished(config).unlink()
        sync_directory(config.state)
    return Restored(examined.proof.entries, examined.proof.heads, tuple(sorted(aside)), dropped)


def _unpack(path: Path, owner: OwnerKey, room: Path) -> bytes:
    """Take out the four members by name and nothing else."""
    small: dict[str, bytes] = {}
    digest = ""
    try:
        with (
            closing(Unsealer(path, owner)) as plain,
            gzip.GzipFile(fileobj=plain, mode="rb") as packed,
            tarfile.open(fileobj=packed, mode="r|") as archive,
        ):
            for member in archive:
                source = archive.extractfile(member)
                if member.name not in backup.MEMBERS or source is None:
                    raise BadFile(path=str(path), reason="it holds something unknown")
                if member.name == backup.DATABASE:
                    digest = _save(source, room / backup.DATABASE)
                elif member.size <= _LARGEST_SMALL:
                    small[member.name] = source.read()
        manifest = json.loads(small[backup.MANIFEST])
        _save_bytes(room / backup.KEY_FILE, small[backup.KEY_FILE])
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError, KeyError) as error:
        raise BadFile(path=str(path), reason="it is not complete") from error
    if not isinstance(manifest, dict) or digest != manifest.get("sha256"):
        raise BadFile(path=str(path), reason="its database is not the one that was backed up")
    return small.get(backup.CONFIGURATION, b"")


def _save(source: Any, path: Path) -> str:
    digest = sha256()
    with disk_faults(path), os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for part in iter(lambda: source.read(1 << 20), b""):
            digest.update(part)
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _save_bytes(path: Path, content: bytes) -> None:
    with disk_faults(path), os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _check_schema(path: Path, database: Path) -> None:
    """A database of a newer kiosk can't be brought back to this one."""
    known = {migration.stem for migration in (Path(db.__file__).parent / "migrations").glob("[0-9]*.py")}
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as probe:
        applied = {name for (name,) in probe.execute("SELECT name FROM schema_migration")}
    if applied - known:
        raise BadFile(path=str(path), reason="a newer kiosk made it; update this one first")


def _settle(path: Path, state: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fchmod(fd, 0o600)
        give_to_owner(fd, state)
    finally:
        os.close(fd)


def _finish_log(target: Path) -> None:
    """Bring the old database's log into it, so that one file is all of it; a broken one is left as it is."""
    if not target.exists():
        return
    with suppress(sqlite3.Error), closing(sqlite3.connect(target, timeout=5)) as old:
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _keep(path: Path, suffix: str) -> Path:
    """A second name, so that there is something at the first at every moment; a copy where there are no links.

    One that is there was kept by a try that was cut short, and is the one to keep.
    """
    kept = path.with_name(path.name + suffix)
    if kept.exists():
        return kept
    try:
        os.link(path, kept)
    except OSError:
        shutil.copy2(path, kept)
    return kept


def _write_down(config: Config, examined: Examined, clock: Clock) -> int:
    db.connect(config.database_url)
    try:
        if not db.schema_is_current():
            db.migrate()
        keys = Keys.load_or_make(config.key_file)
        shop = load_shop(config.lane, config.lane_number, keys, clock=clock)
        dropped = printing.drop_waiting(shop)
        heads = {lane: list(head) for lane, head in examined.proof.heads.items()}
        note(shop, ROOT, "backup.restored", made_at=examined.header.at, heads=heads, dropped_jobs=dropped)
        return dropped
    finally:
        db.disconnect()
