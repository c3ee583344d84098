"""Replays a recording into many states of the disk and examines each, in a process of its own.

``python -m tests.torture.examiner BEFORE LOG SCRATCH --states 150`` prints
what it found as JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.torture.promises import Promises, examine
from tests.torture.recording import read
from tests.torture.replay import lay_out, moments, states


@dataclass(slots=True)
class Report:
    """What the states of one recording came to."""

    states: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    silent: int = 0
    open_cards: int = 0
    """States in which a payment that the card terminal took waited for its basket."""
    bad: int = 0
    """States with a fault."""
    faults: dict[str, int] = field(default_factory=dict)
    """How many states had each kind of fault."""
    examples: list[str] = field(default_factory=list)


def replay(before: Path, log: Path, scratch: Path, count: int, seed: int, until: str | None = None) -> Report:
    """Make states of a recording and hold each against what the till had said by then.

    ``until`` ends it at the first fault of a kind.
    """
    operations = read(log)
    report = Report()
    kinds: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    for moment, files, said in states(before, operations, moments(operations, count, seed)):
        lay_out(files, scratch)
        promises = Promises()
        promises.hear(said)
        finding = examine(scratch, promises, retry=True, verify=True)
        report.states += 1
        kinds[moment.cut] += 1
        report.silent += finding.silent
        report.open_cards += bool(finding.open_cards)
        report.bad += bool(finding.faults)
        faults.update({fault.split()[0].rstrip(":") for fault in finding.faults})
        if finding.faults and len(report.examples) < 10:
            report.examples.append(f"{moment}: {'; '.join(finding.faults)[:300]}")
        if until in faults:
            break
    report.kinds, report.faults = dict(kinds), dict(faults)
    return report


def main() -> None:
    """Replay, examine, print the report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("before", type=Path)
    parser.add_argument("log", type=Path)
    parser.add_argument("scratch", type=Path)
    parser.add_argument("--states", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--until", help="end at the first fault of this kind")
    options = parser.parse_args()
    report = replay(options.before, options.log, options.scratch, options.states, options.seed, options.until)
    json.dump(asdict(report), sys.stdout)


if __name__ == "__main__":
    main()
