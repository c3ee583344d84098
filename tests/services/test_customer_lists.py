"""Lists of customers: birthdays around the year, who stays away, the best, the new; bounded, and along the keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from kiosk import db
from kiosk.errors import Denied, NotFound
from kiosk.money import Money, Percent
from kiosk.receipts.report import Report, lay_out
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY, Item
from kiosk.rules.drawer import Count
from kiosk.rules.permissions import Action, Role, State
from kiosk.rules.spans import Span, day_of, month_of, year_of
from kiosk.services import customer_lists, customers, returns, sales, shift_rows, shifts, staff
from kiosk.services.customer_rows import CustomerForm, Kind
from kiosk.services.sales import Sold
from kiosk.services.shop import Shop, new_key
from tests.services.conftest import FixedTime
from tests.services.journey import Till

TODAY = date(2026, 11, 20)


@dataclass
class Crowd:
    """A shop with customers; Lea leads."""

    till: Till
    time: FixedTime
    lea: str
    bread: Item

    @property
    def shop(self) -> Shop:
        return self.till.shop

    def at(self, day: date, hour: int = 12) -> None:
        """Let it be this time, UTC; the day before is closed."""
        if shift_rows.current(self.shop) is not None:
            shifts.close_shift(self.shop, Count(Money(0)), key=new_key(), by=self.lea)
        self.time.now = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)

    def customer(self, name: str, **more: Any) -> str:
        return customers.save(self.shop, CustomerForm(name=name, **more), by=self.till.ann).id

    def buys(self, customer: str | None, loaves: int = 1, day: date | None = None) -> Sold:
        if day is not None:
            self.at(day)
        basket = EMPTY
        for _loaf in range(loaves):
            basket = rules.add(basket, self.bread)
        cash = self.till.cash(450 * loaves)
        return sales.close_sale(self.shop, basket, (cash,), key=new_key(), by=self.till.ann, customer=customer)

    def merge(self, customer: str, into: str) -> None:
        with db.transaction():
            db.run("UPDATE customer SET state = 'merged', merged_into = ? WHERE id = ?", (into, customer))

    def ban(self, customer: str) -> None:
        with db.transaction():
            db.run("UPDATE customer SET banned = 'Stole a cake' WHERE id = ?", (customer,))

    def erase(self, customer: str) -> None:
        with db.transaction():
            db.run(
                "UPDATE customer SET state = 'erased', name = '', nickname = '', birth_date = NULL WHERE id = ?",
                (customer,),
            )

    def read(self, name: str, span: Span, **narrowed: Any) -> Report:
        return customer_lists.read(self.shop, name, span, by=self.lea, **narrowed)

    def rows(self, name: str, span: Span, **narrowed: Any) -> list[tuple[Any, ...]]:
        """The rows, amounts as plain numbers."""
        found = self.read(name, span, **narrowed).rows
        return [tuple(_plain(cell) for cell in row) for row in found]


def _plain(cell: object) -> object:
    if isinstance(cell, Money):
        return cell.minor
    return cell.hundredths if isinstance(cell, Percent) else cell


@pytest.fixture
def crowd(till: Till, time: FixedTime) -> Crowd:
    lea = till.person("Lea", Role.LEAD)
    return Crowd(till, time, lea, till.article("Bread", 450))


# Birthdays


@pytest.mark.requirement("D9-05")
def test_birthdays_of_some_days_also_around_the_end_of_the_year(crowd: Crowd) -> None:
    crowd.customer("Sylvester Sauer", birth_date=date(1980, 12, 31))
    crowd.customer("Nina Neujahr", birth_date=date(2000, 1, 1))
    crowd.customer("Anna Advent", birth_date=date(1999, 12, 30))
    crowd.customer("Tom Tomorrow", birth_date=date(1990, 1, 3))
    crowd.customer("No Date")
    crowd.ban(crowd.customer("Berta Banned", birth_date=date(1970, 12, 31)))
    found = crowd.rows("birthdays", Span(date(2026, 12, 30), date(2027, 1, 2)))
    assert found == [
        ("Anna Advent", "3", date(2026, 12, 30), 27, None, None),
        ("Berta Banned", "6", date(2026, 12, 31), 56, None, "x"),
        ("Sylvester Sauer", "1", date(2026, 12, 31), 46, None, None),
        ("Nina Neujahr", "2", date(2027, 1, 1), 27, None, None),
    ]


@pytest.mark.requirement("D9-05")
def test_the_twenty_ninth_of_february_is_the_twenty_eighth_in_a_plain_year(crowd: Crowd) -> None:
    crowd.customer("Leo Leap", birth_date=date(2000, 2, 29))
    crowd.customer("Eve Before", birth_date=date(2001, 2, 28))
    plain, leap = month_of(date(2027, 2, 1)), month_of(date(2028, 2, 1))
    assert [row[:4] for row in crowd.rows("birthdays", plain)] == [
        ("Eve Before", "2", date(2027, 2, 28), 26),
        ("Leo Leap", "1", date(2027, 2, 28), 27),
    ]
    assert [row[:4] for row in crowd.rows("birthdays", leap)] == [
        ("Eve Before", "2", date(2028, 2, 28), 27),
        ("Leo Leap", "1", date(2028, 2, 29), 28),
    ]


def test_a_birthday_is_told_once_and_neither_of_the_unborn_nor_of_the_merged_or_erased(crowd: Crowd) -> None:
    born = date(1990, 11, 24)
    anna = crowd.customer("Anna", birth_date=born)
    crowd.merge(crowd.customer("Anna again", birth_date=born), anna)
    crowd.erase(crowd.customer("Gone", birth_date=born))
    crowd.customer("Baby", birth_date=TODAY)
    assert [row[0] for row in crowd.rows("birthdays", month_of(TODAY))] == ["Anna"]
    assert [row[:4] for row in crowd.rows("birthdays", Span(TODAY, date(2030, 1, 1)))] == [
        ("Anna", "1", date(2026, 11, 24), 36),
    ]
    assert crowd.read("birthdays", Span(TODAY, date(2030, 1, 1))).span == Span(TODAY, date(2027, 11, 19))


# Who stays away


@pytest.fixture
def regulars(crowd: Crowd) -> dict[str, str]:
    """Dormant after 30 days: on 20 November whoever bought last before 22 October."""
    crowd.till.change(dormant_days=30)
    crowd.at(date(2026, 9, 1))
    who = {name: crowd.customer(name) for name in ("Ever", "Never", "Gone", "Just", "Twin", "Double", "Erased", "Void")}
    crowd.buys(who["Gone"], 2, date(2026, 9, 3))
    crowd.buys(who["Double"], 1, date(2026, 9, 4))
    crowd.buys(who["Erased"], 1, date(2026, 9, 5))
    crowd.buys(who["Void"], 1, date(2026, 9, 6))
    crowd.buys(who["Twin"], 3, date(2026, 10, 2))
    crowd.buys(who["Gone"], 1, date(2026, 10, 21))
    crowd.buys(who["Just"], 1, date(2026, 10, 22))
    crowd.buys(who["Ever"], 5, date(2026, 11, 19))
    crowd.at(TODAY)
    crowd.merge(who["Double"], who["Twin"])
    crowd.erase(who["Erased"])
    crowd.ban(who["Gone"])
    returns.void_sale(crowd.shop, crowd.buys(who["Void"], 9).sale, reason="Wrong", key=new_key(), by=crowd.lea)
    return who


@pytest.mark.requirement("D9-05")
def test_dormant_is_who_bought_once_and_nothing_for_the_days_that_the_shop_says(
    crowd: Crowd, regulars: dict[str, str]
) -> None:
    del regulars
    found = crowd.read("dormant", day_of(TODAY))
    assert found.span == Span(date(2026, 10, 22), TODAY)
    assert crowd.rows("dormant", day_of(TODAY)) == [
        ("Gone", "3", date(2026, 10, 21), 2, 1350, "x"),
        ("Twin", "5", date(2026, 10, 2), 2, 1800, None),
        ("Void", "8", date(2026, 9, 6), 1, 450, None),
    ]
    assert crowd.rows("dormant", month_of(date(2026, 10, 1))) == [
        ("Void", "8", date(2026, 9, 6), 1, 450, None),
    ]


# The best


@pytest.mark.requirement("D9-05")
def test_the_best_by_turnover_with_voids_taken_off_and_the_merged_as_one(
    crowd: Crowd, regulars: dict[str, str]
) -> None:
    crowd.buys(None, 20)
    year = crowd.read("best", year_of(TODAY))
    assert crowd.rows("best", year_of(TODAY)) == [
        ("Ever", "1", 1, 2250, 2250, 3330, None),
        ("Twin", "5", 2, 1800, 900, 2670, None),
        ("Gone", "3", 2, 1350, 675, 2000, "x"),
        ("Just", "4", 1, 450, 450, 670, None),
        ("#7", "7", 1, 450, 450, 670, None),
        ("Void", "8", 1, 450, 450, 670, None),
    ]
    assert year.totals == (None, None, 8, Money(6750), Money(844), None, None)
    assert [row[:4] for row in crowd.rows("best", month_of(TODAY))] == [
        ("Ever", "1", 1, 2250),
        ("Void", "8", 0, 0),
    ]
    assert crowd.rows("best", year_of(TODAY), person=crowd.till.technician) == []
    assert len(crowd.rows("best", year_of(TODAY), lane="R1", person=crowd.till.ann)) == 6
    assert regulars


# New ones


@pytest.mark.requirement("D9-05")
def test_new_customers_by_month_with_the_merged_left_out(crowd: Crowd) -> None:
    crowd.at(date(2025, 11, 30))
    crowd.customer("Before the year")
    crowd.at(date(2026, 8, 31), 22)
    crowd.customer("September in Berlin already")
    crowd.at(date(2026, 11, 3))
    anna = crowd.customer("Anna")
    crowd.merge(crowd.customer("Anna again"), anna)
    crowd.erase(crowd.customer("Gone"))
    crowd.customer("", kind=Kind.COMPANY, company="Bakers Ltd")
    crowd.at(TODAY)
    found = crowd.read("new", day_of(TODAY))
    assert found.span == Span(date(2025, 12, 1), date(2026, 11, 30))
    assert len(found.rows) == 12
    assert [row for row in crowd.rows("new", day_of(TODAY)) if row[1] or row[4]] == [
        (date(2025, 12, 1), 0, 0, 0, 1, -10_000),
        (date(2026, 9, 1), 1, 1, 0, 0, None),
        (date(2026, 10, 1), 0, 0, 0, 1, -10_000),
        (date(2026, 11, 1), 3, 2, 1, 0, None),
    ]
    assert found.totals[1:4] == (4, 3, 1)


# Who may


def test_names_are_for_those_who_may_see_customers_and_leave_with_whom_may_export(crowd: Crowd) -> None:
    staff.set_permission(
        crowd.shop, Role.LEAD, Action.SEE_CUSTOMERS, State.DENIED, by=crowd.till.person("O", Role.OWNER)
    )
    for name in customer_lists.NAMES:
        with pytest.raises(Denied) as denied:
            customer_lists.read(crowd.shop, name, day_of(TODAY), by=crowd.till.ann)
        assert denied.value.action == Action.SEE_REPORTS
        if name != "new":
            with pytest.raises(Denied) as denied:
                crowd.read(name, day_of(TODAY))
            assert denied.value.action == Action.SEE_CUSTOMERS
            with pytest.raises(Denied) as denied:
                crowd.read(name, day_of(TODAY), export=True)
            assert denied.value.action == Action.EXPORT_CUSTOMERS
        assert customer_lists.read(crowd.shop, name, day_of(TODAY), export=True, by=staff.ROOT).name == name
    assert crowd.read("new", day_of(TODAY)).name == "new"
    for name, lane, person in (("weather", None, None), ("best", "R9", None), ("best", None, "nobody")):
        with pytest.raises(NotFound):
            customer_lists.read(crowd.shop, name, day_of(TODAY), lane=lane, person=person, export=True, by=staff.ROOT)


# Reading


def test_a_list_is_bounded_and_says_how_many_more_there_are(
    crowd: Crowd, regulars: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    del regulars
    for place in range(4):
        crowd.customer(f"Born {place}", birth_date=date(1980, 11, 20 + place // 2))
    monkeypatch.setattr(customer_lists, "MOST", 2)
    year = year_of(TODAY)
    dormant, best, born = (crowd.read(name, year) for name in ("dormant", "best", "birthdays"))
    assert [(len(one.rows), one.more) for one in (dormant, best, born)] == [(2, 1), (2, 4), (2, 2)]
    assert [row[0] for row in dormant.rows] == ["Gone", "Twin"]
    assert [row[0] for row in best.rows] == ["Ever", "Twin"]
    assert best.totals[3] == Money(6750)
    assert "... and 4 more rows." in str(lay_out(best, "Shop"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_list_reads_the_history_that_it_does_not_need(crowd: Crowd, regulars: dict[str, str]) -> None:
    del regulars
    crowd.customer("Born", birth_date=date(1980, 11, 20))
    seen: list[str] = []
    db.database.connection().set_trace_callback(seen.append)
    for name in customer_lists.NAMES:
        crowd.read(name, month_of(TODAY))
    db.database.connection().set_trace_callback(None)
    plans = {
        one: "\n".join(str(row[3]) for row in db.rows(f"EXPLAIN QUERY PLAN {one}"))
        for one in seen
        if one.startswith("SELECT")
    }
    lists = {one: plan for one, plan in plans.items() if " customer " in one or "FROM sale" in one}
    assert len(lists) > 10
    assert [
        (one, plan)
        for one, plan in lists.items()
        if "SCAN" in plan.replace("SCAN customer USING INDEX customer_merged", "") and "MAX(number)" not in one
    ] == []
    assert any("customer_birthday (<expr>=?)" in plan for plan in lists.values())
    assert any("sale_date (business_date>? AND business_date<?)" in plan for plan in lists.values())
    assert any("sale_customer (customer=?)" in plan for plan in lists.values())
    assert not any("sale_customer" in plan for one, plan in lists.items() if "BETWEEN" in one)


def test_reading_can_be_ended_at_any_step(crowd: Crowd, regulars: dict[str, str]) -> None:
    del regulars

    class Enough(Exception):
        pass

    def end(done: int, of: int) -> None:
        assert done <= of
        raise Enough

    for name in customer_lists.NAMES:
        with pytest.raises(Enough):
            crowd.read(name, month_of(TODAY), progress=end)
    assert replace(crowd.read("best", month_of(TODAY)), rows=()).totals
