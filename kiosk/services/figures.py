"""The figures of a shift, read from the rows of that shift alone (D6-03): for X, Z and the reports of today."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from kiosk import db
from kiosk.clock import from_millis
from kiosk.money import Money, Percent
from kiosk.receipts.shift_report import (
    CountFigure,
    MoveFigure,
    RateFigure,
    ShiftReport,
    Tally,
    TenderFigure,
)
from kiosk.services import drawer, report_text, sum_proof
from kiosk.services.ledger import Line
from kiosk.services.shift_rows import Shift
from kiosk.services.shop import Shop

LINE_VOIDED: Final = "sale.line_voided"
SALE_VOIDED: Final = "sale.voided"
"""What the journal calls a line, and a whole open sale, that was voided before it was paid."""

PER_PERSON: Final = frozenset(
    {"sales", "returns", "voids", "line_voids", "discounts", "drawer", "tender", "tender.back", "hour"}
)
"""The figures that are also kept for each person (D7-04)."""

_QUARTER_MILLIS: Final = 15 * 60_000
"""Every time zone is a whole number of quarters of an hour from UTC."""


@dataclass(frozen=True, slots=True)
class Total:
    """One figure: of everybody (``person`` empty) or of one person; amounts in minor units, counts in thousandths
    where the figure counts goods, otherwise whole.

    ============================  =======================  =======================================================
    figure                        code                     count and amount
    ============================  =======================  =======================================================
    turnover, net, tax            tax code / rate (A/2000)  receipts but voids; gross, net, tax, all taken off
    sales, returns, voids                                  receipts; positive amounts, tax included
    line_voids, drawer            drawer: none             how often; what the lines came to
    discounts                                              lines and sales that got one; what was taken off
    tender, tender.back           the tender's             how often; what came in, what went back (positive)
    hour                          00 to 23, wall clock     sales; turnover
    article, category             its id                   thousandths of its unit; turnover
    loaded, paid_out              the kind of account      stored value sold and spent
    debt.made, debt.collected
    points.issued, points.used                             in points
    points.adjusted                                        in points by hand; below zero: more were removed
    in, out                       the purpose              how often; cash that was no sale
    difference                    open, count or close     how often; what was too much (minus: missing)
    rounding
    ============================  =======================  =======================================================
    """

    figure: str
    person: str
    code: str
    count: int
    amount: int


@dataclass(frozen=True, slots=True)
class Span:
    """The entries of a lane that a shift is made of, and how they are read."""

    shift: str
    lane: str
    first: int
    last: int
    zone: str
    currency: str

    @property
    def entries(self) -> tuple[str, int, int]:
        """What the queries are told."""
        return (self.lane, self.first, self.last)


@dataclass(slots=True)
class _Sums:
    """Figures that are being added up."""

    found: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)

    def add(self, figure: str, code: str, count: int, amount: int, person: object = None) -> None:
        """Take in a part, for everybody and, where the figure is kept so, for who did it."""
        people = ("", str(person)) if person and figure in PER_PERSON else ("",)
        for one in people:
            sums = self.found.setdefault((figure, one, code), [0, 0])
            sums[0] += int(count)
            sums[1] += int(amount)

    def of(self, figure: str, code: str = "") -> Tally:
        """One figure of everybody."""
        count, amount = self.found.get((figure, "", code), (0, 0))
        return Tally(count, Money(amount))

    def codes(self, figure: str) -> tuple[str, ...]:
        """The codes that a figure has."""
        return tuple(code for name, person, code in self.found if name == figure and not person)

    def whole(self, figure: str) -> Tally:
        """One figure of everybody, whatever its codes."""
        parts = [self.of(figure, code) for code in self.codes(figure)]
        return Tally(sum(part.count for part in parts), Money(sum(part.amount.minor for part in parts)))

    def totals(self) -> tuple[Total, ...]:
        """As rows; what is nothing is left out."""
        return tuple(
            Total(figure, person, code, count, amount)
            for (figure, person, code), (count, amount) in sorted(self.found.items())
            if count or amount
        )


def collect(shop: Shop, shift: Shift, *, kind: str, number: int, by: str, closing: Iterable[Line] = ()) -> ShiftReport:
    """The figures of a shift up to now, in proportion to the shift (DESIGN.md 7), inside the transaction of its deed.

    ``closing`` are the postings of the entry that is about to close the shift:
    its count is written already, and what the drawer then holds is in the Z.
    Source: D6-03, N4, Q-22.
    """
    span = _span(shop, shift)
    lines = tuple(closing)
    sums = _figures(span)
    proof = sum_proof.prove(shift.lane, shift.number, lines, closes=kind == "z")
    counts = _counts(span)
    since = [count for count in counts if count.kind != "open"]
    opening = shift.expected if shift.counted is None else shift.counted
    taken, given = _drawer(span)
    first_receipt, last_receipt = _receipt_numbers(span)
    balance = _drawer_balance(span) + _of_drawer(span, lines)
    return ShiftReport(
        kind=kind,
        number=number,
        shift_number=shift.number,
        lane=shift.lane,
        business_date=shift.business_date,
        opened_at=shop.clock.local(from_millis(shift.at)),
        at=shop.clock.local(from_millis(shop.clock.millis())),
        by=first_name(by),
        by_id=by,
        opened_by=shift.by,
        zone=span.zone,
        currency=span.currency,
        first_seq=span.first,
        last_seq=span.last,
        heads=proof.heads,
        first_receipt=first_receipt,
        last_receipt=last_receipt,
        sales=sums.of("sales"),
        returns=sums.of("returns"),
        voids=sums.of("voids"),
        line_voids=sums.of("line_voids"),
        discounts=sums.of("discounts"),
        drawer_openings=sums.of("drawer").count,
        rates=_rates(sums),
        tenders=_tender_figures(span, sums),
        rounding=sums.of("rounding").amount,
        moves=_moves(sums),
        loaded=sums.whole("loaded"),
        paid_out=sums.whole("paid_out"),
        debts_made=sums.of("debt.made"),
        debts_collected=sums.of("debt.collected"),
        points_issued=sums.of("points.issued").amount.minor,
        points_used=sums.of("points.used").amount.minor,
        held=proof.lines,
        entries_balance=_entries_balance(span) and sum_proof.balances(lines),
        opening=opening,
        cash_sales=taken,
        cash_refunds=given,
        cash_in=sums.whole("in").amount,
        cash_out=sums.whole("out").amount,
        expected=since[-1].expected if since else balance,
        counted=since[-1].counted if since else None,
        difference=Money(sum(count.difference.minor for count in since)) if since else None,
        drawer=balance,
        counts=counts,
        before=proof.before,
        points_adjusted=sums.of("points.adjusted").amount.minor,
    )


def totals(shop: Shop, shift: Shift) -> tuple[Total, ...]:
    """The same as rows for ``day_total`` (written at the Z), and for the reports of a shift that is still open."""
    return totals_of(_span(shop, shift))


def totals_of(span: Span) -> tuple[Total, ...]:
    """The totals of a range of entries."""
    sums = _figures(span)
    _add_goods(span, sums)
    return sums.totals()


def to_text(report: ShiftReport) -> str:
    """A report as it is kept, canonical and without names of people: the Z's entry has its digest."""
    return report_text.to_text(report)


def from_text(text: str) -> ShiftReport:
    """The report that ``to_text`` wrote, with the first name of who read it as it is now. Refuses: Invalid."""
    return report_text.from_text(text, first_name)


def digest(text: str) -> str:
    """What the entry that closes a shift has for its digest: that of its Z as it is kept (``ledger.digest`` of it)."""
    return sha256(text.encode()).hexdigest()


def first_name(person: str) -> str:
    """The first name of one of the staff; of somebody unknown, what is known."""
    found = db.row("SELECT name FROM staff WHERE id = ?", (person,))
    return person if found is None else str(found[0]).split(" ", 1)[0]


def _span(shop: Shop, shift: Shift) -> Span:
    """From the shift's first entry to its last before the one that closed it."""
    found = db.row(
        "SELECT entry.seq - 1 FROM cash_report JOIN entry ON entry.id = cash_report.entry "
        "WHERE cash_report.shift = ? AND cash_report.kind = 'z'",
        (shift.id,),
    ) or db.row("SELECT seq FROM lane WHERE id = ?", (shift.lane,))
    last = 0 if found is None else int(found[0])
    return Span(shift.id, shift.lane, shift.first_seq, last, shop.settings.zone, shop.settings.currency)


_HERE: Final = "entry.lane = ? AND entry.seq BETWEEN ? AND ?"
# The entries of the shift come first in every join: SQLite keeps the order of a CROSS JOIN.
_SALES: Final = "FROM entry CROSS JOIN sale"
_OF_SALES: Final = f"sale.entry = entry.id AND {_HERE}"


def _figures(span: Span) -> _Sums:
    sums = _Sums()
    _add_receipts(span, sums)
    _add_lines(span, sums)
    _add_taxes(span, sums)
    _add_tenders(span, sums)
    _add_journal(span, sums)
    _add_cash(span, sums)
    _add_accounts(span, sums)
    return sums


def _add_receipts(span: Span, sums: _Sums) -> None:
    """Receipts by person, kind and quarter of an hour; what came back in a sale is put right by its lines."""
    zone = ZoneInfo(span.zone)
    for by, kind, quarter, count, paid, rounding, discounted in db.rows(
        f'SELECT sale."by", sale.kind, sale.at / {_QUARTER_MILLIS}, COUNT(*), SUM(sale.total), SUM(sale.rounding), '
        f"SUM(CASE WHEN sale.discount <> 0 THEN 1 ELSE 0 END) {_SALES} WHERE {_OF_SALES} GROUP BY 1, 2, 3",
        span.entries,
    ):
        hour = from_millis(int(quarter) * _QUARTER_MILLIS).astimezone(zone)
        sells = kind not in ("void", "return")
        sums.add("hour", f"{hour:%H}", count if sells else 0, paid, by)
        sums.add("rounding", "", 0, rounding)
        if kind == "void":
            sums.add("voids", "", count, -paid, by)
            continue
        if kind in ("return", "exchange"):
            sums.add("returns", "", count, -paid if kind == "return" else 0, by)
        if sells:
            sums.add("sales", "", count, paid, by)
        sums.add("discounts", "", discounted, 0, by)


def _add_lines(span: Span, sums: _Sums) -> None:
    """What came back in sales of something else, and what was taken off."""
    for by, kind, included, rate, back, count, off in db.rows(
        'SELECT sale."by", sale.kind, sale.tax_included, sale_line.tax_rate, '
        "SUM(CASE WHEN sale_line.quantity < 0 THEN -sale_line.final ELSE 0 END), "
        "SUM(CASE WHEN sale_line.quantity > 0 AND sale_line.discount <> 0 THEN 1 ELSE 0 END), "
        "SUM(CASE WHEN sale_line.quantity > 0 THEN sale_line.discount + sale_line.share ELSE 0 END) "
        f"{_SALES} CROSS JOIN sale_line WHERE sale_line.sale = sale.id AND sale.kind <> 'void' AND {_OF_SALES} "
        "GROUP BY 1, 2, 3, 4",
        span.entries,
    ):
        if kind != "return" and back:
            gross = _with_tax(int(back), included, rate)
            sums.add("sales", "", 0, gross, by)
            sums.add("returns", "", 0, gross, by)
        sums.add("discounts", "", count, off, by)


def _with_tax(amount: int, included: int, rate: int) -> int:
    """Lines with their tax; where prices come without it, rounded once for all of a rate."""
    return amount if included else amount + Money(amount).tax_on_top(Percent(rate)).minor


def _add_taxes(span: Span, sums: _Sums) -> None:
    for code, rate, count, net, tax in db.rows(
        "SELECT sale_tax.code, sale_tax.rate, SUM(CASE WHEN sale.kind <> 'void' THEN 1 ELSE 0 END), "
        f"SUM(sale_tax.net), SUM(sale_tax.tax) {_SALES} CROSS JOIN sale_tax "
        f"WHERE sale_tax.sale = sale.id AND {_OF_SALES} GROUP BY 1, 2",
        span.entries,
    ):
        for figure, amount in (("turnover", int(net) + int(tax)), ("net", net), ("tax", tax)):
            sums.add(figure, f"{code}/{rate}", count, amount)


def _add_tenders(span: Span, sums: _Sums) -> None:
    """What each tender paid, change taken off, and what went back by it."""
    for by, tender, times, taken, times_back, back in db.rows(
        'SELECT sale."by", sale_tender.tender, '
        "SUM(CASE WHEN sale_tender.amount > 0 THEN 1 ELSE 0 END), "
        "SUM(CASE WHEN sale_tender.amount > 0 THEN sale_tender.amount ELSE 0 END), "
        "SUM(CASE WHEN sale_tender.amount < 0 THEN 1 ELSE 0 END), "
        "SUM(CASE WHEN sale_tender.amount < 0 THEN -sale_tender.amount ELSE 0 END) "
        f"{_SALES} CROSS JOIN sale_tender WHERE sale_tender.sale = sale.id AND {_OF_SALES} GROUP BY 1, 2",
        span.entries,
    ):
        sums.add("tender", tender, times, taken, by)
        sums.add("tender.back", tender, times_back, back, by)


def _add_journal(span: Span, sums: _Sums) -> None:
    """What was voided before it was paid, and the drawer opened without a sale: both are no entries."""
    for by, action, facts in db.rows(
        'SELECT "by", action, facts FROM journal WHERE shift = ? AND action IN (?, ?, ?)',
        (span.shift, LINE_VOIDED, SALE_VOIDED, drawer.OPENED),
    ):
        if action == drawer.OPENED:
            sums.add("drawer", "", 1, 0, by)
        else:
            sums.add("line_voids", "", 1, _minor(facts), by)


def _minor(facts: str) -> int:
    try:
        minor = json.loads(facts).get("minor", 0)
    except (ValueError, AttributeError):
        return 0
    return minor if type(minor) is int else 0


def _add_cash(span: Span, sums: _Sums) -> None:
    for direction, purpose, count, amount in db.rows(
        "SELECT direction, purpose, COUNT(*), SUM(amount) FROM cash_move WHERE shift = ? GROUP BY 1, 2", (span.shift,)
    ):
        sums.add(direction, purpose, count, amount)
    for count in _counts(span):
        sums.add("difference", count.kind, 1, count.difference.minor)


_POINTS: Final = {
    "issued": "points.issued",
    "bonus": "points.issued",
    "spent": "points.used",
    "adjust": "points.adjusted",
}
"""Where points come from and go to, and which figure that is."""


def _add_accounts(span: Span, sums: _Sums) -> None:
    """Stored value, debts and points: what the postings of the shift did to them."""
    figures = {
        "voucher": ("paid_out", "loaded"),
        "credit": ("paid_out", "loaded"),
        "debt": ("debt.made", "debt.collected"),
    }
    for kind, owner, times, amount, times_less, less in db.rows(
        "SELECT account.kind, CASE WHEN account.kind = 'pts' THEN account.owner ELSE '' END, "
        "SUM(CASE WHEN posting.amount > 0 THEN 1 ELSE 0 END), "
        "SUM(CASE WHEN posting.amount > 0 THEN posting.amount ELSE 0 END), "
        "SUM(CASE WHEN posting.amount < 0 THEN 1 ELSE 0 END), "
        "SUM(CASE WHEN posting.amount < 0 THEN -posting.amount ELSE 0 END) "
        "FROM entry CROSS JOIN posting CROSS JOIN account "
        f"WHERE posting.entry = entry.id AND account.id = posting.account AND {_HERE} "
        "AND (account.unit = ? AND account.kind IN ('voucher', 'credit', 'debt') "
        "OR account.kind = 'pts' AND account.owner IN ('issued', 'bonus', 'spent', 'adjust')) GROUP BY 1, 2",
        (*span.entries, span.currency),
    ):
        if kind == "pts":
            net = int(amount) - int(less)
            sums.add(_POINTS[owner], "", int(times) + int(times_less), net if owner == "spent" else -net)
            continue
        more, fewer = figures[kind]
        code = "" if kind == "debt" else kind
        sums.add(more, code, times, amount)
        sums.add(fewer, code, times_less, less)


def _add_goods(span: Span, sums: _Sums) -> None:
    """Articles and categories, what came back taken off; an article without an id by its number or its text."""
    for article, category, included, rate, quantity, final in db.rows(
        "SELECT COALESCE(NULLIF(sale_line.article, ''), NULLIF(sale_line.number, ''), sale_line.text), "
        "sale_line.category, sale.tax_included, sale_line.tax_rate, SUM(sale_line.quantity), SUM(sale_line.final) "
        f"{_SALES} CROSS JOIN sale_line WHERE sale_line.sale = sale.id AND {_OF_SALES} GROUP BY 1, 2, 3, 4",
        span.entries,
    ):
        gross = _with_tax(int(final), included, rate)
        sums.add("article", article, quantity, gross)
        sums.add("category", category, quantity, gross)


def _counts(span: Span) -> tuple[CountFigure, ...]:
    """In the order of their entries, the one that is about to be written included."""
    found = db.rows("SELECT kind, expected, counted FROM cash_count WHERE shift = ? ORDER BY entry", (span.shift,))
    return tuple(CountFigure(kind, Money(expected), Money(counted)) for kind, expected, counted in found)


def _drawer(span: Span) -> tuple[Money, Money]:
    """Cash that came into the drawer and went out of it by sales and the like, not by counts and moves."""
    (taken, given) = db.row(
        "SELECT COALESCE(SUM(CASE WHEN posting.amount > 0 THEN posting.amount END), 0), "
        "COALESCE(SUM(CASE WHEN posting.amount < 0 THEN -posting.amount END), 0) "
        "FROM account CROSS JOIN entry CROSS JOIN posting "
        "WHERE account.kind = 'drawer' AND account.unit = ? AND account.owner = ? "
        f"AND posting.entry = entry.id AND posting.account = account.id AND {_HERE} "
        "AND NOT EXISTS (SELECT 1 FROM cash_count WHERE cash_count.entry = entry.id) "
        "AND NOT EXISTS (SELECT 1 FROM cash_move WHERE cash_move.entry = entry.id)",
        (span.currency, span.lane, *span.entries),
    ) or (0, 0)
    return Money(int(taken)), Money(int(given))


def _drawer_balance(span: Span) -> Money:
    found = db.row(
        "SELECT balance FROM account WHERE kind = 'drawer' AND unit = ? AND owner = ?", (span.currency, span.lane)
    )
    return Money(0 if found is None else int(found[0]))


def _of_drawer(span: Span, lines: tuple[Line, ...]) -> Money:
    wanted = ("drawer", span.lane, span.currency)
    return Money(
        sum(line.amount for line in lines if (line.account.kind, line.account.owner, line.account.unit) == wanted)
    )


def _receipt_numbers(span: Span) -> tuple[int, int]:
    first, last = db.row(
        f"SELECT COALESCE(MIN(sale.number), 0), COALESCE(MAX(sale.number), 0) {_SALES} WHERE {_OF_SALES}", span.entries
    ) or (0, 0)
    return int(first), int(last)


def _entries_balance(span: Span) -> bool:
    """Whether each entry of the shift sums to zero in each unit (I1)."""
    found = db.row(
        "SELECT 1 FROM entry CROSS JOIN posting CROSS JOIN account "
        f"WHERE posting.entry = entry.id AND account.id = posting.account AND {_HERE} "
        "GROUP BY posting.entry, account.unit HAVING SUM(posting.amount) <> 0 LIMIT 1",
        span.entries,
    )
    return found is None


def _rates(sums: _Sums) -> tuple[RateFigure, ...]:
    """The highest rate first."""
    split = [(code, *code.rpartition("/")[::2]) for code in sums.codes("turnover")]
    return tuple(
        RateFigure(name, Percent(int(rate)), sums.of("net", code).amount, sums.of("tax", code).amount)
        for code, name, rate in sorted(split, key=lambda found: (-int(found[2]), found[1]))
    )


def _tender_figures(span: Span, sums: _Sums) -> tuple[TenderFigure, ...]:
    """In the order of their keys; under the name that they had."""
    order = dict(db.rows("SELECT code, position FROM tender"))
    found = db.rows(
        "SELECT sale_tender.tender, MAX(sale_tender.name), MAX(sale_tender.kind) "
        f"{_SALES} CROSS JOIN sale_tender WHERE sale_tender.sale = sale.id AND {_OF_SALES} GROUP BY 1",
        span.entries,
    )
    return tuple(
        TenderFigure(code, name, kind, sums.of("tender", code), sums.of("tender.back", code))
        for code, name, kind in sorted(found, key=lambda row: (order.get(row[0], len(order) + 1), row[0]))
    )


def _moves(sums: _Sums) -> tuple[MoveFigure, ...]:
    return tuple(
        MoveFigure(direction, purpose, sums.of(direction, purpose))
        for direction in ("in", "out")
        for purpose in sorted(sums.codes(direction))
    )
