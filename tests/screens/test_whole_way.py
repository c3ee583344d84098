"""From a key of the scanner to the ledger, to paper, and back from the paper to the screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("evdev", reason="evdev is not installed (extra: hardware)")

from kiosk.app import Kiosk
from kiosk.devices.fake import FakePrinter
from kiosk.devices.gate import GateScanner, ask
from kiosk.screens.history import HistoryScreen
from kiosk.screens.till import Till
from kiosk.services.verify import verify
from kiosk.spool import OnPrinter, Spool
from tests.devices.escpos_decoder import Bars, decode, text_of
from tests.devices.rig import Rig
from tests.screens.counter import BREAD, COFFEE, MILK, basket_of, open_counter, sales_of
from tests.screens.floor import NARROW, Floor, Journey


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        yield made


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.close()


def equipped(floor: Floor, rig: Rig, printer: FakePrinter, gate: Path | None = None) -> Kiosk:
    """The till with a scanner of its own, a printer, and the gate of commands."""
    till = Till(floor.services.shop, floor.desk, floor.people["Ann"])
    doors = () if gate is None else (GateScanner(gate, lambda _errand: {"ok": False}),)

    def spool(said: OnPrinter) -> Spool:
        return Spool(floor.desk, lambda: till.shop, lambda: printer, 42, said)

    return Kiosk(till, environ={"TERM": "xterm-256color"}, scanners=lambda: (rig.scanner, *doors), spool=spool)


@pytest.mark.requirement("D1-01", "N16")
async def test_twenty_codes_back_to_back_through_the_grabbed_scanner_are_twenty_lines_in_order(
    floor: Floor, rig: Rig
) -> None:
    codes = [(BREAD, "Bread"), (MILK, "Milk 1 l"), (COFFEE, "Coffee 500 g"), (MILK, "Milk 1 l")] * 5
    app = equipped(floor, rig, FakePrinter())
    async with app.run_test(size=NARROW) as pilot:
        at = Journey(floor, app, pilot)
        await at.settle()
        for code, _text in codes:
            rig.type(code)
        await at.until(lambda: len(basket_of(at)) >= len(codes))
        assert [text for text, _thousandths, _minor in basket_of(at)] == [text for _code, text in codes]


@pytest.mark.requirement("D2-03", "D5-05", "D1-01")
async def test_a_scan_becomes_a_sale_a_receipt_and_the_receipts_barcode_opens_it_again(floor: Floor, rig: Rig) -> None:
    printer = FakePrinter()
    app = equipped(floor, rig, printer)
    async with app.run_test(size=NARROW) as pilot:
        at = Journey(floor, app, pilot)
        await at.settle()
        rig.type(BREAD)
        await at.until(lambda: len(basket_of(at)) == 1)
        await at.keys("2", "0", "f12")
        await at.until(lambda: bool(printer.documents))
        data = printer.bytes_of()
        printed = text_of(data)
        assert [line.split() for line in printed if "Bread" in line] == [["Bread", "4.50"]]
        assert any(line.split() == ["Change", "15.50"] for line in printed)
        assert printer.drawer_kicks == 1
        (barcode,) = [item for item in decode(data) if isinstance(item, Bars)]
        rig.type(barcode.data)
        await at.until(lambda: isinstance(at.screen, HistoryScreen))
        await at.until(lambda: at.shows("Bread", "4.50", "15.50"))
        entry = floor.rows("SELECT seq, hash FROM entry")[0]
        assert any(str(entry[1])[:8] in line for line in printed), "the paper is a witness of the chain"
    assert sales_of(floor) == [(1, 450, 0)]
    assert floor.of_services(verify).ok


async def test_a_command_scans_into_the_running_till(floor: Floor, rig: Rig, tmp_path: Path) -> None:
    import asyncio

    gate = tmp_path / "run" / "till.sock"
    gate.parent.mkdir(mode=0o700)
    app = equipped(floor, rig, FakePrinter(), gate)
    async with app.run_test(size=NARROW) as pilot:
        at = Journey(floor, app, pilot)
        await at.until(gate.exists)
        answer = await asyncio.to_thread(ask, gate, {"do": "scan", "code": MILK}, 5.0)
        assert answer["ok"] is True
        await at.until(lambda: basket_of(at) == [("Milk 1 l", 1000, 129)])
        assert gate.stat().st_mode & 0o077 == 0
