"""``kiosk backup`` and ``kiosk restore``."""

from __future__ import annotations

import argparse
import os
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from kiosk.cli import ways
from kiosk.cli.health import read_anchors
from kiosk.cli.say import agreed, ask_secret, complain, progress, say, say_json
from kiosk.clock import Clock
from kiosk.config import SYSTEM_FILE, Config
from kiosk.db import is_postgres
from kiosk.devices import gate
from kiosk.errors import BadFile, Invalid, ShopError, TillIsRunning
from kiosk.services import backup as copies
from kiosk.services import restore as bringing
from kiosk.services import sealing
from kiosk.services.files import give_to_owner, read_record, whole_file, write_record
from kiosk.services.keys import Keys
from kiosk.services.over_ssh import Place, place_of
from kiosk.services.sealing import OwnerKey


def backup(given: argparse.Namespace, config: Config) -> int:
    """Make a backup, or the owner's keys; 1 when the books in it have a fault. Source: D8-06."""
    if given.new_owner_key:
        return _new_owner_key(given, config)
    if given.keep < 1:
        raise Invalid(field="keep", value=str(given.keep))
    ways.check_there(config)
    target = _target(given, config)
    with _one_copy_at_a_time(config), progress("Backing up") as bar:
        made = copies.make(
            config,
            target,
            keep=given.keep,
            clock=Clock(),
            configuration=_configuration(given),
            progress=lambda _step, done: bar(done),
        )
    if given.json:
        say_json(
            {
                "ok": not made.proof.problems,
                "file": made.where,
                "bytes": made.bytes,
                "at": made.at,
                "entries": made.proof.entries,
                "heads": {lane: {"seq": seq, "hash": hash_} for lane, (seq, hash_) in made.proof.heads.items()},
                "problems": list(made.proof.problems),
                "removed": list(made.removed),
            }
        )
    else:
        say(f"{made.where}  {made.bytes // 1024} kB, {made.proof.entries} entries")
        for lane, (seq, own_hash) in sorted(made.proof.heads.items()):
            say(f"{lane}:{seq}:{own_hash[:8]}")
    for problem in made.proof.problems:
        complain(f"The books have a fault: {problem}")
    return 1 if made.proof.problems else 0


def _new_owner_key(given: argparse.Namespace, config: Config) -> int:
    """Refuses: BadFile (there is an owner key already, and no --force; or FILE exists)."""
    known = copies.owner_file(config)
    if known.exists() and not given.force:
        raise BadFile(path=str(known), reason="there is an owner key already; --force replaces it")
    if not config.key_file.exists():
        raise BadFile(path=str(config.key_file), reason="there is no shop yet; kiosk setup makes one")
    keys = Keys.load_or_make(config.key_file)
    passphrase = ask_secret(f"Passphrase ({sealing.SHORTEST_PASSPHRASE} characters or more)", twice=True)
    if len(passphrase) < sealing.SHORTEST_PASSPHRASE:
        complain(f"The passphrase is too short: it needs {sealing.SHORTEST_PASSPHRASE} characters or more.")
        return 3
    made = copies.new_owner_key(config, keys, Path(given.new_owner_key), passphrase)
    say(f"Owner key {sealing.fingerprint(made.public)}, till {sealing.fingerprint(made.signers[0])}")
    say(f"{given.new_owner_key} and its passphrase open every backup from now on, and nothing else does.")
    say("Take the file away from this machine, keep a copy of it, and write the passphrase down.")
    return 0


def restore(given: argparse.Namespace, config: Config) -> int:
    """Prove a backup, and put it in place. Refuses: TillIsRunning, BadFile, Invalid. Source: D8-06."""
    if is_postgres(config.database_url):
        raise BadFile(path="PostgreSQL", reason="it is brought back by its own tools, such as pg_restore")
    anchors = read_anchors(given.anchor)
    path = Path(given.file)
    sealing.read_header(path)
    if not given.check and gate.is_open(config.socket):
        raise TillIsRunning
    owner = OwnerKey.unlock(Path(given.owner_key), ask_secret("Passphrase of the owner key"))
    ways.make_state(config)
    with ExitStack() as held:
        if not given.check:
            held.enter_context(ways.only_writer(config))
        held.enter_context(_one_copy_at_a_time(config))
        room = held.enter_context(copies.workroom(config))
        with progress("Checking"):
            examined = bringing.examine(
                path,
                owner,
                room,
                trusted=bringing.trusted_signers(config, owner),
                accepted=given.signer,
                anchors=anchors,
                with_problems=given.with_problems,
            )
        facts = _facts(examined)
        config = _with_its_lane(given, config, examined.configuration)
        if given.check:
            _tell(given, facts, "It could be brought back.")
            return 0
        _tell_of_loss(config, examined)
        if not given.yes and not agreed(f"Replace the shop in {config.state} by this backup?"):
            complain("Nothing was changed. --yes brings it back without asking.")
            return 3
        done = bringing.put_in_place(config, examined, clock=Clock())
        facts["aside"] = [str(aside) for aside in done.aside]
        _keep_configuration(given, examined.configuration)
        _tell(given, facts, f"Brought back: {done.entries} entries. What was there before is beside it.")
    return 0


def _facts(examined: bringing.Examined) -> dict[str, object]:
    return {
        "ok": not examined.proof.problems,
        "lane": examined.header.lane,
        "at": examined.header.at,
        "version": examined.header.version,
        "signer": sealing.fingerprint(examined.header.signer),
        "entries": examined.proof.entries,
        "heads": {lane: {"seq": seq, "hash": hash_} for lane, (seq, hash_) in examined.proof.heads.items()},
        "problems": list(examined.proof.problems),
    }


def _tell(given: argparse.Namespace, facts: dict[str, object], words: str) -> None:
    if given.json:
        say_json(facts)
        return
    say(f"Lane {facts['lane']}, {facts['entries']} entries, signed by till {facts['signer']}, kiosk {facts['version']}")
    say(words)


def _tell_of_loss(config: Config, examined: bringing.Examined) -> None:
    """How much of what is here now is not in the backup."""
    if not copies.database_file(config).exists():
        return
    from kiosk import db

    try:
        with ways.looking(config):
            now = {str(lane): int(seq) for lane, seq in db.rows("SELECT id, seq FROM lane")}
    except ShopError:
        complain("What is here now can't be read.")
        return
    for lane, seq in sorted(now.items()):
        then = examined.proof.heads.get(lane, (0, ""))[0]
        if seq > then:
            complain(f"Lane {lane} has {seq - then} entries here that are not in the backup.")


def _with_its_lane(given: argparse.Namespace, config: Config, text: bytes) -> Config:
    """A machine without a configuration becomes the till that the backup is of."""
    if _configuration_file(given).exists():
        return config
    try:
        read = tomllib.loads(text.decode())
    except ValueError:
        return config
    lane, number = read.get("lane", config.lane), read.get("lane_number", config.lane_number)
    if not isinstance(lane, str) or not isinstance(number, int):
        return config
    return replace(config, lane=lane, lane_number=number)


def _configuration_file(given: argparse.Namespace) -> Path:
    return Path(given.config or os.environ.get("KIOSK_CONFIG") or SYSTEM_FILE)


def _keep_configuration(given: argparse.Namespace, text: bytes) -> None:
    """A machine without a configuration takes the one of the backup."""
    path = _configuration_file(given)
    if not text or path.exists() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        return
    with whole_file(path) as file:
        file.write(text)
    path.chmod(0o640)
    if not given.json:
        say(f"The configuration of the backup was written to {path}; look it over.")


def _configuration(given: argparse.Namespace) -> bytes:
    try:
        return _configuration_file(given).read_bytes()
    except OSError:
        return b""


def _target(given: argparse.Namespace, config: Config) -> Path | Place:
    """What is said, else what was said with ``--remember``, else a directory beside the shop. Refuses: BadFile."""
    remembered = config.state / "backup-target.json"
    said = given.target or str((read_record(remembered) or {}).get("target", ""))
    if not said:
        return _own_directory(config)
    place = place_of(said)
    if given.remember:
        write_record(remembered, {"target": said if place else str(Path(said).absolute())})
    return place or Path(said)


def _own_directory(config: Config) -> Path:
    made = config.state / "backups"
    if not made.exists() and config.state.is_dir():
        made.mkdir(mode=0o700)
        give_to_owner(made, config.state)
    return made


@contextmanager
def _one_copy_at_a_time(config: Config) -> Iterator[None]:
    """Two that copy would empty each other's workroom. Refuses: BadFile."""
    path = config.state / "backup.lock"
    if not config.state.is_dir():
        raise BadFile(path=str(config.state), reason="there is no shop yet; kiosk setup makes one")
    path.touch(mode=0o600)
    give_to_owner(path, config.state)
    try:
        with gate.lock(path):
            yield
    except gate.Occupied:
        raise BadFile(path=str(path), reason="another backup is being made") from None
