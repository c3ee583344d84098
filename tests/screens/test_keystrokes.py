"""How many keys the commonest jobs take (UX.md 4.4). Scans are free; a count that grows is a fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import db
from kiosk.rules import codes
from kiosk.rules.codes import CodeKind
from kiosk.services import customers, receipt
from kiosk.services.customer_rows import CustomerForm
from tests.screens.counter import BREAD, COFFEE, basket_of, open_counter, sale_of, sales_of, selling, tenders_of
from tests.screens.floor import Floor, Journey, journey
from tests.screens.takings import kinds_of, sell

CARD = "7700012345"


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        yield made


async def strokes(at: Journey, *keys: str) -> int:
    """Press keys, and count them."""
    await at.keys(*keys)
    return len(keys)


async def test_one_item_for_exact_cash_takes_one_key(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        assert await strokes(at, "f12") == 1
    assert tenders_of(floor) == [("cash", 450, 0)]


async def test_cash_of_which_twenty_are_given_takes_three(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        assert await strokes(at, "2", "0", "f12") == 3
    assert tenders_of(floor) == [("cash", 450, 1550)]


async def test_a_bank_card_for_the_exact_amount_takes_two(floor: Floor) -> None:
    floor.of_services(_no_terminal)
    async with selling(floor) as at:
        await at.scan(BREAD)
        assert await strokes(at, "enter", "+") == 2
    assert tenders_of(floor) == [("card", 450, 0)]


async def test_a_bank_card_with_a_terminal_by_hand_takes_one_more_for_its_answer(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        assert await strokes(at, "enter", "+", "enter") == 3
    assert tenders_of(floor) == [("card", 450, 0)]


async def test_three_times_one_article_takes_two(floor: Floor) -> None:
    async with selling(floor) as at:
        assert await strokes(at, "3", "*") == 2
        await at.scan(BREAD)
        assert basket_of(at) == [("Bread", 3000, 1350)]


async def test_an_article_by_three_letters_of_its_name_takes_four(floor: Floor) -> None:
    async with selling(floor) as at:
        assert await strokes(at, "b", "r", "e", "enter") == 4
        assert basket_of(at) == [("Bread", 1000, 450)]


async def test_printing_the_last_receipt_again_takes_two(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.keys("f12")
        assert await strokes(at, "f8", "p") == 2
        await at.until(lambda: len(floor.rows("SELECT 1 FROM print_job")) == 2)
    assert sales_of(floor) == [(1, 450, 0)]
    assert floor.rows("SELECT copy FROM print_job ORDER BY id") == [(0,), (1,)]


@pytest.mark.requirement("D5-01")
async def test_one_line_that_comes_back_by_its_receipt_takes_six(floor: Floor) -> None:
    """With a receipt of one single thing five: it is chosen already."""
    for lines, count in (((BREAD, 2), (COFFEE, 1)), 6), (((BREAD, 1),), 5):
        sold = sell(floor, *lines)
        async with journey(floor, person="Mona") as at:
            await at.scan(floor.do(receipt.of_sale, sold.sale).barcode)
            keys = ("f7", "1", "f12", "2", "enter", "enter") if count == 6 else ("f7", "f12", "2", "enter", "enter")
            assert await strokes(at, *keys) == count
            assert at.shows("CASH BACK", "Return")
    assert [(kind, total) for _number, kind, total, _of in kinds_of(floor)][1::2] == [("return", -450)] * 2


@pytest.mark.requirement("D5-04", "N1")
async def test_the_sale_that_was_just_paid_is_voided_by_two(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.scan(BREAD)
        await at.keys("f12")
        assert await strokes(at, "f9", "1") == 2
    assert kinds_of(floor) == [(1, "sale", 450, None), (2, "void", -450, 1)]


@pytest.mark.requirement("T-09", "U-03")
async def test_a_customer_takes_no_key_by_card_and_six_by_the_end_of_the_phone(floor: Floor) -> None:
    _make_mara(floor)
    async with selling(floor) as at:
        await at.scan(CARD)
        assert _served(at) == "Mara Dupont"
        await at.keys("f9")
        assert await strokes(at, "f3", *"4567", "enter") == 6
        assert _served(at) == "Mara Dupont"


@pytest.mark.requirement("T-01")
async def test_a_new_customer_with_name_phone_and_card_takes_four_beside_the_text(floor: Floor) -> None:
    async with selling(floor) as at:
        count = await strokes(at, "f3")
        await at.text("Mara Dupont")
        count += await strokes(at, "f2")
        await at.text("+32470124567")
        await at.scan(CARD)
        count += await strokes(at, "f12")
        assert (_served(at), count <= 4) == ("Mara Dupont", True)
    assert floor.rows("SELECT name FROM customer") == [("Mara Dupont",)]
    assert floor.rows("SELECT value FROM contact") == [("+32470124567",)]
    assert floor.rows("SELECT code FROM card") == [(CARD,)]


@pytest.mark.requirement("T-11", "T-12", "D4-01")
async def test_parking_under_a_customer_s_name_takes_one_and_taking_it_up_two(floor: Floor) -> None:
    mara = floor.do(customers.save, CustomerForm(name="Mara"), by=floor.people["Ann"].id)
    async with selling(floor) as at:
        await at.scan(codes.make(CodeKind.CUSTOMER, mara.number))
        await at.scan(BREAD)
        assert await strokes(at, "f5") == 1
        assert (basket_of(at), floor.rows("SELECT name FROM parked")) == ([], [("Mara",)])
        assert await strokes(at, "f5", "enter") == 2
        assert basket_of(at) == [("Bread", 1000, 450)]


async def test_a_quick_article_takes_two(floor: Floor) -> None:
    async with selling(floor) as at:
        assert await strokes(at, ".", "1") == 2
        assert basket_of(at) == [("Baguette", 1000, 120)]


def _make_mara(floor: Floor) -> None:
    form = CustomerForm(name="Mara Dupont", phone="+32 470 12 45 67", card=CARD)
    floor.do(customers.save, form, by=floor.people["Ann"].id)


def _served(at: Journey) -> str:
    customer = sale_of(at).open.customer
    return "" if customer is None else customer.called


def _no_terminal() -> None:
    with db.transaction():
        db.run("UPDATE tender SET asks_terminal = 0 WHERE code = 'card'")
