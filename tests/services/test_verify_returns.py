"""What a faulty program could write of returns and voids, were the schema's guards gone, is named (I12, N1)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kiosk import db
from kiosk.money import Money, Quantity
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY, Basket, Item, TaxRate, Unit
from kiosk.rules.permissions import Role
from kiosk.rules.tender import Given
from kiosk.services import ledger, return_rows, returns, sale_rows
from kiosk.services.sales import Sold
from kiosk.services.shop import new_key
from kiosk.services.verify import verify
from tests.services.journey import Till
from tests.services.test_returns import ONE, A

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BREAD = Item("", "1", "Bread", Unit.PIECE, Money(600), A)
CAKE = Item("", "2", "Cake", Unit.PIECE, Money(500), TaxRate("B", A.percent))


@pytest.fixture
def books(till: Till) -> Till:
    """A shop whose books hold a sale of two lines and two tenders, and no guards of what comes back."""
    till.ann = till.person("Lea", Role.MANAGER)
    basket = rules.add(rules.add(EMPTY, BREAD, Quantity.of(2)), CAKE)
    till.sell(basket, Given(till.tender("bank"), Money(700)), till.cash(1000))
    attacker = sqlite3.connect(db.database.database)
    for name in ("return_guard", "refund_guard"):
        attacker.execute(f"DROP TRIGGER {name}")
    attacker.commit()
    attacker.close()
    return till


def first_sale() -> str:
    (sale,) = db.row("SELECT id FROM sale WHERE number = 1") or ("",)
    return str(sale)


def give_back(till: Till, basket: Basket) -> Sold:
    given = tuple(Given(back.tender, -back.amount, original=back.original) for back in returns.plan(till.shop, basket))
    return till.sell(basket, *given)


def take_back(till: Till, quantity: int = 1) -> Sold:
    basket = returns.take_back(till.shop, EMPTY, first_sale(), {1: Quantity.of(quantity)}, reason="Faulty")
    return give_back(till, basket)


def found() -> list[tuple[str, int | None, str]]:
    return [(problem.lane, problem.seq, problem.what) for problem in verify().problems]


def rewritten(monkeypatch: pytest.MonkeyPatch, change: Callable[[sale_rows.SaleRows], sale_rows.SaleRows]) -> None:
    """Have the next sale written otherwise than the rules made it, chain and digest included."""
    write, document = sale_rows.write, sale_rows.SaleRows.document
    monkeypatch.setattr(sale_rows, "write", lambda rows: write(change(rows)))
    monkeypatch.setattr(sale_rows.SaleRows, "document", lambda rows: document(change(rows)))


def with_value(row: tuple[Any, ...], columns: tuple[str, ...], **values: Any) -> tuple[Any, ...]:
    return tuple({**dict(zip(columns, row, strict=True)), **values}.values())


@pytest.mark.requirement("I12", "N3")
def test_books_of_returns_exchanges_and_voids_are_true(books: Till) -> None:
    take_back(books)
    loose = returns.without_receipt(books.shop, CAKE, ONE, reason="Faulty")
    give_back(books, rules.take_back(rules.add(EMPTY, CAKE), replace(loose, quantity=Quantity.of(-2))))
    exchanged = returns.take_back(books.shop, rules.add(EMPTY, CAKE), first_sale(), {1: ONE}, reason="Faulty")
    last = give_back(books, exchanged)
    returns.void_sale(books.shop, last.sale, reason="Wrong", key=new_key(), by=books.ann)
    assert found() == []
    assert verify().sales == 5


@pytest.mark.requirement("I12")
def test_a_line_that_came_back_twice_is_named_and_so_is_the_tender(
    books: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also proves that the sums are looked at, not only each return."""
    take_back(books, 2)
    original = return_rows.original

    def forgetful(sale: str) -> return_rows.Original:
        sold = original(sale)
        lines = {
            position: replace(one, left=replace(one.left, returned=Quantity(0), given_back=Money(0)))
            for position, one in sold.lines.items()
        }
        return replace(sold, lines=lines)

    monkeypatch.setattr(return_rows, "original", forgetful)
    take_back(books, 2)
    assert found() == [("R1", 3, "returned")]
    basket = returns.take_back(books.shop, EMPTY, first_sale(), {2: ONE}, reason="Faulty")
    monkeypatch.setattr(return_rows, "_PAYMENTS", return_rows._PAYMENTS.replace("SUM(refund.amount)", "SUM(0)"))
    give_back(books, basket)
    assert found()[0] == ("R1", 3, "returned")
    assert ("R1", 4, "refunded") in found()


@pytest.mark.requirement("I12")
@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda rows: replace(rows, returns=()), "returns"),
        (lambda rows: replace(rows, sale=with_value(rows.sale, sale_rows.SALE, original=None)), "returns"),
        (
            lambda rows: replace(rows, returns=(with_value(rows.returns[0], sale_rows.RETURN, quantity=-500),)),
            "returns",
        ),
        (lambda rows: replace(rows, returns=(with_value(rows.returns[0], sale_rows.RETURN, final=-1),)), "returns"),
        (lambda rows: replace(rows, refunds=(with_value(rows.refunds[0], sale_rows.REFUND, amount=-1),)), "refunds"),
        (
            lambda rows: replace(rows, refunds=(with_value(rows.refunds[0], sale_rows.REFUND, tender="card"),)),
            "refunds",
        ),
    ],
    ids=["no link", "no original", "quantity", "amount", "refund", "tender"],
)
def test_a_return_whose_links_do_not_fit_is_named(
    books: Till,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[sale_rows.SaleRows], sale_rows.SaleRows],
    what: str,
) -> None:
    take_back(books)
    with monkeypatch.context() as patched:
        rewritten(patched, change)
        basket = returns.take_back(books.shop, EMPTY, first_sale(), {2: ONE}, reason="Faulty")
        give_back(books, basket)
    assert found() == [("R1", 3, what)]


@pytest.mark.requirement("N1", "K-20")
@pytest.mark.parametrize(
    "change",
    [
        lambda rows: replace(rows, lines=(with_value(rows.lines[0], sale_rows.LINE, text="Wine"), *rows.lines[1:])),
        lambda rows: replace(
            rows, tenders=(with_value(rows.tenders[0], sale_rows.TENDER, name="Gift"), *rows.tenders[1:])
        ),
        lambda rows: replace(rows, sale=with_value(rows.sale, sale_rows.SALE, discount_reason="Staff")),
        lambda rows: replace(
            rows, returns=(with_value(rows.returns[0], sale_rows.RETURN, restock=0), *rows.returns[1:])
        ),
    ],
    ids=["line", "tenders", "discount", "restock"],
)
def test_a_void_that_is_no_mirror_is_named(
    books: Till, monkeypatch: pytest.MonkeyPatch, change: Callable[[sale_rows.SaleRows], sale_rows.SaleRows]
) -> None:
    with monkeypatch.context() as patched:
        rewritten(patched, change)
        returns.void_sale(books.shop, first_sale(), reason="Wrong", key=new_key(), by=books.ann)
    assert found() == [("R1", 2, "void")]


@pytest.mark.requirement("N1")
def test_a_void_that_moves_other_money_is_named(books: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    postings = returns._reversed_postings

    def with_a_cent_more(shop: Any, entry: str) -> list[ledger.Line]:
        lines = postings(shop, entry)
        cent = (
            ledger.money_line(shop, "drawer", shop.lane, Money(-1)),
            ledger.money_line(shop, "bank", "", Money(1)),
        )
        return [*lines, *cent]

    monkeypatch.setattr(returns, "_reversed_postings", with_a_cent_more)
    returns.void_sale(books.shop, first_sale(), reason="Wrong", key=new_key(), by=books.ann)
    assert found() == [("R1", 2, "void")]


@pytest.mark.requirement("N3", "I16")
@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE return_line SET quantity = -1",
        "UPDATE return_line SET reason = 'Gift'",
        "UPDATE return_line SET restock = 0",
        "DELETE FROM return_line",
        "UPDATE refund SET original = 'another'",
        "UPDATE refund SET amount = 'many'",
        "DELETE FROM refund",
    ],
)
def test_an_edit_of_what_came_back_breaks_the_chain(books: Till, edit: str) -> None:
    take_back(books)
    books.tamper(edit)
    assert verify().first_bad == ("R1", 2)


@pytest.mark.requirement("N3")
def test_what_comes_back_in_no_sale_is_found(books: Till) -> None:
    take_back(books)
    books.tamper(
        "INSERT INTO return_line VALUES ('nothing', 1, NULL, NULL, -1000, -1, '', 1)",
        "INSERT INTO refund VALUES ('nothing', 1, 'nothing', 'cash', -1)",
    )
    assert found() == [("", None, "stray return_line"), ("", None, "stray refund")]


def test_sales_alone_bear_neither_table_in_what_is_hashed(books: Till) -> None:
    rows = sale_rows.read(first_sale())
    assert rows is not None
    assert list(rows.document()) == ["sale", "lines", "taxes", "tenders"]
    back = sale_rows.read(take_back(books).sale)
    assert back is not None
    assert list(back.document()) == ["sale", "lines", "taxes", "tenders", "returns", "refunds"]
