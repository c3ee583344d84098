"""Who may do what: five roles, named actions, three answers; what is not said is denied (D7-02)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from kiosk.errors import Invalid
from kiosk.money import Money, Percent, total
from kiosk.rules.pricing import Priced, PricedLine


class Role(StrEnum):
    """What someone is to the shop."""

    CASHIER = "cashier"
    LEAD = "lead"
    MANAGER = "manager"
    OWNER = "owner"
    TECHNICIAN = "technician"
    """Devices and health; sees neither customers nor value (PLATFORM.md 8)."""


class Action(StrEnum):
    """Something that a door stands before."""

    SELL = "sale.sell"
    DISCOUNT = "sale.discount"
    DISCOUNT_OVER_THRESHOLD = "sale.discount_over_threshold"
    PRICE_CHANGE = "sale.price_change"
    OPEN_PRICE = "sale.open_price"
    VOID_LINE = "sale.void_line"
    RETURN = "return.by_receipt"
    RETURN_WITHOUT_RECEIPT = "return.without_receipt"
    VOID_SALE = "sale.void"
    OPEN_DRAWER = "drawer.open"
    OPEN_SHIFT = "shift.open"
    COUNT_CASH = "shift.count"
    READ_X = "shift.read"
    CLOSE_SHIFT = "shift.close"
    PAID_IN = "cash.in"
    PAID_OUT = "cash.out"
    SAFE_DROP = "cash.safe"
    TRAIN = "training"
    SEE_HISTORY = "history.see"
    REPRINT = "history.reprint"
    SEE_CUSTOMERS = "customers.see"
    EDIT_CUSTOMERS = "customers.edit"
    BAN_CUSTOMERS = "customers.ban"
    MERGE_CUSTOMERS = "customers.merge"
    ERASE_CUSTOMERS = "customers.erase"
    EXPORT_CUSTOMERS = "customers.export"
    ADJUST_POINTS = "points.adjust"
    UNLOCK_PARKED = "parked.unlock"
    EDIT_CATALOGUE = "catalogue.edit"
    EDIT_STAFF = "staff.edit"
    UNLOCK_STAFF = "staff.unlock"
    EDIT_PERMISSIONS = "permissions.edit"
    EDIT_SETTINGS = "settings.edit"
    SEE_REPORTS = "reports.see"
    SEE_JOURNAL = "journal.see"
    IMPORT = "import"
    EXPORT = "export"
    BACKUP = "backup"
    DEVICES = "devices"
    SEE_HEALTH = "health.see"
    STOP_TILL = "till.stop"


class State(StrEnum):
    """The answer at the door."""

    ALLOWED = "allowed"
    DENIED = "denied"
    APPROVAL = "approval"
    """Once another person has given a PIN for it."""


ROLES: Final[frozenset[str]] = frozenset(Role)
ACTIONS: Final[frozenset[str]] = frozenset(Action)

Overrides = Mapping[tuple[Role, Action], State]
"""Where a shop differs from the default."""

WITHOUT_VALUE: Final = frozenset({Action.BACKUP, Action.DEVICES, Action.SEE_HEALTH, Action.STOP_TILL})
"""What shows and moves neither value nor customers; a backup is encrypted to the owner."""

ROOT_MAY: Final = frozenset(
    {
        Action.EDIT_CATALOGUE,
        Action.EDIT_STAFF,
        Action.UNLOCK_STAFF,
        Action.EDIT_SETTINGS,
        Action.SEE_REPORTS,
        Action.READ_X,
        Action.IMPORT,
        Action.EXPORT,
        Action.EXPORT_CUSTOMERS,
        *WITHOUT_VALUE,
    }
)
"""What the commands do for whoever is root on the machine; never to sell."""

ASKED_ON_THE_SPOT: Final = frozenset(
    {
        Action.DISCOUNT,
        Action.DISCOUNT_OVER_THRESHOLD,
        Action.PRICE_CHANGE,
        Action.OPEN_PRICE,
        Action.VOID_LINE,
        Action.RETURN,
        Action.RETURN_WITHOUT_RECEIPT,
        Action.VOID_SALE,
        Action.OPEN_DRAWER,
        Action.OPEN_SHIFT,
        Action.COUNT_CASH,
        Action.READ_X,
        Action.CLOSE_SHIFT,
        Action.PAID_IN,
        Action.PAID_OUT,
        Action.SAFE_DROP,
        Action.REPRINT,
        Action.BAN_CUSTOMERS,
        Action.MERGE_CUSTOMERS,
        Action.ADJUST_POINTS,
        Action.UNLOCK_PARKED,
        Action.EDIT_CATALOGUE,
    }
)
"""What another person can approve while the customer waits."""

_SELLING: Final = frozenset(
    {
        Action.SELL,
        Action.DISCOUNT,
        Action.OPEN_PRICE,
        Action.VOID_LINE,
        Action.OPEN_SHIFT,
        Action.COUNT_CASH,
        Action.CLOSE_SHIFT,
        Action.PAID_IN,
        Action.TRAIN,
        Action.SEE_HISTORY,
        Action.REPRINT,
        Action.SEE_CUSTOMERS,
        Action.EDIT_CUSTOMERS,
        Action.SEE_HEALTH,
    }
)
_LEADING: Final = _SELLING | {
    Action.PRICE_CHANGE,
    Action.RETURN,
    Action.VOID_SALE,
    Action.OPEN_DRAWER,
    Action.READ_X,
    Action.PAID_OUT,
    Action.SAFE_DROP,
    Action.UNLOCK_PARKED,
    Action.EDIT_CATALOGUE,
    Action.SEE_REPORTS,
}
_ALLOWED: Final[Mapping[Role, frozenset[Action]]] = {
    Role.CASHIER: _SELLING,
    Role.LEAD: _LEADING,
    Role.MANAGER: frozenset(Action) - {Action.EDIT_PERMISSIONS},
    Role.OWNER: frozenset(Action),
    Role.TECHNICIAN: WITHOUT_VALUE,
}
_WITH_APPROVAL: Final[Mapping[Role, frozenset[Action]]] = {
    Role.CASHIER: frozenset(
        {
            Action.DISCOUNT_OVER_THRESHOLD,
            Action.PRICE_CHANGE,
            Action.RETURN,
            Action.RETURN_WITHOUT_RECEIPT,
            Action.VOID_SALE,
            Action.OPEN_DRAWER,
            Action.READ_X,
            Action.PAID_OUT,
            Action.SAFE_DROP,
            Action.BAN_CUSTOMERS,
            Action.MERGE_CUSTOMERS,
            Action.ADJUST_POINTS,
            Action.UNLOCK_PARKED,
            Action.EDIT_CATALOGUE,
        }
    ),
    Role.LEAD: frozenset(
        {
            Action.DISCOUNT_OVER_THRESHOLD,
            Action.RETURN_WITHOUT_RECEIPT,
            Action.BAN_CUSTOMERS,
            Action.MERGE_CUSTOMERS,
            Action.ADJUST_POINTS,
        }
    ),
}
_RANK: Final[Mapping[Role, int]] = {
    Role.TECHNICIAN: 0,
    Role.CASHIER: 1,
    Role.LEAD: 2,
    Role.MANAGER: 3,
    Role.OWNER: 4,
}
_FULL: Final = Percent(10_000)


def default(role: Role, action: Action) -> State:
    """What a role may do in a shop that has changed nothing."""
    if action in _ALLOWED[role]:
        return State.ALLOWED
    return State.APPROVAL if action in _WITH_APPROVAL.get(role, frozenset()) else State.DENIED


def state(role: Role, action: Action, overrides: Overrides) -> State:
    """What a role may do here; an override that may not be is as if it were not there. Source: D7-02."""
    wanted = overrides.get((role, action))
    return wanted if wanted is not None and _can_be(role, action, wanted) else default(role, action)


def check_override(role: Role, action: Action, wanted: State) -> None:
    """Whether a shop may set this.

    An owner's rights stay, so that nobody is locked out, and only owners hand
    rights out; the technician never gets at value; an approval is only for what
    can be asked on the spot. Refuses: Invalid.
    """
    if not _can_be(role, action, wanted):
        raise Invalid(field="role", value=f"{role} {action} {wanted}")


def _can_be(role: Role, action: Action, wanted: State) -> bool:
    if wanted is State.APPROVAL and action not in ASKED_ON_THE_SPOT:
        return False
    if role is Role.OWNER or action is Action.EDIT_PERMISSIONS:
        return wanted is default(role, action)
    return role is not Role.TECHNICIAN or action in WITHOUT_VALUE or wanted is State.DENIED


def may_manage(own: Role, other: Role) -> bool:
    """Whether someone who looks after the staff may touch this one: nobody reaches above oneself."""
    return _RANK[own] >= _RANK[other]


def discount_action(priced: Priced, threshold: Percent | None) -> Action | None:
    """The door that the discounts of a basket have to pass; None when it has none.

    Above the threshold, a percentage of the whole basket, it is another one:
    100 is never above, 0 or none always. All discounts of the basket count
    together, so that two small ones are no way around. What comes back is worth
    what it was sold for, and neither adds to them nor hides them. Source: T-23, E40.
    """
    taken = total(abs(line.discount + line.share) for line in _sold(priced))
    asked = priced.discount_given
    if not taken and asked is None:
        return None
    if threshold is None or not threshold:
        return Action.DISCOUNT_OVER_THRESHOLD
    if threshold >= _FULL:
        return Action.DISCOUNT
    if asked is not None and asked.percent is not None and threshold < asked.percent:
        return Action.DISCOUNT_OVER_THRESHOLD
    return Action.DISCOUNT_OVER_THRESHOLD if _free(priced, threshold) < taken else Action.DISCOUNT


def _free(priced: Priced, threshold: Percent) -> Money:
    """The most that the threshold lets go, however it was rounded: per line or at once."""
    gross = [abs(line.gross) for line in _sold(priced)]
    return max(total(gross).part(threshold), total(amount.part(threshold) for amount in gross))


def _sold(priced: Priced) -> list[PricedLine]:
    return [line for line in priced.lines if line.line.returned is None]
