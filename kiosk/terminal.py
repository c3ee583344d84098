"""Makes the process fit for a till, before Textual and Peewee are imported.

Textual reads its variables while it is imported, and some of them load code
or write files (PLATFORM.md 4). Nothing here imports Textual.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Final

_OURS: Final = {
    "TEXTUAL_DISABLE_KITTY_KEY": "1",
    "TEXTUAL_ANIMATIONS": "none",
    "TEXTUAL_FPS": "1000",
}
"""Without the first, the console's Shift+F keys and Pause arrive as other keys (UX.md 1).

Frames per second are how long a scan waits for the next repaint, not how many there are: nothing moves by itself.
"""

_ESCAPE_DELAY: Final = {"linux": "25"}
_ESCAPE_DELAY_ELSEWHERE: Final = "100"
"""Milliseconds; over a network the parts of one key may arrive apart."""


def prepare(environ: MutableMapping[str, str] = os.environ) -> None:
    """Clear every ``TEXTUAL_*`` variable and set the till's own; call before anything imports Textual.

    Rubbish is not looked for until the first paint, when the app begins to: a
    start makes a hundred thousand things and next to no rubbish.
    """
    gc.disable()
    for name in [name for name in environ if name.startswith("TEXTUAL_")]:
        del environ[name]
    environ.update(_OURS)
    terminal = environ.get("TERM", "")
    environ["ESCDELAY"] = _ESCAPE_DELAY.get(terminal, _ESCAPE_DELAY_ELSEWHERE)
    if terminal == "linux":
        environ.pop("COLORTERM", None)


def settle_memory() -> None:
    """After the first paint: look for rubbish from now on, and give back what only the start needed.

    What is there by now stays, so it is left out of the search for rubbish.
    """
    gc.collect()
    gc.freeze()
    gc.enable()
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


_DRIVERS: Final = ("psycopg", "psycopg2", "pymysql", "MySQLdb")


def leave_drivers_out() -> None:
    """Keep Peewee from loading the drivers of databases that this till does not use.

    It loads every driver that is installed when it is imported, a fifth of
    the start-up time of a till on SQLite. Call before anything imports Peewee.
    """
    for name in _DRIVERS:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
