"""No text from outside steers a terminal or a printer (PLATFORM.md 7)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.i18n.clean import LONGEST_TEXT, clean_text, visible

UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

hostile = st.text(st.characters(), max_size=40) | st.text(
    st.sampled_from("a \t\n\x1b\x9b\u0301\u0308\u200b\u200d\u202e\u2028\u00a0\u3000\ud800\ue000\U0001f1e9日"),
    max_size=40,
)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Café au lait 0,5 l", "Café au lait 0,5 l"),
        ("Cafe\u0301", "Café"),
        ("Ann\x1bp\x00\x19", "Annp"),
        ("\x1b[12;3]x", "[12;3]x"),
        ("\x1b]0;owned\x07x", "]0;ownedx"),
        ("a\x9b31mb", "a31mb"),
        ("abc\u202edef", "abcdef"),
        ("a\u200db\ufeffc\u00add", "abcd"),
        ("one\ntwo\r\nthree\tfour\u2028five", "one two  three four five"),
        ("1\u00a0234\u202f567\u3000x", "1 234 567 x"),
        ("\ud800a\udfff", "a"),
        ("\ue000\U000f0000a\u0378", "a"),
        ("  both ends \n", "both ends"),
        ("[/] [b]not markup[/b]", "[/] [b]not markup[/b]"),
        ("日本のお茶", "日本のお茶"),
        ("Å\u212b\u2126", "ÅÅΩ"),
        ("", ""),
        ("\x00\x1b\u200b", ""),
    ],
)
def test_a_text_is_cleaned(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


def test_a_text_is_cut_at_its_cap() -> None:
    assert clean_text("x" * 10_000) == "x" * LONGEST_TEXT
    assert clean_text("ä" * 10_000, 128) == "ä" * 128
    assert clean_text("e\u0301" * 300) == "é" * LONGEST_TEXT
    assert clean_text("abc def", 4) == "abc"
    assert clean_text(" " * 1000 + "abc", 3) == "abc"


def test_accents_do_not_pile_up_over_the_neighbours() -> None:
    smeared = "Z" + "\u0322\u0302\u0345\u0353" * 40 + "algo"
    assert clean_text(smeared) == "\u1e90\u0322\u0322\u0322\u0322algo"


def test_the_ends_are_kept_of_what_is_laid_out_already() -> None:
    assert visible("  2 x\u00a03,50 ") == "  2 x 3,50 "
    assert visible("  plain ", 4) == "  pl"


@given(hostile, st.integers(1, 50))
def test_nothing_unseen_is_left_and_cleaning_again_changes_nothing(text: str, most: int) -> None:
    cleaned = clean_text(text, most)
    assert not {unicodedata.category(character) for character in cleaned} & UNSEEN
    assert cleaned == unicodedata.normalize("NFC", cleaned)
    assert len(cleaned) <= most
    assert cleaned == cleaned.strip()
    assert clean_text(cleaned, most) == cleaned
