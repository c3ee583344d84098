"""A USB printer that the kernel has no driver for, through pyusb."""

from __future__ import annotations

import errno
import re
from typing import Any, Final

from kiosk.devices import PrinterTrouble
from kiosk.devices.link import USB_NO_PAPER, Link, trouble
from kiosk.devices.options import PrinterOptions

_CHUNK: Final = 4096
_PRINTER_CLASS: Final = 7
_BACK: Final = 0x80
_GET_PORT_STATUS: Final = (0xA1, 1, 0)


class UsbLink:
    """The printer interface of one USB device."""

    def __init__(self, device: Any, interface: Any, where: str, stall: float) -> None:
        self._device = device
        self._interface = int(interface.bInterfaceNumber)
        self._where = where
        self._wait_ms = int(stall * 1000)
        endpoints = {endpoint.bEndpointAddress & _BACK: endpoint for endpoint in interface}
        self._out = endpoints[0]
        self._back = endpoints.get(_BACK)

    def write(self, data: bytes) -> None:
        """Hand all bytes over. Raises: PrinterTrouble."""
        sent = 0
        try:
            while sent < len(data):
                sent += int(self._out.write(data[sent : sent + _CHUNK], self._wait_ms))
        except OSError as error:
            raise trouble(error, self._where, partial=sent > 0) from error

    def ask(self, question: bytes, seconds: float) -> bytes:
        """Send a question and take the answer's first byte. Raises: PrinterTrouble."""
        if self._back is None:
            return b""
        self.write(question)
        try:
            return bytes(self._back.read(self._back.wMaxPacketSize, int(seconds * 1000)))[:1]
        except OSError as error:
            if error.errno == errno.ETIMEDOUT:
                return b""
            raise trouble(error, self._where) from error

    def no_paper(self) -> bool:
        """What the port status of the printer class says."""
        try:
            status = self._device.ctrl_transfer(*_GET_PORT_STATUS, self._interface, 1, self._wait_ms)
        except OSError:
            return False
        return bool(status and status[0] & USB_NO_PAPER)

    def close(self) -> None:
        """Let it go."""
        from usb.util import dispose_resources

        dispose_resources(self._device)


def open_usb(address: str, options: PrinterOptions) -> Link:
    """The printer with this ``VENDOR:PRODUCT``. Raises: PrinterTrouble."""
    found = re.fullmatch(r"([0-9a-fA-F]{4}):([0-9a-fA-F]{4})", address)
    if not found:
        raise PrinterTrouble("bad-settings", address)
    vendor, product = (int(number, 16) for number in found.groups())
    try:
        from usb.core import NoBackendError, find
    except ImportError as error:
        raise PrinterTrouble("not-installed", "pyusb") from error
    try:
        device: Any = find(idVendor=vendor, idProduct=product)
        if device is None:
            raise PrinterTrouble("not-found", address)
        interface = _claim(device)
    except NoBackendError as error:
        raise PrinterTrouble("not-installed", "libusb") from error
    except OSError as error:
        raise trouble(error, address) from error
    if interface is None:
        raise PrinterTrouble("bad-settings", address)
    return UsbLink(device, interface, address, options.stall)


def _claim(device: Any) -> Any:
    """The device's printer interface, taken from the kernel's driver; None if it has none."""
    from usb.util import claim_interface

    for configuration in device:
        for interface in configuration:
            takes_bytes = any(not endpoint.bEndpointAddress & _BACK for endpoint in interface)
            if interface.bInterfaceClass == _PRINTER_CLASS and takes_bytes:
                number = interface.bInterfaceNumber
                if device.is_kernel_driver_active(number):
                    device.detach_kernel_driver(number)
                claim_interface(device, number)
                return interface
    return None
