"""What a file of articles would change: every row read, checked and compared before anything is written (D8-02)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from kiosk import db
from kiosk.errors import AlreadyTaken, Missing
from kiosk.rules import codes
from kiosk.services.catalogue_edit import next_number
from kiosk.services.catalogue_rows import STAGED, Article, marks, read_articles
from kiosk.services.ids import new_id
from kiosk.services.shop import Shop
from kiosk.services.transfer_cells import Reader, Row


@dataclass(frozen=True, slots=True)
class Change:
    """An article as it is and as the file wants it."""

    before: Article | None
    after: Article


@dataclass(frozen=True, slots=True)
class _Claim:
    """A code that another article on sale answers to, which may give it up in this same file."""

    line: int
    field: str
    code: str
    owner: str
    kept_as: str


class ArticlePlan:
    """Takes the rows of a file in, some at a time, and knows at the end what they come to."""

    def __init__(self, shop: Shop, header: Sequence[str], path: Path) -> None:
        """Refuses: BadFile (two columns for the same)."""
        self.reader = Reader(shop, header, path)
        self.changes: list[Change] = []
        self.unchanged = 0
        self._shop = shop
        self._claims: list[_Claim] = []
        self._answers: dict[str, int] = {}
        """Every code that the file wants, with its line."""
        self._wanted: dict[str, tuple[int, Article]] = {}
        self.contested: set[str] = set()
        """New articles with a code that another one has had until now."""
        self._quick = {row[0]: row[1] for row in db.rows("SELECT quick, id FROM article WHERE quick IS NOT NULL")}

    def take(self, rows: Sequence[tuple[int, list[str]]]) -> None:
        """Read some rows; what they name is looked up all at once."""
        read = [row for line, cells in rows if (row := self.reader.row(line, cells))]
        known = _Known(read)
        for row in read:
            self._take(row, known)

    def finish(self) -> None:
        """Settle what only the whole file can tell: codes that change hands, and numbers for those without."""
        for claim in self._claims:
            owner = self._wanted.get(claim.owner)
            if owner is None or claim.kept_as in owner[1].form.barcodes:
                self.reader.refuse(claim.line, AlreadyTaken(what=claim.field, code=claim.code))
        for id_, (line, article) in self._wanted.items():
            quick = article.form.quick
            other = self._quick.get(quick)
            if quick is None or other is None or other == id_:
                continue
            if other not in self._wanted or self._wanted[other][1].form.quick == quick:
                self.reader.refuse(line, AlreadyTaken(what="quick", code=str(quick)))
        self._give_numbers()
        self.reader.errors.sort(key=lambda error: error.line)

    def _give_numbers(self) -> None:
        number = 0
        for place, change in enumerate(self.changes):
            if change.after.number:
                continue
            number = number + 1 if number else int(next_number(self._shop))
            while str(number) in self._answers or db.row("SELECT 1 FROM article WHERE number = ?", (str(number),)):
                number += 1
            form = replace(change.after.form, number=str(number))
            self.changes[place] = replace(change, after=replace(change.after, form=form))

    def _take(self, row: Row, known: _Known) -> None:
        if not row.number and not row.barcodes:
            self.reader.refuse(row.line, Missing(field="number"))
            return
        before = known.article(row)
        if before is not None and before.id in self._wanted:
            self.reader.refuse(row.line, AlreadyTaken(what="number", code=before.number))
            return
        archived = self.reader.archived(row)
        form = self.reader.form(row, before.form if before else None)
        if form is None:
            return
        after = Article(
            before.id if before else new_id(), replace(form, quick=None if archived else form.quick), archived
        )
        self._wanted[after.id] = (row.line, after)
        if not self._claim(row.line, after, known):
            return
        if before is None and any(known.has_owner(code) for code in form.barcodes):
            self.contested.add(after.id)
        if before == after:
            self.unchanged += 1
        else:
            self.changes.append(Change(before, after))

    def _claim(self, line: int, after: Article, known: _Known) -> bool:
        """Whether no other line wants a code of this one; what articles outside the file have is settled at the end."""
        own = [("number", after.number), *(("barcode", code) for code in after.form.barcodes)]
        own = [(field, code) for field, code in own if code]
        wanted = [*own, *([] if after.form.quick is None else [("quick", str(after.form.quick))])]
        for field, code in wanted:
            taken = self._answers.setdefault(f"quick {code}" if field == "quick" else code, line) != line
            if taken or (field == "barcode" and known.is_number(code, after.id)):
                self.reader.refuse(line, AlreadyTaken(what=field, code=code))
                return False
        for field, code in own:
            for kept_as, owner in known.others(code, after.id):
                self._claims.append(_Claim(line, field, code, owner, kept_as))
        return True


class _Known:
    """What the catalogue has of the codes that some rows name."""

    def __init__(self, asked: Sequence[Row]) -> None:
        numbers = list(dict.fromkeys(row.number for row in asked if row.number))
        self._by_number = {one.number: one for one in articles_by("number", numbers)}
        self._by_id = {one.id: one for one in self._by_number.values()}
        self._owners: dict[str, str] = {}
        self._numbers: dict[str, str] = {}
        given = [code for row in asked for code in (row.number, *row.barcodes) if code]
        forms = list(dict.fromkeys(form for code in given for form in codes.variants(code)))
        for some in _pieces(forms):
            query = (
                "SELECT barcode.code, barcode.article FROM barcode JOIN article ON article.id = barcode.article "
                f"WHERE article.archived <> {STAGED} AND barcode.code IN ({marks(some)})"
            )
            self._owners.update(db.rows(query, some))
            query = f"SELECT number, id FROM article WHERE archived = 0 AND number IN ({marks(some)})"
            self._numbers.update(db.rows(query, some))
        missing = [id_ for id_ in dict.fromkeys(self._owners.values()) if id_ not in self._by_id]
        self._by_id.update({one.id: one for one in articles_by("id", missing)})

    def article(self, row: Row) -> Article | None:
        """The article that a row is about: by its number, else by its barcodes."""
        if row.number:
            return self._by_number.get(row.number)
        owners = [self._owners[form] for code in row.barcodes for form in codes.variants(code) if form in self._owners]
        return self._by_id[owners[0]] if owners else None

    def others(self, code: str, own: str) -> list[tuple[str, str]]:
        """Which other articles on sale bear a code as a barcode, and in which form."""
        found = [(form, self._owners[form]) for form in codes.variants(code) if form in self._owners]
        return [(form, owner) for form, owner in found if owner != own and not self._by_id[owner].archived]

    def has_owner(self, code: str) -> bool:
        """Whether any article, archived or not, bears a barcode."""
        return code in self._owners

    def is_number(self, code: str, own: str) -> bool:
        """Whether another article on sale has this barcode for a number."""
        return self._numbers.get(code, own) != own


_MOST_MARKS: Final = 500
_SEEN: Final = f"article.archived <> {STAGED}"


def _pieces(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + _MOST_MARKS] for start in range(0, len(values), _MOST_MARKS))


def articles_by(column: str, values: Sequence[str]) -> list[Article]:
    """The articles with these ids or numbers, but for those of an import half way."""
    return [
        one
        for some in _pieces(values)
        for one in read_articles(f"{_SEEN} AND article.{column} IN ({marks(some)})", some)
    ]
