"""Cash in and out of the drawer that is no sale: paid in, paid out, to the safe, between registers (K-22, D6-04).

What goes from one register to another is in neither drawer on its way: it
stands on an account ``transit`` of those two lanes, until the other one takes
it in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kiosk import db
from kiosk.clock import from_millis
from kiosk.errors import AlreadyDone, Missing, NotEnough, NotFound, NotInSteps, OutOfRange
from kiosk.i18n.clean import clean_text
from kiosk.money import LARGEST_MINOR, Money
from kiosk.receipts.cash_slip import CashSlip, lay_out
from kiosk.receipts.paper import Document
from kiosk.rules.drawer import Purpose
from kiosk.rules.permissions import Action
from kiosk.services import cash_rows, ledger, printing, receipt, shift_rows, shifts, staff
from kiosk.services.cash_rows import MOVED, MoveRow
from kiosk.services.ids import new_id
from kiosk.services.once import once
from kiosk.services.shop import Shop

LONGEST_REASON: Final = 80


@dataclass(frozen=True, slots=True)
class Moved:
    """Cash that went in or out."""

    entry: str
    seq: int
    amount: Money
    job: str | None
    """The print job of the slip, if one was wanted."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is to be moved, checked as far as that needs no books."""

    direction: str
    purpose: Purpose
    other: str
    amount: Money
    reason: str


def pay_in(
    shop: Shop,
    amount: Money,
    purpose: Purpose,
    *,
    reason: str = "",
    other: str = "",
    slip: bool = False,
    key: str,
    by: str,
) -> Moved:
    """Put cash into the drawer, which opens: no turnover. ``other`` is the lane it comes from, for Purpose.REGISTER.

    The same key does it once. Refuses: OutOfRange, NotInSteps, Missing (a reason for OTHER), NotFound (the lane),
    NotEnough (less is on its way from there), AlreadyDone, Denied, NeedsApproval. Source: K-22, D6-04.
    """
    return _do(shop, _wish(shop, "in", amount, purpose, reason, other), slip=slip, key=key, by=by)


def pay_out(
    shop: Shop,
    amount: Money,
    purpose: Purpose,
    *,
    reason: str = "",
    other: str = "",
    slip: bool = False,
    key: str,
    by: str,
) -> Moved:
    """Take cash out of the drawer: no turnover. Purpose.SAFE is a safe drop with a permission of its own.

    Refuses: as ``pay_in``, and NotEnough (the drawer holds less; to whoever counts blind it is OutOfRange, which
    doesn't tell how much).
    """
    return _do(shop, _wish(shop, "out", amount, purpose, reason, other), slip=slip, key=key, by=by)


def on_the_way(shop: Shop) -> tuple[tuple[str, Money], ...]:
    """From which lanes cash is on its way to this one, and how much (D6-04)."""
    found = db.rows(
        "SELECT lane.id, account.balance FROM lane JOIN account ON account.kind = 'transit' AND account.unit = ? "
        "AND account.owner = lane.id || '/' || ? WHERE account.balance > 0 ORDER BY lane.number",
        (shop.settings.currency, shop.lane),
    )
    return tuple((lane, Money(int(balance))) for lane, balance in found)


def other_lanes(shop: Shop) -> tuple[str, ...]:
    """The lanes that cash can go to from this one (D6-04)."""
    found = db.rows("SELECT id FROM lane WHERE id <> ? ORDER BY number", (shop.lane,))
    return tuple(str(lane) for (lane,) in found)


def slip(shop: Shop, entry: str, *, copy: int = 0) -> Document:
    """The slip of cash in or out, in the shop's language. Refuses: NotFound."""
    row = cash_rows.move_of(entry)
    found = db.row(
        "SELECT entry.lane, entry.at, entry.seq, entry.hash, staff.name, approver.name FROM entry "
        'LEFT JOIN staff ON staff.id = entry."by" LEFT JOIN staff AS approver ON approver.id = entry.approved_by '
        "WHERE entry.id = ?",
        (entry,),
    )
    if row is None or found is None:
        raise NotFound(what="entry", code=entry)
    lane, at, seq, own_hash, name, approver = found
    made = CashSlip(
        shop=receipt.shop_head(shop.settings),
        lane=lane,
        staff=(name or "").split(" ", 1)[0],
        approved_by=(approver or "").split(" ", 1)[0],
        at=shop.clock.local(from_millis(at)),
        direction=row.direction,
        purpose=Purpose(row.purpose),
        amount=Money(row.amount),
        other=row.other,
        reason=row.reason,
        seq=seq,
        hash_piece=own_hash[:8],
        copy=copy,
        training=shop.training,
    )
    return lay_out(made, shop.settings.language)


def _wish(shop: Shop, direction: str, amount: Money, purpose: Purpose, reason: str, other: str) -> _Wish:
    if not 0 < amount.minor <= LARGEST_MINOR:
        raise OutOfRange(field="amount", value=str(amount.minor), lowest="1", highest=str(LARGEST_MINOR))
    if amount.minor % shop.settings.cash_step:
        raise NotInSteps(amount=amount.minor, step=shop.settings.cash_step)
    why = clean_text(reason, LONGEST_REASON)
    if purpose is Purpose.OTHER and not why:
        raise Missing(field="reason")
    return _Wish(direction, purpose, other if purpose is Purpose.REGISTER else "", amount, why)


def _do(shop: Shop, wish: _Wish, *, slip: bool, key: str, by: str) -> Moved:
    return once(lambda: _done_before(key, wish), lambda: _move(shop, wish, slip=slip, key=key, by=by))


def _move(shop: Shop, wish: _Wish, *, slip: bool, key: str, by: str) -> Moved:
    approved_by = staff.require(shop, by, _action(wish), key=key)
    if wish.purpose is Purpose.REGISTER:
        _check_lane(shop, wish.other)
    head = shift_rows.in_shift(shop, ledger.lock(shop), by)
    _check_there(shop, wish, by)
    row = MoveRow(
        new_id(), head.shift or "", wish.direction, wish.purpose.value, wish.other, wish.amount.minor, wish.reason
    )
    cash_rows.write_move(row)
    posted = ledger.post(
        shop,
        head,
        MOVED,
        row.postings(shop),
        key=key,
        by=by,
        approved_by=approved_by,
        entry=row.entry,
        digest=ledger.digest(row.document()),
    )
    job = printing.queue_cash_slip(shop, row.entry) if slip else printing.queue_drawer(shop)
    return Moved(row.entry, posted.seq, wish.amount, job if slip else None)


def _done_before(key: str, wish: _Wish) -> Moved | None:
    made = cash_rows.made_by(key, (MOVED,))
    if made is None:
        return None
    entry = made[1]
    row = cash_rows.move_of(entry)
    wanted = (wish.direction, wish.purpose.value, wish.other, wish.amount.minor, wish.reason)
    if row is None or (row.direction, row.purpose, row.other, row.amount, row.reason) != wanted:
        raise AlreadyDone(key=key)
    seq = db.row("SELECT seq FROM entry WHERE id = ?", (entry,)) or (0,)
    job = db.row("SELECT id FROM print_job WHERE kind = ? AND document = ?", (printing.CASH_SLIP, entry))
    return Moved(entry, int(seq[0]), wish.amount, None if job is None else str(job[0]))


def _action(wish: _Wish) -> Action:
    if wish.direction == "in":
        return Action.PAID_IN
    return Action.SAFE_DROP if wish.purpose is Purpose.SAFE else Action.PAID_OUT


def _check_lane(shop: Shop, other: str) -> None:
    if other == shop.lane or db.row("SELECT 1 FROM lane WHERE id = ?", (other,)) is None:
        raise NotFound(what="lane", code=other)


def _check_there(shop: Shop, wish: _Wish, by: str) -> None:
    """Whether there is so much: only this lane takes from its drawer and from what is on its way to it, and the lock
    of the lane holds both still."""
    if wish.direction == "out":
        held = shift_rows.drawer_balance(shop)
        if held < wish.amount and shifts.counts_blind(shop, by):
            raise OutOfRange(field="amount", value=str(wish.amount.minor))
    elif wish.purpose is Purpose.REGISTER:
        held = dict(on_the_way(shop)).get(wish.other, Money(0))
    else:
        return
    if held < wish.amount:
        raise NotEnough(wanted=wish.amount.minor, available=held.minor)
