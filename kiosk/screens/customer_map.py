"""Where customers live: a map of characters, nearer and farther, who is in a cell, and GeoJSON for map programs."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize

from kiosk.i18n import _, later, money_text, ngettext
from kiosk.money import Money
from kiosk.rules.map_grid import Grid
from kiosk.screens.back_room import BackRoom
from kiosk.screens.dialogs import Choose
from kiosk.screens.reading import Progress, Reading
from kiosk.screens.till import Till
from kiosk.screens.widgets.map_view import MapView
from kiosk.screens.widgets.status import Hint, Say
from kiosk.services import customer_map
from kiosk.services.customer_map import MOST_NAMED, Measure, Neighbour, Picture, Spot
from kiosk.services.shop import Shop

Work = Coroutine[Any, Any, None]

MEASURES: Final = {
    Measure.CUSTOMERS: later("Customers"),
    Measure.POINTS: later("Points"),
    Measure.TURNOVER: later("Turnover of a year"),
}
"""What a cell can stand for, in the order in which the key goes through them."""

_PAN_ROWS: Final = 4
_PAN_COLUMNS: Final = 16
"""Cells by which the map moves on where the chosen one would leave it."""
_NEAR: Final = 3
"""Cells around the middle that were one cell before the map came nearer."""


def _make(
    progress: Progress, shop: Shop, room: tuple[int, int], grid: Grid | None, measure: Measure, by: str
) -> Picture | None:
    return customer_map.look(shop, *room, grid=grid, measure=measure, by=by, progress=progress)


def _write(progress: Progress, shop: Shop, path: Path, by: str) -> tuple[Path, int]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path, customer_map.write_geojson(shop, path, by=by, progress=progress)


class CustomerMapScreen(BackRoom[None]):
    """A picture of the customers who have coordinates. Source: U-16."""

    TITLE_WORD: ClassVar[str] = later("CUSTOMER MAP")
    MAIN_KEY: ClassVar[str] = "customer_map.close"
    HINTS: ClassVar[Sequence[Hint]] = (
        ("+ -", later("nearer, farther")),
        ("Tab", later("next")),
        ("Enter", later("who")),
        ("Esc", later("back")),
    )
    READING: ClassVar[Sequence[Hint]] = (("Esc", later("stop")),)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "plus",
            "nearer",
            later("Nearer"),
            id="customer_map.nearer",
            tooltip=later("With the chosen place in the middle"),
        ),
        Binding("minus", "farther", later("Farther"), id="customer_map.farther", tooltip=later("More of the ground")),
        Binding("home", "all", later("All"), id="customer_map.all", tooltip=later("Everybody on one map")),
        Binding("enter", "who", later("Who"), id="customer_map.who", tooltip=later("Who lives in the chosen place")),
        Binding("tab", "next", later("Next"), id="customer_map.next", tooltip=later("The next place with customers")),
        Binding(
            "shift+tab", "previous", later("Previous"), id="customer_map.previous", tooltip=later("The place before")
        ),
        Binding(
            "f6", "measure", later("Figure"), id="customer_map.measure", tooltip=later("Customers, points or turnover")
        ),
        Binding("f10,g,G", "save", later("Save"), id="customer_map.save", tooltip=later("GeoJSON, for a map program")),
        Binding("f11", "lock", later("Lock"), id="customer_map.lock"),
        Binding("f12", "close", later("Back"), id="customer_map.close"),
        Binding("escape", "back", later("Back"), id="customer_map.back", tooltip=later("Stop reading; go back")),
        Binding("up", "up", later("Up"), id="customer_map.up", show=False),
        Binding("down", "down", later("Down"), id="customer_map.down", show=False),
        Binding("left", "left", later("To the left"), id="customer_map.left", show=False),
        Binding("right", "right", later("To the right"), id="customer_map.right", show=False),
        Binding("pageup", "page_up", later("A page up"), id="customer_map.page_up", show=False),
        Binding("pagedown", "page_down", later("A page down"), id="customer_map.page_down", show=False),
    ]

    def __init__(self, till: Till) -> None:
        super().__init__(till)
        self.picture: Picture | None = None
        """What is shown."""
        self._grid: Grid | None = None
        """What is wished for; None: everybody."""
        self._at: tuple[int, int] | None = None
        """The chosen cell of that; None: the one with the most."""
        self._measure = Measure.CUSTOMERS
        self._kept = self._wish
        self._snaps = False
        """Whether the chosen cell is the one near the middle in which somebody lives."""
        self._room = (0, 0)
        self._long = False
        self.map = MapView()
        self.reading: Reading[Picture | None] = Reading(self, self._arrived, self._slow, self._restore)
        self.saving: Reading[tuple[Path, int]] = Reading(self, self._saved, self._slow)

    def body(self) -> ComposeResult:
        """The map."""
        yield self.map

    def on_resize(self, event: Resize) -> None:
        """Another window shows another piece of the ground."""
        super().on_resize(event)
        self.call_after_refresh(self._look_at_room)

    def on_unmount(self) -> None:
        """Nobody waits for what is being read."""
        self.reading.stop()
        self.saving.stop()
        super().on_unmount()

    @property
    def chosen(self) -> Spot | None:
        """What is in the chosen cell; None: nobody."""
        if self.picture is None or self._at is None:
            return None
        return self.picture.spots.get(self._at)

    @property
    def _wish(self) -> tuple[Grid | None, tuple[int, int] | None, Measure]:
        return (self._grid, self._at, self._measure)

    # Keys

    def action_up(self) -> None:
        """A row up."""
        self._move(-1, 0)

    def action_down(self) -> None:
        """A row down."""
        self._move(1, 0)

    def action_left(self) -> None:
        """A column to the left."""
        self._move(0, -1)

    def action_right(self) -> None:
        """A column to the right."""
        self._move(0, 1)

    def action_page_up(self) -> None:
        """Half a map up."""
        self._pan(-max(1, self._room[0] // 2), 0)

    def action_page_down(self) -> None:
        """Half a map down."""
        self._pan(max(1, self._room[0] // 2), 0)

    def action_nearer(self) -> None:
        """Nearer, with the chosen cell in the middle."""
        self._zoom(1)

    def action_farther(self) -> None:
        """Farther away."""
        self._zoom(-1)

    def action_all(self) -> None:
        """Everybody."""
        self._grid = self._at = None
        self._read()

    def action_next(self) -> None:
        """The next cell in which somebody lives."""
        self._jump(1)

    def action_previous(self) -> None:
        """The one before."""
        self._jump(-1)

    def action_measure(self) -> None:
        """Customers, points, turnover."""
        order = tuple(MEASURES)
        self._measure = order[(order.index(self._measure) + 1) % len(order)]
        self._read()

    def action_who(self) -> Work | None:
        """Who lives in the chosen cell."""
        if self.picture is None or self._at is None or self.chosen is None:
            self.say(Say.ASK, _("Nobody lives here. Tab goes to the next place with customers."))
            return None
        return self._who(self.picture.grid, self._at, self.chosen)

    def action_save(self) -> Work | None:
        """As GeoJSON."""
        if self.picture is None:
            self.say(Say.ASK, _("Nobody has coordinates yet."))
            return None
        return self._save()

    def action_back(self) -> None:
        """Stop what takes so long, or go back."""
        if self._long and (self.reading.stop() or self.saving.stop()):
            self._long = False
            self.say(Say.ASK, _("Stopped."))
        else:
            self.dismiss()

    # Work

    async def _who(self, grid: Grid, at: tuple[int, int], spot: Spot) -> None:
        found: Sequence[Neighbour] = await self.till.ask(customer_map.who, grid, *at, by=self.till.by)
        asked = ngettext("{count} customer lives here.", "{count} customers live here.", spot.customers).format(
            count=spot.customers
        )
        if spot.customers > MOST_NAMED:
            asked += " " + _("These are the first {count}.").format(count=MOST_NAMED)
        place = await self.question(Choose(self.till, _("Customers"), asked, [_line(one) for one in found]))
        if place >= 0:
            from kiosk.screens.customer_history import CustomerHistoryScreen

            await self.in_front(CustomerHistoryScreen(self.till, found[place].id))

    async def _save(self) -> None:
        folder = self.till.exports
        if folder is None:
            self.say(Say.ERROR, _("No folder for exports is set up on this till."))
            return
        name = f"customer-map-{self.till.shop.clock.today().isoformat()}.geojson"
        await self.till.ask(customer_map.note_saved, name, by=self.till.by)
        self.saving.want(partial(_write, shop=self.till.shop, path=folder / name, by=self.till.by))

    def _saved(self, written: tuple[Path, int]) -> None:
        self._long = False
        self.say(Say.OK, _("Saved: {path}").format(path=str(written[0])))

    # Reading and showing

    def _look_at_room(self) -> None:
        if self.map.room != self._room and min(self.map.room) > 0:
            self._room = self.map.room
            self._at = None
            self._read()

    def _move(self, rows: int, columns: int) -> None:
        if self._at is None:
            return
        row, column = self._at[0] + rows, self._at[1] + columns
        if 0 <= row < self._room[0] and 0 <= column < self._room[1]:
            self._at = (row, column)
            self._show()
        else:
            self._pan(rows * _PAN_ROWS, columns * _PAN_COLUMNS)
            self._at = (row - rows * _PAN_ROWS, column - columns * _PAN_COLUMNS)

    def _pan(self, rows: int, columns: int) -> None:
        if self._grid is not None:
            self._grid = self._grid.panned(rows, columns)
            self._read()

    def _zoom(self, by: int) -> None:
        if self._grid is None or self._at is None:
            return
        zoomed = self._grid.zoomed(by, self._grid.place_of(*self._at))
        if zoomed.step == self._grid.step:
            self.say(Say.ASK, _("The map goes no nearer.") if by > 0 else _("The map goes no farther."))
            return
        self._grid, self._at, self._snaps = zoomed, zoomed.cell_of(zoomed.middle), by > 0
        self._read()

    def _jump(self, by: int) -> None:
        if self.picture is None or not self.picture.spots:
            self.say(Say.ASK, _("Nobody lives on this piece of the map. Home shows everybody."))
            return
        places = sorted(self.picture.spots)
        at = self._at or places[0]
        after = [place for place in places if place > at] if by > 0 else [place for place in places if place < at]
        ahead = (after or places) if by > 0 else (after or places)[::-1]
        self._at = ahead[0]
        self._show()

    def _read(self) -> None:
        """What is shown stays until the new picture is here."""
        self._long = False
        self.reading.want(
            partial(
                _make,
                shop=self.till.shop,
                room=self._room,
                grid=self._grid,
                measure=self._measure,
                by=self.till.by,
            )
        )

    def _slow(self, done: int, of: int) -> None:
        self._long = True
        said = _("Reading ... {percent} %").format(percent=100 * done // of) if of else _("Reading ...")
        self.say(Say.QUIET, said, self.READING)

    def _arrived(self, picture: Picture | None) -> None:
        self.picture, self._long = picture, False
        if picture is not None:
            self._grid = picture.grid
            if self._at is None:
                middle = (picture.grid.rows // 2, picture.grid.columns // 2)
                self._at = max(sorted(picture.spots), key=lambda at: picture.spots[at].amount, default=middle)
        if picture is not None and self._snaps and self._at is not None:
            self._at = _nearest(picture, self._at)
        self._snaps = False
        self._kept = self._wish
        self._show()

    def _restore(self) -> None:
        """Nothing came: what is chosen is again what is shown."""
        self._grid, self._at, self._measure = self._kept
        self._long = False

    def _show(self) -> None:
        picture = self.picture
        title = _(MEASURES[self._measure])
        if picture is not None:
            title += " · " + _("{count} of {all} on the map").format(count=picture.shown, all=picture.placed)
        self.map.show(title, picture, self._at, empty=_("No customer has coordinates yet."))
        self.say(Say.QUIET, "" if self.chosen is None else self._says(self.chosen))

    def _says(self, spot: Spot) -> str:
        said = ngettext("{count} customer", "{count} customers", spot.customers).format(count=spot.customers)
        if self._measure is Measure.POINTS:
            said += " · " + _points(spot.amount)
        elif self._measure is Measure.TURNOVER:
            said += f" · {money_text(Money(spot.amount))}"
        return said


def _nearest(picture: Picture, at: tuple[int, int]) -> tuple[int, int]:
    """The nearest cell in which somebody lives, of those that were one cell before the map came nearer."""
    near = [
        (row, column)
        for row, column in sorted(picture.spots)
        if abs(row - at[0]) <= _NEAR and abs(column - at[1]) <= _NEAR
    ]
    return min(near, key=lambda spot: (spot[0] - at[0]) ** 2 + (spot[1] - at[1]) ** 2, default=at)


def _points(count: int) -> str:
    return ngettext("{count} point", "{count} points", count).format(count=count)


def _line(one: Neighbour) -> str:
    parts = [one.called, f"#{one.number}", *([_points(one.points)] if one.points else [])]
    return " · ".join([*parts, *([_("banned")] if one.banned else [])])
