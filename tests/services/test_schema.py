"""The models say what the migrations made, on both engines (docs/decisions/0001)."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from peewee import CompositeKey, Field, IntegerField, Model, TextField
from playhouse.migrations import Runner

from kiosk import db, models
from kiosk.services.shop import Shop

TABLES = sorted(
    (
        found
        for _name, found in inspect.getmembers(models, inspect.isclass)
        if issubclass(found, Model) and not found.__name__.startswith("_") and found.__module__ == "kiosk.models"
    ),
    key=lambda table: table.__name__,
)


def columns(table: str) -> dict[str, tuple[str, bool]]:
    """Column to (family of its type, whether it may be empty), as the database has it."""
    return {
        column.name: ("text" if "text" in column.data_type.lower() else "number", column.null)
        for column in db.database.get_columns(table)
    }


def test_there_is_a_model_for_each_table_and_a_table_for_each_model(shop: Shop) -> None:
    made = set(db.database.get_tables()) - {"schema_migration"}
    assert {table._meta.table_name for table in TABLES} == made


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.__name__))
def test_a_model_has_the_columns_of_its_table(shop: Shop, table: type[Model]) -> None:
    expected = {}
    for field in table._meta.sorted_fields:
        assert isinstance(field, Field)
        number = isinstance(field, IntegerField)
        expected[field.column_name] = ("number" if number else "text", field.null)
    found = columns(table._meta.table_name)
    keys = table._meta.primary_key
    named = keys.field_names if isinstance(keys, CompositeKey) else (keys.name,)
    for name in named:
        column = table._meta.fields[name].column_name
        found[column] = (found[column][0], table._meta.fields[name].null)
    assert found == expected
    assert all(isinstance(field, IntegerField | TextField) or field.rel_model for field in table._meta.sorted_fields)


def test_migrations_run_once_and_know_it(shop: Shop) -> None:
    assert db.schema_is_current()
    assert db.row("SELECT COUNT(*) FROM schema_migration") == (3,)
    if not db.on_postgres():
        assert db.migrate() == []


@pytest.mark.parametrize(
    ("language", "name"), [(None, "Credit note"), ("de", "Gutschrift"), ("nl", "Tegoedbon"), ("xx", "Credit note")]
)
def test_a_shop_of_yesterday_gets_credit_notes_as_its_last_tender(
    tmp_path: Path, language: str | None, name: str
) -> None:
    db.connect(str(tmp_path / "yesterday.db"))
    Runner(db.database.obj, directory=str(Path(db.__file__).parent / "migrations")).up("0001_start")
    with db.transaction():
        db.run("INSERT INTO tender (code, name, kind, position) VALUES ('cash', 'Cash', 'cash', 3)")
        if language:
            db.run(
                'INSERT INTO setting (name, version, value, at, "by") VALUES (?, 1, ?, 0, ?)',
                ("language", f'"{language}"', "root"),
            )
    assert db.migrate() == ["0002_day", "0003_customers"]
    assert db.rows("SELECT code, name, kind, position, refundable, gives_change, active FROM tender") == [
        ("cash", "Cash", "cash", 3, 1, 0, 1),
        ("voucher", name, "voucher", 4, 1, 0, 1),
    ]
    db.disconnect()


def test_a_shop_that_has_no_tenders_yet_gets_them_with_its_country(shop: Shop) -> None:
    assert db.rows("SELECT code FROM tender") == []
