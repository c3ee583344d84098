"""Customers from a CSV file: what its columns are, what is wrong by line, taking it in, and taking it back (D8-02)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType

from kiosk.clock import from_millis
from kiosk.i18n import _, date_text, later, ngettext, time_text
from kiosk.i18n.clean import visible
from kiosk.i18n.sentences import sentence
from kiosk.screens.back_room import BackRoom
from kiosk.screens.base import TillScreen, key
from kiosk.screens.dialogs import Question
from kiosk.screens.list_room import ListRoom
from kiosk.screens.reading import Progress, Reading
from kiosk.screens.till import Till
from kiosk.screens.widgets.status import Hint, Say
from kiosk.screens.widgets.table import Column, Table
from kiosk.services import customer_transfer, customer_transfer_undo, staff
from kiosk.services.customer_transfer import CustomerImport
from kiosk.services.customer_transfer_columns import FIELDS, LICENCE, MEDICAL, NOTHING, Preview, preview
from kiosk.services.customer_transfer_undo import PastImport, Undone
from kiosk.services.shop import Shop

Work = Coroutine[Any, Any, None]
T = TypeVar("T")
Steps = Generator[tuple[int, int], None, T]

MOST_SHOWN: Final = 500
"""Faults that are listed; whoever has more mends these first."""
_ENDINGS: Final = frozenset({".csv", ".tsv", ".txt"})
_NOWHERE: Final = "…"

FIELD_WORDS: Final = {
    "number": later("Customer number"),
    "kind": later("Person or company"),
    "name": later("Name"),
    "first_name": later("First name"),
    "last_name": later("Last name"),
    "nickname": later("Nickname"),
    "company": later("Company"),
    "vat_id": later("VAT number"),
    "phone": later("Phone"),
    "phone_opt_in": later("Phone: agreed"),
    "email": later("E-mail"),
    "email_opt_in": later("E-mail: agreed"),
    "birth_date": later("Date of birth"),
    "type": later("Customer type"),
    "language": later("Language"),
    "street": later("Street"),
    "postcode": later("Postcode"),
    "city": later("Town"),
    "country": later("Country"),
    "latitude": later("Latitude"),
    "longitude": later("Longitude"),
    "notes": later("Notes"),
    "cards": later("Customer card"),
    LICENCE[0]: later("Licence number"),
    LICENCE[1]: later("Licence: state"),
    LICENCE[2]: later("Licence: valid until"),
    MEDICAL[0]: later("Medical number"),
    MEDICAL[1]: later("Medical: issuer"),
    MEDICAL[2]: later("Medical: valid until"),
}
"""What a column can be taken for, as it is called at the till."""


def _next(_shop: Shop, steps: Steps[T]) -> tuple[int, int] | tuple[T]:
    """A step; at the end what came of it, alone in a tuple."""
    try:
        return next(steps)
    except StopIteration as end:
        return (end.value,)


def _close(_shop: Shop, steps: Steps[T]) -> None:
    steps.close()


async def by_steps(screen: TillScreen[Any], words: str, steps: Steps[T], stopped: Callable[[], bool]) -> T | None:
    """Do something long, a step at a time, between which the till serves others; None when it was stopped."""
    while not stopped():
        found = await screen.till.ask(_next, steps)
        if len(found) == 1:
            return found[0]
        done, of = found
        screen.say(Say.QUIET, words.format(percent=done * 100 // max(1, of)))
    await screen.till.ask(_close, steps)
    return None


def files_in(folder: Path | None) -> tuple[Path, ...]:
    """The files in the till's folder that may be tables, the newest first."""
    if folder is None or not folder.is_dir():
        return ()
    found = [one for one in folder.iterdir() if one.suffix.lower() in _ENDINGS and one.is_file()]
    return tuple(sorted(found, key=lambda one: (-one.stat().st_mtime, one.name)))


class CustomerImportScreen(ListRoom):
    """The files that lie in the till's folder. Source: D8-02."""

    TITLE_WORD: ClassVar[str] = later("CUSTOMERS")
    HINTS: ClassVar[Sequence[Hint]] = (
        ("Enter", later("look at it")),
        ("U", later("what was taken in")),
        ("Esc", later("back")),
    )
    COLUMNS: ClassVar[Sequence[Column]] = (Column(later("File"), 0), Column(later("Size"), 10, align="right"))
    BINDINGS: ClassVar[list[BindingType]] = [
        key("f6,u,U", "customer_files.past", later("Past"), later("What was taken in, and taking it back")),
    ]

    def __init__(self, till: Till) -> None:
        super().__init__(till)
        self._files: tuple[Path, ...] = ()

    async def read(self) -> None:
        """Look into the folder, for those who may."""
        await self.till.ask(customer_transfer_undo.imports, by=self.till.by)
        self._files = await asyncio.to_thread(files_in, self.till.exports)

    def heading(self) -> str:
        """Which folder."""
        return _("Customers from a file")

    def cells(self) -> Sequence[tuple[str, ...]]:
        """Name and size."""
        return [(one.name, _size(one)) for one in self._files]

    def advice(self) -> tuple[str, str]:
        """Where the file lies."""
        return "", str(self._files[self.table.chosen])

    def show(self) -> None:
        """Say where files belong while there are none."""
        super().show()
        if not self._files:
            folder = str(self.till.exports or _NOWHERE)
            self.table.show(self.heading(), (), empty=_("No CSV file lies in {folder}").format(folder=folder))

    def open_chosen(self) -> Work:
        """What stands in it."""
        return self._open(self._files[self.table.chosen])

    def action_past(self) -> Work:
        """The imports that were made."""
        return self._past()

    async def _open(self, path: Path) -> None:
        shown = await asyncio.to_thread(preview, path, {})
        await self.in_front(ImportFileScreen(self.till, path, shown))
        self.say(Say.QUIET, "")

    async def _past(self) -> None:
        await self.in_front(PastImportsScreen(self.till))
        self.say(Say.QUIET, "")


def _size(path: Path) -> str:
    try:
        return f"{-(-path.stat().st_size // 1024)} kB"
    except OSError:
        return _NOWHERE


class ImportFileScreen(BackRoom[None]):
    """The columns of one file, then what is wrong with its lines, then it comes in."""

    TITLE_WORD: ClassVar[str] = later("CUSTOMERS")
    MAIN_KEY: ClassVar[str] = "customer_file.go"
    HINTS: ClassVar[Sequence[Hint]] = (
        ("+ -", later("take it for")),
        ("Enter", later("look through")),
        ("Esc", later("back")),
    )
    AT_WORK: ClassVar[Sequence[Hint]] = (("Esc", later("stop")),)
    BINDINGS: ClassVar[list[BindingType]] = [
        key("plus", "customer_file.more", later("Next"), later("Take the column for the next thing")),
        key("minus", "customer_file.less", later("Previous"), later("Take the column for the thing before")),
        key("delete", "customer_file.nothing", later("Nothing"), later("Leave the column out")),
        key("f11", "customer_file.lock", later("Lock")),
        key("f12,enter", "customer_file.go", later("Go on"), later("Look the file through; then take it in")),
        key("escape", "customer_file.close", later("Back"), later("Stop; back to the columns; back")),
        key("up", "customer_file.up", later("Up"), show=False),
        key("down", "customer_file.down", later("Down"), show=False),
        key("pageup", "customer_file.page_up", later("A page up"), show=False),
        key("pagedown", "customer_file.page_down", later("A page down"), show=False),
    ]

    def __init__(self, till: Till, path: Path, shown: Preview) -> None:
        super().__init__(till)
        self._path, self._preview = path, shown
        self._fields: list[str | None] = [one.field for one in shown.columns]
        self._writing = self._stop = False
        self.columns = Table(
            (Column(later("Column"), 20), Column(later("Taken for"), 22), Column(later("First values"), 0))
        )
        self.faults = Table((Column(later("Line"), 7, align="right"), Column(later("Column"), 20), Column("", 0)))
        self.reading: Reading[CustomerImport] = Reading(self, self._looked, self._slow, self._given_up)

    def body(self) -> ComposeResult:
        """The columns; the faults stand in their place when there are some."""
        yield self.columns
        yield self.faults

    def on_mount(self) -> None:
        """Show the columns."""
        self.faults.display = False
        super().on_mount()
        self._show()

    def may_lock(self) -> bool:
        """Not while customers come in."""
        return not self._writing and super().may_lock()

    def scanned(self, code: str) -> Work | None:
        """A scan waits for nobody, unless customers come in."""
        return TillScreen.scanned(self, code) if self._writing else super().scanned(code)

    # Keys

    def action_more(self) -> None:
        """The next field."""
        self._take_for(1)

    def action_less(self) -> None:
        """The field before."""
        self._take_for(-1)

    def action_nothing(self) -> None:
        """No field."""
        self._take_for(0)

    def action_go(self) -> Work | None:
        """Look through, and ask."""
        if not self._busy() and not self.faults.display:
            self.say(Say.QUIET, _("Reading ..."), self.AT_WORK)
            path, chosen, by = self._path, self._chosen(), self.till.by
            self.reading.want(partial(_look, shop=self.till.shop, path=path, chosen=chosen, by=by))
        return None

    def action_close(self) -> None:
        """Stop what goes on, else back to the columns, else go."""
        if self._writing:
            self._stop = True
        elif self.reading.stop():
            return
        elif self.faults.display:
            self._turn(to_faults=False)
            self.say(Say.QUIET, "")
        else:
            self.dismiss()

    def action_up(self) -> None:
        """One up."""
        self._table.move(-1)

    def action_down(self) -> None:
        """One down."""
        self._table.move(1)

    def action_page_up(self) -> None:
        """A page up."""
        self._table.move(-self._table.page)

    def action_page_down(self) -> None:
        """A page down."""
        self._table.move(self._table.page)

    # Work

    @property
    def _table(self) -> Table:
        return self.faults if self.faults.display else self.columns

    def _busy(self) -> bool:
        return self._writing or self.reading.going

    def _chosen(self) -> dict[str, str]:
        return {f"#{place}": field or NOTHING for place, field in enumerate(self._fields, start=1)}

    def _take_for(self, by: int) -> None:
        """Go through what no other column is taken for; of cards there may be several."""
        if self._busy() or self.faults.display:
            return
        place = self.columns.chosen
        others = {field for other, field in enumerate(self._fields) if other != place} - {"cards", None}
        free = [None, *(field for field in FIELDS if field not in others)]
        self._fields[place] = free[(free.index(self._fields[place]) + by) % len(free)] if by else None
        self._show()
        self.say(Say.QUIET, "")

    def _slow(self, done: int, of: int) -> None:
        words = _("Reading: {percent} %").format(percent=done * 100 // max(1, of))
        self.say(Say.QUIET, words, self.AT_WORK)

    def _given_up(self) -> None:
        self.say(Say.QUIET, _("Stopped. Nothing was taken in."))

    def _looked(self, found: CustomerImport) -> None:
        if found.errors:
            self._show_faults(found)
        elif not (found.created or found.changed):
            self.say(Say.OK, _("Everybody in it is here already, as the file has them."))
        else:
            self.alongside(self._ask(found))

    def _show_faults(self, found: CustomerImport) -> None:
        count = len(found.errors)
        self.faults.show(
            ngettext("{count} fault", "{count} faults", count).format(count=count),
            [(str(one.line), one.column, sentence(one.refusal)) for one in found.errors[:MOST_SHOWN]],
        )
        self._turn(to_faults=True)
        self.say(Say.ERROR, _("Nothing was taken in. Mend these lines first."), (("Esc", later("back")),))

    async def _ask(self, found: CustomerImport) -> None:
        words = _("{new} new, {changed} changed, {same} as they were.").format(
            new=found.created, changed=found.changed, same=found.unchanged
        )
        if found.consents:
            words += " " + ngettext(
                "{count} consent comes with the file.", "{count} consents come with the file.", found.consents
            ).format(count=found.consents)
        words += " " + _("Take this in? It can be taken back.")
        asked = Question(self.till, _("Customers from a file"), words, yes=later("take it in"), must_be_seen=True)
        if not await self.question(asked):
            self.say(Say.QUIET, _("Nothing was taken in."))
            return
        await self._take_in()

    async def _take_in(self) -> None:
        self._writing, self._stop = True, False
        steps = customer_transfer.import_steps(
            self.till.shop, self._path, dry_run=False, by=self.till.by, chosen=self._chosen()
        )
        try:
            done = await by_steps(self, _("Taking in: {percent} %"), steps, lambda: self._stop)
        finally:
            self._writing = False
        if done is None:
            self.say(Say.ASK, _("Stopped. What came in already is in the list of the past: it can be taken back."))
        elif not done.written:
            self.say(Say.ERROR, _("Somebody has changed customers meanwhile. Nothing was taken in; try again."))
        else:
            words = _("Done: {new} new, {changed} changed.").format(new=done.created, changed=done.changed)
            if done.left:
                words += " " + ngettext(
                    "{count} line was left out.", "{count} lines were left out.", len(done.left)
                ).format(count=len(done.left))
            self.say(Say.ASK if done.left else Say.OK, words)

    # Showing

    def shop_changed(self) -> None:
        """The language may be another one."""
        super().shop_changed()
        self._show()

    def _turn(self, *, to_faults: bool) -> None:
        self.faults.display, self.columns.display = to_faults, not to_faults

    def _show(self) -> None:
        lines = [
            (
                visible(one.header) or f"#{one.place}",
                _(FIELD_WORDS[field]) if field else "-",
                " | ".join(visible(value) for value in one.first),
            )
            for one, field in zip(self._preview.columns, self._fields, strict=True)
        ]
        self.columns.show(self._path.name, lines, self.columns.chosen)


def _look(progress: Progress, *, shop: Shop, path: Path, chosen: dict[str, str], by: str) -> CustomerImport:
    return customer_transfer.import_customers(shop, path, dry_run=True, by=by, chosen=chosen, progress=progress)


def _imports(shop: Shop, by: str) -> tuple[tuple[PastImport, str], ...]:
    """With the name of who took each in."""
    names = {one.id: one.name for one in staff.people(shop, with_former=True)}
    return tuple((one, names.get(one.by, one.by)) for one in customer_transfer_undo.imports(shop, by=by))


class PastImportsScreen(ListRoom):
    """What was taken in, the newest first; Enter takes it back."""

    TITLE_WORD: ClassVar[str] = later("CUSTOMERS")
    HINTS: ClassVar[Sequence[Hint]] = (("Enter", later("take it back")), ("Esc", later("back")))
    COLUMNS: ClassVar[Sequence[Column]] = (
        Column(later("Day"), 11),
        Column(later("Time"), 6),
        Column(later("Who"), 0),
        Column(later("New"), 9, align="right"),
        Column(later("Changed"), 9, align="right"),
        Column("", 14),
    )

    def __init__(self, till: Till) -> None:
        super().__init__(till)
        self._imports: tuple[tuple[PastImport, str], ...] = ()

    async def read(self) -> None:
        """As they are in the books."""
        self._imports = await self.till.ask(_imports, self.till.by)

    def heading(self) -> str:
        """What they are."""
        return _("Customers that were taken in")

    def cells(self) -> Sequence[tuple[str, ...]]:
        """When, by whom, how many."""
        rows: list[tuple[str, ...]] = []
        for one, who in self._imports:
            at = self.till.shop.clock.local(from_millis(one.at))
            taken_back = _("taken back") if one.undone_at is not None else ""
            rows.append((date_text(at.date()), time_text(at), who, str(one.created), str(one.changed), taken_back))
        return rows

    def advice(self) -> tuple[str, str]:
        """What taking back means."""
        return "", _("Who has bought or was changed since stays; the others go, or are as they were before.")

    def open_chosen(self) -> Work | None:
        """Take it back, after a question."""
        one, _who = self._imports[self.table.chosen]
        if one.undone_at is not None:
            self.say(Say.ASK, _("This was taken back already."))
            return None
        return self._take_back(one)

    async def _take_back(self, one: PastImport) -> None:
        asked = _("Take back {new} new and {changed} changed customers?").format(new=one.created, changed=one.changed)
        title = _("Customers that were taken in")
        if not await self.question(Question(self.till, title, asked, yes=later("take it back"), must_be_seen=True)):
            return
        steps = customer_transfer_undo.undo_steps(self.till.shop, one.id, by=self.till.by)
        done: Undone | None = await by_steps(self, _("Taking back: {percent} %"), steps, lambda: False)
        if done is None:
            return
        words = _("{gone} gone, {before} as they were before.").format(gone=done.withdrawn, before=done.restored)
        if done.kept:
            numbers = ", ".join(map(str, done.kept[:8])) + (f", {_NOWHERE}" if len(done.kept) > 8 else "")
            words += " " + _("These stay: {numbers}").format(numbers=numbers)
        await self.read_again(words)
