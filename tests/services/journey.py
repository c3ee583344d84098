"""A till without a screen: what a journey through the services needs, with real verbs only."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kiosk import db
from kiosk.money import Money
from kiosk.rules.basket import Basket, Item
from kiosk.rules.permissions import Role
from kiosk.rules.tender import Given, Tender
from kiosk.services import catalogue, catalogue_edit, payments, sales, staff
from kiosk.services.catalogue_rows import ArticleForm
from kiosk.services.sales import Sold
from kiosk.services.shop import Shop, change_settings, new_key

TENDERS = (
    ("cash", "Cash", "cash", 1, 1, 1, 1, 0),
    ("card", "Bank card", "card", 2, 0, 0, 1, 1),
    ("ticket", "Meal ticket", "ticket", 3, 0, 0, 0, 0),
    ("bank", "Bank transfer", "bank", 4, 0, 0, 1, 0),
    ("voucher", "Credit note", "voucher", 5, 0, 0, 1, 0),
)


@dataclass
class Till:
    """A shop with two people, five tenders and two tax codes."""

    shop: Shop
    ann: str = ""
    technician: str = ""

    def __post_init__(self) -> None:
        with db.transaction():
            db.run_many(
                "INSERT INTO tender "
                "(code, name, kind, position, opens_drawer, gives_change, refundable, asks_terminal) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                TENDERS,
            )
            db.run_many("INSERT INTO tax (code, name, position) VALUES (?, ?, ?)", [("A", "Full", 1), ("B", "Low", 2)])
            db.run_many(
                "INSERT INTO tax_rate (tax, valid_from, rate) VALUES (?, ?, ?)",
                [("A", "2020-01-01", 2000), ("B", "2020-01-01", 1000)],
            )
        self.ann = self.person("Ann Archer", Role.CASHIER)
        self.technician = self.person("Theo", Role.TECHNICIAN)

    def person(self, name: str, role: Role) -> str:
        """Take somebody on."""
        return staff.create(self.shop, staff.PersonForm(name=name, role=role), by=staff.ROOT).id

    def change(self, **settings: Any) -> None:
        """Change settings of the shop."""
        changes: Mapping[str, Any] = settings
        self.shop = change_settings(self.shop, changes, by="root")

    def article(self, name: str, price: int, **more: Any) -> Item:
        """Put an article into the catalogue, and give it as it comes into a basket."""
        form = ArticleForm(name=name, tax="A", price=Money(price), **more)
        made = catalogue_edit.save(self.shop, form, by=staff.ROOT)
        found = catalogue.find(self.shop, made.number)
        assert found is not None
        return found

    def tender(self, code: str) -> Tender:
        """A means of payment."""
        return next(tender for tender in sales.tenders(self.shop) if tender.code == code)

    def cash(self, minor: int) -> Given:
        """So much cash handed over."""
        return Given(self.tender("cash"), Money(minor))

    def ticket(self, minor: int) -> Given:
        """A meal ticket over so much."""
        return Given(self.tender("ticket"), Money(minor))

    def card(self, minor: int) -> Given:
        """A bank card payment that the terminal is about to approve."""
        return Given(self.tender("card"), Money(minor))

    def sell(self, basket: Basket, *given: Given, key: str | None = None, by: str | None = None) -> Sold:
        """Close a sale; a card without an answer of the terminal's is asked and approved when no key is given."""
        chosen = key or new_key()
        seller = by or self.ann
        tenders = given if key else tuple(self._answered(one, chosen, seller) for one in given)
        return sales.close_sale(self.shop, basket, tenders, key=chosen, by=seller)

    def _answered(self, given: Given, key: str, by: str) -> Given:
        if not given.tender.asks_terminal or given.pending:
            return given
        pending = payments.begin_pending(self.shop, key, given.tender.code, given.given, by=by)
        payments.answer_pending(self.shop, pending.id, approved=True, by=by)
        return Given(given.tender, given.given, pending=pending.id)

    def tamper(self, *statements: str) -> None:
        """Do what someone with full access to the database can do: take the guards away, then edit."""
        if db.on_postgres():
            self._tamper_postgres(statements)
            return
        path = db.database.database
        attacker = sqlite3.connect(path)
        for (name,) in attacker.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            attacker.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            attacker.execute(statement)
        attacker.commit()
        attacker.close()

    def _tamper_postgres(self, statements: tuple[str, ...]) -> None:
        import psycopg

        from tests.support.postgres import OWNER, TILL

        with psycopg.connect(db.database.database.replace(TILL, OWNER), autocommit=True) as attacker:
            for (table,) in attacker.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
                attacker.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER'.encode())
            for statement in statements:
                attacker.execute(statement.encode())
