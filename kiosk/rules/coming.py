"""A day that comes, as somebody types it: 1.1.2027, 1/1/27, 2027-01-01, or without a year."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from kiosk.errors import Invalid

_ISO: Final = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)")
_SHORT: Final = re.compile(r"(\d\d?)[./-](\d\d?)(?:[./-](\d{4}|\d\d)?)?")


def coming_day(text: str, today: date) -> date:
    """The day; without a year, the next one of that name. Refuses: Invalid."""
    iso, short = _ISO.fullmatch(text.strip()), _SHORT.fullmatch(text.strip())
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if short and short[3]:
            return date(int(short[3]) + (2000 if len(short[3]) == 2 else 0), int(short[2]), int(short[1]))
        if short:
            this_year = date(today.year, int(short[2]), int(short[1]))
            return this_year if this_year >= today else this_year.replace(year=today.year + 1)
    except ValueError:
        pass
    raise Invalid(field="day", value=text)
