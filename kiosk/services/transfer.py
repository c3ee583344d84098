"""The way in and the way out: what the shop remembers, as files that others read (D8-02, N12)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TextIO

from kiosk import db
from kiosk.rules.permissions import Action
from kiosk.services import staff, transfer_ledger, transfer_shop
from kiosk.services.shop import Shop
from kiosk.services.transfer_articles import ImportResult, export_articles, import_articles, import_steps
from kiosk.services.transfer_rows import LineError, Progress

__all__ = [
    "ImportResult",
    "LineError",
    "Progress",
    "export_articles",
    "export_ledger",
    "export_sales",
    "import_articles",
    "import_steps",
]


def export_ledger(shop: Shop, target: Path | TextIO, *, layout: Literal["csv", "jsonl", "hledger"], by: str) -> int:
    """Write the books as they are at this moment; how many entries.

    ``csv``: a row for each posting. ``hledger``: a journal with the same
    balances. ``jsonl``: the whole shop with its customers, which needs a right of
    its own; documented in docs/export.md. Refuses: BadFile, DiskFull, Denied. Source: N12.
    """
    staff.require(shop, by, Action.EXPORT)
    if layout == "jsonl":
        staff.require(shop, by, Action.EXPORT_CUSTOMERS)
    with db.snapshot():
        if layout == "csv":
            return transfer_ledger.write_csv(shop, target)
        if layout == "hledger":
            return transfer_ledger.write_hledger(shop, target)
        return transfer_shop.write_shop(shop, target)


def export_sales(shop: Shop, target: Path | TextIO, *, layout: Literal["csv", "jsonl"], by: str) -> int:
    """Write every sale: a row for each of its lines, or a JSON line with all its parts; how many sales.

    Refuses: BadFile, DiskFull, Denied. Source: N12.
    """
    staff.require(shop, by, Action.EXPORT)
    with db.snapshot():
        if layout == "csv":
            return transfer_shop.write_sales_csv(shop, target)
        return transfer_shop.write_sales_lines(target)
