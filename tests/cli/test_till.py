"""``kiosk run`` and ``kiosk demo`` on a terminal, with commands from elsewhere."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyte
import pytest

from kiosk.cli import ways
from kiosk.devices.gate import is_open
from tests.cli.conftest import Kiosk, journal

PATIENCE = 60.0


@dataclass
class Terminal:
    """A console of 80x25 with a program on it."""

    process: subprocess.Popen[bytes]
    controller: int
    screen: pyte.Screen = field(default_factory=lambda: pyte.Screen(80, 25))
    raw: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self._stream = pyte.ByteStream(self.screen)

    def until(self, text: str) -> str:
        """Watch until a text stands there; the whole screen then."""
        end = time.monotonic() + PATIENCE
        while text not in self.shown():
            assert time.monotonic() < end, self.shown()
            assert self._pump(0.5) or text in self.shown(), self.shown()
        return self.shown()

    def until_open(self, socket: Path) -> None:
        """Watch until the till listens; it opens its gate after the first paint."""
        end = time.monotonic() + PATIENCE
        while not is_open(socket):
            assert time.monotonic() < end
            assert self._pump(0.05), self.shown()

    def answer(self, question: str, answer: str = "") -> None:
        """Watch until a question is asked, and type the answer and Enter."""
        self.until(question)
        os.write(self.controller, answer.encode() + b"\n")

    def shown(self) -> str:
        """The screen as lines."""
        return "\n".join(self.screen.display)

    def end(self) -> int:
        """Watch until the program has ended; its exit code."""
        end = time.monotonic() + PATIENCE
        while self._pump(0.2) and time.monotonic() < end:
            pass
        return self.process.wait(timeout=PATIENCE)

    def stop(self) -> int:
        """End it as systemd does."""
        self.process.send_signal(signal.SIGTERM)
        return self.end()

    def _pump(self, seconds: float) -> bool:
        """Whether there may be more to come."""
        ready, _, _ = select.select([self.controller], [], [], seconds)
        if not ready:
            return self.process.poll() is None
        try:
            data = os.read(self.controller, 65536)
        except OSError:
            return False
        self.raw += data
        self._stream.feed(data)
        return bool(data)


@contextmanager
def on_a_console(kiosk: Kiosk, *words: object, **environ: str) -> Iterator[Terminal]:
    controller, terminal = pty.openpty()
    os.set_blocking(controller, True)
    subprocess.run(["stty", "rows", "25", "cols", "80"], stdin=terminal, check=True, timeout=10)
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk", *map(str, words)],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=kiosk.environ(words, TERM="linux", **environ),
        cwd=kiosk.folder,
        start_new_session=True,
    )
    os.close(terminal)
    try:
        yield Terminal(process, controller)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(controller)


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    """A demo's own places, so that no other demo of this user is in the way."""
    for name in ("runtime", "tmp"):
        (tmp_path / name).mkdir(mode=0o700)
    return {"XDG_RUNTIME_DIR": str(tmp_path / "runtime"), "TMPDIR": str(tmp_path / "tmp")}


def test_the_demo_needs_nothing_is_scanned_into_and_leaves_nothing(
    bare: Kiosk, places: dict[str, str], tmp_path: Path
) -> None:
    with on_a_console(bare, "demo", **places) as console:
        screen = console.until("Ann 1111")
        assert "Boulangerie du Parc" in screen
        assert len(list((tmp_path / "tmp").iterdir())) == 1
        console.until_open(tmp_path / "runtime" / f"kiosk-demo-{os.geteuid()}" / "till.sock")
        assert bare("scan", "4006381333931", **places).code == 0
        console.until("Sign in first, then scan.")
        assert console.stop() == 0
        assert b"\x1b[?1049l" in console.raw or b"\x1b[?25h" in console.raw, "the terminal is given back"
    assert list((tmp_path / "tmp").iterdir()) == []
    assert bare("scan", "4006381333931", **places).code == 4
    assert list(bare.folder.iterdir()) == []


def test_a_demo_in_a_directory_stays_and_its_commands_find_it(
    bare: Kiosk, places: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "demo"
    with on_a_console(bare, "demo", "--dir", folder, "--language", "de", **places) as console:
        console.until("Ann 1111")
        assert console.stop() == 0
    words = ("--config", folder / "kiosk.toml")
    environ = {"KIOSK_STATE": str(folder), "KIOSK_RUN": str(folder / "run")}
    assert bare(*words, "verify", **environ).code == 0
    people = [(one["name"], one["role"]) for one in bare(*words, "staff", "list", "--json", **environ).json]
    assert people == [("Ann", "cashier"), ("Ben", "lead"), ("Mara", "manager"), ("Otto", "owner")]
    assert len(bare(*words, "export", "articles", **environ).out.splitlines()) == 121


def test_a_demo_is_not_made_over_a_shop(kiosk: Kiosk, places: dict[str, str]) -> None:
    before = Path(kiosk.config.database_url).read_bytes()
    with on_a_console(kiosk, "demo", "--dir", kiosk.config.state, **places) as console:
        assert console.end() == 3
    assert Path(kiosk.config.database_url).read_bytes() == before
    assert not (kiosk.config.state / "demo").exists()


def test_one_till_runs_does_what_commands_ask_and_starts_again_after_a_kill(kiosk: Kiosk) -> None:
    with on_a_console(kiosk, "run") as first:
        first.until("Olga")
        with on_a_console(kiosk, "run") as second:
            assert second.end() == 4
            assert "The till is running. Stop it first." in second.shown()
        first.until_open(kiosk.config.socket)
        assert kiosk("staff", "reset", "Olga", given="8642\n").code == 0
        assert len(journal(kiosk, "staff.reset_by_root")) == 1
        assert first.process.poll() is None
        first.process.kill()
        assert first.end() == -signal.SIGKILL
    assert kiosk.config.socket.exists(), "a killed till leaves its socket"
    with on_a_console(kiosk, "run") as again:
        again.until("Olga")
        again.until_open(kiosk.config.socket)
        assert kiosk("scan", "4006381333931").code == 0
        again.until("Sign in first, then scan.")
        assert again.stop() == 0
    assert not kiosk.config.socket.exists()
    assert kiosk("verify").code == 0


def test_without_a_shop_no_till_starts(bare: Kiosk) -> None:
    with on_a_console(bare, "run") as console:
        assert console.end() == 3
        assert "kiosk setup" in console.shown()
    assert list(bare.folder.iterdir()) == []


def test_variables_of_textuals_are_none_of_the_tills(kiosk: Kiosk, tmp_path: Path) -> None:
    log = tmp_path / "textual.log"
    with on_a_console(kiosk, "run", TEXTUAL_LOG=str(log), TEXTUAL_DRIVER="os:system") as console:
        console.until("Olga")
        assert console.stop() == 0
    assert not log.exists()


def test_setup_asks_a_handful_of_questions(bare: Kiosk, tmp_path: Path) -> None:
    with on_a_console(bare, "setup", "--state", tmp_path / "shop", KIOSK_RUN="") as console:
        console.answer("Name of the shop [My shop]:", "Corner shop")
        console.answer("Address, its lines parted by ;:", "Main street 1; 1000 Town")
        console.answer("Country", "BE")
        console.answer("Language (en, de, fr, it, nl) [fr]:", "nl")
        console.answer("Tax number, as it stands on receipts:")
        console.answer("Name of the owner [Owner]:", "Olga")
        console.answer("PIN of Olga (4 to 8 digits):", "2580")
        console.answer("PIN of Olga (4 to 8 digits) again:", "2580")
        console.answer("Printer", "none")
        assert console.end() == 0
        assert "2580" not in console.shown(), "nobody reads the PIN on the screen"
    read = tomllib.loads((bare.folder / "kiosk.toml").read_text())
    assert (read["state"], read["run"]) == (str(tmp_path / "shop"), str(tmp_path / "shop" / "run"))
    with ways.looking(replace(bare.config, state=tmp_path / "shop")) as shop:
        settings = shop.settings
    assert (settings.name, settings.address, settings.language) == ("Corner shop", ("Main street 1", "1000 Town"), "nl")
    assert (settings.country, settings.cash_step) == ("BE", 5)


def test_two_pins_that_differ_make_nothing(bare: Kiosk) -> None:
    with on_a_console(bare, "setup", "--yes", "--country", "DE", "--owner", "Olga") as console:
        console.answer("PIN of Olga (4 to 8 digits):", "2580")
        console.answer("again:", "2581")
        assert console.end() == 3
        assert "The two differ." in console.shown()
    assert list(bare.folder.iterdir()) == []
