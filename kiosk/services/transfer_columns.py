"""What the columns of a file of articles are called, and what may stand in them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, TypeVar

from kiosk.errors import Invalid
from kiosk.rules import words
from kiosk.rules.basket import LineKind, Unit

COLUMNS: Final = (
    "number", "name", "category", "tax", "price", "cost", "lowest_price", "highest_price", "unit", "kind",
    "minimum_age", "discountable", "quick", "barcodes", "archived",
)  # fmt: skip
"""The columns of an export, by the names that every import knows."""

_NAMES: Final = {
    "number": "number, no, nr, plu, sku, article number, item number, article no, article code, item code, nummer, "
    "artikelnummer, artikel nr, numéro, no article, référence, réf, code article, codice, codice articolo, artikelcode",
    "name": "name, text, description, article, item, product, article name, bezeichnung, artikel, artikelbezeichnung, "
    "artikelname, beschreibung, produkt, nom, désignation, libellé, produit, nome, descrizione, articolo, prodotto, "
    "naam, omschrijving, artikelnaam",
    "category": "category, group, department, kategorie, warengruppe, gruppe, abteilung, catégorie, groupe, famille, "
    "rayon, categoria, gruppo, reparto, categorie, groep, afdeling",
    "tax": "tax, vat, tax code, vat code, tax rate, vat rate, steuer, mwst, ust, steuersatz, steuercode, mwst satz, "
    "mehrwertsteuer, taxe, tva, taux tva, taux de tva, code tva, iva, aliquota, aliquota iva, codice iva, btw, "
    "btw tarief, btw code",
    "price": "price, selling price, retail price, unit price, preis, verkaufspreis, vk, vk preis, prix, prix ttc, "
    "prix de vente, prezzo, prezzo di vendita, prijs, verkoopprijs",
    "cost": "cost, cost price, purchase price, ek, ek preis, einkaufspreis, kosten, coût, prix d'achat, costo, "
    "prezzo d'acquisto, prezzo di acquisto, inkoopprijs, kostprijs",
    "lowest_price": "lowest price, min price, minimum price, mindestpreis, niedrigster preis, prix minimum, prix min, "
    "prezzo minimo, minimumprijs, laagste prijs",
    "highest_price": "highest price, max price, maximum price, höchstpreis, prix maximum, prix max, prezzo massimo, "
    "maximumprijs, hoogste prijs",
    "unit": "unit, einheit, unité, unità, eenheid",
    "kind": "kind, type, art, typ, genre, tipo, soort",
    "minimum_age": "minimum age, min age, age, mindestalter, alter, âge, âge minimum, età, età minima, leeftijd, "
    "minimumleeftijd",
    "discountable": "discountable, rabattfähig, remise possible, scontabile, korting mogelijk",
    "quick": "quick, quick key, favourite, favorite, schnelltaste, favorit, touche rapide, favori, tasto rapido, "
    "preferito, sneltoets, favoriet",
    "barcodes": "barcodes, barcode, ean, ean 13, ean 8, gtin, upc, ean code, strichcode, strichcodes, code-barres, "
    "code-barre, codes-barres, code à barres, codice a barre, codici a barre, streepjescode, streepjescodes",
    "archived": "archived, archiviert, archivé, archiviato, gearchiveerd",
}
_UNITS: Final = {
    Unit.PIECE: "piece, pieces, pc, pcs, each, ea, stück, stk, st, pièce, pièces, pce, unité, pezzo, pezzi, pz, stuk, "
    "stuks",
    Unit.KILOGRAM: "kg, kilo, kilos, kilogram, kilogramm, kilogramme, chilo, chilogrammo",
}
_KINDS: Final = {
    LineKind.GOODS: "goods, ware, waren, marchandise, merce, goederen",
    LineKind.VOUCHER: "voucher, gutschein, bon, bon cadeau, buono, waardebon",
    LineKind.DEPOSIT: "deposit, pfand, consigne, cauzione, statiegeld",
}
_ANSWERS: Final = {
    "yes": "1, yes, y, true, ja, j, wahr, oui, o, vrai, si, sì, s, vero, waar, x",
    "no": "0, no, n, false, nein, falsch, non, faux, falso, nee, onwaar",
}

_T = TypeVar("_T", bound=str)


def folded(text: str) -> str:
    """A header or a word without accents, case, spaces and punctuation."""
    return "".join(words.words(text))


def reader(lists: Mapping[_T, str]) -> dict[str, _T]:
    """What each of the words in the lists means, folded; for ``meaning``."""
    return {folded(name): meant for meant, names in lists.items() for name in names.split(", ")}


_FIELD_OF: Final = reader(_NAMES)
_UNIT_OF: Final = reader(_UNITS)
_KIND_OF: Final = reader(_KINDS)
_ANSWER_OF: Final = reader(_ANSWERS)


def field_of(header: str) -> str | None:
    """The field that a column's header names, in any of the five languages."""
    return _FIELD_OF.get(folded(header))


@lru_cache(maxsize=256)
def unit_of(text: str) -> Unit:
    """A unit; nothing means piece. Refuses: Invalid."""
    return meaning(text, _UNIT_OF, Unit.PIECE, "unit")


@lru_cache(maxsize=256)
def kind_of(text: str) -> LineKind:
    """What is sold; nothing means goods. Refuses: Invalid."""
    return meaning(text, _KIND_OF, LineKind.GOODS, "kind")


@lru_cache(maxsize=256)
def truth_of(text: str, field: str, empty: bool) -> bool:
    """Yes or no. Refuses: Invalid."""
    return meaning(text, _ANSWER_OF, "yes" if empty else "no", field) == "yes"


def meaning(text: str, known: Mapping[str, _T], empty: _T, field: str) -> _T:
    """What a word means; ``empty`` for none. Refuses: Invalid."""
    if not text.strip():
        return empty
    found = known.get(folded(text))
    if found is None:
        raise Invalid(field=field, value=text)
    return found
