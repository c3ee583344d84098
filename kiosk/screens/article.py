"""An article is made or changed at the till: one field after the other, and what is refused is said at its field."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from kiosk.errors import AlreadyTaken, Denied, Invalid, ShopError
from kiosk.i18n import _, clean_text, later, pgettext
from kiosk.i18n.sentences import sentence
from kiosk.rules import codes
from kiosk.rules.codes import LONGEST_CODE, CodeKind
from kiosk.rules.permissions import Action, State
from kiosk.rules.words import fold
from kiosk.screens.approval import allowed
from kiosk.screens.article_fields import (
    FIELDS,
    PLACES,
    Field,
    Filled,
    Kind,
    Option,
    Shelf,
    filled_for,
    filled_from,
    form_from,
    look,
    place_of,
    problem,
)
from kiosk.screens.back_room import BackRoom
from kiosk.screens.base import Press
from kiosk.screens.dialogs import Keys, Notice
from kiosk.screens.till import Till
from kiosk.screens.widgets.choice_list import Choice, ChoiceList
from kiosk.screens.widgets.entry_line import EntryLine
from kiosk.screens.widgets.form import FormLine, FormView
from kiosk.screens.widgets.status import Hint, Say
from kiosk.services import catalogue, catalogue_edit
from kiosk.services.shop import new_key

Work = Coroutine[Any, Any, None]

_ARTICLE_KINDS: Final = frozenset({CodeKind.ARTICLE, CodeKind.CARD, CodeKind.WEIGHT, CodeKind.PRICE})


@dataclass(frozen=True, slots=True)
class _Moment:
    """The form as it was before a character."""

    filled: Filled
    place: int
    letters: str


class ArticleScreen(BackRoom[str | None]):
    """A form; gives the article's id once it is saved, None when nothing was.

    Source: D1-01, D1-03, D8-01.
    """

    TITLE_WORD: ClassVar[str] = later("ARTICLE")
    MAIN_KEY: ClassVar[str] = "article.save"
    HINTS: ClassVar[Sequence[Hint]] = (
        ("Enter", later("next field")),
        ("F12", later("save")),
        ("Esc", later("back")),
    )
    TYPING: ClassVar[Sequence[Hint]] = (
        ("1-9", later("In a list: choose, and go on")),
        (later("Scan"), later("Adds a barcode, in whichever field")),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f11", "lock", later("Lock"), id="article.lock"),
        Binding("f12", "save", later("SAVE"), id="article.save", tooltip=later("Save the article")),
        Binding(
            "enter", "enter", later("Next"), id="article.enter", tooltip=later("Next field; in the last one, save")
        ),
        Binding("tab,down", "next", later("Next field"), id="article.next"),
        Binding("shift+tab,up", "previous", later("Field before"), id="article.previous"),
        Binding("plus", "next_option", later("Next in the list"), id="article.next_option"),
        Binding("minus", "previous_option", later("The one before in the list"), id="article.previous_option"),
        Binding("backspace", "erase", later("Erase"), id="article.erase"),
        Binding(
            "delete", "clear", later("Empty"), id="article.clear", tooltip=later("Empty the field, or the last barcode")
        ),
        Binding("escape", "back", later("Back"), id="article.back", tooltip=later("Back; asks if something changed")),
    ]

    def __init__(self, till: Till, *, code: str = "", article: str = "", name: str = "") -> None:
        """``code``: an unknown one that a new article gets; ``article``: the id of one to change."""
        super().__init__(till)
        self._code = code
        self._article = article
        self._start_name = name
        self._shelf: Shelf | None = None
        self._filled = Filled()
        self._saved = Filled()
        """As it was when the form opened."""
        self._options: dict[str, tuple[Option, ...]] = {}
        self._place = 0
        self._letters = ""
        """Typed in a list, to search it."""
        self._before: list[_Moment] = []
        self._key = new_key()
        self.form = FormView(id="main")
        self.list = ChoiceList(id="side")
        self.entry = EntryLine()

    def body(self) -> ComposeResult:
        """The fields at the left, what can be chosen at the right, and the line."""
        with Horizontal(id="body"):
            yield self.form
            yield self.list
        yield self.entry

    def on_mount(self) -> None:
        """Read what can be chosen; keys wait until it is there."""
        self.work(self._open())

    @property
    def field(self) -> Field:
        """The field that is being filled."""
        return FIELDS[self._place]

    @property
    def filled(self) -> Filled:
        """What stands in the form."""
        return self._filled

    # Typing and scanning

    def takes(self, press: Press) -> bool:
        """All characters; in a list, plus and minus go through it."""
        return bool(press.character) and not (self.field.kind is Kind.CHOICE and press.character in "+-?")

    def typed(self, character: str) -> Work | None:
        """One character more, or a choice by its number or its first letters."""
        one = self.field
        self._before = [*self._before, _Moment(self._filled, self._place, self._letters)][-LONGEST_CODE:]
        text = "" if self._is_proposal(one) else self._filled.text(one.name)
        if one.kind is Kind.CHOICE:
            self._choose_by(character)
        elif len(text) >= one.longest:
            self.say(Say.ERROR, _("{field}: longer than it may be.").format(field=_(one.label)))
        elif one.takes(character, text):
            self._put(one.name, text + character if text else character.lstrip())
        else:
            self.say(Say.ERROR, _("{field}: digits only.").format(field=_(one.label)))
        return None

    def untype(self, characters: int) -> None:
        """What was typed was a scanner's: the form is as it was before."""
        for _step in range(min(characters, len(self._before))):
            before = self._before.pop()
            self._filled, self._place, self._letters = before.filled, before.place, before.letters
        self._show()

    def scanned(self, code: str) -> Work | None:
        """A barcode more, whichever field is being filled."""
        return self._add_code(code)

    # Keys

    def action_enter(self) -> Work | None:
        """A barcode that was typed is added; else the next field, and behind the last one the form is saved."""
        one = self.field
        if one.kind is Kind.CODES and self._filled.text(one.name):
            return self._add_code(self._filled.text(one.name), typed=True)
        if self._place == len(FIELDS) - 1:
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
        """One character less; of an empty line of barcodes, the last one."""
        one = self.field
        text = self._filled.text(one.name)
        if one.kind is Kind.CHOICE:
            self._letters = ""
            self._show()
        elif text or one.kind is not Kind.CODES:
            self._put(one.name, text[:-1])
        else:
            self._drop_code()

    def action_clear(self) -> None:
        """Empty the field, or take the last barcode away."""
        one = self.field
        if one.kind is Kind.CODES and not self._filled.text(one.name):
            self._drop_code()
        elif one.kind is not Kind.CHOICE:
            self._put(one.name, "")

    def action_back(self) -> Work | None:
        """Go back, and ask first if that would lose something."""
        if self._filled == self._saved:
            self.dismiss(None)
            return None
        return self._ask_to_leave()

    def action_save(self) -> Work:
        """Save the article."""
        return self._save()

    # Work

    async def _open(self) -> None:
        shelf = await self.till.ask(look, self.till.by, self._article)
        if shelf.allowed is State.DENIED:
            refused = sentence(Denied(action=Action.EDIT_CATALOGUE))
            await self.question(Notice(self.till, _("Articles"), refused))
            self.dismiss(None)
            return
        settings = self.till.shop.settings
        if shelf.article is None:
            self._filled = filled_for(self._code, shelf.number, shelf.taxes, settings.weight_prefixes)
            self._filled = self._filled.put("name", clean_text(self._start_name, FIELDS[0].longest))
        else:
            self._filled = filled_from(shelf.article.form, settings.decimals)
        self._shelf, self._saved, self._options = shelf, self._filled, shelf.options()
        self._show()
        self.say(Say.QUIET, _("New article") if shelf.article is None else "")

    async def _add_code(self, code: str, *, typed: bool = False) -> None:
        """A code that another article has is said at once, and not only when all is filled in."""
        prefixes = self.till.shop.settings.weight_prefixes, self.till.shop.settings.price_prefixes
        meaning = codes.what_is(code, *prefixes)
        if meaning.kind not in _ARTICLE_KINDS:
            raise Invalid(field="barcode", value=code)
        item = await self.till.ask(catalogue.find, code)
        if item is not None and item.article != self._article:
            self._go(PLACES["barcode"])
            raise AlreadyTaken(what="barcode", code=f"{code} ({item.text})")
        added = self._filled.with_code(meaning.code)
        if typed:
            added = added.put("barcode", "")
        self._change(added)
        self.say(Say.OK, _("Barcode {code} added.").format(code=code))

    async def _ask_to_leave(self) -> None:
        asked = Keys(
            self.till,
            _("Not saved yet"),
            _("The article was changed. What shall become of it?"),
            {"S": later("save"), "D": later("discard")},
            no=later("back to the form"),
        )
        chosen = await self.question(asked)
        if chosen == "S":
            await self._save()
        elif chosen == "D":
            self.dismiss(None)

    async def _save(self) -> None:
        """Refuses nothing: what the catalogue refuses is said at its field."""
        shelf, decimals = self._shelf, self.till.shop.settings.decimals
        if shelf is None:
            return
        pending = self._filled.text("barcode")
        if pending:
            await self._add_code(pending, typed=True)
        for place, one in enumerate(FIELDS):
            error = problem(one, self._filled, decimals)
            if error is not None:
                self._refuse_at(place, error)
                return
        before = None if shelf.article is None else shelf.article.form
        form = form_from(self._filled, before, shelf.number, decimals)
        if not await allowed(self, Action.EDIT_CATALOGUE, key=self._key):
            self.say(Say.ERROR, _("Nobody agreed: the article is not saved."))
            return
        try:
            saved = await self.till.ask(catalogue_edit.save, form, by=self.till.by, key=self._key)
        except ShopError as error:
            place_refused = place_of(error)
            if place_refused is None:
                raise
            self._refuse_at(place_refused, error)
            return
        self.dismiss(saved.id)

    def _refuse_at(self, place: int, error: ShopError) -> None:
        self._go(place)
        self.refuse(error)

    # The form

    def _put(self, name: str, text: str) -> None:
        self._change(self._filled.put(name, text))

    def _change(self, filled: Filled) -> None:
        self._filled = filled
        self._show()
        if self.status.kind is not Say.QUIET:
            self.say(Say.QUIET, "")

    def _leave(self, by: int) -> None:
        """A field that can't be keeps the cursor only when one goes on."""
        error = problem(self.field, self._filled, self.till.shop.settings.decimals)
        if error is not None and by > 0:
            self.refuse(error)
            return
        self._go((self._place + by) % len(FIELDS))
        self.say(Say.QUIET, "")

    def _go(self, place: int) -> None:
        self._place, self._letters = place, ""
        self._show()

    def _drop_code(self) -> None:
        if self._filled.barcodes:
            gone = self._filled.barcodes[-1]
            self._change(replace(self._filled, barcodes=self._filled.barcodes[:-1]))
            self.say(Say.OK, _("Barcode {code} taken away.").format(code=gone))

    def _is_proposal(self, one: Field) -> bool:
        """A number that nobody has typed goes when somebody types one."""
        shelf = self._shelf
        if shelf is None or shelf.article is not None or one.name != "number":
            return False
        return self._filled.text("number") == shelf.number

    def _choose_by(self, character: str) -> None:
        """A number takes a choice and goes on; letters search for one."""
        some = self._options.get(self.field.name, ())
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
        if self.field.kind is Kind.CHOICE and some:
            now = self._option_place(self.field)
            self._letters = ""
            self._choose(some[(now + by) % len(some)])

    def _choose(self, option: Option) -> None:
        """A category brings its tax along to a new article, as long as nobody has chosen another."""
        filled = self._filled.put(self.field.name, option.value)
        if self.field.name == "category" and self._shelf is not None and not self._article:
            tax = next((one.tax for one in self._shelf.categories if one.id == option.value), None)
            if tax and filled.text("tax") == self._saved.text("tax"):
                filled = filled.put("tax", tax)
        self._change(filled)

    def _option_place(self, one: Field) -> int:
        value = self._filled.text(one.name)
        some = self._options.get(one.name, ())
        return next((place for place, option in enumerate(some) if option.value == value), 0)

    # Showing

    def _show(self) -> None:
        title = _("Change an article") if self._article else _("New article")
        self.form.show(title, [self._line(one) for one in FIELDS], self._place)
        one = self.field
        self.entry.show(
            self._letters if one.kind is Kind.CHOICE else self._filled.text(one.name),
            title=f"{_(one.label)} · {_(one.help)}",
        )
        if one.kind is Kind.CHOICE:
            some = self._options.get(one.name, ())
            choices = [
                Choice(option.text, key=str(place) if place < 10 else " ") for place, option in enumerate(some, start=1)
            ]
            self.list.show(_(one.label), choices, self._option_place(one), empty=_("nothing to choose"))
        else:
            barcodes = [Choice(code) for code in self._filled.barcodes]
            self.list.show(_("Barcodes"), barcodes, None, empty=pgettext("barcodes", "none"))

    def _line(self, one: Field) -> FormLine:
        text = self._filled.text(one.name)
        if one.kind is Kind.CHOICE:
            some = self._options.get(one.name, ())
            return FormLine(_(one.label), some[self._option_place(one)].text if some else "")
        if one.kind is Kind.CODES:
            shown = " ".join((*self._filled.barcodes, text)).strip()
            return FormLine(_(one.label), shown or pgettext("barcodes", "none"), muted=not shown)
        if text:
            return FormLine(_(one.label), text)
        return FormLine(_(one.label), _("open price") if one.name == "price" else "", muted=True)
