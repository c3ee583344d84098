"""Asked before a customer is kept who may be there already: is it one of these?"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType

from kiosk.i18n import _, date_text, later
from kiosk.screens.base import Press, key
from kiosk.screens.dialogs import Dialog
from kiosk.screens.till import Till
from kiosk.screens.widgets.choice_list import Choice, ChoiceList
from kiosk.services.customer_twins import Same, Twin

NOBODY: Final = "new"
"""The answer that it is none of them."""

_SAME: Final = {
    Same.PHONE: later("same phone"),
    Same.EMAIL: later("same e-mail"),
    Same.BIRTH: later("same birthday"),
    Same.NAME: later("same name"),
}


class TwinsDialog(Dialog[str]):
    """Who it may be; gives the id of the one that is taken, NOBODY for a new one, nothing on Esc.

    No key that was typed ahead answers it: F12 twice keeps nobody twice.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "twins.take", later("Take this one")),
        key("f2", "twins.create", later("A new customer all the same")),
        key("up,minus", "twins.up", later("Up")),
        key("down,plus", "twins.down", later("Down")),
    ]

    def __init__(self, till: Till, twins: Sequence[Twin]) -> None:
        title = _("Maybe this is …")
        asked = _("This customer may be there already. Take one of these?")
        hints = (("Enter", later("take it")), ("F2", later("a new one")), ("Esc", later("back")))
        super().__init__(till, title, asked, hints=hints, refusal="")
        self._twins = tuple(twins)
        self.list = ChoiceList()
        self.list.styles.height = len(twins) + 2

    def body(self) -> ComposeResult:
        """The list."""
        yield self.list

    def on_mount(self) -> None:
        """Show who they are, and why."""
        choices = [Choice(_who(one), _(_SAME[one.same[0]]), str(place)) for place, one in enumerate(self._twins, 1)]
        self.list.show("", choices)

    def needs_eyes(self) -> bool:
        """Always."""
        return True

    def takes(self, press: Press) -> bool:
        """Digits take at once."""
        return press.character.isdigit()

    def typed(self, character: str) -> Coroutine[Any, Any, None] | None:
        """Take the one of this number."""
        place = int(character) - 1 if character.isdigit() else -1
        if 0 <= place < len(self._twins):
            self.answer(self._twins[place].id)
        return None

    def action_take(self) -> None:
        """Take the chosen one."""
        self.answer(self._twins[self.list.chosen or 0].id)

    def action_create(self) -> None:
        """It is none of them."""
        self.answer(NOBODY)

    def action_up(self) -> None:
        """One up."""
        self.list.move(-1)

    def action_down(self) -> None:
        """One down."""
        self.list.move(1)


def _who(twin: Twin) -> str:
    """What tells one from another: name, town, birth, the end of the phone, and whether he is banned."""
    facts = [
        _("banned") if twin.banned else "",
        twin.name if twin.name != twin.called else "",
        twin.city,
        date_text(twin.birth_date) if twin.birth_date else "",
        f"…{twin.phone[-4:]}" if twin.phone else "",
    ]
    return " · ".join([twin.called, *filter(None, facts)])
