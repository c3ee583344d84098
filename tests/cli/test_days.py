"""``kiosk shift``, ``x`` and ``z`` tell how days stand, beside a till that sells, and write nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kiosk import db
from kiosk.money import Money
from kiosk.rules.drawer import Count
from kiosk.services import shifts
from kiosk.services.shifts import Closed
from kiosk.services.shop import new_key
from tests.cli.conftest import Kiosk, Running


def close(kiosk: Kiosk, minor: int) -> Closed:
    """Ann counts so much and closes."""
    with kiosk.machine.open() as till:
        return shifts.close_shift(till.shop, Count(Money(minor)), key=new_key(), by=till.ann)


def everything(kiosk: Kiosk) -> list[list[tuple[object, ...]]]:
    db.connect(kiosk.config.database_url, read_only=True)
    try:
        names = [name for (name,) in db.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
        return [db.rows(f'SELECT * FROM "{name}"') for name in names]
    finally:
        db.disconnect()


@pytest.mark.requirement("D6-01")
def test_the_open_day_is_told_in_words_and_to_scripts(kiosk: Kiosk) -> None:
    said = kiosk("shift")
    day = r"\d{4}"
    assert said.code == 0
    first, *lines = said.out.splitlines()
    assert re.fullmatch(rf"R1: shift 1 of {day}-\d\d-\d\d is open since {day}-\d\d-\d\d \d\d:\d\d, by Ann\.", first)
    assert lines == [
        "float     0.00  carried over, not counted",
        "turnover  7.50  3 receipts",
        "drawer    7.50  by the books",
    ]

    facts = kiosk("shift", "--json").json
    assert (facts["lane"], facts["open"], facts["drawer"], facts["last_z"]) == ("R1", True, 750, None)
    assert facts["clock_suspect"] is None
    shift = facts["shift"]
    assert (shift["number"], shift["expected"], shift["counted"], shift["opened_by"]) == (1, 0, None, "Ann")
    assert (shift["turnover"], shift["receipts"], shift["stale"], shift["proof_ok"]) == (750, 3, False, True)


@pytest.mark.requirement("D6-02")
def test_a_closed_day_is_told_too(kiosk: Kiosk) -> None:
    close(kiosk, 740)

    said = kiosk("shift")

    assert said.out.splitlines()[0] == "R1: no shift is open; the next sale opens one, uncounted."
    assert "drawer  7.40  by the books" in said.out
    assert re.search(r"^Last Z: 1 of \d{4}-\d\d-\d\d, turnover 7\.50\.$", said.out, re.MULTILINE)
    facts = kiosk("shift", "--json").json
    assert (facts["open"], facts["shift"], facts["drawer"]) == (False, None, 740)
    assert (facts["last_z"]["number"], facts["last_z"]["difference"], facts["last_z"]["turnover"]) == (1, -10, 750)


@pytest.mark.requirement("D6-02")
def test_the_figures_up_to_now_are_those_of_an_x_and_kept_nowhere(kiosk: Kiosk) -> None:
    before = everything(kiosk)

    said = kiosk("x")
    facts = kiosk("x", "--json").json

    assert (said.code, "TOTAL EUR                             7.50" in said.out.splitlines()) == (0, True)
    assert "X REPORT" in [line.strip() for line in said.out.splitlines()]
    assert (facts["kind"], facts["number"], facts["sales"]) == ("x", 0, {"amount": 750, "count": 3})
    assert everything(kiosk) == before
    close(kiosk, 750)
    refused = kiosk("x")
    assert (refused.code, refused.out, refused.err) == (3, "", "kiosk: No day is open. Open it first.\n")


@pytest.mark.requirement("D6-02")
def test_past_z_reports_are_listed_and_shown_as_they_were_printed(kiosk: Kiosk, tmp_path: Path) -> None:
    first = close(kiosk, 740)
    kiosk.machine.sell(1)
    close(kiosk, 990)
    before = everything(kiosk)

    listed = kiosk("z", "list")
    assert [line.split()[0] for line in listed.out.splitlines()] == ["Z", "2", "1"]
    assert listed.out.splitlines()[2].split()[-3:] == ["7.50", "-0.10", "ok"]
    assert [one["number"] for one in kiosk("z", "list", "--json", "--last", 1).json] == [2]
    assert kiosk("z", "list", "--lane", "R2", "--json").json == []

    shown = kiosk("z", "show", 1)
    lines = [line.strip() for line in shown.out.splitlines()]
    assert "Z REPORT 1" in lines
    assert first.hash[:8] in shown.out
    facts = kiosk("z", "show", 1, "--json").json
    assert facts["entry"] == {"lane": "R1", "seq": first.seq, "hash": first.hash}
    assert (facts["counted"], facts["difference"]) == (740, -10)
    assert kiosk("z", "show", 1, "--pdf", tmp_path / "z.pdf").code == 0
    assert (tmp_path / "z.pdf").read_bytes().startswith(b"%PDF-")
    assert everything(kiosk) == before


def test_a_z_that_is_not_there_is_refused(kiosk: Kiosk, tmp_path: Path) -> None:
    said = kiosk("z", "show", 1, "--pdf", tmp_path / "z.pdf")
    assert (said.code, said.err) == (3, "kiosk: Report not found: Z 1\n")
    assert not (tmp_path / "z.pdf").exists()
    close(kiosk, 750)
    assert kiosk("z", "show", 1, "--lane", "R2").code == 3


def test_a_till_that_runs_is_not_asked_and_not_held_up(kiosk: Kiosk, running: Running) -> None:
    assert kiosk("shift").code == 0
    assert kiosk("x").code == 0
    assert kiosk("z", "list").out.splitlines()[0].startswith("Z  LANE")
    assert running.scanned == []


def test_without_a_shop_each_says_so(bare: Kiosk) -> None:
    for words in (("shift",), ("x",), ("z", "list"), ("z", "show", 1)):
        said = bare(*words)
        assert (said.code, said.err.count("\n")) == (3, 1)
        assert "there is no shop yet" in said.err
