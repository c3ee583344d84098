"""The databases that tests get are fresh, and each role is itself."""

import psycopg
import pytest

from tests.support.postgres import OWNER, TILL, Database, Server


def _rows(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode()).fetchall()


def test_owner_and_till_are_roles_without_power_over_the_server(postgres_database: Database) -> None:
    """The till must not become the owner of the ledger, so neither role may be a superuser here."""
    who = "SELECT current_user::text, rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user"
    assert _rows(postgres_database.owner, who) == [(OWNER, False, False)]
    assert _rows(postgres_database.till, who) == [(TILL, False, False)]


def test_a_copy_of_a_template_has_its_rows_and_does_not_write_to_it(postgres_server: Server) -> None:
    """A migrated database is made once and copied for each test."""
    prepared: list[str] = []

    def prepare(database: Database) -> None:
        prepared.append(database.name)
        with psycopg.connect(database.owner) as connection:
            connection.execute("CREATE TABLE thing (id integer)")
            connection.execute("INSERT INTO thing VALUES (7)")

    first = postgres_server.create(postgres_server.template("test-things", prepare))
    with psycopg.connect(first.owner) as connection:
        connection.execute("INSERT INTO thing VALUES (8)")
    second = postgres_server.create(postgres_server.template("test-things", prepare))

    assert _rows(second.owner, "SELECT id FROM thing") == [(7,)]
    assert len(prepared) == 1
    for database in (first, second):
        postgres_server.drop(database)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(first.owner)
