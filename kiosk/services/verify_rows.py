"""The entries of a lane with all that hangs on them, read page by page as they lie in the file.

A file that somebody has edited may hold a value of any type in any column, so
nothing here is converted or compared; SQLite is even asked for text that isn't
text.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from kiosk import db
from kiosk.errors import StorageFailed
from kiosk.services.ledger import ENTRY_COLUMNS
from kiosk.services.points_rows import PointsRow
from kiosk.services.sale_rows import LINE, REFUND, RETURN, SALE, TAX, TENDER, Row, SaleRows

T = TypeVar("T")

_PAGE: Final = 500
_LOWEST: Final = -(2**63)
_HIGHEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class EntryRows:
    """One entry and what it claims to have done."""

    values: dict[str, Any]
    """By column, as they are hashed."""
    previous_hash: Any
    hash: Any
    postings: list[Row]
    """(position, account, kind, unit, owner, amount) each; the account's are empty when there is none."""
    sale: SaleRows | None
    points: list[PointsRow]
    signatures: list[Row]
    """(hash, key, signature) each."""


def as_it_lies(read: Callable[[], T]) -> T:
    """Read from a file that may be damaged: text that is not UTF-8 comes with surrogates, of which no hash is made.

    Only when reading fails, for it takes longer. Refuses: StorageFailed.
    """
    try:
        return read()
    except (sqlite3.OperationalError, StorageFailed):
        if db.on_postgres():
            raise
    connection = db.database.connection()
    connection.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
    try:
        return read()
    finally:
        connection.text_factory = str


def rows(query: str) -> list[Row]:
    """All rows of a query, as they lie."""
    return as_it_lies(lambda: db.rows(query))


def is_sound(table: str) -> bool:
    """Whether SQLite finds a table and its indexes to agree, for a query may read either; PostgreSQL is believed."""
    if db.on_postgres():
        return True
    try:
        return rows(f"PRAGMA integrity_check({table})") == [("ok",)]
    except (sqlite3.Error, StorageFailed):
        return False


@contextmanager
def faults() -> Iterator[None]:
    """As ``db.faults``, and also where SQLite quotes a schema that is no text. Refuses: StorageFailed."""
    try:
        with db.faults():
            yield
    except UnicodeDecodeError as error:
        raise StorageFailed(reason=error.object.decode(errors="replace")) from error


def pages(lane: str) -> Iterator[list[EntryRows]]:
    """The entries of a lane in the order of their numbers; those that no number can be compared with are left out."""
    low = _next(lane, _LOWEST)
    while low is not None:
        high = min(low + _PAGE - 1, _HIGHEST)
        yield as_it_lies(partial(_page, lane, low, high))
        low = _next(lane, high + 1) if high < _HIGHEST else None


def _next(lane: str, low: int) -> int | None:
    (found,) = db.row("SELECT MIN(seq) FROM entry WHERE lane = ? AND seq >= ?", (lane, low)) or (None,)
    if isinstance(found, float) and abs(found) < _HIGHEST:
        return math.ceil(found)
    return found if isinstance(found, int) else None


_HERE: Final = "FROM entry WHERE lane = ? AND seq BETWEEN ? AND ?"


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


_ENTRIES: Final = f"SELECT {_names(ENTRY_COLUMNS)}, previous_hash, hash {_HERE} ORDER BY seq"
_POSTINGS: Final = (
    "SELECT posting.entry, posting.position, account.id, account.kind, account.unit, account.owner, posting.amount "
    f"FROM posting LEFT JOIN account ON account.id = posting.account WHERE posting.entry IN (SELECT id {_HERE}) "
    "ORDER BY posting.entry, posting.position"
)
_SIGNATURES: Final = "SELECT seq, hash, signing_key, signature FROM signature WHERE lane = ? AND seq BETWEEN ? AND ?"
_POINTS: Final = f"SELECT entry, card, amount FROM points_move WHERE entry IN (SELECT id {_HERE}) ORDER BY entry, card"
_SALES: Final = f"SELECT {_names(SALE)} FROM sale WHERE id IN (SELECT sale {_HERE})"


def _parts_of_sales(table: str, columns: Sequence[str]) -> str:
    return f"SELECT {_names(columns)} FROM {table} WHERE sale IN (SELECT sale {_HERE}) ORDER BY sale, position"


_LINES: Final = _parts_of_sales("sale_line", LINE)
_TAXES: Final = _parts_of_sales("sale_tax", TAX)
_TENDERS: Final = _parts_of_sales("sale_tender", TENDER)
_RETURNS: Final = _parts_of_sales("return_line", RETURN)
_REFUNDS: Final = _parts_of_sales("refund", REFUND)
_PARTS: Final = (_LINES, _TAXES, _TENDERS, _RETURNS, _REFUNDS)


def _page(lane: str, low: int, high: int) -> list[EntryRows]:
    here = (lane, low, high)
    postings = _apart(db.rows(_POSTINGS, here))
    # 50.0 was never written, and would be found at 50.
    signatures = _apart([row for row in db.rows(_SIGNATURES, here) if isinstance(row[0], int)])
    points = _together(db.rows(_POINTS, here))
    parts = [_together(db.rows(query, here)) for query in _PARTS]
    sales = {
        sale[0]: SaleRows(sale, *(tuple(part.get(sale[0], ())) for part in parts)) for sale in db.rows(_SALES, here)
    }
    found = []
    for *fields, previous_hash, own_hash in db.rows(_ENTRIES, here):
        values = dict(zip(ENTRY_COLUMNS, fields, strict=True))
        found.append(
            EntryRows(
                values,
                previous_hash,
                own_hash,
                postings.get(values["id"], []),
                sales.get(values["sale"]),
                [PointsRow(*row) for row in points.get(values["id"], ())],
                signatures.get(values["seq"], []),
            )
        )
    return found


def _together(rows: list[Row]) -> dict[Any, list[Row]]:
    """Rows by their first column."""
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


def _apart(rows: list[Row]) -> dict[Any, list[Row]]:
    """Rows by their first column, and without it."""
    return {key: [row[1:] for row in same] for key, same in _together(rows).items()}
