"""What a customer bought, how his points moved, and whose a sale is that a card pays (K-13 to K-15, T-16, T-17)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from kiosk import db
from kiosk.errors import Denied, NotFound
from kiosk.i18n import _, speaking
from kiosk.money import ONE, Money
from kiosk.receipts.sale import lay_out
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY, Item
from kiosk.rules.permissions import Role
from kiosk.rules.tender import Given
from kiosk.services import (
    cards,
    credit_notes,
    customer_erase,
    customer_history,
    customer_merge,
    customers,
    points,
    points_rows,
    receipt,
    returns,
    sales,
)
from kiosk.services.customer_rows import CustomerForm
from kiosk.services.sales import Sold
from kiosk.services.shop import new_key
from kiosk.services.verify import verify
from tests.services.conftest import FixedTime
from tests.services.journey import Till


@pytest.fixture
def mara(till: Till) -> str:
    """A manager, who may everything that is done here."""
    return till.person("Mara Manager", Role.MANAGER)


@pytest.fixture
def bread(till: Till) -> Item:
    return till.article("Bread", 450, number="101")


def customer(till: Till, name: str) -> str:
    return customers.save(till.shop, CustomerForm(name=name), by=till.ann).id


def buy(till: Till, bread: Item, who: str | None, *given: Given) -> Sold:
    """One bread, in cash unless said otherwise."""
    paid = given or (till.cash(450),)
    return sales.close_sale(till.shop, rules.add(EMPTY, bread), paid, key=new_key(), by=till.ann, customer=who)


def give_back(till: Till, sold: Sold, who: str | None, mara: str) -> Sold:
    """The bread of a receipt comes back for a credit note."""
    basket = returns.take_back(till.shop, EMPTY, sold.sale, {1: ONE}, reason="Faulty")
    backs = returns.plan(till.shop, basket, to_voucher=True)
    given = tuple(Given(back.tender, -back.amount, original=back.original) for back in backs)
    return sales.close_sale(till.shop, basket, given, key=new_key(), by=mara, customer=who)


def note_of(sold: Sold) -> str:
    (card,) = db.row("SELECT id FROM card WHERE sale = ?", (sold.sale,)) or ("",)
    return str(card)


def whose(sold: Sold) -> str | None:
    (found,) = db.row("SELECT customer FROM sale WHERE id = ?", (sold.sale,)) or ("",)
    return None if found is None else str(found)


def adjust(till: Till, who: str, amount: int, mara: str, *, add: bool = True) -> str:
    return points.adjust(till.shop, who, amount, add=add, reason="Goodwill", key=new_key(), by=mara).entry


@pytest.mark.requirement("K-13", "K-14", "K-15", "E14")
def test_who_pays_with_a_note_of_his_own_is_known_and_an_attached_one_wins(till: Till, bread: Item, mara: str) -> None:
    ida, otto = customer(till, "Ida Example"), customer(till, "Otto Other")
    of_ida = note_of(give_back(till, buy(till, bread, ida), ida, mara))
    of_otto = note_of(give_back(till, buy(till, bread, None), otto, mara))
    of_nobody = note_of(give_back(till, buy(till, bread, ida), None, mara))
    owners = dict(db.rows("SELECT id, customer FROM card"))
    assert owners == {of_ida: ida, of_otto: otto, of_nobody: None}
    voucher = till.tender("voucher")

    def noted(card: str, minor: int) -> Given:
        return Given(voucher, Money(minor), card=card)

    # Nobody is attached: the first note that belongs to anybody tells.
    assert whose(buy(till, bread, None, noted(of_nobody, 100), noted(of_otto, 100), noted(of_ida, 250))) == otto
    assert whose(buy(till, bread, None, noted(of_ida, 100), till.cash(350))) == ida
    assert whose(buy(till, bread, None, noted(of_nobody, 100), till.cash(350))) is None
    # Somebody is attached: the sale is his, whoever's note pays.
    assert whose(buy(till, bread, otto, noted(of_ida, 50), till.cash(400))) == otto
    assert whose(buy(till, bread, None, till.cash(450))) is None

    found = customer_history.sales(till.shop, ida, by=till.ann)
    assert [(row.kind, row.total.minor, row.tenders) for row in found] == [
        ("sale", 450, ("Credit note", "Cash")),
        ("return", -450, ("Credit note",)),
        ("sale", 450, ("Cash",)),
        ("return", -450, ("Credit note",)),
        ("sale", 450, ("Cash",)),
    ]
    assert credit_notes.held(till.shop, of_ida) == Money(50)
    assert verify().ok


@pytest.mark.requirement("K-13")
def test_a_note_of_somebody_who_was_erased_tells_nobody_and_of_one_who_was_merged_whom_he_is_now(
    till: Till, bread: Item, mara: str
) -> None:
    ida, gone, twin = (customer(till, name) for name in ("Ida", "Gone", "Ida again"))
    first, second = (note_of(give_back(till, buy(till, bread, who), who, mara)) for who in (gone, twin))
    customer_erase.erase(till.shop, gone, by=mara)
    customer_merge.merge(till.shop, twin, ida, key=new_key(), by=mara)
    voucher = till.tender("voucher")
    assert whose(buy(till, bread, None, Given(voucher, Money(450), card=first))) is None
    assert whose(buy(till, bread, None, Given(voucher, Money(450), card=second))) == ida


def test_a_note_is_no_loyalty_card_of_its_owner(till: Till, bread: Item, mara: str) -> None:
    """It attaches nobody, its code is not shown with him, and no points come to it."""
    ida = customer(till, "Ida")
    note = note_of(give_back(till, buy(till, bread, ida), ida, mara))
    assert customers.by_code(till.shop, credit_notes.code_of(note)) is None
    assert customers.get(till.shop, ida, by=till.ann).cards == ()
    adjust(till, ida, 5, mara)
    assert note not in cards.points_cards(ida)
    assert points.held(till.shop, ida) == 5


@pytest.mark.requirement("K-14", "T-17", "T-22")
def test_receipts_of_all_who_are_one_come_newest_first_and_page_by_page(
    till: Till, time: FixedTime, bread: Item, mara: str
) -> None:
    ida, twin, other = (customer(till, name) for name in ("Ida", "Ida again", "Other"))
    sold = []
    for place in range(7):
        time.move(minutes=place % 3)  # Some are of the same moment.
        sold.append(buy(till, bread, (ida, twin, other)[place % 3]).sale)
    customer_merge.merge(till.shop, twin, ida, key=new_key(), by=mara)
    wanted = [sale for place, sale in enumerate(sold) if place % 3 != 2][::-1]
    for asked in (ida, twin):
        assert [row.sale for row in customer_history.sales(till.shop, asked, by=till.ann)] == wanted
    paged: list[str] = []
    while page := customer_history.sales(till.shop, ida, by=till.ann, before=paged[-1] if paged else None, limit=2):
        assert len(page) <= 2
        paged += [row.sale for row in page]
    assert paged == wanted
    (newest, *_rest) = customer_history.sales(till.shop, ida, by=till.ann)
    assert (newest.number, newest.lane, newest.total, newest.staff, newest.tenders) == (
        7,
        "R1",
        Money(450),
        "Ann Archer",
        ("Cash",),
    )


@pytest.mark.requirement("T-16", "T-17", "T-22")
def test_movements_come_to_what_he_has_with_who_why_and_what_was_left(till: Till, time: FixedTime, mara: str) -> None:
    ida, twin = customer(till, "Ida"), customer(till, "Ida again")
    adjust(till, twin, 10, mara)
    for amount, adding in ((40, True), (15, False), (7, True)):
        time.move(minutes=1)
        adjust(till, ida, amount, mara, add=adding)
    customer_merge.merge(till.shop, twin, ida, key=new_key(), by=mara)
    both = adjust(till, ida, 35, mara, add=False)
    assert len(points_rows.of_entry(both)) == 2
    found = customer_history.loyalty(till.shop, ida, by=till.ann)
    assert [(one.amount, one.held) for one in found] == [(-35, 7), (7, 42), (-15, 35), (40, 50), (10, 10)]
    assert sum(one.amount for one in found) == points.held(till.shop, twin) == found[0].held
    first = found[0]
    assert (first.entry, first.kind, first.who, first.approved_by, first.reason, first.sale, first.number) == (
        both,
        "points.adjusted",
        "Mara Manager",
        "",
        "Goodwill",
        None,
        None,
    )
    assert found[1].at - found[2].at == timedelta(minutes=1)
    paged = [*customer_history.loyalty(till.shop, ida, by=till.ann, limit=2)]
    while page := customer_history.loyalty(till.shop, ida, by=till.ann, before=paged[-1].entry, limit=2):
        paged += page
    assert tuple(paged) == found
    assert all(later.held - later.amount == sooner.held for later, sooner in pairwise(found))


def test_what_stands_beside_a_sale_counts_a_year_and_no_void(
    till: Till, time: FixedTime, bread: Item, mara: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ida = customer(till, "Ida")
    assert customer_history.summary(till.shop, ida, by=till.ann) == customer_history.Summary(0, None, Money(0), 0)
    buy(till, bread, ida)
    time.move(days=366)
    kept = buy(till, bread, ida)
    give_back(till, buy(till, bread, ida), ida, mara)
    returns.void_sale(till.shop, buy(till, bread, ida).sale, reason="Typo", key=new_key(), by=mara)
    time.move(minutes=5)
    adjust(till, ida, 12, mara)
    found = customer_history.summary(till.shop, ida, by=till.ann)
    assert (found.sales, found.spent, found.points) == (3, kept.total, 12)
    assert found.last == till.shop.clock.local(till.shop.clock.now()) - timedelta(minutes=5)
    monkeypatch.setattr(customer_history, "MOST_SUMMED", 2)
    assert customer_history.summary(till.shop, ida, by=till.ann).sales == 0, "of the newest two, one voids the other"


def test_what_is_known_of_a_customer_is_for_who_may_see_him_and_a_stranger_is_not_there(till: Till) -> None:
    ida = customer(till, "Ida")
    for verb in (customer_history.sales, customer_history.loyalty, customer_history.summary):
        with pytest.raises(Denied):
            verb(till.shop, ida, by=till.technician)
        with pytest.raises(NotFound):
            verb(till.shop, "nobody", by=till.ann)


BIG = ("sale", "sale_line", "sale_tender", "entry", "posting", "account", "card", "points_move", "customer")


def test_no_list_of_a_customer_is_read_from_a_whole_table(
    till: Till, bread: Item, mara: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ida = customer(till, "Ida")
    sold, entry = buy(till, bread, ida), adjust(till, ida, 12, mara)
    asked: list[tuple[str, Sequence[object]]] = []
    real, rows = db._execute, db.rows

    def recorded(sql: str, params: Sequence[object]) -> Any:
        asked.append((sql, params))
        return real(sql, params)

    monkeypatch.setattr(db, "_execute", recorded)
    for before in (None, sold.sale):
        customer_history.sales(till.shop, ida, by=till.ann, before=before)
    for before in (None, entry):
        customer_history.loyalty(till.shop, ida, by=till.ann, before=before)
    customer_history.summary(till.shop, ida, by=till.ann)
    points.held(till.shop, ida)
    monkeypatch.undo()

    assert len(asked) > 30
    if db.on_postgres():
        db.run("SET enable_seqscan = off")
    plans = []
    for sql, params in asked:
        found = rows(("EXPLAIN " if db.on_postgres() else "EXPLAIN QUERY PLAN ") + sql, params)
        plans.append("\n".join(str(line[-1]) for line in found))
        for table in BIG:
            scan = rf"Seq Scan on {table}\b" if db.on_postgres() else rf"SCAN {table}\b"
            assert not re.search(scan, plans[-1]), f"{sql}\n{plans[-1]}"
    used = " ".join(plans)
    assert re.search(r"sale_customer\b", used)
    assert re.search(r"points_move_card\b", used)


@pytest.mark.requirement("N15")
def test_paper_speaks_the_language_of_its_customer_and_the_shops_once_nobody_knows_him(
    till: Till, bread: Item, mara: str
) -> None:
    luc = customers.save(till.shop, CustomerForm(name="Luc", language="fr"), by=till.ann).id
    his, anybodys = buy(till, bread, luc), buy(till, bread, None)
    note = note_of(give_back(till, his, luc, mara))

    def paper(sold: Sold, language: str) -> bool:
        return receipt.document(till.shop, sold.sale) == lay_out(receipt.of_sale(till.shop, sold.sale), language)

    assert (paper(his, "fr"), paper(his, "en"), paper(anybodys, "en")) == (True, False, True)
    with speaking("fr"):
        french = _("CREDIT NOTE")
    assert (french != "CREDIT NOTE", french in str(credit_notes.slip(till.shop, note))) == (True, True)
    customer_erase.erase(till.shop, luc, by=mara)
    assert (paper(his, "en"), "CREDIT NOTE" in str(credit_notes.slip(till.shop, note))) == (True, True)
