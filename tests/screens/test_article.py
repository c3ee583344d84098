"""Articles made and changed at the till; what is refused is said at its field."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.money import Money
from kiosk.rules import codes
from kiosk.rules.basket import Unit
from kiosk.rules.codes import CodeKind
from kiosk.rules.permissions import Role
from kiosk.screens.article import ArticleScreen
from kiosk.screens.articles import ArticlesScreen
from kiosk.screens.menu import MenuScreen
from kiosk.screens.sale import SaleScreen
from kiosk.screens.widgets.status import Say
from kiosk.services import catalogue, catalogue_tax, drafts, staff
from kiosk.services.catalogue_rows import Article
from kiosk.services.catalogue_tax import CategoryForm
from tests.screens.floor import NARROW, WIDE, Floor, Journey, journey, open_floor

pytestmark = pytest.mark.requirement("D8-01")

RYE = "4006381333931"
MILK = "5410000000010"
HOSTILE = "[/x] \u202e\x1b[12;1n[b]"


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with open_floor(tmp_path) as made:
        made.person("Bea Brown", Role.CASHIER, pin="2222")
        made.person("Lea", Role.LEAD, pin="4711")
        made.person("Theo Tech", Role.TECHNICIAN, pin="7777")
        made.of_services(made.services.article, "Milk", 129, number="7", barcodes=(MILK,), quick=3)
        made.do(catalogue_tax.save_category, CategoryForm(name="Bakery", tax="B"), by=staff.ROOT)
        made.do(catalogue_tax.save_category, CategoryForm(name="Dairy", position=1), by=staff.ROOT)
        yield made


def form_of(at: Journey) -> ArticleScreen:
    """The form, which must be in front."""
    assert isinstance(at.screen, ArticleScreen)
    return at.screen


def articles(floor: Floor) -> list[tuple[Any, ...]]:
    """What the catalogue holds: number, name, price, tax, unit."""
    return floor.rows("SELECT number, name, price, tax, unit FROM article ORDER BY id")


def article(floor: Floor, number: str) -> Article:
    """An article by its number."""
    ((found,),) = floor.rows("SELECT id FROM article WHERE number = ?", number)
    return floor.do(catalogue.article, found)


MILK_ROW = ("7", "Milk", 129, "A", "piece")


@pytest.mark.requirement("D1-01")
async def test_an_unknown_code_becomes_an_article_and_goes_into_the_sale(floor: Floor) -> None:
    lea = floor.people["Lea"]
    async with journey(floor, person="Lea") as at:
        await at.scan(RYE)
        await at.keys("n")
        assert at.shows("New article", RYE)
        await at.text("Rye bread")
        await at.keys("enter")
        await at.text("3,50")
        await at.keys("enter", "2", "f12")
        assert isinstance(at.screen, SaleScreen)
        assert at.shows("Rye bread", "3.50")
    assert articles(floor) == [MILK_ROW, ("8", "Rye bread", 350, "B", "piece")]
    assert floor.rows("SELECT code FROM barcode WHERE code = ?", RYE) == [(RYE,)]
    assert floor.journal("article.created")[-1] == ("article.created", lea.id, None)
    draft = floor.do(drafts.load, lea.id)
    assert draft is not None
    assert [(line.text, line.price, line.tax.code) for line in draft.basket.lines] == [("Rye bread", Money(350), "B")]


async def test_every_field_is_filled_in_turn(floor: Floor) -> None:
    async with journey(floor, person="Lea", screens=[ArticleScreen]) as at:
        await at.text("Emmental")
        await at.keys("enter", *"18.90", "enter")
        assert form_of(at).field.name == "tax"
        await at.keys("1")
        assert form_of(at).field.name == "category"
        await at.keys("3")
        assert form_of(at).field.name == "unit"
        await at.keys("2")
        assert form_of(at).field.name == "barcode"
        await at.keys(*RYE, "enter", "enter")
        assert form_of(at).field.name == "number"
        await at.keys(*"55", "enter", *"16", "enter", *"4", "enter", *"15", "enter", *"25", "enter")
        assert not isinstance(at.screen, ArticleScreen)
    made = article(floor, "55").form
    ((dairy,),) = floor.rows("SELECT id FROM category WHERE name = 'Dairy'")
    assert (made.name, made.price, made.tax, made.category) == ("Emmental", Money(1890), "A", dairy)
    assert (made.unit, made.barcodes, made.minimum_age, made.quick) == (Unit.KILOGRAM, (RYE,), 16, 4)
    assert (made.lowest_price, made.highest_price) == (Money(1500), Money(2500))


@pytest.mark.requirement("D1-03")
async def test_without_a_price_it_is_typed_at_the_till(floor: Floor) -> None:
    async with journey(floor, person="Lea", screens=[ArticleScreen]) as at:
        assert at.shows("open price")
        await at.text("Flowers")
        await at.keys("f12")
    assert articles(floor) == [MILK_ROW, ("8", "Flowers", None, "A", "piece")]


async def test_a_missing_name_is_said_at_the_name(floor: Floor) -> None:
    async with journey(floor, person="Lea", screens=[ArticleScreen]) as at:
        await at.keys("enter", *"3.50", "enter", "f12")
        assert at.said == "Please fill in: Name"
        assert (form_of(at).field.name, at.screen.status.kind) == ("name", Say.ERROR)
        assert form_of(at).filled.text("price") == "3.50"
    assert articles(floor) == [MILK_ROW]


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("price", "1.234", "“1.234” is not a number that fits here."),
        ("price", "9999999", "Price: from €0.00 to €999,999.99."),
        ("number", "7", "Number 7 is already in use."),
        ("quick", "3", "Quick article 3 is already in use."),
        ("lowest_price", "50", "Price: from €50.00 to €999,999.99."),
    ],
)
async def test_what_is_refused_is_said_at_its_field(floor: Floor, field: str, typed: str, sentence: str) -> None:
    async with journey(floor, person="Lea", screens=[ArticleScreen]) as at:
        await at.text("Rye bread")
        await at.keys("enter", *"3.50")
        while form_of(at).field.name != field:
            await at.keys("down")
        await at.keys("delete", *typed, "f12")
        assert at.said == sentence
        assert form_of(at).field.name == ("price" if "price" in field else field)
        assert form_of(at).filled.text("name") == "Rye bread"
    assert articles(floor) == [MILK_ROW]


async def test_a_code_that_another_article_has_is_said_at_once(floor: Floor) -> None:
    async with journey(floor, person="Lea", screens=[ArticleScreen]) as at:
        await at.scan(MILK)
        assert at.said == "Barcode 5410000000010 (Milk) is already in use."
        assert form_of(at).filled.barcodes == ()
        await at.scan(codes.make(CodeKind.BADGE, 1))
        assert at.screen.status.kind is Say.ERROR
        assert form_of(at).filled.barcodes == ()


@pytest.mark.parametrize("wedge", [False, True])
async def test_a_scan_is_a_barcode_in_whichever_field(floor: Floor, wedge: bool) -> None:
    async with journey(floor, person="Lea", screens=[ArticleScreen]) as at:
        for _field in range(11):
            before = form_of(at).field.name, form_of(at).filled.texts
            await (at.wedge(RYE) if wedge else at.scan(RYE))
            assert (form_of(at).field.name, form_of(at).filled.texts) == before
            assert form_of(at).filled.barcodes == (RYE,)
            await at.keys("tab")
        await at.keys("tab", "tab", "tab", "tab", "tab", "delete")
        assert form_of(at).filled.barcodes == ()


@pytest.mark.requirement("D1-02")
async def test_a_weight_label_makes_an_article_by_the_kilogram(floor: Floor) -> None:
    code = codes.make_label("28", "123", 1234)
    async with journey(floor, person="Lea") as at:
        await at.scan(code)
        await at.keys("n")
        assert at.shows("kilogram")
        await at.text("Gouda")
        await at.keys("enter", *"20", "f12")
        assert at.shows("Gouda", "1.234")
    assert articles(floor)[1] == ("8", "Gouda", 2000, "A", "kg")


async def test_a_category_brings_its_tax_unless_one_was_chosen(floor: Floor) -> None:
    async with journey(floor, person="Lea", screens=[ArticleScreen]) as at:
        await at.keys("tab", "tab", "tab", "2")
        assert (form_of(at).filled.text("tax"), form_of(at).field.name) == ("B", "unit")
    async with journey(floor, person="Lea", screens=[ArticleScreen]) as at:
        await at.keys("tab", "tab", "2", "shift+tab", "1", "2")
        assert form_of(at).filled.text("tax") == "B"
    assert articles(floor) == [MILK_ROW]


async def test_a_choice_by_letters_and_by_plus_and_minus(floor: Floor) -> None:
    async with journey(floor, person="Lea", screens=[ArticleScreen]) as at:
        await at.keys("tab", "tab", "tab", "d", "a")
        assert at.shows("Dairy")
        await at.keys("+")
        assert form_of(at).filled.text("category") == ""
        await at.keys("-", "-")
        await at.keys("q")
        assert at.said == "Nothing in the list begins with q."


async def test_an_article_is_changed_and_what_is_not_shown_stays(floor: Floor) -> None:
    before = article(floor, "7").form
    lea = floor.people["Lea"]
    async with journey(floor, person="Lea", screens=[MenuScreen]) as at:
        await at.keys("1", *"mil", "enter")
        assert at.shows("Change an article", "1.29")
        await at.keys("enter", "delete", *"1,35", "f12")
        assert isinstance(at.screen, ArticlesScreen)
        assert at.said == "Saved: Milk."
        assert at.shows("1.35")
    after = article(floor, "7").form
    assert (after.price, after.barcodes, after.quick, after.cost) == (Money(135), (MILK,), 3, before.cost)
    assert floor.rows("SELECT COUNT(*) FROM article") == [(1,)]
    assert floor.journal("article.changed") == [("article.changed", lea.id, None)]


async def test_escape_asks_only_when_something_would_be_lost(floor: Floor) -> None:
    async with journey(floor, person="Lea", screens=[ArticlesScreen]) as at:
        await at.keys("f2", "escape")
        assert isinstance(at.screen, ArticlesScreen)
        await at.keys("f2", "x", "escape")
        assert at.shows("Not saved yet")
        await at.keys("escape")
        assert form_of(at).filled.text("name") == "x"
        await at.keys("escape", "d")
        assert isinstance(at.screen, ArticlesScreen)
        assert at.said == "Nothing was saved."
        await at.keys("f2", "y", "escape", "s")
        assert at.said == "Saved: y."
    assert [row[1] for row in articles(floor)] == ["Milk", "y"]


@pytest.mark.requirement("D7-02")
async def test_a_cashier_needs_another_persons_pin(floor: Floor) -> None:
    bea, lea = floor.people["Bea Brown"], floor.people["Lea"]
    async with journey(floor, person="Bea Brown", screens=[ArticleScreen]) as at:
        await at.text("Rye bread")
        await at.keys("f12", "escape")
        assert at.said == "Nobody agreed: the article is not saved."
        assert form_of(at).filled.text("name") == "Rye bread"
        await at.keys("f12", *"4711", "enter")
        assert not isinstance(at.screen, ArticleScreen)
    assert [row[1] for row in articles(floor)] == ["Milk", "Rye bread"]
    assert floor.journal("article.created")[-1] == ("article.created", bea.id, lea.id)


async def test_one_who_may_not_is_told_before_typing(floor: Floor) -> None:
    async with journey(floor, person="Theo Tech", screens=[MenuScreen, ArticleScreen]) as at:
        assert at.shows("Not allowed for you: change articles")
        await at.keys("enter")
        assert isinstance(at.screen, MenuScreen)
    assert articles(floor) == [MILK_ROW]


async def test_an_article_is_taken_out_of_sale_after_a_question(floor: Floor) -> None:
    async with journey(floor, person="Lea", screens=[ArticlesScreen]) as at:
        await at.keys("7", "delete", "escape")
        assert article(floor, "7").archived is False
        await at.keys("delete", "enter")
        assert at.said == "Out of sale: Milk."
        assert at.screen.table.lines == ()  # type: ignore[attr-defined]
    assert article(floor, "7").archived is True
    assert floor.journal("article.archived") == [("article.archived", floor.people["Lea"].id, None)]


async def test_a_scan_in_the_list_opens_the_article_or_a_new_one(floor: Floor) -> None:
    async with journey(floor, person="Lea", screens=[ArticlesScreen]) as at:
        await at.scan(MILK)
        assert form_of(at).filled.text("name") == "Milk"
        await at.keys("escape")
        await at.wedge(RYE)
        assert (form_of(at).filled.text("name"), form_of(at).filled.barcodes) == ("", (RYE,))
        await at.keys("escape")
        assert isinstance(at.screen, ArticlesScreen)
        assert at.screen.entry.shown == ""


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_hostile_names_do_no_harm(floor: Floor, size: tuple[int, int]) -> None:
    floor.do(catalogue_tax.save_category, CategoryForm(name=HOSTILE, position=9), by=staff.ROOT)
    async with journey(floor, person="Lea", size=size, screens=[ArticleScreen]) as at:
        at.screen.paste(HOSTILE + "x" * 10_000 + "\nsecond line")
        await at.settle()
        await at.keys("f12")
        assert not isinstance(at.screen, ArticleScreen)
        assert not {"\x1b", "\u202e"} & set(at.text_of_screen())
    ((name,),) = floor.rows("SELECT name FROM article WHERE number = '8'")
    assert name.startswith("[/x] [12;1n[b]xxx")
    assert len(name) == 80
