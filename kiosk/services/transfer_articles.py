"""Articles into the shop and out of it again, as CSV (D8-02)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

from kiosk.errors import AlreadyTaken
from kiosk.money import Money
from kiosk.rules.permissions import Action
from kiosk.services import csv_files, staff
from kiosk.services.catalogue_rows import STAGED, Article, read_articles
from kiosk.services.catalogue_tax import categories
from kiosk.services.csv_files import Amount, Cell
from kiosk.services.shop import Shop
from kiosk.services.transfer_columns import COLUMNS, field_of
from kiosk.services.transfer_plan import ArticlePlan
from kiosk.services.transfer_rows import LineError, Progress, all_steps, silent
from kiosk.services.transfer_staging import Staging

_AT_ONCE: Final = 500


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
    """False as well when the shop changed so much meanwhile that nothing could be written."""


def import_articles(shop: Shop, path: Path, *, dry_run: bool, by: str, progress: Progress = silent) -> ImportResult:
    """Take a file of articles in: all of it, or nothing when a line can't be.

    Articles are recognised by number, those without by barcode; unknown ones
    are created. A column that is not there leaves things as they are, an empty
    cell empties them, and whatever the file names is on sale again unless its
    column ``archived`` says otherwise. Refuses: BadFile, Denied. Source: D8-02.
    """
    return all_steps(import_steps(shop, path, dry_run=dry_run, by=by), progress)


def import_steps(shop: Shop, path: Path, *, dry_run: bool, by: str) -> Generator[tuple[int, int], None, ImportResult]:
    """The same in short steps, between which the till can sell; each says how much is done, of how much.

    Nobody sees anything of it before the last step. One that was left half
    way is swept up by the next. Refuses: as import_articles, at the first step
    or later.
    """
    staff.require(shop, by, Action.IMPORT)
    text = csv_files.read(path)
    table = csv_files.Table(text, path, lambda cell: field_of(cell) is not None)
    plan = ArticlePlan(shop, table.header, path)
    rows = iter(table)
    everything = table.lines if dry_run else 2 * table.lines
    while some := list(islice(rows, _AT_ONCE)):
        plan.take(some)
        yield min(table.line, table.lines), everything
    plan.finish()
    new = [change.after for change in plan.changes if change.before is None]
    written = False
    if not dry_run and not plan.reader.errors:
        staging = Staging(shop, plan, new, by=by, digest=sha256(text.encode()).hexdigest())
        try:
            for done in staging.stage():
                yield table.lines + done * table.lines // (len(new) + 1), everything
            written = staging.show()
        except AlreadyTaken:
            # Somebody took a number, a key or a barcode after the file was read.
            staging.sweep()
    yield everything, everything
    return ImportResult(
        created=len(new),
        changed=len(plan.changes) - len(new),
        unchanged=plan.unchanged,
        errors=tuple(plan.reader.errors),
        ignored=plan.reader.ignored,
        categories=tuple(category.name for category in plan.reader.new_categories),
        written=written,
    )


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
    while some := read_articles("article.number > ? AND article.archived <> ?", (last, STAGED), limit=_AT_ONCE):
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
