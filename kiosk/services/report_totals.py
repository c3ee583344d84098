"""The daily totals of closed shifts and the figures of open ones, summed up as if they were one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kiosk import db
from kiosk.rules.spans import Span
from kiosk.services import figures, shift_rows
from kiosk.services.figures import Total
from kiosk.services.shop import Shop

Progress = Callable[[int, int], None]
"""Called with how much is done and of how much; what it raises ends the reading."""

_PIECE: Final = 31
"""Days that are read at once: a moment, so that reading can be stopped."""


class By(StrEnum):
    """What is summed up to one sum."""

    CODE = "code"
    DAY = "business_date"
    PERSON = "person"


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
    steps = len(pieces) + 1
    for done, (ask, piece) in enumerate(pieces):
        progress(done, steps)
        _add(found[ask], _closed(ask, piece, lane, person))
    progress(len(pieces), steps)
    for day, totals in _open_shifts(shop, asks, lane):
        for ask in asks:
            if ask.span.first.isoformat() <= day <= ask.span.last.isoformat():
                _add(found[ask], _of_open(ask, day, totals, person))
    progress(steps, steps)
    return found


def _add(sums: dict[str, Sum], more: Iterable[tuple[str, Sum]]) -> None:
    for key, one in more:
        sums[key] = sums.get(key, Sum()) + one


def _closed(ask: Ask, piece: Span, lane: str | None, person: str | None) -> list[tuple[str, Sum]]:
    """Along the primary key: each person's days of a figure stand together."""
    if ask.by is By.PERSON and person is None:
        whose, params = "person IN (SELECT id FROM staff)", [ask.figure]
    else:
        whose, params = "person = ?", [ask.figure, person or ""]
    params += [piece.first.isoformat(), piece.last.isoformat()]
    where = f"figure = ? AND {whose} AND business_date BETWEEN ? AND ?"
    if lane is not None:
        where, params = where + " AND lane = ?", [*params, lane]
    rows = db.rows(f"SELECT {ask.by}, SUM(count), SUM(amount) FROM day_total WHERE {where} GROUP BY {ask.by}", params)
    return [(str(key), Sum(int(count), int(amount))) for key, count, amount in rows]


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
    return [
        (one.code if ask.by is By.CODE else one.person if ask.by is By.PERSON else day, Sum(one.count, one.amount))
        for one in totals
        if one.figure == ask.figure and (bool(one.person) if everyone else one.person == (person or ""))
    ]
