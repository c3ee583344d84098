"""The parked sales: who waits for how long with what; taken up again, renamed, locked, deleted (T-11, D4-01)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, ClassVar, Final, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from kiosk.clock import from_millis
from kiosk.devices.wedge import FAST
from kiosk.errors import NeedsApproval, NotFound, OtherVersion, ShopError
from kiosk.i18n import _, later, money_text, ngettext, quantity_text, stamp_text
from kiosk.i18n.sentences import sentence
from kiosk.rules.basket import Unit
from kiosk.rules.pricing import Priced
from kiosk.screens.approval import allowed
from kiosk.screens.back_room import BackRoom
from kiosk.screens.base import Press, TillScreen, key
from kiosk.screens.dialogs import AskText, Question, wrapped
from kiosk.screens.receipts_found import has_printer
from kiosk.screens.till import Till
from kiosk.screens.widgets.cells import Row
from kiosk.screens.widgets.sheet import Sheet, two_columns
from kiosk.screens.widgets.status import Hint, Say
from kiosk.screens.widgets.table import Column, Table
from kiosk.services import parked
from kiosk.services.drafts import Draft
from kiosk.services.parked import Waiting
from kiosk.services.shop import new_key

Work = Coroutine[Any, Any, None]
Done = TypeVar("Done")

COLUMNS: Final = (
    Column("", 1),
    Column(later("Name"), 0),
    Column(later("Waits"), 6, align="right"),
    Column(later("Items"), 6, wide=7, align="right"),
    Column(later("Total"), 9, wide=12, align="right"),
    Column(later("Who"), 6, wide=10),
    Column("", 3),
)
OLD: Final = "!!"
LOCKED: Final = "*"
_HOUR: Final = 60
_DAY: Final = 24 * _HOUR
_NUMBERED: Final = 9
"""Sales that a digit takes at once."""


async def agreed(screen: TillScreen[Any], deed: Callable[..., Done], sale: str, *more: str) -> Done | None:
    """Do something with a parked sale; where somebody else must agree first, ask. None: nobody did."""
    till, chosen = screen.till, new_key()
    while True:
        try:
            return await till.ask(deed, sale, *more, by=till.by, key=chosen)
        except NeedsApproval as error:
            if not await allowed(screen, error.action, key=chosen):
                return None


def age_text(minutes: int) -> str:
    """How long something waits, in one short word."""
    if minutes < _HOUR:
        return _("{count} min").format(count=minutes)
    if minutes < 2 * _DAY:
        return _("{count} h").format(count=minutes // _HOUR)
    return _("{count} d").format(count=minutes // _DAY)


class ParkedScreen(BackRoom[Draft]):
    """The list at the left, what is in the chosen sale at the right; dismissed with the sale that was taken up."""

    TITLE_WORD: ClassVar[str] = later("PARKED SALES")
    MAIN_KEY: ClassVar[str] = "parked.take"
    HINTS: ClassVar[Sequence[Hint]] = (
        (later("Enter 1-9"), later("take")),
        ("R", later("name")),
        ("N", later("note")),
        ("L", later("lock")),
        ("P", later("ticket")),
        ("D", later("delete")),
        (later("Esc"), later("back")),
    )
    TYPING: ClassVar[Sequence[Hint]] = (
        ("1-9", later("Take the sale with this number up")),
        (OLD, later("Beside a sale: it is parked for too long")),
        (LOCKED, later("Beside a sale: it is kept for who parked it")),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        key("f2,r,R", "parked.rename", later("Name"), later("Another name for the chosen sale")),
        key("f6,n,N", "parked.note", later("Note"), later("Note something on the chosen sale")),
        key("f7,l,L", "parked.lock_sale", later("Keep"), later("Keep it for who parked it, or let anybody take it")),
        key("f8,p,P", "parked.ticket", later("Ticket"), later("Print a ticket; scanning it takes the sale up")),
        key("f9,delete,d,D", "parked.delete", later("Delete"), later("Void the chosen sale, after a question")),
        key("f11", "parked.lock", later("Lock")),
        key("f12,enter", "parked.take", later("TAKE"), later("Take the chosen sale up again")),
        key("escape,f5", "parked.close", later("Back"), later("Back to the sale")),
        key("up,minus", "parked.up", later("Up"), later("The sale above"), show=False),
        key("down,plus", "parked.down", later("Down"), later("The sale below"), show=False),
        key("pageup", "parked.page_up", later("A page up"), show=False),
        key("pagedown", "parked.page_down", later("A page down"), show=False),
    ]

    def __init__(self, till: Till, *, customer: str = "") -> None:
        """``customer``: the one whose sale is chosen at first, if there is one."""
        super().__init__(till)
        self._customer = customer
        self._sales: tuple[Waiting, ...] = ()
        self._inside: dict[str, Priced | ShopError] = {}
        """What is in the sales that were looked into."""
        self._reading = False
        self._scanning = False
        """Whether what was typed last was a scanner's."""
        self.table = Table(COLUMNS)
        self.sheet = Sheet(id="parked")

    def body(self) -> ComposeResult:
        """The list, and the chosen one."""
        with Horizontal(id="body"):
            yield self.table
            with Vertical(id="side"):
                yield self.sheet

    def on_mount(self) -> None:
        """Look for them; keys wait until they are there."""
        self.work(self._open())

    @property
    def sale(self) -> Waiting | None:
        """The chosen one."""
        return self._sales[self.table.chosen] if self.table.chosen < len(self._sales) else None

    # Keys

    def takes(self, press: Press) -> bool:
        """Digits take a sale up."""
        return press.character.isascii() and press.character.isdigit()

    def typed(self, character: str) -> Work | None:
        """Take the sale with this number, unless it is the beginning of a scan."""
        self._scanning = False
        place = int(character) - 1 if character.isascii() and character.isdigit() else -1
        return self._take_place(place)

    def untype(self, characters: int) -> None:
        """What was typed was a scan, and no number of the list."""
        del characters
        self._scanning = True

    def action_take(self) -> Work | None:
        """Take the chosen one."""
        return self._with_chosen(self._take)

    def action_rename(self) -> Work | None:
        """Another name."""
        return self._with_chosen(self._rename)

    def action_note(self) -> Work | None:
        """A note."""
        return self._with_chosen(self._note)

    def action_lock_sale(self) -> Work | None:
        """Keep it, or let it go."""
        return self._with_chosen(self._lock)

    def action_ticket(self) -> Work | None:
        """Print its ticket."""
        return self._with_chosen(self._ticket)

    def action_delete(self) -> Work | None:
        """Void it."""
        return self._with_chosen(self._delete)

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

    def _with_chosen(self, work: Callable[[Waiting], Work]) -> Work | None:
        if self.sale is None:
            self.say(Say.ASK, _("No sale is parked. F5 in a sale parks it."))
            return None
        return work(self.sale)

    # Work

    async def _open(self) -> None:
        await self._read()
        mine = (place for place, sale in enumerate(self._sales) if self._customer and sale.customer == self._customer)
        self.table.move(next(mine, 0))
        self._look_at()
        self.say(Say.QUIET, "")

    async def _read(self) -> None:
        self._sales = await self.till.ask(parked.waiting, by=self.till.by)
        self._inside = {}
        self._show()

    async def _take_place(self, place: int) -> None:
        """A scanner that types sends the next digit sooner than any person could."""
        await asyncio.sleep(FAST)
        if self._is_scan():
            return
        if 0 <= place < min(len(self._sales), _NUMBERED):
            self._move(place - self.table.chosen)
            await self._take(self._sales[place])
        else:
            self.say(Say.ASK, _("No sale has this number."))

    def _is_scan(self) -> bool:
        """Whether more characters came at once; then none of them was meant for the list."""
        rest = deque(one for one in self._ahead if not (isinstance(one, Press) and one.character))
        more, self._ahead = len(rest) < len(self._ahead), rest
        return more or self._scanning

    async def _take(self, sale: Waiting) -> None:
        draft = await self._gone_is_said(agreed(self, parked.recall, sale.key), sale)
        if draft is not None:
            self.dismiss(draft)

    async def _rename(self, sale: Waiting) -> None:
        asked = _("Under which name does it wait?")
        question = AskText(self.till, self._title(sale), asked, start=sale.name, longest=parked.LONGEST_NAME)
        name = await self.question(question)
        if name is not None:
            await self._change(agreed(self, parked.rename, sale.key, name), sale)

    async def _note(self, sale: Waiting) -> None:
        asked = _("What is to be known of it?")
        question = AskText(self.till, self._title(sale), asked, start=sale.note, longest=parked.LONGEST_NOTE)
        note = await self.question(question)
        if note is not None:
            await self._change(agreed(self, parked.write_note, sale.key, note), sale)

    async def _lock(self, sale: Waiting) -> None:
        await self._change(agreed(self, parked.unlock if sale.locked else parked.lock, sale.key), sale)

    async def _change(self, changing: Coroutine[Any, Any, Waiting | None], sale: Waiting) -> None:
        changed = await self._gone_is_said(changing, sale)
        if changed is None:
            return
        await self._read()
        if sale.locked != changed.locked:
            said = _("{name}: kept for {person}.") if changed.locked else _("{name}: anybody may take it.")
            self.say(Say.OK, said.format(name=changed.name, person=changed.who))
        else:
            self.say(Say.OK, _("Changed: {name}.").format(name=changed.name))

    async def _ticket(self, sale: Waiting) -> None:
        till = self.till
        number = await self._gone_is_said(till.ask(parked.print_ticket, sale.key, by=till.by), sale)
        if number is None:
            return
        till.paper_queued()
        lamp = till.lamps["print"]
        if not has_printer(till):
            self.say(Say.ASK, _("No printer is set up here."))
        elif lamp.fine:
            self.say(Say.OK, _("The ticket of parked sale {number} goes to the printer.").format(number=number))
        else:
            said = _("Ticket {number} waits. Printer: {state}.")
            self.say(Say.ASK, said.format(number=number, state=_(lamp.text)))

    async def _delete(self, sale: Waiting) -> None:
        asked = _("Void this sale? {name}, {count}, {amount}.").format(
            name=sale.name, count=count_text(sale.items), amount=money_text(sale.total)
        )
        question = Question(self.till, self._title(sale), asked, yes=later("void it"), must_be_seen=True)
        if not await self.question(question):
            return
        if await self._gone_is_said(agreed(self, _delete, sale.key), sale):
            await self._read()
            self.say(Say.OK, _("Parked sale {number} is voided.").format(number=sale.number))

    async def _gone_is_said(self, doing: Coroutine[Any, Any, Done], sale: Waiting) -> Done | None:
        """What somebody else has taken meanwhile goes from the list."""
        try:
            return await doing
        except NotFound:
            await self._read()
            self.say(Say.ERROR, _("{name} waits no more: somebody else was faster.").format(name=sale.name))
            return None

    # Showing

    def shop_changed(self) -> None:
        """The language may be another one."""
        super().shop_changed()
        self._show()

    def _move(self, by: int) -> None:
        self.table.move(by)
        self._look_at()

    def _show(self) -> None:
        title = f"{_('Parked')} · {len(self._sales)}" if self._sales else _("Parked")
        rows = [self._cells(place, sale) for place, sale in enumerate(self._sales, start=1)]
        self.table.show(title, rows, self.table.chosen, empty=_("No sale is parked. F5 in a sale parks it."))
        self._look_at()

    def _cells(self, place: int, sale: Waiting) -> tuple[str, ...]:
        return (
            str(place) if place <= _NUMBERED else "",
            sale.name,
            age_text(sale.minutes),
            str(sale.items),
            money_text(sale.total),
            sale.who,
            (OLD if sale.old else "") + (LOCKED if sale.locked else ""),
        )

    def _title(self, sale: Waiting) -> str:
        return _("Parked sale {number}").format(number=sale.number)

    def _look_at(self) -> None:
        """Show the chosen one; what is in it comes as soon as it is read."""
        sale = self.sale
        if sale is None:
            self.sheet.show("", ())
            return
        self.sheet.show(self._title(sale), self._rows(sale))
        if sale.key not in self._inside and not self._reading:
            self._reading = True
            self.alongside(self._look_inside())

    async def _look_inside(self) -> None:
        try:
            while self.sale is not None and self.sale.key not in self._inside:
                sale, inside = self.sale, self._inside
                inside[sale.key] = await self._priced(sale)
        finally:
            self._reading = False
        if self.sale is not None:
            self.sheet.show(self._title(self.sale), self._rows(self.sale))

    async def _priced(self, sale: Waiting) -> Priced | ShopError:
        try:
            return await self.till.ask(parked.look_into, sale.key, by=self.till.by)
        except (NotFound, OtherVersion) as error:
            return error

    def _rows(self, sale: Waiting) -> list[Row]:
        width = max(10, self.sheet.size.width - 4)
        at = self.till.shop.clock.local(from_millis(sale.at))
        rows = _lines("strong", sale.name, width)
        rows += [*_lines("text", stamp_text(at), width), *_lines("text", f"{sale.lane} · {sale.who}", width)]
        if sale.old:
            days = self.till.shop.settings.parked_days
            rows += _lines("alarm", f"{OLD} {old_text(days)}", width)
        if sale.locked:
            rows += _lines("alarm", _("Kept for {person}.").format(person=sale.who), width)
        if sale.note:
            rows += _lines("heading", sale.note, width)
        return [*rows, (), *self._inside_rows(sale, width)]

    def _inside_rows(self, sale: Waiting, width: int) -> list[Row]:
        inside = self._inside.get(sale.key)
        if inside is None:
            return []
        if isinstance(inside, ShopError):
            return _lines("alarm", sentence(inside), width)
        return [
            two_columns(
                f"{quantity_text(one.line.quantity, weighed=one.line.unit is Unit.KILOGRAM)} {one.line.text}",
                f" {money_text(one.final)}",
                width + 2,
            )
            for one in inside.lines
        ]


def count_text(items: int) -> str:
    """How many things are in a parked sale."""
    return ngettext("{count} item", "{count} items", items).format(count=items)


def old_text(days: int) -> str:
    """That a sale waits for longer than the shop lets pass without a word."""
    return ngettext("Parked for more than {count} day", "Parked for more than {count} days", days).format(count=days)


def _delete(*given: Any, **named: Any) -> bool:
    """Whether it was deleted, and not refused."""
    parked.delete(*given, **named)
    return True


def _lines(style: str, text: str, width: int) -> list[Row]:
    return [((style, f" {line}"),) for line in wrapped(text, width)]
