"""Voiding a sale that is paid: once, while its shift is open, and with everything that was paid (D5-04, N1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from kiosk.errors import AlreadyVoided, Denied, NotThisShift
from kiosk.i18n import _, later, money_text
from kiosk.money import Money, total
from kiosk.rules.permissions import Action, State
from kiosk.rules.tender import TenderKind
from kiosk.screens import closing
from kiosk.screens.approval import allowed
from kiosk.screens.base import TillScreen
from kiosk.screens.done import Done
from kiosk.screens.reasons import ask_reason
from kiosk.screens.widgets.status import Say
from kiosk.services import payments, returns, staff
from kiosk.services.payments import Part, Pending
from kiosk.services.returns import PastSale
from kiosk.services.shop import Shop

REASONS: Final = (later("Wrong article"), later("Wrong means of payment"), later("The customer does not want it"))


@dataclass(frozen=True, slots=True)
class _Paid:
    """What a void begins with, in one visit to the desk."""

    past: PastSale
    parts: tuple[Part, ...]
    pending: tuple[Pending, ...]
    """What a terminal was asked for this void before, if the power failed in it."""


def look_at_paid(shop: Shop, by: str, sale: str) -> _Paid:
    """A sale that is to be voided, for those who may. Refuses: Denied, NotFound."""
    if staff.permission(shop, by, Action.VOID_SALE) is State.DENIED:
        raise Denied(action=Action.VOID_SALE)
    return _Paid(
        returns.past_sale(shop, sale), payments.parts(sale), payments.open_pending(shop, payments.key_of_void(sale))
    )


async def void_paid(screen: TillScreen[Any], sale: str) -> Done | None:
    """Void a sale after a question that must be seen; None if it stays.

    Refuses: Denied, NotThisShift, AlreadyVoided and what ``returns.void_sale`` does.
    """
    till = screen.till
    paid = await till.ask(look_at_paid, till.by, sale)
    past = paid.past
    if past.kind == "void":
        screen.say(Say.ERROR, _("Receipt {number} is a void itself. It stays.").format(number=past.number))
        return None
    if not past.voidable:
        raise AlreadyVoided(number=past.number) if past.reversed_by else NotThisShift(number=past.number)
    reason = await ask_reason(screen, _("Void a paid sale"), _asked(paid), REASONS, must_be_seen=True)
    if reason is None or not await allowed(screen, Action.VOID_SALE, key=payments.key_of_void(sale)):
        screen.say(Say.ASK, _("Receipt {number} stays as it is.").format(number=past.number))
        return None
    terminal = await _by_terminal(screen, sale, paid)
    if terminal is None:
        screen.say(Say.ERROR, _("Receipt {number} stays: the terminal gave nothing back.").format(number=past.number))
        return None
    sold = await till.ask(
        returns.void_sale, sale, reason=reason, terminal=terminal, key=payments.key_of_void(sale), by=till.by
    )
    till.paper_queued()
    cash = total(part.amount for part in paid.parts if part.kind is TenderKind.CASH)
    return Done(sold, cash_back=cash, voids=past.number)


def _asked(paid: _Paid) -> str:
    past = paid.past
    number, amount = past.number, money_text(past.total, symbol=True)
    said = [_("Void receipt {number}, {amount}?").format(number=number, amount=amount)]
    said += [_moves(part) for part in paid.parts if part.amount]
    return " ".join([*said, _("Why?")])


def _moves(part: Part) -> str:
    """What happens to the money of one tender."""
    amount, name = money_text(abs(part.amount), symbol=True), _(part.name)
    out = part.amount.minor > 0
    if part.kind is TenderKind.CASH:
        said = _("{name} {amount} comes out of the drawer.") if out else _("{name} {amount} goes into the drawer.")
    elif part.terminal:
        said = _("{name} {amount} goes back on the terminal.") if out else _("{name} {amount} is taken again.")
    else:
        said = _("{name} {amount} goes back.") if out else _("{name} {amount} is taken again.")
    return said.format(name=name, amount=amount)


async def _by_terminal(screen: TillScreen[Any], sale: str, paid: _Paid) -> dict[int, str] | None:
    """Have the terminal give back what it took: position to pending payment; None if it did not."""
    known = list(paid.pending)
    found: dict[int, str] = {}
    for part in paid.parts:
        if not part.terminal:
            continue
        pending = _known(known, part)
        if pending is not None:
            known.remove(pending)
        if pending is not None and pending.state == "approved":
            found[part.position] = pending.id
            continue
        given = await closing.ask_part(screen, payments.key_of_void(sale), part, pending)
        if given is None:
            return None
        found[part.position] = given
    return found


def _known(pending: list[Pending], part: Part) -> Pending | None:
    return next((one for one in pending if (one.tender, one.amount) == (part.tender, Money(-part.amount.minor))), None)
