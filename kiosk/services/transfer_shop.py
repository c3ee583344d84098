"""The whole shop, and its sales, as JSON lines and CSV (N12). docs/export.md says what stands in them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TextIO

from kiosk import db, models
from kiosk.clock import from_millis
from kiosk.services import csv_files
from kiosk.services.catalogue_rows import marks
from kiosk.services.csv_files import Amount, amount_text
from kiosk.services.sale_rows import LINE, SALE, TAX, TENDER
from kiosk.services.shop import Shop

FORMAT: Final = 1
"""The version of the JSON lines."""

_AT_ONCE: Final = 400
_TABLES: Final = (
    models.Setting, models.Tax, models.TaxRateRow, models.Category, models.Article, models.Barcode, models.TenderRow,
    models.Staff, models.RolePermission, models.Lane, models.Account, models.CustomerImport, models.Customer,
    models.Contact, models.Consent, models.CustomerMerge, models.Card, models.Shift, models.Sale, models.SaleLine,
    models.SaleTax, models.SaleTender, models.ReturnLine, models.Refund, models.PointsMove, models.Posting,
    models.Entry, models.CashCount, models.CashMove, models.CashReport, models.DayTotal, models.SigningKey,
    models.Signature, models.Pending, models.Approval, models.Journal,
)  # fmt: skip
"""In an order in which they could be written again.

Drafts, parked sales, print jobs and the words of the search stay behind, and identity documents with their keys: what
is sealed opens on this machine alone.
"""

_SECRET: Final = {
    "staff": frozenset({"pin", "badge", "failures", "failed_at"}),
    "points_move": frozenset({"reason"}),
}
"""Why somebody got points can tell who he is."""

_SALE_COLUMNS: Final = (
    "lane", "receipt", "kind", "business_date", "at", "by", "line", "number", "text", "category", "quantity", "unit",
    "price", "gross", "discount", "share", "final", "tax", "rate",
)  # fmt: skip


def write_shop(shop: Shop, target: Path | TextIO) -> int:
    """Every table as JSON lines, one row to a line; how many entries of the ledger."""
    count = 0
    with csv_files.open_target(target) as file:
        _line(file, {"record": "kiosk", "format": FORMAT, "at": shop.clock.millis(), "lane": shop.lane})
        for model in _TABLES:
            table = model._meta.table_name
            columns = [column for column in model._meta.columns if column not in _SECRET.get(table, ())]
            for row in _pages(table, columns, _keys(model)):
                record = {"record": table, **dict(zip(columns, row, strict=True))}
                if record.get("kind") == "voucher" and table == "card":
                    del record["code"]  # Whoever has the code of a credit note has its money.
                _line(file, record)
                count += table == "entry"
    return count


def _line(file: TextIO, facts: dict[str, Any]) -> None:
    file.write(json.dumps(facts, ensure_ascii=False, separators=(",", ":")) + "\n")


def _keys(model: Any) -> list[str]:
    keys = model._meta.primary_key
    names = getattr(keys, "field_names", None) or [keys.name]
    return [model._meta.fields[name].column_name for name in names]


def _pages(table: str, columns: Sequence[str], keys: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """All rows in the order of their key, never more than a page in memory."""
    names = ", ".join(f'"{name}"' for name in columns)
    key = ", ".join(f'"{name}"' for name in keys)
    query = f'SELECT {names} FROM "{table}"{{}} ORDER BY {key} LIMIT {_AT_ONCE}'
    places = [columns.index(name) for name in keys]
    some = db.rows(query.format(""))
    while some:
        yield from some
        last = [some[-1][place] for place in places]
        some = db.rows(query.format(f" WHERE ({key}) > ({marks(last)})"), last)


def _sales() -> Iterator[dict[str, Any]]:
    """All sales with their lines, taxes and tenders, lane by lane in the order of their numbers."""
    names = ", ".join(f'"{name}"' for name in SALE)
    last: tuple[object, ...] = ("", 0)
    while some := db.rows(
        f"SELECT {names} FROM sale WHERE (lane, number) > (?, ?) ORDER BY lane, number LIMIT {_AT_ONCE}", last
    ):
        sales = [dict(zip(SALE, row, strict=True)) for row in some]
        parts = [
            _parts(table, columns, [sale["id"] for sale in sales])
            for table, columns in (("sale_line", LINE), ("sale_tax", TAX), ("sale_tender", TENDER))
        ]
        for sale in sales:
            lines, taxes, tenders = (part.get(sale["id"], []) for part in parts)
            yield {**sale, "lines": lines, "taxes": taxes, "tenders": tenders}
        last = (sales[-1]["lane"], sales[-1]["number"])


def _parts(table: str, columns: Sequence[str], sales: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    names = ", ".join(f'"{name}"' for name in columns)
    found: dict[str, list[dict[str, Any]]] = {}
    query = f"SELECT {names} FROM {table} WHERE sale IN ({marks(sales)}) ORDER BY sale, position"
    for row in db.rows(query, sales):
        read = dict(zip(columns, row, strict=True))
        found.setdefault(read.pop("sale"), []).append(read)
    return found


def write_sales_lines(target: Path | TextIO) -> int:
    """One JSON line for each sale, with all its parts; how many."""
    count = 0
    with csv_files.open_target(target) as file:
        for sale in _sales():
            count += 1
            _line(file, sale)
    return count


def write_sales_csv(shop: Shop, target: Path | TextIO) -> int:
    """One row for each line that was sold, as it was sold; how many sales."""
    staff = dict(db.rows("SELECT id, name FROM staff"))
    categories = dict(db.rows("SELECT id, name FROM category"))
    decimals = shop.settings.decimals
    count = 0

    def amount(minor: int) -> Amount:
        return Amount(amount_text(minor, decimals))

    with csv_files.open_target(target, mark=True) as file:
        writer = csv_files.Writer(file, ",")
        writer.row(_SALE_COLUMNS)
        for sale in _sales():
            count += 1
            at = shop.clock.local(from_millis(sale["at"])).isoformat(timespec="seconds")
            for line in sale["lines"]:
                writer.row(
                    (
                        sale["lane"],
                        sale["number"],
                        sale["kind"],
                        sale["business_date"],
                        at,
                        staff.get(sale["by"], sale["by"]),
                        line["position"],
                        line["number"],
                        line["text"],
                        categories.get(line["category"], line["category"]),
                        Amount(amount_text(line["quantity"], 3)),
                        line["unit"],
                        *(amount(line[name]) for name in ("price", "gross", "discount", "share", "final")),
                        line["tax_code"],
                        Amount(amount_text(line["tax_rate"], 2)),
                    )
                )
    return count
