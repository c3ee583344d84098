"""Who did what: the log of deeds that are not money."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kiosk import db
from kiosk.services.ids import new_id
from kiosk.services.shop import Shop


@dataclass(frozen=True)
class Note:
    """One line of the journal; ``at`` in UTC milliseconds."""

    at: int
    lane: str
    by: str | None
    approved_by: str | None
    action: str
    facts: dict[str, Any]


def note(shop: Shop, by: str | None, action: str, *, approved_by: str | None = None, **facts: object) -> None:
    """Write a deed down, in a transaction of its own."""
    with db.transaction():
        add_note(shop, by, action, approved_by=approved_by, **facts)


def add_note(shop: Shop, by: str | None, action: str, *, approved_by: str | None = None, **facts: object) -> None:
    """Write a deed down inside the transaction of the deed."""
    add_notes(shop, by, action, [facts], approved_by=approved_by)


def add_notes(
    shop: Shop,
    by: str | None,
    action: str,
    all_facts: Iterable[Mapping[str, object]],
    *,
    approved_by: str | None = None,
) -> None:
    """Write many deeds of a kind down inside the transaction of the deeds."""
    at = shop.clock.millis()
    db.run_many(
        'INSERT INTO journal (id, at, lane, "by", approved_by, action, facts, shift) '
        "VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT shift FROM lane WHERE id = ?))",
        [
            (new_id(), at, shop.lane, by, approved_by, action, json.dumps(facts, sort_keys=True), shop.lane)
            for facts in all_facts
        ],
    )


def notes(shop: Shop, *, action: str | None = None, limit: int = 200) -> tuple[Note, ...]:
    """The newest lines first, of one action if it is named."""
    where, params = ("WHERE action = ? ", (action,)) if action else ("", ())
    found = db.rows(
        f'SELECT at, lane, "by", approved_by, action, facts FROM journal {where}ORDER BY id DESC LIMIT ?',
        (*params, limit),
    )
    return tuple(Note(at, lane, by, ok, name, json.loads(facts)) for at, lane, by, ok, name, facts in found)
