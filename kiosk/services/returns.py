"""Taking back: goods by their receipt or without one, and the void of a sale of this shift (C.6, D5-01 to D5-04)."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.money import Money, Quantity
from kiosk.rules.basket import Basket, Item, Line, Unit
from kiosk.rules.refund import Back
from kiosk.services.sales import Sold
from kiosk.services.shop import Shop


@dataclass(frozen=True, slots=True)
class Returnable:
    """A line of a past sale, and how much of it can still come back."""

    position: int
    text: str
    number: str
    unit: Unit
    quantity: Quantity
    """As it was sold."""
    left: Quantity
    final: Money
    left_worth: Money


@dataclass(frozen=True, slots=True)
class PastSale:
    """A receipt as the return screen shows it."""

    sale: str
    number: int
    lane: str
    at: int
    kind: str
    total: Money
    """What was paid, cash rounding included."""
    lines: tuple[Returnable, ...]
    tenders: tuple[tuple[str, Money], ...]
    """Name and amount."""
    voidable: bool
    """Whether it is of this lane's open shift, and nothing of it came back."""
    reversed_by: tuple[int, ...]
    """Numbers of the receipts that took something of it back, or voided it."""


def past_sale(shop: Shop, sale: str) -> PastSale:
    """A receipt with what can still come back of it. Refuses: NotFound."""
    raise NotImplementedError


def take_back(
    shop: Shop, basket: Basket, sale: str, wanted: dict[int, Quantity], *, reason: str, restock: bool = True
) -> Basket:
    """Put lines of a past sale into a basket, to come back: position to how many.

    Nothing is written; what the basket takes back of the sale already counts. Refuses: NotFound, AlreadyReturned,
    TooLate, Invalid (a line that is no goods), Missing (reason). Source: D5-01, D5-03.
    """
    raise NotImplementedError


def without_receipt(shop: Shop, item: Item, quantity: Quantity, *, reason: str, restock: bool = True) -> Line:
    """A line that takes an article back without a receipt, for ``rules.basket.take_back``. Refuses: Invalid, Missing.

    Source: D5-02.
    """
    raise NotImplementedError


def plan(shop: Shop, basket: Basket, *, to_voucher: bool = False) -> tuple[Back, ...]:
    """How the money of a basket that is worth less than nothing goes back; all of it to a credit note if wanted.

    Refuses: OutOfRange (no tender may take it), OverLimit (without a receipt). Source: C.6 Refund.
    """
    raise NotImplementedError


def void_sale(shop: Shop, sale: str, *, reason: str, terminal: dict[int, str] | None = None, key: str, by: str) -> Sold:
    """Void a sale of this lane's open shift: a mirror entry for everything, both papers marked.

    ``terminal``: position of a card tender to the pending payment by which the terminal gave it back. The same key
    does it once. Refuses: NotFound, NotThisShift, AlreadyVoided, PendingPayment, Denied, NeedsApproval.
    Source: D5-04, N1, K-20.
    """
    raise NotImplementedError
