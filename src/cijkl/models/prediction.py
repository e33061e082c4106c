"""The route `predict`: from crystals to their elastic tensors by a learned model."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cijkl.asked_faces import Hkl, asked_faces, with_faces
from cijkl.elasticity import ElasticTensor, project
from cijkl.elasticity.validation import LARGEST_CONSTANT
from cijkl.errors import Diagnostic, InputError
from cijkl.models.catalogue import DEFAULT_MODEL, Model, load_model
from cijkl.properties import Sampled, sample
from cijkl.record import Engine, Result, failed_record, ok_record
from cijkl.structures import (
    Crystal,
    Symmetry,
    Unreadable,
    given,
    layer,
    reduced_formula,
    symmetrise,
    symmetry,
)
from cijkl.structures.cells import primitive_of_symmetric
from cijkl.structures.checking import doubts
from cijkl.structures.geometry import refuse_impossible
from cijkl.structures.hydrogens import Hydrogens, check_choice, complete

if TYPE_CHECKING:
    from ase import Atoms

    from cijkl.models.ensemble import Prediction
    from cijkl.models.graphs import Graph

__all__ = ["Route", "predict"]

Array = NDArray[np.float64]

#: a batch is answered when it has so many edges or crystals, or its first has waited so long (s)
_EDGES, _CRYSTALS, _PATIENCE = 48_000, 256, 2.0
#: share of unseen crystals within the ranges that the record's keys promise
_LEVEL = 0.9

_LAYER = (
    "The cell is a layer in vacuum, and the model has learned bulk crystals only: use "
    "`cijkl compute`, which strains a layer within its plane."
)


def predict(
    structures: str | PathLike[str] | Iterable[Any],
    model: str | PathLike[str] | Model = DEFAULT_MODEL,
    *,
    symprec: float = 1e-2,
    hkl: Hkl = (),
    hydrogens: Hydrogens = "refuse",
) -> Iterator[Result]:
    """Elastic tensor of crystals by a learned model, one result for each, in order.

    Crystals are taken as they are, not relaxed, and read a batch at a time. A prediction is
    positive definite, has the crystal's symmetry and does not depend on the cell that was chosen.

    Parameters
    ----------
    structures
        Paths (see `cijkl.structures.read`), `ase.Atoms`, or `Crystal` objects, one or many.
    model
        A name or path that `cijkl.models.load_model` knows, or what it gives.
    symprec
        Tolerance of the symmetry search, A. Within it the crystal is made symmetric, so that
        rounded coordinates cost no symmetry.
    hkl
        Faces to report on, of the cells as given: Miller indices as text or numbers, three or
        four, one or many; ``all`` for a table of all low-index faces.
    hydrogens
        What is done with a molecular crystal that lacks hydrogen: ``refuse`` it, ``add`` what is
        missing where geometry leaves one place for it, or ``keep`` it as it is.

    Raises
    ------
    InputError
        Unknown model or path. A crystal that cannot be predicted gives a failed record instead: an
        unknown element, or a layer in vacuum, for which `cijkl.compute` is made.

    Examples
    --------
    >>> for result in predict("silicon.cif"):  # doctest: +SKIP
    ...     print(result.tensor)
    """
    if not symprec > 0.0:
        raise InputError(f"symprec must be a positive length in A, not {symprec!r}")
    check_choice(hydrogens)
    wanted = asked_faces(hkl)
    loaded = model if isinstance(model, Model) else load_model(model)
    route = Route(loaded, symprec, hydrogens)
    return with_faces(route.all, given(structures), wanted, symprec)


@dataclass(frozen=True, eq=False)
class _Prepared:
    """A crystal that the networks can be asked about."""

    crystal: Crystal
    symmetry: Symmetry
    graph: Graph
    notes: list[Diagnostic]
    seconds: float


class Route:
    """One call of `predict`."""

    def __init__(self, model: Model, symprec: float, hydrogens: Hydrogens = "refuse") -> None:
        from cijkl import __version__

        self.model, self.symprec, self.hydrogens = model, symprec, hydrogens
        self.version = f"cijkl {__version__}, weights {model.version}"
        self.settings = {
            "symprec": symprec,
            "hydrogens": hydrogens,
            "members": len(model.ensemble),
            "weights": f"{model.name} {model.version} sha256:{model.sha256}",
            "cijkl": __version__,
        }

    def all(self, items: Iterable[Crystal | Unreadable]) -> Iterator[Result]:
        """Results of crystals, as many side by side as pays."""
        batch: list[_Prepared | Result] = []
        edges, first = 0, time.monotonic()
        for item in items:
            entry = self.prepared(item)
            batch.append(entry)
            edges += len(entry.graph.first) if isinstance(entry, _Prepared) else 0
            waited = time.monotonic() - first
            if edges >= _EDGES or len(batch) >= _CRYSTALS or waited > _PATIENCE:
                yield from self.answers(batch)
                batch, edges, first = [], 0, time.monotonic()
        yield from self.answers(batch)

    def prepared(self, item: Crystal | Unreadable) -> _Prepared | Result:
        """A crystal with its graph, or the failed result that says why there is none."""
        begun = time.perf_counter()
        if isinstance(item, Unreadable):
            record = failed_record(item.id, item.source, item.error, self.engine(0.0))
            return Result(record)
        notes = list(item.diagnostics)
        try:
            refuse_impossible(item.atoms)
            item = complete(item, self.hydrogens)
            notes = list(item.diagnostics)
            found = symmetry(item.atoms, self.symprec)
            notes += [*doubts(item.atoms, found), *found.diagnostics]
            if layer(item.atoms, found) is not None:
                raise InputError(_LAYER)
            graph = self.graph(item.atoms, found)
        except Exception as error:
            return self.failed(item, error, notes, time.perf_counter() - begun)
        return _Prepared(item, found, graph, notes, time.perf_counter() - begun)

    def graph(self, atoms: Atoms, found: Symmetry) -> Graph:
        """Graph of the symmetric primitive cell, in the orientation of the input."""
        from cijkl.models.elements import KNOWN
        from cijkl.models.graphs import crystal_graph

        if (heaviest := int(atoms.numbers.max())) > KNOWN:
            symbol = atoms.symbols[int(atoms.numbers.argmax())]
            raise InputError(
                f"the model does not know {symbol} (atomic number {heaviest}; at most {KNOWN})"
            )
        cell = primitive_of_symmetric(symmetrise(atoms, found), found)
        if len(found.point_operations) > len(np.unique(found.fractional_rotations, axis=0)):
            # the shape of the supercell hides some operations
            cell = symmetrise(cell, symmetry(cell, self.symprec))
        return crystal_graph(cell, self.model.ensemble.graph)

    def answers(self, batch: Sequence[_Prepared | Result]) -> Iterator[Result]:
        """Results of a batch, in order."""
        begun = time.perf_counter()
        asked = [entry for entry in batch if isinstance(entry, _Prepared)]
        said = self.said(asked)
        share = (time.perf_counter() - begun) / max(1, len(asked))
        following = iter(zip(asked, said, strict=True))
        for entry in batch:
            yield entry if isinstance(entry, Result) else self.result(*next(following), share)

    def said(self, asked: Sequence[_Prepared]) -> list[_Said | Exception]:
        """What the model says of each crystal; where that fails, each is asked alone."""
        if not asked:
            return []
        try:
            return list(self.asked_together(asked))
        except Exception as error:
            if len(asked) == 1:
                return [error]
            return [answer for entry in asked for answer in self.said([entry])]

    def asked_together(self, asked: Sequence[_Prepared]) -> list[_Said]:
        """Tensors, their ranges and what follows from them, all at once where that is faster."""
        with _one_thread():
            prediction = self.model.ensemble.predict_graphs([entry.graph for entry in asked])
        if not (np.abs(prediction.stiffness) < LARGEST_CONSTANT).all():
            raise InputError("the model gives no finite tensor: the crystal is too foreign to it")
        tensors = [
            ElasticTensor(project(stiffness, entry.symmetry.point_operations))
            for entry, stiffness in zip(asked, prediction.stiffness, strict=True)
        ]
        groups = [entry.symmetry.point_operations for entry in asked]
        sampled = sample(np.stack([tensor.voigt for tensor in tensors]), groups)
        ranges = self.ranges(asked, prediction)
        spread = prediction.spread
        return [_Said(*each) for each in zip(tensors, sampled, ranges, spread, strict=True)]

    def ranges(
        self, asked: Sequence[_Prepared], prediction: Prediction
    ) -> Sequence[dict[str, Any] | None]:
        """The record's ``uncertainty`` of each crystal; None from a model without calibration."""
        calibration = self.model.calibration
        if calibration is None or calibration.level != _LEVEL:
            return [None] * len(asked)
        systems = [entry.symmetry.crystal_system for entry in asked]
        low, high = calibration.ranges(prediction.moduli, prediction.spread, systems)
        half = 0.5 * (high - low)
        deviation = calibration.deviation_factor * prediction.deviation
        return [
            {
                "reference": str(self.model.card.get("calibration_data", "DFT moduli")),
                "crystals": calibration.crystals,
                "level": calibration.level,
                "K_90": float(bulk),
                "G_90": float(shear),
                "K_range": [float(low[row, 0]), float(high[row, 0])],
                "G_range": [float(low[row, 1]), float(high[row, 1])],
                "C_std": constants.tolist(),
                "members": len(self.model.ensemble),
            }
            for row, ((bulk, shear), constants) in enumerate(zip(half, deviation, strict=True))
        ]

    def result(self, entry: _Prepared, said: _Said | Exception, seconds: float) -> Result:
        """Result of one crystal."""
        begun = time.perf_counter()
        crystal, seconds = entry.crystal, seconds + entry.seconds
        if isinstance(said, Exception):
            return self.failed(crystal, said, entry.notes, seconds)
        try:
            notes = [*entry.notes, *self.foreign(entry, said.spread)]
            record = ok_record(
                crystal.id,
                crystal.source,
                said.tensor,
                self.engine(seconds + time.perf_counter() - begun),
                atoms=crystal.atoms,
                symmetry=entry.symmetry,
                formula=reduced_formula(crystal.atoms),
                warnings=notes,
                sampled=said.sampled,
                uncertainty=said.uncertainty,
            )
        except Exception as error:
            return self.failed(crystal, error, entry.notes, seconds)
        return Result(record, said.tensor, crystal.atoms)

    def foreign(self, entry: _Prepared, spread: Array) -> list[Diagnostic]:
        """Warnings about what the model knows little of."""
        domain = self.model.domain
        return [] if domain is None else domain.warnings_of_graph(entry.graph, spread)

    def failed(
        self, crystal: Crystal, error: Exception, notes: Sequence[Diagnostic], seconds: float
    ) -> Result:
        """Result with the reason why there is no tensor."""
        reason = str(error)
        if not isinstance(error, InputError):
            # one crystal must not end the others, whatever a library makes of it
            reason = f"unexpected {type(error).__name__} while predicting: {reason}"
        record = failed_record(
            crystal.id,
            crystal.source,
            " ".join(reason.split()),
            self.engine(seconds),
            formula=reduced_formula(crystal.atoms),
            warnings=notes,
        )
        return Result(record)

    def engine(self, seconds: float) -> Engine:
        """The model on the record."""
        return Engine(self.model.name, self.version, self.settings, seconds)


@dataclass(frozen=True, eq=False)
class _Said:
    """What the model says of one crystal."""

    tensor: ElasticTensor
    sampled: Sampled
    uncertainty: dict[str, Any] | None
    spread: Array


@contextmanager
def _one_thread() -> Iterator[None]:
    """While networks are asked, one thread of PyTorch; the user's number is restored.

    Their layers are so small that threads mostly wait for each other: on a busy machine with two
    cores a second one made a prediction ten times slower. Processes side by side serve better.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
