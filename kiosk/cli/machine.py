"""``kiosk install``, ``uninstall``, ``completion`` and ``version``: the machine, and no shop."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import kiosk
from kiosk.cli.say import complain, say
from kiosk.config import Config
from kiosk.errors import Denied

if TYPE_CHECKING:
    from kiosk.install import Step


def install(given: argparse.Namespace, config: Config) -> int:
    """Put the till on the machine. Refuses: Denied (root alone may), BadSetting."""
    del config
    from kiosk.install import plan

    root = _root(given)
    if not _apply(plan(root, given.user, given.scanner), given):
        return 3
    if not given.dry_run and root == Path("/"):
        say("Done. kiosk setup makes the shop; at the next start the till is on the first console.")
    return 0


def uninstall(given: argparse.Namespace, config: Config) -> int:
    """Take the till off the machine; the shop's data stay. Refuses: Denied."""
    del config
    from kiosk.install import removal

    return 0 if _apply(removal(_root(given)), given) else 3


def _apply(steps: Sequence[Step], given: argparse.Namespace) -> bool:
    """Whether all steps were done; the one that failed is told with everything that the machine said of it."""
    from kiosk.install import StepFailed, apply

    try:
        for step in apply(steps, dry_run=given.dry_run):
            say(step)
    except StepFailed as error:
        complain(f"This failed: {error.step}")
        for line in error.reason.splitlines() or ["without a word"]:
            complain(line)
        return False
    return True


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
