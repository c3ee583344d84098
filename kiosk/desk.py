"""The desk does the shop's work one job at a time, in order, on the one database thread (DESIGN.md 4)."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, ParamSpec, TypeVar

from kiosk.errors import DiskFull

P = ParamSpec("P")
T = TypeVar("T")

_Job = tuple["Future[Any]", Callable[[], Any]]

IDLE_SECONDS: Final = 5.0

log = logging.getLogger(__name__)


class Desk:
    """One queue, one thread. ``ask`` is for coroutines, ``do`` for everything else."""

    def __init__(
        self, *, opening: Callable[[], object], closing: Callable[[], object], idle: Callable[[], object]
    ) -> None:
        """``opening`` and ``closing`` bind the thread's connection; ``idle`` runs once after each quiet spell.

        What ``idle`` raises is the answer to every later job, but for DiskFull, which may pass.
        """
        self._opening, self._closing, self._idle = opening, closing, idle
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="desk", daemon=True)
        self._opened: Future[object] = Future()

    def start(self) -> Any:
        """Start the thread and wait until it has opened; what ``opening`` gave back. Raises what it raised."""
        self._thread.start()
        return self._opened.result()

    def stop(self) -> None:
        """Finish what is queued, close the connection, and end."""
        if self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join()

    def do(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue a job; its future holds the answer or the refusal."""
        future: Future[T] = Future()
        self._jobs.put((future, lambda: job(*args, **kwargs)))
        return future

    async def ask(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Queue a job and await its answer. Only inside a worker, never in a key handler."""
        return await asyncio.wrap_future(self.do(job, *args, **kwargs))

    def _serve(self) -> None:
        try:
            self._opened.set_result(self._opening())
        except BaseException as error:
            self._opened.set_exception(error)
            return
        try:
            self._work()
        finally:
            self._closing()

    def _work(self) -> None:
        quiet = False
        trouble: Exception | None = None
        while True:
            try:
                job = self._jobs.get(timeout=None if quiet else IDLE_SECONDS)
            except queue.Empty:
                trouble = trouble or self._tidy_up()
                quiet = True
                continue
            quiet = False
            if job is None:
                return
            future, run = job
            if not future.set_running_or_notify_cancel():
                continue
            if trouble is not None:
                future.set_exception(trouble)
                continue
            try:
                future.set_result(run())
            except BaseException as error:
                future.set_exception(error)

    def _tidy_up(self) -> Exception | None:
        try:
            self._idle()
        except DiskFull:
            log.warning("the disk is full: nothing was tidied up")
        except Exception as error:
            log.exception("tidying up failed")
            return error
        return None
