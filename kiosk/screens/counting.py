"""Counting cash: notes and coins one after the other, or all of it in total (D6-01)."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, TypeVar

from textual.binding import BindingType

from kiosk.errors import NothingToUndo, ShopError
from kiosk.i18n import _, later, money_text
from kiosk.money import Money
from kiosk.rules import drawer
from kiosk.rules.codes import LONGEST_CODE
from kiosk.rules.drawer import COINS, Count
from kiosk.screens.back_room import BackRoom
from kiosk.screens.base import Press, key
from kiosk.screens.till import Till
from kiosk.screens.widgets.count_sheet import CountLine, CountSheet
from kiosk.screens.widgets.status import Hint, Say

Result = TypeVar("Result")
Work = Coroutine[Any, Any, None]

LONGEST_NUMBER: Final = 5
LONGEST_TOTAL: Final = 12


@dataclass(frozen=True, slots=True)
class Counting:
    """What has been typed of a count; where the till keeps it, it outlives its screen."""

    of: str = ""
    """The id of the shift that it is a count of."""
    pieces: Mapping[int, str] = field(default_factory=dict)
    """Minor units of a note or coin to the digits that were typed."""
    total: str = ""
    in_total: bool = False
    """Whether all is counted at once, not by notes and coins."""
    place: int = 0
    """Which field is being filled."""

    @property
    def begun(self) -> bool:
        """Whether anything was typed."""
        return bool(self.total if self.in_total else any(self.pieces.values()))

    @property
    def touched(self) -> bool:
        """Whether anything was typed at all, in this way of counting or in the other."""
        return bool(self.total) or any(self.pieces.values())

    def count(self, decimals: int) -> Count | None:
        """What was counted; None while nothing is typed. Refuses: NotANumber, OutOfRange."""
        if not self.begun:
            return None
        if self.in_total:
            return Count(Money.parse(self.total, decimals))
        return drawer.count({value: int(typed) for value, typed in self.pieces.items() if typed})


class CountingScreen(BackRoom[Result]):
    """Fields for notes and coins; a screen of its own says what the count is for."""

    CSS_PATH = "counting.tcss"
    TYPING: ClassVar[Sequence[Hint]] = (("0-9", later("How many of the chosen note or coin; or the total")),)
    BINDINGS: ClassVar[list[BindingType]] = [
        key("f5", "count.total", later("Total"), later("Type the total, or notes and coins again")),
        key("f9", "count.undo", later("Undo"), later("The field that was typed last is as it was before")),
        key("f11", "count.lock", later("Lock"), later("Lock the till; what was typed stays")),
        key("enter,plus", "count.enter", later("Next"), later("The next note or coin")),
        key("tab,down", "count.next", later("Next field")),
        key("minus", "count.minus", later("Before"), later("The note or coin before")),
        key("shift+tab,up", "count.previous", later("Field before")),
        key("home", "count.first", later("First field"), show=False),
        key("end", "count.last", later("Last field"), show=False),
        key("backspace", "count.erase", later("Erase a digit")),
        key("delete", "count.empty", later("Empty the field")),
        key("escape", "count.back", later("Back"), later("Back; asks if something was typed")),
    ]

    def __init__(self, till: Till) -> None:
        super().__init__(till)
        self.coins = COINS.get(till.shop.settings.currency, ())
        self.counting = Counting(in_total=not self.coins)
        self.sheet = CountSheet(id="count")
        self._fresh = True
        """Whether the chosen field was not typed in since it was chosen: then a digit begins it anew."""
        self._before: list[Counting] = []
        """As it was before each field that was changed, for undo."""
        self._typed: list[tuple[Counting, bool, int]] = []
        """As it was before each character, to take a scanner's back."""

    # Typing

    def takes(self, press: Press) -> bool:
        """Digits; in a total, the decimal sign too."""
        if press.character.isascii() and press.character.isdecimal():
            return True
        return self.counting.in_total and press.character in tuple(",.")

    def typed(self, character: str) -> Work | None:
        """One digit more; anything else that came in a burst is left out."""
        self._typed = [*self._typed, (self.counting, self._fresh, len(self._before))][-LONGEST_CODE:]
        text = "" if self._fresh else self._text()
        if self.counting.in_total:
            fits = len(text) < LONGEST_TOTAL and not (character in ",." and set(text) & set(",."))
        else:
            fits = len(text) < LONGEST_NUMBER
        if fits and self.takes(Press("", character)):
            self._put(text + character)
        return None

    def untype(self, characters: int) -> None:
        """What was typed was a scanner's: the count is as it was before."""
        for _step in range(min(characters, len(self._typed))):
            before, self._fresh, steps = self._typed.pop()
            self._before = self._before[:steps]
            self._set(before)

    # Keys

    def action_enter(self) -> None:
        """The next field; behind the last one nothing is closed by itself."""
        if self.counting.in_total or self.counting.place == len(self.coins) - 1:
            self.at_the_end()
        else:
            self._go(self.counting.place + 1)

    def action_next(self) -> None:
        """The next field."""
        self._go(self.counting.place + 1)

    def action_minus(self) -> None:
        """The field before."""
        self._go(self.counting.place - 1)

    def action_previous(self) -> None:
        """The field before."""
        self._go(self.counting.place - 1)

    def action_first(self) -> None:
        """The largest note."""
        self._go(0)

    def action_last(self) -> None:
        """The smallest coin."""
        self._go(len(self.coins) - 1)

    def action_erase(self) -> None:
        """One digit less."""
        text = self._text()
        if text:
            self._put(text[:-1])

    def action_empty(self) -> None:
        """Nothing typed in this field."""
        if self._text():
            self._put("")
            self._fresh = True

    def action_total(self) -> None:
        """Count all at once, or by notes and coins; what was typed there is kept."""
        if not self.coins:
            self.say(Say.ASK, _("This currency is counted in total."))
            return
        self._fresh = True
        self._set(replace(self.counting, in_total=not self.counting.in_total))
        self.say(Say.QUIET, "")

    def action_undo(self) -> None:
        """The field that was typed last is as it was before."""
        if not self._before:
            raise NothingToUndo
        self._fresh = True
        self._set(self._before.pop())
        self.say(Say.OK, _("Taken back."))

    def at_the_end(self) -> None:
        """Enter behind the last field."""

    # The fields

    def _text(self) -> str:
        now = self.counting
        return now.total if now.in_total else now.pieces.get(self.coins[now.place], "")

    def _put(self, text: str) -> None:
        now = self.counting
        if self._fresh:
            self._before.append(now)
            self._fresh = False
        if now.in_total:
            self._set(replace(now, total=text))
        else:
            self._set(replace(now, pieces={**now.pieces, self.coins[now.place]: text}))
        if self.status.kind is not Say.QUIET:
            self.say(Say.QUIET, "")

    def _go(self, place: int) -> None:
        if not self.counting.in_total:
            self._fresh = True
            self._set(replace(self.counting, place=max(0, min(place, len(self.coins) - 1))))

    def _set(self, counting: Counting) -> None:
        self.counting = counting
        self.show()

    # Showing

    def show(self) -> None:
        """Draw the fields."""
        now, decimals = self.counting, self.till.shop.settings.decimals
        if now.in_total:
            lines = [CountLine(_("Total"), now.total, "", sign="")]
        else:
            lines = [self._line(value, now.pieces.get(value, ""), decimals) for value in self.coins]
        place = 0 if now.in_total else now.place
        self.sheet.show(
            _("Count in total") if now.in_total else _("Count the drawer"), lines, place, foot=self.counted_text()
        )

    def counted_text(self) -> str:
        """What was counted so far, in words."""
        amount = self.amount()
        return "" if amount is None else _("Counted {amount}").format(amount=money_text(amount))

    def amount(self) -> Money | None:
        """What was counted so far; None while nothing is typed, or what is typed is no amount yet."""
        try:
            counted = self.counting.count(self.till.shop.settings.decimals)
        except ShopError:
            return None
        return None if counted is None else counted.total

    @staticmethod
    def _line(value: int, typed: str, decimals: int) -> CountLine:
        whole, rest = divmod(value, 10**decimals)
        label = money_text(Money(value)) if rest else str(whole)
        return CountLine(label, typed, money_text(Money(value * int(typed))) if typed else "")
