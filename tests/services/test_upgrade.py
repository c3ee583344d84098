"""A shop of yesterday is brought up to date with all that is in its books, and sells on (docs/decisions/0001)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import db
from kiosk.clock import Clock
from kiosk.money import Money, Percent
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY, Item, TaxRate, Unit
from kiosk.rules.drawer import Count
from kiosk.rules.tender import Given, Tender, TenderKind, settle
from kiosk.services import ledger, sale_rows, sales, shift_rows, shifts
from kiosk.services.ids import new_id
from kiosk.services.keys import Keys
from kiosk.services.shop import Shop, load_shop, new_key
from kiosk.services.verify import verify
from tests.services.conftest import FixedTime
from tests.support.postgres import TILL, Server

BREAD = Item("", "1", "Bread", Unit.PIECE, Money(350), TaxRate("A", Percent(2000)))
CASH = Tender("cash", "Cash", TenderKind.CASH, opens_drawer=True, gives_change=True)
OLGA = "01olga"


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A database with the schema of the first migration alone: as its owner opens it, and as the till does."""
    if request.param == "sqlite":
        url = str(tmp_path / "kiosk.db")
        _first_migration(url)
        yield url, url
        db.disconnect()
        return
    server: Server = request.getfixturevalue("postgres_server")
    made = server.create()
    _first_migration(made.owner)
    yield made.owner, made.till
    db.disconnect()
    server.drop(made)


def _first_migration(url: str) -> None:
    from playhouse.migrations import Runner

    db.connect(url)
    folder = Path(db.__file__).parent / "migrations"
    assert Runner(db.database.obj, directory=str(folder)).up("0001_start") == ["0001_start"]
    db.grant_to(TILL)
    db.disconnect()


def _sold_yesterday(shop: Shop, number: int) -> str:
    """One sale as the kiosk before this one wrote it: of no shift."""
    priced = sales.price(shop, rules.add(EMPTY, BREAD))
    settlement = settle(priced.total, (Given(CASH, Money(500)),), cash_step=shop.settings.step)
    sale, entry = new_id(), new_id()
    with db.transaction():
        seq, own_hash, receipt = db.row("SELECT seq, head, receipt FROM lane WHERE id = ?", (shop.lane,)) or (0, "", 0)
        rows = sale_rows.make(
            shop, priced, settlement, sale=sale, entry=entry, number=number, by=OLGA, business_date="2026-11-19"
        )
        sale_rows.write(rows)
        ledger.post(
            shop,
            ledger.Head(seq, own_hash, receipt, business_date="2026-11-19"),
            "sale",
            [
                ledger.money_line(shop, "drawer", shop.lane, Money(350)),
                ledger.money_line(shop, "sales", "A/2000", Money(-292)),
                ledger.money_line(shop, "tax", "A/2000", Money(-58)),
            ],
            key=new_key(),
            by=OLGA,
            entry=entry,
            sale=sale,
            digest=ledger.digest(rows.document()),
        )
    return sale


@pytest.mark.requirement("N3", "D6-05")
def test_a_shop_of_yesterday_keeps_its_books_and_sells_on(old: tuple[str, str], time: FixedTime) -> None:
    owner, till = old
    keys, clock = Keys.in_memory(), Clock(read=time)
    db.connect(till)
    with db.transaction():
        db.run("INSERT INTO staff (id, name, role, changed_at) VALUES (?, ?, ?, ?)", (OLGA, "Olga", "owner", 0))
        db.run(
            "INSERT INTO tender (code, name, kind, position, opens_drawer, gives_change) VALUES (?, ?, ?, ?, ?, ?)",
            ("cash", "Cash", "cash", 1, 1, 1),
        )
    shop = load_shop("R1", 1, keys, clock=clock)
    sold = [_sold_yesterday(shop, number) for number in (1, 2)]
    before = [db.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in ("entry", "posting", "sale", "sale_line")]
    db.disconnect()

    db.connect(owner)
    assert db.migrate() == ["0002_day", "0003_customers"]
    db.grant_to(TILL)
    db.disconnect()

    db.connect(till)
    shop = load_shop("R1", 1, keys, clock=clock)
    after = [db.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in ("entry", "posting", "sale", "sale_line")]
    assert after == before
    report = verify()
    assert (report.ok, report.entries, report.sales) == (True, 2, 2)
    assert (shift_rows.current(shop), shift_rows.drawer_balance(shop)) == (None, Money(700))

    shift = shifts.open_shift(shop, Count(Money(690)), key=new_key(), by=OLGA)
    assert (shift.number, shift.first_seq, shift.expected) == (1, 3, Money(700))
    cash = next(tender for tender in sales.tenders(shop) if tender.code == "cash")
    made = sales.close_sale(shop, rules.add(EMPTY, BREAD), (Given(cash, Money(350)),), key=new_key(), by=OLGA)
    assert (made.number, made.seq) == (3, 4)
    closed = shifts.close_shift(shop, Count(Money(1040)), key=new_key(), by=OLGA)
    z = shifts.report(shop, closed.report)
    assert (z.gross, z.sales.count, z.first_receipt, z.opening, z.proof_ok) == (Money(350), 1, 3, Money(690), True)
    assert verify().ok
    assert sale_rows.read(sold[0]) is not None
