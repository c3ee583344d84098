"""The sale screen: scan, type, change, and on to the payment (UX.md 4.3, 4.7)."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult

from kiosk.i18n import _, ngettext
from kiosk.money import Money
from kiosk.rules import basket as rules
from kiosk.screens import sale_keys
from kiosk.screens.around import Around, look_around
from kiosk.screens.asking import Asking
from kiosk.screens.base import Press, TillScreen
from kiosk.screens.done import Done, done_with
from kiosk.screens.entry import CUSTOMERS, SEARCHES, Entry, Mode, Typed
from kiosk.screens.finder import article_choices, articles
from kiosk.screens.keeper import Keeper
from kiosk.screens.messages import LockWanted
from kiosk.screens.open_sale import Moment, OpenSale
from kiosk.screens.sale_hints import SaleHints
from kiosk.screens.sale_lines import SaleLines
from kiosk.screens.sale_view import SaleView
from kiosk.screens.till import Till
from kiosk.screens.widgets.status import Hint, Say

if TYPE_CHECKING:
    from kiosk.rules.permissions import Action, State
    from kiosk.rules.tender import Tender
    from kiosk.screens.coming_back import ComingBack
    from kiosk.screens.finishing import Finishing
    from kiosk.screens.intake import Intake
    from kiosk.screens.lookup import Lookup
    from kiosk.screens.parking import Parking
    from kiosk.screens.sale_day import SaleDay
    from kiosk.screens.serving import Serving
    from kiosk.screens.voids import Voids
    from kiosk.services.sales import Sold

Work = Coroutine[Any, Any, None]


@dataclass(frozen=True, slots=True)
class _Before:
    """How things stood before a key that may turn out to be the beginning of a scan."""

    line: Entry
    now: Moment


class SaleScreen(TillScreen[None]):
    """One sale after the other, for whoever is signed in."""

    BINDINGS = sale_keys.BINDINGS
    HINTS = sale_keys.HINTS
    TYPING = sale_keys.TYPING
    MAIN_KEY: ClassVar[str] = "sale.cash"

    def __init__(self, till: Till) -> None:
        super().__init__(till)
        self.view = SaleView(till)
        self.open = OpenSale(till.shop)
        self.sold: Done | None = None
        """The sale before, until the next one begins: its change stands on the screen."""
        self.just_parked = ""
        """The key of the sale that was put aside, until the next one begins: F9 takes it up."""
        self.line = Entry()
        """What has been typed."""
        self.around: Around | None = None
        self.allowed: Mapping[Action, State] = {}
        self.finder = articles(self, self._list_hits)
        self.mode = Mode.SELL
        """What becomes of the next article."""
        self._asking = Asking()
        self._keeper = Keeper(self, lambda: self.open.draft(self.line.text))
        self._recent: tuple[_Before, ...] = ()
        self._hints = SaleHints(self)
        self.lines = SaleLines(self)

    # What is not needed for the first paint is imported after it: the till is seen sooner.

    @cached_property
    def intake(self) -> Intake:
        """The way of an article into the sale."""
        from kiosk.screens.intake import Intake

        return Intake(self)

    @cached_property
    def lookup(self) -> Lookup:
        """The way from what is typed to an article."""
        from kiosk.screens.lookup import Lookup

        return Lookup(self)

    @cached_property
    def finishing(self) -> Finishing:
        """The way to the books."""
        from kiosk.screens.finishing import Finishing

        return Finishing(self)

    @cached_property
    def voids(self) -> Voids:
        """The way out."""
        from kiosk.screens.voids import Voids

        return Voids(self)

    @cached_property
    def coming_back(self) -> ComingBack:
        """The way of goods back into the sale."""
        from kiosk.screens.coming_back import ComingBack

        return ComingBack(self)

    @cached_property
    def serving(self) -> Serving:
        """Whom it is for."""
        from kiosk.screens.serving import Serving

        return Serving(self)

    @cached_property
    def parking(self) -> Parking:
        """The way aside, and back."""
        from kiosk.screens.parking import Parking

        return Parking(self, self._keeper)

    @cached_property
    def day(self) -> SaleDay:
        """The day that is open, or not."""
        from kiosk.screens.sale_day import SaleDay

        return SaleDay(self)

    def body(self) -> ComposeResult:
        """As the view has it."""
        yield from self.view.compose()

    def on_mount(self) -> None:
        """Look around: the basket that was left, the tenders, the quick articles."""
        self.show()
        self.work(self._begin())

    async def _begin(self) -> None:
        self.around = around = await self.till.ask(look_around, self.till.by)
        from kiosk.screens import closing

        self.allowed = around.allowed
        self.view.show_quick(around.quick)
        if around.draft is not None:
            self.open = OpenSale(self.till.shop, around.draft)
            self.line = Entry(around.draft.entry)
        self._say_restored()
        if around.served is not None:
            self.serving.put_back(around.served)
        self.show()
        if await closing.settle_pending(self, self.open, around.pending, around.tenders):
            self.show()
            self._keeper.save()
        await self.day.greet(around)
        self.voids.remind(around)

    def come_back(self) -> None:
        """Who left has come back, perhaps the next morning."""
        self.alongside(self._greet_again())

    async def _greet_again(self) -> None:
        await self._look_again()
        if self.around is not None:
            await self.day.greet(self.around)

    def shop_changed(self) -> None:
        """The open sale stays, under the settings of now."""
        super().shop_changed()
        self.open.under(self.till.shop)
        self.show()
        self.alongside(self._look_again())

    async def _look_again(self) -> None:
        """Quick articles, means of payment and rights may be others now, and so may the language."""
        self.around = around = await self.till.ask(look_around, self.till.by)
        self.allowed = around.allowed
        self.view.show_quick(around.quick)
        self.show()
        if self.open.customer is not None:
            await self.serving.look_again()

    def _say_restored(self) -> None:
        if self.open.restored:
            self.say(Say.ASK, _("This sale was left open. Look at it before it is paid."))

    # Showing and keeping

    def show(self) -> None:
        """Draw the sale as it is, and what is typed."""
        self.view.show(self.open, self.sold)
        self.type(self.line)

    def type(self, line: Entry) -> None:
        """Have this in the entry line, with the hits for it."""
        before, self.line = self.line, line
        if self._asking.open:
            self.view.entry.show(self._asking.text, title=self._asking.title)
            return
        self._hints.follow(before, line)
        self.view.show_entry(line, self.mode)
        words, command = line.typed is Typed.WORDS, line.typed is Typed.COMMAND
        self.finder.want(line.text if words else "")
        if command:
            from kiosk.screens import commands

            self.view.hits.show(_("Commands"), commands.choices(self, line.text), empty=_("No such command"))
        if line.typed is Typed.CUSTOMER:
            self.serving.list_hits(line)
        else:
            self.view.list_hits(command or (words and self.finder.known))

    def say(self, kind: Say, text: str, hints: Sequence[Hint] | None = None) -> None:
        """Say it; without hints, with the keys that do something to what is typed or sold now."""
        self._hints.keep()
        super().say(kind, text, self._hints.now() if hints is None else hints)

    def _list_hits(self) -> None:
        if self.line.typed is Typed.WORDS:
            self.view.hits.show(_("Articles"), article_choices(self.finder.found), empty=_("Nothing is called that"))
            self.view.list_hits(True)

    def changed(self, kind: Say, text: str) -> None:
        """After each change of the basket: say it, draw it, and keep it once it is painted."""
        self.sold, self.just_parked = None, ""
        self.say(kind, text)
        self.show()
        self._keeper.save()
        self.day.sale_begins()

    def note(self, action: str, *, text: str, minor: int) -> None:
        """Write into the journal, while the keys go on."""
        from kiosk.services import journal

        by = self.till.by
        self.alongside(self.till.ask(lambda shop: journal.note(shop, by, action, text=text, minor=minor)))

    # Typing

    def takes(self, press: Press) -> bool:
        """Letters and digits always; signs only inside words, and a slash where it has nothing to act on."""
        if self.line.typed in SEARCHES:
            return True
        if press.character == "/":
            return not self.line
        return press.character not in "+-*?"

    def typed(self, character: str) -> Work | None:
        """One character more; behind a lone decimal sign, a digit is a quick article."""
        if self.line.typed is Typed.QUICK and character.isdigit():
            quantity = self.line.quantity
            self.type(Entry())
            return self.lookup.quick(character, quantity)
        self.type(self.line.add(character))
        return None

    def pressed(self, press: Press) -> Work | None:
        """While a price or a weight is asked for, keys answer that."""
        if self._asking.open:
            if not self._asking.press(press):
                self.say(Say.ASK, _("Type a number. Enter takes it, Esc leaves the article out."), ())
            self.type(self.line)
            return None
        if press.character and not press.burst:
            self._recent = (*self._recent[-1:], _Before(self.line, self.open.now))
        return super().pressed(press)

    def untype(self, characters: int) -> None:
        """What was typed turned out to be a scan: the line is as it was before, and so is the basket."""
        if self._asking.open:
            self._asking.untype(characters)
        elif self._recent:
            before = self._recent[0 if characters > 1 else -1]
            sold = self.open.now
            self.open.forget_step(before.now)
            self._hints.keep()
            self.type(before.line)
            self._hints.show(fresh=False)
            if self.open.now is sold:
                return
        self.show()

    def asking(self) -> bool:
        """Whether a price or a weight is being asked for in the entry line."""
        return self._asking.open

    async def ask_entry(self, title: str, kind: Say, advice: str) -> str | None:
        """Ask for a number in the entry line; None on Esc. What was typed before comes back afterwards."""
        answer = self._asking.begin(title)
        self.say(kind, advice, sale_keys.TAKE_OR_LEAVE)
        self.type(self.line)
        self.serve()
        try:
            return await answer
        finally:
            self._asking.end()
            self.type(self.line)

    # Codes

    def scan(self, code: str) -> None:
        """Take a code, in its turn; while a price or a weight is asked for, that is after the answer."""
        super().scan(code)
        waiting = self.codes_waiting
        if self._asking.open and waiting:
            self.say(
                Say.ERROR,
                ngettext(
                    "{count} scanned code waits. Answer first.", "{count} scanned codes wait. Answer first.", waiting
                ).format(count=waiting),
            )

    def scanned(self, code: str) -> Work | None:
        """A code, with the quantity that was typed before it."""
        if self.mode is Mode.PRICE:
            return self.lookup.price(code)
        quantity = self.line.quantity
        if quantity is not None:
            self.type(Entry(self.line.text))
        return self.intake.code(code, quantity)

    async def make_article(self, code: str) -> None:
        """Let somebody make the article that an unknown code is missing."""
        from kiosk.screens.article import ArticleScreen

        await self.in_front(ArticleScreen(self.till, code=code))

    async def show_receipt(self, sale: str) -> None:
        """Show a past receipt."""
        await self.coming_back.receipts(sale)

    # Finishing

    def action_enter(self) -> Work | None:
        """Look up what is typed, take a hit, set a quantity; with nothing typed, go on to the payment."""
        line = self.line
        if line.typed is Typed.COMMAND:
            return self._command(line.text)
        if line.typed is Typed.CUSTOMER:
            return self.serving.hit(line)
        if line.typed is Typed.WORDS:
            return self.lookup.hit(line.text, line.quantity)
        if line.typed is Typed.NUMBER:
            self.type(Entry())
            if self.mode is Mode.PRICE:
                return self.lookup.price(line.text)
            return self.intake.code(line.text, line.quantity)
        if line.quantity is not None:
            self.lines.so_many(line.quantity)
            return None
        self.type(Entry())
        return self.finishing.pay() if self.finishing.is_there() else None

    def _command(self, text: str) -> Work | None:
        from kiosk.screens import commands

        wanted, chosen = commands.found(self, text), self.view.hits.chosen or 0
        self.type(Entry())
        if chosen >= len(wanted):
            self.say(Say.ERROR, _("There is no command {word}.").format(word=text))
            return None
        work: Work | None = getattr(self, f"action_{wanted[chosen].action}")()
        return work

    def action_cash(self) -> Work | None:
        """Paid in cash: exactly, or the amount that is typed. A sale that was left open is shown first."""
        if not self.finishing.is_there():
            return None
        if self.open.restored:
            self._say_restored()
            return self.finishing.pay()
        return self.finishing.cash(Money.parse(self.line.text, self.till.shop.settings.decimals) if self.line else None)

    async def tenders(self) -> tuple[Tender, ...]:
        """The means of payment that this shop takes."""
        if self.around is None:
            self.around = await self.till.ask(look_around, self.till.by)
        return self.around.tenders

    def keep_now(self) -> None:
        """Write the open sale to the disk, while another screen stands in front of it."""
        self._keeper.save_now()

    def looked_at(self) -> None:
        """Back from the payment: whoever stands here has seen the sale."""
        self.open.restored = False
        self.show()
        self._keeper.save()

    def finished(self, sold: Sold) -> None:
        """The sale is in the books: the next one begins, and the change stays until it does."""
        self._keeper.forget()
        done = done_with(sold, self.open)
        self.open = OpenSale(self.till.shop)
        self.line = Entry()
        self.was_done(done)

    def turn_to(self, sale: OpenSale) -> None:
        """Another sale stands here now, and nothing is typed for it yet."""
        self.open, self.line, self.mode = sale, Entry(), Mode.SELL
        self.sold, self.just_parked = None, ""
        self.show()

    def was_done(self, done: Done) -> None:
        """Show what is in the books now, and the money that goes over the counter for it."""
        self.sold = done
        self.say(Say.OK, done.news, sale_keys.RECEIPTS if done.voids else sale_keys.AFTER)
        self.show()
        self.alongside(self.till.catch_up())

    # Lines

    def action_more(self) -> None:
        """One more of the chosen line, or as many as are typed."""
        self.lines.more()

    def action_fewer(self) -> None:
        """One less of the chosen line, or as many as are typed; at zero it goes."""
        self.lines.fewer()

    def action_times(self) -> None:
        """The number becomes a quantity; with nothing typed, the chosen line is sold once more."""
        self.lines.times()

    def action_percent(self) -> Work | None:
        """So many percent off the chosen line."""
        return self.lines.percent()

    def action_new_price(self) -> Work | None:
        """Another price for the chosen line."""
        return self.lines.new_price()

    def action_discount(self) -> Work:
        """A discount with a reason, on the line or on the whole sale."""
        from kiosk.screens import discounts

        return discounts.ask(self)

    def action_void_line(self) -> Work | None:
        """Take the chosen line out (D1-05)."""
        return self.voids.line()

    def action_undo(self) -> Work | None:
        """The last step goes back; when there is none, the sale can be voided."""
        return self.voids.undo()

    def action_void_sale(self) -> Work:
        """Void the whole sale, after a question."""
        return self.voids.sale()

    # Moving and the rest

    def action_up(self) -> None:
        """One up, among the hits or the lines."""
        self._move(-1)

    def action_down(self) -> None:
        """One down, among the hits or the lines."""
        self._move(1)

    def action_page_up(self) -> None:
        """A page up."""
        self._move(-self.view.page)

    def action_page_down(self) -> None:
        """A page down."""
        self._move(self.view.page)

    def action_first(self) -> None:
        """To the first."""
        self._move(-rules.MOST_LINES)

    def action_last(self) -> None:
        """To the last."""
        self._move(rules.MOST_LINES)

    def _move(self, by: int) -> None:
        if self.view.listing:
            self.view.hits.move(by)
        else:
            self.open.move(by)
            self.show()

    def action_erase(self) -> None:
        """The last character goes."""
        self.type(self.line.erase())

    def action_clear(self) -> None:
        """What is typed goes; the sale stays."""
        self.mode = Mode.SELL
        self.say(Say.QUIET, "")
        self.type(Entry())

    def action_look(self) -> Work | None:
        """The next code or hit is shown with its price and not sold (D1-10)."""
        self.mode = Mode.PRICE
        self.type(self.line)
        if self.line.typed in {Typed.NUMBER, Typed.WORDS}:
            return self.action_enter()
        self.say(Say.ASK, _("Price check: scan or type; nothing is sold."), sale_keys.BACK)
        return None

    def action_customer(self) -> Work:
        """Whom the sale is for: found by what is typed, or by what will be (T-09)."""
        text = "" if self.line.typed is Typed.COMMAND else self.line.text
        self.type(Entry())
        return self.serving.find(text.removeprefix(CUSTOMERS))

    def action_badge(self) -> Work:
        """All that can be done with the customer (T-10)."""
        return self.serving.menu()

    def action_park(self) -> Work:
        """Park the sale; in an empty one, list those that are parked (T-11)."""
        return self.parking.park_or_list()

    def action_take_back(self) -> Work:
        """The next article comes back without its receipt (D5-02)."""
        return self.coming_back.next_one()

    async def action_history(self) -> None:
        """Past receipts."""
        await self.coming_back.receipts()

    async def action_menu(self) -> None:
        """Everything else."""
        from kiosk.screens.menu import MenuScreen

        wish = await self.in_front(MenuScreen(self.till, self.open))
        if wish is None or isinstance(wish, str):
            await self.coming_back.wished(wish)
        await self._look_again()
        if wish is not None and not isinstance(wish, str):
            self.day.closed(wish)

    def action_lock(self) -> None:
        """Lock the till; the basket stays with whoever opened it."""
        self._keeper.save()
        self.post_message(LockWanted())
