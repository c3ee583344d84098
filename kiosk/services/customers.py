"""Customers at the register: created, changed, and known by what they show or say (T-01 to T-09, T-18 to T-20)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kiosk import db
from kiosk.errors import Banned, ChangedMeanwhile, Erased, Invalid, Missing, NotFound, OutOfRange
from kiosk.i18n import LANGUAGES
from kiosk.i18n.clean import clean_text
from kiosk.rules import codes
from kiosk.rules.codes import CodeKind
from kiosk.rules.permissions import Action
from kiosk.services import cards, consents, contacts, customer_index, documents, staff
from kiosk.services.customer_rows import (
    FORM_COLUMNS,
    NO_DOCUMENT,
    Channel,
    Customer,
    CustomerForm,
    DocumentKind,
    IdDocument,
    Kind,
    members_of,
    read,
    root_of,
    values_of,
)
from kiosk.services.ids import new_id
from kiosk.services.journal import add_note
from kiosk.services.shop import Shop

LONGEST_NAME: Final = 80
LONGEST_LINE: Final = 80
LONGEST_NOTES: Final = 500
LONGEST_DOCUMENT: Final = 40
OLDEST_YEAR: Final = 1880
_MILLIONTHS: Final = 1_000_000

_INSERT: Final = (
    f"INSERT INTO customer ({', '.join(FORM_COLUMNS)}, changed_at, created_at, created_by, number, id, imported) "
    f"VALUES ({', '.join('?' * (len(FORM_COLUMNS) + 6))})"
)
_UPDATE: Final = (
    f"UPDATE customer SET {', '.join(f'{name} = ?' for name in FORM_COLUMNS)}, changed_at = ? "
    "WHERE id = ? AND changed_at = ?"
)


def save(shop: Shop, form: CustomerForm, *, by: str, source: str = "till", imported: str | None = None) -> Customer:
    """Create a customer, or change the one that the form names: all of it, or nothing.

    A new address needs its consent anew: what the form says of it is written
    into the consent ledger, as is each yes and no that changes. Refuses:
    Missing (name; phone or e-mail that a consent is for), Invalid, OutOfRange,
    AlreadyTaken (the card), NotFound, Erased, ChangedMeanwhile, Denied.
    Source: T-01 to T-08, T-18 to T-20, Q-04, U-09, N20.
    """
    with db.transaction():
        staff.require(shop, by, Action.EDIT_CUSTOMERS)
        return save_in(shop, form, by=by, source=source, imported=imported)


def save_in(shop: Shop, form: CustomerForm, *, by: str, source: str = "till", imported: str | None = None) -> Customer:
    """The same inside the transaction of a deed that has passed the door."""
    before = None if form.id is None else _to_change(form)
    customer, changed = put_in(shop, before, checked(shop, form, before), by=by, source=source, imported=imported)
    after = read([customer])[customer]
    customer_index.index_in(before, after)
    _tell(shop, before, after, changed, by=by)
    return after


def put_in(
    shop: Shop,
    before: Customer | None,
    wanted: CustomerForm,
    *,
    by: str,
    source: str,
    imported: str | None = None,
    number: int | None = None,
) -> tuple[str, list[str]]:
    """Keep a checked form with contacts, consents, documents and card; the id, and the names of what changed.

    What is found and journalled of it is the caller's, who may do so for many at once. ``number``: for a new one
    that has one already. Refuses: AlreadyTaken (the card, the number), ChangedMeanwhile.
    """
    customer = before.id if before else new_id()
    at = max(shop.clock.millis(), 0 if before is None else before.form.changed_at + 1)
    values = tuple(values_of(wanted)[name] for name in FORM_COLUMNS)
    if before is None:
        db.run(_INSERT, (*values, at, at, by, next_number() if number is None else number, customer, imported))
    elif not db.run(_UPDATE, (*values, at, customer, before.form.changed_at)):
        raise ChangedMeanwhile(what="customer")
    changed = [name for name in FORM_COLUMNS if before and values_of(before.form)[name] != values_of(wanted)[name]]
    changed += _put_contacts(shop, customer, before, wanted, by=by, source=source)
    said = {DocumentKind.LICENCE: wanted.licence, DocumentKind.MEDICAL: wanted.medical}
    changed += documents.put_in(shop, customer, {kind: one for kind, one in said.items() if one is not None})
    if wanted.card:
        cards.issue_in(shop, customer, wanted.card, by=by)
    return customer, changed


def get(shop: Shop, customer: str, *, by: str) -> Customer:
    """A customer, or whom he was merged into, with the cards of all who are one with him; one ban bans them all.

    Refuses: NotFound, Denied.
    """
    staff.require(shop, by, Action.SEE_CUSTOMERS)
    root = root_of(customer)
    if root is None:
        raise NotFound(what="customer", code="")
    members = members_of(root)
    found = read(members)
    return replace(
        found[root],
        cards=tuple(code for member in members for code in found[member].cards),
        banned=next((found[member].banned for member in members if found[member].banned is not None), None),
    )


def to_serve(shop: Shop, customer: str, *, by: str) -> Customer:
    """A customer who is to be attached to a sale. Refuses: NotFound, Erased, Banned (which is journalled), Denied.

    Source: T-09, T-22, DOMAIN.md C.6 Attach, U-26.
    """
    found = get(shop, customer, by=by)
    if found.state != "active":
        raise Erased
    if found.banned is not None:
        with db.transaction():
            add_note(shop, by, "customer.refused", customer=found.id)
        raise Banned(reason=found.banned)
    return found


def by_code(shop: Shop, code: str) -> str | None:
    """The customer whom a scanned code stands for: his card, or the till's own code with his number."""
    meaning = codes.what_is(code, shop.settings.weight_prefixes, shop.settings.price_prefixes)
    if meaning.kind is CodeKind.CUSTOMER:
        found = db.row("SELECT id FROM customer WHERE number = ?", (meaning.value,))
        return None if found is None else root_of(str(found[0]))
    held = cards.holder(shop, code)
    return None if held is None else root_of(held)


def checked(shop: Shop, form: CustomerForm, before: Customer | None = None) -> CustomerForm:
    """The form cleaned, as it is kept; asks no database. Refuses: Missing, Invalid, OutOfRange."""
    country = clean_text(form.country, 2).upper()
    wanted = replace(
        form,
        name=clean_text(form.name, LONGEST_NAME),
        nickname=clean_text(form.nickname, LONGEST_NAME),
        company=clean_text(form.company, LONGEST_NAME),
        vat_id=contacts.kept_vat_id(form.vat_id, country or shop.settings.country),
        phone=contacts.kept_phone(form.phone, shop.settings.country),
        email=contacts.kept_email(form.email),
        type=clean_text(form.type),
        street=clean_text(form.street, LONGEST_LINE),
        postcode=clean_text(form.postcode, LONGEST_LINE),
        city=clean_text(form.city, LONGEST_LINE),
        country=country,
        notes=clean_text(form.notes, LONGEST_NOTES),
        licence=_document(form.licence),
        medical=_document(form.medical),
        card=cards.kept_code(shop, form.card),
    )
    if not wanted.name and not wanted.nickname and not (wanted.kind is Kind.COMPANY and wanted.company):
        raise Missing(field="company" if wanted.kind is Kind.COMPANY else "name")
    for field, said, address in (
        ("phone", wanted.phone_opt_in, wanted.phone),
        ("email", wanted.email_opt_in, wanted.email),
    ):
        if said and not address:
            raise Missing(field=field)
    _check_choices(shop, wanted, before)
    _check_birth(shop, wanted)
    _check_place(wanted)
    return wanted


def _check_choices(shop: Shop, form: CustomerForm, before: Customer | None) -> None:
    """A type that is no longer in the list stays with whoever has it."""
    had = before.form.type if before else ""
    if form.type and form.type not in (*shop.settings.customer_types, had):
        raise Invalid(field="type", value=form.type)
    if form.language and form.language not in LANGUAGES:
        raise Invalid(field="language", value=form.language)


def _check_birth(shop: Shop, form: CustomerForm) -> None:
    today = shop.clock.today()
    if form.birth_date is not None and not (form.birth_date.year >= OLDEST_YEAR and form.birth_date <= today):
        raise Invalid(field="birth_date", value=form.birth_date.isoformat())


def _check_place(form: CustomerForm) -> None:
    if (form.latitude is None) != (form.longitude is None):
        raise Missing(field="latitude" if form.latitude is None else "longitude")
    for field, value, most in (("latitude", form.latitude, 90), ("longitude", form.longitude, 180)):
        if value is not None and abs(value) > most * _MILLIONTHS:
            raise OutOfRange(field=field, value=str(value), lowest=str(-most), highest=str(most))


def _document(given: IdDocument | None) -> IdDocument | None:
    if given is None:
        return None
    made = IdDocument(
        number=clean_text(given.number, LONGEST_DOCUMENT),
        issuer=clean_text(given.issuer, LONGEST_DOCUMENT),
        expiry=given.expiry,
    )
    return made if made else NO_DOCUMENT


def _to_change(form: CustomerForm) -> Customer:
    found = read([form.id or ""]).get(form.id or "")
    if found is None:
        raise NotFound(what="customer", code="")
    if found.state in {"erased", "withdrawn"}:
        raise Erased
    if found.state == "merged" or form.changed_at != found.form.changed_at:
        raise ChangedMeanwhile(what="customer")
    return found


def next_number() -> int:
    """The number of the next new customer, held until the commit."""
    db.hold(("customer.number",))
    (last,) = db.row("SELECT MAX(number) FROM customer") or (None,)
    return int(last or 0) + 1


def _put_contacts(
    shop: Shop, customer: str, before: Customer | None, wanted: CustomerForm, *, by: str, source: str
) -> list[str]:
    """Keep addresses, and write each consent down that was given or withdrawn, or is of another address now."""
    old = before.form if before else CustomerForm()
    changed: list[str] = []
    for channel, was, had, value, given in (
        (Channel.PHONE, old.phone, old.phone_opt_in, wanted.phone, wanted.phone_opt_in),
        (Channel.EMAIL, old.email, old.email_opt_in, wanted.email, wanted.email_opt_in),
    ):
        if (was, had) == (value, given):
            continue
        if was != value:
            changed.append(channel.value)
        if had and (was != value or not given):
            consents.record_in(shop, customer, channel, was, given=False, by=by, source=source)
        if given and (was != value or not had):
            consents.record_in(shop, customer, channel, value, given=True, by=by, source=source)
        _put_contact(customer, channel, value, given)
        if had != given:
            changed.append(f"{channel.value}_opt_in")
    return changed


def _put_contact(customer: str, channel: Channel, value: str, given: bool) -> None:
    if not value:
        db.run("DELETE FROM contact WHERE customer = ? AND channel = ?", (customer, channel.value))
        return
    db.run(
        "INSERT INTO contact (customer, channel, value, opt_in) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (customer, channel) DO UPDATE SET "
        "verified_at = CASE WHEN contact.value = excluded.value THEN contact.verified_at END, "
        "value = excluded.value, opt_in = excluded.opt_in",
        (customer, channel.value, value, int(given)),
    )


def _tell(shop: Shop, before: Customer | None, after: Customer, changed: list[str], *, by: str) -> None:
    """The journal names what changed, and never the values, which are somebody's own; a type is the shop's (T-19)."""
    if before is None:
        add_note(shop, by, "customer.created", customer=after.id, number=after.number)
        return
    if changed:
        add_note(shop, by, "customer.changed", customer=after.id, fields=sorted(changed))
    if before.form.type != after.form.type:
        add_note(shop, by, "customer.type", customer=after.id, before=before.form.type, after=after.form.type)
