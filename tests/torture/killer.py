"""SIGKILL at random moments of checkouts, from a process that imports once and forks for each till.

``python -m tests.torture.killer FOLDER --kills 40`` prints what it found as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import select
import shutil
import signal
import sys
import time
import traceback
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

from tests.torture.promises import Finding, Promises, examine
from tests.torture.till import Behaviour, Till
from tests.torture.workload import Marks, sell_on

LONGEST_LIFE_SECONDS: Final = 0.24
"""A till is killed at a random moment until then, counted from its first sign of life."""
KILLS_PER_SHOP: Final = 50
NUMBERS_PER_LIFE: Final = 10_000


@dataclass(slots=True)
class Tally:
    """What a series of kills came to."""

    kills: int = 0
    acknowledged: int = 0
    silent: int = 0
    """Committed while nobody was told."""
    undone: int = 0
    """Begun, and not committed."""
    cards: int = 0
    """Payments that the card terminal took."""
    open_cards: int = 0
    """Of those, found again by a basket that was not sold yet."""
    given_back: int = 0
    """Sales that were voided, or of which something came back."""
    open_undos: int = 0
    """Begun, and nobody was told whether they were done."""
    faults: list[str] = field(default_factory=list)


def examined_in_child(folder: Path, promises: Promises, *, verify: bool) -> Finding:
    """Examine in a forked child, so that no open file of it stays here. Refuses: RuntimeError."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        try:
            answer = asdict(examine(folder, promises, retry=False, verify=verify))
        except BaseException:
            answer = {"failed": traceback.format_exc()}
        with os.fdopen(writer, "w") as pipe:
            json.dump(answer, pipe)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        answer = json.load(pipe)
    os.waitpid(child, 0)
    if "failed" in answer:
        raise RuntimeError(answer["failed"])
    return Finding(tuple(answer["faults"]), answer["silent"], answer["open_cards"])


def one_life(folder: Path, promises: Promises, first: int, behaviour: Behaviour, life_seconds: float) -> None:
    """Let a till sell, kill it after a while, and take in what it had said."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        try:
            till = Till(folder, behaviour)
            numbers = count(first)
            sell_on(
                till,
                Marks(writer),
                numbers,
                unknown=promises.unknown,
                undoing=promises.unknown_undos,
                taken=promises.charged,
                behaviour=behaviour,
            )
        except BaseException:
            traceback.print_exc()
        os._exit(1)
    os.close(writer)
    select.select([reader], [], [])
    time.sleep(life_seconds)
    os.kill(child, signal.SIGKILL)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        raise RuntimeError("the till ended by itself")
    promises.hear(said.splitlines())


def kill_many(shop: Path, work: Path, kills: int, seed: int, behaviour: Behaviour, until: str | None = None) -> Tally:
    """Kill tills again and again in copies of a prepared shop and examine it after each.

    ``until`` ends it at the first fault of a kind.
    """
    chance = random.Random(seed)
    tally = Tally()
    promises = Promises()
    folder = work
    for index in range(kills):
        if index % KILLS_PER_SHOP == 0:
            folder = work / f"shop-{index}"
            shutil.copytree(shop, folder)
            promises = Promises()
        before, cards, undone = len(promises.acknowledged), len(promises.charged), len(promises.undone)
        first = 1 + (index % KILLS_PER_SHOP) * NUMBERS_PER_LIFE
        one_life(folder, promises, first, behaviour, chance.uniform(0, LONGEST_LIFE_SECONDS))
        last = index == kills - 1 or index % 10 == 9
        finding = examined_in_child(folder, promises, verify=last)
        tally.kills += 1
        tally.acknowledged += len(promises.acknowledged) - before
        tally.silent += finding.silent
        tally.cards += len(promises.charged) - cards
        tally.open_cards += finding.open_cards
        tally.undone += len(promises.unknown) - finding.silent
        tally.given_back += len(promises.undone) - undone
        tally.open_undos += len(promises.unknown_undos)
        tally.faults += finding.faults
        if until is not None and any(fault.startswith(until) for fault in finding.faults):
            break
        if last and index % KILLS_PER_SHOP == KILLS_PER_SHOP - 1:
            shutil.rmtree(folder)
    return tally


def main() -> None:
    """Kill, examine, print the tally."""
    parser = argparse.ArgumentParser()
    parser.add_argument("shop", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--behaviour", type=Behaviour, default=Behaviour.RIGHT)
    parser.add_argument("--until", help="end at the first fault of this kind")
    options = parser.parse_args()
    tally = kill_many(
        options.shop,
        options.work,
        options.kills,
        options.seed,
        options.behaviour,
        options.until,
    )
    json.dump(asdict(tally), sys.stdout)


if __name__ == "__main__":
    main()
