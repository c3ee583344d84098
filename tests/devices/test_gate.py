"""The gate: who gets in, what is refused, and that there is one till and one writer."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.devices import gate
from kiosk.devices.gate import Gate, GateScanner, GateTrouble, NobodyThere, Occupied, ask, is_open, lock

NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "till.sock"


@pytest.fixture
def heard() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def opened(path: Path, heard: list[dict[str, Any]]) -> Iterator[Gate]:
    def answer(request: dict[str, Any]) -> dict[str, Any]:
        heard.append(request)
        if request.get("do") == "break":
            raise RuntimeError("a secret")
        return {"ok": True, "heard": request}

    made = Gate(path, answer)
    made.start()
    yield made
    made.stop()


def raw(path: Path, data: bytes, *, close: bool = True) -> dict[str, Any]:
    with gate._connect(path, 5) as visitor:
        visitor.sendall(data)
        if close:
            visitor.shutdown(socket.SHUT_WR)
        visitor.settimeout(10)
        found: dict[str, Any] = json.loads(visitor.makefile("rb").readline())
        return found


def test_a_request_is_answered(path: Path, opened: Gate, heard: list[dict[str, Any]]) -> None:
    assert ask(path, {"do": "scan", "code": "50112128"}) == {"ok": True, "heard": {"do": "scan", "code": "50112128"}}
    assert heard == [{"do": "scan", "code": "50112128"}]


def test_the_socket_and_its_directory_are_the_tills_alone(path: Path, opened: Gate) -> None:
    assert stat.S_IMODE(path.lstat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.lstat().st_mode) == 0o700


def test_a_directory_that_others_may_write_to_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.parent.chmod(0o777)
    with pytest.raises(PermissionError):
        Gate(path, dict).start()
    assert not path.exists()


def test_without_a_till_nobody_is_there(path: Path) -> None:
    with pytest.raises(NobodyThere):
        ask(path, {"do": "scan"})
    assert not is_open(path)


def test_a_stopped_gate_leaves_nothing_to_knock_at(path: Path, opened: Gate) -> None:
    assert is_open(path)
    opened.stop()
    assert not path.exists()
    with pytest.raises(NobodyThere):
        ask(path, {"do": "scan"})


def test_a_second_till_is_refused_and_the_first_goes_on(path: Path, opened: Gate) -> None:
    with pytest.raises(Occupied) as refused:
        Gate(path, dict).start()
    assert refused.value.process == os.getpid()
    assert ask(path, {"do": "x"})["ok"] is True


def test_a_second_till_is_refused_even_if_the_locks_file_is_gone(path: Path, opened: Gate) -> None:
    path.with_name(path.name + ".lock").unlink()
    with pytest.raises(Occupied):
        Gate(path, dict).start()
    assert ask(path, {"do": "x"})["ok"] is True


def test_the_socket_of_a_killed_till_is_taken_over(path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from kiosk.devices.gate import Gate\n"
        "Gate(Path(sys.argv[1]), lambda request: {}).start(); print('open', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True) as till:
        assert till.stdout is not None
        assert till.stdout.readline() == "open\n"
        with pytest.raises(Occupied) as refused:
            Gate(path, dict).start()
        assert refused.value.process == till.pid
        till.send_signal(signal.SIGKILL)
    assert path.exists(), "a killed till leaves its socket"
    heir = Gate(path, lambda request: {"ok": True})
    heir.start()
    assert ask(path, {}) == {"ok": True}
    heir.stop()


def test_a_file_in_the_way_is_left_alone(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    path.write_text("somebody's notes")
    with pytest.raises(FileExistsError):
        Gate(path, dict).start()
    assert path.read_text() == "somebody's notes"
    with lock(path.with_name(path.name + ".lock")):
        pass


def test_a_path_longer_than_a_socket_address_works(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 90) / ("b" * 90) / "till.sock"
    made = Gate(path, lambda request: {"ok": True})
    made.start()
    assert ask(path, {}) == {"ok": True}
    made.stop()
    assert not path.exists()


@pytest.mark.parametrize("line", [b"scan 123\n", b"\xff\xfe\n", b"[1]\n", b'"x"\n', b"{\n", b"\n", b'{"do":1}', b""])
def test_what_is_no_request_is_answered_and_never_handed_on(
    path: Path, opened: Gate, heard: list[dict[str, Any]], line: bytes
) -> None:
    assert raw(path, line) == {"ok": False, "error": "broken"}
    assert heard == []
    assert ask(path, {"do": "next"})["ok"] is True


def test_a_line_without_an_end_is_cut_off(path: Path, opened: Gate, heard: list[dict[str, Any]]) -> None:
    assert raw(path, b"x" * (gate.LONGEST_REQUEST + 1), close=False) == {"ok": False, "error": "too-long"}
    assert heard == []
    with pytest.raises(GateTrouble, match="too-long"):
        ask(path, {"code": "x" * gate.LONGEST_REQUEST})


def test_a_slow_visitor_is_shown_out_and_the_next_is_served(
    path: Path, opened: Gate, heard: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "_REQUEST_SECONDS", 0.2)
    ends = threading.Event()

    def drip() -> None:
        with gate._connect(path, 5) as visitor:
            try:
                while not ends.wait(0.05):
                    visitor.sendall(b" ")
            except OSError:
                return

    dripping = threading.Thread(target=drip)
    dripping.start()
    began = time.monotonic()
    assert raw(path, b'{"do":"x"}\n', close=False)["ok"] is True
    assert time.monotonic() - began < 2
    ends.set()
    dripping.join()
    assert heard == [{"do": "x"}]


def test_visitors_who_say_nothing_hold_nobody_up_for_long(
    path: Path, opened: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "_REQUEST_SECONDS", 0.1)
    idle = [gate._connect(path, 5) for _ in range(8)]
    assert ask(path, {"do": "x"}, timeout=5)["ok"] is True
    for visitor in idle:
        visitor.close()


def test_a_visitor_who_leaves_before_the_answer_does_no_harm(
    path: Path, opened: Gate, heard: list[dict[str, Any]]
) -> None:
    with gate._connect(path, 5) as visitor:
        visitor.sendall(b'{"do":"leave"}\n')
    assert ask(path, {"do": "x"})["ok"] is True
    assert heard == [{"do": "leave"}, {"do": "x"}]


def test_a_fault_behind_the_gate_is_told_without_its_words(path: Path, opened: Gate) -> None:
    assert ask(path, {"do": "break"}) == {"ok": False, "error": "fault"}
    assert ask(path, {"do": "x"})["ok"] is True


def test_a_till_that_does_not_answer_is_not_waited_for(path: Path) -> None:
    free = threading.Event()
    made = Gate(path, lambda request: {"ok": free.wait(30)})
    made.start()
    with pytest.raises(GateTrouble, match="timeout"):
        ask(path, {}, timeout=0.1)
    free.set()
    made.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_somebody_else_is_refused_at_the_file_and_by_the_kernels_word() -> None:
    """The visitor's modules are loaded before it becomes nobody, who may read as little of them as of the till's."""
    folder = Path(tempfile.mkdtemp(prefix="kiosk-"))
    folder.chmod(0o755)
    path = folder / "till.sock"
    opened = Gate(path, lambda request: {"ok": True})
    opened.start()
    script = (
        "import json, os, sys; from pathlib import Path; from kiosk.devices.gate import GateTrouble, ask\n"
        f"os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        "try: print(json.dumps(ask(Path(sys.argv[1]), {'do': 'scan'})))\n"
        "except GateTrouble as trouble: print(trouble.reason)"
    )

    def knock() -> str:
        done = subprocess.run(
            [sys.executable, "-c", script, str(path)], capture_output=True, text=True, timeout=30, check=True
        )
        return done.stdout.strip()

    assert knock() == "denied"
    path.chmod(0o666)
    assert json.loads(knock()) == {"ok": False, "error": "denied"}
    opened.stop()
    shutil.rmtree(folder)


def test_the_gate_is_one_more_scanner(path: Path) -> None:
    codes: list[str] = []
    states: list[str] = []
    made = GateScanner(path, lambda request: {"ok": True, "otherwise": request})
    made.start(codes.append, lambda state, _detail: states.append(state))
    assert ask(path, {"do": "scan", "code": "50112128"}) == {"ok": True}
    assert ask(path, {"do": "else"}) == {"ok": True, "otherwise": {"do": "else"}}
    for code in ("", "x" * 129, None, 7, ["1"]):
        assert ask(path, {"do": "scan", "code": code}) == {"ok": False, "error": "broken"}
    made.stop()
    assert (codes, states) == (["50112128"], [])


def test_a_till_whose_gate_stays_shut_still_sells(path: Path, opened: Gate, caplog: pytest.LogCaptureFixture) -> None:
    second = GateScanner(path, dict)
    second.start(lambda _code: None, lambda _state, _detail: None)
    assert "the gate stays shut" in caplog.text
    second.stop()
    assert ask(path, {"do": "x"})["ok"] is True, "the first is not disturbed"


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.lock"
    with lock(file), pytest.raises(Occupied) as refused, lock(file):
        pass
    assert refused.value.process == os.getpid()
    with lock(file):
        assert file.read_text() == f"{os.getpid()}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_killed_writer_lets_go(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.lock"
    script = (
        "import sys, time; from pathlib import Path; from kiosk.devices.gate import lock\n"
        "with lock(Path(sys.argv[1])):\n print('mine', flush=True)\n time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(file)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "mine\n"
        with pytest.raises(Occupied), lock(file):
            pass
        writer.kill()
    with lock(file):
        pass


def test_a_link_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("keep")
    (tmp_path / "kiosk.lock").symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match="symbolic"), lock(tmp_path / "kiosk.lock"):
        pass
    assert (tmp_path / "target").read_text() == "keep"
