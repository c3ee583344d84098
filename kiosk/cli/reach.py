"""Whether a printer is there, without printing."""

from __future__ import annotations

import os

from kiosk.devices import PrinterTrouble
from kiosk.devices.link import open_device, open_network, open_serial
from kiosk.devices.options import PrinterOptions
from kiosk.devices.usb_link import open_usb

_OPENERS = {"device": open_device, "serial": open_serial, "usb": open_usb, "network": open_network}


def reach_printer(kind: str, address: str) -> str:
    """Why a printer can't be reached; empty if it can, or if another program prints on it just now."""
    if kind == "file":
        return "" if os.access(os.path.dirname(address) or ".", os.W_OK) else "denied"
    opener = _OPENERS.get(kind)
    if opener is None:
        return "bad-settings"
    try:
        opener(address, PrinterOptions()).close()
    except PrinterTrouble as trouble:
        return "" if trouble.reason == "busy" else trouble.reason
    return ""
