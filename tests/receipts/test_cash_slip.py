"""The slip of cash in or out: case, amount, reason, who, and a line to sign on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.i18n import LANGUAGES
from kiosk.money import LARGEST_MINOR, Money
from kiosk.receipts.cash_slip import CashSlip, lay_out
from kiosk.receipts.measure import cells
from kiosk.receipts.paper import WIDTHS, as_text, from_json, to_json
from kiosk.rules.drawer import Purpose
from tests.receipts.examples import AT, BAKERY

pytestmark = pytest.mark.requirement("K-22")

SLIP = CashSlip(
    shop=BAKERY,
    lane="R1",
    staff="Lea",
    approved_by="",
    at=AT,
    direction="out",
    purpose=Purpose.OTHER,
    amount=Money(1500),
    reason="Window cleaner, for October and November",
    seq=1042,
    hash_piece="9f3c01aa",
)
HOSTILE = "[/x]\x1b[31m\u202e" + "界" * 10_000


def test_what_was_paid_out_stands_on_narrow_paper_too() -> None:
    assert as_text(lay_out(SLIP), 32) == [
        "        Bäckerei Müller",
        "         Hauptstraße 1",
        "          10115 Berlin",
        "--------------------------------",
        "Till R1         22/11/2026 14:32",
        "--------------------------------",
        "PAID OUT",
        "EUR                        15.00",
        "Case                       Other",
        "Window cleaner, for October and",
        "November",
        "Done by                      Lea",
        "",
        "",
        "________________________",
        "Signature",
        "      Entry 1042  9f3c01aa",
    ]


@pytest.mark.requirement("D6-04")
@pytest.mark.parametrize(
    ("direction", "words"), [("in", ("PAID IN EUR", "From till")), ("out", ("PAID OUT EUR", "To till"))]
)
def test_cash_between_tills_names_the_other_one(direction: str, words: tuple[str, str]) -> None:
    slip = replace(SLIP, direction=direction, purpose=Purpose.REGISTER, other="R2", reason="", approved_by="Mara")
    lines = as_text(lay_out(slip), 42)
    assert lines[6:11] == [
        f"{words[0]:<37}15.00",
        "Case                          Another till",
        f"{words[1]:<40}R2",
        "Done by                                Lea",
        "Approved by                           Mara",
    ]


@pytest.mark.requirement("N22", "D5-05")
def test_training_and_copies_are_marked_at_the_top_and_at_the_bottom() -> None:
    lines = [line.strip() for line in as_text(lay_out(replace(SLIP, training=True, copy=3)), 42)]
    assert [place for place, line in enumerate(lines) if line == "TRAINING"] == [3, len(lines) - 2]
    assert [place for place, line in enumerate(lines) if line == "COPY 3"] == [4, len(lines) - 1]
    plain = as_text(lay_out(SLIP), 42)
    assert [line for line in plain if "TRAINING" in line or "COPY" in line] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("width", WIDTHS)
def test_each_case_fits_every_paper_in_every_language(language: str, purpose: Purpose, width: int) -> None:
    document = lay_out(replace(SLIP, purpose=purpose, amount=Money(LARGEST_MINOR)), language)
    assert max(map(cells, as_text(document, width))) <= width
    assert from_json(to_json(document)) == document


@pytest.mark.parametrize("width", WIDTHS)
def test_hostile_words_neither_steer_the_printer_nor_push_the_amount_off(width: int) -> None:
    slip = replace(SLIP, lane=HOSTILE, staff=HOSTILE, approved_by=HOSTILE, reason=HOSTILE, other=HOSTILE)
    lines = as_text(lay_out(slip), width)
    assert max(map(cells, lines)) <= width
    assert "\x1b" not in "".join(lines)
    assert "\u202e" not in "".join(lines)
    assert any(line.endswith("15.00") for line in lines)
    assert len(lines) < 60
