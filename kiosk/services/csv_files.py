"""CSV as shops have it: any delimiter, any of the usual encodings, and no formula in any cell (PLATFORM.md 7)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TextIO

from kiosk.errors import BadFile
from kiosk.i18n.clean import visible
from kiosk.services.files import whole_file

DELIMITERS: Final = (",", ";", "\t", "|")
LARGEST_FILE: Final = 256 * 1024 * 1024

_STEERS: Final = "=+\\-@\t\r"
_FORMULA: Final = re.compile(f"'*[{_STEERS}]")
_GUARDED: Final = re.compile(f"'+[{_STEERS}]")
_GROUPED: Final = re.compile(r"-?\d{1,3}(?:(?P<dot>\.\d{3})+,\d{1,2}|(?P<comma>,\d{3})+\.\d{1,2})")
_SPACES: Final = str.maketrans("", "", " \u00a0\u202f'’")


Knows = Callable[[str], bool]
"""Whether the header of a column says something."""


class _Reader(Protocol):
    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...

    def __next__(self) -> list[str]: ...


def guard(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; ``unguard`` gives back what it was."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguard(cell: str) -> str:
    """A cell without the guard that ``guard`` put before it."""
    return cell[1:] if _GUARDED.match(cell) else cell


def read(path: Path) -> str:
    """A file as text: UTF-8 or UTF-16 by its mark, UTF-8 without one, else what Windows writes. Refuses: BadFile."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadFile(path=str(path), reason="too large")
        raw = path.read_bytes()
    except OSError as error:
        raise BadFile(path=str(path), reason=error.strerror or str(error)) from error
    encodings = ("utf-16",) if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252", "latin-1")
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise BadFile(path=str(path), reason="not a text file")


class Table:
    """The rows of a CSV file, read as they are asked for."""

    def __init__(self, text: str, path: Path, knows: Knows, *, whatever: bool = False) -> None:
        """The delimiter is the one by which most cells of the header are known, then the one that makes most cells.

        ``whatever``: somebody looks at the columns first, so that none of them need be known.
        Refuses: BadFile (no known column in the first line).
        """
        readings = [(*_known_cells(text, delimiter, knows), delimiter) for delimiter in DELIMITERS]
        known, cells, delimiter = max(readings, key=lambda reading: reading[:2])
        if not (cells if whatever else known):
            raise BadFile(path=str(path), reason="no known column in the first line")
        self._path = path
        self._reader = _reader(text, delimiter)
        self.header = next(self._reader)
        self.lines = max(1, text.count("\n") + (not text.endswith("\n")))
        """How many there are, the header included."""
        self.line = self._reader.line_num
        """The last one that was read."""

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """Each row that is not empty, with the number of its first line. Refuses: BadFile (broken quotes)."""
        try:
            for cells in self._reader:
                first, self.line = self.line + 1, self._reader.line_num
                if any(cell.strip() for cell in cells):
                    yield first, [unguard(cell) for cell in cells]
        except csv.Error as error:
            raise BadFile(path=str(self._path), reason=f"line {self.line + 1}: {error}") from error


def _known_cells(text: str, delimiter: str, knows: Knows) -> tuple[int, int]:
    """How many cells of the header are known, and how many there are."""
    try:
        header = next(_reader(text, delimiter), [])
    except csv.Error:
        return 0, 0
    return sum(map(knows, header)), len(header)


def _reader(text: str, delimiter: str) -> _Reader:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def plain_number(text: str) -> str:
    """A number without spaces and marks between its thousands, ready to be parsed: ``1.234,50`` is ``1234,50``."""
    bare = text.translate(_SPACES)
    grouped = _GROUPED.fullmatch(bare)
    if grouped is None:
        return bare
    return bare.replace("." if grouped["dot"] else ",", "")


def amount_text(minor: int, decimals: int, point: str = ".") -> str:
    """An amount in minor units as a plain decimal number."""
    sign, digits = "-" if minor < 0 else "", str(abs(minor)).rjust(decimals + 1, "0")
    return f"{sign}{digits[:-decimals]}{point}{digits[-decimals:]}" if decimals else sign + digits


@contextmanager
def open_target(target: Path | TextIO, *, mark: bool = False) -> Iterator[TextIO]:
    """A file to write text to, which takes its name only when it is complete; or the one that is given.

    ``mark`` begins a file with the byte order mark that spreadsheets want. Refuses: BadFile, DiskFull, StorageFailed.
    """
    if not isinstance(target, Path):
        yield target
        return
    with whole_file(target) as file:
        text = io.TextIOWrapper(file, encoding="utf-8-sig" if mark else "utf-8", newline="", write_through=True)
        yield text
        text.detach()


@dataclass(frozen=True, slots=True)
class Amount:
    """A decimal number in a cell; it stays a number, also when it is below zero."""

    text: str


Cell = str | int | Amount | None


class Writer:
    """Writes rows; every text is guarded, numbers are not. A file may be shown on a terminal (PLATFORM.md 7)."""

    def __init__(self, file: TextIO, delimiter: str) -> None:
        self._writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")

    def row(self, cells: Iterable[Cell]) -> None:
        """Write a row; None is an empty cell."""
        self._writer.writerow([_cell(cell) for cell in cells])


def _cell(cell: Cell) -> str | int:
    if isinstance(cell, Amount):
        return cell.text
    if isinstance(cell, str):
        return guard(visible(cell, len(cell)))
    return "" if cell is None else cell
