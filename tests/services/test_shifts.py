"""A shift is opened, counted, read and closed; what the drawer should hold is always its balance."""

from __future__ import annotations

import json
from datetime import date

import pytest

from kiosk import db
from kiosk.errors import (
    AlreadyDone,
    ClockSuspect,
    CountNeeded,
    Denied,
    Invalid,
    NeedsApproval,
    NoShift,
    NotEnough,
    NotFound,
    OutOfRange,
    ShiftIsOpen,
)
from kiosk.money import ZERO, Money
from kiosk.rules import basket as rules
from kiosk.rules import drawer
from kiosk.rules.basket import EMPTY
from kiosk.rules.drawer import Count, Purpose
from kiosk.rules.permissions import Action, Role
from kiosk.services import cash_rows, figures, journal, ledger, shift_rows, shifts, signing, staff
from kiosk.services.cash import pay_in
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


def jobs() -> list[tuple[object, ...]]:
    return db.rows("SELECT kind, document, copy, drawer, state FROM print_job WHERE kind IN ('x', 'z') ORDER BY id")


def kept() -> list[tuple[object, ...]]:
    return db.rows("SELECT kind, number, shift, entry FROM cash_report ORDER BY at, kind, number")


def signed() -> list[tuple[object, ...]]:
    return db.rows("SELECT seq FROM signature ORDER BY seq")


@pytest.mark.requirement("D6-02", "D6-05", "K-21", "N3")
def test_a_close_counts_takes_to_the_safe_signs_and_queues_the_z(till: Till) -> None:
    lead = a_person(till, "Lea", Role.LEAD)
    shift = shifts.open_shift(till.shop, cash(15_000), key=new_key(), by=lead)
    sell(till, 24_370)

    closed = shifts.close_shift(till.shop, cash(39_270), key=new_key(), by=lead, to_safe=Money(24_270))

    assert (closed.number, closed.counted) == (1, Counted(Money(39_370), Money(39_270), Money(-100)))
    assert (closed.proof_ok, closed.seq) == (True, 3)
    assert entries("kind", "seq", "shift")[2:] == [("shift.closed", 3, shift.id)]
    assert postings(3) == {"drawer:R1": -100 - 24_270, "overshort": 100, "safe": 24_270}
    assert db.row("SELECT hash FROM entry WHERE seq = 3") == (closed.hash,)
    assert signed() == [(3,)]
    assert [(kind, number) for kind, number, *_rest in kept()] == [("z", 1)]
    assert jobs() == [("z", closed.report, 0, "no", "waiting")]
    assert (shift_rows.current(till.shop), shift_rows.drawer_balance(till.shop)) == (None, Money(15_000))
    assert verify(root=signing.first_public(till.shop)).ok


@pytest.mark.requirement("D6-05")
def test_the_next_shift_expects_what_was_left_in_the_drawer(till: Till) -> None:
    shifts.open_shift(till.shop, cash(15_000), key=new_key(), by=till.ann)
    sell(till, 1000)
    shifts.close_shift(till.shop, cash(15_900), key=new_key(), by=till.ann)

    assert shifts.now(till.shop, till.ann).expected == Money(15_900)
    following = shifts.open_shift(till.shop, cash(15_900), key=new_key(), by=till.ann)

    assert (following.number, following.expected, following.counted) == (2, Money(15_900), Money(15_900))
    assert postings(4) == {}


@pytest.mark.requirement("D6-02", "N3")
def test_the_z_in_the_chain_is_the_z_that_is_kept(till: Till) -> None:
    sell(till, 1000)
    closed = shifts.close_shift(till.shop, cash(1000), key=new_key(), by=till.ann)

    ((facts, entry),) = db.rows("SELECT facts, entry FROM cash_report")
    ((digest, trace),) = db.rows("SELECT digest, trace FROM entry WHERE seq = 2")
    assert digest == figures.digest(facts)
    row = cash_rows.count_of(entry)
    assert row is not None
    assert json.loads(trace) == {"count": ledger.digest(row.document())}
    read = shifts.report(till.shop, closed.report)
    assert (read.kind, read.number, read.gross, read.counted) == ("z", 1, Money(1000), Money(1000))
    assert read.proof_ok


def test_a_z_at_a_fiftieth_entry_is_signed_once(till: Till) -> None:
    for _ in range(48):
        shifts.count(till.shop, cash(0), key=new_key(), by=till.ann)
    shifts.count(till.shop, cash(0), key=new_key(), by=till.ann)

    assert shifts.close_shift(till.shop, cash(0), key=new_key(), by=till.ann).seq == 50
    assert signed() == [(50,)]


def test_nothing_is_closed_where_nothing_is_open(till: Till) -> None:
    with pytest.raises(NoShift):
        shifts.close_shift(till.shop, cash(0), key=new_key(), by=till.ann)
    with pytest.raises(NoShift):
        shifts.read_x(till.shop, key=new_key(), by=a_person(till, "Lea", Role.LEAD))
    assert (kept(), jobs(), entries("kind")) == ([], [], [])


def test_a_shift_closes_without_a_count_only_where_the_shop_says_so(till: Till) -> None:
    lead = a_person(till, "Lea", Role.LEAD)
    sell(till, 1000)
    with pytest.raises(CountNeeded):
        shifts.close_shift(till.shop, None, key=new_key(), by=lead)
    till.change(count_at_close=False)

    closed = shifts.close_shift(till.shop, None, key=new_key(), by=lead, to_safe=Money(400))

    assert closed.counted is None
    assert postings(2) == {"drawer:R1": -400, "safe": 400}
    assert db.row("SELECT COUNT(*) FROM cash_count") == (0,)
    assert verify().ok


def test_no_more_goes_to_the_safe_than_was_counted(till: Till) -> None:
    lead = a_person(till, "Lea", Role.LEAD)
    sell(till, 1000)

    with pytest.raises(NotEnough) as refused:
        shifts.close_shift(till.shop, cash(900), key=new_key(), by=lead, to_safe=Money(901))
    assert refused.value == NotEnough(wanted=901, available=900)
    with pytest.raises(OutOfRange):
        shifts.close_shift(till.shop, cash(900), key=new_key(), by=lead, to_safe=Money(-1))
    assert (kept(), signed()) == ([], [])
    assert shift_rows.current(till.shop) is not None


@pytest.mark.requirement("D7-02")
def test_what_goes_to_the_safe_passes_that_door_too(till: Till) -> None:
    lead = a_person(till, "Lea", Role.LEAD, pin="4711")
    sell(till, 1000)

    with pytest.raises(NeedsApproval) as refused:
        shifts.close_shift(till.shop, cash(1000), key="evening", by=till.ann, to_safe=Money(500))
    assert refused.value == NeedsApproval(action="cash.safe")
    assert kept() == []
    staff.approve(till.shop, lead, "4711", Action.SAFE_DROP, till.ann, key="evening")

    shifts.close_shift(till.shop, cash(1000), key="evening", by=till.ann, to_safe=Money(500))

    assert entries("kind", '"by"', "approved_by")[1:] == [("shift.closed", till.ann, lead)]


def test_the_same_key_closes_once_and_says_the_same(till: Till) -> None:
    lead = a_person(till, "Lea", Role.LEAD)
    sell(till, 1000)
    first = shifts.close_shift(till.shop, cash(900), key="evening", by=lead, to_safe=Money(100))
    sell(till, 500)

    assert shifts.close_shift(till.shop, cash(900), key="evening", by=lead, to_safe=Money(100)) == first
    for counted, safe in ((900, 200), (900, 0), (800, 100)):
        with pytest.raises(AlreadyDone):
            shifts.close_shift(till.shop, cash(counted), key="evening", by=lead, to_safe=Money(safe))
    with pytest.raises(AlreadyDone):
        shifts.close_shift(till.shop, None, key="evening", by=lead, to_safe=Money(100))
    assert (len(kept()), len(jobs())) == (1, 1)
    current = shift_rows.current(till.shop)
    assert current is not None
    assert current.number == 2


@pytest.mark.requirement("D6-02")
def test_an_x_is_read_at_any_time_and_closes_nothing(till: Till) -> None:
    lead = a_person(till, "Lea", Role.LEAD)
    sell(till, 1000)

    first = shifts.read_x(till.shop, key="first", by=lead)
    sell(till, 500)
    second = shifts.read_x(till.shop, key="second", by=lead)

    assert shifts.read_x(till.shop, key="second", by=lead) == second
    assert jobs() == [("x", first, 0, "no", "waiting"), ("x", second, 0, "no", "waiting")]
    read = [shifts.report(till.shop, one) for one in (first, second)]
    assert [(one.kind, one.number, one.gross) for one in read] == [("x", 1, Money(1000)), ("x", 2, Money(1500))]
    assert entries("kind") == [("sale",), ("sale",)]
    assert shift_rows.current(till.shop) is not None
    with pytest.raises(AlreadyDone):
        shifts.count(till.shop, cash(0), key="second", by=lead)
    with pytest.raises(NeedsApproval):
        shifts.read_x(till.shop, key="third", by=till.ann)


def test_a_key_of_another_deed_reads_no_x(till: Till) -> None:
    lead = a_person(till, "Lea", Role.LEAD)
    shifts.count(till.shop, cash(0), key="noon", by=lead)

    with pytest.raises(AlreadyDone):
        shifts.read_x(till.shop, key="noon", by=lead)
    assert kept() == []


@pytest.mark.requirement("D6-02")
def test_a_day_that_nobody_counted_and_nobody_closed_has_its_z_all_the_same(till: Till, time: FixedTime) -> None:
    sell(till, 1000)
    time.move(days=1)

    sell(till, 500)

    assert entries("kind", "business_date") == [
        ("sale", "2026-11-20"),
        ("shift.closed", "2026-11-20"),
        ("sale", "2026-11-21"),
    ]
    assert (postings(2), signed(), jobs()) == ({}, [(2,)], [])
    ((z,),) = db.rows("SELECT id FROM cash_report")
    read = shifts.report(till.shop, z)
    assert (read.gross, read.counted, read.difference, read.proof_ok) == (Money(1000), None, None, True)
    current = shift_rows.current(till.shop)
    assert current is not None
    assert (current.number, current.business_date, current.first_seq) == (2, "2026-11-21", 3)
    assert (current.expected, current.counted) == (Money(1000), None)
    assert verify().ok


@pytest.mark.requirement("D6-02")
@pytest.mark.parametrize("deed", ["open", "count", "pay in"])
def test_whatever_moves_cash_next_ends_such_a_day(till: Till, time: FixedTime, deed: str) -> None:
    sell(till, 1000)
    time.move(days=1)
    match deed:
        case "open":
            shifts.open_shift(till.shop, cash(900), key=new_key(), by=till.ann)
        case "count":
            shifts.count(till.shop, cash(900), key=new_key(), by=till.ann)
        case _:
            pay_in(till.shop, Money(900), Purpose.SAFE, key=new_key(), by=till.ann)

    assert [kind for (kind,) in entries("kind")][:2] == ["sale", "shift.closed"]
    current = shift_rows.current(till.shop)
    assert current is not None
    assert (current.number, current.business_date) == (2, "2026-11-21")
    assert entries("shift")[2] == (current.id,)


@pytest.mark.requirement("D6-01")
def test_a_shift_that_somebody_opened_stays_until_somebody_closes_it(till: Till, time: FixedTime) -> None:
    shift = shifts.open_shift(till.shop, cash(15_000), key=new_key(), by=till.ann)
    time.move(days=1)
    sell(till, 1000)

    assert shift_rows.current(till.shop) == shift
    assert shifts.now(till.shop, till.ann).stale
    assert entries("kind", "business_date") == [("shift.opened", "2026-11-20"), ("sale", "2026-11-20")]
    closed = shifts.close_shift(till.shop, cash(16_000), key=new_key(), by=till.ann)
    assert shifts.report(till.shop, closed.report).business_date == "2026-11-20"
    assert not shifts.now(till.shop, till.ann).stale


def test_half_past_one_at_night_is_still_the_same_day(till: Till, time: FixedTime) -> None:
    sell(till, 1000)
    time.move(hours=12, minutes=30)
    sell(till, 500)

    assert entries("kind", "business_date") == [("sale", "2026-11-20")] * 2
    assert not shifts.now(till.shop, till.ann).stale


def test_no_clock_that_can_not_be_believed_ends_a_day(till: Till, time: FixedTime) -> None:
    sell(till, 1000)
    time.move(days=1000)
    time.believable = False
    sell(till, 500)

    assert entries("kind") == [("sale",), ("sale",)]
    assert kept() == []


@pytest.mark.requirement("D6-02")
def test_a_day_of_the_future_ends_once_the_clock_is_right(till: Till, time: FixedTime) -> None:
    time.move(days=1000)
    time.believable = False
    sell(till, 1000)
    time.move(days=-1000)
    time.believable = True
    sell(till, 500)
    time.move(minutes=1)
    sell(till, 250)

    assert entries("kind", "business_date", "clock_suspect") == [
        ("sale", "2029-08-16", 1),
        ("sale", "2029-08-16", 1),
        ("shift.closed", "2029-08-16", 0),
        ("sale", "2026-11-20", 0),
    ]
    assert verify().ok


@pytest.mark.requirement("D6-02")
def test_a_reprint_is_a_numbered_copy_and_is_logged(till: Till) -> None:
    lead = a_person(till, "Lea", Role.LEAD)
    sell(till, 1000)
    closed = shifts.close_shift(till.shop, cash(1000), key=new_key(), by=lead)

    assert [shifts.reprint(till.shop, closed.report, by=lead) for _ in range(2)] == [1, 2]

    assert [(kind, document, copy) for kind, document, copy, *_rest in jobs()] == [
        ("z", closed.report, copy) for copy in (0, 1, 2)
    ]
    assert [(note.by, note.facts) for note in journal.notes(till.shop, action="report.copy")] == [
        (lead, {"copy": copy, "report": closed.report}) for copy in (2, 1)
    ]
    with pytest.raises(NeedsApproval):
        shifts.reprint(till.shop, closed.report, by=till.ann)
    with pytest.raises(Denied):
        shifts.reprint(till.shop, closed.report, by=till.technician)
    with pytest.raises(NotFound):
        shifts.reprint(till.shop, "nothing", by=lead)
    assert len(jobs()) == 3


def test_a_z_that_nobody_saw_comes_out_as_the_original_first(till: Till, time: FixedTime) -> None:
    lead = a_person(till, "Lea", Role.LEAD)
    sell(till, 1000)
    time.move(days=1)
    sell(till, 500)
    ((z,),) = db.rows("SELECT id FROM cash_report")

    assert [shifts.reprint(till.shop, z, by=lead) for _ in range(3)] == [0, 1, 2]


@pytest.mark.requirement("D6-02")
def test_past_reports_are_listed_newest_first(till: Till, time: FixedTime) -> None:
    lead = a_person(till, "Lea Lind", Role.LEAD)
    sell(till, 1000)
    x = shifts.read_x(till.shop, key=new_key(), by=lead)
    first = shifts.close_shift(till.shop, cash(900), key=new_key(), by=till.ann)
    time.move(days=1)
    sell(till, 500)
    second = shifts.close_shift(till.shop, cash(1400), key=new_key(), by=lead)

    found = shifts.reports(till.shop, by=staff.ROOT)
    assert [(row.id, row.kind, row.number, row.business_date, row.by) for row in found] == [
        (second.report, "z", 2, "2026-11-21", "Lea"),
        (first.report, "z", 1, "2026-11-20", "Ann"),
    ]
    assert [(row.gross, row.difference, row.proof_ok) for row in found] == [
        (Money(500), ZERO, True),
        (Money(1000), Money(-100), True),
    ]
    assert [row.id for row in shifts.reports(till.shop, by=staff.ROOT, kinds=("x", "z"))] == [
        second.report,
        first.report,
        x,
    ]
    assert [row.id for row in shifts.reports(till.shop, by=staff.ROOT, kinds=("x",))] == [x]
    assert [row.id for row in shifts.reports(till.shop, by=staff.ROOT, on=date(2026, 11, 20))] == [first.report]
    assert [row.id for row in shifts.reports(till.shop, by=staff.ROOT, limit=1)] == [second.report]
    assert shifts.reports(till.shop, by=staff.ROOT, lane="R2") == ()
    assert shifts.reports(till.shop, by=staff.ROOT, kinds=()) == ()
    with pytest.raises(NotFound):
        shifts.report(till.shop, "nothing")


def test_the_totals_of_a_closed_day_are_its_figures(till: Till) -> None:
    sell(till, 1200)
    shift = shift_rows.current(till.shop)
    assert shift is not None
    expected = figures.totals(till.shop, shift)
    shifts.close_shift(till.shop, cash(1200), key=new_key(), by=till.ann)

    found = db.rows(
        "SELECT figure, person, code, count, amount FROM day_total WHERE lane = 'R1' AND shift = ? "
        "AND business_date = '2026-11-20' ORDER BY figure, person, code",
        (shift.id,),
    )
    assert set(found) == {(one.figure, one.person, one.code, one.count, one.amount) for one in expected} | {
        ("difference", "", "close", 1, 0)
    }
    assert ("turnover", "", "A/2000", 1, 1200) in found
