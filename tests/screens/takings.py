"""What the books hold of goods and money that went back, for the tests of the screens that do it."""

from __future__ import annotations

from typing import Any

from kiosk.money import Money, Quantity
from kiosk.rules import basket as baskets
from kiosk.rules.tender import Given
from kiosk.services import payments, sales
from kiosk.services.sales import Sold
from kiosk.services.shop import new_key
from tests.screens.counter import BREAD, COFFEE
from tests.screens.floor import Floor, Journey


async def sell_for_cash(at: Journey) -> None:
    """Three breads and a coffee, 20.45 in cash: receipt 1."""
    await at.keys("3", "*")
    await at.scan(BREAD)
    await at.scan(COFFEE)
    await at.keys("f12")


async def sell_by_card(at: Journey, *parts: str) -> None:
    """Two coffees, 13.90: so much of it by bank card, the rest in cash: receipt 1."""
    await at.keys("2", "*")
    await at.scan(COFFEE)
    await at.keys("enter")
    for part in parts:
        await at.text(part)
        await at.keys("+", "enter")
    if parts:
        await at.keys("f12")
    else:
        await at.keys("+", "enter")


def kinds_of(floor: Floor) -> list[tuple[Any, ...]]:
    """The books: number, kind and total of every sale, and the number of the one that it is about."""
    return floor.rows(
        "SELECT sale.number, sale.kind, sale.total, original.number FROM sale "
        "LEFT JOIN sale AS original ON original.id = sale.original ORDER BY sale.number"
    )


def returns_of(floor: Floor) -> list[tuple[Any, ...]]:
    """What came back: receipt, original receipt, thousandths, amount, reason, whether it is sold again."""
    return floor.rows(
        "SELECT sale.number, original.number, return_line.quantity, return_line.final, return_line.reason, "
        "return_line.restock FROM return_line JOIN sale ON sale.id = return_line.sale "
        "LEFT JOIN sale AS original ON original.id = return_line.original "
        "ORDER BY sale.number, return_line.position"
    )


def refunds_of(floor: Floor) -> list[tuple[Any, ...]]:
    """Which payments went back: receipt, original receipt, tender, amount."""
    return floor.rows(
        "SELECT sale.number, original.number, refund.tender, refund.amount FROM refund "
        "JOIN sale ON sale.id = refund.sale JOIN sale AS original ON original.id = refund.original "
        "ORDER BY sale.number, refund.position"
    )


def drawer_of(floor: Floor) -> int:
    """What should be in the drawer."""
    ((cents,),) = floor.rows("SELECT COALESCE(SUM(balance), 0) FROM account WHERE kind = 'drawer'")
    return int(cents)


def held_by_notes(floor: Floor) -> int:
    """What the shop owes on credit notes."""
    ((cents,),) = floor.rows("SELECT COALESCE(SUM(-balance), 0) FROM account WHERE kind = 'voucher'")
    return int(cents)


def pending_of(floor: Floor) -> list[tuple[Any, ...]]:
    """What a terminal was asked for: tender, amount, state."""
    return floor.rows("SELECT tender, amount, state FROM pending ORDER BY id")


def sell(floor: Floor, *lines: tuple[str, int], by: str = "Mona", tender: str = "cash") -> Sold:
    """A sale made past the screens, as another till would: codes and how many."""

    def one() -> Sold:
        from kiosk.services import catalogue

        services = floor.services
        basket, key, seller = baskets.EMPTY, new_key(), floor.people[by].id
        for code, many in lines:
            item = catalogue.find(services.shop, code)
            assert item is not None
            basket = baskets.add(basket, item, Quantity.of(many))
        total = sales.price(services.shop, basket).total
        given = Given(services.tender(tender), total)
        if given.tender.asks_terminal:
            pending = payments.begin_pending(services.shop, key, tender, total, by=seller)
            payments.answer_pending(services.shop, pending.id, approved=True, by=seller)
            given = Given(given.tender, total, pending=pending.id)
        return sales.close_sale(services.shop, basket, (given,), key=key, by=seller)

    return floor.of_services(one)


def take_back(floor: Floor, sale: str, wanted: dict[int, int], *, by: str = "Mona") -> Sold:
    """A return made past the screens: position to how many pieces; the money goes back as planned."""

    def one() -> Sold:
        from kiosk.services import returns

        shop, key = floor.services.shop, new_key()
        pieces = {place: Quantity.of(many) for place, many in wanted.items()}
        basket = returns.take_back(shop, baskets.EMPTY, sale, pieces, reason="Faulty")
        seller, given = floor.people[by].id, []
        for back in returns.plan(shop, basket):
            amount, asked = Money(-back.amount.minor), ""
            if back.tender.asks_terminal:
                asked = payments.begin_pending(shop, key, back.tender.code, amount, by=seller).id
                payments.answer_pending(shop, asked, approved=True, by=seller)
            given.append(Given(back.tender, amount, pending=asked, original=back.original))
        return sales.close_sale(shop, basket, tuple(given), key=key, by=seller)

    return floor.of_services(one)
