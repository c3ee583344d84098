"""Sales that wait: put aside by one key, taken up as they were, and paid only by whoever has seen them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import db
from kiosk.rules import codes
from kiosk.rules.codes import CodeKind
from kiosk.screens.parked import ParkedScreen
from kiosk.screens.payment import PaymentScreen
from kiosk.screens.sale import SaleScreen
from kiosk.services import customers, drafts
from kiosk.services.customer_rows import CustomerForm
from tests.screens.counter import (
    BREAD,
    COFFEE,
    MILK,
    basket_of,
    lines_of,
    open_counter,
    sale_of,
    sales_of,
    selling,
    tenders_of,
)
from tests.screens.floor import Floor, Journey, journey

HOSTILE = "[/x]\x1b[31m{name}界" + "W" * 10_000


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        yield made


def waiting_of(floor: Floor) -> list[tuple[object, ...]]:
    """What is parked: number, name, note, items, total, locked."""
    return floor.rows(
        "SELECT number, name, note, items, total, locked FROM parked WHERE state = 'waiting' ORDER BY number"
    )


def stands(at: Journey, screen: type[object]) -> bool:
    """Whether such a screen is in front."""
    return isinstance(at.screen, screen)


async def park(at: Journey, name: str, *scans: str) -> None:
    """Sell something, and park it."""
    for code in scans:
        await at.scan(code)
    await at.keys("f5")
    await at.text(name)
    await at.keys("enter")


@pytest.mark.requirement("T-11", "T-12", "D4-01", "D4-03")
async def test_who_fetches_money_finds_the_same_cart_again(floor: Floor) -> None:
    """Things are handed over, the next in the queue is served, the till starts anew, and the cart is as it was."""
    async with selling(floor) as at:
        await at.keys("3", "*")
        await at.scan(BREAD)
        await at.scan(COFFEE)
        await at.keys("1", "0", "/")
        before, key = basket_of(at), sale_of(at).open.key
        await at.keys("f5", "enter")
        assert at.shows("Please fill in: Name")
        await at.text("Luc, red coat")
        await at.keys("enter")
        assert basket_of(at) == []
        assert at.said == "Parked: Luc, red coat, 4 items, 19.75."
        assert waiting_of(floor) == [(1, "Luc, red coat", "", 4, 1975, 0)]
        await at.scan(MILK)
        await at.keys("f12")
        assert sales_of(floor) == [(1, 129, 0)]
    floor.time.move(minutes=12)
    async with selling(floor) as at:
        assert basket_of(at) == []
        await at.keys("f5")
        assert stands(at, ParkedScreen)
        assert at.shows("Luc, red coat", "12 min", "19.75", "Parked sale 1", "3 Bread", "13.50", "1 Coffee")
        await at.keys("enter")
        assert stands(at, SaleScreen)
        assert at.said == "Taken up: 4 items, 19.75. Look at it before it is paid."
        assert (basket_of(at), sale_of(at).open.key) == (before, key)
        assert waiting_of(floor) == []
        await at.keys("f12")
        assert stands(at, PaymentScreen), "cash is not taken unseen"
        assert len(sales_of(floor)) == 1
        await at.keys("escape")
        await at.keys("f12")
    assert sales_of(floor) == [(1, 129, 0), (2, 1975, 0)]
    assert lines_of(floor, 2) == [("Bread", 3000, 1350), ("Coffee 500 g", 1000, 625)]
    assert tenders_of(floor, 2) == [("cash", 1975, 0)]
    assert floor.rows("SELECT state, name, content FROM parked") == [("recalled", "", "")]


@pytest.mark.requirement("D4-03")
async def test_one_enter_too_many_pays_nothing(floor: Floor) -> None:
    async with selling(floor) as at:
        await park(at, "Luc", BREAD)
        await at.ahead("f5", "enter", "enter")
        assert stands(at, PaymentScreen)
        assert sales_of(floor) == []
        assert basket_of(at) == [("Bread", 1000, 450)]


@pytest.mark.requirement("T-12")
async def test_with_a_customer_one_key_parks_under_his_name_and_he_comes_back_with_it(floor: Floor) -> None:
    ann = floor.people["Ann"].id
    mara = floor.do(customers.save, CustomerForm(name="Mara Monk"), by=ann)
    eve = floor.do(customers.save, CustomerForm(name="Eve Early"), by=ann)
    async with selling(floor) as at:
        for one, code in ((mara, BREAD), (eve, MILK)):
            await at.scan(codes.make(CodeKind.CUSTOMER, one.number))
            await at.scan(code)
            await at.keys("f5")
        assert [row[1] for row in waiting_of(floor)] == ["Mara Monk", "Eve Early"]
        assert sale_of(at).open.customer is None
        await at.scan(codes.make(CodeKind.CUSTOMER, mara.number))
        await at.keys("f5", "enter")
        served = sale_of(at).open.customer
        assert served is not None
        assert (served.called, basket_of(at)) == ("Mara Monk", [("Bread", 1000, 450)])
        await at.keys("enter", "enter")
    assert floor.rows("SELECT customer, total FROM sale") == [(mara.id, 450)]
    assert [row[1] for row in waiting_of(floor)] == ["Eve Early"]
    assert "Mara" not in str(floor.rows("SELECT * FROM journal"))


@pytest.mark.requirement("D4-01")
async def test_esc_f5_and_f9_lose_nothing(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("f5")
        assert at.shows("No sale is parked.")
        await at.keys("enter")
        assert stands(at, ParkedScreen)
        await at.keys("f5")
        assert stands(at, SaleScreen)
        await at.scan(BREAD)
        await at.keys("f5", "L", "u", "escape")
        assert at.said == "Not parked: the sale goes on."
        assert (basket_of(at), waiting_of(floor)) == ([("Bread", 1000, 450)], [])
        await park(at, "Luc")
        await at.keys("f9")
        assert basket_of(at) == [("Bread", 1000, 450)]
        assert sale_of(at).open.restored
        assert waiting_of(floor) == []
        await park(at, "Luc")
        await at.keys("f5", "escape")
        assert (basket_of(at), [row[1] for row in waiting_of(floor)]) == ([], ["Luc"])
        await at.scan(MILK)
        await at.keys("f9")
        assert basket_of(at) == [], "F9 takes the milk out, and brings back nothing else"
        await at.scan(MILK)
        await at.keys("enter", "1", "enter", "escape")
        await at.keys("f5")
        assert at.said == "€1.00 of it is paid already: finish this sale, or take that back."
        assert stands(at, SaleScreen)
    assert [row[1] for row in waiting_of(floor)] == ["Luc"]
    assert sales_of(floor) == []


@pytest.mark.requirement("D4-01")
async def test_the_list_is_tended_with_letters(floor: Floor) -> None:
    """Another name, a note, a lock that another person opens, a ticket without a printer, and the end of it."""
    floor.person("Ben", floor.people["Ann"].role, pin="2222")
    async with selling(floor) as at:
        await park(at, "Luc", BREAD)
        await park(at, HOSTILE.replace("\x1b", "")[:90], MILK)
        floor.time.move(days=3)
        await park(at, "Anne", COFFEE)
        await at.keys("f5")
        assert at.shows("1 Anne", "0 min", "2 [/x][31m{n", "3 d", "!!", "3 Luc")
        await at.keys("down", "down")
        assert at.shows("Parked sale 1", "!! Parked for more than", "1 Bread")
        await at.keys("r", *(["backspace"] * 3), *"Lucy", "enter")
        await at.keys("n", *"red coat", "enter")
        await at.keys("l")
        assert at.said == "Lucy: kept for Ann."
        assert at.shows("!!*", "red coat", "Kept for Ann.")
        assert waiting_of(floor)[0] == (1, "Lucy", "red coat", 1, 450, 1)
        await at.keys("p")
        assert at.said == "No printer is set up here."
        assert floor.rows("SELECT kind, state FROM print_job WHERE kind = 'ticket'") == [("ticket", "waiting")]
    async with journey(floor, person="Ben") as at:
        await at.keys("escape", "f5", "3")
        await at.until(lambda: at.shows("take somebody else's locked", "Mona"))
        await at.keys("escape")
        assert stands(at, ParkedScreen)
        assert waiting_of(floor)[0][1] == "Lucy"
        await at.keys("delete")
        assert at.shows("Void this sale? Lucy, 1 item, 4.50.")
        await at.keys("enter", "9", "9", "9", "9", "enter")
        assert at.said == "Parked sale 1 is voided."
    assert [row[0] for row in waiting_of(floor)] == [2, 3]
    ben, mona = floor.people["Ben"].id, floor.people["Mona"].id
    assert floor.journal("parked.deleted") == [("parked.deleted", ben, mona)]


@pytest.mark.requirement("D4-01")
async def test_a_scanned_ticket_takes_its_sale_up_where_nothing_is_open(floor: Floor) -> None:
    first = codes.make(CodeKind.PARKED, 1)
    async with selling(floor) as at:
        await park(at, "Luc", BREAD)
        await at.scan(MILK)
        await at.scan(first)
        assert at.shows("Ticket of parked sale 1: finish or park this sale, then scan it.")
        assert basket_of(at) == [("Milk 1 l", 1000, 129)]
        assert len(waiting_of(floor)) == 1
        await at.keys("f12")
        await at.scan(first)
        assert basket_of(at) == [("Bread", 1000, 450)]
        await park(at, "Luc")
        await at.scan(first)
        assert at.said.startswith("Parked sale 1 waits no more")
        await at.scan(MILK)
        await at.scan(first)
        assert at.said.startswith("Parked sale 1 waits no more"), "there is nothing to make room for"
        await at.keys("f12")
        await at.keys("f5")
        await at.wedge(codes.make(CodeKind.PARKED, 2))
        assert stands(at, SaleScreen)
        assert basket_of(at) == [("Bread", 1000, 450)]
        await park(at, "Luc")
        await at.keys("f5")
        await at.wedge(f"1{MILK[1:]}")
        await at.keys("escape", "f5", "9")
        await at.until(lambda: at.said == "No sale has this number.")
        assert len(waiting_of(floor)) == 1, "a scan is no number of the list"


@pytest.mark.requirement("D4-01")
async def test_what_another_till_took_meanwhile_is_said(floor: Floor) -> None:
    async with selling(floor) as at:
        await park(at, "Luc", BREAD)
        await park(at, "Anne", MILK)
        await at.keys("f5")
        floor.of_services(_taken_elsewhere)
        await at.keys("2")
        await at.until(lambda: at.said == "Luc waits no more: somebody else was faster.")
        assert stands(at, ParkedScreen)
        assert at.shows("Parked · 1", "1 Anne")
        await at.keys("1")
        await at.until(lambda: basket_of(at) == [("Milk 1 l", 1000, 129)])
    ann = floor.people["Ann"].id
    kept = floor.do(drafts.load, ann)
    assert kept is not None
    assert [line.text for line in kept.basket.lines] == ["Milk 1 l"]


@pytest.mark.requirement("D4-01", "D6-01")
async def test_what_is_parked_for_too_long_is_said_as_the_day_begins_and_holds_up_no_closing(floor: Floor) -> None:
    async with selling(floor) as at:
        await park(at, "Luc", BREAD)
        await park(at, "Anne", MILK)
        floor.time.move(hours=47)
        await at.keys("f11", *"1111", "enter", "escape")
        assert "parked" not in at.said
        floor.time.move(hours=2)
    async with selling(floor) as at:
        await at.keys("enter")
        assert at.said == "The day is open with 0.00. 2 sales are parked for too long."
        await at.keys("f11", *"1111", "enter")
        assert at.said == "2 sales are parked for too long."
        await at.keys("f10", "c")
        assert at.shows("CASH-UP", "2 sales are parked")
        await at.keys("0", "f12", "enter")
        assert at.said.startswith("Z ")
    assert [row[1] for row in waiting_of(floor)] == ["Luc", "Anne"]
    assert floor.rows("SELECT kind FROM entry ORDER BY id")[-1] == ("shift.closed",)


def _taken_elsewhere() -> None:
    with db.transaction():
        db.run("UPDATE parked SET state = 'recalled', name = '', content = '' WHERE name = 'Luc'")
