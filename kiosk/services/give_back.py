"""What a basket gives back when it is closed: asked of the books again, for a screen or a draft may be old (I12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kiosk.errors import Invalid, Missing, OverLimit, RefundChanged, TooLate
from kiosk.money import Money
from kiosk.rules import refund
from kiosk.rules.basket import Basket, Line, LineKind
from kiosk.rules.permissions import Action
from kiosk.rules.refund import Back
from kiosk.rules.tender import Given, Settlement, Tender, TenderKind
from kiosk.services import return_rows, staff, tender_rows
from kiosk.services.return_rows import Original
from kiosk.services.shop import Shop


def kind_of(basket: Basket) -> str:
    """What a basket's receipt is: a sale, a return, or an exchange, which is both."""
    back = sum(line.returned is not None for line in basket.lines)
    if not back:
        return "sale"
    return "return" if back == len(basket.lines) else "exchange"


def only_original(basket: Basket) -> str | None:
    """The one receipt that a basket takes back from, if it is one."""
    found = {line.returned.original for line in basket.lines if line.returned is not None}
    return found.pop() or None if len(found) == 1 else None


def require(shop: Shop, basket: Basket, *, key: str, by: str) -> str | None:
    """Stand before the doors of taking back; who approved, if that was needed. Refuses: Denied, NeedsApproval."""
    approved_by = None
    back = [line.returned for line in basket.lines if line.returned is not None]
    for action, asked in (
        (Action.RETURN, any(one.original for one in back)),
        (Action.RETURN_WITHOUT_RECEIPT, any(not one.original for one in back)),
    ):
        if asked:
            approved_by = staff.require(shop, by, action, key=key) or approved_by
    return approved_by


def check(shop: Shop, basket: Basket) -> None:
    """Whether each line that comes back is what the books say, inside the transaction that closes the sale.

    Refuses: Invalid, Missing (a reason), AlreadyReturned, TooLate, NotFound,
    OverLimit, RefundChanged. Source: D5-01, D5-02, I12.
    """
    return_rows.hold(basket)
    originals: dict[str, Original] = {}
    for place, line in enumerate(basket.lines):
        _check_sides(line)
        if line.returned is None:
            continue
        if not line.returned.reason:
            raise Missing(field="reason")
        sale = line.returned.original
        if not sale:
            _check_loose(line)
            continue
        if sale not in originals:
            originals[sale] = return_rows.original(sale)
            check_original(shop, originals[sale])
        _check_line(originals[sale], line, basket.lines[:place])
    check_limit(shop, basket)


def check_original(shop: Shop, sold: Original) -> None:
    """Whether goods of a sale may come back now. Refuses: TooLate, Invalid (sold under another kind of prices)."""
    days = shop.settings.return_days
    today = shop.clock.business_date(shop.clock.now())
    if days and (today - date.fromisoformat(sold.business_date)).days > days:
        raise TooLate(number=sold.number, days=days)
    if sold.currency != shop.settings.currency or sold.tax_included != shop.settings.prices_include_tax:
        raise Invalid(field="receipt", value=str(sold.number))


def check_limit(shop: Shop, basket: Basket) -> None:
    """Whether what comes without a receipt is within the shop's limit. Refuses: OverLimit."""
    loose = [line for line in basket.lines if line.returned is not None and not line.returned.original]
    wanted = return_rows.worth_of(shop, loose).minor if loose else 0
    if wanted > shop.settings.return_limit:
        raise OverLimit(what="return", wanted=wanted, limit=shop.settings.return_limit)


def check_goods(line: Line) -> None:
    """Only goods come back like this. Refuses: Invalid."""
    if line.kind is not LineKind.GOODS:
        raise Invalid(field="line", value=line.text)


def _check_sides(line: Line) -> None:
    """What is sold is above zero, what comes back below."""
    if (line.returned is None) != (line.quantity.thousandths > 0):
        raise Invalid(field="quantity", value=str(line.quantity.thousandths))


def _check_loose(line: Line) -> None:
    check_goods(line)
    if line.fixed is not None or line.price.minor < 0:
        raise Invalid(field="price", value=line.text)


def _check_line(sold: Original, line: Line, before: tuple[Line, ...]) -> None:
    if line.returned is None:
        return
    check_goods(line)
    back = line.returned
    meant = return_rows.line_back(sold, back.position, -line.quantity, before, reason=back.reason, restock=back.restock)
    if replace(meant, id=line.id) != line:
        raise RefundChanged


def plan(shop: Shop, basket: Basket, amount: Money, *, to_voucher: bool) -> tuple[Back, ...]:
    """How an amount goes back for a basket. Refuses: OutOfRange (no tender may take it)."""
    voucher = _of_kind(TenderKind.VOUCHER)
    if to_voucher:
        return refund.to_voucher(amount, voucher)
    return refund.plan(
        amount,
        return_rows.sources(shop, basket),
        voucher=voucher,
        cash_step=shop.settings.step,
        without_receipt=_of_kind(TenderKind.CASH) if shop.settings.return_cash_without_receipt else None,
    )


def settle(shop: Shop, basket: Basket, total: Money, given: tuple[Given, ...]) -> Settlement:
    """The settlement of a basket that is worth less than nothing: what is given must be what is planned.

    Refuses: RefundChanged, OutOfRange.
    """
    if total.minor >= 0:
        raise RefundChanged
    wanted = [(one.tender.code, one.original, -one.given) for one in given]
    for to_voucher in (False, True):
        if to_voucher and not any(one.tender.kind is TenderKind.VOUCHER for one in given):
            break
        backs = plan(shop, basket, -total, to_voucher=to_voucher)
        if [(back.tender.code, back.original, back.amount) for back in backs] == wanted:
            pairs = zip(backs, given, strict=True)
            return refund.settled_by(total, tuple(replace(one, tender=back.tender) for back, one in pairs))
    raise RefundChanged


def _of_kind(kind: TenderKind) -> Tender | None:
    """The first tender of a kind that this shop takes."""
    return next((one for one in tender_rows.active() if one.kind is kind), None)
