"""Giving back: what of a line is left, what it is worth, and by which tender the money goes back (C.6 Refund)."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.money import Money, Quantity
from kiosk.rules.tender import Settlement, Tender


@dataclass(frozen=True, slots=True)
class Left:
    """A sold line, and what of it came back already."""

    quantity: Quantity
    final: Money
    """What it came to in its sale, discounts and shares taken off."""
    returned: Quantity
    """Positive."""
    given_back: Money
    """Positive."""

    @property
    def left(self) -> Quantity:
        """What can still come back."""
        return self.quantity - self.returned


@dataclass(frozen=True, slots=True)
class Paid:
    """What a tender paid of one receipt, and what of it went back already; both positive."""

    original: str
    tender: Tender
    paid: Money
    refunded: Money


@dataclass(frozen=True, slots=True)
class Back:
    """What goes back by one tender; a positive amount."""

    tender: Tender
    amount: Money
    original: str = ""
    """The sale whose payment it is; empty for a credit note or money without a receipt."""


def worth(line: Left, quantity: Quantity) -> Money:
    """What so many of a line are worth: what all returned so far come to, less what went back, so that the parts
    add up to the whole to the cent. Refuses: AlreadyReturned, OutOfRange (nothing, or below zero)."""
    raise NotImplementedError


def plan(amount: Money, paid: tuple[Paid, ...], *, voucher: Tender | None, cash_step: Money) -> tuple[Back, ...]:
    """How an amount (positive) goes back: voucher, card and ticket, bank, cash, each up to what it paid (I12); what
    no tender may take goes to a credit note. Refuses: OutOfRange (there is no tender that may take it)."""
    raise NotImplementedError


def settled(to_pay: Money, backs: tuple[Back, ...]) -> Settlement:
    """The settlement of a sale of which ``to_pay`` is below zero: tenders = total + rounding (I11)."""
    raise NotImplementedError
