"""What a code means by its form, by table and by property."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean, luhn

from kiosk.errors import Invalid, OutOfRange
from kiosk.money import Money, Quantity
from kiosk.rules import codes
from kiosk.rules.codes import CodeKind, Meaning

WEIGHT, PRICE = ("28",), ("21",)
DIGITS = st.text("0123456789", min_size=1, max_size=17)


def meaning(code: str) -> Meaning:
    return codes.what_is(code, WEIGHT, PRICE)


@pytest.mark.requirement("D1-01")
@pytest.mark.parametrize(
    ("digits", "check"),
    [
        ("400638133393", "1"),
        ("7351353", "7"),
        ("01234567890", "5"),
        ("978047111709", "4"),
        ("0", "0"),
        ("290000000000", "1"),
    ],
)
def test_the_check_digit_is_that_of_gs1(digits: str, check: str) -> None:
    assert codes.check_digit(digits) == check


@given(DIGITS)
def test_the_check_digit_agrees_with_stdnum(digits: str) -> None:
    assert codes.check_digit(digits) == ean.calc_check_digit(digits)


@given(st.text("0123456789 -A", max_size=15))
def test_a_gtin_is_what_stdnum_takes_for_one(code: str) -> None:
    assert codes.is_gtin(code) == (ean.is_valid(code) and code.isdigit())


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(digits: str, place: int, more: int) -> None:
    code = digits + codes.check_digit(digits)
    wrong = code[:place] + str((int(code[place]) + more) % 10) + code[place + 1 :]
    assert codes.is_gtin(code)
    assert not codes.is_gtin(wrong)


@pytest.mark.parametrize("text", ["", "12a", "１２", "-1"])
def test_a_check_digit_needs_digits(text: str) -> None:
    with pytest.raises(Invalid):
        codes.check_digit(text)


@pytest.mark.parametrize(
    ("upc_e", "upc_a"),
    [
        ("04252614", "042100005264"),
        ("01234505", "012000003455"),
        ("01234531", "012300000451"),
        ("01234543", "012340000053"),
        ("01234565", "012345000065"),
    ],
)
def test_upc_e_and_upc_a_are_one_code(upc_e: str, upc_a: str) -> None:
    assert codes.upc_a_of(upc_e) == upc_a
    assert codes.upc_e_of(upc_a) == upc_e


@pytest.mark.parametrize("code", ["24252614", "04252615", "0425261", "04252a14", "042526140"])
def test_what_is_no_upc_e_has_no_upc_a(code: str) -> None:
    assert codes.upc_a_of(code) is None


@pytest.mark.parametrize("code", ["036000291452", "042100005265", "0421000052647", "242100005264"])
def test_what_cannot_be_shortened_has_no_upc_e(code: str) -> None:
    assert codes.upc_e_of(code) is None


@given(st.sampled_from("01"), st.text("0123456789", min_size=6, max_size=6))
def test_a_upc_e_survives_its_way_through_upc_a(system: str, body: str) -> None:
    longs = [long for check in "0123456789" if (long := codes.upc_a_of(system + body + check))]
    assert len(longs) == 1
    short = codes.upc_e_of(longs[0])
    assert short is not None
    assert codes.upc_a_of(short) == longs[0]


@pytest.mark.requirement("D1-01")
@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("036000291452", "0036000291452"),
        ("0036000291452", "0036000291452"),
        ("00036000291452", "0036000291452"),
        (" 4 006381 333931 ", "4006381333931"),
        ("4006381333931", "4006381333931"),
        ("04006381333931", "4006381333931"),
        ("73513537", "73513537"),
        ("04252614", "0042100005264"),
        ("14006381333938", "14006381333938"),
        ("036000291453", "036000291453"),
        ("541", "541"),
        ("ABC 12", "ABC 12"),
        ("", ""),
    ],
)
def test_a_barcode_is_kept_in_one_form(code: str, kept: str) -> None:
    assert codes.canonical(code) == kept
    assert codes.canonical(kept) == kept


@given(st.text("0123456789", min_size=7, max_size=13), st.booleans())
def test_the_kept_form_is_among_the_forms_looked_up(digits: str, checked: bool) -> None:
    code = digits + codes.check_digit(digits) if checked else digits
    assert codes.variants(code)[0] == codes.canonical(code)
    assert codes.variants(code)[0] in codes.variants(codes.canonical(code))
    assert len(set(codes.variants(code))) == len(codes.variants(code)) <= 4


def test_eight_digits_that_are_both_ean_8_and_upc_e_are_found_either_way() -> None:
    both = next(
        code for number in range(10**7) if codes.is_gtin(code := f"{number:07d}" + codes.check_digit(f"{number:07d}"))
        and number > 99_999 and codes.upc_a_of(code)
    )  # fmt: skip
    upc_a = codes.upc_a_of(both)
    assert upc_a is not None
    assert codes.canonical(both) == both
    assert both in codes.variants(upc_a)
    assert both in codes.variants("0" + upc_a)
    assert "0" + upc_a in codes.variants(both)


@pytest.mark.requirement("D1-02")
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("2800421003509", Meaning(CodeKind.WEIGHT, "2800421003509", "00421", quantity=Quantity(350))),
        ("2100421004378", Meaning(CodeKind.PRICE, "2100421004378", "00421", price=Money(437))),
        ("2800421003505", Meaning(CodeKind.ARTICLE, "2800421003505")),
        ("2200421003500", Meaning(CodeKind.ARTICLE, "2200421003500")),
        ("280042100350", Meaning(CodeKind.ARTICLE, "280042100350")),
    ],
)
def test_a_label_of_the_shops_scale_bears_weight_or_price(code: str, expected: Meaning) -> None:
    assert meaning(code) == expected


@pytest.mark.requirement("D1-02")
@given(st.integers(0, 99_999), st.integers(0, 99_999))
def test_a_label_reads_as_it_was_printed(number: int, value: int) -> None:
    weighed, priced = codes.make_label("28", str(number), value), codes.make_label("21", str(number), value)
    assert meaning(weighed) == Meaning(CodeKind.WEIGHT, weighed, f"{number:05d}", quantity=Quantity(value))
    assert meaning(priced) == Meaning(CodeKind.PRICE, priced, f"{number:05d}", price=Money(value))
    assert codes.label_base(meaning(weighed)) == codes.make_label("28", str(number), 0)


def test_a_longer_prefix_leaves_a_shorter_number() -> None:
    label = codes.make_label("2841", "77", 1250)
    assert codes.what_is(label, ("2841",), ()) == Meaning(CodeKind.WEIGHT, label, "077", quantity=Quantity(1250))


@pytest.mark.parametrize(("number", "value"), [("123456", 1), ("1", 100_000), ("1", -1)])
def test_a_label_has_room_for_five_digits_of_each(number: str, value: int) -> None:
    with pytest.raises(OutOfRange):
        codes.make_label("28", number, value)


@pytest.mark.parametrize(("prefix", "number"), [("2x", "1"), ("28", "A"), ("2800000", "1")])
def test_a_label_is_made_of_digits(prefix: str, number: str) -> None:
    with pytest.raises(Invalid):
        codes.make_label(prefix, number, 1)


@pytest.mark.parametrize(
    ("kind", "type_digits"),
    [
        (CodeKind.CUSTOMER, "00"),
        (CodeKind.PREPAID, "10"),
        (CodeKind.RECEIPT, "20"),
        (CodeKind.PARKED, "30"),
        (CodeKind.ORDER, "40"),
        (CodeKind.COUPON, "50"),
        (CodeKind.QUICK, "60"),
        (CodeKind.BADGE, "80"),
        (CodeKind.COMMAND, "90"),
    ],
)
def test_the_tills_own_codes_say_what_they_are(kind: CodeKind, type_digits: str) -> None:
    code = codes.make(kind, 1_234_567)
    assert code[:12] == f"29{type_digits}01234567"
    read = meaning(code)
    assert (read.kind, read.number) == (kind, "01234567")
    assert ean.is_valid(code)


@given(
    st.sampled_from(sorted(set(CodeKind) - {CodeKind.ARTICLE, CodeKind.WEIGHT, CodeKind.PRICE, CodeKind.CARD})),
    st.integers(0, 10**8 - 1),
)
def test_a_code_of_the_till_reads_as_it_was_made(kind: CodeKind, number: int) -> None:
    read = meaning(codes.make(kind, number))
    assert (read.kind, read.number) == (kind, f"{number:08d}")


@pytest.mark.parametrize("kind", [CodeKind.ARTICLE, CodeKind.WEIGHT, CodeKind.PRICE])
def test_an_article_has_no_code_of_the_till(kind: CodeKind) -> None:
    with pytest.raises(Invalid):
        codes.make(kind, 1)


@pytest.mark.parametrize("number", [-1, 10**8])
def test_a_code_of_the_till_has_eight_digits(number: int) -> None:
    with pytest.raises(OutOfRange):
        codes.make(CodeKind.BADGE, number)


def test_the_scale_cannot_take_the_tills_own_range() -> None:
    badge = codes.make(CodeKind.BADGE, 12)
    assert codes.what_is(badge, ("29",), ("29",)).kind is CodeKind.BADGE


def test_an_unknown_type_of_the_tills_range_is_a_plain_code() -> None:
    code = "297000000001" + codes.check_digit("297000000001")
    assert meaning(code) == Meaning(CodeKind.ARTICLE, code)


@given(st.integers(0, 99), st.integers(0, 10**12))
def test_a_receipt_bears_its_lane_and_the_end_of_its_number(lane: int, number: int) -> None:
    code = codes.receipt_code(lane, number)
    assert codes.parse_receipt(code) == (lane, number % 1_000_000)
    read = meaning(code)
    assert (read.kind, read.lane, read.value) == (CodeKind.RECEIPT, lane, number % 1_000_000)


def test_receipt_1042_of_lane_1() -> None:
    assert codes.receipt_code(1, 1042) == "2920010010425"


@pytest.mark.parametrize(("lane", "number"), [(100, 1), (-1, 1), (1, -1)])
def test_a_receipts_lane_has_two_digits(lane: int, number: int) -> None:
    with pytest.raises(OutOfRange):
        codes.receipt_code(lane, number)


@pytest.mark.parametrize("code", ["", "1042", "4006381333931", "2920010010426", codes.make(CodeKind.BADGE, 1)])
def test_other_codes_are_no_receipts(code: str) -> None:
    assert codes.parse_receipt(code) is None


@given(st.integers(0, 999), st.integers(0, 99_999))
def test_a_command_bears_its_parameter(command: int, parameter: int) -> None:
    read = meaning(codes.command_code(command, parameter))
    assert (read.kind, read.value, read.parameter) == (CodeKind.COMMAND, command, parameter)


@pytest.mark.parametrize(("command", "parameter"), [(1000, 0), (1, 100_000), (-1, 0)])
def test_a_command_has_three_digits_and_five(command: int, parameter: int) -> None:
    with pytest.raises(OutOfRange):
        codes.command_code(command, parameter)


@given(st.text(max_size=140))
def test_any_text_has_a_meaning(code: str) -> None:
    read = meaning(code)
    assert read.kind in CodeKind
    assert codes.variants(code)


CARDS = st.builds(codes.make_card, st.integers(0, 3), st.integers(0, 10**14 - 1))


@given(CARDS)
def test_a_card_code_is_sixteen_digits_that_stdnum_finds_right(code: str) -> None:
    assert len(code) == 16
    assert luhn.is_valid(code)
    assert meaning(code) == Meaning(CodeKind.CARD, code)
    assert meaning(f"  {codes.in_fours(code)} ").code == code


@given(st.text("0123456789", min_size=16, max_size=16))
def test_what_starts_like_a_bank_card_or_a_gtin_is_no_card_of_ours(code: str) -> None:
    assert codes.is_card(code) == (luhn.is_valid(code) and code[0] in "1789")


@given(CARDS, st.integers(1, 15), st.integers(1, 9))
def test_one_wrong_digit_of_a_card_is_noticed(code: str, place: int, more: int) -> None:
    wrong = code[:place] + str((int(code[place]) + more) % 10) + code[place + 1 :]
    assert meaning(wrong).kind is CodeKind.ARTICLE


def test_a_card_code_is_read_in_fours() -> None:
    assert codes.make_card(0, 23456789012345) == "1234567890123452"
    assert codes.in_fours("1234567890123452") == "1234 5678 9012 3452"


@pytest.mark.parametrize(("start", "number"), [(-1, 0), (4, 0), (0, -1), (0, 10**14)])
def test_a_card_code_has_no_room_for_more(start: int, number: int) -> None:
    with pytest.raises(OutOfRange):
        codes.make_card(start, number)


@pytest.mark.parametrize("digits", ["", "12a", "１２"])
def test_a_luhn_digit_needs_digits(digits: str) -> None:
    with pytest.raises(Invalid) as refused:
        codes.luhn_digit(digits)
    assert refused.value == Invalid(field="code", value="")
