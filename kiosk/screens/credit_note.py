"""Credit notes at the till: what one holds, and how much of it pays (K-02)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kiosk.errors import Locked, NotFound, OutOfRange
from kiosk.i18n import _, clean_text, money_text, ngettext
from kiosk.money import Money, total
from kiosk.rules import codes
from kiosk.rules.codes import CodeKind
from kiosk.rules.tender import Given, Tender
from kiosk.screens.base import Press, TillScreen
from kiosk.screens.dialogs import AskMoney, AskText
from kiosk.screens.open_sale import OpenSale
from kiosk.screens.till import Till
from kiosk.screens.widgets.status import Say

if TYPE_CHECKING:
    from kiosk.services.credit_notes import Note

_LAST: Final = 4
_LONGEST_NAME: Final = 24


class AskCode(AskText):
    """The number of a credit note, typed or scanned; None on Esc."""

    def __init__(self, till: Till, title: str) -> None:
        super().__init__(till, title, _("Scan the credit note, or type its number:"), longest=codes.LONGEST_CODE)

    def takes(self, press: Press) -> bool:
        """Digits, and the spaces between them."""
        return press.character.isdigit() or press.character == " "

    def scan(self, code: str) -> None:
        """The code is the answer."""
        self.answer(code)


def is_note(code: str) -> bool:
    """Whether a code can be a credit note's."""
    return codes.what_is(code).kind is CodeKind.CARD


async def show(screen: TillScreen[Any], code: str) -> None:
    """Say what a credit note holds. Refuses: NotFound, Denied."""
    note = await _find(screen, code)
    if note is not None and _can_pay(screen, note, note.held):
        held = money_text(note.held, symbol=True)
        screen.say(Say.OK, _("{note}: {amount}. It pays at the payment.").format(note=_whose(note), amount=held))


async def ask(
    screen: TillScreen[Any], sale: OpenSale, tender: Tender, wanted: Money, *, code: str = ""
) -> Given | None:
    """What of a credit note pays a sale: what is wanted and there, or less; None if nothing.

    Without a code it is asked for. Refuses: OutOfRange (nothing is due), Denied.
    """
    if sale.due.minor <= 0:
        raise OutOfRange(field="amount", value=str(sale.due.minor), highest="0")
    asked: str | None = code
    if not code:
        asked = await screen.question(AskCode(screen.till, _(tender.name)))
    if not asked:
        return None
    try:
        note = await _find(screen, asked)
    except NotFound:
        screen.say(Say.ERROR, _("No credit note has this number."))
        return None
    if note is None:
        return None
    left = note.held - total(given.given for given in sale.tenders if given.card == note.card)
    if not _can_pay(screen, note, left):
        return None
    most = min(left, sale.due)
    proposed = min(wanted, most)
    amount = await screen.question(
        AskMoney(
            screen.till,
            _whose(note),
            _("It holds {held}. Enter takes {amount}, or type less.").format(
                held=money_text(left, symbol=True), amount=money_text(proposed, symbol=True)
            ),
            if_empty=proposed,
            most=most,
            must_be_seen=True,
        )
    )
    return Given(tender, amount, card=note.card) if amount else None


async def _find(screen: TillScreen[Any], code: str) -> Note | None:
    """Look it up; None, and said, for whoever has to wait."""
    from kiosk.services import credit_notes

    try:
        return await screen.till.ask(credit_notes.find, code, by=screen.till.by)
    except Locked as error:
        seconds = error.wait_seconds or 0
        wait = ngettext("Wait {count} second.", "Wait {count} seconds.", seconds).format(count=seconds)
        screen.say(Say.ERROR, _("Too many unknown numbers.") + " " + wait)
        return None


def _can_pay(screen: TillScreen[Any], note: Note, left: Money) -> bool:
    """Whether there is something to pay with; says what is in the way."""
    if note.state == "active" and left:
        return True
    why = _("{note} is shut. On it: {amount}.") if note.state != "active" else _("Nothing is left on {note}: {amount}.")
    screen.say(Say.ERROR, why.format(note=_name(note), amount=money_text(left, symbol=True)))
    return False


def _whose(note: Note) -> str:
    """Its name, and whose it is: a sale for nobody that it pays will be his (K-13)."""
    return f"{_name(note)} · {clean_text(note.owner, _LONGEST_NAME)}" if note.owner else _name(note)


def _name(note: Note) -> str:
    """Never the whole code: the screen can be seen from behind."""
    return _("Credit note ..{digits}").format(digits=note.code[-_LAST:])
