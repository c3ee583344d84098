"""The print worker: what is queued comes out, once, and the drawer opens once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from kiosk import db
from kiosk.clock import Clock
from kiosk.desk import Desk
from kiosk.devices import Command, PrinterTrouble
from kiosk.money import Money, Percent
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY, Item, TaxRate, Unit
from kiosk.rules.drawer import Count
from kiosk.services import printing, shifts
from kiosk.services.keys import Keys
from kiosk.services.shop import Shop, load_shop, new_key
from kiosk.spool import Spool
from tests.services.conftest import FixedTime
from tests.services.journey import Till

BREAD = Item("", "1", "Bread", Unit.PIECE, Money(350), TaxRate("A", Percent(2000)))


class Paper:
    """A printer that fails as often as it is told to."""

    def __init__(self, *troubles: PrinterTrouble) -> None:
        self.troubles = list(troubles)
        self.documents: list[str] = []
        self.kicks = 0
        self.tries = 0

    def send(self, commands: Sequence[Command], *, open_drawer: bool = False) -> None:
        if open_drawer:
            self.kicks += 1
            return
        self.tries += 1
        if self.troubles:
            raise self.troubles.pop(0)
        self.documents.append("\n".join(command[1] for command in commands if command[0] == "text"))

    def close(self) -> None:
        pass


class SlowPaper(Paper):
    """A printer that is in the middle of a document until it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self.printing, self.go_on = threading.Event(), threading.Event()

    def send(self, commands: Sequence[Command], *, open_drawer: bool = False) -> None:
        if not open_drawer:
            self.printing.set()
            assert self.go_on.wait(10)
        super().send(commands, open_drawer=open_drawer)


class Works:
    """A desk and a spool over a real database file."""

    def __init__(self, folder: Path, paper: Paper) -> None:
        self.paper = paper
        self.states: list[tuple[str, int]] = []
        self.changed = threading.Condition()
        self.shop: Shop
        self.till: Till
        self.desk = Desk(opening=lambda: self._open(folder), closing=db.disconnect, idle=db.checkpoint)
        self.desk.start()
        self.spool = Spool(self.desk, lambda: self.shop, lambda: paper, 42, self._say)

    def _open(self, folder: Path) -> None:
        db.connect(str(folder / "kiosk.db"))
        db.migrate()
        self.shop = load_shop("R1", 1, Keys.in_memory(), clock=Clock(read=FixedTime()))
        self.till = Till(self.shop)

    def _say(self, state: str, waiting: int) -> None:
        with self.changed:
            self.states.append((state, waiting))
            self.changed.notify_all()

    def sell(self) -> None:
        self.desk.do(self.till.sell, rules.add(EMPTY, BREAD), self.desk.do(self.till.cash, 350).result(5)).result(5)
        self.spool.wake()

    def wait_for(self, met: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(met, timeout=10), self.states

    def waiting(self) -> int:
        return self.desk.do(printing.waiting, self.shop).result(5)


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Paper], Works]]:
    monkeypatch.setattr("kiosk.spool._PAUSES", (0.01,))
    made: list[Works] = []

    def begin(paper: Paper) -> Works:
        made.append(Works(tmp_path, paper))
        made[-1].spool.start()
        return made[-1]

    yield begin
    for works in made:
        works.spool.stop()
        works.desk.stop()


def test_a_receipt_comes_out_and_the_drawer_opens(start: Callable[[Paper], Works]) -> None:
    works = start(Paper())
    works.sell()
    works.wait_for(lambda: bool(works.paper.documents))
    works.wait_for(lambda: ("ok", 0) in works.states)
    assert "Bread" in works.paper.documents[0]
    assert (works.paper.kicks, works.waiting()) == (1, 0)


@pytest.mark.requirement("D6-02")
def test_an_empty_roll_loses_nothing_and_the_drawer_still_opens_once(start: Callable[[Paper], Works]) -> None:
    works = start(Paper(*(PrinterTrouble("no-paper") for _ in range(3))))
    works.sell()
    works.wait_for(lambda: bool(works.paper.documents))
    works.wait_for(lambda: works.states[-1] == ("ok", 0))
    assert ("no-paper", 1) in works.states
    assert (works.paper.tries, works.paper.kicks, len(works.paper.documents)) == (4, 1, 1)
    assert "COPY" not in works.paper.documents[0]


def test_what_may_have_come_out_in_part_comes_again_marked(start: Callable[[Paper], Works]) -> None:
    works = start(Paper(PrinterTrouble("unplugged", partial=True)))
    works.sell()
    works.wait_for(lambda: bool(works.paper.documents))
    assert "COPY 1" in works.paper.documents[0]


def test_a_document_that_no_printer_prints_does_not_hold_up_the_next(start: Callable[[Paper], Works]) -> None:
    works = start(Paper(PrinterTrouble("bad-document")))
    works.sell()
    works.sell()
    works.wait_for(lambda: bool(works.paper.documents))
    works.wait_for(lambda: works.states[-1] == ("ok", 0))
    assert (len(works.paper.documents), works.waiting()) == (1, 0)


@pytest.mark.requirement("D6-02")
def test_a_printer_fault_loses_no_z_and_undoes_no_close(start: Callable[[Paper], Works]) -> None:
    """The till is stopped over it, and starts again; the Z comes out whole, once, and unmarked."""
    works = start(Paper(*(PrinterTrouble("no-paper") for _ in range(1000))))
    works.sell()
    closed = works.desk.do(shifts.close_shift, works.shop, Count(Money(350)), key=new_key(), by=works.till.ann).result(
        5
    )
    works.spool.wake()
    works.wait_for(lambda: works.states[-1:] == [("no-paper", 2)])
    assert works.paper.documents == []
    works.spool.stop()

    works.paper.troubles.clear()
    again = Spool(works.desk, lambda: works.shop, lambda: works.paper, 42, works._say)
    again.start()
    works.wait_for(lambda: works.states[-1] == ("ok", 0))
    again.stop()

    receipt, z = works.paper.documents
    assert "Bread" in receipt
    assert f"{closed.seq}" in z
    assert closed.hash[:8] in z
    assert ("COPY" in z, works.paper.kicks, works.waiting()) == (False, 1, 0)


@pytest.mark.requirement("D6-02")
def test_a_z_that_came_out_in_part_comes_again_marked(start: Callable[[Paper], Works]) -> None:
    works = start(Paper(PrinterTrouble("unplugged", partial=True)))
    works.desk.do(shifts.open_shift, works.shop, Count(Money(0)), key=new_key(), by=works.till.ann).result(5)
    works.desk.do(shifts.close_shift, works.shop, Count(Money(0)), key=new_key(), by=works.till.ann).result(5)
    works.spool.wake()
    works.wait_for(lambda: bool(works.paper.documents))
    assert "COPY 1" in works.paper.documents[0]


def test_what_waited_when_the_till_stopped_waits_after_the_start(tmp_path: Path) -> None:
    first = Works(tmp_path, Paper())
    first.sell()
    assert first.waiting() == 1
    first.desk.stop()
    db.connect(str(tmp_path / "kiosk.db"))
    shop = load_shop("R1", 1, Keys.in_memory())
    job = printing.next_job(shop)
    assert job is not None
    assert job.kick_drawer
    db.disconnect()


@pytest.mark.requirement("N22")
def test_a_pause_waits_for_the_document_and_nothing_is_printed_until_it_is_over(
    start: Callable[[Paper], Works],
) -> None:
    paper = SlowPaper()
    works = start(paper)
    works.sell()
    assert paper.printing.wait(10)
    paused = threading.Event()
    pausing = threading.Thread(target=lambda: (works.spool.pause(), paused.set()))
    pausing.start()
    assert not paused.wait(0.1)
    paper.go_on.set()
    assert paused.wait(10)
    pausing.join()
    assert works.desk.do(db.rows, "SELECT state FROM print_job").result(5) == [("printed",)]
    paper.printing.clear()
    works.sell()
    works.sell()
    assert not paper.printing.wait(0.2)
    assert works.waiting() == 2
    works.spool.resume()
    works.wait_for(lambda: len(works.paper.documents) == 3 and works.states[-1] == ("ok", 0))


def test_a_spool_that_is_paused_ends_at_once(start: Callable[[Paper], Works]) -> None:
    works = start(Paper())
    works.spool.pause()
    works.sell()
    works.spool.stop()
    assert not works.spool._thread.is_alive()
    assert works.paper.documents == []
