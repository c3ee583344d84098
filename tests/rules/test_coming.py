"""A day that comes, as somebody types it."""

from __future__ import annotations

from datetime import date

import pytest

from kiosk.errors import Invalid
from kiosk.rules.coming import coming_day

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1.1.2027", date(2027, 1, 1)),
        ("01/01/27", date(2027, 1, 1)),
        ("2027-1-1", date(2027, 1, 1)),
        ("1-1-2027", date(2027, 1, 1)),
        (" 1.1. ", date(2027, 1, 1)),
        ("22.11", date(2026, 11, 22)),
        ("21.11", date(2027, 11, 21)),
        ("31.12.", date(2026, 12, 31)),
        ("1.1.2020", date(2020, 1, 1)),
    ],
)
def test_a_day_without_a_year_is_the_next_one(typed: str, meant: date) -> None:
    assert coming_day(typed, TODAY) == meant


@pytest.mark.parametrize("typed", ["", "soon", "31.2.2027", "1.13.", "32.1.", "2027-02-30", "1", "1.2.3.4", "29.2."])
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        coming_day(typed, TODAY)
    assert refused.value == Invalid(field="day", value=typed)


def test_a_leap_day_without_a_year_is_that_of_this_year_only() -> None:
    assert coming_day("29.2.", date(2028, 1, 1)) == date(2028, 2, 29)
