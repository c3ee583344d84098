"""The catalogue: what the shop sells, found by whatever is scanned or typed (D1-01).

This is what a sale needs. Editing stands in ``catalogue_edit``, taxes and
categories in ``catalogue_tax``: a till that sells loads neither.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from kiosk import db
from kiosk.errors import Invalid, NotFound
from kiosk.i18n.clean import clean_text
from kiosk.rules import codes
from kiosk.rules.basket import Item, Unit
from kiosk.rules.codes import CodeKind, Meaning
from kiosk.services.catalogue_rows import ITEM, Article, day_of, item_of, read_articles
from kiosk.services.catalogue_search import search
from kiosk.services.shop import Shop

__all__ = ["QuickArticle", "article", "find", "quick", "search"]

_FIND: Final = (
    f"SELECT {ITEM}, barcode.code FROM barcode JOIN article ON article.id = barcode.article "
    "WHERE barcode.code IN (?, ?, ?, ?) AND article.archived = 0 "
    f"UNION ALL SELECT {ITEM}, '' FROM article WHERE article.number = ? AND article.archived = 0"
)
_QUICK: Final = f"SELECT {ITEM}, article.quick FROM article WHERE quick BETWEEN ? AND ? AND archived = 0 ORDER BY quick"


@dataclass(frozen=True, slots=True)
class QuickArticle:
    """An article with a key of its own."""

    key: str
    item: Item


def find(shop: Shop, code: str) -> Item | None:
    """The article that a scanned or typed code means, with today's tax rate.

    Takes numbers (also with zeros in front), barcodes in every form that a
    scanner gives them, weight and price labels, and codes of quick articles.
    A label's weight comes as ``quantity``; a label's price makes it one piece at
    that price. None when nothing bears the code. Refuses: Invalid (a weight for
    an article that is sold by the piece). Source: D1-01, D1-02, D2-01.
    """
    meaning = codes.what_is(
        clean_text(code, codes.LONGEST_CODE + 1), shop.settings.weight_prefixes, shop.settings.price_prefixes
    )
    if not 0 < len(meaning.code) <= codes.LONGEST_CODE:
        return None
    if meaning.kind in {CodeKind.WEIGHT, CodeKind.PRICE}:
        item = _lookup(shop, (codes.label_base(meaning),), meaning.number)
        if item is not None:
            return _labelled(item, meaning)
    elif meaning.kind is CodeKind.QUICK:
        found = db.row(_QUICK, (day_of(shop), meaning.value, meaning.value))
        return None if found is None else item_of(found)
    elif meaning.kind not in {CodeKind.ARTICLE, CodeKind.CARD}:
        return None
    return _lookup(shop, codes.variants(meaning.code), meaning.code)


def quick(shop: Shop) -> tuple[QuickArticle, ...]:
    """The articles that have a key of their own, in the order of the keys."""
    found = db.rows(_QUICK, (day_of(shop), 1, 99))
    return tuple(QuickArticle(key=str(row[-1]), item=item_of(row)) for row in found)


def article(shop: Shop, article_id: str) -> Article:
    """All that the catalogue knows of an article, archived ones too. Refuses: NotFound."""
    found = read_articles("article.id = ?", (article_id,))
    if not found:
        raise NotFound(what="article", code=article_id)
    return found[0]


def _lookup(shop: Shop, barcodes: tuple[str, ...], number: str) -> Item | None:
    """One query: by barcode in the order of likelihood, then by number."""
    day, first = day_of(shop), barcodes[0]
    padded = barcodes + (first,) * (4 - len(barcodes))
    found = db.rows(_FIND, (day, *padded, day, codes.article_number(number)))
    if not found:
        return None
    if len(found) > 1:
        found.sort(key=lambda row: padded.index(row[-1]) if row[-1] else len(padded))
    return item_of(found[0])


def _labelled(item: Item, meaning: Meaning) -> Item:
    if meaning.price is not None:
        return replace(item, price=meaning.price, unit=Unit.PIECE)
    if item.unit is not Unit.KILOGRAM:
        raise Invalid(field="unit", value=item.text)
    return replace(item, quantity=meaning.quantity)
