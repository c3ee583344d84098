"""Customers from a file at the till: its columns, its faults by line, taking it in, and taking it back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from kiosk.rules.permissions import Role
from kiosk.screens.base import TillScreen
from kiosk.screens.customer_import import CustomerImportScreen, ImportFileScreen, PastImportsScreen
from kiosk.screens.dialogs import Question
from kiosk.screens.settings import SettingsScreen
from tests.screens.counter import open_counter
from tests.screens.floor import Floor, Journey, journey

Screen = TypeVar("Screen", bound=TillScreen[None])

FAULTY = "Name;Tel. privat;Geburtstag;Remark\nMaria [/x];+33142685300;31.2.1980;a\nBob;;;b\n"


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        made.person("Otto", Role.OWNER)
        yield made


def in_front(at: Journey, kind: type[Screen]) -> Screen:
    """The screen in front, which is of this kind."""
    screen: object = at.app.screen
    assert isinstance(screen, kind), at.text_of_screen()
    return screen


def customers(floor: Floor) -> list[tuple[object, ...]]:
    return floor.rows(
        "SELECT customer.state, name, value FROM customer LEFT JOIN contact ON contact.customer = customer.id "
        "ORDER BY number"
    )


@pytest.mark.requirement("D8-02")
async def test_a_file_is_matched_mended_taken_in_and_taken_back(floor: Floor, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "picture.png").write_bytes(b"\x89PNG")
    (folder / "wrong.csv").write_bytes(b"\x7fELF\0\0" * 500)
    (folder / "empty.csv").touch()
    file = folder / "customers.csv"
    file.write_text(FAULTY, encoding="latin-1")
    os.utime(folder / "wrong.csv", (2e9, 2e9))
    os.utime(folder / "empty.csv", (19e8, 19e8))
    async with journey(floor, person="Otto") as at:
        await at.keys("escape", "f10", "e", "k")
        in_front(at, CustomerImportScreen)
        assert at.shows("No CSV file lies in")
        await at.keys("escape")
        at.app.till.exports = folder
        await at.keys("k")
        in_front(at, CustomerImportScreen)
        assert [line[0] for line in in_front(at, CustomerImportScreen).table.lines] == [
            "wrong.csv",
            "empty.csv",
            "customers.csv",
        ]
        assert [line[1] for line in in_front(at, CustomerImportScreen).table.lines] == ["3 kB", "0 kB", "1 kB"]
        # What is no table is refused, and the list stays.
        await at.keys("enter")
        in_front(at, CustomerImportScreen)
        assert at.said.startswith("wrong.csv can't be used: ")
        # A column that says nothing is taken for the phone.
        await at.keys("down", "down", "enter")
        screen = in_front(at, ImportFileScreen)
        assert [line[:2] for line in screen.columns.lines] == [
            ("Name", "Name"),
            ("Tel. privat", "-"),
            ("Geburtstag", "Date of birth"),
            ("Remark", "Notes"),
        ]
        await at.keys("down")
        while screen.columns.lines[1][1] != "Phone":
            await at.keys("+")
        assert at.shows("Maria [/x] | Bob", "+33142685300")
        # The dry run names the fault by its line, and writes nothing.
        await at.keys("enter")
        await at.until(lambda: bool(screen.faults.display))
        assert screen.faults.lines == (("2", "Geburtstag", screen.faults.lines[0][2]),)
        assert "31.2.1980" in screen.faults.lines[0][2]
        assert at.said == "Nothing was taken in. Mend these lines first."
        assert customers(floor) == []
        # Mended on the stick meanwhile: it is read anew.
        file.write_text(FAULTY.replace("31.2.1980", "12.11.84"), encoding="latin-1")
        await at.keys("escape", "enter")
        await at.until(lambda: isinstance(at.app.screen, Question))
        assert at.shows("2 new, 0 changed, 0 as they were.")
        await at.keys("escape")
        assert (at.said, customers(floor)) == ("Nothing was taken in.", [])
        await at.keys("f12")
        await at.until(lambda: isinstance(at.app.screen, Question))
        await at.keys("enter")
        await at.until(lambda: at.said.startswith("Done"))
        assert at.said == "Done: 2 new, 0 changed."
        assert customers(floor) == [("active", "Maria [/x]", "+33142685300"), ("active", "Bob", None)]
        # A second time: who has a phone is known by it, a bare name is nobody that anyone knows.
        await at.keys("enter")
        await at.until(lambda: isinstance(at.app.screen, Question))
        assert at.shows("1 new, 0 changed, 1 as they were.")
        await at.keys("escape")
        # The past, and back again; once only.
        await at.keys("escape", "u")
        in_front(at, PastImportsScreen)
        assert in_front(at, PastImportsScreen).table.lines[0][2:] == ("Otto", "2", "0", "")
        await at.keys("enter", "enter")
        in_front(at, PastImportsScreen)
        assert at.said == "2 gone, 0 as they were before."
        assert in_front(at, PastImportsScreen).table.lines[0][5] == "taken back"
        await at.keys("enter")
        assert at.said == "This was taken back already."
        await at.keys("escape", "escape")
        in_front(at, SettingsScreen)
    assert customers(floor) == [("withdrawn", "", None), ("withdrawn", "", None)]
    assert [line[0] for line in floor.journal("customers.import", "customers.import_undone")] == [
        "customers.import",
        "customers.import_undone",
    ]
