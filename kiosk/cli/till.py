"""``kiosk run`` and ``kiosk demo``: the till itself."""

from __future__ import annotations

import argparse
import logging
import logging.handlers
import os
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from kiosk import terminal
from kiosk.cli import ways
from kiosk.cli.say import complain
from kiosk.config import Config, PrinterConfig, ScannerConfig
from kiosk.errors import BadSetting

_SYSTEM_LOG: Final = "/dev/log"
_LOG_BYTES: Final = 1024 * 1024


def run(given: argparse.Namespace, config: Config) -> int:
    """The till, full screen, until it is stopped. Refuses: TillIsRunning, BadFile (no shop), StorageFailed."""
    del given
    return _run(config, demo=False)


def demo(given: argparse.Namespace, config: Config) -> int:
    """The till on a shop made up for the purpose, gone at the end unless ``--dir`` keeps it."""
    kept = given.dir is not None
    folder = Path(given.dir).absolute() if kept else Path(tempfile.mkdtemp(prefix="kiosk-demo-"))
    chosen = replace(
        config,
        state=folder,
        run=folder / "run",
        language=given.language,
        printer=PrinterConfig(kind="file", address=str(folder / "paper.escpos")),
        scanner=ScannerConfig(link="", grab=False),
    )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _fill(chosen)
        return _run(chosen, demo=True)
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


def _fill(config: Config) -> None:
    """A demo shop, once. Refuses: BadSetting (another shop is there)."""
    from kiosk.services import demo as shop_of_demo

    mark = config.state / "demo"
    there = (config.state / "kiosk.db").exists()
    if there and not mark.exists():
        raise BadSetting(name="--dir", value=str(config.state))
    if there:
        return
    mark.touch(mode=0o600)
    sys.stderr.write("Making a demo shop …\n")
    with ways.alone(config, fresh=True) as shop:
        shop_of_demo.fill(shop)


def _run(config: Config, *, demo: bool) -> int:
    if not sys.stdin.isatty() or not sys.stderr.isatty():
        complain("The till needs a terminal to draw on.")
        return 2
    ways.check_there(config)
    terminal.prepare()
    ways.become_the_till(config)
    with ways.only_writer(config):
        _keep_log(config)
        from kiosk import app

        return int(app.run(config, demo=demo))


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
