"""How a customer is shown who is looked at: what is known of him, and his latest receipts (Q-05)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kiosk.i18n import _, date_text, money_text, quantity_text
from kiosk.money import Money, Quantity
from kiosk.rules import codes
from kiosk.screens.widgets.cells import Row, fit, split_row
from kiosk.services.customer_rows import Kind

if TYPE_CHECKING:
    from kiosk.screens.served import Details
    from kiosk.services.customer_rows import CustomerForm

_LABEL: Final = 10


def detail_rows(details: Details, width: int) -> list[Row]:
    """What is known of him; only what there is, warnings first."""
    customer, form = details.customer, details.customer.form
    rows: list[Row] = []
    if customer.banned is not None:
        rows.append(_alarm(_("Banned: {reason}").format(reason=customer.banned), width))
    if details.expired is not None:
        rows.append(_alarm(_("Medical card to {date}").format(date=date_text(details.expired)), width))
    rows += [_line(label, value, width) for label, value in _values(details) if value]
    if form.notes:
        rows.append((("text", f" {fit(form.notes, width - 2)} "),))
    return rows


def visit_rows(details: Details, width: int) -> list[Row]:
    """Day, number and total of each receipt."""
    return [
        split_row(
            (("text", f" {date_text(one.at.date())}  {one.number}"),),
            (("text", f"{money_text(one.total)} "),),
            width,
        )
        for one in details.visits
    ]


def _values(details: Details) -> list[tuple[str, str]]:
    customer, form = details.customer, details.customer.form
    first, *more = customer.cards or ("",)
    card = codes.in_fours(first) if codes.is_card(first) else first
    return [
        (_("Name"), form.name if form.name != customer.called else ""),
        (_("Company"), form.company if form.company != customer.called else ""),
        (_("VAT id"), form.vat_id if form.kind is Kind.COMPANY else ""),
        (_("Phone"), details.phone and f"{details.phone} {_consent(form.phone_opt_in)}"),
        (_("E-mail"), form.email and f"{form.email} {_consent(form.email_opt_in)}"),
        (_("Born"), "" if form.birth_date is None else date_text(form.birth_date)),
        (_("Address"), _address(form)),
        (_("Type"), form.type),
        (_("Customer card"), f"{card} +{len(more)}" if more else card),
        (_("Points"), quantity_text(Quantity.of(details.points))),
        (_("A year"), money_text(details.spent) if details.spent != Money(0) else ""),
    ]


def _consent(given: bool) -> str:
    """Whether news may be sent there."""
    return _("(news)") if given else _("(no news)")


def _address(form: CustomerForm) -> str:
    town = " ".join(filter(None, (form.postcode, form.city)))
    return ", ".join(filter(None, (form.street, town, form.country)))


def _line(label: str, value: str, width: int) -> Row:
    shown = fit(value, max(0, width - _LABEL - 3), "right")
    return (("muted", f" {fit(label, _LABEL)} "), ("text", f"{shown} "))


def _alarm(text: str, width: int) -> Row:
    return (("alarm", f" {fit(text, width - 2)} "),)
