"""Cash that goes in or out and is no sale: it moves the drawer, it is no turnover, and it has a slip."""

from __future__ import annotations

import pytest

from kiosk import db
from kiosk.errors import AlreadyDone, Denied, Missing, NeedsApproval, NotEnough, NotFound, NotInSteps, OutOfRange
from kiosk.money import ZERO, Money
from kiosk.receipts import paper
from kiosk.rules.drawer import Count, Purpose
from kiosk.rules.permissions import Action, Role
from kiosk.services import cash, ledger, printing, shift_rows, shifts, staff
from kiosk.services.cash import Moved
from kiosk.services.shop import Shop, load_shop, new_key
from kiosk.services.verify import verify
from tests.services.journey import Till
from tests.services.test_shifts import a_person, entries, postings, sell


@pytest.fixture
def lead(till: Till) -> str:
    """Somebody who may take cash out; the drawer holds 200.00."""
    shifts.open_shift(till.shop, Count(Money(20_000)), key=new_key(), by=till.ann)
    return a_person(till, "Lea Lind", Role.LEAD, pin="4711")


def moves() -> list[tuple[object, ...]]:
    return db.rows("SELECT direction, purpose, other, amount, reason FROM cash_move ORDER BY entry")


def turnover() -> int:
    found = db.row(
        "SELECT COALESCE(SUM(posting.amount), 0) FROM posting JOIN account ON account.id = posting.account "
        "WHERE account.kind IN ('sales', 'tax')"
    )
    return int((found or (0,))[0])


def text(shop: Shop, entry: str, *, copy: int = 0) -> list[str]:
    return paper.as_text(cash.slip(shop, entry, copy=copy), 42)


@pytest.mark.requirement("K-22")
def test_paid_out_leaves_the_drawer_and_is_no_turnover(till: Till, lead: str) -> None:
    moved = cash.pay_out(
        till.shop, Money(1500), Purpose.OTHER, reason="Window cleaner", slip=True, key=new_key(), by=lead
    )

    assert postings(2) == {"drawer:R1": -1500, "paidout:other": 1500}
    assert (moved.seq, moved.amount, turnover()) == (2, Money(1500), 0)
    assert shift_rows.drawer_balance(till.shop) == Money(18_500)
    assert moves() == [("out", "other", "", 1500, "Window cleaner")]
    assert db.rows("SELECT id, kind, document, drawer, state FROM print_job") == [
        (moved.job, "cash", moved.entry, "wanted", "waiting")
    ]
    assert verify().ok


@pytest.mark.requirement("K-22")
def test_the_slip_names_case_amount_reason_and_who_with_a_line_to_sign_on(till: Till, lead: str) -> None:
    moved = cash.pay_out(till.shop, Money(1500), Purpose.OTHER, reason="Window cleaner", key=new_key(), by=lead)
    ((own_hash,),) = db.rows("SELECT hash FROM entry WHERE seq = 2")

    assert text(till.shop, moved.entry) == [
        "                 My shop",
        "------------------------------------------",
        "Till R1                   20/11/2026 13:00",
        "------------------------------------------",
        "PAID OUT EUR                         15.00",
        "Case                                 Other",
        "Window cleaner",
        "Done by                                Lea",
        "",
        "",
        "________________________",
        "Signature",
        f"            Entry 2  {own_hash[:8]}",
    ]


@pytest.mark.requirement("K-22")
def test_the_worker_prints_the_slip_and_opens_the_drawer_once(till: Till, lead: str) -> None:
    cash.pay_in(till.shop, Money(5000), Purpose.BANK, slip=True, key=new_key(), by=lead)

    job = printing.next_job(till.shop)
    again = printing.next_job(till.shop)

    assert job is not None
    assert (job.kind, job.kick_drawer) == ("cash", True)
    assert "PAID IN EUR                          50.00" in paper.as_text(job.document, 42)
    assert again is not None
    assert (again.id, again.kick_drawer) == (job.id, False)
    assert "COPY 1" in "\n".join(paper.as_text(again.document, 42))


def test_without_a_slip_the_drawer_opens_all_the_same(till: Till, lead: str) -> None:
    moved = cash.pay_in(till.shop, Money(5000), Purpose.BANK, key=new_key(), by=lead)

    assert moved.job is None
    assert db.rows("SELECT kind, document, drawer FROM print_job") == [("drawer", "", "wanted")]


@pytest.mark.requirement("D6-04", "K-22")
@pytest.mark.parametrize(
    ("purpose", "account_in", "account_out"),
    [
        (Purpose.BANK, "bank", "bank"),
        (Purpose.SAFE, "safe", "safe"),
        (Purpose.STAFF, "paidin:staff", "paidout:staff"),
        (Purpose.OTHER, "paidin:other", "paidout:other"),
    ],
)
def test_each_case_has_its_account(till: Till, lead: str, purpose: Purpose, account_in: str, account_out: str) -> None:
    cash.pay_in(till.shop, Money(700), purpose, reason="Why", key=new_key(), by=lead)
    cash.pay_out(till.shop, Money(300), purpose, reason="Why", key=new_key(), by=lead)

    assert postings(2) == {"drawer:R1": 700, account_in: -700}
    assert postings(3) == {"drawer:R1": -300, account_out: 300}
    assert moves() == [("in", purpose, "", 700, "Why"), ("out", purpose, "", 300, "Why")]
    assert verify().ok


@pytest.mark.requirement("D6-04")
def test_a_safe_drop_has_a_door_of_its_own(till: Till, lead: str) -> None:
    staff.set_permission(till.shop, Role.LEAD, Action.SAFE_DROP, staff.State.DENIED, by=owner(till))

    with pytest.raises(Denied) as refused:
        cash.pay_out(till.shop, Money(100), Purpose.SAFE, key=new_key(), by=lead)

    assert refused.value == Denied(action="cash.safe")
    assert moves() == []
    assert cash.pay_out(till.shop, Money(100), Purpose.BANK, key=new_key(), by=lead).seq == 2


def owner(till: Till) -> str:
    return a_person(till, "Olga", Role.OWNER)


@pytest.mark.requirement("D7-02", "K-22")
def test_an_approval_pays_out_once_and_stands_on_the_slip(till: Till, lead: str) -> None:
    with pytest.raises(NeedsApproval) as refused:
        cash.pay_out(till.shop, Money(1500), Purpose.STAFF, key="deed", by=till.ann)
    assert refused.value == NeedsApproval(action="cash.out")
    staff.approve(till.shop, lead, "4711", Action.PAID_OUT, till.ann, key="deed")

    moved = cash.pay_out(till.shop, Money(1500), Purpose.STAFF, key="deed", by=till.ann)

    assert entries("kind", '"by"', "approved_by")[1:] == [("cash.moved", till.ann, lead)]
    assert "Approved by                            Lea" in text(till.shop, moved.entry)
    with pytest.raises(NeedsApproval):
        cash.pay_out(till.shop, Money(1500), Purpose.STAFF, key="another", by=till.ann)


def test_the_same_key_moves_cash_once(till: Till, lead: str) -> None:
    first = cash.pay_out(till.shop, Money(1500), Purpose.BANK, slip=True, key="deed", by=lead)

    assert cash.pay_out(till.shop, Money(1500), Purpose.BANK, slip=True, key="deed", by=lead) == first
    for amount, purpose in ((1400, Purpose.BANK), (1500, Purpose.SAFE)):
        with pytest.raises(AlreadyDone):
            cash.pay_out(till.shop, Money(amount), purpose, key="deed", by=lead)
    with pytest.raises(AlreadyDone):
        cash.pay_in(till.shop, Money(1500), Purpose.BANK, key="deed", by=lead)
    assert shift_rows.drawer_balance(till.shop) == Money(18_500)
    assert (len(moves()), printing.waiting(till.shop)) == (1, 1)


def test_more_than_the_drawer_holds_does_not_come_out(till: Till, lead: str) -> None:
    with pytest.raises(NotEnough) as refused:
        cash.pay_out(till.shop, Money(20_001), Purpose.SAFE, key=new_key(), by=lead)

    assert refused.value == NotEnough(wanted=20_001, available=20_000)
    assert (moves(), printing.waiting(till.shop)) == ([], 0)
    assert cash.pay_out(till.shop, Money(20_000), Purpose.SAFE, key=new_key(), by=lead).amount == Money(20_000)


@pytest.mark.requirement("D6-01")
def test_a_refusal_tells_nobody_who_counts_blind_what_is_there(till: Till, lead: str) -> None:
    till.change(blind_count=True)
    staff.approve(till.shop, lead, "4711", Action.PAID_OUT, till.ann, key="deed")

    with pytest.raises(OutOfRange) as refused:
        cash.pay_out(till.shop, Money(20_001), Purpose.BANK, key="deed", by=till.ann)

    assert refused.value == OutOfRange(field="amount", value="20001")
    assert moves() == []


@pytest.mark.parametrize("minor", [0, -100, 100_000_000_000])
def test_an_amount_that_can_not_be_is_refused(till: Till, lead: str, minor: int) -> None:
    for verb in (cash.pay_in, cash.pay_out):
        with pytest.raises(OutOfRange):
            verb(till.shop, Money(minor), Purpose.BANK, key=new_key(), by=lead)
    assert moves() == []


def test_cash_goes_in_steps_where_coins_are_missing(till: Till, lead: str) -> None:
    till.change(cash_step=5)

    with pytest.raises(NotInSteps) as refused:
        cash.pay_in(till.shop, Money(1002), Purpose.BANK, key=new_key(), by=lead)

    assert refused.value == NotInSteps(amount=1002, step=5)
    assert moves() == []


@pytest.mark.requirement("K-22")
def test_other_needs_a_reason_and_hostile_words_are_words(till: Till, lead: str) -> None:
    with pytest.raises(Missing) as refused:
        cash.pay_out(till.shop, Money(100), Purpose.OTHER, reason=" \x1b\u202e", key=new_key(), by=lead)
    assert refused.value == Missing(field="reason")

    hostile = "[/x]\x1b[12;1]" + "a" * 10_000
    moved = cash.pay_out(till.shop, Money(100), Purpose.OTHER, reason=hostile, key=new_key(), by=lead)

    assert moves() == [("out", "other", "", 100, ("[/x][12;1]" + "a" * 500)[: cash.LONGEST_REASON])]
    assert max(map(len, text(till.shop, moved.entry))) <= 42
    assert verify().ok


def test_a_lane_without_a_shift_gets_one_that_carries_over(till: Till) -> None:
    cash.pay_in(till.shop, Money(5000), Purpose.SAFE, key=new_key(), by=till.ann)

    shift = shift_rows.current(till.shop)
    assert shift is not None
    assert (shift.number, shift.expected, shift.counted) == (1, ZERO, None)
    assert shift_rows.drawer_balance(till.shop) == Money(5000)


@pytest.mark.requirement("D6-04")
def test_cash_between_registers_is_in_neither_drawer_on_its_way(till: Till, lead: str) -> None:
    other = load_shop("R2", 2, till.shop.keys, clock=till.shop.clock)
    cash.pay_out(till.shop, Money(8000), Purpose.REGISTER, other="R2", key=new_key(), by=lead)

    assert postings(2) == {"drawer:R1": -8000, "transit:R1/R2": 8000}
    assert (cash.on_the_way(other), cash.on_the_way(till.shop)) == ((("R1", Money(8000)),), ())
    with pytest.raises(NotEnough) as refused:
        cash.pay_in(other, Money(8001), Purpose.REGISTER, other="R1", key=new_key(), by=lead)
    assert refused.value == NotEnough(wanted=8001, available=8000)

    cash.pay_in(other, Money(5000), Purpose.REGISTER, other="R1", key=new_key(), by=lead)

    assert cash.on_the_way(other) == (("R1", Money(3000)),)
    assert (shift_rows.drawer_balance(till.shop), shift_rows.drawer_balance(other)) == (Money(12_000), Money(5000))
    cash.pay_in(other, Money(3000), Purpose.REGISTER, other="R1", key=new_key(), by=lead)
    assert cash.on_the_way(other) == ()
    assert verify().ok


@pytest.mark.requirement("D6-04")
@pytest.mark.parametrize("lane", ["R1", "R9", ""])
def test_a_register_that_is_not_another_one_gets_nothing(till: Till, lead: str, lane: str) -> None:
    with pytest.raises(NotFound) as refused:
        cash.pay_out(till.shop, Money(100), Purpose.REGISTER, other=lane, key=new_key(), by=lead)

    assert refused.value == NotFound(what="lane", code=lane)
    assert moves() == []


def test_the_digest_of_a_move_is_that_of_its_row(till: Till, lead: str) -> None:
    cash.pay_out(till.shop, Money(100), Purpose.SAFE, key=new_key(), by=lead)

    entry, shift, digest = entries("id", "shift", "digest")[1]
    assert digest == ledger.digest({"move": (entry, shift, "out", "safe", "", 100, "")})


def test_a_slip_of_a_training_till_and_a_copy_are_marked_twice(till: Till, lead: str) -> None:
    from dataclasses import replace

    sell(till, 100)
    moved: Moved = cash.pay_out(till.shop, Money(100), Purpose.SAFE, key=new_key(), by=lead)

    lines = text(replace(till.shop, training=True), moved.entry, copy=2)

    assert [line.strip() for line in lines].count("TRAINING") == 2
    assert [line.strip() for line in lines].count("COPY 2") == 2
