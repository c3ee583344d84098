"""Training: everything as ever, on books of its own, and nothing of it is real but a wrong PIN."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from kiosk import db
from kiosk.errors import (
    Denied,
    DiskFull,
    Locked,
    NotFound,
    PendingPayment,
    SaleIsOpen,
    ShopError,
    TillIsTraining,
    WrongPin,
)
from kiosk.money import ONE, Money
from kiosk.receipts.paper import Code, Document, as_text
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY, Basket, Item
from kiosk.rules.drawer import Count, Purpose
from kiosk.rules.permissions import Action, Role, State
from kiosk.rules.tender import Given
from kiosk.services import (
    cash,
    catalogue,
    catalogue_search,
    drafts,
    drawer,
    errands,
    history,
    journal,
    payments,
    pins,
    printing,
    returns,
    sales,
    shifts,
    signing,
    staff,
    training,
)
from kiosk.services.drafts import Draft
from kiosk.services.shop import TRAINING, Shop, change_settings, current, new_key
from kiosk.services.staff import ROOT, PersonForm
from kiosk.services.training import COPIED, FRESH, Training
from kiosk.services.verify import verify
from tests.services.journey import Till

RIGHT, WRONG = "4711", "4712"


@pytest.fixture(autouse=True)
def uptime(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time since boot, standing still until it is told to move on."""
    now = [1000.0]
    monkeypatch.setattr(pins, "waits", pins.Waits(lambda: now[0]))
    return now


@pytest.fixture
def bread(till: Till) -> Item:
    return till.article("Bread", 450, number="101", barcodes=("4006381333931",))


@pytest.fixture
def boss(till: Till) -> str:
    return staff.create(till.shop, PersonForm("Boss", Role.MANAGER), by=ROOT, pin=RIGHT).id


@pytest.fixture
def trained(till: Till, bread: Item, tmp_path: Path) -> Iterator[Training]:
    """A till that has sold something and is in training now."""
    del bread
    till.sell(a_basket(till.article("Milk", 129)), till.cash(200))
    made = begin(till.shop, tmp_path, by=till.ann)
    yield made
    if db.database.obj is not made.bound:
        db.take_up_again(made.bound)


def a_basket(*items: Item) -> Basket:
    made = EMPTY
    for one in items:
        made = rules.add(made, one)
    return made


def everything() -> dict[str, Any]:
    """All rows of all tables."""
    return {table: sorted(map(str, db.rows(f'SELECT * FROM "{table}"'))) for table in db.database.get_tables()}


def a_day(shop: Shop, item: Item, paid: Given) -> None:
    """A sale and its copy, the drawer, cash out, a return onto a credit note, an X and a Z."""
    owner = staff.create(shop, PersonForm("Otto", Role.OWNER), by=ROOT).id
    sold = sales.close_sale(shop, a_basket(item), (paid,), key=new_key(), by=owner)
    history.reprint(shop, sold.sale, by=owner)
    drawer.open_without_sale(shop, by=owner, reason="Change a note", key=new_key())
    cash.pay_out(shop, Money(100), Purpose.OTHER, reason="Milk", slip=True, key=new_key(), by=owner)
    back = returns.take_back(shop, EMPTY, sold.sale, {1: ONE}, reason="Faulty")
    plan = returns.plan(shop, back, to_voucher=True)
    given = tuple(Given(one.tender, -one.amount, original=one.original) for one in plan)
    sales.close_sale(shop, back, given, key=new_key(), by=owner)
    shifts.read_x(shop, key=new_key(), by=owner)
    shifts.close_shift(shop, Count(Money(350)), key=new_key(), by=owner)


def begin(shop: Shop, folder: Path, *, by: str) -> Training:
    """As the till does it: the books are made on a thread of their own."""
    training.prepare(shop, folder, by=by)
    with ThreadPoolExecutor(1) as other:
        other.submit(training.make, folder).result()
    return training.begin(shop, folder, by=by)


def refusal(of: object) -> ShopError:
    with pytest.raises(ShopError) as refused:
        of()  # type: ignore[operator]
    return refused.value


def failures(person: str) -> int:
    return int((db.row("SELECT failures FROM staff WHERE id = ?", (person,)) or (-1,))[0])


@pytest.mark.requirement("N22")
def test_training_knows_the_shop_and_none_of_its_books(till: Till, bread: Item, boss: str, tmp_path: Path) -> None:
    till.change(name="Corner shop", cash_step=5)
    owner = _owner(till)
    staff.set_permission(till.shop, Role.CASHIER, Action.RETURN, State.DENIED, by=owner)
    till.shop = current(till.shop)
    till.sell(a_basket(bread), till.cash(450))
    drafts.save(till.shop, boss, _draft(a_basket(bread)))
    before = {table: db.rows(f'SELECT COUNT(*) FROM "{table}"')[0][0] for table in COPIED}
    tenders, permissions = sales.tenders(till.shop), staff.permission_table(till.shop, by=owner)
    made = begin(till.shop, tmp_path, by=till.ann)
    try:
        shop = made.shop
        assert (shop.training, shop.lane, shop.settings) == (True, "R1", till.shop.settings)
        assert shop.settings_version == till.shop.settings_version
        assert not db.on_postgres()
        assert {table: db.rows(f'SELECT COUNT(*) FROM "{table}"')[0][0] for table in COPIED} == before
        assert [table for table in FRESH if db.rows(f'SELECT 1 FROM "{table}"')] == []
        assert db.row("SELECT seq, head, receipt, shift, shifts, number FROM lane") == (0, "", 0, None, 0, 1)
        assert sales.tenders(shop) == tenders
        assert staff.permission_table(shop, by=owner) == permissions
        assert catalogue.find(shop, "4006381333931") == bread
        assert [hit.item for hit in catalogue_search.search(shop, "bre")] == [bread]
        assert staff.sign_in(shop, boss, RIGHT).name == "Boss"
        assert sales.close_sale(shop, a_basket(bread), (till.cash(450),), key=new_key(), by=till.ann).number == 1
    finally:
        assert training.end(made, by=till.ann) == till.shop


def test_every_table_is_either_taken_over_or_begins_empty(shop: Shop) -> None:
    tables = set(db.database.get_tables()) - {"schema_migration"}
    assert set(COPIED) | FRESH == tables
    assert not set(COPIED) & FRESH


@pytest.mark.requirement("N22")
def test_nothing_that_is_done_in_training_reaches_the_real_books(till: Till, bread: Item, tmp_path: Path) -> None:
    till.sell(a_basket(bread), till.cash(500))
    before = everything()
    made = begin(till.shop, tmp_path, by=till.ann)
    shop = made.shop
    a_day(shop, bread, till.cash(450))
    for _ in range(60):
        sales.close_sale(shop, a_basket(bread), (till.cash(450),), key=new_key(), by=till.ann)
    asked = payments.begin_pending(shop, new_key(), "card", Money(450), by=till.ann)
    drafts.save(shop, till.ann, _draft(a_basket(bread), key=asked.key))
    journal.note(shop, till.ann, "age.passed")
    assert verify(root=signing.first_public(shop)).signatures > 0
    assert training.end(made, by=till.ann) == till.shop
    after = everything()
    assert [table for table in after if after[table] != before[table]] == ["journal"]
    assert [one.action for one in journal.notes(till.shop, limit=2)] == ["training.ended", "training.begun"]
    assert verify(root=signing.first_public(till.shop)).ok
    assert list(tmp_path.glob(f"{TRAINING}*")) == []


@pytest.mark.requirement("N22")
def test_the_signing_keys_of_the_shop_are_not_used_in_training(till: Till, bread: Item, tmp_path: Path) -> None:
    for _ in range(50):
        till.sell(a_basket(bread), till.cash(450))
    before = till.shop.keys.signing()
    made = begin(till.shop, tmp_path, by=till.ann)
    for _ in range(51):
        sales.close_sale(made.shop, a_basket(bread), (till.cash(450),), key=new_key(), by=till.ann)
    assert signing.first_public(made.shop) != before["root"]
    training.end(made, by=till.ann)
    assert till.shop.keys.signing() == before
    for _ in range(50):
        till.sell(a_basket(bread), till.cash(450))
    report = verify(root=signing.first_public(till.shop))
    assert (report.ok, report.signatures) == (True, 2)


@pytest.mark.requirement("N22")
def test_training_paper_says_so_twice_has_no_barcode_and_the_drawer_stays_shut(trained: Training, till: Till) -> None:
    shop = trained.shop
    bread = catalogue.find(shop, "101")
    assert bread is not None
    a_day(shop, bread, till.cash(450))
    papers: list[tuple[str, Document]] = []
    while (job := printing.next_job(shop)) is not None:
        assert not job.kick_drawer
        papers += [(job.kind, job.document)] if job.document else []
        printing.printed(shop, job.id)
    assert sorted(kind for kind, _paper in papers) == ["cash", "credit-note", "sale", "sale", "sale", "x", "z"]
    for kind, paper in papers:
        lines = [line.strip() for line in as_text(paper, 42)]
        assert len([line for line in lines if "TRAINING" in line]) == 2, kind
        assert not any(isinstance(element, Code) for element in paper), kind


@pytest.mark.requirement("N22", "D7-03")
def test_wrong_pins_of_the_training_count_and_right_ones_take_none_away(
    till: Till, boss: str, tmp_path: Path, uptime: list[float]
) -> None:
    mona = staff.create(till.shop, PersonForm("Mona", Role.LEAD), by=ROOT, pin=RIGHT).id
    for seconds in (1, 2):
        assert refusal(lambda: staff.sign_in(till.shop, mona, WRONG)) == WrongPin(wait_seconds=seconds)
        uptime[0] += seconds
    made = begin(till.shop, tmp_path, by=till.ann)
    assert isinstance(refusal(lambda: staff.sign_in(made.shop, boss, WRONG)), WrongPin)
    uptime[0] += 1
    assert refusal(lambda: staff.sign_in(made.shop, boss, WRONG)) == WrongPin(wait_seconds=2)
    staff.sign_in(made.shop, mona, RIGHT)
    assert failures(mona) == 0
    assert refusal(lambda: staff.sign_in(made.shop, mona, WRONG)) == WrongPin(wait_seconds=1)
    training.end(made, by=till.ann)
    assert (failures(boss), failures(mona)) == (2, 2)
    assert refusal(lambda: staff.sign_in(till.shop, boss, RIGHT)) == Locked(wait_seconds=2)
    uptime[0] += 2
    staff.sign_in(till.shop, boss, RIGHT)
    wrong = journal.notes(till.shop, action="staff.wrong_pin")
    assert [one.facts for one in wrong] == [
        {"failures": 2, "person": boss, "training": True},
        {"failures": 2, "person": mona},
        {"failures": 1, "person": mona},
    ]


@pytest.mark.requirement("N22", "D7-03")
@pytest.mark.parametrize("noticed", ["at the start", "at the next training"])
def test_wrong_pins_count_also_when_the_power_went(till: Till, boss: str, tmp_path: Path, noticed: str) -> None:
    made = begin(till.shop, tmp_path, by=till.ann)
    with db.transaction():
        db.run("UPDATE staff SET failures = 10, failed_at = 5 WHERE id = ?", (boss,))
    db.take_up_again(made.bound)
    assert failures(boss) == 0
    if noticed == "at the start":
        training.settle(till.shop, tmp_path)
    else:
        training.end(begin(till.shop, tmp_path, by=till.ann), by=till.ann)
    assert failures(boss) == 10
    assert refusal(lambda: staff.sign_in(till.shop, boss, RIGHT)) == Locked(wait_seconds=None)
    assert len(journal.notes(till.shop, action="training.cut_short")) == 1
    assert [one.facts["person"] for one in journal.notes(till.shop, action="staff.locked")] == [boss]
    assert list(tmp_path.glob(f"{TRAINING}*")) == []
    training.settle(till.shop, tmp_path)
    assert len(journal.notes(till.shop, action="training.cut_short")) == 1


def test_what_is_left_of_a_training_and_is_no_database_is_thrown_away(till: Till, tmp_path: Path) -> None:
    (tmp_path / TRAINING).write_bytes(b"not a database at all, but long enough to be taken for one" * 40)
    training.settle(till.shop, tmp_path)
    assert not (tmp_path / TRAINING).exists()


def test_only_who_may_trains_and_nobody_twice(trained: Training, till: Till, tmp_path: Path) -> None:
    assert refusal(lambda: begin(trained.shop, tmp_path, by=till.ann)) == TillIsTraining()
    real = training.end(trained, by=till.ann)
    with pytest.raises(Denied) as refused:
        begin(real, tmp_path, by=till.technician)
    assert refused.value == Denied(action="training")
    assert db.database.obj is trained.bound
    assert not (tmp_path / TRAINING).exists()


def test_nobody_trains_while_a_sale_or_a_payment_is_open(till: Till, bread: Item, boss: str, tmp_path: Path) -> None:
    draft = _draft(a_basket(bread))
    drafts.save(till.shop, till.ann, draft)
    assert refusal(lambda: begin(till.shop, tmp_path, by=till.ann)) == SaleIsOpen()
    pending = payments.begin_pending(till.shop, draft.key, "card", Money(450), by=till.ann)
    waits = PendingPayment(tender="card", amount=450)
    assert refusal(lambda: begin(till.shop, tmp_path, by=boss)) == waits
    payments.answer_pending(till.shop, pending.id, approved=True, by=till.ann)
    assert refusal(lambda: begin(till.shop, tmp_path, by=boss)) == waits
    given = Given(till.tender("card"), Money(450), pending=pending.id)
    sales.close_sale(till.shop, a_basket(bread), (given,), key=draft.key, by=till.ann)
    training.end(begin(till.shop, tmp_path, by=till.ann), by=till.ann)
    assert [one.action for one in journal.notes(till.shop, limit=2)] == ["training.ended", "training.begun"]


def test_a_full_disk_leaves_the_till_where_it_is(
    till: Till, bread: Item, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise DiskFull

    monkeypatch.setattr(training, "_pages", full)
    assert refusal(lambda: begin(till.shop, tmp_path, by=till.ann)) == DiskFull()
    assert not (tmp_path / TRAINING).exists()
    assert till.sell(a_basket(bread), till.cash(450)).number == 1
    assert journal.notes(till.shop, action="training.begun") == ()


def test_settings_that_were_changed_meanwhile_are_taken_up(till: Till, tmp_path: Path) -> None:
    made = begin(till.shop, tmp_path, by=till.ann)
    change_settings(made.shop, {"name": "Nowhere"}, by=ROOT)
    db.take_up_again(made.bound)
    change_settings(till.shop, {"name": "Somewhere"}, by=ROOT)
    bound = db.set_aside()
    db.connect(str(made.file))
    assert bound is made.bound
    assert training.end(made, by=till.ann).settings.name == "Somewhere"


def test_commands_are_told_that_the_till_is_in_training_and_change_nothing(trained: Training, till: Till) -> None:
    refused = {"ok": False, "error": "TillIsTraining", "facts": {}}
    before = everything()
    for do in ("staff.add", "settings.set", "print.drop", "articles.import", "health.durability", "no.such"):
        assert errands.answer(trained.shop, {"do": do, "name": "x", "path": "/x"}) == refused
    assert everything() == before
    with pytest.raises(TillIsTraining):
        errands.read_reply(refused)
    real = training.end(trained, by=till.ann)
    assert errands.answer(real, {"do": "print.drop"}) == {"ok": True, "answer": {"dropped": 1}}


def test_an_import_that_is_half_way_is_given_up(till: Till, tmp_path: Path) -> None:
    file = tmp_path / "articles.csv"
    file.write_text("number;name;price;tax\n1;Bread;4,50;A\n2;Milk;1,29;A\n", encoding="utf-8")
    begun = errands.do(till.shop, {"do": "articles.import", "path": str(file)})
    made = begin(till.shop, tmp_path, by=till.ann)
    training.end(made, by=till.ann)
    with pytest.raises(NotFound):
        errands.do(till.shop, {"do": "articles.import.step", "id": begun["id"]})
    assert db.row("SELECT COUNT(*) FROM article") == (0,)


def test_the_file_is_the_till_s_alone(trained: Training) -> None:
    assert trained.file.stat().st_mode & 0o077 == 0


def test_a_shop_of_twenty_thousand_articles_trains_after_a_moment(
    till: Till, tmp_path: Path, record_property: Any
) -> None:
    """About a second where this was written; ten would be too long for somebody who waits."""
    with db.transaction():
        db.run_many(
            "INSERT INTO article (id, number, name, tax, price, changed_at) VALUES (?, ?, ?, 'A', 100, 0)",
            [(f"a{n:06}", str(n), f"Article number {n}") for n in range(20_000)],
        )
        db.run_many(
            "INSERT INTO barcode (code, article) VALUES (?, ?)", [(f"c{n:06}", f"a{n:06}") for n in range(20_000)]
        )
        db.run_many(
            "INSERT INTO article_word (word, article) VALUES (?, ?)",
            [(word, f"a{n:06}") for n in range(20_000) for word in ("article", "number", str(n))],
        )
    began = perf_counter()
    made = begin(till.shop, tmp_path, by=till.ann)
    seconds = perf_counter() - began
    record_property("seconds", seconds)
    with sqlite3.connect(made.file) as copy:
        counts = [copy.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in ("article", "article_word")]
    assert counts == [20_000, 60_000]
    found = catalogue.find(made.shop, "19999")
    assert found is not None
    assert found.text == "Article number 19999"
    training.end(made, by=till.ann)
    assert seconds < 10


def _owner(till: Till) -> str:
    return staff.create(till.shop, PersonForm("Olga", Role.OWNER), by=ROOT, pin="9191").id


def _draft(basket: Basket, key: str = "") -> Draft:
    return Draft(key=key or new_key(), basket=basket, tenders=(), entry="", selected=0, opened_at=0)
