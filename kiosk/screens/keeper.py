"""Keeps the open sale on the disk: after the paint, several changes in one write, never in the way of a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kiosk.screens.base import TillScreen

if TYPE_CHECKING:
    from kiosk.services.drafts import Draft


class Keeper:
    """Writes the latest draft, one write at a time."""

    def __init__(self, screen: TillScreen[Any], draft: Callable[[], Draft]) -> None:
        self._screen = screen
        self._draft = draft
        self._writing = self._wanted = False

    def save(self) -> None:
        """Keep the sale as it is once it has been painted."""
        self._wanted = True
        if not self._writing:
            self._writing = True
            self._screen.call_after_refresh(self._begin)

    def save_now(self) -> None:
        """The same at once, for a screen in front of the sale: the sale itself is not painted then."""
        self._wanted = True
        if not self._writing:
            self._writing = True
            self._begin()

    async def settle(self) -> None:
        """Have written what was to be written, before something else begins."""
        if self._wanted:
            self._wanted = False
            await self._keep()

    def forget(self) -> None:
        """What was to be written is in the books, or parked."""
        self._wanted = False

    def _begin(self) -> None:
        self._screen.alongside(self._write())

    async def _write(self) -> None:
        try:
            while self._wanted:
                self._wanted = False
                await self._keep()
        finally:
            self._writing = False

    async def _keep(self) -> None:
        from kiosk.services import drafts

        till = self._screen.till
        await till.ask(drafts.save, till.by, self._draft())
