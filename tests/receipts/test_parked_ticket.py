"""The ticket of a parked sale: what it bears, and that it bears nobody's name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.i18n import LANGUAGES
from kiosk.money import LARGEST_MINOR, Money
from kiosk.receipts.measure import cells
from kiosk.receipts.paper import WIDTHS, Code, as_text, from_json, to_json
from kiosk.receipts.parked_ticket import ParkedTicket, lay_out
from kiosk.rules import codes
from kiosk.rules.codes import CodeKind
from tests.receipts.examples import AT, BAKERY

pytestmark = pytest.mark.requirement("D4-01")

CODE = codes.make(CodeKind.PARKED, 12)
TICKET = ParkedTicket(shop=BAKERY, number=12, code=CODE, at=AT, lane="R1", items=4, total=Money(1140))


def test_a_ticket_says_its_number_and_that_nothing_is_paid() -> None:
    document = lay_out(TICKET)
    assert as_text(document, 32) == [
        "        Bäckerei Müller",
        "--------------------------------",
        "           PARKED 12",
        " Not paid: this is no receipt.",
        "--------------------------------",
        "Till R1         22/11/2026 14:32",
        "4 items                EUR 11.40",
        "",
        " " + "|" * 30,
        "         2930000000121",
        "Show this at the till to go on.",
    ]
    assert Code("ean13", CODE) in document
    assert from_json(to_json(document)) == document


@pytest.mark.requirement("N22")
def test_in_training_it_is_marked_and_bears_nothing_to_scan() -> None:
    document = lay_out(replace(TICKET, training=True, copy=2))
    assert not [element for element in document if isinstance(element, Code)]
    lines = [line.strip() for line in as_text(document, 42)]
    assert [place for place, line in enumerate(lines) if line == "TRAINING"] == [1, len(lines) - 2]
    assert [place for place, line in enumerate(lines) if line == "COPY 2"] == [2, len(lines) - 1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_every_paper_in_every_language(language: str, width: int) -> None:
    hostile = "[/x]\x1b[31m" + "界" * 10_000
    ticket = replace(TICKET, lane=hostile, total=Money(LARGEST_MINOR), shop=replace(BAKERY, name=hostile))
    lines = as_text(lay_out(ticket, language), width)
    assert max(map(cells, lines)) <= width
    assert "\x1b" not in "".join(lines)
