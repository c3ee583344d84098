"""What customers are found under: kept with each save, so that no search reads the table (DESIGN.md 7)."""

from __future__ import annotations

from kiosk import db
from kiosk.rules import words
from kiosk.services.customer_rows import Customer


def keys_of(customer: Customer) -> frozenset[str]:
    """Everything that one customer is found under."""
    form = customer.form
    named = words.words_to_find(" ".join((form.name, form.nickname, form.company)))
    digits = "".join(letter for letter in form.phone if letter.isdigit())
    return frozenset((*named, *filter(None, (digits,))))


def index_in(before: Customer | None, after: Customer | None) -> None:
    """Have a customer found as he is now, inside the transaction of the deed; None: not any more, or not yet."""
    old = keys_of(before) if before else frozenset()
    new = keys_of(after) if after else frozenset()
    number = (after or before).number  # type: ignore[union-attr]
    db.run_many("DELETE FROM customer_key WHERE key = ? AND customer = ?", [(key, number) for key in old - new])
    db.run_many("INSERT INTO customer_key (key, customer) VALUES (?, ?)", [(key, number) for key in new - old])
