"""Points by hand: added and removed, never below nothing, once for each key (T-13 to T-16, E43, U-03)."""

from __future__ import annotations

import json
import threading

import pytest

from kiosk import db
from kiosk.errors import (
    AlreadyDone,
    Erased,
    Missing,
    NeedsApproval,
    NotEnoughPoints,
    NotFound,
    OutOfRange,
    Refused,
    ShopError,
    WrongPin,
)
from kiosk.money import Money
from kiosk.receipts.shift_report import lay_out
from kiosk.rules.drawer import Count, Purpose
from kiosk.rules.permissions import Action, Role
from kiosk.services import cards, cash, customer_merge, customers, figures, ledger, pins, points, receipt, shifts, staff
from kiosk.services.customer_rows import CustomerForm
from kiosk.services.shop import Shop, load_shop, new_key
from kiosk.services.verify import verify
from tests.services.journey import Till


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "_MEMORY_KIB", 64)


@pytest.fixture
def mara(till: Till) -> str:
    """A manager, who may."""
    return staff.create(till.shop, staff.PersonForm("Mara", Role.MANAGER), by=staff.ROOT, pin="3333").id


def customer(till: Till, name: str = "Ida Example", **more: str) -> str:
    return customers.save(till.shop, CustomerForm(name=name, **more), by=till.ann).id  # type: ignore[arg-type]


def add(till: Till, who: str, amount: int, by: str, *, key: str | None = None, reason: str = "Goodwill") -> int:
    return points.adjust(till.shop, who, amount, add=True, reason=reason, key=key or new_key(), by=by).held


def remove(till: Till, who: str, amount: int, by: str, *, key: str | None = None) -> int:
    return points.adjust(till.shop, who, amount, add=False, reason="Correction", key=key or new_key(), by=by).held


def count(table: str) -> int:
    (found,) = db.row(f"SELECT COUNT(*) FROM {table}") or (0,)
    return int(found)


@pytest.mark.requirement("U-03", "T-13", "T-16")
def test_the_first_points_make_a_card_without_plastic_and_the_next_find_it(till: Till, mara: str) -> None:
    ida = customer(till)
    assert points.held(till.shop, ida) == 0
    assert count("card") == 0
    made = points.adjust(till.shop, ida, 30, add=True, reason="  Good\x1bwill ", key=new_key(), by=mara)
    assert (made.amount, made.held) == (30, 30)
    assert add(till, ida, 12, mara) == 42
    assert remove(till, ida, 2, mara) == 40
    assert db.rows("SELECT code, kind, state, customer FROM card") == [(None, "bonus", "active", ida)]
    (card,) = cards.points_cards(ida)
    assert db.rows("SELECT kind, unit, balance FROM account WHERE owner = ?", (card,)) == [("pts", "PTS", 40)]
    assert db.rows("SELECT card, amount, reason FROM points_move WHERE entry = ?", (made.entry,)) == [
        (card, 30, "Goodwill")
    ]
    assert db.rows('SELECT kind, "by", approved_by FROM entry WHERE id = ?', (made.entry,)) == [
        ("points.adjusted", mara, None)
    ]
    assert db.row("SELECT balance FROM account WHERE owner = 'adjust'") == (0,)
    assert verify().ok


@pytest.mark.requirement("E43", "T-13", "T-15")
def test_more_than_there_is_is_not_removed_and_all_of_it_is(till: Till, mara: str) -> None:
    """E43, but for the wrong PIN, which is proven below and at the screen."""
    ida = customer(till)
    add(till, ida, 40, mara)
    before = count("entry")
    with pytest.raises(NotEnoughPoints) as error:
        remove(till, ida, 50, mara)
    assert error.value == NotEnoughPoints(wanted=50, available=40)
    assert (count("entry"), count("points_move"), points.held(till.shop, ida)) == (before, 1, 40)
    assert remove(till, ida, 40, mara) == 0
    with pytest.raises(NotEnoughPoints) as error:
        remove(till, ida, 1, mara)
    assert error.value == NotEnoughPoints(wanted=1, available=0)
    assert verify().ok


@pytest.mark.requirement("T-15")
@pytest.mark.parametrize("amount", [0, -1, -20, points.MOST + 1])
def test_a_number_below_one_or_a_barcode_is_no_number_of_points(till: Till, mara: str, amount: int) -> None:
    ida = customer(till)
    for adding in (True, False):
        with pytest.raises(OutOfRange) as error:
            points.adjust(till.shop, ida, amount, add=adding, reason="Goodwill", key=new_key(), by=mara)
        assert error.value == OutOfRange(field="points", value=str(amount), lowest="1", highest="1000000")
    assert (count("points_move"), count("card")) == (0, 0)


@pytest.mark.requirement("T-13")
def test_points_by_hand_need_a_reason_and_a_customer_who_is_there(till: Till, mara: str) -> None:
    ida = customer(till)
    with pytest.raises(Missing) as missing:
        add(till, ida, 5, mara, reason=" \x07 ")
    assert missing.value == Missing(field="reason")
    with pytest.raises(NotFound) as unknown:
        add(till, "nobody", 5, mara)
    assert unknown.value == NotFound(what="customer", code="")
    db.run("UPDATE customer SET state = 'erased' WHERE id = ?", (ida,))
    with pytest.raises(Erased):
        add(till, ida, 5, mara)
    assert (count("entry"), count("card")) == (0, 0)


@pytest.mark.requirement("T-13")
def test_a_cashier_needs_a_managers_pin_and_a_wrong_one_leaves_a_line_and_nothing_else(till: Till, mara: str) -> None:
    ida = customer(till)
    key = new_key()
    with pytest.raises(NeedsApproval):
        add(till, ida, 20, till.ann, key=key)
    with pytest.raises(WrongPin):
        staff.approve(till.shop, mara, "0000", Action.ADJUST_POINTS, till.ann, key=key)
    with pytest.raises(NeedsApproval):
        add(till, ida, 20, till.ann, key=key)
    assert (count("entry"), points.held(till.shop, ida)) == (0, 0)
    assert db.rows("SELECT \"by\" FROM journal WHERE action = 'staff.wrong_pin'") == [(till.ann,)]
    db.run("UPDATE staff SET failures = 0")
    staff.approve(till.shop, mara, "3333", Action.ADJUST_POINTS, till.ann, key=key)
    assert add(till, ida, 20, till.ann, key=key) == 20
    assert db.rows("SELECT \"by\", approved_by FROM entry WHERE kind = 'points.adjusted'") == [(till.ann, mara)]
    with pytest.raises(NeedsApproval):
        add(till, ida, 20, till.ann)


@pytest.mark.requirement("T-13", "T-14")
def test_a_manager_proves_who_stands_there_and_a_wrong_pin_counts(till: Till, mara: str) -> None:
    staff.prove(till.shop, mara, "3333", Action.ADJUST_POINTS, key="k")
    with pytest.raises(WrongPin):
        staff.prove(till.shop, mara, "3334", Action.ADJUST_POINTS, key="k")
    assert db.rows("SELECT failures FROM staff WHERE id = ?", (mara,)) == [(1,)]
    assert [action for (action,) in db.rows('SELECT action FROM journal WHERE "by" = ? ORDER BY id', (mara,))] == [
        "staff.proven",
        "staff.wrong_pin",
    ]


def test_the_same_key_moves_points_once_and_nothing_else(till: Till, mara: str) -> None:
    ida, key = customer(till), new_key()
    first = points.adjust(till.shop, ida, 40, add=True, reason="Goodwill", key=key, by=mara)
    assert points.adjust(till.shop, ida, 40, add=True, reason="Goodwill", key=key, by=mara) == first
    for who, amount, adding, reason in (
        (ida, 41, True, "Goodwill"),
        (ida, 40, False, "Goodwill"),
        (ida, 40, True, "Complaint"),
        (customer(till, "Otto Other"), 40, True, "Goodwill"),
    ):
        with pytest.raises(AlreadyDone):
            points.adjust(till.shop, who, amount, add=adding, reason=reason, key=key, by=mara)
    paid_in = new_key()
    cash.pay_in(till.shop, Money(100), Purpose.BANK, key=paid_in, by=mara)
    with pytest.raises(AlreadyDone):
        add(till, ida, 40, mara, key=paid_in)
    assert (points.held(till.shop, ida), count("points_move")) == (40, 1)
    # A person's reason can be taken away, and the deed is still the same one.
    db.run("UPDATE points_move SET reason = ''")
    assert add(till, ida, 40, mara, key=key) == 40
    assert verify().ok


@pytest.mark.requirement("T-22", "U-03")
def test_points_of_several_cards_and_of_who_was_merged_are_one_sum_and_his_own_eldest_card_gives_first(
    till: Till, mara: str
) -> None:
    twin, ida = customer(till, "Ida Double"), customer(till)
    add(till, twin, 25, mara)
    with db.transaction():
        old, new = (cards.issue_in(till.shop, ida, code, by=mara) for code in ("LOYAL-1", "LOYAL-2"))
    add(till, ida, 10, mara)
    db.run("UPDATE card SET state = 'closed' WHERE id = ?", (old,))
    add(till, ida, 7, mara)
    customer_merge.merge(till.shop, twin, ida, key=new_key(), by=mara)
    (others,) = cards.points_cards(twin)
    assert points.held(till.shop, ida) == 42
    assert add(till, twin, 3, mara) == 45, "whoever was merged stands for whom he was merged into"
    taken = points.adjust(till.shop, ida, 22, add=False, reason="Correction", key=new_key(), by=mara)
    assert taken.held == 23
    assert dict(db.rows("SELECT card, amount FROM points_move WHERE entry = ?", (taken.entry,))) == {
        old: -10,
        new: -10,
        others: -2,
    }
    assert remove(till, ida, 23, mara) == 0
    assert {balance for (balance,) in db.rows("SELECT balance FROM account WHERE kind = 'pts'")} == {0}
    assert verify().ok


@pytest.mark.requirement("E43", "E49")
def test_two_tills_that_remove_the_last_points_do_not_both_get_them(till: Till, mara: str) -> None:
    """Both have seen 40 before either takes them: the second is told what is left, and nothing is written for it."""
    second = load_shop("R2", 2, till.shop.keys, clock=till.shop.clock)
    ida = customer(till)
    together = threading.Barrier(2, timeout=20)
    seen: list[int] = []
    refused: list[ShopError] = []

    def take(shop: Shop) -> None:
        db.database.connect()
        try:
            seen.append(points.held(shop, ida))
            together.wait()
            points.adjust(shop, ida, 40, add=False, reason="Correction", key=new_key(), by=mara)
        except ShopError as error:
            refused.append(error)
        finally:
            db.disconnect()

    for _ in range(5):
        add(till, ida, 40, mara)
        before = count("entry")
        threads = [threading.Thread(target=take, args=(shop,)) for shop in (till.shop, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert seen == [40, 40]
        assert refused == [NotEnoughPoints(wanted=40, available=0)]
        assert (points.held(till.shop, ida), count("entry")) == (0, before + 1)
        seen.clear()
        refused.clear()
    assert count("card") == 1
    assert verify().ok


@pytest.mark.requirement("U-03")
def test_two_tills_that_give_the_first_points_at_once_make_one_card(till: Till, mara: str) -> None:
    second = load_shop("R2", 2, till.shop.keys, clock=till.shop.clock)
    together = threading.Barrier(2, timeout=20)
    refused: list[Exception] = []

    def give(shop: Shop, who: str) -> None:
        db.database.connect()
        try:
            together.wait()
            points.adjust(shop, who, 5, add=True, reason="Goodwill", key=new_key(), by=mara)
        except Exception as error:
            refused.append(error)
        finally:
            db.disconnect()

    for round_ in range(1, 4):
        ida = customer(till, f"Ida {round_}")
        threads = [threading.Thread(target=give, args=(shop, ida)) for shop in (till.shop, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert refused == []
        assert (points.held(till.shop, ida), count("card")) == (10, round_)


@pytest.mark.requirement("E51", "T-16")
@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE points_move SET amount = 41",
        "UPDATE points_move SET card = 'another'",
        "DELETE FROM points_move",
        "INSERT INTO points_move (entry, card, amount) SELECT entry, 'another', 5 FROM points_move",
    ],
)
def test_a_row_that_says_something_else_than_the_books_is_found(till: Till, mara: str, edit: str) -> None:
    add(till, customer(till), 40, mara)
    till.tamper(edit)
    assert [(one.lane, one.seq, one.what) for one in verify().problems] == [("R1", 1, "points")]


@pytest.mark.requirement("E51")
def test_a_row_of_no_entry_and_a_digest_of_other_rows_are_found(till: Till, mara: str) -> None:
    add(till, customer(till), 40, mara)
    if db.on_postgres():
        till.tamper("ALTER TABLE points_move DROP CONSTRAINT points_move_entry_fkey")
    till.tamper("INSERT INTO points_move (entry, card, amount) VALUES ('nothing', 'another', 5)")
    assert [(one.lane, one.what) for one in verify().problems] == [("", "stray points_move")]
    till.tamper("DELETE FROM points_move WHERE entry = 'nothing'", "UPDATE entry SET digest = 'another'")
    assert [(one.lane, one.seq, one.what) for one in verify().problems] == [("R1", 1, "hash"), ("R1", 1, "points")]


def test_a_reason_can_be_taken_away_and_the_books_are_whole(till: Till, mara: str) -> None:
    add(till, customer(till), 40, mara, reason="Ida Example's birthday")
    db.run("UPDATE points_move SET reason = ''")
    assert verify().ok
    with pytest.raises(Refused):
        db.run("UPDATE points_move SET amount = 50")
    assert points.held(till.shop, "nobody") == 0


@pytest.mark.requirement("I5")
def test_points_that_somebody_else_than_a_card_holds_are_found(till: Till, mara: str) -> None:
    add(till, customer(till), 40, mara)
    with db.transaction():
        lines = [
            ledger.Line(ledger.Account("gift", "somebody", "PTS"), 5),
            ledger.Line(ledger.Account("pts", "adjust", "PTS"), -5),
        ]
        ledger.post(till.shop, ledger.lock(till.shop), "gift", lines, key=new_key(), by=mara)
    assert [(one.lane, one.what) for one in verify().problems] == [("", "points")]


@pytest.mark.requirement("N4", "D6-03")
def test_a_z_shows_points_by_hand_and_what_cards_hold_and_an_older_z_reads_as_it_did(till: Till, mara: str) -> None:
    ida = customer(till)
    shifts.open_shift(till.shop, Count(Money(0)), key=new_key(), by=mara)
    first = shifts.close_shift(till.shop, Count(Money(0)), key=new_key(), by=mara)
    add(till, ida, 40, mara)
    remove(till, ida, 15, mara)
    second = shifts.close_shift(till.shop, Count(Money(0)), key=new_key(), by=mara)
    facts = dict(db.rows("SELECT number, facts FROM cash_report WHERE kind = 'z'"))
    made = figures.from_text(facts[2])
    assert (made.points_adjusted, made.points_issued, made.points_used) == (25, 0, 0)
    assert [(line.unit, line.before, line.moved, line.now) for line in made.held if line.kind == "pts"] == [
        ("PTS", 0, 25, 25)
    ]
    assert made.proof_ok
    assert db.rows("SELECT count, amount FROM day_total WHERE figure = 'points.adjusted'") == [(2, 25)]
    shown = repr(lay_out(made, receipt.shop_head(till.shop.settings)))
    assert "'Points by hand', right='+25'" in shown
    # A Z of before there was the figure.
    old = json.loads(facts[1])
    del old["points_adjusted"]
    read = figures.from_text(json.dumps(old))
    assert (read.points_adjusted, read.number) == (0, 1)
    assert "Points" not in repr(lay_out(read, receipt.shop_head(till.shop.settings)))
    assert (first.report != second.report, verify().ok) == (True, True)
