"""A till with its screens on a real shop: SQLite in a folder of the test's own, the clock standing still."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import ModalScreen

from kiosk import db
from kiosk.app import Kiosk
from kiosk.clock import Clock
from kiosk.desk import Desk
from kiosk.rules.permissions import Role
from kiosk.screens.base import TillScreen
from kiosk.screens.till import Till
from kiosk.screens.widgets.cells import Cells
from kiosk.services import ledger, pins, shift_rows, staff
from kiosk.services.keys import Keys
from kiosk.services.shop import load_shop
from kiosk.services.staff import Person
from tests.services.conftest import FixedTime
from tests.services.journey import Till as Services

P = ParamSpec("P")
T = TypeVar("T")

NARROW = (80, 25)
WIDE = (128, 48)

SLOW = 0.2
"""Seconds between two keys of a person."""
FAST = 0.004
"""Seconds between two characters of a scanner that types."""


class CountingDesk(Desk):
    """A desk of which a test can tell whether it is done."""

    asked = 0
    done = 0

    def do(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        self.asked += 1
        future = super().do(job, *args, **kwargs)
        future.add_done_callback(lambda _future: setattr(self, "done", self.done + 1))
        return future


class Waited:
    """The seconds since the machine was started, for the waits after wrong PINs."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Floor:
    """The shop, its people by name with their PINs, and what the database holds."""

    desk: CountingDesk
    services: Services
    time: FixedTime
    waited: Waited
    folder: Path
    people: dict[str, Person] = field(default_factory=dict)

    def do(self, verb: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Have the desk do a verb of a service, which is given the shop."""
        return self.desk.do(verb, self.services.shop, *args, **kwargs).result(20)

    def of_services(self, verb: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Have the desk do something that needs its connection, and is not given the shop."""
        return self.desk.do(verb, *args, **kwargs).result(20)

    def rows(self, sql: str, *params: object) -> list[tuple[Any, ...]]:
        """What the database holds."""
        return self.of_services(db.rows, sql, params)

    def person(self, name: str, role: Role, pin: str | None = None, badge: str | None = None) -> Person:
        """Take somebody on."""
        made = self.do(staff.create, staff.PersonForm(name=name, role=role), by=staff.ROOT, pin=pin)
        if badge:
            self.do(staff.set_badge, made.id, badge, by=staff.ROOT)
        self.people[name] = made
        return made

    def journal(self, *actions: str) -> list[tuple[Any, ...]]:
        """The lines of the journal with these actions, the oldest first: action, by, approved by."""
        marks = ", ".join("?" * len(actions))
        return self.rows(
            f'SELECT action, "by", approved_by FROM journal WHERE action IN ({marks}) ORDER BY id', *actions
        )


@contextmanager
def open_floor(folder: Path, *, day: bool = True) -> Iterator[Floor]:
    """A shop that can sell; its day goes on, carried over, unless ``day`` is False: then nobody has opened one."""
    time, waited = FixedTime(), Waited()

    def opening() -> Services:
        db.connect(str(folder / "kiosk.db"), synchronous="OFF")
        db.migrate()
        made = load_shop("R1", 1, Keys.in_memory(), clock=Clock(read=time, trusted=lambda: time.believable))
        if day:
            with db.transaction():
                shift_rows.start(made, ledger.lock(made), staff.ROOT, counted=None)
        return Services(made)

    before, pins.waits = pins.waits, pins.Waits(elapsed=waited)
    desk = CountingDesk(opening=opening, closing=db.disconnect, idle=lambda: None)
    try:
        yield Floor(desk, desk.start(), time, waited, folder)
    finally:
        desk.stop()
        pins.waits = before


@dataclass
class Journey:
    """Somebody at the keys of a till."""

    floor: Floor
    app: Kiosk
    pilot: Pilot[Any]
    _at: float = 1000.0

    @property
    def screen(self) -> TillScreen[Any]:
        """The screen in front."""
        screen = self.app.screen
        assert isinstance(screen, TillScreen)
        return screen

    @property
    def said(self) -> str:
        """The sentence in the status line."""
        return self.screen.status.text

    async def keys(self, *keys: str) -> None:
        """Press keys one after the other, each when the till has answered the one before."""
        for key in keys:
            self._at += SLOW
            self._send(key)
            await self.settle()

    async def text(self, text: str) -> None:
        """Type a text like a person."""
        await self.keys(*text)

    async def ahead(self, *keys: str) -> None:
        """Press keys faster than the till answers, but not faster than a person can."""
        for key in keys:
            self._at += SLOW
            self._send(key)
        await self.settle()

    async def wedge(self, code: str, end: str = "enter") -> None:
        """Scan with a scanner that types like a keyboard; without an end it is text that came too fast."""
        self._at += SLOW
        for key in (*code, *((end,) if end else ())):
            self._at += FAST
            self._send(key)
        await self.settle()

    async def scan(self, code: str) -> None:
        """Scan with a scanner of the till's own."""
        self.app.code_scanned(code)
        await self.settle()

    async def settle(self) -> None:
        """Until the desk has nothing to do and the screens have drawn."""
        desk = self.floor.desk
        while True:
            asked = desk.asked
            await self.pilot.pause()
            while desk.done != desk.asked:
                await asyncio.wrap_future(Desk.do(desk, lambda: None))
            await self.pilot.pause()
            if asked == desk.asked == desk.done:
                return

    async def until(self, true: Callable[[], bool]) -> None:
        """Until work on another thread has shown."""
        for _turn in range(1000):
            await self.settle()
            if true():
                return
            await self.pilot.pause(0.01)
        raise AssertionError(self.text_of_screen())

    def lines(self) -> list[str]:
        """The screen as text, row by row."""
        width, height = self.app.size
        rows: list[list[str]] = [[" "] * width for _row in range(height)]
        stack = self.app.screen_stack
        lowest = max(place for place, screen in enumerate(stack) if not isinstance(screen, ModalScreen))
        for screen in stack[lowest:]:
            for widget in screen.query(Cells):
                if widget.display and widget.is_on_screen:
                    _draw(rows, widget)
        return ["".join(row).rstrip() for row in rows]

    def text_of_screen(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines())

    def shows(self, *texts: str) -> bool:
        """Whether all of these can be read on the screen."""
        seen = self.text_of_screen()
        return all(text in seen for text in texts)

    def _send(self, key: str) -> None:
        named = len(key) > 1
        event = Key(key if named else _character_to_key(key), {"enter": "\r", "tab": "\t"}.get(key) if named else key)
        event.time = self._at
        self.app.post_message(event)


def _draw(rows: list[list[str]], widget: Cells) -> None:
    region = widget.region
    for y in range(region.height):
        if not 0 <= region.y + y < len(rows):
            continue
        x = region.x
        for character in widget.render_line(y).text:
            if 0 <= x < len(rows[0]):
                rows[region.y + y][x] = character
            x += 1


@asynccontextmanager
async def journey(
    floor: Floor, *, person: str | None = None, size: tuple[int, int] = NARROW, screens: Sequence[Any] = ()
) -> AsyncIterator[Journey]:
    """Start the till; with a person nobody has to sign in, and ``screens`` (made of a till) stand in front."""
    till = Till(floor.services.shop, floor.desk, floor.people[person] if person else None)
    app = Kiosk(till, environ={"TERM": "xterm-256color"})
    async with app.run_test(size=size) as pilot:
        made = Journey(floor, app, pilot)
        await made.settle()
        for screen in screens:
            await app.push_screen(screen(till))
            await made.settle()
        yield made
