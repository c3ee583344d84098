"""The settings that all tills share: who may, what can be, and that a past sale keeps its own (D8-07, N19)."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from kiosk import db
from kiosk.errors import BadSetting, Denied, NotFound
from kiosk.money import Percent
from kiosk.receipts.paper import as_text
from kiosk.rules import basket as baskets
from kiosk.rules.permissions import Action, Role, State
from kiosk.services import catalogue_tax, journal, receipt, settings, staff
from kiosk.services.catalogue_tax import Rate, TaxForm
from kiosk.services.shop import Shop, change_settings, current
from kiosk.services.staff import ROOT, PersonForm
from tests.services.journey import Till

pytestmark = pytest.mark.requirement("D8-07")

ROUNDS = 8


@pytest.fixture
def owner(shop: Shop) -> str:
    return staff.create(shop, PersonForm("Otto", Role.OWNER), by=ROOT, pin="4444").id


@pytest.mark.requirement("N19")
def test_the_receipt_of_a_past_sale_stays_as_it_was(till: Till) -> None:
    till.change(name="Old name", receipt_footer=["Thank you"], address=["1 High Street"])
    sold = till.sell(baskets.add(baskets.EMPTY, till.article("Bread", 450)), till.cash(450))
    before = receipt.document(till.shop, sold.sale)
    copy_before = receipt.document(till.shop, sold.sale, copy=1)
    for name, value in (
        ("name", "New name"),
        ("receipt_footer", "Merci; À bientôt"),
        ("address", ""),
        ("language", "fr"),
        ("zone", "Asia/Tokyo"),
        ("prices_include_tax", "no"),
    ):
        _before, _after, till.shop = settings.set_one(till.shop, name, value, by=ROOT)
    settings.set_tender(till.shop, "cash", by=ROOT, name="Espèces")
    rates = (*catalogue_tax.tax_codes(till.shop)[0].rates, Rate(till.shop.clock.today(), Percent(2500)))
    catalogue_tax.save_tax_code(till.shop, TaxForm("A", "Plein", rates), by=ROOT)
    till.shop = current(till.shop)
    assert receipt.document(till.shop, sold.sale) == before
    assert receipt.document(till.shop, sold.sale, copy=1) == copy_before
    again = till.sell(baskets.add(baskets.EMPTY, till.article("Rolls", 450)), till.cash(563))
    text = "\n".join(as_text(receipt.document(till.shop, again.sale), 42))
    assert "New name" in text
    assert "Old name" not in text
    assert db.rows("SELECT settings FROM sale ORDER BY number") == [(1,), (till.shop.settings_version,)]


def test_whoever_may_not_change_the_settings_does_not_read_them_either(till: Till) -> None:
    shop, before = till.shop, db.rows("SELECT * FROM setting")
    deeds: tuple[Callable[[], object], ...] = (
        lambda: settings.settings(shop, by=till.ann),
        lambda: settings.tenders(shop, by=till.ann),
        lambda: settings.set_one(shop, "name", "Ann's", by=till.ann),
        lambda: settings.set_one(shop, "no_such", "1", by=till.ann),
        lambda: settings.set_tender(shop, "cash", by=till.ann, name="Ann's"),
        lambda: settings.set_tender(shop, "no_such", by=till.ann, name="Ann's"),
        lambda: change_settings(shop, {"name": "Ann's"}, by=till.ann),
        lambda: staff.permission_table(shop, by=till.ann),
    )
    for deed in deeds:
        with pytest.raises(Denied) as denied:
            deed()
        assert denied.value == Denied(action=Action.EDIT_SETTINGS)
    assert db.rows("SELECT * FROM setting") == before
    assert journal.notes(shop, action="settings.changed") == ()
    assert journal.notes(shop, action="tender.changed") == ()


def test_a_change_names_who_made_it_and_both_values(shop: Shop, owner: str) -> None:
    before, after, changed = settings.set_one(shop, "lock_after_minutes", "5", by=owner)
    assert (before.value, after.value, changed.settings.lock_after_minutes) == (0, 5, 5)
    (note,) = journal.notes(shop, action="settings.changed")
    assert (note.by, note.facts) == (owner, {"name": "lock_after_minutes", "old": "0", "new": "5", "version": 1})


def test_what_cannot_be_changes_nothing(shop: Shop, owner: str) -> None:
    for name, value in (
        ("language", "xx"),
        ("notes", "5; -1"),
        ("lock_after_minutes", "1441"),
        ("zone", "Nowhere"),
        ("consent_phone", ""),
        ("consent_email", "x" * 501),
        ("dormant_days", "0"),
    ):
        with pytest.raises(BadSetting) as bad:
            settings.set_one(shop, name, value, by=owner)
        assert bad.value == BadSetting(name=name, value=value)
    with pytest.raises(NotFound):
        settings.set_one(shop, "no_such", "1", by=owner)
    assert db.rows("SELECT * FROM setting") == []


def test_another_till_notices_what_was_changed_and_loses_nothing(shop: Shop, owner: str) -> None:
    here = there = current(shop)
    assert current(here) is here
    _old, _new, there = settings.set_one(there, "name", "There", by=owner)
    _old, _new, here = settings.set_one(here, "zone", "Asia/Tokyo", by=owner)
    assert (here.settings.name, here.settings.zone, here.settings_version) == ("There", "Asia/Tokyo", 2)
    there = current(there)
    assert (there.settings, there.settings_version) == (here.settings, 2)
    assert there.clock.local(there.clock.now()).hour == 21
    assert current(there) is there
    assert (there.lane, there.keys, there.training) == (shop.lane, shop.keys, shop.training)


@pytest.mark.requirement("D3-01", "D2-01", "D7-02")
def test_means_of_payment_rates_and_rights_are_noticed_too(till: Till, owner: str) -> None:
    shop = till.shop
    for deed in (
        lambda: settings.set_tender(shop, "bank", by=owner, active=False),
        lambda: catalogue_tax.save_tax_code(
            shop, TaxForm("C", "New", (Rate(shop.clock.today(), Percent(0)),)), by=owner
        ),
        lambda: staff.set_permission(shop, Role.CASHIER, Action.DISCOUNT, State.DENIED, by=owner),
    ):
        before = current(till.shop)
        deed()
        till.shop = current(before)
        assert till.shop.settings_version == before.settings_version + 1
        assert till.shop.settings == before.settings
    settings.set_tender(shop, "bank", by=owner, active=False)
    assert current(till.shop) is till.shop


@pytest.mark.requirement("D3-01")
@pytest.mark.parametrize(
    ("code", "part", "value"),
    [
        ("cash", "active", False),
        ("cash", "change", False),
        ("cash", "refund", False),
        ("cash", "terminal", True),
        ("card", "change", True),
        ("bank", "change", True),
    ],
)
def test_a_means_of_payment_stays_what_it_is(till: Till, owner: str, code: str, part: str, value: bool) -> None:
    before = settings.tenders(till.shop, by=owner)
    with pytest.raises(BadSetting) as bad:
        settings.set_tender(till.shop, code, by=owner, **{part: value})  # type: ignore[arg-type]
    assert bad.value == BadSetting(name=f"{code}.{part}", value="yes" if value else "no")
    assert settings.tenders(till.shop, by=owner) == before


@pytest.mark.requirement("D3-01")
def test_whether_money_goes_back_by_a_means_of_payment_is_set(till: Till, owner: str) -> None:
    _before, after = settings.set_tender(till.shop, "ticket", by=owner, refund=True)
    assert after.refund
    assert db.row("SELECT refundable FROM tender WHERE code = 'ticket'") == (1,)
    assert till.tender("ticket").refundable


@pytest.mark.requirement("N19")
def test_two_tills_that_change_something_at_once_make_two_versions(shop: Shop, owner: str) -> None:
    """A version never means two things."""
    together, failed = threading.Barrier(2, timeout=20), list[BaseException]()

    def change(name: str) -> None:
        db.database.connect()
        try:
            for minutes in range(1, ROUNDS + 1):
                together.wait()
                settings.set_one(shop, name, str(minutes), by=owner)
        except BaseException as error:
            failed.append(error)
        finally:
            db.disconnect()

    threads = [threading.Thread(target=change, args=(name,)) for name in ("tax_id", "lock_after_minutes")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    versions = [version for (version,) in db.rows("SELECT version FROM setting ORDER BY version")]
    assert versions == list(range(1, 2 * ROUNDS + 1))
    now = current(shop)
    assert (now.settings.tax_id, now.settings.lock_after_minutes) == (str(ROUNDS), ROUNDS)
    assert now.settings_version == 2 * ROUNDS
