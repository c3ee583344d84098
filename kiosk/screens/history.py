"""Past receipts: found by number, barcode, day, amount or article, read as they were printed, and printed again."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import date
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Resize

from kiosk.errors import NotFound, NotThisShift
from kiosk.i18n import _, clean_text, later
from kiosk.rules import codes
from kiosk.rules.codes import LONGEST_CODE, CodeKind
from kiosk.screens.back_room import BackRoom
from kiosk.screens.base import Press
from kiosk.screens.open_sale import OpenSale
from kiosk.screens.preview import PreviewScreen, reprint
from kiosk.screens.receipts_found import COLUMNS as TABLE_COLUMNS
from kiosk.screens.receipts_found import UNPRINTED, ReceiptsFound, cells_of, has_printer, read
from kiosk.screens.returning import ReturnScreen, look_back
from kiosk.screens.till import Till
from kiosk.screens.void_paid import void_paid
from kiosk.screens.widgets.entry_line import EntryLine
from kiosk.screens.widgets.paper_view import PaperView
from kiosk.screens.widgets.status import Hint, Say
from kiosk.screens.widgets.table import Table
from kiosk.services import receipt
from kiosk.services.history import Row

NARROWEST: Final = 32
"""Columns of the paper beside the list, where the window is not wide."""
WIDE_FROM: Final = 120
LONGEST_WORDS: Final = 60
SCANNER_PAUSE: Final = 0.05
"""Seconds: a scanner that types has sent its second character by then, a person has not."""

Work = Coroutine[Any, Any, None]


class HistoryScreen(BackRoom[bool]):
    """The newest receipts at the left, the chosen one at the right. Source: D5-05, UX.md 4.7.

    Dismissed with True once goods of a receipt have come back into the open sale.
    """

    CSS_PATH = "paper.tcss"
    TITLE_WORD: ClassVar[str] = later("HISTORY")
    MAIN_KEY: ClassVar[str] = "history.close"
    HINTS: ClassVar[Sequence[Hint]] = (
        ("P", later("reprint")),
        ("F7", later("take back")),
        ("Enter", later("whole receipt")),
        ("PgDn", later("earlier")),
        ("Esc", later("back")),
    )
    SEARCHING: ClassVar[Sequence[Hint]] = (
        ("F8", later("reprint")),
        ("F7", later("take back")),
        ("Enter", later("whole receipt")),
        ("Esc", later("clear")),
    )
    TYPING: ClassVar[Sequence[Hint]] = (
        ("0-9 a-z", later("A number, an amount 12.50, a day 22.11., or an article")),
        (later("Scan"), later("A receipt's barcode finds it; anything else is sold")),
        (UNPRINTED, later("Beside a receipt: it has not come out of the printer yet")),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "today", later("Today"), id="history.today", tooltip=later("Today's receipts only, or all")),
        Binding(
            "f8,p,P",
            "reprint",
            later("Reprint"),
            id="history.reprint",
            tooltip=later("Print it again as a copy; P only while nothing is typed"),
        ),
        Binding(
            "f7",
            "take_back",
            later("Return"),
            id="history.take_back",
            tooltip=later("Goods of the chosen receipt come back into the sale"),
        ),
        Binding(
            "f9", "void", later("Void"), id="history.void", tooltip=later("Void the chosen receipt, of this shift")
        ),
        Binding("f11", "lock", later("Lock"), id="history.lock"),
        Binding("f12", "close", later("Back"), id="history.close", tooltip=later("Back to the sale")),
        Binding("enter", "open", later("Open"), id="history.open", tooltip=later("The whole receipt"), show=False),
        Binding("escape", "back", later("Back"), id="history.back", tooltip=later("Clear the search, then go back")),
        Binding("backspace", "erase", later("Erase"), id="history.erase", show=False),
        Binding("up", "up", later("Up"), id="history.up", tooltip=later("The later receipt"), show=False),
        Binding("down", "down", later("Down"), id="history.down", tooltip=later("The earlier receipt"), show=False),
        Binding("pageup", "later", later("Later"), id="history.later", tooltip=later("A page later"), show=False),
        Binding(
            "pagedown",
            "earlier",
            later("Earlier"),
            id="history.earlier",
            tooltip=later("A page earlier"),
            show=False,
        ),
        Binding("home", "first", later("Newest"), id="history.first", tooltip=later("The newest receipt"), show=False),
    ]

    def __init__(self, till: Till, *, sale: str = "", to: OpenSale | None = None) -> None:
        """``sale``: the one to show first; ``to``: the open sale into which goods can come back."""
        super().__init__(till)
        self._sale = sale
        self._to = to
        self._words = ""
        self._typed: list[str] = []
        """What stood in the line before each character, to take a scanner's back."""
        self._pausing = False
        """Whether a P waits to see if a scan follows it."""
        self._today_only = False
        self._reading = ""
        self._read = ""
        self.entry = EntryLine()
        self.table = Table(TABLE_COLUMNS)
        self.paper = PaperView(min(till.columns, NARROWEST), further=later("Enter"))
        self.found = ReceiptsFound(self, self._found)

    def body(self) -> ComposeResult:
        """The search line, the list and the paper."""
        yield self.entry
        with Horizontal(id="body"):
            yield self.table
            yield self.paper

    def on_mount(self) -> None:
        """Look for the newest receipts; keys wait until they are there."""
        self._show_entry()
        self.work(self._open())

    def on_resize(self, event: Resize) -> None:
        """A wide window has room for the paper as it came out of the printer."""
        super().on_resize(event)
        self.paper.lay_out(self.till.columns if event.size.width >= WIDE_FROM else min(self.till.columns, NARROWEST))

    @property
    def row(self) -> Row | None:
        """The chosen receipt."""
        rows = self.found.rows
        return rows[self.table.chosen] if self.table.chosen < len(rows) else None

    # Typing and scanning

    def takes(self, press: Press) -> bool:
        """Everything, but P while nothing is typed."""
        return bool(press.character) and (bool(self._words) or press.character not in "pP?")

    def typed(self, character: str) -> Work | None:
        """Search for one character more."""
        self._typed = [*self._typed, self._words][-LONGEST_CODE:]
        self._search((self._words + character)[:LONGEST_WORDS].lstrip())
        return None

    def untype(self, characters: int) -> None:
        """What was typed was a scanner's, also a P that is still waiting for what follows."""
        if self._pausing:
            self._pausing = False
            characters -= 1
        for _step in range(min(characters, len(self._typed))):
            self._words = self._typed.pop()
        self._search(self._words)

    def scanned(self, code: str) -> Work | None:
        """A receipt's barcode finds it here; what is anything else belongs to the sale."""
        if codes.what_is(code).kind is CodeKind.RECEIPT:
            return self._jump(code)
        return super().scanned(code)

    # Keys

    def action_reprint(self) -> Work | None:
        """Print the chosen receipt again."""
        self._pausing = True
        return self._reprint()

    def action_take_back(self) -> Work | None:
        """Goods of the chosen receipt come back into the sale."""
        return self._take_back()

    def action_void(self) -> Work | None:
        """Void the chosen receipt."""
        return self._void()

    def action_open(self) -> Work | None:
        """The whole receipt."""
        return self._show_whole()

    def action_today(self) -> None:
        """Today's only, or all days."""
        self._today_only = not self._today_only
        self._search("")

    def action_back(self) -> None:
        """Clear the search, or go back."""
        if self._words or self._today_only:
            self._today_only = False
            self._search("")
        else:
            self.dismiss()

    def action_erase(self) -> None:
        """Search for one character less."""
        self._search(self._words[:-1])

    def action_up(self) -> Work | None:
        """The receipt after this one."""
        return self._move(-1)

    def action_down(self) -> Work | None:
        """The receipt before this one."""
        return self._move(1)

    def action_later(self) -> Work | None:
        """A page of later ones."""
        return self._move(-self.table.page)

    def action_earlier(self) -> Work | None:
        """A page of earlier ones."""
        return self._move(self.table.page)

    def action_first(self) -> Work | None:
        """The newest."""
        return self._move(-len(self.found.rows))

    # Work

    async def _open(self) -> None:
        if self._sale:
            await self._jump((await self.till.ask(receipt.of_sale, self._sale)).barcode)
        else:
            await self.found.now()
            self._found()

    async def _jump(self, code: str) -> None:
        self._words, self._today_only = clean_text(code, LONGEST_WORDS), False
        self.found.want(self._words, None)
        rows = await self.found.now()
        self._found()
        if not rows:
            raise NotFound(what="receipt", code=code)

    async def _chosen(self, none: str = "") -> Row | None:
        """The chosen receipt of those that fit what is typed now; ``none`` is said if there is none."""
        shown = self.found.rows
        if await self.found.now() is not shown:
            self._found()
        if self.row is None and none:
            self.say(Say.ERROR, none)
        return self.row

    async def _take_back(self) -> None:
        row = await self._chosen(_("There is no receipt to take goods back of."))
        if row is None:
            return
        if self._to is None:
            self.say(Say.ERROR, _("Goods come back into a sale: open the receipts from there."))
            return
        past = await self.till.ask(look_back, self.till.by, row.sale)
        if await self.in_front(ReturnScreen(self.till, past, self._to)):
            self.dismiss(True)

    async def _void(self) -> None:
        row = await self._chosen(_("There is no receipt to void."))
        if row is None:
            return
        try:
            done = await void_paid(self, row.sale)
        except NotThisShift:
            said = _("Receipt {number} is of another day or till: F7 takes its goods back.")
            self.say(Say.ERROR, said.format(number=row.number))
            return
        if done is not None:
            self._read = ""
            self.found.forget()
            await self.found.now()
            self._found()
            self.say(Say.OK, done.news)

    async def _reprint(self) -> None:
        """P may be the first character of a scan: then it is text, and the rest of the scan follows."""
        await asyncio.sleep(SCANNER_PAUSE)
        alone, self._pausing = self._pausing, False
        if not alone:
            return
        if any(isinstance(one, Press) and one.character for one in self._ahead):
            self.typed("p")
            return
        row = await self._chosen(_("There is no receipt to print."))
        if row is not None:
            await reprint(self, row.sale, row.number)

    async def _show_whole(self) -> None:
        row = await self._chosen()
        if row is not None:
            self.app.push_screen(PreviewScreen(self.till, row.sale, row.number))

    def _move(self, by: int) -> Work | None:
        """Move in what is here; beyond its end, fetch what is earlier first."""
        if self.table.chosen + by >= len(self.found.rows) and not self.found.complete:
            return self._fetch(by)
        self._choose(self.table.chosen + by)
        return None

    async def _fetch(self, by: int) -> None:
        chosen = self.table.chosen + by
        while chosen >= len(self.found.rows) and not self.found.complete:
            await self.found.earlier()
        self._show_rows(chosen)

    # Showing

    def say(self, kind: Say, text: str, hints: Sequence[Hint] | None = None) -> None:
        """With the keys that do something now: behind other letters a P is one of them."""
        super().say(kind, text, self._hints() if hints is None else hints)

    def _search(self, words: str) -> None:
        self._words = words
        self._show_entry()
        self.say(Say.QUIET, "")
        self.found.want(words, self._day())

    def _day(self) -> date | None:
        return self.till.shop.clock.today() if self._today_only and not self._words else None

    def _found(self) -> None:
        """There are other receipts than before."""
        self._show_entry()
        self._show_rows(0)

    def _choose(self, place: int) -> None:
        self.table.move(place - self.table.chosen)
        self._look_at()

    def _show_rows(self, chosen: int) -> None:
        rows, today = self.found.rows, self.till.shop.clock.today()
        mark = has_printer(self.till)
        self.table.show(
            _("Receipts"),
            [cells_of(row, today, mark=mark) for row in rows],
            chosen,
            empty=_("No receipt fits."),
            foot="" if self.found.complete else _("PgDn") + ": " + _("earlier"),
        )
        if self.status.kind is Say.QUIET and not self.status.text:
            self.say(Say.QUIET, "")
        self._look_at()

    def _hints(self) -> Sequence[Hint]:
        """The next keys; the sign beside a receipt is explained where PgDn stood, which the list's foot says too."""
        keys = self.SEARCHING if self._words else self.HINTS
        signs = any(line[-1] == UNPRINTED for line in self.table.lines)
        if not signs:
            return keys
        return ((UNPRINTED, later("not printed yet")), *(hint for hint in keys if hint[0] != "PgDn"))

    def _show_entry(self) -> None:
        title = _("Today's receipts") if self._day() else _("Number, barcode, day, amount or article")
        self.entry.show(self._words, title=title)

    def _look_at(self) -> None:
        """Bring the chosen receipt onto the paper, and only the last one that was chosen."""
        row = self.row
        if row is None:
            self._read = ""
            self.paper.show("", ())
        elif row.sale != self._read and not self._reading:
            self._reading = row.sale
            self.alongside(self._show_paper())

    async def _show_paper(self) -> None:
        try:
            while self.row is not None and self.row.sale != self._read:
                row = self.row
                document = await self.till.ask(read, self.till.by, row.sale)
                self._read = row.sale
                self.paper.show(_("Receipt {number}").format(number=row.number), document)
        finally:
            self._reading = ""
