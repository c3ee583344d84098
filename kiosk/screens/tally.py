"""The sums of the open basket, kept up line by line: the five hundredth scan costs what the fifth did (DESIGN.md 7).

All arithmetic is that of the rules: each line is priced by itself, and the
taxes on one line per rate that comes to the sum of that rate. A discount on
the whole sale concerns every line, and prices the basket anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from operator import is_

from kiosk.money import ONE, ZERO, Money, Percent
from kiosk.rules import pricing
from kiosk.rules.basket import EMPTY, Basket, Line, TaxRate, Unit
from kiosk.rules.pricing import Priced, PricedLine


@dataclass(frozen=True, slots=True)
class Totals:
    """What the screen shows of a basket."""

    lines: Sequence[PricedLine] = ()
    items: int = 0
    gross: Money = ZERO
    """Before any discount."""
    off: Money = ZERO
    """All discounts."""
    tax: Money = ZERO
    total: Money = ZERO


@dataclass(slots=True)
class _Sums:
    items: int = 0
    gross: int = 0
    off: int = 0
    by_rate: dict[TaxRate, list[int]] = field(default_factory=dict)
    """Count of lines and sum, for each rate."""


class Tally:
    """Follows one basket from change to change."""

    def __init__(self, *, tax_included: bool) -> None:
        self._tax_included = tax_included
        self._basket = EMPTY
        self._lines: list[PricedLine] = []
        self._sums = _Sums()
        self._totals = Totals()

    def of(self, basket: Basket) -> Totals:
        """The totals of a basket; quick if it differs from the one before in few lines."""
        if basket is not self._basket:
            self._totals = self._anew(basket) if basket.discount else self._followed(basket)
            self._basket = basket
        return self._totals

    def _anew(self, basket: Basket) -> Totals:
        self._lines, self._sums = [], _Sums()
        priced = pricing.price(basket, tax_included=self._tax_included)
        gross = Money(sum(line.gross.minor for line in priced.lines))
        return Totals(priced.lines, basket.items, gross, priced.discount, priced.tax, priced.total)

    def _followed(self, basket: Basket) -> Totals:
        old, new = self._lines, basket.lines
        same = _alike([line.line for line in old], new)
        rest = min(len(old), len(new)) - same
        end = min(rest, _alike([line.line for line in reversed(old[same:])], new[same:][::-1]))
        for line in old[same : len(old) - end]:
            self._count(line, -1)
        added = [self._line(line) for line in new[same : len(new) - end]]
        for line in added:
            self._count(line, 1)
        self._lines = [*old[:same], *added, *old[len(old) - end :]]
        taxed = self._taxed()
        return Totals(
            self._lines, self._sums.items, Money(self._sums.gross), Money(self._sums.off), taxed.tax, taxed.total
        )

    def _line(self, line: Line) -> PricedLine:
        return pricing.price(Basket((line,)), tax_included=self._tax_included).lines[0]

    def _count(self, priced: PricedLine, sign: int) -> None:
        sums = self._sums
        sums.items += sign * Basket((priced.line,)).items
        sums.gross += sign * priced.gross.minor
        sums.off += sign * priced.discount.minor
        count = sums.by_rate.setdefault(priced.line.tax, [0, 0])
        count[0] += sign
        count[1] += sign * priced.final.minor
        if not count[0]:
            del sums.by_rate[priced.line.tax]

    def _taxed(self) -> Priced:
        """The rules' own taxes, on one line per rate."""
        lines = tuple(
            replace(_BLANK, id=place, price=Money(amount), tax=rate)
            for place, (rate, (_count, amount)) in enumerate(self._sums.by_rate.items())
        )
        return pricing.price(Basket(lines), tax_included=self._tax_included)


_BLANK = Line(
    id=0, article="", number="", text="", unit=Unit.PIECE, quantity=ONE, price=ZERO, tax=TaxRate("", Percent(0))
)


def _alike(one: Sequence[Line], other: Sequence[Line]) -> int:
    """How many lines at the beginning are the same ones."""
    count = 0
    for same in map(is_, one, other):
        if not same:
            break
        count += 1
    return count
