"""The paper of a credit note: the only one that ever bears its code (K-19)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kiosk.i18n import _, currency, money_text, speaking, stamp_text
from kiosk.money import Money
from kiosk.receipts.measure import cells
from kiosk.receipts.paper import Blank, Centre, Code, Cut, Document, Element, Rule, Split
from kiosk.receipts.sale import ShopHead
from kiosk.rules.codes import in_fours

_LONGEST_BIG_NAME: Final = 16


@dataclass(frozen=True, slots=True)
class CreditNoteSlip:
    """All that the paper shows, as plain values."""

    shop: ShopHead
    code: str
    amount: Money
    """What it was made for."""
    at: datetime
    """On the shop's wall clock."""
    lane: str
    receipt: str
    """The number of the receipt that it came with."""
    copy: int = 0
    training: bool = False


def lay_out(slip: CreditNoteSlip, language: str | None = None) -> Document:
    """Lay a credit note out, in the language that is spoken or in another. Training paper bears nothing to scan."""
    with nullcontext() if language is None else speaking(language):
        marks = tuple(_marks(slip))
        return (*_head(slip), *marks, *_body(slip), *((Blank(), *marks) if marks else ()), Cut())


def _head(slip: CreditNoteSlip) -> Iterator[Element]:
    yield Centre(slip.shop.name, bold=True, big=cells(slip.shop.name) <= _LONGEST_BIG_NAME)
    for line in slip.shop.address:
        yield Centre(line)


def _marks(slip: CreditNoteSlip) -> Iterator[Element]:
    if slip.training:
        yield Centre(_("TRAINING"), big=True, bold=True)
        yield Centre(_("This credit note pays nothing."), bold=True)
    if slip.copy:
        yield Centre(_("COPY {count}").format(count=slip.copy), big=True, bold=True)


def _body(slip: CreditNoteSlip) -> Iterator[Element]:
    yield Rule()
    yield Centre(_("CREDIT NOTE"), big=True, bold=True)
    yield Split(_("AMOUNT {currency}").format(currency=currency()), money_text(slip.amount), big=True, bold=True)
    yield Rule()
    yield Split(_("Receipt {number}").format(number=slip.receipt), stamp_text(slip.at))
    yield Split(_("Till {lane}").format(lane=slip.lane), "")
    yield Blank()
    yield Centre(in_fours(slip.code), bold=True)
    if not slip.training:
        yield Code("code128", slip.code)
        yield Code("qr", slip.code)
    yield Centre(_("Pays in this shop, at once or in parts."))
    yield Centre(_("Keep it like cash: whoever has it can use it."))
