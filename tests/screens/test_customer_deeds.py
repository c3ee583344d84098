"""What is done with a customer from his menu: merged and parted, banned, exported, and erased."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.money import Money
from kiosk.rules import basket as baskets
from kiosk.rules.basket import EMPTY
from kiosk.rules.tender import Given
from kiosk.screens.customer_menu import CustomerMenu
from kiosk.screens.customers import CustomersScreen
from kiosk.services import catalogue, customers, points, sales
from kiosk.services.customer_rows import CustomerForm
from kiosk.services.shop import new_key
from kiosk.services.verify import verify
from tests.screens.counter import open_counter, sale_of, selling
from tests.screens.floor import Floor, Journey, journey


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        yield made


@pytest.fixture
def two(floor: Floor) -> tuple[str, str]:
    """Mara, who bought bread and has ten points, and Benny [/b], who bought milk and has five."""
    mara = _known(floor, "Mara Muster", "030 1234567", 10, "101")
    return mara, _known(floor, "Benny [/b]", "030 7654321", 5, "102")


def _known(floor: Floor, name: str, phone: str, held: int, article: str) -> str:
    mona = floor.people["Mona"].id
    form = CustomerForm(name=name, phone=phone, phone_opt_in=True)
    made: str = floor.do(customers.save, form, by=mona).id
    floor.do(points.adjust, made, held, add=True, reason="Goodwill", key=new_key(), by=mona)
    item = floor.do(catalogue.find, article)
    assert item is not None
    basket = baskets.add(EMPTY, item)
    due = floor.do(sales.price, basket).total
    cash = next(tender for tender in floor.do(sales.tenders) if tender.code == "cash")
    floor.do(sales.close_sale, basket, (Given(cash, Money(due.minor)),), key=new_key(), by=mona, customer=made)
    return made


def links(floor: Floor) -> list[tuple[Any, ...]]:
    """Who is whom, by number."""
    return floor.rows("SELECT number, state, merged_into FROM customer ORDER BY number")


async def menu(at: Journey, words: str, deed: str) -> None:
    """From the sale: the customer by his name, and a deed of his menu."""
    await at.keys("f3", *words)
    await at.keys("tab", deed)


@pytest.mark.requirement("T-22", "N24")
async def test_two_customers_become_one_with_a_manager_s_pin_and_two_again(floor: Floor, two: tuple[str, str]) -> None:
    mara, ben = two
    async with selling(floor) as at:
        await menu(at, "benny", "6")
        assert at.said == "Merge Benny [/b]  #2 with whom?"
        await at.keys(*"mara", "enter")
        assert at.shows("1 Benny [/b]  #2  030 7654321  1 receipt  5 points", "2 Mara Muster  #1", "10 points")
        assert links(floor) == [(1, "active", None), (2, "active", None)]
        await at.keys("2")
        assert at.shows("Mona")
        await at.keys(*"9999", "enter")
        assert "#2 Benny [/b] is #1 Mara Muster from now on." in at.said
        assert links(floor) == [(1, "active", None), (2, "merged", mara)]
        await at.keys("escape")
        assert isinstance(at.screen, CustomersScreen)
        await at.keys(*"7654")
        assert at.shows("Mara Muster", "15")
        assert not at.shows("Benny")

        await at.keys("tab", "7")
        assert at.shows("1 Benny [/b]  #2")
        await at.keys("1", *"9999", "enter")
        assert "are two again" in at.said
        assert links(floor) == [(1, "active", None), (2, "active", None)]
        await at.keys("escape", *"7654", "enter")
        customer = sale_of(at).open.customer
        assert customer is not None
        assert (customer.id, customer.points) == (ben, 5)
    assert [action for action, _by, _ok in floor.journal("customer.merged", "customer.unmerged")] == [
        "customer.merged",
        "customer.unmerged",
    ]
    assert floor.of_services(verify).ok


@pytest.mark.requirement("T-22")
async def test_a_banned_customer_is_refused_with_the_reason_until_he_is_served_again(
    floor: Floor, two: tuple[str, str]
) -> None:
    async with selling(floor) as at:
        await menu(at, "benny", "5")
        await at.keys("enter")
        assert at.shows("Please fill in: Reason. Ban #2 Benny [/b]?")
        await at.text("Stole [/b]")
        await at.keys("enter")
        assert at.shows("To ban customers or serve them again, Mona types a PIN.")
        await at.keys(*"9999", "enter")
        assert at.said == "#2 Benny [/b] is banned."
        await at.keys("enter")
        assert "Stole [/b]" in at.said
        assert sale_of(at).open.customer is None
        await at.keys("tab", "5")
        assert at.shows("is banned: Stole [/b].")
        await at.keys("enter", *"9999", "enter")
        await at.keys("enter")
        assert sale_of(at).open.customer is not None
    assert floor.rows("SELECT banned FROM customer") == [(None,), (None,)]
    assert "Stole" not in str(floor.rows("SELECT * FROM journal"))


@pytest.mark.requirement("N11")
async def test_a_customer_is_written_to_a_file_and_erased_by_typing_his_number(
    floor: Floor, two: tuple[str, str]
) -> None:
    mara, _ben = two
    before = floor.rows("SELECT * FROM sale ORDER BY id") + floor.rows("SELECT * FROM entry ORDER BY id")
    async with journey(floor, person="Mona") as at:
        at.app.till.exports = floor.folder / "exports"
        await at.keys("f3", *"mara", "enter")
        await menu(at, "mara", "9")
        await at.keys("enter")
        assert "customer-1.json" in at.said
        facts = json.loads((floor.folder / "exports" / "customer-1.json").read_text(encoding="utf-8"))
        assert facts["customers"][0]["name"] == "Mara Muster"

        await at.keys("tab", "8")
        assert at.shows("Erase #1 Mara Muster?", "books")
        await at.keys("enter", "2", "enter")
        assert at.said == "Nobody was erased."
        assert links(floor)[0] == (1, "active", None)
        await at.keys("tab", "8", "enter", "1", "enter")
        assert at.said == "Customer #1 is erased. The books stay."
        assert not at.shows("Mara Muster")
        await at.keys("escape", "escape")
        assert at.shows("OK  Without a customer now: he was erased.")
        assert sale_of(at).open.customer is None
    assert links(floor) == [(1, "erased", None), (2, "active", None)]
    assert floor.rows("SELECT name FROM customer WHERE number = 1") == [("",)]
    assert floor.rows("SELECT COUNT(*) FROM contact WHERE customer = ?", mara) == [(0,)]
    assert before == floor.rows("SELECT * FROM sale ORDER BY id") + floor.rows("SELECT * FROM entry ORDER BY id")
    assert floor.of_services(verify).ok


@pytest.mark.requirement("N11")
async def test_what_is_denied_to_a_cashier_is_not_offered(floor: Floor, two: tuple[str, str]) -> None:
    async with selling(floor) as at:
        await menu(at, "mara", "8")
        assert isinstance(at.screen, CustomerMenu)
        assert at.shows("2 Points", "3 Edit", "5 Ban", "6 Merge")
        assert not at.shows("Erase")
        assert not at.shows("Export")
        await at.keys("9", "6")
        assert isinstance(at.screen, CustomersScreen)
    assert links(floor)[0] == (1, "active", None)
