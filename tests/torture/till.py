"""The shop's real services as the crash tests use them: one lane, one cashier, a basket for every number."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final
from zlib import crc32

from kiosk import db
from kiosk.config import Config
from kiosk.money import Money, Quantity
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY, Basket, Item
from kiosk.rules.permissions import Role
from kiosk.rules.tender import Given
from kiosk.services import catalogue, drafts, parked, payments, printing, returns, sales, signing, staff
from kiosk.services.drafts import Draft
from kiosk.services.shop import Shop, new_key, open_shop
from kiosk.services.verify import verify
from tests.services.journey import Till as Journey

ARTICLES: Final = 12
SOLD_BEFORE: Final = 44
"""Sales of the prepared shop, few enough that each recording comes to sign an entry."""


class Behaviour(StrEnum):
    """How the till does its work; all but the first are wrong, and the harness must see it."""

    RIGHT = "right"
    NORMAL = "normal"
    """synchronous=NORMAL: commits before the disk has it."""
    OFF = "off"
    """synchronous=OFF: never asks the disk."""
    EARLY = "early"
    """Confirms the sale just before COMMIT."""
    NEW_KEY = "new-key"
    """Makes a new key when a checkout whose outcome is unknown is tried again."""
    CHARGE_FIRST = "charge-first"
    """Has the card terminal take the money before it writes down that it asks."""


_LOWERED: Final = {Behaviour.NORMAL: "NORMAL", Behaviour.OFF: "OFF"}


@dataclass(frozen=True, slots=True)
class Checkout:
    """One basket that is sold under one key; ``number`` is its own, whatever the key."""

    key: str
    number: int

    @property
    def lines(self) -> int:
        """How many lines its basket has: 2 to 10."""
        return 2 + self.number % 9

    @property
    def by_card(self) -> bool:
        """Whether it is paid by bank card, but for a meal ticket; baskets of ten lines are not."""
        return self.number % 3 == 0


@dataclass(frozen=True, slots=True)
class Undo:
    """What undoes a checkout, once, under a key of its own: a void, or one of the first line comes back."""

    key: str
    number: int
    """The basket's."""

    @property
    def voids(self) -> bool:
        """Whether all of it is undone."""
        return self.number % 2 == 1

    @staticmethod
    def wanted(checkout: Checkout) -> bool:
        """Some of the baskets that were not paid by bank card."""
        return not checkout.by_card and checkout.number % 8 in (1, 2)


@dataclass(frozen=True, slots=True)
class Saved:
    """A draft: so many lines of a checkout's basket."""

    checkout: Checkout
    lines: int


class Terminal:
    """A card terminal: what it took stays taken, whatever becomes of the till. It declines one card in five."""

    def __init__(self, taken: dict[str, Checkout], said: Callable[[str, Checkout], None]) -> None:
        """``taken`` is what it took until now, by slip; ``said`` hears of each slip that it gives out."""
        self._taken = taken
        self._said = said

    def ask(self, checkout: Checkout) -> str | None:
        """Take the money; the slip's number, or nothing when the card is declined."""
        slip = new_key()
        if crc32(slip.encode()) % 5 == 0:
            return None
        self._taken[slip] = checkout
        self._said(slip, checkout)
        return slip

    def slip_of(self, checkout: Checkout) -> str | None:
        """What the cashier reads on it after a crash: whether it took the money for this basket."""
        return next((slip for slip, taken in self._taken.items() if taken.number == checkout.number), None)


@dataclass(frozen=True, slots=True)
class Payment:
    """What the books know of a payment that the terminal was asked for."""

    key: str
    state: str
    sales: tuple[str, ...]
    """The keys of the sales that it paid."""
    open: bool
    """Whether its basket finds it."""


class Till:
    """One opened shop; there can be only one in a process."""

    def __init__(self, folder: Path, behaviour: Behaviour = Behaviour.RIGHT) -> None:
        self._shop = open_shop(_config(folder))
        self._behaviour = behaviour
        self._by_card: dict[str, str] = {}
        if behaviour in _LOWERED:
            db.rows(f"PRAGMA synchronous = {_LOWERED[behaviour]}")
        self._cashier = staff.people(self._shop)[0].id
        self._manager = next(one.id for one in staff.people(self._shop) if one.role is Role.MANAGER)
        self._tenders = {tender.code: tender for tender in sales.tenders(self._shop)}
        self._items = _items(self._shop)

    @classmethod
    def prepare(cls, folder: Path) -> None:
        """Make a shop that has sold something and is ready to sell, and close it."""
        journey = Journey(open_shop(_config(folder)))
        journey.person("Zoe", Role.MANAGER)
        for number in range(ARTICLES):
            journey.article(f"Article {number}", 99 + 50 * number, number=str(100 + number))
        for number in range(SOLD_BEFORE):
            basket = rules.add(EMPTY, _items(journey.shop)[number % ARTICLES])
            journey.sell(basket, journey.cash(2000))
        db.disconnect()

    def close(self) -> None:
        """Close the shop's books."""
        db.disconnect()

    def new_key(self) -> str:
        """A key for one checkout."""
        return new_key()

    def sell(self, checkout: Checkout, terminal: Terminal, approved: Callable[[str], None]) -> bool:
        """Close the sale with a meal ticket that bears the number, and cash or card; False when it was closed before.

        ``approved`` hears of each slip of the terminal's that is written down.
        """
        basket = self._basket(checkout.number, checkout.lines)
        ticket = Money(100)
        rest = sales.price(self._shop, basket).total - ticket
        if checkout.by_card:
            second = self._card(checkout, rest, terminal, approved)
        else:
            second = Given(self._tenders["cash"], rest + Money(checkout.number % 300))
        given = (Given(self._tenders["ticket"], ticket, reference=str(checkout.number)), second)
        return not sales.close_sale(self._shop, basket, given, key=checkout.key, by=self._cashier).already

    def _card(self, checkout: Checkout, amount: Money, terminal: Terminal, approved: Callable[[str], None]) -> Given:
        """What the terminal took for this basket, before a crash or now; it is asked until it takes it."""
        paid = self._by_card.get(checkout.key) or self._paid_before(checkout)
        for found in () if paid else payments.open_pending(self._shop, checkout.key):
            paid = (
                found.id if found.state == "approved" else self._answer(found.id, terminal.slip_of(checkout), approved)
            )
        while paid is None:
            early = self._charge_first(terminal, checkout) if self._behaviour is Behaviour.CHARGE_FIRST else None
            asked = payments.begin_pending(self._shop, checkout.key, "card", amount, by=self._cashier)
            paid = self._answer(asked.id, early or terminal.ask(checkout), approved)
        self._by_card[checkout.key] = paid
        return Given(self._tenders["card"], amount, pending=paid)

    @staticmethod
    def _charge_first(terminal: Terminal, checkout: Checkout) -> str | None:
        """The money is taken, and something else is done before it is written down: time for a kill to fall into."""
        slip = terminal.ask(checkout)
        for _again in range(20):
            db.checkpoint()
        return slip

    def _paid_before(self, checkout: Checkout) -> str | None:
        """The payment that a closed sale has, of which nobody was told."""
        found = db.row(
            "SELECT pending FROM entry JOIN sale_tender ON sale_tender.sale = entry.sale "
            "WHERE key = ? AND pending IS NOT NULL",
            (checkout.key,),
        )
        return None if found is None else str(found[0])

    def _answer(self, payment: str, slip: str | None, approved: Callable[[str], None]) -> str | None:
        taken = slip is not None
        payments.answer_pending(self._shop, payment, approved=taken, reference=slip or "", by=self._cashier)
        if slip is None:
            return None
        approved(slip)
        return payment

    def undo(self, undo: Undo) -> bool:
        """Void a sale, or take one of its first line back, by a key that is tried again; False when it was done."""
        (sale,) = db.row(
            "SELECT sale.id FROM sale JOIN sale_tender ON sale_tender.sale = sale.id "
            "WHERE sale.kind = 'sale' AND sale_tender.reference = ?",
            (str(undo.number),),
        ) or ("",)
        if undo.voids:
            void = returns.void_sale(self._shop, sale, reason="Wrong", key=undo.key, by=self._manager)
            return not void.already
        if sales.done(undo.key) is not None:
            return False
        basket = returns.take_back(self._shop, EMPTY, sale, {1: Quantity.of(1)}, reason="Faulty")
        given = tuple(
            Given(back.tender, -back.amount, original=back.original) for back in returns.plan(self._shop, basket)
        )
        closed = [
            sales.close_sale(self._shop, basket, given, key=undo.key, by=self._manager).already for _enter in range(2)
        ]
        return not closed[0]

    def undone(self) -> tuple[Counter[str], Counter[int]]:
        """How often each key undid something, and how often each basket was undone."""
        found = db.rows(
            "SELECT entry.key, sale_tender.reference FROM sale AS undoing "
            "JOIN entry ON entry.id = undoing.entry JOIN sale_tender ON sale_tender.sale = undoing.original "
            "WHERE undoing.kind <> 'sale' AND sale_tender.reference <> ''"
        )
        return Counter(key for key, _ in found), Counter(int(reference) for _, reference in found)

    def payment(self, slip: str) -> Payment | None:
        """What became of what the terminal took."""
        found = db.row("SELECT id, key, state FROM pending WHERE reference = ?", (slip,))
        if found is None:
            return None
        id_, key, state = found
        sold = db.rows(
            "SELECT entry.key FROM sale_tender JOIN entry ON entry.sale = sale_tender.sale WHERE pending = ?", (id_,)
        )
        is_open = id_ in [one.id for one in payments.open_pending(self._shop, key)]
        return Payment(key, state, tuple(row[0] for row in sold), is_open)

    def asked(self, key: str) -> bool:
        """Whether a basket knows that the terminal was asked, and not what it said."""
        return any(one.state == "asked" for one in payments.open_pending(self._shop, key))

    def save_draft(self, saved: Saved) -> None:
        """Keep the open basket, its number for the time at which it was opened."""
        drafts.save(self._shop, self._cashier, self._draft(saved))

    def _draft(self, saved: Saved) -> Draft:
        number = saved.checkout.number
        return Draft(saved.checkout.key, self._basket(number, saved.lines), opened_at=number)

    def park(self, saved: Saved) -> None:
        """Put the open basket aside."""
        parked.park(self._shop, self._draft(saved), str(saved.checkout.number), by=self._cashier)

    def take_up(self) -> None:
        """Have open again what is parked."""
        for one in parked.waiting(self._shop, by=self._cashier):
            parked.recall(self._shop, one.key, by=self._cashier)

    def draft(self) -> Saved | None:
        """The basket that was open, or was put aside; -1 lines when it isn't what was saved, or is there twice."""
        found = drafts.load(self._shop, self._cashier)
        kept = [drafts.from_text(text) for (text,) in db.rows("SELECT content FROM parked WHERE state = 'waiting'")]
        kept += [] if found is None else [found]
        if not kept:
            return None
        number, lines = kept[0].opened_at, len(kept[0].basket.lines)
        fits = len(kept) == 1 and kept[0].basket == self._basket(number, lines)
        return Saved(Checkout(kept[0].key, number), lines if fits else -1)

    def print_one(self, kicked: Callable[[str], None], printed: Callable[[str], None]) -> None:
        """Print the oldest waiting receipt, and say when the drawer springs open and when the paper is marked."""
        job = printing.next_job(self._shop)
        if job is None:
            return
        if job.kick_drawer:
            kicked(job.id)
        printing.printed(self._shop, job.id)
        printed(job.id)

    def unprinted(self) -> set[str]:
        """Receipts that are still to come out."""
        return {row[0] for row in db.rows("SELECT id FROM print_job WHERE state IN ('waiting', 'printing')")}

    def idle(self) -> None:
        """What the till does when nobody is there."""
        db.checkpoint()

    def sold(self) -> tuple[Counter[str], Counter[int]]:
        """How often each key, and each basket whatever its key, was sold; the prepared shop's own sales apart."""
        found = db.rows(
            "SELECT entry.key, sale_tender.reference FROM entry JOIN sale ON sale.id = entry.sale "
            "JOIN sale_tender ON sale_tender.sale = sale.id WHERE sale.kind = 'sale' AND sale_tender.reference <> ''"
        )
        return Counter(key for key, _ in found), Counter(int(reference) for _, reference in found)

    def problems(self) -> list[str]:
        """What the shop's own examination of its books finds."""
        found = [str(row[0]) for row in db.rows("PRAGMA quick_check") if row[0] != "ok"]
        report = verify(root=signing.first_public(self._shop))
        return found + [f"{problem.lane}:{problem.seq} {problem.what}" for problem in report.problems]

    def before_commit(self, call: Callable[[], None]) -> None:
        """Have something called each time just before COMMIT runs."""
        connection = db.database.connection()
        connection.set_trace_callback(lambda statement: call() if statement.startswith("COMMIT") else None)

    def _basket(self, number: int, lines: int) -> Basket:
        chance = random.Random(number)
        made = EMPTY
        for _ in range(lines):
            made = rules.add(made, chance.choice(self._items), Quantity.of(chance.randint(1, 3)))
        return made


def _config(folder: Path) -> Config:
    return replace(Config(), state=folder, run=folder)


def _items(shop: Shop) -> list[Item]:
    found = (catalogue.find(shop, str(100 + number)) for number in range(ARTICLES))
    return [item for item in found if item is not None]
