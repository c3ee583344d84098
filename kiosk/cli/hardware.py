"""``kiosk devices``: scanners and printers of this machine."""

from __future__ import annotations

import argparse
from pathlib import Path

from kiosk.cli.say import complain, say, say_json, table
from kiosk.config import Config
from kiosk.errors import BadFile, Invalid, NotFound

_PRINTERS = (("device", "/dev/usb", "lp*"), ("serial", "/dev/serial/by-id", "*"), ("serial", "/dev", "ttyUSB*"))


def show(given: argparse.Namespace, config: Config) -> int:
    """List what can type and what could be a printer, and which of them the till uses."""
    from kiosk.devices.discovery import list_scanners

    scanners = [
        {
            "path": one.path,
            "name": one.name,
            "usb": one.usb,
            "uniq": one.uniq,
            "links": list(one.links),
            "readable": one.readable,
            "used": _is_used(config, one.usb, one.uniq, one.links),
        }
        for one in list_scanners()
    ]
    printers = [
        {"kind": kind, "address": str(path), "used": str(path) == config.printer.address}
        for kind, folder, pattern in _PRINTERS
        for path in sorted(Path(folder).glob(pattern))
    ]
    if given.json:
        say_json({"scanners": scanners, "printers": printers})
        return 0
    table(
        [
            ("*" if one["used"] else " ", str(one["path"]), str(one["usb"]), str(one["uniq"]), str(one["name"]))
            for one in scanners
        ]
    )
    table([("*" if one["used"] else " ", str(one["kind"]), str(one["address"])) for one in printers])
    if not scanners:
        say("No scanner and no keyboard is plugged in.")
    if not printers:
        say("No printer is plugged in by USB or a serial line; one on the network isn't found by looking.")
    return 0


def _is_used(config: Config, usb: str, uniq: str, links: tuple[str, ...]) -> bool:
    chosen = config.scanner
    if chosen.usb:
        return chosen.usb.lower() == usb
    return chosen.uniq == uniq if chosen.uniq else chosen.link in links


def learn(given: argparse.Namespace, config: Config) -> int:
    """Find out which country a scanner is set to, from one scan. Refuses: NotFound, BadFile, Invalid."""
    del config
    from kiosk.devices.discovery import Discovery
    from kiosk.devices.learn import LEARNING_TEXT, learn_layout, record_scan

    if not 0 < given.seconds <= 3600:
        raise Invalid(field="seconds", value=str(given.seconds))
    path = Discovery().find(given.device)
    if path is None:
        raise NotFound(what="device", code=given.device)
    say("Make a Code 128 or QR code of this text, and scan it:")
    say(LEARNING_TEXT)
    try:
        strokes = record_scan(path, given.seconds)
    except ImportError:
        raise BadFile(path="evdev", reason="not installed; make hardware, or apt install python3-evdev") from None
    except OSError as error:
        raise BadFile(path=path, reason=error.strerror or str(error)) from error
    if not strokes:
        complain("Nothing was scanned.")
        return 1
    found = learn_layout(strokes)
    if found is None:
        complain("That was another text, or the scanner is set to a country that kiosk doesn't know.")
        return 1
    say(f'layout = "{found.layouts[0]}"   ({", ".join(found.layouts)}; ends with {found.terminator})')
    return 0
