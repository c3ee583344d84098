"""The slip of cash that went in or out and is no sale (K-22, D6-04)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kiosk.i18n import _, clean_text, currency, later, money_text, speaking, stamp_text
from kiosk.money import Money
from kiosk.receipts.measure import cells
from kiosk.receipts.paper import Blank, Centre, Cut, Document, Element, Left, Rule, Split
from kiosk.receipts.sale import ShopHead
from kiosk.rules.drawer import Purpose

PURPOSES: Final = {
    Purpose.BANK: later("Bank"),
    Purpose.STAFF: later("Member of staff"),
    Purpose.REGISTER: later("Another till"),
    Purpose.SAFE: later("Safe"),
    Purpose.OTHER: later("Other"),
}
"""What each case is called, on paper and screen."""

_LONGEST_BIG_NAME: Final = 16
_LONGEST_NAME: Final = 40
_SIGNATURE: Final = "_" * 24


@dataclass(frozen=True, slots=True)
class CashSlip:
    """All that the slip shows, as plain values."""

    shop: ShopHead
    lane: str
    staff: str
    """First name of who did it."""
    approved_by: str
    """First name; empty if nobody had to."""
    at: datetime
    """On the shop's wall clock."""
    direction: str
    """in or out."""
    purpose: Purpose
    amount: Money
    other: str = ""
    """The other till, for Purpose.REGISTER."""
    reason: str = ""
    seq: int = 0
    hash_piece: str = ""
    copy: int = 0
    training: bool = False


def lay_out(slip: CashSlip, language: str | None = None) -> Document:
    """Lay a slip out, in the language that is spoken or in another, with a line to sign on. Source: K-22."""
    with nullcontext() if language is None else speaking(language):
        marks = tuple(_marks(slip))
        return (*_head(slip), *marks, *_body(slip), *_foot(slip), *((Blank(), *marks) if marks else ()), Cut())


def _head(slip: CashSlip) -> Iterator[Element]:
    yield Centre(slip.shop.name, bold=True, big=cells(slip.shop.name) <= _LONGEST_BIG_NAME)
    for line in slip.shop.address:
        yield Centre(line)


def _marks(slip: CashSlip) -> Iterator[Element]:
    if slip.training:
        yield Centre(_("TRAINING"), big=True, bold=True)
    if slip.copy:
        yield Centre(_("COPY {count}").format(count=slip.copy), big=True, bold=True)


def _body(slip: CashSlip) -> Iterator[Element]:
    went_in = slip.direction == "in"
    yield Rule()
    yield Split(_("Till {lane}").format(lane=_short(slip.lane)), stamp_text(slip.at))
    yield Rule()
    title = _("PAID IN {currency}") if went_in else _("PAID OUT {currency}")
    yield Split(title.format(currency=currency()), money_text(slip.amount), big=True, bold=True)
    yield Split(_("Case"), _(PURPOSES[slip.purpose]))
    if slip.other:
        yield Split(_("From till") if went_in else _("To till"), _short(slip.other))
    if slip.reason:
        yield Left(slip.reason)
    yield Split(_("Done by"), _short(slip.staff))
    if slip.approved_by:
        yield Split(_("Approved by"), _short(slip.approved_by))


def _foot(slip: CashSlip) -> Iterator[Element]:
    yield Blank()
    yield Blank()
    yield Left(_SIGNATURE)
    yield Left(_("Signature"))
    yield Centre(_("Entry {seq}  {piece}").format(seq=slip.seq, piece=slip.hash_piece))


def _short(text: str) -> str:
    return clean_text(text, _LONGEST_NAME)
