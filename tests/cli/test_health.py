"""``kiosk verify`` and ``kiosk doctor``: bad news is told, and good news only if it is true."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from kiosk.cli.health import in_words
from tests.cli.conftest import Kiosk, Running


def tamper(kiosk: Kiosk, statement: str) -> None:
    attacker = sqlite3.connect(kiosk.config.database_url)
    for (name,) in attacker.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        attacker.execute(f'DROP TRIGGER "{name}"')
    attacker.execute(statement)
    attacker.commit()
    attacker.close()


def states(kiosk: Kiosk, **environ: str) -> dict[str, tuple[str, str]]:
    said = kiosk("doctor", "--json", **environ).json
    return {check["name"]: (check["state"], check["words"]) for check in said["checks"]}


@pytest.mark.requirement("N3")
def test_true_books_are_called_true_and_their_heads_are_told(kiosk: Kiosk) -> None:
    said = kiosk("verify")
    seq, own_hash = kiosk.machine.verify().heads["R1"]
    assert said.code == 0
    assert said.out.splitlines() == [
        f"R1:{seq}:{own_hash[:8]}",
        "3 entries, 3 sales, 0 signatures",
        "The books are true.",
    ]


@pytest.mark.requirement("E51", "N3")
def test_one_changed_posting_is_found_and_its_entry_named(kiosk: Kiosk) -> None:
    tamper(kiosk, "UPDATE posting SET amount = amount + 1 WHERE entry = (SELECT id FROM entry WHERE seq = 2)")
    said = kiosk("verify")
    assert said.code == 1
    assert "kiosk: R1:2 hash: the entry was changed after it was written\n" in said.err
    assert said.err.endswith("kiosk: First bad entry: R1:2\n")
    assert "true" not in said.out
    read = kiosk("verify", "--json")
    assert (read.code, read.json["ok"], read.json["first_bad"]) == (1, False, {"lane": "R1", "seq": 2})


@pytest.mark.requirement("N3")
def test_paper_is_the_witness_of_a_tail_that_was_cut(kiosk: Kiosk) -> None:
    sold = kiosk.machine.sell(1)[0]
    anchor = f"R1:{sold.seq}:{sold.hash_piece}"
    assert kiosk("verify", "--anchor", anchor).code == 0
    torn = kiosk("verify", "--anchor", f"R1:{sold.seq}:00000000")
    assert torn.code == 1
    assert f"R1:{sold.seq} anchor: the paper shows another hash for this entry" in torn.err
    assert kiosk("verify", "--anchor", anchor, "--anchor", f"R1:{sold.seq + 1}:{sold.hash_piece}").code == 1
    assert kiosk("verify", "--anchor", "R9:1:00000000").code == 1
    bad = kiosk("verify", "--anchor", "nonsense")
    assert (bad.code, bad.out) == (3, "")


def test_verifying_needs_no_standstill(kiosk: Kiosk, running: Running) -> None:
    assert kiosk("verify").code == 0
    assert states(kiosk)["verify"][0] == "ok"


def test_a_broken_database_is_no_traceback(kiosk: Kiosk) -> None:
    database = Path(kiosk.config.database_url)
    content = bytearray(database.read_bytes())
    content[4096:40960] = b"\xff" * (40960 - 4096)
    database.write_bytes(content)
    said = kiosk("verify")
    assert said.code == 5
    assert said.err.startswith("kiosk: The disk or the database failed.")
    doctor = kiosk("doctor")
    assert doctor.code == 1
    assert "fail  database" in doctor.out


def test_the_doctor_tells_what_it_sees(kiosk: Kiosk) -> None:
    found = states(kiosk)
    assert {
        name: found[name][0] for name in ("state", "key file", "database", "schema", "durability")
    } == dict.fromkeys(("state", "key file", "database", "schema", "durability"), "ok")
    assert found["durability"][1] == "journal_mode wal, synchronous FULL"
    assert found["till"] == ("ok", "not running")
    assert found["paper"][0] == "warn"
    assert found["ballast"][0] == "warn"
    assert found["backup"][0] == "warn"
    assert found["printer"] == ("warn", "none: no receipt comes out")
    said = kiosk("doctor")
    assert said.code == (1 if "\nfail" in said.out else 0)


def test_the_doctor_asks_the_connection_that_sells(kiosk: Kiosk, running: Running) -> None:
    found = states(kiosk)
    assert found["till"] == ("ok", "running")
    assert found["durability"] == ("ok", "journal_mode wal, synchronous FULL")


def test_what_would_lose_a_sale_fails(kiosk: Kiosk) -> None:
    kiosk.config.key_file.chmod(0o644)
    said = kiosk("doctor", "--json")
    found = {check["name"]: check["state"] for check in said.json["checks"]}
    assert (said.code, said.json["ok"], found["key file"]) == (1, False, "fail")


def test_a_printer_that_is_not_there_fails(kiosk: Kiosk) -> None:
    config = kiosk.folder / "kiosk.toml"
    config.write_text('[printer]\nkind = "device"\naddress = "/nowhere/lp0"\n')
    assert states(kiosk)["printer"] == ("fail", "device /nowhere/lp0: not-found")
    config.write_text(f'[printer]\nkind = "file"\naddress = "{kiosk.folder}/paper"\n')
    assert states(kiosk)["printer"][0] == "ok"


def test_bad_books_stay_bad_news_until_they_are_good(kiosk: Kiosk) -> None:
    assert states(kiosk)["verify"] == ("warn", "the books were never verified")
    tamper(kiosk, "UPDATE sale_line SET text = 'Cake' WHERE sale = (SELECT id FROM sale WHERE number = 3)")
    assert kiosk("verify").code == 1
    state, words = states(kiosk)["verify"]
    assert state == "fail"
    assert words.endswith("first bad entry R1:3")


def test_without_a_shop_the_doctor_says_so(bare: Kiosk) -> None:
    said = bare("doctor", "--json")
    found = {check["name"]: check["state"] for check in said.json["checks"]}
    assert (said.code, found["state"], found["database"], found["key file"]) == (1, "fail", "fail", "fail")
    assert not (bare.folder / "state").exists()


def test_the_record_of_a_proof_holds_no_more_than_it_must(kiosk: Kiosk) -> None:
    assert kiosk("verify").code == 0
    record = json.loads((kiosk.config.state / "verify.json").read_text())
    assert sorted(record) == ["at", "entries", "first_bad", "ok"]


@pytest.mark.parametrize("what", ["hash", "sale missing", "stray sale_tax", "balance of cash x", "file entry", "key k"])
def test_every_fault_has_a_sentence(what: str) -> None:
    assert " " in in_words(what)
    assert in_words(what) != in_words("something new")
