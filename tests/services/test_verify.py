"""Every kind of untruth in the books is named, at the entry where it is (DOMAIN.md C.4, PLATFORM.md 6)."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk import db
from kiosk.errors import StorageFailed
from kiosk.rules import basket as rules
from kiosk.rules.basket import EMPTY
from kiosk.services import ledger, sale_rows, signing
from kiosk.services.keys import Keys
from kiosk.services.ledger import Account, Line
from kiosk.services.shop import Shop, load_shop, new_key
from kiosk.services.verify import Anchor, Problem, Report, verify
from kiosk.services.verify_report import MOST_PROBLEMS
from tests.services.conftest import FixedTime
from tests.services.journey import Till

SALES = ("R1", "R2", "R1", "R2", "R1", "R2", "R1")
"""At which till each sale is made: four at R1, three at R2; every second entry of a lane is signed."""

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""PostgreSQL has no column that takes a value of another type."""


@pytest.fixture
def second(shop: Shop, keys: Keys) -> Shop:
    """The same shop at lane R2."""
    return load_shop("R2", 2, keys, clock=shop.clock)


@pytest.fixture
def books(till: Till, second: Shop, time: FixedTime, monkeypatch: pytest.MonkeyPatch) -> Till:
    """Two lanes that have sold; each sale has two lines, two rates of tax and two tenders."""
    monkeypatch.setattr(signing, "EVERY", 2)
    wine, bread = till.article("Wine", 1000), till.article("Bread", 300)
    first = till.shop
    for lane in SALES:
        time.move(minutes=1)
        till.shop = first if lane == "R1" else second
        till.sell(rules.add(rules.add(EMPTY, wine), bread), till.ticket(500), till.cash(1000))
    till.shop = first
    return till


def entry(lane: str, seq: int) -> str:
    """The id of an entry, in SQL."""
    return f"(SELECT id FROM entry WHERE lane = '{lane}' AND seq = {seq})"


def sale(lane: str, seq: int) -> str:
    """The id of the sale of an entry, in SQL."""
    return f"(SELECT sale FROM entry WHERE lane = '{lane}' AND seq = {seq})"


def account(kind: str, owner: str = "") -> str:
    """The id of an account."""
    found = db.row("SELECT id FROM account WHERE kind = ? AND owner = ?", (kind, owner))
    assert found is not None
    return str(found[0])


def problems(report: Report) -> list[tuple[str, int | None, str]]:
    """What was found, in its order."""
    return [(each.lane, each.seq, each.what) for each in report.problems]


def without_constraint(table: str, name: str) -> tuple[str, ...]:
    """What takes a constraint away; an attacker's connection to SQLite knows none."""
    return (f"ALTER TABLE {table} DROP CONSTRAINT {name}",) if db.on_postgres() else ()


def test_true_books_of_two_lanes_have_no_problem(books: Till) -> None:
    papers = [Anchor(lane, seq, own[:8]) for lane, seq, own in db.rows("SELECT lane, seq, hash FROM entry")]

    report = verify(anchors=papers, root=signing.first_public(books.shop))

    assert problems(report) == []
    assert (report.ok, report.first_bad) == (True, None)
    assert (report.entries, report.sales, report.signatures) == (7, 7, 3)
    heads = {lane: (seq, own) for lane, seq, own in db.rows("SELECT id, seq, head FROM lane")}
    assert report.heads == heads
    assert {lane: seq for lane, (seq, _) in report.heads.items()} == {"R1": 4, "R2": 3}


def test_progress_tells_how_many_entries_are_done(books: Till) -> None:
    told: list[int] = []

    verify(progress=told.append)

    assert told == [4, 7]


@pytest.mark.requirement("N3", "I1", "I2", "I11", "I15", "I16", "I17")
@pytest.mark.parametrize(
    ("edit", "found"),
    [
        pytest.param(
            f"UPDATE entry SET kind = 'gift' WHERE id = {entry('R1', 2)}",
            [("R1", 2, "hash")],
            id="hash",
        ),
        pytest.param(
            "UPDATE account SET unit = 'USD' WHERE kind = 'drawer' AND owner = 'R2'",
            [*(("R2", seq, what) for seq in (1, 2, 3) for what in ("hash", "sum"))],
            id="hash of what an account is",
        ),
        pytest.param(
            f"UPDATE entry SET seq = 9 WHERE id = {entry('R1', 4)}",
            [("R1", 4, "gap"), ("R1", 9, "hash"), ("R1", 5, "tail"), ("R1", 4, "signature")],
            id="gap",
        ),
        pytest.param(
            f"UPDATE entry SET previous_hash = hash WHERE id = {entry('R1', 3)}",
            [("R1", 3, "previous"), ("R1", 3, "hash")],
            id="previous",
        ),
        pytest.param(
            f"UPDATE posting SET amount = amount - 1 WHERE entry = {entry('R2', 2)} "
            "AND account = (SELECT id FROM account WHERE kind = 'sales')",
            [("R2", 2, "hash"), ("R2", 2, "sum")],
            id="sum",
        ),
        pytest.param(
            f"UPDATE sale_line SET text = 'Water' WHERE position = 1 AND sale = {sale('R1', 3)}",
            [("R1", 3, "digest")],
            id="digest",
        ),
        pytest.param(
            f"DELETE FROM sale_line WHERE position = 2 AND sale = {sale('R1', 3)}",
            [("R1", 3, "digest")],
            id="digest of a line less",
        ),
        pytest.param("UPDATE lane SET head = '00' WHERE id = 'R2'", [("R2", 4, "tail")], id="tail"),
        pytest.param("UPDATE lane SET seq = 2 WHERE id = 'R2'", [("R2", 3, "tail")], id="tail that is longer"),
        pytest.param("UPDATE lane SET receipt = 9 WHERE id = 'R1'", [("R1", 5, "receipt")], id="receipts"),
        pytest.param(
            f"UPDATE sale SET number = 17 WHERE id = {sale('R1', 4)}",
            [("R1", 4, "digest"), ("R1", 4, "receipt")],
            id="receipt",
        ),
        pytest.param(
            "UPDATE sale_tender SET given = given + 1, amount = amount + 1 "
            f"WHERE position = 1 AND sale = {sale('R1', 1)}",
            [("R1", 1, "digest"), ("R1", 1, "tenders")],
            id="tenders",
        ),
        pytest.param(
            f"UPDATE sale_tax SET tax = tax - 1 WHERE sale = {sale('R2', 3)}",
            [("R2", 3, "digest"), ("R2", 3, "taxes")],
            id="taxes",
        ),
        pytest.param(
            f"UPDATE entry SET sale = 'none' WHERE id = {entry('R1', 2)}",
            [("R1", 2, "hash"), ("R1", 2, "sale missing"), ("R1", 3, "receipt"), ("", None, "stray sale")],
            id="sale missing",
        ),
        pytest.param(
            "UPDATE signature SET signature = '00' WHERE lane = 'R1' AND seq = 2",
            [("R1", 2, "signature")],
            id="signature",
        ),
        pytest.param(
            "UPDATE signature SET seq = 3 WHERE lane = 'R1' AND seq = 4",
            [("R1", 3, "signature"), ("R1", 4, "signature missing")],
            id="signature of another entry",
        ),
        pytest.param(
            "DELETE FROM signature WHERE lane = 'R2'",
            [("R2", 2, "signature missing")],
            id="signature missing",
        ),
    ],
)
def test_an_edit_is_named(books: Till, edit: str, found: list[tuple[str, int | None, str]]) -> None:
    books.tamper(edit)

    report = verify(root=signing.first_public(books.shop))

    assert problems(report) == found
    assert not report.ok
    assert report.first_bad == min(((lane, seq) for lane, seq, _ in found if seq is not None), key=lambda at: at[1])


@pytest.mark.requirement("I15")
@pytest.mark.parametrize("change", ["balance = balance - 1", "highest = highest + 1"])
def test_a_balance_is_named_by_the_last_entry_that_moved_it(books: Till, change: str) -> None:
    drawer = account("drawer", "R2")
    books.tamper(f"UPDATE account SET {change} WHERE id = '{drawer}'")

    assert problems(verify()) == [("R2", 3, f"balance of drawer {drawer}")]


@pytest.mark.requirement("I15")
def test_a_balance_that_nothing_moved_is_named_alone(books: Till) -> None:
    books.tamper("INSERT INTO account (id, kind, unit, owner, highest, balance) VALUES ('x', 'safe', 'EUR', '', 1, 1)")

    report = verify()

    assert problems(report) == [("", None, "balance of safe x")]
    assert (report.ok, report.first_bad) == (False, None)


def post(shop: Shop, by: str, amount: int) -> None:
    """Move money on one gift card: below zero is what the shop owes."""
    with db.transaction():
        lines = [Line(Account("voucher", "V1", "EUR"), amount), Line(Account("sales", "V", "EUR"), -amount)]
        ledger.post(shop, ledger.lock(shop), "card", lines, key=new_key(), by=by)


@pytest.mark.requirement("I15")
def test_a_balance_that_two_lanes_moved_is_named_by_an_entry_that_exists(
    books: Till, second: Shop, time: FixedTime
) -> None:
    post(books.shop, books.ann, -500)
    time.move(minutes=1)
    post(second, books.ann, 100)
    voucher = account("voucher", "V1")
    books.tamper(f"UPDATE account SET balance = balance - 1 WHERE id = '{voucher}'")

    report = verify()

    assert problems(report) == [("R2", 4, f"balance of voucher {voucher}")], "R1:5 came before, R2:5 never was"


@pytest.mark.requirement("I3")
def test_a_card_below_zero_is_named_though_all_sums_fit(books: Till) -> None:
    post(books.shop, books.ann, -100)
    if db.on_postgres():
        on = (f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in ("posting", "entry"))
        books.tamper("ALTER TABLE account DROP CONSTRAINT account_check", *on)
    else:
        db.rows("PRAGMA ignore_check_constraints = ON")
    post(books.shop, books.ann, 150)

    assert problems(verify()) == [("R1", 6, f"limit of voucher {account('voucher', 'V1')}")]


@pytest.mark.parametrize(
    ("table", "parent", "columns"),
    [
        ("posting", "entry", ("entry", "position", "account", "amount")),
        ("sale_line", "sale", sale_rows.LINE),
        ("sale_tax", "sale", sale_rows.TAX),
        ("sale_tender", "sale", sale_rows.TENDER),
    ],
)
def test_rows_that_belong_to_nothing_are_found(books: Till, table: str, parent: str, columns: tuple[str, ...]) -> None:
    rest = ", ".join(f'"{name}"' for name in columns[1:])
    books.tamper(
        *without_constraint(table, f"{table}_{parent}_fkey"),
        f"INSERT INTO {table} ({parent}, {rest}) SELECT 'none', {rest} FROM {table} WHERE position = 1 LIMIT 1",
    )

    assert problems(verify()) == [("", None, f"stray {table}")]


def test_a_sale_that_no_entry_names_is_found(books: Till) -> None:
    rest = ", ".join(f'"{name}"' for name in sale_rows.SALE if name not in ("id", "entry", "number"))
    books.tamper(
        *without_constraint("sale", "sale_entry_fkey"),
        f"INSERT INTO sale (id, entry, number, {rest}) SELECT 'x', 'x', 99, {rest} FROM sale LIMIT 1",
    )

    assert problems(verify()) == [("", None, "stray sale")]


def test_a_sale_that_names_another_entry_is_named(books: Till) -> None:
    books.tamper(
        *without_constraint("sale", "sale_entry_fkey"),
        f"UPDATE sale SET entry = 'x' WHERE id = {sale('R1', 2)}",
    )

    assert problems(verify()) == [("R1", 2, "digest"), ("R1", 2, "sale"), ("", None, "stray sale")]


def test_an_entry_of_a_lane_that_is_not_there_is_named(books: Till) -> None:
    books.tamper(
        *without_constraint("entry", "entry_lane_fkey"),
        f"UPDATE entry SET lane = 'R9' WHERE id = {entry('R2', 3)}",
    )

    report = verify()

    assert problems(report) == [
        ("R2", 3, "tail"),
        ("R9", 3, "lane"),
        ("", None, "stray entry"),
        ("", None, f"balance of drawer {account('drawer', 'R2')}"),
    ]
    assert report.first_bad == ("R2", 3)


@pytest.mark.requirement("N3")
def test_a_key_that_was_edited_proves_no_signature(books: Till) -> None:
    [key] = signing.public_keys()
    books.tamper("UPDATE signing_key SET month = '2020-01'")

    report = verify()

    assert problems(report) == [
        ("", None, f"key {key.id}"),
        ("R1", 2, "signature"),
        ("R1", 4, "signature"),
        ("R2", 2, "signature"),
    ]
    assert report.first_bad == ("R1", 2)


@pytest.mark.requirement("N3")
def test_another_first_key_than_the_machine_remembers_is_none(books: Till) -> None:
    [key] = signing.public_keys()

    report = verify(root="00" * 32)

    assert problems(report)[0] == ("", None, f"key {key.id}")
    assert report.first_bad == ("R1", 2)


@pytest.mark.requirement("N3")
@pytest.mark.parametrize(
    ("anchors", "found"),
    [
        ([Anchor("R1", 2, "00000000")], [("R1", 2, "anchor")]),
        ([Anchor("R2", 99, "00000000")], [("R2", 4, "anchor")]),
        ([Anchor("R9", 7, "00000000")], [("R9", 7, "anchor")]),
        ([Anchor("R1", 0, "00000000")], [("R1", 1, "anchor")]),
    ],
    ids=["another hash", "past the end", "no such lane", "before the first"],
)
def test_what_paper_shows_and_the_books_do_not(
    books: Till, anchors: list[Anchor], found: list[tuple[str, int, str]]
) -> None:
    assert problems(verify(anchors=anchors)) == found


@pytest.mark.requirement("N3")
def test_two_papers_of_one_entry_are_both_compared(books: Till) -> None:
    (own,) = db.row(f"SELECT hash FROM entry WHERE id = {entry('R1', 2)}") or ("",)
    papers = [Anchor("R1", 2, "00000000"), Anchor("R1", 2, own[:8])]

    assert problems(verify(anchors=papers)) == [("R1", 2, "anchor")]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("R1:120:1A2b3c4d", Anchor("R1", 120, "1a2b3c4d")),
        (" R1:120:1a2b3c4d\n", Anchor("R1", 120, "1a2b3c4d")),
        ("R1:120", None),
        ("R1:120:", None),
        ("R1:-1:1a", None),
        ("R1:²:1a", None),
        (f"R1:{'9' * 5000}:1a", None),
    ],
)
def test_an_anchor_is_read_as_printed(text: str, read: Anchor | None) -> None:
    assert Anchor.parse(text) == read


def test_books_whose_tables_are_gone_are_refused(books: Till) -> None:
    books.tamper("DROP TABLE sale_tender")

    with pytest.raises(StorageFailed):
        verify()


@SQLITE
@pytest.mark.parametrize(
    ("edit", "found"),
    [
        (
            f"UPDATE entry SET seq = 'many' WHERE id = {entry('R1', 3)}",
            [("R1", 3, "gap"), ("R1", 4, "previous"), ("R1", 4, "receipt"), ("", None, "stray entry")],
        ),
        (
            f"UPDATE entry SET seq = 2.5 WHERE id = {entry('R1', 3)}",
            [("R1", 3, "gap"), ("R1", 4, "previous"), ("R1", 4, "receipt")],
        ),
        (
            f"UPDATE entry SET seq = 9223372036854775807 WHERE id = {entry('R2', 3)}",
            [("R2", 3, "gap"), ("R2", 2**63 - 1, "hash"), ("R2", 4, "tail")],
        ),
        (
            f"UPDATE entry SET hash = x'ff' WHERE id = {entry('R2', 3)}",
            [("R2", 3, "hash"), ("R2", 4, "tail")],
        ),
        (
            f"UPDATE entry SET previous_hash = x'ff' WHERE id = {entry('R1', 2)}",
            [("R1", 2, "previous"), ("R1", 2, "hash")],
        ),
        (
            f"UPDATE entry SET key = x'00' WHERE id = {entry('R1', 2)}",
            [("R1", 2, "hash")],
        ),
        (
            f"UPDATE posting SET amount = x'31' WHERE entry = {entry('R1', 2)} "
            "AND account = (SELECT id FROM account WHERE kind = 'sales')",
            [("R1", 2, "hash"), ("R1", 2, "sum")],
        ),
        (
            f"UPDATE sale_line SET text = CAST(x'57ff' AS TEXT) WHERE position = 1 AND sale = {sale('R2', 1)}",
            [("R2", 1, "digest")],
        ),
        (
            f"UPDATE sale_tax SET tax = 0.5 WHERE sale = {sale('R2', 3)}",
            [("R2", 3, "digest"), ("R2", 3, "taxes")],
        ),
        (
            f"UPDATE sale SET number = 'first' WHERE id = {sale('R2', 3)}",
            [("R2", 3, "digest"), ("R2", 3, "receipt")],
        ),
        ("UPDATE lane SET seq = 'x', head = x'00', receipt = x'01' WHERE id = 'R2'", [("R2", 4, "tail")]),
        ("UPDATE lane SET receipt = x'01' WHERE id = 'R2'", [("R2", 4, "receipt")]),
        ("UPDATE signature SET signature = x'00' WHERE lane = 'R2'", [("R2", 2, "signature")]),
        ("UPDATE signature SET signing_key = x'00' WHERE lane = 'R2'", [("R2", 2, "signature")]),
        (
            "UPDATE signature SET seq = 'x' WHERE lane = 'R2'",
            [("R2", 2, "signature missing"), ("R2", None, "signature")],
        ),
    ],
    ids=[
        "text for a number",
        "half a number",
        "the highest number",
        "bytes for a hash",
        "bytes for the hash before",
        "bytes for a key",
        "bytes for an amount",
        "text that is none",
        "half a cent of tax",
        "text for a receipt",
        "the end of a lane",
        "the receipts of a lane",
        "bytes for a signature",
        "bytes for its key",
        "text for its number",
    ],
)
def test_a_value_of_another_type_makes_its_entry_bad(
    books: Till, edit: str, found: list[tuple[str, int | None, str]]
) -> None:
    books.tamper("PRAGMA ignore_check_constraints = ON", edit)

    report = verify()

    assert [each for each in problems(report) if not each[2].startswith(("balance ", "file "))] == found


@SQLITE
def test_a_key_of_bytes_vouches_for_nothing(books: Till) -> None:
    books.tamper("UPDATE signing_key SET id = x'00', public = x'00', signature = 7")

    report = verify()

    assert problems(report)[0] == ("", None, "key b'\\x00'")
    assert report.first_bad == ("R1", 2)


@SQLITE
def test_a_name_that_is_no_text_comes_to_no_screen(books: Till) -> None:
    books.tamper("UPDATE lane SET id = CAST(x'521bff' AS TEXT) WHERE id = 'R2'")

    report = verify()

    assert problems(report)[0] == ("R\\x1b\\udcff", None, "lane")
    assert report.first_bad == ("R2", 1)
    assert set(report.heads) == {"R1"}


@SQLITE
def test_a_spoilt_file_is_refused(books: Till) -> None:
    path = Path(db.database.database)
    db.checkpoint()
    db.disconnect()
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"torn" * (len(content) // 4 - 1024))

    db.connect(str(path), read_only=True)
    with pytest.raises(StorageFailed):
        verify()


def test_the_first_of_each_lane_are_kept_and_the_first_of_all_is_known() -> None:
    report = Report()
    for seq in range(100, 400):
        report.add("R1", seq, "hash")
    report.add("R2", 7, "hash")
    report.add("R2", 7, "hash")

    assert len(report.problems) == MOST_PROBLEMS + 1
    assert report.problems[-1] == Problem("R2", 7, "hash")
    assert report.first_bad == ("R2", 7)
