"""What each key does to a basket, and what a basket refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import EmptySale, Invalid, NotFound, OutOfRange
from kiosk.money import Money, Percent, Quantity
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY, Basket, Discount, Item, TaxRate, Unit
from kiosk.rules.pricing import price

RATE = TaxRate("A", Percent(1900))
BREAD = Item("bread", "101", "Bread", Unit.PIECE, Money(350), RATE)
APPLES = Item("apples", "201", "Apples", Unit.KILOGRAM, Money(220), RATE)
OPEN = Item("open", "900", "Various", Unit.PIECE, None, RATE, lowest_price=Money(10), highest_price=Money(5000))


@pytest.mark.requirement("D1-01")
def test_each_scan_is_a_line_of_its_own() -> None:
    basket = rules.add(rules.add(EMPTY, BREAD), BREAD)
    assert [(line.id, line.text, line.quantity) for line in basket.lines] == [
        (1, "Bread", Quantity(1000)),
        (2, "Bread", Quantity(1000)),
    ]
    assert EMPTY.lines == ()


@pytest.mark.requirement("D1-04")
def test_a_quantity_before_the_article_multiplies_it() -> None:
    basket = rules.add(EMPTY, BREAD, Quantity.of(3))
    assert basket.lines[0].gross == Money(1050)
    assert basket.items == 3


@pytest.mark.requirement("D1-04")
def test_weights_have_three_decimals_and_pieces_none() -> None:
    assert rules.add(EMPTY, APPLES, Quantity.parse("0,350")).lines[0].gross == Money(77)
    with pytest.raises(Invalid) as refused:
        rules.add(EMPTY, BREAD, Quantity.parse("0,5"))
    assert refused.value.field == "quantity"


@pytest.mark.requirement("D1-03")
def test_an_open_price_must_be_typed_and_stay_in_its_bounds() -> None:
    with pytest.raises(Invalid):
        rules.add(EMPTY, OPEN)
    assert rules.add(EMPTY, OPEN.at(Money(1234))).lines[0].price == Money(1234)
    for wrong in (9, 5001):
        with pytest.raises(OutOfRange) as refused:
            OPEN.at(Money(wrong))
        assert (refused.value.lowest, refused.value.highest) == ("10", "5000")


@pytest.mark.requirement("D1-05")
def test_fewer_than_one_takes_the_line_away_and_its_number_never_comes_back() -> None:
    basket = rules.add(rules.add(EMPTY, BREAD), APPLES, Quantity.parse("1"))
    basket = rules.change(basket, 1, Quantity.of(-1))
    assert [line.id for line in basket.lines] == [2]
    assert rules.add(basket, BREAD).lines[-1].id == 3
    with pytest.raises(NotFound):
        rules.void(basket, 1)


def test_taking_more_than_there_is_takes_the_line_away_instead_of_owing() -> None:
    basket = rules.change(rules.add(EMPTY, BREAD, Quantity.of(2)), 1, Quantity.of(-5))
    assert basket.lines == ()


def test_a_quantity_beyond_reason_is_refused() -> None:
    with pytest.raises(OutOfRange):
        rules.add(EMPTY, BREAD, Quantity.of(10_000))
    with pytest.raises(OutOfRange):
        rules.set_quantity(rules.add(EMPTY, BREAD), 1, Quantity.of(99_999))


@pytest.mark.requirement("D1-06")
def test_discounts_on_a_line_and_on_the_sale() -> None:
    basket = rules.discount_line(rules.add(EMPTY, BREAD), 1, Discount(percent=Percent(1000), reason="Regular"))
    assert price(basket, tax_included=True).total == Money(315)
    basket = rules.discount_all(basket, Discount(amount=Money(15)))
    assert price(basket, tax_included=True).total == Money(300)
    basket = rules.discount_line(basket, 1, None)
    assert price(basket, tax_included=True).total == Money(335)


def test_a_discount_can_not_be_more_than_all_of_it() -> None:
    basket = rules.add(EMPTY, BREAD)
    with pytest.raises(OutOfRange):
        rules.discount_line(basket, 1, Discount(amount=Money(351)))
    with pytest.raises(OutOfRange):
        rules.discount_all(basket, Discount(percent=Percent(10_001)))
    with pytest.raises(EmptySale):
        rules.discount_all(EMPTY, Discount(percent=Percent(100)))
    everything = rules.discount_all(basket, Discount(amount=Money(99_999)))
    assert price(everything, tax_included=True).total == Money(0)


def test_what_may_not_be_discounted_is_left_out() -> None:
    basket = rules.add(rules.add(EMPTY, BREAD), replace(BREAD, article="voucher", discountable=False))
    with pytest.raises(Invalid):
        rules.discount_line(basket, 2, Discount(percent=Percent(1000)))
    priced = price(rules.discount_all(basket, Discount(percent=Percent(1000))), tax_included=True)
    assert [line.share for line in priced.lines] == [Money(35), Money(0)]


@pytest.mark.requirement("E38", "D1-06", "D2-01")
def test_e38_a_discount_is_shared_out_to_the_cent() -> None:
    basket = EMPTY
    for name, amount, rate in (("a", 1000, 2000), ("b", 500, 1000), ("c", 333, 0)):
        basket = rules.add(basket, replace(BREAD, article=name, price=Money(amount), tax=TaxRate(name, Percent(rate))))
    priced = price(rules.discount_all(basket, Discount(percent=Percent(1000))), tax_included=True)
    assert [line.share for line in priced.lines] == [Money(100), Money(50), Money(33)]
    assert (priced.sale_discount, priced.total) == (Money(183), Money(1650))
    assert [tax.tax for tax in priced.taxes] == [Money(150), Money(41), Money(0)]


def test_prices_without_tax_get_it_on_top() -> None:
    basket = rules.add(rules.add(EMPTY, BREAD, Quantity.of(3)), APPLES, Quantity.parse("1"))
    priced = price(basket, tax_included=False)
    assert (priced.sum, priced.tax, priced.total) == (Money(1270), Money(241), Money(1511))


def test_an_exchange_may_come_to_zero_or_less() -> None:
    basket = rules.add(rules.add(EMPTY, BREAD), BREAD, Quantity.of(-1))
    assert price(basket, tax_included=True).total == Money(0)
    back = rules.add(EMPTY, BREAD, Quantity.of(-1))
    priced = price(rules.discount_all(back, Discount(percent=Percent(1000))), tax_included=True)
    assert priced.total == Money(-315)


items = st.builds(
    Item,
    article=st.sampled_from(["a", "b", "c"]),
    number=st.just("1"),
    text=st.just("x"),
    unit=st.just(Unit.PIECE),
    price=st.builds(Money, st.integers(0, 100_000)),
    tax=st.sampled_from([TaxRate("A", Percent(1900)), TaxRate("B", Percent(700)), TaxRate("C", Percent(0))]),
)
discounts = st.one_of(
    st.none(),
    st.builds(Discount, percent=st.builds(Percent, st.integers(0, 10_000))),
    st.builds(Discount, amount=st.builds(Money, st.integers(0, 500_000))),
)


@given(st.lists(st.tuples(items, st.integers(1, 20)), min_size=1, max_size=20), discounts, st.booleans())
def test_nothing_is_lost_between_lines_discounts_and_taxes(
    bought: list[tuple[Item, int]], discount: Discount | None, included: bool
) -> None:
    basket: Basket = EMPTY
    for item, count in bought:
        basket = rules.add(basket, item, Quantity.of(count))
    priced = price(rules.discount_all(basket, discount), tax_included=included)
    finals = sum(line.final.minor for line in priced.lines)
    assert finals == priced.sum.minor - priced.sale_discount.minor
    assert all(line.final.minor >= 0 for line in priced.lines)
    assert priced.total.minor == finals + (0 if included else priced.tax.minor)
    assert sum(tax.net.minor for tax in priced.taxes) + priced.tax.minor == priced.total.minor
