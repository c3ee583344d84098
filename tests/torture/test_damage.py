"""A file that a worn memory card has spoilt: verify finds it or refuses it, and never falls over (PLATFORM.md 5, 6)."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from kiosk.errors import StorageFailed
from tests.torture.books import Books
from tests.torture.tamper import TABLES, UNPROVEN

PAGE: Final = 512
"""Of this size are the sectors that a card spoils, and the pages of the database."""

Contents = dict[str, list[tuple[Any, ...]]]


def contents(path: Path) -> Contents | None:
    """All that verify proves of the books, as bytes; nothing when SQLite itself can't read it."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.text_factory = bytes
        try:
            return {table: _rows(connection, table) for table in TABLES}
        except sqlite3.DatabaseError:
            return None


def _rows(connection: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    names = [row[1].decode() for row in connection.execute(f'PRAGMA table_info("{table}")')]
    proven = ", ".join(f'"{name}"' for name in names if (table, name) not in UNPROVEN)
    return sorted(connection.execute(f'SELECT {proven} FROM "{table}" NOT INDEXED'), key=repr)


def spoil(path: Path, chance: random.Random) -> str:
    """Overwrite a bit, some bytes or a whole page, or exchange two pages."""
    content = bytearray(path.read_bytes())
    pages = len(content) // PAGE
    first, second = (chance.randrange(pages) * PAGE for _ in range(2))
    at = chance.randrange(len(content))
    match way := chance.choice(("bit", "bytes", "page", "zeros", "exchange", "cut")):
        case "bit":
            content[at] ^= 1 << chance.randrange(8)
        case "bytes":
            content[at : at + 8] = chance.randbytes(8)
        case "page":
            content[first : first + PAGE] = chance.randbytes(PAGE)
        case "zeros":
            content[first : first + PAGE] = bytes(PAGE)
        case "exchange":
            content[first : first + PAGE], content[second : second + PAGE] = (
                content[second : second + PAGE],
                content[first : first + PAGE],
            )
        case "cut":
            del content[first:]
    path.write_bytes(content)
    return f"{way} at {at if way.startswith('b') else first}"


@pytest.mark.requirement("N3")
@pytest.mark.parametrize("times", [40, pytest.param(1000, marks=pytest.mark.torture)])
def test_a_spoilt_file_is_found_or_refused(books: Books, tmp_path: Path, times: int) -> None:
    copy = tmp_path / "kiosk.db"
    sound = contents(books.path)
    wrong: list[str] = []
    found = refused = 0
    for seed in range(times):
        shutil.copy(books.path, copy)
        what = spoil(copy, random.Random(seed))
        try:
            good = books.examine(copy).ok
        except StorageFailed:
            refused += 1
            continue
        except Exception as error:
            wrong.append(f"{seed} {what}: verify failed with {error!r}")
            continue
        found += not good
        if good and contents(copy) not in (sound, None):
            wrong.append(f"{seed} {what}: not seen")

    print(f"{found} found, {refused} refused of {times}")
    assert not wrong, "\n".join(wrong)
    assert found + refused > times // 3
    assert min(found, refused) > 0
