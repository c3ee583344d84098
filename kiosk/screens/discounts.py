"""Discounts: percent or an amount, off a line or the whole sale, with a reason (D1-06)."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kiosk.errors import EmptySale
from kiosk.i18n import _, money_text
from kiosk.money import Money, Percent
from kiosk.rules import basket as rules
from kiosk.rules import permissions, pricing
from kiosk.rules.basket import Basket, Discount
from kiosk.rules.permissions import Action, State
from kiosk.screens.approval import allowed
from kiosk.screens.base import TillScreen
from kiosk.screens.dialogs import AskNumber, Choose
from kiosk.screens.entry import Entry
from kiosk.screens.open_sale import OpenSale
from kiosk.screens.widgets.basket_table import discount_text
from kiosk.screens.widgets.status import Say

if TYPE_CHECKING:
    from kiosk.screens.sale import SaleScreen

_LINE_PERCENT, _LINE_AMOUNT, _SALE_PERCENT, _SALE_AMOUNT, _NONE = range(5)


def percent_off_line(screen: SaleScreen) -> Coroutine[Any, Any, None] | None:
    """So many percent off the chosen line, at once where that needs nobody's leave. Refuses: NotANumber, EmptySale."""
    line, percent = screen.open.line, Percent.parse(screen.line.text)
    if line is None:
        raise EmptySale
    discount = Discount(percent=percent) if percent else None
    basket = rules.discount_line(screen.open.basket, line.id, discount)
    if needs(screen, basket) is Action.DISCOUNT and screen.allowed.get(Action.DISCOUNT) is State.ALLOWED:
        _done(screen, basket, discount)
        return None
    return _ask_and_do(screen, basket, discount)


def ask(screen: SaleScreen) -> Coroutine[Any, Any, None]:
    """Ask what is taken off which, and why. Refuses: EmptySale."""
    if screen.open.line is None:
        raise EmptySale
    return _ask(screen)


async def percent_off_sale(screen: TillScreen[Any], sale: OpenSale, percent: Percent) -> bool:
    """So many percent off the whole sale, where that is allowed. Refuses: OutOfRange, Denied."""
    basket = rules.discount_all(sale.basket, Discount(percent=percent) if percent else None)
    if not await _allowed(screen, sale, basket):
        return False
    sale.change(basket)
    return True


def needs(screen: TillScreen[Any], basket: Basket) -> Action:
    """The door that the discounts of a basket stand before (T-23)."""
    shop = screen.till.shop
    threshold = Percent(shop.settings.discount_threshold)
    priced = pricing.price(basket, tax_included=shop.settings.prices_include_tax)
    return permissions.discount_action(priced, threshold) or Action.DISCOUNT


async def _allowed(screen: TillScreen[Any], sale: OpenSale, basket: Basket) -> bool:
    return await allowed(screen, needs(screen, basket), key=sale.key)


async def _ask_and_do(screen: SaleScreen, basket: Basket, discount: Discount | None) -> None:
    if await _allowed(screen, screen.open, basket):
        _done(screen, basket, discount)


def _done(screen: SaleScreen, basket: Basket, discount: Discount | None) -> None:
    screen.line = Entry()
    screen.open.change(basket)
    if discount is None:
        screen.changed(Say.OK, _("No discount."))
    else:
        screen.changed(Say.OK, _("Discount {discount}").format(discount=discount_text(discount)))


async def _ask(screen: SaleScreen) -> None:
    till, line = screen.till, screen.open.line
    if line is None:
        raise EmptySale
    title = _("Discount")
    kinds = [
        _("Percent off the line {article}").format(article=line.text),
        _("Amount off the line {article}").format(article=line.text),
        _("Percent off the whole sale"),
        _("Amount off the whole sale"),
        _("No discount on line and sale"),
    ]
    kind = await screen.question(Choose(till, title, _("What is taken off?"), kinds))
    if kind < 0 or (kind in {_LINE_PERCENT, _LINE_AMOUNT} and screen.lines.stays()):
        return
    discount = None
    if kind != _NONE:
        typed: str | None = screen.line.text
        if not typed:
            typed = await screen.in_front(AskNumber(till, title, _how_much(screen, kind)))
        if not typed:
            return
        discount = _discount(screen, kind, typed)
        reasons = till.shop.settings.discount_reasons
        if reasons:
            place = await screen.question(Choose(till, title, _("Why?"), [_(reason) for reason in reasons]))
            if place < 0:
                return
            discount = replace(discount, reason=reasons[place])
    basket = screen.open.basket
    if kind == _NONE:
        basket = rules.discount_line(rules.discount_all(basket, None), line.id, None)
    elif kind in {_LINE_PERCENT, _LINE_AMOUNT}:
        basket = rules.discount_line(basket, line.id, discount)
    else:
        basket = rules.discount_all(basket, discount)
    await _ask_and_do(screen, basket, discount)


def _how_much(screen: SaleScreen, kind: int) -> str:
    if kind in {_LINE_PERCENT, _SALE_PERCENT}:
        return _("How many percent?")
    line = screen.open.line
    totals = screen.open.totals
    whole = totals.gross - totals.off if kind == _SALE_AMOUNT or line is None else line.gross
    return _("What amount off {whole}?").format(whole=money_text(whole))


def _discount(screen: SaleScreen, kind: int, typed: str) -> Discount:
    if kind in {_LINE_PERCENT, _SALE_PERCENT}:
        return Discount(percent=Percent.parse(typed))
    return Discount(amount=Money.parse(typed, screen.till.shop.settings.decimals))
