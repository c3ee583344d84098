"""The settings of one kind: names and values, and Enter asks for another value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from kiosk.errors import BadSetting
from kiosk.i18n import _, later
from kiosk.screens.dialogs import AskText, Choose
from kiosk.screens.list_room import ListRoom, Work
from kiosk.screens.setting_words import COUNTRY_NAMES, LANGUAGE_NAMES, Kind, Section, Words, shown, typed
from kiosk.screens.till import Till
from kiosk.screens.widgets.status import Say
from kiosk.screens.widgets.table import Column
from kiosk.services import settings
from kiosk.services.settings import Setting

LONGEST_TYPED: Final = 600


class SettingListScreen(ListRoom):
    """What all tills of the shop share; a past sale keeps what it was made with. Source: D8-07, N19."""

    TITLE_WORD: ClassVar[str] = later("SETTINGS")
    COLUMNS: ClassVar[Sequence[Column]] = (Column(later("Setting"), 32), Column(later("Value"), 0))

    def __init__(self, till: Till, section: Section) -> None:
        super().__init__(till)
        self._section = section
        self._settings: dict[str, Setting] = {}

    async def read(self) -> None:
        """As they are now."""
        self._settings = {one.name: one for one in await self.till.ask(settings.settings, by=self.till.by)}

    def heading(self) -> str:
        """Which kind."""
        return _(self._section.title)

    def cells(self) -> Sequence[tuple[str, ...]]:
        """Name and value."""
        if not self._settings:
            return ()
        return [(_(one.label), shown(one, self._settings[one.name])) for one in self._section.words]

    def advice(self) -> tuple[str, str]:
        """What the chosen one does."""
        return _(self._chosen.label), _(self._chosen.says)

    @property
    def _chosen(self) -> Words:
        return self._section.words[self.table.chosen]

    def open_chosen(self) -> Work:
        """Ask for another value."""
        return self._change(self._chosen)

    async def _change(self, words: Words) -> None:
        before = self._settings[words.name]
        text = await self._ask(words, _(words.says), typed(words, before))
        while text is not None:
            try:
                old, new, shop = await self.till.ask(settings.set_one, words.name, text, by=self.till.by)
            except BadSetting:
                news = _("“{value}” can't be used here.").format(value=text) + " " + _(words.says)
                text = await self._ask(words, news, text)
                continue
            self.till.take_up(shop)
            await self.read()
            self.show()
            same = old == new
            self.say(Say.OK, _("It stays as it was.") if same else _("Changed: {name}.").format(name=_(words.label)))
            return
        self.say(Say.QUIET, _("Nothing was changed."))

    async def _ask(self, words: Words, says: str, start: str) -> str | None:
        """What somebody wants, as the shop reads it; None for nothing."""
        title = _(words.label)
        if words.kind is Kind.YES:
            chosen = 0 if self._settings[words.name].value else 1
            place = await self.question(Choose(self.till, title, says, [_("yes"), _("no")], chosen=chosen))
            return None if place < 0 else ("yes", "no")[place]
        for kind, names in ((Kind.LANGUAGE, LANGUAGE_NAMES), (Kind.COUNTRY, COUNTRY_NAMES)):
            if words.kind is kind:
                codes, now = list(names), str(self._settings[words.name].value)
                chosen = codes.index(now) if now in codes else 0
                shown_names = [_(name) for name in names.values()]
                place = await self.question(Choose(self.till, title, says, shown_names, chosen=chosen))
                return None if place < 0 else codes[place]
        return await self.question(AskText(self.till, title, says, start=start, longest=LONGEST_TYPED))
