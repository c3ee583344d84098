"""``kiosk print``: what waits, copies, previews and PDF."""

from __future__ import annotations

import argparse
from pathlib import Path

from kiosk.cli import ways
from kiosk.cli.say import ask_secret, say, say_json, table
from kiosk.clock import from_millis
from kiosk.config import Config
from kiosk.i18n import clean_text
from kiosk.services import errands, history
from kiosk.services.shop import Shop


def test(given: argparse.Namespace, config: Config) -> int:
    """Queue a test page."""
    del given
    where = f"{config.printer.kind} {config.printer.address}".strip()
    _tell(ways.send(config, {"do": "print.test", "printer": where}))
    return 0


def receipt(given: argparse.Namespace, config: Config) -> int:
    """Queue a copy of a receipt, in somebody's name. Refuses: NotFound, WrongPin, Locked, Denied. Source: D5-05."""
    pin = ask_secret(f"PIN of {clean_text(given.by)}")
    done = ways.send(config, {"do": "print.copy", "number": given.number, "by": given.by, "pin": pin})
    say(f"Copy {done['copy']} of receipt {given.number}.")
    _tell(done)
    return 0


def drop(given: argparse.Namespace, config: Config) -> int:
    """Give up what waits."""
    del given
    say(f"{ways.send(config, {'do': 'print.drop'})['dropped']} given up.")
    return 0


def waiting(given: argparse.Namespace, config: Config) -> int:
    """List what waits."""
    from kiosk import db

    with ways.looking(config) as shop:
        found = db.rows(
            "SELECT print_job.id, print_job.at, print_job.kind, sale.number, print_job.state, print_job.attempts, "
            "print_job.error FROM print_job LEFT JOIN sale ON sale.id = print_job.sale "
            "WHERE print_job.lane = ? AND print_job.state IN ('waiting', 'printing') ORDER BY print_job.id",
            (shop.lane,),
        )
        local = [shop.clock.local(from_millis(at)).strftime("%Y-%m-%d %H:%M") for _id, at, *_rest in found]
    if given.json:
        names = ("id", "at", "kind", "receipt", "state", "attempts", "error")
        say_json([dict(zip(names, row, strict=True)) for row in found])
        return 0
    table(
        (when, kind, "" if number is None else str(number), state, str(attempts), error)
        for when, (_id, _at, kind, number, state, attempts, error) in zip(local, found, strict=True)
    )
    say(f"{len(found)} waiting")
    return 0


def preview(given: argparse.Namespace, config: Config) -> int:
    """Show a receipt as it was printed. Refuses: NotFound."""
    from kiosk.receipts import paper

    with ways.looking(config) as shop:
        document = history.view(shop, _sale(shop, given))
    for line in paper.as_text(document, config.printer.columns):
        say(line)
    return 0


def pdf(given: argparse.Namespace, config: Config) -> int:
    """Write a receipt as PDF. Refuses: NotFound, BadFile. Source: D5-05."""
    from kiosk.receipts.pdf import as_pdf
    from kiosk.services.files import whole_file

    with ways.looking(config) as shop:
        document = history.view(shop, _sale(shop, given))
    content = as_pdf(document, config.printer.columns, title=f"{given.number}")
    with whole_file(Path(given.output)) as file:
        file.write(content)
    return 0


def _sale(shop: Shop, given: argparse.Namespace) -> str:
    return errands.receipt_numbered(shop, given.number)


def _tell(done: dict[str, object]) -> None:
    say(f"{done['waiting']} waiting for the printer.")
