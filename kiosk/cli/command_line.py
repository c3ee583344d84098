"""From the words of a command line to an exit code."""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from kiosk import errors, terminal
from kiosk.cli.say import complain, sentence
from kiosk.config import Config, load

BAD, USAGE, REFUSED, TILL, STORAGE, FAULT, INTERRUPTED = 1, 2, 3, 4, 5, 70, 130

Command = Callable[[argparse.Namespace, Config], int]

_CODES: Final[dict[type[errors.ShopError], int]] = {
    errors.BadSetting: USAGE,
    errors.TillIsRunning: TILL,
    errors.TillIsTraining: TILL,
    errors.TillIsNotRunning: TILL,
    errors.DiskFull: STORAGE,
    errors.StorageFailed: STORAGE,
}


def run(words: Sequence[str] | None = None) -> int:
    """Read the words, do the command, and turn what was refused into one sentence and a code."""
    from kiosk.cli.arguments import parser

    made = parser()
    if "_ARGCOMPLETE" in os.environ:
        import argcomplete

        argcomplete.autocomplete(made)
    _write_any_letter()
    given = made.parse_args(words)
    if not hasattr(given, "command"):
        made.print_help()
        return USAGE
    try:
        code = _do(given)
        sys.stdout.flush()
    except errors.ShopError as error:
        code = _CODES.get(type(error), REFUSED)
        _tell(given, sentence(error))
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        # Whoever read has heard enough; Python would complain once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        code = REFUSED if isinstance(error, PermissionError | FileNotFoundError) else STORAGE
        _tell(given, f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except Exception as error:
        code = FAULT
        _tell(given, f"A fault in the program ({type(error).__name__}). The same with --debug says more.")
    return code


def _do(given: argparse.Namespace) -> int:
    config = Config()
    if given.needs_config:
        may_be_missing = getattr(given, "config_may_be_missing", False)
        config = load(Path(given.config) if given.config else None, may_be_missing=may_be_missing)
    if not config.on_postgres:
        terminal.leave_drivers_out()
    module, _dot, name = str(given.command).partition(":")
    command: Command = getattr(importlib.import_module(f"kiosk.cli.{module}"), name)
    return command(given, config)


def _write_any_letter() -> None:
    """Scripts get UTF-8; a terminal that lacks a letter gets a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")


def _tell(given: argparse.Namespace, words: str) -> None:
    if given.debug:
        import traceback

        traceback.print_exc()
    complain(words)
