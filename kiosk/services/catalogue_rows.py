"""The catalogue's rows as plain values: what the verbs of the catalogue share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from kiosk import db
from kiosk.money import Money, Percent
from kiosk.rules.basket import Item, LineKind, TaxRate, Unit
from kiosk.services.shop import Shop

RATE: Final = (
    "COALESCE("
    "(SELECT rate FROM tax_rate r WHERE r.tax = article.tax AND r.valid_from <= ? ORDER BY r.valid_from DESC LIMIT 1), "
    "(SELECT rate FROM tax_rate r WHERE r.tax = article.tax ORDER BY r.valid_from LIMIT 1), 0)"
)
"""The rate on a day (D2-01). A till whose clock fell back before the first rate goes on selling with that one."""

ITEM: Final = (
    f"article.id, article.number, article.name, article.unit, article.price, article.tax, {RATE}, article.category, "
    "article.kind, article.minimum_age, article.lowest_price, article.highest_price, article.discountable"
)
"""The columns of an item; takes the day as its one parameter."""

_ITEM_WIDTH: Final = 13

ARTICLE_COLUMNS: Final = (
    "id", "number", "name", "category", "tax", "kind", "price", "cost", "lowest_price", "highest_price", "unit",
    "minimum_age", "discountable", "quick", "archived",
)  # fmt: skip


STAGED: Final = 2
"""In the column ``archived``: an article of an import that is still being written, and that nobody sees."""


@dataclass(frozen=True, slots=True)
class ArticleForm:
    """What can be said of an article; the same for a new one and for a change."""

    name: str
    tax: str
    """A tax code."""
    number: str = ""
    """Empty: the next free one."""
    category: str | None = None
    """A category's id."""
    price: Money | None = None
    """None: an open price (D1-03)."""
    unit: Unit = Unit.PIECE
    kind: LineKind = LineKind.GOODS
    cost: Money | None = None
    lowest_price: Money | None = None
    highest_price: Money | None = None
    minimum_age: int = 0
    discountable: bool = True
    quick: int | None = None
    """Its key among the quick articles, 1 to 9."""
    barcodes: tuple[str, ...] = ()
    id: str | None = None
    """None: a new article."""


@dataclass(frozen=True, slots=True)
class Article:
    """An article as the catalogue has it."""

    id: str
    form: ArticleForm
    archived: bool

    @property
    def number(self) -> str:
        """What it is called by at the till."""
        return self.form.number

    @property
    def name(self) -> str:
        """What stands on the receipt."""
        return self.form.name


def item_of(row: Sequence[Any]) -> Item:
    """An item from the columns of ``ITEM``."""
    id_, number, name, unit, price, tax, rate, category, kind, age, lowest, highest, discountable = row[:_ITEM_WIDTH]
    return Item(
        article=id_,
        number=number,
        text=name,
        unit=Unit(unit),
        price=None if price is None else Money(price),
        tax=TaxRate(tax, Percent(rate)),
        category=category or "",
        kind=LineKind(kind),
        minimum_age=age,
        lowest_price=None if lowest is None else Money(lowest),
        highest_price=None if highest is None else Money(highest),
        discountable=bool(discountable),
    )


def day_of(shop: Shop) -> str:
    """The shop's calendar date, as rates are dated."""
    return shop.clock.today().isoformat()


def marks(values: Sequence[object]) -> str:
    """Placeholders for an IN list."""
    return ", ".join("?" * len(values))


def money(minor: int | None) -> Money | None:
    """An amount that may be absent."""
    return None if minor is None else Money(minor)


def read_articles(where: str, params: Sequence[object], *, limit: int | None = None) -> list[Article]:
    """Articles with their barcodes, in the order of their numbers."""
    most = "" if limit is None else f" LIMIT {limit:d}"
    columns = ", ".join(f"article.{name}" for name in ARTICLE_COLUMNS)
    found = db.rows(f"SELECT {columns} FROM article WHERE {where} ORDER BY article.number{most}", params)
    codes = barcodes_of([row[0] for row in found])
    return [article_of(row, codes.get(row[0], ())) for row in found]


def article_of(row: Sequence[Any], barcodes: tuple[str, ...]) -> Article:
    """An article from the columns of ``ARTICLE_COLUMNS``."""
    read = dict(zip(ARTICLE_COLUMNS, row, strict=True))
    form = ArticleForm(
        id=read["id"],
        number=read["number"],
        name=read["name"],
        category=read["category"],
        tax=read["tax"],
        kind=LineKind(read["kind"]),
        price=money(read["price"]),
        cost=money(read["cost"]),
        lowest_price=money(read["lowest_price"]),
        highest_price=money(read["highest_price"]),
        unit=Unit(read["unit"]),
        minimum_age=read["minimum_age"],
        discountable=bool(read["discountable"]),
        quick=read["quick"],
        barcodes=barcodes,
    )
    return Article(id=read["id"], form=form, archived=bool(read["archived"]))


_MOST_MARKS: Final = 500


def barcodes_of(articles: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The barcodes of some articles, by article."""
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(articles), _MOST_MARKS):
        some = articles[start : start + _MOST_MARKS]
        query = f"SELECT article, code FROM barcode WHERE article IN ({marks(some)}) ORDER BY code"
        for article, code in db.rows(query, some):
            found[article] = (*found.get(article, ()), code)
    return found


def values_of(form: ArticleForm) -> dict[str, object]:
    """What is stored of a form, by column, without id and barcodes."""

    def minor(amount: Money | None) -> int | None:
        return None if amount is None else amount.minor

    return {
        "number": form.number,
        "name": form.name,
        "category": form.category,
        "tax": form.tax,
        "kind": form.kind.value,
        "price": minor(form.price),
        "cost": minor(form.cost),
        "lowest_price": minor(form.lowest_price),
        "highest_price": minor(form.highest_price),
        "unit": form.unit.value,
        "minimum_age": form.minimum_age,
        "discountable": int(form.discountable),
        "quick": form.quick,
    }


def differences(before: dict[str, object], after: dict[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """What changed, as it was and as it is, for the journal."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}
