"""Customers made and changed at the till: what is typed is what the shop keeps, and nothing without saving."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.screens.customer_form import CustomerFormScreen
from kiosk.screens.sale import SaleScreen
from tests.screens.counter import BREAD, basket_of, open_counter
from tests.screens.floor import Floor, Journey, journey

CARD = "70012345"


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        yield made


def form_of(at: Journey) -> CustomerFormScreen:
    """The form, which must be in front."""
    assert isinstance(at.screen, CustomerFormScreen)
    return at.screen


def customers_of(floor: Floor) -> list[tuple[Any, ...]]:
    """Who is kept: number, name, nickname."""
    return floor.rows("SELECT number, name, nickname FROM customer ORDER BY number")


@pytest.mark.requirement("T-01", "U-09")
async def test_a_new_customer_is_a_name_a_phone_and_a_card(floor: Floor) -> None:
    async with journey(floor, person="Ann") as at:
        await at.scan(BREAD)
        await at.app.push_screen(CustomerFormScreen(at.app.till, name="Mara Muster"))
        await at.settle()
        assert form_of(at).field.name == "phone"
        await at.text("030 1234567")
        await at.scan(CARD)
        assert form_of(at).field.name == "phone"
        await at.keys("f12")
        assert isinstance(at.screen, SaleScreen)
        assert basket_of(at) == [("Bread", 1000, 450)]
    assert customers_of(floor) == [(1, "Mara Muster", "")]
    assert floor.rows("SELECT channel, value, opt_in FROM contact") == [("phone", "+49301234567", 0)]
    assert floor.rows("SELECT code, kind, state FROM card") == [(CARD, "bonus", "active")]
