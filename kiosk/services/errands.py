"""What the technician's commands want written: done by the till that runs, or by the command itself.

An errand is a plain value, so that it can travel through the till's gate:
``{"do": "staff.reset", "who": "Ann", "pin": "…"}``. What is done here is done in
the name of whoever is root on the machine, unless a PIN says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Final, TypeVar

from kiosk import db, errors
from kiosk.errors import Invalid, NotFound, ShopError, StorageFailed, TillIsTraining
from kiosk.i18n import LANGUAGES
from kiosk.receipts.test_page import printer_test_page
from kiosk.rules.permissions import Role
from kiosk.services import history, pins, printing, settings, staff
from kiosk.services.ids import new_id
from kiosk.services.shop import Shop
from kiosk.services.staff import ROOT, Person, PersonForm
from kiosk.services.transfer import import_steps

_STEP_SECONDS: Final = 0.05
"""How long a customer waits for a file, at most about."""

_POSTGRES_SETTINGS: Final = ("synchronous_commit", "fsync", "full_page_writes")
_SQLITE_SETTINGS: Final = ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")

T = TypeVar("T")
Errand = Mapping[str, Any]
Verb = Callable[[Shop, Errand], dict[str, Any]]


def do(shop: Shop, errand: Errand) -> dict[str, Any]:
    """Do an errand; what came of it. Refuses: Invalid (unknown, or a part is wrong), and what the verb refuses."""
    name = _text(errand, "do")
    verb = _VERBS.get(name)
    if verb is None:
        raise Invalid(field="errand", value=name)
    return verb(shop, errand)


def answer(shop: Shop, errand: Errand) -> dict[str, Any]:
    """Do an errand that came through the gate; a refusal travels back as its facts.

    None is done in training: what commands want is meant for the real books (N22).
    """
    try:
        if shop.training:
            raise TillIsTraining
        return {"ok": True, "answer": do(shop, errand)}
    except ShopError as error:
        return {"ok": False, "error": type(error).__name__, "facts": error.facts()}


def read_reply(reply: Mapping[str, Any]) -> dict[str, Any]:
    """What ``answer`` said. Refuses: what was refused there; StorageFailed (it is no answer)."""
    if reply.get("ok") is True:
        found = reply.get("answer", {})
        return found if isinstance(found, dict) else {}
    kind = getattr(errors, str(reply.get("error")), None)
    if isinstance(kind, type) and issubclass(kind, ShopError):
        try:
            raised: ShopError = kind(**reply.get("facts", {}))
        except TypeError:
            raised = StorageFailed(reason=kind.__name__)
        raise raised
    raise StorageFailed(reason=str(reply.get("error")))


def person_named(shop: Shop, who: str) -> Person:
    """A member of staff by name, however it is written, or by id; former ones too. Refuses: NotFound."""
    wanted = who.casefold().strip()
    found = [one for one in staff.people(shop, with_former=True) if who == one.id or one.name.casefold() == wanted]
    if not found:
        raise NotFound(what="person", code=who)
    return found[0]


def receipt_numbered(shop: Shop, number: int) -> str:
    """The sale whose receipt of this lane bears a number. Refuses: NotFound."""
    found = db.row("SELECT id FROM sale WHERE lane = ? AND number = ?", (shop.lane, number))
    if found is None:
        raise NotFound(what="receipt", code=str(number))
    return str(found[0])


def durability() -> dict[str, str]:
    """How the connection that sells writes; what another connection's settings are says nothing about it."""
    postgres = db.on_postgres()
    return {
        name: str((db.row(f"SHOW {name}" if postgres else f"PRAGMA {name}") or ("?",))[0])
        for name in (_POSTGRES_SETTINGS if postgres else _SQLITE_SETTINGS)
    }


def _text(errand: Errand, name: str) -> str:
    value = errand.get(name)
    if not isinstance(value, str):
        raise Invalid(field=name, value=str(value))
    return value


def _number(errand: Errand, name: str) -> int:
    value = errand.get(name)
    if type(value) is not int:
        raise Invalid(field=name, value=str(value))
    return value


def _add(shop: Shop, errand: Errand) -> dict[str, Any]:
    role, language = _text(errand, "role"), _text(errand, "language")
    if role not in {*Role}:
        raise Invalid(field="role", value=role)
    if language and language not in LANGUAGES:
        raise Invalid(field="language", value=language)
    made = staff.create(
        shop, PersonForm(_text(errand, "name"), Role(role), language), by=ROOT, pin=_text(errand, "pin")
    )
    return {"id": made.id, "name": made.name}


def _reset(shop: Shop, errand: Errand) -> dict[str, Any]:
    found = person_named(shop, _text(errand, "who"))
    staff.reset_by_root(shop, found.id, _text(errand, "pin"))
    return {"name": found.name}


def _deactivate(shop: Shop, errand: Errand) -> dict[str, Any]:
    found = person_named(shop, _text(errand, "who"))
    staff.deactivate(shop, found.id, by=ROOT)
    return {"name": found.name}


def _activate(shop: Shop, errand: Errand) -> dict[str, Any]:
    found = person_named(shop, _text(errand, "who"))
    staff.activate(shop, found.id, by=ROOT)
    return {"name": found.name}


def _unlock(shop: Shop, errand: Errand) -> dict[str, Any]:
    found = person_named(shop, _text(errand, "who"))
    staff.unlock(shop, found.id, by=ROOT)
    return {"name": found.name}


def _badge(shop: Shop, errand: Errand) -> dict[str, Any]:
    """``code``: one to take over, empty to take the badge away, None to make a new one."""
    found = person_named(shop, _text(errand, "who"))
    if errand.get("code") is None:
        return {"name": found.name, "code": staff.make_badge(shop, found.id, by=ROOT)}
    code = _text(errand, "code")
    staff.set_badge(shop, found.id, code or None, by=ROOT)
    return {"name": found.name}


def _print_test(shop: Shop, errand: Errand) -> dict[str, Any]:
    at = shop.clock.local(shop.clock.now())
    page = printer_test_page(printer=_text(errand, "printer"), lane=shop.lane, at=at)
    return {"job": printing.queue_document(shop, "test", page), "waiting": printing.waiting(shop)}


def _print_drop(shop: Shop, _errand: Errand) -> dict[str, Any]:
    return {"dropped": printing.drop_waiting(shop)}


def _print_copy(shop: Shop, errand: Errand) -> dict[str, Any]:
    """In the name of somebody at the till, whose PIN proves it: root prints no receipts."""
    by = person_named(shop, _text(errand, "by"))
    with pins.proven(shop, by.id, _text(errand, "pin"), by=ROOT):
        pass
    sale = receipt_numbered(shop, _number(errand, "number"))
    return {"copy": history.reprint(shop, sale, by=by.id), "waiting": printing.waiting(shop)}


@dataclass
class _Going:
    """Something long that is being done, a little with each errand, so that the till can sell in between."""

    id: str
    steps: Generator[tuple[int, int], None, Any]
    told: Callable[[Any], dict[str, Any]]
    """What came of it, for the command that waits."""


_going: Final[list[_Going]] = []
"""The one that is going on. Only the database's thread touches it."""


def give_up() -> None:
    """Leave an import where it is: what is not taken in yet stays out."""
    while _going:
        _going.pop().steps.close()


def _begin(steps: Generator[tuple[int, int], None, T], told: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    """Begin; what somebody has left half way is given up."""
    give_up()
    made = _Going(new_id(), steps, told)
    _going.append(made)
    return {"id": made.id}


def _import_articles(shop: Shop, errand: Errand) -> dict[str, Any]:
    steps = import_steps(shop, Path(_text(errand, "path")), dry_run=False, by=ROOT)
    return _begin(steps, lambda result: {"written": result.written})


def _import_customers(shop: Shop, errand: Errand) -> dict[str, Any]:
    from kiosk.services import customer_transfer

    chosen = errand.get("chosen")
    if not isinstance(chosen, dict) or not all(isinstance(field, str) for field in chosen.values()):
        raise Invalid(field="column", value=str(chosen))
    path = Path(_text(errand, "path"))
    steps = customer_transfer.import_steps(shop, path, dry_run=False, by=ROOT, chosen=chosen)
    return _begin(steps, customer_transfer.facts_of)


def _undo_customers(shop: Shop, errand: Errand) -> dict[str, Any]:
    from kiosk.services import customer_transfer_undo

    steps = customer_transfer_undo.undo_steps(shop, _text(errand, "id"), by=ROOT)
    return _begin(steps, customer_transfer_undo.facts_of)


def _customers_exported(shop: Shop, errand: Errand) -> dict[str, Any]:
    from kiosk.services import customer_transfer

    customer_transfer.note_export(shop, _text(errand, "what"), _number(errand, "count"), by=ROOT)
    return {}


def _step(_shop: Shop, errand: Errand) -> dict[str, Any]:
    """Go on for a moment: ``done`` and ``of``, and at the end what came of it. Refuses: NotFound (another began)."""
    going_on = _going[0] if _going else None
    if going_on is None or going_on.id != _text(errand, "id"):
        raise NotFound(what="errand", code=_text(errand, "id"))
    until = monotonic() + _STEP_SECONDS
    try:
        done, of = next(going_on.steps)
        while monotonic() < until:
            done, of = next(going_on.steps)
    except StopIteration as end:
        _going.clear()
        return going_on.told(end.value)
    except BaseException:
        _going.clear()
        raise
    return {"done": done, "of": of}


def _settings_set(shop: Shop, errand: Errand) -> dict[str, Any]:
    """The running till takes it up between two sales: one sale is priced and closed by the same settings."""
    before, after, _shop = settings.set_one(shop, _text(errand, "name"), _text(errand, "value"), by=ROOT)
    return {"name": after.name, "old": before.words, "new": after.words}


def _tenders_set(shop: Shop, errand: Errand) -> dict[str, Any]:
    flags: dict[str, bool] = {}
    for part in settings.TENDER_PARTS[1:]:
        if part in errand:
            if not isinstance(errand[part], bool):
                raise Invalid(field=part, value=str(errand[part]))
            flags[part] = errand[part]
    name = _text(errand, "name") if "name" in errand else None
    before, after = settings.set_tender(shop, _text(errand, "code"), by=ROOT, name=name, **flags)
    return {"old": settings.tender_facts(before), "new": settings.tender_facts(after)}


def _durability(_shop: Shop, _errand: Errand) -> dict[str, Any]:
    return dict(durability())


_VERBS: Final[Mapping[str, Verb]] = {
    "articles.import": _import_articles,
    "articles.import.step": _step,
    "customers.exported": _customers_exported,
    "customers.import": _import_customers,
    "customers.step": _step,
    "customers.undo": _undo_customers,
    "health.durability": _durability,
    "print.copy": _print_copy,
    "print.drop": _print_drop,
    "print.test": _print_test,
    "settings.set": _settings_set,
    "staff.activate": _activate,
    "staff.add": _add,
    "staff.badge": _badge,
    "staff.deactivate": _deactivate,
    "staff.reset": _reset,
    "staff.unlock": _unlock,
    "tenders.set": _tenders_set,
}
