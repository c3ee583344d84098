"""``make bench``: how fast kiosk is, each figure as a ratio to the bare floor on this machine (DESIGN.md 7)."""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench import counting, floor, shop
from tests.bench.floor import Subject

LINES: Final = 500
BURST: Final = 20


_FOUND_WITHIN: Final = {
    "exact": 0.2,
    "prefix or last digits": 5,
    "substring": 20,
    "one typo": 50,
    "two words, digits or a typo": 50,
}
"""Milliseconds of CPU that a search may take, by what is typed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. Without a floor the measured value itself is held to the goal."""

    what: str
    measured: float
    unit: str
    goal: float
    floor: float | None = None
    floor_is: str = ""

    @property
    def value(self) -> float:
        """What is held to the goal."""
        return self.measured if self.floor is None else self.measured / self.floor

    @property
    def met(self) -> bool:
        """Whether it is."""
        return self.value <= self.goal


def main() -> int:
    """Measure, print a row each, and say how many goals were met."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--articles", type=int, default=shop.ARTICLES)
    parser.add_argument("only", nargs="*", help="rows by the beginning of their name")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "shop"
        if set(asked.only) != {"customers"}:
            print(f"Making a shop of {asked.articles} articles …", file=sys.stderr)
            shop.make(folder, asked.articles)
        print(f"{'what':<46}{'measured':>14}{'floor':>14}{'ratio':>8}{'goal':>8}")
        done = []
        for name, measure in MEASURES.items():
            if asked.only and not any(name.startswith(wanted) for wanted in asked.only):
                continue
            for row in measure(folder):
                done.append(row)
                print(_shown(row), flush=True)
    print(f"{sum(row.met for row in done)} of {len(done)} within goal")
    return 0


def _shown(row: Row) -> str:
    under = "" if row.floor is None else f"{row.floor:.2f} {row.unit}"
    ratio = "" if row.floor is None else f"{row.value:.2f}"
    goal = f"{row.goal:g}" + ("" if row.met else " !")
    return f"{row.what:<46}{f'{row.measured:.2f} {row.unit}':>14}{under:>14}{ratio:>8}{goal:>8}"


def subject(folder: Path) -> Subject:
    """The till on the measured shop."""
    return Subject((sys.executable, "-m", "tests.bench.shop", str(folder)), "New sale")


def start(folder: Path) -> list[Row]:
    """From the start of the program to a sale screen that takes keys; memory; bytes while nothing happens."""
    bare, ours = floor.start(), floor.start(subject(folder))
    megabyte = 1024 * 1024
    return [
        Row("start to the sale screen", ours.to_ready.best * 1000, "ms", 1.4, bare.to_ready.best * 1000),
        Row("memory, idle", ours.memory_bytes / megabyte, "MB", 1.35, bare.memory_bytes / megabyte),
        Row("bytes to the terminal, idle for a second", ours.idle_bytes, "B", 0),
    ]


def scan(folder: Path) -> list[Row]:
    """From a scan's last key to its line and total on the screen."""
    codes = [(shop.barcode(place * 37), f"Article no {place * 37}") for place in range(12)]
    bare, ours = floor.bare_scans(), floor.scan_to_paint(codes, subject(folder))
    on_console = floor.scan_to_paint(codes, subject(folder), term="linux")
    many = Subject(subject(folder).command, subject(folder).ready, before=_filled(LINES), at_scan=f"{LINES} items")
    after = floor.scan_to_paint(codes, many)
    return [
        Row("scan to its line and total on the screen", _ms(ours), "ms", 1.3, _ms(bare)),
        Row(f"the same with {LINES} lines (floor: few lines)", _ms(after), "ms", 1.15, _ms(ours)),
        Row("bytes to the terminal per scan, truecolor", ours.bytes_each, "B", 600),
        Row("bytes to the terminal per scan, TERM=linux", on_console.bytes_each, "B", 450),
    ]


def _ms(scans: floor.Scans) -> float:
    return scans.to_paint.median * 1000


def burst(folder: Path) -> list[Row]:
    """Twenty codes back to back through the keyboard: how many of their lines are missing."""
    from tests.bench.terminal import Terminal

    codes = [shop.barcode(1000 + place) for place in range(BURST)]
    with Terminal(subject(folder).command, size=(80, 48)) as terminal:
        terminal.wait_for(subject(folder).ready)
        terminal.settle()
        terminal.type("".join(f"{code}\r" for code in codes))
        terminal.settle(1.0)
        shown = terminal.screen()
    missing = sum(f"Article no {1000 + place}" not in shown for place in range(BURST)) + (f"{BURST} items" not in shown)
    return [Row(f"lines missing of {BURST} scans back to back", missing, "", 0)]


def checkout(folder: Path) -> list[Row]:
    """Ten lines by two tenders: the same rows through kiosk and through sqlite3, and what the disk is asked."""
    from kiosk import db
    from kiosk.money import Money
    from kiosk.rules import basket as rules
    from kiosk.rules.basket import EMPTY
    from kiosk.rules.tender import Given
    from kiosk.services import catalogue, sales, staff
    from kiosk.services.keys import Keys
    from kiosk.services.shop import load_shop

    db.connect(str(folder / "kiosk.db"))
    opened = load_shop("R1", 1, Keys.in_memory())
    (seller,) = (person.id for person in staff.people(opened))
    basket = EMPTY
    for place in range(10):
        item = catalogue.find(opened, shop.barcode(place))
        if item is None:
            raise LookupError(shop.barcode(place))
        basket = rules.add(basket, item)
    cash, ticket = sales.tenders(opened)
    given = (Given(ticket, Money(500)), Given(cash, Money(2000)))
    ours: list[float] = []
    bare: list[float] = []
    for _round in range(5):
        for _sale in range(60):
            key, began = sales.new_key(), time.perf_counter()
            sales.close_sale(opened, basket, given, key=key, by=seller)
            ours.append(time.perf_counter() - began)
        bare += floor.raw_checkout(folder / "kiosk.db", times=60).seconds
    db.disconnect()
    costs = counting.record_checkouts(100)
    each = list(costs.checkouts.values())
    syncs, written_bytes = costs.per_checkout
    return [
        Row("checkout, 10 lines, 2 tenders", statistics.median(ours) * 1000, "ms", 2, statistics.median(bare) * 1000),
        Row("fdatasync per checkout, the median", statistics.median(cost.syncs for cost in each), "", 1),
        Row("  the mean, checkpoints and signing keys included", syncs, "", 1.4),
        Row("kB written per checkout, the mean", written_bytes / 1000, "kB", 32),
    ]


def lookup(folder: Path) -> list[Row]:
    """A code looked up among all articles, against the bare query of its row."""
    from kiosk import db
    from kiosk.services import catalogue
    from kiosk.services.keys import Keys
    from kiosk.services.shop import load_shop

    db.connect(str(folder / "kiosk.db"))
    opened = load_shop("R1", 1, Keys.in_memory())
    (articles,) = db.row("SELECT COUNT(*) FROM article") or (0,)
    codes = [shop.barcode(place * 101 % articles) for place in range(1000)]
    ours = _each(lambda code: catalogue.find(opened, code), codes)
    searched = _each(lambda code: catalogue.search(opened, f"art no {int(code[6:12])}"), codes[:200])
    db.disconnect()
    raw = sqlite3.connect(folder / "kiosk.db")
    query = (
        "SELECT article.* FROM barcode JOIN article ON article.id = barcode.article "
        "WHERE barcode.code = ? AND article.archived = 0"
    )
    bare = _each(lambda code: raw.execute(query, (code,)).fetchone(), codes)
    raw.close()
    return [
        Row("lookup of a code, the mean", ours * 1000, "ms", 1),
        Row("  of that, the bare query", bare * 1000, "ms", 1),
        Row("search by three words, the mean", searched * 1000, "ms", 20),
    ]


def days(_folder: Path) -> list[Row]:
    """The Z of a day in proportion to the day, whatever lies before it; a year from the totals of its days."""
    from tests.bench.days import HISTORY, RECEIPTS, measure

    print(f"Making a history of {HISTORY} receipts …", file=sys.stderr)
    found = measure()
    new_shop = found.z_of_a_new_shop_seconds * 1000
    return [
        Row(f"Z over {RECEIPTS:,} receipts (floor: no history)", found.z_seconds * 1000, "ms", 1.5, new_shop),
        Row("a year from daily totals", found.year_seconds * 1000, "ms", 5),
        Row("  its articles, 300 each day", found.articles_seconds * 1000, "ms", 300),
    ]


def customers(folder: Path) -> list[Row]:
    """Customers found among a million, in CPU time; and one more created, the commit on this disk included."""
    from tests.bench import customers as crowd

    place = folder.parent / "customers"
    if not place.exists():
        print(f"Making a shop of {crowd.CUSTOMERS:,} customers …", file=sys.stderr)
        crowd.make(place)
    found = crowd.measure(place)
    return [
        *(
            Row(f"customer by {way}, p99", found.searches[way] * 1000, "ms", goal)
            for way, goal in _FOUND_WITHIN.items()
        ),
        Row("  steps of their plans that read a whole table", found.scans, "", 0),
        Row("a customer created, p99, on the clock", found.creation_seconds * 1000, "ms", 5),
        Row("  the same without waiting for the disk", found.creation_cpu_seconds * 1000, "ms", 5),
    ]


def _each(job: Callable[[str], object], codes: list[str]) -> float:
    began = time.perf_counter()
    for code in codes:
        if not job(code):
            raise LookupError(code)
    return (time.perf_counter() - began) / len(codes)


def _filled(lines: int) -> str:
    return "".join(f"{shop.NUMBERED + place}\r" for place in range(lines))


MEASURES: Final[dict[str, Callable[[Path], list[Row]]]] = {
    "start": start,
    "scan": scan,
    "burst": burst,
    "checkout": checkout,
    "lookup": lookup,
    "days": days,
    "customers": customers,
}

if __name__ == "__main__":
    sys.exit(main())
