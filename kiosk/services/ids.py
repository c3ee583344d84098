"""Ids that the till makes itself and that sort by time."""

from __future__ import annotations

from uuid6 import uuid7


def new_id() -> str:
    """A UUIDv7 as 32 hexadecimal digits."""
    return uuid7().hex
