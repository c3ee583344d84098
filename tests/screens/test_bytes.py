"""What a scanned line costs on the wire, and that a till at rest costs nothing (DESIGN.md 7)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot

from kiosk.app import Kiosk
from kiosk.desk import Desk
from kiosk.screens.till import Till
from tests.screens.counter import BREAD, COFFEE, MILK, basket_of, open_counter
from tests.screens.floor import NARROW, WIDE, Floor, Journey

MOST = {"linux": 450, "xterm-256color": 600}


class Recorder(HeadlessDriver):
    """A terminal that takes everything and keeps it."""

    written: list[str] = []  # noqa: RUF012

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.written.append(data)

    def _get_terminal_size(self) -> tuple[int, int]:
        return self._size or NARROW


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        yield made


async def costs(floor: Floor, size: tuple[int, int], codes: list[str], terminal: str) -> list[int]:
    """The bytes that each code made the till write, and at the end those of a second of rest."""
    till = Till(floor.services.shop, floor.desk, floor.people["Ann"])
    app = Kiosk(till, environ={"TERM": terminal, "COLORTERM": "" if terminal == "linux" else "truecolor"})
    app.driver_class = Recorder
    counted: list[int] = []

    async def drive(pilot: Pilot[Any]) -> None:
        at = Journey(floor, app, pilot)
        await at.settle()
        for code in codes:
            Recorder.written.clear()
            await at.scan(code)
            await asyncio.wrap_future(Desk.do(floor.desk, lambda: None))
            await pilot.pause(0.05)
            counted.append(len("".join(Recorder.written).encode()))
        Recorder.written.clear()
        await pilot.pause(1.0)
        counted.append(len("".join(Recorder.written).encode()))
        assert len(basket_of(at)) == len(codes)
        app.exit()

    await app.run_async(size=size, mouse=False, auto_pilot=drive)
    return counted


@pytest.mark.parametrize("size", [NARROW, WIDE])
@pytest.mark.parametrize("terminal", ["linux", "xterm-256color"])
async def test_a_scanned_line_costs_few_bytes(
    floor: Floor, size: tuple[int, int], terminal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", terminal)
    monkeypatch.setenv("COLORTERM", "" if terminal == "linux" else "truecolor")
    *lines, rest = await costs(floor, size, [BREAD, MILK, COFFEE, BREAD, MILK, BREAD, COFFEE, MILK], terminal)
    assert max(lines[1:]) <= MOST[terminal]
    assert rest == 0
