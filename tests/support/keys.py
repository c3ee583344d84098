"""The page of all keys: ``python -m tests.support.keys`` writes docs/keys.md anew from what the screens bind."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from textual.binding import Binding

import kiosk.screens
from kiosk.screens.base import TillScreen
from kiosk.screens.help import key_name

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "keys.md"


@dataclass(frozen=True, slots=True)
class Part:
    """A heading of the page, and for which first words of ids it stands; with several, each row says which."""

    heading: str
    names: dict[str, str]
    says: str = ""


PARTS: Final = (
    Part("On every screen", {"till": ""}),
    Part("The sale", {"sale": ""}),
    Part("Payment", {"payment": ""}),
    Part("Money that goes back", {"giving_back": ""}),
    Part("Sign in, and the lock", {"sign_in": ""}),
    Part("Customers", {"customers": "", "customer_menu": "What is to be done"}),
    Part(
        "One customer",
        {
            "customer_form": "Form",
            "twins": "Known already",
            "consents": "Consents",
            "customer_history": "History",
            "points": "Points",
        },
    ),
    Part(
        "Customers from a file",
        {"customer_files": "Files", "customer_file": "One file"},
        "Files, and what was taken in, are lists: their keys are those of the settings.",
    ),
    Part("Parked sales", {"parked": ""}),
    Part("Past receipts", {"history": ""}),
    Part("Goods that come back", {"return": ""}),
    Part("One receipt", {"preview": ""}),
    Part("Menu", {"menu": ""}),
    Part(
        "The day",
        {
            "open_day": "Opening",
            "float": "Float",
            "count": "Counting",
            "cash_up": "Cash-up",
        },
        "A new day is opened with its float; the cash-up counts the drawer and closes the day.",
    ),
    Part("Past X and Z", {"past": ""}),
    Part("Articles and prices", {"articles": ""}),
    Part("One article", {"article": ""}),
    Part(
        "Settings",
        {"settings": "Sections", "list": "A list", "tax_rates": "Tax rates", "people": "People", "rights": "Rights"},
    ),
    Part("State of the till", {"about": ""}),
    Part("Reports", {"reports": "", "customer_map": "Map of customers"}),
    Part("The help", {"help": ""}, "Letters search among the keys."),
    Part(
        "Questions",
        {
            "dialog": "",
            "notice": "Notice",
            "question": "Yes or no",
            "choose": "List",
            "ask": "Text, number, PIN",
            "amount": "Amount",
        },
        "A question stands in a box and shows its own keys. In a list, a digit takes what has this number.",
    ),
)
"""In the order of the page."""

_PAD: Final = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
"""The number pad, which has names of its own in terminals that tell it apart."""


def screens() -> list[type[TillScreen[Any]]]:
    """Every screen of the till that binds keys, once, in the order of the files: whatever was imported first."""
    for module in pkgutil.walk_packages(kiosk.screens.__path__, "kiosk.screens."):
        importlib.import_module(module.name)
    found = {one for one in _family(TillScreen) if one.__module__.startswith("kiosk.") and one.__dict__.get("BINDINGS")}
    return sorted(found, key=lambda one: (one.__module__, inspect.getsourcelines(one)[1]))


def _family(one: type[TillScreen[Any]]) -> Iterator[type[TillScreen[Any]]]:
    yield one
    for child in one.__subclasses__():
        yield from _family(child)


def bindings() -> dict[str, Binding]:
    """Every binding of the till by its id. Refuses: ValueError (an id on two screens)."""
    found: dict[str, Binding] = {}
    for screen in screens():
        for binding in screen.__dict__["BINDINGS"]:
            if found.setdefault(binding.id, binding) is not binding:
                raise ValueError(f"{binding.id} stands on two screens")
    return found


def page(head: str) -> str:
    """What docs/keys.md must be below its first words. Refuses: ValueError (an id without a heading here)."""
    found = bindings()
    strangers = {_first(name) for name in found} - {name for part in PARTS for name in part.names}
    if strangers:
        raise ValueError(f"{', '.join(sorted(strangers))}: give this a heading in {__name__}.PARTS")
    return "\n".join([head.rstrip(), "", *(line for part in PARTS for line in _lines(part, found))]).rstrip() + "\n"


def head_of(text: str) -> str:
    """What somebody wrote above the first table."""
    return text.partition(f"## {PARTS[0].heading}")[0]


def _lines(part: Part, found: dict[str, Binding]) -> Iterator[str]:
    yield from (f"## {part.heading}", "", *([part.says, ""] if part.says else ()))
    yield from ("| key | what it does | name |", "|---|---|---|")
    for keys, says in _typing(part):
        yield f"| `{keys}` | {says} | |"
    for first, kind in part.names.items():
        for name, binding in found.items():
            if _first(name) == first:
                says = binding.tooltip or binding.description
                yield f"| {_keys(binding)} | {kind}{': ' if kind else ''}{says} | {name} |"
    yield ""


def _typing(part: Part) -> tuple[tuple[str, str], ...]:
    """Keys that are no bindings: digits, letters."""
    return tuple(
        row
        for screen in screens()
        if {_first(binding.id) for binding in screen.__dict__["BINDINGS"]} & set(part.names)
        for row in screen.__dict__.get("TYPING", ())
    )


def _keys(binding: Binding) -> str:
    names = (_PAD.get(name) or key_name(name) for name in binding.key.split(","))
    return " ".join(dict.fromkeys(f"`{name}`" for name in names))


def _first(name: str | None) -> str:
    return (name or "").partition(".")[0]


if __name__ == "__main__":
    PAGE.write_text(page(head_of(PAGE.read_text(encoding="utf-8"))), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name} is written\n")
