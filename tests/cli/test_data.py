"""``kiosk import`` and ``kiosk export`` from the outside."""

from __future__ import annotations

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
    assert (said.code, said.out.splitlines()[0]) == (0, "2 new, 0 changed, 0 as they were")
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
