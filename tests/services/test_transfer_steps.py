"""A long import goes in short steps: the till sells between them, and nobody sees half of it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk import db
from kiosk.money import Money
from kiosk.rules import basket as baskets
from kiosk.rules.basket import EMPTY
from kiosk.services import catalogue, catalogue_edit, catalogue_tax, journal, staff, transfer
from kiosk.services.catalogue_rows import ArticleForm
from kiosk.services.transfer import ImportResult
from tests.services.journey import Till

LINES = 1100

Steps = Generator[tuple[int, int], None, ImportResult]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "articles.csv"
    rows = "".join(f"{number},Article {number},New,X{number}\n" for number in range(1000, 1000 + LINES))
    path.write_text("number,name,category,barcodes\n" + rows)
    return path


def start(till: Till, file: Path) -> Steps:
    return transfer.import_steps(till.shop, file, dry_run=False, by=staff.ROOT)


def finish(steps: Steps) -> ImportResult:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: ImportResult = end.value
            return result


def until_staged(steps: Steps) -> None:
    """Go on until at least one chunk of articles is in the database."""
    while count("article") < 2:
        next(steps)


def count(table: str) -> int:
    return int((db.row(f"SELECT COUNT(*) FROM {table}") or (0,))[0])


@pytest.mark.requirement("D8-02")
def test_the_till_sells_between_the_steps_and_sees_nothing_of_them(till: Till, file: Path) -> None:
    bread = till.article("Bread", 100, number="1")
    steps = start(till, file)
    seen = 0
    while True:
        try:
            next(steps)
        except StopIteration:
            break
        seen += 1
        till.sell(baskets.add(EMPTY, bread), till.cash(100))
        visible = catalogue.find(till.shop, "X1000") is not None
        assert visible == bool(catalogue.search(till.shop, "article"))
        assert visible == (len(catalogue_tax.categories(till.shop)) == 1)
    assert seen > 8
    assert count("sale") == seen
    found = catalogue.find(till.shop, "X2099")
    assert found is not None
    assert (found.number, found.text) == ("2099", "Article 2099")
    assert count("article") == LINES + 1


@pytest.mark.requirement("D8-02")
def test_what_was_left_half_way_is_swept_up_by_the_next(till: Till, file: Path, tmp_path: Path) -> None:
    till.article("Bread", 100, number="1")
    steps = start(till, file)
    until_staged(steps)
    steps.close()
    assert 0 < count("article") - 1 < LINES
    assert catalogue.search(till.shop, "article") == ()
    exported = tmp_path / "out.csv"
    assert transfer.export_articles(till.shop, exported, by=staff.ROOT) == 1
    dry = transfer.import_articles(till.shop, file, dry_run=True, by=staff.ROOT)
    assert (dry.created, dry.changed) == (LINES, 0)
    again = finish(start(till, file))
    assert (again.created, again.written, count("article"), count("barcode")) == (LINES, True, LINES + 1, LINES)
    assert journal.notes(till.shop, action="article.imported")[0].facts["created"] == LINES


@pytest.mark.requirement("D8-02")
@pytest.mark.parametrize("number", ["1100", "7"])
def test_whoever_takes_a_code_meanwhile_keeps_it(till: Till, file: Path, number: str) -> None:
    till.article("Bread", 100, number="1")
    steps = start(till, file)
    next(steps)
    mine = till.article("Mine", 100, number=number, barcodes=("X1100",))
    result = finish(steps)
    assert not result.written
    assert count("article") == 2
    assert catalogue_tax.categories(till.shop) == ()
    assert catalogue.find(till.shop, "X1100") == mine
    assert journal.notes(till.shop, action="article.imported") == ()


@pytest.mark.requirement("D8-02")
def test_a_barcode_taken_from_what_is_staged_stops_the_import(till: Till, file: Path) -> None:
    till.article("Bread", 100, number="1")
    steps = start(till, file)
    until_staged(steps)
    mine = till.article("Mine", 100, number="7", barcodes=("X1000",))
    assert not finish(steps).written
    assert count("article") == 2
    assert catalogue.find(till.shop, "X1000") == mine


@pytest.mark.requirement("D8-02")
def test_an_article_that_was_changed_meanwhile_is_not_overwritten(till: Till, file: Path) -> None:
    till.article("Bread", 100, number="1000")
    steps = start(till, file)
    next(steps)
    item = catalogue.find(till.shop, "1000")
    assert item is not None
    article = catalogue.article(till.shop, item.article)
    changed = catalogue_edit.save(till.shop, replace(article.form, price=Money(120)), by=staff.ROOT)
    assert not finish(steps).written
    assert catalogue.article(till.shop, article.id) == changed
    assert count("article") == 1
    assert finish(start(till, file)).written


def test_new_articles_take_their_codes_from_archived_ones(till: Till, file: Path) -> None:
    old = catalogue_edit.save(
        till.shop, ArticleForm(name="Old", tax="A", number="5", barcodes=("X1000", "OLD")), by=staff.ROOT
    )
    catalogue_edit.archive(till.shop, old.id, by=staff.ROOT)
    assert finish(start(till, file)).written
    found = catalogue.find(till.shop, "X1000")
    assert found is not None
    assert found.number == "1000"
    assert catalogue.article(till.shop, old.id).form.barcodes == ("OLD",)
