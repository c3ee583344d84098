"""One row of a file of articles, cell by cell (D8-02)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from kiosk.errors import Invalid, NotANumber, NotFound, ShopError
from kiosk.i18n.clean import clean_text
from kiosk.money import Money, Percent
from kiosk.rules import codes, words
from kiosk.services import transfer_columns as columns
from kiosk.services.catalogue_edit import checked, kept_barcode
from kiosk.services.catalogue_rows import ArticleForm
from kiosk.services.catalogue_tax import LONGEST_NAME, Category, TaxCode, categories, tax_codes
from kiosk.services.csv_files import plain_number
from kiosk.services.ids import new_id
from kiosk.services.shop import Shop
from kiosk.services.transfer_rows import RowReader

_COLUMN_OF: Final[Mapping[str, str]] = {"age": "minimum_age", "barcode": "barcodes"}
_MONEY: Final = ("price", "cost", "lowest_price", "highest_price")
_LONGEST_WHOLE: Final = 4


@dataclass(frozen=True, slots=True)
class Row:
    """A row that has all its cells."""

    line: int
    cells: dict[str, str]
    """By field; a field without a column is absent."""
    number: str
    barcodes: tuple[str, ...]
    """As they would be kept."""


class Reader(RowReader):
    """Reads rows by the columns of one file, and writes down what it can't read."""

    MANY = frozenset({"barcodes"})
    COLUMN_OF = _COLUMN_OF

    def __init__(self, shop: Shop, header: Sequence[str], path: Path) -> None:
        """Refuses: BadFile (two columns for the same)."""
        super().__init__(header, [columns.field_of(cell) for cell in header], path)
        self.new_categories: list[Category] = []
        self._settings = shop.settings
        self._taxes = tax_codes(shop)
        self._tax_of: dict[str, TaxCode | None] = {}
        self._category_of: dict[str, Category] = {}
        self._categories = {words.fold(one.name): one for one in categories(shop)}

    def row(self, line: int, cells: Sequence[str]) -> Row | None:
        """The cells by their fields; None when there are too few or too many."""
        found = self.by_field(line, cells)
        if found is None:
            return None
        number = codes.article_number(clean_text(found.get("number", "")))
        return Row(line, found, number, tuple(map(self._kept, _split(found))))

    def _kept(self, code: str) -> str:
        try:
            return kept_barcode(self._settings, code)
        except Invalid:
            return code

    def form(self, row: Row, now: ArticleForm | None) -> ArticleForm | None:
        """The article as the row wants it, checked; what has no column stays as it is. None when it can't be."""
        before = len(self.errors)
        form = now or ArticleForm(name="", tax="")
        wanted: dict[str, Any] = {"number": row.number or form.number, "tax": self._tax(row, form.tax)}
        for field, text in row.cells.items():
            if field in _MONEY:
                wanted[field] = self._money(row.line, field, text)
            elif field not in {"number", "tax", "archived"}:
                wanted[field] = self._value(row, field, text)
        if len(self.errors) > before:
            return None
        try:
            return checked(self._settings, replace(form, **wanted))
        except ShopError as refusal:
            self.refuse(row.line, refusal)
            return None

    def archived(self, row: Row) -> bool:
        """Whether the row takes its article out of sale."""
        return self._truth(row, "archived", empty=False)

    def _value(self, row: Row, field: str, text: str) -> Any:
        if field in {"minimum_age", "quick"}:
            return self._whole(row.line, field, text)
        if field == "barcodes":
            return _split(row.cells)
        if field == "category":
            found = self._category(text)
            return None if found is None else found.id
        if field == "discountable":
            return self._truth(row, field, empty=True)
        try:
            return {"unit": columns.unit_of, "kind": columns.kind_of}.get(field, str)(text)
        except Invalid as refusal:
            self.refuse(row.line, refusal)
            return None

    def _truth(self, row: Row, field: str, *, empty: bool) -> bool:
        try:
            return columns.truth_of(row.cells.get(field, ""), field, empty)
        except Invalid as refusal:
            self.refuse(row.line, refusal)
            return empty

    def _whole(self, line: int, field: str, text: str) -> int:
        bare = plain_number(text) or "0"
        if bare.isascii() and bare.isdigit() and len(bare) <= _LONGEST_WHOLE:
            return int(bare)
        self.refuse(line, NotANumber(text=text), field)
        return 0

    def _money(self, line: int, field: str, text: str) -> Money | None:
        if not text:
            return None
        try:
            return Money.parse(plain_number(text), self._settings.decimals)
        except NotANumber:
            self.refuse(line, NotANumber(text=text), field)
            return None

    def _tax(self, row: Row, now: str) -> str:
        """By its code, its name or today's rate. Without one: as it is, else the category's, else the shop's first."""
        text = row.cells.get("tax", "")
        if text:
            if text not in self._tax_of:
                self._tax_of[text] = _named(self._taxes, text) or _rated(self._taxes, text)
            found = self._tax_of[text]
            if found is None:
                self.refuse(row.line, NotFound(what="tax", code=text))
            return found.code if found else now
        category = self._category(row.cells.get("category", ""))
        return now or (category.tax if category else None) or (self._taxes[0].code if self._taxes else "")

    def _category(self, text: str) -> Category | None:
        name = clean_text(text, LONGEST_NAME)
        if not name:
            return None
        found = self._category_of.get(name) or self._categories.get(words.fold(name))
        if found is None:
            found = Category(new_id(), name, None, len(self._categories) + 1)
            self._categories[words.fold(name)] = found
            self.new_categories.append(found)
        self._category_of[name] = found
        return found


def _split(cells: dict[str, str]) -> tuple[str, ...]:
    return tuple(cells.get("barcodes", "").replace("|", " ").split())


def _named(taxes: Sequence[TaxCode], text: str) -> TaxCode | None:
    wanted = words.fold(text)
    by_code = [tax for tax in taxes if words.fold(tax.code) == wanted]
    return next(iter([*by_code, *(tax for tax in taxes if words.fold(tax.name) == wanted)]), None)


def _rated(taxes: Sequence[TaxCode], text: str) -> TaxCode | None:
    try:
        percent = Percent.parse(plain_number(text))
    except NotANumber:
        return None
    found = [tax for tax in taxes if tax.percent == percent]
    return found[0] if len(found) == 1 else None
