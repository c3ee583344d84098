"""Ids that the till makes itself and that sort by time.

They are UUIDs of version 7. The library for them (uuid6) loads the mail
parser of the standard library, a tenth of the till's start, and Python has
its own from 3.14 on: then these lines go.
"""

from __future__ import annotations

import secrets
import time
from typing import Final

_DIGITS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_SHIFTS: Final = range(125, -1, -5)
_VERSION_AND_VARIANT: Final = 7 << 76 | 2 << 62
_LOW_BITS: Final = 62
_last = 0


def new_id() -> str:
    """A UUIDv7 in 26 characters: Crockford's base 32 in lower case, which sorts alike on every engine.

    Ids of one process always count up, also within a millisecond and when
    the clock is set back.
    """
    global _last
    made = time.time_ns() // 1_000_000 << 74 | secrets.randbits(74)
    _last = max(made, _last + secrets.randbits(16) + 1)
    high, low = _last >> _LOW_BITS, _last & (1 << _LOW_BITS) - 1
    number = (high >> 12) << 80 | (high & 0xFFF) << 64 | low | _VERSION_AND_VARIANT
    return "".join([_DIGITS[number >> shift & 31] for shift in _SHIFTS])
