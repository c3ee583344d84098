"""The sale under way: basket, chosen line, tenders, and the baskets before, for undo. Knows no widget."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from kiosk.errors import NoChangeFrom, NothingToUndo
from kiosk.money import Money, total
from kiosk.rules.basket import EMPTY, Basket, Line
from kiosk.screens.tally import Tally, Totals
from kiosk.services.shop import Shop, new_key

if TYPE_CHECKING:
    from kiosk.rules.tender import Given, Settlement
    from kiosk.screens.served import Served
    from kiosk.services.drafts import Draft

MOST_STEPS: Final = 200
"""Steps that undo can go back."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A basket, the line that was chosen in it, and the customer whom it was for."""

    basket: Basket = EMPTY
    chosen: int = 0
    """The id of a line; 0 for none."""
    customer: Served | None = None


class OpenSale:
    """One sale from its first line until it is paid; its key is made once."""

    def __init__(self, shop: Shop, draft: Draft | None = None, customer: Served | None = None) -> None:
        """``customer``: whom the draft names, as he is now."""
        self.under(shop)
        self.key = draft.key if draft else new_key()
        self.opened_at = draft.opened_at if draft else shop.clock.millis()
        self.restored = bool(draft and draft.basket)
        """Not seen being made by whoever stands here: no key pays it unseen."""
        self.now = Moment(draft.basket, draft.selected, customer) if draft else Moment()
        self.tenders: tuple[Given, ...] = draft.tenders if draft else ()
        self._before: deque[Moment] = deque(maxlen=MOST_STEPS)
        self._emptied = False
        """Whether it was voided, and the next one has not begun: money for that one never comes to this one."""

    def under(self, shop: Shop) -> None:
        """Price it as the shop does now."""
        self._shop = shop
        self._tally = Tally(tax_included=shop.settings.prices_include_tax)

    @property
    def basket(self) -> Basket:
        """What is being bought."""
        return self.now.basket

    @property
    def customer(self) -> Served | None:
        """Whom it is for (T-09)."""
        return self.now.customer

    @property
    def totals(self) -> Totals:
        """The basket with its prices."""
        return self._tally.of(self.basket)

    @property
    def settlement(self) -> Settlement:
        """How far it is paid. Refuses: NoChangeFrom (the basket shrank below what was paid by card)."""
        from kiosk.rules import tender

        return tender.settle(self.totals.total, self.tenders, cash_step=self._shop.settings.step)

    @property
    def due(self) -> Money:
        """What is still open."""
        return self.settlement.due

    @property
    def received(self) -> Money:
        """What was handed over so far, by all tenders."""
        return total(given.given for given in self.tenders)

    @property
    def owed(self) -> Money:
        """What is still open, for a screen that only shows it; below zero, the basket shrank under a card payment."""
        try:
            return self.due
        except NoChangeFrom:
            return self.totals.total - self.received

    @property
    def paid_before(self) -> Money:
        """What all tenders but the last one paid. Refuses: NoChangeFrom."""
        return total(applied.amount for applied in self.settlement.applied[:-1])

    @property
    def line(self) -> Line | None:
        """The chosen line, or the last one."""
        lines = self.basket.lines
        if not lines:
            return None
        place = self.place
        return lines[-1 if place is None else place]

    @property
    def place(self) -> int | None:
        """Where the chosen line stands."""
        lines = self.basket.lines
        if lines and lines[-1].id == self.now.chosen:
            return len(lines) - 1
        return next((place for place, line in enumerate(lines) if line.id == self.now.chosen), None)

    def change(self, basket: Basket, chosen: int | None = None) -> None:
        """A step that undo takes back; without a choice, the neighbour of a line that went is chosen."""
        if basket is self.basket:
            return
        self._step(replace(self.now, basket=basket, chosen=self.now.chosen if chosen is None else chosen))
        if self.place is None and basket.lines:
            was = self._before[-1]
            old = next((place for place, line in enumerate(was.basket.lines) if line.id == was.chosen), 0)
            self.now = replace(self.now, chosen=basket.lines[min(old, len(basket.lines) - 1)].id)

    def serve(self, customer: Served | None) -> None:
        """Have it be for somebody, or for nobody: a step that undo takes back (T-09, T-21)."""
        self._step(replace(self.now, customer=customer))

    def know(self, customer: Served | None) -> None:
        """Whom it is for is no longer as he was, or not there any more; that is no step of whoever stands here."""
        self.now = replace(self.now, customer=customer)

    def empty(self) -> None:
        """Nothing is in it, and it is for nobody, in one step; taken back until the next sale begins."""
        self._step(Moment())
        self._emptied = True

    def _step(self, now: Moment) -> None:
        if self._emptied:
            self._before.clear()
            self._emptied = False
        self._before.append(self.now)
        self.now = now

    def choose(self, place: int) -> None:
        """Choose a line by its place; beyond the ends, the last or the first."""
        lines = self.basket.lines
        if lines:
            self.now = replace(self.now, chosen=lines[max(0, min(place, len(lines) - 1))].id)

    def move(self, by: int) -> None:
        """Choose another line, so many further down or up."""
        place = self.place
        self.choose((len(self.basket.lines) - 1 if place is None else place) + by)

    def undo(self) -> None:
        """Take the last step back. Refuses: NothingToUndo."""
        if not self._before:
            raise NothingToUndo
        self._emptied = False
        self.now = self._before.pop()

    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._before)

    def forget_step(self, now: Moment) -> None:
        """Go back to a moment as if the last step had never been made: it was no key, but part of a scan."""
        if self._before and self._before[-1] is now:
            self.undo()

    def draft(self, entry: str) -> Draft:
        """What is kept of it on disk."""
        from kiosk.services.drafts import Draft

        return Draft(
            key=self.key,
            basket=self.basket,
            tenders=self.tenders,
            entry=entry,
            selected=self.now.chosen,
            opened_at=self.opened_at,
            customer="" if self.customer is None else self.customer.id,
        )
