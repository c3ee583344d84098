"""Command words: what the function keys do, for terminals that keep those to themselves (UX.md 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kiosk.i18n import _, later
from kiosk.rules.words import fold
from kiosk.screens.base import TillScreen
from kiosk.screens.widgets.cells import fit
from kiosk.screens.widgets.choice_list import Choice

_WIDTH = 13
_MORE = (
    ("new_price", later("New price"), later("Sell the chosen line at another price")),
    ("take_back", later("Take back"), later("Without a receipt: the next article comes back")),
    ("void_sale", later("Void sale"), later("Void the whole sale, after a question")),
)


@dataclass(frozen=True, slots=True)
class Command:
    """A word, the action of the screen that it does, and what that is; translated already."""

    word: str
    action: str
    says: str


def found(screen: TillScreen[Any], text: str) -> list[Command]:
    """The commands that begin like what was typed, the slash included."""
    wanted = fold(text.removeprefix("/")).strip()
    return [command for command in _all(screen) if fold(command.word).startswith(wanted)]


def choices(screen: TillScreen[Any], text: str) -> list[Choice]:
    """The same, as they are listed."""
    return [Choice(f"{fit('/' + command.word, _WIDTH)} {command.says}") for command in found(screen, text)]


def _all(screen: TillScreen[Any]) -> list[Command]:
    keys = {
        binding.action: binding for key, binding in screen.bound.items() if key[0] == "f" and key[1:].isdigit()
    }.values()
    own = [Command(_(one.description).casefold(), one.action, _(one.tooltip or one.description)) for one in keys]
    return own + [Command(_(word).casefold(), action, _(says)) for action, word, says in _MORE]
