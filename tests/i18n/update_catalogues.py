"""Brings the catalogues of all languages up to date with the words in the code.

A developer's tool: ``python tests/i18n/update_catalogues.py``. New words are
added untranslated, words that are gone are dropped, translations stay.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

KIOSK = Path(__file__).resolve().parents[2] / "kiosk"
TRANSLATED = ("de", "fr", "it", "nl")
KEYWORDS = ("_", "later", "ngettext", "pgettext")
_BORN = datetime(2026, 1, 1, tzinfo=UTC)
"""One date for ever, so that a file changes only when its words do."""


def template(kiosk: Path = KIOSK) -> Catalog:
    """All words that are marked for translation in the code."""
    found = Catalog(project="kiosk", creation_date=_BORN)
    for path in sorted(kiosk.rglob("*.py")):
        for message, context in marked(path.read_text(encoding="utf-8")):
            found.add(message, None, [(f"kiosk/{path.relative_to(kiosk)}", 1)], context=context)
    return found


def marked(code: str) -> Iterator[tuple[str | tuple[str, str], str | None]]:
    """The words that a module marks, with their contexts; unlike babel's own reader, also those inside f-strings."""
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in KEYWORDS:
            continue
        texts = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        match node.func.id, texts:
            case "ngettext", [one, many]:
                yield (one, many), None
            case "pgettext", [context, text]:
                yield text, context
            case "_" | "later", [text]:
                yield text, None


def path_of(language: str) -> Path:
    """Where a language's catalogue stands."""
    return KIOSK / "locale" / language / "LC_MESSAGES" / "kiosk.po"


def read(language: str) -> Catalog:
    """A language's catalogue; empty where there is none yet."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, project="kiosk", creation_date=_BORN, revision_date=_BORN, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, ignore_obsolete=True)


def written(catalogue: Catalog) -> str:
    """A catalogue as it stands in its file."""
    catalogue.header_comment = f"# The words of kiosk: {catalogue.locale}"
    catalogue.project, catalogue.version = "kiosk", "1"
    catalogue.revision_date = catalogue.creation_date = _BORN
    catalogue.msgid_bugs_address = ""
    catalogue.last_translator, catalogue.language_team = "The kiosk authors", str(catalogue.locale)
    file = io.BytesIO()
    write_po(file, catalogue, width=110, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return file.getvalue().decode("utf-8").rstrip() + "\n"


def updated(language: str, words: Catalog) -> str:
    """A language's file with the words as they are in the code now."""
    catalogue = read(language)
    catalogue.update(words, no_fuzzy_matching=True)
    return written(catalogue)


def main() -> None:
    """Update all files, and say how many words each still lacks."""
    words = template()
    for language in TRANSLATED:
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(updated(language, words), encoding="utf-8")
        missing = [message for message in read(language) if message.id and not _complete(message.string)]
        print(f"{language}: {len(words)} words, {len(missing)} to translate")


def _complete(translation: object) -> bool:
    return all(translation) if isinstance(translation, (tuple, list)) else bool(translation)


if __name__ == "__main__":
    main()
