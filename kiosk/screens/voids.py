"""Taking out what is not wanted: the last step, a line, the open sale, the one that was paid last (D1-05, D5-04)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.errors import AlreadyVoided, EmptySale, NothingToUndo, NotThisShift
from kiosk.i18n import _, later, money_text
from kiosk.i18n.sentences import sentence
from kiosk.rules import basket as rules
from kiosk.rules.permissions import Action, State
from kiosk.screens import closing, sale_keys
from kiosk.screens.approval import allowed
from kiosk.screens.dialogs import Question
from kiosk.screens.sale_view import count_text, line_news
from kiosk.screens.void_paid import void_paid
from kiosk.screens.widgets.status import Say

if TYPE_CHECKING:
    from kiosk.screens.around import Around
    from kiosk.screens.done import Done
    from kiosk.screens.sale import SaleScreen, Work


class Voids:
    """What Del, F9 and the command to void do."""

    def __init__(self, screen: SaleScreen) -> None:
        self._screen = screen

    def undo(self) -> Work | None:
        """The last step goes back; when there is none, the sale can be voided, paid or not. Refuses: NothingToUndo."""
        screen = self._screen
        if screen.open.can_undo():
            before = screen.open.customer
            screen.open.undo()
            screen.changed(Say.OK, _("Taken back."))
            if screen.open.customer not in {None, before}:
                return screen.serving.look_again()
        elif screen.open.basket:
            return self._sale()
        elif screen.open.tenders:
            return screen.finishing.pay()
        elif screen.sold is not None:
            return self._paid(screen.sold)
        elif screen.just_parked:
            return screen.parking.undo()
        else:
            raise NothingToUndo
        return None

    def remind(self, around: Around) -> None:
        """Say which void was interrupted between the terminal and the books."""
        if around.half_voided is not None:
            said = _("The void of receipt {number} was interrupted: F8, F9 finishes it.")
            self._screen.say(Say.ERROR, said.format(number=around.half_voided), sale_keys.RECEIPTS)

    def line(self) -> Work | None:
        """Take the chosen line out, at once where that needs nobody's leave. Refuses: EmptySale."""
        if self._screen.open.line is None:
            raise EmptySale
        if self._screen.allowed.get(Action.VOID_LINE) is State.ALLOWED:
            self._take_out()
            return None
        return self._line_if_allowed()

    def sale(self) -> Work:
        """Void the whole open sale, after a question. Refuses: EmptySale."""
        if not self._screen.open.basket:
            raise EmptySale
        return self._sale()

    async def _line_if_allowed(self) -> None:
        if await self._may():
            self._take_out()

    async def _may(self) -> bool:
        return await allowed(self._screen, Action.VOID_LINE, key=self._screen.open.key)

    def _take_out(self) -> None:
        screen = self._screen
        line = screen.open.line
        if line is not None:
            screen.open.change(rules.void(screen.open.basket, line.id))
            screen.note("sale.line_voided", text=line_news(line), minor=line.gross.minor)
            screen.changed(Say.OK, _("Voided: {article}. F9 brings it back.").format(article=line.text))

    async def _paid(self, done: Done) -> None:
        """Void what was paid last; a void stays."""
        screen = self._screen
        try:
            voided = await void_paid(screen, done.sold.sale)
        except (NotThisShift, AlreadyVoided) as error:
            screen.say(Say.ERROR, sentence(error), sale_keys.RECEIPTS)
            return
        if voided is not None:
            screen.was_done(voided)

    async def _sale(self) -> None:
        screen = self._screen
        count, total = count_text(screen.open), screen.open.totals.total
        asked = _("Void the whole sale, {count}, {amount}?").format(count=count, amount=money_text(total))
        question = Question(screen.till, _("Void the sale"), asked, yes=later("void it"), must_be_seen=True)
        if not await screen.question(question) or not await self._may():
            return
        if await closing.give_back(screen, screen.open):
            screen.open.empty()
            screen.note("sale.voided", text=count, minor=total.minor)
            screen.changed(Say.OK, _("The sale is voided. F9 brings it back."))
