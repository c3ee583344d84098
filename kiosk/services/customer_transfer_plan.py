"""What a file of customers would change: every row read, checked and compared before anything is written (D8-02)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from kiosk import db
from kiosk.errors import AlreadyTaken, Erased, ShopError
from kiosk.rules import codes, words
from kiosk.services import consents, documents
from kiosk.services.customer_rows import Channel, Customer, CustomerForm, DocumentKind, marks, read, root_of
from kiosk.services.customer_transfer_cells import CustomerReader, Row
from kiosk.services.shop import Shop

_MOST_MARKS: Final = 500


@dataclass(frozen=True, slots=True)
class Change:
    """A customer as he is, and as the file wants him."""

    line: int
    before: Customer | None
    """None: nobody yet. Withdrawn: somebody whom an import brought that was undone; he comes back."""
    form: CustomerForm
    """Checked."""
    number: int | None
    """That a new one is to have; None: the next."""
    codes: tuple[str, ...]
    """Of cards that he is given."""

    @property
    def creates(self) -> bool:
        """Whether there is a customer more afterwards."""
        return self.before is None or self.before.state != "active"


class CustomerPlan:
    """Takes the rows of a file in, some at a time, and knows at the end what they come to."""

    def __init__(self, shop: Shop, header: Sequence[str], fields: Sequence[str | None], path: Path) -> None:
        """Refuses: BadFile (two columns for the same)."""
        self.reader = CustomerReader(shop, header, fields, path)
        self.changes: list[Change] = []
        self.unchanged = 0
        self.withdrawn = 0
        """Consents of the file that are not taken over, because they were withdrawn at the till."""
        self._shop = shop
        self._lines: dict[Hashable, int] = {}
        """Everything that may stand in a file only once, with its line."""

    def take(self, rows: Sequence[tuple[int, list[str]]]) -> None:
        """Read some rows; what they name is looked up all at once."""
        asked = [row for line, cells in rows if (row := self.reader.row(line, cells))]
        known = _Known(asked)
        for row in asked:
            try:
                self._take(row, known)
            except ShopError as refusal:
                self.reader.refuse(row.line, refusal)
                self.reader.look_through(row)

    def finish(self) -> None:
        """Those who have numbers come first, so that nobody without is given one of theirs."""
        self.reader.errors.sort(key=lambda error: error.line)
        self.changes.sort(key=lambda change: change.number is None)

    def _take(self, row: Row, known: _Known) -> None:
        before = known.customer(row)
        if before is not None and before.state == "erased":
            raise Erased
        self._once(row, before)
        given = tuple(code for code in dict.fromkeys(row.cards) if not known.has(before, code))
        form = self.reader.form(row, before)
        if form is None:
            return
        if before is not None:
            form = self._without_withdrawn(before, self._without_known_documents(before, form))
        if before is not None and before.state == "active" and before.form == form and not given:
            self.unchanged += 1
        else:
            self.changes.append(Change(row.line, before, form, row.number, given))

    def _once(self, row: Row, before: Customer | None) -> None:
        """Whether no other line is about the same customer, or gives the same card. Refuses: AlreadyTaken."""
        name = words.fold(row.name)
        wanted: list[tuple[str, str, Hashable]] = [("card", code, ("card", code)) for code in row.cards]
        if row.number is not None:
            wanted.append(("number", str(row.number), ("number", row.number)))
        elif row.email:
            wanted.append(("email", row.email, ("email", row.email)))
        elif row.phone and name:
            wanted.append(("phone", row.phone, ("phone", row.phone, name)))
        if before is not None:
            wanted.append(("number", str(before.number), ("customer", before.id)))
        for what, shown, key in wanted:
            if self._lines.setdefault(key, row.line) != row.line:
                raise AlreadyTaken(what=what, code=shown)

    def _without_withdrawn(self, before: Customer, form: CustomerForm) -> CustomerForm:
        """Whoever withdrew his consent to this very address at the till has not given it again by an older file."""
        for channel in Channel:
            name, address = f"{channel}_opt_in", str(getattr(form, channel))
            if not getattr(form, name) or getattr(before.form, name):
                continue
            said = db.row(
                "SELECT given, about, source FROM consent WHERE customer = ? AND channel = ? ORDER BY id DESC LIMIT 1",
                (before.id, channel.value),
            )
            if said is not None and said == (0, consents.digest(self._shop, address), "till"):
                agreed: dict[str, Any] = {name: False}
                form = replace(form, **agreed)
                self.withdrawn += 1
        return form

    def _without_known_documents(self, before: Customer, form: CustomerForm) -> CustomerForm:
        if form.licence is None and form.medical is None:
            return form
        kept = documents.kept(self._shop, before.id)
        return replace(
            form,
            licence=None if form.licence == kept[DocumentKind.LICENCE] else form.licence,
            medical=None if form.medical == kept[DocumentKind.MEDICAL] else form.medical,
        )


class _Known:
    """What the shop has of the keys that some rows name."""

    def __init__(self, asked: Sequence[Row]) -> None:
        numbers = [row.number for row in asked if row.number is not None]
        given = list(dict.fromkeys(code for row in asked for code in row.cards))
        mails = [row.email for row in asked if row.number is None and row.email]
        phones = [row.phone for row in asked if row.number is None and row.phone]
        self._by_number = {
            int(number): str(id_)
            for number, id_ in _found("SELECT number, id FROM customer WHERE number IN ({})", numbers)
        }
        self._holders = {
            str(code): holder
            for code, holder in _found(
                "SELECT code, CASE WHEN kind = 'bonus' THEN customer END FROM card WHERE code IN ({})", given
            )
        }
        self._articles = {
            str(code)
            for (code,) in _found(
                "SELECT code FROM barcode WHERE code IN ({})",
                [form for code in given for form in codes.variants(code)],
            )
        }
        self._by_mail = _by_contact("email", mails)
        self._by_phone = _by_contact("phone", phones)
        ids = {*self._by_number.values(), *(holder for holder in self._holders.values() if holder)}
        ids.update(id_ for found in (self._by_mail, self._by_phone) for some in found.values() for id_ in some)
        self._customers = read(sorted(ids))
        self._roots: dict[str, str] = {}
        for id_, one in list(self._customers.items()):
            if one.merged_into is not None:
                root = str(root_of(id_))
                self._roots[id_] = root
                self._customers.update(read([root]))

    def customer(self, row: Row) -> Customer | None:
        """Whom a row is about: by his number, else by a card, by his e-mail, or by phone and name.

        Refuses: AlreadyTaken (more than one have this address).
        """
        if row.number is not None:
            id_ = self._by_number.get(row.number)
            return None if id_ is None else self._root(id_)
        for code in row.cards:
            if holder := self._holders.get(code):
                return self._root(holder)
        for what, address, found in (
            ("email", row.email, self._by_mail.get(row.email, ())),
            ("phone", row.phone, self._by_phone.get(row.phone, ())),
        ):
            roots = list({one.id: one for id_ in found if (one := self._root(id_)).state == "active"}.values())
            if what == "phone" or len(roots) > 1:
                roots = [one for one in roots if row.name and _is_called(one, row.name)] or (
                    roots if what == "email" else []
                )
            if len(roots) > 1:
                raise AlreadyTaken(what=what, code=address)
            if roots:
                return roots[0]
        return None

    def has(self, customer: Customer | None, code: str) -> bool:
        """Whether a card is his already. Refuses: AlreadyTaken (it is somebody else's, or an article's code)."""
        if any(form in self._articles for form in codes.variants(code)):
            raise AlreadyTaken(what="card", code=code)
        if code not in self._holders:
            return False
        holder = self._holders[code]
        if holder is None or customer is None or self._root(holder).id != customer.id:
            raise AlreadyTaken(what="card", code=code)
        return True

    def _root(self, id_: str) -> Customer:
        return self._customers[self._roots.get(id_, id_)]


def _is_called(customer: Customer, name: str) -> bool:
    form = customer.form
    return words.fold(name) in {words.fold(one) for one in (form.name, form.nickname, form.company) if one}


def _by_contact(channel: str, values: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    query = "SELECT value, customer FROM contact WHERE value IN ({}) AND channel = '" + channel + "' ORDER BY customer"
    for value, customer in _found(query, values):
        found.setdefault(str(value), []).append(str(customer))
    return found


def _found(query: str, values: Sequence[object]) -> Iterator[tuple[Any, ...]]:
    """The rows of a query with an IN list, however long that is."""
    wanted = list(dict.fromkeys(values))
    for start in range(0, len(wanted), _MOST_MARKS):
        some = wanted[start : start + _MOST_MARKS]
        yield from db.rows(query.format(marks(some)), some)
