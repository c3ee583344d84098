"""This machine only: where the database is, which lane, which devices.

One frozen value from one TOML file and ``KIOSK_*`` variables; what the whole
shop shares lives in the database, as settings.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from kiosk.errors import BadFile, BadSetting

SYSTEM_FILE: Final = Path("/etc/kiosk/kiosk.toml")
SYSTEM_STATE: Final = Path("/var/lib/kiosk")
SYSTEM_RUN: Final = Path("/run/kiosk")

_CHOICES: Final = {
    "printer.cut": ("full", "part", "none"),
    "printer.flow": ("none", "rtscts", "dsrdtr", "xonxoff"),
    "printer.drawer_pin": (2, 5),
}

_T = TypeVar("_T")


@dataclass(frozen=True)
class PrinterConfig:
    """Where receipts come out."""

    kind: str = "none"
    """none, file, device, serial, usb, network, fake."""
    address: str = ""
    columns: int = 42
    code_page: str = "CP858"
    drawer_pin: int = 2
    cut: str = "full"
    """full, part, none."""
    cancel_kanji: bool = False
    """For printers that print accents as Chinese signs."""
    baud: int = 9600
    """Of a serial line, as is ``flow``: none, rtscts, dsrdtr, xonxoff."""
    flow: str = "dsrdtr"


@dataclass(frozen=True)
class ScannerConfig:
    """Which scanner belongs to the till; nothing set means keyboard-wedge only."""

    link: str = "/dev/input/kiosk-scan0"
    uniq: str = ""
    usb: str = ""
    """Vendor and product, ``0c2e:0b61``."""
    layout: str = "us"
    grab: bool = True


@dataclass(frozen=True)
class Config:
    """What this machine is."""

    database: str = ""
    """A file, or ``postgresql://…``; empty means kiosk.db in the state directory."""
    database_owner: str = ""
    """PostgreSQL only: the URL of the role that owns the ledger and runs migrations; the till's own can't."""
    lane: str = "R1"
    lane_number: int = 1
    language: str = ""
    """Empty: the shop's."""
    state: Path = SYSTEM_STATE
    run: Path = SYSTEM_RUN
    theme: str = "auto"
    wide_from: int = 120
    printer: PrinterConfig = PrinterConfig()
    scanner: ScannerConfig = ScannerConfig()
    keys: Mapping[str, str] = field(default_factory=dict)
    """Binding id to keys: ``{"sale.cash": "f12,ctrl+b"}`` (UX.md 4.3)."""

    @property
    def database_url(self) -> str:
        """The database, the default filled in."""
        return self.database or str(self.state / "kiosk.db")

    @property
    def database_shown(self) -> str:
        """The same, fit for a screen and a log: without the password."""
        if not self.on_postgres:
            return self.database_url
        from urllib.parse import urlsplit

        parts = urlsplit(self.database)
        who, at, where = parts.netloc.rpartition("@")
        return f"{parts.scheme}://{who.partition(':')[0]}{at}{where}{parts.path}"

    @property
    def on_postgres(self) -> bool:
        """Whether the database is PostgreSQL."""
        return self.database.startswith(("postgresql://", "postgres://"))

    @property
    def key_file(self) -> Path:
        """The machine's secrets, outside the database (DESIGN.md 11)."""
        return self.state / "kiosk.key"

    @property
    def socket(self) -> Path:
        """Where a running till listens to ``kiosk scan`` and the like."""
        return self.run / "till.sock"


def load(path: Path | None = None, environ: Mapping[str, str] = os.environ, *, may_be_missing: bool = False) -> Config:
    """Read the configuration: the file, then the ``KIOSK_*`` variables over it.

    Only the system's own file may be missing, unless ``may_be_missing`` says so of the one that is named.
    Refuses: BadFile, BadSetting (an unknown name is an error, not a silence).
    """
    named = path or (Path(environ["KIOSK_CONFIG"]) if environ.get("KIOSK_CONFIG") else None)
    chosen = named or SYSTEM_FILE
    read: dict[str, Any] = {}
    if chosen.exists():
        import tomllib

        try:
            read = tomllib.loads(chosen.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadFile(path=str(chosen), reason=str(error)) from error
    elif named is not None and not may_be_missing:
        raise BadFile(path=str(chosen), reason="not there")
    config = _table(Config(), read, "")
    from_environ: dict[str, Any] = {}
    for name in ("database", "database_owner", "lane", "language", "theme"):
        value = environ.get(f"KIOSK_{name.upper()}")
        if value is not None:
            from_environ[name] = value
    for name in ("state", "run"):
        value = environ.get(f"KIOSK_{name.upper()}")
        if value:
            from_environ[name] = Path(value)
    return replace(config, **from_environ)


def _table(start: _T, read: Mapping[str, Any], where: str) -> _T:
    known = {part.name for part in fields(start)}  # type: ignore[arg-type]
    changes: dict[str, Any] = {}
    for name, value in read.items():
        if name not in known:
            raise BadSetting(name=where + name, value=str(value))
        current = getattr(start, name)
        if isinstance(current, PrinterConfig | ScannerConfig):
            if not isinstance(value, dict):
                raise BadSetting(name=where + name, value=str(value))
            changes[name] = _table(current, value, f"{name}.")
        elif isinstance(current, Path) and isinstance(value, str):
            changes[name] = Path(value)
        elif isinstance(current, Mapping) and isinstance(value, dict):
            changes[name] = {str(key): str(keys) for key, keys in value.items()}
        elif type(current) is type(value) and value in _CHOICES.get(where + name, (value,)):
            changes[name] = value
        else:
            raise BadSetting(name=where + name, value=str(value))
    return replace(start, **changes)  # type: ignore[type-var]
