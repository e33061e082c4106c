"""The process of one job: computes one crystal and tells how it goes."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from cijkl.errors import CijklError
from cijkl.web.processes import listen, settle

if TYPE_CHECKING:
    from cijkl.potentials import Evaluation
    from cijkl.structures import Crystal

__all__ = ["run_job"]

#: seconds between reports of one stage
_PERIOD = 0.1


def run_job(
    connection: Connection, crystal: Crystal, options: dict[str, Any], megabytes: int
) -> None:
    """Compute a crystal, and send ``("progress", ...)`` and at last ``("record", ...)``.

    Parameters
    ----------
    options
        For `cijkl.compute`.
    megabytes
        Memory for the data of this process, where the system can limit it.
    """
    settle(megabytes)
    # whoever asks for a prediction meanwhile goes first
    with suppress(OSError, AttributeError):
        os.nice(10)
    listen(connection)
    try:
        connection.send(("record", _computed(connection, crystal, options)))
    except CijklError as error:
        connection.send(("error", str(error)))
    except MemoryError:
        connection.send(("error", f"the job needed more than {megabytes} MB of memory"))
    except Exception as error:
        connection.send(("error", f"unexpected {type(error).__name__}: {error}"))


def _computed(connection: Connection, crystal: Crystal, options: dict[str, Any]) -> dict[str, Any]:
    from cijkl.response import compute

    counts: dict[str, int] = {}
    last: dict[str, float] = {}

    def report(_: str, stage: str, evaluation: Evaluation, volume: float) -> None:
        counts[stage] = counts.get(stage, 0) + 1
        now = time.monotonic()
        if counts[stage] == 1 or now - last[stage] > _PERIOD:
            last[stage] = now
            connection.send(("progress", (stage, counts[stage], evaluation.energy, volume)))

    (result,) = compute([crystal], workers=1, progress=report, **options)
    return dict(result.record)
