"""From the basket to the books: one deed, one commit, once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk import db
from kiosk.errors import (
    AgeCheckNeeded,
    AlreadyDone,
    Denied,
    EmptySale,
    Invalid,
    NeedsApproval,
    NoChangeFrom,
    NotPaid,
    OutOfRange,
    PendingPayment,
    Refused,
)
from kiosk.money import Money, Percent, Quantity
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY, Basket, Discount, Item, TaxRate, Unit
from kiosk.rules.permissions import Action, Role, State
from kiosk.rules.tender import Given
from kiosk.services import history, payments, printing, receipt, returns, sale_rows, sales, signing, staff
from kiosk.services.shop import Shop, change_settings, new_key
from kiosk.services.verify import Anchor, verify
from tests.services.conftest import FixedTime
from tests.services.journey import Till

A = TaxRate("A", Percent(2000))
B = TaxRate("B", Percent(1000))


def item(price: int, rate: TaxRate = A, text: str = "Bread") -> Item:
    return Item("", "1", text, Unit.PIECE, Money(price), rate)


def basket(*items: Item) -> Basket:
    made = EMPTY
    for one in items:
        made = rules.add(made, one)
    return made


def balances() -> dict[str, int]:
    """What was posted to each account, by kind and owner."""
    return {
        f"{kind}:{owner}".rstrip(":"): int(amount)
        for kind, owner, amount in db.rows(
            "SELECT kind, owner, SUM(amount) FROM posting JOIN account ON account.id = posting.account "
            "GROUP BY kind, owner"
        )
    }


@pytest.mark.requirement("D3-03", "D2-03")
def test_a_cash_sale_goes_into_the_drawer_the_turnover_and_the_tax(till: Till) -> None:
    sold = till.sell(basket(item(1200)), till.cash(2000))
    assert (sold.number, sold.total, sold.change, sold.open_drawer) == (1, Money(1200), Money(800), True)
    assert balances() == {"drawer:R1": 1200, "sales:A/2000": -1000, "tax:A/2000": -200}
    assert verify().ok


@pytest.mark.requirement("D3-02")
def test_two_tenders_pay_one_sale(till: Till) -> None:
    sold = till.sell(basket(item(1730)), till.ticket(1000), till.cash(1000))
    assert sold.change == Money(270)
    assert balances() == {"clearing:ticket": 1000, "drawer:R1": 730, "sales:A/2000": -1442, "tax:A/2000": -288}


@pytest.mark.requirement("E41", "D3-07")
def test_cash_rounding_is_booked_apart(till: Till) -> None:
    till.change(cash_step=5)
    assert till.sell(basket(item(1243)), till.cash(1245)).total == Money(1245)
    assert till.sell(basket(item(1242)), till.cash(1240)).total == Money(1240)
    assert till.sell(basket(item(1243)), till.card(1243)).total == Money(1243)
    assert balances()["drawer:R1"] == 1245 + 1240
    assert sum(amount for name, amount in balances().items() if name.startswith(("sales", "tax"))) == -3728
    assert balances()["rounding"] == 0, "2 cents up and 2 cents down"
    assert verify().ok


def test_prices_without_tax_get_it_on_top(till: Till) -> None:
    till.change(prices_include_tax=False)
    sold = till.sell(basket(item(1000), item(500, B)), till.cash(1750))
    assert (sold.total, sold.change) == (Money(1750), Money(0))
    assert balances() == {
        "drawer:R1": 1750, "sales:A/2000": -1000, "tax:A/2000": -200, "sales:B/1000": -500, "tax:B/1000": -50,
    }  # fmt: skip


@pytest.mark.requirement("I17")
def test_receipts_are_numbered_without_a_gap_even_after_a_refusal(till: Till) -> None:
    assert till.sell(basket(item(100)), till.cash(100)).number == 1
    with pytest.raises(NotPaid):
        till.sell(basket(item(100)), till.cash(99))
    with pytest.raises(NoChangeFrom):
        till.sell(basket(item(100)), till.ticket(101))
    assert till.sell(basket(item(100)), till.cash(100)).number == 2
    assert verify().ok


@pytest.mark.requirement("N16")
def test_five_enters_are_one_sale(till: Till) -> None:
    key = new_key()
    answers = [till.sell(basket(item(100)), till.cash(500), key=key) for _ in range(5)]
    assert [sold.already for sold in answers] == [False, True, True, True, True]
    assert {(sold.sale, sold.number, sold.total, sold.change) for sold in answers} == {
        (answers[0].sale, 1, Money(100), Money(400))
    }
    assert not any(sold.open_drawer for sold in answers[1:])
    assert balances()["drawer:R1"] == 100
    assert printing.waiting(till.shop) == 1


def test_a_key_is_not_taken_for_another_sale(till: Till) -> None:
    key = new_key()
    till.sell(basket(item(100)), till.cash(100), key=key)
    with pytest.raises(AlreadyDone):
        till.sell(basket(item(200)), till.cash(200), key=key)
    assert balances()["drawer:R1"] == 100


def test_an_empty_basket_is_no_sale(till: Till) -> None:
    with pytest.raises(EmptySale):
        till.sell(EMPTY)


@pytest.mark.requirement("D1-13")
def test_an_exchange_that_comes_to_nothing_needs_no_tender(till: Till) -> None:
    lead = till.person("Lea", Role.MANAGER)
    back = returns.without_receipt(till.shop, item(500), Quantity.of(1), reason="Wrong size")
    even = rules.take_back(basket(item(500)), back)
    assert till.sell(even, by=lead).total == Money(0)
    assert balances() == {}
    assert verify().ok


@pytest.mark.requirement("D7-02", "D5-02")
def test_a_quantity_below_zero_is_no_way_around_the_door_of_a_return(till: Till) -> None:
    hidden = rules.add(basket(item(500)), item(500), Quantity.of(-1))
    with pytest.raises(Invalid):
        till.sell(hidden)
    with pytest.raises(OutOfRange):
        till.sell(basket(item(500)), till.cash(-500), till.card(1000))
    assert verify().sales == 0


@pytest.mark.requirement("D7-02")
def test_who_may_not_sell_or_discount_can_not_by_calling_the_service(till: Till) -> None:
    with pytest.raises(Denied):
        till.sell(basket(item(100)), till.cash(100), by=till.technician)
    with pytest.raises(Denied):
        till.sell(basket(item(100)), till.cash(100), by="nobody")
    assert verify().entries == 0


@pytest.mark.requirement("D1-11")
def test_the_age_must_have_been_checked(till: Till) -> None:
    wine = till.article("Wine", 899, minimum_age=18)
    bought = basket(wine)
    with pytest.raises(AgeCheckNeeded) as refused:
        till.sell(bought, till.cash(899))
    assert refused.value == AgeCheckNeeded(article=wine.article, age=18)
    assert till.sell(replace(bought, age_checked=18), till.cash(899)).number == 1


@pytest.mark.requirement("E40", "T-23")
@pytest.mark.parametrize(
    ("threshold", "percent", "asks"),
    [(2500, 2500, False), (2500, 2501, True), (10_000, 9000, False), (0, 100, True)],
)
def test_e40_a_discount_above_the_threshold_needs_an_approval(
    till: Till, threshold: int, percent: int, asks: bool
) -> None:
    till.change(discount_threshold=threshold)
    bought = rules.discount_all(basket(item(10_000)), Discount(percent=Percent(percent)))
    due = sales.price(till.shop, bought).total.minor
    if not asks:
        assert till.sell(bought, till.cash(due)).total == Money(due)
        return
    key = new_key()
    with pytest.raises(NeedsApproval):
        till.sell(bought, till.cash(due), key=key)
    assert verify().sales == 0
    owner = staff.create(till.shop, staff.PersonForm(name="Otto", role=Role.OWNER), by=staff.ROOT, pin="4444").id
    staff.approve(till.shop, owner, "4444", Action.DISCOUNT_OVER_THRESHOLD, till.ann, key=key)
    assert till.sell(bought, till.cash(due), key=key).number == 1
    assert db.row('SELECT "by", approved_by FROM entry') == (till.ann, owner)


@pytest.mark.requirement("D7-02")
def test_a_changed_price_needs_its_permission_in_the_service_too(till: Till) -> None:
    changed = rules.set_price(basket(item(1000)), 1, Money(900))
    action = Action.PRICE_CHANGE
    owner = staff.create(till.shop, staff.PersonForm(name="Otto", role=Role.OWNER), by=staff.ROOT, pin="4444").id
    allowed = staff.permission(till.shop, till.ann, action)
    assert allowed is not State.ALLOWED
    key = new_key()
    with pytest.raises((Denied, NeedsApproval)):
        till.sell(changed, till.cash(900), key=key)
    assert verify().sales == 0
    assert till.sell(rules.set_price(changed, 1, Money(1000)), till.cash(1000)).number == 1
    assert till.sell(changed, till.cash(900), by=owner).number == 2


@pytest.mark.requirement("D3-05")
def test_a_card_payment_is_known_before_the_terminal_is_asked(till: Till) -> None:
    key = new_key()
    pending = payments.begin_pending(till.shop, key, "card", Money(500), by=till.ann)
    with pytest.raises(PendingPayment):
        payments.begin_pending(till.shop, key, "card", Money(500), by=till.ann)
    with pytest.raises(PendingPayment):
        till.sell(basket(item(500)), till.cash(500), key=key)
    payments.answer_pending(till.shop, pending.id, approved=True, reference="4711", by=till.ann)
    with pytest.raises(PendingPayment) as refused:
        till.sell(basket(item(500)), till.cash(500), key=key)
    assert refused.value == PendingPayment(tender="card", amount=500)
    card = till.tender("card")
    sold = till.sell(basket(item(500)), Given(card, Money(500), reference="4711", pending=pending.id), key=key)
    assert sold.open_drawer is False
    assert payments.open_pending(till.shop, key) == ()
    assert balances()["clearing:card"] == 500


def test_an_approved_card_payment_pays_only_once_and_only_its_own_sale(till: Till) -> None:
    key = new_key()
    pending = payments.begin_pending(till.shop, key, "card", Money(500), by=till.ann)
    payments.answer_pending(till.shop, pending.id, approved=True, by=till.ann)
    paid = Given(till.tender("card"), Money(500), pending=pending.id)
    till.sell(basket(item(500)), paid, key=key)
    with pytest.raises(Invalid):
        till.sell(basket(item(500)), paid, key=new_key())
    with pytest.raises(Invalid):
        payments.return_pending(till.shop, pending.id, by=till.ann)
    assert balances()["clearing:card"] == 500


def test_a_declined_card_can_be_asked_again_and_a_returned_one_is_forgotten(till: Till) -> None:
    key = new_key()
    first = payments.begin_pending(till.shop, key, "card", Money(500), by=till.ann)
    payments.answer_pending(till.shop, first.id, approved=False, by=till.ann)
    second = payments.begin_pending(till.shop, key, "card", Money(500), by=till.ann)
    payments.answer_pending(till.shop, second.id, approved=True, by=till.ann)
    assert [one.id for one in payments.open_pending(till.shop, key)] == [second.id]
    payments.return_pending(till.shop, second.id, by=till.ann)
    assert till.sell(basket(item(500)), till.cash(500), key=key).number == 1
    assert balances()["drawer:R1"] == 500


def test_a_card_without_the_terminals_answer_is_refused(till: Till) -> None:
    with pytest.raises(Invalid):
        till.sell(basket(item(500)), till.card(500), key=new_key())
    assert verify().sales == 0


def test_a_closed_sale_can_not_be_changed(till: Till) -> None:
    sold = till.sell(basket(item(100)), till.cash(100))
    for statement in (
        "UPDATE sale SET total = 1",
        "DELETE FROM sale_line",
        "UPDATE sale_tender SET amount = 1",
        f"INSERT INTO sale_tax VALUES ('{sold.sale}', 9, 'A', 2000, 1, 1)",
    ):
        with pytest.raises(Refused), db.transaction():
            db.run(statement)
    assert verify().ok


@pytest.mark.requirement("D5-05")
def test_a_receipt_is_found_by_number_barcode_day_article_and_amount_and_printed_again(
    till: Till, time: FixedTime
) -> None:
    bread = till.article("Pain de campagne", 350)
    first = till.sell(basket(bread), till.cash(350))
    time.move(days=1)
    second = till.sell(basket(item(1299, text="Other")), till.cash(2000))
    shop = till.shop
    code = receipt.of_sale(shop, first.sale).barcode
    for words in ("1", code, "3,50", "3.50", "20.11.", "2026-11-20", "campag"):
        assert [row.sale for row in history.find(shop, words)] == [first.sale], words
    assert [row.number for row in history.find(shop)] == [2, 1]
    assert history.find(shop, "99,99") == ()
    assert history.find(shop, "[/x] ' OR 1=1 --") == ()
    assert history.last(shop) == second.sale
    while (job := printing.next_job(shop)) is not None:
        printing.printed(shop, job.id)
    assert history.reprint(shop, first.sale, by=till.ann) == 1
    assert history.reprint(shop, first.sale, by=till.ann) == 2
    jobs = [printing.next_job(shop)]
    printing.printed(shop, jobs[0].id if jobs[0] else "")
    jobs.append(printing.next_job(shop))
    texts = ["\n".join(str(element) for element in job.document) for job in jobs if job is not None]
    assert ["COPY 1" in texts[0], "COPY 2" in texts[1]] == [True, True]
    assert not any(job.kick_drawer for job in jobs if job)


@pytest.mark.requirement("D2-01", "N19")
def test_an_old_receipt_keeps_its_rate_and_its_header(till: Till) -> None:
    sold = till.sell(basket(item(1200)), till.cash(1200))
    before = receipt.document(till.shop, sold.sale)
    till.change(name="Somewhere Else", prices_include_tax=False)
    assert receipt.document(till.shop, sold.sale) == before


@pytest.mark.requirement("D6-02")
def test_a_printer_that_fails_loses_nothing_and_opens_the_drawer_once(till: Till) -> None:
    till.sell(basket(item(100)), till.cash(100))
    shop = till.shop
    first = printing.next_job(shop)
    assert first is not None
    assert first.kick_drawer
    printing.failed(shop, first.id, "no-paper", nothing_came_out=True)
    again = printing.next_job(shop)
    assert again is not None
    assert (again.id, again.kick_drawer, again.document == first.document) == (first.id, False, True)
    printing.failed(shop, again.id, "unplugged", nothing_came_out=False)
    marked = printing.next_job(shop)
    assert marked is not None
    assert "COPY 1" in str(marked.document)
    printing.printed(shop, marked.id)
    assert (printing.next_job(shop), printing.waiting(shop)) == (None, 0)


def test_a_job_that_was_printing_when_the_power_went_comes_again_marked(till: Till) -> None:
    till.sell(basket(item(100)), till.cash(100))
    assert printing.next_job(till.shop) is not None
    after = printing.next_job(till.shop)
    assert after is not None
    assert "COPY 1" in str(after.document)
    assert after.kick_drawer is False


@pytest.mark.requirement("N3", "E51")
def test_e51_verify_names_the_first_bad_entry(till: Till) -> None:
    for _ in range(3):
        till.sell(basket(item(100)), till.cash(100))
    till.tamper("UPDATE posting SET amount = amount * 2 WHERE entry = (SELECT id FROM entry WHERE seq = 2)")
    report = verify()
    assert not report.ok
    assert report.first_bad == ("R1", 2)


@pytest.mark.requirement("N3")
def test_an_edit_of_a_line_of_an_old_sale_breaks_the_chain_too(till: Till) -> None:
    sold = [till.sell(basket(item(100)), till.cash(100)) for _ in range(3)]
    till.tamper(f"UPDATE sale_line SET text = 'Wine' WHERE sale = '{sold[1].sale}'")
    assert verify().first_bad == ("R1", 2)


@pytest.mark.requirement("N3")
def test_a_cut_tail_is_found_by_what_a_receipt_shows(till: Till) -> None:
    sold = [till.sell(basket(item(100)), till.cash(100)) for _ in range(3)]
    anchor = Anchor("R1", sold[2].seq, sold[2].hash_piece)
    assert verify(anchors=[anchor]).ok
    entry = (db.row("SELECT id FROM entry WHERE seq = 3") or ("",))[0]
    before = db.row("SELECT previous_hash FROM entry WHERE seq = 3") or ("",)
    till.tamper(
        *(f"DELETE FROM {table} WHERE sale = '{sold[2].sale}'" for table in ("sale_line", "sale_tax", "sale_tender")),
        f"DELETE FROM posting WHERE entry = '{entry}'",
        f"DELETE FROM sale WHERE id = '{sold[2].sale}'",
        f"DELETE FROM entry WHERE id = '{entry}'",
        f"UPDATE lane SET seq = 2, receipt = 2, head = '{before[0]}'",
        "UPDATE account SET balance = 200 WHERE kind = 'drawer'",
    )
    assert verify().ok, "without paper a cut tail can't be seen"
    assert verify(anchors=[anchor]).first_bad == ("R1", 3)


@pytest.mark.requirement("N3")
def test_every_fiftieth_entry_and_every_z_is_signed_and_keys_go_by_month(till: Till, time: FixedTime) -> None:
    """The Z is that of the day which nobody closed."""
    for number in range(101):
        if number == 60:
            time.move(days=20)
        till.sell(basket(item(100)), till.cash(100))
    report = verify(root=signing.first_public(till.shop))
    assert (report.ok, report.entries, report.signatures) == (True, 102, 3)
    assert db.rows("SELECT seq FROM signature ORDER BY seq") == [(50,), (61,), (100,)]
    keys = signing.public_keys()
    assert [(key.month, key.previous) for key in keys] == [("2026-11", None), ("2026-12", keys[0].id)]
    assert not verify(root="00" * 32).ok


@pytest.mark.requirement("D1-06")
def test_discounts_are_remembered_as_they_were_given(till: Till) -> None:
    bought = rules.discount_line(basket(item(1000), item(500)), 1, Discount(percent=Percent(1000), reason="Damaged"))
    bought = rules.discount_all(bought, Discount(amount=Money(140), reason="Regular"))
    sold = till.sell(bought, till.cash(1260))
    rows = sale_rows.read(sold.sale)
    assert rows is not None
    head = rows.head()
    assert (head["sum"], head["discount"], head["discount_percent"], head["discount_reason"]) == (
        1400,
        140,
        None,
        "Regular",
    )
    assert rows.lines[0][rows.lines[0].index("Damaged") - 1] == 1000
    assert sold.total == Money(1260)


def test_change_of_settings_is_a_new_version(shop: Shop) -> None:
    changed = change_settings(shop, {"name": "Chez Nous", "notes": [1000]}, by="root")
    assert (changed.settings.name, changed.settings.notes, changed.settings_version) == ("Chez Nous", (1000,), 1)
    with pytest.raises(Invalid):
        change_settings(shop, {"cash_step": "five"}, by="root")
    with pytest.raises(Invalid):
        change_settings(shop, {"no_such": 1}, by="root")
    with pytest.raises(Invalid):
        change_settings(shop, {"zone": "Mars/Olympus"}, by="root")


def test_tenders_come_in_the_order_of_their_keys(till: Till) -> None:
    assert [tender.code for tender in sales.tenders(till.shop)] == ["cash", "card", "ticket", "bank", "voucher"]
