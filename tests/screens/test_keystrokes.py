"""How many keys the commonest jobs take (UX.md 4.4). Scans are free; a count that grows is a fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import db
from tests.screens.counter import BREAD, basket_of, open_counter, sales_of, selling, tenders_of
from tests.screens.floor import Floor, Journey


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


async def test_a_quick_article_takes_two(floor: Floor) -> None:
    async with selling(floor) as at:
        assert await strokes(at, ".", "1") == 2
        assert basket_of(at) == [("Baguette", 1000, 120)]


def _no_terminal() -> None:
    with db.transaction():
        db.run("UPDATE tender SET asks_terminal = 0 WHERE code = 'card'")
