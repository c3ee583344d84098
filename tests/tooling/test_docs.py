"""The documents say what is: links lead somewhere, commands exist, keys are those of the screens."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from kiosk.cli.arguments import parser
from tests.support import keys

TOP = Path(__file__).resolve().parents[2]
PAGES = sorted([*TOP.glob("*.md"), *(TOP / "docs").rglob("*.md")])
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"(?<![\w./-])(?:sudo )?(?:\.venv/bin/)?kiosk ((?:--config \S+ )?[a-z]+[^\n`#→,]*)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def _name(path: Path) -> str:
    return path.relative_to(TOP).as_posix()


def _without_code(text: str) -> str:
    return re.sub(r"^```.*?^```|^    .*?$|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)


def _links(page: Path) -> list[str]:
    return _LINK.findall(_without_code(page.read_text(encoding="utf-8")))


def _anchors(page: Path) -> set[str]:
    headings = _HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_leads_somewhere(page: Path) -> None:
    """To a file of this repository, and to a heading that is in it."""
    lost = []
    for link in _links(page):
        path, _sharp, anchor = unquote(link).partition("#")
        if path.startswith(("https://", "http://")):
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            lost.append(link)
    assert lost == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    """And every picture is in a page."""
    seen, ahead = set(), [TOP / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in seen or not page.exists():
            continue
        seen.add(page)
        if page.is_dir():
            ahead += page.glob("*.md")
        elif page.suffix == ".md":
            ahead += [(page.parent / link.partition("#")[0]).resolve() for link in _links(page)]
    lost = {path for path in [*PAGES, *(TOP / "docs" / "pictures").glob("*.png")] if path not in seen}
    assert lost == set()


def _leaves(made: argparse.ArgumentParser, words: str = "") -> Iterator[str]:
    groups = [action for action in made._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield words
    for group in groups:
        for name, below in group.choices.items():
            yield from _leaves(below, f"{words} {name}".strip())


def _command_of(words: list[str], made: argparse.ArgumentParser) -> list[str]:
    """Return the options that a command line names, after its command. Raises: KeyError for what is no command."""
    while groups := [action for action in made._actions if isinstance(action, argparse._SubParsersAction)]:
        if words[:1] == ["--config"]:
            words = words[2:]
        if not words:
            return []
        made, words = groups[0].choices[words[0]], words[1:]
    known = {option for action in made._actions for option in action.option_strings}
    return [word for word in words if word.startswith("-") and word != "-" and word not in known]


def _commands(page: Path) -> list[str]:
    """Return what stands in code and begins with kiosk."""
    text = page.read_text(encoding="utf-8")
    code = re.findall(r"^    .+$|`[^`\n]+`", text, re.MULTILINE)
    return [found for piece in code for found in _COMMAND.findall(piece)]


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_command_that_is_named_exists(page: Path) -> None:
    """With the options that are named."""
    wrong = []
    for command in _commands(page):
        words = re.sub(r"[\[\]|…\\]", " ", command).split()
        try:
            unknown = _command_of(words, parser())
        except KeyError as error:
            unknown = [str(error)]
        if unknown:
            wrong.append((command, unknown))
    assert wrong == []


def test_the_technician_finds_every_command() -> None:
    """In the table of docs/technician.md, and there no other."""
    text = (TOP / "docs" / "technician.md").read_text(encoding="utf-8")
    table = text.partition("## Every command")[2].partition("\n## ")[0]
    named = {re.match(r"[a-z]+(?: [a-z]+)*", found)[0] for found in re.findall(r"`kiosk ([^`]+)`", table)}  # type: ignore[index]
    wanted = set(_leaves(parser()))
    assert {one for one in wanted if not any(name == one or name.startswith(f"{one} ") for name in named)} == set()


def test_the_page_of_keys_is_what_the_screens_bind() -> None:
    """If it is not: ``python -m tests.support.keys`` writes it anew."""
    text = keys.PAGE.read_text(encoding="utf-8")
    assert text == keys.page(keys.head_of(text))


def test_every_binding_has_a_name_of_its_screen() -> None:
    """The names are what a shop's configuration holds on to."""
    assert [name for name in keys.bindings() if not re.fullmatch(r"[a-z_]+\.[a-z_]+", name or "")] == []
