"""``kiosk print``: copies, previews, PDF and what waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Kiosk, Running, a_till, journal


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


@pytest.mark.requirement("D5-05")
def test_a_copy_is_printed_in_the_name_of_somebody_who_may(kiosk: Kiosk) -> None:
    wrong = kiosk("print", "receipt", 2, "--by", "Olga", given="0000\n")
    assert (wrong.code, wrong.err) == (3, "kiosk: The PIN is wrong. Wait 1 second.\n")
    assert journal(kiosk, "receipt.copy") == []
    with a_till(kiosk):
        kiosk("staff", "reset", "Olga", given="8642\n")
        said = kiosk("print", "receipt", 2, "--by", "olga", given="8642\n")
        assert (said.code, said.out) == (0, "Copy 1 of receipt 2.\n4 waiting for the printer.\n")
    (note,) = journal(kiosk, "receipt.copy")
    assert note["by"] not in {"root", None}
    assert kiosk("print", "receipt", 99, "--by", "Olga", given="8642\n").code == 3


def test_who_may_not_gets_no_copy(kiosk: Kiosk) -> None:
    assert kiosk("staff", "reset", "Theo", given="8642\n").code == 0
    said = kiosk("print", "receipt", 2, "--by", "Theo", given="8642\n")
    assert (said.code, said.out) == (3, "")
    assert journal(kiosk, "receipt.copy") == []
