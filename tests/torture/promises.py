"""What a till had promised when it was cut off, and whether its books keep it (Must show 4)."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from peewee import PeeweeException

from kiosk.errors import ShopError
from tests.torture.till import Checkout, Saved, Terminal, Till, Undo


@dataclass(slots=True)
class Promises:
    """Read from the marks of one or several runs of the workload."""

    begun: dict[str, Checkout] = field(default_factory=dict)
    acknowledged: dict[str, Checkout] = field(default_factory=dict)
    undoing: dict[str, Undo] = field(default_factory=dict)
    undone: dict[str, Undo] = field(default_factory=dict)
    draft: Saved | None = None
    """The last draft that was told to be saved."""
    drafts_since: list[Saved] = field(default_factory=list)
    """Drafts that were on their way after it."""

    kicks: Counter[str] = field(default_factory=Counter)
    """How often the drawer sprang open, by print job."""
    papers: set[str] = field(default_factory=set)
    """Print jobs that were told to be done."""
    charged: dict[str, Checkout] = field(default_factory=dict)
    """What the card terminal took, by slip."""
    approved: set[str] = field(default_factory=set)
    """Slips that were told to be written down."""

    def hear(self, marks: Iterable[str]) -> None:
        """Take in more marks."""
        for mark in marks:
            match mark.split():
                case ["start", key, number]:
                    self.begun[key] = Checkout(key, int(number))
                case ["ack", key, number]:
                    self.acknowledged[key] = Checkout(key, int(number))
                case ["undo-start", key, number]:
                    self.undoing[key] = Undo(key, int(number))
                case ["undo", key, number]:
                    self.undone[key] = Undo(key, int(number))
                case ["draft-start", key, number, lines]:
                    self.drafts_since.append(Saved(Checkout(key, int(number)), int(lines)))
                case ["draft", key, number, lines]:
                    self.draft = Saved(Checkout(key, int(number)), int(lines))
                    self.drafts_since.clear()
                case ["kick", job]:
                    self.kicks[job] += 1
                case ["paper", job]:
                    self.papers.add(job)
                case ["charge", slip, key, number]:
                    self.charged[slip] = Checkout(key, int(number))
                case ["approved", slip]:
                    self.approved.add(slip)

    @property
    def unknown(self) -> list[Checkout]:
        """Checkouts that were begun, and nobody was told whether they were done."""
        told = {checkout.number for checkout in self.acknowledged.values()}
        return [checkout for checkout in self.begun.values() if checkout.number not in told]

    @property
    def unknown_undos(self) -> list[Undo]:
        """What was being undone, and nobody was told whether it is."""
        return [undo for key, undo in self.undoing.items() if key not in self.undone]


@dataclass(frozen=True, slots=True)
class Finding:
    """What an examination found."""

    faults: tuple[str, ...]
    silent: int = 0
    """Sales that were committed while nobody was told: only the key resolves them."""
    open_cards: int = 0
    """Payments that the card terminal took, which wait for their basket."""


def examine(folder: Path, promises: Promises, *, retry: bool, verify: bool) -> Finding:
    """Open a shop after a crash and hold it against its promises.

    ``retry`` then tries again what is unknown, and the last that is known, five
    times each; ``verify`` has the shop examine chain and balances too.
    """
    till = None
    try:
        till = Till(folder)
        faults, silent = _examine(till, promises)
        found, open_cards = _payments(till, promises)
        faults += found
        if retry:
            faults += _retry(till, promises)
        if verify:
            faults += [f"books: {problem}" for problem in till.problems()]
        return Finding(tuple(faults), silent, open_cards)
    except (sqlite3.DatabaseError, PeeweeException, ShopError, ValueError) as error:
        return Finding((f"unreadable: {error!r}",))
    finally:
        if till is not None:
            till.close()


def _examine(till: Till, promises: Promises) -> tuple[list[str], int]:
    by_key, by_number = till.sold()
    faults = [f"lost {key}" for key in promises.acknowledged if not by_key[key]]
    faults += [f"doubled {key}" for key, times in by_key.items() if times > 1]
    faults += [f"doubled basket {number}" for number, times in by_number.items() if times > 1]
    faults += [f"invented {key}" for key in by_key if key not in promises.begun]
    faults += _undone(till, promises)
    found, known = till.draft(), promises.draft
    if found is not None and by_key[found.checkout.key]:
        faults.append(f"draft of a sale that is closed: {found}")
    elif found is not None and found != known and found not in promises.drafts_since:
        faults.append(f"draft of old: {found}, but {known} was saved")
    elif found is None and known is not None and not by_key[known.checkout.key]:
        faults.append(f"draft lost: {known}")
    faults += [f"drawer opened {times} times by {job}" for job, times in promises.kicks.items() if times > 1]
    faults += [f"paper {job} comes again" for job in promises.papers & till.unprinted()]
    return faults, sum(1 for checkout in promises.unknown if by_key[checkout.key])


def _undone(till: Till, promises: Promises) -> list[str]:
    """What was undone stays so, once, and nothing else is."""
    by_key, by_number = till.undone()
    faults = [f"lost undo {key}" for key in promises.undone if not by_key[key]]
    faults += [f"doubled undo {key}" for key, times in by_key.items() if times > 1]
    faults += [f"doubled undo of basket {number}" for number, times in by_number.items() if times > 1]
    return faults + [f"invented undo {key}" for key in by_key if key not in promises.undoing]


def _payments(till: Till, promises: Promises) -> tuple[list[str], int]:
    """What the terminal took is in exactly one sale, that of its basket, or waits for it; and was taken once."""
    faults, waiting = [], 0
    for slip, checkout in promises.charged.items():
        known = till.payment(slip)
        if known is None:
            if slip in promises.approved or not till.asked(checkout.key):
                faults.append(f"forgotten payment {slip} of {checkout}")
            else:
                waiting += 1
        elif known.open and not known.sales and (known.key, known.state) == (checkout.key, "approved"):
            waiting += 1
        elif known.open or known.sales != (checkout.key,):
            faults.append(f"misused payment {slip} of {checkout}: {known}")
    times = Counter(checkout.number for checkout in promises.charged.values())
    faults += [f"charged {many} times for basket {number}" for number, many in times.items() if many > 1]
    return faults, waiting


def _retry(till: Till, promises: Promises) -> list[str]:
    again = [*promises.unknown, *list(promises.acknowledged.values())[-1:]]
    terminal = Terminal(promises.charged, lambda _slip, _checkout: None)
    for checkout in again:
        for _ in range(5):
            till.sell(checkout, terminal, promises.approved.add)
    for undo in [*promises.unknown_undos, *list(promises.undone.values())[-1:]]:
        for _ in range(5):
            till.undo(undo)
    by_key, by_number = till.sold()
    faults, waiting = _payments(till, promises)
    faults += _undone(till, promises)
    if waiting:
        faults.append(f"payments: {waiting} wait although their baskets are sold")
    return faults + [
        f"enters: {by_key[checkout.key]} sales of {checkout.key} after five more"
        for checkout in again
        if by_key[checkout.key] != 1 or by_number[checkout.number] != 1
    ]
