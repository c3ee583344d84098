"""The X and the Z: the figures of a shift, as paper (D6-03, N3, N4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from kiosk.i18n import (
    _,
    clean_text,
    currency,
    date_text,
    later,
    money_text,
    percent_text,
    pgettext,
    speaking,
    stamp_text,
)
from kiosk.money import ZERO, Money, Percent, total
from kiosk.receipts.cash_slip import PURPOSES
from kiosk.receipts.measure import cells, clean
from kiosk.receipts.paper import Blank, Centre, Code, Cut, Document, Element, Left, Rule, Split
from kiosk.receipts.sale import ShopHead

_LONGEST_BIG_NAME: Final = 16
_LONGEST_NAME: Final = 24
"""Of what stands beside something else; nothing that long is a name."""

_COUNTS: Final = {"open": later("Opening"), "count": later("In between"), "close": later("Closing")}
_HELD: Final = {
    "drawer": later("Drawers"),
    "safe": later("Safe"),
    "transit": later("Between tills"),
    "voucher": later("Credit notes"),
    "credit": later("Credit"),
    "debt": later("Debts"),
    "pts": later("Points"),
}
"""What the accounts of a kind are called; a kind that is absent has its own name."""
_OWED: Final = frozenset({"voucher", "credit"})
"""What the shop owes: below zero in the books, and above on paper (DESIGN.md 3)."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How often, and how much."""

    count: int = 0
    amount: Money = ZERO


@dataclass(frozen=True, slots=True)
class RateFigure:
    """Turnover and tax of one rate, returns and voids taken off."""

    code: str
    percent: Percent
    net: Money
    tax: Money


@dataclass(frozen=True, slots=True)
class TenderFigure:
    """What came in and went back by one means of payment."""

    tender: str
    name: str
    kind: str
    taken: Tally
    given_back: Tally
    """A positive amount."""

    @property
    def net(self) -> Money:
        """What came in less what went back."""
        return self.taken.amount - self.given_back.amount


@dataclass(frozen=True, slots=True)
class MoveFigure:
    """Cash in or out that was no sale, by purpose (K-22)."""

    direction: str
    """in or out."""
    purpose: str
    """A value of rules.drawer.Purpose."""
    moved: Tally


@dataclass(frozen=True, slots=True)
class ProofLine:
    """What the accounts of one kind held at the Z before, what moved, and what they hold: the sum proof (N4)."""

    kind: str
    unit: str
    before: int
    moved: int
    now: int

    @property
    def ok(self) -> bool:
        """Whether it adds up."""
        return self.before + self.moved == self.now


@dataclass(frozen=True, slots=True)
class CountFigure:
    """One count of the drawer (K-21)."""

    kind: str
    """open, count or close."""
    expected: Money
    counted: Money

    @property
    def difference(self) -> Money:
        """What was too much; below zero what was missing."""
        return self.counted - self.expected


@dataclass(frozen=True, slots=True)
class DayBefore:
    """What the same lane's Z before says, to stand beside this one's figures (D6-03, Q-22)."""

    number: int
    business_date: str
    gross: Money
    sales: int
    """How many receipts."""
    tenders: dict[str, int]
    """Code to what came in by it less what went back, in minor units."""


@dataclass(frozen=True, slots=True)
class ShiftReport:
    """All that an X or a Z shows, as plain values; the same figures for paper, screen, CSV and PDF.

    Gross turnover is sales less returns less voids. An exchange counts with
    what was sold in it among the sales and with what came back among the
    returns. A void of a return is a void of a negative amount.
    """

    kind: str
    """x or z."""
    number: int
    """Of the Z within its lane; of an X within its shift, 0 for one that is kept nowhere."""
    shift_number: int
    lane: str
    business_date: str
    opened_at: datetime
    at: datetime
    by: str
    """First name of who read it."""
    by_id: str
    """Who that is; what is kept bears no name."""
    opened_by: str
    """Who opened the shift, as an id."""
    zone: str
    """The time zone in which its hours are counted."""
    currency: str
    first_seq: int
    last_seq: int
    """The last entry before the one that closes."""
    heads: dict[str, int]
    """Each lane to its last entry that the sum proof has taken in: where the next one goes on."""
    first_receipt: int
    last_receipt: int
    """0 and 0 when there was none."""
    sales: Tally
    returns: Tally
    """Positive amounts, as all that follow."""
    voids: Tally
    """Paid receipts that were voided: what they came to."""
    line_voids: Tally
    """Lines and open sales voided before they were paid."""
    discounts: Tally
    """Lines and whole sales that got one, voided ones left out, and what was taken off (N8)."""
    drawer_openings: int
    """Without a sale."""
    rates: tuple[RateFigure, ...]
    tenders: tuple[TenderFigure, ...]
    rounding: Money
    moves: tuple[MoveFigure, ...]
    loaded: Tally
    """Stored value that was sold or given, credit notes too."""
    paid_out: Tally
    """Stored value that was spent or paid out."""
    debts_made: Tally
    debts_collected: Tally
    points_issued: int
    points_used: int
    held: tuple[ProofLine, ...]
    """Everything that the books hold for others and in cash, by kind."""
    entries_balance: bool
    """Whether every entry of the shift sums to zero in each unit."""
    opening: Money
    """What the drawer held when the shift was opened, the opening difference included."""
    cash_sales: Money
    cash_refunds: Money
    cash_in: Money
    cash_out: Money
    expected: Money
    """What the drawer should have held at the last count, or should hold now if nobody counted."""
    counted: Money | None
    """The last count since the opening; None if there was none."""
    difference: Money | None
    """Of all counts since the opening together; None if nobody counted."""
    drawer: Money
    """What the drawer holds by the books at the end: opening + sales - refunds + in - out + difference."""
    counts: tuple[CountFigure, ...] = ()
    """Every count, the opening's too, in their order."""
    before: DayBefore | None = None
    """None for the first of the lane."""
    points_adjusted: int = 0
    """By hand; below zero: more were removed than added."""

    @property
    def gross(self) -> Money:
        """Turnover with tax."""
        return Money(sum(rate.net.minor + rate.tax.minor for rate in self.rates))

    @property
    def proof_ok(self) -> bool:
        """The sum proof, OK or FAIL (N4)."""
        return self.entries_balance and all(line.ok for line in self.held)


@dataclass(frozen=True, slots=True)
class Closing:
    """What binds a Z to the chain: its entry, and who can check it (N3, PLATFORM.md 6)."""

    seq: int
    hash: str


def lay_out(
    report: ShiftReport,
    shop: ShopHead,
    *,
    closing: Closing | None = None,
    copy: int = 0,
    training: bool = False,
    language: str | None = None,
) -> Document:
    """Lay an X or a Z out, in the language that is spoken or in another.

    A Z bears its entry's hash, also as QR; a copy is marked COPY. Source: D6-02, D6-03, N3, N4, Q-22.
    """
    with nullcontext() if language is None else speaking(language):
        marks = tuple(_marks(copy, training))
        return (
            *_head(report, shop, marks),
            *_turnover(report),
            *_tenders(report),
            *_corrections(report),
            *_value(report),
            *_drawer(report),
            *_proof(report),
            *_day_before(report),
            *_foot(report, closing, training),
            *((Blank(), *marks) if marks else ()),
            Cut(),
        )


def _marks(copy: int, training: bool) -> Iterator[Element]:
    if training:
        yield Centre(_("TRAINING"), big=True, bold=True)
        yield Centre(_("Nothing of this is in the books of the shop."), bold=True)
    if copy:
        yield Centre(_("COPY {count}").format(count=copy), big=True, bold=True)


def _head(report: ShiftReport, shop: ShopHead, marks: Iterable[Element]) -> Iterator[Element]:
    yield Centre(shop.name, bold=True, big=cells(shop.name) <= _LONGEST_BIG_NAME)
    for line in shop.address:
        yield Centre(line)
    if shop.tax_id:
        yield Centre(_("VAT no. {number}").format(number=shop.tax_id))
    yield from marks
    yield Rule("=")
    title = _("Z REPORT {number}") if report.kind == "z" else _("X REPORT {number}")
    yield Centre(title.format(number=report.number or "").strip(), big=True, bold=True)
    if report.kind != "z":
        yield Centre(_("The shift stays open."))
    yield Rule("=")
    yield Split(
        _("Till {lane}").format(lane=_short(report.lane)), _("Shift {number}").format(number=report.shift_number)
    )
    yield Split(_("Business day"), _day(report.business_date))
    yield Split(_("Opened"), stamp_text(report.opened_at))
    yield Split(_("Closed") if report.kind == "z" else _("Read"), stamp_text(report.at))
    yield Split(_("By"), _short(report.by))
    if report.last_receipt:
        yield Split(_("Receipts"), f"{report.first_receipt} - {report.last_receipt}")


def _turnover(report: ShiftReport) -> Iterator[Element]:
    yield from _title(_("Turnover"))
    yield from _table(
        [
            (_("Sales"), str(report.sales.count), money_text(report.sales.amount)),
            (_("Returns"), str(report.returns.count), money_text(-report.returns.amount)),
            (_("Voids"), str(report.voids.count), money_text(-report.voids.amount)),
        ]
    )
    yield Split(_("TOTAL {currency}").format(currency=currency()), money_text(report.gross), big=True, bold=True)
    if report.rates:
        titles = (pgettext("tax table", "Net"), pgettext("tax table", "Tax"), pgettext("tax table", "Gross"))
        yield from _table(
            [
                (pgettext("tax table", "Rate"), *titles),
                *((_rate(rate), *map(money_text, (rate.net, rate.tax, rate.net + rate.tax))) for rate in report.rates),
            ]
        )
        yield Split(_("Tax in all"), money_text(total(rate.tax for rate in report.rates)))


def _rate(rate: RateFigure) -> str:
    return f"{rate.code} {_('{percent}%').format(percent=percent_text(rate.percent))}"


def _tenders(report: ShiftReport) -> Iterator[Element]:
    if not report.tenders and not report.rounding:
        return
    yield from _title(_("Means of payment"))
    rows = []
    for tender in report.tenders:
        rows.append((tender.name, str(tender.taken.count), money_text(tender.taken.amount)))
        if tender.given_back != Tally():
            rows.append(
                ("  " + _("given back"), str(tender.given_back.count), money_text(-tender.given_back.amount)),
            )
    yield from _table(rows)
    yield Split(_("Taken in all"), money_text(total(tender.net for tender in report.tenders)), bold=True)
    if report.rounding:
        yield Split(_("Rounding in it"), money_text(report.rounding))


def _corrections(report: ShiftReport) -> Iterator[Element]:
    yield from _title(_("Discounts and corrections"))
    yield from _table(
        [
            (_("Discounts"), str(report.discounts.count), money_text(-report.discounts.amount)),
            (_("Voided before payment"), str(report.line_voids.count), money_text(-report.line_voids.amount)),
            (_("Drawer without a sale"), str(report.drawer_openings), ""),
        ]
    )


def _value(report: ShiftReport) -> Iterator[Element]:
    """Stored value, debts and points; a shop that has none of one reads nothing of it."""
    kinds = {line.kind for line in report.held}
    rows = []
    if kinds & {"voucher", "credit"} or report.loaded.count or report.paid_out.count:
        rows.append((_("Value sold"), report.loaded))
        rows.append((_("Value spent"), report.paid_out))
    if "debt" in kinds or report.debts_made.count or report.debts_collected.count:
        rows.append((_("Debts made"), report.debts_made))
        rows.append((_("Debts collected"), report.debts_collected))
    if rows:
        yield from _title(_("Held for customers"))
        yield from _table([(words, str(tally.count), money_text(tally.amount)) for words, tally in rows])
    if report.points_issued or report.points_used or report.points_adjusted or "pts" in kinds:
        if not rows:
            yield from _title(_("Held for customers"))
        yield Split(_("Points issued"), str(report.points_issued))
        yield Split(_("Points used"), str(report.points_used))
        if report.points_adjusted:
            yield Split(_("Points by hand"), f"{report.points_adjusted:+d}")


def _drawer(report: ShiftReport) -> Iterator[Element]:
    """From what was there at the opening to what is there now, and each count that does not stand there already."""
    yield from _title(_("Drawer"))
    since = [count for count in report.counts if count.kind != "open"]
    plain = len(since) == 1 and since[0].counted == report.drawer
    yield Split(_("At the opening"), money_text(report.opening))
    yield Split(_("Cash sales"), money_text(report.cash_sales))
    if report.cash_refunds:
        yield Split(_("Cash given back"), money_text(-report.cash_refunds))
    for move in report.moves:
        went_in = move.direction == "in"
        words = _("Paid in, {case}") if went_in else _("Paid out, {case}")
        amount = move.moved.amount if went_in else -move.moved.amount
        yield Split(words.format(case=_purpose(move.purpose)), money_text(amount))
    yield Split(_("Expected"), money_text(report.drawer - (report.difference or ZERO)), bold=True)
    if plain:
        yield Split(_("Counted"), money_text(report.drawer), bold=True)
    if report.difference is None:
        yield Left(_("Nobody counted."))
    else:
        yield Split(_("Difference"), money_text(report.difference), bold=True)
    if since and not plain:
        yield Split(_("In the drawer now"), money_text(report.drawer), bold=True)
    told = [count for count in report.counts if (count.difference if count.kind == "open" else not plain)]
    if told:
        titles = (pgettext("count", "Expected"), pgettext("count", "Counted"), pgettext("count", "Diff."))
        yield from _table(
            [
                (_("Count"), *titles),
                *((_kind(one.kind), *map(money_text, (one.expected, one.counted, one.difference))) for one in told),
            ]
        )


def _kind(kind: str) -> str:
    known = _COUNTS.get(kind, kind)
    return _(known)


def _purpose(purpose: str) -> str:
    known = [words for name, words in PURPOSES.items() if name.value == purpose]
    return _(known[0]) if known else purpose


def _proof(report: ShiftReport) -> Iterator[Element]:
    """What the books hold, in positive amounts whoever it belongs to, and whether it adds up (N4)."""
    yield from _title(_("What the books hold"))
    if report.held:
        titles = (pgettext("sum proof", "Before"), pgettext("sum proof", "Moved"), pgettext("sum proof", "Now"))
        shown = [(_held(line), *_amounts(report, line)) for line in report.held]
        yield from _table([("", *titles), *shown])
        for line, (words, before, moved, now) in zip(report.held, shown, strict=True):
            if not line.ok:
                wrong = _("{what}: {before} and {moved} do not make {now}.")
                yield Left(wrong.format(what=words, before=before, moved=moved, now=now), bold=True)
    if not report.entries_balance:
        yield Left(_("An entry of this shift does not sum to zero."), bold=True)
    yield Centre(_("SUM PROOF OK") if report.proof_ok else _("SUM PROOF FAIL"), big=True, bold=True)


def _held(line: ProofLine) -> str:
    return _(_HELD[line.kind]) if line.kind in _HELD else _short(line.kind)


def _amounts(report: ShiftReport, line: ProofLine) -> tuple[str, ...]:
    sign = -1 if line.kind in _OWED else 1
    amounts = (sign * line.before, sign * line.moved, sign * line.now)
    if line.unit == report.currency:
        return tuple(money_text(Money(amount)) for amount in amounts)
    return tuple(f"{amount} {_short(line.unit)}" for amount in amounts)


def _day_before(report: ShiftReport) -> Iterator[Element]:
    """This shift and the one before side by side (Q-22)."""
    before = report.before
    if before is None:
        return
    yield from _title(_("Beside the day before"))
    yield Left(_("Z {number} of {day}").format(number=before.number, day=_day(before.business_date)))
    names = {tender.tender: tender.name for tender in report.tenders}
    taken = {tender.tender: tender.net for tender in report.tenders}
    yield from _table(
        [
            ("", pgettext("day before", "Before"), pgettext("day before", "Now")),
            (_("Turnover"), money_text(before.gross), money_text(report.gross)),
            (_("Sales"), str(before.sales), str(report.sales.count)),
            *(
                (
                    names.get(code, code),
                    money_text(Money(before.tenders.get(code, 0))),
                    money_text(taken.get(code, ZERO)),
                )
                for code in dict.fromkeys((*taken, *before.tenders))
            ),
        ]
    )


def _foot(report: ShiftReport, closing: Closing | None, training: bool) -> Iterator[Element]:
    """The part of the chain that this paper is the witness of (N3); of a training there is nothing to scan."""
    yield Rule("=")
    yield Split(_("Entries"), f"{report.first_seq} - {report.last_seq}" if report.last_seq >= report.first_seq else "-")
    if closing is None:
        return
    yield Split(_("Closing entry"), str(closing.seq))
    yield Left(" ".join(closing.hash[place : place + 8] for place in range(0, len(closing.hash), 8)))
    if not training:
        yield Blank()
        yield Code("qr", qr_text(report, closing))


def qr_text(report: ShiftReport, closing: Closing) -> str:
    """What the QR of a Z says: lane, number, and the entry that closed it with its hash."""
    lane = clean(report.lane).replace("|", " ")
    return f"kiosk-z|{lane}|{report.number}|{closing.seq}|{clean(closing.hash)}"


def _title(words: str) -> Iterator[Element]:
    yield Rule()
    yield Left(words, bold=True)


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[Element]:
    """Names at the left edge, and columns that end under each other at the right edge."""
    widths = [max(cells(text) for text in column) for column in list(zip(*rows, strict=True))[1:]]
    for name, *texts in rows:
        yield Split(
            name, "  ".join(" " * (width - cells(text)) + text for width, text in zip(widths, texts, strict=True))
        )


def _day(iso: str) -> str:
    """A business day; what is none is shown as it is."""
    try:
        return date_text(date.fromisoformat(iso))
    except ValueError:
        return _short(iso)


def _short(text: str) -> str:
    return clean_text(text, _LONGEST_NAME)
