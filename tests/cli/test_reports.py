"""``kiosk report``: the same figures as on the screen, while the till runs."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from kiosk import db
from kiosk.cli.arguments import LISTS, REPORTS
from kiosk.services import customer_lists, reports
from tests.cli.conftest import Kiosk, Running


def test_the_command_line_knows_every_report() -> None:
    assert REPORTS == reports.NAMES
    assert LISTS == customer_lists.NAMES


@pytest.mark.requirement("Q-22")
def test_a_report_is_read_as_json_as_csv_and_as_a_table(kiosk: Kiosk) -> None:
    said = kiosk("report", "tenders", "--json")
    assert said.code == 0
    assert said.json["rows"] == [
        {"tender": "Cash", "count": 3, "taken": 750, "given_back": 0, "net": 750, "before": 0, "change": None}
    ]
    assert said.json["totals"]["net"] == 750
    assert (said.json["report"], said.json["lane"], said.json["person"]) == ("tenders", None, None)
    assert said.json["from"] == said.json["to"]

    said = kiosk("report", "tenders", "--csv", "--span", "this-year")
    assert list(csv.reader(io.StringIO(said.out))) == [
        ["tender", "count", "taken", "given_back", "net", "before", "change"],
        ["Cash", "3", "7.50", "0.00", "7.50", "0.00", ""],
    ]

    said = kiosk("report", "tenders", "--span", "this-year")
    lines = said.out.splitlines()
    assert lines[0] == f"Means of payment · {datetime.now(UTC).year}"
    assert lines[2:] == [
        "MEANS OF PAYMENT  COUNT  TAKEN  GIVEN BACK   NET  BEFORE  +/-",
        "Cash                  3   7.50        0.00  7.50    0.00",
        "TOTAL                 3   7.50        0.00  7.50    0.00",
    ]


def test_days_lane_and_person_narrow_it(kiosk: Kiosk) -> None:
    day = (datetime.now(UTC) + timedelta(days=2)).date()
    said = kiosk("report", "days", "--from", day, "--to", day + timedelta(days=3), "--json")
    assert (said.json["rows"], said.json["totals"], said.json["from"]) == ([], None, day.isoformat())
    assert said.json["to"] == (day + timedelta(days=3)).isoformat()
    assert kiosk("report", "days", "--from", day, "--to", day).out.splitlines()[-1] == "There is nothing in these days."
    assert [row["person"] for row in kiosk("report", "staff", "--lane", "R1", "--json").json["rows"]] == ["Ann Archer"]
    assert kiosk("report", "staff", "--person", "olga", "--json").json["rows"] == []


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("days", "--lane", "R9"), 3, "Till not found: R9"),
        (("days", "--person", "Nobody"), 3, "Member of staff not found: Nobody"),
        (("days", "--span", "31.2."), 3, "Period: “31.2.” doesn't fit."),
        (("days", "--span", "today", "--from", "1.1.2026"), 3, "Period: “today” doesn't fit."),
        (("days", "--from", "2.1.2026", "--to", "1.1.2026"), 3, "Period: “2026-01-02..2026-01-01” doesn't fit."),
        (("weather",), 2, "invalid choice: 'weather'"),
        (("days", "--csv", "--json"), 2, "not allowed with argument --csv"),
    ],
)
def test_what_can_not_be_is_refused(kiosk: Kiosk, words: tuple[str, ...], code: int, complaint: str) -> None:
    said = kiosk("report", *words)
    assert (said.code, said.out) == (code, "")
    assert complaint in said.err


def test_it_reads_while_the_till_runs_and_changes_nothing(kiosk: Kiosk, running: Running) -> None:
    del running
    path = kiosk.config.database_url.removeprefix("sqlite://")

    def books() -> str:
        db.connect(path, read_only=True)
        try:
            return json.dumps([db.rows(f"SELECT COUNT(*) FROM {table}") for table in ("entry", "journal", "print_job")])
        finally:
            db.disconnect()

    before = books()
    assert kiosk("report", "days", "--json").json["rows"][0]["turnover"] == 750
    assert books() == before


@pytest.mark.parametrize("name", REPORTS)
def test_each_report_can_be_read_in_each_way(kiosk: Kiosk, name: str) -> None:
    assert kiosk("report", name).code == 0
    found = kiosk("report", name, "--json").json
    header, *rows = csv.reader(io.StringIO(kiosk("report", name, "--csv").out))
    assert len(found["rows"]) == len(rows)
    assert all(list(row) == sorted(header) for row in found["rows"])


@pytest.mark.requirement("D9-05")
def test_lists_of_customers_can_be_read_and_that_names_went_out_is_written_down(kiosk: Kiosk) -> None:
    for name in LISTS:
        assert kiosk("report", name).code == 0
        found = kiosk("report", name, "--json").json
        header, *rows = csv.reader(io.StringIO(kiosk("report", name, "--csv").out))
        assert len(found["rows"]) == len(rows)
        assert found["more"] == 0
        assert all(list(row) == sorted(header) for row in found["rows"])
    db.connect(kiosk.config.database_url.removeprefix("sqlite://"), read_only=True)
    try:
        noted = db.rows("SELECT facts FROM journal WHERE action = 'customers.exported' ORDER BY id")
    finally:
        db.disconnect()
    named = [name for name in LISTS if name not in customer_lists.WITHOUT_NAMES for _way in range(3)]
    assert [json.loads(facts)["what"] for (facts,) in noted] == [f"report {name}" for name in named]
