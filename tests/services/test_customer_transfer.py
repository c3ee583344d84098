"""Customers in and out as CSV: recognised, checked by line, taken back; and lists of those who agreed to mail."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kiosk import db
from kiosk.errors import (
    AlreadyTaken,
    BadFile,
    ChangedMeanwhile,
    Denied,
    Erased,
    Invalid,
    Missing,
    NotANumber,
    NotFound,
    NothingToUndo,
    OutOfRange,
    ShopError,
)
from kiosk.i18n.sentences import sentence
from kiosk.rules import basket as baskets
from kiosk.rules.basket import EMPTY
from kiosk.rules.permissions import Role
from kiosk.services import (
    consents,
    customer_erase,
    customer_merge,
    customer_search,
    customer_standing,
    customer_transfer,
    customer_transfer_columns,
    customer_transfer_undo,
    customers,
    documents,
    journal,
    points,
    sales,
    staff,
)
from kiosk.services.customer_rows import Channel, Customer, CustomerForm, DocumentKind, IdDocument, Kind, read
from kiosk.services.customer_transfer import CustomerImport
from kiosk.services.customer_transfer_columns import Chosen
from kiosk.services.shop import new_key
from tests.services.journey import Till

ROOT = staff.ROOT


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "customers.csv"


@pytest.fixture
def owner(till: Till) -> str:
    return till.person("Otto", Role.OWNER)


def take(
    till: Till, file: Path, text: str | bytes, *, dry_run: bool = False, chosen: Chosen | None = None
) -> CustomerImport:
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return customer_transfer.import_customers(till.shop, file, dry_run=dry_run, by=ROOT, chosen=chosen)


def by_number() -> dict[int, Customer]:
    found = read([str(id_) for (id_,) in db.rows("SELECT id FROM customer")])
    return {one.number: one for one in found.values()}


def rows() -> list[Any]:
    tables = ("customer", "contact", "consent", "card", "id_document", "customer_key", "customer_import", "journal")
    return [db.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]


def called(till: Till, text: str, by: str) -> list[str]:
    return [one.called for one in customer_search.search(till.shop, text, by=by)]


@pytest.mark.requirement("D8-02")
def test_a_file_becomes_customers(till: Till, file: Path, owner: str) -> None:
    till.change(country="DE")
    result = take(
        till,
        file,
        "Kundennummer;Vorname;Nachname;Firma;Telefon;Werbung SMS;E-Mail;Newsletter;Geburtsdatum;Kundengruppe;Sprache;"
        "Straße;PLZ;Ort;Land;Breitengrad;Längengrad;Bemerkung;Karte;Schuhgröße\r\n"
        '17;Maria;Huber;;0171 2345678;ja;maria@example.com;nein;12.11.84;Regular;deutsch;"Weg 1";10115;Berlin;de;'
        '52,52;13,404954;"mag ""Käse"", kein Brot";KARTE-1|KARTE-2;38\r\n'
        ";;;Bäckerei Süß;;;post@example.com;ja;;;;;;;;;;;;\r\n",
    )
    assert (result.created, result.changed, result.errors, result.ignored) == (2, 0, (), ("Schuhgröße",))
    assert (result.consents, result.written, result.left) == (2, True, ())
    found = by_number()
    assert sorted(found) == [17, 18]
    maria = found[17]
    assert maria.form == CustomerForm(
        id=maria.id,
        changed_at=maria.form.changed_at,
        name="Maria Huber",
        phone="+491712345678",
        phone_opt_in=True,
        email="maria@example.com",
        birth_date=date(1984, 11, 12),
        type="Regular",
        language="de",
        street="Weg 1",
        postcode="10115",
        city="Berlin",
        country="DE",
        latitude=52_520_000,
        longitude=13_404_954,
        notes='mag "Käse", kein Brot',
    )
    assert maria.cards == ("KARTE-1", "KARTE-2")
    assert (found[18].form.kind, found[18].called) == (Kind.COMPANY, "Bäckerei Süß")
    assert customers.by_code(till.shop, "KARTE-2") == maria.id
    assert called(till, "huber", owner) == ["Maria Huber"]
    assert called(till, "suess", owner) == ["Bäckerei Süß"]
    assert [(one.channel, one.given, one.source, one.of_now) for one in consents.of_one(till.shop, maria.id)] == [
        (Channel.PHONE, True, "import", True)
    ]
    assert consents.check(till.shop, found[18].id, Channel.EMAIL) == "post@example.com"
    (note,) = journal.notes(till.shop, action="customers.import")
    assert (note.by, note.facts["id"], note.facts["customers"]) == (ROOT, result.id, 2)
    assert "Huber" not in str(journal.notes(till.shop))


@pytest.mark.requirement("D8-02")
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_any_delimiter_and_encoding_will_do(till: Till, file: Path, delimiter: str, encoding: str) -> None:
    text = (
        delimiter.join(("Prénom", "Nom", "Téléphone")) + "\n" + delimiter.join(("Zoé", "Müller", "+33 1 42 68 53 00"))
    )
    assert take(till, file, text.encode(encoding)).created == 1
    (found,) = by_number().values()
    assert (found.form.name, found.form.phone) == ("Zoé Müller", "+33142685300")


@pytest.mark.requirement("D8-02")
def test_the_preview_says_what_each_column_is_taken_for(till: Till, file: Path) -> None:
    file.write_text("Name,Tel. privat,Tel,F7\nAnn,111,222,x\nBob,333\n=1+1,,,\nDan,,,\n")
    shown = customer_transfer_columns.preview(file, {})
    assert [(one.place, one.header, one.field, one.first) for one in shown.columns] == [
        (1, "Name", "name", ("Ann", "Bob", "=1+1")),
        (2, "Tel. privat", None, ("111", "333", "")),
        (3, "Tel", "phone", ("222", "", "")),
        (4, "F7", None, ("x", "", "")),
    ]
    assert shown.lines == 5
    chosen = customer_transfer_columns.preview(file, {"tel privat": "phone", "#4": "notes"})
    assert [one.field for one in chosen.columns] == ["name", "phone", None, "notes"]
    without = customer_transfer_columns.preview(file, {"Tel": "-"})
    assert [one.field for one in without.columns] == ["name", None, None, None]
    for wrong in ({"Tel": "shoe"}, {"Shoe": "name"}, {"#9": "name"}, {"#": "name"}):
        with pytest.raises(Invalid):
            customer_transfer_columns.preview(file, wrong)
    with pytest.raises(BadFile):
        take(till, file, "Name,Tel\nAnn,1\n", chosen={"Name": "phone", "Tel": "phone"})


@pytest.mark.requirement("D8-02")
def test_a_column_that_says_nothing_is_assigned(till: Till, file: Path) -> None:
    text = "F1;F2\nAnn;+33142685300\n"
    with pytest.raises(BadFile) as refused:
        take(till, file, text)
    assert refused.value == BadFile(path=str(file), reason="no known column in the first line")
    assert take(till, file, text, chosen={"#1": "name", "F2": "phone"}).created == 1
    (ann,) = by_number().values()
    assert (ann.form.name, ann.form.phone) == ("Ann", "+33142685300")


@pytest.mark.requirement("D8-02")
def test_a_dry_run_tells_and_writes_nothing(till: Till, file: Path) -> None:
    take(till, file, "number,name\n1,Ann\n2,Bob\n")
    before = rows()
    result = take(till, file, "number,name,email,newsletter\n1,Ann,,\n2,Rob,r@example.com,x\n,Cid,,\n", dry_run=True)
    assert result == CustomerImport(1, 1, 1, (), (), 1)
    assert rows() == before


@pytest.mark.requirement("D8-02")
@pytest.mark.parametrize(
    ("cells", "column", "refusal"),
    [
        ("x;Bob;;;;;;;;;;", "Nr", NotANumber(text="x")),
        ("90000000;Bob;;;;;;;;;;", "Nr", OutOfRange("number", "90000000", "1", "89999999")),
        (";Bob;x1;;;;;;;;;", "Tel", Invalid(field="phone", value="x1")),
        (";Bob;;a@@b;;;;;;;;", "Mail", Invalid(field="email", value="a@@b")),
        (";Bob;;;ja;;;;;;;", "Mail", Missing(field="email")),
        (";Bob;;;vielleicht;;;;;;;", "Newsletter", Invalid(field="email_opt_in", value="vielleicht")),
        (";Bob;;;;31.2.1980;;;;;;", "Geburtstag", Invalid(field="birth_date", value="31.2.1980")),
        (";Bob;;;;;Königin;;;;;", "Typ", Invalid(field="type", value="Königin")),
        (";Bob;;;;;;Germany;;;;", "Land", Invalid(field="country", value="Germany")),
        (";Bob;;;;;;;91;1;;", "Lat", OutOfRange("latitude", "91", "-90", "90")),
        (";Bob;;;;;;;1e400;1;;", "Lat", OutOfRange("latitude", "1e400", "-90", "90")),
        (";Bob;;;;;;;nan;1;;", "Lat", NotANumber(text="nan")),
        (";Bob;;;;;;;1;;;", "Lon", Missing(field="longitude")),
        (";Bob;;;;;;;;;KARTE-1;", "Karte", AlreadyTaken(what="card", code="KARTE-1")),
        (";Bob;;;;;;;;;4006381333931;", "Karte", AlreadyTaken(what="card", code="4006381333931")),
        (";Bob;;;;;;;;;NEU-1 KARTE-9;", "Karte", AlreadyTaken(what="card", code="KARTE-9")),
        (";Bob;;;;;;;;;KARTE;klingonisch", "Sprache", Invalid(field="language", value="klingonisch")),
        (";Bob;;;;;;;;;;;ja", "", Invalid(field="columns", value="13")),
        (";Bob", "", Invalid(field="columns", value="2")),
        (";;+33142685300;;;;;;;;;", "Name", Missing(field="name")),
        ("7;Bob;;;;;;;;;;", "Nr", AlreadyTaken(what="number", code="7")),
        (";Bob;;first@example.com;;;;;;;;", "Mail", AlreadyTaken(what="email", code="first@example.com")),
    ],
)
def test_each_fault_is_named_by_line_and_column(
    till: Till, file: Path, owner: str, cells: str, column: str, refusal: ShopError
) -> None:
    till.article("Bread", 100, barcodes=("4006381333931",))
    customers.save(till.shop, CustomerForm(name="There", card="KARTE-1"), by=owner)
    before = rows()
    header = "Nr;Name;Tel;Mail;Newsletter;Geburtstag;Typ;Land;Lat;Lon;Karte;Sprache"
    if column == "Karte" and "KARTE-1" in cells:
        cells = "5" + cells
    text = f"{header}\n7;First;;;;;;;;;KARTE-9;\n;Mail;;first@example.com;;;;;;;;\n{cells}\n9;Last;;;;;;;;;;\n"
    result = take(till, file, text)
    assert [(error.line, error.column, error.refusal) for error in result.errors] == [(4, column, refusal)]
    assert not result.written
    assert rows() == before
    assert sentence(result.errors[0].refusal)


@pytest.mark.requirement("D8-02")
def test_all_faults_of_a_line_are_named_at_once(till: Till, file: Path, owner: str) -> None:
    customers.save(till.shop, CustomerForm(name="There", card="KARTE-1"), by=owner)
    text = (
        "number,name,phone,email,card,birth_date,type,country\n"
        "x,A,x1,a@@b,,31.2.1980,Royal,Germany\n"
        "7,B,,,KARTE-1,31.2.1980,Royal,\n"
        ",C,,,,31.2.1980,Royal,\n"
    )
    result = take(till, file, text)
    assert [(error.line, error.column) for error in result.errors] == [
        *((2, column) for column in ("number", "phone", "email", "birth_date", "country", "type")),
        *((3, column) for column in ("card", "birth_date", "type")),
        *((4, column) for column in ("birth_date", "type")),
    ]
    assert (result.written, len(by_number())) == (False, 1)


@pytest.mark.requirement("D8-02")
def test_customers_are_recognised_and_only_what_differs_changes(till: Till, file: Path, owner: str) -> None:
    text = (
        "number,name,phone,email,card,notes\n"
        "5,Ann,+33142685300,ann@example.com,CARD-1,old\n"
        "6,Bob,+33142685301,,,old\n"
        "7,Bea,+33142685301,bea@example.com,,old\n"
    )
    assert take(till, file, text).created == 3
    before = rows()
    assert take(till, file, text) == CustomerImport(0, 0, 3, (), (), 0)
    assert rows() == before
    # By number, by card, by phone and name, by e-mail; a column that is not there leaves things as they are.
    result = take(
        till,
        file,
        "number,name,phone,email,card,notes\n"
        ",Ann,+33142685300,,CARD-1,\n"
        ",bob,+33142685301,,,new\n"
        ",Beatrix,+33142685301,bea@example.com,,old\n"
        ",Bill,+33142685301,,,old\n",
    )
    assert (result.created, result.changed, result.errors) == (1, 3, ())
    found = by_number()
    assert (found[5].form.email, found[5].form.notes) == ("", "")
    assert (found[6].form.name, found[6].form.notes) == ("bob", "new")
    assert (found[7].form.name, found[8].form.name) == ("Beatrix", "Bill")
    assert called(till, "beatrix", owner) == ["Beatrix"]
    assert called(till, "bea@example.com", owner) == ["Beatrix"]
    notes = journal.notes(till.shop, action="customer.changed")
    assert {tuple(note.facts["fields"]) for note in notes} == {("email", "notes"), ("name", "notes"), ("name",)}
    assert take(till, file, "number,city\n5,Rome\n").changed == 1
    assert by_number()[5].form == replace(found[5].form, city="Rome", changed_at=by_number()[5].form.changed_at)


@pytest.mark.requirement("N20")
def test_a_new_address_is_not_agreed_to_unless_the_file_says_so(till: Till, file: Path) -> None:
    take(till, file, "number,name,email,newsletter\n5,Ann,a@example.com,yes\n6,Bob,b@example.com,yes\n")
    take(till, file, "number,email\n5,new@example.com\n6,b@example.com\n")
    ann, bob = by_number()[5], by_number()[6]
    assert (ann.form.email_opt_in, bob.form.email_opt_in) == (False, True)
    assert [one.given for one in consents.of_one(till.shop, ann.id)] == [False, True]
    out = io.StringIO()
    assert customer_transfer.export_mailing(till.shop, Channel.EMAIL, out, by=ROOT) == 1


@pytest.mark.requirement("N20")
def test_what_was_withdrawn_at_the_till_no_older_file_gives_again(till: Till, file: Path, owner: str) -> None:
    text = "number,name,email,newsletter\n5,Ann,a@example.com,yes\n"
    take(till, file, text)
    ann = by_number()[5]
    customers.save(till.shop, replace(ann.form, email_opt_in=False), by=owner)
    assert take(till, file, text) == CustomerImport(0, 0, 1, (), (), 0, withdrawn=1)
    assert [one.given for one in consents.of_one(till.shop, ann.id)] == [False, True]
    # Another address is another consent.
    assert take(till, file, text.replace("a@", "b@")).consents == 1
    assert consents.check(till.shop, ann.id, Channel.EMAIL) == "b@example.com"


@pytest.mark.requirement("D8-02")
def test_who_is_merged_or_erased_is_told_apart(till: Till, file: Path, owner: str) -> None:
    take(till, file, "number,name,card\n5,Ann,CARD-1\n6,Anne,CARD-2\n7,Gone,\n")
    found = by_number()
    customer_merge.merge(till.shop, found[6].id, found[5].id, by=owner, key=new_key())
    customer_erase.erase(till.shop, found[7].id, by=owner)
    assert take(till, file, "number,city\n6,Rome\n").changed == 1
    assert (by_number()[5].form.city, by_number()[6].form.city) == ("Rome", "")
    refused = take(till, file, "number,name\n5,A\n6,B\n7,C\n")
    assert [(error.line, error.refusal) for error in refused.errors] == [
        (3, AlreadyTaken(what="number", code="5")),
        (4, Erased()),
    ]
    out = io.StringIO()
    assert customer_transfer.export_customers(till.shop, out, by=ROOT) == 1
    assert "CARD-1 CARD-2" in out.getvalue()
    assert take(till, file, out.getvalue()) == CustomerImport(0, 0, 1, (), (), 0)


@pytest.mark.requirement("D8-02")
def test_the_till_sells_between_the_steps_and_what_is_changed_meanwhile_stays(
    till: Till, file: Path, owner: str
) -> None:
    bread = till.article("Bread", 100)
    ann = customers.save(till.shop, CustomerForm(name="Ann"), by=owner)
    file.write_text("number,name,city\n1,Ann,Rome\n" + "".join(f"{number},C{number},\n" for number in range(2, 202)))
    steps = customer_transfer.import_steps(till.shop, file, dry_run=False, by=ROOT)
    next(steps)
    next(steps)
    mine = customers.save(till.shop, replace(ann.form, city="Oslo"), by=owner)
    other = customers.save(till.shop, CustomerForm(name="Other"), by=owner)
    seen = 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: CustomerImport = end.value
            break
        till.sell(baskets.add(EMPTY, bread), till.cash(100))
        seen += 1
    assert (seen, other.number) == (8, 2)
    assert (result.created, result.changed) == (199, 0)
    assert [(one.line, one.refusal) for one in result.left] == [
        (2, ChangedMeanwhile(what="customer")),
        (3, ChangedMeanwhile(what="customer")),
    ]
    assert (by_number()[1], by_number()[2]) == (mine, other)


@pytest.mark.requirement("D8-02")
def test_an_import_that_stops_half_way_goes_on_and_can_be_undone(till: Till, file: Path, owner: str) -> None:
    file.write_text("name,phone\n" + "".join(f"C{number},+331426853{number:02}\n" for number in range(90)))
    steps = customer_transfer.import_steps(till.shop, file, dry_run=False, by=ROOT)
    while not db.row("SELECT 1 FROM customer"):
        next(steps)
    steps.close()
    (half,) = customer_transfer_undo.imports(till.shop, by=owner)
    assert (half.created, half.changed, half.undone_at, len(by_number())) == (40, 0, None, 40)
    rest = customer_transfer.import_customers(till.shop, file, dry_run=False, by=ROOT)
    assert (rest.created, rest.unchanged, len(by_number())) == (50, 40, 90)
    undone = customer_transfer_undo.undo_import(till.shop, half.id, by=owner)
    assert (undone.withdrawn, undone.restored, undone.kept) == (40, 0, ())
    assert sum(one.state == "active" for one in by_number().values()) == 50


@pytest.mark.requirement("D8-02")
@pytest.mark.requirement("I9")
def test_an_import_is_undone_where_nothing_has_happened_since(till: Till, file: Path, owner: str, time: Any) -> None:
    old = customers.save(till.shop, CustomerForm(name="Old", city="Oslo", email="o@example.com"), by=owner)
    also = customers.save(till.shop, CustomerForm(name="Also"), by=owner)
    text = (
        "number,name,city,email,newsletter,card\n"
        "1,Old,Rome,o@example.com,yes,\n2,Also,Rome,,,\n"
        "10,Fresh,,f@example.com,yes,CARD-10\n11,Buys,,,,\n12,Gathers,,,,CARD-12\n"
        "13,Edited,,,,\n14,Banned,,,,\n15,Joined,,,,\n16,Joins,,,,\n"
    )
    result = take(till, file, text)
    assert (result.created, result.changed) == (7, 2)
    found = by_number()
    time.move(seconds=5)
    bread = till.article("Bread", 100)
    sales.close_sale(
        till.shop, baskets.add(EMPTY, bread), (till.cash(100),), key=new_key(), by=owner, customer=found[11].id
    )
    points.adjust(till.shop, found[12].id, 5, add=True, reason="Goodwill", key=new_key(), by=owner)
    customers.save(till.shop, replace(found[13].form, city="Bonn"), by=owner)
    customer_standing.ban(till.shop, found[14].id, "Theft", by=owner, key=new_key())
    customer_merge.merge(till.shop, found[16].id, found[15].id, by=owner, key=new_key())
    customers.save(till.shop, replace(found[2].form, city="Turin"), by=owner)
    undone = customer_transfer_undo.undo_import(till.shop, result.id, by=owner)
    assert (undone.withdrawn, undone.restored, undone.kept) == (1, 1, (2, 11, 12, 13, 14, 15))
    now = by_number()
    assert now[1].form == replace(old.form, changed_at=now[1].form.changed_at)
    assert (now[2].form.city, now[2].id) == ("Turin", also.id)
    fresh = now[10]
    assert (fresh.state, fresh.form.name, fresh.form.email, fresh.cards) == ("withdrawn", "", "", ())
    assert called(till, "fresh", owner) == []
    assert customers.by_code(till.shop, "CARD-10") is None
    assert [one.given for one in consents.of_one(till.shop, fresh.id)] == [False, True]
    with pytest.raises(AlreadyTaken):
        customers.save(till.shop, CustomerForm(name="Next", card="CARD-10"), by=owner)
    assert "Rome" not in str(db.rows("SELECT * FROM customer_import_before"))
    (note,) = journal.notes(till.shop, action="customers.import_undone")
    assert (note.by, note.facts) == (owner, {"id": result.id, "withdrawn": 1, "restored": 1, "kept": 6})
    with pytest.raises(NothingToUndo):
        customer_transfer_undo.undo_import(till.shop, result.id, by=owner)
    with pytest.raises(NotFound):
        customer_transfer_undo.undo_import(till.shop, "nothing", by=owner)
    # The same file brings the same customer back, with his card, and nobody else.
    again = take(till, file, "name,card\nFresh again,CARD-10\n")
    assert (again.created, again.errors) == (1, ())
    back = by_number()[10]
    assert (back.id, back.state, back.form.name, back.cards) == (fresh.id, "active", "Fresh again", ("CARD-10",))
    assert customers.by_code(till.shop, "CARD-10") == fresh.id
    assert called(till, "fresh", owner) == ["Fresh again"]


@pytest.mark.requirement("T-06")
@pytest.mark.requirement("T-07")
def test_documents_are_sealed_at_once_and_go_out_only_when_asked_for(till: Till, file: Path, owner: str) -> None:
    text = "number,name,licence number,licence state,licence expiry,medical number\n5,Ann,L-4711,DE,1.2.2031,M-0815\n"
    assert take(till, file, text).ignored == ("medical number",)
    ann = by_number()[5].id
    assert documents.of(till.shop, ann, by=owner)[DocumentKind.MEDICAL] == IdDocument()
    till.change(medical_shop=True)
    assert take(till, file, text).changed == 1
    assert take(till, file, text).unchanged == 1
    assert documents.of(till.shop, ann, by=owner) == {
        DocumentKind.LICENCE: IdDocument("L-4711", "DE", date(2031, 2, 1)),
        DocumentKind.MEDICAL: IdDocument("M-0815"),
    }
    kept = str([db.rows(f"SELECT * FROM {table}") for table in ("id_document", "customer_import_before", "journal")])
    assert "4711" not in kept
    assert "0815" not in kept
    plain, whole = io.StringIO(), io.StringIO()
    customer_transfer.export_customers(till.shop, plain, by=ROOT)
    customer_transfer.export_customers(till.shop, whole, by=ROOT, with_documents=True)
    assert "4711" not in plain.getvalue()
    assert ("4711" in whole.getvalue(), "0815" in whole.getvalue()) == (True, True)
    assert take(till, file, whole.getvalue()).unchanged == 1


NASTY = (
    "=1+1",
    "@SUM(A1)",
    "-Minus",
    "'quoted",
    "''=1",
    "a;b,c|d",
    'say "hi"',
    "[bold]x[/]",
    "“Käse”",
    "日本 太郎",
)


@pytest.mark.requirement("N12")
@pytest.mark.parametrize("language", ["en", "de"])
def test_what_goes_out_comes_in_again_the_same(till: Till, file: Path, owner: str, language: str) -> None:
    till.change(language=language, country="DE")
    for place, name in enumerate(NASTY, start=1):
        customers.save(
            till.shop,
            CustomerForm(
                kind=Kind.COMPANY if place % 3 == 0 else Kind.PERSON,
                name=name,
                nickname=name if place % 2 else "",
                company=f"{name} KG" if place % 3 == 0 else "",
                phone=f"+4917123456{place:02}" if place % 2 else "",
                phone_opt_in=bool(place % 2),
                email="family@example.com" if place % 4 else "",
                email_opt_in=place % 4 == 1,
                birth_date=date(1950 + place, 1, place) if place % 3 else None,
                type="Staff" if place == 4 else "",
                language="fr" if place == 5 else "",
                street=name,
                postcode="01067",
                city=name,
                country="DE",
                latitude=-1 if place % 2 else None,
                longitude=-179_999_999 if place % 2 else None,
                notes=name * 30,
                card=f"-CARD{place}" if place % 2 else "",
            ),
            by=owner,
        )
    assert customer_transfer.export_customers(till.shop, file, by=ROOT) == len(NASTY)
    before = by_number()
    for line in csv.reader(file.open(encoding="utf-8-sig", newline=""), delimiter="," if language == "en" else ";"):
        assert not [
            cell for cell in line if cell[:1] in set("=+@\t\r") or (cell[:1] == "-" and not cell[1:2].isdigit())
        ]
    again = customer_transfer.import_customers(till.shop, file, dry_run=False, by=ROOT)
    assert again == CustomerImport(0, 0, len(NASTY), (), (), 0)
    text = file.read_bytes()
    _empty(till)
    assert by_number() == {}
    fresh = take(till, file, text)
    assert (fresh.created, fresh.errors, fresh.ignored) == (len(NASTY), (), ())
    assert {number: _comparable(one) for number, one in by_number().items()} == {
        number: _comparable(one) for number, one in before.items()
    }
    customer_transfer.export_customers(till.shop, file, by=ROOT)
    assert file.read_bytes() == text


def _empty(till: Till) -> None:
    """As in a shop that has no customers yet."""
    tables = ("contact", "consent", "card", "customer_key", "name_word", "name_part", "name_slip", "customer")
    till.tamper(*(f"DELETE FROM {table}" for table in tables))


def _comparable(one: Customer) -> tuple[object, ...]:
    return (replace(one.form, id=None, changed_at=0), one.state, one.cards)


@pytest.mark.parametrize("content", [b"", b"\x7fELF\0\0", b"\xff\xfe\x00", b'name,phone\n"open,1\n', b"\x00" * 100])
def test_what_is_no_table_is_refused(till: Till, file: Path, content: bytes) -> None:
    with pytest.raises(BadFile):
        take(till, file, content)
    assert by_number() == {}


def test_what_is_too_long_or_steers_is_cut_and_cleaned(till: Till, file: Path, owner: str) -> None:
    long = "x" * 10_000
    result = take(till, file, f'number,name,street,notes\n1,{long},{long},"{long}"\n2,"A\x1b[2J\u202eB\n[/b]",,\n')
    assert (result.created, result.errors) == (2, ())
    found = by_number()
    assert (len(found[1].form.name), len(found[1].form.street), len(found[1].form.notes)) == (80, 80, 500)
    assert found[2].form.name == "A[2JB [/b]"
    bad = take(till, file, f"number,name,email,phone\n3,A,{long}@example.com,\n4,B,,{long}\n{long},C,,\n")
    assert [(error.line, error.column) for error in bad.errors] == [(2, "email"), (3, "phone"), (4, "number")]


@pytest.mark.requirement("U-29")
@pytest.mark.requirement("D9-06")
@pytest.mark.requirement("N20")
def test_a_mailing_list_holds_who_agreed_and_nobody_else(till: Till, file: Path, owner: str, time: Any) -> None:
    out = io.StringIO()
    assert customer_transfer.export_mailing(till.shop, Channel.EMAIL, out, by=owner) == 0
    assert out.getvalue().splitlines() == ["number,called,name,address,language,agreed_at,wording,source"]
    emails = {
        name: customers.save(
            till.shop,
            CustomerForm(name=name, email=f"{name}@example.com".lower(), email_opt_in=name != "Never"),
            by=owner,
        )
        for name in ("Yes", "Never", "Withdrew", "Moved", "Banned", "Erased", "Merged", "=Formula")
    }
    only_phone = CustomerForm(name="Phone", phone="+33142685300", phone_opt_in=True)
    customers.save(till.shop, only_phone, by=owner)
    customers.save(till.shop, replace(emails["Withdrew"].form, email_opt_in=False), by=owner)
    customer_standing.ban(till.shop, emails["Banned"].id, "Theft", by=owner, key=new_key())
    customer_erase.erase(till.shop, emails["Erased"].id, by=owner)
    customer_merge.merge(till.shop, emails["Merged"].id, emails["Yes"].id, by=owner, key=new_key())
    # Somebody with a hand on the database: the address is another one than was agreed to.
    till.tamper(f"UPDATE contact SET value = 'x@example.com' WHERE customer = '{emails['Moved'].id}'")
    out = io.StringIO()
    assert customer_transfer.export_mailing(till.shop, Channel.EMAIL, out, by=owner) == 2
    listed = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert [(line["called"], line["address"], line["source"]) for line in listed] == [
        ("Yes", "yes@example.com", "till"),
        ("'=Formula", "'=formula@example.com", "till"),
    ]
    assert listed[0]["agreed_at"].startswith("2026-11-20T13:00:00")
    assert listed[0]["wording"] == str(till.shop.settings_version)
    phones = io.StringIO()
    assert customer_transfer.export_mailing(till.shop, Channel.PHONE, phones, by=owner) == 1
    assert "'+33142685300" in phones.getvalue()


@pytest.mark.requirement("D7-02")
def test_who_may_not_import_or_export_does_not(till: Till, file: Path, owner: str) -> None:
    done = take(till, file, "number,name\n1,Ann\n")
    before = rows()
    for deed in (
        lambda: customer_transfer.import_customers(till.shop, file, dry_run=True, by=till.ann),
        lambda: customer_transfer.export_customers(till.shop, io.StringIO(), by=till.ann),
        lambda: customer_transfer.export_mailing(till.shop, Channel.PHONE, io.StringIO(), by=till.ann),
        lambda: customer_transfer.note_export(till.shop, "customers", 1, by=till.ann),
        lambda: customer_transfer_undo.undo_import(till.shop, done.id, by=till.ann),
        lambda: customer_transfer_undo.imports(till.shop, by=till.ann),
    ):
        with pytest.raises(Denied):
            deed()
    assert rows() == before
