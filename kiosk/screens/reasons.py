"""Why something is done: a short list, and room for another reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from kiosk.errors import Missing
from kiosk.i18n import _
from kiosk.i18n.sentences import sentence
from kiosk.screens.base import TillScreen
from kiosk.screens.dialogs import AskText, Choose

LONGEST_REASON: Final = 100


async def ask_reason(
    screen: TillScreen[Any], title: str, asked: str, reasons: Sequence[str], *, must_be_seen: bool = False
) -> str | None:
    """Ask why, as the books will hold it; None on Esc.

    ``reasons`` are translated where they are shown; ``must_be_seen``: no key typed ahead answers it.
    """
    till = screen.till
    shown = [*(_(reason) for reason in reasons if reason), _("Another reason")]
    place = await screen.question(Choose(till, title, asked, shown, must_be_seen=must_be_seen))
    if place < 0:
        return None
    if place < len(shown) - 1:
        return [reason for reason in reasons if reason][place]
    return await ask_own_reason(screen, title, _("Why? It is written down."))


async def ask_own_reason(screen: TillScreen[Any], title: str, asked: str) -> str | None:
    """Ask why, in one's own words; None on Esc. Enter with nothing typed asks again."""
    news = asked
    while True:
        typed = await screen.question(AskText(screen.till, title, news, longest=LONGEST_REASON))
        if typed or typed is None:
            return typed
        news = f"{sentence(Missing(field='reason'))}. {asked}"
