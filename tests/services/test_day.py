"""A whole day at the till, from the float to the Z, with every figure added up by hand.

====  ==========================================  ======  =====  =====  =====  =====  ==========================
no.   what                                         total  A net  A tax  B net  B tax  drawer
====  ==========================================  ======  =====  =====  =====  =====  ==========================
      float, counted                                                                  150.00
1     2 bread, 1 jam, cash 20.00, change 8.50      11.50   5.00   1.00   5.00   0.50  +11.50
2     1 wine, bank card                            12.00  10.00   2.00
3     2 jam, meal ticket                           11.00                10.00   1.00
4     2 wine, bank transfer                        24.00  20.00   4.00
5     1 wine, 1 jam, card 10.00, cash 10.00        17.50  10.00   2.00   5.00   0.50  +7.50 (change 2.50)
6     1 bread, cash                                 3.00   2.50   0.50                +3.00
7     6 is voided                                  -3.00  -2.50  -0.50                -3.00
8     1 bread of 1 comes back                      -3.00  -2.50  -0.50                -3.00
9     the jam of 1 for a wine, cash 10.00           6.50  10.00   2.00  -5.00  -0.50  +6.50 (change 3.50)
      paid out: window cleaner                                                        -15.00
      to the safe                                                                     -50.00
====  ==========================================  ======  =====  =====  =====  =====  ==========================
      sum                                          79.50  52.50  10.50  15.00   1.50  107.50, counted 106.50
====  ==========================================  ======  =====  =====  =====  =====  ==========================
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from kiosk import db
from kiosk.money import ZERO, Money, Percent
from kiosk.receipts import paper
from kiosk.receipts.shift_report import CountFigure, MoveFigure, ShiftReport, Tally
from kiosk.rules import drawer
from kiosk.rules.basket import Basket
from kiosk.rules.drawer import Purpose
from kiosk.rules.permissions import Role
from kiosk.rules.tender import Given
from kiosk.services import cash, shift_rows, shifts, signing
from kiosk.services.sales import Sold
from kiosk.services.shifts import Closed, Counted
from kiosk.services.shop import new_key
from kiosk.services.verify import verify
from tests.services.conftest import FixedTime
from tests.services.journey import Till
from tests.services.test_returns import A, B, basket, give_back, item, returned, void
from tests.services.test_shifts import a_person
from tests.services.test_shifts import cash as counted

BREAD, WINE, JAM = item(300, A, "Bread"), item(1200, A, "Wine"), item(550, B, "Jam")


@dataclass
class Day:
    """The till in the evening."""

    till: Till
    mara: str
    x: str
    """The X that was read after the fifth sale."""
    closed: Closed

    @property
    def z(self) -> ShiftReport:
        """The Z."""
        return shifts.report(self.till.shop, self.closed.report)


@pytest.fixture
def day(till: Till, time: FixedTime) -> Day:
    """The day of the table above."""
    mara = a_person(till, "Mara Meyer", Role.MANAGER)
    shop, ann = till.shop, till.ann
    shifts.open_shift(shop, drawer.count({5000: 1, 2000: 3, 1000: 2, 500: 2, 200: 5}), key=new_key(), by=ann)
    sold: list[Sold] = []

    def sell(filled: Basket, *given: Given) -> None:
        time.move(minutes=10)
        sold.append(till.sell(filled, *given))

    sell(basket((BREAD, 2), JAM), till.cash(2000))
    sell(basket(WINE), till.card(1200))
    sell(basket((JAM, 2)), till.ticket(1100))
    sell(basket((WINE, 2)), bank(till, 2400))
    sell(basket(WINE, JAM), till.card(1000), till.cash(1000))
    x = shifts.read_x(shop, key=new_key(), by=mara)
    sell(basket(BREAD), till.cash(300))
    void(till, sold[5], mara)
    give_back(till, returned(till, sold[0], {1: 1}), mara)
    till.sell(returned(till, sold[0], {2: 1}, basket(WINE)), till.cash(1000), by=mara)
    cash.pay_out(shop, Money(1500), Purpose.OTHER, reason="Window cleaner", slip=True, key=new_key(), by=mara)
    cash.pay_out(shop, Money(5000), Purpose.SAFE, key=new_key(), by=mara)
    time.move(hours=6)
    closed = shifts.close_shift(shop, counted(10_650), key=new_key(), by=ann)
    return Day(till, mara, x, closed)


def bank(till: Till, minor: int) -> Given:
    """A bank transfer over so much."""
    return Given(till.tender("bank"), Money(minor))


def posted() -> dict[str, int]:
    """What the ledger itself says of each account."""
    return {
        f"{kind}:{owner}".rstrip(":"): int(amount)
        for kind, owner, amount in db.rows(
            "SELECT kind, owner, SUM(amount) FROM posting JOIN account ON account.id = posting.account "
            "GROUP BY kind, owner"
        )
    }


@pytest.mark.requirement("D6-01", "D6-02", "D6-04", "D6-05", "K-21", "K-22")
def test_the_ledger_comes_to_what_was_added_up_by_hand(day: Day) -> None:
    assert posted() == {
        "drawer:R1": 10_650,
        "safe": 5000,
        "clearing:card": 2200,
        "clearing:ticket": 1100,
        "bank": 2400,
        "paidout:other": 1500,
        "overshort": -15_000 + 100,
        "sales:A/2000": -5250,
        "tax:A/2000": -1050,
        "sales:B/1000": -1500,
        "tax:B/1000": -150,
    }
    assert sum(posted().values()) == 0
    report = verify(root=signing.first_public(day.till.shop))
    assert (report.ok, report.entries, report.sales) == (True, 13, 9)


@pytest.mark.requirement("D6-02", "D6-03")
def test_the_z_shows_the_turnover_of_the_day(day: Day) -> None:
    z = day.z
    assert z.gross == Money(7950)
    assert [(rate.code, rate.percent, rate.net, rate.tax) for rate in z.rates] == [
        ("A", Percent(2000), Money(5250), Money(1050)),
        ("B", Percent(1000), Money(1500), Money(150)),
    ]
    assert (z.sales, z.returns, z.voids) == (
        Tally(7, Money(9100)),
        Tally(2, Money(850)),
        Tally(1, Money(300)),
    )
    assert z.sales.amount - z.returns.amount - z.voids.amount == z.gross
    assert (z.first_receipt, z.last_receipt, z.rounding) == (1, 9, ZERO)
    assert z.gross.minor == -sum(posted()[name] for name in posted() if name.startswith(("sales", "tax")))


@pytest.mark.requirement("D6-03", "Q-22")
def test_the_z_shows_what_came_in_and_went_back_by_each_tender(day: Day) -> None:
    assert [(one.tender, one.taken, one.given_back) for one in day.z.tenders] == [
        ("cash", Tally(4, Money(2850)), Tally(2, Money(600))),
        ("card", Tally(2, Money(2200)), Tally(0, ZERO)),
        ("ticket", Tally(1, Money(1100)), Tally(0, ZERO)),
        ("bank", Tally(1, Money(2400)), Tally(0, ZERO)),
    ]
    assert sum(one.net.minor for one in day.z.tenders) == day.z.gross.minor


@pytest.mark.requirement("D6-03", "D6-05", "K-21", "K-22")
def test_the_z_shows_the_way_of_the_cash_from_the_float_to_the_count(day: Day) -> None:
    z = day.z
    assert (z.opening, z.cash_sales, z.cash_refunds) == (Money(15_000), Money(2850), Money(600))
    assert (z.cash_in, z.cash_out) == (ZERO, Money(6500))
    assert z.moves == (
        MoveFigure("out", "other", Tally(1, Money(1500))),
        MoveFigure("out", "safe", Tally(1, Money(5000))),
    )
    assert (z.expected, z.counted, z.difference, z.drawer) == (
        Money(10_750),
        Money(10_650),
        Money(-100),
        Money(10_650),
    )
    assert z.opening + z.cash_sales - z.cash_refunds + z.cash_in - z.cash_out == z.expected
    assert z.counts == (
        CountFigure("open", ZERO, Money(15_000)),
        CountFigure("close", Money(10_750), Money(10_650)),
    )
    assert day.closed.counted == Counted(Money(10_750), Money(10_650), Money(-100))


@pytest.mark.requirement("D6-03", "N4")
def test_the_z_proves_its_sums(day: Day) -> None:
    held = {(line.kind, line.unit): (line.before, line.moved, line.now) for line in day.z.held}
    assert held[("drawer", "EUR")] == (0, 10_650, 10_650)
    assert held[("safe", "EUR")] == (0, 5000, 5000)
    assert (day.z.entries_balance, day.z.proof_ok, day.closed.proof_ok) == (True, True, True)


@pytest.mark.requirement("D6-02")
def test_the_x_shows_the_day_up_to_then(day: Day) -> None:
    x = shifts.report(day.till.shop, day.x)
    assert (x.kind, x.number, x.gross, x.sales) == ("x", 1, Money(7600), Tally(5, Money(7600)))
    assert (x.expected, x.counted, x.drawer) == (Money(16_900), None, Money(16_900))


@pytest.mark.requirement("D6-02", "N3")
def test_the_paper_bears_the_sums_and_the_end_of_the_chain(day: Day) -> None:
    lines = "\n".join(paper.as_text(shifts.document(day.till.shop, day.closed.report), 42))
    assert day.closed.hash[:8] in lines
    for amount in ("79.50", "52.50", "10.50", "28.50", "107.50", "106.50", "-1.00"):
        assert amount in lines, lines
    assert db.rows("SELECT kind FROM print_job WHERE kind IN ('x', 'z', 'cash') ORDER BY id") == [
        ("x",),
        ("cash",),
        ("z",),
    ]


@pytest.mark.requirement("D6-05", "Q-22")
def test_the_next_day_goes_on_from_the_count_and_stands_beside_this_one(day: Day, time: FixedTime) -> None:
    till = day.till
    time.move(hours=14)
    assert shifts.now(till.shop, till.ann).expected == Money(10_650)
    shift = shifts.open_shift(till.shop, counted(10_650), key=new_key(), by=till.ann)
    assert (shift.number, shift.business_date, shift.first_seq) == (2, "2026-11-21", 14)

    till.sell(basket(WINE), till.cash(1200))
    closed = shifts.close_shift(till.shop, counted(11_850), key=new_key(), by=till.ann)

    z = shifts.report(till.shop, closed.report)
    assert (z.number, z.gross, z.difference, z.first_receipt) == (2, Money(1200), ZERO, 10)
    assert z.before is not None
    assert (z.before.number, z.before.business_date, z.before.gross, z.before.sales) == (
        1,
        "2026-11-20",
        Money(7950),
        7,
    )
    assert z.before.tenders == {"cash": 2250, "card": 2200, "ticket": 1100, "bank": 2400}
    assert {(line.kind, line.before, line.now) for line in z.held} >= {("drawer", 10_650, 11_850), ("safe", 5000, 5000)}
    assert z.proof_ok
    assert verify(root=signing.first_public(till.shop)).ok
    assert shift_rows.current(till.shop) is None
