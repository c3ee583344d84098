"""The sums that are kept up line by line are those of the rules, whatever was done to the basket."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from kiosk.money import Money, Percent, Quantity, total
from kiosk.rules import basket as rules
from kiosk.rules import pricing
from kiosk.rules.basket import EMPTY, Basket, Discount, Item, TaxRate, Unit
from kiosk.screens.tally import Tally

RATES = (TaxRate("A", Percent(2000)), TaxRate("B", Percent(550)), TaxRate("C", Percent(0)))


def item(price: int, rate: int, unit: Unit = Unit.PIECE) -> Item:
    return Item("a", "1", "Bread", unit, Money(price), RATES[rate])


STEPS = some.lists(
    some.tuples(
        some.sampled_from(["add", "weigh", "void", "change", "line", "sale", "none", "back"]),
        some.integers(0, 99_999),
        some.integers(0, 20),
    ),
    max_size=30,
)


def step(basket: Basket, deed: str, number: int, place: int) -> Basket:
    if deed == "add":
        return rules.add(basket, item(number, place % 3), Quantity.of(1 + place))
    if deed == "weigh":
        return rules.add(basket, item(number, place % 3, Unit.KILOGRAM), Quantity(1 + number))
    if not basket.lines:
        return basket
    line = basket.lines[place % len(basket.lines)]
    if deed == "void":
        return rules.void(basket, line.id)
    if deed == "change":
        return rules.change(basket, line.id, Quantity.of(1 + number % 5))
    if deed == "line":
        return rules.discount_line(basket, line.id, Discount(percent=Percent(number % 10_001)))
    if deed == "sale":
        return rules.discount_all(basket, Discount(percent=Percent(number % 10_001)))
    return rules.discount_all(basket, None)


@pytest.mark.requirement("D2-01")
@settings(max_examples=150, deadline=None)
@given(steps=STEPS, included=some.booleans())
def test_the_totals_follow_the_rules_through_every_step(steps: list[tuple[str, int, int]], included: bool) -> None:
    tally, before, basket = Tally(tax_included=included), [EMPTY], EMPTY
    for deed, number, place in steps:
        if deed == "back":
            basket = before.pop() if len(before) > 1 else EMPTY
        else:
            before.append(basket)
            basket = step(basket, deed, number, place)
        seen, wanted = tally.of(basket), pricing.price(basket, tax_included=included)
        assert tuple(seen.lines) == wanted.lines
        assert (seen.total, seen.tax, seen.off) == (wanted.total, wanted.tax, wanted.discount)
        assert (seen.gross, seen.items) == (total(line.gross for line in wanted.lines), basket.items)


def test_the_same_basket_is_not_priced_twice() -> None:
    tally, basket = Tally(tax_included=True), rules.add(EMPTY, item(350, 0))
    assert tally.of(basket) is tally.of(basket)
