"""``kiosk shift``, ``kiosk x`` and ``kiosk z``: how the day stands, and past days; they only look."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from kiosk.cli import ways
from kiosk.cli.say import say, say_json, table
from kiosk.clock import from_millis
from kiosk.config import Config
from kiosk.errors import NotFound
from kiosk.i18n import money_text
from kiosk.money import Money
from kiosk.receipts.paper import Document
from kiosk.services import figures, shift_rows, shifts
from kiosk.services.shop import Shop
from kiosk.services.staff import ROOT


def shift(given: argparse.Namespace, config: Config) -> int:
    """How this till's day stands; 0 also while none is open. Source: D6-01."""
    from kiosk import db

    with ways.looking(config) as shop, db.snapshot():
        found = _standing(shop)
    if given.json:
        say_json(found)
    else:
        _tell(found)
    return 0


def _standing(shop: Shop) -> dict[str, Any]:
    """Amounts in minor units, moments in the shop's time."""
    now, last = shifts.now(shop, ROOT), shifts.reports(shop, by=ROOT, lane=shop.lane, limit=1)
    opened = now.shift
    so_far = None if opened is None else shifts.so_far(shop, ROOT)
    return {
        "lane": shop.lane,
        "open": opened is not None,
        "drawer": shift_rows.drawer_balance(shop).minor,
        "clock_suspect": now.clock_says or None,
        "shift": None
        if opened is None or so_far is None
        else {
            "number": opened.number,
            "business_date": opened.business_date,
            "opened_at": so_far.opened_at.isoformat(timespec="minutes"),
            "opened_by": figures.first_name(opened.by),
            "expected": opened.expected.minor,
            "counted": None if opened.counted is None else opened.counted.minor,
            "stale": now.stale,
            "turnover": so_far.gross.minor,
            "receipts": so_far.sales.count,
            "proof_ok": so_far.proof_ok,
        },
        "last_z": None if not last else _of_list(shop, last[0]),
    }


def _tell(found: dict[str, Any]) -> None:
    opened, last = found["shift"], found["last_z"]
    lines = [("drawer", _money(found["drawer"]), "by the books")]
    if opened is None:
        say(f"{found['lane']}: no shift is open; the next sale opens one, uncounted.")
    else:
        day, at = opened["business_date"], opened["opened_at"].replace("T", " ")[:16]
        say(f"{found['lane']}: shift {opened['number']} of {day} is open since {at}, by {opened['opened_by']}.")
        if opened["stale"]:
            say("That day is over: close it at the till.")
        counted = opened["counted"]
        amount, how = (opened["expected"], "carried over, not counted") if counted is None else (counted, "counted")
        lines = [
            ("float", _money(amount), how),
            ("turnover", _money(opened["turnover"]), f"{opened['receipts']} receipts"),
            *lines,
        ]
    table(lines)
    if last is not None:
        say(f"Last Z: {last['number']} of {last['business_date']}, turnover {_money(last['turnover'])}.")
    if opened is not None and not opened["proof_ok"]:
        say("The sum proof FAILS; kiosk verify says more.")
    if found["clock_suspect"]:
        say(f"The clock can't be believed: it says {found['clock_suspect']}.")


def x(given: argparse.Namespace, config: Config) -> int:
    """The figures of the open shift up to now: kept nowhere, printed nowhere. Refuses: NoShift. Source: D6-02."""
    from kiosk import db

    with ways.looking(config) as shop, db.snapshot():
        found = shifts.so_far(shop, ROOT)
        text, document = figures.to_text(found), shifts.preview(shop, found)
    if given.json:
        say_json(json.loads(text))
    else:
        _show(document, config)
    return 0


def z_list(given: argparse.Namespace, config: Config) -> int:
    """Past Z reports, the newest first."""
    with ways.looking(config) as shop:
        found = [_of_list(shop, row) for row in shifts.reports(shop, by=ROOT, lane=given.lane, limit=given.last)]
    if given.json:
        say_json(found)
        return 0
    table(
        [("Z", "LANE", "DAY", "CLOSED", "BY", "TURNOVER", "DIFFERENCE", "PROOF")]
        + [
            (
                str(one["number"]),
                one["lane"],
                one["business_date"],
                one["at"].replace("T", " ")[:16],
                one["by"],
                _money(one["turnover"]),
                "-" if one["difference"] is None else _money(one["difference"]),
                "ok" if one["proof_ok"] else "FAIL",
            )
            for one in found
        ]
    )
    return 0


def z_show(given: argparse.Namespace, config: Config) -> int:
    """Show a past Z as it was printed, or write it as PDF. Refuses: NotFound, BadFile. Source: D6-02."""
    from kiosk import db

    with ways.looking(config) as shop:
        lane = given.lane or shop.lane
        found = db.row(
            "SELECT cash_report.id, cash_report.facts, entry.seq, entry.hash FROM cash_report "
            "JOIN entry ON entry.id = cash_report.entry WHERE cash_report.lane = ? AND cash_report.kind = 'z' "
            "AND cash_report.number = ?",
            (lane, given.number),
        )
        if found is None:
            raise NotFound(what="report", code=f"Z {given.number}")
        report, facts, seq, own_hash = found
        document = shifts.document(shop, report)
    if given.pdf:
        _write_pdf(document, config, Path(given.pdf), title=f"Z {given.number}")
    elif given.json:
        say_json({**json.loads(facts), "entry": {"lane": lane, "seq": seq, "hash": own_hash}})
    else:
        _show(document, config)
    return 0


def _of_list(shop: Shop, row: shifts.ReportRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "lane": row.lane,
        "business_date": row.business_date,
        "at": shop.clock.local(from_millis(row.at)).isoformat(timespec="minutes"),
        "by": row.by,
        "turnover": row.gross.minor,
        "difference": None if row.difference is None else row.difference.minor,
        "proof_ok": row.proof_ok,
    }


def _show(document: Document, config: Config) -> None:
    from kiosk.receipts import paper

    for line in paper.as_text(document, config.printer.columns):
        say(line)


def _write_pdf(document: Document, config: Config, target: Path, *, title: str) -> None:
    from kiosk.receipts.pdf import as_pdf
    from kiosk.services.files import whole_file

    content = as_pdf(document, config.printer.columns, title=title)
    with whole_file(target) as file:
        file.write(content)


def _money(minor: int) -> str:
    return money_text(Money(minor))
