"""Each screen of the day looks as its golden file shows it, at 80x25 and 128x48.

After a wanted change: ``KIOSK_GOLDEN=write pytest tests/screens/test_golden_day.py``
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.screens.counter import BREAD, COFFEE, MILK, open_counter
from tests.screens.day_books import setting, start_day
from tests.screens.floor import NARROW, WIDE, Floor, journey

GOLDEN = Path(__file__).parent / "golden" / "day"

SOLD = (f"scan {BREAD}", "f12", f"scan {COFFEE}", f"scan {MILK}", "enter", "plus", "enter")
"""4.50 in cash, 8.24 by card."""
COUNTED = ("down", "1", "enter", "1", "enter", "enter", "enter", "enter", "1", "enter", "1", "enter", "1")
"""100, 50, 2, 1 and 0.50: of 154.50, one euro is missing."""
CASH_UP = (*SOLD, "f10", "c", *COUNTED)
JOURNEYS: dict[str, tuple[str, ...]] = {
    "open_day": (),
    "open_day_over": (*"150", "enter"),
    "float": ("f2", "down", "1", "enter", "1"),
    "cash_up_new": (*SOLD, "f10", "c"),
    "cash_up": CASH_UP,
    "cash_up_total": (*SOLD, "f10", "c", "f5", *"154,5"),
    "cash_up_blind": CASH_UP,
    "cash_up_close": (*CASH_UP, "f12"),
    "closed": (*CASH_UP, "f12", "enter"),
    "paid_in": ("f10", "i", "1"),
    "past_reports": (*CASH_UP, "f2", "escape", "f12", "enter", "f10", "z"),
}
FRESH = ("open_day", "open_day_over", "float")
"""Before anybody has opened the day."""
SHOTS = [(name, NARROW) for name in JOURNEYS] + [(name, WIDE) for name in ("cash_up", "past_reports")]


def prepare(floor: Floor, name: str) -> str:
    """The shop as the journey finds it; who goes on it."""
    if name not in FRESH:
        start_day(floor)
    if name == "cash_up_blind":
        setting(floor, blind_count=True)
        return "Ann"
    return "Mona"


@pytest.mark.requirement("D6-01")
@pytest.mark.parametrize(("name", "size"), SHOTS)
async def test_a_screen_of_the_day_looks_as_in_its_golden_file(
    tmp_path: Path, name: str, size: tuple[int, int]
) -> None:
    with open_counter(tmp_path, day=False) as floor:
        async with journey(floor, person=prepare(floor, name), size=size) as at:
            for key in JOURNEYS[name]:
                await (at.scan(key.removeprefix("scan ")) if key.startswith("scan ") else at.keys(key))
            seen = at.text_of_screen() + "\n"
    path = GOLDEN / f"{name}-{size[0]}.txt"
    if os.environ.get("KIOSK_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(seen, encoding="utf-8")
    assert seen == path.read_text(encoding="utf-8")


def test_each_golden_file_of_the_day_belongs_to_a_journey() -> None:
    assert {path.stem.rpartition("-")[0] for path in GOLDEN.glob("*.txt")} == set(JOURNEYS)
