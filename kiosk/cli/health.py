"""``kiosk doctor`` and ``kiosk verify``: the truth about machine and books."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Final

import kiosk
from kiosk.cli import ways
from kiosk.cli.say import complain, progress, say, say_json, table
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.errors import Invalid, ShopError, TillIsNotRunning, TillIsRunning, TillIsTraining
from kiosk.services import doctor as checks
from kiosk.services import machine
from kiosk.services.files import write_record
from kiosk.services.machine import Check, State
from kiosk.services.verify import Anchor, Report

_FAULTS: Final = {
    "anchor": "the paper shows another hash for this entry, or the entry is gone: the books were changed after it",
    "balance": "a kept balance is not the sum of its postings",
    "consent": "a customer's opt-in is not what was last agreed to",
    "count": "the count of the drawer is not the one that its entry has booked",
    "customer": "this belongs to a customer who is not there",
    "digest": "the sale was changed after it was closed",
    "drawer": "the drawer of a Z does not lead from its opening to what it then held",
    "erased": "something is left of a customer who was erased, or whose import was undone",
    "file": "the database file is damaged in this table",
    "gap": "an entry is missing here, or stands in the wrong place",
    "hash": "the entry was changed after it was written",
    "key": "a signing key that nothing vouches for",
    "lane": "entries of a lane that is not there, or whose name can't be",
    "limit": "the balance is beyond what it may ever be",
    "merge": "a customer's merge leads in a circle, or is not the one that was written down",
    "move": "the cash in or out is not what its entry has booked",
    "points": "the points of a card are not what the entries moved",
    "previous": "the entry does not follow the one before it: one was taken out, put in or changed",
    "receipt": "the receipt's number does not follow the one before it",
    "report": "the Z is not the one that its entry has signed, or it is gone",
    "sale": "the sale does not belong to its entry",
    "sale missing": "the entry's sale is gone",
    "shift": "the shift's entries, its number or its beginning are not what it claims",
    "signature": "the signature is not the till's, or was made for other books",
    "signature missing": "the entry should be signed, and is not",
    "stray": "rows that belong to nothing",
    "sum": "what the entry takes and gives is not equal",
    "tail": "the last entries are gone, or some were added past the end",
    "taxes": "the sale's taxes are not its total",
    "tenders": "the sale's payments are not its total",
    "totals": "the daily totals of this shift are not what its entries come to",
}
"""What ``verify`` finds, in plain words; some kinds go on with a name."""


def doctor(given: argparse.Namespace, config: Config) -> int:
    """Look at everything, and say how it is; 1 if something would lose a sale or stop the till."""
    found = tuple(_checks(config))
    bad = [check for check in found if check.state is State.FAIL]
    if given.json:
        say_json(
            {
                "ok": not bad,
                "version": kiosk.__version__,
                "checks": [{"name": each.name, "state": each.state.value, "words": each.words} for each in found],
            }
        )
    else:
        table([(each.state.value, each.name, each.words) for each in found])
        worth = sum(check.state is State.WARN for check in found)
        say()
        if bad:
            say(f"{len(bad)} can't stay like this.")
        else:
            say(f"Nothing stops the till; {worth} worth a look." if worth else "All is well.")
    return 1 if bad else 0


def _checks(config: Config) -> Iterator[Check]:
    yield Check("kiosk", State.OK, kiosk.__version__)
    yield Check("state", State.OK, str(config.state)) if config.state.is_dir() else _no_state(config)
    yield machine.file_system(config.state)
    yield machine.space(config.state)
    yield checks.reserve(config)
    yield checks.keys(config)
    yield from _database(config)
    clock = Clock()
    yield checks.proof(config, clock)
    yield from checks.backups(config, clock)
    yield machine.clock()
    yield _scanner(config)
    yield _printer(config)
    yield from machine.units()


def _no_state(config: Config) -> Check:
    return Check("state", State.FAIL, f"{config.state} is not there; kiosk setup makes it")


def _database(config: Config) -> Iterator[Check]:
    """The file by a connection of our own that only reads; how it is written by the one that sells."""
    try:
        with ways.looking(config):
            yield from checks.database()
    except ShopError as error:
        yield Check("database", State.FAIL, getattr(error, "reason", "") or str(error))
        return
    try:
        facts = ways.ask_till(config, {"do": "health.durability"}, seconds=15)
    except TillIsNotRunning:
        yield Check("till", State.OK, "not running")
        yield from _durability_here(config)
    except TillIsTraining:
        yield Check("till", State.OK, "running, in training")
        yield Check("durability", State.SKIP, "the till is in training")
    except ShopError as error:
        yield Check("till", State.FAIL, str(error))
    else:
        yield Check("till", State.OK, "running")
        yield checks.durability(facts)


def _durability_here(config: Config) -> Iterator[Check]:
    from kiosk.services import errands

    try:
        with ways.opened_as_till(config):
            yield checks.durability(errands.durability())
    except TillIsRunning:
        yield Check("durability", State.SKIP, "another command is writing")


def _scanner(config: Config) -> Check:
    from kiosk.devices.discovery import Discovery

    address = next((part for part in (config.scanner.usb, config.scanner.uniq, config.scanner.link) if part), "")
    if config.scanner.uniq and address == config.scanner.uniq:
        address = f"uniq:{address}"
    path = Discovery().find(address) if address else None
    if path is None:
        return Check("scanner", State.WARN, f"{address or 'none'} is not plugged in; kiosk devices list shows what is")
    return Check("scanner", State.OK, f"{address} is {path}")


def _printer(config: Config) -> Check:
    kind, address = config.printer.kind, config.printer.address
    if kind in {"none", "fake"}:
        return Check("printer", State.WARN, f"{kind}: no receipt comes out")
    from kiosk.cli.reach import reach_printer

    trouble = reach_printer(kind, address)
    if trouble:
        return Check("printer", State.FAIL, f"{kind} {address}: {trouble}")
    return Check("printer", State.OK, f"{kind} {address}")


def verify(given: argparse.Namespace, config: Config) -> int:
    """Recompute the books; 1 and the first bad entry when they are not what they claim. Source: N3, E51."""
    from kiosk import db
    from kiosk.services import signing
    from kiosk.services import verify as proof

    anchors = read_anchors(given.anchor)
    with ways.looking(config) as shop, db.snapshot(), progress("Verifying") as bar:
        root = signing.first_public(shop)
        report = proof.verify(anchors=anchors, root=root, progress=bar)
        now = shop.clock.millis()
    _write_down(config, report, now)
    if given.json:
        say_json(_facts(report))
        return 0 if report.ok else 1
    for lane, (seq, own_hash) in sorted(report.heads.items()):
        say(f"{lane}:{seq}:{own_hash[:8]}")
    say(f"{report.entries} entries, {report.sales} sales, {report.signatures} signatures")
    for anchor in anchors:
        say(f"{anchor.lane}:{anchor.seq}:{anchor.hash_piece} compared")
    if report.ok:
        say("The books are true.")
        return 0
    for problem in report.problems:
        complain(f"{problem.lane or '-'}:{problem.seq or '-'} {problem.what}: {in_words(problem.what)}")
    first = report.first_bad
    complain(f"First bad entry: {first[0]}:{first[1]}" if first else "The books are not true.")
    return 1


def in_words(what: str) -> str:
    """A kind of problem as a sentence for people."""
    return _FAULTS.get(what) or _FAULTS.get(what.partition(" ")[0], "the books can't be like this")


def read_anchors(texts: list[str]) -> list[Anchor]:
    """What papers show. Refuses: Invalid."""
    found = []
    for text in texts:
        anchor = Anchor.parse(text)
        if anchor is None:
            raise Invalid(field="anchor", value=text)
        found.append(anchor)
    return found


def _facts(report: Report) -> dict[str, object]:
    first = report.first_bad
    return {
        "ok": report.ok,
        "entries": report.entries,
        "sales": report.sales,
        "signatures": report.signatures,
        "heads": {lane: {"seq": seq, "hash": own_hash} for lane, (seq, own_hash) in report.heads.items()},
        "first_bad": {"lane": first[0], "seq": first[1]} if first else None,
        "problems": [{"lane": each.lane, "seq": each.seq, "what": each.what} for each in report.problems],
    }


def _write_down(config: Config, report: Report, at: int) -> None:
    first = report.first_bad
    facts = {
        "at": at,
        "ok": report.ok,
        "entries": report.entries,
        "first_bad": f"{first[0]}:{first[1]}" if first else None,
    }
    try:
        write_record(checks.proof_file(config), facts)
    except ShopError as error:
        complain(f"The result was not kept for kiosk doctor: {getattr(error, 'reason', 'the disk is full')}")
