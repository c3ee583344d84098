"""The project asks for what it uses, and for nothing else."""

import ast
import functools
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@functools.cache
def _owners() -> Mapping[str, list[str]]:
    return packages_distributions()


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~; ]", one, maxsplit=1)[0].lower() for one in requirements}


def _imported(folder: str) -> dict[str, set[str]]:
    """Return the distributions that the files of a folder import, each with the files that do."""
    owners = _owners()
    found: dict[str, set[str]] = {}
    for path in (TOP / folder).rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        late = "importlib" in source
        for name in (name for node in ast.walk(ast.parse(source)) for name in _modules(node, late)):
            root = name.partition(".")[0]
            if root in sys.stdlib_module_names or root in {"kiosk", "tests"}:
                continue
            owner = owners.get(root, [root])[0].lower()
            found.setdefault(owner, set()).add(str(path.relative_to(TOP)))
    return found


def _modules(node: ast.AST, late: bool) -> list[str]:
    """Return what a node imports; with ``late`` a text that is the name of an installed module counts too."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module]
    if late and isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value] if node.value.partition(".")[0] in _owners() else []
    return []


RUNS_WITH = _names(PROJECT["dependencies"])
EXTRAS = {name: _names(wanted) for name, wanted in PROJECT["optional-dependencies"].items()}


def test_the_till_imports_only_what_it_asks_for() -> None:
    """A package that came with another one may leave with it."""
    allowed = RUNS_WITH | EXTRAS["hardware"] | EXTRAS["postgres"]
    strangers = {owner: sorted(files) for owner, files in _imported("kiosk").items() if owner not in allowed}
    assert strangers == {}


def test_everything_that_is_asked_for_is_imported() -> None:
    """A dependency costs time to install and trust."""
    assert RUNS_WITH - set(_imported("kiosk")) == set()


def test_the_tests_import_only_what_they_ask_for() -> None:
    """The extras, and what the till runs with."""
    allowed = RUNS_WITH.union(*EXTRAS.values())
    strangers = {owner: sorted(files) for owner, files in _imported("tests").items() if owner not in allowed}
    assert strangers == {}


def test_importing_the_package_starts_nothing() -> None:
    """No room, no library, nothing but itself."""
    code = "import sys; before = set(sys.modules); import kiosk; print(sorted(set(sys.modules) - before))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=TOP, timeout=60)
    assert said.stdout.strip() == "['kiosk']"


@pytest.mark.parametrize(
    "room", ["cli", "config", "desk", "devices", "i18n", "install", "receipts", "rules", "services", "spool"]
)
def test_a_room_without_a_screen_never_loads_textual(room: str) -> None:
    """All modules of the room, in a process of their own."""
    place = TOP / "kiosk" / room
    names = [f"kiosk.{room}"]
    if place.is_dir():
        names += [f"kiosk.{room}.{path.stem}" for path in sorted(place.glob("*.py")) if path.stem != "__init__"]
    code = (
        f"import importlib, sys\nfor name in {names!r}: importlib.import_module(name)\nprint('textual' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=TOP, timeout=60)
    assert said.stdout.strip() == "False"
