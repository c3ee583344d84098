"""The customer whom a sale is for, as the till shows him; each question is one visit to the desk (T-09, T-10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kiosk.errors import Denied, SealedElsewhere, ShopError

if TYPE_CHECKING:
    from datetime import date

    from kiosk.money import Money
    from kiosk.services.customer_rows import Customer
    from kiosk.services.history import Row
    from kiosk.services.shop import Shop


_VISITS: Final = 12


@dataclass(frozen=True, slots=True)
class Served:
    """What stands in the badge."""

    id: str
    number: int
    called: str
    initial: str
    type: str = ""
    points: int = 0
    cards: int = 0
    """How many of his cards have a number."""
    expired: date | None = None
    """When his medical card expired, in a medical shop (T-07)."""

    @property
    def seen(self) -> bool:
        """Whether whoever stands here may know who he is: without that right the sale is his all the same."""
        return self.number > 0


@dataclass(frozen=True, slots=True)
class Details:
    """What is shown of a customer who is looked at."""

    customer: Customer
    points: int
    phone: str
    """As it is read."""
    expired: date | None
    spent: Money
    """In the last twelve months."""
    visits: tuple[Row, ...]
    """The latest receipts, newest first."""
    merged: int
    """How many others were merged into him."""


def serve(shop: Shop, customer: str, *, by: str) -> Served:
    """A customer who is to be attached, or whom he was merged into. Refuses: NotFound, Erased, Banned, Denied."""
    from kiosk.services import customers, points

    found = customers.to_serve(shop, customer, by=by)
    return Served(
        id=found.id,
        number=found.number,
        called=found.called,
        initial=found.initial,
        type=found.form.type,
        points=points.held(shop, found.id),
        cards=len(found.cards),
        expired=_expired(shop, found.id, by=by),
    )


def still(shop: Shop, customer: str, *, by: str) -> Served | ShopError:
    """The same of one who was attached before; what is refused by now is an answer like any other.

    To whoever may not see customers he stays attached, with nothing told of him.
    """
    try:
        return serve(shop, customer, by=by)
    except Denied:
        return Served(id=customer, number=0, called="", initial="*")
    except ShopError as error:
        return error


def look_at(shop: Shop, customer: str, *, by: str) -> Details:
    """Whoever is looked at, banned or not. Refuses: NotFound, Denied. Source: Q-05."""
    from kiosk.services import contacts, customer_history, customers
    from kiosk.services.customer_rows import members_of

    found = customers.get(shop, customer, by=by)
    summary = customer_history.summary(shop, found.id, by=by)
    return Details(
        customer=found,
        points=summary.points,
        phone=contacts.shown_phone(found.form.phone, shop.settings.country),
        expired=_expired(shop, found.id, by=by),
        spent=summary.spent,
        visits=customer_history.sales(shop, found.id, by=by, limit=_VISITS),
        merged=len(members_of(found.id)) - 1,
    )


def _expired(shop: Shop, customer: str, *, by: str) -> date | None:
    """The last day of a medical card that is no longer valid; what can't be opened here says nothing."""
    if not shop.settings.medical_shop:
        return None
    from kiosk.services import documents
    from kiosk.services.customer_rows import DocumentKind

    try:
        medical = documents.of(shop, customer, by=by)[DocumentKind.MEDICAL]
    except SealedElsewhere:
        return None
    return medical.expiry if medical.expired(shop.clock.today()) else None
