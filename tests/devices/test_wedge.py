"""Scanners that type like a keyboard, beside people who type on one."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kiosk.devices.codes import GROUP_SEPARATOR
from kiosk.devices.wedge import Decision, Kind, Wedge

BREAD = "4006381333931"


class EntryLine:
    """What the entry line of a screen does with the wedge's decisions."""

    def __init__(self) -> None:
        self.wedge = Wedge()
        self.text = ""
        self.at = 50.0
        self.scans: list[str] = []
        self.entered: list[str] = []
        self.bursting: list[bool] = []

    def feed(self, character: str) -> Decision:
        decision = self.wedge.feed(character, self.at)
        match decision.kind:
            case Kind.TYPED:
                self.text += character
                self.bursting.append(decision.bursting)
            case Kind.ENTER:
                self.entered.append(self.text)
                self.text = ""
            case Kind.SCAN:
                self.text = self.text[: len(self.text) - decision.remove]
                self.scans.append(decision.code)
            case Kind.REJECTED:
                self.text = self.text[: len(self.text) - decision.remove]
        return decision

    def type(self, text: str, every: float) -> None:
        for character in text:
            self.at += every
            self.feed(character)

    def person(self, text: str) -> None:
        self.type(text, 0.15)

    def scan(self, code: str, every: float = 0.004, terminator: str = "\r") -> None:
        self.at += 0.4
        self.feed(code[0])
        self.type(code[1:] + terminator, every)


@pytest.mark.requirement("K-12")
@pytest.mark.parametrize("every", [0.0, 0.001, 0.004, 0.02, 0.034])
@pytest.mark.parametrize("terminator", ["\r", "\n", "\t"])
def test_a_burst_and_its_terminator_are_a_scan(every: float, terminator: str) -> None:
    line = EntryLine()
    line.scan(BREAD, every, terminator)
    assert line.scans == [BREAD]
    assert line.entered == []
    assert line.text == ""


@pytest.mark.parametrize("every", [0.0, 0.004])
def test_twenty_scans_back_to_back_are_twenty_scans_in_order(every: float) -> None:
    codes = [f"40063{number:03}" for number in range(20)]
    line = EntryLine()
    line.type("".join(f"{code}\r" for code in codes), every)
    assert line.scans == codes
    assert line.entered == []


def test_what_was_half_typed_before_a_scan_stays() -> None:
    line = EntryLine()
    line.person("3*")
    line.scan(BREAD)
    assert line.text == "3*"
    assert line.scans == [BREAD]


def test_half_typed_before_a_scan_that_arrives_in_one_read_stays_too() -> None:
    line = EntryLine()
    line.person("12")
    line.scan(BREAD, every=0.0)
    assert (line.text, line.scans) == ("12", [BREAD])


@pytest.mark.parametrize("every", [0.036, 0.06, 0.15, 0.5])
def test_a_person_typing_fast_is_not_a_scan(every: float) -> None:
    line = EntryLine()
    line.type("4006381333931\r", every)
    assert line.scans == []
    assert line.entered == ["4006381333931"]


def test_five_characters_are_a_scan_and_four_are_typed() -> None:
    line = EntryLine()
    line.scan("1234")
    line.scan("12345")
    assert line.entered == ["1234"]
    assert line.scans == ["12345"]


def test_a_key_held_down_is_not_a_scan() -> None:
    """The console repeats a key 30 times a second: 33 ms."""
    line = EntryLine()
    line.person("1")
    line.at += 0.25
    line.type("0000000", 0.0333)
    line.at += 0.1
    line.feed("\r")
    assert line.entered == ["10000000"]
    assert line.scans == []


def test_a_key_held_down_and_others_after_it_are_not_a_scan() -> None:
    line = EntryLine()
    line.type("0000", 0.0333)
    line.person("5\r")
    assert line.entered == ["00005"]
    assert line.scans == []


def test_a_code_of_equal_digits_is_a_scan() -> None:
    line = EntryLine()
    line.scan("00000000")
    assert line.scans == ["00000000"]


def test_three_fast_characters_do_not_make_a_scan_of_what_a_person_types_after_them() -> None:
    line = EntryLine()
    line.type("mil", 0.01)
    line.person("k bread\r")
    assert line.entered == ["milk bread"]
    assert line.scans == []


def test_a_busy_machine_in_the_middle_of_a_scan_does_not_halve_the_code() -> None:
    """Otherwise the line would keep 40063 and the scan would be 81333931."""
    line = EntryLine()
    line.type("40063", 0.004)
    line.at += 0.2
    line.type("81333931\r", 0.0)
    assert line.scans == [BREAD]
    assert line.text == ""


def test_a_scanner_that_sends_no_terminator_ends_with_the_persons_enter() -> None:
    line = EntryLine()
    line.type(BREAD, 0.004)
    line.at += 2
    line.feed("\r")
    assert line.entered == [BREAD]
    assert line.scans == []


def test_a_key_that_is_no_character_begins_anew() -> None:
    line = EntryLine()
    line.type("1234", 0.004)
    line.wedge.reset()
    line.type("5\r", 0.004)
    assert line.entered == ["12345"]
    assert line.scans == []


def test_during_a_burst_no_character_is_a_command() -> None:
    """A minus in a code must not take one off the selected line."""
    line = EntryLine()
    line.scan("AB-12*/+")
    assert line.bursting == [False, False, True, True, True, True, True, True]
    assert line.scans == ["AB-12*/+"]
    line.person("3*-+")
    assert line.bursting[8:] == [False] * 4


def test_a_symbology_identifier_and_separators_are_understood() -> None:
    line = EntryLine()
    line.scan("]C1010401234567890110ABC\x1d21XYZ")
    assert line.scans == ["010401234567890110ABC\x1d21XYZ"]
    assert line.text == ""


def test_128_characters_are_a_scan_and_more_are_rejected_whole() -> None:
    line = EntryLine()
    line.scan("7" * 128)
    line.person("2")
    line.scan("7" * 129)
    assert line.scans == ["7" * 128]
    assert line.text == "2"


@pytest.mark.parametrize("hostile", ["\x1b", "\x00", "\x9b", "\u202e"])
def test_a_control_character_in_a_scan_rejects_it(hostile: str) -> None:
    line = EntryLine()
    line.person("2")
    line.scan(f"40063{hostile}81333")
    assert line.scans == []
    assert line.text == "2"


def test_an_enter_alone_is_an_enter() -> None:
    line = EntryLine()
    line.person("\r\r")
    assert line.entered == ["", ""]


@given(
    some.lists(some.tuples(some.booleans(), some.text("0123456789abc*+-", min_size=5, max_size=20)), max_size=12),
    some.floats(0, 0.019),
)
def test_people_and_scanners_in_turns_are_told_apart(turns: list[tuple[bool, str]], every: float) -> None:
    line = EntryLine()
    for scanned, text in turns:
        if scanned:
            line.scan(text, every)
        else:
            line.person(f"{text}\r")
    assert line.scans == [text for scanned, text in turns if scanned]
    assert line.entered == [text for scanned, text in turns if not scanned]
    assert line.text == ""


def test_each_scan_may_be_held_up_once() -> None:
    line = EntryLine()
    for _ in range(3):
        line.at += 1
        line.type("40063", 0.004)
        line.at += 0.2
        line.type("81333931\r", 0.004)
    assert line.scans == [BREAD] * 3


def test_a_held_key_before_it_does_not_spoil_a_scan_of_equal_digits() -> None:
    line = EntryLine()
    line.type("000", 0.0333)
    line.scan("11111")
    assert (line.text, line.scans) == ("000", ["11111"])


@pytest.mark.parametrize(
    ("character", "scans"), [("", []), ("\x02", []), ("\x1b", []), (GROUP_SEPARATOR, [f"0104006381\x1d{BREAD}"])]
)
def test_a_key_that_types_nothing_spoils_the_scan_that_it_is_in(character: str, scans: list[str]) -> None:
    line = EntryLine()
    line.person("3")
    line.at += 0.4
    line.feed("0")
    line.type("104006381", 0.004)
    line.at += 0.004
    assert line.wedge.disturb(character, line.at)
    line.type(BREAD + "\r", 0.004)
    assert line.scans == scans
    assert line.text == "3"
    line.scan(BREAD)
    assert line.scans == [*scans, BREAD]


@pytest.mark.parametrize(("typed", "later"), [("", 0.001), ("12", 0.001), ("12345", 0.2)])
def test_a_key_that_types_nothing_is_a_persons_where_no_scan_is_under_way(typed: str, later: float) -> None:
    line = EntryLine()
    line.type(typed, 0.004)
    assert not line.wedge.disturb("", line.at + later)
    line.at += 0.2
    line.scan(BREAD)
    assert line.scans == [BREAD]
