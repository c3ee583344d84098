"""Customers at the till: found, attached, shown in the badge, cleared, and kept with the sale."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.rules.codes import CodeKind, make
from kiosk.screens.customers import CustomersScreen
from kiosk.services import customers
from kiosk.services.customer_rows import Customer, CustomerForm
from tests.screens.counter import BREAD, COFFEE, basket_of, open_counter, sale_of, selling
from tests.screens.floor import Floor, Journey

CARD = "7700012345"


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        yield made


def make_one(floor: Floor, name: str, **more: Any) -> Customer:
    """A customer whom Ann has made before."""
    form = CustomerForm(name=name, **more)
    return floor.do(customers.save, form, by=floor.people["Ann"].id)


@pytest.fixture
def mara(floor: Floor) -> Customer:
    """With everything by which one may be found."""
    return make_one(floor, "Mara Dupont", phone="+32 470 12 45 67", email="mara@example.org", card=CARD)


def served(at: Journey) -> str | None:
    """Whom the open sale is for, by what he is called."""
    customer = sale_of(at).open.customer
    return None if customer is None else customer.called


def sold_to(floor: Floor) -> list[tuple[Any, ...]]:
    """The books: whom each sale was for."""
    return floor.rows("SELECT number, customer FROM sale ORDER BY number")


def kept(floor: Floor) -> list[str]:
    """What stands on the disk of the open sales."""
    return [str(content) for (content,) in floor.rows("SELECT content FROM draft WHERE content <> ''")]


@pytest.mark.requirement("T-09", "U-03", "K-13")
async def test_a_customer_is_attached_by_each_key_and_the_sale_is_his(floor: Floor, mara: Customer) -> None:
    make_one(floor, "Paul Martin", phone="+32 470 99 88 77")
    async with selling(floor) as at:
        for typed in ("4567", "mara@ex", "dupo"):
            await at.scan(BREAD)
            await at.keys("f3", *typed, "enter")
            assert not isinstance(at.screen, CustomersScreen), typed
            assert served(at) == "Mara Dupont", typed
            assert at.shows("Mara Dupont", " M ", "Points")
            await at.keys("f12")
            assert at.shows("PAID", "Mara Dupont")
            assert served(at) is None
    assert sold_to(floor) == [(1, mara.id), (2, mara.id), (3, mara.id)]
