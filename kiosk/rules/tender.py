"""Paying: what each tender takes, what is still due, the change, and cash rounding."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from kiosk.errors import NoChangeFrom, NotFound, NotInSteps, NotPaid, OutOfRange
from kiosk.money import LARGEST_MINOR, ZERO, Money, total


class TenderKind(StrEnum):
    """Where the money is booked."""

    CASH = "cash"
    CARD = "card"
    TICKET = "ticket"
    BANK = "bank"
    VOUCHER = "voucher"
    """Money that the shop holds for whoever has the code: a liability (DOMAIN.md C.3)."""


@dataclass(frozen=True, slots=True)
class Tender:
    """A means of payment as the shop has set it up (D3-01)."""

    code: str
    name: str
    kind: TenderKind
    opens_drawer: bool = False
    gives_change: bool = False
    refundable: bool = True
    asks_terminal: bool = False
    """Confirmed by hand against a card terminal, and kept as pending until then (D3-05)."""


@dataclass(frozen=True, slots=True)
class Given:
    """What was handed over by one tender."""

    tender: Tender
    given: Money
    """What the customer gave."""
    reference: str = ""
    """A terminal slip's number or the like; never a card number."""
    pending: str = ""
    """The pending payment that it came from, if a terminal was asked."""
    original: str = ""
    """The sale whose payment this gives back (I12)."""
    card: str = ""
    """The card whose account it moves; for one that is made by this sale, empty."""


@dataclass(frozen=True, slots=True)
class Applied:
    """A tender and what of it went to the sale."""

    given: Given
    amount: Money
    """What it paid of the sale, the rounding included."""
    change: Money


@dataclass(frozen=True, slots=True)
class Settlement:
    """How far a sale is paid."""

    to_pay: Money
    applied: tuple[Applied, ...]
    rounding: Money
    """What cash rounding added (or took off): paid = total + rounding (I11)."""
    due: Money
    """What is still open, unrounded; zero or less means paid."""

    @property
    def change(self) -> Money:
        """What goes back in cash."""
        return total(applied.change for applied in self.applied)

    @property
    def paid(self) -> bool:
        """Whether nothing is open."""
        return not self.due


MOST_TENDERS: Final = 20


def settle(to_pay: Money, tenders: tuple[Given, ...], *, cash_step: Money) -> Settlement:
    """Apply tenders to an amount in the order in which they were given.

    Cash rounding touches only cash, and only the cash that settles the sale:
    12.43 in cash is 12.45 at a step of 0.05 (E41). Refuses: NoChangeFrom.
    """
    due, rounding = to_pay, ZERO
    applied: list[Applied] = []
    for given in tenders:
        owed = due.to_step(cash_step) if given.tender.kind is TenderKind.CASH else due
        settles = abs(given.given) >= abs(owed) and _same_side(given.given, owed)
        if not settles:
            applied.append(Applied(given, given.given, ZERO))
            due -= given.given
            continue
        over = given.given - owed
        if over and not given.tender.gives_change:
            raise NoChangeFrom(tender=given.tender.code, due=due.minor)
        rounding += owed - due
        applied.append(Applied(given, owed, over))
        due = ZERO
    return Settlement(to_pay=to_pay, applied=tuple(applied), rounding=rounding, due=due)


def exact(settlement: Settlement, tender: Tender, *, cash_step: Money) -> Money:
    """What this tender must give to settle what is open."""
    return settlement.due.to_step(cash_step) if tender.kind is TenderKind.CASH else settlement.due


def give(tenders: tuple[Given, ...], more: Given, to_pay: Money, *, cash_step: Money) -> tuple[Given, ...]:
    """Take one more tender.

    Refuses: NoChangeFrom, OutOfRange (nothing, too much, or the wrong
    direction), NotInSteps (cash that can't be, where cash is rounded).
    """
    before = settle(to_pay, tenders, cash_step=cash_step)
    if before.paid and to_pay:
        raise OutOfRange(field="amount", value=str(more.given.minor), highest="0")
    wrong_side = not _same_side(more.given, before.due)
    owed = exact(before, more.tender, cash_step=cash_step)
    if (not more.given and owed) or wrong_side or abs(more.given.minor) > LARGEST_MINOR:
        raise OutOfRange(field="amount", value=str(more.given.minor), lowest="0", highest=str(LARGEST_MINOR))
    if more.tender.kind is TenderKind.CASH and more.given != more.given.to_step(cash_step):
        raise NotInSteps(amount=more.given.minor, step=cash_step.minor)
    if len(tenders) >= MOST_TENDERS:
        raise OutOfRange(field="tenders", value=str(len(tenders) + 1), highest=str(MOST_TENDERS))
    settle(to_pay, (*tenders, more), cash_step=cash_step)
    return (*tenders, more)


def take_back(tenders: tuple[Given, ...], index: int) -> tuple[Given, ...]:
    """Remove a tender again. Refuses: NotFound."""
    if not 0 <= index < len(tenders):
        raise NotFound(what="tender", code=str(index))
    return tenders[:index] + tenders[index + 1 :]


def with_reference(given: Given, reference: str) -> Given:
    """The same tender with a slip's number."""
    return replace(given, reference=reference)


def check_settled(settlement: Settlement) -> None:
    """Refuses: NotPaid (I11)."""
    if not settlement.paid:
        raise NotPaid(due=settlement.due.minor)


def _same_side(given: Money, owed: Money) -> bool:
    """A refund is given out, a sale is taken in; nothing goes the other way."""
    return given.minor == 0 or owed.minor == 0 or (given.minor > 0) == (owed.minor > 0)
