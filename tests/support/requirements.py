"""Which requirement is held by how many tests: ``make requirements``."""

import argparse
import contextlib
import io
import sys
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest

from tests.support.marks import ids_of
from tests.support.sheet import Requirement, read_sheet


class _Counting:
    """A plug-in that counts the tests of each requirement while they are collected."""

    def __init__(self) -> None:
        self.held: Counter[str] = Counter()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            self.held.update(set(ids_of(item)))


def count(arguments: Sequence[str] = ()) -> tuple[Counter[str], str]:
    """Collect the tests, long ones included; return how many hold each id, and what pytest said if it failed."""
    plugin = _Counting()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = pytest.main(["--collect-only", "-q", "-m", "", "-p", "no:cacheprovider", *arguments], plugins=[plugin])
    return plugin.held, "" if code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) else said.getvalue()


def lines(sheet: Mapping[str, Requirement], held: Mapping[str, int], part: str | None = None) -> list[str]:
    """Lay out the table: each id with the number of its tests, then the ids that no test holds."""
    chosen = [row for row in sheet.values() if part is None or part in row.parts]
    bare = [row.id for row in chosen if not held.get(row.id)]
    table = [f"{row.id:6} {held.get(row.id, 0):4}  {row.text}" for row in chosen]
    held_count = len(chosen) - len(bare)
    return [
        *table,
        "",
        f"{held_count} of {len(chosen)} requirements held by a test",
        *([f"held by none: {' '.join(bare)}"] if bare else []),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; exit 2 when the part is unknown or the tests cannot be collected, 1 with --strict and a gap."""
    sheet = read_sheet()
    parts = sorted({part for row in sheet.values() for part in row.parts})
    parser = argparse.ArgumentParser(prog="make requirements", description=__doc__)
    parser.add_argument("--part", choices=parts, help="only the requirements of this part of the work")
    parser.add_argument("--strict", action="store_true", help="fail when a requirement is held by no test")
    chosen = parser.parse_args(arguments)
    held, trouble = count()
    if trouble:
        print(trouble, file=sys.stderr)
        return 2
    table = lines(sheet, held, chosen.part)
    print("\n".join(table))
    return 1 if chosen.strict and table[-1].startswith("held by none") else 0


if __name__ == "__main__":
    sys.exit(main())
