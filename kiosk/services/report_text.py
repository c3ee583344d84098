"""An X or a Z as it is kept: canonical JSON of its figures, without names of people."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from kiosk.errors import Invalid
from kiosk.money import Money, Percent
from kiosk.receipts.shift_report import ShiftReport
from kiosk.services.ledger import canonical

_NUMBERS: Final[dict[Any, Callable[[int], Any]]] = {int: int, Money: Money, Percent: Percent}
"""What is written as a whole number."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST: Final = 2**63
_YOUNGER: Final = frozenset({"points_adjusted"})
"""Fields that reports of the first versions do not have: they have the default."""


def to_text(report: ShiftReport) -> str:
    """A report as JSON with sorted keys; who read it only by id."""
    plain = _plain(report)
    del plain["by"]
    return canonical(plain)


def from_text(text: str, name_of: Callable[[str], str] = str) -> ShiftReport:
    """The report that ``to_text`` wrote; ``name_of`` finds the first name of its reader. Refuses: Invalid."""
    try:
        plain = json.loads(text)
        plain["by"] = ""
        report: ShiftReport = _built(ShiftReport, plain)
        plain["by"] = name_of(report.by_id)
        return _built(ShiftReport, plain)  # type: ignore[no-any-return]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as trouble:
        raise Invalid(field="document", value=str(text)[:80]) from trouble


def millis(at: datetime) -> int:
    """A moment of a report as it is stored elsewhere: UTC milliseconds, to the millisecond."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def _plain(value: Any) -> Any:
    match value:
        case Money():
            return value.minor
        case Percent():
            return value.hundredths
        case datetime():
            return value.isoformat()
        case tuple():
            return [_plain(part) for part in value]
        case dict():
            return {key: _plain(part) for key, part in value.items()}
        case _ if is_dataclass(value):
            return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    return value


def _built(wanted: Any, plain: Any) -> Any:
    """A value of a type, from what ``_plain`` made of it. Refuses: TypeError, ValueError, KeyError."""
    if wanted in _NUMBERS:
        if type(plain) is not int or abs(plain) >= _LARGEST:
            raise TypeError(plain)
        return _NUMBERS[wanted](plain)
    if wanted is datetime:
        return datetime.fromisoformat(plain)
    if wanted in (str, bool, type(None)):
        if type(plain) is not wanted:
            raise TypeError(plain)
        return plain
    if isinstance(wanted, type) and is_dataclass(wanted):
        kinds = _kinds(wanted)
        if not set(kinds) - _YOUNGER <= set(plain) <= set(kinds):
            raise KeyError(wanted)
        return wanted(**{name: _built(kind, plain[name]) for name, kind in kinds.items() if name in plain})
    parts = get_args(wanted)
    if get_origin(wanted) in (Union, UnionType):
        return None if plain is None else _built(parts[0], plain)
    if get_origin(wanted) is dict:
        return {_built(parts[0], key): _built(parts[1], part) for key, part in plain.items()}
    if type(plain) is not list:
        raise TypeError(plain)
    return tuple(_built(parts[0], part) for part in plain)


@cache
def _kinds(wanted: type) -> dict[str, Any]:
    """The fields of a dataclass and their types."""
    return get_type_hints(wanted)
