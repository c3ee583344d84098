"""Search as you type: articles by the beginnings of words, numbers and barcodes (D1-01).

Everything is a range of a B-tree; nothing here reads a whole table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from kiosk import db
from kiosk.i18n.clean import clean_text
from kiosk.rules import codes, words
from kiosk.rules.basket import Item
from kiosk.services.catalogue_rows import ITEM, barcodes_of, day_of, item_of, marks
from kiosk.services.shop import Shop

MOST_FOUND: Final = 100

_SHORTEST_BARCODE: Final = 3
_BEYOND: Final = "\U0010ffff"
"""Sorts behind everything that begins alike."""
_COUNTED: Final = 2000
"""Above this many, one word is as frequent as another."""

_BY_NUMBER: Final = "SELECT id FROM article WHERE number >= ? AND number < ? AND archived = 0 ORDER BY number LIMIT ?"
_BY_BARCODE: Final = "SELECT article FROM barcode WHERE code >= ? AND code < ? ORDER BY code LIMIT ?"
_COUNT: Final = "SELECT COUNT(*) FROM (SELECT 1 FROM article_word WHERE word >= ? AND word < ? LIMIT ?) AS few"


@dataclass(frozen=True, slots=True)
class Found:
    """An article that a search found."""

    item: Item
    barcodes: tuple[str, ...]
    category_name: str


def search(shop: Shop, text: str, limit: int = 20) -> tuple[Found, ...]:
    """Articles whose names have words that begin like each of those typed; accents and case don't matter.

    A number that is typed alone also finds numbers and barcodes that begin so.
    The best first: the exact number, numbers, barcodes, then names, those
    with whole words before those with beginnings. Source: D1-01, UX.md 4.3.
    """
    typed = clean_text(text)
    limit = max(1, min(limit, MOST_FOUND))
    by_code = list(dict.fromkeys(_by_code(typed, limit)))
    wanted = words.words(typed)
    by_words = _by_words(wanted, 3 * limit) if wanted and len(by_code) < limit else []
    rows = _read(shop, list(dict.fromkeys([*by_code, *by_words])))
    items = [item_of(rows[id_]) for id_ in by_code if id_ in rows]
    named = [item_of(rows[id_]) for id_ in by_words if id_ in rows and id_ not in by_code]
    items = [*items, *sorted(named, key=lambda item: _rank(item, wanted))][:limit]
    barcodes = barcodes_of([item.article for item in items])
    return tuple(Found(item, barcodes.get(item.article, ()), rows[item.article][-1] or "") for item in items)


def _by_code(typed: str, limit: int) -> list[str]:
    code = codes.normalise(typed)
    if not code or " " in code:
        return []
    number = codes.article_number(code)
    ids = [row[0] for row in db.rows(_BY_NUMBER, (number, number + _BEYOND, limit))]
    if len(code) >= _SHORTEST_BARCODE:
        for start in dict.fromkeys((codes.canonical(code), code)):
            ids += [row[0] for row in db.rows(_BY_BARCODE, (start, start + _BEYOND, limit))]
    return ids


def _by_words(wanted: tuple[str, ...], most: int) -> list[str]:
    """The rarest word leads the way, and each of its articles is asked for the others."""
    if len(wanted) > 1:
        wanted = tuple(sorted(wanted, key=_how_many))
    others = " AND EXISTS (SELECT 1 FROM article_word o WHERE o.article = w.article AND o.word >= ? AND o.word < ?)"
    query = (
        "SELECT w.article FROM article_word w WHERE w.word >= ? AND w.word < ?"
        f"{others * (len(wanted) - 1)} ORDER BY w.word, w.article LIMIT ?"
    )
    bounds = [bound for word in wanted for bound in (word, word + _BEYOND)]
    return [row[0] for row in db.rows(query, (*bounds, most))]


def _how_many(word: str) -> int:
    found = db.row(_COUNT, (word, word + _BEYOND, _COUNTED))
    return 0 if found is None else int(found[0])


def _read(shop: Shop, ids: list[str]) -> dict[str, tuple[Any, ...]]:
    if not ids:
        return {}
    found = db.rows(
        f"SELECT {ITEM}, category.name FROM article LEFT JOIN category ON category.id = article.category "
        f"WHERE article.id IN ({marks(ids)}) AND article.archived = 0",
        (day_of(shop), *ids),
    )
    return {row[0]: row for row in found}


def _rank(item: Item, wanted: tuple[str, ...]) -> tuple[bool, int, str]:
    """A name that begins as was typed leads, then the one with most whole words."""
    name = words.words(item.text)
    leads = bool(name) and name[0].startswith(wanted[0])
    return not leads, -sum(word in name for word in wanted), words.fold(item.text)
