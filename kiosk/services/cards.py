"""Cards of customers: the plastic with a number, or none at all; their accounts hold the value (DESIGN.md 3)."""

from __future__ import annotations

from typing import Final

from kiosk import db
from kiosk.errors import AlreadyTaken, Invalid
from kiosk.rules import codes
from kiosk.rules.codes import CodeKind
from kiosk.services.customer_rows import members_of
from kiosk.services.ids import new_id
from kiosk.services.journal import add_note
from kiosk.services.shop import Shop

SHORTEST: Final = 5
"""Characters of a card's number, so that scanners read it (U-06)."""

LONGEST: Final = 32
BONUS: Final = "bonus"
"""The kind of card that points belong to."""


def kept_code(shop: Shop, text: str) -> str:
    """A card's number as it is kept; empty for none. Refuses: Invalid (too short, or a code with another meaning)."""
    code = codes.normalise(text)
    if not code:
        return ""
    fits = SHORTEST <= len(code) <= LONGEST and code.isascii() and code.isprintable() and " " not in code
    kind = codes.what_is(code, shop.settings.weight_prefixes, shop.settings.price_prefixes).kind
    if not fits or kind not in {CodeKind.ARTICLE, CodeKind.CARD, CodeKind.PREPAID}:
        raise Invalid(field="card", value="")
    return code


def free_code(shop: Shop, code: str) -> str:
    """The same of a number that no card and no article bears yet. Refuses: Invalid, AlreadyTaken (U-09)."""
    kept = kept_code(shop, code)
    if kept and _is_taken(kept):
        raise AlreadyTaken(what="card", code=kept)
    return kept


def issue_in(shop: Shop, customer: str, code: str, *, by: str) -> str:
    """Give a customer a card, inside the transaction of the deed; without a code it has no plastic. Its id.

    Refuses: Invalid, AlreadyTaken (a card, or an article, bears this code: never twice, closed ones included).
    Source: U-04, U-08, U-09, I9.
    """
    kept = free_code(shop, code)
    card = new_id()
    db.run(
        "INSERT INTO card (id, code, kind, customer, issued_at, issued_by) VALUES (?, ?, ?, ?, ?, ?)",
        (card, kept or None, BONUS, customer, shop.clock.millis(), by),
    )
    if kept:
        add_note(shop, by, "card.issued", card=card, customer=customer)
    return card


def holder(shop: Shop, code: str) -> str | None:
    """The customer who holds a card that is active; None for a code that no such card bears, or nobody's.

    A credit note is value, whoever owns it: scanning one says what it holds, and attaches nobody.
    """
    found = db.row(
        "SELECT customer FROM card WHERE code = ? AND kind = ? AND state = 'active' AND customer IS NOT NULL",
        (codes.normalise(code), BONUS),
    )
    return None if found is None else str(found[0])


def points_cards(customer: str) -> tuple[str, ...]:
    """The ids of the cards that hold a customer's points, those merged into him too, his own and eldest first."""
    found: list[str] = []
    for member in members_of(customer):
        found += [
            str(card)
            for (card,) in db.rows(
                "SELECT id FROM card WHERE customer = ? AND kind = ? ORDER BY issued_at, id", (member, BONUS)
            )
        ]
    return tuple(found)


def _is_taken(code: str) -> bool:
    forms = codes.variants(code)
    marks = ", ".join("?" * len(forms))
    taken = f"SELECT 1 FROM card WHERE code = ? UNION ALL SELECT 1 FROM barcode WHERE code IN ({marks})"
    return db.row(taken, (code, *forms)) is not None
