"""Commands in processes of their own that needn't load everything anew: each is forked from one that has.

Started as a program, it reads a line of JSON for each command from standard
input, and answers with the exit code.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 120
"""Seconds for one command."""


@dataclass
class Warm:
    """The process that all commands are forked from."""

    process: subprocess.Popen[str]

    def run(
        self, words: Sequence[str], *, environ: dict[str, str], folder: Path, given: str, scratch: Path
    ) -> tuple[int, str, str]:
        """Run a command; its exit code, standard output and standard error."""
        names = ("in", "out", "err")
        paths = {name: scratch / name for name in names}
        paths["in"].write_text(given, encoding="utf-8")
        order = {
            "words": list(words),
            "environ": environ,
            "folder": str(folder),
            **{name: str(path) for name, path in paths.items()},
        }
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        code = int(self.process.stdout.readline())
        return code, paths["out"].read_bytes().decode(), paths["err"].read_bytes().decode()


@contextmanager
def warmed() -> Iterator[Warm]:
    """Load everything once, for as long as this lasts."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.cli.warm"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    ) as process:
        yield Warm(process)
        assert process.stdin is not None
        process.stdin.close()


def _become(order: dict[str, object]) -> None:
    """In the child: stand where the command is called, and be it."""
    os.chdir(str(order["folder"]))
    os.environ.clear()
    os.environ.update(order["environ"])  # type: ignore[call-overload]
    flags = {
        "in": os.O_RDONLY,
        "out": os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
        "err": os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
    }
    for number, (name, flag) in enumerate(flags.items()):
        fd = os.open(str(order[name]), flag, 0o600)
        os.dup2(fd, number)
        os.close(fd)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode) for number, mode in ((0, "r"), (1, "w"), (2, "w")))
    signal.alarm(PATIENCE)


def _run(order: dict[str, object]) -> int:
    from kiosk.cli import main

    _become(order)
    words = order["words"]
    assert isinstance(words, list)
    try:
        return main(words)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
        return 1


def _serve() -> None:
    import kiosk.cli.command_line
    import kiosk.cli.copies
    import kiosk.cli.data
    import kiosk.cli.hardware
    import kiosk.cli.health
    import kiosk.cli.paper
    import kiosk.cli.people
    import kiosk.cli.setup  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if not child:
            code = _run(json.loads(line))
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        _child, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
