"""The open basket: lines, quantities and discounts, and what each key does to them.

A basket is a value. Every function here gives a new one, so that undo is
the basket before (UX.md 4.2, rule 5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from kiosk.errors import EmptySale, Invalid, NotFound, OutOfRange
from kiosk.money import ONE, ZERO, Money, Percent, Quantity

MOST_LINES: Final = 1000
LARGEST_QUANTITY: Final = Quantity.of(9999)


class Unit(StrEnum):
    """What an article is counted in."""

    PIECE = "piece"
    KILOGRAM = "kg"


class LineKind(StrEnum):
    """What a line sells; only goods are turnover (DOMAIN.md C.2)."""

    GOODS = "goods"
    VOUCHER = "voucher"
    DEPOSIT = "deposit"


@dataclass(frozen=True, slots=True)
class Discount:
    """A percentage or an amount off, and the reason that was chosen for it."""

    percent: Percent | None = None
    amount: Money | None = None
    reason: str = ""

    def of(self, gross: Money) -> Money:
        """What is taken off an amount, never more than the amount itself."""
        if self.percent is not None:
            return gross.part(self.percent)
        off = self.amount or ZERO
        return min(off, gross) if gross.minor >= 0 else max(-off, gross)


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A tax code and its rate on the day of the sale (D2-01)."""

    code: str
    percent: Percent


@dataclass(frozen=True, slots=True)
class Item:
    """What the catalogue knows of an article when it comes into a basket."""

    article: str
    number: str
    text: str
    unit: Unit
    price: Money | None
    """None: an open price, to be typed (D1-03)."""
    tax: TaxRate
    category: str = ""
    kind: LineKind = LineKind.GOODS
    minimum_age: int = 0
    lowest_price: Money | None = None
    highest_price: Money | None = None
    discountable: bool = True
    quantity: Quantity | None = None
    """Set when the barcode itself carried the weight (D1-02)."""

    def at(self, price: Money) -> Item:
        """The same article at a typed price. Refuses: OutOfRange."""
        low, high = self.lowest_price, self.highest_price
        if price.minor < 0 or (low is not None and price < low) or (high is not None and high < price):
            raise OutOfRange(
                field="price",
                value=str(price.minor),
                lowest=None if low is None else str(low.minor),
                highest=None if high is None else str(high.minor),
            )
        return replace(self, price=price)


@dataclass(frozen=True, slots=True)
class Returned:
    """That a line takes something back: its quantity is below zero (D5-01, D5-02)."""

    original: str = ""
    """The sale that it was sold in; empty without a receipt."""
    position: int = 0
    """The line of that sale."""
    number: int = 0
    """The number of that receipt."""
    reason: str = ""
    restock: bool = True
    """Whether it can be sold again."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a basket."""

    id: int
    """Counts up within the basket and is never used twice."""
    article: str
    number: str
    text: str
    unit: Unit
    quantity: Quantity
    price: Money
    tax: TaxRate
    category: str = ""
    kind: LineKind = LineKind.GOODS
    discount: Discount | None = None
    discountable: bool = True
    list_price: Money | None = None
    """What it cost when it came into the basket; a price that differs was changed by hand."""
    returned: Returned | None = None
    fixed: Money | None = None
    """What the line comes to, whatever its price: the part of a past sale that is given back."""

    @property
    def repriced(self) -> bool:
        """Whether somebody changed the price."""
        return self.list_price is not None and self.price != self.list_price

    @property
    def gross(self) -> Money:
        """Quantity times price, before any discount."""
        return self.price.times(self.quantity)


@dataclass(frozen=True, slots=True)
class Basket:
    """What a customer is about to buy."""

    lines: tuple[Line, ...] = ()
    discount: Discount | None = None
    next_id: int = 1
    age_checked: int = 0
    """The highest age that was looked at and found good in this sale (D1-11)."""

    def __bool__(self) -> bool:
        return bool(self.lines)

    def line(self, line_id: int) -> Line:
        """One line. Refuses: NotFound."""
        for line in self.lines:
            if line.id == line_id:
                return line
        raise NotFound(what="line", code=str(line_id))

    @property
    def items(self) -> int:
        """How many things: pieces counted, a weighed line counts one."""
        return sum(
            line.quantity.thousandths // 1000 if line.unit is Unit.PIECE and line.quantity.whole else 1
            for line in self.lines
        )


EMPTY: Final = Basket()


def add(basket: Basket, item: Item, quantity: Quantity | None = None) -> Basket:
    """Put an article into the basket as a new line at the end.

    Each scan is a line of its own: twenty codes are twenty lines. Refuses:
    OutOfRange, Invalid (fraction of a piece, or no price yet). Source: D1-01,
    D1-04.
    """
    if item.price is None:
        raise Invalid(field="price", value="")
    count = quantity or item.quantity or ONE
    _check_quantity(count, item.unit)
    if len(basket.lines) >= MOST_LINES:
        raise OutOfRange(field="lines", value=str(len(basket.lines) + 1), highest=str(MOST_LINES))
    line = Line(
        id=basket.next_id,
        article=item.article,
        number=item.number,
        text=item.text,
        unit=item.unit,
        quantity=count,
        price=item.price,
        tax=item.tax,
        category=item.category,
        kind=item.kind,
        discountable=item.discountable,
        list_price=item.price,
    )
    return replace(basket, lines=(*basket.lines, line), next_id=basket.next_id + 1)


def set_quantity(basket: Basket, line_id: int, quantity: Quantity) -> Basket:
    """Change how many; at zero the line goes (UX.md 4.3, ``-``). Refuses: OutOfRange, Invalid, NotFound."""
    line = basket.line(line_id)
    if not quantity:
        return void(basket, line_id)
    _check_not_fixed(line, "quantity")
    _check_quantity(quantity, line.unit)
    return _put(basket, replace(line, quantity=quantity))


def change(basket: Basket, line_id: int, by: Quantity) -> Basket:
    """Some more or some fewer; what would fall below zero goes. Refuses: as set_quantity."""
    line = basket.line(line_id)
    left = line.quantity + by
    if line.quantity.thousandths > 0 > left.thousandths:
        left = Quantity(0)
    return set_quantity(basket, line_id, left)


def set_price(basket: Basket, line_id: int, price: Money) -> Basket:
    """Sell a line at another price. Refuses: OutOfRange, NotFound."""
    if price.minor < 0:
        raise OutOfRange(field="price", value=str(price.minor), lowest="0")
    line = basket.line(line_id)
    _check_not_fixed(line, "price")
    return _put(basket, replace(line, price=price))


def void(basket: Basket, line_id: int) -> Basket:
    """Take a line out. Refuses: NotFound. Source: D1-05."""
    gone = basket.line(line_id)
    left = tuple(line for line in basket.lines if line is not gone)
    return replace(basket, lines=left, discount=basket.discount if left else None)


def discount_line(basket: Basket, line_id: int, discount: Discount | None) -> Basket:
    """Take something off one line; None takes the discount away. Refuses: OutOfRange, Invalid, NotFound."""
    line = basket.line(line_id)
    if discount is not None and not line.discountable:
        raise Invalid(field="discount", value=line.text)
    _check_discount(discount, abs(line.gross))
    return _put(basket, replace(line, discount=discount))


def discount_all(basket: Basket, discount: Discount | None) -> Basket:
    """Take something off the whole sale. Refuses: OutOfRange, EmptySale. Source: D1-06, E38."""
    if not basket.lines:
        raise EmptySale
    _check_discount(discount, None)
    return replace(basket, discount=discount)


def take_back(basket: Basket, line: Line) -> Basket:
    """Put a line that takes something back at the end; ``line.id`` is given here. Refuses: Invalid, OutOfRange."""
    if line.returned is None or line.quantity.thousandths >= 0:
        raise Invalid(field="quantity", value=str(line.quantity.thousandths))
    _check_quantity(line.quantity, line.unit)
    if len(basket.lines) >= MOST_LINES:
        raise OutOfRange(field="lines", value=str(len(basket.lines) + 1), highest=str(MOST_LINES))
    lines = (*basket.lines, replace(line, id=basket.next_id, discountable=False))
    return replace(basket, lines=lines, next_id=basket.next_id + 1)


def _check_not_fixed(line: Line, field: str) -> None:
    """What comes back of a receipt is as it was sold: it is taken out and in again."""
    if line.fixed is not None:
        raise Invalid(field=field, value=line.text)


def _put(basket: Basket, changed: Line) -> Basket:
    return replace(basket, lines=tuple(changed if line.id == changed.id else line for line in basket.lines))


def _check_quantity(quantity: Quantity, unit: Unit) -> None:
    if unit is Unit.PIECE and not quantity.whole:
        raise Invalid(field="quantity", value=str(quantity.thousandths))
    if not quantity or abs(quantity.thousandths) > LARGEST_QUANTITY.thousandths:
        raise OutOfRange(field="quantity", value=str(quantity.thousandths), highest=str(LARGEST_QUANTITY.thousandths))


def _check_discount(discount: Discount | None, most: Money | None) -> None:
    if discount is None:
        return
    if discount.percent is not None and not 0 <= discount.percent.hundredths <= 10_000:
        raise OutOfRange(field="discount", value=str(discount.percent.hundredths), lowest="0", highest="10000")
    if discount.amount is not None and (discount.amount.minor < 0 or (most is not None and most < discount.amount)):
        raise OutOfRange(
            field="discount",
            value=str(discount.amount.minor),
            lowest="0",
            highest=None if most is None else str(most.minor),
        )
