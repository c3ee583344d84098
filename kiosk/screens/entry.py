"""What has been typed into the entry line, and what it is so far. A value, like the basket (UX.md 4.3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from kiosk.i18n import quantity_text
from kiosk.money import Quantity
from kiosk.rules.codes import LONGEST_CODE

CUSTOMERS: Final = "@"
"""What a search among the customers begins with (UX.md 4.3)."""

_DECIMALS: Final = frozenset(",.")


class Typed(StrEnum):
    """What the text is taken for."""

    NOTHING = "nothing"
    NUMBER = "number"
    """A code, an amount or a quantity: which, the next key decides."""
    QUICK = "quick"
    """A decimal sign alone: a digit takes a quick article."""
    WORDS = "words"
    """A search among the articles."""
    CUSTOMER = "customer"
    """An at sign, and behind it a search among the customers."""
    COMMAND = "command"
    """A slash and a word."""


class Mode(StrEnum):
    """What becomes of the next article."""

    SELL = "sell"
    PRICE = "price"
    """It is shown, not sold (D1-10)."""
    TAKE_BACK = "take back"
    """It comes back without a receipt (D5-02)."""


SEARCHES: Final = frozenset({Typed.WORDS, Typed.CUSTOMER, Typed.COMMAND})
"""What lists hits where the basket was."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A quantity that was multiplied, if any, and the text behind it."""

    text: str = ""
    quantity: Quantity | None = None

    @property
    def typed(self) -> Typed:
        """What the text is."""
        if not self.text:
            return Typed.NOTHING
        if self.text.startswith("/"):
            return Typed.COMMAND
        if self.text.startswith(CUSTOMERS):
            return Typed.CUSTOMER
        if self.text in _DECIMALS:
            return Typed.QUICK
        plain = self.text.replace(",", "").replace(".", "")
        return Typed.NUMBER if plain.isascii() and plain.isdigit() else Typed.WORDS

    @property
    def shown(self) -> str:
        """As it stands in the line: ``3 * 541``."""
        return self.text if self.quantity is None else f"{quantity_text(self.quantity)} * {self.text}"

    def __bool__(self) -> bool:
        return bool(self.text) or self.quantity is not None

    def add(self, character: str) -> Entry:
        """One character more; a space does not begin a text, and no code is longer than the longest."""
        if len(self.text) >= LONGEST_CODE or (character == " " and not self.text):
            return self
        return replace(self, text=self.text + character)

    def erase(self) -> Entry:
        """One character less; behind a quantity, the quantity becomes a number again."""
        if self.text:
            return replace(self, text=self.text[:-1])
        return Entry() if self.quantity is None else Entry(quantity_text(self.quantity))

    def times(self) -> Entry:
        """The number becomes the quantity of what comes next. Refuses: NotANumber."""
        return Entry(quantity=Quantity.parse(self.text))
