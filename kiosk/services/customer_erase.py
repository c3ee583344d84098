"""Erasing a person: nothing is known of him any more, and the books stay as they are (N11).

The ledger, the sales and the journal bear random ids, which now lead to nobody.
What named him is overwritten or deleted, and what sealed his documents is
destroyed. docs/decisions/0009 says what stays, and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from kiosk import db
from kiosk.errors import DiskFull, Erased, NotFound
from kiosk.rules.permissions import Action
from kiosk.services import cards, consents, customer_index, customer_merge, documents, parked, staff
from kiosk.services.customer_rows import Channel, CustomerForm, Kind, marks, members_of, read, root_of, values_of
from kiosk.services.journal import add_note
from kiosk.services.shop import Shop

SOURCE: Final = "erased"
"""Of the last consent that is written down: a withdrawal."""


def erase(shop: Shop, customer: str, *, by: str) -> tuple[str, ...]:
    """Forget a customer, and all who are one with him; their ids, which stay in the books.

    Sales, totals, points and the chain are untouched; his cards are closed, and
    their numbers are never given out again (I9). Refuses: NotFound, Erased, Denied. Source: N11.
    """
    with db.transaction():
        staff.require(shop, by, Action.ERASE_CUSTOMERS)
        customer_merge.hold_links()
        members = _to_forget(customer)
        _check_may_go(members)
        parked.forget_in(shop, members)
        for member in members:
            _forget(shop, member, by=by)
        add_note(shop, by, "customer.erased", customer=members[0], members=list(members[1:]))
    with suppress(DiskFull):  # It is done; the log is emptied at the next chance.
        db.forget_freed()
    return members


def _to_forget(customer: str) -> tuple[str, ...]:
    root = root_of(customer)
    if root is None:
        raise NotFound(what="customer", code="")
    members = members_of(root)
    # Writing the rows holds them until the commit on both engines: nobody serves or changes him meanwhile.
    db.run(f"UPDATE customer SET changed_at = changed_at WHERE id IN ({marks(members)})", members)
    if db.row("SELECT 1 FROM customer WHERE id = ? AND state = 'erased'", (root,)) is not None:
        raise Erased
    return members


def _check_may_go(members: Sequence[str]) -> None:
    """The door of what has to be settled first, such as an unpaid order; nothing is owed by customers yet."""
    del members


def empty_in(shop: Shop, customer: str, state: str, *, by: str, source: str) -> None:
    """Keep nothing of one customer but his number and his cards' codes, inside the transaction of a deed.

    Where he agreed to be written to, the ledger of consents, which bears digests of addresses only, ends with a no
    that has this ``source``.
    """
    before = read([customer])[customer]
    customer_index.index_in(before, None)
    for channel, value in db.rows("SELECT channel, value FROM contact WHERE customer = ? AND opt_in = 1", (customer,)):
        consents.record_in(shop, customer, Channel(channel), value, given=False, by=by, source=source)
    documents.destroy_in(customer)
    db.run("DELETE FROM contact WHERE customer = ?", (customer,))
    db.run("DELETE FROM customer_import_before WHERE customer = ?", (customer,))
    db.run("UPDATE card SET state = 'closed' WHERE customer = ? AND kind = ?", (customer, cards.BONUS))
    nothing = values_of(CustomerForm(kind=Kind(before.form.kind)))
    db.run(
        f"UPDATE customer SET {', '.join(f'{name} = ?' for name in nothing)}, "
        "banned = NULL, merged_into = NULL, state = ?, changed_at = changed_at + 1 WHERE id = ?",
        (*nothing.values(), state, customer),
    )


def _forget(shop: Shop, customer: str, *, by: str) -> None:
    """Everything of one of them."""
    db.run(
        "UPDATE points_move SET reason = '' WHERE reason <> '' AND card IN (SELECT id FROM card WHERE customer = ?)",
        (customer,),
    )
    customer_merge.close_in(shop, customer, by=by)
    empty_in(shop, customer, "erased", by=by, source=SOURCE)
