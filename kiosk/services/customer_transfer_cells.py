"""One row of a file of customers, cell by cell (D8-02)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from kiosk.errors import Invalid, NotANumber, OutOfRange, ShopError
from kiosk.i18n.clean import clean_text
from kiosk.rules import dates
from kiosk.services import cards, contacts
from kiosk.services import customer_transfer_columns as columns
from kiosk.services.csv_files import plain_number
from kiosk.services.customer_rows import NO_DOCUMENT, Customer, CustomerForm, IdDocument, Kind
from kiosk.services.customers import LONGEST_NAME, checked
from kiosk.services.shop import Shop
from kiosk.services.transfer_columns import truth_of
from kiosk.services.transfer_rows import RowReader

HIGHEST_NUMBER: Final = 89_999_999
"""The till's own code of a customer has eight digits, and whoever comes next needs a number too."""

_COLUMN_OF: Final[Mapping[str, str]] = {"card": "cards"}
_TEXTS: Final = ("nickname", "company", "vat_id", "type", "street", "postcode", "city", "notes")
_CHOICES: Final = ("type", "vat_id")
_MILLIONTHS: Final = 1_000_000
_LONGEST_COORDINATE: Final = 20
_COUNTRY_LETTERS: Final = 2

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """A row that has all its cells, and by what its customer is recognised."""

    line: int
    cells: dict[str, str]
    """By field; a field without a column is absent."""
    number: int | None
    cards: tuple[str, ...]
    phone: str
    email: str
    """As they would be kept."""
    name: str


class CustomerReader(RowReader):
    """Reads rows by the columns of one file, and writes down what it can't read."""

    MANY = frozenset({"cards"})
    COLUMN_OF = _COLUMN_OF

    def __init__(self, shop: Shop, header: Sequence[str], fields: Sequence[str | None], path: Path) -> None:
        """Medical columns say nothing in a shop that keeps no medical numbers (T-07). Refuses: BadFile."""
        kept = [None if field in columns.MEDICAL and not shop.settings.medical_shop else field for field in fields]
        super().__init__(header, kept, path)
        self._shop = shop
        self._today = shop.clock.today()
        self._month_first = shop.settings.country in dates.MONTH_FIRST

    def row(self, line: int, cells: Sequence[str]) -> Row | None:
        """The cells by their fields, and the keys; None when one of them can't be."""
        found = self.by_field(line, cells)
        if found is None:
            return None
        before = len(self.errors)
        country = self._shop.settings.country
        number = self._try(line, lambda: _number(found.get("number", "")), None, "number")
        nobodys: list[str] = []
        given = _codes(found.get("cards", ""))
        codes = self._try(line, lambda: [cards.kept_code(self._shop, one) for one in given], nobodys)
        phone = self._try(line, lambda: contacts.kept_phone(found.get("phone", ""), country), "")
        email = self._try(line, lambda: contacts.kept_email(found.get("email", "")), "")
        row = Row(line, found, number, tuple(codes), phone, email, clean_text(_name(found), LONGEST_NAME))
        if len(self.errors) > before:
            self.look_through(row)
            return None
        return row

    def form(self, row: Row, now: Customer | None) -> CustomerForm | None:
        """The customer as the row wants him, but for his cards; what has no column stays. None when it can't be."""
        before = len(self.errors)
        form = now.form if now else CustomerForm()
        wanted = self._wanted(row, form, new=now is None)
        if len(self.errors) > before:
            self._look_at_choices(row, wanted, now)
            return None
        made = replace(form, **wanted)
        made = replace(made, details=made.details or any(wanted.get(name) for name in ("licence", "medical")))
        return self._try(row.line, lambda: checked(self._shop, made, now), None)

    def look_through(self, row: Row) -> None:
        """Name what else is wrong with a row that is refused already, so that it is mended once."""
        self._look_at_choices(row, self._wanted(row, CustomerForm(), new=True), None)

    def _look_at_choices(self, row: Row, wanted: Mapping[str, Any], now: Customer | None) -> None:
        """Cells that are checked with the whole form, which there is none of here."""
        for name in _CHOICES:
            if wanted.get(name):
                alone: dict[str, Any] = {name: wanted[name], "country": wanted.get("country") or ""}
                probe = replace(CustomerForm(name=name), **alone)
                self._try(row.line, partial(checked, self._shop, probe, now), None)

    def _wanted(self, row: Row, form: CustomerForm, *, new: bool) -> dict[str, Any]:
        wanted: dict[str, Any] = {name: row.cells[name] for name in _TEXTS if name in row.cells}
        if {"name", "first_name", "last_name"} & set(row.cells):
            wanted["name"] = row.name
        readers: dict[str, Callable[[str], object]] = {
            "birth_date": partial(self._date, field="birth_date", expected=dates.Expected.PAST),
            "language": columns.language_of,
            "country": _country,
            "latitude": partial(_degrees, field="latitude", most=90),
            "longitude": partial(_degrees, field="longitude", most=180),
        }
        for name, read in readers.items():
            if name in row.cells:
                wanted[name] = self._try(row.line, partial(read, row.cells[name]), None, name)
        wanted["kind"] = self._try(row.line, lambda: _kind(row, form, new), Kind.PERSON)
        for channel, value in (("phone", row.phone), ("email", row.email)):
            wanted.update(self._contact(row, channel, value, form))
        wanted.update(self._documents(row))
        return wanted

    def _contact(self, row: Row, channel: str, value: str, now: CustomerForm) -> dict[str, Any]:
        """A new address is agreed to only where the file says so; an address that goes takes its consent along."""
        wanted: dict[str, Any] = {}
        kept = str(getattr(now, channel))
        opt_in = f"{channel}_opt_in"
        if channel in row.cells:
            wanted[channel] = value
        if opt_in in row.cells:
            wanted[opt_in] = self._try(row.line, lambda: truth_of(row.cells[opt_in], opt_in, empty=False), False)
        elif wanted.get(channel, kept) != kept:
            wanted[opt_in] = False
        return wanted

    def _documents(self, row: Row) -> dict[str, IdDocument]:
        """Those that the file has columns of; empty cells take them away."""
        found: dict[str, IdDocument] = {}
        for kind, names in (("licence", columns.LICENCE), ("medical", columns.MEDICAL)):
            if not set(names) & set(row.cells):
                continue
            number, issuer, expiry = (row.cells.get(name, "") for name in names)
            until = self._try(row.line, partial(self._date, expiry, names[2], dates.Expected.COMING), None)
            found[kind] = IdDocument(number, issuer, until) or NO_DOCUMENT
        return found

    def _date(self, text: str, field: str, expected: dates.Expected) -> date | None:
        if not text:
            return None
        return dates.parse(text, self._today, expected, month_first=self._month_first, field=field)

    def _try(self, line: int, read: Callable[[], T], otherwise: T, field: str = "") -> T:
        try:
            return read()
        except ShopError as refusal:
            self.refuse(line, refusal, field)
            return otherwise


def _name(cells: Mapping[str, str]) -> str:
    """First and last name where they have columns of their own; ``Vorname`` beside ``Name`` leaves the last name."""
    first, last, name = (cells.get(field, "") for field in ("first_name", "last_name", "name"))
    if name and (last or "first_name" not in cells):
        return name
    return f"{first} {last or name}".strip()


def _codes(text: str) -> list[str]:
    return text.replace("|", " ").split()


def _number(text: str) -> int | None:
    bare = text.removeprefix("#").strip()
    if not bare:
        return None
    if not (bare.isascii() and bare.isdigit()):
        raise NotANumber(text=text)
    if len(bare) > 12 or not 1 <= int(bare) <= HIGHEST_NUMBER:
        raise OutOfRange(field="number", value=bare[:12], lowest="1", highest=str(HIGHEST_NUMBER))
    return int(bare)


def _kind(row: Row, now: CustomerForm, new: bool) -> Kind:
    """As it is said; a new one who has a company's name alone is that company."""
    if "kind" in row.cells:
        return columns.kind_of(row.cells["kind"])
    if new and row.cells.get("company") and not row.name:
        return Kind.COMPANY
    return now.kind


def _country(text: str) -> str:
    """Two letters: a longer name is not cut to those of another country. Refuses: Invalid."""
    if text and not (len(text) == _COUNTRY_LETTERS and text.isascii() and text.isalpha()):
        raise Invalid(field="country", value=text)
    return text


def _degrees(text: str, field: str, most: int) -> int | None:
    """Millionths of a degree. Refuses: NotANumber, OutOfRange."""
    if not text:
        return None
    bare = plain_number(text).replace(",", ".")
    try:
        value = Decimal(bare) if bare.isascii() and len(bare) <= _LONGEST_COORDINATE and "_" not in bare else None
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite():
        raise NotANumber(text=text)
    if abs(value) > most:
        raise OutOfRange(field=field, value=text, lowest=str(-most), highest=str(most))
    return round(value * _MILLIONTHS)
