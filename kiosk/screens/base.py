"""What all screens of the till share: header, status line, key bar, and one order for keys and scans.

Keys and scans are answered in the order in which they came. While the desk
works on one, the next ones wait: they are typed ahead, neither lost nor
taken for something else. No widget has the focus; each key goes to the screen.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.events import Key, Resize, ScreenResume
from textual.screen import Screen

from kiosk.errors import ShopError, StorageFailed
from kiosk.i18n import _, later
from kiosk.i18n.clean import clean_text, visible
from kiosk.i18n.sentences import sentence
from kiosk.screens.messages import Faulted
from kiosk.screens.till import Till
from kiosk.screens.widgets.cells import STYLES, Cells
from kiosk.screens.widgets.header import Header
from kiosk.screens.widgets.key_bar import KeyBar
from kiosk.screens.widgets.status import Hint, Say, StatusLine
from kiosk.screens.widgets.too_small import FEWEST_COLUMNS, FEWEST_ROWS, TooSmall

if TYPE_CHECKING:
    from kiosk.screens.dialogs import Dialog

Result = TypeVar("Result")
Answer = TypeVar("Answer")

MOST_AHEAD: Final = 300
"""Keys that may wait while the desk works."""

log = logging.getLogger(__name__)


def key(keys: str, name: str, label: str, says: str = "", *, show: bool = True) -> Binding:
    """A binding: its keys, its id ``screen.action``, the word on the key bar and the line in the help."""
    return Binding(keys, name.partition(".")[2], label, id=name, tooltip=says, show=show)


@dataclass(frozen=True, slots=True)
class Press:
    """A key that was pressed."""

    key: str
    character: str = ""
    """Empty for a key that types nothing."""
    burst: bool = False
    """It came too fast for a person: it is text, whatever its key would do."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A code that was scanned."""

    code: str


class TillScreen(Screen[Result]):
    """A screen of the till.

    A screen of its own gives ``title``, ``body`` and BINDINGS, each binding
    with an id ``screen.action``, a ``description`` (the word on the key bar) and
    a ``tooltip`` (the line in the help, if the word is not enough), all three
    marked with ``later``. ``takes`` says which characters are text rather than
    keys; ``typed`` gets them. ``scanned`` gets codes. An action may be a
    coroutine: keys and scans then wait until it is done, and its refusals are said.
    """

    AUTO_FOCUS = ""
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"cell--{name}" for name in STYLES}
    BINDINGS: ClassVar[list[BindingType]] = [
        key("f1,question_mark", "till.help", later("Help"), later("The keys of this screen")),
        key("ctrl+l", "till.repaint", later("Repaint"), later("Draw the screen again")),
    ]
    MAIN_KEY: ClassVar[str] = ""
    """The id of the binding that finishes the screen's work."""
    HINTS: ClassVar[Sequence[Hint]] = ()
    """The next keys, as they stand in the status line."""
    TYPING: ClassVar[Sequence[Hint]] = ()
    """What the help says of keys that are no bindings: digits, letters."""
    SCANS_BELOW: ClassVar[bool] = False
    """Whether a scan closes this screen and belongs to the one below."""

    def __init__(self, till: Till) -> None:
        super().__init__()
        self.till = till
        self.header = Header(till, self.title_text)
        self.status = StatusLine()
        self.key_bar = KeyBar()
        self._ahead: deque[Press | Scan] = deque()
        self._working = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._bound: dict[str, Binding] = {}

    def title_text(self) -> str:
        """What stands at the left of the header: by default the shop, the lane and who is signed in."""
        parts = [self.till.shop.settings.name, self.till.shop.lane]
        if self.till.person is not None:
            parts.append(self.till.person.name)
        return " · ".join(parts)

    def compose(self) -> ComposeResult:
        """Header, body, status line, key bar."""
        yield self.header
        yield from self.body()
        yield self.status
        yield self.key_bar
        yield TooSmall()

    def body(self) -> ComposeResult:
        """What stands between the header and the status line."""
        yield from ()

    def on_mount(self) -> None:
        """Show the keys."""
        self.show_keys()
        if not self.status.text:
            self.say(Say.QUIET, "")

    def on_unmount(self) -> None:
        """What still waits for an answer is given up; what the desk was asked to do is done."""
        for task in self._tasks:
            task.cancel()

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Go on with what waited while another screen was in front."""
        del event
        self.header.redraw()
        self.call_next(self.serve)

    def on_resize(self, event: Resize) -> None:
        """Below the smallest size only a notice is shown."""
        small = event.size.width < FEWEST_COLUMNS or event.size.height < FEWEST_ROWS
        self.set_class(small, "-too-small")

    def shop_changed(self) -> None:
        """The shop has other settings: draw what they show."""
        for cells in self.query(Cells):
            cells.redraw()

    def come_back(self) -> None:
        """Whoever locked the till here has signed in again."""

    # Saying

    def say(self, kind: Say, text: str, hints: Sequence[Hint] | None = None) -> None:
        """Put a sentence, translated already, into the status line; without hints, those of the screen follow it."""
        self.status.show(kind, clean_text(text, 300), self.HINTS if hints is None else hints)
        if kind is Say.ERROR and self.is_running:
            self.app.bell()

    def refuse(self, error: ShopError) -> None:
        """Say what the shop refused, in one sentence; nothing is lost by it."""
        self.say(Say.ERROR, sentence(error))

    async def question(self, dialog: Dialog[Answer]) -> Answer:
        """Put a question in front and await its answer; only inside a coroutine that an action gave back."""
        given = await self.in_front(dialog)
        return dialog.refusal if given is None else given

    async def in_front(self, screen: Screen[Answer]) -> Answer | None:
        """Put a screen in front and await what it is dismissed with."""
        answer: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()

        def answered(given: Answer | None) -> None:
            if not answer.done():
                answer.set_result(given)

        self.app.push_screen(screen, answered)
        self.serve()
        return await answer

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Go, with a result; keys and scans that wait here are for the screen below."""
        below, ahead = self.below, self._ahead
        self._ahead = deque()
        done = super().dismiss(result)
        if below is not None:
            for one in ahead:
                below.take(one)
        return done

    def show_keys(self) -> None:
        """Bring the key bar up to date with what is bound now."""
        main = next((key for key, binding in self.bound.items() if binding.id == self.MAIN_KEY), "")
        labels = {
            key: binding.description
            for key, binding in self.bound.items()
            if key[0] == "f" and key[1:].isdigit() and binding.show
        }
        self.key_bar.show(labels, main=main)

    # Keys and scans

    @property
    def bound(self) -> dict[str, Binding]:
        """The bindings of this screen by key, as the shop's configuration has moved them."""
        if not self._bound:
            mine = {key: found.binding for key, found in self.active_bindings.items() if found.node is self}
            self._bound = {key: binding for key, binding in mine.items() if binding.id}
        return self._bound

    def press(self, press: Press) -> None:
        """Take a key, in its turn."""
        self.take(press)

    def scan(self, code: str) -> None:
        """Take a scanned code, in its turn."""
        below = self.below
        if self.SCANS_BELOW and below is not None:
            self.dismiss()
            below.scan(code)
        else:
            self.take(Scan(code))

    @property
    def below(self) -> TillScreen[Any] | None:
        """The screen that this one stands in front of."""
        stack = self.app.screen_stack
        place = stack.index(self) - 1 if self in stack else -1
        found = stack[place] if place >= 0 else None
        return found if isinstance(found, TillScreen) else None

    def paste(self, text: str) -> None:
        """Take pasted text as if it had been typed, without anything that ends a line."""
        for character in visible(text.partition("\n")[0], 128):
            self.take(Press(character, character, burst=True))

    def unscan(self, characters: int) -> None:
        """Take the last characters out of what was typed: they were a scanner's."""
        left = characters
        while left and self._ahead and isinstance(self._ahead[-1], Press) and self._ahead[-1].character:
            self._ahead.pop()
            left -= 1
        if left:
            self.untype(left)

    def untype(self, characters: int) -> None:
        """Take the last characters back that ``typed``, or a key, has dealt with already."""

    def takes(self, press: Press) -> bool:
        """Whether a character is text here, rather than a key that does something."""
        del press
        return False

    def typed(self, character: str) -> Coroutine[Any, Any, None] | None:
        """Take a character as text."""
        del character
        return None

    def scanned(self, code: str) -> Coroutine[Any, Any, None] | None:
        """Take a code. Unless a screen knows better, it is kept for the screen below."""
        del code
        self.say(Say.ERROR, _("Finish here first (Esc goes back), then scan again."))
        return None

    def asking(self) -> bool:
        """Whether the work that goes on is waiting for keys of this screen."""
        return False

    def may_lock(self) -> bool:
        """Whether the till may lock itself now: nothing is under way that must be answered."""
        return not self._working

    @property
    def codes_waiting(self) -> int:
        """How many scanned codes wait for their turn."""
        return sum(isinstance(one, Scan) for one in self._ahead)

    def on_key(self, event: Key) -> None:
        """Keys that a focused widget did not want; without a focus the app brings them by ``press``."""
        if event.key in self.bound:
            event.stop()
            event.prevent_default()
            self.press(Press(event.key, event.character or ""))

    def take(self, one: Press | Scan) -> None:
        """Take a key or a scan, in its turn; of keys that nobody can have meant so many are left out, of codes none."""
        if isinstance(one, Scan) or len(self._ahead) < MOST_AHEAD:
            self._ahead.append(one)
        self.serve()

    def serve(self) -> None:
        """Answer what waits, in order, until something must be awaited or another screen is in front."""
        while self._ahead and self.is_running:
            if self.app.screen is not self:
                self._hand_over()
                return
            one = self._next()
            if one is None:
                return
            self._answer(one)

    def _hand_over(self) -> None:
        """Keys belong to the screen in front; codes wait here until it goes."""
        front = self.app.screen
        keys = [one for one in self._ahead if isinstance(one, Press)]
        self._ahead = deque(one for one in self._ahead if isinstance(one, Scan))
        if isinstance(front, TillScreen):
            for one in keys:
                front.press(one)

    def _next(self) -> Press | Scan | None:
        if not self._working:
            return self._ahead.popleft()
        if self.asking():
            for place, one in enumerate(self._ahead):
                if isinstance(one, Press):
                    del self._ahead[place]
                    return one
        return None

    def _answer(self, one: Press | Scan) -> None:
        try:
            work = self.scanned(one.code) if isinstance(one, Scan) else self.pressed(one)
        except StorageFailed:
            raise
        except ShopError as error:
            self.refuse(error)
            return
        if work is not None:
            self.work(work)

    def pressed(self, press: Press) -> Coroutine[Any, Any, None] | None:
        """Answer a key: as text, or by what is bound to it."""
        if press.character and press.character.isprintable() and (press.burst or self.takes(press)):
            return self.typed(press.character)
        binding = self.bound.get(press.key)
        if binding is None:
            self.unknown_key(press)
            return None
        found: Coroutine[Any, Any, None] | None = getattr(self, f"action_{binding.action}")()
        return found

    def unknown_key(self, press: Press) -> None:
        """A key that does nothing here says where the keys are written."""
        del press
        self.say(Say.ASK, _("That key does nothing here. F1 shows the keys."))

    def work(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that must be awaited; keys and scans wait until it is done."""
        if self._working:
            work.close()
            raise RuntimeError("this screen is at work already")
        self._working = True
        self._start(self._do(work))

    def alongside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something while keys are answered as ever: a search, a draft."""
        self._start(self._quietly(work))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _do(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await self._guarded(work)
        finally:
            self._working = False
            self.serve()

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        await self._guarded(work)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """A refusal is said; a fault goes to the app, which must not die unseen in a task."""
        try:
            await work
        except StorageFailed as error:
            self.app.post_message(Faulted(error))
        except ShopError as error:
            self.refuse(error)
        except Exception as error:
            self.app.post_message(Faulted(error))

    # What every screen's keys do

    def action_help(self) -> None:
        """Show the keys of this screen."""
        from kiosk.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.till, self))

    def action_repaint(self) -> None:
        """Draw everything again."""
        self.refresh(layout=True)
        self.app.refresh(repaint=True, layout=True)
