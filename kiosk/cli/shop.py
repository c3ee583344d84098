"""``kiosk settings``, ``kiosk tenders`` and ``kiosk upgrade``: what all tills of the shop share."""

from __future__ import annotations

import argparse
from typing import Any

from kiosk.cli import ways
from kiosk.cli.say import say, say_json, table
from kiosk.config import Config
from kiosk.errors import Missing, TillIsNotRunning
from kiosk.services import errands
from kiosk.services import settings as shared
from kiosk.services.staff import ROOT

_PARTS = tuple(part for part in shared.TENDER_PARTS if part != "name")

_TAKEN_UP = "The till that runs takes it up after the next sale, or when somebody signs in."


def upgrade(given: argparse.Namespace, config: Config) -> int:
    """Migrate, as the role that owns the ledger where it is given. Refuses: TillIsRunning, BadFile, StorageFailed."""
    del given
    with ways.alone(config):
        say("The database is up to date.")
    return 0


def settings(given: argparse.Namespace, config: Config) -> int:
    """List the settings."""
    with ways.looking(config) as shop:
        found = shared.settings(shop, by=ROOT)
    if given.json:
        say_json({one.name: one.value for one in found})
    else:
        table([("NAME", "VALUE"), *((one.name, one.words) for one in found)])
    return 0


def set_setting(given: argparse.Namespace, config: Config) -> int:
    """Change one. Refuses: NotFound, BadSetting. Source: D8-07, N19."""
    done, running = _send(config, {"do": "settings.set", "name": given.name, "value": given.value})
    if done["old"] == done["new"]:
        say(f"{done['name']} is {done['new'] or 'empty'} already.")
        return 0
    say(f"{done['name']}: {done['old'] or 'empty'} → {done['new'] or 'empty'}")
    if running:
        say(_TAKEN_UP)
    return 0


def tenders(given: argparse.Namespace, config: Config) -> int:
    """List the means of payment."""
    with ways.looking(config) as shop:
        found = shared.tenders(shop, by=ROOT)
    if given.json:
        say_json(
            [
                {"code": one.code, "name": one.name, "kind": one.kind.value}
                | {part: getattr(one, part) for part in _PARTS}
                for one in found
            ]
        )
        return 0
    rows = [
        (one.code, one.name, one.kind.value, *("yes" if getattr(one, part) else "no" for part in _PARTS))
        for one in found
    ]
    table([("CODE", "NAME", "KIND", *(part.upper() for part in _PARTS)), *rows])
    return 0


def set_tender(given: argparse.Namespace, config: Config) -> int:
    """Set one up. Refuses: Missing (nothing to change), NotFound, BadSetting. Source: D3-01."""
    wanted = {part: getattr(given, part) for part in ("name", *_PARTS) if getattr(given, part) is not None}
    if not wanted:
        raise Missing(field="--name, --drawer, --change, --refund, --terminal or --active")
    done, running = _send(config, {"do": "tenders.set", "code": given.code, **wanted})
    old, new = done["old"], done["new"]
    changed = [part for part in new if new[part] != old[part]]
    for part in changed:
        say(f"{given.code} {part}: {_words(old[part])} → {_words(new[part])}")
    if not changed:
        say(f"{given.code} is like that already.")
    elif running:
        say(_TAKEN_UP)
    return 0


def _send(config: Config, errand: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Have it done; what came of it, and whether a running till did it."""
    try:
        return ways.ask_till(config, errand), True
    except TillIsNotRunning:
        with ways.alone(config) as shop:
            return errands.do(shop, errand), False


def _words(value: object) -> str:
    return str(value) if isinstance(value, str) else "yes" if value else "no"
