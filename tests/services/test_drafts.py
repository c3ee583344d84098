"""The open basket survives, per person and lane, and nothing that is kept of it stops the till."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import db
from kiosk.errors import OutOfRange, Refused
from kiosk.money import Money, Percent, Quantity
from kiosk.rules.basket import EMPTY, Basket, Discount, Line, LineKind, Returned, TaxRate, Unit
from kiosk.rules.permissions import Role
from kiosk.rules.tender import Given, Tender, TenderKind
from kiosk.services import drafts, journal, ledger, staff
from kiosk.services.drafts import Draft, Unreadable
from kiosk.services.ledger import Account
from kiosk.services.shop import Shop, load_shop
from tests.services.conftest import FixedTime

texts = st.text(max_size=20) | st.sampled_from(["[bold]", "\x1b[31m", "\0", "\ud800", "ünï\u202e", '"\\', "x" * 200])
wholes = st.integers(-(2**63) + 1, 2**63 - 1)
amounts = st.builds(Money, wholes)
shares = st.builds(Percent, wholes)
discounts = st.none() | st.builds(Discount, percent=st.none() | shares, amount=st.none() | amounts, reason=texts)
lines = st.builds(
    Line,
    id=st.integers(1, 10_000),
    article=texts,
    number=texts,
    text=texts,
    unit=st.sampled_from(Unit),
    quantity=st.builds(Quantity, wholes),
    price=amounts,
    tax=st.builds(TaxRate, code=texts, percent=shares),
    category=texts,
    kind=st.sampled_from(LineKind),
    discount=discounts,
    discountable=st.booleans(),
    list_price=st.none() | amounts,
    returned=st.none()
    | st.builds(Returned, original=texts, position=wholes, number=wholes, reason=texts, restock=st.booleans()),
    fixed=st.none() | amounts,
)
baskets = st.builds(
    Basket,
    lines=st.lists(lines, max_size=6, unique_by=lambda line: line.id).map(tuple),
    discount=discounts,
    next_id=st.integers(10_001, 20_000),
    age_checked=st.integers(0, 99),
)
tenders = st.builds(
    Given,
    tender=st.builds(
        Tender,
        code=texts,
        name=texts,
        kind=st.sampled_from(TenderKind),
        opens_drawer=st.booleans(),
        gives_change=st.booleans(),
        refundable=st.booleans(),
        asks_terminal=st.booleans(),
    ),
    given=amounts,
    reference=texts,
    pending=texts,
    original=texts,
    card=texts,
)
any_draft = st.builds(
    Draft,
    key=texts,
    basket=baskets,
    tenders=st.lists(tenders, max_size=3).map(tuple),
    entry=texts,
    selected=wholes,
    opened_at=wholes,
)

anything = st.recursive(
    st.none() | st.booleans() | wholes | texts,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(texts, part, max_size=3),
    max_leaves=8,
)

LINE = Line(
    id=1,
    article="a1",
    number="4006381333931",
    text="Consigne bouteille",
    unit=Unit.PIECE,
    quantity=Quantity.of(3),
    price=Money(25),
    tax=TaxRate("A", Percent(1900)),
)
CASH = Tender("cash", "Cash", TenderKind.CASH, opens_drawer=True, gives_change=True)
DRAFT = Draft(
    key="k1",
    basket=Basket(lines=(LINE,), discount=Discount(percent=Percent(1000), reason="Regular"), next_id=2, age_checked=16),
    tenders=(Given(CASH, Money(50)),),
    entry="3 *",
    selected=1,
    opened_at=1_700_000_000_000,
)


@pytest.fixture
def ann(shop: Shop) -> str:
    return staff.create(shop, staff.PersonForm("Ann", Role.CASHIER), by=staff.ROOT).id


@pytest.fixture
def bob(shop: Shop) -> str:
    return staff.create(shop, staff.PersonForm("Bob", Role.CASHIER), by=staff.ROOT).id


def close(shop: Shop, key: str, *, by: str = "", off_by: int = 0) -> None:
    """What the close of a sale does: the person's draft goes, and an entry with this key comes into the ledger."""
    sums = [(Account("drawer", "R1", "EUR"), 100 + off_by), (Account("sales", "A/1900", "EUR"), -100)]
    with db.transaction():
        drafts.clear_in(shop, by)
        ledger.post(shop, ledger.lock(shop), "sale", [ledger.Line(*part) for part in sums], key=key, by=by)


@given(any_draft)
def test_any_draft_is_read_back_as_it_was(draft: Draft) -> None:
    kept = drafts.to_text(draft)
    assert kept.isascii()
    assert "\0" not in kept
    assert drafts.from_text(kept) == draft


@given(
    st.recursive(st.none() | st.booleans() | wholes | texts, lambda part: st.lists(part) | st.dictionaries(texts, part))
)
def test_no_content_does_anything_but_be_unreadable(content: object) -> None:
    with pytest.raises(Unreadable):
        drafts.from_text(json.dumps(content))


@given(st.data())
def test_a_draft_with_one_part_spoilt_is_read_or_unreadable(data: st.DataObject) -> None:
    """Never another error: those would stop the sign-in."""
    read = json.loads(drafts.to_text(DRAFT))
    places = [read, read["basket"], read["basket"]["lines"][0], read["basket"]["discount"], read["tenders"][0]]
    place = data.draw(st.sampled_from(places))
    name = data.draw(st.sampled_from(sorted(place)))
    place[name] = data.draw(st.none() | st.booleans() | st.integers() | st.floats() | texts | st.lists(wholes))
    with contextlib.suppress(Unreadable):
        assert isinstance(drafts.from_text(json.dumps(read)), Draft)


@pytest.mark.parametrize(
    "content",
    ["", "{", "null", "[" * 100_000, '{"version":2}', "1" * 10_000, " " * (drafts.LONGEST + 1)],
    ids=["empty", "cut", "null", "deep", "another version", "a long number", "too long"],
)
def test_spoilt_content_is_unreadable(content: str) -> None:
    with pytest.raises(Unreadable):
        drafts.from_text(content)


def test_a_draft_of_a_till_that_knew_no_returns_is_still_read() -> None:
    older = json.loads(drafts.to_text(DRAFT))
    for line in older["basket"]["lines"]:
        del line["returned"], line["fixed"], line["list_price"]
    for given_ in older["tenders"]:
        del given_["original"], given_["card"]
    assert drafts.from_text(json.dumps(older)) == DRAFT


def test_lines_with_the_same_id_are_unreadable() -> None:
    twice = replace(DRAFT, basket=Basket(lines=(LINE, LINE), next_id=2))
    with pytest.raises(Unreadable, match="ids of lines"):
        drafts.from_text(drafts.to_text(twice))


def test_a_basket_that_would_use_an_id_again_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="ids of lines"):
        drafts.from_text(drafts.to_text(replace(DRAFT, basket=Basket(lines=(LINE,), next_id=1))))


@pytest.mark.requirement("D7-01")
def test_a_basket_comes_back_marked_as_restored(shop: Shop, ann: str) -> None:
    drafts.save(shop, ann, DRAFT)
    assert drafts.load(shop, ann) == replace(DRAFT, restored=True)


def test_a_person_without_a_basket_has_none(shop: Shop, ann: str) -> None:
    assert drafts.load(shop, ann) is None


@pytest.mark.requirement("D7-01")
def test_each_person_and_lane_has_its_own_basket(shop: Shop, ann: str, bob: str, time: FixedTime) -> None:
    other_lane = load_shop("R2", 2, shop.keys, clock=shop.clock)
    drafts.save(shop, ann, DRAFT)
    time.move(seconds=1)
    drafts.save(shop, bob, Draft(key="k2", entry="7"))
    drafts.save(other_lane, ann, Draft(key="k3"))
    assert drafts.load(shop, ann) == replace(DRAFT, restored=True)
    assert drafts.load(shop, bob) == Draft(key="k2", entry="7", restored=True)
    assert drafts.load(other_lane, ann) == Draft(key="k3", restored=True)
    assert drafts.load(other_lane, bob) is None
    assert drafts.holders(shop) == (bob, ann)
    drafts.clear(shop, ann)
    assert drafts.load(shop, ann) is None
    assert drafts.load(shop, bob) == Draft(key="k2", entry="7", restored=True)
    assert drafts.load(other_lane, ann) == Draft(key="k3", restored=True)
    assert drafts.holders(shop) == (bob,)


def test_the_last_state_counts_and_is_one_row(shop: Shop, ann: str) -> None:
    drafts.save(shop, ann, DRAFT)
    drafts.save(shop, ann, replace(DRAFT, entry="3 * 4"))
    drafts.save(shop, ann, Draft(key="k2", basket=EMPTY))
    assert drafts.load(shop, ann) == Draft(key="k2", restored=True)
    assert db.rows("SELECT staff, lane, key FROM draft") == [(ann, "R1", "k2")]


def test_clearing_belongs_to_the_transaction_of_the_deed(shop: Shop, ann: str) -> None:
    drafts.save(shop, ann, DRAFT)
    with pytest.raises(Refused):
        close(shop, "k1", by=ann, off_by=1)
    assert drafts.load(shop, ann) == replace(DRAFT, restored=True)
    close(shop, "k1", by=ann)
    assert db.rows("SELECT staff FROM draft") == []


def test_a_late_save_does_not_open_a_closed_sale_again(shop: Shop, ann: str) -> None:
    close(shop, "k1")
    drafts.save(shop, ann, DRAFT)
    assert db.rows("SELECT key FROM draft") == []


def test_a_late_save_does_not_replace_the_next_basket(shop: Shop, ann: str) -> None:
    close(shop, "k1")
    drafts.save(shop, ann, Draft(key="k2", entry="5"))
    drafts.save(shop, ann, DRAFT)
    assert drafts.load(shop, ann) == Draft(key="k2", entry="5", restored=True)


def test_the_draft_of_a_closed_sale_is_not_restored(shop: Shop, ann: str) -> None:
    drafts.save(shop, ann, DRAFT)
    close(shop, "k1")
    assert drafts.load(shop, ann) is None


@pytest.mark.parametrize("content", ["{", '{"version":99}', "[" * 100_000])
def test_a_draft_that_cannot_be_read_is_set_aside_and_noted_once(shop: Shop, ann: str, content: str) -> None:
    drafts.save(shop, ann, DRAFT)
    with db.transaction():
        db.run("UPDATE draft SET content = ?", (content,))
    assert drafts.load(shop, ann) is None
    assert drafts.load(shop, ann) is None
    (note,) = journal.notes(shop, action="draft.unreadable")
    assert (note.by, note.lane, note.facts["key"]) == (ann, "R1", "k1")
    assert db.rows("SELECT content, unreadable FROM draft") == [("", content)]
    assert drafts.holders(shop) == ()


def test_the_next_basket_leaves_what_was_set_aside(shop: Shop, ann: str) -> None:
    drafts.save(shop, ann, DRAFT)
    with db.transaction():
        db.run("UPDATE draft SET content = '{'")
    assert drafts.load(shop, ann) is None
    drafts.save(shop, ann, Draft(key="k2"))
    assert drafts.load(shop, ann) == Draft(key="k2", restored=True)
    assert db.rows("SELECT unreadable FROM draft") == [("{",)]


def test_a_draft_beyond_all_bounds_is_refused_and_the_one_before_stays(shop: Shop, ann: str) -> None:
    drafts.save(shop, ann, DRAFT)
    with pytest.raises(OutOfRange) as refused:
        drafts.save(shop, ann, replace(DRAFT, entry="x" * drafts.LONGEST))
    assert (refused.value.field, refused.value.highest) == ("draft", "2000000")
    assert drafts.load(shop, ann) == replace(DRAFT, restored=True)


def test_a_full_basket_of_the_longest_texts_fits(shop: Shop, ann: str) -> None:
    longest = [replace(LINE, id=number, text="é" * 200, category="c" * 32) for number in range(1, 1001)]
    full = replace(DRAFT, basket=Basket(lines=tuple(longest), next_id=1001))
    drafts.save(shop, ann, full)
    assert drafts.load(shop, ann) == replace(full, restored=True)


def test_hostile_text_is_kept_as_it_is_on_both_engines(shop: Shop, ann: str) -> None:
    hostile = replace(DRAFT, entry="\0\ud800\x1b]0;x\a[bold]'; DROP TABLE draft; --")
    drafts.save(shop, ann, hostile)
    assert drafts.load(shop, ann) == replace(hostile, restored=True)


def test_saving_is_one_write(shop: Shop, ann: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    run = db.run
    monkeypatch.setattr(db, "run", lambda sql, params=(): said.append(sql) or run(sql, params))
    drafts.save(shop, ann, DRAFT)
    assert [statement.split()[0] for statement in said] == ["INSERT"]
