"""Past receipts as they are found: the latest question only, page after page, the newest first."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any, Final

from kiosk.errors import Invalid, ShopError
from kiosk.i18n import _, date_text, later, money_text, time_text
from kiosk.receipts.paper import Document
from kiosk.rules.permissions import Action
from kiosk.screens.base import TillScreen
from kiosk.screens.till import Till
from kiosk.screens.widgets.table import HIDDEN, Column
from kiosk.services import history, staff
from kiosk.services.history import Row
from kiosk.services.shop import Shop

PAGE: Final = 60
"""Receipts that are asked for at once."""

UNPRINTED: Final = "!"


def has_printer(till: Till) -> bool:
    """Whether paper comes out of this till at all."""
    return till.lamps["print"].text != "off"


def look_for(shop: Shop, by: str, words: str, *, day: date | None, before: str | None = None) -> tuple[Row, ...]:
    """A page of receipts, for those who may see them. Refuses: Denied, Invalid (a day that does not exist)."""
    staff.require(shop, by, Action.SEE_HISTORY)
    return history.find(shop, words, day=day, before=before, limit=PAGE)


def read(shop: Shop, by: str, sale: str) -> Document:
    """A receipt as it was printed, for those who may see it. Refuses: Denied, NotFound."""
    staff.require(shop, by, Action.SEE_HISTORY)
    return history.view(shop, sale)


class ReceiptsFound:
    """The receipts that fit what was typed, as far as they were looked at."""

    def __init__(self, screen: TillScreen[Any], arrived: Callable[[], None]) -> None:
        """``arrived`` is called when there are others than before."""
        self._screen = screen
        self._arrived = arrived
        self._asking = False
        self._asked: tuple[str, date | None] | None = None
        self._wanted: tuple[str, date | None] = ("", None)
        self._refused: ShopError | None = None
        self.rows: tuple[Row, ...] = ()
        self.complete = False
        """Whether there are no earlier ones."""

    def want(self, words: str, day: date | None) -> None:
        """Look for something, soon; what is overtaken by the next wish is never asked for."""
        self._wanted = (words, day)
        if self._wanted != self._asked and not self._asking:
            self._asking = True
            self._screen.alongside(self._look())

    def forget(self) -> None:
        """What was found is not true any more; the next look finds it anew."""
        self._asked = None

    async def now(self) -> tuple[Row, ...]:
        """What fits the last wish, awaited if it is not here yet. Refuses: as ``look_for``."""
        if self._wanted != self._asked:
            await self._ask()
        if self._refused is not None:
            raise self._refused
        return self.rows

    async def earlier(self) -> None:
        """Add a page of earlier receipts."""
        words, day = await self._settled()
        if self.complete or not self.rows:
            return
        before = self.rows[-1].sale
        till = self._screen.till
        more = await till.ask(look_for, till.by, words, day=day, before=before)
        if self._asked == (words, day):
            self.rows, self.complete = (*self.rows, *more), len(more) < PAGE

    async def _settled(self) -> tuple[str, date | None]:
        await self.now()
        return self._wanted

    async def _look(self) -> None:
        """While somebody types, a day that does not exist is only half a day that does."""
        try:
            while self._wanted != self._asked:
                with suppress(Invalid):
                    await self._ask()
                self._arrived()
        finally:
            self._asking = False

    async def _ask(self) -> None:
        wanted = self._wanted
        words, day = wanted
        till = self._screen.till
        try:
            found = await till.ask(look_for, till.by, words, day=day)
        except ShopError as error:
            self._asked, self._refused, self.rows, self.complete = wanted, error, (), True
            raise
        self._asked, self._refused, self.rows, self.complete = wanted, None, found, len(found) < PAGE


COLUMNS: Final = (
    Column(later("No."), 6, align="right"),
    Column(later("Day"), HIDDEN, wide=10),
    Column(later("When"), 6, wide=HIDDEN),
    Column(later("Time"), HIDDEN, wide=5),
    Column(later("Who"), 0),
    Column(later("Items"), HIDDEN, wide=7, align="right"),
    Column(later("Total"), 9, wide=12, align="right"),
    Column(later("Paid by"), 8, wide=16),
    Column("", 1),
)
"""The columns of the list."""

_KINDS: Final = {"void": later("Void"), "return": later("Return")}
"""What is said of a receipt that only gives back, instead of how it was paid."""


def cells_of(row: Row, today: date, *, mark: bool) -> tuple[str, ...]:
    """A receipt as the list shows it; ``mark``: the last cell is a sign if it has not come out of the printer."""
    day = row.at.date()
    return (
        str(row.number),
        date_text(day),
        time_text(row.at) if day == today else _short(day),
        time_text(row.at),
        row.staff.split(" ", 1)[0],
        str(row.items),
        money_text(row.total),
        _(_KINDS[row.kind]) if row.kind in _KINDS else ", ".join(row.tenders),
        UNPRINTED if mark and not row.printed else "",
    )


def _short(day: date) -> str:
    """A day without its year, which the column has no room for."""
    return date_text(day)[:6].rstrip("/-")
