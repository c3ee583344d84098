"""The books of a shop that somebody will attack, what was printed of them, and what the key file remembers."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Final

from kiosk import db
from kiosk.config import Config
from kiosk.money import Money, Percent, Quantity
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY, Discount
from kiosk.rules.drawer import Count, Purpose
from kiosk.rules.permissions import Role
from kiosk.rules.tender import Given
from kiosk.services import cash, customers, points, returns, sales, shift_rows, shifts, signing
from kiosk.services.customer_rows import CustomerForm
from kiosk.services.keys import Keys
from kiosk.services.sales import Sold
from kiosk.services.shop import Shop, load_shop, new_key
from kiosk.services.verify import Anchor, Report, verify
from tests.services.journey import Till

LANES: Final = {"R1": (40, 50, 40), "R2": (30, 40)}
"""How many sales each shift of a lane has; the last of them is closed too."""
PAPERS: Final = {"R1": (37, 96, 130), "R2": (12, 70)}
"""Which entries somebody has a receipt of."""


class Books:
    """The books of a shop with two lanes, what was printed of them, and what the key file remembers."""

    def __init__(self, folder: Path) -> None:
        config = replace(Config(), state=folder)
        self.path = folder / "kiosk.db"
        keys = Keys.load_or_make(config.key_file)
        db.connect(str(self.path))
        db.migrate()
        first, second = load_shop("R1", 1, keys), load_shop("R2", 2, keys)
        till = Till(first)
        items = [till.article(f"Article {number}", 100 + 37 * number) for number in range(6)]
        self._boss = till.person("Max", Role.MANAGER)
        self._customer = customers.save(first, CustomerForm(name="Ida"), by=self._boss).id
        chance = random.Random(1)
        for shop in (first, second):
            for number, sales_ in enumerate(LANES[shop.lane]):
                self._work(till, shop, items, chance, sales_, counts=number != 1)
        pieces = {(lane, seq): own for lane, seq, own in db.rows("SELECT lane, seq, hash FROM entry")}
        self.printed = tuple(Anchor(lane, seq, pieces[lane, seq][:8]) for lane in PAPERS for seq in PAPERS[lane])
        self.root = signing.first_public(first)
        (self.entries, self.sales) = db.row("SELECT COUNT(*), COUNT(sale) FROM entry") or (0, 0)
        db.disconnect()

    def _work(
        self, till: Till, shop: Shop, items: list[rules.Item], chance: random.Random, sales_: int, *, counts: bool
    ) -> None:
        """A shift from its opening to its Z; one that nobody counts is carried over and counted in between."""
        held = shift_rows.drawer_balance(shop)
        shifts.open_shift(shop, Count(held + Money(500)) if counts else None, key=new_key(), by=self._boss)
        sold = [self._sell(till, shop, items, chance) for _ in range(sales_)]
        returns.void_sale(shop, sold[-1].sale, reason="Wrong", key=new_key(), by=self._boss)
        self._take_back(shop, sold[-2])
        cash.pay_out(shop, Money(700), Purpose.OTHER, reason="stamps", key=new_key(), by=self._boss)
        points.adjust(shop, self._customer, sales_, add=True, reason="Goodwill", key=new_key(), by=self._boss)
        expected = shift_rows.drawer_balance(shop)
        shifts.count(shop, Count(expected - Money(3)), key=new_key(), by=self._boss)
        shifts.close_shift(shop, Count(expected), to_safe=Money(5000), key=new_key(), by=self._boss)

    def _take_back(self, shop: Shop, sold: Sold) -> None:
        """One of the first line comes back, for cash."""
        basket = returns.take_back(shop, EMPTY, sold.sale, {1: Quantity.of(1)}, reason="Faulty")
        backs = returns.plan(shop, basket)
        given = tuple(Given(back.tender, -back.amount, original=back.original) for back in backs)
        sales.close_sale(shop, basket, given, key=new_key(), by=self._boss)

    @staticmethod
    def _sell(till: Till, shop: Shop, items: list[rules.Item], chance: random.Random) -> Sold:
        basket = EMPTY
        for _ in range(chance.randint(1, 4)):
            basket = rules.add(basket, chance.choice(items), Quantity.of(chance.randint(1, 5)))
        if chance.random() < 0.2:
            basket = rules.discount_line(basket, 1, Discount(percent=Percent(1000), reason="Regular"))
        given = (Given(till.tender("ticket"), Money(50), reference="17"), Given(till.tender("cash"), Money(10_000)))
        return sales.close_sale(shop, basket, given, key=new_key(), by=till.ann)

    def examine(self, path: Path, *, papers: bool = True) -> Report:
        """What ``kiosk verify`` finds in a copy. Refuses: StorageFailed."""
        db.connect(str(path), read_only=True)
        try:
            return verify(anchors=self.printed if papers else (), root=self.root)
        finally:
            db.disconnect()
