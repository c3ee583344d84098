"""What customers agreed to: when, in which words, and who took it down (N20)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk import db
from kiosk.clock import from_millis
from kiosk.errors import NoConsent, NotFound
from kiosk.rules.permissions import Action
from kiosk.services import printing, staff
from kiosk.services.customer_rows import Channel, marks, members_of, read, root_of
from kiosk.services.ids import new_id
from kiosk.services.journal import add_note
from kiosk.services.shop import Shop, read_settings

if TYPE_CHECKING:
    from kiosk.receipts.paper import Document


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
    version: int
    """Of the wording: that of the settings which it stood in."""
    who: str
    """The name of who took it down; empty: a command or an import."""


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
    for of, channel, given, about, version, source, at, lane, by, name in db.rows(
        "SELECT consent.customer, consent.channel, consent.given, consent.about, consent.wording, consent.source, "
        'consent.at, consent.lane, consent."by", staff.name '
        'FROM consent LEFT JOIN staff ON staff.id = consent."by" '
        f"WHERE consent.customer IN ({marks(members)}) ORDER BY consent.id DESC",
        members,
    ):
        if version not in words:
            settings, _version = read_settings(int(version))
            words[version] = {Channel.PHONE: settings.consent_phone, Channel.EMAIL: settings.consent_email}
        found.append(
            Consent(
                channel=Channel(channel),
                given=bool(given),
                at=int(at),
                by=by,
                lane=lane,
                wording=words[version][channel],
                source=source,
                of_now=now.get((of, channel)) == about,
                version=int(version),
                who=name or "",
            )
        )
    return tuple(found)


def print_proof(shop: Shop, customer: str, *, by: str) -> None:
    """Have a slip printed of what a customer agreed to or withdrew (N20). Refuses: NotFound, Denied."""
    with db.transaction():
        staff.require(shop, by, Action.SEE_CUSTOMERS)
        if root_of(customer) is None:
            raise NotFound(what="customer", code="")
        printing.queue_consents(shop, customer)
        add_note(shop, by, "customer.consents_printed", customer=customer)


def slip(shop: Shop, customer: str, *, copy: int = 0) -> Document:
    """What the slip shows, as it is by the time it comes out; of somebody who was erased by then, nothing."""
    from kiosk.receipts.consent_slip import ConsentSlip, Said, lay_out
    from kiosk.services.receipt import shop_head

    root = root_of(customer)
    known = None if root is None else read([root]).get(root)
    if root is None or known is None or known.state != "active":
        return ()
    made = ConsentSlip(
        shop=shop_head(shop.settings),
        lane=shop.lane,
        at=shop.clock.local(shop.clock.now()),
        number=known.number,
        called=known.called,
        said=tuple(
            Said(one.channel.value, one.given, shop.clock.local(from_millis(one.at)), one.who, one.wording, one.of_now)
            for one in _history(shop, members_of(root))
        ),
        copy=copy,
        training=shop.training,
    )
    return lay_out(made, known.form.language or shop.settings.language)


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
    contact = db.row(
        "SELECT value FROM contact WHERE customer = ? AND channel = ? AND opt_in = 1", (customer, channel.value)
    )
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
