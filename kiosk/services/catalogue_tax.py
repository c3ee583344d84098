"""Tax codes with rates that have dates (D2-01), and the categories of articles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from kiosk import db
from kiosk.errors import AlreadyTaken, Invalid, Missing, NotFound, OutOfRange
from kiosk.i18n.clean import clean_text
from kiosk.money import Percent
from kiosk.rules import permissions
from kiosk.services import staff
from kiosk.services.catalogue_rows import day_of, differences
from kiosk.services.ids import new_id
from kiosk.services.journal import add_note
from kiosk.services.shop import Shop, add_version

LONGEST_CODE: Final = 4
LONGEST_NAME: Final = 40


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate from a day on, until the next one."""

    valid_from: date
    percent: Percent


@dataclass(frozen=True, slots=True)
class TaxForm:
    """What can be said of a tax code."""

    code: str
    name: str
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class TaxCode:
    """A tax code, its rates from the oldest on, and the one of today."""

    code: str
    name: str
    percent: Percent
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class CategoryForm:
    """What can be said of a category; ``id`` None makes a new one."""

    name: str
    tax: str | None = None
    """The tax code that new articles of it start with."""
    position: int = 0
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """A group of articles."""

    id: str
    name: str
    tax: str | None
    position: int


def tax_codes(shop: Shop) -> tuple[TaxCode, ...]:
    """The tax codes in their order, with the rates of today (D2-01)."""
    rates: dict[str, list[Rate]] = {}
    for code, valid_from, percent in db.rows("SELECT tax, valid_from, rate FROM tax_rate ORDER BY valid_from"):
        rates.setdefault(code, []).append(Rate(date.fromisoformat(valid_from), Percent(percent)))
    today = shop.clock.today()
    return tuple(
        TaxCode(code, name, _rate_on(rates.get(code, []), today), tuple(rates.get(code, ())))
        for code, name in db.rows("SELECT code, name FROM tax ORDER BY position, code")
    )


def _rate_on(rates: list[Rate], day: date) -> Percent:
    """As the hot path has it: before the first rate, the first."""
    valid = [rate.percent for rate in rates if rate.valid_from <= day] or [rate.percent for rate in rates[:1]]
    return valid[-1] if valid else Percent(0)


def save_tax_code(shop: Shop, form: TaxForm, *, by: str, approved_by: str | None = None, key: str = "") -> TaxCode:
    """Create a tax code, or give one another name and other rates; closed sales keep theirs.

    Refuses: Missing (code, name, rate), Invalid (code, or two rates of one day),
    OutOfRange (rate), Denied. Source: D2-01.
    """
    code, name = clean_text(form.code, LONGEST_CODE + 1).upper(), clean_text(form.name, LONGEST_NAME)
    if not code:
        raise Missing(field="code")
    if not name:
        raise Missing(field="name")
    if not (code.isascii() and code.isalnum()) or len(code) > LONGEST_CODE:
        raise Invalid(field="code", value=form.code)
    rates = {rate.valid_from.isoformat(): rate.percent.hundredths for rate in form.rates}
    if not any(day <= day_of(shop) for day in rates):
        raise Missing(field="percent")
    if len(rates) != len(form.rates):
        raise Invalid(field="date", value=", ".join(sorted(rates)))
    for hundredths in rates.values():
        if not 0 <= hundredths <= 10_000:
            raise OutOfRange(field="percent", value=str(hundredths), lowest="0", highest="10000")
    with db.transaction():
        approved_by = staff.require(shop, by, permissions.Action.EDIT_SETTINGS, approved_by, key=key)
        before = _stored_tax(code)
        after: dict[str, object] = {"name": name, "rates": rates}
        if before != after:
            _write_tax(code, name, rates)
            old, new = differences(before, after)
            add_version(shop, {f"tax.{code}": after}, by=by)
            add_note(shop, by, "tax.changed", approved_by=approved_by, tax=code, before=old, after=new)
    return next(tax for tax in tax_codes(shop) if tax.code == code)


def _stored_tax(code: str) -> dict[str, object]:
    found = db.row("SELECT name FROM tax WHERE code = ?", (code,))
    if found is None:
        return {}
    rates = dict(db.rows("SELECT valid_from, rate FROM tax_rate WHERE tax = ?", (code,)))
    return {"name": found[0], "rates": rates}


def _write_tax(code: str, name: str, rates: dict[str, int]) -> None:
    db.run(
        "INSERT INTO tax (code, name, position) VALUES (?, ?, (SELECT COALESCE(MAX(position), 0) + 1 FROM tax)) "
        "ON CONFLICT (code) DO UPDATE SET name = excluded.name",
        (code, name),
    )
    db.run("DELETE FROM tax_rate WHERE tax = ?", (code,))
    db.run_many(
        "INSERT INTO tax_rate (tax, valid_from, rate) VALUES (?, ?, ?)",
        [(code, day, rate) for day, rate in sorted(rates.items())],
    )


def categories(shop: Shop) -> tuple[Category, ...]:
    """The categories in their order."""
    return tuple(
        Category(*row) for row in db.rows("SELECT id, name, tax, position FROM category ORDER BY position, name")
    )


def save_category(
    shop: Shop, form: CategoryForm, *, by: str, approved_by: str | None = None, key: str = ""
) -> Category:
    """Create a category, or change the one that the form names. Refuses: Missing, AlreadyTaken, NotFound, Denied."""
    name = clean_text(form.name, LONGEST_NAME)
    if not name:
        raise Missing(field="name")
    with db.transaction():
        approved_by = staff.require(shop, by, permissions.Action.EDIT_CATALOGUE, approved_by, key=key)
        if form.tax is not None and db.row("SELECT 1 FROM tax WHERE code = ?", (form.tax,)) is None:
            raise NotFound(what="tax", code=form.tax)
        found = None if form.id is None else db.row("SELECT name, tax, position FROM category WHERE id = ?", (form.id,))
        if form.id is not None and found is None:
            raise NotFound(what="category", code=form.id)
        made = Category(form.id or new_id(), name, form.tax, form.position)
        if db.row("SELECT 1 FROM category WHERE name = ? AND id <> ?", (name, made.id)):
            raise AlreadyTaken(what="category", code=name)
        before = {} if found is None else dict(zip(("name", "tax", "position"), found, strict=True))
        old, new = differences(before, {"name": name, "tax": made.tax, "position": made.position})
        if new:
            db.run(
                "INSERT INTO category (id, name, tax, position) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
                "SET name = excluded.name, tax = excluded.tax, position = excluded.position",
                (made.id, name, made.tax, made.position),
            )
            add_note(shop, by, "category.changed", approved_by=approved_by, category=made.id, before=old, after=new)
        return made
