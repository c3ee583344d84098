"""Who may do what: every role and every action, and what a shop may change of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import Invalid
from kiosk.rules import permissions
from kiosk.rules.permissions import Action, Role, State

A, D, P = State.ALLOWED, State.DENIED, State.APPROVAL

TABLE = {
    # action: cashier, lead, manager, owner, technician
    "sale.sell": (A, A, A, A, D),
    "sale.discount": (A, A, A, A, D),
    "sale.discount_over_threshold": (P, P, A, A, D),
    "sale.price_change": (P, A, A, A, D),
    "sale.open_price": (A, A, A, A, D),
    "sale.void_line": (A, A, A, A, D),
    "return.by_receipt": (P, A, A, A, D),
    "return.without_receipt": (P, P, A, A, D),
    "sale.void": (P, A, A, A, D),
    "drawer.open": (P, A, A, A, D),
    "shift.open": (A, A, A, A, D),
    "shift.count": (A, A, A, A, D),
    "shift.read": (P, A, A, A, D),
    "shift.close": (A, A, A, A, D),
    "cash.in": (A, A, A, A, D),
    "cash.out": (P, A, A, A, D),
    "cash.safe": (P, A, A, A, D),
    "training": (A, A, A, A, D),
    "history.see": (A, A, A, A, D),
    "history.reprint": (A, A, A, A, D),
    "customers.see": (A, A, A, A, D),
    "customers.edit": (A, A, A, A, D),
    "customers.ban": (P, P, A, A, D),
    "customers.merge": (P, P, A, A, D),
    "customers.erase": (D, D, A, A, D),
    "customers.export": (D, D, A, A, D),
    "points.adjust": (P, P, A, A, D),
    "parked.unlock": (P, A, A, A, D),
    "catalogue.edit": (P, A, A, A, D),
    "staff.edit": (D, D, A, A, D),
    "staff.unlock": (D, D, A, A, D),
    "permissions.edit": (D, D, D, A, D),
    "settings.edit": (D, D, A, A, D),
    "reports.see": (D, A, A, A, D),
    "journal.see": (D, D, A, A, D),
    "import": (D, D, A, A, D),
    "export": (D, D, A, A, D),
    "backup": (D, D, A, A, A),
    "devices": (D, D, A, A, A),
    "health.see": (A, A, A, A, A),
    "till.stop": (D, D, A, A, A),
}
ROLES = (Role.CASHIER, Role.LEAD, Role.MANAGER, Role.OWNER, Role.TECHNICIAN)
CASES = [(role, action, expected) for action, row in TABLE.items() for role, expected in zip(ROLES, row, strict=True)]
roles, actions, states = st.sampled_from(Role), st.sampled_from(Action), st.sampled_from(State)
overrides = st.dictionaries(st.tuples(roles, actions), states)


@pytest.mark.requirement("D7-02")
@pytest.mark.parametrize(("role", "action", "expected"), CASES)
def test_every_role_and_action(role: Role, action: str, expected: State) -> None:
    assert permissions.state(role, Action(action), {}) is expected


@pytest.mark.requirement("D7-02")
def test_the_table_leaves_nothing_out() -> None:
    assert {Action(action) for action in TABLE} == set(Action)
    assert set(ROLES) == set(Role)


@pytest.mark.requirement("D7-02")
@given(action=actions, changes=overrides)
def test_the_technician_never_gets_at_value_whatever_the_shop_sets(
    action: Action, changes: dict[tuple[Role, Action], State]
) -> None:
    if action not in permissions.WITHOUT_VALUE:
        assert permissions.state(Role.TECHNICIAN, action, changes) is State.DENIED


@pytest.mark.requirement("D7-02")
@given(action=actions, changes=overrides)
def test_an_owner_is_never_locked_out_and_alone_hands_rights_out(
    action: Action, changes: dict[tuple[Role, Action], State]
) -> None:
    assert permissions.state(Role.OWNER, action, changes) is State.ALLOWED
    for role in set(Role) - {Role.OWNER}:
        assert permissions.state(role, Action.EDIT_PERMISSIONS, changes) is State.DENIED


@pytest.mark.requirement("D7-02")
@given(role=roles, action=actions, wanted=states)
def test_an_override_counts_exactly_when_it_may_be_set(role: Role, action: Action, wanted: State) -> None:
    now = permissions.state(role, action, {(role, action): wanted})
    if now is wanted:
        permissions.check_override(role, action, wanted)
        return
    with pytest.raises(Invalid) as refused:
        permissions.check_override(role, action, wanted)
    assert refused.value == Invalid(field="role", value=f"{role} {action} {wanted}")
    assert now is permissions.default(role, action)


@pytest.mark.requirement("D7-02")
@pytest.mark.parametrize(
    ("role", "action", "wanted"),
    [
        (Role.CASHIER, Action.REPRINT, State.APPROVAL),
        (Role.CASHIER, Action.OPEN_DRAWER, State.DENIED),
        (Role.CASHIER, Action.SEE_REPORTS, State.ALLOWED),
        (Role.LEAD, Action.EDIT_STAFF, State.ALLOWED),
        (Role.MANAGER, Action.EXPORT, State.DENIED),
        (Role.TECHNICIAN, Action.BACKUP, State.DENIED),
    ],
)
def test_what_a_shop_may_change(role: Role, action: Action, wanted: State) -> None:
    permissions.check_override(role, action, wanted)
    assert permissions.state(role, action, {(role, action): wanted}) is wanted
    others = {(other, action) for other in Role if other is not role}
    assert all(permissions.state(*pair, {(role, action): wanted}) is permissions.default(*pair) for pair in others)


@pytest.mark.requirement("D7-02")
@pytest.mark.parametrize(
    ("role", "action", "wanted"),
    [
        (Role.OWNER, Action.SELL, State.DENIED),
        (Role.MANAGER, Action.EDIT_PERMISSIONS, State.ALLOWED),
        (Role.TECHNICIAN, Action.SEE_HISTORY, State.ALLOWED),
        (Role.TECHNICIAN, Action.SELL, State.APPROVAL),
        (Role.CASHIER, Action.EDIT_STAFF, State.APPROVAL),
    ],
)
def test_what_a_shop_may_not_change(role: Role, action: Action, wanted: State) -> None:
    with pytest.raises(Invalid):
        permissions.check_override(role, action, wanted)


def test_root_never_sells_and_sees_no_receipts() -> None:
    assert permissions.ROOT_MAY.isdisjoint(
        {Action.SELL, Action.DISCOUNT, Action.OPEN_DRAWER, Action.SEE_HISTORY, Action.REPRINT, Action.EDIT_PERMISSIONS}
    )


@pytest.mark.parametrize(
    ("own", "reaches"),
    [
        (Role.OWNER, {Role.OWNER, Role.MANAGER, Role.LEAD, Role.CASHIER, Role.TECHNICIAN}),
        (Role.MANAGER, {Role.MANAGER, Role.LEAD, Role.CASHIER, Role.TECHNICIAN}),
        (Role.LEAD, {Role.LEAD, Role.CASHIER, Role.TECHNICIAN}),
        (Role.CASHIER, {Role.CASHIER, Role.TECHNICIAN}),
        (Role.TECHNICIAN, {Role.TECHNICIAN}),
    ],
)
def test_nobody_manages_above_oneself(own: Role, reaches: set[Role]) -> None:
    assert {other for other in Role if permissions.may_manage(own, other)} == reaches
