"""``kiosk scan``: a code into the running till, as if a scanner had read it."""

from __future__ import annotations

import argparse

from kiosk.cli.say import complain
from kiosk.config import Config
from kiosk.devices import gate
from kiosk.errors import BadFile, Invalid, StorageFailed, TillIsNotRunning

_SECONDS = 10.0


def scan(given: argparse.Namespace, config: Config) -> int:
    """Scan each code in turn. Refuses: Invalid (too long), TillIsNotRunning, BadFile (not allowed), StorageFailed."""
    for code in given.codes:
        if not 0 < len(code) <= gate.LONGEST_CODE:
            raise Invalid(field="code", value=code[:20])
    for code in given.codes:
        try:
            reply = gate.ask(config.socket, {"do": "scan", "code": code}, _SECONDS)
        except gate.NobodyThere:
            raise TillIsNotRunning from None
        except gate.GateTrouble as trouble:
            if trouble.reason == "denied":
                raise BadFile(path=str(config.socket), reason="only the till's user and root may") from None
            raise StorageFailed(reason=trouble.reason) from None
        if reply.get("ok") is not True:
            complain("The till did not take the code.")
            return 3
    return 0
