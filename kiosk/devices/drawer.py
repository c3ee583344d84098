"""A cash drawer on a printer's socket."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.devices import Printer


@dataclass(frozen=True)
class PrinterDrawer:
    """The drawer that hangs on this printer; which pin it is wired to, the printer's options say."""

    printer: Printer

    def open(self) -> None:
        """Kick it open, once and without paper (D5-06). Raises: PrinterTrouble."""
        self.printer.send((), open_drawer=True)
