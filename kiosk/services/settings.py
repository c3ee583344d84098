"""The shop's settings and means of payment, as a technician reads and types them (D8-07, D3-01)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from kiosk import db
from kiosk.errors import BadSetting, NotANumber, NotFound
from kiosk.i18n import LANGUAGES
from kiosk.i18n.clean import clean_text
from kiosk.money import Money, Percent
from kiosk.rules.codes import OWN_PREFIX
from kiosk.rules.permissions import Action
from kiosk.rules.tender import TenderKind
from kiosk.services import staff
from kiosk.services.defaults import COUNTRIES
from kiosk.services.journal import add_note
from kiosk.services.shop import Shop, ShopSettings, add_version, current, put_settings

LONGEST_TENDER_NAME: Final = 40
TENDER_PARTS: Final = ("name", "drawer", "change", "refund", "terminal", "active")
"""What of a means of payment can be set."""

_NO_CHANGE: Final = frozenset({TenderKind.CARD, TenderKind.BANK, TenderKind.VOUCHER})
_MOST_LINES: Final = 8
_LONGEST_WORDING: Final = 500
_SHORTEST_PREFIX, _LONGEST_PREFIX = 2, 4
_WORDS: Final = {
    "yes": True,
    "true": True,
    "on": True,
    "1": True,
    "no": False,
    "false": False,
    "off": False,
    "0": False,
}

Value = str | bool | int | list[str]
"""A setting as scripts get it: amounts and percentages are decimal text."""


@dataclass(frozen=True)
class Setting:
    """One setting, and how it stands."""

    name: str
    value: Value

    @property
    def words(self) -> str:
        """What ``set`` would take."""
        if isinstance(self.value, bool):
            return "yes" if self.value else "no"
        return "; ".join(self.value) if isinstance(self.value, list) else str(self.value)


@dataclass(frozen=True)
class TenderSetup:
    """A means of payment, one that is not taken at present too."""

    code: str
    name: str
    kind: TenderKind
    drawer: bool
    change: bool
    refund: bool
    """Whether money goes back by it."""
    terminal: bool
    active: bool


def settings(shop: Shop, *, by: str) -> tuple[Setting, ...]:
    """All settings as they are now, in the order of their names. Refuses: Denied."""
    staff.require(shop, by, Action.EDIT_SETTINGS)
    now = current(shop).settings
    return tuple(Setting(name, _shown(name, getattr(now, name), now.decimals)) for name in sorted(_READ))


def set_one(shop: Shop, name: str, text: str, *, by: str) -> tuple[Setting, Setting, Shop]:
    """Change a setting as it is typed: before, after, and the shop with it; past sales keep what they used (N19).

    Refuses: Denied, NotFound, BadSetting (a value that can't be, or that would give amounts in the books another
    meaning).
    """
    with db.transaction():
        staff.require(shop, by, Action.EDIT_SETTINGS)
        if name not in _READ:
            raise NotFound(what="setting", code=name)
        shop = current(shop)
        read = shop.settings
        try:
            value = _READ[name](text.strip(), read)
        except (ValueError, NotANumber, KeyError, OSError):
            raise BadSetting(name=name, value=text) from None
        before = Setting(name, _shown(name, getattr(read, name), read.decimals))
        if value == getattr(read, name):
            return before, before, shop
        if name in {"currency", "decimals"} and db.row("SELECT 1 FROM entry LIMIT 1") is not None:
            raise BadSetting(name=name, value=text)
        changed = put_settings(shop, {name: value}, by=by)
        after = Setting(name, _shown(name, value, changed.settings.decimals))
        version = changed.settings_version
        add_note(changed, by, "settings.changed", name=name, old=before.words, new=after.words, version=version)
        return before, after, changed


def _lines(text: str) -> tuple[str, ...]:
    found = tuple(filter(None, (clean_text(line) for line in text.split(";"))))
    if len(found) > _MOST_LINES:
        raise ValueError
    return found


def _yes(text: str, _now: ShopSettings) -> bool:
    return _WORDS[text.lower()]


def _one_of(*choices: str) -> Callable[[str, ShopSettings], str]:
    known = {choice.lower(): choice for choice in choices}
    return lambda text, _now: known[text.lower()]


def _between(lowest: int, highest: int) -> Callable[[str, ShopSettings], int]:
    def read(text: str, _now: ShopSettings) -> int:
        if not text.isascii() or not text.isdigit() or not lowest <= int(text) <= highest:
            raise ValueError
        return int(text)

    return read


def _amount(text: str, now: ShopSettings) -> int:
    found = Money.parse(text, now.decimals).minor
    if found <= 0:
        raise ValueError
    return found


def _amount_or_none(text: str, now: ShopSettings) -> int:
    found = Money.parse(text, now.decimals).minor
    if found < 0:
        raise ValueError
    return found


def _amounts(text: str, now: ShopSettings) -> tuple[int, ...]:
    return tuple(_amount(part, now) for part in _lines(text))


def _share(text: str, _now: ShopSettings) -> int:
    found = Percent.parse(text).hundredths
    if not 0 <= found <= 10_000:
        raise ValueError
    return found


def _name(text: str, _now: ShopSettings) -> str:
    found = clean_text(text)
    if not found:
        raise ValueError
    return found


def _wording(text: str, _now: ShopSettings) -> str:
    """What a customer agrees to, whole: a sentence that was cut would be another one (N20)."""
    found = clean_text(text, _LONGEST_WORDING + 1)
    if not found or len(found) > _LONGEST_WORDING:
        raise ValueError
    return found


def _currency(text: str, _now: ShopSettings) -> str:
    if len(text) != 3 or not text.isascii() or not text.isalpha():
        raise ValueError
    return text.upper()


def _zone(text: str, _now: ShopSettings) -> str:
    ZoneInfo(text)
    return text


def _prefixes(others: str) -> Callable[[str, ShopSettings], tuple[str, ...]]:
    """In-store prefixes; 29 is the till's own, and none may be read as weight and as price."""

    def read(text: str, now: ShopSettings) -> tuple[str, ...]:
        found = _lines(text.replace(",", ";"))
        taken = (OWN_PREFIX, *getattr(now, others))
        for prefix in found:
            if not prefix.isascii() or not prefix.isdigit() or not _SHORTEST_PREFIX <= len(prefix) <= _LONGEST_PREFIX:
                raise ValueError
            if not prefix.startswith(("2", "02")):
                raise ValueError
            if any(prefix.startswith(other) or other.startswith(prefix) for other in taken):
                raise ValueError
        return found

    return read


_READ: Final[Mapping[str, Callable[[str, ShopSettings], Any]]] = {
    "name": _name,
    "address": lambda text, _now: _lines(text),
    "tax_id": lambda text, _now: clean_text(text),
    "country": _one_of(*COUNTRIES),
    "language": _one_of(*LANGUAGES),
    "zone": _zone,
    "currency": _currency,
    "decimals": _between(0, 3),
    "prices_include_tax": _yes,
    "cash_step": _amount,
    "notes": _amounts,
    "receipt_header": lambda text, _now: _lines(text),
    "receipt_footer": lambda text, _now: _lines(text),
    "print_receipts": _yes,
    "badge_is_enough": _yes,
    "lock_after_minutes": _between(0, 1440),
    "discount_threshold": _share,
    "discount_reasons": lambda text, _now: _lines(text),
    "weight_prefixes": _prefixes("price_prefixes"),
    "price_prefixes": _prefixes("weight_prefixes"),
    "day_starts_at_hour": _between(0, 23),
    "blind_count": _yes,
    "count_at_close": _yes,
    "difference_allowed": _amount_or_none,
    "return_days": _between(0, 3650),
    "return_limit": _amount_or_none,
    "return_cash_without_receipt": _yes,
    "return_reasons": lambda text, _now: _lines(text),
    "customer_types": lambda text, _now: _lines(text),
    "medical_shop": _yes,
    "points_reasons": lambda text, _now: _lines(text),
    "consent_phone": _wording,
    "consent_email": _wording,
    "parked_days": _between(0, 365),
    "dormant_days": _between(1, 3650),
}
"""How each setting is read from what is typed."""


def _shown(name: str, value: Any, decimals: int) -> Value:
    if name == "discount_threshold":
        return _decimal(value, 2)
    if name in {"cash_step", "difference_allowed", "return_limit"}:
        return _decimal(value, decimals)
    if isinstance(value, tuple):
        return [_decimal(part, decimals) if name == "notes" else str(part) for part in value]
    shown: Value = value
    return shown


def _decimal(whole: int, decimals: int) -> str:
    return f"{whole // 10**decimals}.{whole % 10**decimals:0{decimals}d}" if decimals else str(whole)


def tenders(shop: Shop, *, by: str) -> tuple[TenderSetup, ...]:
    """The means of payment, in the order of their keys. Refuses: Denied."""
    staff.require(shop, by, Action.EDIT_SETTINGS)
    return _tenders()


def _tenders() -> tuple[TenderSetup, ...]:
    found = db.rows(
        "SELECT code, name, kind, opens_drawer, gives_change, refundable, asks_terminal, active FROM tender "
        "ORDER BY position, code"
    )
    return tuple(
        TenderSetup(code, name, TenderKind(kind), *(bool(flag) for flag in flags)) for code, name, kind, *flags in found
    )


def set_tender(
    shop: Shop,
    code: str,
    *,
    by: str,
    name: str | None = None,
    drawer: bool | None = None,
    change: bool | None = None,
    refund: bool | None = None,
    terminal: bool | None = None,
    active: bool | None = None,
) -> tuple[TenderSetup, TenderSetup]:
    """Set a means of payment up; None leaves a part as it is. Before, and after.

    Refuses: Denied; NotFound; BadSetting (no name; cash that is not taken, gives no change, does not go back or asks
    a terminal; what gives no change out of the drawer by its kind, and should). Source: D3-01.
    """
    with db.transaction():
        staff.require(shop, by, Action.EDIT_SETTINGS)
        before = next((one for one in _tenders() if one.code == code), None)
        if before is None:
            raise NotFound(what="tender", code=code)
        given = (name, drawer, change, refund, terminal, active)
        parts = dict(zip(TENDER_PARTS, given, strict=True))
        after = replace(before, **{part: value for part, value in parts.items() if value is not None})  # type: ignore[arg-type]
        after = replace(after, name=clean_text(after.name, LONGEST_TENDER_NAME))
        _check(after)
        if after != before:
            _write(after)
            old, new = tender_facts(before), tender_facts(after)
            add_version(shop, {f"tender.{code}": new}, by=by)
            add_note(shop, by, "tender.changed", code=code, old=old, new=new)
        return before, after


def _write(tender: TenderSetup) -> None:
    flags = (tender.drawer, tender.change, tender.refund, tender.terminal, tender.active)
    db.run(
        "UPDATE tender SET name = ?, opens_drawer = ?, gives_change = ?, refundable = ?, asks_terminal = ?, active = ? "
        "WHERE code = ?",
        (tender.name, *map(int, flags), tender.code),
    )


def _check(tender: TenderSetup) -> None:
    cash = tender.kind is TenderKind.CASH
    change_from_nowhere = tender.change and tender.kind in _NO_CHANGE
    for part, wrong in (
        ("name", not tender.name),
        ("active", cash and not tender.active),
        ("change", change_from_nowhere or (cash and not tender.change)),
        ("refund", cash and not tender.refund),
        ("terminal", cash and tender.terminal),
    ):
        if wrong:
            value = getattr(tender, part)
            raise BadSetting(name=f"{tender.code}.{part}", value=value if part == "name" else "yes" if value else "no")


def tender_facts(tender: TenderSetup) -> dict[str, str | bool]:
    """What of a means of payment can be set."""
    return {part: getattr(tender, part) for part in TENDER_PARTS}
