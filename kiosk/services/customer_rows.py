"""Customers as the screens know them, and their rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final

from kiosk import db
from kiosk.i18n import LANGUAGES


class Kind(StrEnum):
    """A customer is a person or a company; both can do the same (Q-04)."""

    PERSON = "person"
    COMPANY = "company"


class Channel(StrEnum):
    """How a customer is written to; each has a consent of its own (T-03, T-04)."""

    PHONE = "phone"
    EMAIL = "email"


class DocumentKind(StrEnum):
    """What proves something about a person; kept sealed (PLATFORM.md 8)."""

    LICENCE = "licence"
    MEDICAL = "medical"


@dataclass(frozen=True, slots=True)
class IdDocument:
    """A driving licence or a medical card; ``repr`` shows none of it."""

    number: str = field(default="", repr=False)
    issuer: str = field(default="", repr=False)
    """The state that issued it."""
    expiry: date | None = field(default=None, repr=False)
    """The last day on which it is valid."""

    def __bool__(self) -> bool:
        return bool(self.number or self.issuer or self.expiry)

    def expired(self, today: date) -> bool:
        """Whether it is no longer valid."""
        return self.expiry is not None and self.expiry < today


NO_DOCUMENT: Final = IdDocument()


@dataclass(frozen=True, slots=True)
class CustomerForm:
    """What is said of a customer when he is created, or changed. Texts as they are typed (T-02 to T-07, T-18)."""

    id: str | None = None
    """None: a new one."""
    changed_at: int = 0
    """Of the customer as he was read, so that nobody overwrites what somebody else has just saved."""
    kind: Kind = Kind.PERSON
    name: str = ""
    nickname: str = ""
    company: str = ""
    vat_id: str = ""
    phone: str = ""
    phone_opt_in: bool = False
    email: str = ""
    email_opt_in: bool = False
    birth_date: date | None = None
    type: str = ""
    """One of the shop's customer types; empty: none."""
    language: str = ""
    """Empty: the shop's."""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    latitude: int | None = None
    """In millionths of a degree."""
    longitude: int | None = None
    notes: str = ""
    details: bool = False
    """Whether the additional fields are shown; off keeps their values (T-20)."""
    licence: IdDocument | None = None
    """None: as it is kept, which is what a form says that was not shown it."""
    medical: IdDocument | None = None
    card: str = ""
    """A card's number that is given to the customer with this save (U-09)."""

    @property
    def called(self) -> str:
        """What the till calls him."""
        if self.kind is Kind.COMPANY:
            return self.company or self.name or self.nickname
        return self.nickname or self.name or self.company


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as he is kept; his documents are asked for apart (services/documents.py)."""

    id: str
    number: int
    form: CustomerForm
    """Without documents and without a new card."""
    state: str
    """active, merged, erased or withdrawn (an import that was undone)."""
    banned: str | None
    """Why the shop does not serve him; None: it does."""
    merged_into: str | None
    created_at: int
    cards: tuple[str, ...] = ()
    """The codes of his cards that are not closed, of those merged into him too."""

    @property
    def called(self) -> str:
        """What the till calls him."""
        return self.form.called or f"#{self.number}"

    @property
    def initial(self) -> str:
        """The badge at the till (T-10)."""
        return next((letter.upper() for letter in self.called if letter.isalnum()), "#")


COLUMNS: Final = (
    "id", "number", "state", "kind", "name", "nickname", "company", "vat_id", "birth_date", "type", "language",
    "street", "postcode", "city", "country", "latitude", "longitude", "notes", "details", "banned", "merged_into",
    "created_at", "changed_at",
)  # fmt: skip
FORM_COLUMNS: Final = (
    "kind", "name", "nickname", "company", "vat_id", "birth_date", "type", "language", "street", "postcode", "city",
    "country", "latitude", "longitude", "notes", "details",
)  # fmt: skip
"""What of a form stands in the customer's own row."""

_MOST_MARKS: Final = 500


def marks(values: Sequence[object]) -> str:
    """Placeholders for an IN list."""
    return ", ".join("?" * len(values))


def read(ids: Sequence[str]) -> dict[str, Customer]:
    """Customers by id, as their rows have them; merges are not followed."""
    found: dict[str, Customer] = {}
    for start in range(0, len(ids), _MOST_MARKS):
        some = ids[start : start + _MOST_MARKS]
        columns = ", ".join(COLUMNS)
        made = [_customer(row) for row in db.rows(f"SELECT {columns} FROM customer WHERE id IN ({marks(some)})", some)]
        contacts = _contacts(some)
        cards = _cards(some)
        for one in made:
            form = replace(one.form, **contacts.get(one.id, {}))
            found[one.id] = replace(one, form=form, cards=tuple(cards.get(one.id, ())))
    return found


def root_of(customer: str) -> str | None:
    """Whom a customer was merged into in the end: himself, if nobody. None: unknown (N24)."""
    found = db.row("SELECT merged_into FROM customer WHERE id = ?", (customer,))
    while found is not None and found[0] is not None:
        customer = str(found[0])
        found = db.row("SELECT merged_into FROM customer WHERE id = ?", (customer,))
    return None if found is None else customer


def members_of(customer: str) -> tuple[str, ...]:
    """A customer and all who were merged into him, he first."""
    found = [customer]
    for one in found:
        found += [str(row[0]) for row in db.rows("SELECT id FROM customer WHERE merged_into = ? ORDER BY id", (one,))]
    return tuple(found)


def language_of(customer: str | None, shops: str) -> str:
    """Which language paper for a customer speaks: his own, or the shop's where he has none, or is nobody (N15)."""
    root = None if customer is None else root_of(customer)
    found = None if root is None else db.row("SELECT language FROM customer WHERE id = ?", (root,))
    return str(found[0]) if found is not None and found[0] in LANGUAGES else shops


def values_of(form: CustomerForm) -> dict[str, object]:
    """What is stored of a form in the customer's own row, by column."""
    return {
        "kind": form.kind.value,
        "name": form.name,
        "nickname": form.nickname,
        "company": form.company,
        "vat_id": form.vat_id,
        "birth_date": None if form.birth_date is None else form.birth_date.isoformat(),
        "type": form.type,
        "language": form.language,
        "street": form.street,
        "postcode": form.postcode,
        "city": form.city,
        "country": form.country,
        "latitude": form.latitude,
        "longitude": form.longitude,
        "notes": form.notes,
        "details": int(form.details),
    }


def _customer(row: Sequence[Any]) -> Customer:
    one = dict(zip(COLUMNS, row, strict=True))
    form = CustomerForm(
        id=one["id"],
        changed_at=int(one["changed_at"]),
        kind=Kind(one["kind"]),
        name=one["name"],
        nickname=one["nickname"],
        company=one["company"],
        vat_id=one["vat_id"],
        birth_date=None if one["birth_date"] is None else date.fromisoformat(one["birth_date"]),
        type=one["type"],
        language=one["language"],
        street=one["street"],
        postcode=one["postcode"],
        city=one["city"],
        country=one["country"],
        latitude=one["latitude"],
        longitude=one["longitude"],
        notes=one["notes"],
        details=bool(one["details"]),
    )
    return Customer(
        id=one["id"],
        number=int(one["number"]),
        form=form,
        state=one["state"],
        banned=one["banned"],
        merged_into=one["merged_into"],
        created_at=int(one["created_at"]),
    )


def _contacts(ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for customer, channel, value, opt_in in db.rows(
        f"SELECT customer, channel, value, opt_in FROM contact WHERE customer IN ({marks(ids)})", ids
    ):
        found.setdefault(customer, {}).update({channel: value, f"{channel}_opt_in": bool(opt_in)})
    return found


def _cards(ids: Iterable[str]) -> dict[str, list[str]]:
    """By customer; those of merged ones belong to whom they are merged into, which ``customers.get`` adds up.

    Of his credit notes none: whoever knows the code of one can pay with it.
    """
    ids = tuple(ids)
    found: dict[str, list[str]] = {}
    for customer, code in db.rows(
        f"SELECT customer, code FROM card WHERE customer IN ({marks(ids)}) AND code IS NOT NULL "
        "AND kind = 'bonus' AND state <> 'closed' ORDER BY issued_at, id",
        ids,
    ):
        found.setdefault(customer, []).append(code)
    return found
