"""The ledger refuses what can't be true, on both engines, whoever asks."""

from __future__ import annotations

import pytest

from kiosk import db
from kiosk.errors import AlreadyTaken, Refused
from kiosk.services import ledger
from kiosk.services.ledger import Account, Line, Posted
from kiosk.services.shop import Shop, new_key
from tests.services.conftest import FixedTime

DRAWER = Account("drawer", "R1", "EUR")
SALES = Account("sales", "A/1900", "EUR")
VOUCHER = Account("voucher", "10001", "EUR")


def post(shop: Shop, *lines: Line, key: str | None = None, approved_by: str | None = None) -> Posted:
    with db.transaction():
        return ledger.post(
            shop, ledger.lock(shop), "sale", lines, key=key or new_key(), by="ann", approved_by=approved_by
        )


def balance(account: Account) -> int | None:
    found = db.row(
        "SELECT balance FROM account WHERE kind = ? AND owner = ? AND unit = ?",
        (account.kind, account.owner, account.unit),
    )
    return None if found is None else int(found[0])


def count(table: str) -> int:
    return int((db.row(f"SELECT COUNT(*) FROM {table}") or (0,))[0])


@pytest.mark.requirement("N3")
def test_an_entry_moves_the_balances_that_are_kept(shop: Shop) -> None:
    post(shop, Line(DRAWER, 1200), Line(SALES, -1200))
    assert balance(DRAWER) == 1200
    assert balance(SALES) == 0, "turnover keeps no balance, so that lanes do not wait for each other"


@pytest.mark.requirement("N3")
def test_entries_are_numbered_without_a_gap_and_chained(shop: Shop) -> None:
    first = post(shop, Line(DRAWER, 100), Line(SALES, -100))
    second = post(shop, Line(DRAWER, 200), Line(SALES, -200))
    assert (first.seq, second.seq) == (1, 2)
    assert db.rows("SELECT previous_hash, hash FROM entry ORDER BY seq") == [
        ("", first.hash),
        (first.hash, second.hash),
    ]
    assert db.row("SELECT seq, head FROM lane") == (2, second.hash)


def test_an_entry_that_does_not_sum_to_zero_is_refused_and_leaves_nothing(shop: Shop) -> None:
    with pytest.raises(Refused, match="sum to zero"):
        post(shop, Line(DRAWER, 100), Line(SALES, -99))
    assert (count("entry"), count("posting"), count("account")) == (0, 0, 0)


def test_units_are_summed_apart(shop: Shop) -> None:
    with pytest.raises(Refused, match="sum to zero"):
        post(shop, Line(DRAWER, 100), Line(Account("pts", "1", "PTS"), -100))
    assert count("entry") == 0


def test_a_voucher_can_never_be_overdrawn(shop: Shop) -> None:
    post(shop, Line(DRAWER, 5000), Line(VOUCHER, -5000))
    with pytest.raises(Refused):
        post(shop, Line(VOUCHER, 5001), Line(SALES, -5001))
    assert balance(VOUCHER) == -5000
    post(shop, Line(VOUCHER, 5000), Line(SALES, -5000))
    assert balance(VOUCHER) == 0


def test_an_overridable_limit_needs_an_approval(shop: Shop) -> None:
    debt = Account("debt", "mara", "EUR")
    post(shop, Line(debt, 100), Line(SALES, -100))
    with db.transaction():
        db.run("UPDATE account SET overridable = 1000 WHERE kind = 'debt'")
    with pytest.raises(Refused, match="approval"):
        post(shop, Line(debt, 901), Line(SALES, -901))
    assert balance(debt) == 100
    post(shop, Line(debt, 901), Line(SALES, -901), approved_by="otto")
    assert balance(debt) == 1001


def test_the_same_key_is_refused_a_second_time(shop: Shop) -> None:
    post(shop, Line(DRAWER, 100), Line(SALES, -100), key="once")
    with pytest.raises(AlreadyTaken):
        post(shop, Line(DRAWER, 100), Line(SALES, -100), key="once")
    assert balance(DRAWER) == 100
    assert ledger.entry_of("once") is not None
    assert ledger.entry_of("never") is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET kind = 'x'",
        "DELETE FROM entry",
        "UPDATE posting SET amount = amount + 1",
        "DELETE FROM posting",
        "UPDATE account SET balance = 0",
        "UPDATE account SET highest = NULL",
        "DELETE FROM account",
        "UPDATE lane SET seq = 0",
        "UPDATE lane SET head = ''",
        "DELETE FROM lane",
        "DROP TABLE posting",
        "ALTER TABLE entry ADD COLUMN x TEXT",
    ],
)
def test_nothing_in_the_ledger_is_changed_or_deleted(shop: Shop, statement: str) -> None:
    posted = post(shop, Line(DRAWER, 100), Line(SALES, -100))
    with pytest.raises(Refused), db.transaction():
        db.run(statement)
    assert db.row("SELECT seq, head FROM lane") == (1, posted.hash)
    assert balance(DRAWER) == 100
    assert (count("entry"), count("posting")) == (1, 2)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("deed", ["entry", "posting", "account"])
def test_replacing_a_row_is_no_way_around_the_guards(shop: Shop, deed: str) -> None:
    post(shop, Line(DRAWER, 100), Line(SALES, -100))
    before = db.rows(f"SELECT * FROM {deed}")
    columns = [name for _cid, name, *_rest in db.rows(f"PRAGMA table_info({deed})")]
    marks = ", ".join("?" * len(columns))
    with pytest.raises(Refused), db.transaction():
        db.run(f"INSERT OR REPLACE INTO {deed} VALUES ({marks})", before[0])
    assert db.rows(f"SELECT * FROM {deed}") == before


def test_a_posting_can_not_join_an_entry_that_is_closed(shop: Shop) -> None:
    posted = post(shop, Line(DRAWER, 100), Line(SALES, -100))
    (account,) = db.row("SELECT account FROM posting LIMIT 1") or ("",)
    with pytest.raises(Refused, match="closed"), db.transaction():
        db.run("INSERT INTO posting VALUES (?, 3, ?, 5)", (posted.id, account))
    assert balance(DRAWER) == 100


def test_a_posting_needs_an_account_that_exists(shop: Shop) -> None:
    with pytest.raises(Refused, match="unknown account"), db.transaction():
        db.run("INSERT INTO posting VALUES ('some entry', 1, 'nowhere', 5)")
    assert count("posting") == 0


def test_a_posting_without_an_entry_does_not_survive_the_commit(shop: Shop) -> None:
    post(shop, Line(DRAWER, 100), Line(SALES, -100))
    (account,) = db.row("SELECT account FROM posting LIMIT 1") or ("",)
    with pytest.raises(Refused), db.transaction():
        db.run("INSERT INTO posting VALUES ('nowhere', 1, ?, 5)", (account,))
    assert (balance(DRAWER), count("posting")) == (100, 2)


def test_a_gap_and_a_wrong_previous_hash_are_refused(shop: Shop) -> None:
    post(shop, Line(DRAWER, 100), Line(SALES, -100))
    for head in (ledger.Head(5, "", 0), ledger.Head(1, "0" * 64, 0), ledger.Head(0, "", 0)):
        with pytest.raises((Refused, AlreadyTaken)), db.transaction():
            ledger.post(shop, head, "sale", [Line(DRAWER, 1), Line(SALES, -1)], key=new_key(), by="ann")
    assert count("entry") == 1


def test_an_account_is_born_empty(shop: Shop) -> None:
    with pytest.raises(Refused, match="born empty"), db.transaction():
        db.run("INSERT INTO account (id, kind, unit, highest, balance) VALUES ('x', 'voucher', 'EUR', 0, -500)")
    assert count("account") == 0


def test_a_clock_that_runs_back_is_marked_and_order_stays(shop: Shop, time: FixedTime) -> None:
    post(shop, Line(DRAWER, 100), Line(SALES, -100))
    time.move(days=-3650)
    post(shop, Line(DRAWER, 100), Line(SALES, -100))
    time.move(days=3651)
    time.believable = False
    post(shop, Line(DRAWER, 100), Line(SALES, -100))
    time.believable = True
    post(shop, Line(DRAWER, 100), Line(SALES, -100))
    assert db.rows("SELECT seq, clock_suspect FROM entry ORDER BY seq") == [(1, 0), (2, 1), (3, 1), (4, 0)]


def test_an_error_in_the_middle_takes_everything_back(shop: Shop) -> None:
    def fail_after_posting() -> None:
        with db.transaction():
            ledger.post(shop, ledger.lock(shop), "sale", [Line(DRAWER, 1), Line(SALES, -1)], key="k", by="ann")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_posting()
    assert (count("entry"), count("posting"), balance(DRAWER)) == (0, 0, None)
