"""What a scanned code means: article numbers, barcodes with weight or price, and the till's own codes.

One numeric scheme for what the till prints itself, so that no keyboard layout
can spoil it: EAN-13 ``29 TT xxxxxxxx C`` (UX.md 4.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kiosk.errors import Invalid, OutOfRange
from kiosk.money import Money, Quantity

LONGEST_CODE: Final = 128
"""Characters of a code; longer ones are no codes (PLATFORM.md 7)."""

OWN_PREFIX: Final = "29"
"""The in-store range that the till keeps for itself; no scale may print it."""

RECEIPT_NUMBERS: Final = 1_000_000
"""A receipt's code bears its number modulo this."""

COMMAND_PARAMETERS: Final = 100_000

_LABEL_VALUE_DIGITS: Final = 5
_CARD_DIGITS: Final = 16
CARD_STARTS: Final = "1789"
"""What a card's code starts with: no bank card's number does, nor a GTIN in its GS1 form."""


class CodeKind(StrEnum):
    """What a code stands for."""

    ARTICLE = "article"
    """A barcode or an article number, or nothing that the till knows."""
    WEIGHT = "weight"
    PRICE = "price"
    CUSTOMER = "customer"
    PREPAID = "prepaid"
    RECEIPT = "receipt"
    PARKED = "parked"
    ORDER = "order"
    COUPON = "coupon"
    QUICK = "quick"
    BADGE = "badge"
    COMMAND = "command"
    CARD = "card"
    """Sixteen digits as the till makes them for a card or a credit note; an article may happen to have such ones."""


_TYPES: Final = {
    "00": CodeKind.CUSTOMER,
    "10": CodeKind.PREPAID,
    "20": CodeKind.RECEIPT,
    "30": CodeKind.PARKED,
    "40": CodeKind.ORDER,
    "50": CodeKind.COUPON,
    "60": CodeKind.QUICK,
    "80": CodeKind.BADGE,
    "90": CodeKind.COMMAND,
}
_DIGITS_OF: Final = {kind: digits for digits, kind in _TYPES.items()}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code says, by its form alone; whether anything bears it, the services know."""

    kind: CodeKind
    code: str
    """The code as it is looked up, without spaces around it."""
    number: str = ""
    """The article's number on a weight or price label; the eight digits of a code of the till."""
    quantity: Quantity | None = None
    """On a weight label, in kilograms."""
    price: Money | None = None
    """On a price label."""
    lane: int = 0
    """On a receipt: the lane's number."""
    value: int = 0
    """On a receipt: its number modulo a million; a quick article's key; a command's number."""
    parameter: int = 0
    """On a command."""


def what_is(code: str, weight_prefixes: tuple[str, ...] = (), price_prefixes: tuple[str, ...] = ()) -> Meaning:
    """Read a code. A wrong check digit makes it a plain one, which nothing will bear.

    Source: D1-01, D1-02, UX.md 4.5.
    """
    bare = normalise(code)
    if len(bare) != 13 or not is_gtin(bare):
        return Meaning(CodeKind.CARD if is_card(bare) else CodeKind.ARTICLE, bare)
    if bare.startswith(OWN_PREFIX):
        return _own(bare)
    for kind, prefixes in ((CodeKind.WEIGHT, weight_prefixes), (CodeKind.PRICE, price_prefixes)):
        for prefix in prefixes:
            if prefix and bare.startswith(prefix):
                return _label(kind, bare, prefix)
    return Meaning(CodeKind.ARTICLE, bare)


def _own(code: str) -> Meaning:
    kind = _TYPES.get(code[2:4])
    if kind is None:
        return Meaning(CodeKind.ARTICLE, code)
    number = code[4:12]
    if kind is CodeKind.RECEIPT:
        return Meaning(kind, code, number, lane=int(number[:2]), value=int(number[2:]))
    if kind is CodeKind.COMMAND:
        return Meaning(kind, code, number, value=int(number[:3]), parameter=int(number[3:]))
    return Meaning(kind, code, number, value=int(number))


def _label(kind: CodeKind, code: str, prefix: str) -> Meaning:
    number, value = code[len(prefix) : 12 - _LABEL_VALUE_DIGITS], int(code[12 - _LABEL_VALUE_DIGITS : 12])
    if kind is CodeKind.WEIGHT:
        return Meaning(kind, code, number, quantity=Quantity(value))
    return Meaning(kind, code, number, price=Money(value))


def normalise(code: str) -> str:
    """A code without the spaces around it, and a number without those inside: people type ``4 006381 333931``."""
    bare = code.strip()
    if " " not in bare:
        return bare
    packed = bare.replace(" ", "")
    return packed if _is_number(packed) else bare


def article_number(text: str) -> str:
    """An article's number as it is kept: spreadsheets and scales put zeros in front, or take them away."""
    bare = normalise(text)
    return bare.lstrip("0") or "0" if _is_number(bare) else bare


def check_digit(digits: str) -> str:
    """The last digit of an EAN or UPC, from the digits before it. Refuses: Invalid."""
    if not _is_number(digits):
        raise Invalid(field="code", value=digits)
    values = [ord(digit) - ord("0") for digit in digits]
    return str(-(3 * sum(values[-1::-2]) + sum(values[-2::-2])) % 10)


def is_gtin(code: str) -> bool:
    """Whether it is an EAN-8, UPC-A, EAN-13 or GTIN-14 with the right check digit."""
    return len(code) in {8, 12, 13, 14} and _is_number(code) and check_digit(code[:-1]) == code[-1]


def upc_a_of(code: str) -> str | None:
    """The UPC-A that a UPC-E abbreviates, or None when it is no UPC-E."""
    if len(code) != 8 or not _is_number(code) or code[0] not in "01":
        return None
    system, body, check = code[0], code[1:7], code[7]
    last = body[5]
    if last in "012":
        long = body[:2] + last + "0000" + body[2:5]
    elif last == "3":
        long = body[:3] + "00000" + body[3:5]
    elif last == "4":
        long = body[:4] + "00000" + body[4]
    else:
        long = body[:5] + "0000" + last
    upc_a = system + long + check
    return upc_a if is_gtin(upc_a) else None


def upc_e_of(code: str) -> str | None:
    """The UPC-E that stands for a UPC-A, or None when it has none."""
    if len(code) != 12 or not is_gtin(code) or code[0] not in "01":
        return None
    body, check = code[1:11], code[11]
    for short in (
        body[:2] + body[7:10] + body[2],
        body[:3] + body[8:10] + "3",
        body[:4] + body[9] + "4",
        body[:5] + body[9],
    ):
        if upc_a_of(code[0] + short + check) == code:
            return code[0] + short + check
    return None


def canonical(code: str) -> str:
    """The form in which a barcode is kept, the same for every way a scanner may read it.

    A UPC-A, and a UPC-E that is not also an EAN-8, become the EAN-13 that they
    are; a GTIN-14 of a single piece likewise. Anything else stays. Source: D1-01.
    """
    bare = normalise(code)
    if len(bare) == 8 and not is_gtin(bare):
        bare = upc_a_of(bare) or bare
    if len(bare) == 12 and is_gtin(bare):
        return "0" + bare
    if len(bare) == 14 and bare[0] == "0" and is_gtin(bare):
        return bare[1:]
    return bare


def variants(code: str) -> tuple[str, ...]:
    """Every form that a barcode may be kept in, the likeliest first.

    More than one only where the digits can be read in two ways: eight digits may
    be an EAN-8 and a UPC-E at once, and a shop's own code may look like a UPC-A.
    """
    kept = canonical(code)
    found = [kept, normalise(code)]
    if len(kept) == 13 and kept[0] == "0":
        found += [kept[1:], upc_e_of(kept[1:]) or kept]
    if len(kept) == 8:
        upc_a = upc_a_of(kept)
        found.append(kept if upc_a is None else "0" + upc_a)
    return tuple(dict.fromkeys(found))


def label_base(meaning: Meaning) -> str:
    """A weight or price label's code with nothing weighed: what all labels of one article have in common."""
    digits = meaning.code[: 12 - _LABEL_VALUE_DIGITS] + "0" * _LABEL_VALUE_DIGITS
    return digits + check_digit(digits)


def make_label(prefix: str, number: str, value: int) -> str:
    """A weight (grams) or price (minor units) label as a scale prints it. Refuses: OutOfRange, Invalid."""
    places = 12 - _LABEL_VALUE_DIGITS - len(prefix)
    if not _is_number(prefix + number) or places < 1:
        raise Invalid(field="code", value=prefix + number)
    if len(number) > places or not 0 <= value < 10**_LABEL_VALUE_DIGITS:
        raise OutOfRange(field="code", value=str(value), lowest="0", highest=str(10**_LABEL_VALUE_DIGITS - 1))
    digits = prefix + number.zfill(places) + str(value).zfill(_LABEL_VALUE_DIGITS)
    return digits + check_digit(digits)


def make(kind: CodeKind, number: int) -> str:
    """The till's own code for something with a number of up to eight digits. Refuses: OutOfRange, Invalid."""
    if kind not in _DIGITS_OF:
        raise Invalid(field="code", value=kind)
    if not 0 <= number < 10**8:
        raise OutOfRange(field="code", value=str(number), lowest="0", highest=str(10**8 - 1))
    digits = f"{OWN_PREFIX}{_DIGITS_OF[kind]}{number:08d}"
    return digits + check_digit(digits)


def receipt_code(lane: int, number: int) -> str:
    """The code on a receipt: the lane's number and the receipt's, modulo a million. Refuses: OutOfRange."""
    if not 0 <= lane <= 99 or number < 0:
        raise OutOfRange(field="receipt", value=f"{lane}/{number}", lowest="0", highest="99")
    return make(CodeKind.RECEIPT, lane * RECEIPT_NUMBERS + number % RECEIPT_NUMBERS)


def parse_receipt(code: str) -> tuple[int, int] | None:
    """A receipt's lane number and its number modulo a million, or None when the code is not a receipt's."""
    meaning = what_is(code)
    return (meaning.lane, meaning.value) if meaning.kind is CodeKind.RECEIPT else None


def command_code(command: int, parameter: int = 0) -> str:
    """The code of a command on the command sheet. Refuses: OutOfRange."""
    if not 0 <= command <= 999 or not 0 <= parameter < COMMAND_PARAMETERS:
        raise OutOfRange(field="code", value=f"{command}/{parameter}", lowest="0", highest="999")
    return make(CodeKind.COMMAND, command * COMMAND_PARAMETERS + parameter)


def make_card(start: int, number: int) -> str:
    """A card's code from two random numbers: which start it has, and fourteen digits. Refuses: OutOfRange."""
    if not 0 <= start < len(CARD_STARTS) or not 0 <= number < 10 ** (_CARD_DIGITS - 2):
        raise OutOfRange(field="code", value="", lowest="0", highest=str(10 ** (_CARD_DIGITS - 2) - 1))
    digits = f"{CARD_STARTS[start]}{number:0{_CARD_DIGITS - 2}d}"
    return digits + luhn_digit(digits)


def luhn_digit(digits: str) -> str:
    """The last digit of a card's code, from the digits before it. Refuses: Invalid."""
    if not _is_number(digits):
        raise Invalid(field="code", value="")
    values = [ord(digit) - ord("0") for digit in digits]
    doubled = [2 * value - 9 * (value > 4) for value in values[-1::-2]]
    return str(-(sum(doubled) + sum(values[-2::-2])) % 10)


def is_card(code: str) -> bool:
    """Whether the till may have made this code for a card; one wrong or two swapped digits give it away."""
    bare = normalise(code)
    if len(bare) != _CARD_DIGITS or not _is_number(bare) or bare[0] not in CARD_STARTS:
        return False
    return luhn_digit(bare[:-1]) == bare[-1]


def in_fours(code: str) -> str:
    """A card's code as people read it: ``1234 5678 9012 3452``."""
    return " ".join(code[place : place + 4] for place in range(0, len(code), 4))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
