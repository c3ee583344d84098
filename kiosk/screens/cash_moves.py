"""Cash in and out of the drawer that is no sale: its case, the amount, a slip (K-22, D6-04)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from kiosk.i18n import _, later, money_text
from kiosk.money import Money
from kiosk.receipts.cash_slip import PURPOSES
from kiosk.rules.drawer import Purpose
from kiosk.rules.permissions import Action
from kiosk.screens.approval import allowed
from kiosk.screens.base import TillScreen
from kiosk.screens.dialogs import AskMoney, AskText, Choose, Keys
from kiosk.screens.widgets.status import Say
from kiosk.services import cash, shifts
from kiosk.services.shop import Shop, new_key


@dataclass(frozen=True, slots=True)
class _Ways:
    """One way of the cash: the words are English."""

    title: str
    asked: str
    done: str
    needs: Action
    purposes: tuple[Purpose, ...]
    """One alone is not asked for."""
    into: bool = False


class Way(Enum):
    """Into the drawer, out of it, or out of it to the safe."""

    IN = _Ways(
        later("Paid in"),
        later("How much goes into the drawer?"),
        later("{amount} went into the drawer: {purpose}."),
        Action.PAID_IN,
        (Purpose.BANK, Purpose.STAFF, Purpose.REGISTER, Purpose.SAFE, Purpose.OTHER),
        into=True,
    )
    OUT = _Ways(
        later("Paid out"),
        later("How much comes out of the drawer?"),
        later("{amount} came out of the drawer: {purpose}."),
        Action.PAID_OUT,
        (Purpose.BANK, Purpose.STAFF, Purpose.REGISTER, Purpose.OTHER),
    )
    SAFE = _Ways(
        later("To the safe"),
        later("How much goes to the safe?"),
        later("{amount} came out of the drawer: {purpose}."),
        Action.SAFE_DROP,
        (Purpose.SAFE,),
    )


_ASKED: Final = {True: later("Where does the cash come from?"), False: later("Where does the cash go?")}


@dataclass(frozen=True, slots=True)
class _Other:
    """Another till, and how much of its cash is on the way to this one."""

    lane: str
    coming: Money | None = None


def _others(shop: Shop, into: bool) -> tuple[_Other, ...]:
    if into:
        return tuple(_Other(lane, amount) for lane, amount in cash.on_the_way(shop))
    return tuple(_Other(lane) for lane in cash.other_lanes(shop))


Said = tuple[Say, str]
"""What came of it, translated already."""


async def move(screen: TillScreen[Any], way: Way) -> None:
    """Ask all there is to ask, and do it; says in one sentence what came of it. Refuses: as services.cash."""
    screen.say(*(await _move(screen, way.value) or (Say.QUIET, _("No cash was moved."))))


async def _move(screen: TillScreen[Any], way: _Ways) -> Said | None:
    """None if somebody went back."""
    till, title = screen.till, _(way.title)
    purpose = await _purpose(screen, way)
    if purpose is None:
        return None
    other = _Other("")
    if purpose is Purpose.REGISTER:
        others = await till.ask(_others, way.into)
        if not others:
            said = _("Nothing is on its way from another till.") if way.into else _("There is no other till.")
            return Say.ERROR, said
        names = [one.lane if one.coming is None else f"{one.lane}: {money_text(one.coming)}" for one in others]
        place = await screen.question(Choose(till, title, _(_ASKED[way.into]), names))
        if place < 0:
            return None
        other = others[place]
    amount = await _amount(screen, way, other)
    if amount is None:
        return None
    reason = await _reason(screen, title) if purpose is Purpose.OTHER else ""
    if reason is None:
        return None
    asked = _("{amount}: with a slip to sign?").format(amount=money_text(amount, symbol=True))
    keys = {"Enter": later("no slip"), "P": later("print a slip")}
    slip = await screen.question(Keys(till, title, asked, keys, no=later("leave it")))
    key = new_key()
    if not slip or not await allowed(screen, way.needs, key=key):
        return None
    verb = cash.pay_in if way.into else cash.pay_out
    await till.ask(verb, amount, purpose, reason=reason, other=other.lane, slip=slip == "P", key=key, by=till.by)
    till.paper_queued()
    name = other.lane or reason or _(PURPOSES[purpose])
    return Say.OK, _(way.done).format(amount=money_text(amount), purpose=name)


async def _purpose(screen: TillScreen[Any], way: _Ways) -> Purpose | None:
    if len(way.purposes) == 1:
        return way.purposes[0]
    names = [_(PURPOSES[one]) for one in way.purposes]
    place = await screen.question(Choose(screen.till, _(way.title), _(_ASKED[way.into]), names))
    return way.purposes[place] if place >= 0 else None


async def _amount(screen: TillScreen[Any], way: _Ways, other: _Other) -> Money | None:
    """An amount that is there; of what is on its way, Enter takes all. Who counts blind isn't told what there is."""
    till, asked, most = screen.till, _(way.asked), other.coming
    if other.coming is not None:
        asked += " " + _("Enter alone: {amount}.").format(amount=money_text(other.coming))
    if not way.into:
        most = (await till.ask(shifts.now, till.by)).expected
    return await screen.question(AskMoney(till, _(way.title), asked, if_empty=other.coming, most=most, as_cash=True))


async def _reason(screen: TillScreen[Any], title: str) -> str | None:
    """Why; it is asked again until there is one, or Esc."""
    asked = _("What for? It is written down.")
    while True:
        typed = await screen.question(AskText(screen.till, title, asked, longest=cash.LONGEST_REASON))
        if typed is None or typed:
            return typed
        asked = _("A reason is needed, or Esc.")
