"""``kiosk demo``: the till on a shop made up for the purpose; needs no hardware."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final, NoReturn

from kiosk.cli import ways
from kiosk.cli.scan import demo_run
from kiosk.cli.setup import write_configuration
from kiosk.cli.till import full_screen, there_is_a_terminal
from kiosk.config import Config, PrinterConfig, ScannerConfig
from kiosk.errors import BadFile

_FILLING: Final = "being made"
_FILLED: Final = "made"


def demo(given: argparse.Namespace, config: Config) -> int:
    """Fill a shop and show the till; it is gone at the end unless ``--dir`` keeps it.

    What would be printed is found in ``paper.escpos``. Refuses: BadFile (another
    shop is in that directory), TillIsRunning.
    """
    if not there_is_a_terminal():
        return 2
    kept = given.dir is not None
    # Also a demo that is stopped while its shop is being made leaves nothing behind.
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGHUP, _stop)
    folder = Path(given.dir).absolute() if kept else Path(tempfile.mkdtemp(prefix="kiosk-demo-"))
    chosen = replace(
        config,
        state=folder,
        run=folder / "run" if kept else demo_run(),
        language=given.language,
        printer=PrinterConfig(kind="file", address=str(folder / "paper.escpos")),
        scanner=ScannerConfig(link="", grab=False),
    )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _fill(chosen)
        code = full_screen(chosen, demo=True)
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
    if kept:
        sys.stderr.write(f"The demo shop stays in {folder}; kiosk --config {folder}/kiosk.toml knows it.\n")
    return code


def _stop(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


def _fill(config: Config) -> None:
    """Make the demo shop, once; one that was left half made is made anew. Refuses: BadFile (another shop is there)."""
    from kiosk.services import demo as shop_of_demo

    mark = config.state / "demo"
    said = mark.read_text(encoding="ascii").strip() if mark.exists() else ""
    if said == _FILLED:
        return
    left = sorted(config.state.glob("kiosk.*"))
    if left and said != _FILLING:
        raise BadFile(path=str(config.state), reason="there is another shop")
    for path in left:
        path.unlink()
    mark.write_text(_FILLING, encoding="ascii")
    sys.stderr.write("Making a demo shop …\n")
    write_configuration(config.state / "kiosk.toml", config)
    with ways.alone(config, fresh=True) as shop:
        shop_of_demo.fill(shop, language=config.language)
    mark.write_text(_FILLED, encoding="ascii")
