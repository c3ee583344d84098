"""One receipt as it was printed: to read, to print again, to save as a PDF."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from kiosk.errors import BadFile
from kiosk.i18n import _, later
from kiosk.receipts.paper import Document
from kiosk.rules.permissions import Action
from kiosk.screens.approval import allowed
from kiosk.screens.back_room import BackRoom
from kiosk.screens.base import TillScreen
from kiosk.screens.receipts_found import has_printer, read
from kiosk.screens.till import Till
from kiosk.screens.widgets.paper_view import PaperView
from kiosk.screens.widgets.status import Hint, Say
from kiosk.services import history, journal
from kiosk.services.shop import Shop, new_key

Work = Coroutine[Any, Any, None]


async def reprint(screen: TillScreen[Any], sale: str, number: int) -> None:
    """Print a receipt again; say which copy it is, and what it waits for. Refuses: Denied, NotFound. Source: D5-05."""
    till = screen.till
    copy = await till.ask(history.reprint, sale, by=till.by)
    till.paper_queued()
    lamp = till.lamps["print"]
    if not has_printer(till):
        screen.say(Say.ASK, _("No printer is set up here. COPY {copy} is in the books.").format(copy=copy))
    elif lamp.fine:
        screen.say(Say.OK, _("Receipt {number} goes to the printer: COPY {copy}.").format(number=number, copy=copy))
    else:
        said = _("Receipt {number} waits, COPY {copy}. Printer: {state}.")
        screen.say(Say.ASK, said.format(number=number, copy=copy, state=_(lamp.text)))


class PreviewScreen(BackRoom[None]):
    """A receipt, exactly as wide as it came out of the printer."""

    CSS_PATH = "paper.tcss"
    TITLE_WORD: ClassVar[str] = later("RECEIPT")
    MAIN_KEY: ClassVar[str] = "preview.close"
    HINTS: ClassVar[Sequence[Hint]] = (
        ("P", later("reprint")),
        ("S", later("save as PDF")),
        ("PgDn", later("further")),
        ("Esc", later("back")),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f8,p,P",
            "reprint",
            later("Reprint"),
            id="preview.reprint",
            tooltip=later("Print it again, marked as a copy"),
        ),
        Binding("f10,s,S", "save", later("PDF"), id="preview.save", tooltip=later("Save it as a PDF file")),
        Binding("f11", "lock", later("Lock"), id="preview.lock"),
        Binding("f12,escape,enter", "close", later("Back"), id="preview.close"),
        Binding("up", "up", later("Up"), id="preview.up", show=False),
        Binding("down", "down", later("Down"), id="preview.down", show=False),
        Binding("pageup", "page_up", later("A page up"), id="preview.page_up", show=False),
        Binding("pagedown", "page_down", later("A page down"), id="preview.page_down", show=False),
        Binding("home", "top", later("Top"), id="preview.top", show=False),
        Binding("end", "bottom", later("End"), id="preview.bottom", show=False),
    ]

    def __init__(self, till: Till, sale: str, number: int) -> None:
        super().__init__(till)
        self._sale = sale
        self._number = number
        self._document: Document = ()
        self.paper = PaperView(till.columns)

    def body(self) -> ComposeResult:
        """The paper in the middle."""
        with Horizontal(id="desk"):
            yield self.paper

    def on_mount(self) -> None:
        """Read the receipt."""
        self.work(self._open())

    def action_reprint(self) -> Work:
        """Print it again."""
        return reprint(self, self._sale, self._number)

    def action_save(self) -> Work:
        """Save it as a PDF file."""
        return self._save()

    def action_up(self) -> None:
        """One line up."""
        self.paper.scroll(-1)

    def action_down(self) -> None:
        """One line down."""
        self.paper.scroll(1)

    def action_page_up(self) -> None:
        """A page up."""
        self.paper.scroll(-self.paper.page)

    def action_page_down(self) -> None:
        """A page down."""
        self.paper.scroll(self.paper.page)

    def action_top(self) -> None:
        """To the first line."""
        self.paper.scroll(-len(self.paper.lines))

    def action_bottom(self) -> None:
        """To the last line."""
        self.paper.scroll(len(self.paper.lines))

    async def _open(self) -> None:
        self._document = await self.till.ask(read, self.till.by, self._sale)
        self.paper.show(_("Receipt {number}").format(number=self._number), self._document)

    async def _save(self) -> None:
        """Drawing takes its time, so it has a thread of its own; the desk goes on selling."""
        folder = self.till.exports
        if folder is None:
            self.say(Say.ERROR, _("No folder for exports is set up on this till."))
            return
        if not await allowed(self, Action.REPRINT, key=new_key()):
            return
        name = f"receipt-{self.till.shop.lane}-{self._number}.pdf"
        title = _("Receipt {number}").format(number=self._number)
        self.say(Say.QUIET, _("Drawing the PDF ..."))
        path = await asyncio.to_thread(write_pdf, folder / name, self._document, self.paper.columns, title)
        await self.till.ask(_note_saved, self.till.by, self._sale, name)
        self.say(Say.OK, _("Saved: {path}").format(path=str(path)))


def _note_saved(shop: Shop, by: str, sale: str, file: str) -> None:
    journal.note(shop, by, "receipt.saved", sale=sale, file=file)


def write_pdf(path: Path, document: Document, columns: int, title: str) -> Path:
    """Write a PDF. Only whole files get the name; only the till's user may read them. Refuses: BadFile."""
    from kiosk.receipts.pdf import as_pdf

    drawn = as_pdf(document, columns, title=title)
    unfinished = path.with_suffix(".part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(drawn)
        unfinished.replace(path)
    except OSError as error:
        raise BadFile(path=path.name, reason=error.strerror or type(error).__name__) from error
    return path
