"""``kiosk import`` and ``kiosk export`` from the outside."""

from __future__ import annotations

import os
import pty
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Kiosk, Running, journal

GOOD = "number;name;price;tax;barcodes\n100;Milk;1,20;A;4006381333931\n101;Bröd [/];2,50;A;\n"
BAD = "number;name;price;tax\n100;Milk;cheap;A\n101;;2,50;A\n102;Fine;1,00;A\n"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "articles.csv"
    path.write_text(GOOD, encoding="utf-8")
    return path


def names(kiosk: Kiosk) -> set[str]:
    return {line.split(",")[1] for line in kiosk("export", "articles").out.splitlines()[1:]}


@pytest.mark.requirement("D8-02")
def test_a_dry_run_only_tells(kiosk: Kiosk, good: Path) -> None:
    said = kiosk("import", "articles", good, "--dry-run")
    assert said.code == 0
    first, *_rest, last = said.out.splitlines()
    assert (first, last) == ("2 new, 0 changed, 0 as they were", "Nothing was taken in: --dry-run only looks.")
    assert names(kiosk) == set()


@pytest.mark.requirement("D8-02")
def test_a_file_is_taken_in_and_a_second_time_changes_nothing(kiosk: Kiosk, good: Path) -> None:
    assert kiosk("import", "articles", good, "--yes").code == 0
    assert names(kiosk) == {"Milk", "Bröd [/]"}
    again = kiosk("import", "articles", good, "--yes", "--json")
    assert (again.code, again.json["unchanged"], again.json["written"]) == (0, 2, False)
    assert [note["by"] for note in journal(kiosk, "article.imported")] == ["root"]
    assert [path.name for path in kiosk.config.state.glob("import-*")] == []


@pytest.mark.requirement("D8-02")
def test_one_wrong_line_and_nothing_is_taken_in(kiosk: Kiosk, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(BAD)
    said = kiosk("import", "articles", path, "--yes")
    assert said.code == 1
    first, second, last = said.err.splitlines()
    assert first.startswith("kiosk: 1. line 2, price: ")
    assert second.startswith("kiosk: 2. line 3, name: ")
    assert last == "kiosk: 2 errors: nothing was taken in."
    assert said.out.startswith("Without them it would be: 1 new, ")
    read = kiosk("import", "articles", path, "--yes", "--json")
    assert read.code == 1
    assert [(error["line"], error["column"]) for error in read.json["errors"]] == [(2, "price"), (3, "name")]
    assert names(kiosk) == set()


def test_without_a_yes_nothing_is_taken_in(kiosk: Kiosk, good: Path) -> None:
    said = kiosk("import", "articles", good)
    assert said.code == 3
    assert said.err == "kiosk: Nothing was changed. --yes takes it in without asking.\n"
    assert names(kiosk) == set()


def test_the_running_till_takes_it_in(kiosk: Kiosk, good: Path, running: Running) -> None:
    said = kiosk("import", "articles", good, "--yes", "--json")
    assert (said.code, said.json["written"], said.json["created"]) == (0, True, 2)
    assert names(kiosk) == {"Milk", "Bröd [/]"}
    assert [path.name for path in kiosk.config.state.glob("import-*")] == []


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"hello\nworld\n", b'number;name\n"open'])
def test_what_is_no_table_is_refused(kiosk: Kiosk, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    said = kiosk("import", "articles", path, "--yes")
    assert (said.code, said.out, said.err.count("\n")) == (3, "", 1)


def test_a_file_that_is_not_there_is_refused(kiosk: Kiosk, tmp_path: Path) -> None:
    assert kiosk("import", "articles", tmp_path / "none.csv", "--yes").code == 3


@pytest.mark.requirement("D8-02")
def test_what_is_taken_out_can_be_taken_in(kiosk: Kiosk, good: Path, tmp_path: Path) -> None:
    assert kiosk("import", "articles", good, "--yes").code == 0
    out = tmp_path / "out.csv"
    said = kiosk("export", "articles", "-o", out)
    assert (said.code, said.out, said.err) == (0, "", f"2 written to {out}\n")
    assert kiosk("import", "articles", out, "--json").json["unchanged"] == 2


@pytest.mark.requirement("N12")
@pytest.mark.parametrize(
    ("words", "first", "lines"),
    [
        (("sales",), "lane", 4),
        (("sales", "--format", "jsonl"), "{", 3),
        (("ledger", "--format", "csv"), "lane", 10),
        (("ledger",), '{"', None),
    ],
)
def test_sales_and_books_go_out(kiosk: Kiosk, words: tuple[str, ...], first: str, lines: int | None) -> None:
    said = kiosk("export", *words)
    assert said.code == 0
    assert said.err == ""
    assert said.out.lstrip("\ufeff").startswith(first)
    assert lines is None or len(said.out.splitlines()) == lines


@pytest.mark.requirement("N12")
def test_the_books_go_out_while_the_till_sells(kiosk: Kiosk, running: Running, tmp_path: Path) -> None:
    said = kiosk("export", "ledger", "--format", "hledger", "-o", tmp_path / "x.journal")
    assert (said.code, said.out) == (0, "")
    assert (tmp_path / "x.journal").read_text().count("drawer:R1") >= 3


def test_an_export_into_nowhere_is_refused(kiosk: Kiosk, tmp_path: Path) -> None:
    said = kiosk("export", "sales", "-o", tmp_path / "nowhere" / "x.csv")
    assert (said.code, said.out, said.err.count("\n")) == (3, "", 1)


def test_on_a_terminal_data_steer_nothing(kiosk: Kiosk) -> None:
    """A name that came in by some other way than the till's own."""
    other = sqlite3.connect(kiosk.config.database_url)
    other.execute("INSERT INTO tax (code, name, position) VALUES ('X', '\x1b[2J\x9b', 9)")
    other.execute(
        "INSERT INTO article (id, number, name, tax, price, changed_at) "
        "VALUES ('x', '1', 'A' || char(27) || '[2J', 'X', 1, 0)"
    )
    other.commit()
    other.close()
    controller, terminal = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", "export", "articles"],
        stdout=terminal,
        stderr=subprocess.PIPE,
        env=kiosk.environ(),
        cwd=kiosk.folder,
        timeout=60,
        check=False,
    )
    os.close(terminal)
    shown = os.read(controller, 65536)
    os.close(controller)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"A[2J" in shown
    assert b"\x1b" not in shown
