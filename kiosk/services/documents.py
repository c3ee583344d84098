"""Driving licences and medical cards, sealed with a key per person that is wrapped by the machine's (PLATFORM.md 8).

Each text is AES-GCM under the person's key, bound to the customer and the kind:
a row that somebody copies to another customer opens nothing. The person's key
is AES-GCM under one that is made of the machine's key file, which is not in the
database. To erase a person is to destroy the key.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from datetime import date
from typing import Final

from kiosk import db
from kiosk.errors import SealedElsewhere
from kiosk.rules.permissions import Action
from kiosk.services import staff
from kiosk.services.customer_rows import NO_DOCUMENT, DocumentKind, IdDocument, marks, members_of
from kiosk.services.shop import Shop

_VERSION: Final = "1:"
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


def of(shop: Shop, customer: str, *, by: str) -> dict[DocumentKind, IdDocument]:
    """What is kept of a customer, of every kind; where he has none, that of somebody merged into him.

    Refuses: Denied, SealedElsewhere (the key file is another one).
    """
    staff.require(shop, by, Action.SEE_CUSTOMERS)
    return kept(shop, customer)


def kept(shop: Shop, customer: str) -> dict[DocumentKind, IdDocument]:
    """The same for a deed that has passed a door of its own. Refuses: SealedElsewhere."""
    found = _said(shop, members_of(customer))
    return {kind: found.get(kind, (customer, NO_DOCUMENT))[1] for kind in DocumentKind}


def own_in(shop: Shop, customer: str) -> dict[DocumentKind, IdDocument]:
    """What a customer has himself, for a deed that has passed its door. Refuses: SealedElsewhere."""
    return {kind: one for kind, (_bearer, one) in _said(shop, (customer,)).items()}


def put_in(shop: Shop, customer: str, documents: Mapping[DocumentKind, IdDocument]) -> tuple[str, ...]:
    """Keep these, inside the transaction of a save; the kinds that changed. Kinds that are not named stay as they are.

    What somebody merged into him has stays that one's own: it is covered, not
    copied and not deleted, so that an un-merge finds all of it (N24). What this
    machine can't open stays unless something else is said of that kind. Refuses:
    SealedElsewhere (a document of the other kind would be lost).
    """
    if not documents:
        return ()
    try:
        before = _said(shop, members_of(customer))
    except SealedElsewhere:
        return _replace_in(shop, customer, documents)
    changed = [kind for kind, one in documents.items() if before.get(kind, (customer, NO_DOCUMENT))[1] != one]
    others = _said(shop, members_of(customer)[1:]) if changed else {}
    for kind in changed:
        if documents[kind] or kind in others:
            _seal(shop, customer, kind, documents[kind])
        else:
            db.run("DELETE FROM id_document WHERE customer = ? AND kind = ?", (customer, kind.value))
    if changed and db.row("SELECT 1 FROM id_document WHERE customer = ?", (customer,)) is None:
        destroy_in(customer)
    return tuple(kind.value for kind in changed)


def destroy_in(customer: str) -> None:
    """Destroy the person's key and what it sealed, inside the transaction of an erasure (N11)."""
    db.run("DELETE FROM id_document WHERE customer = ?", (customer,))
    db.run("DELETE FROM person_key WHERE customer = ?", (customer,))


def _said(shop: Shop, members: tuple[str, ...]) -> dict[DocumentKind, tuple[str, IdDocument]]:
    """Of each kind the first of the customers who has one, and what it is."""
    if not members:
        return {}
    query = f"SELECT customer, kind, sealed FROM id_document WHERE customer IN ({marks(members)})"
    sealed = {(str(bearer), DocumentKind(kind)): str(text) for bearer, kind, text in db.rows(query, members)}
    found: dict[DocumentKind, tuple[str, IdDocument]] = {}
    for kind in DocumentKind:
        first = next((member for member in members if (member, kind) in sealed), None)
        if first is not None:
            found[kind] = (first, _open(shop, first, kind, sealed[first, kind]))
    return found


def _replace_in(shop: Shop, customer: str, documents: Mapping[DocumentKind, IdDocument]) -> tuple[str, ...]:
    """A document that can't be opened gives way to one that is typed anew, and to nothing else."""
    wanted = {kind: one for kind, one in documents.items() if one}
    own = {DocumentKind(kind) for (kind,) in db.rows("SELECT kind FROM id_document WHERE customer = ?", (customer,))}
    if wanted and _key_of(shop, customer) is None:
        if own - set(wanted):
            raise SealedElsewhere
        destroy_in(customer)
    for kind, one in wanted.items():
        _seal(shop, customer, kind, one)
    return tuple(kind.value for kind in wanted)


def _seal(shop: Shop, customer: str, kind: DocumentKind, document: IdDocument) -> None:
    expiry = None if document.expiry is None else document.expiry.isoformat()
    facts = json.dumps([document.number, document.issuer, expiry], ensure_ascii=False)
    key = _key_of(shop, customer) or _new_key(shop, customer)
    db.run(
        "INSERT INTO id_document (customer, kind, sealed) VALUES (?, ?, ?) "
        "ON CONFLICT (customer, kind) DO UPDATE SET sealed = excluded.sealed",
        (customer, kind.value, _encrypt(key, facts.encode(), f"{customer}\0{kind}")),
    )


def _open(shop: Shop, customer: str, kind: DocumentKind, sealed: str) -> IdDocument:
    key = _key_of(shop, customer)
    facts = None if key is None else _decrypt(key, sealed, f"{customer}\0{kind}")
    if facts is None:
        raise SealedElsewhere
    number, issuer, expiry = json.loads(facts)
    return IdDocument(number, issuer, None if expiry is None else date.fromisoformat(expiry))


def _key_of(shop: Shop, customer: str) -> bytes | None:
    """The person's key; None if there is none that this machine can unwrap."""
    found = db.row("SELECT wrapped FROM person_key WHERE customer = ?", (customer,))
    return None if found is None else _decrypt(_wrapping_key(shop), str(found[0]), f"{customer}\0key")


def _new_key(shop: Shop, customer: str) -> bytes:
    key = os.urandom(_KEY_BYTES)
    wrapped = _encrypt(_wrapping_key(shop), key, f"{customer}\0key")
    db.run(
        "INSERT INTO person_key (customer, wrapped) VALUES (?, ?) "
        "ON CONFLICT (customer) DO UPDATE SET wrapped = excluded.wrapped",
        (customer, wrapped),
    )
    return key


def _wrapping_key(shop: Shop) -> bytes:
    return shop.keys.digest("documents", "person keys")


def _encrypt(key: bytes, plain: bytes, about: str) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, plain, about.encode())
    return _VERSION + base64.b64encode(nonce + sealed).decode("ascii")


def _decrypt(key: bytes, text: str, about: str) -> bytes | None:
    """What was sealed; None if it was for another customer or kind, under another key, or is damaged."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        raw = base64.b64decode(text.removeprefix(_VERSION), validate=True)
        return AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], about.encode())
    except (InvalidTag, ValueError):
        return None
