"""What must be known about a printer besides where it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class PrinterOptions:
    """What the printer can do, and how it is reached."""

    columns: int = 42
    """Of the normal letters; decides how wide a barcode may be."""
    code_page: str = "CP858"
    """One that the printer has, by python-escpos' name for it."""
    profile: str = "default"
    """The printer's model in python-escpos' list."""
    drawer_pin: Literal[2, 5] = 2
    cut: Literal["full", "part", "none"] = "full"
    cancel_kanji: bool = False
    """For printers that print accents as Chinese signs."""
    cache: str = ""
    """A directory of the till's own, where python-escpos keeps its list of printers; empty for none."""

    stall: float = 5.0
    """Seconds without a byte taken after which the printer counts as dead."""
    ask_status: bool = True
    """Ask printers that answer (serial, USB, network) about paper and cover before each document."""
    baud: int = 9600
    flow: Literal["none", "rtscts", "dsrdtr", "xonxoff"] = "dsrdtr"
    """What holds the bytes of a serial line back."""
