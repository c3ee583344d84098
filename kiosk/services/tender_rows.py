"""The means of payment as the shop has set them up."""

from __future__ import annotations

from kiosk import db
from kiosk.rules.tender import Tender, TenderKind


def active() -> tuple[Tender, ...]:
    """Those that are taken, in the order of their keys."""
    found = db.rows(
        "SELECT code, name, kind, opens_drawer, gives_change, refundable, asks_terminal "
        "FROM tender WHERE active = 1 ORDER BY position, code"
    )
    return tuple(
        Tender(code, name, TenderKind(kind), *(bool(flag) for flag in flags)) for code, name, kind, *flags in found
    )
