"""The demo shop: all that the till can sell, people with PINs, and days of history that verify."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kiosk import db
from kiosk.clock import Clock
from kiosk.money import Money, Quantity
from kiosk.rules import codes
from kiosk.rules.basket import LineKind, Unit
from kiosk.rules.spans import Span
from kiosk.services import (
    catalogue,
    customer_lists,
    customer_map,
    customers,
    demo,
    history,
    parked,
    points,
    printing,
    sales,
    shift_rows,
    shifts,
    signing,
    staff,
)
from kiosk.services.keys import Keys
from kiosk.services.shop import Shop, load_shop
from kiosk.services.verify import verify
from tests.services.conftest import FixedTime


def count(table: str, where: str = "1 = 1") -> int:
    return int((db.row(f"SELECT COUNT(*) FROM {table} WHERE {where}") or (0,))[0])


def test_a_demo_shop_has_everything_to_try(shop: Shop) -> None:
    made = demo.fill(shop, days=1, seed=1)
    assert made.shop.settings.name == "Boulangerie du Parc"
    assert (made.shop.settings.language, made.shop.settings.currency) == ("en", "EUR")
    assert (count("article"), count("category")) == (120, 11)
    assert count("article", "unit = 'kg'") >= 10
    assert count("article", "minimum_age = 18") == 7
    assert count("article", "price IS NULL") == 2
    assert count("article", "kind = 'deposit'") == 1
    assert count("article", "archived = 1") == 0
    assert {row[0] for row in db.rows("SELECT DISTINCT tax FROM article")} == {"A", "B", "C", "D", "Z"}
    barcodes = [row[0] for row in db.rows("SELECT code FROM barcode")]
    assert len(barcodes) > 80
    assert [code for code in barcodes if not codes.is_gtin(code) or not code.startswith("952")] == []
    assert [one.key for one in catalogue.quick(made.shop)] == [str(key) for key in range(1, 10)]
    assert [tender.code for tender in sales.tenders(made.shop)] == [
        "cash", "card", "ticket", "bank", "voucher",
    ]  # fmt: skip


@pytest.mark.requirement("D7-01")
def test_the_people_of_the_demo_sign_in_with_the_pins_that_are_shown(shop: Shop) -> None:
    made = demo.fill(shop, days=0)
    known = {person.name: person for person in staff.people(made.shop)}
    assert [(name, known[name].role, pin) for name, _role, pin in made.people] == [
        ("Ann", "cashier", "1111"),
        ("Ben", "lead", "2222"),
        ("Mara", "manager", "3333"),
        ("Otto", "owner", "4444"),
    ]
    for name, _role, pin in made.people:
        assert staff.sign_in(made.shop, known[name].id, pin).name == name


@pytest.mark.requirement("D1-02", "D1-03", "D1-11")
def test_the_codes_of_the_demo_mean_what_is_said(shop: Shop) -> None:
    made = demo.fill(shop, days=0)
    items = [catalogue.find(made.shop, code) for code, _text in made.codes]
    bread, milk, wine, ham, cheese, open_price = (item for item in items if item is not None)
    assert (bread.text, bread.price) == ("Pain de campagne", Money(350))
    assert (milk.text, milk.price) == ("Lait entier 1 L", Money(129))
    assert (wine.text, wine.minimum_age) == ("Bordeaux rouge 75 cl", 18)
    assert (ham.unit, ham.quantity) == (Unit.KILOGRAM, Quantity(350))
    assert (cheese.unit, cheese.price) == (Unit.PIECE, Money(623))
    assert (open_price.price, open_price.highest_price, open_price.kind) == (None, Money(10_000), LineKind.GOODS)


def test_the_days_of_the_demo_are_in_the_books(shop: Shop, time: FixedTime) -> None:
    made = demo.fill(shop, days=3, seed=2)
    assert db.rows("SELECT business_date, COUNT(*) FROM sale GROUP BY business_date ORDER BY 1") == [
        ("2026-11-17", demo.SALES_A_DAY),
        ("2026-11-18", demo.SALES_A_DAY),
        ("2026-11-19", demo.SALES_A_DAY),
    ]
    assert verify().ok
    assert count("entry", "clock_suspect = 1") == 0
    assert {row[0] for row in db.rows("SELECT DISTINCT tender FROM sale_tender")} >= {"cash", "card"}
    assert printing.waiting(made.shop) == 0
    assert printing.next_job(made.shop) is None
    assert len(history.find(made.shop, "")) == 3 * demo.SALES_A_DAY
    time.move(minutes=1)
    article = catalogue.find(made.shop, "101")
    assert article is not None


@pytest.mark.requirement("D6-01", "D6-05")
def test_each_day_of_the_demo_was_opened_and_closed_and_today_is_open_with_its_float(shop: Shop) -> None:
    made = demo.fill(shop, days=3, seed=2)
    closed = shifts.reports(made.shop, by=staff.ROOT)
    assert [(row.number, row.business_date, row.by, row.proof_ok) for row in closed] == [
        (3, "2026-11-19", "Ben", True),
        (2, "2026-11-18", "Ben", True),
        (1, "2026-11-17", "Ben", True),
    ]
    assert [abs(row.difference.minor) <= 100 for row in closed if row.difference is not None] == [True] * 3
    assert sum(row.gross.minor for row in closed) == int((db.row("SELECT SUM(total) FROM sale") or (0,))[0])
    safe = db.row("SELECT balance FROM account WHERE kind = 'safe'")
    assert safe is not None
    assert safe[0] > 10_000
    today = shift_rows.current(made.shop)
    assert today is not None
    assert (today.number, today.business_date) == (4, "2026-11-20")
    assert (today.expected, today.counted) == (Money(15_000), Money(15_000))
    assert shift_rows.drawer_balance(made.shop) == Money(15_000)
    assert count("cash_count", "kind = 'open' AND difference <> 0") == 0
    assert signing.first_public(made.shop) is not None
    assert verify(root=signing.first_public(made.shop)).ok


@pytest.mark.requirement("T-01", "U-16")
def test_the_customers_of_the_demo_live_in_one_town_and_belong_to_nobody(shop: Shop) -> None:
    made = demo.fill(shop, days=2, seed=1)
    assert (count("customer"), count("customer", "kind = 'company'"), count("customer", "latitude IS NULL")) == (
        60,
        6,
        0,
    )
    assert count("contact", "channel = 'phone' AND value NOT LIKE '+3363998%' AND value NOT LIKE '+3319900%'") == 0
    assert count("contact", "channel = 'email' AND value NOT LIKE '%@example.org'") == 0
    assert count("consent", "given = 1") > 10
    assert 0 < count("sale", "customer IS NOT NULL") < 2 * demo.SALES_A_DAY
    mara = next(person.id for person in staff.people(made.shop) if person.name == "Mara")
    card = customers.by_code(made.shop, made.codes[-1][0])
    assert card is not None
    assert (customers.get(made.shop, card, by=mara).called, points.held(made.shop, card)) == ("Anne Martin", 25)
    assert [(one.name, one.items) for one in parked.waiting(made.shop, by=mara)] == [("Luc Bernard", 2)]
    soon = customer_lists.read(made.shop, "birthdays", Span(date(2026, 11, 20), date(2026, 11, 26)), by=mara)
    assert {"Anne Martin", "Luc Bernard", "Chloé Dubois"} <= {row[0] for row in soon.rows}
    picture = customer_map.look(made.shop, 19, 78, by=mara)
    assert picture is not None
    assert picture.shown == 60
    assert verify().ok


def test_a_demo_without_a_past_has_its_float_too(shop: Shop) -> None:
    made = demo.fill(shop, days=0)
    assert shift_rows.drawer_balance(made.shop) == Money(15_000)
    assert (shifts.reports(made.shop, by=staff.ROOT), count("shift")) == ((), 1)


def test_a_demo_that_is_made_at_night_has_no_clock_that_goes_back(shop: Shop, time: FixedTime) -> None:
    time.move(hours=-10)
    made = demo.fill(shop, days=1)
    assert count("entry", "clock_suspect = 1") == 0
    assert shifts.now(made.shop, staff.ROOT).clock_says == ""


def test_filling_a_shop_that_has_articles_changes_nothing(shop: Shop) -> None:
    made = demo.fill(shop, days=1)
    before = [
        db.rows(f"SELECT * FROM {table} ORDER BY 1") for table in ("article", "sale", "staff", "setting", "journal")
    ]
    again = demo.fill(made.shop, days=1)
    assert again == made
    assert [
        db.rows(f"SELECT * FROM {table} ORDER BY 1") for table in ("article", "sale", "staff", "setting", "journal")
    ] == before


def test_the_same_seed_sells_the_same(tmp_path: Path) -> None:
    def sold(name: str, seed: int) -> list[object]:
        db.connect(str(tmp_path / name))
        db.migrate()
        shop = load_shop("R1", 1, Keys.in_memory(), clock=Clock(read=FixedTime()))
        demo.fill(shop, days=1, seed=seed)
        whom = db.rows(
            "SELECT customer.number, name, birth_date, latitude, sale.number FROM customer "
            "LEFT JOIN sale ON sale.customer = customer.id ORDER BY 1, 5"
        )
        lines = db.rows(
            "SELECT sale.number, sale.at, sale_line.number, quantity, final FROM sale_line "
            "JOIN sale ON sale.id = sale_line.sale ORDER BY sale.number, position"
        )
        db.disconnect()
        return [*lines, *whom]

    first = sold("one.db", 7)
    assert sold("two.db", 7) == first
    assert sold("three.db", 8) != first
