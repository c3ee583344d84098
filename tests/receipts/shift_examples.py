"""X and Z of a small shop, as the golden files show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.money import ZERO, Money, Percent
from kiosk.receipts.paper import Document
from kiosk.receipts.sale import ShopHead
from kiosk.receipts.shift_report import (
    Closing,
    CountFigure,
    DayBefore,
    MoveFigure,
    ProofLine,
    RateFigure,
    ShiftReport,
    Tally,
    TenderFigure,
    lay_out,
)
from tests.receipts.examples import BAKERY, KIOSK

CLOSING = Closing(seq=1301, hash="1a2b3c4d5e6f708192a3b4c5d6e7f8090a1b2c3d4e5f60718293a4b5c6d7e8f9")


def a_day() -> ShiftReport:
    """Counted short by 1.00 at the closing; an exchange, a void, cash paid out."""
    return ShiftReport(
        kind="z",
        number=12,
        shift_number=12,
        lane="R1",
        business_date="2026-11-20",
        opened_at=datetime(2026, 11, 20, 7, 58),  # noqa: DTZ001 - on the wall clock already
        at=datetime(2026, 11, 20, 18, 32),  # noqa: DTZ001 - on the wall clock already
        by="Ann",
        by_id="ann",
        opened_by="ann",
        zone="Europe/Berlin",
        currency="EUR",
        first_seq=1240,
        last_seq=1300,
        heads={"R1": 1301},
        first_receipt=1042,
        last_receipt=1101,
        sales=Tally(57, Money(128_450)),
        returns=Tally(2, Money(3_550)),
        voids=Tally(1, Money(1_450)),
        line_voids=Tally(3, Money(1_270)),
        discounts=Tally(4, Money(2_215)),
        drawer_openings=2,
        rates=(
            RateFigure("A", Percent(1900), Money(80_000), Money(15_200)),
            RateFigure("B", Percent(700), Money(26_402), Money(1_848)),
        ),
        tenders=(
            TenderFigure("cash", "Cash", "cash", Tally(31, Money(61_370)), Tally(2, Money(2_000))),
            TenderFigure("card", "Bank card", "card", Tally(24, Money(60_582)), Tally(1, Money(1_500))),
            TenderFigure("ticket", "Meal ticket", "ticket", Tally(3, Money(5_000)), Tally()),
        ),
        rounding=Money(2),
        moves=(
            MoveFigure("in", "bank", Tally(1, Money(10_000))),
            MoveFigure("out", "other", Tally(1, Money(1_500))),
        ),
        loaded=Tally(),
        paid_out=Tally(),
        debts_made=Tally(),
        debts_collected=Tally(),
        points_issued=0,
        points_used=0,
        held=(ProofLine("drawer", "EUR", 20_000, 67_770, 87_770), ProofLine("safe", "EUR", 150_000, 0, 150_000)),
        entries_balance=True,
        opening=Money(20_000),
        cash_sales=Money(61_370),
        cash_refunds=Money(2_000),
        cash_in=Money(10_000),
        cash_out=Money(1_500),
        expected=Money(87_870),
        counted=Money(87_770),
        difference=Money(-100),
        drawer=Money(87_770),
        counts=(
            CountFigure("open", Money(20_000), Money(20_000)),
            CountFigure("close", Money(87_870), Money(87_770)),
        ),
        before=DayBefore(11, "2026-11-19", Money(110_020), 49, {"cash": 60_120, "card": 49_900}),
    )


def everything() -> ShiftReport:
    """Credit notes, debts, points, a float that was short, three counts, and cash to the safe after the last."""
    return replace(
        a_day(),
        loaded=Tally(2, Money(5_550)),
        paid_out=Tally(1, Money(1_840)),
        debts_made=Tally(1, Money(1_200)),
        debts_collected=Tally(2, Money(2_050)),
        points_issued=1_234,
        points_used=410,
        moves=(
            *a_day().moves,
            MoveFigure("out", "register", Tally(1, Money(5_000))),
            MoveFigure("out", "safe", Tally(1, Money(60_000))),
        ),
        held=(
            ProofLine("credit", "EUR", 0, -2_500, -2_500),
            ProofLine("debt", "EUR", 3_000, -850, 2_150),
            ProofLine("drawer", "EUR", 20_000, 2_820, 22_820),
            ProofLine("pts", "PTS", 800, 824, 1_624),
            ProofLine("safe", "EUR", 150_000, 60_000, 210_000),
            ProofLine("transit", "EUR", 0, 5_000, 5_000),
            ProofLine("voucher", "EUR", -10_000, -3_710, -13_710),
        ),
        cash_out=Money(66_500),
        opening=Money(19_950),
        expected=Money(82_770),
        counted=Money(82_820),
        difference=Money(0),
        drawer=Money(22_820),
        counts=(
            CountFigure("open", Money(20_000), Money(19_950)),
            CountFigure("count", Money(40_050), Money(40_000)),
            CountFigure("close", Money(82_770), Money(82_820)),
        ),
    )


def an_x() -> ShiftReport:
    """Read at noon, for the second time; nobody has counted."""
    return replace(
        a_day(),
        kind="x",
        number=2,
        at=datetime(2026, 11, 20, 12, 1),  # noqa: DTZ001 - on the wall clock already
        expected=Money(87_870),
        counted=None,
        difference=None,
        drawer=Money(87_870),
        held=(ProofLine("drawer", "EUR", 20_000, 67_870, 87_870), ProofLine("safe", "EUR", 150_000, 0, 150_000)),
        counts=(),
    )


def fails() -> ShiftReport:
    """The books do not add up."""
    return replace(
        a_day(), held=(ProofLine("drawer", "EUR", 20_000, 67_770, 87_771), a_day().held[1]), entries_balance=False
    )


def first_and_quiet() -> ShiftReport:
    """The first shift of a lane: nothing was sold and nobody counted."""
    return replace(
        a_day(),
        number=1,
        shift_number=1,
        first_seq=1,
        last_seq=0,
        heads={"R1": 1},
        first_receipt=0,
        last_receipt=0,
        sales=Tally(),
        returns=Tally(),
        voids=Tally(),
        line_voids=Tally(),
        discounts=Tally(),
        drawer_openings=0,
        rates=(),
        tenders=(),
        rounding=ZERO,
        moves=(),
        held=(),
        opening=ZERO,
        cash_sales=ZERO,
        cash_refunds=ZERO,
        cash_in=ZERO,
        cash_out=ZERO,
        expected=ZERO,
        counted=None,
        difference=None,
        drawer=ZERO,
        counts=(),
        before=None,
    )


def hostile() -> ShiftReport:
    """Every text was made to do harm, and every amount is as long as can be."""
    evil = "Ann\x1bp\x00\x19 [/x] \u202e\x1d\x56\x00" + "漢" * 10_000
    most = Tally(999_999, Money(99_999_999_999))
    return replace(
        a_day(),
        lane=f"R|1 {evil}",
        business_date=evil,
        by=evil,
        sales=most,
        rates=(RateFigure(evil, Percent(10_000), Money(99_999_999_999), Money(99_999_999_999)),),
        tenders=(TenderFigure(evil, evil, evil, most, most),),
        moves=(MoveFigure("in", evil, most), MoveFigure(evil, "{case}", most)),
        held=(ProofLine(evil, evil, -(2**62), 2**62, 1), ProofLine("{what}", "EUR", 1, 2, 4)),
        counts=(CountFigure(evil, Money(-1), Money(99_999_999_999)),),
        before=DayBefore(2**62, evil, Money(-99_999_999_999), 2**62, {evil: 2**62}),
    )


@dataclass(frozen=True, slots=True)
class ShiftExample:
    """An X or a Z, and how it is laid out."""

    make: Callable[[], ShiftReport]
    shop: ShopHead = BAKERY
    closing: Closing | None = CLOSING
    copy: int = 0
    training: bool = False
    also: str = ""

    @property
    def name(self) -> str:
        """What its golden file is called."""
        return f"shift_{self.make.__name__}{self.also}"

    def document(self, language: str = "en") -> Document:
        """It as paper."""
        return lay_out(
            self.make(), self.shop, closing=self.closing, copy=self.copy, training=self.training, language=language
        )


SHIFT_EXAMPLES = (
    ShiftExample(a_day),
    ShiftExample(a_day, copy=2, also="_copy"),
    ShiftExample(everything, KIOSK),
    ShiftExample(an_x, closing=None),
    ShiftExample(an_x, closing=None, training=True, also="_training"),
    ShiftExample(fails, KIOSK),
    ShiftExample(first_and_quiet, KIOSK, Closing(1, "0" * 64)),
    ShiftExample(hostile, KIOSK, Closing(2**62, "\x1b" * 200)),
)
