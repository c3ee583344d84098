"""The ticket of a parked sale: its number and code, by which any till takes it up; nobody's name (D4-01)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kiosk.i18n import _, currency, money_text, ngettext, speaking, stamp_text
from kiosk.money import Money
from kiosk.receipts.measure import cells
from kiosk.receipts.paper import Blank, Centre, Code, Cut, Document, Element, Rule, Split
from kiosk.receipts.sale import ShopHead

_LONGEST_BIG_NAME: Final = 16


@dataclass(frozen=True, slots=True)
class ParkedTicket:
    """All that the ticket shows, as plain values."""

    shop: ShopHead
    number: int
    code: str
    """EAN-13 of the till's own."""
    at: datetime
    """When it was parked, on the shop's wall clock."""
    lane: str
    items: int
    total: Money
    copy: int = 0
    training: bool = False


def lay_out(ticket: ParkedTicket, language: str | None = None) -> Document:
    """Lay a ticket out, in the language that is spoken or in another. Training paper bears nothing to scan."""
    with nullcontext() if language is None else speaking(language):
        marks = tuple(_marks(ticket))
        return (*_head(ticket), *marks, *_body(ticket), *((Blank(), *marks) if marks else ()), Cut())


def _head(ticket: ParkedTicket) -> Iterator[Element]:
    yield Centre(ticket.shop.name, bold=True, big=cells(ticket.shop.name) <= _LONGEST_BIG_NAME)


def _marks(ticket: ParkedTicket) -> Iterator[Element]:
    if ticket.training:
        yield Centre(_("TRAINING"), big=True, bold=True)
    if ticket.copy:
        yield Centre(_("COPY {count}").format(count=ticket.copy), big=True, bold=True)


def _body(ticket: ParkedTicket) -> Iterator[Element]:
    yield Rule()
    yield Centre(_("PARKED {number}").format(number=ticket.number), big=True, bold=True)
    yield Centre(_("Not paid: this is no receipt."), bold=True)
    yield Rule()
    yield Split(_("Till {lane}").format(lane=ticket.lane), stamp_text(ticket.at))
    count = ngettext("{count} item", "{count} items", ticket.items).format(count=ticket.items)
    yield Split(count, f"{currency()} {money_text(ticket.total)}", bold=True)
    yield Blank()
    if not ticket.training:
        yield Code("ean13", ticket.code)
    yield Centre(_("Show this at the till to go on."))
