"""Sales that wait under a name: nothing of them is lost or doubled, whoever takes them up, wherever and when."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest

from kiosk import db
from kiosk.errors import (
    AlreadyDone,
    Denied,
    EmptySale,
    Missing,
    NeedsApproval,
    NotFound,
    OtherVersion,
    ParkedLocked,
    PartlyPaid,
    PendingPayment,
    SaleIsOpen,
    ShopError,
)
from kiosk.money import Money, Percent, Quantity
from kiosk.receipts.paper import Code, as_text
from kiosk.rules import basket as rules
from kiosk.rules import codes
from kiosk.rules.basket import EMPTY, Basket, Discount, Returned, Unit
from kiosk.rules.codes import CodeKind
from kiosk.rules.drawer import Count
from kiosk.rules.permissions import Action, Role, State
from kiosk.services import customers, drafts, parked, payments, pins, printing, sales, shifts, staff
from kiosk.services.customer_rows import CustomerForm
from kiosk.services.drafts import Draft
from kiosk.services.parked import Counts
from kiosk.services.shop import Shop, load_shop, new_key
from kiosk.services.staff import PersonForm
from kiosk.services.verify import verify
from tests.services.conftest import FixedTime
from tests.services.journey import Till

HOSTILE = "[/x]\x1b[31m\u202e\0Luc" + "界" * 10_000


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "_MEMORY_KIB", 64)


@pytest.fixture
def second(till: Till) -> Shop:
    """The shop at another lane."""
    return load_shop("R2", 2, till.shop.keys, clock=till.shop.clock)


def a_draft(till: Till, pieces: int = 2, **more: object) -> Draft:
    """A sale under way."""
    bread = till.article(f"Bread {new_key()}", 450)
    basket = rules.add(EMPTY, bread, Quantity.of(pieces))
    return replace(Draft(new_key(), basket, selected=1, opened_at=till.shop.clock.millis()), **more)  # type: ignore[arg-type]


def everything(till: Till) -> Draft:
    """A sale with all that one can have: discounts, goods that come back, an age check, a customer."""
    milk = till.article("Milk", 129)
    apples = till.article("Apples", 220, unit=Unit.KILOGRAM)
    basket = rules.add(rules.add(EMPTY, milk, Quantity.of(3)), apples, Quantity(1234))
    first, second = basket.lines
    lines = (
        replace(first, discount=Discount(percent=Percent(1000), reason="Damaged")),
        replace(second, quantity=Quantity(-1234), returned=Returned("s1", 2, 1041, "Faulty", restock=False)),
    )
    basket = replace(basket, lines=lines, discount=Discount(amount=Money(10), reason="Regular"), age_checked=18)
    mara = customers.save(till.shop, CustomerForm(name="Mara Monk", phone="+4915112345678"), by=till.ann)
    return Draft(new_key(), basket, entry="3 *", selected=1, opened_at=1_700_000_000_000, customer=mara.id)


def refusal(deed: object) -> ShopError:
    """What a deed is refused with."""
    with pytest.raises(ShopError) as error:
        deed()  # type: ignore[operator]
    return error.value


def rows() -> list[tuple[object, ...]]:
    return db.rows("SELECT key, number, state, name, note, customer, content FROM parked ORDER BY number")


def journal_of(*actions: str) -> list[tuple[str, dict[str, object]]]:
    marks = ", ".join("?" * len(actions))
    found = db.rows(f"SELECT action, facts FROM journal WHERE action IN ({marks}) ORDER BY id", actions)
    return [(action, json.loads(facts)) for action, facts in found]


@pytest.mark.requirement("T-11", "D4-01")
def test_a_sale_waits_under_its_name_and_comes_back_as_it_was(till: Till, time: FixedTime) -> None:
    shop, ben, draft = till.shop, till.person("Ben Bell", Role.CASHIER), everything(till)
    drafts.save(shop, till.ann, draft)
    made = parked.park(shop, draft, " Mara\tMonk ", note="red coat", by=till.ann)
    assert drafts.load(shop, till.ann) is None
    time.move(minutes=7)
    (listed,) = parked.waiting(shop, by=ben)
    assert listed == replace(made, minutes=7)
    assert (listed.number, listed.name, listed.note, listed.customer) == (1, "Mara Monk", "red coat", draft.customer)
    assert (listed.lane, listed.who, listed.by, listed.old, listed.locked) == ("R1", "Ann", till.ann, False, False)
    assert listed.items == draft.basket.items
    assert listed.total == sales.price(shop, draft.basket).total
    assert parked.look_into(shop, draft.key, by=ben).total == listed.total
    taken = parked.recall(shop, draft.key, by=ben)
    assert taken == replace(draft, entry="", restored=True)
    assert drafts.load(shop, ben) == taken
    assert drafts.load(shop, till.ann) is None
    assert parked.waiting(shop, by=ben) == ()
    assert rows() == [(draft.key, 1, "recalled", "", "", None, "")]
    facts = {"key": draft.key, "number": 1}
    sums = {"items": draft.basket.items, "total": listed.total.minor}
    assert journal_of("sale.parked", "sale.recalled") == [("sale.parked", facts | sums), ("sale.recalled", facts)]
    assert db.rows("SELECT 1 FROM entry") == []


@pytest.mark.requirement("T-12")
def test_what_can_not_be_parked_stays_where_it_is(till: Till) -> None:
    shop, draft = till.shop, a_draft(till)
    drafts.save(shop, till.ann, draft)

    def parks(one: Draft, name: str = "Luc", by: str = till.ann) -> ShopError:
        return refusal(lambda: parked.park(shop, one, name, by=by))

    assert parks(draft, " \t\x1b ") == Missing(field="name")
    assert parks(replace(draft, basket=EMPTY)) == EmptySale()
    assert parks(replace(draft, tenders=(till.ticket(200), till.cash(50)))) == PartlyPaid(received=250)
    assert parks(draft, by=till.technician) == Denied(action=Action.SELL)
    asked = payments.begin_pending(shop, draft.key, "card", Money(900), by=till.ann)
    assert parks(draft) == PendingPayment(tender="card", amount=900)
    payments.answer_pending(shop, asked.id, approved=True, by=till.ann)
    assert parks(draft) == PendingPayment(tender="card", amount=900)
    closed = a_draft(till)
    till.sell(closed.basket, till.cash(900), key=closed.key)
    assert parks(closed) == AlreadyDone(key=closed.key)
    drafts.save(shop, till.ann, draft)
    assert drafts.load(shop, till.ann) == replace(draft, restored=True)
    assert rows() == []


@pytest.mark.requirement("D4-01")
def test_the_same_sale_is_parked_once_and_never_by_whoever_no_longer_has_it(till: Till, second: Shop) -> None:
    shop, ben, draft = till.shop, till.person("Ben", Role.CASHIER), a_draft(till)
    first = parked.park(shop, draft, "Luc", by=till.ann)
    assert parked.park(shop, draft, "Luc", by=till.ann) == first
    more = replace(draft, basket=a_draft(till).basket)
    assert refusal(lambda: parked.park(shop, more, "Luc", by=till.ann)) == AlreadyDone(key=draft.key)
    drafts.save(shop, till.ann, draft)
    assert drafts.load(shop, till.ann) is None, "a late save of the till's does not open it again"
    parked.recall(second, draft.key, by=ben)
    assert refusal(lambda: parked.park(shop, draft, "Luc", by=till.ann)) == AlreadyDone(key=draft.key)
    assert parked.waiting(shop, by=ben) == ()
    again = parked.park(second, more, "Lucy", by=ben)
    assert (again.number, again.name, again.lane, again.who) == (2, "Lucy", "R2", "Ben")
    parked.delete(shop, draft.key, by=till.ann)
    assert refusal(lambda: parked.park(shop, draft, "Luc", by=till.ann)) == AlreadyDone(key=draft.key)
    assert parked.park(shop, a_draft(till), "Luc", by=till.ann).number == 2 + 1, "a number is never used again"


@pytest.mark.requirement("D4-01")
def test_a_sale_is_taken_up_by_one_person_with_nothing_open(till: Till, second: Shop) -> None:
    shop, ben, draft, other = till.shop, till.person("Ben", Role.CASHIER), a_draft(till), a_draft(till)
    parked.park(shop, draft, "Luc", by=till.ann)
    drafts.save(shop, ben, other)
    assert refusal(lambda: parked.recall(shop, draft.key, by=ben)) == SaleIsOpen()
    drafts.save(shop, ben, replace(other, basket=EMPTY, tenders=(till.cash(100),)))
    assert refusal(lambda: parked.recall(shop, draft.key, by=ben)) == SaleIsOpen()
    assert [one.key for one in parked.waiting(shop, by=ben)] == [draft.key]
    drafts.save(shop, ben, replace(other, basket=EMPTY))
    assert refusal(lambda: parked.recall(shop, draft.key, by=till.technician)) == Denied(action=Action.SELL)
    taken = parked.recall(shop, draft.key, by=ben)
    assert parked.recall(shop, draft.key, by=ben) == taken, "asked again, he has it"
    for where, who in ((shop, till.ann), (second, ben)):
        assert refusal(lambda: parked.recall(where, draft.key, by=who)) == NotFound(what="parked", code="")  # noqa: B023
        assert drafts.load(where, who) is None
    till.sell(draft.basket, till.cash(900), key=draft.key, by=ben)
    assert refusal(lambda: parked.recall(shop, draft.key, by=ben)) == NotFound(what="parked", code="")
    assert len(journal_of("sale.recalled")) == 1


@pytest.mark.requirement("D4-01")
def test_of_two_tills_that_take_one_sale_at_once_exactly_one_gets_it(till: Till, second: Shop) -> None:
    """Both have seen it waiting before either takes it."""
    together = threading.Barrier(2, timeout=20)
    seen: list[str] = []
    got: list[str] = []
    refused: list[ShopError] = []

    def take(shop: Shop) -> None:
        db.database.connect()
        try:
            seen.extend(one.key for one in parked.waiting(shop, by=till.ann))
            together.wait()
            parked.recall(shop, draft.key, by=till.ann)
            got.append(shop.lane)
        except ShopError as error:
            refused.append(error)
        finally:
            db.disconnect()

    for round_ in range(1, 6):
        draft = a_draft(till)
        parked.park(till.shop, draft, "Luc", by=till.ann)
        threads = [threading.Thread(target=take, args=(shop,)) for shop in (till.shop, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert seen == [draft.key, draft.key]
        assert (len(got), refused) == (round_, [NotFound(what="parked", code="")])
        assert db.rows("SELECT lane FROM draft WHERE key = ?", (draft.key,)) == [(got[-1],)]
        drafts.clear(till.shop, till.ann)
        drafts.clear(second, till.ann)
        seen.clear()
        refused.clear()


@pytest.mark.requirement("D4-01", "D7-02")
def test_a_locked_sale_is_kept_for_whoever_parked_it(till: Till) -> None:
    shop, ben = till.shop, till.person("Ben", Role.CASHIER)
    mona = staff.create(shop, PersonForm("Mona", Role.MANAGER), by=staff.ROOT, pin="9999").id
    draft = a_draft(till)
    parked.park(shop, draft, "Luc", by=till.ann)
    assert refusal(lambda: parked.lock(shop, draft.key, by=ben)) == NeedsApproval(action=Action.UNLOCK_PARKED)
    assert parked.lock(shop, draft.key, by=till.ann).locked
    deeds = (
        lambda key: parked.recall(shop, draft.key, by=ben, key=key),
        lambda key: parked.delete(shop, draft.key, by=ben, key=key),
        lambda key: parked.rename(shop, draft.key, "Mine", by=ben, key=key),
        lambda key: parked.write_note(shop, draft.key, "Mine", by=ben, key=key),
        lambda key: parked.unlock(shop, draft.key, by=ben, key=key),
    )
    before = rows()
    for deed in deeds:
        assert refusal(lambda: deed(new_key())) == NeedsApproval(action=Action.UNLOCK_PARKED)  # noqa: B023
    owner = staff.create(shop, PersonForm("Otto", Role.OWNER), by=staff.ROOT).id
    staff.set_permission(shop, Role.CASHIER, Action.UNLOCK_PARKED, State.DENIED, by=owner)
    for deed in deeds:
        assert refusal(lambda: deed(new_key())) == ParkedLocked(by="Ann")  # noqa: B023
    assert rows() == before
    assert parked.rename(shop, draft.key, "Lucy", by=till.ann).name == "Lucy", "one's own is free"
    staff.set_permission(shop, Role.CASHIER, Action.UNLOCK_PARKED, State.APPROVAL, by=owner)
    key = new_key()
    staff.approve(shop, mona, "9999", Action.UNLOCK_PARKED, ben, key=key)
    assert parked.recall(shop, draft.key, by=ben, key=key).key == draft.key
    assert db.rows("SELECT approved_by FROM journal WHERE action = 'sale.recalled'") == [(mona,)]
    again = parked.park(shop, draft, "Luc", by=ben)
    assert not again.locked
    assert parked.lock(shop, draft.key, by=mona).locked
    assert not parked.unlock(shop, draft.key, by=ben).locked


@pytest.mark.requirement("D4-01")
def test_names_and_notes_change_and_stand_nowhere_else(till: Till) -> None:
    shop, draft = till.shop, a_draft(till)
    made = parked.park(shop, draft, HOSTILE, note=HOSTILE, by=till.ann)
    assert made.name.startswith("[/x][31mLuc界")
    assert len(made.name) == parked.LONGEST_NAME
    assert "\x1b" not in made.name + made.note
    assert parked.rename(shop, draft.key, "Secret Sue", by=till.ann).name == "Secret Sue"
    assert parked.write_note(shop, draft.key, "Sue's red coat", by=till.ann).note == "Sue's red coat"
    assert refusal(lambda: parked.rename(shop, draft.key, "  ", by=till.ann)) == Missing(field="name")
    assert parked.write_note(shop, draft.key, "", by=till.ann).note == ""
    assert journal_of("parked.changed")[0] == ("parked.changed", {"fields": ["name"], "key": draft.key, "number": 1})
    parked.write_note(shop, draft.key, "Sue's red coat", by=till.ann)
    parked.delete(shop, draft.key, by=till.ann)
    assert rows() == [(draft.key, 1, "deleted", "", "", None, "")]
    assert journal_of("parked.deleted") == [
        ("parked.deleted", {"key": draft.key, "number": 1, "items": 2, "total": 900})
    ]
    assert "Sue" not in str(db.rows("SELECT * FROM journal")) + str(db.rows("SELECT * FROM parked"))
    for deed in (parked.delete, parked.lock, parked.unlock, parked.recall, parked.look_into, parked.print_ticket):
        assert refusal(lambda: deed(shop, draft.key, by=till.ann)) == NotFound(what="parked", code="")  # noqa: B023


@pytest.mark.requirement("D4-01")
def test_a_sale_that_waits_for_more_than_the_shop_s_days_is_old(till: Till, time: FixedTime) -> None:
    parked.park(till.shop, a_draft(till), "Luc", by=till.ann)
    assert parked.counts(till.shop) == Counts(1, 0)
    time.move(days=2)
    parked.park(till.shop, a_draft(till), "Anne", by=till.ann)
    assert parked.counts(till.shop) == Counts(2, 0)
    time.move(seconds=1)
    assert parked.counts(till.shop) == Counts(2, 1)
    assert [(one.name, one.old) for one in parked.waiting(till.shop, by=till.ann)] == [("Anne", False), ("Luc", True)]
    till.change(parked_days=3)
    assert parked.counts(till.shop) == Counts(2, 0)
    time.move(days=400)
    assert parked.counts(till.shop) == Counts(2, 2)
    till.change(parked_days=0)
    assert parked.counts(till.shop) == Counts(2, 0), "without days nothing is remarked upon"
    if not db.on_postgres():
        (plan,) = db.rows(f"EXPLAIN QUERY PLAN {parked._COUNT}", (0,))
        assert plan[-1] == "SCAN parked USING INDEX parked_waiting"


@pytest.mark.requirement("D4-01", "N11")
def test_who_is_erased_is_taken_out_of_what_waits(till: Till) -> None:
    shop, mine, other = till.shop, everything(till), a_draft(till)
    parked.park(shop, mine, "Mara Monk", note="Mara's", by=till.ann)
    parked.park(shop, other, "Luc", note="Luc's", by=till.ann)
    with db.transaction():
        assert parked.forget_in(shop, [mine.customer, "nobody"]) == 1
    assert [(one.name, one.note, one.customer) for one in parked.waiting(shop, by=till.ann)] == [
        ("Luc", "Luc's", ""),
        ("#1", "", ""),
    ]
    assert mine.customer not in str(rows())
    assert parked.recall(shop, mine.key, by=till.ann) == replace(mine, entry="", customer="", restored=True)


def test_what_another_version_parked_is_said_and_stays(till: Till) -> None:
    shop, draft = till.shop, a_draft(till)
    parked.park(shop, draft, "Luc", by=till.ann)
    strange = drafts.to_text(draft).replace('"version":1', '"version":0')
    with db.transaction():
        db.run("UPDATE parked SET content = ?, customer = 'c1'", (strange,))
    said = OtherVersion(what="parked", code="1")
    assert refusal(lambda: parked.recall(shop, draft.key, by=till.ann)) == said
    assert refusal(lambda: parked.look_into(shop, draft.key, by=till.ann)) == said
    with db.transaction():
        assert parked.forget_in(shop, ["c1"]) == 1
    assert rows() == [(draft.key, 1, "waiting", "#1", "", None, strange)]
    assert drafts.load(shop, till.ann) is None


@pytest.mark.requirement("D4-01", "T-11")
def test_a_sale_waits_through_the_day_s_end_and_a_restart_and_is_sold_the_next_day(
    till: Till, database_url: str, time: FixedTime
) -> None:
    draft = a_draft(till)
    shifts.open_shift(till.shop, Count(Money(0)), key=new_key(), by=till.ann)
    parked.park(till.shop, draft, "Luc", by=till.ann)
    closed = shifts.close_shift(till.shop, Count(Money(0)), key=new_key(), by=till.ann)
    assert closed.proof_ok
    db.disconnect()
    time.move(days=1)
    db.connect(database_url)
    till.shop = load_shop("R1", 1, till.shop.keys, clock=till.shop.clock)
    taken = parked.recall(till.shop, draft.key, by=till.ann)
    assert taken == replace(draft, restored=True)
    sold = till.sell(taken.basket, till.cash(900), key=taken.key)
    assert (sold.number, sold.total) == (1, Money(900))
    assert drafts.load(till.shop, till.ann) is None
    assert verify().ok


@pytest.mark.requirement("D4-01")
def test_the_code_of_a_ticket_leads_to_its_sale_while_it_waits(till: Till) -> None:
    shop, draft = till.shop, a_draft(till)
    parked.park(shop, a_draft(till), "Anne", by=till.ann)
    parked.park(shop, draft, "Secret Sue", by=till.ann)
    assert parked.print_ticket(shop, draft.key, by=till.ann) == 2
    job = printing.next_job(shop)
    assert job is not None
    (code,) = [element.data for element in job.document if isinstance(element, Code)]
    assert code == codes.make(CodeKind.PARKED, 2)
    text = "\n".join(as_text(job.document, 42))
    assert "PARKED 2" in text
    assert "Sue" not in text
    assert parked.by_code(shop, code) == (2, draft.key)
    assert parked.by_code(shop, codes.make(CodeKind.RECEIPT, 2)) is None
    printing.printed(shop, job.id)
    parked.print_ticket(shop, draft.key, by=till.ann)
    parked.recall(shop, draft.key, by=till.ann)
    assert parked.by_code(shop, code) == (2, "")
    late = printing.next_job(shop)
    assert late is not None
    assert late.document == (), "what waits no more has no ticket"
    parked.park(shop, replace(draft, basket=Basket(draft.basket.lines, next_id=9)), "Sue", by=till.ann)
    assert parked.by_code(shop, code) == (2, ""), "an old ticket stands for nothing else"
