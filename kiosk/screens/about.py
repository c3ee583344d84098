"""How the till is: read-only facts for whoever calls the technician."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from kiosk import __version__, db
from kiosk.db import Health
from kiosk.i18n import _, later, stamp_text
from kiosk.rules.permissions import Action
from kiosk.screens.back_room import BackRoom
from kiosk.screens.till import Till
from kiosk.screens.widgets.cells import Row, fit
from kiosk.screens.widgets.sheet import Sheet
from kiosk.screens.widgets.status import Hint, Say
from kiosk.services import printing, staff
from kiosk.services.shop import Shop

_LABEL: Final = 24
_MEGABYTE: Final = 1024 * 1024


def _count_paper(shop: Shop, by: str) -> int:
    staff.require(shop, by, Action.SEE_HEALTH)
    return printing.waiting(shop)


def examine() -> Health:
    """Check the database, on a thread and a connection of its own: the desk goes on selling meanwhile."""
    with db.reading_thread():
        return db.health()


class AboutScreen(BackRoom[None]):
    """Version, lane, devices, database."""

    TITLE_WORD: ClassVar[str] = later("STATE OF THE TILL")
    MAIN_KEY: ClassVar[str] = "about.close"
    HINTS: ClassVar[Sequence[Hint]] = (("Esc", later("back")),)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f11", "lock", later("Lock"), id="about.lock"),
        Binding("f12,escape,enter", "close", later("Back"), id="about.close"),
    ]

    def __init__(self, till: Till) -> None:
        super().__init__(till)
        self.sheet = Sheet()
        self.facts: tuple[tuple[str, str], ...] = ()
        """What is shown: a name and a text, translated."""

    def body(self) -> ComposeResult:
        """One sheet."""
        yield self.sheet

    def on_mount(self) -> None:
        """Gather the facts."""
        self.work(self._open())

    async def _open(self) -> None:
        waiting = await self.till.ask(_count_paper, self.till.by)
        shop, clock = self.till.shop, self.till.shop.clock
        self.facts = (
            (_("Version"), __version__),
            (_("Shop"), shop.settings.name),
            (_("Till"), shop.lane),
            (_("Time"), stamp_text(clock.local(clock.now()))),
            (_("Clock"), _("can be trusted") if clock.trusted() else _("is not set")),
            *((_(lamp.name), _(lamp.text)) for lamp in self.till.lamps.values()),
            (_("Documents that wait"), str(waiting)),
        )
        self._show()
        self.say(Say.QUIET, _("Checking the database ..."))
        health = await asyncio.to_thread(examine)
        self.facts += _of_database(health)
        self._show()
        if health.ok:
            self.say(Say.OK, _("The database is sound."))
        else:
            self.say(Say.ERROR, _("The database is damaged. Stop selling and call the technician."))

    def _show(self) -> None:
        rows: list[Row] = [(("muted", " " + fit(name, _LABEL)), ("strong", text)) for name, text in self.facts]
        self.sheet.show(_("State of the till"), rows)


def _of_database(health: Health) -> tuple[tuple[str, str], ...]:
    size = _("{size} MB").format(size=-(-health.bytes // _MEGABYTE))
    return (
        (_("Database"), f"{health.engine} {health.version}"),
        (_("Size"), size),
        (_("Each sale is on disk"), f"{health.journal_mode} {health.synchronous}"),
        (_("Check"), _("sound") if health.ok else health.detail or _("damaged")),
    )
