"""What a customer bought, and how his points came and went: two lists (T-16, T-17, K-14)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType

from kiosk.i18n import _, date_text, later, time_text
from kiosk.screens.back_room import BackRoom
from kiosk.screens.base import key
from kiosk.screens.customer_points import change, points_text
from kiosk.screens.preview import PreviewScreen
from kiosk.screens.receipts_found import UNPRINTED, cells_of, has_printer
from kiosk.screens.till import Till
from kiosk.screens.widgets.cells import Cells, Row, fit, split_row
from kiosk.screens.widgets.status import Hint, Say
from kiosk.screens.widgets.table import Column, Table
from kiosk.services import customer_history, customers, points

if TYPE_CHECKING:
    from kiosk.services import history
    from kiosk.services.customer_history import Movement
    from kiosk.services.shop import Shop

Line = TypeVar("Line")

Work = Coroutine[Any, Any, None]

PAGE: Final = 60
"""Lines that are asked for at once."""

SALES: Final = (
    Column(later("No."), 6, align="right"),
    Column(later("Till"), 6),
    Column(later("Day"), 10),
    Column(later("Time"), 5),
    Column(later("Who"), 0),
    Column(later("Total"), 11, wide=12, align="right"),
    Column(later("Paid by"), 14, wide=24),
    Column("", 1),
)
LOYALTY: Final = (
    Column(later("Day"), 10),
    Column(later("Time"), 5),
    Column(later("Why"), 0),
    Column(later("Receipt"), 9, align="right"),
    Column(later("Points"), 8, align="right"),
    Column(later("Left"), 8, align="right"),
    Column(later("Who"), 10),
)
_SHOWN_AS: Final = {
    "points.adjusted": later("By hand"),
    "sale": later("Sale"),
    "exchange": later("Exchange"),
    "return": later("Return"),
    "void": later("Void"),
}
"""Why points moved, where nobody wrote a reason."""


@dataclass(frozen=True, slots=True)
class Known:
    """Who it is, and what he has."""

    called: str
    number: int
    points: int


def look(shop: Shop, customer: str, by: str) -> Known:
    """Whoever is shown. Refuses: NotFound, Denied."""
    found = customers.get(shop, customer, by=by)
    return Known(found.called, found.number, points.held(shop, found.id))


class Heading(Cells):
    """Who it is, the two lists, and the pill with the points (T-16)."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"cell--initial", "cell--customer"}

    def __init__(self) -> None:
        super().__init__()
        self._known: Known | None = None
        self._lists: tuple[tuple[str, bool], ...] = ()

    def show(self, known: Known | None, lists: Sequence[tuple[str, bool]]) -> None:
        """Show somebody; each list by its name, and whether it is the one that is seen."""
        self._known, self._lists = known, tuple(lists)
        self.redraw()

    def rows(self, width: int, height: int) -> list[Row]:
        """One row."""
        del height
        if self._known is None:
            return []
        tabs = [("chosen" if seen else "muted", f" {name} ") for name, seen in self._lists]
        right: Row = (*tabs, ("text", "  "), ("initial", f" {points_text(self._known.points)} "))
        room = max(0, width - sum(len(text) for _style, text in right) - 2)
        number = f" #{self._known.number}"
        name = fit(self._known.called, max(0, room - len(number))).rstrip()
        return [split_row((("customer", f" {name}"), ("muted", number)), right, width)]


class Paged(Generic[Line]):
    """One of the two lists, as far as it was read, the newest line first."""

    def __init__(
        self,
        name: str,
        columns: Sequence[Column],
        *,
        page: Callable[[str | None], Coroutine[Any, Any, tuple[Line, ...]]],
        place: Callable[[Line], str],
        cells: Callable[[Line], tuple[str, ...]],
        empty: str,
    ) -> None:
        """``page`` asks for the lines before one that ``place`` names; ``name`` and ``empty`` are English."""
        self.name = name
        self.table = Table(columns)
        self._page, self._place, self._cells, self._empty = page, place, cells, empty
        self._rows: tuple[Line, ...] = ()
        self._complete = False
        """Whether there are no earlier ones."""

    @property
    def chosen(self) -> Line | None:
        """The chosen line."""
        return self._rows[self.table.chosen] if self._rows else None

    def reaches(self, place: int) -> bool:
        """Whether a line can be chosen without reading earlier ones."""
        return self._complete or place < len(self._rows)

    async def read(self) -> None:
        """Read the newest anew."""
        self._rows = await self._page(None)
        self._complete = len(self._rows) < PAGE
        self.show(0)

    async def read_to(self, place: int) -> None:
        """Read earlier ones until this line is here, and choose it."""
        while not self.reaches(place):
            more = await self._page(self._place(self._rows[-1]))
            self._rows, self._complete = (*self._rows, *more), len(more) < PAGE
        self.show(place)

    def show(self, chosen: int | None = None) -> None:
        """Draw the lines."""
        self.table.show(
            _(self.name),
            [self._cells(row) for row in self._rows],
            self.table.chosen if chosen is None else chosen,
            empty=_(self._empty),
            foot="" if self._complete else _("PgDn") + ": " + _("earlier"),
        )


class CustomerHistoryScreen(BackRoom[None]):
    """The receipts of a customer, or how his points moved; Enter opens the receipt of either. Source: T-16, T-17."""

    CSS_PATH = "customer_history.tcss"
    TITLE_WORD: ClassVar[str] = later("CUSTOMER")
    MAIN_KEY: ClassVar[str] = "customer_history.close"
    HINTS: ClassVar[Sequence[Hint]] = (
        ("Tab", later("the other list")),
        ("Enter", later("receipt")),
        ("F6", later("points")),
        ("PgDn", later("earlier")),
        ("Esc", later("back")),
    )
    TYPING: ClassVar[Sequence[Hint]] = ((UNPRINTED, later("Beside a receipt: it has not come out of the printer yet")),)
    BINDINGS: ClassVar[list[BindingType]] = [
        key("f3", "customer_history.edit", later("Edit"), later("Change the customer")),
        key("f6", "customer_history.points", later("Points"), later("Add or remove points by hand")),
        key("f11", "customer_history.lock", later("Lock")),
        key("f12,escape", "customer_history.close", later("Back"), later("Back to where one came from")),
        key("tab,left,right", "customer_history.other", later("List"), later("Sales, or how the points moved")),
        key("enter", "customer_history.open", later("Open"), later("The receipt of the chosen line"), show=False),
        key("up,minus", "customer_history.up", later("Up"), later("The later line"), show=False),
        key("down,plus", "customer_history.down", later("Down"), later("The earlier line"), show=False),
        key("pageup", "customer_history.later", later("Later"), later("A page later"), show=False),
        key("pagedown", "customer_history.earlier", later("Earlier"), later("A page earlier"), show=False),
        key("home", "customer_history.first", later("Newest"), later("The newest line"), show=False),
    ]

    def __init__(self, till: Till, customer_id: str) -> None:
        super().__init__(till)
        self._customer = customer_id
        self._known: Known | None = None
        self.heading = Heading()
        self.sales: Paged[history.Row] = Paged(
            later("Sales"),
            SALES,
            page=self._sales,
            place=lambda row: row.sale,
            cells=self._sale_cells,
            empty=later("No receipt is this customer's yet."),
        )
        self.loyalty: Paged[Movement] = Paged(
            later("Loyalty"),
            LOYALTY,
            page=self._movements,
            place=lambda move: move.entry,
            cells=self._move_cells,
            empty=later("No points have moved yet."),
        )
        self.seen: Paged[Any] = self.sales
        """The list that is shown."""

    def body(self) -> ComposeResult:
        """Who it is, and the list that is seen."""
        yield self.heading
        yield self.sales.table
        yield self.loyalty.table

    def on_mount(self) -> None:
        """Read it; keys wait until it is there."""
        self.loyalty.table.display = False
        self.work(self._open())

    def shop_changed(self) -> None:
        """The language may be another one."""
        super().shop_changed()
        self._show()

    # Keys

    def action_edit(self) -> Work:
        """Change the customer."""
        return self._edit()

    def action_points(self) -> Work:
        """Add or remove points by hand."""
        return self._adjust()

    def action_other(self) -> Work | None:
        """The other list."""
        self.seen = self.sales if self.seen is self.loyalty else self.loyalty
        for one in (self.sales, self.loyalty):
            one.table.display = one is self.seen
        self._show()
        self.say(Say.QUIET, "")
        return None

    def action_open(self) -> None:
        """The receipt of the chosen line."""
        line = self.seen.chosen
        sale, number = getattr(line, "sale", None), getattr(line, "number", None)
        if sale is not None and number is not None:
            self.app.push_screen(PreviewScreen(self.till, sale, number))
        elif line is None:
            self.say(Say.ERROR, _("There is no receipt to open."))
        else:
            self.say(Say.ASK, self._told(line))

    def action_up(self) -> Work | None:
        """The line above."""
        return self._move(-1)

    def action_down(self) -> Work | None:
        """The line below."""
        return self._move(1)

    def action_later(self) -> Work | None:
        """A page up."""
        return self._move(-self.seen.table.page)

    def action_earlier(self) -> Work | None:
        """A page down."""
        return self._move(self.seen.table.page)

    def action_first(self) -> Work | None:
        """The newest."""
        return self._move(-self.seen.table.chosen)

    # Work

    async def _open(self) -> None:
        self._known = await self.till.ask(look, self._customer, self.till.by)
        await self.sales.read()
        await self.loyalty.read()
        self._show()

    async def _sales(self, before: str | None) -> tuple[history.Row, ...]:
        return await self.till.ask(customer_history.sales, self._customer, by=self.till.by, before=before, limit=PAGE)

    async def _movements(self, before: str | None) -> tuple[Movement, ...]:
        return await self.till.ask(customer_history.loyalty, self._customer, by=self.till.by, before=before, limit=PAGE)

    async def _edit(self) -> None:
        from kiosk.screens.customer_form import CustomerFormScreen

        saved = await self.in_front(CustomerFormScreen(self.till, customer=self._customer))
        await self._open()
        self.say(Say.QUIET, _("Nothing was saved.")) if saved is None else self.say(Say.OK, _("Saved."))

    async def _adjust(self) -> None:
        if await change(self, self._customer) is not None:
            await self._open()

    def _move(self, by: int) -> Work | None:
        """Move in what is here; beyond its end, read what is earlier first."""
        place = self.seen.table.chosen + by
        if not self.seen.reaches(place):
            return self.seen.read_to(place)
        self.seen.table.move(by)
        return None

    # Showing

    def _show(self) -> None:
        self.heading.show(self._known, [(_(one.name), one is self.seen) for one in (self.sales, self.loyalty)])
        self.sales.show()
        self.loyalty.show()

    def _sale_cells(self, row: history.Row) -> tuple[str, ...]:
        number, day, _when, time, who, _items, total, paid, mark = cells_of(
            row, self.till.shop.clock.today(), mark=has_printer(self.till)
        )
        return (number, row.lane, day, time, who, total, paid, mark)

    def _move_cells(self, move: Movement) -> tuple[str, ...]:
        people = [name.split(" ", 1)[0] for name in (move.who, move.approved_by) if name]
        return (
            date_text(move.at.date()),
            time_text(move.at),
            _why(move),
            "" if move.number is None else str(move.number),
            f"{move.amount:+d}",
            str(move.held),
            ", ".join(people),
        )

    def _told(self, move: Movement) -> str:
        return _("No receipt: {reason}").format(reason=_why(move))


def _why(move: Movement) -> str:
    """The reason that was given, in the language that is spoken if it is one of the shop's; or what it was."""
    if move.reason:
        return _(move.reason)
    return _(_SHOWN_AS[move.kind]) if move.kind in _SHOWN_AS else move.kind
