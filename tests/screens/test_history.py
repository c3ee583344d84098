"""Past receipts: found, read as they were printed, printed again, saved."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from kiosk.i18n import use_language
from kiosk.money import Quantity
from kiosk.receipts.paper import as_text
from kiosk.rules import basket as baskets
from kiosk.rules.basket import Unit
from kiosk.rules.permissions import Action, Role, State
from kiosk.screens import receipts_found
from kiosk.screens.history import HistoryScreen
from kiosk.screens.preview import PreviewScreen
from kiosk.screens.sale import SaleScreen
from kiosk.screens.till import Lamp, Till
from kiosk.screens.widgets.status import Say
from kiosk.services import history, receipt, staff
from tests.screens import floor as floors
from tests.screens.floor import WIDE, Floor, Journey, open_floor

pytestmark = pytest.mark.requirement("D5-05")

HOSTILE = "[/x]\x1b[12;1n\u202eCaf\u00e9 [b]noir"
RYE = "4006381333931"


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_floor(tmp_path) as made:
        made.person("Bea Brown", Role.CASHIER, pin="2222")
        made.person("Olga", Role.OWNER, pin="9999")
        yield made


@asynccontextmanager
async def journey(floor: Floor, *, printer: str = "ok", **more: Any) -> AsyncIterator[Journey]:
    """Start the till, with a printer that is as its lamp says; ``off``: none is set up."""
    async with floors.journey(floor, **more) as at:
        at.app.till.lamps["print"] = Lamp("Print", printer, fine=printer in {"ok", "off"})
        yield at


def sell(floor: Floor, name: str, price: int, **more: Any) -> str:
    """Sell one of a new article for cash, a minute after the sale before; the sale's id."""

    def one() -> str:
        item = floor.services.article(name, price, **more)
        basket = baskets.add(baskets.EMPTY, item)
        bea = floor.people["Bea Brown"].id
        return floor.services.sell(basket, floor.services.cash(price), by=bea).sale

    sold = floor.of_services(one)
    floor.time.move(minutes=1)
    return sold


def jobs(floor: Floor, sale: str) -> list[tuple[Any, ...]]:
    """The print jobs of a sale: kind, copy, drawer."""
    return floor.rows("SELECT kind, copy, drawer FROM print_job WHERE sale = ? ORDER BY id", sale)


def past(at: Journey) -> HistoryScreen:
    """The history, which must be in front."""
    assert isinstance(at.screen, HistoryScreen)
    return at.screen


def numbers(at: Journey) -> list[str]:
    """The numbers of the receipts in the list."""
    return [line[0] for line in past(at).table.lines]


def _exporting(till: Till, sale: str, folder: Path) -> PreviewScreen:
    till.exports = folder
    return PreviewScreen(till, sale, 1)


def paper(floor: Floor, sale: str, columns: int) -> tuple[str, ...]:
    """A receipt as it was printed."""
    return tuple(as_text(floor.do(history.view, sale), columns))


async def test_the_newest_receipt_comes_first_and_is_read_beside_the_list(floor: Floor) -> None:
    sales = [sell(floor, name, price) for name, price in (("Rye bread", 350), ("Milk", 129))]
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("f8")
        assert numbers(at) == ["2", "1"]
        assert past(at).paper.lines == paper(floor, sales[1], 32)
        assert at.shows(*(line for line in paper(floor, sales[1], 32) if line))
        await at.keys("down")
        assert past(at).paper.lines == paper(floor, sales[0], 32)
        await at.keys("up", "up")
        assert past(at).paper.lines == paper(floor, sales[1], 32)


async def test_a_wide_window_shows_the_paper_as_wide_as_it_is(floor: Floor) -> None:
    sale = sell(floor, "Rye bread", 350)
    async with journey(floor, person="Bea Brown", size=WIDE) as at:
        await at.keys("f8")
        assert past(at).paper.lines == paper(floor, sale, 42)
        assert at.shows("20/11/2026", "13:00", "Bea", "Cash", "3.50")


async def test_the_chosen_receipt_is_the_one_that_is_printed_and_shown(floor: Floor) -> None:
    sales = [sell(floor, name, price) for name, price in (("Rye bread", 350), ("Milk", 129))]
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("f8", "down", "p")
        await at.until(lambda: "COPY 1" in at.said)
        assert at.shows("Receipt 1")
        await at.keys("enter")
        assert isinstance(at.screen, PreviewScreen)
        assert at.screen.paper.lines == paper(floor, sales[0], 42)
    assert [copy for _kind, copy, _drawer in jobs(floor, sales[0])] == [0, 1]
    assert [copy for _kind, copy, _drawer in jobs(floor, sales[1])] == [0]


async def test_two_keys_print_the_last_receipt_again(floor: Floor) -> None:
    first, last = sell(floor, "Rye bread", 350), sell(floor, "Milk", 129)
    async with journey(floor, person="Bea Brown") as at:
        woken: list[bool] = []
        at.app.till.paper_queued = lambda: woken.append(True)
        await at.keys("f8", "p")
        await at.until(lambda: at.screen.status.kind is Say.OK)
        assert at.said == "Receipt 2 goes to the printer: COPY 1."
        assert woken == [True]
        await at.keys("f8")
        await at.until(lambda: "COPY 2" in at.said)
    assert jobs(floor, last) == [("sale", 0, "wanted"), ("sale", 1, "no"), ("sale", 2, "no")]
    assert jobs(floor, first) == [("sale", 0, "wanted")]
    bea = floor.people["Bea Brown"].id
    assert floor.journal("receipt.copy") == [("receipt.copy", bea, None), ("receipt.copy", bea, None)]
    assert floor.rows("SELECT COUNT(*) FROM sale") == [(2,)]


async def test_a_copy_that_waits_for_the_printer_is_not_called_printed(floor: Floor) -> None:
    sale = sell(floor, "Rye bread", 350)
    async with journey(floor, person="Bea Brown", printer="missing") as at:
        await at.keys("f8", "p")
        await at.until(lambda: "COPY" in at.said)
        assert (at.screen.status.kind, at.said) == (Say.ASK, "Receipt 1 waits, COPY 1. Printer: missing.")
    assert jobs(floor, sale) == [("sale", 0, "wanted"), ("sale", 1, "no")]


async def test_without_a_printer_nothing_is_called_printed_or_waiting(floor: Floor) -> None:
    sell(floor, "Rye bread", 350)
    async with journey(floor, person="Bea Brown", printer="off") as at:
        await at.keys("f8")
        assert past(at).table.lines[0][-1] == ""
        assert not at.shows("not printed yet")
        await at.keys("p")
        await at.until(lambda: "COPY" in at.said)
        assert at.said == "No printer is set up here. COPY 1 is in the books."


async def test_the_sign_of_a_receipt_that_has_not_come_out_is_explained(floor: Floor) -> None:
    sell(floor, "Rye bread", 350)
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("f8")
        assert past(at).table.lines[0][-1] == "!"
        assert at.shows("! not printed yet   P reprint   F7 take back   Enter whole receipt")
        floor.rows("UPDATE print_job SET state = 'printed'")
        await at.keys("escape", "f8")
        assert past(at).table.lines[0][-1] == ""
        assert not at.shows("not printed yet")


async def test_a_narrow_list_says_the_day_and_which_receipts_it_shows(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts_found, "PAGE", 20)
    for number in range(21):
        sell(floor, f"Article {number}", 100 + number)
    floor.time.move(days=1)
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("escape", "f8")
        assert at.shows(" 20/11 ", "1-15 of 20 · PgDn: earlier")
        assert not at.shows("20/11/ ")
        await at.keys("pagedown", "pagedown")
        assert at.shows("of 21")
        assert not at.shows("earlier ─")
        use_language("de")
        try:
            await at.keys("escape", "f8")
            assert at.shows(" 20.11. ")
        finally:
            use_language("en")


async def test_items_are_pieces_as_at_the_checkout(floor: Floor) -> None:
    def mixed() -> None:
        bread, apples = (
            floor.services.article("Rye bread", 350),
            floor.services.article("Apples", 200, unit=Unit.KILOGRAM),
        )
        basket = baskets.add(baskets.EMPTY, bread, Quantity(3000))
        basket = baskets.add(baskets.add(basket, apples, Quantity(1500)), bread)
        assert basket.items == 5
        floor.services.sell(basket, floor.services.cash(1700), by=floor.people["Bea Brown"].id)

    floor.of_services(mixed)
    async with journey(floor, person="Bea Brown", size=WIDE) as at:
        await at.keys("f8")
        assert past(at).table.lines[0][5] == "5"


async def test_a_receipt_that_is_longer_than_its_place_says_how_to_see_it_whole(floor: Floor) -> None:
    def three() -> None:
        basket = baskets.EMPTY
        for number in range(3):
            basket = baskets.add(basket, floor.services.article(f"Article {number}", 100))
        floor.services.sell(basket, floor.services.cash(300), by=floor.people["Bea Brown"].id)

    floor.of_services(three)
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("f8")
        assert at.shows(f"1-16 of {len(past(at).paper.lines)} · Enter ─", "Enter whole receipt")


async def test_a_number_an_amount_a_day_or_a_word_finds_it(floor: Floor) -> None:
    sell(floor, "Rye bread", 350)
    floor.time.move(days=1)
    sell(floor, "Milk", 1250)
    sell(floor, "Coffee", 695)
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("f8")
        for typed, expected in (
            ("1", ["1"]),
            ("12,50", ["2"]),
            ("20.11.", ["1"]),
            ("coff", ["3"]),
            ("nothing", []),
        ):
            await at.text(typed)
            assert numbers(at) == expected, typed
            await at.keys("escape")
            assert numbers(at) == ["3", "2", "1"]


async def test_a_p_behind_other_letters_is_text(floor: Floor) -> None:
    sale = sell(floor, "Apple pie", 350)
    sell(floor, "Milk", 129)
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("f8")
        await at.text("apple p")
        assert past(at).entry.shown == "apple p"
        assert numbers(at) == ["1"]
        await at.keys("f8")
        await at.until(lambda: "COPY 1" in at.said)
        assert at.shows("F8 reprint")
        assert not at.shows("P reprint")
    assert [copy for _kind, copy, _drawer in jobs(floor, sale)] == [0, 1]


async def test_a_day_that_does_not_exist_is_said_at_enter_and_not_while_typing(floor: Floor) -> None:
    sell(floor, "Rye bread", 350)
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("f8")
        await at.text("31.02.")
        assert at.screen.status.kind is Say.QUIET
        assert numbers(at) == []
        await at.keys("enter")
        assert at.said == "Day: “31.02.” doesn't fit."
        assert isinstance(at.screen, HistoryScreen)


async def test_today_only(floor: Floor) -> None:
    sell(floor, "Rye bread", 350)
    floor.time.move(days=1)
    sell(floor, "Milk", 129)
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("f8", "f2")
        assert numbers(at) == ["2"]
        await at.keys("f2")
        assert numbers(at) == ["2", "1"]


async def test_page_down_goes_back_in_time_without_losing_or_doubling_any(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts_found, "PAGE", 4)
    for number in range(11):
        sell(floor, f"Article {number}", 100 + number)
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("f8")
        assert numbers(at) == ["11", "10", "9", "8"]
        await at.keys("down", "down", "down", "down")
        assert numbers(at) == ["11", "10", "9", "8", "7", "6", "5", "4"]
        assert past(at).row is not None
        assert past(at).row.number == 7
        await at.keys("pagedown", "pagedown")
        assert numbers(at) == [str(number) for number in range(11, 0, -1)]
        assert past(at).row.number == 1
        assert past(at).paper.lines[2].startswith("Receipt 1 ")
        await at.keys("home")
        assert past(at).row.number == 11


@pytest.mark.parametrize("wedge", [False, True])
async def test_the_barcode_of_a_receipt_finds_it(floor: Floor, wedge: bool) -> None:
    sales = [sell(floor, f"Article {number}", 100 + number) for number in range(3)]
    code = floor.do(receipt.of_sale, sales[0]).barcode
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("f8")
        await (at.wedge(code) if wedge else at.scan(code))
        assert numbers(at) == ["1"]
        assert past(at).paper.lines == paper(floor, sales[0], 32)
        await at.scan("2920010000990")
        assert at.said == "Receipt not found: 2920010000990"
        await at.keys("escape")
        assert numbers(at) == ["3", "2", "1"]


async def test_a_receipt_scanned_in_the_sale_opens_here(floor: Floor) -> None:
    sales = [sell(floor, f"Article {number}", 100 + number) for number in range(3)]
    code = floor.do(receipt.of_sale, sales[1]).barcode
    async with journey(floor, person="Bea Brown") as at:
        await at.scan(code)
        assert numbers(at) == ["2"]
        assert past(at).paper.lines == paper(floor, sales[1], 32)


@pytest.mark.requirement("D1-01")
async def test_an_article_scanned_here_goes_into_the_sale(floor: Floor) -> None:
    sell(floor, "Rye bread", 350, barcodes=(RYE,))
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("f8", "enter")
        assert isinstance(at.screen, PreviewScreen)
        await at.scan(RYE)
        assert isinstance(at.screen, SaleScreen)
        assert at.shows("Rye bread", "3.50")


async def test_a_scan_that_begins_with_p_prints_nothing(floor: Floor) -> None:
    sale = sell(floor, "Rye bread", 350, barcodes=("PX-1234567",))
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("f8")
        await at.wedge("PX-1234567")
        await at.until(lambda: isinstance(at.screen, SaleScreen))
        assert at.shows("Rye bread")
    assert [copy for _kind, copy, _drawer in jobs(floor, sale)] == [0]
    assert floor.journal("receipt.copy") == []


async def test_one_who_may_not_sees_no_receipt(floor: Floor) -> None:
    sale = sell(floor, "Rye bread", 350)
    floor.person("Theo Tech", Role.TECHNICIAN, pin="7777")
    async with journey(floor, person="Theo Tech", screens=[HistoryScreen]) as at:
        assert at.said == "Not allowed for you: look at past receipts"
        assert numbers(at) == []
        await at.keys("p", "f8", "enter")
        assert not at.shows("Rye bread")
    assert [copy for _kind, copy, _drawer in jobs(floor, sale)] == [0]


@pytest.mark.requirement("D7-02")
async def test_one_who_may_not_print_again_is_refused(floor: Floor) -> None:
    sale = sell(floor, "Rye bread", 350)
    olga = floor.people["Olga"].id
    floor.do(staff.set_permission, Role.CASHIER, Action.REPRINT, State.DENIED, by=olga)
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("f8", "f8")
        await at.until(lambda: at.screen.status.kind is Say.ERROR)
        assert at.said == "Not allowed for you: print a receipt again"
    assert [copy for _kind, copy, _drawer in jobs(floor, sale)] == [0]


async def test_escape_clears_then_goes_back_to_the_basket(floor: Floor) -> None:
    sell(floor, "Rye bread", 350, barcodes=(RYE,))
    async with journey(floor, person="Bea Brown") as at:
        await at.scan(RYE)
        await at.keys("f8", "9", "escape")
        assert isinstance(at.screen, HistoryScreen)
        await at.keys("escape")
        assert isinstance(at.screen, SaleScreen)
        assert at.shows("Rye bread")


async def test_a_shop_without_receipts_has_nothing_to_print(floor: Floor) -> None:
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("f8", "p")
        await at.until(lambda: at.screen.status.kind is Say.ERROR)
        assert at.said == "There is no receipt to print."
        await at.keys("enter", "down", "pagedown")
        assert isinstance(at.screen, HistoryScreen)
    assert floor.rows("SELECT COUNT(*) FROM print_job") == [(0,)]


async def test_the_whole_receipt_is_what_was_printed(floor: Floor) -> None:
    def long_sale() -> str:
        basket = baskets.EMPTY
        for number in range(30):
            basket = baskets.add(basket, floor.services.article(f"Article {number}", 100))
        return floor.services.sell(basket, floor.services.cash(3000), by=floor.people["Bea Brown"].id).sale

    sale = floor.of_services(long_sale)
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("f8", "enter")
        assert isinstance(at.screen, PreviewScreen)
        whole = paper(floor, sale, 42)
        assert at.screen.paper.lines == whole
        assert at.shows("1-19 of", whole[2])
        await at.keys("end")
        assert at.shows(*(line for line in whole[-6:] if line))
        await at.keys("home", "down", "pagedown", "p")
        await at.until(lambda: "COPY 1" in at.said)
        await at.keys("escape")
        assert isinstance(at.screen, HistoryScreen)
    assert [copy for _kind, copy, _drawer in jobs(floor, sale)] == [0, 1]


async def test_the_whole_receipt_is_saved_as_a_pdf(floor: Floor, tmp_path: Path) -> None:
    sale = sell(floor, "Rye bread", 350)
    async with journey(
        floor, person="Bea Brown", screens=[lambda till: _exporting(till, sale, tmp_path / "exports")]
    ) as at:
        await at.keys("s")
        await at.until(lambda: at.screen.status.kind is Say.OK)
        file = tmp_path / "exports" / "receipt-R1-1.pdf"
        assert at.said == f"Saved: {file}"
    assert file.read_bytes().startswith(b"%PDF-")
    assert (file.stat().st_mode & 0o777, list(file.parent.iterdir())) == (0o600, [file])
    assert floor.journal("receipt.saved") == [("receipt.saved", floor.people["Bea Brown"].id, None)]


async def test_a_pdf_that_cant_be_written_is_said_and_the_till_goes_on(floor: Floor, tmp_path: Path) -> None:
    sale = sell(floor, "Rye bread", 350)
    (tmp_path / "exports").write_text("a file where the folder should be")
    async with journey(
        floor, person="Bea Brown", screens=[lambda till: _exporting(till, sale, tmp_path / "exports")]
    ) as at:
        await at.keys("f10")
        await at.until(lambda: at.screen.status.kind is Say.ERROR)
        assert "receipt-R1-1.pdf" in at.said
        await at.keys("p")
        await at.until(lambda: at.screen.status.kind is Say.OK)
    assert floor.journal("receipt.saved") == []


async def test_hostile_names_do_no_harm(floor: Floor) -> None:
    sale = sell(floor, HOSTILE, 350)
    async with journey(floor, person="Bea Brown") as at:
        await at.keys("f8")
        assert at.shows("[/x][12;1nCafé [b]noir")
        assert not {"\x1b", "\u202e"} & set(at.text_of_screen())
        await at.text("noir")
        assert numbers(at) == ["1"]
        await at.keys("enter")
        assert at.shows("[/x][12;1nCafé [b]noir")
    assert len(jobs(floor, sale)) == 1


async def test_in_another_language(floor: Floor) -> None:
    sell(floor, "Rye bread", 350)
    async with journey(floor, person="Bea Brown") as at:
        use_language("de")
        try:
            await at.keys("f8", "p")
            await at.until(lambda: at.screen.status.kind is Say.OK)
            assert at.shows("3,50")
        finally:
            use_language("en")
