"""What a checkout may write (PLATFORM.md 5, DESIGN.md 7), counted in the recorder's log."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.counting import TEN_LINES, Costs, costs
from tests.torture.series import record_sales

SALES = 100


@pytest.fixture(scope="module")
def counted(recorder: Path, prepared_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Costs:
    work = tmp_path_factory.mktemp("budget")
    _, operations = record_sales(
        recorder, prepared_shop, work, sales=SALES, sessions=1, first=TEN_LINES, step=9, undoes=0
    )
    return costs(operations)


def test_a_checkout_is_one_durable_commit(counted: Costs) -> None:
    # The first of a session, the first after a checkpoint and the one that
    # makes this month's signing key cost the disk more; PLATFORM.md's budget has them.
    syncs = [cost.syncs for cost in counted.checkouts.values()]

    assert syncs[1] == 1
    assert min(syncs) == 1
    assert syncs.count(1) >= SALES * 0.9


def test_a_checkout_keeps_to_its_budget(counted: Costs) -> None:
    syncs, written_bytes = counted.per_checkout

    print(f"{syncs:.2f} syncs and {written_bytes / 1000:.1f} kB a checkout, checkpoints included; {counted.drafts=}")
    assert len(counted.checkouts) == SALES
    assert syncs <= 1.4
    assert written_bytes <= 32_000
