"""How an article comes into the sale: found, its age asked, its price or weight typed, and put into the basket."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from kiosk.errors import NotANumber, NotFound, ShopError
from kiosk.i18n import _, date_text, later, money_text
from kiosk.i18n.sentences import sentence
from kiosk.money import Money, Quantity
from kiosk.rules import basket as rules
from kiosk.rules import codes
from kiosk.rules.basket import Item, Line, Unit
from kiosk.rules.permissions import Action, State
from kiosk.screens.approval import allowed
from kiosk.screens.around import Holder, Receipt, Ticket, identify
from kiosk.screens.dialogs import Keys, Question
from kiosk.screens.entry import Mode
from kiosk.screens.messages import LockWanted
from kiosk.screens.sale_view import line_news
from kiosk.screens.widgets.status import Say

if TYPE_CHECKING:
    from kiosk.screens.sale import SaleScreen
    from kiosk.services.staff import Person


class Intake:
    """The way in. Every part that waits for an answer is a coroutine, so that codes keep their order."""

    def __init__(self, screen: SaleScreen) -> None:
        self._screen = screen
        self._till = screen.till

    async def code(self, code: str, quantity: Quantity | None) -> None:
        """Take a scanned or typed code for whatever it is."""
        found = await self._till.ask(identify, code)
        if isinstance(found, Item):
            await self.item(found, quantity)
        elif isinstance(found, Receipt):
            await self._screen.show_receipt(found.sale)
        elif isinstance(found, Ticket):
            await self._screen.parking.scanned(found)
        elif isinstance(found, Holder):
            await self._screen.serving.attach(found.customer)
        elif found is None and codes.is_card(code):
            await self._note(code, quantity)
        elif found is None:
            await self._unknown(code, quantity)
        else:
            self._badge(found, code)

    async def item(self, item: Item, quantity: Quantity | None) -> None:
        """Put an article into the basket, after what must be asked about it; or take it back, if that is wanted."""
        if self._screen.mode is Mode.TAKE_BACK:
            await self._screen.coming_back.without_receipt(item, quantity)
            return
        if not await self._old_enough(item):
            self._screen.say(Say.ERROR, _("Not sold: {article}.").format(article=item.text))
            return
        priced = await self.priced(item)
        if priced is None:
            self._screen.say(Say.ASK, _("Left out: {article}.").format(article=item.text))
            return
        count = quantity or item.quantity
        if item.unit is Unit.KILOGRAM and count is None:
            count = await self.weighed(item)
            if count is None:
                self._screen.say(Say.ASK, _("Left out: {article}.").format(article=item.text))
                return
        self.put(priced, count)

    def put(self, item: Item, quantity: Quantity | None) -> None:
        """Put an article with its price into the basket. Refuses: as rules.basket.add."""
        sale = self._screen.open
        made = rules.add(sale.basket, item, quantity)
        sale.change(made, made.lines[-1].id)
        self._screen.changed(Say.OK, line_news(made.lines[-1]))

    def again(self, line: Line) -> None:
        """Sell the article of a line once more, as a line of its own and at its list price."""
        item = Item(
            article=line.article,
            number=line.number,
            text=line.text,
            unit=line.unit,
            price=line.price if line.list_price is None else line.list_price,
            tax=line.tax,
            category=line.category,
            kind=line.kind,
            discountable=line.discountable,
        )
        self.put(item, line.quantity if line.unit is Unit.KILOGRAM else None)

    async def _old_enough(self, item: Item) -> bool:
        sale = self._screen.open
        age = item.minimum_age
        if age <= sale.basket.age_checked:
            return True
        limit = birthday_limit(self._till.shop.clock.today(), age)
        passed = await self._screen.question(
            Question(
                self._till,
                _("Age check: {age} years").format(age=age),
                _("{article}: was the customer born on {date} or before?").format(
                    article=item.text, date=date_text(limit)
                ),
                yes=later("yes, old enough"),
                no=later("no, not sold"),
                must_be_seen=True,
            )
        )
        from kiosk.services import sales

        await self._till.ask(sales.check_age, item.article, age, passed=passed, by=self._till.by)
        if passed:
            sale.change(replace(sale.basket, age_checked=age))
        return passed

    async def priced(self, item: Item) -> Item | None:
        """The article at the price that is typed, where the catalogue has none (D1-03)."""
        if item.price is not None:
            return item
        if self._screen.allowed.get(Action.OPEN_PRICE) is not State.ALLOWED and not await allowed(
            self._screen, Action.OPEN_PRICE, key=self._screen.open.key
        ):
            return None
        title = _("Price of {article}").format(article=item.text)
        kind, news = Say.ASK, _bounds(item)
        while True:
            typed = await self._screen.ask_entry(title, kind, news)
            if typed is None:
                return None
            try:
                return item.at(Money.parse(typed, self._till.shop.settings.decimals))
            except ShopError as error:
                kind, news = Say.ERROR, sentence(error)

    async def weighed(self, item: Item) -> Quantity | None:
        """How much of a loose article it is; None on Esc."""
        title = _("Weight of {article} in kg").format(article=item.text)
        kind, news = Say.ASK, _("Type the weight.")
        while True:
            typed = await self._screen.ask_entry(title, kind, news)
            if typed is None:
                return None
            try:
                weight = Quantity.parse(typed)
                if not weight:
                    raise NotANumber(text=typed)
                rules.add(self._screen.open.basket, replace(item, price=item.price or Money(0)), weight)
            except ShopError as error:
                kind, news = Say.ERROR, sentence(error)
            else:
                return weight

    def _badge(self, person: Person, code: str) -> None:
        if self._till.person is not None and person.id == self._till.person.id:
            self._screen.say(Say.OK, _("{name} is signed in.").format(name=person.name))
        else:
            self._screen.post_message(LockWanted(code))

    async def _note(self, code: str, quantity: Quantity | None) -> None:
        """What a credit note holds; a code that no note has may be an article's that is missing."""
        from kiosk.screens import credit_note

        try:
            await credit_note.show(self._screen, code)
        except NotFound:
            await self._unknown(code, quantity)

    async def _unknown(self, code: str, quantity: Quantity | None) -> None:
        """Offer to make the article, here and now (D1-01)."""
        chosen = await self._screen.question(
            Keys(
                self._till,
                _("Unknown code"),
                _("Nothing here has the code {code}.").format(code=code),
                {"N": later("make an article with it")},
                no=later("leave it out"),
            )
        )
        if not chosen:
            self._screen.say(Say.ERROR, _("Left out: the unknown code {code}.").format(code=code))
            return
        await self._screen.make_article(code)
        found = await self._till.ask(identify, code)
        if isinstance(found, Item):
            await self.item(found, quantity)


def birthday_limit(today: date, age: int) -> date:
    """Who was born on this day or before is old enough today; a 29 February counts as the day before 1 March."""
    try:
        return today.replace(year=today.year - age)
    except ValueError:
        return today.replace(year=today.year - age, day=28)


def _bounds(item: Item) -> str:
    low, high = item.lowest_price, item.highest_price
    if low is not None and high is not None:
        return _("From {low} to {high}.").format(low=money_text(low), high=money_text(high))
    return _("Type the price.")
