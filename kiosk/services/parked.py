"""Sales that wait under a name, until whoever may sell takes them up again at any till (T-11, T-12, D4-01).

A parked sale is no debt and moves no money: nothing of it stands in the
ledger, it outlives the shift, and no closing waits for it. Its name and note
stand in its own row alone, and go when it is taken up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from kiosk import db
from kiosk.clock import from_millis
from kiosk.errors import (
    AlreadyDone,
    EmptySale,
    Missing,
    NotFound,
    OtherVersion,
    OutOfRange,
    ParkedLocked,
    PartlyPaid,
    PendingPayment,
    SaleIsOpen,
)
from kiosk.i18n.clean import clean_text
from kiosk.money import Money, total
from kiosk.rules import codes, pricing
from kiosk.rules.codes import CodeKind
from kiosk.rules.permissions import Action, State
from kiosk.rules.pricing import Priced
from kiosk.services import drafts, printing, staff
from kiosk.services.drafts import Draft, Unreadable
from kiosk.services.journal import add_note
from kiosk.services.once import once
from kiosk.services.shop import Shop

if TYPE_CHECKING:
    from kiosk.receipts.paper import Document

LONGEST_NAME: Final = 80
LONGEST_NOTE: Final = 200
NUMBERS: Final = 100_000_000
"""A ticket's code bears the number modulo this."""

_DAY_MILLIS: Final = 24 * 3_600_000
_MINUTE_MILLIS: Final = 60_000

_COLUMNS: Final = (
    "SELECT parked.key, parked.number, parked.name, parked.note, parked.customer, parked.items, parked.total, "
    'parked.lane, parked."by", parked.at, parked.locked, staff.name FROM parked '
    'LEFT JOIN staff ON staff.id = parked."by"'
)

_COUNT: Final = "SELECT COUNT(*), COUNT(CASE WHEN at < ? THEN 1 END) FROM parked WHERE state = 'waiting'"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sale that is parked."""

    key: str
    """The sale's own, which it keeps wherever it is taken up."""
    number: int
    """Counts up for ever, also when a sale is parked again, so that a ticket stands for nothing but this."""
    name: str
    note: str
    customer: str
    """The id of whom it is for; empty for nobody."""
    items: int
    total: Money
    lane: str
    by: str
    who: str
    """The first name of who parked it."""
    at: int
    """UTC milliseconds."""
    minutes: int
    """How long it has waited."""
    old: bool
    """Whether that is longer than the shop lets pass without a word."""
    locked: bool
    """Whether it is kept for the one who parked it."""


@dataclass(frozen=True, slots=True)
class _Held:
    """A parked sale that nobody else changes until the commit."""

    number: int
    content: str
    items: int
    total: int
    locked: int
    by: str
    name: str | None
    """Of who parked it."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many sales are parked, and how many of them for too long."""

    waiting: int = 0
    old: int = 0


def park(shop: Shop, draft: Draft, name: str, *, note: str = "", by: str) -> Waiting:
    """Put the open sale aside under a name; the person begins a new one.

    What was typed and not entered is left out. The same sale is parked once,
    however often it is asked. Refuses: EmptySale, Missing (the name),
    PartlyPaid, PendingPayment, OutOfRange (larger than any basket), AlreadyDone
    (the sale is in the books, waits with another content, or was taken up
    elsewhere), Denied. Source: T-11, T-12, D4-01.
    """
    called, content = clean_text(name, LONGEST_NAME), _checked(draft)
    if not called:
        raise Missing(field="name")
    priced = pricing.price(draft.basket, tax_included=shop.settings.prices_include_tax)

    def write() -> Waiting:
        staff.require(shop, by, Action.SELL)
        _check_unpaid(draft.key)
        number = _put(shop, draft, content, called, clean_text(note, LONGEST_NOTE), priced, by=by)
        drafts.clear_in(shop, by)
        items, minor = draft.basket.items, priced.total.minor
        add_note(shop, by, "sale.parked", key=draft.key, number=number, items=items, total=minor)
        return _waiting(shop, draft.key)

    return once(lambda: _parked_before(shop, draft.key, content), write)


def _checked(draft: Draft) -> str:
    """A sale as it is kept while it waits: all of the basket, and nothing half typed."""
    if draft.tenders:
        raise PartlyPaid(received=total(given.given for given in draft.tenders).minor)
    if not draft.basket.lines:
        raise EmptySale
    content = drafts.to_text(replace(draft, entry=""))
    if len(content) > drafts.LONGEST:
        raise OutOfRange(field="parked", value=str(len(content)), highest=str(drafts.LONGEST))
    return content


def _check_unpaid(key: str) -> None:
    """A sale in the books stays there; one for which a terminal was asked is finished first."""
    if db.row("SELECT 1 FROM entry WHERE key = ?", (key,)):
        raise AlreadyDone(key=key)
    asked = db.row("SELECT tender, amount FROM pending WHERE key = ? AND state IN ('asked', 'approved')", (key,))
    if asked is not None:
        raise PendingPayment(tender=asked[0], amount=asked[1])


def _parked_before(shop: Shop, key: str, content: str) -> Waiting | None:
    found = db.row("SELECT content FROM parked WHERE key = ? AND state = 'waiting'", (key,))
    if found is None:
        return None
    if found[0] != content:
        raise AlreadyDone(key=key)
    return _waiting(shop, key)


def _put(shop: Shop, draft: Draft, content: str, name: str, note: str, priced: Priced, *, by: str) -> int:
    """Write the row of a sale; one that was taken up is parked again only by whoever holds it."""
    db.hold(("parked.number",))
    (last,) = db.row("SELECT MAX(number) FROM parked") or (None,)
    number = int(last or 0) + 1
    kept = (number, shop.lane, name, note, draft.customer or None, content, draft.basket.items, priced.total.minor)
    written = db.run(
        'INSERT INTO parked (number, lane, name, note, customer, content, items, total, at, "by", key) '
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET number = excluded.number, "
        "lane = excluded.lane, name = excluded.name, note = excluded.note, customer = excluded.customer, "
        "content = excluded.content, items = excluded.items, total = excluded.total, at = excluded.at, "
        "\"by\" = excluded.\"by\", state = 'waiting' WHERE parked.state = 'recalled' AND EXISTS ("
        "SELECT 1 FROM draft WHERE draft.key = parked.key AND draft.staff = ? AND draft.lane = ?)",
        (*kept, shop.clock.millis(), by, draft.key, by, shop.lane),
    )
    if not written:
        raise AlreadyDone(key=draft.key)
    return number


def waiting(shop: Shop, *, by: str) -> tuple[Waiting, ...]:
    """The parked sales of the whole shop, the newest first. Refuses: Denied. Source: D4-01."""
    staff.require(shop, by, Action.SELL)
    found = db.rows(f"{_COLUMNS} WHERE parked.state = 'waiting' ORDER BY parked.at DESC, parked.number DESC")
    return tuple(_row(shop, row) for row in found)


def counts(shop: Shop) -> Counts:
    """How many sales wait, for a hint: one look at an index."""
    waiting, old = db.row(_COUNT, (_old_before(shop),)) or (0, 0)
    return Counts(int(waiting), int(old))


def by_code(shop: Shop, code: str) -> tuple[int, str] | None:
    """What a scanned ticket stands for: the number on it, and the sale's key, empty when it waits no more.

    None: the code is no ticket's.
    """
    meaning = codes.what_is(code, shop.settings.weight_prefixes, shop.settings.price_prefixes)
    if meaning.kind is not CodeKind.PARKED:
        return None
    found = db.row(
        "SELECT key FROM parked WHERE state = 'waiting' AND number % ? = ? ORDER BY number DESC LIMIT 1",
        (NUMBERS, meaning.value),
    )
    return meaning.value, "" if found is None else str(found[0])


def look_into(shop: Shop, sale: str, *, by: str) -> Priced:
    """What is in a parked sale, with its prices; it goes on waiting. Refuses: NotFound, OtherVersion, Denied."""
    staff.require(shop, by, Action.SELL)
    found = db.row("SELECT number, content FROM parked WHERE key = ? AND state = 'waiting'", (sale,))
    if found is None:
        raise NotFound(what="parked", code="")
    return pricing.price(_read(*found).basket, tax_included=shop.settings.prices_include_tax)


def recall(shop: Shop, sale: str, *, by: str, key: str = "") -> Draft:
    """Take a parked sale up: the identical basket is this person's open sale at this till.

    Of two tills that take it at once exactly one gets it; asked again, that one
    gets what it has. ``key`` is the deed's, for the approval that somebody
    else's locked sale needs. Refuses: NotFound (it waits no more), SaleIsOpen
    (this person has a basket here), ParkedLocked, NeedsApproval, OtherVersion
    (it goes on waiting), Denied. Source: T-11, D4-01, D4-03.
    """

    def write() -> Draft:
        staff.require(shop, by, Action.SELL)
        if drafts.stands_open(shop, by):
            raise SaleIsOpen
        held = _hold(sale, "recalled")
        approved_by = _pass(shop, held, by=by, key=key)
        draft = _read(held.number, held.content)
        _empty(sale)
        drafts.save_in(shop, by, draft)
        add_note(shop, by, "sale.recalled", approved_by=approved_by, key=sale, number=held.number)
        return replace(draft, restored=True)

    return once(lambda: _recalled_before(shop, sale, by), write)


def _recalled_before(shop: Shop, sale: str, by: str) -> Draft | None:
    found = db.row(
        "SELECT parked.number, draft.content FROM parked JOIN draft ON draft.key = parked.key "
        "WHERE parked.key = ? AND parked.state = 'recalled' AND draft.staff = ? AND draft.lane = ?",
        (sale, by, shop.lane),
    )
    return None if found is None else replace(_read(*found), restored=True)


def rename(shop: Shop, sale: str, name: str, *, by: str, key: str = "") -> Waiting:
    """Let a parked sale wait under another name. Refuses: Missing, NotFound, ParkedLocked, NeedsApproval, Denied."""
    called = clean_text(name, LONGEST_NAME)
    if not called:
        raise Missing(field="name")
    return _change(shop, sale, "name", called, by=by, key=key)


def write_note(shop: Shop, sale: str, note: str, *, by: str, key: str = "") -> Waiting:
    """Note something on a parked sale; an empty note goes. Refuses: NotFound, ParkedLocked, NeedsApproval, Denied."""
    return _change(shop, sale, "note", clean_text(note, LONGEST_NOTE), by=by, key=key)


def lock(shop: Shop, sale: str, *, by: str, key: str = "") -> Waiting:
    """Keep a parked sale for the one who parked it. Refuses: NotFound, Denied; of what another one locks as unlock."""
    return _change(shop, sale, "locked", 1, by=by, key=key, own=True)


def unlock(shop: Shop, sale: str, *, by: str, key: str = "") -> Waiting:
    """Let anybody who sells take it. Refuses: NotFound, ParkedLocked, NeedsApproval, Denied."""
    return _change(shop, sale, "locked", 0, by=by, key=key, own=True)


def _change(shop: Shop, sale: str, column: str, value: str | int, *, by: str, key: str, own: bool = False) -> Waiting:
    """Change one thing of a parked sale; the journal says which, and never what people wrote."""
    with db.transaction():
        staff.require(shop, by, Action.SELL)
        approved_by = _pass(shop, _hold(sale, "waiting"), by=by, key=key, own=own)
        db.run(f"UPDATE parked SET {column} = ? WHERE key = ?", (value, sale))
        changed = _waiting(shop, sale)
        facts: dict[str, object] = {"key": sale, "number": changed.number}
        if column == "locked":
            add_note(shop, by, "parked.locked" if value else "parked.unlocked", approved_by=approved_by, **facts)
        else:
            add_note(shop, by, "parked.changed", approved_by=approved_by, fields=[column], **facts)
        return changed


def delete(shop: Shop, sale: str, *, by: str, key: str = "") -> None:
    """Void a parked sale: it can't be taken up any more, and the journal says what it came to.

    The door is that of voiding an open sale. Refuses: NotFound, ParkedLocked, NeedsApproval, Denied.
    """
    with db.transaction():
        approved_by = staff.require(shop, by, Action.VOID_LINE, key=key)
        held = _hold(sale, "deleted")
        approved_by = _pass(shop, held, by=by, key=key) or approved_by
        _empty(sale)
        facts = {"key": sale, "number": held.number, "items": held.items, "total": held.total}
        add_note(shop, by, "parked.deleted", approved_by=approved_by, **facts)


def _hold(sale: str, state: str) -> _Held:
    """Let a sale wait no more, or hold it while it does: of two who try, the second finds it gone. Refuses: NotFound.

    The write comes first, for what is read before it may be of a moment ago.
    """
    if db.run("UPDATE parked SET state = ? WHERE key = ? AND state = 'waiting'", (state, sale)):
        found = db.row(
            'SELECT parked.number, parked.content, parked.items, parked.total, parked.locked, parked."by", staff.name '
            'FROM parked LEFT JOIN staff ON staff.id = parked."by" WHERE parked.key = ?',
            (sale,),
        )
        if found is not None:
            return _Held(*found)
    raise NotFound(what="parked", code="")


def _pass(shop: Shop, held: _Held, *, by: str, key: str, own: bool = False) -> str | None:
    """The door before what is kept for another one; ``own``: also while it is not locked. Who approved, if needed."""
    if held.by == by or not (held.locked or own):
        return None
    if staff.permission(shop, by, Action.UNLOCK_PARKED) is State.DENIED:
        raise ParkedLocked(by=_first(held.name))
    return staff.require(shop, by, Action.UNLOCK_PARKED, key=key)


def _empty(sale: str) -> None:
    """Nothing of what was in it stays, and nobody's name."""
    db.run("UPDATE parked SET name = '', note = '', customer = NULL, content = '', locked = 0 WHERE key = ?", (sale,))


def forget_in(shop: Shop, customers: Sequence[str]) -> int:
    """Take customers out of what waits, inside the transaction that erases them; how many sales were theirs.

    The goods go on waiting, under a number. Source: N11.
    """
    count = 0
    for customer in customers:
        for key, number, content in db.rows(
            "SELECT key, number, content FROM parked WHERE customer = ? AND state = 'waiting'", (customer,)
        ):
            db.run(
                "UPDATE parked SET name = ?, note = '', customer = NULL, content = ? WHERE key = ?",
                (f"#{number}", _without_customer(content), key),
            )
            count += 1
    return count


def _without_customer(content: str) -> str:
    try:
        return drafts.to_text(replace(drafts.from_text(content), customer=""))
    except Unreadable:
        return content


def print_ticket(shop: Shop, sale: str, *, by: str) -> int:
    """Have a ticket printed, by whose code the sale is taken up; its number. Refuses: NotFound, Denied."""
    with db.transaction():
        staff.require(shop, by, Action.SELL)
        number = _waiting(shop, sale).number
        printing.queue_ticket(shop, sale)
        return number


def slip(shop: Shop, sale: str, *, copy: int = 0) -> Document:
    """The ticket of a parked sale, without anybody's name; nothing once it waits no more."""
    from kiosk.receipts.parked_ticket import ParkedTicket, lay_out
    from kiosk.services.receipt import shop_head

    found = db.row("SELECT number, at, lane, items, total FROM parked WHERE key = ? AND state = 'waiting'", (sale,))
    if found is None:
        return ()
    number, at, lane, items, amount = found
    made = ParkedTicket(
        shop=shop_head(shop.settings),
        number=int(number),
        code=codes.make(CodeKind.PARKED, number % NUMBERS),
        at=shop.clock.local(from_millis(at)),
        lane=lane,
        items=int(items),
        total=Money(amount),
        copy=copy,
        training=shop.training,
    )
    return lay_out(made, shop.settings.language)


def _read(number: int, content: str) -> Draft:
    try:
        return drafts.from_text(content)
    except Unreadable as error:
        raise OtherVersion(what="parked", code=str(number)) from error


def _waiting(shop: Shop, key: str) -> Waiting:
    found = db.row(f"{_COLUMNS} WHERE parked.key = ? AND parked.state = 'waiting'", (key,))
    if found is None:
        raise NotFound(what="parked", code="")
    return _row(shop, found)


def _row(shop: Shop, row: Sequence[Any]) -> Waiting:
    key, number, name, note, customer, items, amount, lane, by, at, locked, person = row
    return Waiting(
        key=key,
        number=int(number),
        name=name,
        note=note,
        customer=customer or "",
        items=int(items),
        total=Money(amount),
        lane=lane,
        by=by,
        who=_first(person),
        at=int(at),
        minutes=max(0, shop.clock.millis() - int(at)) // _MINUTE_MILLIS,
        old=int(at) < _old_before(shop),
        locked=bool(locked),
    )


def _old_before(shop: Shop) -> int:
    """What was parked before this moment has waited too long; nothing has, where the shop sets no days."""
    days = shop.settings.parked_days
    return shop.clock.millis() - days * _DAY_MILLIS if days else 0


def _first(name: str | None) -> str:
    return (name or "").split(" ", 1)[0]
