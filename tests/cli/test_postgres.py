"""The commands on PostgreSQL, where one role owns the ledger and the till's other role may only add to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kiosk import db
from kiosk.cli import ways
from kiosk.config import Config
from kiosk.errors import Refused
from kiosk.rules import basket
from kiosk.rules.basket import EMPTY
from kiosk.services import staff
from tests.cli.conftest import Kiosk, Said
from tests.services.journey import Till
from tests.services.till_machine import BREAD, reopened
from tests.support.postgres import TILL, Database

WORDS = ("setup", "--yes", "--country", "DE", "--printer", "none", "--owner", "Olga")
PASSWORD = "only-for-tests"


def _set_up(bare: Kiosk, database: Database, *words: str) -> Said:
    return bare(*WORDS, *words, given="2580\n", KIOSK_DATABASE=database.till, KIOSK_DATABASE_OWNER=database.owner)


def _config(bare: Kiosk, database: Database) -> Config:
    return replace(bare.config, database=database.till)


def test_a_shop_is_made_by_the_owning_role_and_sells_as_the_other(bare: Kiosk, postgres_database: Database) -> None:
    said = _set_up(bare, postgres_database)
    assert (said.code, said.err) == (0, "")
    assert "database_owner" not in (bare.folder / "kiosk.toml").read_text()
    with ways.alone(_config(bare, postgres_database)) as shop:
        olga = staff.people(shop)[0].id
        till = reopened(Till, shop)
        till.sell(basket.add(EMPTY, BREAD), till.cash(250), by=olga)
        assert db.row("SELECT current_user") == (TILL,)
        with pytest.raises(Refused):
            db.run("UPDATE entry SET at = 0")
        with pytest.raises(Refused):
            db.run("DELETE FROM posting")
    verified = bare("verify", KIOSK_DATABASE_OWNER=postgres_database.owner)
    assert verified.code == 0
    assert "1 sales" in verified.out
    checks = {check["name"]: check for check in bare("doctor", "--json").json["checks"]}
    assert checks["ledger rights"] == {
        "name": "ledger rights",
        "state": "ok",
        "words": "the till's role may only add and read",
    }
    assert checks["schema"]["state"] == "ok"


def test_a_second_time_nothing_is_touched_and_no_password_is_shown(bare: Kiosk, postgres_database: Database) -> None:
    assert _set_up(bare, postgres_database).code == 0
    (bare.folder / "kiosk.toml").unlink()
    again = _set_up(bare, postgres_database)
    assert again.code == 3
    assert "there is a shop already" in again.err
    assert PASSWORD not in again.out + again.err
    assert not (bare.folder / "kiosk.toml").exists()


def test_an_empty_database_is_no_shop(bare: Kiosk, postgres_database: Database) -> None:
    said = bare("verify", KIOSK_DATABASE=postgres_database.till)
    assert said.code == 3
    assert "there is no shop yet" in said.err
    assert PASSWORD not in said.out + said.err


def test_without_a_server_there_is_a_sentence(bare: Kiosk) -> None:
    pytest.importorskip("psycopg")
    said = bare(*WORDS, given="2580\n", KIOSK_DATABASE=f"postgresql://till:{PASSWORD}@127.0.0.1:1/kiosk")
    assert (said.code, said.out, said.err.count("\n")) == (5, "", 1)
    assert PASSWORD not in said.err
    assert [path.name for path in Path(bare.folder).iterdir()] == []


def test_a_newer_schema_needs_the_owning_role(bare: Kiosk, postgres_database: Database) -> None:
    """A till whose database is not up to date, and which may not change it, says so and changes nothing."""
    assert _set_up(bare, postgres_database).code == 0
    db.connect(postgres_database.owner)
    db.run("DELETE FROM schema_migration")
    db.run("ALTER TABLE entry RENAME TO entry_of_old")
    db.disconnect()
    refused = bare("upgrade")
    assert (refused.code, refused.out, refused.err.count("\n")) == (3, "", 1)
    db.connect(postgres_database.owner)
    assert db.rows("SELECT name FROM schema_migration") == []
    db.run("ALTER TABLE entry_of_old RENAME TO entry")
    db.disconnect()


def test_an_upgrade_without_anything_to_do_is_done(bare: Kiosk, postgres_database: Database) -> None:
    assert _set_up(bare, postgres_database).code == 0
    assert bare("upgrade").out == "The database is up to date.\n"
