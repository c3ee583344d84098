"""The drawer opens without a sale only for those who may, and never without a trace."""

from __future__ import annotations

import pytest

from kiosk import db
from kiosk.errors import Denied, Missing, NeedsApproval
from kiosk.rules.permissions import Action, Role
from kiosk.services import drawer, journal, printing, staff
from tests.services.journey import Till

pytestmark = pytest.mark.requirement("D5-06")


def a_person(till: Till, name: str, role: Role, pin: str | None = None) -> str:
    return staff.create(till.shop, staff.PersonForm(name=name, role=role), by=staff.ROOT, pin=pin).id


def jobs() -> list[tuple[object, ...]]:
    return db.rows("SELECT id, kind, sale, document, copy, drawer, state FROM print_job")


def opened(till: Till) -> tuple[journal.Note, ...]:
    return journal.notes(till.shop, action=drawer.OPENED)


def test_one_who_may_opens_it_and_the_reason_is_written_down(till: Till) -> None:
    lead = a_person(till, "Lea", Role.LEAD)

    job = drawer.open_without_sale(till.shop, by=lead, reason="Change a note")

    assert jobs() == [(job, "drawer", None, "", 0, "wanted", "waiting")]
    (note,) = opened(till)
    assert (note.by, note.approved_by, note.facts) == (lead, None, {"job": job, "reason": "Change a note"})
    assert db.row("SELECT COUNT(*) FROM entry") == (0,)


def test_the_worker_kicks_the_drawer_once_and_prints_nothing(till: Till) -> None:
    lead = a_person(till, "Lea", Role.LEAD)
    drawer.open_without_sale(till.shop, by=lead, reason="Change a note")

    first = printing.next_job(till.shop)
    again = printing.next_job(till.shop)

    assert first is not None
    assert (first.kick_drawer, first.document, first.kind) == (True, (), "drawer")
    assert again is not None
    assert again.kick_drawer is False


def test_without_a_reason_it_stays_shut(till: Till) -> None:
    lead = a_person(till, "Lea", Role.LEAD)

    with pytest.raises(Missing) as refused:
        drawer.open_without_sale(till.shop, by=lead, reason=" \x1b\u202e ")

    assert refused.value == Missing(field="reason")
    assert jobs() == []
    assert opened(till) == ()


def test_a_reason_can_neither_steer_a_terminal_nor_fill_the_journal(till: Till) -> None:
    lead = a_person(till, "Lea", Role.LEAD)

    drawer.open_without_sale(till.shop, by=lead, reason="[/x]\x1b[12;1]" + "a" * 500)

    (note,) = opened(till)
    assert note.facts["reason"] == ("[/x][12;1]" + "a" * 500)[: drawer.LONGEST_REASON]


def test_one_who_may_not_leaves_it_shut(till: Till) -> None:
    with pytest.raises(Denied) as refused:
        drawer.open_without_sale(till.shop, by=till.technician, reason="To look")

    assert refused.value == Denied(action="drawer.open")
    assert jobs() == []
    assert opened(till) == ()


@pytest.mark.requirement("D7-02")
def test_an_approval_opens_it_for_the_deed_it_was_given_for(till: Till) -> None:
    lead = a_person(till, "Lea", Role.LEAD, pin="4711")
    with pytest.raises(NeedsApproval):
        drawer.open_without_sale(till.shop, by=till.ann, reason="Change a note", key="deed-1")
    assert jobs() == []

    staff.approve(till.shop, lead, "4711", Action.OPEN_DRAWER, till.ann, key="deed-1")
    job = drawer.open_without_sale(till.shop, by=till.ann, reason="Change a note", key="deed-1")

    (note,) = opened(till)
    assert (note.by, note.approved_by, note.facts["job"]) == (till.ann, lead, job)
    with pytest.raises(NeedsApproval):
        drawer.open_without_sale(till.shop, by=till.ann, reason="Once more", key="deed-2")
    assert len(jobs()) == 1
