"""Merge, un-merge and erase in any order: no sale, point or card changes its owner wrongly (N11, N24)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from kiosk import db
from kiosk.services import customer_merge
from kiosk.services.shop import Shop
from tests.services.any_customer import AnyCustomer
from tests.services.test_any_day import SHORT


def lives_of(make: Callable[[], str]) -> type[AnyCustomer]:
    return type("Life", (AnyCustomer,), {"make": staticmethod(make)})


@pytest.mark.requirement("N11", "N24", "T-22")
@pytest.mark.parametrize("lives", [30, pytest.param(1000, marks=pytest.mark.torture)])
def test_any_life_of_customers_leaves_everybody_what_is_his(fresh: Callable[[], str], lives: int) -> None:
    run_state_machine_as_test(lives_of(fresh), settings=settings(SHORT, max_examples=lives))


@pytest.mark.requirement("N11", "N24", "T-22")
def test_any_life_of_customers_on_postgresql(fresh_on_postgres: Callable[[], str]) -> None:
    run_state_machine_as_test(lives_of(fresh_on_postgres), settings=settings(SHORT, max_examples=4))


@pytest.mark.requirement("N24")
def test_a_merge_that_moves_what_belongs_to_somebody_is_found_out(
    fresh: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As other tills do it, so that the test above proves something."""
    link = customer_merge._point

    def rewriting(shop: Shop, customer: str, into: str | None) -> None:
        link(shop, customer, into)
        if into is not None:
            db.run("UPDATE card SET customer = ? WHERE customer = ?", (into, customer))

    monkeypatch.setattr(customer_merge, "_point", rewriting)
    found_out = settings(SHORT, max_examples=300, phases=[Phase.generate], report_multiple_bugs=False)
    with pytest.raises(AssertionError, match=r"rewritten|cards|points"):
        run_state_machine_as_test(lives_of(fresh), settings=found_out)
