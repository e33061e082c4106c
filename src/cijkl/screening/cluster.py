"""Where the work is done: a cluster of Dask on this machine, a running one, or one of SLURM's."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cijkl.errors import InputError, MissingPackageError
from cijkl.response.processors import cores

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["Cluster", "dask_setup", "open_cluster"]

#: what numerical libraries read their number of threads from
_THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
#: a worker with Python, PyTorch and a model needs this much, bytes
_LEAST = 1_500_000_000
#: seconds to wait for the first worker: on this machine, and where others must start it
_PATIENCE_HERE, _PATIENCE_ELSEWHERE = 120, 3600
#: seconds that a scheduler may take to answer
_ANSWER = 20

#: A task that was running when its worker died runs once more. Workers restart when they come near
#: their memory; they never pause or write to disk, since what they hold is nothing that would help.
_CONFIG: dict[str, Any] = {
    "distributed.scheduler.allowed-failures": 1,
    "distributed.scheduler.work-stealing": False,
    # looking at what a worker does, a hundred times a second, took as long as the work
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
    # else a thousand batches stay in memory for developers of Dask to look at
    "distributed.admin.low-level-log-length": 1,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    # without Dask's MALLOC_TRIM_THRESHOLD_, by which glibc gives all memory back at once, and a
    # third of the time goes into getting it again
    "distributed.nanny.pre-spawn-environ": dict.fromkeys(_THREADS, "1"),
    "logging": {"distributed": "critical"},
}


class Cluster:
    """Settings of a cluster.

    Parameters
    ----------
    workers
        Processes on this machine, each with one thread; as many as there are processors by
        default. On a SLURM cluster, how many to ask for in all.
    scheduler
        Address of a running cluster, such as ``tcp://10.0.0.1:8786``.
    slurm
        YAML file with the options of dask-jobqueue's ``SLURMCluster`` and ``jobs``, how many to
        submit.
    memory
        Limit of a worker on this machine, bytes; its share of the machine by default.
    """

    def __init__(
        self,
        workers: int | None = None,
        scheduler: str | None = None,
        slurm: str | os.PathLike[str] | None = None,
        memory: int | None = None,
    ) -> None:
        if scheduler is not None and slurm is not None:
            raise InputError("give the address of a scheduler or a SLURM profile, not both")
        if scheduler is not None and workers is not None:
            raise InputError("a running cluster has the workers that it has; leave workers out")
        if workers is not None and workers < 1:
            raise InputError(f"workers must be a positive number of processes, not {workers!r}")
        self.workers, self.scheduler, self.memory = workers, scheduler, memory
        self.profile = None if slurm is None else _profile(Path(slurm).expanduser())


def dask_setup(worker: Any) -> None:
    """Called by Dask in each worker at its start: Ctrl-C is for the submitting process alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def open_cluster(settings: Cluster) -> Iterator[Client]:
    """A client of the cluster, with at least one worker.

    Raises
    ------
    InputError
        The scheduler does not answer, or no worker comes.
    MissingPackageError
        Dask is not installed.
    """
    for name in ("distributed", *(["dask_jobqueue"] if settings.profile is not None else [])):
        if find_spec(name) is None:
            raise MissingPackageError(
                f"screening needs {name}; install it with: pip install 'cijkl[screen]'"
            )
    import dask
    from distributed import Client

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        stack.enter_context(dask.config.set(_CONFIG))
        if settings.scheduler is not None:
            address: Any = settings.scheduler
        elif settings.profile is not None:
            address = stack.enter_context(_slurm(settings.profile, settings.workers))
        else:
            address = stack.enter_context(_local(settings))
        try:
            client = stack.enter_context(Client(address, timeout=_ANSWER, set_as_default=False))
        except (OSError, ValueError, TimeoutError) as error:
            raise InputError(f"scheduler {address}: does not answer ({_line(error)})") from None
        _wait(client, settings)
        yield client


def _local(settings: Cluster) -> Any:
    from distributed import LocalCluster

    count = settings.workers or _fitting()
    return LocalCluster(
        n_workers=count,
        threads_per_worker=1,
        processes=True,
        dashboard_address=":0",
        worker_dashboard_address=None,
        silence_logs=logging.CRITICAL,
        memory_limit=settings.memory or _memory() // count,
        preload=[__name__],
    )


def _slurm(profile: Mapping[str, Any], workers: int | None) -> Any:
    from dask_jobqueue import SLURMCluster

    options = dict(profile)
    jobs = int(options.pop("jobs", 1))
    try:
        cluster = SLURMCluster(**options)
    except (TypeError, ValueError) as error:
        raise InputError(f"the SLURM profile is not accepted: {_line(error)}") from None
    if workers is None:
        cluster.scale(jobs=jobs)
    else:
        cluster.scale(n=workers)
    return cluster


def _profile(path: Path) -> Mapping[str, Any]:
    """Options of a YAML file, with those that this package needs where they are not given."""
    try:
        import yaml
    except ImportError:
        raise MissingPackageError(
            "a SLURM profile needs pyyaml; install it with: pip install 'cijkl[screen]'"
        ) from None
    try:
        options = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: no valid YAML ({_line(error)})") from None
    if not isinstance(options, dict):
        raise InputError(f"{path}: a SLURM profile holds options such as `cores: 16`")
    prologue = [f"export {name}=1" for name in _THREADS]
    given = options.get("job_script_prologue") or []
    return {
        "python": sys.executable,
        "processes": options.get("cores", 1),
        **options,
        "job_script_prologue": [*prologue, *given],
    }


def _wait(client: Client, settings: Cluster) -> None:
    here = settings.scheduler is None and settings.profile is None
    patience = _PATIENCE_HERE if here else _PATIENCE_ELSEWHERE
    try:
        client.wait_for_workers(1, timeout=patience)
    except TimeoutError:
        raise InputError(f"no worker came within {patience} s") from None


def _fitting() -> int:
    return max(1, min(cores(), _memory() // _LEAST))


def _memory() -> int:
    """Memory of this machine, or of the container, bytes."""
    from distributed.system import MEMORY_LIMIT

    return int(MEMORY_LIMIT)


def _line(error: object) -> str:
    return " ".join(str(error).split())[:200]
