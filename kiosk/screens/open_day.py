"""Opening the day: the float as the books have it, another amount, or counted by notes and coins (D6-01)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from kiosk.errors import ClockSuspect, ShiftIsOpen
from kiosk.i18n import _, later, money_text, stamp_text
from kiosk.money import ZERO, Money
from kiosk.rules.drawer import Count, Purpose
from kiosk.rules.permissions import Action
from kiosk.screens.approval import allowed
from kiosk.screens.base import TillScreen, key
from kiosk.screens.counting import CountingScreen
from kiosk.screens.day_words import difference_text
from kiosk.screens.dialogs import AskMoney, Choose, Question
from kiosk.screens.till import Till
from kiosk.screens.widgets.figures import Figure, Figures
from kiosk.screens.widgets.status import Hint, Say
from kiosk.services import cash, shifts
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
        float_ = await _meant(screen, now.expected, counted)
        if float_ is not None:
            return await _open(screen, now.expected, float_)


@dataclass(frozen=True, slots=True)
class _Float:
    """What the day opens with: what was counted, and how much of it was put in only now."""

    counted: Count
    paid_in: Money = ZERO
    source: Purpose = Purpose.SAFE


async def _meant(screen: TillScreen[Any], expected: Money | None, counted: Count) -> _Float | None:
    """What is missing or over is taken at once if it isn't remarked upon; a greater one may be a slip of the finger.

    A float that was fetched in the morning is no difference, and must not stand in the books as one.
    """
    till = screen.till
    free = Money(till.shop.settings.difference_allowed)
    if expected is None or abs(counted.total - expected) <= free:
        return _Float(counted)
    over, title = counted.total - expected, _("A new day")
    asked = _("Counted {amount}: {difference}.").format(
        amount=money_text(counted.total), difference=difference_text(over)
    )
    if over < ZERO:
        asked += " " + _("Open the day with it? The difference is booked.")
        sure = await screen.question(Question(till, title, asked, yes=later("yes"), must_be_seen=True))
        return _Float(counted) if sure else None
    choices = [_("It comes from the safe"), _("It comes from the bank"), _("Nobody knows: book the difference")]
    question = Choose(till, title, f"{asked} {_('Where does that come from?')}", choices, must_be_seen=True)
    place = await screen.question(question)
    if place < 0:
        return None
    if place == len(choices) - 1:
        return _Float(counted)
    return _Float(Count(expected), over, (Purpose.SAFE, Purpose.BANK)[place])


async def _open(screen: TillScreen[Any], expected: Money | None, float_: _Float) -> bool:
    till, chosen, paying = screen.till, new_key(), new_key()
    agreed = await allowed(screen, Action.OPEN_SHIFT, key=chosen)
    if agreed and float_.paid_in:
        agreed = await allowed(screen, Action.PAID_IN, key=paying)
    if not agreed:
        screen.say(Say.ERROR, _("Nobody agreed: no day is open. Sales go on without a count."))
        return False
    counted, amount = float_.counted, float_.counted.total + float_.paid_in
    try:
        await till.ask(shifts.open_shift, counted, key=chosen, by=till.by)
    except ShiftIsOpen:
        screen.say(Say.ASK, _("A sale has begun the day uncounted. F10 and C count the drawer."))
        return True
    except ClockSuspect as error:
        if not await _clock_is_right(screen, error.says):
            screen.say(Say.ERROR, _("No day is open. Have the clock set; sales go on without a count."))
            return False
        await till.ask(shifts.open_shift, counted, key=chosen, by=till.by, clock_is_right=True)
    if float_.paid_in:
        await till.ask(cash.pay_in, float_.paid_in, float_.source, key=paying, by=till.by)
        till.paper_queued()
    said = _("The day is open with {amount}.").format(amount=money_text(amount))
    if expected is not None and expected != counted.total:
        said = _("The day is open with {amount}: {difference}.").format(
            amount=money_text(amount), difference=difference_text(counted.total - expected)
        )
    screen.say(Say.OK, said)
    return True


async def _clock_is_right(screen: TillScreen[Any], says: str) -> bool:
    asked = _("The clock says {says}. Is that right?").format(says=stamp_text(datetime.fromisoformat(says)))
    question = Question(
        screen.till, _("The clock"), asked, yes=later("yes, that is right"), no=later("no"), must_be_seen=True
    )
    return await screen.question(question)
