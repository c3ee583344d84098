"""Any life of customers: known, sold to, merged, parted, banned and erased in any order, held against a model.

The model knows who is whom, and what was sold to whom and which card got which
points when it happened; it asks no service. After each deed everybody has what
the model says, and at the end all of ``verify`` is happy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kiosk import db
from kiosk.clock import Clock
from kiosk.errors import Erased, MergedAlready, NotEnoughPoints, NotMerged
from kiosk.money import Money
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY
from kiosk.rules.permissions import Role
from kiosk.rules.tender import Given
from kiosk.services import (
    consents,
    customer_erase,
    customer_history,
    customer_merge,
    customer_search,
    customer_standing,
    customers,
    points,
    sales,
)
from kiosk.services.customer_rows import Channel, CustomerForm, members_of, root_of
from kiosk.services.keys import Keys
from kiosk.services.shop import load_shop, new_key
from kiosk.services.verify import verify
from tests.services.any_day import ITEMS
from tests.services.conftest import FixedTime
from tests.services.journey import Till

MOST: int = 6


@dataclass(eq=False)
class Card:
    """What the model remembers of a card."""

    code: str
    points: int = 0


@dataclass(eq=False)
class Person:
    """What the model remembers of a customer."""

    id: str
    word: str
    """In his name, and in nobody else's."""
    cards: list[Card] = field(default_factory=list)
    sales: dict[str, int] = field(default_factory=dict)
    """Receipts to what they came to."""
    into: Person | None = None
    erased: bool = False
    banned: bool = False
    agreed: bool = False

    @property
    def root(self) -> Person:
        """Who he is."""
        return self if self.into is None else self.into.root


class AnyCustomer(RuleBasedStateMachine):
    """One till, one person who may do everything."""

    make: ClassVar[Callable[[], str]]
    """Gives the URL of a fresh database with the schema of today."""

    def __init__(self) -> None:
        super().__init__()
        self.people: list[Person] = []
        self.nobodys: dict[str, int] = {}

    @initialize()
    def open(self) -> None:
        """A shop that knows nobody."""
        db.connect(type(self).make(), synchronous="OFF")
        self.till = Till(load_shop("R1", 1, Keys.in_memory(), clock=Clock(read=FixedTime(), trusted=lambda: True)))
        self.shop = self.till.shop
        self.by = self.till.person("Lea", Role.OWNER)

    def teardown(self) -> None:
        """All that the books and the customers claim is true."""
        if not hasattr(self, "by"):
            return
        try:
            report = verify()
            assert not report.problems, report.problems
        finally:
            db.disconnect()

    @precondition(lambda self: len(self.people) < MOST)
    @rule(card=st.booleans(), agreed=st.booleans())
    def know(self, card: bool, agreed: bool) -> None:
        """A new customer, with or without a card."""
        number = len(self.people) + 1
        code, word = f"77000000{number}" if card else "", "abcdef"[number - 1] * 5
        phone = f"+4930123456{number}"
        form = CustomerForm(name=f"Muster {word}", phone=phone, phone_opt_in=agreed, card=code)
        made = customers.save(self.shop, form, by=self.by)
        self.people.append(Person(made.id, word, [Card(code)] if card else [], agreed=agreed))

    @precondition(lambda self: self.people)
    @rule(data=st.data(), item=st.sampled_from(ITEMS))
    def sell(self, data: st.DataObject, item: rules.Item) -> None:
        """To whoever he is by now; to nobody, if he was erased."""
        one = self._one(data)
        basket = rules.add(EMPTY, item)
        due = sales.price(self.shop, basket).total
        given = (Given(self.till.tender("cash"), Money(due.minor)),)
        sold = sales.close_sale(self.shop, basket, given, key=new_key(), by=self.by, customer=one.id)
        owner = self.nobodys if one.root.erased else one.root.sales
        owner[sold.sale] = due.minor

    @precondition(lambda self: self.people)
    @rule(data=st.data(), amount=st.integers(1, 40))
    def add_points(self, data: st.DataObject, amount: int) -> None:
        """To the eldest card of whoever he is by now."""
        one = self._one(data)
        try:
            self._adjust(one, amount, add=True)
        except Erased:
            assert one.root.erased
            return
        assert not one.root.erased
        if not one.root.cards:
            one.root.cards.append(Card(""))
        one.root.cards[0].points += amount

    @precondition(lambda self: self.people)
    @rule(data=st.data(), amount=st.integers(1, 60))
    def remove_points(self, data: st.DataObject, amount: int) -> None:
        """Off his own eldest card first, then off those of whoever was merged into him."""
        one = self._one(data)
        cards = [card for member in self._members(one.root) for card in member.cards]
        try:
            self._adjust(one, amount, add=False)
        except Erased:
            assert one.root.erased
            return
        except NotEnoughPoints:
            assert sum(card.points for card in cards) < amount
            return
        assert not one.root.erased
        for card in cards:
            share = min(card.points, amount)
            card.points -= share
            amount -= share
        assert amount == 0

    @precondition(lambda self: len(self.people) > 1)
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        """Any two, whoever they are by now."""
        less, more = self._one(data), self._one(data)
        try:
            customer_merge.merge(self.shop, less.id, more.id, by=self.by, key=new_key())
        except MergedAlready:
            assert less.root is more.root
        except Erased:
            assert less.root.erased or more.root.erased
        else:
            assert less.root is not more.root
            assert not less.root.erased
            assert not more.root.erased
            less.root.into = more.root

    @precondition(lambda self: any(one.into for one in self.people))
    @rule(data=st.data(), anybody=st.booleans())
    def part(self, data: st.DataObject, anybody: bool) -> None:
        """Most often somebody who was merged."""
        merged = [one for one in self.people if one.into]
        one = self._one(data) if anybody else data.draw(st.sampled_from(merged), label="parted")
        try:
            customer_merge.unmerge(self.shop, one.id, by=self.by, key=new_key())
        except NotMerged:
            assert one.into is None
        else:
            assert one.into is not None
            one.into = None

    @precondition(lambda self: self.people)
    @rule(data=st.data(), off=st.booleans())
    def ban(self, data: st.DataObject, off: bool) -> None:
        """Or serve him again."""
        one = self._one(data)
        try:
            if off:
                customer_standing.unban(self.shop, one.id, by=self.by, key=new_key())
            else:
                customer_standing.ban(self.shop, one.id, "Stole", by=self.by, key=new_key())
        except Erased:
            assert one.root.erased
            return
        assert not one.root.erased
        one.root.banned = not off
        for member in self._members(one.root) if off else ():
            member.banned = False

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def change_his_mind(self, data: st.DataObject) -> None:
        """About being written to; that is his own, whoever was merged into him."""
        one = self._one(data).root
        if one.erased:
            return
        form = customers.get(self.shop, one.id, by=self.by).form
        customers.save(self.shop, replace(form, phone_opt_in=not one.agreed), by=self.by)
        one.agreed = not one.agreed

    @precondition(lambda self: len(self.people) > 1)
    @rule(data=st.data(), sure=st.integers(0, 2))
    def erase(self, data: st.DataObject, sure: int) -> None:
        """Now and then; with all who are one with him."""
        if sure:
            return
        one = self._one(data)
        try:
            customer_erase.erase(self.shop, one.id, by=self.by)
        except Erased:
            assert one.root.erased
            return
        assert not one.root.erased
        for member in self._members(one.root):
            member.erased, member.into, member.banned, member.agreed = True, None, False, False

    @invariant()
    def everybody_has_what_is_his(self) -> None:
        """By root and members, whichever of them is asked for."""
        for one in self.people:
            members = self._members(one.root)
            assert root_of(one.id) == one.root.id, "who he is"
            assert members_of(one.root.id) == tuple(member.id for member in members), "who is one with him"
            found = customers.get(self.shop, one.id, by=self.by)
            open_cards = [card for member in members for card in member.cards if not one.root.erased]
            assert found.cards == tuple(card.code for card in open_cards if card.code), "cards"
            assert (found.banned is not None) == any(member.banned for member in members), "banned"
            held = sum(card.points for member in members for card in member.cards)
            assert points.held(self.shop, one.id) == held, "points"
            bought = {sale: total for member in members for sale, total in member.sales.items()}
            rows = customer_history.sales(self.shop, one.id, by=self.by)
            assert {row.sale: row.total.minor for row in rows} == bought, "receipts"
            self._is_found(one)

    @invariant()
    def nothing_was_rewritten(self) -> None:
        """Each sale, card and point belongs to whom it belonged to when it came."""
        if not hasattr(self, "by"):
            return
        expected = {sale: one.id for one in self.people for sale in one.sales} | dict.fromkeys(self.nobodys)
        assert dict(db.rows("SELECT id, customer FROM sale")) == expected, "rewritten"
        for one in self.people:
            found = db.rows(
                "SELECT COALESCE(card.code, ''), COALESCE(account.balance, 0) FROM card "
                "LEFT JOIN account ON account.kind = 'pts' AND account.owner = card.id "
                "WHERE card.customer = ? ORDER BY card.id",
                (one.id,),
            )
            assert found == [(card.code, card.points) for card in one.cards], "rewritten"

    def _is_found(self, one: Person) -> None:
        hits = [hit.id for hit in customer_search.search(self.shop, one.word, by=self.by)]
        assert hits == ([] if one.erased else [one.root.id]), "found by his name"
        for card in one.cards:
            if card.code:
                whose = None if one.erased else one.root.id
                assert customers.by_code(self.shop, card.code) == whose, "found by his card"
        last = consents.history(self.shop, one.id, by=self.by) if one.root is one else ()
        said = [consent.given for consent in last if consent.channel is Channel.PHONE and consent.of_now]
        if one.agreed and one.root is one and len(self._members(one)) == 1:
            assert said[:1] == [True], "agreed"

    def _members(self, root: Person) -> list[Person]:
        found = [root]
        for one in found:
            found += sorted((other for other in self.people if other.into is one), key=lambda other: other.id)
        return found

    def _one(self, data: st.DataObject) -> Person:
        return data.draw(st.sampled_from(self.people), label="customer")

    def _adjust(self, one: Person, amount: int, *, add: bool) -> None:
        points.adjust(self.shop, one.id, amount, add=add, reason="Goodwill", key=new_key(), by=self.by)
