"""What is done with a customer from the menu of his badge: banned, merged, parted, erased, exported (T-22, N11, N24).

Each asks before it does anything, says what comes of it, and leaves the screen
that it was called from in front.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kiosk.errors import MergedAlready
from kiosk.i18n import _, later, ngettext
from kiosk.rules.permissions import Action
from kiosk.screens.approval import allowed
from kiosk.screens.base import TillScreen
from kiosk.screens.dialogs import AskNumber, Choose, Question
from kiosk.screens.reasons import ask_own_reason
from kiosk.screens.widgets.status import Say

if TYPE_CHECKING:
    from pathlib import Path

    from kiosk.services.customer_rows import Customer
    from kiosk.services.shop import Shop

_LONGEST_CALLED: Final = 24
_MOST_NAMED: Final = 3
"""So that what goes and what stays has room below."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """A customer as these questions name him, in one visit to the desk."""

    customer: Customer
    phone: str
    receipts: int
    points: int
    parts: tuple[Customer, ...]
    """Who was merged into him."""

    @property
    def name(self) -> str:
        """His number and what he is called."""
        return _named(self.customer)

    @property
    def line(self) -> str:
        """What tells him from another one of his name, in a line of a list."""
        said = [_in_a_list(self.customer), self.phone or self.customer.form.email or self.customer.form.city]
        said.append(ngettext("{count} receipt", "{count} receipts", self.receipts).format(count=self.receipts))
        said.append(ngettext("{count} point", "{count} points", self.points).format(count=self.points))
        return "  ".join(part for part in said if part)


async def ban(screen: TillScreen[Any], customer: str) -> None:
    """Serve him no longer; why is asked, and said to whoever wants to serve him."""
    till = screen.till
    one = await till.ask(look, customer, by=till.by)
    asked = _("Ban {name}? Why? Whoever wants to serve him reads it.").format(name=one.name)
    reason = await ask_own_reason(screen, _("Ban a customer"), asked)
    if reason is None:
        screen.say(Say.QUIET, _("Nobody was banned."))
        return
    from kiosk.services import customer_standing

    key = _new_key()
    if await allowed(screen, Action.BAN_CUSTOMERS, key=key):
        await till.ask(customer_standing.ban, customer, reason, by=till.by, key=key)
        screen.say(Say.OK, _("{name} is banned.").format(name=one.name))


async def unban(screen: TillScreen[Any], customer: str) -> None:
    """Serve him again."""
    till = screen.till
    one = await till.ask(look, customer, by=till.by)
    asked = _("{name} is banned: {reason} Serve him again?")
    asked = asked.format(name=one.name, reason=_sentence(one.customer.banned or ""))
    if not await screen.question(Question(till, _("Serve again"), asked, yes=later("serve again"), must_be_seen=True)):
        return
    from kiosk.services import customer_standing

    key = _new_key()
    if await allowed(screen, Action.BAN_CUSTOMERS, key=key):
        await till.ask(customer_standing.unban, customer, by=till.by, key=key)
        screen.say(Say.OK, _("{name} is served again.").format(name=one.name))


async def merge(screen: TillScreen[Any], customer: str) -> None:
    """Let him and another one be one: who the other one is, and which of them stays, is asked."""
    from kiosk.screens.customers import CustomersScreen

    till = screen.till
    here = await till.ask(look, customer, by=till.by)
    asked = _("Merge {name} with whom?").format(name=_in_a_list(here.customer))
    picked = await screen.in_front(CustomersScreen(till, pick=asked))
    if not picked:
        return
    there = await till.ask(look, picked, by=till.by)
    if here.customer.id == there.customer.id:
        raise MergedAlready
    both = [here, there]
    asked = _(
        "These two become one, with the receipts, points and cards of both. Nothing is lost, and it can be undone. "
        "Under which name?"
    )
    stays = await screen.question(
        Choose(till, _("Merge customers"), asked, [one.line for one in both], must_be_seen=True)
    )
    if stays < 0:
        screen.say(Say.QUIET, _("They stay two."))
        return
    from kiosk.services import customer_merge

    more, less = both[stays], both[1 - stays]
    key = _new_key()
    if await allowed(screen, Action.MERGE_CUSTOMERS, key=key):
        await till.ask(customer_merge.merge, less.customer.id, more.customer.id, by=till.by, key=key)
        screen.say(Say.OK, _("{name} is {other} from now on.").format(name=less.name, other=more.name))


async def unmerge(screen: TillScreen[Any], customer: str) -> None:
    """Part one who was merged into him: each has again what was his."""
    till = screen.till
    one = await till.ask(look, customer, by=till.by)
    if not one.parts:
        screen.say(Say.ASK, _("Nobody was merged into {name}.").format(name=one.name))
        return
    asked = _("Whoever is parted from {name} has his own receipts, points and cards again. Who?").format(name=one.name)
    place = await screen.question(
        Choose(till, _("Undo a merge"), asked, [_in_a_list(part) for part in one.parts], must_be_seen=True)
    )
    if place < 0:
        screen.say(Say.QUIET, _("They stay one."))
        return
    from kiosk.services import customer_merge

    parted, key = one.parts[place], _new_key()
    if await allowed(screen, Action.MERGE_CUSTOMERS, key=key):
        await till.ask(customer_merge.unmerge, parted.id, by=till.by, key=key)
        screen.say(Say.OK, _("{name} and {other} are two again.").format(name=_named(parted), other=one.name))


async def erase(screen: TillScreen[Any], customer: str) -> None:
    """Forget him: what goes and what stays is said, and his number is typed."""
    till = screen.till
    if not await allowed(screen, Action.ERASE_CUSTOMERS, key=_new_key()):
        return
    one = await till.ask(look, customer, by=till.by)
    title = _("Erase a customer")
    said = [_("Erase {name}?").format(name=one.name)]
    if one.parts:
        names = ", ".join(_in_a_list(part) for part in one.parts[:_MOST_NAMED])
        names += ", ..." if len(one.parts) > _MOST_NAMED else ""
        said.append(_("With whoever was merged into him: {names}.").format(names=names))
    said += [
        _("Names, addresses, documents, notes and consents' addresses go for ever; his cards are closed."),
        _("Receipts and totals stay in the books, as nobody's. Older backups and exported files still name him."),
    ]
    if not await screen.question(Question(till, title, " ".join(said), yes=later("go on"), must_be_seen=True)):
        screen.say(Say.QUIET, _("Nobody was erased."))
        return
    number = str(one.customer.number)
    asked = _("This can't be undone. Type his number, {number}, to erase him.").format(number=number)
    typed = await screen.question(AskNumber(till, title, asked))
    if typed != number:
        screen.say(Say.ASK, _("Nobody was erased."))
        return
    from kiosk.services import customer_erase

    await till.ask(customer_erase.erase, customer, by=till.by)
    screen.say(Say.OK, _("Customer #{number} is erased. The books stay.").format(number=number))


async def export(screen: TillScreen[Any], customer: str) -> None:
    """Write all that is held about him into one file, for him."""
    till = screen.till
    if till.exports is None:
        screen.say(Say.ERROR, _("No folder for exports is set up on this till."))
        return
    if not await allowed(screen, Action.EXPORT_CUSTOMERS, key=_new_key()):
        return
    one = await till.ask(look, customer, by=till.by)
    asked = _("Write all that is held about {name} into one file? It is for him alone.").format(name=one.name)
    if not await screen.question(Question(till, _("Export a customer"), asked, yes=later("write it"))):
        return
    path = await till.ask(_write, till.exports, one.customer, by=till.by)
    screen.say(Say.OK, _("Saved: {path}").format(path=str(path)))


def look(shop: Shop, customer: str, *, by: str) -> _Looked:
    """What the questions say of a customer. Refuses: NotFound, Denied."""
    from kiosk.services import contacts, customer_history, customer_merge, customers

    found = customers.get(shop, customer, by=by)
    summary = customer_history.summary(shop, found.id, by=by)
    return _Looked(
        customer=found,
        phone=contacts.shown_phone(found.form.phone, shop.settings.country),
        receipts=summary.sales,
        points=summary.points,
        parts=customer_merge.parts(shop, found.id, by=by),
    )


def _write(shop: Shop, folder: Path, customer: Customer, *, by: str) -> Path:
    from kiosk.services import customer_export

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / customer_export.file_name(customer)
    customer_export.everything(shop, customer.id, path, by=by)
    return path


def _named(customer: Customer) -> str:
    return f"#{customer.number} {customer.called}"


def _in_a_list(customer: Customer) -> str:
    """Where a digit stands before each line, that of the customer stands behind the name."""
    return f"{customer.called[:_LONGEST_CALLED]}  #{customer.number}"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _new_key() -> str:
    from kiosk.services.shop import new_key

    return new_key()
