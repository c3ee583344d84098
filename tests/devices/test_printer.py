"""Printers by every way there is: what arrives, and what is said when it doesn't."""

import errno
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kiosk.devices import Command, PrinterTrouble
from kiosk.devices.drawer import PrinterDrawer
from kiosk.devices.fake import FakePrinter, FakeScanner
from kiosk.devices.options import PrinterOptions
from kiosk.devices.printer import KINDS, NoPrinter, make_printer
from kiosk.devices.usb_link import UsbLink
from tests.devices.escpos_decoder import Kick, decode, text_of

RECEIPT: tuple[Command, ...] = (
    ("text", "Boulangerie du Parc", "bold"),
    ("text", "Total            17,30 €", ""),
    ("barcode", "code128", "100042"),
    ("cut",),
)
LONG: tuple[Command, ...] = tuple(("text", f"line {number:06}", "") for number in range(40_000))
LINES = ["Boulangerie du Parc", "Total            17,30 €"]


def refused(act: Callable[[], None]) -> PrinterTrouble:
    with pytest.raises(PrinterTrouble) as caught:
        act()
    return caught.value


# Files


def test_a_file_grows_like_a_roll_of_paper(tmp_path: Path) -> None:
    path = tmp_path / "roll"
    printer = make_printer("file", str(path))
    printer.send(RECEIPT)
    printer.send(RECEIPT, open_drawer=True)
    assert text_of(path.read_bytes()) == LINES * 2
    assert [item for item in decode(path.read_bytes()) if isinstance(item, Kick)] == [Kick(2, 100)]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_cant_be_made_is_not_found(tmp_path: Path) -> None:
    trouble = refused(lambda: make_printer("file", str(tmp_path / "no" / "roll")).send(RECEIPT))
    assert (trouble.reason, trouble.where) == ("not-found", str(tmp_path / "no" / "roll"))
    assert not trouble.partial


def test_a_full_disk_is_no_empty_roll() -> None:
    assert refused(lambda: make_printer("file", "/dev/full").send(RECEIPT)).reason == "disk-full"


def test_an_empty_roll_is_what_the_kernels_printer_driver_calls_a_full_device() -> None:
    assert refused(lambda: make_printer("device", "/dev/full").send(RECEIPT)).reason == "no-paper"


@pytest.mark.parametrize(("status", "reason"), [(0x20, "no-paper"), (0x18, "")])
def test_the_kernels_printer_driver_knows_when_the_paper_is_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, status: int, reason: str
) -> None:
    def ioctl(fd: int, request: int, buffer: bytearray) -> int:
        if request != 0x060B:
            raise OSError(errno.ENOTTY, "")
        buffer[0] = status
        return 0

    monkeypatch.setattr("kiosk.devices.link.fcntl.ioctl", ioctl)
    path = tmp_path / "lp0"
    path.touch()
    printer = make_printer("device", str(path))
    if reason:
        assert refused(lambda: printer.send(RECEIPT)).reason == reason
        assert path.read_bytes() == b""
    else:
        printer.send(RECEIPT)
        assert text_of(path.read_bytes()) == LINES


def test_a_device_that_isnt_there_is_not_found_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "lp0"
    assert refused(lambda: make_printer("device", str(path)).send(RECEIPT)).reason == "not-found"
    assert not path.exists()


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EACCES, "denied"),
        (errno.EBUSY, "busy"),
        (errno.ENXIO, "unplugged"),
        (errno.ENODEV, "unplugged"),
        (errno.ELOOP, "failed"),
    ],
)
def test_each_error_of_the_system_has_a_plain_reason(monkeypatch: pytest.MonkeyPatch, number: int, reason: str) -> None:
    def open_device(*arguments: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("kiosk.devices.link.os.open", open_device)
    trouble = refused(lambda: make_printer("device", "/dev/usb/lp0", cache="").send(RECEIPT))
    assert (trouble.reason, trouble.where) == (reason, "/dev/usb/lp0")


# Serial lines


class Line:
    """A pseudo-terminal as a serial line; its far end is the printer."""

    def __init__(self) -> None:
        self.far, self._near = os.openpty()
        self.path = os.ttyname(self._near)
        self.received = bytearray()

    def receive(self) -> threading.Thread:
        """Take what comes until the line is quiet at its near end."""
        self._stop = threading.Event()

        def run() -> None:
            while True:
                ready, _, _ = select.select([self.far], [], [], 0.05)
                if ready:
                    self.received += os.read(self.far, 65536)
                elif self._stop.is_set():
                    return

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def received_by(self, send: Callable[[], None]) -> bytes:
        thread = self.receive()
        try:
            send()
        finally:
            self._stop.set()
            thread.join(10)
        return bytes(self.received)

    def close(self) -> None:
        for fd in (self.far, self._near):
            try:
                os.close(fd)
            except OSError:
                continue


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.close()


@pytest.fixture(params=["serial", "device"])
def tty_kind(request: pytest.FixtureRequest) -> str:
    if request.param == "serial":
        pytest.importorskip("serial", reason="pyserial isn't installed: make hardware")
    return str(request.param)


def test_a_terminal_line_is_set_raw_and_line_feeds_stay_as_they_are(line: Line, tty_kind: str) -> None:
    printer = make_printer(tty_kind, line.path, ask_status=False)
    received = line.received_by(lambda: printer.send(RECEIPT))
    assert b"\r" not in received
    assert text_of(received) == LINES


def test_the_control_a_terminal_that_is_not_raw_spoils_the_bytes(line: Line) -> None:
    near = os.open(line.path, os.O_RDWR | os.O_NOCTTY)
    received = line.received_by(lambda: (os.write(near, b"a\n"), os.close(near))[1])
    assert received == b"a\r\n"


def test_a_long_document_arrives_whole_on_a_slow_line(line: Line, tty_kind: str) -> None:
    printer = make_printer(tty_kind, line.path, ask_status=False)
    received = line.received_by(lambda: printer.send(LONG[:3000]))
    assert text_of(received) == [f"line {number:06}" for number in range(3000)]


def test_a_printer_that_takes_no_more_bytes_is_given_up(line: Line, tty_kind: str) -> None:
    printer = make_printer(tty_kind, line.path, ask_status=False, stall=0.2)
    started = time.monotonic()
    trouble = refused(lambda: printer.send(LONG))
    assert (trouble.reason, trouble.partial) == ("timeout", True)
    assert time.monotonic() - started < 5


def test_a_line_that_is_pulled_in_the_middle_is_unplugged(line: Line, tty_kind: str) -> None:
    printer = make_printer(tty_kind, line.path, ask_status=False)

    def pull() -> None:
        os.read(line.far, 100)
        os.close(line.far)

    thread = threading.Thread(target=pull)
    thread.start()
    trouble = refused(lambda: printer.send(LONG))
    thread.join(10)
    assert (trouble.reason, trouble.partial) == ("unplugged", True)


def test_a_line_that_another_program_holds_is_busy(line: Line) -> None:
    serial = pytest.importorskip("serial", reason="pyserial isn't installed: make hardware")
    other = serial.Serial(line.path, exclusive=True)
    try:
        assert refused(lambda: make_printer("serial", line.path).send(RECEIPT)).reason == "busy"
    finally:
        other.close()


def test_a_line_that_isnt_there_is_not_found() -> None:
    pytest.importorskip("serial", reason="pyserial isn't installed: make hardware")
    assert refused(lambda: make_printer("serial", "/dev/ttyUSB99").send(RECEIPT)).reason == "not-found"


# Networks


@contextmanager
def server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A printer on the network, for as many documents as come."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        open_connections: list[socket.socket] = []

        def run() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                open_connections.append(connection)
                serve(connection)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            for connection in open_connections:
                connection.close()


class NetworkPrinter:
    """Prints, and answers questions about its state if it can."""

    def __init__(self, answers: dict[bytes, bytes] | None = None) -> None:
        self.answers = answers or {}
        self.received = bytearray()
        self.printed = threading.Event()

    def serve(self, connection: socket.socket) -> None:
        while data := connection.recv(65536):
            for question, answer in self.answers.items():
                if question in data:
                    connection.sendall(answer)
            self.received += data
        self.printed.set()

    def paper(self) -> bytes:
        assert self.printed.wait(10)
        self.printed.clear()
        paper = bytes(self.received)
        for question in (PAPER, OFFLINE):
            paper = paper.replace(question, b"")
        return paper


OFFLINE, PAPER = b"\x10\x04\x02", b"\x10\x04\x04"


@pytest.mark.parametrize("asks", [True, False])
def test_a_network_printer_gets_the_whole_document(asks: bool) -> None:
    printer = NetworkPrinter({OFFLINE: b"\x12", PAPER: b"\x12"})
    with server(printer.serve) as address:
        make_printer("network", address, ask_status=asks).send(LONG)
        assert text_of(printer.paper()) == [f"line {number:06}" for number in range(40_000)]


def test_a_printer_that_answers_nothing_prints_and_is_not_asked_again() -> None:
    printer = NetworkPrinter()
    with server(printer.serve) as address:
        till = make_printer("network", address)
        till.send(RECEIPT)
        assert text_of(printer.paper()) == LINES
        till.send(RECEIPT)
        assert text_of(printer.paper()) == LINES * 2
        assert printer.received.count(OFFLINE) == 1


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({OFFLINE: b"\x16", PAPER: b"\x12"}, "cover-open"),
        ({OFFLINE: b"\x32", PAPER: b"\x72"}, "no-paper"),
    ],
)
def test_a_printer_that_cant_print_is_sent_nothing(answers: dict[bytes, bytes], reason: str) -> None:
    printer = NetworkPrinter(answers)
    with server(printer.serve) as address:
        trouble = refused(lambda: make_printer("network", address).send(RECEIPT, open_drawer=True))
        assert (trouble.reason, trouble.partial) == (reason, False)
        assert printer.paper() == b""


def test_paper_that_nears_its_end_prints() -> None:
    printer = NetworkPrinter({OFFLINE: b"\x12", PAPER: b"\x1e"})
    with server(printer.serve) as address:
        make_printer("network", address).send(RECEIPT)
        assert text_of(printer.paper()) == LINES


def test_noise_is_no_answer() -> None:
    printer = NetworkPrinter({OFFLINE: b"\xff", PAPER: b"\xff"})
    with server(printer.serve) as address:
        make_printer("network", address).send(RECEIPT)
        assert text_of(printer.paper()) == LINES


def test_a_printer_that_used_to_answer_and_is_silent_is_in_trouble() -> None:
    printer = NetworkPrinter({OFFLINE: b"\x12", PAPER: b"\x12"})
    with server(printer.serve) as address:
        till = make_printer("network", address)
        till.send(RECEIPT)
        printer.paper()
        printer.answers.clear()
        printer.received.clear()
        assert refused(lambda: till.send(RECEIPT)).reason == "timeout"
        assert printer.paper() == b""


def test_the_drawer_opens_without_paper() -> None:
    printer = NetworkPrinter({OFFLINE: b"\x16"})
    with server(printer.serve) as address:
        PrinterDrawer(make_printer("network", address)).open()
        assert decode(printer.paper()) == [Kick(2, 100)]


def test_a_dead_server_is_a_timeout() -> None:
    with server(lambda connection: None) as address:
        started = time.monotonic()
        trouble = refused(lambda: make_printer("network", address, ask_status=False, stall=0.3).send(LONG))
        assert (trouble.reason, trouble.partial) == ("timeout", True)
        assert time.monotonic() - started < 5


def test_a_connection_that_is_reset_in_the_middle_is_unplugged() -> None:
    def hang_up(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        connection.recv(10)
        connection.close()

    with server(hang_up) as address:
        trouble = refused(lambda: make_printer("network", address, ask_status=False).send(LONG))
        assert (trouble.reason, trouble.partial) == ("unplugged", True)


def test_a_connection_that_is_reset_when_all_bytes_are_handed_over_is_unplugged_at_once() -> None:
    """The system holds them still; that nobody will take them is known, and need not be waited for."""

    def hang_up(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        time.sleep(0.3)
        connection.close()

    with server(hang_up) as address:
        started = time.monotonic()
        trouble = refused(lambda: make_printer("network", address, ask_status=False, stall=60).send(LONG[:3000]))
        assert (trouble.reason, trouble.partial) == ("unplugged", True)
        assert time.monotonic() - started < 10


def test_a_printer_that_talks_while_it_prints_still_gets_the_whole_document() -> None:
    """Unread answers would reset the connection, and the end of the receipt would be lost."""
    received = bytearray()
    done = threading.Event()

    def talk(connection: socket.socket) -> None:
        connection.sendall(b"\x14\x00\x00\x0f" * 10)
        time.sleep(0.1)
        try:
            while data := connection.recv(500):
                received.extend(data)
        finally:
            done.set()

    with server(talk) as address:
        make_printer("network", address, ask_status=False).send(LONG[:2000])
        assert done.wait(10)
    assert text_of(bytes(received)) == [f"line {number:06}" for number in range(2000)]


def test_nobody_listening_is_not_found() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    assert refused(lambda: make_printer("network", address).send(RECEIPT)).reason == "not-found"


@pytest.mark.parametrize("address", ["", "host:port", "127.0.0.1:99999", "a:b:c"])
def test_an_address_that_cant_be_is_a_bad_setting(address: str) -> None:
    assert refused(lambda: make_printer("network", address).send(RECEIPT)).reason == "bad-settings"


# USB


class Endpoint:
    """One direction of a USB printer."""

    def __init__(self, address: int, error: int = 0) -> None:
        self.bEndpointAddress = address
        self.wMaxPacketSize = 64
        self.error = error
        self.took = bytearray()
        self.answers: list[bytes] = []
        self.timeouts: list[int] = []

    def write(self, data: bytes, timeout: int) -> int:
        self.timeouts.append(timeout)
        if self.error:
            raise OSError(self.error, "")
        self.took += data[:1000]
        return len(data[:1000])

    def read(self, size: int, timeout: int) -> bytes:
        if not self.answers:
            raise OSError(errno.ETIMEDOUT, "")
        return self.answers.pop(0)


class Interface(list[Endpoint]):
    """Its two directions, or one."""

    def __init__(self, *endpoints: Endpoint) -> None:
        super().__init__(endpoints)
        self.bInterfaceClass = 7
        self.bInterfaceNumber = 0


class UsbDevice:
    """What pyusb shows of a printer."""

    def __init__(self, interface: Interface, status: int = 0x18) -> None:
        self.interface = interface
        self.status = status
        self.detached: list[int] = []
        self.claimed: list[int] = []
        self.disposed = 0

    def __iter__(self) -> Iterator[list[Interface]]:
        return iter([[self.interface]])

    def is_kernel_driver_active(self, number: int) -> bool:
        return True

    def detach_kernel_driver(self, number: int) -> None:
        self.detached.append(number)

    def ctrl_transfer(self, *request: int) -> bytes:
        assert request[:5] == (0xA1, 1, 0, 0, 1)
        return bytes([self.status])


@pytest.fixture
def usb(monkeypatch: pytest.MonkeyPatch) -> UsbDevice:
    pytest.importorskip("usb.core", reason="pyusb isn't installed: make hardware")
    device = UsbDevice(Interface(Endpoint(0x81), Endpoint(0x02)))

    def find(**wanted: int) -> UsbDevice | None:
        return device if wanted == {"idVendor": 0x04B8, "idProduct": 0x0E28} else None

    def dispose(disposed: Any) -> None:
        assert disposed is device
        device.disposed += 1

    monkeypatch.setattr("usb.core.find", find)
    monkeypatch.setattr("usb.util.claim_interface", lambda device, number: device.claimed.append(number))
    monkeypatch.setattr("usb.util.dispose_resources", dispose)
    return device


def test_a_usb_printer_is_taken_from_the_kernel_and_given_everything(usb: UsbDevice) -> None:
    back, out = usb.interface
    back.answers = [b"\x12", b"\x12"]
    make_printer("usb", "04b8:0E28", stall=3).send(RECEIPT * 30)
    assert text_of(bytes(out.took).replace(OFFLINE, b"").replace(PAPER, b"")) == LINES * 30
    assert (usb.detached, usb.claimed, usb.disposed) == ([0], [0], 1)
    assert set(out.timeouts) == {3000}


def test_a_usb_printer_says_that_its_paper_is_out(usb: UsbDevice) -> None:
    usb.status = 0x38
    assert refused(lambda: make_printer("usb", "04b8:0e28").send(RECEIPT)).reason == "no-paper"
    assert usb.interface[1].took == b""
    assert usb.disposed == 1


@pytest.mark.parametrize(
    ("error", "reason"),
    [(errno.ETIMEDOUT, "timeout"), (errno.ENODEV, "unplugged"), (errno.EACCES, "denied"), (errno.EIO, "unplugged")],
)
def test_why_a_usb_printer_fails_is_said(usb: UsbDevice, error: int, reason: str) -> None:
    usb.interface[1].error = error
    trouble = refused(lambda: make_printer("usb", "04b8:0e28").send(RECEIPT))
    assert (trouble.reason, trouble.where) == (reason, "04b8:0e28")
    assert usb.disposed == 1


def test_other_usb_devices_are_refused(usb: UsbDevice) -> None:
    assert refused(lambda: make_printer("usb", "04b8:0000").send(RECEIPT)).reason == "not-found"
    assert refused(lambda: make_printer("usb", "printer").send(RECEIPT)).reason == "bad-settings"
    usb.interface.bInterfaceClass = 3
    assert refused(lambda: make_printer("usb", "04b8:0e28").send(RECEIPT)).reason == "bad-settings"
    usb.interface.bInterfaceClass = 7
    usb.interface.pop()
    assert refused(lambda: make_printer("usb", "04b8:0e28").send(RECEIPT)).reason == "bad-settings"


def test_a_usb_printer_without_a_way_back_is_not_asked() -> None:
    interface = Interface(Endpoint(0x02))
    link = UsbLink(UsbDevice(interface), interface, "04b8:0e28", 5)
    assert link.ask(PAPER, 0.1) == b""
    assert interface[0].took == b""


# The rest


def test_the_fake_printer_keeps_documents_and_counts_kicks() -> None:
    printer = make_printer("fake")
    assert isinstance(printer, FakePrinter)
    printer.send(RECEIPT, open_drawer=True)
    PrinterDrawer(printer).open()
    assert printer.documents == [RECEIPT]
    assert printer.drawer_kicks == 2
    assert text_of(printer.bytes_of()) == LINES
    printer.trouble = "no-paper"
    assert refused(lambda: printer.send(RECEIPT)).reason == "no-paper"
    assert len(printer.documents) == 1


def test_no_printer_takes_everything_and_does_nothing() -> None:
    printer = make_printer("none")
    printer.send(RECEIPT, open_drawer=True)
    printer.close()
    assert isinstance(printer, NoPrinter)


def test_other_kinds_and_options_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind of printer 'cups', not one of none file device serial usb"):
        make_printer("cups")
    with pytest.raises(TypeError):
        make_printer("none", colour="red")
    assert KINDS == ("none", "file", "device", "serial", "usb", "network", "fake")


def test_the_fake_scanner_says_what_it_is_told_until_it_is_stopped() -> None:
    said: list[tuple[str, ...]] = []
    scanner = FakeScanner()
    scanner.start(lambda code: said.append((code,)), lambda *state: said.append(state))
    scanner.scan("4006381333931")
    scanner.say("unplugged")
    scanner.stop()
    scanner.scan("8710000000062")
    assert said == [("ok", "fake"), ("4006381333931",), ("unplugged", "")]


def test_printing_leaves_no_descriptor_open(tmp_path: Path, line: Line) -> None:
    pytest.importorskip("serial", reason="pyserial isn't installed: make hardware")
    make_printer("serial", line.path, ask_status=False).send(RECEIPT)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        make_printer("serial", line.path, ask_status=False).send(RECEIPT)
        make_printer("file", str(tmp_path / "roll")).send(RECEIPT)
        refused(lambda: make_printer("device", "/dev/full").send(RECEIPT))
    assert len(os.listdir("/proc/self/fd")) == before


def test_options_are_those_of_the_till() -> None:
    assert PrinterOptions() == PrinterOptions(columns=42, code_page="CP858", drawer_pin=2, cut="full", baud=9600)
