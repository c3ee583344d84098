"""Credit notes: value that the shop owes to whoever holds the code, made by a return and paid with (K-19)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kiosk import db
from kiosk.clock import from_millis
from kiosk.errors import Invalid, Locked, NotEnough, NotFound, OutOfRange
from kiosk.money import Money
from kiosk.rules import codes
from kiosk.rules.permissions import Action, State
from kiosk.services import customer_rows, ledger, pins, printing, staff
from kiosk.services.ids import new_id
from kiosk.services.journal import add_note
from kiosk.services.shop import Shop

if TYPE_CHECKING:
    from kiosk.receipts.paper import Document

ACCOUNT: Final = "voucher"
"""The kind of account that holds a card's value; its owner is the card's id."""

FREE_MISSES: Final = 4
"""Unknown codes of a lane that nobody waits for."""

_MISS: Final = "card.unknown"
_MISSES_FORGOTTEN_MILLIS: Final = 3_600_000
_MOST_COUNTED: Final = FREE_MISSES + 64

waits = pins.Waits()
"""One process, one till; by lane."""


@dataclass(frozen=True, slots=True)
class Note:
    """A credit note as the payment screen shows it."""

    card: str
    code: str
    held: Money
    """What the shop owes on it."""
    state: str
    """active, blocked or closed."""
    owner: str = ""
    """What the customer is called whom it belongs to, for those who may see customers; empty: nobody (K-13)."""


def find(shop: Shop, code: str, *, by: str) -> Note:
    """The credit note with this code, for somebody who may sell.

    Who asks for codes that nobody has must wait, longer each time, restarts
    included, and is in the journal; a code that the till can't have made is a
    slip of the finger. Refuses: Denied, NotFound (which does not bear the
    code), Locked. Source: DESIGN.md 11.
    """
    bare = codes.normalise(code)
    if not codes.is_card(bare):
        raise NotFound(what="card", code="")
    with db.transaction():
        staff.require(shop, by, Action.SELL)
        left = waits.left(shop.lane, *_misses(shop))
        if left:
            raise Locked(wait_seconds=left)
        found = db.row("SELECT id, code, state, customer FROM card WHERE code = ? AND kind = 'voucher'", (bare,))
        if found is None:
            add_note(shop, by, _MISS)
            waits.left(shop.lane, *_misses(shop))
    if found is None:
        raise NotFound(what="card", code="")
    card, known, state, customer = found
    return Note(card, known, held(shop, card), state, _called(shop, customer, by))


def _called(shop: Shop, customer: str | None, by: str) -> str:
    """What an owner is called, or whom he was merged into."""
    if customer is None or staff.permission(shop, by, Action.SEE_CUSTOMERS) is not State.ALLOWED:
        return ""
    root = customer_rows.root_of(customer) or customer
    found = customer_rows.read([root]).get(root)
    return "" if found is None or found.state != "active" else found.called


def held(shop: Shop, card: str) -> Money:
    """What the shop owes on a card."""
    found = db.row(
        "SELECT balance FROM account WHERE kind = ? AND unit = ? AND owner = ?", (ACCOUNT, shop.settings.currency, card)
    )
    return Money(0 if found is None else -int(found[0]))


def issue_in(shop: Shop, amount: Money, *, sale: str, by: str, customer: str | None = None) -> tuple[str, ledger.Line]:
    """Make a credit note inside the transaction of a return: its card, and the posting that loads it.

    It belongs to the customer of the return, if there is one. Its paper is
    queued, whatever else is printed: it alone bears the code. Refuses: OutOfRange. Source: K-19, K-13.
    """
    card, code = new_id(), _new_code()
    db.run(
        "INSERT INTO card (id, code, kind, customer, issued_at, issued_by, sale) VALUES (?, ?, 'voucher', ?, ?, ?, ?)",
        (card, code, customer, shop.clock.millis(), by, sale),
    )
    printing.queue_note(shop, card)
    return card, _load(shop, card, amount)


def load_line(shop: Shop, card: str, amount: Money) -> ledger.Line:
    """The posting that gives back to a credit note what was paid with it. Refuses: NotFound, OutOfRange."""
    _states(card)
    return _load(shop, card, amount)


def spend_line(shop: Shop, card: str, amount: Money) -> ledger.Line:
    """As ``spend_lines``, of one credit note."""
    (line,) = spend_lines(shop, {card: amount})
    return line


def spend_lines(shop: Shop, wanted: Mapping[str, Money]) -> tuple[ledger.Line, ...]:
    """The postings that spend of credit notes, card to amount, inside the transaction of a sale.

    The notes are held until the commit, so that of two tills that take the
    last money of one, the second is told what is left; the database would
    refuse it too. Refuses: NotFound, NotEnough, Invalid (blocked or closed),
    OutOfRange. Source: K-02, I3, E49.
    """
    states = _states(*wanted)
    for state in states.values():
        if state != "active":
            raise Invalid(field="card", value=state)
    left = db.lock_balances(ACCOUNT, shop.settings.currency, tuple(wanted))
    for card, amount in wanted.items():
        _check_amount(amount)
        available = -left.get(card, 0)
        if amount.minor > available:
            raise NotEnough(wanted=amount.minor, available=available)
    return tuple(ledger.money_line(shop, ACCOUNT, card, amount) for card, amount in wanted.items())


def code_of(card: str) -> str:
    """The code of a card, for its slip. Refuses: NotFound."""
    found = db.row("SELECT code FROM card WHERE id = ?", (card,))
    if found is None:
        raise NotFound(what="card", code="")
    return str(found[0])


def slip(shop: Shop, card: str, *, copy: int = 0) -> Document:
    """The paper of a credit note, laid out from the books. Refuses: NotFound."""
    from kiosk.receipts.credit_note import CreditNoteSlip, lay_out
    from kiosk.services.receipt import shop_head

    found = db.row("SELECT code, issued_at, sale, customer FROM card WHERE id = ?", (card,))
    if found is None:
        raise NotFound(what="card", code="")
    code, at, sale, customer = found
    loaded = db.row(
        "SELECT -posting.amount FROM entry JOIN posting ON posting.entry = entry.id "
        "JOIN account ON account.id = posting.account "
        "WHERE entry.sale = ? AND account.kind = ? AND account.owner = ?",
        (sale, ACCOUNT, card),
    )
    number = db.row("SELECT lane, number FROM sale WHERE id = ?", (sale,)) or (shop.lane, "")
    made = CreditNoteSlip(
        shop=shop_head(shop.settings),
        code=code,
        amount=held(shop, card) if loaded is None else Money(int(loaded[0])),
        at=shop.clock.local(from_millis(at)),
        lane=str(number[0]),
        receipt=str(number[1]),
        copy=copy,
        training=shop.training,
    )
    return lay_out(made, customer_rows.language_of(customer, shop.settings.language))


def _load(shop: Shop, card: str, amount: Money) -> ledger.Line:
    _check_amount(amount)
    return ledger.money_line(shop, ACCOUNT, card, -amount)


def _check_amount(amount: Money) -> None:
    if amount.minor <= 0:
        raise OutOfRange(field="amount", value=str(amount.minor), lowest="1")


def _states(*cards: str) -> dict[str, str]:
    """Card to state. Refuses: NotFound."""
    marks = ", ".join("?" * len(cards))
    found = {str(id_): str(state) for id_, state in db.rows(f"SELECT id, state FROM card WHERE id IN ({marks})", cards)}
    if len(found) < len(set(cards)):
        raise NotFound(what="card", code="")
    return found


def _misses(shop: Shop) -> tuple[int, int | None]:
    """How many unknown codes somebody must wait for, and when the last one was given.

    Of this hour, forwards and backwards: a clock that is set frees nobody for good, and locks nobody out.
    """
    now = shop.clock.millis()
    newest = db.rows(
        "SELECT at FROM journal WHERE action = ? AND lane = ? ORDER BY id DESC LIMIT ?",
        (_MISS, shop.lane, _MOST_COUNTED),
    )
    counted = [int(at) for (at,) in newest if abs(now - int(at)) < _MISSES_FORGOTTEN_MILLIS]
    return max(0, len(counted) - FREE_MISSES), counted[0] if counted else None


def _new_code() -> str:
    while True:
        code = codes.make_card(secrets.randbelow(len(codes.CARD_STARTS)), secrets.randbelow(10**14))
        taken = "SELECT 1 FROM card WHERE code = ? UNION ALL SELECT 1 FROM barcode WHERE code = ?"
        if db.row(taken, (code, code)) is None:
            return code
