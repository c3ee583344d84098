"""Everything that is not the sale: a numbered list of what the person who is signed in may do."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from kiosk.errors import Invalid, Locked, WrongPin
from kiosk.i18n import _, later, ngettext, use_language
from kiosk.i18n.sentences import sentence
from kiosk.receipts.test_page import printer_test_page
from kiosk.rules.permissions import Action, State
from kiosk.screens.about import AboutScreen
from kiosk.screens.approval import allowed
from kiosk.screens.articles import ArticlesScreen
from kiosk.screens.back_room import BackRoom
from kiosk.screens.base import Press
from kiosk.screens.coming_back import CAME_BACK, TAKE_BACK
from kiosk.screens.dialogs import AskPin, AskText, Choose, Question
from kiosk.screens.history import HistoryScreen
from kiosk.screens.open_sale import OpenSale
from kiosk.screens.setting_words import LANGUAGE_NAMES
from kiosk.screens.settings import NEEDS, SettingsScreen
from kiosk.screens.till import Till
from kiosk.screens.widgets.cells import Cells
from kiosk.screens.widgets.choice_list import Choice, ChoiceList
from kiosk.screens.widgets.status import Hint, Say
from kiosk.services import drawer, journal, pins, printing, staff
from kiosk.services.shifts import Closed
from kiosk.services.shop import Shop, new_key

Work = Coroutine[Any, Any, None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu: its key is the same for everybody, so that hands can learn it."""

    key: str
    label: str
    action: str
    """The method ``do_…`` of the screen."""
    needs: Action | None = None
    """Who is denied this does not see the line."""
    also: tuple[Action, ...] = ()
    """Who may do one of these sees it too."""

    def seen(self, states: Mapping[Action, State]) -> bool:
        """Whether it is listed for somebody."""
        wanted = (*self.also, *([] if self.needs is None else [self.needs]))
        return not wanted or any(states.get(action, State.DENIED) is not State.DENIED for action in wanted)


ENTRIES: Final = (
    Entry("1", later("Articles and prices"), "articles", Action.EDIT_CATALOGUE),
    Entry("2", later("Past receipts"), "receipts", Action.SEE_HISTORY),
    Entry("W", later("Take goods back without a receipt"), "take_back", Action.RETURN_WITHOUT_RECEIPT),
    Entry("3", later("Open the drawer"), "drawer", Action.OPEN_DRAWER),
    Entry("C", later("Cash-up and close the day"), "cash_up", Action.COUNT_CASH),
    Entry("I", later("Paid in"), "paid_in", Action.PAID_IN),
    Entry("O", later("Paid out"), "paid_out", Action.PAID_OUT),
    Entry("S", later("To the safe"), "to_safe", Action.SAFE_DROP),
    Entry("Z", later("Past reports"), "past_reports", Action.READ_X),
    Entry("4", later("Printer test page"), "test_page", Action.DEVICES),
    Entry("5", later("Documents that wait for the printer"), "paper", Action.DEVICES),
    Entry("6", later("Change my PIN"), "pin"),
    Entry("7", later("Language of the screen"), "language"),
    Entry("8", later("State of the till"), "about", Action.SEE_HEALTH),
    Entry("9", later("Sign out"), "sign_out"),
    Entry("0", later("Stop the till"), "stop", Action.STOP_TILL),
    Entry("R", later("Reports"), "reports", Action.SEE_REPORTS),
    Entry("T", later("Training"), "training", Action.TRAIN),
    Entry("E", later("Settings"), "settings", Action.EDIT_SETTINGS, NEEDS),
)

_REASONS: Final = (
    later("Change a note"),
    later("Look into the drawer"),
    later("Correct the change of the last sale"),
)


@dataclass(frozen=True, slots=True)
class _Doors:
    """What the menu needs to know, in one visit to the desk."""

    states: Mapping[Action, State]
    waiting: int


def _look(shop: Shop, by: str) -> _Doors:
    wanted = {entry.needs for entry in ENTRIES if entry.needs is not None} | set(NEEDS)
    return _Doors({action: staff.permission(shop, by, action) for action in wanted}, printing.waiting(shop))


def _print_test_page(shop: Shop, by: str, printer: str) -> None:
    staff.require(shop, by, Action.DEVICES)
    at = shop.clock.local(shop.clock.now())
    page = printer_test_page(printer=printer, lane=shop.lane, at=at, training=shop.training)
    printing.queue_document(shop, "test", page)
    journal.note(shop, by, "print.test")


def _drop_paper(shop: Shop, by: str) -> int:
    staff.require(shop, by, Action.DEVICES)
    dropped = printing.drop_waiting(shop)
    journal.note(shop, by, "print.dropped_waiting", documents=dropped)
    return dropped


def _note_stop(shop: Shop, by: str) -> None:
    staff.require(shop, by, Action.STOP_TILL)
    journal.note(shop, by, "till.stopped")


class MenuScreen(BackRoom[str | Closed]):
    """The menu; only what the person may do is listed. Source: UX.md 4.7 (Manager), D7-02."""

    TITLE_WORD: ClassVar[str] = later("MENU")
    MAIN_KEY: ClassVar[str] = "menu.close"
    HINTS: ClassVar[Sequence[Hint]] = (("0-9 A-Z", later("choose")), ("Esc", later("back")))
    TYPING: ClassVar[Sequence[Hint]] = (("0-9 A-Z", later("Do what has this number or letter")),)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f11", "lock", later("Lock"), id="menu.lock"),
        Binding("f12,f10,escape", "close", later("Back"), id="menu.close"),
        Binding("enter", "take", later("Do it"), id="menu.take", tooltip=later("Do what is chosen")),
        Binding("up,minus", "up", later("Up"), id="menu.up", show=False),
        Binding("down,plus", "down", later("Down"), id="menu.down", show=False),
    ]

    def __init__(self, till: Till, to: OpenSale | None = None) -> None:
        """``to``: the open sale that this is the menu of; dismissed with what is wished for it."""
        super().__init__(till)
        self._to = to
        self._doors = _Doors({}, 0)
        self.list = ChoiceList()

    def body(self) -> ComposeResult:
        """The list."""
        yield self.list

    def on_mount(self) -> None:
        """Ask what this person may do; keys wait until it is known."""
        self.work(self._open())

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What is listed."""
        return tuple(entry for entry in ENTRIES if entry.seen(self._doors.states))

    # Keys

    def takes(self, press: Press) -> bool:
        """Digits and letters choose at once."""
        return press.character.isascii() and press.character.isalnum()

    def typed(self, character: str) -> Work | None:
        """Do what has this number or letter."""
        for place, entry in enumerate(self.entries):
            if entry.key == character.upper():
                self.list.move(place - (self.list.chosen or 0))
                return self._do_entry(entry)
        self.say(Say.ASK, _("Nothing in the menu has this key."))
        return None

    def action_take(self) -> Work | None:
        """Do what is chosen."""
        return None if self.list.chosen is None else self._do_entry(self.entries[self.list.chosen])

    def action_up(self) -> None:
        """One up."""
        self.list.move(-1)

    def action_down(self) -> None:
        """One down."""
        self.list.move(1)

    # What can be done

    async def do_articles(self) -> None:
        """Search, make and change articles."""
        await self.in_front(ArticlesScreen(self.till))

    async def do_receipts(self) -> None:
        """Past receipts."""
        if await self.in_front(HistoryScreen(self.till, to=self._to)):
            self.dismiss(CAME_BACK)

    async def do_take_back(self) -> None:
        """The next article comes back without its receipt."""
        self.dismiss(TAKE_BACK)

    async def do_drawer(self) -> None:
        """Open the drawer without a sale; says why, and may need another person's PIN (D5-06)."""
        reasons = [*(_(reason) for reason in _REASONS), _("Another reason")]
        place = await self.question(Choose(self.till, _("Drawer"), _("Why is the drawer opened?"), reasons))
        if place < 0:
            return
        reason: str | None = reasons[place]
        if place == len(_REASONS):
            asked = _("Why is the drawer opened? It is written down.")
            reason = await self.question(AskText(self.till, _("Drawer"), asked, longest=drawer.LONGEST_REASON))
        key = new_key()
        if reason is None or not await allowed(self, Action.OPEN_DRAWER, key=key):
            self.say(Say.QUIET, _("The drawer stays shut."))
            return
        await self.till.ask(drawer.open_without_sale, by=self.till.by, reason=reason, key=key)
        self.till.paper_queued()
        self.say(Say.OK, _("The drawer opens. It is written down."))

    async def do_cash_up(self) -> None:
        """Count the drawer and close the day; then there is nothing more to do here."""
        from kiosk.screens.cash_up import CashUpScreen

        closed = await self.in_front(CashUpScreen(self.till))
        if closed is not None:
            self.dismiss(closed)

    async def do_paid_in(self) -> None:
        """Put cash into the drawer that is no sale."""
        from kiosk.screens import cash_moves

        await cash_moves.move(self, cash_moves.Way.IN)

    async def do_paid_out(self) -> None:
        """Take cash out of the drawer that is no sale."""
        from kiosk.screens import cash_moves

        await cash_moves.move(self, cash_moves.Way.OUT)

    async def do_to_safe(self) -> None:
        """Take cash to the safe."""
        from kiosk.screens import cash_moves

        await cash_moves.move(self, cash_moves.Way.SAFE)

    async def do_past_reports(self) -> None:
        """Past X and Z."""
        from kiosk.screens.past_reports import PastReportsScreen

        await self.in_front(PastReportsScreen(self.till))

    async def do_test_page(self) -> None:
        """Queue the page that shows what the printer can do."""
        lamp = self.till.lamps["print"]
        await self.till.ask(_print_test_page, self.till.by, f"{_(lamp.name)}: {_(lamp.text)}")
        self.till.paper_queued()
        await self._look_again()
        self.say(Say.OK, _("The test page is queued."))

    async def do_paper(self) -> None:
        """Give up what waits for the printer; the sales stay, and each receipt can be printed again."""
        await self._look_again()
        waiting = self._doors.waiting
        if not waiting:
            self.say(Say.OK, _("Nothing waits for the printer."))
            return
        asked = ngettext("{count} document waits.", "{count} documents wait.", waiting).format(count=waiting)
        asked += " " + _("Leave it out? The sales stay, and each receipt can be printed again.")
        question = Question(self.till, _("Printer"), asked, yes=later("leave it out"), must_be_seen=True)
        if await self.question(question):
            dropped = await self.till.ask(_drop_paper, self.till.by)
            await self._look_again()
            self.say(
                Say.OK,
                ngettext("{count} document left out.", "{count} documents left out.", dropped).format(count=dropped),
            )

    async def do_pin(self) -> None:
        """Change one's own PIN: the old one first, then the new one twice."""
        title = _("Change my PIN")
        old = await self.question(AskPin(self.till, title, _("The PIN of today:")))
        if not old:
            return
        news = _("The new PIN, {fewest} to {most} digits:").format(fewest=pins.SHORTEST, most=pins.LONGEST)
        new = await self.question(AskPin(self.till, title, news))
        if not new:
            return
        again = await self.question(AskPin(self.till, title, _("The new PIN once more:")))
        if again != new:
            self.say(Say.ERROR, _("The old PIN stays: the two new ones differ."))
            return
        try:
            await self.till.ask(staff.set_pin, self.till.by, old, new)
        except (WrongPin, Locked, Invalid) as error:
            self.say(Say.ERROR, _("The old PIN stays.") + " " + sentence(error))
        else:
            self.say(Say.OK, _("Your PIN is changed."))

    async def do_language(self) -> None:
        """Speak another language until the next person signs in."""
        codes = tuple(LANGUAGE_NAMES)
        place = await self.question(
            Choose(self.till, _("Language"), _("Which language shall the screen speak?"), list(LANGUAGE_NAMES.values()))
        )
        if place < 0:
            return
        use_language(codes[place])
        self._show()
        for screen in self.app.screen_stack:
            for cells in screen.query(Cells):
                cells.redraw()
        self.say(Say.OK, _("The screen speaks {language}.").format(language=LANGUAGE_NAMES[codes[place]]))

    async def do_reports(self) -> None:
        """What was sold, by whom, when."""
        from kiosk.screens.reports import ReportsScreen

        await self.in_front(ReportsScreen(self.till))

    async def do_about(self) -> None:
        """How the till is."""
        await self.in_front(AboutScreen(self.till))

    async def do_training(self) -> None:
        """Begin to train, or leave the training (N22)."""
        from kiosk.screens import training

        await training.ask(self, self._to)

    async def do_sign_out(self) -> None:
        """Lock the till for whoever comes next; the basket is kept."""
        self.action_lock()

    async def do_stop(self) -> None:
        """Stop the till; the basket is kept."""
        asked = _("Stop the till? The open sale is kept, and nothing is lost.")
        if await self.question(Question(self.till, _("Stop"), asked, yes=later("stop the till"), must_be_seen=True)):
            await self.till.ask(_note_stop, self.till.by)
            self.app.exit(0)

    async def do_settings(self) -> None:
        """What all tills share, the people, and what they may do."""
        await self.in_front(SettingsScreen(self.till))
        await self._look_again()

    # Showing

    def shop_changed(self) -> None:
        """The language may be another one."""
        super().shop_changed()
        self._show()

    async def _open(self) -> None:
        await self._look_again()
        self.say(Say.QUIET, "")

    async def _look_again(self) -> None:
        self._doors = await self.till.ask(_look, self.till.by)
        self._show()

    async def _do_entry(self, entry: Entry) -> None:
        self.say(Say.QUIET, "")
        verb: Coroutine[Any, Any, None] = getattr(self, f"do_{entry.action}")()
        await verb

    def _show(self) -> None:
        choices = [Choice(_(entry.label), self._right(entry), entry.key) for entry in self.entries]
        self.list.show(_("Menu"), choices, self.list.chosen or 0)

    def _right(self, entry: Entry) -> str:
        if entry.action == "paper":
            return str(self._doors.waiting)
        needs_approval = entry.needs is not None and self._doors.states.get(entry.needs) is State.APPROVAL
        return _("with approval") if needs_approval else ""
