"""Articles found by whatever is scanned, and kept as they were said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from kiosk import db
from kiosk.errors import AlreadyTaken, Denied, Invalid, Missing, NeedsApproval, NotFound, OutOfRange, ShopError
from kiosk.money import Money, Percent, Quantity
from kiosk.rules import codes
from kiosk.rules.basket import LineKind, TaxRate, Unit
from kiosk.rules.codes import CodeKind
from kiosk.services import catalogue, catalogue_edit, catalogue_tax, journal, staff
from kiosk.services.catalogue_rows import ArticleForm
from kiosk.services.catalogue_tax import CategoryForm, Rate, TaxForm
from kiosk.services.shop import Shop
from tests.services.conftest import FixedTime
from tests.services.journey import Till

BREAD = ArticleForm(name="Pain de campagne", tax="A", number="541", price=Money(350), barcodes=("4006381333931",))


def save(shop: Shop, form: ArticleForm = BREAD, **more: Any) -> catalogue.Article:
    return catalogue_edit.save(shop, replace(form, **more), by=staff.ROOT)


def count(table: str) -> int:
    return int((db.row(f"SELECT COUNT(*) FROM {table}") or (0,))[0])


@pytest.mark.requirement("D1-01")
def test_an_article_is_found_by_number_and_by_barcode(till: Till) -> None:
    made = save(till.shop)
    found = catalogue.find(till.shop, "541")
    assert found is not None
    assert (found.article, found.number, found.text) == (made.id, "541", "Pain de campagne")
    assert (found.unit, found.price, found.tax) == (Unit.PIECE, Money(350), TaxRate("A", Percent(2000)))
    assert (found.quantity, found.minimum_age, found.discountable) == (None, 0, True)
    for code in ("4006381333931", "04006381333931", " 4 006381 333931 ", "00541", "\x1b541\n"):
        assert catalogue.find(till.shop, code) == found, code


@pytest.mark.requirement("D1-01")
@pytest.mark.parametrize("code", ["", " ", "54", "5411", "4006381333932", "x" * 128, "1" * 200, "%", "'", "\x00"])
def test_a_code_that_nothing_bears_finds_nothing(till: Till, code: str) -> None:
    save(till.shop)
    assert catalogue.find(till.shop, code) is None


@pytest.mark.requirement("D1-01")
@pytest.mark.parametrize("kept", ["036000291452", "0036000291452", "00036000291452"])
def test_upc_and_ean_are_one_barcode(till: Till, kept: str) -> None:
    save(till.shop, barcodes=(kept,))
    for code in ("036000291452", "0036000291452", "00036000291452"):
        found = catalogue.find(till.shop, code)
        assert found is not None, code
        assert found.number == "541"


def test_a_upc_e_finds_what_was_saved_as_upc_a_and_the_other_way_round(till: Till) -> None:
    save(till.shop, barcodes=("04252614",))
    found = catalogue.find(till.shop, "042100005264")
    assert found is not None
    assert catalogue.find(till.shop, "04252614") == found
    assert catalogue.article(till.shop, found.article).form.barcodes == ("0042100005264",)


def test_several_barcodes_are_one_article(till: Till) -> None:
    made = save(till.shop, barcodes=("73513537", "4006381333931", "ABC-1"))
    assert made.form.barcodes == ("4006381333931", "73513537", "ABC-1")
    assert {catalogue.find(till.shop, code) for code in made.form.barcodes} == {catalogue.find(till.shop, "541")}


@pytest.mark.requirement("D1-02")
def test_a_weight_label_brings_its_weight(till: Till) -> None:
    save(till.shop, number="421", unit=Unit.KILOGRAM, barcodes=())
    found = catalogue.find(till.shop, codes.make_label("28", "421", 350))
    assert found is not None
    assert (found.quantity, found.price, found.unit) == (Quantity(350), Money(350), Unit.KILOGRAM)


@pytest.mark.requirement("D1-02")
def test_a_price_label_makes_one_piece_at_its_price(till: Till) -> None:
    save(till.shop, number="421", unit=Unit.KILOGRAM, barcodes=())
    found = catalogue.find(till.shop, codes.make_label("21", "421", 437))
    assert found is not None
    assert (found.quantity, found.price, found.unit) == (None, Money(437), Unit.PIECE)


@pytest.mark.requirement("D1-02")
def test_a_label_that_was_scanned_into_the_form_stands_for_all_labels_of_the_article(till: Till) -> None:
    made = save(till.shop, number="77", unit=Unit.KILOGRAM, barcodes=(codes.make_label("28", "12345", 350),))
    assert made.form.barcodes == (codes.make_label("28", "12345", 0),)
    found = catalogue.find(till.shop, codes.make_label("28", "12345", 1999))
    assert found is not None
    assert (found.number, found.quantity) == ("77", Quantity(1999))


@pytest.mark.requirement("D1-02")
def test_a_weight_for_an_article_sold_by_the_piece_is_refused(till: Till) -> None:
    save(till.shop, number="421", barcodes=())
    with pytest.raises(Invalid) as refused:
        catalogue.find(till.shop, codes.make_label("28", "421", 350))
    assert refused.value == Invalid(field="unit", value="Pain de campagne")


def test_a_label_with_a_wrong_check_digit_finds_nothing(till: Till) -> None:
    save(till.shop, number="421", unit=Unit.KILOGRAM, barcodes=())
    label = codes.make_label("28", "421", 350)
    assert catalogue.find(till.shop, label[:-1] + str((int(label[-1]) + 1) % 10)) is None


def test_codes_of_the_till_are_no_articles_but_those_of_quick_articles(till: Till) -> None:
    save(till.shop, number="7", quick=7, barcodes=())
    found = catalogue.find(till.shop, codes.make(CodeKind.QUICK, 7))
    assert found is not None
    assert found.number == "7"
    assert catalogue.find(till.shop, codes.make(CodeKind.QUICK, 8)) is None
    assert catalogue.find(till.shop, codes.make(CodeKind.BADGE, 7)) is None
    assert catalogue.find(till.shop, codes.receipt_code(1, 7)) is None


@pytest.mark.requirement("D2-01")
def test_the_rate_is_that_of_the_shops_day(till: Till, time: FixedTime) -> None:
    catalogue_tax.save_tax_code(
        till.shop,
        TaxForm("A", "Full", (Rate(date(2020, 1, 1), Percent(2000)), Rate(date(2026, 11, 21), Percent(2100)))),
        by=staff.ROOT,
    )
    save(till.shop)

    def rate() -> Percent:
        found = catalogue.find(till.shop, "541")
        assert found is not None
        return found.tax.percent

    assert rate() == Percent(2000)
    time.move(hours=10, minutes=59)
    assert rate() == Percent(2000), "22:59 UTC is still the 20th in Berlin"
    time.move(minutes=1)
    assert rate() == Percent(2100), "23:00 UTC is midnight in Berlin"
    time.move(days=-20_000)
    assert rate() == Percent(2000), "a clock before every rate takes the first"


def test_quick_articles_come_in_the_order_of_their_keys(till: Till) -> None:
    for key in (9, 2, 1):
        save(till.shop, number=str(100 + key), quick=key, barcodes=(), name=f"Key {key}")
    save(till.shop, number="200", barcodes=())
    assert [(one.key, one.item.number) for one in catalogue.quick(till.shop)] == [
        ("1", "101"),
        ("2", "102"),
        ("9", "109"),
    ]


@pytest.mark.requirement("D8-01")
def test_an_article_keeps_all_that_was_said_of_it(till: Till) -> None:
    category = catalogue_tax.save_category(till.shop, CategoryForm(name="Wine", tax="A"), by=staff.ROOT)
    form = ArticleForm(
        name="  Bordeaux\x07 ",
        tax="A",
        number="0099",
        category=category.id,
        price=None,
        unit=Unit.PIECE,
        cost=Money(400),
        lowest_price=Money(500),
        highest_price=Money(2000),
        minimum_age=18,
        discountable=False,
        quick=3,
        barcodes=("4006381333931",),
    )
    made = catalogue_edit.save(till.shop, form, by=staff.ROOT)
    assert made.form == replace(form, id=made.id, name="Bordeaux", number="99")
    assert not made.archived
    found = catalogue.find(till.shop, "99")
    assert found is not None
    assert (found.price, found.lowest_price, found.highest_price) == (None, Money(500), Money(2000))
    assert (found.minimum_age, found.discountable, found.category) == (18, False, category.id)


@pytest.mark.requirement("D8-01")
def test_a_change_is_journalled_as_it_was_and_as_it_is(till: Till) -> None:
    made = save(till.shop)
    changed = catalogue_edit.save(till.shop, replace(made.form, price=Money(380), name="Pain complet"), by=staff.ROOT)
    assert (changed.id, changed.name, changed.form.price) == (made.id, "Pain complet", Money(380))
    (note,) = journal.notes(till.shop, action="article.changed")
    assert note.by == staff.ROOT
    assert note.facts == {
        "article": made.id,
        "number": "541",
        "before": {"name": "Pain de campagne", "price": 350},
        "after": {"name": "Pain complet", "price": 380},
    }
    (created,) = journal.notes(till.shop, action="article.created")
    assert created.facts["after"]["barcodes"] == ["4006381333931"]
    assert [hit.item.text for hit in catalogue.search(till.shop, "complet")] == ["Pain complet"]
    assert catalogue.search(till.shop, "campagne") == ()


def test_saving_what_is_there_already_writes_nothing(till: Till) -> None:
    made = save(till.shop)
    before = count("journal")
    assert catalogue_edit.save(till.shop, made.form, by=staff.ROOT) == made
    assert count("journal") == before


@pytest.mark.requirement("D8-01")
@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"name": " \x00"}, Missing(field="name")),
        ({"tax": ""}, Missing(field="tax")),
        ({"tax": "Q"}, NotFound(what="tax", code="Q")),
        ({"category": "none"}, NotFound(what="category", code="none")),
        ({"price": Money(-1)}, OutOfRange(field="price", value="-1", lowest="0", highest="99999999")),
        ({"price": Money(100_000_000)}, OutOfRange("price", "100000000", "0", "99999999")),
        ({"cost": Money(-1)}, OutOfRange(field="cost", value="-1", lowest="0", highest="99999999")),
        ({"lowest_price": Money(400)}, OutOfRange(field="price", value="350", lowest="400", highest="99999999")),
        ({"highest_price": Money(300)}, OutOfRange(field="price", value="350", lowest="0", highest="300")),
        (
            {"price": None, "lowest_price": Money(400), "highest_price": Money(300)},
            OutOfRange(field="highest_price", value="300", lowest="400", highest="99999999"),
        ),
        ({"minimum_age": 100}, OutOfRange(field="age", value="100", lowest="0", highest="99")),
        ({"minimum_age": -1}, OutOfRange(field="age", value="-1", lowest="0", highest="99")),
        ({"quick": 10}, OutOfRange(field="quick", value="10", lowest="0", highest="9")),
        ({"quick": -1}, OutOfRange(field="quick", value="-1", lowest="0", highest="9")),
        ({"number": "5 4 x"}, Invalid(field="number", value="5 4 x")),
        ({"number": "1" * 21}, Invalid(field="number", value="1" * 21)),
        ({"number": "4.00638E+12"}, Invalid(field="number", value="4.00638E+12")),
        ({"barcodes": ("4,00638E+12",)}, Invalid(field="barcode", value="4,00638E+12")),
        ({"barcodes": ("12|34",)}, Invalid(field="barcode", value="12|34")),
        ({"barcodes": ("käse",)}, Invalid(field="barcode", value="käse")),
        ({"barcodes": ("1" * 129,)}, Invalid(field="barcode", value="1" * 129)),
        ({"barcodes": (codes.make(CodeKind.BADGE, 1),)}, Invalid(field="barcode", value=codes.make(CodeKind.BADGE, 1))),
        (
            {"kind": LineKind.VOUCHER, "unit": Unit.KILOGRAM},
            Invalid(field="unit", value="kg"),
        ),
        ({"id": "gone"}, NotFound(what="article", code="gone")),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(till: Till, change: dict[str, Any], refusal: ShopError) -> None:
    before = count("journal")
    with pytest.raises(type(refusal)) as refused:
        save(till.shop, **change)
    assert refused.value == refusal
    assert (count("article"), count("barcode"), count("article_word"), count("journal")) == (0, 0, 0, before)


@pytest.mark.requirement("D8-01")
@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"number": "541"}, AlreadyTaken(what="number", code="541")),
        ({"number": "0541"}, AlreadyTaken(what="number", code="541")),
        ({"number": "4006381333931"}, AlreadyTaken(what="number", code="4006381333931")),
        ({"barcodes": ("04006381333931",)}, AlreadyTaken(what="barcode", code="4006381333931")),
        ({"barcodes": ("541",)}, AlreadyTaken(what="barcode", code="541")),
        ({"quick": 5}, AlreadyTaken(what="quick", code="5")),
    ],
)
def test_no_two_articles_answer_to_the_same_code(till: Till, change: dict[str, Any], refusal: ShopError) -> None:
    save(till.shop, quick=5)
    with pytest.raises(AlreadyTaken) as refused:
        save(till.shop, **{"number": "542", "barcodes": (), "quick": None, **change})
    assert refused.value == refusal
    assert count("article") == 1


def test_an_article_may_keep_and_change_its_own_codes(till: Till) -> None:
    made = save(till.shop, quick=5)
    changed = catalogue_edit.save(
        till.shop, replace(made.form, number="542", barcodes=("73513537", "4006381333931"), quick=6), by=staff.ROOT
    )
    assert (changed.number, changed.form.barcodes, changed.form.quick) == ("542", ("4006381333931", "73513537"), 6)
    assert catalogue.find(till.shop, "541") is None
    again = catalogue_edit.save(till.shop, replace(changed.form, barcodes=()), by=staff.ROOT)
    assert again.form.barcodes == ()
    assert catalogue.find(till.shop, "73513537") is None


@pytest.mark.requirement("D8-01")
def test_a_new_article_gets_the_next_free_number(till: Till) -> None:
    assert catalogue_edit.next_number(till.shop) == "1"
    assert save(till.shop, number="", barcodes=()).number == "1"
    save(till.shop, number="541", barcodes=())
    save(till.shop, number="X900", barcodes=())
    save(till.shop, number="73513537", barcodes=())
    assert catalogue_edit.next_number(till.shop) == "542"
    save(till.shop, number="999999", barcodes=())
    save(till.shop, number="1000000", barcodes=())
    assert save(till.shop, number="", barcodes=()).number == "1000001"


@pytest.mark.requirement("D8-01")
def test_an_archived_article_is_out_of_sale_but_not_forgotten(till: Till) -> None:
    made = save(till.shop, quick=5)
    gone = catalogue_edit.archive(till.shop, made.id, by=staff.ROOT)
    assert gone.archived
    assert gone.form == replace(made.form, quick=None)
    assert catalogue.find(till.shop, "541") is None
    assert catalogue.find(till.shop, "4006381333931") is None
    assert catalogue.quick(till.shop) == ()
    for words in ("pain", "541", "4006"):
        assert catalogue.search(till.shop, words) == ()
    back = catalogue_edit.restore(till.shop, made.id, by=staff.ROOT)
    assert not back.archived
    assert [hit.item.number for hit in catalogue.search(till.shop, "pain")] == ["541"]
    assert catalogue.find(till.shop, "4006381333931") is not None
    assert [note.action for note in journal.notes(till.shop) if note.action.startswith("article.")] == [
        "article.restored", "article.archived", "article.created",
    ]  # fmt: skip


def test_a_new_article_takes_the_barcode_of_an_archived_one(till: Till) -> None:
    old = save(till.shop)
    catalogue_edit.archive(till.shop, old.id, by=staff.ROOT)
    new = save(till.shop, number="900")
    found = catalogue.find(till.shop, "4006381333931")
    assert found is not None
    assert found.article == new.id
    assert catalogue.article(till.shop, old.id).form.barcodes == ()


def test_an_unknown_article_is_refused(till: Till) -> None:
    for deed in (catalogue_edit.archive, catalogue_edit.restore):
        with pytest.raises(NotFound):
            deed(till.shop, "gone", by=staff.ROOT)
    with pytest.raises(NotFound):
        catalogue.article(till.shop, "gone")


@pytest.mark.requirement("D7-02")
def test_who_may_not_change_articles_changes_none(till: Till) -> None:
    made = save(till.shop)
    before = count("journal")
    with pytest.raises(Denied):
        catalogue_edit.save(till.shop, replace(made.form, price=Money(1)), by=till.technician)
    with pytest.raises(NeedsApproval):
        catalogue_edit.save(till.shop, replace(made.form, price=Money(1)), by=till.ann)
    with pytest.raises(Denied):
        catalogue_edit.archive(till.shop, made.id, by=till.technician)
    with pytest.raises(Denied):
        catalogue_tax.save_tax_code(
            till.shop, TaxForm("Z", "None", (Rate(date(2020, 1, 1), Percent(0)),)), by=till.technician
        )
    with pytest.raises(Denied):
        catalogue_tax.save_category(till.shop, CategoryForm(name="Wine"), by=till.technician)
    assert catalogue.article(till.shop, made.id) == made
    assert count("journal") == before
    assert count("category") == 0


@pytest.mark.requirement("D2-01")
def test_tax_codes_have_rates_with_dates(till: Till) -> None:
    old, new = Rate(date(2020, 1, 1), Percent(1900)), Rate(date(2027, 1, 1), Percent(2050))
    made = catalogue_tax.save_tax_code(till.shop, TaxForm("n", "Normal", (new, old)), by=staff.ROOT)
    assert made == catalogue_tax.TaxCode("N", "Normal", Percent(1900), (old, new))
    assert [tax.code for tax in catalogue_tax.tax_codes(till.shop)] == ["A", "B", "N"]
    (note,) = journal.notes(till.shop, action="tax.changed")
    assert note.facts["after"] == {"name": "Normal", "rates": {"2020-01-01": 1900, "2027-01-01": 2050}}
    assert catalogue_tax.save_tax_code(till.shop, TaxForm("N", "Normal", (old, new)), by=staff.ROOT) == made
    assert len(journal.notes(till.shop, action="tax.changed")) == 1


@pytest.mark.requirement("D2-01")
@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        (TaxForm("", "x", (Rate(date(2020, 1, 1), Percent(1)),)), Missing(field="code")),
        (TaxForm("N", "", (Rate(date(2020, 1, 1), Percent(1)),)), Missing(field="name")),
        (TaxForm("N", "x", ()), Missing(field="percent")),
        (TaxForm("N", "x", (Rate(date(2100, 1, 1), Percent(1)),)), Missing(field="percent")),
        (TaxForm("TOOLONG", "x", (Rate(date(2020, 1, 1), Percent(1)),)), Invalid(field="code", value="TOOLONG")),
        (TaxForm("-", "x", (Rate(date(2020, 1, 1), Percent(1)),)), Invalid(field="code", value="-")),
        (
            TaxForm("N", "x", (Rate(date(2020, 1, 1), Percent(10_001)),)),
            OutOfRange(field="percent", value="10001", lowest="0", highest="10000"),
        ),
        (
            TaxForm("N", "x", (Rate(date(2020, 1, 1), Percent(1)), Rate(date(2020, 1, 1), Percent(2)))),
            Invalid(field="date", value="2020-01-01"),
        ),
    ],
)
def test_a_tax_code_that_cannot_be_is_refused(till: Till, form: TaxForm, refusal: ShopError) -> None:
    with pytest.raises(type(refusal)) as refused:
        catalogue_tax.save_tax_code(till.shop, form, by=staff.ROOT)
    assert refused.value == refusal
    assert count("tax") == 2


@pytest.mark.requirement("D8-01")
def test_categories_have_unique_names(till: Till) -> None:
    wine = catalogue_tax.save_category(till.shop, CategoryForm(name=" Wine ", tax="A", position=2), by=staff.ROOT)
    bread = catalogue_tax.save_category(till.shop, CategoryForm(name="Bread", position=1), by=staff.ROOT)
    assert catalogue_tax.categories(till.shop) == (bread, wine)
    with pytest.raises(AlreadyTaken) as refused:
        catalogue_tax.save_category(till.shop, CategoryForm(name="Wine"), by=staff.ROOT)
    assert refused.value == AlreadyTaken(what="category", code="Wine")
    with pytest.raises(Missing):
        catalogue_tax.save_category(till.shop, CategoryForm(name=""), by=staff.ROOT)
    with pytest.raises(NotFound):
        catalogue_tax.save_category(till.shop, CategoryForm(name="Cheese", tax="Q"), by=staff.ROOT)
    with pytest.raises(NotFound):
        catalogue_tax.save_category(till.shop, CategoryForm(name="Cheese", id="gone"), by=staff.ROOT)
    renamed = catalogue_tax.save_category(
        till.shop, CategoryForm(name="Wines", tax="B", position=0, id=wine.id), by=staff.ROOT
    )
    assert catalogue_tax.categories(till.shop) == (renamed, bread)
    assert journal.notes(till.shop, action="category.changed")[0].facts["before"] == {
        "name": "Wine",
        "tax": "A",
        "position": 2,
    }
