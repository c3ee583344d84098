"""Who a new customer may be already: asked before anybody is kept twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kiosk import db
from kiosk.errors import Denied, Invalid
from kiosk.rules.permissions import Action
from kiosk.services import customer_twins, customers
from kiosk.services.customer_rows import Customer, CustomerForm, Kind
from kiosk.services.customer_twins import MOST_TWINS, Same
from tests.services.journey import Till

pytestmark = pytest.mark.requirement("T-01")

BORN = date(1984, 11, 12)


def keep(till: Till, name: str = "", **more: object) -> Customer:
    return customers.save(till.shop, CustomerForm(name=name, **more), by=till.ann)  # type: ignore[arg-type]


def found(till: Till, name: str = "", **more: object) -> list[tuple[str, tuple[Same, ...]]]:
    """Who may be meant, and why."""
    form = CustomerForm(name=name, **more)  # type: ignore[arg-type]
    return [(one.called, one.same) for one in customer_twins.twins(till.shop, form, by=till.ann)]


def test_a_phone_an_e_mail_and_a_name_are_known_however_they_are_typed(till: Till) -> None:
    keep(till, "Zoë Käser", phone="030 1234567", email="Zoe@Example.org", birth_date=BORN, city="Berlin")
    keep(till, "Somebody Else", phone="030 7654321", email="else@example.org")
    assert found(till, "Other", phone="+49 (0)30/1234567") == [("Zoë Käser", (Same.PHONE,))]
    assert found(till, "Other", email="ZOE@example.ORG") == [("Zoë Käser", (Same.EMAIL,))]
    for name in ("Zoë Käser", "zoe kaser", "ZOE KAESER", "Käser, Zoë", "kaeser zoe"):
        assert found(till, name) == [("Zoë Käser", (Same.NAME,))], name
    assert found(till, "Kaeser Zoe", birth_date=BORN, phone="0301234567") == [
        ("Zoë Käser", (Same.PHONE, Same.BIRTH)),
    ]
    for name in ("Zoë", "Zoë Maria Käser", "Zoë Kaser-Muster", "Zo Kaser"):
        assert found(till, name) == [], name


def test_what_is_known_of_a_twin_is_told(till: Till) -> None:
    kept = keep(till, "Mara Muster", nickname="Mara", phone="030 1234567", birth_date=BORN, city="Berlin")
    (one,) = customer_twins.twins(till.shop, CustomerForm(name="Muster Mara"), by=till.ann)
    assert (one.id, one.number, one.called, one.name) == (kept.id, 1, "Mara", "Mara Muster")
    assert (one.city, one.birth_date, one.phone, one.banned) == ("Berlin", BORN, "+49301234567", False)


def test_father_and_son_are_two(till: Till) -> None:
    keep(till, "Jan Jansen", birth_date=date(1950, 1, 1))
    assert found(till, "Jan Jansen", birth_date=date(1980, 1, 1)) == []
    assert found(till, "Jan Jansen") == [("Jan Jansen", (Same.NAME,))]


def test_a_nickname_alone_and_a_company_are_names_too(till: Till) -> None:
    keep(till, nickname="Mara")
    keep(till, "Mara Muster", kind=Kind.COMPANY, company="Muster & Söhne GmbH")
    assert found(till, "mara") == [("Mara", (Same.NAME,))]
    company = CustomerForm(kind=Kind.COMPANY, company="MUSTER & SOEHNE GmbH", name="Someone")
    assert [one.called for one in customer_twins.twins(till.shop, company, by=till.ann)] == ["Muster & Söhne GmbH"]
    assert found(till, "Mara Muster") == []


def test_nobody_is_the_twin_of_himself_and_the_gone_are_nobodys(till: Till) -> None:
    mara = keep(till, "Mara Muster", phone="030 1234567")
    assert customer_twins.twins(till.shop, mara.form, by=till.ann) == ()
    erased = keep(till, "Anna Ander")
    with db.transaction():
        db.run("UPDATE customer SET state = 'erased' WHERE id = ?", (erased.id,))
    assert found(till, "Anna Ander") == []


@pytest.mark.requirement("N24")
def test_who_was_merged_is_shown_once_as_the_one_he_is_now(till: Till) -> None:
    kept, gone = keep(till, "Mara Muster", phone="030 1234567"), keep(till, "Mara Muster", email="m@example.org")
    with db.transaction():
        db.run("UPDATE customer SET state = 'merged', merged_into = ? WHERE id = ?", (kept.id, gone.id))
    form = CustomerForm(name="Muster Mara", email="M@example.org", phone="+49301234567")
    (one,) = customer_twins.twins(till.shop, form, by=till.ann)
    assert (one.id, one.same) == (kept.id, (Same.PHONE, Same.EMAIL, Same.NAME))
    assert customer_twins.twins(till.shop, replace(form, id=gone.id), by=till.ann) == ()


def test_the_likeliest_come_first_and_no_more_than_can_be_chosen(till: Till) -> None:
    for _one in range(MOST_TWINS + 3):
        keep(till, "Anna Müller")
    keep(till, "Anna Müller", birth_date=BORN)
    keep(till, "Peter", phone="030 1234567")
    listed = found(till, "Anna Müller", birth_date=BORN, phone="0301234567")
    assert len(listed) == MOST_TWINS
    assert listed[:3] == [("Peter", (Same.PHONE,)), ("Anna Müller", (Same.BIRTH,)), ("Anna Müller", (Same.NAME,))]


def test_what_saving_would_refuse_is_refused_and_nothing_is_kept(till: Till) -> None:
    with pytest.raises(Invalid) as refused:
        found(till, "Mara", phone="none")
    assert refused.value.field == "phone"
    with pytest.raises(Denied) as denied:
        customer_twins.twins(till.shop, CustomerForm(name="Mara"), by=till.technician)
    assert denied.value == Denied(action=Action.SEE_CUSTOMERS)
    assert db.rows("SELECT * FROM customer") == []


def test_no_look_up_reads_a_table(till: Till) -> None:
    explain = "EXPLAIN" if db.on_postgres() else "EXPLAIN QUERY PLAN"
    with db.transaction():
        if db.on_postgres():
            db.rows("SET LOCAL enable_seqscan = off")
        plans = [
            " ".join(str(row[-1]) for row in db.rows(f"{explain} {query}", params))
            for query, params in (
                (customer_twins._BY_ADDRESS, ("+49", "phone", 9)),
                (customer_twins._BY_KEY, ("n", 9)),
            )
        ]
    assert all(plans)
    if db.on_postgres():
        assert "Seq Scan" not in " ".join(plans)
    else:
        assert "SCAN" not in " ".join(plans)
        assert "TEMP B-TREE" not in " ".join(plans)
