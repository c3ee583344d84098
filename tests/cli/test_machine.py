"""``kiosk install`` into an image, and ``kiosk devices``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.cli import machine
from kiosk.config import Config
from kiosk.install import StepFailed
from tests.cli.conftest import Kiosk


def test_an_image_gets_the_till_and_is_rid_of_it_again(bare: Kiosk, tmp_path: Path) -> None:
    image = tmp_path / "image"
    image.mkdir()
    said = bare("install", "--root", image, "--scanner", "0c2e:0b61")
    assert said.code == 0
    unit = image / "etc/systemd/system/kiosk.service"
    assert unit.read_text().count("ExecStart=") == 1
    assert f"write {unit}" in said.out.splitlines()
    assert bare("install", "--root", image, "--scanner", "0c2e:0b61").out == ""
    assert bare("uninstall", "--root", image).code == 0
    assert not unit.exists()


def test_a_dry_run_does_nothing(bare: Kiosk, tmp_path: Path) -> None:
    image = tmp_path / "image"
    image.mkdir()
    said = bare("install", "--dry-run", "--root", image)
    assert said.code == 0
    assert "kiosk.service" in said.out
    assert list(image.iterdir()) == []


def test_a_wrong_scanner_is_refused(bare: Kiosk, tmp_path: Path) -> None:
    said = bare("install", "--root", tmp_path, "--scanner", "x\nevil")
    assert (said.code, said.out) == (2, "")


def test_a_step_that_fails_is_told_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last words of a long tale are those that say why."""
    words = "\n".join([*(f"line {number}" for number in range(60)), "ERROR: no space left"])

    def fail(_steps: object, *, dry_run: bool) -> Iterator[str]:
        assert dry_run
        yield "write /etc/x"
        raise StepFailed("run pip install .", words)

    monkeypatch.setattr("kiosk.install.apply", fail)
    given = Namespace(root="/", user="kiosk", scanner=None, dry_run=True)
    assert machine.install(given, Config()) == 3
    said = capsys.readouterr()
    assert said.out == "write /etc/x\n"
    assert said.err.splitlines()[0] == "kiosk: This failed: run pip install ."
    assert said.err.splitlines()[-1] == "kiosk: ERROR: no space left"
    assert len(said.err.splitlines()) == 62


def test_devices_are_listed_for_people_and_for_scripts(bare: Kiosk) -> None:
    found = bare("devices", "list", "--json").json
    assert sorted(found) == ["printers", "scanners"]
    assert bare("devices", "list").code == 0


def test_learning_a_scanner_that_is_not_there_is_refused(bare: Kiosk) -> None:
    said = bare("devices", "learn", "0c2e:0b61")
    assert (said.code, said.err) == (3, "kiosk: Device not found: 0c2e:0b61\n")
