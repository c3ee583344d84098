"""Names that were made to do harm: on every screen, on paper, in files; nothing of them reaches the terminal raw.

They are put into the database itself, past everything that cleans what comes in.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from rich.cells import cell_len

from kiosk.screens.dialogs import wrapped
from kiosk.screens.widgets.cells import steady
from kiosk.services.demo import barcode
from tests.devices.escpos_decoder import decode
from tests.receipts.pdf_reader import read_pdf
from tests.support.terminal import Seat, copy_demo, make_demo, sign_in

HOSTILE = (
    "[/x] [a=b [bold red]x[/] [@click=app.quit]y",
    "[",
    "\x1b[2J\x1b[12;2]\x1b]0;evil\x07Ann\x1bp\x00\x19\x9b12n\x90",
    "\u202eevil\u2066\u200b\u200d\ufeff\u00ad name",
    "Ａ広い😀❤️👨‍👩‍👧🇫🇷 name",
    "Z" + "\u0301" * 200,
    "x" * 10_000,
    "広" * 10_000,
    "{amount} %s %(x)d {0.__class__} \\N{BELL}",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "a\nb\rc\td\x85e\u2028f\x0b\x0c",
    "│┃║└┘ box",
)
PLAIN = tuple(f"Name {number}" for number in range(len(HOSTILE)))
TAMPERED = (
    ("article", "name", "id"),
    ("staff", "name", "name"),
    ("category", "name", "name"),
    ("tender", "name", "code"),
    ("tax", "name", "code"),
    ("sale_line", "text", "rowid"),
    ("sale_line", "discount_reason", "rowid"),
    ("sale", "discount_reason", "rowid"),
    ("sale_tender", "name", "sale, position"),
)
UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
SETTINGS = ("name", "address", "tax_id", "receipt_header", "receipt_footer")
CODES = tuple(barcode(number) for number in ("104", "105", "106", "107", "108", "701"))

Step = tuple[Callable[[Seat], None], str]
Place = tuple[int, int, str]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("made") / "shop"
    make_demo(made)
    return made


def name_everything(folder: Path, names: Sequence[str]) -> None:
    """Give everything in a shop that has a name another one, whatever the database has against it."""
    with sqlite3.connect(folder / "kiosk.db", isolation_level=None) as database:
        guards = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        database.execute("BEGIN")
        for name, _sql in guards:
            database.execute(f'DROP TRIGGER "{name}"')
        for table, column, key in TAMPERED:
            rows = database.execute(f"SELECT {key} FROM {table} ORDER BY {key}").fetchall()
            where = " AND ".join(f"{part} = ?" for part in key.split(", "))
            unique = table in {"staff", "category"}
            for place, row in enumerate(rows):
                made = (f"{place} " if unique else "") + names[place % len(names)]
                database.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (made, *row))
        for place, name in enumerate(SETTINGS):
            (old,) = database.execute(
                "SELECT value FROM setting WHERE name = ? ORDER BY version DESC LIMIT 1", (name,)
            ).fetchone() or ("null",)
            if old != "null":
                value = list(names) if isinstance(json.loads(old), list) else names[place]
                database.execute("UPDATE setting SET value = ? WHERE name = ?", (json.dumps(value), name))
        for _name, sql in guards:
            database.execute(sql)
        database.execute("COMMIT")
    database.close()


def keys(*names: str) -> Callable[[Seat], None]:
    return lambda seat: seat.keys(*names)


def scans(*codes: str) -> Callable[[Seat], None]:
    return lambda seat: seat.scan(*codes)


JOURNEY: tuple[Step, ...] = (
    (keys(), "Quick articles"),
    (scans(*CODES), "6 items"),
    (keys("Up", "Up", "3", "+"), "9 items"),
    (keys("pain"), "┌─ Articles"),
    (keys("Down", "Esc", "F2"), "Price check"),
    (scans(barcode("110")), "€4.10"),
    (keys("Esc", "Esc", "991", "Enter"), "Enter take it"),
    (keys("Esc"), "Left out"),
    (scans(barcode("901")), "Age check"),
    (keys("Esc"), "Not sold"),
    (keys("F6"), "Discount"),
    (keys("Esc", "F9"), "Taken back."),
    (keys("Enter"), "PAYMENT"),
    (keys("+"), "Paid?"),
    (keys("Esc"), "Not paid"),
    (keys("2"), "Enter"),
    (keys("Enter"), "Received"),
    (keys("F12"), "is paid"),
    (keys("F8"), "HISTORY"),
    (keys("Enter"), "RECEIPT"),
    (keys("End", "p"), "COPY 1"),
    (keys("s"), "Saved: "),
    (keys("Esc", "Down", "Down", "Down", "Enter"), "RECEIPT"),
    (keys("Esc", "Esc", "F10"), "Articles and prices"),
    (keys("1"), "Type some letters"),
    (keys("pai"), "107"),
    (keys("Down", "Enter"), "Change an article"),
    (keys("Down", "Down", "Down"), "Category"),
    (keys("Esc"), "ARTICLES"),
    (keys("Esc", "Esc", "Esc"), "Quick articles"),
    (keys("F11"), "Locked"),
)

IN_FRONT = {"Age check", "Discount", "Paid?"}
"""Questions: as high as what they say, and therefore elsewhere."""


def walk(demo: Path, folder: Path, names: Sequence[str], size: tuple[int, int], term: str) -> list[set[Place]]:
    """Go the way through the screens in a shop with such names; the lines of the boxes after each step."""
    shop = copy_demo(demo, folder)
    name_everything(shop, names)
    seen: list[set[Place]] = []
    command = (sys.executable, "-m", "kiosk", "--config", str(shop / "kiosk.toml"), "run")
    with Seat(command, size=size, term=term) as seat:
        sign_in(seat, "3", "3333")
        for act, expected in JOURNEY:
            act(seat)
            seat.until(expected)
            seat.settle(0.1)
            assert seat.broken_boxes() == [], seat.text
            seen.append({place for place in seat.boxes() if place[2] not in "─━═"})
        assert seat.foreign() == []
    return seen


@pytest.mark.parametrize(("size", "term"), [((80, 25), "linux"), ((128, 48), "xterm-256color")])
def test_no_name_breaks_a_screen_a_receipt_or_a_file(
    demo: Path, tmp_path: Path, size: tuple[int, int], term: str
) -> None:
    plain = walk(demo, tmp_path / "plain", PLAIN, size, term)
    hostile = walk(demo, tmp_path / "hostile", HOSTILE, size, term)
    for (_act, step), wanted, found in zip(JOURNEY, plain, hostile, strict=True):
        assert wanted <= found or step in IN_FRONT, f"a box is broken at {step!r}: {sorted(wanted - found)[:5]}"
    paper = (tmp_path / "hostile" / "paper.escpos").read_bytes()
    assert len(decode(paper)) > 20, "and no sequence that the decoder does not know"
    (pdf,) = (tmp_path / "hostile" / "exports").glob("*.pdf")
    assert read_pdf(pdf.read_bytes())


@pytest.mark.parametrize("what", [("articles",), ("sales",), ("ledger", "--format", "hledger")])
def test_no_name_breaks_a_file_that_is_exported(demo: Path, tmp_path: Path, what: tuple[str, ...]) -> None:
    shop = copy_demo(demo, tmp_path / "shop")
    name_everything(shop, HOSTILE)
    command = [sys.executable, "-m", "kiosk", "--config", str(shop / "kiosk.toml"), "export", *what]
    written = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode("utf-8-sig")
    assert len(written) > 10_000
    assert {character for character in written if unicodedata.category(character) in UNSEEN} <= {"\n", "\r"}
    if "--format" in what:
        return
    header, *rows = csv.reader(io.StringIO(written))
    assert len(rows) >= 120
    assert {len(row) for row in rows} == {len(header)}
    texts = [cell for row in rows for cell in row if not re.fullmatch(r"-?\d+(\.\d+)?", cell)]
    assert not [cell for cell in texts if cell[:1] in {"=", "+", "-", "@", "\t"}]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Café à 5 € – “ßœÿ”", "Café à 5 € – “ßœÿ”"),
        ("┌─┐━║", "┌─┐━║"),
        ("e\u0301", "é"),
        ("Z\u0301\u0301\u0301", "Ź"),
        ("Ａ広い", "Ａ広い"),
        ("❤\ufe0f 😀 🇫🇷 👍🏽 ✅", "❤ ? ?? ? ?"),
        ("a\x1b[2J\x9b\u202eb\u200d\u3164c", "a[2Jbc"),
    ],
)
def test_what_is_shown_takes_as_many_cells_on_every_terminal(text: str, shown: str) -> None:
    assert steady(text) == shown


@pytest.mark.parametrize("width", [8, 20, 58])
@pytest.mark.parametrize("text", ["one two three four five", "x" * 100, "a " + "広" * 40 + " b", "12345678 9", ""])
def test_a_wrapped_sentence_loses_nothing_and_fits(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
