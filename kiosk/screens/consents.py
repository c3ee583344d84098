"""What a customer agreed to and withdrew: a line for each, and the words of it (N20)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from kiosk.clock import from_millis
from kiosk.i18n import _, later, pgettext, stamp_text
from kiosk.receipts.consent_slip import CHANNELS
from kiosk.screens.dialogs import Notice
from kiosk.screens.list_room import ListRoom, Work
from kiosk.screens.till import Till
from kiosk.screens.widgets.status import Hint, Say
from kiosk.screens.widgets.table import Column
from kiosk.services import consents, customers
from kiosk.services.consents import Consent
from kiosk.services.shop import Shop


def _read(shop: Shop, by: str, customer: str) -> tuple[str, tuple[Consent, ...]]:
    """What the customer is called, and all that he said."""
    known = customers.get(shop, customer, by=by)
    return known.called, consents.history(shop, known.id, by=by)


class ConsentsScreen(ListRoom):
    """Nothing is changed here: a yes or a no is said in the form, and stands here for good. Source: N20, T-03, T-04."""

    TITLE_WORD: ClassVar[str] = later("CONSENT")
    PLACE: ClassVar[str] = later("Customers")
    MAIN_KEY: ClassVar[str] = "list.close"
    HINTS: ClassVar[Sequence[Hint]] = (
        ("Enter", later("the words")),
        ("F8", later("print")),
        ("Esc", later("back")),
    )
    COLUMNS: ClassVar[Sequence[Column]] = (
        Column(later("When"), 17),
        Column(later("What for"), 17),
        Column(later("Said"), 5),
        Column(later("Taken down by"), 0),
        Column(later("Remark"), 16),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", later("The words"), id="consents.read", tooltip=later("The words, whole")),
        Binding("f8", "print", later("Print"), id="consents.print", tooltip=later("Print all of it, to be signed")),
    ]

    def __init__(self, till: Till, customer: str) -> None:
        super().__init__(till)
        self._customer = customer
        self._called = ""
        self._said: tuple[Consent, ...] = ()

    async def read(self) -> None:
        """As it is now."""
        self._called, self._said = await self.till.ask(_read, self.till.by, self._customer)

    def heading(self) -> str:
        """Whose it is."""
        return self._called

    def cells(self) -> Sequence[tuple[str, ...]]:
        """When, what for, yes or no, who took it down; and what is to be known of it."""
        clock = self.till.shop.clock
        return [
            (
                stamp_text(clock.local(from_millis(one.at))),
                _(CHANNELS[one.channel]),
                _("yes") if one.given else _("no"),
                one.who,
                _remark(one),
            )
            for one in self._said
        ]

    def advice(self) -> tuple[str, str]:
        """The words that it was said to."""
        one = self._said[self.table.chosen]
        return _("Wording {version}").format(version=one.version), one.wording

    def open_chosen(self) -> Work:
        """The words, whole."""
        return self._show_words(*self.advice())

    async def _show_words(self, title: str, words: str) -> None:
        await self.question(Notice(self.till, title, words))

    def action_print(self) -> Work:
        """Print all of it."""
        return self._print()

    async def _print(self) -> None:
        await self.till.ask(consents.print_proof, self._customer, by=self.till.by)
        self.till.paper_queued()
        self.say(Say.OK, _("Printing what was agreed to."))


def _remark(one: Consent) -> str:
    if one.source == "import":
        return pgettext("consent", "imported")
    return "" if one.of_now else _("former address")
