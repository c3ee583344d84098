"""The command line itself: help, codes, sentences, and nothing that harms a terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk import __version__
from kiosk.cli.arguments import parser
from tests.cli.conftest import Kiosk, Running


def test_help_names_every_command_and_every_code(bare: Kiosk) -> None:
    said = bare("--help")
    assert said.code == 0
    for command in (
        "run", "demo", "setup", "doctor", "verify", "backup", "restore", "import", "export", "staff", "print", "scan",
        "devices", "install", "uninstall", "completion", "version",
    ):  # fmt: skip
        assert f"\n    {command}" in said.out
    for code in ("0 done", "1 the answer is bad", "2 wrong use", "3 refused", "4 the till", "5 the disk"):
        assert code in said.out


def test_without_a_command_the_help_is_shown(bare: Kiosk) -> None:
    said = bare()
    assert (said.code, said.out[:12]) == (2, "usage: kiosk")


@pytest.mark.parametrize("words", [["nonsense"], ["staff"], ["print", "receipt", "many"], ["scan"], ["restore", "x"]])
def test_wrong_use_is_told_on_standard_error(bare: Kiosk, words: list[str]) -> None:
    said = bare(*words)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("usage: kiosk")


def test_the_version_is_told(bare: Kiosk) -> None:
    assert bare("version").out == f"kiosk {__version__}\n"
    assert bare("--version").out == f"kiosk {__version__}\n"


@pytest.mark.parametrize("words", [["--help"], ["version"], ["scan", "1"], ["completion", "bash"]])
def test_what_must_be_fast_loads_nothing_slow(bare: Kiosk, words: list[str]) -> None:
    script = (
        "import sys\nfrom kiosk.cli import main\n"
        f"try: main({words!r})\nexcept SystemExit: pass\n"
        "slow = ('textual', 'rich', 'peewee', 'cryptography', 'escpos', 'PIL', 'reportlab', 'babel', 'tomlkit')\n"
        "print('LOADED', [name for name in slow if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=bare.environ(), timeout=60, check=True
    )
    assert done.stdout.splitlines()[-1] == "LOADED []"


def test_every_command_leads_somewhere() -> None:
    """Also those whose modules are only imported when somebody wants them."""
    import argparse
    import importlib

    def commands(of: argparse.ArgumentParser) -> list[str]:
        found = [str(of.get_default("command"))] if of.get_default("command") else []
        for action in of._actions:
            if isinstance(action, argparse._SubParsersAction):
                found += [name for one in action.choices.values() for name in commands(one)]
        return found

    wanted = commands(parser())
    assert len(wanted) > 25
    for name in wanted:
        module, _colon, function = name.partition(":")
        if module != "till":  # the till loads the screens
            assert callable(getattr(importlib.import_module(f"kiosk.cli.{module}"), function)), name


@pytest.mark.parametrize(
    "words", [["verify"], ["staff", "list"], ["print", "waiting"], ["backup"], ["export", "articles"]]
)
def test_without_a_shop_the_way_to_one_is_told(bare: Kiosk, words: list[str]) -> None:
    said = bare(*words)
    assert (said.code, said.out) == (3, "")
    assert said.err.startswith("kiosk: ")
    assert "kiosk setup" in said.err
    assert said.err.count("\n") == 1
    assert list(bare.folder.rglob("*.db")) == []


def test_a_line_of_the_configuration_that_is_not_known_is_wrong_use(bare: Kiosk) -> None:
    (bare.folder / "kiosk.toml").write_text('prnter = "x"\n')
    said = bare("staff", "list")
    assert said.code == 2
    assert said.err == "kiosk: Setting prnter: “x” can't be used.\n"
    (bare.folder / "kiosk.toml").write_text("= = \x00")
    assert bare("staff", "list").code == 3


def test_a_fault_is_one_sentence_and_with_debug_a_traceback(bare: Kiosk) -> None:
    script = (
        "import sys, kiosk.cli.machine as machine\nfrom kiosk.cli import main\n"
        "def broken(given, config): secret = 'PIN 4711'; raise ValueError('PIN 4711')\n"
        "machine.version = broken\nsys.exit(main(sys.argv[1:]))"
    )

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", script, *words],
            capture_output=True,
            text=True,
            env=bare.environ(),
            timeout=60,
            check=False,
        )

    plain, debug = run("version"), run("--debug", "version")
    assert (plain.returncode, debug.returncode) == (70, 70)
    assert plain.stderr == "kiosk: A fault in the program (ValueError). The same with --debug says more.\n"
    assert "Traceback" in debug.stderr


def test_whoever_stops_reading_gets_no_complaint(kiosk: Kiosk) -> None:
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {sys.executable} -m kiosk print preview 1 | true"],
        capture_output=True,
        text=True,
        env=kiosk.environ(PYTHONUNBUFFERED="1"),
        cwd=kiosk.folder,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_hostile_names_steer_no_terminal(kiosk: Kiosk) -> None:
    hostile = "Ann\x1b[2J\x1b]0;x\x07 [/] \u202egnp.exe\x9b31m\n\rBob"
    said = kiosk("staff", "add", hostile, "--role", "lead", given="1234\n")
    assert said.code == 0
    shown = kiosk("staff", "list")
    assert shown.code == 0
    refused = kiosk("staff", "deactivate", "\x1b[31mnobody\u202e")
    assert refused.code == 3
    for text in (said.out, shown.out, refused.err):
        assert not {character for character in text if ord(character) < 32 or 127 <= ord(character) < 160} - {"\n"}
        assert "\u202e" not in text
    assert "Ann[2J]0;x [/] gnp.exe31m" in shown.out
    assert refused.err == "kiosk: Member of staff not found: [31mnobody\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_completion(bare: Kiosk, shell: str) -> None:
    said = bare("completion", shell)
    assert said.code == 0
    assert "kiosk" in said.out
    assert "_ARGCOMPLETE" in said.out


def test_words_are_completed(bare: Kiosk, tmp_path: Path) -> None:
    answer = tmp_path / "answer"
    environ = bare.environ(
        _ARGCOMPLETE="1", COMP_LINE="kiosk staff de", COMP_POINT="14", _ARGCOMPLETE_STDOUT_FILENAME=str(answer)
    )
    script = "from kiosk.cli import main; main([])"
    subprocess.run([sys.executable, "-c", script], env=environ, timeout=60, check=False, capture_output=True)
    assert answer.read_text().split() == ["deactivate"]


@pytest.mark.requirement("K-12")
def test_scans_arrive_in_the_running_till_in_order(kiosk: Kiosk, running: Running) -> None:
    codes = [f"4006381{number:06d}" for number in range(20)]
    said = kiosk("scan", *codes)
    assert (said.code, said.out, said.err) == (0, "", "")
    assert running.scanned == codes


def test_a_scan_needs_a_till_and_a_code_that_can_be(kiosk: Kiosk, running: Running) -> None:
    assert kiosk("scan", "x" * 129).code == 3
    assert kiosk("scan", "").code == 3
    assert running.scanned == []


def test_without_a_till_nothing_is_scanned(bare: Kiosk) -> None:
    said = bare("scan", "4006381333931")
    assert (said.code, said.out, said.err) == (4, "", "kiosk: The till is not running.\n")


def test_the_till_needs_a_terminal(kiosk: Kiosk) -> None:
    said = kiosk("run")
    assert (said.code, said.err) == (2, "kiosk: The till needs a terminal to draw on.\n")
