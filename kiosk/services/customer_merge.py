"""Two customers who are one: a link that can be undone, and nothing is rewritten (T-22, N24).

Sales, cards, points, addresses and consents stay where they are. Who reads asks
for the root of a customer (``customer_rows.root_of``) and for all who are one
with him (``members_of``), so that an un-merge gives each back exactly what was his.
"""

from __future__ import annotations

from typing import Final

from kiosk import db
from kiosk.errors import AlreadyDone, Erased, MergedAlready, NotFound, NotMerged
from kiosk.rules.permissions import Action
from kiosk.services import customers, staff
from kiosk.services.customer_rows import Customer, read, root_of
from kiosk.services.journal import add_note
from kiosk.services.once import once
from kiosk.services.shop import Shop

_HOLD: Final = "customer.merge"


def merge(shop: Shop, customer: str, into: str, *, by: str, key: str) -> Customer:
    """Let one customer be another one from now on; whoever was merged before stands for whom he was merged into.

    The same key does it once. Gives back whom they are now. Refuses: NotFound,
    Erased, MergedAlready (they are one, or the same), AlreadyDone (the key
    merged others), Denied, NeedsApproval. Source: T-22, N24.
    """
    return once(
        lambda: _done_before(shop, customer, into, by=by, key=key),
        lambda: _merge(shop, customer, into, by=by, key=key),
    )


def unmerge(shop: Shop, customer: str, *, by: str, key: str) -> Customer:
    """Let a customer who was merged be himself again; those merged into him stay with him. Gives him back.

    Refuses: NotFound, NotMerged (also when he was parted already), Denied, NeedsApproval. Source: N24.
    """
    with db.transaction():
        approved_by = staff.require(shop, by, Action.MERGE_CUSTOMERS, key=key)
        hold_links()
        found = read([customer]).get(customer)
        if found is None:
            raise NotFound(what="customer", code="")
        if found.merged_into is None:
            raise NotMerged
        close_in(shop, customer, by=by)
        _point(shop, customer, None)
        add_note(
            shop, by, "customer.unmerged", approved_by=approved_by, customer=customer, merged_into=found.merged_into
        )
        return customers.get(shop, customer, by=by)


def parts(shop: Shop, customer: str, *, by: str) -> tuple[Customer, ...]:
    """Who was merged into a customer, by number; each with those who were merged into him. Refuses: Denied."""
    staff.require(shop, by, Action.SEE_CUSTOMERS)
    found = db.rows("SELECT id FROM customer WHERE merged_into = ? ORDER BY number", (customer,))
    ids = [str(id_) for (id_,) in found]
    known = read(ids)
    return tuple(known[id_] for id_ in ids)


def hold_links() -> None:
    """Hold all links until the commit: of two lanes that merge, the second sees what the first has done."""
    db.hold((_HOLD,))


def close_in(shop: Shop, customer: str, *, by: str) -> None:
    """Write down that a customer's link is no more, inside the transaction of the deed."""
    db.run(
        "UPDATE customer_merge SET undone_at = ?, undone_by = ? WHERE customer = ? AND undone_at IS NULL",
        (shop.clock.millis(), by, customer),
    )


def _merge(shop: Shop, customer: str, into: str, *, by: str, key: str) -> Customer:
    approved_by = staff.require(shop, by, Action.MERGE_CUSTOMERS, key=key)
    hold_links()
    less, more = _root(customer), _root(into)
    if less == more:
        raise MergedAlready
    db.run(
        'INSERT INTO customer_merge (id, customer, merged_into, at, "by") VALUES (?, ?, ?, ?, ?)',
        (key, less, more, shop.clock.millis(), by),
    )
    _point(shop, less, more)
    add_note(shop, by, "customer.merged", approved_by=approved_by, customer=less, merged_into=more)
    return customers.get(shop, more, by=by)


def _done_before(shop: Shop, customer: str, into: str, *, by: str, key: str) -> Customer | None:
    found = db.row("SELECT customer, merged_into FROM customer_merge WHERE id = ?", (key,))
    if found is None:
        return None
    if {root_of(customer), root_of(into)} != {root_of(str(found[0])), root_of(str(found[1]))}:
        raise AlreadyDone(key=key)
    return customers.get(shop, str(found[1]), by=by)


def _root(customer: str) -> str:
    """Who a customer is by now, held until the commit. Refuses: NotFound (also who was withdrawn), Erased."""
    root = root_of(customer)
    if root is None:
        raise NotFound(what="customer", code="")
    # Writing the row holds it on both engines: nobody gives him points or erases him meanwhile.
    db.run("UPDATE customer SET changed_at = changed_at WHERE id = ?", (root,))
    (state,) = db.row("SELECT state FROM customer WHERE id = ?", (root,)) or ("",)
    if state == "erased":
        raise Erased
    if state != "active":
        raise NotFound(what="customer", code="")
    return root


def _point(shop: Shop, customer: str, into: str | None) -> None:
    """Set or take away the link; a form that was opened before does not save over it."""
    db.run(
        "UPDATE customer SET state = ?, merged_into = ?, "
        "changed_at = CASE WHEN changed_at < ? THEN CAST(? AS BIGINT) ELSE changed_at + 1 END WHERE id = ?",
        ("active" if into is None else "merged", into, shop.clock.millis(), shop.clock.millis(), customer),
    )
