"""The figures of closed shifts as rows, so that a month or a year is read without its sales (DESIGN.md 7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Literal

from kiosk import db
from kiosk.services.figures import Total
from kiosk.services.shift_rows import Shift


@dataclass(frozen=True, slots=True)
class Summed:
    """A figure over some days: one row per code and, where it was asked for, per day, lane or person."""

    figure: str
    code: str
    count: int
    amount: int
    group: str = ""
    """The business date, the lane or the person; empty if nothing was asked for."""


Group = Literal["day", "lane", "person"]

_COLUMN: Final[dict[Group, str]] = {"day": "business_date", "lane": "lane", "person": "person"}


def write_in(shift: Shift, totals: Iterable[Total]) -> None:
    """Keep the totals of a shift, inside the transaction of its Z."""
    db.run_many(
        "INSERT INTO day_total (figure, person, business_date, lane, shift, code, count, amount) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (one.figure, one.person, shift.business_date, shift.lane, shift.id, one.code, one.count, one.amount)
            for one in totals
        ],
    )


def between(
    first_day: date,
    last_day: date,
    figures: Iterable[str],
    *,
    lane: str | None = None,
    person: str = "",
    group: Group | None = None,
) -> tuple[Summed, ...]:
    """Figures summed over business days, both included: of everybody or of one person, of one lane or of all.

    ``group="person"`` gives a row for each person instead, of the figures in
    ``figures.PER_PERSON``. Shifts that are still open are not in it: ``figures.totals``
    reads those. Ordered by group, figure and code. Source: DESIGN.md 7, Q-22, D7-04.
    """
    wanted = tuple(dict.fromkeys(figures))
    if not wanted:
        return ()
    column = "''" if group is None else _COLUMN[group]
    grouped = "code" if group is None else f"code, {column}"
    whose = "person <> ''" if group == "person" else "person = ?"
    at_lane = "" if lane is None else " AND lane = ?"
    one = (
        f"SELECT CAST(? AS TEXT), code, SUM(count), SUM(amount), {column} FROM day_total "
        f"WHERE figure = ? AND {whose} AND business_date BETWEEN ? AND ?{at_lane} GROUP BY {grouped}"
    )
    about = [] if group == "person" else [person]
    about += [first_day.isoformat(), last_day.isoformat(), *([] if lane is None else [lane])]
    # Each figure is a range of the key of its own: to group them all at once takes twice as long.
    found = db.rows(
        " UNION ALL ".join([one] * len(wanted)), [part for figure in wanted for part in (figure, figure, *about)]
    )
    return tuple(
        sorted(
            (
                Summed(figure, code, int(count), int(amount), str(group_))
                for figure, code, count, amount, group_ in found
            ),
            key=lambda sums: (sums.group, sums.figure, sums.code),
        )
    )


class By(StrEnum):
    """What is summed up to one sum: of a code, of a business day, of a month (its first day), of a person."""

    CODE = "code"
    DAY = "day"
    MONTH = "month"
    PERSON = "person"


_BY: Final = {
    By.CODE: "code",
    By.DAY: "business_date",
    By.MONTH: "substr(business_date, 1, 7) || '-01'",
    By.PERSON: "person",
}


def sums(
    figure: str, first_day: date, last_day: date, by: By, *, lane: str | None, person: str | None
) -> list[tuple[str, int, int]]:
    """One figure over business days: key, count and amount; of everybody or of one person, of one lane or of all.

    By person and of everybody: of each of the staff. One group only, along the primary key where it can be:
    a year of days is not sorted, and takes a millisecond. Source: DESIGN.md 7.
    """
    everyone = by is By.PERSON and person is None
    whose = "person IN (SELECT id FROM staff)" if everyone else "person = ?"
    where = f"figure = ? AND business_date BETWEEN ? AND ? AND {whose}"
    params = [figure, first_day.isoformat(), last_day.isoformat(), *([] if everyone else [person or ""])]
    if lane is not None:
        where, params = where + " AND lane = ?", [*params, lane]
    rows = db.rows(f"SELECT {_BY[by]}, SUM(count), SUM(amount) FROM day_total WHERE {where} GROUP BY 1", params)
    return [(str(key), int(count), int(amount)) for key, count, amount in rows]
