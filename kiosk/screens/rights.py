"""Who may do what: the actions of a role at a time, in three states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from kiosk.errors import Invalid
from kiosk.i18n import _, later
from kiosk.i18n.sentences import action as words_of
from kiosk.rules import permissions
from kiosk.rules.permissions import Action, Role, State
from kiosk.screens.dialogs import Choose
from kiosk.screens.list_room import ListRoom, Work
from kiosk.screens.role_words import ROLE_WORDS, STATE_WORDS
from kiosk.screens.widgets.status import Hint, Say
from kiosk.screens.widgets.table import Column
from kiosk.services import staff

_ROLES: Final = tuple(Role)
_ACTIONS: Final = tuple(Action)


class RightsScreen(ListRoom):
    """A line for each action; Tab goes to the next role. Only owners change something. Source: D7-02."""

    TITLE_WORD: ClassVar[str] = later("RIGHTS")
    HINTS: ClassVar[Sequence[Hint]] = (
        ("Enter", later("change")),
        ("Tab", later("next role")),
        ("Esc", later("back")),
    )
    COLUMNS: ClassVar[Sequence[Column]] = (
        Column(later("To"), 0),
        Column(later("Here"), 18),
        Column(later("Usual"), 18),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "next_role", later("Next role"), id="rights.next_role", show=False),
        Binding("shift+tab", "role_before", later("Role before"), id="rights.role_before", show=False),
    ]
    _table: Mapping[tuple[Role, Action], State] = {}
    _role = Role.CASHIER

    async def read(self) -> None:
        """As it is now."""
        self._table = await self.till.ask(staff.permission_table, by=self.till.by)

    def heading(self) -> str:
        """Which role."""
        return _(ROLE_WORDS[self._role])

    def cells(self) -> Sequence[tuple[str, ...]]:
        """What it is, what it is here, and what it is in a shop that has changed nothing."""
        if not self._table:
            return ()
        return [
            (words_of(action), _(STATE_WORDS[now]), "" if now is usual else _(STATE_WORDS[usual]))
            for action in _ACTIONS
            for now, usual in ((self._table[self._role, action], permissions.default(self._role, action)),)
        ]

    def advice(self) -> tuple[str, str]:
        """What the state means."""
        return words_of(self._action), _(_MEANS[self._table[self._role, self._action]])

    @property
    def _action(self) -> Action:
        return _ACTIONS[self.table.chosen]

    def action_next_role(self) -> None:
        """The next one."""
        self._turn(1)

    def action_role_before(self) -> None:
        """The one before."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        self._role = _ROLES[(_ROLES.index(self._role) + by) % len(_ROLES)]
        self.show()
        self.say(Say.QUIET, "")

    def open_chosen(self) -> Work:
        """Ask for another state."""
        return self._change(self._role, self._action)

    async def _change(self, role: Role, action: Action) -> None:
        states = tuple(STATE_WORDS)
        now = states.index(self._table[role, action])
        words = [_(word) for word in STATE_WORDS.values()]
        place = await self.question(Choose(self.till, _(ROLE_WORDS[role]), words_of(action), words, chosen=now))
        if place < 0:
            return
        try:
            await self.till.ask(staff.set_permission, role, action, states[place], by=self.till.by)
        except Invalid:
            reason = why_not(role, action)
            self.say(Say.ERROR, _(reason))
            return
        await self.read_again(f"{_(ROLE_WORDS[role])}: {words_of(action)}: {_(STATE_WORDS[states[place]])}")


_MEANS: Final = {
    State.ALLOWED: later("At once, without asking anybody."),
    State.DENIED: later("Not at all; it is not listed in the menu."),
    State.APPROVAL: later("Once somebody who may do it has typed a PIN."),
}


def why_not(role: Role, action: Action) -> str:
    """Why a shop may not set this, in English."""
    if role is Role.OWNER:
        return later("An owner may do everything, so that nobody is locked out.")
    if action is Action.EDIT_PERMISSIONS:
        return later("Only owners change who may do what.")
    if role is Role.TECHNICIAN and action not in permissions.WITHOUT_VALUE:
        return later("A technician gets at neither money nor customers.")
    return later("Nobody can approve this on the spot: allow or deny it.")
