"""Training at the till: the same screens under a band, and real books that know nothing of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk import db
from kiosk.app import Kiosk
from kiosk.config import Config
from kiosk.errors import TillIsTraining
from kiosk.rules.permissions import Role
from kiosk.screens.menu import MenuScreen
from kiosk.screens.payment import PaymentScreen
from kiosk.screens.sale import SaleScreen
from kiosk.screens.sign_in import SignInScreen
from kiosk.screens.till import Till
from kiosk.screens.training import SwitchScreen
from kiosk.services import journal, staff, training
from kiosk.services.shop import TRAINING
from kiosk.services.verify import verify
from kiosk.spool import Spool
from tests.screens.counter import BREAD, COFFEE, MILK, basket_of, open_counter, sale_of, sales_of
from tests.screens.floor import NARROW, WIDE, Floor, Journey

BEGIN = ("f10", "t", "enter")
LEAVE = ("f10", "t", "enter")


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        yield made


@asynccontextmanager
async def at_the_till(
    floor: Floor, name: str = "Mona", size: tuple[int, int] = NARROW, spool: Any = None
) -> AsyncIterator[Journey]:
    """Somebody at the sale screen of a till that has a folder of its own."""
    till = Till(floor.services.shop, floor.desk, floor.people[name])
    app = Kiosk(
        till,
        config=replace(Config(), state=floor.folder),
        environ={"TERM": "xterm-256color"},
        spool=spool and spool(till),
    )
    async with app.run_test(size=size) as pilot:
        made = Journey(floor, app, pilot)
        await made.settle()
        yield made


def everything(floor: Floor) -> dict[str, list[str]]:
    """All rows of all tables but the journal's, as they are bound now."""
    tables = floor.of_services(lambda: sorted(db.database.get_tables()))
    return {table: sorted(map(str, floor.rows(f'SELECT * FROM "{table}"'))) for table in tables if table != "journal"}


async def train(at: Journey) -> None:
    """Begin to train."""
    await at.keys(*BEGIN)
    await at.until(lambda: isinstance(at.screen, SaleScreen))
    assert at.app.till.shop.training


async def leave(at: Journey) -> None:
    """Leave training by the menu."""
    await at.keys(*LEAVE)
    await at.until(lambda: isinstance(at.screen, SaleScreen))
    assert not at.app.till.shop.training


@pytest.mark.requirement("N22")
@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_what_is_sold_in_training_is_in_no_real_book(floor: Floor, size: tuple[int, int]) -> None:
    async with at_the_till(floor, size=size) as at:
        await at.scan(COFFEE)
        await at.keys("f12")
        before = everything(floor)
        assert "TRAINING" not in at.lines()[0]
        await at.keys("f10", "t")
        assert at.shows("Begin to train?", "papers say TRAINING")
        await at.keys("enter")
        await at.until(lambda: isinstance(at.screen, SaleScreen))
        assert at.lines()[0].startswith(" TRAINING  My shop · R1 · Mona")
        assert at.lines()[0].endswith("20/11/2026 13:00")
        assert sales_of(floor) == []
        await at.scan(BREAD)
        await at.scan(MILK)
        await at.keys("enter")
        assert isinstance(at.screen, PaymentScreen)
        assert at.lines()[0].startswith(" TRAINING  PAYMENT · 2 items")
        await at.keys("enter")
        assert sales_of(floor) == [(1, 579, 0)]
        await leave(at)
        assert "TRAINING" not in at.text_of_screen()
        assert everything(floor) == before
        assert sales_of(floor) == [(1, 695, 0)]
        await at.scan(BREAD)
        await at.keys("f12")
    assert sales_of(floor) == [(1, 695, 0), (2, 450, 0)]
    mona = floor.people["Mona"].id
    assert floor.journal("training.begun", "training.ended") == [
        ("training.begun", mona, None), ("training.ended", mona, None)
    ]  # fmt: skip
    assert floor.of_services(verify).ok
    assert list(floor.folder.glob(f"{TRAINING}*")) == []


@pytest.mark.requirement("N22")
async def test_esc_leaves_things_as_they_are(floor: Floor) -> None:
    async with at_the_till(floor) as at:
        await at.keys("f10", "t", "escape")
        assert isinstance(at.screen, MenuScreen)
        assert not at.app.till.shop.training
        await at.keys("escape")
        await train(at)
        await at.scan(BREAD)
        await at.keys("f10", "t")
        assert at.shows("Leave training? What was done here is thrown away.")
        await at.keys("escape", "escape")
        assert basket_of(at) == [("Bread", 1000, 450)]
        assert at.app.till.shop.training
        await leave(at)
        assert basket_of(at) == []


@pytest.mark.requirement("N22")
@pytest.mark.parametrize(
    "name", ["My shop", "Boulangerie-Épicerie du Parc et de la Gare", "[/b]\x1b[31m" + "x" * 5_000]
)
async def test_the_band_is_in_the_top_line_and_hides_nothing_below_it(floor: Floor, name: str) -> None:
    floor.of_services(lambda: floor.services.change(name=name))
    async with at_the_till(floor) as at:
        before = at.lines()
        await train(at)
        after = at.lines()
        assert after[1:] == before[1:]
        assert after[0].startswith(" TRAINING  ")
        assert after[0][-38:] == before[0][-38:] == "Scan keys  Print off  20/11/2026 13:00"
        assert after[0][-39] == " "
        assert [len(line) <= 80 for line in after] == [True] * 25


async def test_nobody_begins_to_train_over_an_open_sale(floor: Floor) -> None:
    async with at_the_till(floor) as at:
        await at.scan(COFFEE)
        await at.keys("f10", "t")
        assert at.said == "A sale is open. Finish it or void it first."
        assert isinstance(at.screen, MenuScreen)
        await at.keys("escape")
        assert basket_of(at) == [("Coffee 500 g", 1000, 695)]
    assert floor.journal("training.begun") == []


async def test_who_may_not_train_does_not_see_it(floor: Floor) -> None:
    floor.person("Theo T", Role.TECHNICIAN, pin="8888")
    async with at_the_till(floor, "Theo T") as at:
        await at.keys("f10")
        assert not at.shows("T Training")
        await at.keys("t")
        assert at.said == "Nothing in the menu has this key."


@pytest.mark.requirement("N22")
async def test_signing_out_leaves_the_training_and_asks_who_is_there(floor: Floor) -> None:
    async with at_the_till(floor) as at:
        await train(at)
        await at.scan(BREAD)
        await at.keys("f11")
        await at.until(lambda: isinstance(at.screen, SignInScreen))
        assert not at.app.till.shop.training
        assert "TRAINING" not in at.text_of_screen()
        await at.text("9999")
        await at.keys("enter")
        assert isinstance(at.screen, SaleScreen)
        assert basket_of(at) == []
        await at.scan(MILK)
        await at.keys("f12")
    assert sales_of(floor) == [(1, 129, 0)]
    assert list(floor.folder.glob(f"{TRAINING}*")) == []


@pytest.mark.requirement("N22")
@pytest.mark.parametrize("killed", [False, True])
async def test_a_till_that_is_started_again_is_not_in_training(floor: Floor, killed: bool) -> None:
    async with at_the_till(floor) as at:
        before = everything(floor)
        await train(at)
        await at.scan(BREAD)
        await at.keys("f12")
        made = at.app._training
        assert made is not None
        at.app._training = None if killed else made
    if killed:
        floor.of_services(db.take_up_again, made.bound)
        floor.do(training.settle, floor.folder)
    assert [row[0] for row in floor.journal("training.ended", "training.cut_short")] == [
        "training.cut_short" if killed else "training.ended"
    ]
    assert list(floor.folder.glob(f"{TRAINING}*")) == []
    async with at_the_till(floor) as at:
        assert "TRAINING" not in at.text_of_screen()
        assert basket_of(at) == []
        assert everything(floor) == before


@pytest.mark.requirement("D7-03", "N22")
async def test_wrong_pins_typed_in_training_make_one_wait_for_real(floor: Floor) -> None:
    floor.of_services(lambda: floor.services.change(lock_after_minutes=0))
    async with at_the_till(floor, "Ann") as at:
        floor.do(_let_train)
        await train(at)
        await at.keys("f10", "3", "1")
        await at.text("1")
        await at.text("0000")
        await at.keys("enter")
        await at.keys("escape", "escape", "escape")
        await at.keys("f11")
        await at.until(lambda: isinstance(at.screen, SignInScreen))
    assert floor.rows("SELECT failures FROM staff WHERE name = 'Mona'") == [(1,)]


def _let_train(shop: Any) -> None:
    from kiosk.rules.permissions import Action, State

    owner = staff.create(shop, staff.PersonForm(name="Olga", role=Role.OWNER), by=staff.ROOT).id
    staff.set_permission(shop, Role.CASHIER, Action.TRAIN, State.ALLOWED, by=owner)
    staff.set_permission(shop, Role.CASHIER, Action.OPEN_DRAWER, State.APPROVAL, by=owner)


async def test_keys_and_scans_while_the_books_change_are_for_neither(floor: Floor) -> None:
    async with at_the_till(floor) as at:
        await at.keys("f10", "t")
        held = threading.Event()
        floor.desk.do(held.wait, 20)
        at._send("enter")
        await at.pilot.pause()
        assert isinstance(at.screen, SwitchScreen)
        for key in ("1", "0", "1", "enter", "f12", "escape", "f10"):
            at._send(key)
        at.app.code_scanned(BREAD)
        await at.pilot.pause()
        assert isinstance(at.screen, SwitchScreen)
        assert at.shows("The training is being set up")
        held.set()
        await at.until(lambda: isinstance(at.screen, SaleScreen) and at.app.till.shop.training)
        assert (basket_of(at), sale_of(at).line.text, sales_of(floor)) == ([], "", [])
        await leave(at)
        assert (basket_of(at), sale_of(at).line.text) == ([], "")
    assert sales_of(floor) == []


@pytest.mark.requirement("N22")
@pytest.mark.parametrize("into", [True, False])
async def test_what_was_asked_for_in_one_kind_of_books_is_not_done_in_the_other(floor: Floor, into: bool) -> None:
    """The job waits on the desk while the books change before it."""
    async with at_the_till(floor) as at:
        till = at.app.till
        if not into:
            await train(at)
        held = threading.Event()
        floor.desk.do(held.wait, 20)
        floor.desk.do(lambda: setattr(till, "shop", replace(till.shop, training=into)))
        late = asyncio.create_task(till.ask(journal.note, till.by, "late.deed"))
        await at.pilot.pause()
        held.set()
        with pytest.raises(TillIsTraining):
            await late
        assert floor.journal("late.deed") == []
        till.shop = replace(till.shop, training=not into)


async def test_a_full_disk_is_said_and_the_till_sells_on(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    from kiosk.errors import DiskFull

    def full(*_args: object) -> None:
        raise DiskFull

    monkeypatch.setattr(training, "_pages", full)
    async with at_the_till(floor) as at:
        await at.keys(*BEGIN)
        await at.until(lambda: at.shows("The disk is full."))
        assert not at.app.till.shop.training
        await at.keys("enter")
        await at.scan(BREAD)
        await at.keys("f12")
    assert sales_of(floor) == [(1, 450, 0)]


async def test_the_terminal_is_left_alone_in_training(floor: Floor) -> None:
    async with at_the_till(floor) as at:
        await train(at)
        await at.scan(COFFEE)
        await at.keys("enter", "+")
        assert at.shows("Card terminal", "Training: leave the terminal alone.", "€6.95")
        await at.keys("enter")
        assert isinstance(at.screen, SaleScreen)


async def test_a_document_is_printed_in_the_books_that_it_was_queued_in(floor: Floor) -> None:
    """The worker ends what it prints before the books change, and marks it where it belongs."""
    from kiosk.devices.fake import FakePrinter

    printer = FakePrinter()

    def spool(till: Till) -> Any:
        return lambda said: Spool(till.desk, lambda: till.shop, lambda: printer, 42, said)

    async with at_the_till(floor, spool=spool) as at:
        await at.scan(COFFEE)
        await at.keys("f12")
        await train(at)
        await at.scan(BREAD)
        await at.keys("f12")
        await at.until(lambda: floor.rows("SELECT state, drawer FROM print_job") == [("printed", "no")])
        await leave(at)
        await at.until(lambda: floor.rows("SELECT state, drawer FROM print_job") == [("printed", "kicked")])
