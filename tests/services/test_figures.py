"""The figures of a shift are those of its entries, to the cent, and prove what the books hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.money import Money, Percent, Quantity
from kiosk.receipts.shift_report import CountFigure, ProofLine, RateFigure, ShiftReport, Tally
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY, Discount
from kiosk.rules.drawer import Count
from kiosk.rules.permissions import Role
from kiosk.services import drawer, figures, journal, shifts, staff
from kiosk.services.shop import new_key
from tests.services.journey import Till


def cash(minor: int) -> Count:
    return Count(Money(minor))


@pytest.fixture
def lea(till: Till) -> str:
    """Lea, who may open the drawer and read the figures."""
    return staff.create(till.shop, staff.PersonForm(name="Lea Low", role=Role.LEAD), by=staff.ROOT).id


@pytest.fixture
def day(till: Till, lea: str) -> Till:
    """A shift of Ann's with a float of 200.00: two receipts, two rates, three tenders, discounts, a line voided, a look."""
    shifts.open_shift(till.shop, cash(20_000), key=new_key(), by=till.ann)
    wine = till.article("Wine", 1200)
    bread = replace(till.article("Bread", 330), tax=rules.TaxRate("B", Percent(1000)))
    first = rules.add(rules.add(EMPTY, wine, Quantity.of(2)), bread)
    till.sell(rules.discount_line(first, 1, Discount(percent=Percent(1000))), till.ticket(500), till.cash(2000))
    second = rules.discount_all(rules.add(EMPTY, wine), Discount(amount=Money(200)))
    till.sell(second, till.card(1000))
    journal.note(till.shop, till.ann, figures.LINE_VOIDED, text="Bread", minor=330)
    drawer.open_without_sale(till.shop, by=lea, reason="change")
    return till


def x(till: Till, by: str) -> ShiftReport:
    return shifts.report(till.shop, shifts.read_x(till.shop, key=new_key(), by=by))


@pytest.mark.requirement("D6-03")
def test_an_x_has_every_figure_of_the_shift(day: Till, lea: str) -> None:
    found = x(day, lea)

    assert (found.kind, found.number, found.shift_number, found.lane) == ("x", 1, 1, "R1")
    assert (found.business_date, found.first_seq, found.last_seq) == ("2026-11-20", 1, 3)
    assert (found.first_receipt, found.last_receipt, found.by, found.by_id) == (1, 2, "Lea", lea)
    # 24.00 less 10 % is 21.60, bread 3.30; then wine 12.00 less 2.00.
    assert found.sales == Tally(2, Money(3490))
    assert (found.returns, found.voids) == (Tally(), Tally())
    assert found.gross == Money(3490)
    assert found.rates == (
        RateFigure("A", Percent(2000), Money(1800 + 833), Money(360 + 167)),
        RateFigure("B", Percent(1000), Money(300), Money(30)),
    )
    assert [(one.tender, one.name, one.taken, one.given_back) for one in found.tenders] == [
        ("cash", "Cash", Tally(1, Money(1990)), Tally()),
        ("card", "Bank card", Tally(1, Money(1000)), Tally()),
        ("ticket", "Meal ticket", Tally(1, Money(500)), Tally()),
    ]
    assert found.discounts == Tally(2, Money(440))
    assert found.line_voids == Tally(1, Money(330))
    assert found.drawer_openings == 1
    assert (found.opening, found.cash_sales, found.cash_refunds) == (Money(20_000), Money(1990), Money(0))
    assert (found.cash_in, found.cash_out, found.expected) == (Money(0), Money(0), Money(21_990))
    assert (found.counted, found.difference, found.drawer) == (None, None, Money(21_990))
    assert found.counts == (CountFigure("open", Money(0), Money(20_000)),)
    assert (found.held, found.proof_ok) == ((ProofLine("drawer", "EUR", 0, 21_990, 21_990),), True)
    assert found.before is None
