"""The slip that proves what a customer agreed to: when, in which words, and who took it down (N20)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kiosk.i18n import _, clean_text, later, speaking, stamp_text
from kiosk.receipts.measure import cells
from kiosk.receipts.paper import Blank, Centre, Cut, Document, Element, Left, Rule, Split
from kiosk.receipts.sale import ShopHead

CHANNELS: Final = {"phone": later("News by phone"), "email": later("News by e-mail")}
"""What is agreed to, by channel, on paper and screen."""

_LONGEST_BIG_NAME: Final = 16
_LONGEST_NAME: Final = 40
_LONGEST_WORDING: Final = 500
_MOST: Final = 20
_SIGNATURE: Final = "_" * 24


@dataclass(frozen=True, slots=True)
class Said:
    """One yes or no, on the shop's wall clock."""

    channel: str
    given: bool
    at: datetime
    who: str
    wording: str
    of_now: bool
    """Whether it was said of the address that is kept now."""


@dataclass(frozen=True, slots=True)
class ConsentSlip:
    """All that the slip shows, as plain values."""

    shop: ShopHead
    lane: str
    at: datetime
    number: int
    called: str
    said: tuple[Said, ...]
    """Newest first."""
    copy: int = 0
    training: bool = False


def lay_out(slip: ConsentSlip, language: str | None = None) -> Document:
    """Lay a slip out, in the language that is spoken or in another, with a line to sign on. Source: N20."""
    with nullcontext() if language is None else speaking(language):
        marks = tuple(_marks(slip))
        return (*_head(slip), *marks, *_body(slip), *_foot(), *((Blank(), *marks) if marks else ()), Cut())


def _head(slip: ConsentSlip) -> Iterator[Element]:
    yield Centre(slip.shop.name, bold=True, big=cells(slip.shop.name) <= _LONGEST_BIG_NAME)
    for line in slip.shop.address:
        yield Centre(line)


def _marks(slip: ConsentSlip) -> Iterator[Element]:
    if slip.training:
        yield Centre(_("TRAINING"), big=True, bold=True)
    if slip.copy:
        yield Centre(_("COPY {count}").format(count=slip.copy), big=True, bold=True)


def _body(slip: ConsentSlip) -> Iterator[Element]:
    yield Rule()
    yield Split(_("Till {lane}").format(lane=_short(slip.lane)), stamp_text(slip.at))
    yield Rule()
    yield Centre(_("CONSENT"), big=True, bold=True)
    yield Split(_short(slip.called), f"#{slip.number}")
    if not slip.said:
        yield Left(_("Nothing was agreed to."))
    for one in slip.said[:_MOST]:
        yield Blank()
        yield Split(_(CHANNELS[one.channel]), _("yes") if one.given else _("no"), bold=True)
        if not one.of_now:
            yield Left(_("a former number or address"))
        yield Split(_short(one.who), stamp_text(one.at))
        yield Left(clean_text(one.wording, _LONGEST_WORDING))


def _foot() -> Iterator[Element]:
    yield Blank()
    yield Blank()
    yield Left(_SIGNATURE)
    yield Left(_("Signature"))


def _short(text: str) -> str:
    return clean_text(text, _LONGEST_NAME)
