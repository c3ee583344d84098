"""Search as you type, and that neither it nor a scan ever reads a whole table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kiosk import db
from kiosk.money import Money
from kiosk.rules.basket import Unit
from kiosk.services import catalogue, catalogue_edit, catalogue_tax, staff
from kiosk.services.catalogue_rows import ArticleForm
from kiosk.services.catalogue_tax import CategoryForm
from kiosk.services.shop import Shop
from tests.services.journey import Till

NAMES = {
    "541": "Pain de campagne",
    "542": "Pain complet",
    "5410": "Petit pain au lait",
    "12": "Café moulu 500 g",
    "13": "Café en grains 500 g",
    "14": "Lait entier 1 L",
    "15": "Käse Höhle",
    "16": "L’œuf frais",
    "17": "Chocolat noir 85 %",
}


@pytest.fixture
def stocked(till: Till) -> Shop:
    dairy = catalogue_tax.save_category(till.shop, CategoryForm(name="Dairy"), by=staff.ROOT)
    for number, name in NAMES.items():
        catalogue_edit.save(
            till.shop,
            ArticleForm(
                name=name,
                tax="A",
                number=number,
                price=Money(100),
                category=dairy.id if number == "14" else None,
                barcodes=("4006381333931", "036000291452") if number == "14" else (),
            ),
            by=staff.ROOT,
        )
    return till.shop


def numbers(shop: Shop, words: str, limit: int = 20) -> list[str]:
    return [hit.item.number for hit in catalogue.search(shop, words, limit)]


@pytest.mark.requirement("D1-01")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("cafe", ["13", "12"]),
        ("CAFÉ", ["13", "12"]),
        ("caf mou", ["12"]),
        ("moulu café", ["12"]),
        ("500 gr", ["13"]),
        ("pain", ["542", "541", "5410"]),
        ("pai au", ["5410"]),
        ("lait", ["14", "5410"]),
        ("oeuf", ["16"]),
        ("l'oeu", ["16"]),
        ("kase", ["15"]),
        ("kaes", ["15"]),
        ("hohle", ["15"]),
        ("85 %", ["17"]),
        ("pain thon", []),
        ("ain", []),
        ("541", ["541", "5410"]),
        ("0541", ["541", "5410"]),
        ("54", ["541", "5410", "542"]),
        ("4006", ["14"]),
        ("4006381333931", ["14"]),
        ("036000291452", ["14"]),
        ("0036000", ["14"]),
        ("40", []),
        ("", []),
        ("  ", []),
        ("%", []),
        ("_", []),
        ("'; DROP TABLE article", []),
        ("\x1b[31mcafé", []),
    ],
)
def test_words_find_articles(stocked: Shop, words: str, found: list[str]) -> None:
    assert numbers(stocked, words) == found


@pytest.mark.requirement("D1-01")
def test_a_hit_brings_what_the_list_shows(stocked: Shop) -> None:
    (hit,) = catalogue.search(stocked, "lait entier")
    assert hit.category_name == "Dairy"
    assert hit.barcodes == ("0036000291452", "4006381333931")
    assert hit.item == catalogue.find(stocked, "14")
    (other,) = catalogue.search(stocked, "chocolat")
    assert (other.category_name, other.barcodes) == ("", ())


def test_the_limit_is_kept(stocked: Shop) -> None:
    assert numbers(stocked, "pain", limit=2) == ["542", "541"]
    assert numbers(stocked, "pain", limit=0) == ["542"]
    assert len(numbers(stocked, "5", limit=10_000)) == 5


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What was asked of the database."""
    queries: list[tuple[str, Any]] = []
    original = db._execute

    def execute(sql: str, params: Any) -> Any:
        queries.append((sql, params))
        return original(sql, params)

    monkeypatch.setattr(db, "_execute", execute)
    return queries


@pytest.mark.requirement("D1-01")
@pytest.mark.parametrize(
    ("deed", "most"),
    [
        (lambda shop: catalogue.find(shop, "4006381333931"), 1),
        (lambda shop: catalogue.find(shop, "541"), 1),
        (lambda shop: catalogue.find(shop, "nothing"), 1),
        (lambda shop: catalogue.find(shop, "2800014003504"), 2),
        (catalogue.quick, 1),
        (lambda shop: catalogue.search(shop, "541"), 6),
        (lambda shop: catalogue.search(shop, "pain campagne de"), 8),
    ],
)
def test_nothing_reads_a_whole_table(
    stocked: Shop, asked: list[tuple[str, Any]], deed: Callable[[Shop], object], most: int
) -> None:
    deed(stocked)
    queries = list(asked)
    assert 0 < len(queries) <= most
    if db.on_postgres():
        return
    for sql, params in queries:
        plan = [row[-1] for row in db.rows(f"EXPLAIN QUERY PLAN {sql}", params)]
        assert plan
        assert not [step for step in plan if step.startswith("SCAN") and step != "SCAN few"], (sql, plan)


@pytest.mark.requirement("D1-01")
def test_a_scan_asks_the_database_once(stocked: Shop, asked: list[tuple[str, Any]]) -> None:
    found = catalogue.find(stocked, "036000291452")
    assert found is not None
    assert found.unit is Unit.PIECE
    assert len(asked) == 1
