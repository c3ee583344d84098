"""Textual's terminal driver, hardened: a bad byte, a flood of keys and a lost terminal do no harm (PLATFORM.md 7)."""

from __future__ import annotations

import logging
import os
import selectors
from codecs import getincrementaldecoder
from typing import Final

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key
from textual.message import Message

from kiosk.screens.messages import KeysFlooded, TerminalLost

MOST_WAITING: Final = 1000
"""Keys that may wait for the screens; a burst of seventy scans fits."""
QUIET: Final = 0.3
"""Seconds without a key, after which a flood is over: nothing of a code that lost its front may pass."""

_CHUNK: Final = 4096
_LOOK: Final = 0.1

log = logging.getLogger(__name__)


class TillDriver(LinuxDriver):
    """Reads the terminal on a thread of its own, as Textual's does."""

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._flooded = False
        self._last_key = 0.0

    def process_message(self, message: Message) -> None:
        """Pass a message on, unless keys come faster than anybody can type for longer than anybody can scan."""
        if isinstance(message, Key) and not self._passes(message):
            return
        super().process_message(message)

    def _passes(self, key: Key) -> bool:
        gap, self._last_key = key.time - self._last_key, key.time
        if self._flooded and gap >= QUIET:
            self._flooded = False
            self.send_message(KeysFlooded())
        elif not self._flooded and self._app.message_queue_size > MOST_WAITING:
            self._flooded = True
            log.warning("keys came faster than they could be answered; some were dropped")
        return not self._flooded

    def _run_input_thread(self) -> None:
        """Whatever happens to the terminal, the app hears of it; nothing is drawn over the screen."""
        try:
            self.run_input_thread()
        except BaseException:
            log.exception("reading the terminal failed")
            self._app.post_message(TerminalLost())

    def run_input_thread(self) -> None:
        """Read keys until the driver stops or the terminal goes away; what is no UTF-8 becomes a replacement."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(_LOOK):
                    try:
                        data = os.read(self.fileno, _CHUNK)
                    except OSError:
                        data = b""
                    if not data:
                        self._app.post_message(TerminalLost())
                        return
                    for event in parser.feed(decode(data)):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
