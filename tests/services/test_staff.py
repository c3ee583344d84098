"""The people who work at the till: taking on, changing, letting go, badges."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from kiosk import db
from kiosk.errors import AlreadyTaken, Denied, Invalid, Locked, Missing, NotFound
from kiosk.rules.codes import CodeKind, make, what_is
from kiosk.rules.permissions import Action, Role
from kiosk.services import journal, pins, staff
from kiosk.services.shop import Shop, change_settings
from kiosk.services.staff import ROOT, Person, PersonForm

NOBODY = Denied(action=Action.EDIT_STAFF)
LAST_OWNER = Denied(action=staff.LAST_OWNER)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a PIN's hash costs is shown in test_staff_pins."""
    monkeypatch.setattr(pins, "_MEMORY_KIB", 64)


@pytest.fixture
def take_on(shop: Shop) -> Callable[[str, Role], str]:
    """Take somebody on, with the PIN 4711."""

    def make_person(name: str, role: Role) -> str:
        return staff.create(shop, PersonForm(name, role), by=ROOT, pin="4711").id

    return make_person


TakeOn = Callable[[str, Role], str]


def deeds(shop: Shop) -> list[str]:
    """What the journal says, the oldest first, without the taking on by root."""
    return [note.action for note in reversed(journal.notes(shop)) if (note.action, note.by) != ("staff.created", ROOT)]


@pytest.mark.requirement("D7-01")
def test_the_first_owner_comes_from_root(shop: Shop) -> None:
    owner = staff.create(shop, PersonForm("Olga", Role.OWNER, "de"), by=ROOT, pin="4711")
    assert owner == Person(
        id=owner.id,
        name="Olga",
        role=Role.OWNER,
        language="de",
        badge=False,
        pin=True,
        active=True,
        locked=False,
        wait_seconds=0,
    )
    assert staff.people(shop) == (owner,)
    (note,) = journal.notes(shop)
    assert (note.by, note.action, note.facts) == ("root", "staff.created", {"person": owner.id, "role": "owner"})


def test_people_stand_in_the_order_of_their_names_and_former_ones_apart(shop: Shop, take_on: TakeOn) -> None:
    take_on("zoe", Role.CASHIER)
    boss = take_on("Max", Role.MANAGER)
    gone = take_on("Anna", Role.CASHIER)
    staff.deactivate(shop, gone, by=boss)
    assert [person.name for person in staff.people(shop)] == ["Max", "zoe"]
    assert [(person.name, person.active) for person in staff.people(shop, with_former=True)] == [
        ("Anna", False),
        ("Max", True),
        ("zoe", True),
    ]


@pytest.mark.requirement("D7-02")
@pytest.mark.parametrize(
    ("by_role", "role", "allowed"),
    [
        (Role.OWNER, Role.OWNER, True),
        (Role.MANAGER, Role.MANAGER, True),
        (Role.MANAGER, Role.TECHNICIAN, True),
        (Role.MANAGER, Role.OWNER, False),
        (Role.LEAD, Role.CASHIER, False),
        (Role.CASHIER, Role.CASHIER, False),
        (Role.TECHNICIAN, Role.TECHNICIAN, False),
    ],
)
def test_who_takes_whom_on(shop: Shop, take_on: TakeOn, by_role: Role, role: Role, allowed: bool) -> None:
    by = take_on("Boss", by_role)
    if allowed:
        made = staff.create(shop, PersonForm("New", role), by=by)
        assert [(note.by, note.facts["person"]) for note in journal.notes(shop, limit=1)] == [(by, made.id)]
        return
    with pytest.raises(Denied) as refused:
        staff.create(shop, PersonForm("New", role), by=by)
    assert refused.value == NOBODY
    assert [person.name for person in staff.people(shop)] == ["Boss"]
    assert deeds(shop) == []


def test_a_stranger_and_a_former_manager_take_nobody_on(shop: Shop, take_on: TakeOn) -> None:
    owner, former = take_on("Olga", Role.OWNER), take_on("Max", Role.MANAGER)
    staff.deactivate(shop, former, by=owner)
    for by in ("nobody", "", former):
        with pytest.raises(Denied):
            staff.create(shop, PersonForm("New", Role.CASHIER), by=by)
    assert [person.name for person in staff.people(shop)] == ["Olga"]


def test_names_are_cleaned_needed_and_unique(shop: Shop, take_on: TakeOn) -> None:
    made = staff.create(shop, PersonForm("  A\x1b[31mn\u202en\n ", Role.CASHIER), by=ROOT)
    assert made.name == "A[31mnn"
    assert len(staff.create(shop, PersonForm("x" * 500, Role.CASHIER), by=ROOT).name) == staff.LONGEST_NAME
    for name in ("", " \u200b\t"):
        with pytest.raises(Missing) as missing:
            staff.create(shop, PersonForm(name, Role.CASHIER), by=ROOT)
        assert missing.value == Missing(field="name")
    take_on("Ann", Role.CASHIER)
    with pytest.raises(AlreadyTaken) as taken:
        staff.create(shop, PersonForm("Ann", Role.LEAD), by=ROOT)
    assert taken.value == AlreadyTaken(what="name", code="Ann")
    with pytest.raises(Invalid) as invalid:
        staff.create(shop, PersonForm("Eve", Role.LEAD, "xx"), by=ROOT)
    assert invalid.value == Invalid(field="language", value="xx")
    assert len(staff.people(shop)) == 3


def test_a_change_is_kept_and_noted_without_the_name(shop: Shop, take_on: TakeOn) -> None:
    owner, ann = take_on("Olga", Role.OWNER), take_on("Ann", Role.CASHIER)
    changed = staff.change(shop, ann, PersonForm("Anna", Role.LEAD, "fr"), by=owner)
    assert (changed.name, changed.role, changed.language, changed.pin) == ("Anna", Role.LEAD, "fr", True)
    (note,) = journal.notes(shop, action="staff.changed")
    assert (note.by, note.facts) == (owner, {"person": ann, "role_before": "cashier", "role": "lead"})


def test_a_manager_makes_nobody_an_owner_and_touches_none(shop: Shop, take_on: TakeOn) -> None:
    owner, boss = take_on("Olga", Role.OWNER), take_on("Max", Role.MANAGER)
    for person_id, role in ((boss, Role.OWNER), (owner, Role.CASHIER), (owner, Role.OWNER)):
        with pytest.raises(Denied) as refused:
            staff.change(shop, person_id, PersonForm("New", role), by=boss)
        assert refused.value == NOBODY
    with pytest.raises(Denied):
        staff.deactivate(shop, owner, by=boss)
    assert [(person.name, person.role) for person in staff.people(shop)] == [
        ("Max", Role.MANAGER),
        ("Olga", Role.OWNER),
    ]


def test_who_does_not_exist_cannot_be_changed(shop: Shop) -> None:
    with pytest.raises(NotFound) as refused:
        staff.change(shop, "nobody", PersonForm("New", Role.LEAD), by=ROOT)
    assert refused.value == NotFound(what="person", code="nobody")


@pytest.mark.requirement("D7-02")
def test_the_last_owner_stays(shop: Shop, take_on: TakeOn) -> None:
    owner = take_on("Olga", Role.OWNER)
    staff.create(shop, PersonForm("Otto", Role.OWNER), by=ROOT)
    for by in (owner, ROOT):
        with pytest.raises(Denied) as refused:
            staff.deactivate(shop, owner, by=by)
        assert refused.value == LAST_OWNER, "Otto has no PIN, and could not sign in"
        with pytest.raises(Denied) as refused:
            staff.change(shop, owner, PersonForm("Olga", Role.MANAGER), by=by)
        assert refused.value == LAST_OWNER
    assert staff.sign_in(shop, owner, "4711").role is Role.OWNER


@pytest.mark.requirement("D7-02")
def test_one_of_two_owners_may_go_and_then_the_other_stays(shop: Shop, take_on: TakeOn) -> None:
    first, second = take_on("Olga", Role.OWNER), take_on("Otto", Role.OWNER)
    staff.deactivate(shop, first, by=second)
    with pytest.raises(Denied) as refused:
        staff.deactivate(shop, second, by=second)
    assert refused.value == LAST_OWNER
    assert [person.id for person in staff.people(shop)] == [second]


@pytest.mark.requirement("D7-02")
def test_two_owners_who_leave_at_once_do_not_both_leave(shop: Shop, take_on: TakeOn) -> None:
    owners = [take_on("Olga", Role.OWNER), take_on("Otto", Role.OWNER)]
    together = threading.Barrier(2, timeout=20)
    refused: list[Denied] = []

    def leave(person_id: str) -> None:
        db.database.connect()
        try:
            together.wait()
            staff.deactivate(shop, person_id, by=ROOT)
        except Denied as error:
            refused.append(error)
        finally:
            db.disconnect()

    for _ in range(5):
        threads = [threading.Thread(target=leave, args=(person_id,)) for person_id in owners]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert refused == [LAST_OWNER]
        assert len(staff.people(shop)) == 1
        refused.clear()
        for person_id in owners:
            staff.activate(shop, person_id, by=ROOT)


@pytest.mark.requirement("D7-01")
def test_who_was_let_go_gets_in_no_more_until_taken_back(shop: Shop, take_on: TakeOn) -> None:
    owner, ann = take_on("Olga", Role.OWNER), take_on("Ann", Role.CASHIER)
    code = staff.make_badge(shop, ann, by=owner)
    staff.deactivate(shop, ann, by=owner)
    assert staff.by_badge(shop, code) is None
    assert staff.permission(shop, ann, Action.SELL) == "denied"
    with pytest.raises(NotFound):
        staff.set_badge(shop, ann, code, by=owner)
    back = staff.activate(shop, ann, by=owner)
    assert (back.active, back.badge, back.pin) == (True, False, True)
    assert staff.sign_in(shop, ann, "4711").id == ann
    assert deeds(shop) == ["staff.badge_set", "staff.deactivated", "staff.activated", "staff.signed_in"]


@pytest.mark.requirement("D7-01")
def test_a_badge_says_who_and_is_kept_as_a_hash(shop: Shop, take_on: TakeOn) -> None:
    owner, ann = take_on("Olga", Role.OWNER), take_on("Ann", Role.CASHIER)
    code = staff.make_badge(shop, ann, by=owner)
    assert what_is(code).kind is CodeKind.BADGE
    found = staff.by_badge(shop, f" {code} ")
    assert found is not None
    assert (found.id, found.badge) == (ann, True)
    assert staff.by_badge(shop, make(CodeKind.BADGE, 0)) is None
    (kept,) = db.row("SELECT badge FROM staff WHERE id = ?", (ann,)) or ("",)
    assert kept == shop.keys.digest("badge", code).hex()
    assert code not in str(db.rows("SELECT * FROM journal"))
    assert code[4:12] not in str(db.rows("SELECT * FROM staff"))


@pytest.mark.requirement("D7-01")
def test_a_badge_alone_lets_nobody_in_unless_the_policy_says_so(shop: Shop, take_on: TakeOn) -> None:
    owner, ann = take_on("Olga", Role.OWNER), take_on("Ann", Role.CASHIER)
    code = staff.make_badge(shop, ann, by=owner)
    with pytest.raises(Denied) as refused:
        staff.sign_in_by_badge(shop, code)
    assert refused.value == Denied(action=staff.BADGE_ALONE)
    assert "staff.signed_in" not in deeds(shop)
    easy = change_settings(shop, {"badge_is_enough": True}, by=owner)
    assert staff.sign_in_by_badge(easy, code).id == ann
    (note,) = journal.notes(shop, action="staff.signed_in")
    assert (note.by, note.facts) == (ann, {"means": "badge"})


def test_an_unknown_badge_and_a_locked_person_stay_out(shop: Shop, take_on: TakeOn) -> None:
    owner, ann = take_on("Olga", Role.OWNER), take_on("Ann", Role.CASHIER)
    code = staff.make_badge(shop, ann, by=owner)
    easy = replace(shop, settings=replace(shop.settings, badge_is_enough=True))
    with pytest.raises(NotFound) as unknown:
        staff.sign_in_by_badge(easy, make(CodeKind.BADGE, 0))
    assert unknown.value == NotFound(what="badge", code="")
    with db.transaction():
        db.run("UPDATE staff SET failures = 10 WHERE id = ?", (ann,))
    with pytest.raises(Locked) as locked:
        staff.sign_in_by_badge(easy, code)
    assert locked.value == Locked(wait_seconds=None)
    assert deeds(shop) == ["staff.badge_set", "staff.unknown_badge"]


def test_a_badge_belongs_to_one_person_and_can_be_taken_away(shop: Shop, take_on: TakeOn) -> None:
    owner, ann, bob = take_on("Olga", Role.OWNER), take_on("Ann", Role.CASHIER), take_on("Bob", Role.CASHIER)
    staff.set_badge(shop, ann, "04A2B3C4D5E680", by=owner)
    with pytest.raises(AlreadyTaken) as taken:
        staff.set_badge(shop, bob, "04A2B3C4D5E680", by=owner)
    assert taken.value == AlreadyTaken(what="badge", code="")
    staff.set_badge(shop, ann, None, by=owner)
    assert staff.by_badge(shop, "04A2B3C4D5E680") is None
    staff.set_badge(shop, bob, "04A2B3C4D5E680", by=owner)
    found = staff.by_badge(shop, "04A2B3C4D5E680")
    assert found is not None
    assert found.id == bob
    assert deeds(shop) == ["staff.badge_set", "staff.badge_taken", "staff.badge_set"]


def test_what_is_no_badge(shop: Shop, take_on: TakeOn) -> None:
    owner, ann = take_on("Olga", Role.OWNER), take_on("Ann", Role.CASHIER)
    article, receipt = "4006381333931", make(CodeKind.RECEIPT, 1_000_001)
    for code in ("", "1234567", "x" * 129, "token\x1b[31m12", "tökenzwölf", "token\ud80012", article, receipt):
        with pytest.raises(Invalid) as refused:
            staff.set_badge(shop, ann, code, by=owner)
        assert refused.value == Invalid(field="badge", value="")
        assert staff.by_badge(shop, code) is None
    assert staff.person(shop, ann).badge is False


def test_a_cashier_gives_out_no_badges(shop: Shop, take_on: TakeOn) -> None:
    ann = take_on("Ann", Role.CASHIER)
    with pytest.raises(Denied):
        staff.make_badge(shop, ann, by=ann)
    assert staff.person(shop, ann).badge is False


def test_signing_out_is_noted(shop: Shop, take_on: TakeOn) -> None:
    ann = take_on("Ann", Role.CASHIER)
    staff.sign_out(shop, ann)
    assert [(note.by, note.action) for note in journal.notes(shop, limit=1)] == [(ann, "staff.signed_out")]


def test_the_schema_knows_the_roles_and_the_number_of_tries(shop: Shop, take_on: TakeOn) -> None:
    ann = take_on("Ann", Role.CASHIER)
    for change in ("role = 'king'", "failures = 11", "failures = -1", "active = 2"):
        with pytest.raises(Exception, match=r"(?i)check"), db.transaction():
            db.run(f"UPDATE staff SET {change} WHERE id = ?", (ann,))
    assert staff.person(shop, ann).role is Role.CASHIER
