"""The customers: searched as one types, looked at, made, changed, and attached to the sale (T-01, T-09, Q-04, Q-05)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from kiosk.i18n import _, later, ngettext
from kiosk.i18n.clean import clean_text
from kiosk.rules.codes import LONGEST_CODE
from kiosk.screens.around import holder_of
from kiosk.screens.back_room import BackRoom
from kiosk.screens.base import Press
from kiosk.screens.customer_view import detail_rows, visit_rows
from kiosk.screens.dialogs import wrapped
from kiosk.screens.finder import Finder
from kiosk.screens.served import Details, look_at, serve
from kiosk.screens.till import Till
from kiosk.screens.widgets.cells import Row
from kiosk.screens.widgets.choice_list import Choice, ChoiceList
from kiosk.screens.widgets.entry_line import EntryLine
from kiosk.screens.widgets.sheet import Sheet
from kiosk.screens.widgets.status import Hint, Say

if TYPE_CHECKING:
    from kiosk.screens.base import TillScreen
    from kiosk.services.customer_search import Found

Work = Coroutine[Any, Any, None]

MOST_HITS: Final = 50
_TITLES: Final = {"": later("Customers"), "person": later("Persons"), "company": later("Companies")}
"""What is searched, by kind; F7 goes from one to the next (Q-04)."""
_ATTACH: Final[tuple[Hint, ...]] = (
    ("Enter", later("attach")),
    ("F2", later("new")),
    ("Tab", later("more")),
    ("Esc", later("back")),
)
_PICK: Final[tuple[Hint, ...]] = (("Enter", later("take")), ("F2", later("new")), ("Esc", later("back")))
_MAKE: Final[tuple[Hint, ...]] = (("Enter", later("new")), ("Esc", later("back")))
_BEGIN: Final[tuple[Hint, ...]] = (("F2", later("new")), ("Esc", later("back")))


class CustomersScreen(BackRoom[str]):
    """Dismissed with the id of whoever was chosen; with nothing by Esc.

    To attach, whoever is chosen must be somebody whom the shop serves: one who
    is banned is refused here, with the reason. ``pick`` asks for somebody else:
    anybody will do.
    """

    CSS_PATH = "customers.tcss"
    TITLE_WORD: ClassVar[str] = later("CUSTOMERS")
    MAIN_KEY: ClassVar[str] = "customers.take"
    HINTS: ClassVar[Sequence[Hint]] = _ATTACH
    TYPING: ClassVar[Sequence[Hint]] = (
        ("a-z 0-9", later("Search names, phones, e-mails and cards")),
        (later("Scan"), later("Takes the holder of a card; any other code goes to the sale")),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f12", "take", later("TAKE"), id="customers.take", tooltip=later("Attach the chosen one to the sale")),
        Binding(
            "enter", "enter", later("Attach"), id="customers.enter", tooltip=later("Attach the chosen or the only one")
        ),
        Binding("f2", "new", later("New"), id="customers.new", tooltip=later("A new customer; letters are the name")),
        Binding("f4", "edit", later("Edit"), id="customers.edit", tooltip=later("Change the chosen one")),
        Binding("f7", "kind", later("Kind"), id="customers.kind", tooltip=later("All, persons only, companies only")),
        Binding("f8", "history", later("History"), id="customers.history", tooltip=later("Sales and points")),
        Binding("f11", "lock", later("Lock"), id="customers.lock"),
        Binding("tab", "more", later("More"), id="customers.more", tooltip=later("All that can be done with one")),
        Binding("backspace", "erase", later("Erase"), id="customers.erase"),
        Binding("escape", "back", later("Back"), id="customers.back", tooltip=later("Clear the search, then go back")),
        Binding("up", "up", later("Up"), id="customers.up", show=False),
        Binding("down", "down", later("Down"), id="customers.down", show=False),
        Binding("pageup", "page_up", later("A page up"), id="customers.page_up", show=False),
        Binding("pagedown", "page_down", later("A page down"), id="customers.page_down", show=False),
    ]

    def __init__(self, till: Till, *, text: str = "", pick: str = "") -> None:
        """``text``: what is searched at first; ``pick``: the question that the choice answers."""
        super().__init__(till)
        self._pick = pick
        self._words = clean_text(text, LONGEST_CODE)
        self._typed: list[str] = []
        self._kind = ""
        self._told: str | None = None
        """The text of which it was said that several fit, or nobody: Enter then takes what is chosen."""
        self.entry = EntryLine(_("Name, phone, e-mail, card"))
        self.list = ChoiceList()
        self.sheet = Sheet(id="customer")
        self.visits = Sheet(id="visits")
        self.finder = customers_as_typed(self, self._found, kind=lambda: self._kind, empty_too=True)
        self._details = Finder(self, self._look, self._show_details)

    def body(self) -> ComposeResult:
        """The search and its hits at the left, the chosen one at the right."""
        with Horizontal(id="body"):
            with Vertical(id="customers-list"):
                yield self.entry
                yield self.list
            with Vertical():
                yield self.sheet
                yield self.visits

    def on_mount(self) -> None:
        """The newest are listed first, or who fits what is searched."""
        self._say_what_for()
        self._search(self._words)

    def say(self, kind: Say, text: str, hints: Sequence[Hint] | None = None) -> None:
        """Say it, with the keys of what the list is for."""
        super().say(kind, text, self._hints() if hints is None else hints)

    def _say_what_for(self) -> None:
        self.say(Say.ASK if self._pick else Say.QUIET, self._pick)

    def _hints(self) -> Sequence[Hint]:
        """The keys that do something to whoever is chosen, or where nobody is."""
        if self.hit is None and self.finder.text == self._words:
            return _MAKE if self._words else _BEGIN
        return _PICK if self._pick else _ATTACH

    @property
    def hit(self) -> Found | None:
        """The chosen one; nobody on the line for a new one."""
        chosen = self.list.chosen or 0
        return self.finder.found[chosen] if chosen < len(self.finder.found) else None

    # Typing and scanning

    def takes(self, press: Press) -> bool:
        """Every character, but a question mark that begins nothing."""
        return bool(press.character) and (bool(self._words) or press.character != "?")

    def typed(self, character: str) -> Work | None:
        """Search for one character more."""
        self._typed = [*self._typed, self._words][-LONGEST_CODE:]
        self._search((self._words + character)[:LONGEST_CODE].lstrip())
        return None

    def untype(self, characters: int) -> None:
        """What was typed was a scanner's."""
        for _step in range(min(characters, len(self._typed))):
            self._words = self._typed.pop()
        self._search(self._words)

    def scanned(self, code: str) -> Work | None:
        """Take the holder of a card; any other code means what it means in the sale."""
        return self._scan(code)

    async def _scan(self, code: str) -> None:
        holder = await self.till.ask(holder_of, code)
        if holder is None:
            super().scanned(code)
        else:
            await self._choose(holder.customer)

    # Keys

    def action_enter(self) -> Work:
        """Attach the only one or the chosen one; of several by digits, or by words not seen yet, none at once."""
        return self._enter()

    def action_take(self) -> Work:
        """Attach the chosen one."""
        return self._enter()

    def action_new(self) -> Work:
        """A new customer; letters that were typed are the name."""
        return self._new()

    def action_edit(self) -> Work:
        """Change the chosen one."""
        return self._edit()

    def action_history(self) -> Work:
        """Sales and points of the chosen one."""
        return self._history()

    def action_more(self) -> Work:
        """All that can be done with the chosen one."""
        return self._more()

    def action_kind(self) -> None:
        """All, persons only, companies only, and all again (Q-04)."""
        kinds = list(_TITLES)
        self._kind = kinds[(kinds.index(self._kind) + 1) % len(kinds)]
        self.finder.forget()
        self._search(self._words)

    def action_erase(self) -> None:
        """Search for one character less."""
        self._search(self._words[:-1])

    def action_back(self) -> None:
        """Clear the search, or go back."""
        if self._words:
            self._search("")
        else:
            self.dismiss()

    def action_up(self) -> None:
        """One up."""
        self._move(-1)

    def action_down(self) -> None:
        """One down."""
        self._move(1)

    def action_page_up(self) -> None:
        """A page up."""
        self._move(-self.list.page)

    def action_page_down(self) -> None:
        """A page down."""
        self._move(self.list.page)

    def _move(self, by: int) -> None:
        self.list.move(by)
        self._told = self._words
        self._show_chosen()

    # Work

    async def _enter(self) -> None:
        words, seen = self._words, self.finder.text == self._words
        found = await self.finder.now(words)
        if not seen:
            self._found()
        if self._told == words or len(found) == 1 or (words and seen and not _is_number(words)):
            await self._take()
            return
        self._told = words
        if found:
            count = len(found)
            fit = ngettext("{count} customer fits.", "{count} customers fit.", count).format(count=count)
            self.say(Say.ASK, fit + " " + _("Choose with Up and Down, then Enter."))
        else:
            self.say(Say.ERROR, _("Nobody fits. F2 makes a new customer."))

    async def _take(self) -> None:
        hit = self.hit
        if hit is None:
            await self._new()
        else:
            await self._choose(hit.id)

    async def _choose(self, customer: str) -> None:
        """Go with a customer. Refuses: Banned, Erased, NotFound, Denied (unless anybody will do)."""
        if not self._pick:
            await self.till.ask(serve, customer, by=self.till.by)
        self.dismiss(customer)

    async def _new(self) -> None:
        from kiosk.screens.customer_form import CustomerFormScreen

        form = CustomerFormScreen(self.till, name=self._words)
        made = await self.in_front(form)
        if made is None:
            self.say(Say.QUIET, _("Nothing was saved."))
        else:
            await self._choose(made)

    async def _edit(self) -> None:
        hit = await self._chosen()
        if hit is None:
            return
        from kiosk.screens.customer_form import CustomerFormScreen

        saved = await self.in_front(CustomerFormScreen(self.till, customer=hit.id))
        await self._read_again()
        self.say(Say.QUIET, _("Nothing was saved.")) if saved is None else self.say(Say.OK, _("Saved."))

    async def _history(self) -> None:
        hit = await self._chosen()
        if hit is not None:
            from kiosk.screens.customer_history import CustomerHistoryScreen

            await self.in_front(CustomerHistoryScreen(self.till, hit.id))
            await self._read_again()

    async def _more(self) -> None:
        hit = await self._chosen()
        if hit is not None:
            from kiosk.screens import customer_menu

            await customer_menu.ask(self, hit.id)
            await self._read_again()

    async def _chosen(self) -> Found | None:
        """Whom a key is about, once the hits are here; said, if nobody."""
        await self.finder.now(self._words)
        if self.hit is None:
            self.say(Say.ERROR, _("Choose a customer first, or make one: F2."))
        return self.hit

    async def _read_again(self) -> None:
        """What is listed may have changed; the same line stays chosen."""
        place = self.list.chosen
        self.finder.forget()
        self._details.forget()
        await self.finder.now(self._words)
        self._found(place)

    # Showing

    def _search(self, words: str) -> None:
        if words != self._words:
            self._say_what_for()
        self._words, self._told = words, None
        self.finder.want(words)
        self.entry.show(words)
        self._show_list(0)

    def _found(self, place: int | None = 0) -> None:
        self._show_list(place)

    def _show_list(self, place: int | None) -> None:
        choices = customer_choices(self.finder.found)
        if self._words and self.finder.text == self._words:
            choices.append(Choice("+ " + _("New customer “{name}”").format(name=self._words)))
        self.list.show(_(_TITLES[self._kind]), choices, place, empty="")
        self._show_chosen()

    def _show_chosen(self) -> None:
        hit = self.hit
        self._details.want("" if hit is None else hit.id)
        self._show_details()
        self.status.show(self.status.kind, self.status.text, self._hints())

    def _show_details(self) -> None:
        hit, details = self.hit, self._details.found
        if hit is None or not details or self._details.text != hit.id:
            self.sheet.show("" if hit is None else hit.called, self._nobody() if hit is None else ())
            self.visits.show("", ())
            return
        one = details[0]
        width = self.sheet.size.width - 2
        self.sheet.show(f"{one.customer.called}  #{one.customer.number}", detail_rows(one, width))
        self.visits.show(_("Last receipts"), visit_rows(one, width))

    def _nobody(self) -> list[Row]:
        """What stands where a customer would."""
        if self.finder.found or self.finder.text != self._words:
            return []
        said = _("Nobody fits. Enter makes a new customer.") if self._words else _("No customers yet. F2 makes one.")
        return [(("strong", f" {line}"),) for line in wrapped(said, self.sheet.size.width - 4)]

    async def _look(self, customer: str) -> tuple[Details, ...]:
        return (await self.till.ask(look_at, customer, by=self.till.by),)


def customers_as_typed(
    screen: TillScreen[Any],
    arrived: Callable[[], None],
    *,
    kind: Callable[[], str] = lambda: "",
    empty_too: bool = False,
) -> Finder[Found]:
    """The search among the customers; ``kind`` says which of them are looked at now."""

    async def ask(text: str) -> tuple[Found, ...]:
        from kiosk.services import customer_search
        from kiosk.services.customer_rows import Kind

        only = Kind(kind()) if kind() else None
        till = screen.till
        return await till.ask(customer_search.search, text, by=till.by, limit=MOST_HITS, kind=only)

    return Finder(screen, ask, arrived, empty_too=empty_too)


def customer_choices(found: Sequence[Found]) -> list[Choice]:
    """Customers as they are listed: name, the end of the phone, type or town; who is banned has a sign."""
    return [
        Choice(
            ("!! " if hit.banned else "") + hit.called,
            f"..{hit.phone_tail}" if hit.phone_tail else "",
            also=hit.type or hit.city,
        )
        for hit in found
    ]


def _is_number(words: str) -> bool:
    """Whether it is a phone, a card or a customer's number rather than a name."""
    return bool(words) and not any(letter.isalpha() or letter == "@" for letter in words)
