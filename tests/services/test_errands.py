"""Errands through the gate: what was refused there is refused here, and nothing strange is done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kiosk import db
from kiosk.errors import Invalid, NotFound, ShopError, StorageFailed
from kiosk.services import errands, staff
from kiosk.services.shop import Shop


def through_the_gate(shop: Shop, errand: dict[str, object]) -> dict[str, object]:
    """As it travels: a line of JSON there, a line of JSON back."""
    reply = errands.answer(shop, json.loads(json.dumps(errand)))
    return errands.read_reply(json.loads(json.dumps(reply)))


def test_an_errand_is_done_and_its_answer_comes_back(shop: Shop) -> None:
    made = through_the_gate(shop, {"do": "staff.add", "name": "Ann", "role": "lead", "language": "", "pin": "2580"})
    assert made["name"] == "Ann"
    (ann,) = staff.people(shop)
    assert staff.sign_in(shop, ann.id, "2580").role == "lead"


def test_a_refusal_comes_back_with_its_facts(shop: Shop) -> None:
    with pytest.raises(NotFound) as refused:
        through_the_gate(shop, {"do": "staff.unlock", "who": "Nobody"})
    assert refused.value == NotFound(what="person", code="Nobody")


@pytest.mark.parametrize(
    "errand",
    [
        {},
        {"do": None},
        {"do": 7},
        {"do": "sale.close"},
        {"do": "__class__"},
        {"do": "staff.add"},
        {"do": "staff.add", "name": "Ann", "role": "king", "language": "", "pin": "2580"},
        {"do": "staff.add", "name": "Ann", "role": "owner", "language": "xx", "pin": "2580"},
        {"do": "staff.add", "name": ["Ann"], "role": "owner", "language": "", "pin": "2580"},
        {"do": "staff.add", "name": "Ann", "role": "owner", "language": "", "pin": 2580},
        {"do": "staff.reset", "who": {"a": 1}, "pin": "2580"},
        {"do": "print.copy", "by": "Nobody", "pin": "2580", "number": 1},
        {"do": "print.copy", "by": "root", "pin": "2580", "number": 1},
        {"do": "articles.import", "path": 1},
        {"do": "articles.import.step", "id": 1},
    ],
)
def test_what_is_no_errand_is_refused_and_changes_nothing(shop: Shop, errand: dict[str, object]) -> None:
    with pytest.raises(ShopError) as refused:
        through_the_gate(shop, errand)
    assert isinstance(refused.value, Invalid | NotFound)
    assert staff.people(shop) == ()
    assert db.rows("SELECT id FROM journal") == []


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"ok": False},
        {"ok": "yes"},
        {"ok": False, "error": "fault"},
        {"ok": False, "error": "dataclass"},
        {"ok": False, "error": "NotFound", "facts": {"wrong": 1}},
        {"ok": False, "error": "Exception"},
    ],
)
def test_what_is_no_answer_is_no_success(reply: dict[str, object]) -> None:
    with pytest.raises(StorageFailed):
        errands.read_reply(reply)


def test_people_are_found_by_name_however_it_is_written(shop: Shop) -> None:
    made = staff.create(shop, staff.PersonForm("Ann Archer", staff.Role.CASHIER), by=staff.ROOT)
    for who in ("Ann Archer", " ann archer ", "ANN ARCHER", made.id):
        assert errands.person_named(shop, who).id == made.id
    with pytest.raises(NotFound):
        errands.person_named(shop, "Ann")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "articles.csv"
    path.write_text("number,name,price,tax\n" + "".join(f"{n},Article {n},1.00,A\n" for n in range(1, 3001)))
    return path


def with_tax(shop: Shop) -> None:
    with db.transaction():
        db.run("INSERT INTO tax (code, name, position) VALUES ('A', 'Full', 1)")
        db.run("INSERT INTO tax_rate (tax, valid_from, rate) VALUES ('A', '2020-01-01', 2000)")


def count(table: str) -> int:
    return int((db.row(f"SELECT COUNT(*) FROM {table}") or (0,))[0])


@pytest.mark.requirement("D8-02")
def test_a_file_is_taken_in_a_little_with_each_errand(shop: Shop, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errands, "_STEP_SECONDS", 0)
    with_tax(shop)
    begun = through_the_gate(shop, {"do": "articles.import", "path": str(file)})
    steps = [through_the_gate(shop, {"do": "articles.import.step", "id": begun["id"]})]
    while "written" not in steps[-1]:
        steps.append(through_the_gate(shop, {"do": "articles.import.step", "id": begun["id"]}))
    assert steps[-1] == {"written": True}
    assert len(steps) > 6, "the till sells in between"
    assert count("article") == 3000
    with pytest.raises(NotFound):
        through_the_gate(shop, {"do": "articles.import.step", "id": begun["id"]})


def test_who_leaves_half_way_leaves_nothing_and_the_next_one_is_done(
    shop: Shop, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "_STEP_SECONDS", 0)
    with_tax(shop)
    left = through_the_gate(shop, {"do": "articles.import", "path": str(file)})
    through_the_gate(shop, {"do": "articles.import.step", "id": left["id"]})
    begun = through_the_gate(shop, {"do": "articles.import", "path": str(file)})
    with pytest.raises(NotFound):
        through_the_gate(shop, {"do": "articles.import.step", "id": left["id"]})
    while "written" not in through_the_gate(shop, {"do": "articles.import.step", "id": begun["id"]}):
        pass
    assert count("article") == 3000


def test_a_file_that_can_not_be_read_is_refused_and_forgotten(shop: Shop, tmp_path: Path) -> None:
    begun = through_the_gate(shop, {"do": "articles.import", "path": str(tmp_path / "none.csv")})
    with pytest.raises(ShopError):
        through_the_gate(shop, {"do": "articles.import.step", "id": begun["id"]})
    with pytest.raises(NotFound):
        through_the_gate(shop, {"do": "articles.import.step", "id": begun["id"]})
