"""Whoever edits the database file is found, and the first bad entry is named (Must show 6, PLATFORM.md 6)."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import db
from kiosk.money import Money, Percent, Quantity
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY, Discount
from kiosk.rules.tender import Given
from kiosk.services import sales, signing
from kiosk.services.keys import Keys
from kiosk.services.shop import Shop, load_shop, new_key
from kiosk.services.verify import Anchor, Report, verify
from tests.services.journey import Till
from tests.torture.tamper import Attack, Attacker, Done

LANES = {"R1": 130, "R2": 70}
PAPERS = {"R1": (37, 96, 130), "R2": (12, 70)}
"""Which entries somebody has a receipt of."""


class Books:
    """The books of a shop with two lanes, what was printed of them, and what the key file remembers."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "kiosk.db"
        keys = Keys.in_memory()
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
        """What ``kiosk verify`` finds in a copy."""
        db.connect(str(path), read_only=True)
        try:
            return verify(anchors=self.printed if papers else (), root=self.root)
        finally:
            db.disconnect()


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    yield Books(tmp_path_factory.mktemp("books"))
    db.disconnect()


def attacked(books: Books, path: Path, kind: Attack, seed: int) -> Done:
    """A copy of the books after one attack."""
    shutil.copy(books.path, path)
    attacker = Attacker(path, random.Random(seed), books.printed)
    done = attacker.attack(kind)
    attacker.close()
    return done


def test_books_that_nobody_touched_are_good(books: Books) -> None:
    report = books.examine(books.path)

    assert report.problems == []
    assert (report.entries, report.sales, report.signatures) == (200, 200, 3)


@pytest.mark.requirement("N3")
@pytest.mark.parametrize("attacks", [60, pytest.param(1002, marks=pytest.mark.torture)])
def test_every_edit_is_found_and_the_first_bad_entry_named(books: Books, tmp_path: Path, attacks: int) -> None:
    kinds = [kind for kind in Attack if kind is not Attack.MANGLE]

    assert_found(books, tmp_path / "kiosk.db", [kinds[number % len(kinds)] for number in range(attacks)])


@pytest.mark.parametrize("attacks", [20, pytest.param(300, marks=pytest.mark.torture)])
def test_a_value_of_another_type_is_found_too(books: Books, tmp_path: Path, attacks: int) -> None:
    assert_found(books, tmp_path / "kiosk.db", [Attack.MANGLE] * attacks)


def assert_found(books: Books, copy: Path, kinds: list[Attack]) -> None:
    """Attack a fresh copy in each of these ways, and have verify name an entry that was hit."""
    missed: list[str] = []
    for seed, kind in enumerate(kinds):
        done = attacked(books, copy, kind, seed)
        try:
            report = books.examine(copy)
            named = report.first_bad
        except Exception as error:
            missed.append(f"{seed} {kind} {done.what}: verify failed with {error!r}")
            continue
        if named not in done.first:
            why = [(problem.lane, problem.seq, problem.what) for problem in report.problems[:3]]
            missed.append(f"{seed} {kind} {done.what}: named {named} of {why}, not {sorted(done.first, key=str)[:3]}")

    assert not missed, "\n".join(missed)


def test_without_paper_a_cut_that_fits_is_not_seen(books: Books, tmp_path: Path) -> None:
    copy = tmp_path / "kiosk.db"
    attacked(books, copy, Attack.CUT, 5)

    assert books.examine(copy, papers=False).ok
    assert not books.examine(copy).ok


def test_without_the_key_file_a_new_root_is_believed(books: Books, tmp_path: Path) -> None:
    copy = tmp_path / "kiosk.db"
    attacked(books, copy, Attack.RESIGN, 6)
    db.connect(str(copy), read_only=True)

    assert verify().ok, "the control: paper and key file are what finds it"
    db.disconnect()
    assert not books.examine(copy, papers=False).ok
