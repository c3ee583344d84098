"""An article is made or changed at the till."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Final

from textual.binding import BindingType

from kiosk.errors import AlreadyTaken, Denied, Invalid, ShopError
from kiosk.i18n import _, clean_text, later, pgettext
from kiosk.i18n.sentences import sentence
from kiosk.rules import codes
from kiosk.rules.codes import CodeKind
from kiosk.rules.permissions import Action, State
from kiosk.screens.approval import allowed
from kiosk.screens.article_fields import FIELDS, Shelf, filled_for, filled_from, form_from, look, problem
from kiosk.screens.dialogs import Notice
from kiosk.screens.form_fields import Field, Filled, Kind
from kiosk.screens.form_room import FormRoom, form_keys
from kiosk.screens.till import Till
from kiosk.screens.widgets.choice_list import Choice
from kiosk.screens.widgets.form import FormLine
from kiosk.screens.widgets.status import Hint, Say
from kiosk.services import catalogue, catalogue_edit

Work = Coroutine[Any, Any, None]

_ARTICLE_KINDS: Final = frozenset({CodeKind.ARTICLE, CodeKind.CARD, CodeKind.WEIGHT, CodeKind.PRICE})


class ArticleScreen(FormRoom):
    """A form; gives the article's id once it is saved, None when nothing was.

    Source: D1-01, D1-03, D8-01.
    """

    TITLE_WORD: ClassVar[str] = later("ARTICLE")
    MAIN_KEY: ClassVar[str] = "article.save"
    TYPING: ClassVar[Sequence[Hint]] = (
        ("1-9", later("In a list: choose, and go on")),
        (later("Scan"), later("Adds a barcode, in whichever field")),
    )
    CHANGED: ClassVar[str] = later("The article was changed. What shall become of it?")
    BINDINGS: ClassVar[list[BindingType]] = form_keys(
        "article", later("Save the article"), later("Empty the field, or the last barcode")
    )

    def __init__(self, till: Till, *, code: str = "", article: str = "", name: str = "") -> None:
        """``code``: an unknown one that a new article gets; ``article``: the id of one to change."""
        super().__init__(till)
        self._code = code
        self._article = article
        self._start_name = name
        self._shelf: Shelf | None = None

    def fields(self) -> Sequence[Field]:
        """All of them, always."""
        return FIELDS

    def heading(self) -> str:
        """Whether it is a new one."""
        return _("Change an article") if self._article else _("New article")

    def problem(self, one: Field) -> ShopError | None:
        """An amount that is none."""
        return problem(one, self.filled, self.till.shop.settings.decimals)

    def is_proposal(self, one: Field) -> bool:
        """A number that nobody has typed goes when somebody types one."""
        shelf = self._shelf
        if shelf is None or shelf.article is not None or one.name != "number":
            return False
        return self.filled.text("number") == shelf.number

    def chosen(self, filled: Filled) -> Filled:
        """A category brings its tax along to a new article, as long as nobody has chosen another."""
        if self.field.name == "category" and self._shelf is not None and not self._article:
            category = filled.text("category")
            tax = next((one.tax for one in self._shelf.categories if one.id == category), None)
            if tax and filled.text("tax") == self._saved.text("tax"):
                return filled.put("tax", tax)
        return filled

    # Barcodes

    def scanned(self, code: str) -> Work | None:
        """A barcode more, whichever field is being filled."""
        return self._add_code(code)

    def action_enter(self) -> Work | None:
        """A barcode that was typed is added; else the next field."""
        one = self.field
        if one.kind is Kind.CODES and self.filled.text(one.name):
            return self._add_code(self.filled.text(one.name), typed=True)
        return super().action_enter()

    def action_erase(self) -> None:
        """One character less; of an empty line of barcodes, the last one."""
        if self._is_empty_line_of_codes():
            self._drop_code()
        else:
            super().action_erase()

    def action_clear(self) -> None:
        """Empty the field, or take the last barcode away."""
        if self._is_empty_line_of_codes():
            self._drop_code()
        else:
            super().action_clear()

    def _is_empty_line_of_codes(self) -> bool:
        return self.field.kind is Kind.CODES and not self.filled.text(self.field.name)

    def _drop_code(self) -> None:
        if self.filled.barcodes:
            gone = self.filled.barcodes[-1]
            self.change(replace(self.filled, barcodes=self.filled.barcodes[:-1]))
            self.say(Say.OK, _("Barcode {code} taken away.").format(code=gone))

    async def _add_code(self, code: str, *, typed: bool = False) -> None:
        """A code that another article has is said at once, and not only when all is filled in."""
        prefixes = self.till.shop.settings.weight_prefixes, self.till.shop.settings.price_prefixes
        meaning = codes.what_is(code, *prefixes)
        if meaning.kind not in _ARTICLE_KINDS:
            raise Invalid(field="barcode", value=code)
        item = await self.till.ask(catalogue.find, code)
        if item is not None and item.article != self._article:
            self.go("barcode")
            raise AlreadyTaken(what="barcode", code=f"{code} ({item.text})")
        added = self.filled.with_code(meaning.code)
        if typed:
            added = added.put("barcode", "")
        self.change(added)
        self.say(Say.OK, _("Barcode {code} added.").format(code=code))

    # Work

    async def open_form(self) -> None:
        """Read the article, and what can be chosen; who may not change it is told before typing."""
        shelf = await self.till.ask(look, self.till.by, self._article)
        if shelf.allowed is State.DENIED:
            refused = sentence(Denied(action=Action.EDIT_CATALOGUE))
            await self.question(Notice(self.till, _("Articles"), refused))
            self.dismiss(None)
            return
        settings = self.till.shop.settings
        if shelf.article is None:
            filled = filled_for(self._code, shelf.number, shelf.taxes, settings.weight_prefixes)
            filled = filled.put("name", clean_text(self._start_name, FIELDS[0].longest))
        else:
            filled = filled_from(shelf.article.form, settings.decimals)
        self._shelf = shelf
        self.begin(filled, shelf.options())
        self.say(Say.QUIET, _("New article") if shelf.article is None else "")

    async def save_form(self) -> str | None:
        """Save the article; its id."""
        shelf, decimals = self._shelf, self.till.shop.settings.decimals
        if shelf is None:
            return None
        pending = self.filled.text("barcode")
        if pending:
            await self._add_code(pending, typed=True)
        before = None if shelf.article is None else shelf.article.form
        form = form_from(self.filled, before, shelf.number, decimals)
        if not await allowed(self, Action.EDIT_CATALOGUE, key=self._key):
            self.say(Say.ERROR, _("Nobody agreed: the article is not saved."))
            return None
        saved = await self.till.ask(catalogue_edit.save, form, by=self.till.by, key=self._key)
        return saved.id

    # Showing

    def show_side(self) -> None:
        """The barcodes."""
        barcodes = [Choice(code) for code in self.filled.barcodes]
        self.list.show(_("Barcodes"), barcodes, None, empty=pgettext("barcodes", "none"))

    def line(self, one: Field) -> FormLine:
        """What stands in a field, or what it means that nothing does."""
        text = self.filled.text(one.name)
        if one.kind is Kind.CODES:
            shown = " ".join((*self.filled.barcodes, text)).strip()
            return FormLine(_(one.label), shown or pgettext("barcodes", "none"), muted=not shown)
        if text:
            return FormLine(_(one.label), text)
        return FormLine(_(one.label), _("open price") if one.name == "price" else "", muted=True)
