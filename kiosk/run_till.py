"""The till of a configuration: its shop, its devices and its screens, put together and run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kiosk import db
from kiosk.app import Kiosk
from kiosk.config import Config
from kiosk.desk import Desk
from kiosk.devices import Printer, Scanner
from kiosk.errors import BadSetting
from kiosk.i18n import _
from kiosk.screens.till import HINT_DELAY, Till
from kiosk.services.shop import Shop, open_shop

if TYPE_CHECKING:
    from kiosk.spool import OnPrinter, Spool


def run(config: Config, *, demo: bool = False) -> int:
    """Open the shop on this machine and stay until the till is stopped; what to give back to the system.

    Refuses: StorageFailed, BadFile (the key file), BadSetting (a device's address).
    """
    desk = Desk(opening=lambda: open_shop(config), closing=db.disconnect, idle=db.checkpoint)
    shop: Shop = desk.start()
    try:
        till = Till(shop, desk, columns=config.printer.columns, exports=config.state / "exports", hint_delay=HINT_DELAY)
        till.make_room = lambda: _make_room(config)
        kiosk = Kiosk(
            till,
            config=config,
            scanners=lambda: _scanners(config, till),
            spool=lambda said: _spool(config, till, said),
            notice=demo_notice() if demo else (),
        )
        return kiosk.run(mouse=False) or kiosk.return_code or 0
    finally:
        desk.stop()


def _scanners(config: Config, till: Till) -> tuple[Scanner, ...]:
    """The scanner of this machine, and the gate by which commands reach the till."""
    from kiosk.devices.gate import GateScanner
    from kiosk.devices.scanner import make_scanner

    chosen = config.scanner
    address = chosen.usb or (f"uniq:{chosen.uniq}" if chosen.uniq else chosen.link)
    try:
        device = make_scanner(address if chosen.grab else "", layout=chosen.layout)
    except ValueError as error:
        raise BadSetting(name="scanner", value=address) from error
    return device, GateScanner(config.socket, lambda errand: _errand(till, errand))


def _spool(config: Config, till: Till, said: OnPrinter) -> Spool:
    from kiosk.spool import Spool

    return Spool(till.desk, lambda: till.shop, lambda: _printer(config), config.printer.columns, said)


def _printer(config: Config) -> Printer:
    """Made on the spool's thread, where python-escpos may take its time."""
    from kiosk.devices.printer import make_printer

    chosen = config.printer
    return make_printer(
        chosen.kind,
        chosen.address,
        columns=chosen.columns,
        code_page=chosen.code_page,
        drawer_pin=chosen.drawer_pin,
        cut=chosen.cut,
        cancel_kanji=chosen.cancel_kanji,
        baud=chosen.baud,
        flow=chosen.flow,
        cache=str(config.state),
    )


def _errand(till: Till, errand: Mapping[str, Any]) -> dict[str, Any]:
    """What a command wants done, on the desk, in its turn; called on the gate's thread."""
    from kiosk.services import errands

    answer = till.desk.do(lambda: errands.answer(till.shop, errand)).result()
    till.paper_queued()
    return answer


def _make_room(config: Config) -> bool:
    """Free what was kept for a full disk."""
    from kiosk.services import ballast

    return ballast.free(config.state)


def demo_notice() -> tuple[str, ...]:
    """What the first screen of a demo tells: who there is, and how to leave."""
    from kiosk.rules.permissions import Action, State, default
    from kiosk.services.demo import PEOPLE

    stops = [name for name, role, _pin in PEOPLE if default(role, Action.STOP_TILL) is State.ALLOWED]
    return (
        _("This is a demo. The PINs:"),
        *("   ".join(f"{name} {pin}" for name, _role, pin in PEOPLE[at : at + 2]) for at in range(0, len(PEOPLE), 2)),
        _("To leave: F10, then 0, as {names}.").format(names=", ".join(stops)),
    )
