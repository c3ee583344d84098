"""``kiosk setup``: from nothing to a shop whose owner can sign in."""

from __future__ import annotations

import stat
import tomllib

import pytest

from kiosk import db
from kiosk.cli import ways
from kiosk.services import ballast, sales, staff
from tests.cli.conftest import Kiosk

WORDS = ("setup", "--yes", "--name", "Åse's [/] shop", "--country", "ch", "--owner", "Olga", "--printer", "none")


def test_a_shop_is_made(bare: Kiosk) -> None:
    said = bare(*WORDS, "--address", "Main street 1", "--address", "Zürich", given="2580\n")
    assert said.code == 0
    assert "2580" not in said.out + said.err
    with ways.looking(bare.config) as shop:
        assert (shop.settings.name, shop.settings.address) == ("Åse's [/] shop", ("Main street 1", "Zürich"))
        assert (shop.settings.currency, shop.settings.cash_step, shop.settings.zone) == ("CHF", 5, "Europe/Zurich")
        assert [tender.code for tender in sales.tenders(shop)][:2] == ["cash", "card"]
    with ways.alone(bare.config) as shop:
        (olga,) = staff.people(shop)
        assert staff.sign_in(shop, olga.id, "2580").role == "owner"
    assert stat.S_IMODE(bare.config.key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE((bare.folder / "kiosk.toml").stat().st_mode) == 0o640
    assert ballast.size(bare.config.state) >= ballast.SIZE
    assert bare("verify").code == 0
    failing = {check["name"] for check in bare("doctor", "--json").json["checks"] if check["state"] == "fail"}
    assert failing <= {"file system"}, "a container's may be memory"


def test_the_configuration_can_be_read_back(bare: Kiosk) -> None:
    words = ("--lane", "R7", "--lane-number", 7, "--scanner", "0C2E:0b61", "--printer", "network:10.0.0.9")
    assert bare("setup", "--yes", "--country", "DE", *words, given="2580\n").code == 0
    read = tomllib.loads((bare.folder / "kiosk.toml").read_text())
    assert (read["lane"], read["lane_number"]) == ("R7", 7)
    assert read["printer"] == {"kind": "network", "address": "10.0.0.9", "columns": 42}
    assert read["scanner"] == {"usb": "0c2e:0b61"}
    db.connect(bare.config.database_url, read_only=True)
    assert db.rows("SELECT id, number FROM lane") == [("R7", 7)]
    db.disconnect()


def test_a_second_time_nothing_is_touched(bare: Kiosk) -> None:
    assert bare(*WORDS, given="2580\n").code == 0
    before = {path: path.read_bytes() for path in (bare.folder / "kiosk.toml", bare.config.key_file)}
    said = bare(*WORDS, given="1111\n")
    assert (said.code, said.err.count("\n")) == (3, 1)
    (bare.folder / "kiosk.toml").unlink()
    assert bare(*WORDS, given="1111\n").code == 3
    assert not (bare.folder / "kiosk.toml").exists()
    assert bare.config.key_file.read_bytes() == before[bare.config.key_file]
    assert [one["name"] for one in bare("staff", "list", "--json").json] == ["Olga"]


def test_with_force_comments_and_other_settings_stay(bare: Kiosk) -> None:
    assert bare(*WORDS, given="2580\n").code == 0
    path = bare.folder / "kiosk.toml"
    path.write_text('# our note\ntheme = "console"\n' + path.read_text())
    keys = bare.config.key_file.read_bytes()
    said = bare("setup", "--yes", "--force", "--name", "New name", "--country", "CH", "--printer", "file:/tmp/paper")
    assert said.code == 0
    read = tomllib.loads(path.read_text())
    assert (read["theme"], read["printer"]["address"]) == ("console", "/tmp/paper")
    assert path.read_text().startswith("# our note\n")
    assert bare.config.key_file.read_bytes() == keys
    with ways.looking(bare.config) as shop:
        assert shop.settings.name == "New name"
        assert [one.name for one in staff.people(shop)] == ["Olga"]


@pytest.mark.parametrize(
    "words",
    [
        ("--country", "XX"),
        ("--printer", "laser:x"),
        ("--printer", "network"),
        ("--lane", "R 1"),
        ("--lane", "R1\x1b"),
        ("--lane-number", "100"),
        ("--scanner", "my scanner"),
        ("--language", "xx"),
    ],
)
def test_a_wrong_answer_makes_nothing(bare: Kiosk, words: tuple[str, ...]) -> None:
    said = bare("setup", "--yes", "--country", "DE", *words, given="2580\n")
    assert said.code in {2, 3}
    assert said.out == ""
    assert list(bare.folder.iterdir()) == []


def test_a_wrong_pin_makes_nothing(bare: Kiosk) -> None:
    assert bare("setup", "--yes", "--country", "DE", given="12\n").code == 3
    assert bare("setup", "--yes", "--country", "DE", given="").code == 3
    assert list(bare.folder.iterdir()) == []


def test_without_a_terminal_and_without_yes_nobody_can_be_asked(bare: Kiosk) -> None:
    said = bare("setup", given="")
    assert (said.code, said.out) == (3, "")
    assert list(bare.folder.iterdir()) == []
