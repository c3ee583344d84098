"""Writing an import: new articles in chunks that nobody sees, then all at once (DESIGN.md 4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from kiosk import db
from kiosk.rules.permissions import Action
from kiosk.services import catalogue_edit, staff
from kiosk.services.catalogue_rows import STAGED, Article, differences, values_of
from kiosk.services.journal import add_note, add_notes
from kiosk.services.shop import Shop
from kiosk.services.transfer_plan import ArticlePlan, articles_by

_AT_ONCE: Final = 250
_OF_STAGED: Final = f"article IN (SELECT id FROM article WHERE archived = {STAGED})"


class Staging:
    """What a plan comes to, on its way into the catalogue."""

    def __init__(self, shop: Shop, plan: ArticlePlan, new: Sequence[Article], *, by: str, digest: str) -> None:
        """``digest`` is the file's, for the journal."""
        self._shop, self._by, self._digest = shop, by, digest
        self._new = new
        self._old = [change for change in plan.changes if change.before is not None]
        self._contested = plan.contested
        self._categories = plan.reader.new_categories
        self._at = shop.clock.millis()

    def stage(self) -> Iterator[int]:
        """Write the new articles where nobody sees them, some at a time; how many are written."""
        self.sweep()
        yield 0
        unknown = {category.id for category in self._categories}
        for start in range(0, len(self._new), _AT_ONCE):
            some = self._new[start : start + _AT_ONCE]
            with db.transaction():
                self._stage(some, unknown)
            yield start + len(some)

    def sweep(self) -> None:
        """Take away what this import, or another one, left half way."""
        with db.transaction():
            _sweep()

    def _stage(self, articles: Sequence[Article], unknown: set[str]) -> None:
        plain = [
            replace(
                one,
                form=replace(
                    one.form, quick=None, category=None if one.form.category in unknown else one.form.category
                ),
            )
            for one in articles
        ]
        catalogue_edit.write_articles(plain, self._at, new=True)
        db.run_many("UPDATE article SET archived = ? WHERE id = ?", [(STAGED, one.id) for one in articles])
        catalogue_edit.write_words([(one.id, "" if one.archived else one.name) for one in articles], new=True)
        barcodes = [(one.id, one.form.barcodes) for one in articles if one.id not in self._contested]
        catalogue_edit.write_barcodes(barcodes, new=True)

    def show(self) -> bool:
        """Let everybody see all of it, in one transaction; False when the shop has changed too much meanwhile."""
        changed = [(change.before, change.after) for change in self._old if change.before is not None]
        facts = [_facts(before, after) for before, after in changed]
        with db.transaction():
            staff.require(self._shop, self._by, Action.IMPORT)
            if not self._as_planned(changed):
                _sweep()
                return False
            self._put_categories()
            self._change(changed)
            self._unveil()
            add_notes(self._shop, self._by, "article.changed", facts)
            created, old = len(self._new), len(self._old)
            add_note(self._shop, self._by, "article.imported", file=self._digest, created=created, changed=old)
        return True

    def _as_planned(self, changed: Sequence[tuple[Article, Article]]) -> bool:
        """Whether what was staged is still there, and what is to be changed is as it was when the file was read."""
        staged = db.row("SELECT COUNT(*) FROM article WHERE archived = ?", (STAGED,))
        barcodes = db.row(f"SELECT COUNT(*) FROM barcode WHERE {_OF_STAGED}")
        expected = sum(len(one.form.barcodes) for one in self._new if one.id not in self._contested)
        if staged != (len(self._new),) or barcodes != (expected,):
            return False
        before = {one.id: one for one, _after in changed}
        return all(before[one.id] == one for one in articles_by("id", list(before)))

    def _put_categories(self) -> None:
        db.run_many(
            "INSERT INTO category (id, name, tax, position) VALUES (?, ?, ?, ?)",
            [(one.id, one.name, one.tax, one.position) for one in self._categories],
        )

    def _change(self, changed: Sequence[tuple[Article, Article]]) -> None:
        """Whoever gives a key or a barcode up does so before anyone takes it."""
        db.run_many(
            "UPDATE article SET quick = NULL WHERE id = ?",
            [(after.id,) for before, after in changed if before.form.quick != after.form.quick],
        )
        moved = [after for before, after in changed if before.form.barcodes != after.form.barcodes]
        moved += [one for one in self._new if one.id in self._contested]
        catalogue_edit.write_barcodes([(one.id, one.form.barcodes) for one in moved])
        catalogue_edit.write_articles([after for _before, after in changed], self._at, new=False)
        db.run_many(
            "UPDATE article SET archived = ? WHERE id = ?",
            [(int(after.archived), after.id) for before, after in changed if before.archived != after.archived],
        )
        catalogue_edit.write_words(
            [
                (after.id, "" if after.archived else after.name)
                for before, after in changed
                if (before.name, before.archived) != (after.name, after.archived)
            ]
        )

    def _unveil(self) -> None:
        known = {category.id for category in self._categories}
        special = [one for one in self._new if one.archived or one.form.quick is not None or one.form.category in known]
        db.run_many(
            "UPDATE article SET archived = ?, quick = ?, category = ? WHERE id = ?",
            [(int(one.archived), one.form.quick, one.form.category, one.id) for one in special],
        )
        db.run("UPDATE article SET archived = 0 WHERE archived = ?", (STAGED,))


def _facts(before: Article, after: Article) -> dict[str, object]:
    def facts(article: Article) -> dict[str, object]:
        return {**values_of(article.form), "barcodes": list(article.form.barcodes), "archived": article.archived}

    old, new = differences(facts(before), facts(after))
    return {"article": after.id, "number": after.number, "before": old, "after": new}


def _sweep() -> None:
    db.run(f"DELETE FROM article_word WHERE {_OF_STAGED}")
    db.run(f"DELETE FROM barcode WHERE {_OF_STAGED}")
    db.run("DELETE FROM article WHERE archived = ?", (STAGED,))
