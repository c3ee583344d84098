"""``kiosk setup``: a shop where there was none, from a handful of questions."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from kiosk.cli import ways
from kiosk.cli.say import ask, ask_secret, say
from kiosk.config import SYSTEM_FILE, SYSTEM_RUN, SYSTEM_STATE, Config, PrinterConfig, ScannerConfig, load
from kiosk.devices.printer import KINDS
from kiosk.errors import BadFile, Invalid
from kiosk.i18n import clean_text
from kiosk.rules.permissions import Role
from kiosk.services import ballast, defaults, pins, staff
from kiosk.services.files import disk_faults, give_to_owner, whole_file
from kiosk.services.shop import Shop, change_settings

_LOOK: Final = ("/dev/usb/lp0", "/dev/usb/lp1")
_COUNTRY: Final = "DE"
_MOST_ADDRESS_LINES: Final = 4


@dataclass(frozen=True)
class _Answers:
    """What was asked of the shop; the machine's part is a Config."""

    name: str
    address: tuple[str, ...]
    tax_id: str
    country: str
    language: str
    owner: str
    pin: str


def setup(given: argparse.Namespace, config: Config) -> int:
    """Write the configuration, make the keys and the database, and let the first owner in.

    Refuses: BadFile (there is a shop or a configuration, and no --force), Invalid,
    Missing (nobody can be asked), TillIsRunning, DiskFull.
    """
    path = Path(given.config or os.environ.get("KIOSK_CONFIG") or SYSTEM_FILE)
    if path.exists() and not given.force:
        raise BadFile(path=str(path), reason="there is a configuration already; --force writes it anew")
    config = _machine(given, load(path, may_be_missing=True))
    fresh = not ways.is_there(config)
    if not fresh and not given.force:
        raise BadFile(path=config.database_shown, reason="there is a shop already; --force keeps it and asks again")
    answers = _ask(given, with_owner=fresh)
    config = replace(config, printer=_printer(given, config))
    write_configuration(path, config)
    ways.make_state(config)
    with ways.alone(config, fresh=True) as shop:
        _make(shop, answers)
    ballast.make(config.state)
    say(f"{path} is written; the shop is in {config.state}.")
    if answers.owner:
        say(f"{answers.owner} can sign in as owner.")
    say("Next: kiosk doctor looks it over, kiosk backup --new-owner-key FILE makes backups possible.")
    return 0


def _machine(given: argparse.Namespace, config: Config) -> Config:
    if given.state:
        state = Path(given.state).absolute()
        # Only the system's own place has a directory in /run that systemd makes.
        elsewhere = config.run == SYSTEM_RUN and state != SYSTEM_STATE
        config = replace(config, state=state, run=state / "run" if elsewhere else config.run)
    if given.lane:
        lane = clean_text(given.lane, 8)
        if lane != given.lane or not lane.isascii() or not lane.isalnum():
            raise Invalid(field="lane", value=given.lane)
        config = replace(config, lane=lane)
    if given.lane_number is not None:
        if not 1 <= given.lane_number <= 99:
            raise Invalid(field="lane", value=str(given.lane_number))
        config = replace(config, lane_number=given.lane_number)
    if given.scanner:
        from kiosk.devices.discovery import check_address

        try:
            check_address(given.scanner)
        except ValueError:
            raise Invalid(field="scanner", value=given.scanner) from None
        config = replace(config, scanner=replace(config.scanner, usb=given.scanner.lower()))
    return config


def _ask(given: argparse.Namespace, *, with_owner: bool) -> _Answers:
    """Each answer from its flag, else from the technician, else as it is proposed."""

    def wanted(flag: str | None, question: str, proposal: str) -> str:
        if flag is not None:
            return flag
        return proposal if given.yes else ask(question, proposal)

    name = wanted(given.name, "Name of the shop", "My shop")
    address = given.address
    if address is None:
        address = [line.strip() for line in wanted(None, "Address, its lines parted by ;", "").split(";")]
    country = defaults.country_defaults(wanted(given.country, f"Country ({', '.join(defaults.COUNTRIES)})", _COUNTRY))
    language = wanted(given.language, "Language (en, de, fr, it, nl)", country.language)
    tax_id = wanted(given.tax_id, "Tax number, as it stands on receipts", "")
    owner = wanted(given.owner, "Name of the owner", "Owner") if with_owner else given.owner or ""
    pin = ask_secret(f"PIN of {clean_text(owner)} (4 to 8 digits)", twice=True) if owner else ""
    if pin:
        pins.check_form(pin)
    lines = tuple(filter(None, map(clean_text, address)))[:_MOST_ADDRESS_LINES]
    return _Answers(clean_text(name), lines, clean_text(tax_id), country.country, language, clean_text(owner), pin)


def _printer(given: argparse.Namespace, config: Config) -> PrinterConfig:
    """``KIND:ADDRESS``; the first that is plugged in is proposed. Refuses: Invalid."""
    found = next((f"device:{path}" for path in _LOOK if Path(path).exists()), "none")
    text = given.printer
    if text is None:
        text = found if given.yes else ask("Printer (none, device:PATH, serial:PATH, network:HOST, usb:ID)", found)
    kind, _colon, address = text.partition(":")
    if kind not in KINDS or (kind not in {"none", "fake"}) != bool(address):
        raise Invalid(field="printer", value=text)
    return replace(config.printer, kind=kind, address=address)


def _make(shop: Shop, answers: _Answers) -> None:
    from kiosk.i18n.language import known_language

    settings: dict[str, Any] = {
        "name": answers.name,
        "address": list(answers.address),
        "tax_id": answers.tax_id,
        "language": known_language(answers.language),
    }
    shop = change_settings(shop, settings, by=staff.ROOT)
    shop = defaults.prepare(shop, answers.country, by=staff.ROOT)
    if answers.owner:
        form = staff.PersonForm(name=answers.owner, role=Role.OWNER)
        staff.create(shop, form, by=staff.ROOT, pin=answers.pin)


def write_configuration(path: Path, config: Config) -> None:
    """Keep what somebody wrote there before, comments too, and change what was asked. Refuses: BadFile, DiskFull."""
    import tomlkit

    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
    if not document:
        document.add(tomlkit.comment("This machine. What all tills of the shop share is in the database."))
    document["lane"] = config.lane
    document["lane_number"] = config.lane_number
    for name, value, usual in (
        ("database", config.database, ""),
        ("language", config.language, ""),
        ("state", str(config.state), str(SYSTEM_STATE)),
        ("run", str(config.run), str(SYSTEM_RUN)),
    ):
        if value != usual or name in document:
            document[name] = value
    _update(document, "printer", config.printer, PrinterConfig())
    _update(document, "scanner", config.scanner, ScannerConfig())
    with disk_faults(path):
        if not path.parent.exists():
            path.parent.mkdir(mode=0o755, parents=True)
        with whole_file(path) as file:
            file.write(tomlkit.dumps(document).encode())
        # The till's group reads it; a database's password may stand in it.
        path.chmod(0o640)
        give_to_owner(path, path.parent)


def _update(document: Any, name: str, chosen: PrinterConfig | ScannerConfig, usual: object) -> None:
    import tomlkit

    table = document.get(name)
    if table is None:
        table = tomlkit.table()
        document.add(name, table)
    for part, value in vars(chosen).items():
        if part in table or value != getattr(usual, part) or part in {"kind", "address", "columns"}:
            table[part] = value
