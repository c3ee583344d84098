"""Credit notes: value that the shop owes to whoever holds the code, made by a return and paid with (K-19)."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.money import Money
from kiosk.services import ledger
from kiosk.services.shop import Shop


@dataclass(frozen=True, slots=True)
class Note:
    """A credit note as the payment screen shows it."""

    card: str
    code: str
    held: Money
    """What the shop owes on it."""
    state: str
    """active, blocked or closed."""


def find(shop: Shop, code: str, *, by: str) -> Note:
    """The credit note with this code. Only misses are limited and journalled. Refuses: NotFound, Locked."""
    raise NotImplementedError


def issue_in(shop: Shop, amount: Money, *, sale: str, by: str) -> tuple[str, ledger.Line]:
    """Make a credit note inside the transaction of a return: its card, and the posting that loads it."""
    raise NotImplementedError


def spend_line(shop: Shop, card: str, amount: Money) -> ledger.Line:
    """The posting that spends of a credit note, inside the transaction of a sale; the database holds the limit.

    Refuses: NotFound, NotEnough, Invalid (blocked or closed).
    """
    raise NotImplementedError


def code_of(card: str) -> str:
    """The code of a card, for its slip. Refuses: NotFound."""
    raise NotImplementedError
