"""What time it is, and which business day that is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo


def utc_now() -> datetime:
    """The machine's clock, aware, in UTC."""
    return datetime.now(UTC)


class MachineClockWatch:
    """Distrusts a clock that jumps while nobody has set it right.

    Compares the wall clock with the time since boot; a difference of more than
    two minutes counts until the system says that it is synchronised.
    """

    def __init__(self, synchronised: Path = Path("/run/systemd/timesync/synchronized")) -> None:
        self._synchronised = synchronised
        self._offset = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)

    def trusted(self) -> bool:
        """Whether the clock ran evenly since the till started, or was set by the network."""
        drift = abs(time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) - self._offset)
        return drift < _JUMP_SECONDS or self._synchronised.exists()


_JUMP_SECONDS = 120


@dataclass(frozen=True)
class Clock:
    """The shop's clock: its time zone and the hour at which a business day begins.

    ``read`` stands in for the machine's clock, so that tests can fix the time.
    """

    zone: ZoneInfo = ZoneInfo("UTC")
    day_starts_at_hour: int = 4
    read: Callable[[], datetime] = utc_now
    trusted: Callable[[], bool] = lambda: True
    """Whether the machine's clock may be believed; a Pi has no battery clock (PLATFORM.md 9)."""

    def now(self) -> datetime:
        """Now, aware, in UTC."""
        return self.read()

    def millis(self) -> int:
        """Now, as it is stored: UTC milliseconds since 1970."""
        return to_millis(self.read())

    def local(self, at: datetime) -> datetime:
        """A moment on the shop's wall clock."""
        return at.astimezone(self.zone)

    def today(self) -> date:
        """The shop's calendar date, for validity and expiry (DOMAIN.md C.1, 8)."""
        return self.local(self.read()).date()

    def business_date(self, at: datetime) -> date:
        """The day that a moment belongs to; a bar's 01:30 is still yesterday."""
        return (self.local(at) - timedelta(hours=self.day_starts_at_hour)).date()


def to_millis(at: datetime) -> int:
    """UTC milliseconds since 1970."""
    return int(at.timestamp() * 1000)


def from_millis(millis: int) -> datetime:
    """The moment that stored milliseconds name, aware, in UTC."""
    return datetime.fromtimestamp(millis / 1000, UTC)
