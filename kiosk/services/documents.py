"""Driving licences and medical cards, sealed with a key per person that is wrapped by the machine's (PLATFORM.md 8)."""

from __future__ import annotations

from kiosk.services.customer_rows import DocumentKind, IdDocument
from kiosk.services.shop import Shop


def of(shop: Shop, customer: str, *, by: str) -> dict[DocumentKind, IdDocument]:
    """What is kept of a customer. Refuses: Denied."""
    raise NotImplementedError


def put_in(shop: Shop, customer: str, documents: dict[DocumentKind, IdDocument]) -> tuple[str, ...]:
    """Keep these and no others, inside the transaction of a save; the kinds that changed."""
    return ()


def destroy_in(customer: str) -> None:
    """Destroy the person's key and what it sealed, inside the transaction of an erasure (N11)."""
    raise NotImplementedError
