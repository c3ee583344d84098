"""What stands on an X and a Z, and what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.devices.escpos_bytes import document_bytes
from kiosk.devices.options import PrinterOptions
from kiosk.i18n import LANGUAGES
from kiosk.money import ZERO, Money, Percent
from kiosk.receipts.paper import WIDTHS, Centre, Code, Cut, Document, Left, Split, as_text, commands
from kiosk.receipts.pdf import as_pdf
from kiosk.receipts.shift_report import (
    Closing,
    CountFigure,
    ProofLine,
    RateFigure,
    ShiftReport,
    Tally,
    lay_out,
    qr_text,
)
from tests.devices import escpos_decoder
from tests.devices.escpos_decoder import decode
from tests.receipts.examples import KIOSK
from tests.receipts.pdf_reader import read_pdf
from tests.receipts.shift_examples import (
    CLOSING,
    SHIFT_EXAMPLES,
    ShiftExample,
    a_day,
    an_x,
    everything,
    fails,
    first_and_quiet,
    hostile,
)


def laid_out(report: ShiftReport, **how: object) -> Document:
    return lay_out(report, KIOSK, language="en", **how)  # type: ignore[arg-type]


def texts(document: Document) -> list[str]:
    return [element.text for element in document if isinstance(element, Centre | Left)]


def splits(document: Document) -> list[tuple[str, str]]:
    return [(element.left, " ".join(element.right.split())) for element in document if isinstance(element, Split)]


@pytest.mark.requirement("D6-03")
def test_turnover_is_what_was_sold_less_what_came_back_and_what_was_voided() -> None:
    found = splits(laid_out(a_day()))

    place = found.index(("Sales", "57 1,284.50"))
    assert found[place : place + 7] == [
        ("Sales", "57 1,284.50"),
        ("Returns", "2 -35.50"),
        ("Voids", "1 -14.50"),
        ("TOTAL EUR", "1,234.50"),
        ("Rate", "Net Tax Gross"),
        ("A 19%", "800.00 152.00 952.00"),
        ("B 7%", "264.02 18.48 282.50"),
    ]
    assert ("Tax in all", "170.48") in found


@pytest.mark.requirement("D6-03")
def test_each_tender_says_what_came_in_and_what_went_back() -> None:
    found = splits(laid_out(a_day()))

    place = found.index(("Cash", "31 613.70"))
    assert found[place : place + 7] == [
        ("Cash", "31 613.70"),
        ("  given back", "2 -20.00"),
        ("Bank card", "24 605.82"),
        ("  given back", "1 -15.00"),
        ("Meal ticket", "3 50.00"),
        ("Taken in all", "1,234.52"),
        ("Rounding in it", "0.02"),
    ]


@pytest.mark.requirement("D6-03", "K-21")
def test_the_drawer_leads_from_the_opening_to_what_was_counted() -> None:
    found = splits(laid_out(a_day()))

    place = found.index(("At the opening", "200.00"))
    assert found[place : place + 8] == [
        ("At the opening", "200.00"),
        ("Cash sales", "613.70"),
        ("Cash given back", "-20.00"),
        ("Paid in, Bank", "100.00"),
        ("Paid out, Other", "-15.00"),
        ("Expected", "878.70"),
        ("Counted", "877.70"),
        ("Difference", "-1.00"),
    ]


@pytest.mark.requirement("K-21")
def test_several_counts_stand_in_a_table_and_what_left_after_the_last_is_taken_off() -> None:
    found = splits(laid_out(everything()))

    place = found.index(("Paid out, Safe", "-600.00"))
    assert found[place : place + 8] == [
        ("Paid out, Safe", "-600.00"),
        ("Expected", "228.20"),
        ("Difference", "0.00"),
        ("In the drawer now", "228.20"),
        ("Count", "Expected Counted Diff."),
        ("Opening", "200.00 199.50 -0.50"),
        ("In between", "400.50 400.00 -0.50"),
        ("Closing", "827.70 828.20 0.50"),
    ]


def test_a_drawer_that_nobody_counted_says_so_and_claims_no_difference() -> None:
    document = laid_out(an_x())

    assert "Nobody counted." in texts(document)
    assert {"Counted", "Difference", "Count", "In the drawer now"}.isdisjoint(name for name, _ in splits(document))


@pytest.mark.requirement("N4")
def test_the_books_hold_what_they_held_and_what_moved_in_positive_amounts() -> None:
    document = laid_out(everything())

    found = splits(document)
    place = found.index(("", "Before Moved Now"))
    assert found[place + 1 : place + 8] == [
        ("Credit", "0.00 25.00 25.00"),
        ("Debts", "30.00 -8.50 21.50"),
        ("Drawers", "200.00 28.20 228.20"),
        ("Points", "800 PTS 824 PTS 1624 PTS"),
        ("Safe", "1,500.00 600.00 2,100.00"),
        ("Between tills", "0.00 50.00 50.00"),
        ("Credit notes", "100.00 37.10 137.10"),
    ]
    assert texts(document).count("SUM PROOF OK") == 1


@pytest.mark.requirement("N4")
@pytest.mark.parametrize(
    ("report", "why"),
    [
        (
            replace(a_day(), held=(ProofLine("voucher", "EUR", -100, -50, -151),)),
            "Credit notes: 1.00 and 0.50 do not make 1.51.",
        ),
        (replace(a_day(), entries_balance=False), "An entry of this shift does not sum to zero."),
    ],
)
def test_a_proof_that_fails_says_where(report: ShiftReport, why: str) -> None:
    document = laid_out(report)

    assert Centre("SUM PROOF FAIL", big=True, bold=True) in document
    assert Left(why, bold=True) in document
    assert "SUM PROOF OK" not in texts(document)


def test_a_proof_that_holds_complains_of_nothing() -> None:
    assert not [text for text in texts(laid_out(a_day())) if "do not make" in text or "sum to zero" in text]


@pytest.mark.requirement("Q-22")
def test_the_day_before_stands_beside() -> None:
    document = laid_out(a_day())

    assert "Z 11 of 19/11/2026" in texts(document)
    found = splits(document)
    place = found.index(("", "Before Now"))
    assert found[place + 1 : place + 6] == [
        ("Turnover", "1,100.20 1,234.50"),
        ("Sales", "49 57"),
        ("Cash", "601.20 593.70"),
        ("Bank card", "499.00 590.82"),
        ("Meal ticket", "0.00 50.00"),
    ]


def test_the_first_z_has_nothing_beside_it_and_tells_of_no_tender_and_no_receipt() -> None:
    document = laid_out(first_and_quiet())

    assert "Beside the day before" not in texts(document)
    assert {"Receipts", "Taken in all", "Rate"}.isdisjoint(name for name, _ in splits(document))
    assert ("TOTAL EUR", "0.00") in splits(document)
    assert ("Entries", "-") in splits(document)


@pytest.mark.requirement("N3")
def test_a_z_bears_its_entry_and_hash_also_for_a_scanner() -> None:
    document = laid_out(a_day(), closing=CLOSING)

    assert ("Entries", "1240 - 1300") in splits(document)
    assert ("Closing entry", "1301") in splits(document)
    assert CLOSING.hash in {text.replace(" ", "") for text in texts(document)}
    assert [element.data for element in document if isinstance(element, Code)] == [f"kiosk-z|R1|12|1301|{CLOSING.hash}"]
    assert document[-1] == Cut()


def test_an_x_closes_nothing() -> None:
    document = laid_out(an_x())

    assert "X REPORT 2" in texts(document)
    assert "The shift stays open." in texts(document)
    assert ("Read", "20/11/2026 12:01") in splits(document)
    assert not [element for element in document if isinstance(element, Code)]
    assert {"Closed", "Closing entry"}.isdisjoint(name for name, _ in splits(document))


def test_the_qr_has_five_parts_whatever_the_lane_is_called() -> None:
    assert qr_text(replace(a_day(), lane="R|1\x1b"), Closing(7, "ab")) == "kiosk-z|R 1|12|7|ab"


@pytest.mark.requirement("D6-02")
def test_a_copy_says_so_at_its_top_and_bottom_and_an_original_does_not() -> None:
    mark = Centre("COPY 2", big=True, bold=True)
    original, second = laid_out(a_day(), closing=CLOSING), laid_out(a_day(), closing=CLOSING, copy=2)

    assert second.count(mark) == 2
    assert second.index(mark) < second.index(Centre("Z REPORT 12", big=True, bold=True))
    assert second[-2] == mark
    assert not any("COPY" in text for text in texts(original))


@pytest.mark.requirement("N22")
def test_training_says_so_at_its_top_and_bottom() -> None:
    mark = Centre("TRAINING", big=True, bold=True)

    assert laid_out(a_day(), training=True).count(mark) == 2
    assert mark not in laid_out(a_day())


@pytest.mark.requirement("D6-03")
def test_stored_value_debts_and_points_are_told_where_there_are_any() -> None:
    found = splits(laid_out(everything()))

    place = found.index(("Value sold", "2 55.50"))
    assert found[place : place + 6] == [
        ("Value sold", "2 55.50"),
        ("Value spent", "1 18.40"),
        ("Debts made", "1 12.00"),
        ("Debts collected", "2 20.50"),
        ("Points issued", "1234"),
        ("Points used", "410"),
    ]
    without = {name for name, _ in splits(laid_out(a_day()))}
    assert {
        "Value sold",
        "Value spent",
        "Debts made",
        "Debts collected",
        "Points issued",
        "Points used",
    } & without == set()
    held = splits(laid_out(replace(a_day(), held=(ProofLine("voucher", "EUR", -500, 0, -500),))))
    assert ("Value sold", "0 0.00") in held


@pytest.mark.requirement("D6-03")
def test_discounts_and_corrections_are_told_even_when_there_are_none() -> None:
    assert splits(laid_out(a_day()))[splits(laid_out(a_day())).index(("Discounts", "4 -22.15")) :][:3] == [
        ("Discounts", "4 -22.15"),
        ("Voided before payment", "3 -12.70"),
        ("Drawer without a sale", "2"),
    ]
    assert ("Discounts", "0 0.00") in splits(laid_out(first_and_quiet()))


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("make", [a_day, everything, an_x, fails])
def test_no_label_pushes_a_small_amount_off_its_line(make: object, code: str) -> None:
    """On the narrowest roll, in every language."""
    report: ShiftReport = make()  # type: ignore[operator]
    for element in lay_out(report, KIOSK, language=code):
        if isinstance(element, Split) and not element.big and len(element.right) <= 10 and len(element.left) <= 18:
            assert len(as_text((element,), 32)) == 1, element


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("example", SHIFT_EXAMPLES, ids=lambda example: example.name)
def test_the_printer_is_told_what_the_preview_shows_and_nothing_else(example: ShiftExample, width: int) -> None:
    document = example.document()

    printed = list(decode(document_bytes(commands(document, width), PrinterOptions(), open_drawer=False)))

    kinds = {type(item) for item in printed}
    assert kinds <= {escpos_decoder.Line, escpos_decoder.Square, escpos_decoder.Cut, escpos_decoder.Feed}
    assert sum(isinstance(item, escpos_decoder.Cut) for item in printed) == 1
    assert sum(isinstance(item, escpos_decoder.Square) for item in printed) == (example.closing is not None)
    shown = [line.strip() for line in as_text(document, width) if line.strip() and line.strip() != "[QR]"]
    lines = [item.text.strip() for item in printed if isinstance(item, escpos_decoder.Line) and item.text.strip()]
    assert len(lines) == len(shown)
    if example.make is not hostile:
        assert [" ".join(line.split()) for line in lines] == [" ".join(line.split()) for line in shown]


def test_nothing_hostile_reaches_the_paper() -> None:
    document = lay_out(hostile(), KIOSK, closing=Closing(1, "\x1b[2J"), language="en")

    for width in WIDTHS:
        lines = as_text(document, width)
        assert len(lines) < 200
        assert all(line.isprintable() for line in lines)


@pytest.mark.requirement("D6-02")
@pytest.mark.parametrize("example", SHIFT_EXAMPLES, ids=lambda example: example.name)
def test_the_pdf_says_the_same(example: ShiftExample) -> None:
    document = example.document()

    (page,) = read_pdf(as_pdf(document, 42, title=f"Z {example.make().number}"))

    if example.make is not hostile:
        assert [" ".join(text.split()) for text in page.lines()] == [
            " ".join(line.split()) for line in as_text(document, 42) if line and line.strip() != "[QR]"
        ]


def test_gross_and_proof_are_worked_out_of_the_figures() -> None:
    report = replace(
        a_day(),
        rates=(RateFigure("A", Percent(1900), Money(100), Money(19)), RateFigure("B", Percent(0), Money(-7), ZERO)),
    )

    assert report.gross == Money(112)
    assert report.proof_ok
    assert not replace(report, entries_balance=False).proof_ok
    assert not replace(report, held=(*report.held, ProofLine("safe", "EUR", 0, 0, 1))).proof_ok
    assert CountFigure("close", Money(100), Money(90)).difference == Money(-10)
    assert a_day().tenders[0].net == Money(59_370)
    assert Tally() == Tally(0, ZERO)
