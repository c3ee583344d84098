"""Money, quantities and percentages as whole numbers; the only module that rounds.

Money counts minor units (cents), quantities count thousandths, percentages
count hundredths of a percent. There is no float here (DOMAIN.md C.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import total_ordering
from typing import Final, Self

from kiosk.errors import NotANumber

LARGEST_MINOR: Final = 99_999_999_999
"""The largest amount that anything at the till may bear, in minor units."""

_LONGEST_NUMBER: Final = 14


def half_up(numerator: int, denominator: int) -> int:
    """Divide to the nearest whole number, halves away from zero.

    Away from zero, so that a return is the exact mirror of its sale.
    """
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    quotient = (2 * abs(numerator) + denominator) // (2 * denominator)
    return quotient if numerator >= 0 else -quotient


def _parse_scaled(text: str, decimals: int) -> int:
    """Read a decimal number with a comma or a point as a whole count of its last digit."""
    plain = text.strip().replace(",", ".")
    sign = -1 if plain.startswith("-") else 1
    whole, point, fraction = plain.removeprefix("-").partition(".")
    digits = whole + fraction
    if not digits or not digits.isascii() or not digits.isdigit():
        raise NotANumber(text=text)
    if len(digits) > _LONGEST_NUMBER or len(fraction) > decimals or (point and not decimals):
        raise NotANumber(text=text)
    return sign * int((whole or "0") + fraction.ljust(decimals, "0"))


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole minor units of the shop's currency."""

    minor: int

    @classmethod
    def parse(cls, text: str, decimals: int = 2) -> Self:
        """Read ``12``, ``12,5`` or ``12.50``. Refuses: NotANumber."""
        minor = _parse_scaled(text, decimals)
        if abs(minor) > LARGEST_MINOR:
            raise NotANumber(text=text)
        return cls(minor)

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + other.minor)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - other.minor)

    def __neg__(self) -> Money:
        return Money(-self.minor)

    def __abs__(self) -> Money:
        return Money(abs(self.minor))

    def __lt__(self, other: Money) -> bool:
        return self.minor < other.minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def times(self, quantity: Quantity) -> Money:
        """The price of a quantity, rounded half-up (DOMAIN.md C.6, step 1)."""
        return Money(half_up(self.minor * quantity.thousandths, 1000))

    def part(self, percent: Percent) -> Money:
        """This many percent of the amount, rounded half-up."""
        return Money(half_up(self.minor * percent.hundredths, 10_000))

    def to_step(self, step: Money) -> Money:
        """The nearest multiple of a step, half-up; a step of zero changes nothing (E41)."""
        if step.minor <= 0:
            return self
        return Money(half_up(self.minor, step.minor) * step.minor)

    def tax_included(self, rate: Percent) -> Money:
        """The tax inside a gross amount: ``G - half_up(G * 100 / (100 + r))``."""
        return Money(self.minor - half_up(self.minor * 10_000, 10_000 + rate.hundredths))

    def tax_on_top(self, rate: Percent) -> Money:
        """The tax to add to a net amount: ``half_up(N * r / 100)``."""
        return self.part(rate)

    def share(self, weights: Sequence[Money]) -> tuple[Money, ...]:
        """Split by weight without losing a cent: largest remainder, ties to the first (C.6)."""
        whole = sum(weight.minor for weight in weights)
        if not whole:
            return tuple(ZERO for _ in weights)
        floors = [self.minor * weight.minor // whole for weight in weights]
        left = self.minor - sum(floors)
        by_remainder = sorted(
            range(len(weights)),
            key=lambda index: (
                (-(self.minor * weights[index].minor - floors[index] * whole), index)
                if whole > 0
                else (self.minor * weights[index].minor - floors[index] * whole, index)
            ),
        )
        for index in by_remainder[:left]:
            floors[index] += 1
        return tuple(Money(minor) for minor in floors)

    def in_parts(self, count: int) -> tuple[Money, ...]:
        """Split in equal parts; the first ones take the odd cents (D3-02)."""
        floor, odd = divmod(abs(self.minor), count)
        sign = 1 if self.minor >= 0 else -1
        return tuple(Money(sign * (floor + (index < odd))) for index in range(count))


ZERO: Final = Money(0)


def total(amounts: Iterable[Money]) -> Money:
    """The sum of amounts."""
    return Money(sum(amount.minor for amount in amounts))


@total_ordering
@dataclass(frozen=True, slots=True)
class Quantity:
    """How many or how much, in thousandths of the article's unit."""

    thousandths: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``3``, ``0,350`` or ``1.5``. Refuses: NotANumber."""
        thousandths = _parse_scaled(text, 3)
        if abs(thousandths) > 99_999_999:
            raise NotANumber(text=text)
        return cls(thousandths)

    @classmethod
    def of(cls, pieces: int) -> Self:
        """Whole pieces."""
        return cls(pieces * 1000)

    @property
    def whole(self) -> bool:
        """Whether it counts whole pieces."""
        return self.thousandths % 1000 == 0

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity(self.thousandths + other.thousandths)

    def __sub__(self, other: Quantity) -> Quantity:
        return Quantity(self.thousandths - other.thousandths)

    def __neg__(self) -> Quantity:
        return Quantity(-self.thousandths)

    def __lt__(self, other: Quantity) -> bool:
        return self.thousandths < other.thousandths

    def __bool__(self) -> bool:
        return self.thousandths != 0


ONE: Final = Quantity(1000)


@total_ordering
@dataclass(frozen=True, slots=True)
class Percent:
    """A percentage in hundredths of a percent: 19 % is 1900."""

    hundredths: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``10`` or ``2,5``. Refuses: NotANumber."""
        return cls(_parse_scaled(text.removesuffix("%"), 2))

    def __lt__(self, other: Percent) -> bool:
        return self.hundredths < other.hundredths

    def __bool__(self) -> bool:
        return self.hundredths != 0
