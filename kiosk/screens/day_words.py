"""What is said of a day: what is missing, what a Z came to, and the figures in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.i18n import _, money_text
from kiosk.money import ZERO, Money

if TYPE_CHECKING:
    from kiosk.receipts.shift_report import ShiftReport, Tally
    from kiosk.services.shifts import Closed


def difference_text(difference: Money) -> str:
    """A difference in words, to stand inside a sentence."""
    if not difference:
        return _("nothing is missing")
    said = _("{amount} is missing") if difference < ZERO else _("{amount} is over")
    return said.format(amount=money_text(abs(difference)))


def closed_text(closed: Closed) -> str:
    """What a Z came to, in one sentence."""
    if not closed.proof_ok:
        return _("Z {number} is closed, but the proof FAILS: call the owner.").format(number=closed.number)
    if closed.counted is None:
        return _("Z {number} is closed, uncounted; proof OK.").format(number=closed.number)
    difference = difference_text(closed.counted.difference)
    return _("Z {number} is closed: {difference}; proof OK.").format(number=closed.number, difference=difference)


def figures_of(report: ShiftReport) -> tuple[tuple[str, ...], ...]:
    """The day in a few words: turnover, means of payment, what was out of the ordinary."""
    turnover = (
        _("Sales {count}").format(count=report.sales.count),
        _("Gross {amount}").format(amount=money_text(report.gross)),
        _("Net {amount}").format(amount=money_text(Money(sum(rate.net.minor for rate in report.rates)))),
        _("Tax {amount}").format(amount=money_text(Money(sum(rate.tax.minor for rate in report.rates)))),
    )
    tenders = tuple(
        f"{_(one.name)} {money_text(one.taken.amount - one.given_back.amount)}"
        for one in report.tenders
        if one.taken.count or one.given_back.count
    )
    rest = (
        _tally(_("Returns"), report.returns),
        _tally(_("Voids"), report.voids),
        _tally(_("Discounts"), report.discounts),
        _("Drawer opened {count} x").format(count=report.drawer_openings) if report.drawer_openings else "",
    )
    return turnover, tenders, rest


def _tally(name: str, tally: Tally) -> str:
    return f"{name} {tally.count} = {money_text(tally.amount)}" if tally.count else ""
