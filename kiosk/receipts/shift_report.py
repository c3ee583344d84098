"""The X and the Z: the figures of a shift, as paper (D6-03, N3, N4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kiosk.money import ZERO, Money, Percent
from kiosk.receipts.paper import Document
from kiosk.receipts.sale import ShopHead


@dataclass(frozen=True, slots=True)
class Tally:
    """How often, and how much."""

    count: int = 0
    amount: Money = ZERO


@dataclass(frozen=True, slots=True)
class RateFigure:
    """Turnover and tax of one rate, returns and voids taken off."""

    code: str
    percent: Percent
    net: Money
    tax: Money


@dataclass(frozen=True, slots=True)
class TenderFigure:
    """What came in and went back by one means of payment."""

    tender: str
    name: str
    kind: str
    taken: Tally
    given_back: Tally
    """A positive amount."""

    @property
    def net(self) -> Money:
        """What came in less what went back."""
        return self.taken.amount - self.given_back.amount


@dataclass(frozen=True, slots=True)
class MoveFigure:
    """Cash in or out that was no sale, by purpose (K-22)."""

    direction: str
    """in or out."""
    purpose: str
    """A value of rules.drawer.Purpose."""
    moved: Tally


@dataclass(frozen=True, slots=True)
class ProofLine:
    """What the accounts of one kind held at the Z before, what moved, and what they hold: the sum proof (N4)."""

    kind: str
    unit: str
    before: int
    moved: int
    now: int

    @property
    def ok(self) -> bool:
        """Whether it adds up."""
        return self.before + self.moved == self.now


@dataclass(frozen=True, slots=True)
class CountFigure:
    """One count of the drawer (K-21)."""

    kind: str
    """open, count or close."""
    expected: Money
    counted: Money

    @property
    def difference(self) -> Money:
        """What was too much; below zero what was missing."""
        return self.counted - self.expected


@dataclass(frozen=True, slots=True)
class DayBefore:
    """What the same lane's Z before says, to stand beside this one's figures (D6-03, Q-22)."""

    number: int
    business_date: str
    gross: Money
    sales: int
    """How many receipts."""
    tenders: dict[str, int]
    """Code to what came in by it less what went back, in minor units."""


@dataclass(frozen=True, slots=True)
class ShiftReport:
    """All that an X or a Z shows, as plain values; the same figures for paper, screen, CSV and PDF.

    Gross turnover is sales less returns less voids. An exchange counts with
    what was sold in it among the sales and with what came back among the
    returns. A void of a return is a void of a negative amount.
    """

    kind: str
    """x or z."""
    number: int
    """Of the Z within its lane; of an X within its shift."""
    shift_number: int
    lane: str
    business_date: str
    opened_at: datetime
    at: datetime
    by: str
    """First name of who read it."""
    by_id: str
    """Who that is; what is kept bears no name."""
    opened_by: str
    """Who opened the shift, as an id."""
    zone: str
    """The time zone in which its hours are counted."""
    currency: str
    first_seq: int
    last_seq: int
    """The last entry before the one that closes."""
    heads: dict[str, int]
    """Each lane to its last entry that the sum proof has taken in: where the next one goes on."""
    first_receipt: int
    last_receipt: int
    """0 and 0 when there was none."""
    sales: Tally
    returns: Tally
    """Positive amounts, as all that follow."""
    voids: Tally
    """Paid receipts that were voided: what they came to."""
    line_voids: Tally
    """Lines and open sales voided before they were paid."""
    discounts: Tally
    """Lines and whole sales that got one, voided ones left out, and what was taken off (N8)."""
    drawer_openings: int
    """Without a sale."""
    rates: tuple[RateFigure, ...]
    tenders: tuple[TenderFigure, ...]
    rounding: Money
    moves: tuple[MoveFigure, ...]
    loaded: Tally
    """Stored value that was sold or given, credit notes too."""
    paid_out: Tally
    """Stored value that was spent or paid out."""
    debts_made: Tally
    debts_collected: Tally
    points_issued: int
    points_used: int
    held: tuple[ProofLine, ...]
    """Everything that the books hold for others and in cash, by kind."""
    entries_balance: bool
    """Whether every entry of the shift sums to zero in each unit."""
    opening: Money
    """What the drawer held when the shift was opened, the opening difference included."""
    cash_sales: Money
    cash_refunds: Money
    cash_in: Money
    cash_out: Money
    expected: Money
    """What the drawer should have held at the last count, or should hold now if nobody counted."""
    counted: Money | None
    """The last count since the opening; None if there was none."""
    difference: Money | None
    """Of all counts since the opening together; None if nobody counted."""
    drawer: Money
    """What the drawer holds by the books at the end: opening + sales - refunds + in - out + difference."""
    counts: tuple[CountFigure, ...] = ()
    """Every count, the opening's too, in their order."""
    before: DayBefore | None = None
    """None for the first of the lane."""

    @property
    def gross(self) -> Money:
        """Turnover with tax."""
        return Money(sum(rate.net.minor + rate.tax.minor for rate in self.rates))

    @property
    def proof_ok(self) -> bool:
        """The sum proof, OK or FAIL (N4)."""
        return self.entries_balance and all(line.ok for line in self.held)


@dataclass(frozen=True, slots=True)
class Closing:
    """What binds a Z to the chain: its entry, and who can check it (N3, PLATFORM.md 6)."""

    seq: int
    hash: str


def lay_out(
    report: ShiftReport,
    shop: ShopHead,
    *,
    closing: Closing | None = None,
    copy: int = 0,
    training: bool = False,
    language: str | None = None,
) -> Document:
    """Lay an X or a Z out, in the shop's language. A Z bears its entry's hash, also as QR; a copy is marked COPY."""
    raise NotImplementedError
