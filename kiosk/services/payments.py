"""Payments asked of a card terminal: known before the question, until the sale has them (D3-05).

A crash between the terminal and the commit must neither charge twice nor
forget: the question is a row before it is asked, and its answer stays with
the basket's key.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk import db
from kiosk.errors import Invalid, NotFound, PendingPayment
from kiosk.i18n.clean import clean_text
from kiosk.money import Money
from kiosk.rules.tender import TenderKind
from kiosk.services.ids import new_id
from kiosk.services.journal import add_note
from kiosk.services.shop import Shop

_LONGEST_REFERENCE = 40


@dataclass(frozen=True, slots=True)
class Pending:
    """A payment that a terminal was asked for."""

    id: str
    key: str
    tender: str
    amount: Money
    state: str
    """asked, approved, declined or returned."""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What one tender paid of a past sale."""

    position: int
    tender: str
    name: str
    kind: TenderKind
    amount: Money
    """Below zero where the sale gave money back."""
    terminal: bool
    """Whether a terminal took it, or gave it back."""


def parts(sale: str) -> tuple[Part, ...]:
    """How a past sale was paid, tender by tender."""
    found = db.rows(
        "SELECT position, tender, name, kind, amount, pending FROM sale_tender WHERE sale = ? ORDER BY position",
        (sale,),
    )
    return tuple(
        Part(int(position), tender, name, TenderKind(kind), Money(amount), pending is not None)
        for position, tender, name, kind, amount, pending in found
    )


def key_of_void(sale: str) -> str:
    """The key of the void of a sale: however often it is begun, it is the same deed (N1)."""
    return f"void-{sale}"


def half_voided(shop: Shop) -> int | None:
    """The number of a receipt of this lane's open shift whose void a terminal was asked for, and never came to be."""
    found = db.row(
        "SELECT sale.number FROM lane JOIN shift ON shift.id = lane.shift "
        "JOIN entry ON entry.lane = lane.id AND entry.seq >= shift.first_seq "
        "JOIN sale ON sale.id = entry.sale JOIN pending ON pending.key = 'void-' || sale.id "
        "WHERE lane.id = ? AND pending.state IN ('asked', 'approved') AND NOT EXISTS ("
        "SELECT 1 FROM sale_tender WHERE sale_tender.pending = pending.id) ORDER BY sale.number DESC LIMIT 1",
        (shop.lane,),
    )
    return None if found is None else int(found[0])


def begin_pending(shop: Shop, key: str, tender: str, amount: Money, *, by: str) -> Pending:
    """Write down that a terminal is being asked, before it is.

    Refuses: PendingPayment while another question of this sale is open.
    """
    with db.transaction():
        still_open = db.row("SELECT tender, amount FROM pending WHERE key = ? AND state = 'asked'", (key,))
        if still_open is not None:
            raise PendingPayment(tender=still_open[0], amount=still_open[1])
        made = new_id()
        db.run(
            'INSERT INTO pending (id, key, lane, tender, amount, state, "by", at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
            (made, key, shop.lane, tender, amount.minor, "asked", by, shop.clock.millis()),
        )
        return Pending(made, key, tender, amount, "asked")


def answer_pending(shop: Shop, pending: str, *, approved: bool, reference: str = "", by: str) -> Pending:
    """Write down what the terminal said. The same answer twice is one answer. Refuses: NotFound, Invalid."""
    return _move(shop, pending, "approved" if approved else "declined", "asked", reference, by)


def return_pending(shop: Shop, pending: str, *, by: str) -> Pending:
    """Write down that an approved payment was given back on the terminal. Refuses: NotFound, Invalid."""
    return _move(shop, pending, "returned", "approved", None, by)


def open_pending(shop: Shop, key: str) -> tuple[Pending, ...]:
    """What a terminal was asked or has approved for this sale, and no sale has yet."""
    found = db.rows(
        "SELECT id, key, tender, amount, state, reference FROM pending "
        "WHERE key = ? AND state IN ('asked', 'approved') AND NOT EXISTS ("
        "SELECT 1 FROM sale_tender WHERE sale_tender.pending = pending.id) ORDER BY id",
        (key,),
    )
    return tuple(Pending(id_, of, tender, Money(amount), state, ref) for id_, of, tender, amount, state, ref in found)


def _move(shop: Shop, pending: str, state: str, before: str, reference: str | None, by: str) -> Pending:
    with db.transaction():
        found = db.row("SELECT key, tender, amount, state, reference FROM pending WHERE id = ?", (pending,))
        if found is None:
            raise NotFound(what="pending", code=pending)
        key, tender, amount, now, known_reference = found
        kept = known_reference if reference is None else clean_text(reference, most=_LONGEST_REFERENCE)
        if now == state:
            return Pending(pending, key, tender, Money(amount), state, known_reference)
        touched = db.run(
            "UPDATE pending SET state = ?, reference = ?, answered_at = ? WHERE id = ? AND state = ? "
            "AND NOT EXISTS (SELECT 1 FROM sale_tender WHERE sale_tender.pending = pending.id)",
            (state, kept, shop.clock.millis(), pending, before),
        )
        if not touched:
            raise Invalid(field="state", value=now)
        add_note(shop, by, f"payment.{state}", tender=tender, amount=amount)
        return Pending(pending, key, tender, Money(amount), state, kept)
