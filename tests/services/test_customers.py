"""Customers at the register: what is typed of them is kept whole or refused, and no journal tells it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from kiosk import db
from kiosk.errors import (
    AlreadyTaken,
    Banned,
    ChangedMeanwhile,
    Denied,
    Erased,
    Invalid,
    Missing,
    NotFound,
    OutOfRange,
    ShopError,
)
from kiosk.rules import codes
from kiosk.rules.codes import CodeKind
from kiosk.rules.permissions import Action
from kiosk.services import cards, contacts, customers, documents, journal
from kiosk.services.customer_rows import Customer, CustomerForm, DocumentKind, IdDocument, Kind, read
from tests.services.conftest import FixedTime
from tests.services.journey import Till

HOSTILE = "[/x] \u202e\x1b[12;1n\u200b" + "A" * 10_000
CARD = "70012345"


def keep(till: Till, **form: Any) -> Customer:
    return customers.save(till.shop, CustomerForm(**form), by=till.ann)


def change(till: Till, one: Customer, **changes: Any) -> Customer:
    return customers.save(till.shop, replace(now(till, one).form, **changes), by=till.ann)


def now(till: Till, one: Customer) -> Customer:
    return customers.get(till.shop, one.id, by=till.ann)


def refusal(till: Till, **form: Any) -> ShopError:
    """What a new customer is refused for; nothing of him is kept."""
    before = everything()
    with pytest.raises(ShopError) as refused:
        keep(till, **form)
    assert everything() == before
    return refused.value


def everything() -> list[list[tuple[Any, ...]]]:
    tables = ("customer", "contact", "consent", "card", "customer_key", "name_word", "id_document", "journal")
    return [sorted(db.rows(f"SELECT * FROM {table}"), key=repr) for table in tables]


WHOLE = {
    "kind": Kind.PERSON, "name": "Mara Muster", "nickname": "Mara", "company": "Muster & Söhne",
    "vat_id": "DE136695976", "phone": "+49301234567", "email": "mara@example.org",
    "birth_date": date(1984, 11, 12), "type": "Wholesale",
    "language": "de", "street": "Hauptstraße 1", "postcode": "10115", "city": "Berlin", "country": "DE",
    "latitude": 52_520_008, "longitude": -13_404_954, "notes": "likes rye", "details": True,
    "phone_opt_in": True, "email_opt_in": True,
}  # fmt: skip


@pytest.mark.requirement("T-01", "T-18")
def test_everything_that_is_typed_is_kept(till: Till) -> None:
    licence = IdDocument("B072RRE2I55", "DE", date(2033, 1, 19))
    made = keep(till, **WHOLE, licence=licence, card=CARD)
    kept = now(till, made)
    for name, value in WHOLE.items():
        assert getattr(kept.form, name) == value, name
    assert (kept.number, kept.state, kept.banned, kept.cards) == (1, "active", None, (CARD,))
    assert (kept.called, kept.initial) == ("Mara", "M")
    assert documents.of(till.shop, made.id, by=till.ann)[DocumentKind.LICENCE] == licence
    assert keep(till, name="Next").number == 2


@pytest.mark.requirement("T-18")
def test_each_field_is_changed_by_itself_and_the_others_stay(till: Till) -> None:
    made = keep(till, **WHOLE)
    others = {
        "name": "Mara Neu", "nickname": "Mimi", "phone": "+49307654321", "email": "new@example.org",
        "birth_date": date(1985, 1, 1), "type": "Staff", "language": "fr", "street": "Rue 1", "city": "Paris",
        "notes": "", "details": False, "phone_opt_in": False, "company": "", "vat_id": "", "postcode": "75001",
    }  # fmt: skip
    for name, value in others.items():
        before = now(till, made).form
        after = change(till, made, **{name: value}).form
        assert after == replace(before, **{name: value}, changed_at=after.changed_at), name


@pytest.mark.requirement("T-02")
def test_a_name_or_a_nickname_is_enough(till: Till) -> None:
    assert keep(till, nickname="Mara").called == "Mara"
    assert keep(till, name="Mara Muster").called == "Mara Muster"
    for nothing in ({}, {"name": " ", "nickname": "\t\u200b"}, {"phone": "0301234567"}, {"company": "Muster"}):
        assert refusal(till, **nothing) == Missing(field="name")


@pytest.mark.requirement("Q-04")
def test_a_company_needs_its_own_name_or_somebodys(till: Till) -> None:
    assert refusal(till, kind=Kind.COMPANY) == Missing(field="company")
    muster = keep(till, kind=Kind.COMPANY, company="Muster GmbH", name="Mara Muster")
    assert (muster.called, muster.initial) == ("Muster GmbH", "M")
    assert keep(till, kind=Kind.COMPANY, name="Mara Muster").called == "Mara Muster"
    person = change(till, muster, kind=Kind.PERSON)
    assert (person.called, person.form.company) == ("Mara Muster", "Muster GmbH")


@pytest.mark.requirement("T-03", "T-04")
def test_a_yes_needs_an_address_and_each_its_own(till: Till) -> None:
    assert refusal(till, name="Mara", phone_opt_in=True, email="mara@example.org") == Missing(field="phone")
    assert refusal(till, name="Mara", email_opt_in=True, phone="0301234567") == Missing(field="email")
    made = keep(till, name="Mara", phone="0301234567", email="mara@example.org", email_opt_in=True)
    assert (made.form.phone_opt_in, made.form.email_opt_in) == (False, True)
    assert db.rows("SELECT channel, value, opt_in FROM contact ORDER BY channel") == [
        ("email", "mara@example.org", 1),
        ("phone", "+49301234567", 0),
    ]
    with pytest.raises(Missing):
        change(till, made, email="")
    assert change(till, made, email="", email_opt_in=False).form.email == ""
    assert db.rows("SELECT channel FROM contact") == [("phone",)]


@pytest.mark.requirement("T-05")
def test_a_birth_is_past_and_of_somebody_alive(till: Till) -> None:
    today = till.shop.clock.today()
    assert keep(till, name="Baby", birth_date=today).form.birth_date == today
    for day in (today + timedelta(days=1), date(1879, 12, 31), date(9999, 1, 1)):
        assert refusal(till, name="Mara", birth_date=day) == Invalid(field="birth_date", value=day.isoformat())


@pytest.mark.requirement("T-06", "T-07")
def test_papers_may_be_missing_in_part_or_expired(till: Till) -> None:
    today = till.shop.clock.today()
    made = keep(till, name="Mara", licence=IdDocument(), medical=IdDocument())
    assert db.rows("SELECT * FROM id_document") == []
    expired = IdDocument("B072", "", today - timedelta(days=1))
    change(till, made, licence=expired, medical=IdDocument(expiry=today))
    kept = documents.of(till.shop, made.id, by=till.ann)
    assert kept == {DocumentKind.LICENCE: expired, DocumentKind.MEDICAL: IdDocument(expiry=today)}
    assert (expired.expired(today), kept[DocumentKind.MEDICAL].expired(today)) == (True, False)


@pytest.mark.requirement("T-20")
def test_the_switch_hides_and_keeps(till: Till) -> None:
    licence = IdDocument("B072RRE2I55", "DE", date(2033, 1, 19))
    made = keep(till, name="Mara", details=True, licence=licence)
    off = change(till, made, details=False)
    assert off.form.details is False
    assert documents.of(till.shop, made.id, by=till.ann)[DocumentKind.LICENCE] == licence


@pytest.mark.requirement("T-19")
def test_a_type_is_one_of_the_shops_and_its_change_is_dated_and_journalled(till: Till, time: FixedTime) -> None:
    made = keep(till, name="Mara", type="Regular")
    assert refusal(till, name="Ben", type="No such") == Invalid(field="type", value="No such")
    till.change(customer_types=["Friends", "Staff"])
    assert change(till, made, notes="moved").form.type == "Regular"
    assert refusal(till, name="Ben", type="Regular") == Invalid(field="type", value="Regular")
    time.move(hours=3)
    change(till, made, type="Friends")
    with pytest.raises(Invalid):
        change(till, made, type="Regular")
    (note,) = journal.notes(till.shop, action="customer.type")
    assert (note.by, note.facts) == (till.ann, {"customer": made.id, "before": "Regular", "after": "Friends"})
    assert note.at == till.shop.clock.millis()
    assert now(till, made).form.type == "Friends"


def test_coordinates_come_in_pairs_and_lie_on_the_earth(till: Till) -> None:
    assert refusal(till, name="Mara", latitude=1) == Missing(field="longitude")
    assert refusal(till, name="Mara", longitude=0) == Missing(field="latitude")
    assert refusal(till, name="Mara", latitude=90_000_001, longitude=0) == OutOfRange(
        field="latitude", value="90000001", lowest="-90", highest="90"
    )
    assert isinstance(refusal(till, name="Mara", latitude=0, longitude=-180_000_001), OutOfRange)
    made = keep(till, name="Pole", latitude=-90_000_000, longitude=180_000_000)
    assert (made.form.latitude, made.form.longitude) == (-90_000_000, 180_000_000)


@pytest.mark.requirement("T-03")
@pytest.mark.parametrize(
    ("text", "country", "kept"),
    [
        ("030 1234567", "DE", "+49301234567"),
        ("+49 (0)30 / 123-45.67", "FR", "+49301234567"),
        ("0049 30 1234567", "DE", "+49301234567"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("06-12345678", "NL", "+31612345678"),
        ("079 123 45 67", "CH", "+41791234567"),
        ("  ", "DE", ""),
    ],
)
def test_phones_are_kept_as_the_world_dials_them(text: str, country: str, kept: str) -> None:
    assert contacts.kept_phone(text, country) == kept
    assert contacts.kept_phone(contacts.shown_phone(kept, country), country) == kept


@pytest.mark.requirement("T-03")
@pytest.mark.parametrize("text", ["12", "none", "+1 555 1234", "0" * 300, "[/x]", "+", "030 1234567 030 1234567"])
def test_what_nobody_can_call_is_no_phone(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        contacts.kept_phone(text, "DE")
    assert refused.value.field == "phone"


@pytest.mark.requirement("T-04")
def test_e_mail_addresses_are_checked(till: Till) -> None:
    assert contacts.kept_email(" Mara@EXAMPLE.org ") == "Mara@example.org"
    for text in ("mara", "mara@", "@example.org", "a b@example.org", "mara@example", "x" * 300 + "@example.org"):
        error = refusal(till, name="Mara", email=text)
        assert isinstance(error, Invalid)
        assert error.field == "email"


@pytest.mark.parametrize(
    ("text", "country", "kept"),
    [
        ("DE 136 695 976", "FR", "DE136695976"),
        ("de136695976", "DE", "DE136695976"),
        ("CHE-107.787.577 IVA", "CH", "CHE107787577IVA"),
        ("NL4495445B01", "NL", "NL004495445B01"),
        ("", "DE", ""),
    ],
)
def test_vat_numbers_are_kept_alike_however_they_are_typed(text: str, country: str, kept: str) -> None:
    assert contacts.kept_vat_id(text, country) == kept
    for wrong in ("DE136695977", "[/x]", "1" * 40):
        with pytest.raises(Invalid) as refused:
            contacts.kept_vat_id(wrong, country)
        assert refused.value.field == "vat_id"


@pytest.mark.requirement("U-09")
def test_a_card_is_issued_with_the_save_and_never_twice(till: Till) -> None:
    mara = keep(till, name="Mara", card=f" {CARD} ")
    assert db.rows("SELECT code, kind, state, customer, issued_by FROM card") == [
        (CARD, "bonus", "active", mara.id, till.ann)
    ]
    assert customers.by_code(till.shop, CARD) == cards.holder(till.shop, CARD) == mara.id
    assert refusal(till, name="Ben", card=CARD) == AlreadyTaken(what="card", code=CARD)
    bread = "4006381333931"
    till.article("Bread", 450, barcodes=(bread,))
    assert refusal(till, name="Ben", card=bread) == AlreadyTaken(what="card", code=bread)
    with db.transaction():
        db.run("UPDATE card SET state = 'closed'")
    assert customers.by_code(till.shop, CARD) is None
    assert refusal(till, name="Ben", card=CARD) == AlreadyTaken(what="card", code=CARD)
    assert change(till, mara, card="ABC-9").cards == ("ABC-9",)


@pytest.mark.requirement("U-09")
@pytest.mark.parametrize(
    "code",
    ["1234", "12 ab", "x" * 33, "kä-12345", codes.make(CodeKind.BADGE, 1), codes.make(CodeKind.CUSTOMER, 1),
     codes.make_label("28", "123", 500), "12345\x1b"],
)  # fmt: skip
def test_what_no_card_can_bear_is_refused_and_not_repeated(till: Till, code: str) -> None:
    assert refusal(till, name="Mara", card=code) == Invalid(field="card", value="")


@pytest.mark.requirement("U-03", "T-09")
def test_the_tills_own_code_stands_for_the_customer(till: Till) -> None:
    mara = keep(till, name="Mara")
    assert customers.by_code(till.shop, codes.make(CodeKind.CUSTOMER, mara.number)) == mara.id
    assert customers.by_code(till.shop, codes.make(CodeKind.CUSTOMER, 77)) is None
    assert customers.by_code(till.shop, "4006381333931") is None
    assert db.rows("SELECT * FROM card") == []


@pytest.mark.requirement("N11")
def test_the_journal_names_what_changed_and_tells_nothing_of_it(till: Till) -> None:
    made = keep(till, **WHOLE, licence=IdDocument("B072RRE2I55", "DE", date(2033, 1, 19)), card=CARD)
    change(till, made, name="Other Name", phone="0307654321", birth_date=None, notes="secret", licence=IdDocument())
    created, changed = (journal.notes(till.shop, action=f"customer.{one}") for one in ("created", "changed"))
    assert [one.facts for one in created] == [{"customer": made.id, "number": 1}]
    assert [one.facts for one in changed] == [
        {"customer": made.id, "fields": ["birth_date", "licence", "name", "notes", "phone"]}
    ]
    told = str(db.rows("SELECT * FROM journal"))
    for value in ("Mara", "Muster", "1234567", "7654321", "example", "1984", "B072", "secret", CARD, "Other", "Berlin"):
        assert value not in told, value


def test_saving_what_is_kept_already_changes_nothing_and_says_nothing(till: Till) -> None:
    made = keep(till, **WHOLE)
    before = everything()
    after = change(till, made)
    assert replace(after.form, changed_at=0) == replace(made.form, changed_at=0)
    assert everything()[1:] == before[1:]


def test_nobody_overwrites_what_somebody_else_has_just_saved(till: Till) -> None:
    made = keep(till, name="Mara")
    stale = now(till, made)
    change(till, made, notes="of the other till")
    with pytest.raises(ChangedMeanwhile) as refused:
        customers.save(till.shop, replace(stale.form, notes="mine"), by=till.ann)
    assert refused.value == ChangedMeanwhile(what="customer")
    # It is the write itself that sees it: between the look and the write of one deed another till may be faster.
    with pytest.raises(ChangedMeanwhile), db.transaction():
        customers.put_in(
            till.shop, stale, replace(stale.form, notes="mine", phone="+49301234567"), by=till.ann, source=""
        )
    assert (now(till, made).form.notes, now(till, made).form.phone) == ("of the other till", "")


def test_who_is_gone_or_somebody_else_now_is_not_changed(till: Till) -> None:
    mara, ben = keep(till, name="Mara"), keep(till, name="Ben")
    with pytest.raises(NotFound):
        customers.save(till.shop, replace(mara.form, id="nobody"), by=till.ann)
    with db.transaction():
        db.run("UPDATE customer SET state = 'merged', merged_into = ? WHERE id = ?", (ben.id, mara.id))
    with pytest.raises(ChangedMeanwhile):
        customers.save(till.shop, replace(mara.form, notes="x"), by=till.ann)
    for state in ("erased", "withdrawn"):
        gone = keep(till, name="Gone")
        with db.transaction():
            db.run("UPDATE customer SET state = ? WHERE id = ?", (state, gone.id))
        for deed in (
            lambda form=gone.form: customers.save(till.shop, form, by=till.ann),
            lambda form=gone.form: customers.to_serve(till.shop, str(form.id), by=till.ann),
        ):
            with pytest.raises(Erased):
                deed()
    assert [row[0] for row in db.rows("SELECT notes FROM customer ORDER BY number")] == ["", "", "", ""]


@pytest.mark.requirement("T-22")
def test_who_is_banned_is_refused_with_the_reason_and_still_changed(till: Till) -> None:
    mara = keep(till, name="Mara")
    with db.transaction():
        db.run("UPDATE customer SET banned = 'Stole' WHERE id = ?", (mara.id,))
    with pytest.raises(Banned) as banned:
        customers.to_serve(till.shop, mara.id, by=till.ann)
    assert banned.value == Banned(reason="Stole")
    assert [note.facts for note in journal.notes(till.shop, action="customer.refused")] == [{"customer": mara.id}]
    assert change(till, mara, notes="came back").banned == "Stole"


@pytest.mark.requirement("D7-02")
def test_who_may_not_see_customers_neither_keeps_nor_sees_one(till: Till) -> None:
    mara = keep(till, name="Mara")
    deeds = {
        Action.EDIT_CUSTOMERS: lambda: customers.save(till.shop, CustomerForm(name="New"), by=till.technician),
        Action.SEE_CUSTOMERS: lambda: customers.get(till.shop, mara.id, by=till.technician),
    }
    for action, deed in deeds.items():
        with pytest.raises(Denied) as denied:
            deed()
        assert denied.value == Denied(action=action)
    assert db.rows("SELECT number FROM customer") == [(1,)]


TEXTS = ("name", "nickname", "company", "street", "postcode", "city", "notes", "country")


def test_hostile_texts_are_kept_clean_and_no_longer_than_they_may_be(till: Till) -> None:
    made = keep(till, **dict.fromkeys(TEXTS, HOSTILE), licence=IdDocument(HOSTILE, HOSTILE))
    kept = now(till, made).form
    assert kept.name.startswith("[/x] [12;1nAAA")
    lengths = {name: len(getattr(kept, name)) for name in TEXTS}
    assert lengths == {**dict.fromkeys(TEXTS, 80), "notes": 500, "country": 2}
    assert len(documents.of(till.shop, made.id, by=till.ann)[DocumentKind.LICENCE].number) == 40
    assert not {"\x1b", "\u202e", "\u200b"} & set(repr(db.rows("SELECT * FROM customer")))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.fixed_dictionaries({name: some.text(max_size=30) for name in (*TEXTS, "phone", "email", "vat_id", "card")}))
def test_whatever_is_typed_is_kept_as_it_is_checked_or_refused_whole(till: Till, texts: dict[str, str]) -> None:
    count = db.rows("SELECT COUNT(*) FROM customer")[0][0]
    form = CustomerForm(**texts)  # type: ignore[arg-type]
    try:
        made = customers.save(till.shop, form, by=till.ann)
    except (Missing, Invalid, AlreadyTaken):
        assert db.rows("SELECT COUNT(*) FROM customer") == [(count,)]
        return
    checked = customers.checked(till.shop, form)
    kept = read([made.id])[made.id].form
    assert replace(kept, id=None, changed_at=0) == replace(checked, card="", licence=None, medical=None)
    assert customers.checked(till.shop, kept) == kept
