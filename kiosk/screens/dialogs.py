"""Questions that stand in front of a screen: a notice, yes or no, a choice, a number, a text. Keyboard only."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, ClassVar, Final, TypeVar

from rich.cells import cell_len, chop_cells
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from kiosk.errors import NotEnough, NotInSteps, OutOfRange, ShopError
from kiosk.i18n import _, later, ngettext
from kiosk.i18n.clean import clean_text
from kiosk.money import Money
from kiosk.rules.codes import LONGEST_CODE
from kiosk.screens.base import Press, TillScreen, key
from kiosk.screens.till import Till
from kiosk.screens.widgets.cells import Row, steady
from kiosk.screens.widgets.choice_list import Choice, ChoiceList
from kiosk.screens.widgets.entry_line import EntryLine
from kiosk.screens.widgets.frame import HEAVY
from kiosk.screens.widgets.sheet import Sheet
from kiosk.screens.widgets.status import Hint, Say

Answer = TypeVar("Answer")

WIDTH: Final = 64
MOST_CHOICES: Final = 12
LONGEST_TEXT: Final = 200
LONGEST_PIN: Final = 12
LONGEST_AMOUNT: Final = 12


def wrapped(text: str, width: int) -> list[str]:
    """A sentence in lines of at most so many cells, broken between words where it can be."""
    lines: list[str] = []
    line = ""
    for word in steady(clean_text(text, 600)).split(" "):
        if line and cell_len(line) + 1 + cell_len(word) <= width:
            line = f"{line} {word}"
            continue
        if line:
            lines.append(line)
        *full, line = chop_cells(word, width) or [""]
        lines += full
    return [*lines, line]


class Dialog(TillScreen[Answer], ModalScreen[Answer]):
    """A question in a box; Esc gives ``refusal``. Scanned codes wait for the screen below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("escape", "dialog.refuse", later("Back")),
    ]
    refusal: Answer
    """The answer of Esc."""

    def __init__(self, till: Till, title: str, text: str, *, hints: Sequence[Hint], refusal: Answer) -> None:
        super().__init__(till)
        self.refusal = refusal
        self._title = title
        self._text = text
        self._hints = tuple(hints)
        self._news = ""
        self._alarm = False
        self.sheet = Sheet(box=HEAVY, style="entry-frame")
        self._seen = False

    def compose(self) -> ComposeResult:
        """The box, and in it what the kind of question adds."""
        with Vertical(id="box"):
            yield self.sheet
            yield from self.body()

    def on_mount(self) -> None:
        """Show the question; keys count from the moment at which it can be seen."""
        self._show()
        self.call_after_refresh(self._was_seen)

    def _was_seen(self) -> None:
        self._seen = True

    def press(self, press: Press) -> None:
        """A key that was pressed before the question was on the screen does not answer it."""
        if self._seen or not self.needs_eyes():
            super().press(press)

    def needs_eyes(self) -> bool:
        """Whether the question must have been seen before a key can answer it."""
        return False

    def scan(self, code: str) -> None:
        """The code waits for the screen below."""
        below = self.below
        if below is not None:
            below.scan(code)
            waiting = below.codes_waiting
            self.say(
                Say.ERROR,
                ngettext(
                    "{count} scanned code waits. Answer first.", "{count} scanned codes wait. Answer first.", waiting
                ).format(count=waiting),
            )

    def say(self, kind: Say, text: str, hints: Sequence[Hint] | None = None) -> None:
        """Say something inside the box."""
        del hints
        if text != self._news:
            self._news, self._alarm = text, kind is Say.ERROR
            self._show()

    def may_lock(self) -> bool:
        """A question stays."""
        return False

    def show_keys(self) -> None:
        """A question has no key bar: its keys stand in the box."""

    def action_refuse(self) -> None:
        """Answer no, or nothing."""
        self.dismiss(self.refusal)

    def answer(self, answer: Answer) -> None:
        """Give the answer and go."""
        self.dismiss(answer)

    def _show(self) -> None:
        rows: list[Row] = [()]
        rows += [(("strong", f"  {line}"),) for line in wrapped(self._text, WIDTH - 6)]
        rows.append(())
        if self._news:
            style = "alarm" if self._alarm else "text"
            rows += [((style, f"  {line}"),) for line in wrapped(self._news, WIDTH - 6)]
            rows.append(())
        keys: list[tuple[str, str]] = []
        for name, label in self._hints:
            keys += [("text", "  "), ("key", _(name)), ("text", f" {_(label)} ")]
        if keys:
            rows += [tuple(keys), ()]
        self.sheet.styles.height = len(rows) + 2
        self.sheet.show(self._title, rows)


class Notice(Dialog[None]):
    """One sentence that must be seen; Enter or Esc goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [key("enter", "notice.refuse", later("Go on"))]

    def __init__(self, till: Till, title: str, text: str) -> None:
        super().__init__(till, title, text, hints=(("Enter", later("go on")),), refusal=None)


class Question(Dialog[bool]):
    """Yes or no; Enter says yes, Esc no."""

    BINDINGS: ClassVar[list[BindingType]] = [key("enter", "question.agree", later("Yes"))]

    def __init__(
        self, till: Till, title: str, text: str, *, yes: str, no: str = later("no"), must_be_seen: bool = False
    ) -> None:
        """``yes`` and ``no`` are the English words beside the keys; ``must_be_seen``: no key typed ahead answers it."""
        super().__init__(till, title, text, hints=(("Enter", yes), ("Esc", no)), refusal=False)
        self._must_be_seen = must_be_seen

    def needs_eyes(self) -> bool:
        """As it was asked for."""
        return self._must_be_seen

    def action_agree(self) -> None:
        """Yes."""
        self.answer(True)


class Keys(Dialog[str]):
    """One of several keys; the answer is the key, or nothing on Esc."""

    def __init__(self, till: Till, title: str, text: str, keys: Mapping[str, str], *, no: str = later("back")) -> None:
        """``keys``: upper-case letter or ``Enter`` to the English words beside it."""
        super().__init__(till, title, text, hints=(*keys.items(), ("Esc", no)), refusal="")
        self._keys = {letter.casefold(): letter for letter in keys}

    def takes(self, press: Press) -> bool:
        """The letters that are offered."""
        return press.character.casefold() in self._keys

    def typed(self, character: str) -> Coroutine[Any, Any, None] | None:
        """Answer with a letter."""
        chosen = self._keys.get(character.casefold())
        if chosen:
            self.answer(chosen)
        return None

    def unknown_key(self, press: Press) -> None:
        """Enter answers too, if it is offered."""
        if press.key in self._keys:
            self.answer(self._keys[press.key])
        else:
            super().unknown_key(press)


class Choose(Dialog[int]):
    """One of a list, by its number or with the arrows; the answer is its place, -1 on Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "choose.take", later("Take it")),
        key("up,minus", "choose.up", later("Up")),
        key("down,plus", "choose.down", later("Down")),
        key("pageup", "choose.page_up", later("A page up")),
        key("pagedown", "choose.page_down", later("A page down")),
    ]

    def __init__(
        self, till: Till, title: str, text: str, choices: Sequence[str], *, chosen: int = 0, must_be_seen: bool = False
    ) -> None:
        """``chosen``: the place of the one that Enter takes at first; ``must_be_seen``: no key typed ahead chooses."""
        hints = (("Enter", later("take it")), ("Esc", later("back")))
        super().__init__(till, title, text, hints=hints, refusal=-1)
        self._must_be_seen = must_be_seen
        self._chosen = chosen
        self._choices = tuple(
            Choice(text, key=str(place) if place < 10 else "") for place, text in enumerate(choices, start=1)
        )
        self.list = ChoiceList()
        self.list.styles.height = min(len(choices), MOST_CHOICES) + 2

    def body(self) -> ComposeResult:
        """The list."""
        yield self.list

    def on_mount(self) -> None:
        """Show the list."""
        self.list.show("", self._choices, self._chosen)

    def needs_eyes(self) -> bool:
        """As it was made."""
        return self._must_be_seen

    def takes(self, press: Press) -> bool:
        """Digits choose at once."""
        return press.character.isdigit()

    def typed(self, character: str) -> Coroutine[Any, Any, None] | None:
        """Take the choice of this number."""
        place = int(character) - 1 if character.isdigit() else -1
        if 0 <= place < len(self._choices):
            self.answer(place)
        return None

    def action_take(self) -> None:
        """Take the chosen one."""
        if self.list.chosen is not None:
            self.answer(self.list.chosen)

    def action_up(self) -> None:
        """One up."""
        self.list.move(-1)

    def action_down(self) -> None:
        """One down."""
        self.list.move(1)

    def action_page_up(self) -> None:
        """A page up."""
        self.list.move(-self.list.page)

    def action_page_down(self) -> None:
        """A page down."""
        self.list.move(self.list.page)


class AskText(Dialog[str | None]):
    """A short text, cleaned; None on Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "ask.take", later("Take it")),
        key("backspace", "ask.erase", later("Erase a letter")),
        key("delete", "ask.clear", later("Empty the line")),
    ]

    def __init__(
        self, till: Till, title: str, text: str, *, start: str = "", longest: int = LONGEST_TEXT, hidden: bool = False
    ) -> None:
        hints = (("Enter", later("take it")), ("Esc", later("back")))
        super().__init__(till, title, text, hints=hints, refusal=None)
        self._typed = start
        self._longest = longest
        self._hidden = hidden
        self.entry = EntryLine()

    def body(self) -> ComposeResult:
        """The line."""
        yield self.entry

    def on_mount(self) -> None:
        """Show what stands there at first."""
        self._show_entry()

    def takes(self, press: Press) -> bool:
        """Every character."""
        return bool(press.character)

    def typed(self, character: str) -> Coroutine[Any, Any, None] | None:
        """One character more."""
        self._typed = (self._typed + character)[: self._longest]
        self._show_entry()
        return None

    def untype(self, characters: int) -> None:
        """Take a scan out of the line."""
        self._typed = self._typed[:-characters]
        self._show_entry()

    def action_erase(self) -> None:
        """One character less."""
        self.untype(1)

    def action_clear(self) -> None:
        """Nothing is typed."""
        self._typed = ""
        self._show_entry()

    def action_take(self) -> None:
        """Answer with what was typed."""
        self.answer(clean_text(self._typed, self._longest))

    def _show_entry(self) -> None:
        self.entry.show(self._typed, hidden=self._hidden)


class AskNumber(AskText):
    """A number as it was typed, with a comma or a point; the caller says what it may be."""

    def takes(self, press: Press) -> bool:
        """Digits and the decimal sign."""
        return press.character.isdigit() or (press.character in ",." and not set(self._typed) & set(",."))

    def typed(self, character: str) -> Coroutine[Any, Any, None] | None:
        """One digit more; anything else that came in a burst is left out."""
        return super().typed(character) if character.isdigit() or character in ",." else None


class AskMoney(Dialog[Money | None]):
    """An amount of at least nothing; what can't be one is said in the box, and the question stays. None on Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "amount.take", later("Take it")),
        key("backspace", "amount.erase", later("Erase a digit")),
    ]

    def __init__(
        self,
        till: Till,
        title: str,
        text: str,
        *,
        if_empty: Money | None = None,
        most: Money | None = None,
        as_cash: bool = False,
        yes: str = later("take it"),
        must_be_seen: bool = False,
    ) -> None:
        """``if_empty``: what Enter alone answers; ``most``: what there is; ``as_cash``: above zero, in steps.

        ``yes``: English, beside Enter; ``must_be_seen``: no key typed ahead answers it.
        """
        super().__init__(till, title, text, hints=(("Enter", yes), ("Esc", later("back"))), refusal=None)
        self._if_empty, self._most, self._as_cash = if_empty, most, as_cash
        self._must_be_seen = must_be_seen
        self._typed = ""
        self._before: list[str] = []
        """What stood in the line before each character, to take a scanner's back."""
        self.entry = EntryLine()

    def body(self) -> ComposeResult:
        """The line."""
        yield self.entry

    def needs_eyes(self) -> bool:
        """As it was asked for."""
        return self._must_be_seen

    def takes(self, press: Press) -> bool:
        """Digits and the decimal sign."""
        return (press.character.isascii() and press.character.isdecimal()) or (
            press.character in ",." and not set(self._typed) & set(",.")
        )

    def typed(self, character: str) -> Coroutine[Any, Any, None] | None:
        """One digit more; anything else that came in a burst is left out."""
        self._before = [*self._before, self._typed][-LONGEST_CODE:]
        if self.takes(Press("", character)) and len(self._typed) < LONGEST_AMOUNT:
            self._put(self._typed + character)
        return None

    def untype(self, characters: int) -> None:
        """Take a scan out of the line."""
        for _step in range(min(characters, len(self._before))):
            self._put(self._before.pop())

    def action_erase(self) -> None:
        """One digit less."""
        self._put(self._typed[:-1])

    def action_take(self) -> None:
        """Answer with the amount, if it is one."""
        try:
            self.answer(self._amount())
        except ShopError as error:
            self.refuse(error)

    def _amount(self) -> Money:
        if not self._typed and self._if_empty is not None:
            return self._if_empty
        settings = self.till.shop.settings
        amount = Money.parse(self._typed, settings.decimals)
        if self._as_cash and not amount:
            raise OutOfRange(field="amount", value="0", lowest=str(settings.cash_step))
        if self._as_cash and amount.to_step(settings.step) != amount:
            raise NotInSteps(amount=amount.minor, step=settings.cash_step)
        if self._most is not None and amount > self._most:
            raise NotEnough(wanted=amount.minor, available=self._most.minor)
        return amount

    def _put(self, text: str) -> None:
        self._typed = text
        self.entry.show(text)


class AskPin(AskText):
    """A PIN, shown as asterisks; None on Esc."""

    def __init__(self, till: Till, title: str, text: str) -> None:
        super().__init__(till, title, text, longest=LONGEST_PIN, hidden=True)

    def takes(self, press: Press) -> bool:
        """Digits only."""
        return press.character.isdigit()

    def typed(self, character: str) -> Coroutine[Any, Any, None] | None:
        """One digit more."""
        return super().typed(character) if character.isdigit() else None
