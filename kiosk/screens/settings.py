"""Settings: what all tills of the shop share, in sections; each section is a list of its own."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from kiosk.errors import Denied
from kiosk.i18n import _, later
from kiosk.i18n.sentences import sentence
from kiosk.rules.permissions import Action, State
from kiosk.screens.back_room import BackRoom
from kiosk.screens.base import Press
from kiosk.screens.dialogs import Notice
from kiosk.screens.people import PeopleScreen
from kiosk.screens.rights import RightsScreen
from kiosk.screens.setting_list import SettingListScreen
from kiosk.screens.setting_words import SECTIONS
from kiosk.screens.tax_rates import TaxRatesScreen
from kiosk.screens.tender_list import TenderListScreen
from kiosk.screens.till import Till
from kiosk.screens.widgets.choice_list import Choice, ChoiceList
from kiosk.screens.widgets.status import Hint, Say
from kiosk.services import staff
from kiosk.services.shop import Shop

Work = Coroutine[Any, Any, None]

_EDIT: Final = (Action.EDIT_SETTINGS,)


@dataclass(frozen=True, slots=True)
class _Door:
    label: str
    says: str
    screen: Callable[[Till], BackRoom[None]]
    needs: Sequence[Action] = _EDIT
    """Whoever may do one of these sees it."""
    letter: str = ""
    """Its key, where the numbers are at an end."""


def _customer_import(till: Till) -> BackRoom[None]:
    from kiosk.screens.customer_import import CustomerImportScreen

    return CustomerImportScreen(till)


_LISTS: Final = tuple(
    _Door(section.title, says, partial(SettingListScreen, section=section))
    for section, says in zip(
        SECTIONS,
        (
            later("name, address, language"),
            later("top, bottom, printing"),
            later("rounding, notes, counting"),
            later("discounts, returns, scales"),
            later("badge, lock, day"),
            later("types, points, consent"),
        ),
        strict=True,
    )
)
_DOORS: Final = (
    *_LISTS[:5],
    _Door(later("Means of payment"), later("cash, card, tickets"), TenderListScreen),
    _Door(later("Tax rates"), later("from a day on"), TaxRatesScreen),
    _Door(later("People"), later("roles, PINs, badges"), PeopleScreen, needs=(Action.EDIT_STAFF, Action.UNLOCK_STAFF)),
    _Door(later("Who may do what"), later("by role"), RightsScreen),
    *_LISTS[5:],
    _Door(later("Customers from a file"), later("take in, take back"), _customer_import, (Action.IMPORT,), "K"),
)
"""The tenth has the number 0, so that those before it keep theirs."""

NEEDS: Final = tuple(dict.fromkeys(action for door in _DOORS for action in door.needs))
"""Whoever may do one of these finds something here."""


def _look(shop: Shop, by: str) -> Mapping[Action, State]:
    return {action: staff.permission(shop, by, action) for action in NEEDS}


class SettingsScreen(BackRoom[None]):
    """The sections; only what the person may change is listed. Source: D8-07, D7-02."""

    TITLE_WORD: ClassVar[str] = later("SETTINGS")
    MAIN_KEY: ClassVar[str] = "settings.close"
    HINTS: ClassVar[Sequence[Hint]] = (("0-9 K", later("choose")), ("Esc", later("back")))
    TYPING: ClassVar[Sequence[Hint]] = (("0-9 K", later("Open what has this number or letter")),)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f11", "lock", later("Lock"), id="settings.lock"),
        Binding("f12,f10,escape", "close", later("Back"), id="settings.close"),
        Binding("enter", "take", later("Open"), id="settings.take", tooltip=later("Open what is chosen")),
        Binding("up,minus", "up", later("Up"), id="settings.up", show=False),
        Binding("down,plus", "down", later("Down"), id="settings.down", show=False),
    ]

    def __init__(self, till: Till) -> None:
        super().__init__(till)
        self._states: Mapping[Action, State] = {}
        self.list = ChoiceList()

    def body(self) -> ComposeResult:
        """The list."""
        yield self.list

    def on_mount(self) -> None:
        """Ask what this person may change; keys wait until it is known."""
        self.work(self._open())

    @property
    def doors(self) -> tuple[tuple[str, _Door], ...]:
        """What is listed, each with its number; a number is the same for everybody."""
        return tuple(
            (door.letter or str(number % 10), door)
            for number, door in enumerate(_DOORS, start=1)
            if any(self._states.get(action) is State.ALLOWED for action in door.needs)
        )

    def takes(self, press: Press) -> bool:
        """Digits and letters choose at once."""
        return press.character.isascii() and press.character.isalnum()

    def typed(self, character: str) -> Work | None:
        """Open what has this number or letter."""
        for place, (number, door) in enumerate(self.doors):
            if number == character.upper():
                self.list.move(place - (self.list.chosen or 0))
                return self._enter(door)
        self.say(Say.ASK, _("Nothing here has this number."))
        return None

    def action_take(self) -> Work | None:
        """Open what is chosen."""
        return None if self.list.chosen is None else self._enter(self.doors[self.list.chosen][1])

    def action_up(self) -> None:
        """One up."""
        self.list.move(-1)

    def action_down(self) -> None:
        """One down."""
        self.list.move(1)

    def shop_changed(self) -> None:
        """The language may be another one."""
        super().shop_changed()
        self._show()

    async def _open(self) -> None:
        self._states = await self.till.ask(_look, self.till.by)
        if not self.doors:
            refused = sentence(Denied(action=Action.EDIT_SETTINGS))
            await self.question(Notice(self.till, _("Settings"), refused))
            self.dismiss()
            return
        self._show()
        self.say(Say.QUIET, "")

    async def _enter(self, door: _Door) -> None:
        self.say(Say.QUIET, "")
        await self.in_front(door.screen(self.till))

    def _show(self) -> None:
        choices = [Choice(_(door.label), _(door.says), number) for number, door in self.doors]
        self.list.show(_("Settings"), choices, self.list.chosen or 0)
