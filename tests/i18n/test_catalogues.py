"""Every word of the till stands in every language, with the same places to fill in."""

from __future__ import annotations

import ast
import re
import unicodedata
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from kiosk.i18n.language import LANGUAGES, catalogue
from tests.i18n import update_catalogues as catalogues

PLACE = re.compile(r"{\w*}")
ROOMS = sorted(
    path.name for path in catalogues.KIOSK.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
)
ADVICE = "run tests/i18n/update_catalogues.py and translate"

template = cache(catalogues.template)
read = cache(catalogues.read)


def forms(texts: object) -> tuple[str, ...]:
    return tuple(map(str, texts)) if isinstance(texts, (tuple, list)) else (str(texts or ""),)


def room_of(message: Message) -> set[str]:
    return {Path(place).parts[1] for place, _line in message.locations}


def messages(of: Catalog) -> list[Message]:
    return [message for message in of if message.id]


def translated(language: str, message: Message) -> bool:
    found = read(language).get(message.id, message.context)
    return found is not None and all(forms(found.string))


def test_the_languages_with_a_catalogue_are_all_but_english() -> None:
    assert sorted(path.name for path in (catalogues.KIOSK / "locale").iterdir()) == sorted({*LANGUAGES} - {"en"})
    assert sorted(catalogues.TRANSLATED) == sorted({*LANGUAGES} - {"en"})


@pytest.mark.parametrize("language", catalogues.TRANSLATED)
@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_translated(room: str, language: str) -> None:
    missing = [
        message.id for message in messages(template()) if room in room_of(message) and not translated(language, message)
    ]
    assert missing == [], ADVICE


@pytest.mark.parametrize("language", catalogues.TRANSLATED)
def test_no_word_is_left_that_nobody_says_anymore(language: str) -> None:
    gone = [message.id for message in messages(read(language)) if template().get(message.id, message.context) is None]
    assert gone == [], ADVICE


@pytest.mark.parametrize("language", catalogues.TRANSLATED)
def test_no_translation_is_a_guess(language: str) -> None:
    assert [message.id for message in messages(read(language)) if message.fuzzy] == []


@pytest.mark.parametrize("language", catalogues.TRANSLATED)
def test_each_form_has_the_places_of_the_english_one(language: str) -> None:
    wrong = [
        form
        for message in messages(read(language))
        for original, form in zip(forms(message.id), forms(message.string), strict=True)
        if form and sorted(PLACE.findall(form)) != sorted(PLACE.findall(original))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", catalogues.TRANSLATED)
def test_each_form_ends_as_the_english_one(language: str) -> None:
    """A single word has no end of its own: it may be an abbreviation."""

    def end(original: str, text: str) -> str:
        return text[-1] if text[-1] in ":?!… " or (text[-1] == "." and " " in original) else ""

    wrong = [
        form
        for message in messages(read(language))
        for original, form in zip(forms(message.id), forms(message.string), strict=True)
        if form and (end(original, form) != end(original, original) or form[0].isspace() != original[0].isspace())
    ]
    assert wrong == []


@pytest.mark.parametrize("language", catalogues.TRANSLATED)
def test_no_form_has_a_letter_that_consoles_and_printers_lack(language: str) -> None:
    wrong = [
        form
        for message in messages(read(language))
        for form in forms(message.string)
        if form != unicodedata.normalize("NFC", form)
        or {unicodedata.category(letter) for letter in form} & {"Cf", "Zl", "Zp"}
        or re.search("[\u00a0\u2007\u202f’]", form)
    ]
    assert wrong == []


@pytest.mark.parametrize("language", catalogues.TRANSLATED)
def test_the_till_reads_a_catalogue_as_babel_does(language: str) -> None:
    spoken = catalogue(language)
    found = [message for message in messages(read(language)) if all(forms(message.string))]
    one = {
        (message.context + "\x04" if message.context else "") + str(message.id): message.string
        for message in found
        if isinstance(message.id, str)
    }
    many = {message.id[0]: forms(message.string) for message in found if not isinstance(message.id, str)}
    assert spoken.one == one
    assert spoken.many == many
    assert len(one) > 100


def test_words_are_marked_whole_so_that_they_can_be_found() -> None:
    wrong = []
    for path in sorted(catalogues.KIOSK.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                not isinstance(node, ast.Call)
                or not isinstance(node.func, ast.Name)
                or node.func.id not in catalogues.KEYWORDS
            ):
                continue
            if any(
                isinstance(part, (ast.JoinedStr, ast.BinOp, ast.Call))
                for part in node.args[:2]
                if node.func.id != "ngettext"
            ):
                wrong.append(f"{path.name}:{node.lineno}")
    assert wrong == []


def test_words_are_found_wherever_they_are_marked() -> None:
    code = """print(f"{_('Price')} {x}", later("One " "text"), pgettext("side", "Left"), ngettext("a", "b", 2), _(y))"""
    assert [*catalogues.marked(code)] == [
        ("One text", None),
        ("Left", "side"),
        (("a", "b"), None),
        ("Price", None),
    ]


def test_updating_adds_new_words_drops_old_ones_and_keeps_translations() -> None:
    words = Catalog()
    words.add("Price", None, [("kiosk/x.py", 1)])
    words.add("A word that nobody has translated", None, [("kiosk/x.py", 1)])
    file = catalogues.updated("de", words)
    assert 'msgid "Price"\nmsgstr "Preis"\n' in file
    assert 'msgid "A word that nobody has translated"\nmsgstr ""\n' in file
    assert "Subtotal" not in file
