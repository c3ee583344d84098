"""The map of customers: counted into cells along the key, who lives where, and GeoJSON that any map program opens."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kiosk import db
from kiosk.errors import Denied
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY, Item
from kiosk.rules.map_grid import Grid, Place
from kiosk.rules.permissions import Action, Role, State
from kiosk.services import customer_map, customers, points, sales, staff
from kiosk.services.customer_map import Measure, Spot
from kiosk.services.customer_rows import CustomerForm
from kiosk.services.shop import Shop, new_key
from tests.services.conftest import FixedTime
from tests.services.journey import Till

HERE = Place(52_520_000, 13_405_000)
GRID = Grid(HERE, 1000, 4, 8)
"""Four rows of 111 metres, eight columns of 56; the first cell ends at 52.522, 13.401712."""


@dataclass
class Town:
    """A shop whose customers live around it; Mona manages, Lea leads."""

    till: Till
    time: FixedTime
    mona: str
    lea: str
    bread: Item

    @property
    def shop(self) -> Shop:
        return self.till.shop

    def lives(self, name: str, latitude: int, longitude: int, **more: Any) -> str:
        """Somebody who lives so many millionths north and east of the middle."""
        form = CustomerForm(name=name, latitude=HERE.latitude + latitude, longitude=HERE.longitude + longitude, **more)
        return customers.save(self.shop, form, by=self.mona).id

    def buys(self, customer: str) -> None:
        basket = rules.add(EMPTY, self.bread)
        sales.close_sale(self.shop, basket, (self.till.cash(450),), key=new_key(), by=self.till.ann, customer=customer)

    def gets(self, customer: str, amount: int) -> None:
        points.adjust(self.shop, customer, amount, add=True, reason="Gift", key=new_key(), by=self.mona)

    def merge(self, customer: str, into: str) -> None:
        with db.transaction():
            db.run("UPDATE customer SET state = 'merged', merged_into = ? WHERE id = ?", (into, customer))

    def spots(self, measure: Measure = Measure.CUSTOMERS) -> dict[tuple[int, int], Spot]:
        found = customer_map.look(self.shop, GRID.rows, GRID.columns, grid=GRID, measure=measure, by=self.lea)
        assert found is not None
        return dict(found.spots)

    def geojson(self, by: str) -> dict[str, Any]:
        target = io.StringIO()
        count = customer_map.write_geojson(self.shop, target, by=by)
        made: dict[str, Any] = json.loads(target.getvalue())
        assert len(made["features"]) == count
        return made


@pytest.fixture
def town(till: Till, time: FixedTime) -> Town:
    mona, lea = till.person("Mona", Role.MANAGER), till.person("Lea", Role.LEAD)
    return Town(till, time, mona, lea, till.article("Bread", 450))


@pytest.fixture
def people(town: Town) -> dict[str, str]:
    """Three in one cell, of whom one is another one's twin; one in a corner; one far away; one without a place."""
    who = {
        "Anna": town.lives("Anna", -500, 100),
        "Bert": town.lives("Bert", -600, 200),
        "Twin": town.lives("Twin", 1500, -3000),
        "Corner": town.lives("Corner", 2000, -3288),
        "Far": town.lives("Far", 3_000_000, 0, birth_date=date(1990, 1, 1)),
        "Nowhere": customers.save(town.shop, CustomerForm(name="Nowhere"), by=town.mona).id,
    }
    town.time.move(days=-400)
    town.buys(who["Bert"])
    town.time.move(days=400)
    for name in ("Anna", "Twin", "Twin", "Far"):
        town.buys(who[name])
    town.gets(who["Anna"], 30)
    town.gets(who["Twin"], 5)
    town.gets(who["Corner"], 7)
    town.merge(who["Twin"], who["Anna"])
    return who


@pytest.mark.requirement("U-16")
def test_customers_points_and_turnover_are_counted_into_the_cells_where_people_live(
    town: Town, people: dict[str, str]
) -> None:
    assert town.spots() == {(2, 4): Spot(2, 2), (0, 0): Spot(1, 1)}
    assert town.spots(Measure.POINTS) == {(2, 4): Spot(2, 35), (0, 0): Spot(1, 7)}
    assert town.spots(Measure.TURNOVER) == {(2, 4): Spot(2, 1350), (0, 0): Spot(1, 0)}
    assert points.held(town.shop, people["Anna"]) == 35


@pytest.mark.requirement("U-16")
def test_without_a_grid_everybody_who_has_a_place_is_on_the_map_once(town: Town, people: dict[str, str]) -> None:
    found = customer_map.look(town.shop, 18, 78, by=town.lea)
    assert found is not None
    assert (found.shown, found.placed) == (4, 4)
    assert found.grid.cell_of(Place(HERE.latitude + 3_000_000, HERE.longitude)) == (1, 39)
    assert dict(found.spots) == {(1, 39): Spot(1, 1), (16, 38): Spot(1, 1), (16, 39): Spot(2, 2)}
    assert people


def test_nobody_with_a_place_is_no_map(town: Town) -> None:
    assert customer_map.look(town.shop, 18, 78, by=town.lea) is None
    assert town.geojson(town.mona) == {"type": "FeatureCollection", "features": []}


def test_neighbours_across_the_date_line_are_on_one_map(town: Town) -> None:
    town.lives("West", 0, 179_999_900 - HERE.longitude)
    town.lives("East", 0, -179_999_900 - HERE.longitude)
    grid = Grid(Place(HERE.latitude, 180_000_000), 1000, 4, 8)
    found = customer_map.look(town.shop, 4, 8, grid=grid, by=town.lea)
    assert found is not None
    assert dict(found.spots) == {(2, 3): Spot(1, 1), (2, 4): Spot(1, 1)}
    assert [one.called for one in customer_map.who(town.shop, grid, 2, 4, by=town.lea)] == ["East"]


@pytest.mark.requirement("U-16")
def test_a_cell_names_who_lives_in_it_with_their_points(town: Town, people: dict[str, str]) -> None:
    with db.transaction():
        db.run("UPDATE customer SET banned = 'Stole' WHERE id = ?", (people["Bert"],))
    found = customer_map.who(town.shop, GRID, 2, 4, by=town.lea)
    assert [(one.id, one.number, one.called, one.points, one.banned) for one in found] == [
        (people["Anna"], 1, "Anna", 35, False),
        (people["Bert"], 2, "Bert", 0, True),
    ]
    assert customer_map.who(town.shop, GRID, 3, 3, by=town.lea) == ()


@pytest.mark.requirement("U-16")
def test_geojson_is_as_the_standard_says_and_a_hostile_name_is_data(
    town: Town, people: dict[str, str], tmp_path: Path
) -> None:
    hostile = '"}]}</script>\u202e\\ [/x] Ä'
    with db.transaction():
        db.run("UPDATE customer SET name = ? WHERE id = ?", (hostile, people["Far"]))
    path = tmp_path / "map.geojson"
    assert customer_map.write_geojson(town.shop, path, by=town.mona) == 4
    made = json.loads(path.read_bytes().decode("ascii"))
    assert (made["type"], sorted(made)) == ("FeatureCollection", ["features", "type"])
    for feature in made["features"]:
        assert sorted(feature) == ["geometry", "properties", "type"]
        assert (feature["type"], feature["geometry"]["type"]) == ("Feature", "Point")
        longitude, latitude = feature["geometry"]["coordinates"]
        assert 13 < longitude < 14
        assert 52 < latitude < 56
    found = {one["properties"]["name"]: one for one in made["features"]}
    assert found[hostile] == {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [13.405, 55.52]},
        "properties": {"number": 5, "name": hostile, "points": 0, "turnover": 4.5},
    }
    assert found["Anna"]["properties"] == {"number": 1, "name": "Anna", "points": 35, "turnover": 13.5}
    assert found["Corner"]["geometry"]["coordinates"] == [13.401712, 52.522]
    assert "[13.401712, 52.522000]" in path.read_text(encoding="ascii")


@pytest.mark.requirement("U-16")
def test_who_may_not_export_customers_gets_neither_names_nor_exact_places(town: Town, people: dict[str, str]) -> None:
    made = town.geojson(town.lea)
    assert len(made["features"]) == len(people) - 2
    assert {tuple(sorted(one["properties"])) for one in made["features"]} == {("points", "turnover")}
    assert [13.402, 52.522] in [one["geometry"]["coordinates"] for one in made["features"]]
    assert "name" in town.geojson(staff.ROOT)["features"][0]["properties"]


def test_who_may_see_no_reports_or_no_customers_sees_no_map(town: Town, people: dict[str, str]) -> None:
    del people
    owner = town.till.person("Olga", Role.OWNER)
    for by, action in ((town.till.ann, Action.SEE_REPORTS), (town.lea, Action.SEE_CUSTOMERS)):
        if by == town.lea:
            staff.set_permission(town.shop, Role.LEAD, Action.SEE_CUSTOMERS, State.DENIED, by=owner)
        for deed in (
            lambda by: customer_map.look(town.shop, 4, 8, by=by),
            lambda by: customer_map.who(town.shop, GRID, 2, 4, by=by),
            lambda by: customer_map.write_geojson(town.shop, io.StringIO(), by=by),
            lambda by: customer_map.note_saved(town.shop, "map", by=by),
        ):
            with pytest.raises(Denied) as denied:
                deed(by)
            assert denied.value.action == action
    assert db.rows("SELECT COUNT(*) FROM journal WHERE action = 'report.saved'") == [(0,)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_map_reads_along_the_coordinates(town: Town, people: dict[str, str]) -> None:
    del people
    seen: list[str] = []
    db.database.connection().set_trace_callback(seen.append)
    for measure in Measure:
        town.spots(measure)
    customer_map.who(town.shop, GRID, 2, 4, by=town.lea)
    town.geojson(town.mona)
    db.database.connection().set_trace_callback(None)
    plans = {
        one: "\n".join(str(row[3]) for row in db.rows(f"EXPLAIN QUERY PLAN {one}"))
        for one in seen
        if one.startswith(("SELECT", "WITH")) and ("customer" in one or "sale" in one)
    }
    cells = [plan for one, plan in plans.items() if "BETWEEN" in one]
    assert len(cells) == 9
    assert [plan for plan in cells if "customer_place (latitude>? AND latitude<?)" not in plan] == []
    assert [(one, plan) for one, plan in plans.items() if "SCAN sale" in plan or "SCAN card" in plan] == []
    assert [plan for plan in plans.values() if "SCAN customer" in plan and "customer_place" not in plan] == []
