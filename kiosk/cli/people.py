"""``kiosk staff``: who works at the till, for whoever is root on the machine."""

from __future__ import annotations

import argparse

from kiosk.cli import ways
from kiosk.cli.say import ask_secret, say, say_json, table
from kiosk.config import Config
from kiosk.services import staff


def show(given: argparse.Namespace, config: Config) -> int:
    """List everybody."""
    with ways.looking(config) as shop:
        found = staff.people(shop, with_former=True)
    if given.json:
        say_json(
            [
                {
                    "id": one.id,
                    "name": one.name,
                    "role": one.role.value,
                    "language": one.language,
                    "pin": one.pin,
                    "badge": one.badge,
                    "active": one.active,
                    "locked": one.locked,
                }
                for one in found
            ]
        )
        return 0
    table(
        [("NAME", "ROLE", "PIN", "BADGE", "STATE")]
        + [
            (one.name, one.role.value, "yes" if one.pin else "no", "yes" if one.badge else "no", _state(one))
            for one in found
        ]
    )
    return 0


def _state(one: staff.Person) -> str:
    if not one.active:
        return "former"
    return "locked" if one.locked else "active"


def add(given: argparse.Namespace, config: Config) -> int:
    """Take somebody on."""
    pin = ask_secret("PIN (4 to 8 digits)", twice=True)
    errand = {"do": "staff.add", "name": given.name, "role": given.role, "language": given.language, "pin": pin}
    say(f"{ways.send(config, errand)['name']} can sign in.")
    return 0


def reset(given: argparse.Namespace, config: Config) -> int:
    """Give somebody a new PIN."""
    pin = ask_secret("New PIN (4 to 8 digits)", twice=True)
    done = ways.send(config, {"do": "staff.reset", "who": given.name, "pin": pin})
    say(f"{done['name']} has a new PIN.")
    return 0


def unlock(given: argparse.Namespace, config: Config) -> int:
    """Let somebody try again."""
    say(f"{ways.send(config, {'do': 'staff.unlock', 'who': given.name})['name']} may try again.")
    return 0


def deactivate(given: argparse.Namespace, config: Config) -> int:
    """Let somebody go."""
    say(f"{ways.send(config, {'do': 'staff.deactivate', 'who': given.name})['name']} can't sign in any more.")
    return 0


def activate(given: argparse.Namespace, config: Config) -> int:
    """Take somebody back."""
    say(f"{ways.send(config, {'do': 'staff.activate', 'who': given.name})['name']} can sign in again.")
    return 0


def badge(given: argparse.Namespace, config: Config) -> int:
    """Give somebody a badge, or take it away."""
    code = "" if given.remove else given.code
    done = ways.send(config, {"do": "staff.badge", "who": given.name, "code": code})
    if "code" in done:
        say(f"{done['name']}: {done['code']}")
        say("This is shown once. Print it as a Code 128 or EAN-13 barcode.")
    else:
        say(f"{done['name']}: {'the badge is gone' if given.remove else 'the badge is taken over'}.")
    return 0
