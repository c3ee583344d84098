"""Training: the same till on books of its own, of which nothing is real (N22).

The books are a SQLite file beside the shop's, made afresh each time, also
where the shop is on PostgreSQL. What is sold there is thrown away; only wrong
PINs count, for they may have been guesses.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from kiosk import db
from kiosk.errors import PendingPayment, SaleIsOpen, ShopError, TillIsTraining
from kiosk.rules.permissions import Action
from kiosk.services import drafts, errands, pins, staff
from kiosk.services.files import disk_faults
from kiosk.services.journal import add_note
from kiosk.services.shop import TRAINING, Shop, current, load_shop

COPIED: Final[Mapping[str, tuple[str, ...]]] = {
    "lane": ("id",),
    "setting": ("name", "version"),
    "tax": ("code",),
    "tax_rate": ("tax", "valid_from"),
    "category": ("id",),
    "article": ("id",),
    "barcode": ("code",),
    "article_word": ("word", "article"),
    "tender": ("code",),
    "staff": ("id",),
    "role_permission": ("role", "action"),
}
"""What training takes over: table to primary key, each after what it refers to."""

FRESH: Final = frozenset(
    {
        "account", "entry", "posting", "signing_key", "signature", "sale", "sale_line", "sale_tax", "sale_tender",
        "pending", "approval", "draft", "journal", "print_job", "shift", "cash_count", "cash_move", "cash_report",
        "day_total", "return_line", "refund", "card", "customer", "contact", "consent", "person_key", "id_document",
        "customer_merge", "customer_import", "customer_import_before", "customer_key", "name_word", "name_part",
        "name_slip", "points_move", "parked",
    }
)  # fmt: skip
"""What begins empty: the ledger and what hangs on it, everybody's open business, and whom the shop knows."""

_COLUMNS: Final = {"lane": ("id", "number", "name")}
"""Where not every column is taken over: no lane has sold anything yet."""

_AT_ONCE: Final = 2000
_FAILED: Final = "SELECT id, failures, failed_at FROM staff WHERE failures > 0"

_Failed = Sequence[tuple[Any, ...]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Training:
    """A till in training, and its way back."""

    shop: Shop
    real: Shop
    file: Path
    bound: Any
    """The real database."""


def check(shop: Shop, *, by: str) -> None:
    """Whether somebody may begin to train here and now.

    Refuses: Denied, TillIsTraining, SaleIsOpen, PendingPayment. Source: N22.
    """
    if shop.training:
        raise TillIsTraining
    staff.require(shop, by, Action.TRAIN)
    draft = drafts.load(shop, by)
    if draft is not None and (draft.basket or draft.tenders):
        raise SaleIsOpen
    asked = db.row(
        "SELECT tender, amount FROM pending WHERE lane = ? AND state IN ('asked', 'approved') "
        "AND key IN (SELECT key FROM draft WHERE lane = ?) "
        "AND NOT EXISTS (SELECT 1 FROM sale_tender WHERE sale_tender.pending = pending.id)",
        (shop.lane, shop.lane),
    )
    if asked is not None:
        raise PendingPayment(tender=asked[0], amount=asked[1])


def prepare(shop: Shop, folder: Path, *, by: str) -> None:
    """Make room for a training, before ``make``: what is left of an earlier one goes, wrong PINs of it count.

    Refuses: as ``check``; StorageFailed.
    """
    check(shop, by=by)
    settle(shop, folder)


def make(folder: Path) -> None:
    """Copy the shop as it stands at one moment into books to train on; not on the database's own thread.

    A shop of many articles takes its time, and the desk must show signs of life meanwhile. Refuses: DiskFull,
    StorageFailed.
    """
    file = folder / TRAINING
    try:
        with db.reading_thread(), db.beside(file) as put, db.snapshot():
            for table, key in COPIED.items():
                columns = _COLUMNS.get(table) or tuple(column.name for column in db.database.get_columns(table))
                into = f"INSERT INTO {table} ({_names(columns)}) VALUES ({', '.join('?' * len(columns))})"
                for some in _pages(table, columns, key):
                    put(into, some)
    except BaseException:
        _remove(file)
        raise


def begin(shop: Shop, folder: Path, *, by: str) -> Training:
    """Bind the books that were made to train on; only on the database's own thread.

    A command that is half way is given up. After a refusal the shop is bound as before. Refuses: as ``check``;
    StorageFailed.
    """
    file = folder / TRAINING
    try:
        check(shop, by=by)
        with db.transaction():
            add_note(shop, by, "training.begun")
    except BaseException:
        _remove(file)
        raise
    errands.give_up()
    (number,) = db.row("SELECT number FROM lane WHERE id = ?", (shop.lane,)) or (0,)
    bound = db.set_aside()
    try:
        db.connect(str(file))
        made = load_shop(shop.lane, int(number), shop.keys.for_training(), clock=shop.clock)
    except BaseException:
        db.take_up_again(bound)
        raise
    return Training(replace(made, training=True), shop, file, bound)


def end(training: Training, *, by: str | None) -> Shop:
    """Bind the real books again and throw those of the training away; the shop with the settings of now.

    Wrong PINs that were typed in training count. Refuses: StorageFailed (the real books can't be reached).
    """
    failed: _Failed = ()
    try:
        failed = db.rows(_FAILED)
    except ShopError:
        log.exception("the wrong PINs of the training can't be read")
    db.take_up_again(training.bound)
    with db.transaction():
        _count(training.real, failed)
        add_note(training.real, by, "training.ended")
    _remove(training.file)
    return current(training.real)


def settle(shop: Shop, folder: Path) -> None:
    """After a power cut in training: count the wrong PINs of it, and throw it away. With nothing left, nothing.

    Refuses: StorageFailed.
    """
    file = folder / TRAINING
    if not file.exists():
        return
    failed: _Failed = ()
    try:
        with closing(sqlite3.connect(file)) as left:
            failed = left.execute(_FAILED).fetchall()
    except sqlite3.Error:
        log.exception("the training that was cut short can't be read")
    with db.transaction():
        _count(shop, failed)
        add_note(shop, None, "training.cut_short")
    _remove(file)


def _count(shop: Shop, failed: _Failed) -> None:
    """Wrong PINs of the training count for real; a right one there takes none away."""
    for person, failures, failed_at in failed:
        counted = db.run(
            "UPDATE staff SET failures = ?, failed_at = ? WHERE id = ? AND failures < ?",
            (failures, failed_at, person, failures),
        )
        if counted:
            deed = "staff.locked" if failures >= pins.MOST_FAILURES else "staff.wrong_pin"
            add_note(shop, None, deed, person=person, failures=failures, training=True)


def _pages(table: str, columns: Sequence[str], key: Sequence[str]) -> Iterator[list[tuple[Any, ...]]]:
    """A table in the order of its key; never all of it in memory."""
    places = [columns.index(name) for name in key]
    wanted = f"SELECT {_names(columns)} FROM {table}"
    order = f" ORDER BY {_names(key)} LIMIT {_AT_ONCE}"
    some = db.rows(wanted + order)
    while some:
        yield some
        last = tuple(some[-1][place] for place in places)
        after = f" WHERE ({_names(key)}) > ({', '.join('?' * len(key))})"
        some = db.rows(wanted + after + order, last)


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _remove(file: Path) -> None:
    with disk_faults(file.parent):
        for suffix in ("", "-wal", "-shm"):
            file.with_name(file.name + suffix).unlink(missing_ok=True)
