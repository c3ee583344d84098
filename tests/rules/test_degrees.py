"""Coordinates as maps and people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kiosk.errors import Invalid
from kiosk.rules import degrees

pytestmark = pytest.mark.requirement("U-16")


@pytest.mark.parametrize(
    ("text", "millionths"),
    [
        ("52.520008", 52_520_008), ("52,52", 52_520_000), ("-0,1276", -127_600), ("+13", 13_000_000),
        ("33.9° S", -33_900_000), ("33.9s", -33_900_000), ("70.5 W", -70_500_000), ("2°E", 2_000_000),
        ("48.85837009999", 48_858_370), ("0.9999995", 1_000_000), ("-0", 0), (" 180 ", 180_000_000),
    ],
)  # fmt: skip
def test_degrees_are_read_as_they_are_written(text: str, millionths: int) -> None:
    assert degrees.parse(text, "latitude") == millionths


@pytest.mark.parametrize(
    "text",
    ["", "x", "52.", ".5", "1e3", "1,2,3", "-33 S", "5 O", "52°31'12", "1234", "\N{ARABIC-INDIC DIGIT ONE}", "1" * 99],
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        degrees.parse(text, "longitude")
    assert refused.value == Invalid(field="longitude", value=text)


@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("52.520008, 13.404954", ("52.520008", "13.404954")),
        ("52,520008 13,404954", ("52,520008", "13,404954")),
        ("52,52; -13,4", ("52,52", "-13,4")),
        ("52.52/13.4", ("52.52", "13.4")),
        ("33.9 S, 18.4 E", ("33.9 S", "18.4 E")),
        ("52.52", None),
        ("52,52", None),
        ("52.52, x", None),
        ("", None),
    ],
)
def test_two_at_once_are_told_from_one(text: str, both: tuple[str, str] | None) -> None:
    assert degrees.pair(text) == both


@given(some.integers(-180_000_000, 180_000_000), some.sampled_from(".,"))
def test_what_is_shown_is_read_back(millionths: int, sign: str) -> None:
    assert degrees.parse(degrees.typed(millionths, sign), "longitude") == millionths
