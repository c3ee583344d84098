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
from kiosk.rules.tender import Given
from kiosk.services import sales, signing
from kiosk.services.keys import Keys
from kiosk.services.shop import Shop, load_shop, new_key
from kiosk.services.verify import Anchor, Report, verify
from tests.services.journey import Till

LANES: Final = {"R1": 130, "R2": 70}
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
        chance = random.Random(1)
        for shop in (first, second):
            for _ in range(LANES[shop.lane]):
                self._sell(till, shop, items, chance)
        pieces = {(lane, seq): own for lane, seq, own in db.rows("SELECT lane, seq, hash FROM entry")}
        self.printed = tuple(Anchor(lane, seq, pieces[lane, seq][:8]) for lane in PAPERS for seq in PAPERS[lane])
        self.root = signing.first_public(first)
        db.disconnect()

    @staticmethod
    def _sell(till: Till, shop: Shop, items: list[rules.Item], chance: random.Random) -> None:
        basket = EMPTY
        for _ in range(chance.randint(1, 4)):
            basket = rules.add(basket, chance.choice(items), Quantity.of(chance.randint(1, 5)))
        if chance.random() < 0.2:
            basket = rules.discount_line(basket, 1, Discount(percent=Percent(1000), reason="Regular"))
        given = (Given(till.tender("ticket"), Money(50), reference="17"), Given(till.tender("cash"), Money(10_000)))
        sales.close_sale(shop, basket, given, key=new_key(), by=till.ann)

    def examine(self, path: Path, *, papers: bool = True) -> Report:
        """What ``kiosk verify`` finds in a copy. Refuses: StorageFailed."""
        db.connect(str(path), read_only=True)
        try:
            return verify(anchors=self.printed if papers else (), root=self.root)
        finally:
            db.disconnect()
