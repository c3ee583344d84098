"""The print worker: takes paper from the queue in the database to the printer, on a thread of its own.

The desk marks a job before the printer gets it, so that nothing comes out
twice unmarked and the drawer opens at most once (DESIGN.md 5).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from kiosk.desk import Desk
from kiosk.devices import Printer, PrinterTrouble
from kiosk.errors import ShopError
from kiosk.receipts import paper
from kiosk.services import printing
from kiosk.services.printing import Job
from kiosk.services.shop import Shop

OnPrinter = Callable[[str, int], None]
"""Called on the spool's thread with a state (``ok`` or the trouble's reason) and how many jobs wait."""

_PAUSES: Final = (1.0, 2.0, 5.0, 10.0)
_LOOK_AGAIN_SECONDS: Final = 30.0

log = logging.getLogger(__name__)


class Spool:
    """One worker for one printer."""

    def __init__(
        self, desk: Desk, shop: Callable[[], Shop], printer: Callable[[], Printer], columns: int, on_state: OnPrinter
    ) -> None:
        """``shop`` gives the shop of the moment; ``printer`` makes the device, on the worker's thread."""
        self._desk, self._shop, self._make, self._columns, self._on_state = desk, shop, printer, columns, on_state
        self._wake, self._ended = threading.Event(), threading.Event()
        self._printing, self._free = threading.Lock(), threading.Event()
        self._free.set()
        self._thread = threading.Thread(target=self._serve, name="spool", daemon=True)
        self._printer: Printer | None = None
        self._troubles = 0

    def start(self) -> None:
        """Begin to print what waits."""
        self._thread.start()

    def wake(self) -> None:
        """Say that a job was queued."""
        self._wake.set()

    def pause(self) -> None:
        """Wait until nothing is being printed, and print nothing until ``resume``; never on the desk's thread."""
        self._free.clear()
        with self._printing:
            pass

    def resume(self) -> None:
        """Print again."""
        self._free.set()
        self.wake()

    def stop(self) -> None:
        """End after the document that is being printed; call before the desk stops."""
        self._ended.set()
        self._free.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=15)

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                self._free.wait()
                with self._printing:
                    pause = self._print_one() if self._free.is_set() and not self._ended.is_set() else 0.0
            except Exception:
                log.exception("the print worker failed on a job and goes on")
                pause = _PAUSES[-1]
            if pause:
                self._wake.wait(pause)
                self._wake.clear()
        if self._printer is not None:
            self._printer.close()

    def _print_one(self) -> float:
        """Print the oldest job; how long to wait before looking again."""
        shop = self._shop()
        job = self._desk.do(printing.next_job, shop).result()
        if job is None:
            self._say("ok" if not self._troubles else "", 0)
            return _LOOK_AGAIN_SECONDS
        try:
            self._send(job)
        except PrinterTrouble as trouble:
            if trouble.reason == "bad-document":
                self._desk.do(printing.drop, shop, job.id, trouble.reason).result()
                return 0.0
            self._desk.do(printing.failed, shop, job.id, trouble.reason, nothing_came_out=not trouble.partial).result()
            self._say(trouble.reason, self._waiting(shop))
            self._troubles += 1
            return _PAUSES[min(self._troubles, len(_PAUSES)) - 1]
        self._desk.do(printing.printed, shop, job.id).result()
        self._troubles = 0
        self._say("ok", self._waiting(shop))
        return 0.0

    def _send(self, job: Job) -> None:
        """The drawer first and by itself: it opens also when there is no paper, and never later than now."""
        if self._printer is None:
            self._printer = self._make()
        if job.kick_drawer:
            try:
                self._printer.send((), open_drawer=True)
            except PrinterTrouble as trouble:
                log.warning("the drawer was not opened: %s", trouble.reason)
                if not job.document:
                    self._say(trouble.reason, 0)
        if job.document:
            self._printer.send(paper.commands(job.document, self._columns), open_drawer=False)

    def _waiting(self, shop: Shop) -> int:
        with suppress(ShopError):
            return self._desk.do(printing.waiting, shop).result()
        return 0

    def _say(self, state: str, waiting: int) -> None:
        if state:
            self._on_state(state, waiting)
