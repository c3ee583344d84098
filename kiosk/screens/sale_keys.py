"""The key map of the sale screen (UX.md 4.3). The ids are the contract; a shop's configuration may move keys."""

from __future__ import annotations

from typing import Final

from textual.binding import BindingType

from kiosk.i18n import later
from kiosk.screens.base import key
from kiosk.screens.widgets.status import Hint

BINDINGS: Final[list[BindingType]] = [
    key("enter", "sale.enter", later("Enter"), later("Look up, take the hit; with nothing typed: pay")),
    key("plus", "sale.more", later("More"), later("One more of the chosen line; number +: that many more")),
    key("minus", "sale.fewer", later("Fewer"), later("One less of the chosen line; number -: that many less")),
    key(
        "asterisk",
        "sale.times",
        later("Times"),
        later("Number *: so many of the next one; alone: the line again"),
    ),
    key("slash", "sale.percent", later("Percent"), later("Number /: percent off the line; / word: a command")),
    key("up", "sale.up", later("Up"), later("Choose the line above")),
    key("down", "sale.down", later("Down"), later("Choose the line below")),
    key("pageup", "sale.page_up", later("A page up")),
    key("pagedown", "sale.page_down", later("A page down")),
    key("home", "sale.first", later("First line")),
    key("end", "sale.last", later("Last line")),
    key("delete", "sale.void_line", later("Void line"), later("Take the chosen line out")),
    key("backspace", "sale.erase", later("Erase a digit or letter")),
    key("escape", "sale.clear", later("Clear what is typed")),
    key("f2", "sale.look", later("Price"), later("What does it cost? The next article is shown, not sold")),
    key("f3", "sale.customer", later("Customer"), later("Whom the sale is for: find, create, attach")),
    key("tab", "sale.badge", later("The customer"), later("All that can be done with the customer of the sale")),
    key("f5", "sale.park", later("Park"), later("Park the sale under a name; with no sale: what is parked")),
    key("f6", "sale.discount", later("Discount"), later("Percent or an amount off a line or the sale, with a reason")),
    key("f8", "sale.history", later("History"), later("Past receipts: look, print again, take goods back")),
    key("f9", "sale.undo", later("Undo"), later("Take the last step back; with none left, void the sale")),
    key("f10", "sale.menu", later("Menu"), later("Everything else")),
    key("f11", "sale.lock", later("Lock"), later("Lock the till, or let somebody else sign in")),
    key("f12", "sale.cash", later("CASH"), later("Paid in cash, exactly; number F12: that much was given")),
]

HINTS: Final[tuple[Hint, ...]] = (
    (later("Enter"), later("pay")),
    ("+ -", later("quantity")),
    (later("Del"), later("void line")),
)

GIVE_BACK: Final[tuple[Hint, ...]] = ((later("Enter"), later("give it back")), *HINTS[1:])
EMPTY: Final[tuple[Hint, ...]] = (("a-z", later("search")), ("3 *", later("quantity")), (". 1-9", later("quick")))
LOOK_UP: Final[tuple[Hint, ...]] = (
    (later("Enter"), later("look up")),
    ("F12", later("cash given")),
    (later("Esc"), later("clear")),
)
SEARCHING: Final[tuple[Hint, ...]] = (
    (later("Up/Down"), later("choose")),
    (later("Enter"), later("take it")),
    (later("Esc"), later("clear")),
)
TAKE_OR_LEAVE: Final[tuple[Hint, ...]] = ((later("Enter"), later("take it")), (later("Esc"), later("leave it out")))
RECEIPTS: Final[tuple[Hint, ...]] = (("F8", later("receipts")),)
AFTER: Final[tuple[Hint, ...]] = (("F8", later("receipts")), ("F9", later("void it")))
PARTS: Final[tuple[Hint, ...]] = ((later("Enter"), later("pay in parts")),)
BACK: Final[tuple[Hint, ...]] = ((later("Esc"), later("back")),)

TYPING: Final[tuple[Hint, ...]] = (
    ("0-9", later("A code, an amount or a quantity")),
    ("a-z", later("Search articles as you type")),
    ("@ a-z", later("Search customers as you type")),
    (". 1-9", later("A quick article")),
    (later("3 * Enter"), later("That many of the chosen line")),
    ("/ a-z", later("A command word")),
)
