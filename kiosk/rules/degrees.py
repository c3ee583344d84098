"""Places on the map, in millionths of a degree, as maps and people write them (U-16)."""

from __future__ import annotations

import re
from typing import Final

from kiosk.errors import Invalid

MILLIONTHS: Final = 1_000_000

_LONGEST: Final = 60
_DEGREES: Final = re.compile(r"([+-]?)([0-9]{1,3})(?:[.,]([0-9]{1,20}))? ?°? ?([NSEW]?)")
_BETWEEN: Final = (";", "/", ", ", " ")
"""What stands between two of them, the surest first."""
_AGAINST: Final = frozenset("SW")


def parse(text: str, field: str) -> int:
    """The millionths of ``52.52``, ``-0,1276`` or ``33.9° S``; more decimals are rounded. Refuses: Invalid."""
    found = _DEGREES.fullmatch(text.strip().upper()) if len(text) <= _LONGEST else None
    if found is None or (found[1] and found[4]):
        raise Invalid(field=field, value=text)
    fraction = (found[3] or "") + "0" * 7
    millionths = int(found[2]) * MILLIONTHS + int(fraction[:6]) + (fraction[6] >= "5")
    return -millionths if found[1] == "-" or found[4] in _AGAINST else millionths


def pair(text: str) -> tuple[str, str] | None:
    """Latitude and longitude of a text that has both, as maps copy them: ``52.520008, 13.404954``."""
    between = next((mark for mark in _BETWEEN if mark in text.strip()), None) if len(text) <= _LONGEST else None
    if between is None:
        return None
    latitude, _mark, longitude = text.strip().partition(between)
    try:
        parse(latitude, "latitude"), parse(longitude, "longitude")
    except Invalid:
        return None
    return latitude.strip(), longitude.strip()


def typed(millionths: int, sign: str) -> str:
    """As it would be typed, with this decimal sign."""
    whole, fraction = divmod(abs(millionths), MILLIONTHS)
    decimals = f"{fraction:06d}".rstrip("0")
    return ("-" if millionths < 0 else "") + str(whole) + (sign + decimals if decimals else "")
