"""The people who work at the till: who they are, how they sign in, and what they may do (D7-01, D7-02)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from kiosk import db
from kiosk.errors import AlreadyTaken, Denied, Invalid, Locked, Missing, NeedsApproval, NotFound
from kiosk.i18n import LANGUAGES, clean_text
from kiosk.rules import codes, permissions
from kiosk.rules.codes import CodeKind
from kiosk.rules.permissions import Action, Role, State
from kiosk.services import pins
from kiosk.services.ids import new_id
from kiosk.services.journal import add_note, note
from kiosk.services.shop import Shop, add_version

ROOT: Final = "root"
"""Who works at the machine itself, by ``sudo kiosk staff`` and the like; never at the till."""

LONGEST_NAME: Final = 40
SHORTEST_BADGE: Final = 8
"""Characters of a badge that the till did not make itself, such as a token's number."""

BADGE_ALONE: Final = "staff.badge_alone"
LAST_OWNER: Final = "staff.last_owner"
"""What is denied to everybody, whatever the role."""


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff as the screens know them."""

    id: str
    name: str
    role: Role
    language: str
    """Empty: the shop's."""
    badge: bool
    """Whether there is one; what it bears is kept as a hash only."""
    pin: bool
    active: bool
    locked: bool
    """After too many wrong PINs, until a manager unlocks."""
    wait_seconds: int
    """Until the next PIN may be tried."""


@dataclass(frozen=True, slots=True)
class PersonForm:
    """What is said of a person when they are taken on, or changed."""

    name: str
    role: Role
    language: str = ""


_COLUMNS: Final = "id, name, role, language, badge, pin, active, failures, failed_at"


def people(shop: Shop, *, with_former: bool = False) -> tuple[Person, ...]:
    """Who works here, by name; who no longer does only when asked for."""
    where = "" if with_former else "WHERE active = 1"
    found = [_person(row) for row in db.rows(f"SELECT {_COLUMNS} FROM staff {where}")]
    return tuple(sorted(found, key=lambda person: (person.name.casefold(), person.id)))


def person(shop: Shop, person_id: str) -> Person:
    """One person, former ones too. Refuses: NotFound."""
    found = db.row(f"SELECT {_COLUMNS} FROM staff WHERE id = ?", (person_id,))
    if found is None:
        raise NotFound(what="person", code=person_id)
    return _person(found)


def create(shop: Shop, form: PersonForm, *, by: str, pin: str | None = None) -> Person:
    """Take somebody on; without a PIN only a badge or a manager lets them in.

    Refuses: Denied, Missing, Invalid, AlreadyTaken (the name).
    """
    form = _checked(form)
    made = new_id()
    kept = None if pin is None else pins.hashed(shop, made, pin)
    with _unique(form.name), db.transaction():
        _check_may_manage(shop, by, form.role)
        db.run(
            "INSERT INTO staff (id, name, role, language, pin, changed_at) VALUES (?, ?, ?, ?, ?, ?)",
            (made, form.name, form.role, form.language, kept, shop.clock.millis()),
        )
        add_note(shop, by, "staff.created", person=made, role=form.role)
        return person(shop, made)


def change(shop: Shop, person_id: str, form: PersonForm, *, by: str) -> Person:
    """Change a name, a role or a language.

    Refuses: Denied (also for the last owner's role), NotFound, Missing, Invalid, AlreadyTaken (the name).
    """
    form = _checked(form)
    with _unique(form.name), db.transaction():
        before = person(shop, person_id)
        _check_may_manage(shop, by, before.role, form.role)
        if form.role is not Role.OWNER:
            _check_owner_left(before)
        db.run(
            "UPDATE staff SET name = ?, role = ?, language = ?, changed_at = ? WHERE id = ?",
            (form.name, form.role, form.language, shop.clock.millis(), person_id),
        )
        add_note(shop, by, "staff.changed", person=person_id, role_before=before.role, role=form.role)
        return person(shop, person_id)


def deactivate(shop: Shop, person_id: str, *, by: str) -> None:
    """Let somebody go: no PIN and no badge open anything; what they did keeps their name.

    Refuses: Denied (also for the last owner), NotFound.
    """
    with db.transaction():
        before = person(shop, person_id)
        _check_may_manage(shop, by, before.role)
        _check_owner_left(before)
        db.run(
            "UPDATE staff SET active = 0, badge = NULL, changed_at = ? WHERE id = ?", (shop.clock.millis(), person_id)
        )
        add_note(shop, by, "staff.deactivated", person=person_id)


def activate(shop: Shop, person_id: str, *, by: str) -> Person:
    """Take somebody back, with the PIN they had. Refuses: Denied, NotFound."""
    with db.transaction():
        _check_may_manage(shop, by, person(shop, person_id).role)
        db.run("UPDATE staff SET active = 1, changed_at = ? WHERE id = ?", (shop.clock.millis(), person_id))
        add_note(shop, by, "staff.activated", person=person_id)
        return person(shop, person_id)


def set_pin(shop: Shop, person_id: str, pin: str, new_pin: str) -> None:
    """Change one's own PIN; the old one proves who asks. Refuses: Invalid, WrongPin, Locked."""
    kept = pins.hashed(shop, person_id, new_pin)
    with pins.proven(shop, person_id, pin, by=person_id):
        db.run("UPDATE staff SET pin = ?, changed_at = ? WHERE id = ?", (kept, shop.clock.millis(), person_id))
        add_note(shop, person_id, "staff.pin_set", person=person_id)


def reset_pin(shop: Shop, person_id: str, new_pin: str, *, by: str) -> None:
    """Give somebody else a new PIN and let them try again. Refuses: Denied (also for one's own), NotFound, Invalid."""
    kept = pins.hashed(shop, person_id, new_pin)
    with db.transaction():
        if by == person_id:
            raise Denied(action=Action.EDIT_STAFF)
        _check_may_manage(shop, by, person(shop, person_id).role)
        _put_pin(shop, person_id, kept)
        add_note(shop, by, "staff.pin_reset", person=person_id)


def reset_by_root(shop: Shop, person_id: str, new_pin: str) -> None:
    """A new PIN from whoever is root on the machine: the way back for a sole owner who is locked out.

    Refuses: NotFound, Invalid. Source: PLATFORM.md 8.
    """
    kept = pins.hashed(shop, person_id, new_pin)
    with db.transaction():
        person(shop, person_id)
        _put_pin(shop, person_id, kept)
        add_note(shop, ROOT, "staff.reset_by_root", person=person_id)


def unlock(shop: Shop, person_id: str, *, by: str) -> None:
    """Let somebody try again after too many wrong PINs. Refuses: Denied (also for oneself), NotFound. Source: D7-03."""
    with db.transaction():
        if by == person_id:
            raise Denied(action=Action.UNLOCK_STAFF)
        _check_may_manage(shop, by, person(shop, person_id).role, action=Action.UNLOCK_STAFF)
        db.run("UPDATE staff SET failures = 0 WHERE id = ?", (person_id,))
        add_note(shop, by, "staff.unlocked", person=person_id)


def make_badge(shop: Shop, person_id: str, *, by: str) -> str:
    """A new badge of the till's own kind, ``29 80 …``; its code is told this once, to be printed.

    Refuses: Denied, NotFound.
    """
    code = codes.make(CodeKind.BADGE, secrets.randbelow(10**8))
    set_badge(shop, person_id, code, by=by)
    return code


def set_badge(shop: Shop, person_id: str, code: str | None, *, by: str) -> None:
    """Give somebody a badge, or take it away (None). Only its hash is kept.

    Any token that types its number will do, but no barcode of an article.
    Refuses: Denied, NotFound, Invalid, AlreadyTaken (none of which bears the code).
    """
    kept = None if code is None else _badge_hash(shop, code)
    with _unique(""), db.transaction():
        before = person(shop, person_id)
        _check_may_manage(shop, by, before.role)
        if not before.active:
            raise NotFound(what="person", code=person_id)
        db.run("UPDATE staff SET badge = ?, changed_at = ? WHERE id = ?", (kept, shop.clock.millis(), person_id))
        add_note(shop, by, "staff.badge_set" if kept else "staff.badge_taken", person=person_id)


def sign_in(shop: Shop, person_id: str, pin: str) -> Person:
    """Let somebody at the till by PIN. Refuses: WrongPin, Locked. Source: D7-01, D7-03."""
    with pins.proven(shop, person_id, pin):
        add_note(shop, person_id, "staff.signed_in", means="pin")
        return person(shop, person_id)


def by_badge(shop: Shop, code: str) -> Person | None:
    """Whose badge it is, if anybody's who works here; that alone lets nobody in."""
    try:
        kept = _badge_hash(shop, code)
    except Invalid:
        return None
    found = db.row(f"SELECT {_COLUMNS} FROM staff WHERE badge = ? AND active = 1", (kept,))
    return None if found is None else _person(found)


def sign_in_by_badge(shop: Shop, code: str) -> Person:
    """Let somebody at the till by badge, where the shop's policy says that this is enough.

    Refuses: Denied (the policy wants the PIN as well), NotFound, Locked. Source: D7-01, DESIGN.md 11.
    """
    if not shop.settings.badge_is_enough:
        raise Denied(action=BADGE_ALONE)
    found = by_badge(shop, code)
    if found is None:
        note(shop, None, "staff.unknown_badge")
        raise NotFound(what="badge", code="")
    if found.locked:
        raise Locked(wait_seconds=None)
    note(shop, found.id, "staff.signed_in", means="badge")
    return found


def sign_out(shop: Shop, person_id: str) -> None:
    """Write down that somebody left the till or locked it."""
    note(shop, person_id, "staff.signed_out")


def permission(shop: Shop, person_id: str, action: str) -> State:
    """Whether somebody may do something here; who or what is unknown is denied. Source: D7-02."""
    if action not in permissions.ACTIONS:
        return State.DENIED
    if person_id == ROOT:
        return State.ALLOWED if action in permissions.ROOT_MAY else State.DENIED
    found = db.row(
        "SELECT staff.role, role_permission.state FROM staff LEFT JOIN role_permission "
        "ON role_permission.role = staff.role AND role_permission.action = ? WHERE staff.id = ? AND staff.active = 1",
        (action, person_id),
    )
    if found is None:
        return State.DENIED
    role = Role(found[0])
    overrides = {} if found[1] is None else {(role, Action(action)): State(found[1])}
    return permissions.state(role, Action(action), overrides)


def require(shop: Shop, by: str, action: str, approved_by: str | None = None, *, key: str = "") -> str | None:
    """Stand before a door, inside the transaction of the deed; who approved, if that was needed.

    ``key`` is the deed's: an approval opens the door for this one deed. With
    ``approved_by`` it must be this person's. Refuses: Denied, NeedsApproval.
    Source: D7-02.
    """
    answer = permission(shop, by, action)
    if answer is State.DENIED:
        raise Denied(action=action)
    if answer is State.ALLOWED:
        return None
    found = db.row('SELECT approved_by FROM approval WHERE key = ? AND action = ? AND "by" = ?', (key, action, by))
    if found is None or approved_by not in (None, found[0]) or permission(shop, found[0], action) is not State.ALLOWED:
        raise NeedsApproval(action=action)
    return str(found[0])


def approve(shop: Shop, approver_id: str, pin: str, action: str, by: str, *, key: str) -> str:
    """Let somebody do what needs another person's PIN, once: for the deed with this key; gives back who approved.

    Nobody signs out for it. Refuses: Denied (one's own deed, or the approver
    may not do it either), WrongPin, Locked. Source: D7-02, D7-03, T-13.
    """
    if approver_id == by or not key or permission(shop, by, action) is State.DENIED:
        raise Denied(action=action)
    if permission(shop, approver_id, action) is not State.ALLOWED:
        raise Denied(action=action)
    with pins.proven(shop, approver_id, pin, by=by):
        db.run(
            'INSERT INTO approval (key, action, "by", approved_by, at) VALUES (?, ?, ?, ?, ?) '
            'ON CONFLICT (key, action, "by") DO UPDATE SET approved_by = excluded.approved_by, at = excluded.at',
            (key, action, by, approver_id, shop.clock.millis()),
        )
        add_note(shop, by, "staff.approved", approved_by=approver_id, allowed=action, key=key)
    return approver_id


def prove(shop: Shop, person_id: str, pin: str, action: str, *, key: str) -> None:
    """Let somebody prove anew who stands at the till, for the deed with this key; a wrong PIN is journalled.

    Refuses: WrongPin, Locked. Source: T-13, T-14.
    """
    with pins.proven(shop, person_id, pin, by=person_id):
        add_note(shop, person_id, "staff.proven", allowed=action, key=key)


def permission_table(shop: Shop, *, by: str) -> dict[tuple[Role, Action], State]:
    """What each role may do in this shop. Refuses: Denied."""
    require(shop, by, Action.EDIT_SETTINGS)
    overrides = {
        (Role(role), Action(action)): State(state)
        for role, action, state in db.rows("SELECT role, action, state FROM role_permission")
        if role in permissions.ROLES and action in permissions.ACTIONS
    }
    return {(role, action): permissions.state(role, action, overrides) for role in Role for action in Action}


def set_permission(shop: Shop, role: Role, action: Action, state: State, *, by: str) -> None:
    """Change what a role may do in this shop. Refuses: Denied, Invalid (rules.permissions.check_override)."""
    with db.transaction():
        require(shop, by, Action.EDIT_PERMISSIONS)
        permissions.check_override(role, action, state)
        db.run(
            "INSERT INTO role_permission (role, action, state) VALUES (?, ?, ?) "
            "ON CONFLICT (role, action) DO UPDATE SET state = excluded.state",
            (role, action, state),
        )
        add_version(shop, {f"permission.{role}.{action}": state}, by=by)
        add_note(shop, by, "staff.permission_set", role=role, permission=action, state=state)


def _person(row: tuple[Any, ...]) -> Person:
    id_, name, role, language, badge, pin, active, failures, failed_at = row
    return Person(
        id=id_,
        name=name,
        role=Role(role),
        language=language,
        badge=badge is not None,
        pin=pin is not None,
        active=bool(active),
        locked=failures >= pins.MOST_FAILURES,
        wait_seconds=pins.waits.left(id_, failures, failed_at),
    )


def _checked(form: PersonForm) -> PersonForm:
    name = clean_text(form.name, LONGEST_NAME)
    if not name:
        raise Missing(field="name")
    if form.language and form.language not in LANGUAGES:
        raise Invalid(field="language", value=form.language)
    return PersonForm(name=name, role=form.role, language=form.language)


def _check_may_manage(shop: Shop, by: str, *roles: Role, action: Action = Action.EDIT_STAFF) -> None:
    require(shop, by, action)
    if by != ROOT and not all(permissions.may_manage(person(shop, by).role, role) for role in roles):
        raise Denied(action=action)


def _check_owner_left(leaving: Person) -> None:
    """The shop keeps an owner who can sign in, also when two leave at once on two lanes."""
    if leaving.role is not Role.OWNER or not leaving.active:
        return
    # Writing the rows holds them until the commit on both engines.
    db.run("UPDATE staff SET changed_at = changed_at WHERE role = 'owner'")
    other = "SELECT 1 FROM staff WHERE role = 'owner' AND active = 1 AND pin IS NOT NULL AND id <> ?"
    if db.row(other, (leaving.id,)) is None:
        raise Denied(action=LAST_OWNER)


def _put_pin(shop: Shop, person_id: str, kept: str) -> None:
    db.run(
        "UPDATE staff SET pin = ?, failures = 0, changed_at = ? WHERE id = ?",
        (kept, shop.clock.millis(), person_id),
    )


def _badge_hash(shop: Shop, code: str) -> str:
    bare = codes.normalise(code)
    if not SHORTEST_BADGE <= len(bare) <= codes.LONGEST_CODE or not (bare.isascii() and bare.isprintable()):
        raise Invalid(field="badge", value="")
    if codes.is_gtin(bare) and codes.what_is(bare).kind is not CodeKind.BADGE:
        raise Invalid(field="badge", value="")
    return shop.keys.digest("badge", bare).hex()


@contextmanager
def _unique(name: str) -> Iterator[None]:
    """Say which of a person's two unique things is taken, and never a badge's code."""
    try:
        yield
    except AlreadyTaken as error:
        if "badge" in error.what:
            raise AlreadyTaken(what="badge", code="") from error
        raise AlreadyTaken(what="name", code=name) from error
