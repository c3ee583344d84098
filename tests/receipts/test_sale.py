"""What stands on the receipt of a sale, and what does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kiosk.errors import Invalid
from kiosk.i18n import LANGUAGES, language, set_currency, speaking, use_language
from kiosk.money import ZERO, Money, Percent, Quantity
from kiosk.receipts.paper import Centre, Code, Cut, Document, Left, Split, as_text
from kiosk.receipts.sale import ReceiptLine, ReceiptTax, Reduction, SaleReceipt, lay_out
from tests.receipts import examples


@pytest.fixture(autouse=True)
def till() -> Iterator[None]:
    yield
    set_currency("EUR", 2)
    use_language("en")


def texts(document: Document) -> list[str]:
    return [element.text for element in document if isinstance(element, Centre | Left)]


def splits(document: Document) -> dict[str, str]:
    return {element.left: element.right for element in document if isinstance(element, Split)}


def taxed(*taxes: ReceiptTax) -> SaleReceipt:
    lines = tuple(
        ReceiptLine(f"Article {tax.code}", Quantity.of(1), tax.gross, tax.gross, tax_code=tax.code) for tax in taxes
    )
    return replace(examples.bare(), lines=lines, taxes=taxes, total=Money(sum(tax.gross.minor for tax in taxes)))


FULL = ReceiptTax("normal", Percent(1900), Money(100), Money(19), Money(119))
LOW = ReceiptTax("reduced", Percent(700), Money(100), Money(7), Money(107))


@pytest.mark.requirement("D2-03")
def test_a_receipt_names_the_shop_its_number_the_till_the_staff_and_the_time() -> None:
    document = lay_out(examples.cash_with_change(), "en")
    assert texts(document)[:5] == [
        "Bäckerei Müller",
        "Hauptstraße 1",
        "10115 Berlin",
        "VAT no. DE123456789",
        "Seit 1921 im Holzofen gebacken",
    ]
    assert splits(document)["Receipt 1042"] == "22/11/2026 14:32"
    assert splits(document)["Till 1"] == "Served by Ann"
    assert texts(document)[-3:-1] == list(examples.BAKERY.footer)
    assert texts(document)[-1] == "Entry 1234  1a2b3c4d"
    assert document[-1] == Cut()
    assert Code("ean13", "2920010010425") in document


@pytest.mark.requirement("D2-03")
def test_each_rate_has_its_row_and_each_line_its_letter() -> None:
    found = splits(lay_out(taxed(FULL, LOW), "en"))
    assert found["Article normal"] == "1.19 A"
    assert found["Article reduced"] == "1.07 B"
    assert found["A 19%"] == "1.00  0.19   1.19"
    assert found["B 7%"] == "1.00  0.07   1.07"
    assert found["Rate"] == " Net   Tax  Gross"


def test_letters_of_the_shop_s_own_are_kept() -> None:
    found = splits(lay_out(taxed(replace(FULL, code="2"), replace(LOW, code="1")), "en"))
    assert found["Article 2"] == "1.19 2"
    assert found["1 7%"] == "1.00  0.07   1.07"


def test_with_one_rate_there_is_nothing_to_tell_apart() -> None:
    found = splits(lay_out(taxed(FULL), "en"))
    assert found["Article normal"] == "1.19"
    assert found["19%"] == "1.00  0.19   1.19"


def test_without_rates_there_is_no_table() -> None:
    document = lay_out(examples.bare(), "en")
    assert list(splits(document)) == ["Receipt 1", "Till 1", "Article", "TOTAL EUR"]


def test_amounts_of_lines_with_and_without_a_letter_end_in_one_column() -> None:
    line = ReceiptLine("Bag", Quantity.of(1), Money(10), Money(10), discount=Reduction(Money(1)))
    receipt = replace(taxed(FULL, LOW), discount=Reduction(Money(5), Percent(250), "Friday"))
    receipt = replace(receipt, lines=(*receipt.lines, line))
    shown = [row for row in as_text(lay_out(receipt, "en"), 32) if "." in row and "%" not in row]
    ends = {row[: row.rindex(".") + 3].rstrip() for row in shown[:5]}
    assert {len(end) for end in ends} == {30}


@pytest.mark.requirement("D5-05")
def test_a_copy_says_so_at_its_top_and_bottom_and_an_original_does_not() -> None:
    mark = Centre("COPY 2", big=True, bold=True)
    original, second = (lay_out(replace(examples.cash_with_change(), copy=copy), "en") for copy in (0, 2))
    assert second.count(mark) == 2
    assert second.index(mark) < second.index(Split("Receipt 1042", "22/11/2026 14:32"))
    assert second[-2] == mark
    assert not any("COPY" in text for text in texts(original))


def test_training_says_so_at_its_top_and_bottom() -> None:
    document = lay_out(examples.training(), "en")
    assert texts(document).count("TRAINING") == 2
    assert texts(document).count("Not a receipt. Nothing was sold.") == 2
    assert not any(isinstance(element, Code) for element in document)
    assert not any("Entry" in text for text in texts(document))


def test_a_void_names_the_receipt_that_it_voids() -> None:
    assert texts(lay_out(examples.void(), "en")).count("Void of receipt 1041") == 2


@pytest.mark.requirement("D3-07")
def test_cash_rounding_is_shown_between_total_and_payment() -> None:
    set_currency("CHF", 2)
    found = list(splits(lay_out(examples.rounding(), "en")).items())
    place = found.index(("TOTAL CHF", "12.43"))
    assert found[place : place + 5] == [
        ("TOTAL CHF", "12.43"),
        ("Rounding", "0.02"),
        ("To pay", "12.45"),
        ("Bar", "20.00"),
        ("Change", "7.55"),
    ]


def test_without_rounding_and_change_neither_is_shown() -> None:
    found = splits(lay_out(examples.weighed(), "en"))
    assert {"Rounding", "To pay", "Change", "Subtotal"}.isdisjoint(found)
    assert found["Contant"] == "20.20"


@pytest.mark.requirement("D2-01")
def test_tax_on_top_is_added_before_the_total() -> None:
    found = splits(lay_out(examples.tax_on_top(), "en"))
    assert list(found)[-9:-4] == ["Subtotal", "plus tax A 8.87%", "plus tax B 2%", "TOTAL EUR", "Cash"]
    assert found["Subtotal"] == "42.48  "
    assert found["TOTAL EUR"] == "44.19"


@pytest.mark.requirement("D1-06")
def test_discounts_say_why_and_how_much() -> None:
    found = splits(lay_out(examples.discounts(), "en"))
    assert found["Panettone classico"] == "12.90 B"
    assert found["  Discount 12.5%, confezione rovinata"] == "-1.61  "
    assert found["  Discount"] == "-5.00  "
    assert found["Subtotal"] == "44.64  "
    assert found["Discount 5%, cliente abituale"] == "-2.23  "
    assert found["TOTAL EUR"] == "42.41"


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        (ReceiptLine("Bread", Quantity.of(1), Money(420), Money(420)), None),
        (ReceiptLine("Bread", Quantity.of(3), Money(420), Money(1260)), "  3 x 4.20"),
        (ReceiptLine("Bread", Quantity.of(-1), Money(420), Money(-420)), "  -1 x 4.20"),
        (
            ReceiptLine("Cheese", Quantity.of(1), Money(1890), Money(1890), unit=examples.Unit.KILOGRAM),
            "  1.000 kg x 18.90/kg",
        ),
    ],
)
def test_a_line_tells_how_many_only_where_it_is_not_one_piece(line: ReceiptLine, detail: str | None) -> None:
    found = texts(lay_out(replace(examples.bare(), lines=(line,)), "en"))
    assert found == (["Kiosk"] if detail is None else ["Kiosk", detail])


def test_a_person_without_a_name_is_not_mentioned() -> None:
    assert splits(lay_out(examples.bare(), "en"))["Till 1"] == ""


@pytest.mark.requirement("N15")
def test_a_receipt_speaks_the_customer_s_language_and_the_till_its_own() -> None:
    use_language("nl")
    assert splits(lay_out(examples.copy(), "fr"))["Rendu monnaie"] == "6,90"
    assert language() == "nl"
    assert splits(lay_out(examples.copy()))["Wisselgeld"] == "6,90"
    with speaking("it"):
        assert splits(lay_out(examples.copy()))["Resto"] == "6,90"


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    "example", [one for one in examples.EXAMPLES if one.name != "hostile_names"], ids=lambda one: one.name
)
def test_a_receipt_fits_in_every_language(example: examples.Example, code: str) -> None:
    """No label pushes an amount off its line on the narrowest roll, but in a title of two words."""
    document = lay_out(example.make(), code)
    for element in document:
        if isinstance(element, Split) and not element.left.startswith(" ") and len(element.left) < 14:
            assert len(as_text((element,), 32)) == 1, element


def test_a_barcode_that_is_none_and_an_unknown_language_are_refused() -> None:
    with pytest.raises(Invalid) as refused:
        lay_out(replace(examples.bare(), barcode="2920010010420"), "en")
    assert refused.value == Invalid(field="barcode", value="2920010010420")
    with pytest.raises(Invalid) as refused:
        lay_out(examples.bare(), "xx")
    assert refused.value == Invalid(field="language", value="xx")
    assert language() == "en"


def test_a_line_s_amount_is_after_its_own_discount() -> None:
    line = ReceiptLine("Bread", Quantity.of(1), Money(420), Money(420), discount=Reduction(Money(42)))
    assert line.amount == Money(378)
    assert replace(line, discount=None).amount == Money(420)
    assert replace(line, gross=ZERO, discount=None).amount == ZERO
