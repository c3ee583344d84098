"""What customers agreed to: when, in which words, and who took it down (N20)."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk import db
from kiosk.errors import NoConsent
from kiosk.rules.permissions import Action
from kiosk.services import staff
from kiosk.services.customer_rows import Channel, marks, members_of
from kiosk.services.ids import new_id
from kiosk.services.shop import Shop, read_settings


@dataclass(frozen=True, slots=True)
class Consent:
    """One yes or no; ``at`` in UTC milliseconds."""

    channel: Channel
    given: bool
    at: int
    by: str
    lane: str
    wording: str
    """The words that were agreed to."""
    source: str
    """till, import, or erased."""
    of_now: bool
    """Whether it was said of the address that is kept now."""


def history(shop: Shop, customer: str, *, by: str) -> tuple[Consent, ...]:
    """All that a customer ever agreed to or withdrew, newest first. Refuses: Denied."""
    staff.require(shop, by, Action.SEE_CUSTOMERS)
    return _history(shop, members_of(customer))


def of_one(shop: Shop, customer: str) -> tuple[Consent, ...]:
    """What a customer himself agreed to or withdrew, newest first, for a deed that has passed its door."""
    return _history(shop, (customer,))


def _history(shop: Shop, members: tuple[str, ...]) -> tuple[Consent, ...]:
    now = {
        (of, channel): digest(shop, value)
        for of, channel, value in db.rows(
            f"SELECT customer, channel, value FROM contact WHERE customer IN ({marks(members)})", members
        )
    }
    words: dict[int, dict[str, str]] = {}
    found: list[Consent] = []
    for of, channel, given, about, wording, source, at, lane, who in db.rows(
        'SELECT customer, channel, given, about, wording, source, at, lane, "by" FROM consent '
        f"WHERE customer IN ({marks(members)}) ORDER BY id DESC",
        members,
    ):
        if wording not in words:
            settings, _version = read_settings(int(wording))
            words[wording] = {Channel.PHONE: settings.consent_phone, Channel.EMAIL: settings.consent_email}
        text, of_now = words[wording][channel], now.get((of, channel)) == about
        found.append(Consent(Channel(channel), bool(given), int(at), who, lane, text, source, of_now))
    return tuple(found)


def record_in(
    shop: Shop, customer: str, channel: Channel, value: str, *, given: bool, by: str, source: str = "till"
) -> None:
    """Write a yes or a no down, inside the transaction of the deed; ``value`` is the address that it is about."""
    db.run(
        'INSERT INTO consent (id, customer, channel, given, about, wording, source, at, lane, "by") '
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            new_id(),
            customer,
            channel.value,
            int(given),
            digest(shop, value),
            shop.settings_version,
            source,
            shop.clock.millis(),
            shop.lane,
            by,
        ),
    )


def check(shop: Shop, customer: str, channel: Channel) -> str:
    """The address by which a customer may be written to. Refuses: NoConsent (none, or not for this address)."""
    contact = db.row("SELECT value FROM contact WHERE customer = ? AND channel = ?", (customer, channel.value))
    last = db.row(
        "SELECT given, about FROM consent WHERE customer = ? AND channel = ? ORDER BY id DESC LIMIT 1",
        (customer, channel.value),
    )
    if contact is None or last is None or not last[0] or last[1] != digest(shop, contact[0]):
        raise NoConsent(channel=channel.value)
    return str(contact[0])


def digest(shop: Shop, value: str) -> str:
    """An address that nobody can read out of it, nor compute without the machine's key."""
    return shop.keys.digest("consent", value).hex()[:32]
