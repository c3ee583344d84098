"""The till tells the service manager how it is, and sells without one."""

import os
import socket
from pathlib import Path

import pytest

from kiosk.sdnotify import notify, watchdog_interval


@pytest.mark.parametrize("abstract", [False, True], ids=["file", "abstract"])
def test_a_state_arrives_as_one_datagram(abstract: bool, tmp_path: Path) -> None:
    """Both kinds of address that systemd gives."""
    name = f"kiosk-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + name if abstract else name)
        assert notify("READY=1", {"NOTIFY_SOCKET": "@" + name if abstract else name})
        manager.settimeout(5)
        assert manager.recv(100) == b"READY=1"


@pytest.mark.parametrize("address", [None, "", "relative", "/no/such/socket"])
def test_without_a_service_manager_nothing_happens(address: str | None) -> None:
    """No exception reaches the till."""
    assert not notify("WATCHDOG=1", {} if address is None else {"NOTIFY_SOCKET": address})


def test_the_watchdog_is_fed_twice_as_often_as_it_wants() -> None:
    """In seconds; not at all when it waits for another process or nobody does."""
    me = str(os.getpid())
    assert watchdog_interval({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": me}) == 30.0
    assert watchdog_interval({"WATCHDOG_USEC": "60000000"}) == 30.0
    assert watchdog_interval({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}) is None
    assert watchdog_interval({}) is None
    assert watchdog_interval({"WATCHDOG_USEC": "soon"}) is None
