"""Who is there: the person first, then the PIN, or a badge. Stands in front of everything while the till is locked."""

from __future__ import annotations

from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Resize

from kiosk.errors import Locked, WrongPin
from kiosk.i18n import _, later, ngettext
from kiosk.i18n.sentences import sentence
from kiosk.rules.codes import LONGEST_CODE
from kiosk.rules.words import fold
from kiosk.screens.base import Press, TillScreen
from kiosk.screens.dialogs import wrapped
from kiosk.screens.messages import SignedIn
from kiosk.screens.till import Till
from kiosk.screens.widgets.cells import Row
from kiosk.screens.widgets.choice_list import Choice, ChoiceList
from kiosk.screens.widgets.entry_line import EntryLine
from kiosk.screens.widgets.sheet import Sheet
from kiosk.screens.widgets.status import Hint, Say
from kiosk.services import pins, staff
from kiosk.services.staff import Person

LONGEST_NAME: Final = 40
_HELP: Final = "?"
_LIST_HINTS: Final = (("1-9", later("who you are")), ("A-Z", later("search")), ("Enter", later("take it")))
_PIN_HINTS: Final = (("0-9", later("PIN")), ("Enter", later("sign in")), ("Esc", later("someone else")))


@dataclass(frozen=True, slots=True)
class _Moment:
    """What was asked and typed so far."""

    words: str = ""
    """Letters of a name."""
    person: Person | None = None
    """Whose PIN is being typed."""
    pin: str = ""
    chosen: int = 0
    """The place in the list."""


class SignInScreen(TillScreen[None]):
    """Sign in, and the lock: no key leads past it.

    Posts SignedIn and stays until the app takes it away. Source: D7-01, D7-03.
    """

    HINTS: ClassVar[Sequence[Hint]] = _LIST_HINTS
    TYPING: ClassVar[Sequence[Hint]] = (
        ("1-9", later("Take a person from the list")),
        ("A-Z", later("Search a name")),
        ("0-9", later("The PIN, when a person is chosen")),
        (later("Scan"), later("A badge says who you are")),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "enter", later("Go on"), id="sign_in.enter", tooltip=later("Take this person, or sign in")),
        Binding("escape", "back", later("Back"), id="sign_in.back", tooltip=later("Clear, then choose someone else")),
        Binding("backspace", "erase", later("Erase"), id="sign_in.erase", show=False),
        Binding("up", "up", later("Up"), id="sign_in.up", show=False),
        Binding("down", "down", later("Down"), id="sign_in.down", show=False),
        Binding("pageup", "page_up", later("A page up"), id="sign_in.page_up", show=False),
        Binding("pagedown", "page_down", later("A page down"), id="sign_in.page_down", show=False),
    ]

    def __init__(self, till: Till, *, badge: str = "", notice: Sequence[str] = ()) -> None:
        """``badge``: a code that was scanned where nobody could sign in; ``notice``: lines of the demo."""
        super().__init__(till)
        self._badge = badge
        self._notice = tuple(notice)
        self._locked_by = till.person
        self._people: tuple[Person, ...] = ()
        self._now = _Moment()
        self._before: deque[_Moment] = deque(maxlen=LONGEST_CODE)
        self._done = False
        self.list = ChoiceList(id="main")
        self.sheet = Sheet(id="side")
        self.entry = EntryLine()

    def title_text(self) -> str:
        """The shop and the lane; who locked the till stands in the sheet."""
        return f"{self.till.shop.settings.name} · {self.till.shop.lane}"

    def body(self) -> ComposeResult:
        """People at the left, what to do at the right, and the line for the PIN."""
        with Horizontal(id="body"):
            yield self.list
            yield self.sheet
        yield self.entry

    def on_mount(self) -> None:
        """Find out who works here; keys wait until they can be answered."""
        self._show()
        self.work(self._open())

    def on_resize(self, event: Resize) -> None:
        """The advice is wrapped anew."""
        super().on_resize(event)
        self.call_after_refresh(self._show)

    def may_lock(self) -> bool:
        """It is locked."""
        return False

    @property
    def person(self) -> Person | None:
        """Whose PIN is being asked for."""
        return self._now.person

    # Keys

    def takes(self, press: Press) -> bool:
        """Every character but the one that asks for help, so that a scan's can be taken back."""
        return press.character != _HELP

    def typed(self, character: str) -> Coroutine[Any, Any, None] | None:
        """A digit of the PIN, the number of a person, or a letter of a name."""
        now = self._now
        self._before.append(now)
        if now.person is not None:
            if character.isascii() and character.isdigit():
                self._now = replace(now, pin=(now.pin + character)[: pins.LONGEST + 1])
                self._show()
            else:
                self.say(Say.ASK, _("A PIN has digits only."))
        elif character.isascii() and character.isdigit():
            place = int(character) - 1
            if 0 <= place < len(self._listed()):
                self._take(place)
        else:
            self._now = replace(now, words=(now.words + character)[:LONGEST_NAME].lstrip(), chosen=0)
            self._show()
        return None

    def untype(self, characters: int) -> None:
        """What was typed was a badge's: neither a person nor a PIN."""
        for _step in range(min(characters, len(self._before))):
            self._now = self._before.pop()
        self._show()

    def action_enter(self) -> Coroutine[Any, Any, None] | None:
        """Take the person under the bar, or try the PIN."""
        if self._now.person is not None:
            if self._now.pin:
                return self._try(self._now.person, self._now.pin)
            self._ask_pin(self._now.person)
        elif self._listed():
            self._take(self._now.chosen)
        else:
            self.say(Say.ERROR, _("Nobody here has such a name."))
        return None

    def action_back(self) -> None:
        """Clear the PIN, then the person, then the search; then there is nowhere to go."""
        now = self._now
        if now.pin:
            self._change(replace(now, pin=""))
        elif now.person is not None or now.words:
            self._change(_Moment())
        self._tell()

    def action_erase(self) -> None:
        """One character less."""
        now = self._now
        self._change(replace(now, pin=now.pin[:-1]) if now.person else replace(now, words=now.words[:-1], chosen=0))

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

    def scanned(self, code: str) -> Coroutine[Any, Any, None] | None:
        """A badge; nothing else is answered before somebody has signed in."""
        return self._read_badge(code)

    # Work

    async def _open(self) -> None:
        if self._locked_by is not None:
            await self.till.ask(staff.sign_out, self._locked_by.id)
        await self._read_people()
        same = [one for one in self._people if self._locked_by is not None and one.id == self._locked_by.id]
        alone = self._people if len(self._people) == 1 else ()
        for one in (*same, *alone)[:1]:
            self._change(_Moment(person=one))
        self._tell()
        if self._badge:
            await self._read_badge(self._badge)

    async def _read_people(self) -> None:
        self._people = await self.till.ask(staff.people)
        self._show()

    async def _read_badge(self, code: str) -> None:
        found = await self.till.ask(staff.by_badge, code)
        if self.till.shop.settings.badge_is_enough:
            await self._welcome(await self.till.ask(staff.sign_in_by_badge, code))
        elif found is None:
            self.say(Say.ERROR, _("Nobody has this badge. Sign in first, then scan."))
        else:
            self._change(_Moment(person=found))
            self._ask_pin(found)

    async def _try(self, person: Person, pin: str) -> None:
        self._change(replace(self._now, pin=""))
        try:
            await self._welcome(await self.till.ask(staff.sign_in, person.id, pin))
        except (WrongPin, Locked) as error:
            await self._read_people()
            self._refuse_pin(person, error)

    def _refuse_pin(self, person: Person, error: WrongPin | Locked) -> None:
        """The refusal and, when its seconds are over, that the next try is free."""
        if error.wait_seconds is None and self._now.person is not None:
            self._change(_Moment())
        said = _refusal(error)
        self.say(Say.ERROR, said)
        if error.wait_seconds:
            self.set_timer(error.wait_seconds, lambda: self._wait_is_over(person, said))

    def _wait_is_over(self, person: Person, said: str) -> None:
        """Only if nothing else was said meanwhile."""
        if not self._done and self._now.person == person and self.status.text == said:
            self._ask_pin(person)

    async def _welcome(self, person: Person) -> None:
        await self.till.catch_up()
        self._done = True
        self._now = _Moment()
        self._before.clear()
        self.post_message(SignedIn(person))

    # Showing

    def _listed(self) -> tuple[Person, ...]:
        """Who fits what was typed: by the beginning of a word of the name first, then by any part of it."""
        wanted = fold(self._now.words).strip()
        if not wanted:
            return self._people
        named = [(f" {fold(one.name)}", one) for one in self._people]
        first = [one for name, one in named if f" {wanted}" in name]
        return (*first, *(one for name, one in named if wanted in name and one not in first))

    def _take(self, place: int) -> None:
        person = self._listed()[place]
        self._change(_Moment(person=person))
        self._ask_pin(person)

    def _move(self, by: int) -> None:
        if self._now.person is None:
            most = max(0, len(self._listed()) - 1)
            self._change(replace(self._now, chosen=max(0, min(self._now.chosen + by, most))))

    def _change(self, now: _Moment) -> None:
        self._now = now
        self._show()

    def _tell(self) -> None:
        if self._now.person is not None:
            self._ask_pin(self._now.person)
        elif not self._people:
            self.say(Say.ERROR, _("Nobody works here yet. The technician adds people: kiosk staff add."))
        else:
            self.say(Say.QUIET, _("Who are you?"))

    def say(self, kind: Say, text: str, hints: Sequence[Hint] | None = None) -> None:
        """With the keys of what is asked now: who, or that person's PIN."""
        if hints is None:
            hints = _LIST_HINTS if self._now.person is None else _PIN_HINTS
        super().say(kind, text, hints)

    def _ask_pin(self, person: Person) -> None:
        if person.locked:
            self.say(Say.ERROR, sentence(Locked(wait_seconds=None)))
        elif not person.pin:
            self.say(Say.ERROR, _("{name} has no PIN yet. A manager gives one.").format(name=person.name))
        else:
            self.say(Say.QUIET, _("{name}, type your PIN.").format(name=person.name))

    def _show(self) -> None:
        now, listed = self._now, self._listed()
        if now.person is None:
            chosen: int | None = now.chosen
            self.entry.show(now.words, title=_("Number or name · scan a badge"))
        else:
            chosen = next((place for place, one in enumerate(listed) if one.id == now.person.id), None)
            self.entry.show(now.pin, title=_("PIN of {name}").format(name=now.person.name), hidden=True)
        choices = [
            Choice(one.name, right=_state(one), key=str(place) if place < 10 and now.person is None else " ")
            for place, one in enumerate(listed, start=1)
        ]
        self.list.show(_("Who is there?"), choices, chosen, empty=_("Nobody"))
        self.sheet.show(_("Locked") if self._locked_by else _("Sign in"), self._advice())

    def _advice(self) -> list[Row]:
        """What to do; without a line between, if all of it and the lines of the demo are to fit in."""
        width = max(10, self.sheet.size.width - 4)
        apart: list[Row] = [] if self._notice else [()]
        rows = [*apart]
        if self._locked_by is not None:
            kept = _("The basket of {name} is kept.").format(name=self._locked_by.name)
            rows += [*((("strong", f" {line}"),) for line in wrapped(kept, width)), *apart]
        for text in (_("Choose yourself, then type your PIN and Enter."), _("Or scan your badge.")):
            rows += [*((("text", f" {line}"),) for line in wrapped(text, width)), *apart]
        if self._notice:
            rows.append(())
        for text in self._notice:
            rows += [(("key", f" {line}"),) for line in wrapped(text, width)]
        return rows


def _refusal(error: WrongPin | Locked) -> str:
    """Whoever types within the wait has not typed too many wrong PINs: only how long it still is."""
    if isinstance(error, Locked) and error.wait_seconds is not None:
        seconds = error.wait_seconds
        return ngettext("Wait {count} second.", "Wait {count} seconds.", seconds).format(count=seconds)
    return sentence(error)


def _state(person: Person) -> str:
    if person.locked:
        return _("locked")
    return "" if person.pin else _("no PIN")
