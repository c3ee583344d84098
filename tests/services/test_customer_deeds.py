"""Merging customers and parting them, banning, erasing and exporting them: what is theirs stays theirs."""

from __future__ import annotations

import io
import json
import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kiosk import db
from kiosk.errors import (
    AlreadyDone,
    AlreadyTaken,
    Banned,
    ChangedMeanwhile,
    Erased,
    MergedAlready,
    Missing,
    NeedsApproval,
    NotFound,
    NotMerged,
    ShopError,
)
from kiosk.rules import basket as baskets
from kiosk.rules.basket import EMPTY, Item
from kiosk.rules.permissions import Action, Role
from kiosk.services import (
    consents,
    customer_erase,
    customer_export,
    customer_history,
    customer_merge,
    customer_search,
    customer_standing,
    customers,
    journal,
    points,
    sales,
    staff,
)
from kiosk.services.customer_rows import Customer, CustomerForm, IdDocument
from kiosk.services.shop import load_shop, new_key
from kiosk.services.verify import verify
from tests.services.journey import Till

MARA = CustomerForm(
    name="Mara Muster",
    phone="030 1234567",
    phone_opt_in=True,
    email="mara@example.org",
    birth_date=date(1980, 2, 29),
    street="Hauptstr. 5",
    notes="knows the owner",
    licence=IdDocument("FE-4711", "Berlin", date(2031, 5, 1)),
    card="7700000011",
)
BEN = CustomerForm(name="Ben Berg", nickname="Benny", phone="030 7654321", phone_opt_in=True, card="7700000022")


@dataclass
class Shop:
    """Two customers who may be one, a manager, and bread."""

    till: Till
    olga: str
    mara: str
    ben: str
    bread: Item

    def known(self, form: CustomerForm) -> Customer:
        return customers.save(self.till.shop, form, by=self.olga)

    def get(self, customer: str) -> Customer:
        return customers.get(self.till.shop, customer, by=self.olga)

    def sell(self, customer: str, pieces: int = 1) -> str:
        basket = EMPTY
        for _piece in range(pieces):
            basket = baskets.add(basket, self.bread)
        key, due = new_key(), 450 * pieces
        return sales.close_sale(
            self.till.shop, basket, (self.till.cash(due),), key=key, by=self.olga, customer=customer
        ).sale

    def give(self, customer: str, amount: int) -> None:
        points.adjust(self.till.shop, customer, amount, add=True, reason="Ben's cake", key=new_key(), by=self.olga)

    def held(self, customer: str) -> int:
        return points.held(self.till.shop, customer)

    def bought(self, customer: str) -> set[str]:
        return {row.sale for row in customer_history.sales(self.till.shop, customer, by=self.olga)}

    def found(self, words: str) -> set[str]:
        return {one.id for one in customer_search.search(self.till.shop, words, by=self.olga)}

    def merge(self, customer: str, into: str, **more: Any) -> Customer:
        return customer_merge.merge(self.till.shop, customer, into, **{"by": self.olga, "key": new_key(), **more})

    def unmerge(self, customer: str) -> Customer:
        return customer_merge.unmerge(self.till.shop, customer, by=self.olga, key=new_key())

    def ban(self, customer: str, reason: str = "Stole a cake") -> Customer:
        return customer_standing.ban(self.till.shop, customer, reason, by=self.olga, key=new_key())

    def erase(self, customer: str) -> tuple[str, ...]:
        return customer_erase.erase(self.till.shop, customer, by=self.olga)

    def noted(self, action: str) -> list[dict[str, Any]]:
        return [note.facts for note in journal.notes(self.till.shop, action=action)]


@pytest.fixture
def world(till: Till) -> Shop:
    olga = till.person("Olga", Role.OWNER)
    bread = till.article("Bread", 450)
    made = Shop(till, olga, "", "", bread)
    made.mara, made.ben = made.known(MARA).id, made.known(BEN).id
    return made


@pytest.mark.requirement("T-22", "N24")
def test_a_merged_customer_is_the_other_one_and_parted_each_has_what_was_his(world: Shop) -> None:
    hers, his = world.sell(world.mara), world.sell(world.ben, 2)
    world.give(world.mara, 10)
    world.give(world.ben, 5)

    one = world.merge(world.ben, world.mara)
    assert (one.id, one.cards) == (world.mara, ("7700000011", "7700000022"))
    assert world.get(world.ben) == one
    assert customers.by_code(world.till.shop, "7700000022") == world.mara
    assert world.bought(world.ben) == world.bought(world.mara) == {hers, his}
    assert world.held(world.ben) == world.held(world.mara) == 15
    assert world.found("Benny") == {world.mara}
    assert customer_merge.parts(world.till.shop, world.mara, by=world.olga)[0].form.name == "Ben Berg"
    together = world.sell(world.ben)
    assert world.noted("customer.merged") == [{"customer": world.ben, "merged_into": world.mara}]
    assert verify().ok

    assert world.unmerge(world.ben).form.phone == "+49307654321"
    assert world.get(world.ben).cards == ("7700000022",)
    assert (world.bought(world.mara), world.bought(world.ben)) == ({hers, together}, {his})
    assert (world.held(world.mara), world.held(world.ben)) == (10, 5)
    assert world.found("Benny") == {world.ben}
    assert len(consents.history(world.till.shop, world.ben, by=world.olga)) == 1
    assert world.noted("customer.unmerged") == [{"customer": world.ben, "merged_into": world.mara}]
    assert verify().ok


@pytest.mark.requirement("N24")
def test_merges_make_no_circle_and_only_a_link_can_be_undone(world: Shop) -> None:
    carl = world.known(CustomerForm(name="Carl")).id
    world.merge(world.ben, world.mara)
    with pytest.raises(MergedAlready):
        world.merge(world.mara, world.ben)
    with pytest.raises(MergedAlready):
        world.merge(carl, carl)
    assert world.merge(world.ben, carl).id == carl  # Ben is Mara, so both are Carl.
    assert world.get(world.ben).id == carl
    assert world.unmerge(world.mara).id == world.mara
    assert world.get(world.ben).id == world.mara
    with pytest.raises(NotMerged):
        world.unmerge(world.mara)
    with pytest.raises(NotFound):
        world.merge(world.mara, "nobody")
    with pytest.raises(NotFound):
        world.unmerge("nobody")
    assert db.row("SELECT COUNT(*) FROM customer_merge WHERE undone_at IS NULL") == (1,)
    assert verify().ok


def test_a_merge_is_done_once_by_its_key(world: Shop) -> None:
    key = new_key()
    assert world.merge(world.ben, world.mara, key=key) == world.merge(world.ben, world.mara, key=key)
    assert db.row("SELECT COUNT(*) FROM customer_merge") == (1,)
    carl = world.known(CustomerForm(name="Carl")).id
    with pytest.raises(AlreadyDone):
        world.merge(carl, world.mara, key=key)


@pytest.mark.requirement("N24")
def test_two_tills_that_merge_the_same_two_crosswise_make_no_circle(world: Shop) -> None:
    first = world.till.shop
    second = load_shop("R2", 2, first.keys, clock=first.clock)
    together = threading.Barrier(2, timeout=20)
    refused: list[ShopError] = []

    def link(shop: Any, less: str, more: str) -> None:
        db.database.connect()
        try:
            together.wait()
            customer_merge.merge(shop, less, more, by=world.olga, key=new_key())
        except ShopError as error:
            refused.append(error)
        finally:
            db.disconnect()

    for _ in range(5):
        pairs = ((first, world.ben, world.mara), (second, world.mara, world.ben))
        threads = [threading.Thread(target=link, args=pair) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert refused == [MergedAlready()]
        ((merged,),) = db.rows("SELECT id FROM customer WHERE merged_into IS NOT NULL")
        world.unmerge(str(merged))
        refused.clear()
    assert verify().ok


def test_a_form_that_was_open_during_a_merge_does_not_save_over_it(world: Shop) -> None:
    before = world.get(world.ben)
    world.merge(world.ben, world.mara)
    with pytest.raises(ChangedMeanwhile):
        world.known(replace(before.form, name="Not saved", card=""))
    assert verify().ok


@pytest.mark.requirement("T-22")
def test_a_cashier_merges_and_bans_with_a_manager_s_pin(world: Shop) -> None:
    shop, ann = world.till.shop, world.till.ann
    staff.reset_pin(shop, world.olga, "4444", by=staff.ROOT)
    key = new_key()
    with pytest.raises(NeedsApproval):
        world.merge(world.ben, world.mara, by=ann, key=key)
    staff.approve(shop, world.olga, "4444", Action.MERGE_CUSTOMERS, ann, key=key)
    world.merge(world.ben, world.mara, by=ann, key=key)
    (note,) = journal.notes(shop, action="customer.merged")
    assert (note.by, note.approved_by) == (ann, world.olga)


@pytest.mark.requirement("T-22")
def test_a_ban_says_why_at_the_till_and_nowhere_else(world: Shop) -> None:
    shop = world.till.shop
    with pytest.raises(Missing):
        world.ban(world.ben, "  ")
    assert world.ban(world.ben).banned == "Stole a cake"
    with pytest.raises(Banned) as refused:
        customers.to_serve(shop, world.ben, by=world.till.ann)
    assert refused.value == Banned(reason="Stole a cake")
    assert "cake" not in str(db.rows("SELECT * FROM journal"))
    served = customer_standing.unban(shop, world.ben, by=world.olga, key=new_key())
    assert served.banned is None
    assert customers.to_serve(shop, world.ben, by=world.till.ann).id == world.ben
    assert (world.noted("customer.banned"), world.noted("customer.unbanned")) == ([{"customer": world.ben}],) * 2
    customer_standing.unban(shop, world.ben, by=world.olga, key=new_key())
    assert len(world.noted("customer.unbanned")) == 1


@pytest.mark.requirement("T-22", "N24")
def test_no_merge_is_a_way_around_a_ban(world: Shop) -> None:
    shop = world.till.shop
    world.ban(world.ben)
    assert world.merge(world.ben, world.mara).banned == "Stole a cake"
    with pytest.raises(Banned):
        customers.to_serve(shop, world.mara, by=world.till.ann)
    world.unmerge(world.ben)
    assert (world.get(world.mara).banned, world.get(world.ben).banned) == (None, "Stole a cake")
    world.merge(world.ben, world.mara)
    customer_standing.unban(shop, world.mara, by=world.olga, key=new_key())
    assert customers.to_serve(shop, world.ben, by=world.till.ann).id == world.mara


@pytest.mark.requirement("N11")
def test_an_erased_person_is_gone_and_the_books_stay(world: Shop) -> None:
    sold = world.sell(world.mara, 3)
    world.give(world.mara, 10)
    world.give(world.ben, 4)
    world.merge(world.ben, world.mara)
    books = [db.rows(f'SELECT * FROM "{table}" ORDER BY 1, 2') for table in ("entry", "posting", "sale", "account")]

    assert world.erase(world.ben) == (world.mara, world.ben)

    assert books == [
        db.rows(f'SELECT * FROM "{table}" ORDER BY 1, 2') for table in ("entry", "posting", "sale", "account")
    ]
    assert verify().ok
    for table in ("contact", "person_key", "id_document", "customer_key", "name_word", "name_part", "name_slip"):
        assert db.rows(f"SELECT * FROM {table}") == [], table
    for person in (world.mara, world.ben):
        gone = world.get(person)
        assert (gone.id, gone.state, gone.called, gone.cards) == (person, "erased", f"#{gone.number}", ())
        assert gone.form == CustomerForm(id=person, changed_at=gone.form.changed_at)
        with pytest.raises(Erased):
            customers.to_serve(world.till.shop, person, by=world.till.ann)
        with pytest.raises(Erased):
            world.erase(person)
        with pytest.raises(Erased):
            world.known(replace(MARA, id=person, changed_at=gone.form.changed_at))
    assert world.found("Mara") == world.found("7654321") == world.found("7700000011") == set()
    assert world.bought(world.mara) == {sold}
    assert {reason for (reason,) in db.rows("SELECT reason FROM points_move")} == {""}
    last = {
        (of, channel): (given, source)
        for of, channel, given, source in db.rows("SELECT customer, channel, given, source FROM consent ORDER BY id")
    }
    assert last == {(world.mara, "phone"): (0, "erased"), (world.ben, "phone"): (0, "erased")}
    assert world.noted("customer.erased") == [{"customer": world.mara, "members": [world.ben]}]
    with pytest.raises(Erased):
        world.merge(world.ben, world.mara)
    with pytest.raises(NotMerged):
        world.unmerge(world.ben)


@pytest.mark.requirement("N11")
def test_an_erased_customer_s_cards_open_nothing_and_are_never_given_out_again(world: Shop) -> None:
    world.erase(world.mara)
    assert customers.by_code(world.till.shop, "7700000011") is None
    with pytest.raises(AlreadyTaken):
        world.known(CustomerForm(name="Nina", card="7700000011"))
    sold = world.sell(world.mara)
    assert db.row("SELECT customer FROM sale WHERE id = ?", (sold,)) == (None,)


@pytest.mark.requirement("N11")
def test_words_that_somebody_else_bears_stay_findable(world: Shop) -> None:
    other = world.known(CustomerForm(name="Mara Meier")).id
    world.erase(world.mara)
    assert world.found("Mara") == {other}
    assert world.found("Muster") == set()


@pytest.mark.requirement("N11", "N20")
def test_everything_that_is_held_about_a_person_is_one_file_that_only_the_till_reads(
    world: Shop, tmp_path: Path
) -> None:
    shop = world.till.shop
    world.sell(world.mara, 2)
    world.give(world.ben, 4)
    world.merge(world.ben, world.mara)
    world.ban(world.mara, "[/b] \x1b[2J")
    target = tmp_path / customer_export.file_name(world.get(world.mara))

    assert customer_export.everything(shop, world.ben, target, by=world.olga) == 1

    assert target.name == "customer-1.json"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    facts = json.loads(target.read_text(encoding="utf-8"))
    mara, ben = facts["customers"]
    assert (facts["format"], facts["version"], facts["customer"]) == ("kiosk-customer", 1, world.mara)
    assert (mara["name"], mara["birth_date"], mara["banned"]) == ("Mara Muster", "1980-02-29", "[/b] [2J")
    assert mara["documents"] == {"licence": {"number": "FE-4711", "issuer": "Berlin", "expiry": "2031-05-01"}}
    assert {(one["channel"], one["value"], one["opt_in"]) for one in mara["contacts"]} == {
        ("phone", "+49301234567", 1),
        ("email", "mara@example.org", 0),
    }
    assert [(one["given"], one["wording"]) for one in mara["consents"]] == [(True, shop.settings.consent_phone)]
    (receipt,) = mara["receipts"]
    assert (receipt["total"], receipt["lines"][0]["text"], receipt["tenders"][0]["name"]) == (900, "Bread", "Cash")
    (card,) = ben["cards"]
    assert (card["code"], card["points"]) == ("7700000022", 4)
    assert [(move["amount"], move["reason"]) for move in card["moves"]] == [(4, "Ben's cake")]
    assert [(one["customer"], one["merged_into"]) for one in ben["merges"]] == [(world.ben, world.mara)]
    assert [one["action"] for one in ben["journal"]] == ["card.issued", "customer.created", "customer.merged"]
    assert world.noted("customer.exported") == [{"customer": world.mara}]
    world.erase(world.mara)
    with pytest.raises(Erased):
        customer_export.everything(shop, world.mara, io.StringIO(), by=world.olga)


TAMPERED: dict[str, tuple[str, Callable[[Shop], str]]] = {
    "a circle": (
        "UPDATE customer SET state = 'merged', merged_into = CASE id WHEN '{mara}' THEN '{ben}' ELSE '{mara}' END",
        lambda world: f"merge {world.mara}",
    ),
    "a merge that nobody made": (
        "UPDATE customer SET state = 'merged', merged_into = '{mara}' WHERE id = '{ben}'",
        lambda world: f"merge {world.ben}",
    ),
    "an opt-in that nobody gave": (
        "UPDATE contact SET opt_in = 1 WHERE channel = 'email'",
        lambda world: f"consent {world.mara}",
    ),
    "an erased one with a name": (
        "UPDATE customer SET state = 'erased' WHERE id = '{ben}'",
        lambda world: f"erased {world.ben}",
    ),
}


@pytest.mark.requirement("N11", "N20", "N24")
@pytest.mark.parametrize("what", TAMPERED)
def test_verify_names_what_cannot_be(world: Shop, what: str) -> None:
    statement, expected = TAMPERED[what]
    world.till.tamper(statement.format(mara=world.mara, ben=world.ben))
    problems = {problem.what for problem in verify().problems}
    assert expected(world) in problems
    assert "Mara" not in str(problems)


def test_verify_names_a_sale_of_somebody_who_is_not_there(world: Shop) -> None:
    sold = world.sell(world.mara)
    world.till.tamper(f"UPDATE sale SET customer = 'ghost' WHERE id = '{sold}'")
    assert f"customer of sale {sold}" in {problem.what for problem in verify().problems}


@pytest.mark.requirement("N11")
def test_verify_finds_each_thing_that_is_left_of_an_erased_person(world: Shop) -> None:
    (number,) = db.row("SELECT number FROM customer WHERE id = ?", (world.mara,)) or (0,)
    world.erase(world.mara)
    assert verify().ok
    for leave, clean, left in (
        ("UPDATE customer SET notes = 'n' WHERE id = ?", "UPDATE customer SET notes = '' WHERE id = ?", world.mara),
        ("UPDATE customer SET banned = 'b' WHERE id = ?", "UPDATE customer SET banned = NULL WHERE id = ?", world.mara),
        (
            "INSERT INTO contact (customer, channel, value) VALUES (?, 'phone', '+49301')",
            "DELETE FROM contact WHERE customer = ?",
            world.mara,
        ),
        (
            "INSERT INTO id_document (customer, kind, sealed) VALUES (?, 'medical', 's')",
            "DELETE FROM id_document WHERE customer = ?",
            world.mara,
        ),
        (
            "INSERT INTO person_key (customer, wrapped) VALUES (?, 'w')",
            "DELETE FROM person_key WHERE customer = ?",
            world.mara,
        ),
        (
            "INSERT INTO customer_key (key, customer) VALUES ('nmara', ?)",
            "DELETE FROM customer_key WHERE key = 'nmara' AND customer = ?",
            number,
        ),
        (
            "UPDATE card SET state = 'active' WHERE customer = ?",
            "UPDATE card SET state = 'closed' WHERE customer = ?",
            world.mara,
        ),
    ):
        db.run(leave, (left,))
        assert [problem.what for problem in verify().problems] == [f"erased {left}"], leave
        db.run(clean, (left,))
    assert verify().ok
