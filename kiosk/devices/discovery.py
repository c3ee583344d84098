"""Finds scanners among the input devices, from what the kernel says in /sys.

Nothing is opened, so nothing needs permission and no device is disturbed. A
scanner is chosen by a udev link, by its serial number or by its vendor and
product, never by its name or by eventN: both change (PLATFORM.md 2).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

DEFAULT_ADDRESS: Final = "/dev/input/kiosk-scan0"

_EVENT: Final = re.compile(r"event(\d+)")
_USB: Final = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}")
_TYPING_KEYS: Final = (*range(2, 12), 28)
"""The digits and Enter: without them a device can't type a code."""


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """An input device that can type."""

    path: str
    """Where it is now; changes with every plugging in."""
    links: tuple[str, ...]
    """The links of udev that lead to it."""
    name: str
    uniq: str
    """Its serial number, often empty."""
    usb: str
    """Vendor and product, such as ``05e0:1200``."""
    readable: bool
    """Whether this user may read it."""


def check_address(address: str) -> None:
    """Raises: ValueError for what isn't an absolute path of a link, ``uniq:…`` or ``05e0:1200``."""
    if address.startswith("uniq:") and len(address) > 5:
        return
    if _USB.fullmatch(address.lower()):
        return
    path = Path(address)
    if path.is_absolute() and not _EVENT.fullmatch(path.name):
        return
    raise ValueError(f"a scanner is a udev link, uniq:SERIAL or VENDOR:PRODUCT, not {address!r}")


@dataclass(frozen=True)
class Discovery:
    """Where to look; other directories stand in for the kernel's in tests."""

    sys: Path = field(default=Path("/sys/class/input"))
    dev: Path = field(default=Path("/dev/input"))

    def devices(self) -> tuple[FoundDevice, ...]:
        """Every device that can type, the keyboard included, in the kernel's order."""
        if not self.sys.is_dir():
            return ()
        links = self._links()
        found = []
        for entry in sorted(self.sys.iterdir(), key=_number):
            if not _EVENT.fullmatch(entry.name) or not _types(_read(entry / "device/capabilities/key")):
                continue
            path = self.dev / entry.name
            found.append(
                FoundDevice(
                    path=str(path),
                    links=links.get(entry.name, ()),
                    name=_read(entry / "device/name"),
                    uniq=_read(entry / "device/uniq"),
                    usb=f"{_read(entry / 'device/id/vendor')}:{_read(entry / 'device/id/product')}",
                    readable=os.access(path, os.R_OK),
                )
            )
        return tuple(found)

    def find(self, address: str) -> str | None:
        """The path of the device at an address now, or None while it isn't plugged in."""
        if address.startswith("/"):
            return address if os.path.exists(address) else None
        for device in self.devices():
            if device.usb == address.lower() or (device.uniq and f"uniq:{device.uniq}" == address):
                return device.path
        return None

    def _links(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for directory in (self.dev, self.dev / "by-id", self.dev / "by-path"):
            if not directory.is_dir():
                continue
            for link in sorted(directory.iterdir()):
                if link.is_symlink():
                    target = Path(os.path.realpath(link)).name
                    found[target] = (*found.get(target, ()), str(link))
        return found


def list_scanners() -> tuple[FoundDevice, ...]:
    """Every input device of this machine that could be a scanner."""
    return Discovery().devices()


def _number(entry: Path) -> int:
    found = _EVENT.fullmatch(entry.name)
    return int(found.group(1)) if found else -1


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _types(capabilities: str) -> bool:
    """Read the kernel's bitmap: words of a long in hexadecimal, the highest first."""
    word_bits = 64 if os.uname().machine.endswith("64") else 32
    bits = 0
    for word in capabilities.split():
        bits = bits << word_bits | int(word, 16)
    return all(bits >> key & 1 for key in _TYPING_KEYS)
