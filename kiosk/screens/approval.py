"""Asking another person's PIN for something that needs it, without anybody signing out (D7-02)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kiosk.errors import NeedsApproval, WrongPin
from kiosk.i18n import _
from kiosk.i18n.sentences import action as words_of
from kiosk.i18n.sentences import sentence
from kiosk.screens.around import may, who_may
from kiosk.screens.base import TillScreen
from kiosk.screens.dialogs import AskPin, Choose

if TYPE_CHECKING:
    from kiosk.services.staff import Person


async def allowed(screen: TillScreen[Any], action: str, *, key: str) -> bool:
    """Whether whoever is signed in may do it now, for the deed with this key; asks for a PIN where the shop wants one.

    False when nobody approved. Refuses: Denied, NeedsApproval (nobody could approve), Locked.
    """
    till = screen.till
    if await till.ask(may, till.by, action):
        return True
    people = await till.ask(who_may, action, till.by)
    if not people:
        raise NeedsApproval(action=action)
    place = 0
    if len(people) > 1:
        asked = _("Somebody else must agree to this: {action}. Who?").format(action=words_of(action))
        place = await screen.question(Choose(till, _("Approval"), asked, [person.name for person in people]))
    if place < 0:
        return False
    return await _proven(screen, people[place], action, key)


async def _proven(screen: TillScreen[Any], person: Person, action: str, key: str) -> bool:
    from kiosk.services import staff

    till = screen.till
    asked = _("To {action}, {name} types a PIN.").format(action=words_of(action), name=person.name)
    news = asked
    while True:
        pin = await screen.question(AskPin(till, _("Approval"), news))
        if not pin:
            return False
        try:
            await till.ask(staff.approve, person.id, pin, action, till.by, key=key)
        except WrongPin as error:
            news = f"{sentence(error)} {asked}"
        else:
            return True
