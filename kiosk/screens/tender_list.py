"""The shop's means of payment: what each is called, and what it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from kiosk.errors import BadSetting
from kiosk.i18n import _, later
from kiosk.screens.dialogs import AskText, Choose
from kiosk.screens.list_room import ListRoom, Work
from kiosk.screens.widgets.status import Say
from kiosk.screens.widgets.table import Column
from kiosk.services import settings
from kiosk.services.settings import LONGEST_TENDER_NAME, TenderSetup

_FLAGS: Final = {
    "active": later("In use"),
    "drawer": later("Opens the drawer"),
    "change": later("Gives change"),
    "refund": later("Gives money back"),
    "terminal": later("Asks the card terminal"),
}


class TenderListScreen(ListRoom):
    """A line for each, also for those that are not taken at present. Source: D3-01."""

    TITLE_WORD: ClassVar[str] = later("PAYMENTS")
    COLUMNS: ClassVar[Sequence[Column]] = (
        Column(later("Name"), 0),
        Column(later("In use"), 8),
        Column(later("Drawer"), 13),
        Column(later("Gives change"), 13),
        Column(later("Refunds"), 9),
        Column(later("Terminal"), 9),
    )
    _tenders: tuple[TenderSetup, ...] = ()

    async def read(self) -> None:
        """As they are now."""
        self._tenders = await self.till.ask(settings.tenders, by=self.till.by)

    def heading(self) -> str:
        """What they are."""
        return _("Means of payment")

    def cells(self) -> Sequence[tuple[str, ...]]:
        """Name, and yes or no for each."""
        return [(one.name, *(_mark(getattr(one, part)) for part in _FLAGS)) for one in self._tenders]

    def advice(self) -> tuple[str, str]:
        """In words."""
        one = self._tenders[self.table.chosen]
        return one.name, " · ".join(_(label) for part, label in _FLAGS.items() if getattr(one, part))

    def open_chosen(self) -> Work:
        """Ask what is to be changed."""
        return self._change(self._tenders[self.table.chosen])

    async def _change(self, one: TenderSetup) -> None:
        kinds = [_("Name"), *(f"{_(label)}: {_mark(getattr(one, part))}" for part, label in _FLAGS.items())]
        place = await self.question(Choose(self.till, one.name, _("What shall be changed?"), kinds))
        if place < 0:
            return
        changes: dict[str, Any]
        if place == 0:
            asked = AskText(self.till, one.name, _("Name"), start=one.name, longest=LONGEST_TENDER_NAME)
            name = await self.question(asked)
            if not name:
                return
            changes = {"name": name}
        else:
            part = list(_FLAGS)[place - 1]
            changes = {part: not getattr(one, part)}
        try:
            before, after = await self.till.ask(settings.set_tender, one.code, by=self.till.by, **changes)
        except BadSetting:
            self.say(Say.ERROR, _("{tender} can't be without that, or with it.").format(tender=one.name))
            return
        same = before == after
        await self.read_again(_("It stays as it was.") if same else _("Changed: {name}.").format(name=after.name))


def _mark(value: bool) -> str:
    return _("yes") if value else _("no")
