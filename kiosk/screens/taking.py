"""What of a past receipt is to come back: how many of each line, and what that is worth. Knows no widget."""

from __future__ import annotations

from dataclasses import replace

from kiosk.errors import AlreadyReturned, Invalid
from kiosk.i18n import _, quantity_text
from kiosk.money import ONE, ZERO, Money, Quantity, total
from kiosk.rules import refund
from kiosk.rules.basket import Basket, Unit
from kiosk.rules.refund import Left
from kiosk.services.returns import PastSale, Returnable

NONE = Quantity(0)


class Taking:
    """The lines of one receipt, and the choice among them; what the open sale takes back of it already counts."""

    def __init__(self, past: PastSale, basket: Basket) -> None:
        self.past = past
        self._basket = basket
        self.wanted: dict[int, Quantity] = {}
        """Position to how many come back."""

    @property
    def lines(self) -> tuple[Returnable, ...]:
        """The lines of the receipt."""
        return self.past.lines

    def of(self, line: Returnable) -> Quantity:
        """How many of a line come back."""
        return self.wanted.get(line.position, NONE)

    def left(self, line: Returnable) -> Quantity:
        """How many of a line can come back."""
        left = self._state(line).left
        return left if left.thousandths > 0 else NONE

    def worth(self, line: Returnable) -> Money:
        """What those are worth that come back of a line."""
        wanted = self.of(line)
        return refund.worth(self._state(line), wanted) if wanted else ZERO

    @property
    def total(self) -> Money:
        """What all that comes back is worth."""
        return total(self.worth(line) for line in self.lines)

    def only_one(self) -> Returnable | None:
        """The line, if one single thing can come back and nothing else."""
        left = [line for line in self.lines if self.left(line)]
        if len(left) != 1 or left[0].unit is not Unit.PIECE or self.left(left[0]) != ONE:
            return None
        return left[0]

    def want(self, line: Returnable, quantity: Quantity) -> None:
        """So many of a line come back; none if it is 0. Refuses: AlreadyReturned, Invalid (a fraction of a piece)."""
        if self.left(line) < quantity:
            raise AlreadyReturned(article=line.text, left=self.left(line).thousandths)
        if line.unit is Unit.PIECE and not quantity.whole:
            raise Invalid(field="quantity", value=quantity_text(quantity))
        self.wanted = {place: many for place, many in self.wanted.items() if place != line.position}
        if quantity.thousandths > 0:
            self.wanted[line.position] = quantity

    def want_all(self) -> None:
        """Everything that is left comes back."""
        self.wanted = {line.position: self.left(line) for line in self.lines if self.left(line)}

    def place_for(self, number: str, more: Quantity) -> int | None:
        """The line of which so many more of an article come back: the first that has room, else the first of it."""
        places = [place for place, line in enumerate(self.lines) if line.number == number]
        for place in places:
            line = self.lines[place]
            if not self.left(line) < self.of(line) + more:
                return place
        return places[0] if places else None

    def look_again(self, past: PastSale) -> None:
        """Somebody was faster: what is not left any more is not wanted any more."""
        self.past = past
        left = {line.position: self.left(line) for line in past.lines}
        self.wanted = {place: many for place, many in self.wanted.items() if not left.get(place, NONE) < many}

    def why_not(self, line: Returnable | None = None) -> str:
        """Why nothing of a line, or of the whole receipt, can come back."""
        number = self.past.number
        if self.past.kind == "void":
            return _("Receipt {number} is a void: nothing of it comes back.").format(number=number)
        if line is not None and line.quantity.thousandths <= 0:
            return _("{article} was not sold here, it came back.").format(article=line.text)
        if line is not None:
            return _("All of {article} came back already.").format(article=line.text)
        if any(one.quantity.thousandths > 0 for one in self.lines):
            return _("Everything of receipt {number} came back already.").format(number=number)
        return _("On receipt {number} nothing was sold.").format(number=number)

    def _state(self, line: Returnable) -> Left:
        sold = Left(
            text=line.text,
            quantity=line.quantity,
            final=line.final,
            returned=line.quantity - line.left,
            given_back=line.final - line.left_worth,
        )
        for one in self._basket.lines:
            back = one.returned
            if back is not None and (back.original, back.position) == (self.past.sale, line.position):
                returned, given = sold.returned - one.quantity, sold.given_back - (one.fixed or ZERO)
                sold = replace(sold, returned=returned, given_back=given)
        return sold
