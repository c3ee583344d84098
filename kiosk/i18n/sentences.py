"""One clear sentence for each thing that the shop refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import PurePath
from typing import Any, Final

from kiosk import errors
from kiosk.i18n.clean import clean_text
from kiosk.i18n.formats import money_text, percent_text, quantity_text, stamp_text
from kiosk.i18n.language import _, later, ngettext
from kiosk.money import Money, Percent, Quantity

_LONGEST_FACT: Final = 60

_THINGS: Final = {
    "account": later("Account"),
    "address": later("Address"),
    "age": later("Age"),
    "amount": later("Amount"),
    "anchor": later("Anchor"),
    "archived": later("Out of sale"),
    "article": later("Article"),
    "badge": later("Badge"),
    "birth_date": later("Date of birth"),
    "barcode": later("Barcode"),
    "barcodes": later("Barcodes"),
    "card": later("Card number"),
    "category": later("Category"),
    "city": later("Town"),
    "code": later("Code"),
    "column": later("Column"),
    "columns": later("Number of columns"),
    "company": later("Company"),
    "cost": later("Purchase price"),
    "country": later("Country"),
    "credit_note": later("Credit note"),
    "currency": later("Currency"),
    "customer": later("Customer"),
    "database": later("Database"),
    "date": later("Date"),
    "day": later("Day"),
    "decimals": later("Decimals"),
    "device": later("Device"),
    "directory": later("Folder"),
    "discount": later("Discount"),
    "discountable": later("Discount allowed"),
    "document": later("Document"),
    "draft": later("Open sale"),
    "email": later("E-mail"),
    "entry": later("Entry"),
    "errand": later("Errand"),
    "highest_price": later("Highest price"),
    "import": later("Import"),
    "job": later("Print job"),
    "keep": later("Copies to keep"),
    "key": later("Key"),
    "kind": later("Kind"),
    "lane": later("Till"),
    "language": later("Language"),
    "latitude": later("Latitude"),
    "licence": later("Driving licence"),
    "licence_until": later("Licence until"),
    "line": later("Line"),
    "lines": later("Number of lines"),
    "lowest_price": later("Lowest price"),
    "longitude": later("Longitude"),
    "medical": later("Medical number"),
    "medical_until": later("Medical until"),
    "minimum_age": later("Minimum age"),
    "name": later("Name"),
    "number": later("Number"),
    "nickname": later("Nickname"),
    "note": later("Note"),
    "parked": later("Parked sale"),
    "passphrase": later("Passphrase"),
    "pending": later("Open payment"),
    "percent": later("Percentage"),
    "person": later("Member of staff"),
    "phone": later("Phone"),
    "pin": later("PIN"),
    "points": later("Points"),
    "price": later("Price"),
    "printer": later("Printer"),
    "quantity": later("Quantity"),
    "quick": later("Quick article"),
    "reason": later("Reason"),
    "receipt": later("Receipt"),
    "reference": later("Slip number"),
    "report": later("Report"),
    "return": later("Return"),
    "role": later("Role"),
    "sale": later("Sale"),
    "scanner": later("Scanner"),
    "seconds": later("Seconds"),
    "setting": later("Setting"),
    "shift": later("Shift"),
    "span": later("Period"),
    "staff": later("Member of staff"),
    "state": later("State"),
    "tax": later("Tax rate"),
    "tender": later("Means of payment"),
    "tenders": later("Number of payments"),
    "text": later("Text"),
    "type": later("Customer type"),
    "unit": later("Unit"),
    "vat_id": later("VAT number"),
    "width": later("Paper width"),
    "zone": later("Time zone"),
}

_ACTIONS: Final = {
    "backup": later("make a backup"),
    "cash.in": later("pay cash in"),
    "cash.out": later("pay cash out"),
    "cash.safe": later("take cash to the safe"),
    "catalogue.edit": later("change articles"),
    "customers.ban": later("ban customers or serve them again"),
    "customers.edit": later("change customers"),
    "customers.erase": later("erase a customer"),
    "customers.export": later("take customers' data out"),
    "customers.merge": later("merge or part customers"),
    "customers.see": later("see customers"),
    "devices": later("look after the devices"),
    "drawer.open": later("open the drawer"),
    "export": later("export data"),
    "health.see": later("see the state of the till"),
    "history.reprint": later("print a receipt again"),
    "history.see": later("look at past receipts"),
    "import": later("import data"),
    "journal.see": later("read the journal"),
    "parked.unlock": later("take somebody else's locked sale"),
    "permissions.edit": later("change who may do what"),
    "points.adjust": later("add or remove points"),
    "reports.see": later("see the reports"),
    "return.by_receipt": later("take goods back"),
    "return.without_receipt": later("take goods back without a receipt"),
    "sale.discount": later("give a discount"),
    "sale.discount_over_threshold": later("give so high a discount"),
    "sale.open_price": later("type a price"),
    "sale.price_change": later("change a price"),
    "sale.sell": later("sell"),
    "sale.void": later("void a paid sale"),
    "sale.void_line": later("void a line"),
    "settings.edit": later("change the settings"),
    "shift.close": later("close the day"),
    "shift.count": later("count the drawer"),
    "shift.open": later("open the day"),
    "shift.read": later("read an X report"),
    "staff.edit": later("look after the staff"),
    "staff.unlock": later("unlock a member of staff"),
    "till.stop": later("stop the till"),
    "training": later("train"),
}

_MONEY_FIELDS: Final = frozenset({"amount", "cost", "highest_price", "lowest_price", "price"})


def sentence(error: errors.ShopError, *, whole_path: bool = False) -> str:
    """What went wrong and, where there is a way out, what to do; in the language that is spoken.

    Of a file it says the name alone, as a line of the till has no room for folders; ``whole_path``
    says where it lies. A refusal that is unknown here gets a sentence that names its type, and the
    reason that it bears.
    """
    if whole_path and isinstance(error, errors.BadFile):
        return _bad_file(error.path, error.reason)
    for kind in type(error).__mro__:
        if kind in _PLAIN:
            return _(_PLAIN[kind])
        if kind in _SENTENCES:
            return _SENTENCES[kind](error)
    return _unknown(error)


def _unknown(error: errors.ShopError) -> str:
    """Rooms above have refusals of their own, such as a step of the installation."""
    facts, name = error.facts(), type(error).__name__
    if "reason" not in facts:
        return _("That can't be done ({name}).").format(name=name)
    return _("This failed: {what}: {reason}").format(
        what=_fact(str(facts.get("step", name))), reason=clean_text(str(facts["reason"]))
    )


def thing(name: str) -> str:
    """The word for a field or a thing, as it stands in a list of words; of ``table.column``, that of the column."""
    known = name if name in _THINGS else name.rpartition(".")[2]
    return _(_THINGS[known]) if known in _THINGS else clean_text(name.replace("_", " "), _LONGEST_FACT).capitalize()


def action(name: str) -> str:
    """The words for something that a person may or may not do."""
    return (
        _(_ACTIONS[name]) if name in _ACTIONS else clean_text(name.replace("_", " ").replace(".", " "), _LONGEST_FACT)
    )


def _fact(text: str) -> str:
    return clean_text(text, _LONGEST_FACT)


def _money(minor: int) -> str:
    return money_text(Money(minor), symbol=True)


def _not_a_number(error: errors.NotANumber) -> str:
    if not error.text.strip():
        return _("A number is missing.")
    return _("“{text}” is not a number that fits here.").format(text=_fact(error.text))


def _not_found(error: errors.NotFound) -> str:
    return _("{thing} not found: {code}").format(thing=thing(error.what), code=_fact(error.code))


def _already_taken(error: errors.AlreadyTaken) -> str:
    """The database itself says what is taken, but not which."""
    if not error.code.strip():
        return _("{thing}: already in use.").format(thing=thing(error.what))
    return _("{thing} {code} is already in use.").format(thing=thing(error.what), code=_fact(error.code))


def _missing(error: errors.Missing) -> str:
    return _("Please fill in: {field}").format(field=thing(error.field))


def _invalid(error: errors.Invalid) -> str:
    if not error.value.strip():
        return _("This doesn't fit: {field}").format(field=thing(error.field))
    return _("{field}: “{value}” doesn't fit.").format(field=thing(error.field), value=_fact(error.value))


def _out_of_range(error: errors.OutOfRange) -> str:
    """A discount's bounds are left out: the fact doesn't say if it counts money or percent."""
    field = thing(error.field)
    low, high = (_bound(error.field, bound) for bound in (error.lowest, error.highest))
    if error.field == "discount" or (low is None and high is None):
        return _("{field}: too much or too little.").format(field=field)
    if high is None:
        return _("{field}: at least {lowest}.").format(field=field, lowest=low)
    if low is None:
        return _("{field}: at most {highest}.").format(field=field, highest=high)
    return _("{field}: from {lowest} to {highest}.").format(field=field, lowest=low, highest=high)


def _bound(field: str, bound: str | None) -> str | None:
    """A bound as people write it; facts count money in minor units, quantities in thousandths."""
    if bound is None or not bound.removeprefix("-").isdecimal():
        return bound
    if field in _MONEY_FIELDS:
        return _money(int(bound))
    if field == "quantity":
        return quantity_text(Quantity(int(bound)))
    if field == "percent":
        return percent_text(Percent(int(bound)))
    return bound


def _moment(iso: str) -> str:
    """A moment on the shop's wall clock, as people write it."""
    try:
        return stamp_text(datetime.fromisoformat(iso))
    except ValueError:
        return _fact(iso)


def _wait(seconds: int) -> str:
    return ngettext("Wait {count} second.", "Wait {count} seconds.", seconds).format(count=seconds)


def _wrong_pin(error: errors.WrongPin) -> str:
    refused = _("The PIN is wrong.")
    return f"{refused} {_wait(error.wait_seconds)}" if error.wait_seconds > 0 else refused


def _locked(error: errors.Locked) -> str:
    if error.wait_seconds is None:
        return _("Too many wrong PINs. A manager must unlock this person.")
    return _("Too many wrong PINs.") + " " + _wait(error.wait_seconds)


def _bad_file(path: str, reason: str) -> str:
    return _("{path} can't be used: {reason}").format(path=clean_text(path), reason=clean_text(reason))


def _age_check(error: errors.AgeCheckNeeded) -> str:
    return _("{article}: only from the age of {age}. Look at the customer's age first.").format(
        article=_fact(error.article), age=error.age
    )


_PLAIN: Final[dict[type, str]] = {
    errors.NothingToUndo: later("There is nothing to undo."),
    errors.EmptySale: later("The sale is empty. Scan an article first."),
    errors.AlreadyDone: later("This was done before, with another content. Nothing was changed."),
    errors.NoShift: later("No day is open. Open it first."),
    errors.CountNeeded: later("The drawer must be counted before the day closes."),
    errors.RefundChanged: later("Something was given back in the meantime. Look at it again."),
    errors.Erased: later("This customer was erased. Nothing is known of him any more."),
    errors.SealedElsewhere: later(
        "The documents of this customer can't be opened here: they belong to the key file of another machine."
    ),
    errors.MergedAlready: later("These two are one customer already."),
    errors.NotMerged: later("These two are not merged."),
    errors.DiskFull: later("The disk is full. Nothing was saved. Call the technician."),
    errors.StorageFailed: later("The disk or the database failed. The till must stop. Call the technician."),
    errors.TillIsRunning: later("The till is running. Stop it first."),
    errors.TillIsNotRunning: later("The till is not running."),
    errors.TillIsTraining: later("The till is in training. Leave training first."),
    errors.SaleIsOpen: later("A sale is open. Finish it or void it first."),
}

_SENTENCES: Final[dict[type, Callable[[Any], str]]] = {
    errors.NotANumber: _not_a_number,
    errors.NotFound: _not_found,
    errors.AlreadyTaken: _already_taken,
    errors.Missing: _missing,
    errors.Invalid: _invalid,
    errors.OutOfRange: _out_of_range,
    errors.NotEnough: lambda error: _("Not enough: {wanted} wanted, {available} available.").format(
        wanted=_money(error.wanted), available=_money(error.available)
    ),
    errors.NotPaid: lambda error: _("Not paid yet: {due} still due.").format(due=_money(error.due)),
    errors.NoChangeFrom: lambda error: _("This means of payment gives no change. Still due: {due}").format(
        due=_money(error.due)
    ),
    errors.NotInSteps: lambda error: _("{amount} can't be paid in cash: cash goes in steps of {step}.").format(
        amount=_money(error.amount), step=_money(error.step)
    ),
    errors.ShiftIsOpen: lambda error: _("Day {number} is open already. Close it first.").format(number=error.number),
    errors.ClockSuspect: lambda error: _("The clock says {says}. Is that right?").format(says=_moment(error.says)),
    errors.AlreadyReturned: lambda error: _("{article}: only {left} can still come back.").format(
        article=_fact(error.article), left=quantity_text(Quantity(error.left))
    ),
    errors.AlreadyVoided: lambda error: _("Receipt {number} was voided, or goods of it came back.").format(
        number=error.number
    ),
    errors.NotThisShift: lambda error: _(
        "Receipt {number} is of another day or till: take its goods back instead."
    ).format(number=error.number),
    errors.TooLate: lambda error: _("Receipt {number} is older than {days} days.").format(
        number=error.number, days=error.days
    ),
    errors.OverLimit: lambda error: _("{wanted} is more than the {limit} that may be given back at once.").format(
        wanted=_money(error.wanted), limit=_money(error.limit)
    ),
    errors.ChangedMeanwhile: lambda error: _("{thing}: somebody else changed it just now. Look at it again.").format(
        thing=thing(error.what)
    ),
    errors.Banned: lambda error: _("This customer is banned: {reason}").format(reason=_fact(error.reason)),
    errors.NoConsent: lambda error: _("No consent for this: {channel}").format(channel=thing(error.channel)),
    errors.NotEnoughPoints: lambda error: _("Not enough points: {wanted} wanted, {available} there.").format(
        wanted=error.wanted, available=error.available
    ),
    errors.PartlyPaid: lambda error: _("{amount} of it is paid already: finish this sale, or take that back.").format(
        amount=_money(error.received)
    ),
    errors.ParkedLocked: lambda error: _("This sale is kept for {name}.").format(name=_fact(error.by)),
    errors.OtherVersion: lambda error: _(
        "{thing} {code} can't be read: another version of the till kept it. It stays as it is."
    ).format(thing=thing(error.what), code=_fact(error.code)),
    errors.AgeCheckNeeded: _age_check,
    errors.Denied: lambda error: _("Not allowed for you: {action}").format(action=action(error.action)),
    errors.NeedsApproval: lambda error: _("A manager must approve this: {action}").format(action=action(error.action)),
    errors.WrongPin: _wrong_pin,
    errors.Locked: _locked,
    errors.PendingPayment: lambda error: _(
        "A payment of {amount} at the terminal is still open. Say first whether it went through."
    ).format(amount=_money(error.amount)),
    errors.BadFile: lambda error: _bad_file(PurePath(error.path).name or error.path, error.reason),
    errors.BadSetting: lambda error: _("Setting {name}: “{value}” can't be used.").format(
        name=_fact(error.name), value=_fact(error.value)
    ),
    errors.Refused: lambda error: _("The books refused this entry: {reason} Call the technician.").format(
        reason=clean_text(error.reason)
    ),
}
