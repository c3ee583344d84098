"""Who a new customer may be already: nobody is kept twice without somebody having been asked.

Only ranges of B-trees are read: addresses by their own index, names by what
customers are found under (services/customer_index.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from kiosk import db
from kiosk.rules import words
from kiosk.rules.permissions import Action
from kiosk.services import customers, staff
from kiosk.services.customer_index import MAIL, NAME, PAIR
from kiosk.services.customer_rows import Channel, Customer, CustomerForm, Kind, read, root_of
from kiosk.services.shop import Shop

MOST_TWINS: Final = 9
_MOST_OF_A_NAME: Final = 200
"""So many who share two words of a name, or a name of one word, are looked at, the newest first."""

_BY_ADDRESS: Final = "SELECT customer FROM contact WHERE value = ? AND channel = ? LIMIT ?"
_BY_KEY: Final = (
    "SELECT customer.id FROM customer_key JOIN customer ON customer.number = customer_key.customer "
    "WHERE customer_key.key = ? ORDER BY customer_key.customer DESC LIMIT ?"
)


class Same(StrEnum):
    """What two customers have in common, the surest first."""

    PHONE = "phone"
    EMAIL = "email"
    BIRTH = "birth_date"
    """Name and date of birth."""
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Twin:
    """Somebody who may be meant."""

    id: str
    number: int
    called: str
    name: str
    """In full, where the till calls him by another."""
    city: str
    birth_date: date | None
    phone: str
    """As it is kept."""
    banned: bool
    same: tuple[Same, ...]


def twins(shop: Shop, form: CustomerForm, *, by: str) -> tuple[Twin, ...]:
    """Who is there already and may be the one of a form, the likeliest first; each once, as the one he is now.

    The same phone, e-mail or name, in either order and however its accents are
    typed; of two who share only a name and were born on different days neither is
    the other. Refuses: Denied, and what saving the form would refuse of it.
    """
    staff.require(shop, by, Action.SEE_CUSTOMERS)
    himself = None if form.id is None else root_of(form.id)
    wanted = customers.checked(shop, form, None if form.id is None else read([form.id]).get(form.id))
    common: dict[str, set[Same]] = {}
    for customer, same in (*_by_address(wanted), *_by_name(wanted)):
        root = root_of(customer)
        if root is not None and root != himself:
            common.setdefault(root, set()).add(same)
    found = [_twin(one, common[one.id]) for one in read(list(common)).values() if one.state == "active"]
    return tuple(sorted(found, key=_likeliest))[:MOST_TWINS]


def _by_address(wanted: CustomerForm) -> Iterator[tuple[str, Same]]:
    if wanted.phone:
        for (customer,) in db.rows(_BY_ADDRESS, (wanted.phone, Channel.PHONE.value, _MOST_OF_A_NAME)):
            yield str(customer), Same.PHONE
    if wanted.email:
        for (customer,) in db.rows(_BY_KEY, (MAIL + words.fold(wanted.email), _MOST_OF_A_NAME)):
            yield str(customer), Same.EMAIL


def _by_name(wanted: CustomerForm) -> Iterator[tuple[str, Same]]:
    ways = _ways(wanted)
    ids = [str(row[0]) for key in sorted(map(_key, ways)) for row in db.rows(_BY_KEY, (key, _MOST_OF_A_NAME))]
    for one in read(list(dict.fromkeys(ids))).values():
        if one.form.kind is not wanted.kind or ways.isdisjoint(_ways(one.form)):
            continue
        if wanted.birth_date is None or one.form.birth_date is None:
            yield one.id, Same.NAME
        elif wanted.birth_date == one.form.birth_date:
            yield one.id, Same.BIRTH


def _ways(form: CustomerForm) -> frozenset[tuple[str, ...]]:
    """The words of the name, however they are spelled, in an order of their own."""
    name = form.company if form.kind is Kind.COMPANY and form.company else form.name or form.nickname
    return frozenset(tuple(sorted(spelled)) for spelled in words.spellings(name) if spelled)


def _key(way: tuple[str, ...]) -> str:
    return f"{PAIR}{way[0]} {way[1]}" if len(way) > 1 else NAME + way[0]


def _twin(one: Customer, common: Iterable[Same]) -> Twin:
    form = one.form
    return Twin(
        id=one.id,
        number=one.number,
        called=one.called,
        name=form.name,
        city=form.city,
        birth_date=form.birth_date,
        phone=form.phone,
        banned=one.banned is not None,
        same=tuple(same for same in Same if same in common),
    )


def _likeliest(twin: Twin) -> tuple[int, int, int]:
    return list(Same).index(twin.same[0]), -len(twin.same), twin.number
