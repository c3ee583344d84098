"""``kiosk import`` and ``kiosk export``."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TextIO, cast

from kiosk.cli import ways
from kiosk.cli.say import Shown, agreed, complain, progress, say, say_json, sentence
from kiosk.config import Config
from kiosk.errors import TillIsNotRunning
from kiosk.services import transfer
from kiosk.services.csv_files import read
from kiosk.services.files import disk_faults, give_to_owner
from kiosk.services.shop import Shop
from kiosk.services.staff import ROOT
from kiosk.services.transfer import ImportResult, LineError

_MOST_ERRORS = 200


def import_articles(given: argparse.Namespace, config: Config) -> int:
    """Look a file through, say what it would do, and do it; 1 when a line of it can't be. Source: D8-02."""
    path = Path(given.file)
    with ways.looking(config) as shop, progress("Reading") as bar:
        found = transfer.import_articles(shop, path, dry_run=True, by=ROOT, progress=bar)
    changes = bool(found.created or found.changed)
    if found.errors or given.dry_run or not changes:
        return _tell(given, found, written=False)
    if not given.json:
        _sum_up(found)
    if not given.yes and not agreed("Take this in?"):
        complain("Nothing was changed. --yes takes it in without asking.")
        return 3
    with within_reach(config, path) as copy:
        written = _write(config, copy)
    if given.json:
        return _tell(given, found, written=written)
    say("Done." if written else "The shop has changed meanwhile; nothing was taken in. Try again.")
    return 0 if written else 1


def _write(config: Config, copy: Path) -> bool:
    """By the till that runs, in steps between which it sells, or here."""
    with progress("Writing") as bar:
        done = by_the_till(config, {"do": "articles.import", "path": str(copy)}, "articles.import.step", bar)
        if done is not None:
            return bool(done["written"])
        with ways.alone(config) as shop:
            return transfer.import_articles(shop, copy, dry_run=False, by=ROOT, progress=bar).written


def by_the_till(
    config: Config, errand: dict[str, Any], step: str, bar: Callable[[int, int], None]
) -> dict[str, Any] | None:
    """Have the till that runs do something long, step by step; what came of it, or None where none runs."""
    try:
        begun = ways.ask_till(config, errand)
    except TillIsNotRunning:
        return None
    while True:
        done = ways.ask_till(config, {"do": step, "id": begun["id"]})
        if "done" not in done:
            return done
        bar(done["done"], done["of"])


@contextmanager
def within_reach(config: Config, path: Path) -> Iterator[Path]:
    """A copy of the file that the till's user can read, for as long as this lasts."""
    with disk_faults(config.state):
        fd, name = tempfile.mkstemp(prefix="import-", suffix=".csv", dir=config.state)
        with os.fdopen(fd, "w", encoding="utf-8", newline="") as file:
            give_to_owner(file.fileno(), config.state)
            file.write(read(path))
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def complain_of(errors: Sequence[LineError]) -> None:
    """What is wrong with the lines of a file."""
    for number, error in enumerate(errors[:_MOST_ERRORS], start=1):
        where = f"line {error.line}" + (f", {error.column}" if error.column else "")
        complain(f"{number}. {where}: {sentence(error.refusal)}")
    if len(errors) > _MOST_ERRORS:
        complain(f"… and {len(errors) - _MOST_ERRORS} more")


def _tell(given: argparse.Namespace, found: ImportResult, *, written: bool) -> int:
    if given.json:
        say_json(
            {
                "created": found.created,
                "changed": found.changed,
                "unchanged": found.unchanged,
                "categories": list(found.categories),
                "ignored": list(found.ignored),
                "written": written,
                "errors": [error.facts() for error in found.errors],
            }
        )
        return 1 if found.errors else 0
    complain_of(found.errors)
    if found.errors:
        complain(f"{len(found.errors)} errors: nothing was taken in.")
        _sum_up(found, "Without them it would be: ")
        return 1
    _sum_up(found)
    say("Nothing was taken in: --dry-run only looks." if given.dry_run else "There is nothing to take in.")
    return 0


def _sum_up(found: ImportResult, before: str = "") -> None:
    say(f"{before}{found.created} new, {found.changed} changed, {found.unchanged} as they were")
    if found.categories:
        say(f"New categories: {', '.join(found.categories)}")
    if found.ignored:
        say(f"Columns that say nothing to the till: {', '.join(found.ignored)}")


def export_articles(given: argparse.Namespace, config: Config) -> int:
    """Write the catalogue. Source: D8-02."""
    return export(given, config, lambda shop, target: transfer.export_articles(shop, target, by=ROOT))


def export_sales(given: argparse.Namespace, config: Config) -> int:
    """Write every sale. Source: N12."""
    layout: Literal["csv", "jsonl"] = given.format
    return export(given, config, lambda shop, target: transfer.export_sales(shop, target, layout=layout, by=ROOT))


def export_ledger(given: argparse.Namespace, config: Config) -> int:
    """Write the books. Source: N12."""
    layout: Literal["csv", "jsonl", "hledger"] = given.format
    return export(given, config, lambda shop, target: transfer.export_ledger(shop, target, layout=layout, by=ROOT))


def export(given: argparse.Namespace, config: Config, write: Callable[[Shop, Path | TextIO], int]) -> int:
    """Write to a file, or to standard output, where data steer no terminal."""
    count_written(given, config, write)
    return 0


def count_written(given: argparse.Namespace, config: Config, write: Callable[[Shop, Path | TextIO], int]) -> int:
    """The same; how many were written."""
    output = "" if given.output == "-" else given.output
    with ways.looking(config) as shop:
        shown = cast(TextIO, Shown(sys.stdout)) if sys.stdout.isatty() else sys.stdout
        count = write(shop, Path(output) if output else shown)
    if output:
        sys.stderr.write(f"{count} written to {output}\n")
    return count
