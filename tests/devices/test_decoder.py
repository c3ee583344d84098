"""Key events to codes: what may have lost a character is no code."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kiosk.devices.decoder import EV_KEY, EV_SYN, SYN_DROPPED, Decoder, Rejected, Scanned
from kiosk.devices.layout import (
    KEY_CAPS_LOCK,
    KEY_ENTER,
    KEY_KEYPAD_ENTER,
    KEY_LEFT_ALT,
    KEY_LEFT_CTRL,
    KEY_LEFT_META,
    KEY_LEFT_SHIFT,
    KEY_NUM_LOCK,
    KEY_RIGHT_BRACE,
    KEY_RIGHT_SHIFT,
    KEY_TAB,
    KEYPAD,
    LAYOUTS,
    layout,
)
from tests.devices.typing import keystrokes

KEYPAD_KEYS = {character: key for key, character in KEYPAD.items()}
KEY_F9, KEY_UP, KEY_C = 67, 103, 46
US = layout("us")


class Typist:
    """Presses keys of one scanner and collects what comes of it."""

    def __init__(self, decoder: Decoder | None = None) -> None:
        self.decoder = decoder or Decoder()
        self.at = 100.0
        self.outcomes: list[Scanned | Rejected] = []

    def key(self, code: int, value: int) -> None:
        self.event(EV_KEY, code, value)
        self.at += 0.002

    def event(self, kind: int, code: int, value: int) -> None:
        outcome = self.decoder.feed(kind, code, value, self.at)
        if outcome:
            self.outcomes.append(outcome)

    def press(self, *codes: int) -> None:
        for code in codes:
            self.key(code, 1)
            self.key(code, 0)

    def hold(self, modifier: int, *codes: int) -> None:
        self.key(modifier, 1)
        self.press(*codes)
        self.key(modifier, 0)

    def alt(self, digits: str) -> None:
        self.hold(KEY_LEFT_ALT, *(KEYPAD_KEYS[digit] for digit in digits))

    def type(self, text: str, *, terminator: int | None = None) -> None:
        for key, value in keystrokes(text, self.decoder.keyboard, terminator=terminator):
            self.key(key, value)

    def wait(self, seconds: float) -> None:
        self.at += seconds

    @property
    def codes(self) -> list[str]:
        return [outcome.code for outcome in self.outcomes if isinstance(outcome, Scanned)]


@pytest.mark.parametrize(
    ("terminator", "name"), [(KEY_ENTER, "enter"), (KEY_KEYPAD_ENTER, "keypad-enter"), (KEY_TAB, "tab")]
)
def test_each_terminator_ends_a_code(terminator: int, name: str) -> None:
    typist = Typist()
    typist.type("12345", terminator=terminator)
    assert typist.outcomes == [Scanned("12345", name)]


def test_terminators_without_a_code_say_nothing() -> None:
    typist = Typist()
    typist.press(KEY_ENTER, KEY_TAB, KEY_ENTER)
    assert typist.outcomes == []


def test_enter_and_line_feed_end_one_code() -> None:
    typist = Typist()
    typist.type("12345", terminator=KEY_ENTER)
    typist.hold(KEY_LEFT_CTRL, 36)
    typist.type("67890", terminator=KEY_ENTER)
    assert typist.codes == ["12345", "67890"]
    assert len(typist.outcomes) == 2


def test_the_keypad_types_digits_whatever_num_lock_says() -> None:
    typist = Typist()
    typist.press(KEY_NUM_LOCK, *(KEYPAD_KEYS[digit] for digit in "0123456789"), KEY_KEYPAD_ENTER)
    assert typist.outcomes == [Scanned("0123456789", "keypad-enter")]


def test_either_shift_and_both_together() -> None:
    typist = Typist()
    typist.hold(KEY_LEFT_SHIFT, 30)
    typist.hold(KEY_RIGHT_SHIFT, 30)
    typist.key(KEY_LEFT_SHIFT, 1)
    typist.key(KEY_RIGHT_SHIFT, 1)
    typist.key(KEY_LEFT_SHIFT, 0)
    typist.press(30)
    typist.key(KEY_RIGHT_SHIFT, 0)
    typist.press(30, KEY_ENTER)
    assert typist.codes == ["AAAa"]


def test_a_repeating_shift_stays_shift() -> None:
    typist = Typist()
    for value in (1, 2, 2):
        typist.key(KEY_LEFT_SHIFT, value)
    typist.press(30)
    typist.key(KEY_LEFT_SHIFT, 0)
    typist.press(30, KEY_ENTER)
    assert typist.codes == ["Aa"]


def test_caps_lock_turns_letters_only() -> None:
    typist = Typist()
    typist.press(KEY_CAPS_LOCK)
    typist.press(30, 2)
    typist.hold(KEY_LEFT_SHIFT, 30)
    typist.press(KEY_CAPS_LOCK)
    typist.press(30, KEY_ENTER)
    assert typist.codes == ["A1aa"]


def test_caps_lock_types_digits_on_azerty() -> None:
    typist = Typist(Decoder(layout("fr")))
    typist.press(KEY_CAPS_LOCK, 2, 3, 4, 5, 6, KEY_ENTER)
    assert typist.codes == ["12345"]


def test_alt_and_keypad_spell_a_code() -> None:
    """Seen in the field: scanners that spell each character as Alt and its number."""
    typist = Typist()
    for digits in ("052", "048", "048", "54", "0065", "097"):
        typist.alt(digits)
    typist.press(KEY_ENTER)
    assert typist.outcomes == [Scanned("4006Aa", "enter")]


def test_alt_spells_terminators_separators_and_accents() -> None:
    typist = Typist()
    for digits in ("049", "029", "050", "0233", "130", "013"):
        typist.alt(digits)
    assert typist.outcomes == [Scanned("1\x1d2éé", "alt")]


@pytest.mark.parametrize("digits", ["027", "0007", "999", "0129"])
def test_alt_spelling_a_control_or_nothing_rejects_the_code(digits: str) -> None:
    typist = Typist()
    typist.type("123")
    typist.alt(digits)
    typist.type("456", terminator=KEY_ENTER)
    assert typist.outcomes == [Rejected("key")]


def test_alt_with_another_key_rejects_the_code() -> None:
    typist = Typist()
    typist.type("123")
    typist.hold(KEY_LEFT_ALT, KEY_TAB)
    typist.type("456", terminator=KEY_ENTER)
    assert typist.outcomes == [Rejected("control")]


@pytest.mark.parametrize("name", LAYOUTS)
def test_ctrl_and_right_bracket_separate_gs1_fields(name: str) -> None:
    typist = Typist(Decoder(layout(name)))
    typist.type("]C1010401234567890110ABC")
    typist.hold(KEY_LEFT_CTRL, KEY_RIGHT_BRACE)
    typist.type("21XYZ", terminator=KEY_ENTER)
    assert typist.codes == ["010401234567890110ABC\x1d21XYZ"]


@pytest.mark.parametrize("modifier", [KEY_LEFT_CTRL, KEY_LEFT_META])
def test_a_control_during_a_scan_rejects_it(modifier: int) -> None:
    typist = Typist()
    typist.type("123")
    typist.hold(modifier, KEY_C)
    typist.type("456", terminator=KEY_ENTER)
    typist.type("789", terminator=KEY_ENTER)
    assert typist.outcomes == [Rejected("control"), Scanned("789", "enter")]


@pytest.mark.parametrize("key", [KEY_F9, KEY_UP, 0x2FF])
def test_a_key_that_types_nothing_rejects_a_code_but_may_stand_before_it(key: int) -> None:
    typist = Typist()
    typist.press(key)
    typist.type("123", terminator=KEY_ENTER)
    typist.type("123")
    typist.press(key)
    typist.type("456", terminator=KEY_ENTER)
    assert typist.outcomes == [Scanned("123", "enter"), Rejected("key")]


def test_a_pause_inside_a_code_rejects_it_once() -> None:
    typist = Typist()
    typist.type("871000")
    typist.wait(0.31)
    typist.type("0000062", terminator=KEY_ENTER)
    typist.type("999", terminator=KEY_ENTER)
    assert typist.outcomes == [Rejected("gap"), Scanned("999", "enter")]


def test_a_shorter_pause_does_not() -> None:
    typist = Typist()
    typist.type("871000")
    typist.wait(0.29)
    typist.type("0000062", terminator=KEY_ENTER)
    assert typist.codes == ["8710000000062"]


def test_a_code_that_never_ended_does_not_spoil_the_next_one() -> None:
    typist = Typist()
    typist.type("871000")
    typist.wait(5)
    typist.type("40063", terminator=KEY_ENTER)
    assert typist.outcomes == [Rejected("gap"), Scanned("40063", "enter")]


def test_the_rest_of_a_code_that_was_given_up_is_no_code() -> None:
    typist = Typist()
    typist.type("871000")
    assert typist.decoder.idle() == Rejected("gap")
    typist.wait(0.5)
    typist.type("62", terminator=KEY_ENTER)
    assert typist.outcomes == []
    assert typist.decoder.idle() is None


def test_a_clock_that_jumps_back_rejects_nothing() -> None:
    typist = Typist()
    typist.type("871")
    typist.wait(-3600)
    typist.type("000", terminator=KEY_ENTER)
    assert typist.codes == ["871000"]


def test_a_lost_shift_release_does_not_shift_the_next_code() -> None:
    typist = Typist()
    typist.key(KEY_LEFT_SHIFT, 1)
    typist.press(30)
    typist.event(EV_SYN, SYN_DROPPED, 0)
    typist.type("62", terminator=KEY_ENTER)
    typist.type("62", terminator=KEY_ENTER)
    assert typist.outcomes == [Rejected("dropped"), Scanned("62", "enter")]


def test_a_lost_end_costs_one_scan_at_most() -> None:
    typist = Typist()
    typist.type("871")
    typist.event(EV_SYN, SYN_DROPPED, 0)
    typist.wait(2)
    typist.type("40063", terminator=KEY_ENTER)
    assert typist.outcomes == [Rejected("dropped"), Scanned("40063", "enter")]


def test_128_characters_are_a_code_and_129_are_not() -> None:
    typist = Typist()
    typist.type("7" * 128, terminator=KEY_ENTER)
    typist.type("7" * 129, terminator=KEY_ENTER)
    typist.type("7" * 5000, terminator=KEY_ENTER)
    typist.type("1", terminator=KEY_ENTER)
    assert typist.outcomes == [
        Scanned("7" * 128, "enter"),
        Rejected("too-long"),
        Rejected("too-long"),
        Scanned("1", "enter"),
    ]


@pytest.mark.parametrize(
    ("sent", "code"),
    [("]E04006381333931", "4006381333931"), ("]d2010401234567890", "010401234567890"), ("]1", "]1"), ("A]E0", "A]E0")],
)
def test_a_symbology_identifier_is_taken_off(sent: str, code: str) -> None:
    typist = Typist()
    typist.type(sent, terminator=KEY_ENTER)
    assert typist.codes == [code]


def test_a_symbology_identifier_may_be_kept() -> None:
    typist = Typist(Decoder(US, keep_symbology=True))
    typist.type("]E04006381333931", terminator=KEY_ENTER)
    assert typist.codes == ["]E04006381333931"]


def test_a_readers_own_prefix_and_suffix_are_taken_off() -> None:
    typist = Typist(Decoder(US, prefix=";", suffix="?"))
    typist.type(";6001234567?", terminator=KEY_ENTER)
    assert typist.codes == ["6001234567"]


@pytest.mark.parametrize(
    ("name", "strokes", "text"),
    [
        ("de", [(41, 1), (57, 1)], "^"),
        ("de", [(13, 1), (18, 1)], "é"),
        ("fr", [(26, 1), (16, 1)], "â"),
        ("nl", [(40, 1), (57, 1)], "'"),
        ("nl", [(40, 1), (46, 1)], "ć"),
        ("ch", [(27, 1), (2, 1)], "¨1"),
        ("de", [(41, 1)], "^"),
    ],
)
def test_a_dead_accent_waits_for_the_next_key(name: str, strokes: list[tuple[int, int]], text: str) -> None:
    typist = Typist(Decoder(layout(name)))
    for stroke in strokes:
        typist.key(*stroke)
    typist.press(KEY_ENTER)
    assert typist.codes == [text]


@pytest.mark.parametrize("name", LAYOUTS)
def test_what_a_country_types_is_what_its_table_reads(name: str) -> None:
    """Every printable ASCII character that the country's keyboard has."""
    typable = []
    for number in range(33, 127):
        try:
            keystrokes(chr(number), layout(name))
        except ValueError:
            continue
        typable.append(chr(number))
    assert set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-+/*.:;,_=?()$%&#@!<>'\"") <= set(typable)
    typist = Typist(Decoder(layout(name), keep_symbology=True))
    text = "".join(typable)
    typist.type(text, terminator=KEY_ENTER)
    assert typist.codes == [text]


@pytest.mark.parametrize(
    ("name", "text"),
    [("us", "ezqw-"), ("uk", "ezqw-"), ("de", "eyqwß"), ("fr", "ewaz)"), ("be", "ewaz)"), ("it", "ezqw'")],
)
def test_the_same_positions_are_other_characters_elsewhere(name: str, text: str) -> None:
    typist = Typist(Decoder(layout(name)))
    typist.press(18, 44, 16, 17, 12, KEY_ENTER)
    assert typist.codes == [text]


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown keyboard layout 'se', not one of us uk de fr be ch it nl"):
        layout("se")


@given(
    some.lists(
        some.tuples(
            some.sampled_from([EV_KEY, EV_KEY, EV_KEY, EV_SYN, 4]),
            some.integers(0, 130),
            some.integers(0, 3),
            some.floats(0, 0.5),
        ),
        max_size=300,
    )
)
def test_no_keys_in_any_order_break_it(events: list[tuple[int, int, int, float]]) -> None:
    """Noise gives codes that are short and clean, or rejections; and a scan after a silence always works."""
    decoder, at = Decoder(layout("fr")), 0.0
    for kind, code, value, pause in events:
        at += pause
        outcome = decoder.feed(kind, code, value, at)
        if isinstance(outcome, Scanned):
            assert 0 < len(outcome.code) <= 256
            assert all(character.isprintable() or character == "\x1d" for character in outcome.code)
    for modifier in (29, 42, 54, 56, 97, 100, 125, 126):
        decoder.feed(EV_KEY, modifier, 0, at)
    decoder.feed(EV_KEY, KEY_ENTER, 1, at + 3)
    outcomes = [decoder.feed(EV_KEY, key, value, at + 9) for key, value in keystrokes("+1", layout("fr"))]
    ends = [outcome for outcome in outcomes if isinstance(outcome, Scanned)]
    assert len(ends) == 1
    assert ends[0].code in ("+1", "+&")


def test_scans_with_silence_between_them_are_all_codes() -> None:
    typist = Typist()
    for _ in range(3):
        typist.type("40063", terminator=KEY_ENTER)
        typist.wait(60)
    assert typist.codes == ["40063"] * 3
    assert len(typist.outcomes) == 3


def test_a_code_under_way_in_a_new_device_is_rejected_however_long_ago_the_old_one_was_read() -> None:
    typist = Typist()
    typist.type("40063", terminator=KEY_ENTER)
    typist.wait(60)
    typist.decoder.reset(midway=True)
    typist.type("62", terminator=KEY_ENTER)
    assert typist.outcomes == [Scanned("40063", "enter"), Rejected("start")]


@pytest.mark.parametrize("forgets", ["dropped", "reset"])
def test_caps_lock_and_half_a_spelled_character_are_forgotten_with_what_was_lost(forgets: str) -> None:
    typist = Typist()
    typist.press(KEY_CAPS_LOCK, 30)
    typist.key(KEY_LEFT_ALT, 1)
    typist.press(KEYPAD_KEYS["0"], KEYPAD_KEYS["4"])
    if forgets == "dropped":
        typist.event(EV_SYN, SYN_DROPPED, 0)
    else:
        typist.decoder.reset()
    typist.press(KEY_ENTER)
    typist.alt("49")
    typist.press(30, KEY_ENTER)
    assert typist.codes == ["1a"]


def test_the_first_and_the_last_character_that_alt_can_spell() -> None:
    typist = Typist()
    for digits in ("49", "32", "0255"):
        typist.alt(digits)
    typist.press(KEY_ENTER)
    assert typist.codes == ["1 ÿ"]
