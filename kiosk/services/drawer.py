"""The drawer without a sale: to change a note, to look. Never silently (D5-06)."""

from __future__ import annotations

from typing import Final

from kiosk import db
from kiosk.errors import Missing
from kiosk.i18n.clean import clean_text
from kiosk.rules.permissions import Action
from kiosk.services import printing, staff
from kiosk.services.journal import add_note
from kiosk.services.shop import Shop

OPENED: Final = "drawer.opened"
LONGEST_REASON: Final = 80


def open_without_sale(shop: Shop, *, by: str, reason: str, approved_by: str | None = None, key: str = "") -> str:
    """Open the drawer and write down who wanted that, and why; the print job that kicks it.

    ``key`` is the deed's, for which an approval was given. Refuses: Missing
    (reason), Denied, NeedsApproval. Source: D5-06.
    """
    why = clean_text(reason, LONGEST_REASON)
    if not why:
        raise Missing(field="reason")
    with db.transaction():
        approved_by = staff.require(shop, by, Action.OPEN_DRAWER, approved_by, key=key)
        job = printing.queue_drawer(shop)
        add_note(shop, by, OPENED, approved_by=approved_by, job=job, reason=why)
    return job
