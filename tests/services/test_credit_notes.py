"""Credit notes: value behind a code, that no two tills spend twice and nobody guesses."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from stdnum import luhn

from kiosk import db
from kiosk.errors import Denied, Invalid, Locked, NotEnough, NotFound, OutOfRange, Refused, ShopError
from kiosk.money import ONE, Money
from kiosk.receipts.paper import Code, as_text
from kiosk.rules import basket as rules
from kiosk.rules import codes
from kiosk.rules.basket import EMPTY
from kiosk.rules.permissions import Role
from kiosk.rules.tender import Given
from kiosk.services import credit_notes, drafts, journal, ledger, pins, printing, returns, sales, shift_rows, staff
from kiosk.services.credit_notes import Note
from kiosk.services.drafts import Draft
from kiosk.services.shop import Shop, load_shop, new_key
from kiosk.services.verify import verify
from tests.services.conftest import FixedTime
from tests.services.journey import Till

NOBODY_HAS = codes.make_card(1, 12345678901234)


class Uptime:
    """The time since boot, standing still until it is told to move on."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture(autouse=True)
def uptime(monkeypatch: pytest.MonkeyPatch) -> Uptime:
    made = Uptime()
    monkeypatch.setattr(credit_notes, "waits", pins.Waits(made))
    return made


def deed(shop: Shop, *more: ledger.Line, by: str, sale: str | None = None) -> None:
    """One entry with these postings, and the other side of them in the turnover."""
    left = Money(-sum(line.amount for line in more))
    head = shift_rows.in_shift(shop, ledger.lock(shop), by)
    ledger.post(
        shop, head, "sale", [*more, ledger.money_line(shop, "sales", "A", left)], key=new_key(), by=by, sale=sale
    )


def issue(till: Till, minor: int, sale: str | None = None) -> Note:
    """A credit note as a return makes one."""
    with db.transaction():
        card, loaded = credit_notes.issue_in(till.shop, Money(minor), sale=sale or "", by=till.ann)
        deed(till.shop, loaded, by=till.ann, sale=sale)
    return credit_notes.find(till.shop, credit_notes.code_of(card), by=till.ann)


def spend(till: Till, shop: Shop, **wanted: int) -> None:
    """Pay with notes, card to minor units."""
    with db.transaction():
        lines = credit_notes.spend_lines(shop, {card: Money(minor) for card, minor in wanted.items()})
        deed(shop, *lines, by=till.ann)


def held(till: Till, note: Note) -> int:
    return credit_notes.held(till.shop, note.card).minor


def misses(till: Till) -> list[journal.Note]:
    return list(journal.notes(till.shop, action="card.unknown"))


def refusal(do: Callable[[], object]) -> ShopError:
    with pytest.raises(ShopError) as refused:
        do()
    return refused.value


@pytest.mark.requirement("K-19")
def test_a_credit_note_is_money_that_the_shop_owes_and_the_drawer_does_not_move(till: Till) -> None:
    note = issue(till, 1200)
    assert (note.held, note.state) == (Money(1200), "active")
    assert note.code == credit_notes.code_of(note.card)
    found = db.rows("SELECT kind, owner, highest, balance FROM account WHERE highest IS NOT NULL")
    assert found == [("voucher", note.card, 0, -1200)]
    assert verify().ok


def test_its_code_is_found_with_the_spaces_that_people_read_and_type(till: Till) -> None:
    note = issue(till, 1200)
    assert luhn.is_valid(note.code)
    assert len(note.code) == 16
    assert credit_notes.find(till.shop, f" {codes.in_fours(note.code)} ", by=till.ann) == note
    assert len({issue(till, 100).code for _ in range(20)}) == 20


@pytest.mark.requirement("K-02")
def test_it_is_spent_in_parts_and_never_below_nothing(till: Till) -> None:
    note = issue(till, 3160)
    spend(till, till.shop, **{note.card: 1160})
    assert held(till, note) == 2000
    assert refusal(lambda: spend(till, till.shop, **{note.card: 4000})) == NotEnough(wanted=4000, available=2000)
    spend(till, till.shop, **{note.card: 2000})
    assert refusal(lambda: spend(till, till.shop, **{note.card: 1})) == NotEnough(wanted=1, available=0)
    assert held(till, note) == 0
    assert verify().ok


@pytest.mark.requirement("K-02")
def test_the_database_itself_lets_no_note_be_overdrawn(till: Till) -> None:
    note = issue(till, 1000)

    def unasked() -> None:
        with db.transaction():
            deed(till.shop, ledger.money_line(till.shop, "voucher", note.card, Money(1001)), by=till.ann)

    assert isinstance(refusal(unasked), Refused)
    assert held(till, note) == 1000


def test_what_was_paid_with_it_can_be_given_back_to_it(till: Till) -> None:
    note = issue(till, 1000)
    spend(till, till.shop, **{note.card: 1000})
    with db.transaction():
        deed(till.shop, credit_notes.load_line(till.shop, note.card, Money(400)), by=till.ann)
    assert held(till, note) == 400
    assert refusal(lambda: credit_notes.load_line(till.shop, "nobody's", Money(1))) == NotFound(what="card", code="")


@pytest.mark.parametrize("minor", [0, -1])
def test_nothing_and_less_is_neither_issued_nor_spent(till: Till, minor: int) -> None:
    note = issue(till, 1000)
    wrong = OutOfRange(field="amount", value=str(minor), lowest="1")
    assert refusal(lambda: issue(till, minor)) == wrong
    assert refusal(lambda: spend(till, till.shop, **{note.card: minor})) == wrong
    assert db.row("SELECT COUNT(*) FROM card") == (1,)


@pytest.mark.parametrize("state", ["blocked", "closed"])
def test_a_note_that_was_shut_keeps_its_value_and_pays_nothing(till: Till, state: str) -> None:
    note = issue(till, 1000)
    db.run("UPDATE card SET state = ? WHERE id = ?", (state, note.card))
    assert refusal(lambda: spend(till, till.shop, **{note.card: 500})) == Invalid(field="card", value=state)
    assert credit_notes.find(till.shop, note.code, by=till.ann) == Note(note.card, note.code, Money(1000), state)


def test_several_notes_pay_together_and_a_card_nobody_made_pays_nothing(till: Till) -> None:
    first, second = issue(till, 1000), issue(till, 500)
    spend(till, till.shop, **{first.card: 700, second.card: 500})
    assert (held(till, first), held(till, second)) == (300, 0)
    unknown = refusal(lambda: spend(till, till.shop, **{first.card: 100, "made-up": 100}))
    assert unknown == NotFound(what="card", code="")
    assert held(till, first) == 300


@pytest.mark.requirement("E49")
def test_two_tills_that_take_the_last_money_of_one_note_do_not_both_get_it(till: Till) -> None:
    """Both have seen 10.00 before either takes it: the second is told what is left, and nothing is written for it."""
    second = load_shop("R2", 2, till.shop.keys, clock=till.shop.clock)
    together = threading.Barrier(2, timeout=20)
    seen: list[Money] = []
    refused: list[ShopError] = []

    def take(shop: Shop) -> None:
        db.database.connect()
        try:
            seen.append(credit_notes.find(shop, note.code, by=till.ann).held)
            together.wait()
            spend(till, shop, **{note.card: 1000})
        except ShopError as error:
            refused.append(error)
        finally:
            db.disconnect()

    for _ in range(5):
        note = issue(till, 1000)
        before = db.row("SELECT COUNT(*) FROM entry")
        threads = [threading.Thread(target=take, args=(shop,)) for shop in (till.shop, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert seen == [Money(1000), Money(1000)]
        assert refused == [NotEnough(wanted=1000, available=0)]
        assert held(till, note) == 0
        assert before is not None
        assert db.row("SELECT COUNT(*) FROM entry") == (before[0] + 1,)
        seen.clear()
        refused.clear()
    assert verify().ok


@pytest.mark.requirement("E49", "K-02")
def test_two_sales_that_are_closed_with_one_note_at_once_are_one_sale_and_one_that_stays_open(till: Till) -> None:
    second = load_shop("R2", 2, till.shop.keys, clock=till.shop.clock)
    bread = till.article("Bread", 1000)
    basket = rules.add(EMPTY, bread)
    together = threading.Barrier(2, timeout=20)
    sold: list[str] = []
    refused: list[tuple[str, ShopError]] = []

    def close(shop: Shop, given: Given) -> None:
        db.database.connect()
        key = new_key()
        try:
            drafts.save(shop, till.ann, Draft(key, basket, (given,), "", 1, 0))
            together.wait()
            sold.append(sales.close_sale(shop, basket, (given,), key=key, by=till.ann).sale)
        except ShopError as error:
            refused.append((shop.lane, error))
        finally:
            db.disconnect()

    for round_ in range(1, 4):
        note = issue(till, 1000)
        given = Given(till.tender("voucher"), Money(1000), card=note.card)
        threads = [threading.Thread(target=close, args=(shop, given)) for shop in (till.shop, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(sold), [error for _lane, error in refused]) == (round_, [NotEnough(wanted=1000, available=0)])
        assert held(till, note) == 0
        ((lane, _error),) = refused
        loser = second if lane == "R2" else till.shop
        kept = drafts.load(loser, till.ann)
        assert kept is not None
        assert (kept.basket, kept.tenders) == (basket, (given,))
        assert db.row("SELECT COUNT(*) FROM sale") == (round_,)
        drafts.clear(loser, till.ann)
        refused.clear()
    assert verify().ok


@pytest.mark.requirement("K-02")
def test_the_same_key_spends_once_and_a_note_twice_in_one_sale_no_more_than_it_holds(till: Till) -> None:
    basket = rules.add(EMPTY, till.article("Bread", 1000))
    note = issue(till, 1400)
    tender = till.tender("voucher")
    both = (Given(tender, Money(700), card=note.card), Given(tender, Money(300), card=note.card))
    key = new_key()
    first = sales.close_sale(till.shop, basket, both, key=key, by=till.ann)
    again = sales.close_sale(till.shop, basket, both, key=key, by=till.ann)
    assert (again.sale, again.already) == (first.sale, True)
    assert held(till, note) == 400
    over = (Given(tender, Money(300), card=note.card), Given(tender, Money(700), card=note.card))
    wanted = refusal(lambda: sales.close_sale(till.shop, basket, over, key=new_key(), by=till.ann))
    assert wanted == NotEnough(wanted=1000, available=400)
    assert held(till, note) == 400
    assert db.row("SELECT COUNT(*) FROM sale") == (1,)
    assert verify().ok


@pytest.mark.requirement("K-19")
def test_goods_that_come_back_onto_a_note_move_no_cash_and_the_note_pays_for_others(till: Till) -> None:
    bread = till.article("Bread", 1200)
    sold = till.sell(rules.add(EMPTY, bread), till.cash(1200))
    back = returns.take_back(till.shop, EMPTY, sold.sale, {1: ONE}, reason="Faulty")
    owner = staff.create(till.shop, staff.PersonForm("Olga", Role.OWNER), by=staff.ROOT).id
    plan = returns.plan(till.shop, back, to_voucher=True)
    given = tuple(Given(one.tender, -one.amount, original=one.original) for one in plan)
    sales.close_sale(till.shop, back, given, key=new_key(), by=owner)
    ((code,),) = db.rows("SELECT code FROM card")
    note = credit_notes.find(till.shop, code, by=till.ann)
    kept = "SELECT kind, balance FROM account WHERE highest IS NOT NULL ORDER BY kind"
    assert (note.held, db.rows(kept)) == (Money(1200), [("drawer", 1200), ("voucher", -1200)])
    till.sell(rules.add(EMPTY, bread), Given(till.tender("voucher"), Money(1200), card=note.card))
    assert db.rows(kept) == [("drawer", 1200), ("voucher", 0)]
    assert verify().ok


def test_two_tills_that_take_the_same_two_notes_crosswise_wait_for_each_other_and_both_go_on(till: Till) -> None:
    second = load_shop("R2", 2, till.shop.keys, clock=till.shop.clock)
    notes = [issue(till, 10_000), issue(till, 10_000)]
    together = threading.Barrier(2, timeout=20)
    refused: list[ShopError] = []

    def take(shop: Shop, order: list[Note]) -> None:
        db.database.connect()
        try:
            for _ in range(20):
                together.wait()
                spend(till, shop, **{note.card: 100 for note in order})
        except ShopError as error:
            refused.append(error)
            together.abort()
        finally:
            db.disconnect()

    threads = [
        threading.Thread(target=take, args=(till.shop, notes)),
        threading.Thread(target=take, args=(second, notes[::-1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == []
    assert [held(till, note) for note in notes] == [6000, 6000]


@pytest.mark.parametrize("text", ["", "12", "4111111111111111", NOBODY_HAS[:-1] + "x", "9" * 10_000, "' OR 1=1 --"])
def test_a_code_that_the_till_cannot_have_made_is_a_slip_of_the_finger(till: Till, text: str) -> None:
    for _ in range(20):
        assert refusal(lambda: credit_notes.find(till.shop, text, by=till.ann)) == NotFound(what="card", code="")
    assert misses(till) == []


def test_whoever_guesses_codes_waits_longer_each_time_and_is_in_the_journal(till: Till, uptime: Uptime) -> None:
    note = issue(till, 1000)
    unknown = NotFound(what="card", code="")
    for _ in range(5):
        assert refusal(lambda: credit_notes.find(till.shop, NOBODY_HAS, by=till.ann)) == unknown
    assert refusal(lambda: credit_notes.find(till.shop, NOBODY_HAS, by=till.ann)) == Locked(wait_seconds=1)
    assert refusal(lambda: credit_notes.find(till.shop, note.code, by=till.ann)) == Locked(wait_seconds=1)
    waited = []
    for seconds in (1, 2, 4, 8, 16, 32, 60, 60, 60):
        uptime.seconds += seconds - 0.5
        assert isinstance(refusal(lambda: credit_notes.find(till.shop, NOBODY_HAS, by=till.ann)), Locked)
        uptime.seconds += 0.5
        assert credit_notes.find(till.shop, note.code, by=till.ann).held == Money(1000)
        assert refusal(lambda: credit_notes.find(till.shop, NOBODY_HAS, by=till.ann)) == unknown
        waited.append(seconds)
    noted = misses(till)
    assert len(noted) == 5 + len(waited)
    assert {(one.by, one.lane, str(one.facts)) for one in noted} == {(till.ann, "R1", "{}")}


def test_a_restart_and_a_clock_that_is_set_make_no_guess_free(
    till: Till, time: FixedTime, uptime: Uptime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        refusal(lambda: credit_notes.find(till.shop, NOBODY_HAS, by=till.ann))
    monkeypatch.setattr(credit_notes, "waits", pins.Waits(uptime))
    assert refusal(lambda: credit_notes.find(till.shop, NOBODY_HAS, by=till.ann)) == Locked(wait_seconds=1)
    time.move(minutes=-50)
    assert refusal(lambda: credit_notes.find(till.shop, NOBODY_HAS, by=till.ann)) == Locked(wait_seconds=1)
    time.move(minutes=111)
    assert refusal(lambda: credit_notes.find(till.shop, NOBODY_HAS, by=till.ann)) == NotFound(what="card", code="")


def test_another_lane_does_not_wait_for_the_guesses_of_this_one(till: Till) -> None:
    note = issue(till, 1000)
    for _ in range(5):
        refusal(lambda: credit_notes.find(till.shop, NOBODY_HAS, by=till.ann))
    second = load_shop("R2", 2, till.shop.keys, clock=till.shop.clock)
    assert credit_notes.find(second, note.code, by=till.ann).held == Money(1000)


def test_who_may_not_sell_learns_nothing_about_a_code(till: Till) -> None:
    note = issue(till, 1000)
    for code in (note.code, NOBODY_HAS):
        asked = refusal(lambda code=code: credit_notes.find(till.shop, code, by=till.technician))  # type: ignore[misc]
        assert asked == Denied(action="sale.sell")
    assert misses(till) == []


def test_its_paper_bears_the_code_and_the_amount_that_it_was_made_for(till: Till) -> None:
    note = issue(till, 1200, sale="a return")
    spend(till, till.shop, **{note.card: 400})
    job = printing.next_job(till.shop)
    assert job is not None
    assert (job.kind, job.kick_drawer) == ("credit-note", False)
    lines = as_text(job.document, 42)
    assert codes.in_fours(note.code) in " ".join(lines)
    assert [line.split() for line in lines if "12.00" in line] == [["AMOUNT", "EUR", "12.00"]]
    assert Code("code128", note.code) in job.document
    printing.printed(till.shop, job.id)
    assert printing.next_job(till.shop) is None


def test_paper_that_may_have_been_spoilt_comes_again_marked_as_a_copy(till: Till) -> None:
    note = issue(till, 1200)
    first = printing.next_job(till.shop)
    again = printing.next_job(till.shop)
    assert first is not None
    assert again is not None
    assert "COPY 1" not in str(first.document)
    assert "COPY 1" in str(again.document)
    assert Code("qr", note.code) in again.document


def test_it_is_printed_where_receipts_are_not(till: Till) -> None:
    till.change(print_receipts=False)
    issue(till, 1200)
    assert db.rows("SELECT kind FROM print_job") == [("credit-note",)]


def test_its_paper_is_left_in_the_queue_when_others_are_left_out(till: Till) -> None:
    note = issue(till, 1200)
    till.sell(rules.add(EMPTY, till.article("Bread", 100)), till.cash(100))
    assert printing.drop_waiting(till.shop) == 1
    job = printing.next_job(till.shop)
    assert job is not None
    assert Code("code128", note.code) in job.document


def test_training_paper_has_nothing_to_scan_and_says_what_it_is(till: Till) -> None:
    note = issue(till, 1200)
    document = credit_notes.slip(replace(till.shop, training=True), note.card)
    assert not any(isinstance(element, Code) for element in document)
    assert [line.strip() for line in as_text(document, 42)].count("This credit note pays nothing.") == 2


def test_a_code_stands_in_the_card_and_nowhere_else(till: Till) -> None:
    note = issue(till, 1000)
    spend(till, till.shop, **{note.card: 400})
    refusal(lambda: credit_notes.find(till.shop, NOBODY_HAS, by=till.ann))
    for table in ("entry", "posting", "account", "journal", "sale", "sale_tender", "print_job"):
        found = str(db.rows(f"SELECT * FROM {table}"))
        assert note.code not in found
        assert NOBODY_HAS not in found
