"""The route `compute`: from crystals to their elastic tensors by an interatomic potential."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

from cijkl.errors import InputError
from cijkl.record import Engine, Result, failed_record
from cijkl.response.batch import Start, lockstep, on_cuda
from cijkl.response.processors import cores, processes_that_fit, processor_seconds
from cijkl.response.relax import RelaxSettings
from cijkl.response.schedule import arrange, side_by_side
from cijkl.response.single import (
    Algorithm,
    ComputeSettings,
    Progress,
    algorithm,
    compute_crystal,
    given_up,
)
from cijkl.response.workers import Workers, recipe
from cijkl.structures import Crystal, Unreadable, given

if TYPE_CHECKING:
    from cijkl.potentials import Potential

__all__ = ["DEFAULT_POTENTIAL", "Precision", "compute"]

Precision = Literal["single", "double"]

#: the potential used where none is named
DEFAULT_POTENTIAL = "sevennet-l3i5"

#: how `cijkl.potentials.load` calls a precision
_DTYPES: dict[Precision, str] = {"single": "float32", "double": "float64"}

#: seconds of processor time that a worker process takes to import PyTorch and load a potential
_START_UP = 5.0


def compute(
    structures: str | PathLike[str] | Iterable[Any],
    potential: str | Potential = DEFAULT_POTENTIAL,
    *,
    method: Literal["linear", "finite"] = "linear",
    fmax: float = RelaxSettings.fmax,
    pressure: float = 0.0,
    symprec: float = 1e-2,
    bulk: bool = False,
    precision: Precision | None = None,
    workers: int | None = None,
    ordered: bool = True,
    progress: Progress | None = None,
) -> Iterator[Result]:
    """Relaxed structure and elastic tensor of crystals, one result for each.

    Parameters
    ----------
    structures
        Paths (see `cijkl.structures.read`), `ase.Atoms`, or `Crystal` objects, one or many.
    potential
        A name that `cijkl.potentials.load` knows, or a potential.
    method
        ``linear`` response, or ``finite`` strains.
    fmax
        Largest force component left by the relaxation, eV/A.
    pressure
        Hydrostatic pressure of the relaxation, GPa.
    symprec
        Tolerance of the symmetry search, A.
    bulk
        Whether a layer in vacuum is treated as any other crystal. By default it is relaxed and
        strained within its plane only, and its constants are given in N/m.
    precision
        ``single`` or ``double`` numbers inside a potential that is given by name; by default
        ``single``. What there is no choice for (D3, xTB) computes in double precision anyway.
    workers
        Processes to share the crystals; 1 stays in this one. By default as many as there are
        processors, started once the first crystals show that they are worth it, where the
        potential is given by name and computes on a processor. On CUDA the crystals share the
        calls of one potential instead.
    ordered
        Whether results come in the order of the input, or else as they finish.
    progress
        Called after each evaluation in this process with the crystal's id, the stage (``relax`` or
        ``response``), the evaluation and the volume in A^3.

    Raises
    ------
    InputError
        Unknown potential or path, or a potential without the precision. A crystal that fails gives
        a failed record instead.

    Examples
    --------
    >>> for result in compute("silicon.cif", "sevennet-l3i5"):  # doctest: +SKIP
    ...     print(result.tensor)
    """
    if method not in ("linear", "finite"):
        raise InputError(f"method must be 'linear' or 'finite', not {method!r}")
    if not fmax > 0.0:
        raise InputError(f"fmax must be a positive force in eV/A, not {fmax!r}")
    if workers is not None and workers < 1:
        raise InputError(f"workers must be a positive number of processes, not {workers!r}")
    begun = processor_seconds()
    model = _loaded(potential, precision)
    loading = processor_seconds() - begun
    settings = ComputeSettings(
        method=method,
        relax=RelaxSettings(fmax=fmax, pressure=pressure),
        symprec=symprec,
        bulk=bulk,
    )

    def here(item: Crystal | Unreadable) -> Result:
        if isinstance(item, Unreadable):
            return _unreadable(item, model)
        return compute_crystal(item, model, settings, progress)

    def start(item: Crystal | Unreadable) -> Start[Result]:
        if isinstance(item, Unreadable):
            return lambda _: _already(_unreadable(item, model))
        return lambda clock: algorithm(item, model, settings, progress, clock)

    items = given(structures)
    if on_cuda(model) and workers in (None, 1):
        together = lockstep(map(start, items), model)
        return arrange(((index, _certain(result)) for index, result in together), ordered)
    count = processes_that_fit(cores()) if workers is None else workers
    sent = None
    if isinstance(potential, str) or workers:
        sent = recipe(potential, settings, _DTYPES[precision or "single"])
    if workers is not None and workers > 1 and sent is None:
        raise InputError(
            f"workers={workers} needs a potential that can be sent to other processes: give its "
            "name, or leave workers out"
        )
    if count < 2 or sent is None:
        return map(here, items)
    team = Workers(sent, count, lambda item, why: given_up(item, why, model, settings))
    start_up = None if workers else max(loading, _START_UP)
    return arrange(side_by_side(items, here, team, start_up), ordered)


def _loaded(potential: str | Potential, precision: Precision | None) -> Potential:
    """The potential in the precision asked for; raises where it cannot be had or told."""
    from cijkl.potentials import load
    from cijkl.potentials.catalogue import BUILT_IN
    from cijkl.potentials.registry import names, split_sum

    if precision not in (None, *_DTYPES):
        raise InputError(f"precision must be 'single' or 'double', not {precision!r}")
    if not isinstance(potential, str):
        if precision is not None:
            raise InputError(
                f"precision={precision!r} is for a potential given by name; "
                f"load(name, dtype={_DTYPES[precision]!r}) gives one in that precision"
            )
        return potential
    dtype = _DTYPES[precision or "single"]
    model = load(potential, dtype=dtype)
    if precision == "double":
        for part in split_sum(potential, names()):
            # of those that come with cijkl, all that have the choice say what they compute in
            silent = dtype if part.partition(":")[0] in BUILT_IN else "unknown"
            if load(part, dtype=dtype).settings.get("dtype", silent) != dtype:
                raise InputError(f"'{part}' has no double precision; leave the precision out")
    return model


def _unreadable(item: Unreadable, potential: Potential) -> Result:
    engine = Engine(potential.name, potential.version, potential.settings, 0.0, 0)
    return Result(failed_record(item.id, item.source, item.error, engine))


def _already(result: Result) -> Algorithm[Result]:
    """An algorithm that has nothing to do."""
    return result
    yield


def _certain(outcome: Result | Exception) -> Result:
    """The result; `algorithm` does not raise, so that an exception is a defect."""
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
