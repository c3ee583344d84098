"""Power cuts replayed from a recording of what the till wrote (Must show 4, PLATFORM.md 5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture.replay import Cut
from tests.torture.series import record_sales, replay_many
from tests.torture.till import Behaviour


@pytest.mark.parametrize(("recordings", "states"), [(2, 75), pytest.param(10, 500, marks=pytest.mark.torture)])
def test_no_power_cut_loses_a_sale_or_a_basket(
    recorder: Path, prepared_shop: Path, tmp_path: Path, recordings: int, states: int
) -> None:
    logs = []
    for number in range(recordings):
        work = tmp_path / str(number)
        work.mkdir()
        logs.append(record_sales(recorder, prepared_shop, work)[0])

    report = replay_many(prepared_shop, logs, states)

    print(report)
    assert report.examples == []
    assert report.bad == 0
    assert report.states == recordings * states
    assert set(report.kinds) == set(Cut)
    assert report.silent > 0, "no cut fell between the commit and its confirmation"
    assert report.open_cards > 0, "no cut fell between the card terminal and the commit"


@pytest.mark.parametrize("behaviour", [Behaviour.NORMAL, Behaviour.OFF, Behaviour.EARLY])
def test_power_cuts_catch_a_till_that_confirms_too_soon(
    recorder: Path, prepared_shop: Path, tmp_path: Path, behaviour: Behaviour
) -> None:
    log, _ = record_sales(recorder, prepared_shop, tmp_path, behaviour=behaviour, sales=20)

    report = replay_many(prepared_shop, [log], 200, until="lost")

    assert report.faults.get("lost") == 1, report
