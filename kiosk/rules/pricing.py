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

    @property
    def amount(self) -> Money:
        """What the line shows: after its own discount."""
        return self.gross - self.discount

    @property
    def final(self) -> Money:
        """What the line comes to after everything; tax and refunds build on it."""
        return self.gross - self.discount - self.share


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
    after_line = [(line, line.gross, line.discount.of(line.gross) if line.discount else ZERO) for line in basket.lines]
    shares = _shares(basket, [gross - off if line.discountable else ZERO for line, gross, off in after_line])
    lines = tuple(
        PricedLine(line=line, gross=gross, discount=off, share=share)
        for (line, gross, off), share in zip(after_line, shares, strict=True)
    )
    taxes = _taxes(lines, tax_included)
    return Priced(
        lines=lines,
        sum=total(line.amount for line in lines),
        sale_discount=total(shares),
        taxes=taxes,
        total=total(tax.gross for tax in taxes),
        discount_given=basket.discount,
    )


def _shares(basket: Basket, amounts: list[Money]) -> tuple[Money, ...]:
    """A discount on the sale, apportioned over what may be discounted."""
    if basket.discount is None:
        return tuple(ZERO for _ in amounts)
    return basket.discount.of(total(amounts)).share(amounts)


def _taxes(lines: tuple[PricedLine, ...], tax_included: bool) -> tuple[TaxTotal, ...]:
    sums: dict[TaxRate, Money] = {}
    for line in lines:
        sums[line.line.tax] = sums.get(line.line.tax, ZERO) + line.final
    found = []
    for rate, amount in sorted(sums.items(), key=lambda pair: (-pair[0].percent.hundredths, pair[0].code)):
        if tax_included:
            tax = amount.tax_included(rate.percent)
            found.append(TaxTotal(rate=rate, net=amount - tax, tax=tax))
        else:
            found.append(TaxTotal(rate=rate, net=amount, tax=amount.tax_on_top(rate.percent)))
    return tuple(found)
