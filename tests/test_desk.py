"""The desk does one job at a time, in order, on one thread, and never loses an answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from kiosk import desk as room
from kiosk.desk import Desk
from kiosk.errors import DiskFull, EmptySale, StorageFailed


@pytest.fixture
def seen() -> list[str]:
    return []


@pytest.fixture
def desk(seen: list[str]) -> Iterator[Desk]:
    made = Desk(
        opening=lambda: seen.append("open"), closing=lambda: seen.append("close"), idle=lambda: seen.append("idle")
    )
    made.start()
    yield made
    made.stop()


def test_jobs_are_done_in_order_on_one_thread(desk: Desk) -> None:
    done: list[int] = []
    threads: set[int] = set()

    def job(number: int) -> int:
        threads.add(threading.get_ident())
        done.append(number)
        return number * 2

    futures = [desk.do(job, number) for number in range(200)]
    assert [future.result(10) for future in futures] == [number * 2 for number in range(200)]
    assert done == list(range(200))
    assert len(threads) == 1
    assert threading.get_ident() not in threads


async def test_a_refusal_reaches_who_asked_and_the_desk_goes_on(desk: Desk) -> None:
    def refuse() -> None:
        raise EmptySale

    with pytest.raises(EmptySale):
        await desk.ask(refuse)
    assert await desk.ask(lambda: "next") == "next"


def test_what_is_queued_is_done_before_it_stops(seen: list[str]) -> None:
    desk = Desk(opening=lambda: seen.append("open"), closing=lambda: seen.append("close"), idle=lambda: None)
    desk.start()
    for number in range(5):
        desk.do(seen.append, str(number))
    desk.stop()
    assert seen == ["open", "0", "1", "2", "3", "4", "close"]
    desk.stop()


def test_what_the_opening_refuses_is_told_to_who_starts(seen: list[str]) -> None:
    def fail() -> None:
        raise EmptySale

    desk = Desk(opening=fail, closing=lambda: seen.append("close"), idle=lambda: None)
    with pytest.raises(EmptySale):
        desk.start()
    assert seen == []


def test_a_quiet_desk_tidies_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "IDLE_SECONDS", 0.01)
    idled = threading.Semaphore(0)
    desk = Desk(opening=lambda: None, closing=lambda: None, idle=idled.release)
    desk.start()
    desk.do(int)
    assert idled.acquire(timeout=5)
    assert not idled.acquire(timeout=0.1), "only once after each quiet spell"
    desk.do(int).result(5)
    assert idled.acquire(timeout=5)
    desk.stop()


@pytest.mark.parametrize(
    ("error", "answer"), [(DiskFull(), 7), (StorageFailed(reason="disk I/O error"), StorageFailed)]
)
def test_a_desk_that_cannot_tidy_up_goes_on_if_that_may_pass_and_tells_everybody_if_not(
    monkeypatch: pytest.MonkeyPatch, error: Exception, answer: object
) -> None:
    def fail() -> None:
        idled.release()
        raise error

    monkeypatch.setattr(room, "IDLE_SECONDS", 0.01)
    idled = threading.Semaphore(0)
    desk = Desk(opening=lambda: None, closing=lambda: None, idle=fail)
    desk.start()
    assert idled.acquire(timeout=10)
    for _time in range(2):
        future = desk.do(lambda: 7)
        found = future.exception(10)
        assert (type(found) if found else future.result()) == answer
    desk.stop()
