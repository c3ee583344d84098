"""Opening the day: the float as the books have it, another amount, or counted by notes and coins (D6-01)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from kiosk.errors import ClockSuspect
from kiosk.i18n import _, later, money_text, stamp_text
from kiosk.money import Money
from kiosk.rules.drawer import Count
from kiosk.rules.permissions import Action
from kiosk.screens.approval import allowed
from kiosk.screens.base import TillScreen, key
from kiosk.screens.counting import CountingScreen
from kiosk.screens.day_words import difference_text
from kiosk.screens.dialogs import AskMoney, Question
from kiosk.screens.till import Till
from kiosk.screens.widgets.figures import Figure, Figures
from kiosk.screens.widgets.status import Hint, Say
from kiosk.services import shifts
from kiosk.services.shifts import Now
from kiosk.services.shop import new_key


class OpenDayScreen(AskMoney):
    """What is in the drawer as the day begins? Enter takes what the books say; Esc sells without a count."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("f2", "open_day.count", later("Count"), later("Count the float by notes and coins")),
    ]

    def __init__(self, till: Till, expected: Money | None) -> None:
        """``expected`` is None for whoever counts blind."""
        if expected is None:
            asked = _("How much is in the drawer? Type it, or count it with F2.")
        else:
            asked = _("By the books, {amount} is in the drawer. Enter takes it so; type it if it differs.").format(
                amount=money_text(expected)
            )
        super().__init__(till, _("A new day"), asked, if_empty=expected, must_be_seen=True)
        self._hints = (("Enter", later("open the day")), ("F2", later("count")), ("Esc", later("sell without")))
        self.by_pieces = False
        """Whether it is to be counted by notes and coins."""

    def may_lock(self) -> bool:
        """Nothing is lost: it is asked again."""
        return True

    def action_count(self) -> None:
        """Count by notes and coins."""
        self.by_pieces = True
        self.answer(None)


class FloatScreen(CountingScreen[Count | None]):
    """The float, counted by notes and coins."""

    TITLE_WORD: ClassVar[str] = later("FLOAT")
    MAIN_KEY: ClassVar[str] = "float.take"
    HINTS: ClassVar[Sequence[Hint]] = (
        (later("Enter"), later("next")),
        ("F12", later("open the day")),
        (later("Esc"), later("back")),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        key("f12", "float.take", later("OPEN"), later("Open the day with what was counted")),
    ]

    def __init__(self, till: Till, expected: Money | None) -> None:
        super().__init__(till)
        self._expected = expected
        self.figures = Figures(id="should")

    def body(self) -> ComposeResult:
        """The fields, and what should be there."""
        with Horizontal(id="body"):
            yield self.sheet
            yield self.figures

    def on_mount(self) -> None:
        """Show the fields."""
        self.show()

    def show(self) -> None:
        """Draw the count, and what should be there."""
        super().show()
        if self._expected is None:
            self.figures.show(_("Expected"), (), empty=_("Here the drawer is counted without seeing it."))
            return
        amount = self.amount()
        lines = [Figure(_("Should be"), money_text(self._expected), strong=True)]
        if amount is not None:
            lines.append(Figure(_("Counted"), money_text(amount), strong=True))
            lines.append(Figure(_("Difference"), money_text(amount - self._expected), strong=True))
        self.figures.show(_("Expected"), lines)

    def at_the_end(self) -> None:
        """Enter opens nothing by itself."""
        self.say(Say.ASK, _("That was the last. F12 opens the day."), ())

    def action_take(self) -> None:
        """Open the day with it."""
        counted = self.counting.count(self.till.shop.settings.decimals)
        if counted is None:
            self.say(Say.ERROR, _("Nothing is counted yet. An empty drawer: type 0."))
        else:
            self.dismiss(counted)

    def action_back(self) -> None:
        """Back to the question."""
        self.dismiss(None)


async def greet(screen: TillScreen[Any]) -> bool:
    """Offer to open the day to whoever came to the till; whether it is open now."""
    return await offer(screen, await screen.till.ask(shifts.now, screen.till.by))


async def offer(screen: TillScreen[Any], now: Now) -> bool:
    """Offer to open the day; whether it is open now. Nobody has to: sales go on without a count."""
    till = screen.till
    while True:
        dialog = OpenDayScreen(till, now.expected)
        amount = await screen.question(dialog)
        counted = await screen.in_front(FloatScreen(till, now.expected)) if dialog.by_pieces else None
        if amount is not None:
            counted = Count(amount)
        if counted is None and dialog.by_pieces:
            continue
        if counted is None:
            screen.say(Say.QUIET, _("Sales go on without a count. F10 and C count at any time."))
            return False
        if await _sure(screen, now.expected, counted):
            return await _open(screen, now.expected, counted)


async def _sure(screen: TillScreen[Any], expected: Money | None, counted: Count) -> bool:
    """A difference that is not remarked upon is taken at once; a greater one may be a slip of the finger."""
    free = Money(screen.till.shop.settings.difference_allowed)
    if expected is None or abs(counted.total - expected) <= free:
        return True
    difference = difference_text(counted.total - expected)
    asked = _("Counted {amount}: {difference}.").format(amount=money_text(counted.total), difference=difference)
    asked += " " + _("Open the day with it? The difference is booked.")
    return await screen.question(Question(screen.till, _("A new day"), asked, yes=later("yes"), must_be_seen=True))


async def _open(screen: TillScreen[Any], expected: Money | None, counted: Count) -> bool:
    till, chosen = screen.till, new_key()
    if not await allowed(screen, Action.OPEN_SHIFT, key=chosen):
        screen.say(Say.ERROR, _("Nobody agreed: no day is open. Sales go on without a count."))
        return False
    try:
        await till.ask(shifts.open_shift, counted, key=chosen, by=till.by)
    except ClockSuspect as error:
        if not await _clock_is_right(screen, error.says):
            screen.say(Say.ERROR, _("No day is open. Have the clock set; sales go on without a count."))
            return False
        await till.ask(shifts.open_shift, counted, key=chosen, by=till.by, clock_is_right=True)
    said = _("The day is open with {amount}.").format(amount=money_text(counted.total))
    if expected is not None and expected != counted.total:
        difference = difference_text(counted.total - expected)
        said = _("The day is open with {amount}: {difference}.").format(
            amount=money_text(counted.total), difference=difference
        )
    screen.say(Say.OK, said)
    return True


async def _clock_is_right(screen: TillScreen[Any], says: str) -> bool:
    asked = _("The clock says {says}. Is that right?").format(says=stamp_text(datetime.fromisoformat(says)))
    question = Question(
        screen.till, _("The clock"), asked, yes=later("yes, that is right"), no=later("no"), must_be_seen=True
    )
    return await screen.question(question)
