"""What a word may be meant by: its middle, and one slip of the fingers."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kiosk.rules import near

WORDS = st.text("abcde", min_size=1, max_size=12)
"""Few letters, so that words are often near to each other."""


def slips(word: str) -> set[str]:
    """Everything that one slip makes of a word, and the word: said by making it, not by comparing."""
    cut = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    letters = string.ascii_lowercase[:6]
    return {
        word,
        *(before + after[1:] for before, after in cut if after),
        *(before + letter + after for before, after in cut for letter in letters),
        *(before + letter + after[1:] for before, after in cut if after for letter in letters),
        *(before + after[1] + after[0] + after[2:] for before, after in cut if len(after) > 1),
    }


def test_a_word_is_found_by_its_ends() -> None:
    assert near.ends("dupont") == ("dupont", "upont", "pont", "ont")
    assert near.ends("lea") == ("lea",)
    assert near.ends("li") == ()


@pytest.mark.requirement("T-09")
@given(word=st.text(min_size=3, max_size=20), data=st.data())
def test_whatever_is_inside_a_word_begins_an_end_of_it(word: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(word) - 3))
    inside = word[start : data.draw(st.integers(start + 3, len(word)))]
    assert any(end.startswith(inside) for end in near.ends(word))


def test_a_word_is_kept_under_its_beginnings_with_a_letter_left_out() -> None:
    assert near.kept_forms("anna") == {"ann", "anna", "ana", "nna"}
    assert near.kept_forms("lea") == {"lea"}
    assert near.kept_forms("li") == set()
    assert near.kept_forms("dupontel") == near.kept_forms("dupontelle")
    assert len(near.kept_forms("abcdefgh")) == 5 + 4 + 5 + 6 + 7 - 4
    assert near.asked_forms("ann") == set()
    assert near.asked_forms("anna") == {"anna", "ann", "ana", "nna"}


@pytest.mark.parametrize(
    ("one", "other", "near_enough"),
    [
        ("dupont", "dupont", True),
        ("dupont", "dupond", True),
        ("dupont", "dumont", True),
        ("dupont", "dupnot", True),
        ("dupont", "udpont", True),
        ("dupont", "duponnt", True),
        ("dupont", "duont", True),
        ("dupont", "upont", True),
        ("dupont", "duponts", True),
        ("dupont", "dumond", False),
        ("dupont", "dpuotn", False),
        ("dupont", "pudont", False),
        ("dupont", "du", False),
        ("dupont", "duponten", False),
        ("", "a", True),
        ("", "", True),
        ("", "ab", False),
    ],
)
def test_one_slip_is_forgiven_and_no_second(one: str, other: str, near_enough: bool) -> None:
    assert near.is_one_slip(one, other) is near_enough
    assert near.is_one_slip(other, one) is near_enough


@given(one=WORDS, other=WORDS)
def test_one_slip_is_what_one_slip_makes(one: str, other: str) -> None:
    assert near.is_one_slip(one, other) is (other in slips(one))


@pytest.mark.parametrize(
    ("typed", "word", "near_enough"),
    [
        ("dupn", "dupont", True),
        ("dpont", "dupontel", True),
        ("duppo", "dupont", True),
        ("dupontt", "dupont", True),
        ("dupon", "dupont", True),
        ("duxy", "dupont", False),
        ("dupontel", "dupont", False),
    ],
)
def test_a_word_still_being_typed_is_compared_with_its_beginning(typed: str, word: str, near_enough: bool) -> None:
    assert near.is_near(typed, word) is near_enough


@pytest.mark.requirement("T-09")
@given(word=WORDS, data=st.data())
def test_every_word_that_is_near_is_asked_for(word: str, data: st.DataObject) -> None:
    """No search by forms misses what the comparison would accept."""
    begun = word[: data.draw(st.integers(1, len(word)))]
    typed = data.draw(st.sampled_from(sorted(slips(begun))))
    assume(len(typed) >= near.SHORTEST_SLIP)
    assert near.is_near(typed, word)
    assert near.asked_forms(typed) & near.kept_forms(word)


@given(typed=WORDS, word=WORDS)
def test_what_is_near_has_a_form_in_common(typed: str, word: str) -> None:
    if len(typed) >= near.SHORTEST_SLIP and near.is_near(typed, word):
        assert near.asked_forms(typed) & near.kept_forms(word)
