"""What a word may be meant by: its middle, and one slip of the fingers (T-09, DESIGN.md 7).

Two words that are one slip apart have a form in common when a letter is left
out of either: a search asks for such forms, and then compares in full.
"""

from __future__ import annotations

from typing import Final

SHORTEST_END: Final = 3
"""Letters of an end that a word is found by."""

SHORTEST_SLIP: Final = 4
"""Letters from which on a slip is forgiven; among shorter words everything is near to everything."""

_COMPARED: Final = 7
"""A slip is looked for among so many first letters; behind them it is found by the beginning."""


def ends(word: str) -> tuple[str, ...]:
    """A word and its ends: what is in the middle of a word begins one of them."""
    return tuple(word[start:] for start in range(len(word) - SHORTEST_END + 1))


def kept_forms(word: str) -> frozenset[str]:
    """The forms that a word is kept under: its beginnings, and each with one letter left out."""
    longest = min(len(word), _COMPARED)
    found = {word[:length] for length in range(SHORTEST_SLIP - 1, longest + 1)}
    for length in range(SHORTEST_SLIP, longest + 1):
        found.update(_one_left_out(word[:length]))
    return frozenset(found)


def asked_forms(typed: str) -> frozenset[str]:
    """The forms to ask for a word that is typed, or still being typed; none for a short one.

    Whatever word ``is_near`` accepts is kept under one of them.
    """
    if len(typed) < SHORTEST_SLIP:
        return frozenset()
    begun = typed[:_COMPARED]
    return frozenset((begun, *_one_left_out(begun)))


def is_near(typed: str, word: str) -> bool:
    """Whether a word, or a beginning of it, is what was typed with at most one slip."""
    length = len(typed)
    return any(is_one_slip(typed, word[:end]) for end in (length, length + 1, length - 1) if end <= len(word))


def is_one_slip(one: str, other: str) -> bool:
    """Whether a letter more, less, or another one, or two changed places, makes one of the other; or nothing does."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    same = 0
    while same < len(one) and one[same] == other[same]:
        same += 1
    if len(one) < len(other):
        return one[same:] == other[same + 1 :]
    if one[same + 1 :] == other[same + 1 :]:
        return True
    return one[same : same + 2] == other[same : same + 2][::-1] and one[same + 2 :] == other[same + 2 :]


def _one_left_out(text: str) -> set[str]:
    return {text[:place] + text[place + 1 :] for place in range(len(text))}
