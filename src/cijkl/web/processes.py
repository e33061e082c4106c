"""Processes that do what a visitor asked, so that whatever he sent can only end one of them."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import queue
import signal
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from tempfile import TemporaryDirectory
from typing import Any

from cijkl.errors import CijklError, InputError

__all__ = ["BusyError", "GaveUpError", "Pool", "Worker", "listen", "settle"]

#: seconds for a process to start, which imports PyTorch on a busy machine
_START = 120.0
#: what numerical libraries read their number of threads from
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
#: makes, in the process, the function that answers
Start = Callable[..., Callable[[Any], Any]]


class BusyError(CijklError):
    """More wait already than the server lets wait."""


class GaveUpError(CijklError):
    """A process took too long or died over a request; the next one finds a fresh process."""


class Pool:
    """Processes that answer alike, one request each at a time.

    Parameters
    ----------
    start, arguments
        Called in each process; gives the function that answers. Importable.
    count
        Processes.
    seconds
        For one answer.
    megabytes
        Memory of one process for its data, where the system can limit it.
    waiting
        Most requests that wait or are answered.
    """

    def __init__(
        self,
        start: Start,
        arguments: tuple[Any, ...] = (),
        *,
        count: int,
        seconds: float,
        megabytes: int,
        waiting: int,
    ) -> None:
        self._seconds, self._waiting = seconds, waiting
        self._workers = [Worker(start, arguments, megabytes) for _ in range(count)]
        self._free: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        for worker in self._workers:
            self._free.put(worker)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="cijkl-pool")
        self._asked = 0

    async def ask(self, message: Any) -> Any:
        """The answer.

        Raises
        ------
        InputError
            What was asked cannot be done.
        BusyError
            Too many wait.
        GaveUpError
            It took too long, or ended the process.
        """
        if self._asked >= self._waiting:
            raise BusyError("the server is busy; try again in a few seconds")
        self._asked += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._one, message)
        finally:
            self._asked -= 1

    def _one(self, message: Any) -> Any:
        worker = self._free.get()
        try:
            return worker.ask(message, self._seconds)
        finally:
            self._free.put(worker)

    def warm(self) -> None:
        """Start the processes, without waiting for them."""
        for worker in self._workers:
            worker.start()

    def close(self) -> None:
        """End all processes."""
        for worker in self._workers:
            worker.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)


class Worker:
    """One process, started when it is first asked and again after it had to be ended."""

    def __init__(self, start: Start, arguments: tuple[Any, ...], megabytes: int) -> None:
        self._made_by = (start, arguments, megabytes)
        self._process: Any = None
        self._connection: Connection | None = None
        self._folder: TemporaryDirectory[str] | None = None
        self._ready = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin to start it."""
        with self._lock:
            if self._process is not None:
                return
            context = multiprocessing.get_context("spawn")
            here, there = context.Pipe()
            # what a process that is ended leaves behind goes with its folder
            folder = TemporaryDirectory(prefix="cijkl-", ignore_cleanup_errors=True)
            process = context.Process(
                target=_serve, args=(there, folder.name, *self._made_by), daemon=True
            )
            process.start()
            there.close()
            self._process, self._connection, self._ready = process, here, False
            self._folder = folder

    def ask(self, message: Any, seconds: float) -> Any:
        """The answer; see `Pool.ask`."""
        self.start()
        connection = self._connection
        assert connection is not None
        try:
            if not self._ready:
                ready, reason = self._receive(connection, _START)
                if not ready:
                    self.stop()
                    raise InputError(reason)
                self._ready = True
            connection.send(message)
            done, answer = self._receive(connection, seconds)
        except GaveUpError:
            self.stop()
            raise
        except (EOFError, OSError):
            self.stop()
            raise GaveUpError(
                "the process ended over this request, perhaps for want of memory"
            ) from None
        if not done:
            raise InputError(answer)
        return answer

    def stop(self) -> None:
        """End it at once; it holds nothing that would be lost."""
        with self._lock:
            process, self._process = self._process, None
            connection, self._connection = self._connection, None
            folder, self._folder = self._folder, None
        if connection is not None:
            connection.close()
        if process is not None:
            process.kill()
            process.join(5.0)
        if folder is not None:
            folder.cleanup()

    def _receive(self, connection: Connection, seconds: float) -> Any:
        if not connection.poll(seconds):
            raise GaveUpError(f"this took longer than {seconds:g} s and was ended")
        return connection.recv()


def settle(megabytes: int) -> None:
    """Set up this process for work on behalf of others: quiet, one thread, little memory."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    # Ctrl-C at the terminal is for the server alone
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (megabytes * 2**20,) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def listen(connection: Connection) -> queue.SimpleQueue[Any]:
    """Messages as they come; when nobody is left to ask, the process ends amid its work."""
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def receive() -> None:
        with suppress(EOFError, OSError):
            while True:
                inbox.put(connection.recv())
        os._exit(0)

    threading.Thread(target=receive, daemon=True).start()
    return inbox


def _serve(
    connection: Connection, folder: str, start: Start, arguments: tuple[Any, ...], limit: int
) -> None:
    """What a process runs."""
    settle(limit)
    tempfile.tempdir = folder
    inbox = listen(connection)
    try:
        answer = start(*arguments)
    except CijklError as error:
        connection.send((False, str(error)))
        return
    connection.send((True, ""))
    while True:
        message = inbox.get()
        try:
            reply = (True, answer(message))
        except CijklError as error:
            reply = (False, str(error))
        except (MemoryError, RecursionError):
            reply = (False, "this needs more memory than the server allows")
        except Exception as error:
            # parsers of other packages ran on what a stranger sent
            reply = (False, f"cannot be understood ({type(error).__name__})")
        connection.send(reply)
