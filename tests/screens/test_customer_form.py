"""Customers made and changed at the till: what is typed is what the shop keeps, and nothing without saving."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from kiosk import db
from kiosk.i18n import LANGUAGES, _, speaking, use_language
from kiosk.rules.permissions import Role
from kiosk.screens import customer_fields
from kiosk.screens.consents import ConsentsScreen
from kiosk.screens.customer_form import CustomerFormScreen
from kiosk.screens.customer_twins import TwinsDialog
from kiosk.screens.dialogs import Keys, Notice, Question
from kiosk.screens.form_fields import Filled
from kiosk.screens.sale import SaleScreen
from kiosk.screens.widgets.status import Say
from kiosk.services import customers, documents
from kiosk.services.customer_rows import CustomerForm, DocumentKind, IdDocument
from tests.screens.counter import BREAD, basket_of, open_counter
from tests.screens.floor import NARROW, Floor, Journey, journey

CARD = "70012345"
HOSTILE = "[/x] \u202e\x1b[12;1n[b]"


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_counter(tmp_path) as made:
        yield made
    use_language("en")


def form_of(at: Journey) -> CustomerFormScreen:
    """The form, which must be in front."""
    assert isinstance(at.screen, CustomerFormScreen)
    return at.screen


async def go(at: Journey, name: str) -> None:
    """To a field."""
    for _step in range(40):
        if form_of(at).field.name == name:
            return
        await at.keys("tab")
    raise AssertionError(f"no field {name}")


async def fill(at: Journey, name: str, text: str) -> None:
    """Replace what stands in a field."""
    await go(at, name)
    await at.keys("delete")
    at.screen.paste(text)
    await at.settle()


def names(at: Journey) -> list[str]:
    """The fields that are shown."""
    return [one.name for one in form_of(at).fields()]


def new(name: str = "") -> Callable[[Any], CustomerFormScreen]:
    return partial(CustomerFormScreen, name=name)


def of(customer: str) -> Callable[[Any], CustomerFormScreen]:
    return partial(CustomerFormScreen, customer=customer)


def mara(floor: Floor, **form: Any) -> str:
    """A customer who is there; her id."""
    made = floor.do(customers.save, CustomerForm(**{"name": "Mara Muster", **form}), by=floor.people["Ann"].id)
    assert made.form.id is not None
    return made.id


def kept(floor: Floor, number: int = 1) -> CustomerForm:
    """What the shop knows of a customer."""
    ((id_,),) = floor.rows("SELECT id FROM customer WHERE number = ?", number)
    return floor.do(customers.get, id_, by=floor.people["Ann"].id).form


def papers(floor: Floor, customer: str) -> dict[DocumentKind, IdDocument]:
    return floor.do(documents.of, customer, by=floor.people["Ann"].id)


def customers_of(floor: Floor) -> list[tuple[Any, ...]]:
    """Who is kept: number, name, nickname."""
    return floor.rows("SELECT number, name, nickname FROM customer ORDER BY number")


@pytest.mark.requirement("T-01", "U-09")
async def test_a_new_customer_is_a_name_a_phone_and_a_card_scanned_in_whichever_field(floor: Floor) -> None:
    async with journey(floor, person="Ann") as at:
        await at.scan(BREAD)
        await at.app.push_screen(CustomerFormScreen(at.app.till, name="Mara Muster"))
        await at.settle()
        assert form_of(at).field.name == "phone"
        await at.text("030 1234567")
        await at.wedge(CARD)
        assert form_of(at).field.name == "phone"
        assert at.shows(
            "NEW CUSTOMER · R1 · Ann",
            "New customer · 3/18",
            "Customer card   70012345",
            "Phone           030 1234567",
            "given with F12",
        )
        await at.keys("f12")
        assert isinstance(at.screen, SaleScreen)
        assert basket_of(at) == [("Bread", 1000, 450)]
    assert customers_of(floor) == [(1, "Mara Muster", "")]
    assert floor.rows("SELECT channel, value, opt_in FROM contact") == [("phone", "+49301234567", 0)]
    assert floor.rows("SELECT code, kind, state FROM card") == [(CARD, "bonus", "active")]
    assert floor.journal("customer.created") == [("customer.created", floor.people["Ann"].id, None)]


@pytest.mark.requirement("T-18", "T-05", "T-06", "T-20", "U-16")
async def test_every_field_is_filled_in_turn_with_the_keys_alone(floor: Floor) -> None:
    async with journey(floor, person="Ann", screens=[new()]) as at:
        for answer in (
            *("Mara Muster", "Mara", "0301234567", " ", "mara@example.org", " ", CARD, "12 nov 84", "3", "1", "3"),
            *("Hauptstr. 1", "10115", "Berlin", "likes rye", "52.520008, 13.404954", "", " ", "B072", "DE", "19.1.33"),
        ):
            field = form_of(at).field.name
            at.screen.paste(answer)
            await at.settle()
            if form_of(at).field.name == field and field != "licence_until":
                await at.keys("enter")
        assert at.shows("Licence number  B072", "Issuing state   DE")
        await at.keys("enter")
        assert isinstance(at.screen, SaleScreen)
    form = kept(floor)
    assert (form.called, form.name, form.phone, form.email) == (
        "Mara", "Mara Muster", "+49301234567", "mara@example.org",
    )  # fmt: skip
    assert (form.phone_opt_in, form.email_opt_in, form.type, form.language) == (True, True, "Staff", "de")
    assert (str(form.birth_date), form.latitude, form.longitude) == ("1984-11-12", 52_520_008, 13_404_954)
    assert (form.street, form.postcode, form.city, form.notes) == ("Hauptstr. 1", "10115", "Berlin", "likes rye")
    licence = papers(floor, str(form.id))[DocumentKind.LICENCE]
    assert (licence.number, licence.issuer, str(licence.expiry), form.details) == ("B072", "DE", "2033-01-19", True)
    assert floor.rows("SELECT COUNT(*) FROM consent WHERE given = 1") == [(2,)]


@pytest.mark.requirement("T-02", "T-03", "T-04", "T-05", "T-08")
async def test_what_is_refused_is_said_at_its_field_and_nothing_is_kept(floor: Floor) -> None:
    async with journey(floor, person="Ann", screens=[new()]) as at:
        await at.keys("f12")
        assert (at.said, form_of(at).field.name) == ("Please fill in: Name", "name")
        await fill(at, "nickname", "Mara")
        for name, text, sentence in (
            ("phone", "none", "Phone: “none” doesn't fit."),
            ("email", "mara@", "E-mail: “mara@” doesn't fit."),
            ("birth_date", "31.2.1984", "Date of birth: “31.2.1984” doesn't fit."),
            ("birth_date", "1.1.2030", "Date of birth: “1.1.2030” doesn't fit."),
            ("card", "1234", "This doesn't fit: Card number"),
            ("latitude", "north", "Latitude: “north” doesn't fit."),
            ("latitude", "52.5", "Please fill in: Longitude"),
        ):
            await fill(at, name, text)
            await at.keys("f12")
            assert at.said == sentence
            assert at.screen.status.kind is Say.ERROR
            assert form_of(at).field.name == ("longitude" if "Longitude" in sentence else name)
            await at.keys("shift+tab") if "Longitude" in sentence else None
            await at.keys("delete")
        for switch, address in (("phone_opt_in", "phone"), ("email_opt_in", "email")):
            await go(at, switch)
            await at.keys(" ")
            await at.keys("f12")
            assert (form_of(at).field.name, at.said.split(":")[0]) == (address, "Please fill in")
            await go(at, switch)
            await at.keys("+")
        assert customers_of(floor) == []
        await at.keys("f12")
        assert isinstance(at.screen, SaleScreen)
    assert customers_of(floor) == [(1, "", "Mara")]


@pytest.mark.requirement("H-29", "T-08")
async def test_escape_asks_only_when_something_would_be_lost(floor: Floor) -> None:
    async with journey(floor, person="Ann", screens=[new("Mara")]) as at:
        await at.keys("escape")
        assert isinstance(at.screen, SaleScreen)
        await at.app.push_screen(CustomerFormScreen(at.app.till, name="Mara"))
        await at.settle()
        await at.keys("1", "escape")
        assert isinstance(at.screen, Keys)
        await at.keys("escape")
        assert form_of(at).filled.text("phone") == "1"
        await at.keys("escape", "d")
        assert isinstance(at.screen, SaleScreen)
        assert customers_of(floor) == []
        await at.app.push_screen(CustomerFormScreen(at.app.till, name="0301234567"))
        await at.settle()
        assert (form_of(at).field.name, form_of(at).filled.text("phone")) == ("name", "0301234567")
        await at.keys("M", "escape", "s")
        assert isinstance(at.screen, SaleScreen)
    assert customers_of(floor) == [(1, "M", "")]


@pytest.mark.requirement("T-06", "T-20")
async def test_an_expired_licence_is_a_warning_and_the_switch_hides_and_keeps_it(floor: Floor) -> None:
    customer = mara(floor)
    async with journey(floor, person="Ann", screens=[of(customer)]) as at:
        assert "licence" not in names(at)
        await go(at, "details")
        await at.keys(" ")
        await fill(at, "licence", "B072")
        await fill(at, "licence_until", "1.1.2020")
        await at.keys("f12")
        assert isinstance(at.screen, Question)
        assert at.shows("The driving licence expired on 01/01/2020.")
        await at.keys("escape")
        assert form_of(at).field.name == "licence_until"
        await at.keys("f12")
        assert isinstance(at.screen, SaleScreen)
    async with journey(floor, person="Ann", screens=[of(customer)]) as at:
        await go(at, "details")
        await at.keys("2", "f12")
        assert isinstance(at.screen, SaleScreen)
    licence = papers(floor, customer)[DocumentKind.LICENCE]
    assert (licence.number, str(licence.expiry), kept(floor).details) == ("B072", "2020-01-01", False)


@pytest.mark.requirement("T-06")
async def test_leaving_an_expired_date_warns_once(floor: Floor) -> None:
    customer = mara(floor, details=True)
    async with journey(floor, person="Ann", screens=[of(customer)]) as at:
        await fill(at, "licence_until", "1.1.20")
        await at.keys("tab")
        assert (at.said, at.screen.status.kind) == ("The driving licence expired on 01/01/2020.", Say.ASK)
        await at.keys("f12")
        assert isinstance(at.screen, SaleScreen)
    assert str(papers(floor, customer)[DocumentKind.LICENCE].expiry) == "2020-01-01"


@pytest.mark.requirement("T-07")
async def test_medical_cards_are_of_a_medical_shop_alone_and_stay_when_it_is_none(floor: Floor) -> None:
    customer = mara(floor, medical=IdDocument("M-1"))
    async with journey(floor, person="Ann", screens=[of(customer)]) as at:
        assert "medical" not in names(at)
        await fill(at, "notes", "x")
        await at.keys("f12")
    assert papers(floor, customer)[DocumentKind.MEDICAL].number == "M-1"
    floor.of_services(lambda: floor.services.change(medical_shop=True))
    async with journey(floor, person="Ann", screens=[of(customer)]) as at:
        assert names(at)[-2:] == ["medical", "medical_until"]
        await fill(at, "medical", "M-2")
        await fill(at, "medical_until", "31.12.27")
        await at.keys("f12")
    medical = papers(floor, customer)[DocumentKind.MEDICAL]
    assert (medical.number, str(medical.expiry)) == ("M-2", "2027-12-31")


@pytest.mark.requirement("T-20")
async def test_papers_that_cannot_be_opened_here_are_said_and_stay(floor: Floor) -> None:
    customer = mara(floor, details=True, licence=IdDocument("B072"))
    floor.of_services(_do, "UPDATE id_document SET sealed = '1:AAAA'")
    before = floor.rows("SELECT * FROM id_document")
    async with journey(floor, person="Ann", screens=[of(customer)]) as at:
        assert at.said.startswith("The documents of this customer can't be opened here")
        assert names(at)[-1] == "longitude"
        await fill(at, "notes", "moved")
        await at.keys("f12")
        assert isinstance(at.screen, SaleScreen)
    assert floor.rows("SELECT * FROM id_document") == before
    assert (kept(floor).notes, kept(floor).details) == ("moved", True)


@pytest.mark.requirement("Q-04", "T-19")
async def test_a_company_leads_with_its_name_and_a_type_is_chosen(floor: Floor) -> None:
    async with journey(floor, person="Ann", screens=[new("Mara Muster")]) as at:
        assert not {"company", "vat_id"} & set(names(at))
        await go(at, "kind")
        await at.keys("c")
        assert form_of(at).field.name == "kind"
        assert names(at)[:3] == ["company", "vat_id", "name"]
        await fill(at, "vat_id", "DE 136695977")
        await at.keys("f12")
        assert (form_of(at).field.name, at.said) == ("vat_id", "VAT number: “DE136695977” doesn't fit.")
        await fill(at, "vat_id", "DE 136695976")
        await fill(at, "company", "Muster & Söhne")
        await go(at, "type")
        await at.keys("w", "f12")
        assert isinstance(at.screen, SaleScreen)
    form = kept(floor)
    assert (form.kind, form.called, form.vat_id, form.type) == ("company", "Muster & Söhne", "DE136695976", "Wholesale")
    async with journey(floor, person="Ann", screens=[of(str(form.id))]) as at:
        assert at.shows("CUSTOMER · Muster & Söhne · R1 · Ann", "Change a customer")
        await go(at, "type")
        await at.keys("+", "f12")
    assert floor.journal("customer.type") == [("customer.type", floor.people["Ann"].id, None)]
    assert kept(floor).type == ""


@pytest.mark.requirement("T-01")
async def test_who_may_be_there_already_is_asked_about(floor: Floor) -> None:
    known = mara(floor, phone="0301234567", city="Berlin")
    given: list[str | None] = []
    async with journey(floor, person="Ann") as at:

        async def ahead(*keys: str) -> None:
            at.app.push_screen(CustomerFormScreen(at.app.till, name="muster mara"), given.append)
            await at.settle()
            await at.keys("f12")
            assert isinstance(at.screen, TwinsDialog)
            await at.keys(*keys)

        await ahead()
        assert at.shows("Maybe this is …", "1 Mara Muster · Berlin · …4567", "same name", "F2 a new one")
        await at.keys("escape")
        assert form_of(at).filled.text("name") == "muster mara"
        await at.keys("escape")
        await ahead("1")
        assert customers_of(floor) == [(1, "Mara Muster", "")]
        await ahead("enter")
        assert given == [None, known, known]
        await ahead("f2")
        assert isinstance(at.screen, SaleScreen)
    assert customers_of(floor) == [(1, "Mara Muster", ""), (2, "muster mara", "")]
    assert given[3] == floor.rows("SELECT id FROM customer WHERE number = 2")[0][0]


async def test_who_asks_is_not_answered_by_a_key_that_was_typed_ahead(floor: Floor) -> None:
    mara(floor)
    async with journey(floor, person="Ann", screens=[new("Mara Muster")]) as at:
        await at.ahead("f12", "enter", "f2")
        assert isinstance(at.screen, TwinsDialog)
    assert customers_of(floor) == [(1, "Mara Muster", "")]


async def test_what_somebody_else_saved_meanwhile_is_said_and_the_form_stays(floor: Floor) -> None:
    customer = mara(floor)
    async with journey(floor, person="Ann", screens=[of(customer)]) as at:
        await fill(at, "notes", "mine")
        floor.do(customers.save, replace(kept(floor), notes="theirs"), by=floor.people["Mona"].id)
        await at.keys("f12")
        assert at.said == "Customer: somebody else changed it just now. Look at it again."
        assert form_of(at).filled.text("notes") == "mine"
    assert kept(floor).notes == "theirs"


@pytest.mark.requirement("U-09")
async def test_a_card_that_is_taken_is_said_at_once(floor: Floor) -> None:
    mara(floor, card=CARD)
    async with journey(floor, person="Ann", screens=[new("Ben")]) as at:
        await at.scan(CARD)
        assert (at.said, form_of(at).field.name) == ("Card number 70012345 is already in use.", "card")
        assert form_of(at).filled.text("card") == ""
    assert floor.rows("SELECT COUNT(*) FROM card") == [(1,)]


@pytest.mark.requirement("D7-02", "N11")
async def test_who_may_not_and_who_is_gone_is_said_before_anything_is_typed(floor: Floor) -> None:
    customer = mara(floor)
    floor.person("Tim", Role.TECHNICIAN, pin="7777")
    async with journey(floor, person="Tim", screens=[of(customer)]) as at:
        assert isinstance(at.screen, Notice)
        assert at.shows("Not allowed for you: change customers")
        assert not at.shows("Mara")
    floor.of_services(_do, "UPDATE customer SET state = 'erased' WHERE id = ?", customer)
    async with journey(floor, person="Ann", screens=[of(customer)]) as at:
        assert at.shows("This customer was erased.")
        await at.keys("enter")
        assert isinstance(at.screen, SaleScreen)


def _do(sql: str, *params: object) -> None:
    with db.transaction():
        db.run(sql, params)


async def test_hostile_texts_do_no_harm(floor: Floor) -> None:
    customer = mara(floor, name=HOSTILE + "x" * 10_000, notes=HOSTILE, card=CARD)
    async with journey(floor, person="Ann", screens=[of(customer)]) as at:
        assert at.shows("[/x] [12;1n[b]xxx")
        for name in ("nickname", "phone", "email", "street", "latitude"):
            await fill(at, name, HOSTILE + "x" * 1000)
        await at.keys("f12")
        assert at.screen.status.kind is Say.ERROR
        assert not {"\x1b", "\u202e"} & set(at.text_of_screen())
    assert kept(floor).nickname == ""


@pytest.mark.requirement("N20")
async def test_consents_are_listed_with_their_words_and_printed(floor: Floor) -> None:
    customer = mara(floor, phone="0301234567", phone_opt_in=True)
    floor.do(customers.save, replace(kept(floor), phone_opt_in=False), by=floor.people["Mona"].id)
    async with journey(floor, person="Ann", screens=[partial(ConsentsScreen, customer=customer)]) as at:
        said = [line for line in at.lines() if "News by phone" in line]
        assert ["no" in line and "Mona" in line for line in said] == [True, False]
        assert ["yes" in line and "Ann" in line for line in said] == [False, True]
        assert at.shows("Wording 0", "I agree to messages with news", "Mara Muster")
        await at.keys("enter")
        assert isinstance(at.screen, Notice)
        await at.keys("enter", "f8")
        assert at.said == "Printing what was agreed to."
        await at.until(lambda: len(floor.rows("SELECT 1 FROM print_job")) == 1)
        await at.keys("escape")
        assert isinstance(at.screen, SaleScreen)
    assert floor.rows("SELECT kind, document FROM print_job") == [("consents", customer)]


def test_in_each_language_labels_and_hints_have_room(floor: Floor) -> None:
    """Of whatever words the catalogue has."""
    settings = floor.services.shop.settings
    filled = Filled({"kind": "company", "details": "yes"})
    fields = customer_fields.fields(filled, medical=True, sealed=False)
    assert len(fields) == 25
    for code in LANGUAGES:
        with speaking(code):
            for one in fields:
                assert cell_len(_(one.label)) <= 16, (code, one.label)
                assert cell_len(f"{_(one.label)} · {_(one.help)}") <= NARROW[0] - 6, (code, one.help)
            for some in customer_fields.options(settings, "").values():
                assert [one.text for one in some if cell_len(one.text) > 22] == [], code


@pytest.mark.requirement("T-01")
@pytest.mark.parametrize("code", LANGUAGES)
async def test_in_each_language_a_customer_is_made_with_name_phone_and_card_in_three_keys(
    floor: Floor, code: str
) -> None:
    """UX.md 4.4: what must be typed, and four keys more at most; the scan is free."""
    floor.of_services(lambda: floor.services.change(language=code))
    async with journey(floor, person="Ann", size=NARROW) as at:
        await at.keys("f3")
        await at.text("Mara Muster")
        await at.keys("f2")
        assert form_of(at).field.name == "phone"
        await at.text("0301234567")
        await at.scan(CARD)
        seen = [line for line in at.lines() if "…" in line]
        await at.keys("f12")
        assert isinstance(at.screen, SaleScreen)
        assert seen == []
    assert customers_of(floor) == [(1, "Mara Muster", "")]
    assert floor.rows("SELECT value FROM contact") == [("+49301234567",)]
    assert floor.rows("SELECT code FROM card") == [(CARD,)]
