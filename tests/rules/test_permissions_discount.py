"""Which door a discount has to pass: the threshold of T-23."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.money import Money, Percent, Quantity
from kiosk.rules import basket, pricing
from kiosk.rules.basket import EMPTY, Basket, Discount, Item, TaxRate, Unit
from kiosk.rules.permissions import Action, discount_action

FREE, OVER = Action.DISCOUNT, Action.DISCOUNT_OVER_THRESHOLD
prices = st.lists(st.integers(1, 100_000), min_size=1, max_size=8)
percents = st.integers(1, 9_999)


def basket_of(*prices: int) -> Basket:
    made = EMPTY
    for number, price in enumerate(prices, start=1):
        item = Item(
            article=f"a{number}",
            number=str(number),
            text=f"Article {number}",
            unit=Unit.PIECE,
            price=Money(price),
            tax=TaxRate("A", Percent(1900)),
        )
        made = basket.add(made, item)
    return made


def percent_off(text: str) -> Discount:
    return Discount(percent=Percent.parse(text))


def door(filled: Basket, threshold: str | None) -> Action | None:
    limit = None if threshold is None else Percent.parse(threshold)
    return discount_action(pricing.price(filled, tax_included=True), limit)


@pytest.mark.requirement("T-23")
@pytest.mark.parametrize(
    ("threshold", "discount", "expected"),
    [
        ("25", "25.00", FREE),
        ("25", "25.01", OVER),
        ("100", "90", FREE),
        ("100", "100", FREE),
        ("0", "1", OVER),
        (None, "1", OVER),
    ],
)
@pytest.mark.parametrize("prices", [(10_000,), (99,), (1, 1, 1), (333, 333, 334)])
def test_example_e40(threshold: str | None, discount: str, expected: Action, prices: tuple[int, ...]) -> None:
    assert door(basket.discount_all(basket_of(*prices), percent_off(discount)), threshold) is expected


@pytest.mark.requirement("T-23")
@pytest.mark.parametrize("threshold", ["0", "25", "100", None])
def test_a_basket_without_a_discount_has_no_door_to_pass(threshold: str | None) -> None:
    assert door(basket_of(500), threshold) is None
    assert door(EMPTY, threshold) is None


@pytest.mark.requirement("T-23")
@pytest.mark.parametrize(("off", "expected"), [(500, FREE), (501, OVER)])
def test_an_amount_off_counts_as_its_part_of_the_basket(off: int, expected: Action) -> None:
    assert door(basket.discount_all(basket_of(1500, 500), Discount(amount=Money(off))), "25") is expected


@pytest.mark.requirement("T-23")
def test_a_large_discount_on_a_small_part_of_the_basket_is_free() -> None:
    assert door(basket.discount_line(basket_of(9_000, 1_000), 2, percent_off("50")), "5") is FREE
    assert door(basket.discount_line(basket_of(9_000, 1_001), 1, percent_off("50")), "5") is OVER


@pytest.mark.requirement("T-23")
def test_two_discounts_within_the_threshold_are_no_way_around_it() -> None:
    twice = basket.discount_all(basket.discount_line(basket_of(1_000), 1, percent_off("25")), percent_off("25"))
    assert door(twice, "25") is OVER


@pytest.mark.requirement("T-23")
def test_returned_goods_do_not_hide_a_discount() -> None:
    mixed = basket.set_quantity(basket_of(1_000, 1_000), 2, Quantity.of(-1))
    assert door(basket.discount_line(mixed, 1, percent_off("60")), "25") is OVER


@pytest.mark.requirement("T-23")
@given(prices=prices, percent=percents)
def test_exactly_the_threshold_is_never_above_it_however_it_rounds(prices: list[int], percent: int) -> None:
    discount, limit = Discount(percent=Percent(percent)), Percent(percent)
    at_once = basket.discount_all(basket_of(*prices), discount)
    assert discount_action(pricing.price(at_once, tax_included=True), limit) is FREE
    per_line = basket_of(*prices)
    for line in per_line.lines:
        per_line = basket.discount_line(per_line, line.id, discount)
    assert discount_action(pricing.price(per_line, tax_included=True), limit) in (FREE, None)
