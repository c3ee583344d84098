"""What a power cut, a lock or another clerk leaves behind, and who finds it again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.money import Money
from kiosk.screens.payment import PaymentScreen
from kiosk.services import drafts
from tests.screens.counter import BREAD, COFFEE, basket_of, open_counter, sale_of, sales_of, selling, tenders_of
from tests.screens.floor import Floor, journey


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        yield made


async def test_the_open_basket_is_there_after_a_restart_and_is_not_paid_unseen(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.scan(COFFEE)
        await at.keys("up", "+", "enter", "5", "enter")
    async with selling(floor) as at:
        assert basket_of(at) == [("Bread", 2000, 900), ("Coffee 500 g", 1000, 695)]
        assert at.said == "This sale was left open. Look at it before it is paid."
        await at.keys("f12")
        assert isinstance(at.screen, PaymentScreen)
        assert at.shows("STILL DUE", "Cash, exactly 10.95")
        assert sales_of(floor) == []
        await at.keys("f12")
    assert sales_of(floor) == [(1, 1595, 0)]


async def test_a_sale_that_is_paid_does_not_come_back(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
        await at.keys("f12")
    async with selling(floor) as at:
        assert basket_of(at) == []
    assert sales_of(floor) == [(1, 450, 0)]


@pytest.mark.requirement("D7-01")
async def test_each_person_finds_their_own_basket(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(BREAD)
    async with journey(floor, person="Mona") as at:
        assert basket_of(at) == []
        await at.scan(COFFEE)
    async with selling(floor) as at:
        assert [line[0] for line in basket_of(at)] == ["Bread"]
    assert set(floor.do(drafts.holders)) == {floor.people["Ann"].id, floor.people["Mona"].id}


@pytest.mark.requirement("D3-05")
async def test_a_terminal_that_was_asked_before_the_cut_is_asked_about_again(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter", "+")
        assert at.shows("Card terminal")
    async with selling(floor) as at:
        assert at.shows("Bank card: €6.95 on the terminal. Paid?")
        await at.keys("enter")
        assert len(sale_of(at).open.tenders) == 1
        await at.keys("enter", "enter")
    assert tenders_of(floor) == [("card", 695, 0)]
    assert floor.rows("SELECT state FROM pending") == [("approved",)]


@pytest.mark.requirement("D3-05")
async def test_a_terminal_that_had_said_yes_before_the_cut_is_not_charged_again(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter", "2", "+", "enter")
    floor.of_services(lambda: drafts.save(floor.services.shop, floor.people["Ann"].id, _without_tenders(floor)))
    async with selling(floor) as at:
        assert [given.given.minor for given in sale_of(at).open.tenders] == [200]
        assert sale_of(at).view.total.shown == ("STILL DUE €", Money(495))
        assert at.shows("Received 2.00")
        await at.keys("enter", "enter")
    assert tenders_of(floor) == [("card", 200, 0), ("cash", 495, 0)]


def _without_tenders(floor: Floor) -> drafts.Draft:
    from dataclasses import replace

    kept = drafts.load(floor.services.shop, floor.people["Ann"].id)
    assert kept is not None
    return replace(kept, tenders=())
