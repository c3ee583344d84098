"""Tells the service manager how the till is: ready, alive, stopping (sd_notify's protocol)."""

import os
import socket
from collections.abc import Mapping


def notify(state: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Send a state such as ``READY=1``, ``WATCHDOG=1`` or ``STATUS=…``; return whether somebody took it.

    Does nothing where no service manager asked for it, and never raises: a till sells without one.
    Source: PLATFORM.md 4.
    """
    address = environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.setblocking(False)
            sender.sendto(state.encode(), address)
    except OSError:
        return False
    return True


def watchdog_interval(environ: Mapping[str, str] = os.environ) -> float | None:
    """Return after how many seconds to send ``WATCHDOG=1`` again: half the time that the service manager waits.

    None where nobody waits for it.
    """
    try:
        microseconds = int(environ.get("WATCHDOG_USEC", "0"))
        process = int(environ.get("WATCHDOG_PID", str(os.getpid())))
    except ValueError:
        return None
    return microseconds / 2_000_000 if microseconds > 0 and process == os.getpid() else None
