"""What the commands say: lines on standard output, sentences on standard error, and nothing that steers a terminal."""

from __future__ import annotations

import getpass
import io
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from kiosk.errors import Missing, ShopError
from kiosk.i18n.clean import visible

_LONGEST_LINE = 4000


def say(line: str = "") -> None:
    """One line on standard output."""
    sys.stdout.write(visible(line, _LONGEST_LINE) + "\n")


def say_json(value: object) -> None:
    """A value for scripts."""
    sys.stdout.write(json.dumps(value, indent=2, sort_keys=True) + "\n")


def complain(line: str) -> None:
    """One line on standard error."""
    sys.stderr.write(f"kiosk: {visible(line, _LONGEST_LINE)}\n")


def table(rows: Iterable[Sequence[str]]) -> None:
    """Rows in columns."""
    cells = [[visible(cell, 200) for cell in row] for row in rows]
    if not cells:
        return
    widths = [max(len(row[place]) for row in cells if place < len(row)) for place in range(max(map(len, cells)))]
    for row in cells:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip())


def ask(question: str, proposal: str = "") -> str:
    """What the technician types; Enter takes the proposal. Refuses: Missing (nobody can be asked)."""
    if not sys.stdin.isatty():
        raise Missing(field=question)
    sys.stderr.write(f"{question} [{proposal}]: " if proposal else f"{question}: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() or proposal


def agreed(question: str) -> bool:
    """Whether the technician says yes; nobody there means no."""
    return sys.stdin.isatty() and ask(question + " y/N").lower() in {"y", "yes"}


def ask_secret(question: str, *, twice: bool = False) -> str:
    """A PIN or a passphrase that nobody sees; from a pipe its first line, so that it never stands in a command line.

    Refuses: Missing (nothing came, or the two differ).
    """
    if not sys.stdin.isatty():
        given = sys.stdin.readline().rstrip("\n")
    else:
        given = getpass.getpass(f"{question}: ")
        if twice and getpass.getpass(f"{question} again: ") != given:
            complain("The two differ.")
            given = ""
    if not given:
        raise Missing(field=question)
    return given


@contextmanager
def progress(words: str, *, total: int | None = None) -> Iterator[Any]:
    """A bar on standard error, if somebody looks; gives what to call with how much is done, and of how much."""
    if not sys.stderr.isatty():
        yield lambda _done, _total=None: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(words, total=total)
        yield lambda done, of=None: bar.update(task, completed=done, total=of if of is not None else total)


def sentence(error: ShopError) -> str:
    """What was refused, in a sentence."""
    from kiosk.i18n.sentences import sentence as words

    return words(error, whole_path=True)


class Shown(io.TextIOBase):
    """A terminal that data can't steer; a file or a pipe gets them as they are."""

    def __init__(self, terminal: TextIO) -> None:
        super().__init__()
        self._terminal = terminal

    def write(self, text: str) -> int:
        """Show a text."""
        self._terminal.write("\n".join(visible(line, len(line)) for line in text.replace("\r\n", "\n").split("\n")))
        return len(text)
