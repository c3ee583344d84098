"""Any sequence of deeds keeps the proof, and gives back no more than was paid (issue of the day, I12, N4)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from kiosk import db
from kiosk.money import Money, Quantity
from kiosk.rules.refund import Paid
from kiosk.services import return_rows
from tests.services.any_day import AnyDay

SHORT = settings(
    max_examples=50,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
"""Not made smaller when it fails: that takes minutes; the steps that failed are told."""


def days_of(make: Callable[[], str], *parents: type[AnyDay]) -> type[AnyDay]:
    return type("Day", parents or (AnyDay,), {"make": staticmethod(make)})


@pytest.mark.requirement("I12", "N4", "N1", "D5-01", "D5-03", "D5-04", "D6-03")
@pytest.mark.parametrize("days", [50, pytest.param(2000, marks=pytest.mark.torture)])
def test_any_sequence_of_deeds_keeps_the_proof(fresh: Callable[[], str], days: int) -> None:
    run_state_machine_as_test(days_of(fresh), settings=settings(SHORT, max_examples=days))


@pytest.mark.requirement("I12", "N4")
def test_any_sequence_of_deeds_keeps_the_proof_on_postgresql(fresh_on_postgres: Callable[[], str]) -> None:
    run_state_machine_as_test(days_of(fresh_on_postgres), settings=settings(SHORT, max_examples=6))


class Unguarded(AnyDay):
    """A till without the triggers that hold I12."""

    def opened(self) -> None:
        attacker = sqlite3.connect(db.database.database)
        for name in ("return_guard", "refund_guard"):
            attacker.execute(f"DROP TRIGGER {name}")
        attacker.commit()
        attacker.close()


@pytest.mark.requirement("I12")
def test_a_till_that_forgets_what_came_back_is_found_out(
    fresh: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guards gone and the check too, so that the test above proves something."""
    original = return_rows.original

    def forgetful(sale: str) -> return_rows.Original:
        sold = original(sale)
        nothing = {"returned": Quantity(0), "given_back": Money(0)}
        lines = {place: replace(one, left=replace(one.left, **nothing)) for place, one in sold.lines.items()}
        return replace(sold, lines=lines)

    monkeypatch.setattr(return_rows, "original", forgetful)
    found_out = settings(SHORT, max_examples=300, phases=[Phase.generate], report_multiple_bugs=False)
    with pytest.raises(AssertionError, match=r"came back|returned|refunded"):
        run_state_machine_as_test(days_of(fresh, Unguarded), settings=found_out)


@pytest.mark.requirement("I12")
def test_a_till_that_lets_a_tender_give_back_anything_is_found_out(
    fresh: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Paid, "left", property(lambda paid: Money(10**9)))
    found_out = settings(SHORT, max_examples=300, phases=[Phase.generate], report_multiple_bugs=False)
    with pytest.raises(AssertionError, match=r"gave back more than it took|refunded"):
        run_state_machine_as_test(days_of(fresh, Unguarded), settings=found_out)
