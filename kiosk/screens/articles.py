"""The articles: searched as one types, then made, changed or taken out of sale."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from kiosk.i18n import _, later, money_text
from kiosk.rules.codes import LONGEST_CODE
from kiosk.rules.permissions import Action
from kiosk.screens.approval import allowed
from kiosk.screens.article import ArticleScreen
from kiosk.screens.back_room import BackRoom
from kiosk.screens.base import Press
from kiosk.screens.dialogs import Question
from kiosk.screens.finder import articles
from kiosk.screens.till import Till
from kiosk.screens.widgets.entry_line import EntryLine
from kiosk.screens.widgets.status import Hint, Say
from kiosk.screens.widgets.table import HIDDEN, Column, Table
from kiosk.services import catalogue, catalogue_edit
from kiosk.services.catalogue_search import Found
from kiosk.services.shop import new_key

Work = Coroutine[Any, Any, None]

_COLUMNS: Final = (
    Column(later("No."), 8, align="right"),
    Column(later("Article"), 0),
    Column(later("Category"), HIDDEN, wide=16),
    Column(later("Price"), 12, align="right"),
)


class ArticlesScreen(BackRoom[None]):
    """Hits of a search; Enter opens one. Source: D8-01."""

    TITLE_WORD: ClassVar[str] = later("ARTICLES")
    MAIN_KEY: ClassVar[str] = "articles.close"
    HINTS: ClassVar[Sequence[Hint]] = (
        ("Enter", later("change")),
        ("F2", later("new")),
        ("Del", later("take out of sale")),
        ("Esc", later("back")),
    )
    TYPING: ClassVar[Sequence[Hint]] = (
        ("a-z 0-9", later("Search names, numbers and barcodes")),
        (later("Scan"), later("Opens the article, or a new one for an unknown code")),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "new", later("New"), id="articles.new", tooltip=later("A new article")),
        Binding("f11", "lock", later("Lock"), id="articles.lock"),
        Binding("f12", "close", later("Back"), id="articles.close"),
        Binding("enter", "open", later("Change"), id="articles.open", tooltip=later("Change the chosen article")),
        Binding(
            "delete", "archive", later("Archive"), id="articles.archive", tooltip=later("Take it out of sale; asks")
        ),
        Binding("backspace", "erase", later("Erase"), id="articles.erase"),
        Binding("escape", "back", later("Back"), id="articles.back", tooltip=later("Clear the search, then go back")),
        Binding("up", "up", later("Up"), id="articles.up", show=False),
        Binding("down", "down", later("Down"), id="articles.down", show=False),
        Binding("pageup", "page_up", later("A page up"), id="articles.page_up", show=False),
        Binding("pagedown", "page_down", later("A page down"), id="articles.page_down", show=False),
    ]

    def __init__(self, till: Till) -> None:
        super().__init__(till)
        self._words = ""
        self._typed: list[str] = []
        self.entry = EntryLine(_("Name, number or barcode"))
        self.table = Table(_COLUMNS)
        self.finder = articles(self, self._found)

    def body(self) -> ComposeResult:
        """The hits, and the line below them."""
        yield self.table
        yield self.entry

    def on_mount(self) -> None:
        """Nothing is listed before something is typed: a shop may have two hundred thousand articles."""
        self._show()

    @property
    def hit(self) -> Found | None:
        """The chosen article."""
        found = self.finder.found
        return found[self.table.chosen] if self.table.chosen < len(found) else None

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
        """Open the article that bears the code, or a new one with it."""
        return self._scan(code)

    # Keys

    def action_open(self) -> Work:
        """Change the chosen article."""
        return self._open()

    def action_new(self) -> Work:
        """A new article; letters that were typed are its name."""
        name = self._words if any(letter.isalpha() for letter in self._words) else ""
        return self._edit(ArticleScreen(self.till, name=name))

    def action_archive(self) -> Work | None:
        """Take the chosen article out of sale."""
        return self._archive()

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
        self.table.move(-1)

    def action_down(self) -> None:
        """One down."""
        self.table.move(1)

    def action_page_up(self) -> None:
        """A page up."""
        self.table.move(-self.table.page)

    def action_page_down(self) -> None:
        """A page down."""
        self.table.move(self.table.page)

    # Work

    async def _open(self) -> None:
        if self._words:
            await self.finder.now(self._words)
            self._found()
        if self.hit is None:
            self.say(Say.ERROR, _("No article fits. F2 makes a new one."))
        else:
            await self._edit(ArticleScreen(self.till, article=self.hit.item.article))

    async def _scan(self, code: str) -> None:
        item = await self.till.ask(catalogue.find, code)
        made = ArticleScreen(self.till, article=item.article) if item else ArticleScreen(self.till, code=code)
        await self._edit(made)

    async def _edit(self, form: ArticleScreen) -> None:
        saved = await self.in_front(form)
        if saved is None:
            self.say(Say.QUIET, _("Nothing was saved."))
            return
        article = await self.till.ask(catalogue.article, saved)
        await self._list(article.number)
        self.say(Say.OK, _("Saved: {article}.").format(article=article.name))

    async def _archive(self) -> None:
        hit = self.hit
        if hit is None:
            self.say(Say.ERROR, _("There is nothing to take out of sale."))
            return
        asked = _("Take {article} out of sale? Its past sales stay.").format(article=hit.item.text)
        yes = later("take it out")
        if not await self.question(Question(self.till, _("Archive"), asked, yes=yes, must_be_seen=True)):
            return
        key = new_key()
        if await allowed(self, Action.EDIT_CATALOGUE, key=key):
            await self.till.ask(catalogue_edit.archive, hit.item.article, by=self.till.by, key=key)
            await self._list(self._words)
            self.say(Say.OK, _("Out of sale: {article}.").format(article=hit.item.text))

    async def _list(self, words: str) -> None:
        """Search again: what is listed may have changed."""
        self.finder.want("")
        self._words = words
        if words:
            await self.finder.now(words)
        self._show()

    # Showing

    def _search(self, words: str) -> None:
        self._words = words
        self.finder.want(words)
        self.say(Say.QUIET, "")
        self._show()

    def _found(self) -> None:
        self.table.chosen = 0
        self._show()

    def _show(self) -> None:
        self.entry.show(self._words)
        empty = _("No article fits. F2 makes a new one.") if self._words else _("Type some letters, or scan.")
        self.table.show(_("Articles"), [_cells(hit) for hit in self.finder.found], self.table.chosen, empty=empty)


def _cells(hit: Found) -> tuple[str, ...]:
    price = _("open price") if hit.item.price is None else money_text(hit.item.price)
    return (hit.item.number, hit.item.text, hit.category_name, price)
