"""Bars and charts of the glyphs that a console has: as long as the figures say, and never longer than their room."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from kiosk.screens.widgets.bars import BarTable, Head, bar, columns

VALUES = some.lists(some.integers(-1000, 10**9), max_size=400)


def test_a_bar_is_as_long_as_its_part_of_the_most() -> None:
    assert bar(10, 10, 8) == "████████"
    assert bar(5, 10, 8) == "████    "
    assert bar(1, 1000, 8) == "█       "
    assert bar(0, 10, 8) == bar(-5, 10, 8) == bar(5, 0, 8) == " " * 8


def test_what_stands_behind_is_shaded_as_far_as_it_reaches_beyond() -> None:
    assert bar(4, 8, 8, behind=8) == "████░░░░"
    assert bar(8, 8, 8, behind=4) == "████████"
    assert bar(0, 8, 8, behind=8) == "░░░░░░░░"


def test_a_chart_has_three_steps_to_each_row() -> None:
    assert columns([1, 2, 3, 4, 5, 6, 0], 7, 2) == ["   ░▒█ ", "░▒████ "]
    assert columns([9], 4, 1) == ["███ "]
    assert columns([], 3, 2) == ["   ", "   "]
    assert columns([-5, 0, 6], 3, 1) == ["  █"]


def test_neighbours_are_added_up_where_there_are_too_many() -> None:
    assert columns([3, 3, 1, 1], 2, 1) == ["█░"]
    assert columns([1, 1, 1, 1, 2], 3, 1) == ["███"]


@given(VALUES, some.integers(1, 60), some.integers(1, 9))
def test_a_chart_fills_its_room_exactly(values: list[int], width: int, height: int) -> None:
    chart = columns(values, width, height)
    assert len(chart) == height
    assert all(len(line) == width for line in chart)
    assert set("".join(chart)) <= set(" ░▒█")
    assert ("█" in chart[0] or not any(value > 0 for value in values)) or len(values) > width


@given(some.integers(-5, 10**9), some.integers(-5, 10**9), some.integers(1, 10**9), some.integers(1, 60))
def test_a_bar_fills_its_room_exactly(value: int, behind: int, most: int, width: int) -> None:
    drawn = bar(value, most, width, behind=behind)
    assert len(drawn) == width
    assert ("█" in drawn) == (value > 0)


HEADS = (Head("Name", right=False), Head("One", rank=2), Head("Two"), Head("Three", rank=1))
LINE = ("A long name of something", "1,111.11", "2,222.22", "3,333.33")


def texts(width: int, *, bars: bool = True) -> list[str]:
    table = BarTable()
    table.show("Title", HEADS, [LINE], totals=("Total", "1", "2", "3"), bars=[7] if bars else [])
    return ["".join(text for _style, text in row) for row in table.rows(width, 9)]


def test_columns_give_way_by_their_rank_and_the_bars_after_them() -> None:
    assert "One" in texts(80)[1]
    assert "One" not in texts(60)[1]
    assert "Three" in texts(60)[1]
    assert "Three" not in texts(40)[1]
    assert "█" in texts(40)[2]
    assert "Two" in texts(24)[1]
    assert "█" not in texts(24)[2]
    assert "One" in texts(60, bars=False)[1]


@given(some.integers(20, 140), some.booleans())
def test_each_row_is_as_wide_as_the_table(width: int, bars: bool) -> None:
    assert {len(row) for row in texts(width, bars=bars)} == {width}
