"""What can be typed about a customer: the fields, their texts, and the way from texts to the shop's form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from kiosk.errors import Erased, Invalid, SealedElsewhere, ShopError
from kiosk.i18n import LANGUAGES, _, clean_text, date_text, later, money_text, pgettext
from kiosk.money import Money
from kiosk.rules import dates, degrees
from kiosk.rules.dates import Expected
from kiosk.rules.permissions import Action, State
from kiosk.screens.form_fields import CHOOSE_HELP, SWITCH_HELP, Field, Filled, Kind, Option, switched, yes_or_no
from kiosk.screens.setting_words import LANGUAGE_NAMES
from kiosk.services import contacts, customers, documents, staff
from kiosk.services.customer_rows import NO_DOCUMENT, Customer, CustomerForm, DocumentKind, IdDocument
from kiosk.services.customer_rows import Kind as Of
from kiosk.services.customers import LONGEST_DOCUMENT, LONGEST_LINE, LONGEST_NAME, LONGEST_NOTES
from kiosk.services.shop import Shop, ShopSettings

_LONGEST_CONTACT: Final = 254
_LONGEST_DATE: Final = 30
_LONGEST_DEGREES: Final = 40
_LONGEST_CARD: Final = 32
_FEWEST_DIGITS: Final = 5
"""What was searched for with so many digits, and no letters, was a phone number."""

_DATE_HELP: Final = later("12.11.1984, or 12 nov 84")

_NAME: Final = Field("name", later("Name"), Kind.TEXT, later("or a nickname is enough"), LONGEST_NAME)
_COMPANY: Final = (
    Field("company", later("Company"), Kind.TEXT, longest=LONGEST_NAME),
    Field("vat_id", later("VAT number"), Kind.TEXT, later("with the letters of its country"), 32),
)
_WHO: Final = (
    Field("nickname", later("Nickname"), Kind.TEXT, later("what the till calls a person"), LONGEST_NAME),
    Field("phone", later("Phone"), Kind.TEXT, longest=_LONGEST_CONTACT),
    Field("phone_opt_in", later("News by phone"), Kind.SWITCH, SWITCH_HELP),
    Field("email", later("E-mail"), Kind.TEXT, longest=_LONGEST_CONTACT),
    Field("email_opt_in", later("News by e-mail"), Kind.SWITCH, SWITCH_HELP),
    Field("card", later("Customer card"), Kind.TEXT, later("scan it, in whichever field"), _LONGEST_CARD),
    Field("birth_date", later("Born"), Kind.TEXT, _DATE_HELP, _LONGEST_DATE),
    Field("type", later("Customer type"), Kind.CHOICE, CHOOSE_HELP),
    Field("kind", later("Kind"), Kind.CHOICE, CHOOSE_HELP),
)
_MORE: Final = (
    Field("language", later("Language"), Kind.CHOICE, CHOOSE_HELP),
    Field("street", later("Street"), Kind.TEXT, longest=LONGEST_LINE),
    Field("postcode", later("Postcode"), Kind.TEXT, longest=LONGEST_LINE),
    Field("city", later("Town"), Kind.TEXT, longest=LONGEST_LINE),
    Field("notes", later("Notes"), Kind.TEXT, longest=LONGEST_NOTES),
    Field("latitude", later("Latitude"), Kind.TEXT, later("such as 52.520; both at once from a map"), _LONGEST_DEGREES),
    Field("longitude", later("Longitude"), Kind.TEXT, later("such as 13.405; west: -"), _LONGEST_DEGREES),
)
_DETAILS: Final = Field("details", later("More details"), Kind.SWITCH, later("the driving licence; off keeps it"))
_LICENCE: Final = (
    Field("licence", later("Licence number"), Kind.TEXT, longest=LONGEST_DOCUMENT),
    Field("licence_state", later("Issuing state"), Kind.TEXT, longest=LONGEST_DOCUMENT),
    Field("licence_until", later("Licence until"), Kind.TEXT, _DATE_HELP, _LONGEST_DATE),
)
_MEDICAL: Final = (
    Field("medical", later("Medical number"), Kind.TEXT, longest=LONGEST_DOCUMENT),
    Field("medical_until", later("Medical until"), Kind.TEXT, _DATE_HELP, _LONGEST_DATE),
)

EXPIRIES: Final = frozenset({"licence_until", "medical_until"})
_OF_LICENCE: Final = frozenset(one.name for one in _LICENCE)
_OF_COMPANY: Final = frozenset(one.name for one in _COMPANY)
_DOCUMENTS: Final = {
    DocumentKind.LICENCE: ("licence", "licence_state", "licence_until"),
    DocumentKind.MEDICAL: ("medical", "", "medical_until"),
}
"""The fields of each: number, who issued it, until when."""
_KINDS: Final = {Of.PERSON: later("person"), Of.COMPANY: later("company")}


@dataclass(frozen=True, slots=True)
class Known:
    """What the form needs to know."""

    allowed: State
    """Whether whoever is signed in may change customers."""
    today: date
    customer: Customer | None
    phone: str
    """As people of the country write it."""
    papers: dict[DocumentKind, IdDocument] | None
    """None: they can't be opened on this machine, and stay as they are."""


def look(shop: Shop, by: str, customer: str) -> Known:
    """What the form of a customer needs, in one visit to the desk; an empty id is a new one. Refuses: NotFound, Erased.

    Of one who was merged it is the form of the one he is now.
    """
    allowed, today = staff.permission(shop, by, Action.EDIT_CUSTOMERS), shop.clock.today()
    if allowed is not State.ALLOWED or not customer:
        return Known(allowed, today, None, "", {})
    found = customers.get(shop, customer, by=by)
    if found.state != "active":
        raise Erased
    try:
        papers = documents.of(shop, found.id, by=by)
    except SealedElsewhere:
        papers = None
    return Known(allowed, today, found, contacts.shown_phone(found.form.phone, shop.settings.country), papers)


def fields(filled: Filled, *, medical: bool, sealed: bool) -> Sequence[Field]:
    """What is shown: a company leads with its name; papers of a medical shop only there, none that can't be opened."""
    company = filled.text("kind") == Of.COMPANY
    shown = [*_COMPANY, _NAME] if company else [_NAME]
    shown += [*_WHO, *_MORE]
    if sealed:
        return shown
    shown.append(_DETAILS)
    if filled.yes("details"):
        shown += _LICENCE
    if medical:
        shown += _MEDICAL
    return shown


def options(settings: ShopSettings, had: str) -> dict[str, tuple[Option, ...]]:
    """What can be chosen, by field, in the language that is spoken; a type that is no longer listed stays (T-19)."""
    types = (*settings.customer_types, *((had,) if had and had not in settings.customer_types else ()))
    return {
        "phone_opt_in": yes_or_no(),
        "email_opt_in": yes_or_no(),
        "details": yes_or_no(),
        "type": (Option("", pgettext("type", "none")), *(Option(one, one) for one in types)),
        "kind": tuple(Option(kind.value, _(word)) for kind, word in _KINDS.items()),
        "language": (Option("", _("as the shop")), *(Option(code, LANGUAGE_NAMES[code]) for code in LANGUAGES)),
    }


def filled_for(searched: str) -> tuple[Filled, str]:
    """A new customer from what was searched for, and the field that comes next."""
    text = clean_text(searched, LONGEST_NAME)
    start = Filled(texts={"kind": Of.PERSON.value})
    if not text:
        return start, "name"
    if "@" in text:
        return start.put("email", text), "name"
    if sum(letter.isdigit() for letter in text) >= _FEWEST_DIGITS and not any(map(str.isalpha, text)):
        return start.put("phone", text), "name"
    return start.put("name", text), "phone"


def filled_from(known: Known, settings: ShopSettings) -> Filled:
    """The texts of a customer who is there."""
    form = CustomerForm() if known.customer is None else known.customer.form
    texts = {
        "kind": form.kind.value,
        "name": form.name,
        "nickname": form.nickname,
        "company": form.company,
        "vat_id": form.vat_id,
        "phone": known.phone,
        "phone_opt_in": switched(form.phone_opt_in),
        "email": form.email,
        "email_opt_in": switched(form.email_opt_in),
        "birth_date": _date(form.birth_date, settings),
        "type": form.type,
        "language": form.language,
        "street": form.street,
        "postcode": form.postcode,
        "city": form.city,
        "notes": form.notes,
        "latitude": _degrees(form.latitude),
        "longitude": _degrees(form.longitude),
        "details": switched(form.details),
    }
    for kind, (number, issuer, expiry) in _DOCUMENTS.items():
        one = (known.papers or {}).get(kind, NO_DOCUMENT)
        texts |= {number: one.number, expiry: _date(one.expiry, settings)}
        texts |= {issuer: one.issuer} if issuer else {}
    return Filled(texts=texts)


def form_from(filled: Filled, saved: Filled, known: Known, settings: ShopSettings) -> CustomerForm:
    """The shop's form; what the screen does not show, or nobody changed, stays as it was.

    Refuses: Invalid (``problem`` says where).
    """
    start = CustomerForm() if known.customer is None else known.customer.form
    same_phone = filled.text("phone") == saved.text("phone")
    return replace(
        start,
        kind=Of(filled.text("kind") or Of.PERSON),
        name=filled.text("name"),
        nickname=filled.text("nickname"),
        company=filled.text("company"),
        vat_id=filled.text("vat_id"),
        phone=start.phone if same_phone and known.customer else filled.text("phone"),
        phone_opt_in=filled.yes("phone_opt_in"),
        email=filled.text("email"),
        email_opt_in=filled.yes("email_opt_in"),
        birth_date=day_of("birth_date", filled, known.today, settings),
        type=filled.text("type"),
        language=filled.text("language"),
        street=filled.text("street"),
        postcode=filled.text("postcode"),
        city=filled.text("city"),
        notes=filled.text("notes"),
        latitude=_millionths("latitude", filled),
        longitude=_millionths("longitude", filled),
        details=filled.yes("details"),
        licence=_document(DocumentKind.LICENCE, filled, saved, known, settings),
        medical=_document(DocumentKind.MEDICAL, filled, saved, known, settings),
        card=filled.text("card"),
    )


def problem(one: Field, filled: Filled, today: date, settings: ShopSettings) -> ShopError | None:
    """Why the text of a field can't be, as far as it can be told without the desk (T-05)."""
    try:
        if one.name == "birth_date" or one.name in EXPIRIES:
            day = day_of(one.name, filled, today, settings)
            if one.name == "birth_date" and day is not None and day > today:
                raise Invalid(field=one.name, value=filled.text(one.name))
        elif one.name in {"latitude", "longitude"} and degrees.pair(filled.text("latitude")) is None:
            _millionths(one.name, filled)
    except Invalid as error:
        return error
    return None


def settled(filled: Filled, today: date, settings: ShopSettings) -> Filled:
    """What was typed, as it is written: dates in full, and two coordinates that were pasted at once each in its field.

    What can't be read stays as it is.
    """
    both = degrees.pair(filled.text("latitude"))
    if both is not None:
        filled = filled.put("latitude", both[0]).put("longitude", both[1])
    for name in ("birth_date", *sorted(EXPIRIES)):
        try:
            day = day_of(name, filled, today, settings)
        except Invalid:
            continue
        if day is not None and filled.text(name) != _date(day, settings):
            filled = filled.put(name, _date(day, settings))
    return filled


def day_of(name: str, filled: Filled, today: date, settings: ShopSettings) -> date | None:
    """The date of a field; None if it is empty. Refuses: Invalid."""
    text = filled.text(name).strip()
    if not text:
        return None
    expected = Expected.COMING if name in EXPIRIES else Expected.PAST
    return dates.parse(text, today, expected, month_first=settings.country in dates.MONTH_FIRST, field=name)


def revealed(filled: Filled, name: str) -> Filled:
    """The form with a field shown that something is to be said of."""
    if name in _OF_LICENCE:
        return filled.put("details", switched(True))
    return filled.put("kind", Of.COMPANY.value) if name in _OF_COMPANY else filled


def _date(day: date | None, settings: ShopSettings) -> str:
    """As it is read back: where the month comes first, year, month and day, which nobody can take for another day."""
    if day is None:
        return ""
    return day.isoformat() if settings.country in dates.MONTH_FIRST else date_text(day)


def _degrees(millionths: int | None) -> str:
    if millionths is None:
        return ""
    return degrees.typed(millionths, next((sign for sign in money_text(Money(0)) if not sign.isdigit()), "."))


def _millionths(name: str, filled: Filled) -> int | None:
    text = filled.text(name).strip()
    return degrees.parse(text, name) if text else None


def _document(
    kind: DocumentKind, filled: Filled, saved: Filled, known: Known, settings: ShopSettings
) -> IdDocument | None:
    """A paper as it stands in the form; None for one that nobody touched."""
    number, issuer, expiry = _DOCUMENTS[kind]
    if all(filled.text(name) == saved.text(name) for name in (number, issuer, expiry)):
        return None
    return IdDocument(filled.text(number), filled.text(issuer), day_of(expiry, filled, known.today, settings))
