"""Taking money and closing a sale: what the sale screen and the payment screen both do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kiosk.errors import Missing, NotEnough
from kiosk.i18n import _, later, money_text
from kiosk.money import Money
from kiosk.rules import tender as rules
from kiosk.rules.tender import Given, Tender, TenderKind
from kiosk.screens.base import TillScreen
from kiosk.screens.dialogs import Question
from kiosk.screens.open_sale import OpenSale

if TYPE_CHECKING:
    from kiosk.screens.till import Till
    from kiosk.services.payments import Part, Pending
    from kiosk.services.sales import Sold


def of_kind(tenders: Sequence[Tender], kind: TenderKind) -> Tender:
    """The shop's first means of payment of a kind. Refuses: Missing."""
    for one in tenders:
        if one.kind is kind:
            return one
    raise Missing(field="tender")


def give(screen: TillScreen[Any], sale: OpenSale, given: Given) -> tuple[Given, ...]:
    """The tenders with one more; refuses what can't be taken, before anything was asked or booked."""
    return rules.give(sale.tenders, given, sale.totals.total, cash_step=screen.till.shop.settings.step)


async def close(screen: TillScreen[Any], sale: OpenSale) -> Sold:
    """Close a sale that is paid; the sale's key makes sure that it happens once. Refuses: as sales.close_sale.

    When another till was faster with a credit note, those go out of the sale again, and it stays open (E49).
    """
    from kiosk.services import sales

    till, customer = screen.till, None if sale.customer is None else sale.customer.id
    try:
        sold = await till.ask(sales.close_sale, sale.basket, sale.tenders, key=sale.key, by=till.by, customer=customer)
    except NotEnough:
        sale.tenders = tuple(given for given in sale.tenders if not given.card or given.given.minor < 0)
        raise
    till.paper_queued()
    return sold


async def pay_cash(screen: TillScreen[Any], sale: OpenSale, tenders: Sequence[Tender], amount: Money | None) -> Sold:
    """Take all that is due in cash, exactly or the amount that was given, and close.

    Refuses: NotEnough (the rest belongs to the payment screen), NotInSteps and what closing refuses.
    """
    settlement, step = sale.settlement, screen.till.shop.settings.step
    cash = of_kind(tenders, TenderKind.CASH)
    exact = rules.exact(settlement, cash, cash_step=step)
    if amount is not None and abs(amount) < abs(exact):
        raise NotEnough(wanted=exact.minor, available=amount.minor)
    before = sale.tenders
    if not settlement.paid:
        sale.tenders = give(screen, sale, Given(cash, exact if amount is None else amount))
    try:
        return await close(screen, sale)
    except Exception:
        sale.tenders = before
        raise


async def ask_terminal(screen: TillScreen[Any], key: str, tender: Tender, amount: Money) -> Given | None:
    """Have a card terminal take an amount, or give back one below zero, for the deed with this key.

    It is written down before the terminal is asked, and answered by hand (D3-05).
    """
    from kiosk.services import payments

    till = screen.till
    pending = await till.ask(payments.begin_pending, key, tender.code, amount, by=till.by)
    approved = await _answered(screen, pending, tender.name)
    return Given(tender, pending.amount, pending=pending.id) if approved else None


async def ask_part(screen: TillScreen[Any], key: str, part: Part, pending: Pending | None) -> str | None:
    """Have a terminal undo what it did for a past sale; ``pending``: it was asked already. The payment's id."""
    from kiosk.services import payments

    till = screen.till
    asked = pending
    if asked is None:
        asked = await till.ask(payments.begin_pending, key, part.tender, -part.amount, by=till.by)
    return asked.id if await _answered(screen, asked, part.name) else None


async def _answered(screen: TillScreen[Any], pending: Pending, name: str) -> bool:
    from kiosk.services import payments

    till = screen.till
    approved = await screen.question(_terminal_question(till, pending.amount, name))
    await till.ask(payments.answer_pending, pending.id, approved=approved, by=till.by)
    return approved


def _terminal_question(till: Till, amount: Money, name: str) -> Question:
    """Whether the terminal took an amount, or gave back one below zero."""
    if amount.minor < 0:
        return _given_back(till, -amount)
    asked = _("{tender}: {amount} on the terminal. Paid?").format(
        tender=_(name), amount=money_text(amount, symbol=True)
    )
    return _at_the_terminal(till, asked, yes=later("yes, paid"), no=later("no, not paid"))


def _given_back(till: Till, amount: Money) -> Question:
    asked = _("Give {amount} back on the terminal. Done?").format(amount=money_text(amount, symbol=True))
    return _at_the_terminal(till, asked, yes=later("yes, given back"), no=later("no, keep it"))


def _taken_again(till: Till, amount: Money) -> Question:
    asked = _("Take {amount} on the terminal again. Done?").format(amount=money_text(amount, symbol=True))
    return _at_the_terminal(till, asked, yes=later("yes, taken"), no=later("no, not taken"))


def _at_the_terminal(till: Till, asked: str, *, yes: str, no: str) -> Question:
    """In training the till plays the terminal too: a real one would take real money (N22)."""
    words = f"{_('Training: leave the terminal alone.')} {asked}" if till.shop.training else asked
    return Question(till, _("Card terminal"), words, yes=yes, no=no, must_be_seen=True)


async def settle_pending(
    screen: TillScreen[Any], sale: OpenSale, pending: Sequence[Pending], tenders: Sequence[Tender]
) -> bool:
    """After a crash: a terminal's answer that was given is taken, and one that is missing is asked for.

    True if the sale has another tender by it.
    """
    before = sale.tenders
    for one in pending:
        tender = next((tender for tender in tenders if tender.code == one.tender), None)
        if tender is None or any(given.pending == one.id for given in sale.tenders):
            continue
        known = Given(tender, one.amount, one.reference, one.id) if one.state == "approved" else None
        if known is None and await _answered(screen, one, tender.name):
            known = Given(tender, one.amount, pending=one.id)
        if known is not None:
            sale.tenders = (*sale.tenders, known)
    return sale.tenders != before


async def remove(screen: TillScreen[Any], sale: OpenSale, place: int) -> bool:
    """Take a tender back; what a terminal did must be undone there first. Refuses: NotFound."""
    left = rules.take_back(sale.tenders, place)
    given = sale.tenders[place]
    if given.pending:
        from kiosk.services import payments

        till = screen.till
        undone = _taken_again(till, -given.given) if given.given.minor < 0 else _given_back(till, given.given)
        if not await screen.question(undone):
            return False
        await till.ask(payments.return_pending, given.pending, by=till.by)
    sale.tenders = left
    return True


async def straighten(screen: TillScreen[Any], sale: OpenSale) -> bool:
    """What was received for a sale that now gives money back goes first, and the other way round."""
    out = sale.totals.total.minor < 0
    for place in reversed(range(len(sale.tenders))):
        given = sale.tenders[place]
        if not given.given or (given.given.minor < 0) == out:
            continue
        if not given.pending and not await screen.question(_received(screen.till, given)):
            return False
        if not await remove(screen, sale, place):
            return False
    return True


def _received(till: Till, given: Given) -> Question:
    asked = _("{tender} {amount} was received for this sale. Give it back first. Done?").format(
        tender=_(given.tender.name), amount=money_text(given.given, symbol=True)
    )
    return Question(
        till, _("Received"), asked, yes=later("yes, given back"), no=later("no, keep it"), must_be_seen=True
    )


async def give_back(screen: TillScreen[Any], sale: OpenSale) -> bool:
    """Give every tender of a sale back that is voided; what goes over the counter is said, and agreed to."""
    while sale.tenders:
        given = sale.tenders[-1]
        by_hand = given.given.minor > 0 and not given.pending and not given.card
        if by_hand and not await screen.question(_received(screen.till, given)):
            return False
        if not await remove(screen, sale, len(sale.tenders) - 1):
            return False
    return True
