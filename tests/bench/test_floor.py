"""The floors can be measured; how fast they are is the bench's affair."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import counting, days, floor
from tests.torture import recording
from tests.torture.series import prepare_shop


def test_the_bare_app_starts_and_takes_scans() -> None:
    started = floor.start(times=1)
    scans = floor.bare_scans(3)

    assert started.to_ready.median > 0
    assert started.memory_bytes > 10_000_000
    assert started.idle_bytes == 0
    assert len(scans.to_paint.seconds) == 3
    assert 20 < scans.bytes_each < 600


def test_a_sale_is_written_again_without_the_shop(tmp_path: Path) -> None:
    prepare_shop(tmp_path / "shop")
    kept = (tmp_path / "shop" / "kiosk.db").read_bytes()

    timings = floor.raw_checkout(tmp_path / "shop" / "kiosk.db", times=5)

    assert len(timings.seconds) == 5
    assert (tmp_path / "shop" / "kiosk.db").read_bytes() == kept
    assert timings.best <= timings.median <= timings.percentile(99)


@pytest.mark.skipif(recording.compiler() is None, reason="no C compiler: syncs are not counted")
def test_the_syncs_of_a_checkout_are_counted() -> None:
    found = counting.record_checkouts(3)

    assert [cost.syncs for cost in found.checkouts.values()][-1] == 1


def test_days_of_an_old_shop_and_a_new_one_are_closed_alike() -> None:
    found = days.measure(500)

    assert found.z_seconds > 0
    assert found.z_of_a_new_shop_seconds > 0
    assert 0 < found.year_seconds < found.articles_seconds
