"""The map's grid: every place in exactly one cell, as it lies on the ground, and the way around the world."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from kiosk.rules import map_grid
from kiosk.rules.map_grid import DEGREE, HALF_TURN, STEPS, TURN, Box, Grid, Place, bounds, fitted

BERLIN = Place(52_520_000, 13_405_000)
LATITUDES = some.integers(-90 * DEGREE, 90 * DEGREE)
LONGITUDES = some.integers(-HALF_TURN, HALF_TURN)
PLACES = some.builds(Place, LATITUDES, LONGITUDES)
GRIDS = some.builds(Grid, PLACES, some.sampled_from(STEPS), some.integers(1, 48), some.integers(1, 128))


@pytest.mark.requirement("U-16")
@pytest.mark.parametrize(
    ("place", "cell"),
    [
        (BERLIN, (9, 39)),
        (Place(52_521_000, 13_405_000), (8, 39)),
        (Place(52_519_999, 13_405_000), (9, 39)),
        (Place(52_529_000, 13_405_000), (0, 39)),
        (Place(52_529_001, 13_405_000), None),
        (Place(52_511_001, 13_405_000), (17, 39)),
        (Place(52_511_000, 13_405_000), None),
        (Place(52_520_000, 13_405_000 - 39 * 822), (9, 0)),
        (Place(52_520_000, 13_405_000 - 39 * 822 - 1), None),
        (Place(52_520_000, 13_405_000 + 39 * 822 - 1), (9, 77)),
        (Place(52_520_000, 13_405_000 + 39 * 822), None),
    ],
)
def test_a_place_is_in_the_cell_that_lies_there(place: Place, cell: tuple[int, int] | None) -> None:
    """A row is 111 metres high, so a column is 56 wide: in Berlin 822 millionths of longitude."""
    grid = Grid(BERLIN, 1000, 18, 78)
    assert grid.across == 822
    assert grid.cell_of(place) == cell


@pytest.mark.requirement("U-16")
@given(GRIDS, some.lists(PLACES, max_size=30))
def test_each_place_is_in_one_cell_or_in_none_and_the_rows_find_the_same(grid: Grid, places: list[Place]) -> None:
    """Looking for the places row by row, as the database is asked, finds each as often as it is there."""
    found: list[tuple[int, int]] = []
    for row in range(grid.rows):
        south, north = grid.band(row)
        for reach in grid.reaches():
            found += [
                (row, (place.longitude - reach.left) // grid.across)
                for place in places
                if south <= place.latitude <= north and reach.west <= place.longitude <= reach.east
            ]
    assert sorted(found) == sorted(cell for place in places if (cell := grid.cell_of(place)) is not None)


@given(GRIDS, PLACES)
def test_the_columns_of_one_cell_reach_the_places_in_it_alone(grid: Grid, place: Place) -> None:
    for column in {0, grid.columns // 2, grid.columns - 1}:
        reached = any(reach.west <= place.longitude <= reach.east for reach in grid.reaches(column, 1))
        assert reached == ((place.longitude - grid.left) % TURN // grid.across == column)


@given(some.lists(PLACES, min_size=1, max_size=20), some.integers(4, 48), some.integers(20, 128))
def test_a_grid_that_is_fitted_shows_all(places: list[Place], rows: int, columns: int) -> None:
    latitudes, longitudes = [one.latitude for one in places], [one.longitude for one in places]
    assume(max(map(abs, latitudes)) < 85 * DEGREE)
    box = Box(min(latitudes), min(longitudes), max(latitudes), max(longitudes))
    grid = fitted(box, rows, columns)
    assert [one for one in places if grid.cell_of(one) is None] == [] or grid.step == STEPS[-1]
    assert grid.step >= map_grid.CLOSE


@given(GRIDS)
def test_a_cells_middle_lies_in_it(grid: Grid) -> None:
    for row, column in ((0, 0), (grid.rows - 1, grid.columns - 1), (grid.rows // 2, grid.columns // 2)):
        if abs(grid.top - row * grid.step) <= 90 * DEGREE and (column + 1) * grid.across <= TURN:
            assert grid.cell_of(grid.place_of(row, column)) == (row, column) or grid.band(row)[0] < -90 * DEGREE


@given(GRIDS, some.integers(-40, 40), some.integers(-200, 200))
def test_moving_stays_in_the_world(grid: Grid, rows: int, columns: int) -> None:
    moved = grid.panned(rows, columns)
    assert -90 * DEGREE <= moved.middle.latitude <= 90 * DEGREE
    assert -HALF_TURN <= moved.middle.longitude < HALF_TURN


def test_neighbours_beyond_the_date_line_lie_side_by_side() -> None:
    grid = Grid(Place(-17_000_000, 180_000_000), 10_000, 10, 40)
    assert [grid.cell_of(Place(-17_000_000, longitude)) for longitude in (179_999_999, 180_000_000, -180_000_000)] == [
        (5, 19),
        (5, 20),
        (5, 20),
    ]


def test_nearer_and_farther_stop_at_their_ends() -> None:
    grid = Grid(BERLIN, 1000, 18, 78)
    assert (grid.zoomed(1, BERLIN).step, grid.zoomed(-1, BERLIN).step) == (500, 2000)
    assert (grid.zoomed(99, BERLIN).step, grid.zoomed(-99, BERLIN).step) == (10, 20 * DEGREE)
    assert grid.zoomed(0, Place(1, 2)).middle == Place(1, 2)


def test_the_scale_is_round_and_true() -> None:
    assert [Grid(BERLIN, step, 18, 78).scale for step in (10, 1000, 20_000)] == [(5, 9), (500, 9), (10_000, 9)]


@pytest.mark.parametrize(
    ("most", "found"),
    [(0, ()), (1, (1,)), (2, (1, 2)), (3, (1, 2)), (9, (1, 2, 3, 4)), (16, (1, 2, 4, 8)), (10_000, (1, 10, 100, 1000))],
)
def test_the_more_there_is_the_heavier_the_glyph(most: int, found: tuple[int, ...]) -> None:
    assert bounds(most) == found
