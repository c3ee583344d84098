"""What customers agreed to: a row for each yes and no, which never changes, and without which nobody is written to."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from kiosk import db
from kiosk.errors import Denied, NoConsent, NotFound
from kiosk.receipts.paper import as_text
from kiosk.rules.permissions import Action, Role
from kiosk.services import consents, customers, journal, printing
from kiosk.services.customer_rows import Channel, Customer, CustomerForm
from tests.services.conftest import FixedTime
from tests.services.journey import Till

pytestmark = pytest.mark.requirement("N20", "T-03", "T-04")

PHONE, EMAIL = Channel.PHONE, Channel.EMAIL


def keep(till: Till, **form: Any) -> Customer:
    return customers.save(till.shop, CustomerForm(name="Mara", **form), by=till.ann)


def change(till: Till, one: Customer, by: str = "", **changes: Any) -> Customer:
    now = customers.get(till.shop, one.id, by=till.ann).form
    return customers.save(till.shop, replace(now, **changes), by=by or till.ann)


def said(till: Till, one: Customer) -> list[tuple[Channel, bool, bool]]:
    """Channel, yes or no, and whether it was said of the address of now; the oldest first."""
    found = consents.history(till.shop, one.id, by=till.ann)
    return [(each.channel, each.given, each.of_now) for each in reversed(found)]


def may_write(till: Till, one: Customer) -> dict[Channel, str | None]:
    """The address by which he may be written to."""
    found: dict[Channel, str | None] = {}
    for channel in Channel:
        try:
            found[channel] = consents.check(till.shop, one.id, channel)
        except NoConsent:
            found[channel] = None
    return found


def test_each_yes_and_no_is_a_row_with_its_time_its_words_and_who_took_it_down(till: Till, time: FixedTime) -> None:
    ben = till.person("Ben Brown", Role.CASHIER)
    mara = keep(till, phone="0301234567", phone_opt_in=True)
    first = till.shop.clock.millis()
    time.move(hours=1)
    change(till, mara, by=ben, phone_opt_in=False)
    no, yes = consents.history(till.shop, mara.id, by=till.ann)
    words = till.shop.settings.consent_phone
    assert (yes.channel, yes.given, yes.at, yes.by, yes.who) == (PHONE, True, first, till.ann, "Ann Archer")
    assert (no.channel, no.given, no.at, no.by, no.who) == (PHONE, False, first + 3_600_000, ben, "Ben Brown")
    assert {(one.lane, one.wording, one.source, one.version) for one in (no, yes)} == {("R1", words, "till", 0)}


def test_phone_and_e_mail_are_agreed_to_apart(till: Till) -> None:
    mara = keep(till, phone="0301234567", email="mara@example.org", email_opt_in=True)
    assert said(till, mara) == [(EMAIL, True, True)]
    assert may_write(till, mara) == {PHONE: None, EMAIL: "mara@example.org"}
    change(till, mara, phone_opt_in=True, email_opt_in=False)
    assert may_write(till, mara) == {PHONE: "+49301234567", EMAIL: None}
    assert said(till, mara) == [(EMAIL, True, True), (PHONE, True, True), (EMAIL, False, True)]


def test_what_nobody_was_asked_is_no_row(till: Till) -> None:
    mara = keep(till, phone="0301234567", email="mara@example.org")
    change(till, mara, notes="likes rye")
    assert said(till, mara) == []
    with pytest.raises(NoConsent) as refused:
        consents.check(till.shop, mara.id, EMAIL)
    assert refused.value == NoConsent(channel="email")
    assert may_write(till, mara) == {PHONE: None, EMAIL: None}


def test_saving_the_same_again_says_nothing_anew(till: Till) -> None:
    mara = keep(till, phone="0301234567", phone_opt_in=True)
    change(till, mara, notes="likes rye", phone="+49 30 1234567")
    assert said(till, mara) == [(PHONE, True, True)]


def test_another_address_is_agreed_to_anew(till: Till) -> None:
    mara = keep(till, phone="0301234567", phone_opt_in=True)
    change(till, mara, phone="0307654321", phone_opt_in=False)
    assert said(till, mara) == [(PHONE, True, False), (PHONE, False, False)]
    assert may_write(till, mara)[PHONE] is None
    change(till, mara, phone_opt_in=True)
    assert may_write(till, mara)[PHONE] == "+49307654321"
    change(till, mara, phone="0301234567")
    assert said(till, mara)[2:] == [(PHONE, True, False), (PHONE, False, False), (PHONE, True, True)]
    assert may_write(till, mara)[PHONE] == "+49301234567"


def test_an_address_that_goes_takes_its_consent_along(till: Till) -> None:
    mara = keep(till, email="mara@example.org", email_opt_in=True)
    change(till, mara, email="", email_opt_in=False)
    assert said(till, mara) == [(EMAIL, True, False), (EMAIL, False, False)]
    assert may_write(till, mara)[EMAIL] is None


def test_a_changed_wording_is_a_new_version_and_the_old_words_stay(till: Till) -> None:
    mara = keep(till, phone="0301234567", phone_opt_in=True)
    old = till.shop.settings.consent_phone
    till.change(consent_phone="Yes to everything.")
    keep(till, phone="0307654321", phone_opt_in=True)
    ben = db.rows("SELECT id FROM customer WHERE number = 2")[0][0]
    (of_mara,), (of_ben,) = (consents.history(till.shop, one, by=till.ann) for one in (mara.id, ben))
    assert (of_mara.wording, of_mara.version) == (old, 0)
    assert (of_ben.wording, of_ben.version) == ("Yes to everything.", till.shop.settings_version)
    assert may_write(till, mara)[PHONE] == "+49301234567"


@pytest.mark.parametrize(
    "statement",
    ["UPDATE consent SET given = 1", "UPDATE consent SET about = ''", "DELETE FROM consent"],
)
def test_no_row_is_changed_or_deleted(till: Till, statement: str) -> None:
    mara = keep(till, phone="0301234567", phone_opt_in=True)
    change(till, mara, phone_opt_in=False)
    before = db.rows("SELECT * FROM consent ORDER BY id")
    with pytest.raises(Exception, match=r"not authorized|permission denied"), db.transaction():
        db.run(statement)
    if not db.on_postgres():
        with (
            closing(sqlite3.connect(db.database.database)) as stranger,
            pytest.raises(sqlite3.IntegrityError, match="consent is never changed or deleted"),
        ):
            stranger.execute(statement)
    assert db.rows("SELECT * FROM consent ORDER BY id") == before
    assert len(before) == 2


def test_a_no_counts_whatever_came_after_it_in_the_order_of_ids(till: Till) -> None:
    """Another till's clock may run ahead: then its yes has the higher id, and the no of now still holds."""
    mara = keep(till, phone="0301234567", phone_opt_in=True)
    late = ("zz" + mara.id, mara.id, consents.digest(till.shop, "+49301234567"), till.ann)
    with db.transaction():
        db.run(
            'INSERT INTO consent (id, customer, channel, given, about, wording, source, at, lane, "by") '
            "VALUES (?, ?, 'phone', 1, ?, 0, 'till', 1, 'R2', ?)",
            late,
        )
    change(till, mara, phone_opt_in=False)
    assert may_write(till, mara)[PHONE] is None


def test_the_row_of_a_consent_bears_no_address(till: Till) -> None:
    keep(till, phone="0301234567", phone_opt_in=True, email="mara@example.org", email_opt_in=True)
    kept = str(db.rows("SELECT * FROM consent"))
    for part in ("301234567", "mara@", "example", "Mara"):
        assert part not in kept


def test_the_printed_proof_has_the_words_and_the_queue_no_name(till: Till, time: FixedTime) -> None:
    mara = keep(till, phone="0301234567", phone_opt_in=True)
    time.move(hours=1)
    change(till, mara, phone="0307654321", phone_opt_in=False)
    consents.print_proof(till.shop, mara.id, by=till.ann)
    assert db.rows("SELECT kind, document, drawer, sale FROM print_job") == [("consents", mara.id, "no", None)]
    job = printing.next_job(till.shop)
    assert job is not None
    paper = as_text(job.document, 42)
    assert [line.strip() for line in paper if "Mara" in line] == [f"Mara{'#1':>38}"]
    assert [line.split()[-1] for line in paper if line.startswith("News by phone")] == ["no", "yes"]
    assert paper.count("a former number or address") == 2
    assert [line for line in paper if "Ann Archer" in line] == [
        f"Ann Archer{'20/11/2026 14:00':>32}",
        f"Ann Archer{'20/11/2026 13:00':>32}",
    ]
    assert " ".join(paper).count("I agree to messages with news and offers") == 2
    (note,) = journal.notes(till.shop, action="customer.consents_printed")
    assert (note.by, note.facts) == (till.ann, {"customer": mara.id})


def test_who_may_not_see_customers_sees_and_prints_nothing(till: Till) -> None:
    mara = keep(till, phone="0301234567", phone_opt_in=True)
    for deed in (consents.history, consents.print_proof):
        with pytest.raises(Denied) as denied:
            deed(till.shop, mara.id, by=till.technician)
        assert denied.value == Denied(action=Action.SEE_CUSTOMERS)
    with pytest.raises(NotFound):
        consents.print_proof(till.shop, "nobody", by=till.ann)
    assert db.rows("SELECT * FROM print_job") == []
