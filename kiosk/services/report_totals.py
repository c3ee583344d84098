"""The daily totals of closed shifts and the figures of open ones, summed up as if they were one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kiosk import db
from kiosk.money import Money, Percent
from kiosk.rules.spans import Span
from kiosk.services import day_totals, figures, shift_rows
from kiosk.services.day_totals import By
from kiosk.services.figures import Total
from kiosk.services.shop import Shop

Progress = Callable[[int, int], None]
"""Called with how much is done and of how much; what it raises ends the reading."""

_PIECE: Final = 92
"""Days that are read at once: a moment, so that reading can be stopped."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A figure over some days, a sum for each code, day or person."""

    figure: str
    span: Span
    by: By


@dataclass(frozen=True, slots=True)
class Sum:
    """How often, and how much; in the units of the figure."""

    count: int = 0
    amount: int = 0

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.count + other.count, self.amount + other.amount)


Sums = Mapping[str, Sum]
Found = Mapping[Ask, Sums]


def gather(
    shop: Shop, asks: Sequence[Ask], *, lane: str | None, person: str | None, progress: Progress
) -> dict[Ask, dict[str, Sum]]:
    """Sum everything up; of one lane, or of one person, or of all. Inside a snapshot: nothing counts twice."""
    pieces = [(ask, piece) for ask in asks for piece in ask.span.pieces(_PIECE)]
    found: dict[Ask, dict[str, Sum]] = {ask: {} for ask in asks}
    kept = [ask for ask in asks if person is None or ask.figure in figures.PER_PERSON]
    steps = len(pieces) + 1
    for done, (ask, piece) in enumerate(pieces):
        progress(done, steps)
        if ask in kept:
            _add(found[ask], _closed(ask, piece, lane, person))
        elif person is not None:
            _add(found[ask], _of_receipts(ask, piece, lane, person))
    progress(len(pieces), steps)
    for day, totals in _open_shifts(shop, kept, lane):
        for ask in kept:
            if ask.span.first.isoformat() <= day <= ask.span.last.isoformat():
                _add(found[ask], _of_open(ask, day, totals, person))
    progress(steps, steps)
    return found


def _add(sums: dict[str, Sum], more: Iterable[tuple[str, Sum]]) -> None:
    for key, one in more:
        sums[key] = sums.get(key, Sum()) + one


def _closed(ask: Ask, piece: Span, lane: str | None, person: str | None) -> list[tuple[str, Sum]]:
    found = day_totals.sums(ask.figure, piece.first, piece.last, ask.by, lane=lane, person=person)
    return [(key, Sum(count, amount)) for key, count, amount in found]


_GOODS: Final = {
    "article": "COALESCE(NULLIF(sale_line.article, ''), NULLIF(sale_line.number, ''), sale_line.text)",
    "category": "sale_line.category",
}
_TAXES: Final = {"net": "sale_tax.net", "tax": "sale_tax.tax"}


def _of_receipts(ask: Ask, piece: Span, lane: str | None, person: str) -> list[tuple[str, Sum]]:
    """What is kept for everybody only, of one person: from the receipts themselves, which takes its time."""
    where = 'sale.business_date BETWEEN ? AND ? AND sale."by" = ?'
    params = [piece.first.isoformat(), piece.last.isoformat(), person]
    if lane is not None:
        where, params = where + " AND sale.lane = ?", [*params, lane]
    if ask.figure in _TAXES:
        rows = db.rows(
            "SELECT sale_tax.code, sale_tax.rate, SUM(CASE WHEN sale.kind <> 'void' THEN 1 ELSE 0 END), "
            f"SUM({_TAXES[ask.figure]}) FROM sale JOIN sale_tax ON sale_tax.sale = sale.id WHERE {where} GROUP BY 1, 2",
            params,
        )
        return [(f"{code}/{rate}", Sum(int(count), int(amount))) for code, rate, count, amount in rows]
    rows = db.rows(
        f"SELECT {_GOODS[ask.figure]}, sale.tax_included, sale_line.tax_rate, SUM(sale_line.quantity), "
        f"SUM(sale_line.final) FROM sale JOIN sale_line ON sale_line.sale = sale.id WHERE {where} GROUP BY 1, 2, 3",
        params,
    )
    return [
        (str(key), Sum(int(quantity), _with_tax(int(final), included, rate)))
        for key, included, rate, quantity, final in rows
    ]


def _with_tax(amount: int, included: int, rate: int) -> int:
    return amount if included else amount + Money(amount).tax_on_top(Percent(rate)).minor


def _open_shifts(shop: Shop, asks: Sequence[Ask], lane: str | None) -> list[tuple[str, tuple[Total, ...]]]:
    """The business date and the figures of each shift that is open in those days."""
    if not asks:
        return []
    first = min(ask.span.first for ask in asks).isoformat()
    last = max(ask.span.last for ask in asks).isoformat()
    found = []
    for (shift_id,) in db.rows("SELECT shift FROM lane WHERE shift IS NOT NULL ORDER BY id"):
        shift = shift_rows.by_id(str(shift_id))
        if shift is not None and first <= shift.business_date <= last and lane in (None, shift.lane):
            found.append((shift.business_date, figures.totals(shop, shift)))
    return found


def _of_open(ask: Ask, day: str, totals: Sequence[Total], person: str | None) -> list[tuple[str, Sum]]:
    everyone = ask.by is By.PERSON and person is None
    month = f"{day[:7]}-01"
    keys = {By.DAY: day, By.MONTH: month}
    return [
        (one.code if ask.by is By.CODE else keys.get(ask.by, one.person), Sum(one.count, one.amount))
        for one in totals
        if one.figure == ask.figure and (bool(one.person) if everyone else one.person == (person or ""))
    ]
