"""Customers whom the shop does not serve, and why (T-22)."""

from __future__ import annotations

from typing import Final

from kiosk import db
from kiosk.errors import Erased, Missing, NotFound
from kiosk.i18n.clean import clean_text
from kiosk.rules.permissions import Action
from kiosk.services import customers, staff
from kiosk.services.customer_rows import Customer, marks, members_of, read, root_of
from kiosk.services.journal import add_note
from kiosk.services.shop import Shop

LONGEST_REASON: Final = 200


def ban(shop: Shop, customer: str, reason: str, *, by: str, key: str) -> Customer:
    """Serve a customer no longer; a ban of one is a ban of all who are one with him.

    The reason stands with the customer and nowhere else: the journal bears who
    and when. Refuses: Missing (reason), NotFound, Erased, Denied, NeedsApproval. Source: T-22.
    """
    why = clean_text(reason, LONGEST_REASON)
    if not why:
        raise Missing(field="reason")
    with db.transaction():
        approved_by = staff.require(shop, by, Action.BAN_CUSTOMERS, key=key)
        root = _active(customer)
        db.run("UPDATE customer SET banned = ? WHERE id = ?", (why, root))
        add_note(shop, by, "customer.banned", approved_by=approved_by, customer=root)
        return customers.get(shop, root, by=by)


def unban(shop: Shop, customer: str, *, by: str, key: str) -> Customer:
    """Serve a customer again, and all who are one with him; the reason is forgotten.

    Refuses: NotFound, Erased, Denied, NeedsApproval. Source: T-22.
    """
    with db.transaction():
        approved_by = staff.require(shop, by, Action.BAN_CUSTOMERS, key=key)
        root = _active(customer)
        members = members_of(root)
        if db.run(f"UPDATE customer SET banned = NULL WHERE banned IS NOT NULL AND id IN ({marks(members)})", members):
            add_note(shop, by, "customer.unbanned", approved_by=approved_by, customer=root)
        return customers.get(shop, root, by=by)


def _active(customer: str) -> str:
    """Who a customer is by now. Refuses: NotFound (also who was withdrawn), Erased."""
    root = root_of(customer)
    found = None if root is None else read([root]).get(root)
    if found is None or found.state == "withdrawn":
        raise NotFound(what="customer", code="")
    if found.state == "erased":
        raise Erased
    return found.id
