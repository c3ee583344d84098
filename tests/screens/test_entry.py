"""What is typed, key by key."""

from __future__ import annotations

import pytest

from kiosk.errors import NotANumber
from kiosk.money import Quantity
from kiosk.rules.codes import LONGEST_CODE
from kiosk.screens.entry import Entry, Typed


def typed(text: str) -> Entry:
    entry = Entry()
    for character in text:
        entry = entry.add(character)
    return entry


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", Typed.NOTHING),
        ("5", Typed.NUMBER),
        ("12,50", Typed.NUMBER),
        ("4006381333931", Typed.NUMBER),
        (".", Typed.QUICK),
        (",", Typed.QUICK),
        (".5", Typed.NUMBER),
        ("caf", Typed.WORDS),
        ("7up", Typed.WORDS),
        ("1.5 l", Typed.WORDS),
        ("٣", Typed.WORDS),
        ("²", Typed.WORDS),
        ("/void", Typed.COMMAND),
    ],
)
def test_the_text_says_what_it_is(text: str, kind: Typed) -> None:
    assert typed(text).typed is kind


def test_a_number_becomes_a_quantity_and_a_number_again() -> None:
    entry = typed("1,5").times()
    assert (entry.quantity, entry.text) == (Quantity(1500), "")
    assert entry.add("5").shown.endswith(" * 5")
    assert entry.erase() == Entry("1.500")
    assert typed("3").times().add("4").erase().erase() == Entry("3")


def test_words_are_no_quantity() -> None:
    with pytest.raises(NotANumber):
        typed("abc").times()


def test_a_space_begins_nothing_and_a_code_has_an_end() -> None:
    assert typed("   ") == Entry()
    assert len(typed("9" * 500).text) == LONGEST_CODE


def test_erasing_nothing_is_nothing() -> None:
    assert Entry().erase() == Entry()
    assert not Entry()
