"""What models say of crystals whose tensors are known and that they have not learned from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cijkl.datasets import load
from cijkl.elasticity.averages import youngs_from_bulk_shear
from cijkl.elasticity.tensor import ElasticTensor
from cijkl.errors import InputError
from cijkl.reproduction.outcome import Request
from cijkl.reproduction.unseen import Unseen, unseen_by_card, unseen_by_run
from cijkl.structures.building import one_line

if TYPE_CHECKING:
    from cijkl.datasets import Example
    from cijkl.models.network import Network

__all__ = [
    "Known",
    "Said",
    "known",
    "moduli_of",
    "said_by_models",
    "said_by_network",
    "stable",
    "unique_labels",
]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: networks by the name that the paper has for them
_KINDS = {"matten": "MatTen", "matsca": "MatSca", "cgcnn": "CGCNN"}


@dataclass(frozen=True, eq=False)
class Known:
    """n crystals with tensors.

    Parameters
    ----------
    examples
        In the order of the arrays.
    systems
        Their crystal systems.
    stiffness
        (n, 6, 6), Voigt, GPa, in the frame of the atoms.
    moduli
        (n) Hill's K and G and the E that follows from them, GPa, by these letters.
    """

    examples: list[Example]
    systems: list[str]
    stiffness: Array
    moduli: dict[str, Array]

    @property
    def formulas(self) -> NDArray[np.str_]:
        """(n), reduced."""
        return np.array([example.formula for example in self.examples])


@dataclass(frozen=True, eq=False)
class Said:
    """One model's answers to the crystals of a `Known`.

    Parameters
    ----------
    label
        Of the model.
    unseen
        Which of the n crystals it is judged by: those that it did not learn from and answered.
    stiffness
        (n, 6, 6), Voigt, GPa; NaN where it says none.
    moduli
        As of `Known`; NaN where it says none, or its tensor is not stable.
    chose_epoch
        Whether the epoch was chosen by these crystals.
    """

    label: str
    unseen: Mask
    stiffness: Array
    moduli: dict[str, Array]
    chose_epoch: bool = False

    @property
    def unstable(self) -> int:
        """Number of its tensors that are not positive definite, among those it is judged by."""
        given = self.unseen & np.isfinite(self.stiffness).all((1, 2))
        return int(given.sum() - stable(self.stiffness[given]).sum())


def known(request: Request, name: str) -> Known:
    """Give the crystals with tensors.

    Raises
    ------
    InputError
        If there are none.
    """
    from cijkl.structures.spacegroup import symmetry

    if request.tensors is None:
        raise InputError(f"{name} needs crystals with tensors as --tensors")
    examples = [e for e in load(request.tensors) if e.stiffness is not None]
    if not examples:
        raise InputError(f"{one_line(request.tensors)}: no crystal has a tensor")
    stiffness = np.array([example.stiffness for example in examples], float)
    systems = [symmetry(example.crystal.atoms).crystal_system for example in examples]
    return Known(examples, systems, stiffness, moduli_of(stiffness))


def moduli_of(stiffness: Array) -> dict[str, Array]:
    """Hill's K and G and the E that follows, GPa, (n); NaN where a tensor is not stable."""
    bulk, shear = np.full((2, len(stiffness)), np.nan)
    fair = stable(stiffness)
    if fair.any():
        tensor = ElasticTensor(stiffness[fair])
        bulk[fair], shear[fair] = tensor.bulk_modulus(), tensor.shear_modulus()
    return {"K": bulk, "G": shear, "E": youngs_from_bulk_shear(bulk, shear)}


def stable(stiffness: Array) -> Mask:
    """Which of (n, 6, 6) tensors are positive definite; none that holds a NaN."""
    fair = np.zeros(len(stiffness), np.bool_)
    rows = np.flatnonzero(np.isfinite(stiffness).all((1, 2)))
    if len(rows):
        fair[rows] = ElasticTensor(stiffness[rows]).is_stable()
    return fair


def said_by_models(request: Request, found: Known) -> Iterator[Said]:
    """Ask the models of a request, by default the shipped one.

    Parameters
    ----------
    request
        Its ``models``: names, or folders of trainings by `cijkl train`. Its ``data`` and
        ``tensors`` tell what they learned from.

    Raises
    ------
    InputError
        If there is no such model, or it cannot be told what it learned from.
    """
    from cijkl.models import DEFAULT_MODEL
    from cijkl.models.catalogue import SHIPPED, load_model
    from cijkl.models.training.finetuning import members
    from cijkl.models.weights import load_network

    files = [path for path in (request.data, request.tensors) if path is not None]
    for model in request.models or (DEFAULT_MODEL,):
        if Path(model).name == model and (SHIPPED / model).is_dir():
            loaded = load_model(model)
            yield _by_ensemble(model, found, unseen_by_card(model, loaded.card, files))
            continue
        folder = Path(model).expanduser()
        networks = [load_network(file) for file in members(model)]
        if len(networks) != 1 or not (folder / "config.yaml").is_file():
            raise InputError(f"{one_line(model)}: no shipped model and no folder of one training")
        yield said_by_network(networks[0], found, unseen_by_run(folder, networks[0], files))


def said_by_network(network: Network, found: Known, unseen: Unseen) -> Said:
    """Ask one network of any kind about what it has not seen."""
    from cijkl.models.answers import answers
    from cijkl.models.log_stiffness import LogStiffnessNetwork

    mine = np.isin(found.formulas, sorted(unseen.formulas))
    rows = np.flatnonzero(mine)
    stiffness = np.full((len(mine), 6, 6), np.nan)
    moduli = {letter: np.full(len(mine), np.nan) for letter in "KG"}
    # ids may repeat, rows do not
    crystals = [replace(found.examples[row].crystal, id=str(row)) for row in rows]
    for record in answers([network], crystals):
        row = int(record["id"])
        if record["C"] is not None:
            stiffness[row] = record["C"]
        for letter, values in moduli.items():
            value = record["moduli"][letter]["hill"]
            values[row] = np.nan if value is None else value
    given = np.isfinite(stiffness).all((1, 2))
    of_tensors = moduli_of(stiffness)
    for letter, values in moduli.items():
        values[given] = of_tensors[letter][given]
    answered = given | np.isfinite(moduli["K"]) | np.isfinite(moduli["G"])
    moduli["E"] = youngs_from_bulk_shear(moduli["K"], moduli["G"])
    if isinstance(network, LogStiffnessNetwork):
        label = "log-stiffness network"
    else:
        label = _KINDS[type(network).__name__.removesuffix("Network").lower()]
    return Said(label, mine & answered, stiffness, moduli, unseen.chose_epoch)


def _by_ensemble(name: str, found: Known, unseen: Unseen) -> Said:
    """Ask a shipped model."""
    from cijkl.models.catalogue import load_model
    from cijkl.models.graph_cache import graphs_or_none

    ensemble = load_model(name).ensemble
    mine = np.isin(found.formulas, sorted(unseen.formulas))
    rows = np.flatnonzero(mine)
    graphs = graphs_or_none([found.examples[row].crystal.atoms for row in rows], ensemble.graph)
    fair = [k for k, graph in enumerate(graphs) if graph is not None]
    stiffness = np.full((len(mine), 6, 6), np.nan)
    answered = np.zeros(len(mine), bool)
    if fair:
        said = ensemble.predict_graphs([graph for graph in graphs if graph is not None])
        stiffness[rows[fair]] = said.stiffness
        answered[rows[fair]] = True
    return Said(name, answered, stiffness, moduli_of(stiffness), unseen.chose_epoch)


def unique_labels(every: Sequence[Said]) -> list[Said]:
    """Number models whose labels are the same."""
    counts: dict[str, int] = {}
    result = []
    for said in every:
        counts[said.label] = counts.get(said.label, 0) + 1
        number = counts[said.label]
        result.append(said if number == 1 else replace(said, label=f"{said.label} ({number})"))
    return result
