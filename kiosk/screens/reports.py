"""What was sold, by whom, when: the list of reports at the left, the picture of the chosen one at the right."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from kiosk.errors import Denied, Invalid
from kiosk.i18n import _, later, money_text
from kiosk.i18n.sentences import sentence
from kiosk.money import Money
from kiosk.receipts import report as papers
from kiosk.receipts.report import FIGURES, Report, cell_text, of_whom, size, span_text
from kiosk.rules import spans
from kiosk.rules.permissions import Action, State
from kiosk.rules.spans import Span
from kiosk.screens.back_room import BackRoom
from kiosk.screens.base import Press
from kiosk.screens.dialogs import AskText, Choose, Keys
from kiosk.screens.reading import Progress, Reading
from kiosk.screens.receipts_found import has_printer
from kiosk.screens.till import Till
from kiosk.screens.widgets.bars import SHADE, BarTable, Chart, Head
from kiosk.screens.widgets.choice_list import Choice, ChoiceList
from kiosk.screens.widgets.status import Hint, Say
from kiosk.services import customer_lists, report_files, reports, staff
from kiosk.services.reports import Choices
from kiosk.services.shop import Shop

Work = Coroutine[Any, Any, None]

SPANS: Final = (
    later("Today"),
    later("Yesterday"),
    later("This week"),
    later("Last week"),
    later("This month"),
    later("Last month"),
    later("This year"),
    later("Last year"),
)
"""The words for ``spans.NAMES``."""

MAP: Final = len(customer_lists.NAMES)
"""The place of the customers' map, behind their lists."""

MOST_SHOWN: Final = 1000
MOST_IN_PDF: Final = 2000
"""Rows."""


def _make(
    progress: Progress, shop: Shop, name: str, span: Span, *, lane: str | None, person: str | None, by: str
) -> Report:
    read = customer_lists.read if name in customer_lists.NAMES else reports.read
    return read(shop, name, span, lane=lane, person=person, by=by, progress=progress)


@dataclass(frozen=True, slots=True)
class _Doors:
    """What can be chosen from, and whether customers may be seen."""

    choices: Choices
    customers: bool


def _look(shop: Shop, by: str) -> _Doors:
    see = staff.permission(shop, by, Action.SEE_CUSTOMERS) is State.ALLOWED
    return _Doors(reports.choices(shop, by), see)


class ReportsScreen(BackRoom[None]):
    """Reports over days, of all lanes and people or of one. Source: Q-22, D7-04, UX.md 4.7 (Manager)."""

    CSS_PATH = "reports.tcss"
    TITLE_WORD: ClassVar[str] = later("REPORTS")
    MAIN_KEY: ClassVar[str] = "reports.close"
    HINTS: ClassVar[Sequence[Hint]] = (
        ("1-9", later("report")),
        ("PgUp PgDn", later("period")),
        ("F2", later("days")),
        ("Esc", later("back")),
    )
    READING: ClassVar[Sequence[Hint]] = (("Esc", later("stop")),)
    TYPING: ClassVar[Sequence[Hint]] = (("1-9", later("Show the report of this number")),)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "days", later("Days"), id="reports.days", tooltip=later("Which days: today, a month, from - to")),
        Binding("f3", "person", later("Who"), id="reports.person", tooltip=later("Of everybody, or of one person")),
        Binding("f4", "lane", later("Till"), id="reports.lane", tooltip=later("Of all tills, or of one")),
        Binding(
            "f5",
            "customers",
            later("Lists"),
            id="reports.customers",
            tooltip=later("Lists of customers and their map; the reports again"),
        ),
        Binding(
            "f6", "order", later("Order"), id="reports.order", tooltip=later("In another order: by amount, by number")
        ),
        Binding("f8", "print", later("Print"), id="reports.print", tooltip=later("On the receipt printer")),
        Binding("f10", "save", later("Save"), id="reports.save", tooltip=later("As a file: CSV or PDF")),
        Binding("f11", "lock", later("Lock"), id="reports.lock"),
        Binding("f12", "close", later("Back"), id="reports.close"),
        Binding("left,pageup", "before", later("Before"), id="reports.before", tooltip=later("The period before")),
        Binding("right,pagedown", "after", later("After"), id="reports.after", tooltip=later("The period after")),
        Binding("tab,plus", "next", later("Next"), id="reports.next", tooltip=later("The next report"), show=False),
        Binding(
            "shift+tab,minus",
            "previous",
            later("Previous"),
            id="reports.previous",
            tooltip=later("The report before"),
            show=False,
        ),
        Binding("up", "up", later("Up"), id="reports.up", tooltip=later("A row up"), show=False),
        Binding("down", "down", later("Down"), id="reports.down", tooltip=later("A row down"), show=False),
        Binding("home", "top", later("Top"), id="reports.top", tooltip=later("The first row"), show=False),
        Binding("end", "bottom", later("End"), id="reports.bottom", tooltip=later("The last row"), show=False),
        Binding("space", "page", later("Page"), id="reports.page", tooltip=later("A page of rows down"), show=False),
        Binding("escape", "back", later("Back"), id="reports.back", tooltip=later("Stop reading; go back")),
    ]

    def __init__(self, till: Till) -> None:
        super().__init__(till)
        self._chosen = reports.NAMES[0]
        self._span = spans.named("this-week", self._today)
        self._lane: str | None = None
        self._person: str | None = None
        self._doors = _Doors(Choices((), ()), customers=False)
        self._order = 0
        self.report: Report | None = None
        """What is shown."""
        self.list = ChoiceList(id="reports-list")
        self.chart = Chart()
        self.table = BarTable()
        self.reading: Reading[Report] = Reading(self, self._arrived, self._slow, self._restore)
        self._long = False
        """Whether it has been said that reading takes its time."""
        self._kept = self._wish

    def body(self) -> ComposeResult:
        """The list and the chart, and the table."""
        with Horizontal(id="body"):
            with Vertical(id="reports-side"):
                yield self.list
                yield self.chart
            yield self.table

    def on_mount(self) -> None:
        """Look who and what there is; keys wait until it is known."""
        self.work(self._open())

    def on_unmount(self) -> None:
        """Nobody waits for what is being read."""
        self.reading.stop()
        super().on_unmount()

    @property
    def _names(self) -> tuple[str, ...]:
        """The reports, or the lists of customers: whichever the chosen one is of."""
        return customer_lists.NAMES if self._chosen in customer_lists.NAMES else reports.NAMES

    @property
    def _today(self) -> Any:
        clock = self.till.shop.clock
        return clock.business_date(clock.now())

    @property
    def _wish(self) -> tuple[str, Span, str | None, str | None, int]:
        return (self._chosen, self._span, self._lane, self._person, self._order)

    # Keys

    def takes(self, press: Press) -> bool:
        """Digits choose a report."""
        return press.character.isascii() and press.character.isdigit()

    def typed(self, character: str) -> Work | None:
        """Show the report of this number."""
        place = int(character) - 1 if character.isascii() and character.isdigit() else -1
        if 0 <= place < len(self._names):
            self._choose(place)
        elif place == MAP and self._names is customer_lists.NAMES:
            return self._open_map()
        else:
            self.say(Say.ASK, _("There is no report with this number."))
        return None

    def action_next(self) -> None:
        """The next report."""
        self._choose((self._names.index(self._chosen) + 1) % len(self._names))

    def action_previous(self) -> None:
        """The report before."""
        self._choose((self._names.index(self._chosen) - 1) % len(self._names))

    def action_customers(self) -> None:
        """The lists of customers, or the reports again."""
        if self._names is customer_lists.NAMES:
            self._chosen = reports.NAMES[0]
        elif self._doors.customers:
            self._chosen = customer_lists.NAMES[0]
        else:
            raise Denied(action=Action.SEE_CUSTOMERS)
        self._choose(0)

    def action_before(self) -> None:
        """The period before."""
        self._go(self._span.before())

    def action_after(self) -> None:
        """The period after; nothing was sold tomorrow, but birthdays are to come."""
        after = self._span.after()
        if after.first > self._today and self._chosen != "birthdays":
            self.say(Say.ASK, _("Nothing was sold after today."))
        else:
            self._go(after)

    def action_order(self) -> None:
        """Put the rows in another order."""
        report = self.report
        if report is None or len(report.orders) < 2:
            self.say(Say.ASK, _("These rows have one order only."))
            return
        self._order = (self._order + 1) % len(report.orders)
        self._show()
        column = report.columns[report.orders[self._order]]
        self.say(Say.OK, _("The most first: {column}.").format(column=_(column.title)))

    def action_up(self) -> None:
        """A row up."""
        self.table.scroll(-1)

    def action_down(self) -> None:
        """A row down."""
        self.table.scroll(1)

    def action_page(self) -> None:
        """A page down."""
        self.table.scroll(self.table.page)

    def action_top(self) -> None:
        """To the first row."""
        self.table.scroll(-len(self.table.lines))

    def action_bottom(self) -> None:
        """To the last row."""
        self.table.scroll(len(self.table.lines))

    def action_back(self) -> None:
        """Stop what takes so long, or go back."""
        if self._long and self.reading.stop():
            self.say(Say.ASK, _("Stopped. The figures that you see are those from before."))
        else:
            self.dismiss()

    def action_days(self) -> Work:
        """Which days."""
        return self._ask_days()

    def action_person(self) -> Work:
        """Whose figures."""
        return self._ask_person()

    def action_lane(self) -> Work:
        """Which till's figures."""
        return self._ask_lane()

    def action_print(self) -> Work | None:
        """On the receipt printer."""
        report = self._shown()
        return None if report is None else self._print(report)

    def action_save(self) -> Work | None:
        """As a file."""
        report = self._shown()
        return None if report is None else self._save(report)

    # Work

    async def _open(self) -> None:
        self._doors = await self.till.ask(_look, self.till.by)
        self._choose(0)

    async def _open_map(self) -> None:
        from kiosk.screens.customer_map import CustomerMapScreen

        await self.in_front(CustomerMapScreen(self.till))

    async def _ask_days(self) -> None:
        words = [*(_(word) for word in SPANS), _("From - to ...")]
        place = await self.question(Choose(self.till, _("Days"), _("Which days?"), words))
        if place < 0:
            return
        if place < len(spans.NAMES):
            self._go(spans.named(spans.NAMES[place], self._today))
            return
        asked = _("A day, a month, a year, or from - to: 22.11. or 1.11.-22.11. or 11.2026")
        while True:
            typed = await self.question(AskText(self.till, _("Days"), asked, longest=spans.LONGEST))
            if not typed:
                return
            try:
                self._go(spans.parse(typed, self._today))
            except Invalid as error:
                asked = sentence(error) + " " + _("Such as 22.11. or 1.11.-22.11. or 11.2026")
            else:
                return

    async def _ask_person(self) -> None:
        names = [_("Everybody"), *(name for _id, name in self._doors.choices.people)]
        place = await self.question(Choose(self.till, _("Who"), _("Whose figures?"), names))
        if place >= 0:
            self._person = self._doors.choices.people[place - 1][0] if place else None
            self._read()

    async def _ask_lane(self) -> None:
        lanes = [_("All tills"), *self._doors.choices.lanes]
        place = await self.question(Choose(self.till, _("Till"), _("Which till's figures?"), lanes))
        if place >= 0:
            self._lane = self._doors.choices.lanes[place - 1] if place else None
            self._read()

    async def _print(self, report: Report) -> None:
        if not has_printer(self.till):
            self.say(Say.ERROR, _("No printer is set up here."))
            return
        await self.till.ask(report_files.print_report, report, by=self.till.by)
        self.till.paper_queued()
        self.say(Say.OK, _("The report goes to the printer."))

    async def _save(self, report: Report) -> None:
        folder = self.till.exports
        if folder is None:
            self.say(Say.ERROR, _("No folder for exports is set up on this till."))
            return
        keys = {"C": later("CSV, for a spreadsheet"), "P": later("PDF, to print")}
        ending = await self.question(Keys(self.till, _("Save"), _("As what kind of file?"), keys))
        if not ending:
            return
        name = report_files.file_name(report, ".csv" if ending == "C" else ".pdf", person=self._person)
        await self.till.ask(report_files.note_saved, report, name, by=self.till.by)
        write = _write_csv if ending == "C" else _write_pdf
        await asyncio.to_thread(write, self.till.shop, report, folder / name)
        self.say(Say.OK, _("Saved: {path}").format(path=str(folder / name)))

    def _shown(self) -> Report | None:
        """What is on the screen, unless something else is on its way there."""
        if self.report is None or self.reading.going:
            self.say(Say.ASK, _("The figures are not here yet."))
            return None
        return self._ordered(self.report)

    # Reading and showing

    def _choose(self, place: int) -> None:
        self._chosen, self._order = self._names[place], 0
        self._show_list()
        self._read()

    def _go(self, span: Span) -> None:
        self._span = span
        self._read()

    def _read(self) -> None:
        """What is shown stays until the new figures are here."""
        self._long = False
        self.say(Say.QUIET, "")
        self.reading.want(
            partial(
                _make,
                shop=self.till.shop,
                name=self._chosen,
                span=self._span,
                lane=self._lane,
                person=self._person,
                by=self.till.by,
            )
        )

    def _slow(self, done: int, of: int) -> None:
        self._long = True
        said = _("Reading ... {percent} %").format(percent=100 * done // of) if of else _("Reading ...")
        self.say(Say.QUIET, said, self.READING)

    def _arrived(self, report: Report) -> None:
        self.report, self._kept, self._long = report, self._wish, False
        if self.status.kind is Say.QUIET:
            self.say(Say.QUIET, "")
        self._show()

    def _restore(self) -> None:
        """Nothing came: what is chosen is again what is shown."""
        self._chosen, self._span, self._lane, self._person, self._order = self._kept
        self._long = False
        self._show_list()

    def _show_list(self) -> None:
        of_customers = self._names is customer_lists.NAMES
        titles = [papers.title_of(name) for name in self._names] + ([later("Customer map")] if of_customers else [])
        choices = [Choice(_(title), key=str(number)) for number, title in enumerate(titles, start=1)]
        self.list.show(_("Customers") if of_customers else _("Reports"), choices, self._names.index(self._chosen))

    def _ordered(self, report: Report) -> Report:
        return report.ordered(report.orders[self._order]) if self._order else report

    def _show(self) -> None:
        report = self.report
        if report is None:
            return
        report = self._ordered(report)
        self._show_table(report)
        if report.name in customer_lists.NAMES:
            self.chart.show(_(report.title), (*_two_lines(report.span), of_whom(report)), ())
            return
        whom = of_whom(report) or _("All tills, everybody")
        self.chart.show(_("Turnover"), (*_two_lines(report.span), whom, *self._highest(report)), report.trend)

    def _highest(self, report: Report) -> tuple[str, ...]:
        most = max(report.trend, default=0)
        if len(report.trend) < 2 or most <= 0:
            return ()
        said = _("Best day {amount}")
        if report.span.days == 1:
            said = _("Best hour {amount}")
        elif report.span.days > reports.MOST_DAYS:
            said = _("Best month {amount}")
        return (said.format(amount=money_text(Money(most))),)

    def _show_table(self, report: Report) -> None:
        kinds = [column.kind for column in report.columns]
        rows = report.rows[:MOST_SHOWN]
        lines = [tuple(cell_text(cell, kind) for cell, kind in zip(row, kinds, strict=True)) for row in rows]
        totals = tuple(cell_text(cell, kind) for cell, kind in zip(report.totals, kinds, strict=False))
        foot = ""
        if report.shades is not None and report.compared is not None:
            foot = f"{SHADE} {span_text(report.compared)}"
        elif report.shades is not None:
            foot = f"{SHADE} {_(report.columns[report.shades].title)}"
        if len(rows) < len(report.rows):
            foot = _("F10 saves all {count}").format(count=len(report.rows))
        if report.more:
            foot = " · ".join(filter(None, (foot, _("{count} more").format(count=report.more))))
        self.table.show(
            f"{_(report.title)} · {span_text(report.span)}",
            [Head(_(column.title), column.kind in FIGURES, column.rank) for column in report.columns],
            [(line[0] or "-", *line[1:]) for line in lines],
            totals=(_("Total"), *totals[1:]) if totals else (),
            bars=[] if report.bars is None else [size(row[report.bars]) for row in rows],
            behind=[] if report.shades is None else [size(row[report.shades]) for row in rows],
            empty=_("There is nothing in these days."),
            foot=foot,
        )


def _two_lines(span: Span) -> tuple[str, ...]:
    """A span that has room beside the list."""
    first, dash, last = span_text(span).partition(" - ")
    return (first + dash.rstrip(), last) if dash else (first,)


def _write_csv(shop: Shop, report: Report, path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    report_files.write_csv(shop, report, path)


def _write_pdf(shop: Shop, report: Report, path: Path) -> None:
    from kiosk.receipts.pdf import as_pdf
    from kiosk.services.files import whole_file

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    document = papers.lay_out(report, shop.settings.name, most=MOST_IN_PDF, training=shop.training)
    drawn = as_pdf(document, title=_(report.title))
    with whole_file(path) as file:
        file.write(drawn)
