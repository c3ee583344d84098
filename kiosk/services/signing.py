"""Signatures on the chain: Ed25519, a key a month, each next key signed by the last (PLATFORM.md 6).

Whoever has the database can recompute a chain of hashes; he can't sign it.
The private half of a past month is gone, so that even the machine's own key
file can't rewrite what was signed before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from kiosk import db
from kiosk.services.ids import new_id
from kiosk.services.shop import Shop

EVERY: Final = 50
"""Each entry whose seq is a multiple of this is signed."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A month's public key and how it came to be trusted."""

    id: str
    month: str
    public: str
    previous: str | None
    signature: str


def sign(shop: Shop, seq: int, own_hash: str) -> None:
    """Sign an entry of this lane, inside the transaction that wrote it."""
    key_id, private = _key_of_the_month(shop)
    text = signed_text(shop.lane, seq, own_hash)
    db.run(
        "INSERT INTO signature (lane, seq, hash, signing_key, signature) VALUES (?, ?, ?, ?, ?)",
        (shop.lane, seq, own_hash, key_id, _private(private).sign(text).hex()),
    )


def signed_text(lane: str, seq: int, own_hash: str) -> bytes:
    """What is signed for an entry."""
    return f"kiosk entry {lane} {seq} {own_hash}".encode()


def key_text(key_id: str, month: str, public: str) -> bytes:
    """What the key before signs for the next one."""
    return f"kiosk key {key_id} {month} {public}".encode()


def is_signed_by(public: str, signature: str, text: bytes) -> bool:
    """Whether a signature is good."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def public_keys() -> tuple[PublicKey, ...]:
    """All keys, oldest first."""
    found = db.rows("SELECT id, month, public, previous, signature FROM signing_key ORDER BY id")
    return tuple(PublicKey(*row) for row in found)


def first_public(shop: Shop) -> str | None:
    """The key that the chain of keys starts from, as this machine remembers it outside the database."""
    root: str | None = shop.keys.signing().get("root")
    return root


def _key_of_the_month(shop: Shop) -> tuple[str, str]:
    """This month's key, made if there is none. A key that never reached the database is made anew."""
    month = shop.clock.local(shop.clock.now()).strftime("%Y-%m")
    state = _settled(shop.keys.signing())
    current = state.get("current")
    if current is not None and current["month"] >= month and _known(current["id"]):
        return current["id"], current["private"]
    trusted = current if current is not None and _known(current["id"]) else None
    made = _make(month)
    signer = made if trusted is None else trusted
    signature = _private(signer["private"]).sign(key_text(made["id"], month, made["public"])).hex()
    new_state: dict[str, Any] = {"root": state.get("root") or made["public"], "current": trusted, "next": made}
    if trusted is None:
        new_state["root"] = made["public"]
    shop.keys.store_signing(new_state)
    db.run(
        "INSERT INTO signing_key (id, month, public, previous, signature) VALUES (?, ?, ?, ?, ?)",
        (made["id"], month, made["public"], None if trusted is None else trusted["id"], signature),
    )
    return made["id"], made["private"]


def _settled(state: dict[str, Any]) -> dict[str, Any]:
    """A next key that the database has come to know is the current one."""
    following = state.get("next")
    if following is not None and _known(following["id"]):
        return {"root": state["root"], "current": following, "next": None}
    return state


def _known(key_id: str) -> bool:
    return db.row("SELECT 1 FROM signing_key WHERE id = ?", (key_id,)) is not None


def _make(month: str) -> dict[str, str]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    return {
        "id": new_id(),
        "month": month,
        "private": private.private_bytes_raw().hex(),
        "public": private.public_key().public_bytes_raw().hex(),
    }


def _private(text: str) -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text))
