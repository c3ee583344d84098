"""The Z of a day, with and without a long history before it, and a year from daily totals (DESIGN.md 7).

The receipts are written in bulk, without the guards: a million checkouts would
take an hour. They have all the rows and indexes that a Z could come across,
but no hashes.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from kiosk import db
from kiosk.clock import Clock
from kiosk.rules.drawer import Count
from kiosk.rules.permissions import Role
from kiosk.services import day_totals, figures, shift_rows, shifts, staff
from kiosk.services.figures import Total
from kiosk.services.keys import Keys
from kiosk.services.shop import load_shop, new_key

RECEIPTS: Final = 2000
"""Of the day that is closed."""
LINES: Final = 5
HISTORY: Final = 1_000_000
ARTICLES: Final = 300
"""How many different ones are sold on a day."""
PEOPLE: Final = 3
DAYS: Final = 365
ROUNDS: Final = 5

OVERVIEW: Final = ("turnover", "net", "tax", "sales", "returns", "voids", "discounts", "tender", "tender.back")
"""What somebody asks of a year."""

MORE: Final = (
    *((figure, "B/1000") for figure in ("turnover", "net", "tax")),
    *((figure, "") for figure in ("returns", "voids", "discounts", "line_voids", "drawer")),
    *(("tender", code) for code in ("card", "ticket", "voucher")),
    *(("tender.back", code) for code in ("cash", "voucher")),
)
"""What a day of a shop has beside sales of one rate for cash."""

_BEGINNING: Final = date(2025, 1, 1)
_PRICE: Final = 600
_NUMBERS: Final = "WITH RECURSIVE n (i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :first + :count) "
_ROWS: Final = (
    'INSERT INTO entry (id, key, lane, seq, at, business_date, shift, "by", kind, sale, previous_hash, hash) '
    f"{_NUMBERS} SELECT printf('e%025d', i), printf('k%025d', i), 'R1', :seq + i - :first, :at + (i - :first) * 15000, "
    ":day, :shift, :by, 'sale', printf('s%025d', i), printf('%064d', i - 1), printf('%064d', i) FROM n",
    "INSERT INTO posting (entry, position, account, amount) "
    f"{_NUMBERS} SELECT printf('e%025d', i), place, account, part * :price * :lines / 6 FROM n, "
    "(SELECT 1 AS place, 'a-drawer' AS account, 6 AS part UNION ALL SELECT 2, 'a-sales', -5 "
    "UNION ALL SELECT 3, 'a-tax', -1)",
    'INSERT INTO sale (id, entry, lane, number, kind, at, business_date, "by", currency, tax_included, sum, discount, '
    "rounding, total, settings) "
    f"{_NUMBERS} SELECT printf('s%025d', i), printf('e%025d', i), 'R1', i, 'sale', :at + (i - :first) * 15000, :day, "
    ":by, 'EUR', 1, :price * :lines, 0, 0, :price * :lines, 0 FROM n",
    "INSERT INTO sale_line (sale, position, article, number, text, kind, category, unit, quantity, price, gross, "
    "discount, share, final, tax_code, tax_rate) "
    f"{_NUMBERS} SELECT printf('s%025d', n.i), line.i, printf('a%025d', (n.i + 7 * line.i) % :articles), '1', "
    "'Article', 'goods', printf('c%025d', n.i % 12), 'piece', 1000, :price, :price, 0, 0, :price, 'A', 2000 FROM n, "
    "(WITH RECURSIVE l (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM l WHERE i < :lines) SELECT i FROM l) AS line",
    "INSERT INTO sale_tax (sale, position, code, rate, net, tax) "
    f"{_NUMBERS} SELECT printf('s%025d', i), 1, 'A', 2000, 5 * :price * :lines / 6, :price * :lines / 6 FROM n",
    "INSERT INTO sale_tender (sale, position, tender, name, kind, amount, given, change) "
    f"{_NUMBERS} SELECT printf('s%025d', i), 1, 'cash', 'Cash', 'cash', :price * :lines, :price * :lines, 0 FROM n",
    "UPDATE lane SET seq = seq + :count, receipt = receipt + :count, head = printf('%064d', receipt + :count)",
    "UPDATE account SET balance = balance + :count * :price * :lines WHERE id = 'a-drawer'",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """What the Z of a day takes after a long history and after none, and what a year takes from the totals."""

    z_seconds: float
    z_of_a_new_shop_seconds: float
    year_seconds: float
    articles_seconds: float


def measure(history: int = HISTORY) -> Measured:
    """Close the same days in an old shop and in a new one, turn about; then read a year."""
    with tempfile.TemporaryDirectory() as place:
        old, new = Books(Path(place) / "old", history), Books(Path(place) / "new", 0)
        zs: dict[Books, list[float]] = {old: [], new: []}
        for _round in range(ROUNDS):
            for books, taken in zs.items():
                taken.append(books.close_a_day())
        year, articles = new.read_a_year()
    return Measured(statistics.median(zs[old]), statistics.median(zs[new]), year, articles)


class Books:
    """The books of one lane that has so many receipts behind it, and a Z after them."""

    def __init__(self, folder: Path, history: int) -> None:
        folder.mkdir()
        self._path = folder / "kiosk.db"
        self._day = _BEGINNING
        db.connect(str(self._path))
        db.migrate()
        self._shop = load_shop("R1", 1, Keys.in_memory(), clock=Clock(read=self._noon))
        people = [staff.PersonForm(name=f"Person {number}", role=Role.OWNER) for number in range(PEOPLE)]
        self._people = [staff.create(self._shop, person, by=staff.ROOT).id for person in people]
        with db.transaction():
            db.run_many(
                "INSERT INTO account (id, kind, unit, owner, highest) VALUES (?, ?, 'EUR', ?, ?)",
                [
                    ("a-drawer", "drawer", "R1", 10**15),
                    ("a-sales", "sales", "A/2000", None),
                    ("a-tax", "tax", "A/2000", None),
                ],
            )
        self._open()
        self._close()
        db.disconnect()
        with unguarded(self._path) as raw:
            self._sell(raw, history, lines=1, shift=None)
            (seq, held) = raw.execute("SELECT seq, balance FROM lane, account WHERE account.id = 'a-drawer'").fetchone()
            (facts,) = raw.execute("SELECT facts FROM cash_report").fetchone()
            proof = [{"kind": "drawer", "unit": "EUR", "before": 0, "moved": held, "now": held}]
            facts = json.dumps({**json.loads(facts), "heads": {"R1": seq}, "held": proof})
            raw.execute("UPDATE cash_report SET facts = ?", (facts,))

    def close_a_day(self) -> float:
        """Another day of so many receipts; how many seconds its Z takes."""
        self._day += timedelta(days=1)
        db.connect(str(self._path))
        shift = self._open()
        db.disconnect()
        with unguarded(self._path) as raw:
            for place in range(PEOPLE):
                share = RECEIPTS // PEOPLE + (place < RECEIPTS % PEOPLE)
                self._sell(raw, share, lines=LINES, shift=shift, seller=place)
        db.connect(str(self._path))
        began = time.perf_counter()
        self._close()
        took = time.perf_counter() - began
        db.disconnect()
        return took

    def read_a_year(self) -> tuple[float, float]:
        """Seconds for the overview of a year like the last day, and for all of its articles; the least disturbed."""
        db.connect(str(self._path))
        shift = db.row("SELECT id FROM shift ORDER BY number DESC LIMIT 1") or ("",)
        last = shift_rows.by_id(str(shift[0]))
        if last is None:
            raise LookupError(shift)
        known = {(one.figure, one.code) for one in figures.totals(self._shop, last) if not one.person}
        more = [Total(figure, "", code, 1, 1) for figure, code in MORE if (figure, code) not in known]
        totals = [*figures.totals(self._shop, last), *more]
        with db.transaction():
            for number in range(DAYS):
                day = (date(2024, 1, 1) + timedelta(days=number)).isoformat()
                db.run_many(
                    "INSERT INTO day_total (figure, person, business_date, lane, shift, code, count, amount) "
                    "VALUES (?, ?, ?, 'R1', ?, ?, ?, ?)",
                    [(one.figure, one.person, day, f"{number:026}", one.code, one.count, one.amount) for one in totals],
                )
        first, end = date(2024, 1, 1), date(2024, 1, 1) + timedelta(days=DAYS - 1)
        found = []
        for wanted in (OVERVIEW, ("article",)):
            times = []
            for _round in range(ROUNDS * 4):
                began = time.perf_counter()
                sums = day_totals.between(first, end, wanted)
                times.append(time.perf_counter() - began)
                if not sums or sums[0].count < DAYS:
                    raise LookupError(wanted)
            found.append(min(times))
        db.disconnect()
        return found[0], found[1]

    def _noon(self) -> datetime:
        return datetime(self._day.year, self._day.month, self._day.day, 12, tzinfo=UTC)

    def _open(self) -> str:
        return shifts.open_shift(self._shop, None, key=new_key(), by=self._people[0]).id

    def _close(self) -> None:
        held = shift_rows.drawer_balance(self._shop)
        closed = shifts.close_shift(self._shop, Count(held), key=new_key(), by=self._people[0])
        if not closed.proof_ok:
            raise AssertionError("the sum proof of the bench fails")

    def _sell(self, raw: sqlite3.Connection, receipts: int, *, lines: int, shift: str | None, seller: int = 0) -> None:
        """So many receipts at the end of the lane, each of so many lines."""
        if not receipts:
            return
        (seq, number) = raw.execute("SELECT seq, receipt FROM lane").fetchone()
        values = {
            "first": number + 1,
            "count": receipts,
            "seq": seq + 1,
            "at": (int(self._noon().timestamp()) - 15 * receipts) * 1000,
            "day": self._day.isoformat(),
            "shift": shift,
            "by": self._people[seller],
            "price": _PRICE,
            "lines": lines,
            "articles": ARTICLES,
        }
        for statement in _ROWS:
            raw.execute(statement, values)


@contextmanager
def unguarded(path: Path) -> Iterator[sqlite3.Connection]:
    """A raw connection that writes fast and whatever it likes; the triggers are put back after it."""
    raw = sqlite3.connect(path, isolation_level=None)
    raw.executescript(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -64000"
    )
    triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _sql in triggers:
        raw.execute(f'DROP TRIGGER "{name}"')
    raw.execute("BEGIN")
    yield raw
    for _name, sql in triggers:
        raw.execute(sql)
    raw.execute("COMMIT")
    raw.execute("PRAGMA journal_mode = WAL")
    raw.close()
