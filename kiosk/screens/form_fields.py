"""What forms are made of: fields, what can be chosen in them, and the texts that stand in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from kiosk.errors import AlreadyTaken, Invalid, Missing, NotFound, OutOfRange, ShopError
from kiosk.i18n import _, later

YES: Final = "yes"
"""What a switch holds that is on; one that is off holds nothing."""

_SIGNS: Final = frozenset(",.")


class Kind(StrEnum):
    """How a field is filled."""

    TEXT = "text"
    MONEY = "money"
    NUMBER = "number"
    CHOICE = "choice"
    SWITCH = "switch"
    """Yes or no: a choice of two that the space bar turns over."""
    CODES = "codes"


CHOSEN: Final = frozenset({Kind.CHOICE, Kind.SWITCH})
"""What is chosen from a list, and not typed."""


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the form; its name is what the shop's refusals call it. Texts are English."""

    name: str
    label: str
    kind: Kind
    help: str = ""
    longest: int = 0

    def takes(self, character: str, text: str) -> bool:
        """Whether a character can be typed behind a text."""
        if self.kind is Kind.NUMBER:
            return character.isascii() and character.isdigit()
        if self.kind is Kind.MONEY:
            return (character.isascii() and character.isdigit()) or (character in _SIGNS and not set(text) & _SIGNS)
        return True


@dataclass(frozen=True, slots=True)
class Option:
    """What can be chosen: what is stored, and what is shown."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Filled:
    """The texts of all fields; a choice is kept by its value."""

    texts: Mapping[str, str] = field(default_factory=dict)
    barcodes: tuple[str, ...] = ()
    """Of the field that takes many codes."""

    def text(self, name: str) -> str:
        """What a field holds."""
        return self.texts.get(name, "")

    def yes(self, name: str) -> bool:
        """Whether a switch is on."""
        return self.text(name) == YES

    def put(self, name: str, text: str) -> Filled:
        """The same with another text in one field."""
        return replace(self, texts={**self.texts, name: text})

    def with_code(self, code: str) -> Filled:
        """The same with a barcode more."""
        return self if code in self.barcodes else replace(self, barcodes=(*self.barcodes, code))


def yes_or_no() -> tuple[Option, ...]:
    """What a switch can be, in the language that is spoken."""
    return Option(YES, _("yes")), Option("", _("no"))


def switched(on: bool) -> str:
    """What a switch holds."""
    return YES if on else ""


def field_of(error: ShopError) -> str | None:
    """The name of the field that a refusal is about."""
    match error:
        case Missing(field=name) | Invalid(field=name) | OutOfRange(field=name):
            return name
        case AlreadyTaken(what=name) | NotFound(what=name):
            return name.rsplit(".", 1)[-1]
    return None


CHOOSE_HELP: Final = later("its number, or letters")
SWITCH_HELP: Final = later("space turns it over")
