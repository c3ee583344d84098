"""Every verb that needs a right stands before its door itself: whoever may not, does nothing by it, whatever asks."""

from __future__ import annotations

import importlib
import inspect
import io
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import kiosk.services
from kiosk import db
from kiosk.errors import Denied, Locked, NeedsApproval, ShopError, WrongPin
from kiosk.money import ONE, Money, Percent
from kiosk.receipts.report import Report
from kiosk.rules import basket as baskets
from kiosk.rules import permissions
from kiosk.rules.basket import EMPTY, Basket, Discount, Item
from kiosk.rules.drawer import Count, Purpose
from kiosk.rules.map_grid import Grid, Place
from kiosk.rules.permissions import Action, Role, State
from kiosk.rules.spans import Span
from kiosk.rules.tender import Given
from kiosk.services import (
    cash,
    catalogue_edit,
    catalogue_tax,
    consents,
    credit_notes,
    customer_erase,
    customer_export,
    customer_history,
    customer_lists,
    customer_map,
    customer_merge,
    customer_search,
    customer_standing,
    customer_transfer,
    customer_transfer_undo,
    customer_twins,
    customers,
    defaults,
    documents,
    drafts,
    drawer,
    history,
    parked,
    past_reports,
    pins,
    points,
    report_files,
    reports,
    returns,
    sales,
    settings,
    shifts,
    staff,
    training,
    transfer,
    transfer_articles,
)
from kiosk.services.catalogue_rows import ArticleForm
from kiosk.services.catalogue_tax import CategoryForm, Rate, TaxForm
from kiosk.services.customer_rows import Channel, CustomerForm
from kiosk.services.sales import Sold
from kiosk.services.shop import Shop, change_settings, new_key, put_settings
from kiosk.services.staff import PersonForm
from tests.services.journey import Till

Deed = Callable[[str, str], object]
"""Given who does it and the deed's key."""


@dataclass
class World:
    """A shop with an owner, the cashier who tries, and another cashier."""

    till: Till
    folder: Path
    owner: str
    clerk: str
    ben: str
    bread: Item

    @property
    def shop(self) -> Shop:
        return self.till.shop

    @property
    def loaf(self) -> Basket:
        return baskets.add(EMPTY, self.bread)

    def sold(self) -> Sold:
        """A sale of now, by the owner."""
        return self.till.sell(self.loaf, self.till.cash(450), by=self.owner)

    def paid(self, basket: Basket, *given: Given) -> Deed:
        """The sale of a basket."""
        return lambda by, key: sales.close_sale(self.shop, basket, given, key=key, by=by)

    def giving_back(self, basket: Basket) -> Deed:
        """Money for a basket that comes back."""
        backs = returns.plan(self.shop, basket)
        return self.paid(basket, *(Given(back.tender, -back.amount, original=back.original) for back in backs))

    def closed(self) -> None:
        """No day is open."""
        if shifts.now(self.shop, self.owner).shift is not None:
            shifts.close_shift(self.shop, Count(Money(0)), key=new_key(), by=self.owner)

    def report(self) -> Report:
        """Some figures."""
        return reports.read(self.shop, "days", self.today, by=self.owner)

    def customers(self) -> Report:
        """A list that names customers."""
        return customer_lists.read(self.shop, "best", self.today, by=self.owner)

    @property
    def today(self) -> Span:
        return Span(self.shop.clock.today(), self.shop.clock.today())


@dataclass(frozen=True)
class Attempt:
    """One verb before one door; ``make`` prepares what it needs, by whoever may."""

    verb: str
    action: Action
    make: Callable[[World], Deed]


def _discounted(world: World) -> Deed:
    world.till.change(discount_threshold=1000)
    half = baskets.discount_all(world.loaf, Discount(percent=Percent(5000), reason="Staff"))
    return world.paid(half, world.till.cash(225))


def _little_off(world: World) -> Deed:
    world.till.change(discount_threshold=1000)
    less = baskets.discount_all(world.loaf, Discount(percent=Percent(1000), reason="Staff"))
    return world.paid(less, world.till.cash(405))


def _repriced(world: World) -> Deed:
    basket = baskets.set_price(world.loaf, 1, Money(300))
    return world.paid(basket, world.till.cash(300))


def _returned(world: World) -> Deed:
    basket = returns.take_back(world.shop, EMPTY, world.sold().sale, {1: ONE}, reason="Faulty")
    return world.giving_back(basket)


def _returned_loose(world: World) -> Deed:
    world.till.change(return_cash_without_receipt=True)
    line = returns.without_receipt(world.shop, world.bread, ONE, reason="Faulty")
    return world.giving_back(baskets.take_back(EMPTY, line))


def _noted(world: World) -> Deed:
    """A credit note is there."""
    world.till.change(return_cash_without_receipt=False)
    line = returns.without_receipt(world.shop, world.bread, ONE, reason="Faulty")
    world.giving_back(baskets.take_back(EMPTY, line))(world.owner, new_key())
    ((code,),) = db.rows("SELECT code FROM card")
    return lambda by, _key: credit_notes.find(world.shop, code, by=by)


def _voided(world: World) -> Deed:
    sold = world.sold()
    return lambda by, key: returns.void_sale(world.shop, sold.sale, reason="Typo", key=key, by=by)


def _opened(world: World) -> Deed:
    world.closed()
    return lambda by, key: shifts.open_shift(world.shop, Count(Money(10_000)), key=key, by=by)


def _closed(world: World) -> Deed:
    world.sold()
    return lambda by, key: shifts.close_shift(world.shop, Count(Money(10_000)), key=key, by=by)


def _read(world: World) -> Deed:
    world.sold()
    return lambda by, key: shifts.read_x(world.shop, key=key, by=by)


def _so_far(world: World) -> Deed:
    world.sold()
    return lambda by, key: past_reports.so_far(world.shop, by, key=key)


def _reread(world: World) -> Deed:
    world.sold()
    read = shifts.read_x(world.shop, key=new_key(), by=world.owner)
    return lambda by, key: past_reports.reprint(world.shop, read, key=key, by=by)


def _to_safe(world: World) -> Deed:
    world.sold()
    shifts.count(world.shop, Count(Money(50_000)), key=new_key(), by=world.owner)
    return lambda by, key: shifts.close_shift(world.shop, Count(Money(50_000)), to_safe=Money(100), key=key, by=by)


def _out(purpose: Purpose) -> Callable[[World], Deed]:
    def make(world: World) -> Deed:
        shifts.count(world.shop, Count(Money(50_000)), key=new_key(), by=world.owner)
        return lambda by, key: cash.pay_out(world.shop, Money(100), purpose, reason="Stamps", key=key, by=by)

    return make


def _saved(world: World) -> Deed:
    report = world.report()
    return lambda by, _key: report_files.note_saved(world.shop, report, "turnover.csv", by=by)


def _printed(world: World) -> Deed:
    report = world.report()
    return lambda by, _key: report_files.print_report(world.shop, report, by=by)


def _points(world: World) -> Deed:
    """Points of a customer, by hand."""
    mara = customers.save(world.shop, CustomerForm(name="Mara"), by=world.owner).id
    return lambda by, key: points.adjust(world.shop, mara, 20, add=True, reason="Goodwill", key=key, by=by)


def _seen(verb: Callable[..., object]) -> Callable[[World], Deed]:
    """What is known of a customer."""

    def make(world: World) -> Deed:
        mara = customers.save(world.shop, CustomerForm(name="Mara"), by=world.owner).id
        return lambda by, _key: verb(world.shop, mara, by=by)

    return make


def _to_mara(deed: Callable[..., object], **more: object) -> Callable[[World], Deed]:
    """Something that is done to a customer, with a key."""

    def make(world: World) -> Deed:
        mara = customers.save(world.shop, CustomerForm(name="Mara"), by=world.owner).id
        return lambda by, key: deed(world.shop, mara, **more, by=by, key=key)

    return make


def _merged(world: World) -> Deed:
    mara, ben = (customers.save(world.shop, CustomerForm(name=name), by=world.owner).id for name in ("Mara", "Ben"))
    return lambda by, key: customer_merge.merge(world.shop, ben, mara, by=by, key=key)


def _parted(world: World) -> Deed:
    _merged(world)(world.owner, new_key())
    ((ben,),) = db.rows("SELECT id FROM customer WHERE merged_into IS NOT NULL")
    return lambda by, key: customer_merge.unmerge(world.shop, ben, by=by, key=key)


def _reprinted(world: World) -> Deed:
    sold = world.sold()
    return lambda by, _key: history.reprint(world.shop, sold.sale, by=by)


def _parked(deed: Callable[[Shop, str, str, str], object]) -> Callable[[World], Deed]:
    """Something that is done to a sale that the owner parked and locked; given the sale, by and key."""

    def make(world: World) -> Deed:
        draft = drafts.Draft(new_key(), world.loaf)
        parked.park(world.shop, draft, "Luc", by=world.owner)
        parked.lock(world.shop, draft.key, by=world.owner)
        return lambda by, key: deed(world.shop, draft.key, by, key)

    return make


def _restored(world: World) -> Deed:
    made = world.till.article("Old", 100, number="900")
    catalogue_edit.archive(world.shop, made.article, by=world.owner, key=new_key())
    return lambda by, key: catalogue_edit.restore(world.shop, made.article, by=by, key=key)


def _imported(world: World) -> Path:
    path = world.folder / "articles.csv"
    path.write_text("number,name,price,tax,unit\n777,Cake,2.50,A,piece\n", encoding="utf-8")
    return path


def _people(world: World) -> Path:
    path = world.folder / "customers.csv"
    path.write_text("number,name\n777,Maria\n", encoding="utf-8")
    return path


def _taken_in(deed: Callable[[Shop, str, str], object]) -> Callable[[World], Deed]:
    """Something that is done to an import of customers."""

    def make(world: World) -> Deed:
        done = customer_transfer.import_customers(world.shop, _people(world), dry_run=False, by=staff.ROOT)
        return lambda by, _key: deed(world.shop, done.id, by)

    return make


def _put(world: World) -> Deed:
    def put(by: str, _key: str) -> None:
        with db.transaction():
            put_settings(world.shop, {"name": "Clerk's"}, by=by)

    return put


def _tax(world: World) -> TaxForm:
    return TaxForm("A", "Full", (Rate(world.shop.clock.today(), Percent(2000)),))


def _person(deed: Callable[[Shop, str, str], object]) -> Callable[[World], Deed]:
    """Something that is done to the other cashier."""
    return lambda world: lambda by, _key: deed(world.shop, world.ben, by)


def _shop(deed: Callable[[Shop, str, str], object]) -> Callable[[World], Deed]:
    """Something that needs nothing before; given by and key."""
    return lambda world: lambda by, key: deed(world.shop, by, key)


EDIT, STAFF, ARTICLES = Action.EDIT_SETTINGS, Action.EDIT_STAFF, Action.EDIT_CATALOGUE

ATTEMPTS = (
    Attempt("sales.close_sale", Action.SELL, lambda world: world.paid(world.loaf, world.till.cash(450))),
    Attempt("sales.close_sale", Action.DISCOUNT, _little_off),
    Attempt("sales.close_sale", Action.DISCOUNT_OVER_THRESHOLD, _discounted),
    Attempt("sales.close_sale", Action.PRICE_CHANGE, _repriced),
    Attempt("sales.close_sale", Action.RETURN, _returned),
    Attempt("sales.close_sale", Action.RETURN_WITHOUT_RECEIPT, _returned_loose),
    Attempt("returns.void_sale", Action.VOID_SALE, _voided),
    Attempt("drawer.open_without_sale", Action.OPEN_DRAWER, _shop(
        lambda shop, by, key: drawer.open_without_sale(shop, by=by, reason="Change", key=key))),
    Attempt("cash.pay_in", Action.PAID_IN, _shop(
        lambda shop, by, key: cash.pay_in(shop, Money(100), Purpose.BANK, key=key, by=by))),
    Attempt("cash.pay_out", Action.PAID_OUT, _out(Purpose.OTHER)),
    Attempt("cash.pay_out", Action.SAFE_DROP, _out(Purpose.SAFE)),
    Attempt("shifts.open_shift", Action.OPEN_SHIFT, _opened),
    Attempt("shifts.count", Action.COUNT_CASH, _shop(
        lambda shop, by, key: shifts.count(shop, Count(Money(1)), key=key, by=by))),
    Attempt("shifts.read_x", Action.READ_X, _read),
    Attempt("past_reports.reprint", Action.READ_X, _reread),
    Attempt("past_reports.reports", Action.READ_X, _shop(
        lambda shop, by, key: past_reports.reports(shop, by=by, key=key))),
    Attempt("past_reports.so_far", Action.READ_X, _so_far),
    Attempt("shifts.close_shift", Action.CLOSE_SHIFT, _closed),
    Attempt("shifts.close_shift", Action.SAFE_DROP, _to_safe),
    Attempt("credit_notes.find", Action.SELL, _noted),
    Attempt("points.adjust", Action.ADJUST_POINTS, _points),
    Attempt("customer_history.sales", Action.SEE_CUSTOMERS, _seen(customer_history.sales)),
    Attempt("customer_history.loyalty", Action.SEE_CUSTOMERS, _seen(customer_history.loyalty)),
    Attempt("customer_history.summary", Action.SEE_CUSTOMERS, _seen(customer_history.summary)),
    Attempt("customers.save", Action.EDIT_CUSTOMERS, _shop(
        lambda shop, by, _key: customers.save(shop, CustomerForm(name="New"), by=by))),
    Attempt("customers.get", Action.SEE_CUSTOMERS, _seen(customers.get)),
    Attempt("customers.to_serve", Action.SEE_CUSTOMERS, _seen(customers.to_serve)),
    Attempt("customer_twins.twins", Action.SEE_CUSTOMERS, _shop(
        lambda shop, by, _key: customer_twins.twins(shop, CustomerForm(name="New"), by=by))),
    Attempt("consents.history", Action.SEE_CUSTOMERS, _seen(consents.history)),
    Attempt("consents.print_proof", Action.SEE_CUSTOMERS, _seen(consents.print_proof)),
    Attempt("documents.of", Action.SEE_CUSTOMERS, _seen(documents.of)),
    Attempt("customer_merge.parts", Action.SEE_CUSTOMERS, _seen(customer_merge.parts)),
    Attempt("customer_merge.merge", Action.MERGE_CUSTOMERS, _merged),
    Attempt("customer_merge.unmerge", Action.MERGE_CUSTOMERS, _parted),
    Attempt("customer_standing.ban", Action.BAN_CUSTOMERS, _to_mara(customer_standing.ban, reason="Stole")),
    Attempt("customer_standing.unban", Action.BAN_CUSTOMERS, _to_mara(customer_standing.unban)),
    Attempt("customer_erase.erase", Action.ERASE_CUSTOMERS, _seen(customer_erase.erase)),
    Attempt("customer_export.everything", Action.EXPORT_CUSTOMERS, _seen(
        lambda shop, mara, by: customer_export.everything(shop, mara, io.StringIO(), by=by))),
    Attempt("history.reprint", Action.REPRINT, _reprinted),
    Attempt("reports.read", Action.SEE_REPORTS, lambda world: lambda by, _key: reports.read(
        world.shop, "days", world.today, by=by)),
    Attempt("reports.choices", Action.SEE_REPORTS, _shop(lambda shop, by, _key: reports.choices(shop, by))),
    Attempt("report_files.print_report", Action.SEE_REPORTS, _printed),
    Attempt("report_files.note_saved", Action.SEE_REPORTS, _saved),
    Attempt("report_files.note_saved", Action.EXPORT_CUSTOMERS, lambda world: lambda by, _key: report_files.note_saved(
        world.shop, world.customers(), "best.csv", by=by)),
    Attempt("report_files.print_report", Action.SEE_CUSTOMERS, lambda world: lambda by, _key: report_files.print_report(
        world.shop, world.customers(), by=by)),
    Attempt("customer_lists.read", Action.SEE_REPORTS, lambda world: lambda by, _key: customer_lists.read(
        world.shop, "new", world.today, by=by)),
    Attempt("customer_lists.read", Action.SEE_CUSTOMERS, lambda world: lambda by, _key: customer_lists.read(
        world.shop, "best", world.today, by=by)),
    Attempt("customer_lists.read", Action.EXPORT_CUSTOMERS, lambda world: lambda by, _key: customer_lists.read(
        world.shop, "best", world.today, export=True, by=by)),
    Attempt("customer_map.look", Action.SEE_REPORTS, _shop(
        lambda shop, by, _key: customer_map.look(shop, 4, 8, by=by))),
    Attempt("customer_map.who", Action.SEE_CUSTOMERS, _shop(
        lambda shop, by, _key: customer_map.who(shop, Grid(Place(0, 0), 1000, 4, 8), 1, 1, by=by))),
    Attempt("customer_map.write_geojson", Action.SEE_REPORTS, _shop(
        lambda shop, by, _key: customer_map.write_geojson(shop, io.StringIO(), by=by))),
    Attempt("customer_map.note_saved", Action.SEE_REPORTS, _shop(
        lambda shop, by, _key: customer_map.note_saved(shop, "map.geojson", by=by))),
    Attempt("parked.park", Action.SELL, lambda world: lambda by, _key: parked.park(
        world.shop, drafts.Draft(new_key(), world.loaf), "Luc", by=by)),
    Attempt("parked.waiting", Action.SELL, _shop(lambda shop, by, _key: parked.waiting(shop, by=by))),
    Attempt("parked.look_into", Action.SELL, _parked(
        lambda shop, sale, by, _key: parked.look_into(shop, sale, by=by))),
    Attempt("parked.print_ticket", Action.SELL, _parked(
        lambda shop, sale, by, _key: parked.print_ticket(shop, sale, by=by))),
    Attempt("parked.recall", Action.SELL, _parked(
        lambda shop, sale, by, key: parked.recall(shop, sale, by=by, key=key))),
    Attempt("parked.delete", Action.VOID_LINE, _parked(
        lambda shop, sale, by, key: parked.delete(shop, sale, by=by, key=key))),
    Attempt("parked.rename", Action.SELL, _parked(
        lambda shop, sale, by, key: parked.rename(shop, sale, "Mine", by=by, key=key))),
    Attempt("parked.write_note", Action.SELL, _parked(
        lambda shop, sale, by, key: parked.write_note(shop, sale, "Mine", by=by, key=key))),
    Attempt("parked.lock", Action.SELL, _parked(
        lambda shop, sale, by, key: parked.lock(shop, sale, by=by, key=key))),
    Attempt("parked.unlock", Action.SELL, _parked(
        lambda shop, sale, by, key: parked.unlock(shop, sale, by=by, key=key))),
    Attempt("catalogue_edit.save", ARTICLES, _shop(
        lambda shop, by, key: catalogue_edit.save(shop, ArticleForm("Cheap", "A", price=Money(1)), by=by, key=key))),
    Attempt("catalogue_edit.archive", ARTICLES, lambda world: lambda by, key: catalogue_edit.archive(
        world.shop, world.bread.article, by=by, key=key)),
    Attempt("catalogue_edit.restore", ARTICLES, _restored),
    Attempt("catalogue_tax.save_category", ARTICLES, _shop(
        lambda shop, by, key: catalogue_tax.save_category(shop, CategoryForm(new_key()[:30]), by=by, key=key))),
    Attempt("catalogue_tax.save_tax_code", EDIT, lambda world: lambda by, key: catalogue_tax.save_tax_code(
        world.shop, _tax(world), by=by, key=key)),
    Attempt("settings.settings", EDIT, _shop(lambda shop, by, _key: settings.settings(shop, by=by))),
    Attempt("settings.tenders", EDIT, _shop(lambda shop, by, _key: settings.tenders(shop, by=by))),
    Attempt("settings.set_one", EDIT, _shop(
        lambda shop, by, _key: settings.set_one(shop, "blind_count", "yes", by=by))),
    Attempt("settings.set_tender", EDIT, _shop(
        lambda shop, by, _key: settings.set_tender(shop, "bank", active=False, by=by))),
    Attempt("shop.change_settings", EDIT, _shop(
        lambda shop, by, _key: change_settings(shop, {"name": "Clerk's"}, by=by))),
    Attempt("shop.put_settings", EDIT, _put),
    Attempt("defaults.prepare", EDIT, _shop(lambda shop, by, _key: defaults.prepare(shop, "FR", by=by))),
    Attempt("staff.permission_table", EDIT, _shop(lambda shop, by, _key: staff.permission_table(shop, by=by))),
    Attempt("staff.set_permission", Action.EDIT_PERMISSIONS, _shop(lambda shop, by, _key: staff.set_permission(
        shop, Role.LEAD, Action.STOP_TILL, State.ALLOWED, by=by))),
    Attempt("staff.create", STAFF, _shop(
        lambda shop, by, _key: staff.create(shop, PersonForm("New", Role.CASHIER), by=by))),
    Attempt("staff.change", STAFF, _person(
        lambda shop, ben, by: staff.change(shop, ben, PersonForm("Ben B", Role.CASHIER), by=by))),
    Attempt("staff.reset_pin", STAFF, _person(lambda shop, ben, by: staff.reset_pin(shop, ben, "9876", by=by))),
    Attempt("staff.set_badge", STAFF, _person(lambda shop, ben, by: staff.set_badge(shop, ben, "TOKEN123", by=by))),
    Attempt("staff.make_badge", STAFF, _person(lambda shop, ben, by: staff.make_badge(shop, ben, by=by))),
    Attempt("staff.unlock", Action.UNLOCK_STAFF, _person(lambda shop, ben, by: staff.unlock(shop, ben, by=by))),
    Attempt("staff.deactivate", STAFF, _person(lambda shop, ben, by: staff.deactivate(shop, ben, by=by))),
    Attempt("staff.activate", STAFF, _person(lambda shop, ben, by: staff.activate(shop, ben, by=by))),
    Attempt("customer_search.search", Action.SEE_CUSTOMERS, _shop(
        lambda shop, by, _key: customer_search.search(shop, "ann", by=by))),
    Attempt("training.check", Action.TRAIN, _shop(lambda shop, by, _key: training.check(shop, by=by))),
    Attempt("customer_transfer.import_steps", Action.IMPORT, lambda world: lambda by, _key: list(
        customer_transfer.import_steps(world.shop, _people(world), dry_run=False, by=by))),
    Attempt("customer_transfer.import_customers", Action.IMPORT, lambda world: lambda by, _key:
        customer_transfer.import_customers(world.shop, _people(world), dry_run=False, by=by)),
    Attempt("customer_transfer.export_customers", Action.EXPORT_CUSTOMERS, _shop(
        lambda shop, by, _key: customer_transfer.export_customers(shop, io.StringIO(), by=by))),
    Attempt("customer_transfer.export_mailing", Action.EXPORT_CUSTOMERS, _shop(
        lambda shop, by, _key: customer_transfer.export_mailing(shop, Channel.EMAIL, io.StringIO(), by=by))),
    Attempt("customer_transfer.note_export", Action.EXPORT_CUSTOMERS, _shop(
        lambda shop, by, _key: customer_transfer.note_export(shop, "customers", 1, by=by))),
    Attempt("customer_transfer_undo.imports", Action.IMPORT, _shop(
        lambda shop, by, _key: customer_transfer_undo.imports(shop, by=by))),
    Attempt("customer_transfer_undo.undo_steps", Action.IMPORT, _taken_in(
        lambda shop, import_id, by: list(customer_transfer_undo.undo_steps(shop, import_id, by=by)))),
    Attempt("customer_transfer_undo.undo_import", Action.IMPORT, _taken_in(
        lambda shop, import_id, by: customer_transfer_undo.undo_import(shop, import_id, by=by))),
    Attempt("transfer.export_ledger", Action.EXPORT_CUSTOMERS, _shop(
        lambda shop, by, _key: transfer.export_ledger(shop, io.StringIO(), layout="jsonl", by=by))),
    Attempt("transfer.export_ledger", Action.EXPORT, _shop(
        lambda shop, by, _key: transfer.export_ledger(shop, io.StringIO(), layout="jsonl", by=by))),
    Attempt("transfer.export_sales", Action.EXPORT, _shop(
        lambda shop, by, _key: transfer.export_sales(shop, io.StringIO(), layout="csv", by=by))),
    Attempt("transfer_articles.export_articles", Action.EXPORT, _shop(
        lambda shop, by, _key: transfer_articles.export_articles(shop, io.StringIO(), by=by))),
    Attempt("transfer_articles.import_steps", Action.IMPORT, lambda world: lambda by, _key: list(
        transfer_articles.import_steps(world.shop, _imported(world), dry_run=False, by=by))),
    Attempt("transfer_articles.import_articles", Action.IMPORT, lambda world: lambda by, _key:
        transfer_articles.import_articles(world.shop, _imported(world), dry_run=False, by=by)),
)  # fmt: skip

PASSED_ON = {
    "demo_customers.add_customers": "saves by customers.save and others here, in a shop that it makes itself",
    "demo_customers.give_points": "gives by points.adjust, in a shop that it makes itself",
    "training.begin": "stands behind training.check",
    "training.prepare": "stands behind training.check",
}
"""Verbs that others here stand before the door for."""

INSIDE = {
    "cards.issue_in", "consents.record_in", "credit_notes.issue_in", "customer_erase.empty_in",
    "customer_merge.close_in", "customers.put_in", "customers.save_in", "figures.collect", "give_back.require",
    "journal.add_note", "journal.add_notes", "journal.note", "ledger.post", "pins.proven", "sale_rows.make",
    "shift_rows.in_shift", "shift_rows.left_behind", "shift_rows.start", "shifts.close_unseen", "shop.add_version",
}  # fmt: skip
"""Parts of deeds: the verb that calls them stood before the door."""

FOR_EVERYBODY = {
    "payments.answer_pending", "payments.begin_pending", "payments.return_pending", "sales.check_age",
    "shifts.counts_blind", "shifts.now", "staff.approve", "staff.require",
}  # fmt: skip
"""What moves no value and says who did it, or is the door itself; ``shifts.now`` tells what the drawer must hold."""


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "_MEMORY_KIB", 64)


@pytest.fixture
def world(till: Till, tmp_path: Path) -> World:
    made = {name: staff.create(till.shop, PersonForm(name, role), by=staff.ROOT, pin="4711").id for name, role in (
        ("Otto", Role.OWNER), ("Clerk", Role.CASHIER), ("Ben", Role.CASHIER))}  # fmt: skip
    return World(till, tmp_path, made["Otto"], made["Clerk"], made["Ben"], till.article("Bread", 450, number="101"))


def everything() -> dict[str, list[str]]:
    """All that the database holds."""
    names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    if db.on_postgres():
        names = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    return {table: sorted(map(repr, db.rows(f'SELECT * FROM "{table}"'))) for (table,) in db.rows(names)}


def only(world: World, action: Action, state: State) -> None:
    """A cashier may do everything that a cashier can be allowed, but this one thing as said."""
    for one in Action:
        wanted = state if one is action else State.ALLOWED
        if one is not Action.EDIT_PERMISSIONS:
            staff.set_permission(world.shop, Role.CASHIER, one, wanted, by=world.owner)


def refused(deed: Deed, by: str) -> ShopError:
    """What a deed is refused with; the books are as they were."""
    before = everything()
    with pytest.raises((Denied, NeedsApproval)) as error:
        deed(by, new_key())
    assert everything() == before
    return error.value


@pytest.mark.requirement("D7-02", "T-23")
@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda one: f"{one.verb}-{one.action}")
def test_a_verb_stands_before_its_door(world: World, attempt: Attempt) -> None:
    """Denied, only after another person's PIN, and done: the last shows that nothing else was in the way."""
    only(world, attempt.action, State.DENIED)
    deed = attempt.make(world)
    assert refused(deed, world.clerk) == Denied(action=attempt.action)
    assert refused(deed, "nobody") == refused(deed, world.till.technician)
    if attempt.action in permissions.ASKED_ON_THE_SPOT:
        only(world, attempt.action, State.APPROVAL)
        assert refused(deed, world.clerk) == NeedsApproval(action=attempt.action)
        key = new_key()
        staff.approve(world.shop, world.owner, "4711", attempt.action, world.clerk, key=key)
        if "key" in inspect.signature(verb_of(attempt.verb)).parameters:
            deed(world.clerk, key)
        return
    only(world, attempt.action, State.ALLOWED)
    deed(world.owner if attempt.action is Action.EDIT_PERMISSIONS else world.clerk, new_key())


@pytest.mark.requirement("D7-02")
def test_whoever_may_do_nothing_does_nothing(world: World) -> None:
    deeds = [attempt.make(world) for attempt in ATTEMPTS if attempt.action is not Action.OPEN_SHIFT]
    for action in Action:
        if action is not Action.EDIT_PERMISSIONS:
            staff.set_permission(world.shop, Role.CASHIER, action, State.DENIED, by=world.owner)
    before = everything()
    for deed in deeds:
        with pytest.raises(Denied):
            deed(world.clerk, new_key())
    assert everything() == before


def verb_of(name: str) -> Callable[..., Any]:
    module, _dot, verb = name.partition(".")
    found: Callable[..., Any] = getattr(importlib.import_module(f"kiosk.services.{module}"), verb)
    return found


def test_no_verb_is_forgotten() -> None:
    """Every public verb of the services that is told who asks stands in one of the tables here."""
    found = set()
    for module in pkgutil.iter_modules(kiosk.services.__path__):
        room = importlib.import_module(f"kiosk.services.{module.name}")
        for name, verb in vars(room).items():
            if name.startswith("_") or not inspect.isfunction(verb) or verb.__module__ != room.__name__:
                continue
            parameters = list(inspect.signature(verb).parameters)
            if parameters[:1] == ["shop"] and "by" in parameters:
                found.add(f"{module.name}.{name}")
    known = {attempt.verb for attempt in ATTEMPTS} | PASSED_ON.keys() | INSIDE | FOR_EVERYBODY
    assert found - known == set(), "say before which door they stand"
    assert known - found == set(), "no such verbs"


@pytest.mark.requirement("D7-03")
def test_wrong_pins_of_signing_in_and_of_approving_count_together_across_restarts(world: World) -> None:
    shop, boss, clerk = world.shop, world.owner, world.clerk

    def restart() -> None:
        """And long after that: whoever waits is let try again."""
        pins.waits = pins.Waits(elapsed=lambda: waited[0])
        staff.people(shop)
        waited[0] += pins.LONGEST_WAIT

    def signs_in() -> object:
        return staff.sign_in(shop, boss, pin)

    def approves() -> object:
        return staff.approve(shop, boss, pin, Action.OPEN_DRAWER, clerk, key=new_key())

    waited, before, pin = [0.0], pins.waits, "0000"
    try:
        restart()
        for failed in range(1, pins.MOST_FAILURES + 1):
            attempt = signs_in if failed % 2 else approves
            with pytest.raises((WrongPin, Locked)) as refusal:
                attempt()
            assert db.rows("SELECT failures FROM staff WHERE id = ?", (boss,)) == [(failed,)]
            restart()
        assert refusal.value == Locked(wait_seconds=None)
        pin = "4711"
        for attempt in (signs_in, approves):
            waited[0] += 24 * 3600
            with pytest.raises(Locked) as locked:
                attempt()
            assert locked.value == Locked(wait_seconds=None)
        assert db.rows("SELECT * FROM approval") == []
    finally:
        pins.waits = before
