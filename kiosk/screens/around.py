"""What the sale screen needs to know from the desk, each in one visit.

The services are imported on the desk, after the first paint: a till that
starts shows its screen half a second earlier on a slow machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.errors import Denied, ShopError
from kiosk.rules import codes
from kiosk.rules.basket import Item
from kiosk.rules.codes import CodeKind
from kiosk.screens.served import Served, still

if TYPE_CHECKING:
    from kiosk.rules.permissions import Action, State
    from kiosk.rules.tender import Tender
    from kiosk.services.catalogue import QuickArticle
    from kiosk.services.drafts import Draft
    from kiosk.services.parked import Counts
    from kiosk.services.payments import Pending
    from kiosk.services.shop import Shop
    from kiosk.services.staff import Person


@dataclass(frozen=True, slots=True)
class Day:
    """How the day stands at this till."""

    is_open: bool
    """Whether today's shift is open, counted or not."""
    left_open: str = ""
    """The business date of an earlier day that somebody opened and nobody closed."""


@dataclass(frozen=True, slots=True)
class Around:
    """What is there when somebody comes to the till."""

    draft: Draft | None
    tenders: tuple[Tender, ...]
    quick: tuple[QuickArticle, ...]
    allowed: Mapping[Action, State]
    pending: tuple[Pending, ...]
    """Payments of the draft that a terminal was asked for."""
    day: Day
    parked: Counts
    """How many sales wait, and how many of them for too long."""
    half_voided: int | None = None
    """A receipt whose void a terminal was asked for, and which was not voided."""
    served: Served | ShopError | None = None
    """The customer whom the draft names, or why he is not served any more."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A past sale, by the code on its receipt."""

    sale: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """A parked sale, by the code on its ticket."""

    number: int
    sale: str
    """Its key; empty when it waits no more."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A customer, by a card of his or by the till's own code with his number."""

    customer: str


def look_around(shop: Shop, person_id: str) -> Around:
    """What a person finds at this till; one visit to the desk."""
    from kiosk.rules.permissions import Action
    from kiosk.services import catalogue, drafts, parked, payments, sales, staff

    asked = (
        Action.OPEN_SHIFT,
        Action.CLOSE_SHIFT,
        Action.DISCOUNT,
        Action.OPEN_PRICE,
        Action.VOID_LINE,
        Action.SEE_CUSTOMERS,
    )
    draft = drafts.load(shop, person_id)
    return Around(
        draft=draft,
        tenders=sales.tenders(shop),
        quick=catalogue.quick(shop),
        allowed={action: staff.permission(shop, person_id, action) for action in asked},
        pending=payments.open_pending(shop, draft.key) if draft else (),
        day=_day(shop),
        parked=parked.counts(shop),
        half_voided=payments.half_voided(shop),
        served=still(shop, draft.customer, by=person_id) if draft and draft.customer else None,
    )


def _day(shop: Shop) -> Day:
    """A shift of an earlier day that nobody counted closes by itself: it is as if none were open."""
    from kiosk.services import shift_rows

    shift = shift_rows.current(shop)
    if shift is None or not shift_rows.is_stale(shop, shift.business_date):
        return Day(is_open=shift is not None)
    return Day(is_open=False, left_open="" if shift.counted is None else shift.business_date)


def identify(shop: Shop, code: str) -> Item | Person | Receipt | Ticket | Holder | None:
    """What a scanned code is, whatever screen is open (UX.md 4.2): what the shop sells comes first, at one look."""
    from kiosk.services import catalogue, staff

    kind = codes.what_is(code, shop.settings.weight_prefixes, shop.settings.price_prefixes).kind
    if kind is CodeKind.RECEIPT:
        from kiosk.services import history

        sale = history.by_code(shop, code)
        return None if sale is None else Receipt(sale)
    if kind is CodeKind.PARKED:
        from kiosk.services import parked

        waiting = parked.by_code(shop, code)
        return None if waiting is None else Ticket(*waiting)
    if kind not in {CodeKind.BADGE, CodeKind.CUSTOMER}:
        item = catalogue.find(shop, code)
        if item is not None:
            return item
    return staff.by_badge(shop, code) or holder_of(shop, code)


def holder_of(shop: Shop, code: str) -> Holder | None:
    """The customer whom a code stands for."""
    from kiosk.services import customers

    found = customers.by_code(shop, code)
    return None if found is None else Holder(found)


def may(shop: Shop, person_id: str, action: str) -> bool:
    """Whether somebody may do it at once; False if another person's PIN is needed. Refuses: Denied."""
    from kiosk.rules.permissions import State
    from kiosk.services import staff

    state = staff.permission(shop, person_id, action)
    if state is State.DENIED:
        raise Denied(action=action)
    return state is State.ALLOWED


def who_may(shop: Shop, action: str, besides: str) -> tuple[Person, ...]:
    """Who can approve something for somebody else."""
    from kiosk.rules.permissions import State
    from kiosk.services import staff

    return tuple(
        person
        for person in staff.people(shop)
        if person.id != besides and staff.permission(shop, person.id, action) is State.ALLOWED
    )
