"""Customers held against their merges, consents and erasures, and what bears their ids (N11, N20, N24).

Like all of ``verify`` this reads a file that somebody may have edited. A
problem is named by an id, and never by a name or an address.
"""

from __future__ import annotations

from typing import Any, Final

from kiosk import db
from kiosk.services.customer_rows import FORM_COLUMNS
from kiosk.services.verify_report import MOST_PROBLEMS, Report
from kiosk.services.verify_rows import rows

TABLES: Final = ("customer", "contact", "consent", "person_key", "id_document", "customer_merge", "card")
"""What SQLite is asked to hold against its indexes."""

_LINKS: Final = (
    "SELECT customer.id FROM customer LEFT JOIN customer_merge AS link "
    "ON link.customer = customer.id AND link.undone_at IS NULL "
    "WHERE (customer.merged_into IS NULL) <> (link.id IS NULL) OR customer.merged_into <> link.merged_into "
    "OR (customer.state = 'merged') <> (customer.merged_into IS NOT NULL)"
)
_NOBODYS: Final = (
    "SELECT id FROM {table} WHERE customer IS NOT NULL "
    "AND NOT EXISTS (SELECT 1 FROM customer WHERE customer.id = {table}.customer)"
)
_OPT_INS: Final = (
    "SELECT customer FROM contact WHERE opt_in <> COALESCE((SELECT given FROM consent WHERE consent.customer = "
    "contact.customer AND consent.channel = contact.channel ORDER BY consent.id DESC LIMIT 1), 0)"
)
_NEVER_TEXT: Final = {"kind": None, "details": "details <> 0"} | {
    name: f"{name} IS NOT NULL" for name in ("birth_date", "latitude", "longitude", "banned")
}
_NAMED: Final = " OR ".join(
    filter(None, (_NEVER_TEXT.get(name, f"{name} <> ''") for name in (*FORM_COLUMNS, "banned")))
)
"""What must be gone with a person; whether it was a company stays."""

_GONE: Final = "customer WHERE state IN ('erased', 'withdrawn')"
_LEFT: Final = (
    f"SELECT id FROM {_GONE} AND ({_NAMED})",
    *(
        f"SELECT customer FROM {table} WHERE {more}customer IN (SELECT {key} FROM {_GONE})"
        for table, key, more in (
            ("contact", "id", ""),
            ("id_document", "id", ""),
            ("person_key", "id", ""),
            ("customer_import_before", "id", ""),
            ("parked", "id", ""),
            ("customer_key", "number", ""),
            ("card", "id", "kind = 'bonus' AND state <> 'closed' AND "),
        )
    ),
)
"""Written so that the few who are gone are kept in memory, and never the many keys of the search."""


def examine(report: Report) -> None:
    """Note what can't be: links in a circle or without a merge, ids of nobody, opt-ins without a yes, erased names."""
    _name(report, "merge", _circles())
    _name(report, "merge", _found(_LINKS))
    for table in ("sale", "card"):
        _name(report, f"customer of {table}", _found(_NOBODYS.format(table=table)))
    _name(report, "consent", _found(_OPT_INS))
    if db.row(f"SELECT 1 FROM {_GONE} LIMIT 1") is not None:
        for query in _LEFT:
            _name(report, "erased", _found(query))


def _found(query: str) -> list[Any]:
    return [row[0] for row in rows(f"{query} LIMIT {MOST_PROBLEMS}")]


def _circles() -> list[Any]:
    """Customers from whom one never comes to somebody who was not merged."""
    links: dict[Any, Any] = dict(rows("SELECT id, merged_into FROM customer WHERE merged_into IS NOT NULL"))
    found = []
    for customer, merged_into in links.items():
        seen, at = {customer}, merged_into
        while at in links and at not in seen:
            seen.add(at)
            at = links[at]
        if at in seen:
            found.append(customer)
    return found


def _name(report: Report, what: str, ids: list[Any]) -> None:
    for id_ in ids:
        report.add("", None, f"{what} {id_}")
