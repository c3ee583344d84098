"""Commands while the till is in training: what is for the real books waits, and what only reads goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from kiosk import db
from kiosk.cli import ways
from kiosk.desk import Desk
from kiosk.devices.gate import GateScanner
from kiosk.services import errands, staff, training
from kiosk.services.shop import TRAINING, Shop, open_shop
from kiosk.services.training import Training
from tests.cli.conftest import Kiosk, journal

REFUSED = "The till is in training. Leave training first."


@dataclass
class Trainee:
    """A till in training: its desk, and the books that are bound."""

    desk: Desk
    shop: Shop
    training: Training

    def leave(self) -> None:
        """Back to the real books."""
        self.shop = self.desk.do(training.end, self.training, by=None).result()


@contextmanager
def in_training(kiosk: Kiosk) -> Iterator[Trainee]:
    """A till that runs, with Olga in training."""
    config = kiosk.config
    desk = Desk(opening=lambda: open_shop(config), closing=db.disconnect, idle=db.checkpoint)
    with ways.only_writer(config):
        shop: Shop = desk.start()
        olga = desk.do(lambda: next(one.id for one in staff.people(shop) if one.name == "Olga")).result()
        desk.do(training.prepare, shop, config.state, by=olga).result()
        training.make(config.state)
        begun = desk.do(training.begin, shop, config.state, by=olga).result()
        made = Trainee(desk, begun.shop, begun)
        gate = GateScanner(config.socket, lambda errand: desk.do(lambda: errands.answer(made.shop, errand)).result())
        gate.start(lambda _code: None, lambda _state, _detail: None)
        try:
            yield made
        finally:
            gate.stop()
            desk.stop()


@pytest.fixture
def trainee(kiosk: Kiosk) -> Iterator[Trainee]:
    with in_training(kiosk) as made:
        yield made


def people(kiosk: Kiosk) -> list[str]:
    return [one["name"] for one in kiosk("staff", "list", "--json").json]


@pytest.mark.requirement("N22")
@pytest.mark.parametrize(
    "words",
    [
        ("staff", "add", "Nina", "--role", "cashier"),
        ("staff", "deactivate", "Ann Archer"),
        ("settings", "set", "name", "Nowhere"),
        ("tenders", "set", "ticket", "--no-active"),
        ("print", "test"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_command_that_writes_is_told_so_and_writes_nowhere(
    kiosk: Kiosk, trainee: Trainee, words: tuple[str, ...]
) -> None:
    count: Callable[[], object] = lambda: trainee.desk.do(  # noqa: E731 - both books are asked the same
        lambda: [db.rows(f"SELECT * FROM {table}") for table in ("staff", "setting", "tender", "print_job")]
    ).result()
    before, was = count(), people(kiosk)
    said = kiosk(*words, given="4711\n4711\n")
    assert (said.code, said.out) == (4, "")
    assert REFUSED in said.err
    assert count() == before
    trainee.leave()
    assert people(kiosk) == was
    assert kiosk("settings", "set", "name", "Somewhere").code == 0


@pytest.mark.requirement("N22")
def test_an_import_is_told_so_and_takes_nothing_in(kiosk: Kiosk, trainee: Trainee) -> None:
    file = kiosk.folder / "articles.csv"
    file.write_text("number;name;price;tax\n901;Bread;4,50;A\n", encoding="utf-8")
    said = kiosk("import", "articles", file, "--yes")
    assert said.code == 4
    assert REFUSED in said.err
    trainee.leave()
    assert kiosk("import", "articles", file, "--yes").code == 0


@pytest.mark.requirement("N22")
def test_proof_and_doctor_look_at_the_real_books(kiosk: Kiosk, trainee: Trainee) -> None:
    proof = kiosk("verify", "--json")
    assert (proof.code, proof.json["sales"]) == (0, 3)
    found = {one["name"]: (one["state"], one["words"]) for one in kiosk("doctor", "--json").json["checks"]}
    assert found["till"] == ("ok", "running, in training")
    assert found["durability"] == ("skip", "the till is in training")


@pytest.mark.requirement("N22", "D7-03")
def test_the_first_command_after_a_power_cut_clears_the_training_away(kiosk: Kiosk) -> None:
    with in_training(kiosk) as made:
        made.desk.do(lambda: db.run("UPDATE staff SET failures = 3, failed_at = 7 WHERE name = 'Ann Archer'")).result()
    assert (kiosk.config.state / TRAINING).exists()
    assert kiosk("staff", "reset", "Ann Archer", given="2222\n2222\n").code == 0
    assert list(kiosk.config.state.glob(f"{TRAINING}*")) == []
    assert [(one["failures"], one["training"]) for one in journal(kiosk, "staff.wrong_pin")] == [(3, True)]
    db.connect(kiosk.config.database_url, read_only=True)
    assert db.row("SELECT failures FROM staff WHERE name = 'Ann Archer'") == (0,)
    db.disconnect()
