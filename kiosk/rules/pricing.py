"""What a basket costs: line amounts, discounts and tax, in the fixed order of DOMAIN.md C.6."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.money import ZERO, Money, total
from kiosk.rules.basket import Basket, Discount, Line, TaxRate


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line and what it comes to."""

    line: Line
    gross: Money
    """Quantity times price."""
    discount: Money
    """What the line's own discount takes off."""
    share: Money
    """This line's part of the discount on the whole sale."""
    final: Money
    """What the line comes to after everything; tax and refunds build on it."""

    @property
    def amount(self) -> Money:
        """What the line shows: after its own discount."""
        return self.gross - self.discount


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """The turnover and the tax of one rate."""

    rate: TaxRate
    net: Money
    tax: Money

    @property
    def gross(self) -> Money:
        """Net and tax together."""
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class Priced:
    """A basket with its prices worked out."""

    lines: tuple[PricedLine, ...]
    sum: Money
    """The lines after their own discounts."""
    sale_discount: Money
    taxes: tuple[TaxTotal, ...]
    total: Money
    """What is to be paid, before any cash rounding."""
    discount_given: Discount | None = None
    """The discount on the whole sale as it was asked for."""

    @property
    def discount(self) -> Money:
        """Everything that was taken off, on lines and on the sale."""
        return total(line.discount + line.share for line in self.lines)

    @property
    def tax(self) -> Money:
        """The tax of all rates."""
        return total(tax.tax for tax in self.taxes)


def price(basket: Basket, *, tax_included: bool) -> Priced:
    """Work out a basket. Source: DOMAIN.md C.6 sale pipeline, steps 1 and 3 to 5; E38."""
    lines = _priced_lines(basket)
    taxes = _taxes(lines, tax_included)
    return Priced(
        lines=lines,
        sum=total(line.amount for line in lines),
        sale_discount=total(line.share for line in lines),
        taxes=taxes,
        total=total(tax.gross for tax in taxes),
        discount_given=basket.discount,
    )


def _priced_lines(basket: Basket) -> tuple[PricedLine, ...]:
    gross = [line.gross for line in basket.lines]
    off = [_off(line, whole) for line, whole in zip(basket.lines, gross, strict=True)]
    if basket.discount is None:
        return tuple(
            PricedLine(line, whole, less, ZERO, whole - less if less else whole)
            for line, whole, less in zip(basket.lines, gross, off, strict=True)
        )
    left = [whole - less for whole, less in zip(gross, off, strict=True)]
    open_to_it = [amount if line.discountable else ZERO for line, amount in zip(basket.lines, left, strict=True)]
    shares = basket.discount.of(total(open_to_it)).share(open_to_it)
    return tuple(
        PricedLine(line, whole, less, share, amount - share)
        for line, whole, less, share, amount in zip(basket.lines, gross, off, shares, left, strict=True)
    )


def _off(line: Line, gross: Money) -> Money:
    """What the line's own discount takes off; of a fixed amount, whatever makes the line come to it."""
    if line.fixed is not None:
        return gross - line.fixed
    return line.discount.of(gross) if line.discount else ZERO


def _taxes(lines: tuple[PricedLine, ...], tax_included: bool) -> tuple[TaxTotal, ...]:
    sums: dict[tuple[str, int], int] = {}
    rates: dict[tuple[str, int], TaxRate] = {}
    for line in lines:
        rate = line.line.tax
        which = (rate.code, rate.percent.hundredths)
        sums[which] = sums.get(which, 0) + line.final.minor
        rates[which] = rate
    found = []
    for which in sorted(sums, key=lambda pair: (-pair[1], pair[0])):
        rate, amount = rates[which], Money(sums[which])
        if tax_included:
            tax = amount.tax_included(rate.percent)
            found.append(TaxTotal(rate=rate, net=amount - tax, tax=tax))
        else:
            found.append(TaxTotal(rate=rate, net=amount, tax=amount.tax_on_top(rate.percent)))
    return tuple(found)
