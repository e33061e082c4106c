"""Jobs that do in a moment what others do in an hour, for processes that tests start."""

from __future__ import annotations

import os
import tempfile
import time
from typing import Any

import numpy as np


def quick(connection: Any, crystal: Any, options: Any, megabytes: int) -> None:
    """Reports and ends well."""
    for number in range(1, 6):
        connection.send(("progress", ("relax", number, -10.0 - number, 40.0 + number)))
    connection.send(("progress", ("response", 3, -15.0, 45.0)))
    connection.send(("record", record(crystal, options)))


def slow(connection: Any, crystal: Any, options: Any, megabytes: int) -> None:
    """Reports once and never ends."""
    connection.send(("progress", ("relax", 1, -10.0, 40.0)))
    time.sleep(600.0)


def patient(connection: Any, crystal: Any, options: Any, megabytes: int) -> None:
    """Never ends with silicon; of all else tells for a second how it goes, and ends well."""
    if crystal.id.startswith("silicon"):
        slow(connection, crystal, options, megabytes)
    for number in range(1, 6):
        connection.send(("progress", ("relax", number, -10.0 - number, 40.0 + number)))
        time.sleep(0.3)
    connection.send(("progress", ("response", 3, -15.0, 45.0)))
    time.sleep(2.0)
    connection.send(("record", record(crystal, options)))


def hungry(connection: Any, crystal: Any, options: Any, megabytes: int) -> None:
    """Takes ever more memory."""
    held = []
    while True:
        held.append(np.ones(2**22))
        time.sleep(0.02)


def dying(connection: Any, crystal: Any, options: Any, megabytes: int) -> None:
    """Ends without a word."""
    os._exit(11)


def record(crystal: Any, options: Any) -> dict[str, Any]:
    from cijkl import analyze

    stiffness = np.diag([160.0, 160.0, 160.0, 80.0, 80.0, 80.0])
    stiffness[:3, :3] += 60.0 * (1 - np.eye(3))
    found = dict(analyze(stiffness, crystal.atoms, id=crystal.id, source=crystal.source).record)
    found["engine"]["settings"] = options
    return found


def start() -> Any:
    """A process that counts what it was asked, and can hang, die, eat and fail."""
    count = 0

    def answer(message: Any) -> Any:
        nonlocal count
        count += 1
        if message == "hang":
            time.sleep(600.0)
        if message == "die":
            os._exit(9)
        if message == "eat":
            held = [bytearray(2**26) for _ in range(64)]
            return len(held)
        if message == "leave":
            message = tempfile.mkstemp()[1]
        if message == "fail":
            raise KeyError("a secret")
        return (os.getpid() if message == "pid" else message), count

    return answer


def start_predicting(models: Any) -> Any:
    """Records with nothing but an id; hangs over the crystal of that name."""

    def answer(message: Any) -> list[dict[str, Any]]:
        items, *_ = message
        if any(item.id == "hang" for item in items):
            time.sleep(600.0)
        return [{"id": item.id} for item in items]

    return answer


def primitive(connection: Any, crystal: Any, options: Any, megabytes: int) -> None:
    """As `quick`, for the primitive cell of a cubic crystal, whose constants are cubic."""
    from cijkl.structures import Crystal
    from cijkl.structures import primitive as reduced

    made = record(Crystal(crystal.id, reduced(crystal.atoms), crystal.source), options)
    connection.send(("record", made))
