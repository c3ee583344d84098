"""``kiosk customers`` from the outside."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Kiosk, Running, journal

GOOD = "Vorname;Nachname;Tel. privat;E-Mail;Newsletter\nMaria;Huber;+33142685300;m@example.com;ja\n=Bob;[/x];;;\n"
BAD = "name;email;phone\nAnn;ann@;1\n;;\nBob;bob@example.com;x\n"
CHOICE = ("--column", "Tel. privat=phone")


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    path.write_text(GOOD, encoding="utf-8")
    return path


def kept(kiosk: Kiosk) -> list[dict[str, str]]:
    """What an export says of everybody."""
    return list(csv.DictReader(io.StringIO(kiosk("customers", "export").out.lstrip("\ufeff"))))


@pytest.mark.requirement("D8-02")
def test_a_dry_run_shows_the_columns_and_only_tells(kiosk: Kiosk, good: Path) -> None:
    said = kiosk("customers", "import", good, "--dry-run", *CHOICE)
    assert (said.code, said.err) == (0, "")
    assert [line.split() for line in said.out.splitlines()[:4]] == [
        ["#", "column", "taken", "for", "first", "values"],
        ["1", "Vorname", "first_name", "Maria", "|", "=Bob"],
        ["2", "Nachname", "last_name", "Huber", "|", "[/x]"],
        ["3", "Tel.", "privat", "phone", "+33142685300", "|"],
    ]
    assert said.out.splitlines()[6:] == [
        "2 new, 0 changed, 0 as they were",
        "1 agree to be written to; the file is written down as the source.",
        "Nothing was taken in: --dry-run only looks.",
    ]
    assert kept(kiosk) == []


@pytest.mark.requirement("D8-02")
@pytest.mark.requirement("U-29")
def test_customers_come_in_go_out_and_are_taken_back(
    kiosk: Kiosk, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kiosk("customers", "import", good, *CHOICE).code == 3
    assert kept(kiosk) == []
    done = kiosk("customers", "import", good, "--yes", "--json", *CHOICE)
    assert (done.code, done.json["created"], done.json["written"], done.json["left"]) == (0, 2, True, [])
    assert [column["field"] for column in done.json["columns"]][2] == "phone"
    assert [(one["name"], one["phone"]) for one in kept(kiosk)] == [
        ("Maria Huber", "'+33142685300"),
        ("'=Bob [/x]", ""),
    ]
    out = tmp_path / "out.csv"
    said = kiosk("customers", "export", "-o", out)
    assert (said.code, said.out, said.err) == (0, "", f"2 written to {out}\n")
    again = kiosk("customers", "import", out, "--yes")
    assert again.out.splitlines()[-2:] == ["0 new, 0 changed, 2 as they were", "There is nothing to take in."]
    mailing = kiosk("customers", "mailing", "email")
    assert [line.split(",")[1] for line in mailing.out.splitlines()[1:]] == ["Maria Huber"]
    assert len(kiosk("customers", "mailing", "phone").out.splitlines()) == 1
    monkeypatch.chdir(tmp_path)
    for what in (("export",), ("mailing", "email"), ("map",)):
        piped = kiosk("customers", *what, "-o", "-")
        assert (piped.out, piped.err) == (kiosk("customers", *what).out, "")
    assert not (tmp_path / "-").exists()
    (one,) = kiosk("customers", "imports", "--json").json
    assert (one["id"], one["by"], one["created"], one["undone"]) == (done.json["id"], "root", 2, False)
    assert "--yes" in kiosk("customers", "undo", one["id"]).err
    assert kiosk("customers", "undo", "99").err == "kiosk: Import not found: 99\n"
    undone = kiosk("customers", "undo", one["id"], "--yes")
    assert (undone.code, undone.out) == (0, "2 withdrawn, 0 as they were before\n")
    assert kept(kiosk) == []
    assert kiosk("customers", "undo", one["id"], "--yes").code == 3
    assert kiosk("customers", "undo", one["id"]).err == "kiosk: There is nothing to undo.\n"
    assert kiosk("customers", "undo", "nothing", "--yes").code == 3
    assert "undone" in kiosk("customers", "imports").out
    assert [note["by"] for note in journal(kiosk, "customers.import_undone")] == ["root"]
    assert len(journal(kiosk, "customers.exported")) == 12
    assert [path.name for path in kiosk.config.state.glob("import-*")] == []


@pytest.mark.requirement("D8-02")
def test_one_wrong_line_and_nothing_is_taken_in(kiosk: Kiosk, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(BAD)
    said = kiosk("customers", "import", path, "--yes")
    assert said.code == 1
    first, second, third, last = said.err.splitlines()
    assert first.startswith("kiosk: 1. line 2, ")
    assert second.startswith("kiosk: 2. line 2, ")
    assert third.startswith("kiosk: 3. line 4, phone: ")
    assert last == "kiosk: 3 errors: nothing was taken in."
    read = kiosk("customers", "import", path, "--yes", "--json")
    assert (read.code, [error["line"] for error in read.json["errors"]]) == (1, [2, 2, 4])
    assert kept(kiosk) == []


def test_the_running_till_takes_it_in_and_back(kiosk: Kiosk, good: Path, running: Running) -> None:
    done = kiosk("customers", "import", good, "--yes", "--json", *CHOICE)
    assert (done.code, done.json["written"], done.json["created"]) == (0, True, 2)
    assert len(kept(kiosk)) == 2
    undone = kiosk("customers", "undo", done.json["id"], "--yes", "--json")
    assert (undone.code, undone.json) == (0, {"withdrawn": 2, "restored": 0, "kept": []})
    assert kept(kiosk) == []


@pytest.mark.parametrize(
    "words",
    [
        ("--column", "Vorname"),
        ("--column", "Vorname=shoe"),
        ("--column", "Schuhgröße=name"),
        ("--column", "Vorname=email", "--column", "E-Mail=email"),
    ],
)
def test_a_wrong_choice_of_columns_is_refused(kiosk: Kiosk, good: Path, words: tuple[str, ...]) -> None:
    said = kiosk("customers", "import", good, "--yes", *words)
    assert (said.code, said.err.count("\n")) == (3, 1)
    assert kept(kiosk) == []


@pytest.mark.requirement("U-16")
def test_where_customers_live_as_geojson(kiosk: Kiosk, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("name,latitude,longitude\nAnna,52.520008,13.404954\n", encoding="utf-8")
    assert kiosk("customers", "import", path, "--yes").code == 0
    target = tmp_path / "map.geojson"
    assert kiosk("customers", "map", "-o", target).code == 0
    (feature,) = json.loads(target.read_text(encoding="ascii"))["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [13.404954, 52.520008]}
    assert (feature["properties"]["name"], feature["properties"]["turnover"]) == ("Anna", 0)
