"""A fresh shop has what its country asks, once."""

from __future__ import annotations

import pytest

from kiosk import db
from kiosk.errors import Invalid
from kiosk.i18n import LANGUAGES
from kiosk.money import Percent
from kiosk.rules.tender import Tender, TenderKind
from kiosk.services import catalogue_tax, defaults, journal, sales, staff
from kiosk.services.shop import Shop, ShopSettings, change_settings, read_settings
from tests.services.conftest import FixedTime


def everything() -> list[object]:
    return [
        db.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in ("tax", "tax_rate", "tender", "setting", "journal")
    ]


@pytest.mark.requirement("D8-07")
@pytest.mark.parametrize(
    ("country", "rates", "currency", "step"),
    [
        ("DE", {"A": 1900, "B": 700, "Z": 0}, "EUR", 1),
        ("FR", {"A": 2000, "B": 550, "C": 1000, "D": 210, "Z": 0}, "EUR", 1),
        ("IT", {"A": 2200, "B": 1000, "C": 500, "D": 400, "Z": 0}, "EUR", 5),
        ("NL", {"A": 2100, "B": 900, "Z": 0}, "EUR", 5),
        ("BE", {"A": 2100, "B": 600, "C": 1200, "Z": 0}, "EUR", 5),
        ("AT", {"A": 2000, "B": 1000, "C": 1300, "Z": 0}, "EUR", 1),
        ("CH", {"A": 810, "B": 260, "C": 380, "Z": 0}, "CHF", 5),
        ("LU", {"A": 1700, "B": 800, "C": 300, "D": 1400, "Z": 0}, "EUR", 1),
    ],
)
def test_a_fresh_shop_has_what_its_country_asks(
    shop: Shop, country: str, rates: dict[str, int], currency: str, step: int
) -> None:
    made = defaults.prepare(shop, country.lower(), by=staff.ROOT)
    assert {tax.code: tax.percent.hundredths for tax in catalogue_tax.tax_codes(made)} == rates
    assert [tax.code for tax in catalogue_tax.tax_codes(made)] == list(rates)
    assert (made.settings.country, made.settings.currency, made.settings.cash_step) == (country, currency, step)
    assert made.settings == read_settings()[0]
    assert str(made.clock.zone) == made.settings.zone
    before = everything()
    assert defaults.prepare(made, country, by=staff.ROOT) == made
    assert everything() == before
    assert len(journal.notes(made, action="shop.prepared")) == 1


@pytest.mark.requirement("D3-01")
def test_a_fresh_shop_takes_cash_cards_tickets_transfers_and_credit_notes(shop: Shop) -> None:
    made = defaults.prepare(change_settings(shop, {"language": "en"}, by=staff.ROOT), "DE", by=staff.ROOT)
    assert sales.tenders(made) == (
        Tender("cash", "Cash", TenderKind.CASH, True, True, True, False),
        Tender("card", "Bank card", TenderKind.CARD, False, False, True, True),
        Tender("ticket", "Meal ticket", TenderKind.TICKET, True, False, False, False),
        Tender("bank", "Bank transfer", TenderKind.BANK, False, False, True, False),
        Tender("voucher", "Credit note", TenderKind.VOUCHER, False, False, True, False),
    )


@pytest.mark.requirement("D2-01")
def test_past_rates_are_known_by_their_dates(shop: Shop, time: FixedTime) -> None:
    made = defaults.prepare(shop, "DE", by=staff.ROOT)
    time.now = time.now.replace(year=2020, month=8)
    assert {tax.code: tax.percent for tax in catalogue_tax.tax_codes(made)}["A"] == Percent(1600)


@pytest.mark.requirement("D8-07")
def test_what_the_shop_has_said_already_stays(shop: Shop) -> None:
    shop = change_settings(shop, {"language": "nl", "cash_step": 10}, by=staff.ROOT)
    with db.transaction():
        db.run("INSERT INTO tax (code, name, position) VALUES ('A', 'Own', 1)")
        db.run("INSERT INTO tax_rate (tax, valid_from, rate) VALUES ('A', '2020-01-01', 123)")
        db.run("INSERT INTO tender (code, name, kind, position) VALUES ('cash', 'Geld', 'cash', 9)")
    made = defaults.prepare(shop, "FR", by=staff.ROOT)
    assert (made.settings.language, made.settings.cash_step, made.settings.country) == ("nl", 10, "FR")
    assert {tax.code: (tax.name, tax.percent.hundredths) for tax in catalogue_tax.tax_codes(made)}["A"] == ("Own", 123)
    assert [(tender.code, tender.name) for tender in sales.tenders(made)] == [
        ("card", "Pin"), ("ticket", "Maaltijdcheque"), ("bank", "Overschrijving"), ("voucher", "Tegoedbon"),
        ("cash", "Geld"),
    ]  # fmt: skip


@pytest.mark.requirement("D8-07")
def test_reasons_are_the_shops_own_words_in_its_language(shop: Shop) -> None:
    shop = change_settings(shop, {"return_reasons": ["Kaputt"]}, by=staff.ROOT)
    made = defaults.prepare(shop, "AT", by=staff.ROOT)
    assert made.settings.discount_reasons == ("Stammkunde", "Beschädigt", "Personal", "Kulanz")
    assert made.settings.return_reasons == ("Kaputt",)
    assert made.settings.customer_types == ("Stammkunde", "Personal", "Großhandel")
    assert made.settings.consent_email.startswith("Ich bin mit E-Mails")
    assert defaults._OWN_WORDS["consent_phone"]["en"] == ShopSettings().consent_phone
    assert defaults._OWN_WORDS["consent_email"]["en"] == ShopSettings().consent_email
    for name, spoken in defaults._OWN_WORDS.items():
        assert set(spoken) == set(LANGUAGES), name
        assert len({len(words) for words in spoken.values() if isinstance(words, tuple)}) < 2, name


def test_an_unknown_country_is_refused_and_changes_nothing(shop: Shop) -> None:
    with pytest.raises(Invalid) as refused:
        defaults.prepare(shop, "XX", by=staff.ROOT)
    assert refused.value == Invalid(field="country", value="XX")
    assert db.rows("SELECT * FROM tax") == db.rows("SELECT * FROM setting") == []
