"""The shop that every verb is given: its lane, clock, keys and settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from kiosk import db
from kiosk.clock import Clock, MachineClockWatch
from kiosk.config import Config
from kiosk.errors import Invalid
from kiosk.money import Money
from kiosk.services.ids import new_id
from kiosk.services.keys import Keys

TRAINING: Final = "training.db"
"""The file of a training, beside the till's own; while nobody trains there is none (N22)."""


@dataclass(frozen=True)
class ShopSettings:
    """What all lanes of a shop share (D8-07). Amounts in minor units."""

    name: str = "My shop"
    address: tuple[str, ...] = ()
    tax_id: str = ""
    country: str = "DE"
    language: str = "en"
    zone: str = "Europe/Berlin"
    currency: str = "EUR"
    decimals: int = 2
    prices_include_tax: bool = True
    cash_step: int = 1
    notes: tuple[int, ...] = (500, 1000, 2000, 5000)
    """Bank notes with a key of their own at the payment screen, in minor units."""
    receipt_header: tuple[str, ...] = ()
    receipt_footer: tuple[str, ...] = ()
    print_receipts: bool = True
    badge_is_enough: bool = False
    lock_after_minutes: int = 0
    discount_threshold: int = 10_000
    """In hundredths of a percent: above it a discount is another permission; 100 % is never above (T-23, E40)."""
    discount_reasons: tuple[str, ...] = ("Regular", "Damaged", "Staff", "Goodwill")
    weight_prefixes: tuple[str, ...] = ("28",)
    """In-store EAN-13 whose last digits are grams (D1-02)."""
    price_prefixes: tuple[str, ...] = ("21",)
    """In-store EAN-13 whose last digits are a price in minor units (D1-02)."""
    day_starts_at_hour: int = 4
    blind_count: bool = False
    """Whether the drawer is counted without seeing what should be there (D6-01)."""
    count_at_close: bool = True
    """Whether a shift closes only with a count."""
    difference_allowed: int = 200
    """A difference up to this is not remarked upon, in minor units."""
    return_days: int = 0
    """Days in which a receipt's goods come back; 0 without an end."""
    return_limit: int = 2000
    """The most that is given back without a receipt at once, in minor units (D5-02)."""
    return_cash_without_receipt: bool = False
    """Whether that may be cash; otherwise it is a credit note."""
    return_reasons: tuple[str, ...] = ("Wrong size", "Faulty", "Not wanted", "Goodwill")
    customer_types: tuple[str, ...] = ("Regular", "Staff", "Wholesale")
    """What kinds of customers the shop tells apart (T-19)."""
    medical_shop: bool = False
    """Whether medical numbers are kept of customers (T-07)."""
    points_reasons: tuple[str, ...] = ("Goodwill", "Correction", "Complaint")
    """Why points are added or removed by hand (T-13)."""
    consent_phone: str = "I agree to messages with news and offers to my phone. I can withdraw this at any time."
    """What a customer agrees to; each change is a version, which each consent names (N20)."""
    consent_email: str = "I agree to e-mails with news and offers. I can withdraw this at any time."
    parked_days: int = 2
    """A sale that is parked for longer is remarked upon (D4-01)."""
    dormant_days: int = 180
    """A customer who has bought nothing for longer is dormant (D9-05)."""

    @property
    def step(self) -> Money:
        """The smallest cash amount, for cash rounding (E41)."""
        return Money(self.cash_step)


@dataclass(frozen=True)
class Shop:
    """The context of every verb; a new one is made when settings change."""

    lane: str
    clock: Clock
    keys: Keys
    settings: ShopSettings
    settings_version: int
    training: bool = False
    """Whether nothing of it is real: other books, and a mark on every paper (N22)."""


_LISTS: Final = frozenset(part.name for part in fields(ShopSettings) if str(part.type).startswith("tuple"))


def open_shop(config: Config, *, clock: Clock | None = None, keys: Keys | None = None) -> Shop:
    """Connect, bring the schema up to date, make the lane if it is new, and read the settings.

    It is never in training; what a power cut left of one is cleared away (N22).
    Refuses: StorageFailed, Refused (an older schema that belongs to a role which was not given), BadFile (key file).
    """
    db.connect(config.database_url)
    if not db.schema_is_current():
        _bring_up_to_date(config)
    watched = clock or Clock(trusted=MachineClockWatch().trusted)
    shop = load_shop(config.lane, config.lane_number, keys or Keys.load_or_make(config.key_file), clock=watched)
    if (config.state / TRAINING).exists():
        from kiosk.services import training

        training.settle(shop, config.state)
    return shop


def _bring_up_to_date(config: Config) -> None:
    """Migrate as the role that owns the ledger where there is one, and let the till's role add and read."""
    if not (config.on_postgres and config.database_owner):
        db.migrate()
        return
    (till,) = db.row("SELECT current_user") or ("",)
    db.disconnect()
    db.connect(config.database_owner)
    try:
        db.migrate()
        if db.row("SELECT current_user") != (till,):
            db.grant_to(str(till))
    finally:
        db.disconnect()
    db.connect(config.database_url)


def load_shop(lane: str, number: int, keys: Keys, *, clock: Clock | None = None) -> Shop:
    """The shop on the database that is already bound; makes the lane if it is new."""
    if db.row("SELECT 1 FROM lane WHERE id = ?", (lane,)) is None:
        with db.transaction():
            db.run("INSERT INTO lane (id, number, name) VALUES (?, ?, ?)", (lane, number, lane))
    return under(Shop(lane, clock or Clock(), keys, ShopSettings(), 0), *read_settings())


def read_settings(version: int | None = None) -> tuple[ShopSettings, int]:
    """The settings as they were at a version, or the newest, and the number of that version (N19)."""
    settings, newest = ShopSettings(), 0
    changes: dict[str, Any] = {}
    known = {part.name for part in fields(ShopSettings)}
    where, params = ("", ()) if version is None else (" WHERE version <= ?", (version,))
    for name, version, value in db.rows(f"SELECT name, version, value FROM setting{where} ORDER BY version", params):
        newest = max(newest, int(version))
        if name in known:
            read = json.loads(value)
            changes[name] = tuple(read) if name in _LISTS else read
    return _with(settings, changes), newest


def current(shop: Shop) -> Shop:
    """The shop with the settings of now; itself while nobody has changed any. One query.

    What is shared but kept in tables of its own, such as means of payment, has
    versions among the settings too: see ``add_version``.
    """
    (newest,) = db.row("SELECT COALESCE(MAX(version), 0) FROM setting") or (0,)
    if newest == shop.settings_version:
        return shop
    return under(shop, *read_settings())


def change_settings(shop: Shop, changes: Mapping[str, Any], *, by: str) -> Shop:
    """Change settings; past sales keep the version they used (N19). Refuses: Denied, Invalid."""
    with db.transaction():
        return put_settings(shop, changes, by=by)


def put_settings(shop: Shop, changes: Mapping[str, Any], *, by: str) -> Shop:
    """The same inside the transaction of the deed."""
    # A person's rights are looked up with the shop, so that room can't be imported before this one.
    from kiosk.rules.permissions import Action
    from kiosk.services import staff

    staff.require(shop, by, Action.EDIT_SETTINGS)
    known = {part.name for part in fields(ShopSettings)}
    for name, value in changes.items():
        wanted = tuple(value) if name in _LISTS and isinstance(value, list | tuple) else value
        if name not in known or type(wanted) is not type(getattr(shop.settings, name)):
            raise Invalid(field=name, value=str(value))
        if name == "zone":
            _check_zone(str(wanted))
    add_version(shop, changes, by=by)
    return under(shop, *read_settings())


def add_version(shop: Shop, changes: Mapping[str, Any], *, by: str) -> None:
    """Write a new version inside the transaction of a change, so that tills that run take it up.

    A name that is no setting stands for something that is kept in a table of its own.
    """
    # Two tills that change something at once get a number each: the later one waits for a row that is always there.
    db.run("UPDATE lane SET name = name WHERE number = (SELECT MIN(number) FROM lane)")
    (last,) = db.row("SELECT COALESCE(MAX(version), 0) FROM setting") or (0,)
    at = shop.clock.millis()
    db.run_many(
        'INSERT INTO setting (name, version, value, at, "by") VALUES (?, ?, ?, ?, ?)',
        [(name, int(last) + 1, json.dumps(value), at, by) for name, value in changes.items()],
    )


def under(shop: Shop, settings: ShopSettings, version: int) -> Shop:
    """The shop with other settings, its clock too."""
    clock = replace(shop.clock, zone=ZoneInfo(settings.zone), day_starts_at_hour=settings.day_starts_at_hour)
    return replace(shop, settings=settings, settings_version=version, clock=clock)


def _with(settings: ShopSettings, changes: Mapping[str, Any]) -> ShopSettings:
    return replace(settings, **changes)


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise Invalid(field="zone", value=name) from error


def new_key() -> str:
    """A fresh idempotency key, made when a basket or a form opens."""
    return new_id()
