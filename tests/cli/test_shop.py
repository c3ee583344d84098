"""``kiosk settings`` and ``kiosk tenders``: the shop is set up without touching the database."""

from __future__ import annotations

import pytest

from kiosk import db
from kiosk.services import sales
from tests.cli.conftest import Kiosk, Running, journal


@pytest.mark.requirement("D8-07")
def test_a_setting_is_changed_versioned_and_written_down(kiosk: Kiosk) -> None:
    said = kiosk("settings", "set", "cash_step", "0.05")
    assert (said.code, said.out, said.err) == (0, "cash_step: 0.01 → 0.05\n", "")
    assert kiosk("settings", "list", "--json").json["cash_step"] == "0.05"
    assert kiosk("settings", "set", "cash_step", "0,05").out == "cash_step is 0.05 already.\n"
    assert journal(kiosk, "settings.changed") == [
        {"by": "root", "name": "cash_step", "old": "0.01", "new": "0.05", "version": 1}
    ]
    with kiosk.machine.open() as till:
        assert (till.shop.settings.cash_step, till.shop.settings_version) == (5, 1)


def test_settings_are_listed_as_they_are_typed(kiosk: Kiosk) -> None:
    assert kiosk("settings", "set", "discount_threshold", "12.5%").out == "discount_threshold: 100.00 → 12.50\n"
    assert kiosk("settings", "set", "address", "1 High Street; 10115 Berlin").code == 0
    assert kiosk("settings", "set", "badge_is_enough", "yes").out == "badge_is_enough: no → yes\n"
    rows = dict(line.split(maxsplit=1) for line in kiosk("settings", "list").out.splitlines() if " " in line)
    assert rows["notes"] == "5.00; 10.00; 20.00; 50.00"
    assert rows["address"] == "1 High Street; 10115 Berlin"
    assert (rows["discount_threshold"], rows["badge_is_enough"]) == ("12.50", "yes")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("weight_prefixes", "29"),
        ("price_prefixes", "22; 29"),
        ("price_prefixes", "28"),
        ("weight_prefixes", "2"),
        ("weight_prefixes", "40"),
        ("cash_step", "0"),
        ("cash_step", "0.005"),
        ("cash_step", "-1"),
        ("discount_threshold", "101"),
        ("zone", "Europe/Nowhere"),
        ("zone", "../../etc/passwd"),
        ("language", "xx"),
        ("country", "XX"),
        ("name", " "),
        ("badge_is_enough", "perhaps"),
        ("lock_after_minutes", "soon"),
        ("day_starts_at_hour", "24"),
        ("currency", "CHF"),
        ("decimals", "3"),
    ],
)
def test_what_cannot_be_is_refused(kiosk: Kiosk, name: str, value: str) -> None:
    """Currency and decimals among them: the books hold amounts already."""
    before = kiosk("settings", "list", "--json").json
    said = kiosk("settings", "set", "--", name, value)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert name in said.err
    assert kiosk("settings", "list", "--json").json == before
    assert journal(kiosk, "settings.changed") == []


def test_an_unknown_setting_is_refused(kiosk: Kiosk) -> None:
    said = kiosk("settings", "set", "colour", "red")
    assert (said.code, said.out) == (3, "")
    assert "colour" in said.err


def test_the_running_till_writes_and_says_when_it_takes_it_up(kiosk: Kiosk, running: Running) -> None:
    said = kiosk("settings", "set", "name", "Corner Shop")
    assert said.code == 0
    assert said.out.splitlines() == [
        "name: My shop → Corner Shop",
        "The till that runs takes it up after the next sale, or when somebody signs in.",
    ]
    assert kiosk("settings", "set", "name", "Corner").out.startswith("name: Corner Shop → Corner\n")
    assert [fact["version"] for fact in journal(kiosk, "settings.changed")] == [1, 2]


@pytest.mark.requirement("D3-01")
def test_a_means_of_payment_is_set_up(kiosk: Kiosk) -> None:
    said = kiosk("tenders", "set", "ticket", "--name", "Lunch", "--drawer", "--change")
    assert said.out.splitlines() == [
        "ticket name: Meal ticket → Lunch",
        "ticket drawer: no → yes",
        "ticket change: no → yes",
    ]
    assert kiosk("tenders", "set", "bank", "--no-active").out == "bank active: yes → no\n"
    listed = {one["code"]: one for one in kiosk("tenders", "list", "--json").json}
    assert listed["ticket"] == {
        "code": "ticket", "name": "Lunch", "kind": "ticket",
        "drawer": True, "change": True, "refund": False, "terminal": False, "active": True,
    }  # fmt: skip
    assert listed["bank"]["active"] is False
    with kiosk.machine.open() as till:
        taken = {one.code: one for one in sales.tenders(till.shop)}
    assert set(taken) == {"cash", "card", "ticket", "voucher"}
    assert (taken["ticket"].opens_drawer, taken["ticket"].gives_change) == (True, True)
    assert [fact["code"] for fact in journal(kiosk, "tender.changed")] == ["ticket", "bank"]
    assert "Lunch" in kiosk("tenders", "list").out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("cash", "--no-active"), 2),
        (("cash", "--no-change"), 2),
        (("cash", "--terminal"), 2),
        (("cash", "--no-refund"), 2),
        (("card", "--change"), 2),
        (("card", "--name", "\x1b"), 2),
        (("cheque", "--active"), 3),
        (("card",), 3),
    ],
)
def test_a_means_of_payment_that_cannot_be_is_refused(kiosk: Kiosk, words: tuple[str, ...], code: int) -> None:
    before = kiosk("tenders", "list", "--json").json
    said = kiosk("tenders", "set", *words)
    assert (said.code, said.out, said.err.count("\n")) == (code, "", 1)
    assert kiosk("tenders", "list", "--json").json == before
    assert journal(kiosk, "tender.changed") == []


def test_the_running_till_sets_a_tender_up(kiosk: Kiosk, running: Running) -> None:
    said = kiosk("tenders", "set", "card", "--no-terminal")
    assert said.out.splitlines()[0] == "card terminal: yes → no"
    db.connect(kiosk.config.database_url, read_only=True)
    assert db.row("SELECT asks_terminal FROM tender WHERE code = 'card'") == (0,)
    db.disconnect()
