"""Why something is done: a short list, and room for another reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from kiosk.errors import Missing
from kiosk.i18n import _
from kiosk.screens.base import TillScreen
from kiosk.screens.dialogs import AskText, Choose

LONGEST_REASON: Final = 100


async def ask_reason(
    screen: TillScreen[Any], title: str, asked: str, reasons: Sequence[str], *, must_be_seen: bool = False
) -> str | None:
    """Ask why, as the books will hold it; None on Esc. Refuses: Missing (another reason, and none typed).

    ``reasons`` are translated where they are shown; ``must_be_seen``: no key typed ahead answers it.
    """
    till = screen.till
    shown = [*(_(reason) for reason in reasons if reason), _("Another reason")]
    place = await screen.question(Choose(till, title, asked, shown, must_be_seen=must_be_seen))
    if place < 0:
        return None
    if place < len(shown) - 1:
        return [reason for reason in reasons if reason][place]
    typed = await screen.question(AskText(till, title, _("Why? It is written down."), longest=LONGEST_REASON))
    if typed is not None and not typed:
        raise Missing(field="reason")
    return typed
