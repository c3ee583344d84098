"""``kiosk print``: copies, previews, PDF and what waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Kiosk, Running


def test_a_receipt_is_shown_as_it_was_printed(kiosk: Kiosk) -> None:
    said = kiosk("print", "preview", 2)
    lines = said.out.splitlines()
    assert said.code == 0
    assert any(line.startswith("Receipt 2 ") for line in lines)
    assert "TOTAL EUR                             2.50" in lines
    assert max(map(len, lines)) <= 42


def test_a_receipt_that_is_not_there_is_refused(kiosk: Kiosk, tmp_path: Path) -> None:
    assert kiosk("print", "preview", 99).err == "kiosk: Receipt not found: 99\n"
    assert kiosk("print", "pdf", 99, "-o", tmp_path / "x.pdf").code == 3
    assert not (tmp_path / "x.pdf").exists()


@pytest.mark.requirement("D5-05")
def test_a_receipt_becomes_a_pdf(kiosk: Kiosk, tmp_path: Path) -> None:
    assert kiosk("print", "pdf", 2, "-o", tmp_path / "x.pdf").code == 0
    assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF-")
    refused = kiosk("print", "pdf", 2, "-o", tmp_path / "nowhere" / "x.pdf")
    assert (refused.code, refused.err.count("\n")) == (3, 1)


def test_what_waits_is_listed_and_given_up(kiosk: Kiosk) -> None:
    waiting = kiosk("print", "waiting", "--json").json
    assert [(job["kind"], job["receipt"], job["state"]) for job in waiting] == [
        ("sale", number, "waiting") for number in (1, 2, 3)
    ]
    assert kiosk("print", "test").out == "4 waiting for the printer.\n"
    assert kiosk("print", "drop").out == "4 given up.\n"
    assert kiosk("print", "waiting").out == "0 waiting\n"


def test_the_running_till_prints_the_test_page(kiosk: Kiosk, running: Running) -> None:
    assert kiosk("print", "test").out == "4 waiting for the printer.\n"
    assert kiosk("print", "waiting", "--json").json[-1]["kind"] == "test"
