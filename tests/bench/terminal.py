"""A program in a terminal of its own: what it draws, when, how many bytes, how much memory it takes."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_ESCAPES: Final = re.compile(
    rb"\x1b(?:\[[0-9;:?<=>]*[ -/]*[@-~]|[\]P^_X].*?(?:\x07|\x1b\\)|[()#][A-Za-z0-9]|[=>A-Za-z])"
)
_PATIENCE_SECONDS: Final = 60.0


class TooSlow(Exception):
    """What was waited for did not come; bears the end of what was drawn."""


class Terminal:
    """A program started in a pseudo terminal of a given size; the time runs from its start."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (80, 25),
        term: str = "xterm-256color",
        truecolor: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        surroundings = {
            name: value for name, value in os.environ.items() if not name.startswith(("TEXTUAL_", "COLORTERM"))
        }
        surroundings |= {"TERM": term, **({"COLORTERM": "truecolor"} if truecolor else {}), **(environment or {})}
        self._size = size
        self.started = time.perf_counter()
        self.pid, self._file = pty.fork()
        if not self.pid:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            os.execvpe(command[0], list(command), surroundings)  # noqa: S606
        self.drawn = bytearray()
        """All bytes that came, in order."""
        self.last = self.started
        """When the last of them came; ``perf_counter`` seconds."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def type(self, text: str) -> None:
        """Send keys."""
        os.write(self._file, text.encode())

    def wait_for(self, text: str, *, since: int = 0) -> float:
        """When a text was there, drawn after that many bytes; ``perf_counter`` seconds. Refuses: TooSlow."""
        deadline = time.perf_counter() + _PATIENCE_SECONDS
        wanted = text.encode()
        while wanted not in _ESCAPES.sub(b"", bytes(self.drawn[since:])):
            if not self._read(deadline - time.perf_counter()):
                raise TooSlow(f"{text!r} not in {bytes(self.drawn[-2000:])!r}")
        return time.perf_counter()

    def screen(self) -> str:
        """What can be read now, as a terminal emulator shows it."""
        import pyte

        emulated = pyte.Screen(*self._size)
        pyte.ByteStream(emulated).feed(bytes(self.drawn))
        return "\n".join(emulated.display)

    def settle(self, seconds: float = 0.3) -> int:
        """Wait until nothing has come for a while; how many bytes came meanwhile."""
        before = len(self.drawn)
        while self._read(seconds):
            pass
        return len(self.drawn) - before

    def watch(self, seconds: float) -> int:
        """How many bytes come within a time."""
        before, end = len(self.drawn), time.perf_counter() + seconds
        while self._read(end - time.perf_counter()):
            pass
        return len(self.drawn) - before

    def memory_bytes(self) -> int:
        """The program's resident memory now, whoever else shares it: the same in every run."""
        text = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        return 1024 * int(re.findall(r"^Rss:\s+(\d+) kB$", text, re.MULTILINE)[0])

    def close(self) -> None:
        """End the program, whatever it does."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._file)

    def _read(self, patience_seconds: float) -> bool:
        if patience_seconds <= 0 or not select.select([self._file], [], [], patience_seconds)[0]:
            return False
        try:
            piece = os.read(self._file, 65536)
        except OSError:
            return False
        self.drawn += piece
        self.last = time.perf_counter()
        return bool(piece)
