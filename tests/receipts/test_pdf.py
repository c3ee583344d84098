"""A PDF shows what the paper shows: read back from its bytes, bars and all."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest

from kiosk.receipts.paper import Blank, Centre, Code, Cut, Document, Left, Row, Split, rows
from kiosk.receipts.pdf import LONGEST_PAGE, MARGIN, PAGE_WIDTH, as_pdf, fitted
from kiosk.receipts.sale import lay_out
from tests.receipts.examples import EXAMPLES, Example, cash_with_change, copy
from tests.receipts.pdf_reader import Page, read_pdf

LEFT_ODD = (
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
)
"""The digits of the left half of an EAN-13 in odd parity; the others follow from them (ISO/IEC 15420)."""
FIRST_DIGITS = ("000000", "001011", "001101", "001110", "010011", "011001", "011100", "010101", "010110", "011010")
"""Which of the six left digits are in even parity, by the first digit."""


def printed(document: Document, width: int = 42) -> list[str]:
    found = [row.text(width // 2 if row.big else width) for row in rows(document, width) if isinstance(row, Row)]
    return [line for line in found if line]


def bars(page: Page, top: float) -> list[tuple[float, float]]:
    """Where each bar that reaches a height begins and ends."""
    return sorted((x, x + width) for x, y, width, height in page.boxes if y <= top <= y + height)


def modules(found: list[tuple[float, float]]) -> str:
    """Bars as ones and the gaps between them as zeros."""
    unit = min(end - begin for begin, end in found)
    text = ""
    for (begin, end), (follower, _end) in pairwise([*found, (found[-1][1], 0)]):
        text += "1" * round((end - begin) / unit) + "0" * round((follower - end) / unit)
    return text


def read_ean13(bits: str) -> str:
    assert (len(bits), bits[:3], bits[45:50], bits[92:]) == (95, "101", "01010", "101")
    left = [bits[3 + 7 * place : 10 + 7 * place] for place in range(6)]
    right = [bits[50 + 7 * place : 57 + 7 * place] for place in range(6)]
    flipped = ["".join("10"[int(bit)] for bit in digit) for digit in LEFT_ODD]
    even = [digit[::-1] for digit in flipped]
    parity = "".join("1" if digit in even else "0" for digit in left)
    first = FIRST_DIGITS.index(parity)
    digits = [even.index(digit) if digit in even else LEFT_ODD.index(digit) for digit in left]
    return "".join(map(str, [first, *digits, *(flipped.index(digit) for digit in right)]))


@pytest.mark.requirement("D5-05")
@pytest.mark.parametrize("example", [one for one in EXAMPLES if one.name != "hostile_names"], ids=lambda one: one.name)
def test_a_pdf_has_the_lines_of_the_paper(example: Example) -> None:
    document = tuple(element for element in lay_out(example.make(), example.language) if not isinstance(element, Code))
    (page,) = read_pdf(as_pdf(document))
    assert page.lines() == printed(document)


def test_the_same_receipt_gives_the_same_bytes() -> None:
    document = lay_out(copy(), "fr")
    assert as_pdf(document, title="Ticket 1042") == as_pdf(document, title="Ticket 1042")
    assert as_pdf(document) != as_pdf(lay_out(cash_with_change(), "fr"))


def test_a_page_is_as_wide_as_the_roll_and_as_long_as_the_receipt() -> None:
    (short,) = read_pdf(as_pdf((Left("one"),)))
    (longer,) = read_pdf(as_pdf((Left("one"), Left("two"), Centre("three", big=True))))
    line = short.height - 2 * MARGIN
    assert short.width == pytest.approx(PAGE_WIDTH, abs=0.001)
    assert longer.height == pytest.approx(4 * line + 2 * MARGIN, abs=0.001)


@pytest.mark.parametrize("width", [32, 42, 48])
def test_every_line_stays_within_the_page_and_amounts_end_at_the_margin(width: int) -> None:
    document = (Split("Brot", "4,20"), Split("SUMME", "4,20", big=True, bold=True), Left("x" * width))
    (page,) = read_pdf(as_pdf(document, width))
    small, big, full = sorted(page.texts, key=lambda text: -text.y)
    ends = [text.x + len(text.text) * text.size * 1233 / 2048 for text in (small, big, full)]
    assert ends == pytest.approx([PAGE_WIDTH - MARGIN] * 3, abs=0.01)
    assert [text.x for text in (small, big, full)] == pytest.approx([MARGIN] * 3, abs=0.01)
    assert big.size == pytest.approx(2 * small.size, abs=0.001)


def test_only_bold_lines_are_bold() -> None:
    (page,) = read_pdf(as_pdf((Left("one"), Left("two", bold=True), Left("three"))))
    assert [(text.text, text.mode) for text in page.texts] == [("one", 0), ("two", 2), ("three", 0)]


def test_european_letters_are_drawn_as_they_are() -> None:
    text = "€ß ÄÖÜ éèêç œŒ łŁżŻ őű čřžŠ ñ ğı Ελλάδα Привет “”„ « »"
    (page,) = read_pdf(as_pdf((Left(text),), 64))
    assert page.lines() == [text]


def test_letters_that_the_font_lacks_keep_the_columns() -> None:
    (page,) = read_pdf(as_pdf((Split("宇治 ß ŵ\u0323 ｗ", "4,20"), Left("a\u0301\u0353b"))))
    assert page.lines() == ["???? ß ẉ w" + " " * 27 + " 4,20", "áb"]


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("abc", "abc"),
        ("é", "e"),
        ("日", "??"),
        ("ｂ", "b "),
        ("☃", "?"),
        ("", ""),
        ("a\u0308c", "ac"),
        ("½", "?"),
        ("\u0301", ""),
    ],
)
def test_a_text_is_fitted_to_the_letters_of_a_font(text: str, drawn: str) -> None:
    assert fitted(text, {ord(letter) for letter in "abce? "}) == drawn


def test_a_receipt_s_barcode_can_be_read_back() -> None:
    (page,) = read_pdf(as_pdf((Left("one"), Code("ean13", "2920010010425"))))
    middle = sum(y + height for _x, y, _width, height in page.boxes) / len(page.boxes) - 1
    found = bars(page, middle)
    assert read_ean13(modules(found)) == "2920010010425"
    unit = min(end - begin for begin, end in found)
    assert 0.75 <= unit <= 1.6
    assert found[0][0] - 9 * unit >= MARGIN
    assert found[-1][1] + 7 * unit <= PAGE_WIDTH - MARGIN + 0.01
    assert "".join(text.text for text in page.texts[1:]) == "2920010010425"


def test_a_code_128_has_whole_bars_and_its_data_below() -> None:
    (page,) = read_pdf(as_pdf((Code("code128", "1234567890123452"),)))
    found = modules(bars(page, max(y + height for _x, y, _width, height in page.boxes) - 1))
    # Code C: start, 8 pairs of digits, check symbol and a stop of 13 modules.
    assert len(found) == 11 * 10 + 13
    assert found.startswith("11010011100")
    assert found.endswith("1100011101011")
    assert page.lines() == ["1234567890123452"]


def test_a_long_code_128_still_fits_on_the_page() -> None:
    (page,) = read_pdf(as_pdf((Code("code128", "A" * 48),)))
    assert min(x for x, _y, _width, _height in page.boxes) >= MARGIN - 0.01
    assert max(x + width for x, _y, width, _height in page.boxes) <= PAGE_WIDTH - MARGIN + 0.01


def test_a_qr_code_has_its_three_corners() -> None:
    (page,) = read_pdf(as_pdf((Code("qr", "https://example.org/é"),)))
    unit = min(width for _x, _y, width, _height in page.boxes)
    left, top = min(box[0] for box in page.boxes), max(box[1] + box[3] for box in page.boxes)
    dark = {
        (round((x - left) / unit) + column, round((top - y - height) / unit) + row)
        for x, y, width, height in page.boxes
        for column in range(round(width / unit))
        for row in range(round(height / unit))
    }
    side = max(column for column, _row in dark) + 1
    assert (side - 17) % 4 == 0
    corner = ["".join("1" if (column, row) in dark else "0" for column in range(7)) for row in range(7)]
    assert corner == ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"]
    for across, down in ((side - 7, 0), (0, side - 7)):
        assert {(column, row) for column, row in dark if across <= column < across + 7 and down <= row < down + 7} == {
            (across + column, down + row)
            for row, line in enumerate(corner)
            for column in range(7)
            if line[column] == "1"
        }
    assert page.texts == []


def test_a_cut_begins_a_new_page_and_the_last_one_does_not() -> None:
    pages = read_pdf(as_pdf((Left("one"), Cut(), Left("two"), Blank(), Cut())))
    assert [page.lines() for page in pages] == [["one"], ["two"]]


def test_an_empty_document_is_one_empty_page() -> None:
    (page,) = read_pdf(as_pdf(()))
    assert page.lines() == []
    assert page.height == pytest.approx(2 * MARGIN, abs=0.001)


def test_a_receipt_of_a_thousand_lines_is_several_pages() -> None:
    document = tuple(Split(f"Article {number}", "1,00") for number in range(3000))
    pages = read_pdf(as_pdf(document))
    assert len(pages) == 3
    assert all(page.height <= LONGEST_PAGE for page in pages)
    assert [line for page in pages for line in page.lines()] == printed(document)


def test_a_hostile_title_and_text_stay_text() -> None:
    document = (Left(") Tj ET Q endstream endobj \\ (("), Left("\x1bp\x00\n%PDF"))
    made = as_pdf(document, title="x) /Launch (\x00\n")
    (page,) = read_pdf(made)
    assert page.lines() == [") Tj ET Q endstream endobj \\ ((", "p %PDF"]
    assert b"/Title (x\\) /Launch \\(" in made


def test_laying_out_does_not_load_the_pdf_library() -> None:
    code = (
        "import sys; import kiosk.receipts.sale, kiosk.receipts.pdf, kiosk.receipts.test_page\n"
        "print([name for name in ('reportlab', 'PIL', 'babel', 'textual', 'barcode', 'peewee') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
