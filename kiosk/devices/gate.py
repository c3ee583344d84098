"""The till's gate: a socket by which the technician's commands reach the running till.

Only the till's own user and root get in: the socket lies in a directory of
the till's, and the kernel says who knocks. One thread serves one request
after the other, each a line of JSON; nothing it does can hold up the till.
The lock that keeps a second writer from the till's database is here as well.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import select
import socket
import stat
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from kiosk.devices import OnCode, OnState

Answer = Callable[[dict[str, Any]], dict[str, Any]]
"""Called on the gate's thread with a request; what it gives back is sent."""

LONGEST_CODE: Final = 128
"""Characters of a code that is scanned through the gate."""

LONGEST_REQUEST: Final = 256 * 1024
"""Bytes of a request's line."""

LONGEST_ANSWER: Final = 4 * 1024 * 1024
"""Bytes of an answer's line."""

_REQUEST_SECONDS: Final = 2.0
_ANSWER_SECONDS: Final = 10.0
_MOST_WAITING: Final = 16
_LONGEST_NAME: Final = 100
"""Bytes of a path that every system's socket address holds."""

log = logging.getLogger(__name__)


class Occupied(Exception):
    """Another till, or a command that writes, is at work here; ``process`` is its id, 0 if unknown."""

    def __init__(self, process: int = 0) -> None:
        super().__init__(process)
        self.process = process


class NobodyThere(Exception):
    """No till listens at this gate."""


class GateTrouble(Exception):
    """The till could not be asked: ``timeout``, ``denied``, ``too-long`` or ``broken``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Be the only one who writes, for as long as this lasts; a crash lets go too.

    Raises: Occupied, OSError. The file stays, so that nobody locks a file
    that somebody else is just removing.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Occupied(_process(fd)) from None
        # Who it is helps whoever is kept out; a full disk must keep nobody from selling.
        with contextlib.suppress(OSError):
            os.ftruncate(fd, 0)
            os.pwrite(fd, b"%d\n" % os.getpid(), 0)
        yield
    finally:
        os.close(fd)


def _process(fd: int) -> int:
    text = os.pread(fd, 20, 0).strip()
    return int(text) if text.isdigit() else 0


class Gate:
    """Listens at a path until it is stopped."""

    def __init__(self, path: Path, answer: Answer) -> None:
        self._path, self._answer = path, answer
        self._socket: socket.socket | None = None
        self._inode: tuple[int, int] | None = None
        self._held = contextlib.ExitStack()
        self._wake_read = self._wake_write = -1
        self._thread = threading.Thread(target=self._serve, name="gate", daemon=True)

    def start(self) -> None:
        """Listen; a socket that a crashed till has left is taken over.

        Raises: Occupied (a till listens already), OSError (PermissionError where
        others could put a socket of theirs in its place).
        """
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_directory(self._path.parent)
        self._held.enter_context(lock(self._path.with_name(self._path.name + ".lock")))
        try:
            self._clear_away()
            self._socket = self._bind()
            self._wake_read, self._wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        except BaseException:
            self._held.close()
            raise
        self._thread.start()

    def stop(self) -> None:
        """Listen no more, and take the socket away if it is still this one."""
        if self._socket is None:
            return
        os.write(self._wake_write, b".")
        self._thread.join(timeout=_REQUEST_SECONDS + _ANSWER_SECONDS)
        self._socket.close()
        self._socket = None
        with contextlib.suppress(OSError):
            found = self._path.lstat()
            if (found.st_dev, found.st_ino) == self._inode:
                self._path.unlink()
        for fd in (self._wake_read, self._wake_write):
            os.close(fd)
        self._held.close()

    def _clear_away(self) -> None:
        """Remove a socket that nobody listens at; anything else at its place is left alone."""
        try:
            mode = self._path.lstat().st_mode
        except FileNotFoundError:
            return
        if not stat.S_ISSOCK(mode):
            raise FileExistsError(f"{self._path} is in the way")
        try:
            _connect(self._path, 1.0).close()
        except NobodyThere:
            self._path.unlink()
        else:
            raise Occupied

    def _bind(self) -> socket.socket:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            # Linux gives the file the mode that the socket had; so it was never open to others.
            os.fchmod(made.fileno(), 0o600)
            with _address(self._path) as address:
                made.bind(address)
        except BaseException:
            made.close()
            raise
        found = self._path.lstat()
        self._inode = (found.st_dev, found.st_ino)
        made.listen(_MOST_WAITING)
        made.setblocking(False)
        return made

    def _serve(self) -> None:
        listening = self._socket
        if listening is None:
            return
        while True:
            ready, _, _ = select.select([listening.fileno(), self._wake_read], [], [])
            if self._wake_read in ready:
                return
            try:
                visitor, _address_of = listening.accept()
            except OSError:
                time.sleep(0.1)
                continue
            try:
                with visitor:
                    self._receive(visitor)
            except Exception:
                log.exception("a request at the gate failed")

    def _receive(self, visitor: socket.socket) -> None:
        if not _may_enter(visitor):
            log.warning("somebody else's user knocked at the gate")
            _send(visitor, {"ok": False, "error": "denied"})
            return
        try:
            request = json.loads(_read_line(visitor, LONGEST_REQUEST, _REQUEST_SECONDS))
        except GateTrouble as trouble:
            _send(visitor, {"ok": False, "error": trouble.reason})
            return
        except ValueError:
            _send(visitor, {"ok": False, "error": "broken"})
            return
        if not isinstance(request, dict):
            _send(visitor, {"ok": False, "error": "broken"})
            return
        try:
            reply = self._answer(request)
        except Exception:
            log.exception("the till could not answer at the gate")
            reply = {"ok": False, "error": "fault"}
        _send(visitor, reply)


def _check_directory(path: Path) -> None:
    found = path.stat()
    if found.st_uid not in (os.geteuid(), 0) or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(f"{path} is open to others")


class GateScanner:
    """The gate as one more scanner: ``{"do": "scan", "code": …}`` is a code; all else goes to ``otherwise``."""

    def __init__(self, path: Path, otherwise: Answer) -> None:
        self._otherwise = otherwise
        self._gate = Gate(path, self._answer)
        self._on_code: OnCode | None = None

    def start(self, on_code: OnCode, on_state: OnState) -> None:
        """Open the gate; a till that can't open its gate still sells.

        It says no state: its being there tells nothing of a scanner.
        """
        del on_state
        self._on_code = on_code
        try:
            self._gate.start()
        except (Occupied, OSError):
            log.exception("the gate stays shut")

    def stop(self) -> None:
        """Close the gate."""
        self._gate.stop()

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if request.get("do") != "scan":
            return self._otherwise(request)
        code = request.get("code")
        if not isinstance(code, str) or not 0 < len(code) <= LONGEST_CODE or self._on_code is None:
            return {"ok": False, "error": "broken"}
        self._on_code(code)
        return {"ok": True}


def ask(path: Path, request: dict[str, Any], timeout: float = 10.0) -> dict[str, Any]:
    """Send a request to the till that listens at a path; its answer. ``timeout`` in seconds, for all of it.

    Raises: NobodyThere, GateTrouble.
    """
    line = json.dumps(request).encode() + b"\n"
    if len(line) > LONGEST_REQUEST:
        raise GateTrouble("too-long")
    until = time.monotonic() + timeout
    with _connect(path, timeout) as till:
        try:
            till.settimeout(max(0.01, until - time.monotonic()))
            # Whoever is refused at the door gets an answer too, before anything was read.
            with contextlib.suppress(BrokenPipeError):
                till.sendall(line)
            reply = json.loads(_read_line(till, LONGEST_ANSWER, until - time.monotonic()))
        except TimeoutError:
            raise GateTrouble("timeout") from None
        except (OSError, ValueError) as error:
            raise GateTrouble("broken") from error
    if not isinstance(reply, dict):
        raise GateTrouble("broken")
    return reply


def is_open(path: Path) -> bool:
    """Whether a till listens at a path."""
    try:
        _connect(path, 1.0).close()
    except NobodyThere:
        return False
    except GateTrouble:
        return True
    return True


def _connect(path: Path, timeout: float) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    made.settimeout(timeout)
    try:
        with _address(path) as address:
            made.connect(address)
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
        made.close()
        raise NobodyThere from None
    except PermissionError:
        made.close()
        raise GateTrouble("denied") from None
    except (TimeoutError, BlockingIOError):
        made.close()
        raise GateTrouble("timeout") from None
    except OSError as error:
        made.close()
        raise GateTrouble("broken") from error
    return made


@contextmanager
def _address(path: Path) -> Iterator[str]:
    """A socket's address; a long path is reached by its directory's descriptor."""
    if len(os.fsencode(path)) <= _LONGEST_NAME:
        yield str(path)
        return
    directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)


def _may_enter(visitor: socket.socket) -> bool:
    """Whether the till's own user or root is at the other end, as the kernel tells it."""
    size = struct.calcsize("3i")
    _process_id, user, _group = struct.unpack("3i", visitor.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return user in (os.geteuid(), 0)


def _read_line(source: socket.socket, most: int, seconds: float) -> bytes:
    """One line, all of it within so many seconds however slowly it drips. Raises: GateTrouble, OSError."""
    until, read = time.monotonic() + seconds, bytearray()
    while not read.endswith(b"\n"):
        left = until - time.monotonic()
        if left <= 0:
            raise GateTrouble("timeout")
        source.settimeout(left)
        try:
            part = source.recv(65536)
        except TimeoutError:
            raise GateTrouble("timeout") from None
        if not part:
            raise GateTrouble("broken")
        read += part
        if len(read) > most:
            raise GateTrouble("too-long")
    return bytes(read)


def _send(visitor: socket.socket, reply: dict[str, Any]) -> None:
    """Hand an answer over; a visitor who has gone or doesn't listen has had his chance."""
    line = json.dumps(reply).encode() + b"\n"
    with contextlib.suppress(OSError):
        visitor.settimeout(_ANSWER_SECONDS)
        visitor.sendall(line)
