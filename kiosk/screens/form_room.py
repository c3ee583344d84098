"""A form at the till: one field after the other, and what is refused is said at its field."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from kiosk.errors import ShopError
from kiosk.i18n import _, later
from kiosk.rules.codes import LONGEST_CODE
from kiosk.rules.words import fold
from kiosk.screens.back_room import BackRoom
from kiosk.screens.base import Press
from kiosk.screens.dialogs import Keys
from kiosk.screens.form_fields import CHOSEN, Field, Filled, Kind, Option, field_of
from kiosk.screens.till import Till
from kiosk.screens.widgets.choice_list import Choice, ChoiceList
from kiosk.screens.widgets.entry_line import EntryLine
from kiosk.screens.widgets.form import FormLine, FormView
from kiosk.screens.widgets.status import Hint, Say
from kiosk.services.shop import new_key

Work = Coroutine[Any, Any, None]


def form_keys(screen: str, save: str, clear: str) -> list[BindingType]:
    """The keys of a form by the ids of its screen; ``save`` and ``clear`` are English lines of the help."""
    return [
        Binding("f11", "lock", later("Lock"), id=f"{screen}.lock"),
        Binding("f12", "save", later("SAVE"), id=f"{screen}.save", tooltip=save),
        Binding(
            "enter", "enter", later("Next"), id=f"{screen}.enter", tooltip=later("Next field; in the last one, save")
        ),
        Binding("tab,down", "next", later("Next field"), id=f"{screen}.next"),
        Binding("shift+tab,up", "previous", later("Field before"), id=f"{screen}.previous"),
        Binding("plus", "next_option", later("Next in the list"), id=f"{screen}.next_option"),
        Binding("minus", "previous_option", later("The one before in the list"), id=f"{screen}.previous_option"),
        Binding("backspace", "erase", later("Erase"), id=f"{screen}.erase"),
        Binding("delete", "clear", later("Empty"), id=f"{screen}.clear", tooltip=clear),
        Binding("escape", "back", later("Back"), id=f"{screen}.back", tooltip=later("Back; asks if something changed")),
    ]


@dataclass(frozen=True, slots=True)
class _Moment:
    """The form as it was before a character."""

    filled: Filled
    at: str
    letters: str


class FormRoom(BackRoom[str | None]):
    """A form; gives the id of what was saved, None when nothing was.

    A form of its own gives ``open_form`` (which ends in ``begin``), ``fields``,
    ``heading``, ``save_form``, ``scanned`` and what else differs. Nothing is kept
    before it is saved; Esc asks only when something would be lost. Source: H-29.
    """

    HINTS: ClassVar[Sequence[Hint]] = (
        ("Enter", later("next field")),
        ("F12", later("save")),
        ("Esc", later("back")),
    )
    CHANGED: ClassVar[str] = ""
    """What Esc says of a form that was changed, in English."""

    def __init__(self, till: Till) -> None:
        super().__init__(till)
        self._filled = Filled()
        self._saved = Filled()
        """As it was when the form opened."""
        self._options: Mapping[str, tuple[Option, ...]] = {}
        self._at = ""
        """The name of the field that is being filled."""
        self._letters = ""
        """Typed in a list, to search it."""
        self._before: list[_Moment] = []
        self._key = new_key()
        self.form = FormView(id="main")
        self.list = ChoiceList(id="side")
        self.entry = EntryLine()

    # What a form of its own gives

    async def open_form(self) -> None:
        """Read what is to be known, and ``begin``."""
        raise NotImplementedError

    def fields(self) -> Sequence[Field]:
        """The fields that are shown now, in their order."""
        raise NotImplementedError

    def heading(self) -> str:
        """What stands above the fields."""
        raise NotImplementedError

    async def save_form(self) -> str | None:
        """Save what stands in the form: its id, or None when somebody thought better of it. Refuses."""
        raise NotImplementedError

    def problem(self, one: Field) -> ShopError | None:
        """Why the text of a field can't be, as far as it can be told without the desk."""
        del one
        return None

    def left(self, one: Field) -> None:
        """A field was filled and left; its text can be."""
        del one

    def chosen(self, filled: Filled) -> Filled:
        """What else a choice brings along."""
        return filled

    def revealed(self, name: str) -> Filled:
        """The form with a hidden field shown, for something is to be said of it."""
        del name
        return self._filled

    def is_proposal(self, one: Field) -> bool:
        """Whether nobody has typed what stands in a field, so that typing replaces it."""
        del one
        return False

    def line(self, one: Field) -> FormLine:
        """A field that is typed, as it is shown."""
        return FormLine(_(one.label), self._filled.text(one.name))

    def show_side(self) -> None:
        """What stands at the right while nothing is to be chosen."""
        self.list.show("", (), None)

    # Opening

    def body(self) -> ComposeResult:
        """The fields at the left, what can be chosen at the right, and the line."""
        with Horizontal(id="body"):
            yield self.form
            yield self.list
        yield self.entry

    def on_mount(self) -> None:
        """Read what can be chosen; keys wait until it is there."""
        self.work(self.open_form())

    def begin(self, filled: Filled, options: Mapping[str, tuple[Option, ...]], *, at: str = "") -> None:
        """Show what stands in the form, with the cursor in a field, or in the first one."""
        self._filled = self._saved = filled
        self._options = options
        self._at = at or self.fields()[0].name
        self.show()

    @property
    def field(self) -> Field:
        """The field that is being filled."""
        return self.fields()[self._place]

    @property
    def filled(self) -> Filled:
        """What stands in the form."""
        return self._filled

    @property
    def _place(self) -> int:
        return next((place for place, one in enumerate(self.fields()) if one.name == self._at), 0)

    # Typing

    def takes(self, press: Press) -> bool:
        """All characters; in a list, plus and minus go through it."""
        return bool(press.character) and not (self.field.kind in CHOSEN and press.character in "+-?")

    def typed(self, character: str) -> Work | None:
        """One character more, or a choice by its number or its first letters."""
        one = self.field
        self._before = [*self._before, _Moment(self._filled, self._at, self._letters)][-LONGEST_CODE:]
        text = "" if self.is_proposal(one) else self._filled.text(one.name)
        if one.kind in CHOSEN:
            self._choose_by(character)
        elif len(text) >= one.longest:
            self.say(Say.ERROR, _("{field}: longer than it may be.").format(field=_(one.label)))
        elif one.takes(character, text):
            self.put(one.name, text + character if text else character.lstrip())
        else:
            self.say(Say.ERROR, _("{field}: digits only.").format(field=_(one.label)))
        return None

    def untype(self, characters: int) -> None:
        """What was typed was a scanner's: the form is as it was before."""
        for _step in range(min(characters, len(self._before))):
            before = self._before.pop()
            self._filled, self._at, self._letters = before.filled, before.at, before.letters
        self.show()

    # Keys

    def action_enter(self) -> Work | None:
        """The next field, and behind the last one the form is saved."""
        if self._place == len(self.fields()) - 1:
            return self._save()
        self._leave(1)
        return None

    def action_next(self) -> None:
        """The next field."""
        self._leave(1)

    def action_previous(self) -> None:
        """The field before."""
        self._leave(-1)

    def action_next_option(self) -> None:
        """The next one in a list."""
        self._step_option(1)

    def action_previous_option(self) -> None:
        """The one before in a list."""
        self._step_option(-1)

    def action_erase(self) -> None:
        """One character less."""
        one = self.field
        if one.kind in CHOSEN:
            self._letters = ""
            self.show()
        else:
            self.put(one.name, self._filled.text(one.name)[:-1])

    def action_clear(self) -> None:
        """Empty the field."""
        if self.field.kind not in CHOSEN:
            self.put(self.field.name, "")

    def action_back(self) -> Work | None:
        """Go back, and ask first if that would lose something."""
        if self._filled == self._saved:
            self.dismiss(None)
            return None
        return self._ask_to_leave()

    def action_save(self) -> Work:
        """Save what stands in the form."""
        return self._save()

    # Work

    async def _ask_to_leave(self) -> None:
        asked = Keys(
            self.till,
            _("Not saved yet"),
            _(self.CHANGED),
            {"S": later("save"), "D": later("discard")},
            no=later("back to the form"),
        )
        chosen = await self.question(asked)
        if chosen == "S":
            await self._save()
        elif chosen == "D":
            self.dismiss(None)

    async def _save(self) -> None:
        """Refuses nothing: what is refused is said at its field."""
        for one in self.fields():
            error = self.problem(one)
            if error is not None:
                self.refuse_at(one.name, error)
                return
        try:
            saved = await self.save_form()
        except ShopError as error:
            name = field_of(error)
            if name is None or not self.refuse_at(name, error):
                raise
            return
        if saved is not None:
            self.dismiss(saved)

    def refuse_at(self, name: str, error: ShopError) -> bool:
        """Say a refusal with the cursor in its field; False if the form has none of this name."""
        self._filled = self.revealed(name)
        if all(one.name != name for one in self.fields()):
            return False
        self.go(name)
        self.refuse(error)
        return True

    # The form

    def put(self, name: str, text: str) -> None:
        """Replace the text of a field."""
        self.change(self._filled.put(name, text))

    def change(self, filled: Filled) -> None:
        """Replace what stands in the form; what was said of it is over."""
        self._filled = filled
        self.show()
        if self.status.kind is not Say.QUIET:
            self.say(Say.QUIET, "")

    def go(self, name: str) -> None:
        """Fill another field."""
        self._at, self._letters = name, ""
        self.show()

    def _leave(self, by: int) -> None:
        """A field that can't be keeps the cursor only when one goes on."""
        one = self.field
        error = self.problem(one)
        if error is not None and by > 0:
            self.refuse(error)
            return
        fields = self.fields()
        self.go(fields[(self._place + by) % len(fields)].name)
        self.say(Say.QUIET, "")
        if error is None:
            self.left(one)

    def _choose_by(self, character: str) -> None:
        """A number takes a choice and goes on; letters search for one; the space bar turns a switch over."""
        some = self._options.get(self.field.name, ())
        if character == " " and self.field.kind is Kind.SWITCH:
            self._step_option(1)
            return
        if character.isascii() and character.isdigit():
            place = int(character) - 1
            if 0 <= place < len(some):
                self._choose(some[place])
                self._leave(1)
            return
        letters = self._letters + character
        found = next((one for one in some if fold(one.text).startswith(fold(letters))), None)
        if found is None:
            self.say(Say.ERROR, _("Nothing in the list begins with {letters}.").format(letters=letters))
            return
        self._letters = letters
        self._choose(found)

    def _step_option(self, by: int) -> None:
        some = self._options.get(self.field.name, ())
        if self.field.kind in CHOSEN and some:
            now = self._option_place(self.field)
            self._letters = ""
            self._choose(some[(now + by) % len(some)])

    def _choose(self, option: Option) -> None:
        self.change(self.chosen(self._filled.put(self.field.name, option.value)))

    def _option_place(self, one: Field) -> int:
        value = self._filled.text(one.name)
        some = self._options.get(one.name, ())
        return next((place for place, option in enumerate(some) if option.value == value), 0)

    # Showing

    def show(self) -> None:
        """Draw the form as it is."""
        self.form.show(self.heading(), [self._line(one) for one in self.fields()], self._place)
        one = self.field
        self.entry.show(
            self._letters if one.kind in CHOSEN else self._filled.text(one.name),
            title=f"{_(one.label)} · {_(one.help)}" if one.help else _(one.label),
        )
        if one.kind not in CHOSEN:
            self.show_side()
            return
        some = self._options.get(one.name, ())
        choices = [
            Choice(option.text, key=str(place) if place < 10 else " ") for place, option in enumerate(some, start=1)
        ]
        self.list.show(_(one.label), choices, self._option_place(one), empty=_("nothing to choose"))

    def _line(self, one: Field) -> FormLine:
        if one.kind in CHOSEN:
            some = self._options.get(one.name, ())
            return FormLine(_(one.label), some[self._option_place(one)].text if some else "")
        return self.line(one)
