"""SIGKILL at random moments of checkouts (Must show 4)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture.series import kill_many
from tests.torture.till import Behaviour


@pytest.mark.parametrize("kills", [40, pytest.param(1000, marks=pytest.mark.torture)])
def test_no_kill_loses_or_doubles_a_sale(prepared_shop: Path, tmp_path: Path, kills: int) -> None:
    tally = kill_many(prepared_shop, tmp_path, kills)

    print(tally)
    assert tally.faults == []
    assert tally.kills == kills
    assert tally.acknowledged > kills
    assert tally.silent + tally.undone > kills // 20, "kills that hit no checkout prove nothing"
    assert tally.cards > kills // 4
    assert tally.given_back > kills // 20
    assert tally.open_undos >= kills // 100, "no kill fell into a void or a return"
    assert tally.open_cards >= kills // 100, "no kill fell between the terminal and the commit"


@pytest.mark.parametrize(
    ("behaviour", "fault"),
    [(Behaviour.EARLY, "lost"), (Behaviour.NEW_KEY, "doubled"), (Behaviour.CHARGE_FIRST, "forgotten")],
    ids=str,
)
def test_kills_catch_a_broken_till(prepared_shop: Path, tmp_path: Path, behaviour: Behaviour, fault: str) -> None:
    tally = kill_many(prepared_shop, tmp_path, 400, behaviour=behaviour, until=fault)

    assert any(found.startswith(fault) for found in tally.faults), tally
