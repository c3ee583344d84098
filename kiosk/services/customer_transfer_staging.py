"""Writing an import of customers: some at a time, each time all of them or none, so that the till sells meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any, Final

from kiosk import db
from kiosk.errors import ChangedMeanwhile
from kiosk.rules import codes
from kiosk.rules.permissions import Action
from kiosk.services import cards, customer_index, customers, staff
from kiosk.services.customer_rows import Customer, CustomerForm, Kind, marks, read
from kiosk.services.customer_transfer_plan import Change
from kiosk.services.ids import new_id
from kiosk.services.journal import add_note, add_notes
from kiosk.services.shop import Shop
from kiosk.services.transfer_rows import LineError

AT_ONCE: Final = 40
"""Customers in one transaction: the till waits for no more."""

SOURCE: Final = "import"
"""Of consents that a file brought."""

_BESIDES: Final = frozenset({"id", "changed_at", "licence", "medical", "card"})
"""What is not kept of a form that an import changes."""


class Writing:
    """What a plan comes to, on its way among the customers."""

    def __init__(self, shop: Shop, changes: Sequence[Change], *, by: str, digest: str) -> None:
        """``digest`` is the file's."""
        self.id = new_id()
        self.left: list[LineError] = []
        """Those whom somebody else changed, or whose card or number somebody took, after the file was read."""
        self.created = self.changed = 0
        self._shop, self._changes, self._by, self._digest = shop, changes, by, digest

    def steps(self) -> Iterator[int]:
        """Write some at a time; how many are done. Refuses: Denied, AlreadyTaken (by another till, at this moment)."""
        for start in range(0, len(self._changes), AT_ONCE):
            some = self._changes[start : start + AT_ONCE]
            with db.transaction():
                staff.require(self._shop, self._by, Action.IMPORT)
                if start == 0:
                    self._begin()
                self._write(self._still_possible(some))
            yield start + len(some)

    def _begin(self) -> None:
        db.run(
            'INSERT INTO customer_import (id, at, "by", file, created, changed) VALUES (?, ?, ?, ?, 0, 0)',
            (self.id, self._shop.clock.millis(), self._by, self._digest),
        )
        add_note(self._shop, self._by, "customers.import", id=self.id, file=self._digest, customers=len(self._changes))

    def _still_possible(self, some: Sequence[Change]) -> list[Change]:
        """Those who are as they were when the file was read."""
        now = read([change.before.id for change in some if change.before is not None])
        numbers = [change.number for change in some if change.before is None and change.number is not None]
        given = [code for change in some for code in change.codes]
        taken: set[object] = set()
        if numbers:
            taken |= {
                row[0] for row in db.rows(f"SELECT number FROM customer WHERE number IN ({marks(numbers)})", numbers)
            }
        if given:
            forms = [form for code in given for form in codes.variants(code)]
            taken |= {row[0] for row in db.rows(f"SELECT code FROM card WHERE code IN ({marks(given)})", given)}
            taken |= {row[0] for row in db.rows(f"SELECT code FROM barcode WHERE code IN ({marks(forms)})", forms)}
        possible: list[Change] = []
        for change in some:
            same = change.before is None or now.get(change.before.id) == change.before
            free = change.before is not None or change.number not in taken
            if same and free and not any({code, *codes.variants(code)} & taken for code in change.codes):
                possible.append(change)
            else:
                self.left.append(LineError(change.line, "", ChangedMeanwhile(what="customer")))
        return possible

    def _write(self, some: Sequence[Change]) -> None:
        kept: list[tuple[str, Change]] = []
        facts: list[dict[str, object]] = []
        for change in some:
            customer, changed = self._put(change)
            kept.append((customer, change))
            changed += ["card"] * bool(change.codes)
            if not change.creates and changed:
                facts.append({"customer": customer, "fields": sorted(changed)})
        after = read([customer for customer, _change in kept])
        customer_index.index_many(
            (None if change.creates else change.before, after[customer]) for customer, change in kept
        )
        created = sum(change.creates for change in some)
        db.run_many(
            "INSERT INTO customer_import_before (import, customer, before, after) VALUES (?, ?, ?, ?)",
            [
                (self.id, customer, as_text(change.before.form), as_text(after[customer].form))
                for customer, change in kept
                if change.before is not None and not change.creates
            ],
        )
        add_notes(self._shop, self._by, "customer.changed", facts)
        db.run(
            "UPDATE customer_import SET created = created + ?, changed = changed + ? WHERE id = ?",
            (created, len(some) - created, self.id),
        )
        self.created += created
        self.changed += len(some) - created

    def _put(self, change: Change) -> tuple[str, list[str]]:
        first, *others = change.codes or ("",)
        customer, changed = customers.put_in(
            self._shop,
            change.before,
            replace(change.form, card=first),
            by=self._by,
            source=SOURCE,
            imported=self.id,
            number=change.number,
        )
        for code in others:
            cards.issue_in(self._shop, customer, code, by=self._by)
        if change.before is not None and change.creates:
            self._bring_back(change.before)
        return customer, changed

    def _bring_back(self, withdrawn: Customer) -> None:
        """Somebody whose import was undone is a customer again, with his number and his cards."""
        db.run(
            "UPDATE customer SET state = 'active', imported = ?, created_at = changed_at WHERE id = ?",
            (self.id, withdrawn.id),
        )
        db.run(
            "UPDATE card SET state = 'active' WHERE customer = ? AND kind = ? AND state = 'closed'",
            (withdrawn.id, cards.BONUS),
        )


def as_text(form: CustomerForm) -> str:
    """What an import changes of a customer, as JSON; what is sealed stays sealed, and is no part of it."""
    facts = {name: value for name, value in asdict(form).items() if name not in _BESIDES}
    birth = form.birth_date
    return json.dumps({**facts, "birth_date": None if birth is None else birth.isoformat()}, ensure_ascii=False)


def from_text(text: str, now: CustomerForm) -> CustomerForm:
    """The form that was written down, of a customer as he is now."""
    facts: Mapping[str, Any] = json.loads(text)
    birth = facts["birth_date"]
    wanted = {**facts, "kind": Kind(facts["kind"]), "birth_date": None if birth is None else date.fromisoformat(birth)}
    return replace(now, **wanted)
