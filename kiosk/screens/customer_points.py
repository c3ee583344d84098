"""Adding and removing points of a customer by hand: direction, PIN, number, reason, and the direction again (T-13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kiosk.errors import NotANumber, NotEnoughPoints, OutOfRange, ShopError, WrongPin
from kiosk.i18n import _, later, ngettext
from kiosk.i18n.sentences import action as words_of
from kiosk.i18n.sentences import sentence
from kiosk.rules.permissions import Action
from kiosk.screens.approval import allowed
from kiosk.screens.around import may
from kiosk.screens.base import Press, TillScreen
from kiosk.screens.dialogs import AskPin, AskText, Choose, Keys
from kiosk.screens.reasons import ask_reason
from kiosk.screens.till import Till
from kiosk.screens.widgets.status import Say

if TYPE_CHECKING:
    from kiosk.services.points import Adjusted
    from kiosk.services.shop import Shop

_SIGNS: Final = "+-.,"
_LONGEST: Final = 12


def points_text(count: int) -> str:
    """So many points."""
    return ngettext("{count} point", "{count} points", count).format(count=count)


class AskPoints(AskText):
    """A whole number of points above nothing; what is none is said in the box, and the question stays. None on Esc."""

    def __init__(self, till: Till, title: str, text: str, *, most: int, held: int | None) -> None:
        """``held``: what there is to remove; None while points are added."""
        super().__init__(till, title, text, longest=_LONGEST)
        self._most, self._held = most, held

    def takes(self, press: Press) -> bool:
        """Digits; signs too, so that a number below zero is refused rather than taken for one above."""
        return (press.character.isascii() and press.character.isdecimal()) or press.character in tuple(_SIGNS)

    def action_take(self) -> None:
        """Answer with the number, if it is one."""
        try:
            self._check(self._typed)
        except ShopError as error:
            self.refuse(error)
        else:
            super().action_take()

    def _check(self, typed: str) -> None:
        bare = typed.removeprefix("-")
        if not (bare.isascii() and bare.isdecimal()):
            raise NotANumber(text=typed)
        number = int(typed)
        if not 1 <= number <= self._most:
            raise OutOfRange(field="points", value=typed, lowest="1", highest=str(self._most))
        if self._held is not None and number > self._held:
            raise NotEnoughPoints(wanted=number, available=self._held)


class Confirm(Keys):
    """The chosen direction once more; no other key does it, and none that was typed ahead (T-15)."""

    def needs_eyes(self) -> bool:
        """It must be seen."""
        return True


async def change(screen: TillScreen[Any], customer: str) -> Adjusted | None:
    """Ask for all that it needs, and do it; None if nothing was moved. Refuses: Denied, NeedsApproval, Locked, Erased.

    Source: T-13, T-14, T-15, E43.
    """
    from kiosk.services import points
    from kiosk.services.shop import new_key

    till, deed, title = screen.till, new_key(), _("Points")
    await till.ask(may, till.by, Action.ADJUST_POINTS)
    name, held = await till.ask(_look, customer, till.by)
    asked = _("{name} has {points}.").format(name=name, points=points_text(held))
    place = await screen.question(Choose(till, title, asked, [_("Add points"), _("Remove points")], must_be_seen=True))
    if place < 0 or not await _proven(screen, deed):
        return None
    add = place == 0
    asked = _("How many points are added?") if add else _("How many of {points} are removed?")
    typed = await screen.question(
        AskPoints(till, title, asked.format(points=points_text(held)), most=points.MOST, held=None if add else held)
    )
    if not typed:
        return None
    amount = int(typed)
    reason = await ask_reason(screen, title, _("Why? It is written down."), till.shop.settings.points_reasons)
    if reason is None or not await _confirmed(screen, name, held, amount, add=add):
        return None
    made = await till.ask(points.adjust, customer, amount, add=add, reason=reason, key=deed, by=till.by)
    said = _("{points} added. {name} has {held} now.") if add else _("{points} removed. {name} has {held} now.")
    screen.say(Say.OK, said.format(points=points_text(amount), name=name, held=made.held))
    return made


def _look(shop: Shop, customer: str, by: str) -> tuple[str, int]:
    """What a customer is called, and his points."""
    from kiosk.services import customers, points

    found = customers.get(shop, customer, by=by)
    return found.called, points.held(shop, found.id)


async def _proven(screen: TillScreen[Any], deed: str) -> bool:
    """Whether somebody who may has typed a PIN: another person, or whoever is signed in anew (T-13, T-14)."""
    from kiosk.services import staff

    till = screen.till
    if not await till.ask(may, till.by, Action.ADJUST_POINTS):
        return await allowed(screen, Action.ADJUST_POINTS, key=deed)
    if till.person is not None and not till.person.pin:
        screen.say(Say.ERROR, _("This needs your PIN, and you have none: a manager gives you one."))
        return False
    asked = _("To {action}, type your own PIN.").format(action=words_of(Action.ADJUST_POINTS))
    news = asked
    while True:
        pin = await screen.question(AskPin(till, _("PIN"), news))
        if not pin:
            return False
        try:
            await till.ask(staff.prove, till.by, pin, Action.ADJUST_POINTS, key=deed)
        except WrongPin as error:
            news = f"{sentence(error)} {asked}"
        else:
            return True


async def _confirmed(screen: TillScreen[Any], name: str, held: int, amount: int, *, add: bool) -> bool:
    """Whether the key of the chosen direction was pressed: A adds, R removes."""
    if add:
        said = _("Add {points} to {name}? {held} + {amount} = {after}.")
        letter, does = "A", later("adds them")
    else:
        said = _("Remove {points} from {name}? {held} - {amount} = {after}.")
        letter, does = "R", later("removes them")
    asked = said.format(
        points=points_text(amount), name=name, held=held, amount=amount, after=held + amount if add else held - amount
    )
    return await screen.question(Confirm(screen.till, _("Points"), asked, {letter: does})) == letter
