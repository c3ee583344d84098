"""Articles into the shop and out of it again, as CSV (D8-02)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, TextIO

from kiosk import db
from kiosk.money import Money
from kiosk.rules.permissions import Action
from kiosk.services import catalogue_edit, csv_files, staff
from kiosk.services.catalogue_rows import Article, differences, read_articles, values_of
from kiosk.services.catalogue_tax import Category, categories
from kiosk.services.csv_files import Amount, Cell
from kiosk.services.journal import add_note
from kiosk.services.shop import Shop
from kiosk.services.transfer_cells import LineError
from kiosk.services.transfer_columns import COLUMNS, field_of
from kiosk.services.transfer_plan import ArticlePlan, Change

_AT_ONCE: Final = 500

Progress = Callable[[int, int], None]
"""How much is done, of how much."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did, or would do."""

    created: int
    changed: int
    unchanged: int
    errors: tuple[LineError, ...]
    """In the order of the lines. One is enough for nothing to be written."""
    ignored: tuple[str, ...]
    """Columns whose names say nothing to the till."""
    categories: tuple[str, ...]
    """The names of new categories."""
    written: bool


def _silent(_done: int, _all: int) -> None:
    return


def import_articles(shop: Shop, path: Path, *, dry_run: bool, by: str, progress: Progress = _silent) -> ImportResult:
    """Take a file of articles in: all of it, or nothing when a line can't be.

    Articles are recognised by number, those without by barcode; unknown ones
    are created. A column that is not there leaves things as they are, an empty
    cell empties them, and whatever the file names is on sale again unless its
    column ``archived`` says otherwise. The till goes on selling while the file is
    read; only the writing of what differs holds it up. Refuses: BadFile, Denied.
    Source: D8-02.
    """
    staff.require(shop, by, Action.IMPORT)
    text = csv_files.read(path)
    header, rows = csv_files.table(text, path, lambda cell: field_of(cell) is not None)
    plan = ArticlePlan(shop, header, path)
    for start in range(0, len(rows), _AT_ONCE):
        plan.take(rows[start : start + _AT_ONCE])
        progress(min(start + _AT_ONCE, len(rows)), len(rows) if dry_run else 2 * len(rows))
    plan.finish()
    new = [change for change in plan.changes if change.before is None]
    old = [change for change in plan.changes if change.before is not None]
    write = not dry_run and not plan.reader.errors
    if write:
        with db.transaction():
            staff.require(shop, by, Action.IMPORT)
            _write(
                shop, plan.reader.new_categories, new, old, by, lambda done: progress(len(rows) + done, 2 * len(rows))
            )
            digest = sha256(text.encode()).hexdigest()
            add_note(shop, by, "article.imported", file=digest, created=len(new), changed=len(old))
        progress(2 * len(rows), 2 * len(rows))
    return ImportResult(
        created=len(new),
        changed=len(old),
        unchanged=plan.unchanged,
        errors=tuple(plan.reader.errors),
        ignored=plan.reader.ignored,
        categories=tuple(category.name for category in plan.reader.new_categories),
        written=write,
    )


def _write(
    shop: Shop,
    new_categories: Sequence[Category],
    new: Sequence[Change],
    old: Sequence[Change],
    by: str,
    done: Callable[[int], None],
) -> None:
    db.run_many(
        "INSERT INTO category (id, name, tax, position) VALUES (?, ?, ?, ?)",
        [(one.id, one.name, one.tax, one.position) for one in new_categories],
    )
    # Whoever gives a key or a barcode up does so before anyone takes it.
    db.run_many("UPDATE article SET quick = NULL WHERE id = ?", [(change.after.id,) for change in old])
    db.run_many("DELETE FROM barcode WHERE article = ?", [(change.after.id,) for change in old])
    at = shop.clock.millis()
    written = 0
    for changes, are_new in ((old, False), (new, True)):
        for start in range(0, len(changes), _AT_ONCE):
            some = changes[start : start + _AT_ONCE]
            _write_some(some, at, new=are_new)
            written += len(some)
            done(written)
    for change in old:
        _note(shop, change, by)


def _write_some(changes: Sequence[Change], at: int, *, new: bool) -> None:
    articles = [change.after for change in changes]
    catalogue_edit.write_articles(articles, at, new=new)
    db.run_many(
        "UPDATE article SET archived = ? WHERE id = ?",
        [
            (int(change.after.archived), change.after.id)
            for change in changes
            if change.after.archived != (change.before is not None and change.before.archived)
        ],
    )
    catalogue_edit.write_barcodes([(one.id, one.form.barcodes) for one in articles])
    catalogue_edit.write_words([(one.id, "" if one.archived else one.name) for one in articles], new=new)


def _note(shop: Shop, change: Change, by: str) -> None:
    if change.before is None:
        return
    old, new = differences(_facts(change.before), _facts(change.after))
    add_note(shop, by, "article.changed", article=change.after.id, number=change.after.number, before=old, after=new)


def _facts(article: Article) -> dict[str, object]:
    return {**values_of(article.form), "barcodes": list(article.form.barcodes), "archived": article.archived}


def export_articles(shop: Shop, target: Path | TextIO, *, by: str) -> int:
    """Write every article, archived ones too, so that ``import_articles`` finds nothing to change; how many.

    UTF-8; semicolons and decimal commas unless the shop speaks English, so that
    spreadsheets open it. Refuses: BadFile, Denied. Source: D8-02, N12.
    """
    staff.require(shop, by, Action.EXPORT)
    point = "." if shop.settings.language == "en" else ","
    names = {category.id: category.name for category in categories(shop)}
    count = 0
    with csv_files.open_target(target, mark=True) as file:
        writer = csv_files.Writer(file, "," if point == "." else ";")
        writer.row(COLUMNS)
        for article in _all_articles():
            writer.row(_cells(article, names, shop.settings.decimals, point))
            count += 1
    return count


def _all_articles() -> Iterator[Article]:
    last = ""
    while some := read_articles("article.number > ?", (last,), limit=_AT_ONCE):
        yield from some
        last = some[-1].number


def _cells(article: Article, categories: dict[str, str], decimals: int, point: str) -> list[Cell]:
    form = article.form

    def amount(money: Money | None) -> Cell:
        return None if money is None else Amount(csv_files.amount_text(money.minor, decimals, point))

    return [
        form.number,
        form.name,
        categories.get(form.category or ""),
        form.tax,
        amount(form.price),
        amount(form.cost),
        amount(form.lowest_price),
        amount(form.highest_price),
        form.unit.value,
        form.kind.value,
        form.minimum_age or None,
        "yes" if form.discountable else "no",
        form.quick,
        " ".join(form.barcodes),
        "yes" if article.archived else None,
    ]
