"""The sale under way, without a screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kiosk.clock import Clock
from kiosk.errors import NothingToUndo
from kiosk.money import Money, Percent, Quantity
from kiosk.rules import basket as rules
from kiosk.rules.basket import Item, TaxRate, Unit
from kiosk.screens.open_sale import MOST_STEPS, OpenSale
from kiosk.screens.served import Served
from kiosk.services.drafts import to_text
from kiosk.services.keys import Keys
from kiosk.services.shop import Shop, ShopSettings

BREAD = Item("a1", "1", "Bread", Unit.PIECE, Money(350), TaxRate("A", Percent(1000)))


@pytest.fixture
def shop() -> Shop:
    return Shop(
        lane="R1",
        clock=Clock(read=lambda: datetime(2026, 11, 20, tzinfo=UTC)),
        keys=Keys.in_memory(),
        settings=ShopSettings(),
        settings_version=0,
    )


def with_lines(sale: OpenSale, count: int) -> OpenSale:
    for _line in range(count):
        made = rules.add(sale.basket, BREAD)
        sale.change(made, made.lines[-1].id)
    return sale


def test_each_step_can_be_taken_back_with_its_choice(shop: Shop) -> None:
    sale = with_lines(OpenSale(shop), 3)
    sale.move(-1)
    sale.change(rules.set_quantity(sale.basket, 2, Quantity.of(5)))
    assert [line.quantity.thousandths for line in sale.basket.lines] == [1000, 5000, 1000]
    sale.undo()
    assert (len(sale.basket.lines), sale.place) == (3, 1)
    for _step in range(3):
        sale.undo()
    assert not sale.basket
    with pytest.raises(NothingToUndo):
        sale.undo()


def test_undo_remembers_more_steps_than_anybody_counts_and_not_for_ever(shop: Shop) -> None:
    sale = with_lines(OpenSale(shop), MOST_STEPS + 10)
    for _step in range(MOST_STEPS):
        sale.undo()
    assert len(sale.basket.lines) == 10
    assert not sale.can_undo()


def test_when_the_chosen_line_goes_its_neighbour_is_chosen(shop: Shop) -> None:
    sale = with_lines(OpenSale(shop), 3)
    sale.choose(1)
    sale.change(rules.void(sale.basket, 2))
    assert sale.line == sale.basket.lines[1]
    sale.change(rules.void(sale.basket, 3))
    assert sale.line == sale.basket.lines[0]
    sale.change(rules.void(sale.basket, 1))
    assert sale.line is None


def test_moving_stops_at_the_ends(shop: Shop) -> None:
    sale = with_lines(OpenSale(shop), 3)
    sale.move(10)
    assert sale.place == 2
    sale.move(-10)
    assert sale.place == 0
    OpenSale(shop).move(1)


def test_a_key_that_was_part_of_a_scan_leaves_no_step(shop: Shop) -> None:
    sale = with_lines(OpenSale(shop), 1)
    before = sale.now
    sale.change(rules.set_quantity(sale.basket, 1, Quantity.of(2)))
    sale.forget_step(before)
    assert sale.now == before
    sale.forget_step(before)
    assert sale.now == before


def test_a_sale_keeps_its_key_through_a_draft(shop: Shop) -> None:
    sale = with_lines(OpenSale(shop), 2)
    again = OpenSale(shop, sale.draft("12"))
    assert (again.key, again.basket, again.now.chosen) == (sale.key, sale.basket, sale.now.chosen)
    assert again.restored
    assert not sale.restored
    assert OpenSale(shop).key != sale.key


@pytest.mark.requirement("T-09", "T-21")
def test_whom_a_sale_is_for_is_a_step_like_any_other(shop: Shop) -> None:
    sale = with_lines(OpenSale(shop), 1)
    mara = Served(id="c1", number=1, called="Mara", initial="M")
    sale.serve(mara)
    sale.move(-1)
    with_lines(sale, 1)
    assert (sale.customer, sale.draft("").customer, "Mara" in to_text(sale.draft(""))) == (mara, "c1", False)
    sale.empty()
    assert (sale.customer, sale.basket.lines, sale.draft("").customer) == (None, (), "")
    sale.undo()
    assert (sale.customer, len(sale.basket.lines)) == (mara, 2)
    sale.know(replace(mara, points=40))
    assert sale.customer is not None
    assert sale.customer.points == 40
    for left in (mara, None):
        sale.undo()
        assert sale.customer == left
    assert len(sale.basket.lines) == 1
    assert OpenSale(shop, sale.draft(""), mara).customer == mara
