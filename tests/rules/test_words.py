"""Words as people search for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rules.words import LONGEST_WORD, MOST_WORDS, fold, words, words_to_find


@pytest.mark.requirement("D1-01")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Café moulu 500 g", ("cafe", "moulu", "500", "g")),
        ("CRÈME BRÛLÉE", ("creme", "brulee")),
        ("L’œuf à l'eau", ("l", "oeuf", "a", "eau")),
        ("Smørrebrød, ŁÓDŹ", ("smorrebrod", "lodz")),
        ("Eau 1,5 L", ("eau", "1", "5", "l")),
        ("pain PAIN Pain", ("pain",)),
        ("snake_case", ("snake", "case")),
        ("ﬁlet №2", ("filet", "no2")),
        ("Käse", ("kase",)),
        ("  -- ", ()),
        ("", ()),
    ],
)
def test_a_text_is_asked_for_by_its_folded_words(text: str, found: tuple[str, ...]) -> None:
    assert words(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Käse", ("kase", "kaese")),
        ("GRÖSSE Größe", ("grosse", "groesse")),
        ("Ka\u0308se", ("kase", "kaese")),
        ("Brot", ("brot",)),
    ],
)
def test_umlauts_are_found_in_both_spellings(text: str, found: tuple[str, ...]) -> None:
    assert words_to_find(text) == found


@given(st.text(max_size=400))
def test_folding_twice_changes_nothing_and_what_is_asked_can_be_found(text: str) -> None:
    assert set(words(text)) <= set(words_to_find(text))
    assert len(words(text)) <= MOST_WORDS
    for word in words(text):
        assert 0 < len(word) <= LONGEST_WORD
        assert fold(word) == word
