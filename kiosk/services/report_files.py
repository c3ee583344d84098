"""Reports as files and on paper: CSV for spreadsheets, plain values for scripts, a roll for the wall."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from kiosk import db
from kiosk.i18n import clean_text
from kiosk.money import Money, Percent, Quantity
from kiosk.receipts.report import Cell, Kind, Report, lay_out
from kiosk.rules.permissions import Action
from kiosk.services import csv_files, printing, staff
from kiosk.services.csv_files import Amount, amount_text
from kiosk.services.journal import add_note
from kiosk.services.shop import Shop


def write_csv(shop: Shop, report: Report, target: Path | TextIO) -> int:
    """Write the rows as CSV, without the totals; how many. Money in the currency's unit, days as ISO 8601.

    Nothing in a cell is a formula (PLATFORM.md 7). Refuses: BadFile, DiskFull, StorageFailed.
    """
    with csv_files.open_target(target, mark=True) as file:
        writer = csv_files.Writer(file, ",")
        writer.row(column.name for column in report.columns)
        for row in report.rows:
            writer.row(
                _in_csv(cell, column.kind, shop.settings.decimals)
                for cell, column in zip(row, report.columns, strict=True)
            )
    return len(report.rows)


def _in_csv(cell: Cell, kind: Kind, decimals: int) -> csv_files.Cell:
    match cell:
        case Money():
            return Amount(amount_text(cell.minor, decimals))
        case Quantity():
            return Amount(amount_text(cell.thousandths, 3))
        case Percent():
            return Amount(amount_text(cell.hundredths, 2))
        case date():
            return _iso(cell, kind)
        case int() if kind is Kind.WEEKDAY:
            return cell + 1
    return cell


def _iso(day: date, kind: Kind) -> str:
    return f"{day:%Y-%m}" if kind is Kind.MONTH else day.isoformat()


def facts(report: Report) -> dict[str, Any]:
    """The report for a script: money in minor units, quantities in thousandths, percentages in hundredths."""

    def plain(row: tuple[Cell, ...]) -> dict[str, Any]:
        return {column.name: _plain(cell, column.kind) for cell, column in zip(row, report.columns, strict=False)}

    compared = report.compared
    return {
        "report": report.name,
        "from": report.span.first.isoformat(),
        "to": report.span.last.isoformat(),
        "compared_from": None if compared is None else compared.first.isoformat(),
        "compared_to": None if compared is None else compared.last.isoformat(),
        "lane": report.lane or None,
        "person": report.person or None,
        "at": report.at.isoformat(),
        "rows": [plain(row) for row in report.rows],
        "more": report.more,
        "totals": plain(report.totals) if report.totals else None,
    }


def _plain(cell: Cell, kind: Kind) -> str | int | None:
    match cell:
        case Money():
            return cell.minor
        case Quantity():
            return cell.thousandths
        case Percent():
            return cell.hundredths
        case date():
            return _iso(cell, kind)
        case int() if kind is Kind.WEEKDAY:
            return cell + 1
    return cell


def file_name(report: Report, ending: str, *, person: str | None = None) -> str:
    """What its file is called: the report, its days, and whom it counts; nothing that people typed."""
    parts = ["report", report.name, report.span.first.isoformat()]
    if report.span.days > 1:
        parts.append(report.span.last.isoformat())
    parts += [
        "".join(letter for letter in part if letter.isascii() and letter.isalnum())
        for part in (report.lane, (person or "")[-6:])
        if part
    ]
    return "-".join(parts) + ending


def print_report(shop: Shop, report: Report, *, by: str) -> str:
    """Queue a report for the receipt printer; the print job's id. Customers are on paper by number. Refuses: Denied."""
    staff.require(shop, by, Action.SEE_REPORTS)
    if report.personal:
        staff.require(shop, by, Action.SEE_CUSTOMERS)
    paper = lay_out(without_names(report), shop.settings.name, training=shop.training)
    return printing.queue_document(shop, "report", paper)


def without_names(report: Report) -> Report:
    """A list of customers by their numbers: a queue of paper keeps no names (N11)."""
    if not report.personal:
        return report
    return replace(report, rows=tuple((f"#{number}", None, *rest) for _name, number, *rest in report.rows))


def note_saved(shop: Shop, report: Report, file: str, *, by: str) -> None:
    """Write down that figures, or names of customers, left the till as a file. Refuses: Denied."""
    with db.transaction():
        staff.require(shop, by, Action.SEE_REPORTS)
        if report.personal:
            staff.require(shop, by, Action.EXPORT_CUSTOMERS)
        add_note(shop, by, "report.saved", report=report.name, file=clean_text(file))
