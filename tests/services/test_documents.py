"""Driving licences and medical cards: sealed per person, opened here alone, and never lost by a form that saw none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kiosk import db
from kiosk.errors import Denied, SealedElsewhere
from kiosk.services import customers, documents
from kiosk.services.customer_rows import NO_DOCUMENT, CustomerForm, DocumentKind, IdDocument
from kiosk.services.keys import Keys
from kiosk.services.shop import Shop
from tests.services.journey import Till

LICENCE = IdDocument("FE-4711-CANARY", "Zürich", date(2031, 5, 1))
MEDICAL = IdDocument("MED-0815-CANARY", "", date(2026, 1, 31))


def known(till: Till, **form: object) -> customers.Customer:
    """A customer with both documents, or with what is said."""
    said = {"name": "Mara Muster", "licence": LICENCE, "medical": MEDICAL, **form}
    return customers.save(till.shop, CustomerForm(**said), by=till.ann)  # type: ignore[arg-type]


def elsewhere(shop: Shop) -> Shop:
    """The same books at a machine with another key file."""
    return replace(shop, keys=Keys.in_memory())


@pytest.mark.requirement("T-06", "T-07")
def test_documents_come_back_as_they_were_typed_and_lie_sealed(till: Till) -> None:
    mara = known(till)
    assert documents.of(till.shop, mara.id, by=till.ann) == {
        DocumentKind.LICENCE: LICENCE,
        DocumentKind.MEDICAL: MEDICAL,
    }
    stored = str(db.rows("SELECT * FROM id_document") + db.rows("SELECT * FROM person_key"))
    assert "CANARY" not in stored
    assert "Zürich" not in stored
    assert "2031" not in stored
    assert "CANARY" not in repr(LICENCE)
    assert "CANARY" not in repr(CustomerForm(licence=LICENCE))


def test_only_who_sees_customers_sees_them(till: Till) -> None:
    mara = known(till)
    with pytest.raises(Denied):
        documents.of(till.shop, mara.id, by=till.technician)


def test_a_row_copied_to_somebody_else_opens_nothing(till: Till) -> None:
    mara, ben = known(till), known(till, name="Ben Berg", medical=None)
    db.run(
        "UPDATE id_document SET sealed = (SELECT sealed FROM id_document WHERE customer = ? AND kind = 'licence') "
        "WHERE customer = ?",
        (mara.id, ben.id),
    )
    db.run("UPDATE person_key SET wrapped = (SELECT wrapped FROM person_key WHERE customer = ?)", (mara.id,))
    with pytest.raises(SealedElsewhere):
        documents.of(till.shop, ben.id, by=till.ann)
    db.run("UPDATE id_document SET sealed = 'rubbish' WHERE customer = ? AND kind = 'medical'", (mara.id,))
    with pytest.raises(SealedElsewhere):
        documents.of(till.shop, mara.id, by=till.ann)


def test_a_medical_card_does_not_pass_as_a_licence(till: Till) -> None:
    mara = known(till, licence=None)
    db.run("UPDATE id_document SET kind = 'licence' WHERE customer = ?", (mara.id,))
    with pytest.raises(SealedElsewhere):
        documents.of(till.shop, mara.id, by=till.ann)


@pytest.mark.requirement("T-18", "T-20")
def test_a_form_that_was_shown_no_documents_keeps_them_and_an_empty_one_deletes(till: Till) -> None:
    mara = known(till)
    renamed = customers.save(till.shop, replace(mara.form, name="Mara Neu", details=True), by=till.ann)
    assert documents.of(till.shop, mara.id, by=till.ann)[DocumentKind.LICENCE] == LICENCE
    less = customers.save(till.shop, replace(renamed.form, licence=NO_DOCUMENT, medical=MEDICAL), by=till.ann)
    assert documents.of(till.shop, mara.id, by=till.ann) == {
        DocumentKind.LICENCE: NO_DOCUMENT,
        DocumentKind.MEDICAL: MEDICAL,
    }
    (facts,) = db.row("SELECT facts FROM journal WHERE action = 'customer.changed' ORDER BY id DESC") or ("",)
    assert '"fields": ["licence"]' in facts
    customers.save(till.shop, replace(less.form, medical=NO_DOCUMENT), by=till.ann)
    assert db.rows("SELECT * FROM id_document") == db.rows("SELECT * FROM person_key") == []


def test_under_another_key_file_they_are_refused_and_a_save_without_them_loses_nothing(till: Till) -> None:
    mara = known(till)
    here, there = till.shop, elsewhere(till.shop)
    with pytest.raises(SealedElsewhere):
        documents.of(there, mara.id, by=till.ann)
    moved = customers.save(there, replace(mara.form, city="Bern"), by=till.ann)
    emptied = customers.save(there, replace(moved.form, licence=NO_DOCUMENT, medical=NO_DOCUMENT), by=till.ann)
    assert documents.of(here, mara.id, by=till.ann)[DocumentKind.MEDICAL] == MEDICAL
    new = IdDocument("NEW-1")
    with pytest.raises(SealedElsewhere):
        customers.save(there, replace(emptied.form, licence=new, name="Not saved"), by=till.ann)
    assert customers.get(here, mara.id, by=till.ann).form.name == "Mara Muster"
    customers.save(there, replace(emptied.form, licence=new, medical=new), by=till.ann)
    assert set(documents.of(there, mara.id, by=till.ann).values()) == {new}


def test_a_backup_opens_them_on_another_machine_because_the_key_file_is_in_it(till: Till, tmp_path: Path) -> None:
    path = tmp_path / "keys" / "kiosk.key"
    first = Keys.load_or_make(path)
    mara = customers.save(replace(till.shop, keys=first), CustomerForm(name="M", licence=LICENCE), by=till.ann)
    again = replace(till.shop, keys=Keys.load_or_make(path))
    assert documents.of(again, mara.id, by=till.ann)[DocumentKind.LICENCE] == LICENCE


@pytest.mark.requirement("N24")
def test_who_has_none_shows_what_somebody_merged_into_him_has_and_never_takes_it_over(till: Till) -> None:
    mara, ben = known(till), known(till, name="Ben Berg", licence=None, medical=None)
    db.run("UPDATE customer SET state = 'merged', merged_into = ? WHERE id = ?", (ben.id, mara.id))
    assert documents.of(till.shop, ben.id, by=till.ann)[DocumentKind.LICENCE] == LICENCE
    same = customers.save(till.shop, replace(ben.form, licence=LICENCE, medical=NO_DOCUMENT), by=till.ann)
    assert documents.of(till.shop, ben.id, by=till.ann) == {
        DocumentKind.LICENCE: LICENCE,
        DocumentKind.MEDICAL: NO_DOCUMENT,
    }
    assert [kind for (kind,) in db.rows("SELECT kind FROM id_document WHERE customer = ?", (same.id,))] == ["medical"]
    db.run("UPDATE customer SET state = 'active', merged_into = NULL WHERE id = ?", (mara.id,))
    assert documents.of(till.shop, mara.id, by=till.ann)[DocumentKind.MEDICAL] == MEDICAL
    assert set(documents.of(till.shop, ben.id, by=till.ann).values()) == {NO_DOCUMENT}
