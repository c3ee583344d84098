"""Customers in the reports: their lists by number, saved and printed; their map with who lives where, and GeoJSON."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kiosk.receipts.report import Report
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY
from kiosk.rules.map_grid import Grid
from kiosk.rules.permissions import Role
from kiosk.rules.spans import week_of
from kiosk.screens.customer_history import CustomerHistoryScreen
from kiosk.screens.customer_map import CustomerMapScreen
from kiosk.screens.reports import ReportsScreen
from kiosk.screens.till import Lamp
from kiosk.services import catalogue, customers, points, sales
from kiosk.services.customer_rows import CustomerForm, Kind
from kiosk.services.shop import new_key
from tests.screens.counter import open_counter
from tests.screens.floor import WIDE, Floor, Journey, journey
from tests.screens.test_hostile import HOSTILE

GOLDEN = Path(__file__).parent / "golden" / "reports"
TODAY = date(2026, 11, 20)


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    """Forty customers around a market, one far out; Mona manages, Lea leads, Ann sells."""
    with open_counter(tmp_path) as made:
        made.person("Lea", Role.LEAD, pin="4711")
        made.of_services(_settle, made)
        yield made


def _settle(floor: Floor) -> None:
    shop, mona = floor.services.shop, floor.people["Mona"].id
    bread = catalogue.find(shop, "101")
    assert bread is not None
    for place in range(40):
        form = CustomerForm(
            name=f"Customer {place}",
            birth_date=date(1960 + place, 11, 16 + place % 7) if place < 10 else None,
            latitude=52_520_000 + (place * place * 37) % 9000 - 4500,
            longitude=13_405_000 + (place * place * 91) % 14_000 - 7000,
        )
        one = customers.save(shop, form, by=mona).id
        if place % 3 == 0:
            points.adjust(shop, one, 10 * (place + 1), add=True, reason="Gift", key=new_key(), by=mona)
        if place % 8 == 0:
            basket = rules.add(EMPTY, bread)
            cash = floor.services.cash(450)
            sales.close_sale(shop, basket, (cash,), key=new_key(), by=mona, customer=one)
    far = CustomerForm(
        kind=Kind.COMPANY, company=HOSTILE[0], birth_date=date(1955, 11, 29), latitude=52_560_000, longitude=13_300_000
    )
    customers.save(shop, far, by=mona)


def of(at: Journey) -> ReportsScreen:
    assert isinstance(at.screen, ReportsScreen)
    return at.screen


def shown(at: Journey) -> Report:
    report = of(at).report
    assert report is not None
    return report


async def arrived(at: Journey) -> None:
    await at.until(lambda: of(at).report is not None and not of(at).reading.going)


async def press(at: Journey, *keys: str) -> None:
    await at.keys(*keys)
    await arrived(at)


def map_of(at: Journey) -> CustomerMapScreen:
    assert isinstance(at.screen, CustomerMapScreen)
    return at.screen


def grid_of(at: Journey) -> Grid:
    """What of the ground is shown."""
    picture = map_of(at).picture
    assert picture is not None
    return picture.grid


async def drawn(at: Journey, *keys: str) -> None:
    """Press keys, until the map that they ask for is there."""
    await at.keys(*keys)
    await at.until(lambda: map_of(at).picture is not None and not map_of(at).reading.going)


def golden(name: str, text: str) -> None:
    """After a wanted change: ``KIOSK_GOLDEN=write``."""
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("KIOSK_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.requirement("D9-05")
async def test_lists_of_customers_stand_beside_the_reports(floor: Floor, tmp_path: Path) -> None:
    async with journey(floor, person="Mona", screens=[ReportsScreen]) as at:
        at.app.till.exports = tmp_path / "exports"
        at.app.till.lamps["print"] = Lamp("Print", "ok")
        await arrived(at)
        await press(at, "f5")
        assert at.shows("1 Birthdays", "5 Customer map", "Birthdays · 16/11/2026 - 22/11/2026")
        golden("birthdays-80", at.text_of_screen() + "\n")
        assert len(shown(at).rows) == 10
        await press(at, "pagedown")
        assert shown(at).span == week_of(date(2026, 11, 23))
        assert [row[1] for row in shown(at).rows] == ["41"]
        await press(at, "left", "3")
        assert [row[2] for row in shown(at).rows] == [1] * 5
        assert at.shows("Best customers", "Customer 32", "22.50")
        await at.keys("f8")
        assert at.said == "The report goes to the printer."
        await at.keys("f10", "c")
        await at.until(lambda: "Saved" in at.said)
        await press(at, "f5")
        assert at.shows("9 Drawer counts", "Turnover by day")
    header, *rows = csv.reader(
        (tmp_path / "exports" / "report-best-2026-11-16-2026-11-22.csv").read_text(encoding="utf-8-sig").splitlines()
    )
    assert header[:4] == ["customer", "number", "sales", "turnover"]
    assert rows[0][:4] == ["Customer 0", "1", "1", "4.50"]
    ((paper,),) = floor.rows("SELECT document FROM print_job WHERE kind = 'report'")
    assert "#33" in paper
    assert "Customer 32" not in paper
    async with journey(floor, person="Lea", screens=[ReportsScreen]) as at:
        at.app.till.exports = tmp_path / "of-lea"
        await arrived(at)
        await press(at, "f5")
        await at.keys("f10", "c")
        assert at.said == "Not allowed for you: take customers' data out"
        assert not (tmp_path / "of-lea").exists()
    assert len(floor.journal("report.saved")) == 1


@pytest.mark.requirement("U-16")
async def test_the_map_shows_where_customers_live_and_who_it_is(floor: Floor, tmp_path: Path) -> None:
    async with journey(floor, person="Mona", screens=[ReportsScreen]) as at:
        at.app.till.exports = tmp_path / "exports"
        await arrived(at)
        await press(at, "f5")
        await at.keys("5")
        await drawn(at)
        assert at.shows("Customers · 41 of 41 on the map")
        everybody = grid_of(at)
        await drawn(at, "plus", "plus", "plus")
        assert grid_of(at).step == everybody.step // 10
        golden("map-80", at.text_of_screen() + "\n")
        assert at.shows("Customers · 32 of 41 on the map", "1 customer ")
        await drawn(at, "f6")
        assert at.shows("Points · 32 of 41 on the map", "· 0")
        await drawn(at, "home", *["tab"] * 2, "shift+tab", *["up"] * 30, "right")
        assert grid_of(at).middle.latitude > everybody.middle.latitude
        await at.keys("enter")
        assert at.said == "Nobody lives here. Tab goes to the next place with customers."
        await drawn(at, "home", "tab")
        await drawn(at, *["plus"] * 20)
        assert at.said == "The map goes no nearer."
        await at.keys("enter")
        assert at.shows("1 customer lives here.", "Customer 28 · #29")
        await at.keys("enter")
        assert isinstance(at.screen, CustomerHistoryScreen)
        assert at.shows("Customer 28")
        await at.keys("escape", "g")
        await at.until(lambda: "Saved" in at.said)
        await at.keys("escape")
        assert isinstance(at.screen, ReportsScreen)
    made = json.loads((tmp_path / "exports" / "customer-map-2026-11-20.geojson").read_text(encoding="ascii"))
    found = {one["properties"]["number"]: one for one in made["features"]}
    assert len(found) == 41
    assert found[41]["geometry"]["coordinates"] == [13.3, 52.56]
    assert found[4]["properties"] == {"number": 4, "name": "Customer 3", "points": 40, "turnover": 0}
    assert floor.rows("SELECT facts FROM journal WHERE action = 'report.saved'") == [
        ('{"file": "customer-map-2026-11-20.geojson", "report": "map"}',)
    ]


async def test_the_map_of_a_large_window_and_of_nobody(floor: Floor) -> None:
    async with journey(floor, person="Lea", size=WIDE, screens=[CustomerMapScreen]) as at:
        await drawn(at)
        assert grid_of(at).columns == WIDE[0] - 2
        assert {letter for letter in at.text_of_screen() if not letter.isascii()} <= set("·│─┌┐└┘…")
