"""What the screens behind the sale share: their title, the lock, and that a scan is still for the sale."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, ClassVar, TypeVar

from kiosk.i18n import _
from kiosk.screens.base import TillScreen
from kiosk.screens.messages import LockWanted

Result = TypeVar("Result")


class BackRoom(TillScreen[Result]):
    """A screen in front of the sale, or in front of another one of these. It binds ``lock`` and ``close`` itself."""

    TITLE_WORD: ClassVar[str] = ""
    """What the screen is called, in English."""

    def title_text(self) -> str:
        """Which screen this is, and what stands in every header."""
        return f"{_(self.TITLE_WORD)} · {super().title_text()}"

    def scanned(self, code: str) -> Coroutine[Any, Any, None] | None:
        """A scan means what it is, whatever screen is open: the one below answers it, and this one goes."""
        below = self.below
        if below is not None:
            self.dismiss()
            below.scan(code)
        return None

    def action_lock(self) -> None:
        """Lock the till; what stands here is kept for whoever left it."""
        self.post_message(LockWanted())

    def action_close(self) -> None:
        """Back to where one came from."""
        self.dismiss()
