"""Selling: from the basket to the ledger, the receipt and the drawer in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from kiosk import db
from kiosk.errors import AgeCheckNeeded, AlreadyDone, EmptySale, Invalid, Missing, OutOfRange, PendingPayment
from kiosk.money import ZERO, Money, Percent, total
from kiosk.rules import permissions, pricing
from kiosk.rules.basket import Basket
from kiosk.rules.pricing import Priced
from kiosk.rules.tender import Applied, Given, Settlement, Tender, TenderKind, check_settled, settle
from kiosk.services import (
    credit_notes,
    customer_rows,
    drafts,
    give_back,
    journal,
    ledger,
    printing,
    return_rows,
    sale_rows,
    shift_rows,
    staff,
    tender_rows,
)
from kiosk.services.ids import new_id
from kiosk.services.once import once
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
    return tender_rows.active()


def check_age(shop: Shop, article: str, age: int, *, passed: bool, by: str) -> None:
    """Log that a customer's age was looked at, and whether it was enough (D1-11)."""
    journal.note(shop, by, "age.passed" if passed else "age.refused", article=article, age=age)


def close_sale(
    shop: Shop, basket: Basket, given: tuple[Given, ...], *, key: str, by: str, customer: str | None = None
) -> Sold:
    """Settle a sale: ledger, receipt number, print job and drawer, in one durable commit.

    Where more comes back than is sold, what is given is below zero, and as
    ``returns.plan`` has it. ``customer`` is the id of whom it is for; one who
    was erased meanwhile is nobody. A sale for nobody that a customer's card pays
    is for him. The same key does it once, however often it is asked. Refuses:
    EmptySale, NotPaid, NoChangeFrom, OutOfRange, AgeCheckNeeded, PendingPayment,
    Denied, NeedsApproval, AlreadyDone (the key was used for another sale),
    NotEnough, DiskFull, StorageFailed; of what comes back: AlreadyReturned,
    TooLate, OverLimit, Missing, RefundChanged.
    Source: DOMAIN.md C.1 rule 5, C.6; D3-02, D3-07, D5-01 to D5-03, K-13, K-15, I11, I12, I17.
    """
    if not basket.lines:
        raise EmptySale
    priced = price(shop, basket)
    settlement = None if priced.total.minor < 0 else _settled(shop, priced, given)
    return once(
        lambda: _done_before(key, priced.total),
        lambda: _write(shop, basket, priced, given, settlement, key=key, by=by, customer=customer),
    )


def _settled(shop: Shop, priced: Priced, given: tuple[Given, ...]) -> Settlement:
    for one in given:
        if one.given.minor < 0:
            raise OutOfRange(field="amount", value=str(one.given.minor), lowest="0")
    settlement = settle(priced.total, given, cash_step=shop.settings.step)
    check_settled(settlement)
    return settlement


def _write(
    shop: Shop,
    basket: Basket,
    priced: Priced,
    given: tuple[Given, ...],
    settlement: Settlement | None,
    *,
    key: str,
    by: str,
    customer: str | None,
) -> Sold:
    approved_by = _pass_doors(shop, basket, priced, key=key, by=by)
    _check_ages(basket)
    head = shift_rows.in_shift(shop, ledger.lock(shop), by)
    kind = give_back.kind_of(basket)
    if kind != "sale" or any(line.quantity.thousandths < 0 for line in basket.lines):
        give_back.check(shop, basket)
    if settlement is None:
        settlement = give_back.settle(shop, basket, priced.total, given)
    check_pending(key, (applied.given for applied in settlement.applied))
    sale, entry = new_id(), new_id()
    original = None if kind == "sale" else give_back.only_original(basket)
    served = _served(customer) or _owner(settlement)
    settlement, card_lines = _move_cards(shop, settlement, sale=sale, by=by, customer=served)
    rows = sale_rows.make(
        shop,
        priced,
        settlement,
        sale=sale,
        entry=entry,
        number=head.receipt + 1,
        by=by,
        kind=kind,
        original=original,
        customer=served or _buyer(original),
        business_date=head.business_date or "",
    )
    sale_rows.write(rows)
    posted = ledger.post(
        shop,
        head,
        kind,
        [*_postings(shop, priced, settlement), *card_lines],
        key=key,
        by=by,
        approved_by=approved_by,
        entry=entry,
        sale=sale,
        reverses=None if original is None else return_rows.entry_of(original),
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


def _served(customer: str | None) -> str | None:
    """Whom a sale is for by now: whom he was merged into; nobody, if he is unknown or erased."""
    if customer is None:
        return None
    root = customer_rows.root_of(customer)
    state = None if root is None else db.row("SELECT state FROM customer WHERE id = ?", (root,))
    return root if state == ("active",) else None


def _owner(settlement: Settlement) -> str | None:
    """Whose the first card is that pays and belongs to anybody who is served (K-13, K-15)."""
    paid = (one.given.card for one in settlement.applied if one.given.card and one.amount.minor > 0)
    for card in dict.fromkeys(paid):
        (owner,) = db.row("SELECT customer FROM card WHERE id = ?", (card,)) or (None,)
        found = _served(owner)
        if found is not None:
            return found
    return None


def _buyer(original: str | None) -> str | None:
    """Whose the sale was that goods come back from: what he spent is what he kept. A note for them is the bearer's."""
    found = None if original is None else db.row("SELECT customer FROM sale WHERE id = ?", (original,))
    return None if found is None else _served(found[0])


def _pass_doors(shop: Shop, basket: Basket, priced: Priced, *, key: str, by: str) -> str | None:
    """Stand before each door that this basket needs open; who approved, if that was needed."""
    staff.require(shop, by, permissions.Action.SELL, key=key)
    discounting = permissions.discount_action(priced, Percent(shop.settings.discount_threshold))
    approved_by = None if discounting is None else staff.require(shop, by, discounting, key=key)
    if any(line.repriced for line in basket.lines):
        approved_by = staff.require(shop, by, permissions.Action.PRICE_CHANGE, key=key) or approved_by
    return give_back.require(shop, basket, key=key, by=by) or approved_by


def _postings(shop: Shop, priced: Priced, settlement: Settlement) -> list[ledger.Line]:
    """Money in by each tender, change out of the drawer, turnover and tax per rate (DOMAIN.md C.3)."""
    lines = [
        _money_in(shop, applied)
        for applied in settlement.applied
        if applied.given.tender.kind is not TenderKind.VOUCHER
    ]
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


def _move_cards(
    shop: Shop, settlement: Settlement, *, sale: str, by: str, customer: str | None
) -> tuple[Settlement, tuple[ledger.Line, ...]]:
    """What credit notes pay, and the one that is made of what goes back to one; each tender bears its card (K-19)."""
    moved = [one for one in settlement.applied if one.given.tender.kind is TenderKind.VOUCHER]
    if not moved:
        return settlement, ()
    spent: dict[str, Money] = {}
    for one in moved:
        if one.amount.minor >= 0:
            if not one.given.card:
                raise Missing(field="card")
            spent[one.given.card] = spent.get(one.given.card, ZERO) + one.amount
    lines = list(credit_notes.spend_lines(shop, spent)) if spent else []
    owed = total(one.amount for one in moved if one.amount.minor < 0)
    if not owed:
        return settlement, tuple(lines)
    card, line = credit_notes.issue_in(shop, -owed, sale=sale, by=by, customer=customer)
    applied = tuple(
        replace(one, given=replace(one.given, card=card)) if one in moved and one.amount.minor < 0 else one
        for one in settlement.applied
    )
    return replace(settlement, applied=applied), (*lines, line)


def _check_ages(basket: Basket) -> None:
    """The till must have asked for the highest age that an article of this sale needs (D1-11)."""
    articles = sorted({line.article for line in basket.lines if line.article and line.returned is None})
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


def check_pending(key: str, handed: Iterable[Given]) -> None:
    """Every terminal payment of this sale is approved and used once; none is left out (D3-05).

    Refuses: PendingPayment, Invalid.
    """
    handed = tuple(handed)
    used = {given.pending: given for given in handed if given.pending}
    known = db.rows(
        "SELECT id, tender, amount, state FROM pending WHERE key = ? AND state IN ('asked', 'approved')", (key,)
    )
    for pending, tender, amount, state in known:
        given = used.pop(pending, None)
        if given is None or state != "approved" or given.given.minor != amount or given.tender.code != tender:
            raise PendingPayment(tender=tender, amount=amount)
    if used:
        raise Invalid(field="pending", value=", ".join(used))
    for given in handed:
        if given.tender.asks_terminal and not given.pending:
            raise Invalid(field="pending", value=given.tender.code)


def _done_before(key: str, owed: Money) -> Sold | None:
    """The sale that this key already made. Refuses: AlreadyDone if it was another one."""
    found = done(key)
    if found is not None and found.owed != owed:
        raise AlreadyDone(key=key)
    return None if found is None else found.sold


@dataclass(frozen=True, slots=True)
class Done:
    """A sale that was closed with a key."""

    sold: Sold
    owed: Money
    """Before cash rounding."""
    kind: str
    original: str | None


def done(key: str) -> Done | None:
    """The sale that a key already made."""
    found = db.row(
        "SELECT sale.id, sale.number, sale.total + sale.rounding, entry.seq, entry.hash, sale.total, "
        "(SELECT COALESCE(SUM(change), 0) FROM sale_tender WHERE sale_tender.sale = sale.id), sale.kind, sale.original "
        "FROM entry JOIN sale ON sale.id = entry.sale WHERE entry.key = ?",
        (key,),
    )
    if found is None:
        return None
    sale, number, paid, seq, own_hash, owed, change, kind, original = found
    sold = Sold(sale, number, Money(paid), Money(int(change)), False, seq, own_hash[:8], already=True)
    return Done(sold, Money(owed), kind, original)
