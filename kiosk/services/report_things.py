"""Reports of what and by whom: goods, people, tax, tenders, counts of the drawer (Q-22, D7-04)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from kiosk import db
from kiosk.i18n import later
from kiosk.money import Money, Percent, Quantity
from kiosk.receipts.report import Cell, Column, Kind
from kiosk.services.day_totals import By
from kiosk.services.report_parts import DAY, SHARE, Made, Recipe, Wanted, average, change, names_of, share, whole_of
from kiosk.services.report_totals import Ask, Found, Sum, Sums

# Goods


def _ask_articles(wanted: Wanted) -> Sequence[Ask]:
    return (Ask("article", wanted.span, By.CODE),)


def _articles(wanted: Wanted, found: Found) -> Made:
    columns = (
        Column("article", later("Article")),
        Column("number", later("No."), Kind.TEXT, 2),
        Column("quantity", later("Quantity"), Kind.QUANTITY),
        Column("turnover", later("Amount"), Kind.MONEY),
        SHARE,
    )
    sums = found[_ask_articles(wanted)[0]]
    names = names_of("article", "name, number", sums)
    whole = whole_of(sums.values())
    rows = [
        (*names.get(code, (code, "")), Quantity(one.count), Money(one.amount), share(one.amount, whole.amount))
        for code, one in _largest(sums)
    ]
    return Made(columns, rows, (None, None, None, Money(whole.amount), None), bars=3, orders=(3, 2))


def _ask_categories(wanted: Wanted) -> Sequence[Ask]:
    return (Ask("category", wanted.span, By.CODE),)


def _categories(wanted: Wanted, found: Found) -> Made:
    columns = (
        Column("category", later("Category")),
        Column("quantity", later("Quantity"), Kind.QUANTITY),
        Column("turnover", later("Amount"), Kind.MONEY),
        SHARE,
    )
    sums = found[_ask_categories(wanted)[0]]
    names = names_of("category", "name", sums)
    whole = whole_of(sums.values())
    rows = [
        (*names.get(code, (code or None,)), Quantity(one.count), Money(one.amount), share(one.amount, whole.amount))
        for code, one in _largest(sums)
    ]
    return Made(columns, rows, (None, None, Money(whole.amount), None), bars=2, orders=(2, 1))


def _largest(sums: Sums) -> list[tuple[str, Sum]]:
    return sorted(sums.items(), key=lambda item: (-item[1].amount, -item[1].count, item[0]))


# People


_PEOPLE: Final = ("sales", "returns", "voids", "line_voids", "discounts", "drawer")


def _ask_staff(wanted: Wanted) -> Sequence[Ask]:
    return tuple(Ask(figure, wanted.span, By.PERSON) for figure in _PEOPLE)


def _staff(wanted: Wanted, found: Found) -> Made:
    """Raw figures, no judgement: who often voids may only have the busiest till (N8)."""
    columns = (
        Column("person", later("Who")),
        Column("sales", later("Sales"), Kind.COUNT),
        Column("turnover", later("Amount"), Kind.MONEY),
        Column("average", later("Average"), Kind.MONEY, 2),
        Column("returns", later("Ret."), Kind.COUNT),
        Column("returned", later("Returned"), Kind.MONEY, 2),
        Column("voids", later("Voids"), Kind.COUNT),
        Column("voided", later("Voided"), Kind.MONEY, 2),
        Column("line_voids", later("Lines"), Kind.COUNT),
        Column("discounts", later("Disc."), Kind.COUNT),
        Column("discounted", later("Discounts"), Kind.MONEY, 2),
        Column("drawer", later("Opens"), Kind.COUNT),
    )
    by_figure = {ask.figure: found[ask] for ask in _ask_staff(wanted)}
    ids = sorted({person for sums in by_figure.values() for person in sums})
    names = names_of("staff", "name", ids)

    def row(label: Cell, of: Callable[[str], Sum]) -> tuple[Cell, ...]:
        sales, returns, voids, line_voids, discounts, drawer = map(of, _PEOPLE)
        return (
            label, sales.count, Money(sales.amount), average(sales.amount, sales.count),
            returns.count, Money(returns.amount), voids.count, Money(voids.amount), line_voids.count,
            discounts.count, Money(discounts.amount), drawer.count,
        )  # fmt: skip

    def of_person(person: str) -> tuple[Cell, ...]:
        return row(names.get(person, (person,))[0], lambda figure: by_figure[figure].get(person, Sum()))

    largest = sorted(ids, key=lambda person: (-by_figure["sales"].get(person, Sum()).amount, person))
    totals = row(None, lambda figure: whole_of(by_figure[figure].values()))
    return Made(columns, [of_person(person) for person in largest], totals, bars=2, orders=(2, 1, 4, 6, 8, 9, 11))


# Tax and tenders


def _ask_tax(wanted: Wanted) -> Sequence[Ask]:
    return (Ask("net", wanted.span, By.CODE), Ask("tax", wanted.span, By.CODE))


def _tax(wanted: Wanted, found: Found) -> Made:
    columns = (
        Column("tax", later("Tax")),
        Column("rate", later("Rate"), Kind.PERCENT),
        Column("net", later("Net"), Kind.MONEY),
        Column("amount", later("Tax"), Kind.MONEY),
        Column("gross", later("Gross"), Kind.MONEY),
    )
    net, tax = (found[ask] for ask in _ask_tax(wanted))
    codes = sorted({*net, *tax}, key=lambda code: (code.partition("/")[0], -_rate(code).hundredths))
    names = names_of("tax", "name", {code.partition("/")[0] for code in codes}, "code")
    rows = []
    for code in codes:
        name = code.partition("/")[0]
        without, on_it = net.get(code, Sum()).amount, tax.get(code, Sum()).amount
        label = names.get(name, (name,))[0]
        rows.append((label, _rate(code), Money(without), Money(on_it), Money(without + on_it)))
    without, on_it = whole_of(net.values()).amount, whole_of(tax.values()).amount
    return Made(columns, rows, (None, None, Money(without), Money(on_it), Money(without + on_it)), bars=4)


def _rate(code: str) -> Percent:
    rate = code.partition("/")[2]
    return Percent(int(rate)) if rate.isascii() and rate.isdigit() else Percent(0)


def _ask_tenders(wanted: Wanted) -> Sequence[Ask]:
    return tuple(
        Ask(figure, span, By.CODE) for span in (wanted.span, wanted.compared) for figure in ("tender", "tender.back")
    )


def _tenders(wanted: Wanted, found: Found) -> Made:
    """What came in and went back by each, beside the period before."""
    columns = (
        Column("tender", later("Means of payment")),
        Column("count", later("Count"), Kind.COUNT, 2),
        Column("taken", later("Taken"), Kind.MONEY, 2),
        Column("given_back", later("Given back"), Kind.MONEY, 2),
        Column("net", later("Net"), Kind.MONEY),
        Column("before", later("Before"), Kind.MONEY, 1),
        Column("change", "+/-", Kind.CHANGE, 1),
    )
    taken, back, taken_before, back_before = (found[ask] for ask in _ask_tenders(wanted))
    codes = {*taken, *back, *taken_before, *back_before}
    places = names_of("tender", "name, position", codes, "code")

    def row(label: Cell, now: Sum, given: Sum, before: Sum, given_before: Sum) -> tuple[Cell, ...]:
        net, past = Money(now.amount - given.amount), Money(before.amount - given_before.amount)
        return (label, now.count, Money(now.amount), Money(given.amount), net, past, change(net, past))

    rows = [
        row(places.get(code, (code,))[0], *(sums.get(code, Sum()) for sums in (taken, back, taken_before, back_before)))
        for code in sorted(codes, key=lambda code: (int(places.get(code, ("", "9999"))[1]), code))
    ]
    totals = row(None, *(whole_of(sums.values()) for sums in (taken, back, taken_before, back_before)))
    return Made(columns, rows, totals, bars=4, shades=5, compared=True)


# Counts


def _differences(wanted: Wanted, found: Found) -> Made:
    """Every count of the drawer, of open shifts too, and what differed (K-21)."""
    del found
    columns = (
        DAY,
        Column("lane", later("Till"), Kind.TEXT, 2),
        Column("person", later("Who")),
        Column("expected", later("Expected"), Kind.MONEY, 1),
        Column("counted", later("Counted"), Kind.MONEY),
        Column("difference", later("Difference"), Kind.MONEY),
    )
    where, params = "shift.business_date BETWEEN ? AND ?", [*map(str, (wanted.span.first, wanted.span.last))]
    for column, value in (("shift.lane", wanted.lane), ('entry."by"', wanted.person)):
        if value is not None:
            where, params = f"{where} AND {column} = ?", [*params, value]
    rows: list[tuple[Cell, ...]] = [
        (date.fromisoformat(day), lane, name, Money(expected), Money(counted), Money(difference))
        for day, lane, name, expected, counted, difference in db.rows(
            'SELECT shift.business_date, shift.lane, COALESCE(staff.name, entry."by"), cash_count.expected, '
            "cash_count.counted, cash_count.difference FROM shift JOIN cash_count ON cash_count.shift = shift.id "
            'JOIN entry ON entry.id = cash_count.entry LEFT JOIN staff ON staff.id = entry."by" '
            f"WHERE {where} ORDER BY shift.business_date, entry.at, entry.id",
            params,
        )
    ]
    whole = sum(cell.minor for row in rows if isinstance(cell := row[5], Money))
    return Made(columns, rows, (None, None, None, None, None, Money(whole)))


THINGS: Final = {
    "articles": Recipe(_ask_articles, _articles),
    "categories": Recipe(_ask_categories, _categories),
    "staff": Recipe(_ask_staff, _staff),
    "tax": Recipe(_ask_tax, _tax),
    "tenders": Recipe(_ask_tenders, _tenders),
    "differences": Recipe(lambda _wanted: (), _differences),
}
