"""Textual's terminal driver, hardened: a bad byte, a flood of keys and a lost terminal do no harm (PLATFORM.md 7)."""

from __future__ import annotations

import asyncio
import logging
import os
import selectors
import signal
from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import Final

from textual._time import get_time
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, Paste
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

from kiosk.screens.messages import KeysFlooded, TerminalLost

MOST_WAITING: Final = 1000
"""Keys that may wait for the screens; a burst of seventy scans fits."""
QUIET: Final = 0.3
"""Seconds without a key, after which a flood is over: nothing of a code that lost its front may pass."""

PASTE_PAUSE: Final = 0.5
"""Seconds of silence that end a paste whose end never came."""
LONGEST_PASTE: Final = 16_384
"""Characters, after which a paste is over even if they go on."""

_CHUNK: Final = 4096
_LOOK: Final = 0.1
_HEARD: Final = (Key, Paste, TerminalSupportsSynchronizedOutput)
"""What typed bytes may mean. A mouse, a focus or a window's size would be somebody's bytes pretending."""

log = logging.getLogger(__name__)


class TillDriver(LinuxDriver):
    """Reads the terminal on a thread of its own, as Textual's does."""

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._flooded = False
        self._last_key = 0.0

    def start_application_mode(self) -> None:
        """Take the terminal; whoever stops the till from here on gets it back as it was."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._app.exit, 0)
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        """Give the terminal back without what stood on it: a console has no second screen to leave."""
        self.write("\x1b[0m\x1b[H\x1b[2J")
        super().stop_application_mode()

    def process_message(self, message: Message) -> None:
        """Pass keys and pastes on, unless they come faster than anybody can type for longer than anybody can scan."""
        if isinstance(message, _HEARD) and (not isinstance(message, Key) or self._passes(message)):
            super().process_message(message)

    def _passes(self, key: Key) -> bool:
        self._be_quiet(key.time)
        self._last_key = key.time
        if not self._flooded and self._app.message_queue_size > MOST_WAITING:
            self._flooded = True
            log.warning("keys came faster than they could be answered; some were dropped")
        return not self._flooded

    def _be_quiet(self, now: float) -> None:
        """Say that keys were left out, once no more come."""
        if self._flooded and now - self._last_key >= QUIET:
            self._flooded = False
            self.send_message(KeysFlooded())

    def _run_input_thread(self) -> None:
        """Whatever happens to the terminal, the app hears of it; nothing is drawn over the screen."""
        try:
            self.run_input_thread()
        except BaseException:
            log.exception("reading the terminal failed")
            self._app.post_message(TerminalLost())

    def run_input_thread(self) -> None:
        """Read keys until the driver stops or the terminal goes away; what is no UTF-8 becomes a replacement."""
        heard = _Hearing(XTermParser(self._debug))
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(heard.patience()):
                    try:
                        data = os.read(self.fileno, _CHUNK)
                    except OSError:
                        data = b""
                    if not data:
                        self._app.post_message(TerminalLost())
                        return
                    for message in heard.bytes(data):
                        self.process_message(message)
                for message in heard.silence():
                    self.process_message(message)
                self._be_quiet(get_time())


class _Hearing:
    """Textual's parser, which stops for ever at an empty text and is deaf until a paste is ended."""

    def __init__(self, parser: XTermParser) -> None:
        self._parser = parser
        self._decode = getincrementaldecoder("utf-8")(errors="replace").decode
        self._tail = ""
        self._pasted: int | None = None
        """Characters since a paste began, until it is surely over."""
        self._last = 0.0

    def bytes(self, data: bytes) -> Iterator[Message]:
        """What these bytes mean; half of a letter means nothing yet."""
        text = self._decode(data)
        if not text:
            return
        self._last = get_time()
        begun = BRACKETED_PASTE_START in self._tail + text
        self._tail = (self._tail + text)[1 - len(BRACKETED_PASTE_START) :]
        if begun or self._pasted is not None:
            self._pasted = (self._pasted or 0) + len(text)
        yield from self._parser.feed(text)

    def patience(self) -> float:
        """Seconds to wait for more: an Esc is a key of its own when nothing has followed it for a moment."""
        until = self._parser._timeout_time
        return _LOOK if until is None else min(_LOOK, max(0.0, until - get_time()))

    def silence(self) -> Iterator[Message]:
        """What it means that nothing more has come."""
        yield from self._parser.tick()
        if self._pasted is not None and (self._pasted > LONGEST_PASTE or get_time() - self._last > PASTE_PAUSE):
            self._pasted, self._tail = None, ""
            yield from self._parser.feed(BRACKETED_PASTE_END)
