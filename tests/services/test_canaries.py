"""What a thief of the files can read: no licence and no medical number, and nobody who was erased (N11, T-06, T-07).

Words that stand nowhere else are planted, and looked for in every byte of the
database, its log, a copy, and whatever leaves the till.
"""

from __future__ import annotations

import base64
import io
import logging
import random
import traceback
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kiosk import db
from kiosk.errors import SealedElsewhere, ShopError
from kiosk.rules import basket as baskets
from kiosk.rules.basket import EMPTY
from kiosk.rules.permissions import Role
from kiosk.services import (
    customer_erase,
    customer_export,
    customer_merge,
    customer_standing,
    customer_transfer,
    customers,
    documents,
    drafts,
    parked,
    points,
    sales,
    transfer,
)
from kiosk.services.customer_rows import CustomerForm, IdDocument
from kiosk.services.keys import Keys
from kiosk.services.shop import new_key
from kiosk.services.verify import verify
from tests.services.journey import Till

SECRETS = ("QX4711LIC", "Zweibrueckonia", "QX0815MED", "Medicaria")
LICENCE = IdDocument(SECRETS[0], SECRETS[1], date(2031, 5, 1))
MEDICAL = IdDocument(SECRETS[2], SECRETS[3], date(2026, 1, 31))
PERSON = CustomerForm(
    name="Zanariwa Quexley",
    nickname="Zanny",
    company="Quexworks",
    phone="030 7654321",
    phone_opt_in=True,
    email="zanariwa@quexley.example",
    email_opt_in=True,
    birth_date=date(1980, 2, 29),
    street="Quexgasse 5",
    city="Quexhausen",
    notes="pays in quexcoins",
    licence=LICENCE,
    medical=MEDICAL,
    card="7700000011",
)
NAMES = ("zanariwa", "quex", "zanny", "7654321", "1980-02-29", "stolecake")
"""Folded; what must be gone with the person."""


def every_row() -> str:
    """All that the database holds, table by table."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if db.on_postgres():
        query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    return "\n".join(f"{table}: {db.rows(f'SELECT * FROM {chr(34)}{table}{chr(34)}')}" for (table,) in db.rows(query))


def every_byte(folder: Path) -> bytes:
    """The database as a thief finds it, the log included, and a copy of it."""
    if db.on_postgres():
        return b""
    path = Path(db.database.database)
    copy = folder / "copy.db"
    db.backup(copy)
    files = [path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm"), copy]
    return b"".join(file.read_bytes() for file in files if file.exists())


def found(words: Iterable[str], text: str, raw: bytes = b"") -> list[str]:
    """Which of the words can be read, in any case, also in base 64 or UTF-16."""
    lower, raw = text.casefold(), raw.lower()
    hits = []
    for word in words:
        plain = word.casefold().encode()
        disguised = [base64.b64encode(word.encode())[:-4].lower(), plain.decode().encode("utf-16-le")]
        if word.casefold() in lower or any(one in raw or one in lower.encode() for one in (plain, *disguised)):
            hits.append(word)
    return hits


def live(till: Till, olga: str) -> str:
    """A customer to whom everything happens that leaves traces; his id."""
    shop = till.shop
    made = customers.save(shop, PERSON, by=olga)
    bread = till.article("Bread", 450)
    basket = baskets.add(EMPTY, bread)
    sales.close_sale(shop, basket, (till.cash(450),), key=new_key(), by=olga, customer=made.id)
    points.adjust(shop, made.id, 10, add=True, reason="Quexley complained", key=new_key(), by=olga)
    for name in ("Zanariwa", "Quexley again"):
        draft = drafts.Draft(new_key(), basket, customer=made.id)
        parked.park(shop, draft, name, by=olga)
    drafts.save(shop, olga, drafts.Draft(new_key(), basket, customer=made.id))
    customer_standing.ban(shop, made.id, "stolecake", by=olga, key=new_key())
    moved = customers.save(shop, replace(made.form, notes="quex " * 90, phone_opt_in=False), by=olga)
    customers.save(shop, replace(moved.form, street="Quexweg 7", licence=LICENCE), by=olga)
    twin = customers.save(shop, CustomerForm(name="Zanny Quexley", licence=LICENCE), by=olga)
    customer_merge.merge(shop, twin.id, made.id, by=olga, key=new_key())
    return made.id


@pytest.fixture
def olga(till: Till) -> str:
    return till.person("Olga", Role.OWNER)


@pytest.mark.requirement("N11", "T-06", "T-07")
def test_a_stolen_database_shows_no_licence_and_no_medical_number(till: Till, olga: str, tmp_path: Path) -> None:
    customer = live(till, olga)
    rows, raw = every_row(), every_byte(tmp_path)
    assert found(SECRETS, rows, raw) == []
    assert db.on_postgres() or found(["Zanariwa"], "", raw) == ["Zanariwa"], "the search finds what is there"
    assert documents.of(till.shop, customer, by=olga) == {"licence": LICENCE, "medical": MEDICAL}


@pytest.mark.requirement("N11", "T-06", "T-07")
def test_no_export_that_did_not_ask_no_log_and_no_fault_shows_them(
    till: Till, olga: str, caplog: pytest.LogCaptureFixture
) -> None:
    customer, shop, out = live(till, olga), till.shop, io.StringIO()
    with caplog.at_level(logging.DEBUG):
        transfer.export_ledger(shop, out, layout="jsonl", by=olga)
        transfer.export_ledger(shop, out, layout="csv", by=olga)
        transfer.export_sales(shop, out, layout="jsonl", by=olga)
        customer_transfer.export_customers(shop, out, by=olga)
        assert found(SECRETS, out.getvalue()) == []
        faults = ""
        other = replace(shop, keys=Keys.in_memory())
        form = replace(PERSON, licence=LICENCE)
        for attempt in (
            lambda: documents.of(other, customer, by=olga),
            lambda: customers.save(shop, replace(form, email="nobody"), by=olga),
            lambda: customers.save(shop, replace(form, id=customer, changed_at=1), by=olga),
            lambda: customers.save(shop, form, by=olga),
        ):
            with pytest.raises(ShopError) as refused:
                attempt()
            faults += "".join(traceback.format_exception(refused.value)) + repr(refused.value)
        faults += repr(form) + repr(LICENCE) + repr(documents.of(shop, customer, by=olga)) + repr(shop)
    assert found(SECRETS, faults + caplog.text) == []
    with pytest.raises(SealedElsewhere):
        documents.of(other, customer, by=olga)
    asked = io.StringIO()
    customer_export.everything(shop, customer, asked, by=olga)
    assert found(SECRETS, asked.getvalue()) == list(SECRETS), "who asks for them gets them"


@pytest.mark.requirement("N11")
def test_no_ledger_journal_or_paper_ever_bore_a_name(till: Till, olga: str) -> None:
    live(till, olga)
    for table in ("entry", "posting", "account", "sale", "sale_line", "sale_tender", "journal", "print_job", "draft"):
        assert found(NAMES, str(db.rows(f"SELECT * FROM {table}"))) == [], table


@pytest.mark.requirement("N11")
def test_of_an_erased_person_no_byte_is_left(till: Till, olga: str, tmp_path: Path) -> None:
    """Among many others, so that the pages of the file were split, moved and freed before."""
    shop, dice = till.shop, random.Random(4)
    others = []
    for number in range(30):
        others.append(
            customers.save(shop, CustomerForm(name=f"Other {number}", notes="n" * dice.randrange(500)), by=olga)
        )
    customer = live(till, olga)
    for one in others:
        customers.save(shop, replace(one.form, notes="m" * dice.randrange(500)), by=olga)
    assert set(found(NAMES, every_row())) == set(NAMES)

    customer_erase.erase(shop, customer, by=olga)

    assert found((*NAMES, *SECRETS), every_row(), every_byte(tmp_path)) == []
    assert {name for _number, name in parked_names()} == {"#1", "#2"}
    assert verify().ok
    assert customers.get(shop, others[0].id, by=olga).form.name == "Other 0"


def parked_names() -> list[tuple[int, str]]:
    return [(int(number), str(name)) for number, name in db.rows("SELECT number, name FROM parked ORDER BY number")]
