"""Money is whole numbers, read the way people type it, and never loses a cent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import NotANumber
from kiosk.money import Money, Percent, Quantity, half_up, total

minors = st.integers(-10_000_000, 10_000_000)


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("12", 1200),
        ("12,5", 1250),
        ("12.50", 1250),
        (",5", 50),
        ("0.01", 1),
        ("-3,20", -320),
        (" 7 ", 700),
        ("5.", 500),
    ],
)
def test_an_amount_is_read_with_comma_or_point(text: str, minor: int) -> None:
    assert Money.parse(text) == Money(minor)


@pytest.mark.parametrize(
    "text", ["", ".", "-", "1,2,3", "1.234", "1e5", "NaN", "١٢", "12 3", "--1", "1-", "9" * 15, "[/x]", "0x10", "1_000"]
)
def test_what_is_no_amount_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(NotANumber) as refused:
        Money.parse(text)
    assert refused.value == NotANumber(text=text)


def test_a_currency_without_cents_takes_none() -> None:
    assert Money.parse("1200", decimals=0) == Money(1200)
    with pytest.raises(NotANumber):
        Money.parse("1200,5", decimals=0)


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"), [(5, 2, 3), (-5, 2, -3), (4, 3, 1), (-4, 3, -1), (5, -2, -3), (0, 7, 0)]
)
def test_halves_go_away_from_zero(numerator: int, denominator: int, expected: int) -> None:
    assert half_up(numerator, denominator) == expected


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6))
def test_rounding_is_the_same_on_both_sides_of_zero(numerator: int, denominator: int) -> None:
    assert half_up(-numerator, denominator) == -half_up(numerator, denominator)
    assert abs(half_up(numerator, denominator) * denominator - numerator) * 2 <= denominator


@given(minors, st.lists(st.integers(0, 10_000_000), min_size=1, max_size=30))
def test_shares_add_up_to_the_whole(whole: int, weights: list[int]) -> None:
    shares = Money(whole).share([Money(weight) for weight in weights])
    assert total(shares) == Money(whole if sum(weights) else 0)
    exact = [whole * weight / (sum(weights) or 1) for weight in weights]
    assert all(abs(share.minor - part) <= 1 for share, part in zip(shares, exact, strict=True)) or not sum(weights)


@given(minors, st.integers(1, 50))
def test_parts_add_up_and_the_first_take_the_odd_cent(whole: int, count: int) -> None:
    parts = Money(whole).in_parts(count)
    assert total(parts) == Money(whole)
    sizes = [abs(part.minor) for part in parts]
    assert sizes == sorted(sizes, reverse=True)
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.requirement("D3-02")
def test_ten_euros_for_three_people() -> None:
    assert Money(1000).in_parts(3) == (Money(334), Money(333), Money(333))


@pytest.mark.parametrize(
    ("gross", "percent", "tax"), [(1200, 2000, 200), (450, 1000, 41), (300, 0, 0), (-1200, 2000, -200)]
)
def test_the_tax_inside_a_price(gross: int, percent: int, tax: int) -> None:
    assert Money(gross).tax_included(Percent(percent)) == Money(tax)


def test_a_weight_times_a_price_rounds_half_up() -> None:
    assert Money(499).times(Quantity.parse("0,350")) == Money(175)
    assert Money(250).times(Quantity.parse("0,333")) == Money(83)
    assert Money(1).times(Quantity.parse("0.5")) == Money(1)


@given(st.integers(-99_999_999, 99_999_999))
def test_a_quantity_is_read_back_as_it_was_written(thousandths: int) -> None:
    sign = "-" if thousandths < 0 else ""
    text = f"{sign}{abs(thousandths) // 1000},{abs(thousandths) % 1000:03d}"
    assert Quantity.parse(text) == Quantity(thousandths)
