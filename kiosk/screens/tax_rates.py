"""The shop's tax rates: those of today, and those that come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import ClassVar

from textual.binding import Binding, BindingType

from kiosk.errors import Invalid, Missing, ShopError
from kiosk.i18n import _, date_text, later, percent_text
from kiosk.i18n.sentences import sentence
from kiosk.money import Percent
from kiosk.rules.coming import coming_day
from kiosk.rules.permissions import Action
from kiosk.screens.dialogs import AskNumber, AskText, Choose, Question
from kiosk.screens.list_room import ListRoom, Work
from kiosk.screens.widgets.status import Hint, Say
from kiosk.screens.widgets.table import Column
from kiosk.services import catalogue_tax, staff
from kiosk.services.catalogue_tax import LONGEST_CODE, LONGEST_NAME, Rate, TaxCode, TaxForm
from kiosk.services.shop import Shop


def _read(shop: Shop, by: str) -> tuple[TaxCode, ...]:
    staff.require(shop, by, Action.EDIT_SETTINGS)
    return catalogue_tax.tax_codes(shop)


class TaxRatesScreen(ListRoom):
    """A line for each code; a rate that comes stands beside that of today, and what was sold keeps its own.

    Source: D2-01, N19.
    """

    TITLE_WORD: ClassVar[str] = later("TAX RATES")
    HINTS: ClassVar[Sequence[Hint]] = (
        ("Enter", later("change")),
        ("F2", later("new")),
        ("Del", later("drop what comes")),
        ("Esc", later("back")),
    )
    COLUMNS: ClassVar[Sequence[Column]] = (
        Column(later("Code"), 6),
        Column(later("Name"), 0),
        Column(later("Today"), 9, align="right"),
        Column(later("Then"), 9, align="right"),
        Column(later("From"), 11),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "new", later("New"), id="tax_rates.new", tooltip=later("A new tax code")),
        Binding(
            "delete",
            "drop",
            later("Drop"),
            id="tax_rates.drop",
            tooltip=later("Drop the rate that comes last; asks"),
            show=False,
        ),
    ]
    _codes: tuple[TaxCode, ...] = ()

    async def read(self) -> None:
        """As they are now."""
        self._codes = await self.till.ask(_read, self.till.by)

    def heading(self) -> str:
        """What they are."""
        return _("Tax rates")

    def cells(self) -> Sequence[tuple[str, ...]]:
        """Code, name, the rate of today and the next one."""
        return [(one.code, one.name, f"{percent_text(one.percent)} %", *self._then(one)) for one in self._codes]

    def _then(self, one: TaxCode) -> tuple[str, str]:
        coming = self._coming(one)
        return (f"{percent_text(coming[0].percent)} %", date_text(coming[0].valid_from)) if coming else ("", "")

    def advice(self) -> tuple[str, str]:
        """All its rates, the newest first."""
        one = self._codes[self.table.chosen]
        since = _("{percent} % from {day}")
        rates = [
            since.format(percent=percent_text(rate.percent), day=date_text(rate.valid_from))
            for rate in reversed(one.rates)
        ]
        return f"{one.code} {one.name}", " · ".join(rates[:4])

    def open_chosen(self) -> Work:
        """Ask what is to be changed."""
        return self._change(self._codes[self.table.chosen])

    def action_new(self) -> Work:
        """A code that the shop has not had."""
        return self._new()

    def action_drop(self) -> Work | None:
        """A rate that is not there yet."""
        return self._drop(self._codes[self.table.chosen]) if self._codes else None

    def _coming(self, one: TaxCode) -> list[Rate]:
        today = self.till.shop.clock.today()
        return [rate for rate in one.rates if rate.valid_from > today]

    async def _change(self, one: TaxCode) -> None:
        title = f"{one.code} {one.name}"
        kinds = [_("A new rate from a day on"), _("Name")]
        place = await self.question(Choose(self.till, title, _("What shall be changed?"), kinds))
        if place == 0:
            await self._add_rate(one, title)
        elif place == 1:
            name = await self.question(AskText(self.till, title, _("Name"), start=one.name, longest=LONGEST_NAME))
            if name:
                await self._save(TaxForm(one.code, name, one.rates))

    async def _add_rate(self, one: TaxCode, title: str) -> None:
        percent = await self._ask_percent(title)
        if percent is None:
            return
        day = await self._ask_day(title)
        if day is None:
            return
        kept = tuple(rate for rate in one.rates if rate.valid_from != day)
        await self._save(TaxForm(one.code, one.name, tuple(sorted((*kept, Rate(day, percent)), key=_from))))

    async def _ask_percent(self, title: str) -> Percent | None:
        asked = _("How many percent?")
        while True:
            text = await self.question(AskNumber(self.till, title, asked))
            if not text:
                return None
            try:
                found = Percent.parse(text)
            except ShopError as error:
                asked = sentence(error)
                continue
            if 0 <= found.hundredths <= 10_000:
                return found
            asked = _("From 0 to 100 percent.")

    async def _ask_day(self, title: str) -> date | None:
        """Tomorrow is proposed; a day that is over would say something else of what was sold then."""
        today = self.till.shop.clock.today()
        asked, start = _("From which day on?"), date_text(today + timedelta(days=1))
        while True:
            text = await self.question(AskText(self.till, title, asked, start=start, longest=10))
            if not text:
                return None
            try:
                day = coming_day(text, today)
                if day >= today:
                    return day
                asked = _("That day is over. From today on.")
            except Invalid as error:
                asked = sentence(error)
            start = text

    async def _new(self) -> None:
        title = _("A new tax code")
        code = await self.question(AskText(self.till, title, _("Its letter on receipts"), longest=LONGEST_CODE))
        if not code:
            return
        if any(one.code == code.upper() for one in self._codes):
            self.say(Say.ERROR, _("There is a tax code {code} already.").format(code=code.upper()))
            return
        name = await self.question(AskText(self.till, title, _("Name"), longest=LONGEST_NAME))
        if not name:
            return
        percent = await self._ask_percent(title)
        if percent is not None:
            await self._save(TaxForm(code, name, (Rate(self.till.shop.clock.today(), percent),)))

    async def _drop(self, one: TaxCode) -> None:
        coming = self._coming(one)
        if not coming:
            self.say(Say.ERROR, _("No rate comes that could be dropped."))
            return
        last = coming[-1]
        asked = _("Drop {percent} % from {day}?").format(
            percent=percent_text(last.percent), day=date_text(last.valid_from)
        )
        if await self.question(
            Question(self.till, f"{one.code} {one.name}", asked, yes=later("drop it"), must_be_seen=True)
        ):
            await self._save(TaxForm(one.code, one.name, tuple(rate for rate in one.rates if rate != last)))

    async def _save(self, form: TaxForm) -> None:
        try:
            saved = await self.till.ask(catalogue_tax.save_tax_code, form, by=self.till.by)
        except (Invalid, Missing) as error:
            self.refuse(error)
            return
        await self.read_again(_("Saved: {name}.").format(name=f"{saved.code} {saved.name}"))


def _from(rate: Rate) -> date:
    return rate.valid_from
