"""Past X and Z reports: found by day and till, read as they were printed, printed again, saved as PDF (D6-02)."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.events import Resize

from kiosk.clock import from_millis
from kiosk.errors import Invalid
from kiosk.i18n import _, date_text, later, money_text, time_text
from kiosk.receipts.paper import Document
from kiosk.rules import spans
from kiosk.rules.permissions import Action
from kiosk.screens.approval import allowed
from kiosk.screens.back_room import BackRoom
from kiosk.screens.base import TillScreen, key
from kiosk.screens.dialogs import AskText, Choose
from kiosk.screens.preview import PreviewScreen, write_pdf
from kiosk.screens.receipts_found import has_printer
from kiosk.screens.till import Till
from kiosk.screens.widgets.paper_view import PaperView
from kiosk.screens.widgets.status import Hint, Say
from kiosk.screens.widgets.table import HIDDEN, Column, Table
from kiosk.services import cash, journal, shifts
from kiosk.services.shifts import ReportRow
from kiosk.services.shop import Shop, new_key

Work = Coroutine[Any, Any, None]

NARROWEST: Final = 32
"""Columns of the paper beside the list, where the window is not wide."""
WIDE_FROM: Final = 120
MOST: Final = 100
"""Reports that are listed at once; older ones are found by their day."""

COLUMNS: Final = (
    Column(later("Report"), 7),
    Column(later("Day"), 6, wide=10),
    Column(later("Time"), HIDDEN, wide=5),
    Column(later("Till"), HIDDEN, wide=6),
    Column(later("Who"), 0),
    Column(later("Gross"), 10, wide=12, align="right"),
    Column(later("Diff."), 7, wide=10, align="right"),
    Column("", 1),
)
FAILED: Final = "!"


@dataclass(frozen=True, slots=True)
class Paper:
    """One report: which, and what it and its file are called."""

    id: str
    kind: str
    number: int
    lane: str
    day: str
    """Its business date, ISO."""

    @property
    def name(self) -> str:
        """X 2 or Z 31, in all languages."""
        return f"{self.kind.upper()} {self.number}"

    @property
    def file(self) -> str:
        """An X is numbered within its day, so that its file bears the day too."""
        day = f"-{self.day}" if self.kind == "x" else ""
        return f"{self.kind}-{self.lane}{day}-{self.number}.pdf"


def paper_of(row: ReportRow) -> Paper:
    """A report of the list."""
    return Paper(row.id, row.kind, row.number, row.lane, row.business_date)


def read_paper(shop: Shop, report: str) -> Paper:
    """A report by its id. Refuses: NotFound."""
    found = shifts.report(shop, report)
    return Paper(report, found.kind, found.number, found.lane, found.business_date)


async def reprint(screen: TillScreen[Any], paper: Paper, key: str) -> None:
    """Print a report again; say which copy it is, and what it waits for. Refuses: Denied, NeedsApproval, NotFound."""
    till = screen.till
    copy = await till.ask(shifts.reprint, paper.id, by=till.by, key=key)
    till.paper_queued()
    marked = f"{paper.name}, COPY {copy}" if copy else paper.name
    lamp = till.lamps["print"]
    if not has_printer(till):
        screen.say(Say.ASK, _("No printer is set up here. {report} is in the books.").format(report=marked))
    elif lamp.fine:
        screen.say(Say.OK, _("{report} goes to the printer.").format(report=marked))
    else:
        screen.say(Say.ASK, _("{report} waits. Printer: {state}.").format(report=marked, state=_(lamp.text)))


async def save(screen: TillScreen[Any], paper: Paper, document: Document) -> None:
    """Save a report as a PDF file; drawing takes its time, so it has a thread of its own. Refuses: BadFile."""
    till = screen.till
    if till.exports is None:
        screen.say(Say.ERROR, _("No folder for exports is set up on this till."))
        return
    screen.say(Say.QUIET, _("Drawing the PDF ..."))
    path = await asyncio.to_thread(write_pdf, till.exports / paper.file, document, till.columns, paper.name)
    await till.ask(_note_saved, till.by, paper)
    screen.say(Say.OK, _("Saved: {path}").format(path=str(path)))


def _note_saved(shop: Shop, by: str, paper: Paper) -> None:
    journal.note(shop, by, "report.saved", report=paper.id, file=paper.file)


class ReportScreen(PreviewScreen):
    """A report, exactly as wide as it came out of the printer."""

    TITLE_WORD: ClassVar[str] = later("REPORT")

    def __init__(self, till: Till, paper: Paper, key: str) -> None:
        """``key``: of the deed for which somebody agreed that the figures are seen."""
        super().__init__(till, "", paper.number)
        self._paper = paper
        self._key = key

    def action_reprint(self) -> Work:
        """Print it again."""
        return reprint(self, self._paper, self._key)

    def action_save(self) -> Work:
        """Save it as a PDF file."""
        return save(self, self._paper, self._document)

    async def _open(self) -> None:
        self._document = await self.till.ask(shifts.document, self._paper.id)
        self.paper.show(self._paper.name, self._document)


class PastReportsScreen(BackRoom[None]):
    """The newest reports at the left, the chosen one at the right. Source: D6-02."""

    CSS_PATH = "paper.tcss"
    TITLE_WORD: ClassVar[str] = later("REPORTS")
    MAIN_KEY: ClassVar[str] = "past.close"
    HINTS: ClassVar[Sequence[Hint]] = (
        ("P", later("reprint")),
        ("S", later("save as PDF")),
        (later("Enter"), later("whole report")),
        (later("Esc"), later("back")),
    )
    TYPING: ClassVar[Sequence[Hint]] = ((FAILED, later("Beside a report: its sum proof fails")),)
    BINDINGS: ClassVar[list[BindingType]] = [
        key("f2", "past.day", later("Day"), later("The reports of one day, or all again")),
        key("f5", "past.kind", later("Z only"), later("Only Z, or X as well")),
        key("f6", "past.lane", later("Till"), later("The reports of one till, or of all")),
        key("f8,p,P", "past.reprint", later("Reprint"), later("Print the chosen report again, marked as a copy")),
        key("f10,s,S", "past.save", later("PDF"), later("Save the chosen report as a PDF file")),
        key("f11", "past.lock", later("Lock")),
        key("f12", "past.close", later("Back"), later("Back to where one came from")),
        key("enter", "past.open", later("Open"), later("The whole report"), show=False),
        key("escape", "past.back", later("Back"), later("All reports again, then back")),
        key("up,minus", "past.up", later("Up"), later("The report above"), show=False),
        key("down,plus", "past.down", later("Down"), later("The report below"), show=False),
        key("pageup", "past.page_up", later("A page up"), show=False),
        key("pagedown", "past.page_down", later("A page down"), show=False),
        key("home", "past.first", later("Newest"), later("The newest report"), show=False),
    ]

    def __init__(self, till: Till) -> None:
        super().__init__(till)
        self._rows: tuple[ReportRow, ...] = ()
        self._day: date | None = None
        self._lane = ""
        self._kinds: tuple[str, ...] = ("z", "x")
        self._key = new_key()
        """Of looking at the figures, for which somebody may have to agree."""
        self._read = ""
        self._reading = False
        self._document: Document = ()
        self.table = Table(COLUMNS)
        self.paper = PaperView(min(till.columns, NARROWEST), further=later("Enter"))

    def body(self) -> ComposeResult:
        """The list and the paper."""
        with Horizontal(id="body"):
            yield self.table
            yield self.paper

    def on_mount(self) -> None:
        """Look for the newest; keys wait until they are there."""
        self.work(self._open())

    def on_resize(self, event: Resize) -> None:
        """A wide window has room for the paper as it came out of the printer."""
        super().on_resize(event)
        self.paper.lay_out(self.till.columns if event.size.width >= WIDE_FROM else min(self.till.columns, NARROWEST))

    @property
    def row(self) -> ReportRow | None:
        """The chosen report."""
        return self._rows[self.table.chosen] if self.table.chosen < len(self._rows) else None

    # Keys

    def action_day(self) -> Work:
        """The reports of one day."""
        return self._ask_day()

    def action_kind(self) -> Work:
        """Only Z, or X as well."""
        self._kinds = ("z",) if "x" in self._kinds else ("z", "x")
        return self._look()

    def action_lane(self) -> Work:
        """The reports of one till."""
        return self._ask_lane()

    def action_reprint(self) -> Work | None:
        """Print the chosen one again."""
        return None if self._chosen() is None else self._reprint()

    def action_save(self) -> Work | None:
        """Save the chosen one as a PDF file."""
        return None if self._chosen() is None else self._save()

    def action_open(self) -> Work | None:
        """The whole report."""
        return None if self._chosen() is None else self._show_whole()

    def action_back(self) -> Work | None:
        """All reports again, or back."""
        if self._day is None and not self._lane:
            self.dismiss()
            return None
        self._day, self._lane = None, ""
        return self._look()

    def action_up(self) -> None:
        """The one above."""
        self._move(-1)

    def action_down(self) -> None:
        """The one below."""
        self._move(1)

    def action_page_up(self) -> None:
        """A page up."""
        self._move(-self.table.page)

    def action_page_down(self) -> None:
        """A page down."""
        self._move(self.table.page)

    def action_first(self) -> None:
        """The newest."""
        self._move(-len(self._rows))

    # Work

    async def _open(self) -> None:
        if not await allowed(self, Action.READ_X, key=self._key):
            self.dismiss()
            return
        await self._look()

    async def _look(self) -> None:
        self._rows = await self.till.ask(
            shifts.reports,
            by=self.till.by,
            key=self._key,
            kinds=self._kinds,
            lane=self._lane or None,
            on=self._day,
            limit=MOST,
        )
        self._show_rows()
        self.say(Say.QUIET, "")

    async def _ask_day(self) -> None:
        asked = _("Of which day? 22.11. or 22.11.2026; nothing for all.")
        typed = await self.question(AskText(self.till, _("Day"), asked, longest=10))
        if typed is None:
            return
        self._day = _day(typed, self.till.shop.clock.today()) if typed else None
        await self._look()

    async def _ask_lane(self) -> None:
        lanes = (self.till.shop.lane, *await self.till.ask(cash.other_lanes))
        names = [_("All"), *lanes]
        place = await self.question(Choose(self.till, _("Till"), _("The reports of which till?"), names))
        if place >= 0:
            self._lane = names[place] if place else ""
            await self._look()

    async def _reprint(self) -> None:
        row = self.row
        if row is not None:
            await reprint(self, paper_of(row), self._key)

    async def _save(self) -> None:
        row = self.row
        if row is not None:
            document = await self.till.ask(shifts.document, row.id)
            await save(self, paper_of(row), document)

    async def _show_whole(self) -> None:
        row = self.row
        if row is not None:
            await self.in_front(ReportScreen(self.till, paper_of(row), self._key))

    def _chosen(self) -> ReportRow | None:
        if self.row is None:
            self.say(Say.ERROR, _("There is no report here."))
        return self.row

    # Showing

    def _move(self, by: int) -> None:
        self.table.move(by)
        self._look_at()

    def _show_rows(self) -> None:
        today = self.till.shop.clock.today()
        title = _("Reports") if self._day is None else _("Reports of {day}").format(day=date_text(self._day))
        self.table.show(
            f"{title} · {self._lane}" if self._lane else title,
            [self._cells(row, today) for row in self._rows],
            empty=_("No report fits."),
            foot=_("F2 finds older ones") if len(self._rows) == MOST else "",
        )
        self._look_at()

    def _cells(self, row: ReportRow, today: date) -> tuple[str, ...]:
        day = date.fromisoformat(row.business_date)
        wide = self.size.width >= WIDE_FROM
        at = self.till.shop.clock.local(from_millis(row.at))
        return (
            f"{row.kind.upper()} {row.number}",
            date_text(day) if wide else _("today") if day == today else date_text(day)[:6].rstrip("/-"),
            time_text(at),
            row.lane,
            row.by,
            money_text(row.gross),
            "-" if row.difference is None else money_text(row.difference),
            "" if row.proof_ok else FAILED,
        )

    def _look_at(self) -> None:
        """Bring the chosen report onto the paper, and only the last one that was chosen."""
        row = self.row
        if row is None:
            self._read = ""
            self.paper.show("", ())
        elif row.id != self._read and not self._reading:
            self._reading = True
            self.alongside(self._show_paper())

    async def _show_paper(self) -> None:
        try:
            while self.row is not None and self.row.id != self._read:
                row = self.row
                document = await self.till.ask(shifts.document, row.id)
                self._read = row.id
                self.paper.show(paper_of(row).name, document)
        finally:
            self._reading = False


def _day(typed: str, today: date) -> date:
    """The one day that was typed. Refuses: Invalid."""
    span = spans.parse(typed, today)
    if span.days != 1:
        raise Invalid(field="day", value=typed)
    return span.first
