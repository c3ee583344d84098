"""Each screen looks as its golden file shows it, at 80x25 and 128x48.

After a wanted change: ``KIOSK_GOLDEN=write pytest tests/screens/test_golden_screens.py``
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screens.counter import APPLES, BEER, BREAD, COFFEE, MILK, open_counter, selling
from tests.screens.floor import NARROW, WIDE, Floor

GOLDEN = Path(__file__).parent / "golden"

SALE = (f"scan {BREAD}", "3", "*", f"scan {MILK}", f"scan {COFFEE}", "1", "0", "/")
SOLD = ("3", "*", f"scan {BREAD}", f"scan {COFFEE}", "f12")
TAKEN = (*SOLD, "f8", "f7")
JOURNEYS: dict[str, tuple[str, ...]] = {
    "sale_new": (),
    "sale": SALE,
    "sale_typing": (*SALE, "2", "*", "5", "4"),
    "sale_hits": (*SALE, "b"),
    "sale_commands": ("/",),
    "sale_weight": (f"scan {APPLES}", "0", ",", "3"),
    "sale_age": (f"scan {BEER}",),
    "sale_unknown": ("scan 9999999999994",),
    "sale_discount": (*SALE, "f6"),
    "sale_error": ("delete",),
    "payment": (*SALE, "enter", "2", "0"),
    "payment_split": (*SALE, "enter", "5", "enter", "2", "f5"),
    "payment_terminal": (*SALE, "enter", "+"),
    "change": (*SALE, "2", "0", "f12"),
    "help": ("f1",),
    "returning": (*TAKEN, "2", "down", "enter"),
    "giving_back": (*TAKEN, "2", "f12", "2", "9", "9", "9", "9", "enter", "enter"),
    "void_paid": (*SOLD, "f9"),
}


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        yield made


WIDE_TOO = ("sale", "payment", "help", "returning", "giving_back")
SHOTS = [(name, NARROW) for name in JOURNEYS] + [(name, WIDE) for name in WIDE_TOO]


@pytest.mark.parametrize(("name", "size"), SHOTS)
async def test_a_screen_looks_as_in_its_golden_file(floor: Floor, name: str, size: tuple[int, int]) -> None:
    async with selling(floor, size=size) as at:
        for key in JOURNEYS[name]:
            if key.startswith("scan "):
                await at.scan(key.removeprefix("scan "))
            else:
                await at.keys(key)
        seen = at.text_of_screen() + "\n"
    path = GOLDEN / f"{name}-{size[0]}.txt"
    if os.environ.get("KIOSK_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(seen, encoding="utf-8")
    assert seen == path.read_text(encoding="utf-8")


def test_each_golden_file_belongs_to_a_journey() -> None:
    assert {path.stem.rpartition("-")[0] for path in GOLDEN.glob("*.txt")} == set(JOURNEYS)
