"""Ids sort by time and never meet."""

from __future__ import annotations

import time
import uuid

import pytest

from kiosk.services.ids import new_id

DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def number(made: str) -> int:
    value = 0
    for sign in made:
        value = value << 5 | DIGITS.index(sign)
    return value


def test_an_id_is_a_uuid_of_version_seven_with_the_time_in_front() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid.UUID(int=number(new_id()))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert 0 <= (made.int >> 80) - before < 2_000


def test_ids_count_up_and_never_meet() -> None:
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {len(one) for one in made} == {26}


def test_a_clock_set_back_does_not_turn_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    first = new_id()
    monkeypatch.setattr(time, "time_ns", lambda: 1)
    assert first < new_id() < new_id()
