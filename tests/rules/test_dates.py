"""Dates of births and expiries as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kiosk.errors import Invalid
from kiosk.i18n import LANGUAGES, date_text, speaking
from kiosk.rules import dates
from kiosk.rules.dates import EARLIEST_YEAR, LATEST_YEAR, Expected

pytestmark = pytest.mark.requirement("T-05", "T-06")

TODAY = date(2026, 11, 22)
PAST, COMING = Expected.PAST, Expected.COMING

DAYS = some.dates(date(EARLIEST_YEAR, 1, 1), date(LATEST_YEAR, 12, 31))
MONTHS = {
    "en": "january february march april may june july august september october november december",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
}


def read(text: str, expected: Expected = PAST, **more: bool) -> str:
    return dates.parse(text, TODAY, expected, **more).isoformat()


@pytest.mark.parametrize(
    "text",
    [
        "12.11.1984", "12/11/1984", "12-11-1984", "12 11 1984", " 12. 11. 1984 ", "1984-11-12", "1984/11/12",
        "1984.11.12", "12111984", "19841112", "12 nov 1984", "12nov1984", "12. November 1984", "nov 12, 1984",
        "12 NOVEMBRE 1984", "12th of november 1984", "1984 nov 12", "12.11.84", "12/11/84", "121184", "12 nov 84",
    ],
)  # fmt: skip
def test_a_birth_is_read_however_it_is_typed(text: str) -> None:
    assert read(text) == "1984-11-12"


@pytest.mark.parametrize(
    ("text", "expected", "day"),
    [
        ("22.11.26", PAST, "2026-11-22"),
        ("23.11.26", PAST, "1926-11-23"),
        ("1.1.27", PAST, "1927-01-01"),
        ("29.2.00", PAST, "2000-02-29"),
        ("29.2.28", PAST, "1928-02-29"),
        ("22.11.26", COMING, "2026-11-22"),
        ("19.1.33", COMING, "2033-01-19"),
        ("1.1.06", COMING, "2006-01-01"),
        ("31.12.05", COMING, "2105-12-31"),
        ("31.12.2005", COMING, "2005-12-31"),
    ],
)
def test_two_digits_of_a_year_are_past_for_births_and_mostly_to_come_for_expiries(
    text: str, expected: Expected, day: str
) -> None:
    assert read(text, expected) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [("3/4/1984", "1984-03-04"), ("03041984", "1984-03-04"), ("3.4.1984", "1984-04-03"), ("1984-03-04", "1984-03-04"),
     ("12/31/84", "1984-12-31"), ("mar 4 1984", "1984-03-04")],
)  # fmt: skip
def test_where_the_month_comes_first_it_does_so_but_between_points(text: str, day: str) -> None:
    assert read(text, month_first=True) == day


@pytest.mark.parametrize(
    "text",
    ["", " ", "x", "12", "12.11", "1984", "31.2.1984", "29.2.1985", "0.1.1984", "1.13.1984", "13/13/13", "1.1.1879",
     "1.1.2200", "0012-1-1", "1.1.984", "1.1.19840", "12111", "1211198", "jui 3 2000", "ma 3 2000", "3 foo 2000",
     "nov nov 1984", "1.2.3.1984", "12:11:1984", "1²1.11.1984", "\N{ARABIC-INDIC DIGIT ONE}.1.1984", "[/x]",
     "1" * 100_000, "1." * 50_000, "123.1.1984"],
)  # fmt: skip
@pytest.mark.parametrize("expected", Expected)
def test_what_is_no_date_is_refused_with_what_was_typed(text: str, expected: Expected) -> None:
    with pytest.raises(Invalid) as refused:
        dates.parse(text, TODAY, expected, field="birth_date")
    assert refused.value == Invalid(field="birth_date", value=text)


def test_months_have_names_in_all_languages_whole_or_by_their_first_letters() -> None:
    assert set(MONTHS) == set(LANGUAGES)
    for names in MONTHS.values():
        for month, name in enumerate(names.split(), start=1):
            assert read(f"3 {name} 1984") == f"1984-{month:02d}-03"
            if name not in {"juin", "juillet"}:
                assert read(f"3. {name[:3]}. 1984") == f"1984-{month:02d}-03", name
    assert (read("1er juil 1984"), read("3 mrt 1984"), read("3 sept 1984")) == (
        "1984-07-01",
        "1984-03-03",
        "1984-09-03",
    )


@given(DAYS, some.sampled_from(Expected), some.booleans())
def test_what_is_shown_is_read_back(day: date, expected: Expected, month_first: bool) -> None:
    shown = [day.isoformat()]
    if not month_first:
        for code in LANGUAGES:
            with speaking(code):
                shown.append(date_text(day))
    assert {dates.parse(text, TODAY, expected, month_first=month_first) for text in shown} == {day}


@given(some.dates(date(1927, 1, 1), TODAY))
def test_a_birth_of_two_digits_is_never_to_come_and_within_a_hundred_years(day: date) -> None:
    assert dates.parse(day.strftime("%d.%m.%y"), TODAY, PAST) == day


@given(some.text(max_size=45), some.sampled_from(Expected), some.booleans())
def test_any_text_is_a_date_or_refused(text: str, expected: Expected, month_first: bool) -> None:
    try:
        found = dates.parse(text, TODAY, expected, month_first=month_first)
    except Invalid:
        return
    assert EARLIEST_YEAR <= found.year <= LATEST_YEAR
