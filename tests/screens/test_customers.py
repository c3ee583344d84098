"""Customers at the till: found, attached, shown in the badge, cleared, and kept with the sale."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kiosk.rules.codes import CodeKind, make
from kiosk.rules.permissions import Action, Role, State
from kiosk.screens.consents import ConsentsScreen
from kiosk.screens.customer_form import CustomerFormScreen
from kiosk.screens.customer_history import CustomerHistoryScreen
from kiosk.screens.customer_menu import CustomerMenu
from kiosk.screens.customers import CustomersScreen
from kiosk.screens.payment import PaymentScreen
from kiosk.screens.sale import SaleScreen
from kiosk.screens.widgets.status import Say
from kiosk.services import customer_erase, customer_merge, customer_standing, customers
from kiosk.services.customer_rows import Customer, CustomerForm, IdDocument, Kind
from kiosk.services.shop import new_key
from tests.screens.counter import BREAD, COFFEE, basket_of, open_counter, sale_of, selling, tenders_of
from tests.screens.day_books import for_cashiers
from tests.screens.floor import Floor, Journey, journey

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
        await at.ahead("f3", *"4567", "enter", ".", "1", "f12")
    assert sold_to(floor) == [(1, mara.id), (2, mara.id), (3, mara.id), (4, mara.id)]


@pytest.mark.requirement("T-01", "T-09")
async def test_a_customer_is_made_without_leaving_the_sale(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.scan(COFFEE)
        before = basket_of(at)
        await at.keys("f3", *"Mara", "escape", "escape")
        assert (basket_of(at), served(at)) == (before, None)
        await at.keys("f3", *"Mara Dupont", "f2", *"0470124567")
        await at.scan(CARD)
        await at.keys("f12")
        assert (basket_of(at), served(at)) == (before, "Mara Dupont")
        assert at.said == "Customer: Mara Dupont, 0 points."
        await at.keys("f9")
        assert (basket_of(at), served(at)) == (before, None)
    assert floor.rows("SELECT name, number FROM customer") == [("Mara Dupont", 1)]
    assert floor.rows("SELECT code FROM card") == [(CARD,)]
    assert sold_to(floor) == []


@pytest.mark.requirement("T-09", "Q-04", "Q-05")
async def test_of_several_who_fit_a_number_none_is_taken_unseen(floor: Floor, mara: Customer) -> None:
    other = make_one(floor, "Baker Ltd", kind=Kind.COMPANY, company="Baker Ltd", phone="+32 2 555 45 67")
    async with selling(floor) as at:
        await at.keys("f3", *"4567", "enter")
        assert isinstance(at.screen, CustomersScreen)
        assert at.said.startswith("2 customers fit.")
        assert at.shows("Mara Dupont", "Baker Ltd", "..4567", "+ New customer “4567”")
        await at.keys("f7", "f7")
        assert at.shows("Companies", "Baker Ltd")
        assert not at.shows("Mara Dupont")
        await at.keys("enter")
        assert served(at) == "Baker Ltd"
        await at.keys("f3", *"nobody at all")
        assert at.shows("Nobody fits. Enter makes a new", "+ New customer “nobody at all”", "Enter new")
        assert not at.shows("Enter attach")
        await at.keys(*["backspace"] * 20, *"4711", "enter")
        assert at.said == "Nobody fits. F2 makes a new customer."
        await at.keys("escape", "escape")
        assert served(at) == "Baker Ltd"
        assert (other.called, kept(floor)[0].count("Baker")) == ("Baker Ltd", 0)


@pytest.mark.requirement("T-09", "T-10", "T-21")
async def test_a_card_attaches_its_holder_and_the_badge_clears_him(floor: Floor, mara: Customer) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        total = sale_of(at).open.totals.total
        await at.wedge(CARD)
        assert served(at) == "Mara Dupont"
        assert mara.id in kept(floor)[0]
        assert "Mara" not in kept(floor)[0]
        await at.scan(CARD)
        assert sale_of(at).open.now.customer is sale_of(at).open.customer
        await at.keys("tab")
        assert isinstance(at.screen, CustomerMenu)
        assert at.shows(" M  Mara Dupont  #1", "0 Clear", "1 History")
        assert not at.shows("Undo a merge")
        await at.keys("0")
        assert (served(at), sale_of(at).open.totals.total, basket_of(at)) == (None, total, [("Bread", 1000, 450)])
        assert not at.shows("Mara Dupont  ", "Points")
        assert mara.id not in kept(floor)[0]
        await at.keys("f9")
        assert served(at) == "Mara Dupont"
        await at.keys("f9")
        assert served(at) is None
        await at.keys("tab")
        assert at.said == "The sale is for nobody yet."
        await at.keys("f12")
    assert sold_to(floor) == [(1, None)]


@pytest.mark.requirement("T-22")
async def test_one_who_is_banned_is_refused_with_the_reason(floor: Floor, mara: Customer) -> None:
    floor.do(customer_standing.ban, mara.id, "Broke the door", by=floor.people["Mona"].id, key=new_key())
    async with selling(floor) as at:
        await at.scan(make(CodeKind.CUSTOMER, mara.number))
        assert (served(at), at.said) == (None, "This customer is banned: Broke the door")
        await at.keys("f3", *"mara", "enter")
        assert isinstance(at.screen, CustomersScreen)
        assert at.said == "This customer is banned: Broke the door"
        assert at.shows("!! Mara Dupont", "Banned: Broke the door")
        await at.keys("tab")
        assert at.shows("5 Serve again")
    assert [action for action, *_rest in floor.journal("customer.refused")] == ["customer.refused"] * 2


@pytest.mark.requirement("T-07")
async def test_an_expired_medical_card_is_said_in_red(floor: Floor) -> None:
    floor.of_services(lambda: floor.services.change(medical_shop=True))
    make_one(floor, "Mara Dupont", card=CARD, medical=IdDocument(number="X1", expiry=date(2025, 1, 31)))
    async with selling(floor) as at:
        await at.scan(CARD)
        assert served(at) == "Mara Dupont"
        assert at.said == "Mara Dupont: the medical card was valid until 31/01/2025."
        assert at.screen.status.kind is Say.ERROR
        assert at.shows("│ Medical card expired")


@pytest.mark.requirement("T-09", "D7-01")
async def test_each_of_the_staff_keeps_the_own_customer_through_a_power_cut(floor: Floor, mara: Customer) -> None:
    paul = make_one(floor, "Paul Martin", phone="+32 470 99 88 77")
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.scan(CARD)
        await at.keys("f11", "escape", "3", *"9999", "enter")
        assert served(at) is None, at.text_of_screen()
        await at.keys("@", *"pau", "enter")
        assert served(at) == "Paul Martin"
        await at.scan(COFFEE)
    async with selling(floor) as at:
        assert served(at) == "Mara Dupont"
        assert at.shows("Mara Dupont", "This sale was left open")
        await at.keys("f12", "f12")
    assert sold_to(floor) == [(1, mara.id)]
    assert [paul.id in content for content in kept(floor)] == [True]


@pytest.mark.requirement("T-09", "N11", "N24")
async def test_who_is_merged_or_erased_meanwhile_is_followed_or_gone(floor: Floor, mara: Customer) -> None:
    old, mona = make_one(floor, "M. Dupond"), floor.people["Mona"].id
    floor.person("Otto", Role.OWNER, pin="4444")
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.scan(make(CodeKind.CUSTOMER, old.number))
        assert served(at) == "M. Dupond"
    floor.do(customer_merge.merge, old.id, mara.id, by=mona, key=new_key())
    async with selling(floor) as at:
        assert served(at) == "Mara Dupont"
        floor.do(customer_erase.erase, mara.id, by=floor.people["Otto"].id)
        await at.keys("tab")
        assert (isinstance(at.screen, CustomerMenu), served(at)) == (False, None)
        assert (at.shows("Without a customer now: he was erased."), at.shows("!!")) == (True, True)
    async with selling(floor) as at:
        assert served(at) is None
        assert basket_of(at) == [("Bread", 1000, 450)]
        await at.keys("f12", "f12")
    assert sold_to(floor) == [(1, None)]


@pytest.mark.requirement("T-09")
async def test_behind_an_at_sign_customers_are_searched_and_the_only_one_is_attached(
    floor: Floor, mara: Customer
) -> None:
    make_one(floor, "Marc Maes")
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.keys("@", *"mar")
        assert at.shows("Customers", "Mara Dupont", "Marc Maes")
        await at.keys("enter")
        assert isinstance(at.screen, CustomersScreen)
        assert at.screen.entry.shown == "mar"
        await at.keys("escape", "escape", "@", *"mar", "down", "down", "up", "enter")
        first = served(at)
        assert first in {"Mara Dupont", "Marc Maes"}
        await at.keys("@", *"dup", "enter")
        assert served(at) == "Mara Dupont"
        await at.keys("@", *"marc", "escape")
        assert (served(at), basket_of(at)) == ("Mara Dupont", [("Bread", 1000, 450)])


@pytest.mark.requirement("T-09", "T-11", "D7-02")
async def test_who_may_see_no_customers_is_told_so_once_and_keeps_them_attached(floor: Floor, mara: Customer) -> None:
    refused = "Not allowed for you: see customers"
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.scan(CARD)
        await at.keys("f5")
    for_cashiers(floor, Action.SEE_CUSTOMERS, State.DENIED)
    async with selling(floor) as at:
        await at.keys("f3")
        assert (isinstance(at.screen, SaleScreen), at.said) == (True, refused)
        await at.keys("@")
        assert (sale_of(at).line.text, at.said) == ("", refused)
        await at.keys("f5", "enter")
        assert basket_of(at) == [("Bread", 1000, 450)]
        assert (served(at), mara.id in kept(floor)[0]) == ("A customer", True)
        assert not at.shows("Mara")
        await at.keys("tab", "0")
        assert served(at) is None
        await at.keys("f9")
        assert served(at) == "A customer"
        await at.keys("enter", "f3")
        assert (isinstance(at.screen, PaymentScreen), at.said) == (True, refused)
        await at.keys("f12")
    assert sold_to(floor) == [(1, mara.id)]


@pytest.mark.requirement("T-09", "K-13")
async def test_at_the_payment_a_customer_is_attached_and_what_was_received_stays(floor: Floor, mara: Customer) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.keys("enter", "2", "enter")
        await at.scan(CARD)
        assert isinstance(at.screen, PaymentScreen)
        assert at.shows("Customer: Mara Dupont", "STILL DUE")
        await at.keys("f3", "f3", "escape")
        assert isinstance(at.screen, PaymentScreen)
        await at.keys("enter")
    assert sold_to(floor) == [(1, mara.id)]
    assert tenders_of(floor) == [("cash", 200, 0), ("cash", 250, 0)]


async def test_hostile_names_are_names(floor: Floor) -> None:
    """Markup, escape codes, a name that is longer than any screen."""
    for name in ("[/x] [b]Bob[/b]", "\x1b[2J\x1b]0;x\x07Eve", "W" * 10_000):
        make_one(floor, name, notes=name, street=name, email="")
    async with selling(floor) as at:
        await at.scan(BREAD)
        for number, shown in ((1, "[/x] [b]Bob[/b]"), (2, "Eve"), (3, "WWWWW")):
            await at.keys("f3", str(number), "down", "up", "enter")
            assert at.shows(shown)
            await at.keys("tab", "escape", "@", shown[0], "escape", "enter", "escape")
        await at.keys("f3", *"[/x]")
        at.app.screen.paste("x" * 10_000)
        await at.settle()
        await at.keys("enter", "escape", "d", "escape", "escape", "enter", "enter")
        assert at.shows("PAID"), at.text_of_screen()
    assert [number for number, _customer in sold_to(floor)] == [1]


@pytest.mark.requirement("T-10", "T-22", "N24", "K-14")
async def test_the_badge_leads_to_all_that_can_be_done_with_a_customer(floor: Floor, mara: Customer) -> None:
    old = make_one(floor, "M. Dupond", phone="+32 470 99 88 77")
    async with journey(floor, person="Mona") as at:
        await at.scan(BREAD)
        await at.scan(CARD)
        await at.keys("f12")
        await at.scan(COFFEE)
        await at.scan(CARD)
        for digit, front in (("1", CustomerHistoryScreen), ("3", CustomerFormScreen), ("4", ConsentsScreen)):
            await at.keys("tab", digit)
            assert isinstance(at.screen, front)
            await at.keys("escape")
        await at.keys("tab", "enter")
        assert at.shows("4.50")
        await at.keys("escape", "tab", "2")
        assert at.shows("Mara Dupont has 0 points.")
        await at.keys("escape", "tab", "6", *"dupond", "enter", "1")
        assert isinstance(at.screen, SaleScreen)
        assert floor.rows("SELECT merged_into FROM customer WHERE id = ?", old.id) == [(mara.id,)]
        await at.keys("tab", "7", "escape", "tab", "5", *"Rude", "enter")
        assert (served(at), basket_of(at)) == (None, [("Coffee 500 g", 1000, 695)])
        assert at.said == "Without a customer now. This customer is banned: Rude"
        await at.keys("f12")
    assert sold_to(floor) == [(1, mara.id), (2, None)]
