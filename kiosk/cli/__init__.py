"""The technician's commands, as thin as a screen. They speak English; the till and its paper speak the shop's language.

Exit codes: 0 done; 1 the answer is bad (verify or doctor found something, an import has errors);
2 wrong use; 3 refused; 4 the till is running, or is needed and is not; 5 the disk or the database
failed; 70 a fault in the program; 130 interrupted.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line says; the exit code."""
    from kiosk.cli.command_line import run

    return run(words)
