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
class ShiftReport:
    """All that an X or a Z shows, as plain values; the same figures for paper, screen, CSV and PDF."""

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
    first_seq: int
    last_seq: int
    first_receipt: int
    last_receipt: int
    """0 and 0 when there was none."""
    sales: Tally
    returns: Tally
    """Positive amounts, as all that follow."""
    voids: Tally
    """Paid sales that were voided."""
    line_voids: Tally
    """Lines and open sales voided before they were paid."""
    discounts: Tally
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
    """What the drawer should hold, before the last count's difference was booked."""
    counted: Money | None
    difference: Money | None
    """Of all counts of the shift together; None if nobody counted."""
    before: dict[str, int] | None = None
    """The same lane's Z before: gross, count of sales, and tender:<code>; None for the first."""

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
