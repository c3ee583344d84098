"""The reports on the screen: chosen by number, moved through time, narrowed, ordered, printed, saved, given up."""

from __future__ import annotations

import csv
import os
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk import db
from kiosk.money import ZERO, Money
from kiosk.receipts.report import Report
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY
from kiosk.rules.drawer import Count
from kiosk.rules.permissions import Role
from kiosk.rules.spans import Span, day_of, month_of, week_of
from kiosk.screens import reading
from kiosk.screens.menu import MenuScreen
from kiosk.screens.reading import Progress, Reading
from kiosk.screens.reports import ReportsScreen
from kiosk.screens.sale import SaleScreen
from kiosk.screens.till import Lamp
from kiosk.services import catalogue, reports, shifts
from kiosk.services.shop import new_key
from tests.receipts.pdf_reader import read_pdf
from tests.screens.counter import BREAD, basket_of, open_counter
from tests.screens.floor import NARROW, WIDE, Floor, Journey, journey
from tests.screens.test_hostile import HOSTILE, UNSEEN

GOLDEN = Path(__file__).parent / "golden" / "reports"
MONDAY, TODAY = date(2026, 11, 16), date(2026, 11, 20)
NUMBERS = {name: str(place) for place, name in enumerate(reports.NAMES, start=1)}


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    """Two weeks of selling, ten days closed and today open; Mona manages, Lea leads, Ann sells."""
    with open_counter(tmp_path) as made:
        made.person("Lea", Role.LEAD, pin="4711")
        made.of_services(_two_weeks, made)
        yield made


def _two_weeks(floor: Floor) -> None:
    services, people = floor.services, floor.people
    goods = [found for number in ("101", "102", "103", "106") if (found := catalogue.find(services.shop, number))]
    shifts.close_shift(services.shop, Count(ZERO), key=new_key(), by=people["Mona"].id)
    days = [day for day in range(9, 21) if day not in {14, 15}]
    for day in days:
        for step in range(1 + day * 7 % 5):
            floor.time.now = datetime(2026, 11, day, 8 + step, 20, tzinfo=UTC)
            thing = goods[(day + step) % 4]
            assert thing.price is not None
            price = thing.price.minor
            paid = services.ticket(price) if (day + step) % 3 == 0 else services.cash(price)
            services.sell(rules.add(EMPTY, thing), paid, by=people["Lea" if step % 2 else "Ann"].id)
        if day != days[-1]:
            shifts.close_shift(services.shop, Count(Money(1000 + day)), key=new_key(), by=people["Mona"].id)


def of(at: Journey) -> ReportsScreen:
    """The screen of the reports, which must be in front."""
    assert isinstance(at.screen, ReportsScreen)
    return at.screen


def shown(at: Journey) -> Report:
    """What is shown now."""
    report = of(at).report
    assert report is not None
    return report


async def arrived(at: Journey) -> None:
    """Until the figures are here."""
    await at.until(lambda: of(at).report is not None and not of(at).reading.going)


async def press(at: Journey, *keys: str) -> None:
    await at.keys(*keys)
    await arrived(at)


@pytest.mark.requirement("Q-22", "D7-04")
async def test_each_report_has_a_number_and_begins_with_this_week(floor: Floor) -> None:
    async with journey(floor, person="Lea", screens=[ReportsScreen]) as at:
        await arrived(at)
        assert (shown(at).name, shown(at).span) == ("days", week_of(TODAY))
        for name, number in NUMBERS.items():
            await press(at, number)
            assert shown(at).name == name
        assert at.shows("Drawer counts · 16/11/2026 - 22/11/2026")
        await press(at, "tab")
        assert shown(at).name == "days"
        await press(at, "minus")
        assert shown(at).name == "differences"
        await at.keys("0")
        assert at.said == "There is no report with this number."


async def test_the_menu_leads_there_and_escape_back(floor: Floor) -> None:
    async with journey(floor, person="Lea") as at:
        await at.keys("f10", "r")
        await arrived(at)
        await at.keys("escape")
        assert type(at.screen) is MenuScreen
        await at.keys("R")
        await arrived(at)
        await at.keys("f12", "escape")
        assert type(at.app.screen) is SaleScreen


@pytest.mark.requirement("D7-02")
async def test_who_may_not_see_reports_finds_them_nowhere(floor: Floor) -> None:
    async with journey(floor, person="Ann") as at:
        await at.keys("f10")
        assert not at.shows("Reports")
        await at.keys("r")
        assert isinstance(at.screen, MenuScreen)
        assert at.said == "Nothing in the menu has this key."
    async with journey(floor, person="Ann", screens=[ReportsScreen]) as at:
        assert at.said == "Not allowed for you: see the reports"
        await at.keys("4")
        await at.until(lambda: not of(at).reading.going)
        assert at.said == "Not allowed for you: see the reports"
        assert of(at).report is None
        await at.keys("f8")
        await at.keys("f10")
    assert floor.rows("SELECT COUNT(*) FROM print_job WHERE kind = 'report'") == [(0,)]


async def test_periods_before_and_after_and_never_beyond_today(floor: Floor) -> None:
    async with journey(floor, person="Mona", screens=[ReportsScreen]) as at:
        await arrived(at)
        await press(at, "pageup")
        assert shown(at).span == week_of(date(2026, 11, 9))
        assert len(shown(at).rows) == 5
        await press(at, "left", "right", "pagedown")
        assert shown(at).span == week_of(TODAY)
        await at.keys("right")
        assert at.said == "Nothing was sold after today."
        await press(at, "f2", "5", "left")
        assert shown(at).span == month_of(date(2026, 10, 1))
        assert at.shows("There is nothing in these days.", "October 2026")


async def test_days_are_chosen_by_name_or_typed(floor: Floor) -> None:
    async with journey(floor, person="Mona", screens=[ReportsScreen]) as at:
        await arrived(at)
        await press(at, "f2", "1")
        assert shown(at).span == day_of(TODAY)
        await at.keys("f2", "9", *"31.2.", "enter")
        assert at.shows("Period: “31.2.” doesn't fit.")
        await press(at, *["backspace"] * 5, *"10.11.-18.11.", "enter")
        assert shown(at).span == Span(date(2026, 11, 10), date(2026, 11, 18))
        await at.keys("f2", "9", "escape")
        await at.keys("f2", "escape")
        assert shown(at).span == Span(date(2026, 11, 10), date(2026, 11, 18))


@pytest.mark.requirement("Q-22")
async def test_one_person_and_one_till(floor: Floor) -> None:
    async with journey(floor, person="Mona", screens=[ReportsScreen]) as at:
        await arrived(at)
        everybody = shown(at).totals[2]
        turnover = {}
        names = [name for _id, name in floor.do(reports.choices, floor.people["Mona"].id).people]
        for name in ("Ann", "Lea"):
            await press(at, "f3", str(names.index(name) + 2))
            assert at.shows(name)
            assert shown(at).person == name
            turnover[name] = shown(at).totals[2]
        assert all(isinstance(one, Money) for one in turnover.values())
        assert turnover["Ann"] + turnover["Lea"] == everybody  # type: ignore[operator]
        await press(at, "f4", "2")
        assert (shown(at).lane, shown(at).person) == ("R1", "Lea")
        assert at.shows("Till R1 · Lea")
        await press(at, "f3", "1")
        await press(at, "f4", "1")
        assert shown(at).totals[2] == everybody
        assert at.shows("All tills, everybody")


async def test_articles_by_amount_or_by_number(floor: Floor) -> None:
    async with journey(floor, person="Mona", screens=[ReportsScreen]) as at:
        await arrived(at)
        await at.keys("f6")
        assert at.said == "These rows have one order only."
        await press(at, "4")
        table = of(at).table
        by_amount = [line[0] for line in table.lines]
        await press(at, "f6")
        assert at.said == "The most first: Quantity."
        assert [float(line[2]) for line in table.lines] == sorted(
            (float(line[2]) for line in table.lines), reverse=True
        )
        await press(at, "f6")
        assert [line[0] for line in table.lines] == by_amount


async def test_long_tables_scroll_and_their_total_stays(floor: Floor) -> None:
    async with journey(floor, person="Mona", screens=[ReportsScreen]) as at:
        await arrived(at)
        await press(at, "f2", "9", *"9.11.-20.11.", "enter")
        assert len(of(at).table.lines) == 10
        of(at).table.styles.height = 9
        await at.settle()
        assert at.shows("09/11/2026", "1-4 of 10", "Total")
        await at.keys("down")
        assert at.shows("2-5 of 10", "Total")
        await at.keys("space")
        assert at.shows("6-9 of 10")
        await at.keys("end")
        assert at.shows("7-10 of 10", "20/11/2026")
        await at.keys("up", "home")
        assert at.shows("1-4 of 10")


async def test_a_scan_is_still_for_the_sale(floor: Floor) -> None:
    for way in ("scan", "wedge"):
        async with journey(floor, person="Mona") as at:
            await at.keys("f10", "r")
            await arrived(at)
            await (at.scan(BREAD) if way == "scan" else at.wedge(BREAD))
            await at.settle()
            assert type(at.app.screen) is SaleScreen
            assert basket_of(at)[-1] == ("Bread", 1000, 450)


async def test_of_very_many_rows_the_first_are_shown_and_a_file_has_all(floor: Floor) -> None:
    async with journey(floor, person="Mona", screens=[ReportsScreen]) as at:
        await arrived(at)
        await press(at, "4")
        few = shown(at)
        of(at)._arrived(replace(few, rows=few.rows * 500))
        await at.settle()
        assert len(shown(at).rows) == 2000
        assert len(of(at).table.lines) == 1000
        assert at.shows("of 1000 · F10 saves all 2000")


# Paper and files


async def test_a_report_is_printed(floor: Floor) -> None:
    async with journey(floor, person="Mona", screens=[ReportsScreen]) as at:
        woken: list[bool] = []
        at.app.till.paper_queued = lambda: woken.append(True)
        await arrived(at)
        await press(at, "8", "f8")
        assert at.said == "No printer is set up here."
        assert woken == []
        at.app.till.lamps["print"] = Lamp("Print", "ok")
        await press(at, "f8")
        assert at.said == "The report goes to the printer."
        assert woken == [True]
    ((kind, document),) = floor.rows("SELECT kind, document FROM print_job WHERE kind = 'report'")
    assert kind == "report"
    assert "Means of payment" in document
    assert "Cash" in document


async def test_a_report_is_saved_as_csv_and_as_pdf(floor: Floor, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    async with journey(floor, person="Mona", screens=[ReportsScreen]) as at:
        await arrived(at)
        await at.keys("f10")
        assert at.said == "No folder for exports is set up on this till."
        at.app.till.exports = folder
        await press(at, "4")
        await at.keys("f10", "escape")
        assert not folder.exists()
        await at.keys("f10", "c")
        name = "report-articles-2026-11-16-2026-11-22"
        await at.until(lambda: "Saved" in at.said)
        assert at.said == f"Saved: {folder / name}.csv"
        await at.keys("f10", "p")
        await at.until(lambda: at.said.endswith(".pdf"))
        expected = [[row[0], str(row[1])] for row in shown(at).rows]
    header, *rows = csv.reader((folder / f"{name}.csv").read_text(encoding="utf-8-sig").splitlines())
    assert header == ["article", "number", "quantity", "turnover", "share"]
    assert [row[:2] for row in rows] == expected
    text = " ".join(line for page in read_pdf((folder / f"{name}.pdf").read_bytes()) for line in page.lines())
    assert "Articles" in text
    assert "Bread" in text
    assert [row[0] for row in floor.journal("report.saved")] == ["report.saved"] * 2
    assert (folder / f"{name}.csv").stat().st_mode & 0o777 == 0o600


# Reading


class Slow:
    """A reading that goes on until somebody ends it, or lets it go on."""

    def __init__(self) -> None:
        self.begun, self.ended = threading.Event(), threading.Event()
        self.go_on = threading.Event()

    def __call__(self, progress: Progress) -> str:
        self.begun.set()
        try:
            while not self.go_on.wait(0.01):
                progress(42, 100)
        finally:
            self.ended.set()
        return "read"


async def test_what_takes_long_says_how_far_it_is_and_escape_ends_it(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The till sells on meanwhile: the desk answers, and another key is served."""
    slow = Slow()
    monkeypatch.setattr(reading, "PATIENCE", 0.02)
    read = reports.read

    def slowly(*args: Any, progress: Progress, **narrowed: Any) -> Report:
        if args[1] == "articles":
            slow(progress)
        return read(*args, progress=progress, **narrowed)

    monkeypatch.setattr(reports, "read", slowly)
    async with journey(floor, person="Mona", screens=[ReportsScreen]) as at:
        await arrived(at)
        await at.keys("4")
        await at.until(lambda: at.said == "Reading ... 42 %")
        assert at.shows("Esc stop")
        assert floor.do(lambda shop: shop.lane) == "R1"
        await at.keys("f8")
        assert at.said == "The figures are not here yet."
        await at.keys("escape")
        await at.until(lambda: not of(at).reading.going)
        assert slow.ended.is_set()
        assert at.said == "Stopped. The figures that you see are those from before."
        assert shown(at).name == "days"
        assert of(at).list.chosen == 0
        await press(at, "pageup")
        assert (shown(at).name, shown(at).span) == ("days", week_of(date(2026, 11, 9)))
        await at.keys("escape")
        assert not isinstance(at.screen, ReportsScreen)
    assert floor.rows("SELECT COUNT(*) FROM print_job WHERE kind = 'report'") == [(0,)]


async def test_the_next_wish_ends_the_one_before(floor: Floor) -> None:
    first, found = Slow(), list[str]()
    async with journey(floor, person="Mona", screens=[ReportsScreen]) as at:
        await arrived(at)
        reader: Reading[str] = Reading(of(at), found.append, lambda _done, _of: None)
        reader.want(first)
        await at.until(first.begun.is_set)
        reader.want(lambda _progress: "second")
        reader.want(lambda _progress: "third")
        await at.until(lambda: not reader.going)
        assert first.ended.is_set()
        assert found == ["third"]


async def test_a_query_that_takes_far_too_long_is_ended_too(floor: Floor) -> None:
    begun, found = threading.Event(), list[int]()
    numbers = "n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000000)"

    def forever(progress: Progress) -> int:
        progress(0, 1)
        begun.set()
        return len(db.rows(f"WITH RECURSIVE {numbers} SELECT SUM(i) FROM n"))

    async with journey(floor, person="Mona", screens=[ReportsScreen]) as at:
        await arrived(at)
        reader: Reading[int] = Reading(of(at), found.append, lambda _done, _of: None)
        reader.want(forever)
        await at.until(begun.is_set)
        await at.pilot.pause(0.1)
        assert reader.stop()
        await at.until(lambda: not reader.going)
        assert found == []
        reader.want(lambda _progress: 7)
        await at.until(lambda: found == [7])


async def test_leaving_ends_what_is_being_read(floor: Floor) -> None:
    slow = Slow()
    async with journey(floor, person="Mona", screens=[ReportsScreen]) as at:
        await arrived(at)
        of(at).reading.want(slow)  # type: ignore[arg-type]
        await at.until(slow.begun.is_set)
        await at.keys("f12")
        await at.until(slow.ended.is_set)
        assert isinstance(at.screen, SaleScreen)


async def test_reading_writes_nothing_and_cannot(floor: Floor) -> None:
    tries: list[str] = []

    def write(progress: Progress) -> str:
        del progress
        try:
            db.run("DELETE FROM print_job")
        except Exception as error:
            tries.append(type(error).__name__)
        return "tried"

    found: list[str] = []
    async with journey(floor, person="Mona", screens=[ReportsScreen]) as at:
        await arrived(at)
        reader: Reading[str] = Reading(of(at), found.append, lambda _done, _of: None)
        reader.want(write)
        await at.until(lambda: found == ["tried"])
    assert tries == ["StorageFailed"]


# Looks


async def test_hostile_names_break_no_report(floor: Floor) -> None:
    def rename(name: str) -> None:
        with db.transaction():
            db.run("UPDATE article SET name = ? WHERE number = '101'", (name,))
            db.run("UPDATE staff SET name = ? WHERE id = ?", (name, floor.people["Lea"].id))

    async with journey(floor, person="Mona", screens=[ReportsScreen]) as at:
        await arrived(at)
        at.app.till.lamps["print"] = Lamp("Print", "ok")
        for name in HOSTILE:
            floor.of_services(rename, name)
            for number in ("4", "6"):
                await press(at, number)
                seen = at.lines()
                assert len(seen) == 25
                assert all(len(line) <= 80 for line in seen)
                assert all(line.endswith(("│", "┐", "┘")) for line in seen[1:22])
                assert not UNSEEN & {unicodedata.category(letter) for line in seen for letter in line}
            await press(at, "f8")
            assert at.said == "The report goes to the printer."
    assert floor.rows("SELECT COUNT(*) FROM print_job WHERE kind = 'report'") == [(len(HOSTILE),)]


@pytest.mark.parametrize(("size", "names"), [(NARROW, reports.NAMES), (WIDE, ("days", "staff"))])
async def test_each_report_looks_as_in_its_golden_file(
    floor: Floor, size: tuple[int, int], names: tuple[str, ...]
) -> None:
    """After a wanted change: ``KIOSK_GOLDEN=write``."""
    seen = {}
    async with journey(floor, person="Mona", size=size, screens=[ReportsScreen]) as at:
        await arrived(at)
        for name in names:
            await press(at, NUMBERS[name])
            seen[name] = at.text_of_screen() + "\n"
    for name, text in seen.items():
        path = GOLDEN / f"{name}-{size[0]}.txt"
        if os.environ.get("KIOSK_GOLDEN") == "write":
            GOLDEN.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")


async def test_a_console_can_show_every_glyph(floor: Floor) -> None:
    """Lat15-Terminus has a full block and two shades, no half blocks and no third shade (UX.md 1)."""
    async with journey(floor, person="Mona", screens=[ReportsScreen]) as at:
        await arrived(at)
        seen = set()
        for number in NUMBERS.values():
            await press(at, number)
            seen |= set(at.text_of_screen())
    assert {letter for letter in seen if not letter.isascii()} <= set("·│─┌┐└┘█░▒…")
    assert "█" in seen
