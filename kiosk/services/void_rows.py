"""A sale's exact mirror: every line, tax, tender and rounding with its sign turned (N1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kiosk.services.sale_rows import LINE, REFUND, RETURN, SALE, TAX, TENDER, Row, SaleRows


def mirrored(
    rows: SaleRows, slips: Sequence[tuple[str, str | None]], reason: str, changes: Mapping[str, Any]
) -> SaleRows:
    """The rows that void a sale: what took something back links to the same original, the other way.

    ``slips`` are reference and pending payment of each tender; ``changes`` are
    the columns of the new sale that are its own.
    """
    made, voided = changes["id"], rows.sale[0]
    returned = {row[1]: dict(zip(RETURN, row, strict=True)) for row in rows.returns}
    refunded = {row[1]: dict(zip(REFUND, row, strict=True)) for row in rows.refunds}
    lines = tuple(
        _turned(LINE, row, ("quantity", "gross", "discount", "share", "final"), sale=made) for row in rows.lines
    )
    tenders = tuple(
        _turned(TENDER, row, ("amount", "given", "change"), sale=made, reference=reference, pending=pending)
        for row, (reference, pending) in zip(rows.tenders, slips, strict=True)
    )
    return SaleRows(
        sale=_turned(SALE, rows.sale, ("sum", "discount", "rounding", "total"), **changes),
        lines=lines,
        taxes=tuple(_turned(TAX, row, ("net", "tax"), sale=made) for row in rows.taxes),
        tenders=tenders,
        returns=tuple(_undone(made, line, returned.get(line[1], {}), voided, reason) for line in lines),
        refunds=tuple(
            (made, tender[1], refunded.get(tender[1], {}).get("original", voided), tender[2], tender[5])
            for tender in tenders
        ),
    )


def _turned(columns: Sequence[str], row: Row, signs: Sequence[str], **changes: Any) -> Row:
    values = dict(zip(columns, row, strict=True))
    return tuple({**values, **{name: -values[name] for name in signs}, **changes}.values())


def _undone(made: str, line: Row, back: Mapping[str, Any], voided: str, reason: str) -> Row:
    """What undoes a line, or undoes that it came back."""
    values = dict(zip(LINE, line, strict=True))
    of_another = back.get("original") is not None
    return (
        made,
        values["position"],
        back["original"] if of_another else voided,
        back["original_position"] if of_another else values["position"],
        values["quantity"],
        values["final"],
        reason,
        back.get("restock", 1),
    )
