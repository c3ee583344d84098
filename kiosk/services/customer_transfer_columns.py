"""What the columns of a file of customers are called, and what may stand in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Final

from kiosk.errors import BadFile, Invalid
from kiosk.services import csv_files
from kiosk.services.customer_rows import Kind
from kiosk.services.transfer_columns import folded, meaning, reader

COLUMNS: Final = (
    "number", "kind", "name", "nickname", "company", "vat_id", "phone", "phone_opt_in", "email", "email_opt_in",
    "birth_date", "type", "language", "street", "postcode", "city", "country", "latitude", "longitude", "notes",
    "cards",
)  # fmt: skip
"""The columns of an export, by the names that every import knows."""

LICENCE: Final = ("licence_number", "licence_issuer", "licence_expiry")
MEDICAL: Final = ("medical_number", "medical_issuer", "medical_expiry")
FIELDS: Final = (*COLUMNS[:3], "first_name", "last_name", *COLUMNS[3:], *LICENCE, *MEDICAL)
"""All that a column may be taken for."""

_NAMES: Final = {
    "number": "number, no, nr, customer number, customer no, customer id, kundennummer, kunden nr, kdnr, kd nr, "
    "nummer, numéro, numéro client, no client, numéro de client, numero, numero cliente, codice cliente, klantnummer, "
    "klantnr",
    "kind": "kind, person or company, customer kind, art, kundenart, genre, genere, soort",
    "name": "name, full name, customer, customer name, contact, kunde, kundenname, voller name, nom complet, client, "
    "nom du client, nome completo, cliente, nome cliente, naam, volledige naam, klant, klantnaam",
    "first_name": "first name, firstname, given name, forename, vorname, prénom, nome, voornaam",
    "last_name": "last name, lastname, surname, family name, nachname, familienname, zuname, nom, nom de famille, "
    "cognome, achternaam, familienaam",
    "nickname": "nickname, nick, called, rufname, spitzname, anrede name, surnom, pseudo, soprannome, roepnaam, "
    "bijnaam",
    "company": "company, company name, firm, business, organisation, organization, firma, firmenname, unternehmen, "
    "société, entreprise, raison sociale, azienda, ditta, ragione sociale, società, bedrijf, bedrijfsnaam, firmanaam",
    "vat_id": "vat id, vat number, vat no, vat reg no, ust id, ust idnr, ust id nr, ust-idnr., uid, umsatzsteuer id, "
    "no tva, n° tva, numéro tva, numéro de tva, tva intracommunautaire, partita iva, p iva, btw nummer, btw id, btw "
    "nr",
    "phone": "phone, phone number, telephone, tel, mobile, mobile phone, cell, cell phone, telefon, telefonnummer, "
    "tel nr, handy, handynummer, mobil, mobiltelefon, mobilnummer, rufnummer, téléphone, numéro de téléphone, "
    "portable, gsm, telefono, numero di telefono, cellulare, cell, telefoon, telefoonnummer, mobiel, mobiele telefoon",
    "phone_opt_in": "phone opt in, phone consent, sms opt in, sms consent, sms, whatsapp, telefon einwilligung, "
    "werbung telefon, werbung sms, sms einwilligung, consentement téléphone, consentement sms, consenso telefono, "
    "consenso sms, toestemming telefoon, toestemming sms",
    "email": "email, e mail, mail, email address, e mail address, mail adresse, e mail adresse, email adresse, "
    "courriel, adresse e mail, adresse email, adresse électronique, posta elettronica, indirizzo e mail, indirizzo "
    "email, e mailadres, emailadres, mailadres",
    "email_opt_in": "email opt in, e mail opt in, email consent, e mail consent, newsletter, opt in, mailing, "
    "einwilligung, werbung e mail, werbung email, e mail einwilligung, email einwilligung, consentement, consentement "
    "e mail, consentement email, lettre d'information, consenso, consenso e mail, consenso email, toestemming, "
    "toestemming e mail, toestemming email, nieuwsbrief",
    "birth_date": "birth date, birthdate, date of birth, dob, birthday, geburtsdatum, geburtstag, geb datum, geb, "
    "geboren am, date de naissance, né le, anniversaire, data di nascita, nato il, compleanno, geboortedatum, "
    "verjaardag",
    "type": "type, customer type, customer group, group, category, typ, kundentyp, kundengruppe, gruppe, type de "
    "client, groupe, catégorie, tipo, tipo cliente, tipo di cliente, gruppo, categoria, klanttype, klantgroep, groep",
    "language": "language, lang, sprache, langue, lingua, taal",
    "street": "street, address, address line 1, street address, street and number, straße, strasse, str, adresse, "
    "anschrift, straße und hausnummer, strasse nr, straße hausnummer, rue, via, indirizzo, straat, adres, straat en "
    "huisnummer",
    "postcode": "postcode, post code, postal code, zip, zip code, plz, postleitzahl, code postal, cp, cap, codice "
    "postale, postcode",
    "city": "city, town, place, ort, stadt, wohnort, ville, localité, città, comune, località, plaats, woonplaats, "
    "stad",
    "country": "country, country code, land, staat, länderkürzel, pays, code pays, paese, nazione, landcode",
    "latitude": "latitude, lat, breite, breitengrad, geographische breite, latitudine, breedtegraad",
    "longitude": "longitude, lon, long, lng, länge, längengrad, geographische länge, longitudine, lengtegraad",
    "notes": "notes, note, remark, remarks, comment, comments, notiz, notizen, bemerkung, bemerkungen, kommentar, "
    "remarque, remarques, commentaire, osservazioni, commento, nota, annotazioni, opmerking, opmerkingen, notitie, "
    "notities",
    "cards": "cards, card, card number, card no, loyalty card, customer card, karte, karten, kartennummer, "
    "kundenkarte, kundenkartennummer, bonuskarte, carte, carte de fidélité, numéro de carte, carta, carta fedeltà, "
    "tessera, numero tessera, kaart, klantenkaart, kaartnummer, spaarkaart",
    "licence_number": "licence number, licence no, license number, driving licence, führerschein, führerscheinnummer, "
    "permis, numéro de permis, permis de conduire, patente, numero patente, rijbewijs, rijbewijsnummer",
    "licence_issuer": "licence issuer, licence state, license state, führerschein staat, permis état, permis délivré "
    "par, patente stato, patente rilasciata da, rijbewijs land",
    "licence_expiry": "licence expiry, license expiry, führerschein gültig bis, führerschein ablauf, permis valable, "
    "permis expiration, patente scadenza, rijbewijs geldig tot",
    "medical_number": "medical number, medical no, medical card, krankenversichertennummer, versichertennummer, kvnr, "
    "numéro de sécurité sociale, carte vitale, tessera sanitaria, zorgverzekeringsnummer, polisnummer",
    "medical_issuer": "medical issuer, insurer, krankenkasse, assureur, assicurazione, zorgverzekeraar",
    "medical_expiry": "medical expiry, versichertenkarte gültig bis, carte vitale expiration, tessera sanitaria "
    "scadenza, zorgpas geldig tot",
}
_KINDS: Final = {
    Kind.PERSON: "person, private, p, privat, privatperson, personne, particulier, persona, privato, persoon",
    Kind.COMPANY: "company, business, firm, c, firma, unternehmen, geschäftlich, société, entreprise, azienda, ditta, "
    "bedrijf, zakelijk",
}
_LANGUAGES: Final = {
    "en": "en, english, englisch, anglais, inglese, engels",
    "de": "de, german, deutsch, allemand, tedesco, duits",
    "fr": "fr, french, französisch, français, francese, frans",
    "it": "it, italian, italienisch, italien, italiano, italiaans",
    "nl": "nl, dutch, niederländisch, néerlandais, olandese, nederlands",
}

_FIELD_OF: Final = reader(_NAMES)
_KIND_OF: Final = reader(_KINDS)
_LANGUAGE_OF: Final = reader(_LANGUAGES)

_FIRST_VALUES: Final = 3
NOTHING: Final = "-"
"""What a column is taken for that somebody leaves out."""

Chosen = Mapping[str, str]
"""What somebody takes columns for: by their names, or by ``#`` and their place from 1, the field or NOTHING."""


def field_of(header: str) -> str | None:
    """The field that a column's header names, in any of the five languages."""
    return _FIELD_OF.get(folded(header))


@lru_cache(maxsize=64)
def kind_of(text: str) -> Kind:
    """Person or company. Refuses: Invalid."""
    return meaning(text, _KIND_OF, Kind.PERSON, "kind")


@lru_cache(maxsize=64)
def language_of(text: str) -> str:
    """A language that the till speaks, by its name or its code; empty: the shop's. Refuses: Invalid."""
    return meaning(text, _LANGUAGE_OF, "", "language")


@dataclass(frozen=True, slots=True)
class PreviewColumn:
    """One column of a file: its header, what it is taken for, and its first values."""

    place: int
    """From 1."""
    header: str
    field: str | None
    """None: nothing."""
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """A file of customers as it would be read."""

    columns: tuple[PreviewColumn, ...]
    lines: int
    """How many there are, the header included."""


def preview(path: Path, chosen: Chosen) -> Preview:
    """Each column of a file, what it is taken for, and the first values in it.

    Refuses: BadFile (no table, or no text), Invalid (a choice that fits no column, or no field). Source: D8-02.
    """
    table = csv_files.Table(csv_files.read(path), path, _knows(chosen), whatever=True)
    fields = matched(table.header, chosen)
    first = [cells for _line, cells in islice(table, _FIRST_VALUES)]
    return Preview(
        tuple(
            PreviewColumn(
                place + 1, header.strip(), field, tuple(cells[place] if place < len(cells) else "" for cells in first)
            )
            for place, (header, field) in enumerate(zip(table.header, fields, strict=True))
        ),
        table.lines,
    )


def table_of(text: str, path: Path, chosen: Chosen) -> tuple[csv_files.Table, list[str | None]]:
    """The rows of a file, and what its columns are taken for. Refuses: BadFile, Invalid (a choice)."""
    table = csv_files.Table(text, path, _knows(chosen), whatever=True)
    fields = matched(table.header, chosen)
    if not any(fields):
        raise BadFile(path=str(path), reason="no known column in the first line")
    return table, fields


def matched(header: Sequence[str], chosen: Chosen) -> list[str | None]:
    """What each column is taken for: as it was chosen, else by its name; of two with the same name's sense the first.

    Refuses: Invalid (a choice that fits no column, or no field).
    """
    named = {folded(cell): place for place, cell in reversed(list(enumerate(header)))}
    picked: dict[int, str] = {}
    for name, wanted in chosen.items():
        if wanted not in {*FIELDS, NOTHING}:
            raise Invalid(field="column", value=wanted)
        place = int(name[1:]) - 1 if name[:1] == "#" and name[1:].isdecimal() else named.get(folded(name), -1)
        if not 0 <= place < len(header):
            raise Invalid(field="column", value=name)
        picked[place] = wanted
    found: list[str | None] = []
    taken = set(picked.values())
    for place, cell in enumerate(header):
        field: str | None = picked.get(place) or field_of(cell)
        if field == NOTHING or (place not in picked and field != "cards" and field in taken):
            field = None
        found.append(field)
        if field is not None:
            taken.add(field)
    return found


def _knows(chosen: Chosen) -> csv_files.Knows:
    names = {folded(name) for name, field in chosen.items() if field != NOTHING}
    return lambda cell: field_of(cell) is not None or folded(cell) in names
