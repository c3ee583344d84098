"""Each refusal has one clear sentence, in each language, with its facts in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import errors
from kiosk.errors import ShopError
from kiosk.i18n import LANGUAGES, sentences, set_currency, speaking
from kiosk.i18n.sentences import action, sentence, thing
from kiosk.install import StepFailed
from kiosk.rules import permissions
from kiosk.services.transfer_columns import COLUMNS

EXAMPLES: list[tuple[ShopError, str, str]] = [
    (
        errors.NotANumber(text="1,2,3"),
        "“1,2,3” is not a number that fits here.",
        "„1,2,3“ ist hier keine passende Zahl.",
    ),
    (errors.NotANumber(text=" "), "A number is missing.", "Es fehlt eine Zahl."),
    (
        errors.NotFound(what="article", code="4006381333931"),
        "Article not found: 4006381333931",
        "Artikel nicht gefunden: 4006381333931",
    ),
    (
        errors.AlreadyTaken(what="barcode", code="96385074"),
        "Barcode 96385074 is already in use.",
        "Barcode 96385074 ist schon vergeben.",
    ),
    (errors.AlreadyTaken(what="article.number", code=""), "Number: already in use.", "Nummer: schon vergeben."),
    (errors.Missing(field="name"), "Please fill in: Name", "Bitte ausfüllen: Name"),
    (errors.Invalid(field="price", value="x"), "Price: “x” doesn't fit.", "Preis: „x“ passt nicht."),
    (errors.Invalid(field="price", value=""), "This doesn't fit: Price", "Das passt nicht: Preis"),
    (
        errors.OutOfRange(field="price", value="1", lowest="50", highest="2000"),
        "Price: from €0.50 to €20.00.",
        "Preis: von 0,50 € bis 20,00 €.",
    ),
    (errors.OutOfRange(field="price", value="-1", lowest="0"), "Price: at least €0.00.", "Preis: mindestens 0,00 €."),
    (
        errors.OutOfRange(field="cost", value="-1", lowest="0", highest="1000"),
        "Purchase price: from €0.00 to €10.00.",
        "Einkaufspreis: von 0,00 € bis 10,00 €.",
    ),
    (
        errors.OutOfRange(field="quantity", value="99999000", highest="9999000"),
        "Quantity: at most 9,999.",
        "Menge: höchstens 9.999.",
    ),
    (
        errors.OutOfRange(field="percent", value="0", highest="2550"),
        "Percentage: at most 25.5.",
        "Prozentsatz: höchstens 25,5.",
    ),
    (
        errors.OutOfRange(field="lines", value="1001", highest="1000"),
        "Number of lines: at most 1000.",
        "Anzahl der Positionen: höchstens 1000.",
    ),
    (
        errors.OutOfRange(field="discount", value="10001", lowest="0", highest="10000"),
        "Discount: too much or too little.",
        "Rabatt: zu viel oder zu wenig.",
    ),
    (errors.NothingToUndo(), "There is nothing to undo.", "Es gibt nichts rückgängig zu machen."),
    (
        errors.EmptySale(),
        "The sale is empty. Scan an article first.",
        "Der Verkauf ist leer. Scannen Sie zuerst einen Artikel.",
    ),
    (
        errors.NotEnough(wanted=2000, available=550),
        "Not enough: €20.00 wanted, €5.50 available.",
        "Nicht genug: 20,00 € verlangt, 5,50 € verfügbar.",
    ),
    (errors.NotPaid(due=5), "Not paid yet: €0.05 still due.", "Noch nicht bezahlt: 0,05 € offen."),
    (
        errors.NoChangeFrom(tender="card", due=1730),
        "This means of payment gives no change. Still due: €17.30",
        "Diese Zahlungsart gibt kein Rückgeld. Noch offen: 17,30 €",
    ),
    (
        errors.NotInSteps(amount=1732, step=5),
        "€17.32 can't be paid in cash: cash goes in steps of €0.05.",
        "17,32 € kann man nicht bar zahlen: Bargeld geht in Schritten von 0,05 €.",
    ),
    (
        errors.AlreadyDone(key="0198"),
        "This was done before, with another content. Nothing was changed.",
        "Das wurde schon mit anderem Inhalt gebucht. Es wurde nichts geändert.",
    ),
    (
        errors.AgeCheckNeeded(article="Riesling", age=16),
        "Riesling: only from the age of 16. Look at the customer's age first.",
        "Riesling: erst ab 16 Jahren. Prüfen Sie zuerst das Alter.",
    ),
    (
        errors.Denied(action="settings.edit"),
        "Not allowed for you: change the settings",
        "Dazu fehlt Ihnen die Berechtigung: die Einstellungen ändern",
    ),
    (
        errors.NeedsApproval(action="sale.void_line"),
        "A manager must approve this: void a line",
        "Das muss ein Manager freigeben: eine Position stornieren",
    ),
    (errors.WrongPin(wait_seconds=0), "The PIN is wrong.", "Die PIN ist falsch."),
    (errors.WrongPin(wait_seconds=1), "The PIN is wrong. Wait 1 second.", "Die PIN ist falsch. Warten Sie 1 Sekunde."),
    (
        errors.Locked(wait_seconds=60),
        "Too many wrong PINs. Wait 60 seconds.",
        "Zu viele falsche PINs. Warten Sie 60 Sekunden.",
    ),
    (
        errors.Locked(wait_seconds=None),
        "Too many wrong PINs. A manager must unlock this person.",
        "Zu viele falsche PINs. Ein Manager muss diese Person entsperren.",
    ),
    (
        errors.PendingPayment(tender="card", amount=1730),
        "A payment of €17.30 at the terminal is still open. Say first whether it went through.",
        "Eine Zahlung von 17,30 € am Terminal ist noch offen. Sagen Sie zuerst, ob sie durchgegangen ist.",
    ),
    (
        errors.ShiftIsOpen(number=12),
        "Day 12 is open already. Close it first.",
        "Tag 12 ist schon offen. Schließen Sie ihn zuerst ab.",
    ),
    (errors.NoShift(), "No day is open. Open it first.", "Es ist kein Tag offen. Beginnen Sie ihn zuerst."),
    (
        errors.ClockSuspect(says="2026-11-20T10:00+01:00"),
        "The clock says 20/11/2026 10:00. Is that right?",
        "Die Uhr zeigt 20.11.2026 10:00. Stimmt das?",
    ),
    (
        errors.ClockSuspect(says="noon"),
        "The clock says noon. Is that right?",
        "Die Uhr zeigt noon. Stimmt das?",
    ),
    (
        errors.CountNeeded(),
        "The drawer must be counted before the day closes.",
        "Vor dem Tagesabschluss muss die Schublade gezählt werden.",
    ),
    (
        errors.AlreadyReturned(article="Riesling", left=2000),
        "Riesling: only 2 can still come back.",
        "Riesling: nur noch 2 können zurückkommen.",
    ),
    (
        errors.AlreadyVoided(number=1042),
        "Receipt 1042 was voided, or goods of it came back.",
        "Beleg 1042 wurde storniert, oder Ware davon kam zurück.",
    ),
    (
        errors.NotThisShift(number=1042),
        "Receipt 1042 is of another day or till: take its goods back instead.",
        "Beleg 1042 ist von einem anderen Tag oder einer anderen Kasse: Nehmen Sie stattdessen die Ware zurück.",
    ),
    (
        errors.TooLate(number=1042, days=14),
        "Receipt 1042 is older than 14 days.",
        "Beleg 1042 ist älter als 14 Tage.",
    ),
    (
        errors.OverLimit(what="amount", wanted=2500, limit=2000),
        "€25.00 is more than the €20.00 that may be given back at once.",
        "25,00 € sind mehr als die 20,00 €, die auf einmal zurückgegeben werden dürfen.",
    ),
    (
        errors.RefundChanged(),
        "Something was given back in the meantime. Look at it again.",
        "In der Zwischenzeit wurde etwas zurückgegeben. Sehen Sie es noch einmal an.",
    ),
    (
        errors.ChangedMeanwhile(what="customer"),
        "Customer: somebody else changed it just now. Look at it again.",
        "Kunde: gerade von jemand anders geändert. Bitte noch einmal ansehen.",
    ),
    (
        errors.Erased(),
        "This customer was erased. Nothing is known of him any more.",
        "Dieser Kunde wurde gelöscht. Über ihn ist nichts mehr bekannt.",
    ),
    (
        errors.SealedElsewhere(),
        "The documents of this customer can't be opened here: they belong to the key file of another machine.",
        "Die Dokumente dieses Kunden lassen sich hier nicht öffnen: "
        "Sie gehören zur Schlüsseldatei eines anderen Geräts.",
    ),
    (
        errors.Banned(reason="Broke the window"),
        "This customer is banned: Broke the window",
        "Dieser Kunde ist gesperrt: Broke the window",
    ),
    (
        errors.MergedAlready(),
        "These two are one customer already.",
        "Diese beiden sind schon ein Kunde.",
    ),
    (errors.NotMerged(), "These two are not merged.", "Diese beiden sind getrennt."),
    (errors.NoConsent(channel="email"), "No consent for this: E-mail", "Dafür fehlt die Einwilligung: E-Mail"),
    (
        errors.NotEnoughPoints(wanted=50, available=40),
        "Not enough points: 50 wanted, 40 there.",
        "Zu wenig Punkte: 50 verlangt, 40 da.",
    ),
    (
        errors.PartlyPaid(received=500),
        "€5.00 of it is paid already: finish this sale, or take that back.",
        "5,00 € davon sind schon bezahlt: Schließen Sie ab, oder nehmen Sie das zurück.",
    ),
    (
        errors.ParkedLocked(by="Ann"),
        "This sale is kept for Ann.",
        "Dieser Verkauf ist für Ann vorgemerkt.",
    ),
    (
        errors.OtherVersion(what="parked", code="7"),
        "Parked sale 7 can't be read: another version of the till kept it. It stays as it is.",
        "Geparkter Verkauf 7 ist nicht lesbar: von einer anderen Version der Kasse. Es bleibt, wie es ist.",
    ),
    (
        errors.DiskFull(),
        "The disk is full. Nothing was saved. Call the technician.",
        "Der Datenträger ist voll. Es wurde nichts gespeichert. Rufen Sie den Techniker.",
    ),
    (
        errors.StorageFailed(reason="EIO"),
        "The disk or the database failed. The till must stop. Call the technician.",
        "Datenträger oder Datenbank sind ausgefallen. Die Kasse muss anhalten. Rufen Sie den Techniker.",
    ),
    (errors.TillIsRunning(), "The till is running. Stop it first.", "Die Kasse läuft. Halten Sie sie zuerst an."),
    (errors.TillIsNotRunning(), "The till is not running.", "Die Kasse läuft nicht."),
    (
        errors.TillIsTraining(),
        "The till is in training. Leave training first.",
        "Die Kasse ist im Training. Beenden Sie es zuerst.",
    ),
    (
        errors.SaleIsOpen(),
        "A sale is open. Finish it or void it first.",
        "Ein Verkauf ist offen. Schließen Sie ihn zuerst ab, oder stornieren Sie ihn.",
    ),
    (
        errors.BadFile(path="a.csv", reason="line 3"),
        "a.csv can't be used: line 3",
        "a.csv ist nicht verwendbar: line 3",
    ),
    (
        errors.BadSetting(name="lane", value="?"),
        "Setting lane: “?” can't be used.",
        "Einstellung lane: „?“ ist nicht verwendbar.",
    ),
    (
        errors.Refused(reason="seq 7 is missing."),
        "The books refused this entry: seq 7 is missing. Call the technician.",
        "Die Bücher haben diese Buchung abgelehnt: seq 7 is missing. Rufen Sie den Techniker.",
    ),
]


@pytest.fixture(autouse=True)
def euro() -> Iterator[None]:
    set_currency("EUR", 2)
    yield
    set_currency("EUR", 2)


def family() -> set[type[ShopError]]:
    return {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ShopError)} - {
        ShopError
    }


@pytest.mark.parametrize(("error", "english", "german"), EXAMPLES)
def test_a_refusal_has_its_sentence(error: ShopError, english: str, german: str) -> None:
    assert sentence(error) == english
    with speaking("de"):
        assert sentence(error) == german


def test_there_is_an_example_of_each_refusal() -> None:
    assert family() - {type(error) for error, _english, _german in EXAMPLES} == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("error", "english", "german"), EXAMPLES)
def test_a_refusal_has_a_sentence_of_its_own_in_each_language(
    error: ShopError, english: str, german: str, language: str
) -> None:
    with speaking(language):
        said = sentence(error)
    assert said[0].isupper() or not said[0].isalpha() or isinstance(error, errors.BadFile)
    assert "{" not in said
    assert (said == english) == (language == "en")


def test_a_new_refusal_of_a_known_family_speaks_as_its_family() -> None:
    class NoSuchCard(errors.NotFound):
        """A test's own."""

    assert sentence(NoSuchCard(what="badge", code="1")) == "Badge not found: 1"


def test_a_file_is_said_by_its_name_and_by_its_path_where_there_is_room() -> None:
    refused = errors.BadFile(path="/srv/kiosk/exports/a.csv", reason="line 3")
    assert sentence(refused) == "a.csv can't be used: line 3"
    assert sentence(refused, whole_path=True) == "/srv/kiosk/exports/a.csv can't be used: line 3"
    assert sentence(errors.BadFile(path="/", reason="not there")) == "/ can't be used: not there"


def test_an_unknown_refusal_is_still_said() -> None:
    class Strange(ShopError):
        """A test's own."""

    assert sentence(Strange()) == "That can't be done (Strange)."


def test_the_refusal_of_a_room_above_is_said_with_its_reason() -> None:
    failed = StepFailed(step="run adduser kiosk", reason="adduser: Only root\nmay add a user.")
    assert sentence(failed) == "This failed: run adduser kiosk: adduser: Only root may add a user."
    with speaking("de"):
        assert sentence(failed) == "Fehlgeschlagen: run adduser kiosk: adduser: Only root may add a user."


def test_an_unknown_refusal_with_a_reason_but_no_step_says_its_type() -> None:
    class Strange(ShopError):
        """A test's own."""

        reason: str

    assert sentence(Strange(reason="Paper is out.")) == "This failed: Strange: Paper is out."


def test_a_hostile_fact_does_no_harm() -> None:
    said = sentence(errors.NotFound(what="article", code="\x1b]0;x\x07{thing}\n" + "9" * 500))
    assert said == "Article not found: ]0;x{thing} " + "9" * 48


def named_in_the_code() -> set[str]:
    """Every ``field="…"`` and ``what="…"`` with which a refusal is made."""
    found = set()
    for path in Path(errors.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg in {"field", "what"} and isinstance(node.value, ast.Constant):
                found.add(str(node.value.value))
    return found


def test_everything_that_a_refusal_names_has_its_word() -> None:
    """An option of a command is called in every language what it is typed as."""
    named = {name for name in named_in_the_code() if not name.startswith("--")}
    assert {"price", "quantity", "tender"} <= named
    assert named - sentences._THINGS.keys() == set()


def test_an_option_of_a_command_is_named_as_it_is_typed() -> None:
    with speaking("fr"):
        assert sentence(errors.Missing(field="--name or --active")) == "À remplir : --name or --active"


@pytest.mark.requirement("D8-02")
def test_every_column_of_a_file_of_articles_has_its_word() -> None:
    assert {*COLUMNS} - sentences._THINGS.keys() == set()


@pytest.mark.requirement("D7-02")
def test_everything_that_may_be_denied_has_its_words() -> None:
    assert sentences._ACTIONS.keys() == set(permissions.Action)


def test_an_unknown_thing_or_action_is_named_as_it_is() -> None:
    assert thing("loyalty_card") == "Loyalty card"
    assert action("card.block") == "card block"
