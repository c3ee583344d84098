"""Giving back: what of a line is left, what it is worth, and by which tender the money goes back (C.6 Refund)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from kiosk.errors import AlreadyReturned, OutOfRange
from kiosk.money import ZERO, Money, Quantity, half_up, total
from kiosk.rules.tender import Applied, Given, Settlement, Tender, TenderKind

ORDER: Final[dict[TenderKind, int]] = {
    TenderKind.VOUCHER: 0,
    TenderKind.CARD: 1,
    TenderKind.TICKET: 1,
    TenderKind.BANK: 2,
    TenderKind.CASH: 3,
}
"""By which money goes back first: cash last, for it can't be called back."""


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
    text: str = ""

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
    rounded: Money = ZERO
    """What the rounding of cash has kept back so far of what came back; below zero, it gave too much."""

    @property
    def left(self) -> Money:
        """What may still go back by it (I12)."""
        return max(self.paid - self.refunded, ZERO)


@dataclass(frozen=True, slots=True)
class Source:
    """Goods that come back from one receipt, and what was paid for them."""

    worth: Money
    paid: tuple[Paid, ...] = ()
    unpaid: Money = ZERO
    """What of it no tender paid: goods without a receipt, or paid with such."""
    crumbs: Money = ZERO
    """What the rounding of cash and of tax may leave over at most."""


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
    if quantity.thousandths <= 0:
        raise OutOfRange(field="quantity", value=str(quantity.thousandths), lowest="1")
    if line.left < quantity:
        raise AlreadyReturned(article=line.text, left=max(line.left.thousandths, 0))
    back = (line.returned + quantity).thousandths
    whole = Money(half_up(line.final.minor * back, line.quantity.thousandths))
    return max(whole - line.given_back, ZERO)


def plan(
    amount: Money,
    sources: tuple[Source, ...],
    *,
    voucher: Tender | None,
    cash_step: Money,
    without_receipt: Tender | None = None,
) -> tuple[Back, ...]:
    """How an amount (positive) goes back: voucher, card and ticket, bank, cash, each up to what it paid (I12); what
    no tender may take goes to a credit note.

    Cash goes back in steps, and never more than was paid in it. The rounding of
    each return is taken into account by the next one of its receipt, so that
    all parts together give what was paid. What such rounding leaves over once
    everything that was paid is back, is rounding too. ``without_receipt`` is
    the tender for goods that nobody knows the payment of, if it is not a credit
    note. Refuses: OutOfRange (there is no tender that may take it).
    """
    planned = _Plan(cash_step)
    rest = amount
    for place, source in enumerate(sources, start=1):
        share = rest if place == len(sources) else min(source.worth, rest)
        planned.take(source, share, without_receipt)
        rest -= share
    if not sources:
        planned.credit += rest
    if not planned.credit:
        return planned.backs()
    if voucher is None:
        raise OutOfRange(field="credit_note", value=str(planned.credit.minor), highest="0")
    return (*planned.backs(), Back(voucher, planned.credit))


def to_voucher(amount: Money, voucher: Tender | None) -> tuple[Back, ...]:
    """All of an amount to a credit note, as somebody wished. Refuses: OutOfRange (the shop has none)."""
    if voucher is None:
        raise OutOfRange(field="credit_note", value=str(amount.minor), highest="0")
    return (Back(voucher, amount),)


def settled(to_pay: Money, backs: tuple[Back, ...]) -> Settlement:
    """The settlement of a sale of which ``to_pay`` is below zero: tenders = total + rounding (I11)."""
    return settled_by(to_pay, tuple(Given(back.tender, -back.amount, original=back.original) for back in backs))


def settled_by(to_pay: Money, given: tuple[Given, ...]) -> Settlement:
    """As ``settled``, by tenders that bear what the screen knows of them: a terminal's slip, a card."""
    return Settlement(
        to_pay=to_pay,
        applied=tuple(Applied(one, one.given, ZERO) for one in given),
        rounding=total(one.given for one in given) - to_pay,
        due=ZERO,
    )


@dataclass
class _Plan:
    """Money on its way back; a payment that several receipts lead to is given back once."""

    step: Money
    credit: Money = ZERO
    _back: dict[tuple[str, str], Back] = field(default_factory=dict)
    _gone: dict[tuple[str, str], Money] = field(default_factory=dict)

    def backs(self) -> tuple[Back, ...]:
        return tuple(sorted((one for one in self._back.values() if one.amount), key=lambda one: _rank(one.tender)))

    def take(self, source: Source, share: Money, without_receipt: Tender | None) -> None:
        rest = share
        for paid in sorted(source.paid, key=lambda one: _rank(one.tender)):
            rest -= self._from(paid, rest, source.crumbs)
        loose = min(rest, source.unpaid)
        if loose:
            rest -= self._loose(loose, without_receipt)
        if rest > source.crumbs:
            self.credit += rest

    def _from(self, paid: Paid, rest: Money, crumbs: Money) -> Money:
        """Give back what this tender may; how much of the rest is done with that."""
        which = (paid.original, paid.tender.code)
        room = max(paid.left - self._gone.get(which, ZERO), ZERO)
        if not room or not rest:
            return ZERO
        if not paid.tender.refundable:
            self._gone[which] = self._gone.get(which, ZERO) + min(rest, room)
            self.credit += min(rest, room)
            return min(rest, room)
        done = back = min(rest, room)
        if paid.tender.kind is TenderKind.CASH and self.step.minor > 1:
            done = rest if rest - room <= crumbs else room
            kept = min(max(paid.rounded, -self.step), self.step)
            back = min(max((done + kept).to_step(self.step), ZERO), _down(room, self.step))
        self._gone[which] = self._gone.get(which, ZERO) + back
        self._add(paid.tender, back, paid.original)
        return done

    def _loose(self, amount: Money, tender: Tender | None) -> Money:
        if tender is None:
            self.credit += amount
        else:
            self._add(tender, amount.to_step(self.step) if tender.kind is TenderKind.CASH else amount, "")
        return amount

    def _add(self, tender: Tender, amount: Money, original: str) -> None:
        which = (original, tender.code)
        before = self._back[which].amount if which in self._back else ZERO
        self._back[which] = Back(tender, before + amount, original)


def _rank(tender: Tender) -> int:
    return ORDER[tender.kind]


def _down(amount: Money, step: Money) -> Money:
    """What coins can make of an amount."""
    return Money(amount.minor // step.minor * step.minor)
