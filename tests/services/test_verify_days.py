"""Whoever edits a shift, a count, a Z or a daily total is found, at the entry that it stands behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from kiosk import db
from kiosk.money import Money
from kiosk.receipts.paper import Code
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY
from kiosk.rules.drawer import Count, Purpose
from kiosk.rules.permissions import Role
from kiosk.services import cash, shifts, staff
from kiosk.services.keys import Keys
from kiosk.services.shop import Shop, load_shop, new_key
from kiosk.services.verify import Anchor, Report, verify
from tests.services.conftest import FixedTime
from tests.services.journey import Till

OPEN, CLOSE = 1, 6
"""The entries of R1's first shift: opened, two sales, cash out, a count, closed; then as many again."""


def counted(minor: int) -> Count:
    return Count(Money(minor))


@pytest.fixture
def second(shop: Shop, keys: Keys) -> Shop:
    """The same shop at lane R2."""
    return load_shop("R2", 2, keys, clock=shop.clock)


@pytest.fixture
def books(till: Till, second: Shop, time: FixedTime) -> Till:
    """Two days at R1 that were closed, and one at R2; R1 has a third that is open."""
    boss = staff.create(till.shop, staff.PersonForm(name="Max", role=Role.MANAGER), by=staff.ROOT).id
    wine = rules.add(EMPTY, till.article("Wine", 1000))
    first = till.shop
    for lane in (first, second, first):
        till.shop = lane
        held = shifts.now(lane, boss).expected or Money(0)
        shifts.open_shift(lane, Count(held), key=new_key(), by=boss)
        till.sell(wine, till.cash(1000))
        till.sell(wine, till.ticket(1000))
        cash.pay_out(lane, Money(300), Purpose.OTHER, reason="stamps", key=new_key(), by=boss)
        shifts.count(lane, Count(held + Money(690)), key=new_key(), by=boss)
        shifts.close_shift(lane, Count(held + Money(691)), to_safe=Money(100), key=new_key(), by=boss)
        time.move(days=1)
    till.shop = first
    till.sell(wine, till.cash(1000))
    return till


def found(report: Report) -> list[tuple[str, int | None, str]]:
    """What is wrong, in its order."""
    return [(each.lane, each.seq, each.what) for each in report.problems]


def shift(lane: str, number: int) -> str:
    """The id of a shift, in SQL."""
    return f"(SELECT id FROM shift WHERE lane = '{lane}' AND number = {number})"


def entry(lane: str, seq: int) -> str:
    """The id of an entry, in SQL."""
    return f"(SELECT id FROM entry WHERE lane = '{lane}' AND seq = {seq})"


def test_true_days_have_no_problem(books: Till) -> None:
    assert found(verify()) == []
    assert db.rows("SELECT lane, kind, number FROM cash_report ORDER BY lane, number") == [
        ("R1", "z", 1),
        ("R1", "z", 2),
        ("R2", "z", 1),
    ]
    assert db.row("SELECT COUNT(*) FROM day_total") != (0,)


def test_a_shift_that_was_opened_and_not_used_yet_is_true_too(books: Till) -> None:
    boss = str(db.row("SELECT id FROM staff WHERE name = 'Max'")[0])  # type: ignore[index]
    shifts.close_shift(books.shop, counted(2382), key=new_key(), by=boss)
    shifts.open_shift(books.shop, None, key=new_key(), by=boss)

    assert found(verify()) == []

    books.tamper(f"UPDATE shift SET first_seq = 3 WHERE id = {shift('R1', 4)}")
    assert found(verify()) == [("R1", 15, "shift")]


@pytest.mark.requirement("N3", "D6-02", "D6-03")
@pytest.mark.parametrize(
    ("edit", "problems"),
    [
        pytest.param(
            f"UPDATE day_total SET amount = amount + 1 WHERE figure = 'sales' AND person = '' "
            f"AND shift = {shift('R1', 2)}",
            [("R1", 12, "totals 2 2026-11-22")],
            id="a total",
        ),
        pytest.param(
            f"DELETE FROM day_total WHERE figure = 'hour' AND person = '' AND shift = {shift('R2', 1)}",
            [("R2", 6, "totals 1 2026-11-21")],
            id="a total less",
        ),
        pytest.param(
            "INSERT INTO day_total (figure, person, business_date, lane, shift, code, count, amount) "
            f"VALUES ('gift', '', '2026-11-20', 'R1', {shift('R1', 1)}, '', 1, 1)",
            [("R1", 6, "totals 1 2026-11-20")],
            id="a total more",
        ),
        pytest.param(
            f"UPDATE day_total SET business_date = '2026-11-19' WHERE figure = 'tax' AND shift = {shift('R1', 1)}",
            [("R1", 6, "totals 1 2026-11-20")],
            id="a total of another day",
        ),
        pytest.param(
            f"UPDATE cash_count SET counted = counted + 1, difference = difference + 1 WHERE entry = {entry('R1', 5)}",
            [("R1", 5, "count"), ("R1", 6, "totals 1 2026-11-20")],
            id="a count",
        ),
        pytest.param(
            f"UPDATE cash_count SET pieces = '{{}}', blind = 1 WHERE entry = {entry('R1', 6)}",
            [("R1", 6, "count")],
            id="the count of a Z",
        ),
        pytest.param(
            f"DELETE FROM cash_count WHERE entry = {entry('R1', 11)}",
            [("R1", 11, "count missing"), ("R1", 12, "totals 2 2026-11-22")],
            id="a count less",
        ),
        pytest.param(
            f"UPDATE cash_move SET amount = amount - 1 WHERE entry = {entry('R2', 4)}",
            [("R2", 4, "move"), ("R2", 6, "totals 1 2026-11-21")],
            id="a move",
        ),
        pytest.param(
            f"UPDATE cash_move SET purpose = 'bank' WHERE entry = {entry('R1', 6)}",
            [("R1", 6, "move"), ("R1", 6, "totals 1 2026-11-20")],
            id="the safe drop of a Z",
        ),
        pytest.param(
            f"DELETE FROM cash_move WHERE entry = {entry('R1', 10)}",
            [("R1", 10, "move missing"), ("R1", 12, "totals 2 2026-11-22")],
            id="a move less",
        ),
        pytest.param(
            "UPDATE cash_report SET facts = replace(facts, '\"number\":2', '\"number\":3') WHERE number = 2",
            [("R1", 12, "report 2")],
            id="the figures of a Z",
        ),
        pytest.param(
            "UPDATE cash_report SET facts = '{' WHERE number = 2", [("R1", 12, "report 2")], id="no figures at all"
        ),
        pytest.param(
            "UPDATE cash_report SET number = 3 WHERE number = 2", [("R1", 12, "report 3")], id="the number of a Z"
        ),
        pytest.param("UPDATE cash_report SET at = at + 1 WHERE number = 2", [("R1", 12, "report 2")], id="when"),
        pytest.param("UPDATE cash_report SET \"by\" = 'x' WHERE number = 2", [("R1", 12, "report 2")], id="who"),
        pytest.param("DELETE FROM cash_report WHERE number = 2", [("R1", 12, "report missing")], id="a Z less"),
        pytest.param(
            f"UPDATE shift SET number = 7 WHERE id = {shift('R1', 2)}",
            [("R1", 7, "shift 2"), ("R1", 12, "report 2")],
            id="the number of a shift",
        ),
        pytest.param(
            f"UPDATE shift SET first_seq = 8 WHERE id = {shift('R1', 2)}",
            [("R1", 7, "shift 2"), ("R1", 12, "report 2")],
            id="where a shift begins",
        ),
        pytest.param(
            f"UPDATE shift SET business_date = '2026-11-21' WHERE id = {shift('R1', 3)}",
            [("R1", 13, "shift 3")],
            id="the day of a shift",
        ),
        pytest.param(
            f"UPDATE shift SET expected = expected + 1 WHERE id = {shift('R1', 3)}",
            [("R1", 13, "shift 3")],
            id="what a shift begins with",
        ),
        pytest.param(
            f"UPDATE shift SET counted = NULL WHERE id = {shift('R2', 1)}",
            [("R2", 1, "shift 1")],
            id="a float that nobody counted",
        ),
        pytest.param(
            f"UPDATE shift SET \"by\" = 'x' WHERE id = {shift('R2', 1)}", [("R2", 6, "report 1")], id="who opened"
        ),
        pytest.param("UPDATE lane SET shifts = 9 WHERE id = 'R1'", [("R1", 14, "shift")], id="how many shifts"),
        pytest.param("UPDATE lane SET shift = NULL WHERE id = 'R1'", [("R1", 14, "shift")], id="no open shift"),
        pytest.param(
            f"UPDATE lane SET shift = {shift('R1', 1)} WHERE id = 'R2'", [("R2", 7, "shift")], id="another's shift"
        ),
    ],
)
def test_each_untruth_is_named_where_it_is(books: Till, edit: str, problems: list[tuple[str, int | None, str]]) -> None:
    books.tamper(edit)

    assert found(verify()) == problems


@pytest.mark.requirement("D6-02")
def test_a_shift_that_is_gone_is_missed_at_its_first_entry(books: Till) -> None:
    gone = shift("R1", 2)
    books.tamper(
        *(("ALTER TABLE cash_report DROP CONSTRAINT cash_report_shift_fkey",) if db.on_postgres() else ()),
        f"DELETE FROM shift WHERE id = {gone}",
    )

    assert ("R1", 7, "shift missing") in found(verify())
    assert verify().first_bad == ("R1", 7)


@pytest.mark.requirement("N3")
def test_where_the_chain_is_bad_the_days_are_not_judged(books: Till) -> None:
    """One edit is one problem: the totals of a shift with a changed sale are wrong because of that sale."""
    books.tamper(
        f"UPDATE entry SET kind = 'gift' WHERE id = {entry('R1', 2)}",
        f"UPDATE day_total SET amount = 0 WHERE figure = 'sales' AND shift = {shift('R1', 1)}",
    )

    assert found(verify()) == [("R1", 2, "hash")]


@pytest.mark.requirement("N3")
def test_the_qr_of_a_z_is_held_against_the_books(books: Till) -> None:
    (report, number) = db.row("SELECT id, number FROM cash_report WHERE lane = 'R1' ORDER BY number DESC") or ("", 0)
    (code,) = [element.data for element in shifts.document(books.shop, report) if isinstance(element, Code)]
    anchor = Anchor.parse(code)

    assert anchor is not None
    assert (anchor.lane, anchor.seq, number) == ("R1", 12, 2)
    assert found(verify(anchors=[anchor])) == []
    other = Anchor.parse(code[:-1] + ("0" if code[-1] != "0" else "1"))
    assert other is not None
    assert found(verify(anchors=[other])) == [("R1", 12, "anchor")]
    assert Anchor.parse("kiosk-z|R1|2|x|ab") is None


def test_a_day_has_totals_only_once_it_is_closed(books: Till) -> None:
    (day,) = db.row("SELECT business_date FROM shift WHERE lane = 'R1' AND number = 3") or ("",)

    assert db.row("SELECT COUNT(*) FROM day_total WHERE business_date = ?", (day,)) == (0,)


def test_a_z_takes_its_time_and_is_true_all_the_same(till: Till, time: FixedTime) -> None:
    def ticking() -> datetime:
        time.move(microseconds=7_001)
        return time.now

    till.shop = replace(till.shop, clock=replace(till.shop.clock, read=ticking))
    boss = staff.create(till.shop, staff.PersonForm(name="Max", role=Role.MANAGER), by=staff.ROOT).id
    for _day in range(20):
        shifts.open_shift(till.shop, counted(0), key=new_key(), by=boss)
        shifts.close_shift(till.shop, counted(0), key=new_key(), by=boss)

    assert found(verify()) == []
