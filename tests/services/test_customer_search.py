"""Customers found by any part of what they say, and that no search ever reads a whole table."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.services import customer_search, customers
from kiosk.services.customer_rows import CustomerForm, Kind
from tests.services.journey import Till

PEOPLE = {
    "marie": CustomerForm(name="Marie Dupont", phone="+33 6 12 34 45 67", email="Marie.Dupont82@example.org"),
    "jean": CustomerForm(name="Jean-Pierre Dupont-Müller", phone="+33 1 45 67 12 34"),
    "mariam": CustomerForm(name="Mariam Dupond", email="mdupond@boulangerie.example"),
    "rosa": CustomerForm(name="Rosa Marie", card="7000 1234 9876"),
    "bakery": CustomerForm(kind=Kind.COMPANY, company="Boulangerie Dupont & fils", phone="+33 4 78 00 45 67"),
    "zoe": CustomerForm(name="Zoë Œstergård", nickname="Zouzou"),
    "hostile": CustomerForm(name="[/x] 100 % _a' OR 1=1"),
}  # fmt: skip


@pytest.fixture
def known(till: Till) -> dict[str, str]:
    """Their ids; the first was created first."""
    return {name: customers.save(till.shop, form, by=till.ann).id for name, form in PEOPLE.items()}


def found(till: Till, known: dict[str, str], text: str, **more: Any) -> list[str]:
    names = {id_: name for name, id_ in known.items()}
    return [names[hit.id] for hit in customer_search.search(till.shop, text, by=till.ann, **more)]


@pytest.mark.requirement("T-09")
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("dupont", ["marie", "jean", "bakery", "mariam"]),
        ("45 67", ["marie", "bakery", "jean"]),
    ],
)
def test_any_part_finds(till: Till, known: dict[str, str], text: str, wanted: list[str]) -> None:
    assert found(till, known, text) == wanted
