"""A list in front of the menu, of which Enter opens a line: what all screens of the settings share."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from kiosk.errors import Denied
from kiosk.i18n import _, later
from kiosk.i18n.sentences import sentence
from kiosk.screens.back_room import BackRoom
from kiosk.screens.dialogs import Notice, wrapped
from kiosk.screens.till import Till
from kiosk.screens.widgets.cells import Row
from kiosk.screens.widgets.sheet import Sheet
from kiosk.screens.widgets.status import Hint, Say
from kiosk.screens.widgets.table import Column, Table

Work = Coroutine[Any, Any, None]


class ListRoom(BackRoom[None]):
    """Lines in columns, and below them what is to be known of the chosen one.

    A screen of its own gives ``read``, ``heading``, ``cells``, ``advice`` and
    ``open_chosen``. Who may not read it sees one sentence and is back in the menu.
    """

    CSS_PATH = "settings.tcss"
    MAIN_KEY: ClassVar[str] = "list.close"
    HINTS: ClassVar[Sequence[Hint]] = (("Enter", later("change")), ("Esc", later("back")))
    COLUMNS: ClassVar[Sequence[Column]] = ()
    PLACE: ClassVar[str] = later("Settings")
    """Above the sentence for whoever may not read it, in English."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f11", "lock", later("Lock"), id="list.lock"),
        Binding("f12,f10,escape", "close", later("Back"), id="list.close"),
        Binding("enter", "open", later("Change"), id="list.open", tooltip=later("Change the chosen line")),
        Binding("up,minus", "up", later("Up"), id="list.up", show=False),
        Binding("down,plus", "down", later("Down"), id="list.down", show=False),
        Binding("pageup", "page_up", later("A page up"), id="list.page_up", show=False),
        Binding("pagedown", "page_down", later("A page down"), id="list.page_down", show=False),
    ]

    def __init__(self, till: Till) -> None:
        super().__init__(till)
        self.table = Table(self.COLUMNS)
        self.advice_sheet = Sheet(id="advice")

    def body(self) -> ComposeResult:
        """The lines, and what is to be known of the chosen one."""
        yield self.table
        yield self.advice_sheet

    def on_mount(self) -> None:
        """Read the lines; keys wait until they are there."""
        self.work(self._begin())

    async def _begin(self) -> None:
        try:
            await self.read()
        except Denied as error:
            await self.question(Notice(self.till, _(self.PLACE), sentence(error)))
            self.dismiss()
            return
        self.show()
        self.say(Say.QUIET, "")

    # What a screen of its own gives

    async def read(self) -> None:
        """Ask the desk for the lines. Refuses: Denied."""
        raise NotImplementedError

    def heading(self) -> str:
        """What stands above the lines."""
        return ""

    def cells(self) -> Sequence[tuple[str, ...]]:
        """The lines."""
        raise NotImplementedError

    def advice(self) -> tuple[str, str]:
        """The name of the chosen line, and what is to be known of it."""
        return "", ""

    def open_chosen(self) -> Work | None:
        """Change the chosen line."""
        raise NotImplementedError

    # Keys

    def action_open(self) -> Work | None:
        """Change the chosen line."""
        return self.open_chosen() if self.table.lines else None

    def action_up(self) -> None:
        """One up."""
        self._move(-1)

    def action_down(self) -> None:
        """One down."""
        self._move(1)

    def action_page_up(self) -> None:
        """A page up."""
        self._move(-self.table.page)

    def action_page_down(self) -> None:
        """A page down."""
        self._move(self.table.page)

    def _move(self, by: int) -> None:
        self.table.move(by)
        self._advise()

    # Showing

    def shop_changed(self) -> None:
        """The language may be another one."""
        super().shop_changed()
        self.show()

    def show(self) -> None:
        """Draw the lines as they are."""
        self.table.show(self.heading(), self.cells(), self.table.chosen, empty=_("Nothing to see."))
        self._advise()

    def _advise(self) -> None:
        name, text = self.advice() if self.table.lines else ("", "")
        width = max(10, self.advice_sheet.size.width - 4)
        rows: list[Row] = [(("text", f" {line}"),) for line in wrapped(text, width)]
        self.advice_sheet.show(name, rows)

    async def read_again(self, said: str) -> None:
        """After a change: read, draw and say it."""
        await self.till.catch_up()
        await self.read()
        self.show()
        self.say(Say.OK, said)
