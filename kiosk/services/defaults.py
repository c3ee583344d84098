"""What a fresh shop has: the tax codes and coins of its country, and means of payment (D8-07, D3-01).

Rates are those in force, with the day from which they are; where a rate was
another one within the last years, that one too. Sources: the finance
ministries' tables of value added tax rates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from kiosk import db
from kiosk.errors import Invalid
from kiosk.money import Percent
from kiosk.rules.tender import TenderKind
from kiosk.services.catalogue_tax import Rate, TaxForm
from kiosk.services.journal import add_note
from kiosk.services.shop import Shop, change_settings

EXEMPT: Final = "Z"
"""The tax code without tax."""


@dataclass(frozen=True, slots=True)
class CountryDefaults:
    """What a country asks of a till."""

    country: str
    language: str
    zone: str
    taxes: tuple[TaxForm, ...]
    currency: str = "EUR"
    decimals: int = 2
    cash_step: int = 1
    """The smallest amount that is paid in cash, in minor units (E41)."""
    notes: tuple[int, ...] = (500, 1000, 2000, 5000)

    def settings(self) -> dict[str, Any]:
        """The shop's settings that follow from the country."""
        return {
            "country": self.country,
            "language": self.language,
            "zone": self.zone,
            "currency": self.currency,
            "decimals": self.decimals,
            "cash_step": self.cash_step,
            "notes": self.notes,
            "prices_include_tax": True,
        }


@dataclass(frozen=True, slots=True)
class _TenderDefault:
    code: str
    kind: TenderKind
    names: Mapping[str, str]
    opens_drawer: bool = False
    gives_change: bool = False
    refundable: bool = True
    asks_terminal: bool = False


_TENDERS: Final = (
    _TenderDefault(
        "cash",
        TenderKind.CASH,
        {"en": "Cash", "de": "Bar", "fr": "Espèces", "it": "Contanti", "nl": "Contant"},
        opens_drawer=True,
        gives_change=True,
    ),
    _TenderDefault(
        "card",
        TenderKind.CARD,
        {"en": "Bank card", "de": "Karte", "fr": "Carte bancaire", "it": "Carta", "nl": "Pin"},
        asks_terminal=True,
    ),
    _TenderDefault(
        "ticket",
        TenderKind.TICKET,
        {
            "en": "Meal ticket",
            "de": "Essensgutschein",
            "fr": "Ticket restaurant",
            "it": "Buono pasto",
            "nl": "Maaltijdcheque",
        },
        opens_drawer=True,
        refundable=False,
    ),
    _TenderDefault(
        "bank",
        TenderKind.BANK,
        {"en": "Bank transfer", "de": "Überweisung", "fr": "Virement", "it": "Bonifico", "nl": "Overschrijving"},
    ),
    _TenderDefault(
        "voucher",
        TenderKind.VOUCHER,
        {"en": "Credit note", "de": "Gutschrift", "fr": "Avoir", "it": "Buono di credito", "nl": "Tegoedbon"},
    ),
)


_DISCOUNT_REASONS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("Regular", "Damaged", "Staff", "Goodwill"),
    "de": ("Stammkunde", "Beschädigt", "Personal", "Kulanz"),
    "fr": ("Client fidèle", "Abîmé", "Personnel", "Geste commercial"),
    "it": ("Cliente abituale", "Danneggiato", "Personale", "Cortesia"),
    "nl": ("Vaste klant", "Beschadigd", "Personeel", "Coulance"),
}
_RETURN_REASONS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("Wrong size", "Faulty", "Not wanted", "Goodwill"),
    "de": ("Falsche Größe", "Mangel", "Gefällt nicht", "Kulanz"),
    "fr": ("Mauvaise taille", "Défaut", "Ne plaît pas", "Geste commercial"),
    "it": ("Taglia sbagliata", "Difetto", "Non piace", "Cortesia"),
    "nl": ("Verkeerde maat", "Gebrek", "Bevalt niet", "Coulance"),
}
_CUSTOMER_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("Regular", "Staff", "Wholesale"),
    "de": ("Stammkunde", "Personal", "Großhandel"),
    "fr": ("Client fidèle", "Personnel", "Grossiste"),
    "it": ("Cliente abituale", "Personale", "Ingrosso"),
    "nl": ("Vaste klant", "Personeel", "Groothandel"),
}
_POINTS_REASONS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("Goodwill", "Correction", "Complaint"),
    "de": ("Kulanz", "Korrektur", "Reklamation"),
    "fr": ("Geste commercial", "Correction", "Réclamation"),
    "it": ("Cortesia", "Correzione", "Reclamo"),
    "nl": ("Coulance", "Correctie", "Klacht"),
}
_CONSENT_PHONE: Final[Mapping[str, str]] = {
    "en": "I agree to messages with news and offers to my phone. I can withdraw this at any time.",
    "de": "Ich bin mit Nachrichten über Neues und Angebote auf mein Telefon einverstanden. "
    "Ich kann das jederzeit widerrufen.",
    "fr": "J'accepte de recevoir sur mon téléphone des messages avec des nouvelles et des offres. "
    "Je peux retirer cet accord à tout moment.",
    "it": "Acconsento a ricevere sul mio telefono messaggi con novità e offerte. "
    "Posso revocare il consenso in ogni momento.",
    "nl": "Ik ga akkoord met berichten op mijn telefoon met nieuws en aanbiedingen. "
    "Ik kan dit op elk moment intrekken.",
}
_CONSENT_EMAIL: Final[Mapping[str, str]] = {
    "en": "I agree to e-mails with news and offers. I can withdraw this at any time.",
    "de": "Ich bin mit E-Mails über Neues und Angebote einverstanden. Ich kann das jederzeit widerrufen.",
    "fr": "J'accepte de recevoir des e-mails avec des nouvelles et des offres. "
    "Je peux retirer cet accord à tout moment.",
    "it": "Acconsento a ricevere e-mail con novità e offerte. Posso revocare il consenso in ogni momento.",
    "nl": "Ik ga akkoord met e-mails met nieuws en aanbiedingen. Ik kan dit op elk moment intrekken.",
}
_OWN_WORDS: Final[Mapping[str, Mapping[str, object]]] = {
    "discount_reasons": _DISCOUNT_REASONS,
    "return_reasons": _RETURN_REASONS,
    "customer_types": _CUSTOMER_TYPES,
    "points_reasons": _POINTS_REASONS,
    "consent_phone": _CONSENT_PHONE,
    "consent_email": _CONSENT_EMAIL,
}
"""Settings that are the shop's own words, by language."""


def _tax(code: str, name: str, *rates: tuple[str, int]) -> TaxForm:
    """Rates as ``(from, hundredths of a percent)``."""
    return TaxForm(code, name, tuple(Rate(date.fromisoformat(day), Percent(rate)) for day, rate in rates))


_GERMAN: Final = (
    _tax("A", "Regelsatz", ("2007-01-01", 1900), ("2020-07-01", 1600), ("2021-01-01", 1900)),
    _tax("B", "Ermäßigt", ("1983-07-01", 700), ("2020-07-01", 500), ("2021-01-01", 700)),
    _tax(EXEMPT, "Steuerfrei", ("1968-01-01", 0)),
)
_FRENCH: Final = (
    _tax("A", "Taux normal", ("2014-01-01", 2000)),
    _tax("B", "Taux réduit", ("1982-07-01", 550)),
    _tax("C", "Taux intermédiaire", ("2014-01-01", 1000)),
    _tax("D", "Taux particulier", ("1986-01-01", 210)),
    _tax(EXEMPT, "Exonéré", ("1968-01-01", 0)),
)
_ITALIAN: Final = (
    _tax("A", "Ordinaria", ("2013-10-01", 2200)),
    _tax("B", "Ridotta", ("1995-01-01", 1000)),
    _tax("C", "Ridotta 5", ("2016-01-01", 500)),
    _tax("D", "Minima", ("1989-01-01", 400)),
    _tax(EXEMPT, "Esente", ("1973-01-01", 0)),
)
_DUTCH: Final = (
    _tax("A", "Hoog tarief", ("2012-10-01", 2100)),
    _tax("B", "Laag tarief", ("1986-10-01", 600), ("2019-01-01", 900)),
    _tax(EXEMPT, "Vrijgesteld", ("1969-01-01", 0)),
)
_BELGIAN: Final = (
    _tax("A", "Taux normal", ("1996-01-01", 2100)),
    _tax("B", "Taux réduit", ("1992-01-01", 600)),
    _tax("C", "Taux intermédiaire", ("1992-01-01", 1200)),
    _tax(EXEMPT, "Exonéré", ("1971-01-01", 0)),
)
_AUSTRIAN: Final = (
    _tax("A", "Normalsatz", ("1984-01-01", 2000)),
    _tax("B", "Ermäßigt", ("1984-01-01", 1000)),
    _tax("C", "Ermäßigt 13", ("2016-01-01", 1300)),
    _tax(EXEMPT, "Steuerfrei", ("1973-01-01", 0)),
)
_SWISS: Final = (
    _tax("A", "Normalsatz", ("2018-01-01", 770), ("2024-01-01", 810)),
    _tax("B", "Reduziert", ("2011-01-01", 250), ("2024-01-01", 260)),
    _tax("C", "Beherbergung", ("2018-01-01", 370), ("2024-01-01", 380)),
    _tax(EXEMPT, "Steuerfrei", ("1995-01-01", 0)),
)
_LUXEMBOURGISH: Final = (
    _tax("A", "Taux normal", ("2015-01-01", 1700), ("2023-01-01", 1600), ("2024-01-01", 1700)),
    _tax("B", "Taux réduit", ("2015-01-01", 800), ("2023-01-01", 700), ("2024-01-01", 800)),
    _tax("C", "Taux super-réduit", ("1983-07-01", 300)),
    _tax("D", "Taux intermédiaire", ("2015-01-01", 1400), ("2023-01-01", 1300), ("2024-01-01", 1400)),
    _tax(EXEMPT, "Exonéré", ("1970-01-01", 0)),
)

COUNTRIES: Final[Mapping[str, CountryDefaults]] = {
    made.country: made
    for made in (
        CountryDefaults("AT", "de", "Europe/Vienna", _AUSTRIAN),
        CountryDefaults("BE", "fr", "Europe/Brussels", _BELGIAN, cash_step=5),
        CountryDefaults(
            "CH", "de", "Europe/Zurich", _SWISS, currency="CHF", cash_step=5, notes=(1000, 2000, 5000, 10_000)
        ),
        CountryDefaults("DE", "de", "Europe/Berlin", _GERMAN),
        CountryDefaults("FR", "fr", "Europe/Paris", _FRENCH),
        CountryDefaults("IT", "it", "Europe/Rome", _ITALIAN, cash_step=5),
        CountryDefaults("LU", "fr", "Europe/Luxembourg", _LUXEMBOURGISH),
        CountryDefaults("NL", "nl", "Europe/Amsterdam", _DUTCH, cash_step=5),
    )
}
"""The countries that the till knows, by their ISO 3166 codes."""


def country_defaults(country: str) -> CountryDefaults:
    """What a country asks of a till. Refuses: Invalid."""
    found = COUNTRIES.get(country.strip().upper())
    if found is None:
        raise Invalid(field="country", value=country)
    return found


def prepare(shop: Shop, country: str, *, by: str) -> Shop:
    """Give a fresh shop its country's settings, tax codes and means of payment; the shop with them.

    Names, reasons and what customers agree to are in the shop's language from then on: they are its own words.
    What the shop has already stays as it is, so that doing it twice does it
    once. Refuses: Invalid. Source: D8-07, D3-01.
    """
    defaults = country_defaults(country)
    said = {row[0] for row in db.rows("SELECT DISTINCT name FROM setting")}
    language = shop.settings.language if "language" in said else defaults.language
    words = {name: spoken[language] for name, spoken in _OWN_WORDS.items()}
    changes = {name: value for name, value in (defaults.settings() | words).items() if name not in said}
    if changes:
        shop = change_settings(shop, changes, by=by)
    with db.transaction():
        taxes = _add_taxes(defaults.taxes)
        tenders = _add_tenders(shop.settings.language)
        if taxes or tenders:
            add_note(shop, by, "shop.prepared", country=defaults.country, taxes=taxes, tenders=tenders)
    return shop


def _add_taxes(taxes: tuple[TaxForm, ...]) -> list[str]:
    known = {row[0] for row in db.rows("SELECT code FROM tax")}
    new = [form for form in taxes if form.code not in known]
    db.run_many(
        "INSERT INTO tax (code, name, position) VALUES (?, ?, ?)",
        [(form.code, form.name, taxes.index(form) + 1) for form in new],
    )
    db.run_many(
        "INSERT INTO tax_rate (tax, valid_from, rate) VALUES (?, ?, ?)",
        [(form.code, rate.valid_from.isoformat(), rate.percent.hundredths) for form in new for rate in form.rates],
    )
    return [form.code for form in new]


def _add_tenders(language: str) -> list[str]:
    known = {row[0] for row in db.rows("SELECT code FROM tender")}
    new = [tender for tender in _TENDERS if tender.code not in known]
    db.run_many(
        "INSERT INTO tender (code, name, kind, position, opens_drawer, gives_change, refundable, asks_terminal) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                tender.code,
                tender.names.get(language, tender.names["en"]),
                tender.kind.value,
                _TENDERS.index(tender) + 1,
                int(tender.opens_drawer),
                int(tender.gives_change),
                int(tender.refundable),
                int(tender.asks_terminal),
            )
            for tender in new
        ],
    )
    return [tender.code for tender in new]
