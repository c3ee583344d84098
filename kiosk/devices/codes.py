"""What every scan has in common, by whichever way it came."""

from __future__ import annotations

import re
from typing import Final

GROUP_SEPARATOR: Final = "\x1d"
"""Ends a field of variable length in GS1 codes."""
LONGEST_CODE: Final = 128
"""Characters; longer scans are rejected (PLATFORM.md 7)."""

_SYMBOLOGY: Final = re.compile(r"\][A-Za-z][0-9A-Za-z]")


def symbology(code: str) -> str:
    """The AIM identifier in front of a code, such as ``]E0``, or nothing."""
    found = _SYMBOLOGY.match(code)
    return found.group() if found else ""


def bare_code(code: str, *, prefix: str = "", suffix: str = "", keep_symbology: bool = False) -> str:
    """A code without what its reader puts around it: prefix, suffix, AIM identifier, spaces."""
    bare = code.removeprefix(prefix).removesuffix(suffix)
    if not keep_symbology:
        bare = bare.removeprefix(symbology(bare))
    return bare.strip(" ")
