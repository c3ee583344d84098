"""Reading that may take long: on a thread and a connection of its own, so that no checkout waits; Esc ends it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Generic, TypeVar

from kiosk import db
from kiosk.errors import ShopError
from kiosk.screens.base import TillScreen

T = TypeVar("T")
Progress = Callable[[int, int], None]

PATIENCE: Final = 1.0
"""Seconds after which it is said how far the reading is."""
_BETWEEN: Final = 0.25


class Stopped(Exception):
    """The reading was given up."""


class _Work:
    """One reading: how far it is, and whether it shall end."""

    def __init__(self) -> None:
        self.done, self.of = 0, 0
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._interrupt: Callable[[], None] | None = None

    @property
    def over(self) -> bool:
        """Whether it was given up."""
        return self._over.is_set()

    def progress(self, done: int, of: int) -> None:
        """Take a step. Raises Stopped when nobody waits any more."""
        self.done, self.of = done, of
        if self.over:
            raise Stopped

    def stop(self) -> None:
        """End it: at its next step, or in the middle of a long query."""
        self._over.set()
        with self._lock:
            if self._interrupt is not None:
                self._interrupt()

    def run(self, verb: Callable[[Progress], T]) -> T:
        """Do it, on a thread of its own. Raises Stopped, and what the verb refuses."""
        try:
            with db.reading_thread() as interrupt:
                with self._lock:
                    self._interrupt = interrupt
                try:
                    self.progress(0, 0)
                    return verb(self.progress)
                finally:
                    with self._lock:
                        self._interrupt = None
        except ShopError:
            if self.over:
                raise Stopped from None
            raise


class Reading(Generic[T]):
    """Reads what was asked for last; what is overtaken by the next wish is ended."""

    def __init__(
        self,
        screen: TillScreen[Any],
        arrived: Callable[[T], None],
        slow: Callable[[int, int], None],
        given_up: Callable[[], None] = lambda: None,
    ) -> None:
        """``arrived`` is called with what was read; ``slow`` with how much is done, and of how much, while it lasts.

        ``given_up`` is called when nothing comes of the last wish: it was stopped, or refused.
        """
        self._screen = screen
        self._arrived = arrived
        self._slow = slow
        self._given_up = given_up
        self._wanted: Callable[[Progress], T] | None = None
        self._work: _Work | None = None
        self._going = False

    @property
    def going(self) -> bool:
        """Whether something is being read."""
        return self._going

    def want(self, verb: Callable[[Progress], T]) -> None:
        """Read this, soon. ``verb`` gets what it must call as it goes on."""
        self._wanted = verb
        if self._going:
            self._end()
        else:
            self._going = True
            self._screen.alongside(self._read())

    def stop(self) -> bool:
        """Give up what is being read; whether there was anything."""
        self._wanted = None
        return self._end()

    def _end(self) -> bool:
        work = self._work
        if work is not None:
            work.stop()
        return work is not None

    async def _read(self) -> None:
        try:
            while self._wanted is not None:
                verb, self._wanted = self._wanted, None
                self._work = _Work()
                with suppress(Stopped):
                    found = await self._answer(self._work, verb)
                    if not self._work.over:
                        self._arrived(found)
                        continue
                if self._wanted is None:
                    self._given_up()
        except ShopError:
            self._given_up()
            raise
        finally:
            self._end()
            self._going, self._work = False, None

    async def _answer(self, work: _Work, verb: Callable[[Progress], T]) -> T:
        answer = asyncio.ensure_future(asyncio.to_thread(work.run, verb))
        patience = PATIENCE
        while not (await asyncio.wait({answer}, timeout=patience))[0]:
            patience = _BETWEEN
            if not work.over:
                self._slow(work.done, work.of)
        return answer.result()
