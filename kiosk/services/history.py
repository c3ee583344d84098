"""Past receipts: by number, barcode, day, article or amount; to look at and to print again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from kiosk import db
from kiosk.clock import from_millis
from kiosk.errors import Invalid, NotANumber, NotFound
from kiosk.money import Money
from kiosk.receipts.paper import Document
from kiosk.rules import codes, permissions
from kiosk.services import catalogue, printing, receipt, staff
from kiosk.services.journal import add_note
from kiosk.services.shop import Shop

MOST_ROWS: Final = 500
_SEARCHED_BACK: Final = timedelta(days=92)

_DAY: Final = re.compile(r"(\d{1,2})[./](\d{1,2})[./]?(\d{2}|\d{4})?")
_ISO_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_AMOUNT: Final = re.compile(r"-?\d+[.,]\d{1,2}")


@dataclass(frozen=True, slots=True)
class Row:
    """One receipt in the list."""

    sale: str
    number: int
    lane: str
    at: datetime
    """On the shop's wall clock."""
    staff: str
    kind: str
    total: Money
    tenders: tuple[str, ...]
    items: int
    """Pieces; what is weighed counts one, as in ``rules.basket.Basket.items``."""
    printed: bool


_ROW: Final = (
    "sale.id, sale.number, sale.lane, sale.at, COALESCE(staff.name, ''), sale.kind, sale.total + sale.rounding "
    'FROM sale LEFT JOIN staff ON staff.id = sale."by"'
)
_LAST: Final = (2**62, "z")
"""When and which: later than every sale."""


@dataclass(frozen=True, slots=True)
class _Question:
    """One way in which what was typed may be meant."""

    where: str
    params: Sequence[object]


def find(
    shop: Shop, words: str = "", *, day: date | None = None, before: str | None = None, limit: int = 50
) -> tuple[Row, ...]:
    """Receipts that fit what was typed, newest first.

    A number is a receipt's number or barcode, ``12,50`` an amount, ``22.11.``
    a day, other words an article; amounts and articles are looked for in the
    last three months, or on ``day``. Nothing typed means all. ``before`` gives
    the receipts older than this sale, for paging. Refuses:
    Invalid (a day that does not exist).
    """
    asked = _question(shop, words.strip(), day)
    where, params = asked.where, list(asked.params)
    if day is not None:
        where, params = f"({where}) AND sale.business_date = ?", [*params, day.isoformat()]
    if before is not None:
        where, params = f"({where}) AND sale.id < ?", [*params, before]
    found = db.rows(
        f"SELECT {_ROW} WHERE {where} ORDER BY sale.id DESC LIMIT ?",
        (*params, min(limit, MOST_ROWS)),
    )
    return _with_parts(shop, found)


def of_customers(
    shop: Shop, customers: Sequence[str], *, before: str | None = None, limit: int = 50
) -> tuple[Row, ...]:
    """Receipts of customers who are one, newest first; ``before`` gives those older than this sale, for paging."""
    at, sale = _LAST if before is None else db.row("SELECT at, id FROM sale WHERE id = ?", (before,)) or _LAST
    found: list[tuple[Any, ...]] = []
    for customer in customers:
        found += db.rows(
            f"SELECT {_ROW} WHERE sale.customer = ? AND sale.at <= ? AND (sale.at < ? OR sale.id < ?) "
            "ORDER BY sale.at DESC, sale.id DESC LIMIT ?",
            (customer, at, at, sale, min(limit, MOST_ROWS)),
        )
    found.sort(key=lambda row: (row[3], row[0]), reverse=True)
    return _with_parts(shop, found[: min(limit, MOST_ROWS)])


def by_code(shop: Shop, code: str) -> str | None:
    """The newest sale whose receipt bears this barcode (UX.md 4.5, TT 20)."""
    meant = codes.parse_receipt(code)
    if meant is None:
        return None
    lane, number = meant
    found = db.row(
        "SELECT sale.id FROM sale JOIN lane ON lane.id = sale.lane "
        "WHERE lane.number = ? AND sale.number <= lane.receipt AND sale.number % 1000000 = ? "
        "AND sale.number IN (?, lane.receipt / 1000000 * 1000000 + ?, lane.receipt / 1000000 * 1000000 - 1000000 + ?) "
        "ORDER BY sale.number DESC LIMIT 1",
        (lane, number, number, number, number),
    )
    return None if found is None else str(found[0])


def view(shop: Shop, sale: str) -> Document:
    """A receipt as it was printed. Refuses: NotFound."""
    return receipt.document(shop, sale)


def last(shop: Shop) -> str | None:
    """The last sale of this lane."""
    found = db.row(
        "SELECT sale.id FROM sale JOIN lane ON lane.id = sale.lane AND lane.receipt = sale.number WHERE lane.id = ?",
        (shop.lane,),
    )
    return None if found is None else str(found[0])


def reprint(shop: Shop, sale: str, *, by: str) -> int:
    """Print a receipt again, marked with the number of the copy; which copy it is.

    Refuses: NotFound, Denied. Source: D5-05.
    """
    with db.transaction():
        staff.require(shop, by, permissions.Action.REPRINT)
        if db.row("SELECT 1 FROM sale WHERE id = ?", (sale,)) is None:
            raise NotFound(what="sale", code=sale)
        done = db.row("SELECT COUNT(*) FROM journal WHERE action = ? AND facts LIKE ?", ("receipt.copy", f'%"{sale}"%'))
        copy = (0 if done is None else int(done[0])) + 1
        add_note(shop, by, "receipt.copy", copy=copy, sale=sale)
        printing.queue_sale(shop, sale, open_drawer=False, copy=copy)
        return copy


def _question(shop: Shop, words: str, on: date | None) -> _Question:
    if not words:
        return _Question("1 = 1", ())
    sale = by_code(shop, words)
    if sale is not None:
        return _Question("sale.id = ?", (sale,))
    if words.isascii() and words.isdigit() and len(words) <= 15:
        return _Question("sale.lane IN (SELECT id FROM lane) AND sale.number = ?", (int(words),))
    day = _day(shop, words)
    if day is not None:
        return _Question("sale.business_date = ?", (day.isoformat(),))
    if _AMOUNT.fullmatch(words):
        return _amount(shop, words, _since(shop, on))
    return _article(shop, words, _since(shop, on))


def _since(shop: Shop, on: date | None) -> str:
    """The first day that is searched without an index, so that a checkout never waits for it."""
    return (on or shop.clock.today() - _SEARCHED_BACK).isoformat()


def _amount(shop: Shop, words: str, since: str) -> _Question:
    try:
        minor = Money.parse(words, shop.settings.decimals).minor
    except NotANumber as error:
        raise Invalid(field="amount", value=words) from error
    return _Question("sale.business_date >= ? AND sale.total + sale.rounding = ?", (since, minor))


def _article(shop: Shop, words: str, since: str) -> _Question:
    found = [hit.item.article for hit in catalogue.search(shop, words, limit=20)]
    if not found:
        return _Question("1 = 0", ())
    marks = ", ".join("?" * len(found))
    return _Question(
        "sale.business_date >= ? AND EXISTS "
        f"(SELECT 1 FROM sale_line WHERE sale_line.sale = sale.id AND article IN ({marks}))",
        (since, *found),
    )


def _day(shop: Shop, words: str) -> date | None:
    today = shop.clock.today()
    iso, short = _ISO_DAY.fullmatch(words), _DAY.fullmatch(words)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if not short or (words.count(".") + words.count("/") < 2 and not words.endswith((".", "/"))):
            return None
        year = today.year if short[3] is None else int(short[3]) + (2000 if len(short[3]) == 2 else 0)
        meant = date(year, int(short[2]), int(short[1]))
    except ValueError as error:
        raise Invalid(field="day", value=words) from error
    if short[3] is None and meant > today + timedelta(days=1):
        return date(year - 1, meant.month, meant.day)
    return meant


def _with_parts(shop: Shop, found: Sequence[Sequence[object]]) -> tuple[Row, ...]:
    ids = [str(row[0]) for row in found]
    if not ids:
        return ()
    marks = ", ".join("?" * len(ids))
    tenders: dict[str, list[str]] = {}
    for sale, name in db.rows(
        f"SELECT sale, name FROM sale_tender WHERE sale IN ({marks}) ORDER BY sale, position", ids
    ):
        tenders.setdefault(sale, []).append(name)
    items = dict(
        db.rows(
            "SELECT sale, SUM(CASE WHEN unit = 'piece' AND quantity % 1000 = 0 THEN quantity / 1000 ELSE 1 END) "
            f"FROM sale_line WHERE sale IN ({marks}) GROUP BY sale",
            ids,
        )
    )
    open_jobs = {
        sale
        for (sale,) in db.rows(
            "SELECT sale FROM print_job WHERE kind = 'sale' AND state IN ('waiting', 'printing') "
            f"AND sale IN ({marks})",
            ids,
        )
    }
    return tuple(
        Row(
            sale=str(sale),
            number=int(str(number)),
            lane=str(lane),
            at=shop.clock.local(from_millis(int(str(at)))),
            staff=str(name),
            kind=str(kind),
            total=Money(int(str(paid))),
            tenders=tuple(dict.fromkeys(tenders.get(str(sale), ()))),
            items=int(items.get(str(sale), 0)),
            printed=str(sale) not in open_jobs,
        )
        for sale, number, lane, at, name, kind, paid in found
    )
