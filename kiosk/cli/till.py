"""``kiosk run``: the till itself."""

from __future__ import annotations

import argparse
import logging
import logging.handlers
import os
import sys
from typing import Final

from kiosk import terminal
from kiosk.cli import ways
from kiosk.cli.say import complain
from kiosk.config import Config
from kiosk.services.backup import copy_before_upgrade

_SYSTEM_LOG: Final = "/dev/log"
_LOG_BYTES: Final = 1024 * 1024


def run(given: argparse.Namespace, config: Config) -> int:
    """The till, full screen, until it is stopped. Refuses: TillIsRunning, BadFile (no shop), StorageFailed."""
    del given
    return full_screen(config, demo=False) if there_is_a_terminal() else 2


def there_is_a_terminal() -> bool:
    """Whether the till can be drawn; if not, that is said."""
    if sys.stdin.isatty() and sys.stderr.isatty():
        return True
    complain("The till needs a terminal to draw on.")
    return False


def full_screen(config: Config, *, demo: bool) -> int:
    """The till on a shop that is there, as its only writer.

    Refuses: TillIsRunning, BadFile (no shop), StorageFailed.
    """
    ways.check_there(config)
    terminal.prepare()
    ways.become_the_till(config)
    with ways.only_writer(config):
        _keep_log(config)
        copy_before_upgrade(config)
        from kiosk import run_till

        return int(run_till.run(config, demo=demo))


def _keep_log(config: Config) -> None:
    """To the journal under systemd, else into a file; never to the terminal, which customers see (PLATFORM.md 4)."""
    if "INVOCATION_ID" in os.environ and os.path.exists(_SYSTEM_LOG):
        handler: logging.Handler = logging.handlers.SysLogHandler(address=_SYSTEM_LOG)
        handler.setFormatter(logging.Formatter("kiosk: %(name)s: %(message)s"))
    else:
        path = config.state / "till.log"
        handler = logging.handlers.RotatingFileHandler(
            path, maxBytes=_LOG_BYTES, backupCount=2, encoding="utf-8", errors="backslashreplace", delay=True
        )
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
