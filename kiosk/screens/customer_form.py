"""A customer is made or changed at the till, without leaving the sale."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, ClassVar, Final

from textual.binding import BindingType

from kiosk.errors import Denied, Invalid, SealedElsewhere, ShopError
from kiosk.i18n import _, date_text, later, pgettext
from kiosk.i18n.sentences import sentence
from kiosk.rules.permissions import Action, State
from kiosk.screens import customer_fields
from kiosk.screens.customer_fields import EXPIRIES, Known
from kiosk.screens.customer_twins import NOBODY, TwinsDialog
from kiosk.screens.dialogs import Notice, Question
from kiosk.screens.form_fields import Field, Filled
from kiosk.screens.form_room import FormRoom, form_keys
from kiosk.screens.till import Till
from kiosk.screens.widgets.cells import fit
from kiosk.screens.widgets.choice_list import Choice
from kiosk.screens.widgets.form import FormLine
from kiosk.screens.widgets.status import Hint, Say
from kiosk.services import cards, customer_twins, customers

Work = Coroutine[Any, Any, None]

_NAME_WIDTH: Final = 20
_EXPIRED: Final = {
    "licence_until": later("The driving licence expired on {day}."),
    "medical_until": later("The medical card expired on {day}."),
}


class CustomerFormScreen(FormRoom):
    """A form; gives the id of whom it saved, or of one who was there already, None when nothing was.

    Source: T-01 to T-08, T-18 to T-20, H-29, Q-04, U-09.
    """

    TITLE_WORD: ClassVar[str] = later("CUSTOMER")
    MAIN_KEY: ClassVar[str] = "customer_form.save"
    TYPING: ClassVar[Sequence[Hint]] = (
        ("1-9", later("In a list: choose, and go on")),
        (later("Space"), later("Yes or no: turn it over")),
        (later("Scan"), later("A card for this customer, in whichever field")),
    )
    CHANGED: ClassVar[str] = later("This customer was changed. What shall become of it?")
    BINDINGS: ClassVar[list[BindingType]] = form_keys(
        "customer_form", later("Save the customer"), later("Empty the field")
    )

    def __init__(self, till: Till, *, customer: str = "", name: str = "") -> None:
        """``customer``: the id of one to change; ``name``: what a new one was searched by."""
        super().__init__(till)
        self._known: Known | None = None
        self._customer = customer
        self._searched = name
        self._warned: set[tuple[str, str]] = set()
        """Fields and texts that were said to have expired."""

    def title_text(self) -> str:
        """Who it is, which till, and who is signed in: the shop's name gives way to the customer's."""
        kept = None if self._known is None else self._known.customer
        parts = [_(self.TITLE_WORD) if self._customer else _("NEW CUSTOMER")]
        parts += [fit(kept.called, _NAME_WIDTH).rstrip()] if kept else []
        parts.append(self.till.shop.lane)
        parts += [self.till.person.name] if self.till.person else []
        return " · ".join(parts)

    def fields(self) -> Sequence[Field]:
        """Those of a person or a company, with what the shop and the switch ask for."""
        sealed = self._known is not None and self._known.papers is None
        return customer_fields.fields(self.filled, medical=self.till.shop.settings.medical_shop, sealed=sealed)

    def heading(self) -> str:
        """Whether it is a new one."""
        return _("Change a customer") if self._customer else _("New customer")

    def problem(self, one: Field) -> ShopError | None:
        """A date or a coordinate that is none."""
        known = self._known
        if known is None:
            return None
        return customer_fields.problem(one, self.filled, known.today, self.till.shop.settings)

    def left(self, one: Field) -> None:
        """What was typed stands there as it is written; papers that have expired are remarked upon (T-06)."""
        known = self._known
        if known is None:
            return
        settled = customer_fields.settled(self.filled, known.today, self.till.shop.settings)
        if settled != self.filled:
            self.change(settled)
        expired = self._expired(one.name)
        if expired:
            self._warned.add((one.name, self.filled.text(one.name)))
            self.say(Say.ASK, expired)

    def revealed(self, name: str) -> Filled:
        """A field of a licence or a company is shown when something is to be said of it."""
        return customer_fields.revealed(self.filled, name)

    def _expired(self, name: str) -> str:
        """What is to be said of an expiry that is past; empty: nothing."""
        known = self._known
        if known is None or name not in EXPIRIES:
            return ""
        try:
            until = customer_fields.day_of(name, self.filled, known.today, self.till.shop.settings)
        except Invalid:
            return ""
        if until is None or until >= known.today:
            return ""
        return _(_EXPIRED[name]).format(day=date_text(until))

    # Scanning

    def scanned(self, code: str) -> Work | None:
        """A card for this customer, whichever field is being filled."""
        return self._take_card(code)

    async def _take_card(self, code: str) -> None:
        """A code that is taken, or can't be a card's, is said at once."""
        try:
            kept = await self.till.ask(cards.free_code, code)
        except ShopError:
            self.go("card")
            raise
        self.put("card", kept)
        self.say(Say.OK, _("Card {code}: given with F12.").format(code=kept))

    # Work

    async def open_form(self) -> None:
        """Read the customer; who may not change one is told before typing."""
        try:
            known = await self.till.ask(customer_fields.look, self.till.by, self._customer)
            if known.allowed is not State.ALLOWED:
                raise Denied(action=Action.EDIT_CUSTOMERS)
        except ShopError as error:
            await self.question(Notice(self.till, _("Customers"), sentence(error)))
            self.dismiss(None)
            return
        settings = self.till.shop.settings
        self._known = known
        if known.customer is None:
            filled, at = customer_fields.filled_for(self._searched)
            had = ""
        else:
            filled, at, had = customer_fields.filled_from(known, settings), "", known.customer.form.type
        self.begin(filled, customer_fields.options(settings, had), at=at)
        self.header.redraw()
        if known.papers is None:
            self.say(Say.ASK, sentence(SealedElsewhere()))
        else:
            self.say(Say.QUIET, "")

    async def save_form(self) -> str | None:
        """Save the customer; the id."""
        known, settings = self._known, self.till.shop.settings
        if known is None:
            return None
        self.change(customer_fields.settled(self.filled, known.today, settings))
        if not await self._expiry_is_seen():
            return None
        form = customer_fields.form_from(self.filled, self._saved, known, settings)
        if form.id is None:
            twins = await self.till.ask(customer_twins.twins, form, by=self.till.by)
            answer = await self.question(TwinsDialog(self.till, twins)) if twins else NOBODY
            if answer != NOBODY:
                return answer or None
        saved = await self.till.ask(customers.save, form, by=self.till.by)
        return saved.id

    async def _expiry_is_seen(self) -> bool:
        """A paper that was typed now and has expired is no reason to refuse it, but to look again."""
        for name in sorted(EXPIRIES):
            text = self.filled.text(name)
            if text == self._saved.text(name) or (name, text) in self._warned:
                continue
            expired = self._expired(name)
            if expired:
                self._warned.add((name, text))
                asked = Question(
                    self.till, _("Expired"), expired, yes=later("save"), no=later("back to the form"), must_be_seen=True
                )
                if not await self.question(asked):
                    self.go(name)
                    return False
        return True

    # Showing

    def show_side(self) -> None:
        """The cards that this customer has."""
        kept = None if self._known is None else self._known.customer
        codes = [Choice(code) for code in (kept.cards if kept else ())]
        self.list.show(_("Cards"), codes, None, empty=pgettext("cards", "none"))

    def line(self, one: Field) -> FormLine:
        """What stands in a field; a paper that has expired in another colour."""
        return FormLine(_(one.label), self.filled.text(one.name), alarm=bool(self._expired(one.name)))
