"""Into training and out of it: the question before, and the screen while the books change (N22)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult

from kiosk.errors import SaleIsOpen, ShopError, StorageFailed
from kiosk.i18n import _, later
from kiosk.screens.base import Press, TillScreen
from kiosk.screens.dialogs import Question
from kiosk.screens.messages import TrainingChanged, TrainingWanted
from kiosk.screens.till import Till
from kiosk.screens.widgets.sheet import Sheet

if TYPE_CHECKING:
    from kiosk.screens.open_sale import OpenSale


class SwitchScreen(TillScreen[None]):
    """Stands alone while the till goes from one kind of books to the other; no key is for it."""

    def __init__(self, till: Till, work: Coroutine[Any, Any, None], then: Callable[[], None]) -> None:
        """``work`` is the change; ``then`` is called by the app when it is done, or refused."""
        super().__init__(till)
        self._change, self._then = work, then
        self.sheet = Sheet()

    def body(self) -> ComposeResult:
        """One sentence."""
        yield self.sheet

    def on_mount(self) -> None:
        """Begin as soon as the sentence stands there."""
        leaving = self.till.shop.training
        words = _("Back to the real till …") if leaving else _("The training is being set up …")
        self.sheet.show(_("Training"), [(), (("strong", f" {words}"),)])
        self.call_after_refresh(lambda: self.work(self._go()))

    def takes(self, press: Press) -> bool:
        """Every key is swallowed: it was meant for a screen that is gone."""
        return bool(press.character)

    def unknown_key(self, press: Press) -> None:
        """The same for the others."""

    async def _go(self) -> None:
        refusal: ShopError | None = None
        try:
            await self._change
        except StorageFailed:
            raise
        except ShopError as error:
            refusal = error
        self.post_message(TrainingChanged(refusal, self._then))


async def ask(screen: TillScreen[Any], sale: OpenSale | None) -> None:
    """Ask whether to begin, or to leave. Refuses: SaleIsOpen, PendingPayment, Denied."""
    till = screen.till
    title = _("Training")
    if till.shop.training:
        leaving = _("Leave training? What was done here is thrown away.")
        if await screen.question(Question(till, title, leaving, yes=later("leave it"), must_be_seen=True)):
            screen.post_message(TrainingWanted(begin=False))
        return
    if sale is not None and (sale.basket or sale.tenders):
        raise SaleIsOpen
    from kiosk.services import training

    await till.ask(training.check, by=till.by)
    asked = _(
        "Begin to train? Everything works as ever, but nothing counts: "
        "no sale is real, papers say TRAINING, the drawer stays shut."
    )
    if await screen.question(Question(till, title, asked, yes=later("begin"), must_be_seen=True)):
        screen.post_message(TrainingWanted(begin=True))
