"""``kiosk install``, ``uninstall``, ``completion`` and ``version``: the machine, and no shop."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import kiosk
from kiosk.cli.say import say
from kiosk.config import Config
from kiosk.errors import Denied


def install(given: argparse.Namespace, config: Config) -> int:
    """Put the till on the machine. Refuses: Denied (root alone may), BadSetting, StepFailed."""
    del config
    from kiosk.install import apply, plan

    root = _root(given)
    for step in apply(plan(root, given.user, given.scanner), dry_run=given.dry_run):
        say(step)
    if not given.dry_run and root == Path("/"):
        say("Done. kiosk setup makes the shop; at the next start the till is on the first console.")
    return 0


def uninstall(given: argparse.Namespace, config: Config) -> int:
    """Take the till off the machine; the shop's data stay. Refuses: Denied, StepFailed."""
    del config
    from kiosk.install import apply, removal

    for step in apply(removal(_root(given)), dry_run=given.dry_run):
        say(step)
    return 0


def _root(given: argparse.Namespace) -> Path:
    root = Path(given.root).resolve()
    if root == Path("/") and os.geteuid() != 0 and not given.dry_run:
        raise Denied(action="install")
    return root


def completion(given: argparse.Namespace, config: Config) -> int:
    """What a shell has to read to complete the commands."""
    del config
    from argcomplete.shell_integration import shellcode

    sys.stdout.write(str(shellcode(["kiosk"], shell=given.shell)) + "\n")
    return 0


def version(given: argparse.Namespace, config: Config) -> int:
    """Which kiosk this is."""
    del given, config
    say(f"kiosk {kiosk.__version__}")
    return 0
