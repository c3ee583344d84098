"""Taking back: goods by their receipt or without one, and the void of a sale of this shift (C.6, D5-01 to D5-04)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kiosk import db
from kiosk.errors import AlreadyDone, AlreadyVoided, Missing, NotFound, NotThisShift, OutOfRange
from kiosk.money import ONE, ZERO, Money, Quantity
from kiosk.rules import basket as baskets
from kiosk.rules import permissions
from kiosk.rules.basket import Basket, Item, Line, Returned, Unit
from kiosk.rules.refund import Back, worth
from kiosk.rules.tender import Given, Tender, TenderKind
from kiosk.services import credit_notes, give_back, ledger, printing, return_rows, sale_rows, sales, shift_rows, staff
from kiosk.services.ids import new_id
from kiosk.services.journal import add_note
from kiosk.services.once import once
from kiosk.services.return_rows import VOID, Original
from kiosk.services.sale_rows import TENDER, SaleRows
from kiosk.services.sales import Sold
from kiosk.services.shop import Shop
from kiosk.services.void_rows import mirrored


@dataclass(frozen=True, slots=True)
class Returnable:
    """A line of a past sale, and how much of it can still come back."""

    position: int
    text: str
    number: str
    unit: Unit
    quantity: Quantity
    """As it was sold."""
    left: Quantity
    final: Money
    left_worth: Money


@dataclass(frozen=True, slots=True)
class PastSale:
    """A receipt as the return screen shows it."""

    sale: str
    number: int
    lane: str
    at: int
    kind: str
    total: Money
    """What was paid, cash rounding included."""
    lines: tuple[Returnable, ...]
    tenders: tuple[tuple[str, Money], ...]
    """Name and amount."""
    voidable: bool
    """Whether it is of this lane's open shift, and nothing of it came back."""
    reversed_by: tuple[int, ...]
    """Numbers of the receipts that took something of it back, or voided it."""
    terminal: tuple[tuple[int, str, Money], ...] = ()
    """What a void asks of a card terminal: position, code of the tender, and the amount to ask for."""


def past_sale(shop: Shop, sale: str) -> PastSale:
    """A receipt with what can still come back of it. Refuses: NotFound."""
    sold = return_rows.original(sale)
    tenders = db.rows(
        "SELECT position, tender, name, amount, pending FROM sale_tender WHERE sale = ? ORDER BY position", (sale,)
    )
    return PastSale(
        sale=sale,
        number=sold.number,
        lane=sold.lane,
        at=sold.at,
        kind=sold.kind,
        total=sold.total + sold.rounding,
        lines=tuple(_returnable(sold, position) for position in sold.lines),
        tenders=tuple((name, Money(amount)) for _position, _code, name, amount, _pending in tenders),
        voidable=_is_voidable(shop, sold),
        reversed_by=tuple(one.number for one in return_rows.reversals(sale)),
        terminal=tuple((position, code, Money(-amount)) for position, code, _, amount, asked in tenders if asked),
    )


def _returnable(sold: Original, position: int) -> Returnable:
    one = sold.lines[position]
    left = max(one.left.left, Quantity(0))
    return Returnable(
        position=position,
        text=one.line.text,
        number=one.line.number,
        unit=one.line.unit,
        quantity=one.line.quantity,
        left=left,
        final=one.left.final,
        left_worth=worth(one.left, left) if left else ZERO,
    )


def take_back(
    shop: Shop, basket: Basket, sale: str, wanted: dict[int, Quantity], *, reason: str, restock: bool = True
) -> Basket:
    """Put lines of a past sale into a basket, to come back: position to how many.

    Nothing is written; what the basket takes back of the sale already counts,
    and becomes one line with what is added. Refuses: NotFound, AlreadyReturned,
    OutOfRange, TooLate, Invalid (a line that is no goods), Missing (reason).
    Source: D5-01, D5-03.
    """
    if not reason.strip():
        raise Missing(field="reason")
    sold = return_rows.original(sale)
    give_back.check_original(shop, sold)
    for position, quantity in wanted.items():
        if position not in sold.lines:
            raise NotFound(what="line", code=str(position))
        give_back.check_goods(sold.lines[position].line)
        there = _line_of(basket, sale, position)
        if quantity.thousandths <= 0:
            raise OutOfRange(field="quantity", value=str(quantity.thousandths), lowest="1")
        more = quantity if there is None else quantity - there.quantity
        line = return_rows.line_back(sold, position, more, (), reason=reason, restock=restock)
        basket = baskets.take_back(basket, line)
        if there is not None:
            basket = baskets.void(basket, there.id)
    return basket


def _line_of(basket: Basket, sale: str, position: int) -> Line | None:
    for line in basket.lines:
        if line.returned is not None and (line.returned.original, line.returned.position) == (sale, position):
            return line
    return None


def without_receipt(shop: Shop, item: Item, quantity: Quantity, *, reason: str, restock: bool = True) -> Line:
    """A line that takes an article back without a receipt, for ``rules.basket.take_back``.

    Refuses: Invalid (no goods, or no price yet), Missing, OutOfRange. Source: D5-02.
    """
    if not reason.strip():
        raise Missing(field="reason")
    if quantity.thousandths < 0:
        raise OutOfRange(field="quantity", value=str(quantity.thousandths), lowest="1")
    (line,) = baskets.add(baskets.EMPTY, item, quantity or ONE).lines
    give_back.check_goods(line)
    return replace(line, quantity=-line.quantity, returned=Returned(reason=reason, restock=restock), discountable=False)


def check_limit(shop: Shop, basket: Basket) -> None:
    """Whether what a basket takes back without a receipt is within the limit. Refuses: OverLimit. Source: D5-02."""
    give_back.check_limit(shop, basket)


def plan(shop: Shop, basket: Basket, *, to_voucher: bool = False) -> tuple[Back, ...]:
    """How the money of a basket that is worth less than nothing goes back; all of it to a credit note if wanted.

    Nothing where it is not. Refuses: OutOfRange (no tender may take it),
    OverLimit (without a receipt). Source: C.6 Refund.
    """
    give_back.check_limit(shop, basket)
    due = sales.price(shop, basket).total
    return give_back.plan(shop, basket, -due, to_voucher=to_voucher) if due.minor < 0 else ()


def void_sale(shop: Shop, sale: str, *, reason: str, terminal: dict[int, str] | None = None, key: str, by: str) -> Sold:
    """Void a sale of this lane's open shift: a mirror entry for everything, both papers marked.

    ``terminal``: position of a card tender to the pending payment by which the terminal gave it back. The same key
    does it once. Refuses: NotFound, NotThisShift, AlreadyVoided, PendingPayment, Invalid (a card tender without its
    answer), NotEnough (of a credit note that it made something was spent), Missing (reason), AlreadyDone, Denied,
    NeedsApproval. Source: D5-04, N1, K-20.
    """
    if not reason.strip():
        raise Missing(field="reason")
    return once(
        lambda: _voided_before(sale, key),
        lambda: _void(shop, sale, reason, terminal or {}, key=key, by=by),
    )


def _voided_before(sale: str, key: str) -> Sold | None:
    found = sales.done(key)
    if found is not None and (found.kind, found.original) != (VOID, sale):
        raise AlreadyDone(key=key)
    return None if found is None else found.sold


def _void(shop: Shop, sale: str, reason: str, terminal: Mapping[int, str], *, key: str, by: str) -> Sold:
    approved_by = staff.require(shop, by, permissions.Action.VOID_SALE, key=key)
    head = shift_rows.in_shift(shop, ledger.lock(shop), by)
    rows = sale_rows.read(sale)
    if rows is None:
        raise NotFound(what="sale", code=sale)
    db.hold(sorted({sale, *(row[2] for row in rows.returns if row[2]), *(row[2] for row in rows.refunds)}))
    sold = return_rows.original(sale)
    if _is_reversed(sold):
        raise AlreadyVoided(number=sold.number)
    if not _is_of_shift(sold, shop.lane, head.shift):
        raise NotThisShift(number=sold.number)
    handed = _handed(rows, terminal)
    sales.check_pending(key, handed)
    voiding, entry = new_id(), new_id()
    mirror = mirrored(
        rows,
        [(one.reference, one.pending or None) for one in handed],
        reason,
        {
            "id": voiding,
            "entry": entry,
            "number": head.receipt + 1,
            "kind": VOID,
            "at": shop.clock.millis(),
            "business_date": head.business_date or "",
            "by": by,
            "original": sale,
            "settings": shop.settings_version,
        },
    )
    sale_rows.write(mirror)
    rounding = Money(mirror.head()["rounding"])
    posted = ledger.post(
        shop,
        head,
        VOID,
        _reversed_postings(shop, sold.entry),
        key=key,
        by=by,
        approved_by=approved_by,
        entry=entry,
        sale=voiding,
        reverses=sold.entry,
        digest=ledger.digest(mirror.document()),
        trace={"rounding": rounding.minor} if rounding else None,
    )
    add_note(shop, by, "receipt.voided", approved_by=approved_by, sale=sale, number=sold.number, reason=reason)
    open_drawer = any(given.tender.kind is TenderKind.CASH for given in handed)
    printing.queue_sale(shop, voiding, open_drawer=open_drawer)
    return Sold(
        sale=voiding,
        number=head.receipt + 1,
        total=-(sold.total + sold.rounding),
        change=ZERO,
        open_drawer=open_drawer,
        seq=posted.seq,
        hash_piece=posted.hash[:8],
    )


def _is_voidable(shop: Shop, sold: Original) -> bool:
    """A shift of an earlier day that nobody counted is closed by whatever comes next."""
    shift = shift_rows.current(shop)
    if shift is None or (shift.counted is None and shift_rows.is_stale(shop, shift.business_date)):
        return False
    return _is_of_shift(sold, shop.lane, shift.id) and not _is_reversed(sold)


def _is_of_shift(sold: Original, lane: str, shift: str | None) -> bool:
    found = db.row("SELECT shift FROM entry WHERE id = ?", (sold.entry,))
    return shift is not None and found is not None and (sold.lane, found[0]) == (lane, shift)


def _is_reversed(sold: Original) -> bool:
    """Whether it is a void, was voided, or something of it came back."""
    void = db.row("SELECT 1 FROM entry WHERE reverses = ? AND kind = ?", (sold.entry, VOID))
    return sold.kind == VOID or void is not None or not sold.untouched


def _handed(rows: SaleRows, terminal: Mapping[int, str]) -> tuple[Given, ...]:
    """The tenders of the mirror: what came in goes out, and what went out comes in."""
    made = []
    for row in rows.tenders:
        tender = dict(zip(TENDER, row, strict=True))
        asked = tender["pending"] is not None
        pending = terminal.get(tender["position"], "")
        slip = db.row("SELECT reference FROM pending WHERE id = ?", (pending,)) if pending else None
        made.append(
            Given(
                tender=Tender(tender["tender"], tender["name"], TenderKind(tender["kind"]), asks_terminal=asked),
                given=Money(-tender["given"]),
                reference=str(slip[0]) if slip else ("" if asked else tender["reference"]),
                pending=pending,
            )
        )
    return tuple(made)


def _reversed_postings(shop: Shop, entry: str) -> list[ledger.Line]:
    """Each posting with its sign turned; a credit note is asked whether it still holds what it was given."""
    lines, spent = [], {}
    for kind, unit, owner, amount in db.rows(
        "SELECT account.kind, account.unit, account.owner, posting.amount FROM posting "
        "JOIN account ON account.id = posting.account WHERE posting.entry = ? ORDER BY posting.position",
        (entry,),
    ):
        if kind == credit_notes.ACCOUNT and amount < 0:
            spent[str(owner)] = Money(-amount)
        elif kind == credit_notes.ACCOUNT:
            lines.append(credit_notes.load_line(shop, owner, Money(amount)))
        else:
            lines.append(ledger.Line(ledger.Account(kind, owner, unit), -amount))
    return [*lines, *(credit_notes.spend_lines(shop, spent) if spent else ())]
