"""Articles in and out as CSV: all or nothing, by key, and the same after a round trip."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import db
from kiosk.errors import (
    AlreadyTaken,
    BadFile,
    Denied,
    Invalid,
    Missing,
    NotANumber,
    NotFound,
    OutOfRange,
    ShopError,
)
from kiosk.i18n.sentences import sentence
from kiosk.money import Money
from kiosk.rules import codes
from kiosk.rules.basket import LineKind, Unit
from kiosk.services import catalogue, catalogue_edit, catalogue_tax, csv_files, journal, staff, transfer
from kiosk.services.catalogue_rows import ArticleForm
from kiosk.services.catalogue_tax import CategoryForm
from kiosk.services.shop import Shop
from kiosk.services.transfer import ImportResult
from tests.services.journey import Till


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "articles.csv"


def take(shop: Shop, file: Path, text: str | bytes, *, dry_run: bool = False) -> ImportResult:
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return transfer.import_articles(shop, file, dry_run=dry_run, by=staff.ROOT)


def found(shop: Shop, code: str) -> catalogue.Article:
    item = catalogue.find(shop, code)
    assert item is not None, code
    return catalogue.article(shop, item.article)


def rows() -> list[Any]:
    return [
        db.rows(f"SELECT * FROM {table} ORDER BY 1, 2")
        for table in ("category", "article", "barcode", "article_word", "journal")
    ]


@pytest.mark.requirement("D8-02")
def test_a_file_becomes_articles(till: Till, file: Path) -> None:
    result = take(
        till.shop,
        file,
        "number,name,category,tax,price,cost,unit,minimum_age,discountable,quick,barcodes\n"
        "541,Pain de campagne,Bread,B,3.50,1,piece,,yes,1,4006381333931 73513537\n"
        "0421,Pommes,Fruit,,2.2,,kg,,,,\n"
        "99,Divers,,A,,,,,no,,\n"
        "700,Rhum,Spirits,20,19,,,18,,,036000291452\n",
    )
    assert result == ImportResult(4, 0, 0, (), (), ("Bread", "Fruit", "Spirits"), written=True)
    bread = found(till.shop, "73513537")
    names = {category.id: category.name for category in catalogue_tax.categories(till.shop)}
    assert bread.form == ArticleForm(
        id=bread.id,
        name="Pain de campagne",
        number="541",
        category=bread.form.category,
        tax="B",
        price=Money(350),
        cost=Money(100),
        quick=1,
        barcodes=("4006381333931", "73513537"),
    )
    assert names[bread.form.category or ""] == "Bread"
    apples = found(till.shop, codes.make_label("28", "421", 350))
    assert (apples.form.unit, apples.form.price, apples.form.tax) == (Unit.KILOGRAM, Money(220), "A")
    assert (found(till.shop, "99").form.price, found(till.shop, "99").form.discountable) == (None, False)
    assert (found(till.shop, "700").form.tax, found(till.shop, "700").form.minimum_age) == ("A", 18)
    assert [hit.item.number for hit in catalogue.search(till.shop, "campag")] == ["541"]
    (note,) = journal.notes(till.shop, action="article.imported")
    assert (note.by, note.facts["created"], note.facts["changed"]) == (staff.ROOT, 4, 0)


@pytest.mark.requirement("D8-02")
@pytest.mark.parametrize(
    "text",
    [
        'number,name,price\n7,Käse,"1,234.50"\n',
        "Artikelnummer;Bezeichnung;Verkaufspreis\r\n7;Käse;1.234,50\r\n",
        "Référence\tDésignation\tPrix TTC\n7\tKäse\t1 234,50\n",
        "codice;descrizione;prezzo\n7;Käse;1234,5\n",
        "Artikelcode,Omschrijving,Prijs\n7,Käse,1234.50\n",
        '\ufeffNUMBER;"NAME";PRICE;Remark\n\n7;"Käse";1\'234.50;x\n\n;;;\n',
        "PLU;Artikel;VK-Preis\n7;Käse;1\u202f234,50",
    ],
)
def test_files_come_as_shops_have_them(till: Till, file: Path, text: str) -> None:
    for raw in (
        text.encode(),
        text.encode("utf-16"),
        text.replace("\ufeff", "").replace("\u202f", " ").encode("cp1252"),
    ):
        result = take(till.shop, file, raw)
        assert (result.errors, result.created + result.changed + result.unchanged) == ((), 1)
        assert (found(till.shop, "7").name, found(till.shop, "7").form.price) == ("Käse", Money(123_450))


@pytest.mark.requirement("D8-02")
def test_a_dry_run_tells_and_writes_nothing(till: Till, file: Path) -> None:
    take(till.shop, file, "number,name,price\n1,One,1\n2,Two,2\n")
    before = rows()
    result = take(till.shop, file, "number,name,price,category\n1,One,1,\n2,Two,3,\n3,Three,3,New\n", dry_run=True)
    assert result == ImportResult(1, 1, 1, (), (), ("New",), written=False)
    assert rows() == before


@pytest.mark.requirement("D8-02")
def test_one_bad_line_and_nothing_is_written(till: Till, file: Path) -> None:
    before = rows()
    result = take(till.shop, file, "number,name,price,category\n1,One,1,New\n2,Two,dear,\n3,,3,\n")
    assert not result.written
    assert [(error.line, error.column, error.reason, error.value) for error in result.errors] == [
        (3, "price", "not_a_number", "dear"),
        (4, "name", "missing", ""),
    ]
    assert rows() == before


@pytest.mark.requirement("D8-02")
@pytest.mark.parametrize(
    ("cells", "column", "refusal"),
    [
        ("8;X;1,234;;;;;;", "Preis", NotANumber(text="1,234")),
        ("8;X;-1;;;;;;", "Preis", OutOfRange(field="price", value="-100", lowest="0", highest="99999999")),
        ("8;X;99999999999;;;;;;", "Preis", NotANumber(text="99999999999")),
        (";X;1;;;;;;", "Nummer", Missing(field="number")),
        ("8 8 x;X;1;;;;;;", "Nummer", Invalid(field="number", value="8 8 x")),
        ("8;X;1;4,00638E+12;;;;;", "EAN", Invalid(field="barcode", value="4,00638E+12")),
        ("8;X;1;;MwSt 33;;;;", "MwSt", NotFound(what="tax", code="MwSt 33")),
        ("8;X;1;;;Liter;;;", "Einheit", Invalid(field="unit", value="Liter")),
        ("8;X;1;;;;-18;;", "Mindestalter", NotANumber(text="-18")),
        ("8;X;1;;;;180;;", "Mindestalter", OutOfRange(field="age", value="180", lowest="0", highest="99")),
        ("8;X;1;;;;;100;", "Favorit", OutOfRange(field="quick", value="100", lowest="0", highest="9")),
        ("8;X;1;;;;;;maybe", "archiviert", Invalid(field="archived", value="maybe")),
        ("8;X;1", "", Invalid(field="columns", value="3")),
        ("8;X;1;;;;;;;;surplus", "", Invalid(field="columns", value="11")),
        ("7;X;1;;;;;;", "Nummer", AlreadyTaken(what="number", code="7")),
        ("8;X;1;73513537;;;;;", "EAN", AlreadyTaken(what="barcode", code="73513537")),
        ("8;X;1;4006381333931;;;;;", "EAN", AlreadyTaken(what="barcode", code="4006381333931")),
        ("8;X;1;600;;;;;", "EAN", AlreadyTaken(what="barcode", code="600")),
        ("4006381333931;X;1;;;;;;", "Nummer", AlreadyTaken(what="number", code="4006381333931")),
        ("8;X;1;;;;;9;", "Favorit", AlreadyTaken(what="quick", code="9")),
        ("8;X;1;;;;;3;", "Favorit", AlreadyTaken(what="quick", code="3")),
    ],
)
def test_each_fault_is_named_by_line_and_column(
    till: Till, file: Path, cells: str, column: str, refusal: ShopError
) -> None:
    catalogue_edit.save(
        till.shop,
        ArticleForm(name="There", tax="A", number="600", barcodes=("4006381333931",), quick=9),
        by=staff.ROOT,
    )
    before = rows()
    header = "Nummer;Name;Preis;EAN;MwSt;Einheit;Mindestalter;Favorit;archiviert"
    result = take(till.shop, file, f"{header}\n7;First;1;73513537;;;;3;\n{cells}\n9;Last;1;;;;;;\n")
    assert [(error.line, error.column, error.refusal) for error in result.errors] == [(3, column, refusal)]
    assert not result.written
    assert rows() == before
    assert sentence(result.errors[0].refusal)


@pytest.mark.requirement("D8-02")
def test_a_second_import_changes_only_what_differs(till: Till, file: Path) -> None:
    text = "number,name,price,barcodes,category\n1,One,1.00,4006381333931,New\n2,Two,2.00,,New\n,Three,3.00,73513537,\n"
    assert take(till.shop, file, text).created == 3
    before = rows()
    assert take(till.shop, file, text) == ImportResult(0, 0, 3, (), (), (), written=True)
    assert rows()[:-1] == before[:-1]
    one, three = found(till.shop, "1"), found(till.shop, "73513537")
    assert three.number == "3"
    result = take(till.shop, file, "barcodes,price\n04006381333931,1.10\n73513537,3\n")
    assert result == ImportResult(0, 1, 1, (), (), (), written=True)
    changed = found(till.shop, "1")
    assert changed == replace(one, form=replace(one.form, price=Money(110)))
    assert journal.notes(till.shop, action="article.changed")[0].facts == {
        "article": one.id,
        "number": "1",
        "before": {"price": 100},
        "after": {"price": 110},
    }


@pytest.mark.requirement("D8-02")
def test_codes_and_keys_may_change_hands_within_a_file(till: Till, file: Path) -> None:
    take(till.shop, file, "number,name,quick,barcodes\n1,One,1,4006381333931\n2,Two,2,73513537\n")
    one = found(till.shop, "1")
    result = take(till.shop, file, "number,name,quick,barcodes\n1,One,2,73513537\n2,Two,1,4006381333931\n")
    assert result == ImportResult(0, 2, 0, (), (), (), written=True)
    assert found(till.shop, "73513537").id == one.id
    assert [(key.key, key.item.number) for key in catalogue.quick(till.shop)] == [("1", "2"), ("2", "1")]


@pytest.mark.requirement("D8-02")
def test_what_a_file_names_is_on_sale_again_unless_it_says_otherwise(till: Till, file: Path) -> None:
    take(till.shop, file, "number,name,quick\n1,One,1\n2,Two,\n")
    one = found(till.shop, "1")
    take(till.shop, file, "number,archived\n1,ja\n2,nein\n")
    assert catalogue.find(till.shop, "1") is None
    assert catalogue.search(till.shop, "one") == ()
    assert catalogue.article(till.shop, one.id).form.quick is None
    take(till.shop, file, "number,price\n1,1\n")
    assert found(till.shop, "1").id == one.id
    assert [hit.item.number for hit in catalogue.search(till.shop, "one")] == ["1"]


def test_numbers_are_given_around_those_of_the_file(till: Till, file: Path) -> None:
    result = take(till.shop, file, "number,name,ean\n,A,73513537\n2,B,\n,C,4006381333931\n")
    assert result.created == 3
    assert [found(till.shop, code).number for code in ("73513537", "2", "4006381333931")] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no known column in the first line"),
        (b"foo,bar\n1,2\n", "no known column in the first line"),
        (b"\x7fELF\0\0\0", "not a text file"),
        (b"number,name,nr\n1,2,3\n", "two columns for the same"),
        (b'number,name\n1,"open\n', "line 2: unexpected end of data"),
    ],
)
def test_what_is_no_file_of_articles_is_refused(till: Till, file: Path, content: bytes, reason: str) -> None:
    with pytest.raises(BadFile) as refused:
        take(till.shop, file, content)
    assert refused.value == BadFile(path=str(file), reason=reason)


def test_a_file_that_is_not_there_is_refused(till: Till, file: Path) -> None:
    with pytest.raises(BadFile):
        transfer.import_articles(till.shop, file, dry_run=True, by=staff.ROOT)


@pytest.mark.requirement("D7-02")
def test_who_may_not_import_or_export_does_not(till: Till, file: Path) -> None:
    file.write_text("number,name\n1,One\n")
    for deed in (
        lambda: transfer.import_articles(till.shop, file, dry_run=True, by=till.ann),
        lambda: transfer.export_articles(till.shop, io.StringIO(), by=till.ann),
    ):
        with pytest.raises(Denied):
            deed()


def test_progress_ends_at_all(till: Till, file: Path) -> None:
    file.write_text("number,name\n" + "".join(f"{number},N\n" for number in range(1, 1202)))
    for dry_run, everything in ((True, 1202), (False, 2404)):
        seen: list[tuple[int, int]] = []
        transfer.import_articles(
            till.shop,
            file,
            dry_run=dry_run,
            by=staff.ROOT,
            progress=lambda done, of, seen=seen: seen.append((done, of)),
        )
        assert seen[-1] == (everything, everything)
        assert [done for done, _of in seen] == sorted(done for done, _of in seen)
        assert {of for _done, of in seen} == {everything}


NASTY = (
    "=1+1",
    "+49",
    "-1",
    "@SUM(A1)",
    "'quoted",
    "'=1",
    "''=1",
    "a;b,c",
    'say "hi"',
    "[bold]x[/]",
    "“Käse”",
    "é",
    "1,5",
)


@pytest.mark.requirement("N12")
@pytest.mark.parametrize("language", ["en", "de"])
def test_what_goes_out_comes_in_again_the_same(till: Till, file: Path, language: str) -> None:
    till.change(language=language)
    wine = catalogue_tax.save_category(till.shop, CategoryForm(name="=Wine", tax="B"), by=staff.ROOT)
    for number, name in enumerate(NASTY, start=1):
        catalogue_edit.save(
            till.shop,
            ArticleForm(
                name=name,
                tax="B" if number % 2 else "A",
                number=f"A-{number}" if number % 3 else f"-{number}",
                category=wine.id if number % 2 else None,
                price=None if number % 4 == 0 else Money(number * 1001),
                cost=Money(number),
                lowest_price=Money(1) if number % 4 == 0 else None,
                highest_price=Money(100_000) if number % 4 == 0 else None,
                unit=Unit.KILOGRAM if number % 5 == 0 else Unit.PIECE,
                kind=LineKind.DEPOSIT if number == 3 else LineKind.GOODS,
                minimum_age=18 if number == 2 else 0,
                discountable=number != 6,
                quick=number if number <= 9 else None,
                barcodes=(f"-CODE{number}", f"+{number}") if number % 2 else (),
            ),
            by=staff.ROOT,
        )
    catalogue_edit.archive(till.shop, found(till.shop, "A-4").id, by=staff.ROOT)
    assert transfer.export_articles(till.shop, file, by=staff.ROOT) == len(NASTY)
    before = rows()
    again = transfer.import_articles(till.shop, file, dry_run=False, by=staff.ROOT)
    assert again == ImportResult(0, 0, len(NASTY), (), (), (), written=True)
    assert rows()[:-1] == before[:-1]
    text = file.read_bytes().decode("utf-8-sig")
    assert list(file.parent.glob(".articles*")) == []
    with db.transaction():
        for table in ("article_word", "barcode", "article", "category"):
            db.run(f"DELETE FROM {table}")
    fresh = transfer.import_articles(till.shop, file, dry_run=False, by=staff.ROOT)
    assert (fresh.created, fresh.errors, fresh.categories) == (len(NASTY), (), ("=Wine",))
    out = io.StringIO()
    transfer.export_articles(till.shop, out, by=staff.ROOT)
    assert out.getvalue() == text


@pytest.mark.requirement("N12")
def test_no_cell_of_an_export_is_a_formula(till: Till, file: Path) -> None:
    for number, name in enumerate(NASTY, start=1):
        till.article(name, 100, number=f"-{number}", barcodes=(f"+{number}",))
    transfer.export_articles(till.shop, file, by=staff.ROOT)
    for line in csv_files.csv.reader(file.open(encoding="utf-8-sig", newline="")):
        assert not [cell for cell in line if cell[:1] in set("=+-@\t\r")], line


@given(st.text(max_size=12))
def test_a_guard_comes_off_as_it_went_on(cell: str) -> None:
    guarded = csv_files.guard(cell)
    assert csv_files.unguard(guarded) == cell
    assert guarded[:1] not in {"=", "+", "-", "@", "\t", "\r"}


@given(st.integers(-(10**9), 10**9), st.integers(0, 3), st.sampled_from(".,"))
def test_an_amount_reads_as_it_was_written(minor: int, decimals: int, point: str) -> None:
    text = csv_files.amount_text(minor, decimals, point)
    assert Money.parse(csv_files.plain_number(text), decimals) == Money(minor)
