"""A shift is opened, counted, read and closed; what the drawer should hold is always its balance."""

from __future__ import annotations

import pytest

from kiosk import db
from kiosk.errors import AlreadyDone, ClockSuspect, Denied, Invalid, OutOfRange, ShiftIsOpen
from kiosk.money import ZERO, Money
from kiosk.rules import basket as rules
from kiosk.rules import drawer
from kiosk.rules.basket import EMPTY
from kiosk.rules.drawer import Count
from kiosk.rules.permissions import Role
from kiosk.services import journal, ledger, shift_rows, shifts, staff
from kiosk.services.shifts import Counted
from kiosk.services.shop import new_key
from kiosk.services.verify import verify
from tests.services.conftest import FixedTime
from tests.services.journey import Till


def cash(minor: int) -> Count:
    return Count(Money(minor))


def entries(*columns: str) -> list[tuple[object, ...]]:
    return db.rows(f"SELECT {', '.join(columns)} FROM entry ORDER BY seq")


def postings(seq: int) -> dict[str, int]:
    found = db.rows(
        "SELECT account.kind, account.owner, posting.amount FROM posting JOIN account ON account.id = posting.account "
        "JOIN entry ON entry.id = posting.entry WHERE entry.seq = ?",
        (seq,),
    )
    return {f"{kind}:{owner}" if owner else kind: int(amount) for kind, owner, amount in found}


def a_person(till: Till, name: str, role: Role, pin: str | None = None) -> str:
    return staff.create(till.shop, staff.PersonForm(name=name, role=role), by=staff.ROOT, pin=pin).id


def sell(till: Till, minor: int, *, handed: int | None = None) -> None:
    """Sell something of this price for cash."""
    name = f"Thing {new_key()}"
    till.sell(rules.add(EMPTY, till.article(name, minor)), till.cash(handed or minor))


@pytest.mark.requirement("D6-01")
def test_a_shift_opens_with_the_float_that_was_counted_by_note_and_coin(till: Till) -> None:
    counted = drawer.count({5000: 2, 1000: 4, 200: 3, 100: 4, 1: 0})

    shift = shifts.open_shift(till.shop, counted, key=new_key(), by=till.ann)

    assert (shift.lane, shift.number, shift.business_date, shift.by) == ("R1", 1, "2026-11-20", till.ann)
    assert (shift.first_seq, shift.expected, shift.counted) == (1, ZERO, Money(15_000))
    assert entries("kind", "seq", "shift", "business_date") == [("shift.opened", 1, shift.id, "2026-11-20")]
    assert postings(1) == {"drawer:R1": 15_000, "overshort": -15_000}
    assert db.rows("SELECT kind, expected, counted, difference, pieces, blind FROM cash_count") == [
        ("open", 0, 15_000, 15_000, '{"100":4,"1000":4,"200":3,"5000":2}', 0)
    ]
    assert shift_rows.current(till.shop) == shift
    assert verify().ok


@pytest.mark.requirement("D6-01")
def test_a_float_that_is_what_the_books_expect_moves_nothing(till: Till) -> None:
    shifts.open_shift(till.shop, cash(0), key=new_key(), by=till.ann)

    assert entries("kind") == [("shift.opened",)]
    assert db.row("SELECT COUNT(*) FROM posting") == (0,)
    assert verify().ok


@pytest.mark.requirement("D6-01")
def test_a_shift_that_nobody_counts_carries_over_what_should_be_there(till: Till) -> None:
    shift = shifts.open_shift(till.shop, None, key=new_key(), by=till.ann)

    assert (shift.expected, shift.counted) == (ZERO, None)
    assert entries("kind") == []
    assert shift_rows.current(till.shop) == shift


@pytest.mark.requirement("D6-01")
def test_there_is_one_open_shift(till: Till) -> None:
    shifts.open_shift(till.shop, cash(100), key=new_key(), by=till.ann)

    with pytest.raises(ShiftIsOpen) as refused:
        shifts.open_shift(till.shop, cash(100), key=new_key(), by=till.ann)

    assert refused.value == ShiftIsOpen(number=1)
    assert len(entries("kind")) == 1


@pytest.mark.parametrize("counted", [cash(15_000), None], ids=["counted", "carried over"])
def test_the_same_key_opens_one_shift_and_no_other(till: Till, counted: Count | None) -> None:
    first = shifts.open_shift(till.shop, counted, key="morning", by=till.ann)

    assert shifts.open_shift(till.shop, counted, key="morning", by=till.ann) == first
    for other in (cash(14_900), Count(Money(15_000), {5000: 3}), None if counted else cash(0)):
        with pytest.raises(AlreadyDone):
            shifts.open_shift(till.shop, other, key="morning", by=till.ann)
    with pytest.raises(AlreadyDone):
        shifts.count(till.shop, cash(15_000), key="morning", by=till.ann)
    assert db.row("SELECT COUNT(*) FROM shift") == (1,)
    assert len(entries("kind")) == (1 if counted else 0)


def test_one_who_may_not_opens_nothing(till: Till) -> None:
    with pytest.raises(Denied):
        shifts.open_shift(till.shop, cash(100), key=new_key(), by=till.technician)

    assert (shift_rows.current(till.shop), entries("kind")) == (None, [])


@pytest.mark.parametrize(
    ("counted", "refusal"),
    [
        (cash(-1), OutOfRange(field="amount", value="-1", lowest="0", highest="99999999999")),
        (
            cash(100_000_000_000),
            OutOfRange(field="amount", value="100000000000", lowest="0", highest="99999999999"),
        ),
        (Count(Money(100), {200: 1}), Invalid(field="amount", value="100")),
        (Count(Money(-200), {200: -1}), OutOfRange(field="amount", value="-200", lowest="0", highest="99999999999")),
    ],
)
def test_what_no_drawer_can_hold_is_not_counted(till: Till, counted: Count, refusal: Exception) -> None:
    with pytest.raises(type(refusal)) as refused:
        shifts.open_shift(till.shop, counted, key=new_key(), by=till.ann)
    assert refused.value == refusal
    with pytest.raises(type(refusal)):
        shifts.count(till.shop, counted, key=new_key(), by=till.ann)
    assert shift_rows.current(till.shop) is None


@pytest.mark.requirement("D6-01")
def test_a_clock_that_is_behind_must_be_called_right_by_somebody(till: Till, time: FixedTime) -> None:
    shifts.open_shift(till.shop, cash(100), key=new_key(), by=till.ann)
    shifts.close_shift(till.shop, cash(100), key=new_key(), by=till.ann)
    time.move(hours=-3)

    assert shifts.now(till.shop, till.ann).clock_says == "2026-11-20T10:00+01:00"
    with pytest.raises(ClockSuspect) as refused:
        shifts.open_shift(till.shop, cash(100), key=new_key(), by=till.ann)
    assert refused.value == ClockSuspect(says="2026-11-20T10:00+01:00")
    assert shift_rows.current(till.shop) is None

    shift = shifts.open_shift(till.shop, cash(100), key=new_key(), by=till.ann, clock_is_right=True)
    assert shift.number == 2
    (note,) = journal.notes(till.shop, action="clock.confirmed")
    assert (note.by, note.facts) == (till.ann, {"says": "2026-11-20T10:00+01:00"})


@pytest.mark.requirement("K-21", "D6-05")
def test_a_difference_is_booked_and_the_next_expected_is_what_was_counted(till: Till) -> None:
    shifts.open_shift(till.shop, cash(15_000), key=new_key(), by=till.ann)
    sell(till, 24_370)
    assert shifts.now(till.shop, till.ann).expected == Money(39_370)

    counted = shifts.count(till.shop, cash(39_270), key=new_key(), by=till.ann)

    assert counted == Counted(expected=Money(39_370), counted=Money(39_270), difference=Money(-100))
    assert postings(3) == {"drawer:R1": -100, "overshort": 100}
    assert shifts.now(till.shop, till.ann).expected == Money(39_270)
    assert shifts.count(till.shop, cash(39_270), key=new_key(), by=till.ann).difference == ZERO
    assert postings(4) == {}
    assert verify().ok


@pytest.mark.requirement("K-21")
def test_the_same_count_twice_is_one_count(till: Till) -> None:
    sell(till, 1000)
    first = shifts.count(till.shop, cash(900), key="noon", by=till.ann)

    assert shifts.count(till.shop, cash(900), key="noon", by=till.ann) == first
    with pytest.raises(AlreadyDone):
        shifts.count(till.shop, cash(800), key="noon", by=till.ann)
    assert entries("kind") == [("sale",), ("cash.counted",)]
    assert shift_rows.drawer_balance(till.shop) == Money(900)


@pytest.mark.requirement("D6-01")
def test_whoever_counts_blind_does_not_see_what_should_be_there(till: Till) -> None:
    lead = a_person(till, "Lea", Role.LEAD)
    sell(till, 1000)
    till.change(blind_count=True)

    assert shifts.now(till.shop, till.ann).expected is None
    assert shifts.now(till.shop, lead).expected == Money(1000)
    shifts.count(till.shop, cash(900), key=new_key(), by=till.ann)
    shifts.count(till.shop, cash(900), key=new_key(), by=lead)
    assert db.rows("SELECT expected, counted, blind FROM cash_count ORDER BY entry") == [(1000, 900, 1), (900, 900, 0)]


def test_the_digest_of_a_count_is_that_of_its_row(till: Till) -> None:
    shifts.count(till.shop, drawer.count({100: 9}), key=new_key(), by=till.ann)

    ((entry, shift, digest),) = entries("id", "shift", "digest")
    assert digest == ledger.digest({"count": (entry, shift, "count", 0, 900, 900, '{"100":9}', 0)})
