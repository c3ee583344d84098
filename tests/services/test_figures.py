"""The figures of a shift are those of its entries, to the cent, and prove what the books hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from kiosk import db
from kiosk.errors import Invalid
from kiosk.money import ONE, Money, Percent, Quantity
from kiosk.receipts.shift_report import (
    CountFigure,
    DayBefore,
    MoveFigure,
    ProofLine,
    RateFigure,
    ShiftReport,
    Tally,
    TenderFigure,
)
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY, Basket, Discount, Item
from kiosk.rules.drawer import Count, Purpose
from kiosk.rules.permissions import Role
from kiosk.rules.tender import Given
from kiosk.services import cash, day_totals, drawer, figures, journal, returns, shift_rows, shifts
from kiosk.services.day_totals import Summed
from kiosk.services.figures import Total
from kiosk.services.keys import Keys
from kiosk.services.ledger import Account, Line
from kiosk.services.sales import Sold
from kiosk.services.shop import load_shop, new_key
from kiosk.services.verify import verify
from tests.services.conftest import FixedTime
from tests.services.journey import Till

FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)


@dataclass
class Day:
    """A shop in the middle of a day."""

    till: Till
    boss: str
    """Max, who may do everything."""
    wine: Item
    bread: Item

    def give_back(self, basket: Basket, *, to_voucher: bool = False) -> Sold:
        """Close a basket that is worth less than nothing."""
        backs = returns.plan(self.till.shop, basket, to_voucher=to_voucher)
        given = (Given(back.tender, -back.amount, original=back.original) for back in backs)
        return self.till.sell(basket, *given, by=self.boss)

    def back(self, sold: Sold, into: Basket = EMPTY) -> Basket:
        """One of the first line comes back."""
        return returns.take_back(self.till.shop, into, sold.sale, {1: ONE}, reason="Faulty")

    def close(self, counted: int | None, *, to_safe: int = 0) -> ShiftReport:
        """Close the shift; its Z as it is kept."""
        shop = self.till.shop
        count = None if counted is None else Count(Money(counted))
        closed = shifts.close_shift(shop, count, key=new_key(), by=self.boss, to_safe=Money(to_safe))
        return shifts.report(shop, closed.report)

    def x(self) -> ShiftReport:
        """An X of now."""
        return shifts.report(self.till.shop, shifts.read_x(self.till.shop, key=new_key(), by=self.boss))

    def open(self, minor: int) -> None:
        """Open a shift with a float."""
        shifts.open_shift(self.till.shop, Count(Money(minor)), key=new_key(), by=self.boss)


@pytest.fixture
def empty(till: Till) -> Day:
    """A shop that has not opened yet."""
    wine, bread = till.article("Wine", 1200), till.article("Bread", 330)
    return Day(till, till.person("Max Moon", Role.MANAGER), wine, replace(bread, tax=rules.TaxRate("B", Percent(1000))))


@pytest.fixture
def day(empty: Day, time: FixedTime) -> Day:
    """All that can happen in a day, worked out by hand in the tests below."""
    till, shop = empty.till, empty.till.shop
    empty.open(20_000)
    two = rules.add(rules.add(EMPTY, empty.wine, Quantity.of(2)), empty.bread)
    till.sell(rules.discount_line(two, 1, Discount(percent=Percent(1000))), till.ticket(500), till.cash(2000))
    till.sell(rules.discount_all(rules.add(EMPTY, empty.wine), Discount(amount=Money(200))), till.card(1000))
    three = till.sell(rules.add(EMPTY, empty.wine, Quantity.of(3)), till.cash(4000))
    time.move(hours=2)
    empty.give_back(empty.back(three))
    empty.give_back(empty.back(three, rules.add(EMPTY, empty.bread, Quantity.of(2))))
    empty.give_back(empty.back(three), to_voucher=True)
    wrong = till.sell(rules.add(EMPTY, empty.bread), till.cash(330))
    returns.void_sale(shop, wrong.sale, reason="Wrong article", key=new_key(), by=empty.boss)
    journal.note(shop, till.ann, figures.LINE_VOIDED, text="Bread", minor=330)
    journal.note(shop, till.ann, figures.SALE_VOIDED, text="2 items", minor=1530)
    drawer.open_without_sale(shop, by=empty.boss, reason="change")
    cash.pay_in(shop, Money(5000), Purpose.BANK, key=new_key(), by=empty.boss)
    cash.pay_out(shop, Money(1500), Purpose.OTHER, reason="stamps", key=new_key(), by=empty.boss)
    return empty


@pytest.mark.requirement("D6-03", "D6-02")
def test_a_z_is_what_the_day_comes_to_by_hand(day: Day) -> None:
    z = day.close(27_250)

    # 24.90 + 10.00 + 36.00 + bread 6.60 in the exchange + 3.30; back 3 x 12.00; voided 3.30.
    assert (z.sales, z.returns, z.voids) == (Tally(5, Money(8080)), Tally(3, Money(3600)), Tally(1, Money(330)))
    assert z.gross == Money(8080 - 3600 - 330)
    assert z.rates == (
        RateFigure("A", Percent(2000), Money(1800 + 833 + 3000 - 3 * 1000), Money(360 + 167 + 600 - 3 * 200)),
        RateFigure("B", Percent(1000), Money(300 + 600), Money(30 + 60)),
    )
    assert z.tenders == (
        TenderFigure("cash", "Cash", "cash", Tally(3, Money(1990 + 3600 + 330)), Tally(3, Money(1200 + 540 + 330))),
        TenderFigure("card", "Bank card", "card", Tally(1, Money(1000)), Tally()),
        TenderFigure("ticket", "Meal ticket", "ticket", Tally(1, Money(500)), Tally()),
        TenderFigure("voucher", "Credit note", "voucher", Tally(), Tally(1, Money(1200))),
    )
    assert sum(tender.net.minor for tender in z.tenders) == z.gross.minor
    assert z.discounts == Tally(2, Money(240 + 200))
    assert (z.line_voids, z.drawer_openings, z.rounding) == (Tally(2, Money(1860)), 1, Money(0))
    assert z.moves == (
        MoveFigure("in", "bank", Tally(1, Money(5000))),
        MoveFigure("out", "other", Tally(1, Money(1500))),
    )
    assert (z.loaded, z.paid_out) == (Tally(1, Money(1200)), Tally())
    assert (z.opening, z.cash_sales, z.cash_refunds) == (Money(20_000), Money(5920), Money(2070))
    assert (z.cash_in, z.cash_out) == (Money(5000), Money(1500))
    assert (z.expected, z.counted, z.difference, z.drawer) == (
        Money(27_350),
        Money(27_250),
        Money(-100),
        Money(27_250),
    )
    assert z.counts == (
        CountFigure("open", Money(0), Money(20_000)),
        CountFigure("close", Money(27_350), Money(27_250)),
    )
    assert z.held == (ProofLine("drawer", "EUR", 0, 27_250, 27_250), ProofLine("voucher", "EUR", 0, -1200, -1200))
    assert (z.proof_ok, z.entries_balance, z.before) == (True, True, None)


@pytest.mark.requirement("D6-03")
def test_a_z_says_which_shift_entries_and_receipts_it_is_of(day: Day) -> None:
    z = day.close(27_250)

    assert (z.kind, z.number, z.shift_number, z.lane, z.business_date) == ("z", 1, 1, "R1", "2026-11-20")
    assert (z.opened_at.isoformat(), z.at.isoformat()) == ("2026-11-20T13:00:00+01:00", "2026-11-20T15:00:00+01:00")
    assert (z.by, z.by_id, z.opened_by) == ("Max", day.boss, day.boss)
    assert (z.zone, z.currency) == ("Europe/Berlin", "EUR")
    assert (z.first_receipt, z.last_receipt) == (1, 8)
    assert (z.first_seq, z.last_seq, z.heads) == (1, 11, {"R1": 12})
    assert db.row("SELECT kind FROM entry WHERE seq = 12") == ("shift.closed",)


@pytest.mark.requirement("D6-02")
def test_an_x_reads_the_same_and_closes_nothing(day: Day) -> None:
    first, second = day.x(), day.x()

    assert (first.kind, first.number, second.number) == ("x", 1, 2)
    assert second == replace(first, number=2)
    assert (first.expected, first.counted, first.difference, first.drawer) == (Money(27_350), None, None, Money(27_350))
    assert (first.heads, first.last_seq) == ({"R1": 11}, 11)
    z = day.close(27_350)
    assert (z.gross, z.sales, z.tenders, z.rates) == (first.gross, first.sales, first.tenders, first.rates)


@pytest.mark.requirement("D6-03", "Q-22")
def test_the_next_z_starts_from_nothing_and_has_the_day_before_beside_it(day: Day, time: FixedTime) -> None:
    first = day.close(27_250, to_safe=20_000)
    time.move(days=1)
    day.open(7_250)
    day.till.sell(rules.add(EMPTY, day.bread), day.till.cash(330))

    z = day.close(7_580)

    assert (z.number, z.business_date, z.first_seq, z.first_receipt, z.last_receipt) == (2, "2026-11-21", 13, 9, 9)
    assert (z.sales, z.returns, z.voids, z.gross) == (Tally(1, Money(330)), Tally(), Tally(), Money(330))
    assert (z.line_voids, z.drawer_openings, z.discounts, z.moves) == (Tally(), 0, Tally(), ())
    assert (z.opening, z.drawer, z.difference) == (Money(7250), Money(7580), Money(0))
    assert z.before == DayBefore(
        number=1,
        business_date="2026-11-20",
        gross=first.gross,
        sales=5,
        tenders={"cash": 3850, "card": 1000, "ticket": 500, "voucher": -1200},
    )
    assert z.held == (
        ProofLine("drawer", "EUR", 7250, 330, 7580),
        ProofLine("safe", "EUR", 20_000, 0, 20_000),
        ProofLine("voucher", "EUR", -1200, 0, -1200),
    )
    assert (first.held[0], first.cash_out) == (ProofLine("drawer", "EUR", 0, 7250, 7250), Money(21_500))
    assert (first.expected, first.counted, first.difference, first.drawer) == (
        Money(27_350),
        Money(27_250),
        Money(-100),
        Money(7250),
    )


@pytest.mark.requirement("N4")
def test_the_sum_proof_takes_in_what_other_tills_moved(day: Day, keys: Keys, time: FixedTime) -> None:
    """R2 sells all the while; the Z of each till proves what the shop holds, from its own last Z on."""
    first, second = day.till.shop, load_shop("R2", 2, keys, clock=day.till.shop.clock)
    day.till.shop = second
    day.open(10_000)
    day.till.sell(rules.add(EMPTY, day.wine), day.till.cash(1200))
    day.till.shop = first

    z = day.close(27_250)

    assert z.heads == {"R1": 12, "R2": 2}
    assert z.held[0] == ProofLine("drawer", "EUR", 0, 38_450, 38_450)
    day.till.shop = second
    day.till.sell(rules.add(EMPTY, day.wine), day.till.cash(1200))
    other = day.close(12_400)
    # R2 had no Z yet: it goes on from the shop's newest, which is that of R1.
    assert other.held[0] == ProofLine("drawer", "EUR", 38_450, 1200, 39_650)
    assert (other.heads, other.before, other.proof_ok) == ({"R1": 12, "R2": 4}, None, True)
    assert (other.sales, other.gross) == (Tally(2, Money(2400)), Money(2400))


@pytest.mark.requirement("N4")
def test_the_sum_proof_fails_when_a_balance_was_changed(day: Day) -> None:
    day.till.tamper("UPDATE account SET balance = balance + 1 WHERE kind = 'voucher'")

    found = day.x()

    assert [line for line in found.held if not line.ok] == [ProofLine("voucher", "EUR", 0, -1200, -1199)]
    assert not found.proof_ok


@pytest.mark.requirement("N4")
def test_the_sum_proof_fails_when_an_entry_of_the_shift_does_not_balance(day: Day) -> None:
    assert day.x().entries_balance
    day.till.tamper(
        "UPDATE posting SET amount = amount - 1 WHERE entry = (SELECT id FROM entry WHERE seq = 3) "
        "AND account = (SELECT id FROM account WHERE kind = 'sales' AND owner = 'A/2000')"
    )

    found = day.x()

    assert (found.entries_balance, found.proof_ok) == (False, False)


def test_a_z_that_somebody_damaged_is_no_base_for_the_next_and_holds_nothing_up(day: Day) -> None:
    day.close(27_250)
    day.open(27_250)
    day.till.tamper("UPDATE cash_report SET facts = '{\"held\":1}'")

    found = day.x()

    assert (found.before, found.proof_ok) == (None, True)
    assert found.held == (
        ProofLine("drawer", "EUR", 0, 27_250, 27_250),
        ProofLine("voucher", "EUR", 0, -1200, -1200),
    )


def test_what_closes_a_shift_is_in_its_proof_before_it_is_posted(day: Day) -> None:
    shift = shift_rows.current(day.till.shop)
    assert shift is not None
    lines = (
        Line(Account("drawer", "R1", "EUR"), -100),
        Line(Account("overshort", "", "EUR"), 100),
    )

    found = figures.collect(day.till.shop, shift, kind="z", number=1, by=day.boss, closing=lines)
    crooked = figures.collect(day.till.shop, shift, kind="z", number=1, by=day.boss, closing=lines[:1])

    assert found.held[0] == ProofLine("drawer", "EUR", 0, 27_250, 27_250)
    assert (found.drawer, found.heads, found.proof_ok) == (Money(27_250), {"R1": 12}, True)
    assert not crooked.entries_balance


@pytest.mark.requirement("D7-04")
def test_the_totals_of_the_day_are_rows_for_everybody_and_for_each_person(day: Day) -> None:
    shift = shift_rows.current(day.till.shop)
    assert shift is not None
    ann, boss = day.till.ann, day.boss
    wine, bread = day.wine.article, day.bread.article

    found = figures.totals(day.till.shop, shift)

    assert {(one.figure, one.code): (one.count, one.amount) for one in found if not one.person} == {
        ("turnover", "A/2000"): (6, 3160),
        ("turnover", "B/1000"): (3, 990),
        ("net", "A/2000"): (6, 2633),
        ("net", "B/1000"): (3, 900),
        ("tax", "A/2000"): (6, 527),
        ("tax", "B/1000"): (3, 90),
        ("sales", ""): (5, 8080),
        ("returns", ""): (3, 3600),
        ("voids", ""): (1, 330),
        ("line_voids", ""): (2, 1860),
        ("discounts", ""): (2, 440),
        ("drawer", ""): (1, 0),
        ("tender", "cash"): (3, 5920),
        ("tender", "card"): (1, 1000),
        ("tender", "ticket"): (1, 500),
        ("tender.back", "cash"): (3, 2070),
        ("tender.back", "voucher"): (1, 1200),
        ("hour", "13"): (3, 7090),
        ("hour", "15"): (2, -2940),
        ("article", wine): (3000, 3160),
        ("article", bread): (3000, 990),
        ("category", ""): (6000, 4150),
        ("loaded", "voucher"): (1, 1200),
        ("in", "bank"): (1, 5000),
        ("out", "other"): (1, 1500),
        ("difference", "open"): (1, 20_000),
    }
    assert {(one.figure, one.code): (one.count, one.amount) for one in found if one.person == boss} == {
        ("sales", ""): (1, 660),
        ("returns", ""): (3, 3600),
        ("voids", ""): (1, 330),
        ("drawer", ""): (1, 0),
        ("tender.back", "cash"): (3, 2070),
        ("tender.back", "voucher"): (1, 1200),
        ("hour", "15"): (1, -3270),
    }
    assert {one.person for one in found} == {"", ann, boss}
    assert Total("line_voids", ann, "", 2, 1860) in found
    assert Total("discounts", ann, "", 2, 440) in found
    assert sum(one.amount for one in found if one.figure == "hour" and not one.person) == 4150


@pytest.mark.requirement("Q-22", "D7-04")
def test_closed_days_are_summed_by_date_person_and_till(day: Day, keys: Keys, time: FixedTime) -> None:
    first, second = day.till.shop, load_shop("R2", 2, keys, clock=day.till.shop.clock)
    day.close(27_250)
    time.move(days=1)
    for shop in (first, second):
        day.till.shop = shop
        day.till.sell(rules.add(EMPTY, day.bread), day.till.cash(330))
        day.close(shift_rows.drawer_balance(shop).minor)

    both = day_totals.between(FRIDAY, SATURDAY, ("sales", "tender"))
    assert both == (
        Summed("sales", "", 7, 8740),
        Summed("tender", "card", 1, 1000),
        Summed("tender", "cash", 5, 6580),
        Summed("tender", "ticket", 1, 500),
    )
    assert day_totals.between(SATURDAY, SATURDAY, ("sales",)) == (Summed("sales", "", 2, 660),)
    assert day_totals.between(SATURDAY, SATURDAY, ("sales",), lane="R2") == (Summed("sales", "", 1, 330),)
    assert day_totals.between(FRIDAY, SATURDAY, ("sales",), person=day.boss) == (Summed("sales", "", 1, 660),)
    assert day_totals.between(FRIDAY, SATURDAY, ("sales",), group="day") == (
        Summed("sales", "", 5, 8080, "2026-11-20"),
        Summed("sales", "", 2, 660, "2026-11-21"),
    )
    assert day_totals.between(FRIDAY, SATURDAY, ("sales",), group="lane") == (
        Summed("sales", "", 6, 8410, "R1"),
        Summed("sales", "", 1, 330, "R2"),
    )
    by_person = day_totals.between(FRIDAY, SATURDAY, ("sales", "returns"), group="person")
    assert sorted(by_person, key=lambda row: (row.figure, row.amount)) == [
        Summed("returns", "", 3, 3600, day.boss),
        Summed("sales", "", 1, 660, day.boss),
        Summed("sales", "", 6, 8080, day.till.ann),
    ]
    assert day_totals.between(FRIDAY, SATURDAY, ("sales", "returns"), group="person", person="x") == by_person
    assert day_totals.between(FRIDAY, SATURDAY, ()) == ()
    assert day_totals.between(date(2026, 11, 22), date(2026, 12, 31), ("sales",)) == ()


@pytest.mark.requirement("D6-03")
def test_totals_read_again_after_the_z_are_the_same(day: Day) -> None:
    shift = shift_rows.current(day.till.shop)
    assert shift is not None
    day.close(27_250)
    day.till.sell(rules.add(EMPTY, day.bread), day.till.cash(330))

    again = figures.totals(day.till.shop, shift)

    kept = db.rows("SELECT figure, person, code, count, amount FROM day_total ORDER BY figure, person, code")
    assert [(one.figure, one.person, one.code, one.count, one.amount) for one in again] == [tuple(row) for row in kept]
    assert verify().ok


BIG: Final = ("entry", "posting", "sale", "sale_line", "sale_tax", "sale_tender", "journal", "cash_report", "day_total")
"""What grows for ever."""


@pytest.mark.requirement("D6-03")
def test_no_query_of_a_z_or_of_a_year_reads_more_than_it_is_asked_for(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each plan starts from an index; PostgreSQL, which scans small tables, is told not to where it can help it."""
    day.close(27_250)
    day.open(27_250)
    shift = shift_rows.current(day.till.shop)
    assert shift is not None
    asked: list[tuple[str, Sequence[object]]] = []
    rows, row = db.rows, db.row

    def remembering(read: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(sql: str, params: Sequence[object] = ()) -> Any:
            asked.append((sql, params))
            return read(sql, params)

        return wrapped

    monkeypatch.setattr(db, "rows", remembering(rows))
    monkeypatch.setattr(db, "row", remembering(row))
    figures.collect(day.till.shop, shift, kind="z", number=2, by=day.boss)
    figures.totals(day.till.shop, shift)
    day_totals.between(FRIDAY, SATURDAY, ("sales", "turnover"))
    day_totals.between(FRIDAY, SATURDAY, ("sales", "turnover"), group="person")
    monkeypatch.undo()

    assert len(asked) > 25
    if db.on_postgres():
        db.run("SET enable_seqscan = off")
    for sql, params in asked:
        found = rows(("EXPLAIN " if db.on_postgres() else "EXPLAIN QUERY PLAN ") + sql, params)
        plan = "\n".join(str(line[-1]) for line in found)
        for table in BIG:
            scan = (
                rf"Seq Scan on {table}\b" if db.on_postgres() else rf"SCAN {table}\b(?! USING INDEX sqlite_autoindex)"
            )
            assert not re.search(scan, plan), f"{sql}\n{plan}"


def test_hours_are_those_of_the_shop_s_wall_clock_in_zones_of_half_hours_too(empty: Day) -> None:
    empty.till.change(zone="Asia/Kathmandu")
    empty.till.shop = replace(empty.till.shop, clock=replace(empty.till.shop.clock, zone=ZoneInfo("Asia/Kathmandu")))
    empty.till.sell(rules.add(EMPTY, empty.bread), empty.till.cash(330))
    shift = shift_rows.current(empty.till.shop)
    assert shift is not None

    found = figures.totals(empty.till.shop, shift)

    # 12:00 in UTC is 17:45 in Kathmandu.
    assert [(one.code, one.count, one.amount) for one in found if one.figure == "hour" and not one.person] == [
        ("17", 1, 330)
    ]


def test_prices_without_tax_are_told_with_it(empty: Day) -> None:
    till = empty.till
    till.change(prices_include_tax=False)
    sold = till.sell(rules.add(EMPTY, empty.wine, Quantity.of(2)), till.cash(2880))
    empty.give_back(empty.back(sold, rules.add(EMPTY, empty.bread)))
    shift = shift_rows.current(till.shop)
    assert shift is not None

    found = {
        (one.figure, one.code): (one.count, one.amount) for one in figures.totals(till.shop, shift) if not one.person
    }

    # Two wines 24.00 + 4.80; one back 12.00 + 2.40; bread 3.30 + 0.33.
    assert found["sales", ""] == (2, 2880 + 363)
    assert found["returns", ""] == (1, 1440)
    assert found["turnover", "A/2000"] == (2, 1440)
    assert found["turnover", "B/1000"] == (1, 363)
    assert found["article", empty.wine.article] == (1000, 1440)
    assert found["article", empty.bread.article] == (1000, 363)


def test_a_line_without_an_article_is_told_by_its_number_or_its_text(empty: Day) -> None:
    open_price = replace(empty.bread, article="", number="")
    numbered = replace(empty.bread, article="", number="17")
    empty.till.sell(rules.add(rules.add(EMPTY, open_price), numbered), empty.till.cash(660))
    shift = shift_rows.current(empty.till.shop)
    assert shift is not None

    found = figures.totals(empty.till.shop, shift)

    assert [(one.code, one.count, one.amount) for one in found if one.figure == "article"] == [
        ("17", 1000, 330),
        ("Bread", 1000, 330),
    ]


def test_a_void_of_a_return_is_a_void_of_less_than_nothing(empty: Day) -> None:
    sold = empty.till.sell(rules.add(EMPTY, empty.wine), empty.till.cash(1200))
    back = empty.give_back(empty.back(sold))
    returns.void_sale(empty.till.shop, back.sale, reason="Wrong", key=new_key(), by=empty.boss)

    found = empty.x()

    assert (found.sales, found.returns, found.voids) == (
        Tally(1, Money(1200)),
        Tally(1, Money(1200)),
        Tally(1, Money(-1200)),
    )
    assert found.gross == Money(1200)
    assert found.tenders[0].net == Money(1200)


def test_notes_without_a_sum_count_as_nothing_and_stop_nothing(empty: Day) -> None:
    empty.till.sell(rules.add(EMPTY, empty.bread), empty.till.cash(330))
    for facts in ('{"minor":"1"}', '{"minor":true}', "[]", "no json", '{"minor":5}'):
        journal.note(empty.till.shop, empty.till.ann, figures.LINE_VOIDED)
        db.run("UPDATE journal SET facts = ? WHERE facts = '{}'", (facts,))

    assert empty.x().line_voids == Tally(5, Money(5))


@pytest.mark.requirement("D6-02", "D6-03")
def test_a_report_is_kept_without_names_and_read_as_it_was(day: Day) -> None:
    z = day.close(27_250)
    (text,) = db.row("SELECT facts FROM cash_report WHERE kind = 'z'") or ("",)

    assert figures.from_text(text) == z
    assert figures.to_text(z) == text
    assert "Max" not in text
    db.run("UPDATE staff SET name = 'Moritz Moon' WHERE id = ?", (day.boss,))
    assert figures.from_text(text) == replace(z, by="Moritz")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"number":1', '"number":"1"'),
        ('"number":1', '"number":1.0'),
        ('"number":1', '"number":true'),
        ('"number":1', '"number":9223372036854775808'),
        ('"number":1,', ""),
        ('"number":1', '"number":1,"more":1'),
        ('"entries_balance":true', '"entries_balance":1'),
        ('"lane":"R1"', '"lane":null'),
        ('"opened_at":"2026', '"opened_at":"20x6'),
        ('"rates":[', '"rates":[[],'),
        ('"heads":{', '"heads":[{'),
        ('"before":null', '"before":{}'),
        ("{", "[" * 100_000),
    ],
)
def test_a_report_that_was_damaged_is_refused(day: Day, old: str, new: str) -> None:
    text = figures.to_text(day.x())
    assert old in text

    with pytest.raises(Invalid) as refused:
        figures.from_text(text.replace(old, new, 1))
    assert refused.value.field == "document"
