"""A till on a machine: a real database, a key file and a configuration in a directory of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from kiosk import db
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.money import Money, Percent
from kiosk.rules import basket
from kiosk.rules.basket import EMPTY, Item, TaxRate, Unit
from kiosk.services.sales import Sold
from kiosk.services.shop import open_shop
from kiosk.services.verify import Report, verify
from tests.services.conftest import FixedTime
from tests.services.journey import Till

BREAD = Item("", "1", "Bread", Unit.PIECE, Money(250), TaxRate("A", Percent(2000)))


@dataclass
class Machine:
    """What stands on one shop's counter."""

    config: Config
    clock: Clock

    @classmethod
    def at(cls, folder: Path, time: FixedTime, lane: str = "R1") -> Machine:
        """A machine that keeps everything in a folder."""
        state = folder / "state"
        state.mkdir(parents=True)
        return cls(replace(Config(), state=state, run=folder / "run", lane=lane), Clock(read=time))

    @contextmanager
    def open(self) -> Iterator[Till]:
        """The shop, opened as the till opens it; made at the first time."""
        fresh = not Path(self.config.database_url).exists()
        shop = open_shop(self.config, clock=self.clock)
        try:
            yield Till(shop) if fresh else reopened(Till, shop)
        finally:
            db.disconnect()

    def sell(self, count: int) -> list[Sold]:
        """Sell bread so many times, for cash."""
        with self.open() as till:
            one = basket.add(EMPTY, BREAD)
            return [till.sell(one, till.cash(250)) for _ in range(count)]

    def verify(self) -> Report:
        """What the books say of themselves."""
        db.connect(self.config.database_url, read_only=True)
        try:
            return verify()
        finally:
            db.disconnect()


def reopened(kind: type[Till], shop: object) -> Till:
    """A till on a shop that has its people and tenders already."""
    made = object.__new__(kind)
    made.__dict__["shop"] = shop
    made.ann = str((db.row("SELECT id FROM staff WHERE name = 'Ann Archer'") or ("",))[0])
    return made
