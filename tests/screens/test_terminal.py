"""A terminal that cannot be broken: the real driver in a real pseudo terminal (PLATFORM.md 4 and 7)."""

from __future__ import annotations

import gc
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pyte
import pytest

from kiosk import terminal
from tests.screens.counter import open_counter
from tests.screens.floor import Floor

PROGRAM = """
import sys
from pathlib import Path
from kiosk import terminal
terminal.prepare()
terminal.leave_drivers_out()
from kiosk import db
from kiosk.app import Kiosk
from kiosk.config import Config
from kiosk.desk import Desk
from kiosk.screens.till import Till
from kiosk.services import staff
from kiosk.services.keys import Keys
from kiosk.services.shop import load_shop

def opening():
    db.connect(sys.argv[1])
    shop = load_shop("R1", 1, Keys.in_memory())
    return shop, next(one for one in staff.people(shop) if one.name == "Ann")

desk = Desk(opening=opening, closing=db.disconnect, idle=lambda: None)
shop, ann = desk.start()
kiosk = Kiosk(Till(shop, desk, ann))
if len(sys.argv) > 2:
    kiosk.call_after_refresh(exec, sys.argv[2], {"kiosk": kiosk})
kiosk.run(mouse=False)
desk.stop()
sys.exit(kiosk.return_code or 0)
"""


class Terminal:
    """A till in a pseudo terminal, and what stands on its screen."""

    def __init__(self, database: Path, *more: str, term: str = "linux", **environ: str) -> None:
        self.screen = pyte.Screen(80, 25)
        self._stream = pyte.ByteStream(self.screen)
        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (25, 80))
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.raw = b""
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(database), *more],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, "TERM": term, "PYTHONPATH": str(Path(__file__).parents[2]), **environ},
        )

    def read(self, seconds: float = 0.05) -> None:
        while select.select([self.master], [], [], seconds)[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            self.raw += data
            self._stream.feed(data.replace(b"\x1b[?2026$p", b"").replace(b"\x1b[?2048$p", b""))

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def until(self, text: str) -> None:
        """Wait until a text stands on the screen."""
        end = time.monotonic() + 30
        while text not in self.text:
            assert time.monotonic() < end, self.text
            assert self.process.poll() is None or text in self.text, self.text
            self.read()

    def type(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def slowly(self, keys: str) -> None:
        for key in keys:
            self.type(key.encode())
            self.read(0.06)

    def ended(self) -> int:
        code = self.process.wait(20)
        self.read()
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    with open_counter(tmp_path):
        pass
    return tmp_path / "kiosk.db"


@pytest.fixture
def at(database: Path) -> Iterator[Terminal]:
    made = Terminal(database)
    made.until("Quick articles")
    yield made
    made.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_stopped_till_gives_the_terminal_back(at: Terminal, number: signal.Signals) -> None:
    assert termios.tcgetattr(at.slave)[3] != at.before[3]
    at.process.send_signal(number)
    assert at.ended() == 0
    assert termios.tcgetattr(at.slave)[3] == at.before[3]
    assert at.raw.rstrip().endswith(b"\x1b[?1004l")
    assert b"\x1b[?25h" in at.raw[-60:]


def test_keys_that_end_programs_elsewhere_do_nothing(at: Terminal) -> None:
    at.slowly("\x03\x11\x1a\x1c\x10\x13")
    at.slowly("101\r")
    at.until("Bread")
    assert at.process.poll() is None


def test_a_byte_that_is_no_letter_harms_nobody(at: Terminal) -> None:
    at.type(b"\xff\xfe\xc3\x28\x80")
    at.read(0.2)
    at.slowly("\x1b")
    at.read(0.3)
    at.slowly("101\r")
    at.until("Bread")


def test_the_textual_variables_of_the_environment_are_not_heard(database: Path, tmp_path: Path) -> None:
    log = tmp_path / "textual.log"
    at = Terminal(database, TEXTUAL_LOG=str(log), TEXTUAL_DRIVER="os:path", TEXTUAL_PRESS="q", TEXTUAL="debug,devtools")
    try:
        at.until("Quick articles")
        assert not log.exists()
    finally:
        at.close()


def test_a_lost_terminal_ends_the_till(database: Path) -> None:
    at = Terminal(database)
    at.until("Quick articles")
    os.close(at.slave)
    os.close(at.master)
    assert at.process.wait(20) == 1


def test_a_fault_shows_a_plain_page_and_no_data(database: Path) -> None:
    at = Terminal(database, "secret = 'PIN 1111'\nraise RuntimeError(secret)")
    try:
        assert at.ended() == 1
        assert "The till has stopped because of a fault." in at.text
        assert b"1111" not in at.raw
        assert b"Traceback" not in at.raw
        assert termios.tcgetattr(at.slave)[3] == at.before[3]
    finally:
        at.close()


def test_a_flood_of_keys_keeps_the_memory_and_ends_in_a_sentence(at: Terminal) -> None:
    before = _memory(at.process.pid)
    for _turn in range(40):
        at.type(b"9" * 1000)
        at.read(0)
    at.read(0.5)
    assert _memory(at.process.pid) - before < 60 * 1024 * 1024
    at.slowly("\x1b")
    at.read(0.4)
    at.slowly("\x1b")
    at.read(0.4)
    at.slowly("101\r")
    at.until("Bread")


def test_twenty_codes_typed_by_a_scanner_are_twenty_lines(at: Terminal) -> None:
    for _code in range(20):
        at.type(b"4006381333931\r")
        at.read(0.12)
    at.until("20 items")


def test_a_till_that_is_killed_finds_its_basket_again(at: Terminal, database: Path) -> None:
    at.type(b"4006381333931\r")
    at.until("1 item")
    at.type(b"5410000000010\r")
    at.until("2 items")
    at.read(0.5)
    at.process.kill()
    at.process.wait()
    again = Terminal(database)
    try:
        again.until("2 items")
        assert "Bread" in again.text
        assert "Milk 1 l" in again.text
        assert "This sale was left open." in again.text
    finally:
        again.close()


def test_shifted_function_keys_of_the_console_are_nobody_elses(at: Terminal) -> None:
    at.type(b"\x1b[25~")
    at.read(0.3)
    at.type(b"\x1b[33~")
    at.read(0.3)
    at.slowly("101\r")
    at.until("Bread")
    assert "!" not in at.screen.display[20]


def test_preparing_clears_and_sets_the_variables_of_textual() -> None:
    environ = {"TEXTUAL_DRIVER": "x:y", "TEXTUAL_LOG": "z", "TERM": "linux", "COLORTERM": "truecolor", "HOME": "/"}
    try:
        terminal.prepare(environ)
    finally:
        gc.enable()
    assert environ == {
        "TERM": "linux",
        "HOME": "/",
        "ESCDELAY": "25",
        "TEXTUAL_DISABLE_KITTY_KEY": "1",
        "TEXTUAL_ANIMATIONS": "none",
    }


def _memory(process: int) -> int:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


__all__ = ["Floor"]
