"""The machine's configuration: what is read, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.config import Config, PrinterConfig, load
from kiosk.errors import BadFile, BadSetting
from tests.cli.conftest import Kiosk


def test_a_file_that_is_named_must_be_there(tmp_path: Path, bare: Kiosk) -> None:
    missing = tmp_path / "none.toml"
    with pytest.raises(BadFile):
        load(missing, {})
    with pytest.raises(BadFile):
        load(None, {"KIOSK_CONFIG": str(missing)})
    assert load(missing, {}, may_be_missing=True) == Config()
    said = bare("doctor", KIOSK_CONFIG=str(missing))
    assert (said.code, said.out) == (3, "")
    assert str(missing) in said.err


def test_the_printer_has_all_that_a_serial_one_needs(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text(
        '[printer]\nkind = "serial"\naddress = "/dev/ttyS0"\nbaud = 38400\nflow = "rtscts"\n'
        'cut = "part"\ncancel_kanji = true\n'
    )
    assert load(path, {}).printer == PrinterConfig(
        "serial", "/dev/ttyS0", baud=38400, flow="rtscts", cut="part", cancel_kanji=True
    )


@pytest.mark.parametrize("line", ['flow = "sometimes"', 'cut = "half"', "drawer_pin = 3", 'baud = "9600"'])
def test_a_printer_that_cannot_be_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text(f"[printer]\n{line}\n")
    with pytest.raises(BadSetting) as refused:
        load(path, {})
    assert refused.value.name == f"printer.{line.split(maxsplit=1)[0]}"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://till:s%40cret@db.example:5432/shop",
        "postgresql://till:s@cret@db.example:5432/shop?password=s%40cret",
    ],
)
def test_a_password_is_not_shown(url: str) -> None:
    shown = replace(Config(), database=url).database_shown
    assert shown == "postgresql://till@db.example:5432/shop"
