"""The books go out, and others come to the same: hledger by its balances, anyone by the hashes."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk import db
from kiosk.errors import Denied
from kiosk.money import Money, Percent, Quantity
from kiosk.rules import basket as baskets
from kiosk.rules.basket import EMPTY, Discount, Unit
from kiosk.rules.drawer import Count, Purpose
from kiosk.rules.permissions import Action, Role, State
from kiosk.services import (
    cash,
    customer_merge,
    customers,
    demo,
    ledger,
    sale_rows,
    shifts,
    staff,
    transfer,
    transfer_ledger,
)
from kiosk.services.customer_rows import CustomerForm, IdDocument
from kiosk.services.ledger import Account, Line
from kiosk.services.shop import Shop, change_settings, new_key
from tests.services.journey import Till


@pytest.fixture
def busy(till: Till) -> Till:
    """A till with sales by each tender, cash rounding, a discount, points and an odd account."""
    till.change(cash_step=5)
    bread, wine = till.article('=Bread; "rye"', 333), till.article("Wine", 790, unit=Unit.KILOGRAM)
    one = baskets.add(EMPTY, bread)
    till.sell(one, till.cash(335))
    till.sell(baskets.add(one, wine, Quantity(1250)), till.card(1321))
    till.sell(baskets.discount_all(one, Discount(percent=Percent(1000), reason="Regular")), till.ticket(300))
    with db.transaction():
        points = [Line(Account("pts", "  1; (x)\n", "PTS"), 12), Line(Account("pts-issued", "", "PTS"), -12)]
        odd = [Line(Account("drawer", "R1", "EUR"), -5), Line(Account("overshort", "", "EUR"), 5)]
        ledger.post(till.shop, ledger.lock(till.shop), "count", [*points, *odd], key=new_key(), by=till.ann)
    return till


def exported(shop: Shop, layout: Any, verb: Any = transfer.export_ledger) -> str:
    out = io.StringIO()
    assert verb(shop, out, layout=layout, by="root") > 0
    return out.getvalue()


def hledger(journal: Path, *arguments: str) -> str:
    if shutil.which("hledger") is None:
        pytest.skip("hledger is not installed (Debian: hledger)")
    done = subprocess.run(
        ["hledger", "-f", journal, *arguments], capture_output=True, text=True, check=False, timeout=60,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def of_hledger(journal: Path, decimals: int = 2) -> dict[tuple[str, str], int]:
    """The balances that hledger comes to, in the smallest parts."""
    found = {}
    rows = list(csv.reader(io.StringIO(hledger(journal, "balance", "--flat", "-N", "-E", "-O", "csv"))))
    for account, amounts in rows[1:]:
        for amount in amounts.split(", "):
            number, _space, unit = amount.partition(" ")
            if not unit:
                continue
            places = decimals if unit != "PTS" else 0
            found[account, unit] = Money.parse(number, places).minor
    return found


def of_the_books() -> dict[tuple[str, str], int]:
    return {key: amount for key, amount in transfer_ledger.balances().items() if amount}


@pytest.mark.requirement("N12")
def test_hledger_comes_to_the_same_balances(busy: Till, tmp_path: Path) -> None:
    journal = tmp_path / "kiosk.journal"
    assert transfer.export_ledger(busy.shop, journal, layout="hledger", by="root") == 4
    hledger(journal, "check", "--strict")
    found = of_hledger(journal)
    assert {key: amount for key, amount in found.items() if amount} == of_the_books()
    assert found["drawer:R1", "EUR"] == 330
    assert found["clearing:card", "EUR"] == 1321
    assert found["rounding", "EUR"] == -2
    assert found["pts:_1_x_", "PTS"] == 12
    assert "revenues" in hledger(journal, "incomestatement").lower()
    assert [line[:20] for line in hledger(journal, "print").splitlines() if "(R1/" in line] == [
        f"2026-11-20 * (R1/{seq}) " for seq in (1, 2, 3, 4)
    ]


@pytest.mark.requirement("N12")
def test_hledger_reads_the_books_of_the_demo(shop: Shop, tmp_path: Path) -> None:
    made = demo.fill(shop, days=2, seed=3)
    journal = tmp_path / "kiosk.journal"
    by_hand = db.rows("SELECT COUNT(*) FROM entry WHERE kind = 'points.adjusted'")[0][0]
    assert by_hand > 0
    wanted = 2 * (demo.SALES_A_DAY + 2) + 2 + by_hand
    assert transfer.export_ledger(made.shop, journal, layout="hledger", by="root") == wanted
    hledger(journal, "check", "--strict")
    assert {key: amount for key, amount in of_hledger(journal).items() if amount} == of_the_books()


@pytest.mark.parametrize(("currency", "decimals"), [("JPY", 0), ("TND", 3)])
def test_other_currencies_keep_their_decimals(till: Till, tmp_path: Path, currency: str, decimals: int) -> None:
    till.shop = change_settings(till.shop, {"currency": currency, "decimals": decimals}, by="root")
    till.sell(baskets.add(EMPTY, till.article("Rice", 12_345)), till.cash(12_345))
    journal = tmp_path / "kiosk.journal"
    transfer.export_ledger(till.shop, journal, layout="hledger", by="root")
    hledger(journal, "check", "--strict")
    assert of_hledger(journal, decimals)["drawer:R1", currency] == 12_345


@pytest.mark.requirement("N12")
def test_each_posting_is_a_row(busy: Till) -> None:
    rows = list(csv.DictReader(io.StringIO(exported(busy.shop, "csv"))))
    sums: dict[tuple[str, str], int] = {}
    for row in rows:
        places = 0 if row["unit"] == "PTS" else 2
        key = (row["account"], row["unit"])
        sums[key] = sums.get(key, 0) + Money.parse(row["amount"], places).minor
    assert {key: amount for key, amount in sums.items() if amount} == of_the_books()
    first = {(row["receipt"], row["account"], row["amount"]) for row in rows if row["seq"] == "1"}
    assert first == {
        ("1", "drawer:R1", "3.35"),
        ("1", "rounding", "-0.02"),
        ("1", "sales:A/2000", "-2.78"),
        ("1", "tax:A/2000", "-0.55"),
    }
    assert {row["at"] for row in rows} == {"2026-11-20T12:00:00.000+00:00"}


@pytest.mark.requirement("N12", "N3")
def test_the_chain_can_be_proven_from_the_export_alone(busy: Till) -> None:
    tables: dict[str, list[dict[str, Any]]] = {}
    for line in exported(busy.shop, "jsonl").splitlines():
        record = json.loads(line)
        tables.setdefault(record.pop("record"), []).append(record)
    assert tables["kiosk"] == [{"format": 1, "at": busy.shop.clock.millis(), "lane": "R1"}]
    accounts = {account["id"]: account for account in tables["account"]}
    head = ""
    for entry in sorted(tables["entry"], key=lambda entry: entry["seq"]):
        postings = [_posting(one, accounts) for one in tables["posting"] if one["entry"] == entry["id"]]
        assert entry["previous_hash"] == head
        values = {name: entry[name] for name in ledger.ENTRY_COLUMNS}
        head = ledger.entry_hash(head, values, sorted(postings))
        assert entry["hash"] == head
        if entry["sale"]:
            assert entry["digest"] == ledger.digest(_document(tables, entry["sale"]))
    assert head == tables["lane"][0]["head"]
    assert len(tables["entry"]) == 4


def _posting(row: dict[str, Any], accounts: dict[str, dict[str, Any]]) -> tuple[int, str, str, str, str, int]:
    account = accounts[row["account"]]
    return row["position"], account["id"], account["kind"], account["unit"], account["owner"], row["amount"]


def _document(tables: dict[str, list[dict[str, Any]]], sale: str) -> dict[str, Any]:
    def rows(table: str, columns: tuple[str, ...]) -> list[list[Any]]:
        found = sorted((row for row in tables[table] if row["sale"] == sale), key=lambda row: row["position"])
        return [[row[name] for name in columns] for row in found]

    (head,) = [row for row in tables["sale"] if row["id"] == sale]
    return {
        "sale": [head[name] for name in sale_rows.SALE],
        "lines": rows("sale_line", sale_rows.LINE),
        "taxes": rows("sale_tax", sale_rows.TAX),
        "tenders": rows("sale_tender", sale_rows.TENDER),
    }


def test_the_export_of_the_shop_bears_no_pin_and_no_badge(shop: Shop) -> None:
    made = demo.fill(shop, days=0)
    out = exported_or_empty(made.shop)
    people = [json.loads(line) for line in out.splitlines() if '"record":"staff"' in line]
    assert [sorted(person) for person in people] == [
        ["active", "changed_at", "id", "language", "name", "record", "role"]
    ] * 4
    assert "argon2" not in out
    assert len([line for line in out.splitlines() if '"record":"article"' in line]) == 120


@pytest.mark.requirement("N12")
def test_the_export_of_the_shop_has_its_days_and_no_code_of_a_credit_note(till: Till) -> None:
    with db.transaction():
        db.run(
            "INSERT INTO card (id, code, kind, issued_at, issued_by) VALUES (?, ?, ?, ?, ?)",
            ("c1", "1234567890123452", "voucher", 0, till.ann),
        )
    shifts.open_shift(till.shop, Count(Money(15_000)), key=new_key(), by=till.ann)
    cash.pay_in(till.shop, Money(500), Purpose.BANK, key=new_key(), by=till.ann)
    till.sell(baskets.add(EMPTY, till.article("Rice", 100)), till.cash(100))
    shifts.close_shift(till.shop, Count(Money(15_600)), key=new_key(), by=till.ann)

    out = exported(till.shop, "jsonl")

    found = [json.loads(line) for line in out.splitlines()]
    of_the_day = {"card", "shift", "cash_count", "cash_move", "cash_report", "day_total"}
    assert of_the_day <= {record["record"] for record in found}
    assert [sorted(record) for record in found if record["record"] == "card"] == [
        ["customer", "id", "issued_at", "issued_by", "kind", "record", "sale", "state"]
    ]
    assert "1234567890123452" not in out


@pytest.mark.requirement("N12")
def test_the_export_of_the_shop_has_its_customers_and_nothing_that_is_sealed(till: Till) -> None:
    owner = till.person("Otto", Role.OWNER)
    form = CustomerForm(name="Ann", phone="+33142685300", phone_opt_in=True, card="CARD-1")
    ann = customers.save(till.shop, replace(form, licence=IdDocument("L-4711")), by=owner)
    anne = customers.save(till.shop, CustomerForm(name="Anne"), by=owner)
    customer_merge.merge(till.shop, anne.id, ann.id, by=owner, key=new_key())

    written = io.StringIO()
    transfer.export_ledger(till.shop, written, layout="jsonl", by="root")
    out = written.getvalue()

    found: dict[str, list[dict[str, Any]]] = {}
    for line in out.splitlines():
        record = json.loads(line)
        found.setdefault(record.pop("record"), []).append(record)
    assert [(one["id"], one["name"], one["state"], one["merged_into"]) for one in found["customer"]] == sorted(
        [(ann.id, "Ann", "active", None), (anne.id, "Anne", "merged", ann.id)]
    )
    assert [(one["customer"], one["value"], one["opt_in"]) for one in found["contact"]] == [(ann.id, "+33142685300", 1)]
    assert [(one["customer"], one["given"]) for one in found["consent"]] == [(ann.id, 1)]
    assert [(one["customer"], one["code"]) for one in found["card"]] == [(ann.id, "CARD-1")]
    assert [(one["customer"], one["merged_into"]) for one in found["customer_merge"]] == [(anne.id, ann.id)]
    assert "4711" not in out
    assert not {"person_key", "id_document", "customer_key", "customer_import_before"} & set(found)
    books_only = till.person("Books", Role.LEAD)
    staff.set_permission(till.shop, Role.LEAD, Action.EXPORT, State.ALLOWED, by=owner)
    with pytest.raises(Denied):
        transfer.export_ledger(till.shop, io.StringIO(), layout="jsonl", by=books_only)
    assert transfer.export_ledger(till.shop, io.StringIO(), layout="csv", by=books_only) >= 0


def exported_or_empty(shop: Shop) -> str:
    """Today is open with its float, which was paid in, and some customers were given points."""
    by_hand = db.rows("SELECT COUNT(*) FROM entry WHERE kind = 'points.adjusted'")[0][0]
    out = io.StringIO()
    assert transfer.export_ledger(shop, out, layout="jsonl", by="root") == 2 + by_hand
    return out.getvalue()


@pytest.mark.requirement("N12")
def test_sales_go_out_with_all_their_parts(busy: Till) -> None:
    first, second, third = map(json.loads, exported(busy.shop, "jsonl", transfer.export_sales).splitlines())
    assert (first["number"], first["total"], first["rounding"]) == (1, 333, 2)
    assert [(line["text"], line["final"]) for line in second["lines"]] == [('=Bread; "rye"', 333), ("Wine", 988)]
    assert [(tax["code"], tax["rate"], tax["net"] + tax["tax"]) for tax in second["taxes"]] == [("A", 2000, 1321)]
    assert [(tender["tender"], tender["amount"]) for tender in third["tenders"]] == [("ticket", 300)]
    rows = list(csv.DictReader(io.StringIO(exported(busy.shop, "csv", transfer.export_sales))))
    assert [(row["receipt"], row["text"], row["quantity"], row["final"], row["rate"]) for row in rows] == [
        ("1", '\'=Bread; "rye"', "1.000", "3.33", "20.00"),
        ("2", '\'=Bread; "rye"', "1.000", "3.33", "20.00"),
        ("2", "Wine", "1.250", "9.88", "20.00"),
        ("3", '\'=Bread; "rye"', "1.000", "3.00", "20.00"),
    ]
    assert {row["by"] for row in rows} == {"Ann Archer"}
    assert {row["at"] for row in rows} == {"2026-11-20T13:00:00+01:00"}


def test_an_export_reads_one_moment_and_writes_nothing(busy: Till, tmp_path: Path) -> None:
    before = db.rows("SELECT COUNT(*) FROM journal")
    target = tmp_path / "books.jsonl"
    transfer.export_ledger(busy.shop, target, layout="jsonl", by="root")
    assert db.rows("SELECT COUNT(*) FROM journal") == before
    busy.sell(baskets.add(EMPTY, busy.article("Late", 100)), busy.cash(100))
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith((".", "books"))] == ["books.jsonl"]


@pytest.mark.requirement("D7-02")
def test_who_may_not_export_gets_nothing(busy: Till, tmp_path: Path) -> None:
    for verb in (transfer.export_ledger, transfer.export_sales):
        with pytest.raises(Denied):
            verb(busy.shop, tmp_path / "books", layout="csv", by=busy.ann)
    assert not (tmp_path / "books").exists()


def test_more_than_a_page_goes_out_whole(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer_ledger, "_AT_ONCE", 2)
    monkeypatch.setattr("kiosk.services.transfer_shop._AT_ONCE", 2)
    other = replace(till.shop, lane="R2")
    with db.transaction():
        db.run("INSERT INTO lane (id, number, name) VALUES ('R2', 2, 'R2')")
    bread = baskets.add(EMPTY, till.article("Bread", 100))
    for _ in range(3):
        till.sell(bread, till.cash(100))
    till.shop = other
    for _ in range(2):
        till.sell(bread, till.cash(100))
    rows = list(csv.DictReader(io.StringIO(exported(other, "csv"))))
    assert [(row["lane"], row["seq"]) for row in rows if row["account"].startswith("drawer")] == [
        ("R1", "1"), ("R1", "2"), ("R1", "3"), ("R2", "1"), ("R2", "2"),
    ]  # fmt: skip
    sales = [json.loads(line) for line in exported(other, "jsonl", transfer.export_sales).splitlines()]
    assert [(sale["lane"], sale["number"]) for sale in sales] == [("R1", 1), ("R1", 2), ("R1", 3), ("R2", 1), ("R2", 2)]
    whole = [json.loads(line)["record"] for line in exported(other, "jsonl").splitlines()]
    assert (whole.count("entry"), whole.count("sale_line"), whole.count("posting")) == (5, 5, 15)
