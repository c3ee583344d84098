"""Ways to a printer: each takes all bytes of a document, or says plainly why not.

Nothing waits for ever. What counts is progress: a slow printer that still
takes bytes is waited for, one that has taken none for ``stall`` seconds is not.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import select
import socket
import struct
import termios
import time
import tty
from collections.abc import Callable
from typing import Any, Final, Protocol

from kiosk.devices import PrinterTrouble
from kiosk.devices.options import PrinterOptions

_CHUNK: Final = 4096
_LOOK_EVERY: Final = 0.02
_LINGER: Final = 0.5
_USBLP_STATUS: Final = 0x060B
USB_NO_PAPER: Final = 0x20
"""The bit of the printer class' port status that says so."""

_REASONS: Final = {
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.ENOENT: "not-found",
    errno.ENOTDIR: "not-found",
    errno.EISDIR: "bad-settings",
    errno.ECONNREFUSED: "not-found",
    errno.EHOSTUNREACH: "not-found",
    errno.ENETUNREACH: "not-found",
    errno.EHOSTDOWN: "not-found",
    errno.EBUSY: "busy",
    errno.EAGAIN: "busy",
    errno.ETIMEDOUT: "timeout",
    errno.ENODEV: "unplugged",
    errno.ENXIO: "unplugged",
    errno.EIO: "unplugged",
    errno.EPIPE: "unplugged",
    errno.ECONNRESET: "unplugged",
    errno.ECONNABORTED: "unplugged",
    errno.ENOSPC: "no-paper",
}


class Link(Protocol):
    """An open way to a printer, for one document."""

    def write(self, data: bytes) -> None:
        """Hand all bytes over. Raises: PrinterTrouble."""
        ...

    def ask(self, question: bytes, seconds: float) -> bytes:
        """Send a question and take the answer's first byte; empty if there is none in time."""
        ...

    def no_paper(self) -> bool:
        """Whether the way itself knows that the paper is out."""
        ...

    def close(self) -> None:
        """Let it go, at once."""
        ...


def trouble(error: OSError, where: str, *, partial: bool = False) -> PrinterTrouble:
    """The plain reason for an error of the system's."""
    if isinstance(error, TimeoutError):
        return PrinterTrouble("timeout", where, partial=partial)
    if isinstance(error, socket.gaierror):
        return PrinterTrouble("not-found", where, partial=partial)
    return PrinterTrouble(_REASONS.get(error.errno or 0, "failed"), where, partial=partial)


class DescriptorLink:
    """A device file, a serial line or a connection: anything with a file descriptor."""

    def __init__(self, fd: int, where: str, stall: float) -> None:
        self._fd = fd
        self._where = where
        self._stall = stall
        self._stuck = False
        os.set_blocking(fd, False)

    def write(self, data: bytes) -> None:
        """Hand all bytes over, and wait until the system has passed them on. Raises: PrinterTrouble."""
        sent, self._stuck = 0, True
        try:
            while sent < len(data):
                self._wait_until(self._has_room)
                with contextlib.suppress(BlockingIOError):
                    sent += os.write(self._fd, data[sent : sent + _CHUNK])
            self._wait_until(self._is_drained)
            self._wait_until(self._has_room)
            self._stuck = False
        except TimeoutError as error:
            reason = "no-paper" if self.no_paper() else "timeout"
            raise PrinterTrouble(reason, self._where, partial=sent > 0) from error
        except OSError as error:
            raise trouble(error, self._where, partial=sent > 0) from error

    def _wait_until(self, ready: Callable[[], bool]) -> None:
        """Wait as long as bytes leave; a line of 9600 baud takes seconds to make room. Raises: TimeoutError."""
        held, progress = _bytes_held(self._fd), time.monotonic()
        while not ready():
            now_held = _bytes_held(self._fd)
            if now_held < held:
                progress = time.monotonic()
            elif time.monotonic() - progress > self._stall:
                raise TimeoutError
            held = now_held

    def _has_room(self) -> bool:
        """Also when the kernel's USB driver has finished: what it still holds, closing would throw away."""
        poll = select.poll()
        poll.register(self._fd, select.POLLOUT)
        return bool(poll.poll(_LOOK_EVERY * 1000))

    def _is_drained(self) -> bool:
        """Whether closing a serial line or a connection would lose nothing."""
        if not _bytes_held(self._fd):
            return True
        broken = select.poll()
        broken.register(self._fd, 0)
        if broken.poll(_LOOK_EVERY * 1000):
            raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        return False

    def ask(self, question: bytes, seconds: float) -> bytes:
        """Send a question and take the answer's first byte. Raises: PrinterTrouble."""
        try:
            with contextlib.suppress(BlockingIOError):
                os.read(self._fd, _CHUNK)
            os.write(self._fd, question)
            poll = select.poll()
            poll.register(self._fd, select.POLLIN)
            return os.read(self._fd, 1) if poll.poll(seconds * 1000) else b""
        except OSError as error:
            raise trouble(error, self._where) from error

    def no_paper(self) -> bool:
        """What the kernel's USB printer driver says; others don't know."""
        status = bytearray(4)
        try:
            fcntl.ioctl(self._fd, _USBLP_STATUS, status)
        except OSError:
            return False
        return bool(struct.unpack("i", status)[0] & USB_NO_PAPER)

    def close(self) -> None:
        """Let it go; what a stuck line still holds is thrown away, so that closing can't hang."""
        with contextlib.suppress(OSError, termios.error):
            if self._stuck and os.isatty(self._fd):
                termios.tcflush(self._fd, termios.TCOFLUSH)
        with contextlib.suppress(OSError):
            os.close(self._fd)


class FileLink(DescriptorLink):
    """A file on a disk; only there is a full disk no empty roll."""

    def write(self, data: bytes) -> None:
        """Append all bytes. Raises: PrinterTrouble."""
        try:
            super().write(data)
        except PrinterTrouble as trouble:
            if trouble.reason == "no-paper":
                raise PrinterTrouble("disk-full", trouble.where, partial=trouble.partial) from trouble
            raise


class NetworkLink(DescriptorLink):
    """A connection to a printer."""

    def close(self) -> None:
        """Let the printer read to the end.

        Closing while an answer of the printer's is still unread resets the connection, and a printer
        throws away what it has received and not yet printed.
        """
        connection = socket.socket(fileno=self._fd)
        with contextlib.suppress(OSError), connection:
            if self._stuck:
                return
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(_LINGER)
            until = time.monotonic() + _LINGER
            while connection.recv(_CHUNK) and time.monotonic() < until:
                continue


def _bytes_held(fd: int) -> int:
    """Bytes that the system has taken and not passed on yet (TIOCOUTQ, SIOCOUTQ)."""
    held = bytearray(4)
    try:
        fcntl.ioctl(fd, termios.TIOCOUTQ, held)
    except OSError as error:
        if error.errno in (errno.ENOTTY, errno.EINVAL, errno.ENOSYS):
            return 0
        raise
    return int(struct.unpack("i", held)[0])


def open_file(path: str, options: PrinterOptions) -> Link:
    """A file that grows like a roll of paper; made if it isn't there. Raises: PrinterTrouble."""
    try:
        fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOCTTY, 0o600)
    except OSError as error:
        raise trouble(error, path) from error
    return FileLink(fd, path, options.stall)


def open_device(path: str, options: PrinterOptions) -> Link:
    """A device file such as /dev/usb/lp0; a terminal line is set raw. Raises: PrinterTrouble."""
    flags = os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    try:
        try:
            fd = os.open(path, os.O_RDWR | flags)
        except PermissionError:
            fd = os.open(path, os.O_WRONLY | flags)
        if os.isatty(fd):
            tty.setraw(fd, termios.TCSANOW)
    except OSError as error:
        raise trouble(error, path) from error
    return DescriptorLink(fd, path, options.stall)


def open_serial(path: str, options: PrinterOptions) -> Link:
    """A serial line: raw, 8N1, ours alone. Raises: PrinterTrouble."""
    try:
        import serial
    except ImportError as error:
        raise PrinterTrouble("not-installed", "pyserial") from error
    try:
        port: Any = serial.Serial(
            path,
            options.baud,
            rtscts=options.flow == "rtscts",
            dsrdtr=options.flow == "dsrdtr",
            xonxoff=options.flow == "xonxoff",
            exclusive=True,
        )
    except ValueError as error:
        raise PrinterTrouble("bad-settings", path) from error
    except OSError as error:
        raise trouble(error, path) from error
    try:
        return DescriptorLink(os.dup(port.fd), path, options.stall)
    finally:
        port.close()


def open_network(address: str, options: PrinterOptions) -> Link:
    """A printer at ``host`` or ``host:port``, port 9100 if none is given. Raises: PrinterTrouble."""
    found = re.fullmatch(r"(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?", address)
    if not found:
        raise PrinterTrouble("bad-settings", address)
    host, port = found.group(1).strip("[]"), int(found.group(2) or 9100)
    if port > 65535:
        raise PrinterTrouble("bad-settings", address)
    try:
        with socket.create_connection((host, port), options.stall) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return NetworkLink(connection.detach(), address, options.stall)
    except OSError as error:
        raise trouble(error, address) from error
