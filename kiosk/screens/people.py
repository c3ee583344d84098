"""The people who work here: taken on, changed, let in again, let go."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final

from textual.binding import Binding, BindingType

from kiosk.errors import AlreadyTaken, Denied, Invalid, Missing, NotFound
from kiosk.i18n import _, later
from kiosk.i18n.sentences import sentence
from kiosk.rules import permissions
from kiosk.rules.permissions import Action, Role, State
from kiosk.screens.dialogs import AskPin, AskText, Choose, Notice, Question
from kiosk.screens.list_room import ListRoom, Work
from kiosk.screens.role_words import ROLE_WORDS
from kiosk.screens.setting_words import LANGUAGE_NAMES
from kiosk.screens.widgets.status import Hint
from kiosk.screens.widgets.table import Column
from kiosk.services import pins, staff
from kiosk.services.shop import Shop
from kiosk.services.staff import Person, PersonForm

_REFUSALS: Final = (AlreadyTaken, Denied, Invalid, Missing, NotFound)


def _read(shop: Shop, by: str) -> tuple[tuple[Person, ...], Role]:
    """Everybody, former people last, and the role of who asks."""
    if all(staff.permission(shop, by, one) is not State.ALLOWED for one in (Action.EDIT_STAFF, Action.UNLOCK_STAFF)):
        raise Denied(action=Action.EDIT_STAFF)
    found = staff.people(shop, with_former=True)
    return tuple(sorted(found, key=lambda person: not person.active)), staff.person(shop, by).role


class PeopleScreen(ListRoom):
    """A line for each; nobody reaches above oneself. Source: D7-01, D7-03."""

    TITLE_WORD: ClassVar[str] = later("PEOPLE")
    HINTS: ClassVar[Sequence[Hint]] = (
        ("Enter", later("change")),
        ("F2", later("new")),
        ("Esc", later("back")),
    )
    COLUMNS: ClassVar[Sequence[Column]] = (
        Column(later("Name"), 0),
        Column(later("Role"), 14),
        Column(later("Language"), 11),
        Column(later("State"), 18),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "new", later("New"), id="people.new", tooltip=later("Somebody new")),
    ]
    _people: tuple[Person, ...] = ()
    _own: Role = Role.TECHNICIAN

    async def read(self) -> None:
        """As they are now."""
        self._people, self._own = await self.till.ask(_read, self.till.by)

    def heading(self) -> str:
        """Who they are."""
        return _("People")

    def cells(self) -> Sequence[tuple[str, ...]]:
        """Name, role, language, and what is to be known."""
        return [
            (one.name, _(ROLE_WORDS[one.role]), LANGUAGE_NAMES.get(one.language, ""), _state(one))
            for one in self._people
        ]

    def advice(self) -> tuple[str, str]:
        """What opens the till for them."""
        one = self._people[self.table.chosen]
        facts = [_("has a PIN") if one.pin else _("no PIN"), _("has a badge") if one.badge else _("no badge")]
        return one.name, " · ".join(facts)

    def open_chosen(self) -> Work:
        """Ask what is to be done."""
        return self._change(self._people[self.table.chosen])

    def action_new(self) -> Work:
        """Take somebody on."""
        return self._guard(self._new())

    async def _change(self, one: Person) -> None:
        doings = (
            ((_("Take on again"), self._take_back),)
            if not one.active
            else (
                (_("Name"), self._rename),
                (_("Role"), self._give_role),
                (_("Language"), self._give_language),
                (_("A new PIN"), self._give_pin),
                (_("Badge"), self._give_badge),
                (_("Unlock"), self._unlock),
                (_("Let go"), self._let_go),
            )
        )
        asked = Choose(self.till, one.name, _("What shall be done?"), [label for label, _doing in doings])
        place = await self.question(asked)
        if place >= 0:
            await self._guard(doings[place][1](one))

    async def _guard(self, doing: Coroutine[Any, Any, None]) -> None:
        """What the shop refuses is said; the list stays."""
        try:
            await doing
        except _REFUSALS as error:
            self.refuse(error)

    async def _new(self) -> None:
        title = _("Somebody new")
        name = await self.question(AskText(self.till, title, _("Name"), longest=staff.LONGEST_NAME))
        role = await self._ask_role(title) if name else None
        if not name or role is None:
            return
        pin = await self._ask_pin(title)
        if pin is None:
            return
        form = PersonForm(name=name, role=role)
        made = await self.till.ask(staff.create, form, by=self.till.by, pin=pin or None)
        await self.read_again(_("{name} works here now.").format(name=made.name))
        self._choose(made.id)

    async def _rename(self, one: Person) -> None:
        asked = AskText(self.till, one.name, _("Name"), start=one.name, longest=staff.LONGEST_NAME)
        name = await self.question(asked)
        if name:
            await self._put(one, replace(_form(one), name=name))

    async def _give_role(self, one: Person) -> None:
        role = await self._ask_role(one.name, one.role)
        if role is not None:
            await self._put(one, replace(_form(one), role=role))

    async def _give_language(self, one: Person) -> None:
        codes, names = ("", *LANGUAGE_NAMES), [_("as the shop"), *LANGUAGE_NAMES.values()]
        asked = _("Which language shall the screen speak?")
        chosen = codes.index(one.language) if one.language in codes else 0
        place = await self.question(Choose(self.till, one.name, asked, names, chosen=chosen))
        if place >= 0:
            await self._put(one, replace(_form(one), language=codes[place]))

    async def _put(self, one: Person, form: PersonForm) -> None:
        changed = await self.till.ask(staff.change, one.id, form, by=self.till.by)
        await self.read_again(_("Changed: {name}.").format(name=changed.name))
        self._choose(one.id)

    async def _give_pin(self, one: Person) -> None:
        pin = await self._ask_pin(one.name)
        if pin:
            await self.till.ask(staff.reset_pin, one.id, pin, by=self.till.by)
            await self.read_again(_("{name} has a new PIN.").format(name=one.name))

    async def _give_badge(self, one: Person) -> None:
        kinds = [_("A new one of the till's own"), _("One that is there: scan it"), _("Take the badge away")]
        place = await self.question(Choose(self.till, one.name, _("Which badge?"), kinds))
        if place == 0:
            code = await self.till.ask(staff.make_badge, one.id, by=self.till.by)
            told = _("The code of the badge is {code}. It is told this once.").format(code=code)
            await self.question(Notice(self.till, one.name, told))
        elif place == 1:
            scanned = await self.question(AskBadge(self.till, one.name))
            if not scanned:
                return
            await self.till.ask(staff.set_badge, one.id, scanned, by=self.till.by)
        elif place == 2:
            await self.till.ask(staff.set_badge, one.id, None, by=self.till.by)
        if place >= 0:
            await self.read_again(_("Changed: {name}.").format(name=one.name))

    async def _unlock(self, one: Person) -> None:
        await self.till.ask(staff.unlock, one.id, by=self.till.by)
        await self.read_again(_("{name} may try again.").format(name=one.name))

    async def _let_go(self, one: Person) -> None:
        asked = _("Let {name} go? No PIN and no badge opens the till any more; what was done keeps the name.")
        question = Question(self.till, one.name, asked.format(name=one.name), yes=later("let go"), must_be_seen=True)
        if await self.question(question):
            await self.till.ask(staff.deactivate, one.id, by=self.till.by)
            await self.read_again(_("{name} works here no more.").format(name=one.name))

    async def _take_back(self, one: Person) -> None:
        await self.till.ask(staff.activate, one.id, by=self.till.by)
        await self.read_again(_("{name} works here again.").format(name=one.name))

    async def _ask_role(self, title: str, now: Role = Role.CASHIER) -> Role | None:
        """Of those that one may give."""
        roles = [role for role in Role if permissions.may_manage(self._own, role)]
        words = [_(ROLE_WORDS[role]) for role in roles]
        chosen = roles.index(now) if now in roles else 0
        asked = Choose(self.till, title, _("Which role?"), words, chosen=chosen)
        place = await self.question(asked)
        return None if place < 0 else roles[place]

    async def _ask_pin(self, title: str) -> str | None:
        """The same twice; nothing leaves somebody without one. None for going back."""
        asked = _("A PIN of {fewest} to {most} digits:").format(fewest=pins.SHORTEST, most=pins.LONGEST)
        news = asked
        while True:
            pin = await self.question(AskPin(self.till, title, news))
            if not pin:
                return pin
            try:
                pins.check_form(pin)
            except Invalid as error:
                news = sentence(error) + " " + asked
                continue
            again = await self.question(AskPin(self.till, title, _("The same PIN once more:")))
            if again is None or again == pin:
                return again
            news = _("The two PINs differ.") + " " + asked

    def _choose(self, person: str) -> None:
        place = next((place for place, one in enumerate(self._people) if one.id == person), 0)
        self.table.move(place - self.table.chosen)
        self._advise()


class AskBadge(AskText):
    """The code of a badge: scanned, or typed."""

    def __init__(self, till: Any, title: str) -> None:
        super().__init__(till, title, _("Scan the badge, or type its number."), hidden=True)

    def scan(self, code: str) -> None:
        """The scan is the answer."""
        self.answer(code)


def _form(one: Person) -> PersonForm:
    return PersonForm(name=one.name, role=one.role, language=one.language)


def _state(one: Person) -> str:
    if not one.active:
        return _("works here no more")
    if one.locked:
        return _("locked")
    return "" if one.pin else _("no PIN")
