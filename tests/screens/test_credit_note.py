"""Paying with credit notes: scanned or typed, in parts, with other tenders, and never more than they hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import db
from kiosk.money import Money
from kiosk.rules import codes
from kiosk.screens.payment import PaymentScreen
from kiosk.screens.sale import SaleScreen
from kiosk.screens.widgets.status import Say
from kiosk.services import credit_notes, customers, ledger, pins, shift_rows
from kiosk.services.credit_notes import Note
from kiosk.services.customer_rows import CustomerForm
from kiosk.services.shop import Shop, new_key
from kiosk.services.verify import verify
from tests.screens.counter import BREAD, COFFEE, basket_of, open_counter, sale_of, sales_of, selling, tenders_of
from tests.screens.floor import NARROW, WIDE, Floor

NOBODY_HAS = codes.make_card(1, 12345678901234)


@pytest.fixture
def floor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        monkeypatch.setattr(credit_notes, "waits", pins.Waits(made.waited))
        yield made


def note(floor: Floor, minor: int, customer: str | None = None) -> Note:
    """A credit note with so much on it."""
    return floor.do(_issue, minor, floor.people["Ann"].id, customer)


def _issue(shop: Shop, minor: int, by: str, customer: str | None) -> Note:
    with db.transaction():
        card, loaded = credit_notes.issue_in(shop, Money(minor), sale="", by=by, customer=customer)
        _post(shop, loaded, by)
    return credit_notes.find(shop, credit_notes.code_of(card), by=by)


def _post(shop: Shop, line: ledger.Line, by: str) -> None:
    head = shift_rows.in_shift(shop, ledger.lock(shop), by)
    other = ledger.money_line(shop, "sales", "A", Money(-line.amount))
    ledger.post(shop, head, "sale", [line, other], key=new_key(), by=by)


def _spend_elsewhere(shop: Shop, card: str, minor: int, by: str) -> None:
    with db.transaction():
        _post(shop, credit_notes.spend_line(shop, card, Money(minor)), by)


def held(floor: Floor, of: Note) -> int:
    return floor.do(credit_notes.held, of.card).minor


def books_are_sound(floor: Floor) -> bool:
    return floor.of_services(verify).ok


@pytest.mark.requirement("K-02")
@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_scan_at_the_payment_shows_what_the_note_holds_and_enter_pays_with_it(
    floor: Floor, size: tuple[int, int]
) -> None:
    of = note(floor, 2000)
    async with selling(floor, size=size) as at:
        await at.scan(COFFEE)
        await at.keys("enter")
        assert at.shows("*         Credit note, or just scan it", "F4 Voucher")
        await at.scan(of.code)
        assert at.shows(f"Credit note ..{of.code[-4:]}", "It holds €20.00. Enter takes €6.95, or type less.")
        assert not at.shows(of.code)
        assert sales_of(floor) == []
        await at.keys("enter")
        assert isinstance(at.screen, SaleScreen)
    assert tenders_of(floor) == [("voucher", 695, 0)]
    assert held(floor, of) == 1305
    assert floor.rows("SELECT balance FROM account WHERE kind = 'drawer'") == []
    assert books_are_sound(floor)


@pytest.mark.requirement("K-13", "K-15", "E14")
async def test_a_note_says_whose_it_is_and_the_sale_that_it_pays_is_his(floor: Floor) -> None:
    ida = floor.do(customers.save, CustomerForm(name="Ida " + "x" * 70), by=floor.people["Ann"].id).id
    hers, nobodys = note(floor, 5000, ida), note(floor, 5000)
    async with selling(floor) as at:
        await at.scan(hers.code)
        assert at.said == f"Credit note ..{hers.code[-4:]} · Ida {'x' * 20}: €50.00. It pays at the payment."
        for of, whose in ((hers, " · Ida xxx"), (nobodys, " ━")):
            await at.scan(COFFEE)
            await at.keys("enter")
            await at.scan(of.code)
            assert at.shows(f"Credit note ..{of.code[-4:]}{whose}", "It holds €50.00.")
            await at.keys("enter")
    assert floor.rows("SELECT customer FROM sale ORDER BY number") == [(ida,), (None,)]
    assert (held(floor, hers), held(floor, nobodys)) == (4305, 4305)


@pytest.mark.requirement("K-02")
async def test_a_note_that_holds_less_pays_what_it_has_and_the_rest_is_due(floor: Floor) -> None:
    of = note(floor, 500)
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter")
        await at.scan(of.code)
        assert at.shows("It holds €5.00. Enter takes €5.00, or type less.")
        await at.text("40")
        await at.keys("enter")
        assert at.shows("Not enough: €40.00 wanted, €5.00 available.")
        await at.keys("backspace", "backspace", "enter")
        assert at.said == "Received 5.00. Still due 1.95."
        assert at.shows("Credit note", "STILL DUE")
        await at.keys("enter")
    assert tenders_of(floor) == [("voucher", 500, 0), ("cash", 195, 0)]
    assert held(floor, of) == 0
    assert books_are_sound(floor)


async def test_less_is_taken_when_less_is_typed_and_the_note_keeps_the_rest(floor: Floor) -> None:
    of = note(floor, 2000)
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter", "f4")
        await at.text(codes.in_fours(of.code))
        await at.keys("enter")
        await at.text("3,00")
        await at.keys("enter")
        assert at.said == "Received 3.00. Still due 3.95."
        await at.keys("+", "enter")
    assert tenders_of(floor) == [("voucher", 300, 0), ("card", 395, 0)]
    assert held(floor, of) == 1700


async def test_several_notes_pay_one_sale_and_the_same_one_twice_has_only_its_rest(floor: Floor) -> None:
    first, second = note(floor, 300), note(floor, 1000)
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter")
        await at.scan(first.code)
        await at.text("1")
        await at.keys("enter")
        await at.scan(first.code)
        assert at.shows("It holds €2.00. Enter takes €2.00, or type less.")
        await at.keys("enter")
        await at.scan(first.code)
        assert at.said == f"Nothing is left on Credit note ..{first.code[-4:]}: €0.00."
        await at.keys("*")
        await at.scan(second.code)
        await at.keys("enter")
    assert tenders_of(floor) == [("voucher", 100, 0), ("voucher", 200, 0), ("voucher", 395, 0)]
    assert (held(floor, first), held(floor, second)) == (0, 605)
    assert books_are_sound(floor)


@pytest.mark.requirement("E49")
async def test_when_another_till_was_faster_the_sale_stays_open_without_the_note(floor: Floor) -> None:
    of = note(floor, 1000)
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter")
        await at.scan(of.code)
        floor.do(_spend_elsewhere, of.card, 1000, floor.people["Ann"].id)
        await at.keys("enter")
        assert isinstance(at.screen, PaymentScreen)
        assert at.said == "Not enough: €6.95 wanted, €0.00 available."
        assert sale_of(at).open.tenders == ()
        assert sales_of(floor) == []
        assert basket_of(at) == [("Coffee 500 g", 1000, 695)]
        await at.keys("enter")
    assert tenders_of(floor) == [("cash", 695, 0)]
    assert held(floor, of) == 0


async def test_esc_takes_nothing_of_a_note_and_f9_takes_it_back(floor: Floor) -> None:
    of = note(floor, 300)
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter")
        await at.scan(of.code)
        await at.keys("escape")
        assert sale_of(at).open.tenders == ()
        await at.scan(of.code)
        await at.keys("enter")
        assert sale_of(at).open.due == Money(395)
        await at.keys("f9")
        assert sale_of(at).open.due == Money(695)
        await at.keys("*", "escape", "enter")
    assert tenders_of(floor) == [("cash", 695, 0)]
    assert held(floor, of) == 300


async def test_an_enter_that_a_scanner_sends_twice_takes_nothing_unseen(floor: Floor) -> None:
    of = note(floor, 2000)
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter", "*")
        await at.wedge(of.code)
        assert at.shows("It holds €20.00.")
        assert sales_of(floor) == []
        await at.keys("enter")
    assert tenders_of(floor) == [("voucher", 695, 0)]


async def test_a_scan_in_an_empty_sale_shows_what_the_note_holds(floor: Floor) -> None:
    of = note(floor, 1234)
    async with selling(floor) as at:
        await at.scan(of.code)
        assert at.said == f"Credit note ..{of.code[-4:]}: €12.34. It pays at the payment."
        assert basket_of(at) == []
        await at.wedge(of.code)
        assert at.said == f"Credit note ..{of.code[-4:]}: €12.34. It pays at the payment."
        assert at.screen.status.kind is Say.OK


async def test_a_shop_that_takes_none_says_so(floor: Floor) -> None:
    of = note(floor, 1234)
    floor.of_services(db.run, "UPDATE tender SET active = 0 WHERE code = 'voucher'", ())
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter")
        assert not at.shows("Credit note")
        for way in (at.keys("*"), at.scan(of.code)):
            await way
            assert at.said == "This shop takes no credit notes."
        await at.keys("enter")
    assert tenders_of(floor) == [("cash", 695, 0)]


async def test_a_note_that_was_shut_pays_nothing(floor: Floor) -> None:
    of = note(floor, 1234)
    floor.of_services(db.run, "UPDATE card SET state = 'blocked'", ())
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter")
        await at.scan(of.code)
        assert at.said == f"Credit note ..{of.code[-4:]} is shut. On it: €12.34."
        assert sale_of(at).open.tenders == ()
    assert held(floor, of) == 1234


async def test_numbers_that_nobody_has_are_counted_and_then_have_to_wait(floor: Floor) -> None:
    of = note(floor, 1234)
    async with selling(floor) as at:
        await at.scan(COFFEE)
        await at.keys("enter")
        for _ in range(5):
            await at.scan(NOBODY_HAS)
            assert at.said == "No credit note has this number."
        await at.scan(of.code)
        assert at.said == "Too many unknown numbers. Wait 1 second."
        await at.keys("*")
        await at.text("12")
        await at.keys("enter")
        assert at.said == "No credit note has this number."
        floor.waited.now += 1
        await at.scan(of.code)
        assert at.shows("It holds €12.34.")
    assert len(floor.journal("card.unknown")) == 5


async def test_an_unknown_number_in_the_sale_may_be_an_article_that_is_missing(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.scan(NOBODY_HAS)
        assert at.shows("Unknown code", "make an article with it")
        await at.keys("escape")
    assert len(floor.journal("card.unknown")) == 1


async def test_an_article_with_such_a_number_is_sold(floor: Floor) -> None:
    floor.of_services(lambda: floor.services.article("Book", 1500, number="200", barcodes=(NOBODY_HAS,)))
    async with selling(floor) as at:
        await at.scan(NOBODY_HAS)
        assert basket_of(at) == [("Book", 1000, 1500)]
    assert floor.journal("card.unknown") == []


async def test_nothing_is_taken_of_a_note_when_nothing_is_due(floor: Floor) -> None:
    of = note(floor, 1234)
    floor.of_services(lambda: floor.services.article("Sample", 0, number="201", barcodes=("4012345678901",)))
    async with selling(floor) as at:
        await at.scan("4012345678901")
        await at.keys("enter")
        await at.scan(of.code)
        assert at.screen is not sale_of(at)
        assert at.screen.status.kind is Say.ERROR
        await at.scan(BREAD)
        assert at.screen is sale_of(at)
    assert held(floor, of) == 1234
