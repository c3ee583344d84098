"""PINs: few tries, long waits, and no way round them by the clock, a restart or a kill."""

from __future__ import annotations

import pytest

from kiosk import db
from kiosk.errors import Denied, Invalid, Locked, NotFound, ShopError, WrongPin
from kiosk.rules.permissions import Role
from kiosk.services import journal, pins, staff
from kiosk.services.keys import Keys
from kiosk.services.shop import Shop, load_shop
from kiosk.services.staff import ROOT, PersonForm
from tests.services.conftest import FixedTime

RIGHT, WRONG = "4711", "4712"


class Uptime:
    """The time since boot, standing still until it is told to move on."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture(autouse=True)
def uptime(monkeypatch: pytest.MonkeyPatch) -> Uptime:
    made = Uptime()
    monkeypatch.setattr(pins, "waits", pins.Waits(made))
    return made


def restart(monkeypatch: pytest.MonkeyPatch, uptime: Uptime) -> None:
    """What a new process knows of waiting: nothing."""
    monkeypatch.setattr(pins, "waits", pins.Waits(uptime))


@pytest.fixture
def ann(shop: Shop) -> str:
    return staff.create(shop, PersonForm("Ann", Role.CASHIER), by=ROOT, pin=RIGHT).id


@pytest.fixture
def boss(shop: Shop) -> str:
    return staff.create(shop, PersonForm("Boss", Role.MANAGER), by=ROOT, pin="90909").id


def refusal(shop: Shop, person_id: str, pin: str) -> ShopError:
    with pytest.raises(ShopError) as refused:
        staff.sign_in(shop, person_id, pin)
    return refused.value


def failures(person_id: str) -> int:
    return int((db.row("SELECT failures FROM staff WHERE id = ?", (person_id,)) or (-1,))[0])


def fail(person_id: str, uptime: Uptime, times: int) -> None:
    """So many wrong PINs in a row, each after its wait, and the last wait over; without their arithmetic."""
    with db.transaction():
        db.run("UPDATE staff SET failures = ?, failed_at = 0 WHERE id = ?", (times, person_id))
    pins.waits.left(person_id, times, 0)
    uptime.seconds += pins.LONGEST_WAIT


@pytest.mark.requirement("D7-01")
def test_the_right_pin_lets_somebody_in_and_is_noted(shop: Shop, ann: str) -> None:
    signed_in = staff.sign_in(shop, ann, RIGHT)
    assert (signed_in.id, signed_in.name, signed_in.role, signed_in.wait_seconds) == (ann, "Ann", Role.CASHIER, 0)
    (note,) = journal.notes(shop, action="staff.signed_in")
    assert (note.by, note.facts) == (ann, {"means": "pin"})
    assert failures(ann) == 0


@pytest.mark.requirement("D7-03")
def test_waits_double_up_to_a_minute_and_the_tenth_failure_locks(shop: Shop, ann: str, uptime: Uptime) -> None:
    said = []
    for _ in range(10):
        said.append(refusal(shop, ann, WRONG))
        uptime.seconds += pins.LONGEST_WAIT
    waits = [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert said == [*(WrongPin(wait_seconds=seconds) for seconds in waits), Locked(wait_seconds=None)]
    assert refusal(shop, ann, RIGHT) == Locked(wait_seconds=None), "the right PIN is no way out"
    assert failures(ann) == 10
    assert len(journal.notes(shop, action="staff.wrong_pin")) == 9
    (locked,) = journal.notes(shop, action="staff.locked")
    assert (locked.by, locked.facts) == (None, {"person": ann, "failures": 10})
    assert journal.notes(shop, action="staff.signed_in") == ()


@pytest.mark.requirement("D7-03")
def test_during_the_wait_no_pin_is_looked_at(shop: Shop, ann: str, uptime: Uptime) -> None:
    fail(ann, uptime, 2)
    assert refusal(shop, ann, WRONG) == WrongPin(wait_seconds=4)
    uptime.seconds += 1.5
    assert refusal(shop, ann, RIGHT) == Locked(wait_seconds=3)
    assert failures(ann) == 3, "what is not looked at is not counted"
    uptime.seconds += 2.5
    assert staff.sign_in(shop, ann, RIGHT).id == ann


def test_the_right_pin_begins_the_count_anew(shop: Shop, ann: str, uptime: Uptime) -> None:
    fail(ann, uptime, 9)
    staff.sign_in(shop, ann, RIGHT)
    assert refusal(shop, ann, WRONG) == WrongPin(wait_seconds=1)


def test_the_failures_of_one_are_not_those_of_another(shop: Shop, ann: str, boss: str, uptime: Uptime) -> None:
    fail(ann, uptime, 10)
    assert staff.sign_in(shop, boss, "90909").id == boss


@pytest.mark.requirement("D7-03")
@pytest.mark.parametrize("years", [10, -10])
def test_setting_the_clock_shortens_no_wait(shop: Shop, ann: str, uptime: Uptime, time: FixedTime, years: int) -> None:
    fail(ann, uptime, 6)
    assert refusal(shop, ann, WRONG) == WrongPin(wait_seconds=60)
    time.move(days=365 * years)
    assert refusal(shop, ann, RIGHT) == Locked(wait_seconds=60)
    uptime.seconds += 59
    assert refusal(shop, ann, RIGHT) == Locked(wait_seconds=1)
    uptime.seconds += 1
    assert staff.sign_in(shop, ann, RIGHT).id == ann


@pytest.mark.requirement("D7-03")
def test_a_restart_begins_the_wait_anew(shop: Shop, ann: str, uptime: Uptime, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(ann, uptime, 5)
    assert refusal(shop, ann, WRONG) == WrongPin(wait_seconds=32)
    uptime.seconds += 31
    restart(monkeypatch, uptime)
    assert refusal(shop, ann, RIGHT) == Locked(wait_seconds=32)
    uptime.seconds = 32
    restart(monkeypatch, uptime)
    assert refusal(shop, ann, RIGHT) == Locked(wait_seconds=32), "also after the machine itself was started"
    assert failures(ann) == 6


def test_the_wait_runs_while_the_names_are_shown(
    shop: Shop, ann: str, uptime: Uptime, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(ann, uptime, 5)
    restart(monkeypatch, uptime)
    (shown,) = staff.people(shop)
    assert (shown.wait_seconds, shown.locked) == (16, False)
    uptime.seconds += 16
    assert staff.sign_in(shop, ann, RIGHT).id == ann


@pytest.mark.requirement("D7-03")
def test_a_kill_during_the_check_gives_no_free_try(
    shop: Shop, ann: str, uptime: Uptime, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Stands in for SIGKILL."""

    def killed(*_: object) -> bool:
        raise Killed

    with monkeypatch.context() as during:
        during.setattr(pins, "_fits", killed)
        with pytest.raises(Killed):
            staff.sign_in(shop, ann, WRONG)
    restart(monkeypatch, uptime)
    assert failures(ann) == 1
    assert refusal(shop, ann, RIGHT) == Locked(wait_seconds=1)


def test_another_lane_gives_no_shorter_wait(
    shop: Shop, ann: str, uptime: Uptime, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(ann, uptime, 3)
    here = pins.waits
    restart(monkeypatch, uptime)
    there = load_shop("R2", 2, shop.keys, clock=shop.clock)
    assert refusal(there, ann, RIGHT) == Locked(wait_seconds=4)
    uptime.seconds += 4
    assert refusal(there, ann, WRONG) == WrongPin(wait_seconds=8)
    monkeypatch.setattr(pins, "waits", here)
    assert refusal(shop, ann, RIGHT) == Locked(wait_seconds=8)


def test_an_attempt_that_was_counted_elsewhere_meanwhile_is_not_checked(
    shop: Shop, ann: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counted_elsewhere(*_: object) -> int:
        db.run("UPDATE staff SET failures = failures + 1 WHERE id = ?", (ann,))
        return 0

    monkeypatch.setattr(pins.waits, "left", counted_elsewhere)
    assert refusal(shop, ann, RIGHT) == Locked(wait_seconds=1)


@pytest.mark.requirement("D7-03")
def test_a_manager_unlocks(shop: Shop, ann: str, boss: str, uptime: Uptime) -> None:
    fail(ann, uptime, 10)
    assert staff.person(shop, ann).locked
    staff.unlock(shop, ann, by=boss)
    assert staff.sign_in(shop, ann, RIGHT).id == ann
    (note,) = journal.notes(shop, action="staff.unlocked")
    assert (note.by, note.facts) == (boss, {"person": ann})


def test_a_cashier_unlocks_nobody(shop: Shop, ann: str, uptime: Uptime) -> None:
    eve = staff.create(shop, PersonForm("Eve", Role.CASHIER), by=ROOT, pin="1111").id
    fail(ann, uptime, 10)
    with pytest.raises(Denied):
        staff.unlock(shop, ann, by=eve)
    assert failures(ann) == 10
    assert journal.notes(shop, action="staff.unlocked") == ()


def test_a_manager_unlocks_neither_oneself_nor_an_owner(shop: Shop, boss: str, uptime: Uptime) -> None:
    owner = staff.create(shop, PersonForm("Owner", Role.OWNER), by=ROOT, pin="2222").id
    fail(owner, uptime, 10)
    for person_id in (boss, owner):
        with pytest.raises(Denied):
            staff.unlock(shop, person_id, by=boss)
    assert failures(owner) == 10


@pytest.mark.requirement("D7-01")
def test_a_sole_owner_is_let_back_in_by_root(shop: Shop, uptime: Uptime) -> None:
    owner = staff.create(shop, PersonForm("Owner", Role.OWNER), by=ROOT, pin="2222").id
    fail(owner, uptime, 10)
    staff.reset_by_root(shop, owner, "3333")
    assert staff.sign_in(shop, owner, "3333").id == owner
    assert refusal(shop, owner, "2222") == WrongPin(wait_seconds=1)
    (note,) = journal.notes(shop, action="staff.reset_by_root")
    assert (note.by, note.facts) == ("root", {"person": owner})


def test_root_resets_nobody_who_does_not_exist(shop: Shop) -> None:
    with pytest.raises(NotFound):
        staff.reset_by_root(shop, "nobody", "3333")
    assert journal.notes(shop) == ()


def test_what_is_no_pin_is_never_kept_and_never_fits(shop: Shop, ann: str, boss: str, uptime: Uptime) -> None:
    spoilt = ["", "123", "123456789", "12a4", "１２３４", "1234 ", "12\ud80034", "x" * 100_000]
    for attempt, pin in enumerate(spoilt, start=1):
        with pytest.raises(Invalid) as refused:
            staff.reset_pin(shop, ann, pin, by=boss)
        assert refused.value == Invalid(field="pin", value="")
        assert isinstance(refusal(shop, ann, pin), WrongPin)
        assert failures(ann) == attempt, "an attempt it is all the same"
        uptime.seconds += pins.LONGEST_WAIT
    assert staff.sign_in(shop, ann, RIGHT).id == ann


def test_four_to_eight_digits_are_a_pin(shop: Shop) -> None:
    for pin in ("0000", "1234", "12345678"):
        person = staff.create(shop, PersonForm(f"Zoe {pin}", Role.LEAD), by=ROOT, pin=pin)
        assert staff.sign_in(shop, person.id, pin).id == person.id


def test_who_does_not_exist_is_refused_as_slowly_as_a_wrong_pin(
    shop: Shop, ann: str, boss: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nameless = staff.create(shop, PersonForm("Badge only", Role.CASHIER), by=ROOT).id
    staff.deactivate(shop, ann, by=boss)
    derived = []
    argon2 = pins._argon2
    monkeypatch.setattr(pins, "_argon2", lambda: derived.append(1) or argon2())
    for person_id in ("nobody", ann, nameless):
        assert refusal(shop, person_id, RIGHT) == WrongPin(wait_seconds=1)
    assert len(derived) == 3


def test_the_database_alone_betrays_no_pin(shop: Shop, ann: str) -> None:
    (kept,) = db.row("SELECT pin FROM staff WHERE id = ?", (ann,)) or ("",)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    stolen = load_shop("R1", 1, Keys.in_memory(), clock=shop.clock)
    assert refusal(stolen, ann, RIGHT) == WrongPin(wait_seconds=1), "it takes the device key as well"


def test_a_hash_copied_from_one_to_another_opens_nothing(shop: Shop, ann: str, boss: str) -> None:
    with db.transaction():
        db.run("UPDATE staff SET pin = (SELECT pin FROM staff WHERE id = ?) WHERE id = ?", (ann, boss))
    assert refusal(shop, boss, RIGHT) == WrongPin(wait_seconds=1)


def test_a_spoilt_hash_is_a_wrong_pin(shop: Shop, ann: str) -> None:
    with db.transaction():
        db.run("UPDATE staff SET pin = 'spoilt' WHERE id = ?", (ann,))
    assert refusal(shop, ann, RIGHT) == WrongPin(wait_seconds=1)


def test_the_same_pin_is_kept_differently_for_each(shop: Shop, ann: str) -> None:
    staff.create(shop, PersonForm("Eve", Role.CASHIER), by=ROOT, pin=RIGHT)
    assert len({kept for (kept,) in db.rows("SELECT pin FROM staff")}) == 2


def test_no_pin_is_ever_in_the_journal(shop: Shop, ann: str, boss: str, uptime: Uptime) -> None:
    refusal(shop, ann, "86420975")
    uptime.seconds += 1
    staff.set_pin(shop, ann, RIGHT, "97531864")
    staff.reset_pin(shop, ann, "86429753", by=boss)
    said = str(db.rows("SELECT * FROM journal"))
    assert not any(pin in said for pin in (RIGHT, "86420975", "97531864", "86429753"))


@pytest.mark.requirement("D7-01")
def test_people_change_their_own_pin_with_the_old_one(shop: Shop, ann: str, uptime: Uptime) -> None:
    staff.set_pin(shop, ann, RIGHT, "5555")
    assert staff.sign_in(shop, ann, "5555").id == ann
    with pytest.raises(WrongPin):
        staff.set_pin(shop, ann, RIGHT, "6666")
    uptime.seconds += 1
    assert staff.sign_in(shop, ann, "5555").id == ann


def test_a_wrong_old_pin_counts_as_one(shop: Shop, ann: str) -> None:
    with pytest.raises(WrongPin):
        staff.set_pin(shop, ann, WRONG, "6666")
    assert failures(ann) == 1
    (note,) = journal.notes(shop, action="staff.wrong_pin")
    assert (note.by, note.facts) == (ann, {"person": ann, "failures": 1})


def test_a_manager_gives_a_new_pin_and_a_new_start(shop: Shop, ann: str, boss: str, uptime: Uptime) -> None:
    fail(ann, uptime, 10)
    staff.reset_pin(shop, ann, "5555", by=boss)
    assert staff.sign_in(shop, ann, "5555").id == ann
    (note,) = journal.notes(shop, action="staff.pin_reset")
    assert (note.by, note.facts) == (boss, {"person": ann})


def test_nobody_resets_the_own_pin_without_the_old_one(shop: Shop, boss: str) -> None:
    with pytest.raises(Denied):
        staff.reset_pin(shop, boss, "5555", by=boss)
    assert staff.sign_in(shop, boss, "90909").id == boss


def test_a_manager_resets_no_owner_and_a_cashier_nobody(shop: Shop, ann: str, boss: str) -> None:
    owner = staff.create(shop, PersonForm("Owner", Role.OWNER), by=ROOT, pin="2222").id
    for person_id, by in ((owner, boss), (owner, ann), (boss, ann)):
        with pytest.raises(Denied):
            staff.reset_pin(shop, person_id, "5555", by=by)
    assert staff.sign_in(shop, owner, "2222").id == owner


def test_the_boot_clock_runs() -> None:
    first = pins.since_boot()
    assert 0 < first <= pins.since_boot()
