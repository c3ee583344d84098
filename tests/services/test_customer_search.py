"""Customers found by any part of what they say, and that no search ever reads a whole table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import db
from kiosk.errors import Denied
from kiosk.rules.permissions import Role
from kiosk.services import customer_erase, customer_index, customer_merge, customer_search, customers
from kiosk.services.customer_index import MAIL, NAME, PHONE
from kiosk.services.customer_rows import Customer, CustomerForm, Kind, read
from kiosk.services.customer_search import Found
from kiosk.services.shop import new_key
from tests.services.journey import Till

PEOPLE = {
    "marie": CustomerForm(name="Marie Dupont", phone="06 12 34 45 67", email="Marie.Dupont82@example.org", city="Lyon"),
    "jean": CustomerForm(name="Jean-Pierre Dupont-Müller", phone="01 45 67 12 34"),
    "mariam": CustomerForm(name="Mariam Dupond", email="mdupond@boulangerie.example"),
    "rosa": CustomerForm(name="Rosa Marie", card="7000 1234 9876"),
    "bakery": CustomerForm(kind=Kind.COMPANY, company="Boulangerie Dupont & fils", phone="+33 (0)4 78 00 45 67"),
    "zoe": CustomerForm(name="Zoë Œstergård", nickname="Zouzou", phone="+45 20 12 34 56"),
    "hostile": CustomerForm(name="[/x] 100 % _a' OR 1=1"),
}

TABLES = ("customer_key", "name_word", "name_part", "name_slip")


@pytest.fixture
def till(till: Till) -> Till:
    till.change(country="FR")
    return till


@pytest.fixture
def known(till: Till) -> dict[str, str]:
    """Their ids; the first was created first, and has the number 1."""
    return {name: customers.save(till.shop, form, by=till.ann).id for name, form in PEOPLE.items()}


def hits(till: Till, text: str, **more: Any) -> tuple[Found, ...]:
    return customer_search.search(till.shop, text, by=till.ann, **more)


def found(till: Till, known: dict[str, str], text: str, **more: Any) -> list[str]:
    names = {id_: name for name, id_ in known.items()}
    return [names[hit.id] for hit in hits(till, text, **more)]


def kept() -> dict[str, list[tuple[Any, ...]]]:
    """What customers are found under."""
    return {table: sorted(db.rows(f"SELECT * FROM {table}")) for table in TABLES}


WANTED = {
    # Names: whole words, beginnings, what is inside; accents, case and order don't matter.
    "dupont": ["marie", "jean", "bakery", "mariam"],
    "DUPONT  ": ["marie", "jean", "bakery", "mariam"],
    "upon": ["mariam", "marie", "jean", "bakery"],
    "marie": ["marie", "rosa", "mariam"],
    "boulan": ["bakery", "mariam"],
    "zoe": ["zoe"],
    "oesterg": ["zoe"],
    "tergar": ["zoe"],
    "zouz": ["zoe"],
    "muller": ["jean"],
    "mueller": ["jean"],
    "jean-pierre": ["jean"],
    "fils": ["bakery"],
    # Several words: all must fit.
    "marie dupont": ["marie"],
    "dupont marie": ["marie"],
    "ma dup": ["mariam", "marie"],
    "müller jean": ["jean"],
    "fils dupont": ["bakery"],
    "jean pie mue": ["jean"],
    "dupont 4567": ["marie", "bakery", "jean"],
    "dupont 06 12": ["marie"],
    "mariam boulangerie": ["mariam"],
    "marie zouzou": [],
    "rosa 9876": ["rosa"],
    # Phones: any part, however it is grouped, from home or from abroad.
    "4567": ["marie", "bakery", "jean"],
    "45 67": ["marie", "bakery", "jean"],
    "78 00": ["bakery"],
    "06.12": ["marie"],
    "0612344567": ["marie"],
    "+33 6 12 34": ["marie"],
    "0033612": ["marie"],
    "+33 (0)6 12": ["marie"],
    "06 12 34 45 67": ["marie"],
    "20123456": ["zoe"],
    "123456": ["zoe"],
    "99999": [],
    # E-mail: whole, or any part.
    "marie.dupont82@example.org": ["marie"],
    "MARIE.DUPONT82@EXAMPLE.ORG": ["marie"],
    "pont82": ["marie"],
    "ie.dup": ["marie"],
    "pont82@ex": ["marie"],
    "82@example.org": ["marie"],
    "@boul": ["mariam"],
    "example.org": ["marie"],
    "ample.o": ["marie", "mariam"],
    # Cards and numbers.
    "700012349876": ["rosa"],
    "7000 1234 9876": ["rosa"],
    "7000": ["rosa"],
    "9876": ["rosa"],
    "#3": ["mariam"],
    "# 3": ["mariam"],
    "#30": [],
    "2": ["jean", "zoe", "marie"],
    # One slip of the fingers.
    "duponr": ["mariam", "marie", "jean", "bakery"],
    "dupnot": ["marie", "jean", "bakery"],
    "durpont": ["marie", "jean", "bakery"],
    "boulnag": ["bakery"],
    "marei dupont": ["marie"],
    "dupnot marie": ["marie"],
    "dupnot 0612": ["marie"],
    "dpuotn": [],
    "zpe": [],
    # Hostile text is data.
    "100 %": ["hostile"],
    "%": [],
    "_": [],
    "d%t": ["marie"],
    "'": [],
    "'; DROP TABLE customer; --": [],
    "\x1b[31mzouzou": [],
    "#9999999999999999999999": [],
    "٣": [],
    "a" * 10_000: [],
    "mar " * 5_000: ["mariam", "marie", "rosa"],
}


@pytest.mark.requirement("T-09")
def test_any_part_of_name_phone_mail_or_card_finds(till: Till, known: dict[str, str]) -> None:
    assert {text: found(till, known, text) for text in WANTED} == WANTED


@pytest.mark.requirement("T-09")
def test_every_part_finds_its_customer(till: Till, known: dict[str, str]) -> None:
    """Three letters in a row, four digits in a row, whichever they are."""
    missed = []
    for name, parts in {
        "marie": [*_parts("dupont82", 3), *_parts("0612344567", 4), *_parts("marie.dupont82@example.org", 5)],
        "jean": [*_parts("muller", 3), *_parts("145671234", 4)],
        "bakery": [*_parts("boulangerie", 3)],
        "zoe": [*_parts("oestergard", 3), *_parts("20123456", 4)],
    }.items():
        missed += [part for part in parts if name not in found(till, known, part, limit=100)]
    assert missed == []


def _parts(text: str, length: int) -> list[str]:
    return [text[start : start + length] for start in range(len(text) - length + 1)]


@pytest.mark.requirement("T-09")
def test_a_hit_tells_whom_it_is(till: Till, known: dict[str, str]) -> None:
    db.run("UPDATE customer SET banned = 'Shoplifting', type = 'VIP' WHERE id = ?", (known["bakery"],))
    assert hits(till, "marie dupont82") == (
        Found(known["marie"], 1, "Marie Dupont", Kind.PERSON, "4567", "Lyon", "", banned=False),
    )
    assert hits(till, "fils") == (
        Found(known["bakery"], 5, "Boulangerie Dupont & fils", Kind.COMPANY, "4567", "", "VIP", banned=True),
    )
    assert hits(till, "œster")[0].called == "Zouzou"


def test_without_a_text_the_newest_are_shown_and_limit_and_kind_are_kept(till: Till, known: dict[str, str]) -> None:
    assert found(till, known, " ") == list(PEOPLE)[::-1]
    assert found(till, known, "", limit=2) == ["hostile", "zoe"]
    assert found(till, known, "", limit=0) == ["hostile"]
    assert found(till, known, "", kind=Kind.COMPANY) == ["bakery"]
    assert found(till, known, "dupont", limit=1) == ["marie"]
    assert found(till, known, "dupont", limit=1, kind=Kind.COMPANY) == ["bakery"]
    assert found(till, known, "dupont", kind=Kind.PERSON) == ["marie", "jean", "mariam"]
    assert found(till, known, "dupont 4567", kind=Kind.COMPANY) == ["bakery"]


@pytest.mark.requirement("T-09", "N24")
def test_whoever_was_merged_is_found_as_the_one_he_is_now(till: Till, known: dict[str, str]) -> None:
    owner = till.person("Olga", Role.OWNER)
    customer_merge.merge(till.shop, known["mariam"], known["marie"], by=owner, key=new_key())
    assert found(till, known, "dupon") == ["marie", "jean", "bakery"]
    assert found(till, known, "dupond") == ["marie", "jean", "bakery"]
    assert found(till, known, "@boul") == found(till, known, "#3") == found(till, known, "mdupond") == ["marie"]
    assert found(till, known, "") == ["hostile", "zoe", "bakery", "rosa", "jean", "marie"]
    customer_merge.unmerge(till.shop, known["mariam"], by=owner, key=new_key())
    assert found(till, known, "@boul") == found(till, known, "#3") == ["mariam"]


@pytest.mark.requirement("T-09", "N11")
def test_the_last_who_bears_a_word_takes_it_along(till: Till, known: dict[str, str]) -> None:
    """No surname, no address and no end of a phone outlives an erased customer in what search asks."""
    owner = till.person("Olga", Role.OWNER)
    customer_erase.erase(till.shop, known["marie"], by=owner)
    assert found(till, known, "mariam dupont") == ["mariam"]
    assert found(till, known, "dupont") == ["jean", "bakery", "mariam"]
    assert [hits(till, text) for text in ("#1", "0612", "dupont82", "marie.dupont82@example.org")] == [()] * 4
    assert db.row("SELECT word FROM name_word WHERE word = 'marie'") == ("marie",)
    assert db.row("SELECT word FROM name_word WHERE word = '@example.org'") is None
    for name in ("jean", "bakery", "rosa"):
        customer_erase.erase(till.shop, known[name], by=owner)
    left = repr(kept())
    for trace in ("dupont", "upont", "marie'", "muller", "rosa", "9876", "4567", "example.org"):
        assert trace not in left
    assert found(till, known, "mariam") == ["mariam"]
    for name in ("mariam", "zoe", "hostile"):
        customer_erase.erase(till.shop, known[name], by=owner)
    assert kept() == {table: [] for table in TABLES}
    assert hits(till, "") == hits(till, "dupond") == ()


@pytest.mark.requirement("T-09")
def test_a_change_is_found_at_once_and_the_old_name_no_more(till: Till, known: dict[str, str]) -> None:
    form = read([known["marie"]])[known["marie"]].form
    changed = replace(form, name="Marie Martin", phone="", email="mm@martin.example", card="AB-12345")
    customers.save(till.shop, changed, by=till.ann)
    assert found(till, known, "martin") == ["marie"]
    assert found(till, known, "marie dup") == ["mariam"]
    assert [hits(till, text) for text in ("0612", "dupont82", "@example.org")] == [()] * 3
    assert found(till, known, "ab-12345") == found(till, known, "ab-1") == ["marie"]
    assert found(till, known, "2345") == ["zoe", "marie"]


def test_withdrawn_ones_are_not_found_even_where_keys_are_left(till: Till, known: dict[str, str]) -> None:
    db.run("UPDATE customer SET state = 'withdrawn' WHERE id = ?", (known["marie"],))
    assert found(till, known, "marie") == ["rosa", "mariam"]
    assert "marie" not in found(till, known, "")
    assert hits(till, "#1") == hits(till, "marie.dupont82@example.org") == ()


def test_the_index_can_be_made_afresh(till: Till, known: dict[str, str]) -> None:
    before = kept()
    assert all(before.values())
    with db.transaction():
        db.run("DELETE FROM name_slip")
        db.run("UPDATE customer_key SET key = 'x' || key WHERE customer = 1")
    assert customer_index.rebuild() == len(PEOPLE)
    assert kept() == before


@pytest.mark.requirement("T-09")
def test_whoever_may_not_see_customers_finds_none(till: Till, known: dict[str, str]) -> None:
    with pytest.raises(Denied):
        customer_search.search(till.shop, "marie", by=till.technician)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, Any]]]:
    """What was asked of the database."""
    queries: list[tuple[str, Any]] = []
    original = db._execute

    def execute(sql: str, params: Any) -> Any:
        queries.append((sql, params))
        return original(sql, params)

    monkeypatch.setattr(db, "_execute", execute)
    yield queries
    monkeypatch.undo()


@pytest.mark.requirement("T-09")
def test_no_search_reads_a_whole_table(till: Till, known: dict[str, str], asked: list[tuple[str, Any]]) -> None:
    """Each statement that any of these searches really ran, explained by the engine itself."""
    for text in WANTED:
        hits(till, text)
    hits(till, "")
    owner = till.person("Olga", Role.OWNER)
    customer_merge.merge(till.shop, known["mariam"], known["marie"], by=owner, key=new_key())
    del asked[: len(asked) - 1]
    hits(till, "dupond")
    queries = {sql: params for sql, params in asked if sql.startswith("SELECT")}
    assert len(queries) > 3
    if db.on_postgres():
        with db.transaction():
            db.rows("SET LOCAL enable_seqscan = off")
            plans = {sql: [row[0] for row in db.rows(f"EXPLAIN {sql}", params)] for sql, params in queries.items()}
        bad = {sql: plan for sql, plan in plans.items() if any("Seq Scan" in step for step in plan)}
    else:
        plans = {
            sql: [row[-1] for row in db.rows(f"EXPLAIN QUERY PLAN {sql}", params)] for sql, params in queries.items()
        }
        bad = {sql: plan for sql, plan in plans.items() if any(step.startswith("SCAN") for step in plan)}
    assert all(plans.values())
    assert bad == {}


@pytest.mark.requirement("T-09")
def test_frequent_names_are_not_gone_through_to_the_last(till: Till, asked: list[tuple[str, Any]]) -> None:
    """However many bear a name, a search reads a bounded number of rows."""
    crowd = [
        Customer(f"{number:032}", number, CustomerForm(name=f"Anna Berg{number}"), "active", None, None, 0)
        for number in range(1, 5001)
    ]
    crowd.append(Customer("otto", 5001, CustomerForm(name="Otto Solo"), "active", None, None, 0))
    with db.transaction():
        db.run_many(
            "INSERT INTO customer (id, number, name, created_at, created_by, changed_at) VALUES (?, ?, ?, 0, '', 0)",
            [(one.id, one.number, one.form.name) for one in crowd],
        )
        customer_index.index_many((None, one) for one in crowd)
    for text in ("anna", "ann", "nna", "anna berg", "ber ann", "amna berg", "anna anna1"):
        del asked[:]
        hits(till, text)
        assert len(asked) < 400, text
    assert hits(till, "amna solo") == hits(till, "anna solo") == ()
    assert [hit.called for hit in hits(till, "otto sloo")] == ["Otto Solo"]
    assert [hit.number for hit in hits(till, "berg4711 anna")][:1] == [4711]
    assert [hit.number for hit in hits(till, "erg4711 ann")][:1] == [4711]


def _customer(**form: Any) -> Customer:
    return Customer("x", 1, CustomerForm(**form), "active", None, None, 0)


@given(phone=st.from_regex(r"\A\+(33|1|7|49|353)[1-9][0-9]{6,9}\Z"), data=st.data())
def test_any_part_of_a_phone_begins_a_key(phone: str, data: st.DataObject) -> None:
    """Of what follows the code of the country; and the whole begins with that code."""
    national = phone.removeprefix("+").removeprefix(
        next(c for c in ("353", "33", "49", "1", "7") if phone[1:].startswith(c))
    )
    start = data.draw(st.integers(0, len(national) - 4))
    part = national[start : data.draw(st.integers(start + 4, len(national)))]
    keys = customer_index.keys_of(_customer(phone=phone))
    assert any(key.startswith(PHONE + part) for key in keys)
    assert PHONE + phone[1:] in keys
    assert len(keys) == len(national) - 3 + 1


def test_words_of_a_name_are_kept_in_pairs_and_domains_apart() -> None:
    keys = customer_index.keys_of(_customer(name="Marie Dupont", nickname="Mimi", email="Mm@Shop.Example"))
    assert keys == {
        *(NAME + word for word in ("marie", "dupont", "mimi", "@shop.example")),
        "pmarie dupont",
        "pdupont marie",
        MAIL + "mm@shop.example",
    }
