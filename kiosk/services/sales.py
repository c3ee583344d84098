"""Selling: from the basket to the ledger, the receipt and the drawer in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kiosk import db
from kiosk.errors import AgeCheckNeeded, AlreadyDone, DiskFull, EmptySale, Invalid, PendingPayment
from kiosk.money import Money, Percent
from kiosk.rules import permissions, pricing
from kiosk.rules.basket import Basket
from kiosk.rules.pricing import Priced
from kiosk.rules.tender import Applied, Given, Settlement, Tender, TenderKind, check_settled, settle
from kiosk.services import drafts, journal, ledger, printing, sale_rows, shift_rows, staff
from kiosk.services.ids import new_id
from kiosk.services.shop import Shop, new_key

__all__ = ["Sold", "check_age", "close_sale", "new_key", "price", "tenders"]

_CLEARING: Final = "clearing"


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale that is in the books."""

    sale: str
    number: int
    total: Money
    """What the customer paid, cash rounding included."""
    change: Money
    open_drawer: bool
    seq: int
    hash_piece: str
    already: bool = False
    """Whether the key had been used before: nothing new was written."""


def price(shop: Shop, basket: Basket) -> Priced:
    """What a basket costs in this shop (DOMAIN.md C.6). Touches no database."""
    return pricing.price(basket, tax_included=shop.settings.prices_include_tax)


def tenders(shop: Shop) -> tuple[Tender, ...]:
    """The means of payment that this shop takes, in the order of their keys (D3-01)."""
    found = db.rows(
        "SELECT code, name, kind, opens_drawer, gives_change, refundable, asks_terminal "
        "FROM tender WHERE active = 1 ORDER BY position, code"
    )
    return tuple(
        Tender(code, name, TenderKind(kind), *(bool(flag) for flag in flags)) for code, name, kind, *flags in found
    )


def check_age(shop: Shop, article: str, age: int, *, passed: bool, by: str) -> None:
    """Log that a customer's age was looked at, and whether it was enough (D1-11)."""
    journal.note(shop, by, "age.passed" if passed else "age.refused", article=article, age=age)


def close_sale(shop: Shop, basket: Basket, given: tuple[Given, ...], *, key: str, by: str) -> Sold:
    """Settle a sale: ledger, receipt number, print job and drawer, in one durable commit.

    The same key does it once, however often it is asked. Refuses: EmptySale,
    NotPaid, NoChangeFrom, AgeCheckNeeded, PendingPayment, Denied, AlreadyDone
    (the key was used for another sale), DiskFull, StorageFailed. Source:
    DOMAIN.md C.1 rule 5, C.6; D3-02, D3-07, I11, I17.
    """
    if not basket.lines:
        raise EmptySale
    priced = price(shop, basket)
    settlement = settle(priced.total, given, cash_step=shop.settings.step)
    check_settled(settlement)
    try:
        with db.transaction(keyed=True):
            done = _done_before(shop, key, settlement)
            return done or _write(shop, basket, priced, settlement, key=key, by=by)
    except db.CommitUnknown as error:
        return _after_unknown_commit(shop, key, settlement, error)


def _write(shop: Shop, basket: Basket, priced: Priced, settlement: Settlement, *, key: str, by: str) -> Sold:
    staff.require(shop, by, permissions.Action.SELL, key=key)
    discounting = permissions.discount_action(priced, Percent(shop.settings.discount_threshold))
    approved_by = None if discounting is None else staff.require(shop, by, discounting, key=key)
    if any(line.repriced for line in basket.lines):
        approved_by = staff.require(shop, by, permissions.Action.PRICE_CHANGE, key=key) or approved_by
    _check_ages(basket)
    _check_pending(key, settlement)
    head = shift_rows.in_shift(shop, ledger.lock(shop), by)
    sale, entry = new_id(), new_id()
    rows = sale_rows.make(
        shop,
        priced,
        settlement,
        sale=sale,
        entry=entry,
        number=head.receipt + 1,
        by=by,
        business_date=head.business_date or "",
    )
    sale_rows.write(rows)
    posted = ledger.post(
        shop,
        head,
        "sale",
        _postings(shop, priced, settlement),
        key=key,
        by=by,
        approved_by=approved_by,
        entry=entry,
        sale=sale,
        digest=ledger.digest(rows.document()),
        trace={"rounding": settlement.rounding.minor} if settlement.rounding else None,
    )
    open_drawer = any(applied.given.tender.opens_drawer for applied in settlement.applied) or bool(settlement.change)
    printing.queue_sale(shop, sale, open_drawer=open_drawer)
    drafts.clear_in(shop, by)
    return Sold(
        sale=sale,
        number=head.receipt + 1,
        total=priced.total + settlement.rounding,
        change=settlement.change,
        open_drawer=open_drawer,
        seq=posted.seq,
        hash_piece=posted.hash[:8],
    )


def _postings(shop: Shop, priced: Priced, settlement: Settlement) -> list[ledger.Line]:
    """Money in by each tender, change out of the drawer, turnover and tax per rate (DOMAIN.md C.3)."""
    lines = [_money_in(shop, applied) for applied in settlement.applied]
    lines.append(ledger.money_line(shop, "drawer", shop.lane, -settlement.change))
    for tax in priced.taxes:
        rate = f"{tax.rate.code}/{tax.rate.percent.hundredths}"
        lines.append(ledger.money_line(shop, "sales", rate, -tax.net))
        lines.append(ledger.money_line(shop, "tax", rate, -tax.tax))
    lines.append(ledger.money_line(shop, "rounding", "", -settlement.rounding))
    return lines


def _money_in(shop: Shop, applied: Applied) -> ledger.Line:
    tender = applied.given.tender
    if tender.kind is TenderKind.CASH:
        return ledger.money_line(shop, "drawer", shop.lane, applied.given.given)
    if tender.kind is TenderKind.BANK:
        return ledger.money_line(shop, "bank", "", applied.given.given)
    return ledger.money_line(shop, _CLEARING, tender.code, applied.given.given)


def _check_ages(basket: Basket) -> None:
    """The till must have asked for the highest age that an article of this sale needs (D1-11)."""
    articles = sorted({line.article for line in basket.lines if line.article})
    if not articles:
        return
    marks = ", ".join("?" * len(articles))
    found = db.row(
        f"SELECT id, minimum_age FROM article WHERE minimum_age > ? AND id IN ({marks}) "
        "ORDER BY minimum_age DESC LIMIT 1",
        (basket.age_checked, *articles),
    )
    if found is not None:
        raise AgeCheckNeeded(article=found[0], age=found[1])


def _check_pending(key: str, settlement: Settlement) -> None:
    """Every terminal payment of this sale is approved and used once; none is left out (D3-05)."""
    used = {applied.given.pending: applied.given for applied in settlement.applied if applied.given.pending}
    known = db.rows(
        "SELECT id, tender, amount, state FROM pending WHERE key = ? AND state IN ('asked', 'approved')", (key,)
    )
    for pending, tender, amount, state in known:
        given = used.pop(pending, None)
        if given is None or state != "approved" or given.given.minor != amount or given.tender.code != tender:
            raise PendingPayment(tender=tender, amount=amount)
    if used:
        raise Invalid(field="pending", value=", ".join(used))
    for applied in settlement.applied:
        if applied.given.tender.asks_terminal and not applied.given.pending:
            raise Invalid(field="pending", value=applied.given.tender.code)


def _done_before(shop: Shop, key: str, settlement: Settlement) -> Sold | None:
    """The sale that this key already made. Refuses: AlreadyDone if it was another one."""
    found = db.row(
        "SELECT sale.id, sale.number, sale.total + sale.rounding, entry.seq, entry.hash, sale.total, "
        "(SELECT COALESCE(SUM(change), 0) FROM sale_tender WHERE sale_tender.sale = sale.id) "
        "FROM entry JOIN sale ON sale.id = entry.sale WHERE entry.key = ?",
        (key,),
    )
    if found is None:
        return None
    sale, number, paid, seq, own_hash, total_due, change = found
    if total_due != settlement.to_pay.minor:
        raise AlreadyDone(key=key)
    return Sold(sale, number, Money(paid), Money(change), False, seq, own_hash[:8], already=True)


def _after_unknown_commit(shop: Shop, key: str, settlement: Settlement, error: db.CommitUnknown) -> Sold:
    """An error from COMMIT does not say whether it happened: reopen, and look the key up (PLATFORM.md 5).

    Where the disk is full it is not reopened: that needs room. The next try
    with this key writes over what is left of this one.
    """
    if not isinstance(error.refusal, DiskFull):
        db.reconnect()
    with db.faults():
        done = _done_before(shop, key, settlement)
    if done is None:
        raise error.refusal from error
    return done
