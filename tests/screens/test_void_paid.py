"""A sale that is paid is voided: once, with all its money, while its shift is open; else its goods come back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.money import Money
from kiosk.rules.permissions import Action, Role, State
from kiosk.screens.history import HistoryScreen
from kiosk.screens.returning import ReturnScreen
from kiosk.screens.sale import SaleScreen
from kiosk.screens.widgets.status import Say
from kiosk.services import staff
from tests.screens.counter import BREAD, COFFEE, MILK, basket_of, open_counter, sale_of, tenders_of
from tests.screens.floor import Floor, journey
from tests.screens.takings import (
    drawer_of,
    held_by_notes,
    kinds_of,
    pending_of,
    refunds_of,
    returns_of,
    sell,
    sell_by_card,
    sell_for_cash,
    take_back,
)


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        yield made


@pytest.mark.requirement("D5-04", "N1", "K-20")
async def test_one_key_after_the_payment_voids_the_sale_completely(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await sell_for_cash(at)
        assert at.shows("F9 void it")
        await at.keys("f9")
        assert at.shows("Void receipt 1, €20.45? Cash €20.45 comes out of the", "drawer. Why?", "1 Wrong article")
        assert len(kinds_of(floor)) == 1
        await at.keys("1")
        assert isinstance(at.screen, SaleScreen)
        assert at.said == "Receipt 1 is voided by receipt 2: -20.45"
        assert sale_of(at).view.total.shown == ("CASH BACK €", Money(2045))
        assert at.shows("Receipt 1 is voided", "Void 2: -20.45")
    assert kinds_of(floor) == [(1, "sale", 2045, None), (2, "void", -2045, 1)]
    assert returns_of(floor) == [
        (2, 1, -3000, -1350, "Wrong article", 1),
        (2, 1, -1000, -695, "Wrong article", 1),
    ]
    assert refunds_of(floor) == [(2, 1, "cash", -2045)]
    assert drawer_of(floor) == 0
    assert floor.rows("SELECT COUNT(*) FROM entry WHERE kind = 'void' AND reverses IS NOT NULL") == [(1,)]


@pytest.mark.requirement("D5-04", "N1")
async def test_the_change_that_was_given_comes_into_it(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.scan(COFFEE)
        await at.keys("2", "0", "f12", "f9")
        assert at.shows("Cash €6.95 comes out of the drawer.")
        await at.keys("2")
    assert tenders_of(floor, 2) == [("cash", -695, -1305)]
    assert drawer_of(floor) == 0


@pytest.mark.requirement("D5-04", "N1")
@pytest.mark.parametrize("keys", [("f9",), ("f9", "f9", "f9"), ("f9", "enter", "enter")])
async def test_undo_again_does_not_void_the_void(floor: Floor, keys: tuple[str, ...]) -> None:
    async with journey(floor, person="Mona") as at:
        await sell_for_cash(at)
        await at.keys("f9", "1", *keys)
        assert kinds_of(floor) == [(1, "sale", 2045, None), (2, "void", -2045, 1)]
        await at.keys("f9")
        assert at.said == "Receipt 2 is a void itself. It stays."
        await at.keys("f8", "f9")
        assert at.said == "Receipt 2 is a void itself. It stays."
        await at.keys("down", "f9")
        assert at.said == "Receipt 1 was voided, or goods of it came back."
    assert len(kinds_of(floor)) == 2
    assert drawer_of(floor) == 0


@pytest.mark.requirement("D5-04")
@pytest.mark.parametrize("keys", [("f9", "enter"), ("f9", "1"), ("f9", "f9", "1", "enter")])
async def test_keys_that_were_typed_ahead_do_not_answer_the_question(floor: Floor, keys: tuple[str, ...]) -> None:
    async with journey(floor, person="Mona") as at:
        await sell_for_cash(at)
        await at.ahead(*keys)
        assert at.shows("Void receipt 1, €20.45?")
        assert len(kinds_of(floor)) == 1
        await at.keys("escape")
        assert at.said == "Receipt 1 stays as it is."
        assert at.shows("PAID €", "Sale 1 is paid")
    assert len(kinds_of(floor)) == 1
    assert drawer_of(floor) == 2045


@pytest.mark.requirement("D5-04")
async def test_with_a_new_article_undo_is_about_that_one(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await sell_for_cash(at)
        await at.scan(MILK)
        await at.keys("f9")
        assert at.said == "Taken back."
        assert basket_of(at) == []
        await at.keys("f9")
        assert at.said == "There is nothing to undo."
    assert len(kinds_of(floor)) == 1


@pytest.mark.requirement("D5-04", "D3-05")
async def test_a_card_gives_back_on_the_terminal_first(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await sell_by_card(at, "8")
        await at.keys("f9")
        assert at.shows("Bank card €8.00 goes", "€5.90 comes out")
        await at.keys("2")
        assert at.shows("Give €8.00 back on the terminal. Done?")
        assert pending_of(floor)[1:] == [("card", -800, "asked")]
        await at.keys("escape")
        assert at.said == "Receipt 1 stays: the terminal gave nothing back."
        assert len(kinds_of(floor)) == 1
        await at.keys("f9", "2", "enter")
        assert sale_of(at).view.total.shown == ("CASH BACK €", Money(590))
    assert kinds_of(floor)[1:] == [(2, "void", -1390, 1)]
    assert tenders_of(floor, 2) == [("card", -800, 0), ("cash", -590, 0)]
    assert pending_of(floor)[1:] == [("card", -800, "declined"), ("card", -800, "approved")]
    assert drawer_of(floor) == 0


@pytest.mark.requirement("D5-04", "D3-05")
async def test_a_power_cut_between_the_terminal_and_the_void_gives_back_once(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await sell_by_card(at)
        await at.keys("f9", "2")
        assert at.shows("Give €13.90 back on the terminal. Done?")
    async with journey(floor, person="Mona") as at:
        assert at.said == "The void of receipt 1 was interrupted: F8, F9 finishes it."
        await at.keys("f8", "f9", "2")
        assert at.shows("Give €13.90 back on the terminal. Done?")
        await at.keys("enter")
    assert pending_of(floor)[1:] == [("card", -1390, "approved")]
    assert kinds_of(floor)[1:] == [(2, "void", -1390, 1)]
    async with journey(floor, person="Mona") as at:
        assert at.said == ""


@pytest.mark.requirement("D5-04", "D7-02")
async def test_a_cashier_needs_somebody_elses_pin(floor: Floor) -> None:
    async with journey(floor, person="Ann") as at:
        await sell_for_cash(at)
        await at.keys("f9", "1")
        assert at.shows("Approval", "To void a paid sale, Mona types a PIN.")
        await at.text("1111")
        await at.keys("enter")
        assert at.shows("The PIN is wrong.", "To void a paid sale, Mona")
        await at.keys("escape")
        assert at.said == "Receipt 1 stays as it is."
        assert len(kinds_of(floor)) == 1
        floor.waited.now += 60
        await at.keys("f9", "1")
        await at.text("9999")
        await at.keys("enter")
        assert at.said == "Receipt 1 is voided by receipt 2: -20.45"
    ann, mona = floor.people["Ann"].id, floor.people["Mona"].id
    assert floor.rows('SELECT "by", approved_by FROM entry WHERE kind = ?', "void") == [(ann, mona)]
    assert floor.journal("receipt.voided") == [("receipt.voided", ann, mona)]


@pytest.mark.requirement("D5-04", "D7-02")
async def test_who_may_not_void_is_told_before_any_question(floor: Floor) -> None:
    owner = floor.person("Olga", Role.OWNER).id
    floor.do(staff.set_permission, Role.CASHIER, Action.VOID_SALE, State.DENIED, by=owner)
    async with journey(floor, person="Ann") as at:
        await sell_for_cash(at)
        await at.keys("f9")
        assert at.said == "Not allowed for you: void a paid sale"
        assert isinstance(at.screen, SaleScreen)
    assert len(kinds_of(floor)) == 1


@pytest.mark.requirement("D5-04")
async def test_any_sale_of_this_shift_is_voided_from_the_receipts(floor: Floor) -> None:
    for code in (BREAD, COFFEE, MILK):
        sell(floor, (code, 1))
    async with journey(floor, person="Mona") as at:
        await at.keys("f8", "down", "f9")
        assert at.shows("Void receipt 2, €6.95?")
        await at.keys("3")
        assert isinstance(at.screen, HistoryScreen)
        assert at.said == "Receipt 2 is voided by receipt 4: -6.95"
        assert at.screen.table.lines[0][0] == "4"
        assert [line[-2] for line in at.screen.table.lines] == ["Void", "Cash", "Cash", "Cash"]
        await at.keys("down", "down", "f7")
        assert at.said == "Everything of receipt 2 came back already."
        assert at.shows("TAKE BACK · Receipt 2")
    assert kinds_of(floor)[3:] == [(4, "void", -695, 2)]
    assert drawer_of(floor) == 450 + 129


@pytest.mark.requirement("D5-04", "K-20")
async def test_a_receipt_of_another_shift_stays_and_its_goods_can_come_back(floor: Floor) -> None:
    sell(floor, (BREAD, 1))
    floor.time.move(days=1)
    sell(floor, (MILK, 1))
    async with journey(floor, person="Mona") as at:
        await at.keys("f8", "down", "f9")
        assert at.said == "Receipt 1 is of another day or till: F7 takes its goods back."
        await at.keys("f7", "f12", "1", "f12", "f12")
    assert [(kind, total) for _n, kind, total, _of in kinds_of(floor)] == [
        ("sale", 450),
        ("sale", 129),
        ("return", -450),
    ]


@pytest.mark.requirement("D5-04")
async def test_a_receipt_of_which_something_came_back_is_not_voided(floor: Floor) -> None:
    sold = sell(floor, (BREAD, 3))
    take_back(floor, sold.sale, {1: 1})
    async with journey(floor, person="Mona") as at:
        await at.keys("f8", "down", "f9")
        assert at.said == "Receipt 1 was voided, or goods of it came back."
        assert at.screen.status.kind is Say.ERROR
    assert len(kinds_of(floor)) == 2


@pytest.mark.requirement("D5-04", "N1")
async def test_a_return_is_voided_and_the_goods_can_come_back_again(floor: Floor) -> None:
    sold = sell(floor, (BREAD, 3))
    take_back(floor, sold.sale, {1: 2})
    async with journey(floor, person="Mona") as at:
        await at.keys("f8", "f9")
        assert at.shows("Void receipt 2, -€9.00?", "Cash €9.00 goes into the drawer.")
        await at.keys("1")
        assert drawer_of(floor) == 1350
        await at.keys("down", "down", "f7")
        assert isinstance(at.screen, ReturnScreen)
        await at.keys("3", "f12", "1")
        assert basket_of(at) == [("Bread", -3000, -1350)]
    assert kinds_of(floor)[2:] == [(3, "void", 900, 2)]


@pytest.mark.requirement("D5-04")
async def test_a_second_till_voided_it_while_the_question_stood(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        sold = sell(floor, (BREAD, 1))
        await at.keys("f8", "f9")
        take_back(floor, sold.sale, {1: 1})
        await at.keys("1")
        assert at.said == "Receipt 1 was voided, or goods of it came back."
    assert [kind for _n, kind, _total, _of in kinds_of(floor)] == ["sale", "return"]
    assert drawer_of(floor) == 0


@pytest.mark.requirement("D5-04")
async def test_another_reason_is_typed_and_an_empty_one_is_asked_again(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await sell_for_cash(at)
        await at.keys("f9", "4", "enter")
        assert at.shows("Please fill in: Reason. Why?")
        assert len(kinds_of(floor)) == 1
        await at.text("Tried it out")
        await at.keys("enter")
    assert {row[4] for row in returns_of(floor)} == {"Tried it out"}


@pytest.mark.requirement("D5-04", "K-19")
async def test_a_credit_note_that_was_spent_holds_its_void_up(floor: Floor) -> None:
    sold = sell(floor, (BREAD, 2), tender="ticket")
    async with journey(floor, person="Mona") as at:
        await at.keys("f8", "f7", "*", "f12", "1", "enter", "enter")
        assert held_by_notes(floor) == 900
        await at.keys("f9")
        assert at.shows("Void receipt 2, -€9.00?", "Credit note €9.00 is taken again.")
        await at.keys("1")
        assert at.said == "Receipt 2 is voided by receipt 3: 9.00"
    assert held_by_notes(floor) == 0
    assert sold.number == 1
