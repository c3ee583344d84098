"""Cash in and out of the drawer that is no sale: paid in, paid out, to the safe, between registers (K-22, D6-04)."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.money import Money
from kiosk.rules.drawer import Purpose
from kiosk.services.shop import Shop

LONGEST_REASON = 80


@dataclass(frozen=True, slots=True)
class Moved:
    """Cash that went in or out."""

    entry: str
    seq: int
    amount: Money
    job: str | None
    """The print job of the slip, if one was wanted."""


def pay_in(
    shop: Shop,
    amount: Money,
    purpose: Purpose,
    *,
    reason: str = "",
    other: str = "",
    slip: bool = False,
    key: str,
    by: str,
) -> Moved:
    """Put cash into the drawer: no turnover. ``other`` is the lane that it comes from, for Purpose.REGISTER.

    The same key does it once. Refuses: OutOfRange, Missing (a reason for OTHER), NotFound (the lane), NotEnough
    (nothing is on its way from there), Denied, NeedsApproval. Source: K-22, D6-04.
    """
    raise NotImplementedError


def pay_out(
    shop: Shop,
    amount: Money,
    purpose: Purpose,
    *,
    reason: str = "",
    other: str = "",
    slip: bool = False,
    key: str,
    by: str,
) -> Moved:
    """Take cash out of the drawer: no turnover. Purpose.SAFE is a safe drop with a permission of its own.

    Refuses: as ``pay_in``, and NotEnough (the drawer holds less).
    """
    raise NotImplementedError


def on_the_way(shop: Shop) -> tuple[tuple[str, Money], ...]:
    """From which lanes cash is on its way to this one, and how much (D6-04)."""
    raise NotImplementedError
