"""The commands as a technician runs them: a process of their own, a shop in a directory of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from kiosk import db
from kiosk.cli import ways
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.desk import Desk
from kiosk.devices.gate import GateScanner
from kiosk.rules.permissions import Role
from kiosk.services import errands, staff
from kiosk.services.shop import open_shop
from tests.cli.warm import Warm, warmed
from tests.services.till_machine import Machine

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "correct horse battery"


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it said to a script."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Kiosk:
    """Runs ``kiosk`` on one shop's directory."""

    folder: Path
    warm: Warm | None = None

    @property
    def config(self) -> Config:
        """The machine's."""
        return replace(Config(), state=self.folder / "state", run=self.folder / "run")

    @property
    def machine(self) -> Machine:
        """The same, for selling without the command line."""
        return Machine(self.config, Clock())

    def environ(self, words: Sequence[object] = (), **more: str) -> dict[str, str]:
        """What the command finds in its environment."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("KIOSK_")},
            "KIOSK_CONFIG": str(self._configuration(words)),
            "KIOSK_STATE": str(self.folder / "state"),
            "KIOSK_RUN": str(self.folder / "run"),
            "PYTHONPATH": str(ROOT),
            **more,
        }

    def _configuration(self, words: Sequence[object]) -> Path:
        """The shop's own, or else an empty one, for without a name it would be this machine's."""
        own, empty = self.folder / "kiosk.toml", self.folder.parent / f"{self.folder.name}.toml"
        if own.exists() or {*words[:1]} & {"setup", "restore"}:
            return own
        empty.touch()
        return empty

    def __call__(self, *words: object, given: str = "", **environ: str) -> Said:
        """Run a command; ``given`` comes from standard input."""
        scratch = self.folder.parent / f"{self.folder.name}.said"
        scratch.mkdir(exist_ok=True)
        assert self.warm is not None
        code, out, err = self.warm.run(
            [*map(str, words)], environ=self.environ(words, **environ), folder=self.folder, given=given, scratch=scratch
        )
        assert "Traceback" not in err, err
        return Said(code, out, err)


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """What commands are forked from."""
    with warmed() as made:
        yield made


@pytest.fixture
def bare(tmp_path: Path, warm: Warm) -> Kiosk:
    """Commands where there is no shop yet."""
    folder = tmp_path / "till"
    folder.mkdir()
    return Kiosk(folder, warm)


@pytest.fixture
def kiosk(bare: Kiosk) -> Kiosk:
    """Commands on a shop that has sold three times; Olga owns it, Ann sells."""
    bare.config.state.mkdir()
    bare.machine.sell(3)
    with bare.machine.open() as till:
        staff.create(till.shop, staff.PersonForm("Olga", Role.OWNER), by=staff.ROOT, pin="4711")
    return bare


@dataclass
class Running:
    """What a till that runs has heard."""

    scanned: list[str]


@pytest.fixture
def running(kiosk: Kiosk) -> Iterator[Running]:
    """A till that runs: its lock, its desk and its gate, without the screens."""
    with a_till(kiosk) as made:
        yield made


@contextmanager
def a_till(kiosk: Kiosk) -> Iterator[Running]:
    """A till for as long as this lasts."""
    config, heard = kiosk.config, Running([])
    desk = Desk(opening=lambda: open_shop(config), closing=db.disconnect, idle=db.checkpoint)
    with ways.only_writer(config):
        shop = desk.start()
        gate = GateScanner(config.socket, lambda errand: desk.do(errands.answer, shop, errand).result())
        gate.start(heard.scanned.append, lambda _state, _detail: None)
        try:
            yield heard
        finally:
            gate.stop()
            desk.stop()


@pytest.fixture
def owner_key(kiosk: Kiosk, tmp_path: Path) -> Path:
    """The owner's key file; its passphrase is PASSPHRASE."""
    path = tmp_path / "owner.key"
    assert kiosk("backup", "--new-owner-key", path, given=PASSPHRASE + "\n").code == 0
    return path


def journal(kiosk: Kiosk, action: str) -> list[dict[str, Any]]:
    """What the journal holds of one action, oldest first."""
    db.connect(kiosk.config.database_url, read_only=True)
    try:
        found = db.rows('SELECT "by", facts FROM journal WHERE action = ? ORDER BY id', (action,))
    finally:
        db.disconnect()
    return [{"by": by, **json.loads(facts)} for by, facts in found]
