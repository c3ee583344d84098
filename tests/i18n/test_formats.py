"""Money, quantities, percentages and dates are written as babel writes them, with plain spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest
from babel.dates import format_date, get_date_format
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import Invalid
from kiosk.i18n import (
    LANGUAGES,
    currency,
    date_text,
    money_text,
    percent_text,
    quantity_text,
    set_currency,
    speaking,
    stamp_text,
    time_text,
)
from kiosk.money import LARGEST_MINOR, Money, Percent, Quantity

BABEL = {"en": "en_GB", "de": "de_DE", "fr": "fr_FR", "it": "it_IT", "nl": "nl_NL"}

languages = st.sampled_from(LANGUAGES)
amounts = st.integers(-LARGEST_MINOR, LARGEST_MINOR)


@pytest.fixture(autouse=True)
def euro() -> Iterator[None]:
    yield
    set_currency("EUR", 2)


def plain(text: str) -> str:
    return re.sub("[\u00a0\u202f]", " ", text).replace("’", "'")


@given(languages, amounts)
def test_an_amount_is_written_as_babel_writes_it(code: str, minor: int) -> None:
    amount = Decimal(minor).scaleb(-2)
    with speaking(code):
        assert money_text(Money(minor)) == plain(format_decimal(amount, "#,##0.00", BABEL[code]))
        assert money_text(Money(minor), symbol=True) == plain(format_currency(amount, "EUR", locale=BABEL[code]))


@given(languages, st.integers(0, LARGEST_MINOR))
def test_francs_are_written_the_swiss_way_in_every_language(code: str, minor: int) -> None:
    set_currency("CHF", 2)
    with speaking(code):
        written = plain(format_currency(Decimal(minor).scaleb(-2), "CHF", locale="de_CH"))
        assert money_text(Money(minor), symbol=True) == written


@pytest.mark.parametrize(
    ("code", "marked", "bare"),
    [
        ("en", "-€1,234.56", "-1,234.56"),
        ("de", "-1.234,56 €", "-1.234,56"),
        ("fr", "-1 234,56 €", "-1 234,56"),
        ("it", "-1.234,56 €", "-1.234,56"),
        ("nl", "€ -1.234,56", "-1.234,56"),
    ],
)
def test_a_negative_amount(code: str, marked: str, bare: str) -> None:
    with speaking(code):
        assert money_text(Money(-123456), symbol=True) == marked
        assert money_text(Money(-123456)) == bare


def test_a_negative_amount_in_francs() -> None:
    set_currency("CHF", 2)
    assert money_text(Money(-123456), symbol=True) == "CHF -1'234.56"


@pytest.mark.parametrize(
    ("code", "decimals", "minor", "written"),
    [
        ("JPY", 0, 1234, "JPY 1,234"),
        ("KWD", 3, 1234, "KWD 1.234"),
        ("GBP", 2, 5, "£0.05"),
        ("USD", 2, -5, "-$0.05"),
        ("eur", 2, 0, "€0.00"),
    ],
)
def test_a_currency_has_its_decimals_and_its_sign(code: str, decimals: int, minor: int, written: str) -> None:
    set_currency(code, decimals)
    assert currency() == code.upper()
    assert money_text(Money(minor), symbol=True) == written


@pytest.mark.parametrize(
    ("code", "decimals", "refusal"),
    [
        ("", 2, Invalid(field="currency", value="")),
        ("EURO", 2, Invalid(field="currency", value="EURO")),
        ("\x1b[2", 2, Invalid(field="currency", value="\x1b[2")),
        ("€€€", 2, Invalid(field="currency", value="€€€")),
        ("EUR", -1, Invalid(field="decimals", value="-1")),
        ("EUR", 4, Invalid(field="decimals", value="4")),
    ],
)
def test_an_impossible_currency_is_refused_and_changes_nothing(code: str, decimals: int, refusal: Invalid) -> None:
    with pytest.raises(Invalid) as refused:
        set_currency(code, decimals)
    assert refused.value == refusal
    assert currency() == "EUR"
    assert money_text(Money(100)) == "1.00"


@given(languages, st.integers(-99_999_999, 99_999_999))
def test_a_weight_always_shows_grams(code: str, thousandths: int) -> None:
    with speaking(code):
        written = plain(format_decimal(Decimal(thousandths).scaleb(-3), "#,##0.000", BABEL[code]))
        assert quantity_text(Quantity(thousandths), weighed=True) == written


@pytest.mark.parametrize(
    ("code", "thousandths", "written"),
    [
        ("de", 3000, "3"),
        ("de", 350, "0,350"),
        ("en", 1500, "1.500"),
        ("fr", -1_234_000, "-1 234"),
        ("nl", -5, "-0,005"),
    ],
)
def test_pieces_are_written_without_decimals(code: str, thousandths: int, written: str) -> None:
    with speaking(code):
        assert quantity_text(Quantity(thousandths)) == written


@given(languages, st.integers(-10_000, 10_000))
def test_a_percentage_has_only_the_decimals_it_needs(code: str, hundredths: int) -> None:
    with speaking(code):
        written = plain(format_decimal(Decimal(hundredths).scaleb(-2), "#,##0.##", BABEL[code]))
        assert percent_text(Percent(hundredths)) == ("0" if written == "-0" else written)


@given(languages, st.dates(date(1900, 1, 1), date(2999, 12, 31)))
def test_a_date_is_babel_s_short_one_with_the_whole_year(code: str, day: date) -> None:
    pattern = re.sub("y+", "y", str(get_date_format("short", BABEL[code]).pattern))
    with speaking(code):
        assert date_text(day) == format_date(day, pattern, BABEL[code])


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("en", "05/11/2026 09:07"),
        ("de", "05.11.2026 09:07"),
        ("fr", "05/11/2026 09:07"),
        ("it", "05/11/2026 09:07"),
        ("nl", "05-11-2026 09:07"),
    ],
)
def test_a_stamp_is_a_date_and_a_time_of_24_hours(code: str, written: str) -> None:
    at = datetime(2026, 11, 5, 9, 7, 59)  # noqa: DTZ001 - on the wall clock already
    with speaking(code):
        assert stamp_text(at) == written
        assert time_text(at.replace(hour=23)) == "23:07"
