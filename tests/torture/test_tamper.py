"""Whoever edits the database file is found, and the first bad entry is named (Must show 6, PLATFORM.md 6)."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk import db
from kiosk.services.verify import verify
from kiosk.services.verify_report import shown
from tests.torture.books import Books
from tests.torture.recording import ROOT
from tests.torture.tamper import Attack, Attacker, Done


def attacked(books: Books, path: Path, kind: Attack, seed: int) -> Done:
    """A copy of the books after one attack."""
    shutil.copy(books.path, path)
    attacker = Attacker(path, random.Random(seed), books.printed)
    done = attacker.attack(kind)
    attacker.close()
    return done


def test_books_that_nobody_touched_are_good(books: Books) -> None:
    report = books.examine(books.path)

    assert report.problems == []
    assert (report.entries, report.sales) == (books.entries, books.sales)
    assert (books.entries, books.sales) == (233, 210)
    assert report.signatures == 5 + 3, "each Z, and each fiftieth of a lane"


@pytest.mark.requirement("N3")
@pytest.mark.parametrize("attacks", [60, pytest.param(1002, marks=pytest.mark.torture)])
def test_every_edit_is_found_and_the_first_bad_entry_named(books: Books, tmp_path: Path, attacks: int) -> None:
    kinds = [kind for kind in Attack if kind is not Attack.MANGLE]

    assert_found(books, tmp_path / "kiosk.db", [kinds[number % len(kinds)] for number in range(attacks)])


@pytest.mark.parametrize("attacks", [20, pytest.param(300, marks=pytest.mark.torture)])
def test_a_value_of_another_type_is_found_too(books: Books, tmp_path: Path, attacks: int) -> None:
    assert_found(books, tmp_path / "kiosk.db", [Attack.MANGLE] * attacks)


def assert_found(books: Books, copy: Path, kinds: list[Attack]) -> None:
    """Attack a fresh copy in each of these ways, and have verify name an entry that was hit."""
    missed: list[str] = []
    for seed, kind in enumerate(kinds):
        done = attacked(books, copy, kind, seed)
        try:
            report = books.examine(copy)
            named = report.first_bad
        except Exception as error:
            missed.append(f"{seed} {kind} {done.what}: verify failed with {error!r}")
            continue
        if named not in {(shown(lane), seq) for lane, seq in done.first}:
            why = [(problem.lane, problem.seq, problem.what) for problem in report.problems[:3]]
            missed.append(f"{seed} {kind} {done.what}: named {named} of {why}, not {sorted(done.first, key=str)[:3]}")

    assert not missed, "\n".join(missed)


def test_without_paper_a_cut_that_fits_is_not_seen(books: Books, tmp_path: Path) -> None:
    copy = tmp_path / "kiosk.db"
    attacked(books, copy, Attack.CUT, 5)

    assert books.examine(copy, papers=False).ok
    assert not books.examine(copy).ok


def test_without_the_key_file_a_new_root_is_believed(books: Books, tmp_path: Path) -> None:
    copy = tmp_path / "kiosk.db"
    attacked(books, copy, Attack.RESIGN, 6)
    db.connect(str(copy), read_only=True)

    assert verify().ok, "the control: paper and key file are what finds it"
    db.disconnect()
    assert not books.examine(copy, papers=False).ok


@pytest.mark.requirement("N3")
def test_the_command_names_the_first_bad_entry(books: Books, tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shutil.copytree(books.path.parent, shop)
    papers = [word for each in books.printed for word in ("--anchor", f"{each.lane}:{each.seq}:{each.hash_piece}")]
    assert said_by_verify(shop, *papers).returncode == 0
    done = attacked(books, shop / books.path.name, Attack.FORGE, 8)

    said = said_by_verify(shop, *papers)

    [(lane, seq)] = done.first
    assert said.returncode == 1
    assert f"First bad entry: {lane}:{seq}\n" in said.stderr
    assert "true" not in said.stdout


@pytest.mark.requirement("N3", "D6-03")
def test_the_command_names_the_shift_with_a_wrong_total(books: Books, tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shutil.copytree(books.path.parent, shop)
    attacker = sqlite3.connect(shop / books.path.name)
    attacker.execute("DROP TRIGGER day_total_no_update")
    attacker.execute(
        "UPDATE day_total SET amount = amount - 1 WHERE figure = 'net' AND shift = "
        "(SELECT id FROM shift WHERE lane = 'R1' AND number = 2)"
    )
    (day,) = attacker.execute("SELECT business_date FROM shift WHERE lane = 'R1' AND number = 2").fetchone()
    attacker.commit()
    attacker.close()

    said = said_by_verify(shop)

    assert said.returncode == 1
    assert f"R1:103 totals 2 {day}: the daily totals of this shift are not what its entries come to\n" in said.stderr
    assert "First bad entry: R1:103\n" in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100], ids=["empty", "no database"])
def test_the_command_refuses_what_is_no_shop(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kiosk.db").write_bytes(content)

    said = said_by_verify(tmp_path)

    assert said.returncode not in (0, 1)
    assert said.stderr.startswith("kiosk: ")
    assert "Traceback" not in said.stderr


def said_by_verify(shop: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run ``kiosk verify`` on a shop."""
    around = {name: value for name, value in os.environ.items() if not name.startswith("KIOSK_")}
    (shop / "none.toml").touch()
    around |= {"KIOSK_CONFIG": str(shop / "none.toml"), "KIOSK_STATE": str(shop), "KIOSK_RUN": str(shop)}
    command = [sys.executable, "-m", "kiosk", "verify", *words]
    return subprocess.run(command, cwd=ROOT, env=around, capture_output=True, text=True, timeout=60, check=False)
