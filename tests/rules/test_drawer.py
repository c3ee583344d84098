"""What is counted in a drawer: notes and coins add up, and nothing is counted that can't be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import Invalid, OutOfRange
from kiosk.money import LARGEST_MINOR, ZERO, Money
from kiosk.rules.drawer import COINS, Count, check, count

pytestmark = pytest.mark.requirement("D6-01")


@pytest.mark.parametrize(
    ("pieces", "total"),
    [
        ({}, 0),
        ({200: 0, 1: 0}, 0),
        ({5000: 1, 2000: 3, 1000: 2, 500: 2, 200: 5}, 15_000),
        ({2: 1, 1: 3}, 5),
        ({10: LARGEST_MINOR // 10}, LARGEST_MINOR - 9),
    ],
)
def test_notes_and_coins_add_up(pieces: dict[int, int], total: int) -> None:
    counted = count(pieces)
    assert counted.total == Money(total)
    assert counted.pieces == {value: many for value, many in pieces.items() if many}
    check(counted)


@pytest.mark.parametrize(
    ("pieces", "refusal"),
    [
        ({100: -1}, OutOfRange(field="number", value="-1", lowest="0")),
        ({0: 1}, OutOfRange(field="number", value="1", lowest="0")),
        ({-100: 1}, OutOfRange(field="number", value="1", lowest="0")),
        (
            {100: 1_000_000_000},
            OutOfRange(field="amount", value="100000000000", lowest="0", highest=str(LARGEST_MINOR)),
        ),
    ],
)
def test_what_can_not_be_counted_is_refused(pieces: dict[int, int], refusal: OutOfRange) -> None:
    with pytest.raises(OutOfRange) as refused:
        count(pieces)
    assert refused.value == refusal


@pytest.mark.parametrize("minor", [-1, LARGEST_MINOR + 1])
def test_a_total_is_no_less_than_nothing_and_no_more_than_there_can_be(minor: int) -> None:
    with pytest.raises(OutOfRange) as refused:
        check(Count(Money(minor)))
    assert refused.value == OutOfRange(field="amount", value=str(minor), lowest="0", highest=str(LARGEST_MINOR))
    check(Count(ZERO))
    check(Count(Money(LARGEST_MINOR)))


def test_a_total_is_what_its_pieces_are() -> None:
    check(Count(Money(300), {100: 3, 50: 0}))
    with pytest.raises(Invalid) as refused:
        check(Count(Money(301), {100: 3}))
    assert refused.value == Invalid(field="amount", value="301")


@given(st.dictionaries(st.sampled_from(COINS["EUR"]), st.integers(0, 5000)))
def test_a_count_is_the_sum_of_its_pieces(pieces: dict[int, int]) -> None:
    counted = count(pieces)
    assert counted.total.minor == sum(value * many for value, many in counted.pieces.items())
    assert 0 not in counted.pieces.values()
    check(counted)


@pytest.mark.parametrize("currency", COINS)
def test_notes_and_coins_are_told_from_the_largest_to_the_smallest(currency: str) -> None:
    pieces = COINS[currency]
    assert list(pieces) == sorted(set(pieces), reverse=True)
    assert pieces[-1] > 0
