"""Taking an import of customers back: those whom it brought, and what it changed, where nothing has happened since."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kiosk import db
from kiosk.errors import Invalid, Missing, NotFound, NothingToUndo, OutOfRange
from kiosk.rules.permissions import Action
from kiosk.services import customer_erase, customer_index, customers, staff
from kiosk.services.customer_rows import Customer, marks, read
from kiosk.services.customer_transfer_staging import AT_ONCE, SOURCE, as_text, from_text
from kiosk.services.journal import add_note, add_notes
from kiosk.services.shop import Shop
from kiosk.services.transfer_rows import Progress, all_steps, silent

_HAPPENED: Final = (
    "SELECT customer FROM sale WHERE customer IN ({})",
    "SELECT customer FROM parked WHERE customer IN ({})",
    "SELECT merged_into FROM customer WHERE merged_into IN ({})",
    "SELECT customer FROM customer_import_before WHERE customer IN ({})",
    "SELECT customer FROM card WHERE state <> 'active' AND customer IN ({})",
    "SELECT card.customer FROM points_move JOIN card ON card.id = points_move.card WHERE card.customer IN ({})",
)
"""What must not have happened to somebody who goes again."""


@dataclass(frozen=True, slots=True)
class PastImport:
    """An import of customers; times in UTC milliseconds."""

    id: str
    at: int
    by: str
    """An id, or root."""
    file: str
    """The SHA-256 of the file."""
    created: int
    changed: int
    undone_at: int | None


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo came to."""

    withdrawn: int
    """Customers who are found no more."""
    restored: int
    """Customers who are as they were before."""
    kept: tuple[int, ...]
    """The numbers of those who stay as they are, because something has happened since."""


def imports(shop: Shop, *, by: str) -> tuple[PastImport, ...]:
    """All imports of customers, the newest first. Refuses: Denied."""
    staff.require(shop, by, Action.IMPORT)
    found = db.rows('SELECT id, at, "by", file, created, changed, undone_at FROM customer_import ORDER BY id DESC')
    return tuple(PastImport(*row) for row in found)


def undo_import(shop: Shop, import_id: str, *, by: str, progress: Progress = silent) -> Undone:
    """Take an import back, as far as nothing has happened since; once only.

    Those whom it created, and who have bought, gathered or changed nothing,
    are withdrawn: nothing of them is kept but their number and their cards'
    codes, which nobody else is ever given (I9). Those whom it changed go back to
    how they were, unless somebody changed them later; documents and cards that
    they were given stay. Refuses: NotFound, NothingToUndo, Denied. Source: D8-02.
    """
    return all_steps(undo_steps(shop, import_id, by=by), progress)


def undo_steps(shop: Shop, import_id: str, *, by: str) -> Generator[tuple[int, int], None, Undone]:
    """The same in short steps, between which the till can sell; what was left half way is finished by another go."""
    staff.require(shop, by, Action.IMPORT)
    found = db.row("SELECT undone_at FROM customer_import WHERE id = ?", (import_id,))
    if found is None:
        raise NotFound(what="import", code=import_id)
    if found[0] is not None:
        raise NothingToUndo
    created = _ids("SELECT id FROM customer WHERE imported = ? AND state <> 'withdrawn' ORDER BY number", import_id)
    changed = _ids("SELECT customer FROM customer_import_before WHERE import = ? ORDER BY customer", import_id)
    withdrawn, restored, done = 0, 0, 0
    kept: list[int] = []
    everything = len(created) + len(changed) + 1
    for deed, ids in ((_withdraw_some, created), (_restore_some, changed)):
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            with db.transaction():
                staff.require(shop, by, Action.IMPORT)
                gone, stayed = deed(shop, import_id, some, by=by)
            withdrawn += gone if deed is _withdraw_some else 0
            restored += gone if deed is _restore_some else 0
            kept += stayed
            done += len(some)
            yield done, everything
    with db.transaction():
        staff.require(shop, by, Action.IMPORT)
        _close(shop, import_id, by=by)
        add_note(
            shop, by, "customers.import_undone", id=import_id, withdrawn=withdrawn, restored=restored, kept=len(kept)
        )
    yield everything, everything
    return Undone(withdrawn, restored, tuple(sorted(kept)))


def facts_of(undone: Undone) -> dict[str, Any]:
    """What an undo came to, as plain values for scripts and the till's gate."""
    return {"withdrawn": undone.withdrawn, "restored": undone.restored, "kept": list(undone.kept)}


def _ids(query: str, import_id: str) -> list[str]:
    return [str(id_) for (id_,) in db.rows(query, (import_id,))]


def _close(shop: Shop, import_id: str, *, by: str) -> None:
    done = db.run(
        "UPDATE customer_import SET undone_at = ?, undone_by = ? WHERE id = ? AND undone_at IS NULL",
        (shop.clock.millis(), by, import_id),
    )
    if not done:
        raise NothingToUndo
    # What they were is not needed any more, and nobody's data are kept without need.
    db.run("DELETE FROM customer_import_before WHERE import = ?", (import_id,))


def _hold(ids: Sequence[str]) -> None:
    """Writing the rows holds them until the commit on both engines: nobody serves or changes them meanwhile."""
    db.run(f"UPDATE customer SET changed_at = changed_at WHERE id IN ({marks(ids)})", ids)


def _withdraw_some(shop: Shop, import_id: str, ids: Sequence[str], *, by: str) -> tuple[int, list[int]]:
    """How many went, and the numbers of those who stay."""
    _hold(ids)
    found = read(ids)
    untouched = {
        str(id_)
        for (id_,) in db.rows(
            f"SELECT id FROM customer WHERE id IN ({marks(ids)}) AND imported = ? AND state = 'active' "
            "AND banned IS NULL AND changed_at = created_at",
            (*ids, import_id),
        )
    }
    for query in _HAPPENED:
        untouched -= {str(id_) for (id_,) in db.rows(query.format(marks(ids)), ids)}
    gone = [one for one in found.values() if one.id in untouched]
    for one in gone:
        customer_erase.empty_in(shop, one.id, "withdrawn", by=by, source=SOURCE)
    return len(gone), [one.number for one in found.values() if one.id not in untouched and one.state == "active"]


def _restore_some(shop: Shop, import_id: str, ids: Sequence[str], *, by: str) -> tuple[int, list[int]]:
    """How many are as they were, and the numbers of those who stay as they are."""
    _hold(ids)
    found = read(ids)
    texts = {
        str(customer): (str(before), str(after))
        for customer, before, after in db.rows(
            "SELECT customer, before, after FROM customer_import_before "
            f"WHERE import = ? AND customer IN ({marks(ids)})",
            (import_id, *ids),
        )
    }
    restored: list[dict[str, object]] = []
    kept: list[int] = []
    for id_, (before, after) in texts.items():
        one = found[id_]
        fields = None
        if one.state == "active" and as_text(one.form) == after:
            fields = _restore(shop, one, before, by=by)
        if fields is None:
            kept.append(one.number)
        else:
            restored.append({"customer": id_, "fields": fields})
    # Another go at the same import has nothing to say of them any more.
    gone = [str(facts["customer"]) for facts in restored]
    if gone:
        db.run(
            f"DELETE FROM customer_import_before WHERE import = ? AND customer IN ({marks(gone)})", (import_id, *gone)
        )
    add_notes(shop, by, "customer.changed", restored)
    return len(restored), kept


def _restore(shop: Shop, now: Customer, before: str, *, by: str) -> list[str] | None:
    """The names of what changed; None where the shop no longer has what he was, such as his type."""
    try:
        wanted = customers.checked(shop, from_text(before, now.form), now)
    except (Missing, Invalid, OutOfRange):
        return None
    _id, changed = customers.put_in(shop, now, wanted, by=by, source=SOURCE)
    customer_index.index_in(now, read([now.id])[now.id])
    return sorted(changed)
