"""All that can be done with a customer, by the badge of the sale or from the list of customers (T-10)."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType

from kiosk.i18n import _, later
from kiosk.rules.permissions import Action, State
from kiosk.screens.base import Press, TillScreen, key
from kiosk.screens.dialogs import Dialog
from kiosk.screens.served import look_at
from kiosk.screens.till import Till
from kiosk.screens.widgets.choice_list import Choice, ChoiceList

if TYPE_CHECKING:
    from kiosk.services.customer_rows import Customer
    from kiosk.services.shop import Shop


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the menu: its digit, its word in the program, in English what it does, and the right to it."""

    key: str
    name: str
    says: str
    right: Action = Action.SEE_CUSTOMERS


CLEAR: Final = Deed("0", "clear", later("Clear: the sale is for nobody"))
_BAN: Final = Deed("5", "ban", later("Ban: the shop does not serve him"), Action.BAN_CUSTOMERS)
_UNBAN: Final = Deed("5", "unban", later("Serve again: lift the ban"), Action.BAN_CUSTOMERS)
_UNMERGE: Final = Deed("7", "unmerge", later("Undo a merge"), Action.MERGE_CUSTOMERS)
_DEEDS: Final = (
    Deed("1", "history", later("History: sales and points")),
    Deed("2", "points", later("Points: add or remove"), Action.ADJUST_POINTS),
    Deed("3", "edit", later("Edit"), Action.EDIT_CUSTOMERS),
    Deed("4", "consents", later("Consents")),
    _BAN,
    Deed("6", "merge", later("Merge with another customer"), Action.MERGE_CUSTOMERS),
    _UNMERGE,
    Deed("8", "erase", later("Erase: forget the person, keep the books"), Action.ERASE_CUSTOMERS),
    Deed("9", "export", later("Export: all that is kept, as one file"), Action.EXPORT_CUSTOMERS),
)


class CustomerMenu(Dialog[str]):
    """The name of a deed; nothing on Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "customer_menu.take", later("Do it")),
        key("delete", "customer_menu.clear", later("Clear the customer from the sale")),
        key("up,minus", "customer_menu.up", later("Up")),
        key("down,plus", "customer_menu.down", later("Down")),
    ]

    def __init__(self, till: Till, title: str, deeds: Sequence[Deed]) -> None:
        hints = (("0-9", later("choose")), ("Enter", later("do it")), ("Esc", later("back")))
        super().__init__(till, title, _("What is to be done?"), hints=hints, refusal="")
        self._deeds = tuple(deeds)
        self.list = ChoiceList()
        self.list.styles.height = len(self._deeds) + 2

    def body(self) -> ComposeResult:
        """The deeds."""
        yield self.list

    def on_mount(self) -> None:
        """Show them."""
        self.list.show("", [Choice(_(deed.says), key=deed.key) for deed in self._deeds])

    def takes(self, press: Press) -> bool:
        """Digits."""
        return press.character.isdigit()

    def typed(self, character: str) -> Coroutine[Any, Any, None] | None:
        """Answer with the deed of a digit."""
        for deed in self._deeds:
            if deed.key == character:
                self.answer(deed.name)
        return None

    def action_take(self) -> None:
        """The chosen one."""
        self.answer(self._deeds[self.list.chosen or 0].name)

    def action_clear(self) -> None:
        """Clear, where that is offered."""
        if CLEAR in self._deeds:
            self.answer(CLEAR.name)

    def action_up(self) -> None:
        """One up."""
        self.list.move(-1)

    def action_down(self) -> None:
        """One down."""
        self.list.move(1)


async def ask(screen: TillScreen[Any], customer: str, *, clear: bool = False) -> bool:
    """Ask what is to be done with a customer, and do it; True if he is to be cleared from the sale (T-21)."""
    till = screen.till
    one, deeds = await till.ask(_look, customer, by=till.by)
    if clear:
        deeds.append(CLEAR)
    name = await screen.question(CustomerMenu(till, f" {one.initial}  {one.called}  #{one.number}", deeds))
    if name == CLEAR.name:
        return True
    if name:
        await _do(screen, name, one.id)
    return False


async def ask_unseen(screen: TillScreen[Any]) -> bool:
    """The same of one who may not be seen."""
    return await screen.question(CustomerMenu(screen.till, _("Customer"), [CLEAR])) == CLEAR.name


def _look(shop: Shop, customer: str, *, by: str) -> tuple[Customer, list[Deed]]:
    """The customer, and what can be done with him by this person, at once or once somebody approves."""
    from kiosk.services import staff

    details = look_at(shop, customer, by=by)
    one = details.customer
    deeds = [_UNBAN if deed is _BAN and one.banned is not None else deed for deed in _DEEDS]
    if not details.merged:
        deeds.remove(_UNMERGE)
    return one, [deed for deed in deeds if staff.permission(shop, by, deed.right) is not State.DENIED]


async def _do(screen: TillScreen[Any], name: str, customer: str) -> None:
    till = screen.till
    if name == "history":
        from kiosk.screens.customer_history import CustomerHistoryScreen

        await screen.in_front(CustomerHistoryScreen(till, customer))
    elif name == "points":
        from kiosk.screens import customer_points

        await customer_points.change(screen, customer)
    elif name == "edit":
        from kiosk.screens.customer_form import CustomerFormScreen

        await screen.in_front(CustomerFormScreen(till, customer=customer))
    elif name == "consents":
        from kiosk.screens.consents import ConsentsScreen

        await screen.in_front(ConsentsScreen(till, customer))
    else:
        from kiosk.screens import customer_deeds

        await getattr(customer_deeds, name)(screen, customer)
