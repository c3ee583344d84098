"""Which language is spoken, and the catalogue of its words.

English is what stands in the code, so it needs no catalogue. The others are
read from their ``.po`` files at first use: nothing is to be compiled, in a
clone or in an installed package.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from kiosk.errors import BadFile, Invalid

LANGUAGES: Final = ("en", "de", "fr", "it", "nl")
"""The languages that the till speaks, by their ISO 639 codes."""

LOCALE: Final = Path(__file__).resolve().parent.parent / "locale"

_ESCAPES: Final = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
_CONTEXT: Final = "\x04"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The words of one language, by what stands in the code."""

    one: dict[str, str]
    many: dict[str, tuple[str, str]]
    """By the English singular."""


@dataclass(slots=True)
class _Till:
    language: str = "en"


_till: Final = _Till()
_here: Final[ContextVar[str | None]] = ContextVar("language", default=None)


def known_language(code: str) -> str:
    """The language of a code such as ``de`` or ``de_CH.UTF-8``. Refuses: Invalid."""
    found = code[:2].lower()
    if found not in LANGUAGES or code[2:3] not in ("", "-", "_", "."):
        raise Invalid(field="language", value=code)
    return found


def use_language(code: str) -> None:
    """Speak this language from now on, in all threads. Refuses: Invalid."""
    _till.language = known_language(code)


def language() -> str:
    """The language that is spoken here and now."""
    return _here.get() or _till.language


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak another language for a while, in this thread or task only (N15). Refuses: Invalid."""
    before = _here.set(known_language(code))
    try:
        yield
    finally:
        _here.reset(before)


def _(text: str) -> str:
    """An English sentence in the language that is spoken; itself, where nobody has translated it."""
    return catalogue(language()).one.get(text, text)


def pgettext(context: str, text: str) -> str:
    """The same, for a word that means two things: the context says which."""
    return catalogue(language()).one.get(context + _CONTEXT + text, text)


def ngettext(one: str, many: str, count: int) -> str:
    """The form that fits a count."""
    spoken = language()
    single = abs(count) <= 1 if spoken == "fr" else abs(count) == 1
    forms = catalogue(spoken).many.get(one, (one, many))
    return forms[0] if single else forms[1]


def later(text: str) -> str:
    """Mark an English text for translation; ``_`` translates it where it is shown."""
    return text


@cache
def catalogue(code: str) -> Catalogue:
    """The words of a language. Refuses: BadFile."""
    if code == "en":
        return Catalogue(one={}, many={})
    path = LOCALE / code / "LC_MESSAGES" / "kiosk.po"
    try:
        return read_catalogue(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError) as trouble:
        raise BadFile(path=path.name, reason=str(trouble)) from trouble


def read_catalogue(text: str) -> Catalogue:
    """Read a ``.po`` file; what is not translated yet, fuzzy or obsolete is left out."""
    found = Catalogue(one={}, many={})
    for block in text.split("\n\n"):
        fields = _fields(block)
        singular = fields.get("msgid", "")
        if not singular:
            continue
        if "msgid_plural" in fields:
            forms = (fields.get("msgstr[0]", ""), fields.get("msgstr[1]", ""))
            if all(forms):
                found.many[singular] = forms
        elif fields.get("msgstr"):
            context = fields.get("msgctxt")
            found.one[singular if context is None else context + _CONTEXT + singular] = fields["msgstr"]
    return found


def _fields(block: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in block.split("\n"):
        if line.startswith("#, ") and "fuzzy" in line:
            return {}
        if line.startswith("msg"):
            name, _space, quoted = line.partition(" ")
            fields[name] = _unescape(quoted)
        elif line.startswith('"') and name:
            fields[name] += _unescape(line)
    return fields


def _unescape(quoted: str) -> str:
    text = quoted.strip()[1:-1]
    if "\\" not in text:
        return text
    rest = iter(text)
    return "".join(_ESCAPES[next(rest)] if character == "\\" else character for character in rest)
