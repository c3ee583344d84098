"""Who hears which language, and how a catalogue is read."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from kiosk.errors import Invalid
from kiosk.i18n import LANGUAGES, _, language, later, ngettext, pgettext, speaking, use_language
from kiosk.i18n.language import read_catalogue


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    yield
    use_language("en")


def test_a_till_speaks_english_until_told_otherwise() -> None:
    assert language() == "en"
    assert _("Price") == "Price"
    use_language("de")
    assert language() == "de"
    assert _("Price") == "Preis"


def test_a_word_without_translation_stays_english() -> None:
    use_language("fr")
    assert _("No such word in the catalogue") == "No such word in the catalogue"
    assert _("") == ""
    assert ngettext("{count} such word", "{count} such words", 2) == "{count} such words"


def test_a_context_tells_two_meanings_apart() -> None:
    use_language("nl")
    assert pgettext("money given back", "Change") == "Wisselgeld"
    assert pgettext("another meaning", "Change") == "Change"


@pytest.mark.parametrize(
    ("code", "none", "one", "two"),
    [
        ("en", "Wait 0 seconds.", "Wait 1 second.", "Wait 2 seconds."),
        ("de", "Warten Sie 0 Sekunden.", "Warten Sie 1 Sekunde.", "Warten Sie 2 Sekunden."),
        ("fr", "Attendez 0 seconde.", "Attendez 1 seconde.", "Attendez 2 secondes."),
        ("it", "Attendere 0 secondi.", "Attendere 1 secondo.", "Attendere 2 secondi."),
        ("nl", "Wacht 0 seconden.", "Wacht 1 seconde.", "Wacht 2 seconden."),
    ],
)
def test_each_language_counts_in_its_own_way(code: str, none: str, one: str, two: str) -> None:
    use_language(code)
    said = [ngettext("Wait {count} second.", "Wait {count} seconds.", count).format(count=count) for count in (0, 1, 2)]
    assert said == [none, one, two]


@pytest.mark.parametrize(
    ("code", "meant"), [("de", "de"), ("de_CH.UTF-8", "de"), ("FR", "fr"), ("nl-BE", "nl"), ("it.UTF-8", "it")]
)
def test_a_locale_names_its_language(code: str, meant: str) -> None:
    use_language(code)
    assert language() == meant


@pytest.mark.parametrize("code", ["", "C", "POSIX", "es", "deu", "engine", "../de", "d"])
def test_an_unknown_language_is_refused_and_changes_nothing(code: str) -> None:
    use_language("it")
    with pytest.raises(Invalid) as refused:
        use_language(code)
    assert refused.value == Invalid(field="language", value=code)
    with pytest.raises(Invalid), speaking(code):
        pass
    assert language() == "it"


@pytest.mark.requirement("N15")
def test_the_customer_s_language_is_spoken_for_a_while_and_in_one_thread_only() -> None:
    use_language("de")
    heard: list[str] = []
    with speaking("fr"):
        assert _("Price") == "Prix"
        other = threading.Thread(target=lambda: heard.append(_("Price")))
        other.start()
        other.join()
        with speaking("it"):
            assert _("Price") == "Prezzo"
        assert _("Price") == "Prix"
    assert _("Price") == "Preis"
    assert heard == ["Preis"]


def test_a_fault_does_not_leave_the_language_behind() -> None:
    with pytest.raises(ZeroDivisionError), speaking("nl"):
        _ = 1 / 0
    assert language() == "en"


def test_marking_a_word_for_later_leaves_it_as_it_is() -> None:
    use_language("de")
    assert later("Price") == "Price"


def test_a_catalogue_is_read_with_escapes_and_over_several_lines() -> None:
    found = read_catalogue(
        '# head\nmsgid ""\nmsgstr "Content-Type: text/plain"\n\n'
        '#: kiosk/a.py\nmsgid "one"\nmsgstr "eins"\n\n'
        'msgid ""\n"long "\n"text\\n"\nmsgstr ""\n"langer \\"Text\\"\\\\"\n"\\n"\n\n'
        'msgctxt "there"\nmsgid "one"\nmsgstr "dort"\n\n'
        'msgid "{n} day"\nmsgid_plural "{n} days"\nmsgstr[0] "{n} Tag"\nmsgstr[1] "{n} Tage"\n'
    )
    assert found.one == {"one": "eins", "long text\n": 'langer "Text"\\\n', "there\x04one": "dort"}
    assert found.many == {"{n} day": ("{n} Tag", "{n} Tage")}


def test_what_is_not_translated_fuzzy_or_obsolete_is_left_out() -> None:
    found = read_catalogue(
        'msgid "open"\nmsgstr ""\n\n'
        '#, fuzzy, python-brace-format\nmsgid "guess"\nmsgstr "geraten"\n\n'
        '#, python-brace-format\nmsgid "sure"\nmsgstr "sicher"\n\n'
        'msgid "half"\nmsgid_plural "halves"\nmsgstr[0] "halb"\nmsgstr[1] ""\n\n'
        '#~ msgid "old"\n#~ msgstr "alt"\n'
    )
    assert found.one == {"sure": "sicher"}
    assert found.many == {}


def test_speaking_needs_neither_babel_nor_gettext_nor_textual() -> None:
    code = (
        "import sys; from kiosk.i18n import _, use_language, money_text; from kiosk.money import Money\n"
        f"for code in {LANGUAGES!r}: use_language(code); _('Price'); money_text(Money(1), symbol=True)\n"
        "print([name for name in ('babel', 'textual', 'reportlab', 'peewee') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
