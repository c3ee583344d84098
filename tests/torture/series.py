"""Series of recordings, replays and kills, each in processes of their own, several at a time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from tests.torture.examiner import Report
from tests.torture.killer import Tally
from tests.torture.recording import ROOT, Operation, record
from tests.torture.till import Behaviour

LONGEST_SECONDS: Final = 3000
SALES: Final = 40


def prepare_shop(folder: Path) -> None:
    """Make a shop that is ready to sell in a new folder. Refuses: CalledProcessError."""
    folder.mkdir(mode=0o700)
    command = [sys.executable, "-m", "tests.torture.workload", str(folder)]
    subprocess.run(command, check=True, cwd=ROOT, timeout=120)


def record_sales(
    recorder: Path,
    shop: Path,
    work: Path,
    *,
    behaviour: Behaviour = Behaviour.RIGHT,
    sales: int = SALES,
    **options: int,
) -> tuple[Path, tuple[Operation, ...]]:
    """Record some sales in a copy of a shop: the log's path, and what is in it.

    ``options`` are the workload's: first, step, sessions, undoes.
    """
    folder, log = work / "shop", work / "log"
    shutil.copytree(shop, folder)
    command = [sys.executable, "-m", "tests.torture.workload", str(folder), str(work / "marks")]
    for name, value in {"sales": sales, "behaviour": behaviour, **options}.items():
        command += [f"--{name}", str(value)]
    return log, record(recorder, folder, work / "marks", log, command)


def replay_many(shop: Path, logs: Iterable[Path], states_each: int, *, until: str | None = None) -> Report:
    """Examine states of several recordings of the same shop, two at a time.

    ``until`` ends each at its first fault of a kind.
    """

    def one(numbered: tuple[int, Path]) -> Report:
        seed, log = numbered
        with tempfile.TemporaryDirectory(dir=_memory()) as scratch:
            options = ["--states", str(states_each), "--seed", str(seed), *(["--until", until] if until else [])]
            return Report(**_run("examiner", str(shop), str(log), scratch, *options))

    whole = Report()
    with ThreadPoolExecutor(max_workers=2) as pool:
        for report in pool.map(one, enumerate(logs)):
            whole.states += report.states
            whole.silent += report.silent
            whole.open_cards += report.open_cards
            whole.bad += report.bad
            whole.examples += report.examples
            whole.kinds = Counter(whole.kinds) + Counter(report.kinds)
            whole.faults = Counter(whole.faults) + Counter(report.faults)
    return whole


def kill_many(
    shop: Path, work: Path, kills: int, *, behaviour: Behaviour = Behaviour.RIGHT, until: str | None = None
) -> Tally:
    """Kill tills at random moments; a random seed, so that each run tries others."""
    seed = int.from_bytes(os.urandom(4))
    options = ["--kills", str(kills), "--seed", str(seed), "--behaviour", behaviour]
    return Tally(**_run("killer", str(shop), str(work), *options, *(["--until", until] if until else [])))


def _run(module: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", f"tests.torture.{module}", *arguments]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST_SECONDS)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def _memory() -> str | None:
    shared = Path("/dev/shm")
    return str(shared) if os.access(shared, os.W_OK) else None
