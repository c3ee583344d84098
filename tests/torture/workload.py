"""A till that sells without end, saying aloud what it has promised; the crash tests cut it off.

``python -m tests.torture.workload FOLDER`` prepares a shop;
``python -m tests.torture.workload FOLDER MARKS`` sells in one and writes its
marks to a file.
"""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Iterable
from itertools import count, islice
from pathlib import Path
from typing import Final

from tests.torture.till import Behaviour, Checkout, Saved, Terminal, Till, Undo

_PARKED: Final = 0.1
"""How many of the baskets are parked for a while."""


class Marks:
    """What the till said, one line each, to a file or a pipe that outlives it."""

    def __init__(self, file: int) -> None:
        self._file = file

    def say(self, verb: str, *about: object) -> None:
        """Say one thing in one write."""
        os.write(self._file, f"{' '.join(map(str, (verb, *about)))}\n".encode())


class Cashier:
    """Sells, and says before and after each deed what is going on."""

    def __init__(self, till: Till, marks: Marks, behaviour: Behaviour, taken: dict[str, Checkout]) -> None:
        """``taken`` is what the card terminal took until now."""
        self._till = till
        self._marks = marks
        self._terminal = Terminal(
            taken, lambda slip, checkout: marks.say("charge", slip, checkout.key, checkout.number)
        )
        self._early = behaviour is Behaviour.EARLY
        self._selling: Checkout | None = None
        if self._early:
            till.before_commit(self._confirm)

    def sell(self, checkout: Checkout) -> None:
        """Close a sale and confirm it to the customer."""
        self._marks.say("start", checkout.key, checkout.number)
        self._selling = checkout
        self._till.sell(checkout, self._terminal, lambda slip: self._marks.say("approved", slip))
        if not self._early:
            self._confirm()
        self._selling = None

    def undo(self, undo: Undo) -> None:
        """Void a sale or take some of it back, and confirm it to the customer."""
        self._marks.say("undo-start", undo.key, undo.number)
        self._till.undo(undo)
        self._marks.say("undo", undo.key, undo.number)

    def save(self, saved: Saved) -> None:
        """Save the open basket."""
        about = (saved.checkout.key, saved.checkout.number, saved.lines)
        self._marks.say("draft-start", *about)
        self._till.save_draft(saved)
        self._marks.say("draft", *about)

    def park(self, saved: Saved) -> None:
        """Put the basket aside that was saved, and take it up again: it is there all the time, once."""
        self._marks.say("park", saved.checkout.key, saved.checkout.number)
        self._till.park(saved)
        self._till.take_up()
        self._marks.say("taken-up", saved.checkout.key, saved.checkout.number)

    def print_one(self) -> None:
        """Print one receipt, if one is waiting."""
        self._marks.say("print-start")
        self._till.print_one(lambda job: self._marks.say("kick", job), lambda job: self._marks.say("paper", job))
        self._marks.say("printed")

    def rest(self) -> None:
        """Wait for customers."""
        self._marks.say("idle-start")
        self._till.idle()
        self._marks.say("idle")

    def _confirm(self) -> None:
        if self._selling is not None:
            self._marks.say("ack", self._selling.key, self._selling.number)


def sell_on(
    till: Till,
    marks: Marks,
    numbers: Iterable[int],
    *,
    unknown: Iterable[Checkout] = (),
    undoing: Iterable[Undo] = (),
    taken: dict[str, Checkout] | None = None,
    behaviour: Behaviour = Behaviour.RIGHT,
    undoes: bool = True,
) -> None:
    """Sell a basket for each number, or until killed.

    First what a crash left behind: ``unknown`` are checkouts whose outcome
    nobody knows, tried again with their keys, for which the terminal may have
    ``taken`` the money, and ``undoing`` what was being undone; then the saved
    basket is sold, parked or not. Some are parked first. Some sales are voided, of some a piece comes back.
    Now and then Enter is pressed five times, or a draft is saved too late.
    """
    cashier = Cashier(till, marks, behaviour, {} if taken is None else taken)
    marks.say("open")
    for checkout in unknown:
        cashier.sell(Checkout(till.new_key(), checkout.number) if behaviour is Behaviour.NEW_KEY else checkout)
    for undo in undoing:
        cashier.undo(undo)
    till.take_up()
    restored = till.draft()
    if restored is not None:
        cashier.sell(restored.checkout)
    for number in numbers:
        chance = random.Random(number)
        checkout = Checkout(till.new_key(), number)
        for lines in (1, checkout.lines):
            cashier.save(Saved(checkout, lines))
        if undoes and random.Random(f"park {number}").random() < _PARKED:
            cashier.park(Saved(checkout, checkout.lines))
        for _ in range(5 if chance.random() < 0.1 else 1):
            cashier.sell(checkout)
        if undoes and behaviour is Behaviour.RIGHT and Undo.wanted(checkout):
            cashier.undo(Undo(till.new_key(), number))
        if chance.random() < 0.1:
            till.save_draft(Saved(checkout, 1))
        if chance.random() < 0.5:
            cashier.print_one()
        if chance.random() < 0.03:
            cashier.rest()


def main() -> None:
    """Prepare a shop, or sell a number of baskets in it, opening it anew for each session."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("marks", type=Path, nargs="?", help="sell, and write the marks here; without it, prepare")
    parser.add_argument("--sales", type=int, default=40)
    parser.add_argument("--sessions", type=int, default=2)
    parser.add_argument("--first", type=int, default=1, help="the first basket's number")
    parser.add_argument("--step", type=int, default=1, help="from number to number: 9 keeps the number of lines")
    parser.add_argument("--undoes", type=int, default=1, help="0: nothing is voided, comes back or is parked")
    parser.add_argument("--behaviour", type=Behaviour, default=Behaviour.RIGHT)
    options = parser.parse_args()
    if options.marks is None:
        Till.prepare(options.folder)
        return
    marks = Marks(os.open(options.marks, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    numbers = count(options.first, options.step)
    taken: dict[str, Checkout] = {}
    for _ in range(options.sessions):
        till = Till(options.folder, options.behaviour)
        session = islice(numbers, options.sales // options.sessions)
        sell_on(till, marks, session, taken=taken, behaviour=options.behaviour, undoes=bool(options.undoes))
        till.close()
        marks.say("closed")


if __name__ == "__main__":
    main()
