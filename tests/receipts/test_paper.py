"""A document comes out within the paper's width, whole where it matters, and without anything that steers a printer."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kiosk.errors import Invalid
from kiosk.receipts.measure import wrap
from kiosk.receipts.paper import (
    Blank,
    Centre,
    Code,
    Cut,
    Document,
    Left,
    Rule,
    Split,
    as_text,
    commands,
    from_json,
    to_json,
)

UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

hostile = st.text(
    st.characters() | st.sampled_from("abc   \t\n\x1b\x1d\u0301\u0345\u200d\ufe0f\u202e日本語ｗ🍎🇩🇪"), max_size=80
)
plain = st.text(st.sampled_from("abc de,.-0123456789äé日"), max_size=30).map(str.strip)
codes = st.sampled_from(
    (Code("ean13", "2920010010425"), Code("code128", "1234567890123452"), Code("qr", "https://example.org/é"))
)


def elements(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Document]:
    flags = st.booleans()
    return st.lists(
        st.builds(Centre, texts, flags, flags)
        | st.builds(Left, texts, flags)
        | st.builds(Split, texts, texts, flags, flags)
        | st.builds(Rule, texts)
        | st.sampled_from((Blank(), Cut()))
        | codes,
        max_size=8,
    ).map(tuple)


@given(elements(hostile), st.integers(16, 60))
def test_no_line_is_wider_than_the_paper_and_none_steers_the_printer(document: Document, width: int) -> None:
    for line in as_text(document, width):
        assert cell_len(line) <= width
        assert not {unicodedata.category(letter) for letter in line} & UNSEEN
    for command in commands(document, width):
        if command[0] == "text":
            _text, line, style = command
            assert cell_len(line) <= (width // 2 if style.startswith("big") else width)
            assert not {unicodedata.category(letter) for letter in line} & UNSEEN
            assert line == line.rstrip()


@given(elements(hostile))
def test_a_document_survives_being_kept(document: Document) -> None:
    kept = to_json(document)
    assert kept.isascii()
    assert kept.isprintable()
    assert from_json(kept) == document
    assert to_json(from_json(kept)) == kept


@given(
    plain, st.integers(-99_999_999, 99_999_999).map(lambda minor: f"{minor / 100:.2f} A"), st.sampled_from((32, 42, 48))
)
def test_an_amount_is_never_cut_and_stands_at_the_right_edge(left: str, amount: str, width: int) -> None:
    for element in (Split(left * 20, amount), Split(left * 20, amount, big=True, bold=True)):
        lines = as_text((element,), width)
        assert lines[-1].endswith(amount)
        assert cell_len(lines[-1]) == width
        assert len(lines) <= 4


@given(plain, st.integers(16, 60))
def test_wrapping_loses_no_letter(text: str, width: int) -> None:
    lines = wrap(text * 5, width)
    assert "".join("".join(lines).split()) == "".join((text * 5).split())
    assert all(cell_len(line) <= width for line in lines)


@pytest.mark.parametrize(
    ("text", "width", "most", "lines"),
    [
        ("", 32, None, [""]),
        ("one two", 32, None, ["one two"]),
        ("one two three four five", 16, None, ["one two three", "four five"]),
        ("  - one two three four five", 16, None, ["  - one two", "  three four", "  five"]),
        ("abcdefghijklmnopqrstuvwxyz", 16, None, ["abcdefghijklmnop", "qrstuvwxyz"]),
        ("to abcdefghijklmnopqrstuvwxyz", 16, None, ["to", "abcdefghijklmnop", "qrstuvwxyz"]),
        ("one two three four five six seven", 16, 2, ["one two three", "four five six..."]),
        ("abcdefghijklmnopqrstuvwxyz" * 3, 16, 2, ["abcdefghijklmnop", "qrstuvwxyzabc..."]),
        ("日本語日本語日本語", 17, None, ["日本語日本語日本", "語"]),
        ("e\u0301e\u0301" * 10, 16, None, ["e\u0301e\u0301" * 8, "e\u0301e\u0301" * 2]),
    ],
)
def test_a_text_is_wrapped_by_words(text: str, width: int, most: int | None, lines: list[str]) -> None:
    assert wrap(text, width, most) == lines


@pytest.mark.parametrize(
    ("element", "lines"),
    [
        (Centre("Kiosk"), ["             Kiosk"]),
        (Centre("Kiosk", big=True), ["             Kiosk"]),
        (Left("  2 x 3,50"), ["  2 x 3,50"]),
        (Split("Brot", "4,20"), ["Brot                        4,20"]),
        (Split("", "4,20"), ["                            4,20"]),
        (Split("Brot", ""), ["Brot"]),
        (Split("a" * 27, "4,20"), ["a" * 27 + " 4,20"]),
        (Split("a" * 28, "4,20"), ["a" * 27, "a                           4,20"]),
        (Split("one two", "1" * 25), ["one two", "       " + "1" * 25]),
        (Split("one", "1" * 40), ["one", "1" * 32, " " * 24 + "1" * 8]),
        (Split("SUMME EUR", "1.234,56", big=True), ["SUMME", "EUR                     1.234,56"]),
        (Rule(), ["-" * 32]),
        (Rule("="), ["=" * 32]),
        (Rule(""), ["-" * 32]),
        (Rule("日"), ["-" * 32]),
        (Rule("\x1b"), ["-" * 32]),
        (Blank(), [""]),
        (Code("qr", "https://example.org"), ["              [QR]"]),
        (Code("ean13", "2920010010425"), [" " + "|" * 30, "         2920010010425"]),
    ],
)
def test_an_element_comes_out_on_a_narrow_roll(
    element: Centre | Left | Split | Rule | Blank | Code, lines: list[str]
) -> None:
    assert as_text((element,), 32) == lines


def test_a_cut_is_drawn_only_between_two_papers() -> None:
    assert as_text((Left("one"), Cut(), Left("two"), Cut()), 16) == ["one", "- - - - - - - -", "two"]
    assert as_text((), 16) == []


def test_a_printer_gets_plain_commands_with_big_lines_half_as_long() -> None:
    document = (
        Centre("Kiosk", big=True, bold=True),
        Left("plain"),
        Left("bold", bold=True),
        Split("SUMME", "4,20", big=True),
        Code("ean13", "2920010010425"),
        Code("code128", "4711"),
        Code("qr", "https://example.org"),
        Cut(),
    )
    assert commands(document, 32) == [
        ("text", "     Kiosk", "big-bold"),
        ("text", "plain", ""),
        ("text", "bold", "bold"),
        ("text", "SUMME       4,20", "big"),
        ("barcode", "ean13", "2920010010425"),
        ("barcode", "code128", "4711"),
        ("qr", "https://example.org"),
        ("cut",),
    ]


@given(elements(hostile), st.sampled_from((32, 42, 48)))
def test_the_preview_has_the_words_of_the_print_line_by_line(document: Document, width: int) -> None:
    texts = tuple(element for element in document if not isinstance(element, Code | Cut))
    shown = [line.split() for line in as_text(texts, width)]
    assert shown == [command[1].split() for command in commands(texts, width)]


@pytest.mark.parametrize("width", [-1, 0, 1, 15])
def test_a_roll_too_narrow_for_anything_is_refused(width: int) -> None:
    with pytest.raises(Invalid) as refused:
        as_text((Left("x"),), width)
    assert refused.value == Invalid(field="width", value=str(width))


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("ean13", "2920010010426"),
        ("ean13", "292001001042"),
        ("ean13", "29200100104²5"),
        ("ean13", ""),
        ("code128", ""),
        ("code128", "é"),
        ("code128", "1\x1b2"),
        ("code128", "1" * 49),
        ("qr", ""),
        ("qr", "a\nb"),
        ("qr", "x" * 1001),
    ],
)
def test_a_code_that_cannot_be_printed_is_refused(kind: Literal["ean13", "code128", "qr"], data: str) -> None:
    with pytest.raises(Invalid) as refused:
        Code(kind, data)
    assert refused.value == Invalid(field="barcode", value=data)


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "{",
        "null",
        "7",
        "[7]",
        '["cut"]',
        '[{"is":"bomb"}]',
        '[{"is":["cut"]}]',
        '[{"text":"x"}]',
        '[{"is":"left"}]',
        '[{"is":"left","text":7}]',
        '[{"is":"left","text":"x","bold":"yes"}]',
        '[{"is":"left","text":"x","bold":1}]',
        '[{"is":"left","text":"x","size":3}]',
        '[{"is":"rule","char":null}]',
    ],
)
def test_what_is_no_document_is_refused(kept: str) -> None:
    with pytest.raises(Invalid) as refused:
        from_json(kept)
    assert refused.value == Invalid(field="document", value=kept[:80])


def test_a_document_is_kept_short_and_in_ascii() -> None:
    document = (Centre("Müller", bold=True), Split("Brot", "4,20"), Rule(), Blank(), Code("qr", "x"), Cut())
    assert to_json(document) == (
        '[{"is":"centre","text":"M\\u00fcller","bold":true},{"is":"split","left":"Brot","right":"4,20"},'
        '{"is":"rule"},{"is":"blank"},{"is":"code","kind":"qr","data":"x"},{"is":"cut"}]'
    )
