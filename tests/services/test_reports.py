"""Reports: hand-calculated figures of two tills over a week; open or closed, the same; read without writing."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from kiosk import db
from kiosk.errors import BadFile, Denied, Invalid, NotFound, ShopError
from kiosk.money import Money, Percent, Quantity
from kiosk.receipts.report import Cell, Report, lay_out
from kiosk.rules import basket as rules
from kiosk.rules import spans
from kiosk.rules.basket import EMPTY, Basket, Discount, Item
from kiosk.rules.drawer import Count
from kiosk.rules.permissions import Role
from kiosk.rules.spans import Span, day_of
from kiosk.rules.tender import Given
from kiosk.services import catalogue, catalogue_edit, drawer, journal, report_files, reports, returns, sales, shifts
from kiosk.services import staff as people
from kiosk.services.catalogue_rows import ArticleForm
from kiosk.services.keys import Keys
from kiosk.services.sales import Sold
from kiosk.services.shop import Shop, load_shop, new_key
from tests.screens.test_hostile import HOSTILE
from tests.services.conftest import FixedTime
from tests.services.journey import Till
from tests.services.till_machine import reopened

FRIDAY, THURSDAY, TODAY = date(2026, 11, 13), date(2026, 11, 19), date(2026, 11, 20)
WEEK = Span(FRIDAY, TODAY)


@dataclass
class Week:
    """Two tills of a shop, three people, bread with full tax and milk with the low one."""

    one: Till
    two: Till
    time: FixedTime
    ann: str
    bob: str
    lea: str
    bread: Item
    milk: Item

    @property
    def shop(self) -> Shop:
        return self.one.shop

    def at(self, day: date, hour: int, minute: int = 0) -> None:
        """Let it be this time in Berlin, in winter."""
        self.time.now = datetime(day.year, day.month, day.day, hour - 1, minute, tzinfo=UTC)

    def read(self, name: str, span: Span = day_of(TODAY), **narrowed: Any) -> Report:  # noqa: B008
        return reports.read(self.shop, name, span, by=self.lea, **narrowed)

    def rows(self, name: str, span: Span = day_of(TODAY), **narrowed: Any) -> list[tuple[Any, ...]]:  # noqa: B008
        """The rows with their amounts as plain numbers."""
        return [plain(row) for row in self.read(name, span, **narrowed).rows]

    def close(self, till: Till, counted: int) -> None:
        shifts.close_shift(till.shop, Count(Money(counted)), key=new_key(), by=self.lea)


def plain(row: tuple[Cell, ...]) -> tuple[Any, ...]:
    found: list[Any] = []
    for cell in row:
        match cell:
            case Money():
                found.append(cell.minor)
            case Quantity():
                found.append(cell.thousandths)
            case Percent():
                found.append(cell.hundredths)
            case _:
                found.append(cell)
    return tuple(found)


def article(till: Till, name: str, price: int, tax: str, category: str) -> Item:
    with db.transaction():
        db.run("INSERT INTO category (id, name, tax, position) VALUES (?, ?, ?, 1)", (category, category.upper(), tax))
    form = ArticleForm(name=name, tax=tax, price=Money(price), category=category)
    made = catalogue_edit.save(till.shop, form, by=people.ROOT)
    found = catalogue.find(till.shop, made.number)
    assert found is not None
    return found


def some(thing: Item, count: int) -> Basket:
    return rules.add(EMPTY, thing, Quantity.of(count))


@pytest.fixture
def opened(till: Till, time: FixedTime, keys: Keys) -> Week:
    """The two tills before anything was sold."""
    bob, lea = (
        people.create(till.shop, people.PersonForm(name=name, role=role), by=people.ROOT).id
        for name, role in (("Bob", Role.CASHIER), ("Lea", Role.LEAD))
    )
    two = reopened(Till, load_shop("R2", 2, keys, clock=till.shop.clock))
    bread, milk = article(till, "Bread", 450, "A", "bakery"), article(till, "Milk", 129, "B", "dairy")
    return Week(till, two, time, till.ann, bob, lea, bread, milk)


def take_back(week: Week, sold: Sold, position: int, count: int) -> None:
    """Lea gives one tender back for some pieces of a receipt."""
    back = returns.take_back(week.shop, EMPTY, sold.sale, {position: Quantity.of(count)}, reason="Faulty")
    key = new_key()
    given = tuple(Given(one.tender, -one.amount, original=one.original) for one in returns.plan(week.shop, back))
    sales.close_sale(week.shop, back, given, key=key, by=week.lea)


@pytest.fixture
def week(opened: Week) -> Week:
    """A Friday, a Thursday, and the Friday of today, on which both tills are still open.

    Today comes to 23.19: R1 13.50 + 11.61 - 4.50 returned + 4.50 - 4.50 voided, R2 2.58.
    """
    w = opened
    w.at(FRIDAY, 10, 5)
    w.one.sell(some(w.bread, 2), w.one.cash(1000), by=w.ann)
    w.close(w.one, 900)
    w.at(THURSDAY, 9, 10)
    w.one.sell(some(w.bread, 1), w.one.card(450), by=w.ann)
    w.close(w.one, 890)
    w.at(THURSDAY, 15, 30)
    w.two.sell(some(w.milk, 3), w.two.ticket(387), by=w.bob)
    w.close(w.two, 0)
    w.at(TODAY, 9, 20)
    bread = w.one.sell(some(w.bread, 3), w.one.cash(1350), by=w.bob)
    w.at(TODAY, 9, 40)
    milk = some(w.milk, 10)
    milk = rules.discount_line(milk, milk.lines[0].id, Discount(percent=Percent(1000), reason="Regular"))
    w.one.sell(milk, w.one.cash(1161), by=w.ann)
    journal.note(w.shop, w.ann, "sale.line_voided", text="Milk", minor=129)
    w.at(TODAY, 11)
    take_back(w, bread, 1, 1)
    drawer.open_without_sale(w.shop, by=w.lea, reason="Change a note")
    wrong = w.one.sell(some(w.bread, 1), w.one.cash(450), by=w.bob)
    returns.void_sale(w.shop, wrong.sale, reason="Wrong article", key=new_key(), by=w.lea)
    w.at(TODAY, 17)
    w.two.sell(some(w.milk, 2), w.two.card(258), by=w.ann)
    return w


@pytest.mark.requirement("Q-22", "D6-03")
def test_each_day_stands_beside_the_day_before_and_the_week_before(week: Week) -> None:
    report = week.read("days", WEEK)
    assert [plain(row) for row in report.rows] == [
        (FRIDAY, 1, 900, None, None, None, None),
        (THURSDAY, 2, 837, 900, -700, None, None),
        (TODAY, 4, 2319, 837, 17700, 900, 15800),
    ]
    assert plain(report.totals) == (None, 7, 4056, None, None, None, None)
    assert report.trend == (900, 0, 0, 0, 0, 0, 837, 2319)
    assert week.rows("days") == [(TODAY, 4, 2319, 837, 17700, 900, 15800)]


def test_hours_run_from_the_first_to_the_last_that_sold(week: Week) -> None:
    report = week.read("hours")
    found = [plain(row) for row in report.rows]
    assert [row[0] for row in found] == list(range(9, 18))
    assert [row for row in found if row[2]] == [(9, 2, 2511, 10830), (11, 1, -450, -1940), (17, 1, 258, 1110)]
    assert plain(report.totals) == (None, 4, 2319, None)
    assert report.trend == (2511, 0, -450, 0, 0, 0, 0, 0, 258)


def test_hours_after_midnight_belong_to_the_night_before(opened: Week) -> None:
    opened.at(TODAY, 23)
    opened.one.sell(some(opened.bread, 1), opened.one.cash(450))
    opened.time.move(hours=2)
    opened.one.sell(some(opened.bread, 2), opened.one.cash(900))
    assert opened.rows("hours") == [(23, 1, 450, 3330), (0, 0, 0, 0), (1, 1, 900, 6670)]


def test_weekdays_are_averaged_over_the_days_that_sold(week: Week) -> None:
    found = week.rows("weekdays", WEEK)
    assert [row[0] for row in found] == list(range(7))
    assert found[3:5] == [(3, 1, 2, 837, 837), (4, 2, 5, 3219, 1610)]
    assert all(row[1:] == (0, 0, 0, None) for place, row in enumerate(found) if place not in {3, 4})


def test_articles_and_categories_count_what_came_back_off(week: Week) -> None:
    report = week.read("articles", WEEK)
    bread, milk = week.bread.number, week.milk.number
    assert [plain(row) for row in report.rows] == [
        ("Bread", bread, 5000, 2250, 5550),
        ("Milk", milk, 15000, 1806, 4450),
    ]
    assert plain(report.totals) == (None, None, None, 4056, None)
    assert [row[0] for row in report.ordered(2).rows] == ["Milk", "Bread"]
    assert report.ordered(2).bars == 2
    assert week.rows("categories", WEEK) == [("BAKERY", 5000, 2250, 5550), ("DAIRY", 15000, 1806, 4450)]


@pytest.mark.requirement("D7-04")
def test_each_person_with_sales_returns_voids_discounts_and_the_drawer(week: Week) -> None:
    report = week.read("staff", WEEK)
    assert [column.name for column in report.columns] == [
        "person", "sales", "turnover", "average", "returns", "returned", "voids", "voided", "line_voids",
        "discounts", "discounted", "drawer",
    ]  # fmt: skip
    assert [plain(row) for row in report.rows] == [
        ("Ann Archer", 4, 2769, 692, 0, 0, 0, 0, 1, 1, 129, 0),
        ("Bob", 3, 2187, 729, 0, 0, 0, 0, 0, 0, 0, 0),
        ("Lea", 0, 0, None, 1, 450, 1, 450, 0, 0, 0, 1),
    ]
    assert plain(report.totals) == (None, 7, 4956, 708, 1, 450, 1, 450, 1, 1, 129, 1)


def test_tax_by_rate(week: Week) -> None:
    report = week.read("tax")
    assert [plain(row) for row in report.rows] == [("Full", 2000, 750, 150, 900), ("Low", 1000, 1290, 129, 1419)]
    assert plain(report.totals) == (None, None, 2040, 279, 2319)


@pytest.mark.requirement("Q-22", "D6-03")
def test_tenders_stand_beside_the_period_before(week: Week) -> None:
    report = week.read("tenders")
    assert report.compared == day_of(THURSDAY)
    assert [plain(row) for row in report.rows] == [
        ("Cash", 3, 2961, 900, 2061, 0, None),
        ("Bank card", 1, 258, 0, 258, 450, -4300),
        ("Meal ticket", 0, 0, 0, 0, 387, -10000),
    ]
    assert plain(report.totals) == (None, 4, 3219, 900, 2319, 837, 17700)


def test_a_period_that_still_runs_is_compared_with_as_many_days(week: Week) -> None:
    month = spans.month_of(TODAY)
    assert week.read("tenders", month).compared == Span(date(2026, 10, 1), date(2026, 10, 20))
    week.at(date(2026, 12, 3), 12)
    assert week.read("tenders", month).compared == spans.month_of(date(2026, 10, 1))


def test_counts_of_the_drawer_and_what_differed(week: Week) -> None:
    report = week.read("differences", WEEK)
    assert [plain(row) for row in report.rows] == [
        (FRIDAY, "R1", "Lea", 900, 900, 0),
        (THURSDAY, "R1", "Lea", 900, 890, -10),
        (THURSDAY, "R2", "Lea", 0, 0, 0),
    ]
    assert plain(report.totals) == (None, None, None, None, None, -10)
    assert week.rows("differences", WEEK, lane="R2") == [(THURSDAY, "R2", "Lea", 0, 0, 0)]
    assert week.rows("differences", WEEK, person=week.ann) == []


@pytest.mark.requirement("Q-22")
def test_of_one_till_or_of_one_person(week: Week) -> None:
    turnover = {name: [row[2] for row in week.rows("days", WEEK, **narrowed)] for name, narrowed in {
        "R1": {"lane": "R1"}, "R2": {"lane": "R2"}, "Ann": {"person": week.ann}, "Bob": {"person": week.bob},
        "Lea": {"person": week.lea}, "Ann at R2": {"person": week.ann, "lane": "R2"},
    }.items()}  # fmt: skip
    assert turnover == {
        "R1": [900, 450, 2061],
        "R2": [387, 258],
        "Ann": [900, 450, 1419],
        "Bob": [387, 1800],
        "Lea": [-900],
        "Ann at R2": [258],
    }
    report = week.read("tenders", person=week.ann, lane="R1")
    assert [plain(row)[:5] for row in report.rows] == [("Cash", 1, 1161, 0, 1161), ("Bank card", 0, 0, 0, 0)]
    assert (report.person, report.lane) == ("Ann Archer", "R1")
    assert [row[0] for row in week.rows("staff", WEEK, person=week.bob)] == ["Bob"]


def test_what_is_kept_for_everybody_only_is_read_from_one_persons_receipts(week: Week) -> None:
    of_people = [week.rows("articles", WEEK, person=person) for person in (week.ann, week.bob, week.lea)]
    assert [[row[:1] + row[2:4] for row in rows] for rows in of_people] == [
        [("Milk", 12000, 1419), ("Bread", 3000, 1350)],
        [("Bread", 4000, 1800), ("Milk", 3000, 387)],
        [("Bread", -2000, -900)],
    ]
    assert week.rows("tax", person=week.bob) == [("Full", 2000, 1500, 300, 1800)]
    assert week.rows("categories", WEEK, person=week.ann, lane="R2") == [("DAIRY", 2000, 258, 10000)]


def _all_reports(week: Week, span: Span) -> dict[tuple[str, str | None, str | None], Report]:
    return {
        (name, lane, person): replace(week.read(name, span, lane=lane, person=person), at=week.time.now)
        for name in reports.NAMES
        if name != "differences"
        for lane in (None, "R1", "R2")
        for person in (None, week.ann, week.bob, week.lea)
    }


def test_a_closed_day_says_what_it_said_while_it_was_open(week: Week) -> None:
    for span in (day_of(TODAY), WEEK):
        before = _all_reports(week, span)
        assert any(report.rows for report in before.values())
    week.close(week.one, 2951)
    week.close(week.two, 0)
    assert _all_reports(week, WEEK) == before
    assert db.rows("SELECT COUNT(*) FROM lane WHERE shift IS NOT NULL") == [(0,)]


@pytest.mark.parametrize("seed", range(3))
def test_any_day_says_the_same_open_and_closed(opened: Week, seed: int) -> None:
    random = Random(seed)
    opened.at(TODAY, 8)
    sold: list[Sold] = []
    for _step in range(25):
        opened.time.move(minutes=random.randrange(60))
        till, by = random.choice([opened.one, opened.two]), random.choice([opened.ann, opened.bob, opened.lea])
        deed = random.random()
        if deed < 0.7 or not sold:
            filled = some(random.choice([opened.bread, opened.milk]), random.randrange(1, 9))
            if random.random() < 0.3:
                filled = rules.discount_all(filled, Discount(percent=Percent(500), reason="Regular"))
            total = sales.price(till.shop, filled).total.minor
            given = random.choice([till.cash, till.card, till.ticket])(total)
            made = till.sell(filled, given, by=by)
            sold += [made] if till is opened.one else []
        elif deed < 0.85:
            with suppress(ShopError):
                take_back(opened, random.choice(sold), 1, 1)
        else:
            with suppress(ShopError):
                returns.void_sale(opened.shop, random.choice(sold).sale, reason="No", key=new_key(), by=opened.lea)
    span = Span(TODAY, date(2026, 11, 21))
    before = _all_reports(opened, span)
    for till in (opened.one, opened.two):
        opened.close(till, 0)
    assert _all_reports(opened, span) == before
    whole = before["days", None, None].totals
    assert whole[2] == before["tax", None, None].totals[4] == before["hours", None, None].totals[2]
    assert whole[2] == before["articles", None, None].totals[3]


def test_a_year_is_told_by_the_month(opened: Week) -> None:
    for month, count in ((9, 1), (10, 2), (12, 4)):
        opened.at(date(2025, month, 10), 12)
        opened.one.sell(some(opened.bread, count), opened.one.cash(450 * count))
        opened.close(opened.one, 100)
    for month, count in ((2, 3), (10, 4)):
        opened.at(date(2026, month, 28), 12)
        opened.one.sell(some(opened.bread, count), opened.one.cash(450 * count))
    report = opened.read("days", spans.year_of(TODAY))
    assert [column.name for column in report.columns][:4] == ["month", "sales", "turnover", "month_before"]
    assert [plain(row) for row in report.rows] == [
        (date(2026, 2, 1), 1, 1350, None, None, None, None),
        (date(2026, 10, 1), 1, 1800, None, None, 900, 10000),
    ]
    autumn = opened.read("days", Span(date(2025, 9, 1), date(2025, 12, 31)))
    assert [plain(row)[:5] for row in autumn.rows] == [
        (date(2025, 9, 1), 1, 450, None, None),
        (date(2025, 10, 1), 1, 900, 450, 10000),
        (date(2025, 12, 1), 1, 1800, None, None),
    ]


@pytest.mark.requirement("D7-02")
def test_who_may_not_see_reports_reads_none(week: Week) -> None:
    report = week.read("days")
    for who in (week.ann, week.one.technician, "nobody"):
        for name in reports.NAMES:
            with pytest.raises(Denied) as refused:
                reports.read(week.shop, name, WEEK, by=who)
            assert refused.value == Denied(action="reports.see")
        with pytest.raises(Denied):
            reports.choices(week.shop, who)
        with pytest.raises(Denied):
            report_files.print_report(week.shop, report, by=who)
        with pytest.raises(Denied):
            report_files.note_saved(week.shop, report, "report.csv", by=who)
    assert db.rows("SELECT COUNT(*) FROM print_job WHERE kind = 'report'") == [(0,)]
    assert db.rows("SELECT COUNT(*) FROM journal WHERE action = 'report.saved'") == [(0,)]


def test_what_is_not_there_is_refused(week: Week) -> None:
    asked: tuple[tuple[str, dict[str, Any], NotFound], ...] = (
        ("weather", {}, NotFound(what="report", code="weather")),
        ("days", {"lane": "R3"}, NotFound(what="lane", code="R3")),
        ("days", {"person": "nobody"}, NotFound(what="person", code="nobody")),
    )
    for name, narrowed, refusal in asked:
        with pytest.raises(NotFound) as refused:
            week.read(name, **narrowed)
        assert refused.value == refusal
    with pytest.raises(Invalid):
        week.read("days", Span(date(1970, 1, 1), date(1970, 12, 31)))


def test_days_without_sales_say_nothing(week: Week) -> None:
    for name in reports.NAMES:
        report = week.read(name, day_of(date(2026, 11, 16)))
        assert (report.rows, report.totals, report.trend) == ((), (), ())


def test_choices_name_every_till_and_everybody(week: Week) -> None:
    found = reports.choices(week.shop, week.lea)
    assert found.lanes == ("R1", "R2")
    assert dict(found.people)[week.bob] == "Bob"
    assert len(found.people) == 4


# Reading


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_report_reads_along_the_key_and_never_over_history(week: Week) -> None:
    seen: list[str] = []
    db.database.connection().set_trace_callback(seen.append)
    week.read("staff", WEEK)
    week.read("days", spans.year_of(TODAY))
    week.read("articles", WEEK, person=week.ann)
    db.database.connection().set_trace_callback(None)
    totals = [one for one in seen if "FROM day_total" in one]
    receipts = [one for one in seen if "FROM sale JOIN sale_line" in one]
    assert totals
    assert receipts
    for one in totals:
        plan = " ".join(str(row[3]) for row in db.rows(f"EXPLAIN QUERY PLAN {one}"))
        assert "day_total USING PRIMARY KEY (figure=? AND person=? AND business_date>? AND business_date<?)" in plan
    for one in receipts:
        plan = " ".join(str(row[3]) for row in db.rows(f"EXPLAIN QUERY PLAN {one}"))
        assert "SEARCH sale USING INDEX sale_date (business_date>? AND business_date<?)" in plan


def test_reading_tells_how_far_it_is_and_can_be_ended_at_any_step(week: Week) -> None:
    year = spans.year_of(TODAY)
    steps: list[tuple[int, int]] = []
    week.read("articles", year, progress=lambda done, of: steps.append((done, of)))
    assert steps == [(done, 9) for done in range(10)]

    class Enough(Exception):
        pass

    def end(done: int, of: int) -> None:
        if done == 5:
            raise Enough

    with pytest.raises(Enough):
        week.read("articles", year, progress=end)
    assert week.rows("tax")  # The connection is in order.


def test_a_report_on_its_own_thread_holds_up_no_sale_and_sees_one_moment(week: Week) -> None:
    begun, sold = threading.Event(), threading.Event()
    found: list[Report] = []

    def wait(done: int, of: int) -> None:
        if done == 1:
            begun.set()
            assert sold.wait(20), of

    def read() -> None:
        with db.reading_thread():
            found.append(week.read("tenders", progress=wait))

    thread = threading.Thread(target=read)
    thread.start()
    assert begun.wait(20)
    week.one.sell(some(week.bread, 1), week.one.cash(450), by=week.ann)
    sold.set()
    thread.join(20)
    assert found[0].totals[4] == Money(2319)
    assert week.read("tenders").totals[4] == Money(2769)


def test_a_query_on_a_reading_thread_is_ended_from_outside_and_can_not_write(week: Week) -> None:
    ways: list[Callable[[], None]] = []
    begun, refused = threading.Event(), list[ShopError]()
    forever = (
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000000) SELECT COUNT(*) FROM n"
    )

    def read() -> None:
        with db.reading_thread() as end:
            ways.append(end)
            for statement in ("DELETE FROM draft", "SELECT pg_sleep(15)" if db.on_postgres() else forever):
                try:
                    if statement != "DELETE FROM draft":
                        begun.set()
                    db.rows(statement)
                except ShopError as error:
                    refused.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    assert begun.wait(20)
    for _try in range(200):
        ways[0]()
        thread.join(0.05)
        if not thread.is_alive():
            break
    assert not thread.is_alive()
    assert len(refused) == 2
    assert week.rows("tax")


def test_a_report_writes_nothing(week: Week) -> None:
    def rows() -> list[list[tuple[Any, ...]]]:
        return [db.rows(f"SELECT COUNT(*) FROM {table}") for table in ("entry", "journal", "print_job", "day_total")]

    before = rows()
    _all_reports(week, WEEK)
    assert rows() == before


# Files and paper


def test_hostile_names_harm_no_file_and_no_paper(week: Week) -> None:
    taken = 0
    for name in HOSTILE:
        with suppress(ShopError, ValueError), db.transaction():  # PostgreSQL takes no NUL.
            db.run("UPDATE article SET name = ? WHERE id = ?", (name, week.bread.article))
            db.run("UPDATE staff SET name = ? WHERE id = ?", (name, week.bob))
            taken += 1
        for report in (week.read("articles", WEEK), week.read("staff", WEEK), week.read("days", person=week.bob)):
            made = io.StringIO(newline="")
            report_files.write_csv(week.shop, report, made)
            rows = list(csv.reader(io.StringIO(made.getvalue(), newline="")))
            assert len(rows) == len(report.rows) + 1
            assert all(len(row) == len(report.columns) for row in rows)
            assert not any(row[0].startswith(("=", "+", "@", "\t", "\r")) for row in rows)
            assert not any(letter in made.getvalue() for letter in "\x1b\x07\x00\u202e")
            assert lay_out(report, week.shop.settings.name)
            file = report_files.file_name(report, ".csv", person=week.bob)
            assert file.replace("-", "").replace(".", "").isalnum()
    assert taken >= len(HOSTILE) - 1


@pytest.mark.requirement("Q-22")
def test_the_csv_of_a_report_to_the_letter(week: Week, tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    assert report_files.write_csv(week.shop, week.read("tenders"), path) == 3
    assert path.read_bytes().decode("utf-8-sig") == (
        "tender,count,taken,given_back,net,before,change\r\n"
        "Cash,3,29.61,9.00,20.61,0.00,\r\n"
        "Bank card,1,2.58,0.00,2.58,4.50,-43.00\r\n"
        "Meal ticket,0,0.00,0.00,0.00,3.87,-100.00\r\n"
    )
    made = io.StringIO(newline="")
    report_files.write_csv(week.shop, week.read("weekdays", WEEK), made)
    assert made.getvalue().splitlines()[4:6] == ["4,1,2,8.37,8.37", "5,2,5,32.19,16.10"]
    made = io.StringIO(newline="")
    report_files.write_csv(week.shop, week.read("days", spans.year_of(TODAY)), made)
    assert made.getvalue().splitlines()[1:] == ["2026-11,7,40.56,,,,"]
    made = io.StringIO(newline="")
    report_files.write_csv(week.shop, week.read("articles"), made)
    assert made.getvalue().splitlines()[1] == f"Milk,{week.milk.number},12.000,14.19,61.20"


def test_a_file_that_can_not_be_written_is_refused(week: Week, tmp_path: Path) -> None:
    with pytest.raises(BadFile):
        report_files.write_csv(week.shop, week.read("tenders"), tmp_path / "no" / "report.csv")


def test_a_file_is_named_for_its_report_days_and_whom_it_counts(week: Week) -> None:
    assert report_files.file_name(week.read("tax"), ".csv") == "report-tax-2026-11-20.csv"
    narrowed = week.read("tax", WEEK, lane="R1", person=week.bob)
    assert report_files.file_name(narrowed, ".pdf", person=week.bob) == (
        f"report-tax-2026-11-13-2026-11-20-R1-{week.bob[-6:]}.pdf"
    )


def test_a_report_goes_to_the_printer_and_says_whom_it_counts(week: Week) -> None:
    report = week.read("tenders", person=week.ann)
    job = report_files.print_report(week.shop, report, by=week.lea)
    assert db.rows("SELECT kind, sale, drawer, state FROM print_job WHERE id = ?", (job,)) == [
        ("report", None, "no", "waiting")
    ]
    ((document,),) = db.rows("SELECT document FROM print_job WHERE id = ?", (job,))
    for words in ("Means of payment", "20/11/2026", "Ann Archer", "Bank card", "Cash", "Total"):
        assert words in document


def test_paper_shows_sixty_rows_and_says_how_many_more(week: Week) -> None:
    report = week.read("articles", WEEK)
    long = replace(report, rows=report.rows * 50)
    texts = [str(element) for element in lay_out(long, "Shop")]
    assert sum("Bread" in text for text in texts) == 30
    assert any("... and 40 more rows." in text for text in texts)
    assert sum("Bread" in str(element) for element in lay_out(long, "Shop", most=None)) == 50
    assert not any("TRAINING" in text for text in texts)
    assert any("TRAINING" in str(element) for element in lay_out(long, "Shop", training=True))
