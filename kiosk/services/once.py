"""A deed with a key is done once, however often it is asked (DESIGN.md 1, PLATFORM.md 5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from kiosk import db
from kiosk.errors import DiskFull

T = TypeVar("T")


def once(done_before: Callable[[], T | None], do: Callable[[], T]) -> T:
    """What the deed's key made already, or else the deed, in one durable commit.

    An error from COMMIT does not say whether it happened: then the connection
    is made anew and the key looked up. Where the disk is full it is not made
    anew, for that needs room. Refuses: DiskFull, StorageFailed, and what both refuse.
    """
    try:
        with db.transaction(keyed=True):
            found = done_before()
            return do() if found is None else found
    except db.CommitUnknown as error:
        if not isinstance(error.refusal, DiskFull):
            db.reconnect()
        with db.faults():
            found = done_before()
        if found is None:
            raise error.refusal from error
        return found
