"""A full disk and a printer that is not there: the till says so in one sentence, sells on, and loses nothing."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.services.demo import barcode
from tests.devices.escpos_decoder import text_of
from tests.support.terminal import Seat, copy_demo, make_demo, open_till

pytestmark = pytest.mark.torture
"""It measures time in a real terminal, which a machine with other work to do stretches: run by `make torture`."""

BREAD, MILK = barcode("104"), barcode("701")
FULL = "The disk is full. Nothing was saved. Call the technician."
SOURCE = Path(__file__).parents[1] / "support" / "full_disk.c"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("made") / "shop"
    make_demo(made)
    return made


@pytest.fixture
def shop(demo: Path, tmp_path: Path) -> Path:
    return copy_demo(demo, tmp_path / "shop")


class Disk:
    """The disk of a shop, which can be full."""

    def __init__(self, library: Path, shop: Path, switch: Path) -> None:
        self._switch = switch
        self.environment = {
            "LD_PRELOAD": str(library),
            "KIOSK_FULL_DIRECTORY": str(shop.resolve()),
            "KIOSK_FULL_WHILE": str(switch),
        }

    def fill(self) -> None:
        self._switch.touch()

    def clear(self) -> None:
        self._switch.unlink()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler, so no disk can be full")
    made = tmp_path_factory.mktemp("library") / "full_disk.so"
    flags = ("-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", str(made), str(SOURCE))
    subprocess.run([compiler, *flags], check=True, capture_output=True, timeout=120)
    return made


@pytest.fixture
def disk(library: Path, shop: Path, tmp_path: Path) -> Disk:
    return Disk(library, shop, tmp_path / "full")


@pytest.fixture
def seat(shop: Path, disk: Disk) -> Iterator[Seat]:
    with open_till(shop, environment=disk.environment) as made:
        yield made
        made.settle(0.1)
        assert made.foreign() == []


def receipts(shop: Path) -> list[int]:
    """The numbers of all receipts in the books."""
    database = sqlite3.connect(f"file:{shop / 'kiosk.db'}?mode=ro", uri=True)
    found = [number for (number,) in database.execute("SELECT number FROM sale ORDER BY number")]
    database.close()
    return found


def is_sound(shop: Path) -> bool:
    command = [sys.executable, "-m", "kiosk", "--config", str(shop / "kiosk.toml"), "verify"]
    return subprocess.run(command, check=False, capture_output=True, timeout=60).returncode == 0


@pytest.mark.requirement("D8-06")
def test_a_full_disk_is_said_and_the_sale_is_paid_when_there_is_room_again(seat: Seat, disk: Disk, shop: Path) -> None:
    before = receipts(shop)
    seat.scan(BREAD)
    seat.until("1 item")
    seat.settle(0.2)
    disk.fill()
    begun = time.monotonic()
    seat.scan(MILK)
    seat.until(FULL, "2 items", "Lait entier")
    assert time.monotonic() - begun < 1.0
    seat.keys("F12", "F12", "Enter")
    seat.until("PAYMENT")
    seat.keys("F12")
    seat.until(FULL)
    assert receipts(shop) == before
    disk.clear()
    seat.keys("F12")
    seat.until("is paid")
    assert receipts(shop) == [*before, len(before) + 1]
    seat.keys("F12", "F12")
    seat.scan(MILK)
    seat.until("1 item")
    assert receipts(shop) == [*before, len(before) + 1], "one sale, however often the key was pressed"
    assert is_sound(shop)


def test_a_full_disk_that_a_quiet_till_finds_is_no_end(seat: Seat, disk: Disk) -> None:
    seat.scan(BREAD)
    seat.until("1 item")
    seat.settle(0.2)
    disk.fill()
    seat.watch(5.5)
    disk.clear()
    seat.keys("F12")
    seat.until("is paid")


def test_a_till_that_cannot_start_on_a_full_disk_says_one_sentence(shop: Path, disk: Disk) -> None:
    disk.fill()
    command = (sys.executable, "-m", "kiosk", "--config", str(shop / "kiosk.toml"), "run")
    with Seat(command, environment=disk.environment) as seat:
        assert seat.ended() == 5
        (said,) = [line.strip() for line in seat.lines if line.strip()]
        assert re.fullmatch(r"kiosk: The disk .*Call the technician\.", said)
        assert seat.modes() == seat.modes_before


@pytest.mark.requirement("D2-03")
def test_a_printer_that_is_not_there_holds_up_no_sale_and_prints_all_when_it_is(shop: Path) -> None:
    printer = shop / "usb" / "lp0"
    configuration = shop / "kiosk.toml"
    configuration.write_text(configuration.read_text().replace(str(shop / "paper.escpos"), str(printer)))
    with open_till(shop) as seat:
        for code in (BREAD, MILK):
            seat.scan(code)
            seat.until("1 item")
            seat.keys("F12")
            seat.until("is paid", "Print missing")
        printer.parent.mkdir()
        seat.scan(BREAD)
        seat.until("1 item")
        seat.keys("F12")
        seat.until("Print ok")
        assert seat.foreign() == []
    printed = "\n".join(text_of(printer.read_bytes()))
    assert re.findall("Pain de campagne|Lait entier", printed) == [
        "Pain de campagne",
        "Lait entier",
        "Pain de campagne",
    ]
    assert "COPY" not in printed
