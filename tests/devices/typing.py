"""How a scanner of each country types: the way back through the tables, by looking."""

from kiosk.devices.layout import (
    ALT_GR,
    KEY_ALT_GR,
    KEY_ENTER,
    KEY_LEFT_SHIFT,
    KEY_SPACE,
    SHIFT,
    Layout,
)


def keystrokes(text: str, keyboard: Layout, *, terminator: int | None = KEY_ENTER) -> tuple[tuple[int, int], ...]:
    """The (key, value) pairs with which a scanner of this country types a text.

    Raises: ValueError for a character that the keyboard doesn't have.
    """
    strokes: list[tuple[int, int]] = []
    for character in text:
        level, key = _place(character, keyboard)
        held = [modifier for bit, modifier in ((SHIFT, KEY_LEFT_SHIFT), (ALT_GR, KEY_ALT_GR)) if level & bit]
        strokes += [(modifier, 1) for modifier in held]
        strokes += [(key, 1), (key, 0)]
        strokes += [(modifier, 0) for modifier in reversed(held)]
        if (level, key) in keyboard.dead:
            strokes += [(KEY_SPACE, 1), (KEY_SPACE, 0)]
    if terminator is not None:
        strokes += [(terminator, 1), (terminator, 0)]
    return tuple(strokes)


def _place(character: str, keyboard: Layout) -> tuple[int, int]:
    if character == " ":
        return 0, KEY_SPACE
    places = [
        (level, key) for level, keys in enumerate(keyboard.levels) for key, typed in keys.items() if typed == character
    ]
    if not places:
        raise ValueError(f"the keyboard {keyboard.name} has no {character!r}")
    return min(places, key=lambda place: (place in keyboard.dead, place))
