"""A shop to try the till on: a bakery with articles, customers, four people and days that were sold and closed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final

from kiosk import db
from kiosk.money import ZERO, Money, Percent, Quantity
from kiosk.rules import basket as baskets
from kiosk.rules import codes, drawer
from kiosk.rules.basket import Basket, Discount, Item, LineKind, Unit
from kiosk.rules.drawer import Purpose
from kiosk.rules.permissions import Role
from kiosk.rules.tender import Given, Tender, TenderKind, exact, settle
from kiosk.services import (
    cash,
    catalogue,
    catalogue_edit,
    customers,
    defaults,
    demo_customers,
    drafts,
    parked,
    payments,
    sales,
    shifts,
    staff,
)
from kiosk.services.catalogue_rows import Article, ArticleForm
from kiosk.services.demo_articles import CATEGORIES
from kiosk.services.ids import new_id
from kiosk.services.shop import Shop, change_settings, new_key

COUNTRY: Final = "FR"
SALES_A_DAY: Final = 14

PEOPLE: Final = (
    ("Ann", Role.CASHIER, "1111"),
    ("Ben", Role.LEAD, "2222"),
    ("Mara", Role.MANAGER, "3333"),
    ("Otto", Role.OWNER, "4444"),
)
"""Name, role and PIN; shown on the demo's first screen."""

_SETTINGS: Final = {
    "name": "Boulangerie du Parc",
    "address": ["12 rue du Parc", "75000 Exempleville"],
    "tax_id": "FR00123456789",
    "receipt_footer": ["Merci et à bientôt !"],
}
_LINE: Final = re.compile(r"(?P<number>\d+) (?P<name>.+) (?P<price>\d+\.\d\d|open)(?P<more>( \S+)*)")
_EXAMPLES: Final = "952"
"""The prefix that GS1 keeps for examples: no product of this world bears such a code."""

_WITHOUT_BARCODE: Final = frozenset({"Snack", "Boissons chaudes", "Fruits et légumes"})
_OPENS: Final = timedelta(hours=7)
_OPEN_MINUTES: Final = 11 * 60
_FLOAT: Final = drawer.count({2000: 3, 1000: 5, 500: 4, 200: 5, 100: 5, 50: 6, 20: 5, 10: 10})
"""150.00 in the drawer in the morning; the rest goes to the safe in the evening."""

_BEFORE: Final = timedelta(minutes=15)
"""How long before the first sale the drawer is counted, and how long after the last one."""

_DIFFERENCES: Final = (0, 0, 0, 5, -10, 20, -50, -100)
"""By how many cents people miscount or misgive."""


@dataclass(frozen=True, slots=True)
class _Regulars:
    """Customers, of whom some come often; chance of their own, so that the sales are the same without them."""

    ids: tuple[str, ...]
    random: Random

    def next(self) -> str | None:
        """Whom the next sale is for; most are for nobody who is known."""
        if self.random.random() < 0.6:
            return None
        return self.ids[min(len(self.ids) - 1, int(self.random.expovariate(0.1)))]


@dataclass(frozen=True, slots=True)
class DemoShop:
    """The shop, who works there, and some codes to scan."""

    shop: Shop
    people: tuple[tuple[str, Role, str], ...]
    codes: tuple[tuple[str, str], ...]
    """Code and what it is."""


def fill(shop: Shop, *, days: int = 5, seed: int = 1, language: str = "en") -> DemoShop:
    """Make a fresh shop the demo shop; the same articles and sales for the same seed and day.

    A shop that has articles already is left as it is. Everything goes through the
    same verbs as at the till, each at its time of one of the past ``days``;
    today is open, with its float, and nothing was sold yet.
    """
    if db.row("SELECT 1 FROM article LIMIT 1") is None:
        shop = change_settings(shop, {**_SETTINGS, "language": language}, by=staff.ROOT)
        shop = defaults.prepare(shop, COUNTRY, by=staff.ROOT)
        _add_articles(shop)
        ann, ben, mara, _otto = [_add_person(shop, name, role, pin) for name, role, pin in PEOPLE]
        whom = _Regulars(demo_customers.add_customers(shop, Random(seed), by=ann, manager=mara), Random(seed))  # noqa: S311
        _live(shop, [ann, ben], days, Random(seed), whom)  # noqa: S311
        today = _at(shop, shop.clock.now())
        demo_customers.give_points(today, whom.ids, by=mara)
        _park(today, whom.ids[1], by=ben)
        _all_is_printed()
    return DemoShop(shop=shop, people=PEOPLE, codes=_codes())


def _add_person(shop: Shop, name: str, role: Role, pin: str) -> str:
    return staff.create(shop, staff.PersonForm(name=name, role=role), by=staff.ROOT, pin=pin).id


def barcode(number: str) -> str:
    """The EAN-13 of an article of the demo shop."""
    digits = f"{_EXAMPLES}{int(number):09d}"
    return digits + codes.check_digit(digits)


def _codes() -> tuple[tuple[str, str], ...]:
    return (
        (barcode("104"), "Pain de campagne"),
        (barcode("701"), "Lait entier 1 L"),
        (barcode("901"), "Bordeaux rouge 75 cl (18)"),
        (codes.make_label("28", "712", 350), "Jambon blanc, 0,350 kg"),
        (codes.make_label("21", "709", 623), "Comté, 6,23"),
        ("991", "Divers"),
        (demo_customers.card_of(1), "Anne Martin"),
    )


def _forms() -> Iterator[tuple[str, ArticleForm]]:
    for category, tax, lines in CATEGORIES:
        for line in lines.strip().splitlines():
            found = _LINE.fullmatch(line.strip())
            if found is None:
                raise ValueError(line)
            more = dict(part.partition("=")[::2] for part in found["more"].split())
            has_barcode = category not in _WITHOUT_BARCODE and found["price"] != "open" and "kg" not in more
            yield (
                category,
                ArticleForm(
                    name=found["name"],
                    number=found["number"],
                    tax=more.get("tax", tax),
                    price=None if found["price"] == "open" else Money.parse(found["price"]),
                    highest_price=Money(10_000) if found["price"] == "open" else None,
                    unit=Unit.KILOGRAM if "kg" in more else Unit.PIECE,
                    kind=LineKind.DEPOSIT if "deposit" in more else LineKind.GOODS,
                    minimum_age=18 if "18" in more else 0,
                    discountable="deposit" not in more,
                    quick=int(more["key"]) if "key" in more else None,
                    barcodes=(barcode(found["number"]),) if has_barcode else (),
                ),
            )


def _add_articles(shop: Shop) -> None:
    ids = {name: new_id() for name, _tax, _lines in CATEGORIES}
    with db.transaction():
        db.run_many(
            "INSERT INTO category (id, name, tax, position) VALUES (?, ?, ?, ?)",
            [(ids[name], name, tax, place) for place, (name, tax, _lines) in enumerate(CATEGORIES, start=1)],
        )
        articles = [
            Article(
                new_id(),
                catalogue_edit.checked(shop.settings, replace(form, category=ids[category])),
                archived=False,
            )
            for category, form in _forms()
        ]
        catalogue_edit.write_articles(articles, shop.clock.millis(), new=True)
        catalogue_edit.write_barcodes([(one.id, one.form.barcodes) for one in articles])
        catalogue_edit.write_words([(one.id, one.name) for one in articles], new=True)


def _live(shop: Shop, sellers: list[str], days: int, random: Random, whom: _Regulars) -> None:
    """The past days, and the morning of today."""
    items = [item for _category, form in _forms() if (item := catalogue.find(shop, form.number)) and item.price]
    tenders = {tender.kind: tender for tender in sales.tenders(shop)}
    now, lead = shop.clock.now(), sellers[-1]
    midnight = shop.clock.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(days, 0, -1):
        opening = midnight - timedelta(days=day) + _OPENS
        _open(_at(shop, opening - _BEFORE), sellers[0], lead)
        for at in _moments(opening, random):
            _one_sale(_at(shop, at), _basket(items, random), tenders, random.choice(sellers), random, whom.next())
        _close(_at(shop, opening + timedelta(minutes=_OPEN_MINUTES) + _BEFORE), lead, random)
    _open(_at(shop, min(now, midnight + _OPENS - _BEFORE)), sellers[0], lead)


def _park(shop: Shop, customer: str, *, by: str) -> None:
    """A sale that waits: somebody went back for his purse."""
    bread, milk = catalogue.find(shop, "104"), catalogue.find(shop, "701")
    if bread is not None and milk is not None:
        draft = drafts.Draft(new_key(), baskets.add(baskets.add(baskets.EMPTY, bread), milk), customer=customer)
        parked.park(shop, draft, customers.get(shop, customer, by=by).called, by=by)


def _all_is_printed() -> None:
    """Nothing waits for a printer that nobody has."""
    with db.transaction():
        db.run("UPDATE print_job SET state = 'printed', drawer = 'no', printed_at = at WHERE state = 'waiting'")


def _at(shop: Shop, moment: datetime) -> Shop:
    return replace(shop, clock=replace(shop.clock, read=lambda: moment, trusted=lambda: True))


def _open(shop: Shop, by: str, lead: str) -> None:
    """Count the float; the very first one comes from the bank."""
    if shifts.now(shop, lead).expected:
        shifts.open_shift(shop, _FLOAT, key=new_key(), by=by)
        return
    shifts.open_shift(shop, drawer.Count(ZERO), key=new_key(), by=by)
    cash.pay_in(shop, _FLOAT.total, Purpose.BANK, reason="Fond de caisse", key=new_key(), by=by)


def _close(shop: Shop, by: str, random: Random) -> None:
    """Count, and leave the float for the next morning."""
    expected = shifts.now(shop, by).expected or ZERO
    counted = drawer.Count(expected + Money(random.choice(_DIFFERENCES)))
    to_safe = max(counted.total - _FLOAT.total, ZERO)
    shifts.close_shift(shop, counted, key=new_key(), by=by, to_safe=to_safe)


def _moments(opening: datetime, random: Random) -> Iterator[datetime]:
    """When the shop sold on a day."""
    seconds = sorted(random.randrange(_OPEN_MINUTES * 60) for _ in range(SALES_A_DAY))
    return (opening + timedelta(seconds=second) for second in seconds)


def _basket(items: list[Item], random: Random) -> Basket:
    made = baskets.EMPTY
    for _ in range(random.choice((1, 1, 2, 2, 3, 4, 6))):
        item = random.choice(items[:25]) if random.random() < 0.6 else random.choice(items)
        weighed = Quantity(random.randrange(150, 1200, 5)) if item.unit is Unit.KILOGRAM else None
        made = baskets.add(made, item, weighed or Quantity.of(random.choice((1, 1, 1, 1, 2, 3))))
        made = replace(made, age_checked=max(made.age_checked, item.minimum_age))
    if random.random() < 0.05:
        made = baskets.discount_all(made, Discount(percent=Percent(1000), reason="Regular"))
    return made


def _one_sale(
    shop: Shop,
    basket: Basket,
    tenders: dict[TenderKind, Tender],
    by: str,
    random: Random,
    customer: str | None,
) -> None:
    key = new_key()
    due = settle(sales.price(shop, basket).total, (), cash_step=shop.settings.step)
    kind = random.choices((TenderKind.CASH, TenderKind.CARD, TenderKind.TICKET), (60, 35, 5))[0]
    amount = exact(due, tenders[kind], cash_step=shop.settings.step)
    given = Given(tenders[kind], amount)
    if kind is TenderKind.CASH:
        given = Given(tenders[kind], random.choice((amount, _notes(amount))))
    elif given.tender.asks_terminal:
        pending = payments.begin_pending(shop, key, given.tender.code, amount, by=by)
        payments.answer_pending(shop, pending.id, approved=True, by=by)
        given = replace(given, pending=pending.id)
    sales.close_sale(shop, basket, (given,), key=key, by=by, customer=customer)


def _notes(amount: Money) -> Money:
    """What people hand over: the next round amount."""
    step = next((step for step in (500, 1000, 2000, 5000) if amount.minor <= step), 10_000)
    return Money(-(-amount.minor // step) * step)
