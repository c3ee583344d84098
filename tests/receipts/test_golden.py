"""Each example comes out exactly as its golden file shows it.

After a wanted change: ``KIOSK_GOLDEN=write pytest tests/receipts/test_golden.py``
writes the files anew; read the difference before it is committed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.i18n import set_currency
from kiosk.receipts.paper import WIDTHS, as_text, from_json, to_json
from kiosk.receipts.sale import lay_out
from kiosk.receipts.test_page import printer_test_page
from tests.receipts.examples import AT, EXAMPLES, Example
from tests.receipts.shift_examples import SHIFT_EXAMPLES, ShiftExample

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(autouse=True)
def euro() -> Iterator[None]:
    yield
    set_currency("EUR", 2)


def check(name: str, width: int, lines: list[str]) -> None:
    path = GOLDEN / f"{name}-{width}.txt"
    text = "\n".join(lines) + "\n"
    if os.environ.get("KIOSK_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.requirement("D2-03", "D5-05", "D3-07")
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_a_receipt_comes_out_as_in_its_golden_file(example: Example, width: int) -> None:
    set_currency(example.currency, 2)
    document = lay_out(example.make(), example.language)
    check(example.name, width, as_text(document, width))
    assert from_json(to_json(document)) == document


@pytest.mark.requirement("D6-03", "N3", "N4", "Q-22")
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("example", SHIFT_EXAMPLES, ids=lambda example: example.name)
def test_an_x_and_a_z_come_out_as_in_their_golden_files(example: ShiftExample, width: int) -> None:
    document = example.document()
    check(example.name, width, as_text(document, width))
    assert from_json(to_json(document)) == document


@pytest.mark.parametrize("width", WIDTHS)
def test_the_printer_s_test_page_comes_out_as_in_its_golden_file(width: int) -> None:
    check("printer_test_page", width, as_text(printer_test_page(printer="usb 04b8:0e28", lane="1", at=AT), width))


def test_each_golden_file_belongs_to_an_example() -> None:
    names = [*(example.name for example in (*EXAMPLES, *SHIFT_EXAMPLES)), "printer_test_page"]
    assert sorted(path.name for path in GOLDEN.iterdir()) == sorted(
        f"{name}-{width}.txt" for name in names for width in WIDTHS
    )
