"""PINs: how they are kept, and how few of them anyone may try (PLATFORM.md 8).

A PIN is kept as Argon2id over an HMAC under the device key, which is not in
the database and binds the PIN to its person: neither a stolen database nor a
hash copied from one row to another opens anything.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from kiosk import db
from kiosk.errors import Invalid, Locked, WrongPin
from kiosk.services.journal import add_note
from kiosk.services.shop import Shop

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

SHORTEST: Final = 4
LONGEST: Final = 8
MOST_FAILURES: Final = 10
"""Wrong PINs in a row until a manager has to unlock."""

LONGEST_WAIT: Final = 60
"""Seconds."""

_MEMORY_KIB: Final = 19 * 1024
_ROUNDS: Final = 2
_HASH_BYTES: Final = 32
_SALT_BYTES: Final = 16


def since_boot() -> float:
    """Seconds since the machine was started; nobody can set this clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Waits:
    """How long people with wrong PINs still have to wait, as this process has measured it.

    The database counts the failures; the waiting runs from when this process
    first saw them. So a restart begins the wait anew, another lane begins its
    own, and setting the clock changes nothing.
    """

    def __init__(self, elapsed: Callable[[], float] = since_boot) -> None:
        self._elapsed = elapsed
        self._seen: dict[str, tuple[int, int | None, float]] = {}

    def left(self, person_id: str, failures: int, failed_at: int | None) -> int:
        """Seconds to wait; ``failed_at`` only tells one failure from another."""
        if not failures:
            self._seen.pop(person_id, None)
            return 0
        seen = self._seen.get(person_id)
        if seen is None or seen[:2] != (failures, failed_at):
            seen = self._seen[person_id] = (failures, failed_at, self._elapsed())
        return max(0, math.ceil(seen[2] + wait_after(failures) - self._elapsed()))


waits = Waits()
"""One process, one till."""


def wait_after(failures: int) -> int:
    """Seconds to wait after so many wrong PINs in a row: 1, 2, 4 … 60."""
    return min(LONGEST_WAIT, 1 << min(failures - 1, 6)) if failures > 0 else 0


def check_form(pin: str) -> None:
    """Whether a text can be a PIN: 4 to 8 digits. Refuses: Invalid, which does not bear the PIN."""
    if not _is_pin(pin):
        raise Invalid(field="pin", value="")


def hashed(shop: Shop, person_id: str, pin: str) -> str:
    """A PIN as it is kept. Refuses: Invalid."""
    check_form(pin)
    return _argon2().derive_phc_encoded(_peppered(shop, person_id, pin))


@contextmanager
def proven(shop: Shop, person_id: str, pin: str, *, by: str | None = None) -> Iterator[None]:
    """Go on, inside a transaction, as one whose PIN is right.

    An attempt is counted, durably, before it is checked: a till that is killed
    while it checks has given no free try. Nobody learns from the time it takes
    whether a person exists. ``by`` is who stands at the till, if that is known.
    Refuses: WrongPin, Locked. Source: D7-03.
    """
    counted = _count(shop, person_id)
    if not _fits(shop, person_id, pin):
        raise _refusal(shop, person_id, counted, by)
    with db.transaction():
        db.run("UPDATE staff SET failures = 0 WHERE id = ? AND failures = ?", (person_id, counted))
        yield


def _count(shop: Shop, person_id: str) -> int:
    """Count one more attempt; which one it is, 0 for somebody who does not work here."""
    with db.transaction():
        found = db.row("SELECT failures, failed_at FROM staff WHERE id = ? AND active = 1", (person_id,))
        if found is None:
            return 0
        failures, failed_at = found
        if failures >= MOST_FAILURES:
            raise Locked(wait_seconds=None)
        left = waits.left(person_id, failures, failed_at)
        if left:
            raise Locked(wait_seconds=left)
        counted = db.run(
            "UPDATE staff SET failures = failures + 1, failed_at = ? WHERE id = ? AND failures = ?",
            (shop.clock.millis(), person_id, failures),
        )
        if not counted:
            raise Locked(wait_seconds=wait_after(failures + 1))
        return int(failures) + 1


def _fits(shop: Shop, person_id: str, pin: str) -> bool:
    """The import waits until the first PIN: it would hold up the first paint."""
    from cryptography.exceptions import InvalidKey
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    found = db.row("SELECT pin FROM staff WHERE id = ? AND active = 1", (person_id,))
    tried = _peppered(shop, person_id, pin if _is_pin(pin) else "")
    if found is None or found[0] is None:
        _argon2().derive(tried)
        return False
    try:
        Argon2id.verify_phc_encoded(tried, found[0])
    except (InvalidKey, ValueError):
        return False
    return True


def _argon2() -> Argon2id:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    return Argon2id(
        salt=secrets.token_bytes(_SALT_BYTES),
        length=_HASH_BYTES,
        iterations=_ROUNDS,
        lanes=1,
        memory_cost=_MEMORY_KIB,
    )


def _peppered(shop: Shop, person_id: str, pin: str) -> bytes:
    return shop.keys.digest("pin", f"{person_id}\0{pin}")


def _is_pin(text: str) -> bool:
    return SHORTEST <= len(text) <= LONGEST and text.isascii() and text.isdigit()


def _refusal(shop: Shop, person_id: str, counted: int, by: str | None) -> WrongPin | Locked:
    locked = counted >= MOST_FAILURES
    with db.transaction():
        add_note(shop, by, "staff.locked" if locked else "staff.wrong_pin", person=person_id, failures=counted)
        failed = db.row("SELECT failures, failed_at FROM staff WHERE id = ?", (person_id,)) if counted else None
    if locked:
        return Locked(wait_seconds=None)
    return WrongPin(wait_seconds=waits.left(person_id, *failed) if failed else wait_after(1))
