"""Money that goes back: how it is planned, by which keys it goes, and what the books hold of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kiosk import db
from kiosk.money import Money
from kiosk.screens.giving_back import GivingBackScreen
from kiosk.screens.payment import PaymentScreen
from kiosk.screens.sale import SaleScreen
from kiosk.screens.widgets.status import Say
from kiosk.services import drafts
from tests.screens.counter import BREAD, COFFEE, MILK, basket_of, open_counter, sale_of, tenders_of
from tests.screens.floor import WIDE, Floor, Journey, journey
from tests.screens.takings import (
    drawer_of,
    held_by_notes,
    kinds_of,
    pending_of,
    refunds_of,
    sell,
    sell_by_card,
    take_back,
)


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        yield made


@asynccontextmanager
async def going_back(floor: Floor, *parts: str, size: tuple[int, int] = (80, 25)) -> AsyncIterator[Journey]:
    """Receipt 1, two coffees for 13.90 by card (or so much of it), and both in a sale to come back."""
    async with journey(floor, person="Mona", size=size) as at:
        await sell_by_card(at, *parts)
        await at.keys("f8", "f7", "*", "f12", "2")
        yield at


@asynccontextmanager
async def going_back_again(floor: Floor) -> AsyncIterator[Journey]:
    """Another receipt, a bread for cash, in a sale to come back."""
    sell(floor, (BREAD, 1))
    async with journey(floor, person="Mona") as at:
        await at.keys("f8", "f7", "f12", "1")
        yield at


def giving(at: Journey) -> GivingBackScreen:
    assert isinstance(at.screen, GivingBackScreen)
    return at.screen


def plan(at: Journey) -> list[tuple[str, int]]:
    return [(back.tender.code, back.amount.minor) for back in giving(at).plan]


@pytest.mark.requirement("K-19", "D5-01")
async def test_it_goes_back_the_way_it_came_card_first(floor: Floor) -> None:
    async with going_back(floor, "8") as at:
        await at.keys("enter")
        assert at.shows("GIVING BACK", "TO GIVE BACK €", "Bank card", "8.00", "on the terminal", "Cash", "5.90")
        assert giving(at).still.shown == ("CASH BACK €", Money(590))
        await at.keys("enter")
        assert at.shows("Give €8.00 back on the terminal. Done?")
        assert pending_of(floor)[1:] == [("card", -800, "asked")]
        assert len(kinds_of(floor)) == 1
        await at.keys("enter")
        assert at.shows("CASH BACK €", "Return 2: -13.90")
        assert sale_of(at).view.total.shown == ("CASH BACK €", Money(590))
    assert kinds_of(floor) == [(1, "sale", 1390, None), (2, "return", -1390, 1)]
    assert tenders_of(floor, 2) == [("card", -800, 0), ("cash", -590, 0)]
    assert refunds_of(floor) == [(2, 1, "card", -800), (2, 1, "cash", -590)]
    assert pending_of(floor)[1:] == [("card", -800, "approved")]
    assert drawer_of(floor) == 0


@pytest.mark.requirement("K-19")
@pytest.mark.parametrize("key", ["enter", "f12"])
async def test_f12_in_the_sale_hands_out_nothing_unseen(floor: Floor, key: str) -> None:
    sell(floor, (BREAD, 2))
    async with journey(floor, person="Mona") as at:
        await at.keys("f8", "f7", "*", "f12", "1")
        await at.keys("f12")
        assert isinstance(at.screen, GivingBackScreen)
        assert len(kinds_of(floor)) == 1
        await at.keys(key)
    assert kinds_of(floor)[1:] == [(2, "return", -900, 1)]


@pytest.mark.requirement("K-19")
@pytest.mark.parametrize("keys", [("f12",) * 4, ("enter",) * 3, ("2", "0", "f12", "enter")])
async def test_keys_that_were_typed_ahead_give_nothing(floor: Floor, keys: tuple[str, ...]) -> None:
    sell(floor, (BREAD, 2))
    async with journey(floor, person="Mona") as at:
        await at.keys("f8", "f7", "*", "f12", "1")
        await at.ahead(*keys)
        assert isinstance(at.screen, GivingBackScreen)
        assert len(kinds_of(floor)) == 1


@pytest.mark.requirement("K-19", "D5-01")
async def test_five_enters_give_it_back_once(floor: Floor) -> None:
    sell(floor, (BREAD, 2))
    async with journey(floor, person="Mona") as at:
        await at.keys("f8", "f7", "*", "f12", "1", "enter")
        await at.ahead("enter", "enter", "f12", "enter", "f12")
        assert at.shows("CASH BACK €", "Return 2")
    assert kinds_of(floor) == [(1, "sale", 900, None), (2, "return", -900, 1)]
    assert drawer_of(floor) == 0


@pytest.mark.requirement("K-19")
async def test_all_of_it_can_be_a_credit_note(floor: Floor) -> None:
    async with going_back(floor, "8") as at:
        await at.keys("enter", "v")
        assert plan(at) == [("voucher", 1390)]
        assert at.shows("Credit note", "13.90", "As it was paid")
        assert not at.shows("V credit note")
        await at.keys("v")
        assert at.shows("V credit note")
        assert plan(at) == [("card", 800), ("cash", 590)]
        await at.keys("V", "enter")
        assert at.shows("GIVEN BACK €")
    assert tenders_of(floor, 2) == [("voucher", -1390, 0)]
    assert refunds_of(floor) == []
    assert held_by_notes(floor) == 1390
    assert drawer_of(floor) == 590
    assert len(pending_of(floor)) == 1


@pytest.mark.requirement("K-19")
async def test_what_a_meal_ticket_paid_goes_to_a_credit_note(floor: Floor) -> None:
    sell(floor, (COFFEE, 2), tender="ticket")
    async with journey(floor, person="Mona") as at:
        await at.keys("f8", "f7", "1", "f12", "1", "enter")
        assert plan(at) == [("voucher", 695)]
        await at.keys("enter")
    assert held_by_notes(floor) == 695
    assert drawer_of(floor) == 0


@pytest.mark.requirement("D3-05")
async def test_a_terminal_that_gave_nothing_back_closes_nothing(floor: Floor) -> None:
    async with going_back(floor) as at:
        await at.keys("enter", "enter", "escape")
        assert at.said == "Not given back: Bank card. V gives a credit note."
        assert at.screen.status.kind is Say.ERROR
        assert len(kinds_of(floor)) == 1
        assert pending_of(floor)[1:] == [("card", -1390, "declined")]
        await at.keys("v", "enter")
    assert tenders_of(floor, 2) == [("voucher", -1390, 0)]


@pytest.mark.requirement("D3-05", "D5-01")
async def test_a_terminal_that_was_asked_before_the_cut_is_asked_about_again_and_once_only(floor: Floor) -> None:
    async with going_back(floor) as at:
        await at.keys("enter", "enter")
        assert at.shows("Give €13.90 back on the terminal. Done?")
    async with journey(floor, person="Mona") as at:
        assert at.shows("Give €13.90 back on the terminal. Done?")
        await at.keys("enter")
        assert [given.given.minor for given in sale_of(at).open.tenders] == [-1390]
        assert at.shows("Given back 13.90")
        await at.keys("enter")
        assert at.shows("Bank card", "done")
        await at.keys("enter")
    assert tenders_of(floor, 2) == [("card", -1390, 0)]
    assert pending_of(floor)[1:] == [("card", -1390, "approved")]


@pytest.mark.requirement("D3-05")
async def test_a_terminal_that_had_given_it_back_before_the_cut_gives_it_once(floor: Floor) -> None:
    async with going_back(floor, "8") as at:
        await at.keys("enter")
        floor.of_services(_break_the_books)
        await at.keys("enter", "enter")
        assert at.screen.status.kind is Say.ERROR
        assert pending_of(floor)[1:] == [("card", -800, "approved")]
    floor.of_services(_mend_the_books)
    floor.of_services(lambda: _forget_tenders(floor))
    async with journey(floor, person="Mona") as at:
        assert [given.given.minor for given in sale_of(at).open.tenders] == [-800]
        await at.keys("enter", "enter")
        assert at.shows("CASH BACK €")
    assert tenders_of(floor, 2) == [("card", -800, 0), ("cash", -590, 0)]
    assert len(pending_of(floor)) == 2


def _break_the_books() -> None:
    """No return may be closed any more: nobody may sell."""
    with db.transaction():
        db.run("INSERT INTO role_permission (role, action, state) VALUES ('manager', 'sale.sell', 'denied')")


def _mend_the_books() -> None:
    with db.transaction():
        db.run("DELETE FROM role_permission")


def _forget_tenders(floor: Floor) -> None:
    from dataclasses import replace

    shop, mona = floor.services.shop, floor.people["Mona"].id
    kept = drafts.load(shop, mona)
    assert kept is not None
    drafts.save(shop, mona, replace(kept, tenders=()))


@pytest.mark.requirement("D3-05", "D5-03")
async def test_what_went_back_on_a_terminal_is_taken_again_when_the_sale_changes(floor: Floor) -> None:
    async with going_back(floor, "8") as at:
        await at.keys("enter")
        floor.of_services(_break_the_books)
        await at.keys("enter", "enter", "escape")
        floor.of_services(_mend_the_books)
        await at.scan(BREAD)
        await at.scan(BREAD)
        await at.keys("enter")
        assert plan(at) == [("card", 490)]
        await at.keys("enter")
        assert at.shows("Take €8.00 on the terminal again. Done?")
        await at.keys("escape")
        assert at.said == "More went back on the terminal than is listed."
        assert len(kinds_of(floor)) == 1
        await at.keys("enter", "enter")
        assert at.shows("Give €4.90 back on the terminal. Done?")
        await at.keys("enter")
    assert kinds_of(floor)[1:] == [(2, "exchange", -490, 1)]
    assert tenders_of(floor, 2) == [("card", -490, 0)]
    assert pending_of(floor)[1:] == [("card", -800, "returned"), ("card", -490, "approved")]


@pytest.mark.requirement("D5-03")
async def test_what_went_back_is_taken_again_before_more_is_bought_than_came_back(floor: Floor) -> None:
    async with going_back(floor, "8") as at:
        await at.keys("enter")
        floor.of_services(_break_the_books)
        await at.keys("enter", "enter", "escape")
        floor.of_services(_mend_the_books)
        await at.keys("4", "*")
        await at.scan(BREAD)
        await at.keys("f12")
        assert at.shows("Take €8.00 on the terminal again. Done?")
        await at.keys("escape")
        assert at.said == "First undo what was received or given back."
        assert len(kinds_of(floor)) == 1
        await at.keys("f12", "enter")
        assert isinstance(at.screen, PaymentScreen)
        await at.keys("f12")
    assert kinds_of(floor)[1:] == [(2, "exchange", 410, 1)]
    assert tenders_of(floor, 2) == [("cash", 410, 0)]


@pytest.mark.requirement("D5-03")
async def test_what_was_received_for_the_new_goods_goes_back_first(floor: Floor) -> None:
    sell(floor, (BREAD, 3))
    async with journey(floor, person="Mona") as at:
        await at.scan(MILK)
        await at.keys("enter", "1", "enter", "escape", "f8", "f7", "*", "f12", "1", "f12")
        assert at.shows("Cash €1.00 was received for this sale. Give it back first.")
        await at.keys("escape")
        assert isinstance(at.screen, SaleScreen)
        assert len(sale_of(at).open.tenders) == 1
        await at.keys("enter", "enter")
        assert plan(at) == [("cash", 1221)]
        await at.keys("enter")
    assert kinds_of(floor)[1:] == [(2, "exchange", -1221, 1)]
    assert drawer_of(floor) == 1350 - 1221


@pytest.mark.requirement("D5-01")
async def test_a_plan_that_is_not_true_any_more_is_shown_anew_before_the_terminal_is_asked(floor: Floor) -> None:
    async with going_back(floor, "12") as at:
        await at.keys("f9", "f8", "f7", "1", "f12", "1", "enter")
        assert plan(at) == [("card", 695)]
        take_back(floor, _first(floor), {1: 1})
        await at.keys("enter")
        assert at.said == "Something was given back in the meantime. Look at it again."
        assert plan(at) == [("card", 505), ("cash", 190)]
        assert len(pending_of(floor)) == 2
        await at.keys("enter", "enter")
    assert tenders_of(floor, 3) == [("card", -505, 0), ("cash", -190, 0)]
    assert drawer_of(floor) == 0


def _first(floor: Floor) -> str:
    return str(floor.rows("SELECT id FROM sale WHERE number = 1")[0][0])


@pytest.mark.requirement("D5-03")
async def test_a_scan_goes_back_to_the_sale_and_exchanges(floor: Floor) -> None:
    async with going_back(floor) as at:
        await at.keys("enter")
        await at.scan(BREAD)
        assert isinstance(at.screen, SaleScreen)
        assert basket_of(at)[1] == ("Bread", 1000, 450)
        await at.keys("enter")
        assert plan(at) == [("card", 940)]


@pytest.mark.requirement("D3-07")
async def test_cash_goes_back_in_steps_and_what_rounds_to_nothing_closes(floor: Floor) -> None:
    floor.of_services(lambda: floor.services.change(cash_step=5))
    floor.of_services(lambda: floor.services.article("Screw", 2, number="120"))
    floor.of_services(lambda: floor.services.article("Bolt", 1243, number="121"))
    async with journey(floor, person="Mona") as at:
        await at.text("120")
        await at.keys("enter", "f12")
        await at.text("121")
        await at.keys("enter", "f12", "f8", "f7", "f12", "1", "enter")
        assert plan(at) == [("cash", 1245)]
        await at.keys("enter", "f8", "down", "down", "f7", "f12", "1", "enter")
        assert plan(at) == []
        assert at.shows("It rounds to nothing: Enter closes it.")
        await at.keys("enter")
        assert at.shows("Return 4")
    assert [(number, kind, total) for number, kind, total, _of in kinds_of(floor)] == [
        (1, "sale", 2),
        (2, "sale", 1243),
        (3, "return", -1243),
        (4, "return", -2),
    ]
    assert drawer_of(floor) == 0


@pytest.mark.parametrize("key", ["+", "5", "x", "/", "*", "f5", "f2", "delete"])
async def test_keys_of_the_other_payment_screen_give_nothing_back(floor: Floor, key: str) -> None:
    async with going_back(floor) as at:
        await at.keys("enter", key)
        assert isinstance(at.screen, GivingBackScreen)
        assert at.screen.status.kind is Say.ASK
    assert len(kinds_of(floor)) == 1


async def test_undo_has_nothing_to_undo_before_anything_went_back(floor: Floor) -> None:
    async with going_back(floor) as at:
        await at.keys("enter", "f9")
        assert at.said == "There is nothing to undo."


@pytest.mark.requirement("D5-01")
async def test_the_drawer_opens_for_cash_and_stays_shut_without(floor: Floor) -> None:
    async with going_back(floor, "8") as at:
        await at.keys("enter", "enter", "enter")
    async with going_back_again(floor) as at:
        await at.keys("enter", "v", "enter")
    drawers = floor.rows(
        "SELECT sale.number, print_job.drawer FROM print_job JOIN sale ON sale.id = print_job.sale "
        "WHERE sale.kind = 'return' AND print_job.kind = 'sale' ORDER BY print_job.id"
    )
    assert drawers == [(2, "wanted"), (4, "no")]


async def test_a_missing_printer_holds_nothing_up(floor: Floor) -> None:
    async with going_back(floor, "8") as at:
        at.app.printer_changed("not-found", 1)
        await at.settle()
        await at.keys("enter", "v", "enter")
    assert held_by_notes(floor) == 1390
    assert floor.rows("SELECT DISTINCT state FROM print_job") == [("waiting",)]


@pytest.mark.requirement("K-19")
async def test_the_wide_screen_gives_back_too(floor: Floor) -> None:
    async with going_back(floor, "8", size=WIDE) as at:
        await at.keys("enter")
        assert at.shows("TO GIVE BACK €", "How it goes back", "In this sale", "CASH BACK €")
        await at.keys("f12", "enter")
    assert kinds_of(floor)[1:] == [(2, "return", -1390, 1)]
