"""Reports: what was sold when, by whom, of what; read from daily totals and the open shifts (Q-22, D7-04)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kiosk import db
from kiosk.errors import NotFound
from kiosk.receipts.report import TITLES, Report
from kiosk.rules.permissions import Action
from kiosk.rules.spans import Span
from kiosk.services import staff
from kiosk.services.report_parts import MOST_DAYS, Recipe, Wanted
from kiosk.services.report_things import THINGS
from kiosk.services.report_times import TIMES, trend, trend_ask
from kiosk.services.report_totals import Progress, gather
from kiosk.services.shop import Shop

NAMES: Final = tuple(TITLES)
"""The names of the reports, in the order in which they are listed."""

RECIPES: Final[dict[str, Recipe]] = {**TIMES, **THINGS}

__all__ = ["MOST_DAYS", "NAMES", "Choices", "choices", "read"]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a report can be narrowed to: ids and names."""

    lanes: tuple[str, ...]
    people: tuple[tuple[str, str], ...]


def _nothing(done: int, of: int) -> None:
    del done, of


def read(
    shop: Shop,
    name: str,
    span: Span,
    *,
    lane: str | None = None,
    person: str | None = None,
    by: str,
    progress: Progress = _nothing,
) -> Report:
    """A report over some days, of one lane or person or of all; open shifts count as they stand.

    What ``progress`` raises ends the reading. Refuses: Denied, NotFound (a report, a lane or a person).
    Source: Q-22, D7-04, D6-03.
    """
    with db.snapshot():
        staff.require(shop, by, Action.SEE_REPORTS)
        recipe = RECIPES.get(name)
        if recipe is None:
            raise NotFound(what="report", code=name)
        if lane is not None and db.row("SELECT 1 FROM lane WHERE id = ?", (lane,)) is None:
            raise NotFound(what="lane", code=lane)
        whose = "" if person is None else staff.person(shop, person).name
        now = shop.clock.now()
        wanted = Wanted(shop, span, span.to_compare(shop.clock.business_date(now)), lane, person)
        of_trend = trend_ask(wanted)
        asks = tuple(dict.fromkeys([*recipe.asks(wanted), of_trend]))
        found = gather(shop, asks, lane=lane, person=person, progress=progress)
        made = recipe.make(wanted, found)
        return Report(
            name=name,
            span=span,
            columns=made.columns,
            rows=tuple(made.rows),
            totals=made.totals if made.rows else (),
            at=shop.clock.local(now),
            lane=lane or "",
            person=whose,
            compared=wanted.compared if made.compared else None,
            bars=made.bars,
            shades=made.shades,
            orders=made.orders,
            trend=trend(wanted, found[of_trend]),
        )


def choices(shop: Shop, by: str) -> Choices:
    """The lanes and the people there are, former ones too. Refuses: Denied."""
    staff.require(shop, by, Action.SEE_REPORTS)
    lanes = db.rows("SELECT id FROM lane ORDER BY number")
    people = staff.people(shop, with_former=True)
    return Choices(tuple(str(lane) for (lane,) in lanes), tuple((one.id, one.name) for one in people))
