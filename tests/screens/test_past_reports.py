"""Past X and Z at the till: found, read as they were printed, printed again as copies, saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.money import Money
from kiosk.rules.drawer import Count
from kiosk.screens.menu import MenuScreen
from kiosk.screens.past_reports import PastReportsScreen, ReportScreen
from kiosk.screens.sale import SaleScreen
from kiosk.screens.till import Lamp
from kiosk.screens.widgets.status import Say
from kiosk.services import printing, shifts
from kiosk.services.shop import new_key
from tests.receipts.pdf_reader import read_pdf
from tests.screens.counter import BREAD, selling
from tests.screens.day_books import drawer, on_second_till, open_day, paper, reports, start_day, tamper
from tests.screens.floor import NARROW, WIDE, Floor, Journey, journey


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    """Two days: an X and a Z that agrees, and a Z with one euro missing."""
    with open_day(tmp_path) as made:
        by = made.people["Mona"].id
        made.do(shifts.read_x, key=new_key(), by=by)
        made.do(shifts.close_shift, Count(Money(15000)), key=new_key(), by=by)
        made.time.move(days=1)
        start_day(made)
        made.do(shifts.close_shift, Count(Money(14900)), key=new_key(), by=by)
        made.of_services(_print_all, made)
        yield made


def _print_all(floor: Floor) -> None:
    shop = floor.services.shop
    while (job := printing.next_job(shop)) is not None:
        printing.printed(shop, job.id)


def names(at: Journey) -> list[str]:
    """The reports that are listed."""
    assert isinstance(at.screen, PastReportsScreen)
    return [line[0] for line in at.screen.table.lines]


@pytest.mark.requirement("D6-02")
@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_the_newest_is_first_and_the_chosen_one_is_shown(floor: Floor, size: tuple[int, int]) -> None:
    async with journey(floor, person="Mona", size=size) as at:
        await at.keys("escape", "f10", "z")
        assert names(at) == ["Z 2", "Z 1", "X 1"]
        assert at.shows("-1.00", "today" if size == NARROW else "21/11/2026", "Z REPORT 2")
        await at.keys("down", "down")
        assert at.shows("X REPORT 1")
        await at.keys("pagedown", "home", "pageup")
        assert at.shows("Z REPORT 2")
        await at.keys("f12")
        assert isinstance(at.screen, MenuScreen)


@pytest.mark.requirement("D6-02")
async def test_a_report_is_printed_again_and_marked_as_a_copy(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        at.app.till.lamps["print"] = Lamp("Print", "ok")
        await at.keys("escape", "f10", "z", "p")
        assert at.said == "Z 2, COPY 1 goes to the printer."
        await at.keys("f8")
        assert at.said == "Z 2, COPY 2 goes to the printer."
        at.app.till.lamps["print"] = Lamp("Print", "no paper", fine=False)
        await at.keys("down", "p")
        assert (at.screen.status.kind, at.said) == (Say.ASK, "Z 1, COPY 1 waits. Printer: no paper.")
        at.app.till.lamps["print"] = Lamp("Print", "off")
        await at.keys("enter")
        assert isinstance(at.screen, ReportScreen)
        await at.keys("p")
        assert at.said == "No printer is set up here. Z 1, COPY 2 is in the books."
    assert paper(floor)[3:] == [("z", 1), ("z", 2), ("z", 1), ("z", 2)]
    job = floor.do(printing.next_job)
    assert job is not None
    assert "COPY" in str(job.document)
    assert reports(floor) == [("x", 1), ("z", 1), ("z", 2)]


@pytest.mark.requirement("D6-02")
async def test_a_report_is_saved_as_a_pdf(floor: Floor, tmp_path: Path) -> None:
    async with journey(floor, person="Mona") as at:
        await at.keys("escape", "f10", "z", "s")
        assert at.said == "No folder for exports is set up on this till."
        at.app.till.exports = tmp_path / "exports"
        await at.keys("s")
        await at.until(lambda: at.said.startswith("Saved: "))
        await at.keys("end", "down", "down", "enter", "f10")
        await at.until(lambda: at.said.endswith("x-R1-2026-11-20-1.pdf"))
    assert sorted(path.name for path in (tmp_path / "exports").iterdir()) == ["x-R1-2026-11-20-1.pdf", "z-R1-2.pdf"]
    assert "Z" in str(read_pdf((tmp_path / "exports" / "z-R1-2.pdf").read_bytes()))
    assert [action for action, *_who in floor.journal("report.saved")] == ["report.saved"] * 2


@pytest.mark.requirement("D6-02")
async def test_reports_are_found_by_day_kind_and_till(floor: Floor) -> None:
    on_second_till(floor, shifts.open_shift, Count(Money(0)), key=new_key(), by=floor.people["Mona"].id)
    on_second_till(floor, shifts.close_shift, Count(Money(0)), key=new_key(), by=floor.people["Mona"].id)
    async with journey(floor, person="Mona") as at:
        await at.keys("escape", "f10", "z")
        assert sorted(names(at)) == ["X 1", "Z 1", "Z 1", "Z 2"]
        await at.keys("f2", *"20.11.", "enter")
        assert names(at) == ["Z 1", "X 1"]
        assert at.shows("Reports of 20/11/2026")
        await at.keys("f5")
        assert names(at) == ["Z 1"]
        await at.keys("f5", "f2", *"33.11.", "enter")
        assert at.screen.status.kind is Say.ERROR
        assert names(at) == ["Z 1", "X 1"]
        await at.keys("f2", *"1.1.2020", "enter")
        assert at.shows("No report fits.")
        for key in ("p", "s", "enter"):
            await at.keys(key)
            assert at.said == "There is no report here."
        await at.keys("escape", "f6")
        assert at.shows("The reports of which till?", "1 All", "2 R1", "3 R2")
        await at.keys("3")
        assert names(at) == ["Z 1"]
        await at.keys("escape")
        assert len(names(at)) == 4
        await at.keys("f2", "escape", "f6", "escape", "escape")
        assert isinstance(at.screen, MenuScreen)


@pytest.mark.requirement("D6-02", "D7-02")
async def test_a_cashier_sees_reports_by_another_persons_pin_and_prints_them(floor: Floor) -> None:
    async with selling(floor) as at:
        await at.keys("escape", "f10", "z")
        assert not at.shows("Z 2")
        await at.keys("escape")
        assert isinstance(at.screen, MenuScreen)
        await at.keys("z", *"9999", "enter")
        assert names(at) == ["Z 2", "Z 1", "X 1"]
        await at.keys("p")
    assert paper(floor)[3:] == [("z", 1)]
    assert floor.journal("report.copy") == [("report.copy", floor.people["Ann"].id, floor.people["Mona"].id)]


async def test_a_scan_among_the_reports_goes_into_the_sale(floor: Floor) -> None:
    async with journey(floor, person="Mona") as at:
        await at.keys("escape", "f10", "z", "enter")
        await at.scan(BREAD)
        assert isinstance(at.screen, SaleScreen)
        assert at.shows("Bread")
    assert drawer(floor) == 14900


async def test_a_name_that_was_made_to_do_harm_stays_a_name(floor: Floor) -> None:
    tamper(floor, "UPDATE staff SET name = ? WHERE name = 'Mona'", "[/x][a=b\x1b[2J" + "y" * 500)
    async with journey(floor, person="Mona") as at:
        await at.keys("escape", "f10", "z", "enter", "escape")
        assert at.shows("[/x]")
        assert names(at) == ["Z 2", "Z 1", "X 1"]
