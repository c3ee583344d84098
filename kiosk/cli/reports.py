"""``kiosk report``: what the reports screen shows, for a technician's terminal and for scripts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from typing import TextIO, cast

from kiosk.cli import ways
from kiosk.cli.say import Shown, progress, say, say_json, table
from kiosk.config import Config
from kiosk.errors import Invalid
from kiosk.receipts.report import FIGURES, Column, Report, cell_text, of_whom, span_text
from kiosk.rules import spans
from kiosk.rules.spans import Span
from kiosk.services import customer_lists, errands, report_files, reports
from kiosk.services.shop import Shop
from kiosk.services.staff import ROOT


def report(given: argparse.Namespace, config: Config) -> int:
    """Read a report; the till may sell meanwhile. Refuses: NotFound, Invalid. Source: Q-22, D7-04."""
    with ways.looking(config) as shop, progress("Reading") as bar:
        person = errands.person_named(shop, given.person).id if given.person else None
        span, narrowed = _span(shop, given), {"lane": given.lane, "person": person}
        if given.name in customer_lists.NAMES:
            found = customer_lists.read(shop, given.name, span, **narrowed, export=True, by=ROOT, progress=bar)
        else:
            found = reports.read(shop, given.name, span, **narrowed, by=ROOT, progress=bar)
        if given.csv:
            shown = cast(TextIO, Shown(sys.stdout)) if sys.stdout.isatty() else sys.stdout
            report_files.write_csv(shop, found, shown)
    if given.json:
        say_json(report_files.facts(found))
    elif not given.csv:
        _show(found)
    if found.personal:
        # The journal says that people's data went out.
        ways.send(config, {"do": "customers.exported", "what": f"report {found.name}", "count": len(found.rows)})
    return 0


def _span(shop: Shop, given: argparse.Namespace) -> Span:
    today = shop.clock.business_date(shop.clock.now())
    if given.first is None and given.last is None:
        return spans.parse(given.span or "today", today)
    if given.span:
        raise Invalid(field="span", value=given.span)
    last = today if given.last is None else spans.parse(given.last, today).last
    first = last if given.first is None else _first(given.first, last, today)
    return spans.between(first, last)


def _first(text: str, last: date, today: date) -> date:
    """The first day; without a year it is one before the last."""
    found = spans.parse(text, today).first
    return found if found <= last else spans.parse(text, last).first


def _show(found: Report) -> None:
    say(" · ".join(part for part in (found.title, span_text(found.span), of_whom(found)) if part))
    if found.compared is not None:
        say(f"before: {span_text(found.compared)}")
    if not found.rows:
        say("There is nothing in these days.")
        return
    lines = [
        [cell_text(cell, column.kind) for cell, column in zip(row, found.columns, strict=True)]
        for row in (*found.rows, *([found.totals] if found.totals else []))
    ]
    if found.totals:
        lines[-1][0] = "TOTAL"
    table(_in_columns(found.columns, [[column.title.upper() for column in found.columns], *lines]))
    if found.more:
        say(f"... and {found.more} more rows.")


def _in_columns(columns: Sequence[Column], lines: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Figures stand at the right of their column."""
    widths = [
        max(len(line[place]) for line in lines) if column.kind in FIGURES else 0 for place, column in enumerate(columns)
    ]
    return [tuple(text.rjust(width) for text, width in zip(line, widths, strict=True)) for line in lines]
