"""Customers into the shop and out of it again, as CSV; and lists of those who agreed to mail (D8-02, D9-06, N12)."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, Final, TextIO

from kiosk import db
from kiosk.clock import from_millis
from kiosk.rules.permissions import Action
from kiosk.services import consents, csv_files, documents, staff
from kiosk.services import customer_transfer_columns as columns
from kiosk.services.csv_files import Amount, Cell
from kiosk.services.customer_rows import Channel, Customer, DocumentKind, IdDocument, members_of, read
from kiosk.services.customer_transfer_columns import Chosen
from kiosk.services.customer_transfer_plan import Change, CustomerPlan
from kiosk.services.customer_transfer_staging import Writing
from kiosk.services.journal import note
from kiosk.services.shop import Shop
from kiosk.services.transfer_rows import LineError, Progress, all_steps, silent

_AT_ONCE: Final = 100
"""Rows that are read in one step."""
_PAGE: Final = 400
_DEGREE: Final = 6
"""Decimals of a coordinate."""
_MAILING: Final = ("number", "called", "name", "address", "language", "agreed_at", "wording", "source")


@dataclass(frozen=True, slots=True)
class CustomerImport:
    """What an import of customers did, or would do."""

    created: int
    changed: int
    unchanged: int
    errors: tuple[LineError, ...]
    """In the order of the lines. One is enough for nothing to be written."""
    ignored: tuple[str, ...]
    """Columns that are taken for nothing."""
    consents: int
    """How many agree to be written to who did not before."""
    withdrawn: int = 0
    """Consents that are not taken over, because they were withdrawn at the till."""
    left: tuple[LineError, ...] = ()
    """Lines that were left out, because somebody changed the customer after the file was read."""
    id: str = ""
    """By which it is undone; empty: nothing was written."""

    @property
    def written(self) -> bool:
        """Whether anything was."""
        return bool(self.id)


def import_customers(
    shop: Shop, path: Path, *, dry_run: bool, by: str, chosen: Chosen | None = None, progress: Progress = silent
) -> CustomerImport:
    """Take a file of customers in, unless a line can't be.

    Customers are recognised by number; without one by a card, else by e-mail,
    else by phone and name; unknown ones are created. A column that is not there
    leaves things as they are, an empty cell empties them. ``chosen``: what
    columns are taken for that say it wrongly, or not. Refuses: BadFile, Invalid
    (a choice), Denied. Source: D8-02.
    """
    return all_steps(import_steps(shop, path, dry_run=dry_run, by=by, chosen=chosen), progress)


def import_steps(
    shop: Shop, path: Path, *, dry_run: bool, by: str, chosen: Chosen | None = None
) -> Generator[tuple[int, int], None, CustomerImport]:
    """The same in short steps, between which the till can sell; each says how much is done, of how much.

    What is written is there at once. An import that is left half way is a
    shorter one: it can be undone, and the same file goes on where it stopped.
    Refuses: as import_customers, at the first step or later.
    """
    staff.require(shop, by, Action.IMPORT)
    text = csv_files.read(path)
    table, fields = columns.table_of(text, path, chosen or {})
    plan = CustomerPlan(shop, table.header, fields, path)
    rows = iter(table)
    everything = table.lines if dry_run else 2 * table.lines
    while some := list(islice(rows, _AT_ONCE)):
        plan.take(some)
        yield min(table.line, table.lines), everything
    plan.finish()
    writing = Writing(shop, plan.changes, by=by, digest=sha256(text.encode()).hexdigest())
    created = sum(change.creates for change in plan.changes)
    changed = len(plan.changes) - created
    if not dry_run and not plan.reader.errors:
        for done in writing.steps():
            yield table.lines + done * table.lines // (len(plan.changes) + 1), everything
        created, changed = writing.created, writing.changed
    yield everything, everything
    return CustomerImport(
        created=created,
        changed=changed,
        unchanged=plan.unchanged,
        errors=tuple(plan.reader.errors),
        ignored=plan.reader.ignored,
        consents=sum(map(_consents, plan.changes)),
        withdrawn=plan.withdrawn,
        left=tuple(writing.left),
        id=writing.id if writing.created or writing.changed else "",
    )


def facts_of(result: CustomerImport) -> dict[str, Any]:
    """What an import came to, as plain values for scripts and the till's gate."""
    return {
        "created": result.created,
        "changed": result.changed,
        "unchanged": result.unchanged,
        "consents": result.consents,
        "withdrawn": result.withdrawn,
        "ignored": list(result.ignored),
        "id": result.id,
        "written": result.written,
        "errors": [error.facts() for error in result.errors],
        "left": [error.line for error in result.left],
    }


def _consents(change: Change) -> int:
    had = change.before.form if change.before else None
    return (change.form.phone_opt_in and not (had and had.phone_opt_in)) + (
        change.form.email_opt_in and not (had and had.email_opt_in)
    )


def export_customers(shop: Shop, target: Path | TextIO, *, by: str, with_documents: bool = False) -> int:
    """Write every customer, banned ones too, so that ``import_customers`` finds nothing to change; how many.

    Whoever was merged into another stands in the other's line, by his cards;
    erased and withdrawn ones are left out. Licences and medical numbers only
    where they are asked for. Points come with their entries, in the books.
    Refuses: BadFile, DiskFull, Denied, SealedElsewhere. Source: D8-02, N12.
    """
    staff.require(shop, by, Action.EXPORT_CUSTOMERS)
    point = "." if shop.settings.language == "en" else ","
    header = (*columns.COLUMNS, *(columns.LICENCE + columns.MEDICAL if with_documents else ()))
    count = 0
    with db.snapshot(), csv_files.open_target(target, mark=True) as file:
        writer = csv_files.Writer(file, "," if point == "." else ";")
        writer.row(header)
        for customer in _all_customers():
            sealed = documents.kept(shop, customer.id) if with_documents else {}
            writer.row([*_cells(customer, point), *_documents(sealed)])
            count += 1
    return count


def export_mailing(shop: Shop, channel: Channel, target: Path | TextIO, *, by: str) -> int:
    """Write whom the shop may write to by this channel: all who agreed to it for the address they have now; how many.

    There is no way to have the others: whoever never agreed, withdrew it,
    changed the address since, is banned, erased, withdrawn or merged is not in
    it. Each line says when, and to which version of the words, it was agreed.
    Refuses: BadFile, DiskFull, Denied. Source: U-29, D9-06, N20.
    """
    staff.require(shop, by, Action.EXPORT_CUSTOMERS)
    count = 0
    with db.snapshot(), csv_files.open_target(target, mark=True) as file:
        writer = csv_files.Writer(file, "," if shop.settings.language == "en" else ";")
        writer.row(_MAILING)
        for row in _agreed(shop, channel):
            writer.row(row)
            count += 1
    return count


def note_export(shop: Shop, what: str, count: int, *, by: str) -> None:
    """Write down that customers' data were taken out. Refuses: Denied."""
    staff.require(shop, by, Action.EXPORT_CUSTOMERS)
    note(shop, by, "customers.exported", what=what, customers=count)


def _all_customers() -> Iterator[Customer]:
    last = 0
    query = f"SELECT number, id FROM customer WHERE number > ? AND state = 'active' ORDER BY number LIMIT {_PAGE}"
    while some := db.rows(query, (last,)):
        found = read([str(id_) for _number, id_ in some])
        merged = {str(root) for (root,) in db.rows("SELECT merged_into FROM customer WHERE merged_into IS NOT NULL")}
        for _number, id_ in some:
            yield _with_all_cards(found[str(id_)]) if id_ in merged else found[str(id_)]
        last = int(some[-1][0])


def _with_all_cards(customer: Customer) -> Customer:

    members = members_of(customer.id)
    held = read(members)
    return replace(customer, cards=tuple(code for member in members for code in held[member].cards))


def _cells(customer: Customer, point: str) -> list[Cell]:
    form = customer.form

    def degrees(value: int | None) -> Cell:
        return None if value is None else Amount(csv_files.amount_text(value, _DEGREE, point))

    def agreed(address: str, said: bool) -> Cell:
        return ("yes" if said else "no") if address else None

    return [
        customer.number,
        form.kind.value,
        form.name,
        form.nickname,
        form.company,
        form.vat_id,
        form.phone,
        agreed(form.phone, form.phone_opt_in),
        form.email,
        agreed(form.email, form.email_opt_in),
        None if form.birth_date is None else form.birth_date.isoformat(),
        form.type,
        form.language,
        form.street,
        form.postcode,
        form.city,
        form.country,
        degrees(form.latitude),
        degrees(form.longitude),
        form.notes,
        " ".join(customer.cards),
    ]


def _documents(sealed: Mapping[DocumentKind, IdDocument]) -> list[Cell]:
    return [
        cell
        for one in sealed.values()
        for cell in (one.number, one.issuer, None if one.expiry is None else one.expiry.isoformat())
    ]


def _agreed(shop: Shop, channel: Channel) -> Iterator[list[Cell]]:
    """A row for each, page by page: the newest word of each on this channel is found by its index."""
    last = 0
    query = (
        "SELECT customer.number, customer.id, customer.name, customer.nickname, customer.company, customer.kind, "
        "customer.language, contact.value, consent.given, consent.about, consent.at, consent.wording, consent.source "
        "FROM customer JOIN contact ON contact.customer = customer.id AND contact.channel = ? "
        "JOIN consent ON consent.id = (SELECT said.id FROM consent AS said WHERE said.customer = customer.id "
        "AND said.channel = contact.channel ORDER BY said.id DESC LIMIT 1) "
        "WHERE customer.number > ? AND customer.state = 'active' AND customer.banned IS NULL "
        f"ORDER BY customer.number LIMIT {_PAGE}"
    )
    while some := db.rows(query, (channel.value, last)):
        for number, _id, name, nickname, company, kind, language, value, given, about, at, wording, source in some:
            last = int(number)
            if given and about == consents.digest(shop, value):
                called = company or name or nickname if kind == "company" else nickname or name or company
                when = shop.clock.local(from_millis(at)).isoformat(timespec="seconds")
                yield [number, called, name, value, language or shop.settings.language, when, wording, source]
