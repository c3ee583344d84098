"""``kiosk scan``: a code into the running till, as if a scanner had read it."""

from __future__ import annotations

import argparse
import os
import tempfile
from dataclasses import replace
from pathlib import Path

from kiosk.cli.say import complain
from kiosk.config import Config
from kiosk.devices import gate
from kiosk.errors import BadFile, Invalid, StorageFailed, TillIsNotRunning

_SECONDS = 10.0


def scan(given: argparse.Namespace, config: Config) -> int:
    """Scan each code in turn, into the demo if that is what runs.

    Refuses: Invalid (too long), TillIsNotRunning, BadFile (not allowed), StorageFailed.
    """
    for code in given.codes:
        if not 0 < len(code) <= gate.LONGEST_CODE:
            raise Invalid(field="code", value=code[:20])
    socket = config.socket
    if not gate.is_open(socket) and _is_ours(demo_run()):
        socket = replace(config, run=demo_run()).socket
    for code in given.codes:
        try:
            reply = gate.ask(socket, {"do": "scan", "code": code}, _SECONDS)
        except gate.NobodyThere:
            raise TillIsNotRunning from None
        except gate.GateTrouble as trouble:
            if trouble.reason == "denied":
                raise BadFile(path=str(socket), reason="only the till's user and root may") from None
            raise StorageFailed(reason=trouble.reason) from None
        if reply.get("ok") is not True:
            complain("The till did not take the code.")
            return 3
    return 0


def demo_run() -> Path:
    """Where a demo's gate is: one place for each user, so that ``kiosk scan`` finds it."""
    return Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"kiosk-demo-{os.geteuid()}"


def _is_ours(folder: Path) -> bool:
    try:
        return folder.lstat().st_uid == os.geteuid()
    except OSError:
        return False
