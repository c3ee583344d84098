"""The till as a program: it opens the screens, and turns what devices call back with into messages. No rules."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from rich.console import RenderableType
from rich.text import Text
from textual._compositor import ChopsUpdate
from textual.app import App
from textual.binding import BindingType
from textual.driver import Driver
from textual.events import Event, Key, Paste
from textual.screen import Screen

from kiosk import sdnotify, terminal
from kiosk.config import Config
from kiosk.devices import Scanner
from kiosk.devices.wedge import Kind, Wedge
from kiosk.i18n import _, clean_text, later, set_currency, use_language
from kiosk.i18n.sentences import sentence
from kiosk.rules.codes import LONGEST_CODE
from kiosk.screens import messages, theme
from kiosk.screens.base import Press, TillScreen
from kiosk.screens.driver import TillDriver
from kiosk.screens.lean import LeanUpdate
from kiosk.screens.till import Lamp, Till
from kiosk.screens.widgets.status import Say

if TYPE_CHECKING:
    from kiosk.screens.counting import Counting
    from kiosk.services.shop import Shop
    from kiosk.services.training import Training
    from kiosk.spool import OnPrinter, Spool

LONGEST_WATCH: Final = 20.0
"""Seconds between two signs of life at most."""

DEAF_AFTER_PLUG: Final = 1.0
"""Seconds in which keys are nobody's: until it is grabbed, a scanner that is plugged in types (PLATFORM.md 2)."""

HELD_BACK: Final = 0.06
"""Seconds for which the rest of what looks like a scan is not drawn: by then its end has come, or it was typed."""

_TERMINATORS: Final = {"enter": "\r", "tab": "\t"}
_IGNORED: Final = frozenset({"ctrl+c", "ctrl+q", "ctrl+z", "ctrl+j", "ctrl+p", "ctrl+s", "ctrl+backslash"})
"""Keys that end, stop or open something elsewhere; for a clerk they do nothing at all."""
_REPLACEMENT: Final = "\ufffd"

log = logging.getLogger(__name__)


class Kiosk(App[int], inherit_bindings=False):
    """One till in one terminal."""

    CSS_PATH = Path(__file__).parent / "screens" / "kiosk.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(
        self,
        till: Till,
        *,
        config: Config | None = None,
        scanners: Callable[[], Sequence[Scanner]] = tuple,
        spool: Callable[[OnPrinter], Spool] | None = None,
        environ: Mapping[str, str] = os.environ,
        now: Callable[[], float] = monotonic,
        wedge: Wedge | None = None,
        notice: Sequence[str] = (),
    ) -> None:
        """``till.desk`` has been started, and whoever gave it stops it.

        ``scanners`` makes what reads codes, after the first paint: a device, and the
        socket of ``kiosk scan``. ``spool`` makes the print worker. With ``till.person`` set, nobody
        has to sign in; ``notice`` is shown to those who do. ``now`` counts seconds, for the lock.
        """
        logging.getLogger().addHandler(logging.NullHandler())
        chosen = config or Config()
        super().__init__()
        self.till = till
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (chosen.wide_from, "-wide")]
        self._config = chosen
        self._make_scanners = scanners
        self._scanners: tuple[Scanner, ...] = ()
        self._make_spool = spool
        self._spool: Spool | None = None
        self._environ = environ
        self._now = now
        self._wedge = wedge or Wedge()
        self._held: list[Press] = []
        """Characters that came too fast for a person, until it is known what they are."""
        self._notice = tuple(notice)
        self._training: Training | None = None
        self._real: tuple[Counting | None, Path | None] = (None, None)
        """While the till is in training: the count of the real drawer that somebody has begun, and where files go."""
        self._last_touch = now()
        self._scanner_state = ""
        self._deaf_until = now()
        for one in theme.THEMES:
            self.register_theme(one)
        self.theme = theme.choose(chosen.theme, environ).name
        self.set_keymap(dict(chosen.keys))
        till.shop_changed = self._shop_changed
        settings = till.shop.settings
        set_currency(settings.currency, settings.decimals)
        use_language(chosen.language or settings.language)

    # Life

    def on_mount(self) -> None:
        """Show the first screen; devices start when it stands."""
        if self.till.person is not None:
            self._sell()
        else:
            self._lock("")
        self.call_after_refresh(self._start_devices)

    def _start_devices(self) -> None:
        self._scanners = tuple(self._make_scanners())
        for scanner in self._scanners:
            scanner.start(self.code_scanned, self.scanner_changed)
        if self._make_spool is not None:
            self._spool = self._make_spool(self.printer_changed)
            self.till.paper_queued = self._spool.wake
            self._spool.start()
        self._tick()
        terminal.settle_memory()
        sdnotify.notify("READY=1", self._environ)
        interval = sdnotify.watchdog_interval(self._environ)
        if interval:
            self.set_interval(min(interval, LONGEST_WATCH), self._sign_of_life)

    def on_unmount(self) -> None:
        """Let the devices go; a till that is stopped in training leaves it first."""
        sdnotify.notify("STOPPING=1", self._environ)
        for scanner in self._scanners:
            scanner.stop()
        if self._spool is not None:
            self._spool.stop()
        if self._training is not None:
            self.till.desk.do(self._end_training)

    def _tick(self) -> None:
        """Once a minute: the time in the header, and the lock of a till that nobody touches."""
        clock = self.till.shop.clock
        self.set_timer(60.05 - clock.now().second, self._tick)
        screen = self.screen
        if isinstance(screen, TillScreen):
            screen.header.redraw()
            minutes = self.till.shop.settings.lock_after_minutes
            if minutes and self._now() - self._last_touch > minutes * 60 and screen.may_lock():
                self._lock("")

    def _sign_of_life(self) -> None:
        """To the watchdog, by way of the desk: a till whose desk hangs is dead too."""
        self.till.desk.do(sdnotify.notify, "WATCHDOG=1", self._environ)

    # What devices call, on threads of their own

    def code_scanned(self, code: str) -> None:
        """A scanner or ``kiosk scan`` has read a code."""
        self.post_message(messages.CodeScanned(code))

    def scanner_changed(self, state: str, detail: str) -> None:
        """The scanner is in another state, or rejected a scan."""
        if state == "rejected":
            log.warning("a scan was rejected: %s", detail)
            self.post_message(messages.ScanRejected())
        else:
            if (self._scanner_state, state) == ("unplugged", "ok"):
                self._deaf_until = self._now() + DEAF_AFTER_PLUG
            self._scanner_state = state
            self.post_message(
                messages.LampChanged("scan", _SCANNER.get(state, later("fault")), fine=state in {"ok", "off"})
            )

    def printer_changed(self, state: str, waiting: int) -> None:
        """The printer is in another state; ``waiting`` documents have not come out."""
        if self._config.printer.kind == "none":
            return
        text = f"{waiting}" if state == "ok" and waiting else _PRINTER.get(state, later("fault"))
        self.post_message(messages.LampChanged("print", text, fine=state == "ok"))

    def on_lamp_changed(self, message: messages.LampChanged) -> None:
        """Show how a device is."""
        lamp = self.till.lamps.get(message.lamp)
        if lamp is None or (lamp.text, lamp.fine) == (message.text, message.fine):
            return
        self.till.lamps[message.lamp] = Lamp(lamp.name, message.text, message.fine)
        if isinstance(self.screen, TillScreen):
            self.screen.header.redraw()

    def on_code_scanned(self, message: messages.CodeScanned) -> None:
        """Bring a code to the screen in front."""
        self._scan(message.code)

    def on_scan_rejected(self) -> None:
        """Say that a scan must be done again."""
        self._say_again()

    # Keys

    async def on_event(self, event: Event) -> None:
        """Keys go to the screen in front, in the order in which they came, and past Textual's own bindings."""
        if isinstance(event, Key) and not event.is_forwarded:
            if not self._key(event):
                await super().on_event(event)
        elif isinstance(event, Paste) and not event.is_forwarded and self._unfocused() is not None:
            screen = self._unfocused()
            if screen is not None:
                screen.paste(event.text)
        else:
            await super().on_event(event)

    def _unfocused(self) -> TillScreen[Any] | None:
        screen = self.screen
        return screen if isinstance(screen, TillScreen) and screen.focused is None else None

    def _key(self, event: Key) -> bool:
        """Whether the key was dealt with; otherwise a widget has the focus and gets it."""
        if self._now() < self._deaf_until:
            self._wedge.reset()
            self._held.clear()
            return True
        self._last_touch = self._now()
        character = event.character or ""
        if event.key in _IGNORED or character == _REPLACEMENT:
            self._wedge.disturb(character, event.time)
            return True
        screen = self._unfocused()
        if screen is None:
            return not isinstance(self.screen, TillScreen)
        fed = _TERMINATORS.get(event.key) or (character if len(character) == 1 and character.isprintable() else "")
        if not fed:
            if not self._wedge.disturb(character, event.time):
                self._let_go()
                screen.press(Press(event.key))
            return True
        decision = self._wedge.feed(fed, event.time)
        if decision.kind in {Kind.SCAN, Kind.REJECTED}:
            drawn = decision.remove - len(self._held)
            self._held.clear()
            screen.unscan(drawn)
        if decision.kind is Kind.SCAN:
            self._scan(decision.code)
        elif decision.kind is Kind.REJECTED:
            self._say_again()
        elif decision.bursting:
            self._hold(Press(event.key, fed, burst=True))
        else:
            self._let_go()
            screen.press(Press(event.key, "" if event.key in _TERMINATORS else fed))
        return True

    def _hold(self, press: Press) -> None:
        """Keep it back: drawing each character of a scan costs more than the scan."""
        if not self._held:
            self.set_timer(HELD_BACK, self._let_go)
        self._held.append(press)

    def _let_go(self) -> None:
        """What was held back was typed after all, or its end is long in coming: it is for the screen in front."""
        held, self._held = self._held, []
        screen = self._unfocused()
        if screen is not None:
            for press in held:
                screen.press(press)

    def _scan(self, code: str) -> None:
        cleaned = clean_text(code, LONGEST_CODE)
        screen = self.screen
        if cleaned and isinstance(screen, TillScreen):
            self._last_touch = self._now()
            screen.scan(cleaned)

    def _say_again(self) -> None:
        screen = self.screen
        if isinstance(screen, TillScreen):
            screen.say(Say.ERROR, _("That scan came in pieces. Scan again."))

    def on_keys_flooded(self) -> None:
        """Say that keys were dropped."""
        self._wedge.reset()
        self._held.clear()
        screen = self.screen
        if isinstance(screen, TillScreen):
            screen.unscan(LONGEST_CODE)
            screen.say(Say.ERROR, _("Too many keys at once; some were left out. Look at the sale, then go on."))

    # People

    def on_lock_wanted(self, message: messages.LockWanted) -> None:
        """Ask who is there, in front of everything."""
        self._lock(message.badge)

    def _lock(self, badge: str) -> None:
        from kiosk.screens.sign_in import SignInScreen

        if self.till.shop.training:
            self._train(self._switch(self._end_training), then=lambda: self._lock(badge))
            return
        self.push_screen(SignInScreen(self.till, badge=badge, notice=self._notice))

    def on_signed_in(self, message: messages.SignedIn) -> None:
        """The same person goes on where they were; another one starts with the basket that they left."""
        before, self.till.person = self.till.person, message.person
        self._speak()
        if before is not None and before.id == message.person.id and len(self.screen_stack) > 2:
            self.pop_screen()
            if isinstance(self.screen, TillScreen):
                self.screen.come_back()
            return
        self._clear()
        self._sell()

    def _speak(self) -> None:
        person, settings = self.till.person, self.till.shop.settings
        use_language((person.language if person else "") or self._config.language or settings.language)

    def _shop_changed(self, before: Shop) -> None:
        """A language that somebody chose in the menu stays, unless the shop's is another one now."""
        settings = self.till.shop.settings
        set_currency(settings.currency, settings.decimals)
        if settings.language != before.settings.language:
            self._speak()
        for screen in self.screen_stack:
            if isinstance(screen, TillScreen):
                screen.shop_changed()

    # Training

    def on_training_wanted(self, message: messages.TrainingWanted) -> None:
        """To the books of the training, or back to the real ones; whoever asked stays signed in."""
        self._train(self._to_training() if message.begin else self._switch(self._end_training), then=self._sell)

    def _train(self, work: Coroutine[Any, Any, None], *, then: Callable[[], None]) -> None:
        """Every screen goes first: what stands there, or still waits there, belongs to one kind of books."""
        from kiosk.screens.training import SwitchScreen

        self._clear()
        self.push_screen(SwitchScreen(self.till, work, then))

    async def _to_training(self) -> None:
        """The books are made on a thread of their own: the desk goes on to show signs of life."""
        from kiosk.services import training

        till, folder = self.till, self._config.state
        await till.ask(training.prepare, folder, by=till.by)
        await asyncio.to_thread(training.make, folder)
        await self._switch(self._begin_training)

    async def _switch(self, switch: Callable[[], None]) -> None:
        """In one job of the desk, while nothing is being printed: a document belongs to one kind of books too."""
        spool = self._spool
        if spool is not None:
            await asyncio.to_thread(spool.pause)
        try:
            await self.till.desk.ask(switch)
        finally:
            if spool is not None:
                spool.resume()

    def _begin_training(self) -> None:
        from kiosk.services import training

        till = self.till
        self._training = training.begin(till.shop, self._config.state, by=till.by)
        self._real = (till.counting, till.exports)
        till.counting, till.exports = None, till.exports and till.exports / "training"
        till.shop = self._training.shop

    def _end_training(self) -> None:
        from kiosk.services import training

        till = self.till
        if self._training is None:
            return
        till.shop = training.end(self._training, by=till.person.id if till.person else None)
        self._training, (till.counting, till.exports) = None, self._real

    def on_training_changed(self, message: messages.TrainingChanged) -> None:
        """Go on with the books that are bound now."""
        settings = self.till.shop.settings
        set_currency(settings.currency, settings.decimals)
        self._speak()
        self._clear()
        message.then()
        if message.refusal is not None:
            from kiosk.screens.dialogs import Notice

            self.push_screen(Notice(self.till, _("Training"), sentence(message.refusal)))

    def _clear(self) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def _sell(self) -> None:
        from kiosk.screens.sale import SaleScreen

        self.push_screen(SaleScreen(self.till))

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Partial updates go out lean."""
        lean = cast(RenderableType, LeanUpdate(renderable)) if isinstance(renderable, ChopsUpdate) else renderable
        super()._display(screen, lean)

    # Faults

    def on_faulted(self, message: messages.Faulted) -> None:
        """A fault in a task is a fault of the till."""
        raise message.error

    def on_terminal_lost(self) -> None:
        """Without a terminal there is nothing to do; systemd starts the till again."""
        self.exit(1, return_code=1)

    def get_driver_class(self) -> type[Driver]:
        """The hardened driver, whatever the environment says."""
        return TillDriver

    def _handle_exception(self, error: Exception) -> None:
        log.critical("the till stops because of a fault", exc_info=error)
        super()._handle_exception(error)

    def panic(self, *renderables: Any) -> None:
        """A plain page without data instead of Textual's, which shows local variables (PLATFORM.md 4)."""
        del renderables
        self._fatal_error()

    def _fatal_error(self) -> None:
        self._return_code = 1
        if not self._exit_renderables:
            self._exit_renderables.append(Text(fault_page()))
        self._close_messages_no_wait()


def fault_page() -> str:
    """What is left on the terminal when the till has stopped because of a fault."""
    return "\n".join(
        (
            "",
            "  " + _("The till has stopped because of a fault."),
            "  " + _("Sales that were paid are safe, and the open sale is kept."),
            "  " + _("It starts again by itself; if it does not, switch it off and on."),
            "",
        )
    )


_SCANNER: Final = {
    "ok": later("ok"),
    "unplugged": later("unplugged"),
    "denied": later("denied"),
    "off": later("keys"),
}
"""Without a device of its own, the till reads scanners that type like a keyboard."""
_PRINTER: Final = {
    "ok": later("ok"),
    "not-found": later("missing"),
    "unplugged": later("unplugged"),
    "denied": later("denied"),
    "no-paper": later("no paper"),
    "cover-open": later("cover open"),
    "busy": later("busy"),
    "timeout": later("silent"),
}
