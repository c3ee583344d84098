"""Creating and changing articles (D8-01): what may be said of one, and writing it down."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from kiosk import db
from kiosk.errors import AlreadyTaken, Invalid, Missing, NotFound, OutOfRange
from kiosk.i18n.clean import clean_text
from kiosk.money import Money
from kiosk.rules import codes, permissions, words
from kiosk.rules.basket import LineKind, Unit
from kiosk.rules.codes import CodeKind
from kiosk.services import staff
from kiosk.services.catalogue_rows import Article, ArticleForm, differences, marks, read_articles, values_of
from kiosk.services.ids import new_id
from kiosk.services.journal import add_note
from kiosk.services.shop import Shop, ShopSettings

LONGEST_NAME: Final = 80
LONGEST_NUMBER: Final = 20
MOST_BARCODES: Final = 50
HIGHEST_PRICE: Final = Money(99_999_999)
OLDEST_AGE: Final = 99
LAST_QUICK_KEY: Final = 9

_CODE: Final = re.compile(r"[!-{}~]+")
"""Printable ASCII without spaces; without the bar that parts barcodes in files."""
_SPREADSHEET_NUMBER: Final = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
_COUNTED_DIGITS: Final = 6

_INSERT: Final = (
    "INSERT INTO article (number, name, category, tax, kind, price, cost, lowest_price, highest_price, unit, "
    "minimum_age, discountable, quick, changed_at, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_UPDATE: Final = (
    "UPDATE article SET number = ?, name = ?, category = ?, tax = ?, kind = ?, price = ?, cost = ?, lowest_price = ?, "
    "highest_price = ?, unit = ?, minimum_age = ?, discountable = ?, quick = ?, changed_at = ? WHERE id = ?"
)


def save(shop: Shop, form: ArticleForm, *, by: str, approved_by: str | None = None, key: str = "") -> Article:
    """Create an article, or change the one that the form names.

    A barcode that an archived article still bears goes over to this one.
    Refuses: Missing (name, tax), Invalid, OutOfRange, AlreadyTaken (number,
    barcode or quick key, with the code), NotFound (article, tax, category),
    Denied, NeedsApproval. Source: D8-01, D1-03, D1-11.
    """
    wanted = checked(shop.settings, form)
    with db.transaction():
        approved_by = staff.require(shop, by, permissions.Action.EDIT_CATALOGUE, approved_by, key=key)
        before = None if wanted.id is None else _article(wanted.id)
        if not wanted.number:
            wanted = replace(wanted, number=before.number if before else next_number(shop))
        _check_references(wanted)
        _check_free(wanted)
        after = Article(id=wanted.id or new_id(), form=wanted, archived=before.archived if before else False)
        _write(shop, before, after, by=by, approved_by=approved_by)
        return _article(after.id)


def archive(shop: Shop, article_id: str, *, by: str, approved_by: str | None = None, key: str = "") -> Article:
    """Take an article out of sale: no code, search or key finds it; its sales keep it. Refuses: NotFound, Denied."""
    with db.transaction():
        approved_by = staff.require(shop, by, permissions.Action.EDIT_CATALOGUE, approved_by, key=key)
        article = _article(article_id)
        if not article.archived:
            db.run("UPDATE article SET archived = 1, quick = NULL WHERE id = ?", (article_id,))
            write_words([(article_id, "")])
            add_note(shop, by, "article.archived", approved_by=approved_by, article=article_id, number=article.number)
        return _article(article_id)


def restore(shop: Shop, article_id: str, *, by: str, approved_by: str | None = None, key: str = "") -> Article:
    """Sell an archived article again. Refuses: NotFound, Denied."""
    with db.transaction():
        approved_by = staff.require(shop, by, permissions.Action.EDIT_CATALOGUE, approved_by, key=key)
        article = _article(article_id)
        if article.archived:
            db.run("UPDATE article SET archived = 0 WHERE id = ?", (article_id,))
            write_words([(article_id, article.name)])
            add_note(shop, by, "article.restored", approved_by=approved_by, article=article_id, number=article.number)
        return _article(article_id)


def next_number(shop: Shop) -> str:
    """A proposal for a new article's number: one more than the highest of up to six digits."""
    found = db.row(
        "SELECT MAX(CAST(number AS BIGINT)) FROM article "
        "WHERE length(number) <= ? AND ltrim(number, '0123456789') = ''",
        (_COUNTED_DIGITS,),
    )
    number = 1 + (0 if found is None or found[0] is None else int(found[0]))
    while db.row("SELECT 1 FROM article WHERE number = ?", (str(number),)):
        number += 1
    return str(number)


def checked(settings: ShopSettings, form: ArticleForm) -> ArticleForm:
    """The form cleaned, with its numbers and barcodes as they are kept; asks no database.

    Refuses: Missing, Invalid, OutOfRange.
    """
    name, tax = clean_text(form.name, LONGEST_NAME), clean_text(form.tax)
    if not name:
        raise Missing(field="name")
    if not tax:
        raise Missing(field="tax")
    if form.kind is not LineKind.GOODS and form.unit is not Unit.PIECE:
        raise Invalid(field="unit", value=form.unit.value)
    for field, value, highest in (
        ("age", form.minimum_age, OLDEST_AGE),
        ("quick", form.quick or 0, LAST_QUICK_KEY),
    ):
        if not 0 <= value <= highest:
            raise OutOfRange(field=field, value=str(value), lowest="0", highest=str(highest))
    _check_prices(form)
    return replace(
        form,
        name=name,
        tax=tax,
        number=_number(form.number),
        category=form.category or None,
        quick=form.quick or None,
        discountable=form.discountable and form.kind is LineKind.GOODS,
        barcodes=_barcodes(settings, form.barcodes),
    )


def _check_prices(form: ArticleForm) -> None:
    for field, amount in (("price", form.price), ("cost", form.cost)):
        if amount is not None and not 0 <= amount.minor <= HIGHEST_PRICE.minor:
            raise OutOfRange(field=field, value=str(amount.minor), lowest="0", highest=str(HIGHEST_PRICE.minor))
    low, high = form.lowest_price or Money(0), form.highest_price or HIGHEST_PRICE
    if low.minor < 0 or high < low or high > HIGHEST_PRICE:
        raise OutOfRange(
            field="highest_price", value=str(high.minor), lowest=str(low.minor), highest=str(HIGHEST_PRICE.minor)
        )
    if form.price is not None and not low <= form.price <= high:
        raise OutOfRange(field="price", value=str(form.price.minor), lowest=str(low.minor), highest=str(high.minor))


def _number(text: str) -> str:
    number = codes.article_number(clean_text(text))
    if number and (
        len(number) > LONGEST_NUMBER or not _CODE.fullmatch(number) or _SPREADSHEET_NUMBER.fullmatch(number)
    ):
        raise Invalid(field="number", value=text)
    return number


def kept_barcode(settings: ShopSettings, text: str) -> str:
    """A barcode as it is kept; a weight or price label stands for all labels of its article. Refuses: Invalid."""
    meaning = codes.what_is(clean_text(text, codes.LONGEST_CODE + 1), settings.weight_prefixes, settings.price_prefixes)
    code = meaning.code
    if len(code) > codes.LONGEST_CODE or (code and not _CODE.fullmatch(code)) or _SPREADSHEET_NUMBER.fullmatch(code):
        raise Invalid(field="barcode", value=text)
    if meaning.kind in {CodeKind.WEIGHT, CodeKind.PRICE}:
        return codes.label_base(meaning)
    if meaning.kind not in {CodeKind.ARTICLE, CodeKind.CARD}:
        raise Invalid(field="barcode", value=text)
    return codes.canonical(code)


def _barcodes(settings: ShopSettings, given: tuple[str, ...]) -> tuple[str, ...]:
    kept = sorted({kept_barcode(settings, text) for text in given} - {""})
    if len(kept) > MOST_BARCODES:
        raise OutOfRange(field="barcode", value=str(len(kept)), highest=str(MOST_BARCODES))
    return tuple(kept)


def _check_references(form: ArticleForm) -> None:
    if db.row("SELECT 1 FROM tax WHERE code = ?", (form.tax,)) is None:
        raise NotFound(what="tax", code=form.tax)
    if form.category is not None and db.row("SELECT 1 FROM category WHERE id = ?", (form.category,)) is None:
        raise NotFound(what="category", code=form.category)


def _check_free(form: ArticleForm) -> None:
    """No two articles on sale answer to the same code, by whichever way it is read."""
    own = form.id or ""
    if db.row("SELECT 1 FROM article WHERE number = ? AND id <> ?", (form.number, own)):
        raise AlreadyTaken(what="number", code=form.number)
    if form.quick is not None and db.row("SELECT 1 FROM article WHERE quick = ? AND id <> ?", (form.quick, own)):
        raise AlreadyTaken(what="quick", code=str(form.quick))
    on_sale = (
        "SELECT code FROM barcode JOIN article ON article.id = barcode.article WHERE archived = 0 AND article.id <> ?"
    )
    if db.row(f"{on_sale} AND code = ?", (own, form.number)):
        raise AlreadyTaken(what="number", code=form.number)
    for code in form.barcodes:
        forms = codes.variants(code)
        taken = db.row(f"{on_sale} AND code IN ({marks(forms)})", (own, *forms))
        number = db.row("SELECT 1 FROM article WHERE number = ? AND id <> ? AND archived = 0", (code, own))
        if taken or number:
            raise AlreadyTaken(what="barcode", code=code)


def _write(shop: Shop, before: Article | None, after: Article, *, by: str, approved_by: str | None) -> None:
    values = values_of(after.form)
    old = values_of(before.form) if before else {}
    now_and_then = differences(
        {**old, "barcodes": list(before.form.barcodes) if before else []},
        {**values, "barcodes": list(after.form.barcodes)},
    )
    if not now_and_then[1]:
        return
    write_articles([after], shop.clock.millis(), new=before is None)
    if before is None or before.form.barcodes != after.form.barcodes:
        write_barcodes([(after.id, after.form.barcodes)])
    if not after.archived and (before is None or before.name != after.name):
        write_words([(after.id, after.name)], new=before is None)
    add_note(
        shop,
        by,
        "article.changed" if before else "article.created",
        approved_by=approved_by,
        article=after.id,
        number=after.number,
        before=now_and_then[0],
        after=now_and_then[1],
    )


def write_barcodes(articles: Sequence[tuple[str, tuple[str, ...]]], *, new: bool = False) -> None:
    """Give articles these barcodes and no others; archived articles give theirs up.

    ``new``: no article has any yet, and no other one has these.
    """
    rows = [(code, id_) for id_, barcodes in articles for code in barcodes]
    if not new:
        db.run_many("DELETE FROM barcode WHERE article = ?", [(id_,) for id_, _codes in articles])
        db.run_many(
            "DELETE FROM barcode WHERE code = ? "
            "AND article IN (SELECT id FROM article WHERE archived <> 0 AND article.id <> ?)",
            rows,
        )
    db.run_many("INSERT INTO barcode (code, article) VALUES (?, ?)", rows)


def write_words(articles: Sequence[tuple[str, str]], *, new: bool = False) -> None:
    """Let articles be found by these names and by nothing else; an empty name by nothing at all."""
    if not new:
        db.run_many("DELETE FROM article_word WHERE article = ?", [(id_,) for id_, _name in articles])
    db.run_many(
        "INSERT INTO article_word (word, article) VALUES (?, ?)",
        [(word, id_) for id_, name in articles for word in words.words_to_find(name)],
    )


def write_articles(articles: Sequence[Article], at: int, *, new: bool) -> None:
    """Insert or change the rows of articles, without their codes and words; ``at`` in UTC milliseconds."""
    db.run_many(_INSERT if new else _UPDATE, [(*values_of(one.form).values(), at, one.id) for one in articles])


def _article(article_id: str) -> Article:
    found = read_articles("article.id = ?", (article_id,))
    if not found:
        raise NotFound(what="article", code=article_id)
    return found[0]
