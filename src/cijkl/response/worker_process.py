"""One worker process: a fresh interpreter with one thread that answers messages.

It answers on its standard output what it is asked on its standard input, a pickled object behind
its length. Nothing is inherited from the process that starts it, and the user's script is not run
again. It ends when its input is closed, so that it cannot outlive that process, however it ends.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import struct
import subprocess
import sys
import threading
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

__all__ = ["READY", "WorkerProcess", "serve"]

#: what numerical libraries read their number of threads from
_THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
_LENGTH = struct.Struct("!Q")
#: seconds that a process has to end after its input is closed
_GRACE = 2.0
#: the first answer, once a potential that was named is loaded
READY = b"ready"


class WorkerProcess:
    """A worker process, seen from outside."""

    def __init__(self) -> None:
        places = [path or str(Path.cwd()) for path in sys.path]
        environment = {
            **os.environ,
            **dict.fromkeys(_THREADS, "1"),
            "PYTHONPATH": os.pathsep.join(places),
        }
        self._popen = subprocess.Popen(
            [sys.executable, "-P", "-c", f"from {__name__} import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            # Ctrl-C at the terminal is for the parent alone
            start_new_session=True,
        )

    def ask(self, message: bytes) -> Any:
        """The answer to a message; None if the process died."""
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        try:
            _write(self._popen.stdin, message)
            return pickle.loads(_read(self._popen.stdout))
        except Exception:
            # a broken pipe, or an answer that this process cannot read
            return None

    def kill(self) -> None:
        """End it at once; it holds nothing that would be lost."""
        self._popen.kill()

    def end(self) -> int:
        """Give its exit status, once it has ended; it is made to where it does not by itself."""
        for stream in (self._popen.stdin, self._popen.stdout):
            assert stream is not None
            with suppress(OSError):
                stream.close()
        try:
            return self._popen.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._popen.wait()


def serve() -> None:
    """What a worker process runs: one crystal after the other until its input ends."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # what libraries print must not mix with the answers
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    inbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, inbox), daemon=True).start()

    choice = pickle.loads(inbox.get())
    if not choice.open:
        choice.load()
    _write(answers, pickle.dumps(READY))
    while True:
        result = choice.compute(pickle.loads(inbox.get()))
        _write(answers, pickle.dumps(result))


def _listen(requests: BinaryIO, inbox: queue.SimpleQueue[bytes]) -> None:
    """Pass requests on; when nobody is left to ask, end the process amid its work."""
    with suppress(EOFError, OSError):
        while True:
            inbox.put(_read(requests))
    os._exit(0)


def _write(stream: Any, message: bytes) -> None:
    stream.write(_LENGTH.pack(len(message)) + message)
    stream.flush()


def _read(stream: Any) -> bytes:
    """The next message.

    Raises
    ------
    EOFError
        The other end is closed, perhaps amid a message.
    """
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    return _exactly(stream, length)


def _exactly(stream: Any, length: int) -> bytes:
    data: bytes = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data
