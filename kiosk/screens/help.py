"""The keys of the screen it was called from, made from its bindings; typing searches them."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType

from kiosk.i18n import _, later, pgettext
from kiosk.rules.words import fold
from kiosk.screens.base import Press, TillScreen, key
from kiosk.screens.till import Till
from kiosk.screens.widgets.cells import Row, fit
from kiosk.screens.widgets.entry_line import EntryLine
from kiosk.screens.widgets.sheet import Sheet
from kiosk.screens.widgets.status import Hint

KEY_NAMES: Final = {
    "question_mark": "?",
    "plus": "+",
    "minus": "-",
    "asterisk": "*",
    "slash": "/",
    "full_stop": ".",
    "comma": ",",
    "enter": later("Enter"),
    "escape": later("Esc"),
    "delete": later("Del"),
    "backspace": later("Backspace"),
    "pageup": later("PgUp"),
    "pagedown": later("PgDn"),
    "home": later("Home"),
    "tab": later("Tab"),
    "shift+tab": later("Shift+Tab"),
    "space": later("Space"),
}
_KEY_WIDTH: Final = 16


def key_name(name: str) -> str:
    """A key as it is written on the keyboard, in the language that is spoken."""
    if name in KEY_NAMES:
        return _(KEY_NAMES[name])
    arrows = {
        "up": pgettext("key", "Up"),
        "down": pgettext("key", "Down"),
        "left": pgettext("key", "Left"),
        "right": pgettext("key", "Right"),
        "end": pgettext("key", "End"),
    }
    if name in arrows:
        return arrows[name]
    if name.startswith("ctrl+"):
        return f"Ctrl+{name.removeprefix('ctrl+').upper()}"
    return name.upper() if len(name) == 1 or (name[0] == "f" and name[1:].isdigit()) else name


def keys_of(screen: TillScreen[Any]) -> tuple[tuple[str, str], ...]:
    """Each key of a screen and what it does, translated; keys that do the same stand together."""
    found: dict[str, tuple[list[str], str]] = {}
    for bound, binding in screen.bound.items():
        names, _says = found.setdefault(binding.id or bound, ([], _(binding.tooltip or binding.description)))
        names.append(key_name(bound))
    rows = [(" ".join(names), says) for names, says in found.values() if says]
    return tuple((_(keys), _(says)) for keys, says in screen.TYPING) + tuple(rows)


class HelpScreen(TillScreen[None]):
    """Shown by F1 on every screen."""

    SCANS_BELOW: ClassVar[bool] = True
    HINTS: ClassVar[Sequence[Hint]] = (("Esc", later("back")), ("PgDn", later("further")))
    BINDINGS: ClassVar[list[BindingType]] = [
        key("escape,f1", "help.back", later("Back")),
        key("up", "help.up", later("Up"), show=False),
        key("down", "help.down", later("Down"), show=False),
        key("pageup", "help.page_up", later("A page up"), show=False),
        key("pagedown", "help.page_down", later("A page down"), show=False),
        key("backspace", "help.erase", later("Erase a letter"), show=False),
    ]

    def __init__(self, till: Till, about: TillScreen[Any]) -> None:
        super().__init__(till)
        self._keys = keys_of(about)
        self._words_on_bar = {_(one.tooltip): _(one.description) for one in about.bound.values() if one.tooltip}
        self._words = ""
        self.sheet = Sheet()
        self.entry = EntryLine(_("Search the keys"))

    def body(self) -> ComposeResult:
        """The keys, and a line to search them."""
        yield self.sheet
        yield self.entry

    def on_mount(self) -> None:
        """Show all keys."""
        self._show()

    def takes(self, press: Press) -> bool:
        """All characters search."""
        return bool(press.character)

    def typed(self, character: str) -> Coroutine[Any, Any, None] | None:
        """Search for one letter more."""
        self._words = (self._words + character)[:40]
        self._show()
        return None

    def action_erase(self) -> None:
        """Search for one letter less."""
        self._words = self._words[:-1]
        self._show()

    def action_back(self) -> None:
        """Clear the search, or go back."""
        if self._words:
            self._words = ""
            self._show()
        else:
            self.dismiss()

    def action_up(self) -> None:
        """One row up."""
        self.sheet.scroll(-1)

    def action_down(self) -> None:
        """One row down."""
        self.sheet.scroll(1)

    def action_page_up(self) -> None:
        """A page up."""
        self.sheet.scroll(-self.sheet.page)

    def action_page_down(self) -> None:
        """A page down."""
        self.sheet.scroll(self.sheet.page)

    def _show(self) -> None:
        wanted = fold(self._words).split()
        rows: list[Row] = [
            (("key", " " + fit(keys, _KEY_WIDTH)), ("text", " " + says))
            for keys, says in self._keys
            if all(word in fold(f"{keys} {says} {self._words_on_bar.get(says, '')}") for word in wanted)
        ] or [(("muted", " " + _("No key fits. Backspace erases.")),)]
        self.sheet.show(_("Keys"), rows)
        self.entry.show(self._words)
