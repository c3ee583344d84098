"""Spans of days as people type them, and the ones before and after."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kiosk.errors import Invalid
from kiosk.rules import spans
from kiosk.rules.spans import Span, day_of, month_of, week_of, year_of

TODAY = date(2026, 11, 22)
"""A Sunday."""

DAYS = some.dates(date(1990, 1, 1), date(2100, 12, 31))


@pytest.mark.requirement("Q-22")
@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("today", "2026-11-22", "2026-11-22"),
        ("Yesterday", "2026-11-21", "2026-11-21"),
        ("this week", "2026-11-16", "2026-11-22"),
        ("last_week", "2026-11-09", "2026-11-15"),
        ("this-month", "2026-11-01", "2026-11-30"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("this year", "2026-01-01", "2026-12-31"),
        ("last-year", "2025-01-01", "2025-12-31"),
        ("22.11.", "2026-11-22", "2026-11-22"),
        ("22.11", "2026-11-22", "2026-11-22"),
        ("24.12.", "2025-12-24", "2025-12-24"),
        ("22/11/26", "2026-11-22", "2026-11-22"),
        ("22-11-2026", "2026-11-22", "2026-11-22"),
        ("2026-11-22", "2026-11-22", "2026-11-22"),
        ("1.11.-22.11.", "2026-11-01", "2026-11-22"),
        (" 1.11. - 22.11. ", "2026-11-01", "2026-11-22"),
        ("1.11.2025-22.11.", "2025-11-01", "2026-11-22"),
        ("24.12.-3.1.", "2025-12-24", "2026-01-03"),
        ("24.12.-3.1.2025", "2024-12-24", "2025-01-03"),
        ("2026-11-01..2026-11-22", "2026-11-01", "2026-11-22"),
        ("2026-11-01-2026-11-22", "2026-11-01", "2026-11-22"),
        ("1-11-2026 to 22-11-2026", "2026-11-01", "2026-11-22"),
        ("1.11.–22.11.", "2026-11-01", "2026-11-22"),
        ("11.2026", "2026-11-01", "2026-11-30"),
        ("2/2024", "2024-02-01", "2024-02-29"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("9.2026-11.2026", "2026-09-01", "2026-11-30"),
        ("2025", "2025-01-01", "2025-12-31"),
        ("2024-2026", "2024-01-01", "2026-12-31"),
    ],
)
def test_days_are_read_as_people_type_them(text: str, first: str, last: str) -> None:
    assert spans.parse(text, TODAY) == Span(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "text",
    ["", "x", "31.2.", "29.2.2026", "13.2026", "0.2026", "1969", "9999", "2026-11-22..2026-11-01", "1.1.-", "-", "..",
     "1.11.-22.11.-30.11.", "22.11.2026.5", "\N{ARABIC-INDIC DIGIT ONE}9999", "1.1." * 5000, "-" * 100_000],
)  # fmt: skip
def test_what_are_no_days_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        spans.parse(text, TODAY)
    assert refused.value.field == "span"


@pytest.mark.parametrize(
    ("span", "before", "after"),
    [
        (day_of(TODAY), day_of(date(2026, 11, 21)), day_of(date(2026, 11, 23))),
        (week_of(TODAY), week_of(date(2026, 11, 9)), week_of(date(2026, 11, 23))),
        (month_of(TODAY), month_of(date(2026, 10, 5)), month_of(date(2026, 12, 5))),
        (month_of(date(2024, 3, 1)), month_of(date(2024, 2, 1)), month_of(date(2024, 4, 1))),
        (year_of(TODAY), year_of(date(2025, 1, 1)), year_of(date(2027, 1, 1))),
        (
            Span(date(2026, 11, 5), date(2026, 11, 7)),
            Span(date(2026, 11, 2), date(2026, 11, 4)),
            Span(date(2026, 11, 8), date(2026, 11, 10)),
        ),
    ],
)
def test_before_and_after_are_as_long_as_the_calendar_has_it(span: Span, before: Span, after: Span) -> None:
    assert (span.before(), span.after()) == (before, after)


def test_the_calendar_ends_somewhere() -> None:
    for span in (day_of(date(1970, 1, 1)), month_of(date(1970, 1, 1)), year_of(date(1970, 1, 1))):
        with pytest.raises(Invalid):
            span.before()
    for span in (day_of(date(2199, 12, 31)), month_of(date(2199, 12, 1)), year_of(date(2199, 1, 1))):
        with pytest.raises(Invalid):
            span.after()


def test_what_still_runs_is_compared_with_as_many_days_of_the_one_before() -> None:
    assert month_of(TODAY).to_compare(TODAY) == Span(date(2026, 10, 1), date(2026, 10, 22))
    assert week_of(TODAY).to_compare(date(2026, 11, 18)) == Span(date(2026, 11, 9), date(2026, 11, 11))
    assert year_of(TODAY).to_compare(TODAY) == Span(date(2025, 1, 1), date(2025, 11, 22))
    march = month_of(date(2026, 3, 1))
    assert march.to_compare(date(2026, 3, 30)) == month_of(date(2026, 2, 1))
    for today in (date(2026, 2, 28), date(2026, 3, 31), TODAY):
        assert march.to_compare(today) == month_of(date(2026, 2, 1))
    assert day_of(TODAY).to_compare(TODAY) == day_of(date(2026, 11, 21))


@given(DAYS, some.integers(0, 1000), some.integers(1, 400))
def test_the_pieces_are_the_span_without_a_gap_or_a_day_twice(first: date, days: int, most: int) -> None:
    span = Span(first, first + timedelta(days=days))
    pieces = list(span.pieces(most))
    assert sum(piece.days for piece in pieces) == span.days
    assert (pieces[0].first, pieces[-1].last) == (span.first, span.last)
    assert all(piece.days <= most for piece in pieces)
    assert all(one.last + timedelta(days=1) == two.first for one, two in pairwise(pieces))


@given(DAYS, some.integers(0, 800))
def test_before_ends_where_the_span_begins_and_its_after_is_the_span(first: date, days: int) -> None:
    span = Span(first, first + timedelta(days=days))
    assert span.before().last + timedelta(days=1) == span.first
    assert span.after().first - timedelta(days=1) == span.last
    for whole in (week_of(first), month_of(first), year_of(first)):
        assert first in whole
        assert whole.before().after() == whole == whole.after().before()


@given(some.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    try:
        span = spans.parse(text, TODAY)
    except Invalid:
        return
    assert span.first <= span.last
