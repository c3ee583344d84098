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
    from kiosk.services.payments import Pending
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
    """Close a sale that is paid; the sale's key makes sure that it happens once. Refuses: as sales.close_sale."""
    from kiosk.services import sales

    till = screen.till
    sold = await till.ask(sales.close_sale, sale.basket, sale.tenders, key=sale.key, by=till.by)
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


async def ask_terminal(screen: TillScreen[Any], sale: OpenSale, tender: Tender, amount: Money) -> Given | None:
    """Have a card terminal take an amount: written down before it is asked, and answered by hand (D3-05)."""
    from kiosk.services import payments

    till = screen.till
    pending = await till.ask(payments.begin_pending, sale.key, tender.code, amount, by=till.by)
    return await _answered(screen, pending, tender)


async def _answered(screen: TillScreen[Any], pending: Pending, tender: Tender) -> Given | None:
    from kiosk.services import payments

    till = screen.till
    approved = await screen.question(
        Question(
            till,
            _("Card terminal"),
            _("{tender}: {amount} on the terminal. Paid?").format(
                tender=_(tender.name), amount=money_text(pending.amount, symbol=True)
            ),
            yes=later("yes, paid"),
            no=later("no, not paid"),
            must_be_seen=True,
        )
    )
    await till.ask(payments.answer_pending, pending.id, approved=approved, by=till.by)
    return Given(tender, pending.amount, pending=pending.id) if approved else None


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
        given = known or await _answered(screen, one, tender)
        if given is not None:
            sale.tenders = (*sale.tenders, given)
    return sale.tenders != before


async def remove(screen: TillScreen[Any], sale: OpenSale, place: int) -> bool:
    """Take a tender back; what a terminal took must be given back there first. Refuses: NotFound."""
    left = rules.take_back(sale.tenders, place)
    given = sale.tenders[place]
    if given.pending:
        from kiosk.services import payments

        till = screen.till
        returned = await screen.question(
            Question(
                till,
                _("Card terminal"),
                _("Give {amount} back on the terminal. Done?").format(amount=money_text(given.given, symbol=True)),
                yes=later("yes, given back"),
                no=later("no, keep it"),
                must_be_seen=True,
            )
        )
        if not returned:
            return False
        await till.ask(payments.return_pending, given.pending, by=till.by)
    sale.tenders = left
    return True


async def give_back(screen: TillScreen[Any], sale: OpenSale) -> bool:
    """Take back every tender of a sale that is voided."""
    while sale.tenders:
        if not await remove(screen, sale, len(sale.tenders) - 1):
            return False
    return True
