"""The route `compute`: from crystals to their elastic tensors by an interatomic potential."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from math import inf
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

from cijkl.asked_faces import Hkl, asked_faces, with_faces
from cijkl.errors import InputError, MissingPackageError
from cijkl.record import Engine, Result, failed_record
from cijkl.response.batch import Start, on_cuda
from cijkl.response.choice import AUTO, CellChoice, Choice, Precision, Unloaded
from cijkl.response.lanes import by_lane
from cijkl.response.processors import cores, processes_that_fit, processor_seconds
from cijkl.response.quasiharmonic import ThermalSettings
from cijkl.response.relax import RelaxSettings
from cijkl.response.schedule import arrange, side_by_side
from cijkl.response.single import Algorithm, ComputeSettings, Progress
from cijkl.response.workers import Workers, recipe
from cijkl.structures import Crystal, Unreadable, given
from cijkl.structures.hydrogens import Hydrogens, check_choice

if TYPE_CHECKING:
    from cijkl.potentials import Potential

__all__ = ["compute"]

#: seconds of processor time that a worker process takes to import PyTorch and load a potential
_START_UP = 5.0


def compute(
    structures: str | PathLike[str] | Iterable[Any],
    potential: str | Potential | None = None,
    *,
    cell: CellChoice = AUTO,
    method: Literal["linear", "finite"] = "linear",
    fmax: float = RelaxSettings.fmax,
    pressure: float = 0.0,
    temperature: float | None = None,
    symprec: float = 1e-2,
    bulk: bool = False,
    hkl: Hkl = (),
    hydrogens: Hydrogens = "refuse",
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
        A name that `cijkl.potentials.load` knows, or a potential. None or ``auto`` takes
        `MOLECULAR_POTENTIAL` for molecular crystals, which consist of finite molecules of
        non-metals, and `DEFAULT_POTENTIAL` for all others.
    cell
        ``relaxed``, or ``given``: the cell is kept, the ions alone are relaxed, and the constants
        are the stress-strain coefficients under the stress that is left. ``auto`` takes
        `MOLECULAR_CELL` for molecular crystals, and relaxes all others and under pressure.
    method
        ``linear`` response, or ``finite`` strains.
    fmax
        Largest force component left by the relaxation, eV/A.
    pressure
        Hydrostatic pressure of the relaxation, GPa.
    temperature
        K: the crystal gets the volume that its vibrations give it in the quasi-harmonic
        approximation, which takes some hundred evaluations of a supercell and phonopy; the
        constants are isothermal. None for the cell at rest.
    symprec
        Tolerance of the symmetry search, A.
    bulk
        Whether a layer in vacuum is treated as any other crystal. By default it is relaxed and
        strained within its plane only, and its constants are given in N/m.
    hkl
        Faces to report on, of the cells as given: Miller indices as text or numbers, three or
        four, one or many; ``all`` for a table of all low-index faces.
    hydrogens
        What is done with a molecular crystal that lacks hydrogen: ``refuse`` it, ``add`` what is
        missing where geometry leaves one place for it, or ``keep`` it as it is.
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
        Called after each evaluation in this process with the crystal's id, the stage (``relax``,
        ``heat`` or ``response``), the evaluation and the volume in A^3.

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
    wanted = asked_faces(hkl)
    if wanted and not ordered:
        raise InputError("hkl needs the results in the order of the crystals: leave ordered out")
    if method not in ("linear", "finite"):
        raise InputError(f"method must be 'linear' or 'finite', not {method!r}")
    check_choice(hydrogens)
    if not fmax > 0.0:
        raise InputError(f"fmax must be a positive force in eV/A, not {fmax!r}")
    if temperature is not None and not 0.0 <= temperature < inf:
        raise InputError(f"temperature must be a number of kelvin from 0, not {temperature!r}")
    if temperature is not None and cell == "given":
        raise InputError("a temperature gives the cell its volume: leave out cell='given'")
    if temperature is not None and find_spec("phonopy") is None:
        raise MissingPackageError("a temperature needs phonopy: pip install 'cijkl[thermal]'")
    if workers is not None and workers < 1:
        raise InputError(f"workers must be a positive number of processes, not {workers!r}")
    settings = ComputeSettings(
        method=method,
        relax=RelaxSettings(fmax=fmax, pressure=pressure),
        symprec=symprec,
        bulk=bulk,
        hydrogens=hydrogens,
        thermal=None if temperature is None else ThermalSettings(temperature),
    )
    choice = Choice(AUTO if potential is None else potential, cell, precision, settings)
    model = None if choice.open else choice.load()
    loading = choice.loading

    def here(item: Crystal | Unreadable) -> Result:
        if isinstance(item, Unreadable):
            return _unreadable(item, model)
        return choice.compute(item, progress)

    def start(item: Crystal | Unreadable) -> Start[Result]:
        if isinstance(item, Unreadable):
            return lambda _: _already(_unreadable(item, model))
        return lambda clock: choice.algorithm(item, progress, clock)

    def lane_of(item: Crystal | Unreadable) -> str:
        if isinstance(item, Unreadable) or not choice.open:
            return AUTO
        return choice.name_for(item)

    def load(lane: str) -> Potential:
        if lane != AUTO:
            return choice.load_or_tell(lane)
        return model or _NONE

    def route(items: Iterable[Crystal | Unreadable]) -> Iterator[Result]:
        if workers in (None, 1) and (_cuda_by_default() if model is None else on_cuda(model)):
            together = by_lane(items, lane_of, start, load)
            return arrange(((index, _certain(result)) for index, result in together), ordered)
        count = processes_that_fit(cores()) if workers is None else workers
        sent = recipe(choice) if isinstance(choice.potential, str) or workers else None
        if workers is not None and workers > 1 and sent is None:
            raise InputError(
                f"workers={workers} needs a potential that can be sent to other processes: give "
                "its name, or leave workers out"
            )
        if count < 2 or sent is None:
            return map(here, items)

        def work() -> float:
            """Processor time, without what loading took."""
            return processor_seconds() - choice.loading

        team = Workers(sent, count, choice.give_up)
        start_up = None if workers else max(loading, _START_UP)
        return arrange(side_by_side(items, here, team, start_up, clock=work), ordered)

    return with_faces(route, given(structures), wanted, symprec)


def _cuda_by_default() -> bool:
    """Whether potentials that are loaded by name compute on a CUDA device."""
    try:
        from cijkl.potentials.torch_tools import choose_device

        return choose_device("auto").type == "cuda"
    except ImportError:
        return False


#: on the record of what could not be read, where the crystal would have chosen the potential
_NONE = Unloaded(AUTO, "no crystal was read")


def _unreadable(item: Unreadable, potential: Potential | None) -> Result:
    potential = potential or _NONE
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
