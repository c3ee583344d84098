"""Counting the drawer and closing the day, with what should be there beside it (D6-01, D6-02, D6-05)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from kiosk.clock import from_millis
from kiosk.errors import CountNeeded, NoShift
from kiosk.i18n import _, date_text, later, money_text, ngettext, time_text
from kiosk.money import ZERO, Money
from kiosk.receipts.shift_report import ShiftReport
from kiosk.rules.drawer import Count
from kiosk.rules.permissions import Action, State
from kiosk.screens import cash_moves, open_day
from kiosk.screens.approval import allowed
from kiosk.screens.base import key
from kiosk.screens.counting import Counting, CountingScreen, Work
from kiosk.screens.day_words import difference_text, figures_of
from kiosk.screens.dialogs import AskMoney, Keys, Notice, Question
from kiosk.screens.past_reports import PastReportsScreen, ReportScreen, read_paper
from kiosk.screens.till import Till
from kiosk.screens.widgets.figures import Difference, Figure, Figures, Words
from kiosk.screens.widgets.status import Hint, Say
from kiosk.services import figures, parked, shifts, staff
from kiosk.services.shifts import Closed, Now
from kiosk.services.shop import Shop, new_key


@dataclass(frozen=True, slots=True)
class Drawer:
    """What the screen needs to know, in one visit to the desk."""

    now: Now
    report: ShiftReport | None
    """The figures of the day up to now; None without a shift, and for those who count blind."""
    sees_figures: bool
    """Whether whoever is signed in may read an X without asking."""
    parked: int = 0
    """How many sales wait under a name; they are no debts, and no day waits for them."""


def look(shop: Shop, by: str) -> Drawer:
    """How the drawer and the day stand."""
    now = shifts.now(shop, by)
    report = None
    if now.shift is not None and now.expected is not None:
        report = figures.collect(shop, now.shift, kind="x", number=0, by=by)
    sees_figures = staff.permission(shop, by, Action.READ_X) is State.ALLOWED
    return Drawer(now, report, sees_figures, parked.counts(shop).waiting)


class CashUpScreen(CountingScreen[Closed | None]):
    """The count at the left, the books at the right; gives the Z once the day is closed. Source: UX.md, Cash-up."""

    TITLE_WORD: ClassVar[str] = later("CASH-UP")
    MAIN_KEY: ClassVar[str] = "cash_up.close_day"
    HINTS: ClassVar[Sequence[Hint]] = (
        (later("Enter"), later("next")),
        ("F5", later("total")),
        ("F6", later("count only")),
        (later("Esc"), later("back")),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        key("f2", "cash_up.x", later("X report"), later("Print and show the figures; the day stays open")),
        key("f3", "cash_up.paid_in", later("Paid in"), later("Put cash into the drawer that is no sale")),
        key("f4", "cash_up.paid_out", later("Paid out"), later("Take cash out of the drawer that is no sale")),
        key("f6", "cash_up.count", later("Count"), later("Only count: book it, and go on selling")),
        key("f7", "cash_up.to_safe", later("To safe"), later("Take cash to the safe")),
        key("f8", "cash_up.past", later("Past Z"), later("Past reports: look at them, print them again")),
        key("f12", "cash_up.close_day", later("CLOSE DAY"), later("Close the day: book the count, print the Z")),
    ]

    def __init__(self, till: Till) -> None:
        super().__init__(till)
        self._drawer: Drawer | None = None
        self._keys: dict[str, str] = {}
        """The keys of deeds that were begun and are not done."""
        self.expected = Figures(id="expected")
        self.difference = Difference(id="difference")
        self.day = Words(id="day")

    def body(self) -> ComposeResult:
        """The fields, what should be there, what differs, and the day."""
        with Horizontal(id="body"):
            yield self.sheet
            with Vertical(id="should"):
                yield self.expected
                yield self.difference
        yield self.day

    def on_mount(self) -> None:
        """Look at the drawer; keys wait until it is known."""
        self.show()
        self.work(self._open())

    # Keys

    def action_x(self) -> Work:
        """Read the figures; the day stays open."""
        return self._read_x()

    def action_paid_in(self) -> Work:
        """Put cash into the drawer."""
        return self._move(cash_moves.Way.IN)

    def action_paid_out(self) -> Work:
        """Take cash out of the drawer."""
        return self._move(cash_moves.Way.OUT)

    def action_to_safe(self) -> Work:
        """Take cash to the safe."""
        return self._move(cash_moves.Way.SAFE)

    def action_count(self) -> Work:
        """Book the count, and go on selling."""
        return self._count_only()

    def action_past(self) -> Work:
        """Past reports."""
        return self._show_past()

    def action_close_day(self) -> Work:
        """Close the day."""
        return self._close()

    def action_back(self) -> Work | None:
        """Back; asks if something was typed."""
        if not self.counting.touched:
            self._forget()
            self.dismiss(None)
            return None
        return self._ask_to_leave()

    def at_the_end(self) -> None:
        """Enter closes nothing by itself."""
        self.say(Say.ASK, _("That was the last. F12 closes the day, F6 only counts."), ())

    # Work

    async def _open(self) -> None:
        await self._look_again()
        if self._now.shift is None and not await open_day.offer(self, self._now):
            self.dismiss(None)
            return
        if self._now.shift is None:
            await self._look_again()
        kept = self.till.counting
        if kept is not None and kept.of == self._shift_id and kept.touched:
            self._set(kept)
            self.say(Say.ASK, _("The count that was begun is still here."))
        else:
            self._set(replace(self.counting, of=self._shift_id))
            self.say(Say.QUIET, "")

    async def _look_again(self) -> None:
        self._drawer = await self.till.ask(look, self.till.by)
        self.show()

    async def _read_x(self) -> None:
        chosen = self._key("x")
        if not await allowed(self, Action.READ_X, key=chosen):
            self._nobody_agreed()
            return
        report = await self.till.ask(shifts.read_x, key=chosen, by=self.till.by)
        self._done("x")
        self.till.paper_queued()
        await self._look_again()
        paper = await self.till.ask(read_paper, report)
        await self.in_front(ReportScreen(self.till, paper, chosen))
        self.say(Say.OK, _("X {number} is read; the day stays open.").format(number=paper.number))

    async def _move(self, way: cash_moves.Way) -> None:
        await cash_moves.move(self, way)
        await self._look_again()

    async def _show_past(self) -> None:
        await self.in_front(PastReportsScreen(self.till))

    async def _count_only(self) -> None:
        counted = self._counted()
        if counted is None:
            raise CountNeeded
        chosen = self._key("count")
        if not await allowed(self, Action.COUNT_CASH, key=chosen):
            self._nobody_agreed()
            return
        asked = self._counted_words(counted) + " " + _("Book it, and go on selling?")
        question = Question(self.till, _("Count only"), asked, yes=later("book it"), must_be_seen=True)
        if not await self.question(question):
            self.say(Say.QUIET, _("Nothing is booked."))
            return
        booked = await self.till.ask(shifts.count, counted, key=chosen, by=self.till.by)
        self._done("count")
        self._forget()
        self._set(Counting(of=self._shift_id, in_total=not self.coins))
        blind = self._now.expected is None
        await self._look_again()
        said = _("Counted {amount}; it is booked.") if blind else _("Counted {amount}: {difference}; it is booked.")
        difference = difference_text(booked.difference)
        self.say(Say.OK, said.format(amount=money_text(booked.counted), difference=difference))

    async def _close(self) -> None:
        """One question, in which the difference is said; nothing is closed by a key that was typed ahead."""
        chosen = self._key("close")
        if not await allowed(self, Action.CLOSE_SHIFT, key=chosen):
            self._nobody_agreed()
            return
        counted = self._counted()
        if counted is None and self.till.shop.settings.count_at_close:
            raise CountNeeded
        if counted is not None and not await self._is_sure(counted):
            self.say(Say.QUIET, _("The day stays open."))
            return
        safe = await self.question(self._last_question(counted))
        if safe is None or (safe and not await allowed(self, Action.SAFE_DROP, key=chosen)):
            self.say(Say.QUIET, _("The day stays open."))
            return
        closed = await self.till.ask(shifts.close_shift, counted, key=chosen, by=self.till.by, to_safe=safe)
        self._done("close")
        self._forget()
        self.till.paper_queued()
        if not closed.proof_ok:
            said = _("The sums of the books do not agree. The day is closed; call the owner and the technician.")
            await self.question(Notice(self.till, _("PROOF FAILS"), said))
        self.dismiss(closed)

    async def _is_sure(self, counted: Count) -> bool:
        """Whether a difference above what the shop allows is meant; who counts blind is not told of it."""
        allowed_most = Money(self.till.shop.settings.difference_allowed)
        if self._now.expected is None or abs(counted.total - self._now.expected) <= allowed_most:
            return True
        asked = _("{counted} That is more than the {amount} that may differ.").format(
            counted=self._counted_words(counted), amount=money_text(allowed_most)
        )
        keys = {"C": later("close all the same")}
        chosen = await self.question(Keys(self.till, _("Close the day"), asked, keys, no=later("count again")))
        return chosen == "C"

    def _last_question(self, counted: Count | None) -> AskMoney:
        said = _("The drawer is not counted.") if counted is None else self._counted_words(counted)
        most = self._now.expected if counted is None else counted.total
        asked = _("How much of it goes to the safe? Enter alone: nothing.")
        over = self._over_float(counted)
        if over > ZERO:
            asked = _("How much of it goes to the safe? {amount} leaves the float; Enter alone: nothing.").format(
                amount=money_text(over)
            )
        return AskMoney(
            self.till,
            _("Close the day"),
            f"{said} {asked}",
            if_empty=ZERO,
            most=most,
            yes=later("close the day"),
            must_be_seen=True,
        )

    async def _ask_to_leave(self) -> None:
        asked = _("The day is not closed, and nothing is booked. What shall become of the count?")
        keys = {"Enter": later("keep it"), "D": later("discard it")}
        chosen = await self.question(Keys(self.till, _("Not booked yet"), asked, keys, no=later("count on")))
        if chosen == "D":
            self._forget()
        if chosen:
            self.dismiss(None)

    def _over_float(self, counted: Count | None) -> Money:
        """How much more was counted than the day began with; nothing to those who don't see it."""
        report = None if self._drawer is None else self._drawer.report
        return ZERO if counted is None or report is None else counted.total - report.opening

    # What is known

    @property
    def _now(self) -> Now:
        if self._drawer is None:
            raise NoShift
        return self._drawer.now

    @property
    def _shift_id(self) -> str:
        shift = self._now.shift
        return "" if shift is None else shift.id

    def _counted(self) -> Count | None:
        return self.counting.count(self.till.shop.settings.decimals)

    def _counted_words(self, counted: Count) -> str:
        expected = self._now.expected
        if expected is None:
            return _("Counted {amount}.").format(amount=money_text(counted.total))
        difference = difference_text(counted.total - expected)
        return _("Counted {amount}: {difference}.").format(amount=money_text(counted.total), difference=difference)

    def _key(self, deed: str) -> str:
        """The key of a deed: the same until it is done, so that a try again does it once."""
        return self._keys.setdefault(deed, new_key())

    def _done(self, deed: str) -> None:
        self._keys.pop(deed, None)

    def _nobody_agreed(self) -> None:
        self.say(Say.ERROR, _("Nobody agreed: nothing is booked."))

    # Keeping and showing

    def _set(self, counting: Counting) -> None:
        """What was typed outlives this screen."""
        super()._set(counting)
        self.till.counting = counting

    def _forget(self) -> None:
        self.till.counting = None

    def show(self) -> None:
        """Draw the count, and what it differs by."""
        super().show()
        drawer = self._drawer
        if drawer is None:
            return
        self._show_expected(drawer)
        self._show_difference(drawer.now.expected)
        shown = figures_of(drawer.report) if drawer.report is not None and drawer.sees_figures else ()
        *groups, last = shown or ((_("F2 shows the figures of the day."),),)
        self.day.show(self._day_title(), (*groups, (_parked_text(drawer.parked), *last)))

    def _day_title(self) -> str:
        shift = self._now.shift
        if shift is None:
            return _("Day")
        opened = self.till.shop.clock.local(from_millis(shift.at))
        title = _("Day of {day}, Z {number}, open since {time}")
        day = date_text(date.fromisoformat(shift.business_date))
        return title.format(day=day, number=shift.number, time=time_text(opened))

    def _show_expected(self, drawer: Drawer) -> None:
        report, expected = drawer.report, drawer.now.expected
        if expected is None:
            self.expected.show(_("Expected"), (), empty=_("Here the drawer is counted without seeing it."))
            return
        lines = [] if report is None else _lines(report)
        should = Figure(_("Should be"), money_text(expected), strong=True)
        self.expected.show(_("Expected"), [*lines, should])

    def _show_difference(self, expected: Money | None) -> None:
        amount = self.amount()
        if expected is None:
            self.difference.show(_("Counted"), "" if amount is None else money_text(amount))
        elif amount is None:
            self.difference.show(_("Difference"), "", _("nothing is counted yet"))
        else:
            self._show_amount(amount - expected)

    def _show_amount(self, difference: Money) -> None:
        free = Money(self.till.shop.settings.difference_allowed)
        note = _("it agrees") if not difference else _("missing") if difference < ZERO else _("over")
        if difference:
            note += " " + _("({amount} is allowed)").format(amount=money_text(free))
        style = "good" if not difference else "alarm" if free < abs(difference) else "figure"
        self.difference.show(_("Difference"), money_text(difference), note, style=style)


def _parked_text(count: int) -> str:
    return ngettext("{count} sale is parked", "{count} sales are parked", count).format(count=count) if count else ""


def _lines(report: ShiftReport) -> list[Figure]:
    """What the drawer's amount is made of."""
    lines = [
        Figure(_("Float"), money_text(report.opening)),
        Figure(_("Cash sales"), money_text(report.cash_sales)),
        Figure(_("Given back"), money_text(-report.cash_refunds)),
        Figure(_("Paid in"), money_text(report.cash_in)),
        Figure(_("Paid out"), money_text(-report.cash_out)),
    ]
    if report.difference:
        lines.append(Figure(_("Counted before"), money_text(report.difference)))
    return lines
