"""The doors: who may pass, who needs another person's PIN, and for how long that opens them."""

from __future__ import annotations

from itertools import product

import pytest

from kiosk import db
from kiosk.errors import Denied, Invalid, Locked, NeedsApproval, Refused, ShopError, WrongPin
from kiosk.rules import permissions
from kiosk.rules.permissions import Action, Role, State
from kiosk.services import journal, pins, staff
from kiosk.services.shop import Shop
from kiosk.services.staff import ROOT, PersonForm

DOOR = Action.OPEN_DRAWER
ASK = NeedsApproval(action=DOOR)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a PIN's hash costs is shown in test_staff_pins."""
    monkeypatch.setattr(pins, "_MEMORY_KIB", 64)
    monkeypatch.setattr(pins, "waits", pins.Waits(lambda: 0.0))


@pytest.fixture
def crew(shop: Shop) -> dict[Role, str]:
    """One person of each role, with the PIN 4711."""
    return {role: staff.create(shop, PersonForm(role.value.title(), role), by=ROOT, pin="4711").id for role in Role}


def refused(shop: Shop, by: str, action: str = DOOR, approved_by: str | None = None, key: str = "") -> ShopError:
    with pytest.raises(ShopError) as error:
        staff.require(shop, by, action, approved_by, key=key)
    return error.value


@pytest.mark.requirement("D7-02")
def test_every_role_before_every_door(shop: Shop, crew: dict[Role, str]) -> None:
    for role, action in product(Role, Action):
        expected = permissions.default(role, action)
        assert staff.permission(shop, crew[role], action) is expected
        if expected is State.ALLOWED:
            assert staff.require(shop, crew[role], action) is None
        else:
            wanted = Denied(action=action) if expected is State.DENIED else NeedsApproval(action=action)
            assert refused(shop, crew[role], action) == wanted


@pytest.mark.requirement("D7-02")
def test_who_or_what_is_unknown_is_denied(shop: Shop, crew: dict[Role, str]) -> None:
    assert staff.permission(shop, "nobody", Action.SELL) is State.DENIED
    assert staff.permission(shop, "", Action.SELL) is State.DENIED
    assert staff.permission(shop, crew[Role.OWNER], "sale.give_away") is State.DENIED
    assert refused(shop, crew[Role.OWNER], "sale.give_away") == Denied(action="sale.give_away")


def test_root_does_the_technicians_work_and_never_sells(shop: Shop) -> None:
    for action in Action:
        expected = State.ALLOWED if action in permissions.ROOT_MAY else State.DENIED
        assert staff.permission(shop, ROOT, action) is expected


@pytest.mark.requirement("D7-02", "D7-03")
def test_another_persons_pin_opens_the_door_and_both_are_noted(shop: Shop, crew: dict[Role, str]) -> None:
    cashier, lead = crew[Role.CASHIER], crew[Role.LEAD]
    assert refused(shop, cashier, key="k1") == ASK
    assert staff.approve(shop, lead, "4711", DOOR, cashier, key="k1") == lead
    assert staff.require(shop, cashier, DOOR, lead, key="k1") == lead
    assert staff.require(shop, cashier, DOOR, key="k1") == lead, "a repeat of the same deed needs no second PIN"
    (note,) = journal.notes(shop, limit=1)
    assert (note.action, note.by, note.approved_by) == ("staff.approved", cashier, lead)
    assert note.facts == {"allowed": "drawer.open", "key": "k1"}


@pytest.mark.requirement("D7-02")
def test_an_approval_is_for_one_deed_one_door_and_one_person(shop: Shop, crew: dict[Role, str]) -> None:
    cashier, lead, boss = crew[Role.CASHIER], crew[Role.LEAD], crew[Role.MANAGER]
    other = staff.create(shop, PersonForm("Other", Role.CASHIER), by=ROOT).id
    staff.approve(shop, lead, "4711", DOOR, cashier, key="k1")
    assert refused(shop, cashier, key="k2") == ASK
    assert refused(shop, cashier) == ASK
    assert refused(shop, other, key="k1") == ASK
    assert refused(shop, cashier, Action.PRICE_CHANGE, key="k1") == NeedsApproval(action=Action.PRICE_CHANGE)
    assert refused(shop, cashier, approved_by=boss, key="k1") == ASK


@pytest.mark.requirement("D7-02")
def test_a_name_without_its_pin_approves_nothing(shop: Shop, crew: dict[Role, str]) -> None:
    assert refused(shop, crew[Role.CASHIER], approved_by=crew[Role.OWNER], key="k1") == ASK
    assert refused(shop, crew[Role.CASHIER], approved_by=crew[Role.OWNER]) == ASK


@pytest.mark.requirement("D7-03", "T-13")
def test_a_wrong_pin_changes_nothing_counts_and_is_noted(shop: Shop, crew: dict[Role, str]) -> None:
    cashier, boss = crew[Role.CASHIER], crew[Role.MANAGER]
    with pytest.raises(WrongPin) as wrong:
        staff.approve(shop, boss, "4712", DOOR, cashier, key="k1")
    assert wrong.value == WrongPin(wait_seconds=1)
    with pytest.raises(Locked):
        staff.approve(shop, boss, "4711", DOOR, cashier, key="k1")
    assert refused(shop, cashier, key="k1") == ASK
    assert db.rows("SELECT * FROM approval") == []
    (note,) = journal.notes(shop, limit=1)
    assert (note.action, note.by, note.facts) == ("staff.wrong_pin", cashier, {"person": boss, "failures": 1})


@pytest.mark.requirement("D7-02")
def test_who_may_not_approve(shop: Shop, crew: dict[Role, str]) -> None:
    cashier, lead, boss = crew[Role.CASHIER], crew[Role.LEAD], crew[Role.MANAGER]
    over = Action.DISCOUNT_OVER_THRESHOLD
    former = staff.create(shop, PersonForm("Former", Role.MANAGER), by=ROOT, pin="4711").id
    staff.deactivate(shop, former, by=boss)
    for approver, action, by in [
        (cashier, DOOR, cashier),
        (lead, over, cashier),
        (lead, over, lead),
        (crew[Role.TECHNICIAN], DOOR, cashier),
        (former, DOOR, cashier),
        (boss, Action.SEE_REPORTS, cashier),
        (boss, DOOR, crew[Role.TECHNICIAN]),
        (boss, "sale.give_away", cashier),
    ]:
        with pytest.raises(Denied) as denied:
            staff.approve(shop, approver, "4711", action, by, key="k1")
        assert denied.value == Denied(action=action)
    assert db.rows("SELECT * FROM approval") == []
    assert db.rows("SELECT failures FROM staff WHERE failures > 0") == []


def test_an_approval_needs_the_key_of_a_deed(shop: Shop, crew: dict[Role, str]) -> None:
    with pytest.raises(Denied):
        staff.approve(shop, crew[Role.MANAGER], "4711", DOOR, crew[Role.CASHIER], key="")


def test_an_approval_falls_with_the_rights_of_who_gave_it(shop: Shop, crew: dict[Role, str]) -> None:
    cashier, lead = crew[Role.CASHIER], crew[Role.LEAD]
    staff.approve(shop, lead, "4711", DOOR, cashier, key="k1")
    staff.deactivate(shop, lead, by=crew[Role.OWNER])
    assert refused(shop, cashier, key="k1") == ASK


def test_an_approval_given_again_is_the_last_ones(shop: Shop, crew: dict[Role, str]) -> None:
    cashier, lead, boss = crew[Role.CASHIER], crew[Role.LEAD], crew[Role.MANAGER]
    for approver in (lead, boss):
        staff.approve(shop, approver, "4711", DOOR, cashier, key="k1")
    assert staff.require(shop, cashier, DOOR, key="k1") == boss
    assert len(journal.notes(shop, action="staff.approved")) == 2


def test_the_schema_lets_nobody_approve_the_own_deed(shop: Shop, crew: dict[Role, str]) -> None:
    boss = crew[Role.MANAGER]
    with pytest.raises(Refused, match=r"(?i)check"), db.transaction():
        db.run(
            'INSERT INTO approval (key, action, "by", approved_by, at) VALUES (?, ?, ?, ?, 0)', ("k1", DOOR, boss, boss)
        )
    assert db.rows("SELECT * FROM approval") == []


@pytest.mark.requirement("D7-02")
def test_an_owner_changes_what_a_role_may_do(shop: Shop, crew: dict[Role, str]) -> None:
    cashier, owner = crew[Role.CASHIER], crew[Role.OWNER]
    staff.set_permission(shop, Role.CASHIER, Action.REPRINT, State.APPROVAL, by=owner)
    staff.set_permission(shop, Role.CASHIER, DOOR, State.ALLOWED, by=owner)
    assert staff.permission(shop, cashier, Action.REPRINT) is State.APPROVAL
    assert staff.require(shop, cashier, DOOR) is None
    assert staff.permission(shop, crew[Role.LEAD], Action.REPRINT) is State.ALLOWED
    table = staff.permission_table(shop, by=owner)
    changed = {pair: state for pair, state in table.items() if state is not permissions.default(*pair)}
    assert changed == {(Role.CASHIER, Action.REPRINT): State.APPROVAL, (Role.CASHIER, DOOR): State.ALLOWED}
    assert len(table) == len(Role) * len(Action)
    staff.set_permission(shop, Role.CASHIER, DOOR, State.DENIED, by=owner)
    assert refused(shop, cashier) == Denied(action=DOOR)
    (note,) = journal.notes(shop, limit=1)
    assert (note.by, note.action) == (owner, "staff.permission_set")
    assert note.facts == {"role": "cashier", "permission": "drawer.open", "state": "denied"}


@pytest.mark.requirement("D7-02")
def test_nobody_else_changes_what_a_role_may_do(shop: Shop, crew: dict[Role, str]) -> None:
    for by in (crew[Role.MANAGER], crew[Role.LEAD], crew[Role.CASHIER], crew[Role.TECHNICIAN], ROOT, "nobody"):
        with pytest.raises(Denied):
            staff.set_permission(shop, Role.CASHIER, DOOR, State.ALLOWED, by=by)
    assert db.rows("SELECT * FROM role_permission") == []
    assert journal.notes(shop, action="staff.permission_set") == ()


def test_what_may_not_be_set_is_refused_and_would_not_count(shop: Shop, crew: dict[Role, str]) -> None:
    with pytest.raises(Invalid):
        staff.set_permission(shop, Role.TECHNICIAN, Action.SEE_HISTORY, State.ALLOWED, by=crew[Role.OWNER])
    assert db.rows("SELECT * FROM role_permission") == []
    with db.transaction():
        db.run("INSERT INTO role_permission VALUES ('technician', 'history.see', 'allowed')")
        db.run("INSERT INTO role_permission VALUES ('owner', 'staff.edit', 'denied')")
        db.run("INSERT INTO role_permission VALUES ('king', 'of.old', 'allowed')")
    assert staff.permission(shop, crew[Role.TECHNICIAN], Action.SEE_HISTORY) is State.DENIED
    assert staff.permission(shop, crew[Role.OWNER], Action.EDIT_STAFF) is State.ALLOWED
    assert staff.permission_table(shop, by=crew[Role.OWNER])[Role.TECHNICIAN, Action.SEE_HISTORY] is State.DENIED


@pytest.mark.requirement("D7-02")
def test_a_lead_who_may_edit_the_staff_reaches_nobody_above(shop: Shop, crew: dict[Role, str]) -> None:
    lead = crew[Role.LEAD]
    staff.set_permission(shop, Role.LEAD, Action.EDIT_STAFF, State.ALLOWED, by=crew[Role.OWNER])
    staff.reset_pin(shop, crew[Role.CASHIER], "1111", by=lead)
    for role in (Role.MANAGER, Role.OWNER):
        with pytest.raises(Denied):
            staff.reset_pin(shop, crew[role], "1111", by=lead)
        with pytest.raises(Denied):
            staff.change(shop, lead, PersonForm("Lead", role), by=lead)
    assert staff.person(shop, lead).role is Role.LEAD
