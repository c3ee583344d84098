"""A till as somebody sits before it: a terminal of its own, its keys, its screen, and every byte that it was sent."""

from __future__ import annotations

import codecs
import os
import re
import select
import shutil
import signal
import sys
import termios
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyte

from tests.bench.terminal import Terminal, TooSlow

PATIENCE_SECONDS: Final = 30.0
BETWEEN_KEYS: Final = 0.06
"""Seconds between two keys of a person who types fast; a scanner's come closer than 35 ms."""
AFTER_ESCAPE: Final = 0.15
"""Over a network, what follows an Esc sooner is taken for a part of it."""

KEYS: Final = {
    "F1": b"\x1b[[A", "F2": b"\x1b[[B", "F5": b"\x1b[[E", "F6": b"\x1b[17~", "F8": b"\x1b[19~", "F9": b"\x1b[20~",
    "F10": b"\x1b[21~", "F11": b"\x1b[23~", "F12": b"\x1b[24~", "Enter": b"\r", "Esc": b"\x1b", "Up": b"\x1b[A",
    "Down": b"\x1b[B", "Del": b"\x1b[3~", "Erase": b"\x7f",
}  # fmt: skip

_MEANT: Final = re.compile(
    rb"\x1b\[[0-9;]*m"  # colours
    rb"|\x1b\[(?:[0-9]{1,3};[0-9]{1,3})?H"  # to a cell
    rb"|\x1b\[2J"  # everything away, at the end
    rb"|\x1b\[\?(?:1049|25|1004|2004|7|2026)[hl]"  # second screen, cursor, focus, pastes, wrapping, whole frames
    rb"|\x1b\[\?(?:2026|2048)\$p"  # whether the terminal knows whole frames, and tells its size
    rb"|\x1b\[<u"  # keys as they were
    rb"|\x1b\]22;default\x07"  # the mouse pointer
    rb"|\x07"  # the bell
)
"""All that the till may tell a terminal beside text."""
_HALF: Final = re.compile(rb"\x1b[\x20-\x3f\[\]]*$")
_TAKEN, _GIVEN_BACK = b"\x1b[?1049h", b"\x1b[?1049l"
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BOXES: Final = frozenset(map(chr, range(0x2500, 0x2580)))


class Seat(Terminal):
    """A program in a terminal, on a console unless it is said otherwise."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (80, 25),
        term: str = "linux",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(command, size=size, term=term, truecolor=False, environment=environment)
        self.modes_before = self.modes()
        self.glass = pyte.Screen(*size)
        """What the terminal shows, cell by cell, as of the last look at it."""
        self._stream = pyte.ByteStream(self.glass)
        self._shown = 0
        self._after_escape = BETWEEN_KEYS if term == "linux" else AFTER_ESCAPE

    # Looking

    @property
    def lines(self) -> list[str]:
        """The screen, row by row."""
        fresh = bytes(self.drawn[self._shown :])
        self._shown = len(self.drawn)
        self._stream.feed(fresh.replace(b"\x1b[<u", b""))
        return list(self.glass.display)

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    def until(self, *texts: str, true: Callable[[str], bool] = bool) -> str:
        """Wait until all of these can be read, and something is true of the screen; the screen. Refuses: TooSlow."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            seen = self.text
            if all(text in seen for text in texts) and true(seen):
                return seen
            if time.monotonic() > deadline or (not self._read(0.5) and self.has_ended()):
                raise TooSlow(f"{texts!r} not on\n{seen}")

    def until_gone(self, text: str) -> str:
        """Wait until a text can't be read any more; the screen. Refuses: TooSlow."""
        return self.until(true=lambda seen: text not in seen)

    def boxes(self) -> set[tuple[int, int, str]]:
        """The lines of all boxes, cell by cell, without the big figures."""
        self.text  # noqa: B018
        return {
            (row, column, cell.data)
            for row in range(self.glass.lines)
            for column, cell in self.glass.buffer[row].items()
            if cell.data in _BOXES and cell.data not in "╺╸╻╹"
        }

    def broken_boxes(self) -> list[tuple[int, int]]:
        """Where a heavy box begins that is not whole: such boxes stand in front of everything."""
        self.text  # noqa: B018
        cells = [
            [self.glass.buffer[row][column].data for column in range(self.glass.columns)]
            for row in range(self.glass.lines)
        ]
        found = [
            (row, left)
            for row, line in enumerate(cells)
            for left, cell in enumerate(line)
            if cell == "┏" and line[left + 1] == "━" and line[left + 2] == " "
        ]
        return [(row, left) for row, left in found if not _is_whole(cells, row, left)]

    def foreign(self) -> list[str]:
        """What the till has sent that is neither text nor among the sequences it may use: must be empty."""
        sent = bytes(self.drawn)
        start, end = sent.find(_TAKEN), sent.rfind(_GIVEN_BACK)
        inside = sent[max(0, start) : end if end >= 0 else None]
        outside = sent[: max(0, start)] + (sent[end:] if end >= 0 else b"")
        found: list[str] = []
        for part in (inside, outside):
            plain = _MEANT.sub(b" ", _HALF.sub(b"", part)).replace(b"\r\n", b" ")
            text = codecs.getincrementaldecoder("utf-8")().decode(plain)
            found += [
                text[max(0, place - 20) : place + 20]
                for place, character in enumerate(text)
                if unicodedata.category(character) in _UNSEEN
            ]
        return found

    # Doing

    def send(self, data: bytes) -> None:
        """Bytes as a terminal sends them; what is drawn meanwhile is read, so that neither side waits for ever."""
        left = memoryview(data)
        while left:
            readable, writable, _other = select.select([self._file], [self._file], [], PATIENCE_SECONDS)
            if not (readable or writable):
                raise TooSlow("no keys are taken")
            if readable:
                self._read(0.1)
            if writable:
                left = left[os.write(self._file, left[:1024]) :]

    def keys(self, *keys: str) -> None:
        """Keys by name, or texts, as a person types them."""
        for key in keys:
            for stroke in [KEYS[key]] if key in KEYS else [character.encode() for character in key]:
                self.send(stroke)
                self.watch(self._after_escape if stroke == KEYS["Esc"] else BETWEEN_KEYS)

    def scan(self, *codes: str) -> None:
        """Codes as a scanner types them: all at once, one behind the other."""
        self.watch(BETWEEN_KEYS)
        self.send("".join(f"{code}\r" for code in codes).encode())

    def resize(self, columns: int, rows: int) -> None:
        """Give the window another size."""
        self.lines  # noqa: B018
        self.glass.resize(rows, columns)
        termios.tcsetwinsize(self._file, (rows, columns))

    def hang_up(self) -> None:
        """Take the terminal away, as when a connection breaks."""
        os.close(self._file)
        self._file = os.open(os.devnull, os.O_RDWR)

    def kill(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        os.kill(self.pid, number)

    # The program

    def modes(self) -> list[Any]:
        """How the terminal is set: echo, lines, signals."""
        return termios.tcgetattr(self._file)

    def is_raw(self) -> bool:
        """Whether keys come one by one, without an echo, and none of them is a signal."""
        return not self.modes()[3] & (termios.ECHO | termios.ICANON | termios.ISIG)

    def has_ended(self) -> bool:
        """Whether the program is over."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def ended(self) -> int:
        """Wait for the end, and for all that it drew; the exit code, or the signal as a negative number.

        Refuses: TooSlow.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.has_ended():
            if time.monotonic() > deadline:
                raise TooSlow(f"it does not end\n{self.text}")
            self._read(0.02)
        self.settle(0.05)
        found = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        if found is None:
            raise ChildProcessError(self.pid)
        return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status

    def cpu_seconds(self) -> float:
        """Processor time of all its threads so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _is_whole(cells: Sequence[Sequence[str]], top: int, left: int) -> bool:
    right = next((column for column in range(left + 1, len(cells[top])) if cells[top][column] == "┓"), 0)
    for row in cells[top + 1 :]:
        ends = (row[left], row[right])
        if ends == ("┗", "┛"):
            return set(row[left + 1 : right]) == {"━"}
        if ends != ("┃", "┃"):
            return False
    return False


def make_demo(folder: Path) -> None:
    """A demo shop in a new folder, made by the program itself."""
    with Seat((sys.executable, "-m", "kiosk", "demo", "--dir", str(folder))) as seat:
        seat.until("Who are you?")
        seat.kill(signal.SIGTERM)
        if seat.ended() != 0:
            raise RuntimeError(seat.text)


def copy_demo(demo: Path, folder: Path) -> Path:
    """A shop of a test's own, just like the one that was made."""
    shutil.copytree(demo, folder, ignore=shutil.ignore_patterns("run", "*-shm"))
    configuration = folder / "kiosk.toml"
    configuration.write_text(configuration.read_text().replace(str(demo), str(folder)))
    return folder


def open_till(
    folder: Path,
    *,
    size: tuple[int, int] = (80, 25),
    term: str = "linux",
    environment: Mapping[str, str] | None = None,
    program: Sequence[str] = ("-m", "kiosk"),
) -> Seat:
    """Start the till on a demo shop, as ``kiosk run`` does, with Ann signed in by her PIN."""
    command = (sys.executable, *program, "--config", str(folder / "kiosk.toml"), "run")
    seat = Seat(command, size=size, term=term, environment=environment)
    try:
        sign_in(seat)
    except BaseException:
        seat.close()
        raise
    return seat


def sign_in(seat: Seat, person: str = "1", pin: str = "1111") -> None:
    """Choose a person by number, type the PIN, and wait for the sale."""
    seat.until("Who are you?", f" {person} ")
    seat.keys(person)
    seat.until("type your PIN")
    seat.keys(pin, "Enter")
    seat.until("Quick articles")
