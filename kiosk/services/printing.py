"""The queue of paper: rows in the database, taken by one worker, never lost and never twice unmarked."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kiosk import db
from kiosk.errors import ShopError
from kiosk.services.ids import new_id
from kiosk.services.journal import add_note
from kiosk.services.shop import Shop

if TYPE_CHECKING:
    from kiosk.receipts.paper import Document

log = logging.getLogger(__name__)

CASH_SLIP: Final = "cash"
"""Kind of a job that bears an entry; those of X and Z bear their report. Kinds not named here bear a document."""

CREDIT_NOTE: Final = "credit-note"
"""Kind of a job that bears a card."""

TICKET: Final = "ticket"
"""Kind of a job that bears the key of a parked sale."""

CONSENTS: Final = "consents"
"""Kind of a job that bears a customer's id, and nothing else of him."""

_KEEP_DAYS_MILLIS: Final = 14 * 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of paper to come out."""

    id: str
    document: Document
    kick_drawer: bool
    """True for one worker, once: the drawer opens at most once per sale."""
    attempts: int
    kind: str


def queue_sale(shop: Shop, sale: str, *, open_drawer: bool, copy: int = 0) -> str | None:
    """Queue a sale's receipt inside the transaction of the sale; None if nothing is to come out."""
    if not shop.settings.print_receipts and not open_drawer and not copy:
        return None
    kind = "sale" if shop.settings.print_receipts or copy else "drawer"
    return _queue(shop, kind, sale=sale, document="", open_drawer=open_drawer, copy=copy)


def queue_document(shop: Shop, kind: str, document: Document) -> str:
    """Queue some other paper, in a transaction of its own."""
    from kiosk.receipts import paper

    with db.transaction():
        return _queue(shop, kind, sale=None, document=paper.to_json(document), open_drawer=False, copy=0)


def queue_report(shop: Shop, kind: str, report: str, *, copy: int = 0) -> str:
    """Queue an X or a Z inside the transaction that writes it; it is laid out when it is printed."""
    return _queue(shop, kind, sale=None, document=report, open_drawer=False, copy=copy)


def queue_cash_slip(shop: Shop, entry: str) -> str:
    """Queue the slip of cash in or out, and open the drawer for it, inside the transaction of the deed (K-22)."""
    return _queue(shop, CASH_SLIP, sale=None, document=entry, open_drawer=True, copy=0)


def queue_note(shop: Shop, card: str) -> str:
    """Queue the paper of a credit note inside the transaction that makes it; nothing but it bears the code."""
    return _queue(shop, CREDIT_NOTE, sale=None, document=card, open_drawer=False, copy=0)


def queue_ticket(shop: Shop, parked: str) -> str:
    """Queue the ticket of a parked sale inside the transaction of the deed; it is laid out when it is printed."""
    return _queue(shop, TICKET, sale=None, document=parked, open_drawer=False, copy=0)


def queue_consents(shop: Shop, customer: str) -> str:
    """Queue the proof of what a customer agreed to; no row of the queue bears a name."""
    return _queue(shop, CONSENTS, sale=None, document=customer, open_drawer=False, copy=0)


def queue_drawer(shop: Shop) -> str:
    """Queue an opening of the drawer without a sale, inside the transaction that logs it (D5-06)."""
    return _queue(shop, "drawer", sale=None, document="", open_drawer=True, copy=0)


def _queue(shop: Shop, kind: str, *, sale: str | None, document: str, open_drawer: bool, copy: int) -> str:
    """In training the drawer stays shut: what is in it is real (N22)."""
    made = new_id()
    db.run(
        "INSERT INTO print_job (id, at, lane, kind, sale, document, copy, drawer) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (made, shop.clock.millis(), shop.lane, kind, sale, document, copy, _drawer(shop, open_drawer)),
    )
    return made


def _drawer(shop: Shop, open_drawer: bool) -> str:
    return "wanted" if open_drawer and not shop.training else "no"


def next_job(shop: Shop) -> Job | None:
    """Take the oldest job of this lane and mark it as being printed, and its drawer as kicked.

    A job that was being printed when the power went comes again, marked as a
    repeat, and its drawer stays shut.
    """
    with db.transaction():
        found = db.row(
            "SELECT id, kind, sale, document, copy, state, drawer, attempts FROM print_job "
            "WHERE lane = ? AND state IN ('waiting', 'printing') ORDER BY id LIMIT 1",
            (shop.lane,),
        )
        if found is None:
            return None
        job, kind, sale, document, copy, state, drawer, attempts = found
        interrupted = state == "printing"
        db.run(
            "UPDATE print_job SET state = 'printing', attempts = attempts + 1, "
            "drawer = CASE drawer WHEN 'wanted' THEN 'kicked' ELSE drawer END WHERE id = ?",
            (job,),
        )
    kick = drawer == "wanted"
    try:
        made = _laid_out(shop, kind, sale, document, copy or int(interrupted))
    except (ShopError, ValueError, LookupError, TypeError):
        log.exception("print job %s can't be laid out; it is left out of the queue", job)
        drop(shop, job, "bad-document")
        return Job(job, (), kick_drawer=kick, attempts=attempts + 1, kind=kind)
    return Job(job, made, kick_drawer=kick, attempts=attempts + 1, kind=kind)


def _laid_out(shop: Shop, kind: str, sale: str | None, document: str, copy: int) -> Document:
    """What comes out, from the books where it stands there. Importing what lays it out takes its time."""
    from kiosk.receipts import paper

    if kind == "sale":
        from kiosk.services import receipt

        return receipt.document(shop, sale or "", copy=copy)
    if kind in {"x", "z"}:
        from kiosk.services import shifts

        return shifts.document(shop, document, copy=copy)
    if kind == CASH_SLIP:
        from kiosk.services import cash

        return cash.slip(shop, document, copy=copy)
    if kind == CREDIT_NOTE:
        from kiosk.services import credit_notes

        return credit_notes.slip(shop, document, copy=copy)
    if kind == TICKET:
        from kiosk.services import parked

        return parked.slip(shop, document, copy=copy)
    if kind == CONSENTS:
        from kiosk.services import consents

        return consents.slip(shop, document, copy=copy)
    return paper.from_json(document) if document else ()


def printed(shop: Shop, job: str) -> None:
    """Mark a job as done, and forget jobs of two weeks ago."""
    now = shop.clock.millis()
    with db.transaction():
        db.run(
            "UPDATE print_job SET state = 'printed', printed_at = ?, error = '' WHERE id = ? AND state = 'printing'",
            (now, job),
        )
        db.run("DELETE FROM print_job WHERE state IN ('printed', 'dropped') AND at < ?", (now - _KEEP_DAYS_MILLIS,))


def failed(shop: Shop, job: str, reason: str, *, nothing_came_out: bool) -> None:
    """Put a job back at its place in the queue; unmarked only if nothing can have come out."""
    with db.transaction():
        db.run(
            "UPDATE print_job SET state = ?, error = ? WHERE id = ? AND state = 'printing'",
            ("waiting" if nothing_came_out else "printing", reason[:200], job),
        )


def drop(shop: Shop, job: str, reason: str) -> None:
    """Give up one job that no printer can print; the sale stays, and can be reprinted."""
    with db.transaction():
        db.run("UPDATE print_job SET state = 'dropped', error = ? WHERE id = ?", (reason, job))
        add_note(shop, None, "print.dropped", job=job, reason=reason)


def drop_waiting(shop: Shop) -> int:
    """Give up what waits for this lane's printer; sales stay, and each can be reprinted. How many were dropped.

    Credit notes wait on: nothing but their paper bears the code.
    """
    with db.transaction():
        return db.run(
            "UPDATE print_job SET state = 'dropped' WHERE lane = ? AND state IN ('waiting', 'printing') AND kind <> ?",
            (shop.lane, CREDIT_NOTE),
        )


def waiting(shop: Shop) -> int:
    """How many jobs have not come out yet."""
    found = db.row("SELECT COUNT(*) FROM print_job WHERE lane = ? AND state IN ('waiting', 'printing')", (shop.lane,))
    return 0 if found is None else int(found[0])
