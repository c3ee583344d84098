"""The open basket of each member of staff, kept so that a power cut loses no line (DESIGN.md 5, D7-01)."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Final

from kiosk import db
from kiosk.errors import OutOfRange
from kiosk.money import Money, Percent, Quantity
from kiosk.rules.basket import EMPTY, Basket, Discount, Line, LineKind, Returned, TaxRate, Unit
from kiosk.rules.tender import Given, Tender, TenderKind
from kiosk.services.journal import add_note
from kiosk.services.shop import Shop

VERSION: Final = 1
"""Of the kept form. A till reads no other: after an upgrade an older one is read by a function of its own."""

LONGEST: Final = 2_000_000
"""Characters of a kept draft: a full basket of the longest texts fits."""

_LARGEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands on the sale screen of one person at one lane."""

    key: str
    """The sale's key, made when the basket was opened."""
    basket: Basket = EMPTY
    tenders: tuple[Given, ...] = ()
    entry: str = ""
    """What was typed and not yet entered."""
    selected: int = 0
    """The id of the line under the cursor; 0 for none."""
    opened_at: int = 0
    """UTC milliseconds."""
    customer: str = ""
    """The id of the customer whom the sale is for; empty for nobody (T-09)."""
    restored: bool = False
    """Whether it was read back rather than just made."""


def save(shop: Shop, person_id: str, draft: Draft) -> None:
    """Keep a basket: one small write. A sale that is closed or parked already stays so, however late this comes.

    Refuses: OutOfRange (larger than any basket), DiskFull, StorageFailed.
    """
    with db.transaction():
        save_in(shop, person_id, draft)


def save_in(shop: Shop, person_id: str, draft: Draft) -> None:
    """Keep a basket inside the transaction of the deed that brings it here. Refuses: OutOfRange."""
    content = to_text(draft)
    if len(content) > LONGEST:
        raise OutOfRange(field="draft", value=str(len(content)), highest=str(LONGEST))
    db.run(
        "INSERT INTO draft (staff, lane, key, content, saved_at) "
        "SELECT ?, ?, ?, ?, CAST(? AS BIGINT) WHERE NOT EXISTS (SELECT 1 FROM entry WHERE key = ?) "
        "AND NOT EXISTS (SELECT 1 FROM parked WHERE key = ? AND state = 'waiting') "
        "ON CONFLICT (staff, lane) DO UPDATE SET "
        "key = excluded.key, content = excluded.content, saved_at = excluded.saved_at",
        (person_id, shop.lane, draft.key, content, shop.clock.millis(), draft.key, draft.key),
    )


def load(shop: Shop, person_id: str) -> Draft | None:
    """The basket that a person left at this lane, if any.

    One that can't be read is set aside and written into the journal, and the
    person starts with none: nothing that is kept here may stop the till.
    """
    found = _kept(shop, person_id)
    if found is None:
        return None
    try:
        return replace(from_text(found[0]), restored=True)
    except Unreadable as error:
        _set_aside(shop, person_id, key=found[1], reason=str(error))
        return None


def stands_open(shop: Shop, person_id: str) -> bool:
    """Whether anything stands in a person's basket at this lane, or was paid for it; one that can't be read does."""
    found = _kept(shop, person_id)
    if found is None:
        return False
    try:
        draft = from_text(found[0])
    except Unreadable:
        return True
    return bool(draft.basket or draft.tenders)


def _kept(shop: Shop, person_id: str) -> tuple[str, str] | None:
    """The text and the key of a basket that is not in the books."""
    found = db.row(
        "SELECT content, key, EXISTS (SELECT 1 FROM entry WHERE entry.key = draft.key) "
        "FROM draft WHERE staff = ? AND lane = ?",
        (person_id, shop.lane),
    )
    return None if found is None or not found[0] or found[2] else (str(found[0]), str(found[1]))


def clear(shop: Shop, person_id: str) -> None:
    """Forget a person's basket."""
    with db.transaction():
        clear_in(shop, person_id)


def clear_in(shop: Shop, person_id: str) -> None:
    """Forget a person's basket inside the transaction of the deed that closes it."""
    db.run("DELETE FROM draft WHERE staff = ? AND lane = ?", (person_id, shop.lane))


def holders(shop: Shop) -> tuple[str, ...]:
    """Who has left a basket at this lane, the latest first."""
    found = db.rows(
        "SELECT staff FROM draft WHERE lane = ? AND content <> '' ORDER BY saved_at DESC, staff", (shop.lane,)
    )
    return tuple(str(staff) for (staff,) in found)


def _set_aside(shop: Shop, person_id: str, *, key: str, reason: str) -> None:
    with db.transaction():
        db.run(
            "UPDATE draft SET unreadable = content, content = '' WHERE staff = ? AND lane = ?", (person_id, shop.lane)
        )
        add_note(shop, person_id, "draft.unreadable", key=key, reason=reason)


class Unreadable(ValueError):
    """A kept draft that is not one; says where, and bears nothing of its content."""


def to_text(draft: Draft) -> str:
    """A draft as it is kept: ASCII, so that no character of a broken code stops a database."""
    return json.dumps(
        {
            "version": VERSION,
            "key": draft.key,
            "basket": _from_basket(draft.basket),
            "tenders": [_from_given(given) for given in draft.tenders],
            "entry": draft.entry,
            "selected": draft.selected,
            "opened_at": draft.opened_at,
            "customer": draft.customer,
        },
        separators=(",", ":"),
    )


def from_text(text: str) -> Draft:
    """Read a kept draft. Refuses: Unreadable."""
    if len(text) > LONGEST:
        raise Unreadable("too long")
    try:
        read = json.loads(text)
        if not isinstance(read, dict) or read.get("version") != VERSION:
            raise Unreadable("another version")
        return Draft(
            key=_text(read["key"]),
            basket=_to_basket(read["basket"]),
            tenders=tuple(_to_given(given) for given in _list(read["tenders"])),
            entry=_text(read["entry"]),
            selected=_whole(read["selected"]),
            opened_at=_whole(read["opened_at"]),
            customer=_text(read.get("customer", "")),
        )
    except Unreadable:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable(type(error).__name__) from error


def _from_basket(basket: Basket) -> dict[str, Any]:
    return {
        "lines": [_from_line(line) for line in basket.lines],
        "discount": _from_discount(basket.discount),
        "next_id": basket.next_id,
        "age_checked": basket.age_checked,
    }


def _to_basket(read: Any) -> Basket:
    basket = Basket(
        lines=tuple(_to_line(line) for line in _list(read["lines"])),
        discount=_to_discount(read["discount"]),
        next_id=_whole(read["next_id"]),
        age_checked=_whole(read["age_checked"]),
    )
    ids = [line.id for line in basket.lines]
    if len(set(ids)) < len(ids) or (ids and max(ids) >= basket.next_id):
        raise Unreadable("ids of lines")
    return basket


def _from_line(line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "article": line.article,
        "number": line.number,
        "text": line.text,
        "unit": line.unit.value,
        "quantity": line.quantity.thousandths,
        "price": line.price.minor,
        "list_price": None if line.list_price is None else line.list_price.minor,
        "tax": [line.tax.code, line.tax.percent.hundredths],
        "category": line.category,
        "kind": line.kind.value,
        "discount": _from_discount(line.discount),
        "discountable": line.discountable,
        "returned": None if line.returned is None else _from_returned(line.returned),
        "fixed": None if line.fixed is None else line.fixed.minor,
    }


def _to_line(read: Any) -> Line:
    code, hundredths = _list(read["tax"])
    return Line(
        id=_whole(read["id"]),
        article=_text(read["article"]),
        number=_text(read["number"]),
        text=_text(read["text"]),
        unit=Unit(read["unit"]),
        quantity=Quantity(_whole(read["quantity"])),
        price=Money(_whole(read["price"])),
        list_price=None if read.get("list_price") is None else Money(_whole(read["list_price"])),
        tax=TaxRate(_text(code), Percent(_whole(hundredths))),
        category=_text(read["category"]),
        kind=LineKind(read["kind"]),
        discount=_to_discount(read["discount"]),
        discountable=_flag(read["discountable"]),
        returned=None if read.get("returned") is None else _to_returned(read["returned"]),
        fixed=None if read.get("fixed") is None else Money(_whole(read["fixed"])),
    )


def _from_returned(returned: Returned) -> dict[str, Any]:
    return {
        "original": returned.original,
        "position": returned.position,
        "number": returned.number,
        "reason": returned.reason,
        "restock": returned.restock,
    }


def _to_returned(read: Any) -> Returned:
    return Returned(
        original=_text(read["original"]),
        position=_whole(read["position"]),
        number=_whole(read["number"]),
        reason=_text(read["reason"]),
        restock=_flag(read["restock"]),
    )


def _from_discount(discount: Discount | None) -> dict[str, Any] | None:
    if discount is None:
        return None
    return {
        "percent": None if discount.percent is None else discount.percent.hundredths,
        "amount": None if discount.amount is None else discount.amount.minor,
        "reason": discount.reason,
    }


def _to_discount(read: Any) -> Discount | None:
    if read is None:
        return None
    percent, amount = read["percent"], read["amount"]
    return Discount(
        percent=None if percent is None else Percent(_whole(percent)),
        amount=None if amount is None else Money(_whole(amount)),
        reason=_text(read["reason"]),
    )


def _from_given(given: Given) -> dict[str, Any]:
    tender = given.tender
    return {
        "code": tender.code,
        "name": tender.name,
        "kind": tender.kind.value,
        "opens_drawer": tender.opens_drawer,
        "gives_change": tender.gives_change,
        "refundable": tender.refundable,
        "asks_terminal": tender.asks_terminal,
        "given": given.given.minor,
        "reference": given.reference,
        "pending": given.pending,
        "original": given.original,
        "card": given.card,
    }


def _to_given(read: Any) -> Given:
    tender = Tender(
        code=_text(read["code"]),
        name=_text(read["name"]),
        kind=TenderKind(read["kind"]),
        opens_drawer=_flag(read["opens_drawer"]),
        gives_change=_flag(read["gives_change"]),
        refundable=_flag(read["refundable"]),
        asks_terminal=_flag(read["asks_terminal"]),
    )
    return Given(
        tender=tender,
        given=Money(_whole(read["given"])),
        reference=_text(read["reference"]),
        pending=_text(read["pending"]),
        original=_text(read.get("original", "")),
        card=_text(read.get("card", "")),
    )


def _text(read: Any) -> str:
    if not isinstance(read, str):
        raise Unreadable("a text")
    return read


def _whole(read: Any) -> int:
    if type(read) is not int or abs(read) > _LARGEST:
        raise Unreadable("a number")
    return read


def _flag(read: Any) -> bool:
    if not isinstance(read, bool):
        raise Unreadable("a flag")
    return read


def _list(read: Any) -> list[Any]:
    if not isinstance(read, list):
        raise Unreadable("a list")
    return read
