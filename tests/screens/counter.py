"""A small shop with a few goods of every kind, and Ann at its till."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from kiosk import db
from kiosk.money import Money
from kiosk.rules.basket import Item, Unit
from kiosk.rules.permissions import Role
from kiosk.screens.sale import SaleScreen
from kiosk.services import catalogue_edit, staff
from kiosk.services.catalogue_rows import ArticleForm
from tests.screens.floor import NARROW, Floor, Journey, journey, open_floor

BREAD = "4006381333931"
MILK = "5410000000010"
COFFEE = "8710000000062"
APPLES = "2000000000008"
BEER = "5410000000027"
SUNDRIES = "SUN-01"


@contextmanager
def open_counter(folder: Path, *, day: bool = True) -> Iterator[Floor]:
    """The shop: four euros fifty of bread, milk, coffee, loose apples, beer from sixteen, sundries at any price."""
    with open_floor(folder, day=day) as floor:
        floor.person("Ann", Role.CASHIER, pin="1111")
        floor.person("Mona", Role.MANAGER, pin="9999")
        floor.of_services(_stock, floor)
        yield floor


def _stock(floor: Floor) -> None:
    article = floor.services.article
    article("Bread", 450, number="101", barcodes=(BREAD,))
    article("Milk 1 l", 129, number="102", barcodes=(MILK,))
    article("Coffee 500 g", 695, number="103", barcodes=(COFFEE,))
    article("Apples", 220, number="104", barcodes=(APPLES,), unit=Unit.KILOGRAM)
    article("Beer 33 cl", 195, number="105", barcodes=(BEER,), minimum_age=16)
    article("Baguette", 120, number="106", quick=1)
    form = ArticleForm(
        name="Sundries",
        tax="A",
        price=None,
        number="107",
        barcodes=(SUNDRIES,),
        lowest_price=Money(50),
        highest_price=Money(5000),
    )
    catalogue_edit.save(floor.services.shop, form, by=staff.ROOT)


@asynccontextmanager
async def selling(floor: Floor, *, size: tuple[int, int] = NARROW) -> AsyncIterator[Journey]:
    """Ann at the sale screen."""
    async with journey(floor, person="Ann", size=size) as at:
        yield at


def sale_of(at: Journey) -> SaleScreen:
    """The sale screen, wherever it stands."""
    return next(screen for screen in at.app.screen_stack if isinstance(screen, SaleScreen))


def basket_of(at: Journey) -> list[tuple[str, int, int]]:
    """What is in the open basket: text, thousandths, what the line comes to in cents."""
    return [
        (line.line.text, line.line.quantity.thousandths, line.final.minor) for line in sale_of(at).open.totals.lines
    ]


def sales_of(floor: Floor) -> list[tuple[Any, ...]]:
    """The books: number, total, rounding of every sale."""
    return floor.rows("SELECT number, total, rounding FROM sale ORDER BY number")


def tenders_of(floor: Floor, number: int = 1) -> list[tuple[Any, ...]]:
    """How a sale was paid: tender, amount, change."""
    return floor.rows(
        "SELECT sale_tender.tender, sale_tender.amount, sale_tender.change FROM sale_tender "
        "JOIN sale ON sale.id = sale_tender.sale WHERE sale.number = ? ORDER BY sale_tender.position",
        number,
    )


def lines_of(floor: Floor, number: int = 1) -> list[tuple[Any, ...]]:
    """What was sold: text, thousandths, final amount."""
    return floor.rows(
        "SELECT sale_line.text, sale_line.quantity, sale_line.final FROM sale_line "
        "JOIN sale ON sale.id = sale_line.sale WHERE sale.number = ? ORDER BY sale_line.position",
        number,
    )


def articles(floor: Floor) -> int:
    """How many articles there are."""
    return int(floor.of_services(db.rows, "SELECT COUNT(*) FROM article", ())[0][0])


__all__ = ["Item", "articles", "basket_of", "lines_of", "open_counter", "sale_of", "sales_of", "selling", "tenders_of"]
