"""Points of a customer: how many there are, and adding and removing them by hand (T-13 to T-16, DOMAIN.md C.6 Adjust).

Points belong to a card. Who has none gets one without plastic with the first
points (U-03); who has several is asked for the sum of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kiosk import db
from kiosk.errors import AlreadyDone, ChangedMeanwhile, Erased, Missing, NotEnoughPoints, NotFound, OutOfRange
from kiosk.i18n.clean import clean_text
from kiosk.rules.permissions import Action
from kiosk.services import cards, cash_rows, ledger, points_rows, shift_rows, staff
from kiosk.services.customer_rows import root_of
from kiosk.services.ids import new_id
from kiosk.services.once import once
from kiosk.services.points_rows import ADJUSTED, PointsRow
from kiosk.services.shop import Shop

LONGEST_REASON: Final = 80
MOST: Final = 1_000_000
"""Points that are added or removed at once: no barcode is taken for a number."""


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Points that came or went by hand."""

    entry: str
    seq: int
    amount: int
    """Above zero: added."""
    held: int
    """How many the customer has now, on all cards."""


def held(shop: Shop, customer: str) -> int:
    """How many points a customer has: on all cards, those of customers merged into him too (T-16, T-22)."""
    return sum(points_rows.balances(cards.points_cards(root_of(customer) or customer)).values())


def adjust(shop: Shop, customer: str, amount: int, *, add: bool, reason: str, key: str, by: str) -> Adjusted:
    """Add or remove points by hand: the direction is said, and no number is below one.

    What is removed comes off the customer's own eldest card first. It is done
    for customers who are banned too; who was merged stands for whom he was
    merged into. The same key does it once. Refuses: OutOfRange, Missing
    (reason), NotFound, Erased, NotEnoughPoints, AlreadyDone (the key did
    something else), Denied, NeedsApproval. Source: T-13, T-15, E43, U-03, DOMAIN.md C.6 Adjust.
    """
    if not 1 <= amount <= MOST:
        raise OutOfRange(field="points", value=str(amount), lowest="1", highest=str(MOST))
    why = clean_text(reason, LONGEST_REASON)
    if not why:
        raise Missing(field="reason")
    signed = amount if add else -amount
    return once(
        lambda: _done_before(shop, customer, signed, why, key),
        lambda: _adjust(shop, customer, signed, why, key=key, by=by),
    )


def _adjust(shop: Shop, customer: str, signed: int, reason: str, *, key: str, by: str) -> Adjusted:
    approved_by = staff.require(shop, by, Action.ADJUST_POINTS, key=key)
    head = shift_rows.in_shift(shop, ledger.lock(shop), by)
    root = _held_customer(customer)
    shares = {_card_for(shop, root, by): signed} if signed > 0 else _taken(cards.points_cards(root), -signed)
    entry = new_id()
    moves = tuple(PointsRow(entry, card, amount, reason) for card, amount in shares.items())
    points_rows.write(moves)
    posted = ledger.post(
        shop,
        head,
        ADJUSTED,
        points_rows.postings(moves),
        key=key,
        by=by,
        approved_by=approved_by,
        entry=entry,
        digest=ledger.digest(points_rows.document(moves)),
    )
    return Adjusted(entry, posted.seq, signed, held(shop, root))


def _done_before(shop: Shop, customer: str, signed: int, reason: str, key: str) -> Adjusted | None:
    made = cash_rows.made_by(key, (ADJUSTED,))
    if made is None:
        return None
    moves = points_rows.of_entry(made[1])
    root = root_of(customer) or customer
    same = {one.card for one in moves} <= set(cards.points_cards(root)) and {one.reason for one in moves} <= {
        reason,
        "",
    }
    if not same or sum(one.amount for one in moves) != signed:
        raise AlreadyDone(key=key)
    (seq,) = db.row("SELECT seq FROM entry WHERE id = ?", (made[1],)) or (0,)
    return Adjusted(made[1], int(seq), signed, held(shop, root))


def _held_customer(customer: str) -> str:
    """Whom the points are for by now, held until the commit, so that nobody merges or erases him meanwhile."""
    root = root_of(customer)
    if root is None:
        raise NotFound(what="customer", code="")
    if not db.run("UPDATE customer SET changed_at = changed_at WHERE id = ? AND state = 'active'", (root,)):
        (state,) = db.row("SELECT state FROM customer WHERE id = ?", (root,)) or ("",)
        raise ChangedMeanwhile(what="customer") if state == "merged" else Erased
    return root


def _card_for(shop: Shop, customer: str, by: str) -> str:
    """The customer's own eldest card that is active; one without plastic is made where there is none (U-03)."""
    found = db.row(
        "SELECT id FROM card WHERE customer = ? AND kind = ? AND state = 'active' ORDER BY issued_at, id LIMIT 1",
        (customer, cards.BONUS),
    )
    return cards.issue_in(shop, customer, "", by=by) if found is None else str(found[0])


def _taken(held_on: tuple[str, ...], wanted: int) -> dict[str, int]:
    """What each card gives, in their order: the balances are held until the commit (I3).

    Of two tills that take the last points, the second is told what is left.
    """
    left = db.lock_balances(ledger.POINTS, ledger.POINTS_UNIT, held_on) if held_on else {}
    available = sum(left.values())
    if wanted > available:
        raise NotEnoughPoints(wanted=wanted, available=available)
    shares: dict[str, int] = {}
    for card in held_on:
        share = min(wanted, max(0, left.get(card, 0)))
        if share:
            shares[card] = -share
            wanted -= share
    return shares
