"""All that is held about a person as one JSON file, for the person who asks (N11). docs/customers.md says what."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path
from typing import Any, Final, TextIO

from kiosk import db
from kiosk.clock import from_millis
from kiosk.errors import Erased, NotFound, SealedElsewhere
from kiosk.rules.permissions import Action
from kiosk.services import consents, csv_files, documents, points_rows, sale_rows, staff
from kiosk.services.customer_rows import Customer, members_of, read, root_of, values_of
from kiosk.services.journal import add_note
from kiosk.services.sale_rows import LINE, RETURN, SALE, TAX, TENDER, Row
from kiosk.services.shop import Shop

FORMAT: Final = 1
"""The version of the file."""

_MILLIONTHS: Final = 1_000_000


def everything(shop: Shop, customer: str, target: Path | TextIO, *, by: str) -> int:
    """Write all that is held about a customer and those who are one with him; how many receipts are among it.

    A file appears when it is complete, and only the till's user can read it. The journal says that it was written.
    Refuses: NotFound, Erased, Denied, BadFile, DiskFull, StorageFailed. Source: N11.
    """
    with db.transaction():
        staff.require(shop, by, Action.EXPORT_CUSTOMERS)
        root = root_of(customer)
        found = {} if root is None else read(members_of(root))
        if root is None or not found:
            raise NotFound(what="customer", code="")
        if found[root].state == "erased":
            raise Erased
        members = [_member(shop, one) for one in found.values()]
        facts = {
            "format": "kiosk-customer",
            "version": FORMAT,
            "shop": shop.settings.name,
            "at": _time(shop.clock.millis()),
            "customer": root,
            "customers": sorted(members, key=lambda one: (one["id"] != root, one["number"])),
        }
        add_note(shop, by, "customer.exported", customer=root)
        with csv_files.open_target(target) as file:
            json.dump(facts, file, ensure_ascii=False, indent=2)
            file.write("\n")
    return sum(len(one["receipts"]) for one in members)


def file_name(customer: Customer) -> str:
    """What the file is called: the customer's number, and nothing that people typed."""
    return f"customer-{customer.number}.json"


def _member(shop: Shop, customer: Customer) -> dict[str, Any]:
    """One of those who are one: what he himself has."""
    said = values_of(customer.form)
    place = {name: _degrees(said.pop(name)) for name in ("latitude", "longitude")}
    return {
        "id": customer.id,
        "number": customer.number,
        "state": customer.state,
        "merged_into": customer.merged_into,
        "created_at": _time(customer.created_at),
        "changed_at": _time(customer.form.changed_at),
        **said,
        **place,
        "banned": customer.banned,
        "contacts": _rows(
            ("channel", "value", "opt_in", "verified_at"),
            "contact WHERE customer = ? ORDER BY channel",
            customer.id,
            at=("verified_at",),
        ),
        "documents": _documents(shop, customer.id),
        "consents": _consents(shop, customer.id),
        "cards": _cards(customer.id),
        "receipts": _receipts(shop, customer.id),
        "parked": _rows(
            ("number", "name", "note", "items", "total", "at", "content"),
            "parked WHERE customer = ? AND state = 'waiting' ORDER BY number",
            customer.id,
            at=("at",),
        ),
        "merges": _rows(
            ("customer", "merged_into", "at", "undone_at"),
            "customer_merge WHERE customer = ? OR merged_into = ? ORDER BY id",
            customer.id,
            customer.id,
            at=("at", "undone_at"),
        ),
        "imports": _imports(customer.id),
        "journal": _journal(customer.id),
    }


def _documents(shop: Shop, customer: str) -> dict[str, Any] | None:
    """Licence and medical card; None where this machine can't open them."""
    try:
        kept = documents.own_in(shop, customer)
    except SealedElsewhere:
        return None
    return {
        kind.value: {
            "number": one.number,
            "issuer": one.issuer,
            "expiry": None if one.expiry is None else one.expiry.isoformat(),
        }
        for kind, one in kept.items()
        if one
    }


def _consents(shop: Shop, customer: str) -> list[dict[str, Any]]:
    return [
        {
            "channel": one.channel.value,
            "given": one.given,
            "at": _time(one.at),
            "wording": one.wording,
            "source": one.source,
            "lane": one.lane,
            "of_the_address_above": one.of_now,
        }
        for one in consents.of_one(shop, customer)
    ]


def _cards(customer: str) -> list[dict[str, Any]]:
    """With the movements of points on each; the code of a credit note is money, and stays on its paper."""
    found = _rows(
        ("id", "kind", "state", "code", "issued_at"),
        "card WHERE customer = ? ORDER BY issued_at, id",
        customer,
        at=("issued_at",),
    )
    held = points_rows.balances([one["id"] for one in found])
    for card in found:
        if card["kind"] != "bonus":
            del card["code"]
            continue
        card["points"] = held.get(card["id"], 0)
        card["moves"] = [
            {"at": _time(at), "amount": amount, "reason": reason}
            for at, amount, reason in db.rows(
                "SELECT entry.at, points_move.amount, points_move.reason FROM points_move "
                "JOIN entry ON entry.id = points_move.entry WHERE points_move.card = ? ORDER BY entry.id",
                (card["id"],),
            )
        ]
    return found


def _receipts(shop: Shop, customer: str) -> list[dict[str, Any]]:
    """Money in minor units, quantities in thousandths, percentages in hundredths, as in docs/export.md."""
    del shop
    found = []
    for (sale,) in db.rows("SELECT id FROM sale WHERE customer = ? ORDER BY at, id", (customer,)):
        rows = sale_rows.read(sale)
        if rows is None:
            continue
        head = rows.head()
        parts = {"lines": (LINE, rows.lines), "taxes": (TAX, rows.taxes), "tenders": (TENDER, rows.tenders)}
        parts["returns"] = (RETURN, rows.returns)
        found.append(
            {name: head[name] for name in SALE if name not in {"customer", "entry", "settings", "by"}}
            | {"at": _time(head["at"])}
            | {name: [_part(columns, row) for row in some] for name, (columns, some) in parts.items() if some}
        )
    return found


def _part(columns: Sequence[str], row: Row) -> dict[str, Any]:
    return {name: value for name, value in zip(columns, row, strict=True) if name not in {"sale", "pending"}}


def _imports(customer: str) -> list[dict[str, Any]]:
    """Which file brought him, and what files changed: as he was before, and after."""
    brought = [
        {"import": import_, "before": None, "after": None}
        for (import_,) in db.rows("SELECT imported FROM customer WHERE id = ? AND imported IS NOT NULL", (customer,))
    ]
    return brought + _rows(
        ("import", "before", "after"), "customer_import_before WHERE customer = ? ORDER BY import", customer
    )


def _journal(customer: str) -> list[dict[str, Any]]:
    """What was done with him; the journal names fields and never their values."""
    return [
        {"at": _time(at), "action": action, "facts": json.loads(facts)}
        for at, action, facts in db.rows(
            "SELECT at, action, facts FROM journal WHERE facts LIKE ? ORDER BY id", (f'%"{customer}"%',)
        )
    ]


def _rows(columns: Sequence[str], rest: str, *params: str, at: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Rows of a table by column, moments as they are written."""
    names = ", ".join(f'"{name}"' for name in columns)
    found = [dict(zip(columns, row, strict=True)) for row in db.rows(f"SELECT {names} FROM {rest}", params)]
    return [{name: _time(value) if name in at else value for name, value in one.items()} for one in found]


def _time(millis: int | None) -> str | None:
    """A moment in UTC, ISO 8601."""
    return None if millis is None else from_millis(millis).astimezone(UTC).isoformat()


def _degrees(value: object) -> float | None:
    return value / _MILLIONTHS if isinstance(value, int) else None
