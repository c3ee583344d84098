"""What the technician's commands want written: done by the till that runs, or by the command itself.

An errand is a plain value, so that it can travel through the till's gate:
``{"do": "staff.reset", "who": "Ann", "pin": "…"}``. Everything here is done in
the name of whoever is root on the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from kiosk import db, errors
from kiosk.errors import Invalid, NotFound, ShopError, StorageFailed
from kiosk.i18n import LANGUAGES
from kiosk.receipts.test_page import printer_test_page
from kiosk.rules.permissions import Role
from kiosk.services import history, printing, staff
from kiosk.services.shop import Shop
from kiosk.services.staff import ROOT, Person, PersonForm

_POSTGRES_SETTINGS: Final = ("synchronous_commit", "fsync", "full_page_writes")
_SQLITE_SETTINGS: Final = ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")

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
    """Do an errand that came through the gate; a refusal travels back as its facts."""
    try:
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
    sale = receipt_numbered(shop, _number(errand, "number"))
    return {"copy": history.reprint(shop, sale, by=ROOT), "waiting": printing.waiting(shop)}


def _import_articles(shop: Shop, errand: Errand) -> dict[str, Any]:
    from kiosk.services.transfer_articles import import_articles

    done = import_articles(shop, Path(_text(errand, "path")), dry_run=False, by=ROOT)
    return {
        "created": done.created,
        "changed": done.changed,
        "unchanged": done.unchanged,
        "errors": len(done.errors),
        "written": done.written,
    }


def _durability(_shop: Shop, _errand: Errand) -> dict[str, Any]:
    return dict(durability())


_VERBS: Final[Mapping[str, Verb]] = {
    "articles.import": _import_articles,
    "health.durability": _durability,
    "print.copy": _print_copy,
    "print.drop": _print_drop,
    "print.test": _print_test,
    "staff.activate": _activate,
    "staff.add": _add,
    "staff.badge": _badge,
    "staff.deactivate": _deactivate,
    "staff.reset": _reset,
    "staff.unlock": _unlock,
}
