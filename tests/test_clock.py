"""The shop's clock: business days, and when the machine's clock is not believed."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.clock import Clock, MachineClockWatch, from_millis, to_millis


@pytest.mark.parametrize(
    ("moment", "today", "business"),
    [
        (datetime(2026, 11, 21, 0, 30, tzinfo=UTC), date(2026, 11, 21), date(2026, 11, 20)),
        (datetime(2026, 11, 21, 2, 59, tzinfo=UTC), date(2026, 11, 21), date(2026, 11, 20)),
        (datetime(2026, 11, 21, 3, 0, tzinfo=UTC), date(2026, 11, 21), date(2026, 11, 21)),
        (datetime(2026, 11, 21, 23, 30, tzinfo=UTC), date(2026, 11, 22), date(2026, 11, 21)),
    ],
)
def test_a_bars_half_past_one_is_still_yesterday(moment: datetime, today: date, business: date) -> None:
    clock = Clock(zone=ZoneInfo("Europe/Berlin"), day_starts_at_hour=4, read=lambda: moment)
    assert (clock.today(), clock.business_date(clock.now())) == (today, business)


def test_a_moment_is_stored_in_milliseconds_and_read_back() -> None:
    moment = datetime(2026, 11, 22, 15, 41, 7, 123000, tzinfo=UTC)
    assert from_millis(to_millis(moment)) == moment


def test_a_clock_that_jumps_is_believed_only_once_the_network_has_set_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synchronised = tmp_path / "synchronized"
    watch = MachineClockWatch(synchronised)
    assert watch.trusted()
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 3600)
    assert not watch.trusted()
    synchronised.touch()
    assert watch.trusted()
    synchronised.unlink()
    monkeypatch.setattr(time, "time", lambda: now() - 10 * 365 * 86400)
    assert not watch.trusted()
